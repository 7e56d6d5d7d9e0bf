/*
 * store/memory_write.c - INSERT, UPDATE, DELETE of a block, and taking a transaction back.
 *
 * Inserted rows are new slots at the end, so whole columns are copied at once and taking them back is cutting the
 * table off. What is there already is changed in place, its values before go into the transaction's log first. A key
 * that was deleted gets its old slot again: one key, one slot. A write that fails half way leaves everything in a
 * state from which rollback, which needs no memory, finds the way back; therefore the order in each function is: make
 * room, log, change, stamp.
 */
#include "memory_table.h"

typedef struct memory_write {
    memory_conn *c;
    memory_table *t;
    const kam_block *rows;
    const kam_col *key, *rev;
    uint32_t rev_col, unique;               /* unique: the block has a unique field */
    uint32_t first;                         /* slot of the first new row */
    uint32_t *col;                          /* of the table, for each column of the block */
    uint32_t *slot;                         /* of each row */
    uint64_t stamp;                         /* of this transaction */
    kam_store_err *err;
} memory_write;

static int32_t memory_write_fail(memory_write *w, int32_t code, uint32_t row)
{
    long long key = (long long)kam__col_i64(w->key, row);
    const char *name = w->t->name;
    uint32_t id = w->t->id;
    if (code == KAM_E_NOT_FOUND) return kam__memory_fail(w->err, code, id, 0, row, "no row %lld in %s", key, name);
    if (code == KAM_E_CONFLICT)
        return kam__memory_fail(w->err, code, id, MEMORY_REV, row,
                                "row %lld of %s has another rev than expected: read it again", key, name);
    if (code == KAM_E_EXISTS)
        return kam__memory_fail(w->err, code, id, 0, row, "row %lld of %s: its key or its unique values are taken", key,
                                name);
    if (code == KAM_E_LIMIT)
        return kam__memory_fail(w->err, code, id, 0, row, "%s is full or the block holds too much text", name);
    return code == KAM_E_NOMEM ? kam__memory_nomem(w->err) : code;
}

/* ---------------------------------------------------------------- log */

/* The table's end as of the beginning of the transaction. */
static void memory_touch(memory_table *t)
{
    if (t->touched) return;
    t->touched = 1;
    t->mark_slot = t->nslot;
    t->mark_text = t->text;
    t->mark_pool = kam__memory_pool_mark(&t->pool);
}

/* Logs the head of a slot with `ncell` values to be filled in; NULL = out of memory. Nothing in the table changes. */
static memory_undo *memory_undo_new(memory_write *w, uint32_t slot, uint32_t ncell)
{
    memory_table *t = w->t;
    if (!t->undo) {
        t->undo = kam__zalloc_n(t->ctx, t->slot_cap, sizeof *t->undo);
        if (!t->undo) return NULL;
        t->undo_cap = t->slot_cap;
    }
    memory_undo *u = kam__arena_alloc(&w->c->log->arena, sizeof *u + ncell * sizeof(memory_cell));
    if (!u) return NULL;
    u->cell = (memory_cell *)(void *)(u + 1);
    u->older = *memory_undo_of(t, slot);
    u->before = w->c->log->last;
    u->table = t;
    u->stamp = *memory_stamp(t, slot);
    u->slot = slot;
    u->ncell = ncell;
    return u;
}

static void memory_undo_cell(memory_undo *u, uint32_t i, uint32_t col)
{
    const memory_col *c = u->table->col + col;
    uint32_t has = (uint32_t)memory_has(c, u->slot);
    u->cell[i] = (memory_cell){has ? memory_get(c, u->slot) : 0, col, has};
}

/* From here on the log counts. */
static void memory_undo_keep(memory_write *w, memory_undo *u)
{
    *memory_undo_of(w->t, u->slot) = u;
    w->c->log->last = u;
}

static void memory_undo_play(const memory_undo *u)
{
    memory_table *t = u->table;
    uint64_t now = *memory_stamp(t, u->slot);
    for (uint32_t i = 0; i < u->ncell; i++)             /* the column reaches that far already: cannot fail */
        (void)kam__memory_put(t, u->cell[i].col, u->slot, u->cell[i].bits, (int)u->cell[i].valid);
    *memory_stamp(t, u->slot) = u->stamp;
    *memory_undo_of(t, u->slot) = u->older;
    t->live += (uint32_t)(now & MEMORY_GONE) - (uint32_t)(u->stamp & MEMORY_GONE);
}

