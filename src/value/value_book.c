/*
 * value/value_book.c - kam_value_run: what every account of a book is worth, ranked, with the figures behind it (R47,
 * R62).
 *
 * One read transaction: risk factors, rates, then the ledger once. Accounts with a row in the window become
 * ACCOUNT_VALUE rows, most revenue first, ties by id; what is said of all of them goes to the RUN record. Applied,
 * both are stored; a stored run is explained from its rows, and compared with what the ledger says now. The figures of
 * one account alone come by the same way.
 */
#include "value_book.h"
#include "../store/store.h"

#define VALUE_SUM(field, member) {KAM_ACCOUNT_VALUE_##field, offsetof(kam__totals, member)}
#define VALUE_SERVE(field, kind)                                                                                       \
    {                                                                                                                  \
        KAM_ACCOUNT_VALUE_##field, offsetof(kam__totals, serve) + ((kind)-1) * sizeof(int64_t)                         \
    }
const kam__value_sum kam__value_sums[] = {VALUE_SUM(REVENUE, revenue),
                                          VALUE_SUM(RETURNS, returns),
                                          VALUE_SUM(COST_OF_GOODS, cost_of_goods),
                                          VALUE_SUM(GROSS_PROFIT, gross_profit),
                                          VALUE_SERVE(INVENTORY_INTEREST, KAM_COST_KIND_INVENTORY_INTEREST),
                                          VALUE_SERVE(PERSONNEL, KAM_COST_KIND_PERSONNEL),
                                          VALUE_SERVE(TRAVEL, KAM_COST_KIND_TRAVEL),
                                          VALUE_SERVE(ADMINISTRATION, KAM_COST_KIND_ADMINISTRATION),
                                          VALUE_SERVE(OTHER_COST, KAM_COST_KIND_OTHER),
                                          VALUE_SUM(SHARED, shared),
                                          VALUE_SUM(CONTRIBUTION, contribution),
                                          VALUE_SUM(RISK, risk),
                                          VALUE_SUM(ADJUSTED, adjusted),
                                          VALUE_SUM(ORDERS, orders),
                                          VALUE_SUM(DIRECT_REVENUE, direct_revenue),
                                          {0, 0}};
#undef VALUE_SUM
#undef VALUE_SERVE

static int64_t vbook_member(const kam__totals *t, size_t at) {
    int64_t v;
    memcpy(&v, (const char *)t + at, sizeof v);
    return v;
}

/* ---------------------------------------------------------------- one account */

static int32_t vbook_scope(kam__value_scope *s, int32_t from, int32_t to, int32_t as_of, const char *currency,
                           kam_error *err) {
    *s = (kam__value_scope){.from = from, .to = to, .as_of = as_of};
    if (!currency || !currency[0]) return KAM_OK;
    if (strlen(currency) != 3)
        return kam__fail(err, KAM_E_INVAL, "currency \"%.20s\" is not a code of three letters", currency);
    memcpy(s->currency, currency, 4);
    return KAM_OK;
}

int32_t kam__value_of_account(kam_record *out, kam_book *b, int64_t account, int32_t from, int32_t to, int32_t as_of,
                              const char *currency, kam_error *err) {
    kam__value_scope s;
    kam__totals t;
    KAM__TRY(vbook_scope(&s, from, to, as_of, currency, err));
    KAM__TRY(kam__value_settle(&s, b, err));
    s.account = account;
    KAM__TRY(kam__value_totals_of(&t, b, &s, err));
    kam_record_clear(out);
    KAM__TRY(kam__record_put_str(out, KAM_ACCOUNT_VALUE_CURRENCY, s.currency, err));
    kam__record_put_num(out, KAM_ACCOUNT_VALUE_ACCOUNT, account);
    for (const kam__value_sum *m = kam__value_sums; m->field; m++)
        if (m->field != KAM_ACCOUNT_VALUE_DIRECT_REVENUE && m->field != KAM_ACCOUNT_VALUE_SHARED)
            kam__record_put_num(out, m->field, vbook_member(&t, m->at));
    if (!t.orders) return KAM_OK;
    kam__record_put_num(out, KAM_ACCOUNT_VALUE_FIRST_DAY, t.first_day);
    kam__record_put_num(out, KAM_ACCOUNT_VALUE_LAST_DAY, t.last_day);
    kam__record_put_num(out, KAM_ACCOUNT_VALUE_RECENCY_DAYS, (int64_t)s.as_of - t.last_day);
    return KAM_OK;
}

