/*
 * value/value_book_decline.c - the alarm of decline over a book (R175): one pass over the ledger of 24 months and a bit.
 *
 * The pass feeds four collectors: totals of the three periods, and the days of purchase, of which the usual interval is
 * taken. Accounts are those with a row in any period or a purchase; decline.c decides, the owner of the day is told.
 */
#include "../store/store.h"
#include "measure.h"
#include "value_book_clv.h"
#include <math.h>

typedef struct vdec_work {
    kam_book *b;
    kam_decline_options opt;
    kam__value_scope scope;
    kam__decline_spans spans;
    kam__ledger *period[3];                 /* now, before, a year ago */
    kam_purchases *buys;
    kam__keys keys;                         /* accounts; in[] by their numbers */
    kam__decline_in *in; size_t cap;
    kam__decline *found; size_t n;
    kam__imap owner_of; int64_t *owner;
    kam_error *err;
} vdec_work;

static const struct { uint32_t field; size_t at; } vdec_figures[] = {
    {KAM_ACCOUNT_VALUE_REVENUE, offsetof(kam__totals, revenue)},
    {KAM_ACCOUNT_VALUE_GROSS_PROFIT, offsetof(kam__totals, gross_profit)},
    {KAM_ACCOUNT_VALUE_CONTRIBUTION, offsetof(kam__totals, contribution)},
};

/* ---------------------------------------------------------------- one pass */

static int32_t vdec_take(void *user, const kam__ledger_rows *rows, kam_error *err) {
    vdec_work *w = user;
    for (int k = 0; k < 3; k++) KAM__TRY(kam__ledger_feed(w->period[k], rows, err));
    return kam__clv_feed(w->buys, rows, err);
}

static int32_t vdec_open(vdec_work *w) {
    const kam__span *span[3] = {&w->spans.now, &w->spans.before, &w->spans.year_ago};
    kam_purchases_options p = {.struct_size = sizeof p, .unit = KAM_CLV_DAY, .until = w->scope.as_of};
    for (int k = 0; k < 3; k++) {
        kam__ledger_options o = {.from = span[k]->from, .to = span[k]->to, .orders = KAM__ORDERS_ANY};
        KAM__TRY(kam__ledger_new(&w->period[k], w->b->ctx, &o, w->err));
    }
    return kam_purchases_new(&w->buys, w->b->ctx, &p, w->err);
}

static int32_t vdec_in(kam__decline_in **out, vdec_work *w, int64_t account) {
    uint32_t i = 0, n = w->keys.n;
    KAM__TRY(kam__keys_add(&w->keys, account, &i, w->err));
    KAM__TRY(kam__grow(w->b->ctx, &w->in, &w->cap, (size_t)i + 1, sizeof *w->in, w->err));
    if (i == n) w->in[i] = (kam__decline_in){.account = account, .last_day = KAM_DAY_FIRST};
    *out = &w->in[i];
    return KAM_OK;
}

static int64_t vdec_figure(const vdec_work *w, const kam__totals *t) {
    int64_t v = 0;
    for (size_t i = 0; i < KAM__LEN(vdec_figures); i++)
        if (vdec_figures[i].field == w->opt.figure) memcpy(&v, (const char *)t + vdec_figures[i].at, sizeof v);
    return v;
}

static int32_t vdec_sums(vdec_work *w) {
    for (int k = 0; k < 3; k++) {
        KAM__TRY(kam__ledger_end(w->period[k], w->err));
        for (uint32_t i = 0; i < kam__ledger_count(w->period[k]); i++) {
            kam__decline_in *in = NULL;
            kam__totals t;
            KAM__TRY(kam__ledger_at(w->period[k], i, 0, &t, w->err));
            KAM__TRY(vdec_in(&in, w, t.account));
            *(k == 0 ? &in->now : k == 1 ? &in->before : &in->year_ago) = vdec_figure(w, &t);
        }
    }
    return KAM_OK;
}

