/*
 * store/rowset.c - rows in memory, of any length: a list of column blocks that is filled once, sealed, and then only
 * read.
 *
 * Results of runs, answers that must be sorted, problems of an import: all are rowsets. They are counted, so that a run
 * and the lists a caller took from it share one.
 */
#include "store.h"

static int32_t rowset_new(kam__rowset **out, kam_ctx *ctx, kam__schema *schema, uint32_t kind, const uint32_t *field,
                          const uint8_t *type, uint32_t n, kam_error *err)
{
    kam__rowset *s = kam__zalloc(ctx, sizeof *s);
    if (!s) return kam__nomem(err);
    kam__ref_init(&s->ref);
    s->ctx = kam__ctx_hold(ctx);
    s->schema = schema ? kam__schema_hold(schema) : NULL;
    s->kind = kind;
    s->ncol = n;
    s->field = kam__alloc(ctx, n * sizeof *s->field);
    s->type = kam__alloc(ctx, n);
    if (!s->field || !s->type) {
        kam__rowset_drop(s);
        return kam__nomem(err);
    }
    memcpy(s->field, field, n * sizeof *field);
    memcpy(s->type, type, n);
    *out = s;
    return KAM_OK;
}

int32_t kam__rowset_raw(kam__rowset **out, kam_ctx *ctx, uint32_t kind, const uint32_t *field, const uint8_t *type,
                        uint32_t n, kam_error *err)
{
    return rowset_new(out, ctx, NULL, kind, field, type, n, err);
}

int32_t kam__rowset_new(kam__rowset **out, kam__schema *schema, uint32_t kind, const uint32_t *field, uint32_t nfield,
                        kam_error *err)
{
    const kam__kind *k = kam__schema_kind(schema, kind);
    if (!k) return kam__fail(err, KAM_E_INVAL, "kind %u is unknown", kind);
    kam_ctx *ctx = kam__schema_ctx(schema);
    uint32_t max = nfield ? nfield : k->nfield, n = 0;
    uint32_t *id = kam__alloc(ctx, max * sizeof *id);
    uint8_t *type = kam__alloc(ctx, max);
    int32_t rc = id && type ? KAM_OK : kam__nomem(err);
    for (uint32_t i = 0; i < max && rc == KAM_OK; i++) {
        const kam__field *f = nfield ? kam__kind_field(k, field[i]) : &k->field[i];
        if (!f) rc = kam__fail(err, KAM_E_INVAL, "field %u is not a field of %s", field[i], k->name);
        else {
            id[n] = f->id;
            type[n++] = f->type;
        }
    }
    if (rc == KAM_OK) rc = rowset_new(out, ctx, schema, kind, id, type, n, err);
    kam__free(ctx, id);
    kam__free(ctx, type);
    return rc;
}

kam__rowset *kam__rowset_hold(kam__rowset *s)
{
    kam__ref_hold(&s->ref);
    return s;
}

void kam__rowset_drop(kam__rowset *s)
{
    if (!s || !kam__ref_drop(&s->ref)) return;
    kam_ctx *ctx = s->ctx;
    for (size_t i = 0; i < s->nblock; i++) kam__bb_free(&s->block[i]);
    kam__free(ctx, s->block);
    kam__free(ctx, s->first);
    kam__free(ctx, s->field);
    kam__free(ctx, s->type);
    kam__schema_drop(s->schema);
    kam__free(ctx, s);
    kam_ctx_free(ctx);
}

/* A block ends at KAM__BLOCK_ROWS rows, or earlier where texts are long; first[] says which row of the set each one
 * begins with. */
kam__blockbuf *kam__rowset_row(kam__rowset *s, kam_error *err)
{
    if (s->nblock && !kam__bb_full(&s->block[s->nblock - 1])) return &s->block[s->nblock - 1];
    if (kam__grow(s->ctx, &s->block, &s->cap, s->nblock + 1, sizeof *s->block, err) != KAM_OK) return NULL;
    if (kam__grow(s->ctx, &s->first, &s->first_cap, s->nblock + 1, sizeof *s->first, err) != KAM_OK) return NULL;
    if (kam__bb_init(&s->block[s->nblock], s->ctx, s->ncol, s->field, s->type, err) != KAM_OK) return NULL;
    s->first[s->nblock] = s->nrow;
    return &s->block[s->nblock++];
}

int32_t kam__rowset_end_row(kam__rowset *s, kam_error *err)
{
    KAM__TRY(kam__bb_end_row(&s->block[s->nblock - 1], err));
    s->nrow++;
    return KAM_OK;
}

