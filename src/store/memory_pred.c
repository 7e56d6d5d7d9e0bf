/*
 * store/memory_pred.c - the conditions of a scan on the rows a snapshot sees.
 *
 * Exact: numbers as numbers, texts byte by byte, a missing value matches "is NULL" only. A long IN list is put in order
 * once, so that a row costs a bisection.
 */
#include "memory_table.h"

#define PRED_SORT 8u                        /* shorter IN lists are walked */

static int memory_number_cmp(const void *a, const void *b, void *arg)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    (void)arg;
    return x < y ? -1 : x > y;
}

static int memory_span_cmp(const void *a, const void *b, void *arg)
{
    const struct memory_span *x = a, *y = b;
    (void)arg;
    return kam__text_cmp(x->text, x->len, y->text, y->len);
}

static int32_t memory_pred_sort(memory_conn *c, memory_pred *p, const kam_col *arg, uint32_t narg)
{
    uint32_t n = 0;
    kam_ctx *ctx = c->m->ctx;
    if (p->type == KAM_T_TEXT) {
        p->span = kam__arena_alloc(&c->arena, narg * sizeof *p->span);
        if (!p->span) return KAM_E_NOMEM;
        for (uint32_t i = 0; i < narg; i++) {
            p->span[n].text = kam__col_text(arg, i, &p->span[n].len);
            n += p->span[n].text != NULL;
        }
        p->narg = n;
        return kam__sort(ctx, p->span, n, sizeof *p->span, memory_span_cmp, NULL, NULL);
    }
    p->number = kam__arena_alloc(&c->arena, narg * sizeof *p->number);
    if (!p->number) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < narg; i++)
        if (!kam__col_null(arg, i)) p->number[n++] = kam__col_i64(arg, i);
    p->narg = n;
    return kam__sort(ctx, p->number, n, sizeof *p->number, memory_number_cmp, NULL, NULL);
}

/* The argument's type fits the column's. */
static int memory_pred_fits(uint32_t type, uint32_t op, const kam_col *arg)
{
    int number = arg->type == KAM_T_I32 || arg->type == KAM_T_I64;
    if (type == KAM_T_TEXT || op == KAM_OP_PREFIX) return type == KAM_T_TEXT && arg->type == KAM_T_TEXT;
    return number || (type == KAM_T_F64 && arg->type == KAM_T_F64);
}

int32_t kam__memory_pred_make(memory_conn *c, const memory_table *t, memory_pred *p, const kam_pred *from,
                              kam_store_err *err)
{
    uint32_t col = kam__memory_col_find(t, from->field, 0);
    if (col == MEMORY_NONE)
        return kam__memory_fail(err, KAM_E_SCHEMA, t->id, from->field, MEMORY_NONE, "%s has no field %u", t->name,
                                (unsigned)from->field);
    *p = (memory_pred){.col = col, .op = from->op, .type = t->col[col].type, .arg = from->arg};
    p->narg = from->op == KAM_OP_IN ? from->narg : 1;
    if (from->op < KAM_OP_EQ || from->op > KAM_OP_NULL)
        return kam__memory_fail(err, KAM_E_INVAL, t->id, from->field, MEMORY_NONE, "there is no condition %u",
                                (unsigned)from->op);
    if (from->op == KAM_OP_NULL || p->narg == 0) return KAM_OK;
    if (!from->arg || !memory_pred_fits(p->type, p->op, from->arg))
        return kam__memory_fail(err, KAM_E_TYPE, t->id, from->field, MEMORY_NONE,
                                "the value compared with field %u of %s is of another type", (unsigned)from->field,
                                t->name);
    if (p->op != KAM_OP_IN || p->narg <= PRED_SORT || p->type == KAM_T_F64) return KAM_OK;
    return memory_pred_sort(c, p, from->arg, p->narg) == KAM_OK ? KAM_OK : kam__memory_nomem(err);
}

/* ---------------------------------------------------------------- matching */

