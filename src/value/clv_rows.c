/*
 * value/clv_rows.c - kam_purchases: order lines to x, tx, T and m of each account, in the convention of Fader & Hardie:
 * the amounts of one account and day are one purchase, x counts the days after the first, m is the mean of these.
 *
 * Rows are collected as (account, day, amount) and, whenever they have doubled, sorted and put together, so that memory is
 * bounded by the distinct days of accounts; the answer does not depend on the order or the blocks rows came in. Amounts
 * below zero are returns: they lower the purchase of their day and are none themselves.
 */
#include "value/clv.h"

#define ROWS_FIRST 4096u

typedef struct rows_day {
    int64_t account, amount;
    int32_t day, bought;
} rows_day;

struct kam_purchases {
    kam_ctx *ctx;
    kam_purchases_options opt;
    rows_day *day;
    size_t n, cap, sorted; /* the first `sorted` are in order, each account and day once */
    int64_t *account;
    int32_t *x, *later;
    double *tx, *t, *m;
    size_t room;
};

int32_t kam_purchases_new(kam_purchases **out, kam_ctx *ctx, const kam_purchases_options *options, kam_error *err) {
    kam_purchases_options own;
    kam_ctx *held = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!options) return kam__null_arg(err, "options");
    KAM__TRY(kam__options(&own, sizeof own, options, sizeof own, "kam_purchases_options", err));
    KAM__TRY(kam__flags(own.reserved, 0, "kam_purchases_options.reserved", err));
    if (own.unit > KAM_CLV_MONTH)
        return kam__fail(err, KAM_E_INVAL, "unit %u is not KAM_CLV_WEEK, KAM_CLV_DAY or KAM_CLV_MONTH",
                         (unsigned)own.unit);
    if (own.decimals > 9)
        return kam__fail(err, KAM_E_INVAL, "amounts have 0 to 9 decimals, not %u", (unsigned)own.decimals);
    if (own.holdout && own.holdout < own.until)
        return kam__fail(err, KAM_E_INVAL, "holdout is %lld days before until: give a later day, or 0 for none",
                         (long long)own.until - own.holdout);
    KAM__TRY(kam__ctx_take(&held, ctx, err));
    kam_purchases *p = kam__zalloc(held, sizeof *p);
    if (!p) {
        kam_ctx_free(held);
        return kam__nomem(err);
    }
    p->ctx = held;
    p->opt = own;
    *out = p;
    return KAM_OK;
}

void kam_purchases_free(kam_purchases *purchases) {
    if (!purchases) return;
    kam_ctx *ctx = purchases->ctx;
    kam__free(ctx, purchases->day);
    kam__free(ctx, purchases->account);
    kam__free(ctx, purchases->t);
    kam__free(ctx, purchases);
    kam_ctx_free(ctx);
}

static int rows_by_day(const void *a, const void *b, void *arg) {
    const rows_day *p = a, *q = b;
    (void)arg;
    if (p->account != q->account) return p->account < q->account ? -1 : 1;
    return (p->day > q->day) - (p->day < q->day);
}

static int32_t rows_compact(kam_purchases *p, kam_error *err) {
    size_t k = 0;
    if (p->sorted == p->n) return KAM_OK;
    KAM__TRY(kam__sort(p->ctx, p->day, p->n, sizeof *p->day, rows_by_day, NULL, err));
    for (size_t i = 0; i < p->n; i++) {
        rows_day *before = k ? &p->day[k - 1] : NULL, *now = &p->day[i];
        if (before && rows_by_day(before, now, NULL) == 0 && !kam__add(before->amount, now->amount, &before->amount))
            before->bought |= now->bought;
        else
            p->day[k++] = *now; /* a sum that does not fit stays in two */
    }
    p->n = p->sorted = k;
    return KAM_OK;
}

