/*
 * route_problem.c - the routing engine: checks of a problem, and what is worked out once.
 *
 * Openings, locks, eligibility and shifts are folded into two things the search asks for all the time: which patterns
 * a customer has left, and when it is open on each day. The longest possible route is bounded by stops, loads and
 * service times, so that memory is routes times that bound. All pieces are remembered in one list and end together.
 */
#include "route_engine.h"

#define PROBLEM_PLACES ((size_t)1 << 27)        /* stops of all routes together that we are ready to hold */
#define PROBLEM_SPOTS ((size_t)1 << 21)         /* remembered insertions: 16 bytes each */
#define PROBLEM_NEAR 200u                       /* neighbours remembered of a customer */

/* ---------------------------------------------------------------- memory */

void *kam__rpiece(kam__route_engine *e, size_t n, size_t size) {
    if (kam__grow(e->ctx, &e->piece, &e->piece_cap, e->npiece + 1, sizeof *e->piece, NULL) != KAM_OK) return NULL;
    void *p = kam__zalloc_n(e->ctx, n ? n : 1, size);
    if (!p) return NULL;
    e->piece[e->npiece++] = p;
    e->memory += n * size;
    return p;
}

#define PIECE(field, n) (!((field) = kam__rpiece(e, n, sizeof *(field))))

int32_t kam__rplan_new(kam__route_engine *e, kam__rplan *plan) {
    size_t places = (size_t)e->nroute * e->stride;
    return PIECE(plan->seq, places) || PIECE(plan->n, e->nroute) || PIECE(plan->window, (size_t)e->n * e->nday)
               ? KAM_E_NOMEM : KAM_OK;
}

static int problem_lists(kam__route_engine *e) {
    size_t visits = (size_t)e->n * e->nday;
    return PIECE(e->out.at, e->n) || PIECE(e->out_at, e->n) || PIECE(e->touched.at, e->nroute) ||
           PIECE(e->moved.at, e->n) || PIECE(e->waiting.at, e->n) || PIECE(e->key, e->n) || PIECE(e->absent, e->n) ||
           PIECE(e->is_touched, e->nroute) || PIECE(e->is_moved, e->n) || PIECE(e->ruined, e->nroute) ||
           PIECE(e->days, e->n) || PIECE(e->old_days, e->n) || PIECE(e->where, visits) ||
           PIECE(e->old_where, visits) || (e->pattern_price && (PIECE(e->charge, e->n) || PIECE(e->old_charge, e->n))) || PIECE(e->window, visits) || PIECE(e->old_window, visits);
}

static int problem_members(kam__route_engine *e) {
    for (uint32_t i = 0; i <= KAM__ROUTE_MEMBERS; i++)
        if (kam__rplan_new(e, &e->member[i]) != KAM_OK) return 1;
    return 0;
}

static int problem_routes(kam__route_engine *e) {
    size_t places = (size_t)e->nroute * e->stride, spots = (size_t)e->n * e->nroute;
    if (spots <= PROBLEM_SPOTS && PIECE(e->spot, spots)) return 1;
    if (e->windows && (PIECE(e->pre, places) || PIECE(e->suf, places) || PIECE(e->old_pre, places) ||
                       PIECE(e->old_suf, places))) return 1;
    return PIECE(e->seq, places) || PIECE(e->arc, places) || PIECE(e->old_seq, places) || PIECE(e->old_arc, places) ||
           PIECE(e->route, e->nroute) || PIECE(e->old_route, e->nroute) || PIECE(e->version, e->nroute) ||
           PIECE(e->old_version, e->nroute) || kam__rplan_new(e, &e->best) != KAM_OK || problem_members(e);
}

/* ---------------------------------------------------------------- checks */

static int32_t problem_check_matrix(const kam__route_problem *p, const int32_t *matrix, const char *name, kam_error *err) {
    for (size_t i = 0; i < (size_t)p->nnode * p->nnode; i++)
        if (matrix[i] < 0 || matrix[i] >= KAM__ROUTE_MAX)
            return kam__fail(err, KAM_E_LIMIT, "%s from node %u to node %u is %d; it must lie in 0..%d", name,
                             (unsigned)(i / p->nnode), (unsigned)(i % p->nnode), matrix[i], KAM__ROUTE_MAX - 1);
    return KAM_OK;
}

