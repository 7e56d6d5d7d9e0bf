/*
 * route_price.c - the routing engine: what an insertion costs.
 *
 * The cheapest place of a customer in a route is remembered with the version of the route; most routes have not
 * changed since it was asked last. Whether a place keeps the hours is known in constant time from the stretches before
 * and behind it. Now and then a route is overlooked on purpose ("blinks", Christiaens and Vanden Berghe 2020).
 */
#include "route_engine.h"

/* One look into a route for one customer. `room`: what the duration and driving may still grow by. */
typedef struct price_look {
    const kam__route_engine *e;
    const int32_t *seq, *arc, *into, *from;     /* of the route; costs into and from the customer */
    uint32_t c, r;
    int32_t n, from_at, to_at;                  /* stops; places that are allowed */
    int64_t room;
    int relax;
} price_look;

/* Where nobody has hours, orders or exceptions: only load, way and duration. Way is time here, so the cheapest place is
 * the shortest. */
static void price_plain(const kam__route_engine *e, kam__rspot *out, uint32_t c, uint32_t r) {
    const kam__rroute *t = &e->route[r];
    const kam__route_customer *k = &e->p->customer[c];
    const int32_t *seq = e->seq + (size_t)r * e->stride, *arc = e->arc + (size_t)r * e->stride;
    const int32_t *into = e->into + (size_t)c * e->nnode, *from = e->p->cost + (size_t)c * e->nnode;
    int32_t best = KAM__ROUTE_NEVER, at = 0;
    *out = (kam__rspot){e->version[r], KAM__ROUTE_NEVER, 0, -1};
    if (k->demand > t->spare || (uint32_t)t->n + 2 >= e->stride) return;
    for (int32_t i = 0; i <= t->n; i++) {
        int32_t d = into[seq[i]] + from[seq[i + 1]] - arc[i];
        at = d < best ? i : at;
        best = d < best ? d : best;
    }
    if (best > t->room - k->service || best == KAM__ROUTE_NEVER) return;
    out->cost = best;
    out->at = at;
    if (!e->soft) return;
    int64_t fine = kam__rfine(e, &e->p->shift[r], t->load + k->demand) - t->fine;
    out->cost = fine + best < KAM__ROUTE_NEVER ? (int32_t)(fine + best) : KAM__ROUTE_NEVER;
}

/* The window that lets c begin between places at and at + 1 of the route within duration: its number, -1 for open all
 * day, -2 for none. */
static int32_t price_window(const price_look *k, int32_t at) {
    const kam__route_engine *e = k->e;
    size_t row = (size_t)k->r * e->stride + (size_t)at;
    const kam__route_part *w = &e->opens[(size_t)k->c * e->nday + k->r / e->m];
    int64_t limit = kam__rlimit(e->p->shift[k->r].duration);
    const kam__route_shift *shift = &e->p->shift[k->r];
    int32_t part = shift->pause_close ? 1 : 0, parts = part ? 2 : 1;
    int32_t first = w->n ? (int32_t)(4 * w->first) + part : -1, last = w->n ? (int32_t)(4 * (w->first + w->n)) : 0;
    for (int32_t i = first; i < last; i += parts == 1 ? 4 : (i & 3) == 1 ? 1 : 3) {
        kam__rseg s = kam__rvisit(e, shift, k->c, i);
        if (s.late < s.early) continue;
        s = kam__rjoin(e->pre[row], kam__rtime(e, k->seq[at], (int32_t)k->c), s);
        s = kam__rjoin(s, kam__rtime(e, (int32_t)k->c, k->seq[at + 1]), e->suf[row + 1]);
        if (s.early <= s.late && s.dur <= limit) return i;
    }
    return -2;
}

static int price_fits(const price_look *k, int32_t at, int32_t *window) {
    const kam__route_engine *e = k->e;
    int32_t a = k->seq[at], b = k->seq[at + 1], c = (int32_t)k->c;
    if (k->relax & KAM__RELAX_HOURS) return 1;
    int64_t more = (int64_t)kam__rtime(e, a, c) + kam__rtime(e, c, b) - (k->n ? kam__rtime(e, a, b) : 0);
    if (more > k->room) return 0;
    if (!e->windows) return 1;
    *window = price_window(k, at);
    return *window > -2;
}

