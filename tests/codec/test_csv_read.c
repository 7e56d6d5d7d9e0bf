/* Tests of codec/csv_read.c: dialects, places of problems, limits, every cut, every failing allocation. */
#include "codec_test.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct csv_case { const char *text; uint32_t separator; const char *want; } csv_case;

static const csv_case cases[] = {
    {"", 0, ""},
    {"\n\r\n\r", 0, ""},
    {"a,b,c\n1,2,3\n", 0, "[a|b|c][1|2|3]"},
    {"a,b,c\r\n1,2,3", 0, "[a|b|c][1|2|3]"},
    {"a,b\r1,2\r", 0, "[a|b][1|2]"},                            /* lone CR */
    {"a,b\n\n\r\n\r1,2\n", 0, "[a|b][1|2]"},
    {"a;b,c;d\n1;2;3\n", 0, "[a|b,c|d][1|2|3]"},
    {"a\tb\n1\t2\n", 0, "[a|b][1|2]"},
    {"a|b|c\n", ',', "[a|b|c]"},
    {"a|b|c\n1|2|3", 0, "[a|b|c][1|2|3]"},
    {"\"a;b;c;d\",x\n1,2\n", 0, "[a;b;c;d|x][1|2]"},           /* separators inside quotes do not count */
    {"one\ntwo,2\n", 0, "[one][two|2]"},
    {"a;", 0, "[a|]"},                                          /* shorter than a byte order mark */
    {";", 0, "[|]"},
    {"\xEF\xBB\xBF" "a,b\n1,2\n", 0, "[a|b][1|2]"},
    {"\xEF\xBB\xBF\"a\",b\n", 0, "[a|b]"},
    {"\xEF\xBB\xBF", 0, ""},
    {"a,\xEF\xBB\xBF\n", 0, "[a|\xEF\xBB\xBF]"},               /* a mark elsewhere is text */
    {"\"a\"\"b\",\"\"\n", 0, "[a\"b|]"},
    {"\"\"\n", 0, "[]"},
    {"\"\"\"\"\n", 0, "[\"]"},
    {"\"a\nb\r\nc\rd\",2\n3,4", 0, "[a\nb\r\nc\rd|2][3|4]"},
    {"5\" pipe,b\"c\"\n", 0, "[5\" pipe|b\"c\"]"},            /* quotes inside an unquoted field are text */
    {" a , b \n", 0, "[ a | b ]"},
    {"a,,\n,,\n", 0, "[a||][||]"},
    {"\"x\" ,2\ny,3\n", 0, "!KAM_E_PARSE[x][y|3]"},
    {"1,\"x\"y\"z\nok,2\n", 0, "!KAM_E_PARSE[1|x][ok|2]"},
    {"1,2\n3,\"open\n4,5\n", 0, "[1|2]!KAM_E_PARSE[3|open\n4,5\n]"},
    {"1,\"", 0, "!KAM_E_PARSE[1|]"},
    {"a,\xFF\xFE\nb,2\n", 0, "!KAM_E_UTF8[a|\xFF\xFE][b|2]"},
    {"a,\xC0\xAF\n", 0, "!KAM_E_UTF8[a|\xC0\xAF]"},
    {"\xE5\xA4\xA7,\"\xE5\xAE\xA2\"\n", 0, "[\xE5\xA4\xA7|\xE5\xAE\xA2]"},
    {"\n\na;b\n", 0, "[a|b]"},
    {"a\xEF\xBB,b\n", 0, "!KAM_E_UTF8[a\xEF\xBB|b]"},
};

static void test_every_cut_gives_the_same_rows(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    for (size_t i = 0; i < KAM__LEN(cases); i++) {
        size_t len = strlen(cases[i].text);
        for (size_t cut = 0; cut <= len; cut++) {
            ct_rows r = {0};
            uint32_t separator = strchr(cases[i].text, '|') && cases[i].separator ? '|' : cases[i].separator;
            assert_code(ct_csv_cut(&r, ctx, cases[i].text, len, separator, cut), KAM_OK);
            assert_string_equal(r.text, cases[i].want);
            ct_clear(&r);
        }
        ct_rows r = {0};
        assert_code(ct_csv(&r, ctx, cases[i].text, len, cases[i].separator == ',' ? '|' : 0, 1), KAM_OK);
        assert_string_equal(r.text, cases[i].want);
        ct_clear(&r);
    }
    ct_done(&m, ctx);
}

