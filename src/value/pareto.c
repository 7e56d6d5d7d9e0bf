/* value/pareto.c - how value is spread over accounts: order, shares, ABC by both cut rules, concentration, the whale
 * curve (R47).  Accounts are ranked by value, largest first, ties by id. A share is compared with a cut as cum * 10000
 * against cut * total in 128 bits, never as a quotient. While ranks descend, the sum of all cumulative sums equals the
 * sum of i * v_i with i ascending, so the Gini coefficient's numerator is exact too: G = 2 sum(i v_i) / (n sum v) - (n
 * + 1) / n (Gini 1912, in the form of Sen 1973); HHI = sum of squared shares (Hirschman 1945, Herfindahl 1950). */
#include "value.h"

#define PARETO_ONE 10000

typedef struct pareto_item { int64_t value; uint32_t account; } pareto_item;

static int pareto_cmp(const void *a, const void *b, void *arg) {
    int64_t x = ((const pareto_item *)a)->value, y = ((const pareto_item *)b)->value;
    (void)arg;
    return (x < y) - (x > y);
}

/* The stable sort keeps accounts of equal value in id order. */
static int32_t pareto_rank(kam__pareto *p, const int64_t *value, const uint32_t *by_id, kam_error *err) {
    pareto_item *item = kam__zalloc_n(p->ctx, p->n, sizeof *item);
    if (!item) return kam__nomem(err);
    for (uint32_t i = 0; i < p->n; i++) {
        item[i].account = by_id ? by_id[i] : i;
        item[i].value = value[item[i].account];
    }
    int32_t rc = kam__sort(p->ctx, item, p->n, sizeof *item, pareto_cmp, NULL, err);
    for (uint32_t i = 0; rc == KAM_OK && i < p->n; i++) {
        p->order[i] = item[i].account;
        p->value[i] = item[i].value;
    }
    kam__free(p->ctx, item);
    return rc;
}

/* Cumulative sums: they rise while values are positive, so `positive` and `total` are their largest and one end. */
static int32_t pareto_sums(kam__pareto *p, kam_error *err) {
    int64_t cum = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (kam__add(cum, p->value[i], &cum))
            return kam__fail(err, KAM_E_LIMIT, "the sum of all accounts does not fit 64 bits: value a shorter window");
        p->cum[i] = cum;
        if (p->value[i] <= 0) continue;
        p->positive = cum;
        p->npositive = i + 1;
    }
    p->total = cum;
    return KAM_OK;
}

/* strict: share < cut; else share <= cut. */
static int pareto_within(int64_t cum, int64_t cut, int64_t total, int strict) {
    int cmp = kam__cmp_products(cum, PARETO_ONE, cut, total);
    return strict ? cmp < 0 : cmp <= 0;
}

static uint8_t pareto_class(const kam__pareto *p, int64_t cum, int64_t cut_a, int64_t cut_b, int strict) {
    if (p->total <= 0) return KAM__CLASS_C;
    if (pareto_within(cum, cut_a, p->total, strict)) return KAM__CLASS_A;
    return pareto_within(cum, cut_b, p->total, strict) ? KAM__CLASS_B : KAM__CLASS_C;
}

static void pareto_classes(kam__pareto *p, int64_t cut_a, int64_t cut_b) {
    int64_t before = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        uint8_t c = pareto_class(p, before, cut_a, cut_b, 1), ci = pareto_class(p, p->cum[i], cut_a, cut_b, 0);
        p->abc[i] = c;
        p->abc_incl[i] = ci;
        p->count[c]++;
        p->count_incl[ci]++;
        p->sum[c] += p->value[i];           /* each a difference of two cumulative sums: fits */
        p->sum_incl[ci] += p->value[i];
        before = p->cum[i];
    }
}

static void pareto_concentration(kam__pareto *p) {
    kam__sum num = {0, 0}, over;            /* 2 sum(i v_i) - (n + 1) sum v */
    double total = (double)p->positive, hhi = 0;
    if (p->npositive == 0) return;
    for (uint32_t i = 0; i < p->npositive; i++) {
        double share = (double)p->value[i] / total;
        hhi += share * share;
        kam__sum_add(&num, p->cum[i]);
        kam__sum_add(&num, p->cum[i]);
    }
    uint64_t hi, lo;
    kam__mul128((uint64_t)p->positive, (uint64_t)p->npositive + 1, &hi, &lo);
    over.hi = num.hi - (int64_t)hi - (num.lo < lo ? 1 : 0);
    over.lo = num.lo - lo;
    p->gini = kam__sum_f64(&over) / ((double)p->npositive * total);
    p->hhi = hhi;
}

