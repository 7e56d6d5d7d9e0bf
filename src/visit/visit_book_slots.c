/*
 * visit/visit_book_slots.c - questions beside a plan: which days suit one more visit, one day's way again, and a tour of
 * several days.
 *
 * All three put visits that are fixed into the planner's engine, which orders their days, and read the ways off: what
 * is planned stays on its day, so nothing here moves anybody.
 */
#include "../store/store.h"
#include "visit_book.h"

#define SLOT_STOPS 400u                         /* of a day we are ready to order */

static int32_t slot_end(kam_rows **out, kam_book *b, kam__rowset *s, int32_t rc, kam_error *err)
{
    if (rc == KAM_OK) {
        kam__rowset_seal(s);
        rc = kam__rows_of_set(out, b, s, 0, 0, err);
    }
    kam__rowset_drop(s);
    return rc;
}

static void slot_num(kam__blockbuf *bb, const kam__rowset *s, uint32_t field, int64_t v)
{
    kam__bb_i64(bb, kam__rowset_col(s, field), v);
}

/* ---------------------------------------------------------------- days for one visit */

typedef struct slot_day { int32_t day, order, begin, visits, capacity, minutes; int64_t metres; } slot_day;
typedef struct slot_job { int64_t account; kam__plan_job *j; kam__plan_input in; slot_day *slot; uint32_t n, me; } slot_job;

static int slot_order(const void *a, const void *b, void *arg)
{
    const slot_day *x = a, *y = b;
    (void)arg;
    if (x->metres != y->metres) return x->metres < y->metres ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

/* What is planned stays; visits to the account itself are left out of the picture, nothing new is asked for. */
static void slot_hold(slot_job *s)
{
    kam__plan *p = &s->in.p;
    for (uint32_t i = 0; i < p->naccount; i++) {
        s->in.account[i].guest = 1;
        if (s->in.account[i].id == s->account) s->me = i;
    }
    for (uint32_t i = 0; i < p->nplanned; i++) {
        kam__planned *k = &s->in.planned[i];
        k->stays = 1;
        if (k->account == s->me && !k->locked && k->channel == KAM_CHANNEL_VISIT) k->elsewhere = 1;
    }
}

static int32_t slot_try(slot_job *s, int32_t day, uint32_t item, uint32_t *stop)
{
    kam__plan *p = &s->in.p;
    const kam__plan_item *it = &p->item[item];
    kam__plan_way before, with;
    int32_t begin[SLOT_STOPS + 1];
    if (!kam__plan_allowed(p, it, day, p->days - 1) || p->load[0][day] >= p->room[0][day]) return KAM_OK;
    uint32_t n = kam__plan_stops(p, day, stop);
    if (n >= SLOT_STOPS) return KAM_OK;
    kam__plan_schedule(p, day, stop, n, NULL, &before);
    int32_t at = kam__plan_insert(p, day, stop, n, item, 0, &with);
    if (at < 0) return KAM_OK;
    kam__plan_schedule(p, day, stop, n + 1, begin, &with);
    s->slot[s->n++] = (slot_day){.day = p->from + day, .order = at + 1, .begin = p->hours.end > 0 ? begin[at] : -1,
                                 .visits = p->load[0][day], .capacity = p->room[0][day],
                                 .metres = with.metres - before.metres,
                                 .minutes = (int32_t)(with.driving - before.driving) + kam__plan_service(p, it)};
    return KAM_OK;
}

static int32_t slot_find(slot_job *s)
{
    kam__plan *p = &s->in.p;
    kam_error *err = s->j->due.err;
    KAM__TRY(kam__plan_make(p, err));
    KAM__TRY(kam__grow(p->ctx, &p->item, &p->cap, p->n + 1, sizeof *p->item, err));
    const kam__cadence_set *set = &p->cadence->set[p->account[s->me].set];
    kam__plan_item it = {.account = s->me, .planned = UINT32_MAX, .channel = KAM_CHANNEL_VISIT, .end = p->days - 1,
                         .until = p->days - 1, .day = -1, .old = -1, .last = KAM__NEVER, .metres = -1, .begin = -1};
    for (uint32_t r = 0; r < set->nrule && !it.rule; r++)
        if (set->rule[r].channel == KAM_CHANNEL_VISIT) it.rule = &set->rule[r], it.at = r;
    p->item[p->n] = it;
    uint32_t *stop = kam__zalloc_n(p->ctx, p->n + 3, sizeof *stop);
    s->slot = kam__zalloc_n(p->ctx, (size_t)p->days + 1, sizeof *s->slot);
    int32_t rc = stop && s->slot ? KAM_OK : kam__nomem(err);
    for (int32_t d = 0; d < p->days && rc == KAM_OK; d++) rc = slot_try(s, d, (uint32_t)p->n, stop);
    kam__free(p->ctx, stop);
    return rc == KAM_OK ? kam__sort(p->ctx, s->slot, s->n, sizeof *s->slot, slot_order, NULL, err) : rc;
}

static int32_t slot_row(const slot_job *s, kam__rowset *set, const slot_day *d, int64_t representative)
{
    kam__blockbuf *bb = kam__rowset_row(set, s->j->due.err);
    if (!bb) return KAM_E_NOMEM;
    slot_num(bb, set, KAM_SLOT_ACCOUNT, s->account);
    slot_num(bb, set, KAM_SLOT_REPRESENTATIVE, representative);
    slot_num(bb, set, KAM_SLOT_DAY, d->day);
    slot_num(bb, set, KAM_SLOT_ORDER, d->order);
    if (d->begin >= 0) slot_num(bb, set, KAM_SLOT_BEGIN, d->begin);
    slot_num(bb, set, KAM_SLOT_METRES, d->metres);
    slot_num(bb, set, KAM_SLOT_MINUTES, d->minutes);
    slot_num(bb, set, KAM_SLOT_VISITS, d->visits);
    slot_num(bb, set, KAM_SLOT_CAPACITY, d->capacity);
    return kam__rowset_end_row(set, s->j->due.err);
}

static int32_t slot_rows_of(kam_rows **out, slot_job *s, const kam__plan_rep *rep)
{
    kam__plan_job *j = s->j;
    kam__rowset *set = NULL;
    KAM__TRY(kam__plan_prepare(j, &s->in, rep, 0));
    slot_hold(s);
    KAM__TRY(slot_find(s));
    KAM__TRY(kam__rowset_new(&set, j->due.b->schema, KAM_KIND_SLOT, NULL, 0, j->due.err));
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < s->n && rc == KAM_OK; i++) rc = slot_row(s, set, &s->slot[i], rep->id);
    return slot_end(out, j->due.b, set, rc, j->due.err);
}

