/*
 * store/book.c - opening and closing a book, and what every call asks of it first.
 *
 * A book is made with its meta rows (schema version, base currency), its counters and the built-in policies in one
 * first commit. Opening reads them: a newer major schema is refused, a newer minor makes the book read-only. A
 * kam_book_known() book is a second handle on its parent's connection with an earlier point of knowledge.
 */
#include "store.h"

#define SCHEMA_MAJOR 1
#define SCHEMA_MINOR 0
#define BOOK_FLAGS (KAM_BOOK_READ_ONLY | KAM_BOOK_CREATE | KAM_BOOK_UPGRADE | KAM_BOOK_LAZY | KAM_BOOK_NO_SNAPSHOT)

kam_book *kam__book_home(kam_book *b) { return b->parent ? b->parent : b; }

kam_book *kam__book_hold(kam_book *b)
{
    kam__ref_hold(&b->ref);
    return b;
}

int32_t kam__book_ready(kam_book *b, kam_error *err)
{
    if (!b) return kam__null_arg(err, "book");
    kam_book *home = kam__book_home(b);
    if (b->closed || home->closed) return kam__fail(err, KAM_E_CLOSED, "the book is closed");
    if (home->in_callback || home->db.busy)
        return kam__fail(err, KAM_E_BUSY, "the book is in the middle of a call: do not call it from a callback");
    if (home->db.aborted && (home->txn || home->db.mode == KAM_TXN_HOST))
        return kam__fail(err, KAM_E_ABORTED, "an earlier call failed inside this transaction: roll it back%s",
                         home->db.mode == KAM_TXN_OWN ? "" : " and call kam_book_host_ended");
    return KAM_OK;
}

static void book_drop_schema(kam__aside *a)
{
    kam__schema_drop(a->schema);
    kam__tables_free(&a->tables);
    memset(a, 0, sizeof *a);
}

void kam__book_drop(kam_book *b)
{
    if (!b || !kam__ref_drop(&b->ref)) return;
    kam_ctx *ctx = b->ctx;
    book_drop_schema(&b->before_txn);
    book_drop_schema(&b->before_host);
    if (b->parent) kam__book_drop(b->parent);
    else kam__db_close(&b->db);
    kam__schema_drop(b->schema);
    for (size_t i = 0; i < KAM__LEN(b->replaced); i++) kam__replaced_free(&b->replaced[i]);
    kam__rowset_drop(b->touched);
    kam__rowset_drop(b->pending);
    kam__free(ctx, b->actor);
    kam__free(ctx, b->scope);
    kam__free(ctx, b->zone);
    kam__free(ctx, b);
    kam_ctx_free(ctx);
}

/* Closing gives the connection back at once; children that still hold the book find it closed. */
void kam_book_close(kam_book *book)
{
    if (!book) return;
    if (!book->closed && !book->parent) {
        if (book->txn) kam_book_rollback(book, NULL);
        kam__db_close(&book->db);
    }
    book->closed = 1;
    kam__book_drop(book);
}

kam_ctx *kam_book_ctx(kam_book *book) { return book ? book->ctx : NULL; }

int32_t kam_book_set_actor(kam_book *book, const char *actor, size_t len, kam_error *err)
{
    KAM__TRY(kam__book_ready(book, err));
    if (!actor) len = 0;
    else KAM__TRY(kam__text_in(book->ctx, actor, &len, err));
    char *copy = kam__text_dup(book->ctx, actor ? actor : "", len);
    if (!copy) return kam__nomem(err);
    kam__free(book->ctx, book->actor);
    book->actor = copy;
    return KAM_OK;
}

int32_t kam__book_day(int32_t *out, kam_book *b, int32_t day, kam_error *err)
{
    if (day != KAM_TODAY) {
        *out = day;
        return KAM_OK;
    }
    return kam__day_of_instant(out, b->ctx, b->zone, kam__now(b->ctx), err);
}

