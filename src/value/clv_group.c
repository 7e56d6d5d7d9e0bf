/*
 * value/clv_group.c - rows of accounts to groups of equal (x, tx, T): many accounts share them, and a likelihood needs
 * each once. Distinct counts and times are listed apart, so that a logarithm of a time is taken once per evaluation and
 * not once per account.
 */
#include "value/clv.h"
#include <math.h>

typedef struct group_row {
    double tx, t, weight;
    uint32_t x;
} group_row;

static int group_by_row(const void *a, const void *b, void *arg) {
    const group_row *p = a, *q = b;
    (void)arg;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    if (p->tx != q->tx) return p->tx < q->tx ? -1 : 1;
    return (p->t > q->t) - (p->t < q->t);
}

static int group_by_number(const void *a, const void *b, void *arg) {
    double p = *(const double *)a, q = *(const double *)b;
    (void)arg;
    return (p > q) - (p < q);
}

int kam__clv_row_bad(const kam_clv_rows *r, size_t i) {
    return r->x[i] < 0 || !isfinite(r->t[i]) || !(r->tx[i] >= 0) || !(r->tx[i] <= r->t[i]) || r->t[i] > 1e100 ||
           (r->x[i] == 0 ? r->tx[i] > 0 : r->t[i] <= 0) || (r->weight && r->weight[i] < 0);
}

/* Hash of a row, for the first, rough grouping: equal rows that meet again soon are put together before sorting. */
static size_t group_slot(const group_row *g) {
    uint64_t a, b;
    memcpy(&a, &g->tx, sizeof a);
    memcpy(&b, &g->t, sizeof b);
    a = (a ^ b * 0x9E3779B97F4A7C15u ^ (uint64_t)g->x << 32) * 0xD6E8FEB86659FD93u;
    return (size_t)(a >> 48);
}

/* Sound rows into `row`, equal ones mostly once; their number. Weights are whole numbers: sums of them are exact. */
static size_t group_collect(const kam_clv_rows *rows, group_row *row, uint32_t *slot, size_t *bad) {
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (kam__clv_row_bad(rows, i)) {
            *bad = i;
            return 0;
        }
        group_row g = {rows->tx[i] + 0.0, rows->t[i] + 0.0, rows->weight ? (double)rows->weight[i] : 1,
                       (uint32_t)rows->x[i]};
        uint32_t *s = &slot[group_slot(&g)];
        if (g.weight <= 0) continue;
        if (*s && group_by_row(&row[*s - 1], &g, NULL) == 0) {
            row[*s - 1].weight += g.weight;
        } else {
            row[n++] = g;
            *s = (uint32_t)n;
        }
    }
    return n;
}

static uint32_t group_distinct(double *v, size_t n) {
    uint32_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (!k || v[i] > v[k - 1]) v[k++] = v[i];
    return k;
}

static uint32_t group_place(const double *v, uint32_t n, double at) {
    uint32_t lo = 0, hi = n;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (v[mid] <= at)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

/* A power of two near the mean time: dividing by it is exact, so that a fit does not depend on the unit. */
static double group_scale(double mean) {
    int e = 0;
    if (!(mean > 0)) return 1;
    frexp(mean, &e);
    return ldexp(1, e);
}

static void group_sums(kam__clv_groups *g, const group_row *row, size_t n) {
    for (size_t i = 0; i < n; i++) {
        g->weight += row[i].weight;
        g->sum_x += row[i].weight * (double)row[i].x;
        g->sum_t += row[i].weight * row[i].t;
        if (row[i].x) g->repeat += row[i].weight;
    }
    g->scale = group_scale(g->weight > 0 ? g->sum_t / g->weight : 0);
    g->sum_t /= g->scale;
}

static int32_t group_fill(kam__clv_groups *g, group_row *row, size_t n, kam_error *err) {
    size_t k = 0;
    KAM__TRY(kam__sort(g->ctx, row, n, sizeof *row, group_by_row, NULL, err));
    for (size_t i = 0; i < n; i++)
        if (k && group_by_row(&row[k - 1], &row[i], NULL) == 0)
            row[k - 1].weight += row[i].weight;
        else
            row[k++] = row[i];
    g->n = (uint32_t)k;
    g->group = kam__zalloc_n(g->ctx, k + 1, sizeof *g->group);
    g->x = kam__zalloc_n(g->ctx, k + 1, sizeof *g->x);
    g->time = kam__zalloc_n(g->ctx, 2 * k + 1, sizeof *g->time);
    if (!g->group || !g->x || !g->time) return kam__nomem(err);
    group_sums(g, row, k);
    for (size_t i = 0; i < k; i++) {
        g->x[i] = (double)row[i].x;
        g->time[2 * i] = row[i].tx /= g->scale;
        g->time[2 * i + 1] = row[i].t /= g->scale;
    }
    KAM__TRY(kam__sort(g->ctx, g->time, 2 * k, sizeof *g->time, group_by_number, NULL, err));
    g->nx = group_distinct(g->x, k);
    g->ntime = group_distinct(g->time, 2 * k);
    for (size_t i = 0; i < k; i++)
        g->group[i] =
            (kam__clv_group){row[i].weight, group_place(g->x, g->nx, (double)row[i].x),
                             group_place(g->time, g->ntime, row[i].tx), group_place(g->time, g->ntime, row[i].t)};
    g->work = kam__zalloc_n(g->ctx, 8 * (size_t)g->nx + 2 * (size_t)g->ntime + 1, sizeof *g->work);
    return g->work ? KAM_OK : kam__nomem(err);
}

int32_t kam__clv_groups_make(kam__clv_groups *out, kam_ctx *ctx, const kam_clv_rows *rows, size_t *bad,
                             kam_error *err) {
    kam__clv_groups g = {.ctx = ctx, .scale = 1};
    int32_t rc = KAM_OK;
    *bad = (size_t)-1;
    if (rows->n > 0x7FFFFFFFu)
        return kam__fail(err, KAM_E_LIMIT, "a fit takes at most 2147483647 rows: join equal ones by their weight");
    group_row *row = kam__zalloc_n(ctx, rows->n + 1, sizeof *row);
    uint32_t *slot = kam__zalloc_n(ctx, 1u << 16, sizeof *slot);
    if (!row || !slot) rc = kam__nomem(err);
    size_t n = rc == KAM_OK ? group_collect(rows, row, slot, bad) : 0;
    kam__free(ctx, slot);
    if (rc == KAM_OK) rc = group_fill(&g, row, n, err);
    kam__free(ctx, row);
    if (rc != KAM_OK)
        kam__clv_groups_free(&g);
    else
        *out = g;
    return rc;
}

void kam__clv_groups_free(kam__clv_groups *g) {
    kam__free(g->ctx, g->group);
    kam__free(g->ctx, g->x);
    kam__free(g->ctx, g->time);
    kam__free(g->ctx, g->work);
}
