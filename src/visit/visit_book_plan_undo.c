/*
 * visit/visit_book_plan_undo.c - an applied plan taken back: a plan of its own whose changes are the reverse ones,
 * looked at first and applied like any other.
 *
 * What the plan added is cancelled, what it moved or cancelled gets back the version before. An activity that was held,
 * moved or cancelled since is somebody's later decision and stays as it is.
 */
#include "../store/store.h"
#include "visit_book.h"

static int32_t pundo_apply(kam_run *run, kam_error *err);
static const kam__run_ops pundo_ops = {pundo_apply, kam__plan_why, kam__plan_load, NULL, NULL};

typedef struct pundo { kam_book *b; kam_error *err; kam_record *change, *now, *before; kam__rowset *out; } pundo;

int32_t kam__plan_get(kam_record *r, const kam__rowset *s, uint64_t i, kam_error *err)
{
    const kam__blockbuf *bb = NULL;
    uint32_t row = 0;
    kam__rowset_at(s, i, &bb, &row);
    kam_block view = {.struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view};
    return kam__record_load(r, &view, row, err);
}

static int32_t pundo_open(pundo *p, kam_book *b, kam_error *err)
{
    memset(p, 0, sizeof *p);
    p->b = b;
    p->err = err;
    KAM__TRY(kam__record_new(&p->change, b->schema, KAM_KIND_PLAN_CHANGE, err));
    KAM__TRY(kam__record_new(&p->now, b->schema, KAM_KIND_ACTIVITY, err));
    KAM__TRY(kam__record_new(&p->before, b->schema, KAM_KIND_ACTIVITY, err));
    return kam__rowset_new(&p->out, b->schema, KAM_KIND_PLAN_CHANGE, NULL, 0, err);
}

static void pundo_close(pundo *p)
{
    kam_record_free(p->change);
    kam_record_free(p->now);
    kam_record_free(p->before);
    kam__rowset_drop(p->out);
}

/* *is: the activity of the change stands as that left it; p->now. what: of the change, as it was made. */
static int32_t pundo_stands(int *is, pundo *p, int64_t what, int64_t day)
{
    int64_t id = kam__record_num(p->change, KAM_PLAN_CHANGE_ACTIVITY, 0);
    int32_t rc = kam__read_one(p->now, p->b, id, KAM_TODAY, NULL);
    *is = 0;
    if (rc == KAM_E_NOT_FOUND) return KAM_OK;
    if (rc != KAM_OK) return kam__read_one(p->now, p->b, id, KAM_TODAY, p->err);
    int64_t status = kam__record_num(p->now, KAM_ACTIVITY_STATUS, 0);
    if (kam__record_num(p->now, KAM_ID, 0) != id) return KAM_OK;
    if (what == KAM_PLAN_WHAT_CANCELLED) *is = status == KAM_ACTIVITY_CANCELLED;
    else *is = status == KAM_ACTIVITY_PLANNED && kam__record_num(p->now, KAM_ACTIVITY_DAY, 0) == day;
    return KAM_OK;
}

/* ---------------------------------------------------------------- making it */

static void pundo_day(kam_record *r, uint32_t field, int64_t day)
{
    if (day != KAM__NEVER) kam__record_put_num(r, field, day);
    else kam__record_put_null(r, kam__kind_index(r->kind, field));
}

