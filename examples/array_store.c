/*
 * array_store.c - a store of one's own: tables are arrays of rows, sorted by key.
 *
 * A row never changes: an update makes a new one. What a transaction replaces goes to a journal, so that to commit is
 * to free the old rows and to roll back is to put them back. Conditions, order and limits are left to the library
 * (`handled` stays 0): that is allowed, and slow for large tables. One connection only. It passes the conformance kit
 * of libkam-test: 04_storage.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "array_store.h"

typedef struct { uint32_t field; uint8_t type; uint32_t len; union { int64_t i; double f; const char *text; } v; } cell;
typedef struct { int64_t key; uint32_t n; cell c[]; } row;          /* one piece of memory, texts behind the cells */
typedef struct { char name[64]; uint32_t nfield, nrow, cap; uint32_t field[512]; uint8_t type[512]; row **row; } table;
typedef struct { table *t; row *old, *now; } change;
enum { IDLE, READING, WRITING, FAILED, NTABLE = 256 };
typedef struct { int state; uint32_t ntable, njournal, cap; table *t[NTABLE]; change *journal; } store;

static int32_t fail(kam_store_err *err, int32_t code, uint32_t at, const char *what)
{
    if (err) {
        err->code = code;
        err->row = at;
        snprintf(err->msg, sizeof err->msg, "%s", what);
    }
    return code;
}

static int32_t no_memory(kam_store_err *err) { return fail(err, KAM_E_NOMEM, 0, "out of memory"); }

/* ---------------------------------------------------------------- tables and rows */

static table *table_of(const store *s, const kam_table *t)
{
    for (uint32_t i = 0; i < s->ntable; i++)
        if (strcmp(s->t[i]->name, t->relation) == 0) return s->t[i];
    return NULL;
}

static uint32_t place(const table *t, int64_t key)                      /* the first row not below the key */
{
    uint32_t low = 0, high = t->nrow;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (t->row[mid]->key < key) low = mid + 1; else high = mid;
    }
    return low;
}

static row *row_of(const table *t, int64_t key)
{
    uint32_t at = place(t, key);
    return at < t->nrow && t->row[at]->key == key ? t->row[at] : NULL;
}

static int put(table *t, int64_t key, row *now)                         /* NULL = take out; 0 = no memory */
{
    uint32_t at = place(t, key);
    int there = at < t->nrow && t->row[at]->key == key;
    if (now && !there && t->nrow == t->cap) {
        row **more = realloc(t->row, (t->cap + 64) * 2 * sizeof *more);
        if (!more) return 0;
        t->row = more;
        t->cap = (t->cap + 64) * 2;
    }
    if (now && !there) memmove(t->row + at + 1, t->row + at, (t->nrow++ - at) * sizeof *t->row);
    if (!now && there) memmove(t->row + at, t->row + at + 1, (--t->nrow - at) * sizeof *t->row);
    if (now) t->row[at] = now;
    return 1;
}

static const cell *cell_of(const row *r, uint32_t field)
{
    for (uint32_t i = 0; r && i < r->n; i++)
        if (r->c[i].field == field) return &r->c[i];
    return NULL;
}

static cell from_block(const kam_col *c, uint32_t at)                   /* type 0 = no value */
{
    cell out = {.field = c->field};
    if (c->valid && !(c->valid[at >> 3] >> (at & 7) & 1)) return out;
    out.type = c->type;
    if (c->type == KAM_T_I32) out.v.i = ((const int32_t *)c->data)[at];
    if (c->type == KAM_T_I64) out.v.i = ((const int64_t *)c->data)[at];
    if (c->type == KAM_T_F64) out.v.f = ((const double *)c->data)[at];
    if (c->type == KAM_T_TEXT) {
        out.v.text = (const char *)c->data + c->off[at];
        out.len = (uint32_t)(c->off[at + 1] - c->off[at]);
    }
    return out;
}

static row *copy(int64_t key, const cell *c, uint32_t n)
{
    size_t size = sizeof(row) + n * sizeof *c, text = size;
    for (uint32_t i = 0; i < n; i++) size += c[i].len;
    row *r = malloc(size);
    if (!r) return NULL;
    r->key = key;
    r->n = n;
    for (uint32_t i = 0; i < n; i++) {
        r->c[i] = c[i];
        if (c[i].type != KAM_T_TEXT) continue;
        r->c[i].v.text = memcpy((char *)r + text, c[i].v.text, c[i].len);
        text += c[i].len;
    }
    return r;
}

/* The block's columns, and of an updated row those the block does not have. */
static row *merged(const row *old, const kam_block *b, uint32_t at, int64_t key)
{
    cell c[1024];
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->ncol; i++) {
        c[n] = from_block(&b->col[i], at);
        n += c[n].type != 0;
    }
    for (uint32_t i = 0; old && i < old->n; i++) {
        uint32_t k = 0;
        while (k < b->ncol && b->col[k].field != old->c[i].field) k++;
        if (k == b->ncol) c[n++] = old->c[i];
    }
    return copy(key, c, n);
}

