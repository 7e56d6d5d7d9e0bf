/*
 * base/block.c - reading column blocks, and building them row by row.
 *
 * A builder keeps one growing array per column (and offsets for text). Most columns have no NULL, so the bitmap of a
 * column begins with its first NULL; until then `valid` stays unused. Writers return nothing: what goes wrong within a
 * row is kept and told by kam__bb_end_row, which then drops the row, so the block always holds whole rows only.
 */
#include "base/base.h"

/* ---------------------------------------------------------------- reading */

int kam__col_null(const kam_col *c, uint32_t row) {
    return c->valid && !(c->valid[row >> 3] >> (row & 7) & 1);
}

int64_t kam__col_i64(const kam_col *c, uint32_t row) {
    if (kam__col_null(c, row)) return 0;
    if (c->type == KAM_T_I64) return ((const int64_t *)c->data)[row];
    return c->type == KAM_T_I32 ? ((const int32_t *)c->data)[row] : 0;
}

double kam__col_f64(const kam_col *c, uint32_t row) {
    if (c->type != KAM_T_F64) return (double)kam__col_i64(c, row);
    return kam__col_null(c, row) ? 0.0 : ((const double *)c->data)[row];
}

const char *kam__col_text(const kam_col *c, uint32_t row, size_t *len) {
    *len = 0;
    if (c->type != KAM_T_TEXT || kam__col_null(c, row)) return NULL;
    *len = (size_t)(c->off[row + 1] - c->off[row]);
    return c->data ? (const char *)c->data + c->off[row] : "";
}

const kam_col *kam__block_col(const kam_block *b, uint32_t field) {
    for (uint32_t i = 0; i < b->ncol; i++)
        if (b->col[i].field == field) return b->col + i;
    return NULL;
}

/* ---------------------------------------------------------------- building: life */

int32_t kam__bb_init(kam__blockbuf *b, kam_ctx *ctx, uint32_t ncol, const uint32_t *field, const uint8_t *type,
                     kam_error *err) {
    memset(b, 0, sizeof *b);
    b->ctx = ctx;
    for (uint32_t i = 0; i < ncol; i++)
        if (type[i] < KAM_T_I32 || type[i] > KAM_T_TEXT)
            return kam__fail(err, KAM_E_INVAL, "column %u has no type %u", (unsigned)i, (unsigned)type[i]);
    b->col = kam__zalloc_n(ctx, ncol, sizeof *b->col);
    b->view = kam__zalloc_n(ctx, ncol, sizeof *b->view);
    b->set = kam__zalloc(ctx, ncol);
    if (!b->col || !b->view || !b->set) {
        kam__bb_free(b);
        return kam__nomem(err);
    }
    b->ncol = ncol;
    for (uint32_t i = 0; i < ncol; i++) {
        b->col[i].field = field[i];
        b->col[i].type = type[i];
    }
    return KAM_OK;
}

void kam__bb_free(kam__blockbuf *b) {
    for (uint32_t i = 0; i < b->ncol; i++) {
        kam__free(b->ctx, b->col[i].data);
        kam__free(b->ctx, b->col[i].off);
        kam__free(b->ctx, b->col[i].valid);
    }
    kam__free(b->ctx, b->col);
    kam__free(b->ctx, b->view);
    kam__free(b->ctx, b->set);
    kam_ctx *ctx = b->ctx;
    memset(b, 0, sizeof *b);
    b->ctx = ctx;
}

void kam__bb_clear(kam__blockbuf *b) {
    b->nrow = 0;
    b->text = 0;
    b->failed = 0;
    for (uint32_t i = 0; i < b->ncol; i++) b->col[i].has_null = 0;
    if (b->ncol) memset(b->set, 0, b->ncol);
}

/* ---------------------------------------------------------------- building: one value */

static void block_failed(kam__blockbuf *b, int32_t code) {
    if (!b->failed) b->failed = code;
}

/* Room for `need` bytes in the column's data; 0 = out of memory. */
static int block_room(kam__blockbuf *b, kam__colbuf *c, size_t need) {
    if (need <= c->data_cap) return 1;
    if (need < 512) need = 512;
    if (kam__grow(b->ctx, &c->data, &c->data_cap, need, 1, NULL) == KAM_OK) return 1;
    block_failed(b, KAM_E_NOMEM);
    return 0;
}

/* Room for the offset after the current row; 0 = out of memory. */
static int block_off_room(kam__blockbuf *b, kam__colbuf *c) {
    size_t need = (size_t)b->nrow + 2;
    if (need <= c->off_cap) return 1;
    int first = c->off_cap == 0;
    if (kam__grow(b->ctx, &c->off, &c->off_cap, need < 64 ? 64 : need, sizeof *c->off, NULL) != KAM_OK) {
        block_failed(b, KAM_E_NOMEM);
        return 0;
    }
    if (first) c->off[0] = 0;
    return 1;
}

/* Forgets a text given to the current row. */
static void block_text_undo(kam__blockbuf *b, uint32_t col) {
    const kam__colbuf *c = b->col + col;
    if (c->type == KAM_T_TEXT && b->set[col]) b->text -= (size_t)(c->off[b->nrow + 1] - c->off[b->nrow]);
    b->set[col] = 0;
}

void kam__bb_i64(kam__blockbuf *b, uint32_t col, int64_t v) {
    kam__colbuf *c = b->col + col;
    size_t row = b->nrow;
    if (c->type == KAM_T_I64) {
        if (!block_room(b, c, (row + 1) * sizeof v)) return;
        ((int64_t *)c->data)[row] = v;
    } else if (c->type == KAM_T_I32) {
        if (v < INT32_MIN || v > INT32_MAX) {
            block_failed(b, KAM_E_LIMIT);
            return;
        }
        if (!block_room(b, c, (row + 1) * sizeof(int32_t))) return;
        ((int32_t *)c->data)[row] = (int32_t)v;
    } else {
        block_failed(b, KAM_E_TYPE);
        return;
    }
    b->set[col] = 1;
}

