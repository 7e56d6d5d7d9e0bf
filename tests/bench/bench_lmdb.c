/*
 * tests/bench/bench_lmdb.c - LMDB behind the few functions of a store that the measurement "store" calls: the yardstick of key-value stores.
 *
 * A table is a database with whole numbers as keys, rows are appended (MDB_APPEND, its fastest way). A row is its numbers, one after the
 * other, then its texts with two bytes of length in front; what is asked for of it is read where it lies in the map. SYNC is LMDB's own
 * default; LAZY is MDB_NOSYNC, its fastest, after which a crash of the machine may cost the whole file, which a lazy commit of the file store
 * never does.
 */
#include "bench.h"
#ifdef KAM_HAVE_LMDB
#include <kam/spi/storage.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LMDB_ROWS = 4096, LMDB_COLS = 10, LMDB_TABLES = 8, LMDB_VALUE = 4096 };

typedef struct bench_lmdb {
    MDB_env *env;
    MDB_txn *txn;
    uint32_t table[LMDB_TABLES], ntable;    /* ids; database i is db[i] */
    MDB_dbi db[LMDB_TABLES];
    kam_col col[LMDB_COLS];
    uint64_t number[LMDB_COLS][LMDB_ROWS];
    int32_t off[LMDB_COLS][2];              /* of texts: only a look-up asks for them, one row at a time */
    unsigned char value[LMDB_VALUE];
} bench_lmdb;

static int32_t lmdb_fail(int rc, kam_store_err *err)
{
    if (rc) snprintf(err->msg, sizeof err->msg, "lmdb: %s", mdb_strerror(rc));
    return rc == 0 ? KAM_OK : rc == MDB_MAP_FULL ? KAM_E_FULL : KAM_E_IO;
}

static int32_t lmdb_begin(void *self, uint32_t flags, kam_store_err *err)
{
    bench_lmdb *l = self;
    return lmdb_fail(mdb_txn_begin(l->env, NULL, flags == KAM_BEGIN_READ ? MDB_RDONLY : 0, &l->txn), err);
}

static int32_t lmdb_end(void *self, uint32_t how, kam_store_err *err)
{
    bench_lmdb *l = self;
    MDB_txn *txn = l->txn;
    l->txn = NULL;
    if (how != KAM_END_ABORT) return lmdb_fail(mdb_txn_commit(txn), err);
    mdb_txn_abort(txn);
    return KAM_OK;
}

static MDB_dbi lmdb_db(const bench_lmdb *l, uint32_t table)
{
    uint32_t i = 0;
    while (l->table[i] != table) i++;
    return l->db[i];
}

static int32_t lmdb_prepare(void *self, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user, kam_store_err *err)
{
    bench_lmdb *l = self;
    (void)how, (void)fn, (void)user;
    int32_t rc = lmdb_begin(self, KAM_BEGIN_WRITE, err);
    for (uint32_t i = 0; i < n && rc == KAM_OK; i++) {
        l->table[l->ntable] = t[i].id;
        rc = lmdb_fail(mdb_dbi_open(l->txn, t[i].name, MDB_CREATE | MDB_INTEGERKEY, l->db + l->ntable++), err);
    }
    return rc == KAM_OK ? lmdb_end(self, KAM_END_COMMIT, err) : rc;
}

/* ---------------------------------------------------------------- rows */

static size_t lmdb_width(uint32_t type) { return type == KAM_T_I32 ? 4 : 8; }

static size_t lmdb_encode(unsigned char *p, const kam_block *rows, uint32_t row)
{
    size_t n = 0;
    for (uint32_t i = 1; i < rows->ncol; i++) {
        const kam_col *c = rows->col + i;
        if (c->type == KAM_T_TEXT) continue;
        memcpy(p + n, (const char *)c->data + row * lmdb_width(c->type), lmdb_width(c->type));
        n += lmdb_width(c->type);
    }
    for (uint32_t i = 1; i < rows->ncol; i++) {
        const kam_col *c = rows->col + i;
        if (c->type != KAM_T_TEXT) continue;
        uint16_t len = (uint16_t)(c->off[row + 1] - c->off[row]);
        memcpy(p + n, &len, sizeof len);
        memcpy(p + n + 2, (const char *)c->data + c->off[row], len);
        n += 2u + len;
    }
    return n;
}

static int32_t lmdb_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    bench_lmdb *l = self;
    MDB_dbi db = lmdb_db(l, t->id);
    int rc = 0;
    (void)op;
    for (uint32_t i = 0; i < rows->nrow && !rc; i++) {
        size_t id = (size_t)((const int64_t *)rows->col[0].data)[i];
        MDB_val key = {sizeof id, &id}, value = {lmdb_encode(l->value, rows, i), l->value};
        rc = mdb_put(l->txn, db, &key, &value, MDB_APPEND);
    }
    return lmdb_fail(rc, err);
}

/* Where a field of this table lies: numbers at a place of their own, of texts only which one it is. */
typedef struct lmdb_place { uint32_t type, text; size_t at; } lmdb_place;

