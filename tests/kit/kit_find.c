/*
 * kit_find.c - scans of the store under test. What the store says it left out (conditions, order, limit) is done here
 * as the library does it, so a store that leaves out everything passes; what it says it did is taken as it comes.
 */
#include "kit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- taking blocks apart */

typedef struct kit_take { kit *k; kit_found *out; const kam_table_scan *q; uint32_t table; } kit_take;

static uint32_t kit_col_of(uint32_t table, uint32_t field)
{
    const kam_table *t = kam__kit_table + table;
    for (uint32_t i = 0; i < t->nfield; i++)
        if (t->field[i].id == field) return table == KIT_OTHER && i == 2 ? C_AMOUNT : i;
    return C_ALL;
}

static char *kit_copy(const kam_col *c, uint32_t row)
{
    size_t len = (size_t)(c->off[row + 1] - c->off[row]);
    char *text = malloc(len + 1);
    if (!text) return NULL;
    if (len) memcpy(text, (const char *)c->data + c->off[row], len);
    text[len] = '\0';
    return text;
}

static void kit_take_text(kit_row *r, uint32_t col, const kam_col *c, uint32_t row)
{
    const char *text = kit_copy(c, row);
    if (!text) return;
    *(col == C_SOURCE ? &r->source : col == C_EXT ? &r->ext : col == C_NAME ? &r->name : &r->note) = text;
}

static void kit_take_value(kit_row *r, uint32_t col, const kam_col *c, uint32_t row)
{
    if (c->valid && !(c->valid[row >> 3] >> (row & 7) & 1)) return;
    r->has |= C_BIT(col);
    if (c->type == KAM_T_TEXT) kit_take_text(r, col, c, row);
    else if (col == C_RATIO) r->ratio = ((const double *)c->data)[row];
    else if (col == C_DAY) r->day = ((const int32_t *)c->data)[row];
    else *(col == C_ID ? &r->id : col == C_REV ? &r->rev : &r->amount) = ((const int64_t *)c->data)[row];
}

static int32_t kit_take_block(void *user, const kam_block *b)
{
    kit_take *t = user;
    kit_found *f = t->out;
    if (f->calls++ == 0) f->handled_first = t->q->handled;
    if (b->nrow > f->largest) f->largest = b->nrow;
    f->empty += b->nrow == 0;
    if (f->n + b->nrow > f->cap) {
        uint32_t cap = (f->n + b->nrow) * 2;
        kit_row *row = realloc(f->row, cap * sizeof *row);
        if (!row) return KAM_E_NOMEM;
        f->row = row;
        f->cap = cap;
    }
    for (uint32_t i = 0; i < b->nrow; i++) {
        kit_row *r = f->row + f->n++;
        memset(r, 0, sizeof *r);
        for (uint32_t k = 0; k < b->ncol; k++) {
            uint32_t col = kit_col_of(t->table, b->col[k].field);
            if (col < C_ALL) kit_take_value(r, col, b->col + k, i);
        }
    }
    return f->stop_at && f->calls == f->stop_at ? 7 : 0;
}

static void kit_row_free(kit_row *r)
{
    free((void *)(uintptr_t)r->source);
    free((void *)(uintptr_t)r->ext);
    free((void *)(uintptr_t)r->name);
    free((void *)(uintptr_t)r->note);
}

void kam__kit_free(kit_found *f)
{
    for (uint32_t i = 0; i < f->n; i++) kit_row_free(f->row + i);
    free(f->row);
    memset(f, 0, sizeof *f);
}

/* ---------------------------------------------------------------- what the store leaves out */

static const char *kit_row_text(const kit_row *r, uint32_t col)
{
    return col == C_SOURCE ? r->source : col == C_EXT ? r->ext : col == C_NAME ? r->name : r->note;
}

static int64_t kit_row_number(const kit_row *r, uint32_t col)
{
    return col == C_ID ? r->id : col == C_REV ? r->rev : col == C_DAY ? r->day : r->amount;
}

