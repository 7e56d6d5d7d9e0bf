/*
 * value/period.c - sums per account and month, quarter or year (R63).
 *
 * One entry per account and period that has rows. Both are numbered by kam__keys: accounts by id, entries by account
 * number and period in one int64. A block is taken in two passes as in ledger.c: what can fail comes first and is
 * undone on failure.
 */
#include "value.h"

#define PERIOD_NONE UINT32_MAX

typedef struct period_entry { kam__sum revenue, returns, cost, serve; } period_entry;
typedef struct period_place { int64_t key; uint32_t entry; } period_place;     /* key: rank of the account, period */

struct kam__periods {
    kam_ctx *ctx;
    kam__ledger_options opt;
    uint32_t unit;
    int32_t ended;
    kam__keys accounts, entries;
    period_entry *sum;
    uint32_t *row;                          /* entry of each row of the block being fed */
    uint32_t *rank;                         /* of each account, by id */
    period_place *place;
    size_t sum_cap, row_cap, rank_cap, place_cap;
    uint32_t nsum;
    int32_t day_from, day_to, day_period;   /* the period looked up last */
};

/* ---------------------------------------------------------------- periods as numbers */

static int32_t period_months(uint32_t unit) {
    return unit == KAM__PERIOD_MONTH ? 1 : unit == KAM__PERIOD_QUARTER ? 3 : 12;
}

static int32_t period_start(uint32_t unit, int32_t period) {
    int32_t month = period * period_months(unit), year = month >= 0 ? month / 12 : -((11 - month) / 12);
    return kam__day(year, month - year * 12 + 1, 1);
}

/* Number of the period a day lies in; rows come in runs of the same period. */
static int32_t period_of(kam__periods *p, int32_t day) {
    if (day >= p->day_from && day < p->day_to) return p->day_period;
    int32_t year, month, mday;
    kam__day_split(day, &year, &month, &mday);
    int32_t months = year * 12 + month - 1, n = period_months(p->unit);
    p->day_period = months >= 0 ? months / n : -((n - 1 - months) / n);
    p->day_from = period_start(p->unit, p->day_period);
    p->day_to = period_start(p->unit, p->day_period + 1);
    return p->day_period;
}

static int64_t period_key(uint32_t account, int32_t period) {
    return (int64_t)((uint64_t)account << 32 | ((uint32_t)period ^ 0x80000000u));
}

static int32_t period_of_key(int64_t key) {
    return (int32_t)((int64_t)((uint64_t)key & UINT32_MAX) - (int64_t)0x80000000);
}

/* ---------------------------------------------------------------- life */

int32_t kam__periods_new(kam__periods **out, kam_ctx *ctx, const kam__ledger_options *options, uint32_t unit,
                         kam_error *err) {
    if (unit < KAM__PERIOD_MONTH || unit > KAM__PERIOD_YEAR)
        return kam__fail(err, KAM_E_INVAL, "period unit %u is not month, quarter or year (1, 2, 3)", (unsigned)unit);
    kam__ledger_options own;
    KAM__TRY(kam__ledger_options_take(&own, options, err));
    kam__periods *p = kam__zalloc(ctx, sizeof *p);
    if (!p) return kam__nomem(err);
    p->ctx = ctx;
    p->unit = unit;
    p->opt = own;
    kam__keys_init(&p->accounts, ctx);
    kam__keys_init(&p->entries, ctx);
    *out = p;
    return KAM_OK;
}

void kam__periods_free(kam__periods *p) {
    if (!p) return;
    kam__keys_free(&p->accounts);
    kam__keys_free(&p->entries);
    kam__free(p->ctx, p->sum);
    kam__free(p->ctx, p->row);
    kam__free(p->ctx, p->rank);
    kam__free(p->ctx, p->place);
    kam__free(p->ctx, p);
}

/* ---------------------------------------------------------------- feeding */

static int32_t period_resolve(kam__periods *p, const kam__ledger_rows *rows, uint32_t i, kam_error *err) {
    uint32_t account, entry;
    p->row[i] = PERIOD_NONE;
    KAM__TRY(kam__ledger_check(rows, i, err));
    if (rows->day[i] < p->opt.from || rows->day[i] >= p->opt.to) return KAM_OK;
    KAM__TRY(kam__keys_add(&p->accounts, rows->account[i], &account, err));
    KAM__TRY(kam__keys_add(&p->entries, period_key(account, period_of(p, rows->day[i])), &entry, err));
    p->row[i] = entry;
    if (entry < p->nsum) return KAM_OK;
    KAM__TRY(kam__grow(p->ctx, &p->sum, &p->sum_cap, (size_t)entry + 1, sizeof *p->sum, err));
    memset(p->sum + entry, 0, sizeof *p->sum);
    p->nsum = entry + 1;
    return KAM_OK;
}

static void period_add(kam__periods *p, const kam__ledger_rows *rows, uint32_t i) {
    period_entry *e = p->sum + p->row[i];
    int64_t amount = rows->amount[i], cost = rows->cost ? rows->cost[i] : 0;
    switch (rows->event ? rows->event[i] : KAM_LEDGER_SALE) {
    case KAM_LEDGER_SALE:
        kam__sum_add(&e->revenue, amount);
        kam__sum_add(&e->cost, cost);
        break;
    case KAM_LEDGER_RETURN:
        kam__sum_add(&e->returns, amount);
        if (p->opt.returns != KAM__RETURNS_NET) break;
        kam__sum_sub(&e->revenue, amount);
        kam__sum_sub(&e->cost, cost);
        break;
    case KAM_LEDGER_COST_OF_GOODS: kam__sum_add(&e->cost, amount); break;
    default: kam__sum_add(&e->serve, amount); break;
    }
}

