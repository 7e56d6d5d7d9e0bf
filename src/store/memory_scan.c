/*
 * store/memory_scan.c - rows of one snapshot, filtered, in order, block by block.
 *
 * Two ways. "Stream": a table whose keys rise with its slots, asked for the order of keys, is walked slot by slot, or only where a
 * condition on the key leads; where all rows are there for everybody, whole blocks of slots are taken without looking at any.
 * "List": the rows that match (found by key, by an index, or by walking) are noted as (order values, key, slot),
 * sorted, and handed out; with a limit the list is cut as it grows. The lock is held while a block is filled or
 * 65,536 slots are looked at, never while rows are sorted or the callback runs; the registered snapshot keeps what
 * was noted valid meanwhile.
 */
#include "memory_table.h"

#define SCAN_CHUNK 65536u
#define SCAN_ORDER_MAX 31u
#define SCAN_SPENT 4u                       /* so many times the rows of a table are read to find a few before it is loaded */

typedef struct memory_scan {
    memory_conn *c;
    kam_table_scan *q;
    memory_table *t;
    kam_store_err *err;
    uint32_t block, desc, stream, walk;     /* walk: all slots, else those in c->found */
    uint32_t cold, unordered;               /* cold: rows below the table's base come from the file */
    uint32_t at, end;                       /* slots still to walk, or places in c->found; c->list when handing out */
    uint64_t left;                          /* rows the limit still allows */
    uint32_t order[SCAN_ORDER_MAX + 1];     /* columns; the key's last */
    uint32_t norder, nlist;                 /* order fields with the key */
    size_t stride;                          /* of one row of the list: norder int64, slot, bits of missing values */
    char *after;                            /* one such row, or NULL */
} memory_scan;

static int32_t memory_scan_fail(memory_scan *s, int32_t code, uint32_t field, const char *what)
{
    return kam__memory_fail(s->err, code, s->q->table->id, field, MEMORY_NONE, "scan of %s: %s", s->q->table->name,
                            what);
}

/* ---------------------------------------------------------------- what is asked for */

static int32_t memory_scan_columns(memory_scan *s)
{
    const kam_table_scan *q = s->q;
    memory_conn *c = s->c;
    uint32_t hint = 0;
    if (kam__grow(c->m->ctx, &c->project, &c->project_cap, q->nfield, sizeof *c->project, NULL) != KAM_OK)
        return kam__memory_nomem(s->err);
    for (uint32_t i = 0; i < q->nfield; i++) {
        uint32_t col = kam__memory_col_find(s->t, q->field[i], hint);
        if (col == MEMORY_NONE) return memory_scan_fail(s, KAM_E_SCHEMA, q->field[i], "it has no such field");
        c->project[i] = col;
        hint = col + 1;
    }
    s->norder = 0;
    for (uint32_t i = 0; i < q->norder; i++) {
        uint32_t col = kam__memory_col_find(s->t, q->order[i], 0);
        if (col == MEMORY_NONE)
            return memory_scan_fail(s, KAM_E_SCHEMA, q->order[i], "it has no such field to order by");
        uint32_t type = s->t->col[col].type;
        if (type != KAM_T_I32 && type != KAM_T_I64)
            return memory_scan_fail(s, KAM_E_TYPE, q->order[i], "only whole numbers can be ordered by");
        s->order[s->norder++] = col;
    }
    s->order[s->norder++] = 0;
    s->stride = s->norder * sizeof(int64_t) + 2 * sizeof(uint32_t);
    return KAM_OK;
}

static int32_t memory_scan_preds(memory_scan *s)
{
    memory_conn *c = s->c;
    const kam_table_scan *q = s->q;
    if (kam__grow(c->m->ctx, &c->pred, &c->pred_cap, q->npred, sizeof *c->pred, NULL) != KAM_OK)
        return kam__memory_nomem(s->err);
    for (uint32_t i = 0; i < q->npred; i++) KAM__TRY(kam__memory_pred_make(c, s->t, c->pred + i, q->pred + i, s->err));
    return KAM_OK;
}

