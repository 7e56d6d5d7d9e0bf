/* Rows to groups: each distinct row once, lists ascending, weights kept, bad rows told. */
#include "clv_test.h"

static void groups_hold_all_rows(void **state) {
    (void)state;
    enum { N = 5000 };
    static int32_t x[N];
    static double tx[N], t[N];
    uint64_t seed = 12;
    kam_ctx *ctx = NULL;
    kam__clv_groups g;
    size_t bad;
    double sum = 0, repeat = 0, weight = 0, again = 0;
    for (int i = 0; i < N; i++) {
        x[i] = (int32_t)(kam__random(&seed) % 4);
        t[i] = (double)(1 + kam__random(&seed) % 9);
        tx[i] = x[i] ? (double)(kam__random(&seed) % (uint64_t)(t[i] + 1)) : 0;
        sum += x[i];
        repeat += x[i] > 0;
    }
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = N, .x = x, .tx = tx, .t = t};
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__clv_groups_make(&g, ctx, &rows, &bad, NULL), KAM_OK);
    assert_true(bad == (size_t)-1 && g.n > 50 && g.n < 200);
    assert_int_equal(g.nx, 4);
    for (uint32_t i = 1; i < g.nx; i++) assert_true(g.x[i] > g.x[i - 1]);
    for (uint32_t i = 1; i < g.ntime; i++) assert_true(g.time[i] > g.time[i - 1]);
    for (uint32_t i = 0; i < g.n; i++) {
        const kam__clv_group *k = &g.group[i];
        weight += k->weight;
        again += k->weight * g.x[k->x];
        assert_true(g.time[k->tx] <= g.time[k->t] && k->weight >= 1);
        double count = 0;
        for (int j = 0; j < N; j++)
            count += !(x[j] < g.x[k->x]) && !(x[j] > g.x[k->x]) && !(fabs(tx[j] / g.scale - g.time[k->tx]) > 0) &&
                     !(fabs(t[j] / g.scale - g.time[k->t]) > 0);
        near("weight", k->weight, count, 0);
    }
    near("weights", weight, N, 0);
    near("sum", again, sum, 0);
    near("sum", g.sum_x, sum, 0);
    near("repeat", g.repeat, repeat, 0);
    kam__clv_groups_free(&g);
    kam_ctx_free(ctx);
}

static void tells_the_bad_row(void **state) {
    (void)state;
    const int32_t x[] = {0, 1, 2};
    const double tx[] = {0, 1, 9}, t[] = {1, 1, 8};
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 3, .x = x, .tx = tx, .t = t};
    kam_ctx *ctx = NULL;
    kam__clv_groups g;
    size_t bad;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__clv_groups_make(&g, ctx, &rows, &bad, NULL), KAM_OK);
    assert_int_equal(bad, 2);
    kam__clv_groups_free(&g);
    kam_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(groups_hold_all_rows), cmocka_unit_test(tells_the_bad_row)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
