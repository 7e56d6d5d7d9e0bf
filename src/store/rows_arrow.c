/*
 * store/rows_arrow.c - a list as an Arrow stream: which field becomes which column, and the stream's callbacks.
 *
 * The columns are settled when the stream is made; a batch is the block under the cursor. Money is rescaled row by row
 * where rows have currencies of their own: the block holds the currency beside it, shown or not. The cursor moves only
 * when a batch is whole, so a call that failed can be made again.
 */
#include "rows.h"
#include "../codec/arrow.h"
#include <errno.h>

#define RARROW_MIXED 6u                     /* the most decimals a currency of a book may have (guard.c) */
#define RARROW_META 5u

typedef struct rarrow {
    kam_ctx *ctx;                           /* held */
    kam_rows *rows;                         /* ours */
    kam_error *err;
    uint32_t ncol;
    kam__arrow_col *col;
    kam__arrow_meta *meta;                  /* RARROW_META of each column */
    char (*id)[24];
    int8_t *decimals; size_t decimals_cap;  /* of the rows of a block */
    int mixed;                              /* money of which the decimals depend on the row */
} rarrow;

/* ---------------------------------------------------------------- columns */

static const char *rarrow_enum_name(const void *arg, int64_t value, char own[24])
{
    const kam__enum_item *item = kam__enum_by_value(arg, value);
    if (item) return item->name;
    kam__i64_format(own, value);
    return own;
}

static uint8_t rarrow_as(const kam__field *f)
{
    switch (f->logic) {
    case KAM__L_BOOL: return KAM__ARROW_BOOL;
    case KAM__L_ENUM: return KAM__ARROW_NAME;
    case KAM__L_DAY: return KAM__ARROW_DAY;
    case KAM__L_INSTANT: return KAM__ARROW_INSTANT;
    case KAM__L_LOCAL: return KAM__ARROW_LOCAL;
    case KAM__L_MONEY: case KAM__L_DECIMAL: case KAM__L_POINTS: return KAM__ARROW_DECIMAL;
    case KAM__L_DEG6: return KAM__ARROW_DEGREES;
    default: break;
    }
    if (f->type == KAM_T_TEXT) return KAM__ARROW_TEXT;
    if (f->type == KAM_T_F64) return KAM__ARROW_F64;
    return f->type == KAM_T_I32 ? KAM__ARROW_I32 : KAM__ARROW_I64;
}

static void rarrow_money(rarrow *a, kam__arrow_col *c, kam__arrow_meta *currency)
{
    const kam__kind *k = a->rows->record->kind;
    int32_t base = kam__schema_decimals(a->rows->schema, NULL);
    int own = k->currency != UINT32_MAX;
    c->scale = c->from = (uint8_t)(own ? RARROW_MIXED : base < 0 ? 0u : (uint32_t)base);
    c->by_row = (uint8_t)(own || base < 0);
    if (c->by_row) a->mixed = 1;
    if (own) *currency = (kam__arrow_meta){ "kam.currency_field", k->field[k->currency].name };
    else *currency = (kam__arrow_meta){ "kam.currency", kam__schema_base_currency(a->rows->schema) };
}

static void rarrow_column(rarrow *a, uint32_t i)
{
    const kam__field *f = kam__rows_field(a->rows, i);
    kam__arrow_col *c = &a->col[i];
    kam__arrow_meta *m = a->meta + (size_t)i * RARROW_META;
    kam__i64_format(a->id[i], f->id);
    c->name = f->name;
    c->as = rarrow_as(f);
    c->scale = c->from = f->scale;
    c->name_of = rarrow_enum_name;
    c->arg = f->set;
    c->meta = m;
    c->nmeta = 5;
    m[0] = (kam__arrow_meta){ "kam.field", a->id[i] };
    m[1] = (kam__arrow_meta){ "kam.unit", f->unit };
    m[2] = (kam__arrow_meta){ "kam.label.en", f->en };
    m[3] = (kam__arrow_meta){ "kam.label.zh", f->zh };
    m[4] = (kam__arrow_meta){ NULL, NULL };
    if (f->logic == KAM__L_MONEY) rarrow_money(a, c, &m[4]);
}

static int32_t rarrow_columns(rarrow *a, kam_error *err)
{
    a->ncol = a->rows->nshow;
    a->col = kam__zalloc_n(a->ctx, a->ncol + 1u, sizeof *a->col);
    a->meta = kam__zalloc_n(a->ctx, (size_t)a->ncol * RARROW_META + 1, sizeof *a->meta);
    a->id = kam__zalloc_n(a->ctx, a->ncol + 1u, sizeof *a->id);
    if (!a->col || !a->meta || !a->id) return kam__nomem(err);
    for (uint32_t i = 0; i < a->ncol; i++) rarrow_column(a, i);
    return KAM_OK;
}