static void price_timed(const price_look *k, kam__rspot *out) {
    for (int32_t i = k->from_at; i <= k->to_at; i++) {
        int32_t window = -1, d = k->into[k->seq[i]] + k->from[k->seq[i + 1]] - k->arc[i];
        if (d >= out->cost || !price_fits(k, i, &window)) continue;
        out->cost = d;
        out->at = i;
        out->window = window;
    }
}

/* What has nothing to do with the place in the route. */
static int price_may(const kam__route_engine *e, uint32_t c, uint32_t r, int relax) {
    const kam__route_shift *s = &e->p->shift[r];
    const kam__rroute *t = &e->route[r];
    const kam__route_customer *k = &e->p->customer[c];
    int32_t locked = e->locked[(size_t)c * e->nday + r / e->m];
    if (s->off || !kam__rmay(k, r % e->m) || (locked >= 0 && (uint32_t)locked != r % e->m)) return 0;
    if (!(relax & KAM__RELAX_LOAD) && t->load + k->demand > kam__rlimit(s->capacity)) return 0;
    if (!(relax & KAM__RELAX_VISITS) && s->visits && t->n >= s->visits) return 0;
    return relax || (uint32_t)t->n + 2 < e->stride;
}

/* Who must be first or last leaves fewer places to the others. */
static void price_order(price_look *k, uint32_t day) {
    const kam__route_customer *all = k->e->p->customer;
    if (k->n && (all[k->seq[1]].first >> day & 1u)) k->from_at = 1;
    if (k->n && (all[k->seq[k->n]].last >> day & 1u)) k->to_at = k->n - 1;
    if ((all[k->c].first >> day & 1u) && k->to_at > 0) k->to_at = 0;
    if ((all[k->c].last >> day & 1u) && k->from_at < k->n) k->from_at = k->n;
}

void kam__rspot_find(const kam__route_engine *e, kam__rspot *out, uint32_t c, uint32_t r, int relax) {
    if (e->plain && !relax) {
        price_plain(e, out, c, r);
        return;
    }
    const kam__route_shift *s = &e->p->shift[r];
    const kam__rroute *t = &e->route[r];
    size_t row = (size_t)r * e->stride;
    price_look k = {e, e->seq + row, e->arc + row, e->into + (size_t)c * e->nnode, e->p->cost + (size_t)c * e->nnode,
                    c, r, t->n, 0, t->n, INT64_MAX, relax};
    *out = (kam__rspot){e->version[r], KAM__ROUTE_NEVER, 0, -1};
    if (!price_may(e, c, r, relax)) return;
    if (e->orders) price_order(&k, r / e->m);
    if (e->limits) {
        k.room = kam__rlimit(s->driving) - t->drive;
        if (!e->windows && kam__rlimit(s->duration) - t->dur - e->p->customer[c].service < k.room)
            k.room = kam__rlimit(s->duration) - t->dur - e->p->customer[c].service;
    }
    price_timed(&k, out);
}

/* ---------------------------------------------------------------- patterns */

typedef struct price_day { kam__rspot spot; uint32_t r; } price_day;

static int price_blinks(kam__route_engine *e) {
    if (e->blink--) return 0;
    e->blink = kam__rrandom(e, 2 * KAM__ROUTE_BLINK - 1);
    return 1;
}

/* The cheapest place on one day among vehicles from .. to - 1. */
static void price_of_day(kam__route_engine *e, price_day *out, uint32_t c, uint32_t day, uint32_t from, uint32_t to) {
    kam__rspot fresh, *spots = e->spot ? e->spot + (size_t)c * e->nroute : NULL;
    out->spot.cost = KAM__ROUTE_NEVER;
    for (uint32_t r = day * e->m + from; r < day * e->m + to; r++) {
        kam__rspot *spot = spots ? &spots[r] : &fresh;
        if (price_blinks(e)) continue;
        if (!spots || spot->version != e->version[r]) kam__rspot_find(e, spot, c, r, 0);
        if (spot->cost < out->spot.cost) out->spot = *spot, out->r = r;
    }
}

