/*
 * store/import_cell.c - one cell of the source to one cell of the group.
 *
 * Without a mapping texts are canonical (what kam_record_set_text takes); a mapping says what is empty, what stands for
 * what, and how numbers and days are written. Files repeat themselves: a text equal to the one before in its column is
 * not read again.
 */
#include "import.h"

int32_t kam__import_text(kam_import *imp, import_cell *out, const char *text, size_t len, kam_error *err)
{
    out->v.text.at = (uint32_t)imp->text.size;
    out->v.text.len = (uint32_t)len;
    out->state = IMPORT_TEXT_AT;
    kam__buf_put(&imp->text, text, len);
    if (imp->text.failed) return kam__nomem(err);
    imp->text.size++;                       /* the NUL that the buffer keeps behind its bytes becomes part of them */
    return KAM_OK;
}

/* CSV rows are valid UTF-8 without U+0000 already; texts from elsewhere are checked whole. */
static int32_t cell_text(kam_import *imp, import_cell *out, const import_slot *s, const char *text, size_t len,
                         kam_error *err)
{
    char own[4];
    if (imp->csv) kam__csv_unguard(&text, &len);
    if (!imp->csv || len > imp->ctx->opt.max_text) KAM__TRY(kam__text_in(imp->ctx, text, &len, err));
    if (s->field->logic != KAM__L_TEXT) KAM__TRY(kam__value_text(&text, &len, own, imp->schema, s->field, err));
    return kam__import_text(imp, out, text, len, err);
}

static int cell_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9') return 0;
    return len > 0;
}

/* "source:key", or a key of the import's (or the row's) source; digits are an id only where nobody says whose keys
   these are. A column whose mapping names the source holds keys and nothing else. */
int32_t kam__import_ref(kam_import *imp, import_cell *out, const import_slot *s, const char *text, size_t len,
                        kam_error *err)
{
    const char *source = s->spec ? s->spec->source : NULL, *colon = source ? NULL : memchr(text, ':', len);
    size_t source_len = source ? strlen(source) : 0;
    if (imp->csv) kam__csv_unguard(&text, &len);
    if (!imp->csv || len > imp->ctx->opt.max_text) KAM__TRY(kam__text_in(imp->ctx, text, &len, err));
    if (!source && !imp->source && cell_digits(text, len)) {
        KAM__TRY(kam__value_parse(&out->v.i, NULL, s->field, 0, text, len, err));
        out->state = IMPORT_NUMBER;
        return kam__import_want_id(imp, s->field->ref, out->v.i, err);
    }
    if (colon) {
        source = text;
        source_len = (size_t)(colon - text);
        len -= source_len + 1;
        text = colon + 1;
        if (!len) return kam__fail(err, KAM_E_PARSE, "there is no key behind the colon; write \"source:key\"");
    } else if (!source) {
        source = imp->source ? imp->source : imp->row_source;
        source_len = imp->source ? imp->source_len : imp->row_source_len;
    }
    uint32_t key = 0;
    KAM__TRY(kam__import_want_key(imp, &key, s->field->ref, source, source_len, text, len, err));
    out->v.i = imp->key[key].id ? imp->key[key].id : key;
    out->state = imp->key[key].id ? IMPORT_KNOWN : IMPORT_KEY;
    return KAM_OK;
}

/* ---------------------------------------------------------------- by the field's logic */

static int32_t cell_value(kam_import *imp, import_cell *out, import_slot *s, const char *text, size_t len,
                          kam_error *err)
{
    int32_t day = 0;
    switch (s->field->logic) {
    case KAM__L_REF: return kam__import_ref(imp, out, s, text, len, err);
    case KAM__L_MONEY: return kam__import_number(out, s, text, len, err);
    case KAM__L_DECIMAL: case KAM__L_POINTS: case KAM__L_INT: case KAM__L_DEG6: case KAM__L_F64:
        if (s->spec) return kam__import_number(out, s, text, len, err);
        break;
    case KAM__L_DAY:
        if (!s->spec) break;
        KAM__TRY(kam__import_day(&day, s->spec->format, text, len, err));
        out->v.i = day;
        out->state = IMPORT_NUMBER;
        return KAM_OK;
    default: break;
    }
    int64_t i = 0;
    double f = 0;
    KAM__TRY(kam__value_parse(&i, &f, s->field, 0, text, len, err));
    if (s->field->type == KAM_T_F64) out->v.f = f;
    else out->v.i = i;
    out->state = IMPORT_NUMBER;
    return KAM_OK;
}

static void cell_trim(const char **text, size_t *len)
{
    while (*len && ((*text)[0] == ' ' || (*text)[0] == '\t')) ++*text, --*len;
    while (*len && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t')) --*len;
}

/* What the mapping says of this text: 1 = it stands for "no value". */
static int cell_mapped(const import_spec *spec, const char **text, size_t *len)
{
    for (const kam__json *v = spec->empty ? spec->empty->child : NULL; v; v = v->next)
        if (v->len == *len && memcmp(v->text, *text, *len) == 0) return 1;
    for (const kam__json *v = spec->values ? spec->values->child : NULL; v; v = v->next)
        if (v->key_len == *len && memcmp(v->key, *text, *len) == 0) {
            *text = v->text;
            *len = v->len;
            break;
        }
    return 0;
}

/* The text was the last one of this column too. */
static int32_t cell_again(kam_import *imp, import_cell *out, const import_slot *s, kam_error *err)
{
    uint32_t column = out->column;
    *out = s->last;
    out->column = column;
    if (out->state == IMPORT_KEY) return kam__import_want(imp, (uint32_t)out->v.i, err);
    if (out->state == IMPORT_NUMBER && s->field->logic == KAM__L_REF)
        return kam__import_want_id(imp, s->field->ref, out->v.i, err);
    return KAM_OK;
}

int32_t kam__import_cell(kam_import *imp, import_cell *out, import_slot *s, const import_raw *raw, kam_error *err)
{
    const char *text = raw->text;
    size_t len = raw->len;
    int is_text = s->field->type == KAM_T_TEXT;
    out->column = raw->column;
    out->flags = out->scale = 0;
    out->state = IMPORT_EMPTY;
    if (!is_text && s->field->logic != KAM__L_REF) cell_trim(&text, &len);
    if (s->spec && len && cell_mapped(s->spec, &text, &len)) return KAM_OK;
    if (!len) return KAM_OK;
    if (is_text) return cell_text(imp, out, s, text, len, err);
    if (imp->row_source && s->field->logic == KAM__L_REF) return cell_value(imp, out, s, text, len, err);
    if (len == s->last_len && memcmp(text, s->last_text, len) == 0) return cell_again(imp, out, s, err);
    uint64_t rounded = s->rounded;
    int32_t rc = cell_value(imp, out, s, text, len, err);
    s->last_len = 0;
    if (rc == KAM_OK && len < sizeof s->last_text && s->rounded == rounded) {   /* what is counted is read again */
        memcpy(s->last_text, text, len);
        s->last_len = (uint8_t)len;
        s->last = *out;
    }
    return rc;
}