int32_t kam__periods_feed(kam__periods *p, const kam__ledger_rows *rows, kam_error *err) {
    uint32_t naccount = p->accounts.n, nsum = p->nsum;
    if (rows->n > KAM__BLOCK_MAX)
        return kam__fail(err, KAM_E_INVAL, "a block has at most %u rows, not %u", (unsigned)KAM__BLOCK_MAX,
                         (unsigned)rows->n);
    KAM__TRY(kam__grow(p->ctx, &p->row, &p->row_cap, rows->n, sizeof *p->row, err));
    for (uint32_t i = 0; i < rows->n; i++) {
        int32_t rc = period_resolve(p, rows, i, err);
        if (rc == KAM_OK) continue;
        kam__keys_cut(&p->entries, nsum);
        kam__keys_cut(&p->accounts, naccount);
        p->nsum = nsum;
        return rc;
    }
    for (uint32_t i = 0; i < rows->n; i++)
        if (p->row[i] != PERIOD_NONE) period_add(p, rows, i);
    p->ended = 0;
    return KAM_OK;
}

/* ---------------------------------------------------------------- reading */

static int period_cmp(const void *a, const void *b, void *arg) {
    int64_t x = ((const period_place *)a)->key, y = ((const period_place *)b)->key;
    (void)arg;
    return (x > y) - (x < y);
}

/* rank[account]: its place in id order; `order` is scratch. */
static int32_t period_ranks(kam__periods *p, kam_error *err) {
    KAM__TRY(kam__grow(p->ctx, &p->rank, &p->rank_cap, p->accounts.n, sizeof *p->rank, err));
    uint32_t *order = kam__zalloc_n(p->ctx, p->accounts.n, sizeof *order);
    if (!order) return kam__nomem(err);
    int32_t rc = kam__keys_order(&p->accounts, order, err);
    for (uint32_t i = 0; rc == KAM_OK && i < p->accounts.n; i++) p->rank[order[i]] = i;
    kam__free(p->ctx, order);
    return rc;
}

int32_t kam__periods_end(kam__periods *p, kam_error *err) {
    if (p->ended) return KAM_OK;
    KAM__TRY(kam__grow(p->ctx, &p->place, &p->place_cap, p->nsum, sizeof *p->place, err));
    KAM__TRY(period_ranks(p, err));
    for (uint32_t i = 0; i < p->nsum; i++) {
        int64_t key = p->entries.key[i];
        p->place[i] = (period_place){period_key(p->rank[(uint64_t)key >> 32], period_of_key(key)), i};
    }
    KAM__TRY(kam__sort(p->ctx, p->place, p->nsum, sizeof *p->place, period_cmp, NULL, err));
    p->ended = 1;
    return KAM_OK;
}

uint32_t kam__periods_count(const kam__periods *p) {
    return p->nsum;
}

/* gross = revenue - cost, contribution = gross - serve; 1 = one does not fit. */
static int period_profit(kam__period_totals *t) {
    kam__sum s = {0, 0};
    kam__sum_add(&s, t->revenue);
    kam__sum_sub(&s, t->cost_of_goods);
    int bad = kam__sum_get(&s, &t->gross_profit);
    kam__sum_sub(&s, t->serve);
    return bad | kam__sum_get(&s, &t->contribution);
}

int32_t kam__periods_at(const kam__periods *p, uint32_t i, kam__period_totals *out, kam_error *err) {
    if (!p->ended || i >= p->nsum)
        return kam__fail(err, KAM_E_INVAL, "entry %u of %u, read before kam__periods_end or out of range", (unsigned)i,
                         (unsigned)p->nsum);
    uint32_t entry = p->place[i].entry;
    int64_t key = p->entries.key[entry];
    int32_t period = period_of_key(key);
    const period_entry *e = p->sum + entry;
    kam__period_totals t = {.account = p->accounts.key[(uint64_t)key >> 32], .from = period_start(p->unit, period),
                            .to = period_start(p->unit, period + 1)};
    int bad = kam__sum_get(&e->revenue, &t.revenue) | kam__sum_get(&e->returns, &t.returns);
    bad |= kam__sum_get(&e->cost, &t.cost_of_goods) | kam__sum_get(&e->serve, &t.serve);
    if (bad || period_profit(&t))
        return kam__fail(err, KAM_E_LIMIT, "a sum of account %lld does not fit 64 bits", (long long)t.account);
    *out = t;
    return KAM_OK;
}

/* First entry whose key is not below. */
static uint32_t period_lower(const kam__periods *p, int64_t key) {
    uint32_t lo = 0, hi = p->nsum;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (p->place[mid].key < key) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

int kam__periods_find(const kam__periods *p, int64_t account, uint32_t *first, uint32_t *n) {
    uint32_t number;
    if (!p->ended || !kam__keys_find(&p->accounts, account, &number)) return 0;
    uint32_t rank = p->rank[number];
    *first = period_lower(p, period_key(rank, INT32_MIN));
    *n = period_lower(p, period_key(rank + 1, INT32_MIN)) - *first;
    return 1;
}

#undef PERIOD_NONE
