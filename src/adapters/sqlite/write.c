/*
 * adapters/sqlite/write.c - blocks into rows: one statement per (table, operation, columns), stepped row by row.
 *
 * Columns of the block are parameters ?1..?n in the block's order; ?n+1 is the stored rev a changed row must have. "OR
 * ABORT" is spelled out because a host's table may declare ON CONFLICT REPLACE or IGNORE.
 */
#include "sqlite_store.h"

typedef struct job {
    kam__sq *s;
    const kam_table *t;
    const kam_block *b;
    kam_store_err *err;
    uint32_t op;
    int key, rev;                       /* positions in the block; -1 = not there */
} job;

static int32_t look(job *j)
{
    j->key = j->rev = -1;
    for (uint32_t i = 0; i < j->b->ncol; i++) {
        const kam_col *c = &j->b->col[i];
        const kam_field *f = kam__sq_field(j->t, c->field);
        if (!f || f->type != c->type)
            return kam__sq_say(j->err, KAM_E_INVAL, j->t, "no field %u of this type in table %s", c->field, j->t->name);
        if (f == j->t->field) j->key = (int)i;
        if (!strcmp(f->name, "rev") && c->type == KAM_T_I64) j->rev = (int)i;
    }
    if (j->key >= 0 && j->b->col[j->key].type == KAM_T_I64) return KAM_OK;
    return kam__sq_say(j->err, KAM_E_INVAL, j->t, "table \"%s\": the block lacks the key", j->t->relation);
}

/* Fields the block leaves out are NULL, whatever default the host's table has. */
static void insert_sql(const job *j, sqlite3_str *sql)
{
    sqlite3_str_appendf(sql, "INSERT OR ABORT INTO \"%w\"", j->t->relation);
    for (uint32_t i = 0; i < j->t->nfield; i++)
        sqlite3_str_appendf(sql, "%s\"%w\"", i ? "," : "(", j->t->field[i].column);
    for (uint32_t i = 0; i < j->t->nfield; i++) {
        const kam_col *c = kam__sq_col(j->b, j->t->field[i].id);
        sqlite3_str_appendall(sql, i ? "," : ") VALUES(");
        if (c) sqlite3_str_appendf(sql, "?%d", (int)(c - j->b->col) + 1);
        else sqlite3_str_appendall(sql, "NULL");
    }
    sqlite3_str_appendall(sql, ")");
}

static void change_sql(const job *j, sqlite3_str *sql)
{
    const char *glue = " SET ";
    if (j->op == KAM_WRITE_DELETE) sqlite3_str_appendf(sql, "DELETE FROM \"%w\" AS t", j->t->relation);
    else sqlite3_str_appendf(sql, "UPDATE OR ABORT \"%w\" AS t", j->t->relation);
    for (int i = 0; j->op == KAM_WRITE_UPDATE && i < (int)j->b->ncol; i++) {
        if (i == j->key && j->b->ncol > 1) continue;
        sqlite3_str_appendf(sql, "%s\"%w\"=?%d", glue, kam__sq_field(j->t, j->b->col[i].field)->column, i + 1);
        glue = ",";
    }
    sqlite3_str_appendf(sql, " WHERE t.\"%w\"=?%d", j->t->field[0].column, j->key + 1);
    const kam_field *rev = j->rev < 0 ? NULL : kam__sq_field(j->t, j->b->col[j->rev].field);
    if (rev) sqlite3_str_appendf(sql, " AND t.\"%w\"=?%d", rev->column, (int)j->b->ncol + 1);
}

static int32_t statement(const job *j, sqlite3_stmt **out)
{
    kam__sq_key(j->s, KAM__SQ_WRITE, j->t);
    kam__sq_word(j->s, j->op);
    kam__sq_word(j->s, j->t->nfield);
    for (uint32_t i = 0; i < j->b->ncol; i++) kam__sq_word(j->s, j->b->col[i].field);
    if ((*out = kam__sq_find(j->s)) != NULL) return KAM_OK;
    sqlite3_str *sql = sqlite3_str_new(j->s->db);
    if (j->op == KAM_WRITE_INSERT) insert_sql(j, sql);
    else change_sql(j, sql);
    return kam__sq_keep(j->s, out, sql, j->t, j->err);
}

