/* Tests of codec/json_read.c and json_get.c: grammar, places, duplicate keys, depth, typed reads, failing
 * allocations. */
#include "codec_test.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct json_fixture { ct_memory m; kam_ctx *ctx; kam__arena arena; kam_error *err; } json_fixture;

static void begin(json_fixture *f, uint32_t depth)
{
    f->ctx = ct_ctx(&f->m, depth);
    kam__arena_init(&f->arena, f->ctx, 0);
    assert_int_equal(kam_error_new(&f->err, NULL), KAM_OK);
}

static void end(json_fixture *f)
{
    kam__arena_free(&f->arena);
    kam_error_free(f->err);
    ct_done(&f->m, f->ctx);
}

static int32_t parse(json_fixture *f, const kam__json **v, const char *text, uint32_t flags)
{
    return kam__json_parse(v, &f->arena, text, strlen(text), flags, f->err);
}

static const kam__json *good(json_fixture *f, const char *text)
{
    const kam__json *v = NULL;
    if (parse(f, &v, text, 0) != KAM_OK) fail_msg("%s: %s", text, kam_error_message(f->err));
    return v;
}

static void test_tree(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f, 0);
    const kam__json *v = good(&f, "{\"a\": [1, -2.50e3, []],\r\n \"b\":{\"c\":null,\n\t\"\":true}, "
                                  "\"s\": \"x\\u0000y\\n\"}");
    assert_int_equal(v->type, KAM__J_OBJECT);
    assert_int_equal(v->n, 3);
    const kam__json *a = kam__json_get(v, "a");
    assert_int_equal(a->type, KAM__J_ARRAY);
    assert_int_equal(a->n, 3);
    assert_string_equal(a->child->text, "1");
    assert_null(a->child->key);
    assert_string_equal(a->child->next->text, "-2.50e3");
    assert_int_equal(a->child->next->len, 7);
    assert_int_equal(a->child->next->next->n, 0);
    assert_null(a->child->next->next->child);
    assert_null(a->child->next->next->next);
    const kam__json *c = kam__json_get(kam__json_get(v, "b"), "c");
    assert_int_equal(c->type, KAM__J_NULL);
    assert_int_equal(c->line, 2);
    assert_int_equal(c->column, 11);
    assert_int_equal(c->offset, 35);
    assert_int_equal(c->next->type, KAM__J_TRUE);
    assert_int_equal(c->next->line, 3);
    assert_int_equal(c->next->column, 5);
    assert_int_equal(c->next->key_len, 0);
    const kam__json *s = kam__json_get(v, "s");
    assert_int_equal(s->len, 4);
    assert_memory_equal(s->text, "x\0y\n", 5);
    assert_null(kam__json_get(v, "x"));
    assert_null(kam__json_get(a, "x"));
    assert_null(kam__json_get(NULL, "x"));
    end(&f);
}

static void test_good_texts(void **state)
{
    (void)state;
    static const char *const text[] = {
        "0", "-0", "-0.0e-00", "1E+2", " [ ] ", "{}", "\"\"", "true", "false", "null", "\xEF\xBB\xBF{}",
            "[[],[[]],{}]", "\"\\/\\\"\\\\\"",
        "\"\\ud83d\\ude00\"", "\"\x7F\"", "\"\xF4\x8F\xBF\xBF\"", "\r\n[1\r,2\r\n]\n", "{\"a\":1,\"A\":2,\"\":3}",
    };
    json_fixture f;
    begin(&f, 0);
    for (size_t i = 0; i < KAM__LEN(text); i++) good(&f, text[i]);
    const kam__json *v = good(&f, "\"\\ud83d\\ude00\\u00e9\\b\\f\\n\\r\\t\"");
    assert_string_equal(v->text, "\xF0\x9F\x98\x80\xC3\xA9\b\f\n\r\t");
    end(&f);
}

typedef struct json_bad_case { const char *text; int32_t code; int line, column, offset; } json_bad_case;

