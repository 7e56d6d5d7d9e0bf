/*
 * store/save.c - one record into the store: what it means follows from the class of its kind.
 *
 * An entity is compared with the row as it stands: only fields that differ are written, and each leaves a CHANGE row
 * with the old and the new value. A record without id is found by its (source, ext_id): then the fields it has are
 * meant, the others stay. Facts and events go to facts.c and events.c.
 */
#include "db.h"

/* ---------------------------------------------------------------- inserting whole records */

/* Has the table a column for it? All have, but for virtual fields and those a mapped table of the host leaves out. */
static int has_column(kam_book *b, const kam__kind *k, const kam__field *f)
{
    const kam__db *db = &kam__book_home(b)->db;
    if (f->flags & KAM__F_VIRTUAL) return 0;
    return !db->store->nmap || kam__table_field(kam__db_table(db, k->id), f->id);
}

/* What the host's table has no column for cannot be kept. The library's own numbers are not asked for. */
static int32_t check_column(kam_book *b, const kam__kind *k, const kam__field *f, kam_error *err)
{
    int own = (f->flags & (KAM__F_COMMON | KAM__F_VIRTUAL)) && f->id != KAM_SOURCE && f->id != KAM_EXT_ID &&
              f->id != KAM__DELETED_SEQ;
    if (own || has_column(b, k, f)) return KAM_OK;
    return kam__field_error(err, kam__fail(err, KAM_E_UNSUPPORTED, "the host's table has no column for it: map one"), k,
                            f);
}

/* The stored columns of a kind. */
static int32_t init_columns(kam__blockbuf *bb, kam_book *b, const kam__kind *k, kam_error *err)
{
    uint32_t field[160], n = 0;
    uint8_t type[160];
    for (uint32_t i = 0; i < k->nfield && n < 160; i++) {
        if (!has_column(b, k, &k->field[i])) continue;
        field[n] = k->field[i].id;
        type[n++] = k->field[i].type;
    }
    return kam__bb_init(bb, b->ctx, n, field, type, err);
}

int32_t kam__insert_record(kam_book *b, kam_record *r, kam_error *err)
{
    kam__blockbuf bb;
    kam_block block;
    int64_t seq = 0, id = 0;
    for (uint32_t i = 0; i < r->kind->nfield; i++)
        if (r->cell[i].state == KAM__CELL_VALUE) KAM__TRY(check_column(b, r->kind, &r->kind->field[i], err));
    KAM__TRY(kam__txn_seq(&seq, b, err));
    if (!kam__record_has(r, KAM_ID)) {
        KAM__TRY(kam__txn_ids(&id, b, r->kind->id, 1, err));
        kam__record_put_num(r, KAM_ID, id);
    }
    if (!kam__record_has(r, KAM_SEQ)) kam__record_put_num(r, KAM_SEQ, seq);
    if (!kam__record_has(r, KAM_REV)) kam__record_put_num(r, KAM_REV, 1);
    KAM__TRY(init_columns(&bb, b, r->kind, err));
    kam__record_store(r, &bb);
    int32_t rc = kam__bb_end_row(&bb, err);
    if (rc == KAM_OK) {
        kam__bb_view(&bb, &block);
        rc = kam__db_write(&kam__book_home(b)->db, r->kind->id, KAM_WRITE_INSERT, &block, err);
    }
    kam__bb_free(&bb);
    return rc;
}

int32_t kam__insert_set(kam_book *b, const kam__rowset *s, uint32_t run_field, int64_t run, kam_error *err)
{
    kam__blockbuf bb;
    const kam__kind *k = kam__schema_kind(b->schema, s->kind);
    int64_t seq = 0, id = 0;
    if (!s->nrow) return KAM_OK;
    KAM__TRY(kam__txn_seq(&seq, b, err));
    KAM__TRY(kam__txn_ids(&id, b, s->kind, (uint32_t)s->nrow, err));
    KAM__TRY(init_columns(&bb, b, k, err));
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < s->nrow && rc == KAM_OK; i++) {
        const kam__blockbuf *from = NULL;
        uint32_t row = 0;
        kam__rowset_at(s, i, &from, &row);
        for (uint32_t c = 0; c < bb.ncol; c++) {
            uint32_t field = bb.col[c].field, at = kam__rowset_col(s, field);
            if (field == KAM_ID) kam__bb_i64(&bb, c, id);
            else if (field == KAM_SEQ) kam__bb_i64(&bb, c, seq);
            else if (field == run_field) kam__bb_i64(&bb, c, run);
            else if (at != UINT32_MAX) kam__bb_copy(&bb, c, &from->view[at], row);
        }
        rc = kam__bb_end_row(&bb, err);
        if (rc == KAM_OK) rc = kam__txn_touch(b, s->kind, id++, KAM_TOUCH_INSERT, err);
        if (rc == KAM_OK && (kam__bb_full(&bb) || i + 1 == s->nrow)) {
            kam_block block;
            kam__bb_view(&bb, &block);
            rc = kam__db_write(&kam__book_home(b)->db, s->kind, KAM_WRITE_INSERT, &block, err);
            kam__bb_clear(&bb);
        }
    }
    kam__bb_free(&bb);
    return rc;
}

