/*
 * value/value_book_scan.c - the ledger of a book as the engines take it: one window, one currency, block by block.
 *
 * Rates, links between accounts and the accounts' own currencies are read before the ledger, because a store hands over
 * one scan at a time. Blocks whose rows are all in the currency of sums already are passed on as they are; of the others
 * amounts and costs are copied and converted. Rows of a code count for the account it is linked to (value_book_link.c).
 */
#include "value_book.h"
#include "../store/store.h"

#define SCOPE_INTERCOMPANY "intercompany"           /* dimension of CLASS */

/* ---------------------------------------------------------------- what counts */

static int32_t scope_currency(kam__value_scope *s, kam_book *b, kam_error *err) {
    const char *base = kam__schema_base_currency(b->schema);
    if (!s->currency[0]) memcpy(s->currency, base, strlen(base) == 3 ? 4 : 1);
    if (s->currency[0] && kam__schema_decimals(b->schema, s->currency) < 0)
        return kam__fail(err, KAM_E_INVAL, "currency \"%s\" is no ISO 4217 code nor a CURRENCY record's", s->currency);
    return KAM_OK;
}

int32_t kam__value_flags_take(kam__value_scope *s, uint32_t flags, const char *name, kam_error *err) {
    const uint32_t by_order = KAM_VALUE_RETURNS_BY_ORDER, shown = KAM_VALUE_RETURNS_EXCLUDED;
    KAM__TRY(kam__flags(flags, KAM_VALUE_EXTERNAL | by_order | shown, name, err));
    if ((flags & by_order) && (flags & shown))
        return kam__fail(err, KAM_E_INVAL, "%s: returns are netted by order or excluded, not both", name);
    s->external = (flags & KAM_VALUE_EXTERNAL) != 0;
    s->returns = flags & by_order ? KAM__RETURNED_BY_ORDER : flags & shown ? KAM__RETURNED_SHOWN : KAM__RETURNED_BY_DAY;
    return KAM_OK;
}

uint32_t kam__value_flags(const kam__value_scope *s) {
    static const uint32_t policy[] = {0, KAM_VALUE_RETURNS_BY_ORDER, KAM_VALUE_RETURNS_EXCLUDED};
    return (s->external ? KAM_VALUE_EXTERNAL : 0u) | policy[s->returns];
}

kam__ledger_options kam__value_accumulate(const kam__value_scope *s) {
    return (kam__ledger_options){.from = KAM_DAY_FIRST, .to = KAM_DAY_END,
                                 .returns = s->returns == KAM__RETURNED_SHOWN ? KAM__RETURNS_SHOWN : KAM__RETURNS_NET,
                                 .orders = s->any_orders ? KAM__ORDERS_ANY : KAM__ORDERS_PASSES};
}

int32_t kam__value_settle(kam__value_scope *s, kam_book *b, kam_error *err) {
    s->asked = s->as_of;
    KAM__TRY(kam__book_day(&s->as_of, b, s->as_of, err));
    int32_t end = s->as_of < KAM_DAY_END ? s->as_of + 1 : KAM_DAY_END;
    if (!s->from && !s->to) {
        s->from = kam__add_months(end, -12);
        s->to = end;
    }
    if (s->from >= s->to)
        return kam__fail(err, KAM_E_INVAL, "the window is empty: from must lie before to (the first day after it)");
    if (s->to > end) s->to = end;
    if (s->from > s->to) s->from = s->to;               /* all of it lies after the day: no rows */
    return scope_currency(s, b, err);
}

/* ---------------------------------------------------------------- accounts: risk, currency */

typedef struct scope_accounts { kam__imap *map; uint32_t field; kam_error *err; } scope_accounts;   /* by account id */

