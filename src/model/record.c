/*
 * model/record.c - a record: one row of cells in the order of its kind's fields, and a pool for its texts.
 *
 * Record, cells and scratch places are one piece of memory; the pool is a buffer that texts are added to. A text that
 * is replaced leaves a gap; when the buffer would have to grow although half of it is gaps, it is written anew
 * instead. Everything that can fail happens before the first cell changes, so a failing call leaves the record as it
 * was.
 */
#include "model.h"

#define RECORD_POOL_MAX (1u << 30)

/* ---------------------------------------------------------------- life */

static size_t record_round8(size_t size) {
    return (size + 7) & ~(size_t)7;
}

int32_t kam__record_new(kam_record **out, kam__schema *schema, uint32_t kind, kam_error *err) {
    kam_ctx *ctx = kam__schema_ctx(schema);
    const kam__kind *k = kam__schema_kind(schema, kind);
    if (!k) return kam__fail(err, KAM_E_INVAL, "there is no kind %u; use a KAM_KIND_", (unsigned)kind);
    size_t head = record_round8(sizeof(kam_record)), cells = k->nfield * sizeof(kam__cell);
    kam_record *r = kam__zalloc(ctx, head + cells + k->nfield * sizeof *r->scratch);
    if (!r) return kam__nomem(err);
    char *memory = (char *)r;
    r->cell = (kam__cell *)(void *)(memory + head);
    r->scratch = (char (*)[48])(void *)(memory + head + cells);
    r->kind = k;
    r->schema = kam__schema_hold(schema);
    r->ctx = kam__ctx_hold(ctx);
    kam__buf_init(&r->pool, ctx);
    *out = r;
    return KAM_OK;
}

void kam_record_free(kam_record *record) {
    if (!record) return;
    kam_ctx *ctx = record->ctx;
    kam__buf_drop(&record->pool);
    kam__schema_drop(record->schema);
    kam__free(ctx, record);
    kam_ctx_free(ctx);
}

uint32_t kam_record_kind(const kam_record *record) {
    return record ? record->kind->id : 0;
}

void kam_record_clear(kam_record *record) {
    if (!record) return;
    memset(record->cell, 0, record->kind->nfield * sizeof *record->cell);
    kam__buf_clear(&record->pool);
}

/* ---------------------------------------------------------------- the pool */

static int record_in_pool(const kam_record *r, uint32_t index) {
    const kam__cell *c = r->cell + index;
    return c->state == KAM__CELL_KEY || (c->state == KAM__CELL_VALUE && r->kind->field[index].type == KAM_T_TEXT);
}

static size_t record_pool_used(const kam_record *r) {
    size_t used = 0;
    for (uint32_t i = 0; i < r->kind->nfield; i++)
        if (record_in_pool(r, i)) used += (size_t)r->cell[i].v.text.len + 1;
    return used;
}

/* Writes the pool anew with `text` of the cell `index` at its end; `text` may lie in the old pool. */
static int32_t record_repool(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err) {
    kam_buf fresh;
    kam__buf_init(&fresh, r->ctx);
    for (uint32_t i = 0; i < r->kind->nfield; i++)
        if (i != index && record_in_pool(r, i))
            kam__buf_put(&fresh, r->pool.data + r->cell[i].v.text.at, (size_t)r->cell[i].v.text.len + 1);
    kam__buf_put(&fresh, text, len);
    kam__buf_put(&fresh, "", 1);
    if (fresh.failed) {
        kam__buf_drop(&fresh);
        return kam__nomem(err);
    }
    uint32_t at = 0;                        /* the same walk again: now nothing can fail */
    for (uint32_t i = 0; i < r->kind->nfield; i++)
        if (i != index && record_in_pool(r, i)) {
            r->cell[i].v.text.at = at;
            at += r->cell[i].v.text.len + 1;
        }
    r->cell[index].v.text.at = at;
    kam__buf_drop(&r->pool);
    r->pool = fresh;
    return KAM_OK;
}

static int record_overlaps_pool(const kam_record *r, const char *text) {
    uintptr_t p = (uintptr_t)text, from = (uintptr_t)r->pool.data;
    return r->pool.data && p >= from && p < from + r->pool.cap;
}

