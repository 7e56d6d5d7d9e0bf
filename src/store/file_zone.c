/*
 * store/file_zone.c - what a checkpoint writes down about each segment of a big table, so that most of them need not be read.
 *
 * A frame of zones: number of segments u32, 0 u32; for each: offset of its frame u64, bytes of what follows u32, number of zones u32. A
 * zone: field u32; 1 some rows have a value, 2 some have none, 4 least and largest are told u8; shift u8; 0 u16; least, largest i64;
 * then 1 << shift bits, if shift is not 0. A segment is never written over, so its zones are written once, and later checkpoints name
 * that frame. The hashes are kam__memory_hash; they are part of the format.
 */
#include "file.h"

#define ZONE_ENTRY 24u
#define ZONE_FRAME (1u << 20)               /* above that the next segments get a frame of their own */
#define ZONE_LEAST 6u                       /* 64 bits */
#define ZONE_MOST 24u
#define ZONE_SOME 1u
#define ZONE_HOLES 2u
#define ZONE_RANGED 4u

int kam__file_cold_may(const kam__file *f, const memory_table *t)
{
    uint32_t least = f->cold_rows ? f->cold_rows : FILE_COLD_ROWS;
    return t->sorted && t->live == t->nslot && t->nslot && t->nslot >= least;
}

/* ---------------------------------------------------------------- one column of one segment */