/* ---------------------------------------------------------------- all accounts */

typedef struct vbook_work {
    kam_book *b;
    kam__value_scope scope;
    int64_t share[2];
    kam__value_settings settings;
    kam__totals *t; uint32_t n;             /* by account id */
    kam__value_stats stats;
    kam__returns_told told;
    kam_error *err;
} vbook_work;

/* Places of the fields in a block. */
typedef struct vbook_columns { uint32_t at[KAM_ACCOUNT_VALUE_RFM_CELL - KAM_ACCOUNT_VALUE_ACCOUNT + 1]; } vbook_columns;

static uint32_t vbook_col(const vbook_columns *c, uint32_t field) { return c->at[field - KAM_ACCOUNT_VALUE_ACCOUNT]; }

static void vbook_row_scores(const vbook_work *w, const vbook_columns *c, kam__blockbuf *bb, uint32_t account) {
    static const uint32_t first[2] = {KAM_ACCOUNT_VALUE_R_NTILE, KAM_ACCOUNT_VALUE_R_Q7};
    uint32_t at = w->stats.rfm_at[account];
    if (at == UINT32_MAX) return;
    for (uint32_t m = 0; m < 3; m++) {
        kam__bb_i64(bb, vbook_col(c, first[0] + m), w->stats.rfm.ntile[m][at]);
        kam__bb_i64(bb, vbook_col(c, first[1] + m), w->stats.rfm.q7[m][at]);
    }
    int cell = kam__value_stats_cell(&w->stats, at);
    const char *name = cell < 0 ? "" : w->settings.cell[cell].name;
    if (name[0]) kam__bb_text(bb, vbook_col(c, KAM_ACCOUNT_VALUE_RFM_CELL), name, strlen(name));
}

static void vbook_row(const vbook_work *w, const vbook_columns *c, kam__blockbuf *bb, uint32_t rank) {
    const kam__pareto *p = &w->stats.pareto;
    const kam__totals *t = w->t + p->order[rank];
    char abc = (char)('A' + p->abc[rank]), incl = (char)('A' + p->abc_incl[rank]);
    kam__bb_i64(bb, vbook_col(c, KAM_ACCOUNT_VALUE_ACCOUNT), t->account);
    for (const kam__value_sum *m = kam__value_sums; m->field; m++)
        kam__bb_i64(bb, vbook_col(c, m->field), vbook_member(t, m->at));
    if (w->scope.currency[0]) kam__bb_text(bb, vbook_col(c, KAM_ACCOUNT_VALUE_CURRENCY), w->scope.currency, 3);
    kam__bb_i64(bb, vbook_col(c, KAM_ACCOUNT_VALUE_RANK), (int64_t)rank + 1);
    kam__bb_f64(bb, vbook_col(c, KAM_ACCOUNT_VALUE_CUM_SHARE), kam__f64_round_sig(kam__pareto_share(p, rank), 9));
    kam__bb_text(bb, vbook_col(c, KAM_ACCOUNT_VALUE_ABC), &abc, 1);
    kam__bb_text(bb, vbook_col(c, KAM_ACCOUNT_VALUE_ABC_INCL), &incl, 1);
    vbook_row_scores(w, c, bb, p->order[rank]);
    if (!t->orders) return;
    kam__bb_i64(bb, vbook_col(c, KAM_ACCOUNT_VALUE_FIRST_DAY), t->first_day);
    kam__bb_i64(bb, vbook_col(c, KAM_ACCOUNT_VALUE_LAST_DAY), t->last_day);
    kam__bb_i64(bb, vbook_col(c, KAM_ACCOUNT_VALUE_RECENCY_DAYS), (int64_t)w->scope.as_of - t->last_day);
}