static void test_nul_is_refused(void **state)
{
    (void)state;
    static const char text[] = "a,b\0c\n\"d\0\",e\nf,g\n";
    static const char want[] = "!KAM_E_UTF8[a|b\0c]!KAM_E_UTF8[d\0|e][f|g]";
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    for (size_t step = 0; step < sizeof text; step++) {
        ct_rows r = {0};
        assert_code(ct_csv(&r, ctx, text, sizeof text - 1, 0, step), KAM_OK);
        assert_int_equal(r.size, sizeof want - 1);
        assert_memory_equal(r.text, want, r.size);
        ct_clear(&r);
    }
    ct_done(&m, ctx);
}

typedef struct csv_place { const char *text; uint64_t line, column, offset; } csv_place;

/* Where problems are said to be: lines and byte columns from 1, offsets from 0, all in the file as it is. */
static void test_places(void **state)
{
    (void)state;
    static const csv_place place[] = {
        {"a,b\n1,\"x\"y\n", 2, 6, 9},
        {"a,b\r\n1,\"x\"y\n", 2, 6, 10},
        {"\xEF\xBB\xBF" "a,\"x\"y\n", 1, 6, 8},
        {"a,b\n\"p\nq\",\"x\"y\n", 3, 7, 13},
        {"a\n1,\"open\n\n", 2, 3, 4},
        {"a,b\n\"1\r\n2\",\"\"\"\xFF\"\n", 3, 7, 14},
        {"a,b\n1,\"x\r\n\"\"\xFF\"\n", 3, 3, 12},
        {"a,b\ncc,d\xFF\n", 2, 5, 8},
    };
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    for (size_t i = 0; i < KAM__LEN(place); i++)
        for (size_t step = 0; step <= strlen(place[i].text); step++) {
            ct_rows r = {0};
            assert_code(ct_csv(&r, ctx, place[i].text, strlen(place[i].text), ',', step), KAM_OK);
            assert_int_equal(r.line, place[i].line);
            assert_int_equal(r.column, place[i].column);
            assert_int_equal(r.offset, place[i].offset);
            ct_clear(&r);
        }
    ct_done(&m, ctx);
}

static int32_t keep_places(void *user, const kam__csv_row *row, kam_error *err)
{
    ct_rows *r = user;
    char text[80];
    (void)err;
    snprintf(text, sizeof text, "(%d@%d", (int)row->line, (int)row->offset);
    ct_add_str(r, text);
    for (size_t i = 0; i < row->n; i++) {
        snprintf(text, sizeof text, " %d%s", (int)row->field[i].column, row->field[i].quoted ? "q" : "");
        ct_add_str(r, text);
    }
    ct_add_str(r, ")");
    return KAM_OK;
}

static void test_rows_and_fields_know_their_place(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBF" "a,bb\r\n\r\n\"x\ny\",z,\"\"\rlast,";
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    for (size_t cut = 0; cut < sizeof text; cut++) {
        ct_rows r = {0};
        kam__csv *csv;
        assert_code(kam__csv_new(&csv, ctx, 0, keep_places, &r, NULL), KAM_OK);
        assert_code(kam__csv_feed(csv, text, cut, NULL), KAM_OK);
        assert_code(kam__csv_feed(csv, text + cut, sizeof text - 1 - cut, NULL), KAM_OK);
        assert_code(kam__csv_end(csv, NULL), KAM_OK);
        assert_string_equal(r.text, "(1@3 1 3)(3@11 1q 4 6q)(5@22 1 6)");
        kam__csv_free(csv);
        ct_clear(&r);
    }
    ct_done(&m, ctx);
}

