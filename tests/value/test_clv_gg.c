/* Gamma-Gamma: density against a numeric integral, gradient, recovery of simulated parameters, the mean where q is small,
 * rows that do not count. */
#include "clv_test.h"

static kam_ctx *ctx;

static int open_ctx(void **state) {
    (void)state;
    return kam_ctx_new(&ctx, NULL, NULL) == KAM_OK ? 0 : -1;
}

static int close_ctx(void **state) {
    (void)state;
    kam_ctx_free(ctx);
    return 0;
}

static double likelihood(const double *p, int32_t x, double m) {
    kam__clv_gg g;
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 1, .x = &x, .m = &m};
    size_t bad;
    double grad[3];
    assert_int_equal(kam__clv_gg_make(&g, ctx, &rows, &bad, NULL), KAM_OK);
    const double v[3] = {log(p[0]), log(p[1]), log(p[2] / g.scale)};
    double f = -kam__clv_gg_value(&g, v, grad) - log(g.scale);
    kam__clv_gg_free(&g);
    return f;
}

/* The mean of x gamma(p, nu) values has a gamma(px, x nu) density; nu is gamma(q, gamma). */
static void density_is_the_integral(void **state) {
    (void)state;
    static const double p[][3] = {{6.25, 3.74, 15.44}, {2, 1.5, 400}, {1.1, 8, 2}};
    for (int i = 0; i < 3; i++)
        for (int32_t x = 1; x < 30; x *= 3) {
            double m = p[i][0] * p[i][2] / (p[i][1] + 1) * 1.7, sum = 0, px = p[i][0] * x;
            enum { N = 200000 };
            double lo = log(1e-9 / p[i][2]), hi = log(100 * (p[i][1] + px) / p[i][2]);
            for (int k = 0; k < N; k++) {
                double u = lo + (hi - lo) * (k + 0.5) / N, nu = exp(u);
                sum += exp(px * log(x * nu) + (px - 1) * log(m) - x * nu * m - lgamma(px) +
                           p[i][1] * log(p[i][2] * nu) - p[i][2] * nu - lgamma(p[i][1])) *
                       (hi - lo) / N;
            }
            near("ln f", likelihood(p[i], x, m), log(sum), 1e-8);
        }
}

static void gradient(void **state) {
    (void)state;
    const int32_t x[] = {1, 1, 5, 40, 2};
    const double m[] = {3, 80, 20, 31.5, 0.01};
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 5, .x = x, .m = m};
    kam__clv_gg g;
    size_t bad;
    assert_int_equal(kam__clv_gg_make(&g, ctx, &rows, &bad, NULL), KAM_OK);
    static const double v[][3] = {{0, 0, 0}, {2, -1, 1}, {-1, 3, -2}};
    for (int i = 0; i < 3; i++) check_gradient(kam__clv_gg_value, &g, 3, v[i]);
    kam__clv_gg_free(&g);
}

static kam_clv *fit(const int32_t *x, const double *m, const int64_t *weight, size_t n) {
    kam_clv *out = NULL;
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = n, .x = x, .m = m, .weight = weight};
    assert_int_equal(kam_clv_fit(&out, ctx, KAM_CLV_GG, &rows, NULL), KAM_OK);
    return out;
}

static void recovers_parameters(void **state) {
    (void)state;
    enum { N = 20000 };
    static int32_t x[N];
    static double m[N], big[N];
    uint64_t seed = 3;
    for (int i = 0; i < N; i++) {
        double nu = gamma_random(&seed, 3.5) / 20;
        x[i] = (int32_t)(kam__random(&seed) % 9);
        m[i] = 0;
        for (int k = 0; k < x[i]; k++) m[i] += gamma_random(&seed, 5) / nu / x[i];
        big[i] = m[i] * 1e9;
    }
    kam_clv *c = fit(x, m, NULL, N), *d = fit(x, big, NULL, N);
    near("status", kam_clv_figure(c, KAM_CLV_STATUS, 0), KAM_CLV_OK, 0);
    for (uint32_t k = KAM_CLV_P; k <= KAM_CLV_GAMMA; k++) {
        static const double want[] = {5, 3.5, 20};
        double se = kam_clv_figure(c, k | KAM_CLV_SE, -1);
        assert_true(se > 0 && fabs(kam_clv_figure(c, k, 0) - want[k - KAM_CLV_P]) < 4 * se);
    }
    near("p", kam_clv_figure(d, KAM_CLV_P, 0), kam_clv_figure(c, KAM_CLV_P, 1), 1e-8); /* another currency */
    near("gamma", kam_clv_figure(d, KAM_CLV_GAMMA, 0), kam_clv_figure(c, KAM_CLV_GAMMA, 1) * 1e9, 1e-8);
    near("mean", kam_clv_figure(c, KAM_CLV_MEAN, 0), 5 * 20 / 2.5, 0.05);
    kam_clv_free(c);
    kam_clv_free(d);
}