static int32_t scope_account_rows(void *user, const kam_block *rows) {
    scope_accounts *a = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *c = kam__block_col(rows, a->field);
    for (uint32_t i = 0; id && c && i < rows->nrow; i++) {
        size_t len = 0;
        if (kam__col_null(c, i)) continue;
        const char *text = c->type == KAM_T_TEXT ? kam__col_text(c, i, &len) : NULL;
        int64_t v = c->type == KAM_T_TEXT ? (int64_t)kam__rate_code(text, len) : kam__col_i64(c, i);
        if (v > 0 && v <= UINT32_MAX) KAM__TRY(kam__imap_put(a->map, kam__col_i64(id, i), (uint32_t)v, a->err));
    }
    return KAM_OK;
}

static int32_t scope_accounts_read(kam__imap *out, kam_book *b, const kam__value_scope *s, uint32_t field,
                                   kam_error *err) {
    const uint32_t fields[] = {KAM_ID, field};
    kam_pred p;
    kam__pred mem;
    kam__read q = {.scan = {.kind = KAM_KIND_ACCOUNT, .field = fields, .nfield = 2, .any_order = 1}, .as_of = s->asked};
    scope_accounts a = {out, field, err};
    kam__imap_init(out, b->ctx);
    if (s->account) {
        kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACCOUNT), KAM_ID), KAM_OP_EQ, s->account);
        q.scan.pred = &p;
        q.scan.npred = 1;
    }
    int32_t rc = kam__read_rows(b, &q, scope_account_rows, &a, err);
    if (rc != KAM_OK) kam__imap_free(out);
    return rc;
}

int32_t kam__value_risks(kam__imap *out, kam_book *b, const kam__value_scope *s, kam_error *err) {
    return scope_accounts_read(out, b, s, KAM_ACCOUNT_RISK, err);
}

int32_t kam__value_currencies(kam__imap *out, kam_book *b, const kam__value_scope *s, kam_error *err) {
    return scope_accounts_read(out, b, s, KAM_ACCOUNT_CURRENCY, err);
}

/* ---------------------------------------------------------------- rows */

typedef struct scope_scan {
    kam_book *b;
    const kam__value_scope *s;
    uint32_t base, to;
    kam__rates rates;
    kam__links links;
    kam__returned *returned;                /* NULL: returns count on their own day */
    kam__imap own;                          /* own_currency: of each account */
    kam__imap inside;                       /* external: accounts that do not count */
    kam__arena arena;
    kam__value_take take; void *user;
    uint64_t done;
    kam_error *err;
} scope_scan;

static uint32_t scope_row_code(const scope_scan *x, const kam_col *currency, uint32_t row) {
    size_t len = 0;
    const char *text = currency ? kam__col_text(currency, row, &len) : NULL;
    return text ? kam__rate_code(text, len) : x->base;
}

/* The first row that is not in the currency of sums. */
static uint32_t scope_foreign(const scope_scan *x, const kam_col *currency, uint32_t n) {
    uint32_t i = 0;
    if (!currency && x->base == x->to) return n;
    while (i < n && scope_row_code(x, currency, i) == x->to) i++;
    return i;
}

static int32_t scope_copy(const int64_t **column, int64_t **copy, kam__arena *a, uint32_t n, kam_error *err) {
    *copy = NULL;
    if (!*column) return KAM_OK;
    *copy = kam__arena_alloc(a, ((size_t)n + 1) * sizeof **copy);
    if (!*copy) return kam__nomem(err);
    memcpy(*copy, *column, n * sizeof **copy);
    *column = *copy;
    return KAM_OK;
}

static int32_t scope_convert(scope_scan *x, kam__ledger_rows *rows, const kam_col *currency) {
    int64_t *amount, *cost;
    uint32_t i = scope_foreign(x, currency, rows->n);
    if (i == rows->n) return KAM_OK;
    KAM__TRY(scope_copy(&rows->amount, &amount, &x->arena, rows->n, x->err));
    KAM__TRY(scope_copy(&rows->cost, &cost, &x->arena, rows->n, x->err));
    for (; i < rows->n; i++) {
        uint32_t from = scope_row_code(x, currency, i);
        KAM__TRY(kam__rates_convert(&x->rates, x->b, amount + i, from, x->to, rows->day[i], x->err));
        if (cost) KAM__TRY(kam__rates_convert(&x->rates, x->b, cost + i, from, x->to, rows->day[i], x->err));
    }
    return KAM_OK;
}

