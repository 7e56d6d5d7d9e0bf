/*
 * store/file_log.c - what a transaction writes: a frame for each block that was written, and one that closes it.
 *
 * A failure before the sync takes the file back to the last commit; if that cannot be done, or a sync fails, the store is dead. Notes
 * are kept of which frame holds which rows of a table as long as nobody changed them: the next checkpoint names these frames
 * instead of writing the rows again.
 */
#include "file.h"
#include <stdio.h>

#define LOG_SEGMENT 512u                    /* an INSERT of fewer rows is not worth a segment of its own */

/* ---------------------------------------------------------------- notes on tables */

file_table *kam__file_table(kam__file *f, const memory_table *t)
{
    size_t i = 0, had = f->ntable;
    while (i < f->m->ntable && f->m->table[i] != t) i++;
    if (i < had) return f->table + i;
    if (kam__grow(f->ctx, &f->table, &f->table_cap, i + 1, sizeof *f->table, NULL) != KAM_OK) return NULL;
    memset(f->table + had, 0, (i + 1 - had) * sizeof *f->table);
    for (size_t k = had; k <= i; k++) f->table[k].next_id = f->table[k].mark_next_id = 1;
    f->ntable = i + 1;
    return f->table + i;
}

/* Segments lie in the order of their slots. */
static file_seg *log_seg_of(file_table *n, uint32_t slot)
{
    size_t lo = 0, hi = n->nseg;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (n->seg[mid].first <= slot) lo = mid + 1;
        else hi = mid;
    }
    if (!lo || slot - n->seg[lo - 1].first >= n->seg[lo - 1].nrow) return NULL;
    return n->seg + lo - 1;
}

int32_t kam__file_note_insert(kam__file *f, const memory_table *t, uint64_t off, uint64_t size, const uint32_t *slot, uint32_t n)
{
    file_table *note = kam__file_table(f, t);
    uint32_t last = note && note->nseg ? note->seg[note->nseg - 1].first + note->seg[note->nseg - 1].nrow : 0;
    if (!note) return KAM_E_NOMEM;
    int whole = slot[0] >= last && size <= UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        if (slot[i] != slot[0] + i) whole = 0;
        if (memory_key(t, slot[i]) >= note->next_id) note->next_id = memory_key(t, slot[i]) + 1;
    }
    if (!whole) kam__file_note_change(f, t, slot, n);
    if (!whole || n < LOG_SEGMENT) return KAM_OK;
    KAM__TRY(kam__grow(f->ctx, &note->seg, &note->cap, note->nseg + 1, sizeof *note->seg, NULL));
    note->seg[note->nseg++] = (file_seg){off, slot[0], n, (uint32_t)size, 0, 0, memory_key(t, slot[0])};
    return KAM_OK;
}

void kam__file_note_change(kam__file *f, const memory_table *t, const uint32_t *slot, uint32_t n)
{
    file_table *note = kam__file_table(f, t);
    for (uint32_t i = 0; note && i < n; i++) {
        file_seg *s = log_seg_of(note, slot[i]);
        if (s) s->stale = 1;
    }
}

void kam__file_mark(kam__file *f)
{
    for (size_t i = 0; i < f->ntable; i++) {
        f->table[i].mark_nseg = f->table[i].nseg;
        f->table[i].mark_ncol = f->table[i].ncol;
        f->table[i].mark_next_id = f->table[i].next_id;
    }
    f->out.n = 0;
    f->open_frames = 0;
    f->prev_open = f->prev;
    f->put = f->end;
}

/* ---------------------------------------------------------------- frames of a transaction */

int32_t kam__file_schema(kam__file *f, const memory_table *t, kam_store_err *err)
{
    size_t at, name = strlen(t->name);
    file_table *note = kam__file_table(f, t);
    if (!note) return kam__memory_nomem(err);
    if (note->ncol == t->ncol) return KAM_OK;
    KAM__TRY(kam__file_begin(f, &at, err));
    unsigned char *p = kam__file_more(&f->out, 12 + name + t->ncol * 12);
    if (!p) {
        f->out.n = at;
        return kam__memory_nomem(err);
    }
    file_put32(p, t->id);
    file_put32(p + 4, (uint32_t)t->ncol);
    file_put32(p + 8, (uint32_t)name);
    memcpy(p + 12, t->name, name);
    p += 12 + name;
    for (size_t i = 0; i < t->ncol; i++, p += 12) {
        file_put32(p, t->col[i].field);
        file_put32(p + 4, t->col[i].flags);
        file_put32(p + 8, t->col[i].type);
    }
    KAM__TRY(kam__file_end(f, at, FILE_SCHEMA, 0, t->id, 0, NULL, err));
    note->ncol = (uint32_t)t->ncol;
    return KAM_OK;
}

/* A DELETE needs the key only. */
static int32_t log_encode(kam__file *f, const memory_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    kam_block key = *rows;
    for (uint32_t i = 0; op == KAM_WRITE_DELETE && i < rows->ncol; i++)
        if (rows->col[i].field == t->col[0].field) key.col = rows->col + i, key.ncol = 1;
    int32_t rc = kam__file_encode(&f->out, &key, NULL);
    return rc == KAM_OK ? rc : rc == KAM_E_NOMEM ? kam__memory_nomem(err) : FILE_FAIL(err, rc, "%s: the block is too large", f->path);
}

/* With the lock: a reader may just load what lies in the file of the table. */
static int32_t log_inserted(kam__file *f, const memory_table *t, uint64_t off, uint64_t size, const uint32_t *slot, uint32_t n)
{
    kam__lock_take(f->m->lock);
    int32_t rc = kam__file_note_insert(f, t, off, size, slot, n);
    kam__lock_give(f->m->lock);
    return rc;
}

