/*
 * store/file.c - the file store's life: opening, the table of calls the memory store makes, upkeep, closing.
 *
 * The file is made with the first table or commit, not before: who mistypes a name gets no empty book. Opened for writing it is locked
 * and repaired at once; opened for reading it is never written and needs no lock, because nothing that was committed is written over
 * and a compacted file is a new one.
 */
#include "file.h"

#define FILE_CHECKPOINT ((uint64_t)16 << 20)            /* log above that, and half of what is live: time for a checkpoint */
#define FILE_AGAIN ((uint64_t)16 << 20)                 /* bytes of segments that are written again at closing to make opening fast */
#define FILE_WASTE ((uint64_t)64 << 20)                 /* at closing: bytes beyond twice the live ones that are worth a compaction */

/* ---------------------------------------------------------------- opening */

static void file_free(kam__file *f)
{
    kam__file_tables_free(f);
    kam__file_bytes_free(&f->out);
    kam__file_bytes_free(&f->frame);
    if (f->reader) kam__file_bytes_free(&f->reader->frame);
    kam__free(f->ctx, f->reader);
    if (f->is_open) f->os->close(f->user, f->fd);
    kam__free(f->ctx, f->path);
    kam__free(f->ctx, f->temp);
    kam__free(f->ctx, f);
}

static kam__file *file_new(kam_ctx *ctx, kam__memory *m, const char *path, const kam__file_os *os, void *user)
{
    kam__file *f = kam__zalloc(ctx, sizeof *f);
    if (!f) return NULL;
    size_t n = strlen(path);
    *f = (kam__file){.ctx = ctx, .m = m, .os = os, .user = user};
    f->out.ctx = f->frame.ctx = ctx;
    f->path = kam__text_dup(ctx, path, n);
    f->temp = kam__alloc(ctx, n + 5);
    if (!f->path || !f->temp) {
        file_free(f);
        return NULL;
    }
    memcpy(f->temp, path, n);
    memcpy(f->temp + n, ".tmp", 5);
    return f;
}

/* A compaction or making of the file that a crash ended: it never got its name. */
static int32_t file_sweep(kam__file *f, kam_store_err *err)
{
    int64_t fd = 0;
    int32_t rc = KAM_E_RETRY;
    for (int n = 100; rc == KAM_E_RETRY && n; n--) rc = f->os->open(f->user, f->temp, KAM__FILE_OPEN_WRITE, &fd);
    if (rc == KAM_E_NOT_FOUND) return KAM_OK;
    if (rc != KAM_OK) return FILE_FAIL(err, KAM_E_IO, "%s: it was left behind and cannot be removed", f->temp);
    for (rc = KAM_E_RETRY; rc == KAM_E_RETRY;) rc = f->os->lock(f->user, fd, f->temp);
    if (rc == KAM_OK) (void)f->os->remove(f->user, f->temp);
    f->os->close(f->user, fd);
    if (rc == KAM_E_BUSY) return FILE_FAIL(err, rc, "%s: another process writes to this store; close it there, or read with kam_store_file_read", f->path);
    return KAM_OK;
}

static int32_t file_lock(kam__file *f, kam_store_err *err)
{
    int32_t rc = KAM_E_RETRY;
    for (int n = 100; rc == KAM_E_RETRY && n; n--) rc = f->os->lock(f->user, f->fd, f->path);
    if (rc == KAM_E_BUSY)
        return FILE_FAIL(err, rc, "%s: another process or store object writes to it; close it there, or read with kam_store_file_read", f->path);
    if (rc == KAM_OK || rc == KAM_E_STALE) return rc;
    return FILE_FAIL(err, KAM_E_IO, "%s: it cannot be locked (is it on a network?)", f->path);
}

/* STALE: the name went over to another file between opening and locking: once more. NOT_FOUND: there is none. */
static int32_t file_open_locked(kam__file *f, kam_store_err *err)
{
    int32_t rc = KAM_E_STALE;
    if (!f->read_only) KAM__TRY(file_sweep(f, err));
    for (int tries = 0; rc == KAM_E_STALE && tries < 10; tries++) {
        rc = KAM_E_RETRY;
        for (int n = 100; rc == KAM_E_RETRY && n; n--)
            rc = f->os->open(f->user, f->path, f->read_only ? KAM__FILE_OPEN_READ : KAM__FILE_OPEN_WRITE, &f->fd);
        if (rc == KAM_E_NOT_FOUND) return rc;
        if (rc == KAM_E_READ_ONLY)
            return FILE_FAIL(err, rc, "%s: opening it is not allowed%s", f->path, f->read_only ? "" : "; kam_store_file_read may be");
        if (rc != KAM_OK) return FILE_FAIL(err, KAM_E_IO, "%s: it cannot be opened", f->path);
        f->is_open = 1;
        if (f->read_only) return KAM_OK;
        rc = file_lock(f, err);
        if (rc == KAM_E_STALE) f->os->close(f->user, f->fd), f->is_open = 0;
    }
    return rc == KAM_E_STALE ? FILE_FAIL(err, KAM_E_BUSY, "%s: the file is replaced again and again", f->path) : rc;
}

