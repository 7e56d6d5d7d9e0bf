/*
 * visit/visit_book_plan.c - the contact plan of a book: the question as a handle, its answer as a run.
 *
 * One read transaction reads everything; then each representative is planned alone by the engine (plan.c), in the order
 * of their ids, and becomes rows. Accounts nobody can see, because they have no owner or one who is not active, go
 * through the engine too, with no capacity: what is due of them is told as not planned.
 */
#include "../store/store.h"
#include "visit_book.h"

#define BPLAN_DAYS 28
#define BPLAN_DAYS_MOST 366
#define BPLAN_VISITS 8
#define BPLAN_VISITS_MOST 200
#define BPLAN_CALLS 20
#define BPLAN_CALLS_MOST 10000
#define BPLAN_PAYS_MOST 10000000

struct kam_visit_plan { kam_ctx *ctx; kam_book *book; kam__plan_asked asked; char *cadence; int64_t *representative; };

const kam__run_ops kam__plan_run_ops = {kam__plan_apply, kam__plan_why, kam__plan_load, kam__plan_undo, NULL};

/* ---------------------------------------------------------------- the question */

static int32_t bplan_number(int32_t *out, int32_t given, int32_t if_none, int32_t most, const char *name,
                            kam_error *err)
{
    if (given < 0 || given > most)
        return kam__fail(err, KAM_E_INVAL, "%s is %d: 0 to %d is expected (0 = %d)", name, (int)given, (int)most,
                         (int)if_none);
    *out = given ? given : if_none;
    return KAM_OK;
}

static int bplan_id_order(const void *a, const void *b, void *arg)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    (void)arg;
    return (x > y) - (x < y);
}

static int32_t bplan_there(kam_book *b, int64_t id, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, b->schema, KAM_KIND_REPRESENTATIVE, err));
    int32_t rc = kam__read_one(r, b, id, KAM_TODAY, err);
    kam_record_free(r);
    if (rc == KAM_E_NOT_FOUND) kam__fail(err, rc, "there is no representative %lld", (long long)id);
    return rc;
}

static int32_t bplan_people(kam_visit_plan *p, const kam_visit_plan_options *o, kam_error *err)
{
    size_t n = o->nrepresentative;
    if (!n) return KAM_OK;
    if (!o->representative) return kam__null_arg(err, "representative");
    p->representative = kam__zalloc_n(p->ctx, n, sizeof *p->representative);
    if (!p->representative) return kam__nomem(err);
    memcpy(p->representative, o->representative, n * sizeof *p->representative);
    KAM__TRY(kam__sort(p->ctx, p->representative, n, sizeof *p->representative, bplan_id_order, NULL, err));
    for (size_t i = 1; i < n; i++)
        if (p->representative[i] == p->representative[i - 1])
            return kam__fail(err, KAM_E_INVAL, "representative %lld is named twice", (long long)p->representative[i]);
    for (size_t i = 0; i < n; i++) KAM__TRY(bplan_there(p->book, p->representative[i], err));
    p->asked.representative = p->representative;
    p->asked.nrepresentative = n;
    return KAM_OK;
}

