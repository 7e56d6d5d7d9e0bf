/*
 * adapters/sqlite/store.c - the store itself: transactions, errors, the statement cache.
 *
 * Three modes: OWN begins and ends transactions, SAVEPOINT nests one savepoint in whatever the host has open, HOST
 * does neither. SQLite rolls a whole transaction back by itself after some failures (disk full, out of memory);
 * sqlite3_get_autocommit tells, so every end looks first whether there is still something to end.
 */
#include "sqlite_store.h"

/* ---------------------------------------------------------------- errors */

/* A message that filled its buffer may end inside a character. */
static void trim_utf8(char *text, size_t room)
{
    size_t n = strlen(text);
    if (n + 1 < room) return;
    while (n > 0 && ((unsigned char)text[n - 1] & 0xC0u) == 0x80u) n--;
    if (n > 0 && (unsigned char)text[n - 1] >= 0xC0u) n--;
    text[n] = 0;
}

int32_t kam__sq_vsay(kam_store_err *err, int32_t code, const kam_table *t, const char *fmt, va_list ap)
{
    if (!err) return code;
    err->code = code;
    err->table = t ? t->id : 0;
    sqlite3_vsnprintf((int)sizeof err->msg, err->msg, fmt, ap);
    trim_utf8(err->msg, sizeof err->msg);
    return code;
}

int32_t kam__sq_say(kam_store_err *err, int32_t code, const kam_table *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    kam__sq_vsay(err, code, t, fmt, ap);
    va_end(ap);
    return code;
}

static int32_t constraint_code(int ext)
{
    switch (ext) {
    case SQLITE_CONSTRAINT_UNIQUE: case SQLITE_CONSTRAINT_PRIMARYKEY: case SQLITE_CONSTRAINT_ROWID: return KAM_E_EXISTS;
#ifdef SQLITE_CONSTRAINT_DATATYPE
    case SQLITE_CONSTRAINT_DATATYPE: return KAM_E_TYPE;
#endif
    default: return KAM_E_INVAL;        /* NOT NULL, CHECK, foreign keys, triggers of the host */
    }
}

static int32_t code_of(int ext)
{
    if (ext == SQLITE_BUSY_SNAPSHOT) return KAM_E_RETRY;
    if (ext == SQLITE_IOERR_NOMEM) return KAM_E_NOMEM;
    switch (ext & 0xff) {
    case SQLITE_OK: case SQLITE_ROW: case SQLITE_DONE: return KAM_OK;
    case SQLITE_BUSY: case SQLITE_LOCKED: case SQLITE_PROTOCOL: return KAM_E_BUSY;
    case SQLITE_NOMEM: return KAM_E_NOMEM;
    case SQLITE_FULL: return KAM_E_FULL;
    case SQLITE_CORRUPT: case SQLITE_NOTADB: return KAM_E_CORRUPT;
    case SQLITE_READONLY: return KAM_E_READ_ONLY;
    case SQLITE_AUTH: return KAM_E_DENIED;
    case SQLITE_INTERRUPT: return KAM_E_CANCELLED;
    case SQLITE_ABORT: return KAM_E_ABORTED;
    case SQLITE_TOOBIG: return KAM_E_LIMIT;
    case SQLITE_MISMATCH: return KAM_E_TYPE;
    case SQLITE_CONSTRAINT: return constraint_code(ext);
    case SQLITE_ERROR: case SQLITE_SCHEMA: return KAM_E_SCHEMA;     /* our SQL is right: a table is not as told */
    case SQLITE_MISUSE: case SQLITE_RANGE: return KAM_E_INVAL;
    default: return KAM_E_IO;
    }
}

int32_t kam__sq_fail(kam__sq *s, kam_store_err *err, const kam_table *t)
{
    int ext = sqlite3_extended_errcode(s->db);
    int32_t code = code_of(ext);
    if (code == KAM_OK) code = KAM_E_NOMEM;     /* the failure was an allocation before SQLite's own work began */
    if (code == KAM_E_NOMEM) kam__sq_say(err, code, t, "out of memory");
    else if (t) kam__sq_say(err, code, t, "table \"%s\": SQLite: %s", t->relation, sqlite3_errmsg(s->db));
    else kam__sq_say(err, code, t, "SQLite: %s", sqlite3_errmsg(s->db));
    if (err) err->native = ext;
    return code;
}

/* ---------------------------------------------------------------- statement cache */

void kam__sq_word(kam__sq *s, uint32_t word)
{
    if (s->nkey == s->key_cap) {
        uint32_t cap = s->key_cap ? s->key_cap * 2 : 256;
        uint32_t *grown = sqlite3_realloc64(s->key, cap * sizeof *grown);
        if (!grown) { s->key_nomem = 1; return; }
        s->key = grown;
        s->key_cap = cap;
    }
    s->key[s->nkey++] = word;
}

