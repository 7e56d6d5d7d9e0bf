/*
 * store/file_save.c - what is written beside the log: checkpoints, whole new files (birth, compaction, salvage), backups, and reading
 * it all again (verify).
 *
 * A new file is made under another name, synced, and only then gets its own: at every moment there is a whole file of that name.
 * Two makers of one temporary file exclude each other by its lock. Rows that lie in the old file are never all in memory on their way. A
 * backup copies the log up to a commit, frame by frame, while the writer goes on behind it.
 */
#include "file.h"

/* ---------------------------------------------------------------- a checkpoint in the file itself */

static int32_t save_image(kam__file *f, uint32_t why, file_super *s, kam_store_err *err)
{
    file_frame dir = {0};
    KAM__TRY(kam__file_image(f, &dir, err));
    KAM__TRY(kam__file_sync(f, why, err));
    f->end = f->put;
    f->prev = f->prev_open;
    f->seq++;
    f->synced = f->end;
    f->synced_seq = f->seq;
    kam__file_image_kept(f);
    kam__file_mark(f);
    f->live += dir.size;
    s->minor = FILE_MINOR;
    s->dir_off = dir.off;
    s->dir_crc = dir.crc;
    s->log_off = s->floor_off = f->end;
    s->log_seq = s->floor_seq = f->seq;
    s->log_prev = f->prev;
    return KAM_OK;
}

int32_t kam__file_checkpoint(kam__file *f, kam_store_err *err)
{
    file_super s = f->super;
    kam__file_tidy(f, 1);
    int32_t rc = save_image(f, KAM__FILE_SYNC_CHECKPOINT, &s, err);
    if (rc != KAM_OK) {
        int32_t undone = kam__file_abort(f, err);
        return undone == KAM_OK ? rc : undone;
    }
    f->checkpoints++;
    return kam__file_super_write(f, &s, err);
}

/* ---------------------------------------------------------------- a new file */

static int32_t save_os_fail(const char *path, int32_t code, const char *what, kam_store_err *err)
{
    if (code == KAM_E_FULL) return FILE_FAIL(err, code, "%s: %s: the disk is full", path, what);
    if (code == KAM_E_EXISTS) return FILE_FAIL(err, code, "%s: %s: there is a file of this name", path, what);
    if (code == KAM_E_NOT_FOUND) return FILE_FAIL(err, code, "%s: %s: there is no such directory", path, what);
    if (code == KAM_E_BUSY || code == KAM_E_STALE) return FILE_FAIL(err, KAM_E_BUSY, "%s: %s: somebody else is just making it", path, what);
    if (code == KAM_E_READ_ONLY) return FILE_FAIL(err, code, "%s: %s: not allowed there", path, what);
    return FILE_FAIL(err, KAM_E_IO, "%s: %s failed", path, what);
}

#define SAVE_AGAIN(rc, call) do { int n_ = 100; do (rc) = (call); while ((rc) == KAM_E_RETRY && --n_); } while (0)

/* Removes what a crash left behind - unless somebody is at work on it. */
static int32_t save_clean(kam__file *to, kam_store_err *err)
{
    int64_t fd = 0;
    int32_t rc;
    SAVE_AGAIN(rc, to->os->open(to->user, to->temp, KAM__FILE_OPEN_WRITE, &fd));
    if (rc == KAM_E_NOT_FOUND) return KAM_OK;
    if (rc != KAM_OK) return save_os_fail(to->temp, rc, "opening what was left behind", err);
    SAVE_AGAIN(rc, to->os->lock(to->user, fd, to->temp));
    if (rc == KAM_OK) SAVE_AGAIN(rc, to->os->remove(to->user, to->temp));
    to->os->close(to->user, fd);
    return rc == KAM_OK ? rc : save_os_fail(to->temp, rc, "removing what was left behind", err);
}

static void save_drop(kam__file *to)
{
    if (to->is_open) {
        (void)to->os->remove(to->user, to->temp);
        to->os->close(to->user, to->fd);
    }
    to->is_open = 0;
    kam__file_tables_free(to);
    kam__file_bytes_free(&to->out);
    kam__file_bytes_free(&to->frame);
}