static int kit_bytes_cmp(const char *a, const char *b)
{
    size_t x = strlen(a), y = strlen(b), n = x < y ? x : y;
    int d = memcmp(a, b, n);
    return d ? d : (x > y) - (x < y);
}

static int kit_pred_cmp(const kit_pred *p, uint32_t i, const kit_row *r)
{
    if (p->text) return kit_bytes_cmp(kit_row_text(r, p->col), p->text[i]);
    if (p->ratio) return (r->ratio > p->ratio[i]) - (r->ratio < p->ratio[i]);
    int64_t v = kit_row_number(r, p->col);
    return (v > p->number[i]) - (v < p->number[i]);
}

static int kit_match(const kit_pred *p, const kit_row *r)
{
    int has = p->col == C_ID || (r->has & C_BIT(p->col)), cmp;
    if (p->op == KAM_OP_NULL) return !has;
    if (!has) return 0;
    if (p->op == KAM_OP_PREFIX) return strncmp(kit_row_text(r, p->col), p->text[0], strlen(p->text[0])) == 0;
    for (uint32_t i = 0; p->op == KAM_OP_IN && i < p->n; i++)
        if (kit_pred_cmp(p, i, r) == 0) return 1;
    if (p->op == KAM_OP_IN) return 0;
    cmp = kit_pred_cmp(p, 0, r);
    switch (p->op) {
    case KAM_OP_LT: return cmp < 0;
    case KAM_OP_LE: return cmp <= 0;
    case KAM_OP_GT: return cmp > 0;
    case KAM_OP_GE: return cmp >= 0;
    default: return cmp == 0;
    }
}

static int kit_order_cmp(const kit_query *q, const kit_row *a, const kit_row *b)
{
    for (uint32_t i = 0; i <= q->norder; i++) {
        uint32_t col = i < q->norder ? q->order[i] : C_ID;
        int x = col == C_ID || (a->has & C_BIT(col)) != 0, y = col == C_ID || (b->has & C_BIT(col)) != 0;
        if (x != y) return x ? -1 : 1;
        int64_t v = kit_row_number(a, col), w = kit_row_number(b, col);
        if (x && v != w) return (v < w) == !q->desc ? -1 : 1;
    }
    return 0;
}

static int kit_rows_sort(const kit_query *q, kit_row *row, kit_row *help, uint32_t n)
{
    if (n < 2) return 1;
    uint32_t half = n / 2, a = 0, b = half, to = 0;
    kit_rows_sort(q, row, help, half);
    kit_rows_sort(q, row + half, help, n - half);
    while (a < half || b < n) {
        int left = b == n || (a < half && kit_order_cmp(q, row + a, row + b) <= 0);
        help[to++] = left ? row[a++] : row[b++];
    }
    memcpy(row, help, n * sizeof *row);
    return 1;
}

/* Keeps the rows for which keep() says so. */
static void kit_drop(kit_found *f, uint32_t i)
{
    kit_row_free(f->row + i);
    memset(f->row + i, 0, sizeof f->row[i]);
}

static void kit_finish(kit *k, const kit_query *q, kit_found *f)
{
    uint32_t n = 0, sorted = (uint32_t)(f->handled >> 63);
    for (uint32_t i = 0; i < f->n; i++) {
        int keep = 1;
        for (uint32_t p = 0; p < q->npred && keep; p++)
            if (!(f->handled >> p & 1)) keep = kit_match(q->pred + p, f->row + i);
        if (keep && !sorted && q->after) keep = kit_order_cmp(q, f->row + i, q->after) > 0;
        if (!keep) kit_drop(f, i);
        else if (i != n++) {
            f->row[n - 1] = f->row[i];
            memset(f->row + i, 0, sizeof f->row[i]);
        }
    }
    f->n = n;
    if (!sorted && n) {
        kit_row *help = malloc(n * sizeof *help);
        if (help) kit_rows_sort(q, f->row, help, n);
        else kam__kit_fail(k, "out of memory");
        free(help);
    }
    if (!q->limit || kam__kit_handles_all(q, f->handled)) return;
    while (f->n > q->limit) kit_drop(f, --f->n);
}

