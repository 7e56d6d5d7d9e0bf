/*
 * store/memory_index.c - from a value to the slots that hold it.
 *
 * One small hash table of (tag, slot) serves keys, unique values and the index: it keeps 32 bits of the value's hash
 * and never the value, which lies in the row anyway. The unique table holds exactly the rows that are there for the
 * writer. An index only grows: a slot stays in the chain of each value it ever had, because some reader may still see
 * that version; who uses a chain looks at the row again. It is made when it is first asked for, so that loading costs
 * nothing, and made anew when half of it is stale.
 */
#include "memory_table.h"

/* ---------------------------------------------------------------- tags */

static uint64_t memory_hash_f64(double v)
{
    uint64_t bits;
    if (v == 0.0) v = 0.0;                  /* -0 equals 0 */
    memcpy(&bits, &v, sizeof bits);
    return kam__hash_i64((int64_t)bits);
}

uint64_t kam__memory_hash(const memory_table *t, uint32_t type, uint64_t bits)
{
    if (type == KAM_T_TEXT) {
        size_t len;
        const char *text = kam__memory_text(t, bits, &len);
        return kam__hash(text, len);
    }
    if (type == KAM_T_F64) {
        double v;
        memcpy(&v, &bits, sizeof v);
        return memory_hash_f64(v);
    }
    return kam__hash_i64((int64_t)bits);
}

uint64_t kam__memory_hash_arg(uint32_t type, const kam_col *arg, uint32_t row)
{
    if (type == KAM_T_TEXT) {
        size_t len;
        const char *text = kam__col_text(arg, row, &len);
        return kam__hash(text, len);
    }
    if (type == KAM_T_F64) return memory_hash_f64(kam__col_f64(arg, row));
    return kam__hash_i64(kam__col_i64(arg, row));
}

uint32_t kam__memory_tag(const memory_table *t, uint32_t type, uint64_t bits)
{
    return (uint32_t)kam__memory_hash(t, type, bits);
}

uint32_t kam__memory_tag_arg(uint32_t type, const kam_col *arg, uint32_t row)
{
    return (uint32_t)kam__memory_hash_arg(type, arg, row);
}

/* ---------------------------------------------------------------- tag -> slot */

void kam__memory_hash_put(memory_hash *h, uint32_t tag, uint32_t slot)
{
    size_t i = tag & (h->cap - 1);
    while (h->item[i].slot1) i = (i + 1) & (h->cap - 1);
    h->item[i] = (struct memory_item){tag, slot + 1};
    h->n++;
}

int32_t kam__memory_hash_room(kam_ctx *ctx, memory_hash *h, size_t more)
{
    size_t cap = h->cap ? h->cap : 16;
    while (h->n + more > cap / 4 * 3) {
        if (cap > SIZE_MAX / 32) return KAM_E_NOMEM;
        cap *= 2;
    }
    if (cap == h->cap) return KAM_OK;
    memory_hash to = {kam__zalloc_n(ctx, cap, sizeof *h->item), 0, cap};
    if (!to.item) return KAM_E_NOMEM;
    for (size_t i = 0; i < h->cap; i++)
        if (h->item[i].slot1) kam__memory_hash_put(&to, h->item[i].tag, h->item[i].slot1 - 1);
    kam__free(ctx, h->item);
    *h = to;
    return KAM_OK;
}

uint32_t kam__memory_hash_next(const memory_hash *h, uint32_t tag, size_t *at)
{
    if (!h->cap) return MEMORY_NONE;
    for (size_t i = *at & (h->cap - 1); h->item[i].slot1; i = (i + 1) & (h->cap - 1)) {
        if (h->item[i].tag != tag) continue;
        *at = i + 1;
        return h->item[i].slot1 - 1;
    }
    return MEMORY_NONE;
}

/* What follows the hole moves up if its own place lies at or before the hole (Knuth, vol. 3, 6.4, algorithm R). */
static void memory_hash_close(memory_hash *h, size_t hole)
{
    size_t mask = h->cap - 1, i = hole;
    for (;;) {
        i = (i + 1) & mask;
        if (!h->item[i].slot1) break;
        size_t home = h->item[i].tag & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        h->item[hole] = h->item[i];
        hole = i;
    }
    h->item[hole].slot1 = 0;
    h->n--;
}

void kam__memory_hash_remove(memory_hash *h, uint32_t tag, uint32_t slot)
{
    size_t at = tag;
    uint32_t s;
    while ((s = kam__memory_hash_next(h, tag, &at)) != MEMORY_NONE) {
        if (s != slot) continue;
        memory_hash_close(h, (at - 1) & (h->cap - 1));
        return;
    }
}

/* ---------------------------------------------------------------- unique values */

int kam__memory_unique_tag(const memory_table *t, uint32_t slot, uint32_t *tag)
{
    uint32_t mix = 0;
    if (!t->nunique) return 0;
    for (uint32_t i = 0; i < t->nunique; i++) {
        const memory_col *c = t->col + t->unique_col[i];
        if (!memory_has(c, slot)) return 0;
        mix = mix * 0x9E3779B1u + kam__memory_tag(t, c->type, memory_get(c, slot));
    }
    *tag = mix;
    return 1;
}