static int problem_check_hours(int32_t open, int32_t close) {
    return open >= 0 && close >= 0 && close <= KAM__ROUTE_LATE && (!close || open <= close);
}

static int32_t problem_check_shift(const kam__route_problem *p, uint32_t r, kam_error *err) {
    const kam__route_shift *s = &p->shift[r];
    unsigned day = r / p->nvehicle, vehicle = r % p->nvehicle;
    if (s->start < 0 || s->end < 0 || (uint32_t)s->start >= p->nnode || (uint32_t)s->end >= p->nnode)
        return kam__fail(err, KAM_E_INVAL, "day %u, vehicle %u: start and end must be nodes", day, vehicle);
    if (!problem_check_hours(s->open, s->close) || s->duration < 0 || s->driving < 0 || s->visits < 0 || s->capacity < 0)
        return kam__fail(err, KAM_E_INVAL, "day %u, vehicle %u: a limit is negative, or it closes before it opens",
                         day, vehicle);
    if (s->pause_open < 0 || s->pause_close < s->pause_open || s->pause_close > KAM__ROUTE_LATE)
        return kam__fail(err, KAM_E_INVAL, "day %u, vehicle %u: the break ends before it begins", day, vehicle);
    return KAM_OK;
}

static int32_t problem_check_customer(const kam__route_problem *p, uint32_t i, kam_error *err) {
    const kam__route_customer *c = &p->customer[i];
    uint64_t all = p->nday == 64 ? ~(uint64_t)0 : ((uint64_t)1 << p->nday) - 1;
    if (c->service < 0 || c->service >= KAM__ROUTE_MAX || c->demand < 0 || c->prize < 0 ||
        c->demand > INT64_MAX / 1000000 || c->prize > INT64_MAX / 1000000)
        return kam__fail(err, KAM_E_INVAL, "customer %u: service, demand or prize is out of range", i);
    for (uint32_t k = 0; k < c->pattern.n; k++)
        if (!p->pattern[c->pattern.first + k] || p->pattern[c->pattern.first + k] & ~all)
            return kam__fail(err, KAM_E_INVAL, "customer %u: pattern %u has no day, or one behind the last", i, k);
    for (uint32_t k = 0; k < c->pattern.n && p->pattern_price; k++)
        if (p->pattern_price[c->pattern.first + k] < 0 || p->pattern_price[c->pattern.first + k] > INT64_MAX / 1000000)
            return kam__fail(err, KAM_E_INVAL, "customer %u: the price of pattern %u is out of range", i, k);
    for (uint32_t k = 0; k < c->window.n; k++) {
        const kam__route_window *w = &p->window[c->window.first + k];
        if (w->open < 0 || w->close < w->open || w->close > KAM__ROUTE_LATE)
            return kam__fail(err, KAM_E_INVAL, "customer %u: window %u closes before it opens", i, k);
    }
    for (uint32_t k = 0; k < c->lock.n; k++) {
        const kam__route_lock *l = &p->lock[c->lock.first + k];
        if (l->day < 0 || (uint32_t)l->day >= p->nday || l->vehicle < -1 || l->vehicle >= (int32_t)p->nvehicle ||
            !problem_check_hours(l->open, l->close))
            return kam__fail(err, KAM_E_INVAL, "customer %u: lock %u has no such day, vehicle or time", i, k);
    }
    return KAM_OK;
}

