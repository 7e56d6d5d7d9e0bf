/*
 * value/value_book_clv.c - kam_clv_run: from the ledger of a book to the lifetime value of every account that bought.
 *
 * One read transaction: the ledger in the currency of sums, one purchase per account and day, a part of the accounts at
 * a time (value_book_parts.c), down to the four figures of each; then the engines of clv.h. Every account with a
 * purchase becomes an ACCOUNT_CLV row, most value first, ties by id; the models go to the RUN
 * record as JSON, so that a stored run can be read and explained without fitting anything again.
 */
#include "../store/store.h"
#include "value_book_clv.h"
#include <math.h>

#define CLVB_TRIED 4u

typedef struct clvb_work {
    kam_book *b;
    kam_clv_options opt;
    kam__value_scope scope;
    uint32_t decimals;
    kam__value_parts parts;
    kam_clv_rows rows; int64_t *account;    /* of all accounts; rows lends the next ones */
    int32_t *x; double *tx, *t, *m;
    kam_clv *tried[CLVB_TRIED]; uint32_t ntried;
    kam_clv *model, *spending;              /* model: one of tried */
    double *expected, *alive, *ev, *clv;    /* per row; ev, clv only where spending is known */
    int64_t *value; uint32_t *order;        /* clv in minor units; rows by it */
    kam_error *err;
} clvb_work;

/* ---------------------------------------------------------------- purchases */

/* 1 and what a row is to a purchase, less than zero for a return; 0 = nothing. Events behind `last` do not count. */
static int clvb_counts(const kam__ledger_rows *rows, uint32_t i, int32_t last, int64_t *amount) {
    int32_t event = rows->event ? rows->event[i] : KAM_LEDGER_SALE;
    if (event > last || (rows->order && rows->order[i] == KAM__NO_ORDER)) return 0;
    *amount = event == KAM_LEDGER_SALE ? rows->amount[i] : -rows->amount[i];
    return event == KAM_LEDGER_SALE || *amount;
}

static int32_t clvb_feed(kam_purchases *buys, const kam__ledger_rows *rows, int32_t last, kam_error *err) {
    int64_t account[256], amount[256];
    int32_t day[256];
    for (uint32_t i = 0; i < rows->n;) {
        size_t n = 0;
        for (; i < rows->n && n < KAM__LEN(day); i++) {
            if (!clvb_counts(rows, i, last, &amount[n])) continue;
            account[n] = rows->account[i], day[n++] = rows->day[i];
        }
        KAM__TRY(kam_purchases_feed(buys, account, day, amount, n, err));
    }
    return KAM_OK;
}

int32_t kam__clv_feed(void *purchases, const kam__ledger_rows *rows, kam_error *err) {
    return clvb_feed(purchases, rows, KAM_LEDGER_RETURN, err);
}

static int32_t clvb_feed_sales(void *purchases, const kam__ledger_rows *rows, kam_error *err) {
    return clvb_feed(purchases, rows, KAM_LEDGER_SALE, err);
}

int32_t kam__clv_purchases(kam_purchases **out, kam_book *b, const kam__value_scope *scope, uint32_t unit,
                           kam_error *err) {
    int32_t decimals = kam__schema_decimals(b->schema, scope->currency);
    kam_purchases_options o = {.struct_size = sizeof o, .unit = unit, .until = scope->as_of,
                               .decimals = decimals > 0 ? (uint32_t)decimals : 0};
    kam__value_take take = scope->returns == KAM__RETURNED_SHOWN ? clvb_feed_sales : kam__clv_feed;
    kam_purchases *p = NULL;
    KAM__TRY(kam_purchases_new(&p, b->ctx, &o, err));
    int32_t rc = kam__value_scan(b, scope, take, p, err);
    if (rc == KAM_OK) *out = p;
    else kam_purchases_free(p);
    return rc;
}

/* Room for the figures of all accounts: one piece. */
static int32_t clvb_table(clvb_work *w) {
    size_t n = w->parts.keys.n;
    w->account = kam__zalloc_n(w->b->ctx, 5 * n + 1, sizeof *w->account);
    if (!w->account) return kam__nomem(w->err);
    w->tx = (double *)(void *)(w->account + n), w->t = w->tx + n, w->m = w->t + n;
    w->x = (int32_t *)(void *)(w->account + 4 * n);
    w->rows = (kam_clv_rows){.struct_size = sizeof w->rows, .x = w->x, .tx = w->tx, .t = w->t, .m = w->m};
    return KAM_OK;
}

