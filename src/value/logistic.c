/*
 * value/logistic.c - logistic regression by iteratively reweighted least squares (McCullagh & Nelder 1989, 4.4), which
 * for this link is Newton's method.
 *
 * Columns are brought to mean 0 and deviation 1 inside, so that their units do not matter to the arithmetic. Where ones
 * and zeros can be told apart completely the likelihood has no highest point: the fit stops once nothing is left to gain
 * and says so. Steps that lose are halved, so the likelihood only rises.
 */
#include "value/clv.h"
#include <kam/learn.h>
#include <math.h>

#define LOGISTIC_COLUMNS 256u
#define LOGISTIC_STEPS 100u
#define LOGISTIC_FAR 25.0 /* a linear predictor beyond this is certainty */

struct kam_logistic {
    kam__ref ref;
    kam_ctx *ctx;
    uint32_t d, status, iterations; /* d: columns and the constant */
    double n, log_likelihood;
    double *beta, *se, *mean, *sd; /* d each; beta and se in the caller's units, se < 0: not known */
};

typedef struct logistic_job {
    const double *x;
    const int32_t *y;
    size_t n;
    uint32_t d;
    const double *mean, *sd;
    double *b, *next, *grad, *hess, *row;
} logistic_job;

static void logistic_row(const logistic_job *j, size_t i) {
    j->row[0] = 1;
    for (uint32_t c = 1; c < j->d; c++)
        j->row[c] = j->sd[c] > 0 ? (j->x[i * (j->d - 1) + c - 1] - j->mean[c]) / j->sd[c] : 0;
}

/* Log-likelihood at b; gradient and the information matrix too where `full`. *far: the largest linear predictor. */
static double logistic_value(logistic_job *j, const double *b, int full, double *far) {
    double sum = 0;
    uint32_t d = j->d;
    *far = 0;
    if (full) memset(j->grad, 0, d * sizeof *j->grad);
    if (full) memset(j->hess, 0, (size_t)d * d * sizeof *j->hess);
    for (size_t i = 0; i < j->n; i++) {
        double eta = 0;
        logistic_row(j, i);
        for (uint32_t c = 0; c < d; c++) eta += b[c] * j->row[c];
        if (fabs(eta) > *far) *far = fabs(eta);
        sum -= kam__softplus(j->y[i] ? -eta : eta);
        if (!full) continue;
        double p = kam__logistic(eta), w = p * (1 - p), rest = j->y[i] ? 1 - p : -p;
        for (uint32_t c = 0; c < d; c++) {
            j->grad[c] += rest * j->row[c];
            for (uint32_t q = 0; q <= c; q++) j->hess[c * d + q] += w * j->row[c] * j->row[q];
        }
    }
    for (uint32_t c = 0; c < d && full; c++)
        for (uint32_t q = c + 1; q < d; q++) j->hess[c * d + q] = j->hess[q * d + c];
    return sum;
}

/* A column that does not vary, or is a sum of others, has no information of its own: the matrix gets a little of it, and
 * the answer is 1. */
static int logistic_factor(logistic_job *j) {
    double *keep = j->hess + (size_t)j->d * j->d;
    uint32_t d = j->d;
    memcpy(keep, j->hess, (size_t)d * d * sizeof *keep);
    if (kam__cholesky(j->hess, d)) {
        double most = 0, least = HUGE_VAL;
        for (uint32_t c = 0; c < d; c++) {
            double v = j->hess[c * d + c] * j->hess[c * d + c];
            most = v > most ? v : most;
            least = v < least ? v : least;
        }
        if (least > 1e-12 * most) return 0;
    }
    for (double ridge = 1e-8 * (double)j->n;; ridge *= 10) {
        memcpy(j->hess, keep, (size_t)d * d * sizeof *keep);
        for (uint32_t c = 0; c < d; c++) j->hess[c * d + c] += ridge;
        if (kam__cholesky(j->hess, d)) return 1;
    }
}

