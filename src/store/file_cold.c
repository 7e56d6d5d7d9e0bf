/*
 * store/file_cold.c - rows that stay in the file, or go back there, until somebody needs all of them.
 *
 * What a scan wants of a segment is read with one call for its first bytes, which tell where the columns lie, and one for each run of
 * wanted columns. The first time the whole frame is read and its checksum compared; a segment is never written over, so that holds for
 * as long as the file is open. A compaction reads them once more, a segment's worth at a time, and tells the tables where they lie then.
 * Behind the directory's tables stand, for each of them: 1 if its keys rise with its slots and none of its rows is gone u32; then the
 * first key of each segment i64; the number of frames with zones u32; of each its offset u64 and size u32; then, if there are any, for
 * each segment the number of its frame, from 1, or 0 u32. Older files have less there.
 */
#include "file.h"

#define COLD_KEYS 0x3159454Bu               /* KEY1: no zones */
#define COLD_MAGIC 0x3259454Bu              /* KEY2 */
#define COLD_SMALL 512u                     /* smaller segments at the end are put together by the next checkpoint: they are read */
#define COLD_FIRST 1024u                    /* bytes of a block that tell of up to 50 columns */

/* Tests open files so that even small tables stay in them. */
static uint32_t cold_small(const kam__file *f) { return f->cold_rows == 1 ? 1 : COLD_SMALL; }

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

/* The rows of a segment behind the last one of t. */
static int32_t cold_load_seg(kam__file *r, memory_table *t, memory_seg *s, kam__arena *a, kam_store_err *err)
{
    file_frame fr;
    kam_block rows;
    const uint8_t *gone;
    kam__arena_reset(a);
    KAM__TRY(cold_whole(r, t->id, s, &fr, err));
    int32_t rc = kam__file_segment_decode(a, &fr, r->frame.data, &rows, &gone);
    if (rc == KAM_OK) rc = kam__memory_load(t, &rows, gone);
    return rc != KAM_OK && rc != KAM_E_NOMEM ? cold_bad(r, s, err) : rc;
}

static int32_t cold_load(void *below, memory_table *t, const memory_cold *c, kam_store_err *err)
{
    kam__file *r = below;
    kam__arena a;
    int32_t rc = kam__memory_table_reserve(t, c->nseg ? c->seg[c->nseg - 1].first + c->seg[c->nseg - 1].nrow : 0);
    kam__arena_init(&a, r->ctx, 1u << 16);
    for (size_t i = 0; i < c->nseg && rc == KAM_OK; i++) rc = cold_load_seg(r, t, c->seg + i, &a, err);
    kam__arena_free(&a);
    kam__file_bytes_free(&r->frame);
    return rc == KAM_E_NOMEM ? kam__memory_nomem(err) : rc;
}

/* ---------------------------------------------------------------- the directory */

static void cold_put_table(unsigned char *p, const file_table *note)
{
    for (size_t k = 0; k < note->nfresh; k++, p += 8) file_put64(p, (uint64_t)note->fresh[k].key);
    file_put32(p, (uint32_t)note->nfresh_zones);
    p += 4;
    for (size_t k = 0; k < note->nfresh_zones; k++, p += 12) {
        file_put64(p, note->fresh_zones[k].off);
        file_put32(p + 8, note->fresh_zones[k].size);
    }
    for (size_t k = 0; k < note->nfresh && note->nfresh_zones; k++, p += 4) file_put32(p, note->fresh[k].zones);
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
        size_t more = note->nfresh * 8 + 4 + note->nfresh_zones * 12 + (note->nfresh_zones ? note->nfresh * 4 : 0);
        p = kam__file_more(&f->out, 4 + (may ? more : 0));
        if (!p) return KAM_E_NOMEM;
        file_put32(p, may);
        if (may) cold_put_table(p + 4, note);
    }
    return KAM_OK;
}

file_tail kam__file_cold_begin(const unsigned char *p, const unsigned char *end)
{
    uint32_t magic = end - p >= 4 ? file_get32(p) : 0, version = magic == COLD_MAGIC ? 2 : magic == COLD_KEYS ? 1 : 0;
    return (file_tail){version ? p + 4 : end, end, version};
}

