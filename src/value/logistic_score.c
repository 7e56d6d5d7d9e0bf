/*
 * value/logistic_score.c - how good predicted probabilities were: do they rank (AUC by Mann & Whitney 1947), are they
 * right on average (Brier 1950), and where (the calibration table). Beside the Brier score stands that of a guess
 * which knows the share of ones and nothing else.
 */
#include "base/base.h"
#include <kam/learn.h>
#include <math.h>

typedef struct score_row {
    double p;
    int32_t y;
} score_row;

static int score_by_p(const void *a, const void *b, void *arg) {
    double p = ((const score_row *)a)->p, q = ((const score_row *)b)->p;
    (void)arg;
    return (p > q) - (p < q);
}

/* Pairs of a one above a zero, ties half, over all pairs: by the sum of the ranks of ones. */
static double score_auc(const score_row *row, size_t n, double ones) {
    double ranks = 0, zeros = (double)n - ones;
    for (size_t i = 0, to; i < n; i = to) {
        double in = 0;
        for (to = i; to < n && !(row[to].p > row[i].p); to++) in += row[to].y;
        ranks += in * ((double)(i + 1) + (double)to) / 2;
    }
    return ones > 0 && zeros > 0 ? (ranks - ones * (ones + 1) / 2) / (ones * zeros) : 0.5;
}

static void score_bands(kam_score *s, const double *p, const int32_t *y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t band = p[i] < 1 ? (uint32_t)(p[i] * KAM_SCORE_BANDS) : KAM_SCORE_BANDS - 1;
        s->count[band]++;
        s->predicted[band] += p[i];
        s->observed[band] += y[i];
        s->brier += (p[i] - y[i]) * (p[i] - y[i]) / (double)n;
    }
    for (uint32_t b = 0; b < KAM_SCORE_BANDS; b++) {
        if (!s->count[b]) continue;
        s->predicted[b] /= (double)s->count[b];
        s->observed[b] /= (double)s->count[b];
    }
}

static int32_t score_check(const kam_score *out, const double *p, const int32_t *y, size_t n, kam_error *err) {
    if (!out) return kam__null_arg(err, "out");
    if (out->struct_size < sizeof *out) return kam__fail(err, KAM_E_INVAL, "kam_score.struct_size is too small");
    if (!p) return kam__null_arg(err, "p");
    if (!y) return kam__null_arg(err, "y");
    if (n < 1) return kam__fail(err, KAM_E_INVAL, "there is nothing to measure: no rows");
    for (size_t i = 0; i < n; i++) {
        if (p[i] >= 0 && p[i] <= 1 && (y[i] == 0 || y[i] == 1)) continue;
        int32_t rc = kam__fail(err, KAM_E_INVAL, "row %llu: p is 0 to 1, and y 0 or 1", (unsigned long long)i);
        kam__err_set(err, KAM_ERR_ROW, (int64_t)i);
        return rc;
    }
    return KAM_OK;
}

int32_t kam_score_measure(kam_score *out, kam_ctx *ctx, const double *p, const int32_t *y, size_t n, kam_error *err) {
    kam_ctx *held = NULL;
    double ones = 0;
    KAM__TRY(score_check(out, p, y, n, err));
    KAM__TRY(kam__ctx_take(&held, ctx, err));
    kam_score s = {.struct_size = out->struct_size};
    score_row *row = kam__zalloc_n(held, n, sizeof *row);
    int32_t rc = row ? KAM_OK : kam__nomem(err);
    for (size_t i = 0; i < n && rc == KAM_OK; i++) {
        row[i] = (score_row){p[i], y[i]};
        ones += y[i];
    }
    if (rc == KAM_OK) rc = kam__sort(held, row, n, sizeof *row, score_by_p, NULL, err);
    if (rc == KAM_OK) {
        s.auc = score_auc(row, n, ones);
        s.base_brier = ones / (double)n * (1 - ones / (double)n);
        score_bands(&s, p, y, n);
        *out = s;
    }
    kam__free(held, row);
    kam_ctx_free(held);
    return rc;
}
