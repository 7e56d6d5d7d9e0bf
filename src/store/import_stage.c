/*
 * store/import_stage.c - rows of files, records and blocks into the group, and out of it as a record.
 *
 * A staged row has one cell for each slot. A bad cell rejects the row and nothing of it stays. The same key twice
 * within a group ends the group before the second one, so that the second finds the first in the store, as it would
 * anywhere else in the file.
 */
#include "import.h"
#include <kam/duplicate.h>

uint64_t kam__import_hash(uint64_t source_hash, const char *key, size_t len)
{
    return kam__hash(key, len) ^ (source_hash << 1 | source_hash >> 63);
}

static import_cell *stage_cells(const kam_import *imp, uint32_t row) { return imp->cell + (size_t)row * imp->nslot; }

const char *kam__import_slot_text(const kam_import *imp, uint32_t row, uint32_t slot, size_t *len)
{
    *len = 0;
    if (slot == IMPORT_NONE) return NULL;
    const import_cell *c = stage_cells(imp, row) + slot;
    if (c->state != IMPORT_TEXT_AT) return NULL;
    *len = c->v.text.len;
    return imp->text.data + c->v.text.at;
}

/* ---------------------------------------------------------------- beginning and ending a row */

static int32_t stage_begin(kam_import *imp, kam_error *err)
{
    if (!imp->row) {
        imp->row = kam__zalloc_n(imp->ctx, IMPORT_GROUP + 1, sizeof *imp->row);
        if (!imp->row) return kam__nomem(err);
    }
    KAM__TRY(
        kam__grow(imp->ctx, &imp->cell, &imp->cell_cap, ((size_t)imp->n + 1) * imp->nslot, sizeof *imp->cell, err));
    memset(stage_cells(imp, imp->n), 0, imp->nslot * sizeof *imp->cell);
    memset(&imp->row[imp->n], 0, sizeof *imp->row);
    return KAM_OK;
}

/* The row being staged becomes the first of a new group; its texts move to the start of the pool. */
static int32_t stage_next_group(kam_import *imp, size_t mark, kam_error *err)
{
    import_row row = imp->row[imp->n];
    import_cell *from = stage_cells(imp, imp->n);
    size_t kept = imp->text.size - mark;
    uint32_t n = imp->n;
    KAM__TRY(kam__import_flush(imp, err));
    from = stage_cells(imp, n);
    if (kept) memmove(imp->text.data, imp->text.data + mark, kept);
    imp->text.size = kept;
    for (uint32_t i = 0; i < imp->nslot; i++)
        if (from[i].state == IMPORT_TEXT_AT) from[i].v.text.at -= (uint32_t)mark;
    memmove(imp->cell, from, imp->nslot * sizeof *from);
    imp->row[0] = row;
    return KAM_OK;
}

/* A shop at 0,0 stands in the sea: the ERP did not know. The coordinates are left out, the row is kept. */
static int32_t stage_place(kam_import *imp, import_cell *c, const import_row *row, kam_error *err)
{
    if (imp->latitude_slot == IMPORT_NONE || imp->longitude_slot == IMPORT_NONE) return KAM_OK;
    import_cell *lat = c + imp->latitude_slot, *lon = c + imp->longitude_slot;
    if (lat->state != IMPORT_NUMBER || lon->state != IMPORT_NUMBER || lat->v.i || lon->v.i) return KAM_OK;
    import_place at = {.row = row->row,
                       .line = row->line,
                       .column = lat->column,
                       .field = imp->slot[imp->latitude_slot].field,
                       .value = "0,0",
                       .len = 3};
    lat->state = lon->state = IMPORT_UNSET;
    return kam__import_warn(imp, &at, "coordinates 0,0 are not a place: they were left out", err);
}

static int32_t stage_source(kam_import *imp, import_cell *c, kam_error *err)
{
    if (imp->source_slot == IMPORT_NONE || !imp->source || c[imp->source_slot].state == IMPORT_TEXT_AT) return KAM_OK;
    return kam__import_text(imp, c + imp->source_slot, imp->source, imp->source_len, err);
}

static uint64_t stage_source_hash(const kam_import *imp, uint32_t n)
{
    size_t len = 0;
    const char *source = kam__import_slot_text(imp, n, imp->source_slot, &len);
    if (!source) return 0;
    if (imp->source && len == imp->source_len && memcmp(source, imp->source, len) == 0) return imp->source_hash;
    return kam__hash(source, len);
}