static int32_t clvb_part(clvb_work *w) {
    kam_purchases *buys = NULL;
    kam_clv_rows rows = {0};
    const int64_t *account = NULL;
    size_t at = w->rows.n;
    KAM__TRY(kam__clv_purchases(&buys, w->b, &w->scope, w->opt.unit, w->err));
    int32_t rc = kam_purchases_rows(&rows, &account, NULL, buys, w->err);
    if (rc == KAM_OK && rows.n) {
        memcpy(w->account + at, account, rows.n * sizeof *account);
        memcpy(w->x + at, rows.x, rows.n * sizeof *rows.x);
        memcpy(w->tx + at, rows.tx, rows.n * sizeof *rows.tx);
        memcpy(w->t + at, rows.t, rows.n * sizeof *rows.t);
        memcpy(w->m + at, rows.m, rows.n * sizeof *rows.m);
        w->rows.n += rows.n;
    }
    kam_purchases_free(buys);
    return rc;
}

static int32_t clvb_read(clvb_work *w) {
    KAM__TRY(kam__value_parts_make(&w->parts, w->b, &w->scope, w->err));
    KAM__TRY(clvb_table(w));
    w->scope.parts = &w->parts;
    for (; w->scope.part < w->parts.n; w->scope.part++) KAM__TRY(clvb_part(w));
    return KAM_OK;
}