void kam__bb_f64(kam__blockbuf *b, uint32_t col, double v) {
    kam__colbuf *c = b->col + col;
    if (c->type != KAM_T_F64) {
        block_failed(b, KAM_E_TYPE);
        return;
    }
    if (!block_room(b, c, ((size_t)b->nrow + 1) * sizeof v)) return;
    ((double *)c->data)[b->nrow] = v;
    b->set[col] = 1;
}

void kam__bb_text(kam__blockbuf *b, uint32_t col, const char *text, size_t len) {
    kam__colbuf *c = b->col + col;
    if (c->type != KAM_T_TEXT) {
        block_failed(b, KAM_E_TYPE);
        return;
    }
    block_text_undo(b, col);
    if (!text) return;
    if (len == KAM_NUL) len = strlen(text);
    if (len > KAM__BLOCK_TEXT - b->text) {
        block_failed(b, KAM_E_LIMIT);
        return;
    }
    if (!block_off_room(b, c)) return;
    size_t at = (size_t)c->off[b->nrow];
    if (!block_room(b, c, at + len)) return;
    if (len) memcpy((char *)c->data + at, text, len);
    c->off[b->nrow + 1] = (int32_t)(at + len);
    b->text += len;
    b->set[col] = 1;
}

void kam__bb_copy(kam__blockbuf *b, uint32_t col, const kam_col *from, uint32_t row) {
    size_t len;
    if (kam__col_null(from, row)) {
        block_text_undo(b, col);
    } else if (from->type == KAM_T_TEXT) {
        const char *text = kam__col_text(from, row, &len);
        kam__bb_text(b, col, text, len);
    } else if (from->type == KAM_T_F64) {
        kam__bb_f64(b, col, kam__col_f64(from, row));
    } else {
        kam__bb_i64(b, col, kam__col_i64(from, row));
    }
}

/* ---------------------------------------------------------------- building: one row */

/* A column with NULLs needs its bitmap to reach the current row. */
static void block_valid_room(kam__blockbuf *b, kam__colbuf *c) {
    size_t bytes = ((size_t)b->nrow >> 3) + 1;
    if (bytes > c->valid_cap && kam__grow(b->ctx, &c->valid, &c->valid_cap, bytes, 1, NULL) != KAM_OK)
        block_failed(b, KAM_E_NOMEM);
}

/* Makes place in the column for "no value": zero, or an empty text. */
static void block_null_room(kam__blockbuf *b, kam__colbuf *c) {
    size_t row = b->nrow, size = c->type == KAM_T_I32 ? 4 : 8;
    if (c->type == KAM_T_TEXT) {
        if (block_off_room(b, c)) c->off[row + 1] = c->off[row];
    } else if (block_room(b, c, (row + 1) * size)) {
        memset((char *)c->data + row * size, 0, size);
    }
}

/* Nothing can fail any more: the row's bits. */
static void block_bits(kam__blockbuf *b) {
    uint32_t row = b->nrow, bit = 1u << (row & 7);
    for (uint32_t i = 0; i < b->ncol; i++) {
        kam__colbuf *c = b->col + i;
        int has = b->set[i];
        b->set[i] = 0;
        if (!c->has_null) {
            if (has) continue;
            c->has_null = 1;
            memset(c->valid, 0xFF, row >> 3);
            c->valid[row >> 3] = (uint8_t)(bit - 1);
        } else if ((row & 7) == 0) {
            c->valid[row >> 3] = 0;
        }
        if (has) c->valid[row >> 3] = (uint8_t)(c->valid[row >> 3] | bit);
    }
}

static int32_t block_drop_row(kam__blockbuf *b, kam_error *err) {
    int32_t code = b->failed;
    for (uint32_t i = 0; i < b->ncol; i++) block_text_undo(b, i);
    b->failed = 0;
    if (code == KAM_E_TYPE) return kam__fail(err, code, "a value has not the type of its column");
    if (code == KAM_E_LIMIT)
        return kam__fail(err, code, "a value does not fit its column, or the row does not fit the block");
    return kam__nomem(err);
}

int32_t kam__bb_end_row(kam__blockbuf *b, kam_error *err) {
    if (b->nrow >= KAM__BLOCK_MAX) block_failed(b, KAM_E_LIMIT);
    for (uint32_t i = 0; i < b->ncol && !b->failed; i++) {
        if (!b->set[i] || b->col[i].has_null) block_valid_room(b, b->col + i);
        if (!b->set[i]) block_null_room(b, b->col + i);
    }
    if (b->failed) return block_drop_row(b, err);
    block_bits(b);
    b->nrow++;
    return KAM_OK;
}

int kam__bb_full(const kam__blockbuf *b) {
    /* Half of the limit: the rest is room for a row of many long texts. */
    return b->nrow >= KAM__BLOCK_ROWS || b->text >= KAM__BLOCK_TEXT / 2;
}

void kam__bb_view(kam__blockbuf *b, kam_block *out) {
    static const int32_t no_off[1] = {0};
    static const int64_t nothing[1] = {0};
    for (uint32_t i = 0; i < b->ncol; i++) {
        const kam__colbuf *c = b->col + i;
        kam_col *v = b->view + i;
        v->field = c->field;
        v->type = c->type;
        v->data = c->data ? c->data : nothing;
        v->off = c->type != KAM_T_TEXT ? NULL : c->off ? c->off : no_off;
        v->valid = c->has_null ? c->valid : NULL;
    }
    *out = (kam_block){sizeof *out, b->nrow, b->ncol, 0, b->view};
}
