/*
 * visit/visit_book_tasks.c - what is owed beside the cadence: proposals after a first interview (R105), invitations to
 * visits to us and thanks for visits to them (R121), preparation of visits ("prepare" of their rule), callbacks (R151), accounts nobody has spoken to for long, and
 * plans nobody has looked at (R158).
 *
 * Tasks are not stored: they follow from the activities, so none can be forgotten and none is left over. One pass over the
 * activities keeps, per account, the first visit, the last contact and the proposal, and the visits that ask for a
 * letter; an activity with the task's cause that follows such a visit answers it.
 */
#include "../store/store.h"
#include "visit_book.h"

#define TASK_PROPOSAL_DAYS 3                    /* R105 */
#define TASK_INVITATION_DAYS 7                  /* before the visit */
#define TASK_THANKS_DAYS 3
#define TASK_THANKS_REACH 30                    /* older visits are thanked for no more */

typedef struct task_account { int32_t first_visit, last, proposal; } task_account;
typedef struct task_visit { int64_t id, replaces, representative; uint32_t account; int32_t day, cause, before; int done; } task_visit;
typedef struct task_answer { int64_t follows; int32_t cause; } task_answer;
typedef struct task_job {
    kam__due_job *j; int64_t only;
    task_account *account;
    task_visit *visit; size_t nvisit, visit_cap;
    task_answer *answer; size_t nanswer, answer_cap;
    kam__imap visit_of;
} task_job;

static int64_t task_num(const kam_col *c, uint32_t row, int64_t if_none)
{
    return !c || kam__col_null(c, row) ? if_none : kam__col_i64(c, row);
}

/* ---------------------------------------------------------------- reading */

typedef struct task_row {
    int64_t id, replaces, representative, follows; uint32_t account;
    int32_t status, channel, direction, day, cause, due;
} task_row;

static int32_t task_note_visit(task_job *t, const task_row *r, int32_t cause, int32_t before)
{
    kam_ctx *ctx = t->j->b->ctx;
    KAM__TRY(kam__grow(ctx, &t->visit, &t->visit_cap, t->nvisit + 1, sizeof *t->visit, t->j->err));
    KAM__TRY(kam__imap_put(&t->visit_of, r->id, (uint32_t)t->nvisit, t->j->err));
    if (r->replaces) KAM__TRY(kam__imap_put(&t->visit_of, r->replaces, (uint32_t)t->nvisit, t->j->err));
    t->visit[t->nvisit++] = (task_visit){r->id, r->replaces, r->representative, r->account, r->day, cause, before, 0};
    return KAM_OK;
}

static int task_letter(int32_t cause)
{
    return cause == KAM_ACTIVITY_CAUSE_INVITATION || cause == KAM_ACTIVITY_CAUSE_THANKS || cause == KAM_ACTIVITY_CAUSE_PREPARATION;
}

static int32_t task_note_held(task_job *t, const task_row *r)
{
    task_account *a = &t->account[r->account];
    int visit = r->channel == KAM_CHANNEL_VISIT, outbound = visit && kam__visit_outbound(r->direction);
    if (r->day > t->j->day) return KAM_OK;
    if (r->day > a->last) a->last = r->day;
    if (visit && (a->first_visit == KAM__NEVER || r->day < a->first_visit)) a->first_visit = r->day;
    if (r->cause == KAM_ACTIVITY_CAUSE_PROPOSAL && r->day > a->proposal) a->proposal = r->day;
    if (task_letter(r->cause) && r->follows) {
        KAM__TRY(kam__grow(t->j->b->ctx, &t->answer, &t->answer_cap, t->nanswer + 1, sizeof *t->answer, t->j->err));
        t->answer[t->nanswer++] = (task_answer){r->follows, r->cause};
    }
    return outbound && r->day > t->j->day - TASK_THANKS_REACH ? task_note_visit(t, r, KAM_ACTIVITY_CAUSE_THANKS, 0) : KAM_OK;
}

static int32_t task_push(task_job *t, const kam__due *item)
{
    kam__due_list *list = &t->j->list;
    kam__due d = *item;
    if (t->only && d.representative != t->only) return KAM_OK;
    d.overdue = t->j->day > d.day ? t->j->day - d.day : 0;
    KAM__TRY(kam__grow(t->j->b->ctx, &list->item, &list->cap, list->n + 1, sizeof d, t->j->err));
    list->item[list->n++] = d;
    return KAM_OK;
}

