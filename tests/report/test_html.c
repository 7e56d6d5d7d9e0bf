/* Tests of src/report/html.c, words.c and style.c: escaping, numbers, both languages, the hash of the style sheet. */
#include "sample.h"

static const char *escaped(shown *s, const char *text, uint32_t most)
{
    kam__buf_clear(&s->out);
    kam__html_text(&s->out, text, most);
    return shown_text(s);
}

static void text_is_escaped(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    assert_string_equal(escaped(&s, "<script>alert('x')</script>", 0),
                        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
    assert_string_equal(escaped(&s, "\" onload=\"x & y", 0), "&quot; onload=&quot;x &amp; y");
    assert_string_equal(escaped(&s, "a\tb\nc\x01\x1b\x7f", 0), "a b c\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_string_equal(escaped(&s,
                                "a\xC2\x85"
                                "b\xEF\xBF\xBE",
                                0),
                        "a\xEF\xBF\xBD"
                        "b\xEF\xBF\xBD"); /* C1, U+FFFE */
    assert_string_equal(escaped(&s,
                                "x\xE2\x80\xAE"
                                "abc\xE2\x81\xA9\xE2\x80\x8F",
                                0),
                        "xabc\xE2\x80\x8F"); /* RLO, PDI gone, RLM stays */
    assert_string_equal(escaped(&s, "\xF0\x9F\x8F\xAD\xE7\x94\xB2", 0), "\xF0\x9F\x8F\xAD\xE7\x94\xB2");
    assert_string_equal(escaped(&s, "\xE7\x94\xB2\xE4\xB9\x99\xE4\xB8\x99", 2), "\xE7\x94\xB2\xE4\xB9\x99\xE2\x80\xA6");
    assert_string_equal(escaped(&s, "ab", 2), "ab");
    assert_string_equal(escaped(&s, NULL, 0), "");
    kam__buf_clear(&s.out);
    kam__html_name(&s.out, "a<b");
    kam__html_name(&s.out, NULL);
    assert_string_equal(shown_text(&s), "<bdi>a&lt;b</bdi>\xE2\x80\x93");
    shown_close(&s);
}

static void phrases_take_figures(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    kam__html_say(&s.out, &s.r, KAM__W_MORE, "<7>", NULL, NULL);
    assert_string_equal(shown_text(&s), "\xE2\x80\xA6 and &lt;7&gt; more");
    kam__buf_clear(&s.out);
    kam__html_more(&s.out, &s.r, 0);
    assert_string_equal(shown_text(&s), "");
    kam__html_more(&s.out, &s.r, 1234);
    assert_string_equal(shown_text(&s), "<p class=\"more\">\xE2\x80\xA6 and 1,234 more</p>\n");
    shown_close(&s);
}

static void numbers_are_grouped(void **state)
{
    shown s;
    kam__num n;
    (void)state;
    shown_open(&s, 0);
    const kam__report *r = &s.r;
    assert_string_equal(kam__num_count(&n, 0), "0");
    assert_string_equal(kam__num_count(&n, 999), "999");
    assert_string_equal(kam__num_count(&n, 1000), "1,000");
    assert_string_equal(kam__num_count(&n, -1234567), "\xE2\x88\x92"
                                                      "1,234,567");
    assert_string_equal(kam__num_count(&n, INT64_MIN), "\xE2\x88\x92"
                                                       "9,223,372,036,854,775,808");
    assert_string_equal(kam__num_money(&n, r, 123456), "1,235");
    assert_string_equal(kam__num_money(&n, r, -50), "\xE2\x88\x92"
                                                    "1");
    assert_string_equal(kam__num_short(&n, r, 99999949), "999,999");
    assert_string_equal(kam__num_short(&n, r, 123456789), "1.23\xC2\xA0M");
    assert_string_equal(kam__num_short(&n, r, -12345678900), "\xE2\x88\x92"
                                                             "123\xC2\xA0M");
    assert_string_equal(kam__num_short(&n, r, 1234567890000), "12.3\xC2\xA0"
                                                              "bn");
    assert_string_equal(kam__num_short(&n, r, INT64_MAX), "92,234\xC2\xA0T");
    assert_string_equal(kam__num_in_unit(&n, r, 123456789, 999999999), "1.2");
    assert_string_equal(kam__num_in_unit(&n, r, 123456, 999999), "1,235");
    assert_string_equal(kam__num_percent(&n, r, 1, 3), "33.3\xC2\xA0%");
    assert_string_equal(kam__num_percent(&n, r, 1, 0), "\xE2\x80\x93");
    assert_string_equal(kam__num_percent(&n, r, -1, 8), "\xE2\x88\x92"
                                                        "12.5\xC2\xA0%");
    assert_string_equal(kam__num_growth(&n, r, 110, 100), "+10.0\xC2\xA0%");
    assert_string_equal(kam__num_growth(&n, r, 90, 100), "\xE2\x88\x92"
                                                         "10.0\xC2\xA0%");
    assert_string_equal(kam__num_growth(&n, r, 90, 0), "\xE2\x80\x93");
    assert_string_equal(kam__num_share(&n, r, 0.7512), "75.1\xC2\xA0%");
    assert_string_equal(kam__num_points(&n, 812500), "81.25");
    assert_string_equal(kam__num_points(&n, 800000), "80");
    assert_string_equal(kam__num_km(&n, 1549), "1.5\xC2\xA0km");
    assert_string_equal(kam__num_km(&n, 1234499), "1,234\xC2\xA0km");
    assert_string_equal(kam__num_day(&n, KAM_DAY_FIRST), "\xE2\x80\x93");
    assert_string_equal(kam__num_weekday(&n, r, kam__day(2026, 6, 1)), "Mon 1 Jun");
    s.r.decimals = 0;
    assert_string_equal(kam__num_money(&n, r, 1234), "1,234");
    shown_close(&s);
}