int32_t kam_purchases_feed(kam_purchases *purchases, const int64_t *account, const int32_t *day, const int64_t *amount,
                           size_t n, kam_error *err) {
    kam_purchases *p = purchases;
    if (!p) return kam__null_arg(err, "purchases");
    if (n && (!account || !day)) return kam__null_arg(err, account ? "day" : "account");
    if (p->n + n > p->cap && p->n > p->sorted) KAM__TRY(rows_compact(p, err));
    if (p->n + n > p->cap / 2) { /* half stays free, so that putting together is seldom */
        size_t cap = (p->n + n) * 2 > ROWS_FIRST ? (p->n + n) * 2 : ROWS_FIRST;
        rows_day *more = cap <= SIZE_MAX / sizeof *more ? kam__resize(p->ctx, p->day, cap * sizeof *more) : NULL;
        if (!more) return kam__nomem(err);
        p->day = more;
        p->cap = cap;
    }
    for (size_t i = 0; i < n; i++) {
        int64_t v = amount ? amount[i] : 0;
        p->day[p->n++] = (rows_day){account[i], v, day[i], v >= 0};
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- accounts */

static int32_t rows_room(kam_purchases *p, size_t n, kam_error *err) {
    if (p->t && n <= p->room) return KAM_OK;
    double *t = kam__zalloc_n(p->ctx, 3 * n + 1, sizeof *t);
    int64_t *account = kam__zalloc_n(p->ctx, 2 * n + 1, sizeof *account);
    if (!t || !account) {
        kam__free(p->ctx, t);
        kam__free(p->ctx, account);
        return kam__nomem(err);
    }
    kam__free(p->ctx, p->t);
    kam__free(p->ctx, p->account);
    p->t = t, p->tx = t + n, p->m = t + 2 * n;
    p->account = account;
    p->x = (int32_t *)(void *)(account + n);
    p->later = p->x + n;
    p->room = n;
    return KAM_OK;
}

/* Whether a day is a purchase; a day that stands there twice is one if either is. `i` moves to the last of them. */
static int rows_purchase(const kam_purchases *p, size_t *i, size_t to, double *money) {
    int bought = p->day[*i].bought;
    *money = (double)p->day[*i].amount;
    while (*i + 1 < to && p->day[*i + 1].day == p->day[*i].day) {
        ++*i;
        bought |= p->day[*i].bought;
        *money += (double)p->day[*i].amount;
    }
    return bought;
}

/* The days [from, to) of one account, into place k; 1 = it has bought by then. */
static int rows_account(kam_purchases *p, size_t from, size_t to, size_t k) {
    static const double days[] = {7, 1, 30.4375};
    int32_t first = 0, last = 0, until = p->opt.until;
    double money = 0, each = 0, unit = days[p->opt.unit];
    uint32_t n = 0, later = 0;
    for (size_t i = from; i < to; i++) {
        if (!rows_purchase(p, &i, to, &each)) continue;
        int32_t day = p->day[i].day;
        if (day > until) {
            later += p->opt.holdout && day <= p->opt.holdout;
            continue;
        }
        if (n++)
            money += each;
        else
            first = day;
        last = day;
    }
    if (!n) return 0;
    p->account[k] = p->day[from].account;
    p->x[k] = (int32_t)n - 1;
    p->later[k] = (int32_t)later;
    p->tx[k] = ((double)last - first) / unit;
    p->t[k] = ((double)until - first) / unit;
    p->m[k] = n > 1 ? money / (n - 1) / (double)kam__pow10[p->opt.decimals] : 0;
    return 1;
}

int32_t kam_purchases_rows(kam_clv_rows *rows, const int64_t **account, const int32_t **later, kam_purchases *purchases,
                           kam_error *err) {
    kam_purchases *p = purchases;
    size_t k = 0, accounts = 0;
    if (!rows) return kam__null_arg(err, "rows");
    if (!p) return kam__null_arg(err, "purchases");
    KAM__TRY(rows_compact(p, err));
    for (size_t i = 0; i < p->n; i++) accounts += i == 0 || p->day[i].account != p->day[i - 1].account;
    KAM__TRY(rows_room(p, accounts, err));
    for (size_t i = 0, to; i < p->n; i = to) {
        for (to = i + 1; to < p->n && p->day[to].account == p->day[i].account;) to++;
        k += (size_t)rows_account(p, i, to, k);
    }
    *rows = (kam_clv_rows){.struct_size = sizeof *rows, .n = k, .x = p->x, .tx = p->tx, .t = p->t, .m = p->m};
    if (account) *account = p->account;
    if (later) *later = p->later;
    return KAM_OK;
}
