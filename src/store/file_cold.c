/*
 * store/file_cold.c - tables whose rows stay in the file until somebody needs all of them.
 *
 * What a scan wants of a segment is read with one call for its first bytes, which tell where the columns lie, and one for each run of
 * wanted columns. The first time the whole frame is read and its checksum compared; a segment is never written over, so that holds for
 * as long as the file is open. Behind the directory's tables stand, for each of them: 1 if its keys rise with its slots and none of
 * its rows is gone u32; then the first key of each segment i64. Older files have nothing there and are read at once.
 */
#include "file.h"

#define COLD_MAGIC 0x3159454Bu              /* KEY1 */
#define COLD_FIRST 1024u                    /* bytes of a block that tell of up to 50 columns */

/* ---------------------------------------------------------------- reading */

static int32_t cold_bad(const kam__file *r, const memory_seg *s, kam_store_err *err)
{
    return FILE_FAIL(err, KAM_E_CORRUPT, "%s: damaged at byte %lld: rows of a checkpoint; what is intact can be read with kam_store_file_read or "
                     "kam_store_salvage", r->path, FILE_LL(s->off));
}

static int32_t cold_whole(kam__file *r, uint32_t table, memory_seg *s, file_frame *fr, kam_store_err *err)
{
    r->size = s->off + s->size;
    int32_t rc = kam__file_frame(r, s->off, r->super.salt, fr, err);
    if (rc == KAM_E_CORRUPT) return cold_bad(r, s, err);
    if (rc != KAM_OK) return rc;
    if ((fr->type != FILE_SEGMENT && fr->type != FILE_INSERT) || fr->table != table || fr->nrow != s->nrow || fr->size != s->size) return cold_bad(r, s, err);
    if (fr->type == FILE_SEGMENT && (fr->len < 8 || file_get32(r->frame.data + 4))) return cold_bad(r, s, err);
    s->sound = fr->type == FILE_SEGMENT ? 2 : 1;
    return KAM_OK;
}

/* The bytes that matter into r->frame, where they would lie if all of it were read. */
static int32_t cold_pieces(kam__file *r, const memory_seg *s, const uint32_t *field, uint32_t nfield, kam__arena *a, kam_store_err *err)
{
    size_t n = s->size - FILE_HEAD, skip = s->sound == 2 ? 8 : 0, have = n < COLD_FIRST ? n : COLD_FIRST;
    uint64_t off = s->off + FILE_HEAD;
    uint32_t count = 0;
    file_piece *piece = kam__arena_alloc(a, nfield * sizeof *piece);
    r->frame.n = 0;
    unsigned char *p = kam__file_more(&r->frame, n);
    if (!p || !piece) return kam__memory_nomem(err);
    KAM__TRY(kam__file_read_at(r, off, p, have, err));
    if (kam__file_pieces(p + skip, have - skip, n - skip, field, nfield, piece, &count) != KAM_OK) {
        KAM__TRY(kam__file_read_at(r, off, p, n, err));
        return KAM_OK;
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t from = skip + piece[i].at, to = from + piece[i].n;
        if (from < have) from = have;
        if (from < to) KAM__TRY(kam__file_read_at(r, off + from, p + from, to - from, err));
    }
    return KAM_OK;
}

static int32_t cold_read(void *below, uint32_t table, memory_seg *s, const uint32_t *field, uint32_t nfield, kam__arena *a, kam_col *out,
                         kam_store_err *err)
{
    kam__file *r = below;
    file_frame fr;
    if (s->sound) KAM__TRY(cold_pieces(r, s, field, nfield, a, err));
    else KAM__TRY(cold_whole(r, table, s, &fr, err));
    size_t skip = s->sound == 2 ? 8 : 0;
    int32_t rc = kam__file_decode_some(out, field, nfield, a, r->frame.data + skip, r->frame.n - skip, s->nrow);
    return rc == KAM_E_NOMEM ? kam__memory_nomem(err) : rc == KAM_OK ? rc : cold_bad(r, s, err);
}

static int32_t cold_load(void *below, memory_table *t, const memory_cold *c, kam_store_err *err)
{
    kam__file *r = below;
    kam__arena a;
    int32_t rc = kam__memory_table_reserve(t, c->nseg ? c->seg[c->nseg - 1].first + c->seg[c->nseg - 1].nrow : 0);
    kam__arena_init(&a, r->ctx, 1u << 16);
    for (size_t i = 0; i < c->nseg && rc == KAM_OK; i++) {
        file_frame fr;
        kam_block rows;
        const uint8_t *gone;
        kam__arena_reset(&a);
        rc = cold_whole(r, t->id, c->seg + i, &fr, err);
        if (rc != KAM_OK) break;
        rc = kam__file_segment_decode(&a, &fr, r->frame.data, &rows, &gone);
        if (rc == KAM_OK) rc = kam__memory_load(t, &rows, gone);
        if (rc != KAM_OK && rc != KAM_E_NOMEM) rc = cold_bad(r, c->seg + i, err);
    }
    kam__arena_free(&a);
    kam__file_bytes_free(&r->frame);
    return rc == KAM_E_NOMEM ? kam__memory_nomem(err) : rc;
}

