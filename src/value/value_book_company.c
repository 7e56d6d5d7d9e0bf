/*
 * value/value_book_company.c - the same sums by own company, and up the tree of accounts (R19, R177).
 *
 * By company: each pair of account and company is an account of its own to the accumulator, so the sums of one account
 * over its companies are those of kam_value_run() to the cent. Up the tree: every account's sums, then from each account
 * to those above it; an account is in as many sums as it has ancestors, and once in each.
 */
#include "../store/store.h"
#include "value_book.h"

/* Gross profit less contribution: what serving cost. */
static int32_t company_put_serve(kam__rowset *set, kam__blockbuf *bb, uint32_t field, int64_t gross,
                                 int64_t contribution, int64_t account, kam_error *err) {
    kam__sum s = {0, 0};
    int64_t v = 0;
    kam__sum_add(&s, gross);
    kam__sum_sub(&s, contribution);
    if (kam__sum_get(&s, &v))
        return kam__fail(err, KAM_E_LIMIT, "the costs to serve account %lld do not fit 64 bits: value a shorter window",
                         (long long)account);
    kam__value_put(set, bb, field, v);
    return KAM_OK;
}

/* ---------------------------------------------------------------- by own company */

#define COMPANY_MOST 65535u

typedef struct company_row {
    int64_t account;
    const char *name;
    uint32_t pair;
} company_row;
typedef struct company_work {
    kam_book *b;
    kam__value_scope scope;
    kam__companies names;
    kam__keys account, pair; /* account number * 65536 + company number */
    kam__ledger *ledger;     /* its accounts are numbers of pairs */
    kam__arena arena;
    company_row *row;
} company_work;

static int32_t company_take(void *user, const kam__ledger_rows *rows, kam_error *err) {
    company_work *w = user;
    kam__ledger_rows own = *rows;
    kam__arena_reset(&w->arena);
    int64_t *pair = kam__arena_alloc(&w->arena, ((size_t)rows->n + 1) * sizeof *pair);
    if (!pair) return kam__nomem(err);
    if (w->names.n > COMPANY_MOST) return kam__fail(err, KAM_E_LIMIT, "the ledger names more than 65535 own companies");
    for (uint32_t i = 0; i < rows->n; i++) {
        uint32_t account = 0, number = 0;
        KAM__TRY(kam__keys_add(&w->account, rows->account[i], &account, err));
        KAM__TRY(kam__keys_add(&w->pair, (int64_t)account * (COMPANY_MOST + 1) + rows->company[i], &number, err));
        pair[i] = number;
    }
    own.account = pair;
    own.end_account = NULL;
    return kam__ledger_feed(w->ledger, &own, err);
}

