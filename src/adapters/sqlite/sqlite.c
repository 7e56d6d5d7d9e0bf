/*
 * adapters/sqlite/sqlite.c - a store on a SQLite connection: all that kam/spi/storage.h asks for, in one file.
 *
 * A store is the host's connection and a cache of prepared statements. Memory comes from sqlite3_malloc: the host's
 * settings for SQLite hold for us too. Formats are SQLite's own: "%w" writes a name, %z frees its text. Columns are
 * written t."name": a bare "name" that does not exist would be a string to SQLite.
 */
#include <kam/adapter/sqlite.h>
#include <kam/spi/storage.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

enum { CACHED = 128, ANSWER = 200, MAX_ROWS = 2048, MAX_TEXT = 4 << 20, MAX_PRED = 62, MAX_IN = 1024 };
enum { NO, FINDS, FITS };               /* what SQLite can do for a predicate or an order */

/* Prepared when the store is made: ending a transaction must not need memory. */
enum { BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_TO, SNAPSHOT, FIXED };
static const char *const FIXED_SQL[FIXED] = {"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT kam",
                                             "RELEASE kam", "ROLLBACK TO kam", "SELECT 1 FROM sqlite_master LIMIT 1"};

typedef struct store {
    sqlite3 *db;                        /* the host's; never closed here */
    uint32_t mode, txn;                 /* KAM_TXN_; KAM_BEGIN_ of the open transaction, 0 = none */
    int nested, aborted;                /* it is a savepoint in the host's; a write failed: only ABORT is left */
    const kam_table *t;                 /* what the call being answered is about, NULL = nothing */
    kam_store_err *err;                 /* its words, NULL = not wanted */
    sqlite3_stmt *fixed[FIXED];
    struct entry { sqlite3_stmt *stmt; size_t len; uint64_t used; } cache[CACHED];
    uint64_t clock;
} store;

/* Writes code and message of the call's error, returns code. */
static int32_t say(store *s, int32_t code, const char *fmt, ...)
{
    if (!s->err) return code;
    va_list ap;
    va_start(ap, fmt);
    sqlite3_vsnprintf((int)sizeof s->err->msg, s->err->msg, fmt, ap);
    va_end(ap);
    s->err->code = code;
    s->err->table = s->t ? s->t->id : 0;
    return code;
}

/* Exact codes stand before families; all else is IO. Our SQL is right, so an ERROR is a table that is not as told;
 * other constraints are the host's: NOT NULL, CHECK, foreign keys, triggers. */
static const struct { int native; int32_t code; } CODE[] = {
    {SQLITE_BUSY_SNAPSHOT, KAM_E_RETRY}, {SQLITE_IOERR_NOMEM, KAM_E_NOMEM}, {SQLITE_CONSTRAINT_UNIQUE, KAM_E_EXISTS},
    {SQLITE_CONSTRAINT_PRIMARYKEY, KAM_E_EXISTS}, {SQLITE_CONSTRAINT_ROWID, KAM_E_EXISTS}, {SQLITE_BUSY, KAM_E_BUSY},
    {SQLITE_CONSTRAINT, KAM_E_INVAL}, {SQLITE_ERROR, KAM_E_SCHEMA}, {SQLITE_LOCKED, KAM_E_BUSY},
    {SQLITE_NOMEM, KAM_E_NOMEM}, {SQLITE_FULL, KAM_E_FULL}, {SQLITE_READONLY, KAM_E_READ_ONLY},
    {SQLITE_CORRUPT, KAM_E_CORRUPT}, {SQLITE_INTERRUPT, KAM_E_CANCELLED}, {SQLITE_MISMATCH, KAM_E_TYPE}};

static int32_t fail(store *s)
{
    int native = sqlite3_extended_errcode(s->db);
    size_t i = 0, n = sizeof CODE / sizeof *CODE;
    while (i < n && CODE[i].native != native && CODE[i].native != (native & 0xff)) i++;
    if (s->err) s->err->native = native;
    return say(s, i < n ? CODE[i].code : KAM_E_IO, "%s: %s", s->t ? s->t->relation : "SQLite", sqlite3_errmsg(s->db));
}

static int32_t enter(store *s, const kam_table *t, kam_store_err *err)
{
    s->t = t;
    s->err = err;
    return s->aborted ? say(s, KAM_E_ABORTED, "an earlier write failed: only ABORT is left") : KAM_OK;
}

