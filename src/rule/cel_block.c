/*
 * rule/cel_block.c - all rows of a block.
 *
 * Where the expression has a vector program (cel_vec.c), that goes first, in chunks; the rows it is not sure of (a
 * missing value, an overflow) and expressions without one go through the row machine. So both ways give the same, bit
 * for bit, by construction where errors are concerned and by the same IEEE operations elsewhere; every NaN that comes
 * out is the same NaN.
 */
#include "cel_vec.h"
#define TRY(call) do { int32_t rc__ = (call); if (rc__ != KAM_OK) return rc__; } while (0)

/* The result column of a work; memory stays from block to block. */
typedef struct cel_column {
    kam_col col;
    void *data; int32_t *off; uint8_t *valid; char *text;
    size_t cap_data, cap_off, cap_valid, cap_text, text_size;
    int any_null;
    kam_buf json;
    void *vec; size_t cap_vec;                      /* memory of the vector program */
} cel_column;

typedef struct cel_rows {
    const kam_rule *rule; kam_work *work; const kam_block *block; cel_column *c; uint32_t row; kam_error *err;
} cel_rows;

void kam__cel_block_free(kam_work *w) {
    cel_column *c = w->block;
    if (!c) return;
    kam__free(w->ctx, c->data);
    kam__free(w->ctx, c->off);
    kam__free(w->ctx, c->valid);
    kam__free(w->ctx, c->text);
    kam__free(w->ctx, c->vec);
    kam__buf_drop(&c->json);
    kam__free(w->ctx, c);
    w->block = NULL;
}

static int32_t cel_column_take(kam_work *w, cel_column **out, kam_error *err) {
    if (!w->block) {
        cel_column *c = kam__zalloc(w->ctx, sizeof *c);
        if (!c) return kam__nomem(err);
        kam__buf_init(&c->json, w->ctx);
        w->block = c;
    }
    *out = w->block;
    return KAM_OK;
}

/* Physical type of the result, and how wide it is. */
static uint8_t cel_column_type(const kam_rule *r) {
    const kam__cel_type *t = r->root->type;
    if (t->kind == KAM__CEL_OPTIONAL && t->n) t = t->arg[0];
    switch (t->kind) {
    case KAM__CEL_DOUBLE: return KAM_T_F64;
    case KAM__CEL_BOOL: return KAM_T_I32;
    case KAM__CEL_INT: case KAM__CEL_TIMESTAMP: case KAM__CEL_DURATION: return KAM_T_I64;
    case KAM__CEL_DECIMAL: return r->scale >= 0 ? KAM_T_I64 : KAM_T_TEXT;       /* each row its own scale: as text */
    default: return KAM_T_TEXT;
    }
}

static int32_t cel_column_start(cel_rows *r, kam_error *err) {
    cel_column *c = r->c;
    kam_ctx *ctx = r->work->ctx;
    size_t n = r->block->nrow;
    memset(&c->col, 0, sizeof c->col);
    c->col.type = cel_column_type(r->rule);
    c->text_size = 0;
    c->any_null = 0;
    size_t width = c->col.type == KAM_T_I32 ? 4 : 8;
    if (c->col.type == KAM_T_TEXT) {
        TRY(kam__grow(ctx, &c->off, &c->cap_off, n + 1, sizeof *c->off, err));
        TRY(kam__grow(ctx, &c->text, &c->cap_text, 64, 1, err));
        c->off[0] = 0;
    } else TRY(kam__grow(ctx, &c->data, &c->cap_data, n * width + 8, 1, err));
    TRY(kam__grow(ctx, &c->valid, &c->cap_valid, n / 8 + 1, 1, err));
    memset(c->valid, 255, n / 8 + 1);
    return KAM_OK;
}

static void cel_column_null(cel_rows *r) {
    cel_column *c = r->c;
    c->valid[r->row / 8] = (uint8_t)(c->valid[r->row / 8] & ~(1u << r->row % 8));
    c->any_null = 1;
    if (c->col.type == KAM_T_I32) ((int32_t *)c->data)[r->row] = 0;
    else if (c->col.type == KAM_T_TEXT) c->off[r->row + 1] = (int32_t)c->text_size;
    else ((int64_t *)c->data)[r->row] = 0;
}