/* ---------------------------------------------------------------- the directory */

static int64_t cold_first_key(const memory_table *t, size_t i, uint32_t slot)
{
    return t->cold ? t->cold->seg[i].key : memory_key(t, slot);
}

int32_t kam__file_cold_put(kam__file *f)
{
    unsigned char *p = kam__file_more(&f->out, 4);
    if (!p) return KAM_E_NOMEM;
    file_put32(p, COLD_MAGIC);
    for (size_t i = 0; i < f->m->ntable; i++) {
        const memory_table *t = f->m->table[i];
        const file_table *note = kam__file_table(f, t);
        uint32_t may = t->sorted && t->live == t->nslot && t->nslot;
        p = kam__file_more(&f->out, 4 + (may ? note->nfresh * 8 : 0));
        if (!p) return KAM_E_NOMEM;
        file_put32(p, may);
        kam__lock_take(f->m->lock);
        for (size_t k = 0; k < note->nfresh && may; k++) file_put64(p + 4 + k * 8, (uint64_t)cold_first_key(t, k, note->fresh[k].first));
        kam__lock_give(f->m->lock);
    }
    return KAM_OK;
}

const unsigned char *kam__file_cold_begin(const unsigned char *p, const unsigned char *end)
{
    return end - p >= 4 && file_get32(p) == COLD_MAGIC ? p + 4 : end;
}

const unsigned char *kam__file_cold_next(const unsigned char **at, const unsigned char *end, uint32_t nseg)
{
    const unsigned char *p = *at, *key = NULL;
    if (end - p < 4) return NULL;
    if (file_get32(p) == 1) key = p + 4;
    if (key && (uint64_t)(end - key) < (uint64_t)nseg * 8) {
        *at = end;
        return NULL;
    }
    *at = key ? key + (size_t)nseg * 8 : p + 4;
    return key;
}

static kam__file *cold_reader(kam__file *f)
{
    if (!f->reader) f->reader = kam__zalloc(f->ctx, sizeof *f->reader);
    if (!f->reader) return NULL;
    *f->reader = (kam__file){.ctx = f->ctx, .m = f->m, .os = f->os, .user = f->user, .path = f->path, .fd = f->fd, .frame = f->reader->frame};
    f->reader->super.salt = f->super.salt;
    f->reader->frame.ctx = f->ctx;
    return f->reader;
}

/* One entry of the directory; the segments lie in the order of slots and keys, inside the file. */
static int cold_seg_get(memory_seg *s, const memory_seg *before, const unsigned char *p, const unsigned char *key, uint64_t size)
{
    *s = (memory_seg){file_get64(p), (int64_t)file_get64(key), file_get32(p + 8), file_get32(p + 12), file_get32(p + 16), 0};
    if (s->first != (before ? before->first + before->nrow : 0) || (before && s->key <= before->key)) return 0;
    if (!s->nrow || s->nrow > KAM__BLOCK_MAX || s->off < FILE_FIRST || s->off % 8 || s->off > size) return 0;
    return s->size > FILE_HEAD && s->size <= size - s->off;
}

int32_t kam__file_cold_table(kam__file *f, memory_table *t, const unsigned char *p, uint32_t nseg, uint32_t nslot, const unsigned char *key)
{
    file_table *note = kam__file_table(f, t);
    kam__file *r = cold_reader(f);
    memory_cold *c = kam__zalloc(f->ctx, sizeof *c);
    if (!note || !r || !c) {
        kam__free(f->ctx, c);
        return KAM_E_NOMEM;
    }
    t->cold = c;
    *c = (memory_cold){.below = r, .load = cold_load, .read = cold_read};
    KAM__TRY(kam__grow(f->ctx, &c->seg, &c->cap, nseg, sizeof *c->seg, NULL));
    KAM__TRY(kam__grow(f->ctx, &note->seg, &note->cap, nseg, sizeof *note->seg, NULL));
    for (uint32_t i = 0; i < nseg; i++, p += 20, key += 8) {
        memory_seg *s = c->seg + i;
        if (!cold_seg_get(s, i ? s - 1 : NULL, p, key, f->size)) return KAM_E_CORRUPT;
        note->seg[note->nseg++] = (file_seg){s->off, s->first, s->nrow, s->size, 0};
        f->live += s->size;
        c->nseg++;
    }
    t->nslot = t->live = nseg ? c->seg[nseg - 1].first + c->seg[nseg - 1].nrow : 0;
    return t->nslot == nslot ? KAM_OK : KAM_E_CORRUPT;
}

int32_t kam__file_warm_all(kam__file *f, kam_store_err *err)
{
    int32_t rc = KAM_OK;
    kam__lock_take(f->m->lock);
    for (size_t i = 0; i < f->m->ntable && rc == KAM_OK; i++) rc = kam__memory_warm(f->m->table[i], err);
    kam__lock_give(f->m->lock);
    return rc;
}

#undef COLD_MAGIC
#undef COLD_FIRST