static int company_order(const void *a, const void *b, void *arg) {
    const company_row *x = a, *y = b;
    (void)arg;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int32_t company_sort(company_work *w, kam_error *err) {
    w->row = kam__zalloc_n(w->b->ctx, (size_t)w->pair.n + 1, sizeof *w->row);
    if (!w->row) return kam__nomem(err);
    for (uint32_t i = 0; i < w->pair.n; i++) {
        uint64_t key = (uint64_t)w->pair.key[i], company = key & COMPANY_MOST;
        w->row[i] =
            (company_row){w->account.key[key / (COMPANY_MOST + 1)], company ? w->names.name[company - 1] : "", i};
    }
    return kam__sort(w->b->ctx, w->row, w->pair.n, sizeof *w->row, company_order, NULL, err);
}

static int32_t company_row_put(kam__rowset *set, const company_work *w, const company_row *row, kam_error *err) {
    kam__totals t;
    KAM__TRY(kam__ledger_at(w->ledger, row->pair, 0, &t, err));
    kam__blockbuf *bb = kam__rowset_row(set, err);
    if (!bb) return KAM_E_NOMEM;
    kam__value_put(set, bb, KAM_COMPANY_VALUE_ACCOUNT, row->account);
    kam__value_put_text(set, bb, KAM_COMPANY_VALUE_COMPANY, row->name);
    kam__value_put_text(set, bb, KAM_COMPANY_VALUE_CURRENCY, w->scope.currency);
    kam__value_put(set, bb, KAM_COMPANY_VALUE_REVENUE, t.revenue);
    kam__value_put(set, bb, KAM_COMPANY_VALUE_RETURNS, t.returns);
    kam__value_put(set, bb, KAM_COMPANY_VALUE_COST_OF_GOODS, t.cost_of_goods);
    kam__value_put(set, bb, KAM_COMPANY_VALUE_GROSS_PROFIT, t.gross_profit);
    KAM__TRY(
        company_put_serve(set, bb, KAM_COMPANY_VALUE_COST_TO_SERVE, t.gross_profit, t.contribution, row->account, err));
    kam__value_put(set, bb, KAM_COMPANY_VALUE_CONTRIBUTION, t.contribution);
    kam__value_put(set, bb, KAM_COMPANY_VALUE_ORDERS, t.orders);
    return kam__rowset_end_row(set, err);
}

static int32_t company_make(kam__rowset *set, void *work, kam_error *err) {
    company_work *w = work;
    const kam__ledger_options o = kam__value_accumulate(&w->scope);
    w->scope.companies = &w->names;
    KAM__TRY(kam__value_settle(&w->scope, w->b, err));
    KAM__TRY(kam__ledger_new(&w->ledger, w->b->ctx, &o, err));
    KAM__TRY(kam__value_feed(w->ledger, w->b, &w->scope, company_take, w, err));
    KAM__TRY(company_sort(w, err));
    for (uint32_t i = 0; i < w->pair.n; i++) KAM__TRY(company_row_put(set, w, w->row + i, err));
    return KAM_OK;
}

int32_t kam_value_companies(kam_rows **out, kam_book *book, const kam_value_options *options, int32_t as_of,
                            kam_error *err) {
    company_work w = {.b = book};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__value_options_take(&w.scope, NULL, options, as_of, err));
    kam__tmap_init(&w.names.map, book->ctx);
    kam__arena_init(&w.names.text, book->ctx, 0);
    kam__arena_init(&w.arena, book->ctx, 0);
    kam__keys_init(&w.account, book->ctx);
    kam__keys_init(&w.pair, book->ctx);
    int32_t rc = kam__value_rows(out, book, KAM_KIND_COMPANY_VALUE, company_make, &w, err);
    kam__ledger_free(w.ledger);
    kam__keys_free(&w.account);
    kam__keys_free(&w.pair);
    kam__tmap_free(&w.names.map);
    kam__arena_free(&w.names.text);
    kam__arena_free(&w.arena);
    kam__free(book->ctx, (void *)w.names.name);
    kam__free(book->ctx, w.row);
    return rc;
}

/* ---------------------------------------------------------------- up the tree of accounts */

typedef struct group_node {
    int64_t id, parent;
    kam__totals own;
    kam__sum revenue, returns, gross, contribution; /* of the subtree */
    uint32_t accounts;
} group_node;
typedef struct group_work {
    kam_book *b;
    kam__value_scope scope;
    kam__links links;
    kam__ledger *ledger;
    group_node *node;
    uint32_t n;
    size_t cap; /* by id */
    kam__imap at;
    kam_error *err;
} group_work;

static int32_t on_group_accounts(void *user, const kam_block *rows) {
    group_work *w = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *parent = kam__block_col(rows, KAM_ACCOUNT_PARENT);
    KAM__TRY(kam__grow(w->b->ctx, &w->node, &w->cap, (size_t)w->n + rows->nrow, sizeof *w->node, w->err));
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t account = kam__col_i64(id, i);
        if (kam__links_head(&w->links, account) != account) continue; /* it is another one's code */
        w->node[w->n] = (group_node){.id = account, .parent = parent ? kam__col_i64(parent, i) : 0};
        KAM__TRY(kam__imap_put(&w->at, account, w->n++, w->err));
    }
    return KAM_OK;
}

static void group_add(group_node *to, const kam__totals *t) {
    kam__sum_add(&to->revenue, t->revenue);
    kam__sum_add(&to->returns, t->returns);
    kam__sum_add(&to->gross, t->gross_profit);
    kam__sum_add(&to->contribution, t->contribution);
    to->accounts++;
}

/* To itself and to all above it: trees have no circles (guard.c), a depth of 1000 is more than any has. */
static void group_climb(group_work *w, uint32_t i) {
    const kam__totals t = w->node[i].own;
    uint32_t at = i;
    for (int depth = 0; depth < 1000; depth++) {
        group_add(w->node + at, &t);
        int64_t up = kam__links_head(&w->links, w->node[at].parent);
        if (!up || !kam__imap_get(&w->at, up, &at) || at == i) return;
    }
}