static int32_t pundo_turn(pundo *p)
{
    kam_record *c = p->change;
    int64_t what = kam__record_num(c, KAM_PLAN_CHANGE_WHAT, 0), day = kam__record_num(c, KAM_PLAN_CHANGE_DAY, KAM__NEVER),
            old = kam__record_num(c, KAM_PLAN_CHANGE_OLD_DAY, KAM__NEVER);
    int stands = 0;
    if (what == KAM_PLAN_WHAT_KEPT) return KAM_OK;
    KAM__TRY(pundo_stands(&stands, p, what, day));
    if (!stands) return KAM_OK;
    static const uint32_t gone[] = {KAM_ID, KAM_SEQ, KAM_PLAN_CHANGE_RUN};
    for (size_t i = 0; i < KAM__LEN(gone); i++) kam__record_put_null(c, kam__kind_index(c->kind, gone[i]));
    kam__record_put_num(c, KAM_PLAN_CHANGE_WHAT, what == KAM_PLAN_WHAT_ADDED       ? KAM_PLAN_WHAT_CANCELLED
                                                 : what == KAM_PLAN_WHAT_CANCELLED ? KAM_PLAN_WHAT_ADDED
                                                                                   : KAM_PLAN_WHAT_MOVED);
    kam__record_put_num(c, KAM_PLAN_CHANGE_CODE, KAM_PLAN_REASON_UNDONE);
    pundo_day(c, KAM_PLAN_CHANGE_DAY, old);
    pundo_day(c, KAM_PLAN_CHANGE_OLD_DAY, day);
    KAM__TRY(kam__record_put_str(c, KAM_PLAN_CHANGE_REASON, "the plan was undone", p->err));
    return kam__rowset_add_record(p->out, c, p->err);
}

static int32_t pundo_record(kam_run *run, const kam_run *stored, int64_t changes, kam_error *err)
{
    static const uint32_t same[] = {KAM_RUN_POLICY, KAM_RUN_VERSION, KAM_RUN_FROM, KAM_RUN_TO};
    static const uint32_t text[] = {KAM_RUN_NAME, KAM_RUN_HASH, KAM_RUN_STATISTICS};
    kam_record *r = run->record;
    for (size_t i = 0; i < KAM__LEN(same); i++)
        if (kam__record_has(stored->record, same[i])) kam__record_put_num(r, same[i], kam__record_num(stored->record, same[i], 0));
    for (size_t i = 0; i < KAM__LEN(text); i++) {
        const char *t = kam_record_text(stored->record, text[i], NULL);
        if (t) KAM__TRY(kam__record_put_str(r, text[i], t, err));
    }
    kam__record_put_num(r, KAM_RUN_UNDOES, kam__record_num(stored->record, KAM_ID, 0));
    kam__record_put_num(r, KAM_RUN_ITEMS, changes);
    return KAM_OK;
}

static int32_t pundo_empty(kam_run *run, uint32_t kind, kam_error *err)
{
    kam__rowset *set = NULL;
    KAM__TRY(kam__rowset_new(&set, run->book->schema, kind, NULL, 0, err));
    return kam__run_add_list(run, set, err);
}

static int32_t pundo_make(kam_run **out, kam_run *stored, pundo *p)
{
    kam__rowset *changes = NULL;
    kam_pred pred;
    kam__pred mem;
    int there = 0;
    int64_t id = kam__record_num(stored->record, KAM_ID, 0);
    kam__pred_i64(&pred, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_RUN), KAM_RUN_UNDOES), KAM_OP_EQ, id);
    KAM__TRY(kam__read_exists(&there, p->b, KAM_KIND_RUN, &pred, 1, 0, p->err));
    if (there) return kam__fail(p->err, KAM_E_EXISTS, "run %lld is undone already", (long long)id);
    KAM__TRY(kam__plan_load(&changes, stored, KAM_KIND_PLAN_CHANGE, p->err));
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < changes->nrow && rc == KAM_OK; i++) {
        rc = kam__plan_get(p->change, changes, i, p->err);
        if (rc == KAM_OK) rc = pundo_turn(p);
    }
    kam__rowset_drop(changes);
    KAM__TRY(rc);
    KAM__TRY(kam__run_new(out, p->b, KAM_RUN_KIND_PLAN, &pundo_ops, (int32_t)kam__record_num(stored->record, KAM_RUN_AS_OF, 0),
                          NULL, p->err));
    KAM__TRY(pundo_record(*out, stored, (int64_t)p->out->nrow, p->err));
    kam__rowset *set = p->out;
    p->out = NULL;
    KAM__TRY(kam__run_add_list(*out, set, p->err));
    KAM__TRY(pundo_empty(*out, KAM_KIND_PLAN_ENTRY, p->err));
    KAM__TRY(pundo_empty(*out, KAM_KIND_UNPLANNED, p->err));
    return pundo_empty(*out, KAM_KIND_PROBLEM, p->err);
}