static int32_t stage_end(kam_import *imp, uint64_t no, uint64_t line, size_t mark, kam_error *err)
{
    import_row *row = &imp->row[imp->n];
    size_t len = 0;
    uint32_t other = 0;
    row->row = no;
    row->line = line;
    KAM__TRY(stage_source(imp, stage_cells(imp, imp->n), err));
    if (imp->kind->id == KAM_KIND_ACCOUNT) KAM__TRY(stage_place(imp, stage_cells(imp, imp->n), row, err));
    const char *ext = kam__import_slot_text(imp, imp->n, imp->ext_slot, &len);
    if (ext) {
        row->keyed = 1;
        row->source_hash = stage_source_hash(imp, imp->n);
        row->hash = kam__import_hash(row->source_hash, ext, len);
        if (kam__imap_get(&imp->at, (int64_t)row->hash, &other)) KAM__TRY(stage_next_group(imp, mark, err));
        KAM__TRY(kam__imap_put(&imp->at, (int64_t)imp->row[imp->n].hash, imp->n, err));
    }
    imp->n++;
    imp->staged++;
    if (imp->n < IMPORT_GROUP && imp->text.size < IMPORT_TEXT) return KAM_OK;
    return kam__import_flush(imp, err);
}

/* ---------------------------------------------------------------- rows as read */

static int32_t stage_join(kam_import *imp, import_cell *c, const import_slot *s, const import_raw *raw, kam_error *err)
{
    size_t at = imp->text.size;
    for (uint32_t i = 0; i < s->spec->npart; i++) {
        const import_raw *r = s->part[i] == IMPORT_NONE ? NULL : raw + s->part[i];
        if (!r || !r->there || !r->len)
            return kam__fail(err, KAM_E_INVAL, "\"%s\", a part of ext_id, is empty", s->spec->part[i]);
        if (i) kam__buf_char(&imp->text, '/');
        else c->column = r->column;
        kam__buf_put(&imp->text, r->text, r->len);
    }
    kam__buf_char(&imp->text, '\0');
    if (imp->text.failed) return kam__nomem(err);
    c->v.text.at = (uint32_t)at;
    c->v.text.len = (uint32_t)(imp->text.size - at - 1);
    c->state = IMPORT_TEXT_AT;
    size_t len = c->v.text.len;
    return imp->csv && len <= imp->ctx->opt.max_text ? KAM_OK : kam__text_in(imp->ctx, imp->text.data + at, &len, err);
}

static int32_t stage_slot(kam_import *imp, import_cell *c, import_slot *s, const import_raw *raw, const import_raw **at,
                          kam_error *err)
{
    import_raw fixed;
    *at = NULL;
    if (s->spec && s->spec->constant) {
        fixed = (import_raw){ .text = s->spec->constant, .len = strlen(s->spec->constant), .there = 1 };
        return kam__import_cell(imp, c, s, &fixed, err);
    }
    if (s->from == IMPORT_NONE) return s->spec && s->spec->npart ? stage_join(imp, c, s, raw, err) : KAM_OK;
    *at = raw + s->from;
    if (raw[s->from].there) KAM__TRY(kam__import_cell(imp, c, s, raw + s->from, err));
    if (c->state > IMPORT_EMPTY || s->part[0] == IMPORT_NONE || s->part[1] == IMPORT_NONE) return KAM_OK;
    const import_raw *a = raw + s->part[0], *b = raw + s->part[1];
    return a->there && b->there && a->len && b->len ? kam__import_product(c, s, a, b, err) : KAM_OK;
}

/* A credit code that fails its check is kept: it may be all there is. */
static int32_t stage_credit(kam_import *imp, uint64_t no, uint64_t line, kam_error *err)
{
    const import_cell *c = imp->credit_slot == IMPORT_NONE ? NULL : stage_cells(imp, imp->n) + imp->credit_slot;
    if (!c || c->state != IMPORT_TEXT_AT) return KAM_OK;
    const char *text = kam_buf_data(&imp->text) + c->v.text.at;
    if (kam_credit_code_check(text, c->v.text.len, imp->cause) == KAM_OK) return KAM_OK;
    import_place place = { .row = no, .line = line, .column = c->column, .field = imp->slot[imp->credit_slot].field,
                           .value = text, .len = c->v.text.len };
    return kam__import_warn(imp, &place, kam_error_message(imp->cause), err);
}