/* The statement of this text (freed here), from the cache or prepared, with nothing bound. */
static int32_t statement(store *s, sqlite3_stmt **out, char *text)
{
    struct entry *e = s->cache, *oldest = e, *end = e + CACHED;
    size_t len = text ? strlen(text) : 0;
    if (!len) { sqlite3_free(text); return say(s, KAM_E_NOMEM, "out of memory"); }
    for (; e < end && (e->len != len || memcmp(sqlite3_sql(e->stmt), text, len)); e++)
        if (e->used < oldest->used) oldest = e;
    if (e == end) {
        e = oldest;
        sqlite3_finalize(e->stmt);
        e->len = sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, &e->stmt, NULL) ? 0 : len;
    }
    sqlite3_free(text);
    e->used = e->stmt ? ++s->clock : 0;
    *out = e->stmt;
    return *out ? sqlite3_clear_bindings(*out) : fail(s);       /* clearing always works */
}

/* Runs it; `answer`, if wanted, is the first value it gives as text, "" = none. */
static int32_t once(store *s, sqlite3_stmt *st, char *answer)
{
    int step = sqlite3_step(st);
    int32_t rc = step == SQLITE_ROW || step == SQLITE_DONE ? KAM_OK : fail(s);
    const char *text = step == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
    if (answer) sqlite3_snprintf(ANSWER, answer, "%s", text ? text : "");
    sqlite3_reset(st);
    return rc;
}

static int32_t run(store *s, char *answer, const char *fmt, ...)
{
    sqlite3_stmt *st = NULL;
    va_list ap;
    va_start(ap, fmt);
    int32_t rc = statement(s, &st, sqlite3_vmprintf(fmt, ap));
    va_end(ap);
    return rc ? rc : once(s, st, answer);
}

/* ---------------------------------------------------------------- transactions */

/* After some failures (disk full, out of memory) SQLite has rolled all back by itself: autocommit tells. */
static int32_t roll_back(store *s)
{
    if (sqlite3_get_autocommit(s->db)) return KAM_OK;
    int32_t rc = once(s, s->fixed[s->nested ? ROLLBACK_TO : ROLLBACK], NULL);
    return rc || !s->nested ? rc : once(s, s->fixed[RELEASE], NULL);
}

/* Inside a transaction of the host's we nest a savepoint. Where it has none, SAVEPOINT mode has a transaction too: a
 * lone savepoint cannot be ended while BUSY. */
static int32_t sq_begin(void *self, uint32_t flags, kam_store_err *err)
{
    store *s = self;
    int read = flags == KAM_BEGIN_READ, nested = !sqlite3_get_autocommit(s->db);
    enter(s, NULL, err);
    if (s->txn || (nested && s->mode == KAM_TXN_OWN))
        return say(s, KAM_E_INVAL, "begin: a transaction is open: end it, or use KAM_TXN_SAVEPOINT in the host's");
    s->nested = nested;
    int32_t rc = once(s, s->fixed[nested ? SAVEPOINT : read ? BEGIN_READ : BEGIN_WRITE], NULL);
    if (!rc && read && (rc = once(s, s->fixed[SNAPSHOT], NULL)) != KAM_OK) roll_back(s);      /* BEGIN has none */
    s->txn = rc ? 0 : flags;
    return rc;
}

static int32_t sq_end(void *self, uint32_t how, kam_store_err *err)
{
    store *s = self;
    int32_t rc = enter(s, NULL, err);
    if (!s->txn) return say(s, KAM_E_INVAL, "end: no transaction is open");
    if (how == KAM_END_ABORT) rc = roll_back(s);
    else if (!rc && sqlite3_get_autocommit(s->db)) rc = say(s, KAM_E_ABORTED, "SQLite has rolled back already");
    else if (!rc) rc = once(s, s->fixed[s->nested ? RELEASE : COMMIT], NULL);
    s->err = NULL;                                          /* it has its words */
    if (rc) roll_back(s);
    s->txn = 0;
    s->aborted = 0;
    return rc;
}

static const kam_field *field_of(const kam_table *t, uint32_t id)
{
    for (uint32_t i = 0; i < t->nfield; i++) if (t->field[i].id == id) return &t->field[i];
    return NULL;
}

static const kam_col *col_of(const kam_block *b, uint32_t field)
{
    for (uint32_t i = 0; i < b->ncol; i++) if (b->col[i].field == field) return &b->col[i];
    return NULL;
}

static int is_null(const kam_col *c, uint32_t row) { return c->valid && !(c->valid[row >> 3] >> (row & 7) & 1); }