/* n bytes, or nothing any more. */
static const unsigned char *cold_bytes(file_tail *at, uint64_t n)
{
    const unsigned char *p = at->p;
    if ((uint64_t)(at->end - p) < n) {
        at->p = at->end;
        return NULL;
    }
    at->p += n;
    return p;
}

file_told kam__file_cold_next(file_tail *at, uint32_t nseg)
{
    file_told told = {0};
    const unsigned char *p = cold_bytes(at, 4);
    if (!p || file_get32(p) != 1) return told;
    const unsigned char *key = cold_bytes(at, (uint64_t)nseg * 8);
    if (key && at->version > 1) {
        p = cold_bytes(at, 4);
        told.nzones = p ? file_get32(p) : 0;
        told.zones = cold_bytes(at, (uint64_t)told.nzones * 12);
        told.seg_zones = told.zones && told.nzones ? cold_bytes(at, (uint64_t)nseg * 4) : NULL;
        if (!p || !told.zones || (told.nzones && !told.seg_zones)) key = NULL;
    }
    told.key = key;
    return told;
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
    *s = (memory_seg){.off = file_get64(p), .key = (int64_t)file_get64(key), .first = file_get32(p + 8), .nrow = file_get32(p + 12), .size = file_get32(p + 16)};
    if (s->first != (before ? before->first + before->nrow : 0) || (before && s->key <= before->key)) return 0;
    if (!s->nrow || s->nrow > KAM__BLOCK_MAX || s->off < FILE_FIRST || s->off % 8 || s->off > size) return 0;
    if (s->nrow > s->size || (uint64_t)s->first + s->nrow > size) return 0;         /* a row takes a byte at least */
    return s->size > FILE_HEAD && s->size <= size - s->off && (uint64_t)s->first + s->nrow < MEMORY_NONE;
}

static int32_t cold_zones(kam__file *f, file_table *note, memory_cold *c, const file_told *told)
{
    KAM__TRY(kam__grow(f->ctx, &c->zones, &c->zones_cap, told->nzones, sizeof *c->zones, NULL));
    KAM__TRY(kam__grow(f->ctx, &note->zones, &note->zones_cap, told->nzones, sizeof *note->zones, NULL));
    for (uint32_t i = 0; i < told->nzones; i++) {
        struct memory_ref z = {file_get64(told->zones + i * 12u), file_get32(told->zones + i * 12u + 8)};
        if (z.off < FILE_FIRST || z.off % 8 || z.off > f->size || z.size < FILE_HEAD || z.size > f->size - z.off) return KAM_E_CORRUPT;
        c->zones[c->nzones++] = note->zones[note->nzones++] = z;
        f->live += z.size;
    }
    return KAM_OK;
}

static int32_t cold_segs(kam__file *f, file_table *note, memory_cold *c, const unsigned char *p, uint32_t nseg, const file_told *told)
{
    KAM__TRY(cold_zones(f, note, c, told));
    KAM__TRY(kam__grow(f->ctx, &c->seg, &c->cap, nseg, sizeof *c->seg, NULL));
    KAM__TRY(kam__grow(f->ctx, &note->seg, &note->cap, nseg, sizeof *note->seg, NULL));
    for (uint32_t i = 0; i < nseg; i++, p += 20) {
        memory_seg *s = c->seg + i;
        if (!cold_seg_get(s, i ? s - 1 : NULL, p, told->key + i * (size_t)8, f->size)) return KAM_E_CORRUPT;
        s->zones = told->seg_zones ? file_get32(told->seg_zones + i * (size_t)4) : 0;
        if (s->zones > c->nzones) return KAM_E_CORRUPT;
        note->seg[note->nseg++] = (file_seg){s->off, s->first, s->nrow, s->size, 0, s->zones, s->key};
        f->live += s->size;
        c->nseg++;
    }
    return KAM_OK;
}

