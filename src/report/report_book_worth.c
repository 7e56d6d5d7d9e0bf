/*
 * report/report_book_worth.c - what the stored value runs say of all accounts: scores of recency, frequency and money,
 * who still buys, and whether what was expected has come.
 *
 * Nothing is fitted here: the figures are those of the runs applied last, whole numbers made of what they stored. For
 * the last chart an earlier lifetime value run is asked, by its stored model, what it expects until the day of the
 * report, and the ledger what came; a run needs 28 days to be tried.
 */
#include "../store/store.h"
#include "../value/value_book_clv.h"
#include "report_book.h"

#define WORTH_LEAST_DAYS 28

static const uint32_t worth_since[KAM__WORTH_SINCE - 1] = {31, 61, 92, 183,
                                                           366}; /* days since the last purchase, below */
static const uint32_t worth_times[KAM__WORTH_TIMES - 1] = {1, 2, 3, 5, 10, 20}; /* repeat purchases, below */

static uint32_t worth_bin(const uint32_t *below, uint32_t n, int64_t v)
{
    uint32_t i = 0;
    while (i < n && v >= (int64_t)below[i]) i++;
    return i;
}

/* ---------------------------------------------------------------- scores */

static int32_t on_worth_rfm(void *user, const kam_block *rows)
{
    kam__report_worth *w = &((kam__report_job *)user)->report.worth;
    const kam_col *recent = kam__block_col(rows, KAM_ACCOUNT_VALUE_R_Q7),
                  *often = kam__block_col(rows, KAM_ACCOUNT_VALUE_F_Q7);
    const kam_col *money = kam__block_col(rows, KAM_ACCOUNT_VALUE_REVENUE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t r = kam__report_num(recent, i, 0), f = kam__report_num(often, i, 0);
        if (r < 1 || r > 5 || f < 1 || f > 5) continue;
        w->rfm[r - 1][f - 1]++;
        kam__sum_add(&w->rfm_revenue[r - 1][f - 1], kam__report_num(money, i, 0));
        w->nrfm++;
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- who still buys */

static double worth_days(const kam_record *run)
{
    const char *text = kam_record_text(run, KAM_RUN_STATISTICS, "");
    return strstr(text, "\"unit\":\"day\"") ? 1 : strstr(text, "\"unit\":\"month\"") ? 30.4375 : 7;
}

typedef struct worth_clv {
    kam__report_job *j;
    double days; /* of a unit of time */
    int32_t as_of;
    kam_clv_rows rows;
    int64_t *account;
    int32_t *x;
    double *tx, *t;
    size_t n, cap; /* of the run that is tried */
} worth_clv;

static int32_t on_worth_alive(worth_clv *c, const kam_block *rows)
{
    kam__report_worth *w = &c->j->report.worth;
    const kam_col *x = kam__block_col(rows, KAM_ACCOUNT_CLV_X), *p = kam__block_col(rows, KAM_ACCOUNT_CLV_P_ALIVE);
    const kam_col *tx = kam__block_col(rows, KAM_ACCOUNT_CLV_TX), *t = kam__block_col(rows, KAM_ACCOUNT_CLV_T);
    for (uint32_t i = 0; x && tx && t && p && i < rows->nrow; i++) {
        int64_t since = (int64_t)((kam__col_f64(t, i) - kam__col_f64(tx, i)) * c->days + 0.5);
        uint32_t s = worth_bin(worth_since, KAM__WORTH_SINCE - 1, since),
                 n = worth_bin(worth_times, KAM__WORTH_TIMES - 1, kam__report_num(x, i, 0));
        if (kam__col_null(p, i)) continue;
        w->alive[s][n]++;
        w->alive_sum[s][n] += (int64_t)(kam__col_f64(p, i) * 10000 + 0.5);
        w->nalive++;
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- what was expected, what came */

static int32_t worth_keep(worth_clv *c, const kam_block *rows)
{
    const kam_col *account = kam__block_col(rows, KAM_ACCOUNT_CLV_ACCOUNT),
                  *x = kam__block_col(rows, KAM_ACCOUNT_CLV_X);
    const kam_col *tx = kam__block_col(rows, KAM_ACCOUNT_CLV_TX), *t = kam__block_col(rows, KAM_ACCOUNT_CLV_T);
    size_t cap = c->cap, same = c->cap, tx_cap = c->cap, t_cap = c->cap, need = c->n + rows->nrow;
    KAM__TRY(kam__grow(c->j->b->ctx, &c->account, &cap, need, sizeof *c->account, c->j->err));
    KAM__TRY(kam__grow(c->j->b->ctx, &c->x, &same, need, sizeof *c->x, c->j->err));
    KAM__TRY(kam__grow(c->j->b->ctx, &c->tx, &tx_cap, need, sizeof *c->tx, c->j->err));
    KAM__TRY(kam__grow(c->j->b->ctx, &c->t, &t_cap, need, sizeof *c->t, c->j->err));
    c->cap = cap;
    for (uint32_t i = 0; x && tx && t && i < rows->nrow; i++) {
        c->account[c->n] = kam__col_i64(account, i);
        c->x[c->n] = (int32_t)kam__col_i64(x, i);
        c->tx[c->n] = kam__col_f64(tx, i);
        c->t[c->n++] = kam__col_f64(t, i);
    }
    return KAM_OK;
}

static void worth_keep_free(worth_clv *c)
{
    kam_ctx *ctx = c->j->b->ctx;
    kam__free(ctx, c->account);
    kam__free(ctx, c->x);
    kam__free(ctx, c->tx);
    kam__free(ctx, c->t);
}

/* The model of purchases as the run stored it. */
static int32_t worth_model(kam_clv **out, kam__report_job *j, const kam_record *run)
{
    const char *text = kam_record_text(run, KAM_RUN_STATISTICS, "{}");
    const char *from = strstr(text, ",\"model\":{"), *end = from ? strstr(from, ",\"spending\":") : NULL;
    if (!end)
        return kam__fail(j->err, KAM_E_PARSE, "the statistics of run %lld hold no model",
                         (long long)kam_record_i64(run, KAM_ID, 0));
    return kam_clv_from_json(out, j->b->ctx, from + 9, (size_t)(end - from - 9), j->err);
}

static int32_t worth_expect(worth_clv *c, const kam_clv *model)
{
    kam__report_worth *w = &c->j->report.worth;
    double horizon = (c->j->report.as_of - c->as_of) / c->days, one = 0;
    kam_clv_rows row = {.struct_size = sizeof row, .n = 1};
    for (size_t i = 0; i < c->n; i++) {
        uint32_t bin = worth_bin(worth_times, KAM__WORTH_TIMES - 1, c->x[i]);
        row.x = c->x + i, row.tx = c->tx + i, row.t = c->t + i;
        KAM__TRY(kam_clv_predict(&one, NULL, model, &row, horizon, c->j->err));
        w->tried[bin].accounts++;
        w->tried[bin].expected += (int64_t)(one * 10000 + 0.5);
        w->ntried++;
    }
    return KAM_OK;
}

/* Days of purchase behind the run's day, by the account that the run had. */
static int32_t worth_came(worth_clv *c, kam_purchases *buys)
{
    kam__report_worth *w = &c->j->report.worth;
    kam_clv_rows rows;
    const int64_t *account = NULL;
    const int32_t *later = NULL;
    KAM__TRY(kam_purchases_rows(&rows, &account, &later, buys, c->j->err));
    kam__imap at;
    kam__imap_init(&at, c->j->b->ctx);
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < rows.n && rc == KAM_OK; i++) rc = kam__imap_put(&at, account[i], (uint32_t)i, c->j->err);
    for (size_t i = 0; i < c->n && rc == KAM_OK; i++) {
        uint32_t k = 0;
        if (kam__imap_get(&at, c->account[i], &k))
            w->tried[worth_bin(worth_times, KAM__WORTH_TIMES - 1, c->x[i])].came += later[k];
    }
    kam__imap_free(&at);
    return rc;
}

static int32_t worth_try(worth_clv *c, const kam_record *run)
{
    kam__report_job *j = c->j;
    kam_clv *model = NULL;
    kam_purchases *buys = NULL;
    kam_purchases_options o = {.struct_size = sizeof o,
                               .unit = KAM_CLV_DAY,
                               .until = c->as_of,
                               .holdout = j->report.as_of,
                               .decimals = j->report.decimals};
    kam__value_scope s = {.from = KAM_DAY_FIRST, .to = KAM_DAY_END, .as_of = j->as_of};
    int32_t rc = worth_model(&model, j, run);
    if (rc == KAM_OK) rc = worth_expect(c, model);
    if (rc == KAM_OK) rc = kam_purchases_new(&buys, j->b->ctx, &o, j->err);
    if (rc == KAM_OK) rc = kam__value_settle(&s, j->b, j->err);
    if (rc == KAM_OK) rc = kam__value_scan(j->b, &s, kam__clv_feed, buys, j->err);
    if (rc == KAM_OK) rc = worth_came(c, buys);
    kam_purchases_free(buys);
    kam_clv_free(model);
    return rc;
}

/* ---------------------------------------------------------------- the runs */

static int32_t worth_rows(worth_clv *c, int64_t run, int keep)
{
    kam_rows *rows = NULL;
    const kam_block *b = NULL;
    int32_t rc = kam__report_of_run(&rows, c->j, KAM_KIND_ACCOUNT_CLV, KAM_ACCOUNT_CLV_RUN, run);
    while (rc == KAM_OK && (rc = kam_rows_next_block(&b, rows, c->j->err)) == KAM_OK && b)
        rc = keep ? worth_keep(c, b) : on_worth_alive(c, b);
    kam_rows_free(rows);
    return rc;
}

static int32_t worth_run(kam__report_job *j, const kam__report_run *from, int past)
{
    kam_record *run = NULL;
    if (!from->id) return KAM_OK;
    KAM__TRY(kam_book_get(&run, j->b, KAM_KIND_RUN, from->id, KAM_TODAY, j->err));
    worth_clv c = {.j = j, .days = worth_days(run), .as_of = from->as_of};
    int32_t rc = worth_rows(&c, from->id, past);
    if (rc == KAM_OK && past) rc = worth_try(&c, run);
    worth_keep_free(&c);
    kam_record_free(run);
    return rc;
}

void kam__report_worth_seen(kam__report_job *j, int64_t kind, const kam__report_run *run)
{
    kam__report_worth *w = &j->report.worth;
    if (kind == KAM_RUN_KIND_VALUE) w->value = *run;
    if (kind != KAM_RUN_KIND_CLV) return;
    w->clv = *run;
    if (run->as_of <= j->report.as_of - WORTH_LEAST_DAYS && run->as_of >= w->past.as_of) w->past = *run;
}

int32_t kam__report_read_worth(kam__report_job *j)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACCOUNT_VALUE_R_Q7, KAM_ACCOUNT_VALUE_F_Q7, KAM_ACCOUNT_VALUE_REVENUE};
    kam__report_worth *w = &j->report.worth;
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACCOUNT_VALUE), KAM_ACCOUNT_VALUE_RUN),
                  KAM_OP_EQ, w->value.id);
    if (w->value.id) KAM__TRY(kam__report_read(j, KAM_KIND_ACCOUNT_VALUE, field, 4, &p, 1, KAM_TODAY, 0, on_worth_rfm));
    KAM__TRY(worth_run(j, &w->clv, 0));
    int32_t rc = worth_run(j, &w->past, 1);
    if (rc != KAM_E_POLICY) return rc;
    w->ntried = 0;                                          /* a rate is missing: nothing to compare with */
    return KAM_OK;
}
