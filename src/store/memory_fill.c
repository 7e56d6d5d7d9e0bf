/*
 * store/memory_fill.c - what a snapshot sees, and copying it into the connection's block.
 *
 * Copied under the lock, column by column: a run of slots without older versions is one memcpy, so that whole tables go
 * at the speed of memory. The callback then works on the copy, while writers go on.
 */
#include "memory_table.h"

/* ---------------------------------------------------------------- versions */

int kam__memory_visible(const memory_table *t, uint32_t slot, uint64_t snapshot)
{
    if (memory_all_visible(t, snapshot)) return 1;
    uint64_t stamp = *memory_stamp(t, slot);
    if (stamp >> 1 <= snapshot) return !(stamp & MEMORY_GONE);
    const memory_undo *u = t->undo ? *memory_undo_of(t, slot) : NULL;
    for (; u; u = u->older) {
        stamp = u->stamp;
        if (stamp >> 1 <= snapshot) return stamp & MEMORY_GONE ? 0 : 2;
    }
    return 0;
}

int kam__memory_see(const memory_table *t, uint32_t col, uint32_t slot, uint64_t snapshot, uint64_t *bits)
{
    const memory_col *c = t->col + col;
    int has = memory_has(c, slot);
    if (has) *bits = memory_get(c, slot);
    if (*memory_stamp(t, slot) >> 1 <= snapshot || !t->undo) return has;
    for (const memory_undo *u = *memory_undo_of(t, slot); u; u = u->older) {
        for (uint32_t i = 0; i < u->ncell; i++)
            if (u->cell[i].col == col) {
                *bits = u->cell[i].bits;
                has = (int)u->cell[i].valid;
            }
        if (u->stamp >> 1 <= snapshot) break;
    }
    return has;
}

/* ---------------------------------------------------------------- one column */

typedef struct memory_fill {
    memory_conn *c;
    const memory_table *t;
    const uint32_t *slot;
    uint32_t n, run;                        /* run: slots follow each other; only the first is told */
    uint32_t old;                           /* some row is seen in an older version */
} memory_fill;

static inline uint32_t memory_slot(const memory_fill *f, uint32_t i) { return f->run ? f->slot[0] + i : f->slot[i]; }

static void memory_bit_off(memory_out *o, uint32_t row)
{
    o->valid[row >> 3] = (uint8_t)(o->valid[row >> 3] & ~(1u << (row & 7)));
}

/* Room for the numbers, or offsets, and bits of n rows; all bits on. */
static int32_t memory_out_room(memory_fill *f, memory_out *o, uint32_t type)
{
    kam_ctx *ctx = f->c->m->ctx;
    size_t bytes = (size_t)f->n / 8 + 1;
    if (type == KAM_T_TEXT) KAM__TRY(kam__grow(ctx, &o->off, &o->off_cap, (size_t)f->n + 1, sizeof *o->off, NULL));
    else KAM__TRY(kam__grow(ctx, &o->data, &o->data_cap, (size_t)f->n * 8, 1, NULL));
    KAM__TRY(kam__grow(ctx, &o->valid, &o->valid_cap, bytes, 1, NULL));
    memset(o->valid, 0xFF, bytes);
    return KAM_OK;
}

static void memory_out_number(memory_out *o, uint32_t type, uint32_t row, uint64_t bits)
{
    if (type == KAM_T_I32) ((int32_t *)o->data)[row] = (int32_t)(int64_t)bits;
    else ((uint64_t *)o->data)[row] = bits;
}

/* Any rows of any version; returns whether some row has no value. */
static int memory_gather_slow(memory_fill *f, uint32_t col, memory_out *o)
{
    int holes = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        uint64_t bits = 0;
        if (!kam__memory_see(f->t, col, memory_slot(f, i), f->c->snapshot, &bits)) {
            bits = 0;
            memory_bit_off(o, i);
            holes = 1;
        }
        memory_out_number(o, f->t->col[col].type, i, bits);
    }
    return holes;
}

/* Heads of a column that has a value in each of these slots. */
static void memory_gather_fast(memory_fill *f, const memory_col *c, memory_out *o)
{
    size_t w = c->type == KAM_T_I32 ? 4 : 8;
    if (f->run) {
        memcpy(o->data, (const char *)c->data + (f->slot[0] - c->base) * w, f->n * w);
    } else if (w == 4) {
        for (uint32_t i = 0; i < f->n; i++) ((int32_t *)o->data)[i] = ((const int32_t *)c->data)[f->slot[i] - c->base];
    } else {
        for (uint32_t i = 0; i < f->n; i++) ((uint64_t *)o->data)[i] = ((const uint64_t *)c->data)[f->slot[i] - c->base];
    }
}

