/*
 * visit/plan_route.c - a part of a plan as a problem of the routing engine: days and ways of its visits, chosen together.
 *
 * A visit is a customer whose patterns are its days, a day's room the stops of a route; the way ends at the last stop,
 * so the engine's last node is free to reach. With hours there are services, openings and limits too, and what has no place is
 * left out: the best grades are dearest to leave out, and what stays must be in. The plan as it is starts the search.
 */
#include "plan.h"
#include "route.h"

#define PROUTE_PRIZE 1000000000                 /* of leaving one out, in metres: more than any way */
#define PROUTE_EACH 100u                        /* iterations for each visit that may move, */
#define PROUTE_MOST 50000u                      /* and at most */
#define PROUTE_LEAST 200u                       /* at least */
#define PROUTE_STOPS 40u                        /* to order a day: times the square of its stops, */
#define PROUTE_ORDER 2000u                      /* and at most */

typedef struct proute {
    kam__plan *p; const kam__plan_part *part; kam_error *err;
    uint32_t *item, n, npattern, nopen, nlock, moving;
    int32_t *cost, *time, *vehicle, *apart;     /* apart: minutes for visits without a place, of each day */
    kam__route_shift *shift;
    kam__route_customer *customer;
    uint64_t *pattern;
    kam__route_window *window;
    kam__route_lock *lock;
    kam__route_problem problem;
    kam__route_engine *engine;
} proute;

static int proute_hours(const kam__plan *p)
{
    return p->hours.end > 0;
}

static kam__plan_item *proute_item(const proute *r, uint32_t i)
{
    return &r->p->item[r->item[i]];
}

int kam__plan_allowed(const kam__plan *p, const kam__plan_item *it, int32_t day, int32_t last)
{
    return day >= it->first && day <= last && p->room[0][day] > 0 && kam__plan_on(p, it, day);
}

static int32_t proute_day(const proute *r, int32_t day)
{
    for (uint32_t k = 0; k < r->part->nday; k++)
        if (r->part->day[k] == day) return (int32_t)k;
    return -1;
}

static int32_t proute_last(const proute *r, const kam__plan_item *it)
{
    return it->day < 0 ? it->until : it->day > it->end ? (proute_hours(r->p) ? it->until : it->day) : it->end;
}

static int proute_moves(const proute *r, uint32_t item)
{
    const kam__plan_item *it = &r->p->item[item];
    return !r->part->order && item >= r->part->begin && !it->fixed && !it->kept;
}

/* Left out for want of hours, it may still find a place. */
static int proute_waits(const proute *r, uint32_t item)
{
    const kam__plan_item *it = &r->p->item[item];
    return it->day < 0 && it->code == KAM_UNPLANNED_HOURS && !r->part->order && item >= r->part->begin;
}

/* ---------------------------------------------------------------- who, where */

static int proute_order(const void *a, const void *b, void *arg)
{
    const kam__plan *p = arg;
    const kam__plan_item *x = &p->item[*(const uint32_t *)a], *y = &p->item[*(const uint32_t *)b];
    int64_t ax = p->account[x->account].id, ay = p->account[y->account].id;
    if (ax != ay) return ax < ay ? -1 : 1;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (x->due != y->due) return x->due < y->due ? -1 : 1;
    return (*(const uint32_t *)a > *(const uint32_t *)b) - (*(const uint32_t *)a < *(const uint32_t *)b);
}

static int32_t proute_take(proute *r)
{
    kam__plan *p = r->p;
    size_t n = p->n + 1;
    r->item = kam__zalloc_n(p->ctx, n, sizeof *r->item);
    r->apart = kam__zalloc_n(p->ctx, r->part->nday + 1, sizeof *r->apart);
    if (!r->item || !r->apart) return kam__nomem(r->err);
    for (uint32_t i = 0; i < p->n; i++) {
        const kam__plan_item *it = &p->item[i];
        int32_t k = it->day >= 0 ? proute_day(r, it->day) : -1;
        if (kam__plan_desk(it) || (k < 0 && !proute_waits(r, i))) continue;
        if (p->account[it->account].located) r->item[r->n++] = i, r->moving += (uint32_t)(proute_moves(r, i) || k < 0);
        else if (k >= 0) r->apart[k] += kam__plan_service(p, it);
    }
    return kam__sort(p->ctx, r->item, r->n, sizeof *r->item, proute_order, p, r->err);
}