/* ---------------------------------------------------------------- references */

static int32_t resolve_key(int64_t *out, kam_book *b, const kam__field *f, const char *source, const char *key,
                           kam_error *err)
{
    int64_t id = 0;
    KAM__TRY(kam__read_key(&id, b, f->ref, source, key, strlen(key), err));
    *out = id;
    if (id) return KAM_OK;
    const kam__kind *k = kam__builtin_kind(f->ref);
    return kam__fail(err, KAM_E_NOT_FOUND, "%s: there is no %s with the key \"%s\"%s%s%s", f->name,
                     k ? k->name : "record", key, source && source[0] ? " of source \"" : "", source ? source : "",
                     source && source[0] ? "\"" : "");
}

static int32_t check_ref(kam_book *b, const kam__field *f, int64_t id, kam_error *err)
{
    const kam__kind *k = kam__schema_kind(b->schema, f->ref);
    kam_pred p;
    kam__pred mem;
    int found = 0;
    if (!k) return KAM_OK;
    kam__pred_i64(&p, &mem, &k->field[0], KAM_OP_EQ, id);
    /* a corrected event is still that event */
    KAM__TRY(kam__read_exists(&found, b, f->ref, &p, 1, KAM__READ_REPLACED, err));
    return found ? KAM_OK
                 : kam__fail(err, KAM_E_NOT_FOUND, "%s: there is no %s with id %lld", f->name, k->name, (long long)id);
}

static int32_t resolve_ref(kam_book *b, kam_record *r, const kam_record *old, uint32_t i, const char *source,
                           kam_error *err)
{
    const kam__field *f = &r->kind->field[i];
    const char *from = NULL, *key = NULL;
    int64_t id = 0;
    if (!kam__record_key(r, i, &from, &key))
        return old && kam__record_same(old, r, i) ? KAM_OK : check_ref(b, f, r->cell[i].v.i, err);
    KAM__TRY(resolve_key(&id, b, f, from && from[0] ? from : source, key, err));
    kam__record_put_i64(r, i, id);
    return KAM_OK;
}

static int32_t resolve_refs(kam_book *b, kam_record *r, const kam_record *old, const char *source, kam_error *err)
{
    for (uint32_t i = 0; i < r->kind->nfield; i++) {
        if (r->kind->field[i].logic != KAM__L_REF || r->cell[i].state == KAM__CELL_NONE) continue;
        int32_t rc = resolve_ref(b, r, old, i, source, err);
        if (rc == KAM_OK) continue;
        kam__err_set(err, KAM_ERR_KIND, r->kind->id);
        kam__err_set(err, KAM_ERR_FIELD, r->kind->field[i].id);
        return rc;
    }
    return KAM_OK;
}

int32_t kam__save_resolve(kam_book *b, kam_record *r, const char *source, kam_error *err)
{
    return resolve_refs(b, r, NULL, source, err);
}

int32_t kam__save_refs(kam_book *b, kam_record *r, const kam_record *old, kam_error *err)
{
    return resolve_refs(b, r, old, kam_record_text(r, KAM_SOURCE, NULL), err);
}

/* ---------------------------------------------------------------- entities */

