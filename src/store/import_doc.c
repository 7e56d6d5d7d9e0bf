/*
 * store/import_doc.c - mapping documents: which heading of a file is which field, and how its values are written.
 *
 * Checking and compiling are the same walk, so a document that was accepted once cannot fail later for its own sake:
 *   {"name": ..., "kind": "ledger", "columns": {"<heading>": "<field>" or {"field": ..., how it is written}},
 *    "constants": {"<field>": value}, "ext_id": ["<heading>", ...]}
 * Every mistake is told with line and column.
 */
#include "import.h"

static const char *const doc_members[] = {"name",        "kind",    "version",   "title",
                                          "description", "columns", "constants", "ext_id"};
static const char *const doc_spec_members[] = {"field", "format", "decimal", "group",  "round",        "scale",
                                               "null",  "values", "ref",     "negate", "else_product", "optional"};

/* ---------------------------------------------------------------- fields */

/* Two ways to the same field would make the order of columns decide. */
static int32_t doc_free_field(const import_map *m, const kam__json *at, const import_spec *s, const char *name,
                              kam_error *err)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (s->index != IMPORT_NONE && m->spec[i].index == s->index)
            return kam__json_fail(at, KAM_E_POLICY, err, "field %s is given twice", name);
    return KAM_OK;
}

static int32_t doc_field(import_spec *s, const import_map *m, const kam__kind *kind, const kam__json *at,
                         const char *name, size_t len, int lenient, kam_error *err)
{
    const kam__field *f = NULL;
    s->index = IMPORT_NONE;
    if (lenient && len > 2 && memcmp(name, "x_", 2) == 0) return KAM_OK;
    int32_t rc = kam__field_by_name(&f, kind, name, len, err);
    if (rc != KAM_OK) {
        kam__err_set(err, KAM_ERR_LINE, at->line);
        kam__err_set(err, KAM_ERR_COLUMN, at->column);
        kam__err_set(err, KAM_ERR_OFFSET, (int64_t)at->offset);
        return rc;
    }
    if (f->id == KAM__DELETED_SEQ || f->id == KAM__SEQ_TO || f->id == KAM__REPLACES || f->id == KAM_SEQ)
        return kam__json_fail(at, KAM_E_POLICY, err, "%s is kept by the library and cannot be imported", f->name);
    s->index = (uint32_t)(f - kind->field);
    return doc_free_field(m, at, s, f->name, err);
}

static int32_t doc_add(import_spec **out, import_map *m, kam__arena *arena, const kam__json *at, kam_error *err)
{
    if (m->n == m->cap) {
        uint32_t cap = m->cap ? m->cap * 2 : 16;
        import_spec *grown = cap > 4096 ? NULL : kam__arena_alloc(arena, cap * sizeof *grown);
        if (cap > 4096) return kam__json_fail(at, KAM_E_LIMIT, err, "a mapping has at most 4096 columns");
        if (!grown) return kam__nomem(err);
        if (m->n) memcpy(grown, m->spec, m->n * sizeof *grown);
        m->spec = grown;
        m->cap = cap;
    }
    *out = &m->spec[m->n];
    memset(*out, 0, sizeof **out);
    return KAM_OK;
}

/* ---------------------------------------------------------------- how values are written */

static int32_t doc_sign(char *out, const kam__json *v, const char *key, kam_error *err)
{
    const char *text = NULL;
    if (!v) return KAM_OK;
    KAM__TRY(kam__json_str(&text, v, key, err));
    if (strlen(text) > 1 || (text[0] && !strchr(".,' _", text[0])))
        return kam__json_fail(v, KAM_E_POLICY, err, "%s is one of . , ' _ or a blank", key);
    *out = text[0];
    return KAM_OK;
}

static int32_t doc_flag(uint8_t *out, const kam__json *v, const char *key, kam_error *err)
{
    int flag = 0;
    if (v) KAM__TRY(kam__json_bool(&flag, v, key, err));
    *out = (uint8_t)flag;
    return KAM_OK;
}

static int32_t doc_headings(const char **out, uint32_t *n, const kam__json *v, uint32_t min, uint32_t max,
                            const char *key, kam_error *err)
{
    if (v->type == KAM__J_STRING && min == 1) {
        *n = 1;
        return kam__json_str(out, v, key, err);
    }
    if (v->type != KAM__J_ARRAY || v->n < min || v->n > max)
        return kam__json_fail(v, KAM_E_TYPE, err, "%s is a list of %u to %u headings", key, (unsigned)min,
                              (unsigned)max);
    for (const kam__json *c = v->child; c; c = c->next) KAM__TRY(kam__json_str(&out[(*n)++], c, key, err));
    return KAM_OK;
}