static int32_t exists(const job *j, int64_t id, int *yes)
{
    const kam_table *t = j->t;
    kam__sq_key(j->s, KAM__SQ_EXISTS, t);
    sqlite3_stmt *st = kam__sq_find(j->s);
    if (!st) {
        sqlite3_str *sql = sqlite3_str_new(j->s->db);
        sqlite3_str_appendf(sql, "SELECT 1 FROM \"%w\" AS t WHERE t.\"%w\"=?1", t->relation, t->field[0].column);
        int32_t rc = kam__sq_keep(j->s, &st, sql, t, j->err);
        if (rc) return rc;
    }
    int step = sqlite3_bind_int64(st, 1, id);
    if (!step) step = sqlite3_step(st);
    *yes = step == SQLITE_ROW;
    int32_t rc = *yes || step == SQLITE_DONE ? KAM_OK : kam__sq_fail(j->s, j->err, t);
    sqlite3_reset(st);
    return rc;
}

/* Nothing changed: is the row missing, or its rev another? */
static int32_t why_not(const job *j, uint32_t row)
{
    int64_t id = ((const int64_t *)j->b->col[j->key].data)[row];
    const char *name = j->t->relation;
    int there = 0;
    int32_t rc = j->rev < 0 ? KAM_OK : exists(j, id, &there);
    if (rc) return rc;
    if (!there) return kam__sq_say(j->err, KAM_E_NOT_FOUND, j->t, "table \"%s\" has no row with key %lld", name, id);
    return kam__sq_say(j->err, KAM_E_CONFLICT, j->t, "table \"%s\", key %lld: changed since: read it again", name, id);
}

static int32_t write_row(const job *j, sqlite3_stmt *st, uint32_t row)
{
    int rc = SQLITE_OK;
    if (kam__sq_is_null(&j->b->col[j->key], row))
        return kam__sq_say(j->err, KAM_E_INVAL, j->t, "table \"%s\": the key is NULL", j->t->relation);
    for (int i = 0; i < (int)j->b->ncol && !rc; i++)
        if (j->op != KAM_WRITE_DELETE || i == j->key) rc = kam__sq_bind(st, i + 1, &j->b->col[i], row);
    if (j->rev >= 0 && j->op != KAM_WRITE_INSERT && !rc)
        rc = sqlite3_bind_int64(st, (int)j->b->ncol + 1, ((const int64_t *)j->b->col[j->rev].data)[row] - 1);
    int32_t code = !rc && sqlite3_step(st) == SQLITE_DONE ? KAM_OK : kam__sq_fail(j->s, j->err, j->t);
    sqlite3_reset(st);
    if (code) return code;
    return j->op != KAM_WRITE_INSERT && sqlite3_changes(j->s->db) == 0 ? why_not(j, row) : KAM_OK;
}

/* The connection's mutex is held over the block, so that each call inside takes it for free. */
static int32_t write_block(job *j)
{
    sqlite3_stmt *st;
    int32_t rc = look(j);
    if (!rc) rc = statement(j, &st);
    if (rc) return rc;
    sqlite3_mutex_enter(sqlite3_db_mutex(j->s->db));
    for (uint32_t row = 0; row < j->b->nrow && !rc; row++) {
        rc = write_row(j, st, row);
        if (rc && j->err) j->err->row = row;
    }
    sqlite3_mutex_leave(sqlite3_db_mutex(j->s->db));
    sqlite3_clear_bindings(st);
    return rc;
}

/* A host that has begun nothing commits each statement; a block of ours is one statement to it. */
static int32_t write_alone(job *j)
{
    int32_t rc = kam__sq_begin(j->s, KAM_BEGIN_WRITE, j->err);
    if (rc) return rc;
    rc = write_block(j);
    int32_t end = kam__sq_end(j->s, rc ? KAM_END_ABORT : KAM_END_COMMIT, rc ? NULL : j->err);
    return rc ? rc : end;
}

int32_t kam__sq_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    job j = {.s = self, .t = t, .b = rows, .err = err, .op = op};
    if (op < KAM_WRITE_INSERT || op > KAM_WRITE_DELETE)
        return kam__sq_say(err, KAM_E_INVAL, t, "write: INSERT, UPDATE or DELETE");
    if (j.s->aborted) return kam__sq_say(err, KAM_E_ABORTED, t, "an earlier write failed: only ABORT is left");
    if (t->flags & 1) return kam__sq_say(err, KAM_E_READ_ONLY, t, "table \"%s\" is mapped read-only", t->relation);
    if (j.s->txn == KAM_BEGIN_READ) return kam__sq_say(err, KAM_E_INVAL, t, "write in a READ transaction");
    if (j.s->mode == KAM_TXN_HOST && sqlite3_get_autocommit(j.s->db)) return write_alone(&j);
    if (sqlite3_get_autocommit(j.s->db) || (j.s->mode != KAM_TXN_HOST && !j.s->txn))
        return kam__sq_say(err, KAM_E_INVAL, t, "write: no transaction is open");
    int32_t rc = write_block(&j);
    if (rc && j.s->mode != KAM_TXN_HOST) j.s->aborted = 1;
    return rc;
}
