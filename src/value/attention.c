/*
 * value/attention.c - where our time goes: how much of it top accounts get, on what it is spent, and how active each
 * account is.
 *
 * The requirements name targets (80 % of the time on 20 % of the accounts; 40/30/20/10 over trust, need, product and
 * deal); here are the figures beside them. Weights of contacts are ours and can be given.
 */
#include "value/measure.h"

const int64_t kam__effort_target[KAM__PHASES] = {4000, 3000, 2000, 1000};
const int64_t kam__contact_weight[4] = {4, 2, 1, 1};

static int attention_by_value(const void *a, const void *b, void *arg) {
    const int64_t *value = arg;
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    if (value[p] != value[q]) return value[p] > value[q] ? -1 : 1;
    return (p > q) - (p < q);
}

/* The share of the first `top` accounts of `order` in the sum of all. */
static int32_t attention_share(int64_t *out, const int64_t *v, const uint32_t *order, uint32_t n, uint32_t top,
                               kam_error *err) {
    kam__sum part = {0, 0}, all = {0, 0};
    int64_t a, b;
    *out = 0;
    if (!v) return KAM_OK;
    for (uint32_t i = 0; i < n; i++) {
        kam__sum_add(&all, v[order[i]]);
        if (i < top) kam__sum_add(&part, v[order[i]]);
    }
    if (kam__sum_get(&part, &a) || kam__sum_get(&all, &b))
        return kam__fail(err, KAM_E_LIMIT, "a total of %u accounts does not fit 64 bits", (unsigned)n);
    *out = kam__share(a, b);
    return KAM_OK;
}

int32_t kam__attention_make(kam__attention *out, const int64_t *minutes, const int64_t *revenue, const int64_t *profit,
                            uint32_t n, int64_t part, kam_ctx *ctx, kam_error *err) {
    kam__attention a = {.accounts = n};
    if (part < 0 || part > 10000) return kam__fail(err, KAM_E_INVAL, "the part of top accounts is 0 to 10000 (10^-4)");
    if (n && (!minutes || !revenue)) return kam__null_arg(err, minutes ? "revenue" : "minutes");
    uint32_t *order = kam__zalloc_n(ctx, (size_t)n + 1, sizeof *order);
    if (!order) return kam__nomem(err);
    for (uint32_t i = 0; i < n; i++) order[i] = i;
    a.top = (uint32_t)(((uint64_t)n * (uint64_t)part + 9999) / 10000);
    int32_t rc = kam__sort(ctx, order, n, sizeof *order, attention_by_value, (void *)(uintptr_t)revenue, err);
    if (rc == KAM_OK) rc = attention_share(&a.time_share, minutes, order, n, a.top, err);
    if (rc == KAM_OK) rc = attention_share(&a.revenue_share, revenue, order, n, a.top, err);
    if (rc == KAM_OK) rc = attention_share(&a.profit_share, profit, order, n, a.top, err);
    kam__free(ctx, order);
    if (rc == KAM_OK) *out = a;
    return rc;
}

int32_t kam__effort_mix(int64_t share[KAM__PHASES], int64_t difference[KAM__PHASES],
                        const int64_t minutes[KAM__PHASES + 1], kam_ctx *ctx, kam_error *err) {
    int64_t part[KAM__PHASES] = {0, 0, 0, 0};
    int any = 0;
    for (uint32_t i = 0; i < KAM__PHASES; i++) {
        if (minutes[i] < 0) return kam__fail(err, KAM_E_INVAL, "time of phase %u is below zero", (unsigned)i + 1);
        any |= minutes[i] > 0;
    }
    if (any) KAM__TRY(kam__allocate(part, 10000, minutes, KAM__PHASES, ctx, err));
    for (uint32_t i = 0; i < KAM__PHASES; i++) {
        share[i] = part[i];
        difference[i] = any ? part[i] - kam__effort_target[i] : 0;
    }
    return KAM_OK;
}

/* Points of the first and second half of the window go to `trend` and `inbound` until the shares are taken. */
static void activity_add(kam__activity *a, const kam__contact *c, int64_t weight, int late) {
    a->points += weight;
    a->index += late ? weight : -weight;
    a->inbound += c->inbound != 0;
    a->contacts++;
}

static int32_t activity_trend(int64_t points, int64_t late_minus_early) {
    int64_t early = (points - late_minus_early) / 2, late = points - early;
    return late * 5 > early * 6 ? 1 : late * 5 < early * 4 ? -1 : 0;
}

static void activity_end(kam__activity *a, uint32_t n) {
    kam__sum all = {0, 0};
    int64_t points = 0, some = 0;
    for (uint32_t i = 0; i < n; i++) {
        kam__sum_add(&all, a[i].points);
        some += a[i].contacts > 0;
    }
    if (kam__sum_get(&all, &points)) points = INT64_MAX;
    for (uint32_t i = 0; i < n; i++) {
        int64_t scaled = 0;
        a[i].trend = activity_trend(a[i].points, a[i].index);
        a[i].inbound = kam__share(a[i].inbound, a[i].contacts);
        a[i].index = points > 0 && !kam__mul(a[i].points, some, &scaled) ? kam__share(scaled, points) : 0;
    }
}

int32_t kam__activity_make(kam__activity *out, uint32_t accounts, const kam__contact *contact, size_t n, int32_t from,
                           int32_t to, const int64_t *weight, kam_error *err) {
    const int64_t *w = weight ? weight : kam__contact_weight;
    if (to <= from) return kam__fail(err, KAM_E_INVAL, "the window is empty: to must lie after from");
    for (int k = 0; k < 4; k++)
        if (w[k] < 0 || w[k] > 1000000)
            return kam__fail(err, KAM_E_INVAL, "weight %d is %lld: 0 to 1000000 points for a contact are expected", k,
                             (long long)w[k]);
    for (size_t i = 0; i < n; i++)
        if (contact[i].account >= accounts || contact[i].kind > 3)
            return kam__fail(err, KAM_E_INVAL, "contact %llu: account %u of %u, kind %u", (unsigned long long)i,
                             (unsigned)contact[i].account, (unsigned)accounts, (unsigned)contact[i].kind);
    int64_t middle = (int64_t)from + ((int64_t)to - from) / 2;
    if (accounts) memset(out, 0, accounts * sizeof *out);
    for (size_t i = 0; i < n; i++)
        if (contact[i].day >= from && contact[i].day < to)
            activity_add(&out[contact[i].account], &contact[i], w[contact[i].kind], contact[i].day >= middle);
    activity_end(out, accounts);
    return KAM_OK;
}
