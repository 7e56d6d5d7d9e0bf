/*
 * visit/visit_book_plan_problems.c - what is wrong with the data a plan was made of: people without accounts, accounts
 * without a place, conditions nobody can tell, planned contacts that should not be as they are or exclude each other.
 *
 * All of it is told from what was read, not from the engine's answer: so a stored run can tell it again. Only that somebody who
 * must be seen is not comes from the answer, which is stored.
 */
#include "../store/store.h"
#include "visit_book.h"

static void pprob_text(kam__blockbuf *bb, const kam__rowset *s, uint32_t field, const char *text)
{
    if (text && text[0]) kam__bb_text(bb, kam__rowset_col(s, field), text, strlen(text));
}

static int32_t pprob_row(kam__plan_lists *l, const char *kind, int64_t record, const char *field, const char *value,
                         const char *code)
{
    kam__rowset *s = l->problems;
    kam__blockbuf *bb = kam__rowset_row(s, l->j->due.err);
    if (!bb) return KAM_E_NOMEM;
    KAM__TRY(kam__buf_end(&l->text, l->j->due.err));
    pprob_text(bb, s, KAM_PROBLEM_KIND, kind);
    kam__bb_i64(bb, kam__rowset_col(s, KAM_PROBLEM_RECORD), record);
    pprob_text(bb, s, KAM_PROBLEM_FIELD, field);
    pprob_text(bb, s, KAM_PROBLEM_VALUE, value);
    pprob_text(bb, s, KAM_PROBLEM_CODE, code);
    pprob_text(bb, s, KAM_PROBLEM_TEXT, l->text.data);
    kam__buf_clear(&l->text);
    return kam__rowset_end_row(s, l->j->due.err);
}

/* ---------------------------------------------------------------- accounts */

static int pprob_visited(const kam__plan_job *j, const kam__due_account *a)
{
    const kam__cadence_set *set = &j->due.cadence.set[a->set];
    for (uint32_t r = 0; r < set->nrule; r++)
        if (set->rule[r].channel == KAM_CHANNEL_VISIT) return 1;
    return 0;
}

static int32_t pprob_places(kam__plan_lists *l, size_t first, size_t n)
{
    const kam__plan_job *j = l->j;
    for (size_t i = first; i < first + n; i++) {
        const kam__due_account *a = &j->due.account[j->order[i]];
        const kam__plan_place *p = &j->place[j->order[i]];
        if (p->located || !pprob_visited(j, a)) continue;
        kam__buf_printf(&l->text, "%s %s: its visits are planned, but not on the way of a day", p->name,
                        p->given ? "has coordinates that are no place" : "has no coordinates");
        KAM__TRY(pprob_row(l, "account", a->id, "latitude", NULL, p->given ? "BAD_COORDINATES" : "NO_COORDINATES"));
    }
    return KAM_OK;
}

static int32_t pprob_zones(kam__plan_lists *l, size_t first, size_t n)
{
    const kam__plan_job *j = l->j;
    for (size_t i = first; i < first + n; i++) {
        int64_t account = j->due.account[j->order[i]].id;
        if (!kam__check_zone_unknown(&j->check, account)) continue;
        kam__buf_printf(&l->text, "%s is in a time zone the host does not know: its hours are taken for the book's", j->place[j->order[i]].name);
        KAM__TRY(pprob_row(l, "account", account, "zone", NULL, "UNKNOWN_ZONE"));
    }
    return KAM_OK;
}

static int32_t pprob_objection(void *user, const kam__check_case *k, const char *field, const char *code)
{
    return pprob_row(user, "activity", k->activity, field, NULL, code);
}

/* ---------------------------------------------------------------- what is agreed on and cannot all be kept */

typedef struct pprob_lock { int64_t representative, id; int32_t day, begin, end; } pprob_lock;