static int memory_full(const memory_fill *f, const memory_col *c)
{
    if (f->old || c->holes) return 0;
    if (f->run) return memory_slot(f, f->n - 1) < c->n;
    for (uint32_t i = 0; i < f->n; i++)
        if (f->slot[i] >= c->n) return 0;
    return 1;
}

static int memory_see_text(const memory_fill *f, uint32_t col, uint32_t i, uint64_t *bits)
{
    const memory_col *c = f->t->col + col;
    uint32_t slot = memory_slot(f, i);
    if (f->old) return kam__memory_see(f->t, col, slot, f->c->snapshot, bits);
    if (!memory_has(c, slot)) return 0;
    *bits = memory_get(c, slot);
    return 1;
}

static int32_t memory_gather_text(memory_fill *f, uint32_t col, memory_out *o, int *holes)
{
    size_t size = 0, len;
    uint64_t bits = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        o->off[i] = (int32_t)size;
        if (memory_see_text(f, col, i, &bits)) {
            size += (size_t)(bits & MEMORY_TEXT_MAX);
        } else {
            memory_bit_off(o, i);
            *holes = 1;
        }
    }
    o->off[f->n] = (int32_t)size;
    KAM__TRY(kam__grow(f->c->m->ctx, &o->data, &o->data_cap, size < 64 ? 64 : size, 1, NULL));
    for (uint32_t i = 0; i < f->n; i++) {
        if (o->off[i] == o->off[i + 1]) continue;
        (void)memory_see_text(f, col, i, &bits);
        const char *text = kam__memory_text(f->t, bits, &len);
        memcpy((char *)o->data + o->off[i], text, len);
    }
    return KAM_OK;
}

static int32_t memory_gather(memory_fill *f, uint32_t col, memory_out *o, kam_col *view)
{
    const memory_col *c = f->t->col + col;
    int holes = 0;
    KAM__TRY(memory_out_room(f, o, c->type));
    if (c->type == KAM_T_TEXT) KAM__TRY(memory_gather_text(f, col, o, &holes));
    else if (memory_full(f, c)) memory_gather_fast(f, c, o);
    else holes = memory_gather_slow(f, col, o);
    const int32_t *off = c->type == KAM_T_TEXT ? o->off : NULL;
    *view = (kam_col){c->field, c->type, {0, 0, 0}, o->data, off, holes ? o->valid : NULL};
    return KAM_OK;
}

/* ---------------------------------------------------------------- many rows */

/* How many of the rows have together no more text than a block may hold; at least one. */
static uint32_t memory_rows_fit(const memory_fill *f, const uint32_t *project, uint32_t ncol)
{
    size_t size = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        for (uint32_t k = 0; k < ncol; k++) {
            uint64_t bits = 0;
            if (f->t->col[project[k]].type == KAM_T_TEXT && memory_see_text(f, project[k], i, &bits))
                size += (size_t)(bits & MEMORY_TEXT_MAX);
        }
        if (size > KAM__BLOCK_TEXT && i > 0) return i;
    }
    return f->n;
}

static void memory_fill_kind(memory_fill *f)
{
    if (f->run) return;                     /* whoever told so has looked at the stamps */
    f->run = f->slot[f->n - 1] - f->slot[0] == f->n - 1;
    f->old = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->slot[i] != f->slot[0] + i) f->run = 0;
        if (*memory_stamp(f->t, f->slot[i]) >> 1 > f->c->snapshot) f->old = 1;
    }
}

/* ---------------------------------------------------------------- one row: what a look-up by key wants */

/* A row has its values in as many places as it has fields: asking for all of them at once, before the first is used,
 * makes the waits for memory overlap. */
void kam__memory_fill_soon(const memory_conn *conn, const memory_table *t, uint32_t ncol, uint32_t slot)
{
    if (!memory_all_visible(t, conn->snapshot)) MEMORY_PREFETCH(memory_stamp(t, slot));
    for (uint32_t k = 0; k < ncol; k++) {
        const memory_col *c = t->col + conn->project[k];
        if (slot < c->n) MEMORY_PREFETCH((const char *)c->data + (slot - c->base) * (c->type == KAM_T_I32 ? 4u : 8u));
    }
}