/* An open, locked, empty file under to->temp, for the tables of f->m. */
static int32_t save_start(kam__file *to, const kam__file *f, const char *path, const char *temp, kam_store_err *err)
{
    union { const char *c; char *p; } name = {.c = path}, second = {.c = temp};
    int32_t rc;
    *to = (kam__file){.ctx = f->ctx, .m = f->m, .os = f->os, .user = f->user, .path = name.p, .temp = second.p, .slot = 1,
                      .cold_rows = f->cold_rows};
    to->out.ctx = to->frame.ctx = f->ctx;
    KAM__TRY(save_clean(to, err));
    SAVE_AGAIN(rc, to->os->open(to->user, temp, KAM__FILE_OPEN_NEW, &to->fd));
    if (rc != KAM_OK) return save_os_fail(temp, rc, "making it", err);
    to->is_open = 1;
    SAVE_AGAIN(rc, to->os->lock(to->user, to->fd, temp));
    if (rc != KAM_OK) return save_os_fail(temp, rc, "locking it", err);
    return KAM_OK;
}

/* A salt of its own: bytes of another file never pass for frames of this one. */
static void save_name(kam__file *to, const kam__file *f)
{
    uint64_t seed = kam__hash(f->path, strlen(f->path)) ^ (uint64_t)kam__now(f->ctx) ^ f->super.salt * 3 ^ f->end << 20;
    to->super = (file_super){.major = FILE_MAJOR, .minor = FILE_MINOR, .log_off = FILE_FIRST, .floor_off = FILE_FIRST, .created = kam__now(f->ctx)};
    to->super.salt = kam__random(&seed) | 1;
    to->super.log_seq = to->super.floor_seq = to->seq = to->synced_seq = f->seq;
    to->end = to->put = to->synced = FILE_FIRST;
    if (f->super.salt) {
        memcpy(to->super.uuid, f->super.uuid, sizeof to->super.uuid);
        to->super.created = f->super.created;
        to->super.gen = f->super.gen;
    } else {
        file_put64(to->super.uuid, kam__random(&seed));
        file_put64(to->super.uuid + 8, kam__random(&seed));
    }
}

/* Both superblocks, then the name. */
static int32_t save_finish(kam__file *to, const file_super *s, const char *path, int replace, kam_store_err *err)
{
    int32_t rc;
    unsigned char block[FILE_SUPER];
    kam__file_super_put(block, s);
    KAM__TRY(kam__file_write_at(to, FILE_SUPER, block, sizeof block, err));
    KAM__TRY(kam__file_super_write(to, s, err));
    KAM__TRY(kam__file_sync(to, KAM__FILE_SYNC_NEW, err));
    SAVE_AGAIN(rc, to->os->rename(to->user, to->temp, path, replace));
    return rc == KAM_OK ? rc : save_os_fail(path, rc, "giving the new file its name", err);
}

/* The new name is only for good when the directory is on the disk. */
static int32_t save_syncdir(kam__file *to, const char *path, kam_store_err *err)
{
    int32_t rc;
    SAVE_AGAIN(rc, to->os->syncdir(to->user, path));
    to->named = rc == KAM_OK;
    if (rc == KAM_OK) return KAM_OK;
    to->dead = 1;
    return FILE_FAIL(err, KAM_E_DEAD, "%s: the disk did not confirm the new file's name: close the store and open it again", path);
}

int32_t kam__file_name(kam__file *f, kam_store_err *err)
{
    int32_t rc;
    SAVE_AGAIN(rc, f->os->syncdir(f->user, f->path));
    f->named = rc == KAM_OK;
    return rc == KAM_OK ? rc : FILE_FAIL(err, KAM_E_IO, "%s: the disk does not confirm the file's name", f->path);
}

/* f goes on with the new file. */
static void save_adopt(kam__file *f, kam__file *to)
{
    if (f->is_open) f->os->close(f->user, f->fd);
    kam__file_tables_free(f);
    kam__file_bytes_free(&f->out);
    kam__file_bytes_free(&f->frame);
    kam__file keep = *f;
    *f = *to;
    f->path = keep.path;
    f->temp = keep.temp;
    f->flushes += keep.flushes;
    f->writes += keep.writes;
    f->checkpoints = keep.checkpoints;
    f->compactions = keep.compactions;
    f->shown = keep.shown;
    f->reader = keep.reader;
    f->cold_rows = keep.cold_rows;
    f->dead |= keep.dead;
    kam__file_mark(f);
}

