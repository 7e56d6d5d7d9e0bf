/*
 * spy.c - a store that writes down each call as one line of text, for comparison with what a test expects.
 *
 * A line holds what the library asked and how much came of it, never a value of a row: such a log may leave the house.
 */
#include "wrap.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kam_spy_store { kam__wrap w; char *log; size_t size, cap; uint32_t lost; };

/* ---------------------------------------------------------------- lines */

typedef struct spy_line { char text[512]; size_t n; } spy_line;

static void spy_add(spy_line *l, const char *fmt, ...)
{
    va_list ap;
    size_t room = sizeof l->text - l->n;
    va_start(ap, fmt);
    int n = vsnprintf(l->text + l->n, room, fmt, ap);
    va_end(ap);
    if (n > 0) l->n += (size_t)n < room ? (size_t)n : room - 1;
}

static void spy_end(kam_spy_store *s, spy_line *l, int32_t rc)
{
    if (rc < 0) spy_add(l, " = %s", kam_code_name(rc));
    if (rc > 0) spy_add(l, " = %d", (int)rc);
    if (s->size + l->n + 2 > s->cap) {
        size_t cap = (s->size + l->n + 2) * 2;
        char *log = realloc(s->log, cap);
        if (!log) {
            s->lost++;
            return;
        }
        s->log = log;
        s->cap = cap;
    }
    memcpy(s->log + s->size, l->text, l->n);
    s->size += l->n;
    s->log[s->size++] = '\n';
    s->log[s->size] = '\0';
}

static const char *spy_field(const kam_table *t, uint32_t id)
{
    for (uint32_t i = 0; i < t->nfield; i++)
        if (t->field[i].id == id) return t->field[i].name;
    return "?";
}

static const char *spy_rows(uint64_t n)
{
    return n == 1 ? "row" : "rows";
}

/* ---------------------------------------------------------------- calls */

static int32_t spy_begin(void *self, uint32_t flags, kam_store_err *err)
{
    kam_spy_store *s = self;
    spy_line l = {.n = 0};
    int32_t rc = s->w.inner.begin(s->w.self, flags, err);
    spy_add(&l, "begin %s", flags == KAM_BEGIN_READ ? "read" : flags == KAM_BEGIN_WRITE ? "write" : "?");
    spy_end(s, &l, rc);
    return rc;
}

static int32_t spy_end_call(void *self, uint32_t how, kam_store_err *err)
{
    static const char *const name[] = {"?", "commit", "lazy", "abort"};
    kam_spy_store *s = self;
    spy_line l = {.n = 0};
    int32_t rc = s->w.inner.end(s->w.self, how, err);
    spy_add(&l, "end %s", name[how <= KAM_END_ABORT ? how : 0]);
    spy_end(s, &l, rc);
    return rc;
}

static void spy_question(spy_line *l, const kam_table_scan *q)
{
    static const char *const op[] = {"?", "eq", "lt", "le", "gt", "ge", "in", "prefix", "null"};
    spy_add(l, "scan %s", q->table->name);
    for (uint32_t i = 0; i < q->npred; i++) {
        const kam_pred *p = q->pred + i;
        spy_add(l, "%s %s %s", i ? "," : "", spy_field(q->table, p->field), op[p->op <= KAM_OP_NULL ? p->op : 0]);
        if (p->op == KAM_OP_IN) spy_add(l, " %u", (unsigned)p->narg);
    }
    for (uint32_t i = 0; i < q->norder; i++) spy_add(l, "%s%s", i ? ", " : " order ", spy_field(q->table, q->order[i]));
    if (q->flags & 1) spy_add(l, " descending");
    if (q->after) spy_add(l, " after");
    if (q->limit) spy_add(l, " limit %llu", (unsigned long long)q->limit);
}

typedef struct spy_count { kam_block_fn fn; void *user; uint64_t rows; } spy_count;

