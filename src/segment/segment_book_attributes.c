/*
 * segment/segment_book_attributes.c - accounts as scorecards see them: their own fields, the facts that hold, and what
 * ledger, activities and contacts say, as of a day.
 *
 * Passes over the other kinds come first (segment_book_attributes_side.c); then the accounts stream by in blocks and
 * one record is filled and handed over again and again. Only what is asked for is read. An account without rows has
 * bought nothing, which is a figure (0); only days since something that never happened, and shares of nothing, are
 * missing.
 */
#include "../store/store.h"
#include "segment_book_attributes.h"

/* ---------------------------------------------------------------- one record */

static void attr_put(kam__attr_reading *a, uint32_t field, int64_t v)
{
    if (kam__attr_wants(a, field)) kam__record_put_num(a->r, field, v);
}

static int32_t attr_put_share(kam__attr_reading *a, uint32_t field, int64_t part, int64_t whole)
{
    int64_t share = 0;
    if (whole <= 0 || !kam__attr_wants(a, field)) return KAM_OK;
    if (kam__muldiv(part, 10000, whole, KAM__HALF_EVEN, &share))
        return kam__fail(a->err, KAM_E_LIMIT, "%s of account %lld does not fit 64 bits",
                         kam__kind_field(a->kind, field)->name, (long long)a->last_id);
    attr_put(a, field, share);
    return KAM_OK;
}

static int32_t attr_totals(kam__totals *t, kam__attr_reading *a, const kam__ledger *l)
{
    uint32_t i = 0;
    memset(t, 0, sizeof *t);
    return l && kam__ledger_find(l, a->last_id, &i) ? kam__ledger_at(l, i, 0, t, a->err) : KAM_OK;
}

static int32_t attr_put_ledger(kam__attr_reading *a, int64_t potential)
{
    kam__totals t, before;
    int64_t more = 0;
    if (!a->now) return KAM_OK;
    KAM__TRY(attr_totals(&t, a, a->now));
    KAM__TRY(attr_totals(&before, a, a->then));
    attr_put(a, KAM_ATTRIBUTES_REVENUE_12M, t.revenue);
    attr_put(a, KAM_ATTRIBUTES_RETURNS_12M, t.returns);
    attr_put(a, KAM_ATTRIBUTES_GROSS_PROFIT_12M, t.gross_profit);
    attr_put(a, KAM_ATTRIBUTES_CONTRIBUTION_12M, t.contribution);
    attr_put(a, KAM_ATTRIBUTES_ORDERS_12M, t.orders);
    attr_put(a, KAM_ATTRIBUTES_REVENUE_PREVIOUS, before.revenue);
    if (kam__attr_trend_of(a->trend, a->last_id, &more)) attr_put(a, KAM_ATTRIBUTES_TREND, more);
    more = 0;
    if (before.revenue > 0 && kam__add(t.revenue, -before.revenue, &more))
        return kam__fail(a->err, KAM_E_LIMIT, "the growth of account %lld does not fit 64 bits", (long long)a->last_id);
    KAM__TRY(attr_put_share(a, KAM_ATTRIBUTES_GROWTH_12M, more, before.revenue));
    KAM__TRY(attr_put_share(a, KAM_ATTRIBUTES_MARGIN_12M, t.gross_profit, t.revenue));
    KAM__TRY(attr_put_share(a, KAM_ATTRIBUTES_SHARE_12M, t.revenue, a->all));
    return attr_put_share(a, KAM_ATTRIBUTES_SHARE_OF_WALLET, t.revenue, potential);
}

/* A value in another currency is the run's: its rate is the day's. */
static int32_t attr_put_clv(kam__attr_reading *a, const kam__attr_side *s)
{
    int64_t v = s->clv;
    if (!s->has_clv || !kam__attr_wants(a, KAM_ATTRIBUTES_CLV_12M)) return KAM_OK;
    if (s->clv_currency != a->base)
        KAM__TRY(kam__rates_convert(&a->rates, a->b, &v, s->clv_currency, a->base, a->day, a->err));
    attr_put(a, KAM_ATTRIBUTES_CLV_12M, v);
    return KAM_OK;
}