/* Unique values go and come back all at once: in between a row of this transaction may hold what an older row has to get back. */
void kam__memory_rollback(memory_conn *c)
{
    kam__memory *m = c->m;
    const memory_undo *last = c->log->last;
    for (const memory_undo *u = last; u; u = u->before)
        if (!(*memory_stamp(u->table, u->slot) & MEMORY_GONE)) kam__memory_unique_remove(u->table, u->slot);
    for (const memory_undo *u = last; u; u = u->before) memory_undo_play(u);
    c->log->last = NULL;
    for (size_t i = 0; i < m->ntable; i++) {
        memory_table *t = m->table[i];
        if (!t->touched) continue;
        kam__memory_table_truncate(t, t->mark_slot);
        kam__memory_pool_reset(t->ctx, &t->pool, t->mark_pool);
        t->text = t->mark_text;
        t->touched = 0;
    }
    for (const memory_undo *u = last; u; u = u->before)         /* a row changed twice: the second time it is there already */
        if (u->slot < u->table->nslot && !(*memory_stamp(u->table, u->slot) & MEMORY_GONE)) (void)kam__memory_unique_add(u->table, u->slot);
}

/* ---------------------------------------------------------------- what the block is */

static int32_t memory_write_col(memory_write *w, uint32_t i)
{
    const kam_col *k = w->rows->col + i;
    uint32_t col = kam__memory_col_find(w->t, k->field, i);
    if (col == MEMORY_NONE)
        return kam__memory_fail(w->err, KAM_E_SCHEMA, w->t->id, k->field, MEMORY_NONE,
                                "%s has no field %u: prepare it first", w->t->name, (unsigned)k->field);
    const memory_col *c = w->t->col + col;
    if (c->type != k->type && !(c->type == KAM_T_I64 && k->type == KAM_T_I32))
        return kam__memory_fail(w->err, KAM_E_TYPE, w->t->id, k->field, MEMORY_NONE,
                                "field %u of %s is of another type", (unsigned)k->field, w->t->name);
    for (uint32_t before = 0; before < i; before++)
        if (w->col[before] == col)
            return kam__memory_fail(w->err, KAM_E_INVAL, w->t->id, k->field, MEMORY_NONE,
                                    "the block has field %u of %s twice", (unsigned)k->field, w->t->name);
    w->col[i] = col;
    if (col == 0) w->key = k;
    if (k->field == MEMORY_REV) w->rev = k, w->rev_col = col;
    if (c->flags & KAM_F_UNIQUE) w->unique = 1;
    return KAM_OK;
}

static int32_t memory_write_check(memory_write *w)
{
    for (uint32_t i = 0; i < w->rows->ncol; i++) KAM__TRY(memory_write_col(w, i));
    if (!w->key)
        return kam__memory_fail(w->err, KAM_E_INVAL, w->t->id, 0, MEMORY_NONE, "the block has no key of %s",
                                w->t->name);
    for (uint32_t i = 0; i < w->rows->nrow && w->key->valid; i++)
        if (kam__col_null(w->key, i))
            return kam__memory_fail(w->err, KAM_E_INVAL, w->t->id, w->key->field, i, "a row of %s has no key",
                                    w->t->name);
    return KAM_OK;
}

/* ---------------------------------------------------------------- changing one row */

static int32_t memory_set_row(memory_write *w, uint32_t row)
{
    uint32_t slot = w->slot[row];
    for (uint32_t i = 0; i < w->rows->ncol; i++) {
        const kam_col *k = w->rows->col + i;
        uint64_t bits = 0;
        int has = !kam__col_null(k, row);
        if (w->col[i] == 0) continue;
        if (has) KAM__TRY(kam__memory_bits(w->t, w->col[i], k, row, &bits));
        KAM__TRY(kam__memory_put(w->t, w->col[i], slot, bits, has));
    }
    return KAM_OK;
}

static int memory_indexed(const memory_write *w)
{
    for (uint32_t i = 0; i < w->rows->ncol; i++)
        if (w->t->col[w->col[i]].index) return 1;
    return 0;
}

/* Notes the row's values in the indexes there are. */
static void memory_index_row(memory_write *w, uint32_t row)
{
    for (uint32_t i = 0; i < w->rows->ncol; i++)
        if (w->t->col[w->col[i]].index) kam__memory_index_add(w->t, w->col[i], w->slot[row]);
}

/* Files the rows under their unique values; the row that is refused in *bad. The places for all of them are asked for
 * before the first is used: in a big table each would be a wait for memory. */