static int32_t vbook_rows(kam__rowset **out, const vbook_work *w) {
    kam__rowset *set = NULL;
    vbook_columns c;
    KAM__TRY(kam__rowset_new(&set, w->b->schema, KAM_KIND_ACCOUNT_VALUE, NULL, 0, w->err));
    for (uint32_t i = 0; i < KAM__LEN(c.at); i++) c.at[i] = kam__rowset_col(set, KAM_ACCOUNT_VALUE_ACCOUNT + i);
    int32_t rc = KAM_OK;
    for (uint32_t rank = 0; rank < w->n && rc == KAM_OK; rank++) {
        kam__blockbuf *bb = kam__rowset_row(set, w->err);
        if (bb) vbook_row(w, &c, bb, rank);
        rc = bb ? kam__rowset_end_row(set, w->err) : KAM_E_NOMEM;
        if (rc == KAM_OK && rank % KAM__BLOCK_ROWS == 0) rc = kam__progress(w->b->ctx, rank, w->n, w->err);
    }
    if (rc == KAM_OK) *out = set;
    else kam__rowset_drop(set);
    return rc;
}

/* ---------------------------------------------------------------- the RUN record */

/* Of what was computed from: account, revenue, contribution and orders of each account, as bytes in one order. */
static void vbook_hash(char hex[65], const vbook_work *w) {
    kam__sha256 h;
    kam__sha256_init(&h);
    for (uint32_t i = 0; i < w->n; i++) {
        const int64_t v[5] = {w->t[i].account, w->t[i].revenue, w->t[i].contribution, w->t[i].orders, w->t[i].last_day};
        uint8_t bytes[40];
        for (size_t k = 0; k < sizeof bytes; k++) bytes[k] = (uint8_t)((uint64_t)v[k / 8] >> (k % 8 * 8));
        kam__sha256_add(&h, bytes, sizeof bytes);
    }
    kam__sha256_end(&h, hex);
}

/* What came back, and by which policy it was netted. */
static void vbook_returns(kam_buf *out, const vbook_work *w, uint32_t decimals) {
    static const char *const policy[] = {"period", "order", "exclude"};
    kam__sum sum = {0, 0};
    int64_t total = 0;
    for (uint32_t i = 0; i < w->n; i++) kam__sum_add(&sum, w->t[i].returns);
    kam__buf_printf(out, ",\"returns\":{\"policy\":\"%s\"", policy[w->scope.returns]);
    if (kam__sum_get(&sum, &total) == 0) {
        kam__buf_str(out, ",\"amount\":");
        kam__buf_dec(out, total, decimals);
    }
    if (w->scope.returns == KAM__RETURNED_BY_ORDER)
        kam__buf_printf(out, ",\"orders\":%u,\"whole\":%u,\"loose\":%u", (unsigned)w->told.orders,
                        (unsigned)w->told.whole, (unsigned)w->told.loose);
    kam__buf_char(out, '}');
}

static int32_t vbook_texts(kam_record *r, const vbook_work *w) {
    char hex[65];
    kam_buf text;
    kam__buf_init(&text, w->b->ctx);
    int32_t decimals = kam__schema_decimals(w->b->schema, w->scope.currency);
    kam__value_stats_json(&text, &w->stats, decimals < 0 ? 0 : (uint32_t)decimals);
    vbook_returns(&text, w, decimals < 0 ? 0 : (uint32_t)decimals);
    kam__buf_char(&text, '}');
    int32_t rc = kam__buf_end(&text, w->err);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_RUN_STATISTICS, kam_buf_data(&text), w->err);
    const uint32_t *abc = w->stats.pareto.count;
    kam__buf_clear(&text);
    kam__buf_printf(&text, "{\"A\":%u,\"B\":%u,\"C\":%u}", (unsigned)abc[0], (unsigned)abc[1], (unsigned)abc[2]);
    if (rc == KAM_OK) rc = kam__buf_end(&text, w->err);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_RUN_COUNTS, kam_buf_data(&text), w->err);
    kam__buf_drop(&text);
    vbook_hash(hex, w);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_RUN_INPUT_HASH, hex, w->err);
    if (rc == KAM_OK && w->settings.text) rc = kam__record_put_str(r, KAM_RUN_SETTINGS, w->settings.text, w->err);
    return rc == KAM_OK ? kam__record_put_str(r, KAM_RUN_CURRENCY, w->scope.currency, w->err) : rc;
}

