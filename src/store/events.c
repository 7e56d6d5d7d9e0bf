/*
 * store/events.c - events never change: a correction is a new row that replaces the one before it.
 *
 * The row found by id or by (source, ext_id) is compared field by field. The same content is no write at all; other
 * content gets a new id, the next rev and `replaces`. Readers leave replaced rows out, as far as they knew.
 */
#include "store.h"

static int event_own_field(const kam__field *f)
{
    return !(f->flags & (KAM__F_COMMON | KAM__F_VIRTUAL)) || f->id == KAM_SOURCE || f->id == KAM_EXT_ID ||
           f->id == KAM_REASON;
}

static int32_t event_keep(kam_record *r, const kam_record *old, uint32_t i, kam_error *err)
{
    const kam__cell *c = &old->cell[i];
    if (c->state == KAM__CELL_NONE) kam__record_put_null(r, i);
    else if (r->kind->field[i].type == KAM_T_TEXT) {
        size_t len = 0;
        const char *text = kam__record_cell_text(old, i, &len);
        return kam__record_put_text(r, i, text, len, err);
    } else if (r->kind->field[i].type == KAM_T_F64) kam__record_put_f64(r, i, c->v.f);
    else kam__record_put_i64(r, i, c->v.i);
    return KAM_OK;
}

static int32_t event_find(int64_t *id, kam_book *b, const kam_record *r, kam_error *err)
{
    const char *ext = kam_record_text(r, KAM_EXT_ID, NULL);
    *id = kam__record_num(r, KAM_ID, 0);
    if (*id || !ext) return KAM_OK;
    return kam__read_key(id, b, r->kind->id, kam_record_text(r, KAM_SOURCE, NULL), ext, strlen(ext), err);
}

/* The highest rev that ever had this key: rows that were given another key since keep theirs. */
static int32_t on_event_rev(void *user, const kam_block *rows)
{
    int64_t *most = user;
    const kam_col *rev = kam__block_col(rows, KAM_REV);
    for (uint32_t i = 0; i < rows->nrow; i++)
        if (kam__col_i64(rev, i) > *most) *most = kam__col_i64(rev, i);
    return KAM_OK;
}

static int32_t event_last_rev(int64_t *out, kam_book *b, const kam_record *r, kam_error *err)
{
    static const uint32_t field[] = { KAM_REV };
    kam_pred p[2];
    kam__pred mem[2];
    const char *source = kam_record_text(r, KAM_SOURCE, NULL), *ext = kam_record_text(r, KAM_EXT_ID, NULL);
    /* only whole keys are unique in the store */
    if (!source || !ext) return KAM_OK;
    kam__pred_text(&p[0], &mem[0], kam__kind_field(r->kind, KAM_EXT_ID), KAM_OP_EQ, ext, strlen(ext));
    kam__pred_text(&p[1], &mem[1], kam__kind_field(r->kind, KAM_SOURCE), KAM_OP_EQ, source, strlen(source));
    kam__read q = { .scan = { .kind = r->kind->id, .field = field, .nfield = 1, .pred = p, .npred = 2, .any_order = 1 },
                    .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES | KAM__READ_REPLACED };
    return kam__read_rows(b, &q, on_event_rev, out, err);
}

static int32_t event_insert(kam_book *b, kam_record *r, int64_t replaces, int64_t rev, kam_error *err)
{
    int64_t last = rev - 1;
    KAM__TRY(kam__record_check(r, err));
    KAM__TRY(event_last_rev(&last, b, r, err));
    kam__record_put_null(r, kam__kind_index(r->kind, KAM_ID));
    kam__record_put_null(r, kam__kind_index(r->kind, KAM_SEQ));
    if (replaces) kam__record_put_num(r, KAM__REPLACES, replaces);
    else kam__record_put_null(r, kam__kind_index(r->kind, KAM__REPLACES));
    kam__record_put_num(r, KAM_REV, last + 1);
    KAM__TRY(kam__insert_record(b, r, err));
    return kam__txn_touch(b, r->kind->id, kam__record_num(r, KAM_ID, 0), replaces ? KAM_TOUCH_UPDATE : KAM_TOUCH_INSERT,
                          err);
}

