/*
 * store/pred.c - predicates: building them, and deciding what a store left undecided.
 *
 * A predicate's argument is a column of one row (several for IN). A missing value matches only KAM_OP_NULL.
 */
#include "store.h"

void kam__pred_i64(kam_pred *p, kam__pred *mem, const kam__field *field, uint32_t op, int64_t value)
{
    memset(mem, 0, sizeof *mem);
    mem->col.field = field->id;
    mem->col.type = field->type;
    mem->col.data = &mem->v;
    if (field->type == KAM_T_I32) mem->v.i32 = (int32_t)value;
    else if (field->type == KAM_T_F64) mem->v.f64 = (double)value;
    else mem->v.i64 = value;
    *p = (kam_pred){ .field = field->id, .op = op, .arg = &mem->col, .narg = 1 };
}

void kam__pred_text(kam_pred *p, kam__pred *mem, const kam__field *field, uint32_t op, const char *text, size_t len)
{
    memset(mem, 0, sizeof *mem);
    mem->col.field = field->id;
    mem->col.type = KAM_T_TEXT;
    mem->col.data = text;
    mem->off[1] = (int32_t)len;
    mem->col.off = mem->off;
    *p = (kam_pred){ .field = field->id, .op = op, .arg = &mem->col, .narg = 1 };
}

void kam__pred_null(kam_pred *p, const kam__field *field)
{
    *p = (kam_pred){ .field = field->id, .op = KAM_OP_NULL };
}

static int sign_i64(int64_t a, int64_t b) { return (a > b) - (a < b); }
static int sign_f64(double a, double b) { return (a > b) - (a < b); }

static int pred_compare(const kam_col *a, uint32_t arow, const kam_col *b, uint32_t brow)
{
    if (a->type == KAM_T_F64) return sign_f64(kam__col_f64(a, arow), kam__col_f64(b, brow));
    if (a->type != KAM_T_TEXT) return sign_i64(kam__col_i64(a, arow), kam__col_i64(b, brow));
    size_t alen = 0, blen = 0;
    const char *at = kam__col_text(a, arow, &alen), *bt = kam__col_text(b, brow, &blen);
    return kam__text_cmp(at, alen, bt, blen);
}

static int starts_with(const kam_col *col, uint32_t row, const kam_col *arg)
{
    size_t len = 0, plen = 0;
    const char *text = kam__col_text(col, row, &len), *prefix = kam__col_text(arg, 0, &plen);
    return plen <= len && memcmp(text, prefix, plen) == 0;
}

static int in_list(const kam_pred *p, const kam_col *col, uint32_t row)
{
    for (uint32_t i = 0; i < p->narg; i++)
        if (pred_compare(col, row, p->arg, i) == 0) return 1;
    return 0;
}

int kam__pred_match(const kam_pred *p, const kam_col *col, uint32_t row)
{
    int null = !col || kam__col_null(col, row);
    if (p->op == KAM_OP_NULL) return null;
    if (null) return 0;
    switch (p->op) {
    case KAM_OP_EQ: return pred_compare(col, row, p->arg, 0) == 0;
    case KAM_OP_LT: return pred_compare(col, row, p->arg, 0) < 0;
    case KAM_OP_LE: return pred_compare(col, row, p->arg, 0) <= 0;
    case KAM_OP_GT: return pred_compare(col, row, p->arg, 0) > 0;
    case KAM_OP_GE: return pred_compare(col, row, p->arg, 0) >= 0;
    case KAM_OP_IN: return in_list(p, col, row);
    case KAM_OP_PREFIX: return starts_with(col, row, p->arg);
    default: return 0;
    }
}
