/*
 * store/file_load.c - opening a file: superblock, checkpoint, log, and what to make of an end that is not clean.
 *
 * The log is read as far as the chain holds, up to the last transaction that is closed. What lies behind is a torn tail and is cut
 * off - unless it can be proven that something acknowledged stood there: the floor of the superblock lies behind it, or a later frame
 * of this file says that it was on the disk. Then the file is damaged and is not opened for writing. A tail that no superblock vouches
 * for is written again and synced before anything is acknowledged: the page cache may show what the disk does not have.
 * Salvage reads on behind each damaged place, frame by frame.
 */
#include "file.h"

#define LOAD_CHUNK (1u << 20)

int32_t kam__file_damage(kam__file *f, uint64_t off, const char *why, kam_store_err *err)
{
    if (f->salvage) {
        if (!f->bad++) f->bad_off = off;
        return KAM_OK;
    }
    return FILE_FAIL(err, KAM_E_CORRUPT, "%s: damaged at byte %lld, transaction %lld: %s; what is intact can be read with "
                     "kam_store_file_read or kam_store_salvage", f->path, FILE_LL(off), FILE_LL(f->seq + 1), why);
}

/* ---------------------------------------------------------------- superblocks */

static int32_t load_super_pick(kam__file *f, const file_super s[2], const int32_t rc[2], kam_store_err *err)
{
    for (uint32_t i = 0; i < 2; i++)
        if (rc[i] == KAM_E_UNSUPPORTED)
            return FILE_FAIL(err, KAM_E_UNSUPPORTED, "%s: made by a newer version of the library (format %d.%d, features %d; this one knows %d.%d)",
                             f->path, (int)s[i].major, (int)s[i].minor, (int)s[i].incompat, (int)FILE_MAJOR, (int)FILE_MINOR);
    if (rc[0] != KAM_OK && rc[1] != KAM_OK) {
        if (f->salvage) return kam__file_damage(f, 0, "superblocks", err);
        if (rc[0] == KAM_E_NOT_FOUND && rc[1] == KAM_E_NOT_FOUND)
            return FILE_FAIL(err, KAM_E_CORRUPT, "%s: this is no KAM store, or its beginning was overwritten (no magic number)", f->path);
        return FILE_FAIL(err, KAM_E_CORRUPT, "%s: damaged at byte 0: both superblocks are broken; kam_store_salvage can look for what is left", f->path);
    }
    f->slot = rc[0] != KAM_OK || (rc[1] == KAM_OK && s[1].gen > s[0].gen);
    f->super = s[f->slot];
    if (f->super.log_off < FILE_FIRST || f->super.log_off % 8 || f->super.floor_off < f->super.log_off)
        return kam__file_damage(f, (uint64_t)f->slot * FILE_SUPER, "a superblock says what cannot be", err);
    if (f->super.minor > FILE_MINOR || f->super.ro_compat) f->read_only |= 2;
    return KAM_OK;
}

/* For salvage: any frame tells the salt; the last directory that is whole will do. */
static int32_t load_super_guess(kam__file *f, kam_store_err *err)
{
    file_frame fr;
    memset(&f->super, 0, sizeof f->super);
    f->super.log_off = FILE_FIRST;
    for (uint64_t off = FILE_FIRST; off + FILE_HEAD <= f->size;) {
        int32_t rc = kam__file_frame(f, off, f->super.salt, &fr, err);
        if (rc != KAM_OK && rc != KAM_E_CORRUPT) return rc;
        off += rc == KAM_OK ? fr.size : 8;
        if (rc != KAM_OK) continue;
        f->super.salt = fr.salt;
        if (fr.type != FILE_DIRECTORY) continue;
        f->super.dir_off = fr.off;
        f->super.dir_crc = fr.crc;
        f->super.log_off = off;
        f->super.log_seq = fr.seq;
        f->super.log_prev = fr.crc;
    }
    return KAM_OK;
}

