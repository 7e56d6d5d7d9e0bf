/*
 * adapters/sqlite/scan.c - a scan becomes one SELECT, or two.
 *
 * Where a host column's affinity is the field's, comparisons use it bare (and its indexes); else they compare
 * CAST(column AS NUMERIC or TEXT), which gives the same value as the conversion made when the row is read. Continuing
 * behind a row whose first order field has a value is split: the rest of the values first, then the NULLs; so each
 * half is one walk along an index. Columns are written t."name": a bare "name" that does not exist would be a string
 * to SQLite.
 */
#include "scan.h"

enum { PLAIN = 0, VALUES = 1, NULLS = 2 };      /* phases: the whole; the rest of the values; the NULLs after them */

typedef struct plan {
    kam__sq *s;
    const kam_table_scan *q;
    kam_store_err *err;
    sqlite3_str *sql;
    int phase, limit, n;                /* n: number of the next parameter */
} plan;

static int handled(const plan *p, uint32_t bit) { return (int)(p->q->handled >> bit & 1); }
static int continues(const plan *p) { return p->q->after && handled(p, 63) && p->phase != NULLS; }

/* IN lists are filled up with NULLs, which match nothing, to a power of two: few statements serve all lengths. */
static uint32_t in_width(uint32_t n)
{
    uint32_t w = 1;
    while (w < n) w *= 2;
    return n ? w : 0;
}

/* ---------------------------------------------------------------- what SQLite can do for us */

static int pred_fits(const plan *p, const kam_pred *pr, uint64_t *params)
{
    const kam_field *f = kam__sq_field(p->q->table, pr->field);
    uint64_t need = pr->op == KAM_OP_IN ? in_width(pr->narg) : 2;
    if (!f || pr->op < KAM_OP_EQ || pr->op > KAM_OP_NULL || need > *params) return 0;
    int text = f->type == KAM_T_TEXT, range = pr->op == KAM_OP_PREFIX || (pr->op >= KAM_OP_LT && pr->op <= KAM_OP_GE);
    if (range && text && p->s->utf16) return 0;         /* BINARY compares the bytes of UTF-16 there */
    if (pr->op == KAM_OP_PREFIX && !text) return 0;
    if (pr->op != KAM_OP_NULL && (!pr->arg || (pr->arg->type == KAM_T_TEXT) != text)) return 0;
    *params -= need;
    return 1;
}

static int order_fits(const plan *p)
{
    const kam_table *t = p->q->table;
    for (uint32_t i = 0; i < p->q->norder; i++) {
        const kam_field *f = kam__sq_field(t, p->q->order[i]);
        if (!f || (f->type != KAM_T_I32 && f->type != KAM_T_I64)) return 0;
    }
    return t->field[0].type != KAM_T_TEXT || !p->s->utf16;
}

static uint64_t decide(const plan *p)
{
    uint64_t done = 0, params = (uint64_t)sqlite3_limit(p->s->db, SQLITE_LIMIT_VARIABLE_NUMBER, -1);
    params = params > p->q->norder + 2u ? params - p->q->norder - 2u : 0;
    for (uint32_t i = 0; i < p->q->npred; i++) done |= (uint64_t)pred_fits(p, &p->q->pred[i], &params) << i;
    return order_fits(p) ? done | (uint64_t)1 << 63 : done;
}

/* ---------------------------------------------------------------- SQL */

/* SQLite's rules from a declared type to an affinity (datatype3.html, 3.1), in its order; STRICT tables have "any". */
static char affinity(const plan *p, const kam_field *f)
{
    static const char *const RULE[] = {"I%int%", "T%char%", "T%clob%", "T%text%", "B%blob%",
                                       "B", "Bany", "R%real%", "R%floa%", "R%doub%"};
    sqlite3_stmt *st = NULL;
    char a = 0;
    if (sqlite3_prepare_v2(p->s->db, KAM__SQ_TYPE, -1, &st, NULL)) return 0;
    sqlite3_bind_text(st, 1, p->q->table->relation, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, f->column, -1, SQLITE_STATIC);
    const char *type = sqlite3_step(st) == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
    for (size_t i = 0; type && !a && i < sizeof RULE / sizeof *RULE; i++)
        if (!sqlite3_strlike(RULE[i] + 1, type, 0)) a = RULE[i][0];
    if (type && !a) a = 'N';
    sqlite3_finalize(st);
    return a;
}