int32_t kam__file_birth(kam__file *f, kam_store_err *err)
{
    kam__file to;
    int32_t rc = save_start(&to, f, f->path, f->temp, err);
    if (rc == KAM_OK) {
        save_name(&to, f);
        rc = save_finish(&to, &to.super, f->path, 0, err);
    }
    if (rc == KAM_E_EXISTS) rc = FILE_FAIL(err, KAM_E_BUSY, "%s: somebody else has made it meanwhile: open it again", f->path);
    if (rc != KAM_OK) {
        save_drop(&to);
        return rc == KAM_E_DEAD ? KAM_E_IO : rc;            /* nothing was there, nothing is lost */
    }
    rc = save_syncdir(&to, f->path, err);
    save_adopt(f, &to);
    return rc;
}

static int32_t save_cold(kam__file *f, kam__file *to, kam_store_err *err)
{
    kam__lock_take(f->m->lock);
    int32_t rc = kam__file_cold_prepare(f, to);
    kam__lock_give(f->m->lock);
    return rc == KAM_OK ? rc : kam__memory_nomem(err);
}

int32_t kam__file_compact(kam__file *f, kam_store_err *err)
{
    kam__file to;
    int32_t rc = save_start(&to, f, f->path, f->temp, err);
    file_super s;
    if (rc == KAM_OK) {
        save_name(&to, f);
        s = to.super;
        rc = save_image(&to, KAM__FILE_SYNC_NEW, &s, err);
    }
    if (rc == KAM_OK) rc = save_cold(f, &to, err);
    if (rc == KAM_OK) rc = save_finish(&to, &s, f->path, 1, err);
    if (rc != KAM_OK) {
        save_drop(&to);
        return rc == KAM_E_DEAD ? FILE_FAIL(err, KAM_E_IO, "%s: the new file did not get to the disk; the old one stays", f->path) : rc;
    }
    rc = save_syncdir(&to, f->path, err);
    kam__lock_take(f->m->lock);             /* rows of the old file are read with it */
    save_adopt(f, &to);
    kam__file_cold_switch(f);
    kam__lock_give(f->m->lock);
    f->compactions++;
    return rc;
}

/* A name with ".tmp" behind it. */
static char *save_temp(kam_ctx *ctx, const char *path)
{
    size_t n = strlen(path);
    char *temp = kam__alloc(ctx, n + 5);
    if (!temp) return NULL;
    memcpy(temp, path, n);
    memcpy(temp + n, ".tmp", 5);
    return temp;
}

int32_t kam__file_write_new(kam__file *f, const char *path, kam_store_err *err)
{
    kam__file to;
    file_super s;
    char *temp = save_temp(f->ctx, path);
    if (!temp) return kam__memory_nomem(err);
    int32_t rc = save_start(&to, f, path, temp, err);
    if (rc == KAM_OK) {
        save_name(&to, f);
        s = to.super;
        rc = save_image(&to, KAM__FILE_SYNC_NEW, &s, err);
    }
    if (rc == KAM_OK) rc = save_finish(&to, &s, path, 0, err);
    if (rc == KAM_OK) rc = save_syncdir(&to, path, err);
    save_drop(&to);
    kam__free(f->ctx, temp);
    return rc == KAM_E_DEAD ? KAM_E_IO : rc;
}

/* ---------------------------------------------------------------- all frames, one after the other */

typedef struct save_walk { kam__file at; uint64_t off; uint32_t prev; } save_walk;

/* Reads as the shown state says, beside the writer. */
static void save_walk_begin(save_walk *w, kam__file *f)
{
    memset(w, 0, sizeof *w);
    kam__lock_take(f->m->lock);
    w->at = (kam__file){.ctx = f->ctx, .m = f->m, .os = f->os, .user = f->user, .path = f->path, .temp = f->temp, .fd = f->fd,
                        .super = f->shown.super, .end = f->shown.end, .size = f->shown.end, .seq = f->shown.seq, .prev = f->shown.prev};
    kam__lock_give(f->m->lock);
    w->at.frame.ctx = f->ctx;
    w->off = FILE_FIRST;
}