static int32_t pareto_alloc(kam__pareto *p, kam_error *err) {
    p->order = kam__zalloc_n(p->ctx, p->n, sizeof *p->order);
    p->value = kam__zalloc_n(p->ctx, p->n, sizeof *p->value);
    p->cum = kam__zalloc_n(p->ctx, p->n, sizeof *p->cum);
    p->abc = kam__zalloc_n(p->ctx, p->n, 1);
    p->abc_incl = kam__zalloc_n(p->ctx, p->n, 1);
    return p->order && p->value && p->cum && p->abc && p->abc_incl ? KAM_OK : kam__nomem(err);
}

int32_t kam__pareto_make(kam__pareto *out, kam_ctx *ctx, const int64_t *value, uint32_t n, const uint32_t *by_id,
                         int64_t cut_a, int64_t cut_b, kam_error *err) {
    kam__pareto p = {.ctx = ctx, .n = n};
    if (cut_a < 0 || cut_b < cut_a || cut_b > PARETO_ONE)
        return kam__fail(err, KAM_E_INVAL, "ABC cuts %lld and %lld (10^-4) must be 0 <= A <= B <= 10000",
                         (long long)cut_a, (long long)cut_b);
    int32_t rc = pareto_alloc(&p, err);
    if (rc == KAM_OK) rc = pareto_rank(&p, value, by_id, err);
    if (rc == KAM_OK) rc = pareto_sums(&p, err);
    if (rc != KAM_OK) {
        kam__pareto_free(&p);
        return rc;
    }
    pareto_classes(&p, cut_a, cut_b);
    pareto_concentration(&p);
    *out = p;
    return KAM_OK;
}

void kam__pareto_free(kam__pareto *p) {
    kam__free(p->ctx, p->order);
    kam__free(p->ctx, p->value);
    kam__free(p->ctx, p->cum);
    kam__free(p->ctx, p->abc);
    kam__free(p->ctx, p->abc_incl);
    memset(p, 0, sizeof *p);
}

double kam__pareto_share(const kam__pareto *p, uint32_t rank) {
    return p->total > 0 ? (double)p->cum[rank] / (double)p->total : 0;
}

uint32_t kam__pareto_reach(const kam__pareto *p, int64_t share) {
    if (p->total <= 0 || share <= 0) return 0;
    for (uint32_t i = 0; i < p->npositive; i++)
        if (kam__cmp_products(p->cum[i], PARETO_ONE, share, p->total) >= 0) return i + 1;
    return p->npositive;
}

double kam__pareto_top(const kam__pareto *p, uint32_t k) {
    if (k > p->npositive) k = p->npositive;
    return k ? (double)p->cum[k - 1] / (double)p->positive : 0;
}

double kam__pareto_top_part(const kam__pareto *p, int64_t q) {
    if (q <= 0) return 0;
    if (q > PARETO_ONE) q = PARETO_ONE;
    return kam__pareto_top(p, (uint32_t)(((uint64_t)q * p->npositive + PARETO_ONE - 1) / PARETO_ONE));
}

/* The curve rises over every profit, stays over zeroes and falls over losses: its peak needs no order. */
int32_t kam__whale_make(kam__whale *out, const int64_t *profit, uint32_t n, kam_error *err) {
    kam__whale w = {0};
    int bad = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (profit[i] > 0) {
            bad |= kam__add(w.peak, profit[i], &w.peak);
            w.peak_at++;
        } else if (profit[i] < 0) {
            bad |= kam__add(w.loss, profit[i], &w.loss);
            w.unprofitable++;
        }
    }
    if (bad) return kam__fail(err, KAM_E_LIMIT,
                              "the sum of all profits or losses does not fit 64 bits: value a shorter window");
    w.total = w.peak + w.loss;
    if (w.total > 0) w.peak_pct = 100.0 * (double)w.peak / (double)w.total;
    *out = w;
    return KAM_OK;
}

#undef PARETO_ONE