static int32_t load_super(kam__file *f, kam_store_err *err)
{
    unsigned char block[512];
    file_super s[2];
    int32_t rc[2];
    if (f->size < FILE_FIRST && !f->salvage)
        return FILE_FAIL(err, KAM_E_CORRUPT, "%s: no KAM store, or cut off: it has %lld bytes, the shortest has %d", f->path, FILE_LL(f->size), (int)FILE_FIRST);
    for (uint32_t i = 0; i < 2; i++) {
        rc[i] = KAM_E_CORRUPT;
        if (f->size < (uint64_t)i * FILE_SUPER + sizeof block) continue;
        KAM__TRY(kam__file_read_at(f, (uint64_t)i * FILE_SUPER, block, sizeof block, err));
        rc[i] = kam__file_super_get(s + i, block);
    }
    KAM__TRY(load_super_pick(f, s, rc, err));
    return f->bad ? load_super_guess(f, err) : KAM_OK;
}

/* ---------------------------------------------------------------- the log */

typedef struct load_log {
    file_apply *a;
    uint64_t off, seq; uint32_t prev;       /* the next frame, what came before it */
    uint64_t end, end_seq; uint32_t end_prev;           /* behind the last closed transaction */
} load_log;

static int load_follows(const load_log *l, const file_frame *fr)
{
    return fr->prev == l->prev && fr->seq == l->seq + 1;
}

/* Goes on until the chain breaks. */
static int32_t load_scan(load_log *l)
{
    kam__file *f = l->a->f;
    file_frame fr;
    for (;;) {
        int32_t rc = kam__file_frame(f, l->off, f->super.salt, &fr, l->a->err);
        if (rc != KAM_OK) return rc == KAM_E_CORRUPT ? KAM_OK : rc;
        if (!load_follows(l, &fr)) return KAM_OK;
        l->off += fr.size;
        l->prev = fr.crc;
        if (!(fr.flags & FILE_LAST)) continue;
        l->seq = fr.seq;
        l->end = l->off;
        l->end_seq = fr.seq;
        l->end_prev = fr.crc;
        if (kam__progress(f->ctx, l->off, f->size, NULL) != KAM_OK)
            return FILE_FAIL(l->a->err, KAM_E_CANCELLED, "%s: opening was cancelled", f->path);
    }
}

/* The next sound header of this file from `off` on that was written when transaction `durable` was on the disk; 0 = none. */
static int32_t load_look(kam__file *f, uint64_t off, uint64_t durable, uint64_t *found, kam_store_err *err)
{
    file_bytes b = {f->ctx, NULL, 0, 0};
    unsigned char *p = kam__file_more(&b, LOAD_CHUNK + FILE_HEAD);
    int32_t rc = p ? KAM_OK : kam__memory_nomem(err);
    file_frame fr;
    *found = 0;
    for (; rc == KAM_OK && !*found && off + FILE_HEAD <= f->size; off += LOAD_CHUNK) {
        size_t n = f->size - off < LOAD_CHUNK + FILE_HEAD ? (size_t)(f->size - off) : LOAD_CHUNK + FILE_HEAD;
        rc = kam__file_read_at(f, off, p, n, err);
        for (size_t i = 0; rc == KAM_OK && !*found && i < LOAD_CHUNK && i + FILE_HEAD <= n; i += 8)
            if (p[i] == 'K' && p[i + 1] == 'A' && kam__file_head(&fr, p + i, off + i) && (!f->super.salt || fr.salt == f->super.salt) &&
                fr.durable >= durable)
                *found = off + i;
    }
    kam__file_bytes_free(&b);
    return rc;
}

