/*
 * store/memory_load.c - rows that were committed before this process began, put behind the last slot of a table.
 *
 * Whole columns are taken over as they come; only keys and unique values are filed. There are no readers yet and no way back.
 */
#include "memory_table.h"

static int32_t load_check(const memory_table *t, const kam_block *rows)
{
    if (!rows->ncol || rows->col[0].field != t->col[0].field) return KAM_E_SCHEMA;
    for (uint32_t i = 0; i < rows->ncol; i++) {
        uint32_t col = kam__memory_col_find(t, rows->col[i].field, i);
        if (col == MEMORY_NONE || (col == 0) != (i == 0)) return KAM_E_SCHEMA;
        if (t->col[col].type != rows->col[i].type && !(t->col[col].type == KAM_T_I64 && rows->col[i].type == KAM_T_I32)) return KAM_E_TYPE;
        for (uint32_t k = 0; k < i; k++)
            if (rows->col[k].field == rows->col[i].field) return KAM_E_SCHEMA;
    }
    return KAM_OK;
}

static int32_t load_keys(memory_table *t, const kam_col *key, uint32_t n)
{
    int rises = t->sorted != 0;
    int64_t last = t->nslot > t->base ? memory_key(t, t->nslot - 1) : INT64_MIN;
    for (uint32_t i = 0; i < n; i++) {
        int64_t v = kam__col_i64(key, i);
        if (kam__col_null(key, i) || v == INT64_MAX) return KAM_E_SCHEMA;
        rises = rises && v > last;
        last = v;
        if (v >= t->next_id) t->next_id = v + 1;
    }
    if (!rises && t->cold) return KAM_E_SCHEMA;
    if (!rises && t->sorted) KAM__TRY(kam__memory_unsort(t));
    KAM__TRY(kam__memory_append(t, 0, t->nslot, key, n));
    if (t->sorted) return KAM_OK;
    KAM__TRY(kam__memory_hash_room(t->ctx, &t->keys, n));
    for (uint32_t i = 0; i < n; i++) {
        int64_t v = kam__col_i64(key, i);
        if (kam__memory_find(t, v) != MEMORY_NONE) return KAM_E_EXISTS;
        kam__memory_hash_put(&t->keys, kam__memory_tag(t, KAM_T_I64, (uint64_t)v), t->nslot + i);
    }
    return KAM_OK;
}

/* The places of a few rows are asked for before the first is used: each would be a wait for memory. */
static int32_t load_unique(memory_table *t, uint32_t from)
{
    uint32_t tag[16], whole[16];
    if (!t->nunique) return KAM_OK;
    KAM__TRY(kam__memory_hash_room(t->ctx, &t->unique, t->nslot - from));
    for (uint32_t at = from; at < t->nslot; at += 16) {
        uint32_t n = t->nslot - at < 16 ? t->nslot - at : 16;
        for (uint32_t i = 0; i < n; i++) {
            whole[i] = !(*memory_stamp(t, at + i) & MEMORY_GONE) && kam__memory_unique_tag(t, at + i, tag + i);
            if (whole[i]) MEMORY_PREFETCH(t->unique.item + (tag[i] & (t->unique.cap - 1)));
        }
        for (uint32_t i = 0; i < n; i++)
            if (whole[i]) KAM__TRY(kam__memory_unique_put(t, at + i, tag[i]));
    }
    return KAM_OK;
}

int32_t kam__memory_load(memory_table *t, const kam_block *rows, const uint8_t *gone)
{
    uint32_t n = rows->nrow, from = t->nslot;
    KAM__TRY(load_check(t, rows));
    KAM__TRY(kam__memory_table_reserve(t, n));
    KAM__TRY(load_keys(t, rows->col, n));
    for (uint32_t i = 1; i < rows->ncol; i++)
        KAM__TRY(kam__memory_append(t, kam__memory_col_find(t, rows->col[i].field, i), from, rows->col + i, n));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t dead = gone ? (uint32_t)gone[i >> 3] >> (i & 7) & 1u : 0;
        *memory_stamp(t, from + i) = dead;
        t->live += !dead;
        if (t->undo) *memory_undo_of(t, from + i) = NULL;
    }
    t->nslot += n;
    return load_unique(t, from);
}