/* Puts bytes and a NUL into the pool for a cell and points the cell there. The state is the caller's to set. */
static int32_t record_pool_put(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err) {
    kam_buf *pool = &r->pool;
    kam__cell *c = r->cell + index;
    if (len > RECORD_POOL_MAX || pool->size > RECORD_POOL_MAX - len)
        return kam__fail(err, KAM_E_LIMIT, "the texts of one record are at most 1 GiB");
    if (record_in_pool(r, index) && len <= c->v.text.len) {
        memmove(pool->data + c->v.text.at, text, len);
        pool->data[c->v.text.at + len] = '\0';
    } else if (record_overlaps_pool(r, text) ||
               (pool->size + len + 2 > pool->cap && record_pool_used(r) < pool->size / 2)) {
        KAM__TRY(record_repool(r, index, text, len, err));
    } else {
        size_t at = pool->size;
        kam__buf_put(pool, text, len);
        kam__buf_put(pool, "", 1);
        if (pool->failed) {
            pool->failed = KAM_OK;
            pool->size = at;
            return kam__nomem(err);
        }
        c->v.text.at = (uint32_t)at;
    }
    c->v.text.len = (uint32_t)len;
    return KAM_OK;
}

/* ---------------------------------------------------------------- cells */

const char *kam__record_cell_text(const kam_record *r, uint32_t index, size_t *len) {
    const kam__cell *c = r->cell + index;
    if (c->state != KAM__CELL_VALUE || r->kind->field[index].type != KAM_T_TEXT) return NULL;
    if (len) *len = c->v.text.len;
    return r->pool.data + c->v.text.at;
}

int32_t kam__record_put_text(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err) {
    if (text && len == KAM_NUL) len = strlen(text);
    if (!text || len == 0) {
        kam__record_put_null(r, index);
        return KAM_OK;
    }
    KAM__TRY(record_pool_put(r, index, text, len, err));
    r->cell[index].state = KAM__CELL_VALUE;
    r->cell[index].scale = 0;
    return KAM_OK;
}

/* A key that stands alone in text must not look like an id or like "source:key". */
static int record_key_bare(const char *key, size_t len) {
    size_t digits = 0;
    while (digits < len && key[digits] >= '0' && key[digits] <= '9') digits++;
    return digits < len && !memchr(key, ':', len);
}

int32_t kam__record_put_key(kam_record *r, uint32_t index, const char *source, size_t source_len, const char *key,
                            size_t key_len, kam_error *err) {
    kam_buf b;
    kam__buf_init(&b, r->ctx);
    kam__buf_put(&b, source, source_len);
    kam__buf_put(&b, "", 1);
    kam__buf_put(&b, key, key_len);
    kam__buf_put(&b, "", 1);
    kam__buf_put(&b, source, source_len);
    if (source_len || !record_key_bare(key, key_len)) kam__buf_char(&b, ':');
    kam__buf_put(&b, key, key_len);
    int32_t rc = kam__buf_end(&b, err);
    if (rc == KAM_OK) rc = record_pool_put(r, index, b.data, b.size, err);
    if (rc == KAM_OK) r->cell[index].state = KAM__CELL_KEY;
    kam__buf_drop(&b);
    return rc;
}

void kam__record_put_i64(kam_record *r, uint32_t index, int64_t v) {
    r->cell[index].v.i = v;
    r->cell[index].state = KAM__CELL_VALUE;
    r->cell[index].scale = 0;
}

void kam__record_put_f64(kam_record *r, uint32_t index, double v) {
    r->cell[index].v.f = v;
    r->cell[index].state = KAM__CELL_VALUE;
    r->cell[index].scale = 0;
}

void kam__record_put_null(kam_record *r, uint32_t index) {
    memset(r->cell + index, 0, sizeof r->cell[index]);
}

int kam__record_key(const kam_record *r, uint32_t index, const char **source, const char **key) {
    const kam__cell *c = r->cell + index;
    if (c->state != KAM__CELL_KEY) return 0;
    *source = r->pool.data + c->v.text.at;
    *key = *source + strlen(*source) + 1;
    return 1;
}

/* ---------------------------------------------------------------- whole records */

int32_t kam__record_copy(kam_record *dst, const kam_record *src, kam_error *err) {
    kam_buf pool;
    if (dst == src) return KAM_OK;
    if (dst->kind->id != src->kind->id)
        return kam__fail(err, KAM_E_INVAL, "a record of kind %s cannot take one of kind %s", dst->kind->name,
                         src->kind->name);
    kam__buf_init(&pool, dst->ctx);
    if (src->pool.size) kam__buf_put(&pool, src->pool.data, src->pool.size);
    if (pool.failed) {
        kam__buf_drop(&pool);
        return kam__nomem(err);
    }
    for (uint32_t i = 0; i < dst->kind->nfield; i++) {
        uint32_t from = dst->kind == src->kind ? i : kam__kind_index(src->kind, dst->kind->field[i].id);
        if (from == UINT32_MAX) kam__record_put_null(dst, i);
        else dst->cell[i] = src->cell[from];
    }
    kam__buf_drop(&dst->pool);
    dst->pool = pool;
    return KAM_OK;
}

