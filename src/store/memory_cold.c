/*
 * store/memory_cold.c - scans of rows that lie in the file.
 *
 * Opening a store reads no rows of a big table, and a checkpoint takes the rows of a ledger out of memory. A scan in the order of keys
 * then decodes, segment by segment, only the columns it needs and hands out parts of them as they are, or the rows that match copied
 * together; segments that cannot have a row asked for are left out. Nothing in them was changed since: every snapshot sees all of it.
 * Somebody may load the rows in the middle of a scan, or put them into another file; slots stay what they were, so it goes on in memory,
 * or there.
 */
#include "memory_table.h"

/* Of one scan: the segment at hand. fields[0] is the key; view[k], pred[i]: which column is meant. */
struct memory_read {
    kam__arena arena;
    uint32_t *field, nfield, seg;           /* seg: its number + 1, 0 = none */
    uint32_t moves;                         /* the table's when seg and skip were made */
    uint32_t *view, pred[64];
    uint8_t *skip;                          /* bits of segments; NULL = read all */
    kam_col *col;
    size_t field_cap, view_cap, col_cap, skip_cap;
};

/* ---------------------------------------------------------------- which segment */

/* How many segments begin with a key <= key. */
static size_t cold_count(const memory_cold *c, int64_t key)
{
    size_t lo = 0, hi = c->nseg;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->seg[mid].key <= key) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

uint32_t kam__memory_cold_from(const memory_table *t, int64_t key)
{
    size_t n = cold_count(t->cold, key);
    return n ? t->cold->seg[n - 1].first : 0;
}

uint32_t kam__memory_cold_to(const memory_table *t, int64_t key)
{
    size_t n = cold_count(t->cold, key);
    return n < t->cold->nseg ? t->cold->seg[n].first : t->base;
}

size_t kam__memory_cold_seg(const memory_cold *c, uint32_t slot)
{
    size_t lo = 0, hi = c->nseg;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->seg[mid].first <= slot) lo = mid;
        else hi = mid;
    }
    return lo;
}

/* ---------------------------------------------------------------- the columns of a segment */

static uint32_t cold_field(memory_read *r, uint32_t field)
{
    uint32_t i = 0;
    while (i < r->nfield && r->field[i] != field) i++;
    r->field[i] = field;
    if (i == r->nfield) r->nfield++;
    return i;
}

static int32_t cold_room(memory_read *r, kam_ctx *ctx, size_t most)
{
    r->seg = r->nfield = 0;
    KAM__TRY(kam__grow(ctx, &r->field, &r->field_cap, most, sizeof *r->field, NULL));
    KAM__TRY(kam__grow(ctx, &r->view, &r->view_cap, most, sizeof *r->view, NULL));
    return kam__grow(ctx, &r->col, &r->col_cap, most, sizeof *r->col, NULL);
}

memory_read *kam__memory_read_new(kam_ctx *ctx)
{
    memory_read *r = kam__zalloc(ctx, sizeof *r);
    if (r) kam__arena_init(&r->arena, ctx, 1u << 16);
    return r;
}

void kam__memory_read_free(kam_ctx *ctx, memory_read *r)
{
    if (!r) return;
    kam__arena_free(&r->arena);
    kam__free(ctx, r->field);
    kam__free(ctx, r->view);
    kam__free(ctx, r->col);
    kam__free(ctx, r->skip);
    kam__free(ctx, r);
}

int32_t kam__memory_read_fields(memory_read *r, kam_ctx *ctx, const memory_table *t, const uint32_t *col, uint32_t ncol)
{
    KAM__TRY(cold_room(r, ctx, (size_t)ncol + 1));
    (void)cold_field(r, t->col[0].field);
    for (uint32_t i = 0; i < ncol; i++) r->view[i] = cold_field(r, t->col[col[i]].field);
    return KAM_OK;
}

/* Rows of slots at .. end in segments that are not left out. */
static uint64_t cold_rows(const memory_read *r, const memory_cold *c, uint32_t at, uint32_t end)
{
    uint64_t rows = 0;
    if (at >= end) return 0;
    for (size_t i = kam__memory_cold_seg(c, at); i < c->nseg && c->seg[i].first < end; i++)
        if (!r->skip || !(r->skip[i >> 3] >> (i & 7) & 1)) rows += c->seg[i].nrow;
    return rows;
}