static int bind(sqlite3_stmt *st, int at, const kam_col *c, uint32_t row)
{
    if (is_null(c, row)) return sqlite3_bind_null(st, at);
    if (c->type == KAM_T_I32) return sqlite3_bind_int(st, at, ((const int32_t *)c->data)[row]);
    if (c->type == KAM_T_I64) return sqlite3_bind_int64(st, at, ((const int64_t *)c->data)[row]);
    if (c->type == KAM_T_F64) return sqlite3_bind_double(st, at, ((const double *)c->data)[row]);
    int32_t from = c->off[row], n = c->off[row + 1] - from;
    return sqlite3_bind_text(st, at, n ? (const char *)c->data + from : "", n, SQLITE_STATIC);
}

/* ---------------------------------------------------------------- a scan: its SQL, its rows as blocks */

typedef struct column {
    const kam_field *field;
    sqlite3_str *text;                  /* of TEXT, NULL = all empty so far; its offsets are v.i32 */
    uint8_t valid[MAX_ROWS / 8];
    union { int32_t i32[MAX_ROWS + 1]; int64_t i64[MAX_ROWS]; double f64[MAX_ROWS]; } v;
} column;

typedef struct scan {
    store *s;
    kam_table_scan *q;
    const kam_field *key, *by;          /* by: the order field, NULL = by key alone */
    uint64_t asked;                     /* predicates SQLite applies, exactly or not */
    int64_t left;                       /* rows still wanted, -1 = all */
    int nulls, nparam;                  /* this SELECT is of the NULLs behind all values; its parameters, in order */
    struct param { const kam_col *col; uint32_t rows; } param[2 * MAX_PRED + 2];
    column *column;                     /* one per field of the projection */
    kam_col *view;                      /* of them, for the library */
    uint32_t nrow, ntext;               /* rows and bytes of text in them */
} scan;

/* Does SQLite compare as the library does? That depends on the column's declared type: any with INT in it is INTEGER.
 * Such a number told as text FINDS its rows, but '07' finds 7 too. */
static int fit(const kam_field *f, sqlite3_stmt *shape)
{
    const char *type = NULL;
    int text = f->type == KAM_T_TEXT;
    for (int i = 0; i < sqlite3_column_count(shape) && !type; i++)
        if (!sqlite3_stricmp(sqlite3_column_name(shape, i), f->column)) type = sqlite3_column_decltype(shape, i);
    if (!type || f->type == KAM_T_F64) return NO;
    if (!sqlite3_strlike("%int%", type, 0)) return text ? FINDS : FITS;
    return text && (!sqlite3_strlike("%char%", type, 0) || !sqlite3_strlike("%text%", type, 0)) ? FITS : NO;
}

/* What fits is for SQLite, the rest is left to the library. Types are asked anew each time: a host may alter tables. */
static int32_t plan(scan *x)
{
    kam_table_scan *q = x->q;
    sqlite3_stmt *shape = NULL;
    int32_t rc = statement(x->s, &shape, sqlite3_mprintf("SELECT * FROM \"%w\" LIMIT 0", q->table->relation));
    if (!rc) rc = once(x->s, shape, NULL);
    for (uint32_t i = 0; i < q->npred && !rc; i++) {
        const kam_pred *p = &q->pred[i];
        const kam_field *f = field_of(q->table, p->field);
        int fits = !f || p->op > KAM_OP_NULL || p->narg > MAX_IN ? NO : p->op == KAM_OP_NULL ? FITS : fit(f, shape);
        if (fits == FINDS && p->op != KAM_OP_EQ && p->op != KAM_OP_IN) fits = NO;
        x->asked |= (uint64_t)(fits != NO) << i;
        q->handled |= (uint64_t)(fits == FITS) << i;
    }
    x->by = q->norder == 1 ? field_of(q->table, q->order[0]) : NULL;
    int ordered = q->norder == 0 || (x->by && fit(x->by, shape) == FITS);
    if (ordered && x->key->type == KAM_T_I64 && fit(x->key, shape) == FITS) q->handled |= (uint64_t)1 << 63;
    x->left = q->limit && q->handled == ((uint64_t)1 << 63 | (((uint64_t)1 << q->npred) - 1)) ? (int64_t)q->limit : -1;
    return rc;
}

static void param(scan *x, const kam_col *col, uint32_t rows) { x->param[x->nparam++] = (struct param){col, rows}; }