static int32_t save_walk_next(save_walk *w, file_frame *fr, kam_store_err *err)
{
    KAM__TRY(kam__file_frame(&w->at, w->off, w->at.super.salt, fr, err));
    if (fr->prev != w->prev) return FILE_FAIL(err, KAM_E_CORRUPT, "%s: byte %lld: the frame does not follow the one before it", w->at.path, FILE_LL(w->off));
    w->prev = fr->crc;
    w->off += fr->size;
    return KAM_OK;
}

static int32_t save_cancelled(kam__file *f, kam_progress_fn fn, void *user, uint64_t done, uint64_t total, kam_store_err *err)
{
    if ((fn && fn(user, done, total)) || kam__progress(f->ctx, done, total, NULL) != KAM_OK)
        return FILE_FAIL(err, KAM_E_CANCELLED, "%s: cancelled", f->path);
    return KAM_OK;
}

int32_t kam__file_verify(kam__file *f, kam_report_fn fn, kam_progress_fn progress, void *user, kam_store_err *err)
{
    save_walk w;
    file_frame fr;
    save_walk_begin(&w, f);
    int32_t rc = KAM_OK;
    while (rc == KAM_OK && w.off < w.at.end) {
        kam_store_err found = {.struct_size = sizeof found};
        rc = save_walk_next(&w, &fr, &found);
        if (rc == KAM_E_CORRUPT) {
            rc = fn ? fn(user, &found) : KAM_OK;
            break;                          /* nothing behind it is in the chain */
        }
        if (rc != KAM_OK && err) *err = found;
        if (rc == KAM_OK) rc = save_cancelled(f, progress, user, w.off, w.at.end, err);
    }
    kam__file_bytes_free(&w.at.frame);
    return rc;
}

/* ---------------------------------------------------------------- backup */

static int32_t save_copy(kam__file *to, save_walk *w, kam_progress_fn fn, void *user, kam_store_err *err)
{
    file_frame fr;
    unsigned char head[FILE_HEAD];
    while (w->off < w->at.end) {
        uint64_t off = w->off;
        KAM__TRY(save_walk_next(w, &fr, err));
        KAM__TRY(kam__file_read_at(&w->at, off, head, sizeof head, err));
        KAM__TRY(kam__file_write_at(to, off, head, sizeof head, err));
        KAM__TRY(kam__file_write_at(to, off + FILE_HEAD, w->at.frame.data, (size_t)(fr.size - FILE_HEAD), err));
        KAM__TRY(save_cancelled(to, fn, user, w->off, w->at.end, err));
    }
    return KAM_OK;
}

int32_t kam__file_backup(kam__file *f, const char *path, kam_progress_fn fn, void *user, kam_store_err *err)
{
    kam__file to;
    save_walk w;
    if (!path) return FILE_FAIL(err, KAM_E_INVAL, "BACKUP needs the name of the new file");
    save_walk_begin(&w, f);
    if (!w.at.end) return FILE_FAIL(err, KAM_E_NOT_FOUND, "%s: nothing is stored yet", f->path);
    char *temp = save_temp(f->ctx, path);
    if (!temp) return kam__memory_nomem(err);
    int32_t rc = save_start(&to, f, path, temp, err);
    if (rc == KAM_OK) {
        to.super = w.at.super;
        to.super.floor_off = w.at.end;
        to.super.floor_seq = w.at.seq;
        rc = save_copy(&to, &w, fn, user, err);
    }
    if (rc == KAM_OK) rc = kam__file_sync(&to, KAM__FILE_SYNC_NEW, err);
    if (rc == KAM_OK) {
        file_super s = to.super;
        rc = save_finish(&to, &s, path, 0, err);
    }
    if (rc == KAM_OK) rc = save_syncdir(&to, path, err);
    kam__file_bytes_free(&w.at.frame);
    save_drop(&to);
    kam__free(f->ctx, temp);
    return rc == KAM_E_DEAD ? KAM_E_IO : rc;
}

void kam__file_show(kam__file *f)
{
    kam__lock_take(f->m->lock);
    f->shown = (file_shown){f->super, f->end, f->seq, f->synced, f->live, f->flushes, f->writes, f->checkpoints, f->compactions, f->prev};
    kam__lock_give(f->m->lock);
}

#undef SAVE_AGAIN
