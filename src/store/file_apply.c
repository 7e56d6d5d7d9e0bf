/*
 * store/file_apply.c - doing again what frames say: tables made, rows written, segments loaded.
 *
 * Checksums are no proof of good will: every number is checked again before it is used, and what the memory store would refuse of a
 * caller it refuses here. When as much as possible is to be saved, a block that is refused is tried row by row.
 */
#include "file.h"

static int32_t apply_bad(const file_apply *a, const file_frame *fr, const char *what)
{
    return FILE_FAIL(a->err, KAM_E_CORRUPT, "%s: byte %lld: a frame that is whole says what cannot be: %s", a->f->path, FILE_LL(fr->off), what);
}

int32_t kam__file_apply_begin(file_apply *a)
{
    return kam__memory_vt.begin(a->conn, KAM_BEGIN_WRITE, a->err);
}

int32_t kam__file_apply_end(file_apply *a, int32_t rc)
{
    int32_t ended = kam__memory_vt.end(a->conn, rc == KAM_OK ? KAM_END_COMMIT : KAM_END_ABORT, rc == KAM_OK ? a->err : NULL);
    return rc == KAM_OK ? ended : rc;
}

/* ---------------------------------------------------------------- tables */

static memory_table *apply_table_of(const file_apply *a, uint32_t id)
{
    kam__memory *m = a->f->m;
    for (size_t i = 0; i < m->ntable; i++)
        if (m->table[i]->id == id) return m->table[i];
    return NULL;
}

static kam_field apply_field(const unsigned char *p)
{
    uint32_t type = file_get32(p + 8);
    return (kam_field){.id = file_get32(p), .flags = file_get32(p + 4), .type = type <= KAM_T_TEXT ? (uint8_t)type : 0};
}

static int32_t apply_table_new(file_apply *a, uint32_t id, const char *name, size_t len, const unsigned char *col)
{
    kam__memory *m = a->f->m;
    kam_field key = apply_field(col);
    kam_table def = {.struct_size = sizeof def, .id = id, .field = &key, .nfield = 1};
    if (key.type != KAM_T_I64) return KAM_E_CORRUPT;
    char *text = kam__arena_text(&a->arena, name, len);
    if (!text || kam__grow(m->ctx, &m->table, &m->table_cap, m->ntable + 1, sizeof *m->table, NULL) != KAM_OK) return KAM_E_NOMEM;
    def.name = text;
    KAM__TRY(kam__memory_table_new(m->table + m->ntable, m->ctx, &def));
    m->ntable++;
    return KAM_OK;
}

/* Makes the table, or gives it the columns it has not yet. */
static int32_t apply_table(file_apply *a, uint32_t id, const char *name, size_t len, const unsigned char *col, uint32_t ncol, memory_table **out)
{
    memory_table *t = apply_table_of(a, id);
    if (!t) KAM__TRY(apply_table_new(a, id, name, len, col));
    t = apply_table_of(a, id);
    for (uint32_t i = (uint32_t)t->ncol; i < ncol; i++) {
        kam_field f = apply_field(col + i * 12u);
        KAM__TRY(kam__memory_table_add(t, &f));
    }
    for (uint32_t i = 0; i < ncol; i++)
        if (t->col[i].field != file_get32(col + i * 12u)) return KAM_E_CORRUPT;
    file_table *note = kam__file_table(a->f, t);
    if (!note) return KAM_E_NOMEM;
    note->ncol = (uint32_t)t->ncol;
    *out = t;
    return KAM_OK;
}

static int32_t apply_schema(file_apply *a, const file_frame *fr)
{
    const unsigned char *p = a->f->frame.data;
    memory_table *t;
    if (fr->len < 12) return KAM_E_CORRUPT;
    uint64_t ncol = file_get32(p + 4), name = file_get32(p + 8);
    if (!ncol || 12 + name + ncol * 12 != fr->len) return KAM_E_CORRUPT;
    return apply_table(a, file_get32(p), (const char *)p + 12, (size_t)name, p + 12 + name, (uint32_t)ncol, &t);
}

