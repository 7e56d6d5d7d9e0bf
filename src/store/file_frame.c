/*
 * store/file_frame.c - frames and superblocks: to bytes and back, to the disk and back.
 *
 * Reading and writing go in loops here, for signals and short counts; after a hundred interruptions in a row it is an error. The salt
 * is the file's own: bytes that once were something else never pass for a frame of it.
 */
#include "file.h"

#define FRAME_MAGIC 0x464D414Bu             /* "KAMF" */
#define FRAME_PATIENCE 100

static const unsigned char super_magic[8] = {'K', 'A', 'M', 'S', 'T', 'O', 'R', 0x1A};

/* ---------------------------------------------------------------- the disk */

int32_t kam__file_read_at(kam__file *f, uint64_t off, void *to, size_t n, kam_store_err *err)
{
    size_t at = 0;
    for (int patience = FRAME_PATIENCE; at < n && patience;) {
        size_t got = 0, want = n - at > (1u << 30) ? 1u << 30 : n - at;
        int32_t rc = f->os->read(f->user, f->fd, off + at, (char *)to + at, want, &got);
        if (rc == KAM_E_RETRY) {
            patience--;
            continue;
        }
        if (rc != KAM_OK) return FILE_FAIL(err, KAM_E_IO, "%s: reading at byte %lld failed", f->path, FILE_LL(off + at));
        if (!got) return FILE_FAIL(err, KAM_E_CORRUPT, "%s: the file ends at byte %lld, in the middle of something", f->path, FILE_LL(off + at));
        at += got;
    }
    return at == n ? KAM_OK : FILE_FAIL(err, KAM_E_IO, "%s: reading is interrupted again and again", f->path);
}

int32_t kam__file_write_at(kam__file *f, uint64_t off, const void *from, size_t n, kam_store_err *err)
{
    size_t at = 0;
    if (off + n > f->size) f->size = off + n;           /* a write that fails may have written, too */
    for (int patience = FRAME_PATIENCE; at < n && patience;) {
        size_t put = 0, want = n - at > (1u << 30) ? 1u << 30 : n - at;
        int32_t rc = f->os->write(f->user, f->fd, off + at, (const char *)from + at, want, &put);
        f->writes++;
        if (rc == KAM_E_RETRY || (rc == KAM_OK && !put)) {
            patience--;
            continue;
        }
        if (rc == KAM_E_FULL) return FILE_FAIL(err, KAM_E_FULL, "%s: the disk is full", f->path);
        if (rc != KAM_OK) return FILE_FAIL(err, KAM_E_IO, "%s: writing at byte %lld failed", f->path, FILE_LL(off + at));
        at += put;
    }
    return at == n ? KAM_OK : FILE_FAIL(err, KAM_E_IO, "%s: writing is interrupted again and again", f->path);
}

/* A sync that failed may have dropped what it could not write, and the next one would not say so: nothing goes on after it. */
int32_t kam__file_sync(kam__file *f, uint32_t why, kam_store_err *err)
{
    int32_t rc = KAM_E_RETRY;
    for (int patience = FRAME_PATIENCE; rc == KAM_E_RETRY && patience; patience--) rc = f->os->sync(f->user, f->fd, why);
    if (rc == KAM_OK) {
        f->flushes++;
        return KAM_OK;
    }
    f->dead = 1;
    return FILE_FAIL(err, KAM_E_DEAD, "%s: the disk did not confirm what was written: close the store and open it again", f->path);
}

/* ---------------------------------------------------------------- frames out */

int32_t kam__file_begin(kam__file *f, size_t *at, kam_store_err *err)
{
    if (f->out.n > (f->spill ? f->spill : FILE_SPILL)) KAM__TRY(kam__file_spill(f, err));
    *at = f->out.n;
    return kam__file_more(&f->out, FILE_HEAD) ? KAM_OK : kam__memory_nomem(err);
}

int32_t kam__file_end(kam__file *f, size_t at, uint32_t type, uint32_t flags, uint32_t table, uint32_t nrow, uint64_t *off, kam_store_err *err)
{
    size_t len = f->out.n - at - FILE_HEAD, pad = (8 - len % 8) % 8;
    unsigned char *p = kam__file_more(&f->out, pad);
    if (!p || len > UINT32_MAX - 8) {
        f->out.n = at;
        return p ? FILE_FAIL(err, KAM_E_LIMIT, "%s: a block of more than 4 GiB", f->path) : kam__memory_nomem(err);
    }
    memset(p, 0, pad);
    p = f->out.data + at;
    file_put32(p, FRAME_MAGIC);
    p[4] = (unsigned char)type;
    p[5] = (unsigned char)flags;
    file_put16(p + 6, FILE_HEAD);
    file_put64(p + 8, f->seq + 1);
    file_put64(p + 16, f->super.salt);
    file_put64(p + 24, f->synced_seq);
    file_put32(p + 32, (uint32_t)len);
    file_put32(p + 36, nrow);
    file_put32(p + 40, f->prev_open);
    file_put32(p + 44, kam__crc32c(0, p + FILE_HEAD, len + pad));
    file_put32(p + 48, table);
    f->prev_open = kam__crc32c(0, p, 52);
    file_put32(p + 52, f->prev_open);
    f->open_frames++;
    if (off) *off = f->put + at;
    return KAM_OK;
}

int32_t kam__file_spill(kam__file *f, kam_store_err *err)
{
    if (!f->out.n) return KAM_OK;
    KAM__TRY(kam__file_write_at(f, f->put, f->out.data, f->out.n, err));
    f->put += f->out.n;
    f->out.n = 0;
    if (f->out.cap > 4 * FILE_SPILL) kam__file_bytes_free(&f->out);
    return KAM_OK;
}