static int32_t problem_check(const kam__route_problem *p, kam_error *err) {
    if (!p->nday || p->nday > KAM__ROUTE_DAYS || !p->nvehicle || !p->nnode || p->nnode > 30000 || p->nvehicle > 30000)
        return kam__fail(err, KAM_E_LIMIT, "a routing problem has 1..64 days, 1..30000 vehicles and nodes");
    if (p->ncustomer >= p->nnode)
        return kam__fail(err, KAM_E_INVAL, "%u customers leave no node to start from among %u", p->ncustomer, p->nnode);
    KAM__TRY(problem_check_matrix(p, p->cost, "the cost", err));
    if (p->time) KAM__TRY(problem_check_matrix(p, p->time, "the time", err));
    for (uint32_t r = 0; r < p->nday * p->nvehicle; r++) KAM__TRY(problem_check_shift(p, r, err));
    for (uint32_t i = 0; i < p->ncustomer; i++) KAM__TRY(problem_check_customer(p, i, err));
    return KAM_OK;
}

/* ---------------------------------------------------------------- openings, patterns */

static const kam__route_lock *problem_lock_of(const kam__route_engine *e, uint32_t c, uint32_t day) {
    const kam__route_customer *k = &e->p->customer[c];
    for (uint32_t i = 0; i < k->lock.n; i++)
        if ((uint32_t)e->p->lock[k->lock.first + i].day == day) return &e->p->lock[k->lock.first + i];
    return NULL;
}

/* Writes the openings of one customer on one day, cut by a lock's time; 0: it is closed. */
static int problem_open_day(kam__route_engine *e, uint32_t c, uint32_t day, uint32_t *at) {
    const kam__route_customer *k = &e->p->customer[c];
    const kam__route_lock *lock = problem_lock_of(e, c, day);
    kam__route_part *part = &e->opens[(size_t)c * e->nday + day];
    int timed = lock && lock->close;
    part->first = *at;
    for (uint32_t i = 0; i < k->window.n; i++) {
        kam__route_window w = e->p->window[k->window.first + i];
        if (!(w.days >> day & 1u)) continue;
        if (timed && lock->open > w.open) w.open = lock->open;
        if (timed && lock->close < w.close) w.close = lock->close;
        if (w.open <= w.close) e->open[(*at)++] = w;
    }
    if (e->pauses && !timed && !k->window.n) e->open[(*at)++] = (kam__route_window){0, 0, KAM__ROUTE_LATE};
    if (timed && !k->window.n) e->open[(*at)++] = (kam__route_window){0, lock->open, lock->close};
    part->n = *at - part->first;
    return part->n || (!k->window.n && !timed);
}

static int problem_open_somebody(const kam__route_engine *e, uint32_t c, uint32_t day) {
    int32_t locked = e->locked[(size_t)c * e->nday + day];
    for (uint32_t v = 0; v < e->m; v++)
        if (!e->p->shift[day * e->m + v].off && kam__rmay(&e->p->customer[c], v) &&
            (locked < 0 || (uint32_t)locked == v)) return 1;
    return 0;
}

static void problem_open_customer(kam__route_engine *e, uint32_t c, uint32_t *at, uint32_t *npattern) {
    const kam__route_customer *k = &e->p->customer[c];
    uint64_t days = 0, must = 0;
    for (uint32_t d = 0; d < e->nday; d++) {
        const kam__route_lock *lock = problem_lock_of(e, c, d);
        e->locked[(size_t)c * e->nday + d] = lock ? lock->vehicle : -1;
        if (lock) must |= (uint64_t)1 << d;
        if (problem_open_day(e, c, d, at) && problem_open_somebody(e, c, d)) days |= (uint64_t)1 << d;
    }
    e->patterns[c].first = *npattern;
    for (uint32_t i = 0; i < k->pattern.n; i++) {
        uint64_t p = e->p->pattern[k->pattern.first + i];
        if ((p & ~days) || (must & ~p)) continue;
        if (e->pattern_price) e->pattern_price[*npattern] = e->p->pattern_price[k->pattern.first + i];
        e->pattern[(*npattern)++] = p;
        e->can[c] |= p;
    }
    e->patterns[c].n = *npattern - e->patterns[c].first;
}