/* Rows of accounts whose own currency is another than that of sums, each in its account's; the others fall out. */
static int32_t scope_own(scope_scan *x, kam__ledger_rows *rows, const kam_col *currency) {
    int64_t *account, *amount, *cost;
    int32_t *event = kam__arena_alloc(&x->arena, ((size_t)rows->n + 1) * sizeof *event);
    int32_t *day = kam__arena_alloc(&x->arena, ((size_t)rows->n + 1) * sizeof *day);
    if (!event || !day) return kam__nomem(x->err);
    KAM__TRY(scope_copy(&rows->account, &account, &x->arena, rows->n, x->err));
    KAM__TRY(scope_copy(&rows->amount, &amount, &x->arena, rows->n, x->err));
    KAM__TRY(scope_copy(&rows->cost, &cost, &x->arena, rows->n, x->err));
    uint32_t n = 0, to = 0;
    for (uint32_t i = 0; i < rows->n; i++) {
        if (!kam__imap_get(&x->own, account[i], &to) || to == x->to) continue;
        uint32_t from = scope_row_code(x, currency, i);
        account[n] = account[i], amount[n] = amount[i], day[n] = rows->day[i];
        event[n] = rows->event ? rows->event[i] : KAM_LEDGER_SALE;
        KAM__TRY(kam__rates_convert(&x->rates, x->b, amount + n, from, to, day[n], x->err));
        if (cost) cost[n] = cost[i];
        if (cost) KAM__TRY(kam__rates_convert(&x->rates, x->b, cost + n, from, to, day[n], x->err));
        n++;
    }
    *rows = (kam__ledger_rows){.n = n, .account = account, .day = day, .event = event, .amount = amount, .cost = cost};
    return KAM_OK;
}

/* ---------------------------------------------------------------- our own companies (R177) */

static int32_t scope_inside_rows(void *user, const kam_block *rows) {
    scope_accounts *a = user;
    const kam_col *account = kam__block_col(rows, KAM_CLASS_ACCOUNT);
    for (uint32_t i = 0; account && i < rows->nrow; i++)
        KAM__TRY(kam__imap_put(a->map, kam__col_i64(account, i), 1, a->err));
    return KAM_OK;
}

int32_t kam__value_inside(kam__imap *out, kam_book *b, const kam__value_scope *s, kam_error *err) {
    static const uint32_t field[] = {KAM_ID, KAM_CLASS_ACCOUNT};
    kam_pred p;
    kam__pred mem;
    scope_accounts a = {out, 0, err};
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_CLASS), KAM_CLASS_DIMENSION), KAM_OP_EQ,
                   SCOPE_INTERCOMPANY, strlen(SCOPE_INTERCOMPANY));
    kam__read q = {.scan = {.kind = KAM_KIND_CLASS, .field = field, .nfield = 2, .pred = &p, .npred = 1, .any_order = 1},
                   .as_of = s->asked};
    kam__imap_init(out, b->ctx);
    int32_t rc = s->external ? kam__read_rows(b, &q, scope_inside_rows, &a, err) : KAM_OK;
    if (rc != KAM_OK) kam__imap_free(out);
    return rc;
}

static int32_t scope_keep_wide(const int64_t **column, kam__arena *a, const uint32_t *keep, uint32_t n, kam_error *err) {
    int64_t *v = *column ? kam__arena_alloc(a, ((size_t)n + 1) * sizeof *v) : NULL;
    if (*column && !v) return kam__nomem(err);
    for (uint32_t i = 0; i < n && v; i++) v[i] = (*column)[keep[i]];
    *column = v;
    return KAM_OK;
}