static int32_t bplan_take(kam_visit_plan *p, const kam_visit_plan_options *o, kam_error *err)
{
    kam__plan_asked *a = &p->asked;
    KAM__TRY(kam__flags(o->flags, 0, "kam_visit_plan_options.flags", err));
    KAM__TRY(bplan_number(&a->days, o->days, BPLAN_DAYS, BPLAN_DAYS_MOST, "days", err));
    KAM__TRY(bplan_number(&a->frozen, o->frozen_days, 0, BPLAN_DAYS_MOST, "frozen_days", err));
    KAM__TRY(bplan_number(&a->visits, o->visits_a_day, BPLAN_VISITS, BPLAN_VISITS_MOST, "visits_a_day", err));
    KAM__TRY(bplan_number(&a->calls, o->calls_a_day, BPLAN_CALLS, BPLAN_CALLS_MOST, "calls_a_day", err));
    KAM__TRY(bplan_number(&a->hours.end, o->day_end, 0, 1440, "day_end", err));
    KAM__TRY(bplan_number(&a->hours.begin, o->day_begin, 0, a->hours.end ? a->hours.end - 1 : 1439, "day_begin", err));
    KAM__TRY(bplan_number(&a->hours.driving, o->driving_a_day, 0, 1440, "driving_a_day", err));
    KAM__TRY(bplan_number(&a->hours.visit, o->visit_minutes, KAM__PLAN_VISIT, 1440, "visit_minutes", err));
    KAM__TRY(bplan_number(&a->hours.speed, o->speed, KAM__PLAN_SPEED, 300, "speed", err));
    KAM__TRY(bplan_number(&a->hours.detour, o->detour, 1000, 5000, "detour", err));
    KAM__TRY(bplan_number(&a->hours.pause_end, o->pause_end, 0, KAM__DAY_MINUTES, "pause_end", err));
    KAM__TRY(bplan_number(&a->hours.pause_begin, o->pause_begin, 0, a->hours.pause_end ? a->hours.pause_end - 1 : 0, "pause_begin", err));
    KAM__TRY(bplan_number(&a->pays, o->move_metres, KAM__PLAN_PAYS, BPLAN_PAYS_MOST, "move_metres", err));
    if (a->hours.detour < 1000)
        return kam__fail(err, KAM_E_INVAL, "detour is %d: 1000 (a straight line) to 5000 is expected", (int)a->hours.detour);
    a->hours.travel = o->travel;
    a->hours.user = o->travel_user;
    a->from = o->from;
    a->from_given = o->from != 0;
    a->seed = o->seed ? o->seed : 1;
    a->iterations = o->iterations;
    p->cadence = kam__text_dup(p->ctx, o->cadence ? o->cadence : "standard", KAM_NUL);
    if (!p->cadence) return kam__nomem(err);
    a->cadence = p->cadence;
    return bplan_people(p, o, err);
}

int32_t kam_visit_plan_new(kam_visit_plan **out, kam_book *book, const kam_visit_plan_options *options, kam_error *err)
{
    kam_visit_plan_options o;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__options(&o, sizeof o, options, offsetof(kam_visit_plan_options, day_begin), "kam_visit_plan_options", err));
    kam_visit_plan *p = kam__zalloc(book->ctx, sizeof *p);
    if (!p) return kam__nomem(err);
    p->ctx = kam__ctx_hold(book->ctx);
    p->book = kam__book_hold(book);
    int32_t rc = bplan_take(p, &o, err);
    if (rc == KAM_OK) *out = p;
    else kam_visit_plan_free(p);
    return rc;
}