static void memory_row_tail(const memory_scan *s, char *row, uint32_t slot, uint32_t nulls)
{
    memcpy(row + s->norder * sizeof(int64_t), &slot, sizeof slot);
    memcpy(row + s->norder * sizeof(int64_t) + sizeof slot, &nulls, sizeof nulls);
}

static int32_t memory_scan_after(memory_scan *s)
{
    const kam_block *after = s->q->after;
    uint32_t nulls = 0;
    if (!after) return KAM_OK;
    s->after = kam__arena_alloc(&s->c->arena, s->stride);
    if (!s->after) return kam__memory_nomem(s->err);
    for (uint32_t i = 0; i < s->norder; i++) {
        uint32_t field = s->t->col[s->order[i]].field;
        const kam_col *k = kam__block_col(after, field);
        if (after->nrow != 1 || !k)
            return memory_scan_fail(s, KAM_E_INVAL, field, "`after` is not one row with key and order fields");
        int64_t v = kam__col_i64(k, 0);
        if (kam__col_null(k, 0)) nulls |= 1u << i;
        memcpy(s->after + i * sizeof v, &v, sizeof v);
    }
    memory_row_tail(s, s->after, 0, nulls);
    return KAM_OK;
}

static int32_t memory_scan_check(memory_scan *s)
{
    const kam_table_scan *q = s->q;
    if (q->flags & ~1u) return memory_scan_fail(s, KAM_E_INVAL, 0, "unknown flags");
    if (q->npred > 62) return memory_scan_fail(s, KAM_E_INVAL, 0, "more than 62 conditions");
    if (q->norder > SCAN_ORDER_MAX) return memory_scan_fail(s, KAM_E_INVAL, 0, "more than 31 order fields");
    KAM__TRY(memory_scan_columns(s));
    KAM__TRY(memory_scan_preds(s));
    return memory_scan_after(s);
}

/* ---------------------------------------------------------------- where to look */

/* Rows an index would give for this condition; NONE = it has none. */
static int32_t memory_index_size(memory_scan *s, const memory_pred *p, uint64_t *n)
{
    const memory_col *c = s->t->col + p->col;
    kam__memory *m = s->c->m;
    *n = UINT64_MAX;
    if (p->op != KAM_OP_EQ && p->op != KAM_OP_IN) return KAM_OK;
    if (p->col == 0) {
        *n = 0;
        return KAM_OK;
    }
    if (!(c->flags & KAM_F_INDEXED) && p->col != s->t->search) return KAM_OK;
    if (kam__memory_index_make(s->t, p->col, m->oldest, m->writer ? m->writer->log : NULL) != KAM_OK)
        return kam__memory_nomem(s->err);
    *n = 1;
    for (uint32_t i = 0; i < (p->op == KAM_OP_IN ? s->q->pred[p - s->c->pred].narg : 1); i++) {
        if (kam__col_null(p->arg, i)) continue;
        const struct memory_chain *chain = kam__memory_index_get(c->index, kam__memory_tag_arg(c->type, p->arg, i));
        if (chain) *n += chain->n;
    }
    return KAM_OK;
}

static int32_t memory_found_add(memory_scan *s, uint32_t slot)
{
    memory_conn *c = s->c;
    if (s->end == c->found_cap &&
        kam__grow(c->m->ctx, &c->found, &c->found_cap, (size_t)s->end + 1, sizeof *c->found, NULL) != KAM_OK)
        return kam__memory_nomem(s->err);
    c->found[s->end++] = slot;
    return KAM_OK;
}

static int32_t memory_lookup(memory_scan *s, const memory_pred *p)
{
    uint32_t narg = p->op == KAM_OP_IN ? s->q->pred[p - s->c->pred].narg : 1;
    const memory_col *c = s->t->col + p->col;
    for (uint32_t i = 0; i < narg; i++) {
        if (kam__col_null(p->arg, i)) continue;
        if (p->col == 0) {
            uint32_t slot = kam__memory_find(s->t, kam__col_i64(p->arg, i));
            if (slot != MEMORY_NONE) KAM__TRY(memory_found_add(s, slot));
            continue;
        }
        const struct memory_chain *chain = kam__memory_index_get(c->index, kam__memory_tag_arg(c->type, p->arg, i));
        for (uint32_t n = chain ? chain->first : MEMORY_NONE; n != MEMORY_NONE; n = c->index->node[n].next)
            KAM__TRY(memory_found_add(s, c->index->node[n].slot));
    }
    return KAM_OK;
}

