/*
 * segment/segment_book_attributes_trend.c - does an account grow? Its revenue in each of the twelve months that end with
 * the day, and their slope in parts of their mean (value/trend.c).
 *
 * The rows come from the ledger pass beside it. An account without revenue in these months has no trend.
 */
#include "../store/store.h"
#include "../value/measure.h"
#include "segment_book_attributes.h"

#define TREND_MONTHS 12

struct kam__attr_trend {
    kam_ctx *ctx;
    int32_t start[TREND_MONTHS + 1];
    kam__keys keys;
    int64_t (*sum)[TREND_MONTHS]; size_t cap;
};

int32_t kam__attr_trend_new(kam__attr_reading *a)
{
    kam__attr_trend *t = NULL;
    if (!kam__attr_wants(a, KAM_ATTRIBUTES_TREND)) return KAM_OK;
    t = kam__zalloc(a->ctx, sizeof *t);
    if (!t) return kam__nomem(a->err);
    t->ctx = a->ctx;
    kam__keys_init(&t->keys, a->ctx);
    for (int i = 0; i <= TREND_MONTHS; i++) t->start[i] = kam__add_months(a->end, i - TREND_MONTHS);
    a->trend = t;
    return KAM_OK;
}

void kam__attr_trend_free(kam__attr_trend *t)
{
    if (!t) return;
    kam__keys_free(&t->keys);
    kam__free(t->ctx, t->sum);
    kam__free(t->ctx, t);
}

static int32_t trend_row(kam__attr_trend *t, int64_t account, int32_t day, int64_t amount, kam_error *err)
{
    uint32_t n = t->keys.n, at = 0;
    int month = 0;
    if (day < t->start[0] || day >= t->start[TREND_MONTHS]) return KAM_OK;
    while (day >= t->start[month + 1]) month++;
    KAM__TRY(kam__keys_add(&t->keys, account, &at, err));
    if (at >= n) {
        KAM__TRY(kam__grow(t->ctx, &t->sum, &t->cap, (size_t)at + 1, sizeof *t->sum, err));
        memset(t->sum[at], 0, sizeof *t->sum);
    }
    if (!kam__add(t->sum[at][month], amount, &t->sum[at][month])) return KAM_OK;
    return kam__fail(err, KAM_E_LIMIT, "the revenue of account %lld in a month does not fit 64 bits", (long long)account);
}

int32_t kam__attr_trend_feed(kam__attr_trend *t, const kam__ledger_rows *rows, kam_error *err)
{
    for (uint32_t i = 0; t && i < rows->n; i++) {
        int32_t event = rows->event ? rows->event[i] : KAM_LEDGER_SALE;
        if (event == KAM_LEDGER_SALE) KAM__TRY(trend_row(t, rows->account[i], rows->day[i], rows->amount[i], err));
        if (event == KAM_LEDGER_RETURN) KAM__TRY(trend_row(t, rows->account[i], rows->day[i], -rows->amount[i], err));
    }
    return KAM_OK;
}

int kam__attr_trend_of(const kam__attr_trend *t, int64_t account, int64_t *out)
{
    uint32_t at = 0;
    kam__sum all = {0, 0};
    int64_t v = 0;
    if (!t || !kam__keys_find(&t->keys, account, &at)) return 0;
    for (int i = 0; i < TREND_MONTHS; i++) kam__sum_add(&all, t->sum[at][i]);
    if (kam__sum_get(&all, &v) || v <= 0) return 0;
    *out = kam__trend(t->sum[at], TREND_MONTHS);
    return 1;
}
