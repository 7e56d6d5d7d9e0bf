/*
 * store/memory_tail.c - the border between the rows of a table that lie in the file (slots below `base`) and those in memory.
 *
 * New rows go behind the ones in the file without reading those, as long as their keys are larger; whether unique values are free is
 * seen from sums of the segments and in the few that may have them. Moving the border down loads the rows, moving it up drops rows
 * that a checkpoint has written: slots stay the same, so whoever has noted one may go on.
 */
#include "memory_table.h"

/* ---------------------------------------------------------------- life */

void kam__memory_cold_free(memory_table *t)
{
    memory_cold *c = t->cold;
    if (!c) return;
    kam__memory_read_free(t->ctx, c->read_keys);
    kam__free(t->ctx, c->seg);
    kam__free(t->ctx, c->zones);
    kam__free(t->ctx, c->places.item);
    kam__arena_free(&c->arena);
    kam__free(t->ctx, c);
    t->cold = NULL;
}

uint64_t kam__memory_cold_bytes(const memory_cold *c)
{
    uint64_t bytes = c->cap * sizeof *c->seg + c->zones_cap * sizeof *c->zones + c->places.cap * sizeof *c->places.item;
    for (size_t i = 0; i < c->nzones && c->told; i++) bytes += c->zones[i].size;
    return bytes;
}

/* ---------------------------------------------------------------- the border goes down: all rows into memory */

/* Values of the rows in memory behind those of `to`, which end at slot base. Texts have their names already. */
static int32_t tail_copy_col(memory_table *to, uint32_t col, const memory_col *from, uint32_t base)
{
    memory_col *c = to->col + col;
    size_t w = from->type == KAM_T_I32 ? 4 : 8;
    uint32_t n = from->n - from->base;
    if (!n) return KAM_OK;
    KAM__TRY(kam__memory_col_reach(to, col, base, from->n));
    memcpy((char *)c->data + (base - c->base) * w, from->data, n * w);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = base - c->base + i;
        if (from->valid[i >> 3] >> (i & 7) & 1) c->valid[at >> 3] = (uint8_t)(c->valid[at >> 3] | 1u << (at & 7));
    }
    c->holes |= from->holes;
    return KAM_OK;
}

/* What is in memory of t goes behind the rows of `to`, which are those of the file. */
static int32_t tail_copy(memory_table *to, const memory_table *t)
{
    uint32_t base = t->base, n = t->nslot - base;
    KAM__TRY(kam__memory_table_reserve(to, n));
    KAM__TRY(kam__memory_hash_room(to->ctx, &to->unique, t->unique.n));
    if (t->undo) {
        to->undo = kam__zalloc_n(to->ctx, to->slot_cap, sizeof *to->undo);
        if (!to->undo) return KAM_E_NOMEM;
        to->undo_cap = to->slot_cap;
    }
    for (uint32_t i = 0; i < t->ncol; i++) KAM__TRY(tail_copy_col(to, i, t->col + i, base));
    if (n) memcpy(to->stamp + base, t->stamp, n * sizeof *t->stamp);
    if (n && t->undo) memcpy(to->undo + base, t->undo, n * sizeof *t->undo);
    for (size_t i = 0; i < t->unique.cap; i++)
        if (t->unique.item[i].slot1) kam__memory_hash_put(&to->unique, t->unique.item[i].tag, t->unique.item[i].slot1 - 1);
    return KAM_OK;
}

/* In place, and only what changes: a writer may be looking at the table's name and columns without the lock. */
static void tail_take(memory_table *t, memory_table *from)
{
    for (size_t i = 0; i < t->ncol; i++) {
        memory_col *c = t->col + i, *f = from->col + i;
        kam__memory_index_free(t->ctx, c);
        kam__free(t->ctx, c->data);
        kam__free(t->ctx, c->valid);
        f->index = NULL;
        *c = *f;
        f->data = f->valid = NULL;
    }
    kam__free(t->ctx, t->stamp);
    kam__free(t->ctx, t->undo);
    kam__free(t->ctx, t->unique.item);
    t->stamp = from->stamp;
    t->undo = from->undo;
    t->slot_cap = from->slot_cap;
    t->undo_cap = from->undo_cap;
    t->unique = from->unique;
    t->base = from->base;
    from->stamp = NULL;
    from->undo = NULL;
    memset(&from->unique, 0, sizeof from->unique);
}

