/*
 * segment/segment_book_why.c - why an account has its grade, from a run at hand or one stored long ago.
 *
 * A stored run keeps its items, not its inputs: they are read again. If the book of today gives the same input hash,
 * its figures are those of the run; else the book as it was known then is asked, and the verdict says that the inputs
 * differ now. Accounts whose grade the run did not change are explained in the same way.
 */
#include "../store/store.h"
#include "segment_book.h"

static const char *seg_run_text(const kam_run *run, uint32_t field) { return kam_record_text(run->record, field, ""); }

/* ---------------------------------------------------------------- the inputs of a run */

static int32_t why_scheme(kam_scheme **out, const kam_run *run, kam_error *err)
{
    kam__policy p;
    const kam__gradings *g = run->self;
    if (g) {
        kam__ref_hold(&g->scheme->ref);
        *out = g->scheme;
        return KAM_OK;
    }
    KAM__TRY(kam__policy_load_id(&p, run->book, kam__record_num(run->record, KAM_RUN_POLICY, 0), err));
    return kam__scheme_of_policy(out, run->ctx, &p, err);
}

static int32_t why_make_then(kam__gradings **out, const kam_run *run, kam_scheme *scheme, kam_error *err)
{
    kam_book *then = NULL;
    KAM__TRY(kam_book_known(&then, run->book, kam__record_num(run->record, KAM_RUN_KNOWN, 0), err));
    int32_t rc = kam__gradings_make(out, then, scheme, (int32_t)kam__record_num(run->record, KAM_RUN_AS_OF, 0), err);
    kam_book_close(then);
    return rc;
}

/* The inputs are still the same, the grades beside them are not: those are taken as they were. */
static int32_t why_old_then(kam__gradings *g, const kam_run *run, kam_error *err)
{
    kam_book *then = NULL;
    KAM__TRY(kam_book_known(&then, run->book, kam__record_num(run->record, KAM_RUN_KNOWN, 0), err));
    kam__free(g->ctx, (void *)g->old);
    kam__free(g->ctx, (void *)g->approver);
    g->old = g->approver = NULL;
    int32_t rc = kam__gradings_old(g, then, err);
    kam_book_close(then);
    return rc;
}

/* Sets run->self where it is missing, and its `differ` for commit `last`. */
static int32_t why_compare(kam_run *run, kam_scheme *scheme, int64_t last, kam_error *err)
{
    kam__gradings *now = NULL, *g = run->self;
    KAM__TRY(kam__gradings_make(&now, run->book, scheme, (int32_t)kam__record_num(run->record, KAM_RUN_AS_OF, 0), err));
    int differ = !kam__text_same(now->hash, seg_run_text(run, KAM_RUN_INPUT_HASH));
    int32_t rc = KAM_OK;
    if (!g && !differ) {
        rc = why_old_then(now, run, err);
        if (rc == KAM_OK) g = now;
        if (rc == KAM_OK) now = NULL;
    } else if (!g) {
        rc = why_make_then(&g, run, scheme, err);
        if (rc == KAM_OK) g->lost = !kam__text_same(g->hash, seg_run_text(run, KAM_RUN_INPUT_HASH));
    }
    kam__gradings_free(run->ctx, now);
    if (rc != KAM_OK) return rc;
    g->differ = differ;
    g->checked = last;
    run->self = g;
    return KAM_OK;
}

/* 1: nothing was committed since the run read the book, but perhaps the run itself. */
static int why_untouched(const kam_run *run, int64_t last)
{
    int64_t seq = run->stored ? kam__record_num(run->record, KAM_SEQ, 0) : run->read_seq;
    return last == run->read_seq || (run->stored && last == seq && seq == run->read_seq + 1);
}

static int32_t why_inputs(kam_run *run, kam_error *err)
{
    kam__gradings *g = run->self;
    kam_scheme *scheme = NULL;
    int64_t last = 0;
    KAM__TRY(kam__book_last_seq(&last, run->book, err));
    if (g && (g->checked == last || why_untouched(run, last))) return KAM_OK;
    KAM__TRY(why_scheme(&scheme, run, err));
    int32_t rc = why_compare(run, scheme, last, err);
    kam_scheme_free(scheme);
    return rc;
}

/* ---------------------------------------------------------------- the item */

static int32_t why_items(kam_run *run, kam_error *err)
{
    kam__rowset *set = NULL;
    if (kam__run_list(run, KAM_KIND_GRADE_ITEM)) return KAM_OK;
    KAM__TRY(kam__grading_load(&set, run, KAM_KIND_GRADE_ITEM, err));
    return kam__run_add_list(run, set, err);
}

