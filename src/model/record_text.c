/*
 * model/record_text.c - one value of a record at the public border: as number, as double, as text.
 *
 * Two values are kept as they were written until the record is stored: a reference by the ERP's key, which only the
 * book can look up, and money, whose decimals depend on a currency that may be set later. Texts of numbers are written
 * into the field's own scratch place, so the texts of one record do not overwrite each other.
 */
#include "model.h"

/* ---------------------------------------------------------------- finding the cell */

/* INVAL, naming the field that the id belongs to if there is one. */
static int32_t rtext_no_field(const kam_record *r, uint32_t field, kam_error *err) {
    const kam__kind *other = field >= 128 && field < 65536 ? kam__builtin_kind(field >> 7) : NULL;
    const kam__field *f = other ? kam__kind_field(other, field) : NULL;
    if (f)
        kam__fail(err, KAM_E_INVAL, "field %u is %s.%s, not a field of %s", (unsigned)field, other->name, f->name,
                  r->kind->name);
    else kam__fail(err, KAM_E_INVAL, "%s has no field %u; see kam/fields.h", r->kind->name, (unsigned)field);
    kam__err_set(err, KAM_ERR_KIND, r->kind->id);
    kam__err_set(err, KAM_ERR_FIELD, field);
    return KAM_E_INVAL;
}

static int32_t rtext_index(uint32_t *index, const kam_record *r, uint32_t field, kam_error *err) {
    if (!r) return kam__null_arg(err, "record");
    *index = kam__kind_index(r->kind, field);
    return *index == UINT32_MAX ? rtext_no_field(r, field, err) : KAM_OK;
}

/* The cell with something in it, or NULL. */
static const kam__cell *rtext_cell(const kam_record *r, uint32_t field, uint32_t *index) {
    if (!r || (*index = kam__kind_index(r->kind, field)) == UINT32_MAX) return NULL;
    const kam__cell *c = r->cell + *index;
    return c->state == KAM__CELL_NONE ? NULL : c;
}

/* ---------------------------------------------------------------- getters */

uint32_t kam_record_type(const kam_record *record, uint32_t field) {
    uint32_t i = record ? kam__kind_index(record->kind, field) : UINT32_MAX;
    if (i == UINT32_MAX) return 255;
    return record->cell[i].state == KAM__CELL_NONE ? 0 : record->kind->field[i].type;
}

/* Money as entered, in minor units of the record's currency as it is now; 0 = unknown currency, or it does not fit. */
static int rtext_minor(const kam_record *r, const kam__cell *c, int64_t *out) {
    int32_t decimals = kam__record_decimals(r);
    return decimals >= 0 && !kam__rescale(c->v.i, c->scale, (uint32_t)decimals, KAM__EXACT, out);
}

int64_t kam_record_i64(const kam_record *record, uint32_t field, int64_t if_none) {
    uint32_t i;
    int64_t v;
    const kam__cell *c = rtext_cell(record, field, &i);
    if (!c) return if_none;
    if (c->state == KAM__CELL_MONEY) return rtext_minor(record, c, &v) ? v : if_none;
    uint32_t type = record->kind->field[i].type;
    return c->state == KAM__CELL_VALUE && (type == KAM_T_I32 || type == KAM_T_I64) ? c->v.i : if_none;
}

/* Decimals of a cell that holds a whole number; -1 = money of an unknown currency. */
static int32_t rtext_scale(const kam_record *r, uint32_t index) {
    if (r->cell[index].state == KAM__CELL_MONEY) return r->cell[index].scale;
    const kam__field *f = r->kind->field + index;
    return f->logic == KAM__L_MONEY ? kam__record_decimals(r) : f->scale;
}

double kam_record_f64(const kam_record *record, uint32_t field, double if_none) {
    uint32_t i;
    const kam__cell *c = rtext_cell(record, field, &i);
    if (!c || c->state == KAM__CELL_KEY || record->kind->field[i].type == KAM_T_TEXT) return if_none;
    if (record->kind->field[i].type == KAM_T_F64) return c->v.f;
    int32_t scale = rtext_scale(record, i);
    return scale < 0 ? if_none : (double)c->v.i / (double)kam__pow10[scale];
}

static size_t rtext_money(const kam_record *r, uint32_t index) {
    const kam__cell *c = r->cell + index;
    int32_t decimals = kam__record_decimals(r);
    int64_t v;
    if (c->state == KAM__CELL_VALUE)
        return decimals < 0 ? 0 : kam__dec_format(r->scratch[index], c->v.i, (uint32_t)decimals);
    return rtext_minor(r, c, &v) ? kam__dec_format(r->scratch[index], v, (uint32_t)decimals)
                                 : kam__dec_format(r->scratch[index], c->v.i, c->scale);
}

static const char *rtext_key(const kam_record *r, uint32_t index, size_t *len) {
    const char *source, *key;
    kam__record_key(r, index, &source, &key);
    const char *shown = key + strlen(key) + 1;
    *len = strlen(shown);
    return shown;
}

