/*
 * store/records.c - the public calls for single records: get, find, save, delete.
 */
#include "store.h"

int32_t kam_book_get(kam_record **out, kam_book *book, uint32_t kind, int64_t id, int32_t as_of, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!kam__book_kind(book, kind, err)) return KAM_E_INVAL;
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, book->schema, kind, err));
    int32_t rc = kam__read_one(r, book, id, as_of, err);
    if (rc != KAM_OK) {
        kam_record_free(r);
        return rc;
    }
    *out = r;
    return KAM_OK;
}

int32_t kam_book_find(int64_t *out, kam_book *book, uint32_t kind, const char *source, const char *ext_id, size_t len,
                      kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    const kam__kind *k = kam__book_kind(book, kind, err);
    if (!k) return KAM_E_INVAL;
    if (!ext_id) return kam__null_arg(err, "ext_id");
    KAM__TRY(kam__text_in(book->ctx, ext_id, &len, err));
    kam__call call;
    kam_record *r = NULL;
    int64_t id = 0;
    KAM__TRY(kam__txn_enter(&call, book, KAM_BEGIN_READ, err));
    int32_t rc = kam__read_key(&id, book, kind, source, ext_id, len, err);
    if (rc == KAM_OK && !id)
        rc = kam__fail(err, KAM_E_NOT_FOUND, "there is no %s with the key \"%.*s\" of source \"%s\"", k->name,
                       (int)(len < 80 ? len : 80), ext_id, source ? source : "");
    if (rc == KAM_OK) rc = kam__record_new(&r, book->schema, kind, err);
    if (rc == KAM_OK) rc = kam__read_one(r, book, id, KAM_TODAY, err);      /* deleted, or not known yet then */
    if (rc == KAM_OK) id = kam_record_i64(r, KAM_ID, id);
    kam_record_free(r);
    KAM__TRY(kam__txn_leave(&call, rc, err));
    *out = id;
    return KAM_OK;
}

/* A custom field becomes a column, and every record made from now on has it. */
static int32_t records_new_field(kam_book *b, kam_record *r, int what, kam_error *err)
{
    kam_book *home = kam__book_home(b);
    if (what == KAM__SAVED_SAME) return KAM_OK;
    KAM__TRY(kam__book_reload_schema(home, err));
    return r->kind->id == KAM_KIND_FIELD && what == KAM__SAVED_NEW
               ? kam__db_prepare(&home->db, KAM_PREPARE_UPGRADE, err)
               : KAM_OK;
}

int32_t kam__save_any(int *what, kam_book *book, kam_record *r, const uint8_t *mask, kam_error *err)
{
    uint32_t kind = r->kind->id;
    KAM__TRY(kam__save(what, book, r, mask, err));
    return kind == KAM_KIND_FIELD || kind == KAM_KIND_CURRENCY ? records_new_field(book, r, *what, err) : KAM_OK;
}

/* Is it the same field, after the book's schema was loaded again? */
static int records_same_field(const kam__field *a, const kam__field *b)
{
    return a && b && a->id == b->id && a->logic == b->logic && a->scale == b->scale && kam__text_same(a->name, b->name);
}

/* A copy in the book's schema of now. `meant`: fields that the record's own schema has. SCHEMA: it holds a value of a
 * field that is gone, because the transaction that made the field was rolled back. */
static int32_t records_today(kam_record **out, uint8_t meant[160], kam_book *b, const kam_record *r, kam_error *err)
{
    const kam__kind *now = kam__schema_kind(b->schema, r->kind->id);
    for (uint32_t i = r->kind->nbuiltin; i < r->kind->nfield; i++) {
        const kam__field *f = &r->kind->field[i];
        if (r->cell[i].state == KAM__CELL_NONE || records_same_field(f, kam__kind_field(now, f->id))) continue;
        return kam__field_error(
            err, kam__fail(err, KAM_E_SCHEMA, "the book has no such field any more: make the record anew"), r->kind, f);
    }
    for (uint32_t i = 0; i < now->nfield && i < 160; i++)
        meant[i] = i < now->nbuiltin || records_same_field(&now->field[i], kam__kind_field(r->kind, now->field[i].id));
    KAM__TRY(kam__record_new(out, b->schema, r->kind->id, err));
    int32_t rc = kam__record_copy(*out, r, err);
    if (rc == KAM_OK) return KAM_OK;
    kam_record_free(*out);
    *out = NULL;
    return rc;
}