int32_t kam__import_stage_raw(kam_import *imp, const import_raw *raw, uint64_t line, kam_error *err)
{
    uint64_t no = ++imp->taken;
    size_t mark = imp->text.size;
    const import_raw *at = NULL;
    KAM__TRY(stage_begin(imp, err));
    imp->row_source = NULL;
    if (!imp->source && imp->source_slot != IMPORT_NONE) {
        const import_slot *s = &imp->slot[imp->source_slot];
        const import_raw *r = s->from == IMPORT_NONE ? NULL : raw + s->from;
        if (r && r->there && r->len) imp->row_source = r->text, imp->row_source_len = r->len;
        else if (s->spec && s->spec->constant)
            imp->row_source = s->spec->constant, imp->row_source_len = strlen(s->spec->constant);
    }
    for (uint32_t i = 0; i < imp->nslot; i++) {
        int32_t rc = stage_slot(imp, stage_cells(imp, imp->n) + i, &imp->slot[i], raw, &at, imp->cause);
        if (rc == KAM_OK) continue;
        imp->text.size = mark;
        import_place place = { .row = no, .line = line, .column = at ? at->column : 0, .field = imp->slot[i].field,
                               .value = at ? at->text : NULL, .len = at ? at->len : 0 };
        return kam__import_reject(imp, rc, &place, err);
    }
    KAM__TRY(stage_credit(imp, no, line, err));
    return stage_end(imp, no, line, mark, err);
}

/* ---------------------------------------------------------------- records and blocks */

static int32_t stage_cell(kam_import *imp, import_cell *c, const import_slot *s, const kam_record *r, uint32_t index,
                          kam_error *err)
{
    const char *source = NULL, *key = NULL;
    const kam__cell *from = &r->cell[index];
    size_t len = 0;
    uint32_t at = 0;
    c->state = IMPORT_EMPTY;
    if (from->state == KAM__CELL_NONE) return KAM_OK;
    if (kam__record_key(r, index, &source, &key)) {
        const char *own = source[0] ? source : imp->source ? imp->source : imp->row_source ? imp->row_source : "";
        KAM__TRY(kam__import_want_key(imp, &at, s->field->ref, own, strlen(own), key, strlen(key), err));
        c->v.i = at;
        c->state = IMPORT_KEY;
        return KAM_OK;
    }
    if (s->field->type == KAM_T_TEXT) {
        const char *text = kam__record_cell_text(r, index, &len);
        return kam__import_text(imp, c, text, len, err);
    }
    if (s->field->type == KAM_T_F64) c->v.f = from->v.f;
    else c->v.i = from->v.i;
    c->scale = from->scale;
    c->state = from->state == KAM__CELL_MONEY ? IMPORT_MONEY : IMPORT_NUMBER;
    return s->field->logic == KAM__L_REF ? kam__import_want_id(imp, s->field->ref, from->v.i, err) : KAM_OK;
}

int32_t kam__import_stage_record(kam_import *imp, const kam_record *r, const uint8_t *mask, uint64_t row, uint64_t line,
                                 kam_error *err)
{
    size_t mark = imp->text.size;
    uint32_t source = kam__kind_index(r->kind, KAM_SOURCE);
    KAM__TRY(stage_begin(imp, err));
    imp->row_source = source == UINT32_MAX ? NULL : kam__record_cell_text(r, source, &imp->row_source_len);
    for (uint32_t i = 0; i < imp->nslot; i++) {
        uint32_t index = kam__kind_index(r->kind, imp->slot[i].field->id);
        if (index == UINT32_MAX || (mask ? !mask[index] : r->cell[index].state == KAM__CELL_NONE)) continue;
        int32_t rc = stage_cell(imp, stage_cells(imp, imp->n) + i, &imp->slot[i], r, index, imp->cause);
        if (rc == KAM_OK) continue;
        imp->text.size = mark;
        return kam__import_fatal(imp, rc, err);
    }
    return stage_end(imp, row, line, mark, err);
}