/* The row's values into c->one; its text in bytes. */
static size_t memory_one_values(memory_conn *c, const memory_table *t, uint32_t ncol, int old)
{
    uint32_t slot = c->slot[0];
    size_t size = 0;
    for (uint32_t k = 0; k < ncol; k++) {
        const memory_col *from = t->col + c->project[k];
        memory_one *one = c->one + k;
        one->valid = 1;
        one->bits = 0;
        if (old) one->valid = (uint8_t)kam__memory_see(t, c->project[k], slot, c->snapshot, &one->bits);
        else if (memory_has(from, slot)) one->bits = memory_get(from, slot);
        else one->valid = 0;
        if (!one->valid) one->bits = 0;
        if (from->type != KAM_T_TEXT || !one->bits) continue;
        size_t len;
        MEMORY_PREFETCH(kam__memory_text(t, one->bits, &len));
        size += len;
    }
    return size;
}

static void memory_one_text(const memory_table *t, memory_one *one, char **to)
{
    size_t len;
    const char *text = kam__memory_text(t, one->bits, &len);
    one->off[0] = 0;
    one->off[1] = (int32_t)len;
    memcpy(*to, text, len);
    *to += len;
}

static int32_t memory_fill_one(memory_conn *c, const memory_table *t, uint32_t ncol, kam_block *out)
{
    kam_ctx *ctx = c->m->ctx;
    int old = t->newest > c->snapshot && *memory_stamp(t, c->slot[0]) >> 1 > c->snapshot;
    KAM__TRY(kam__grow(ctx, &c->one, &c->one_cap, ncol, sizeof *c->one, NULL));
    kam__memory_fill_soon(c, t, ncol, c->slot[0]);
    size_t size = memory_one_values(c, t, ncol, old);
    KAM__TRY(kam__grow(ctx, &c->text, &c->text_cap, size < 256 ? 256 : size, 1, NULL));
    char *to = c->text;
    for (uint32_t k = 0; k < ncol; k++) {
        const memory_col *from = t->col + c->project[k];
        memory_one *one = c->one + k;
        kam_col *view = c->view + k;
        *view = (kam_col){from->field, from->type, {0, 0, 0}, &one->bits, NULL, one->valid ? NULL : &one->valid};
        if (from->type == KAM_T_TEXT) {
            view->data = to;
            view->off = one->off;
            memory_one_text(t, one, &to);
        } else if (from->type == KAM_T_I32) {
            one->number = (int32_t)(int64_t)one->bits;
            view->data = &one->number;
        }
    }
    *out = (kam_block){sizeof *out, 1, ncol, 0, c->view};
    return KAM_OK;
}

/* ---------------------------------------------------------------- the block */

int32_t kam__memory_fill(memory_conn *c, const memory_table *t, uint32_t ncol, memory_rows *rows, kam_block *out)
{
    memory_fill f = {.c = c, .t = t, .slot = c->slot, .n = rows->n, .run = rows->run};
    size_t had = c->out_cap;
    KAM__TRY(kam__grow(c->m->ctx, &c->view, &c->view_cap, ncol, sizeof *c->view, NULL));
    if (f.n == 1) return memory_fill_one(c, t, ncol, out);
    KAM__TRY(kam__grow(c->m->ctx, &c->out, &c->out_cap, ncol, sizeof *c->out, NULL));
    if (c->out_cap > had) memset(c->out + had, 0, (c->out_cap - had) * sizeof *c->out);
    memory_fill_kind(&f);
    if ((uint64_t)t->text_max * f.n * ncol > KAM__BLOCK_TEXT) f.n = memory_rows_fit(&f, c->project, ncol);
    for (uint32_t k = 0; k < ncol; k++) KAM__TRY(memory_gather(&f, c->project[k], c->out + k, c->view + k));
    rows->n = f.n;
    *out = (kam_block){sizeof *out, f.n, ncol, 0, c->view};
    return KAM_OK;
}

void kam__memory_fill_free(memory_conn *c)
{
    kam_ctx *ctx = c->m->ctx;
    for (size_t i = 0; i < c->out_cap; i++) {
        kam__free(ctx, c->out[i].data);
        kam__free(ctx, c->out[i].off);
        kam__free(ctx, c->out[i].valid);
    }
    kam__free(ctx, c->out);
    kam__free(ctx, c->view);
    kam__free(ctx, c->one);
    kam__free(ctx, c->text);
}
