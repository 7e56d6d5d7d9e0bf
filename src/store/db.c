/*
 * store/db.c - one connection to a store: transactions, writes, and the translation of its errors.
 *
 * Here and in scan.c are the only calls of the storage vtable; nobody above has to know which functions a store left
 * out. A store's answer outside the KAM_E_ codes is taken as IO. After a failed write only the end of the transaction
 * is accepted.
 */
#include "db.h"
#include <stdio.h>

static int32_t sane_code(int32_t code)
{
    return code < 0 && code >= KAM_E_COMMIT_UNKNOWN ? code : KAM_E_IO;
}

int32_t kam__db_fail(kam__db *db, int32_t code, const kam_store_err *serr, const char *what, kam_error *err)
{
    code = sane_code(code);
    const char *msg = serr && serr->msg[0] ? serr->msg : "the store gave no words for it";
    char text[sizeof serr->msg];
    memcpy(text, msg, serr && serr->msg[0] ? sizeof text : strlen(msg) + 1);
    text[sizeof text - 1] = 0;
    kam__fail(err, code, "%s: %s", what, text);
    if (serr) {
        kam__err_set(err, KAM_ERR_NATIVE, serr->native);
        if (serr->table) kam__err_set(err, KAM_ERR_KIND, serr->table);
        if (serr->field) kam__err_set(err, KAM_ERR_FIELD, serr->field);
        kam__err_set(err, KAM_ERR_ROW, serr->row);
    }
    if (db->mode == KAM_TXN_HOST || code == KAM_E_DEAD) db->aborted = 1;
    return code;
}

void kam__db_clear(kam_store_err *serr)
{
    memset(serr, 0, sizeof *serr);
    serr->struct_size = sizeof *serr;
}

int32_t kam__db_open(kam__db *db, kam_ctx *ctx, kam_store *store, const kam__schema *schema, uint32_t max_keys,
                     kam_error *err)
{
    memset(db, 0, sizeof *db);
    if (!store->memory && kam__atomic_add(&store->busy, 1) != 1) {
        kam__atomic_add(&store->busy, (uint64_t)-1);
        return kam__fail(err, KAM_E_BUSY,
                         "this store serves another book: close that one first, or make a second connection");
    }
    int32_t rc = kam__tables_new(&db->tables, ctx, schema, store, err);
    if (rc == KAM_OK && store->memory) rc = kam__memory_connect(&db->self, store->memory, err);
    if (rc != KAM_OK) {
        kam__tables_free(&db->tables);
        if (!store->memory) kam__atomic_add(&store->busy, (uint64_t)-1);
        return rc;
    }
    if (!store->memory) db->self = store->self;
    db->ctx = ctx;
    db->store = store;
    db->mode = store->mode;
    db->max_keys = max_keys ? max_keys : 500;
    kam__ref_hold(&store->ref);
    return KAM_OK;
}

void kam__db_close(kam__db *db)
{
    if (!db->store) return;
    if (db->txn) kam__db_end(db, KAM_END_ABORT, NULL);
    kam__tables_free(&db->tables);
    if (db->store->memory) db->store->vt.close(db->self);
    else kam__atomic_add(&db->store->busy, (uint64_t)-1);
    kam_store_free(db->store);
    memset(db, 0, sizeof *db);
}

/* Findings of a CHECK are gathered into one message. */
typedef struct db_findings { kam_error *err; uint32_t n; char first[240]; int32_t code; } db_findings;

static int32_t on_finding(void *user, const kam_store_err *finding)
{
    db_findings *f = user;
    if (f->n++ == 0) {
        memcpy(f->first, finding->msg, sizeof f->first);
        f->first[sizeof f->first - 1] = 0;
    }
    return KAM_OK;
}

int32_t kam__db_prepare(kam__db *db, uint32_t how, kam_error *err)
{
    if (!db->store->vt.prepare)
        return how == KAM_PREPARE_CHECK
                   ? KAM_OK
                   : kam__fail(err, KAM_E_UNSUPPORTED,
                               "this store has no prepare: make the tables of kam_schema_ddl yourself");
    db_findings f = { .err = err };
    kam_store_err serr;
    kam__db_clear(&serr);
    int32_t rc = db->store->vt.prepare(db->self, db->tables.table, db->tables.n, how, on_finding, &f, &serr);
    if (rc == KAM_OK) return KAM_OK;
    if (f.n == 0) return kam__db_fail(db, rc, &serr, "preparing tables", err);
    return kam__fail(err, sane_code(rc), "the tables do not fit (%u findings): %s%s", f.n, f.first,
                     how == KAM_PREPARE_CHECK ? " (KAM_BOOK_CREATE makes missing tables, KAM_BOOK_UPGRADE missing columns)" : "");
}