/* Texts with a prefix lie between it and itself with a byte behind that UTF-8 has not. */
static void pred_sql(scan *x, sqlite3_str *sql, const kam_pred *p)
{
    static const char *const OPERATOR[] = {"", "= ?", "< ?", "<= ?", "> ?", ">= ?", "IN (", "BETWEEN ? AND ? || x'FF'",
                                           "IS NULL"};
    const kam_field *f = field_of(x->q->table, p->field);
    const char *binary = f->type == KAM_T_TEXT ? "COLLATE BINARY " : "";
    sqlite3_str_appendf(sql, " AND t.\"%w\" %s%s", f->column, binary, OPERATOR[p->op]);
    for (uint32_t i = 0; i < p->narg && p->op == KAM_OP_IN; i++) sqlite3_str_appendall(sql, i ? ",?" : "?");
    if (p->op == KAM_OP_IN) sqlite3_str_appendall(sql, ")");
    if (p->op == KAM_OP_PREFIX) param(x, p->arg, 1);
    if (p->op != KAM_OP_NULL) param(x, p->arg, p->op == KAM_OP_IN ? p->narg : 1);
}

/* Behind a row whose order field has a value come the other values, then the NULLs: two SELECTs, each one walk along
 * an index. Behind a row where it is NULL come only NULLs. */
static void after_sql(scan *x, sqlite3_str *sql)
{
    const kam_col *by = x->by ? col_of(x->q->after, x->by->id) : NULL;
    const char *than = x->q->flags & 1 ? "<" : ">";
    if (x->nulls) sqlite3_str_appendf(sql, " AND t.\"%w\" IS NULL", x->by->column);
    if (x->nulls && !is_null(by, 0)) return;
    if (x->nulls || !by) sqlite3_str_appendf(sql, " AND t.\"%w\" %s ?", x->key->column, than);
    else sqlite3_str_appendf(sql, " AND (t.\"%w\", t.\"%w\") %s (?, ?)", x->by->column, x->key->column, than);
    if (by && !x->nulls) param(x, by, 1);
    param(x, col_of(x->q->after, x->key->id), 1);
}

static int32_t select_stmt(scan *x, sqlite3_stmt **st)
{
    const kam_table_scan *q = x->q;
    const char *down = q->flags & 1 ? " DESC" : "";
    sqlite3_str *sql = sqlite3_str_new(x->s->db);
    x->nparam = 0;
    sqlite3_str_appendall(sql, "SELECT ");
    for (uint32_t i = 0; i < q->nfield; i++) sqlite3_str_appendf(sql, "t.\"%w\", ", x->column[i].field->column);
    sqlite3_str_appendf(sql, "t.\"%w\" FROM \"%w\" AS t WHERE TRUE", x->key->column, q->table->relation);
    for (uint32_t i = 0; i < q->npred; i++) if (x->asked >> i & 1) pred_sql(x, sql, &q->pred[i]);
    if (q->handled >> 63) {
        if (q->after) after_sql(x, sql);
        sqlite3_str_appendall(sql, " ORDER BY ");
        if (x->by) sqlite3_str_appendf(sql, "t.\"%w\"%s NULLS LAST, ", x->by->column, down);
        sqlite3_str_appendf(sql, "t.\"%w\"%s", x->key->column, down);
    }
    if (x->left >= 0) sqlite3_str_appendf(sql, " LIMIT %lld", x->left);
    int32_t rc = statement(x->s, st, sqlite3_str_finish(sql));
    for (int i = 0, at = 1; i < x->nparam && !rc; i++)
        for (uint32_t row = 0; row < x->param[i].rows && !rc; row++)
            if (bind(*st, at++, x->param[i].col, row)) rc = fail(x->s);
    return rc;
}

/* Well-formed as in The Unicode Standard 15.0, table 3-7, and without U+0000. */
static int utf8_ok(const unsigned char *p, int n)
{
    for (int i = 0; i < n;) {
        unsigned c = p[i++], low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
        unsigned high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
        int more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        if (c == 0 || (c > 0x7F && c < 0xC2) || c > 0xF4 || more > n - i) return 0;
        for (; more > 0; more--, i++, low = 0x80, high = 0xBF) if (p[i] < low || p[i] > high) return 0;
    }
    return 1;
}

static int32_t add_text(scan *x, column *c, sqlite3_value *v)
{
    const unsigned char *text = sqlite3_value_text(v);
    int n = sqlite3_value_bytes(v);
    if (!text && sqlite3_value_type(v) != SQLITE_NULL) return say(x->s, KAM_E_NOMEM, "out of memory");
    if (n > 2 * MAX_TEXT - (int)x->ntext) return KAM_E_LIMIT;
    if (!utf8_ok(text, n)) return KAM_E_UTF8;
    if (n && !c->text) c->text = sqlite3_str_new(x->s->db);
    if (n) sqlite3_str_append(c->text, (const char *)text, n);
    c->v.i32[x->nrow + 1] = sqlite3_str_length(c->text);
    x->ntext += (uint32_t)n;
    return n && sqlite3_str_errcode(c->text) ? say(x->s, KAM_E_NOMEM, "out of memory") : KAM_OK;
}

