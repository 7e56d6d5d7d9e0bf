/*
 * value/value_book_forecast.c - forecasts of sales and cost per account (R64, R65): what is proposed, and what came.
 *
 * Proposals are Holt-Winters over the account's whole months, with the naive baseline beside them. Stored forecasts are
 * FORECAST events; each is put beside the ledger rows of its account and period, in its own currency.
 */
#include "../store/store.h"
#include "measure.h"
#include "value_book.h"
#include <kam/learn.h>
#include <math.h>

/* ---------------------------------------------------------------- proposals */

typedef struct vfc_work {
    kam_book *b;
    kam_forecast_options opt;
    kam__value_scope scope;
    kam__periods *periods;
    uint32_t decimals;
    int32_t first;                          /* first day ahead */
    double *series;                         /* history; out, naive: months each */
    kam_error *err;
} vfc_work;

static int32_t vfc_take(void *user, const kam__ledger_rows *rows, kam_error *err) {
    return kam__periods_feed(user, rows, err);
}

static int32_t vfc_month(int32_t day) {
    int32_t year, month, d;
    kam__day_split(day, &year, &month, &d);
    return year * 12 + month - 1;
}

static int32_t vfc_cost(int64_t *out, const kam__period_totals *t, kam_error *err) {
    if (!kam__add(t->cost_of_goods, t->serve, out)) return KAM_OK;
    return kam__fail(err, KAM_E_LIMIT, "the cost of account %lld does not fit 64 bits", (long long)t->account);
}

/* One figure of the account's months [from its first entry, scope.to) into the series: its length. */
static int32_t vfc_series(uint32_t *n, vfc_work *w, uint32_t at, uint32_t count, int cost) {
    kam__period_totals t;
    KAM__TRY(kam__periods_at(w->periods, at, &t, w->err));
    int32_t begin = vfc_month(t.from), end = vfc_month(w->scope.to - 1) + 1;
    *n = (uint32_t)(end - begin);
    for (uint32_t i = 0; i < *n; i++) w->series[i] = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t v = 0;
        KAM__TRY(kam__periods_at(w->periods, at + i, &t, w->err));
        v = t.revenue;
        if (cost) KAM__TRY(vfc_cost(&v, &t, w->err));
        w->series[vfc_month(t.from) - begin] = (double)v;
    }
    return KAM_OK;
}

static int64_t vfc_minor(double v) { return v > 0 ? v < 9.2e18 ? (int64_t)floor(v + 0.5) : INT64_MAX : 0; }

static int32_t vfc_row(kam__rowset *set, const vfc_work *w, int64_t account, uint32_t i, const double *v) {
    uint32_t n = w->opt.months;
    kam__blockbuf *bb = kam__rowset_row(set, w->err);
    if (!bb) return KAM_E_NOMEM;
    kam__value_put(set, bb, KAM_FORECAST_ACCOUNT, account);
    kam__value_put(set, bb, KAM_FORECAST_FROM, kam__add_months(w->first, (int32_t)i));
    kam__value_put(set, bb, KAM_FORECAST_TO, kam__add_months(w->first, (int32_t)i + 1));
    kam__value_put_text(set, bb, KAM_FORECAST_VERSION, w->opt.version);
    kam__value_put(set, bb, KAM_FORECAST_SALES, vfc_minor(v[i]));
    kam__value_put(set, bb, KAM_FORECAST_NAIVE_SALES, vfc_minor(v[n + i]));
    kam__value_put(set, bb, KAM_FORECAST_COST, vfc_minor(v[2 * n + i]));
    kam__value_put(set, bb, KAM_FORECAST_NAIVE_COST, vfc_minor(v[3 * n + i]));
    kam__value_put_text(set, bb, KAM_FORECAST_CURRENCY, w->scope.currency);
    return kam__rowset_end_row(set, w->err);
}