static double logistic_largest(const double *v, uint32_t d) {
    double most = 0;
    for (uint32_t c = 0; c < d; c++) most = fabs(v[c]) > most ? fabs(v[c]) : most;
    return most;
}

static int32_t logistic_steps(kam_logistic *m, logistic_job *j, kam_error *err) {
    double far = 0, value = logistic_value(j, j->b, 1, &far);
    int poor = 0;
    for (m->iterations = 0; m->iterations < LOGISTIC_STEPS && far < LOGISTIC_FAR; m->iterations++) {
        double size = 1, now = value;
        if (logistic_largest(j->grad, j->d) < 1e-10 * m->n) break;
        KAM__TRY(kam__progress(m->ctx, m->iterations, 0, err));
        poor = logistic_factor(j);
        kam__cholesky_solve(j->hess, j->d, j->grad);
        for (; size > 1e-6; size *= 0.5) {
            for (uint32_t c = 0; c < j->d; c++) j->next[c] = j->b[c] + size * j->grad[c];
            now = logistic_value(j, j->next, 0, &far);
            if (now >= value - 1e-13 * fabs(value)) break;
        }
        if (size <= 1e-6) break;
        memcpy(j->b, j->next, j->d * sizeof *j->b);
        value = logistic_value(j, j->b, 1, &far);
    }
    poor |= logistic_factor(j);
    m->log_likelihood = value;
    m->status = poor || far >= LOGISTIC_FAR || value > -1e-6 * m->n ? 2 : 1;
    return KAM_OK;
}

/* Back to the caller's units: slopes by their deviations, the constant by all of them. j->hess holds the factor. */
static void logistic_take(kam_logistic *m, const logistic_job *j) {
    for (uint32_t c = 0; c < j->d; c++) {
        double *v = j->next, scale = c && j->sd[c] > 0 ? 1 / j->sd[c] : 1, variance = 0;
        memset(v, 0, j->d * sizeof *v);
        if (c) v[c] = scale;
        for (uint32_t q = 0; q < j->d && !c; q++) v[q] = q == 0 ? 1 : j->sd[q] > 0 ? -j->mean[q] / j->sd[q] : 0;
        m->beta[c] = 0;
        for (uint32_t q = 0; q < j->d; q++) m->beta[c] += v[q] * j->b[q];
        memcpy(j->row, v, j->d * sizeof *v);
        kam__cholesky_solve(j->hess, j->d, j->row);
        for (uint32_t q = 0; q < j->d; q++) variance += v[q] * j->row[q];
        m->se[c] = m->status == 1 && variance >= 0 ? sqrt(variance) : -1;
    }
}

static void logistic_scale(kam_logistic *m, const double *x, size_t n) {
    for (uint32_t c = 1; c < m->d; c++) {
        double mean = 0, square = 0;
        for (size_t i = 0; i < n; i++) mean += x[i * (m->d - 1) + c - 1] / (double)n;
        for (size_t i = 0; i < n; i++) {
            double v = x[i * (m->d - 1) + c - 1] - mean;
            square += v * (v / (double)n);
        }
        m->mean[c] = mean;
        m->sd[c] = sqrt(square) > 1e-14 * fabs(mean) ? sqrt(square) : 0;
    }
}

static int32_t logistic_check(const double *x, const int32_t *y, size_t n, uint32_t d, kam_error *err) {
    for (size_t i = 0; i < n; i++) {
        int bad = y && y[i] != 0 && y[i] != 1;
        for (uint32_t c = 0; c < d; c++) bad |= !(fabs(x[i * d + c]) <= 1e100);
        if (!bad) continue;
        int32_t rc =
            kam__fail(err, KAM_E_INVAL, "row %llu: y is 0 or 1, and x finite, at most 1e100", (unsigned long long)i);
        kam__err_set(err, KAM_ERR_ROW, (int64_t)i);
        return rc;
    }
    return KAM_OK;
}