static int32_t scope_keep_narrow(const int32_t **column, kam__arena *a, const uint32_t *keep, uint32_t n, kam_error *err) {
    int32_t *v = *column ? kam__arena_alloc(a, ((size_t)n + 1) * sizeof *v) : NULL;
    if (*column && !v) return kam__nomem(err);
    for (uint32_t i = 0; i < n && v; i++) v[i] = (*column)[keep[i]];
    *column = v;
    return KAM_OK;
}

static int32_t scope_keep(scope_scan *x, kam__ledger_rows *r, const uint32_t *keep, uint32_t n) {
    kam__arena *a = &x->arena;
    uint64_t *order = r->order ? kam__arena_alloc(a, ((size_t)n + 1) * sizeof *order) : NULL;
    if (r->order && !order) return kam__nomem(x->err);
    for (uint32_t i = 0; i < n && order; i++) order[i] = r->order[keep[i]];
    r->order = order;
    uint32_t *company = r->company ? kam__arena_alloc(a, ((size_t)n + 1) * sizeof *company) : NULL;
    if (r->company && !company) return kam__nomem(x->err);
    for (uint32_t i = 0; i < n && company; i++) company[i] = r->company[keep[i]];
    r->company = company;
    KAM__TRY(scope_keep_wide(&r->account, a, keep, n, x->err));
    KAM__TRY(scope_keep_wide(&r->amount, a, keep, n, x->err));
    KAM__TRY(scope_keep_wide(&r->cost, a, keep, n, x->err));
    KAM__TRY(scope_keep_wide(&r->end_account, a, keep, n, x->err));
    KAM__TRY(scope_keep_wide(&r->product, a, keep, n, x->err));
    KAM__TRY(scope_keep_narrow(&r->day, a, keep, n, x->err));
    KAM__TRY(scope_keep_narrow(&r->event, a, keep, n, x->err));
    KAM__TRY(scope_keep_narrow(&r->cost_kind, a, keep, n, x->err));
    r->n = n;
    return KAM_OK;
}

static int32_t scope_external(scope_scan *x, kam__ledger_rows *r) {
    uint32_t n = 0, unused;
    if (!r->n || !x->inside.n) return KAM_OK;
    uint32_t *keep = kam__arena_alloc(&x->arena, r->n * sizeof *keep);
    if (!keep) return kam__nomem(x->err);
    for (uint32_t i = 0; i < r->n; i++)
        if (r->account[i] && !kam__imap_get(&x->inside, r->account[i], &unused)) keep[n++] = i;
    return n < r->n ? scope_keep(x, r, keep, n) : KAM_OK;
}

static int32_t scope_part(scope_scan *x, kam__ledger_rows *r) {
    uint32_t n = 0;
    if (!r->n || !x->s->parts || x->s->parts->n == 1) return KAM_OK;
    uint32_t *keep = kam__arena_alloc(&x->arena, r->n * sizeof *keep);
    if (!keep) return kam__nomem(x->err);
    for (uint32_t i = 0; i < r->n; i++)
        if (kam__value_parts_has(x->s->parts, r->account[i], x->s->part)) keep[n++] = i;
    return n < r->n ? scope_keep(x, r, keep, n) : KAM_OK;
}

/* ---------------------------------------------------------------- whose rows they are (R177) */

/* The account that a row counts for; 0 = it does not count. */
static int64_t scope_head(const scope_scan *x, int64_t account) {
    uint32_t unused;
    return x->inside.n && kam__imap_get(&x->inside, account, &unused) ? 0 : kam__links_head(&x->links, account);
}