int32_t kam__memory_cold_begin(memory_conn *c, memory_table *t, const kam_table_scan *q, uint32_t at, uint32_t end, uint64_t *rows, int *lookup,
                               kam_store_err *err)
{
    kam_ctx *ctx = c->m->ctx;
    if (!c->read) c->read = kam__memory_read_new(ctx);
    memory_read *r = c->read;
    if (!r || cold_room(r, ctx, (size_t)q->nfield + q->npred + 1) != KAM_OK) return kam__memory_nomem(err);
    (void)cold_field(r, t->col[0].field);
    for (uint32_t i = 0; i < q->nfield; i++) r->view[i] = cold_field(r, t->col[c->project[i]].field);
    for (uint32_t i = 0; i < q->npred; i++) r->pred[i] = cold_field(r, t->col[c->pred[i].col].field);
    size_t bytes = t->cold->nseg / 8 + 1;
    if (kam__grow(ctx, &r->skip, &r->skip_cap, bytes, 1, NULL) != KAM_OK) return kam__memory_nomem(err);
    memset(r->skip, 0, bytes);
    *lookup = 0;
    r->moves = t->moves;
    KAM__TRY(kam__memory_zone_skip(c, t, q, r->skip, lookup, err));
    *rows = cold_rows(r, t->cold, at, end < t->base ? end : t->base);
    return KAM_OK;
}

void kam__memory_cold_end(memory_conn *c)
{
    kam__memory_read_free(c->m->ctx, c->read);
    c->read = NULL;
}

/* A column no row of the segment has a value in. */
static int32_t cold_nothing(memory_read *r, kam_col *k, const memory_col *c, uint32_t n)
{
    size_t bytes = ((size_t)n + 1) * 8;
    char *zero = kam__arena_alloc(&r->arena, bytes);
    if (!zero) return KAM_E_NOMEM;
    memset(zero, 0, bytes);
    *k = (kam_col){.field = c->field, .type = c->type, .data = zero, .valid = (const uint8_t *)zero};
    if (c->type == KAM_T_TEXT) k->off = (const int32_t *)(const void *)zero;
    return KAM_OK;
}

static int32_t cold_widen(memory_read *r, kam_col *k, uint32_t n)
{
    int64_t *to = kam__arena_alloc(&r->arena, (size_t)n * sizeof *to);
    if (!to) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < n; i++) to[i] = ((const int32_t *)k->data)[i];
    k->data = to;
    k->type = KAM_T_I64;
    return KAM_OK;
}

/* Keys rise from the segment's own first one up to the next one's; anything else was not written by us. */
static int cold_keys_rise(const memory_cold *cold, size_t i, const kam_col *key)
{
    const memory_seg *s = cold->seg + i;
    const int64_t *v = key->data;
    int rises = v[0] == s->key && v[s->nrow - 1] < (i + 1 == cold->nseg ? cold->limit : cold->seg[i + 1].key);
    for (uint32_t k = 1; k < s->nrow; k++) rises &= v[k] > v[k - 1];
    for (uint32_t k = 0; key->valid && k < s->nrow; k++) rises &= !kam__col_null(key, k);
    return rises;
}

static int32_t cold_segment(memory_read *r, memory_table *t, size_t i, kam_store_err *err)
{
    memory_seg *s = t->cold->seg + i;
    if (r->seg == i + 1) return KAM_OK;
    r->seg = 0;
    kam__arena_reset(&r->arena);
    KAM__TRY(t->cold->read(t->cold->below, t->id, s, r->field, r->nfield, &r->arena, r->col, err));
    for (uint32_t k = 0; k < r->nfield; k++) {
        const memory_col *c = t->col + kam__memory_col_find(t, r->field[k], 0);
        int32_t rc = KAM_OK;
        if (!r->col[k].type) rc = cold_nothing(r, r->col + k, c, s->nrow);
        else if (c->type == KAM_T_I64 && r->col[k].type == KAM_T_I32) rc = cold_widen(r, r->col + k, s->nrow);
        else if (c->type != r->col[k].type) rc = KAM_E_CORRUPT;
        if (rc == KAM_E_NOMEM) return kam__memory_nomem(err);
        if (rc == KAM_OK && k == 0 && !cold_keys_rise(t->cold, i, r->col)) rc = KAM_E_CORRUPT;
        if (rc != KAM_OK)
            return kam__memory_fail(err, rc, t->id, r->field[k], MEMORY_NONE, "%s: the rows at byte %lld are not what the checkpoint says",
                                    t->name, (long long)s->off);
    }
    r->seg = (uint32_t)i + 1;
    return KAM_OK;
}

