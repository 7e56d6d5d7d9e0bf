/*
 * adapters/sqlite/admin.c - tables (prepare) and upkeep (control).
 *
 * prepare asks SQLite what is there and compares names as SQLite does, without regard to case. Tables mapped READ_ONLY
 * are only compared. All that prepare makes is made in one savepoint: findings or a failure leave the database as it
 * was.
 */
#include "sqlite_store.h"

typedef struct prep {
    kam__sq *s;
    uint32_t how, findings;
    kam_report_fn fn;
    void *user;
    kam_store_err *err;
} prep;

static int32_t exec(kam__sq *s, const kam_table *t, sqlite3_str *sql, kam_store_err *err)     /* ends sql */
{
    int32_t rc = KAM_OK;
    char *text = sqlite3_str_finish(sql);
    if (!text) rc = kam__sq_say(err, KAM_E_NOMEM, t, "out of memory");
    else if (sqlite3_exec(s->db, text, NULL, NULL, NULL)) rc = kam__sq_fail(s, err, t);
    sqlite3_free(text);
    return rc;
}

/* Rows of a query over (a, b): 0 or 1 and more, -1 on failure. */
static int found(kam__sq *s, const char *sql, const char *a, const char *b)
{
    sqlite3_stmt *st = NULL;
    int step = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);
    if (!step) step = sqlite3_bind_text(st, 1, a, -1, SQLITE_STATIC);
    if (!step && b) step = sqlite3_bind_text(st, 2, b, -1, SQLITE_STATIC);
    if (!step) step = sqlite3_step(st);
    sqlite3_finalize(st);
    return step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : -1;
}

static int32_t finding(prep *p, const kam_table *t, uint32_t field, const char *fmt, ...)
{
    kam_store_err f = {.struct_size = sizeof f};
    va_list ap;
    va_start(ap, fmt);
    kam__sq_vsay(&f, KAM_E_SCHEMA, t, fmt, ap);
    va_end(ap);
    f.field = field;
    if (p->findings++ == 0) kam__sq_say(p->err, KAM_E_SCHEMA, t, "%s", f.msg);
    if (p->findings == 1 && p->err) p->err->field = field;
    return p->fn ? p->fn(p->user, &f) : KAM_OK;
}

/* ---------------------------------------------------------------- tables, columns, indexes */

/* F64 has no declared type: a REAL column keeps whole numbers as integers, and so loses the sign of -0.0. */
static void column_sql(sqlite3_str *sql, const kam_field *f)
{
    const char *type = f->type == KAM_T_TEXT ? " TEXT" : f->type == KAM_T_F64 ? "" : " INTEGER";
    sqlite3_str_appendf(sql, "\"%w\"%s", f->column, type);
}

static int32_t create_table(prep *p, const kam_table *t)
{
    sqlite3_str *sql = sqlite3_str_new(p->s->db);
    sqlite3_str_appendf(sql, "CREATE TABLE \"%w\"(", t->relation);
    for (uint32_t i = 0; i < t->nfield; i++) {
        if (i > 0) sqlite3_str_appendall(sql, i > 1 ? ", " : " PRIMARY KEY, ");
        column_sql(sql, &t->field[i]);
    }
    sqlite3_str_appendall(sql, t->nfield > 1 ? ")" : " PRIMARY KEY)");
    return exec(p->s, t, sql, p->err);
}

/* One index over `n` fields; SQLite appends the key (the rowid) by itself. */
static int32_t make_index(prep *p, const kam_table *t, const char *kind, const uint32_t *field, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) if (!kam__sq_field(t, field[i])) return KAM_OK;     /* left out by the mapping */
    sqlite3_str *sql = sqlite3_str_new(p->s->db);
    sqlite3_str_appendf(sql, "CREATE %s IF NOT EXISTS \"kam__%w", kind, t->relation);
    for (int names = 1; names >= 0; names--) {
        for (uint32_t i = 0; i < n; i++) {
            const kam_field *f = kam__sq_field(t, field[i]);
            if (names) sqlite3_str_appendf(sql, "__%w", f->column);
            else sqlite3_str_appendf(sql, "%s\"%w\"", i ? "," : "", f->column);
        }
        if (names) sqlite3_str_appendf(sql, "\" ON \"%w\"(", t->relation);
    }
    sqlite3_str_appendall(sql, ")");
    return exec(p->s, t, sql, p->err);
}

static uint32_t unique_fields(const kam_table *t, uint32_t *field, uint32_t room)
{
    uint32_t n = 0;
    for (uint32_t i = 1; i < t->nfield && n < room; i++)
        if (t->field[i].flags & KAM_F_UNIQUE) field[n++] = t->field[i].id;
    return n;
}

static int32_t make_indexes(prep *p, const kam_table *t)
{
    uint32_t unique[16], n = unique_fields(t, unique, 16);
    int32_t rc = n ? make_index(p, t, "UNIQUE INDEX", unique, n) : KAM_OK;
    for (uint32_t i = 1; i < t->nfield && !rc; i++)
        if (t->field[i].flags & KAM_F_INDEXED) rc = make_index(p, t, "INDEX", &t->field[i].id, 1);
    const uint32_t *list = t->index;
    for (uint32_t i = 0; i < t->nindex && !rc; i++) {
        for (n = 0; list[n]; n++) {}
        rc = make_index(p, t, "INDEX", list, n);
        list += n + 1;
    }
    return rc;
}

