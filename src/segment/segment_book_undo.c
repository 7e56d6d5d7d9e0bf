/*
 * segment/segment_book_undo.c - a grading run taken back: a run of its own, looked at first and applied like any
 * other.
 *
 * From the undone run's day on every account gets back exactly the facts that were believed just before that run's
 * commit, with their own runs, approvers and ends. What somebody graded by hand since stays as it is. Runs are undone
 * in reverse order.
 */
#include "../store/store.h"
#include "segment_book.h"

const kam__run_ops kam__undo_run_ops = {kam__grading_undo_apply, kam__grading_undo_why, kam__grading_load, NULL, NULL};

/* GRADE facts of the scheme of all times that are believed by a book. */
static int32_t ungrade_facts(kam__rowset **out, kam_book *b, const char *scheme, kam_error *err)
{
    kam_pred p;
    kam__pred mem;
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_GRADE), KAM_GRADE_SCHEME), KAM_OP_EQ, scheme,
                   strlen(scheme));
    kam__read q = {
        .scan = {.kind = KAM_KIND_GRADE, .pred = &p, .npred = 1}, .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    return kam__read_set(out, b, &q, err);
}

static int64_t ungrade_cell(const kam__rowset *s, uint64_t i, uint32_t field)
{
    const kam__blockbuf *bb = NULL;
    uint32_t row = 0;
    kam__rowset_at(s, i, &bb, &row);
    return kam__col_i64(&bb->view[kam__rowset_col(s, field)], row);
}

/* Accounts with a grade from the day on that the run did not put: somebody graded them since. */
static int32_t ungrade_touched(kam__imap *out, const kam__rowset *facts, int64_t run, int32_t day, int64_t seq,
                               kam_error *err)
{
    for (uint64_t i = 0; i < facts->nrow; i++)
        if (ungrade_cell(facts, i, KAM_VALID_TO) > day && ungrade_cell(facts, i, KAM_GRADE_RUN) != run &&
            ungrade_cell(facts, i, KAM_SEQ) > seq)
            KAM__TRY(kam__imap_put(out, ungrade_cell(facts, i, KAM_GRADE_ACCOUNT), 1, err));
    return KAM_OK;
}

/* ---------------------------------------------------------------- making the run */

typedef struct ungrade_making {
    kam_book *b; kam_run *stored; kam_error *err;
    kam__rowset *items, *set; kam__imap touched;
    kam_record *item;
    uint64_t kept;
} ungrade_making;

static int32_t ungrade_put_text(kam_record *r, uint32_t field, const char *text, kam_error *err)
{
    uint32_t i = kam__kind_index(r->kind, field);
    if (text) return kam__record_put_text(r, i, text, strlen(text), err);
    kam__record_put_null(r, i);
    return KAM_OK;
}

static int32_t ungrade_turn_item(ungrade_making *m, const char *old, const char *now)
{
    kam_record *r = m->item;
    kam_buf text, was, is;
    kam__buf_init(&text, m->b->ctx);
    kam__buf_init(&was, m->b->ctx);
    kam__buf_init(&is, m->b->ctx);
    if (old) kam__buf_str(&was, old);
    if (now) kam__buf_str(&is, now);
    kam__buf_printf(&text, "run %lld undone: %s again", (long long)kam__record_num(m->stored->record, KAM_ID, 0),
                    old ? old : "no grade");
    int32_t rc = kam__buf_end(&text, m->err);
    if (rc == KAM_OK) rc = kam__buf_end(&was, m->err);
    if (rc == KAM_OK) rc = kam__buf_end(&is, m->err);
    static const uint32_t gone[] = {KAM_ID,
                                    KAM_SEQ,
                                    KAM_GRADE_ITEM_RUN,
                                    KAM_GRADE_ITEM_RANK,
                                    KAM_GRADE_ITEM_MEASURE,
                                    KAM_GRADE_ITEM_CUT,
                                    KAM_GRADE_ITEM_TIE,
                                    KAM_GRADE_ITEM_COMPUTED};
    for (size_t i = 0; i < KAM__LEN(gone); i++) kam__record_put_null(r, kam__kind_index(r->kind, gone[i]));
    if (rc == KAM_OK) rc = ungrade_put_text(r, KAM_GRADE_ITEM_REASON, text.data, m->err);
    if (rc == KAM_OK) rc = ungrade_put_text(r, KAM_GRADE_ITEM_OLD, is.size ? is.data : NULL, m->err);
    if (rc == KAM_OK) rc = ungrade_put_text(r, KAM_GRADE_ITEM_NEW, was.size ? was.data : NULL, m->err);
    if (rc == KAM_OK) rc = kam__rowset_add_record(m->set, r, m->err);
    kam__buf_drop(&text);
    kam__buf_drop(&was);
    kam__buf_drop(&is);
    return rc;
}