/* Texts of the file go into the pool behind those in memory; they stay when the open transaction is taken back. */
static void tail_take_texts(memory_table *t, memory_table *from)
{
    t->pool = from->pool;
    t->text += from->text;
    t->mark_text += from->text;
    if (from->text_max > t->text_max) t->text_max = from->text_max;
    if (t->touched) t->mark_pool = kam__memory_pool_mark(&t->pool);
    memset(&from->pool, 0, sizeof from->pool);
}

int32_t kam__memory_warm(memory_table *t, kam_store_err *err)
{
    memory_table fresh;
    if (!t->cold) return KAM_OK;
    if (kam__memory_table_fresh(&fresh, t, 0) != KAM_OK) return kam__memory_nomem(err);
    memory_pool_mark mark = kam__memory_pool_mark(&t->pool);
    fresh.cold = NULL;
    fresh.pool = t->pool;
    int32_t rc = t->cold->load(t->cold->below, &fresh, t->cold, err);
    int whole = fresh.nslot == t->base && fresh.live == t->base && fresh.sorted && fresh.next_id <= t->next_id;
    if (whole && t->nslot > t->base && t->base) whole = memory_key(&fresh, t->base - 1) < memory_key(t, t->base);
    if (rc == KAM_OK && !whole)
        rc = kam__memory_fail(err, KAM_E_CORRUPT, t->id, 0, MEMORY_NONE, "%s: its rows are not what the checkpoint says", t->name);
    if (rc == KAM_OK && tail_copy(&fresh, t) != KAM_OK) rc = kam__memory_nomem(err);
    if (rc == KAM_OK) {
        tail_take_texts(t, &fresh);
        tail_take(t, &fresh);
        kam__memory_cold_free(t);
    } else {
        kam__memory_pool_reset(t->ctx, &fresh.pool, mark);
        t->pool = fresh.pool;
        memset(&fresh.pool, 0, sizeof fresh.pool);
    }
    kam__memory_table_drop(&fresh);
    return rc;
}

/* ---------------------------------------------------------------- the border goes up: rows leave the memory */

int kam__memory_sink(memory_table *t, memory_cold *cold, uint32_t base)
{
    memory_table fresh;
    int whole = kam__memory_table_fresh(&fresh, t, base) == KAM_OK;
    if (!whole) return 0;
    for (uint32_t s = base; s < t->nslot && whole; s++) whole = kam__memory_table_copy_row(&fresh, t, s) == KAM_OK;
    if (whole) {
        memory_table old = *t;
        kam__memory_cold_free(t);
        *t = fresh;
        t->cold = cold;
        kam__memory_table_drop(&old);
    } else {
        kam__memory_table_drop(&fresh);
    }
    return whole;
}

/* ---------------------------------------------------------------- is a key free? */

static int32_t tail_reader(memory_table *t, const uint32_t *col, uint32_t ncol, kam_store_err *err)
{
    memory_cold *c = t->cold;
    if (!c->read_keys) c->read_keys = kam__memory_read_new(t->ctx);
    if (!c->read_keys || kam__memory_read_fields(c->read_keys, t->ctx, t, col, ncol) != KAM_OK) return kam__memory_nomem(err);
    return KAM_OK;
}

int32_t kam__memory_cold_last(memory_table *t, int64_t *last, kam_store_err *err)
{
    memory_cold *c = t->cold;
    const kam_col *key;
    if (!c->last_known) {
        KAM__TRY(tail_reader(t, NULL, 0, err));
        KAM__TRY(kam__memory_read_seg(c->read_keys, t, c->nseg - 1, &key, err));
        c->last = ((const int64_t *)key->data)[c->seg[c->nseg - 1].nrow - 1];
        c->last_known = 1;
    }
    *last = c->last;
    return KAM_OK;
}

