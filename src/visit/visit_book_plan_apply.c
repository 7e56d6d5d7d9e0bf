/*
 * visit/visit_book_plan_apply.c - a plan into the book: planned activities for what is added, corrections for what is
 * moved or cancelled, and the run's lists, in one transaction.
 *
 * Activities first, so that entries and changes are stored with their ids. An activity that is no longer planned is
 * left alone: it was held meanwhile, and a forced plan does not undo that. The list of problems is not stored; it is
 * made again from the book as the run knew it.
 */
#include "../store/store.h"
#include "visit_book.h"

typedef struct papply {
    kam_run *run; kam_book *b; kam_error *err;
    kam_record *entry, *change, *activity;
    kam__rowset *entries, *changes;
    uint64_t at;                                /* rows of PLAN_CHANGE that are done */
} papply;

static int32_t papply_get(kam_record *r, const kam__rowset *s, uint64_t i, kam_error *err)
{
    const kam__blockbuf *bb = NULL;
    uint32_t row = 0;
    kam__rowset_at(s, i, &bb, &row);
    kam_block view = {.struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view};
    return kam__record_load(r, &view, row, err);
}

#define PAPPLY_DAY 1440                         /* minutes */

static void papply_copy(kam_record *to, uint32_t to_field, const kam_record *from, uint32_t field)
{
    if (kam__record_has(from, field)) kam__record_put_num(to, to_field, kam__record_num(from, field, 0));
}

/* ---------------------------------------------------------------- one activity */

/* The hour the plan says; else the one it had, on its day of now. */
static void papply_start(kam_record *r, const kam_record *entry)
{
    int64_t day = kam__record_num(r, KAM_ACTIVITY_DAY, 0), minute = -1;
    if (kam__record_has(r, KAM_ACTIVITY_START)) minute = kam__record_num(r, KAM_ACTIVITY_START, 0) % PAPPLY_DAY;
    if (kam__record_has(entry, KAM_PLAN_ENTRY_BEGIN)) minute = kam__record_num(entry, KAM_PLAN_ENTRY_BEGIN, 0);
    if (minute >= 0) kam__record_put_num(r, KAM_ACTIVITY_START, day * PAPPLY_DAY + minute);
}

static int32_t papply_add(papply *p, int64_t *id)
{
    kam_record *r = p->activity;
    kam_record_clear(r);
    papply_copy(r, KAM_ACTIVITY_ACCOUNT, p->entry, KAM_PLAN_ENTRY_ACCOUNT);
    papply_copy(r, KAM_ACTIVITY_CHANNEL, p->entry, KAM_PLAN_ENTRY_CHANNEL);
    papply_copy(r, KAM_ACTIVITY_DAY, p->entry, KAM_PLAN_ENTRY_DAY);
    papply_copy(r, KAM_ACTIVITY_REPRESENTATIVE, p->entry, KAM_PLAN_ENTRY_REPRESENTATIVE);
    papply_copy(r, KAM_ACTIVITY_CAUSE, p->entry, KAM_PLAN_ENTRY_CAUSE);
    papply_copy(r, KAM_ACTIVITY_DUE, p->entry, KAM_PLAN_ENTRY_DUE);
    papply_start(r, p->entry);
    kam__record_put_num(r, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_PLANNED);
    KAM__TRY(kam__insert_record(p->b, r, p->err));
    *id = kam__record_num(r, KAM_ID, 0);
    return kam__txn_touch(p->b, KAM_KIND_ACTIVITY, *id, KAM_TOUCH_INSERT, p->err);
}

/* Moves it to the day of the change, or cancels it. */
static int32_t papply_correct(papply *p, int64_t *id)
{
    kam_record *r = p->activity;
    int what = 0;
    KAM__TRY(kam__read_one(r, p->b, *id, KAM_TODAY, p->err));
    if (kam__record_num(r, KAM_ACTIVITY_STATUS, 0) != KAM_ACTIVITY_PLANNED) return KAM_OK;
    if (kam__record_num(p->change, KAM_PLAN_CHANGE_WHAT, 0) == KAM_PLAN_WHAT_CANCELLED)
        kam__record_put_num(r, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_CANCELLED);
    else {
        papply_copy(r, KAM_ACTIVITY_DAY, p->change, KAM_PLAN_CHANGE_DAY);
        papply_copy(r, KAM_ACTIVITY_REPRESENTATIVE, p->change, KAM_PLAN_CHANGE_REPRESENTATIVE);
        papply_start(r, p->entry);
        if (kam__record_num(r, KAM_ACTIVITY_CAUSE, 0) == KAM_ACTIVITY_CAUSE_CADENCE)
            papply_copy(r, KAM_ACTIVITY_DUE, p->entry, KAM_PLAN_ENTRY_DUE);
    }
    KAM__TRY(kam__record_put_str(r, KAM_REASON, kam_record_text(p->change, KAM_PLAN_CHANGE_REASON, ""), p->err));
    KAM__TRY(kam__save(&what, p->b, r, NULL, p->err));
    *id = kam__record_num(r, KAM_ID, 0);
    return KAM_OK;
}