static int32_t ungrade_items(ungrade_making *m)
{
    uint32_t x = 0;
    for (uint64_t i = 0; i < m->items->nrow; i++) {
        KAM__TRY(kam__item_load(m->item, m->items, i, m->err));
        const char *old = kam_record_text(m->item, KAM_GRADE_ITEM_OLD, NULL),
                   *now = kam_record_text(m->item, KAM_GRADE_ITEM_NEW, NULL);
        if (kam__text_same(old, now)) continue;
        if (kam__imap_get(&m->touched, kam__record_num(m->item, KAM_GRADE_ITEM_ACCOUNT, 0), &x)) m->kept++;
        else KAM__TRY(ungrade_turn_item(m, old, now));
    }
    return KAM_OK;
}

static int32_t ungrade_record(kam_run *run, const ungrade_making *m)
{
    const kam_record *from = m->stored->record;
    kam_record *r = run->record;
    char text[64];
    static const uint32_t same[] = { KAM_RUN_POLICY, KAM_RUN_VERSION, KAM_RUN_EFFECTIVE };
    for (size_t i = 0; i < KAM__LEN(same); i++) kam__record_put_num(r, same[i], kam__record_num(from, same[i], 0));
    kam__record_put_num(r, KAM_RUN_UNDOES, kam__record_num(from, KAM_ID, 0));
    kam__record_put_num(r, KAM_RUN_ACCOUNTS, (int64_t)m->set->nrow);
    kam__record_put_num(r, KAM_RUN_ITEMS, (int64_t)m->set->nrow);
    KAM__TRY(ungrade_put_text(r, KAM_RUN_NAME, kam_record_text(from, KAM_RUN_NAME, NULL), m->err));
    KAM__TRY(ungrade_put_text(r, KAM_RUN_HASH, kam_record_text(from, KAM_RUN_HASH, NULL), m->err));
    memcpy(text, "{\"kept\":", 8);
    size_t n = kam__i64_format(text + 8, (int64_t)m->kept);
    memcpy(text + 8 + n, "}", 2);
    return ungrade_put_text(r, KAM_RUN_STATISTICS, text, m->err);
}

static int32_t ungrade_allowed(const ungrade_making *m)
{
    const kam_record *r = m->stored->record;
    int64_t id = kam__record_num(r, KAM_ID, 0), later = 0;
    const char *scheme = kam_record_text(r, KAM_RUN_NAME, "");
    KAM__TRY(kam__grading_later(&later, m->b, scheme, id - 1, KAM_DAY_FIRST, m->err));
    if (later == id) return KAM_OK;
    if (later)
        return kam__fail(m->err, KAM_E_STALE, "run %lld of \"%s\" stands on run %lld: undo that one first",
                         (long long)later, scheme, (long long)id);
    return kam__fail(m->err, KAM_E_EXISTS, "run %lld is undone already", (long long)id);
}

static int32_t ungrade_make(kam_run **out, ungrade_making *m)
{
    const kam_record *r = m->stored->record;
    kam__rowset *facts = NULL, *set = NULL;
    int32_t day = (int32_t)kam__record_num(r, KAM_RUN_EFFECTIVE, 0);
    KAM__TRY(ungrade_allowed(m));
    KAM__TRY(kam__grading_load(&m->items, m->stored, KAM_KIND_GRADE_ITEM, m->err));
    KAM__TRY(ungrade_facts(&facts, m->b, kam_record_text(r, KAM_RUN_NAME, ""), m->err));
    int32_t rc =
        ungrade_touched(&m->touched, facts, kam__record_num(r, KAM_ID, 0), day, kam__record_num(r, KAM_SEQ, 0), m->err);
    kam__rowset_drop(facts);
    KAM__TRY(rc);
    KAM__TRY(kam__record_new(&m->item, m->b->schema, KAM_KIND_GRADE_ITEM, m->err));
    KAM__TRY(kam__rowset_new(&m->set, m->b->schema, KAM_KIND_GRADE_ITEM, NULL, 0, m->err));
    KAM__TRY(ungrade_items(m));
    KAM__TRY(kam__run_new(out, m->b, KAM_RUN_KIND_UNDO, &kam__undo_run_ops,
                          (int32_t)kam__record_num(r, KAM_RUN_AS_OF, 0), NULL, m->err));
    KAM__TRY(ungrade_record(*out, m));
    set = m->set;
    m->set = NULL;
    return kam__run_add_list(*out, set, m->err);
}

