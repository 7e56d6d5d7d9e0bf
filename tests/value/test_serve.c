/* Cost to serve: not a cent lost or made, whatever the drivers; pools that nobody drives; failures leave all as it was. */
#include "help.h"
#include "value/measure.h"

static void by_hand(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    const int64_t visits[] = {1, 1, 1}, orders[] = {5, 0, 5}, revenue[] = {900, -50, 100};
    const int64_t *const driver[KAM__DRIVERS] = {visits, orders, revenue, NULL};
    const kam__pool pool[] = {{100, KAM__DRIVER_VISITS},
                              {7, KAM__DRIVER_ORDERS},
                              {1000, KAM__DRIVER_REVENUE},
                              {55, KAM__DRIVER_HOURS},
                              {-10, KAM__DRIVER_VISITS}};
    int64_t cost[3] = {1, 2, 3}, left[5];
    assert_int_equal(kam__serve_allocate(cost, left, pool, 5, driver, 3, ctx, NULL), KAM_OK);
    /* 34 33 33, 4 0 3, 900 0 100, nobody, -4 -3 -3 */
    assert_int_equal(cost[0], 1 + 34 + 4 + 900 - 4);
    assert_int_equal(cost[1], 2 + 33 + 0 + 0 - 3);
    assert_int_equal(cost[2], 3 + 33 + 3 + 100 - 3);
    assert_int_equal(left[3], 55);
    assert_int_equal(left[0] | left[1] | left[2] | left[4], 0);
    kam_ctx_free(ctx);
}

static void no_cent_is_lost(void **state) {
    (void)state;
    enum { N = 37, POOLS = 6 };
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    uint64_t seed = 1;
    for (int k = 0; k < 300; k++) {
        int64_t d[KAM__DRIVERS][N], cost[N] = {0}, left[POOLS], want = 0, got = 0;
        kam__pool pool[POOLS];
        for (uint32_t j = 0; j < KAM__DRIVERS; j++)
            for (int i = 0; i < N; i++) d[j][i] = k % 7 == 0 && j == 2 ? 0 : (int64_t)(kam__random(&seed) % 1000) - 200;
        for (int p = 0; p < POOLS; p++) {
            pool[p] = (kam__pool){(int64_t)(kam__random(&seed) % 1000000) - 100000,
                                  (uint32_t)(kam__random(&seed) % KAM__DRIVERS)};
            want += pool[p].amount;
        }
        const int64_t *const driver[KAM__DRIVERS] = {d[0], d[1], d[2], d[3]};
        assert_int_equal(kam__serve_allocate(cost, left, pool, POOLS, driver, N, ctx, NULL), KAM_OK);
        for (int i = 0; i < N; i++) got += cost[i];
        for (int p = 0; p < POOLS; p++) got += left[p];
        assert_int_equal(got, want);
    }
    kam_ctx_free(ctx);
}

static void failures_leave_all_as_it_was(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    const int64_t visits[] = {1, 2};
    const int64_t *const driver[KAM__DRIVERS] = {visits, visits, visits, visits};
    const kam__pool bad[] = {{5, 0}, {5, 4}}, large[] = {{100, 0}, {INT64_MAX, 0}}, good[] = {{9, 0}, {9, 1}};
    int64_t cost[2] = {7, INT64_MAX / 2}, left[2] = {1, 1};
    assert_int_equal(kam__serve_allocate(cost, left, bad, 2, driver, 2, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam__serve_allocate(cost, left, large, 2, driver, 2, ctx, NULL), KAM_E_LIMIT);
    int32_t rc = KAM_E_NOMEM;
    for (long at = 0; rc == KAM_E_NOMEM; at++) {
        assert_true(cost[0] == 7 && cost[1] == INT64_MAX / 2 && left[0] == 1 && left[1] == 1);
        mem.left = at;
        rc = kam__serve_allocate(cost, left, good, 2, driver, 2, ctx, NULL);
        mem.left = -1;
    }
    assert_int_equal(rc, KAM_OK);
    assert_int_equal(cost[0], 7 + 3 + 3);
    kam_ctx_free(ctx);
    assert_int_equal(mem.live, 0);
}

static void shares(void **state) {
    (void)state;
    assert_int_equal(kam__share(1, 3), 3333);
    assert_int_equal(kam__share(-1, 3), -3333);
    assert_int_equal(kam__share(5, 0), 0);
    assert_int_equal(kam__share(5, -1), 0);
    assert_int_equal(kam__share(INT64_MAX, 1), INT64_MAX);
    assert_int_equal(kam__share(INT64_MIN, 1), INT64_MIN);
    assert_int_equal(kam__share(INT64_MAX, INT64_MAX), 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(no_cent_is_lost),
        cmocka_unit_test(failures_leave_all_as_it_was),
        cmocka_unit_test(shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
