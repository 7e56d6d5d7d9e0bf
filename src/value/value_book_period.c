/*
 * value/value_book_period.c - sums per account and month, quarter or year (R63).
 *
 * The ledger is read once in the currency of sums; if accounts have currencies of their own, once more for those, each
 * in its account's. An amount of money has the decimals of its row's currency, so each currency is a row of its own.
 */
#include "value_book.h"
#include "../store/store.h"

typedef struct periods_work {
    kam_book *b;
    kam__value_scope scope;
    uint32_t unit;
    kam__imap own;
    kam__periods *base, *other;
    kam_error *err;
} periods_work;

static int32_t periods_take(void *user, const kam__ledger_rows *rows, kam_error *err) {
    return kam__periods_feed(user, rows, err);
}

static int32_t periods_read(kam__periods **out, periods_work *w, int own) {
    kam__value_scope s = w->scope;
    const kam__ledger_options o = kam__value_accumulate(&s);
    s.own_currency = own;
    KAM__TRY(kam__periods_new(out, w->b->ctx, &o, w->unit, w->err));
    KAM__TRY(kam__value_scan(w->b, &s, periods_take, *out, w->err));
    return kam__periods_end(*out, w->err);
}

static void periods_put(const kam__rowset *set, kam__blockbuf *bb, uint32_t field, int64_t v) {
    kam__bb_i64(bb, kam__rowset_col(set, field), v);
}

static int32_t periods_row(kam__rowset *set, const kam__period_totals *t, const char *currency, int base,
                           kam_error *err) {
    kam__blockbuf *bb = kam__rowset_row(set, err);
    if (!bb) return KAM_E_NOMEM;
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_ACCOUNT, t->account);
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_FROM, t->from);
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_TO, t->to);
    if (currency[0]) kam__bb_text(bb, kam__rowset_col(set, KAM_ACCOUNT_PERIOD_CURRENCY), currency, strlen(currency));
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_BASE, base);
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_REVENUE, t->revenue);
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_RETURNS, t->returns);
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_COST_OF_GOODS, t->cost_of_goods);
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_GROSS_PROFIT, t->gross_profit);
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_COST_TO_SERVE, t->serve);
    periods_put(set, bb, KAM_ACCOUNT_PERIOD_CONTRIBUTION, t->contribution);
    return kam__rowset_end_row(set, err);
}

/* Both lists are by account, then period, and every entry of `other` has its like in `base`. */
static int32_t periods_rows(kam__rowset *set, const periods_work *w) {
    uint32_t k = 0, n = w->other ? kam__periods_count(w->other) : 0;
    kam__period_totals t, o = {0};
    for (uint32_t i = 0; i < kam__periods_count(w->base); i++) {
        KAM__TRY(kam__periods_at(w->base, i, &t, w->err));
        KAM__TRY(periods_row(set, &t, w->scope.currency, 1, w->err));
        if (k < n) KAM__TRY(kam__periods_at(w->other, k, &o, w->err));
        if (k == n || o.account != t.account || o.from != t.from) continue;
        uint32_t code = 0;
        char currency[4];
        kam__imap_get(&w->own, o.account, &code);
        kam__rate_code_text(currency, code);
        KAM__TRY(periods_row(set, &o, currency, 0, w->err));
        k++;
    }
    kam__rowset_seal(set);
    return KAM_OK;
}

static int32_t periods_make(kam__rowset **out, periods_work *w) {
    KAM__TRY(kam__value_settle(&w->scope, w->b, w->err));
    KAM__TRY(kam__value_currencies(&w->own, w->b, &w->scope, w->err));
    KAM__TRY(periods_read(&w->base, w, 0));
    if (w->own.n) KAM__TRY(periods_read(&w->other, w, 1));
    KAM__TRY(kam__rowset_new(out, w->b->schema, KAM_KIND_ACCOUNT_PERIOD, NULL, 0, w->err));
    return periods_rows(*out, w);
}

int32_t kam_value_periods(kam_rows **out, kam_book *book, const kam_value_options *options, uint32_t period,
                          int32_t as_of, kam_error *err) {
    kam__call c;
    periods_work w = {.b = book, .unit = period, .err = err};
    kam__rowset *set = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__value_options_take(&w.scope, NULL, options, as_of, err));
    kam__imap_init(&w.own, book->ctx);
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&c, periods_make(&set, &w), err);
    if (rc == KAM_OK) rc = kam__rows_of_set(out, book, set, 0, 0, err);
    kam__rowset_drop(set);
    kam__periods_free(w.base);
    kam__periods_free(w.other);
    kam__imap_free(&w.own);
    return rc;
}