/* Money of which no currency is known is written with two decimals, as undo.c reads it. */
static int32_t put_change_text(kam_record *c, uint32_t field, const kam_record *r, uint32_t index, kam_error *err)
{
    char number[48];
    const char *text = kam_record_text(r, r->kind->field[index].id, NULL);
    if (!text && r->cell[index].state == KAM__CELL_VALUE) {
        kam__value_format(number, &r->kind->field[index], 2, r->cell[index].v.i, 0);
        text = number;
    }
    return text ? kam__record_put_text(c, kam__kind_index(c->kind, field), text, strlen(text), err) : KAM_OK;
}

static int32_t write_change(kam_book *b, const kam_record *old, const kam_record *r, uint32_t index, kam_error *err)
{
    kam_record *c = NULL;
    KAM__TRY(kam__record_new(&c, b->schema, KAM_KIND_CHANGE, err));
    kam__record_put_num(c, KAM_CHANGE_KIND, r->kind->id);
    kam__record_put_num(c, KAM_CHANGE_RECORD, kam__record_num(r, KAM_ID, 0));
    kam__record_put_num(c, KAM_CHANGE_FIELD, r->kind->field[index].id);
    int32_t rc = put_change_text(c, KAM_CHANGE_OLD, old, index, err);
    if (rc == KAM_OK) rc = put_change_text(c, KAM_CHANGE_NEW, r, index, err);
    const char *reason = kam_record_text(r, KAM_REASON, NULL);
    if (rc == KAM_OK && reason)
        rc = kam__record_put_text(c, kam__kind_index(c->kind, KAM_REASON), reason, strlen(reason), err);
    if (rc == KAM_OK) rc = kam__insert_record(b, c, err);
    kam_record_free(c);
    return rc;
}

static int is_own_field(const kam__field *f)
{
    if (f->flags & KAM__F_VIRTUAL) return 0;
    return !(f->flags & KAM__F_COMMON) || f->id == KAM_SOURCE || f->id == KAM_EXT_ID || f->id == KAM__DELETED_SEQ;
}

/* Money in another currency is another value, though its minor units be the same: the history reads the old one with
 * its decimals. */
static int save_differs(const kam_record *old, const kam_record *r, uint32_t i)
{
    if (!kam__record_same(old, r, i)) return 1;
    return r->kind->field[i].logic == KAM__L_MONEY && r->cell[i].state == KAM__CELL_VALUE
        && kam__record_decimals(old) != kam__record_decimals(r);
}

/* Writes the fields of `r` that differ from `old`; returns how many in *n. */
static int32_t write_differences(uint32_t *n, kam_book *b, const kam_record *old, kam_record *r, kam_error *err)
{
    uint32_t field[160], count = 0;
    uint8_t type[160];
    field[count] = KAM_ID, type[count++] = KAM_T_I64;
    field[count] = KAM_REV, type[count++] = KAM_T_I64;
    for (uint32_t i = 0; i < r->kind->nfield && count < 160; i++) {
        if (!is_own_field(&r->kind->field[i]) || !save_differs(old, r, i)) continue;
        KAM__TRY(check_column(b, r->kind, &r->kind->field[i], err));
        field[count] = r->kind->field[i].id;
        type[count++] = r->kind->field[i].type;
    }
    *n = count - 2;
    if (count == 2) return KAM_OK;
    kam__blockbuf bb;
    kam_block block;
    int64_t seq = 0;
    KAM__TRY(kam__txn_seq(&seq, b, err));
    KAM__TRY(kam__bb_init(&bb, b->ctx, count, field, type, err));
    kam__record_put_num(r, KAM_REV, kam__record_num(old, KAM_REV, 0) + 1);
    kam__record_store(r, &bb);
    int32_t rc = kam__bb_end_row(&bb, err);
    if (rc == KAM_OK) {
        kam__bb_view(&bb, &block);
        rc = kam__db_write(&kam__book_home(b)->db, r->kind->id, KAM_WRITE_UPDATE, &block, err);
    }
    kam__bb_free(&bb);
    for (uint32_t c = 2; c < count && rc == KAM_OK; c++)
        rc = write_change(b, old, r, kam__kind_index(r->kind, field[c]), err);
    return rc;
}