/* ---------------------------------------------------------------- transactions */

static int32_t my_begin(void *self, uint32_t how, kam_store_err *err)
{
    store *s = self;
    if (s->state != IDLE) return fail(err, KAM_E_INVAL, 0, "a transaction is open");
    s->state = how == KAM_BEGIN_WRITE ? WRITING : READING;
    return KAM_OK;
}

static int32_t my_end(void *self, uint32_t how, kam_store_err *err)
{
    store *s = self;
    int state = s->state, undo = how == KAM_END_ABORT || state == FAILED;
    if (state == IDLE) return fail(err, KAM_E_INVAL, 0, "no transaction is open");
    while (s->njournal) {                                               /* backwards: a row may have changed twice */
        change *c = &s->journal[--s->njournal];
        if (undo) put(c->t, (c->old ? c->old : c->now)->key, c->old);   /* needs no memory: the array was as long */
        free(undo ? c->now : c->old);
    }
    s->state = IDLE;
    return state == FAILED && how != KAM_END_ABORT ? fail(err, KAM_E_ABORTED, 0, "a write had failed: rolled back")
                                                   : KAM_OK;
}

/* ---------------------------------------------------------------- writing */

static int taken(const table *t, const kam_table *of, const row *now)   /* another row has its unique fields */
{
    uint32_t unique = 0;
    for (uint32_t i = 0; i < of->nfield; i++) {
        if (!(of->field[i].flags & KAM_F_UNIQUE)) continue;
        if (!cell_of(now, of->field[i].id)) return 0;
        unique++;
    }
    for (uint32_t k = 0; unique && k < t->nrow; k++) {
        uint32_t same = 0;
        if (t->row[k]->key == now->key) continue;
        for (uint32_t i = 0; i < of->nfield; i++) {
            if (!(of->field[i].flags & KAM_F_UNIQUE)) continue;
            const cell *a = cell_of(now, of->field[i].id), *b = cell_of(t->row[k], of->field[i].id);
            same += b && a->len == b->len &&
                    (a->type == KAM_T_TEXT ? !memcmp(a->v.text, b->v.text, a->len) : a->v.i == b->v.i);
        }
        if (same == unique) return 1;
    }
    return 0;
}

static int64_t rev_of(const kam_table *of, const row *r)                /* -1 = it has none */
{
    for (uint32_t i = 0; i < of->nfield; i++)
        if (strcmp(of->field[i].name, "rev") == 0) {
            const cell *c = cell_of(r, of->field[i].id);
            return c ? c->v.i : -1;
        }
    return -1;
}

static int32_t write_row(store *s, table *t, const kam_table *of, uint32_t op, const kam_block *b, uint32_t at,
                         kam_store_err *err)
{
    int64_t key = 0;
    for (uint32_t i = 0; i < b->ncol; i++)
        if (b->col[i].field == of->field[0].id) key = from_block(&b->col[i], at).v.i;
    row *old = row_of(t, key), *given = merged(NULL, b, at, key);
    if (!given) return no_memory(err);
    int64_t rev = rev_of(of, given);
    free(given);
    if (op == KAM_WRITE_INSERT && old) return fail(err, KAM_E_EXISTS, at, "the key is taken");
    if (op != KAM_WRITE_INSERT && !old) return fail(err, KAM_E_NOT_FOUND, at, "there is no such row");
    if (op != KAM_WRITE_INSERT && rev >= 0 && rev_of(of, old) != rev - 1)
        return fail(err, KAM_E_CONFLICT, at, "rev is old");
    if (s->njournal == s->cap) {
        change *more = realloc(s->journal, (s->cap + 64) * 2 * sizeof *more);
        if (!more) return no_memory(err);
        s->journal = more;
        s->cap = (s->cap + 64) * 2;
    }
    row *now = op == KAM_WRITE_DELETE ? NULL : merged(old, b, at, key);
    if (op != KAM_WRITE_DELETE && !now) return no_memory(err);
    if (now && taken(t, of, now)) {
        free(now);
        return fail(err, KAM_E_EXISTS, at, "the external id is taken");
    }
    if (!put(t, key, now)) {
        free(now);
        return no_memory(err);
    }
    s->journal[s->njournal++] = (change){t, old, now};
    return KAM_OK;
}

static int32_t my_write(void *self, const kam_table *of, uint32_t op, const kam_block *b, kam_store_err *err)
{
    store *s = self;
    table *t = table_of(s, of);
    int32_t rc = KAM_OK;
    if (s->state == FAILED) return fail(err, KAM_E_ABORTED, 0, "a write failed before: roll back");
    if (s->state != WRITING) return fail(err, KAM_E_INVAL, 0, "no transaction to write in is open");
    if (!t) rc = fail(err, KAM_E_SCHEMA, 0, "there is no such table");
    for (uint32_t i = 0; i < b->nrow && rc == KAM_OK; i++) rc = write_row(s, t, of, op, b, i, err);
    if (rc != KAM_OK) s->state = FAILED;
    if (rc != KAM_OK && err) err->table = of->id;
    return rc;
}