/* An interval is usual from three purchases on. */
static int32_t vdec_days(vdec_work *w) {
    kam_clv_rows rows;
    const int64_t *account = NULL;
    KAM__TRY(kam_purchases_rows(&rows, &account, NULL, w->buys, w->err));
    for (size_t i = 0; i < rows.n; i++) {
        kam__decline_in *in = NULL;
        KAM__TRY(vdec_in(&in, w, account[i]));
        in->last_day = w->scope.as_of - (int32_t)(rows.t[i] - rows.tx[i]);
        if (rows.x[i] >= 2) in->interval = (int32_t)floor(rows.tx[i] / rows.x[i] + 0.5);
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- rows */

static const char *const vdec_why[8] = {"", "YEAR", "PERIOD", "YEAR,PERIOD", "SILENT", "YEAR,SILENT", "PERIOD,SILENT",
                                        "YEAR,PERIOD,SILENT"};

static int32_t vdec_row(kam__rowset *set, const vdec_work *w, const kam__decline *d) {
    uint32_t at = 0, owner = 0;
    kam__blockbuf *bb = kam__rowset_row(set, w->err);
    if (!bb) return KAM_E_NOMEM;
    kam__keys_find(&w->keys, d->account, &at);
    const kam__decline_in *in = &w->in[at];
    kam__value_put(set, bb, KAM_DECLINE_ACCOUNT, d->account);
    if (kam__imap_get(&w->owner_of, d->account, &owner)) kam__value_put(set, bb, KAM_DECLINE_OWNER, w->owner[owner]);
    kam__value_put(set, bb, KAM_DECLINE_FROM, w->spans.now.from);
    kam__value_put(set, bb, KAM_DECLINE_TO, w->spans.now.to);
    kam__value_put(set, bb, KAM_DECLINE_NOW, in->now);
    kam__value_put(set, bb, KAM_DECLINE_YEAR_AGO, in->year_ago);
    kam__value_put(set, bb, KAM_DECLINE_BEFORE, in->before);
    kam__value_put_text(set, bb, KAM_DECLINE_CURRENCY, w->scope.currency);
    kam__value_put(set, bb, KAM_DECLINE_LOST, d->lost);
    if (in->year_ago > 0) kam__value_put(set, bb, KAM_DECLINE_YEAR_CHANGE, d->year_change);
    if (in->before > 0) kam__value_put(set, bb, KAM_DECLINE_PERIOD_CHANGE, d->period_change);
    if (in->interval) kam__value_put(set, bb, KAM_DECLINE_INTERVAL, in->interval);
    if (in->last_day > KAM_DAY_FIRST) kam__value_put(set, bb, KAM_DECLINE_SILENT_DAYS, d->silent_days);
    kam__value_put_text(set, bb, KAM_DECLINE_WHY, vdec_why[d->why & 7u]);
    return kam__rowset_end_row(set, w->err);
}

static int32_t vdec_make(kam__rowset *set, void *work, kam_error *err) {
    vdec_work *w = work;
    const kam__decline_options o = {w->opt.drop, w->opt.silence};
    KAM__TRY(kam__value_day(&w->scope.as_of, w->b, err));
    kam__decline_periods(&w->spans, w->scope.as_of);
    w->scope.from = kam__add_months(w->scope.as_of + 1, -24);
    if (w->spans.year_ago.from < w->scope.from) w->scope.from = w->spans.year_ago.from;
    KAM__TRY(kam__value_settle(&w->scope, w->b, err));
    KAM__TRY(vdec_open(w));
    KAM__TRY(kam__value_scan(w->b, &w->scope, vdec_take, w, err));
    KAM__TRY(vdec_sums(w));
    KAM__TRY(vdec_days(w));
    w->found = kam__zalloc_n(w->b->ctx, (size_t)w->keys.n + 1, sizeof *w->found);
    if (!w->found) return kam__nomem(err);
    KAM__TRY(kam__decline_find(w->found, &w->n, w->in, w->keys.n, &w->spans, &o, w->scope.as_of, w->b->ctx, err));
    KAM__TRY(kam__read_fact_map(&w->owner_of, &w->owner, w->b, KAM_KIND_OWNER, w->scope.asked, err));
    for (size_t i = 0; i < w->n; i++) KAM__TRY(vdec_row(set, w, &w->found[i]));
    return KAM_OK;
}

/* ---------------------------------------------------------------- the call */

static int32_t vdec_options(vdec_work *w, const kam_decline_options *given, int32_t as_of, kam_error *err) {
    kam_decline_options *o = &w->opt;
    kam_value_options v = {.struct_size = sizeof v, .from = KAM_DAY_FIRST, .to = KAM_DAY_END};
    int known = 0;
    KAM__TRY(kam__options(o, sizeof *o, given, offsetof(kam_decline_options, currency) + sizeof o->currency,
                          "kam_decline_options", err));
    KAM__TRY(kam__flags(o->flags | o->reserved, 0, "kam_decline_options.flags", err));
    if (!o->figure) o->figure = KAM_ACCOUNT_VALUE_REVENUE;
    if (!o->drop) o->drop = 2000;
    if (!o->silence) o->silence = 20000;
    for (size_t i = 0; i < KAM__LEN(vdec_figures); i++) known |= vdec_figures[i].field == o->figure;
    if (!known)
        return kam__fail(err, KAM_E_INVAL, "field %u is no figure to compare: revenue, gross profit, contribution",
                         (unsigned)o->figure);
    v.currency = o->currency;
    return kam__value_options_take(&w->scope, NULL, &v, as_of, err);
}

int32_t kam_value_declines(kam_rows **out, kam_book *book, const kam_decline_options *options, int32_t as_of,
                           kam_error *err) {
    vdec_work w = {.b = book, .err = err};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(vdec_options(&w, options, as_of, err));
    kam__keys_init(&w.keys, book->ctx);
    kam__imap_init(&w.owner_of, book->ctx);
    int32_t rc = kam__value_rows(out, book, KAM_KIND_DECLINE, vdec_make, &w, err);
    for (int k = 0; k < 3; k++) kam__ledger_free(w.period[k]);
    kam_purchases_free(w.buys);
    kam__keys_free(&w.keys);
    kam__imap_free(&w.owner_of);
    kam__free(book->ctx, w.in);
    kam__free(book->ctx, w.found);
    kam__free(book->ctx, w.owner);
    return rc;
}
