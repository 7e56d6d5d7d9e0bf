/*
 * store/memory_zone.c - which segments of the file may have rows that match: their zones tell.
 *
 * A zone knows of a column the least and largest number, whether all or no rows have a value, and for columns with an index a set of
 * bits (B. H. Bloom, 1970): a value whose bits are not all there is not in the segment. When so many values are asked for that the bits
 * would send us everywhere, the places of all values of the unique column are noted once, by hash.
 */
#include "memory_table.h"

#define PLACES_WALK 2048u                   /* longer runs: the column's values repeat too often for that */

const memory_zone *kam__memory_zone_of(const memory_seg *s, uint32_t field)
{
    for (uint32_t i = 0; i < s->nzone; i++)
        if (s->zone[i].field == field) return s->zone + i;
    return NULL;
}

int kam__memory_zone_has(const memory_zone *z, uint64_t hash)
{
    if (!z) return 1;
    if (!z->some) return 0;
    for (uint32_t i = 0; z->shift && i < MEMORY_PROBES; i++) {
        uint64_t at = memory_probe(hash, i, z->shift);
        if (!(z->bit[at >> 3] >> (at & 7) & 1)) return 0;
    }
    return 1;
}

/* ---------------------------------------------------------------- the places of all values */

static void places_put(memory_places *p, uint64_t hash, uint32_t slot)
{
    size_t mask = p->cap - 1, i = (size_t)hash & mask;
    uint32_t walk = 0;
    while (p->item[i].slot1 && walk++ < PLACES_WALK) i = (i + 1) & mask;
    if (walk > PLACES_WALK) {
        p->useless = 1;
        return;
    }
    p->item[i] = (struct memory_place){(uint32_t)(hash >> 32), slot + 1};
    p->n++;
}

uint32_t kam__memory_places_next(const memory_places *p, uint64_t hash, size_t *at)
{
    size_t mask = p->cap - 1;
    for (size_t i = *at & mask; p->item[i].slot1; i = (i + 1) & mask) {
        if (p->item[i].tag != (uint32_t)(hash >> 32)) continue;
        *at = i + 1;
        return p->item[i].slot1 - 1;
    }
    return MEMORY_NONE;
}

static int32_t places_fill(memory_table *t, memory_read *r, memory_places *p, kam_store_err *err)
{
    memory_cold *c = t->cold;
    for (size_t i = 0; i < c->nseg && !p->useless; i++) {
        const kam_col *col;
        KAM__TRY(kam__memory_read_seg(r, t, i, &col, err));
        while (col->field != t->col[t->search].field) col++;
        for (uint32_t k = 0; k < c->seg[i].nrow && !p->useless; k++)
            if (!kam__col_null(col, k)) places_put(p, kam__memory_hash_arg(col->type, col, k), c->seg[i].first + k);
    }
    return KAM_OK;
}

int32_t kam__memory_places_make(memory_table *t, kam_store_err *err)
{
    memory_places *p = &t->cold->places;
    if (p->item || p->useless || t->search == MEMORY_NONE) return KAM_OK;
    size_t cap = 16;
    while (cap / 4 * 3 < t->base) cap *= 2;
    memory_read *r = kam__memory_read_new(t->ctx);
    p->item = kam__zalloc_n(t->ctx, cap, sizeof *p->item);
    p->cap = cap;
    int32_t rc = r && p->item && kam__memory_read_fields(r, t->ctx, t, &t->search, 1) == KAM_OK ? KAM_OK : kam__memory_nomem(err);
    if (rc == KAM_OK) rc = places_fill(t, r, p, err);
    kam__memory_read_free(t->ctx, r);
    if (rc == KAM_OK && !p->useless) return rc;
    kam__free(t->ctx, p->item);
    p->item = NULL;
    p->n = p->cap = 0;
    return rc;
}

/* ---------------------------------------------------------------- conditions */

typedef struct zone_ask { const memory_pred *p; uint32_t n; uint64_t *hash; } zone_ask;

static int zone_in_range(const memory_zone *z, int64_t v, uint32_t op)
{
    switch (op) {
    case KAM_OP_LT: return z->lo < v;
    case KAM_OP_LE: return z->lo <= v;
    case KAM_OP_GT: return z->hi > v;
    case KAM_OP_GE: return z->hi >= v;
    default: return v >= z->lo && v <= z->hi;
    }
}

