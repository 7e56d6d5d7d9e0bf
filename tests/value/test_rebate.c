/* Rebates by hand: whole and marginal, on and beside the edges of tiers, rounding, amounts as large as they get. */
#include "help.h"
#include "value/measure.h"

static const kam__tier tiers[] = {{100000, 100}, {500000, 250}, {1000000, 400}}; /* 1 %, 2.5 %, 4 % */

static kam__rebate of(int64_t turnover, uint32_t mode) {
    kam__rebate r;
    assert_int_equal(kam__rebate_make(&r, turnover, tiers, 3, mode, NULL), KAM_OK);
    return r;
}

static void whole(void **state) {
    (void)state;
    kam__rebate r = of(99999, KAM__REBATE_WHOLE);
    assert_true(r.accrual == 0 && r.tier == -1 && r.away == 1 && r.more == 1000);
    r = of(100000, KAM__REBATE_WHOLE);
    assert_true(r.accrual == 1000 && r.tier == 0 && r.away == 400000 && r.more == 12500);
    r = of(1000000, KAM__REBATE_WHOLE);
    assert_true(r.accrual == 40000 && r.tier == 2 && r.away == -1 && r.more == -1);
    r = of(-700, KAM__REBATE_WHOLE);
    assert_true(r.accrual == 0 && r.away == 100700);
}

static void marginal(void **state) {
    (void)state;
    kam__rebate r = of(100000, KAM__REBATE_MARGINAL);
    assert_true(r.accrual == 0 && r.tier == 0 && r.more == 4000);
    r = of(600000, KAM__REBATE_MARGINAL);
    assert_true(r.accrual == 4000 + 2500 && r.tier == 1 && r.away == 400000);
    r = of(1500000, KAM__REBATE_MARGINAL);
    assert_int_equal(r.accrual, 4000 + 12500 + 20000);
}

static void one_rounding(void **state) {
    (void)state;
    const kam__tier odd[] = {{0, 1}, {2500, 1}, {5000, 1}};
    kam__rebate r;
    static const int64_t turnover[] = {4999, 5000, 5001, 14999, 15000, 15001, 25000}, want[] = {0, 0, 1, 1, 2, 2, 2};
    for (int i = 0; i < 7; i++) { /* half to even, as if there were one tier */
        assert_int_equal(kam__rebate_make(&r, turnover[i], odd, 3, KAM__REBATE_MARGINAL, NULL), KAM_OK);
        assert_int_equal(r.accrual, want[i]);
        assert_int_equal(kam__rebate_make(&r, turnover[i], odd, 1, KAM__REBATE_WHOLE, NULL), KAM_OK);
        assert_int_equal(r.accrual, want[i]);
    }
}

static void extremes(void **state) {
    (void)state;
    const kam__tier all[] = {{0, 10000}}, bad[] = {{0, 10001}}, same[] = {{5, 1}, {5, 2}}, minus[] = {{-1, 1}};
    kam__rebate r;
    assert_int_equal(kam__rebate_make(&r, INT64_MAX, all, 1, KAM__REBATE_WHOLE, NULL), KAM_OK);
    assert_true(r.accrual == INT64_MAX);
    assert_int_equal(kam__rebate_make(&r, INT64_MAX, all, 1, KAM__REBATE_MARGINAL, NULL), KAM_OK);
    assert_true(r.accrual == INT64_MAX);
    assert_true(of(INT64_MIN, KAM__REBATE_WHOLE).away == INT64_MAX);
    assert_int_equal(kam__rebate_make(&r, 5, NULL, 0, KAM__REBATE_WHOLE, NULL), KAM_OK);
    assert_true(r.accrual == 0 && r.tier == -1 && r.away == -1);
    assert_int_equal(kam__rebate_make(&r, 5, bad, 1, KAM__REBATE_WHOLE, NULL), KAM_E_INVAL);
    assert_int_equal(kam__rebate_make(&r, 5, same, 2, KAM__REBATE_WHOLE, NULL), KAM_E_INVAL);
    assert_int_equal(kam__rebate_make(&r, 5, minus, 1, KAM__REBATE_WHOLE, NULL), KAM_E_INVAL);
    assert_int_equal(kam__rebate_make(&r, 5, all, 1, 2, NULL), KAM_E_INVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(marginal),
        cmocka_unit_test(one_rounding),
        cmocka_unit_test(extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