static uint32_t zone_count(const uint8_t *bit, size_t n)
{
    uint32_t count = 0;
    for (size_t i = 0; i + 8 <= n; i += 8) {                    /* n is a power of two from 8 on */
        uint64_t v;
        memcpy(&v, bit + i, sizeof v);
        v -= v >> 1 & 0x5555555555555555u;
        v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
        v = (v + (v >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
        count += (uint32_t)((v * 0x0101010101010101u) >> 56);
    }
    return count;
}

/* The upper half onto the lower one, as long as few enough bits are on. */
static uint32_t zone_fold(uint8_t *bit, uint32_t shift, uint8_t *half)
{
    while (shift > ZONE_LEAST) {
        size_t n = (size_t)1 << (shift - 4);
        for (size_t i = 0; i < n; i++) half[i] = bit[i] | bit[n + i];
        if (zone_count(half, n) > n * 2) return shift;
        memcpy(bit, half, n);
        shift--;
    }
    return shift;
}

static int32_t zone_bits(file_bytes *out, const memory_table *t, const memory_col *c, const file_seg *s, uint32_t *shift_out)
{
    uint32_t shift = ZONE_LEAST;
    while (shift < ZONE_MOST && (uint64_t)1 << shift < (uint64_t)s->nrow * 16) shift++;
    size_t n = (size_t)1 << (shift - 3), at = out->n;
    uint8_t *bit = kam__file_more(out, n + n / 2 + 1), *half = bit + n;
    if (!bit) return KAM_E_NOMEM;
    memset(bit, 0, n);
    for (uint32_t i = s->first; i < s->first + s->nrow; i++) {
        if (!memory_has(c, i)) continue;
        uint64_t hash = kam__memory_hash(t, c->type, memory_get(c, i));
        for (uint32_t k = 0; k < MEMORY_PROBES; k++) {
            uint64_t b = memory_probe(hash, k, shift);
            bit[b >> 3] = (uint8_t)(bit[b >> 3] | 1u << (b & 7));
        }
    }
    *shift_out = zone_fold(bit, shift, half);
    out->n = at + ((size_t)1 << (*shift_out - 3));
    return KAM_OK;
}

typedef struct zone_range { uint32_t have; int64_t lo, hi; } zone_range;

/* n values at hand, none missing. */
static void zone_numbers(zone_range *r, const memory_col *c, uint32_t first, uint32_t n)
{
    const int32_t *small = (const int32_t *)c->data + (first - c->base);
    const int64_t *large = (const int64_t *)c->data + (first - c->base);
    r->have = n;
    if (c->type == KAM_T_I32)
        for (uint32_t i = 0; i < n; i++) r->lo = small[i] < r->lo ? small[i] : r->lo, r->hi = small[i] > r->hi ? small[i] : r->hi;
    else if (c->type == KAM_T_I64)
        for (uint32_t i = 0; i < n; i++) r->lo = large[i] < r->lo ? large[i] : r->lo, r->hi = large[i] > r->hi ? large[i] : r->hi;
}

static zone_range zone_range_of(const memory_col *c, const file_seg *s)
{
    zone_range r = {0, INT64_MAX, INT64_MIN};
    if (!c->holes && s->first + s->nrow <= c->n) {
        zone_numbers(&r, c, s->first, s->nrow);
        return r;
    }
    for (uint32_t i = s->first; i < s->first + s->nrow; i++) {
        if (!memory_has(c, i)) continue;
        r.have++;
        int64_t v = (int64_t)memory_get(c, i);
        if (v < r.lo) r.lo = v;
        if (v > r.hi) r.hi = v;
    }
    return r;
}

static int32_t zone_col(file_bytes *out, const memory_table *t, uint32_t col, const file_seg *s)
{
    const memory_col *c = t->col + col;
    uint32_t shift = 0;
    zone_range r = zone_range_of(c, s);
    int number = c->type == KAM_T_I32 || c->type == KAM_T_I64;
    size_t at = out->n;
    if (!kam__file_more(out, ZONE_ENTRY)) return KAM_E_NOMEM;
    if (r.have && (c->flags & KAM_F_INDEXED || col == t->search)) KAM__TRY(zone_bits(out, t, c, s, &shift));
    unsigned char *p = out->data + at;
    file_put32(p, c->field);
    p[4] = (unsigned char)((r.have ? ZONE_SOME : 0) | (r.have < s->nrow ? ZONE_HOLES : 0) | (number && r.have ? ZONE_RANGED : 0));
    p[5] = (unsigned char)shift;
    file_put16(p + 6, 0);
    file_put64(p + 8, number && r.have ? (uint64_t)r.lo : 0);
    file_put64(p + 16, number && r.have ? (uint64_t)r.hi : 0);
    return KAM_OK;
}

static int32_t zone_seg(file_bytes *out, const memory_table *t, const file_seg *s)
{
    size_t at = out->n;
    unsigned char *p = kam__file_more(out, 16);
    if (!p) return KAM_E_NOMEM;
    file_put64(p, s->off);
    for (uint32_t i = 1; i < t->ncol; i++) KAM__TRY(zone_col(out, t, i, s));
    file_put32(out->data + at + 8, (uint32_t)(out->n - at - 16));
    file_put32(out->data + at + 12, (uint32_t)t->ncol - 1);
    return KAM_OK;
}

/* ---------------------------------------------------------------- a table's frames */

static int32_t zone_note(kam__file *f, file_table *note, uint64_t off, uint64_t size)
{
    KAM__TRY(kam__grow(f->ctx, &note->fresh_zones, &note->fresh_zones_cap, note->nfresh_zones + 1, sizeof *note->fresh_zones, NULL));
    note->fresh_zones[note->nfresh_zones++] = (struct memory_ref){off, (uint32_t)size};
    return KAM_OK;
}

/* Frames that tell of segments which are still there keep their place in the list, others leave it. */
static int32_t zone_keep(kam__file *f, file_table *note)
{
    if (!note->nzones) return KAM_OK;
    uint32_t *now = kam__zalloc_n(f->ctx, note->nzones + 1, sizeof *now);
    int32_t rc = now ? KAM_OK : KAM_E_NOMEM;
    for (size_t i = 0; i < note->nfresh && rc == KAM_OK; i++) {
        file_seg *s = note->fresh + i;
        if (!s->zones) continue;
        if (!now[s->zones - 1]) {
            rc = zone_note(f, note, note->zones[s->zones - 1].off, note->zones[s->zones - 1].size);
            now[s->zones - 1] = (uint32_t)note->nfresh_zones;
        }
        s->zones = now[s->zones - 1];
    }
    kam__free(f->ctx, now);
    return rc;
}

/* Segments from *at on, as many as fit, into one frame. */
static int32_t zone_frame(kam__file *f, const memory_table *t, file_table *note, size_t *at, kam_store_err *err)
{
    size_t head, n = 0;
    uint64_t off = 0;
    KAM__TRY(kam__file_begin(f, &head, err));
    int32_t rc = kam__file_more(&f->out, 8) ? KAM_OK : KAM_E_NOMEM;
    for (; *at < note->nfresh && rc == KAM_OK && f->out.n - head < ZONE_FRAME; ++*at) {
        file_seg *s = note->fresh + *at;
        if (s->zones || s->first < t->base) continue;
        rc = zone_seg(&f->out, t, s);
        s->zones = (uint32_t)note->nfresh_zones + 1;
        n++;
    }
    if (rc != KAM_OK || !n) {
        f->out.n = head;
        return rc == KAM_OK ? rc : kam__memory_nomem(err);
    }
    file_put32(f->out.data + head + FILE_HEAD, (uint32_t)n);
    file_put32(f->out.data + head + FILE_HEAD + 4, 0);
    KAM__TRY(kam__file_end(f, head, FILE_ZONES, 0, t->id, 0, &off, err));
    return zone_note(f, note, off, f->out.n - head) == KAM_OK ? KAM_OK : kam__memory_nomem(err);
}

int32_t kam__file_zones_of(kam__file *f, const memory_table *t, file_table *note, size_t at, kam_store_err *err)
{
    while (at < note->nfresh) KAM__TRY(zone_frame(f, t, note, &at, err));
    return KAM_OK;
}

int32_t kam__file_zones(kam__file *f, const memory_table *t, kam_store_err *err)
{
    file_table *note = kam__file_table(f, t);
    if (zone_keep(f, note) != KAM_OK) return kam__memory_nomem(err);
    return kam__file_cold_may(f, t) ? kam__file_zones_of(f, t, note, 0, err) : KAM_OK;
}

/* ---------------------------------------------------------------- reading them */

/* The zones at *p, whose bits stay where they are. */
static int zone_get(memory_zone *z, const unsigned char **p, const unsigned char *end)
{
    if ((size_t)(end - *p) < ZONE_ENTRY) return 0;
    const unsigned char *e = *p;
    *z = (memory_zone){.field = file_get32(e), .some = e[4] & ZONE_SOME, .holes = (e[4] & ZONE_HOLES) != 0, .ranged = (e[4] & ZONE_RANGED) != 0,
                       .shift = e[5], .lo = (int64_t)file_get64(e + 8), .hi = (int64_t)file_get64(e + 16), .bit = e + ZONE_ENTRY};
    *p += ZONE_ENTRY;
    if (!z->shift) return 1;
    if (z->shift < ZONE_LEAST || z->shift > ZONE_MOST || (size_t)(end - *p) < (size_t)1 << (z->shift - 3)) return 0;
    *p += (size_t)1 << (z->shift - 3);
    return 1;
}

static int32_t zone_take(memory_cold *c, memory_seg *s, const unsigned char *p, const unsigned char *end, uint32_t n)
{
    if (n > (size_t)(end - p) / ZONE_ENTRY) return KAM_E_CORRUPT;
    memory_zone *z = kam__arena_alloc(&c->arena, n * sizeof *z + 1);
    if (!z) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        if (!zone_get(z + i, &p, end)) return KAM_E_CORRUPT;
    s->zone = z;
    s->nzone = n;
    return KAM_OK;
}

/* Entries come in the order of the segments that name this frame; those of segments that are gone are passed over. */
static int32_t zone_read(memory_cold *c, uint32_t ref, const unsigned char *p, const unsigned char *end)
{
    size_t at = 0;
    uint32_t n = end - p >= 8 ? file_get32(p) : UINT32_MAX;
    if (n == UINT32_MAX) return KAM_E_CORRUPT;
    for (p += 8; n; n--) {
        if (end - p < 16 || file_get32(p + 8) > (size_t)(end - p) - 16) return KAM_E_CORRUPT;
        const unsigned char *body = p + 16, *next = body + file_get32(p + 8);
        while (at < c->nseg && c->seg[at].zones != ref) at++;
        if (at < c->nseg && c->seg[at].off == file_get64(p)) KAM__TRY(zone_take(c, c->seg + at++, body, next, file_get32(p + 12)));
        p = next;
    }
    return KAM_OK;
}

int32_t kam__file_zones_tell(void *below, memory_table *t, kam_store_err *err)
{
    kam__file *r = below;
    memory_cold *c = t->cold;
    if (c->told) return KAM_OK;
    kam__arena_init(&c->arena, r->ctx, 1u << 16);
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < c->nzones && rc == KAM_OK; i++) {
        file_frame fr;
        r->size = c->zones[i].off + c->zones[i].size;
        rc = kam__file_frame(r, c->zones[i].off, r->super.salt, &fr, err);
        if (rc == KAM_OK && (fr.type != FILE_ZONES || fr.table != t->id || fr.size != c->zones[i].size)) rc = KAM_E_CORRUPT;
        unsigned char *own = rc == KAM_OK ? kam__arena_alloc(&c->arena, fr.len + 1u) : NULL;
        if (rc == KAM_OK && !own) rc = KAM_E_NOMEM;
        if (rc == KAM_OK) memcpy(own, r->frame.data, fr.len);
        if (rc == KAM_OK) rc = zone_read(c, i + 1, own, own + fr.len);
        if (rc == KAM_E_CORRUPT)
            rc = FILE_FAIL(err, rc, "%s: damaged at byte %lld: what a checkpoint says about rows; what is intact can be read with "
                           "kam_store_file_read or kam_store_salvage", r->path, FILE_LL(c->zones[i].off));
    }
    if (rc == KAM_OK) {
        c->told = 1;
        return rc;
    }
    for (size_t i = 0; i < c->nseg; i++) c->seg[i].nzone = 0;
    kam__arena_free(&c->arena);
    return rc == KAM_E_NOMEM ? kam__memory_nomem(err) : rc;
}

#undef ZONE_ENTRY
#undef ZONE_FRAME
#undef ZONE_LEAST
#undef ZONE_MOST
#undef ZONE_SOME
#undef ZONE_HOLES
#undef ZONE_RANGED