int32_t kam__memory_read_seg(memory_read *r, memory_table *t, size_t i, const kam_col **out, kam_store_err *err)
{
    *out = r->col;
    return cold_segment(r, t, i, err);
}

/* ---------------------------------------------------------------- rows of it */

static int cold_match(const memory_conn *c, const kam_table_scan *q, const int64_t *after, uint32_t row)
{
    const memory_read *r = c->read;
    if (after) {
        int64_t key = ((const int64_t *)r->col[0].data)[row];
        if (q->flags & 1 ? key >= *after : key <= *after) return 0;
    }
    for (uint32_t i = 0; i < q->npred; i++)
        if (!kam__memory_pred_match_col(c->pred + i, r->col + r->pred[i], row)) return 0;
    return 1;
}

/* n rows from `row` on, where they lie. */
static kam_col cold_part(const kam_col *k, uint32_t row)
{
    kam_col part = *k;
    if (k->type == KAM_T_TEXT) part.off = k->off + row;
    else part.data = (const char *)k->data + (size_t)row * (k->type == KAM_T_I32 ? 4u : 8u);
    if (k->valid) part.valid = k->valid + row / 8;
    return part;
}

static size_t cold_text_size(const kam_col *k, const uint32_t *row, uint32_t n)
{
    size_t size = 0;
    for (uint32_t i = 0; i < n; i++) size += (size_t)(k->off[row[i] + 1] - k->off[row[i]]);
    return size;
}

static void cold_copy_text(memory_out *o, const kam_col *k, const uint32_t *row, uint32_t n)
{
    size_t used = 0;
    for (uint32_t i = 0; i < n; i++) {
        size_t len = (size_t)(k->off[row[i] + 1] - k->off[row[i]]);
        o->off[i] = (int32_t)used;
        if (len) memcpy((char *)o->data + used, (const char *)k->data + k->off[row[i]], len);
        used += len;
    }
    o->off[n] = (int32_t)used;
}

/* These rows of a column, copied together. */
static int32_t cold_copy(kam_ctx *ctx, memory_out *o, const kam_col *k, const uint32_t *row, uint32_t n, kam_col *view)
{
    int text = k->type == KAM_T_TEXT;
    size_t size = text ? cold_text_size(k, row, n) + 1 : (size_t)n * 8;
    KAM__TRY(kam__grow(ctx, &o->data, &o->data_cap, size, 1, NULL));
    if (text) KAM__TRY(kam__grow(ctx, &o->off, &o->off_cap, (size_t)n + 1, sizeof *o->off, NULL));
    KAM__TRY(kam__grow(ctx, &o->valid, &o->valid_cap, (size_t)n / 8 + 1, 1, NULL));
    memset(o->valid, 0, (size_t)n / 8 + 1);
    for (uint32_t i = 0; k->valid && i < n; i++)
        if (!kam__col_null(k, row[i])) o->valid[i >> 3] = (uint8_t)(o->valid[i >> 3] | 1u << (i & 7));
    if (text) cold_copy_text(o, k, row, n);
    for (uint32_t i = 0; k->type == KAM_T_I32 && i < n; i++) ((int32_t *)o->data)[i] = ((const int32_t *)k->data)[row[i]];
    for (uint32_t i = 0; !text && k->type != KAM_T_I32 && i < n; i++) ((uint64_t *)o->data)[i] = ((const uint64_t *)k->data)[row[i]];
    *view = (kam_col){k->field, k->type, {0, 0, 0}, o->data, text ? o->off : NULL, k->valid ? o->valid : NULL};
    return KAM_OK;
}