static void vbook_put_share(kam_record *r, uint32_t field, double v) {
    kam__record_put_f64(r, kam__kind_index(r->kind, field), kam__f64_round_sig(v, 9));
}

static int32_t vbook_record(kam_record *r, const vbook_work *w) {
    const kam__pareto *p = &w->stats.pareto;
    if (w->scope.from != KAM_DAY_FIRST) kam__record_put_num(r, KAM_RUN_FROM, w->scope.from);
    if (w->scope.to != KAM_DAY_END) kam__record_put_num(r, KAM_RUN_TO, w->scope.to);
    kam__record_put_num(r, KAM_RUN_ACCOUNTS, w->n);
    kam__record_put_num(r, KAM_RUN_ITEMS, w->n);
    kam__record_put_num(r, KAM_RUN_TOTAL, p->total);
    kam__record_put_num(r, KAM_RUN_FLAGS, kam__value_flags(&w->scope));
    vbook_put_share(r, KAM_RUN_GINI, p->gini);
    vbook_put_share(r, KAM_RUN_HHI, p->hhi);
    vbook_put_share(r, KAM_RUN_TOP20_SHARE, kam__pareto_top_part(p, 2000));
    vbook_put_share(r, KAM_RUN_TOP1_SHARE, kam__pareto_top(p, 1));
    return vbook_texts(r, w);
}

static int32_t vbook_make(kam_run **out, vbook_work *w) {
    kam__rowset *set = NULL;
    kam_run *run = NULL;
    KAM__TRY(kam__value_settle(&w->scope, w->b, w->err));
    KAM__TRY(kam__value_settings_read(&w->settings, w->b, w->scope.settings, w->scope.currency, w->err));
    KAM__TRY(kam__value_totals_all(&w->t, &w->n, w->b, &w->scope, &w->settings, NULL, NULL, w->err));
    KAM__TRY(kam__value_stats_make(&w->stats, w->b->ctx, w->t, w->n, w->scope.as_of, w->share, &w->settings, w->err));
    KAM__TRY(kam__run_new(&run, w->b, KAM_RUN_KIND_VALUE, &kam__value_run_ops, w->scope.as_of, NULL, w->err));
    int32_t rc = vbook_record(run->record, w);
    if (rc == KAM_OK) rc = vbook_rows(&set, w);
    if (rc == KAM_OK) rc = kam__run_add_list(run, set, w->err);
    if (rc == KAM_OK) *out = run;
    else kam_run_free(run);
    return rc;
}

int32_t kam__value_options_take(kam__value_scope *scope, int64_t share[2], const kam_value_options *given,
                                int32_t as_of, kam_error *err) {
    kam_value_options o;
    KAM__TRY(kam__options(&o, sizeof o, given, offsetof(kam_value_options, currency) + sizeof o.currency,
                          "kam_value_options", err));
    if (share) {
        share[0] = o.share_a || o.share_b ? o.share_a : 8000;
        share[1] = o.share_b ? o.share_b : 9500;
    }
    KAM__TRY(vbook_scope(scope, o.from, o.to, as_of, o.currency, err));
    scope->settings = o.settings;
    return kam__value_flags_take(scope, o.flags, "kam_value_options.flags", err);
}

int32_t kam_value_run(kam_run **out, kam_book *book, const kam_value_options *options, int32_t as_of, kam_error *err) {
    vbook_work w = {.b = book, .err = err};
    kam_run *run = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__value_options_take(&w.scope, w.share, options, as_of, err));
    w.scope.told = &w.told;
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&c, vbook_make(&run, &w), err);
    kam__value_stats_free(&w.stats, book->ctx);
    kam__value_settings_free(&w.settings);
    kam__free(book->ctx, w.t);
    if (rc == KAM_OK) *out = run;
    else kam_run_free(run);
    return rc;
}