static int32_t count_lens(void *user, const kam__csv_row *row, kam_error *err)
{
    ct_rows *r = user;
    char text[80];
    (void)err;
    snprintf(text, sizeof text, "%s(%u:%u)", row->problem ? kam_code_name(row->problem) : "", (unsigned)row->n,
             (unsigned)(row->n ? row->field[row->n - 1].len : 0));
    ct_add_str(r, text);
    return KAM_OK;
}

static char *repeat(const char *piece, size_t n, const char *before, const char *after, size_t *len)
{
    size_t size = strlen(piece), b = strlen(before), a = strlen(after);
    char *text = malloc(b + n * size + a + 1);
    assert_non_null(text);
    memcpy(text, before, b);
    for (size_t i = 0; i < n; i++) memcpy(text + b + i * size, piece, size);
    memcpy(text + b + n * size, after, a + 1);
    *len = b + n * size + a;
    return text;
}

static void check_lens(kam_ctx *ctx, char *text, size_t len, const char *want)
{
    static const size_t step[] = {4096, 65536, 1000003, 16u << 20};
    for (size_t i = 0; i < KAM__LEN(step); i++) {
        ct_rows r = {0};
        kam__csv *csv;
        assert_code(kam__csv_new(&csv, ctx, ',', count_lens, &r, NULL), KAM_OK);
        for (size_t at = 0; at < len; at += step[i])
            assert_code(kam__csv_feed(csv, text + at, len - at < step[i] ? len - at : step[i], NULL), KAM_OK);
        assert_code(kam__csv_end(csv, NULL), KAM_OK);
        assert_string_equal(r.text, want);
        kam__csv_free(csv);
        ct_clear(&r);
    }
    free(text);
}

static void test_large_fields_and_limits(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    size_t len;
    char *text;
    text = repeat("x", 70000, "a,", "\nb,c\n", &len);
    check_lens(ctx, text, len, "(2:70000)(2:1)");
    text = repeat("\"\"", 70000, "a,\"", "\"\nb,c\n", &len);
    check_lens(ctx, text, len, "(2:70000)(2:1)");
    text = repeat("y", KAM__CSV_MAX_FIELD, "a,", "\nb,c\n", &len);
    check_lens(ctx, text, len, "(2:1048576)(2:1)");
    text = repeat("y", KAM__CSV_MAX_FIELD + 1, "a,", ",d\nb,c\n", &len);
    check_lens(ctx, text, len, "KAM_E_LIMIT(2:1048576)(2:1)");
    text = repeat("\"\"", KAM__CSV_MAX_FIELD + 1, "a,\"", "\",d\nb,c\n", &len);
    check_lens(ctx, text, len, "KAM_E_LIMIT(2:1048576)(2:1)");
    /* text in quotes gives no rows, ever */
    text = repeat("\nz,\"\"q", KAM__CSV_MAX_FIELD, "a,\"", "\",d\nb,c\n", &len);
    check_lens(ctx, text, len, "KAM_E_LIMIT(2:1048576)(2:1)");
    text = repeat(",", KAM__CSV_MAX_FIELDS - 1, "", "\nb,c\n", &len);
    check_lens(ctx, text, len, "(4096:0)(2:1)");
    text = repeat(",", KAM__CSV_MAX_FIELDS, "", "\nb,c\n", &len);
    check_lens(ctx, text, len, "KAM_E_LIMIT(4096:0)(2:1)");
    text = repeat("1234567,", 4095, "", "x\nb,c\n", &len);
    check_lens(ctx, text, len, "(4096:1)(2:1)");
    ct_done(&m, ctx);
}

static void test_record_limit(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    size_t len, piece = KAM__CSV_MAX_FIELD - 1;
    char *field = repeat("f", piece, "", ",", &len), *text;
    text = repeat(field, 3, "", "last\nb,c\n", &len);
    check_lens(ctx, text, len, "(4:4)(2:1)");
    text = repeat(field, 5, "", "last\nb,c\n", &len);
    check_lens(ctx, text, len, "KAM_E_LIMIT(5:0)(2:1)");
    free(field);
    ct_done(&m, ctx);
}

