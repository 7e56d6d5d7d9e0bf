/* Six ratios from annual figures: exact, undefined, unknown, too big, negative. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "strategy/strategy.h"

static kam__annual figures(const int64_t v[KAM__ANNUAL])
{
    kam__annual f;
    memcpy(f.v, v, sizeof f.v);
    memset(f.has, 1, sizeof f.has);
    return f;
}

/* revenue, cost of goods, net profit, total assets, current assets, current liabilities, receivables, stock */
static void test_the_six(void **state)
{
    static const int64_t v[] = {100000, 60000, 5000, 80000, 30000, 20000, 10000, 15000};
    static const int64_t want[] = {15000, 500, 625, 365000, 40000, 12500};
    kam__annual f = figures(v);
    (void)state;
    for (int i = 0; i < 6; i++) {
        int64_t got = 0;
        assert_int_equal(kam__ratio(&got, &kam__ratio_forms[i], &f), KAM__RATIO_OK);
        assert_int_equal(got, want[i]);
        assert_int_equal(kam__ratio_forms[i].measure, i + 1);
    }
}

static void test_rounding_is_half_to_even(void **state)
{
    int64_t v[KAM__ANNUAL] = {20000, 0, 1, 0, 0, 0, 0, 0}, got = -1;
    kam__annual f = figures(v);
    (void)state;
    assert_int_equal(kam__ratio(&got, &kam__ratio_forms[1], &f), KAM__RATIO_OK);        /* 0.00005 */
    assert_int_equal(got, 0);
    f.v[2] = 3;                                                                         /* 0.00015 */
    assert_int_equal(kam__ratio(&got, &kam__ratio_forms[1], &f), KAM__RATIO_OK);
    assert_int_equal(got, 2);
}

static void test_what_cannot_be_told(void **state)
{
    int64_t v[KAM__ANNUAL] = {0, 1, 1, 0, INT64_MAX, 1, 1, 0}, got = 77;
    kam__annual f = figures(v);
    (void)state;
    assert_int_equal(kam__ratio(&got, &kam__ratio_forms[1], &f), KAM__RATIO_UNDEFINED);
    assert_int_equal(kam__ratio(&got, &kam__ratio_forms[0], &f), KAM__RATIO_TOO_BIG);
    f.v[4] = INT64_MIN;
    assert_int_equal(kam__ratio(&got, &kam__ratio_forms[0], &f), KAM__RATIO_TOO_BIG);
    f.has[5] = 0;
    assert_int_equal(kam__ratio(&got, &kam__ratio_forms[0], &f), KAM__RATIO_UNKNOWN);
    assert_int_equal(got, 77);
}

static void test_signs(void **state)
{
    int64_t v[KAM__ANNUAL] = {-1000, 0, -50, 200, 0, 0, 0, 0}, got = 0;
    kam__annual f = figures(v);
    (void)state;
    assert_int_equal(kam__ratio(&got, &kam__ratio_forms[1], &f), KAM__RATIO_OK);
    assert_int_equal(got, 500);
    assert_int_equal(kam__ratio(&got, &kam__ratio_forms[2], &f), KAM__RATIO_OK);
    assert_int_equal(got, -2500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_six), cmocka_unit_test(test_rounding_is_half_to_even),
                                       cmocka_unit_test(test_what_cannot_be_told), cmocka_unit_test(test_signs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