static int32_t attr_put_side(kam__attr_reading *a, const kam__attr_side *s)
{
    if (s->owner) attr_put(a, KAM_ATTRIBUTES_OWNER, s->owner);
    if (s->tier) attr_put(a, KAM_ATTRIBUTES_TIER, s->tier);
    if (s->lifecycle) attr_put(a, KAM_ATTRIBUTES_LIFECYCLE, s->lifecycle);
    if (s->last != KAM_DAY_FIRST) attr_put(a, KAM_ATTRIBUTES_RECENCY_DAYS, (int64_t)a->day - s->last);
    if (s->first != KAM_DAY_FIRST) attr_put(a, KAM_ATTRIBUTES_TENURE_DAYS, (int64_t)a->day - s->first);
    attr_put(a, KAM_ATTRIBUTES_VISITS_90D, s->visits);
    attr_put(a, KAM_ATTRIBUTES_CALLS_90D, s->calls);
    attr_put(a, KAM_ATTRIBUTES_COMPLAINTS_12M, s->complaints);
    if (s->last_visit != KAM_DAY_FIRST) attr_put(a, KAM_ATTRIBUTES_LAST_VISIT_DAYS, (int64_t)a->day - s->last_visit);
    attr_put(a, KAM_ATTRIBUTES_CONTACTS, s->contacts);
    attr_put(a, KAM_ATTRIBUTES_DECIDER_KNOWN, s->decider);
    if (s->alive) attr_put(a, KAM_ATTRIBUTES_P_ALIVE, (int64_t)s->alive - 1);
    if (s->alive) attr_put(a, KAM_ATTRIBUTES_CLV_AS_OF, a->from.clv);
    if (s->alive && kam__attr_wants(a, KAM_ATTRIBUTES_CLV_MODEL))
        KAM__TRY(kam__record_put_str(a->r, KAM_ATTRIBUTES_CLV_MODEL, a->from.model, a->err));
    if (s->rfm[0]) attr_put(a, KAM_ATTRIBUTES_RFM_AS_OF, a->from.value);
    if (s->cell && kam__attr_wants(a, KAM_ATTRIBUTES_RFM_CELL))
        KAM__TRY(kam__record_put_str(a->r, KAM_ATTRIBUTES_RFM_CELL, a->grade[s->cell - 1], a->err));
    KAM__TRY(attr_put_clv(a, s));
    if (s->rfm[0] && kam__attr_wants(a, KAM_ATTRIBUTES_RFM))
        KAM__TRY(kam__record_put_text(a->r, kam__kind_index(a->kind, KAM_ATTRIBUTES_RFM), s->rfm, 3, a->err));
    return s->grade ? kam__record_put_str(a->r, KAM_ATTRIBUTES_GRADE, a->grade[s->grade - 1], a->err) : KAM_OK;
}

/* ---------------------------------------------------------------- accounts */

/* An account's own amounts are as of the day: so is the rate. */
static int32_t attr_convert(kam__attr_reading *a, int64_t *amount, const kam_col *currency, uint32_t row)
{
    size_t len = 0;
    const char *code = currency ? kam__col_text(currency, row, &len) : NULL;
    if (!code || !len) return KAM_OK;
    return kam__rates_convert(&a->rates, a->b, amount, kam__rate_code(code, len), a->base, a->day, a->err);
}

