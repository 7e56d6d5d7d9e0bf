/*
 * value/clv_bgbb.c - BG/BB, for buying that can happen at most once in each of n periods (Fader, Hardie & Shang 2010):
 * an account buys in a period with a beta(alpha, beta) probability and leaves before one with a beta(gamma, delta)
 * probability.
 *
 * Their equation 5 is a sum over the period after which the account left; all its Beta functions are products over whole
 * steps, so the tables below are sums of logarithms and nothing overflows. Equation 13's difference of Gamma functions,
 * divided by gamma - 1, is written as the sum over the periods to come that it stands for.
 */
#include "value/clv.h"
#include <math.h>

#define BGBB_PERIODS 10000.0

int kam__clv_bb_row_bad(const kam_clv_rows *r, size_t i) {
    return r->x[i] < 0 || !(r->t[i] >= 0) || !(r->tx[i] >= 0) || !(r->tx[i] <= r->t[i]) || !isfinite(r->t[i]) ||
           floor(r->tx[i]) < r->tx[i] || floor(r->t[i]) < r->t[i] || (double)r->x[i] > r->tx[i] ||
           (r->x[i] == 0) != (r->tx[i] <= 0) || (r->weight && r->weight[i] < 0);
}

static int bgbb_by_row(const void *a, const void *b, void *arg) {
    const kam__clv_bb_row *p = a, *q = b;
    (void)arg;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    if (p->tx != q->tx) return p->tx < q->tx ? -1 : 1;
    return (p->n > q->n) - (p->n < q->n);
}

static int32_t bgbb_fill(kam__clv_bb *g, const kam_clv_rows *rows, size_t *bad, kam_error *err) {
    uint32_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (kam__clv_bb_row_bad(rows, i)) {
            *bad = i;
            return KAM_OK;
        }
        if (rows->t[i] > BGBB_PERIODS)
            return kam__fail(err, KAM_E_LIMIT,
                             "row %llu has more than 10000 periods, the most BG/BB takes: count in longer ones",
                             (unsigned long long)i);
        double w = rows->weight ? (double)rows->weight[i] : 1;
        if (w > 0)
            g->row[n++] = (kam__clv_bb_row){(uint32_t)rows->x[i], (uint32_t)rows->tx[i], (uint32_t)rows->t[i], w};
    }
    KAM__TRY(kam__sort(g->ctx, g->row, n, sizeof *g->row, bgbb_by_row, NULL, err));
    for (uint32_t i = 0; i < n; i++)
        if (g->n && bgbb_by_row(&g->row[g->n - 1], &g->row[i], NULL) == 0)
            g->row[g->n - 1].weight += g->row[i].weight;
        else
            g->row[g->n++] = g->row[i];
    for (uint32_t i = 0; i < g->n; i++) {
        const kam__clv_bb_row *r = &g->row[i];
        g->most = r->n > g->most ? r->n : g->most;
        g->sum_weight += r->weight;
        g->sum_x += r->weight * r->x;
        g->sum_n += r->weight * r->n;
    }
    g->table = kam__zalloc_n(g->ctx, 10 * ((size_t)g->most + 2), sizeof *g->table);
    return g->table ? KAM_OK : kam__nomem(err);
}

int32_t kam__clv_bb_make(kam__clv_bb *out, kam_ctx *ctx, const kam_clv_rows *rows, size_t *bad, kam_error *err) {
    kam__clv_bb g = {.ctx = ctx};
    *bad = (size_t)-1;
    if (rows->n > 0x7FFFFFFFu)
        return kam__fail(err, KAM_E_LIMIT, "a fit takes at most 2147483647 rows: join equal ones by their weight");
    g.row = kam__zalloc_n(ctx, rows->n + 1, sizeof *g.row);
    int32_t rc = g.row ? bgbb_fill(&g, rows, bad, err) : kam__nomem(err);
    if (rc != KAM_OK)
        kam__clv_bb_free(&g);
    else
        *out = g;
    return rc;
}

void kam__clv_bb_free(kam__clv_bb *g) {
    kam__free(g->ctx, g->row);
    kam__free(g->ctx, g->table);
}

/* Sums over i < m of ln(c + i) and of 1 / (c + i), for m = 0..most + 1. */
typedef struct bgbb_sums {
    double *ln, *inverse;
} bgbb_sums;
enum { BB_ALPHA, BB_BETA, BB_AB, BB_DELTA, BB_GD, BB_SUMS };