static int32_t memory_unique_rows(memory_write *w, uint32_t first, uint32_t n, uint32_t *bad)
{
    memory_table *t = w->t;
    uint32_t taken;
    KAM__TRY(kam__memory_cold_unique(t, w->slot + first, n, &taken, w->err));
    uint32_t *tag = kam__arena_alloc(&w->c->arena, (size_t)n * sizeof *tag);
    uint8_t *whole = kam__arena_alloc(&w->c->arena, n);
    if (!tag || !whole || kam__memory_hash_room(t->ctx, &t->unique, n) != KAM_OK) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        whole[i] = (uint8_t)kam__memory_unique_tag(t, w->slot[first + i], tag + i);
        if (whole[i]) MEMORY_PREFETCH(t->unique.item + (tag[i] & (t->unique.cap - 1)));
    }
    for (uint32_t i = 0; i < n; i++) {
        *bad = first + i;
        if (i == taken) return KAM_E_EXISTS;
        if (whole[i]) KAM__TRY(kam__memory_unique_put(t, w->slot[first + i], tag[i]));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- INSERT */

/* The slot of a deleted row comes back to life; readers of the deleted one find its values in the log. */
static int32_t memory_revive(memory_write *w, uint32_t row, uint32_t slot)
{
    memory_table *t = w->t;
    memory_undo *u = memory_undo_new(w, slot, (uint32_t)t->ncol - 1);
    if (!u) return KAM_E_NOMEM;
    for (uint32_t i = 1; i < t->ncol; i++) memory_undo_cell(u, i - 1, i);
    memory_undo_keep(w, u);
    for (uint32_t i = 1; i < t->ncol; i++) (void)kam__memory_put(t, i, slot, 0, 0);
    *memory_stamp(t, slot) = w->stamp;
    t->live++;
    w->slot[row] = slot;
    return KAM_OK;
}

static int32_t memory_insert_key(memory_write *w, uint32_t row)
{
    memory_table *t = w->t;
    int64_t key = kam__col_i64(w->key, row);
    int rises = t->sorted && (t->nslot == t->base || key > memory_key(t, t->nslot - 1));
    uint32_t slot = rises ? MEMORY_NONE : kam__memory_find(t, key);
    if (slot != MEMORY_NONE)
        return *memory_stamp(t, slot) & MEMORY_GONE ? memory_revive(w, row, slot) : KAM_E_EXISTS;
    if (!rises && t->sorted) KAM__TRY(kam__memory_unsort(t));
    if (!t->sorted) KAM__TRY(kam__memory_hash_room(t->ctx, &t->keys, 1));
    slot = t->nslot;
    KAM__TRY(kam__memory_put(t, 0, slot, (uint64_t)key, 1));
    if (!t->sorted) kam__memory_hash_put(&t->keys, kam__memory_tag(t, KAM_T_I64, (uint64_t)key), slot);
    *memory_stamp(t, slot) = w->stamp;
    if (t->undo) *memory_undo_of(t, slot) = NULL;
    if (key >= t->next_id) t->next_id = key + 1;
    t->nslot++;
    t->live++;
    w->slot[row] = slot;
    return KAM_OK;
}

/* Whole columns when all rows are new and in one piece, which they are unless a deleted key comes back. */
static int32_t memory_insert_values(memory_write *w)
{
    uint32_t n = w->rows->nrow, at = w->first;
    int whole = 1;
    for (uint32_t i = 0; i < n && whole; i++) whole = w->slot[i] == at + i;
    for (uint32_t i = 0; i < n && !whole; i++) KAM__TRY(memory_set_row(w, i));
    for (uint32_t i = 0; i < w->rows->ncol && whole; i++) {
        if (w->col[i] == 0) continue;
        KAM__TRY(kam__memory_append(w->t, w->col[i], at, w->rows->col + i, n));
    }
    return KAM_OK;
}

static int32_t memory_insert(memory_write *w)
{
    uint32_t n = w->rows->nrow, bad = 0;
    int32_t rc = kam__memory_table_reserve(w->t, n);
    for (uint32_t i = 0; i < n && rc == KAM_OK; i++)
        if ((rc = memory_insert_key(w, i)) == KAM_E_EXISTS) return memory_write_fail(w, rc, i);
    if (rc == KAM_OK) rc = memory_insert_values(w);
    if (rc == KAM_OK && w->unique) rc = memory_unique_rows(w, 0, n, &bad);
    if (rc != KAM_OK) return memory_write_fail(w, rc, bad);
    for (uint32_t i = 0; i < n && memory_indexed(w); i++) memory_index_row(w, i);
    return KAM_OK;
}

/* ---------------------------------------------------------------- UPDATE, DELETE */

static int32_t memory_locate(memory_write *w, uint32_t row)
{
    const memory_table *t = w->t;
    uint32_t slot = kam__memory_find(t, kam__col_i64(w->key, row));
    if (slot == MEMORY_NONE || *memory_stamp(t, slot) & MEMORY_GONE) return KAM_E_NOT_FOUND;
    if (w->rev) {
        const memory_col *c = t->col + w->rev_col;
        if (kam__col_null(w->rev, row) || !memory_has(c, slot)) return KAM_E_CONFLICT;
        if ((uint64_t)kam__col_i64(w->rev, row) - 1 != memory_get(c, slot)) return KAM_E_CONFLICT;
    }
    w->slot[row] = slot;
    return KAM_OK;
}

static int32_t memory_update_row(memory_write *w, uint32_t row)
{
    KAM__TRY(memory_locate(w, row));
    uint32_t slot = w->slot[row];
    memory_undo *u = memory_undo_new(w, slot, w->rows->ncol);
    if (!u) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < w->rows->ncol; i++) memory_undo_cell(u, i, w->col[i]);
    if (w->unique) kam__memory_unique_remove(w->t, slot);
    memory_undo_keep(w, u);
    *memory_stamp(w->t, slot) = w->stamp;
    KAM__TRY(memory_set_row(w, row));
    memory_index_row(w, row);
    if (!w->unique) return KAM_OK;
    KAM__TRY(kam__memory_hash_room(w->t->ctx, &w->t->unique, 1));
    KAM__TRY(kam__memory_unique_add(w->t, slot));
    uint32_t taken;
    KAM__TRY(kam__memory_cold_unique(w->t, &slot, 1, &taken, w->err));
    return taken ? KAM_OK : KAM_E_EXISTS;
}

