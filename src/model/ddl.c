/*
 * model/ddl.c - the schema told to others: as SQL, and as FIELD records.
 *
 * One table per stored kind, "kam_<kind>", its own fields and the common ones of its class as columns; virtual fields
 * live elsewhere and have none. REQUIRED is NOT NULL, but not for personal data: erasing a person takes the values and
 * keeps the row.
 */
#include "model.h"

typedef struct ddl_dialect { const char *name, *key, *type[5]; } ddl_dialect;      /* type by KAM_T_ */

static const ddl_dialect ddl_dialects[] = {
    {"sqlite", "INTEGER PRIMARY KEY", {"", "INTEGER", "BIGINT", "REAL", "TEXT"}},
    {"postgresql", "BIGINT PRIMARY KEY", {"", "INTEGER", "BIGINT", "DOUBLE PRECISION", "TEXT"}}
};

/* ---------------------------------------------------------------- SQL */

/* An identifier in quotes: a column, a table (with its kind and no name), or an index (with both). */
static void ddl_name(kam_buf *out, const kam__kind *kind, const char *name) {
    kam__buf_char(out, '"');
    if (kind) kam__buf_str(out, "kam_");
    if (kind) kam__buf_str(out, kind->name);
    if (kind && *name) kam__buf_str(out, "_by_");
    for (; *name; name++) {
        if (*name == '"') kam__buf_char(out, '"');
        kam__buf_char(out, *name);
    }
    kam__buf_char(out, '"');
}

static void ddl_column(kam_buf *out, const kam__field *f, const ddl_dialect *d) {
    kam__buf_str(out, "    ");
    ddl_name(out, NULL, f->name);
    kam__buf_char(out, ' ');
    kam__buf_str(out, f->flags & KAM_F_KEY ? d->key : d->type[f->type]);
    if ((f->flags & KAM_F_REQUIRED) && !(f->flags & (KAM_F_PERSONAL | KAM_F_SENSITIVE))) kam__buf_str(out, " NOT NULL");
}

static void ddl_unique(kam_buf *out, const kam__kind *kind) {
    const char *before = ",\n    UNIQUE (";
    for (uint32_t i = 0; i < kind->nfield; i++) {
        if (!(kind->field[i].flags & KAM_F_UNIQUE)) continue;
        kam__buf_str(out, before);
        ddl_name(out, NULL, kind->field[i].name);
        before = ", ";
    }
    if (before[1] == ' ') kam__buf_char(out, ')');
}

static void ddl_table(kam_buf *out, const kam__kind *kind, const ddl_dialect *d) {
    const char *before = "";
    kam__buf_str(out, "CREATE TABLE ");
    ddl_name(out, kind, "");
    kam__buf_str(out, " (\n");
    for (uint32_t i = 0; i < kind->nfield; i++) {
        if (kind->field[i].flags & KAM__F_VIRTUAL) continue;
        kam__buf_str(out, before);
        ddl_column(out, kind->field + i, d);
        before = ",\n";
    }
    ddl_unique(out, kind);
    kam__buf_str(out, "\n);\n");
}

static void ddl_indexes(kam_buf *out, const kam__kind *kind) {
    for (uint32_t i = 0; i < kind->nfield; i++) {
        const kam__field *f = kind->field + i;
        if (!(f->flags & KAM_F_INDEXED) || (f->flags & KAM__F_VIRTUAL)) continue;
        kam__buf_str(out, "CREATE INDEX ");
        ddl_name(out, kind, f->name);
        kam__buf_str(out, " ON ");
        ddl_name(out, kind, "");
        kam__buf_str(out, " (");
        ddl_name(out, NULL, f->name);
        kam__buf_str(out, ");\n");
    }
}