/* The relation stands in the signature by a 64-bit FNV-1a hash: two mappings of one table do not meet. */
void kam__sq_key(kam__sq *s, uint32_t first, const kam_table *t)
{
    uint64_t h = 14695981039346656037u;
    for (const char *p = t ? t->relation : ""; *p; p++) h = (h ^ (unsigned char)*p) * 1099511628211u;
    s->nkey = 0;
    s->key_nomem = 0;
    kam__sq_word(s, first);
    kam__sq_word(s, t ? t->id : 0);
    kam__sq_word(s, (uint32_t)h);
    kam__sq_word(s, (uint32_t)(h >> 32));
}

static uint32_t key_hash(const kam__sq *s)
{
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < s->nkey; i++) h = (h ^ s->key[i]) * 16777619u;
    return h;
}

sqlite3_stmt *kam__sq_find(kam__sq *s)
{
    uint32_t hash = key_hash(s);
    if (s->key_nomem) return NULL;
    for (kam__sq_entry *e = s->cache; e < s->cache + KAM__SQ_CACHE; e++)
        if (e->stmt && e->hash == hash && e->nkey == s->nkey && !memcmp(e->key, s->key, s->nkey * sizeof *s->key)) {
            e->used = ++s->clock;
            return e->stmt;
        }
    return NULL;
}

static void forget(kam__sq_entry *e)
{
    sqlite3_finalize(e->stmt);
    sqlite3_free(e->key);
    memset(e, 0, sizeof *e);
}

int32_t kam__sq_keep(kam__sq *s, sqlite3_stmt **out, sqlite3_str *sql, const kam_table *t, kam_store_err *err)
{
    kam__sq_entry *e = s->cache;
    for (kam__sq_entry *c = s->cache; c < s->cache + KAM__SQ_CACHE; c++) if (c->used < e->used) e = c;
    forget(e);
    int bad = sqlite3_str_errcode(sql);
    char *text = sqlite3_str_finish(sql);
    uint32_t *key = s->key_nomem ? NULL : sqlite3_malloc64((s->nkey + 1) * sizeof *key);
    sqlite3_stmt *st = NULL;
    if (bad == SQLITE_TOOBIG) bad = kam__sq_say(err, KAM_E_LIMIT, t, "the statement is longer than SQLite takes");
    else if (bad || !text || !key) bad = kam__sq_say(err, KAM_E_NOMEM, t, "out of memory");
    else if (sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL)) bad = kam__sq_fail(s, err, t);
    sqlite3_free(text);
    if (bad) { sqlite3_free(key); return bad; }
    memcpy(key, s->key, s->nkey * sizeof *key);
    *e = (kam__sq_entry){st, key, s->nkey, key_hash(s), ++s->clock};
    *out = st;
    return KAM_OK;
}

void kam__sq_flush(kam__sq *s)
{
    for (uint32_t i = 0; i < KAM__SQ_CACHE; i++) forget(&s->cache[i]);
}

/* ---------------------------------------------------------------- blocks */

int kam__sq_is_null(const kam_col *c, uint32_t row) { return c->valid && !(c->valid[row >> 3] >> (row & 7) & 1); }

int kam__sq_bind(sqlite3_stmt *st, int at, const kam_col *c, uint32_t row)
{
    if (kam__sq_is_null(c, row)) return sqlite3_bind_null(st, at);
    switch (c->type) {
    case KAM_T_I32: return sqlite3_bind_int(st, at, ((const int32_t *)c->data)[row]);
    case KAM_T_I64: return sqlite3_bind_int64(st, at, ((const int64_t *)c->data)[row]);
    case KAM_T_F64: return sqlite3_bind_double(st, at, ((const double *)c->data)[row]);
    default: {
        int32_t from = c->off[row], n = c->off[row + 1] - from;
        return sqlite3_bind_text(st, at, n ? (const char *)c->data + from : "", n, SQLITE_STATIC);
    }
    }
}

const kam_field *kam__sq_field(const kam_table *t, uint32_t id)
{
    for (uint32_t i = 0; i < t->nfield; i++) if (t->field[i].id == id) return &t->field[i];
    return NULL;
}

const kam_col *kam__sq_col(const kam_block *b, uint32_t field)
{
    for (uint32_t i = 0; i < b->ncol; i++) if (b->col[i].field == field) return &b->col[i];
    return NULL;
}

/* ---------------------------------------------------------------- transactions */

/* The statements that begin and end are prepared before the first transaction: ending one must not need memory. */
enum { BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_TO, SNAPSHOT };

static const char *const RUN_SQL[KAM__SQ_RUNS] = {
    "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT kam", "RELEASE kam", "ROLLBACK TO kam",
    "SELECT 1 FROM sqlite_master LIMIT 1"};

static int32_t run_prepare(kam__sq *s, kam_store_err *err)
{
    for (int i = 0; i < KAM__SQ_RUNS; i++)
        if (!s->run[i] && sqlite3_prepare_v3(s->db, RUN_SQL[i], -1, SQLITE_PREPARE_PERSISTENT, &s->run[i], NULL))
            return kam__sq_fail(s, err, NULL);
    return KAM_OK;
}

