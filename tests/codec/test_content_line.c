/* Tests of codec/content_line.c: escaping, folding at 75 octets between characters, days and times. */
#include "codec_test.h"

static const char *line_of(kam_buf *b, const char *name, const char *text)
{
    kam__buf_clear(b);
    kam__line_text(b, name, text);
    return kam_buf_data(b);
}

static void test_escapes(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam_buf b;
    kam__buf_init(&b, ctx);
    assert_string_equal(line_of(&b, "SUMMARY", "plain: text"), "SUMMARY:plain: text\r\n");
    assert_string_equal(line_of(&b, "N", "a;b,c\\d"), "N:a\\;b\\,c\\\\d\r\n");
    assert_string_equal(line_of(&b, "N", "one\r\ntwo\nthree\rfour"), "N:one\\ntwo\\nthree\\nfour\r\n");
    assert_string_equal(line_of(&b, "N", "bell\a, tab\t, del\x7F."), "N:bell\\, tab\t\\, del.\r\n");
    assert_string_equal(line_of(&b, "N", ""), "N:\r\n");
    const char *const part[] = {"Chen;", NULL, "Mei,"};
    kam__buf_clear(&b);
    kam__line_texts(&b, "N", part, 3, ';');
    assert_string_equal(kam_buf_data(&b), "N:Chen\\;;;Mei\\,\r\n");
    kam__buf_clear(&b);
    kam__line(&b, "GEO", "1.5;2.5");
    assert_string_equal(kam_buf_data(&b), "GEO:1.5;2.5\r\n");
    kam__buf_drop(&b);
    ct_done(&m, ctx);
}

/* Takes the folds out again, and checks each line on the way. */
static void unfold(char *out, const char *text)
{
    size_t octets = 0;
    for (const char *p = text; *p; p++) {
        if (p[0] == '\r' && p[1] == '\n') {
            assert_true(octets <= 75);
            octets = 0;
            p++;
            if (p[1] == ' ') {
                p++;
                octets = 1;
                assert_true(((unsigned char)p[1] & 0xC0) != 0x80);      /* no character is cut */
            } else assert_int_equal(p[1], 0);
            continue;
        }
        octets++;
        *out++ = *p;
    }
    *out = '\0';
}

static void test_folds(void **state)
{
    (void)state;
    static const char *const unit[] = {"x", "\xC3\xA9", "\xE5\xA4\xA7", "\xF0\x9F\x8F\xAD", "ab\xE5\xAE\xA2;"};
    static const char *const said[] = {"x", "\xC3\xA9", "\xE5\xA4\xA7", "\xF0\x9F\x8F\xAD", "ab\xE5\xAE\xA2\\;"};
    char text[1200], want[1400], got[1400];
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam_buf b;
    kam__buf_init(&b, ctx);
    for (size_t u = 0; u < KAM__LEN(unit); u++)
        for (size_t n = 0; n < 120; n++) {
            text[0] = '\0';
            strcpy(want, "SUMMARY:");
            for (size_t i = 0; i < n; i++) strcat(text, unit[u]), strcat(want, said[u]);
            unfold(got, line_of(&b, "SUMMARY", text));
            assert_string_equal(got, want);
        }
    kam__buf_drop(&b);
    ct_done(&m, ctx);
}

static void test_times(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam_buf b;
    kam__buf_init(&b, ctx);
    kam__line_day(&b, "DTSTART;VALUE=DATE", kam__day(2026, 6, 1));
    kam__line_local(&b, "DTSTART", (int64_t)kam__day(2026, 6, 1) * 1440 + 9 * 60 + 5);
    kam__line_local(&b, "DTSTART", -1);
    kam__line_instant(&b, "DTSTAMP", (int64_t)kam__day(2026, 6, 1) * 86400000 + 59999);
    kam__line_instant(&b, "DTSTAMP", -1);
    assert_string_equal(kam_buf_data(&b), "DTSTART;VALUE=DATE:20260601\r\nDTSTART:20260601T090500\r\n"
                                          "DTSTART:19691231T235900\r\nDTSTAMP:20260601T000059Z\r\n"
                                          "DTSTAMP:19691231T235959Z\r\n");
    kam__buf_drop(&b);
    ct_done(&m, ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_folds),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