static int32_t attr_put_cell(kam__attr_reading *a, const kam__attr_column *c, const kam_col *from,
                             const kam_col *currency, uint32_t row)
{
    size_t len = 0;
    const char *text = NULL;
    const kam__field *f = &a->kind->field[c->cell];
    if (f->type == KAM_T_TEXT) {
        text = kam__col_text(from, row, &len);
        return text && len ? kam__record_put_text(a->r, c->cell, text, len, a->err) : KAM_OK;
    }
    if (f->type == KAM_T_F64) {
        kam__record_put_f64(a->r, c->cell, kam__col_f64(from, row));
        return KAM_OK;
    }
    int64_t v = kam__col_i64(from, row);
    if (f->logic == KAM__L_MONEY) KAM__TRY(attr_convert(a, &v, currency, row));
    kam__record_put_i64(a->r, c->cell, v);
    return KAM_OK;
}

static int32_t attr_account(kam__attr_reading *a, const kam_block *rows, uint32_t row)
{
    static const kam__attr_side none = {.first = KAM_DAY_FIRST, .last = KAM_DAY_FIRST, .last_visit = KAM_DAY_FIRST};
    const kam_col *currency = a->money ? kam__block_col(rows, KAM_ACCOUNT_CURRENCY) : NULL;
    int64_t potential = 0;
    uint32_t at = 0;
    const kam__attr_side *s = kam__keys_find(&a->keys, a->last_id, &at) ? &a->side[at] : &none;
    if (a->ask->valid_only && s->lifecycle == KAM_LIFECYCLE_INVALID) return KAM_OK;
    if (!a->ask->account && kam__links_head(&a->links, a->last_id) != a->last_id) return KAM_OK;    /* another's code */
    kam_record_clear(a->r);
    attr_put(a, KAM_ATTRIBUTES_ACCOUNT, a->last_id);
    for (uint32_t i = 0; i < a->ncolumn; i++) {
        const kam__attr_column *c = &a->column[i];
        const kam_col *from = kam__block_col(rows, c->field);
        if (!from || kam__col_null(from, row)) continue;
        if (c->field == KAM_ACCOUNT_POTENTIAL) {
            potential = kam__col_i64(from, row);
            KAM__TRY(attr_convert(a, &potential, currency, row));
        }
        if (c->cell != UINT32_MAX) KAM__TRY(attr_put_cell(a, c, from, currency, row));
    }
    KAM__TRY(attr_put_ledger(a, potential));
    KAM__TRY(attr_put_side(a, s));
    return a->fn(a->user, a->r, a->err);
}

static int32_t on_attr_accounts(void *user, const kam_block *rows)
{
    kam__attr_reading *a = user;
    const kam_col *id = kam__block_col(rows, KAM_ID);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t account = kam__col_i64(id, i);
        if (account <= a->last_id) return kam__fail(a->err, KAM_E_CORRUPT, "the store does not give accounts by id");
        a->last_id = account;
        KAM__TRY(attr_account(a, rows, i));
    }
    return kam__progress(a->ctx, a->done += rows->nrow, 0, a->err);
}

/* Which columns of ACCOUNT are read and where they go. Its virtual fields are facts. */
static int32_t attr_columns(kam__attr_reading *a)
{
    const kam__kind *account = kam__schema_kind(a->b->schema, KAM_KIND_ACCOUNT);
    a->column = kam__zalloc_n(a->ctx, (size_t)account->nfield + 2, sizeof *a->column);
    if (!a->column) return kam__nomem(a->err);
    for (uint32_t i = 0; i < account->nfield; i++) {
        const kam__field *f = &account->field[i];
        uint32_t own = f->flags & KAM__F_CUSTOM ? f->id : f->id - KAM_KIND_ACCOUNT * 128 + KAM_KIND_ATTRIBUTES * 128;
        uint32_t cell = kam__kind_index(a->kind, own);
        if ((f->flags & (KAM__F_COMMON | KAM__F_VIRTUAL)) || cell == UINT32_MAX || !kam__attr_wants(a, own))
            cell = UINT32_MAX;
        int helps = f->id == KAM_ACCOUNT_POTENTIAL && kam__attr_wants(a, KAM_ATTRIBUTES_SHARE_OF_WALLET);
        if (cell == UINT32_MAX && !helps) continue;
        a->column[a->ncolumn++] = (kam__attr_column){f->id, cell};
        a->money |= f->logic == KAM__L_MONEY;
    }
    a->money |= kam__attr_wants(a, KAM_ATTRIBUTES_CLV_12M);
    if (!a->money || kam__attr_wants(a, KAM_ATTRIBUTES_CURRENCY)) return KAM_OK;
    a->column[a->ncolumn++] = (kam__attr_column){KAM_ACCOUNT_CURRENCY, UINT32_MAX};
    return KAM_OK;
}

