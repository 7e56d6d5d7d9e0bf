/* Tests of codec/json_stream.c: the three shapes, every cut, bad items and what survives beside them, limits,
 * failing allocations. */
#include "codec_test.h"
#include <stdio.h>
#include <stdlib.h>

static int32_t got_item(void *user, const kam__json *v, uint64_t line, int32_t problem, kam_error *cause,
                        kam_error *err)
{
    ct_rows *r = user;
    char text[48];
    r->n++;
    snprintf(text, sizeof text, "%d:", (int)line);
    ct_add_str(r, text);
    if (problem) {
        assert_null(v);
        assert_int_equal(kam_error_code(cause), problem);
        ct_add_str(r, kam_code_name(problem) + 6);
        snprintf(text, sizeof text, "@%d.%d.%d", (int)kam_error_detail(cause, KAM_ERR_LINE),
                 (int)kam_error_detail(cause, KAM_ERR_COLUMN),
                 (int)kam_error_detail(cause, KAM_ERR_OFFSET));
        ct_add_str(r, text);
    } else {
        assert_null(cause);
        assert_int_equal(v->type, KAM__J_OBJECT);
        const kam__json *a = kam__json_get(v, "a");
        ct_add_str(r, a ? a->text ? a->text : "?" : "-");
        if (a) {
            snprintf(text, sizeof text, "@%d.%d", (int)a->line, (int)a->column);
            ct_add_str(r, text);
        }
    }
    ct_add_str(r, " ");
    return r->stop_at && r->n == r->stop_at ? kam__fail(err, KAM_E_CANCELLED, "enough") : KAM_OK;
}

static int32_t stream(ct_rows *r, kam_ctx *ctx, const char *text, size_t len, size_t cut, size_t step, uint32_t flags)
{
    kam__jstream *s;
    int32_t rc = kam__jstream_new(&s, ctx, flags, got_item, r, NULL);
    if (rc != KAM_OK) return rc;
    if (!step) {
        rc = kam__jstream_feed(s, text, cut, NULL);
        if (rc == KAM_OK) rc = kam__jstream_feed(s, text + cut, len - cut, NULL);
    }
    for (size_t at = 0; step && at < len && rc == KAM_OK; at += step)
        rc = kam__jstream_feed(s, text + at, len - at < step ? len - at : step, NULL);
    if (rc == KAM_OK) rc = kam__jstream_end(s, NULL);
    kam__jstream_free(s);
    if (!r->text) ct_add_str(r, "");
    return rc;
}