static int memory_unique_same(const memory_table *t, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < t->nunique; i++) {
        const memory_col *c = t->col + t->unique_col[i];
        uint64_t x = memory_get(c, a), y = memory_get(c, b);
        if (c->type != KAM_T_TEXT) {
            if (x != y) return 0;
            continue;
        }
        size_t xlen, ylen;
        const char *xt = kam__memory_text(t, x, &xlen), *yt = kam__memory_text(t, y, &ylen);
        if (xlen != ylen || memcmp(xt, yt, xlen) != 0) return 0;
    }
    return 1;
}

int32_t kam__memory_unique_put(memory_table *t, uint32_t slot, uint32_t tag)
{
    uint32_t other;
    size_t at = tag;
    while ((other = kam__memory_hash_next(&t->unique, tag, &at)) != MEMORY_NONE)
        if (memory_unique_same(t, other, slot)) return KAM_E_EXISTS;
    kam__memory_hash_put(&t->unique, tag, slot);
    return KAM_OK;
}

int32_t kam__memory_unique_add(memory_table *t, uint32_t slot)
{
    uint32_t tag;
    return kam__memory_unique_tag(t, slot, &tag) ? kam__memory_unique_put(t, slot, tag) : KAM_OK;
}

void kam__memory_unique_remove(memory_table *t, uint32_t slot)
{
    uint32_t tag;
    if (t->unique.n && kam__memory_unique_tag(t, slot, &tag)) kam__memory_hash_remove(&t->unique, tag, slot);
}

/* ---------------------------------------------------------------- the index of a column */

void kam__memory_index_free(kam_ctx *ctx, memory_col *c)
{
    memory_index *x = c->index;
    if (!x) return;
    kam__free(ctx, x->tag.item);
    kam__free(ctx, x->chain);
    kam__free(ctx, x->node);
    kam__free(ctx, x);
    c->index = NULL;
}

const struct memory_chain *kam__memory_index_get(const memory_index *x, uint32_t tag)
{
    size_t at = tag;
    uint32_t i = kam__memory_hash_next(&x->tag, tag, &at);
    return i == MEMORY_NONE ? NULL : x->chain + i;
}

static int32_t memory_index_put(kam_ctx *ctx, memory_index *x, uint32_t tag, uint32_t slot)
{
    size_t at = tag;
    if (x->nnode >= MEMORY_NONE) return KAM_E_LIMIT;
    KAM__TRY(kam__grow(ctx, &x->node, &x->node_cap, x->nnode + 1, sizeof *x->node, NULL));
    uint32_t i = kam__memory_hash_next(&x->tag, tag, &at);
    if (i == MEMORY_NONE) {
        KAM__TRY(kam__memory_hash_room(ctx, &x->tag, 1));
        KAM__TRY(kam__grow(ctx, &x->chain, &x->chain_cap, x->nchain + 1, sizeof *x->chain, NULL));
        i = (uint32_t)x->nchain++;
        x->chain[i] = (struct memory_chain){MEMORY_NONE, 0};
        kam__memory_hash_put(&x->tag, tag, i);
    }
    x->node[x->nnode] = (struct memory_node){slot, x->chain[i].first};
    x->chain[i].first = (uint32_t)x->nnode++;
    x->chain[i].n++;
    return KAM_OK;
}

static int32_t memory_index_log(memory_table *t, uint32_t col, const memory_log *log)
{
    memory_col *c = t->col + col;
    for (const memory_undo *u = log ? log->last : NULL; u; u = u->before) {
        if (u->table != t) continue;
        for (uint32_t i = 0; i < u->ncell; i++)
            if (u->cell[i].col == col && u->cell[i].valid)
                KAM__TRY(memory_index_put(t->ctx, c->index, kam__memory_tag(t, c->type, u->cell[i].bits), u->slot));
    }
    return KAM_OK;
}

static int32_t memory_index_fill(memory_table *t, uint32_t col, const memory_log *logs, const memory_log *open)
{
    memory_col *c = t->col + col;
    for (uint32_t s = c->base; s < c->n; s++)
        if (memory_has(c, s))
            KAM__TRY(memory_index_put(t->ctx, c->index, kam__memory_tag(t, c->type, memory_get(c, s)), s));
    for (; logs; logs = logs->next) KAM__TRY(memory_index_log(t, col, logs));
    return memory_index_log(t, col, open);
}

int32_t kam__memory_index_make(memory_table *t, uint32_t col, const memory_log *logs, const memory_log *open)
{
    memory_col *c = t->col + col;
    if (c->index) return KAM_OK;
    c->index = kam__zalloc(t->ctx, sizeof *c->index);
    if (!c->index) return KAM_E_NOMEM;
    int32_t rc = memory_index_fill(t, col, logs, open);
    if (rc != KAM_OK) kam__memory_index_free(t->ctx, c);
    return rc;
}

void kam__memory_index_add(memory_table *t, uint32_t col, uint32_t slot)
{
    memory_col *c = t->col + col;
    if (!c->index || !memory_has(c, slot)) return;
    int32_t rc = memory_index_put(t->ctx, c->index, kam__memory_tag(t, c->type, memory_get(c, slot)), slot);
    if (rc != KAM_OK || c->index->nnode / 2 > (size_t)(t->nslot - t->base) + 1024) kam__memory_index_free(t->ctx, c);
}
