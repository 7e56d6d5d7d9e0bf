/*
 * value/value_book_profile.c - over a book: how accounts buy (R164), and what others buy and they do not.
 *
 * Profiles are made a part of the accounts at a time (value_book_parts.c). Whitespace compares all accounts, so what
 * each has bought of which product is collected once, each pair of account and product a few times at most.
 */
#include "../store/store.h"
#include "measure.h"
#include "value_book.h"

/* ---------------------------------------------------------------- R164 */

typedef struct vprof_work {
    kam_book *b;
    kam__value_scope scope;
    kam__value_parts parts;
    kam__profile_row *row; size_t n, cap;
} vprof_work;

static int32_t vprof_take(void *user, const kam__ledger_rows *rows, kam_error *err) {
    vprof_work *w = user;
    KAM__TRY(kam__grow(w->b->ctx, &w->row, &w->cap, w->n + rows->n, sizeof *w->row, err));
    for (uint32_t i = 0; i < rows->n; i++) {
        if (rows->event && rows->event[i] != KAM_LEDGER_SALE) continue;
        w->row[w->n++] = (kam__profile_row){rows->account[i], rows->amount[i], rows->product ? rows->product[i] : 0,
                                            rows->end_account ? rows->end_account[i] : 0,
                                            rows->order ? rows->order[i] : 0, rows->day[i]};
    }
    return KAM_OK;
}

static int32_t vprof_row(kam__rowset *set, const kam__profile *p, const char *currency, kam_error *err) {
    kam__blockbuf *bb = kam__rowset_row(set, err);
    if (!bb) return KAM_E_NOMEM;
    kam__value_put(set, bb, KAM_PURCHASE_PROFILE_ACCOUNT, p->account);
    kam__value_put(set, bb, KAM_PURCHASE_PROFILE_AMOUNT, p->amount);
    kam__value_put_text(set, bb, KAM_PURCHASE_PROFILE_CURRENCY, currency);
    kam__value_put(set, bb, KAM_PURCHASE_PROFILE_ORDERS, p->orders);
    kam__value_put(set, bb, KAM_PURCHASE_PROFILE_PRODUCTS, p->products);
    kam__value_put(set, bb, KAM_PURCHASE_PROFILE_DAYS, p->days);
    if (p->days > 1) kam__value_put(set, bb, KAM_PURCHASE_PROFILE_INTERVAL, p->interval);
    for (uint32_t m = 0; m < 12; m++) kam__value_put(set, bb, KAM_PURCHASE_PROFILE_MONTH_1 + m, p->month[m]);
    if (p->place) {
        kam__value_put(set, bb, KAM_PURCHASE_PROFILE_PLACE, p->place);
        kam__value_put(set, bb, KAM_PURCHASE_PROFILE_PLACE_SHARE, p->place_share);
    }
    return kam__rowset_end_row(set, err);
}

static int32_t vprof_part(kam__rowset *set, vprof_work *w, kam_error *err) {
    kam__profile *p = NULL;
    size_t n = 0;
    w->n = 0;
    KAM__TRY(kam__value_scan(w->b, &w->scope, vprof_take, w, err));
    KAM__TRY(kam__profile_make(&p, &n, w->row, w->n, w->b->ctx, err));
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < n && rc == KAM_OK; i++) rc = vprof_row(set, &p[i], w->scope.currency, err);
    kam__free(w->b->ctx, p);
    return rc;
}

static int32_t vprof_make(kam__rowset *set, void *work, kam_error *err) {
    vprof_work *w = work;
    KAM__TRY(kam__value_settle(&w->scope, w->b, err));
    KAM__TRY(kam__value_parts_make(&w->parts, w->b, &w->scope, err));
    w->scope.parts = &w->parts;
    for (; w->scope.part < w->parts.n; w->scope.part++) KAM__TRY(vprof_part(set, w, err));
    return KAM_OK;
}

int32_t kam_value_profiles(kam_rows **out, kam_book *book, const kam_value_options *options, int32_t as_of,
                           kam_error *err) {
    return kam__value_profiles(out, book, options, as_of, 0, err);
}

int32_t kam__value_profiles(kam_rows **out, kam_book *book, const kam_value_options *options, int32_t as_of,
                            uint64_t room, kam_error *err) {
    vprof_work w = {.b = book};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__value_options_take(&w.scope, NULL, options, as_of, err));
    w.scope.products = 1;
    w.scope.room = room;
    w.scope.returns = KAM__RETURNED_BY_DAY;             /* they are not looked at */
    int32_t rc = kam__value_rows(out, book, KAM_KIND_PURCHASE_PROFILE, vprof_make, &w, err);
    kam__value_parts_free(&w.parts);
    kam__free(book->ctx, w.row);
    return rc;
}