int32_t kam__rowset_add_record(kam__rowset *s, const kam_record *r, kam_error *err)
{
    kam__blockbuf *b = kam__rowset_row(s, err);
    if (!b) return KAM_E_NOMEM;
    kam__record_store(r, b);
    return kam__rowset_end_row(s, err);
}

int32_t kam__rowset_add_block(kam__rowset *s, const kam_block *rows, kam_error *err)
{
    for (uint32_t r = 0; r < rows->nrow; r++) {
        kam__blockbuf *b = kam__rowset_row(s, err);
        if (!b) return KAM_E_NOMEM;
        for (uint32_t c = 0; c < s->ncol; c++) {
            const kam_col *from =
                c < rows->ncol && rows->col[c].field == s->field[c] ? &rows->col[c] : kam__block_col(rows, s->field[c]);
            if (from) kam__bb_copy(b, c, from, r);
        }
        KAM__TRY(kam__rowset_end_row(s, err));
    }
    return KAM_OK;
}

void kam__rowset_seal(kam__rowset *s)
{
    for (size_t i = 0; i < s->nblock; i++) {
        kam_block b;
        kam__bb_view(&s->block[i], &b);
    }
}

void kam__rowset_at(const kam__rowset *s, uint64_t i, const kam__blockbuf **block, uint32_t *row)
{
    /* blocks are never longer than that, mostly exactly so */
    size_t low = (size_t)(i / KAM__BLOCK_ROWS), high = s->nblock;
    while (high - low > 1 && s->first[low + 1] <= i) {
        size_t mid = low + (high - low) / 2;
        if (s->first[mid] <= i) low = mid;
        else high = mid;
    }
    *block = &s->block[low];
    *row = (uint32_t)(i - s->first[low]);
}

uint32_t kam__rowset_col(const kam__rowset *s, uint32_t field)
{
    for (uint32_t i = 0; i < s->ncol; i++)
        if (s->field[i] == field) return i;
    return UINT32_MAX;
}

typedef struct rowset_order { const kam__rowset *s; kam__row_cmp cmp; void *arg; } rowset_order;

static int rowset_compare(const void *a, const void *b, void *arg)
{
    const rowset_order *o = arg;
    return o->cmp(o->s, *(const uint64_t *)a, *(const uint64_t *)b, o->arg);
}

int32_t kam__rowset_sort(kam__rowset **out, const kam__rowset *s, kam__row_cmp cmp, void *arg, kam_error *err)
{
    rowset_order o = { s, cmp, arg };
    uint64_t *at = kam__zalloc_n(s->ctx, (size_t)s->nrow + 1, sizeof *at);
    if (!at) return kam__nomem(err);
    for (uint64_t i = 0; i < s->nrow; i++) at[i] = i;
    kam__rowset *sorted = NULL;
    int32_t rc = kam__sort(s->ctx, at, (size_t)s->nrow, sizeof *at, rowset_compare, &o, err);
    if (rc == KAM_OK) rc = rowset_new(&sorted, s->ctx, s->schema, s->kind, s->field, s->type, s->ncol, err);
    for (uint64_t i = 0; i < s->nrow && rc == KAM_OK; i++) {
        const kam__blockbuf *from = NULL;
        uint32_t row = 0;
        kam__rowset_at(s, at[i], &from, &row);
        kam__blockbuf *b = kam__rowset_row(sorted, err);
        for (uint32_t c = 0; c < s->ncol && b; c++) kam__bb_copy(b, c, &from->view[c], row);
        rc = b ? kam__rowset_end_row(sorted, err) : KAM_E_NOMEM;
    }
    kam__free(s->ctx, at);
    if (rc != KAM_OK) {
        kam__rowset_drop(sorted);
        return rc;
    }
    kam__rowset_seal(sorted);
    *out = sorted;
    return KAM_OK;
}

int32_t kam__rowset_find(int *found, kam_record *out, const kam__rowset *s, uint32_t field, int64_t id, kam_error *err)
{
    const uint32_t by[] = {field, KAM_ID};
    *found = 0;
    for (size_t k = 0; k < KAM__LEN(by); k++) {
        uint32_t col = kam__rowset_col(s, by[k]), at = 0;
        for (uint64_t i = 0; i < s->nrow && col != UINT32_MAX; i++) {
            const kam__blockbuf *bb = NULL;
            kam__rowset_at(s, i, &bb, &at);
            if (kam__col_null(&bb->view[col], at) || kam__col_i64(&bb->view[col], at) != id) continue;
            kam_block view = {.struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view};
            *found = 1;
            return kam__record_load(out, &view, at, err);
        }
    }
    return KAM_OK;
}