/* Rows c->slot[0..n) of the segment as a block. */
static int32_t cold_block(memory_conn *c, uint32_t nfield, uint32_t n, kam_block *out)
{
    memory_read *r = c->read;
    size_t had = c->out_cap;
    int run = c->slot[n - 1] - c->slot[0] == n - 1;             /* rows all rise or all fall */
    if (n > 1 && c->slot[1] < c->slot[0]) run = 0;
    KAM__TRY(kam__grow(c->m->ctx, &c->view, &c->view_cap, nfield, sizeof *c->view, NULL));
    KAM__TRY(kam__grow(c->m->ctx, &c->out, &c->out_cap, nfield, sizeof *c->out, NULL));
    if (c->out_cap > had) memset(c->out + had, 0, (c->out_cap - had) * sizeof *c->out);
    for (uint32_t k = 0; k < nfield; k++) {
        const kam_col *from = r->col + r->view[k];
        if (run && (!from->valid || c->slot[0] % 8 == 0)) c->view[k] = cold_part(from, c->slot[0]);
        else KAM__TRY(cold_copy(c->m->ctx, c->out + k, from, c->slot, n, c->view + k));
    }
    *out = (kam_block){sizeof *out, n, nfield, 0, c->view};
    return KAM_OK;
}

/* Over the segments that are left out. */
static void cold_step(const memory_read *r, const memory_cold *c, uint32_t desc, uint32_t *at, uint32_t *end)
{
    if (*at >= *end) return;
    for (size_t i = kam__memory_cold_seg(c, desc ? *end - 1 : *at); *at < *end && r->skip[i >> 3] >> (i & 7) & 1; desc ? i-- : i++) {
        const memory_seg *s = c->seg + i;
        if (desc) *end = s->first > *at ? s->first : *at;
        else *at = *end - s->first < s->nrow ? *end : s->first + s->nrow;
    }
}

/* The rows lie in other segments now: none of them is left out. */
static int32_t cold_anew(memory_conn *c, const memory_table *t)
{
    memory_read *r = c->read;
    size_t bytes = t->cold->nseg / 8 + 1;
    KAM__TRY(kam__grow(c->m->ctx, &r->skip, &r->skip_cap, bytes, 1, NULL));
    memset(r->skip, 0, bytes);
    r->seg = 0;
    r->moves = t->moves;
    return KAM_OK;
}

int32_t kam__memory_cold_next(memory_conn *c, memory_table *t, const kam_table_scan *q, const int64_t *after, uint32_t *at, uint32_t *end,
                              uint32_t want, kam_block *out, uint32_t *n, kam_store_err *err)
{
    uint32_t desc = q->flags & 1;
    *n = 0;
    if (c->read->moves != t->moves && cold_anew(c, t) != KAM_OK) return kam__memory_nomem(err);
    cold_step(c->read, t->cold, desc, at, end);
    if (*at >= *end) return KAM_OK;
    size_t i = kam__memory_cold_seg(t->cold, desc ? *end - 1 : *at);
    const memory_seg *s = t->cold->seg + i;
    KAM__TRY(cold_segment(c->read, t, i, err));
    uint32_t lo = *at > s->first ? *at - s->first : 0, hi = *end - s->first < s->nrow ? *end - s->first : s->nrow;
    if (want > hi - lo) want = hi - lo;
    if (kam__grow(c->m->ctx, &c->slot, &c->slot_cap, want, sizeof *c->slot, NULL) != KAM_OK) return kam__memory_nomem(err);
    if (!q->npred && !after && !desc && want && lo % 8 == 0) {          /* all of them where they lie: only the ends are looked at */
        c->slot[0] = lo;
        if (want > 1) c->slot[1] = lo + 1;
        c->slot[want - 1] = lo + want - 1;
        *n = want;
        lo += want;
    }
    while (lo < hi && *n < want) {
        uint32_t row = desc ? --hi : lo++;
        if (cold_match(c, q, after, row)) c->slot[(*n)++] = row;
    }
    if (desc) *end = s->first + hi;
    else *at = s->first + lo;
    if (!*n) return KAM_OK;
    return cold_block(c, q->nfield, *n, out) == KAM_OK ? KAM_OK : kam__memory_nomem(err);
}