int kam__kit_handles_all(const kit_query *q, uint64_t handled)
{
    uint64_t all = (q->npred ? ~(uint64_t)0 >> (64 - q->npred) : 0) | (uint64_t)1 << 63;
    return (handled & all) == all;
}

/* ---------------------------------------------------------------- the call */

typedef struct kit_args {
    kam_table_scan q;
    uint32_t field[C_ALL], order[3];
    kam_pred pred[3];
    kam_col arg[3], after_col[4];
    kam_block after;
    void *hold[3];
    int64_t after_i64[4];
    int32_t after_i32[4];
    unsigned char after_valid[4];
} kit_args;

static const kam_field *kit_field_of(uint32_t table, uint32_t col)
{
    const kam_table *t = kam__kit_table + table;
    if (table == KIT_ITEM) return t->field + col;
    return col == C_AMOUNT ? t->field + 2 : t->field + col;
}

/* The values of one condition in one allocation; 0 = out of memory. */
static int kit_arg(kit_args *a, uint32_t i, const kit_pred *p, const kam_field *f)
{
    size_t size = 16;
    for (uint32_t v = 0; v < p->n; v++) size += 12 + (p->text ? strlen(p->text[v]) : 0);
    char *mem = a->hold[i] = calloc(1, size);
    if (!mem) return 0;
    int32_t *off = (int32_t *)(void *)mem;
    char *text = mem + (p->n + 1) * sizeof *off;
    for (uint32_t v = 0; v < p->n; v++) {
        if (p->text) {
            size_t len = strlen(p->text[v]);
            memcpy(text + off[v], p->text[v], len);
            off[v + 1] = off[v] + (int32_t)len;
        } else if (f->type == KAM_T_I32) {
            off[v] = (int32_t)p->number[v];
        } else {
            memcpy(mem + v * 8u, f->type == KAM_T_F64 ? (const void *)(p->ratio + v) : (const void *)(p->number + v),
                   8);
        }
    }
    a->arg[i].field = f->id;
    a->arg[i].type = f->type;
    a->arg[i].data = p->text ? text : mem;
    a->arg[i].off = p->text ? off : NULL;
    return 1;
}

static void kit_after(kit_args *a, const kit_query *q)
{
    for (uint32_t i = 0; i <= q->norder; i++) {
        uint32_t col = i < q->norder ? q->order[i] : C_ID;
        const kam_field *f = kit_field_of(q->table, col);
        a->after_i64[i] = kit_row_number(q->after, col);
        a->after_i32[i] = (int32_t)a->after_i64[i];
        a->after_valid[i] = col == C_ID || (q->after->has & C_BIT(col));
        a->after_col[i].field = f->id;
        a->after_col[i].type = f->type;
        a->after_col[i].data =
            f->type == KAM_T_I32 ? (const void *)(a->after_i32 + i) : (const void *)(a->after_i64 + i);
        a->after_col[i].valid = a->after_valid + i;
    }
    a->after.struct_size = sizeof a->after;
    a->after.nrow = 1;
    a->after.ncol = q->norder + 1;
    a->after.col = a->after_col;
    a->q.after = &a->after;
}

static int kit_args_make(kit_args *a, const kit_query *q)
{
    const kam_table *t = kam__kit_table + q->table;
    memset(a, 0, sizeof *a);
    a->q = (kam_table_scan){.struct_size = sizeof a->q,
                            .flags = q->desc,
                            .table = t,
                            .field = a->field,
                            .pred = a->pred,
                            .order = a->order,
                            .npred = q->npred,
                            .norder = q->norder,
                            .block_rows = q->block_rows ? q->block_rows : 1024,
                            .limit = q->limit,
                            .handled = q->handled};
    for (uint32_t i = 0; i < t->nfield; i++)
        if (!q->project || q->project & C_BIT(kit_col_of(q->table, t->field[i].id)))
            a->field[a->q.nfield++] = t->field[i].id;
    for (uint32_t i = 0; i < q->norder; i++) a->order[i] = kit_field_of(q->table, q->order[i])->id;
    for (uint32_t i = 0; i < q->npred; i++) {
        const kam_field *f = kit_field_of(q->table, q->pred[i].col);
        if (!kit_arg(a, i, q->pred + i, f)) return 0;
        a->pred[i] =
            (kam_pred){f->id, q->pred[i].op, q->pred[i].op == KAM_OP_NULL ? NULL : a->arg + i, q->pred[i].n, 0};
    }
    if (q->after) kit_after(a, q);
    return 1;
}

