/*
 * store/schema_book.c - the schema as callers of a book ask for it: an empty record, a field by its name, all fields as
 * a list, DDL.
 */
#include "store.h"

int32_t kam_record_new(kam_record **out, kam_book *book, uint32_t kind, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    /* for a score of the host's own figures */
    if (kind != KAM_KIND_ATTRIBUTES && !kam__book_kind(book, kind, err)) return KAM_E_INVAL;
    return kam__record_new(out, book->schema, kind, err);
}

/* Computed kinds have fields too; only the library's own tables are nobody's business. */
int32_t kam_field_find(uint32_t *out, kam_book *book, uint32_t kind, const char *name, kam_error *err)
{
    const kam__field *f = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!name) return kam__null_arg(err, "name");
    KAM__TRY(kam__book_ready(book, err));
    const kam__kind *k = kam__schema_kind(book->schema, kind);
    if (!k || k->cls == KAM__C_OWN) return kam__fail(err, KAM_E_INVAL, "there is no kind %u; use a KAM_KIND_", kind);
    KAM__TRY(kam__field_by_name(&f, k, name, KAM_NUL, err));
    *out = f->id;
    return KAM_OK;
}

static int32_t sbook_describe(kam__rowset *set, kam_record *r, kam__schema *schema, kam_error *err)
{
    uint32_t n = 0;
    const kam__kind *builtin = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) {
        const kam__kind *k = kam__schema_kind(schema, builtin[i].id);
        for (uint32_t f = 0; k->cls != KAM__C_OWN && f < k->nfield; f++) {
            KAM__TRY(kam__field_describe(r, k, &k->field[f], err));
            KAM__TRY(kam__rowset_add_record(set, r, err));
        }
    }
    kam__rowset_seal(set);
    return KAM_OK;
}

int32_t kam_schema_rows(kam_rows **out, kam_book *book, kam_error *err)
{
    static const uint32_t field[] = {KAM_FIELD_KIND,     KAM_FIELD_FIELD,  KAM_FIELD_NAME,  KAM_FIELD_TYPE,
                                     KAM_FIELD_SCALE,    KAM_FIELD_UNIT,   KAM_FIELD_FLAGS, KAM_FIELD_LABEL_EN,
                                     KAM_FIELD_LABEL_ZH, KAM_FIELD_REFERS, KAM_FIELD_VALUES};
    kam__rowset *set = NULL;
    kam_record *r = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__rowset_new(&set, book->schema, KAM_KIND_FIELD, field, KAM__LEN(field), err));
    int32_t rc = kam__record_new(&r, book->schema, KAM_KIND_FIELD, err);
    if (rc == KAM_OK) rc = sbook_describe(set, r, book->schema, err);
    if (rc == KAM_OK) rc = kam__rows_of_set(out, book, set, 0, 0, err);
    kam_record_free(r);
    kam__rowset_drop(set);
    return rc;
}

int32_t kam_schema_ddl(kam_buf *out, kam_ctx *ctx, const char *dialect, kam_error *err)
{
    (void)ctx;                              /* the built-in schema is the same everywhere */
    if (!out) return kam__null_arg(err, "out");
    size_t old = out->size;
    out->failed = KAM_OK;
    KAM__TRY(kam__ddl(out, NULL, dialect, err));            /* adds behind what is there, which stays if it fails */
    memmove(out->data, out->data + old, out->size - old + 1);
    out->size -= old;
    return KAM_OK;
}
