/*
 * segment/segment_book_attributes_run.c - what applied runs say of accounts: lifetime value and the chance that it still
 * buys from the last lifetime value run, recency, frequency and money from the last value run.
 *
 * The last run is the one applied last of those as of this day or an earlier one. An account that the run has no row of
 * has no such attribute. A lifetime value of other than twelve months is none of twelve.
 */
#include "../store/store.h"
#include "segment_book_attributes.h"

typedef struct attr_latest {
    kam__attr_reading *a;
    int64_t clv, value; /* ids; 0 = none */
} attr_latest;

static int64_t attr_run_num(const kam_col *c, uint32_t row) { return c ? kam__col_i64(c, row) : 0; }

static int32_t on_attr_latest(void *user, const kam_block *rows)
{
    attr_latest *x = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *kind = kam__block_col(rows, KAM_RUN_KIND);
    const kam_col *day = kam__block_col(rows, KAM_RUN_AS_OF), *name = kam__block_col(rows, KAM_RUN_NAME);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t run = attr_run_num(id, i), what = attr_run_num(kind, i);
        if (what == KAM_RUN_KIND_VALUE && run > x->value) {
            x->value = run;
            x->a->from.value = (int32_t)attr_run_num(day, i);
        }
        if (what != KAM_RUN_KIND_CLV || run <= x->clv) continue;
        size_t len = 0;
        const char *text = name ? kam__col_text(name, i, &len) : NULL;
        x->clv = run;
        x->a->from.clv = (int32_t)attr_run_num(day, i);
        if (!text || len >= sizeof x->a->from.model) len = 0;
        if (len) memcpy(x->a->from.model, text, len);
        x->a->from.model[len] = '\0';
    }
    return KAM_OK;
}

static int32_t attr_latest_runs(attr_latest *x, kam__attr_reading *a)
{
    static const uint32_t field[] = {KAM_ID, KAM_RUN_KIND, KAM_RUN_AS_OF, KAM_RUN_NAME};
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_RUN), KAM_RUN_AS_OF), KAM_OP_LE, a->day);
    kam__read q = {.scan = {.kind = KAM_KIND_RUN, .field = field, .nfield = 4, .pred = &p, .npred = 1, .any_order = 1},
                   .as_of = KAM_TODAY};
    return kam__read_rows(a->b, &q, on_attr_latest, x, a->err);
}

static int32_t on_attr_clv(void *user, const kam_block *rows)
{
    kam__attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_ACCOUNT_CLV_ACCOUNT), *clv = kam__block_col(rows, KAM_ACCOUNT_CLV_CLV);
    const kam_col *alive = kam__block_col(rows, KAM_ACCOUNT_CLV_P_ALIVE), *months = kam__block_col(rows, KAM_ACCOUNT_CLV_MONTHS);
    const kam_col *currency = kam__block_col(rows, KAM_ACCOUNT_CLV_CURRENCY);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        kam__attr_side *s = kam__attr_side_of(a, attr_run_num(account, i));
        if (!s) return KAM_E_NOMEM;
        if (alive && !kam__col_null(alive, i)) s->alive = 1 + (int32_t)(kam__col_f64(alive, i) * 10000 + 0.5);
        if (!clv || kam__col_null(clv, i) || attr_run_num(months, i) != 12) continue;
        const char *code = currency ? kam__col_text(currency, i, &len) : NULL;
        s->has_clv = 1;
        s->clv = kam__col_i64(clv, i);
        s->clv_currency = code && len ? kam__rate_code(code, len) : a->base;
    }
    return KAM_OK;
}

static int32_t on_attr_rfm(void *user, const kam_block *rows)
{
    static const uint32_t field[3] = {KAM_ACCOUNT_VALUE_R_Q7, KAM_ACCOUNT_VALUE_F_Q7, KAM_ACCOUNT_VALUE_M_Q7};
    kam__attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_ACCOUNT_VALUE_ACCOUNT);
    const kam_col *cell = kam__block_col(rows, KAM_ACCOUNT_VALUE_RFM_CELL);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__attr_side *s = kam__attr_side_of(a, attr_run_num(account, i));
        if (!s) return KAM_E_NOMEM;
        for (int m = 0; m < 3; m++) {
            const kam_col *c = kam__block_col(rows, field[m]);
            s->rfm[m] = c && !kam__col_null(c, i) ? (char)('0' + kam__col_i64(c, i)) : '\0';
        }
        size_t len = 0;
        const char *text = cell ? kam__col_text(cell, i, &len) : NULL;
        if (text && len) KAM__TRY(kam__attr_text(&s->cell, a, text, len));
    }
    return KAM_OK;
}

/* The rows of one run, of the one account if only that is asked for. */
static int32_t attr_run_rows(kam__attr_reading *a, int64_t run, const uint32_t *field, uint32_t nfield, uint32_t run_field,
                             kam_block_fn fn)
{
    uint32_t kind = run_field / 128;
    const kam__kind *k = kam__builtin_kind(kind);
    kam_pred p[2];
    kam__pred mem[2];
    if (!run) return KAM_OK;
    kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, run_field), KAM_OP_EQ, run);
    kam__pred_i64(&p[1], &mem[1], kam__kind_field(k, field[1]), KAM_OP_EQ, a->ask->account);
    kam__read q = {.scan = {.kind = kind, .field = field, .nfield = nfield, .pred = p, .npred = a->ask->account ? 2 : 1,
                            .any_order = 1},
                   .as_of = KAM_TODAY};
    return kam__read_rows(a->b, &q, fn, a, a->err);
}

int32_t kam__attr_runs(kam__attr_reading *a)
{
    static const uint32_t clv[] = {KAM_ID, KAM_ACCOUNT_CLV_ACCOUNT, KAM_ACCOUNT_CLV_P_ALIVE, KAM_ACCOUNT_CLV_CLV,
                                   KAM_ACCOUNT_CLV_CURRENCY, KAM_ACCOUNT_CLV_MONTHS};
    static const uint32_t rfm[] = {KAM_ID, KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_R_Q7, KAM_ACCOUNT_VALUE_F_Q7,
                                   KAM_ACCOUNT_VALUE_M_Q7, KAM_ACCOUNT_VALUE_RFM_CELL};
    int ask_clv = kam__attr_wants(a, KAM_ATTRIBUTES_CLV_12M) || kam__attr_wants(a, KAM_ATTRIBUTES_P_ALIVE) ||
                  kam__attr_wants(a, KAM_ATTRIBUTES_CLV_AS_OF) || kam__attr_wants(a, KAM_ATTRIBUTES_CLV_MODEL);
    int ask_rfm = kam__attr_wants(a, KAM_ATTRIBUTES_RFM) || kam__attr_wants(a, KAM_ATTRIBUTES_RFM_AS_OF) ||
                  kam__attr_wants(a, KAM_ATTRIBUTES_RFM_CELL);
    attr_latest x = {.a = a};
    if (!ask_clv && !ask_rfm) return KAM_OK;
    KAM__TRY(attr_latest_runs(&x, a));
    if (ask_clv)
        KAM__TRY(attr_run_rows(a, x.clv, clv, (uint32_t)KAM__LEN(clv), KAM_ACCOUNT_CLV_RUN, on_attr_clv));
    return ask_rfm ? attr_run_rows(a, x.value, rfm, (uint32_t)KAM__LEN(rfm), KAM_ACCOUNT_VALUE_RUN, on_attr_rfm) : KAM_OK;
}