/* Is there a unique index over just these fields? Without one a taken (source, ext_id) would not be noticed. */
static int32_t check_unique(prep *p, const kam_table *t)
{
    uint32_t unique[16], n = unique_fields(t, unique, 16);
    if (n == 0) return KAM_OK;
    sqlite3_str *sql = sqlite3_str_new(p->s->db);
    sqlite3_str_appendf(sql, "SELECT 1 FROM pragma_index_list(?1) AS l WHERE l.\"unique\" AND NOT l.partial "
                             "AND %u = (SELECT count(*) FROM pragma_index_info(l.name)) "
                             "AND %u = (SELECT count(*) FROM pragma_index_info(l.name) WHERE ", n, n);
    for (uint32_t i = 0; i < n; i++)
        sqlite3_str_appendf(sql, "%sname = %Q COLLATE NOCASE", i ? " OR " : "", kam__sq_field(t, unique[i])->column);
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    int there = text ? found(p->s, text, t->relation, NULL) : -1;
    sqlite3_free(text);
    if (there < 0) return kam__sq_fail(p->s, p->err, t);
    if (there) return KAM_OK;
    return finding(p, t, unique[0], "table \"%s\" has no unique index over its %u UNIQUE columns", t->relation, n);
}

static int32_t prepare_column(prep *p, const kam_table *t, const kam_field *f, int may)
{
    int there = found(p->s, KAM__SQ_TYPE, t->relation, f->column);
    if (there < 0) return kam__sq_fail(p->s, p->err, t);
    if (there) return KAM_OK;
    if (!may || f == t->field) return finding(p, t, f->id, "table \"%s\" has no column \"%s\"", t->relation, f->column);
    sqlite3_str *sql = sqlite3_str_new(p->s->db);
    sqlite3_str_appendf(sql, "ALTER TABLE \"%w\" ADD COLUMN ", t->relation);
    column_sql(sql, f);
    return exec(p->s, t, sql, p->err);
}

static int32_t prepare_table(prep *p, const kam_table *t)
{
    int32_t rc = KAM_OK;
    int may = p->how != KAM_PREPARE_CHECK && !(t->flags & 1), upgrade = may && p->how == KAM_PREPARE_UPGRADE;
    int there = found(p->s, "SELECT 1 FROM pragma_table_xinfo(?1)", t->relation, NULL);
    if (there < 0) return kam__sq_fail(p->s, p->err, t);
    if (!there && !may) return finding(p, t, 0, "table \"%s\" (%s) is missing", t->relation, t->name);
    if (!there) rc = create_table(p, t);
    for (uint32_t i = 0; there && i < t->nfield && !rc; i++) rc = prepare_column(p, t, &t->field[i], upgrade);
    if (rc || (t->flags & 1)) return rc;
    return !there || upgrade ? make_indexes(p, t) : check_unique(p, t);
}

int32_t kam__sq_prepare(void *self, const kam_table *t, uint32_t ntable, uint32_t how, kam_report_fn fn, void *user,
                        kam_store_err *err)
{
    prep p = {.s = self, .how = how, .fn = fn, .user = user, .err = err};
    if (how < KAM_PREPARE_CHECK || how > KAM_PREPARE_UPGRADE)
        return kam__sq_say(err, KAM_E_INVAL, NULL, "prepare: CHECK, CREATE or UPGRADE");
    if (sqlite3_exec(p.s->db, "SAVEPOINT kam_prepare", NULL, NULL, NULL)) return kam__sq_fail(p.s, err, NULL);
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < ntable && !rc; i++) rc = prepare_table(&p, &t[i]);
    if (!rc && p.findings) rc = KAM_E_SCHEMA;
    if (!rc && sqlite3_exec(p.s->db, "RELEASE kam_prepare", NULL, NULL, NULL)) rc = kam__sq_fail(p.s, err, NULL);
    if (rc && !sqlite3_get_autocommit(p.s->db))
        sqlite3_exec(p.s->db, "ROLLBACK TO kam_prepare; RELEASE kam_prepare", NULL, NULL, NULL);
    if (how != KAM_PREPARE_CHECK) kam__sq_flush(p.s);
    return rc;
}

/* ---------------------------------------------------------------- upkeep */

/* VACUUM and the like run outside of transactions only. */
static int32_t no_transaction(kam__sq *s, kam_store_err *err)
{
    if (s->mode != KAM_TXN_OWN)
        return kam__sq_say(err, KAM_E_UNSUPPORTED, NULL, "cannot run inside the host's transactions: use KAM_TXN_OWN");
    if (!sqlite3_get_autocommit(s->db)) return kam__sq_say(err, KAM_E_BUSY, NULL, "a transaction is open: end it");
    return KAM_OK;
}