static void test_callback_stops_the_reader(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam_error *err;
    kam__csv *csv;
    ct_rows r = {0};
    r.stop_at = 2;
    assert_code(kam_error_new(&err, NULL), KAM_OK);
    assert_code(kam__csv_new(&csv, ctx, 0, ct_csv_row, &r, err), KAM_OK);
    assert_code(kam__csv_feed(csv, "a\nb\nc\n", 6, err), KAM_E_CANCELLED);
    assert_string_equal(kam_error_message(err), "enough");
    assert_string_equal(r.text, "[a][b]");
    assert_code(kam__csv_feed(csv, "d\n", 2, err), KAM_E_CANCELLED);
    assert_code(kam__csv_end(csv, err), KAM_E_CANCELLED);
    assert_string_equal(r.text, "[a][b]");
    kam__csv_free(csv);
    kam_error_free(err);
    ct_clear(&r);
    ct_done(&m, ctx);
}

static void test_misuse(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam__csv *csv;
    ct_rows r = {0};
    assert_code(kam__csv_new(&csv, ctx, '"', ct_csv_row, &r, NULL), KAM_E_INVAL);
    assert_code(kam__csv_new(&csv, ctx, '\n', ct_csv_row, &r, NULL), KAM_E_INVAL);
    assert_code(kam__csv_new(&csv, ctx, 0x3001, ct_csv_row, &r, NULL), KAM_E_INVAL);
    assert_code(kam__csv_new(&csv, ctx, 0, ct_csv_row, &r, NULL), KAM_OK);
    assert_code(kam__csv_end(csv, NULL), KAM_OK);
    assert_code(kam__csv_feed(csv, "a", 1, NULL), KAM_E_INVAL);
    kam__csv_free(csv);
    kam__csv_free(NULL);
    ct_clear(&r);
    ct_done(&m, ctx);
}

/* A feed that finds no memory takes nothing: the second try gives what the first would have given. */
static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBFname;town\n\"A \"\"x\"\" B\";Wuhan\nrow;\xFF\nlast;one";
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    long failed = 0;
    for (long n = 0;; n++) {
        ct_rows r = {0};
        kam__csv *csv = NULL;
        long before = m.live;
        int nomem = 0;
        m.countdown = n;
        int32_t rc = kam__csv_new(&csv, ctx, 0, ct_csv_row, &r, NULL);
        for (size_t at = 0; rc == KAM_OK && at < sizeof text - 1; at += 7) {
            size_t part = sizeof text - 1 - at < 7 ? sizeof text - 1 - at : 7;
            rc = kam__csv_feed(csv, text + at, part, NULL);
            if (rc == KAM_E_NOMEM) {
                nomem = 1;
                m.countdown = -1;
                rc = kam__csv_feed(csv, text + at, part, NULL);
            }
        }
        if (rc == KAM_OK && (rc = kam__csv_end(csv, NULL)) == KAM_E_NOMEM) {
            nomem = 1;
            m.countdown = -1;
            rc = kam__csv_end(csv, NULL);
        }
        long left = m.countdown;
        m.countdown = -1;
        if (csv) {
            assert_code(rc, KAM_OK);
            assert_string_equal(r.text, "[name|town][A \"x\" B|Wuhan]!KAM_E_UTF8[row|\xFF][last|one]");
        } else {
            assert_code(rc, KAM_E_NOMEM);
        }
        kam__csv_free(csv);
        ct_clear(&r);
        assert_int_equal(m.live, before);
        failed += nomem || !csv;
        if (csv && !nomem && left >= 0) break;
    }
    assert_true(failed >= 4);
    ct_done(&m, ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut_gives_the_same_rows), cmocka_unit_test(test_nul_is_refused),
        cmocka_unit_test(test_places), cmocka_unit_test(test_rows_and_fields_know_their_place),
        cmocka_unit_test(test_large_fields_and_limits), cmocka_unit_test(test_record_limit),
        cmocka_unit_test(test_callback_stops_the_reader), cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