int32_t kam__plan_undo(kam_run **out, kam_run *stored, kam_error *err)
{
    pundo p;
    kam_run *run = NULL;
    kam__call call;
    KAM__TRY(kam__txn_enter(&call, stored->book, KAM_BEGIN_READ, err));
    int32_t rc = pundo_open(&p, stored->book, err);
    if (rc == KAM_OK) rc = pundo_make(&run, stored, &p);
    pundo_close(&p);
    rc = kam__txn_leave(&call, rc, err);
    if (rc == KAM_OK) *out = run;
    else kam_run_free(run);
    return rc;
}

/* ---------------------------------------------------------------- applying it */

/* As it was before the plan's commit; what was added there is cancelled. */
static int32_t pundo_put_back(pundo *p, kam_book *then)
{
    static const uint32_t back[] = {KAM_ACTIVITY_DAY, KAM_ACTIVITY_START, KAM_ACTIVITY_REPRESENTATIVE, KAM_ACTIVITY_DUE, KAM_ACTIVITY_STATUS};
    int64_t id = kam__record_num(p->change, KAM_PLAN_CHANGE_ACTIVITY, 0);
    int what = 0;
    KAM__TRY(kam__read_one(p->now, p->b, id, KAM_TODAY, p->err));
    if (kam__record_num(p->change, KAM_PLAN_CHANGE_WHAT, 0) == KAM_PLAN_WHAT_CANCELLED)
        kam__record_put_num(p->now, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_CANCELLED);
    else {
        KAM__TRY(kam__read_one(p->before, then, kam__record_num(p->now, KAM__REPLACES, id), KAM_TODAY, p->err));
        for (size_t i = 0; i < KAM__LEN(back); i++) {
            if (kam__record_has(p->before, back[i])) kam__record_put_num(p->now, back[i], kam__record_num(p->before, back[i], 0));
            else kam__record_put_null(p->now, kam__kind_index(p->now->kind, back[i]));
        }
    }
    KAM__TRY(kam__record_put_str(p->now, KAM_REASON, "the plan was undone", p->err));
    KAM__TRY(kam__save(&what, p->b, p->now, NULL, p->err));
    kam__record_put_num(p->change, KAM_PLAN_CHANGE_ACTIVITY, kam__record_num(p->now, KAM_ID, 0));
    return kam__rowset_add_record(p->out, p->change, p->err);
}

static int32_t pundo_all(kam_run *run, pundo *p, kam_book *then)
{
    const kam__rowset *changes = kam__run_list(run, KAM_KIND_PLAN_CHANGE);
    for (uint64_t i = 0; i < changes->nrow; i++) {
        KAM__TRY(kam__plan_get(p->change, changes, i, p->err));
        KAM__TRY(pundo_put_back(p, then));
    }
    kam__rowset_seal(p->out);
    KAM__TRY(kam__run_set_stored(run, p->out, p->err));
    return kam__insert_set(run->book, p->out, KAM_PLAN_CHANGE_RUN, kam__record_num(run->record, KAM_ID, 0), p->err);
}

static int32_t pundo_apply(kam_run *run, kam_error *err)
{
    pundo p;
    kam_record *undone = NULL;
    kam_book *then = NULL;
    int32_t rc = pundo_open(&p, run->book, err);
    if (rc == KAM_OK) rc = kam__record_new(&undone, run->book->schema, KAM_KIND_RUN, err);
    if (rc == KAM_OK) rc = kam__read_one(undone, run->book, kam__record_num(run->record, KAM_RUN_UNDOES, 0), KAM_TODAY, err);
    if (rc == KAM_OK) rc = kam_book_known(&then, run->book, kam__record_num(undone, KAM_SEQ, 1) - 1, err);
    if (rc == KAM_OK) rc = pundo_all(run, &p, then);
    kam_book_close(then);
    kam_record_free(undone);
    pundo_close(&p);
    return rc;
}
