/* BG/NBD, MBG/NBD and NBD: published vectors, values to 40 digits, likelihoods against numeric integrals, gradients,
 * what theory says about P(alive), and inputs at which other implementations overflow. */
#include "clv_test.h"

static const double paper[4] = {.243, 4.414, .793, 2.426};

static void published_vectors(void **state) {
    (void)state;
    near("CET", expected_of(KAM_CLV_BGNBD, paper, 2, 30.43, 38.86, 39), 1.226028, 1e-6);
    const double small[4] = {.11, 2.24, .31, .50}; /* a + b < 1 and x = 0: the hypergeometric form has no value */
    near("a + b < 1", expected_of(KAM_CLV_BGNBD, small, 0, 0, 1, 30), .564588615533, 1e-11);
    const double pymc[4] = {.25, 4, .8, 2.5};
    near("x 0", likelihood_of(kam__clv_bg, 4, pymc, 0, 0, 40, NULL), -.59947382, 1e-7);
    near("x 200", likelihood_of(kam__clv_bg, 4, pymc, 200, 38, 40, NULL), 100.7957, 1e-6);
}

/* Equation 10 as it stands, by the series of the hypergeometric function: where that is defined both agree. */
static double textbook(const double *p, double shift, double x, double tx, double t, double h) {
    double r = p[0] + x, b = p[3] + x + shift, c = p[2] + b - 1, z = h / (p[1] + t + h), term = 1, sum = 1;
    for (int k = 0; k < 20000; k++) sum += term *= (r + k) * (b + k) / ((c + k) * (k + 1)) * z;
    double top = c / (p[2] - 1) * (1 - pow((p[1] + t) / (p[1] + t + h), r) * sum);
    double gone = x + shift > 0 ? p[2] / (b - 1) * pow((p[1] + t) / (p[1] + tx), r) : 0;
    return top / (1 + gone);
}

static void equals_the_textbook(void **state) {
    (void)state;
    static const double p[][4] = {{.243, 4.414, .793, 2.426}, {1.5, 8, 2.2, 3}, {.3, 2, .2, 5}, {4, 30, 1.4, .9}};
    for (int i = 0; i < 4; i++)
        for (int32_t x = 0; x < 30; x = x * 2 + 1)
            for (double h = 1; h < 200; h *= 5) {
                double tx = x ? 20 : 0;
                near("BG/NBD", expected_of(KAM_CLV_BGNBD, p[i], x, tx, 33, h), textbook(p[i], 0, x, tx, 33, h), 1e-9);
                near("MBG/NBD", expected_of(KAM_CLV_MBGNBD, p[i], x, tx, 33, h), textbook(p[i], 1, x, tx, 33, h), 1e-9);
            }
}

/* No step at a = 1, where the textbook divides nothing by nothing. */
static void goes_through_a_equal_one(void **state) {
    (void)state;
    double p[4] = {.5, 5, 1 - 1e-7, 2}, below = expected_of(KAM_CLV_BGNBD, p, 3, 10, 20, 30);
    p[2] = 1;
    double at = expected_of(KAM_CLV_BGNBD, p, 3, 10, 20, 30);
    p[2] = 1 + 1e-7;
    double above = expected_of(KAM_CLV_BGNBD, p, 3, 10, 20, 30);
    near("a = 1", at, (below + above) / 2, 1e-12);
    assert_true(below > at && at > above);
}

/* L of equation 3, averaged over rate and dropout by numeric integrals: beta over p, and the gamma integral in closed form. */
static double bg_inside(double q, const double *a) {
    double r = a[0], alpha = a[1], x = a[4], shift = a[7];
    double beta = exp(lgamma(a[2] + a[3]) - lgamma(a[2]) - lgamma(a[3]) + (a[2] - 1) * log(q) + (a[3] - 1) * log1p(-q));
    double stay = exp((x + shift) * log1p(-q)), g = exp(lgamma(r + x) - lgamma(r) + r * log(alpha));
    double out = stay * exp(-(r + x) * log(alpha + a[6]));
    if (x + shift > 0) out += q * exp((x + shift - 1) * log1p(-q)) * exp(-(r + x) * log(alpha + a[5]));
    return beta * g * out;
}

static void likelihood_is_the_integral(void **state) {
    (void)state;
    static const double p[][4] = {{.243, 4.414, .793, 2.426}, {1.5, 8, 2.2, 3}, {.6, 2, 1.3, 1.1}};
    for (int i = 0; i < 3; i++)
        for (int32_t x = 0; x < 20; x = x * 2 + 1)
            for (int shift = 0; shift < 2; shift++) {
                const double a[] = {p[i][0], p[i][1], p[i][2], p[i][3], x, x ? 17.5 : 0, 31, shift};
                double want = log(integral01(bg_inside, a, 20000));
                near("ln L", likelihood_of(shift ? kam__clv_mbg : kam__clv_bg, 4, p[i], x, a[5], 31, NULL), want, 1e-7);
            }
}

static void gradients(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    const int32_t x[] = {0, 1, 1, 3, 9, 150, 151};
    const double tx[] = {0, 2, 9, 11, 20, 30, 31}, t[] = {10, 11, 12, 30, 30, 31, 31};
    const int64_t weight[] = {5, 4, 3, 1, 2, 1, 1};
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 7, .x = x, .tx = tx, .t = t, .weight = weight};
    kam__clv_groups g;
    size_t bad;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__clv_groups_make(&g, ctx, &rows, &bad, NULL), KAM_OK);
    static const double v[][4] = {{0, 0, 0, 0}, {-1, 2, -.5, 1}, {1, -2, 2, -1}, {0, 1, -4, 6}};
    for (int i = 0; i < 4; i++) {
        check_gradient(kam__clv_nbd, &g, 2, v[i]);
        check_gradient(kam__clv_bg, &g, 4, v[i]);
        check_gradient(kam__clv_mbg, &g, 4, v[i]);
    }
    kam__clv_groups_free(&g);
    kam_ctx_free(ctx);
}

