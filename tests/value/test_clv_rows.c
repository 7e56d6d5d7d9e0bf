/* Purchases to x, tx, T and m: conventions, any order and any blocks, returns, sums that leave 64 bits, memory. */
#include "clv_test.h"

static kam_purchases *start(kam_ctx *ctx, uint32_t unit) {
    kam_purchases_options o = {.struct_size = sizeof o, .unit = unit, .until = 100, .holdout = 120, .decimals = 2};
    kam_purchases *p = NULL;
    assert_int_equal(kam_purchases_new(&p, ctx, &o, NULL), KAM_OK);
    return p;
}

static void conventions(void **state) {
    (void)state;
    /* 7: days 10, 20 (two rows), 31 (only a return), 100, then 101 and 120 in the hold-out, 121 behind it; 3: one day;
     * 9: behind the end; 8: a return and nothing else; 5: zero is a purchase, a return the same day lowers it */
    const int64_t account[] = {7, 7, 7, 7, 7, 7, 7, 7, 3, 9, 8, 5, 5, 5};
    const int32_t day[] = {20, 10, 31, 20, 100, 120, 101, 121, 50, 101, 40, 40, 47, 47};
    const int64_t amount[] = {300, 999, -50, 200, 700, 1, 1, 1, 100, 5, -5, 0, 400, -150};
    kam_purchases *p = start(NULL, KAM_CLV_WEEK);
    kam_clv_rows r;
    const int64_t *id;
    const int32_t *later;
    assert_int_equal(kam_purchases_feed(p, account, day, amount, 14, NULL), KAM_OK);
    assert_int_equal(kam_purchases_rows(&r, &id, &later, p, NULL), KAM_OK);
    assert_int_equal(r.n, 3);
    assert_true(id[0] == 3 && id[1] == 5 && id[2] == 7);
    assert_true(r.x[0] == 0 && r.x[1] == 1 && r.x[2] == 2);
    assert_true(later[0] == 0 && later[1] == 0 && later[2] == 2);
    near("tx", r.tx[2], 90.0 / 7, 1e-15);
    near("T", r.t[2], 90.0 / 7, 1e-15);
    near("m", r.m[2], 6.00, 1e-15);
    near("tx", r.tx[1], 1, 0);
    near("m", r.m[1], 2.50, 1e-15);
    near("T", r.t[0], 50.0 / 7, 1e-15);
    assert_true(r.tx[0] <= 0 && r.m[0] <= 0);
    kam_purchases_free(p);
    p = start(NULL, KAM_CLV_MONTH);
    assert_int_equal(kam_purchases_feed(p, account, day, NULL, 14, NULL), KAM_OK);
    assert_int_equal(kam_purchases_rows(&r, NULL, NULL, p, NULL), KAM_OK);
    near("months", r.t[0], 50 / 30.4375, 1e-15);
    kam_purchases_free(p);
}

enum { N = 30000 };
static int64_t account[N], amount[N];
static int32_t day[N];

static void any_order_any_blocks(void **state) {
    (void)state;
    uint64_t seed = 2;
    kam_clv_rows a, b;
    for (int i = 0; i < N; i++) {
        account[i] = (int64_t)(kam__random(&seed) % 900) - 450;
        day[i] = (int32_t)(kam__random(&seed) % 140);
        amount[i] = (int64_t)(kam__random(&seed) % 2000) - 200;
    }
    kam_purchases *p = start(NULL, KAM_CLV_DAY), *q = start(NULL, KAM_CLV_DAY);
    assert_int_equal(kam_purchases_feed(p, account, day, amount, N, NULL), KAM_OK);
    for (int i = N; i > 0;) {
        int n = 1 + (int)(kam__random(&seed) % 700);
        if (n > i) n = i;
        i -= n;
        assert_int_equal(kam_purchases_feed(q, account + i, day + i, amount + i, (size_t)n, NULL), KAM_OK);
        if (i % 5 == 0)
            assert_int_equal(kam_purchases_rows(&b, NULL, NULL, q, NULL), KAM_OK); /* looked at in between */
    }
    assert_int_equal(kam_purchases_rows(&a, NULL, NULL, p, NULL), KAM_OK);
    assert_int_equal(kam_purchases_rows(&b, NULL, NULL, q, NULL), KAM_OK);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.x, b.x, a.n * sizeof *a.x);
    assert_memory_equal(a.tx, b.tx, a.n * sizeof *a.tx);
    assert_memory_equal(a.t, b.t, a.n * sizeof *a.t);
    assert_memory_equal(a.m, b.m, a.n * sizeof *a.m);
    kam_purchases_free(p);
    kam_purchases_free(q);
}

