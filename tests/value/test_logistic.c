/* Logistic regression: a two-by-two table by hand, simulated coefficients, units, separation, columns that repeat. */
#include "help.h"
#include <kam/learn.h>
#include <math.h>

static double uniform(uint64_t *s) { return ((double)(kam__random(s) >> 11) + 0.5) * 0x1p-53; }
static double coef(const kam_logistic *m, uint32_t i) {
    return kam_logistic_figure(m, KAM_LOGISTIC_COEFFICIENT + i, NAN);
}
static double se(const kam_logistic *m, uint32_t i) { return kam_logistic_figure(m, KAM_LOGISTIC_SE + i, -1); }
static int status(const kam_logistic *m) { return (int)kam_logistic_figure(m, KAM_LOGISTIC_STATUS, 0); }

static kam_logistic *fit(const double *x, const int32_t *y, size_t n, uint32_t d) {
    kam_logistic *m = NULL;
    assert_int_equal(kam_logistic_fit(&m, NULL, x, y, n, d, NULL), KAM_OK);
    return m;
}

/* Of 30 with x = 0 ten are ones, of 20 with x = 1 fifteen: the coefficients are ln odds, their errors sums of 1/count. */
static void two_by_two(void **state) {
    (void)state;
    double x[50];
    int32_t y[50];
    for (int i = 0; i < 50; i++) x[i] = i < 30 ? 0 : 1, y[i] = i < 10 || i >= 35;
    kam_logistic *m = fit(x, y, 50, 1);
    assert_int_equal(status(m), 1);
    assert_true(fabs(coef(m, 0) - log(10.0 / 20)) < 1e-9 && fabs(coef(m, 1) - log(3 / 0.5)) < 1e-9);
    assert_true(fabs(se(m, 0) - sqrt(1.0 / 10 + 1.0 / 20)) < 1e-7);
    assert_true(fabs(se(m, 1) - sqrt(1.0 / 10 + 1.0 / 20 + 1.0 / 15 + 1.0 / 5)) < 1e-7);
    double ll = 10 * log(1.0 / 3) + 20 * log(2.0 / 3) + 15 * log(.75) + 5 * log(.25), p[2];
    assert_true(fabs(kam_logistic_figure(m, KAM_LOGISTIC_LOG_LIKELIHOOD, 0) - ll) < 1e-9);
    const double ask[] = {0, 1};
    assert_int_equal(kam_logistic_predict(p, m, ask, 2, NULL), KAM_OK);
    assert_true(fabs(p[0] - 1.0 / 3) < 1e-9 && fabs(p[1] - .75) < 1e-9);
    kam_logistic_free(m);
    m = fit(NULL, y, 50, 0); /* the constant alone */
    assert_true(fabs(coef(m, 0)) < 1e-9);
    kam_logistic_free(m);
}

enum { N = 8000 };
static double x[N * 3], z[N * 3];
static int32_t y[N];

static void simulated(void **state) {
    (void)state;
    static const double want[] = {-1, .8, -.5, 0};
    uint64_t seed = 1;
    for (int i = 0; i < N; i++) {
        double eta = want[0];
        for (int j = 0; j < 3; j++) {
            x[3 * i + j] = 4 * uniform(&seed) - 1;
            z[3 * i + j] = x[3 * i + j] * 1e6 + 3e7; /* another unit, far from zero */
            eta += want[j + 1] * x[3 * i + j];
        }
        y[i] = uniform(&seed) < 1 / (1 + exp(-eta));
    }
    kam_logistic *a = fit(x, y, N, 3), *b = fit(z, y, N, 3);
    for (uint32_t j = 0; j < 4; j++) assert_true(se(a, j) > 0 && fabs(coef(a, j) - want[j]) < 4 * se(a, j));
    for (uint32_t j = 1; j < 4; j++) {
        assert_true(fabs(coef(b, j) * 1e6 - coef(a, j)) < 1e-7);
        assert_true(fabs(se(b, j) * 1e6 - se(a, j)) < 1e-7);
    }
    assert_true(fabs(kam_logistic_figure(a, KAM_LOGISTIC_LOG_LIKELIHOOD, 0) -
                     kam_logistic_figure(b, KAM_LOGISTIC_LOG_LIKELIHOOD, 1)) < 1e-6);
    kam_logistic_free(a);
    kam_logistic_free(b);
}

