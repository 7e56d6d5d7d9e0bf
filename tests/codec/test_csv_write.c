/* Tests of codec/csv_write.c: quoting, the formula guard, and that what is written reads back as the very same text. */
#include "codec_test.h"
#include <stdlib.h>

static const char *const hostile[] = {
    "", "a", "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "'", "''", "'a", "'=1", "''=1", "'''", "-", "=",
        "\"", "\"\"", "a\"b",
    "a,b", "a;b", "a\nb", "a\r\nb", " a ", "=\"x\",1", "'\"", "\xEF\xBC\x9D" "1", "\xEF\xBC\x8B" "1",
        "\xEF\xBC\x8D" "1",
    "\xEF\xBC\xA0" "x", "'\xEF\xBC\x9D", "\xEF\xBB\xBF", "\xEF\xBB\xBF" "a", "a'", "1-2", "\xE5\xA4\xA7\xE5\xAE\xA2",
        "|", "\t",
    "=cmd|' /C calc'!A0", "a\tb", "0086 138", "00123", "1e5", "\xEF\xBC\xA1",
};

static void put(kam_buf *b, int first, const char *text, uint32_t separator, uint32_t flags)
{
    kam__csv_put(b, first, text, KAM_NUL, separator, flags);
}

typedef struct csv_write_case { const char *text; uint32_t separator, flags; const char *want; } csv_write_case;

static void test_forms(void **state)
{
    (void)state;
    static const csv_write_case cases[] = {
        {"plain", ',', 0, "plain"}, {"a,b", ',', 0, "\"a,b\""}, {"a,b", ';', 0, "a,b"}, {"a;b", ';', 0, "\"a;b\""},
        {"a,b", 0, 0, "\"a,b\""}, {"say \"x\"", ',', 0, "\"say \"\"x\"\"\""}, {"a\nb", ',', 0, "\"a\nb\""},
        {"\"", ',', 0, "\"\"\"\""},
        {"=1+1", ',', 0, "'=1+1"}, {"=1,1", ',', 0, "\"'=1,1\""}, {"-5", ',', 0, "'-5"},
        {"-5", ',', KAM__CSV_TYPED, "-5"},
        {"-5,25", ',', KAM__CSV_TYPED, "\"-5,25\""}, {"=1", ',', KAM__CSV_RAW, "=1"}, {"'x", ',', 0, "''x"},
        {"'x", ',', KAM__CSV_RAW, "'x"},
        {"\xEF\xBC\x9D", ',', 0, "'\xEF\xBC\x9D"}, {"\xEF\xBC\xA1", ',', 0, "\xEF\xBC\xA1"}, {"\tx", ',', 0, "'\tx"},
        {"\rx", ',', 0, "\"'\rx\""}, {"", ',', 0, ""}, {"a\tb", '\t', 0, "\"a\tb\""},
    };
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam_buf b;
    kam__buf_init(&b, ctx);
    for (size_t i = 0; i < KAM__LEN(cases); i++) {
        kam__buf_clear(&b);
        put(&b, 1, cases[i].text, cases[i].separator, cases[i].flags);
        assert_string_equal(kam_buf_data(&b), cases[i].want);
    }
    kam__buf_clear(&b);
    put(&b, 1, "a", ';', 0);
    kam__csv_put(&b, 0, NULL, 5, ';', 0);
    kam__csv_put(&b, 0, "bcd", 2, ';', 0);
    kam__csv_end_row(&b);
    assert_string_equal(kam_buf_data(&b), "a;;bc\r\n");
    put(&b, 1, NULL, ';', 0);
    kam__csv_end_row(&b);
    assert_string_equal(kam_buf_data(&b), "a;;bc\r\n\"\"\r\n");    /* a row of one empty field is no blank line */
    kam__buf_drop(&b);
    ct_done(&m, ctx);
}

typedef struct csv_back { kam_buf *b; size_t at, width; uint32_t flags; } csv_back;

static int32_t check_row(void *user, const kam__csv_row *row, kam_error *err)
{
    csv_back *t = user;
    (void)err;
    assert_int_equal(row->problem, KAM_OK);
    assert_int_equal(row->n, t->width);
    for (size_t i = 0; i < row->n; i++) {
        const char *text = row->field[i].text, *want = hostile[(t->at + i) % KAM__LEN(hostile)];
        size_t len = row->field[i].len;
        if (!(t->flags & KAM__CSV_RAW)) kam__csv_unguard(&text, &len);
        assert_int_equal(len, strlen(want));
        assert_memory_equal(text, want, len);
    }
    t->at += row->n;
    return KAM_OK;
}

static void round_trip(kam_ctx *ctx, size_t width, uint32_t separator, uint32_t flags)
{
    kam_buf b;
    csv_back t = {&b, 0, width, flags};
    kam__csv *csv;
    kam__buf_init(&b, ctx);
    for (size_t i = 0; i < KAM__LEN(hostile) * width; i++) {
        put(&b, i % width == 0, hostile[i % KAM__LEN(hostile)], separator, flags);
        if (i % width == width - 1) kam__csv_end_row(&b);
    }
    assert_code(kam__buf_end(&b, NULL), KAM_OK);
    assert_code(kam__csv_new(&csv, ctx, separator, check_row, &t, NULL), KAM_OK);
    assert_code(kam__csv_feed(csv, b.data, b.size, NULL), KAM_OK);
    assert_code(kam__csv_end(csv, NULL), KAM_OK);
    assert_int_equal(t.at, KAM__LEN(hostile) * width);
    kam__csv_free(csv);
    kam__buf_drop(&b);
}