static int32_t scope_link(scope_scan *x, kam__ledger_rows *r) {
    int64_t *account, *end;
    if (!x->links.n) return KAM_OK;
    KAM__TRY(scope_copy(&r->account, &account, &x->arena, r->n, x->err));
    KAM__TRY(scope_copy(&r->end_account, &end, &x->arena, r->n, x->err));
    for (uint32_t i = 0; i < r->n; i++) account[i] = scope_head(x, account[i]);
    for (uint32_t i = 0; i < r->n && end; i++) end[i] = kam__links_head(&x->links, end[i]);
    return KAM_OK;
}

/* Returns to the days of their orders, then the window again: of rows that have been moved the new day counts. */
static int32_t scope_returned(scope_scan *x, kam__ledger_rows *r) {
    kam__arena *a = &x->arena;
    if (!x->returned || !r->n) return KAM_OK;
    int32_t *day = kam__arena_alloc(a, r->n * sizeof *day);
    uint64_t *order = kam__arena_alloc(a, r->n * sizeof *order);
    uint32_t *keep = kam__arena_alloc(a, r->n * sizeof *keep), n = 0;
    if (!day || !order || !keep) return kam__nomem(x->err);
    memcpy(day, r->day, r->n * sizeof *day);
    if (r->order) memcpy(order, r->order, r->n * sizeof *order);
    else memset(order, 0, r->n * sizeof *order);
    kam__returned_move(x->returned, r, day, order);
    r->day = day;
    r->order = order;
    for (uint32_t i = 0; i < r->n; i++)
        if (day[i] >= x->s->from && day[i] < x->s->to) keep[n++] = i;
    return n < r->n ? scope_keep(x, r, keep, n) : KAM_OK;
}

static int32_t scope_company_number(uint32_t *out, kam__companies *c, const char *text, size_t len, kam_error *err) {
    if (kam__tmap_get(&c->map, text, len, out)) return KAM_OK;
    KAM__TRY(kam__grow(c->map.ctx, &c->name, &c->cap, c->n + 1, sizeof *c->name, err));
    c->name[c->n] = kam__arena_text(&c->text, text, len);
    if (!c->name[c->n]) return kam__nomem(err);
    *out = (uint32_t)++c->n;
    return kam__tmap_put(&c->map, text, len, *out, err);
}

static int32_t scope_companies(scope_scan *x, kam__ledger_rows *r, const kam_col *company) {
    uint32_t *number = x->s->companies ? kam__arena_alloc(&x->arena, ((size_t)r->n + 1) * sizeof *number) : NULL;
    if (!x->s->companies) return KAM_OK;
    if (!number) return kam__nomem(x->err);
    for (uint32_t i = 0; i < r->n; i++) {
        size_t len = 0;
        const char *text = company ? kam__col_text(company, i, &len) : NULL;
        number[i] = 0;
        if (text && len) KAM__TRY(scope_company_number(number + i, x->s->companies, text, len, x->err));
    }
    r->company = number;
    return KAM_OK;
}

static int32_t scope_rows(void *user, const kam_block *block) {
    scope_scan *x = user;
    kam__ledger_rows rows;
    const kam_col *currency = kam__block_col(block, KAM_LEDGER_CURRENCY);
    kam__arena_reset(&x->arena);
    KAM__TRY(kam__ledger_rows_of(&rows, &x->arena, block, x->err));
    if (x->s->account) rows.end_account = NULL;
    KAM__TRY(scope_link(x, &rows));
    if (!x->s->own_currency) KAM__TRY(scope_part(x, &rows));
    KAM__TRY(scope_companies(x, &rows, kam__block_col(block, KAM_LEDGER_COMPANY)));
    KAM__TRY(scope_returned(x, &rows));
    if (x->s->own_currency) KAM__TRY(scope_own(x, &rows, currency));
    else KAM__TRY(scope_convert(x, &rows, currency));
    KAM__TRY(scope_external(x, &rows));
    KAM__TRY(x->take(x->user, &rows, x->err));
    return kam__progress(x->b->ctx, x->done += block->nrow, 0, x->err);
}

