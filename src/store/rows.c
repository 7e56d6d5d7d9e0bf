/*
 * store/rows.c - every list a caller gets: record by record, block by block (as text: rows_export.c).
 *
 * There are two sources, a sealed rowset and a pager, and one cursor over both: the block under it, the row in that
 * block, and how many rows of it are left. A page is read when the one before is used up, never inside a call on the
 * book, so calls on the book may stand between two calls here. Nothing moves before everything that can fail is done: a
 * failed call can be repeated.
 */
#include "rows.h"

/* ---------------------------------------------------------------- life */

void kam_rows_free(kam_rows *rows)
{
    if (!rows) return;
    kam_ctx *ctx = rows->ctx;
    if (rows->pager) rows->pager->free(rows->self);
    kam_record_free(rows->record);
    kam__rowset_drop(rows->set);
    if (rows->page.col) kam__bb_free(&rows->page);
    if (rows->rest.col) kam__bb_free(&rows->rest);
    kam__buf_drop(&rows->text);
    kam__buf_drop(&rows->cancelled);
    kam__book_drop(rows->book);
    kam__schema_drop(rows->schema);
    kam__free(ctx, rows);
    kam_ctx_free(ctx);
}

static int32_t rows_new(kam_rows **out, kam_ctx *ctx, kam_book *book, kam__schema *schema, uint32_t kind,
                        kam_error *err)
{
    kam_rows *r = kam__zalloc(ctx, sizeof *r);
    if (!r) return kam__nomem(err);
    r->ctx = kam__ctx_hold(ctx);
    r->schema = kam__schema_hold(schema);
    r->kind = kind;
    kam__buf_init(&r->text, ctx);
    kam__buf_init(&r->cancelled, ctx);
    if (book) {
        const kam_book *home = kam__book_home(book);
        r->book = kam__book_hold(book);
        r->in_txn = home->txn_user;
        r->generation = home->generation;
    }
    int32_t rc = kam__record_new(&r->record, schema, kind, err);
    if (rc == KAM_OK) *out = r;
    else kam_rows_free(r);
    return rc;
}

int32_t kam__rows_of_columns(kam_rows **out, kam_book *book, kam__rowset *s, uint32_t nshow, uint32_t nload,
                             uint64_t skip, uint64_t limit, kam_error *err)
{
    kam__schema *schema = s->schema ? s->schema : book ? book->schema : NULL;
    if (!schema) return kam__fail(err, KAM_E_INVAL, "rows without a schema cannot be shown");
    kam_rows *r = NULL;
    KAM__TRY(rows_new(&r, s->ctx, book, schema, s->kind, err));
    r->set = kam__rowset_hold(s);
    r->nshow = nshow;
    r->nload = nload;
    r->at = skip < s->nrow ? skip : s->nrow;
    r->end = limit && limit < s->nrow - r->at ? r->at + limit : s->nrow;
    *out = r;
    return KAM_OK;
}

int32_t kam__rows_of_set(kam_rows **out, kam_book *book, kam__rowset *s, uint64_t skip, uint64_t limit, kam_error *err)
{
    return kam__rows_of_columns(out, book, s, s->ncol, s->ncol, skip, limit, err);
}

static int32_t rows_start_page(kam_rows *r, const uint32_t *field, uint32_t nfield, kam_error *err)
{
    uint8_t *type = kam__alloc(r->ctx, nfield);
    if (!type) return kam__nomem(err);
    for (uint32_t i = 0; i < nfield; i++) type[i] = kam__kind_field(r->record->kind, field[i])->type;
    int32_t rc = kam__bb_init(&r->page, r->ctx, nfield, field, type, err);
    kam__free(r->ctx, type);
    return rc;
}

static int32_t rows_turn_page(kam_rows *r, kam_error *err);

int32_t kam__rows_of_pager(kam_rows **out, kam_book *book, kam__schema *schema, uint32_t kind, const uint32_t *field,
                           uint32_t nfield, uint32_t nshow, uint32_t nload, const kam__pager *pager, void *self,
                           kam_error *err)
{
    kam_rows *r = NULL;
    int32_t rc = rows_new(&r, book->ctx, book, schema, kind, err);
    if (rc != KAM_OK) {
        pager->free(self);
        return rc;
    }
    r->pager = pager;
    r->self = self;
    r->nshow = nshow;
    r->nload = nload;
    rc = rows_start_page(r, field, nfield, err);
    if (rc == KAM_OK) rc = rows_turn_page(r, err);
    if (rc == KAM_OK) *out = r;
    else kam_rows_free(r);
    return rc;
}

uint32_t kam_rows_kind(const kam_rows *rows) { return rows ? rows->kind : 0; }