static void test_bad_texts(void **state)
{
    (void)state;
    static const json_bad_case bad[] = {
        {"", KAM_E_PARSE, 1, 1, 0}, {" ", KAM_E_PARSE, 1, 2, 1}, {"\xEF\xBB\xBF", KAM_E_PARSE, 1, 1, 3},
        {"[1,]", KAM_E_PARSE, 1, 4, 3},
        {"[1 2]", KAM_E_PARSE, 1, 4, 3}, {"{\"a\":1,}", KAM_E_PARSE, 1, 8, 7}, {"{\"a\" 1}", KAM_E_PARSE, 1, 6, 5},
        {"[", KAM_E_PARSE, 1, 2, 1},
        {"{a:1}", KAM_E_PARSE, 1, 2, 1}, {"{1:1}", KAM_E_PARSE, 1, 2, 1}, {"\n{\n\"a\":\n]", KAM_E_PARSE, 4, 1, 8},
        {"[}", KAM_E_PARSE, 1, 2, 1},
        {"01", KAM_E_PARSE, 1, 2, 1}, {"-", KAM_E_PARSE, 1, 2, 1}, {"1.", KAM_E_PARSE, 1, 3, 2},
        {".5", KAM_E_PARSE, 1, 1, 0}, {"+1", KAM_E_PARSE, 1, 1, 0},
        {"1e", KAM_E_PARSE, 1, 3, 2}, {"1e+", KAM_E_PARSE, 1, 4, 3}, {"1 1", KAM_E_PARSE, 1, 3, 2},
        {"[1],", KAM_E_PARSE, 1, 4, 3}, {"nul", KAM_E_PARSE, 1, 1, 0},
        {"True", KAM_E_PARSE, 1, 1, 0}, {"'a'", KAM_E_PARSE, 1, 1, 0}, {"\"a", KAM_E_PARSE, 1, 3, 2},
        {"\"a\\", KAM_E_PARSE, 1, 4, 3}, {"\"\\x\"", KAM_E_PARSE, 1, 2, 1},
        {"\"\\u12G4\"", KAM_E_PARSE, 1, 2, 1}, {"\"\\u12\"", KAM_E_PARSE, 1, 2, 1},
        {"\"\\ud800\"", KAM_E_PARSE, 1, 2, 1}, {"\"\\udc00\"", KAM_E_PARSE, 1, 2, 1},
        {"\"\\ud800\\u0041\"", KAM_E_PARSE, 1, 2, 1}, {"\"a\tb\"", KAM_E_PARSE, 1, 3, 2},
        {"\"a\nb\"", KAM_E_PARSE, 1, 3, 2}, {"[1,\n\"\xFF\"]", KAM_E_UTF8, 2, 2, 5},
        {"\"\xED\xA0\x80\"", KAM_E_UTF8, 1, 2, 1}, {"\"\xC0\x80\"", KAM_E_UTF8, 1, 2, 1},
        {"[1]\f", KAM_E_PARSE, 1, 4, 3}, {"/* */ 1", KAM_E_PARSE, 1, 1, 0},
        {"NaN", KAM_E_PARSE, 1, 1, 0}, {"{\"a\":1,\"b\":2,\n\"\\u0061\":3}", KAM_E_PARSE, 2, 10, 23},
        {"{\"x\":{},\"x\":1}", KAM_E_PARSE, 1, 13, 12}, {"]", KAM_E_PARSE, 1, 1, 0},
    };
    json_fixture f;
    begin(&f, 0);
    for (size_t i = 0; i < KAM__LEN(bad); i++) {
        const kam__json *v = NULL;
        int32_t rc = parse(&f, &v, bad[i].text, 0);
        if (rc != bad[i].code) fail_msg("%s: got %s", bad[i].text, kam_code_name(rc));
        assert_null(v);
        if (kam_error_detail(f.err, KAM_ERR_LINE) != bad[i].line ||
            kam_error_detail(f.err, KAM_ERR_COLUMN) != bad[i].column ||
            kam_error_detail(f.err, KAM_ERR_OFFSET) != bad[i].offset)
            fail_msg("%s: %s, offset %d", bad[i].text, kam_error_message(f.err),
                     (int)kam_error_detail(f.err, KAM_ERR_OFFSET));
    }
    end(&f);
}

/* Every prefix of a document is refused without reading past its end (the sanitizers watch). */
static void test_every_prefix_is_refused(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1.5e-3,true,\"\\ud83d\\ude00 \xE5\xAE\xA2\"],\"b\":{\"c\":null,\"d\":-0}}";
    json_fixture f;
    begin(&f, 0);
    for (size_t len = 0; len < sizeof text - 1; len++) {
        const kam__json *v = NULL;
        char *copy = malloc(len ? len : 1);
        assert_non_null(copy);
        memcpy(copy, text, len);
        assert_int_not_equal(kam__json_parse(&v, &f.arena, copy, len, 0, f.err), KAM_OK);
        free(copy);
    }
    good(&f, text);
    end(&f);
}