static void bgbb_tables(const kam__clv_bb *g, const double *p, bgbb_sums t[BB_SUMS]) {
    const double from[BB_SUMS] = {p[0], p[1], p[0] + p[1], p[3], p[2] + p[3]};
    size_t n = (size_t)g->most + 2;
    for (int k = 0; k < BB_SUMS; k++) {
        t[k] = (bgbb_sums){g->table + 2 * n * (size_t)k, g->table + 2 * n * (size_t)k + n};
        t[k].ln[0] = t[k].inverse[0] = 0;
        for (size_t i = 0; i + 1 < n; i++) {
            t[k].ln[i + 1] = t[k].ln[i] + log(from[k] + (double)i);
            t[k].inverse[i + 1] = t[k].inverse[i] + 1 / (from[k] + (double)i);
        }
    }
}

/* ln of one term: bought x of m periods, and stayed n (gone = 0), or left after m (gone = 1); with its derivatives. */
static double bgbb_term(const bgbb_sums t[BB_SUMS], double gamma, uint32_t x, uint32_t m, int gone, double d[4]) {
    uint32_t end = m + (uint32_t)gone;
    d[0] = t[BB_ALPHA].inverse[x] - t[BB_AB].inverse[m];
    d[1] = t[BB_BETA].inverse[m - x] - t[BB_AB].inverse[m];
    d[2] = (gone ? 1 / gamma : 0) - t[BB_GD].inverse[end];
    d[3] = t[BB_DELTA].inverse[m] - t[BB_GD].inverse[end];
    return t[BB_ALPHA].ln[x] + t[BB_BETA].ln[m - x] - t[BB_AB].ln[m] + t[BB_DELTA].ln[m] - t[BB_GD].ln[end] +
           (gone ? log(gamma) : 0);
}

static double bgbb_row(const bgbb_sums t[BB_SUMS], double gamma, const kam__clv_bb_row *r, double d[4]) {
    double part[4], top = bgbb_term(t, gamma, r->x, r->n, 0, d), sum = 1;
    for (uint32_t m = r->tx; m < r->n; m++) {
        double l = bgbb_term(t, gamma, r->x, m, 1, part), keep = 1, w = exp(l - top);
        if (l > top) { /* the largest term is the measure of all */
            keep = exp(top - l);
            w = 1;
            top = l;
        }
        double all = sum * keep + w;
        for (int i = 0; i < 4; i++) d[i] = (d[i] * sum * keep + part[i] * w) / all;
        sum = all;
    }
    return top + log(sum);
}

double kam__clv_bb_value(void *bb, const double *v, double *grad) {
    const kam__clv_bb *g = bb;
    double p[4], sum = 0, d[4], all[4] = {0, 0, 0, 0};
    bgbb_sums t[BB_SUMS];
    for (int i = 0; i < 4; i++) p[i] = exp(v[i]);
    bgbb_tables(g, p, t);
    for (uint32_t i = 0; i < g->n; i++) {
        sum += g->row[i].weight * bgbb_row(t, p[2], &g->row[i], d);
        for (int k = 0; k < 4; k++) all[k] += g->row[i].weight * d[k];
    }
    for (int i = 0; i < 4; i++) grad[i] = -all[i] * p[i] / g->sum_weight;
    return -sum / g->sum_weight;
}

/* Odds of having left after m = n - 1, n - 2 .. tx against having stayed to the end: one is the next one times what a
 * period more multiplies. */
double kam__clv_bb_alive(const double *p, double x, double tx, double n) {
    double ln = 0, odds = 0;
    for (double m = n - 1; m >= tx; m -= 1) {
        ln += log((p[0] + p[1] + m) / (p[1] + m - x)) + log((p[2] + p[3] + m) / (p[3] + m));
        double e = ln + log(p[2] / (p[2] + p[3] + m));
        odds += exp(e > 700 ? 700 : e);
    }
    return 1 / (1 + odds);
}

/* Equation 13 before its sum is closed: the chance to be still there after j more periods is a product. */
double kam__clv_bb_expected(const double *p, double x, double n, double periods) {
    double stay = 1, sum = 0;
    for (double j = 0; j < periods; j += 1) {
        stay *= (p[3] + n + j) / (p[2] + p[3] + n + j);
        sum += stay;
    }
    return (p[0] + x) / (p[0] + p[1] + n) * sum;
}