static int32_t group_put_sum(kam__rowset *set, kam__blockbuf *bb, uint32_t field, const kam__sum *s, int64_t id,
                             int64_t *out, kam_error *err) {
    if (kam__sum_get(s, out))
        return kam__fail(err, KAM_E_LIMIT, "a sum below account %lld does not fit 64 bits", (long long)id);
    kam__value_put(set, bb, field, *out);
    return KAM_OK;
}

static int32_t gval_row(kam__rowset *set, const group_work *w, const group_node *n, kam_error *err) {
    int64_t v = 0, gross = 0, contribution = 0;
    kam__blockbuf *bb = kam__rowset_row(set, err);
    if (!bb) return KAM_E_NOMEM;
    kam__value_put(set, bb, KAM_GROUP_VALUE_ACCOUNT, n->id);
    if (n->parent) kam__value_put(set, bb, KAM_GROUP_VALUE_PARENT, n->parent);
    kam__value_put(set, bb, KAM_GROUP_VALUE_ACCOUNTS, n->accounts);
    kam__value_put_text(set, bb, KAM_GROUP_VALUE_CURRENCY, w->scope.currency);
    kam__value_put(set, bb, KAM_GROUP_VALUE_OWN_REVENUE, n->own.revenue);
    KAM__TRY(group_put_sum(set, bb, KAM_GROUP_VALUE_REVENUE, &n->revenue, n->id, &v, err));
    KAM__TRY(group_put_sum(set, bb, KAM_GROUP_VALUE_RETURNS, &n->returns, n->id, &v, err));
    KAM__TRY(group_put_sum(set, bb, KAM_GROUP_VALUE_GROSS_PROFIT, &n->gross, n->id, &gross, err));
    KAM__TRY(group_put_sum(set, bb, KAM_GROUP_VALUE_CONTRIBUTION, &n->contribution, n->id, &contribution, err));
    KAM__TRY(company_put_serve(set, bb, KAM_GROUP_VALUE_COST_TO_SERVE, gross, contribution, n->id, err));
    return kam__rowset_end_row(set, err);
}

static int32_t group_make(kam__rowset *set, void *work, kam_error *err) {
    static const uint32_t field[] = {KAM_ID, KAM_ACCOUNT_PARENT};
    group_work *w = work;
    w->err = err;
    w->scope.any_orders = 1;
    KAM__TRY(kam__value_settle(&w->scope, w->b, err));
    KAM__TRY(kam__links_load(&w->links, w->b, w->scope.asked, err));
    kam__read q = {.scan = {.kind = KAM_KIND_ACCOUNT, .field = field, .nfield = 2}, .as_of = w->scope.asked};
    KAM__TRY(kam__read_rows(w->b, &q, on_group_accounts, w, err));
    KAM__TRY(kam__value_collect(&w->ledger, w->b, &w->scope, err));
    for (uint32_t i = 0; i < w->n; i++) {
        uint32_t at = 0;
        if (kam__ledger_find(w->ledger, w->node[i].id, &at))
            KAM__TRY(kam__ledger_at(w->ledger, at, 0, &w->node[i].own, err));
    }
    for (uint32_t i = 0; i < w->n; i++) group_climb(w, i);
    for (uint32_t i = 0; i < w->n; i++) {
        const group_node *n = w->node + i;
        if (n->accounts > 1 || n->parent) KAM__TRY(gval_row(set, w, n, err));
    }
    return KAM_OK;
}

int32_t kam_value_groups(kam_rows **out, kam_book *book, const kam_value_options *options, int32_t as_of,
                         kam_error *err) {
    group_work w = {.b = book};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__value_options_take(&w.scope, NULL, options, as_of, err));
    kam__imap_init(&w.at, book->ctx);
    w.links.ctx = book->ctx;
    kam__imap_init(&w.links.at, book->ctx);
    int32_t rc = kam__value_rows(out, book, KAM_KIND_GROUP_VALUE, group_make, &w, err);
    kam__ledger_free(w.ledger);
    kam__links_free(&w.links);
    kam__imap_free(&w.at);
    kam__free(book->ctx, w.node);
    return rc;
}
