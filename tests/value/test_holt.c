/* Forecasts: a season with a trend goes on, short series fall back, the baseline stands beside it, nothing overflows. */
#include "help.h"
#include <kam/learn.h>
#include <math.h>

static double uniform(uint64_t *s) { return (double)(kam__random(s) >> 11) * 0x1p-53; }

static void a_season_goes_on(void **state) {
    (void)state;
    static const double season[12] = {-30, -60, 5, 10, 0, 4, -3, -8, 12, 20, 25, 25};
    double y[60], out[12], naive[12], error = 0, base = 0;
    uint64_t seed = 1;
    kam_forecast_fit fit = {.struct_size = sizeof fit};
    for (int i = 0; i < 60; i++) y[i] = 200 + 1.5 * i + season[i % 12] + 4 * (uniform(&seed) - .5);
    assert_int_equal(kam_forecast(out, naive, &fit, y, 48, 12, 12, NULL, NULL), KAM_OK);
    assert_int_equal(fit.seasonal, 1);
    for (int h = 0; h < 12; h++) {
        assert_true(naive[h] >= y[36 + h] && naive[h] <= y[36 + h]);
        error += fabs(out[h] - y[48 + h]) / 12;
        base += fabs(naive[h] - y[48 + h]) / 12;
    }
    if (!(error < base / 2)) fail_msg("mean error %g, naive %g", error, base);
    assert_true(fit.mae < fit.naive_mae && fit.alpha > 0 && fit.alpha < 1 && fit.beta < fit.alpha && fit.phi >= .8 &&
                fit.phi <= .98);
    double again[12];
    assert_int_equal(kam_forecast(again, NULL, NULL, y, 48, 12, 12, NULL, NULL), KAM_OK);
    assert_memory_equal(out, again, sizeof out);
}

static void constant_and_short(void **state) {
    (void)state;
    double y[30], out[5], naive[5];
    kam_forecast_fit fit = {.struct_size = sizeof fit};
    for (int i = 0; i < 30; i++) y[i] = 42;
    for (size_t n = 1; n <= 30; n++) {
        assert_int_equal(kam_forecast(out, naive, &fit, y, n, 12, 5, NULL, NULL), KAM_OK);
        assert_int_equal(fit.seasonal, n >= 24);
        for (int h = 0; h < 5; h++) assert_true(fabs(out[h] - 42) < 1e-9 && fabs(naive[h] - 42) < 1e-9);
    }
    for (int i = 0; i < 30; i++) y[i] = 0;
    assert_int_equal(kam_forecast(out, naive, &fit, y, 30, 12, 5, NULL, NULL), KAM_OK);
    assert_true(fabs(out[4]) < 1e-9);
}

static void any_series_gives_numbers(void **state) {
    (void)state;
    uint64_t seed = 3;
    double y[100], out[24], naive[24];
    for (int k = 0; k < 100; k++) {
        size_t n = 1 + kam__random(&seed) % 99;
        double scale = exp(400 * (uniform(&seed) - .5));
        for (size_t i = 0; i < n; i++) y[i] = (kam__random(&seed) % 4 ? uniform(&seed) - .3 : 0) * fmin(scale, 1e99);
        assert_int_equal(kam_forecast(out, naive, NULL, y, n, (uint32_t)(kam__random(&seed) % 14), 24, NULL, NULL),
                         KAM_OK);
        for (int h = 0; h < 24; h++) assert_true(isfinite(out[h]) && isfinite(naive[h]));
    }
}

static void refuses(void **state) {
    (void)state;
    const double y[] = {1, NAN};
    double out[2];
    kam_forecast_fit small = {.struct_size = 4};
    assert_int_equal(kam_forecast(NULL, NULL, NULL, y, 1, 0, 1, NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_forecast(out, NULL, NULL, NULL, 1, 0, 1, NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_forecast(out, NULL, NULL, y, 0, 0, 1, NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_forecast(out, NULL, NULL, y, 2, 0, 1, NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_forecast(out, NULL, &small, y, 1, 0, 1, NULL, NULL), KAM_E_INVAL);
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    mem.left = 0;
    assert_int_equal(kam_forecast(out, NULL, NULL, y, 1, 0, 1, ctx, NULL), KAM_E_NOMEM);
    mem.left = -1;
    kam_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_season_goes_on),
        cmocka_unit_test(constant_and_short),
        cmocka_unit_test(any_series_gives_numbers),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