void kam_visit_plan_free(kam_visit_plan *p)
{
    if (!p) return;
    kam_ctx *ctx = p->ctx;
    kam__free(ctx, p->cadence);
    kam__free(ctx, p->representative);
    kam__book_drop(p->book);
    kam__free(ctx, p);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- one representative */

static void bplan_put_account(const kam__plan_job *j, kam__plan_input *in, const kam__plan_rep *rep, uint32_t of, int guest)
{
    const kam__due_account *a = &j->due.account[of];
    const kam__plan_place *place = &j->place[of];
    const kam__plan_absence *away = guest ? NULL : kam__plan_away(j, of);
    in->account[in->p.naccount++] = (kam__plan_account){.id = a->id,
                                                        .since = a->since,
                                                        .rank = kam__plan_rank(j, a),
                                                        .lat = place->lat,
                                                        .lon = place->lon,
                                                        .set = a->set,
                                                        .planned = in->p.nplanned,
                                                        .last = j->due.last + (size_t)of * j->due.cadence.max_rules,
                                                        .away_first = away ? away->first : 0,
                                                        .away_last = away ? away->last : 0,
                                                        .away = !away ? 0 : a->representative == rep->id ? 1 : 2,
                                                        .closed = place->closed,
                                                        .shut = place->shut,
                                                        .open = j->open.open ? j->open.open + place->open : NULL,
                                                        .nopen = place->nopen,
                                                        .hours = place->hours,
                                                        .refused = rep->rank < place->rank ? KAM_UNPLANNED_RANK : 0,
                                                        .located = place->located,
                                                        .guest = guest};
}

static int bplan_account_order(const void *a, const void *b, void *arg)
{
    const kam__plan_job *j = arg;
    int64_t x = j->due.account[*(const uint32_t *)a].id, y = j->due.account[*(const uint32_t *)b].id;
    return (x > y) - (x < y);
}

/* His own accounts and those he stands in for, by id. */
static int32_t bplan_own(kam__plan_job *j, kam__plan_input *in, int64_t representative, size_t *n)
{
    size_t first = 0, cap = 0;
    int covers = 0;
    *n = kam__plan_owned(j, representative, &first);
    KAM__TRY(kam__grow(j->due.b->ctx, &in->own, &cap, *n + 1, sizeof *in->own, j->due.err));
    if (*n) memcpy(in->own, j->order + first, *n * sizeof *in->own);
    for (size_t i = 0; i < j->nabsence; i++) covers |= representative && j->absence[i].substitute == representative;
    for (size_t i = 0; i < j->due.naccount && covers; i++) {
        const kam__plan_absence *away = kam__plan_away(j, (uint32_t)i);
        if (!away || away->substitute != representative) continue;
        KAM__TRY(kam__grow(j->due.b->ctx, &in->own, &cap, *n + 1, sizeof *in->own, j->due.err));
        in->own[(*n)++] = (uint32_t)i;
    }
    return kam__sort(j->due.b->ctx, in->own, *n, sizeof *in->own, bplan_account_order, j, j->due.err);
}

/* Accounts of the owner and those he only has something planned with, by id; the planned ones of each beside it. */
static void bplan_fill(const kam__plan_job *j, kam__plan_input *in, const kam__plan_rep *rep, const uint32_t *own, size_t n,
                       const kam__plan_link *link, size_t nlink)
{
    size_t i = 0, k = 0;
    while (i < n || k < nlink) {
        uint32_t of = i < n ? own[i] : link[k].account;
        int guest = 0;
        if (k < nlink && j->due.account[link[k].account].id < j->due.account[of].id) of = link[k].account;
        guest = i >= n || of != own[i];
        if (!guest) i++;
        bplan_put_account(j, in, rep, of, guest);
        kam__plan_account *a = &in->account[in->p.naccount - 1];
        for (; k < nlink && link[k].account == of; k++) {
            kam__planned *x = &in->planned[in->p.nplanned++];
            *x = link[k].k;
            x->account = in->p.naccount - 1;
            a->nplanned++;
        }
    }
}

static int32_t bplan_absences(const kam__plan_job *j, kam__plan_input *in, int64_t representative)
{
    in->absent = kam__zalloc_n(j->due.b->ctx, (size_t)j->asked.days, 1);
    if (!in->absent) return kam__nomem(j->due.err);
    for (size_t i = 0; i < j->nabsence; i++)
        for (int32_t d = 0; d < j->asked.days && j->absence[i].representative == representative; d++)
            if (j->asked.from + d >= j->absence[i].first && j->asked.from + d <= j->absence[i].last) in->absent[d] = 1;
    in->p.absent = in->absent;
    return KAM_OK;
}

static size_t bplan_links(const kam__plan_job *j, int64_t representative, size_t *first)
{
    size_t n = 0;
    for (*first = 0; *first < j->nlink && j->link[*first].representative < representative;) ++*first;
    while (*first + n < j->nlink && j->link[*first + n].representative == representative) n++;
    return n;
}

int32_t kam__plan_prepare(kam__plan_job *j, kam__plan_input *in, const kam__plan_rep *rep, int nobody)
{
    const kam__plan_asked *a = &j->asked;
    kam_ctx *ctx = j->due.b->ctx;
    size_t link = 0, n = 0, nlink = nobody ? 0 : bplan_links(j, rep->id, &link);
    KAM__TRY(bplan_own(j, in, rep->id, &n));
    in->p = (kam__plan){.ctx = ctx,
                        .cadence = &j->due.cadence,
                        .calendar = &j->due.calendar,
                        .from = a->from,
                        .days = a->days,
                        .as_of = j->due.day,
                        .visits = nobody ? 0 : rep->visits,
                        .calls = nobody ? 0 : a->calls,
                        .pays = a->pays,
                        .home_lat = rep->home_lat,
                        .home_lon = rep->home_lon,
                        .home = rep->home,
                        .hours = a->hours,
                        .seed = a->seed,
                        .iterations = a->iterations};
    kam__plan_own_hours(&in->p.hours, rep);
    in->account = kam__zalloc_n(ctx, n + nlink + 1, sizeof *in->account);
    in->planned = kam__zalloc_n(ctx, nlink + 1, sizeof *in->planned);
    if (!in->account || !in->planned) return kam__nomem(j->due.err);
    in->p.account = in->account;
    in->p.planned = in->planned;
    bplan_fill(j, in, rep, in->own, n, j->link + link, nlink);
    return bplan_absences(j, in, rep->id);
}

void kam__plan_input_free(kam__plan_input *in)
{
    kam_ctx *ctx = in->p.ctx;
    kam__plan_free(&in->p);
    kam__free(ctx, in->account);
    kam__free(ctx, in->planned);
    kam__free(ctx, in->absent);
    kam__free(ctx, in->own);
}

static int32_t bplan_one(kam__plan_lists *l, const kam__plan_rep *rep, uint8_t nobody)
{
    kam__plan_job *j = l->j;
    kam__plan_input in = {.p = {.ctx = j->due.b->ctx}};
    int32_t rc = kam__plan_prepare(j, &in, rep, nobody);
    if (rc == KAM_OK) rc = kam__plan_make(&in.p, j->due.err);
    if (rc == KAM_OK) rc = kam__plan_rows(l, rep, &in.p, nobody);
    kam__plan_input_free(&in);
    return rc;
}

/* Owners who are no representatives of today, or not active ones; 0 = no owner. Only where everybody is planned. */
static int32_t bplan_unseen(kam__plan_lists *l)
{
    kam__plan_job *j = l->j;
    for (size_t i = 0, n = 0; i < j->due.naccount; i += n ? n : 1) {
        uint32_t at = 0;
        kam__plan_rep rep = {.id = j->due.account[j->order[i]].representative, .name = ""};
        n = kam__plan_owned(j, rep.id, &i);
        if (kam__imap_get(&j->rep_of, rep.id, &at) && j->rep[at].active) continue;
        int named = j->asked.nrepresentative == 0;
        for (size_t k = 0; k < j->asked.nrepresentative; k++) named |= j->asked.representative[k] == rep.id;
        if (named) KAM__TRY(bplan_one(l, &rep, rep.id ? KAM_UNPLANNED_INACTIVE : KAM_UNPLANNED_NO_OWNER));
    }
    return KAM_OK;
}

static int32_t bplan_all(kam__plan_lists *l)
{
    kam__plan_job *j = l->j;
    size_t d = 0;
    for (size_t i = 0; i < j->nrep; i++) {
        KAM__TRY(kam__progress(j->due.b->ctx, i, j->nrep, j->due.err));
        if (!kam__plan_asks(j, j->rep[i].id)) continue;
        KAM__TRY(bplan_one(l, &j->rep[i], 0));
        for (; d < j->ndrop && j->drop[d].representative <= j->rep[i].id; d++)
            KAM__TRY(kam__plan_drop_row(l, &j->drop[d]));
    }
    KAM__TRY(bplan_unseen(l));
    return kam__plan_problems(l);
}

/* ---------------------------------------------------------------- the run */

static int32_t bplan_add_list(kam_run *run, kam__rowset **set, kam_error *err)
{
    kam__rowset *own = *set;
    *set = NULL;
    return kam__run_add_list(run, own, err);
}

static int32_t bplan_fill_run(kam_run *run, kam__plan_lists *l, kam_error *err)
{
    KAM__TRY(kam__plan_record(run->record, l));
    KAM__TRY(bplan_add_list(run, &l->entries, err));
    KAM__TRY(bplan_add_list(run, &l->unplanned, err));
    KAM__TRY(bplan_add_list(run, &l->changes, err));
    return bplan_add_list(run, &l->problems, err);
}

static int32_t bplan_make_run(kam_run **out, kam__plan_job *j, kam__plan_lists *l)
{
    kam_error *err = j->due.err;
    KAM__TRY(kam__plan_lists_open(l, j));
    KAM__TRY(bplan_all(l));
    KAM__TRY(kam__run_new(out, j->due.b, KAM_RUN_KIND_PLAN, &kam__plan_run_ops, j->due.as_of, &j->due.policy, err));
    return bplan_fill_run(*out, l, err);
}

static int32_t bplan_work(kam_run **out, kam__plan_job *j)
{
    kam__plan_lists l;
    memset(&l, 0, sizeof l);
    KAM__TRY(kam__plan_job_load(j));
    int32_t rc = bplan_make_run(out, j, &l);
    kam__plan_lists_close(&l);
    kam__plan_job_free(j);
    return rc;
}

static int32_t bplan_window(kam__plan_job *j, kam_error *err)
{
    kam__plan_asked *a = &j->asked;
    if (j->due.day < kam__day(1, 1, 1) || j->due.day > kam__day(9999, 12, 31))
        return kam__fail(err, KAM_E_INVAL, "as_of is a day of the calendar or KAM_TODAY: who is due depends on it");
    if (!a->from_given) a->from = j->due.day + 1;
    /* planning again: the days before are over, the rest is planned */
    if (a->from < j->due.day) {
        a->days -= j->due.day - a->from;
        a->from = j->due.day;
    }
    if (a->days <= 0) return kam__fail(err, KAM_E_INVAL,
                                       "the days of this plan are over by as_of: make one that ends later");
    if (a->from > kam__day(9999, 12, 31) - a->days) return kam__fail(err, KAM_E_INVAL,
                                                                     "the plan ends after the year 9999");
    return KAM_OK;
}

static int32_t bplan_begin(kam__plan_job *j, kam_visit_plan *plan, int32_t as_of, kam_error *err)
{
    if (!plan) return kam__null_arg(err, "plan");
    KAM__TRY(kam__book_ready(plan->book, err));
    memset(j, 0, sizeof *j);
    j->asked = plan->asked;
    j->due.b = plan->book;
    j->due.err = err;
    j->due.as_of = as_of;
    KAM__TRY(kam__book_day(&j->due.day, plan->book, as_of, err));
    return bplan_window(j, err);
}

int32_t kam_visit_plan_run(kam_run **out, kam_visit_plan *plan, int32_t as_of, kam_error *err)
{
    kam__plan_job j;
    kam_run *run = NULL;
    kam__call call;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(bplan_begin(&j, plan, as_of, err));
    KAM__TRY(kam__txn_enter(&call, plan->book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&call, bplan_work(&run, &j), err);
    if (rc == KAM_OK) *out = run;
    else kam_run_free(run);
    return rc;
}

static int32_t bplan_with(kam_rows **out, kam__plan_job *j, kam__plan_fn fn, void *user)
{
    KAM__TRY(kam__plan_job_load(j));
    int32_t rc = fn(out, j, user);
    kam__plan_job_free(j);
    return rc;
}

int32_t kam__plan_with(kam_rows **out, kam_visit_plan *plan, int32_t as_of, kam__plan_fn fn, void *user, kam_error *err)
{
    kam__plan_job j;
    kam_rows *rows = NULL;
    kam__call call;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(bplan_begin(&j, plan, as_of, err));
    KAM__TRY(kam__txn_enter(&call, plan->book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&call, bplan_with(&rows, &j, fn, user), err);
    if (rc == KAM_OK) *out = rows;
    else kam_rows_free(rows);
    return rc;
}

kam_book *kam__plan_book(const kam_visit_plan *plan, kam__plan_asked *asked)
{
    *asked = plan->asked;
    return plan->book;
}