const kam__kind *kam__book_kind(kam_book *b, uint32_t kind, kam_error *err)
{
    const kam__kind *k = kam__schema_kind(b->schema, kind);
    if (k && k->cls != KAM__C_COMPUTED && k->cls != KAM__C_OWN) return k;
    kam__fail(err, KAM_E_INVAL, "kind %u is not a stored kind of record (see kam/fields.h)", kind);
    return NULL;
}

/* ---------------------------------------------------------------- schema: custom fields and currencies of the book */

typedef struct book_parts {
    kam_book *b;
    kam__custom *custom;
    size_t ncustom, ccap;
    kam__currency *cur;
    size_t ncur, curcap;
    kam__arena arena;
    kam_error *err;
    char base[4];
} book_parts;

static char *arena_col(book_parts *p, const kam_block *rows, uint32_t field, uint32_t row)
{
    size_t len = 0;
    const kam_col *c = kam__block_col(rows, field);
    const char *text = c ? kam__col_text(c, row, &len) : NULL;
    return kam__arena_text(&p->arena, text ? text : "", text ? len : 0);
}

static int64_t num_col(const kam_block *rows, uint32_t field, uint32_t row)
{
    const kam_col *c = kam__block_col(rows, field);
    return c ? kam__col_i64(c, row) : 0;
}

static int32_t on_field(void *user, const kam_block *rows)
{
    book_parts *p = user;
    for (uint32_t r = 0; r < rows->nrow; r++) {
        KAM__TRY(kam__grow(p->b->ctx, &p->custom, &p->ccap, p->ncustom + 1, sizeof *p->custom, p->err));
        kam__custom *c = &p->custom[p->ncustom++];
        memset(c, 0, sizeof *c);
        char *kind = arena_col(p, rows, KAM_FIELD_KIND, r), *refers = arena_col(p, rows, KAM_FIELD_REFERS, r);
        kam__field *f = &c->field;
        f->name = arena_col(p, rows, KAM_FIELD_NAME, r);
        f->unit = arena_col(p, rows, KAM_FIELD_UNIT, r);
        f->en = arena_col(p, rows, KAM_FIELD_LABEL_EN, r);
        f->zh = arena_col(p, rows, KAM_FIELD_LABEL_ZH, r);
        if (!kind || !refers || !f->name || !f->unit || !f->en || !f->zh) return kam__nomem(p->err);
        const kam__kind *k = kam__builtin_kind_by_name(kind, strlen(kind)),
                        *ref = kam__builtin_kind_by_name(refers, strlen(refers));
        c->kind = k ? k->id : 0;
        f->ref = ref ? ref->id : 0;
        f->id = (uint32_t)num_col(rows, KAM_FIELD_FIELD, r);
        f->logic = (uint8_t)num_col(rows, KAM_FIELD_TYPE, r);
        f->type = (uint8_t)kam__logic_type(f->logic);
        f->scale = (uint8_t)num_col(rows, KAM_FIELD_SCALE, r);
        f->flags = ((uint32_t)num_col(rows, KAM_FIELD_FLAGS, r) & 0xffffu) | KAM_F_TRACKED | KAM__F_CUSTOM;
    }
    return KAM_OK;
}

static int32_t on_currency(void *user, const kam_block *rows)
{
    book_parts *p = user;
    for (uint32_t r = 0; r < rows->nrow; r++) {
        KAM__TRY(kam__grow(p->b->ctx, &p->cur, &p->curcap, p->ncur + 1, sizeof *p->cur, p->err));
        char *code = arena_col(p, rows, KAM_CURRENCY_CODE, r);
        if (!code) return kam__nomem(p->err);
        if (strlen(code) != 3) continue;
        memcpy(p->cur[p->ncur].code, code, 4);
        p->cur[p->ncur++].decimals = (int32_t)num_col(rows, KAM_CURRENCY_DECIMALS, r);
    }
    return KAM_OK;
}