/* The item of an account, or the one with that id; *found = 0: none, the record is empty. */
static int32_t why_item(int *found, kam_record *item, kam_run *run, int64_t id, int by_account, kam_error *err)
{
    uint64_t at = 0;
    KAM__TRY(why_items(run, err));
    const kam__rowset *items = kam__run_list(run, KAM_KIND_GRADE_ITEM);
    *found = by_account && kam__item_find(items, id, &at);
    for (uint64_t i = 0; !by_account && !*found && i < items->nrow; i++) {
        KAM__TRY(kam__item_load(item, items, i, err));
        *found = kam__record_num(item, KAM_ID, 0) == id;
        at = i;
    }
    if (*found) return kam__item_load(item, items, at, err);
    kam_record_clear(item);
    return KAM_OK;
}

/* ---------------------------------------------------------------- the answer */

static int32_t why_put_record_text(kam_record *r, uint32_t field, const char *text, kam_error *err)
{
    return text && text[0] ? kam__record_put_text(r, kam__kind_index(r->kind, field), text, strlen(text), err) : KAM_OK;
}

static int32_t why_verdict(kam_why *why, const kam_run *run, int64_t account, const char *result, int differ,
                           kam_error *err)
{
    kam_record *v = why->verdict;
    int64_t id = kam__record_num(run->record, KAM_ID, 0), version = kam__record_num(run->record, KAM_RUN_VERSION, 0);
    kam__record_put_num(v, KAM_VERDICT_SUBJECT, account);
    kam__record_put_num(v, KAM_VERDICT_AS_OF, kam__record_num(run->record, KAM_RUN_AS_OF, 0));
    kam__record_put_num(v, KAM_VERDICT_KNOWN, kam__record_num(run->record, KAM_RUN_KNOWN, 0));
    kam__record_put_num(v, KAM_VERDICT_INPUTS_DIFFER, differ);
    kam__record_put_num(v, KAM_VERDICT_FLAGS, 0);
    if (id) kam__record_put_num(v, KAM_VERDICT_RUN, id);
    if (version) kam__record_put_num(v, KAM_VERDICT_VERSION, version);
    KAM__TRY(why_put_record_text(v, KAM_VERDICT_KIND, "grade", err));
    KAM__TRY(why_put_record_text(v, KAM_VERDICT_POLICY, seg_run_text(run, KAM_RUN_NAME), err));
    KAM__TRY(why_put_record_text(v, KAM_VERDICT_HASH, seg_run_text(run, KAM_RUN_HASH), err));
    return why_put_record_text(v, KAM_VERDICT_RESULT, result, err);
}

static int32_t on_why_reason(void *user, const kam__reason *r, kam_error *err)
{
    return kam__why_add(user, r->factor, r->value, r->band, r->code, r->en, r->zh, err);
}

typedef struct why_words { kam_buf en, zh; } why_words;

static int32_t why_say(kam_why *why, why_words *w, const char *factor, const char *value, const char *code,
                       kam_error *err)
{
    int32_t rc = kam__buf_end(&w->en, err);
    if (rc == KAM_OK) rc = kam__buf_end(&w->zh, err);
    if (rc == KAM_OK) rc = kam__why_add(why, factor, value, NULL, code, w->en.data, w->zh.data, err);
    kam__buf_drop(&w->en);
    kam__buf_drop(&w->zh);
    return rc;
}

static void why_words_init(why_words *w, kam_ctx *ctx)
{
    kam__buf_init(&w->en, ctx);
    kam__buf_init(&w->zh, ctx);
}

/* Who put it by hand, and what was computed. */
static int32_t why_by_hand(kam_why *why, const kam__gradings *g, uint32_t i, const char *computed, kam_error *err)
{
    why_words w;
    if (!g->approver[i]) return KAM_OK;
    why_words_init(&w, why->ctx);
    kam__buf_printf(&w.en, "put by hand: %s, approved by %s; computed: %s", g->old[i], g->approver[i],
                    computed ? computed : "none");
    kam__buf_printf(&w.zh, "人工定级：%s，批准人 %s；计算结果：%s", g->old[i], g->approver[i], computed ? computed : "无");
    return why_say(why, &w, "approver", g->approver[i], "BY_HAND", err);
}

static int32_t why_before(kam_why *why, const char *old, const char *now, kam_error *err)
{
    why_words w;
    why_words_init(&w, why->ctx);
    if (kam__text_same(old, now)) {
        kam__buf_printf(&w.en, "unchanged by this run");
        kam__buf_printf(&w.zh, "本次运行未改变");
    } else {
        kam__buf_printf(&w.en, "before: %s", old ? old : "no grade");
        kam__buf_printf(&w.zh, "此前：%s", old ? old : "无等级");
    }
    return why_say(why, &w, "before", old, "BEFORE", err);
}

/* The inputs are gone: what the item says is all there is. */
static int32_t why_from_item(kam_why *why, const kam_record *item, kam_error *err)
{
    const char *reason = kam_record_text(item, KAM_GRADE_ITEM_REASON, "the inputs of the run cannot be read any more");
    return kam__why_add(why, "item", kam_record_text(item, KAM_GRADE_ITEM_MEASURE, NULL),
                        kam_record_text(item, KAM_GRADE_ITEM_CUT, NULL), "ITEM", reason, reason, err);
}