static void test_depth(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f, 3);
    const kam__json *v;
    good(&f, "[{\"a\":[1]}]");
    assert_code(parse(&f, &v, "[{\"a\":[{}]}]", 0), KAM_E_LIMIT);
    assert_int_equal(kam_error_detail(f.err, KAM_ERR_COLUMN), 8);
    end(&f);
    begin(&f, 0);
    f.ctx->opt.max_depth = 1000000;         /* far above what a host may ask for */
    size_t n = 900000;
    char *deep = malloc(2 * n + 1);
    assert_non_null(deep);
    memset(deep, '[', n);
    memset(deep + n, ']', n);
    deep[2 * n] = '\0';
    good(&f, deep);                         /* no C stack is used */
    free(deep);
    end(&f);
    begin(&f, 0);
    deep = malloc(100001);
    assert_non_null(deep);
    memset(deep, '[', 100000);
    deep[100000] = '\0';
    assert_code(parse(&f, &v, deep, 0), KAM_E_LIMIT);
    free(deep);
    end(&f);
}

static char *big_object(size_t n, const char *extra)
{
    char *text = malloc(n * 24 + strlen(extra) + 8);
    assert_non_null(text);
    size_t at = (size_t)sprintf(text, "{");
    for (size_t i = 0; i < n; i++) at += (size_t)sprintf(text + at, "%s\"k%u\":%u", i ? "," : "",
                                                         (unsigned)(i * 7919u % n), (unsigned)i);
    sprintf(text + at, "%s}", extra);
    return text;
}

static void test_duplicate_keys(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f, 0);
    const kam__json *v;
    static const size_t sizes[] = {3, 12, 13, 300, 200000};
    for (size_t i = 0; i < KAM__LEN(sizes); i++) {
        char *text = big_object(sizes[i], "");
        good(&f, text);
        free(text);
        text = big_object(sizes[i], ",\"k1\":\"late\",\n\"k0\":1,\"k1\":\"last\"");
        assert_code(parse(&f, &v, text, 0), KAM_E_PARSE);
        assert_int_equal(kam_error_detail(f.err, KAM_ERR_LINE), 1);         /* the first second one */
        assert_non_null(strstr(kam_error_message(f.err), "\"k1\""));
        assert_code(parse(&f, &v, text, KAM__JSON_DUPLICATES), KAM_OK);
        assert_int_equal(v->n, sizes[i] + 3);
        assert_string_equal(kam__json_get(v, "k1")->text, "last");
        size_t marked = 0;
        for (const kam__json *c = v->child; c; c = c->next) marked += c->duplicate;
        assert_int_equal(marked, 3);
        free(text);
        kam__arena_reset(&f.arena);
    }
    end(&f);
}

static void expect_message(json_fixture *f, int32_t got, int32_t code, const char *part)
{
    assert_code(got, code);
    if (!strstr(kam_error_message(f->err), part)) fail_msg("message is: %s", kam_error_message(f->err));
}

static void test_typed_reads(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f, 0);
    const kam__json *v = good(&f, "{\"i\":-42,\"e\":5.0e1,\"d\":12.345,\"big\":9223372036854775808,"
                                  "\"max\":9223372036854775807,\"s\":\"x\",\"z\":\"a\\u0000b\",\"t\":true,\"f\":false,"
                                  "\"n\":null,\n\"huge\":1e999999}");
    int64_t n = 7;
    int flag = 7;
    const char *text = "old";
    assert_code(kam__json_i64(&n, kam__json_get(v, "i"), "i", f.err), KAM_OK);
    assert_int_equal(n, -42);
    assert_code(kam__json_i64(&n, kam__json_get(v, "e"), "e", f.err), KAM_OK);
    assert_int_equal(n, 50);
    assert_code(kam__json_i64(&n, kam__json_get(v, "max"), "max", f.err), KAM_OK);
    assert_true(n == INT64_MAX);
    n = 7;
    expect_message(&f, kam__json_i64(&n, kam__json_get(v, "d"), "d", f.err), KAM_E_LIMIT,
                   "\"d\" is 12.345: it must be a whole number");
    expect_message(&f, kam__json_i64(&n, kam__json_get(v, "big"), "big", f.err), KAM_E_LIMIT, "too large");
    expect_message(&f, kam__json_i64(&n, kam__json_get(v, "huge"), "huge", f.err), KAM_E_LIMIT, "line 2");
    expect_message(&f, kam__json_i64(&n, kam__json_get(v, "s"), "s", f.err), KAM_E_TYPE,
                   "\"s\" must be a whole number, not a string");
    expect_message(&f, kam__json_i64(&n, kam__json_get(v, "q"), "q", f.err), KAM_E_TYPE, "\"q\" is missing");
    assert_int_equal(n, 7);
    assert_code(kam__json_dec(&n, kam__json_get(v, "d"), 3, "d", f.err), KAM_OK);
    assert_int_equal(n, 12345);
    assert_code(kam__json_dec(&n, kam__json_get(v, "d"), 4, "d", f.err), KAM_OK);
    assert_int_equal(n, 123450);
    expect_message(&f, kam__json_dec(&n, kam__json_get(v, "d"), 2, "d", f.err), KAM_E_LIMIT, "2 decimals");
    assert_code(kam__json_str(&text, kam__json_get(v, "s"), "s", f.err), KAM_OK);
    assert_string_equal(text, "x");
    expect_message(&f, kam__json_str(&text, kam__json_get(v, "z"), "z", f.err), KAM_E_UTF8, "U+0000");
    expect_message(&f, kam__json_str(&text, kam__json_get(v, "n"), "n", f.err), KAM_E_TYPE, "not null");
    assert_code(kam__json_bool(&flag, kam__json_get(v, "t"), "t", f.err), KAM_OK);
    assert_int_equal(flag, 1);
    assert_code(kam__json_bool(&flag, kam__json_get(v, "f"), "f", f.err), KAM_OK);
    assert_int_equal(flag, 0);
    expect_message(&f, kam__json_bool(&flag, kam__json_get(v, "i"), "i", f.err), KAM_E_TYPE, "true or false");
    expect_message(&f, kam__json_bool(&flag, NULL, "i", f.err), KAM_E_TYPE, "missing");
    end(&f);
}

