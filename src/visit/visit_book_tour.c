/*
 * visit/visit_book_tour.c - a tour of several days: accounts in an order with a short way, region by region and city by city,
 * cut into working days (R122).
 *
 * The order comes from one way through all of them; a region's accounts then follow its first one, and in it a city's. A day takes what its
 * visits and hours allow, the next one goes on from where the traveller slept: at the last stop.
 */
#include "../store/store.h"
#include "visit_book.h"

#define TOUR_MOST 500

typedef struct tour {
    const int64_t *id; size_t n; int64_t representative;
    kam__plan_job *j; kam__plan_input in;
    const char **name, **city, **region;
    uint32_t *stop;
    int32_t *day, *begin;                       /* of stop i */
} tour;

static int32_t tour_memory(tour *t)
{
    kam_ctx *ctx = t->j->due.b->ctx;
    t->in.account = kam__zalloc_n(ctx, t->n, sizeof *t->in.account);
    t->name = kam__zalloc_n(ctx, t->n, sizeof *t->name);
    t->city = kam__zalloc_n(ctx, t->n, sizeof *t->city);
    t->region = kam__zalloc_n(ctx, t->n, sizeof *t->region);
    t->stop = kam__zalloc_n(ctx, 3 * t->n, sizeof *t->stop);
    t->day = kam__zalloc_n(ctx, 2 * t->n, sizeof *t->day);
    t->begin = t->day ? t->day + t->n : NULL;
    return t->in.account && t->name && t->city && t->region && t->stop && t->day ? KAM_OK : kam__nomem(t->j->due.err);
}

static void tour_free(tour *t)
{
    kam_ctx *ctx = t->j->due.b->ctx;
    kam__free(ctx, (void *)(uintptr_t)t->name);
    kam__free(ctx, (void *)(uintptr_t)t->city);
    kam__free(ctx, (void *)(uintptr_t)t->region);
    kam__free(ctx, t->stop);
    kam__free(ctx, t->day);
    kam__plan_input_free(&t->in);
}

static int32_t tour_account(tour *t, kam_record *r, size_t i)
{
    kam_error *err = t->j->due.err;
    uint32_t at = 0;
    int32_t rc = kam__read_one(r, t->j->due.b, t->id[i], t->j->due.as_of, err);
    if (rc == KAM_E_NOT_FOUND) return kam__fail(err, rc, "there is no account %lld on that day", (long long)t->id[i]);
    KAM__TRY(rc);
    for (size_t k = 0; k < i; k++)
        if (t->id[k] == t->id[i]) return kam__fail(err, KAM_E_INVAL, "account %lld is named twice: a tour visits it once", (long long)t->id[i]);
    if (!kam__imap_get(&t->j->due.account_of, t->id[i], &at) || !t->j->place[at].located)
        return kam__fail(err, KAM_E_INVAL, "account %lld has no usable coordinates, or is disqualified: leave it out of the tour",
                         (long long)t->id[i]);
    const char *town = kam_record_text(r, KAM_ACCOUNT_CITY, ""), *region = kam_record_text(r, KAM_ACCOUNT_REGION, "");
    t->name[i] = t->j->place[at].name;
    t->city[i] = kam__arena_text(&t->j->due.policy.arena, town, strlen(town));
    t->region[i] = kam__arena_text(&t->j->due.policy.arena, region, strlen(region));
    t->in.account[i] = (kam__plan_account){.id = t->id[i], .lat = t->j->place[at].lat, .lon = t->j->place[at].lon, .located = 1};
    t->stop[i] = (uint32_t)i;
    return t->city[i] && t->region[i] ? KAM_OK : kam__nomem(err);
}

/* What follows the first stop of a city (or region) moves up behind its last one so far. */
static void tour_gather(tour *t, const char *const *place)
{
    for (size_t i = 1; i < t->n; i++) {
        size_t k = i;
        const char *here = place[t->stop[i]];
        if (!here[0]) continue;
        for (size_t b = i; b-- > 0 && k == i;)
            if (kam__text_same(place[t->stop[b]], here)) k = b + 1;
        uint32_t moving = t->stop[i];
        for (size_t b = i; b > k; b--) t->stop[b] = t->stop[b - 1];
        t->stop[k] = moving;
    }
}

static int tour_works(const tour *t, int32_t day)
{
    return kam__calendar_halves(t->in.p.calendar, t->in.p.from + day) > 0 && !t->in.absent[day];
}

/* Days of the stops in their order. */
static int32_t tour_days(tour *t)
{
    const kam__plan *p = &t->in.p;
    int32_t day = -1, left = 0;
    int64_t now = 0, end = 0;
    uint32_t before = KAM__PLAN_HOME;
    for (size_t i = 0; i < t->n; i++) {
        int64_t way = kam__plan_minutes(p, before, t->stop[i]);
        int32_t visit = p->hours.visit > 0 ? p->hours.visit : KAM__PLAN_VISIT;
        int64_t at = kam__plan_clear(&p->hours, now + way, visit);
        if (!left || (end && at + visit > end)) {
            for (day++; day < p->days && !tour_works(t, day);) day++;
            if (day >= p->days)
                return kam__fail(t->j->due.err, KAM_E_LIMIT, "%lld of %lld accounts fit into the window of %d days: make it longer",
                                 (long long)i, (long long)t->n, (int)p->days);
            int halves = kam__calendar_halves(p->calendar, p->from + day);
            left = p->visits * halves / 2 > 0 ? p->visits * halves / 2 : 1;
            now = p->hours.begin;
            end = p->hours.end > 0 ? p->hours.begin + (int64_t)(p->hours.end - p->hours.begin) * halves / 2 : 0;
            at = kam__plan_clear(&p->hours, now + way, visit);
        }
        left--;
        t->day[i] = day;
        t->begin[i] = (int32_t)at;
        now = at + visit;
        before = t->stop[i];
    }
    return KAM_OK;
}