int32_t kam__record_clone(kam_record **out, const kam_record *src, kam_error *err) {
    kam_record *r;
    KAM__TRY(kam__record_new(&r, src->schema, src->kind->id, err));
    int32_t rc = kam__record_copy(r, src, err);
    if (rc == KAM_OK) *out = r;
    else kam_record_free(r);
    return rc;
}

void kam__record_take(kam_record *dst, kam_record *from) {
    kam_buf pool = dst->pool;
    memcpy(dst->cell, from->cell, dst->kind->nfield * sizeof *dst->cell);
    dst->pool = from->pool;
    from->pool = pool;
    kam_record_free(from);
}

int kam__record_same(const kam_record *a, const kam_record *b, uint32_t index) {
    const kam__cell *x = a->cell + index, *y = b->cell + index;
    if (x->state != y->state || x->scale != y->scale) return 0;
    if (x->state == KAM__CELL_NONE) return 1;
    if (record_in_pool(a, index))
        return x->v.text.len == y->v.text.len
            && memcmp(a->pool.data + x->v.text.at, b->pool.data + y->v.text.at, x->v.text.len) == 0;
    return memcmp(&x->v, &y->v, sizeof x->v) == 0;      /* doubles by their bits: what is stored is what counts */
}

int32_t kam__record_check(const kam_record *r, kam_error *err) {
    for (uint32_t i = 0; i < r->kind->nfield; i++) {
        const kam__field *f = r->kind->field + i;
        if (!(f->flags & KAM_F_REQUIRED) || (f->flags & KAM__F_COMMON) || r->cell[i].state != KAM__CELL_NONE) continue;
        return kam__field_error(err, kam__fail(err, KAM_E_INVAL, "a value is required"), r->kind, f);
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- money */

int32_t kam__record_decimals(const kam_record *r) {
    const char *code = r->kind->currency == UINT32_MAX ? NULL : kam__record_cell_text(r, r->kind->currency, NULL);
    return kam__schema_decimals(r->schema, code);
}

static int32_t record_unsettled(const kam_record *r, uint32_t index, int32_t decimals, kam_error *err) {
    char text[48];
    const char *code = r->kind->currency == UINT32_MAX ? NULL : kam__record_cell_text(r, r->kind->currency, NULL);
    if (!code) code = kam__schema_base_currency(r->schema);
    kam__dec_format(text, r->cell[index].v.i, r->cell[index].scale);
    int32_t rc = decimals < 0
        ? kam__fail(err, KAM_E_INVAL, "%s has no currency; give the record or the book one", text)
        : kam__fail(err, KAM_E_LIMIT, "%s has more than %d decimals (%s) or is too big", text, (int)decimals, code);
    return kam__field_error(err, rc, r->kind, r->kind->field + index);
}

int32_t kam__record_settle(kam_record *r, kam_error *err) {
    int32_t decimals = kam__record_decimals(r);
    int64_t v;
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < r->kind->nfield; i++) {
            const kam__cell *c = r->cell + i;
            if (c->state != KAM__CELL_MONEY) continue;
            if (decimals < 0 || kam__rescale(c->v.i, c->scale, (uint32_t)decimals, KAM__EXACT, &v))
                return record_unsettled(r, i, decimals, err);
            if (pass == 1) kam__record_put_i64(r, i, v);        /* the first pass only asks whether all of them fit */
        }
    return KAM_OK;
}

/* ---------------------------------------------------------------- cells by field id */

static kam__cell *record_cell(const kam_record *r, uint32_t field)
{
    uint32_t i = kam__kind_index(r->kind, field);
    return i == UINT32_MAX ? NULL : &r->cell[i];
}

int kam__record_has(const kam_record *r, uint32_t field)
{
    const kam__cell *c = record_cell(r, field);
    return c && c->state != KAM__CELL_NONE;
}

int64_t kam__record_num(const kam_record *r, uint32_t field, int64_t if_none)
{
    const kam__cell *c = record_cell(r, field);
    return c && c->state == KAM__CELL_VALUE ? c->v.i : if_none;
}

void kam__record_put_num(kam_record *r, uint32_t field, int64_t v)
{
    uint32_t i = kam__kind_index(r->kind, field);
    if (i != UINT32_MAX) kam__record_put_i64(r, i, v);
}

int32_t kam__record_put_str(kam_record *r, uint32_t field, const char *text, kam_error *err)
{
    uint32_t i = kam__kind_index(r->kind, field);
    if (i == UINT32_MAX || !text || !text[0]) return KAM_OK;
    return kam__record_put_text(r, i, text, strlen(text), err);
}