/* ---------------------------------------------------------------- the lists */

/* Kept on its day, but at another hour than the book says. */
static int32_t papply_hour(papply *p, int64_t *id)
{
    kam_record *r = p->activity;
    int what = 0;
    if (!kam__record_has(p->entry, KAM_PLAN_ENTRY_BEGIN) ||
        kam__record_num(p->change, KAM_PLAN_CHANGE_CODE, 0) != KAM_PLAN_REASON_STILL_RIGHT) return KAM_OK;
    KAM__TRY(kam__read_one(r, p->b, *id, KAM_TODAY, p->err));
    int64_t was = kam__record_has(r, KAM_ACTIVITY_START) ? kam__record_num(r, KAM_ACTIVITY_START, 0) : -1;
    papply_start(r, p->entry);
    if (kam__record_num(r, KAM_ACTIVITY_STATUS, 0) != KAM_ACTIVITY_PLANNED || kam__record_num(r, KAM_ACTIVITY_START, 0) == was)
        return KAM_OK;
    KAM__TRY(kam__save(&what, p->b, r, NULL, p->err));
    *id = kam__record_num(r, KAM_ID, 0);
    return KAM_OK;
}

/* One change, with its entry in p->entry unless it is cancelled; *id: the activity it leads to. */
static int32_t papply_change(papply *p, int64_t *id)
{
    int64_t what = kam__record_num(p->change, KAM_PLAN_CHANGE_WHAT, 0);
    *id = kam__record_num(p->change, KAM_PLAN_CHANGE_ACTIVITY, 0);
    if (what == KAM_PLAN_WHAT_ADDED) KAM__TRY(papply_add(p, id));
    else if (what != KAM_PLAN_WHAT_KEPT) KAM__TRY(papply_correct(p, id));
    else KAM__TRY(papply_hour(p, id));
    kam__record_put_num(p->change, KAM_PLAN_CHANGE_ACTIVITY, *id);
    return kam__rowset_add_record(p->changes, p->change, p->err);
}

/* Changes stand in the order of entries; those without an entry are cancelled. */
static int32_t papply_changes_to(papply *p, int entry)
{
    const kam__rowset *changes = kam__run_list(p->run, KAM_KIND_PLAN_CHANGE);
    int64_t id = 0;
    while (p->at < changes->nrow) {
        KAM__TRY(papply_get(p->change, changes, p->at, p->err));
        int cancelled = kam__record_num(p->change, KAM_PLAN_CHANGE_WHAT, 0) == KAM_PLAN_WHAT_CANCELLED;
        if (!cancelled && !entry) break;
        p->at++;
        KAM__TRY(papply_change(p, &id));
        if (cancelled) continue;
        kam__record_put_num(p->entry, KAM_PLAN_ENTRY_ACTIVITY, id);
        break;
    }
    return KAM_OK;
}

static int32_t papply_lists(papply *p)
{
    const kam__rowset *entries = kam__run_list(p->run, KAM_KIND_PLAN_ENTRY);
    for (uint64_t i = 0; i < entries->nrow; i++) {
        if (i % KAM__BLOCK_ROWS == 0) KAM__TRY(kam__progress(p->b->ctx, i, entries->nrow, p->err));
        KAM__TRY(papply_get(p->entry, entries, i, p->err));
        KAM__TRY(papply_changes_to(p, 1));
        KAM__TRY(kam__rowset_add_record(p->entries, p->entry, p->err));
    }
    return papply_changes_to(p, 0);
}

/* The run shows the ids when it is stored. */
static int32_t papply_keep(kam_run *run, kam__rowset *set, uint32_t field, kam_error *err)
{
    kam__rowset_seal(set);
    KAM__TRY(kam__run_set_stored(run, set, err));
    return kam__insert_set(run->book, set, field, kam__record_num(run->record, KAM_ID, 0), err);
}

static int32_t papply_all(papply *p)
{
    kam__schema *schema = p->b->schema;
    KAM__TRY(kam__record_new(&p->entry, schema, KAM_KIND_PLAN_ENTRY, p->err));
    KAM__TRY(kam__record_new(&p->change, schema, KAM_KIND_PLAN_CHANGE, p->err));
    KAM__TRY(kam__record_new(&p->activity, schema, KAM_KIND_ACTIVITY, p->err));
    KAM__TRY(kam__rowset_new(&p->entries, schema, KAM_KIND_PLAN_ENTRY, NULL, 0, p->err));
    KAM__TRY(kam__rowset_new(&p->changes, schema, KAM_KIND_PLAN_CHANGE, NULL, 0, p->err));
    KAM__TRY(papply_lists(p));
    KAM__TRY(papply_keep(p->run, p->entries, KAM_PLAN_ENTRY_RUN, p->err));
    KAM__TRY(papply_keep(p->run, p->changes, KAM_PLAN_CHANGE_RUN, p->err));
    return kam__insert_set(p->b, kam__run_list(p->run, KAM_KIND_UNPLANNED), KAM_UNPLANNED_RUN,
                           kam__record_num(p->run->record, KAM_ID, 0), p->err);
}