static memory_cold *cold_new(kam__file *f)
{
    kam__file *r = cold_reader(f);
    memory_cold *c = r ? kam__zalloc(f->ctx, sizeof *c) : NULL;
    if (c) *c = (memory_cold){.below = r, .load = cold_load, .read = cold_read, .tell = kam__file_zones_tell, .limit = INT64_MAX};
    return c;
}

int32_t kam__file_cold_table(kam__file *f, memory_table *t, const unsigned char *p, uint32_t nseg, const file_told *told, uint32_t *ncold)
{
    file_table *note = kam__file_table(f, t);
    uint32_t n = nseg;
    while (n && file_get32(p + (n - 1) * (size_t)20 + 12) < cold_small(f)) n--;
    *ncold = n;
    if (!n) return note ? KAM_OK : KAM_E_NOMEM;
    memory_cold *c = note ? cold_new(f) : NULL;
    if (!c) return KAM_E_NOMEM;
    t->cold = c;
    KAM__TRY(cold_segs(f, note, c, p, n, told));
    if (n < nseg) c->limit = (int64_t)file_get64(told->key + n * (size_t)8);
    if (c->limit <= c->seg[n - 1].key) return KAM_E_CORRUPT;
    t->base = t->nslot = t->live = c->seg[n - 1].first + c->seg[n - 1].nrow;
    for (size_t i = 0; i < t->ncol; i++) t->col[i].base = t->col[i].n = t->base;
    return KAM_OK;
}

/* ---------------------------------------------------------------- back into the file */

/* Up to which slot rows can leave: their segments follow each other from 0 on. */
static uint32_t cold_up_to(const kam__file *f, const memory_table *t, const file_table *note, size_t *nseg)
{
    uint32_t at = 0, base = 0;
    *nseg = 0;
    for (size_t i = 0; i < note->nseg; i++) {
        const file_seg *s = note->seg + i;
        if (s->first != at || s->stale) break;
        at += s->nrow;
        if (s->nrow < cold_small(f) && s->first >= t->base) continue;
        base = at;
        *nseg = i + 1;
    }
    return base;
}

static void cold_drop(kam_ctx *ctx, memory_cold *c)
{
    if (c) kam__free(ctx, c->seg);
    if (c) kam__free(ctx, c->zones);
    kam__free(ctx, c);
}

static memory_cold *cold_make(kam__file *f, const file_table *note, size_t nseg)
{
    memory_cold *c = cold_new(f);
    int whole = c && kam__grow(f->ctx, &c->seg, &c->cap, nseg, sizeof *c->seg, NULL) == KAM_OK &&
                kam__grow(f->ctx, &c->zones, &c->zones_cap, note->nzones, sizeof *c->zones, NULL) == KAM_OK;
    for (size_t i = 0; i < nseg && whole; i++) {
        const file_seg *s = note->seg + i;
        c->seg[i] = (memory_seg){.off = s->off, .key = s->key, .first = s->first, .nrow = s->nrow, .size = s->size, .zones = s->zones};
    }
    if (whole && note->nzones) memcpy(c->zones, note->zones, note->nzones * sizeof *c->zones);
    if (whole) {
        c->nseg = nseg;
        c->nzones = note->nzones;
        return c;
    }
    cold_drop(f->ctx, c);
    return NULL;
}

static void cold_sink_table(kam__file *f, memory_table *t, const file_table *note)
{
    size_t nseg;
    uint32_t used = t->used, base;
    t->used = 0;
    if (used || !t->grows || !kam__file_cold_may(f, t)) return;
    base = cold_up_to(f, t, note, &nseg);
    if (base <= t->base) return;
    memory_cold *c = cold_make(f, note, nseg);
    if (!c) return;
    for (size_t i = 0; t->cold && i < t->cold->nseg; i++) c->seg[i].sound = t->cold->seg[i].sound;
    c->last = memory_key(t, base - 1);
    c->last_known = 1;
    c->limit = base < t->nslot ? memory_key(t, base) : INT64_MAX;
    if (!kam__memory_sink(t, c, base)) cold_drop(f->ctx, c);
}