static int memory_in_sorted(const memory_pred *p, int64_t v, const struct memory_span *span)
{
    uint32_t lo = 0, hi = p->narg;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int cmp = span ? memory_span_cmp(p->span + mid, span, NULL) : memory_number_cmp(p->number + mid, &v, NULL);
        if (cmp == 0) return 1;
        if (cmp < 0) lo = mid + 1;
        else hi = mid;
    }
    return 0;
}

/* Compares with one row of the argument; 2 = not comparable. */
static int memory_cmp_text(const memory_pred *p, uint32_t row, const char *text, size_t len)
{
    size_t n;
    const char *arg = kam__col_text(p->arg, row, &n);
    if (!arg) return 2;
    if (p->op == KAM_OP_PREFIX) return len >= n && memcmp(text, arg, n) == 0 ? 0 : 2;
    if ((p->op == KAM_OP_EQ || p->op == KAM_OP_IN) && len != n) return 2;
    int cmp = kam__text_cmp(text, len, arg, n);
    return (cmp > 0) - (cmp < 0);
}

static int memory_cmp_f64(const memory_pred *p, uint32_t row, uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    if (kam__col_null(p->arg, row)) return 2;
    double arg = kam__col_f64(p->arg, row);
    return v < arg ? -1 : v > arg ? 1 : v == arg ? 0 : 2;
}

static int memory_cmp_number(const memory_pred *p, uint32_t row, int64_t v)
{
    if (kam__col_null(p->arg, row)) return 2;
    int64_t arg = kam__col_i64(p->arg, row);
    return v < arg ? -1 : v > arg;
}

/* A value: a number, or a text. */
typedef struct memory_value { uint64_t bits; struct memory_span text; } memory_value;

static int memory_pred_cmp(const memory_pred *p, const memory_value *v, uint32_t row)
{
    if (p->type == KAM_T_TEXT) return memory_cmp_text(p, row, v->text.text, v->text.len);
    return p->type == KAM_T_F64 ? memory_cmp_f64(p, row, v->bits) : memory_cmp_number(p, row, (int64_t)v->bits);
}

static int memory_pred_in(const memory_pred *p, const memory_value *v)
{
    if (p->span) return memory_in_sorted(p, 0, &v->text);
    if (p->number) return memory_in_sorted(p, (int64_t)v->bits, NULL);
    for (uint32_t i = 0; i < p->narg; i++)
        if (memory_pred_cmp(p, v, i) == 0) return 1;
    return 0;
}

static int memory_pred_value(const memory_pred *p, const memory_value *v)
{
    if (p->op == KAM_OP_IN) return memory_pred_in(p, v);
    int cmp = memory_pred_cmp(p, v, 0);
    switch (p->op) {
    case KAM_OP_LT: return cmp == -1;
    case KAM_OP_LE: return cmp == -1 || cmp == 0;
    case KAM_OP_GT: return cmp == 1;
    case KAM_OP_GE: return cmp == 1 || cmp == 0;
    default: return cmp == 0;               /* EQ, PREFIX */
    }
}

int kam__memory_pred_match(const memory_pred *p, const memory_table *t, uint32_t slot, uint64_t snapshot, int head)
{
    const memory_col *c = t->col + p->col;
    memory_value v = {0};
    int has = head ? memory_has(c, slot) : kam__memory_see(t, p->col, slot, snapshot, &v.bits);
    if (p->op == KAM_OP_NULL) return !has;
    if (!has) return 0;
    if (head) v.bits = memory_get(c, slot);
    if (p->type == KAM_T_TEXT) v.text.text = kam__memory_text(t, v.bits, &v.text.len);
    return memory_pred_value(p, &v);
}

int kam__memory_pred_match_col(const memory_pred *p, const kam_col *col, uint32_t row)
{
    memory_value v = {0};
    int has = !kam__col_null(col, row);
    if (p->op == KAM_OP_NULL) return !has;
    if (!has) return 0;
    if (p->type == KAM_T_TEXT) v.text.text = kam__col_text(col, row, &v.text.len);
    else if (p->type == KAM_T_I32) v.bits = (uint64_t)(int64_t)((const int32_t *)col->data)[row];
    else v.bits = ((const uint64_t *)col->data)[row];
    return memory_pred_value(p, &v);
}

#undef PRED_SORT