static int32_t problem_open(kam__route_engine *e) {
    size_t nopen = 0, npattern = 0, visits = (size_t)e->n * e->nday;
    uint32_t at = 0, made = 0;
    for (uint32_t r = 0; r < e->nroute; r++) e->pauses |= e->p->shift[r].pause_close > 0;
    for (uint32_t c = 0; c < e->n; c++) {
        const kam__route_customer *k = &e->p->customer[c];
        nopen += (size_t)(k->window.n + (e->pauses && !k->window.n)) * e->nday + k->lock.n;
        npattern += k->pattern.n;
        if (k->first || k->last) e->orders = 1;
    }
    if (PIECE(e->open, nopen) || PIECE(e->opens, visits) || PIECE(e->pattern, npattern) ||
        (e->p->pattern_price && PIECE(e->pattern_price, npattern)) ||
        PIECE(e->patterns, e->n) || PIECE(e->locked, visits) || PIECE(e->can, e->n)) return KAM_E_NOMEM;
    for (uint32_t c = 0; c < e->n; c++) problem_open_customer(e, c, &at, &made);
    e->windows = at > 0;
    for (uint32_t r = 0; r < e->nroute; r++) {
        const kam__route_shift *s = &e->p->shift[r];
        if (s->open || (s->close && s->close < KAM__ROUTE_LATE)) e->windows = 1;
        if (s->duration || s->driving) e->limits = 1;
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- bounds, neighbours, costs */

static int problem_key_before(const void *a, const void *b, void *arg) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    (void)arg;
    return x < y ? -1 : x > y;
}

/* How many of the smallest amounts fit into each limit; the most of all shifts. key: n numbers, sorted. */
static uint32_t problem_bound_fits(const int64_t *key, uint32_t n, int64_t limit) {
    uint32_t k = 0;
    for (int64_t sum = 0; k < n && (sum += key[k]) <= limit; k++) continue;
    return k;
}

static int32_t problem_bound(kam__route_engine *e, kam_error *err) {
    uint32_t *bound = kam__zalloc_n(e->ctx, e->nroute, sizeof *bound);
    int64_t *key = kam__zalloc_n(e->ctx, (size_t)e->n + 1, sizeof *key);
    int32_t rc = bound && key ? KAM_OK : kam__nomem(err);
    for (int pass = 0; pass < 2 && rc == KAM_OK; pass++) {
        for (uint32_t c = 0; c < e->n; c++)
            key[c] = pass ? e->p->customer[c].service : e->p->customer[c].demand;
        rc = kam__sort(e->ctx, key, e->n, sizeof *key, problem_key_before, NULL, err);
        for (uint32_t r = 0; r < e->nroute && rc == KAM_OK; r++) {
            const kam__route_shift *s = &e->p->shift[r];
            int64_t hours = s->close ? (int64_t)s->close - s->open : INT64_MAX / 4;
            if (s->duration && s->duration < hours) hours = s->duration;
            uint32_t k = problem_bound_fits(key, e->n, pass ? hours : kam__rlimit(s->capacity));
            if (s->visits && (uint32_t)s->visits < k) k = (uint32_t)s->visits;
            if (!pass || k < bound[r]) bound[r] = k;
        }
    }
    for (uint32_t r = 0; r < e->nroute && rc == KAM_OK; r++)
        if (bound[r] + 2 > e->stride) e->stride = bound[r] + 2;
    kam__free(e->ctx, bound);
    kam__free(e->ctx, key);
    if (rc == KAM_OK && (size_t)e->nroute * e->stride > PROBLEM_PLACES)
        return kam__fail(err, KAM_E_LIMIT, "%u routes of up to %u stops are too many at once: split the problem",
                         e->nroute, e->stride - 2);
    return rc;
}

/* Nearest first by the way there and back; ties by number. */
static int32_t problem_near(kam__route_engine *e, kam_error *err) {
    e->near = e->n > PROBLEM_NEAR + 1 ? PROBLEM_NEAR : e->n ? e->n - 1 : 0;
    int64_t *key = kam__zalloc_n(e->ctx, (size_t)e->n + 1, sizeof *key);
    int32_t rc = key && !PIECE(e->neighbour, (size_t)e->n * e->near) ? KAM_OK : kam__nomem(err);
    for (uint32_t a = 0; a < e->n && rc == KAM_OK; a++) {
        uint32_t n = 0;
        for (uint32_t b = 0; b < e->n; b++)
            if (b != a) key[n++] = ((int64_t)kam__rcost(e, (int32_t)a, (int32_t)b) +
                                    kam__rcost(e, (int32_t)b, (int32_t)a)) * 32768 + b;
        rc = kam__sort(e->ctx, key, n, sizeof *key, problem_key_before, NULL, err);
        for (uint32_t i = 0; i < e->near; i++) e->neighbour[(size_t)a * e->near + i] = (int32_t)(key[i] % 32768);
    }
    kam__free(e->ctx, key);
    return rc;
}

static int32_t problem_costs(kam__route_engine *e) {
    size_t n = e->nnode, symmetric = 1;
    int32_t most = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            int32_t cost = e->p->cost[i * n + j];
            if (cost > most) most = cost;
            if (cost != e->p->cost[j * n + i]) symmetric = 0;
        }
    e->must = ((int64_t)most + 1) * 1024;
    for (uint32_t c = 0; c < e->n; c++) {
        if (e->p->customer[c].prize) e->prizes = 1;
        if (e->p->customer[c].prize >= e->must / 64) e->must = e->p->customer[c].prize * 64;
        for (uint32_t i = 0; i < e->patterns[c].n && e->pattern_price; i++)
            if (e->pattern_price[e->patterns[c].first + i] >= e->must / 64)
                e->must = e->pattern_price[e->patterns[c].first + i] * 64;
    }
    if (symmetric) {
        e->into = (int32_t *)(uintptr_t)e->p->cost;             /* read only: the caller's own */
        return KAM_OK;
    }
    if (PIECE(e->into, n * n)) return KAM_E_NOMEM;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) e->into[j * n + i] = e->p->cost[i * n + j];
    return KAM_OK;
}