int32_t kam__db_reserve(int64_t *first, kam__db *db, uint32_t kind, uint32_t n, kam_error *err)
{
    kam_store_err serr;
    kam__db_clear(&serr);
    int32_t rc = db->store->vt.reserve(db->self, kind, n, first, &serr);
    return rc == KAM_OK ? KAM_OK : kam__db_fail(db, rc, &serr, "reserving ids", err);
}

int32_t kam__db_begin(kam__db *db, uint32_t how, kam_error *err)
{
    db->writes = 0;
    if (db->mode != KAM_TXN_HOST) {
        kam_store_err serr;
        kam__db_clear(&serr);
        int32_t rc = db->store->vt.begin(db->self, how, &serr);
        if (rc != KAM_OK) return kam__db_fail(db, rc, &serr, "beginning a transaction", err);
        db->aborted = 0;
    }
    db->txn = how;
    return KAM_OK;
}

int32_t kam__db_end(kam__db *db, uint32_t how, kam_error *err)
{
    uint32_t txn = db->txn;
    db->txn = 0;
    if (db->mode == KAM_TXN_HOST) {
        if (how == KAM_END_ABORT && txn == KAM_BEGIN_WRITE && db->writes) db->aborted = 1;
        return KAM_OK;
    }
    if (db->aborted && how != KAM_END_ABORT) {
        db->txn = txn;
        kam__db_end(db, KAM_END_ABORT, NULL);
        return kam__fail(err, KAM_E_ABORTED,
                         "the transaction was aborted by an earlier failure and has been rolled back");
    }
    kam_store_err serr;
    kam__db_clear(&serr);
    int32_t rc = db->store->vt.end(db->self, how, &serr);
    db->aborted = rc == KAM_E_DEAD;
    if (rc != KAM_OK) return kam__db_fail(db, rc, &serr, how == KAM_END_ABORT ? "rolling back" : "committing", err);
    return KAM_OK;
}

const kam_table *kam__db_table(const kam__db *db, uint32_t kind)
{
    uint32_t i = kind < KAM__LEN(db->tables.of_kind) ? db->tables.of_kind[kind] : 0;
    return i ? &db->tables.table[i - 1] : NULL;
}

/* A table has the fields of its kind in their order, less some: found at its place in the kind or a little before. */
const kam_field *kam__table_field(const kam_table *t, uint32_t field)
{
    uint32_t at = kam__kind_index(kam__builtin_kind(t->id), field);
    for (uint32_t i = at < t->nfield ? at + 1 : 0; i > 0; i--)
        if (t->field[i - 1].id == field) return &t->field[i - 1];
    /* custom ones are last, mapped tables may turn the order */
    for (uint32_t i = t->nfield; i > 0; i--)
        if (t->field[i - 1].id == field) return &t->field[i - 1];
    return NULL;
}

int32_t kam__db_write(kam__db *db, uint32_t kind, uint32_t op, const kam_block *rows, kam_error *err)
{
    const kam_table *t = kam__db_table(db, kind);
    if (!t) return kam__fail(err, KAM_E_INVAL, "kind %u is not stored", kind);
    if (t->flags & 1u)
        return kam__fail(err, KAM_E_READ_ONLY, "table %s is the host's and mapped read-only: change it there", t->name);
    if (rows->nrow == 0) return KAM_OK;
    kam_store_err serr;
    kam__db_clear(&serr);
    db->writes++;
    int32_t rc = db->store->vt.write(db->self, t, op, rows, &serr);
    if (rc == KAM_OK) return KAM_OK;
    if (db->mode != KAM_TXN_HOST) db->aborted = 1;
    char what[64];
    snprintf(what, sizeof what, "writing %s", t->name);
    return kam__db_fail(db, rc, &serr, what, err);
}
