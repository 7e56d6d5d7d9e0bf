/*
 * route_why.c - the routing engine: what the best plan says, of one route and of one customer that is not in it.
 *
 * Why somebody is left out is found by trying: would one limit less let the customer in, as the plan stands?
 */
#include "route_engine.h"

int64_t kam__route_cost(const kam__route_engine *e) { return e->best.cost; }
uint32_t kam__route_missing(const kam__route_engine *e) { return e->best.missing; }
uint64_t kam__route_iterations(const kam__route_engine *e) { return e->iterations; }

/* When each service begins: as late as the first one may, where waiting is shorter then, then as soon as possible. */
static void why_times(const kam__route_engine *e, uint32_t r, const int32_t *seq, uint32_t n, int32_t *begin) {
    const kam__route_shift *s = &e->p->shift[r];
    kam__rseg all = {0, s->open, s->close ? s->close : KAM__ROUTE_LATE};
    int32_t now, service = 0;
    for (uint32_t i = 1; i <= n; i++)
        all = kam__rjoin(all, kam__rtime(e, seq[i - 1], seq[i]),
                         kam__rvisit(e, s, (uint32_t)seq[i], e->best.window[(size_t)seq[i] * e->nday + r / e->m]));
    now = all.early;
    for (uint32_t i = 1; i <= n; i++) {
        kam__rseg visit = kam__rvisit(e, s, (uint32_t)seq[i], e->best.window[(size_t)seq[i] * e->nday + r / e->m]);
        now += service + kam__rtime(e, seq[i - 1], seq[i]);
        if (now < visit.early) now = visit.early;
        begin[i - 1] = now;
        service = visit.dur;
    }
}

uint32_t kam__route_stops(const kam__route_engine *e, uint32_t day, uint32_t vehicle, const int32_t **customer,
                          int32_t *begin) {
    uint32_t r = day * e->m + vehicle;
    const int32_t *seq = e->best.seq + (size_t)r * e->stride;
    *customer = seq + 1;
    if (begin && e->best.n[r]) why_times(e, r, seq, (uint32_t)e->best.n[r], begin);
    return (uint32_t)e->best.n[r];
}

uint64_t kam__route_days(const kam__route_engine *e, uint32_t customer) {
    uint64_t days = 0;
    for (uint32_t r = 0; r < e->nroute; r++)
        for (int32_t i = 1; i <= e->best.n[r]; i++)
            if (e->best.seq[(size_t)r * e->stride + (size_t)i] == (int32_t)customer) days |= (uint64_t)1 << (r / e->m);
    return days;
}

/* The price of the cheapest pattern as the plan stands, with some limits relaxed; -1: there is none. */
static int64_t why_price(const kam__route_engine *e, uint32_t c, uint32_t from, uint32_t to, int relax) {
    int64_t best = -1;
    for (uint32_t i = 0; i < e->patterns[c].n; i++) {
        uint64_t days = e->pattern[e->patterns[c].first + i];
        int64_t sum = 0;
        for (uint32_t d = 0; d < e->nday && sum >= 0; d++) {
            int32_t least = KAM__ROUTE_NEVER;
            for (uint32_t r = d * e->m + from; r < d * e->m + to && (days >> d & 1u); r++) {
                kam__rspot spot;
                kam__rspot_find(e, &spot, c, r, relax);
                if (spot.cost < least) least = spot.cost;
            }
            if (days >> d & 1u) sum = least == KAM__ROUTE_NEVER ? -1 : sum + least;
        }
        if (sum >= 0 && (best < 0 || sum < best)) best = sum;
    }
    return best;
}

static int64_t why_cheapest(const kam__route_engine *e, uint32_t c, int relax) {
    if (!(e->p->customer[c].flags & KAM__ROUTE_SAME_VEHICLE)) return why_price(e, c, 0, e->m, relax);
    int64_t best = -1;
    for (uint32_t v = 0; v < e->m; v++) {
        int64_t price = why_price(e, c, v, v + 1, relax);
        if (price >= 0 && (best < 0 || price < best)) best = price;
    }
    return best;
}

int kam__route_why(kam__route_engine *e, uint32_t c) {
    const int all = KAM__RELAX_LOAD | KAM__RELAX_VISITS | KAM__RELAX_HOURS;
    if (kam__route_days(e, c) || !e->p->customer[c].pattern.n) return KAM__ROUTE_PLANNED;
    if (!e->patterns[c].n) return KAM__ROUTE_NO_DAYS;
    kam__rclear(e);
    if (why_cheapest(e, c, all) < 0) return KAM__ROUTE_NO_VEHICLE;
    if (why_cheapest(e, c, KAM__RELAX_LOAD | KAM__RELAX_VISITS) < 0) return KAM__ROUTE_NO_TIME;
    kam__rload(e, &e->best);
    if (why_cheapest(e, c, 0) >= 0) return KAM__ROUTE_PRICE;
    if (why_cheapest(e, c, KAM__RELAX_LOAD) >= 0) return KAM__ROUTE_CAPACITY;
    if (why_cheapest(e, c, KAM__RELAX_VISITS) >= 0) return KAM__ROUTE_VISITS;
    return why_cheapest(e, c, KAM__RELAX_HOURS) >= 0 ? KAM__ROUTE_HOURS : KAM__ROUTE_TOGETHER;
}