static int32_t on_meta(void *user, const kam_block *rows)
{
    book_parts *p = user;
    for (uint32_t r = 0; r < rows->nrow; r++) {
        char *name = arena_col(p, rows, KAM__META_NAME, r), *value = arena_col(p, rows, KAM__META_VALUE, r);
        if (!name || !value) return kam__nomem(p->err);
        if (kam__text_same(name, "base_currency") && strlen(value) == 3) memcpy(p->base, value, 4);
        if (!kam__text_same(name, "schema")) continue;
        if (value[0] != '0' + SCHEMA_MAJOR || value[1] != '.')
            return kam__fail(p->err, KAM_E_SCHEMA,
                             "the book has schema %s, this library knows %d.%d: use a newer library", value,
                             SCHEMA_MAJOR, SCHEMA_MINOR);
        if (value[2] > '0' + SCHEMA_MINOR) p->b->flags |= KAM_BOOK_READ_ONLY;
    }
    return KAM_OK;
}

static int32_t load_parts(book_parts *p)
{
    kam__db *db = &p->b->db;
    kam__scan meta = {.kind = KAM__KIND_META, .any_order = 1}, field = {.kind = KAM_KIND_FIELD},
              cur = {.kind = KAM_KIND_CURRENCY};
    KAM__TRY(kam__db_scan(db, &meta, on_meta, p, p->err));
    KAM__TRY(kam__db_scan(db, &field, on_field, p, p->err));
    return kam__db_scan(db, &cur, on_currency, p, p->err);
}

static void book_use_schema(kam_book *b, kam__aside *fresh)
{
    b->schema = fresh->schema;
    b->db.tables = fresh->tables;
    int32_t decimals = kam__schema_decimals(b->schema, NULL);
    b->db.money_decimals = decimals < 0 ? 2 : (uint32_t)decimals;
    memset(fresh, 0, sizeof *fresh);
}

static void book_put_aside(kam_book *b)
{
    kam__aside now = { b->schema, b->db.tables };
    if (b->txn == KAM_BEGIN_WRITE && !b->before_txn.schema) b->before_txn = now;
    else book_drop_schema(&now);
}

static void book_settle(kam_book *home, kam__aside *before, int committed)
{
    kam__aside now = { home->schema, home->db.tables };
    if (!before->schema) return;
    if (committed) {
        book_drop_schema(before);
        return;
    }
    book_drop_schema(&now);
    book_use_schema(home, before);
}

void kam__book_settle_schema(kam_book *home, int committed)
{
    /* the host may still take it back */
    if (committed && home->db.mode != KAM_TXN_OWN && !home->before_host.schema) {
        home->before_host = home->before_txn;
        memset(&home->before_txn, 0, sizeof home->before_txn);
    }
    book_settle(home, &home->before_txn, committed);
}

void kam__book_settle_host_schema(kam_book *home, int committed) { book_settle(home, &home->before_host, committed); }

int32_t kam__book_reload_schema(kam_book *b, kam_error *err)
{
    book_parts p = { .b = b, .err = err };
    kam__arena_init(&p.arena, b->ctx, 0);
    int32_t rc = load_parts(&p);
    kam__schema_parts sp = { .custom = p.custom, .ncustom = p.ncustom, .currency = p.cur, .ncurrency = p.ncur,
                             .base_currency = p.base, .lang = kam__schema_lang(b->schema) };
    kam__aside fresh;
    memset(&fresh, 0, sizeof fresh);
    if (rc == KAM_OK) rc = kam__schema_new(&fresh.schema, b->ctx, &sp, err);
    if (rc == KAM_OK) rc = kam__tables_new(&fresh.tables, b->ctx, fresh.schema, b->db.store, err);
    if (rc == KAM_OK) {
        book_put_aside(b);
        book_use_schema(b, &fresh);
    } else {
        kam__schema_drop(fresh.schema);
    }
    kam__free(b->ctx, p.custom);
    kam__free(b->ctx, p.cur);
    kam__arena_free(&p.arena);
    return rc;
}

/* ---------------------------------------------------------------- opening */