static int32_t apply_next(file_apply *a, const file_frame *fr)
{
    const unsigned char *p = a->f->frame.data;
    if (fr->len != (uint64_t)fr->nrow * 12) return KAM_E_CORRUPT;
    for (uint32_t i = 0; i < fr->nrow; i++, p += 12) {
        memory_table *t = apply_table_of(a, file_get32(p));
        int64_t next = (int64_t)file_get64(p + 4);
        file_table *note = t ? kam__file_table(a->f, t) : NULL;
        if (!t || next < 1) return KAM_E_CORRUPT;
        if (!note) return KAM_E_NOMEM;
        if (next > t->next_id) t->next_id = next;
        if (next > note->next_id) note->next_id = next;
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- rows */

static int32_t apply_rows(file_apply *a, const file_frame *fr, memory_table *t, uint32_t op, const kam_block *rows)
{
    const uint32_t *slot = NULL;
    KAM__TRY(kam__memory_write(a->conn, t, op, rows, &slot, a->err));
    if (op == KAM_WRITE_INSERT && !a->f->salvage) return kam__file_note_insert(a->f, t, fr->off, fr->size, slot, rows->nrow);
    if (!a->f->salvage) kam__file_note_change(a->f, t, slot, rows->nrow);
    return KAM_OK;
}

/* Row i of a block as a block of its own; col and bit have room for its columns. */
static kam_block apply_one(const kam_block *rows, uint32_t i, kam_col *col, uint8_t *bit)
{
    for (uint32_t k = 0; k < rows->ncol; k++) {
        const kam_col *from = rows->col + k;
        size_t w = from->type == KAM_T_I32 ? 4 : from->type == KAM_T_TEXT ? 0 : 8;
        col[k] = *from;
        col[k].data = (const char *)from->data + i * w;
        if (from->off) col[k].off = from->off + i;
        bit[k] = (uint8_t)!kam__col_null(from, i);
        col[k].valid = bit + k;
    }
    return (kam_block){sizeof(kam_block), 1, rows->ncol, 0, col};
}

/* What can be done of it is done; each row is a transaction of its own then. */
static int32_t apply_rows_single(file_apply *a, const file_frame *fr, memory_table *t, uint32_t op, const kam_block *rows)
{
    kam_col *col = kam__arena_alloc(&a->arena, rows->ncol * sizeof *col);
    uint8_t *bit = kam__arena_alloc(&a->arena, rows->ncol);
    if (!col || !bit) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam_block one = apply_one(rows, i, col, bit);
        KAM__TRY(kam__file_apply_begin(a));
        int32_t rc = kam__file_apply_end(a, apply_rows(a, fr, t, op, &one));
        if (rc == KAM_E_NOMEM) return rc;
    }
    return KAM_OK;
}

int32_t kam__file_segment_decode(kam__arena *a, const file_frame *fr, const unsigned char *p, kam_block *rows, const uint8_t **gone)
{
    size_t size = fr->len, bits = 0;
    *gone = NULL;
    if (fr->type == FILE_SEGMENT) {
        if (size < 8 || file_get32(p + 4) > 1) return KAM_E_CORRUPT;
        bits = file_get32(p + 4) ? (size_t)fr->nrow / 8 + 1 : 0;
        if (bits > size - 8) return KAM_E_CORRUPT;
        if (bits) *gone = p + 8;
        p += 8 + bits;
        size -= 8 + bits;
    }
    return kam__file_decode(rows, a, p, size, fr->nrow);
}

/* Deleted rows of a segment have no values: where rows are saved one by one they stay away. */
static int32_t apply_segment_single(file_apply *a, const file_frame *fr, memory_table *t, const kam_block *rows, const uint8_t *gone)
{
    kam_col *col = kam__arena_alloc(&a->arena, rows->ncol * sizeof *col);
    uint8_t *bit = kam__arena_alloc(&a->arena, rows->ncol);
    if (!col || !bit) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < rows->nrow; i++) {
        if (gone && (gone[i >> 3] >> (i & 7) & 1)) continue;
        kam_block one = apply_one(rows, i, col, bit);
        KAM__TRY(kam__file_apply_begin(a));
        int32_t rc = kam__file_apply_end(a, apply_rows(a, fr, t, KAM_WRITE_INSERT, &one));
        if (rc == KAM_E_NOMEM) return rc;
    }
    return KAM_OK;
}