static void spends(void **state) {
    (void)state;
    const double p[3] = {6.25, 3.74, 15.44}, wild[3] = {2, .8, 10};
    const int32_t x[] = {0, 4, 1000000, 2, 2};
    const double m[] = {0, 35, 35, 0, -9};
    double out[5];
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 5, .x = x, .m = m};
    kam_clv *c = model_of(KAM_CLV_GG, p);
    assert_int_equal(kam_clv_spend(out, c, &rows, NULL), KAM_OK);
    near("population", out[0], 6.25 * 15.44 / 2.74, 1e-12);
    near("between", out[1], (15.44 + 4 * 35) * 6.25 / (6.25 * 4 + 2.74), 1e-12);
    near("its own", out[2], 35, 1e-4);
    near("nothing", out[3], 15.44 * 6.25 / (6.25 * 2 + 2.74), 1e-12);
    near("returns count as nothing", out[4], out[3], 0);
    kam_clv_free(c);
    c = model_of(KAM_CLV_GG, wild); /* no finite mean: its own, or that of all (here none) */
    assert_int_equal(kam_clv_spend(out, c, &rows, NULL), KAM_OK);
    for (int i = 0; i < 5; i++) assert_true(isfinite(out[i]) && out[i] >= 0);
    near("its own", out[1], 35, 0);
    kam_clv_free(c);
}

static void odd_rows(void **state) {
    (void)state;
    const int32_t none[] = {0, 3, 2}, same[] = {3, 3, 3}, wrong[] = {1, -1, 2}, some[] = {1, 1, 3};
    const double zero[] = {5, 0, -2}, flat[] = {7, 7, 7}, m[] = {5, 6, 7}, nan[] = {5, NAN, 7};
    const int64_t weight[] = {2, 0, 1};
    kam_clv *c = fit(none, zero, NULL, 3); /* nobody with x and m above zero */
    near("status", kam_clv_figure(c, KAM_CLV_STATUS, 0), KAM_CLV_NO_REPEAT, 0);
    double out[3];
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 3, .x = none, .m = zero};
    assert_int_equal(kam_clv_spend(out, c, &rows, NULL), KAM_OK);
    for (int i = 0; i < 3; i++) assert_true(isfinite(out[i]));
    kam_clv_free(c);
    c = fit(same, flat, NULL, 3); /* no difference at all */
    near("status", kam_clv_figure(c, KAM_CLV_STATUS, 0), KAM_CLV_NOT_IDENTIFIED, 0);
    rows.x = same, rows.m = flat;
    assert_int_equal(kam_clv_spend(out, c, &rows, NULL), KAM_OK);
    near("seven", out[0], 7, 1e-3);
    kam_clv_free(c);
    c = fit(wrong, m, NULL, 3);
    near("status", kam_clv_figure(c, KAM_CLV_STATUS, 0), KAM_CLV_BAD_INPUT, 0);
    near("row", kam_clv_figure(c, KAM_CLV_BAD_ROW, -1), 1, 0);
    kam_clv_free(c);
    c = fit(some, nan, NULL, 3);
    near("row", kam_clv_figure(c, KAM_CLV_BAD_ROW, -1), 1, 0);
    kam_clv_free(c);
    c = fit(some, m, weight, 3);
    near("n", kam_clv_figure(c, KAM_CLV_ROWS, 0), 3, 0);
    kam_clv_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(density_is_the_integral),
        cmocka_unit_test(gradient),
        cmocka_unit_test(recovers_parameters),
        cmocka_unit_test(spends),
        cmocka_unit_test(odd_rows),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
