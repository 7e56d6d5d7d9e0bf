/* Every allocation of compiling and evaluating fails once: NOMEM, nothing leaks, and the work is good for the next
 * evaluation. Once it is
 * warm, evaluating asks for no memory at all. */
#include "cel_test.h"
#include <stdio.h>
#include <string.h>

static const char sweep_env[] = "{\"x\":\"double\",\"l\":\"list(int)\",\"s\":\"optional(string)\",\"m\":\"decimal(2)\"}";
static const char *const sweep_cel[] = {
    "x < 1.0 ? 2.0 : x < 5.0 ? 3.0 : 4.0 * x",
        "l.filter(v, v > 1).map(v, {'k': string(v)}).size() > 2 || s.orValue('').matches('a+b')",
    "'%s %d %.2f'.format([l, l[0], x]) + s.orValue('none')", "[1, 2.5, 'a'] + l",
        "l.all(v, l.exists(w, w == v)) && sets.contains(l, [1])",
    "m * 2 > 10.50 && {'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6, 'g': 7, 'h': 8, 'i': 9}.exists(k, v, v > 8)",
    "lists.range(2000).map(v, v * v)", "'x'.matches(s.orValue('a|b'))", "unknown + 1", "1 / 0"};

static int32_t block_of(kam_rule *rule, kam_work *work, kam_error *err)
{
    static const double f[] = {0.5, 3, 7};
    kam_col c = {0, KAM_T_F64, {0}, f, NULL, NULL};
    kam_block b = {sizeof b, 3, 1, 0, &c};
    const kam_col *out;
    return kam_rule_eval_block(&out, rule, work, &b, err);
}

/* After a failure the same works. */
static int32_t again(kam_buf *buf, kam_rule *rule, kam_work *work, const char *json)
{
    int32_t rc = kam_rule_eval_json(buf, rule, work, json, KAM_NUL, NULL);
    return rc == KAM_OK || rc == KAM_E_POLICY ? KAM_E_NOMEM : KAM_E_CORRUPT;
}

static int32_t whole(void *user, kam_fault_alloc *alloc)
{
    static const char json[] = "{\"x\": 3.5, \"l\": [1, 2, 3], \"s\": \"aab\", \"m\": \"5.26\"}";
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = kam_fault_alloc_allocator(alloc)};
    kam_ctx *ctx = NULL;
    kam_rule *rule = NULL;
    kam_work *work = NULL;
    kam_buf *buf = NULL;
    int32_t rc = kam_ctx_new(&ctx, &o, NULL);
    if (rc == KAM_OK) rc = kam_work_new(&work, ctx, NULL);
    if (rc == KAM_OK) rc = kam_buf_new(&buf, ctx, NULL);
    if (rc == KAM_OK) rc = kam_rule_compile(&rule, ctx, sweep_env, NULL, user, KAM_NUL, NULL);
    if (rc == KAM_OK) rc = kam_rule_eval_json(buf, rule, work, json, KAM_NUL, NULL);
    if (rc == KAM_E_NOMEM && rule && work && buf) rc = again(buf, rule, work, json);
    if (rc == KAM_OK && strncmp(user, "x <", 3) == 0) {
        rc = block_of(rule, work, NULL);
        if (rc == KAM_E_NOMEM && block_of(rule, work, NULL) != KAM_OK) rc = KAM_E_CORRUPT;
    }
    kam_buf_free(buf);
    kam_rule_free(rule);
    kam_work_free(work);
    kam_ctx_free(ctx);
    return rc == KAM_E_PARSE || rc == KAM_E_POLICY ? KAM_OK : rc;      /* those that are meant to fail */
}

static void report(void *user, uint64_t at, int32_t code, const char *why)
{
    print_error("%s: fault %llu: %s %s\n", (const char *)user, (unsigned long long)at, kam_code_name(code), why);
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sweep_cel / sizeof *sweep_cel; i++)
        assert_int_equal(kam_fault_sweep_alloc(whole, (void *)(uintptr_t)sweep_cel[i], report,
                                               (void *)(uintptr_t)sweep_cel[i]), 0);
}

static void evaluating_asks_for_no_memory(void **state)
{
    kam_fault_alloc *alloc = NULL;
    (void)state;
    assert_int_equal(kam_fault_alloc_new(&alloc), KAM_OK);
    for (size_t i = 0; i < 7; i++) {
        kam_ctx_options o = {.struct_size = sizeof o, .allocator = kam_fault_alloc_allocator(alloc)};
        kam_ctx *ctx = NULL;
        kam_rule *rule = NULL;
        kam_work *work = NULL;
        assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
        assert_int_equal(kam_work_new(&work, ctx, NULL), KAM_OK);
        assert_int_equal(kam_rule_compile(&rule, ctx,
                                          "{\"x\":\"double\",\"l\":\"dyn\",\"s\":\"optional(string)\",\"m\":\"decimal(2)\"}", NULL,
                                          sweep_cel[i], KAM_NUL, NULL), KAM_OK);
        for (int k = 0; k < 60; k++) {
            if (k == 30) kam_fault_alloc_fail(alloc, 0, 0);
            assert_int_equal(kam_work_set_f64(work, 0, k, NULL), KAM_OK);
            assert_int_equal(kam_work_set_text(work, 2, "aabbb", (size_t)k % 5, NULL), KAM_OK);
            assert_int_equal(kam_work_set_i64(work, 3, k, NULL), KAM_OK);
            kam_rule_run(rule, work, NULL);
        }
        assert_int_equal(kam_fault_alloc_count(alloc), 0);
        kam_rule_free(rule);
        kam_work_free(work);
        kam_ctx_free(ctx);
    }
    kam_fault_alloc_free(alloc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(evaluating_asks_for_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