/* Fields the caller does not mean keep their old value: into `r` they go. */
static int32_t keep_others(kam_record *r, const kam_record *old, const uint8_t *mask, kam_error *err)
{
    for (uint32_t i = 0; i < r->kind->nfield; i++) {
        const kam__field *f = &r->kind->field[i];
        int common = (f->flags & KAM__F_COMMON) && f->id != KAM_SOURCE && f->id != KAM_EXT_ID && f->id != KAM_REASON;
        if (f->id == KAM__DELETED_SEQ || (!common && (!mask || mask[i]))) continue;
        if (common && f->id != KAM_SEQ && f->id != KAM_ID) continue;
        const kam__cell *c = &old->cell[i];
        if (c->state == KAM__CELL_NONE) kam__record_put_null(r, i);
        else if (f->type == KAM_T_TEXT) {
            size_t len = 0;
            const char *text = kam__record_cell_text(old, i, &len);
            KAM__TRY(kam__record_put_text(r, i, text, len, err));
        } else if (f->type == KAM_T_F64) kam__record_put_f64(r, i, c->v.f);
        else kam__record_put_i64(r, i, c->v.i);
    }
    return KAM_OK;
}

static int32_t save_shown_facts(uint32_t *n, kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    if (r->kind->id != KAM_KIND_ACCOUNT) return KAM_OK;
    for (uint32_t i = 0; i < r->kind->nfield; i++) {
        uint32_t kind = 0, subject = 0, value = 0;
        if (!(r->kind->field[i].flags & KAM__F_VIRTUAL) || r->cell[i].state == KAM__CELL_NONE) continue;
        if (!kam__shown_fact(r->kind->field[i].id, &kind, &subject, &value) || (old && kam__record_same(old, r, i)))
            continue;
        kam_record *fact = NULL;
        int what = 0;
        KAM__TRY(kam__record_new(&fact, b->schema, kind, err));
        kam__record_put_num(fact, subject, kam__record_num(r, KAM_ID, 0));
        kam__record_put_num(fact, value, r->cell[i].v.i);
        const char *reason = kam_record_text(r, KAM_REASON, NULL);
        int32_t rc =
            reason ? kam__record_put_text(fact, kam__kind_index(fact->kind, KAM_REASON), reason, strlen(reason), err)
                   : KAM_OK;
        if (rc == KAM_OK) rc = kam__guard(b, fact, NULL, err);
        if (rc == KAM_OK) rc = kam__fact_put(&what, b, fact, err);
        kam_record_free(fact);
        if (rc != KAM_OK) return rc;
        *n += what != KAM__SAVED_SAME;
    }
    return KAM_OK;
}

/* A custom field gets its number from the book. */
static int32_t number_field(kam_book *b, kam_record *r, kam_error *err)
{
    int64_t n = 0;
    if (r->kind->id != KAM_KIND_FIELD) return KAM_OK;
    KAM__TRY(kam__txn_ids(&n, b, KAM__KIND_META, 1, err));
    kam__record_put_num(r, KAM_FIELD_FIELD, 65536 + n);
    return KAM_OK;
}

static int32_t insert_entity(int *what, kam_book *b, kam_record *r, kam_error *err)
{
    uint32_t n = 0;
    kam__record_put_null(r, kam__kind_index(r->kind, KAM_REV));
    kam__record_put_null(r, kam__kind_index(r->kind, KAM_SEQ));
    kam__record_put_null(r, kam__kind_index(r->kind, KAM__DELETED_SEQ));
    KAM__TRY(kam__record_settle(r, err));
    KAM__TRY(kam__save_refs(b, r, NULL, err));
    KAM__TRY(kam__record_check(r, err));
    KAM__TRY(kam__guard(b, r, NULL, err));
    KAM__TRY(number_field(b, r, err));
    KAM__TRY(kam__insert_record(b, r, err));
    KAM__TRY(save_shown_facts(&n, b, r, NULL, err));
    *what = KAM__SAVED_NEW;
    return kam__txn_touch(b, r->kind->id, kam__record_num(r, KAM_ID, 0), KAM_TOUCH_INSERT, err);
}

