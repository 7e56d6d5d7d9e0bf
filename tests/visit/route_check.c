/*
 * tests/visit/route_check.c - the rules of periodic routing once more, written for reading and not for speed.
 */
#include "route_check.h"

static int64_t check_limit(int64_t limit) { return limit ? limit : INT64_MAX / 4; }
static int64_t check_cost(const kam__route_problem *p, int32_t a, int32_t b) { return p->cost[(size_t)a * p->nnode + (size_t)b]; }
static int64_t check_time(const kam__route_problem *p, int32_t a, int32_t b) {
    return (p->time ? p->time : p->cost)[(size_t)a * p->nnode + (size_t)b];
}

void route_plan_of(route_plan *out, const kam__route_problem *p, const kam__route_engine *e) {
    for (uint32_t r = 0; r < p->nday * p->nvehicle; r++) {
        const int32_t *stop = NULL;
        out->n[r] = kam__route_stops(e, r / p->nvehicle, r % p->nvehicle, &stop, out->begin[r]);
        memcpy(out->stop[r], stop, out->n[r] * sizeof *stop);
    }
}

/* Does the customer receive anybody on this day, at this hour? */
static int check_open(const kam__route_problem *p, uint32_t c, uint32_t day, int64_t at) {
    const kam__route_part *w = &p->customer[c].window;
    if (!w->n) return 1;
    for (uint32_t i = w->first; i < w->first + w->n; i++)
        if ((p->window[i].days >> day & 1u) && p->window[i].open <= at && at <= p->window[i].close) return 1;
    return 0;
}

static const char *check_hours(const kam__route_problem *p, uint32_t r, const route_plan *plan) {
    const kam__route_shift *s = &p->shift[r];
    const int32_t *stop = plan->stop[r], *begin = plan->begin[r];
    uint32_t n = plan->n[r];
    int64_t left = begin[0] - check_time(p, s->start, stop[0]);
    int64_t back = begin[n - 1] + (int64_t)p->customer[stop[n - 1]].service + check_time(p, stop[n - 1], s->end);
    if (left < s->open) return "leaves before the shift begins";
    if (s->close && back > s->close) return "is back after the shift ends";
    if (back - left > check_limit(s->duration)) return "is away too long";
    for (uint32_t i = 0; i < n; i++) {
        int64_t end = begin[i] + (int64_t)p->customer[stop[i]].service;
        if (s->pause_close && end > s->pause_open && begin[i] < s->pause_close) return "is served during the break";
        if (!check_open(p, (uint32_t)stop[i], r / p->nvehicle, begin[i])) return "comes when it is closed";
        if (i && begin[i] < begin[i - 1] + (int64_t)p->customer[stop[i - 1]].service + check_time(p, stop[i - 1], stop[i]))
            return "cannot be there so early";
    }
    return NULL;
}

static const char *check_route(const kam__route_problem *p, uint32_t r, const route_plan *plan, int64_t *cost) {
    const kam__route_shift *s = &p->shift[r];
    int64_t load = 0, drive = 0;
    int32_t at = s->start;
    if (!plan->n[r]) return NULL;
    if (s->off) return "works on a day off";
    if (s->visits && plan->n[r] > (uint32_t)s->visits) return "makes too many visits";
    for (uint32_t i = 0; i <= plan->n[r]; i++) {
        int32_t to = i < plan->n[r] ? plan->stop[r][i] : s->end;
        *cost += check_cost(p, at, to);
        drive += check_time(p, at, to);
        at = to;
        if (i == plan->n[r]) break;
        uint32_t v = r % p->nvehicle;
        const kam__route_customer *c = &p->customer[to];
        load += c->demand;
        if (c->vehicles && !(c->vehicles[v / 32] >> (v % 32) & 1u)) return "visits whom it may not";
        if ((c->first >> (r / p->nvehicle) & 1u) && i) return "is not the first stop";
        if ((c->last >> (r / p->nvehicle) & 1u) && i + 1 < plan->n[r]) return "is not the last stop";
    }
    if (load > check_limit(s->capacity)) return "carries too much";
    if (drive > check_limit(s->driving)) return "drives too long";
    return check_hours(p, r, plan);
}

static const char *check_locks(const kam__route_problem *p, uint32_t c, const route_plan *plan) {
    for (uint32_t k = 0; k < p->customer[c].lock.n; k++) {
        const kam__route_lock *l = &p->lock[p->customer[c].lock.first + k];
        int kept = 0;
        for (uint32_t v = 0; v < p->nvehicle; v++) {
            uint32_t r = (uint32_t)l->day * p->nvehicle + v;
            for (uint32_t i = 0; i < plan->n[r]; i++)
                if (plan->stop[r][i] == (int32_t)c && (l->vehicle < 0 || l->vehicle == (int32_t)v) &&
                    (!l->close || (plan->begin[r][i] >= l->open && plan->begin[r][i] <= l->close))) kept = 1;
        }
        if (!kept) return "breaks a lock";
    }
    return NULL;
}