static int32_t attr_accounts(kam__attr_reading *a)
{
    kam_pred p;
    kam__pred mem;
    uint32_t *field = kam__zalloc_n(a->ctx, (size_t)a->ncolumn + 1, sizeof *field);
    if (!field) return kam__nomem(a->err);
    field[0] = KAM_ID;
    for (uint32_t i = 0; i < a->ncolumn; i++) field[i + 1] = a->column[i].field;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACCOUNT), KAM_ID), KAM_OP_EQ, a->ask->account);
    kam__read q = {.scan = {.kind = KAM_KIND_ACCOUNT,
                            .field = field,
                            .nfield = a->ncolumn + 1,
                            .pred = &p,
                            .npred = a->ask->account ? 1 : 0},
                   .as_of = a->ask->as_of};
    int32_t rc = kam__read_rows(a->b, &q, on_attr_accounts, a, a->err);
    kam__free(a->ctx, field);
    return rc;
}

/* ---------------------------------------------------------------- the whole */

static int32_t attr_read(kam__attr_reading *a)
{
    KAM__TRY(kam__record_new(&a->r, a->b->schema, KAM_KIND_ATTRIBUTES, a->err));
    KAM__TRY(attr_columns(a));
    KAM__TRY(kam__links_load(&a->links, a->b, a->ask->as_of, a->err));
    KAM__TRY(kam__attr_passes(a));
    if (a->money) KAM__TRY(kam__rates_load(&a->rates, a->b, a->err));
    return attr_accounts(a);
}

static int32_t attr_start(kam__attr_reading *a)
{
    const char *base = kam__schema_base_currency(a->b->schema);
    KAM__TRY(kam__book_day(&a->day, a->b, a->ask->as_of, a->err));
    if (a->day < -719162 || a->day > 2932896)
        return kam__fail(a->err, KAM_E_INVAL, "as_of must be a day of the years 1 to 9999");
    a->end = a->day + 1;
    a->year = kam__add_months(a->end, -12);
    a->before = kam__add_months(a->end, -24);
    a->base = kam__rate_code(base, strlen(base));
    kam__keys_init(&a->keys, a->ctx);
    kam__tmap_init(&a->grade_of, a->ctx);
    kam__arena_init(&a->texts, a->ctx, 0);
    return KAM_OK;
}

int32_t kam__attributes_read(kam_book *b, const kam__attributes_ask *ask, kam__attributes_fn fn, void *user,
                             kam_error *err)
{
    kam__attr_reading a = {.b = b, .ctx = b->ctx, .ask = ask, .err = err, .fn = fn, .user = user};
    a.kind = kam__schema_kind(b->schema, KAM_KIND_ATTRIBUTES);
    KAM__TRY(attr_start(&a));
    int32_t rc = attr_read(&a);
    kam__ledger_free(a.now);
    kam__ledger_free(a.then);
    kam__attr_trend_free(a.trend);
    kam__keys_free(&a.keys);
    kam__tmap_free(&a.grade_of);
    kam__arena_free(&a.texts);
    if (a.rates.ctx) kam__rates_free(&a.rates);
    if (a.links.ctx) kam__links_free(&a.links);
    kam__free(a.ctx, (void *)a.grade);
    kam__free(a.ctx, a.pair);
    kam__free(a.ctx, a.side);
    kam__free(a.ctx, a.column);
    kam_record_free(a.r);
    return rc;
}