/* A correction may name another key, but not that of another event. */
static int32_t event_check_key(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    int64_t id = 0;
    const char *ext = kam_record_text(r, KAM_EXT_ID, NULL);
    if (!ext || (kam__text_same(ext, kam_record_text(old, KAM_EXT_ID, NULL)) &&
                 kam__text_same(kam_record_text(r, KAM_SOURCE, ""), kam_record_text(old, KAM_SOURCE, ""))))
        return KAM_OK;
    KAM__TRY(kam__read_key(&id, b, r->kind->id, kam_record_text(r, KAM_SOURCE, NULL), ext, strlen(ext), err));
    if (!id) return KAM_OK;
    return kam__field_error(
        err,
        kam__fail(err, KAM_E_EXISTS, "\"%s\" is the key of another %s (id %lld)", ext, r->kind->name, (long long)id),
        r->kind, kam__kind_field(r->kind, KAM_EXT_ID));
}

static int32_t event_correct(int *what, kam_book *b, kam_record *r, const kam_record *old, const uint8_t *mask,
                             kam_error *err)
{
    int same = 1;
    if (kam__record_num(r, KAM_REV, 0) && kam__record_num(r, KAM_REV, 0) != kam__record_num(old, KAM_REV, 0))
        return kam__fail(err, KAM_E_CONFLICT, "%s %lld was corrected meanwhile: read it again", r->kind->name,
                         (long long)kam__record_num(old, KAM_ID, 0));
    KAM__TRY(kam__save_refs(b, r, old, err));
    for (uint32_t i = 0; i < r->kind->nfield; i++)
        if (mask && !mask[i] && event_own_field(&r->kind->field[i])) KAM__TRY(event_keep(r, old, i, err));
    KAM__TRY(kam__record_settle(r, err));                                   /* with the currency the event has now */
    for (uint32_t i = 0; i < r->kind->nfield; i++)
        if (event_own_field(&r->kind->field[i]) && r->kind->field[i].id != KAM_REASON && !kam__record_same(old, r, i))
            same = 0;
    KAM__TRY(kam__guard(b, r, old, err));
    KAM__TRY(event_check_key(b, r, old, err));
    if (!same) {
        *what = KAM__SAVED_CORRECTED;
        return event_insert(b, r, kam__record_num(old, KAM_ID, 0), kam__record_num(old, KAM_REV, 0) + 1, err);
    }
    *what = KAM__SAVED_SAME;
    kam__record_put_num(r, KAM_ID, kam__record_num(old, KAM_ID, 0));
    kam__record_put_num(r, KAM_REV, kam__record_num(old, KAM_REV, 0));
    kam__record_put_num(r, KAM_SEQ, kam__record_num(old, KAM_SEQ, 0));
    return KAM_OK;
}

int32_t kam__event_put(int *what, kam_book *b, kam_record *r, const uint8_t *mask, kam_error *err)
{
    int64_t id = 0;
    kam_record *old = NULL;
    KAM__TRY(event_find(&id, b, r, err));
    if (!id) {
        KAM__TRY(kam__record_settle(r, err));
        KAM__TRY(kam__save_refs(b, r, NULL, err));
        KAM__TRY(kam__guard(b, r, NULL, err));
        *what = KAM__SAVED_NEW;
        return event_insert(b, r, 0, 1, err);
    }
    KAM__TRY(kam__record_new(&old, b->schema, r->kind->id, err));
    int32_t rc = kam__read_one(old, b, id, KAM_TODAY, err);
    if (rc == KAM_OK) rc = event_correct(what, b, r, old, mask, err);
    kam_record_free(old);
    return rc;
}