static int32_t slot_rows(kam_rows **out, kam__plan_job *j, void *user)
{
    slot_job s = {.account = *(const int64_t *)user, .j = j, .in = {.p = {.ctx = j->due.b->ctx}}};
    uint32_t at = 0, rep = 0;
    if (!kam__imap_get(&j->due.account_of, s.account, &at))
        return kam__fail(j->due.err, KAM_E_NOT_FOUND, "there is no account %lld on that day, or it is disqualified", (long long)s.account);
    if (!j->place[at].located)
        return kam__fail(j->due.err, KAM_E_INVAL, "account %lld has no usable coordinates: every day is as good as another",
                         (long long)s.account);
    int64_t owner = j->due.account[at].representative;
    if (!kam__imap_get(&j->rep_of, owner, &rep) || !j->rep[rep].active || j->rep[rep].rank < j->place[at].rank)
        return kam__fail(j->due.err, KAM_E_INVAL,
                         "account %lld has no owner who may visit it (representative %lld): name one in OWNER, or raise the rank",
                         (long long)s.account, (long long)owner);
    int32_t rc = slot_rows_of(out, &s, &j->rep[rep]);
    kam__free(j->due.b->ctx, s.slot);
    kam__plan_input_free(&s.in);
    return rc;
}

int32_t kam_visit_slots(kam_rows **out, kam_visit_plan *plan, int64_t account, int32_t as_of, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (account <= 0) return kam__fail(err, KAM_E_INVAL, "account is %lld: the id of an account is expected", (long long)account);
    return kam__plan_with(out, plan, as_of, slot_rows, &account, err);
}