/* A host's column may hold anything in any row: what means the same value in the field's type is converted. To the
 * number functions NULL is 0; text that is not all a number stays TEXT. */
static int32_t add_value(scan *x, column *c, int want, sqlite3_value *v)
{
    uint32_t row = x->nrow;
    int type = want == KAM_T_TEXT ? sqlite3_value_type(v) : sqlite3_value_numeric_type(v);
    c->valid[row / 8] = (uint8_t)((row % 8 ? c->valid[row / 8] : 0) | (type != SQLITE_NULL) << row % 8);
    if (type == SQLITE_BLOB || (type == SQLITE_TEXT && want != KAM_T_TEXT)) return KAM_E_TYPE;
    if (want == KAM_T_TEXT) return add_text(x, c, v);
    int64_t whole = sqlite3_value_int64(v);
    double real = sqlite3_value_double(v);
    if (want == KAM_T_F64) { c->v.f64[row] = real; return KAM_OK; }
    if (type == SQLITE_FLOAT && ((double)whole != real || real >= 9223372036854775808.0)) return KAM_E_TYPE;
    if (want == KAM_T_I64) { c->v.i64[row] = whole; return KAM_OK; }
    c->v.i32[row] = (int32_t)whole;
    return whole == (int32_t)whole ? KAM_OK : KAM_E_TYPE;
}

static int32_t add_row(scan *x, sqlite3_stmt *st)
{
    static const char *const TYPE[] = {"", "a 32-bit integer", "an integer", "a number", "text"};
    int32_t rc = KAM_OK, i = 0, n = (int32_t)x->q->nfield;
    while (i < n && !(rc = add_value(x, &x->column[i], x->view[i].type, sqlite3_column_value(st, i)))) i++;
    x->nrow++;
    if (!rc || rc == KAM_E_NOMEM) return rc;
    const kam_field *f = x->column[i].field;
    const char *want = rc == KAM_E_UTF8 ? "valid UTF-8" : rc == KAM_E_LIMIT ? "within 4 MiB a row" : TYPE[f->type];
    x->s->err->field = f->id;
    return say(x->s, rc, "table \"%s\", column \"%s\", key %s: the value is not %s: correct it or map another column",
               x->q->table->relation, f->column, sqlite3_column_text(st, n), want);
}

static int32_t hand_out(scan *x, kam_block_fn fn, void *user)
{
    kam_block block = {sizeof block, x->nrow, x->q->nfield, 0, x->view};
    for (uint32_t i = 0; i < block.ncol; i++)
        if (x->column[i].text && x->column[i].v.i32[x->nrow]) x->view[i].data = sqlite3_str_value(x->column[i].text);
    int32_t rc = x->nrow ? fn(user, &block) : KAM_OK;
    for (uint32_t i = 0; i < block.ncol; i++) if (x->column[i].text) sqlite3_str_reset(x->column[i].text);
    x->nrow = x->ntext = 0;
    return rc;
}

static int32_t run_select(scan *x, kam_block_fn fn, void *user)
{
    uint32_t max = x->q->block_rows && x->q->block_rows < MAX_ROWS ? x->q->block_rows : MAX_ROWS;
    sqlite3_stmt *st = NULL;
    int step = SQLITE_ROW;
    int32_t rc = select_stmt(x, &st);
    while (!rc && (step = sqlite3_step(st)) == SQLITE_ROW) {
        rc = add_row(x, st);
        if (!rc && (x->nrow == max || x->ntext > MAX_TEXT)) rc = hand_out(x, fn, user);
        x->left -= x->left > 0;
    }
    if (!rc) rc = step == SQLITE_DONE ? hand_out(x, fn, user) : fail(x->s);
    sqlite3_reset(st);
    return rc;
}