static void expr(plan *p, const kam_field *f)
{
    char a = affinity(p, f);
    int bare = f->type == KAM_T_TEXT ? a == 'T' : a == 'I' || a == 'N' || a == 'R';
    if (bare) sqlite3_str_appendf(p->sql, "t.\"%w\"", f->column);
    else sqlite3_str_appendf(p->sql, "CAST(t.\"%w\" AS %s)", f->column, f->type == KAM_T_TEXT ? "TEXT" : "NUMERIC");
    if (f->type == KAM_T_TEXT) sqlite3_str_appendall(p->sql, " COLLATE BINARY");
}

static const char *const OPERATOR[] = {"", "=", "<", "<=", ">", ">="};

static void in_list(plan *p, uint32_t width)
{
    for (uint32_t i = 0; i < width; i++) sqlite3_str_appendf(p->sql, i ? ",?%d" : "?%d", p->n + (int)i);
    sqlite3_str_appendall(p->sql, ")");
}

static void pred_sql(plan *p, const kam_pred *pr)
{
    const kam_field *f = kam__sq_field(p->q->table, pr->field);
    if ((pr->op == KAM_OP_EQ || pr->op == KAM_OP_IN) && f->type == KAM_T_TEXT && affinity(p, f) == 'I') {
        /* A numeric key told as text: let its index help first. */
        sqlite3_str_appendf(p->sql, "t.\"%w\" IN (", f->column);
        in_list(p, pr->op == KAM_OP_IN ? in_width(pr->narg) : 1);
        sqlite3_str_appendall(p->sql, " AND ");
    }
    expr(p, f);
    if (pr->op == KAM_OP_NULL) sqlite3_str_appendall(p->sql, " IS NULL");
    else if (pr->op == KAM_OP_IN) {
        sqlite3_str_appendall(p->sql, " IN (");
        in_list(p, in_width(pr->narg));
        p->n += (int)in_width(pr->narg);
    } else if (pr->op == KAM_OP_PREFIX) {
        sqlite3_str_appendf(p->sql, " >= ?%d AND ", p->n);
        expr(p, f);
        sqlite3_str_appendf(p->sql, " < ?%d", p->n + 1);
        p->n += 2;
    } else sqlite3_str_appendf(p->sql, " %s ?%d", OPERATOR[pr->op], p->n++);
}

/* Rows behind (o1, o2, key): o1 > v1 OR o1 = v1 AND (o2 > v2 OR o2 = v2 AND (key > k)); NULL is behind every value. */
static void after_sql(plan *p)
{
    const char *cmp = p->q->flags & 1 ? "<" : ">";
    for (uint32_t i = 0; i < p->q->norder; i++) {
        const kam_field *f = kam__sq_field(p->q->table, p->q->order[i]);
        if (kam__sq_is_null(kam__sq_col(p->q->after, f->id), 0)) {
            sqlite3_str_appendall(p->sql, "(");
            expr(p, f);
            sqlite3_str_appendall(p->sql, " IS NULL AND (");
            continue;
        }
        if (i == 0) { expr(p, f); sqlite3_str_appendf(p->sql, " %s= ?%d AND ", cmp, p->n); }
        sqlite3_str_appendall(p->sql, "(");
        expr(p, f);
        sqlite3_str_appendf(p->sql, " %s ?%d OR ", cmp, p->n);
        if (i > 0) { expr(p, f); sqlite3_str_appendall(p->sql, " IS NULL OR "); }
        expr(p, f);
        sqlite3_str_appendf(p->sql, " = ?%d AND (", p->n++);
    }
    expr(p, &p->q->table->field[0]);
    sqlite3_str_appendf(p->sql, " %s ?%d", cmp, p->n++);
    for (uint32_t i = 0; i < p->q->norder; i++) sqlite3_str_appendall(p->sql, "))");
}