static int32_t why_fill(kam_why *why, const kam_run *run, const kam__gradings *g, uint32_t i, int found,
                        kam_record *item, kam_error *err)
{
    const kam__scheme *s = &g->scheme->doc;
    const char *computed = g->out.row[i].grade < 0 ? NULL : s->grade[g->out.row[i].grade];
    const char *result = g->approver[i] ? g->old[i] : computed, *old = result;
    if (found) {
        result = kam_record_text(item, KAM_GRADE_ITEM_NEW, NULL);
        old = kam_record_text(item, KAM_GRADE_ITEM_OLD, NULL);
    }
    KAM__TRY(why_verdict(why, run, g->account[i], result, g->differ || g->lost, err));
    if (g->lost) return why_from_item(why, item, err);
    KAM__TRY(why_by_hand(why, g, i, computed, err));
    KAM__TRY(kam__grade_explain(&g->bound, &g->in, &g->out, i, KAM__SAY_EN | KAM__SAY_ZH, on_why_reason, why, err));
    KAM__TRY(kam__gradings_expr_why(why, g, i, err));
    return why_before(why, old, result, err);
}

static int32_t why_make(kam_why **out, kam_run *run, kam_record *item, int64_t id, kam_error *err)
{
    kam_why *why = NULL;
    int found = 0;
    uint32_t i = 0;
    KAM__TRY(why_inputs(run, err));
    const kam__gradings *g = run->self;
    int by_account = kam__gradings_find(g, id, &i);
    KAM__TRY(why_item(&found, item, run, id, by_account, err));
    if (!by_account && (!found || !kam__gradings_find(g, kam__record_num(item, KAM_GRADE_ITEM_ACCOUNT, 0), &i)))
        return kam__fail(err, KAM_E_NOT_FOUND, "this run knows no account nor entry %lld", (long long)id);
    KAM__TRY(kam__why_new(&why, run->book, err));
    int32_t rc = why_fill(why, run, g, i, found, item, err);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

static int32_t why_in_txn(kam_why **out, kam_run *run, int64_t id,
                          int32_t (*make)(kam_why **, kam_run *, kam_record *, int64_t, kam_error *), kam_error *err)
{
    kam_record *item = NULL;
    kam__call c;
    KAM__TRY(kam__txn_enter(&c, run->book, KAM_BEGIN_READ, err));
    kam_why *why = NULL;
    int32_t rc = kam__record_new(&item, run->book->schema, KAM_KIND_GRADE_ITEM, err);
    if (rc == KAM_OK) rc = make(&why, run, item, id, err);
    kam_record_free(item);
    rc = kam__txn_leave(&c, rc, err);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

int32_t kam__grading_why(kam_why **out, kam_run *run, int64_t id, kam_error *err)
{
    return why_in_txn(out, run, id, why_make, err);
}

/* ---------------------------------------------------------------- undone runs */

static int32_t why_undo_fill(kam_why *why, const kam_run *run, kam_record *item, kam_error *err)
{
    why_words w;
    const char *now = kam_record_text(item, KAM_GRADE_ITEM_NEW, NULL),
               *old = kam_record_text(item, KAM_GRADE_ITEM_OLD, NULL);
    long long undone = (long long)kam__record_num(run->record, KAM_RUN_UNDOES, 0);
    KAM__TRY(why_verdict(why, run, kam__record_num(item, KAM_GRADE_ITEM_ACCOUNT, 0), now, 0, err));
    why_words_init(&w, why->ctx);
    kam__buf_printf(&w.en, "run %lld undone: %s again", undone, now ? now : "no grade");
    kam__buf_printf(&w.zh, "撤销运行 %lld：恢复为 %s", undone, now ? now : "无等级");
    KAM__TRY(why_say(why, &w, "undoes", NULL, "UNDO", err));
    return why_before(why, old, now, err);
}

static int32_t why_undo_make(kam_why **out, kam_run *run, kam_record *item, int64_t id, kam_error *err)
{
    kam_why *why = NULL;
    int found = 0;
    KAM__TRY(why_item(&found, item, run, id, 1, err));
    if (!found) KAM__TRY(why_item(&found, item, run, id, 0, err));
    if (!found)
        return kam__fail(err, KAM_E_NOT_FOUND, "this run changed nothing of account or entry %lld", (long long)id);
    KAM__TRY(kam__why_new(&why, run->book, err));
    int32_t rc = why_undo_fill(why, run, item, err);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

int32_t kam__grading_undo_why(kam_why **out, kam_run *run, int64_t id, kam_error *err)
{
    return why_in_txn(out, run, id, why_undo_make, err);
}
