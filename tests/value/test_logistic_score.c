/* AUC, Brier score and calibration by hand, with ties and with one kind of answer only. */
#include "help.h"
#include <kam/learn.h>
#include <math.h>

static void by_hand(void **state) {
    (void)state;
    const double p[] = {.1, .4, .35, .8, .4, 1};
    const int32_t y[] = {0, 0, 1, 1, 1, 1};
    kam_score s = {.struct_size = sizeof s};
    assert_int_equal(kam_score_measure(&s, NULL, p, y, 6, NULL), KAM_OK);
    /* pairs of a one and a zero: .35 beats .1 not .4; .8 both; .4 one and a half; 1 both: 6.5 of 8 */
    assert_true(fabs(s.auc - 6.5 / 8) < 1e-15);
    assert_true(fabs(s.brier - (.01 + .16 + .4225 + .04 + .36 + 0) / 6) < 1e-15);
    assert_true(fabs(s.base_brier - 4.0 / 6 * 2 / 6) < 1e-15);
    assert_int_equal(s.count[1], 1);
    assert_int_equal(s.count[3], 1);
    assert_int_equal(s.count[4], 2);
    assert_int_equal(s.count[9], 1);
    assert_true(fabs(s.observed[4] - .5) < 1e-15 && fabs(s.predicted[4] - .4) < 1e-15);
    const int32_t ones[] = {1, 1};
    assert_int_equal(kam_score_measure(&s, NULL, p, ones, 2, NULL), KAM_OK);
    assert_true(fabs(s.auc - .5) < 1e-15);
}

static void refuses(void **state) {
    (void)state;
    const double p[] = {.5, 1.1}, nan[] = {NAN};
    const int32_t y[] = {0, 1}, bad[] = {3};
    kam_score s = {.struct_size = sizeof s}, small = {.struct_size = 8};
    assert_int_equal(kam_score_measure(NULL, NULL, p, y, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_score_measure(&small, NULL, p, y, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_score_measure(&s, NULL, p, y, 2, NULL), KAM_E_INVAL);
    assert_int_equal(kam_score_measure(&s, NULL, nan, y, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_score_measure(&s, NULL, p, bad, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_score_measure(&s, NULL, p, y, 0, NULL), KAM_E_INVAL);
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    mem.left = 0;
    assert_int_equal(kam_score_measure(&s, ctx, p, y, 1, NULL), KAM_E_NOMEM);
    mem.left = -1;
    kam_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