int32_t kam__grading_undo(kam_run **out, kam_run *stored, kam_error *err)
{
    ungrade_making m = { .b = stored->book, .stored = stored, .err = err };
    kam_run *run = NULL;
    kam__call c;
    KAM__TRY(kam__txn_enter(&c, stored->book, KAM_BEGIN_READ, err));
    kam__imap_init(&m.touched, m.b->ctx);
    int32_t rc = kam__txn_leave(&c, ungrade_make(&run, &m), err);
    kam__imap_free(&m.touched);
    kam__rowset_drop(m.items);
    kam__rowset_drop(m.set);
    kam_record_free(m.item);
    if (rc == KAM_OK) *out = run;
    else kam_run_free(run);
    return rc;
}

/* ---------------------------------------------------------------- applying it */

/* Every fact of the past that reaches behind the day holds again for the accounts of the items. */
static int32_t ungrade_restore(kam_run *run, const kam__rowset *past, kam_record *fact, int32_t day, kam_error *err)
{
    const kam__rowset *items = kam__run_list(run, KAM_KIND_GRADE_ITEM);
    for (uint64_t i = 0; i < past->nrow; i++) {
        uint64_t at = 0;
        int what = 0;
        if (ungrade_cell(past, i, KAM_VALID_TO) <= day ||
            !kam__item_find(items, ungrade_cell(past, i, KAM_GRADE_ACCOUNT), &at))
            continue;
        KAM__TRY(kam__item_load(fact, past, i, err));
        if (kam__record_num(fact, KAM_VALID_FROM, KAM_DAY_FIRST) < day) kam__record_put_num(fact, KAM_VALID_FROM, day);
        kam__record_put_null(fact, kam__kind_index(fact->kind, KAM_ID));
        kam__record_put_null(fact, kam__kind_index(fact->kind, KAM_SEQ));
        KAM__TRY(kam__fact_put(&what, run->book, fact, err));
    }
    return KAM_OK;
}

static int32_t ungrade_end(kam_run *run, kam_record *fact, kam_record *item, int32_t day, kam_error *err)
{
    const kam__rowset *items = kam__run_list(run, KAM_KIND_GRADE_ITEM);
    for (uint64_t i = 0; i < items->nrow; i++) {
        KAM__TRY(kam__item_load(item, items, i, err));
        kam_record_clear(fact);
        kam__record_put_num(fact, KAM_GRADE_ACCOUNT, kam__record_num(item, KAM_GRADE_ITEM_ACCOUNT, 0));
        KAM__TRY(ungrade_put_text(fact, KAM_GRADE_SCHEME, kam_record_text(run->record, KAM_RUN_NAME, ""), err));
        KAM__TRY(kam__fact_end(run->book, fact, day, err));
    }
    return KAM_OK;
}

/* The commit just before the undone run's own. */
static int32_t ungrade_past(kam__rowset **out, kam_run *run, kam_error *err)
{
    kam_record *undone = NULL;
    kam_book *before = NULL;
    KAM__TRY(kam__record_new(&undone, run->book->schema, KAM_KIND_RUN, err));
    int32_t rc = kam__read_one(undone, run->book, kam__record_num(run->record, KAM_RUN_UNDOES, 0), KAM_TODAY, err);
    if (rc == KAM_OK) rc = kam_book_known(&before, run->book, kam__record_num(undone, KAM_SEQ, 1) - 1, err);
    if (rc == KAM_OK) rc = ungrade_facts(out, before, kam_record_text(run->record, KAM_RUN_NAME, ""), err);
    kam_book_close(before);
    kam_record_free(undone);
    return rc;
}

int32_t kam__grading_undo_apply(kam_run *run, kam_error *err)
{
    kam__rowset *past = NULL;
    kam_record *fact = NULL, *item = NULL;
    int32_t day = (int32_t)kam__record_num(run->record, KAM_RUN_EFFECTIVE, 0);
    KAM__TRY(kam__insert_set(run->book, kam__run_list(run, KAM_KIND_GRADE_ITEM), KAM_GRADE_ITEM_RUN,
                             kam__record_num(run->record, KAM_ID, 0), err));
    KAM__TRY(ungrade_past(&past, run, err));
    int32_t rc = kam__record_new(&fact, run->book->schema, KAM_KIND_GRADE, err);
    if (rc == KAM_OK) rc = kam__record_new(&item, run->book->schema, KAM_KIND_GRADE_ITEM, err);
    if (rc == KAM_OK) rc = ungrade_end(run, fact, item, day, err);
    if (rc == KAM_OK) rc = ungrade_restore(run, past, fact, day, err);
    kam_record_free(fact);
    kam_record_free(item);
    kam__rowset_drop(past);
    return rc;
}