static int32_t apply_block(file_apply *a, const file_frame *fr)
{
    memory_table *t = apply_table_of(a, fr->table);
    kam_block rows;
    const uint8_t *gone = NULL;
    if (!t) return KAM_E_CORRUPT;
    kam__arena_reset(&a->arena);
    KAM__TRY(kam__file_segment_decode(&a->arena, fr, a->f->frame.data, &rows, &gone));
    if (a->f->salvage && fr->type == FILE_SEGMENT) return apply_segment_single(a, fr, t, &rows, gone);
    uint32_t op = fr->type == FILE_INSERT ? KAM_WRITE_INSERT : fr->type == FILE_UPDATE ? KAM_WRITE_UPDATE : KAM_WRITE_DELETE;
    return a->f->salvage ? apply_rows_single(a, fr, t, op, &rows) : apply_rows(a, fr, t, op, &rows);
}

int32_t kam__file_apply(file_apply *a, const file_frame *fr)
{
    int32_t rc = KAM_OK;
    if (fr->type == FILE_SCHEMA) rc = apply_schema(a, fr);
    else if (fr->type == FILE_NEXT) rc = apply_next(a, fr);
    else if (fr->type == FILE_INSERT || fr->type == FILE_UPDATE || fr->type == FILE_DELETE) rc = apply_block(a, fr);
    else if (fr->type == FILE_SEGMENT) rc = a->f->salvage ? apply_block(a, fr) : KAM_OK;
    else if (fr->type != FILE_DIRECTORY && fr->type != FILE_COMMIT && fr->type != FILE_ZONES) rc = KAM_E_CORRUPT;
    if (rc == KAM_E_NOMEM) return kam__memory_nomem(a->err);
    return rc == KAM_OK ? rc : apply_bad(a, fr, "rows or tables that do not fit");
}

/* ---------------------------------------------------------------- the directory */

static int32_t apply_seg(file_apply *a, memory_table *t, const unsigned char *p)
{
    kam__file *f = a->f;
    file_table *note = kam__file_table(f, t);
    file_seg seg = {file_get64(p), file_get32(p + 8), file_get32(p + 12), file_get32(p + 16), 0, 0, 0};
    file_frame fr;
    kam_block rows;
    const uint8_t *gone;
    int32_t rc = kam__file_frame(f, seg.off, f->super.salt, &fr, a->err);
    if (rc == KAM_E_CORRUPT) return kam__file_damage(f, seg.off, "rows of a checkpoint are damaged", a->err);
    if (rc != KAM_OK) return rc;
    if ((fr.type != FILE_SEGMENT && fr.type != FILE_INSERT) || fr.table != t->id || fr.nrow != seg.nrow || fr.size != seg.size)
        return apply_bad(a, &fr, "the directory means another frame");
    if (!f->salvage && seg.first != t->nslot) return apply_bad(a, &fr, "rows in the wrong place");
    kam__arena_reset(&a->arena);
    rc = kam__file_segment_decode(&a->arena, &fr, a->f->frame.data, &rows, &gone);
    if (rc == KAM_OK) rc = kam__memory_load(t, &rows, gone);
    if (rc == KAM_E_NOMEM) return kam__memory_nomem(a->err);
    if (rc != KAM_OK) return apply_bad(a, &fr, "rows that do not fit their table");
    if (kam__grow(f->ctx, &note->seg, &note->cap, note->nseg + 1, sizeof *note->seg, NULL) != KAM_OK) return kam__memory_nomem(a->err);
    seg.key = memory_key(t, t->nslot - fr.nrow);
    note->seg[note->nseg++] = seg;
    f->live += seg.size;
    return KAM_OK;
}