const char *kam__record_cell_format(const kam_record *r, uint32_t index, size_t *len) {
    const kam__cell *c = r->cell + index;
    const kam__field *f = r->kind->field + index;
    if (c->state == KAM__CELL_NONE) return NULL;
    if (c->state == KAM__CELL_KEY) return rtext_key(r, index, len);
    if (f->type == KAM_T_TEXT) return kam__record_cell_text(r, index, len);
    if (f->logic == KAM__L_MONEY) *len = rtext_money(r, index);
    else if (f->type == KAM_T_F64) *len = kam__value_format(r->scratch[index], f, 0, 0, c->v.f);
    else *len = kam__value_format(r->scratch[index], f, 0, c->v.i, 0);
    return *len ? r->scratch[index] : NULL;
}

const char *kam_record_text(const kam_record *record, uint32_t field, const char *if_none) {
    uint32_t i;
    size_t len;
    const char *text = rtext_cell(record, field, &i) ? kam__record_cell_format(record, i, &len) : NULL;
    return text ? text : if_none;
}

/* ---------------------------------------------------------------- setters of numbers */

int32_t kam_record_set_i64(kam_record *record, uint32_t field, int64_t value, kam_error *err) {
    uint32_t i;
    KAM__TRY(rtext_index(&i, record, field, err));
    const kam__field *f = record->kind->field + i;
    int32_t rc = kam__value_check(f, value, err);
    if (rc != KAM_OK) return kam__field_error(err, rc, record->kind, f);
    if (f->logic == KAM__L_DAY && (value == KAM_DAY_FIRST || value == KAM_DAY_END)) kam__record_put_null(record, i);
    else kam__record_put_i64(record, i, value);
    return KAM_OK;
}

int32_t kam_record_set_f64(kam_record *record, uint32_t field, double value, kam_error *err) {
    uint32_t i;
    int32_t rc = KAM_OK;
    KAM__TRY(rtext_index(&i, record, field, err));
    const kam__field *f = record->kind->field + i;
    if (f->type != KAM_T_F64)
        rc = kam__fail(err, KAM_E_TYPE, "is no double; use kam_record_set_text or kam_record_set_i64");
    else if (!(value - value == 0)) rc = kam__fail(err, KAM_E_TYPE, "NaN and infinities are no values");
    if (rc != KAM_OK) return kam__field_error(err, rc, record->kind, f);
    kam__record_put_f64(record, i, value);
    return KAM_OK;
}

/* ---------------------------------------------------------------- setting from text */

static int32_t rtext_set_text(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err) {
    char own[4];
    KAM__TRY(kam__value_text(&text, &len, own, r->schema, r->kind->field + index, err));
    return kam__record_put_text(r, index, text, len, err);
}

static int32_t rtext_set_money(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err) {
    int64_t v;
    uint32_t scale;
    KAM__TRY(kam__dec_parse_any(&v, &scale, text, len, err));
    r->cell[index].v.i = v;
    r->cell[index].state = KAM__CELL_MONEY;
    r->cell[index].scale = (uint8_t)scale;
    return KAM_OK;
}

static int32_t rtext_set_number(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err) {
    int64_t i = 0;
    double f = 0;
    const kam__field *field = r->kind->field + index;
    KAM__TRY(kam__value_parse(&i, &f, field, 0, text, len, err));
    if (field->type == KAM_T_F64) kam__record_put_f64(r, index, f);
    else kam__record_put_i64(r, index, i);
    return KAM_OK;
}

/* Digits are an id; "source:key", or a key alone, is looked up when the record is stored. */
static int32_t rtext_set_ref(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err) {
    char clip[48];
    size_t digits = 0;
    while (digits < len && text[digits] >= '0' && text[digits] <= '9') digits++;
    if (digits == len) return rtext_set_number(r, index, text, len, err);
    const char *colon = memchr(text, ':', len), *key = colon ? colon + 1 : text;
    size_t source_len = colon ? (size_t)(colon - text) : 0, key_len = len - (size_t)(key - text);
    if (!key_len) return kam__fail(err, KAM_E_PARSE, "\"%s\" has no key behind the colon; write \"source:key\"",
                                       kam__clip(clip, text, len));
    return kam__record_put_key(r, index, text, source_len, key, key_len, err);
}

static int32_t rtext_set(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err) {
    const kam__field *f = r->kind->field + index;
    if (!text) len = 0;
    KAM__TRY(kam__text_in(r->ctx, text, &len, err));
    if (len == 0) {
        kam__record_put_null(r, index);
        return KAM_OK;
    }
    if (f->type == KAM_T_TEXT) return rtext_set_text(r, index, text, len, err);
    if (f->logic == KAM__L_MONEY) return rtext_set_money(r, index, text, len, err);
    if (f->logic == KAM__L_REF) return rtext_set_ref(r, index, text, len, err);
    return rtext_set_number(r, index, text, len, err);
}

int32_t kam__record_set(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err) {
    int32_t rc = rtext_set(r, index, text, len, err);
    if (rc == KAM_OK || rc == KAM_E_NOMEM) return rc;
    return kam__field_error(err, rc, r->kind, r->kind->field + index);
}

int32_t kam_record_set_text(kam_record *record, uint32_t field, const char *text, size_t len, kam_error *err) {
    uint32_t i;
    KAM__TRY(rtext_index(&i, record, field, err));
    return kam__record_set(record, i, text, len, err);
}