static void where_sql(plan *p)
{
    const char *glue = " WHERE ";
    for (uint32_t i = 0; i < p->q->npred; i++) {
        if (!handled(p, i)) continue;
        sqlite3_str_appendall(p->sql, glue);
        pred_sql(p, &p->q->pred[i]);
        glue = " AND ";
    }
    if (!continues(p) && p->phase != NULLS) return;
    sqlite3_str_appendall(p->sql, glue);
    if (p->phase != NULLS) { after_sql(p); return; }
    expr(p, kam__sq_field(p->q->table, p->q->order[0]));
    sqlite3_str_appendall(p->sql, " IS NULL");
}

static void order_sql(plan *p)
{
    const char *down = p->q->flags & 1 ? " DESC" : "";
    sqlite3_str_appendall(p->sql, " ORDER BY ");
    for (uint32_t i = 0; i < p->q->norder; i++) {
        expr(p, kam__sq_field(p->q->table, p->q->order[i]));
        sqlite3_str_appendf(p->sql, "%s%s, ", down, i == 0 && p->phase != PLAIN ? "" : " NULLS LAST");
    }
    expr(p, &p->q->table->field[0]);
    sqlite3_str_appendall(p->sql, down);
}

/* The key comes last, for messages. */
static sqlite3_str *select_sql(plan *p)
{
    const kam_table *t = p->q->table;
    p->n = 1;
    p->sql = sqlite3_str_new(p->s->db);
    sqlite3_str_appendall(p->sql, "SELECT ");
    for (uint32_t i = 0; i < p->q->nfield; i++)
        sqlite3_str_appendf(p->sql, "t.\"%w\", ", kam__sq_field(t, p->q->field[i])->column);
    sqlite3_str_appendf(p->sql, "t.\"%w\" FROM \"%w\" AS t", t->field[0].column, t->relation);
    where_sql(p);
    if (handled(p, 63)) order_sql(p);
    if (p->limit) sqlite3_str_appendf(p->sql, " LIMIT ?%d", p->n);
    return p->sql;
}

static void signature(const plan *p)
{
    const kam_table_scan *q = p->q;
    kam__sq_key(p->s, KAM__SQ_SCAN, q->table);
    kam__sq_word(p->s, (uint32_t)(p->phase << 3 | p->limit << 2 | continues(p) << 1 | handled(p, 63)));
    kam__sq_word(p->s, q->flags & 1);
    kam__sq_word(p->s, q->nfield);
    for (uint32_t i = 0; i < q->nfield; i++) kam__sq_word(p->s, q->field[i]);
    for (uint32_t i = 0; i < q->npred; i++) {
        if (!handled(p, i)) continue;
        kam__sq_word(p->s, q->pred[i].field);
        kam__sq_word(p->s, q->pred[i].op == KAM_OP_IN ? 16 + in_width(q->pred[i].narg) : q->pred[i].op);
    }
    kam__sq_word(p->s, 0);
    if (!handled(p, 63)) return;
    for (uint32_t i = 0; i < q->norder; i++) {
        kam__sq_word(p->s, q->order[i]);
        kam__sq_word(p->s, continues(p) && kam__sq_is_null(kam__sq_col(q->after, q->order[i]), 0));
    }
}

/* ---------------------------------------------------------------- parameters */

/* Everything between the prefix and the next text of the same length; UTF-8 has no byte 255, so the last byte can be
 * raised. The empty prefix has no next one: a BLOB is above every text. */
static int bind_prefix(plan *p, sqlite3_stmt *st, const kam_col *arg)
{
    int rc = kam__sq_bind(st, p->n++, arg, 0);
    int at = p->n++, n = arg->off[1] - arg->off[0];
    if (rc || kam__sq_is_null(arg, 0)) return rc;
    if (n == 0) return sqlite3_bind_blob(st, at, "", 0, SQLITE_STATIC);
    char *bound = sqlite3_malloc(n);
    if (!bound) return SQLITE_NOMEM;
    memcpy(bound, (const char *)arg->data + arg->off[0], (size_t)n);
    bound[n - 1] = (char)((unsigned char)bound[n - 1] + 1u);
    return sqlite3_bind_text(st, at, bound, n, sqlite3_free);
}