static int32_t tour_row(const tour *t, kam__rowset *s, size_t i, int32_t order)
{
    const kam__plan *p = &t->in.p;
    uint32_t at = t->stop[i];
    kam__blockbuf *bb = kam__rowset_row(s, t->j->due.err);
    if (!bb) return KAM_E_NOMEM;
    const struct { uint32_t field; int64_t v; } num[] = {
        {KAM_PLAN_ENTRY_ACCOUNT, t->id[at]}, {KAM_PLAN_ENTRY_DAY, p->from + t->day[i]},
        {KAM_PLAN_ENTRY_REPRESENTATIVE, t->representative}, {KAM_PLAN_ENTRY_ORDER, order},
        {KAM_PLAN_ENTRY_CHANNEL, KAM_CHANNEL_VISIT},
        {KAM_PLAN_ENTRY_DISTANCE, kam__plan_metres(p, i ? t->stop[i - 1] : KAM__PLAN_HOME, at)}};
    for (size_t k = 0; k < KAM__LEN(num); k++) kam__bb_i64(bb, kam__rowset_col(s, num[k].field), num[k].v);
    if (p->hours.end > 0) kam__bb_i64(bb, kam__rowset_col(s, KAM_PLAN_ENTRY_BEGIN), t->begin[i]);
    kam__bb_text(bb, kam__rowset_col(s, KAM_PLAN_ENTRY_NAME), t->name[at], strlen(t->name[at]));
    if (t->city[at][0]) kam__bb_text(bb, kam__rowset_col(s, KAM_PLAN_ENTRY_REASON), t->city[at], strlen(t->city[at]));
    return kam__rowset_end_row(s, t->j->due.err);
}

static int32_t tour_list(kam_rows **out, tour *t)
{
    static const uint32_t field[] = {KAM_PLAN_ENTRY_ACCOUNT, KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_REPRESENTATIVE, KAM_PLAN_ENTRY_ORDER,
                                     KAM_PLAN_ENTRY_CHANNEL, KAM_PLAN_ENTRY_NAME, KAM_PLAN_ENTRY_DISTANCE, KAM_PLAN_ENTRY_BEGIN,
                                     KAM_PLAN_ENTRY_REASON};
    kam_book *b = t->j->due.b;
    kam__rowset *s = NULL;
    KAM__TRY(kam__rowset_new(&s, b->schema, KAM_KIND_PLAN_ENTRY, field, KAM__LEN(field), t->j->due.err));
    int32_t rc = KAM_OK, order = 0;
    for (size_t i = 0; i < t->n && rc == KAM_OK; i++) {
        order = i && t->day[i] == t->day[i - 1] ? order + 1 : 1;
        rc = tour_row(t, s, i, order);
    }
    if (rc == KAM_OK) {
        kam__rowset_seal(s);
        rc = kam__rows_of_set(out, b, s, 0, 0, t->j->due.err);
    }
    kam__rowset_drop(s);
    return rc;
}

static int32_t tour_make(kam_rows **out, tour *t, const kam__plan_rep *rep, kam_record *r)
{
    kam__plan *p = &t->in.p;
    kam__plan_input person = {.p = {.ctx = p->ctx}};
    int32_t rc = kam__plan_prepare(t->j, &person, rep, 0);
    *p = person.p;
    p->account = NULL;
    p->planned = NULL;
    p->nplanned = 0;
    t->in.absent = person.absent;
    person.absent = NULL;
    person.p = (kam__plan){.ctx = p->ctx};
    kam__plan_input_free(&person);
    KAM__TRY(rc);
    KAM__TRY(tour_memory(t));
    for (size_t i = 0; i < t->n; i++) KAM__TRY(tour_account(t, r, i));
    p->account = t->in.account;
    p->naccount = (uint32_t)t->n;
    KAM__TRY(kam__plan_places(p, t->j->due.err));
    kam__plan_tour(p, t->stop, (uint32_t)t->n);
    tour_gather(t, t->region);
    tour_gather(t, t->city);
    KAM__TRY(tour_days(t));
    return tour_list(out, t);
}

static int32_t tour_rows(kam_rows **out, kam__plan_job *j, void *user)
{
    tour t = *(const tour *)user;
    kam_record *r = NULL;
    uint32_t at = 0;
    t.j = j;
    t.in.p.ctx = j->due.b->ctx;
    if (!kam__imap_get(&j->rep_of, t.representative, &at))
        return kam__fail(j->due.err, KAM_E_NOT_FOUND, "there is no representative %lld", (long long)t.representative);
    KAM__TRY(kam__record_new(&r, j->due.b->schema, KAM_KIND_ACCOUNT, j->due.err));
    int32_t rc = tour_make(out, &t, &j->rep[at], r);
    kam_record_free(r);
    tour_free(&t);
    return rc;
}

int32_t kam_visit_tour(kam_rows **out, kam_visit_plan *plan, int64_t representative, const int64_t *account, size_t n,
                       int32_t as_of, kam_error *err)
{
    tour t = {.id = account, .n = n, .representative = representative};
    if (!out) return kam__null_arg(err, "out");
    if (!account) return kam__null_arg(err, "account");
    if (!n || n > TOUR_MOST)
        return kam__fail(err, KAM_E_INVAL, "a tour has 1 to %d accounts, not %lld", TOUR_MOST, (long long)n);
    return kam__plan_with(out, plan, as_of, tour_rows, &t, err);
}