/* Working days that the visits of an account are prepared before. */
static int32_t task_prepare(const task_job *t, uint32_t account)
{
    const kam__cadence_set *set = &t->j->cadence.set[t->j->account[account].set];
    int32_t days = 0;
    for (uint32_t r = 0; r < set->nrule; r++)
        if (set->rule[r].channel == KAM_CHANNEL_VISIT && set->rule[r].prepare > days) days = set->rule[r].prepare;
    return days;
}

static int32_t task_note_planned(task_job *t, const task_row *r)
{
    const kam__due_account *a = &t->j->account[r->account];
    if (r->cause == KAM_ACTIVITY_CAUSE_CALLBACK || r->cause == KAM_ACTIVITY_CAUSE_FESTIVAL) {
        kam__due d = {.account = a->id, .representative = r->representative ? r->representative : a->representative,
                      .activity = r->id, .rule = r->cause == KAM_ACTIVITY_CAUSE_CALLBACK ? "callback" : "festival",
                      .channel = r->channel, .cause = r->cause, .last = KAM__NEVER, .day = r->due, .grade = a->grade};
        return task_push(t, &d);
    }
    if (r->channel != KAM_CHANNEL_VISIT || r->day <= t->j->day) return KAM_OK;
    if (r->direction == KAM_DIRECTION_INBOUND) return task_note_visit(t, r, KAM_ACTIVITY_CAUSE_INVITATION, 0);
    int32_t days = task_prepare(t, r->account);
    return days ? task_note_visit(t, r, KAM_ACTIVITY_CAUSE_PREPARATION, days) : KAM_OK;
}

static int32_t task_on_activity(void *user, const kam_block *rows)
{
    static const uint32_t field[] = {KAM_ID, KAM__REPLACES, KAM_ACTIVITY_REPRESENTATIVE, KAM_ACTIVITY_FOLLOWS,
                                     KAM_ACTIVITY_STATUS, KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_DIRECTION,
                                     KAM_ACTIVITY_DAY, KAM_ACTIVITY_CAUSE, KAM_ACTIVITY_DUE, KAM_ACTIVITY_ACCOUNT};
    task_job *t = user;
    const kam_col *c[KAM__LEN(field)];
    for (size_t i = 0; i < KAM__LEN(field); i++) c[i] = kam__block_col(rows, field[i]);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        task_row r = {.id = kam__col_i64(c[0], i), .replaces = task_num(c[1], i, 0),
                      .representative = task_num(c[2], i, 0), .follows = task_num(c[3], i, 0),
                      .status = (int32_t)task_num(c[4], i, 0), .channel = (int32_t)task_num(c[5], i, 0),
                      .direction = (int32_t)task_num(c[6], i, 0), .day = (int32_t)task_num(c[7], i, 0),
                      .cause = (int32_t)task_num(c[8], i, 0)};
        r.due = (int32_t)task_num(c[9], i, r.day);
        if (!kam__imap_get(&t->j->account_of, task_num(c[10], i, 0), &r.account)) continue;
        if (r.status == KAM_ACTIVITY_HELD) KAM__TRY(task_note_held(t, &r));
        if (r.status == KAM_ACTIVITY_PLANNED) KAM__TRY(task_note_planned(t, &r));
    }
    return kam__progress(t->j->b->ctx, t->j->done += rows->nrow, 0, t->j->err);
}