/* A list or an object whose members are all texts. */
static int32_t doc_texts(const kam__json **out, const kam__json *v, uint8_t type, const char *key, kam_error *err)
{
    const char *text = NULL;
    if (!v) return KAM_OK;
    if (v->type != type)
        return kam__json_fail(v, KAM_E_TYPE, err,
                              type == KAM__J_ARRAY ? "%s is a list of texts" : "%s is an object of texts", key);
    for (const kam__json *c = v->child; c; c = c->next) KAM__TRY(kam__json_str(&text, c, c->key ? c->key : key, err));
    *out = v;
    return KAM_OK;
}

/* What only numbers, only days, only references understand is refused elsewhere: it would be silently without
   effect. */
static int32_t doc_fits(const kam__json *v, const kam__field *f, kam_error *err)
{
    static const struct { const char *member; uint32_t what;
    } only[] = {{"decimal", 1}, {"group", 1},        {"round", 1},  {"scale", 1},
                {"negate", 1},  {"else_product", 1}, {"format", 2}, {"ref", 4}};
    int number = f->logic == KAM__L_MONEY || f->logic == KAM__L_DECIMAL || f->logic == KAM__L_POINTS ||
                 f->logic == KAM__L_INT || f->logic == KAM__L_DEG6 || f->logic == KAM__L_F64;
    uint32_t is = number ? 1u : f->logic == KAM__L_DAY ? 2u : f->logic == KAM__L_REF ? 4u : 0u;
    for (size_t i = 0; i < KAM__LEN(only); i++) {
        const kam__json *m = kam__json_get(v, only[i].member);
        if (m && only[i].what != is)
            return kam__json_fail(m, KAM_E_POLICY, err, "%s is for %s, and %s is none", only[i].member,
                                  only[i].what == 1 ? "numbers" : only[i].what == 2 ? "days" : "references", f->name);
    }
    return KAM_OK;
}

static int32_t doc_numbers(import_spec *s, const kam__json *v, kam_error *err)
{
    int64_t power = 0;
    const kam__json *scale = kam__json_get(v, "scale"), *product = kam__json_get(v, "else_product");
    KAM__TRY(doc_sign(&s->decimal, kam__json_get(v, "decimal"), "decimal", err));
    KAM__TRY(doc_sign(&s->group, kam__json_get(v, "group"), "group", err));
    if (s->group && s->group == (s->decimal ? s->decimal : '.'))
        return kam__json_fail(kam__json_get(v, "group"), KAM_E_POLICY, err, "group and decimal are the same sign");
    KAM__TRY(doc_flag(&s->round, kam__json_get(v, "round"), "round", err));
    KAM__TRY(doc_flag(&s->negate, kam__json_get(v, "negate"), "negate", err));
    if (scale) KAM__TRY(kam__json_i64(&power, scale, "scale", err));
    if (power < -12 || power > 12)
        return kam__json_fail(scale, KAM_E_POLICY, err, "scale is a power of ten from -12 to 12");
    s->power = (int32_t)power;
    return product ? doc_headings(s->part, &s->npart, product, 2, 2, "else_product", err) : KAM_OK;
}

static int32_t doc_written(import_spec *s, const kam__json *v, const kam__field *f, kam_error *err)
{
    const kam__json *format = kam__json_get(v, "format"), *ref = kam__json_get(v, "ref");
    if (f) KAM__TRY(doc_fits(v, f, err));
    KAM__TRY(doc_numbers(s, v, err));
    KAM__TRY(doc_texts(&s->empty, kam__json_get(v, "null"), KAM__J_ARRAY, "null", err));
    KAM__TRY(doc_texts(&s->values, kam__json_get(v, "values"), KAM__J_OBJECT, "values", err));
    KAM__TRY(doc_flag(&s->optional, kam__json_get(v, "optional"), "optional", err));
    if (ref) KAM__TRY(kam__json_str(&s->source, ref, "ref", err));
    if (!format) return KAM_OK;
    KAM__TRY(kam__json_str(&s->format, format, "format", err));
    if (kam__import_day_format(s->format)) return KAM_OK;
    return kam__json_fail(format, KAM_E_POLICY, err,
                          "format is one of YYYY-MM-DD, YYYYMMDD, DD.MM.YYYY, DD/MM/YYYY, MM/DD/YYYY, YYYY/MM/DD");
}

/* ---------------------------------------------------------------- the parts of a document */

static int32_t doc_column(import_map *m, kam__arena *arena, const kam__kind *kind, const kam__json *v, int lenient,
                          kam_error *err)
{
    import_spec *s = NULL;
    const char *name = NULL;
    KAM__TRY(doc_add(&s, m, arena, v, err));
    s->heading = v->key;
    int plain = v->type == KAM__J_STRING;
    const kam__json *field = plain ? v : kam__json_get(v, "field");
    if (!plain && v->type != KAM__J_OBJECT)
        return kam__json_fail(v, KAM_E_TYPE, err, "a column is mapped to \"field\" or {\"field\": ...}");
    if (!plain) KAM__TRY(kam__json_known(v, doc_spec_members, KAM__LEN(doc_spec_members), err));
    if (!field) return kam__json_fail(v, KAM_E_POLICY, err, "field is missing");
    KAM__TRY(kam__json_str(&name, field, "field", err));
    KAM__TRY(doc_field(s, m, kind, field, name, strlen(name), lenient, err));
    if (!plain) KAM__TRY(doc_written(s, v, s->index == IMPORT_NONE ? NULL : &kind->field[s->index], err));
    m->n++;
    return KAM_OK;
}