/* Numbers are checked as kam_record_set_i64 does, texts as kam_record_set_text does: a block comes from outside. */
static int32_t stage_check(kam_import *imp, kam_record *r, const uint8_t *mask, const kam__field **bad, kam_error *err)
{
    for (uint32_t i = 0; i < imp->kind->nfield; i++) {
        const kam__field *f = *bad = &imp->kind->field[i];
        size_t len = 0;
        if (!mask[i] || r->cell[i].state == KAM__CELL_NONE) continue;
        if (f->type == KAM_T_TEXT) {
            const char *text = kam__record_cell_text(r, i, &len);
            KAM__TRY(kam__record_set(r, i, text, len, err));
        } else if (f->type == KAM_T_F64) {
            if (!(r->cell[i].v.f - r->cell[i].v.f == 0))
                return kam__fail(err, KAM_E_TYPE, "NaN and infinities are no values");
        } else {
            KAM__TRY(kam__value_check(f, r->cell[i].v.i, err));
            if (f->logic == KAM__L_DAY && (r->cell[i].v.i == KAM_DAY_FIRST || r->cell[i].v.i == KAM_DAY_END))
                kam__record_put_null(r, i);
        }
    }
    *bad = NULL;
    return KAM_OK;
}

static int32_t stage_block_mask(kam_import *imp, const kam_block *block, kam_error *err)
{
    memset(imp->mask, 0, imp->kind->nfield);
    for (uint32_t c = 0; c < block->ncol; c++) {
        uint32_t i = kam__kind_index(imp->kind, block->col[c].field);
        if (i == UINT32_MAX)
            return kam__fail(err, KAM_E_INVAL, "column %u: %s has no field %u", (unsigned)c, imp->kind->name,
                             (unsigned)block->col[c].field);
        imp->mask[i] = 1;
    }
    return KAM_OK;
}