/* Room for all rows at once. A row takes a byte at least: who claims more than the file has bytes is not believed. */
static void apply_expect(file_apply *a, memory_table *t, uint32_t nslot)
{
    a->expected += nslot;
    if (a->expected > a->f->size / 2) return;
    (void)kam__memory_table_reserve(t, nslot);
    if (t->nunique) (void)kam__memory_hash_room(t->ctx, &t->unique, nslot);
}

/* p is behind the directory's frame while segments are read into f->frame: it is a copy. */
static int32_t apply_directory_table(file_apply *a, const unsigned char **at, const unsigned char *end, file_tail *tail)
{
    const unsigned char *p = *at;
    memory_table *t = NULL;
    if (end - p < 28) return KAM_E_CORRUPT;
    uint64_t ncol = file_get32(p + 4), name = file_get32(p + 8), nseg = file_get32(p + 16);
    uint32_t nslot = file_get32(p + 12);
    int64_t next = (int64_t)file_get64(p + 20);
    if (!ncol || 28 + name + ncol * 12 + nseg * 20 > (uint64_t)(end - p)) return KAM_E_CORRUPT;
    KAM__TRY(apply_table(a, file_get32(p), (const char *)p + 28, (size_t)name, p + 28 + name, (uint32_t)ncol, &t));
    p += 28 + name + ncol * 12;
    file_told told = kam__file_cold_next(tail, (uint32_t)nseg);
    uint32_t ncold = 0;
    if (told.key && nseg && !t->nslot && a->f->cold_rows && nslot >= a->f->cold_rows && !a->f->salvage)
        KAM__TRY(kam__file_cold_table(a->f, t, p, (uint32_t)nseg, &told, &ncold));
    if (!ncold) apply_expect(a, t, nslot);
    p += ncold * (size_t)20;
    for (uint64_t i = ncold; i < nseg; i++, p += 20) {
        KAM__TRY(apply_seg(a, t, p));
        if (ncold && memory_key(t, file_get32(p + 8)) != (int64_t)file_get64(told.key + i * 8)) return KAM_E_CORRUPT;
        if (kam__progress(a->f->ctx, i, nseg, NULL) != KAM_OK) return FILE_FAIL(a->err, KAM_E_CANCELLED, "%s: opening was cancelled", a->f->path);
    }
    if (next > t->next_id) t->next_id = next;
    kam__file_table(a->f, t)->next_id = t->next_id;
    *at = p;
    return a->f->salvage || t->nslot == nslot ? KAM_OK : KAM_E_CORRUPT;
}

/* What follows the tables. */
static const unsigned char *apply_directory_end(const unsigned char *p, const unsigned char *end, uint32_t n)
{
    for (; n && end - p >= 28; n--) {
        uint64_t size = 28 + (uint64_t)file_get32(p + 8) + (uint64_t)file_get32(p + 4) * 12 + (uint64_t)file_get32(p + 16) * 20;
        if (size > (uint64_t)(end - p)) return end;
        p += size;
    }
    return n ? end : p;
}

int32_t kam__file_apply_directory(file_apply *a)
{
    file_bytes own = a->f->frame;
    const unsigned char *p = own.data, *end = p + own.n;
    int32_t rc = own.n >= 4 ? KAM_OK : KAM_E_CORRUPT;
    a->f->frame = (file_bytes){a->f->ctx, NULL, 0, 0};
    uint32_t n = rc == KAM_OK ? file_get32(p) : 0;
    p += 4;
    file_tail tail = kam__file_cold_begin(rc == KAM_OK ? apply_directory_end(p, end, n) : end, end);
    for (uint32_t i = 0; i < n && rc == KAM_OK; i++) rc = apply_directory_table(a, &p, end, &tail);
    kam__file_bytes_free(&own);
    if (rc == KAM_E_CORRUPT && !a->err->msg[0]) return FILE_FAIL(a->err, rc, "%s: the directory of the checkpoint is not sound", a->f->path);
    return rc == KAM_E_NOMEM ? kam__memory_nomem(a->err) : rc == KAM_E_SCHEMA ? FILE_FAIL(a->err, KAM_E_CORRUPT, "%s: the directory lists tables that cannot be", a->f->path) : rc;
}