int32_t kam__kit_find_rc(kit *k, const kit_query *q, kit_found *out)
{
    kit_args a;
    uint32_t stop = out->stop_at;
    int32_t rc = KAM_E_NOMEM;
    memset(out, 0, sizeof *out);
    out->stop_at = stop;
    if (kit_args_make(&a, q)) {
        kit_take take = {k, out, &a.q, q->table};
        rc = k->vt->scan(k->self, &a.q, kit_take_block, &take, &k->err);
        out->handled = a.q.handled;
    }
    for (uint32_t i = 0; i < 3; i++) free(a.hold[i]);
    if (rc == 0) kit_finish(k, q, out);
    return rc;
}

void kam__kit_find(kit *k, const kit_query *q, kit_found *out)
{
    int own = !k->txn;
    memset(out, 0, sizeof *out);
    if (k->failed || k->skipped) return;
    if (own) kam__kit_begin(k, KAM_BEGIN_READ);
    int32_t rc = k->failed ? KAM_OK : kam__kit_find_rc(k, q, out);
    if (rc) kam__kit_fail(k, "scan answered %s: %.120s", kam_code_name(rc), k->err.msg);
    if (own) kam__kit_end(k, KAM_END_COMMIT);
}

void kam__kit_ids(kit *k, const kit_query *q, int set, const char *want, const char *what)
{
    kit_found f;
    char text[160] = "";
    size_t at = 0;
    const kit_query by_id = {0};
    kam__kit_find(k, q, &f);
    kit_row *help = f.n ? malloc(f.n * sizeof *help) : NULL;
    if (set && help) kit_rows_sort(&by_id, f.row, help, f.n);
    for (uint32_t i = 0; i < f.n && at < sizeof text - 24; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%lld", i ? " " : "", (long long)f.row[i].id);
    if (strcmp(text, want) != 0) kam__kit_fail(k, "%s: rows [%.80s], must be [%.80s]", what, text, want);
    free(help);
    kam__kit_free(&f);
}

static size_t kit_value_text(char *to, size_t size, const kit_row *r, uint32_t col)
{
    int n;
    if (!(r->has & C_BIT(col))) n = snprintf(to, size, "-");
    else if (col == C_RATIO) n = snprintf(to, size, "%.17g", r->ratio);
    else if (col == C_ID || col == C_REV || col == C_DAY || col == C_AMOUNT)
        n = snprintf(to, size, "%lld", (long long)kit_row_number(r, col));
    else n = snprintf(to, size, "%.30s", kit_row_text(r, col));
    return n > 0 && (size_t)n < size ? (size_t)n : size - 1;
}

void kam__kit_values(kit *k, uint32_t col, const char *want, const char *what)
{
    const kit_query q = {0};
    kit_found f;
    char text[200] = "";
    size_t at = 0;
    kam__kit_find(k, &q, &f);
    kit_row *help = f.n ? malloc(f.n * sizeof *help) : NULL;
    if (help) kit_rows_sort(&q, f.row, help, f.n);
    for (uint32_t i = 0; i < f.n && at + 1 < sizeof text; i++) {
        if (i) text[at++] = ' ';
        at += kit_value_text(text + at, sizeof text - at, f.row + i, col);
    }
    if (strcmp(text, want) != 0) kam__kit_fail(k, "%s: values [%.80s], must be [%.80s]", what, text, want);
    free(help);
    kam__kit_free(&f);
}