static int32_t file_open_into(kam__file *f, uint32_t flags, kam_store_err *err)
{
    f->read_only = flags & FILE_READ_ONLY;
    f->cold_rows = f->read_only ? 0 : flags & FILE_COLD ? 1 : FILE_COLD_ROWS;
    int32_t rc = file_open_locked(f, err);
    if (rc == KAM_E_NOT_FOUND)
        return f->read_only ? FILE_FAIL(err, rc, "%s: there is no such file", f->path) : KAM_OK;
    if (rc == KAM_OK) rc = kam__file_load(f, err);
    return rc;
}

static int32_t file_try(kam__memory **out, kam_ctx *ctx, const char *path, uint32_t flags, uint32_t salvage, const kam__file_os *os, void *user,
                        kam_store_err *err)
{
    kam__memory *m = NULL;
    if (kam__memory_new(&m, ctx, NULL) != KAM_OK) return kam__memory_nomem(err);
    kam__file *f = file_new(ctx, m, path, os, user);
    if (!f) {
        kam__memory_drop(m);
        return kam__memory_nomem(err);
    }
    f->salvage = salvage;
    int32_t rc = file_open_into(f, flags, err);
    if (rc != KAM_OK) {
        file_free(f);
        kam__memory_drop(m);
        return rc;
    }
    kam__memory_journal(m, &kam__file_journal, f);
    kam__file_show(f);
    *out = m;
    return KAM_OK;
}

/* For reading: all, or where it is damaged what is intact. */
int32_t kam__file_open(kam__memory **out, kam_ctx *ctx, const char *path, uint32_t flags, const kam__file_os *os, void *user, kam_error *err)
{
    kam_store_err own = {.struct_size = sizeof own};
    int32_t rc = file_try(out, ctx, path, flags, 0, os, user, &own);
    if (rc == KAM_E_CORRUPT && flags & FILE_READ_ONLY) {
        own.msg[0] = 0;
        rc = file_try(out, ctx, path, flags, 1, os, user, &own);
    }
    return rc == KAM_OK ? rc : kam__fail(err, rc, "%s", own.msg[0] ? own.msg : "the file cannot be opened");
}

int32_t kam__file_salvage(kam_ctx *ctx, const char *path, const char *to, const kam__file_os *os, void *user, kam_error *err)
{
    kam__memory *m = NULL;
    kam_store_err own = {.struct_size = sizeof own};
    KAM__TRY(kam__file_open(&m, ctx, path, FILE_READ_ONLY, os, user, err));
    int32_t rc = m->ntable ? KAM_OK : FILE_FAIL(&own, KAM_E_CORRUPT, "%s: nothing in it is intact", path);
    for (size_t i = 0; i < m->ntable && rc == KAM_OK; i++) kam__memory_table_compact(m->table[i]);
    if (rc == KAM_OK) {
        kam__file *from = m->below;
        from->super.salt = 0;               /* a store of its own */
        rc = kam__file_write_new(from, to, &own);
    }
    kam__memory_drop(m);
    return rc == KAM_OK ? rc : kam__fail(err, rc, "%s", own.msg);
}

/* ---------------------------------------------------------------- the journal */

static int32_t file_begin(void *below, kam_store_err *err)
{
    kam__file *f = below;
    if (f->read_only & 1) return FILE_FAIL(err, KAM_E_READ_ONLY, "%s: it was opened for reading", f->path);
    if (f->read_only) return FILE_FAIL(err, KAM_E_READ_ONLY, "%s: a newer version of the library has written it; this one can only read it", f->path);
    if (f->dead) return FILE_FAIL(err, KAM_E_DEAD, "%s: a sync failed before: close the store and open it again", f->path);
    if (f->is_open && f->named) return KAM_OK;
    if (f->is_open) return kam__file_name(f, err);
    return kam__file_birth(f, err);
}

static int32_t file_prepared(void *below, kam_store_err *err)
{
    kam__file *f = below;
    int32_t rc = kam__file_prepared(f, err);
    kam__file_show(f);
    return rc;
}

static int32_t file_after(void *below)
{
    kam__file *f = below;
    uint64_t log = f->end - f->super.log_off;
    int32_t rc = KAM_OK;
    if (f->is_open && log > FILE_CHECKPOINT && log > f->live / 2 && (rc = kam__file_checkpoint(f, NULL)) == KAM_OK) kam__file_sink(f);
    kam__file_show(f);
    return rc == KAM_E_DEAD ? rc : KAM_OK;
}

static void file_moved(void *below, const memory_table *t)
{
    kam__file *f = below;
    for (size_t i = 0; i < f->ntable && i < f->m->ntable; i++) {
        size_t keep = t->cold ? t->cold->nseg : 0;
        if (f->m->table[i] == t) f->table[i].nseg = f->table[i].mark_nseg = keep;
    }
}

