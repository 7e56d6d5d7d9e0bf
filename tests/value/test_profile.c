/* Purchase profiles by hand, in any order of rows, with orders that have no name; sums that do not fit. */
#include "help.h"
#include "value/measure.h"

static int32_t on(int32_t month, int32_t mday) { return kam__day(2026, month, mday); }

static void by_hand(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    kam__profile_row row[] = {
        {7, 100, 11, 1, 900, on(1, 1)}, {7, 50, 12, 1, 900, on(1, 1)}, {7, 70, 11, 2, 901, on(1, 11)},
        {7, 30, 13, 2, 0, on(3, 2)},    {7, -10, 13, 2, 0, on(3, 2)},  {7, 5, 0, 0, 0, on(3, 3)},
        {3, 9, 0, 0, 0, on(12, 31)},    {9, 1, 5, 4, 77, on(5, 5)},    {9, 1, 5, 3, 77, on(6, 5)},
    };
    for (int k = 0; k < 3; k++) {
        kam__profile *p = NULL;
        size_t n = 0;
        for (int i = 0; i < 4; i++) { /* another order each time */
            kam__profile_row keep = row[i];
            row[i] = row[8 - i - k % 2];
            row[8 - i - k % 2] = keep;
        }
        assert_int_equal(kam__profile_make(&p, &n, row, 9, ctx, NULL), KAM_OK);
        assert_int_equal(n, 3);
        assert_true(p[0].account == 3 && p[0].orders == 1 && p[0].products == 0 && p[0].interval == 0 &&
                    p[0].place == 0);
        assert_true(p[0].month[11] == 9 && p[0].place_share == 0);
        assert_true(p[1].account == 7 && p[1].amount == 245 && p[1].orders == 4 && p[1].products == 3 &&
                    p[1].days == 4);
        assert_int_equal(p[1].interval, 61 * 10000 / 3); /* 1 January to 3 March: 61 days in three steps */
        assert_true(p[1].month[0] == 220 && p[1].month[2] == 25 && p[1].place == 1 && p[1].place_share == 6122);
        assert_true(p[2].orders == 1 && p[2].days == 2 && p[2].place == 3); /* equal: the smaller number */
        kam__free(ctx, p);
    }
    kam_ctx_free(ctx);
    assert_int_equal(mem.live, 0);
}

static void limits_and_memory(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    kam__profile_row large[] = {{1, INT64_MAX, 0, 0, 0, 5}, {1, 1, 0, 0, 0, 5}},
                     small[] = {{1, 1, 1, 1, 1, 5}, {2, 1, 1, 1, 1, 5}};
    kam__profile *p = NULL;
    size_t n = 0;
    assert_int_equal(kam__profile_make(&p, &n, large, 2, ctx, NULL), KAM_E_LIMIT);
    assert_null(p);
    assert_int_equal(kam__profile_make(&p, &n, small, 0, ctx, NULL), KAM_OK);
    assert_int_equal(n, 0);
    kam__free(ctx, p);
    p = NULL;
    int32_t rc = KAM_E_NOMEM;
    for (long at = 0; rc == KAM_E_NOMEM; at++) {
        mem.left = at;
        rc = kam__profile_make(&p, &n, small, 2, ctx, NULL);
        mem.left = -1;
        assert_true(rc == KAM_OK || !p);
    }
    kam__free(ctx, p);
    kam_ctx_free(ctx);
    assert_int_equal(mem.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(limits_and_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