int32_t kam__ddl(kam_buf *out, const kam__schema *schema, const char *dialect, kam_error *err) {
    const ddl_dialect *d = NULL;
    size_t old = out->size;
    uint32_t n;
    const kam__kind *kind = kam__builtin_kinds(&n);
    if (!dialect) return kam__null_arg(err, "dialect");
    for (size_t i = 0; i < KAM__LEN(ddl_dialects); i++)
        if (strcmp(ddl_dialects[i].name, dialect) == 0) d = ddl_dialects + i;
    if (!d) return kam__fail(err, KAM_E_UNSUPPORTED, "no DDL for \"%s\"; there is sqlite and postgresql", dialect);
    for (uint32_t i = 0; i < n; i++) {
        if (kind[i].cls == KAM__C_COMPUTED) continue;
        const kam__kind *k = schema ? kam__schema_kind(schema, kind[i].id) : kind + i;
        ddl_table(out, k, d);
        ddl_indexes(out, k);
    }
    if (!out->failed) return KAM_OK;
    out->failed = KAM_OK;
    out->size = old;
    if (out->data) out->data[old] = '\0';
    return kam__nomem(err);
}

/* ---------------------------------------------------------------- FIELD records */

/* The refinements of a logic are its public type with a fixed scale or check. */
static int64_t ddl_public_type(uint32_t logic) {
    switch (logic) {
    case KAM__L_POINTS: case KAM__L_DEG6: return KAM__L_DECIMAL;
    case KAM__L_CURRENCY: return KAM__L_TEXT;
    default: return logic;
    }
}

static int32_t ddl_put(kam_record *r, uint32_t field, const char *text, kam_error *err) {
    return kam__record_put_text(r, kam__kind_index(r->kind, field), text, KAM_NUL, err);
}

static int32_t ddl_put_values(kam_record *r, const kam__enum_set *set, kam_error *err) {
    kam_buf b;
    kam__buf_init(&b, r->ctx);
    for (uint32_t i = 0; i < set->n; i++) {
        if (i) kam__buf_char(&b, ',');
        kam__buf_str(&b, set->item[i].name);
    }
    int32_t rc = kam__buf_end(&b, err);
    if (rc == KAM_OK) rc = ddl_put(r, KAM_FIELD_VALUES, kam_buf_data(&b), err);
    kam__buf_drop(&b);
    return rc;
}

static int32_t ddl_describe(kam_record *r, const kam__kind *kind, const kam__field *f, kam_error *err) {
    const kam__kind *refers = f->logic == KAM__L_REF ? kam__builtin_kind(f->ref) : NULL;
    kam_record_clear(r);
    KAM__TRY(ddl_put(r, KAM_FIELD_KIND, kind->name, err));
    KAM__TRY(ddl_put(r, KAM_FIELD_NAME, f->name, err));
    KAM__TRY(ddl_put(r, KAM_FIELD_UNIT, f->unit, err));
    KAM__TRY(ddl_put(r, KAM_FIELD_LABEL_EN, f->en, err));
    KAM__TRY(ddl_put(r, KAM_FIELD_LABEL_ZH, f->zh, err));
    if (refers) KAM__TRY(ddl_put(r, KAM_FIELD_REFERS, refers->name, err));
    if (f->set) KAM__TRY(ddl_put_values(r, f->set, err));
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_FIELD_FIELD), f->id);
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_FIELD_TYPE), ddl_public_type(f->logic));
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_FIELD_SCALE), f->scale);
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_FIELD_FLAGS), f->flags & 0xFFFF);
    return KAM_OK;
}

int32_t kam__field_describe(kam_record *out, const kam__kind *kind, const kam__field *field, kam_error *err) {
    kam_record *copy;
    if (out->kind->id != KAM_KIND_FIELD)
        return kam__fail(err, KAM_E_INVAL, "a %s record cannot describe a field", out->kind->name);
    KAM__TRY(kam__record_new(&copy, out->schema, KAM_KIND_FIELD, err));
    int32_t rc = ddl_describe(copy, kind, field, err);
    if (rc == KAM_OK) kam__record_take(out, copy);
    else kam_record_free(copy);
    return rc;
}