/* ---------------------------------------------------------------- the engine */

/* Nobody has hours, a place in the order, a lock or vehicles of his own, and everybody works. */
static int problem_plain(const kam__route_engine *e) {
    if (e->windows || !e->same_time || e->orders) return 0;
    for (uint32_t r = 0; r < e->nroute; r++)
        if (e->p->shift[r].off || e->p->shift[r].visits) return 0;
    for (uint32_t c = 0; c < e->n; c++)
        if (e->p->customer[c].vehicles || e->p->customer[c].lock.n) return 0;
    return 1;
}

static int32_t problem_build(kam__route_engine *e, kam_error *err) {
    if (problem_open(e) != KAM_OK || problem_costs(e) != KAM_OK) return kam__nomem(err);
    e->plain = problem_plain(e);
    KAM__TRY(problem_bound(e, err));
    KAM__TRY(problem_near(e, err));
    return problem_lists(e) || problem_routes(e) || kam__hgs_new(e) != KAM_OK ? kam__nomem(err) : KAM_OK;
}

int32_t kam__route_new(kam__route_engine **out, kam_ctx *ctx, const kam__route_problem *problem, kam_error *err) {
    KAM__TRY(problem_check(problem, err));
    kam__route_engine *e = kam__zalloc(ctx, sizeof *e);
    if (!e) return kam__nomem(err);
    e->ctx = ctx;
    e->p = problem;
    e->n = problem->ncustomer;
    e->nday = problem->nday;
    e->m = problem->nvehicle;
    e->nroute = e->nday * e->m;
    e->nnode = problem->nnode;
    e->stride = 2;
    e->same_time = !problem->time;
    e->memory = sizeof *e;
    int32_t rc = problem_build(e, err);
    if (rc != KAM_OK) {
        kam__route_end(e);
        return rc;
    }
    kam__rclear(e);
    *out = e;
    return KAM_OK;
}

void kam__route_end(kam__route_engine *e) {
    if (!e) return;
    for (size_t i = 0; i < e->npiece; i++) kam__free(e->ctx, e->piece[i]);
    kam__free(e->ctx, e->piece);
    kam__free(e->ctx, e);
}

size_t kam__route_memory(const kam__route_engine *e) { return e->memory; }
uint32_t kam__route_longest(const kam__route_engine *e) { return e->stride - 2; }