static int32_t sq_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    scan x = {.s = self, .q = q, .key = q->table->field};
    int32_t rc = enter(x.s, q->table, err);
    q->handled = 0;
    if (!rc) rc = q->npred > MAX_PRED ? say(x.s, KAM_E_INVAL, "scan: more than 62 predicates") : plan(&x);
    if (rc) return rc;
    x.column = sqlite3_malloc64((q->nfield + 1) * (sizeof *x.column + sizeof *x.view));
    if (!x.column) return say(x.s, KAM_E_NOMEM, "out of memory");
    x.view = (kam_col *)(void *)(x.column + q->nfield + 1);
    for (uint32_t i = 0; i < q->nfield; i++) {
        column *c = &x.column[i];
        c->field = field_of(q->table, q->field[i]);
        c->text = NULL;
        c->v.i32[0] = 0;
        x.view[i] = (kam_col){c->field->id, c->field->type, {0}, &c->v, c->v.i32, c->valid};
    }
    int behind = q->handled >> 63 && q->after && x.by;
    x.nulls = behind && is_null(col_of(q->after, x.by->id), 0);
    rc = run_select(&x, fn, user);
    if (!rc && behind && !x.nulls++ && x.left != 0) rc = run_select(&x, fn, user);
    for (uint32_t i = 0; i < q->nfield; i++) sqlite3_free(sqlite3_str_finish(x.column[i].text));
    sqlite3_free(x.column);
    return rc;
}

/* ---------------------------------------------------------------- writing */

/* Columns of the block are parameters ?1 to ?n; `key` and `rev` are two of them, rev 0 = not there. "OR ABORT" is said
 * because a host's table may declare ON CONFLICT REPLACE or IGNORE. Fields an INSERT leaves out are NULL, whatever
 * default the host's table has: they get parameters that nobody binds. */
static char *write_sql(store *s, uint32_t op, const kam_block *b, int key, int rev)
{
    const kam_table *t = s->t;
    int n = (int)b->ncol, add = op == KAM_WRITE_INSERT;
    const char *verb = add ? "INSERT OR ABORT INTO" : op == KAM_WRITE_UPDATE ? "UPDATE OR ABORT" : "DELETE FROM";
    const char *glue = add ? "(" : "SET ";
    sqlite3_str *sql = sqlite3_str_new(s->db);
    sqlite3_str_appendf(sql, "%s \"%w\" AS t ", verb, t->relation);
    for (int i = 1; i <= n && op != KAM_WRITE_DELETE; i++) {
        if (i == key && !add && n > 1) continue;
        const char *name = field_of(t, b->col[i - 1].field)->column;
        sqlite3_str_appendf(sql, add ? "%s\"%w\"" : "%s\"%w\"=?%d", glue, name, i);
        glue = ",";
    }
    if (!add) sqlite3_str_appendf(sql, " WHERE t.\"%w\"=?%d", t->field->column, key);
    if (!add && rev) sqlite3_str_appendf(sql, " AND t.\"%w\"=?%d-1", field_of(t, b->col[rev - 1].field)->column, rev);
    if (!add) return sqlite3_str_finish(sql);
    for (const kam_field *f = t->field; f < t->field + t->nfield; f++)
        if (!col_of(b, f->id)) { sqlite3_str_appendf(sql, ",\"%w\"", f->column); n++; }
    for (int i = 1; i <= n; i++) sqlite3_str_appendall(sql, i > 1 ? ",?" : ") VALUES(?");
    sqlite3_str_appendall(sql, ")");
    return sqlite3_str_finish(sql);
}

/* Nothing changed: is the row missing, or its rev another? */
static int32_t why_not(store *s, int64_t id)
{
    char there[ANSWER];
    const char *table = s->t->relation;
    int32_t rc = run(s, there, "SELECT 1 FROM \"%w\" AS t WHERE t.\"%w\"=%lld", table, s->t->field->column, id);
    if (rc) return rc;
    if (!*there) return say(s, KAM_E_NOT_FOUND, "table \"%s\" has no row with key %lld", table, id);
    return say(s, KAM_E_CONFLICT, "table \"%s\", key %lld: changed since: read it again", table, id);
}

static int32_t sq_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    store *s = self;
    int host = s->mode == KAM_TXN_HOST, n = (int)rows->ncol, key = 0, rev = 0;
    sqlite3_stmt *st = NULL;
    int32_t rc = enter(s, t, err);
    if (rc) return rc;
    if (t->flags & 1) return say(s, KAM_E_READ_ONLY, "table \"%s\" is mapped read-only", t->relation);
    if (!host && s->txn != KAM_BEGIN_WRITE) return say(s, KAM_E_INVAL, "write: in a WRITE transaction only");
    for (int i = 1; i <= n && !rc; i++) {
        const kam_field *f = field_of(t, rows->col[i - 1].field);
        if (!f) rc = say(s, KAM_E_INVAL, "write: no field %u in table \"%s\"", rows->col[i - 1].field, t->relation);
        else if (f == t->field) key = i;
        else if (!strcmp(f->name, "rev")) rev = i;
    }
    if (!rc && !key) rc = say(s, KAM_E_INVAL, "write: the block lacks the key");
    if (!rc) rc = statement(s, &st, write_sql(s, op, rows, key, rev));
    for (uint32_t row = 0; row < rows->nrow && !rc; row++) {
        int bad = 0, null = is_null(&rows->col[key - 1], row);
        for (int i = 1; i <= n && !bad; i++)
            if (op != KAM_WRITE_DELETE || i == key || i == rev) bad = bind(st, i, &rows->col[i - 1], row);
        if (null) rc = say(s, KAM_E_INVAL, "write: the key is NULL");
        else if (bad || sqlite3_step(st) != SQLITE_DONE) rc = fail(s);
        else if (op != KAM_WRITE_INSERT && sqlite3_changes(s->db) == 0)
            rc = why_not(s, ((const int64_t *)rows->col[key - 1].data)[row]);
        sqlite3_reset(st);
        if (rc) err->row = row;
    }
    s->aborted = rc && !host;
    return rc;
}