static int32_t proute_memory(proute *r)
{
    kam_ctx *ctx = r->p->ctx;
    size_t n = r->n, node = n + 2, days = r->part->nday, opens = 1;
    for (uint32_t i = 0; i < r->n; i++) opens += 2 * ((size_t)r->p->account[proute_item(r, i)->account].nopen + 1);
    r->cost = kam__zalloc_n(ctx, node * node, sizeof *r->cost);
    if (proute_hours(r->p)) r->time = kam__zalloc_n(ctx, node * node, sizeof *r->time);
    r->vehicle = kam__zalloc_n(ctx, n * days + 1, sizeof *r->vehicle);
    r->shift = kam__zalloc_n(ctx, days, sizeof *r->shift);
    r->customer = kam__zalloc_n(ctx, n + 1, sizeof *r->customer);
    r->pattern = kam__zalloc_n(ctx, n * days + 1, sizeof *r->pattern);
    r->window = kam__zalloc_n(ctx, opens, sizeof *r->window);
    r->lock = kam__zalloc_n(ctx, n + 1, sizeof *r->lock);
    return r->cost && (r->time || !proute_hours(r->p)) && r->vehicle && r->shift && r->customer &&
                   r->pattern && r->window && r->lock ? KAM_OK : kam__nomem(r->err);
}

static void proute_free(proute *r)
{
    void *const own[] = {r->item, r->apart, r->cost, r->time, r->vehicle, r->shift, r->customer, r->pattern,
                         r->window, r->lock};
    kam__route_end(r->engine);
    for (size_t i = 0; i < KAM__LEN(own); i++) kam__free(r->p->ctx, own[i]);
}

static int32_t proute_number(int64_t v)
{
    return v < KAM__ROUTE_MAX ? (int32_t)v : KAM__ROUTE_MAX - 1;
}

/* Node n is home, node n + 1 the end of a way, which nothing is far from. */
static void proute_ways(proute *r)
{
    size_t n = r->n, node = n + 2;
    for (size_t a = 0; a <= n; a++)
        for (size_t b = 0; b < a; b++) {
            uint32_t x = a == n ? KAM__PLAN_HOME : proute_item(r, (uint32_t)a)->account, y = proute_item(r, (uint32_t)b)->account;
            r->cost[a * node + b] = r->cost[b * node + a] = proute_number(kam__plan_metres(r->p, x, y));
            if (r->time) r->time[a * node + b] = r->time[b * node + a] = proute_number(kam__plan_minutes(r->p, x, y));
        }
}

/* ---------------------------------------------------------------- days */

static void proute_shifts(proute *r)
{
    const kam__plan *p = r->p;
    for (uint32_t k = 0; k < r->part->nday; k++) {
        int32_t d = r->part->day[k], here = 0, all = p->load[0][d], cap = r->part->cap[d] > all ? r->part->cap[d] : all;
        kam__route_shift *s = &r->shift[k];
        for (uint32_t i = 0; i < r->n; i++) here += proute_item(r, i)->day == d;
        *s = (kam__route_shift){.start = (int32_t)r->n, .end = (int32_t)r->n + 1, .visits = cap - (all - here)};
        if (!s->visits) s->off = s->visits = 1;
        if (!proute_hours(p)) continue;
        s->open = p->hours.begin;
        s->close = kam__plan_closing(p, d) - r->apart[k];
        if (s->close <= s->open) s->close = s->open + 1;
        s->driving = p->hours.driving;
    }
}