/* Slots whose key can match, of a table in the order of keys. */
static void memory_narrow(memory_scan *s)
{
    for (uint32_t i = 0; i < s->q->npred; i++) {
        const memory_pred *p = s->c->pred + i;
        if (p->col != 0 || p->op > KAM_OP_GE || kam__col_null(p->arg, 0)) continue;
        int64_t key = kam__col_i64(p->arg, 0);
        uint32_t slot = kam__memory_lower(s->t, key);
        if (p->op == KAM_OP_EQ && slot < s->end) s->end = slot + 1;
        if ((p->op == KAM_OP_EQ || p->op >= KAM_OP_GT) && slot > s->at) s->at = slot;
        if (p->op == KAM_OP_LT && slot < s->end) s->end = slot;
        if (p->op == KAM_OP_LE && slot < s->end && memory_key(s->t, slot) > key) s->end = slot;
    }
    if (!s->after || s->norder > 1) return;
    int64_t key;
    memcpy(&key, s->after, sizeof key);
    uint32_t slot = kam__memory_lower(s->t, key);
    if (s->desc && slot < s->end) s->end = slot;
    if (!s->desc && slot < s->t->nslot && memory_key(s->t, slot) == key) slot++;
    if (!s->desc && slot > s->at) s->at = slot;
}

/* Slots whose key can match, of rows in the file a segment more on either side. */
static int32_t memory_narrow_cold(memory_scan *s)
{
    memory_table *t = s->t;
    int64_t last = 0, key;
    int keys = s->after && s->norder == 1;
    for (uint32_t i = 0; i < s->q->npred; i++) keys |= s->c->pred[i].col == 0;
    if (keys) KAM__TRY(kam__memory_cold_last(t, &last, s->err));
    for (uint32_t i = 0; i < s->q->npred; i++) {
        const memory_pred *p = s->c->pred + i;
        if (p->col != 0 || p->op > KAM_OP_GE || kam__col_null(p->arg, 0)) continue;
        key = kam__col_i64(p->arg, 0);
        uint32_t from = key > last ? t->base : kam__memory_cold_from(t, key), to = key > last ? t->nslot : kam__memory_cold_to(t, key);
        if ((p->op == KAM_OP_EQ || p->op >= KAM_OP_GT) && from > s->at) s->at = from;
        if (p->op <= KAM_OP_LE && to < s->end) s->end = to;
        if (p->op == KAM_OP_EQ && key > last) s->at = kam__memory_lower(t, key), s->end = s->at < t->nslot ? s->at + 1 : s->at;
    }
    if (s->after && s->norder == 1) {
        memcpy(&key, s->after, sizeof key);
        uint32_t from = key > last ? kam__memory_lower(t, key) : kam__memory_cold_from(t, key);
        uint32_t to = key > last ? from : kam__memory_cold_to(t, key);
        if (!s->desc && key > last && from < t->nslot && memory_key(t, from) == key) from++;
        if (!s->desc && from > s->at) s->at = from;
        if (s->desc && to < s->end) s->end = to;
    }
    if (s->at > s->end) s->at = s->end;
    return KAM_OK;
}

/* Rows of the file, then those in memory, as they come. *load: reading them all into memory is better: another order of many rows, or
 * a few rows were looked for so often that it would have paid. */
static int32_t memory_scan_cold(memory_scan *s, int *load)
{
    memory_table *t = s->t;
    uint64_t rows = 0;
    int lookup = 0;
    s->at = 0;
    s->end = t->nslot;
    KAM__TRY(memory_narrow_cold(s));
    KAM__TRY(kam__memory_cold_begin(s->c, t, s->q, s->at, s->end, &rows, &lookup, s->err));
    if (s->end > t->base) rows += s->end - (s->at > t->base ? s->at : t->base);
    if (lookup) t->cold->spent += rows;
    *load = !s->c->m->imaging && ((s->norder > 1 && rows > t->nslot / 8u) || t->cold->spent > SCAN_SPENT * t->nslot);
    s->walk = s->stream = s->cold = 1;
    s->unordered = s->norder > 1;
    if (s->unordered) s->left = UINT64_MAX, s->after = NULL;
    return KAM_OK;
}