/* ---------------------------------------------------------------- whitespace */

typedef struct vgap_work {
    kam_book *b;
    kam__value_scope scope;
    int64_t least;
    uint32_t like;
    kam__keys account, product;
    kam__bought *bought; size_t n, cap, unique;             /* unique: pairs when they were last put together */
    uint32_t *group; kam__tmap group_of; uint32_t ngroup;
    kam_error *err;
} vgap_work;

static int vgap_pair_order(const void *a, const void *b, void *arg) {
    const kam__bought *x = a, *y = b;
    (void)arg;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    return (x->product > y->product) - (x->product < y->product);
}

/* Each pair once, as soon as they have doubled: memory goes with the pairs and not with the sales. */
static int32_t vgap_unique(vgap_work *w, kam_error *err) {
    size_t n = 0;
    if (w->n < 4096 || w->n < 2 * w->unique) return KAM_OK;
    KAM__TRY(kam__sort(w->b->ctx, w->bought, w->n, sizeof *w->bought, vgap_pair_order, NULL, err));
    for (size_t i = 0; i < w->n; i++)
        if (!n || vgap_pair_order(&w->bought[n - 1], &w->bought[i], NULL) != 0) w->bought[n++] = w->bought[i];
    w->n = w->unique = n;
    return KAM_OK;
}

static int32_t vgap_take(void *user, const kam__ledger_rows *rows, kam_error *err) {
    vgap_work *w = user;
    KAM__TRY(vgap_unique(w, err));
    KAM__TRY(kam__grow(w->b->ctx, &w->bought, &w->cap, w->n + rows->n, sizeof *w->bought, err));
    for (uint32_t i = 0; i < rows->n && rows->product; i++) {
        kam__bought *at = &w->bought[w->n];
        if ((rows->event && rows->event[i] != KAM_LEDGER_SALE) || !rows->product[i]) continue;
        KAM__TRY(kam__keys_add(&w->account, rows->account[i], &at->account, err));
        KAM__TRY(kam__keys_add(&w->product, rows->product[i], &at->product, err));
        w->n++;
    }
    return KAM_OK;
}

/* Accounts whose field has the same text are one group; accounts without one are a group too. */
static int32_t vgap_accounts(void *user, const kam_block *rows) {
    vgap_work *w = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *c = kam__block_col(rows, w->like);
    for (uint32_t i = 0; id && c && i < rows->nrow; i++) {
        uint32_t at = 0, group = 0;
        size_t len = 0;
        const char *text = kam__col_text(c, i, &len);
        if (!text || !len || !kam__keys_find(&w->account, kam__col_i64(id, i), &at)) continue;
        if (!kam__tmap_get(&w->group_of, text, len, &group)) {
            group = ++w->ngroup;
            KAM__TRY(kam__tmap_put(&w->group_of, text, len, group, w->err));
        }
        w->group[at] = group;
    }
    return KAM_OK;
}

/* Group numbers below the accounts: where everybody has a text, nobody is left in group 0. */
static int32_t vgap_groups(vgap_work *w) {
    const uint32_t field[] = {KAM_ID, w->like};
    kam__read q = {.scan = {.kind = KAM_KIND_ACCOUNT, .field = field, .nfield = 2, .any_order = 1}, .as_of = w->scope.asked};
    if (!w->like) return KAM_OK;
    w->group = kam__zalloc_n(w->b->ctx, (size_t)w->account.n + 1, sizeof *w->group);
    if (!w->group) return kam__nomem(w->err);
    KAM__TRY(kam__read_rows(w->b, &q, vgap_accounts, w, w->err));
    int none = 0;
    for (uint32_t i = 0; i < w->account.n; i++) none |= !w->group[i];
    for (uint32_t i = 0; i < w->account.n; i++) w->group[i] -= !none;
    return KAM_OK;
}

static int32_t vgap_row(kam__rowset *set, const vgap_work *w, const kam__gap *g) {
    kam__blockbuf *bb = kam__rowset_row(set, w->err);
    if (!bb) return KAM_E_NOMEM;
    kam__value_put(set, bb, KAM_WHITESPACE_ACCOUNT, w->account.key[g->account]);
    kam__value_put(set, bb, KAM_WHITESPACE_PRODUCT, w->product.key[g->product]);
    kam__value_put(set, bb, KAM_WHITESPACE_BUYERS, g->peers);
    kam__value_put(set, bb, KAM_WHITESPACE_OF, g->of);
    kam__value_put(set, bb, KAM_WHITESPACE_SHARE, g->share);
    return kam__rowset_end_row(set, w->err);
}