int32_t kam__import_stage_block(kam_import *imp, const kam_block *block, kam_error *err)
{
    for (uint32_t row = 0; row < block->nrow; row++) {
        const kam__field *bad = NULL;
        uint64_t no = ++imp->taken;
        KAM__TRY(stage_block_mask(imp, block, err));                /* a flush in between uses the mask too */
        int32_t rc = kam__record_load(imp->rec, block, row, imp->cause);
        if (rc == KAM_OK) rc = stage_check(imp, imp->rec, imp->mask, &bad, imp->cause);
        if (rc == KAM_OK) {
            KAM__TRY(kam__import_stage_record(imp, imp->rec, imp->mask, no, 0, err));
            continue;
        }
        import_place at = { .row = no, .field = bad };
        KAM__TRY(kam__import_reject(imp, rc, &at, err));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- a staged row as a record */

/* What may be rounded is rounded now that the currency is known. */
static int32_t stage_round(kam_import *imp, const import_row *row, import_cell *cell, kam_error *err)
{
    kam_record *r = imp->rec;
    int32_t decimals = row->currency[0] ? kam__schema_decimals(imp->schema, row->currency) : kam__record_decimals(r);
    for (uint32_t i = 0; i < imp->nslot && decimals >= 0; i++) {
        kam__cell *c = &r->cell[imp->slot[i].index];
        int64_t v = 0;
        if (!(cell[i].flags & IMPORT_ROUND) || c->state != KAM__CELL_MONEY) continue;
        if (!kam__rescale(c->v.i, c->scale, (uint32_t)decimals, KAM__EXACT, &v)) continue;
        if (kam__rescale(c->v.i, c->scale, (uint32_t)decimals, KAM__HALF_AWAY, &v))
            return kam__fail(err, KAM_E_LIMIT, "the amount does not fit 64 bits with the %d decimals of its currency",
                             (int)decimals);
        c->v.i = v;
        c->scale = (uint8_t)decimals;
        if (!(cell[i].flags & IMPORT_ROUNDED)) imp->slot[i].rounded++;
        cell[i].flags |= IMPORT_ROUNDED;
    }
    return KAM_OK;
}

void kam__import_give_back(kam_import *imp)
{
    if (!imp->lent) return;
    imp->rec->pool = imp->own_pool;
    imp->lent = 0;
}

/* The record looks into the group's texts instead of having copies: most rows are read once and written. */
static void stage_lend(kam_import *imp)
{
    imp->own_pool = imp->rec->pool;
    imp->rec->pool.data = imp->text.data;
    imp->rec->pool.size = imp->rec->pool.cap = imp->text.size;
    imp->lent = 1;
}

static int32_t stage_load_cell(kam_import *imp, uint32_t index, const import_cell *c, kam_error *err)
{
    kam_record *r = imp->rec;
    switch (c->state) {
    case IMPORT_TEXT_AT:
        if (imp->lent) {
            r->cell[index].v.text.at = c->v.text.at;
            r->cell[index].v.text.len = c->v.text.len;
            r->cell[index].state = KAM__CELL_VALUE;
            return KAM_OK;
        }
        return kam__record_put_text(r, index, imp->text.data + c->v.text.at, c->v.text.len, err);
    case IMPORT_NUMBER: case IMPORT_KNOWN:
        if (imp->kind->field[index].type == KAM_T_F64) kam__record_put_f64(r, index, c->v.f);
        else kam__record_put_i64(r, index, c->v.i);
        return KAM_OK;
    case IMPORT_MONEY:
        r->cell[index].v.i = c->v.i;
        r->cell[index].scale = c->scale;
        r->cell[index].state = KAM__CELL_MONEY;
        return KAM_OK;
    case IMPORT_KEY: {
        const import_key *k = &imp->key[c->v.i];
        if (k->id) kam__record_put_i64(r, index, k->id);
        else
            return kam__record_put_key(r, index, k->text + 1, k->source_len, k->text + k->source_len + 2,
                                       k->len - k->source_len - 2, err);
        return KAM_OK;
    }
    default: return KAM_OK;
    }
}

static int32_t stage_load(kam_import *imp, uint32_t row, kam_error *err)
{
    import_cell *cell = stage_cells(imp, row);
    uint8_t round = 0;
    memset(imp->mask, 0, imp->kind->nfield);
    for (uint32_t i = 0; i < imp->nslot; i++) {
        if (cell[i].state == IMPORT_UNSET) continue;
        imp->mask[imp->slot[i].index] = 1;
        round |= cell[i].flags;
        KAM__TRY(stage_load_cell(imp, imp->slot[i].index, &cell[i], err));
    }
    if (round) KAM__TRY(stage_round(imp, &imp->row[row], cell, err));
    const char *currency = imp->row[row].currency;
    return currency[0] ? kam__record_put_text(imp->rec, imp->kind->currency, currency, 3, err) : KAM_OK;
}

int32_t kam__import_load(kam_import *imp, uint32_t row, kam_error *err)
{
    kam__import_give_back(imp);
    kam_record_clear(imp->rec);
    return stage_load(imp, row, err);
}

int32_t kam__import_lend(kam_import *imp, uint32_t row, kam_error *err)
{
    const import_cell *cell = stage_cells(imp, row);
    int keys = 0;                           /* one not found yet has to be put as text */
    for (uint32_t i = 0; i < imp->nslot; i++) keys |= cell[i].state == IMPORT_KEY && !imp->key[cell[i].v.i].id;
    if (keys || imp->row[row].currency[0] || !imp->text.size) return kam__import_load(imp, row, err);
    kam__import_give_back(imp);
    kam_record_clear(imp->rec);
    stage_lend(imp);
    return stage_load(imp, row, err);
}

static int32_t stage_decimals(const kam_import *imp)
{
    uint32_t currency = imp->kind->currency;
    int own = currency != UINT32_MAX && imp->rec->cell[currency].state != KAM__CELL_NONE;
    return own ? kam__record_decimals(imp->rec) : imp->base_decimals;
}

/* What kam__record_settle does, where only the slots can hold money; failures are its to word. */
int32_t kam__import_settle(kam_import *imp, kam_error *err)
{
    kam_record *r = imp->rec;
    int32_t decimals = -2;
    int64_t v = 0;
    for (uint32_t i = 0; i < imp->nslot; i++) {
        uint32_t index = imp->slot[i].index;
        const kam__cell *c = &r->cell[index];
        if (c->state != KAM__CELL_MONEY) continue;
        if (decimals == -2) decimals = stage_decimals(imp);
        if (decimals < 0 || kam__rescale(c->v.i, c->scale, (uint32_t)decimals, KAM__EXACT, &v))
            return kam__record_settle(r, err);
        kam__record_put_i64(r, index, v);
    }
    return KAM_OK;
}