int32_t kam__rows_alive(const kam_rows *r, kam_error *err)
{
    if (!r) return kam__null_arg(err, "rows");
    if (!r->book) return KAM_OK;
    const kam_book *home = kam__book_home(r->book);
    if (r->book->closed || home->closed) return kam__fail(err, KAM_E_CLOSED, "the book of these rows is closed");
    if (r->in_txn && r->generation != home->generation)
        return kam__fail(err, KAM_E_CLOSED, "the transaction these rows were opened in has ended: run the query again");
    return KAM_OK;
}

/* ---------------------------------------------------------------- the cursor */

static int32_t rows_turn_page(kam_rows *r, kam_error *err)
{
    kam__bb_clear(&r->page);
    r->page_row = 0;
    int32_t rc = r->pager->next(r->self, &r->page, err);
    if (rc != KAM_OK) kam__bb_clear(&r->page);
    else if (!r->page.nrow) r->page_end = 1;
    return rc;
}

int32_t kam__rows_here(kam_block *b, uint32_t *row, uint32_t *left, kam_rows *r, kam_error *err)
{
    *left = 0;
    if (r->set) {
        const kam__blockbuf *from = NULL;
        if (r->at == r->end) return KAM_OK;
        kam__rowset_at(r->set, r->at, &from, row);
        *b = (kam_block){ .struct_size = sizeof *b, .nrow = from->nrow, .ncol = from->ncol, .col = from->view };
        *left = from->nrow - *row;
        if (*left > r->end - r->at) *left = (uint32_t)(r->end - r->at);
        return KAM_OK;
    }
    if (r->page_row == r->page.nrow && !r->page_end) KAM__TRY(rows_turn_page(r, err));
    kam__bb_view(&r->page, b);
    *row = r->page_row;
    *left = r->page.nrow - r->page_row;
    return KAM_OK;
}

void kam__rows_advance(kam_rows *r, uint32_t n)
{
    if (r->set) r->at += n;
    else r->page_row += n;
}

void kam__rows_step(kam_rows *r) { kam__rows_advance(r, 1); }

int32_t kam__rows_load(int *more, kam_rows *r, kam_error *err)
{
    kam_block b;
    uint32_t row = 0, left = 0;
    KAM__TRY(kam__rows_here(&b, &row, &left, r, err));
    *more = left > 0;
    if (!left) return KAM_OK;
    b.ncol = r->nload;
    return kam__record_load(r->record, &b, row, err);
}

const kam__field *kam__rows_field(const kam_rows *r, uint32_t column)
{
    return kam__kind_field(r->record->kind, r->set ? r->set->field[column] : r->page.col[column].field);
}

/* ---------------------------------------------------------------- what callers see */

int32_t kam_rows_next(const kam_record **out, kam_rows *rows, kam_error *err)
{
    int more = 0;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__rows_alive(rows, err));
    KAM__TRY(kam__rows_load(&more, rows, err));
    if (more) kam__rows_step(rows);
    *out = more ? rows->record : NULL;
    return KAM_OK;
}

static int32_t rows_start_rest(kam_rows *r, const kam_block *b, kam_error *err)
{
    if (r->rest.col) {
        kam__bb_clear(&r->rest);
        return KAM_OK;
    }
    uint32_t *field = kam__alloc(r->ctx, r->nshow * sizeof *field);
    uint8_t *type = kam__alloc(r->ctx, r->nshow);
    int32_t rc = field && type ? KAM_OK : kam__nomem(err);
    for (uint32_t i = 0; i < r->nshow && rc == KAM_OK; i++) {
        field[i] = b->col[i].field;
        type[i] = b->col[i].type;
    }
    if (rc == KAM_OK) rc = kam__bb_init(&r->rest, r->ctx, r->nshow, field, type, err);
    kam__free(r->ctx, field);
    kam__free(r->ctx, type);
    return rc;
}

/* The end of a block whose beginning was given already, as a block of its own. */
static int32_t rows_copy_rest(kam_rows *r, const kam_block *b, uint32_t row, uint32_t n, kam_error *err)
{
    KAM__TRY(rows_start_rest(r, b, err));
    for (uint32_t i = row; i < row + n; i++) {
        for (uint32_t c = 0; c < r->nshow; c++) kam__bb_copy(&r->rest, c, &b->col[c], i);
        KAM__TRY(kam__bb_end_row(&r->rest, err));
    }
    kam__bb_view(&r->rest, &r->shown);
    return KAM_OK;
}

int32_t kam_rows_next_block(const kam_block **out, kam_rows *rows, kam_error *err)
{
    kam_block b;
    uint32_t row = 0, left = 0;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__rows_alive(rows, err));
    KAM__TRY(kam__rows_here(&b, &row, &left, rows, err));
    if (left && row) KAM__TRY(rows_copy_rest(rows, &b, row, left, err));
    else rows->shown = (kam_block){ .struct_size = sizeof b, .nrow = left, .ncol = rows->nshow, .col = b.col };
    kam__rows_advance(rows, left);
    *out = left ? &rows->shown : NULL;
    return KAM_OK;
}