/* A condition says which key: one slot, whose memory is asked for at once. */
static int memory_scan_one(memory_scan *s)
{
    uint32_t i = 0;
    while (i < s->q->npred && (s->c->pred[i].col != 0 || s->c->pred[i].op != KAM_OP_EQ)) i++;
    if (i == s->q->npred) return 0;
    s->t->used = s->walk = s->stream = 1;
    s->at = 0;
    s->end = kam__col_null(s->c->pred[i].arg, 0) ? 0 : s->t->nslot;
    memory_narrow(s);
    if (s->at >= s->end) s->at = s->end;
    else kam__memory_fill_soon(s->c, s->t, s->q->nfield, s->at);
    return 1;
}

static int32_t memory_scan_way(memory_scan *s)
{
    if (s->t->cold) {
        memory_scan was = *s;
        int load;
        KAM__TRY(memory_scan_cold(s, &load));
        if (!load) return KAM_OK;
        *s = was;
        KAM__TRY(kam__memory_warm(s->t, s->err));
    }
    const memory_pred *best = NULL;
    uint64_t n, least = UINT64_MAX;
    if (s->t->sorted && s->norder == 1 && memory_scan_one(s)) return KAM_OK;
    for (uint32_t i = 0; i < s->q->npred; i++) {
        KAM__TRY(memory_index_size(s, s->c->pred + i, &n));
        if (n < least) least = n, best = s->c->pred + i;
    }
    if (best) s->t->used = 1;
    s->at = s->end = 0;
    if (best && least <= (uint64_t)s->t->nslot / 4 + 64) return memory_lookup(s, best);
    s->walk = 1;
    s->end = s->t->nslot;
    s->stream = s->t->sorted && s->norder == 1;
    if (s->t->sorted) memory_narrow(s);
    if (s->at > s->end) s->at = s->end;     /* conditions that exclude each other */
    return KAM_OK;
}

/* ---------------------------------------------------------------- rows that match */

static int memory_match(const memory_scan *s, uint32_t slot)
{
    int seen = kam__memory_visible(s->t, slot, s->c->snapshot);
    if (!seen) return 0;
    for (uint32_t i = 0; i < s->q->npred; i++)
        if (!kam__memory_pred_match(s->c->pred + i, s->t, slot, s->c->snapshot, seen == 1)) return 0;
    return 1;
}

/* Order values, missing ones last either way, then the key. */
static int memory_row_cmp(const void *a, const void *b, void *arg)
{
    const memory_scan *s = arg;
    uint32_t xnull, ynull;
    memcpy(&xnull, (const char *)a + s->stride - sizeof xnull, sizeof xnull);
    memcpy(&ynull, (const char *)b + s->stride - sizeof ynull, sizeof ynull);
    for (uint32_t i = 0; i < s->norder; i++) {
        uint32_t xn = xnull >> i & 1, yn = ynull >> i & 1;
        int64_t x, y;
        if (xn != yn) return xn ? 1 : -1;
        memcpy(&x, (const char *)a + i * sizeof x, sizeof x);
        memcpy(&y, (const char *)b + i * sizeof y, sizeof y);
        if (x != y) return (x < y) == !s->desc ? -1 : 1;
    }
    return 0;
}

static int32_t memory_note(memory_scan *s, uint32_t slot)
{
    memory_conn *c = s->c;
    uint32_t nulls = 0;
    size_t need = ((size_t)s->nlist + 1) * s->stride;
    if (need > c->list_cap && kam__grow(c->m->ctx, &c->list, &c->list_cap, need, 1, NULL) != KAM_OK)
        return kam__memory_nomem(s->err);
    char *row = c->list + s->nlist * s->stride;
    for (uint32_t i = 0; i < s->norder; i++) {
        uint64_t bits = 0;
        if (!kam__memory_see(s->t, s->order[i], slot, c->snapshot, &bits)) nulls |= 1u << i, bits = 0;
        memcpy(row + i * sizeof bits, &bits, sizeof bits);
    }
    memory_row_tail(s, row, slot, nulls);
    if (!s->after || memory_row_cmp(row, s->after, s) > 0) s->nlist++;
    return KAM_OK;
}