static int32_t task_read(task_job *t)
{
    static const uint32_t field[] = {KAM_ID, KAM__REPLACES, KAM_ACTIVITY_REPRESENTATIVE, KAM_ACTIVITY_FOLLOWS,
                                     KAM_ACTIVITY_STATUS, KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_DIRECTION,
                                     KAM_ACTIVITY_DAY, KAM_ACTIVITY_CAUSE, KAM_ACTIVITY_DUE, KAM_ACTIVITY_ACCOUNT};
    kam__due_job *j = t->j;
    kam__read q = {.scan = {.kind = KAM_KIND_ACTIVITY, .field = field, .nfield = KAM__LEN(field), .any_order = 1},
                   .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    t->account = kam__zalloc_n(j->b->ctx, j->naccount + 1, sizeof *t->account);
    if (!t->account) return kam__nomem(j->err);
    for (size_t i = 0; i < j->naccount; i++) t->account[i] = (task_account){KAM__NEVER, KAM__NEVER, KAM__NEVER};
    return kam__read_rows(j->b, &q, task_on_activity, t, j->err);
}

/* ---------------------------------------------------------------- what is owed */

/* Invitations lie before the visit, thanks behind it; both on working days. */
static kam__due task_of_visit(const task_job *t, const task_visit *v)
{
    const kam__due_account *a = &t->j->account[v->account];
    const kam__calendar *c = &t->j->calendar;
    kam__due d = {.account = a->id, .representative = v->representative ? v->representative : a->representative,
                  .activity = v->id, .cause = v->cause, .last = KAM__NEVER, .grade = a->grade, .channel = KAM_CHANNEL_LETTER};
    if (v->cause == KAM_ACTIVITY_CAUSE_INVITATION) {
        d.rule = "invitation";
        d.day = kam__calendar_before(c, v->day - TASK_INVITATION_DAYS, v->day - TASK_INVITATION_DAYS - 30);
    } else if (v->cause == KAM_ACTIVITY_CAUSE_PREPARATION) {
        d.rule = "preparation";
        d.channel = KAM_CHANNEL_MEETING;
        d.day = kam__calendar_add(c, v->day, -v->before);
    } else {
        d.rule = "thanks";
        d.last = v->day;
        d.day = kam__calendar_before(c, v->day + TASK_THANKS_DAYS, v->day + 1);
    }
    return d;
}

static int32_t task_letters(task_job *t)
{
    for (size_t i = 0; i < t->nanswer; i++) {
        uint32_t at = 0;
        if (kam__imap_get(&t->visit_of, t->answer[i].follows, &at) && t->visit[at].cause == t->answer[i].cause)
            t->visit[at].done = 1;
    }
    for (size_t i = 0; i < t->nvisit; i++) {
        const kam__due d = task_of_visit(t, &t->visit[i]);
        if (!t->visit[i].done) KAM__TRY(task_push(t, &d));
    }
    return KAM_OK;
}

static int32_t task_proposal(task_job *t, size_t i)
{
    const kam__due_account *a = &t->j->account[i];
    const task_account *x = &t->account[i];
    uint32_t at = 0;
    int64_t state = kam__imap_get(&t->j->state_of, a->id, &at) ? t->j->state[at] : 0;
    if (state != KAM_LIFECYCLE_PROSPECT && state != KAM_LIFECYCLE_INTENT) return KAM_OK;
    if (x->first_visit == KAM__NEVER || x->proposal >= x->first_visit) return KAM_OK;
    kam__due d = {.account = a->id, .representative = a->representative, .rule = "proposal", .grade = a->grade,
                  .channel = KAM_CHANNEL_VISIT, .cause = KAM_ACTIVITY_CAUSE_PROPOSAL, .last = x->first_visit,
                  .day = x->first_visit + TASK_PROPOSAL_DAYS};
    return task_push(t, &d);
}

static int32_t task_inactive(task_job *t, size_t i)
{
    static const struct { int32_t days; const char *rule; } step[] = {
        {30, "inactive-30"}, {15, "inactive-15"}, {7, "inactive-7"}};
    const kam__due_account *a = &t->j->account[i];
    int32_t last = t->account[i].last;
    for (size_t k = 0; k < KAM__LEN(step) && last != KAM__NEVER; k++) {
        if (t->j->day - last < step[k].days) continue;
        kam__due d = {.account = a->id, .representative = a->representative, .rule = step[k].rule, .grade = a->grade,
                      .channel = KAM_CHANNEL_CALL, .cause = KAM_ACTIVITY_CAUSE_INACTIVITY, .last = last,
                      .day = last + step[k].days};
        return task_push(t, &d);
    }
    return KAM_OK;
}

static int32_t task_collect(task_job *t)
{
    KAM__TRY(task_read(t));
    KAM__TRY(task_letters(t));
    for (size_t i = 0; i < t->j->naccount; i++) {
        KAM__TRY(task_proposal(t, i));
        KAM__TRY(task_inactive(t, i));
    }
    return kam__due_sort(&t->j->list, t->j->err);
}

static int32_t task_rows(kam_rows **out, kam__due_job *j, void *user)
{
    task_job t = {.j = j, .only = *(const int64_t *)user};
    kam__imap_init(&t.visit_of, j->b->ctx);
    int32_t rc = task_collect(&t);
    if (rc == KAM_OK) rc = kam__due_rows(out, j);
    kam__imap_free(&t.visit_of);
    kam__free(j->b->ctx, t.account);
    kam__free(j->b->ctx, t.visit);
    kam__free(j->b->ctx, t.answer);
    return rc;
}

int32_t kam_visit_tasks(kam_rows **out, kam_book *book, int64_t representative, int32_t as_of, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (representative < 0) return kam__fail(err, KAM_E_INVAL, "representative is an id, or 0 for all");
    return kam__due_with(out, book, NULL, as_of, task_rows, &representative, err);
}

/* ---------------------------------------------------------------- plans nobody has looked at */

typedef struct task_reviews { kam__due_job *j; int32_t days; } task_reviews;

static int32_t task_on_rep(void *user, const kam_block *rows)
{
    task_reviews *t = user;
    kam__due_job *j = t->j;
    const kam_col *id = kam__block_col(rows, KAM_ID), *active = kam__block_col(rows, KAM_REPRESENTATIVE_ACTIVE);
    const kam_col *seen = kam__block_col(rows, KAM_REPRESENTATIVE_PLAN_REVIEWED);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int32_t last = (int32_t)task_num(seen, i, KAM__NEVER);
        if (!task_num(active, i, 1) || (last != KAM__NEVER && j->day - last < t->days)) continue;
        kam__due d = {.representative = kam__col_i64(id, i), .rule = "plan-review", .last = last,
                      .cause = KAM_ACTIVITY_CAUSE_OTHER, .channel = KAM_CHANNEL_MEETING,
                      .day = last == KAM__NEVER ? j->day : last + t->days};
        d.overdue = j->day - d.day;
        KAM__TRY(kam__grow(j->b->ctx, &j->list.item, &j->list.cap, j->list.n + 1, sizeof d, j->err));
        j->list.item[j->list.n++] = d;
    }
    return KAM_OK;
}