static void test_round_trip_of_hostile_texts(void **state)
{
    (void)state;
    static const uint32_t separator[] = {',', ';', '\t', '|', '\'', ' '};
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    for (size_t i = 0; i < KAM__LEN(separator); i++)
        for (size_t width = 1; width < 5; width++) {
            round_trip(ctx, width, separator[i], 0);
            round_trip(ctx, width, separator[i], KAM__CSV_RAW);
        }
    ct_done(&m, ctx);
}

/* Any text of up to six bytes out of the dangerous ones, through the guard alone and back. */
static void test_guard_and_unguard_are_inverse(void **state)
{
    (void)state;
    static const char pool[] = "='a-\xEF\xBC\x9D,";
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam_buf b;
    kam__buf_init(&b, ctx);
    uint64_t seed = 7;
    for (int i = 0; i < 20000; i++) {
        char text[6];
        size_t len = kam__random(&seed) % 7;
        for (size_t k = 0; k < len; k++) text[k] = pool[kam__random(&seed) % (sizeof pool - 1)];
        kam__buf_clear(&b);
        kam__csv_put(&b, 1, text, len, ';', 0);
        const char *back = kam_buf_data(&b);
        size_t n = b.size;
        int was = kam__csv_unguard(&back, &n);
        assert_int_equal(n, len);
        assert_memory_equal(back, text, len);
        assert_int_equal(was, b.size != len);
    }
    kam__buf_drop(&b);
    ct_done(&m, ctx);
}

static void test_unguard_leaves_foreign_text(void **state)
{
    (void)state;
    const char *text = "'hello";
    size_t len = 6;
    assert_int_equal(kam__csv_unguard(&text, &len), 0);
    assert_int_equal(len, 6);
    text = "'";
    len = 1;
    assert_int_equal(kam__csv_unguard(&text, &len), 0);
    text = "'-5";
    len = 3;
    assert_int_equal(kam__csv_unguard(&text, &len), 1);
    assert_string_equal(text, "-5");
    assert_int_equal(len, 2);
}

/* ="..." where a spreadsheet would change the text, and back; a text that looks so itself comes back too. */
static void test_excel_keeps_texts_of_digits(void **state)
{
    static const struct { const char *text, *out; } t[] = {
        { "12345", "12345" }, { "13800138000", "13800138000" }, { "007", "\"=\"\"007\"\"\"" },
        { "0", "0" }, { "911100001000013425", "\"=\"\"911100001000013425\"\"\"" },
        { "+8613800138000", "\"=\"\"+8613800138000\"\"\"" }, { "021-6329 1234", "\"=\"\"021-6329 1234\"\"\"" },
        { "9131000071785E1234", "\"=\"\"9131000071785E1234\"\"\"" }, { "3-4", "\"=\"\"3-4\"\"\"" },
        { "91310000MA1FL4E23X", "91310000MA1FL4E23X" }, { "Acme", "Acme" }, { "-", "'-" }, { "=1+1", "'=1+1" },
        { "=\"007\"", "\"'=\"\"007\"\"\"" }, { "", "" }
    };
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    (void)state;
    for (size_t i = 0; i < KAM__LEN(t); i++) {
        ct_rows rows = {0};
        kam_buf b;
        kam__buf_init(&b, ctx);
        kam__csv_put(&b, 1, t[i].text, KAM_NUL, ',', KAM__CSV_EXCEL);
        kam__csv_put(&b, 0, "007", KAM_NUL, ',', KAM__CSV_EXCEL | KAM__CSV_TYPED);
        kam__buf_char(&b, '\0');
        assert_memory_equal(kam_buf_data(&b), t[i].out, strlen(t[i].out));
        assert_string_equal(kam_buf_data(&b) + strlen(t[i].out), ",007");
        assert_code(ct_csv(&rows, ctx, kam_buf_data(&b), b.size - 1, ',', 0), KAM_OK);
        const char *back = rows.text + 1;
        size_t len = strlen(rows.text) - strlen("[|007]");
        kam__csv_unguard(&back, &len);
        assert_int_equal(len, strlen(t[i].text));
        assert_memory_equal(back, t[i].text, len);
        ct_clear(&rows);
        kam__buf_drop(&b);
    }
    ct_done(&m, ctx);
}

static void test_out_of_memory_is_told_once(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam_buf b;
    kam__buf_init(&b, ctx);
    m.countdown = 0;
    put(&b, 1, "=a\"b", ',', 0);
    kam__csv_end_row(&b);
    assert_code(kam__buf_end(&b, NULL), KAM_E_NOMEM);
    kam__buf_drop(&b);
    ct_done(&m, ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms), cmocka_unit_test(test_round_trip_of_hostile_texts),
        cmocka_unit_test(test_guard_and_unguard_are_inverse), cmocka_unit_test(test_unguard_leaves_foreign_text),
        cmocka_unit_test(test_excel_keeps_texts_of_digits),
        cmocka_unit_test(test_out_of_memory_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