/* Sorts the list, drops rows that an index gave twice, and what is beyond the limit. */
static int32_t memory_list_sort(memory_scan *s)
{
    char *list = s->c->list;
    uint32_t n = 0;
    if (s->nlist > 1 && kam__sort(s->c->m->ctx, list, s->nlist, s->stride, memory_row_cmp, s, NULL) != KAM_OK)
        return kam__memory_nomem(s->err);
    for (uint32_t i = 0; i < s->nlist && n < s->left; i++) {
        char *row = list + i * s->stride;
        if (n && memory_row_cmp(list + (n - 1) * s->stride, row, s) == 0) continue;
        if (n != i) memcpy(list + n * s->stride, row, s->stride);
        n++;
    }
    s->nlist = n;
    return KAM_OK;
}

/* Notes matching rows; comes back after a while, s->at == s->end when all are there. */
static int32_t memory_list_some(memory_scan *s)
{
    uint32_t stop = s->end - s->at > SCAN_CHUNK ? s->at + SCAN_CHUNK : s->end;
    for (; s->at < stop; s->at++) {
        uint32_t slot = s->walk ? s->at : s->c->found[s->at];
        if (slot < s->t->nslot && memory_match(s, slot)) KAM__TRY(memory_note(s, slot));
    }
    return KAM_OK;
}

/* With the lock; gives it up in between. */
static int32_t memory_list(memory_scan *s)
{
    kam__lock *lock = s->c->m->lock;
    for (;;) {
        KAM__TRY(memory_list_some(s));
        if (s->at == s->end && s->nlist <= 1) break;
        kam__lock_give(lock);
        int32_t rc =
            s->at == s->end || (s->q->limit && s->nlist / 2 > s->q->limit + 2048) ? memory_list_sort(s) : KAM_OK;
        kam__lock_take(lock);
        KAM__TRY(rc);
        if (s->at == s->end) break;
    }
    s->at = 0;
    s->end = s->nlist;
    return KAM_OK;
}

/* ---------------------------------------------------------------- handing out */

/* The next block is that many slots from c->slot[0] on. */
static uint32_t memory_pick_run(memory_scan *s, uint32_t want)
{
    uint32_t n = s->end - s->at < want ? s->end - s->at : want;
    s->c->slot[0] = s->at;
    s->at += n;
    return n;
}

/* Slots of the next block into c->slot; their number. `next` is where to go on behind each, in c->slot's order. */
static uint32_t memory_pick_stream(memory_scan *s, uint32_t want, uint32_t *run)
{
    uint32_t n = 0;
    if (s->end > s->t->nslot) s->end = s->t->nslot;
    uint32_t least = s->at > s->t->base ? s->at : s->t->base;       /* what is below comes from the file */
    *run = !s->desc && !s->q->npred && s->at == least && s->at < s->end && memory_all_visible(s->t, s->c->snapshot);
    if (*run) return memory_pick_run(s, want);
    for (uint32_t look = SCAN_CHUNK; (s->desc ? least : s->at) < s->end && n < want && look; look--) {
        uint32_t slot = s->desc ? --s->end : s->at++;
        if (memory_match(s, slot)) s->c->slot[n++] = slot;
    }
    return n;
}

static uint32_t memory_pick_list(memory_scan *s, uint32_t want)
{
    uint32_t n = 0;
    for (; s->at < s->end && n < want; s->at++)
        memcpy(s->c->slot + n++, s->c->list + s->at * s->stride + s->norder * sizeof(int64_t), sizeof(uint32_t));
    return n;
}