static const char *const cases[][2] = {
    {"", ""},
    {" \n ", ""},
    {"[]", ""},
    {"[{\"a\":1}]", "1:1@1.7 "},
    {"[{\"a\":1},{\"a\":2}]\n", "1:1@1.7 1:2@1.15 "},
    {"\xEF\xBB\xBF[\n {\"a\":1},\r\n {\"a\":{}},\r {\"b\":[{\"a\":3}]}\n]", "2:1@2.7 3:?@3.7 4:- "},
    {"{\"a\":1}\n{\"a\":2}\n", "1:1@1.6 2:2@2.6 "},
    {"\xEF\xBB\xBF{\"a\":1}\r\n\r\n{\"a\":2}", "1:1@1.6 3:2@3.6 "},
    {"{\"a\":1}\r{\"a\":2}", "1:1@1.6 2:2@2.6 "},
    {"{\n  \"a\" : \"x]}\\\"{[\",\n  \"b\": [\n{\n}\n]\n}\n", "1:x]}\"{[@2.9 "},
    {"{\n\"a\":1\n}\n{\n\"a\":2\n}", "1:1@2.5 4:2@5.5 "},
    {"{\"a\":1}{\"a\":2} {\"a\":3}", "1:1@1.6 1:2@1.13 1:3@1.21 "},
    /* bad ones, and what goes on behind them */
    {"[{\"a\":1},{\"a\":},{\"a\":3}]", "1:1@1.7 1:PARSE@1.15.14 1:3@1.22 "},
    {"[{\"a\":1]", "1:PARSE@1.8.7 1:PARSE@1.9.8 "},
    {"[{\"a\":1},7,\"x\",null,[1],{\"a\":2}]",
    "1:1@1.7 1:TYPE@1.10.9 1:TYPE@1.12.11 1:TYPE@1.16.15 1:TYPE@1.21.20 1:2@1.30 "},
    {"[{\"a\":1},,{\"a\":2},]", "1:1@1.7 1:PARSE@1.10.9 1:2@1.16 1:PARSE@1.19.18 "},
    {"[{\"a\":1} {\"a\":2}]", "1:1@1.7 1:PARSE@1.10.9 1:2@1.15 "},
    {"[{\"a\":1}", "1:1@1.7 1:PARSE@1.9.8 "},
    {"[{\"a\":1}] x y", "1:1@1.7 1:PARSE@1.11.10 "},
    {"[{\"a\":\"x},\n{\"a\":2}]\n", "1:PARSE@1.11.10 3:PARSE@3.1.20 "},
    {"{\"a\":1}\n{\"a\":\n{\"a\":3}\n", "1:1@1.6 2:PARSE@2.6.13 3:3@3.6 "},
    {"{\"a\":1}\n{\"a\":\"x}\n{\"a\":3}\n", "1:1@1.6 2:PARSE@2.9.16 3:3@3.6 "},
    {"{\"a\":1\n{\"a\":2}\n{\"a\":3\n{\"a\":4}", "1:PARSE@2.1.7 2:2@2.6 3:PARSE@3.7.21 4:4@4.6 "},
    {"{\"a\":1}\nrubbish\n{\"a\":2}\n", "1:1@1.6 2:PARSE@2.1.8 3:2@3.6 "},
    {"{\"a\":1}\n}\n[]\n\"\\\"x\"\n{\"a\":2}", "1:1@1.6 2:PARSE@2.1.8 3:TYPE@3.1.10 4:TYPE@4.1.13 5:2@5.6 "},
    {"\"abc\n{\"a\":2}\n", "1:PARSE@1.5.4 2:2@2.6 "},
    {"{\"a\":\"\xFF\"}\n{\"a\":2}\n", "1:UTF8@1.7.6 2:2@2.6 "},
    {"{\"a\":1,\"a\":2}\n{\"a\":2}\n", "1:PARSE@1.12.11 2:2@2.6 "},
    {"{\"a\":\"\\", "1:PARSE@1.8.7 "},
    {"\xEF\xBB{\"a\":1}", "1:UTF8@1.3.2 1:1@1.8 "},
    {"\xEF", "1:UTF8@1.2.1 "},
    {"[\"x\n]", "1:PARSE@1.4.3 "},
    {"[1\n,{\"a\":1}\n]\n\n", "1:TYPE@1.2.1 2:1@2.7 "},
};

static void test_every_cut_gives_the_same_items(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    for (size_t i = 0; i < KAM__LEN(cases); i++) {
        size_t len = strlen(cases[i][0]);
        for (size_t cut = 0; cut <= len + 2; cut++) {
            ct_rows r = {0};
            size_t step = cut > len ? cut - len : 0;          /* the last two: one and two bytes at a time */
            assert_code(stream(&r, ctx, cases[i][0], len, cut, step, 0), KAM_OK);
            if (strcmp(r.text, cases[i][1]) != 0) fail_msg("%s\ncut %d: got %s want %s", cases[i][0], (int)cut, r.text,
                                                           cases[i][1]);
            ct_clear(&r);
        }
    }
    ct_done(&m, ctx);
}

static void test_duplicates_flag(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    ct_rows r = {0};
    kam__jstream *s;
    assert_code(stream(&r, ctx, "{\"a\":1,\"a\":2}", 13, 4, 0, KAM__JSON_DUPLICATES), KAM_OK);
    assert_string_equal(r.text, "1:2@1.12 ");
    assert_code(kam__jstream_new(&s, ctx, 8, got_item, &r, NULL), KAM_E_INVAL);
    ct_clear(&r);
    ct_done(&m, ctx);
}

