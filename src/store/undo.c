/*
 * store/undo.c - entities as they were: today's rows with the later changes taken back.
 *
 * A CHANGE row holds a field's old value as canonical text. Of several changes to one field after the point the
 * earliest one's (by commit, then by id) old value is what held then. Since a condition may hold for the old values and
 * not for the new, all rows of the kind are read; the cost is one pass, paid only when something changed since.
 */
#include "read.h"

static uint32_t undo_find(const kam__undo *u, uint32_t first, uint32_t field)
{
    for (uint32_t i = first; i; i = u->value[i - 1].next)
        if (u->value[i - 1].field == field) return i;
    return 0;
}

static int32_t undo_set_text(kam__undo *u, kam__undo_value *v, const char *text, size_t len, kam_error *err)
{
    v->at = text ? (uint32_t)u->text.size : UINT32_MAX;
    v->len = (uint32_t)len;
    if (text) kam__buf_put(&u->text, text, len);
    return kam__buf_end(&u->text, err);
}

typedef struct undo_loading { kam__undo *u; kam_error *err; } undo_loading;

static int32_t undo_add(kam__undo *u, int64_t record, uint32_t field, int64_t seq, int64_t change, const char *old,
                        size_t len, kam_error *err)
{
    uint32_t first = 0;
    kam__imap_get(&u->of, record, &first);
    uint32_t at = undo_find(u, first, field);
    if (at && (u->value[at - 1].seq < seq || (u->value[at - 1].seq == seq && u->value[at - 1].change < change)))
        return KAM_OK;
    if (!at) {
        KAM__TRY(kam__grow(u->ctx, &u->value, &u->cap, u->n + 1, sizeof *u->value, err));
        u->value[u->n] = (kam__undo_value){ .next = first, .field = field };
        KAM__TRY(kam__imap_put(&u->of, record, (uint32_t)u->n + 1, err));
        at = (uint32_t)++u->n;
    }
    u->value[at - 1].seq = seq;
    u->value[at - 1].change = change;
    return undo_set_text(u, &u->value[at - 1], old, len, err);
}

static int32_t on_change(void *user, const kam_block *rows)
{
    undo_loading *l = user;
    const kam_col *record = kam__block_col(rows, KAM_CHANGE_RECORD), *field = kam__block_col(rows, KAM_CHANGE_FIELD);
    const kam_col *old = kam__block_col(rows, KAM_CHANGE_OLD), *seq = kam__block_col(rows, KAM_SEQ),
                  *id = kam__block_col(rows, KAM_ID);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(old, i, &len);
        KAM__TRY(undo_add(l->u, kam__col_i64(record, i), (uint32_t)kam__col_i64(field, i), kam__col_i64(seq, i),
                          kam__col_i64(id, i), text, len, l->err));
    }
    return KAM_OK;
}

int32_t kam__undo_load(kam__undo *u, kam_book *b, uint32_t kind, int64_t point, kam_error *err)
{
    static const uint32_t field[] = { KAM_CHANGE_RECORD, KAM_CHANGE_FIELD, KAM_CHANGE_OLD, KAM_SEQ, KAM_ID };
    const kam__kind *k = kam__builtin_kind(KAM_KIND_CHANGE);
    kam_pred p[2];
    kam__pred mem[2];
    memset(u, 0, sizeof *u);
    u->ctx = b->ctx;
    u->point = point;
    kam__imap_init(&u->of, b->ctx);
    kam__buf_init(&u->text, b->ctx);
    if (point == KAM__SEQ_OPEN) return KAM_OK;
    kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, KAM_CHANGE_KIND), KAM_OP_EQ, kind);
    kam__pred_i64(&p[1], &mem[1], kam__kind_field(k, KAM_SEQ), KAM_OP_GT, point);
    kam__scan q = {
        .kind = KAM_KIND_CHANGE, .field = field, .nfield = KAM__LEN(field), .pred = p, .npred = 2, .any_order = 1};
    undo_loading l = { u, err };
    int32_t rc = kam__db_scan(&kam__book_home(b)->db, &q, on_change, &l, err);
    if (rc != KAM_OK) kam__undo_free(u);
    return rc;
}