static int32_t memory_delete_row(memory_write *w, uint32_t row)
{
    KAM__TRY(memory_locate(w, row));
    uint32_t slot = w->slot[row];
    memory_undo *u = memory_undo_new(w, slot, 0);
    if (!u) return KAM_E_NOMEM;
    kam__memory_unique_remove(w->t, slot);
    memory_undo_keep(w, u);
    *memory_stamp(w->t, slot) = w->stamp | MEMORY_GONE;
    w->t->live--;
    return KAM_OK;
}

/* Rows whose keys come behind those in the file need nothing of it; others load it. */
static int32_t memory_write_border(memory_write *w, uint32_t op)
{
    int64_t last;
    uint32_t row = 0;
    int how = 1;
    if (op == KAM_WRITE_INSERT) {
        KAM__TRY(kam__memory_cold_keys(w->t, w->key, w->rows->nrow, &how, &row, w->err));
        if (how == 2) return memory_write_fail(w, KAM_E_EXISTS, row);
    } else {
        KAM__TRY(kam__memory_cold_last(w->t, &last, w->err));
        for (uint32_t i = 0; i < w->rows->nrow; i++) how &= kam__col_i64(w->key, i) > last;
    }
    return how ? KAM_OK : kam__memory_warm(w->t, w->err);
}

int32_t kam__memory_write(memory_conn *c, memory_table *t, uint32_t op, const kam_block *rows, const uint32_t **slot, kam_store_err *err)
{
    memory_write w = {.c = c, .t = t, .rows = rows, .first = t->nslot, .stamp = (c->m->commit + 1) * 2, .err = err};
    int32_t rc;
    *slot = NULL;
    if (rows->nrow == 0) return KAM_OK;
    kam__arena_reset(&c->arena);
    w.slot = kam__arena_alloc(&c->arena, rows->nrow * sizeof *w.slot);
    w.col = kam__arena_alloc(&c->arena, rows->ncol * sizeof *w.col);
    if (!w.slot || !w.col) return kam__memory_nomem(err);
    *slot = w.slot;
    KAM__TRY(memory_write_check(&w));
    if (t->cold) KAM__TRY(memory_write_border(&w, op));
    if (op != KAM_WRITE_INSERT) t->used = 1;
    memory_touch(t);
    t->newest = w.stamp >> 1;
    if (op == KAM_WRITE_INSERT) return memory_insert(&w);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        rc = op == KAM_WRITE_UPDATE ? memory_update_row(&w, i) : memory_delete_row(&w, i);
        if (rc != KAM_OK) return memory_write_fail(&w, rc, i);
    }
    return KAM_OK;
}
