/*
 * store/run.c - a policy applied to a book on a day: looked at first, then applied, explained, undone.
 *
 * The engine that makes a run fills its lists and gives it its functions; here is what all runs share. A run remembers
 * the last commit it saw: applying it to a book that has moved on since is STALE, unless forced. A stored run is opened
 * by id and gets its functions from the plug table.
 */
#include "store.h"

static int32_t run_make(kam_run **out, kam_book *book, const kam__run_ops *ops, kam_error *err)
{
    kam_run *run = kam__zalloc(book->ctx, sizeof *run);
    if (!run) return kam__nomem(err);
    run->ctx = kam__ctx_hold(book->ctx);
    run->book = kam__book_hold(book);
    int32_t rc = kam__record_new(&run->record, book->schema, KAM_KIND_RUN, err);
    if (rc != KAM_OK) {
        kam_run_free(run);
        return rc;
    }
    run->ops = ops;
    *out = run;
    return KAM_OK;
}

static int32_t run_fill(kam_run *run, uint32_t run_kind, int32_t as_of, const kam__policy *policy, kam_error *err)
{
    kam_record *r = run->record;
    int32_t day = 0;
    KAM__TRY(kam__book_day(&day, run->book, as_of, err));
    const kam_book *home = kam__book_home(run->book);
    KAM__TRY(kam__book_last_seq(&run->read_seq, run->book, err));
    run->generation = home->generation;
    run->writes = home->db.writes;
    kam__record_put_num(r, KAM_RUN_KIND, run_kind);
    kam__record_put_num(r, KAM_RUN_AS_OF, day);
    kam__record_put_num(r, KAM_RUN_KNOWN, run->read_seq);
    if (!policy) return KAM_OK;
    if (policy->id) {
        kam__record_put_num(r, KAM_RUN_POLICY, policy->id);
        kam__record_put_num(r, KAM_RUN_VERSION, policy->version);
    }
    KAM__TRY(kam__record_put_str(r, KAM_RUN_NAME, policy->name, err));
    return kam__record_put_str(r, KAM_RUN_HASH, policy->hash, err);
}

int32_t kam__run_new(kam_run **out, kam_book *book, uint32_t run_kind, const kam__run_ops *ops, int32_t as_of,
                     const kam__policy *policy, kam_error *err)
{
    kam_run *run = NULL;
    KAM__TRY(run_make(&run, book, ops, err));
    int32_t rc = run_fill(run, run_kind, as_of, policy, err);
    if (rc != KAM_OK) {
        kam_run_free(run);
        return rc;
    }
    *out = run;
    return KAM_OK;
}

int32_t kam__run_add_list(kam_run *run, kam__rowset *set, kam_error *err)
{
    if (run->nlist == KAM__RUN_LISTS) {
        kam__rowset_drop(set);
        return kam__fail(err, KAM_E_LIMIT, "a run has at most %u lists", KAM__RUN_LISTS);
    }
    kam__rowset_seal(set);
    run->list[run->nlist++] = set;
    return KAM_OK;
}

kam__rowset *kam__run_list(const kam_run *run, uint32_t kind)
{
    for (uint32_t i = 0; i < run->nlist; i++)
        if (run->list[i]->kind == kind)
            return run->stored && run->stored_list[i] ? run->stored_list[i] : run->list[i];
    return NULL;
}

int32_t kam__run_set_stored(kam_run *run, kam__rowset *set, kam_error *err)
{
    for (uint32_t i = 0; i < run->nlist; i++) {
        if (run->list[i]->kind != set->kind) continue;
        kam__rowset_drop(run->stored_list[i]);
        run->stored_list[i] = kam__rowset_hold(set);
        return KAM_OK;
    }
    return kam__fail(err, KAM_E_NOT_FOUND, "this run has no list of kind %u", set->kind);
}

void kam_run_free(kam_run *run)
{
    if (!run) return;
    kam_ctx *ctx = run->ctx;
    for (uint32_t i = 0; i < run->nlist; i++) {
        kam__rowset_drop(run->list[i]);
        kam__rowset_drop(run->stored_list[i]);
    }
    if (run->ops && run->ops->free && run->self) run->ops->free(ctx, run->self);
    kam_record_free(run->record);
    kam__book_drop(run->book);
    kam__free(ctx, run);
    kam_ctx_free(ctx);
}

const kam_record *kam_run_record(const kam_run *run) { return run ? run->record : NULL; }

/* ---------------------------------------------------------------- stored runs */

static const kam__run_ops *run_plug(int64_t run_kind)
{
    for (const kam__run_plug *p = kam__run_plugs; p->run_kind; p++)
        if (p->run_kind == run_kind) return p->ops;
    return NULL;
}