/* Decimals of the money of each row; most rows have the currency of the row before. */
static int32_t rarrow_decimals(rarrow *a, const kam_block *b, uint32_t first, uint32_t n, kam_error *err)
{
    const kam__kind *k = a->rows->record->kind;
    const kam_col *c = k->currency == UINT32_MAX ? NULL : kam__block_col(b, k->field[k->currency].id);
    char last[8] = "", code[8];
    int32_t decimals = kam__schema_decimals(a->rows->schema, NULL);
    if (!a->mixed) return KAM_OK;
    KAM__TRY(kam__grow(a->ctx, &a->decimals, &a->decimals_cap, b->nrow, sizeof *a->decimals, err));
    for (uint32_t i = first; i < first + n; i++) {
        size_t len = 0;
        const char *text = c ? kam__col_text(c, i, &len) : NULL;
        if (!text || len >= sizeof code) len = 0;
        memset(code, 0, sizeof code);
        if (len) memcpy(code, text, len);
        if (memcmp(code, last, sizeof code) != 0) decimals = kam__schema_decimals(a->rows->schema, code);
        memcpy(last, code, sizeof code);
        a->decimals[i] = (int8_t)decimals;
    }
    for (uint32_t i = 0; i < a->ncol; i++) a->col[i].decimals = a->decimals;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the stream's callbacks */

static int rarrow_errno(int32_t rc)
{
    switch (rc) {
    case KAM_OK: return 0;
    case KAM_E_NOMEM: return ENOMEM;
    case KAM_E_INVAL: case KAM_E_CLOSED: return EINVAL;
    case KAM_E_UNSUPPORTED: return ENOSYS;
    case KAM_E_CANCELLED: return ECANCELED;
    default: return EIO;
    }
}

static int rarrow_get_schema(struct ArrowArrayStream *s, struct ArrowSchema *out)
{
    rarrow *a = s->private_data;
    const kam__arrow_meta meta = { "kam.kind", a->rows->record->kind->name };
    return rarrow_errno(kam__arrow_schema(out, a->ctx, a->col, a->ncol, &meta, 1, a->err));
}

static int32_t rarrow_next(rarrow *a, struct ArrowArray *out)
{
    kam_block b;
    uint32_t first = 0, n = 0;
    KAM__TRY(kam__rows_alive(a->rows, a->err));
    KAM__TRY(kam__rows_here(&b, &first, &n, a->rows, a->err));
    if (!n) {
        memset(out, 0, sizeof *out);        /* released: the end */
        return KAM_OK;
    }
    KAM__TRY(rarrow_decimals(a, &b, first, n, a->err));
    b.ncol = a->ncol;
    KAM__TRY(kam__arrow_batch(out, a->ctx, a->col, &b, first, n, a->err));
    kam__rows_advance(a->rows, n);
    return KAM_OK;
}

static int rarrow_get_next(struct ArrowArrayStream *s, struct ArrowArray *out)
{
    return rarrow_errno(rarrow_next(s->private_data, out));
}

static const char *rarrow_last_error(struct ArrowArrayStream *s)
{
    const rarrow *a = s->private_data;
    const char *text = kam_error_message(a->err);
    return text && *text ? text : NULL;
}

static void rarrow_free(rarrow *a)
{
    kam_ctx *ctx = a->ctx;
    kam_error_free(a->err);
    kam__free(ctx, a->col);
    kam__free(ctx, a->meta);
    kam__free(ctx, a->id);
    kam__free(ctx, a->decimals);
    kam__free(ctx, a);
    kam_ctx_free(ctx);
}

static void rarrow_release(struct ArrowArrayStream *s)
{
    rarrow *a = s->private_data;
    kam_rows_free(a->rows);
    rarrow_free(a);
    s->release = NULL;
}

int32_t kam_rows_arrow(struct ArrowArrayStream *out, kam_rows *rows, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__rows_alive(rows, err));
    rarrow *a = kam__zalloc(rows->ctx, sizeof *a);
    if (!a) return kam__nomem(err);
    a->ctx = kam__ctx_hold(rows->ctx);
    a->rows = rows;
    int32_t rc = rarrow_columns(a, err);
    if (rc == KAM_OK && kam_error_new(&a->err, &a->ctx->allocator) != KAM_OK) rc = kam__nomem(err);
    if (rc != KAM_OK) {
        rarrow_free(a);
        return rc;
    }
    *out = (struct ArrowArrayStream){ .get_schema = rarrow_get_schema, .get_next = rarrow_get_next,
                                      .get_last_error = rarrow_last_error, .release = rarrow_release,
                                      .private_data = a };
    return KAM_OK;
}
