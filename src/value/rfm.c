/*
 * value/rfm.c - recency, frequency, money: five scores each, by both tie rules (after Hughes 1994).
 *
 * ntile: accounts sorted worst to best, ties by id, cut into five runs, the first n mod 5 of them one longer (SQL's
 * NTILE(5)). q7: type-7 quantiles (Hyndman, Fan 1996) at k/5: with h = (n - 1) k, lo = x[h / 5], hi the next one up
 * and rest = h mod 5, the cut is lo + rest/5 (hi - lo): a multiple of a fifth, so in tenths it is a whole number and
 * nothing is rounded. A whole value lies above a cut exactly when it lies above the cut's floor.
 */
#include "value.h"

const kam__rfm_cell kam__rfm_cells[10] = {
    {"champion",            {4, 4, 4}, {5, 5, 5}},
    {"cannot lose",         {1, 4, 4}, {2, 5, 5}},
    {"loyal",               {3, 3, 3}, {5, 5, 5}},
    {"at risk",             {1, 2, 3}, {2, 5, 5}},
    {"new",                 {5, 1, 1}, {5, 1, 5}},
    {"promising",           {4, 1, 1}, {5, 2, 5}},
    {"frequent, small",     {3, 3, 1}, {5, 5, 2}},
    {"needs attention",     {3, 1, 3}, {3, 2, 5}},
    {"about to sleep",      {2, 1, 1}, {3, 5, 5}},
    {"lost",                {1, 1, 1}, {1, 5, 5}},
};

typedef struct rfm_item { int64_t value; uint32_t account; } rfm_item;

static int rfm_cmp(const void *a, const void *b, void *arg) {
    int64_t x = ((const rfm_item *)a)->value, y = ((const rfm_item *)b)->value;
    int up = (x > y) - (x < y);
    return arg ? -up : up;                  /* arg: large values are the worse ones */
}

/* Number of cuts below the value, plus 1. */
uint8_t kam__rfm_score(const int64_t cut10[4], int64_t value) {
    uint8_t score = 1;
    for (int k = 0; k < 4; k++) {
        int64_t floor10 = cut10[k] / 10 - (cut10[k] % 10 < 0);
        score = (uint8_t)(score + (value > floor10));
    }
    return score;
}

/* (10 - 2 rest) lo + 2 rest hi; 1 = does not fit. */
static int rfm_cut(int64_t lo, int64_t hi, uint32_t rest, int64_t *out) {
    kam__sum s = {0, 0};
    for (uint32_t i = 0; i < 10; i++) kam__sum_add(&s, i < 2 * rest ? hi : lo);
    return kam__sum_get(&s, out);
}

/* The k-th smallest value lies `stride` bytes times k from `first`: one routine for plain arrays and for items in
 * either order. */
static int64_t rfm_nth(const int64_t *first, ptrdiff_t stride, uint64_t k) {
    int64_t v;
    memcpy(&v, (const char *)first + stride * (ptrdiff_t)k, sizeof v);
    return v;
}

static int32_t rfm_cuts(int64_t cut10[4], const int64_t *first, ptrdiff_t stride, uint32_t n, kam_error *err) {
    int64_t cut[4] = {0, 0, 0, 0};
    for (uint32_t k = 1; n && k < 5; k++) {
        uint64_t h = (uint64_t)(n - 1) * k;
        uint32_t rest = (uint32_t)(h % 5);
        int64_t lo = rfm_nth(first, stride, h / 5), hi = rest ? rfm_nth(first, stride, h / 5 + 1) : lo;
        if (rfm_cut(lo, hi, rest, cut + k - 1))
            return kam__fail(err, KAM_E_LIMIT, "a cut point near %lld does not fit 64 bits in tenths", (long long)lo);
    }
    memcpy(cut10, cut, sizeof cut);
    return KAM_OK;
}

int32_t kam__quantile_cuts(int64_t cut10[4], const int64_t *sorted, uint32_t n, kam_error *err) {
    return rfm_cuts(cut10, sorted, (ptrdiff_t)sizeof *sorted, n, err);
}

