/*
 * model/record_block.c - a record out of a row of a column block, and into one.
 *
 * Loading is the inner loop of every read: texts of the row are added to the pool behind the old ones, and when all of
 * them are in they are moved to its start, so that a record used for a whole scan soon stops asking for memory and a
 * load that finds none leaves the record as it was.
 */
#include "model.h"

/* ---------------------------------------------------------------- loading */

/* Does the column hold what the field means? Whole numbers may come wider or narrower than the field. */
static int32_t rblock_type(const kam__kind *kind, const kam__field *f, const kam_col *c, uint32_t row, kam_error *err) {
    int whole = c->type == KAM_T_I32 || c->type == KAM_T_I64;
    int same = f->type == c->type || (whole && f->type != KAM_T_TEXT);
    if (!same)
        return kam__field_error(err, kam__fail(err, KAM_E_TYPE, "its column has type %u, want %u (see KAM_T_)",
                                               (unsigned)c->type, (unsigned)f->type), kind, f);
    if (f->type != KAM_T_I32 || c->type != KAM_T_I64) return KAM_OK;
    int64_t v = kam__col_i64(c, row);
    if (v >= INT32_MIN && v <= INT32_MAX) return KAM_OK;
    return kam__field_error(err, kam__fail(err, KAM_E_LIMIT, "%lld does not fit 32 bits", (long long)v), kind, f);
}

static int32_t rblock_check(const kam_record *r, const kam_block *b, uint32_t row, kam_error *err) {
    if (row >= b->nrow)
        return kam__fail(err, KAM_E_INVAL, "the block has no row %u, only %u", (unsigned)row, (unsigned)b->nrow);
    for (uint32_t i = 0; i < b->ncol; i++) {
        const kam__field *f = kam__kind_field(r->kind, b->col[i].field);
        if (f && !kam__col_null(b->col + i, row)) KAM__TRY(rblock_type(r->kind, f, b->col + i, row, err));
    }
    return KAM_OK;
}

/* All texts of the row, each with a NUL, at the end of the pool. */
static int32_t rblock_texts(kam_record *r, const kam_block *b, uint32_t row, kam_error *err) {
    size_t old = r->pool.size, len;
    for (uint32_t i = 0; i < b->ncol; i++) {
        if (b->col[i].type != KAM_T_TEXT || !kam__kind_field(r->kind, b->col[i].field)) continue;
        const char *text = kam__col_text(b->col + i, row, &len);
        if (!text || !len) continue;
        kam__buf_put(&r->pool, text, len);
        kam__buf_put(&r->pool, "", 1);
    }
    if (!r->pool.failed) return KAM_OK;
    r->pool.failed = KAM_OK;
    r->pool.size = old;
    return kam__nomem(err);
}

/* Nothing fails from here on. `at`: place of the next text of rblock_texts. */
static uint32_t rblock_put(kam_record *r, const kam_col *c, uint32_t row, uint32_t at) {
    uint32_t index = kam__kind_index(r->kind, c->field);
    size_t len;
    if (index == UINT32_MAX || kam__col_null(c, row)) return at;
    uint32_t type = r->kind->field[index].type;
    if (type == KAM_T_F64) kam__record_put_f64(r, index, kam__col_f64(c, row));
    else if (type != KAM_T_TEXT) kam__record_put_i64(r, index, kam__col_i64(c, row));
    else if (kam__col_text(c, row, &len) && len) {
        r->cell[index].state = KAM__CELL_VALUE;
        r->cell[index].v.text.at = at;
        r->cell[index].v.text.len = (uint32_t)len;
        return at + (uint32_t)len + 1;
    }
    return at;
}

int32_t kam__record_load(kam_record *r, const kam_block *block, uint32_t row, kam_error *err) {
    size_t old = r->pool.size;
    uint32_t at = 0;
    KAM__TRY(rblock_check(r, block, row, err));
    KAM__TRY(rblock_texts(r, block, row, err));
    r->pool.size -= old;
    if (old && r->pool.size) memmove(r->pool.data, r->pool.data + old, r->pool.size);
    if (r->pool.data) r->pool.data[r->pool.size] = '\0';
    memset(r->cell, 0, r->kind->nfield * sizeof *r->cell);
    for (uint32_t i = 0; i < block->ncol; i++) at = rblock_put(r, block->col + i, row, at);
    return KAM_OK;
}

/* ---------------------------------------------------------------- storing */

void kam__record_store(const kam_record *r, kam__blockbuf *bb) {
    for (uint32_t i = 0; i < bb->ncol; i++) {
        uint32_t index = kam__kind_index(r->kind, bb->col[i].field);
        if (index == UINT32_MAX || r->cell[index].state != KAM__CELL_VALUE) continue;
        const kam__cell *c = r->cell + index;
        uint32_t type = r->kind->field[index].type;
        if (type == KAM_T_TEXT) kam__bb_text(bb, i, r->pool.data + c->v.text.at, c->v.text.len);
        else if (type == KAM_T_F64) kam__bb_f64(bb, i, c->v.f);
        else kam__bb_i64(bb, i, c->v.i);
    }
}