static void test_item_limit_and_depth(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    size_t most = KAM__JSON_MAX_ITEM;
    char *text = malloc(2 * most);
    assert_non_null(text);
    for (size_t over = 0; over < 2; over++) {
        size_t n = (size_t)sprintf(text, "[{\"a\":\"");
        memset(text + n, 'x', most + over - 8);
        n += most + over - 8;
        n += (size_t)sprintf(text + n, "\"},{\"a\":2}]");
        static const size_t step[] = {0, 65536, 4000037};
        for (size_t i = 0; i < KAM__LEN(step); i++) {
            ct_rows r = {0};
            assert_code(stream(&r, ctx, text, n, 5, step[i], 0), KAM_OK);
            if (over) assert_string_equal(r.text, "1:LIMIT@1.2.1 1:2@1.4194313 ");
            else assert_int_equal(r.size, most - 8 + 2 + 5 + strlen("1:2@1.4194312 "));
            ct_clear(&r);
        }
    }
    memset(text, '[', 200);
    memcpy(text, "[", 1);
    memset(text + 200, ']', 199);
    strcpy(text + 399, ",{\"a\":1}]");
    ct_rows r = {0};
    assert_code(stream(&r, ctx, text, strlen(text), 0, 0, 0), KAM_OK);
    assert_string_equal(r.text, "1:LIMIT@1.102.101 1:1@1.406 ");
    ct_clear(&r);
    free(text);
    ct_done(&m, ctx);
}

static void test_callback_stops_the_reader(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    ct_rows r = {0};
    kam__jstream *s;
    r.stop_at = 2;
    assert_code(kam__jstream_new(&s, ctx, 0, got_item, &r, NULL), KAM_OK);
    assert_code(kam__jstream_feed(s, "{}{}{}", 6, NULL), KAM_E_CANCELLED);
    assert_code(kam__jstream_feed(s, "{}", 2, NULL), KAM_E_CANCELLED);
    assert_code(kam__jstream_end(s, NULL), KAM_E_CANCELLED);
    assert_string_equal(r.text, "1:- 1:- ");
    kam__jstream_free(s);
    kam__jstream_free(NULL);
    assert_code(kam__jstream_new(&s, ctx, 0, got_item, &r, NULL), KAM_OK);
    assert_code(kam__jstream_end(s, NULL), KAM_OK);
    assert_code(kam__jstream_feed(s, "{}", 2, NULL), KAM_E_INVAL);
    kam__jstream_free(s);
    ct_clear(&r);
    ct_done(&m, ctx);
}

/* What was handed over before memory ran out is a prefix of what would have been; nothing leaks. */
static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    static const char text[] = "[{\"a\":1,\"b\":\"\\u0041\"},{\"a\":[1,2,3]},{\"a\":2,\"c\":0,\"d\":0,\"e\":0,"
                               "\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0,\"k\":0,\"l\":0,\"m\":0,\"n\":0,"
                               "\"o\":0},{\"a\":}]";
    static const char want[] = "1:1@1.7 1:?@1.28 1:2@1.42 1:PARSE@1.128.127 ";
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    int32_t rc;
    long n = 0;
    do {
        ct_rows r = {0};
        long live = m.live;
        m.countdown = n++;
        rc = stream(&r, ctx, text, sizeof text - 1, 0, 11, 0);
        m.countdown = -1;
        if (rc != KAM_OK) assert_code(rc, KAM_E_NOMEM);
        if (r.text && strncmp(r.text, want, r.size) != 0) fail_msg("%s", r.text);
        if (rc == KAM_OK) assert_string_equal(r.text, want);
        assert_int_equal(m.live, live);
        ct_clear(&r);
    } while (rc != KAM_OK);
    assert_true(n > 5);
    ct_done(&m, ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut_gives_the_same_items), cmocka_unit_test(test_duplicates_flag),
        cmocka_unit_test(test_item_limit_and_depth), cmocka_unit_test(test_callback_stops_the_reader),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
