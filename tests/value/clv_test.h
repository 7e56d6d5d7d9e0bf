/* What the tests of lifetime value share: models of known parameters, single accounts, numeric integrals, simulated
 * accounts. */
#ifndef CLV_TEST_H
#define CLV_TEST_H
#include "help.h"
#include <math.h>
#include "value/clv.h"

static inline void near(const char *what, double got, double want, double relative) {
    if (!(fabs(got - want) <= relative * fabs(want))) fail_msg("%s: got %.15g, want %.15g", what, got, want);
}

/* A model with these parameters, as if it had been fitted. */
static inline kam_clv *model_of(uint32_t model, const double *p) {
    char json[600], part[80];
    kam_clv *out = NULL;
    snprintf(json, sizeof json, "{\"kam_clv\":1,\"model\":\"%s\",\"status\":\"OK\",\"limit\":\"none\",\"params\":{",
             kam__clv_model_name(model));
    for (uint32_t i = 0; i < 4 && kam__clv_param(model, i); i++) {
        snprintf(part, sizeof part, "%s\"%s\":%.17g", i ? "," : "", kam__clv_param_name(kam__clv_param(model, i)),
                 p[i]);
        strcat(json, part);
    }
    strcat(json, "},\"log_likelihood\":0,\"n\":1,\"repeat\":1,\"mean\":0,\"iterations\":0,\"gradient\":0}");
    if (kam_clv_from_json(&out, NULL, json, KAM_NUL, NULL) != KAM_OK) fail_msg("%s", json);
    return out;
}

static inline void one(const kam_clv *m, int32_t x, double tx, double t, double horizon, double *expected,
                       double *alive) {
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 1, .x = &x, .tx = &tx, .t = &t};
    double e = -1, a = -1;
    assert_int_equal(kam_clv_predict(&e, &a, m, &rows, horizon, NULL), KAM_OK);
    if (expected) *expected = e;
    if (alive) *alive = a;
}

static inline double expected_of(uint32_t model, const double *p, int32_t x, double tx, double t, double horizon) {
    kam_clv *m = model_of(model, p);
    double e;
    one(m, x, tx, t, horizon, &e, NULL);
    kam_clv_free(m);
    return e;
}

static inline double alive_of(uint32_t model, const double *p, int32_t x, double tx, double t) {
    kam_clv *m = model_of(model, p);
    double a;
    one(m, x, tx, t, 1, NULL, &a);
    kam_clv_free(m);
    return a;
}

/* Log-likelihood of one account: a group of one, at given parameters. */
static inline double likelihood_of(kam__solve_fn fn, uint32_t n, const double *p, int32_t x, double tx, double t,
                                   double *grad) {
    kam__clv_groups g;
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 1, .x = &x, .tx = &tx, .t = &t};
    double v[4], own[4];
    size_t bad;
    kam_ctx *ctx = NULL;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__clv_groups_make(&g, ctx, &rows, &bad, NULL), KAM_OK);
    assert_true(bad == (size_t)-1);
    for (uint32_t i = 0; i < n; i++) v[i] = log(p[i]);
    v[1] -= log(g.scale);
    if (fn == kam__clv_pnbd) v[3] -= log(g.scale);
    double f = -fn(&g, v, grad ? grad : own) - x * log(g.scale);
    kam__clv_groups_free(&g);
    kam_ctx_free(ctx);
    return f;
}

/* Midpoint rule over (0, 1) after x = u^3 (10 - 15 u + 6 u^2), which takes the ends' singularities away. */
static inline double integral01(double (*f)(double x, const double *arg), const double *arg, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double u = (i + 0.5) / n, x = u * u * u * (10 - 15 * u + 6 * u * u), dx = 30 * u * u * (1 - u) * (1 - u);
        sum += f(x, arg) * dx / n;
    }
    return sum;
}

/* Analytic against numeric derivatives in ln parameters, at one point. */
static inline void check_gradient(kam__solve_fn fn, void *data, uint32_t n, const double *v) {
    double g[4], up[4], h = 1e-5, trash[4];
    fn(data, v, g);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(up, v, n * sizeof *up);
        up[i] = v[i] + h;
        double hi = fn(data, up, trash);
        up[i] = v[i] - h;
        double lo = fn(data, up, trash), want = (hi - lo) / (2 * h);
        if (!(fabs(g[i] - want) <= 1e-6 * (1 + fabs(want))))
            fail_msg("derivative %u: %.12g, by differences %.12g", i, g[i], want);
    }
}

static inline double uniform(uint64_t *s) { return ((double)(kam__random(s) >> 11) + 0.5) * 0x1p-53; }

static inline double gamma_random(uint64_t *s, double shape) { /* Marsaglia & Tsang 2000 */
    double boost = 1;
    if (shape < 1) {
        boost = exp(log(uniform(s)) / shape);
        shape += 1;
    }
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double z = sqrt(-2 * log(uniform(s))) * cos(6.283185307179586 * uniform(s)), v = 1 + c * z;
        if (v <= 0) continue;
        v = v * v * v;
        if (log(uniform(s)) < 0.5 * z * z + d - d * v + d * log(v)) return boost * d * v;
    }
}

static inline double beta_random(uint64_t *s, double a, double b) {
    double x = gamma_random(s, a), y = gamma_random(s, b);
    return x / (x + y);
}

/* One account of BG/NBD (shift 0) or MBG/NBD (1), from 0 to `until`; purchases behind `t` counted apart. */
static inline void simulate_bg(uint64_t *s, const double *p, int shift, double t, double until, int32_t *x, double *tx,
                               int32_t *later) {
    double rate = gamma_random(s, p[0]) / p[1], leave = beta_random(s, p[2], p[3]), now = 0;
    *x = *later = 0;
    *tx = 0;
    if (shift && uniform(s) < leave) return;
    for (;;) {
        now -= log(uniform(s)) / rate;
        if (now > until) return;
        if (now <= t) {
            ++*x;
            *tx = now;
        } else {
            ++*later;
        }
        if (uniform(s) < leave) return;
    }
}

static inline void simulate_pnbd(uint64_t *s, const double *p, double t, double until, int32_t *x, double *tx,
                                 int32_t *later) {
    double rate = gamma_random(s, p[0]) / p[1], leave = -log(uniform(s)) / (gamma_random(s, p[2]) / p[3]), now = 0;
    *x = *later = 0;
    *tx = 0;
    for (;;) {
        now -= log(uniform(s)) / rate;
        if (now > until || now > leave) return;
        if (now <= t) {
            ++*x;
            *tx = now;
        } else {
            ++*later;
        }
    }
}

#endif
