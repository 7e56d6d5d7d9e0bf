/*
 * store/file_rows.c - tables as they are, into segments and a directory.
 *
 * Only the writer comes here, between two transactions: the newest version of each row is the committed one. A deleted row keeps its
 * slot and its key, nothing else of it is written.
 *     segment: first slot u32, 1 if rows are gone u32, bits of the rows gone; then the block.
 *     directory: number of tables u32, then for each: id, columns, length of name, slots, segments u32, next id u64, the name, columns
 *     (field, flags, type u32), segments (offset u64, first, rows, size u32).
 */
#include "file.h"

#define ROWS_WORTH 512u                     /* smaller segments are put together with what is beside them */

typedef struct rows_out { kam__file *f; const memory_table *t; uint32_t first, n, gone; kam__arena arena; kam_store_err *err; } rows_out;

static uint32_t rows_gone(const memory_table *t, uint32_t first, uint32_t n)
{
    uint32_t gone = 0;
    for (uint32_t i = 0; i < n; i++) gone += (uint32_t)(*memory_stamp(t, first + i) & MEMORY_GONE);
    return gone;
}

/* How many rows from `first` on a segment takes. */
static uint32_t rows_fit(const memory_table *t, uint32_t first, uint32_t n)
{
    uint64_t size = 0;
    if (n > KAM__BLOCK_MAX) n = KAM__BLOCK_MAX;
    if ((uint64_t)t->text_max * n < FILE_TEXT_MAX / 2) return n;
    for (uint32_t i = 0; i < n; i++) {
        for (size_t k = 0; k < t->ncol; k++)
            if (t->col[k].type == KAM_T_TEXT && memory_has(t->col + k, first + i)) size += memory_get(t->col + k, first + i) & MEMORY_TEXT_MAX;
        if (size > FILE_TEXT_MAX && i) return i;
    }
    return n;
}

/* Bits of rows that have a value; *some: any has. NULL in *bits = all have. */
static int32_t rows_valid(rows_out *r, const memory_col *c, int key, uint8_t **bits, int *some)
{
    uint32_t have = 0;
    *bits = NULL;
    *some = 1;
    if (key || (!r->gone && !c->holes && c->n >= r->first + r->n)) return KAM_OK;
    uint8_t *b = kam__arena_alloc(&r->arena, (size_t)r->n / 8 + 1);
    if (!b) return KAM_E_NOMEM;
    memset(b, 0, (size_t)r->n / 8 + 1);
    for (uint32_t i = 0; i < r->n; i++) {
        if (!memory_has(c, r->first + i) || (*memory_stamp(r->t, r->first + i) & MEMORY_GONE)) continue;
        b[i >> 3] = (uint8_t)(b[i >> 3] | 1u << (i & 7));
        have++;
    }
    *some = have != 0;
    if (have < r->n) *bits = b;
    return KAM_OK;
}

static int32_t rows_numbers(rows_out *r, const memory_col *c, kam_col *out)
{
    size_t w = c->type == KAM_T_I32 ? 4 : 8, have = c->n > r->first ? c->n - r->first : 0;
    if (have >= r->n) {
        out->data = (const char *)c->data + (r->first - c->base) * w;
        return KAM_OK;
    }
    char *to = kam__arena_alloc(&r->arena, r->n * w);
    if (!to) return KAM_E_NOMEM;
    memset(to, 0, r->n * w);
    if (have) memcpy(to, (const char *)c->data + (r->first - c->base) * w, have * w);
    out->data = to;
    return KAM_OK;
}

static int32_t rows_texts(rows_out *r, const memory_col *c, kam_col *out)
{
    size_t size = 0, len;
    int32_t *off = kam__arena_alloc(&r->arena, ((size_t)r->n + 1) * sizeof *off);
    if (!off) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < r->n; i++) {
        off[i] = (int32_t)size;
        if (!kam__col_null(out, i)) size += (size_t)(memory_get(c, r->first + i) & MEMORY_TEXT_MAX);
    }
    off[r->n] = (int32_t)size;
    char *to = kam__arena_alloc(&r->arena, size + 1);
    if (!to) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < r->n; i++) {
        if (off[i] == off[i + 1]) continue;
        const char *text = kam__memory_text(r->t, memory_get(c, r->first + i), &len);
        memcpy(to + off[i], text, len);
    }
    out->data = to;
    out->off = off;
    return KAM_OK;
}

/* Column k into the block at `at`, unless no row has a value; *ncol counts. */
static int32_t rows_col(rows_out *r, size_t k, size_t at, uint32_t *ncol)
{
    const memory_col *c = r->t->col + k;
    kam_col out = {.field = c->field, .type = c->type};
    uint8_t *bits;
    int some;
    kam__arena_reset(&r->arena);
    KAM__TRY(rows_valid(r, c, k == 0, &bits, &some));
    if (!some) return KAM_OK;
    out.valid = bits;
    KAM__TRY(c->type == KAM_T_TEXT ? rows_texts(r, c, &out) : rows_numbers(r, c, &out));
    return kam__file_encode_col(&r->f->out, at, (*ncol)++, &out, r->n);
}