static int32_t vfc_account(kam__rowset *set, vfc_work *w, uint32_t at, uint32_t count, double *ahead) {
    kam__period_totals t;
    uint32_t n = 0, m = w->opt.months;
    for (uint32_t cost = 0; cost < 2; cost++) {
        double *v = ahead + (size_t)2 * m * cost;
        KAM__TRY(vfc_series(&n, w, at, count, (int)cost));
        KAM__TRY(kam_forecast(v, v + m, NULL, w->series, n, 12, m, w->b->ctx, w->err));
    }
    KAM__TRY(kam__periods_at(w->periods, at, &t, w->err));
    for (uint32_t i = 0; i < m; i++) KAM__TRY(vfc_row(set, w, t.account, i, ahead));
    return KAM_OK;
}

static int32_t vfc_all(kam__rowset *set, vfc_work *w) {
    kam__period_totals t, u;
    uint32_t n = kam__periods_count(w->periods);
    for (uint32_t i = 0, to; i < n; i = to) {
        KAM__TRY(kam__periods_at(w->periods, i, &t, w->err));
        for (to = i + 1; to < n; to++) {
            KAM__TRY(kam__periods_at(w->periods, to, &u, w->err));
            if (u.account != t.account) break;
        }
        KAM__TRY(vfc_account(set, w, i, to - i, w->series + w->opt.history));
        KAM__TRY(kam__progress(w->b->ctx, to, n, w->err));
    }
    return KAM_OK;
}

static int32_t vfc_make(kam__rowset *set, void *work, kam_error *err) {
    vfc_work *w = work;
    int32_t year, month, day;
    KAM__TRY(kam__value_day(&w->scope.as_of, w->b, err));
    kam__day_split(w->scope.as_of + 1, &year, &month, &day);
    w->first = w->scope.to = kam__day(year, month, 1);              /* the month that runs is the first ahead */
    w->scope.from = kam__add_months(w->first, -(int32_t)w->opt.history);
    KAM__TRY(kam__value_settle(&w->scope, w->b, err));
    KAM__TRY(kam__periods_new(&w->periods, w->b->ctx, NULL, KAM__PERIOD_MONTH, err));
    KAM__TRY(kam__value_scan(w->b, &w->scope, vfc_take, w->periods, err));
    KAM__TRY(kam__periods_end(w->periods, err));
    w->series = kam__zalloc_n(w->b->ctx, (size_t)w->opt.history + 4 * (size_t)w->opt.months, sizeof *w->series);
    return w->series ? vfc_all(set, w) : kam__nomem(err);
}

int32_t kam_value_forecasts(kam_rows **out, kam_book *book, const kam_forecast_options *options, int32_t as_of,
                            kam_error *err) {
    vfc_work w = {.b = book, .err = err};
    kam_forecast_options *o = &w.opt;
    kam_value_options v = {.struct_size = sizeof v, .from = KAM_DAY_FIRST, .to = KAM_DAY_END};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__options(o, sizeof *o, options, offsetof(kam_forecast_options, currency) + sizeof o->currency,
                          "kam_forecast_options", err));
    KAM__TRY(kam__flags(o->flags, 0, "kam_forecast_options.flags", err));
    if (o->months > 60 || o->history > 240)
        return kam__fail(err, KAM_E_INVAL, "a proposal looks at most 60 months ahead and 240 back");
    if (!o->months) o->months = 12;
    if (!o->history) o->history = 36;
    if (!o->version) o->version = "proposal";
    v.currency = o->currency;
    KAM__TRY(kam__value_options_take(&w.scope, NULL, &v, as_of, err));
    int32_t rc = kam__value_rows(out, book, KAM_KIND_FORECAST, vfc_make, &w, err);
    kam__periods_free(w.periods);
    kam__free(book->ctx, w.series);
    return rc;
}

/* ---------------------------------------------------------------- actual against forecast */

typedef struct vvar_forecast {
    int64_t id, account, sales, cost;
    int32_t from, to;
    int has_sales, has_cost;
    const char *version, *author;
    char currency[4];
} vvar_forecast;