void kam__undo_free(kam__undo *u)
{
    if (!u->ctx) return;
    kam__imap_free(&u->of);
    kam__free(u->ctx, u->value);
    kam__buf_drop(&u->text);
    memset(u, 0, sizeof *u);
}

/* ---------------------------------------------------------------- reading with it */

typedef struct undoing {
    const kam__undo *u;
    const kam__kind *kind;
    kam_record *row;
    kam__rowset *set;
    int64_t known;
    uint32_t flags;
    kam_error *err;
} undoing;

static int32_t undo_value(const undoing *d, const kam__undo_value *v)
{
    uint32_t i = kam__kind_index(d->kind, v->field);
    if (i == UINT32_MAX) return KAM_OK;                                 /* a field of a newer schema */
    const kam__field *f = &d->kind->field[i];
    const char *text = v->at == UINT32_MAX ? NULL : d->u->text.data + v->at;
    if (!text) {
        kam__record_put_null(d->row, i);
        return KAM_OK;
    }
    if (f->type == KAM_T_TEXT) return kam__record_put_text(d->row, i, text, v->len, d->err);
    int64_t num = 0;
    double dbl = 0;
    int32_t decimals = kam__record_decimals(d->row);
    KAM__TRY(kam__value_parse(&num, &dbl, f, decimals < 0 ? 2 : (uint32_t)decimals, text, v->len, d->err));
    if (f->type == KAM_T_F64) kam__record_put_f64(d->row, i, dbl);
    else kam__record_put_i64(d->row, i, num);
    return KAM_OK;
}

static int32_t undo_row(undoing *d)
{
    uint32_t first = 0;
    int64_t id = d->row->cell[0].v.i;
    if (!kam__imap_get(&d->u->of, id, &first)) return KAM_OK;
    /* currency first: money is read with its decimals */
    for (uint32_t i = first; i; i = d->u->value[i - 1].next)
        if (kam__kind_index(d->kind, d->u->value[i - 1].field) == d->kind->currency)
            KAM__TRY(undo_value(d, &d->u->value[i - 1]));
    for (uint32_t i = first; i; i = d->u->value[i - 1].next)
        if (kam__kind_index(d->kind, d->u->value[i - 1].field) != d->kind->currency)
            KAM__TRY(undo_value(d, &d->u->value[i - 1]));
    return KAM_OK;
}

static int undo_alive(const undoing *d)
{
    uint32_t deleted = kam__kind_index(d->kind, KAM__DELETED_SEQ);
    return (d->flags & KAM__READ_DELETED) || d->row->cell[deleted].state == KAM__CELL_NONE;
}

static int32_t on_entity(void *user, const kam_block *rows)
{
    undoing *d = user;
    for (uint32_t i = 0; i < rows->nrow; i++) {
        KAM__TRY(kam__record_load(d->row, rows, i, d->err));
        KAM__TRY(undo_row(d));
        if (undo_alive(d)) KAM__TRY(kam__rowset_add_record(d->set, d->row, d->err));
    }
    return KAM_OK;
}

int32_t kam__undo_scan(kam__undo *u, kam_book *b, const kam__read *q, int64_t known, kam_block_fn fn, void *user,
                       kam_error *err)
{
    undoing d = {
        .u = u, .kind = kam__schema_kind(b->schema, q->scan.kind), .known = known, .flags = q->flags, .err = err};
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(d.kind, KAM_SEQ), KAM_OP_LE, known);
    /* a host's table may not be */
    int dated = kam__table_field(kam__db_table(&kam__book_home(b)->db, q->scan.kind), KAM_SEQ) != NULL;
    kam__scan all = { .kind = q->scan.kind, .pred = &p, .npred = dated && known != KAM__SEQ_OPEN, .any_order = 1 };
    KAM__TRY(kam__record_new(&d.row, b->schema, q->scan.kind, err));
    int32_t rc = kam__rowset_new(&d.set, b->schema, q->scan.kind, NULL, 0, err);
    if (rc == KAM_OK) rc = kam__db_scan(&kam__book_home(b)->db, &all, on_entity, &d, err);
    if (rc == KAM_OK) {
        kam__rowset_seal(d.set);
        rc = kam__rowset_select(d.set, &q->scan, 1, fn, user, err);
    }
    kam__rowset_drop(d.set);
    kam_record_free(d.row);
    return rc;
}
