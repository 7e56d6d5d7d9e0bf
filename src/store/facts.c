/*
 * store/facts.c - values in force over ranges of days.
 *
 * What is believed of one subject (an account's owner, its grade by one scheme ...) never overlaps. A new fact for
 * [from, to) closes every believed row it touches (seq_to) and writes back the parts of it that stick out on either
 * side; so both what held on a day and what was believed at a commit can be read back later. Nothing is ever deleted.
 *
 * Without valid_from a subject's first fact holds from the beginning (nothing else is known of it), later ones from
 * today.
 */
#include "store.h"

typedef struct fact_range { int32_t from, to; } fact_range;

/* Conditions "the same subject": every SUBJECT field equal, or missing in both. */
static uint32_t fact_subject(kam_pred *p, kam__pred *mem, const kam_record *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->kind->nfield && n < 8; i++) {
        const kam__field *f = &r->kind->field[i];
        if (!(f->flags & KAM__F_SUBJECT)) continue;
        size_t len = 0;
        if (r->cell[i].state == KAM__CELL_NONE) kam__pred_null(&p[n], f);
        else if (f->type == KAM_T_TEXT) {
            const char *text = kam__record_cell_text(r, i, &len);
            kam__pred_text(&p[n], &mem[n], f, KAM_OP_EQ, text, len);
        } else kam__pred_i64(&p[n], &mem[n], f, KAM_OP_EQ, r->cell[i].v.i);
        n++;
    }
    return n;
}