static void told_apart(void **state) {
    (void)state;
    const double v[] = {1, 2, 3, 4, 5, 6};
    const int32_t split[] = {0, 0, 0, 1, 1, 1}, all[] = {1, 1, 1, 1, 1, 1};
    double p[6];
    kam_logistic *m = fit(v, split, 6, 1);
    assert_int_equal(status(m), 2);
    assert_true(isfinite(coef(m, 0)) && isfinite(coef(m, 1)) && se(m, 1) < 0);
    assert_int_equal(kam_logistic_predict(p, m, v, 6, NULL), KAM_OK);
    for (int i = 0; i < 6; i++) assert_true(split[i] ? p[i] > .99 : p[i] < .01);
    kam_logistic_free(m);
    m = fit(v, all, 6, 1);
    assert_int_equal(status(m), 2);
    assert_int_equal(kam_logistic_predict(p, m, v, 6, NULL), KAM_OK);
    for (int i = 0; i < 6; i++) assert_true(p[i] > .99 && p[i] <= 1);
    kam_logistic_free(m);
}

static void columns_that_repeat(void **state) {
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 300; i++) {
        x[3 * i] = uniform(&seed);
        x[3 * i + 1] = 2 * x[3 * i] + 1;
        x[3 * i + 2] = 7;
        y[i] = uniform(&seed) < .3 + .4 * x[3 * i];
    }
    double p[300], sum = 0, ones = 0;
    kam_logistic *m = fit(x, y, 300, 3);
    assert_int_equal(status(m), 2);
    assert_int_equal(kam_logistic_predict(p, m, x, 300, NULL), KAM_OK);
    for (int i = 0; i < 300; i++) sum += p[i], ones += y[i];
    assert_true(fabs(sum - ones) < 1e-3); /* still the best predictions there are */
    kam_logistic_free(m);
}

static void refuses(void **state) {
    (void)state;
    const double v[] = {1, NAN, 3};
    const int32_t good[] = {0, 1, 0}, bad[] = {0, 2, 0};
    double p[3];
    kam_logistic *m = NULL;
    assert_int_equal(kam_logistic_fit(NULL, NULL, v, good, 1, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_logistic_fit(&m, NULL, NULL, good, 1, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_logistic_fit(&m, NULL, v, NULL, 1, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_logistic_fit(&m, NULL, v, good, 0, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_logistic_fit(&m, NULL, v, good, 3, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_logistic_fit(&m, NULL, x, bad, 3, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_logistic_fit(&m, NULL, x, good, 3, 257, NULL), KAM_E_INVAL);
    assert_null(m);
    m = fit(x, good, 3, 1);
    assert_int_equal(kam_logistic_predict(p, m, v, 3, NULL), KAM_E_INVAL);
    assert_int_equal(kam_logistic_predict(p, NULL, x, 3, NULL), KAM_E_INVAL);
    assert_true(isnan(kam_logistic_figure(m, 99, NAN)) &&
                isnan(kam_logistic_figure(m, KAM_LOGISTIC_COEFFICIENT + 2, NAN)));
    kam_logistic_free(m);
    kam_logistic_free(NULL);
}

static void memory_runs_out_at_each_place(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    long at = 0, before = mem.live;
    int32_t rc = KAM_E_NOMEM;
    for (; rc == KAM_E_NOMEM; at++) {
        kam_logistic *m = NULL;
        mem.left = at;
        rc = kam_logistic_fit(&m, ctx, x, y, 100, 3, NULL);
        mem.left = -1;
        kam_logistic_free(m);
        assert_int_equal(mem.live, before);
    }
    assert_true(rc == KAM_OK && at > 2);
    kam_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_by_two), cmocka_unit_test(simulated),
        cmocka_unit_test(told_apart), cmocka_unit_test(columns_that_repeat),
        cmocka_unit_test(refuses),    cmocka_unit_test(memory_runs_out_at_each_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