/* Numbers in the order of their keys, so that the engine's order is that of ids: number -> place. */
static int32_t vgap_places(uint32_t **out, kam__keys *k, kam_error *err) {
    uint32_t *order = kam__zalloc_n(k->ctx, 2 * (size_t)k->n + 1, sizeof *order);
    int64_t *key = kam__zalloc_n(k->ctx, (size_t)k->n + 1, sizeof *key);
    int32_t rc = order && key ? kam__keys_order(k, order, err) : kam__nomem(err);
    for (uint32_t i = 0; i < k->n && rc == KAM_OK; i++) {
        order[k->n + order[i]] = i;
        key[i] = k->key[order[i]];
    }
    if (rc == KAM_OK && k->n) memcpy(order, order + k->n, k->n * sizeof *order);
    for (uint32_t i = 0; i < k->n && rc == KAM_OK; i++) k->key[i] = key[i];
    kam__free(k->ctx, key);
    if (rc == KAM_OK) *out = order;
    else kam__free(k->ctx, order);
    return rc;
}

static int32_t vgap_sorted(vgap_work *w) {
    uint32_t *account = NULL, *product = NULL;
    int32_t rc = vgap_places(&account, &w->account, w->err);
    if (rc == KAM_OK) rc = vgap_places(&product, &w->product, w->err);
    for (size_t i = 0; i < w->n && rc == KAM_OK; i++)
        w->bought[i] = (kam__bought){account[w->bought[i].account], product[w->bought[i].product]};
    uint32_t *moved = rc == KAM_OK && w->group ? kam__zalloc_n(w->b->ctx, (size_t)w->account.n + 1, sizeof *moved) : NULL;
    if (rc == KAM_OK && w->group && !moved) rc = kam__nomem(w->err);
    for (uint32_t i = 0; i < w->account.n && moved; i++) moved[account[i]] = w->group[i];
    if (moved) {
        kam__free(w->b->ctx, w->group);
        w->group = moved;
    }
    kam__free(w->b->ctx, account);
    kam__free(w->b->ctx, product);
    return rc;
}

static int32_t vgap_make(kam__rowset *set, void *work, kam_error *err) {
    vgap_work *w = work;
    kam__gap *gap = NULL;
    size_t n = 0;
    KAM__TRY(kam__value_settle(&w->scope, w->b, err));
    KAM__TRY(kam__value_scan(w->b, &w->scope, vgap_take, w, err));
    KAM__TRY(vgap_groups(w));
    KAM__TRY(vgap_sorted(w));
    KAM__TRY(kam__whitespace(&gap, &n, w->bought, w->n, w->group, w->account.n, w->product.n, w->least, w->b->ctx, err));
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < n && rc == KAM_OK; i++) rc = vgap_row(set, w, &gap[i]);
    kam__free(w->b->ctx, gap);
    return rc;
}

static int32_t vgap_options(vgap_work *w, const kam_whitespace_options *given, int32_t as_of, kam_error *err) {
    kam_whitespace_options o;
    KAM__TRY(kam__options(&o, sizeof o, given, offsetof(kam_whitespace_options, reserved) + sizeof o.reserved,
                          "kam_whitespace_options", err));
    KAM__TRY(kam__flags(o.flags | o.reserved, 0, "kam_whitespace_options.flags", err));
    const kam__field *f = o.like ? kam__kind_field(kam__schema_kind(w->b->schema, KAM_KIND_ACCOUNT), o.like) : NULL;
    if (o.like && (!f || f->type != KAM_T_TEXT || (f->flags & KAM__F_VIRTUAL)))
        return kam__fail(err, KAM_E_INVAL, "field %u is no text of an account to compare by", (unsigned)o.like);
    if (o.least < 0 || o.least > 10000)
        return kam__fail(err, KAM_E_INVAL, "least is %d: a share of 1 to 10000 (10^-4) is expected, or 0 for 5000",
                         (int)o.least);
    w->scope = (kam__value_scope){.from = o.from, .to = o.to, .as_of = as_of, .products = 1};
    w->least = o.least ? o.least : 5000;
    w->like = o.like;
    return KAM_OK;
}

int32_t kam_value_whitespace(kam_rows **out, kam_book *book, const kam_whitespace_options *options, int32_t as_of,
                             kam_error *err) {
    vgap_work w = {.b = book, .err = err};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(vgap_options(&w, options, as_of, err));
    kam__keys_init(&w.account, book->ctx);
    kam__keys_init(&w.product, book->ctx);
    kam__tmap_init(&w.group_of, book->ctx);
    int32_t rc = kam__value_rows(out, book, KAM_KIND_WHITESPACE, vgap_make, &w, err);
    kam__tmap_free(&w.group_of);
    kam__keys_free(&w.account);
    kam__keys_free(&w.product);
    kam__free(book->ctx, w.bought);
    kam__free(book->ctx, w.group);
    return rc;
}