static int64_t pragma_i64(kam__sq *s, const char *sql)
{
    sqlite3_stmt *st = NULL;
    int64_t v = -1;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);
    if (!rc && sqlite3_step(st) == SQLITE_ROW) v = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return v;
}

static int32_t compact(kam__sq *s, kam_store_err *err)
{
    int32_t rc = no_transaction(s, err);
    if (!rc && sqlite3_exec(s->db, "VACUUM", NULL, NULL, NULL)) rc = kam__sq_fail(s, err, NULL);
    return rc;
}

/* Erased bytes leave free pages, the file's end and the write-ahead log; the host's secure_delete comes back. */
static int32_t purge(kam__sq *s, kam_store_err *err)
{
    int32_t rc = no_transaction(s, err);
    if (rc) return rc;
    int64_t before = pragma_i64(s, "PRAGMA secure_delete");
    pragma_i64(s, "PRAGMA secure_delete = 1");
    rc = compact(s, err);
    if (!rc && pragma_i64(s, "PRAGMA wal_checkpoint(TRUNCATE)") != 0)
        rc = kam__sq_say(err, KAM_E_BUSY, NULL, "another connection reads: the log keeps old bytes; try again");
    if (before != 1) pragma_i64(s, before == 2 ? "PRAGMA secure_delete = FAST" : "PRAGMA secure_delete = 0");
    return rc;
}

static int32_t verify(kam__sq *s, const kam_report_fn *fn, void *user, kam_store_err *err)
{
    sqlite3_stmt *st = NULL;
    int32_t rc = KAM_OK, bad = 0, step = sqlite3_prepare_v2(s->db, "PRAGMA integrity_check", -1, &st, NULL);
    while (!rc && !step && (step = sqlite3_step(st)) == SQLITE_ROW) {
        kam_store_err f = {.struct_size = sizeof f};
        const char *text = (const char *)sqlite3_column_text(st, 0);
        step = 0;
        if (text && !strcmp(text, "ok")) continue;
        bad = kam__sq_say(&f, KAM_E_CORRUPT, NULL, "%s", text ? text : "out of memory");
        kam__sq_say(err, bad, NULL, "%s", f.msg);
        if (fn && *fn) rc = (*fn)(user, &f);
    }
    if (!rc && step != SQLITE_DONE) rc = kam__sq_fail(s, err, NULL);
    sqlite3_finalize(st);
    return rc ? rc : bad;
}

static int32_t backup(kam__sq *s, const char *path, kam_progress_fn fn, void *user, kam_store_err *err)
{
    kam__sq to = {0};
    if (!path) return kam__sq_say(err, KAM_E_INVAL, NULL, "backup: where to?");
    int32_t rc = KAM_OK, step = sqlite3_open_v2(path, &to.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    sqlite3_backup *b = step ? NULL : sqlite3_backup_init(to.db, "main", s->db, "main");
    while (b && !rc && (step = sqlite3_backup_step(b, 1024)) == SQLITE_OK) {
        int left = sqlite3_backup_remaining(b), all = sqlite3_backup_pagecount(b);
        if (fn && fn(user, (uint64_t)(all - left), (uint64_t)all))
            rc = kam__sq_say(err, KAM_E_CANCELLED, NULL, "backup cancelled");
    }
    if (b && sqlite3_backup_finish(b) == SQLITE_OK && step == SQLITE_DONE) step = SQLITE_OK;
    else if (!rc) rc = to.db ? kam__sq_fail(&to, err, NULL) : kam__sq_say(err, KAM_E_NOMEM, NULL, "out of memory");
    sqlite3_close(to.db);
    return rc;
}

static int32_t stats(kam__sq *s, kam_buf *out, kam_store_err *err)
{
    int64_t size = pragma_i64(s, "PRAGMA page_size"), pages = pragma_i64(s, "PRAGMA page_count");
    int64_t unused = pragma_i64(s, "PRAGMA freelist_count");
    char *json = sqlite3_mprintf("{\"engine\":\"sqlite\",\"version\":\"%s\",\"bytes\":%lld,\"page_size\":%lld,"
                                 "\"pages\":%lld,\"free_pages\":%lld}", sqlite3_libversion(), size * pages, size,
                                 pages, unused);
    int32_t rc = json && out ? kam_buf_append(out, json, strlen(json), NULL) : json ? KAM_E_INVAL : KAM_E_NOMEM;
    sqlite3_free(json);
    return rc ? kam__sq_say(err, rc, NULL, "stats: no buffer, or out of memory") : KAM_OK;
}

int32_t kam__sq_control(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err)
{
    kam__sq *s = self;
    switch (op) {
    case KAM_CTL_BACKUP: return backup(s, arg, fn, user, err);
    case KAM_CTL_COMPACT: return compact(s, err);
    case KAM_CTL_PURGE: return purge(s, err);
    case KAM_CTL_VERIFY: return verify(s, arg, user, err);
    case KAM_CTL_STATS: return stats(s, arg, err);
    default: return kam__sq_say(err, KAM_E_UNSUPPORTED, NULL, "control %u", op);
    }
}
