/*
 * test_messages_limits.c - documents, expressions, tables and routing problems that are larger than their room takes.
 */
#include "messages_test.h"
#include "segment/segment.h"
#include "value/measure.h"
#include <stdlib.h>

static kam_ctx *roomy;                          /* texts of 8 MiB */

/* A text that grows. */
typedef struct text { char *s; size_t n, cap; } text;

static void put(text *t, const char *fmt, ...)
{
    va_list args;
    if (t->cap - t->n < 200) {
        t->s = realloc(t->s, t->cap = t->cap * 2 + 4096);
        assert_non_null(t->s);
    }
    va_start(args, fmt);
    t->n += (size_t)vsnprintf(t->s + t->n, 200, fmt, args);
    va_end(args);
}

/* fmt n times with its number, a comma between. */
static void many(text *t, const char *fmt, int from, int n)
{
    for (int i = from; i < from + n; i++) {
        if (i > from) put(t, ",");
        put(t, fmt, i);
    }
}

static void gone(text *t)
{
    free(t->s);
    memset(t, 0, sizeof *t);
}

/* ---------------------------------------------------------------- expressions */

static void compile_says(const char *env, const char *cel, const char *part)
{
    kam_rule *r = NULL;
    says(kam_rule_compile(&r, roomy, env, NULL, cel, KAM_NUL, err), KAM_E_LIMIT, part);
    assert_null(r);
}

static void test_expressions(void **state)
{
    text t = {0}, env = {0};
    kam_rule_function f = {.struct_size = sizeof f, .signature = "f() -> int"};
    kam_rule_options o = {.struct_size = sizeof o, .function = &f, .nfunction = 1001};
    kam_rule *r = NULL;
    (void)state;
    says(kam_rule_compile(&r, NULL, NULL, &o, "1", KAM_NUL, err), KAM_E_LIMIT, "1001 functions are too many: 1000 at most");
    put(&t, "'");
    for (int i = 0; i < 700; i++) put(&t, "%0100d", i);
    put(&t, "'");
    says(kam_rule_compile(&r, NULL, NULL, NULL, t.s, KAM_NUL, err), KAM_E_LIMIT, "the expression has 70002 bytes, more than 65536");
    gone(&t);
    put(&env, "f(");
    many(&env, "int", 0, 256);
    put(&env, ") -> int");
    put(&t, "f(");
    many(&t, "1", 0, 256);
    put(&t, ")");
    f.signature = env.s;
    o.nfunction = 1;
    says(kam_rule_compile(&r, roomy, NULL, &o, t.s, KAM_NUL, err), KAM_E_LIMIT, "a call has at most 255 arguments");
    gone(&env);
    gone(&t);
    put(&t, "[");
    many(&t, "1", 0, 65001);
    put(&t, "]");
    compile_says(NULL, t.s, "a list has at most 65000 elements");
    gone(&t);
    put(&t, "[x,");
    many(&t, "x", 0, 17000);
    put(&t, "]");
    compile_says("{\"x\":\"int\"}", t.s, "the expression is too big; split it in two");
    gone(&t);
    put(&t, "[");
    for (int i = 0; i < 170; i++) {
        put(&t, "%s[x,", i ? "," : "");
        many(&t, "%d", i * 100, 100);
        put(&t, "]");
    }
    put(&t, "]");
    compile_says("{\"x\":\"int\"}", t.s, "more than 16383 constants; split the expression in two");
    gone(&t);
    put(&env, "{");
    many(&env, "\"x%d\":\"int\"", 0, 17000);
    put(&env, "}");
    put(&t, "[");
    for (int i = 0; i < 170; i++) {
        put(&t, "%s[", i ? "," : "");
        many(&t, "x%d", i * 100, 100);
        put(&t, "]");
    }
    put(&t, "]");
    compile_says(env.s, t.s, "an expression reads at most 16383 variables: split it in two");
    gone(&t);
    gone(&env);
    put(&t, "x.matches('[");
    for (unsigned c = 0x4E00; c < 0x4E00 + 2 * 5001; c += 2) put(&t, "%c%c%c", 0xE0 | c >> 12, 0x80 | (c >> 6 & 63), 0x80 | (c & 63));
    put(&t, "]')");
    says(kam_rule_compile(&r, NULL, "{\"x\":\"string\"}", NULL, t.s, KAM_NUL, err), KAM_E_PARSE, "regular expression: more than 5000 ranges");
    gone(&t);
}