/* Does what the closed transactions from..to say; `image`: of one that was not closed, what does not depend on that. */
static int32_t load_apply(load_log *l, uint64_t from, uint64_t to, int image)
{
    file_apply *a = l->a;
    kam__file *f = a->f;
    file_frame fr;
    int open = 0;
    int32_t rc = KAM_OK;
    for (uint64_t off = from; off < to && rc == KAM_OK; off += fr.size) {
        rc = kam__file_frame(f, off, f->super.salt, &fr, a->err);
        if (rc != KAM_OK) break;
        if (image && fr.type != FILE_SCHEMA && fr.type != FILE_SEGMENT) continue;
        if (!open && !f->salvage) rc = kam__file_apply_begin(a), open = rc == KAM_OK;
        if (rc == KAM_OK) rc = kam__file_apply(a, &fr);
        if (f->salvage && rc == KAM_E_CORRUPT) rc = kam__file_damage(f, off, "a frame that does not fit", a->err);
        if (rc == KAM_OK && (fr.flags & FILE_LAST) && open) rc = kam__file_apply_end(a, KAM_OK), open = 0;
        if (rc == KAM_OK && (fr.flags & FILE_LAST)) kam__file_mark(f);
    }
    return open ? kam__file_apply_end(a, rc) : rc;
}

/* Behind a damaged place: the next frame whose header is sound begins a new chain. A transaction that lost its beginning is left out. */
static int32_t load_resume(load_log *l, int *more)
{
    kam__file *f = l->a->f;
    file_frame fr;
    int drop = l->off != l->end;
    uint64_t at = 0;
    int32_t rc = kam__file_frame(f, l->off, f->super.salt, &fr, l->a->err);
    *more = 0;
    if (rc == KAM_E_IO || rc == KAM_E_NOMEM) return rc;
    KAM__TRY(load_look(f, l->off + (rc == KAM_OK ? 0 : 8), 0, &at, l->a->err));
    if (at && at - l->off < 2 * FILE_HEAD) drop = 0;            /* one frame is lost, no more fit in there */
    while (at) {
        rc = kam__file_frame(f, at, f->super.salt, &fr, l->a->err);
        if (rc != KAM_OK && rc != KAM_E_CORRUPT) return rc;
        if (rc == KAM_OK && fr.seq > l->end_seq + 1 && !drop) break;
        if (rc == KAM_OK && (fr.flags & FILE_LAST)) drop = 0;
        KAM__TRY(load_look(f, rc == KAM_OK ? at + fr.size : at + 8, 0, &at, l->a->err));
    }
    if (!at) return KAM_OK;
    l->off = l->end = at;
    l->seq = fr.seq - 1;
    l->end_seq = l->seq;
    l->prev = fr.prev;
    *more = 1;
    return KAM_OK;
}

static int32_t load_salvage_log(load_log *l)
{
    kam__file *f = l->a->f;
    int more = 1;
    while (more) {
        uint64_t from = l->off;
        KAM__TRY(load_scan(l));
        KAM__TRY(load_apply(l, from, l->end, 0));
        KAM__TRY(load_apply(l, l->end, l->off, 1));
        KAM__TRY(load_resume(l, &more));
        if (more) (void)kam__file_damage(f, l->off, "the log", l->a->err);
    }
    return KAM_OK;
}

/* What follows the last closed transaction must be a tail that nobody was told about. */
static int32_t load_tail(load_log *l)
{
    kam__file *f = l->a->f;
    uint64_t proof = 0;
    f->seq = l->end_seq;
    if (l->end < f->super.floor_off || l->end_seq < f->super.floor_seq)
        return kam__file_damage(f, l->off, "it was on the disk when the file was last closed or checked, and is not whole", l->a->err);
    KAM__TRY(load_look(f, l->end, l->end_seq + 1, &proof, l->a->err));
    return proof ? kam__file_damage(f, l->off, "a later frame shows that it had been on the disk", l->a->err) : KAM_OK;
}

static int32_t load_log_all(file_apply *a)
{
    kam__file *f = a->f;
    load_log l = {.a = a, .off = f->super.log_off, .seq = f->super.log_seq, .prev = f->super.log_prev};
    l.end = l.off;
    l.end_seq = l.seq;
    l.end_prev = l.prev;
    f->seq = l.seq;
    if (f->salvage) return load_salvage_log(&l);
    KAM__TRY(load_scan(&l));
    KAM__TRY(load_tail(&l));
    if (a->err->struct_size) a->err->msg[0] = 0;
    KAM__TRY(load_apply(&l, f->super.log_off, l.end, 0));
    f->end = l.end;
    f->seq = l.end_seq;
    f->prev = l.end_prev;
    return KAM_OK;
}