static int32_t rows_frame_fill(rows_out *r, uint32_t *ncol)
{
    kam__file *f = r->f;
    size_t bits = r->gone ? (size_t)r->n / 8 + 1 : 0, at;
    unsigned char *p = kam__file_more(&f->out, 8 + bits);
    if (!p) return KAM_E_NOMEM;
    file_put32(p, r->first);
    file_put32(p + 4, r->gone != 0);
    memset(p + 8, 0, bits);
    for (uint32_t i = 0; i < r->n && bits; i++)
        if (*memory_stamp(r->t, r->first + i) & MEMORY_GONE) p[8 + (i >> 3)] = (unsigned char)(p[8 + (i >> 3)] | 1u << (i & 7));
    KAM__TRY(kam__file_encode_begin(&f->out, *ncol, &at));
    *ncol = 0;
    for (size_t k = 0; k < r->t->ncol; k++) KAM__TRY(rows_col(r, k, at, ncol));
    return KAM_OK;
}

/* Columns without any value in these rows are not in the block: how many there are has to be known first. */
static uint32_t rows_columns(rows_out *r)
{
    uint32_t n = 1;
    for (size_t k = 1; k < r->t->ncol; k++) {
        const memory_col *c = r->t->col + k;
        uint32_t i = 0;
        while (i < r->n && (!memory_has(c, r->first + i) || (*memory_stamp(r->t, r->first + i) & MEMORY_GONE))) i++;
        n += i < r->n;
    }
    return n;
}

static int32_t rows_note(kam__file *f, file_table *note, file_seg seg)
{
    KAM__TRY(kam__grow(f->ctx, &note->fresh, &note->fresh_cap, note->nfresh + 1, sizeof *note->fresh, NULL));
    note->fresh[note->nfresh++] = seg;
    return KAM_OK;
}

static int32_t rows_frame(rows_out *r, file_table *note)
{
    kam__file *f = r->f;
    size_t at;
    uint64_t off = 0;
    uint32_t ncol = rows_columns(r);
    KAM__TRY(kam__file_begin(f, &at, r->err));
    int32_t rc = rows_frame_fill(r, &ncol);
    if (rc != KAM_OK) {
        f->out.n = at;
        return rc == KAM_E_NOMEM ? kam__memory_nomem(r->err) : FILE_FAIL(r->err, rc, "%s: rows too large for a segment", f->path);
    }
    KAM__TRY(kam__file_end(f, at, FILE_SEGMENT, 0, r->t->id, r->n, &off, r->err));
    rc = rows_note(f, note, (file_seg){off, r->first, r->n, (uint32_t)(f->out.n - at), 0, 0, memory_key(r->t, r->first)});
    return rc == KAM_OK ? rc : kam__memory_nomem(r->err);
}

/* Rows from..to have no frame that could serve. */
static int32_t rows_range(rows_out *r, file_table *note, uint32_t from, uint32_t to)
{
    while (from < to) {
        r->first = from;
        r->n = rows_fit(r->t, from, to - from);
        r->gone = rows_gone(r->t, from, r->n);
        KAM__TRY(rows_frame(r, note));
        from += r->n;
    }
    return KAM_OK;
}

/* Rows that lie in another file, in larger segments if they were small: no more of them are in memory than one segment takes. */
static int32_t rows_again(rows_out *r, file_table *note)
{
    const memory_table *t = r->t;
    kam__file from = kam__file_cold_source(t);
    int32_t rc = KAM_OK;
    for (size_t at = 0; at < t->cold->nseg && rc == KAM_OK;) {
        memory_table window;
        size_t had = note->nfresh;
        rc = kam__file_cold_window(&from, &window, t, &at, r->err);
        if (rc != KAM_OK) break;
        r->t = &window;
        rc = rows_range(r, note, window.base, window.nslot);
        if (rc == KAM_OK) rc = kam__file_zones_of(r->f, &window, note, had, r->err);
        kam__memory_table_drop(&window);
    }
    kam__file_bytes_free(&from.frame);
    r->t = t;
    return rc;
}