static int32_t put_meta(kam_book *b, const char *name, const char *value, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, b->schema, KAM__KIND_META, err));
    const kam__kind *k = r->kind;
    int32_t rc = kam__record_put_text(r, kam__kind_index(k, KAM__META_NAME), name, strlen(name), err);
    if (rc == KAM_OK) rc = kam__record_put_text(r, kam__kind_index(k, KAM__META_VALUE), value, strlen(value), err);
    if (rc == KAM_OK) rc = kam__insert_record(b, r, err);
    kam_record_free(r);
    return rc;
}

static int32_t first_commit(kam_book *b, const char *currency, kam_error *err)
{
    char version[8] = { '0' + SCHEMA_MAJOR, '.', '0' + SCHEMA_MINOR, 0 };
    kam__call c;
    KAM__TRY(kam__txn_enter(&c, b, KAM_BEGIN_WRITE, err));
    b->note = "book made";
    int32_t rc = put_meta(b, "schema", version, err);
    if (rc == KAM_OK && currency[0]) rc = put_meta(b, "base_currency", currency, err);
    if (rc == KAM_OK) rc = kam__policy_builtins(b, err);
    return kam__txn_leave(&c, rc, err);
}

static int32_t missing_builtins(kam_book *b, kam_error *err)
{
    kam__call c;
    KAM__TRY(kam__txn_enter(&c, b, KAM_BEGIN_WRITE, err));
    int32_t rc = kam__policy_builtins(b, err);
    return kam__txn_leave(&c, rc, err);
}

static int32_t stop_at_first(void *user, const kam_block *rows)
{
    *(int *)user = rows->nrow > 0;
    return 1;
}

static int32_t is_new(int *out, kam_book *b, kam_error *err)
{
    kam__scan meta = { .kind = KAM__KIND_META, .any_order = 1, .limit = 1 };
    int found = 0;
    int32_t rc = kam__db_scan(&b->db, &meta, stop_at_first, &found, err);
    *out = !found;
    return rc == 1 ? KAM_OK : rc;
}

static int32_t open_tables(kam_book *b, const char *currency, kam_error *err)
{
    int writes = !(b->flags & KAM_BOOK_READ_ONLY), fresh = 0;
    int create = writes && (b->flags & KAM_BOOK_CREATE), upgrade = writes && (b->flags & KAM_BOOK_UPGRADE);
    int has_prepare = b->db.store->vt.prepare != NULL;
    if (create && has_prepare) KAM__TRY(kam__db_prepare(&b->db, KAM_PREPARE_CREATE, err));
    else if (upgrade && has_prepare) KAM__TRY(kam__db_prepare(&b->db, KAM_PREPARE_UPGRADE, err));
    else KAM__TRY(kam__db_prepare(&b->db, KAM_PREPARE_CHECK, err));
    KAM__TRY(is_new(&fresh, b, err));
    if (fresh && !create)
        return kam__fail(err, KAM_E_SCHEMA, "the store holds no book yet: open it once with KAM_BOOK_CREATE");
    if (fresh) KAM__TRY(first_commit(b, currency, err));
    KAM__TRY(kam__book_reload_schema(b, err));
    const char *base = kam__schema_base_currency(b->schema);
    if (!fresh && currency[0] && !kam__text_same(currency, base))
        return kam__fail(err, KAM_E_INVAL, "the book's base currency is %s since it was made and cannot become %s",
                         base[0] ? base : "none", currency);
    if (b->flags & KAM_BOOK_READ_ONLY) return KAM_OK;
    if (upgrade && !fresh) KAM__TRY(missing_builtins(b, err));
    return kam__hostkeys_sync(b, err);
}