int32_t kam_run_open(kam_run **out, kam_book *book, int64_t id, kam_error *err)
{
    kam_run *run = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(run_make(&run, book, NULL, err));
    int32_t rc = kam__read_one(run->record, book, id, KAM_TODAY, err);
    if (rc == KAM_OK) {
        run->stored = 1;
        run->read_seq = kam_record_i64(run->record, KAM_RUN_KNOWN, 0);
        run->ops = run_plug(kam_record_i64(run->record, KAM_RUN_KIND, 0));
        if (!run->ops)
            rc = kam__fail(err, KAM_E_UNSUPPORTED, "run %lld is of a kind this library does not know: use a newer library",
                           (long long)id);
    }
    if (rc != KAM_OK) {
        kam_run_free(run);
        return rc;
    }
    *out = run;
    return KAM_OK;
}

static int32_t run_ready(const kam_run *run, kam_error *err)
{
    if (!run) return kam__null_arg(err, "run");
    return kam__book_ready(run->book, err);
}

int32_t kam_run_rows(kam_rows **out, kam_run *run, uint32_t kind, kam_error *err)
{
    kam__rowset *set = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(run_ready(run, err));
    if (!kam__run_list(run, kind) && run->stored && run->ops->load) {
        KAM__TRY(run->ops->load(&set, run, kind, err));
        KAM__TRY(kam__run_add_list(run, set, err));
    }
    set = kam__run_list(run, kind);
    if (!set) return kam__fail(err, KAM_E_NOT_FOUND, "this run has no list of kind %u", kind);
    return kam__rows_of_set(out, run->book, set, 0, 0, err);
}

int32_t kam_run_why(kam_why **out, kam_run *run, int64_t id, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(run_ready(run, err));
    return run->ops->why(out, run, id, err);
}

/* ---------------------------------------------------------------- applying */

static int32_t run_store(kam_run *run, uint32_t flags, kam_error *err)
{
    kam_book *b = run->book;
    const kam_book *home = kam__book_home(b);
    int64_t last = 0;
    KAM__TRY(kam__book_last_seq(&last, b, err));
    int moved = last != run->read_seq || (run->generation == home->generation && run->writes != home->db.writes);
    if (moved && !(flags & KAM_APPLY_FORCE))
        return kam__fail(err, KAM_E_STALE,
                         "the book was changed since this run read it (commit %lld, now %lld): run it again",
                         (long long)run->read_seq, (long long)last);
    KAM__TRY(kam__insert_record(b, run->record, err));
    KAM__TRY(run->ops->apply(run, err));
    return kam__txn_touch(b, KAM_KIND_RUN, kam_record_i64(run->record, KAM_ID, 0), KAM_TOUCH_INSERT, err);
}

/* Not stored (any more): the id and the commit are free again, the lists are what was read. */
static void run_forget(kam_run *run)
{
    for (uint32_t i = 0; i < run->nlist; i++) {
        kam__rowset_drop(run->stored_list[i]);
        run->stored_list[i] = NULL;
    }
    kam__record_put_null(run->record, kam__kind_index(run->record->kind, KAM_ID));
    kam__record_put_null(run->record, kam__kind_index(run->record->kind, KAM_SEQ));
    run->stored = 0;
}

/* EXISTS, unless the transaction the run was applied in has been rolled back: then it can be applied again. */
static int32_t run_not_stored(kam_run *run, kam_error *err)
{
    kam_record *found = NULL;
    int same = 1;
    if (!run->stored) return KAM_OK;
    KAM__TRY(kam__record_new(&found, run->book->schema, KAM_KIND_RUN, err));
    int32_t rc = kam__read_one(found, run->book, kam_record_i64(run->record, KAM_ID, 0), KAM_TODAY, err);
    for (uint32_t i = 0; rc == KAM_OK && i < found->kind->nfield; i++) same &= kam__record_same(found, run->record, i);
    kam_record_free(found);
    if (rc != KAM_OK && rc != KAM_E_NOT_FOUND) return rc;
    if (rc == KAM_OK && same)
        return kam__fail(err, KAM_E_EXISTS, "this run is applied already (id %lld)",
                         (long long)kam_record_i64(run->record, KAM_ID, 0));
    run_forget(run);
    return KAM_OK;
}

int32_t kam_run_apply(kam_run *run, uint32_t flags, kam_error *err)
{
    kam__call c;
    KAM__TRY(run_ready(run, err));
    KAM__TRY(kam__flags(flags, KAM_APPLY_FORCE, "flags", err));
    KAM__TRY(run_not_stored(run, err));
    if (run->trial)
        return kam__fail(err, KAM_E_POLICY,
                         "a trial of a document that is not in the book cannot be applied: add and approve it");
    KAM__TRY(kam__txn_enter(&c, run->book, KAM_BEGIN_WRITE, err));
    int32_t rc = kam__txn_leave(&c, run_store(run, flags, err), err);
    if (rc != KAM_OK) {
        run_forget(run);
        return rc;
    }
    run->stored = 1;
    return KAM_OK;
}

int32_t kam_run_undo(kam_run **out, kam_book *book, int64_t id, kam_error *err)
{
    kam_run *stored = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam_run_open(&stored, book, id, err));
    int32_t rc = stored->ops->undo
                     ? stored->ops->undo(out, stored, err)
                     : kam__fail(err, KAM_E_UNSUPPORTED, "runs of this kind change nothing that could be put back");
    kam_run_free(stored);
    return rc;
}