static int32_t update_entity(int *what, kam_book *b, kam_record *r, kam_record *old, const uint8_t *mask,
                             kam_error *err)
{
    uint32_t n = 0;
    if (kam__record_has(r, KAM_REV) && kam__record_num(r, KAM_REV, 0) != kam__record_num(old, KAM_REV, 0))
        return kam__fail(err, KAM_E_CONFLICT, "%s %lld was changed meanwhile: rev %lld is now %lld, read it again",
                         r->kind->name, (long long)kam__record_num(old, KAM_ID, 0),
                         (long long)kam__record_num(r, KAM_REV, 0), (long long)kam__record_num(old, KAM_REV, 0));
    KAM__TRY(kam__save_refs(b, r, old, err));
    KAM__TRY(keep_others(r, old, mask, err));
    KAM__TRY(kam__record_settle(r, err));                                   /* with the currency the record has now */
    kam__record_put_null(r, kam__kind_index(r->kind, KAM__DELETED_SEQ));     /* saving a deleted one brings it back */
    kam__record_put_num(r, KAM_REV, kam__record_num(old, KAM_REV, 0));
    KAM__TRY(kam__record_check(r, err));
    KAM__TRY(kam__guard(b, r, old, err));
    KAM__TRY(write_differences(&n, b, old, r, err));
    KAM__TRY(save_shown_facts(&n, b, r, old, err));
    *what = n ? KAM__SAVED_CHANGED : KAM__SAVED_SAME;
    return n ? kam__txn_touch(b, r->kind->id, kam__record_num(r, KAM_ID, 0), KAM_TOUCH_UPDATE, err) : KAM_OK;
}

static int32_t load_old(kam_record **out, kam_book *b, const kam_record *r, int64_t id, kam_error *err)
{
    KAM__TRY(kam__record_new(out, b->schema, r->kind->id, err));
    int32_t rc = kam__read_one_deleted(*out, b, id, err);
    if (rc != KAM_OK) {
        kam_record_free(*out);
        *out = NULL;
    }
    return rc;
}

static int32_t save_entity(int *what, kam_book *b, kam_record *r, const uint8_t *mask, kam_error *err)
{
    int64_t id = kam__record_num(r, KAM_ID, 0);
    int by_key = 0;
    uint8_t meant[160];
    if (!id && kam__record_has(r, KAM_EXT_ID)) {
        const char *ext = kam_record_text(r, KAM_EXT_ID, "");
        KAM__TRY(kam__read_key(&id, b, r->kind->id, kam_record_text(r, KAM_SOURCE, NULL), ext, strlen(ext), err));
        by_key = 1;
    }
    if (!id) return insert_entity(what, b, r, err);
    if (by_key && !mask) {
        for (uint32_t i = 0; i < r->kind->nfield && i < KAM__LEN(meant); i++)
            meant[i] = r->cell[i].state != KAM__CELL_NONE;
        mask = meant;
    }
    kam_record *old = NULL;
    KAM__TRY(load_old(&old, b, r, id, err));
    if (!by_key && kam__record_has(old, KAM__DELETED_SEQ)) {
        kam_record_free(old);
        return kam__fail(err, KAM_E_NOT_FOUND, "%s %lld is deleted", r->kind->name, (long long)id);
    }
    kam__record_put_num(r, KAM_ID, kam__record_num(old, KAM_ID, 0));
    int32_t rc = update_entity(what, b, r, old, mask, err);
    kam_record_free(old);
    return rc;
}

int32_t kam__save(int *what, kam_book *b, kam_record *r, const uint8_t *mask, kam_error *err)
{
    switch (r->kind->cls) {
    case KAM_C_ENTITY: return save_entity(what, b, r, mask, err);
    case KAM_C_FACT:
        KAM__TRY(kam__record_settle(r, err));
        KAM__TRY(kam__save_refs(b, r, NULL, err));
        KAM__TRY(kam__record_check(r, err));
        KAM__TRY(kam__guard(b, r, NULL, err));
        return kam__fact_put(what, b, r, err);
    case KAM_C_EVENT: return kam__event_put(what, b, r, mask, err);
    default:
        return kam__fail(err, KAM_E_UNSUPPORTED, "records of kind %s are written by the library only", r->kind->name);
    }
}

int32_t kam__delete(kam_book *b, kam_record *r, kam_error *err)
{
    kam_record *old = NULL;
    int64_t seq = 0;
    uint32_t n = 0;
    KAM__TRY(kam__txn_seq(&seq, b, err));
    KAM__TRY(kam__record_clone(&old, r, err));
    kam__record_put_num(r, KAM__DELETED_SEQ, seq);
    int32_t rc = write_differences(&n, b, old, r, err);
    kam_record_free(old);
    return rc == KAM_OK ? kam__txn_touch(b, r->kind->id, kam__record_num(r, KAM_ID, 0), KAM_TOUCH_DELETE, err) : rc;
}