/* ---------------------------------------------------------------- reading: row by row, a block each */

static int32_t give(const row *r, const kam_table_scan *q, kam_block_fn fn, void *user)
{
    static const uint8_t none = 0;
    kam_col col[512];
    int32_t i32[512], off[512][2];
    for (uint32_t i = 0; i < q->nfield; i++) {
        const cell *c = cell_of(r, q->field[i]);
        col[i] = (kam_col){.field = q->field[i], .valid = c ? NULL : &none, .data = "\0\0\0\0\0\0\0", .off = off[i]};
        for (uint32_t f = 0; f < q->table->nfield; f++)
            if (q->table->field[f].id == q->field[i]) col[i].type = q->table->field[f].type;
        off[i][0] = 0;
        off[i][1] = c ? (int32_t)c->len : 0;
        i32[i] = c && col[i].type == KAM_T_I32 ? (int32_t)c->v.i : 0;
        if (col[i].type == KAM_T_I32) col[i].data = &i32[i];
        else if (col[i].type == KAM_T_TEXT) col[i].data = c ? c->v.text : "";
        else if (c) col[i].data = &c->v;
    }
    kam_block b = {.struct_size = sizeof b, .nrow = 1, .ncol = q->nfield, .col = col};
    return fn(user, &b);
}

static int32_t my_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    store *s = self;
    const table *t = table_of(s, q->table);
    int32_t rc = KAM_OK;
    q->handled = 0;
    if (s->state == FAILED) return fail(err, KAM_E_ABORTED, 0, "a write failed before: roll back");
    if (!t) return fail(err, KAM_E_SCHEMA, 0, "there is no such table");
    for (uint32_t i = 0; i < t->nrow && rc == KAM_OK; i++) rc = give(t->row[i], q, fn, user);
    return rc;
}

/* ---------------------------------------------------------------- tables: compare, or make and widen */

static uint32_t missing(const table *t, const kam_table *of) /* the first field that is missing; nfield = none */
{
    uint32_t i = 0;
    for (; i < of->nfield; i++) {
        uint32_t k = 0;
        while (t && k < t->nfield && (t->field[k] != of->field[i].id || t->type[k] != of->field[i].type)) k++;
        if (!t || k == t->nfield) break;
    }
    return i;
}

static int32_t make(store *s, const kam_table *of, int widen, kam_store_err *err)
{
    table *t = table_of(s, of);
    if (t && !widen) return KAM_OK;
    if (!t && (s->ntable == NTABLE || !(t = calloc(1, sizeof *t)))) return no_memory(err);
    if (!t->name[0]) {
        snprintf(t->name, sizeof t->name, "%s", of->relation);
        s->t[s->ntable++] = t;
    }
    for (uint32_t i = missing(t, of); i < of->nfield; i = missing(t, of)) {
        if (t->nfield == 512) return fail(err, KAM_E_LIMIT, 0, "a table has at most 512 fields");
        t->field[t->nfield] = of->field[i].id;
        t->type[t->nfield++] = of->field[i].type;
    }
    return KAM_OK;
}

static int32_t my_prepare(void *self, const kam_table *of, uint32_t n, uint32_t how, kam_report_fn fn, void *user,
                          kam_store_err *err)
{
    store *s = self;
    int32_t rc = KAM_OK;
    int bad = 0;
    for (uint32_t i = 0; i < n && rc == KAM_OK; i++) {
        uint32_t at = missing(table_of(s, &of[i]), &of[i]);
        if (how != KAM_PREPARE_CHECK) rc = make(s, &of[i], how == KAM_PREPARE_UPGRADE, err);
        if (how != KAM_PREPARE_CHECK || at == of[i].nfield) continue;
        kam_store_err finding = {.struct_size = sizeof finding, .code = KAM_E_SCHEMA, .table = of[i].id,
                                 .field = of[i].field[at].id};
        snprintf(finding.msg, sizeof finding.msg, "%s lacks %s", of[i].relation, of[i].field[at].column);
        bad = 1;
        rc = fn ? fn(user, &finding) : KAM_OK;
    }
    return rc == KAM_OK && bad ? fail(err, KAM_E_SCHEMA, 0, "tables are missing or lack fields") : rc;
}

static void my_close(void *self)
{
    store *s = self;
    if (s->state != IDLE) my_end(s, KAM_END_ABORT, NULL);
    for (uint32_t i = 0; i < s->ntable; i++) {
        for (uint32_t k = 0; k < s->t[i]->nrow; k++) free(s->t[i]->row[k]);
        free(s->t[i]->row);
        free(s->t[i]);
    }
    free(s->journal);
    free(s);
}

void *array_store_new(void) { return calloc(1, sizeof(store)); }

const kam_store_vt array_store = {.struct_size = sizeof array_store, .abi = KAM_STORE_ABI, .begin = my_begin,
                                  .end = my_end, .scan = my_scan, .write = my_write, .prepare = my_prepare,
                                  .close = my_close};
