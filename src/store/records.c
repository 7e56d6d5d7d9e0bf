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

int32_t kam_book_find(int64_t *out, kam_book *book, uint32_t kind, const char *source, const char *ext_id, size_t len, kam_error *err)
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
        rc = kam__fail(err, KAM_E_NOT_FOUND, "there is no %s with the key \"%.*s\" of source \"%s\"", k->name, (int)(len < 80 ? len : 80),
                       ext_id, source ? source : "");
    if (rc == KAM_OK) rc = kam__record_new(&r, book->schema, kind, err);
    if (rc == KAM_OK) rc = kam__read_one(r, book, id, KAM_TODAY, err);      /* deleted, or not known yet then */
    if (rc == KAM_OK) *out = kam_record_i64(r, KAM_ID, id);
    kam_record_free(r);
    return kam__txn_leave(&call, rc, err);
}

/* A custom field becomes a column, and every record made from now on has it. */
static int32_t records_new_field(kam_book *b, kam_record *r, int what, kam_error *err)
{
    kam_book *home = kam__book_home(b);
    if (what == KAM__SAVED_SAME) return KAM_OK;
    KAM__TRY(kam__book_reload_schema(home, err));
    return r->kind->id == KAM_KIND_FIELD && what == KAM__SAVED_NEW ? kam__db_prepare(&home->db, KAM_PREPARE_UPGRADE, err) : KAM_OK;
}

int32_t kam__save_any(int *what, kam_book *book, kam_record *r, const uint8_t *mask, kam_error *err)
{
    uint32_t kind = r->kind->id;
    if (kind == KAM_KIND_FIELD && !kam_record_i64(r, KAM_FIELD_FIELD, 0)) {
        int64_t id = 0;
        KAM__TRY(kam__txn_ids(&id, book, KAM__KIND_META, 1, err));      /* the counter of custom field ids */
        kam__record_put_i64(r, kam__kind_index(r->kind, KAM_FIELD_FIELD), 65536 + id);
    }
    KAM__TRY(kam__save(what, book, r, mask, err));
    return kind == KAM_KIND_FIELD || kind == KAM_KIND_CURRENCY ? records_new_field(book, r, *what, err) : KAM_OK;
}

/* Works on a copy, so that a failed save leaves the caller's record as it was. */
int32_t kam_book_save(kam_book *book, kam_record *record, kam_error *err)
{
    KAM__TRY(kam__book_ready(book, err));
    if (!record) return kam__null_arg(err, "record");
    if (!kam__book_kind(book, record->kind->id, err)) return KAM_E_INVAL;
    kam_record *work = NULL;
    int what = 0;
    kam__call call;
    KAM__TRY(kam__record_clone(&work, record, err));
    int32_t rc = kam__txn_enter(&call, book, KAM_BEGIN_WRITE, err);
    if (rc == KAM_OK) rc = kam__txn_leave(&call, kam__save_any(&what, book, work, NULL, err), err);
    if (rc == KAM_OK) {
        kam__record_take(record, work);
        work = NULL;
        uint32_t reason = kam__kind_index(record->kind, KAM_REASON);
        if (reason != UINT32_MAX && record->kind->cls == KAM_C_ENTITY) kam__record_put_null(record, reason);
    }
    kam_record_free(work);
    return rc;
}

static int32_t records_delete(kam_book *book, const kam__kind *k, int64_t id, int64_t rev, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, book->schema, k->id, err));
    int32_t rc = kam__read_one(r, book, id, KAM_TODAY, err);
    if (rc == KAM_OK && rev && kam_record_i64(r, KAM_REV, 0) != rev)
        rc = kam__fail(err, KAM_E_CONFLICT, "%s %lld was changed meanwhile: rev %lld is now %lld", k->name, (long long)id, (long long)rev,
                       (long long)kam_record_i64(r, KAM_REV, 0));
    if (rc == KAM_OK) rc = kam__delete(book, r, err);
    kam_record_free(r);
    return rc;
}

int32_t kam_book_delete(kam_book *book, uint32_t kind, int64_t id, int64_t rev, kam_error *err)
{
    KAM__TRY(kam__book_ready(book, err));
    const kam__kind *k = kam__book_kind(book, kind, err);
    if (!k) return KAM_E_INVAL;
    if (k->cls != KAM_C_ENTITY)
        return kam__fail(err, KAM_E_UNSUPPORTED, "a %s cannot be deleted: facts are ended, events corrected, runs undone", k->name);
    kam__call call;
    KAM__TRY(kam__txn_enter(&call, book, KAM_BEGIN_WRITE, err));
    return kam__txn_leave(&call, records_delete(book, k, id, rev, err), err);
}
