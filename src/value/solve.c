/*
 * value/solve.c - the lowest point of a smooth function of a few variables between bounds.
 *
 * Newton's method with the Hessian taken from differences of the gradient, damped after Levenberg (1944) and Marquardt
 * (1963) until a step goes downhill; variables at a bound that would leave are held there. Likelihoods of our kind have
 * long flat ridges where methods that only see the gradient stop early; the curvature walks them to their end. There is
 * no random element and no clock: the same data take the same steps.
 */
#include "value/clv.h"
#include <math.h>

#define SOLVE_ITERATIONS 200u
#define SOLVE_STEP 2.0   /* the longest step of one variable */
#define SOLVE_DONE 1e-11 /* largest component of the gradient */

int kam__cholesky(double *h, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j <= i; j++) {
            double sum = h[i * n + j];
            for (uint32_t k = 0; k < j; k++) sum -= h[i * n + k] * h[j * n + k];
            if (i != j) {
                h[i * n + j] = sum / h[j * n + j];
                continue;
            }
            if (!(sum > 1e-14 * fabs(h[i * n + i])) || !(sum > 1e-300)) return 0;
            h[i * n + i] = sqrt(sum);
        }
    return 1;
}

void kam__cholesky_solve(const double *factor, uint32_t n, double *b) {
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < i; k++) b[i] -= factor[i * n + k] * b[k];
        b[i] /= factor[i * n + i];
    }
    for (uint32_t i = n; i-- > 0;) {
        for (uint32_t k = i + 1; k < n; k++) b[i] -= factor[k * n + i] * b[k];
        b[i] /= factor[i * n + i];
    }
}

static double solve_eval(kam__solve *s, const double *v, double *grad) {
    double f = s->fn(s->data, v, grad);
    int sound = isfinite(f);
    for (uint32_t i = 0; i < s->n; i++) sound = sound && isfinite(grad[i]);
    s->evaluations++;
    return sound ? f : 1e300;
}

/* Differences of gradients: forward where `central` is 0 (enough for a step), else both ways. */
static int solve_hessian(kam__solve *s, kam__solve_work *w, double h, int central) {
    uint32_t n = s->n;
    double back[KAM__SOLVE_MAX];
    for (uint32_t i = 0; i < n; i++) {
        double d = s->v[i] + h > s->hi[i] ? -h : h;
        memcpy(w->try_v, s->v, n * sizeof *w->try_v);
        memcpy(back, w->grad, n * sizeof *back);
        w->try_v[i] = s->v[i] + d;
        if (solve_eval(s, w->try_v, w->try_grad) >= 1e300) return 0;
        if (central) {
            w->try_v[i] = s->v[i] - d;
            if (solve_eval(s, w->try_v, back) >= 1e300) return 0;
            d *= 2;
        }
        for (uint32_t j = 0; j < n; j++) w->hess[i * n + j] = (w->try_grad[j] - back[j]) / d;
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < i; j++)
            w->hess[i * n + j] = w->hess[j * n + i] = 0.5 * (w->hess[i * n + j] + w->hess[j * n + i]);
    return 1;
}

static int solve_held(const kam__solve *s, uint32_t i, double grad) {
    return (s->v[i] <= s->lo[i] && grad > 0) || (s->v[i] >= s->hi[i] && grad < 0);
}

static double solve_between(double v, double lo, double hi) { return v < lo ? lo : v > hi ? hi : v; }

/* The step for one damping, held variables left out; raises the damping until the matrix is positive definite. */
static void solve_step(const kam__solve *s, kam__solve_work *w, double *damping) {
    uint32_t n = s->n;
    for (;;) {
        memcpy(w->chol, w->hess, (size_t)n * n * sizeof *w->chol);
        for (uint32_t i = 0; i < n; i++) {
            int held = solve_held(s, i, w->grad[i]);
            for (uint32_t j = 0; j < n && held; j++) w->chol[i * n + j] = w->chol[j * n + i] = 0;
            w->chol[i * n + i] = held ? 1 : w->chol[i * n + i] + *damping;
            w->step[i] = held ? 0 : -w->grad[i];
        }
        if (kam__cholesky(w->chol, n)) break;
        *damping = *damping > 0 ? *damping * 4 : 1e-9;
    }
    kam__cholesky_solve(w->chol, n, w->step);
    double most = 0;
    for (uint32_t i = 0; i < n; i++) most = fabs(w->step[i]) > most ? fabs(w->step[i]) : most;
    for (uint32_t i = 0; i < n; i++) {
        double v = s->v[i] + w->step[i] * (most > SOLVE_STEP ? SOLVE_STEP / most : 1);
        w->try_v[i] = solve_between(v, s->lo[i], s->hi[i]);
    }
}

static void solve_measure(kam__solve *s, const double *grad) {
    s->gradient = 0;
    s->at_bound = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->v[i] <= s->lo[i] || s->v[i] >= s->hi[i]) s->at_bound |= 1u << i;
        if (!solve_held(s, i, grad[i]) && fabs(grad[i]) > s->gradient) s->gradient = fabs(grad[i]);
    }
}

static double solve_largest(const double *grad, uint32_t n) {
    double most = 0;
    for (uint32_t i = 0; i < n; i++) most = fabs(grad[i]) > most ? fabs(grad[i]) : most;
    return most;
}

/* Tries steps of growing damping until one goes down. 0 = none does: this is as low as doubles can tell. */
static int solve_down(kam__solve *s, kam__solve_work *w, double *damping) {
    for (; *damping < 1e9; *damping = *damping < 1e-6 ? 1e-6 : *damping * 8) {
        solve_step(s, w, damping);
        double f = solve_eval(s, w->try_v, w->try_grad), same = 1e-14 * fabs(s->value);
        int lower = f < s->value - same,
            level = f <= s->value + same && solve_largest(w->try_grad, s->n) < 0.9 * solve_largest(w->grad, s->n);
        if (!lower && !level) continue;
        memcpy(s->v, w->try_v, s->n * sizeof *s->v);
        memcpy(w->grad, w->try_grad, s->n * sizeof *w->grad);
        s->value = f;
        *damping *= 0.1;
        if (*damping < 1e-7) *damping = 0;
        return 1;
    }
    return 0;
}

int32_t kam__solve_run(kam__solve *s, kam__solve_work *w, kam_error *err) {
    double damping = 1e-3;
    s->iterations = s->evaluations = 0;
    for (uint32_t i = 0; i < s->n; i++) s->v[i] = solve_between(s->v[i], s->lo[i], s->hi[i]);
    s->value = solve_eval(s, s->v, w->grad);
    for (; s->iterations < SOLVE_ITERATIONS && s->value < 1e300; s->iterations++) {
        solve_measure(s, w->grad);
        if (s->gradient < SOLVE_DONE || !solve_hessian(s, w, 1e-6, 0) || !solve_down(s, w, &damping)) break;
        if (s->ctx) KAM__TRY(kam__progress(s->ctx, s->iterations, 0, err));
    }
    solve_measure(s, w->grad);
    return KAM_OK;
}

int kam__solve_variance(const kam__solve *s, kam__solve_work *w, double *variance) {
    kam__solve at = *s;
    uint32_t n = s->n;
    if (!solve_hessian(&at, w, 1e-4, 1) || !kam__cholesky(w->hess, n)) return 0;
    for (uint32_t i = 0; i < n; i++) {
        double unit[KAM__SOLVE_MAX] = {0};
        unit[i] = 1;
        kam__cholesky_solve(w->hess, n, unit);
        variance[i] = unit[i];
    }
    return 1;
}