int32_t kam__file_wrote(void *below, memory_table *t, uint32_t op, const kam_block *rows, const uint32_t *slot, kam_store_err *err)
{
    static const uint32_t type[] = {0, FILE_INSERT, FILE_UPDATE, FILE_DELETE};
    kam__file *f = below;
    size_t at;
    uint64_t off = 0;
    KAM__TRY(kam__file_schema(f, t, err));
    KAM__TRY(kam__file_begin(f, &at, err));
    int32_t rc = log_encode(f, t, op, rows, err);
    if (rc != KAM_OK) {
        f->out.n = at;
        return rc;
    }
    KAM__TRY(kam__file_end(f, at, type[op], 0, t->id, rows->nrow, &off, err));
    if (op != KAM_WRITE_INSERT) kam__file_note_change(f, t, slot, rows->nrow);
    else rc = log_inserted(f, t, off, f->out.n - at, slot, rows->nrow);
    return rc == KAM_OK ? rc : kam__memory_nomem(err);
}

/* Ids that were given away and are in no row. */
static int32_t log_next_ids(kam__file *f, kam_store_err *err)
{
    size_t at = 0;
    uint32_t n = 0;
    for (size_t i = 0; i < f->ntable && i < f->m->ntable; i++) {
        const memory_table *t = f->m->table[i];
        if (f->table[i].next_id >= t->next_id || !f->table[i].ncol) continue;
        if (!n++) KAM__TRY(kam__file_begin(f, &at, err));
        unsigned char *p = kam__file_more(&f->out, 12);
        if (!p) {
            f->out.n = at;
            return kam__memory_nomem(err);
        }
        file_put32(p, t->id);
        file_put64(p + 4, (uint64_t)t->next_id);
        f->table[i].next_id = t->next_id;
    }
    return n ? kam__file_end(f, at, FILE_NEXT, 0, 0, n, NULL, err) : KAM_OK;
}

/* ---------------------------------------------------------------- how it ends */

/* Back to the last commit. What went to the file already is cut off: it must not lie behind the next commit. */
int32_t kam__file_abort(void *below, kam_store_err *err)
{
    kam__file *f = below;
    uint64_t size = f->size;
    for (size_t i = 0; i < f->ntable; i++) {
        f->table[i].nseg = f->table[i].mark_nseg;
        f->table[i].ncol = f->table[i].mark_ncol;
        f->table[i].next_id = f->table[i].mark_next_id;
    }
    kam__file_mark(f);
    if (f->dead || !f->is_open || size <= f->end) return KAM_OK;
    int32_t rc = KAM_E_RETRY;
    for (int patience = 100; rc == KAM_E_RETRY && patience; patience--) rc = f->os->truncate(f->user, f->fd, f->end);
    if (rc == KAM_OK) {
        f->size = f->end;
        return KAM_OK;
    }
    f->dead = 1;
    return FILE_FAIL(err, KAM_E_DEAD, "%s: what a failed transaction wrote cannot be cut off: close the store and open it again", f->path);
}

int32_t kam__file_flush(void *below, kam_store_err *err)
{
    kam__file *f = below;
    if (f->synced == f->end) return KAM_OK;
    KAM__TRY(kam__file_sync(f, KAM__FILE_SYNC_COMMIT, err));
    f->synced = f->end;
    f->synced_seq = f->seq;
    return KAM_OK;
}

/* The frames are whole; they go to the file, for SYNC to the disk. */
static int32_t log_finish(kam__file *f, uint32_t how, kam_store_err *err)
{
    size_t at;
    KAM__TRY(log_next_ids(f, err));
    if (f->open_frames) {
        KAM__TRY(kam__file_begin(f, &at, err));
        KAM__TRY(kam__file_end(f, at, FILE_COMMIT, FILE_LAST, 0, 0, NULL, err));
        KAM__TRY(kam__file_spill(f, err));
    }
    if (how != KAM_END_COMMIT || (!f->open_frames && f->synced == f->end)) return KAM_OK;
    KAM__TRY(kam__file_sync(f, KAM__FILE_SYNC_COMMIT, err));
    f->synced = f->put;
    f->synced_seq = f->seq + (f->open_frames != 0);
    return KAM_OK;
}

int32_t kam__file_commit(void *below, uint32_t how, kam_store_err *err)
{
    kam__file *f = below;
    if (!f->is_open) return KAM_OK;             /* nothing was ever made */
    int32_t rc = log_finish(f, how, err);
    if (rc != KAM_OK) {
        int32_t undone = kam__file_abort(f, rc == KAM_E_DEAD ? NULL : err);
        return undone == KAM_OK ? rc : undone;
    }
    if (f->open_frames) {
        f->end = f->put;
        f->prev = f->prev_open;
        f->seq++;
    }
    kam__file_mark(f);
    return KAM_OK;
}

int32_t kam__file_prepared(void *below, kam_store_err *err)
{
    kam__file *f = below;
    size_t known = 0;
    int32_t rc = KAM_OK;
    while (known < f->m->ntable && known < f->ntable && f->table[known].ncol == f->m->table[known]->ncol) known++;
    if (known == f->m->ntable) return KAM_OK;
    KAM__TRY(kam__file_journal.begin(f, err));
    for (size_t i = 0; i < f->m->ntable && rc == KAM_OK; i++) rc = kam__file_schema(f, f->m->table[i], err);
    if (rc == KAM_OK) return kam__file_commit(f, KAM_END_COMMIT, err);
    int32_t undone = kam__file_abort(f, err);
    return undone == KAM_OK ? rc : undone;
}

#undef LOG_SEGMENT