static int32_t scope_read(scope_scan *x) {
    static const uint32_t field[] = {KAM_LEDGER_ACCOUNT, KAM_LEDGER_DAY,       KAM_LEDGER_EVENT,
                                     KAM_LEDGER_AMOUNT,  KAM_LEDGER_CURRENCY,  KAM_LEDGER_ORDER,
                                     KAM_LEDGER_COST,    KAM_LEDGER_COST_KIND, KAM_LEDGER_END_ACCOUNT};
    uint32_t fields[KAM__LEN(field) + 2], nfield = (uint32_t)KAM__LEN(field);
    const kam__kind *k = kam__builtin_kind(KAM_KIND_LEDGER);
    kam_pred p[3];
    kam__pred mem[3];
    kam__link_mem who = {0};
    uint32_t n = 0;
    memcpy(fields, field, sizeof field);
    if (x->s->products) fields[nfield++] = KAM_LEDGER_PRODUCT;
    if (x->s->companies) fields[nfield++] = KAM_LEDGER_COMPANY;
    if (x->s->account)
        KAM__TRY(kam__links_where(&p[n++], &who, &x->links, kam__kind_field(k, KAM_LEDGER_ACCOUNT), x->s->account, x->err));
    if (x->s->from != KAM_DAY_FIRST)
        kam__pred_i64(&p[n], &mem[n], kam__kind_field(k, KAM_LEDGER_DAY), KAM_OP_GE, x->s->from), n++;
    if (x->returned)                                    /* a later return may be of an order in the window */
        kam__pred_i64(&p[n], &mem[n], kam__kind_field(k, KAM_LEDGER_DAY), KAM_OP_LE, x->s->as_of), n++;
    else if (x->s->to != KAM_DAY_END)
        kam__pred_i64(&p[n], &mem[n], kam__kind_field(k, KAM_LEDGER_DAY), KAM_OP_LT, x->s->to), n++;
    kam__read q = {.scan = {.kind = KAM_KIND_LEDGER,
                            .field = fields,
                            .nfield = nfield,
                            .pred = p,
                            .npred = n,
                            .any_order = 1},
                   .as_of = KAM_TODAY,
                   .flags = KAM__READ_ALL_TIMES};
    int32_t rc = x->s->from < x->s->to ? kam__read_rows(x->b, &q, scope_rows, x, x->err) : KAM_OK;
    kam__links_where_free(&who);
    return rc;
}

int32_t kam__value_scan(kam_book *b, const kam__value_scope *s, kam__value_take take, void *user, kam_error *err) {
    const char *base = kam__schema_base_currency(b->schema);
    scope_scan x = {.b = b, .s = s, .base = kam__rate_code(base, strlen(base)), .take = take, .user = user, .err = err,
                    .to = kam__rate_code(s->currency, strlen(s->currency))};
    KAM__TRY(kam__links_load(&x.links, b, s->asked, err));
    int32_t rc = kam__rates_load(&x.rates, b, err);
    if (rc != KAM_OK) {
        kam__links_free(&x.links);
        return rc;
    }
    kam__imap_init(&x.own, b->ctx);
    kam__imap_init(&x.inside, b->ctx);
    kam__arena_init(&x.arena, b->ctx, 0);
    rc = s->own_currency ? kam__value_currencies(&x.own, b, s, err) : KAM_OK;
    if (rc == KAM_OK) rc = kam__value_inside(&x.inside, b, s, err);
    if (rc == KAM_OK && s->returns == KAM__RETURNED_BY_ORDER) rc = kam__returned_load(&x.returned, b, s, &x.links, err);
    if (rc == KAM_OK) rc = scope_read(&x);
    kam__arena_free(&x.arena);
    kam__imap_free(&x.own);
    kam__imap_free(&x.inside);
    kam__returned_free(x.returned);
    kam__rates_free(&x.rates);
    kam__links_free(&x.links);
    return rc;
}