static int bind_all(plan *p, sqlite3_stmt *st, uint64_t limit)
{
    const kam_table_scan *q = p->q;
    int rc = sqlite3_clear_bindings(st);
    p->n = 1;
    for (uint32_t i = 0; i < q->npred && !rc; i++) {
        const kam_pred *pr = &q->pred[i];
        if (!handled(p, i) || pr->op == KAM_OP_NULL) continue;
        if (pr->op == KAM_OP_PREFIX) rc = bind_prefix(p, st, pr->arg);
        else if (pr->op != KAM_OP_IN) rc = kam__sq_bind(st, p->n++, pr->arg, 0);
        else {
            for (uint32_t k = 0; k < pr->narg && !rc; k++) rc = kam__sq_bind(st, p->n + (int)k, pr->arg, k);
            p->n += (int)in_width(pr->narg);
        }
    }
    for (uint32_t i = 0; continues(p) && i <= q->norder && !rc; i++) {
        const kam_col *c = kam__sq_col(q->after, i < q->norder ? q->order[i] : q->table->field[0].id);
        if (i == q->norder || !kam__sq_is_null(c, 0)) rc = kam__sq_bind(st, p->n++, c, 0);
    }
    return !rc && p->limit ? sqlite3_bind_int64(st, p->n, limit > INT64_MAX ? INT64_MAX : (int64_t)limit) : rc;
}

/* ---------------------------------------------------------------- the scan */

static int32_t check(const plan *p)
{
    const kam_table_scan *q = p->q;
    if (q->npred > 62) return kam__sq_say(p->err, KAM_E_INVAL, q->table, "scan: at most 62 predicates");
    for (uint32_t i = 0; i < q->nfield; i++)
        if (!kam__sq_field(q->table, q->field[i]))
            return kam__sq_say(p->err, KAM_E_INVAL, q->table, "no field %u in table %s", q->field[i], q->table->name);
    for (uint32_t i = 0; q->after && i <= q->norder; i++)
        if (!kam__sq_col(q->after, i < q->norder ? q->order[i] : q->table->field[0].id))
            return kam__sq_say(p->err, KAM_E_INVAL, q->table, "scan: after lacks an order field or the key");
    return KAM_OK;
}

static int32_t one_phase(plan *p, kam__sq_rows *rows, uint64_t limit)
{
    signature(p);
    sqlite3_stmt *st = kam__sq_find(p->s);
    int32_t rc = st ? KAM_OK : kam__sq_keep(p->s, &st, select_sql(p), p->q->table, p->err);
    if (rc) return rc;
    int step = bind_all(p, st, limit);
    if (!step) rc = kam__sq_rows_run(rows, st, &step);
    if (!rc && step != SQLITE_DONE) rc = kam__sq_fail(p->s, p->err, p->q->table);
    sqlite3_reset(st);
    return rc;
}

int32_t kam__sq_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    plan p = {.s = self, .q = q, .err = err};
    kam__sq_rows rows = {.q = q, .fn = fn, .user = user, .err = err};
    q->handled = 0;
    if (p.s->aborted) return kam__sq_say(err, KAM_E_ABORTED, q->table, "an earlier write failed: only ABORT is left");
    int32_t rc = check(&p);
    if (rc) return rc;
    q->handled = decide(&p);
    p.limit = q->limit && q->handled == ((uint64_t)1 << 63 | (((uint64_t)1 << q->npred) - 1));
    if (continues(&p) && q->norder && !kam__sq_is_null(kam__sq_col(q->after, q->order[0]), 0)) p.phase = VALUES;
    rc = kam__sq_rows_start(&rows, p.s->db);
    if (!rc) rc = one_phase(&p, &rows, q->limit);
    if (!rc && p.phase == VALUES && !(p.limit && rows.total >= q->limit)) {
        p.phase = NULLS;
        rc = one_phase(&p, &rows, q->limit - rows.total);
    }
    return kam__sq_rows_end(&rows, rc);
}