static void test_known_members(void **state)
{
    (void)state;
    static const char *const known[] = {"name", "window", "measure"};
    json_fixture f;
    begin(&f, 0);
    assert_code(kam__json_known(good(&f, "{\"window\":1,\"name\":2}"), known, 3, f.err), KAM_OK);
    expect_message(&f, kam__json_known(good(&f, "{\"name\":1,\n \"measrue\":2}"), known, 3, f.err), KAM_E_PARSE,
                   "did you mean \"measure\"?");
    assert_int_equal(kam_error_detail(f.err, KAM_ERR_LINE), 2);
    assert_int_equal(kam_error_detail(f.err, KAM_ERR_COLUMN), 12);
    expect_message(&f, kam__json_known(good(&f, "{\"zzzzzz\":1}"), known, 3, f.err), KAM_E_PARSE,
                   "unknown member \"zzzzzz\"");
    expect_message(&f, kam__json_known(good(&f, "[]"), known, 3, f.err), KAM_E_TYPE, "an array");
    expect_message(&f, kam__json_known(NULL, known, 3, f.err), KAM_E_TYPE, "object");
    end(&f);
}

/* Whatever a document holds, a message is one line of valid UTF-8. */
static void test_messages_stay_one_line(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f, 0);
    char out[72], text[600];
    memset(text, 'x', 58);
    memcpy(text + 58, "\xE5\xAE\xA2\xE5\xAE\xA2", 7);
    kam__json_show(out, text, 64);
    assert_int_equal(strlen(out), 61);
    assert_true(kam__utf8_valid(out, strlen(out), NULL));
    assert_string_equal(kam__json_show(out, "a\n\x01" "b", 4), "a??b");
    for (size_t i = 0; i < 200; i++) memcpy(text + 3 * i, "\xE5\xAE\xA2", 3);
    text[599] = '\0';
    text[597] = '\0';
    kam__json_fail(good(&f, "[]"), KAM_E_POLICY, f.err, "x%s", text);
    assert_true(kam__utf8_valid(kam_error_message(f.err), strlen(kam_error_message(f.err)), NULL));
    end(&f);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f, 0);
    kam__arena_free(&f.arena);
    char *text = big_object(600, ",\"list\":[1,\"two\",{\"three\":[true,\"\\u0041\"]}]");
    const kam__json *v;
    int32_t rc;
    long n = 0;
    do {
        long live = f.m.live;
        v = NULL;
        f.m.countdown = n++;
        kam__arena_init(&f.arena, f.ctx, 64);
        rc = parse(&f, &v, text, 0);
        f.m.countdown = -1;
        if (rc != KAM_OK) {
            assert_code(rc, KAM_E_NOMEM);
            assert_code(kam_error_code(f.err), KAM_E_NOMEM);
            assert_null(v);
        }
        kam__arena_free(&f.arena);
        assert_int_equal(f.m.live, live);
    } while (rc != KAM_OK);
    assert_true(n > 5);
    free(text);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree), cmocka_unit_test(test_good_texts), cmocka_unit_test(test_bad_texts),
        cmocka_unit_test(test_every_prefix_is_refused), cmocka_unit_test(test_depth),
            cmocka_unit_test(test_duplicate_keys),
        cmocka_unit_test(test_typed_reads), cmocka_unit_test(test_known_members),
            cmocka_unit_test(test_messages_stay_one_line),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
