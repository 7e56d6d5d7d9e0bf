/*
 * model/record_json.c - a record as one JSON object and back.
 *
 * Written: members in the order of the fields, only those with a value; numbers with their exact digits, everything
 * that is no number as text. Read: any order, null removes; the members are set in a copy of the record, which takes
 * the place of the record only when all of them were good.
 */
#include "model.h"

/* ---------------------------------------------------------------- writing */

static int rjson_quoted(const kam_record *r, uint32_t index) {
    if (r->cell[index].state == KAM__CELL_KEY) return 1;
    switch (r->kind->field[index].logic) {
    case KAM__L_TEXT: case KAM__L_CODE: case KAM__L_CURRENCY: case KAM__L_ENUM:
    case KAM__L_DAY: case KAM__L_INSTANT: case KAM__L_LOCAL: return 1;
    default: return 0;
    }
}

void kam__record_write_json(kam_buf *out, const kam_record *r) {
    char before = '{';
    for (uint32_t i = 0; i < r->kind->nfield; i++) {
        size_t len = 0;
        const char *text = kam__record_cell_format(r, i, &len);
        if (!text) continue;
        kam__buf_char(out, before);
        kam__buf_json_text(out, r->kind->field[i].name, KAM_NUL);
        kam__buf_char(out, ':');
        if (rjson_quoted(r, i)) kam__buf_json_text(out, text, len);
        else kam__buf_put(out, text, len);
        before = ',';
    }
    if (before == '{') kam__buf_char(out, '{');
    kam__buf_char(out, '}');
}

int32_t kam_record_to_json(kam_buf *out, const kam_record *record, kam_error *err) {
    if (!out) return kam__null_arg(err, "out");
    if (!record) return kam__null_arg(err, "record");
    size_t old = out->size;
    out->failed = KAM_OK;
    kam__record_write_json(out, record);    /* behind the old content, which stays if there is no memory */
    if (out->failed) {
        out->size = old;
        out->failed = KAM_OK;
        if (out->data) out->data[old] = '\0';
        return kam__nomem(err);
    }
    memmove(out->data, out->data + old, out->size - old + 1);
    out->size -= old;
    return KAM_OK;
}

/* ---------------------------------------------------------------- reading */

static int32_t rjson_place(int32_t rc, const kam__json *v, kam_error *err) {
    kam__err_set(err, KAM_ERR_LINE, v->line);
    kam__err_set(err, KAM_ERR_COLUMN, v->column);
    kam__err_set(err, KAM_ERR_OFFSET, (int64_t)v->offset);
    return rc;
}

/* Texts and dates come as strings; numbers as numbers, or as strings to keep their digits through any JSON library. */
static int rjson_fits(const kam__field *f, const kam__json *v) {
    switch (v->type) {
    case KAM__J_NULL: case KAM__J_STRING: return 1;
    case KAM__J_TRUE: case KAM__J_FALSE: return f->logic == KAM__L_BOOL;
    case KAM__J_NUMBER:
        return f->type != KAM_T_TEXT && f->logic != KAM__L_DAY && f->logic != KAM__L_INSTANT &&
               f->logic != KAM__L_LOCAL;
    default: return 0;
    }
}

static int32_t rjson_set(kam_record *r, const kam__json *v, kam_error *err) {
    const kam__field *f;
    int32_t rc = kam__field_by_name(&f, r->kind, v->key, v->key_len, err);
    if (rc != KAM_OK) return rjson_place(rc, v, err);
    uint32_t index = (uint32_t)(f - r->kind->field);
    if (!rjson_fits(f, v)) {
        rc = kam__fail(err, KAM_E_TYPE,
                       rjson_quoted(r, index) ? "must be a string" : "must be a number, true, false or a string");
        return rjson_place(kam__field_error(err, rc, r->kind, f), v, err);
    }
    switch (v->type) {
    case KAM__J_NULL: rc = kam__record_set(r, index, NULL, 0, err); break;
    case KAM__J_TRUE: rc = kam__record_set(r, index, "true", 4, err); break;
    case KAM__J_FALSE: rc = kam__record_set(r, index, "false", 5, err); break;
    default: rc = kam__record_set(r, index, v->text, v->len, err); break;
    }
    return rc == KAM_OK ? rc : rjson_place(rc, v, err);
}

static int32_t rjson_read(kam_record *r, kam__arena *arena, const char *json, size_t len, kam_error *err) {
    const kam__json *doc;
    KAM__TRY(kam__json_parse(&doc, arena, json, len, 0, err));
    if (doc->type != KAM__J_OBJECT) return kam__json_fail(doc, KAM_E_TYPE, err, "a record is a JSON object");
    for (const kam__json *v = doc->child; v; v = v->next) KAM__TRY(rjson_set(r, v, err));
    return KAM_OK;
}

int32_t kam_record_from_json(kam_record *record, const char *json, size_t len, kam_error *err) {
    kam_record *copy;
    kam__arena arena;
    if (!record) return kam__null_arg(err, "record");
    if (!json) return kam__null_arg(err, "json");
    KAM__TRY(kam__record_clone(&copy, record, err));
    kam__arena_init(&arena, record->ctx, 0);
    int32_t rc = rjson_read(copy, &arena, json, len == KAM_NUL ? strlen(json) : len, err);
    kam__arena_free(&arena);
    if (rc == KAM_OK) kam__record_take(record, copy);
    else kam_record_free(copy);
    return rc;
}