static void lmdb_places(lmdb_place *out, const kam_table_scan *q, size_t *fixed)
{
    uint32_t text = 0;
    size_t at = 0;
    memset(out, 0, LMDB_COLS * sizeof *out);
    for (uint32_t i = 1; i < q->table->nfield; i++) {
        const kam_field *f = q->table->field + i;
        for (uint32_t k = 0; k < q->nfield; k++)
            if (q->field[k] == f->id) out[k] = (lmdb_place){f->type, text, at};
        if (f->type == KAM_T_TEXT) text++;
        else at += lmdb_width(f->type);
    }
    *fixed = at;
}

/* The n-th text from p on. */
static void lmdb_text(kam_col *c, int32_t off[2], const char *p, uint32_t n)
{
    uint16_t len;
    memcpy(&len, p, sizeof len);
    for (; n; n--) {
        p += 2u + len;
        memcpy(&len, p, sizeof len);
    }
    off[1] = len;
    c->data = p + 2;
    c->off = off;
}

static void lmdb_take(bench_lmdb *l, const lmdb_place *place, const kam_table_scan *q, size_t fixed, size_t id, const char *p, uint32_t row)
{
    for (uint32_t k = 0; k < q->nfield; k++) {
        kam_col *c = l->col + k;
        *c = (kam_col){.field = q->field[k], .type = (uint8_t)(place[k].type ? place[k].type : KAM_T_I64), .data = l->number[k]};
        if (!place[k].type) l->number[k][row] = id;
        else if (place[k].type == KAM_T_I32) memcpy((int32_t *)(void *)l->number[k] + row, p + place[k].at, 4);
        else if (place[k].type != KAM_T_TEXT) memcpy(l->number[k] + row, p + place[k].at, 8);
        else lmdb_text(c, l->off[k], p + fixed, place[k].text);
    }
}

static int32_t lmdb_get(bench_lmdb *l, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    lmdb_place place[LMDB_COLS];
    size_t fixed, id = (size_t)*(const int64_t *)q->pred->arg->data;
    MDB_val key = {sizeof id, &id}, value;
    int rc = mdb_get(l->txn, lmdb_db(l, q->table->id), &key, &value);
    if (rc) return rc == MDB_NOTFOUND ? KAM_OK : lmdb_fail(rc, err);
    lmdb_places(place, q, &fixed);
    lmdb_take(l, place, q, fixed, id, value.mv_data, 0);
    kam_block b = {sizeof b, 1, q->nfield, 0, l->col};
    return fn(user, &b);
}

static int32_t lmdb_walk(bench_lmdb *l, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    lmdb_place place[LMDB_COLS];
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    size_t fixed, id;
    uint32_t n = 0;
    int32_t told = KAM_OK;
    int rc = mdb_cursor_open(l->txn, lmdb_db(l, q->table->id), &cursor);
    lmdb_places(place, q, &fixed);
    while (!rc && told == KAM_OK && !(rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))) {
        memcpy(&id, key.mv_data, sizeof id);
        lmdb_take(l, place, q, fixed, id, value.mv_data, n++);
        kam_block b = {sizeof b, n, q->nfield, 0, l->col};
        if (n == LMDB_ROWS) told = fn(user, &b), n = 0;
    }
    kam_block rest = {sizeof rest, n, q->nfield, 0, l->col};
    if (rc == MDB_NOTFOUND && n) told = fn(user, &rest);
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? told : lmdb_fail(rc, err);
}

static int32_t lmdb_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    bench_lmdb *l = self;
    int own = !l->txn;
    if (own && lmdb_begin(self, KAM_BEGIN_READ, err) != KAM_OK) return KAM_E_IO;
    int32_t rc = q->npred ? lmdb_get(l, q, fn, user, err) : lmdb_walk(l, q, fn, user, err);
    if (own) (void)lmdb_end(self, KAM_END_ABORT, err);
    return rc;
}

static void lmdb_close(void *self)
{
    bench_lmdb *l = self;
    mdb_env_close(l->env);
    free(l);
}

int32_t bench_lmdb_open(void **self, struct kam_store_vt *vt, const char *path, int lazy)
{
    bench_lmdb *l = calloc(1, sizeof *l);
    if (!l) return KAM_E_NOMEM;
    *self = l;
    *vt = (kam_store_vt){.struct_size = sizeof *vt, .begin = lmdb_begin, .end = lmdb_end, .scan = lmdb_scan, .write = lmdb_write, .prepare = lmdb_prepare,
                         .close = lmdb_close};
    int rc = mdb_env_create(&l->env);
    if (!rc) rc = mdb_env_set_mapsize(l->env, (size_t)1 << (sizeof(size_t) > 4 ? 34 : 30));
    if (!rc) rc = mdb_env_set_maxdbs(l->env, LMDB_TABLES);
    if (!rc) rc = mdb_env_open(l->env, path, MDB_NOSUBDIR | (lazy ? MDB_NOSYNC : 0), 0600);
    return rc ? KAM_E_IO : KAM_OK;
}
#else
int32_t bench_lmdb_open(void **self, struct kam_store_vt *vt, const char *path, int lazy)
{
    (void)self, (void)vt, (void)path, (void)lazy;
    return KAM_E_UNSUPPORTED;
}
#endif