static void test_results(void **state)
{
    size_t size = (size_t)5 << 20;
    char *s = malloc(2 * size);
    int32_t off[3] = {0, (int32_t)size, (int32_t)(2 * size)};
    kam_col c = {.type = KAM_T_TEXT, .data = s, .off = off};
    kam_block b = {.struct_size = sizeof b, .nrow = 2, .ncol = 1, .col = &c};
    const kam_col *out = NULL;
    kam_rule *one = NULL, *four = NULL;
    kam_work *w = NULL;
    kam_buf *buf = NULL;
    (void)state;
    assert_non_null(s);
    memset(s, 'x', 2 * size);
    assert_int_equal(kam_buf_new(&buf, NULL, err), KAM_OK);
    assert_int_equal(kam_work_new(&w, roomy, err), KAM_OK);
    assert_int_equal(kam_rule_compile(&one, roomy, "{\"s\":\"string\"}", NULL, "s", KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_rule_compile(&four, roomy, "{\"s\":\"string\"}", NULL, "[s, s, s, s]", KAM_NUL, err), KAM_OK);
    says(kam_rule_eval_block(&out, one, w, &b, err), KAM_E_LIMIT, "row 1: the results of one block are longer than 8 MiB; use smaller blocks");
    assert_int_equal(kam_work_set_text(w, 0, s, size, err), KAM_OK);
    assert_int_equal(kam_rule_run(four, w, err), KAM_OK);
    says(kam_work_json(buf, w, err), KAM_E_LIMIT, "the result is longer than 16 MiB as JSON");
    kam_buf_free(buf);
    kam_work_free(w);
    kam_rule_free(one);
    kam_rule_free(four);
    free(s);
}

/* ---------------------------------------------------------------- documents */

#define SCHEME_BEGIN "{\"name\":\"s\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},\"kind\":\"ordinal\",\"grades\":[{\"grade\":\"A\",\"en\":\"a\"," \
                     "\"zh\":\"a\"}],\"window\":\"all\","
static void scheme_says(const char *json, const char *part)
{
    kam_scheme *s = NULL;
    says(kam_scheme_parse(&s, NULL, json, KAM_NUL, err), KAM_E_POLICY, part);
}

static void test_documents(void **state)
{
    text t = {0};
    int64_t id = 0;
    (void)state;
    put(&t, SCHEME_BEGIN "\"population\":[");
    many(&t, "{\"field\":\"city\",\"is\":\"c%d\"}", 0, 40);
    put(&t, "],\"rule\":{\"first_match\":[{\"grade\":\"A\",\"when\":[");
    many(&t, "{\"field\":\"city\",\"is\":\"c%d\"}", 0, 40);
    put(&t, "]}]},\"rest\":\"A\"}");
    scheme_says(t.s, "a scheme has at most 64 conditions (line 1");
    gone(&t);
    put(&t, SCHEME_BEGIN "\"population\":[");
    many(&t, "{\"field\":\"x_%d\",\"is\":1}", 0, 33);
    put(&t, "],\"measure\":\"revenue\",\"rule\":{\"quota\":[\"1\"]},\"rest\":\"A\"}");
    scheme_says(t.s, "a scheme speaks of at most 32 fields and figures (line 1");
    gone(&t);
    scheme_says(SCHEME_BEGIN "\"measure\":[\"revenue\",\"likelihood\",\"orders\",\"contribution\",\"returns\"],\"rule\":{\"quota\":[\"1\"]},\"rest\":\"A\"}",
                "at most 4 measures: one that decides, the others for ties (line 1");
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    kam_book *large = NULL;
    assert_int_equal(kam_book_open(&large, roomy, NULL, &o, err), KAM_OK);
    put(&t, "{\"name\":\"m\",\"kind\":\"account\",\"columns\":{");
    many(&t, "\"c%d\":\"x_%d\"", 0, 4097);
    put(&t, "}}");
    says(kam_policy_add(&id, large, KAM_POLICY_MAPPING, t.s, KAM_NUL, err), KAM_E_LIMIT, "a mapping has at most 4096 columns (line 1");
    gone(&t);
    kam_book_close(large);
}

static void test_tables(void **state)
{
    static kam__tier tier[1001];
    kam__rebate r;
    double x = 0;
    uint32_t group = 0;
    kam_kmeans_options o = {.struct_size = sizeof o, .k = 1};
    int64_t number = 1;
    kam_query *q = NULL;
    (void)state;
    says(kam__rebate_make(&r, 1, tier, 1001, KAM__REBATE_WHOLE, err), KAM_E_INVAL, "a rebate has at most 1000 tiers, not 1001");
    if (sizeof(size_t) > 4)
        says(kam_kmeans(&group, NULL, NULL, NULL, &x, (size_t)1 << 31, 1, &o, err), KAM_E_INVAL, "a table has at most 2147483647 rows");
    assert_int_equal(kam_query_new(&q, book, KAM_KIND_ACCOUNT, err), KAM_OK);
    if (sizeof(size_t) > 4)
        says(kam_query_where_i64(q, KAM_ACCOUNT_POTENTIAL, KAM_OP_IN, &number, (size_t)1 << 31, err), KAM_E_LIMIT,
             "takes at most 2147483647 values");
    kam_query_free(q);
}

static void test_routes(void **state)
{
    text t = {0};
    kam_route *r = NULL;
    int64_t cost = 0;
    (void)state;
    put(&t, "{\"days\":1,\"vehicles\":[{\"id\":\"v\",\"x\":0,\"y\":0}],\"customers\":[");
    many(&t, "{\"id\":\"c%d\",\"x\":1,\"y\":1}", 0, 30001);
    put(&t, "]}");
    says(kam_route_parse(&r, NULL, "json", t.s, KAM_NUL, err), KAM_E_LIMIT, "up to 30000 places");
    gone(&t);
    put(&t, "{\"days\":60,\"vehicles\":[");
    many(&t, "{\"id\":\"v%d\",\"x\":0,\"y\":0}", 0, 1500);
    put(&t, "],\"customers\":[");
    many(&t, "{\"id\":\"c%d\",\"x\":1,\"y\":1}", 0, 2000);
    put(&t, "]}");
    int32_t rc = kam_route_parse(&r, NULL, "json", t.s, KAM_NUL, err);
    if (rc == KAM_OK) rc = kam_route_solve(&cost, r, 1, 1, err);
    says(rc, KAM_E_LIMIT, "90000 routes of up to 2000 stops are too many at once: split the problem");
    kam_route_free(r);
    gone(&t);
}

static int set_up_all(void **state)
{
    kam_ctx_options o = {.struct_size = sizeof o, .max_text = 8u << 20};
    return set_up(state) || kam_ctx_new(&roomy, &o, NULL) != KAM_OK;
}

static int tear_down_all(void **state)
{
    kam_ctx_free(roomy);
    return tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions), cmocka_unit_test(test_results), cmocka_unit_test(test_documents),
        cmocka_unit_test(test_tables), cmocka_unit_test(test_routes),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
