/*
 * value/clv_gg.c - Gamma-Gamma: what a purchase is worth (Fader & Hardie 2013, "The Gamma-Gamma model of monetary
 * value", equation 1a): values of an account's purchases are gamma(p, nu), and nu is gamma(q, gamma) over accounts.
 *
 * Accounts that never came back, or whose mean is not above zero, say nothing about it and are left out of the fit.
 */
#include "value/clv.h"
#include <math.h>

static int gg_by_x(const void *a, const void *b, void *arg) {
    const int32_t *x = arg;
    int32_t p = x[*(const uint32_t *)a], q = x[*(const uint32_t *)b];
    return (p > q) - (p < q);
}

static int gg_counts(const kam_clv_rows *rows, size_t i) {
    return rows->x[i] > 0 && rows->m[i] > 0 && (!rows->weight || rows->weight[i] > 0);
}

static size_t gg_count(const kam_clv_rows *rows, size_t *bad) {
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->x[i] < 0 || !isfinite(rows->m[i]) || rows->m[i] > 1e100 || (rows->weight && rows->weight[i] < 0)) {
            *bad = i;
            return 0;
        }
        n += (size_t)gg_counts(rows, i);
    }
    return n;
}

static void gg_mean(kam__clv_gg *g, const kam_clv_rows *rows, const uint32_t *order) {
    double sum = 0, purchases = 0, top = 0;
    int e = 0;
    for (uint32_t i = 0; i < g->n; i++) top = rows->m[order[i]] > top ? rows->m[order[i]] : top;
    for (uint32_t i = 0; i < g->n; i++) {
        double w = rows->weight ? (double)rows->weight[order[i]] : 1, x = (double)rows->x[order[i]];
        sum += w * x * (rows->m[order[i]] / top);
        purchases += w * x;
        g->sum_weight += w;
    }
    g->mean = purchases > 0 ? sum / purchases * top : 0;
    frexp(g->mean, &e);
    g->scale = g->n ? ldexp(1, e) : 1;
}

static void gg_fill(kam__clv_gg *g, const kam_clv_rows *rows, const uint32_t *order) {
    gg_mean(g, rows, order);
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t at = order[i];
        double x = (double)rows->x[at];
        if (!g->nx || x > g->x[g->nx - 1]) g->x[g->nx++] = x;
        g->at[i] = g->nx - 1;
        g->z[i] = rows->m[at] / g->scale;
        g->ln_z[i] = log(g->z[i]);
        g->weight[i] = rows->weight ? (double)rows->weight[at] : 1;
    }
}

int32_t kam__clv_gg_make(kam__clv_gg *out, kam_ctx *ctx, const kam_clv_rows *rows, size_t *bad, kam_error *err) {
    kam__clv_gg g = {.ctx = ctx, .scale = 1};
    *bad = (size_t)-1;
    if (rows->n > 0x7FFFFFFFu)
        return kam__fail(err, KAM_E_LIMIT, "a fit takes at most 2147483647 rows: join equal ones by their weight");
    size_t n = gg_count(rows, bad);
    uint32_t *order = kam__zalloc_n(ctx, n + 1, sizeof *order);
    g.x = kam__zalloc_n(ctx, 4 * n + 1, sizeof *g.x);
    g.table = kam__zalloc_n(ctx, 4 * n + 1, sizeof *g.table);
    g.at = kam__zalloc_n(ctx, n + 1, sizeof *g.at);
    int32_t rc = order && g.x && g.table && g.at ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK) {
        g.z = g.x + n, g.ln_z = g.x + 2 * n, g.weight = g.x + 3 * n;
        for (size_t i = 0; i < rows->n && n; i++)
            if (gg_counts(rows, i)) order[g.n++] = (uint32_t)i;
        rc = kam__sort(ctx, order, g.n, sizeof *order, gg_by_x, (void *)(uintptr_t)rows->x, err);
    }
    if (rc == KAM_OK) gg_fill(&g, rows, order);
    kam__free(ctx, order);
    if (rc != KAM_OK)
        kam__clv_gg_free(&g);
    else
        *out = g;
    return rc;
}

void kam__clv_gg_free(kam__clv_gg *g) {
    kam__free(g->ctx, g->x);
    kam__free(g->ctx, g->table);
    kam__free(g->ctx, g->at);
}

/* ln B(px, q)^-1 and its derivatives in p and q, for each distinct x. */
static void gg_tables(const kam__clv_gg *g, double p, double q) {
    double lq = kam__lgamma(q), psi_q = kam__digamma(q);
    for (uint32_t k = 0; k < g->nx; k++) {
        double px = p * g->x[k], *t = g->table + 4 * (size_t)k;
        t[0] = kam__lgamma_diff(px, q) - lq;
        t[1] = g->x[k] * kam__digamma_diff(px, q);
        t[2] = kam__digamma(px + q) - psi_q;
    }
}

double kam__clv_gg_value(void *gg, const double *v, double *grad) {
    const kam__clv_gg *g = gg;
    double p = exp(v[0]), q = exp(v[1]), c = exp(v[2]), sum = 0, d_p = 0, d_q = 0, d_c = 0;
    gg_tables(g, p, q);
    for (uint32_t i = 0; i < g->n; i++) {
        const double *t = g->table + 4 * (size_t)g->at[i];
        double x = g->x[g->at[i]], xz = x * g->z[i], w = g->weight[i];
        double out = log1p(xz / c), in = log1p(c / xz); /* -ln of gamma and of xz, over their sum */
        sum += w * (t[0] - q * out - p * x * in - g->ln_z[i]);
        d_p += w * (t[1] - x * in);
        d_q += w * (t[2] - out);
        d_c += w * (q * xz - p * x * c) / (c + xz);
    }
    grad[0] = -d_p * p / g->sum_weight;
    grad[1] = -d_q * q / g->sum_weight;
    grad[2] = -d_c / g->sum_weight;
    return -sum / g->sum_weight;
}

/* Equation 5; the mean over all accounts where the account has no purchases to judge by. `mean` stands in where q <= 1:
 * then it has no finite expectation. */
double kam__clv_gg_mean(const double *p, double mean, double x, double m) {
    double all = p[1] > 1 ? p[0] / (p[1] - 1) * p[2] : mean;
    if (!(x > 0)) return all;
    if (m < 0) m = 0;
    return p[1] > 1 ? (p[2] + x * m) / (p[0] * x + p[1] - 1) * p[0] : m;
}