static int32_t rows_table(kam__file *f, const memory_table *t, kam_store_err *err)
{
    rows_out r = {.f = f, .t = t, .err = err};
    KAM__TRY(kam__file_schema(f, t, err));
    file_table *note = kam__file_table(f, t);
    uint32_t from = 0;
    int32_t rc = KAM_OK;
    note->nfresh = note->nfresh_zones = 0;
    kam__arena_init(&r.arena, f->ctx, 1u << 20);
    if (t->base && !note->nseg) rc = rows_again(&r, note), from = t->base;
    for (size_t i = 0; i < note->nseg && rc == KAM_OK; i++) {
        file_seg *s = note->seg + i;
        if (s->first >= t->base && (s->stale || s->nrow < ROWS_WORTH)) continue;
        rc = rows_range(&r, note, from, s->first);
        if (rc == KAM_OK && rows_note(f, note, *s) != KAM_OK) rc = kam__memory_nomem(err);
        from = s->first + s->nrow;
    }
    if (rc == KAM_OK) rc = rows_range(&r, note, from, t->nslot);
    kam__arena_free(&r.arena);
    return rc == KAM_OK ? kam__file_zones(f, t, err) : rc;
}

/* ---------------------------------------------------------------- the directory */

static int32_t rows_directory_table(kam__file *f, const memory_table *t)
{
    const file_table *note = kam__file_table(f, t);
    size_t name = strlen(t->name);
    unsigned char *p = kam__file_more(&f->out, 28 + name + t->ncol * 12 + note->nfresh * 20);
    if (!p) return KAM_E_NOMEM;
    file_put32(p, t->id);
    file_put32(p + 4, (uint32_t)t->ncol);
    file_put32(p + 8, (uint32_t)name);
    file_put32(p + 12, t->nslot);
    file_put32(p + 16, (uint32_t)note->nfresh);
    file_put64(p + 20, (uint64_t)t->next_id);
    memcpy(p + 28, t->name, name);
    p += 28 + name;
    for (size_t i = 0; i < t->ncol; i++, p += 12) {
        file_put32(p, t->col[i].field);
        file_put32(p + 4, t->col[i].flags);
        file_put32(p + 8, t->col[i].type);
    }
    for (size_t i = 0; i < note->nfresh; i++, p += 20) {
        file_put64(p, note->fresh[i].off);
        file_put32(p + 8, note->fresh[i].first);
        file_put32(p + 12, note->fresh[i].nrow);
        file_put32(p + 16, note->fresh[i].size);
    }
    return KAM_OK;
}

static int32_t rows_image(kam__file *f, file_frame *directory, kam_store_err *err)
{
    size_t at;
    for (size_t i = 0; i < f->m->ntable; i++) KAM__TRY(rows_table(f, f->m->table[i], err));
    KAM__TRY(kam__file_begin(f, &at, err));
    unsigned char *p = kam__file_more(&f->out, 4);
    int32_t rc = p ? KAM_OK : KAM_E_NOMEM;
    if (p) file_put32(p, (uint32_t)f->m->ntable);
    for (size_t i = 0; i < f->m->ntable && rc == KAM_OK; i++) rc = rows_directory_table(f, f->m->table[i]);
    if (rc == KAM_OK) rc = kam__file_cold_put(f);
    if (rc != KAM_OK) {
        f->out.n = at;
        return kam__memory_nomem(err);
    }
    KAM__TRY(kam__file_end(f, at, FILE_DIRECTORY, FILE_LAST, 0, 0, &directory->off, err));
    directory->size = f->out.n - at;
    directory->crc = f->prev_open;
    return kam__file_spill(f, err);
}

/* Tables are read without the lock: until it is done readers may not load what lies in the file. */
static void rows_imaging(kam__file *f, uint32_t on)
{
    kam__lock_take(f->m->lock);
    f->m->imaging = on;
    kam__lock_give(f->m->lock);
}

int32_t kam__file_image(kam__file *f, file_frame *directory, kam_store_err *err)
{
    rows_imaging(f, 1);
    int32_t rc = rows_image(f, directory, err);
    rows_imaging(f, 0);
    return rc;
}

void kam__file_image_kept(kam__file *f)
{
    f->live = 0;
    for (size_t i = 0; i < f->ntable; i++) {
        file_table *n = f->table + i;
        file_seg *seg = n->seg;
        size_t cap = n->cap;
        n->seg = n->fresh;
        n->cap = n->fresh_cap;
        n->nseg = n->nfresh;
        n->fresh = seg;
        n->fresh_cap = cap;
        n->nfresh = 0;
        struct memory_ref *zones = n->zones;
        cap = n->zones_cap;
        n->zones = n->fresh_zones;
        n->zones_cap = n->fresh_zones_cap;
        n->nzones = n->nfresh_zones;
        n->fresh_zones = zones;
        n->fresh_zones_cap = cap;
        n->nfresh_zones = 0;
        for (size_t k = 0; k < n->nzones; k++) f->live += n->zones[k].size;
        if (i < f->m->ntable) n->next_id = f->m->table[i]->next_id;
        for (size_t k = 0; k < n->nseg; k++) f->live += n->seg[k].size;
    }
}

#undef ROWS_WORTH