/* Less likely there the longer nothing was heard; one who never came back is there for BG/NBD, but not for MBG/NBD. */
static void alive_is_monotone(void **state) {
    (void)state;
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_MBGNBD; model++)
        for (int32_t x = 1; x < 600; x = x * 3 + 1) {
            double before = 2;
            for (double t = 30; t < 1e6; t *= 1.5) {
                double a = alive_of(model, paper, x, 30, t);
                assert_true(a >= 0 && a <= 1 && a <= before);
                before = a;
            }
            before = -1;
            for (double tx = 0; tx <= 40; tx += 2) {
                double a = alive_of(model, paper, x, tx, 40);
                assert_true(a >= before);
                before = a;
            }
        }
    near("x 0", alive_of(KAM_CLV_BGNBD, paper, 0, 0, 40), 1, 0);
    assert_true(alive_of(KAM_CLV_MBGNBD, paper, 0, 0, 40) < 0.9);
}

static void grows_with_the_horizon(void **state) {
    (void)state;
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_MBGNBD; model++)
        for (int32_t x = 0; x < 3000; x = x * 5 + 1) {
            double before = 0;
            near("nothing", expected_of(model, paper, x, x ? 30 : 0, 30, 0), 0, 0);
            for (double h = 0.01; h < 1e6; h *= 3) {
                double e = expected_of(model, paper, x, x ? 30 : 0, 30, h);
                assert_true(isfinite(e) && e >= before * (1 - 1e-4)); /* the approximation of very many comes in */
                before = e;
            }
        }
}

/* Very many purchases are summed another way: both agree where they meet. */
static void many_purchases(void **state) {
    (void)state;
    const double p[4] = {2, 5, .6, 3}, q[4] = {2, 5, 1, 3}, r[4] = {2, 5, 1.7, .4};
    const double *const all[] = {p, q, r};
    for (int i = 0; i < 3; i++) {
        double few = expected_of(KAM_CLV_BGNBD, all[i], 1000, 9, 10, 2000),
               many = expected_of(KAM_CLV_BGNBD, all[i], 1000, 9, 10, 4000);
        double half = expected_of(KAM_CLV_BGNBD, all[i], 1000, 9, 10, 2830);
        assert_true(few < half && half < many);
        near("smooth", half, sqrt(few * many), 0.02);
    }
    double e, a;
    kam_clv *m = model_of(KAM_CLV_BGNBD, p);
    one(m, 2147483647, 9, 10, 1e9, &e, &a);
    assert_true(isfinite(e) && e >= 0 && isfinite(a));
    kam_clv_free(m);
}

static void extremes_are_finite(void **state) {
    (void)state;
    static const double values[] = {1e-7, 1e-3, 1, 1e3, 1e7};
    static const int32_t x[] = {0, 1, 500, 100000};
    for (int i = 0; i < 625; i++) {
        const double p[4] = {values[i % 5], values[i / 5 % 5], values[i / 25 % 5], values[i / 125]};
        for (int k = 0; k < 4; k++) {
            double grad[4];
            for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_MBGNBD; model++) {
                double a = alive_of(model, p, x[k], x[k] ? 1 : 0, 37);
                assert_true(a >= 0 && a <= 1);
                double e = expected_of(model, p, x[k], x[k] ? 1 : 0, 37, 52);
                if (!(isfinite(e) && e >= 0)) fail_msg("%g %g %g %g x %d: %g", p[0], p[1], p[2], p[3], x[k], e);
            }
            assert_true(isfinite(likelihood_of(kam__clv_bg, 4, p, x[k], x[k] ? 1 : 0, 37, grad)));
            for (int j = 0; j < 4; j++) assert_true(isfinite(grad[j]));
        }
    }
}

/* Simulated accounts: what is expected of them happens. */
static void expectation_is_what_happens(void **state) {
    (void)state;
    const double p[4] = {1.2, 6, .7, 1.9};
    for (int shift = 0; shift < 2; shift++) {
        uint64_t seed = 11;
        double expected = 0, happened = 0, square = 0;
        kam_clv *m = model_of(shift ? KAM_CLV_MBGNBD : KAM_CLV_BGNBD, p);
        for (int i = 0; i < 40000; i++) {
            int32_t x, later;
            double tx, e;
            simulate_bg(&seed, p, shift, 30, 60, &x, &tx, &later);
            one(m, x, tx, 30, 30, &e, NULL);
            expected += e;
            happened += later;
            square += (later - e) * (later - e);
        }
        kam_clv_free(m);
        if (fabs(expected - happened) > 4 * sqrt(square)) fail_msg("expected %g, happened %g", expected, happened);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(equals_the_textbook),
        cmocka_unit_test(goes_through_a_equal_one),
        cmocka_unit_test(likelihood_is_the_integral),
        cmocka_unit_test(gradients),
        cmocka_unit_test(alive_is_monotone),
        cmocka_unit_test(grows_with_the_horizon),
        cmocka_unit_test(many_purchases),
        cmocka_unit_test(extremes_are_finite),
        cmocka_unit_test(expectation_is_what_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