/* ---------------------------------------------------------------- tables and upkeep */

/* F64 has no declared type: a REAL column keeps whole numbers as integers, and so loses the sign of -0.0. */
static const char *const DECLARED[] = {"", "INTEGER", "INTEGER", "", "TEXT"};

static int32_t make_table(store *s)
{
    const kam_field *f = s->t->field, *end = f + s->t->nfield;
    sqlite3_str *sql = sqlite3_str_new(s->db);
    sqlite3_str_appendf(sql, "CREATE TABLE IF NOT EXISTS \"%w\"(", s->t->relation);
    sqlite3_str_appendf(sql, "\"%w\" %s PRIMARY KEY", f->column, DECLARED[f->type]);
    while (++f < end) sqlite3_str_appendf(sql, ", \"%w\" %s", f->column, DECLARED[f->type]);
    sqlite3_str_appendall(sql, ")");
    return run(s, NULL, "%z", sqlite3_str_finish(sql));
}

/* `list` ends with 0. SQLite appends the key by itself. A mapping may leave fields out. */
static int32_t make_index(store *s, const char *kind, const uint32_t *list)
{
    for (uint32_t i = 0; list[i]; i++) if (!field_of(s->t, list[i])) return KAM_OK;
    sqlite3_str *sql = sqlite3_str_new(s->db);
    sqlite3_str_appendf(sql, "CREATE %s IF NOT EXISTS \"kam__%w", kind, s->t->relation);
    for (uint32_t i = 0; list[i]; i++) sqlite3_str_appendf(sql, "__%w", field_of(s->t, list[i])->column);
    sqlite3_str_appendf(sql, "\" ON \"%w\"", s->t->relation);
    for (uint32_t i = 0; list[i]; i++)
        sqlite3_str_appendf(sql, i ? ",\"%w\"" : "(\"%w\"", field_of(s->t, list[i])->column);
    sqlite3_str_appendall(sql, ")");
    return run(s, NULL, "%z", sqlite3_str_finish(sql));
}

static int32_t make_indexes(store *s)
{
    const uint32_t *list = s->t->index;
    uint32_t unique[16] = {0}, *first = unique + 15;        /* turned round: the last field tells rows apart best */
    int32_t rc = KAM_OK;
    for (const kam_field *f = s->t->field; f < s->t->field + s->t->nfield && !rc; f++) {
        if (f->flags & KAM_F_UNIQUE && first > unique) *--first = f->id;
        if (f->flags & KAM_F_INDEXED) rc = make_index(s, "INDEX", (const uint32_t[]){f->id, 0});
    }
    if (!rc && *first) rc = make_index(s, "UNIQUE INDEX", first);
    for (uint32_t i = 0; i < s->t->nindex && !rc; i++) {
        rc = make_index(s, "INDEX", list);
        while (*list++) {}
    }
    return rc;
}

/* What is missing shows as the failure of a SELECT, in SQLite's own words; a missing table is told once. */
static int32_t prepare_table(store *s, uint32_t how, kam_report_fn fn, void *user, uint32_t *findings)
{
    const kam_field *key = s->t->field, *end = key + s->t->nfield;
    int make = how != KAM_PREPARE_CHECK && !(s->t->flags & 1), add = make && how == KAM_PREPARE_UPGRADE, fits = 1;
    int32_t rc = make ? make_table(s) : KAM_OK;
    for (const kam_field *f = key; f < end && !rc && (fits || f > key + 1); f++) {
        rc = run(s, NULL, "SELECT t.\"%w\" FROM \"%w\" AS t LIMIT 0", f->column, s->t->relation);
        if (rc == KAM_E_SCHEMA && add)
            rc = run(s, NULL, "ALTER TABLE \"%w\" ADD \"%w\" %s", s->t->relation, f->column, DECLARED[f->type]);
        if (rc != KAM_E_SCHEMA) continue;
        s->err->field = f->id;
        rc = fn ? fn(user, s->err) : KAM_OK;
        fits = 0;
        ++*findings;
    }
    return make && fits && !rc ? make_indexes(s) : rc;
}

