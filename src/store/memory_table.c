/*
 * store/memory_table.c - a table in memory: one typed vector per field, rows in slots in the order of insertion.
 *
 * A column grows only as far as it has values, so a field nobody fills costs nothing. Texts lie in chunks that never
 * move and are named by one uint64; a text that is replaced stays behind until the table is rewritten, which happens
 * when half of it is waste. Keys usually rise with the slots: then a key is found by bisection between close bounds,
 * without any table on the side.
 */
#include "memory_table.h"

#define POOL_CHUNK (1u << 20)
#define POOL_OFFSET_MAX ((1u << 23) - 1)
#define POOL_CHUNKS (1u << 17)

/* ---------------------------------------------------------------- texts */

/* Room for len bytes in one piece; *bits names it with length 0. LIMIT: the pool has no numbers left. */
static int32_t memory_pool_take(kam_ctx *ctx, memory_pool *p, size_t len, char **to, uint64_t *bits)
{
    struct memory_chunk *c = p->n ? p->chunk + p->current : NULL;
    if (!c || len > c->size - c->used || c->used > POOL_OFFSET_MAX) {
        uint64_t want = p->size < 4096 ? 4096 : p->size;
        size_t size = want > POOL_CHUNK ? POOL_CHUNK : (size_t)want;
        if (len > POOL_OFFSET_MAX + 1u || p->n >= POOL_CHUNKS) return KAM_E_LIMIT;
        if (size < len) size = len;
        KAM__TRY(kam__grow(ctx, &p->chunk, &p->cap, p->n + 1, sizeof *p->chunk, NULL));
        c = p->chunk + p->n;
        *c = (struct memory_chunk){kam__alloc(ctx, size), (uint32_t)size, 0};
        if (!c->data) return KAM_E_NOMEM;
        p->current = p->n++;
        p->size += size;
    }
    *to = c->data + c->used;
    *bits = (uint64_t)p->current << 47 | (uint64_t)c->used << 24;
    c->used += (uint32_t)len;
    return KAM_OK;
}

const char *kam__memory_text(const memory_table *t, uint64_t bits, size_t *len)
{
    *len = (size_t)(bits & MEMORY_TEXT_MAX);
    return *len ? t->pool.chunk[bits >> 47].data + (bits >> 24 & POOL_OFFSET_MAX) : "";
}

memory_pool_mark kam__memory_pool_mark(const memory_pool *p)
{
    return (memory_pool_mark){p->n, p->current, p->n ? p->chunk[p->current].used : 0};
}

void kam__memory_pool_reset(kam_ctx *ctx, memory_pool *p, memory_pool_mark mark)
{
    while (p->n > mark.n) {
        p->size -= p->chunk[--p->n].size;
        kam__free(ctx, p->chunk[p->n].data);
    }
    p->current = mark.current;
    if (p->n) p->chunk[p->current].used = mark.used;
}

static int32_t memory_text_copy(memory_table *t, const char *text, size_t len, uint64_t *bits)
{
    char *to;
    if (len > MEMORY_TEXT_MAX) return KAM_E_LIMIT;
    if (len > t->text_max) t->text_max = (uint32_t)len;
    *bits = 0;
    if (!len) return KAM_OK;
    KAM__TRY(memory_pool_take(t->ctx, &t->pool, len, &to, bits));
    memcpy(to, text, len);
    *bits |= len;
    return KAM_OK;
}