typedef struct vvar_work {
    kam_book *b;
    const char *version;
    int32_t as_of;
    kam__arena texts;
    vvar_forecast *f; size_t n, cap;
    kam_error *err;
} vvar_work;

static int64_t vvar_num(const kam_col *c, uint32_t row, int *has) {
    int there = c && !kam__col_null(c, row);
    if (has) *has = there;
    return there ? kam__col_i64(c, row) : 0;
}

static int32_t vvar_text(const char **out, vvar_work *w, const kam_col *c, uint32_t row) {
    size_t len = 0;
    const char *text = c ? kam__col_text(c, row, &len) : NULL;
    *out = text && len ? kam__arena_text(&w->texts, text, len) : "";
    return *out ? KAM_OK : kam__nomem(w->err);
}

static int32_t vvar_read(void *user, const kam_block *rows) {
    vvar_work *w = user;
    KAM__TRY(kam__grow(w->b->ctx, &w->f, &w->cap, w->n + rows->nrow, sizeof *w->f, w->err));
    for (uint32_t i = 0; i < rows->nrow; i++) {
        vvar_forecast *f = &w->f[w->n];
        const char *currency = NULL;
        memset(f, 0, sizeof *f);
        f->id = vvar_num(kam__block_col(rows, KAM_ID), i, NULL);
        f->account = vvar_num(kam__block_col(rows, KAM_FORECAST_ACCOUNT), i, NULL);
        f->from = (int32_t)vvar_num(kam__block_col(rows, KAM_FORECAST_FROM), i, NULL);
        f->to = (int32_t)vvar_num(kam__block_col(rows, KAM_FORECAST_TO), i, NULL);
        f->sales = vvar_num(kam__block_col(rows, KAM_FORECAST_SALES), i, &f->has_sales);
        f->cost = vvar_num(kam__block_col(rows, KAM_FORECAST_COST), i, &f->has_cost);
        KAM__TRY(vvar_text(&f->version, w, kam__block_col(rows, KAM_FORECAST_VERSION), i));
        KAM__TRY(vvar_text(&f->author, w, kam__block_col(rows, KAM_FORECAST_AUTHOR), i));
        KAM__TRY(vvar_text(&currency, w, kam__block_col(rows, KAM_FORECAST_CURRENCY), i));
        if (strlen(currency) == 3) memcpy(f->currency, currency, 4);
        w->n++;
    }
    return KAM_OK;
}

static int vvar_cmp(const void *a, const void *b, void *arg) {
    const vvar_forecast *p = a, *q = b;
    (void)arg;
    if (p->account != q->account) return p->account < q->account ? -1 : 1;
    if (p->from != q->from) return p->from < q->from ? -1 : 1;
    if (p->to != q->to) return p->to < q->to ? -1 : 1;
    return (p->id > q->id) - (p->id < q->id);
}

/* Of one figure: forecast, actual, variance and its share, whose fields follow each other. */
static int32_t vvar_put(kam__rowset *set, kam__blockbuf *bb, uint32_t field, int64_t forecast, int64_t actual,
                        int64_t account, kam_error *err) {
    int64_t variance = 0, share = 0;
    if (kam__add(actual, forecast == INT64_MIN ? INT64_MAX : -forecast, &variance))
        return kam__fail(err, KAM_E_LIMIT, "the variance of account %lld does not fit 64 bits", (long long)account);
    kam__value_put(set, bb, field, forecast);
    kam__value_put(set, bb, field + 2, variance);
    if (forecast > 0 && !kam__muldiv(variance, 10000, forecast, KAM__HALF_EVEN, &share))
        kam__value_put(set, bb, field + 3, share);
    return KAM_OK;
}