static int32_t copy_names(kam_book *b, const kam_book_options *o, kam_error *err)
{
    const char *actor = o->actor ? o->actor : "", *scope = o->scope ? o->scope : "", *zone = o->zone ? o->zone : "UTC";
    size_t alen = KAM_NUL, slen = KAM_NUL;
    int32_t offset = 0;
    KAM__TRY(kam__text_in(b->ctx, actor, &alen, err));
    KAM__TRY(kam__text_in(b->ctx, scope, &slen, err));
    KAM__TRY(kam__zone_offset(b->ctx, zone, 0, &offset, err));
    b->actor = kam__text_dup(b->ctx, actor, alen);
    b->scope = kam__text_dup(b->ctx, scope, slen);
    b->zone = kam__text_dup(b->ctx, zone, KAM_NUL);
    return b->actor && b->scope && b->zone ? KAM_OK : kam__nomem(err);
}

static int32_t check_names(const kam_book_options *o, kam_error *err)
{
    KAM__TRY(kam__flags(o->flags, BOOK_FLAGS, "kam_book_options.flags", err));
    if (o->lang && !kam__text_same(o->lang, "en") && !kam__text_same(o->lang, "zh"))
        return kam__fail(err, KAM_E_INVAL, "lang \"%s\" is not \"en\" or \"zh\"", o->lang);
    if (o->currency && o->currency[0] && strlen(o->currency) != 3)
        return kam__fail(err, KAM_E_INVAL, "currency \"%s\" is not a code of three letters", o->currency);
    return KAM_OK;
}

static int32_t open_book(kam_book *b, kam_store *store, const kam_book_options *o, kam_error *err)
{
    kam__schema_parts sp = { .base_currency = o->currency ? o->currency : "", .lang = o->lang ? o->lang : "en" };
    KAM__TRY(copy_names(b, o, err));
    KAM__TRY(kam__schema_new(&b->schema, b->ctx, &sp, err));
    KAM__TRY(kam__db_open(&b->db, b->ctx, store, b->schema, o->max_keys, err));
    return open_tables(b, o->currency ? o->currency : "", err);
}

int32_t kam_book_open(kam_book **out, kam_ctx *ctx, kam_store *store, const kam_book_options *options, kam_error *err)
{
    kam_book_options o;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__options(&o, sizeof o, options, offsetof(kam_book_options, scope), "kam_book_options", err));
    KAM__TRY(check_names(&o, err));
    kam_store *own = NULL;
    if (!store) {
        KAM__TRY(kam_store_memory(&own, ctx, err));
        store = own;
        o.flags |= KAM_BOOK_CREATE;
    }
    kam_ctx *use = ctx ? ctx : store->ctx;
    kam_book *b = kam__zalloc(use, sizeof *b);
    if (!b) {
        kam_store_free(own);
        return kam__nomem(err);
    }
    kam__ref_init(&b->ref);
    b->ctx = kam__ctx_hold(use);
    b->known = KAM__SEQ_OPEN;
    b->flags = o.flags;
    int32_t rc = open_book(b, store, &o, err);
    kam_store_free(own);
    if (rc != KAM_OK) {
        kam_book_close(b);
        return rc;
    }
    *out = b;
    return KAM_OK;
}

int32_t kam_book_known(kam_book **out, kam_book *book, int64_t seq, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (seq < 0) return kam__fail(err, KAM_E_INVAL, "a commit number is not negative");
    kam_book *home = kam__book_home(book), *b = kam__zalloc(home->ctx, sizeof *b);
    if (!b) return kam__nomem(err);
    kam__ref_init(&b->ref);
    b->ctx = kam__ctx_hold(home->ctx);
    b->parent = kam__book_hold(home);
    b->schema = kam__schema_hold(home->schema);
    b->known = seq < book->known ? seq : book->known;
    b->flags = home->flags | KAM_BOOK_READ_ONLY;
    b->actor = kam__text_dup(b->ctx, home->actor, KAM_NUL);
    b->scope = kam__text_dup(b->ctx, home->scope, KAM_NUL);
    b->zone = kam__text_dup(b->ctx, home->zone, KAM_NUL);
    if (!b->actor || !b->scope || !b->zone) {
        kam_book_close(b);
        return kam__nomem(err);
    }
    *out = b;
    return KAM_OK;
}