/* Saves a copy, so that a failed save leaves the caller's record as it was. *back: what the caller's record becomes,
 * made while it may still fail. Found by its key, a record means the fields it has; by id all fields its schema
 * knew. */
static int32_t records_save(kam_record *back, kam_book *b, const kam_record *record, kam_error *err)
{
    uint8_t meant[160];
    int what = 0;
    kam_record *work = NULL;
    KAM__TRY(records_today(&work, meant, b, record, err));
    int by_id = kam_record_i64(record, KAM_ID, 0) != 0 && record->kind->cls == KAM_C_ENTITY;
    int32_t rc = kam__save_any(&what, b, work, by_id ? meant : NULL, err);
    if (rc == KAM_OK) rc = kam__record_copy(back, work, err);
    kam_record_free(work);
    return rc;
}

int32_t kam_book_save(kam_book *book, kam_record *record, kam_error *err)
{
    KAM__TRY(kam__book_ready(book, err));
    if (!record) return kam__null_arg(err, "record");
    if (!kam__book_kind(book, record->kind->id, err)) return KAM_E_INVAL;
    kam_record *back = NULL;
    kam__call call;
    KAM__TRY(kam__record_clone(&back, record, err));
    int32_t rc = kam__txn_enter(&call, book, KAM_BEGIN_WRITE, err);
    if (rc == KAM_OK) rc = kam__txn_leave(&call, records_save(back, book, record, err), err);
    if (rc == KAM_OK) {
        kam__record_take(record, back);
        back = NULL;
        uint32_t reason = kam__kind_index(record->kind, KAM_REASON);
        if (reason != UINT32_MAX && record->kind->cls == KAM_C_ENTITY) kam__record_put_null(record, reason);
    }
    kam_record_free(back);
    return rc;
}

static int32_t records_delete(kam_book *book, const kam__kind *k, int64_t id, int64_t rev, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, book->schema, k->id, err));
    int32_t rc = kam__read_one(r, book, id, KAM_TODAY, err);
    if (rc == KAM_OK && rev && kam_record_i64(r, KAM_REV, 0) != rev)
        rc = kam__fail(err, KAM_E_CONFLICT, "%s %lld was changed meanwhile: rev %lld is now %lld", k->name,
                       (long long)id, (long long)rev, (long long)kam_record_i64(r, KAM_REV, 0));
    if (rc == KAM_OK) rc = kam__delete(book, r, err);
    kam_record_free(r);
    return rc;
}

int32_t kam_book_delete(kam_book *book, uint32_t kind, int64_t id, int64_t rev, kam_error *err)
{
    KAM__TRY(kam__book_ready(book, err));
    const kam__kind *k = kam__book_kind(book, kind, err);
    if (!k) return KAM_E_INVAL;
    if (kind == KAM_KIND_FIELD || kind == KAM_KIND_CURRENCY)
        return kam__fail(err, KAM_E_UNSUPPORTED, "a %s is not deleted: what is stored needs it to be read", k->name);
    if (k->cls != KAM_C_ENTITY)
        return kam__fail(err, KAM_E_UNSUPPORTED,
                         "a %s cannot be deleted: facts are ended, events corrected, runs undone", k->name);
    kam__call call;
    KAM__TRY(kam__txn_enter(&call, book, KAM_BEGIN_WRITE, err));
    return kam__txn_leave(&call, records_delete(book, k, id, rev, err), err);
}