static int32_t fact_believed(kam__rowset **out, kam_book *b, const kam_record *r, kam_error *err)
{
    kam_pred p[8];
    kam__pred mem[8];
    uint32_t n = fact_subject(p, mem, r);
    kam__read q = {
        .scan = {.kind = r->kind->id, .pred = p, .npred = n}, .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    return kam__read_set(out, b, &q, err);
}

static int fact_same_value(const kam_record *a, const kam_record *b)
{
    for (uint32_t i = 0; i < a->kind->nfield; i++)
        if (!(a->kind->field[i].flags & (KAM__F_COMMON | KAM__F_SUBJECT)) && !kam__record_same(a, b, i)) return 0;
    return 1;
}

static int32_t fact_close(kam_book *b, uint32_t kind, int64_t id, int64_t seq, kam_error *err)
{
    const uint32_t field[] = { KAM_ID, KAM__SEQ_TO };
    const uint8_t type[] = { KAM_T_I64, KAM_T_I64 };
    kam__blockbuf bb;
    kam_block block;
    KAM__TRY(kam__bb_init(&bb, b->ctx, 2, field, type, err));
    kam__bb_i64(&bb, 0, id);
    kam__bb_i64(&bb, 1, seq);
    int32_t rc = kam__bb_end_row(&bb, err);
    if (rc == KAM_OK) {
        kam__bb_view(&bb, &block);
        rc = kam__db_write(&kam__book_home(b)->db, kind, KAM_WRITE_UPDATE, &block, err);
    }
    kam__bb_free(&bb);
    return rc == KAM_OK ? kam__txn_touch(b, kind, id, KAM_TOUCH_UPDATE, err) : rc;
}

static int32_t fact_insert(kam_book *b, kam_record *r, fact_range range, kam_error *err)
{
    kam__record_put_null(r, kam__kind_index(r->kind, KAM_ID));
    kam__record_put_null(r, kam__kind_index(r->kind, KAM_SEQ));
    kam__record_put_num(r, KAM__SEQ_TO, KAM__SEQ_OPEN);
    kam__record_put_num(r, KAM_VALID_FROM, range.from);
    kam__record_put_num(r, KAM_VALID_TO, range.to);
    KAM__TRY(kam__insert_record(b, r, err));
    return kam__txn_touch(b, r->kind->id, kam__record_num(r, KAM_ID, 0), KAM_TOUCH_INSERT, err);
}

/* Takes [range) out of what is believed: closes the rows it touches, writes back what sticks out. */
static int32_t fact_carve(kam_book *b, const kam__rowset *believed, kam_record *old, fact_range range, kam_error *err)
{
    int64_t seq = 0;
    KAM__TRY(kam__txn_seq(&seq, b, err));
    for (uint64_t i = 0; i < believed->nrow; i++) {
        const kam__blockbuf *bb = NULL;
        uint32_t row = 0;
        kam__rowset_at(believed, i, &bb, &row);
        kam_block view = { .struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view };
        KAM__TRY(kam__record_load(old, &view, row, err));
        int32_t from = (int32_t)kam__record_num(old, KAM_VALID_FROM, KAM_DAY_FIRST),
                to = (int32_t)kam__record_num(old, KAM_VALID_TO, KAM_DAY_END);
        if (to <= range.from || from >= range.to) continue;
        KAM__TRY(fact_close(b, old->kind->id, kam__record_num(old, KAM_ID, 0), seq, err));
        if (from < range.from) KAM__TRY(fact_insert(b, old, (fact_range){ from, range.from }, err));
        if (to > range.to) KAM__TRY(fact_insert(b, old, (fact_range){ range.to, to }, err));
    }
    return KAM_OK;
}

/* 1: one believed row says the same over the whole range already. */
static int32_t fact_holds(int *out, const kam__rowset *believed, kam_record *old, const kam_record *r, fact_range range,
                          kam_error *err)
{
    *out = 0;
    for (uint64_t i = 0; i < believed->nrow && !*out; i++) {
        const kam__blockbuf *bb = NULL;
        uint32_t row = 0;
        kam__rowset_at(believed, i, &bb, &row);
        kam_block view = { .struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view };
        KAM__TRY(kam__record_load(old, &view, row, err));
        if (kam__record_num(old, KAM_VALID_FROM, 0) > range.from || kam__record_num(old, KAM_VALID_TO, 0) < range.to)
            continue;
        if (fact_same_value(old, r)) {
            kam__record_put_num((kam_record *)r, KAM_ID, kam__record_num(old, KAM_ID, 0));
            *out = 1;
        }
    }
    return KAM_OK;
}

static int32_t fact_range_of(fact_range *out, kam_book *b, const kam_record *r, uint64_t believed, kam_error *err)
{
    int32_t today = 0;
    KAM__TRY(kam__book_day(&today, b, KAM_TODAY, err));
    out->from = (int32_t)kam__record_num(r, KAM_VALID_FROM, believed ? today : KAM_DAY_FIRST);
    out->to = (int32_t)kam__record_num(r, KAM_VALID_TO, KAM_DAY_END);
    if (out->from < out->to) return KAM_OK;
    kam__fail(err, KAM_E_INVAL, "%s: valid_from must be before valid_to (the first day it holds no more)",
              r->kind->name);
    kam__err_set(err, KAM_ERR_FIELD, KAM_VALID_TO);
    return KAM_E_INVAL;
}

static int32_t fact_put_over(int *what, kam_book *b, kam_record *r, const kam__rowset *believed, kam_record *old,
                             kam_error *err)
{
    fact_range range;
    int holds = 0;
    KAM__TRY(fact_range_of(&range, b, r, believed->nrow, err));
    KAM__TRY(fact_holds(&holds, believed, old, r, range, err));
    *what = holds ? KAM__SAVED_SAME : believed->nrow ? KAM__SAVED_CHANGED : KAM__SAVED_NEW;
    if (holds) return KAM_OK;
    KAM__TRY(fact_carve(b, believed, old, range, err));
    return fact_insert(b, r, range, err);
}

int32_t kam__fact_put(int *what, kam_book *b, kam_record *fact, kam_error *err)
{
    kam__rowset *believed = NULL;
    kam_record *old = NULL;
    KAM__TRY(fact_believed(&believed, b, fact, err));
    int32_t rc = kam__record_new(&old, b->schema, fact->kind->id, err);
    if (rc == KAM_OK) rc = fact_put_over(what, b, fact, believed, old, err);
    kam_record_free(old);
    kam__rowset_drop(believed);
    return rc;
}

int32_t kam__fact_end(kam_book *b, const kam_record *subject, int32_t from, kam_error *err)
{
    kam__rowset *believed = NULL;
    kam_record *old = NULL;
    KAM__TRY(fact_believed(&believed, b, subject, err));
    int32_t rc = kam__record_new(&old, b->schema, subject->kind->id, err);
    if (rc == KAM_OK) rc = fact_carve(b, believed, old, (fact_range){ from, KAM_DAY_END }, err);
    kam_record_free(old);
    kam__rowset_drop(believed);
    return rc;
}