static int32_t sq_prepare(void *self, const kam_table *t, uint32_t ntable, uint32_t how, kam_report_fn fn, void *user,
                          kam_store_err *err)
{
    store *s = self;
    uint32_t findings = 0, own = !s->txn, flags = how == KAM_PREPARE_CHECK ? KAM_BEGIN_READ : KAM_BEGIN_WRITE;
    int32_t rc = own ? sq_begin(s, flags, err) : enter(s, NULL, err);   /* the caller ends one that is open */
    if (rc) return rc;
    for (s->t = t; s->t < t + ntable && !rc; s->t++) rc = prepare_table(s, how, fn, user, &findings);
    if (!rc && findings) rc = KAM_E_SCHEMA;                 /* all or nothing: what was made goes */
    int32_t end = own ? sq_end(s, rc ? KAM_END_ABORT : KAM_END_COMMIT, rc ? NULL : err) : KAM_OK;
    return rc ? rc : end;
}

/* VACUUM writes all anew, without what was erased; then only the write-ahead log may still have it. */
static int32_t sq_control(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err)
{
    store *s = self;
    char answer[ANSWER] = "0";
    (void)fn;
    enter(s, NULL, err);
    if (op == KAM_CTL_VERIFY) {
        const kam_report_fn *report = arg;
        int32_t rc = run(s, answer, "PRAGMA integrity_check(1)");
        if (rc || !strcmp(answer, "ok")) return rc;
        rc = say(s, KAM_E_CORRUPT, "%s", answer);
        if (report && *report) (*report)(user, err);
        return rc;
    }
    if (op != KAM_CTL_BACKUP && op != KAM_CTL_COMPACT && op != KAM_CTL_PURGE)
        return say(s, KAM_E_UNSUPPORTED, "control %u", op);
    if (!sqlite3_get_autocommit(s->db)) return say(s, KAM_E_BUSY, "a transaction is open: end it first");
    int32_t rc = run(s, NULL, op == KAM_CTL_BACKUP ? "VACUUM INTO %Q" : "VACUUM", arg);
    if (!rc && op == KAM_CTL_PURGE) rc = run(s, answer, "PRAGMA wal_checkpoint(TRUNCATE)");
    return rc || *answer == '0' ? rc : say(s, KAM_E_BUSY, "another connection reads: the log keeps old bytes");
}

static void sq_close(void *self)
{
    store *s = self;
    if (s->txn) sq_end(s, KAM_END_ABORT, NULL);
    for (int i = 0; i < CACHED; i++) sqlite3_finalize(s->cache[i].stmt);
    for (int i = 0; i < FIXED; i++) sqlite3_finalize(s->fixed[i]);
    sqlite3_free(s);
}

/* UTF-16 databases are refused: they order text in another way than the library. */
int32_t kam_sqlite_store(kam_store **out, kam_ctx *ctx, struct sqlite3 *db, uint32_t mode, kam_error *err)
{
    int host = mode == KAM_TXN_HOST;
    kam_store_vt vt = {sizeof vt, KAM_STORE_ABI, host ? NULL : sq_begin, host ? NULL : sq_end, sq_scan, sq_write,
                       sq_prepare, NULL, sq_control, sq_close};
    char encoding[ANSWER];
    if (!db) return kam_store_new(out, ctx, NULL, NULL, mode, err);         /* says INVAL in the library's words */
    store *s = sqlite3_malloc64(sizeof *s);
    if (!s) return KAM_E_NOMEM;
    *s = (store){.db = db, .mode = mode};
    int32_t rc = run(s, encoding, "PRAGMA encoding");
    if (!rc && (strcmp(encoding, "UTF-8") || sqlite3_libversion_number() < 3030000)) rc = KAM_E_UNSUPPORTED;
    for (int i = 0; i < FIXED && !rc; i++)
        if (sqlite3_prepare_v3(db, FIXED_SQL[i], -1, SQLITE_PREPARE_PERSISTENT, &s->fixed[i], NULL)) rc = fail(s);
    if (!rc) rc = kam_store_new(out, ctx, &vt, s, mode, err);
    if (rc) sq_close(s);
    return rc;
}