static int32_t spy_block(void *user, const kam_block *rows)
{
    spy_count *c = user;
    c->rows += rows->nrow;
    return c->fn(c->user, rows);
}

static int32_t spy_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    kam_spy_store *s = self;
    spy_line l = {.n = 0};
    spy_count c = {fn, user, 0};
    int32_t rc = s->w.inner.scan(s->w.self, q, spy_block, &c, err);
    spy_question(&l, q);
    spy_add(&l, ": %llu %s", (unsigned long long)c.rows, spy_rows(c.rows));
    spy_end(s, &l, rc);
    return rc;
}

static int32_t spy_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    static const char *const name[] = {"?", "insert", "update", "delete"};
    kam_spy_store *s = self;
    spy_line l = {.n = 0};
    int32_t rc = s->w.inner.write(s->w.self, t, op, rows, err);
    spy_add(&l, "write %s %s %u %s", t->name, name[op <= KAM_WRITE_DELETE ? op : 0], (unsigned)rows->nrow,
            spy_rows(rows->nrow));
    spy_end(s, &l, rc);
    return rc;
}

static int32_t spy_prepare(void *self, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,
                           kam_store_err *err)
{
    static const char *const name[] = {"?", "check", "create", "upgrade"};
    kam_spy_store *s = self;
    spy_line l = {.n = 0};
    int32_t rc = s->w.inner.prepare(s->w.self, t, n, how, fn, user, err);
    spy_add(&l, "prepare %s %u %s", name[how <= KAM_PREPARE_UPGRADE ? how : 0], (unsigned)n,
            n == 1 ? "table" : "tables");
    spy_end(s, &l, rc);
    return rc;
}

static int32_t spy_reserve(void *self, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err)
{
    kam_spy_store *s = self;
    spy_line l = {.n = 0};
    int32_t rc = s->w.inner.reserve(s->w.self, table, n, first, err);
    spy_add(&l, "reserve table %u: %u", (unsigned)table, (unsigned)n);
    spy_end(s, &l, rc);
    return rc;
}

static int32_t spy_control(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err)
{
    static const char *const name[] = {"?", "backup", "compact", "verify", "stats", "purge"};
    kam_spy_store *s = self;
    spy_line l = {.n = 0};
    int32_t rc = s->w.inner.control(s->w.self, op, arg, fn, user, err);
    spy_add(&l, "control %s", name[op <= KAM_CTL_PURGE ? op : 0]);
    spy_end(s, &l, rc);
    return rc;
}

static void spy_close(void *self)
{
    spy_line l = {.n = 0};
    kam__wrap_close(self);
    spy_add(&l, "close");
    spy_end(self, &l, KAM_OK);
}

/* ---------------------------------------------------------------- public */

int32_t kam_spy_store_new(kam_spy_store **out, const kam_store_vt *vt, void *self)
{
    const kam_store_vt ours = {sizeof ours, KAM_STORE_ABI, spy_begin,   spy_end_call, spy_scan,
                               spy_write,   spy_prepare,   spy_reserve, spy_control,  spy_close};
    void *p;
    if (!out) return KAM_E_INVAL;
    int32_t rc = kam__wrap_new(&p, sizeof **out, &ours, vt, self);
    if (rc == KAM_OK) *out = p;
    return rc;
}

const kam_store_vt *kam_spy_store_vt(const kam_spy_store *spy)
{
    return &spy->w.vt;
}

void *kam_spy_store_self(kam_spy_store *spy)
{
    return spy;
}

const char *kam_spy_store_log(const kam_spy_store *spy)
{
    return spy->log ? spy->log : "";
}

uint32_t kam_spy_store_lost(const kam_spy_store *spy)
{
    return spy->lost;
}

void kam_spy_store_clear(kam_spy_store *spy)
{
    spy->size = 0;
    spy->lost = 0;
    if (spy->log) spy->log[0] = '\0';
}

void kam_spy_store_free(kam_spy_store *spy)
{
    if (spy) free(spy->log);
    free(spy);
}