static int32_t vvar_row(kam__rowset *set, const vvar_work *w, const vvar_forecast *f) {
    kam__value_scope s = {.from = f->from, .to = f->to, .as_of = w->as_of};
    kam__totals t;
    kam__period_totals p = {.account = f->account};
    int64_t cost = 0;
    memcpy(s.currency, f->currency, 4);
    KAM__TRY(kam__value_settle(&s, w->b, w->err));
    s.account = f->account;
    KAM__TRY(kam__value_totals_of(&t, w->b, &s, w->err));
    p.cost_of_goods = t.cost_of_goods;
    if (kam__add(t.gross_profit, t.contribution == INT64_MIN ? INT64_MAX : -t.contribution, &p.serve))
        return kam__fail(w->err, KAM_E_LIMIT, "the cost of account %lld does not fit 64 bits", (long long)f->account);
    KAM__TRY(vfc_cost(&cost, &p, w->err));
    kam__blockbuf *bb = kam__rowset_row(set, w->err);
    if (!bb) return KAM_E_NOMEM;
    kam__value_put(set, bb, KAM_FORECAST_VARIANCE_ACCOUNT, f->account);
    kam__value_put(set, bb, KAM_FORECAST_VARIANCE_FROM, f->from);
    kam__value_put(set, bb, KAM_FORECAST_VARIANCE_TO, f->to);
    kam__value_put_text(set, bb, KAM_FORECAST_VARIANCE_VERSION, f->version);
    kam__value_put_text(set, bb, KAM_FORECAST_VARIANCE_AUTHOR, f->author);
    kam__value_put(set, bb, KAM_FORECAST_VARIANCE_FORECAST, f->id);
    kam__value_put_text(set, bb, KAM_FORECAST_VARIANCE_CURRENCY, s.currency);
    kam__value_put(set, bb, KAM_FORECAST_VARIANCE_SALES_ACTUAL, t.revenue);
    kam__value_put(set, bb, KAM_FORECAST_VARIANCE_COST_ACTUAL, cost);
    if (f->has_sales) KAM__TRY(vvar_put(set, bb, KAM_FORECAST_VARIANCE_SALES, f->sales, t.revenue, f->account, w->err));
    if (f->has_cost) KAM__TRY(vvar_put(set, bb, KAM_FORECAST_VARIANCE_COST, f->cost, cost, f->account, w->err));
    kam__value_put(set, bb, KAM_FORECAST_VARIANCE_COMPLETE, f->to - 1 <= s.as_of);
    return kam__rowset_end_row(set, w->err);
}

static int vvar_last(const vvar_work *w, size_t i) {
    const vvar_forecast *f = &w->f[i], *next = i + 1 < w->n ? f + 1 : NULL;
    return w->version || !next || next->account != f->account || next->from != f->from || next->to != f->to;
}

static int32_t vvar_make(kam__rowset *set, void *work, kam_error *err) {
    vvar_work *w = work;
    kam_pred p;
    kam__pred mem;
    kam__read q = {.scan = {.kind = KAM_KIND_FORECAST, .pred = &p, .any_order = 1}, .as_of = KAM_TODAY};
    if (w->version) {
        kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_FORECAST), KAM_FORECAST_VERSION), KAM_OP_EQ,
                       w->version, strlen(w->version));
        q.scan.npred = 1;
    }
    KAM__TRY(kam__read_rows(w->b, &q, vvar_read, w, err));
    KAM__TRY(kam__sort(w->b->ctx, w->f, w->n, sizeof *w->f, vvar_cmp, NULL, err));
    for (size_t i = 0; i < w->n; i++) {
        if (vvar_last(w, i)) KAM__TRY(vvar_row(set, w, &w->f[i]));
        KAM__TRY(kam__progress(w->b->ctx, i, w->n, err));
    }
    return KAM_OK;
}

int32_t kam_value_forecast_variance(kam_rows **out, kam_book *book, const char *version, int32_t as_of, kam_error *err) {
    vvar_work w = {.b = book, .version = version, .as_of = as_of, .err = err};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    kam__arena_init(&w.texts, book->ctx, 0);
    int32_t rc = kam__value_rows(out, book, KAM_KIND_FORECAST_VARIANCE, vvar_make, &w, err);
    kam__arena_free(&w.texts);
    kam__free(book->ctx, w.f);
    return rc;
}