/* Begins of a service on these days in [open, close], as long as it ends by `close` and the break does not cut it. */
static void proute_window(proute *r, uint64_t days, int32_t open, int32_t close, int32_t service)
{
    const kam__plan_hours *h = &r->p->hours;
    int cut = h->pause_end > open && h->pause_begin < close;
    int32_t till = (cut && h->pause_begin < close ? h->pause_begin : close) - service;
    if (days && till >= open) r->window[r->nopen++] = (kam__route_window){days, open, till};
    if (days && cut && close - service >= h->pause_end) r->window[r->nopen++] = (kam__route_window){days, h->pause_end, close - service};
}

/* Openings on each day of the part. */
static void proute_windows(proute *r, uint32_t i)
{
    const kam__plan *p = r->p;
    const kam__plan_account *a = &p->account[proute_item(r, i)->account];
    kam__route_customer *c = &r->customer[i];
    c->window.first = r->nopen;
    for (uint32_t w = 0; w < a->nopen && a->hours; w++) {
        uint64_t days = 0;
        for (uint32_t k = 0; k < r->part->nday; k++)
            if (kam__plan_opens(p, &a->open[w], r->part->day[k])) days |= (uint64_t)1 << k;
        proute_window(r, days, a->open[w].from, a->open[w].to, c->service);
    }
    if (!a->hours && p->hours.pause_end) proute_window(r, UINT64_MAX >> (64 - r->part->nday), 0, KAM__DAY_MINUTES, c->service);
    c->window.n = r->nopen - c->window.first;
    if ((a->hours || p->hours.pause_end) && !c->window.n) c->pattern.n = 0;     /* never open for so long */
}

static void proute_lock(proute *r, uint32_t i)
{
    const kam__plan_item *it = proute_item(r, i);
    int32_t start = it->planned != UINT32_MAX && it->fixed ? r->p->planned[it->planned].start : -1;
    if (start < 0 || it->day < 0) return;
    r->customer[i].window.n = 0;                /* agreed on, whatever the openings say */
    r->customer[i].lock = (kam__route_part){r->nlock, 1};
    r->lock[r->nlock++] = (kam__route_lock){proute_day(r, it->day), -1, start, start ? start : 1};
}

static void proute_customer(proute *r, uint32_t i)
{
    kam__plan *p = r->p;
    const kam__plan_item *it = proute_item(r, i);
    kam__route_customer *c = &r->customer[i];
    int32_t *vehicle = r->vehicle + (size_t)i * r->part->nday;
    int moves = proute_moves(r, r->item[i]) || it->day < 0, hours = proute_hours(p);
    c->pattern.first = r->npattern;
    for (uint32_t k = 0; k < r->part->nday; k++) {
        int32_t d = r->part->day[k];
        vehicle[k] = d == it->day ? 0 : -1;
        if (d == it->day || (moves && kam__plan_allowed(p, it, d, proute_last(r, it)))) r->pattern[r->npattern++] = (uint64_t)1 << k;
    }
    c->pattern.n = r->npattern - c->pattern.first;
    if (!hours) return;
    int32_t rank = p->account[it->account].rank, late = it->due < p->from;
    c->service = kam__plan_service(p, it);
    if (moves) c->prize = (int64_t)PROUTE_PRIZE * (rank < 4 ? 5 - rank : 1) * (late ? 4 : 1);
    proute_windows(r, i);
    proute_lock(r, i);
}

/* ---------------------------------------------------------------- the answer */

static void proute_off(proute *r, uint32_t i)
{
    kam__plan_item *it = proute_item(r, i);
    if (it->day >= 0) r->p->load[0][it->day]--;
    it->day = -1;
}

static void proute_out(proute *r, uint32_t i)
{
    kam__plan_item *it = proute_item(r, i);
    proute_off(r, i);
    it->begin = -1;
    it->kept = 0;
    it->code = KAM_UNPLANNED_HOURS;
}

static void proute_put(proute *r, uint32_t i, int32_t day, int32_t order)
{
    kam__plan_item *it = proute_item(r, i);
    if (it->day < 0) {
        if (r->p->load[0][day] >= r->p->room[0][day]) {
            proute_out(r, i);
            return;
        }
        r->p->load[0][day]++;
    }
    it->day = day;
    if (!proute_hours(r->p)) return;
    it->order = order;
    it->code = 0;
}