int32_t kam__clv_minor(int64_t *out, double v, uint32_t decimals, kam_error *err) {
    double minor = floor(v * (double)kam__pow10[decimals] + 0.5);
    if (!(fabs(minor) < 9.2e18)) return kam__fail(err, KAM_E_LIMIT, "an expected value does not fit 64 bits: check the amounts");
    *out = (int64_t)minor;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the model */

static int clvb_better(const kam_clv *c, const kam_clv *best) {
    return c->status == KAM_CLV_OK && (!best || c->log_likelihood > best->log_likelihood);
}

static int32_t clvb_try(clvb_work *w, uint32_t model) {
    kam_clv **at = &w->tried[w->ntried];
    KAM__TRY(kam_clv_fit(at, w->b->ctx, model, &w->rows, w->err));
    w->ntried++;
    return KAM_OK;
}

static int32_t clvb_fit(clvb_work *w) {
    if (w->opt.model) {
        KAM__TRY(clvb_try(w, w->opt.model));
        w->model = w->tried[0];
    }
    for (uint32_t m = KAM_CLV_BGNBD; m <= KAM_CLV_PNBD && !w->opt.model; m++) {
        KAM__TRY(clvb_try(w, m));
        if (clvb_better(w->tried[w->ntried - 1], w->model)) w->model = w->tried[w->ntried - 1];
    }
    if (!w->model) {
        KAM__TRY(clvb_try(w, KAM_CLV_NBD));
        w->model = w->tried[w->ntried - 1];
    }
    return kam_clv_fit(&w->spending, w->b->ctx, KAM_CLV_GG, &w->rows, w->err);
}

/* ---------------------------------------------------------------- looking ahead */

static int32_t clvb_room(clvb_work *w) {
    size_t n = w->rows.n;
    w->expected = kam__zalloc_n(w->b->ctx, 4 * n + 1, sizeof *w->expected);
    w->value = kam__zalloc_n(w->b->ctx, n + 1, sizeof *w->value);
    w->order = kam__zalloc_n(w->b->ctx, n + 1, sizeof *w->order);
    if (!w->expected || !w->value || !w->order) return kam__nomem(w->err);
    w->alive = w->expected + n, w->ev = w->expected + 2 * n, w->clv = w->expected + 3 * n;
    return KAM_OK;
}

static int clvb_by_value(const void *a, const void *b, void *arg) {
    const int64_t *value = arg;
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    if (value[p] != value[q]) return value[p] > value[q] ? -1 : 1;
    return (p > q) - (p < q);
}

static int clvb_money(const clvb_work *w) { return w->spending->status < KAM_CLV_NO_REPEAT; }

static int32_t clvb_predict(clvb_work *w) {
    static const double days[] = {7, 1, 30.4375};
    double month = KAM__CLV_MONTH_DAYS / days[w->opt.unit];
    KAM__TRY(clvb_room(w));
    if (!w->rows.n) return KAM_OK;
    KAM__TRY(kam_clv_predict(w->expected, w->alive, w->model, &w->rows, month * w->opt.months, w->err));
    if (clvb_money(w)) {
        KAM__TRY(kam_clv_spend(w->ev, w->spending, &w->rows, w->err));
        KAM__TRY(kam_clv_value(w->clv, w->model, w->spending, &w->rows, month, w->opt.months, w->opt.rate, w->err));
    }
    for (size_t i = 0; i < w->rows.n; i++) {
        KAM__TRY(kam__clv_minor(&w->value[i], w->clv[i], w->decimals, w->err));
        w->order[i] = (uint32_t)i;
    }
    return kam__sort(w->b->ctx, w->order, w->rows.n, sizeof *w->order, clvb_by_value, w->value, w->err);
}

/* ---------------------------------------------------------------- rows */

static void clvb_put(const kam__rowset *set, kam__blockbuf *bb, uint32_t field, int64_t v) {
    kam__bb_i64(bb, kam__rowset_col(set, field), v);
}

static void clvb_put_f64(const kam__rowset *set, kam__blockbuf *bb, uint32_t field, double v) {
    kam__bb_f64(bb, kam__rowset_col(set, field), kam__f64_round_sig(v, 9));
}

static void clvb_put_text(const kam__rowset *set, kam__blockbuf *bb, uint32_t field, const char *text) {
    if (text[0]) kam__bb_text(bb, kam__rowset_col(set, field), text, strlen(text));
}

static int32_t clvb_row(kam__rowset *set, const clvb_work *w, uint32_t rank) {
    uint32_t i = w->order[rank];
    int64_t mean = 0, ev = 0;
    KAM__TRY(kam__clv_minor(&mean, w->rows.m[i], w->decimals, w->err));
    KAM__TRY(kam__clv_minor(&ev, w->ev[i], w->decimals, w->err));
    kam__blockbuf *bb = kam__rowset_row(set, w->err);
    if (!bb) return KAM_E_NOMEM;
    clvb_put(set, bb, KAM_ACCOUNT_CLV_ACCOUNT, w->account[i]);
    clvb_put(set, bb, KAM_ACCOUNT_CLV_X, w->rows.x[i]);
    clvb_put_f64(set, bb, KAM_ACCOUNT_CLV_TX, w->rows.tx[i]);
    clvb_put_f64(set, bb, KAM_ACCOUNT_CLV_T, w->rows.t[i]);
    if (w->rows.x[i]) clvb_put(set, bb, KAM_ACCOUNT_CLV_MEAN, mean);
    clvb_put_f64(set, bb, KAM_ACCOUNT_CLV_EXPECTED, w->expected[i]);
    clvb_put_f64(set, bb, KAM_ACCOUNT_CLV_P_ALIVE, w->alive[i]);
    if (clvb_money(w)) clvb_put(set, bb, KAM_ACCOUNT_CLV_EV, ev);
    if (clvb_money(w)) clvb_put(set, bb, KAM_ACCOUNT_CLV_CLV, w->value[i]);
    clvb_put_text(set, bb, KAM_ACCOUNT_CLV_CURRENCY, w->scope.currency);
    clvb_put(set, bb, KAM_ACCOUNT_CLV_RANK, (int64_t)rank + 1);
    clvb_put(set, bb, KAM_ACCOUNT_CLV_MONTHS, w->opt.months);
    clvb_put_text(set, bb, KAM_ACCOUNT_CLV_MODEL, kam__clv_model_name(w->model->model));
    clvb_put_text(set, bb, KAM_ACCOUNT_CLV_STATUS, kam__clv_status_name(w->model->status));
    return kam__rowset_end_row(set, w->err);
}

static int32_t clvb_rows(kam__rowset **out, const clvb_work *w) {
    kam__rowset *set = NULL;
    KAM__TRY(kam__rowset_new(&set, w->b->schema, KAM_KIND_ACCOUNT_CLV, NULL, 0, w->err));
    int32_t rc = KAM_OK;
    for (uint32_t rank = 0; rank < w->rows.n && rc == KAM_OK; rank++) {
        rc = clvb_row(set, w, rank);
        if (rc == KAM_OK && rank % KAM__BLOCK_ROWS == 0) rc = kam__progress(w->b->ctx, rank, w->rows.n, w->err);
    }
    if (rc == KAM_OK) *out = set;
    else kam__rowset_drop(set);
    return rc;
}

/* ---------------------------------------------------------------- the RUN record */

static void clvb_number(kam_buf *b, const char *key, double v) {
    kam__buf_printf(b, ",\"%s\":", key);
    kam__buf_f64(b, kam__f64_round_sig(v, 9));
}

static void clvb_sums(kam_buf *b, const clvb_work *w) {
    double expected = 0, alive = 0;
    kam__sum total = {0, 0};
    int64_t sum = 0;
    for (size_t i = 0; i < w->rows.n; i++) {
        expected += w->expected[i];
        alive += w->alive[i];
        kam__sum_add(&total, w->value[i]);
    }
    clvb_number(b, "sum_expected", expected);
    clvb_number(b, "mean_p_alive", w->rows.n ? alive / (double)w->rows.n : 0);
    if (kam__sum_get(&total, &sum)) sum = INT64_MAX;
    kam__buf_str(b, ",\"total\":");
    kam__buf_dec(b, sum, w->decimals);
}

static void clvb_tried(kam_buf *b, const clvb_work *w) {
    kam__buf_str(b, ",\"tried\":[");
    for (uint32_t i = 0; i < w->ntried; i++) {
        kam__buf_printf(b, "%s{\"model\":\"%s\",\"status\":\"%s\"", i ? "," : "",
                        kam__clv_model_name(w->tried[i]->model), kam__clv_status_name(w->tried[i]->status));
        clvb_number(b, "log_likelihood", w->tried[i]->log_likelihood);
        kam__buf_char(b, '}');
    }
    kam__buf_char(b, ']');
}

static int32_t clvb_model(kam_buf *b, const char *key, const kam_clv *model, kam_error *err) {
    kam_buf text;
    kam__buf_init(&text, b->ctx);
    int32_t rc = kam_clv_to_json(&text, model, err);
    if (rc == KAM_OK) kam__buf_printf(b, ",\"%s\":", key);
    if (rc == KAM_OK) kam__buf_put(b, kam_buf_data(&text), kam_buf_size(&text));
    kam__buf_drop(&text);
    return rc;
}

static int32_t clvb_statistics(kam_buf *b, const clvb_work *w) {
    static const char *const unit[] = {"week", "day", "month"};
    kam__buf_printf(b, "{\"unit\":\"%s\",\"months\":%u", unit[w->opt.unit], (unsigned)w->opt.months);
    clvb_number(b, "rate", w->opt.rate);
    clvb_number(b, "accounts", (double)w->rows.n);
    clvb_number(b, "repeat", w->model->repeat);
    clvb_sums(b, w);
    clvb_tried(b, w);
    KAM__TRY(clvb_model(b, "model", w->model, w->err));
    KAM__TRY(clvb_model(b, "spending", w->spending, w->err));
    kam__buf_char(b, '}');
    return kam__buf_end(b, w->err);
}

/* Of what was computed from: account, x, and the bits of tx, t and mean, in the order of accounts. */
static void clvb_hash(char hex[65], const clvb_work *w) {
    kam__sha256 h;
    kam__sha256_init(&h);
    for (size_t i = 0; i < w->rows.n; i++) {
        const double d[3] = {w->rows.tx[i], w->rows.t[i], w->rows.m[i]};
        uint64_t v[5] = {(uint64_t)w->account[i], (uint64_t)w->rows.x[i], 0, 0, 0};
        uint8_t bytes[40];
        memcpy(v + 2, d, sizeof d);
        for (size_t k = 0; k < sizeof bytes; k++) bytes[k] = (uint8_t)(v[k / 8] >> (k % 8 * 8));
        kam__sha256_add(&h, bytes, sizeof bytes);
    }
    kam__sha256_end(&h, hex);
}

static int32_t clvb_record(kam_record *r, const clvb_work *w) {
    char hex[65];
    kam_buf text;
    if (w->scope.from != KAM_DAY_FIRST) kam__record_put_num(r, KAM_RUN_FROM, w->scope.from);
    kam__record_put_num(r, KAM_RUN_TO, w->scope.to);
    kam__record_put_num(r, KAM_RUN_ACCOUNTS, (int64_t)w->rows.n);
    kam__record_put_num(r, KAM_RUN_ITEMS, (int64_t)w->rows.n);
    kam__record_put_num(r, KAM_RUN_FLAGS, kam__value_flags(&w->scope));
    clvb_hash(hex, w);
    KAM__TRY(kam__record_put_str(r, KAM_RUN_INPUT_HASH, hex, w->err));
    KAM__TRY(kam__record_put_str(r, KAM_RUN_CURRENCY, w->scope.currency, w->err));
    KAM__TRY(kam__record_put_str(r, KAM_RUN_NAME, kam__clv_model_name(w->model->model), w->err));
    kam__record_put_num(r, KAM_RUN_VERSION, KAM__CLV_VERSION);
    kam__buf_init(&text, w->b->ctx);
    int32_t rc = clvb_statistics(&text, w);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_RUN_STATISTICS, kam_buf_data(&text), w->err);
    kam__buf_drop(&text);
    return rc;
}