static int32_t tail_key_in_file(memory_table *t, int64_t key, int *found, kam_store_err *err)
{
    const kam_col *k;
    *found = 0;
    if (key < t->cold->seg[0].key) return KAM_OK;
    size_t i = kam__memory_cold_seg(t->cold, kam__memory_cold_from(t, key));
    KAM__TRY(tail_reader(t, NULL, 0, err));
    KAM__TRY(kam__memory_read_seg(t->cold->read_keys, t, i, &k, err));
    const int64_t *v = k->data;
    uint32_t lo = 0, hi = t->cold->seg[i].nrow;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (v[mid] < key) lo = mid + 1;
        else hi = mid;
    }
    *found = lo < t->cold->seg[i].nrow && v[lo] == key;
    return KAM_OK;
}

int32_t kam__memory_cold_keys(memory_table *t, const kam_col *key, uint32_t n, int *how, uint32_t *row, kam_store_err *err)
{
    int64_t last;
    *how = 1;
    KAM__TRY(kam__memory_cold_last(t, &last, err));
    if (t->nslot > t->base) last = memory_key(t, t->nslot - 1);
    for (uint32_t i = 0; i < n; i++) {
        int64_t k = kam__col_i64(key, i);
        if (k > last) {
            last = k;
        } else if (k <= t->cold->last) {
            int found;
            KAM__TRY(tail_key_in_file(t, k, &found, err));
            *how = found ? 2 : 0;
            *row = i;
            return KAM_OK;
        } else {
            uint32_t slot = kam__memory_find(t, k);
            *how = slot != MEMORY_NONE;
            if (!*how || !(*memory_stamp(t, slot) & MEMORY_GONE)) return KAM_OK;
        }
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- are unique values free? */

typedef struct tail_unique {
    memory_table *t;
    const uint32_t *slot;
    uint64_t *hash;                         /* of the value in t->search; rows without all their unique values have n_asked behind them */
    uint32_t *row, n, bad;                  /* row[i]: whose it is */
    kam_store_err *err;
} tail_unique;

/* The row in memory has the same unique values as row `at` of the segment at hand. */
static int tail_same(const tail_unique *u, const kam_col *col, uint32_t slot, uint32_t at)
{
    const memory_table *t = u->t;
    for (uint32_t i = 0; i < t->nunique; i++) {
        const memory_col *c = t->col + t->unique_col[i];
        const kam_col *k = col;
        while (k->field != c->field) k++;
        if (kam__col_null(k, at) || !memory_has(c, slot)) return 0;
        uint64_t bits = memory_get(c, slot);
        size_t n, m;
        if (c->type == KAM_T_TEXT) {
            const char *x = kam__memory_text(t, bits, &n), *y = kam__col_text(k, at, &m);
            if (n != m || memcmp(x, y, n) != 0) return 0;
        } else if (c->type == KAM_T_F64) {
            double v;
            memcpy(&v, &bits, sizeof v);
            if (!(v == kam__col_f64(k, at))) return 0;
        } else if ((int64_t)bits != kam__col_i64(k, at)) {
            return 0;
        }
    }
    return 1;
}

static int32_t tail_open(const tail_unique *u, size_t i, const kam_col **col)
{
    memory_table *t = u->t;
    if (!t->cold->read_keys) t->cold->read_keys = kam__memory_read_new(t->ctx);
    return kam__memory_read_seg(t->cold->read_keys, t, i, col, u->err);
}

/* Each place the hash was filed at. */
static int32_t tail_unique_places(tail_unique *u)
{
    memory_cold *c = u->t->cold;
    const kam_col *col;
    for (uint32_t i = 0; i < u->n && u->row[i] < u->bad; i++) {
        size_t at = (size_t)u->hash[i];
        uint32_t slot;
        while ((slot = kam__memory_places_next(&c->places, u->hash[i], &at)) != MEMORY_NONE) {
            size_t seg = kam__memory_cold_seg(c, slot);
            KAM__TRY(tail_open(u, seg, &col));
            if (tail_same(u, col, u->slot[u->row[i]], slot - c->seg[seg].first) && u->row[i] < u->bad) u->bad = u->row[i];
        }
    }
    return KAM_OK;
}

/* A segment whose bits have some of the hashes: all its rows against those. */
static int32_t tail_unique_seg(tail_unique *u, size_t seg, const uint32_t *ask, uint32_t n)
{
    const memory_table *t = u->t;
    const kam_col *col, *key;
    KAM__TRY(tail_open(u, seg, &col));
    for (key = col; key->field != t->col[t->search].field;) key++;
    for (uint32_t r = 0; r < t->cold->seg[seg].nrow; r++) {
        if (kam__col_null(key, r)) continue;
        uint64_t hash = kam__memory_hash_arg(key->type, key, r);
        for (uint32_t i = 0; i < n; i++)
            if (u->hash[ask[i]] == hash && u->row[ask[i]] < u->bad && tail_same(u, col, u->slot[u->row[ask[i]]], r)) u->bad = u->row[ask[i]];
    }
    return KAM_OK;
}

static int32_t tail_unique_segs(tail_unique *u, uint32_t *ask)
{
    memory_cold *c = u->t->cold;
    uint32_t field = u->t->col[u->t->search].field;
    for (size_t s = 0; s < c->nseg; s++) {
        const memory_zone *z = kam__memory_zone_of(c->seg + s, field);
        uint32_t n = 0;
        for (uint32_t i = 0; i < u->n; i++)
            if (kam__memory_zone_has(z, u->hash[i])) ask[n++] = i;
        if (!n) continue;
        c->spent += c->seg[s].nrow;
        KAM__TRY(tail_unique_seg(u, s, ask, n));
    }
    return KAM_OK;
}

static void tail_unique_ask(tail_unique *u, uint32_t n)
{
    const memory_table *t = u->t;
    const memory_col *c = t->col + t->search;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t tag;
        if (!kam__memory_unique_tag(t, u->slot[i], &tag)) continue;
        u->hash[u->n] = kam__memory_hash(t, c->type, memory_get(c, u->slot[i]));
        u->row[u->n++] = i;
    }
}

int32_t kam__memory_cold_unique(memory_table *t, const uint32_t *slot, uint32_t n, uint32_t *row, kam_store_err *err)
{
    memory_cold *c = t->cold;
    kam__arena a;
    *row = n;
    if (!c || !t->nunique) return KAM_OK;
    kam__arena_init(&a, t->ctx, 0);
    tail_unique u = {.t = t, .slot = slot, .bad = n, .err = err};
    u.hash = kam__arena_alloc(&a, n * sizeof *u.hash);
    u.row = kam__arena_alloc(&a, n * sizeof *u.row);
    uint32_t *ask = kam__arena_alloc(&a, n * sizeof *ask);
    int32_t rc = u.hash && u.row && ask ? KAM_OK : kam__memory_nomem(err);
    if (rc == KAM_OK) tail_unique_ask(&u, n);
    if (rc == KAM_OK && u.n && !c->told) rc = c->tell(c->below, t, err);
    if (rc == KAM_OK) c->spent += (uint64_t)u.n * c->nseg / 16;
    if (rc == KAM_OK && u.n && c->spent > t->base / 2u) rc = kam__memory_places_make(t, err);
    if (rc == KAM_OK && u.n) rc = tail_reader(t, t->unique_col, t->nunique, err);
    if (rc == KAM_OK && u.n) rc = c->places.item ? tail_unique_places(&u) : tail_unique_segs(&u, ask);
    *row = u.bad;
    kam__arena_free(&a);
    return rc;
}