static void numbers_in_chinese(void **state)
{
    shown s;
    kam__num n;
    (void)state;
    shown_open(&s, 1);
    assert_string_equal(kam__num_short(&n, &s.r, 123456789), "123\xE4\xB8\x87"); /* 123万 */
    assert_string_equal(kam__num_short(&n, &s.r, 999949), "9,999");
    assert_string_equal(kam__num_short(&n, &s.r, 15712345678), "1.57\xE4\xBA\xBF"); /* 1.57亿 */
    assert_string_equal(kam__num_percent(&n, &s.r, 1, 3), "33.3%");
    assert_string_equal(kam__num_weekday(&n, &s.r, kam__day(2026, 6, 7)), "6\xE6\x9C\x88"
                                                                          "7\xE6\x97\xA5 \xE5\x91\xA8\xE6\x97\xA5");
    shown_close(&s);
}

/* Each word is there in both languages, differs, and asks for the same figures. */
static void words_are_whole(void **state)
{
    (void)state;
    for (int w = 0; w < KAM__WORDS; w++) {
        const char *en = kam__report_word(0, w), *zh = kam__report_word(1, w);
        assert_true(en[0] && zh[0]);
        if (strcmp(en, zh) == 0) fail_msg("word %d is the same in both languages: %s", w, en);
        for (char d = '0'; d <= '2'; d++) {
            char place[4] = {'{', d, '}', '\0'};
            if (!strstr(en, place) != !strstr(zh, place))
                fail_msg("word %d has %s in one language only: %s", w, place, en);
        }
        assert_null(strpbrk(en, "<>&\""));
        assert_null(strpbrk(zh, "<>&\""));
    }
    assert_string_equal(kam__report_word(0, -1), "");
    assert_string_equal(kam__report_word(0, KAM__WORDS), "");
    assert_string_equal(kam__report_item(0, "CHANNEL", KAM_CHANNEL_VISIT), "visit");
    assert_string_equal(kam__report_item(1, "UNPLANNED", KAM_UNPLANNED_ABSENCE),
                        "\xE9\x94\x80\xE5\x94\xAE\xE4\xBB\xA3\xE8\xA1\xA8\xE7\xBC\xBA\xE5\x8B\xA4");
    assert_string_equal(kam__report_item(0, "CHANNEL", 99), "");
    assert_string_equal(kam__report_item(0, "NO_SUCH_SET", 1), "");
}

/* Read back from base64 the hash is the SHA-256 of all pieces in their order. */
static void the_style_has_its_hash(void **state)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char hash[64], want[65], got[65];
    kam__sha256 sum;
    uint32_t bits = 0, n = 0, at = 0;
    (void)state;
    kam__report_style_hash(hash);
    kam__sha256_init(&sum);
    for (size_t i = 0; kam__report_style[i]; i++) {
        kam__sha256_add(&sum, kam__report_style[i], strlen(kam__report_style[i]));
        assert_null(strpbrk(kam__report_style[i], "<&"));
        assert_null(strstr(kam__report_style[i], "http"));
        assert_null(strstr(kam__report_style[i], "@import"));
    }
    kam__sha256_end(&sum, want);
    assert_memory_equal(hash, "sha256-", 7);
    assert_int_equal(strlen(hash), 7 + 44);
    assert_int_equal(hash[50], '=');
    for (const char *p = hash + 7; *p != '='; p++) {
        bits = bits << 6 | (uint32_t)(strchr(digit, *p) - digit);
        n += 6;
        if (n < 8) continue;
        n -= 8;
        snprintf(got + at, 3, "%02x", (unsigned)(bits >> n & 255));
        at += 2;
    }
    assert_string_equal(got, want);
}

static void names_that_were_not_read(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    shown_account(&s, 7, 0, 0, NULL, "Seven");
    shown_rep(&s, 3, "Li & Wu");
    kam__html_account(&s.out, &s.r, 7);
    kam__html_account(&s.out, &s.r, 8);
    kam__html_rep(&s.out, &s.r, 3);
    kam__html_rep(&s.out, &s.r, 4);
    kam__html_rep(&s.out, &s.r, 0);
    assert_string_equal(shown_text(&s), "<bdi>Seven</bdi>#8<bdi>Li &amp; Wu</bdi>#4\xE2\x80\x93");
    kam__buf_clear(&s.out);
    kam__html_grade(&s.out, &s.r, 0);
    kam__html_grade(&s.out, &s.r, 99);
    assert_int_equal(tags_times(shown_text(&s), "no grade"), 2);
    shown_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),          cmocka_unit_test(phrases_take_figures),
        cmocka_unit_test(numbers_are_grouped),      cmocka_unit_test(numbers_in_chinese),
        cmocka_unit_test(words_are_whole),          cmocka_unit_test(the_style_has_its_hash),
        cmocka_unit_test(names_that_were_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