/* ---------------------------------------------------------------- the call */

static int32_t clvb_compute(clvb_work *w) {
    KAM__TRY(kam__value_settle(&w->scope, w->b, w->err));
    int32_t decimals = kam__schema_decimals(w->b->schema, w->scope.currency);
    w->decimals = decimals > 0 ? (uint32_t)decimals : 0;
    KAM__TRY(clvb_read(w));
    KAM__TRY(clvb_fit(w));
    return clvb_predict(w);
}

static int32_t clvb_make(kam_run **out, clvb_work *w) {
    kam__rowset *set = NULL;
    kam_run *run = NULL;
    KAM__TRY(clvb_compute(w));
    KAM__TRY(kam__run_new(&run, w->b, KAM_RUN_KIND_CLV, &kam__clv_run_ops, w->scope.as_of, NULL, w->err));
    int32_t rc = clvb_record(run->record, w);
    if (rc == KAM_OK) rc = clvb_rows(&set, w);
    if (rc == KAM_OK) rc = kam__run_add_list(run, set, w->err);
    if (rc == KAM_OK) *out = run;
    else kam_run_free(run);
    return rc;
}

static int32_t clvb_options(clvb_work *w, const kam_clv_options *given, int32_t as_of, kam_error *err) {
    kam_value_options v = {.struct_size = sizeof v, .to = KAM_DAY_END};
    kam_clv_options *o = &w->opt;
    KAM__TRY(kam__options(o, sizeof *o, given, offsetof(kam_clv_options, currency) + sizeof o->currency,
                          "kam_clv_options", err));
    if (o->model > KAM_CLV_NBD)
        return kam__fail(err, KAM_E_INVAL, "model %u does not look ahead in a ledger: BG/NBD, MBG/NBD, Pareto/NBD, NBD",
                         (unsigned)o->model);
    if (o->unit > KAM_CLV_MONTH) return kam__fail(err, KAM_E_INVAL, "there is no unit of time %u", (unsigned)o->unit);
    if (o->months > 600 || !(o->rate >= 0 && o->rate <= 1))
        return kam__fail(err, KAM_E_INVAL, "months are at most 600, the discount of a month is 0 to 1");
    if (!o->months) o->months = 12;
    v.from = o->from ? o->from : KAM_DAY_FIRST;
    v.currency = o->currency;
    KAM__TRY(kam__value_options_take(&w->scope, NULL, &v, as_of, err));
    return kam__value_flags_take(&w->scope, o->flags, "kam_clv_options.flags", err);
}

static void clvb_free(clvb_work *w) {
    for (uint32_t i = 0; i < w->ntried; i++) kam_clv_free(w->tried[i]);
    kam_clv_free(w->spending);
    kam__value_parts_free(&w->parts);
    kam__free(w->b->ctx, w->account);
    kam__free(w->b->ctx, w->expected);
    kam__free(w->b->ctx, w->value);
    kam__free(w->b->ctx, w->order);
}

int32_t kam_clv_run(kam_run **out, kam_book *book, const kam_clv_options *options, int32_t as_of, kam_error *err) {
    return kam__clv_run(out, book, options, as_of, 0, err);
}

int32_t kam__clv_run(kam_run **out, kam_book *book, const kam_clv_options *options, int32_t as_of, uint64_t room,
                     kam_error *err) {
    clvb_work w = {.b = book, .err = err};
    kam_run *run = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(clvb_options(&w, options, as_of, err));
    w.scope.room = room;
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&c, clvb_make(&run, &w), err);
    clvb_free(&w);
    if (rc == KAM_OK) *out = run;
    else kam_run_free(run);
    return rc;
}
