/* Pareto/NBD: published vectors, values to 40 digits and overflow vectors, the likelihood against another integral,
 * gradients, monotony, simulated accounts. */
#include "clv_test.h"

static const double cdnow[4] = {.55327702, 10.57768302, .60623984, 11.66873113};

static void published_vectors(void **state) {
    (void)state;
    const double p[4] = {.5533, 10.5776, .6061, 11.6562};
    near("P(alive)", alive_of(KAM_CLV_PNBD, p, 26, 30.86, 31), .9979, 1e-4);
    near("P(alive)", alive_of(KAM_CLV_PNBD, cdnow, 26, 30.86, 31), .997917893389, 1e-5);
    near("CET", expected_of(KAM_CLV_PNBD, cdnow, 26, 30.86, 31, 52), 25.456319733, 1e-4);
}

static void overflow_vectors(void **state) {
    (void)state;
    const double p[4] = {10.465, .00798565181, 3.0516, 2.820};
    near("x 400", alive_of(KAM_CLV_PNBD, p, 400, 5, 6), 5.13745811e-31, 1e-8);
    assert_true(alive_of(KAM_CLV_PNBD, p, 500, 1, 37) <= 0); /* 7.9e-800 */
    assert_true(expected_of(KAM_CLV_PNBD, p, 500, 1, 37, 52) <= 0);
}

/* The integral over the time of leaving by plain midpoints, on a fine grid in the logarithm of time. */
static double plain(const double *p, double x, double tx, double t) {
    double sum = 0, a = log(tx + p[1] + 1e-12), b = log(t + p[1]);
    enum { N = 200000 };
    for (int i = 0; i < N; i++) {
        double y = exp(a + (b - a) * (i + 0.5) / N) - p[1];
        sum += exp(-(p[0] + x) * log(p[1] + y) - (p[2] + 1) * log(p[3] + y)) * (y + p[1]) * (b - a) / N;
    }
    return lgamma(p[0] + x) - lgamma(p[0]) + p[0] * log(p[1]) + p[2] * log(p[3]) +
           log(exp(-(p[0] + x) * log(p[1] + t) - p[2] * log(p[3] + t)) + p[2] * sum);
}

static void likelihood_is_the_integral(void **state) {
    (void)state;
    static const double p[][4] = {{.55, 10.5, .6, 11.6}, {2, 3, .2, 50}, {.1, .05, 3, 1}, {5, 200, .01, .3}};
    for (int i = 0; i < 4; i++)
        for (int32_t x = 0; x < 40; x = x * 2 + 1)
            for (double tx = x ? 3 : 0; tx < 31; tx = tx * 2 + 40 * (x == 0)) {
                near("ln L", likelihood_of(kam__clv_pnbd, 4, p[i], x, tx, 31, NULL), plain(p[i], x, tx, 31), 1e-7);
            }
}

static void gradients(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    const int32_t x[] = {0, 1, 1, 3, 9, 150, 2};
    const double tx[] = {0, 2, 9, 11, 20, 30, 31}, t[] = {10, 11, 12, 30, 30, 31, 31};
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 7, .x = x, .tx = tx, .t = t};
    kam__clv_groups g;
    size_t bad;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__clv_groups_make(&g, ctx, &rows, &bad, NULL), KAM_OK);
    static const double v[][4] = {{0, 0, 0, 0}, {-1, 2, -.5, 1}, {1, -2, 2, -1}, {0, 1, -4, 6}, {0, -3, 1, 2}};
    for (int i = 0; i < 5; i++) check_gradient(kam__clv_pnbd, &g, 4, v[i]);
    kam__clv_groups_free(&g);
    kam_ctx_free(ctx);
}

static void alive_is_monotone(void **state) {
    (void)state;
    for (int32_t x = 0; x < 600; x = x * 3 + 1) {
        double before = 2;
        for (double t = 30; t < 1e6; t *= 1.5) {
            double a = alive_of(KAM_CLV_PNBD, cdnow, x, x ? 30 : 0, t);
            assert_true(a >= 0 && a <= 1 && a <= before);
            before = a;
        }
        before = -1;
        for (double tx = 0; tx <= 40 && x; tx += 2) {
            double a = alive_of(KAM_CLV_PNBD, cdnow, x, tx, 40);
            assert_true(a >= before);
            before = a;
        }
    }
    near("just bought", alive_of(KAM_CLV_PNBD, cdnow, 3, 40, 40), 1, 0);
}

static void goes_through_s_equal_one(void **state) {
    (void)state;
    double p[4] = {.5, 5, 1 - 1e-7, 20}, below = expected_of(KAM_CLV_PNBD, p, 3, 10, 20, 30);
    p[2] = 1;
    double at = expected_of(KAM_CLV_PNBD, p, 3, 10, 20, 30);
    p[2] = 1 + 1e-7;
    near("s = 1", at, (below + expected_of(KAM_CLV_PNBD, p, 3, 10, 20, 30)) / 2, 1e-9);
}

static void extremes_are_finite(void **state) {
    (void)state;
    static const double values[] = {1e-7, 1e-3, 1, 1e3, 1e7};
    static const int32_t x[] = {0, 1, 500, 100000};
    for (int i = 0; i < 625; i++) {
        const double p[4] = {values[i % 5], values[i / 5 % 5], values[i / 25 % 5], values[i / 125]};
        for (int k = 0; k < 4; k++) {
            double grad[4], a = alive_of(KAM_CLV_PNBD, p, x[k], x[k] ? 1 : 0, 37),
                            e = expected_of(KAM_CLV_PNBD, p, x[k], x[k] ? 1 : 0, 37, 52);
            if (!(a >= 0 && a <= 1 && isfinite(e) && e >= 0))
                fail_msg("%g %g %g %g x %d: %g %g", p[0], p[1], p[2], p[3], x[k], a, e);
            assert_true(isfinite(likelihood_of(kam__clv_pnbd, 4, p, x[k], x[k] ? 1 : 0, 37, grad)));
            for (int j = 0; j < 4; j++) assert_true(isfinite(grad[j]));
        }
    }
}

static void expectation_is_what_happens(void **state) {
    (void)state;
    const double p[4] = {1.2, 6, .9, 14};
    uint64_t seed = 5;
    double expected = 0, happened = 0, square = 0;
    kam_clv *m = model_of(KAM_CLV_PNBD, p);
    for (int i = 0; i < 40000; i++) {
        int32_t x, later;
        double tx, e;
        simulate_pnbd(&seed, p, 30, 60, &x, &tx, &later);
        one(m, x, tx, 30, 30, &e, NULL);
        expected += e;
        happened += later;
        square += (later - e) * (later - e);
    }
    kam_clv_free(m);
    if (fabs(expected - happened) > 4 * sqrt(square)) fail_msg("expected %g, happened %g", expected, happened);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),          cmocka_unit_test(overflow_vectors),
        cmocka_unit_test(likelihood_is_the_integral), cmocka_unit_test(gradients),
        cmocka_unit_test(alive_is_monotone),          cmocka_unit_test(goes_through_s_equal_one),
        cmocka_unit_test(extremes_are_finite),        cmocka_unit_test(expectation_is_what_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