/* Before a compaction, `tails`: before a checkpoint of rows behind those in the file: what is gone leaves the memory too, if nobody reads. */
void kam__file_tidy(kam__file *f, int tails)
{
    kam__memory *m = f->m;
    int reading = m->oldest != NULL;
    kam__lock_take(m->lock);
    for (const memory_conn *c = m->conn; c; c = c->next) reading |= c->reading || c->scanning;
    for (size_t i = 0; i < m->ntable && !reading; i++) {
        memory_table *t = m->table[i];
        if (tails && (!t->cold || t->live == t->nslot)) continue;
        kam__memory_table_compact(t);
        file_moved(f, t);
    }
    kam__lock_give(m->lock);
}

static int32_t file_compact(kam__file *f, kam_store_err *err)
{
    KAM__TRY(f->read_only ? file_begin(f, err) : KAM_OK);
    if (!f->is_open) return KAM_OK;
    kam__file_tidy(f, 0);
    int32_t rc = kam__file_compact(f, err);
    if (rc == KAM_OK) kam__file_sink(f);
    kam__file_show(f);
    return rc;
}

static void file_stat(kam_buf *b, const char *name, uint64_t v)
{
    kam__buf_printf(b, ",\"%s\":", name);
    kam__buf_i64(b, (int64_t)v);
}

static int32_t file_stats(kam__file *f, kam_buf *b, kam_store_err *err)
{
    uint64_t rows = 0;
    if (!b) return FILE_FAIL(err, KAM_E_INVAL, "STATS needs a kam_buf");
    kam__buf_clear(b);
    kam__lock_take(f->m->lock);
    kam__buf_str(b, "{\"store\":\"file\",\"tables\":[");
    for (size_t i = 0; i < f->m->ntable; i++) {
        const memory_table *t = f->m->table[i];
        kam__buf_str(b, i ? ",{\"name\":" : "{\"name\":");
        kam__buf_json_text(b, t->name, strlen(t->name));
        file_stat(b, "rows", t->live);
        file_stat(b, "memory", kam__memory_table_bytes(t));
        kam__buf_char(b, '}');
        rows += t->live;
    }
    kam__buf_char(b, ']');
    file_stat(b, "rows", rows);
    file_stat(b, "bytes", f->shown.end);
    file_stat(b, "checkpoint_bytes", f->shown.live);
    file_stat(b, "log_bytes", f->shown.end - f->shown.super.log_off);
    file_stat(b, "unsynced_bytes", f->shown.end - f->shown.synced);
    file_stat(b, "transactions", f->shown.seq);
    file_stat(b, "flushes", f->shown.flushes);
    file_stat(b, "writes", f->shown.writes);
    file_stat(b, "checkpoints", f->shown.checkpoints);
    file_stat(b, "compactions", f->shown.compactions);
    file_stat(b, "damaged", f->bad);
    kam__buf_char(b, '}');
    kam__lock_give(f->m->lock);
    return kam__buf_end(b, NULL) == KAM_OK ? KAM_OK : kam__memory_nomem(err);
}

static int32_t file_control(void *below, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err)
{
    kam__file *f = below;
    switch (op) {
    case KAM_CTL_BACKUP: return kam__file_backup(f, arg, fn, user, err);
    case KAM_CTL_COMPACT:
    case KAM_CTL_PURGE: return file_compact(f, err);
    case KAM_CTL_VERIFY: return kam__file_verify(f, arg ? *(kam_report_fn *)arg : NULL, fn, user, err);
    case KAM_CTL_STATS: return file_stats(f, arg, err);
    default: return FILE_FAIL(err, KAM_E_UNSUPPORTED, "a file store does not know control %d", (int)op);
    }
}

/* A big table has no segments yet, or changes of it stand in the log: the next opening would have to load it. */
static int file_slows(const kam__file *f)
{
    uint64_t again = 0;
    int changed = 0;
    for (size_t i = 0; i < f->ntable && i < f->m->ntable; i++) {
        const memory_table *t = f->m->table[i];
        const file_table *n = f->table + i;
        if (t->cold || !f->cold_rows || t->nslot < f->cold_rows) continue;
        changed |= !n->nseg || n->seg[0].off >= f->super.log_off;
        for (size_t k = 0; k < n->nseg; k++) again += n->seg[k].stale ? n->seg[k].size : 0;
    }
    return (changed || again) && again < FILE_AGAIN;
}

/* The last book is closed: what is committed goes to the disk, and the superblock says so. */
static void file_close(void *below)
{
    kam__file *f = below;
    if (f->is_open && !f->read_only && !f->dead && f->super.floor_off != f->end && kam__file_flush(f, NULL) == KAM_OK) {
        file_super s = f->super;
        uint64_t log = f->end - f->super.log_off;
        s.floor_off = f->end;
        s.floor_seq = f->seq;
        if (f->end > 3 * f->live + FILE_WASTE) (void)file_compact(f, NULL);
        else if ((log < (1u << 20) && !file_slows(f)) || kam__file_checkpoint(f, NULL) == KAM_E_NOMEM) (void)kam__file_super_write(f, &s, NULL);
    }
    file_free(f);
}

const kam__journal kam__file_journal = {file_begin, kam__file_wrote, file_prepared, kam__file_commit, kam__file_abort, kam__file_flush,
                                        file_after, file_moved, file_control, file_close};

#undef FILE_CHECKPOINT
#undef FILE_WASTE
#undef FILE_AGAIN