static int32_t logistic_fit(kam_logistic *m, const double *x, const int32_t *y, size_t n, kam_error *err) {
    uint32_t d = m->d;
    double *room = kam__zalloc_n(m->ctx, 4 * (size_t)d + 2 * (size_t)d * d, sizeof *room);
    m->beta = kam__zalloc_n(m->ctx, 4 * (size_t)d, sizeof *m->beta);
    int32_t rc = room && m->beta ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK) {
        m->se = m->beta + d, m->mean = m->beta + 2 * d, m->sd = m->beta + 3 * d;
        logistic_scale(m, x, n);
        logistic_job j = {x, y, n, d, m->mean, m->sd, room, room + d, room + 2 * d, room + 4 * d, room + 3 * d};
        rc = logistic_steps(m, &j, err);
        if (rc == KAM_OK) logistic_take(m, &j);
    }
    kam__free(m->ctx, room);
    return rc;
}

int32_t kam_logistic_fit(kam_logistic **out, kam_ctx *ctx, const double *x, const int32_t *y, size_t n,
                         uint32_t columns, kam_error *err) {
    kam_ctx *held = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!x && columns) return kam__null_arg(err, "x");
    if (!y) return kam__null_arg(err, "y");
    if (n < 1 || n > 0x7FFFFFFFu || columns > LOGISTIC_COLUMNS)
        return kam__fail(err, KAM_E_INVAL, "a regression takes 1 to 2147483647 rows and at most 256 columns");
    KAM__TRY(logistic_check(x, y, n, columns, err));
    KAM__TRY(kam__ctx_take(&held, ctx, err));
    kam_logistic *m = kam__zalloc(held, sizeof *m);
    if (!m) {
        kam_ctx_free(held);
        return kam__nomem(err);
    }
    kam__ref_init(&m->ref);
    m->ctx = held;
    m->d = columns + 1;
    m->n = (double)n;
    int32_t rc = logistic_fit(m, x, y, n, err);
    if (rc == KAM_OK)
        *out = m;
    else
        kam_logistic_free(m);
    return rc;
}

void kam_logistic_free(kam_logistic *model) {
    if (!model || !kam__ref_drop(&model->ref)) return;
    kam_ctx *ctx = model->ctx;
    kam__free(ctx, model->beta);
    kam__free(ctx, model);
    kam_ctx_free(ctx);
}

double kam_logistic_figure(const kam_logistic *model, uint32_t figure, double if_none) {
    if (!model) return if_none;
    if (figure >= KAM_LOGISTIC_SE && figure < KAM_LOGISTIC_SE + model->d) {
        double se = model->se[figure - KAM_LOGISTIC_SE];
        return se >= 0 ? se : if_none;
    }
    if (figure >= KAM_LOGISTIC_COEFFICIENT && figure < KAM_LOGISTIC_COEFFICIENT + model->d)
        return model->beta[figure - KAM_LOGISTIC_COEFFICIENT];
    switch (figure) {
    case KAM_LOGISTIC_STATUS: return model->status;
    case KAM_LOGISTIC_LOG_LIKELIHOOD: return model->log_likelihood;
    case KAM_LOGISTIC_ITERATIONS: return model->iterations;
    case KAM_LOGISTIC_ROWS: return model->n;
    default: return if_none;
    }
}

int32_t kam_logistic_predict(double *out, const kam_logistic *model, const double *x, size_t n, kam_error *err) {
    if (!out && n) return kam__null_arg(err, "out");
    if (!model) return kam__null_arg(err, "model");
    uint32_t d = model->d - 1;
    if (!x && n && d) return kam__null_arg(err, "x");
    KAM__TRY(logistic_check(x, NULL, n, d, err));
    for (size_t i = 0; i < n; i++) {
        double eta = model->beta[0];
        for (uint32_t c = 0; c < d; c++) eta += model->beta[c + 1] * x[i * d + c];
        out[i] = kam__logistic(eta);
    }
    return KAM_OK;
}