static int pprob_lock_order(const void *a, const void *b, void *arg)
{
    const pprob_lock *x = a, *y = b;
    (void)arg;
    if (x->representative != y->representative) return x->representative < y->representative ? -1 : 1;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Whatever else moves, these do not; frozen ones are no agreement. */
static int pprob_locked(const kam__plan_job *j, const kam__planned *k)
{
    int own = k->cause == KAM_ACTIVITY_CAUSE_CADENCE || k->cause == KAM_ACTIVITY_CAUSE_FOLLOWUP;
    int in = k->day >= j->asked.from && k->day < j->asked.from + j->asked.days;
    return in && k->start >= 0 && !k->elsewhere && (k->locked || k->joint || !own);
}

/* Two at a time: by START and, where it is said, DURATION. */
static int32_t pprob_clashes(kam__plan_lists *l, const pprob_lock *lock, size_t n)
{
    for (size_t i = 1, longest = 0; i < n; i++) {
        const pprob_lock *x = &lock[longest], *y = &lock[i];
        int same = x->representative == y->representative && x->day == y->day;
        if (same && y->begin < x->end) {
            kam__buf_printf(&l->text, "error: it begins at %02d:%02d, when activity %lld of the same person lasts until %02d:%02d, and neither "
                            "moves: agree on another time for one of them", (int)(y->begin / 60), (int)(y->begin % 60), (long long)x->id,
                            (int)(x->end / 60), (int)(x->end % 60));
            KAM__TRY(pprob_row(l, "activity", y->id, "start", NULL, "LOCKS_CLASH"));
        }
        if (!same || y->end > x->end) longest = i;
    }
    return KAM_OK;
}

static int32_t pprob_locks(kam__plan_lists *l)
{
    const kam__plan_job *j = l->j;
    kam_ctx *ctx = j->due.b->ctx;
    size_t n = 0;
    pprob_lock *lock = kam__zalloc_n(ctx, j->nlink + 1, sizeof *lock);
    if (!lock) return kam__nomem(j->due.err);
    for (size_t i = 0; i < j->nlink; i++) {
        const kam__planned *k = &j->link[i].k;
        if (!pprob_locked(j, k)) continue;
        lock[n++] = (pprob_lock){j->link[i].representative, k->id, k->day, k->start, k->start + (k->duration > 0 ? k->duration : 1)};
    }
    int32_t rc = kam__sort(ctx, lock, n, sizeof *lock, pprob_lock_order, NULL, j->due.err);
    if (rc == KAM_OK) rc = pprob_clashes(l, lock, n);
    kam__free(ctx, lock);
    return rc;
}

/* ---------------------------------------------------------------- who must be seen and is not */

int32_t kam__plan_missed(kam__plan_lists *l, int64_t account, const char *name, const char *rule, int32_t due, int32_t code)
{
    const kam__enum_item *why = kam__enum_by_value(kam__enum_set_by_name("UNPLANNED"), code);
    kam__buf_printf(&l->text, "error: %s must be seen (rule %s, due by ", name, rule);
    kam__buf_day(&l->text, due);
    kam__buf_printf(&l->text, ") and is not planned: %s; its row in UNPLANNED tells what would help", why ? why->en : "");
    return pprob_row(l, "account", account, NULL, rule, "MUST_SEE");
}

int32_t kam__plan_missed_again(kam__plan_lists *l, kam_run *run)
{
    kam_error *err = l->j->due.err;
    kam__rowset *set = NULL;
    kam_record *r = NULL;
    KAM__TRY(kam__plan_load(&set, run, KAM_KIND_UNPLANNED, err));
    int32_t rc = kam__record_new(&r, run->book->schema, KAM_KIND_UNPLANNED, err);
    for (uint64_t i = 0; i < set->nrow && rc == KAM_OK; i++) {
        rc = kam__plan_get(r, set, i, err);
        if (rc != KAM_OK || !kam__record_num(r, KAM_UNPLANNED_MUST, 0)) continue;
        rc = kam__plan_missed(l, kam__record_num(r, KAM_UNPLANNED_ACCOUNT, 0), kam_record_text(r, KAM_UNPLANNED_NAME, ""),
                              kam_record_text(r, KAM_UNPLANNED_RULE, ""), (int32_t)kam__record_num(r, KAM_UNPLANNED_DUE, 0),
                              (int32_t)kam__record_num(r, KAM_UNPLANNED_CODE, 0));
    }
    kam_record_free(r);
    kam__rowset_drop(set);
    return rc;
}

/* ---------------------------------------------------------------- all of it */

/* Derived from what was read, so that a stored run can tell it again. */
int32_t kam__plan_problems(kam__plan_lists *l)
{
    const kam__plan_job *j = l->j;
    for (size_t i = 0; i < j->nrep; i++) {
        size_t first = 0, n = kam__plan_owned(j, j->rep[i].id, &first);
        if (!kam__plan_asks(j, j->rep[i].id)) continue;
        KAM__TRY(pprob_places(l, first, n));
        KAM__TRY(pprob_zones(l, first, n));
        if (n) continue;
        kam__buf_printf(&l->text, "%s has no accounts: there is nobody to see", j->rep[i].name);
        KAM__TRY(pprob_row(l, "representative", j->rep[i].id, NULL, j->rep[i].name, "NO_ACCOUNTS"));
    }
    for (size_t i = 0; i < j->due.nunsure; i++) {
        const kam__due_unsure *u = &j->due.unsure[i];
        const kam__due_account *a = &j->due.account[u->account];
        if (!kam__plan_asks(j, a->representative)) continue;
        kam__buf_printf(&l->text, "rule %s is left out: %s cannot be told, for a value it reads is missing", u->rule->id,
                        u->rule->when->text);
        KAM__TRY(pprob_row(l, "account", a->id, NULL, u->rule->id, "CONDITION_UNKNOWN"));
    }
    KAM__TRY(pprob_locks(l));
    for (size_t i = 0; i < j->nseen; i++)
        KAM__TRY(kam__check_one(&j->check, &j->due, &j->seen[i], 0, &l->text, pprob_objection, l));
    return KAM_OK;
}