static int32_t run(kam__sq *s, int which, kam_store_err *err)
{
    int step = sqlite3_step(s->run[which]);
    int32_t rc = step == SQLITE_ROW || step == SQLITE_DONE ? KAM_OK : kam__sq_fail(s, err, NULL);
    sqlite3_reset(s->run[which]);
    return rc;
}

static int32_t roll_back(kam__sq *s, kam_store_err *err)
{
    if (sqlite3_get_autocommit(s->db)) return KAM_OK;       /* SQLite did it already */
    int32_t rc = run(s, s->nested ? ROLLBACK_TO : ROLLBACK, err);
    return rc || !s->nested ? rc : run(s, RELEASE, err);
}

/* Where the host has none, SAVEPOINT mode has a transaction too: a lone savepoint cannot be ended while BUSY. */
int32_t kam__sq_begin(void *self, uint32_t flags, kam_store_err *err)
{
    kam__sq *s = self;
    int nested = !sqlite3_get_autocommit(s->db);
    if (flags != KAM_BEGIN_READ && flags != KAM_BEGIN_WRITE)
        return kam__sq_say(err, KAM_E_INVAL, NULL, "begin: READ or WRITE");
    if (s->txn) return kam__sq_say(err, KAM_E_INVAL, NULL, "begin: the transaction before has not ended");
    if (s->mode == KAM_TXN_OWN && nested)
        return kam__sq_say(err, KAM_E_INVAL, NULL, "the host has a transaction open: end it, or use KAM_TXN_SAVEPOINT");
    int32_t rc = run_prepare(s, err);
    if (!rc) rc = run(s, nested ? SAVEPOINT : flags == KAM_BEGIN_READ ? BEGIN_READ : BEGIN_WRITE, err);
    if (rc) return rc;
    s->nested = nested;
    /* BEGIN alone takes no snapshot; the first read does. */
    if (flags == KAM_BEGIN_READ && (rc = run(s, SNAPSHOT, err)) != 0) { roll_back(s, NULL); return rc; }
    s->txn = flags;
    s->aborted = 0;
    return KAM_OK;
}

int32_t kam__sq_end(void *self, uint32_t how, kam_store_err *err)
{
    kam__sq *s = self;
    int32_t rc = KAM_OK;
    if (!s->txn) return kam__sq_say(err, KAM_E_INVAL, NULL, "end: no transaction is open");
    if (how == KAM_END_ABORT) rc = roll_back(s, err);
    else {
        if (s->aborted || sqlite3_get_autocommit(s->db))
            rc = kam__sq_say(err, KAM_E_ABORTED, NULL, "rolled back: an earlier failure left nothing to commit");
        else rc = run(s, s->nested ? RELEASE : COMMIT, err);
        if (rc) roll_back(s, NULL);
    }
    s->txn = 0;
    s->aborted = 0;
    return rc;
}

/* ---------------------------------------------------------------- life */

static void sq_close(void *self)
{
    kam__sq *s = self;
    if (s->txn) kam__sq_end(s, KAM_END_ABORT, NULL);
    kam__sq_flush(s);
    for (int i = 0; i < KAM__SQ_RUNS; i++) sqlite3_finalize(s->run[i]);
    sqlite3_free(s->key);
    sqlite3_free(s);
}

static int32_t is_utf16(sqlite3 *db)
{
    sqlite3_stmt *st = NULL;
    int32_t yes = 0;
    if (sqlite3_prepare_v2(db, "PRAGMA encoding", -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        yes = sqlite3_stricmp((const char *)sqlite3_column_text(st, 0), "UTF-8") != 0;
    sqlite3_finalize(st);
    return yes;
}

int32_t kam__sq_open(void **self, kam_store_vt *vt, sqlite3 *db, uint32_t mode)
{
    if (sqlite3_libversion_number() < 3030000) return KAM_E_UNSUPPORTED;        /* NULLS LAST */
    kam__sq *s = sqlite3_malloc64(sizeof *s);
    if (!s) return KAM_E_NOMEM;
    memset(s, 0, sizeof *s);
    s->db = db;
    s->mode = mode;
    s->utf16 = is_utf16(db);
    *vt = (kam_store_vt){sizeof *vt, KAM_STORE_ABI, kam__sq_begin, kam__sq_end, kam__sq_scan, kam__sq_write,
                         kam__sq_prepare, NULL, kam__sq_control, sq_close};
    if (mode == KAM_TXN_HOST) { vt->begin = NULL; vt->end = NULL; }
    *self = s;
    return KAM_OK;
}

int32_t kam_sqlite_store(kam_store **out, kam_ctx *ctx, struct sqlite3 *db, uint32_t mode, kam_error *err)
{
    kam_store_vt vt;
    void *self = NULL;
    if (!db) return kam_store_new(out, ctx, NULL, NULL, mode, err);     /* says INVAL in the library's words */
    int32_t rc = kam__sq_open(&self, &vt, db, mode);
    if (rc) return rc;
    rc = kam_store_new(out, ctx, &vt, self, mode, err);
    if (rc) vt.close(self);
    return rc;
}