int32_t kam__memory_bits(memory_table *t, uint32_t col, const kam_col *from, uint32_t row, uint64_t *bits)
{
    if (t->col[col].type == KAM_T_TEXT) {
        size_t len;
        const char *text = kam__col_text(from, row, &len);
        return memory_text_copy(t, text, len, bits);
    }
    if (t->col[col].type == KAM_T_F64) {
        double v = kam__col_f64(from, row);
        memcpy(bits, &v, sizeof v);
    } else {
        *bits = (uint64_t)kam__col_i64(from, row);
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- columns */

static size_t memory_width(uint32_t type)
{
    return type == KAM_T_I32 ? 4 : 8;
}

/* Capacity up to slot n; new bits are 0. */
static int32_t memory_col_reserve(kam_ctx *ctx, memory_col *c, size_t n)
{
    n -= c->base;
    size_t bytes = n / 8 + 1, had = c->valid_cap;
    KAM__TRY(kam__grow(ctx, &c->data, &c->data_cap, n, memory_width(c->type), NULL));
    if (bytes <= had) return KAM_OK;
    KAM__TRY(kam__grow(ctx, &c->valid, &c->valid_cap, bytes, 1, NULL));
    memset(c->valid + had, 0, c->valid_cap - had);
    return KAM_OK;
}

/* The column reaches to slot n, new slots are without value. There must be room. */
static void memory_col_extend(memory_col *c, uint32_t n)
{
    size_t w = memory_width(c->type);
    if (n <= c->n) return;
    memset((char *)c->data + (c->n - c->base) * w, 0, (n - c->n) * w);
    c->n = n;
    c->holes = 1;
}

static void memory_col_truncate(memory_col *c, uint32_t n)
{
    if (c->n <= n) return;
    uint32_t keep = n - c->base;
    size_t first = keep >> 3, bytes = ((size_t)(c->n - c->base) + 7) >> 3;
    c->valid[first] = (uint8_t)(c->valid[first] & ((1u << (keep & 7)) - 1));
    if (bytes > first + 1) memset(c->valid + first + 1, 0, bytes - first - 1);
    c->n = n;
}

static void memory_col_set(memory_col *c, uint32_t slot, uint64_t bits)
{
    uint32_t i = slot - c->base;
    if (c->type == KAM_T_I32) ((int32_t *)c->data)[i] = (int32_t)(int64_t)bits;
    else ((uint64_t *)c->data)[i] = bits;
    c->valid[i >> 3] = (uint8_t)(c->valid[i >> 3] | 1u << (i & 7));
}

int32_t kam__memory_put(memory_table *t, uint32_t col, uint32_t slot, uint64_t bits, int valid)
{
    memory_col *c = t->col + col;
    if (!valid && slot >= c->n) return KAM_OK;
    if (slot >= c->n) {
        KAM__TRY(memory_col_reserve(t->ctx, c, (size_t)slot + 1));
        memory_col_extend(c, slot);
        c->n = slot + 1;
    } else if (c->type == KAM_T_TEXT && memory_has(c, slot)) {
        t->text -= memory_get(c, slot) & MEMORY_TEXT_MAX;
    }
    if (valid) {
        memory_col_set(c, slot, bits);
        if (c->type == KAM_T_TEXT) t->text += bits & MEMORY_TEXT_MAX;
    } else {
        uint32_t i = slot - c->base;
        c->valid[i >> 3] = (uint8_t)(c->valid[i >> 3] & ~(1u << (i & 7)));
        c->holes = 1;
    }
    return KAM_OK;
}

static void memory_append_bits(memory_col *c, uint32_t at, const kam_col *from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t slot = at - c->base + i;
        if (!from->valid && (slot & 7) == 0 && n - i >= 8) {
            c->valid[slot >> 3] = 0xFF;
            i += 7;
        } else if (!kam__col_null(from, i)) {
            c->valid[slot >> 3] = (uint8_t)(c->valid[slot >> 3] | 1u << (slot & 7));
        } else {
            c->holes = 1;
        }
    }
}

/* The same text as in the row before (a source, a currency, a city) is kept once. */
static int memory_text_again(const kam_col *from, uint32_t row, uint64_t len)
{
    const char *text = (const char *)from->data + from->off[row];
    if (row == 0 || kam__col_null(from, row - 1)) return 0;
    if ((uint64_t)(from->off[row] - from->off[row - 1]) != len) return 0;
    return memcmp(text, (const char *)from->data + from->off[row - 1], (size_t)len) == 0;
}

/* All texts of a block's column go into the pool as one piece; what repeats leave of it is given back. */
static int32_t memory_append_text(memory_table *t, uint64_t *to, const kam_col *from, uint32_t n)
{
    size_t size = (size_t)(from->off[n] - from->off[0]), used = 0;
    uint64_t base = 0;
    char *piece = NULL;
    if (size) KAM__TRY(memory_pool_take(t->ctx, &t->pool, size, &piece, &base));
    for (uint32_t i = 0; i < n; i++) {
        uint64_t len = (uint64_t)(from->off[i + 1] - from->off[i]);
        to[i] = 0;
        if (!len || kam__col_null(from, i)) continue;
        t->text += len;
        if (len > t->text_max) t->text_max = (uint32_t)len;
        if (memory_text_again(from, i, len)) {
            to[i] = to[i - 1];
            continue;
        }
        memcpy(piece + used, (const char *)from->data + from->off[i], (size_t)len);
        to[i] = base + ((uint64_t)used << 24 | len);
        used += (size_t)len;
    }
    if (size) t->pool.chunk[t->pool.current].used -= (uint32_t)(size - used);
    return KAM_OK;
}

static void memory_append_numbers(memory_col *c, uint32_t at, const kam_col *from, uint32_t n)
{
    if (c->type == from->type) {
        size_t w = memory_width(c->type);
        memcpy((char *)c->data + (at - c->base) * w, from->data, n * w);
    } else if (c->type == KAM_T_I64) {
        for (uint32_t i = 0; i < n; i++) ((int64_t *)c->data)[at - c->base + i] = ((const int32_t *)from->data)[i];
    }
}

int32_t kam__memory_append(memory_table *t, uint32_t col, uint32_t at, const kam_col *from, uint32_t n)
{
    memory_col *c = t->col + col;
    KAM__TRY(memory_col_reserve(t->ctx, c, (size_t)at + n));
    memory_col_extend(c, at);
    if (c->type == KAM_T_TEXT) KAM__TRY(memory_append_text(t, (uint64_t *)c->data + (at - c->base), from, n));
    else memory_append_numbers(c, at, from, n);
    memory_append_bits(c, at, from, n);
    c->n = at + n;
    return KAM_OK;
}

int32_t kam__memory_col_reach(memory_table *t, uint32_t col, uint32_t from, uint32_t n)
{
    memory_col *c = t->col + col;
    KAM__TRY(memory_col_reserve(t->ctx, c, n));
    memory_col_extend(c, from);
    c->n = n;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the table */

int32_t kam__memory_table_add(memory_table *t, const kam_field *f)
{
    int unique = (f->flags & KAM_F_UNIQUE) != 0;
    if (f->type < KAM_T_I32 || f->type > KAM_T_TEXT) return KAM_E_SCHEMA;
    if (unique && (t->nslot || t->nunique == MEMORY_UNIQUE_MAX)) return KAM_E_SCHEMA;
    KAM__TRY(kam__grow(t->ctx, &t->col, &t->col_cap, t->ncol + 1, sizeof *t->col, NULL));
    memory_col *c = t->col + t->ncol;
    memset(c, 0, sizeof *c);
    c->field = f->id;
    c->flags = f->flags;
    c->type = f->type;
    c->base = c->n = t->base;
    if (unique) {
        t->search = (uint32_t)t->ncol;
        t->unique_col[t->nunique++] = t->search;
    }
    t->ncol++;
    return KAM_OK;
}

int32_t kam__memory_table_new(memory_table **out, kam_ctx *ctx, const kam_table *def)
{
    int32_t rc = KAM_OK;
    memory_table *t = kam__zalloc(ctx, sizeof *t);
    if (!t) return KAM_E_NOMEM;
    t->ctx = ctx;
    t->id = def->id;
    t->sorted = 1;
    t->search = MEMORY_NONE;
    t->next_id = 1;
    t->grows = def->cls == KAM_C_EVENT || def->cls == KAM_C_RUN;
    t->name = kam__text_dup(ctx, def->name ? def->name : "", KAM_NUL);
    if (!t->name) rc = KAM_E_NOMEM;
    for (uint32_t i = 0; i < def->nfield && rc == KAM_OK; i++) rc = kam__memory_table_add(t, def->field + i);
    if (rc == KAM_OK) *out = t;
    else kam__memory_table_free(t);
    return rc;
}

/* Everything but name, columns' descriptions and counters of ids. */
void kam__memory_table_drop(memory_table *t)
{
    for (size_t i = 0; i < t->ncol; i++) {
        kam__memory_index_free(t->ctx, t->col + i);
        kam__free(t->ctx, t->col[i].data);
        kam__free(t->ctx, t->col[i].valid);
    }
    kam__memory_pool_reset(t->ctx, &t->pool, (memory_pool_mark){0, 0, 0});
    kam__free(t->ctx, t->pool.chunk);
    kam__free(t->ctx, t->stamp);
    kam__free(t->ctx, t->undo);
    kam__free(t->ctx, t->keys.item);
    kam__free(t->ctx, t->unique.item);
    kam__free(t->ctx, t->col);
}

void kam__memory_table_free(memory_table *t)
{
    kam_ctx *ctx = t->ctx;
    kam__memory_table_drop(t);
    kam__memory_cold_free(t);
    kam__free(ctx, t->name);
    kam__free(ctx, t);
}

int32_t kam__memory_table_reserve(memory_table *t, uint32_t n)
{
    size_t need = (size_t)t->nslot + n, had = t->undo_cap;
    if (need >= MEMORY_NONE) return KAM_E_LIMIT;
    need -= t->base;
    KAM__TRY(kam__grow(t->ctx, &t->stamp, &t->slot_cap, need, sizeof *t->stamp, NULL));
    if (!t->undo || need <= had) return KAM_OK;
    KAM__TRY(kam__grow(t->ctx, &t->undo, &t->undo_cap, need, sizeof(memory_undo *), NULL));
    memset(t->undo + had, 0, (t->undo_cap - had) * sizeof(memory_undo *));
    return KAM_OK;
}

void kam__memory_table_truncate(memory_table *t, uint32_t n)
{
    for (uint32_t s = n; s < t->nslot; s++) {
        if (!t->sorted) kam__memory_hash_remove(&t->keys, kam__memory_tag(t, KAM_T_I64, (uint64_t)memory_key(t, s)), s);
        kam__memory_unique_remove(t, s);
        if (t->undo) *memory_undo_of(t, s) = NULL;
        if (!(*memory_stamp(t, s) & MEMORY_GONE)) t->live--;
    }
    for (size_t i = 0; i < t->ncol; i++) memory_col_truncate(t->col + i, n);
    t->nslot = n;
}

uint32_t kam__memory_col_find(const memory_table *t, uint32_t field, uint32_t hint)
{
    for (uint32_t i = hint; i < t->ncol; i++)
        if (t->col[i].field == field) return i;
    for (uint32_t i = 0; i < t->ncol && i < hint; i++)
        if (t->col[i].field == field) return i;
    return MEMORY_NONE;
}

uint64_t kam__memory_table_bytes(const memory_table *t)
{
    uint64_t bytes = t->pool.size + t->slot_cap * 8 + t->undo_cap * sizeof(memory_undo *);
    bytes += (t->keys.cap + t->unique.cap) * sizeof(struct memory_item);
    for (size_t i = 0; i < t->ncol; i++) {
        const memory_col *c = t->col + i;
        bytes += c->data_cap * memory_width(c->type) + c->valid_cap;
        if (c->index) bytes += (c->index->tag.cap + c->index->chain_cap + c->index->node_cap) * 8;
    }
    return t->cold ? bytes + kam__memory_cold_bytes(t->cold) : bytes;
}

/* ---------------------------------------------------------------- keys */

/* Distinct rising keys: from the first and from the last key on, a key is at most its distance away. */
uint32_t kam__memory_lower(const memory_table *t, int64_t key)
{
    uint32_t n = t->nslot, base = t->base, lo = base, hi = n;
    if (n == base || key <= memory_key(t, base)) return base;
    int64_t first = memory_key(t, base), last = memory_key(t, n - 1);
    if (key > last) return n;
    uint64_t up = (uint64_t)key - (uint64_t)first, down = (uint64_t)last - (uint64_t)key;
    if (up < hi - base) hi = base + (uint32_t)up;
    if (down < n - 1 - base) lo = n - 1 - (uint32_t)down;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (memory_key(t, mid) < key) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

uint32_t kam__memory_find(const memory_table *t, int64_t key)
{
    uint32_t slot;
    if (t->sorted) {
        slot = kam__memory_lower(t, key);
        return slot < t->nslot && memory_key(t, slot) == key ? slot : MEMORY_NONE;
    }
    uint32_t tag = kam__memory_tag(t, KAM_T_I64, (uint64_t)key);
    size_t at = tag;
    while ((slot = kam__memory_hash_next(&t->keys, tag, &at)) != MEMORY_NONE)
        if (memory_key(t, slot) == key) return slot;
    return MEMORY_NONE;
}

int32_t kam__memory_unsort(memory_table *t)
{
    KAM__TRY(kam__memory_hash_room(t->ctx, &t->keys, t->nslot - t->base));
    for (uint32_t s = t->base; s < t->nslot; s++)
        kam__memory_hash_put(&t->keys, kam__memory_tag(t, KAM_T_I64, (uint64_t)memory_key(t, s)), s);
    t->sorted = 0;
    return KAM_OK;
}

/* ---------------------------------------------------------------- rewriting */

static int memory_slot_cmp(const void *a, const void *b, void *arg)
{
    const memory_table *t = arg;
    int64_t x = memory_key(t, *(const uint32_t *)a), y = memory_key(t, *(const uint32_t *)b);
    return x < y ? -1 : x > y;
}

/* The text of a row in the new table; shared with the row before where it was. */
static int32_t memory_copy_text(memory_table *to, const memory_table *from, uint32_t col, uint32_t slot,
                                uint32_t before, uint64_t *bits) {
    const memory_col *c = from->col + col;
    size_t len;
    if (before != MEMORY_NONE && memory_has(c, before) && memory_get(c, before) == *bits) {
        *bits = memory_get(to->col + col, to->nslot - 1);
        return KAM_OK;
    }
    const char *text = kam__memory_text(from, memory_get(c, slot), &len);
    return memory_text_copy(to, text, len, bits);
}

static int32_t memory_copy_row(memory_table *to, const memory_table *from, uint32_t slot, uint32_t before)
{
    uint32_t at = to->nslot;
    KAM__TRY(kam__memory_table_reserve(to, 1));
    for (uint32_t i = 0; i < from->ncol; i++) {
        const memory_col *c = from->col + i;
        if (!memory_has(c, slot)) continue;
        uint64_t bits = memory_get(c, slot);
        if (c->type == KAM_T_TEXT) KAM__TRY(memory_copy_text(to, from, i, slot, before, &bits));
        KAM__TRY(kam__memory_put(to, i, at, bits, 1));
    }
    *memory_stamp(to, at) = *memory_stamp(from, slot);
    to->nslot++;
    to->live++;
    if (!to->nunique) return KAM_OK;
    KAM__TRY(kam__memory_hash_room(to->ctx, &to->unique, 1));
    return kam__memory_unique_add(to, at);
}

int32_t kam__memory_table_copy_row(memory_table *to, const memory_table *from, uint32_t slot)
{
    return memory_copy_row(to, from, slot, slot > to->base ? slot - 1 : MEMORY_NONE);
}

static int32_t memory_copy_rows(memory_table *to, const memory_table *from, uint32_t *slot)
{
    uint32_t n = 0;
    for (uint32_t s = from->base; s < from->nslot; s++)
        if (!(*memory_stamp(from, s) & MEMORY_GONE)) slot[n++] = s;
    if (!from->sorted)
        KAM__TRY(kam__sort(from->ctx, slot, n, sizeof *slot, memory_slot_cmp, (void *)(uintptr_t)from, NULL));
    for (uint32_t i = 0; i < n; i++) KAM__TRY(memory_copy_row(to, from, slot[i], i ? slot[i - 1] : MEMORY_NONE));
    return KAM_OK;
}

int32_t kam__memory_table_fresh(memory_table *fresh, const memory_table *t, uint32_t base)
{
    *fresh = *t;
    fresh->col = kam__zalloc_n(t->ctx, t->col_cap, sizeof *fresh->col);
    if (!fresh->col) return KAM_E_NOMEM;
    for (size_t i = 0; i < t->ncol; i++)
        fresh->col[i] = (memory_col){.field = t->col[i].field, .flags = t->col[i].flags, .type = t->col[i].type, .base = base, .n = base};
    fresh->base = fresh->nslot = fresh->live = base;
    fresh->sorted = 1;
    fresh->slot_cap = fresh->undo_cap = 0;
    fresh->stamp = NULL;
    fresh->undo = NULL;
    memset(&fresh->keys, 0, sizeof fresh->keys);
    memset(&fresh->unique, 0, sizeof fresh->unique);
    memset(&fresh->pool, 0, sizeof fresh->pool);
    fresh->text = 0;
    return KAM_OK;
}

void kam__memory_table_compact(memory_table *t)
{
    memory_table fresh;
    if (t->nslot == t->base) return;
    uint32_t *slot = kam__alloc(t->ctx, (size_t)(t->nslot - t->base) * sizeof *slot);
    if (slot && kam__memory_table_fresh(&fresh, t, t->base) == KAM_OK) {
        memory_table old = *t;
        int whole = memory_copy_rows(&fresh, t, slot) == KAM_OK;
        if (whole) *t = fresh;
        kam__memory_table_drop(whole ? &old : &fresh);
    }
    kam__free(t->ctx, slot);
}

#undef POOL_CHUNK
#undef POOL_OFFSET_MAX
#undef POOL_CHUNKS