static int zone_may(const zone_ask *a, const memory_zone *z)
{
    const memory_pred *p = a->p;
    if (!z) return 1;
    if (p->op == KAM_OP_NULL) return z->holes;
    if (!z->some) return 0;
    if (p->op != KAM_OP_EQ && p->op != KAM_OP_IN) return !z->ranged || kam__col_null(p->arg, 0) || zone_in_range(z, kam__col_i64(p->arg, 0), p->op);
    for (uint32_t i = 0; i < a->n; i++) {
        if (kam__col_null(p->arg, i)) continue;
        if (z->ranged && !zone_in_range(z, kam__col_i64(p->arg, i), KAM_OP_EQ)) continue;
        if (kam__memory_zone_has(z, a->hash[i])) return 1;
    }
    return 0;
}

static void zone_leave(uint8_t *skip, size_t i) { skip[i >> 3] = (uint8_t)(skip[i >> 3] | 1u << (i & 7)); }

/* All segments are left out but those in `want`. */
static void zone_only(uint8_t *skip, const uint8_t *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(want[i >> 3] >> (i & 7) & 1)) zone_leave(skip, i);
}

static int32_t zone_keys(const zone_ask *a, const memory_table *t, uint8_t *want)
{
    for (uint32_t i = 0; i < a->n; i++) {
        if (kam__col_null(a->p->arg, i)) continue;
        zone_leave(want, kam__memory_cold_seg(t->cold, kam__memory_cold_from(t, kam__col_i64(a->p->arg, i))));
    }
    return KAM_OK;
}

static void zone_places(const zone_ask *a, const memory_table *t, uint8_t *want)
{
    for (uint32_t i = 0; i < a->n; i++) {
        size_t at = (size_t)a->hash[i];
        uint32_t slot;
        if (kam__col_null(a->p->arg, i)) continue;
        while ((slot = kam__memory_places_next(&t->cold->places, a->hash[i], &at)) != MEMORY_NONE) zone_leave(want, kam__memory_cold_seg(t->cold, slot));
    }
}

static int32_t zone_single(memory_conn *c, memory_table *t, zone_ask *a, uint8_t *skip, kam_store_err *err)
{
    memory_cold *cold = t->cold;
    size_t bytes = cold->nseg / 8 + 1;
    uint8_t *want = kam__arena_alloc(&c->arena, bytes);
    a->hash = kam__arena_alloc(&c->arena, (a->n + 1) * sizeof *a->hash);
    if (!want || !a->hash) return kam__memory_nomem(err);
    memset(want, 0, bytes);
    for (uint32_t i = 0; i < a->n; i++) a->hash[i] = kam__col_null(a->p->arg, i) ? 0 : kam__memory_hash_arg(a->p->type, a->p->arg, i);
    if (a->p->col == 0) {
        KAM__TRY(zone_keys(a, t, want));
    } else if (a->p->col == t->search) {
        cold->spent += (uint64_t)a->n * cold->nseg / 16;
        if (cold->spent > t->base / 2u) KAM__TRY(kam__memory_places_make(t, err));
        if (!cold->places.item) return KAM_OK;
        zone_places(a, t, want);
    } else {
        return KAM_OK;
    }
    zone_only(skip, want, cold->nseg);
    return KAM_OK;
}

int32_t kam__memory_zone_skip(memory_conn *c, memory_table *t, const kam_table_scan *q, uint8_t *skip, int *lookup, kam_store_err *err)
{
    memory_cold *cold = t->cold;
    for (uint32_t i = 0; i < q->npred; i++) {
        const memory_pred *p = c->pred + i;
        const memory_col *col = t->col + p->col;
        zone_ask a = {p, p->op == KAM_OP_IN ? q->pred[i].narg : 1, NULL};
        int single = p->op == KAM_OP_EQ || p->op == KAM_OP_IN;
        if (single && (p->col == 0 || p->col == t->search || col->flags & KAM_F_INDEXED)) *lookup = 1;
        if (p->col && !cold->told) KAM__TRY(cold->tell(cold->below, t, err));
        if (single) KAM__TRY(zone_single(c, t, &a, skip, err));
        for (size_t s = 0; s < cold->nseg && p->col; s++)
            if (!zone_may(&a, kam__memory_zone_of(cold->seg + s, col->field))) zone_leave(skip, s);
    }
    return KAM_OK;
}

#undef PLACES_WALK