static const char *check_customer(const kam__route_problem *p, uint32_t c, const route_plan *plan, uint32_t *missing) {
    const kam__route_customer *k = &p->customer[c];
    uint64_t days = 0;
    int64_t who = -1;
    int known = 0;
    for (uint32_t r = 0; r < p->nday * p->nvehicle; r++)
        for (uint32_t i = 0; i < plan->n[r]; i++) {
            if (plan->stop[r][i] != (int32_t)c) continue;
            if (days >> (r / p->nvehicle) & 1u) return "is visited twice on one day";
            days |= (uint64_t)1 << (r / p->nvehicle);
            if ((k->flags & KAM__ROUTE_SAME_VEHICLE) && who >= 0 && who != r % p->nvehicle) return "has several visitors";
            who = r % p->nvehicle;
        }
    if (!days) {
        *missing += k->pattern.n && !k->prize;
        return NULL;
    }
    for (uint32_t i = 0; i < k->pattern.n; i++) known |= p->pattern[k->pattern.first + i] == days;
    return known ? check_locks(p, c, plan) : "is visited on days that are no pattern";
}

const char *route_check(const kam__route_problem *p, const route_plan *plan, int64_t *cost, uint32_t *missing) {
    const char *wrong = NULL;
    *cost = 0;
    *missing = 0;
    for (uint32_t r = 0; r < p->nday * p->nvehicle && !wrong; r++) wrong = check_route(p, r, plan, cost);
    for (uint32_t c = 0; c < p->ncustomer && !wrong; c++) wrong = check_customer(p, c, plan, missing);
    return wrong;
}

/* ---------------------------------------------------------------- everything tried */

typedef struct try_all { const kam__route_problem *p; int64_t best; uint32_t visitors[64]; int64_t tour[64][64]; } try_all;

/* The shortest way of route r through the customers of `set`, -1: not allowed. Kept, for it is asked often. */
static int64_t try_tour(try_all *t, uint32_t r, uint32_t set, int32_t at, uint32_t left, int64_t drive) {
    const kam__route_shift *s = &t->p->shift[r];
    int64_t least = -1;
    if (!left) {
        int64_t total = drive + check_time(t->p, at, s->end), service = 0;
        for (uint32_t c = 0; c < t->p->ncustomer; c++) service += set >> c & 1u ? t->p->customer[c].service : 0;
        if (total > check_limit(s->driving) || total + service > check_limit(s->duration)) return -1;
        return check_cost(t->p, at, s->end);
    }
    for (uint32_t c = 0; c < t->p->ncustomer; c++) {
        if (!(left >> c & 1u)) continue;
        int64_t rest = try_tour(t, r, set, (int32_t)c, left & ~((uint32_t)1 << c), drive + check_time(t->p, at, (int32_t)c));
        if (rest >= 0 && (least < 0 || rest + check_cost(t->p, at, (int32_t)c) < least))
            least = rest + check_cost(t->p, at, (int32_t)c);
    }
    return least;
}

static int64_t try_route(try_all *t, uint32_t r) {
    const kam__route_shift *s = &t->p->shift[r];
    uint32_t set = t->visitors[r], v = r % t->p->nvehicle, n = 0;
    int64_t load = 0;
    if (!set) return 0;
    for (uint32_t c = 0; c < t->p->ncustomer; c++) {
        const kam__route_customer *k = &t->p->customer[c];
        if (!(set >> c & 1u)) continue;
        if (k->vehicles && !(k->vehicles[v / 32] >> (v % 32) & 1u)) return -1;
        load += k->demand;
        n++;
    }
    if (s->off || (s->visits && n > (uint32_t)s->visits) || load > check_limit(s->capacity)) return -1;
    if (t->tour[r][set] == -2) t->tour[r][set] = try_tour(t, r, set, s->start, set, 0);
    return t->tour[r][set];
}

static void try_customer(try_all *t, uint32_t c, int64_t price);

/* Every vehicle on every day of the pattern that is left. */
static void try_days(try_all *t, uint32_t c, uint64_t days, uint32_t day, int64_t price) {
    if (day == t->p->nday) {
        try_customer(t, c + 1, price);
        return;
    }
    if (!(days >> day & 1u)) {
        try_days(t, c, days, day + 1, price);
        return;
    }
    for (uint32_t v = 0; v < t->p->nvehicle; v++) {
        t->visitors[day * t->p->nvehicle + v] |= (uint32_t)1 << c;
        try_days(t, c, days, day + 1, price);
        t->visitors[day * t->p->nvehicle + v] &= ~((uint32_t)1 << c);
    }
}

static void try_customer(try_all *t, uint32_t c, int64_t price) {
    if (c == t->p->ncustomer) {
        for (uint32_t r = 0; r < t->p->nday * t->p->nvehicle; r++) {
            int64_t cost = try_route(t, r);
            if (cost < 0) return;
            price += cost;
        }
        if (t->best < 0 || price < t->best) t->best = price;
        return;
    }
    const kam__route_customer *k = &t->p->customer[c];
    for (uint32_t i = k->pattern.first; i < k->pattern.first + k->pattern.n; i++)
        try_days(t, c, t->p->pattern[i], 0, price + (t->p->pattern_price ? t->p->pattern_price[i] : 0));
    if (!k->pattern.n || k->prize) try_customer(t, c + 1, price + k->prize);
}

int64_t route_least(const kam__route_problem *p) {
    static try_all t;
    t = (try_all){.p = p, .best = -1};
    for (uint32_t r = 0; r < 64; r++)
        for (uint32_t set = 0; set < 64; set++) t.tour[r][set] = -2;
    try_customer(&t, 0, 0);
    return t.best;
}