static void sums_that_leave_64_bits(void **state) {
    (void)state;
    const int64_t who[] = {1, 1, 1, 1}, much[] = {1, INT64_MAX, INT64_MAX, INT64_MAX};
    const int32_t when[] = {1, 2, 2, 2};
    kam_clv_rows r;
    kam_purchases *p = start(NULL, KAM_CLV_DAY);
    assert_int_equal(kam_purchases_feed(p, who, when, much, 4, NULL), KAM_OK);
    assert_int_equal(kam_purchases_rows(&r, NULL, NULL, p, NULL), KAM_OK);
    assert_int_equal(r.x[0], 1);
    near("m", r.m[0], 3 * 9.223372036854775807e16, 1e-14);
    kam_purchases_free(p);
}

static void refuses(void **state) {
    (void)state;
    kam_purchases *p = NULL;
    kam_purchases_options o = {.struct_size = sizeof o, .until = 100};
    kam_clv_rows r;
    assert_int_equal(kam_purchases_new(NULL, NULL, &o, NULL), KAM_E_INVAL);
    assert_int_equal(kam_purchases_new(&p, NULL, NULL, NULL), KAM_E_INVAL);
    o.unit = 3;
    assert_int_equal(kam_purchases_new(&p, NULL, &o, NULL), KAM_E_INVAL);
    o.unit = 0, o.decimals = 10;
    assert_int_equal(kam_purchases_new(&p, NULL, &o, NULL), KAM_E_INVAL);
    o.decimals = 0, o.holdout = 99;
    assert_int_equal(kam_purchases_new(&p, NULL, &o, NULL), KAM_E_INVAL);
    o.holdout = 0;
    assert_int_equal(kam_purchases_new(&p, NULL, &o, NULL), KAM_OK);
    assert_int_equal(kam_purchases_feed(p, NULL, day, NULL, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_purchases_feed(p, account, NULL, NULL, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_purchases_feed(NULL, account, day, NULL, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_purchases_rows(NULL, NULL, NULL, p, NULL), KAM_E_INVAL);
    assert_int_equal(kam_purchases_rows(&r, NULL, NULL, p, NULL), KAM_OK);
    assert_int_equal(r.n, 0);
    kam_purchases_free(p);
    kam_purchases_free(NULL);
}

static void memory_runs_out_at_each_place(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    kam_purchases_options o = {.struct_size = sizeof o, .until = 100};
    long at = 0;
    int32_t rc = KAM_E_NOMEM;
    for (; rc == KAM_E_NOMEM; at++) {
        kam_purchases *p = NULL;
        kam_clv_rows r;
        mem.left = at;
        rc = kam_purchases_new(&p, ctx, &o, NULL);
        for (int i = 0; i < 3 && rc == KAM_OK; i++) rc = kam_purchases_feed(p, account, day, amount, 5000, NULL);
        if (rc == KAM_OK) rc = kam_purchases_rows(&r, NULL, NULL, p, NULL);
        mem.left = -1;
        assert_true(rc == KAM_OK || rc == KAM_E_NOMEM);
        if (p && rc != KAM_OK) assert_int_equal(kam_purchases_rows(&r, NULL, NULL, p, NULL), KAM_OK);
        kam_purchases_free(p);
    }
    assert_true(at > 5);
    kam_ctx_free(ctx);
    assert_int_equal(mem.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conventions),
        cmocka_unit_test(any_order_any_blocks),
        cmocka_unit_test(sums_that_leave_64_bits),
        cmocka_unit_test(refuses),
        cmocka_unit_test(memory_runs_out_at_each_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