/* ---------------------------------------------------------------- checkpoint, repair */

static int32_t load_directory(file_apply *a)
{
    kam__file *f = a->f;
    file_frame fr;
    if (!f->super.dir_off) return KAM_OK;
    int32_t rc = kam__file_frame(f, f->super.dir_off, f->super.salt, &fr, a->err);
    if (rc == KAM_OK && (fr.type != FILE_DIRECTORY || fr.crc != f->super.dir_crc)) rc = KAM_E_CORRUPT;
    if (rc == KAM_OK) {
        f->live = 0;
        if (a->err->struct_size) a->err->msg[0] = 0;
        return kam__file_apply_directory(a);
    }
    if (rc != KAM_E_CORRUPT) return rc;
    if (f->salvage) {                       /* the whole log again, with the segments in it */
        f->super.log_off = FILE_FIRST;
        f->super.log_seq = 0;
    }
    return kam__file_damage(f, f->super.dir_off, "the directory of the checkpoint", a->err);
}

/* The bytes floor..end once more, from the page cache to the disk. */
static int32_t load_rewrite(kam__file *f, kam_store_err *err)
{
    file_bytes b = {f->ctx, NULL, 0, 0};
    unsigned char *p = kam__file_more(&b, LOAD_CHUNK);
    int32_t rc = p ? KAM_OK : kam__memory_nomem(err);
    for (uint64_t off = f->super.floor_off; rc == KAM_OK && off < f->end; off += LOAD_CHUNK) {
        size_t n = f->end - off < LOAD_CHUNK ? (size_t)(f->end - off) : LOAD_CHUNK;
        rc = kam__file_read_at(f, off, p, n, err);
        if (rc == KAM_OK) rc = kam__file_write_at(f, off, p, n, err);
    }
    kam__file_bytes_free(&b);
    return rc;
}

static int32_t load_repair(kam__file *f, kam_store_err *err)
{
    file_super s = f->super;
    if (f->size == f->end && f->super.floor_off == f->end) return KAM_OK;
    if (f->size > f->end) {
        int32_t rc = KAM_E_RETRY;
        for (int patience = 100; rc == KAM_E_RETRY && patience; patience--) rc = f->os->truncate(f->user, f->fd, f->end);
        if (rc != KAM_OK) return FILE_FAIL(err, KAM_E_IO, "%s: a torn tail at byte %lld cannot be cut off", f->path, FILE_LL(f->end));
        f->size = f->end;
    }
    KAM__TRY(load_rewrite(f, err));
    KAM__TRY(kam__file_sync(f, KAM__FILE_SYNC_REPAIR, err));
    s.floor_off = f->end;
    s.floor_seq = f->seq;
    return kam__file_super_write(f, &s, err);
}

int32_t kam__file_load(kam__file *f, kam_store_err *err)
{
    file_apply a = {.f = f, .err = err};
    int32_t rc = f->os->size(f->user, f->fd, &f->size);
    if (rc != KAM_OK) return FILE_FAIL(err, KAM_E_IO, "%s: its size cannot be told, or it is no file", f->path);
    KAM__TRY(load_super(f, err));
    if (kam__memory_connect(&a.conn, f->m, NULL) != KAM_OK) return kam__memory_nomem(err);
    kam__arena_init(&a.arena, f->ctx, 1u << 16);
    f->m->still = 1;
    rc = load_directory(&a);
    if (rc == KAM_OK) rc = load_log_all(&a);
    f->m->still = 0;
    kam__memory_vt.close(a.conn);
    kam__arena_free(&a.arena);
    kam__file_bytes_free(&f->frame);
    kam__file_mark(f);
    if (rc == KAM_OK && !f->read_only) rc = load_repair(f, err);
    f->synced = f->end;
    f->synced_seq = f->seq;
    return rc;
}

#undef LOAD_CHUNK