/* The cheapest pattern that holds the days of `keep`, with its price; 0: there is none. */
static uint64_t price_pattern(const kam__route_engine *e, const price_day *day, uint32_t c, uint64_t keep,
                              int64_t *price) {
    const uint64_t *pattern = e->pattern + e->patterns[c].first;
    uint64_t best = 0;
    *price = INT64_MAX;
    for (uint32_t i = 0; i < e->patterns[c].n; i++) {
        if (keep & ~pattern[i]) continue;
        int64_t sum = e->pattern_price ? e->pattern_price[e->patterns[c].first + i] : 0;
        uint64_t rest = pattern[i] & ~keep;
        for (uint32_t d = 0; rest; d++, rest >>= 1)
            if (rest & 1u) sum += day[d].spot.cost == KAM__ROUTE_NEVER ? INT64_MAX / 128 : day[d].spot.cost;
        if (sum < *price && sum < INT64_MAX / 128) *price = sum, best = pattern[i];
    }
    return best;
}

static void price_put(kam__route_engine *e, const price_day *day, uint32_t c, uint64_t pattern) {
    for (uint64_t rest = pattern & ~e->days[c], d = 0; rest; d++, rest >>= 1)
        if (rest & 1u) kam__rinsert(e, c, day[d].r, &day[d].spot);
    kam__rcharge(e, c);
}

static uint64_t price_days(kam__route_engine *e, price_day *day, uint32_t c, uint32_t from, uint32_t to,
                           int64_t *price) {
    uint64_t can = e->can[c] & ~e->days[c];
    for (uint32_t d = 0; d < e->nday; d++)
        if (can >> d & 1u) price_of_day(e, &day[d], c, d, from, to);
    return price_pattern(e, day, c, e->days[c], price);
}

/* What putting a customer in may cost. */
static int64_t price_most(const kam__route_engine *e, uint32_t c) { return e->eager ? INT64_MAX : kam__rprize(e, c); }

/* All visits by one vehicle: the one who has the visits that are kept, or the cheapest. */
static int price_place_same(kam__route_engine *e, uint32_t c) {
    price_day day[KAM__ROUTE_DAYS], best[KAM__ROUTE_DAYS];
    uint64_t pattern = 0, found;
    int64_t price, least = INT64_MAX;
    uint32_t from = 0, to = e->m;
    for (uint32_t d = 0; d < e->nday; d++)
        if (e->days[c] >> d & 1u) from = (uint32_t)e->where[(size_t)c * e->nday + d], to = from + 1;
    for (uint32_t v = from; v < to; v++) {
        if (!(found = price_days(e, day, c, v, v + 1, &price)) || price >= least) continue;
        least = price;
        pattern = found;
        memcpy(best, day, e->nday * sizeof *day);
    }
    if (!pattern || (!e->days[c] && least > price_most(e, c))) return 0;
    price_put(e, best, c, pattern);
    return 1;
}

int kam__rplace_on(kam__route_engine *e, uint32_t c, uint64_t days) {
    price_day day[KAM__ROUTE_DAYS];
    for (uint32_t d = 0; d < e->nday; d++) {
        if (!((days & ~e->days[c]) >> d & 1u)) continue;
        price_of_day(e, &day[d], c, d, 0, e->m);
        if (day[d].spot.cost == KAM__ROUTE_NEVER) return 0;
    }
    price_put(e, day, c, days);
    return 1;
}

int kam__rplace_by(kam__route_engine *e, uint32_t c, const int32_t *vehicle) {
    price_day day[KAM__ROUTE_DAYS];
    uint64_t days = 0;
    int known = 0;
    for (uint32_t d = 0; d < e->nday; d++) {
        if (vehicle[d] < 0) continue;
        day[d].r = d * e->m + (uint32_t)vehicle[d];
        kam__rspot_find(e, &day[d].spot, c, day[d].r, 0);
        if (day[d].spot.cost == KAM__ROUTE_NEVER) return 0;
        days |= (uint64_t)1 << d;
    }
    for (uint32_t i = 0; i < e->patterns[c].n; i++) known |= e->pattern[e->patterns[c].first + i] == days;
    if (known) price_put(e, day, c, days);
    return known;
}

int kam__rplace(kam__route_engine *e, uint32_t c) {
    price_day day[KAM__ROUTE_DAYS];
    int64_t price;
    if (e->p->customer[c].flags & KAM__ROUTE_SAME_VEHICLE) return price_place_same(e, c);
    uint64_t pattern = price_days(e, day, c, 0, e->m, &price);
    if (!pattern || (!e->days[c] && price > price_most(e, c))) return 0;
    price_put(e, day, c, pattern);
    return 1;
}