static void rfm_ntile(uint8_t *score, const rfm_item *worst_first, uint32_t n) {
    uint32_t size = n / 5, longer = n % 5, i = 0;
    for (uint8_t tile = 1; tile <= 5; tile++) {
        uint32_t end = i + size + (tile <= longer ? 1 : 0);
        for (; i < end; i++) score[worst_first[i].account] = tile;
    }
}

static void rfm_q7(kam__rfm *r, int m, const int64_t *value) {
    for (uint32_t i = 0; i < r->n; i++) {
        uint8_t score = kam__rfm_score(r->cut10[m], value[i]);
        r->q7[m][i] = m == KAM__R ? (uint8_t)(6 - score) : score;
    }
}

void kam__rfm_recut(kam__rfm *r, int m, const int64_t cut10[4], const int64_t *value) {
    memcpy(r->cut10[m], cut10, sizeof r->cut10[m]);
    rfm_q7(r, m, value);
}

/* One measure: sort, cut, score. `item` is scratch. */
static int32_t rfm_measure(kam__rfm *r, int m, const int64_t *value, const uint32_t *by_id, rfm_item *item,
                           kam_error *err) {
    int reverse = m == KAM__R;
    for (uint32_t i = 0; i < r->n; i++) {
        item[i].account = by_id ? by_id[i] : i;
        item[i].value = value[item[i].account];
    }
    KAM__TRY(kam__sort(r->ctx, item, r->n, sizeof *item, rfm_cmp, reverse ? &reverse : NULL, err));
    ptrdiff_t stride = (ptrdiff_t)sizeof *item;
    const rfm_item *smallest = reverse && r->n ? item + (r->n - 1) : item;
    KAM__TRY(rfm_cuts(r->cut10[m], &smallest->value, reverse ? -stride : stride, r->n, err));
    rfm_ntile(r->ntile[m], item, r->n);
    rfm_q7(r, m, value);
    return KAM_OK;
}

int32_t kam__rfm_make(kam__rfm *out, kam_ctx *ctx, const int64_t *recency_days, const int64_t *orders,
                      const int64_t *money, uint32_t n, const uint32_t *by_id, kam_error *err) {
    kam__rfm r = {.ctx = ctx, .n = n};
    const int64_t *value[3] = {recency_days, orders, money};
    rfm_item *item = kam__zalloc_n(ctx, n, sizeof *item);
    int32_t rc = item ? KAM_OK : kam__nomem(err);
    for (int m = 0; m < 3 && rc == KAM_OK; m++) {
        r.ntile[m] = kam__zalloc_n(ctx, n, 1);
        r.q7[m] = kam__zalloc_n(ctx, n, 1);
        rc = r.ntile[m] && r.q7[m] ? rfm_measure(&r, m, value[m], by_id, item, err) : kam__nomem(err);
    }
    kam__free(ctx, item);
    if (rc != KAM_OK) kam__rfm_free(&r);
    else *out = r;
    return rc;
}

void kam__rfm_free(kam__rfm *r) {
    for (int m = 0; m < 3; m++) {
        kam__free(r->ctx, r->ntile[m]);
        kam__free(r->ctx, r->q7[m]);
    }
    memset(r, 0, sizeof *r);
}

void kam__rfm_count(const kam__rfm *r, uint8_t *const score[3], uint32_t count[125]) {
    memset(count, 0, 125 * sizeof *count);
    for (uint32_t i = 0; i < r->n; i++)
        count[(score[KAM__R][i] - 1) * 25 + (score[KAM__F][i] - 1) * 5 + (score[KAM__M][i] - 1)]++;
}

int kam__rfm_cell_of(const kam__rfm_cell *cell, uint32_t n, uint8_t r, uint8_t f, uint8_t m) {
    const uint8_t score[3] = {r, f, m};
    for (uint32_t i = 0; i < n; i++) {
        int in = 1;
        for (int k = 0; k < 3; k++) in &= score[k] >= cell[i].lo[k] && score[k] <= cell[i].hi[k];
        if (in) return (int)i;
    }
    return -1;
}