void kam__file_sink(kam__file *f)
{
    kam__memory *m = f->m;
    kam__lock_take(m->lock);
    int reading = m->oldest != NULL;
    for (const memory_conn *c = m->conn; c; c = c->next) reading |= c->reading || c->scanning;
    for (size_t i = 0; i < m->ntable && i < f->ntable && !reading && f->cold_rows; i++) cold_sink_table(f, m->table[i], f->table + i);
    kam__lock_give(m->lock);
}

/* ---------------------------------------------------------------- into another file */

kam__file kam__file_cold_source(const memory_table *t)
{
    const kam__file *r = t->cold->below;
    kam__file from = {.ctx = r->ctx, .m = r->m, .os = r->os, .user = r->user, .path = r->path, .fd = r->fd, .frame = {.ctx = r->ctx}};
    from.super.salt = r->super.salt;
    return from;
}

int32_t kam__file_cold_window(kam__file *from, memory_table *window, const memory_table *t, size_t *at, kam_store_err *err)
{
    const memory_cold *c = t->cold;
    uint32_t first = c->seg[*at].first, end = first;
    kam__arena a;
    kam__lock_take(from->m->lock);          /* readers note in the table that it was used */
    int32_t rc = kam__memory_table_fresh(window, t, first);
    kam__lock_give(from->m->lock);
    if (rc != KAM_OK) return kam__memory_nomem(err);
    window->cold = NULL;
    kam__arena_init(&a, from->ctx, 1u << 16);
    do {
        memory_seg s = {.off = c->seg[*at].off, .first = c->seg[*at].first, .nrow = c->seg[*at].nrow, .size = c->seg[*at].size};
        rc = cold_load_seg(from, window, &s, &a, err);
        end = s.first + s.nrow;
        if (rc == KAM_OK && (window->nslot != end || window->live != end || !window->sorted)) rc = cold_bad(from, &s, err);
    } while (rc == KAM_OK && ++*at < c->nseg && c->seg[*at].nrow <= KAM__BLOCK_MAX - (end - first) && window->text + c->seg[*at].size < FILE_TEXT_MAX);
    kam__arena_free(&a);
    if (rc != KAM_OK) kam__memory_table_drop(window);
    return rc == KAM_E_NOMEM ? kam__memory_nomem(err) : rc;
}

int32_t kam__file_cold_prepare(kam__file *f, kam__file *to)
{
    for (size_t i = 0; i < f->m->ntable; i++) {
        const memory_table *t = f->m->table[i];
        file_table *note = to->table + i;
        size_t n = 0;
        if (!t->cold) continue;
        while (n < note->nseg && note->seg[n].first < t->base) n++;
        note->moved = cold_make(f, note, n);
        if (!note->moved) return KAM_E_NOMEM;
    }
    return KAM_OK;
}

/* Somebody may have loaded the rows since: then nothing needs to be known. */
void kam__file_cold_switch(kam__file *f)
{
    for (size_t i = 0; i < f->ntable; i++) {
        memory_table *t = f->m->table[i];
        memory_cold *c = f->table[i].moved;
        f->table[i].moved = NULL;
        if (!c || !t->cold) {
            cold_drop(f->ctx, c);
            continue;
        }
        c->last = t->cold->last;
        c->last_known = t->cold->last_known;
        c->limit = t->cold->limit;
        c->spent = t->cold->spent;
        c->places = t->cold->places;
        memset(&t->cold->places, 0, sizeof t->cold->places);
        kam__memory_cold_free(t);
        t->cold = c;
        t->moves++;
    }
    if (f->reader) (void)cold_reader(f);
}

void kam__file_tables_free(kam__file *f)
{
    for (size_t i = 0; i < f->ntable; i++) {
        kam__free(f->ctx, f->table[i].seg);
        kam__free(f->ctx, f->table[i].fresh);
        kam__free(f->ctx, f->table[i].zones);
        kam__free(f->ctx, f->table[i].fresh_zones);
        cold_drop(f->ctx, f->table[i].moved);
    }
    kam__free(f->ctx, f->table);
}

#undef COLD_KEYS
#undef COLD_MAGIC
#undef COLD_SMALL
#undef COLD_FIRST