int32_t kam__plan_apply(kam_run *run, kam_error *err)
{
    papply p = {.run = run, .b = run->book, .err = err};
    int32_t rc = papply_all(&p);
    kam_record_free(p.entry);
    kam_record_free(p.change);
    kam_record_free(p.activity);
    kam__rowset_drop(p.entries);
    kam__rowset_drop(p.changes);
    return rc;
}

/* ---------------------------------------------------------------- a stored plan */

/* {"only":[3,5]}: for whom it was asked. */
static int32_t papply_only(kam__plan_job *j, int64_t **out, const kam_run *run, kam_error *err)
{
    kam__arena arena;
    const kam__json *body = NULL;
    const char *text = kam_record_text(run->record, KAM_RUN_STATISTICS, "{}");
    kam__arena_init(&arena, run->ctx, 0);
    int32_t rc = kam__json_parse(&body, &arena, text, strlen(text), 0, err);
    const kam__json *only = rc == KAM_OK ? kam__json_get(body, "only") : NULL;
    if (only && rc == KAM_OK) {
        *out = kam__zalloc_n(run->ctx, (size_t)only->n + 1, sizeof **out);
        if (!*out) rc = kam__nomem(err);
        for (const kam__json *v = only->child; v && rc == KAM_OK; v = v->next) {
            rc = kam__json_i64(&(*out)[j->asked.nrepresentative], v, "only", err);
            j->asked.nrepresentative++;
        }
        j->asked.representative = *out;
    }
    kam__arena_free(&arena);
    return rc;
}

static int32_t papply_problems_then(kam__rowset **out, kam__plan_job *j, kam_run *run, kam_book *then, kam_error *err)
{
    kam__plan_lists l;
    kam__call call;
    memset(&l, 0, sizeof l);
    j->due.b = then;
    KAM__TRY(kam__txn_enter(&call, then, KAM_BEGIN_READ, err));
    int32_t rc = kam__plan_job_load(j);
    if (rc == KAM_OK) {
        rc = kam__plan_lists_open(&l, j);
        if (rc == KAM_OK) rc = kam__plan_missed_again(&l, run);
        if (rc == KAM_OK) rc = kam__plan_problems(&l);
        if (rc == KAM_OK) {
            *out = l.problems;
            l.problems = NULL;
        }
        kam__plan_lists_close(&l);
        kam__plan_job_free(j);
    }
    return kam__txn_leave(&call, rc, err);
}

static int32_t papply_problems(kam__rowset **out, kam_run *run, kam_error *err)
{
    kam__plan_job j;
    kam_book *then = NULL;
    int64_t *only = NULL;
    const kam_record *r = run->record;
    memset(&j, 0, sizeof j);
    j.due.err = err;
    j.due.as_of = j.due.day = (int32_t)kam__record_num(r, KAM_RUN_AS_OF, 0);
    j.asked.from = (int32_t)kam__record_num(r, KAM_RUN_FROM, 0);
    j.asked.days = (int32_t)kam__record_num(r, KAM_RUN_TO, 0) - j.asked.from;
    j.asked.cadence = kam_record_text(r, KAM_RUN_NAME, NULL);
    int32_t rc = papply_only(&j, &only, run, err);
    if (rc == KAM_OK) rc = kam_book_known(&then, run->book, kam__record_num(r, KAM_RUN_KNOWN, 0), err);
    if (rc == KAM_OK) rc = papply_problems_then(out, &j, run, then, err);
    kam_book_close(then);
    kam__free(run->ctx, only);
    return rc;
}

int32_t kam__plan_load(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err)
{
    static const uint32_t of[][2] = {{KAM_KIND_PLAN_ENTRY, KAM_PLAN_ENTRY_RUN},
                                     {KAM_KIND_PLAN_CHANGE, KAM_PLAN_CHANGE_RUN},
                                     {KAM_KIND_UNPLANNED, KAM_UNPLANNED_RUN}};
    kam_pred p;
    kam__pred mem;
    uint32_t field = 0;
    if (kind == KAM_KIND_PROBLEM) return papply_problems(out, run, err);
    for (size_t i = 0; i < KAM__LEN(of); i++)
        if (of[i][0] == kind) field = of[i][1];
    if (!field)
        return kam__fail(err, KAM_E_NOT_FOUND, "a plan has lists of PLAN_ENTRY, PLAN_CHANGE, UNPLANNED and PROBLEM");
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), field), KAM_OP_EQ,
                  kam__record_num(run->record, KAM_ID, 0));
    kam__read q = {.scan = {.kind = kind, .pred = &p, .npred = 1}, .as_of = KAM_TODAY};
    return kam__read_set(out, run->book, &q, err);
}