static int32_t task_review_rows(kam_rows **out, kam__due_job *j, void *user)
{
    static const uint32_t field[] = {KAM_ID, KAM_REPRESENTATIVE_ACTIVE, KAM_REPRESENTATIVE_PLAN_REVIEWED};
    task_reviews t = {.j = j, .days = *(const int32_t *)user};
    kam__read q = {.scan = {.kind = KAM_KIND_REPRESENTATIVE, .field = field, .nfield = KAM__LEN(field)},
                   .as_of = j->as_of};
    KAM__TRY(kam__read_rows(j->b, &q, task_on_rep, &t, j->err));
    KAM__TRY(kam__due_sort(&j->list, j->err));
    return kam__due_rows(out, j);
}

int32_t kam_visit_reviews(kam_rows **out, kam_book *book, int32_t days, int32_t as_of, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (days < 1 || days > 3660) return kam__fail(err, KAM_E_INVAL, "days is %d: 1 to 3660 are expected", (int)days);
    return kam__due_with(out, book, NULL, as_of, task_review_rows, &days, err);
}

/* ---------------------------------------------------------------- the frame of such a list */

static int32_t task_with(kam_rows **out, kam__due_job *j, const char *cadence, kam__due_fn fn, void *user)
{
    KAM__TRY(kam__due_job_load(j, cadence));
    j->list.ctx = j->b->ctx;
    int32_t rc = fn(out, j, user);
    kam__due_job_free(j);
    return rc;
}

int32_t kam__due_with(kam_rows **out, kam_book *book, const char *cadence, int32_t as_of, kam__due_fn fn, void *user,
                      kam_error *err)
{
    kam__due_job j = {.b = book, .err = err, .as_of = as_of};
    kam_rows *rows = NULL;
    kam__call call;
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__book_day(&j.day, book, as_of, err));
    if (j.day < kam__day(1, 1, 1) || j.day > kam__day(9999, 12, 31))
        return kam__fail(err, KAM_E_INVAL,
                         "as_of must be a day of the years 1 to 9999 or KAM_TODAY: what is due depends on it");
    j.until = j.day;
    KAM__TRY(kam__txn_enter(&call, book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&call, task_with(&rows, &j, cadence, fn, user), err);
    if (rc == KAM_OK) *out = rows;
    else kam_rows_free(rows);
    return rc;
}