static int32_t cel_column_text(cel_rows *r, const kam__cel *v, kam_error *err) {
    cel_column *c = r->c;
    const char *s = v->v.s;
    size_t n = v->n;
    if (v->t != KAM__CEL_STRING) {
        kam__buf_clear(&c->json);
        TRY(kam__cel_to_json(&c->json, v, err));
        s = kam_buf_data(&c->json);
        n = c->json.size;
    }
    if (n > KAM__BLOCK_TEXT - c->text_size)
        return kam__fail(err, KAM_E_LIMIT, "the results of one block are longer than 8 MiB; use smaller blocks");
    TRY(kam__grow(r->work->ctx, &c->text, &c->cap_text, c->text_size + n, 1, err));
    memcpy(c->text + c->text_size, s, n);
    c->text_size += n;
    c->off[r->row + 1] = (int32_t)c->text_size;
    return KAM_OK;
}

/* One result into its row. */
static int32_t cel_column_put(cel_rows *r, const kam__cel *v, kam_error *err) {
    cel_column *c = r->c;
    int64_t i;
    double f;
    if (v->t == KAM__CEL_OPTIONAL && r->rule->root->type->kind == KAM__CEL_OPTIONAL) {
        kam__cel none = {KAM__CEL_NULL, {0}, 0, {0}};
        v = v->v.list ? v->v.list : &none;
        if (v == &none) { cel_column_null(r); return KAM_OK; }
    }
    if (v->t == KAM__CEL_NULL) { cel_column_null(r); return KAM_OK; }
    if (c->col.type == KAM_T_TEXT) return cel_column_text(r, v, err);
    if (c->col.type == KAM_T_F64 && kam__cel_as_f64(v, &f)) ((double *)c->data)[r->row] = kam__cel_one_nan(f);
    else if (c->col.type == KAM_T_F64 || !kam__cel_as_i64(v, &i))
        return kam__fail(err, KAM_E_TYPE, "the result is %s where %s was found when compiling", kam__cel_tag_name(v),
                         r->rule->type_name);
    else if (c->col.type == KAM_T_I32) ((int32_t *)c->data)[r->row] = (int32_t)i;
    else ((int64_t *)c->data)[r->row] = i;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the row machine over columns */

static int32_t cel_rows_bind(void *user, uint32_t var, kam__cel *out, kam_error *err) {
    const cel_rows *r = user;
    const kam__cel_type *t = r->rule->var[var].type;
    if (var >= r->block->ncol) return KAM_OK;
    const kam_col *c = &r->block->col[var];
    size_t len;
    if (kam__col_null(c, r->row)) return KAM_OK;
    switch (c->type) {
    case KAM_T_F64: *out = kam__cel_double(((const double *)c->data)[r->row]); return KAM_OK;
    case KAM_T_TEXT: {
        const char *s = kam__col_text(c, r->row, &len);
        *out = kam__cel_text(s, len);
        return KAM_OK;
    }
    default:
        *out = kam__cel_int(kam__col_i64(c, r->row));
        if (c->type == KAM_T_I32 && (t->kind == KAM__CEL_TIMESTAMP ||
                                     (t->kind == KAM__CEL_OPTIONAL && t->n && t->arg[0]->kind == KAM__CEL_TIMESTAMP)) &&
            !kam__cel_coerce(out, &kam__cel_types[KAM__CEL_TIMESTAMP], 1))
            return kam__fail(err, KAM_E_TYPE, "\"%s\" holds a day outside the years 1 to 9999", r->rule->var[var].name);
        return KAM_OK;
    }
}

static int32_t cel_rows_one(cel_rows *r) {
    kam__cel v;
    kam__cel_reset(r->work);
    int32_t rc = kam__cel_once(&v, r->rule, r->work, cel_rows_bind, r, r->err);
    if (rc == KAM_E_POLICY && r->rule->flags & KAM_RULE_NULL_ON_ERROR) {
        cel_column_null(r);
        return KAM_OK;
    }
    if (rc == KAM_OK) rc = cel_column_put(r, &v, r->err);
    if (rc != KAM_OK) {
        kam__err_prefix(r->err, "row %u: ", (unsigned)r->row);
        kam__err_set(r->err, KAM_ERR_ROW, r->row);
    }
    return rc;
}

/* ---------------------------------------------------------------- chunks of the vector program */

static void cel_rows_copy(cel_rows *r, const cel_slot *from, uint32_t first, uint32_t n) {
    cel_column *c = r->c;
    if (c->col.type == KAM_T_I32) for (uint32_t i = 0; i < n; i++) ((int32_t *)c->data)[first + i] = from[i].i != 0;
    else if (c->col.type == KAM_T_I64) memcpy((int64_t *)c->data + first, from, n * sizeof *from);
    else for (uint32_t i = 0; i < n; i++) ((double *)c->data)[first + i] = kam__cel_one_nan(from[i].f);
}

static int32_t cel_rows_vector(cel_rows *r, int *done) {
    cel_column *c = r->c;
    const cel_vec *v = r->rule->vec;
    const cel_slot *result;
    const uint8_t *redo;
    *done = v && kam__cel_vec_fits(v, r->block);
    if (!*done) return KAM_OK;
    TRY(kam__grow(r->work->ctx, &c->vec, &c->cap_vec, kam__cel_vec_room(v), 1, r->err));
    for (uint32_t first = 0; first < r->block->nrow; first += CEL_CHUNK) {
        uint32_t n = r->block->nrow - first < CEL_CHUNK ? r->block->nrow - first : CEL_CHUNK;
        int any = kam__cel_vec_run(v, c->vec, r->block, first, n, &result, &redo);
        cel_rows_copy(r, result, first, n);
        for (uint32_t i = 0; any && i < n; i++) {
            if (!redo[i]) continue;
            r->row = first + i;
            TRY(cel_rows_one(r));
        }
    }
    return KAM_OK;
}

static int32_t cel_rows_all(cel_rows *r) {
    int done;
    TRY(kam__cel_prepare(r->work, r->rule, r->err));
    TRY(kam__progress(r->work->ctx, 0, r->block->nrow, r->err));
    TRY(cel_rows_vector(r, &done));
    for (r->row = 0; !done && r->row < r->block->nrow; r->row++) TRY(cel_rows_one(r));
    return KAM_OK;
}

static int32_t cel_rows_check(const kam_rule *rule, const kam_work *work, const kam_block *rows, kam_error *err) {
    if (!rule) return kam__null_arg(err, "rule");
    if (!work) return kam__null_arg(err, "work");
    if (!rows) return kam__null_arg(err, "rows");
    if (rows->struct_size < sizeof *rows || (rows->ncol && !rows->col))
        return kam__fail(err, KAM_E_INVAL, "the block is not whole: struct_size and col must be set");
    if (rows->nrow > KAM__BLOCK_MAX) return kam__fail(err, KAM_E_LIMIT, "a block has at most %u rows", KAM__BLOCK_MAX);
    for (uint32_t i = 0; i < rows->ncol; i++)
        if (rows->col[i].type < KAM_T_I32 || rows->col[i].type > KAM_T_TEXT ||
            (rows->nrow && !rows->col[i].data && rows->col[i].type != KAM_T_TEXT) ||
            (rows->col[i].type == KAM_T_TEXT && rows->nrow && !rows->col[i].off))
            return kam__fail(err, KAM_E_INVAL,
                             "column %u of the block is not whole: type and data, of text also off, must be set",
                             (unsigned)i);
    return work->busy ? kam__fail(err, KAM_E_BUSY, "this work is busy: give each evaluation its own") : KAM_OK;
}

int32_t kam_rule_eval_block(const kam_col **out, const kam_rule *rule, kam_work *work, const kam_block *rows,
                            kam_error *err) {
    cel_rows r = {rule, work, rows, NULL, 0, err};
    if (!out) return kam__null_arg(err, "out");
    TRY(cel_rows_check(rule, work, rows, err));
    TRY(cel_column_take(work, &r.c, err));
    TRY(cel_column_start(&r, err));
    work->result.t = KAM__CEL_ERROR;
    work->busy = 1;
    int32_t rc = cel_rows_all(&r);
    work->busy = 0;
    kam__cel_reset(work);
    if (rc != KAM_OK) return rc;
    r.c->col.data = r.c->col.type == KAM_T_TEXT ? r.c->text : r.c->data;
    r.c->col.off = r.c->col.type == KAM_T_TEXT ? r.c->off : NULL;
    r.c->col.valid = r.c->any_null ? r.c->valid : NULL;
    *out = &r.c->col;
    return KAM_OK;
}
#undef TRY