/* Rows from `kept` on did not go into the block: they come again. */
static void memory_unpick(memory_scan *s, uint32_t n, uint32_t kept, uint32_t run)
{
    if (kept == n) return;
    if (!s->stream || run) s->at -= n - kept;
    else if (s->desc) s->end = s->c->slot[kept] + 1;
    else s->at = s->c->slot[kept];
}

static int32_t memory_next(memory_scan *s, kam_block *out, uint32_t *rows)
{
    memory_conn *c = s->c;
    uint32_t want = s->block < s->left ? s->block : (uint32_t)s->left, room = want;
    if (!s->stream && s->end - s->at < room) room = s->end - s->at;
    if (kam__grow(c->m->ctx, &c->slot, &c->slot_cap, room, sizeof *c->slot, NULL) != KAM_OK)
        return kam__memory_nomem(s->err);
    if (s->cold && !s->t->cold) {           /* somebody loaded it meanwhile: the slots are the same */
        s->cold = 0;
        if (s->t->sorted) memory_narrow(s);
    }
    if (s->cold && (s->desc ? s->end <= s->t->base : s->at < s->t->base)) {
        int64_t key = 0;
        uint32_t end = s->end < s->t->base ? s->end : s->t->base;
        if (s->after) memcpy(&key, s->after, sizeof key);
        KAM__TRY(kam__memory_cold_next(c, s->t, s->q, s->after ? &key : NULL, &s->at, &end, want, out, rows, s->err));
        if (s->desc) s->end = end;
        s->left -= *rows;
        return KAM_OK;
    }
    memory_rows kept = {0};
    uint32_t n = kept.n = s->stream ? memory_pick_stream(s, want, &kept.run) : memory_pick_list(s, want);
    if (n && kam__memory_fill(c, s->t, s->q->nfield, &kept, out) != KAM_OK) return kam__memory_nomem(s->err);
    memory_unpick(s, n, kept.n, kept.run);
    s->left -= kept.n;
    *rows = kept.n;
    return KAM_OK;
}

/* With the lock, given up around the callback and at the end. */
static int32_t memory_hand_out(memory_scan *s, kam_block_fn fn, void *user, uint32_t release)
{
    kam__lock *lock = s->c->m->lock;
    for (;;) {
        kam_block block;
        uint32_t n = 0;
        int32_t rc = memory_next(s, &block, &n);
        int over = rc != KAM_OK || s->at >= s->end || !s->left;
        if (over && release) kam__memory_read_end(s->c);
        kam__lock_give(lock);
        if (n && rc == KAM_OK) rc = fn(user, &block);
        if (over) return rc;
        kam__lock_take(lock);
        if (rc == KAM_OK) continue;
        if (release) kam__memory_read_end(s->c);
        kam__lock_give(lock);
        return rc;
    }
}

int32_t kam__memory_scan(memory_conn *c, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    memory_scan s = {.c = c, .q = q, .err = err, .desc = q->flags & 1, .left = q->limit ? q->limit : UINT64_MAX};
    uint32_t release = c->mode == 0;
    s.block = q->block_rows == 0 ? KAM__BLOCK_ROWS : q->block_rows > KAM__BLOCK_MAX ? KAM__BLOCK_MAX : q->block_rows;
    kam__arena_reset(&c->arena);
    kam__lock_take(c->m->lock);
    int32_t rc = kam__memory_table_of(&s.t, c->m, q->table, err);
    if (rc == KAM_OK) rc = memory_scan_check(&s);
    if (rc == KAM_OK && release) {
        c->reading = 1;
        c->snapshot = c->m->commit;
    }
    if (rc == KAM_OK) rc = memory_scan_way(&s);
    if (rc == KAM_OK && !s.stream) rc = memory_list(&s);
    if (rc != KAM_OK) {
        if (release) kam__memory_read_end(c);
        kam__lock_give(c->m->lock);
        return rc;
    }
    q->handled = s.unordered ? UINT64_MAX >> 1 : UINT64_MAX;            /* every condition is exact, mostly order, after and limit too */
    return memory_hand_out(&s, fn, user, release);
}

#undef SCAN_CHUNK
#undef SCAN_ORDER_MAX
#undef SCAN_SPENT