static int32_t doc_constant(import_map *m, kam__arena *arena, const kam__kind *kind, const kam__json *v, int lenient,
                            kam_error *err)
{
    import_spec *s = NULL;
    KAM__TRY(doc_add(&s, m, arena, v, err));
    KAM__TRY(doc_field(s, m, kind, v, v->key, v->key_len, lenient, err));
    switch (v->type) {
    case KAM__J_STRING: KAM__TRY(kam__json_str(&s->constant, v, v->key, err)); break;
    case KAM__J_NUMBER: s->constant = v->text; break;
    case KAM__J_TRUE: s->constant = "true"; break;
    case KAM__J_FALSE: s->constant = "false"; break;
    default: return kam__json_fail(v, KAM_E_TYPE, err, "a constant is a text, a number, true or false");
    }
    m->n++;
    return KAM_OK;
}

static int32_t doc_ext_id(import_map *m, kam__arena *arena, const kam__kind *kind, const kam__json *v, kam_error *err)
{
    import_spec *s = NULL;
    KAM__TRY(doc_add(&s, m, arena, v, err));
    s->index = kam__kind_index(kind, KAM_EXT_ID);
    if (s->index == UINT32_MAX) return kam__json_fail(v, KAM_E_POLICY, err, "%s has no ext_id", kind->name);
    KAM__TRY(doc_free_field(m, v, s, "ext_id", err));
    KAM__TRY(doc_headings(s->part, &s->npart, v, 1, IMPORT_PARTS, "ext_id", err));
    m->n++;
    return KAM_OK;
}

static int32_t doc_kind(const kam__kind *kind, const kam__json *body, kam_error *err)
{
    const kam__json *v = kam__json_get(body, "kind");
    const char *name = NULL;
    if (!v) return KAM_OK;
    KAM__TRY(kam__json_str(&name, v, "kind", err));
    if (kam__text_same(name, kind->name)) return KAM_OK;
    return kam__json_fail(v, KAM_E_POLICY, err, "this mapping is for kind \"%s\", not for %s", name, kind->name);
}

int32_t kam__import_map(import_map *out, kam__arena *arena, const kam__kind *kind, const kam__json *body, int lenient,
                        kam_error *err)
{
    const kam__json *columns = kam__json_get(body, "columns"), *constants = kam__json_get(body, "constants");
    const kam__json *ext_id = kam__json_get(body, "ext_id");
    memset(out, 0, sizeof *out);
    if (body->type != KAM__J_OBJECT) return kam__json_fail(body, KAM_E_TYPE, err, "a mapping is a JSON object");
    KAM__TRY(kam__json_known(body, doc_members, KAM__LEN(doc_members), err));
    KAM__TRY(doc_kind(kind, body, err));
    if (!columns || columns->type != KAM__J_OBJECT || !columns->n)
        return kam__json_fail(columns ? columns : body, KAM_E_POLICY, err,
                              "columns is an object {\"<heading>\": \"<field>\"}");
    for (const kam__json *v = columns->child; v; v = v->next) KAM__TRY(doc_column(out, arena, kind, v, lenient, err));
    if (constants && constants->type != KAM__J_OBJECT)
        return kam__json_fail(constants, KAM_E_TYPE, err, "constants is an object {\"<field>\": value}");
    for (const kam__json *v = constants ? constants->child : NULL; v; v = v->next)
        KAM__TRY(doc_constant(out, arena, kind, v, lenient, err));
    return ext_id ? doc_ext_id(out, arena, kind, ext_id, err) : KAM_OK;
}

int32_t kam__mapping_check(kam_ctx *ctx, const kam__json *body, kam_error *err)
{
    const kam__json *v = kam__json_get(body, "kind");
    const char *name = NULL;
    import_map map;
    kam__arena arena;
    if (body->type != KAM__J_OBJECT) return kam__json_fail(body, KAM_E_TYPE, err, "a mapping is a JSON object");
    if (!v) return kam__json_fail(body, KAM_E_POLICY, err, "kind is missing: the kind of record the mapping is for");
    KAM__TRY(kam__json_str(&name, v, "kind", err));
    const kam__kind *kind = kam__builtin_kind_by_name(name, strlen(name));
    if (!kind || (kind->cls != KAM_C_ENTITY && kind->cls != KAM_C_FACT && kind->cls != KAM_C_EVENT))
        return kam__json_fail(v, KAM_E_POLICY, err, "there is no kind \"%s\" to import", name);
    kam__arena_init(&arena, ctx, 0);
    int32_t rc = kam__import_map(&map, &arena, kind, body, 1, err);
    kam__arena_free(&arena);
    return rc;
}