/* A visit that stays although the hours have no place for it takes room all the same: the last ones go without. */
static void proute_answer(proute *r, uint32_t *missing)
{
    *missing = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        if (kam__route_days(r->engine, i)) continue;
        if (!r->part->order && proute_moves(r, r->item[i])) proute_out(r, i);
        else if (!r->part->order && proute_hours(r->p) && !proute_item(r, i)->fixed) proute_out(r, i);
        else {
            ++*missing;
            if (!r->part->order) proute_item(r, i)->order = 0;
        }
    }
    if (r->part->order && *missing) return;
    for (uint32_t i = 0; i < r->n; i++)
        if (proute_moves(r, r->item[i])) proute_off(r, i);
    for (uint32_t k = 0; k < r->part->nday; k++) {
        const int32_t *stop = NULL;
        uint32_t n = kam__route_stops(r->engine, k, 0, &stop, NULL);
        for (uint32_t i = 0; i < n; i++) proute_put(r, (uint32_t)stop[i], r->part->day[k], (int32_t)i + 1);
    }
}

/* 1: somebody who could be moved, and is known to be coming, has no place yet. */
static int proute_misses(const proute *r)
{
    if (!kam__route_missing(r->engine)) return 0;
    for (uint32_t i = 0; i < r->n; i++)
        if (!r->customer[i].prize && !proute_item(r, i)->fixed && !kam__route_days(r->engine, i)) return 1;
    return 0;
}

static int32_t proute_solve(proute *r, uint32_t *missing)
{
    uint64_t by_size = r->part->order ? PROUTE_STOPS * (uint64_t)r->n * r->n : PROUTE_EACH * (uint64_t)r->moving;
    uint64_t most = r->part->order ? PROUTE_ORDER : PROUTE_MOST, all = r->part->iterations;
    if (!all) all = by_size < most ? by_size : most;
    if (all < PROUTE_LEAST && proute_hours(r->p)) all = PROUTE_LEAST;
    const kam__route_budget budget = {r->part->seed, all, NULL, NULL};
    r->problem = (kam__route_problem){.nnode = r->n + 2, .nday = r->part->nday, .nvehicle = 1, .ncustomer = r->n,
                                      .cost = r->cost, .time = r->time, .shift = r->shift, .customer = r->customer,
                                      .pattern = r->pattern, .window = r->window, .lock = r->lock};
    KAM__TRY(kam__route_new(&r->engine, r->p->ctx, &r->problem, r->err));
    if (!r->part->order) KAM__TRY(kam__route_start(r->engine, r->vehicle, r->err));
    KAM__TRY(kam__route_search(r->engine, &budget, r->err));
    for (uint64_t more = 2; more < 5 && proute_hours(r->p) && proute_misses(r); more++) {
        const kam__route_budget again = {r->part->seed + more, all * more, NULL, NULL};
        KAM__TRY(kam__route_search(r->engine, &again, r->err));         /* somebody knows of it: look harder */
    }
    if (!proute_hours(r->p) && kam__route_missing(r->engine)) return KAM_OK;    /* cannot be: the plan we began with has all */
    proute_answer(r, missing);
    return KAM_OK;
}

int32_t kam__plan_route(kam__plan *p, const kam__plan_part *part, uint32_t *missing, kam_error *err)
{
    proute r = {.p = p, .part = part, .err = err};
    *missing = 0;
    int32_t rc = proute_take(&r);
    if (rc == KAM_OK && r.n && (r.moving || part->order || proute_hours(p))) {
        rc = proute_memory(&r);
        if (rc == KAM_OK) {
            proute_ways(&r);
            proute_shifts(&r);
            for (uint32_t i = 0; i < r.n; i++) proute_customer(&r, i);
            rc = proute_solve(&r, missing);
        }
    }
    proute_free(&r);
    return rc;
}