/* ---------------------------------------------------------------- frames in */

int kam__file_head(file_frame *out, const unsigned char h[FILE_HEAD], uint64_t off)
{
    if (file_get32(h) != FRAME_MAGIC || file_get16(h + 6) != FILE_HEAD || file_get32(h + 52) != kam__crc32c(0, h, 52)) return 0;
    *out = (file_frame){.off = off, .type = h[4], .flags = h[5], .seq = file_get64(h + 8), .salt = file_get64(h + 16),
                        .durable = file_get64(h + 24), .len = file_get32(h + 32), .nrow = file_get32(h + 36), .prev = file_get32(h + 40),
                        .pay_crc = file_get32(h + 44), .table = file_get32(h + 48), .crc = file_get32(h + 52)};
    out->size = FILE_HEAD + (((uint64_t)out->len + 7) & ~(uint64_t)7);
    return 1;
}

static int32_t frame_bad(const kam__file *f, uint64_t off, const char *what, kam_store_err *err)
{
    return FILE_FAIL(err, KAM_E_CORRUPT, "%s: byte %lld: %s", f->path, FILE_LL(off), what);
}

int32_t kam__file_frame(kam__file *f, uint64_t off, uint64_t salt, file_frame *out, kam_store_err *err)
{
    unsigned char head[FILE_HEAD];
    if (off < FILE_FIRST || off % 8 || off > f->size || f->size - off < FILE_HEAD) return frame_bad(f, off, "no frame fits in here", err);
    KAM__TRY(kam__file_read_at(f, off, head, sizeof head, err));
    if (!kam__file_head(out, head, off)) return frame_bad(f, off, "the header of a frame is damaged", err);
    if (salt && out->salt != salt) return frame_bad(f, off, "a frame of another file", err);
    if (out->size > f->size - off) return frame_bad(f, off, "a frame is cut off", err);
    size_t n = (size_t)(out->size - FILE_HEAD);
    f->frame.n = 0;
    unsigned char *p = kam__file_more(&f->frame, n);
    if (!p) return kam__memory_nomem(err);
    if (n) KAM__TRY(kam__file_read_at(f, off + FILE_HEAD, p, n, err));
    if (kam__crc32c(0, p, n) != out->pay_crc) return frame_bad(f, off, "the content of a frame is damaged", err);
    return KAM_OK;
}

/* ---------------------------------------------------------------- superblocks */

void kam__file_super_put(unsigned char b[FILE_SUPER], const file_super *s)
{
    memset(b, 0, FILE_SUPER);
    memcpy(b, super_magic, 8);
    file_put16(b + 8, s->major);
    file_put16(b + 10, s->minor);
    file_put32(b + 12, s->incompat);
    file_put32(b + 16, s->ro_compat);
    file_put32(b + 20, 0x01020304u);
    memcpy(b + 24, s->uuid, 16);
    file_put64(b + 40, s->gen);
    file_put64(b + 48, s->salt);
    file_put64(b + 56, s->dir_off);
    file_put64(b + 64, s->log_off);
    file_put64(b + 72, s->log_seq);
    file_put64(b + 80, s->floor_off);
    file_put64(b + 88, s->floor_seq);
    file_put32(b + 96, s->log_prev);
    file_put32(b + 100, s->dir_crc);
    file_put64(b + 104, (uint64_t)s->created);
    file_put32(b + 508, kam__crc32c(0, b, 508));
}

int32_t kam__file_super_get(file_super *s, const unsigned char b[512])
{
    memset(s, 0, sizeof *s);
    if (memcmp(b, super_magic, 8) != 0) return KAM_E_NOT_FOUND;
    if (file_get32(b + 508) != kam__crc32c(0, b, 508)) return KAM_E_CORRUPT;
    s->major = file_get16(b + 8);
    s->minor = file_get16(b + 10);
    s->incompat = file_get32(b + 12);
    s->ro_compat = file_get32(b + 16);
    memcpy(s->uuid, b + 24, 16);
    s->gen = file_get64(b + 40);
    s->salt = file_get64(b + 48);
    s->dir_off = file_get64(b + 56);
    s->log_off = file_get64(b + 64);
    s->log_seq = file_get64(b + 72);
    s->floor_off = file_get64(b + 80);
    s->floor_seq = file_get64(b + 88);
    s->log_prev = file_get32(b + 96);
    s->dir_crc = file_get32(b + 100);
    s->created = (int64_t)file_get64(b + 104);
    if (s->major > FILE_MAJOR || s->incompat) return KAM_E_UNSUPPORTED;
    return file_get32(b + 20) == 0x01020304u ? KAM_OK : KAM_E_CORRUPT;
}

int32_t kam__file_super_write(kam__file *f, const file_super *s, kam_store_err *err)
{
    unsigned char block[FILE_SUPER];
    uint32_t slot = f->slot ^ 1;
    file_super next = *s;
    next.gen = f->super.gen + 1;
    kam__file_super_put(block, &next);
    KAM__TRY(kam__file_write_at(f, (uint64_t)slot * FILE_SUPER, block, sizeof block, err));
    KAM__TRY(kam__file_sync(f, KAM__FILE_SYNC_SUPER, err));
    f->super = next;
    f->slot = slot;
    return KAM_OK;
}

#undef FRAME_MAGIC
#undef FRAME_PATIENCE
