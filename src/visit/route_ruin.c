/*
 * route_ruin.c - the routing engine: one iteration. Strings of neighbouring stops are taken out of some routes near a
 * random customer and everybody who lost a visit is put back where it costs least, on the days that cost least
 * (slack induction by string removals, Christiaens and Vanden Berghe 2020; choosing the days anew is ours).
 *
 * Strings come from one day or from all days. Of a customer in a string either all visits are taken out, so that it
 * may change its days altogether, or only the one in the string; always so where it has no other days or vehicle to go to.
 */
#include "route_engine.h"

typedef struct ruin {
    kam__route_engine *e;
    uint64_t days;                              /* where strings are taken from */
    uint32_t longest, first;                    /* stops of a string; the day looked at first */
    int32_t strings;                            /* still to take */
    int whole;
} ruin;

static void ruin_stop(ruin *u, uint32_t c, uint32_t day) {
    kam__route_engine *e = u->e;
    if (!u->whole || (e->patterns[c].n < 2 && !(e->p->customer[c].flags & KAM__ROUTE_SAME_VEHICLE))) {
        kam__rremove(e, c, day);
        return;
    }
    for (uint32_t d = 0; d < e->nday; d++)
        if (e->days[c] >> d & 1u) kam__rremove(e, c, d);
}

/* Takes n stops out of route r, c among them; with `skip` > 0 so many between them stay (a split string). */
static void ruin_string(ruin *u, uint32_t c, uint32_t r, uint32_t n, uint32_t skip) {
    kam__route_engine *e = u->e;
    const int32_t *seq = e->seq + (size_t)r * e->stride;
    uint32_t stops = (uint32_t)e->route[r].n, at = 1, span = n + skip, gap = 0, taken = 0;
    int32_t stop[KAM__ROUTE_STRING];
    while (seq[at] != (int32_t)c) at++;
    uint32_t low = at >= span ? at - span + 1 : 1, high = at + span - 1 > stops ? stops - span + 1 : at;
    uint32_t from = low + kam__rrandom(e, high - low + 1);
    if (skip) gap = 1 + kam__rrandom(e, n - 1);
    for (uint32_t i = 0; i < span; i++)
        if (!skip || i < gap || i >= gap + skip) stop[taken++] = seq[from + i];
    for (uint32_t i = 0; i < taken; i++) ruin_stop(u, (uint32_t)stop[i], r / e->m);
}

static void ruin_route(ruin *u, uint32_t c, uint32_t r) {
    kam__route_engine *e = u->e;
    uint32_t stops = (uint32_t)e->route[r].n, most = stops < u->longest ? stops : u->longest, skip = 0;
    uint32_t n = 1 + kam__rrandom(e, most);
    if (n > 1 && n < stops && kam__rrandom(e, 2)) {
        skip = 1;
        while (n + skip < stops && kam__rrandom(e, 100) == 0) skip++;
    }
    ruin_string(u, c, r, n, skip);
    e->ruined[r] = 1;
    u->strings--;
}

static void ruin_near(ruin *u, uint32_t c) {
    kam__route_engine *e = u->e;
    for (uint32_t i = 0; i < e->nday && u->strings > 0; i++) {
        uint32_t d = i + u->first < e->nday ? i + u->first : i + u->first - e->nday;
        if (!((e->days[c] & u->days) >> d & 1u)) continue;
        uint32_t r = d * e->m + (uint32_t)e->where[(size_t)c * e->nday + d];
        if (!e->ruined[r]) ruin_route(u, c, r);
    }
}

/* Mean stops of a route in use, for the length of strings. */
static uint32_t ruin_mean(const kam__route_engine *e) {
    uint32_t routes = 0, stops = 0;
    for (uint32_t r = 0; r < e->nroute; r++)
        if (e->route[r].n) routes++, stops += (uint32_t)e->route[r].n;
    return routes ? stops / routes : 1;
}

void kam__rruin(kam__route_engine *e) {
    ruin u = {.e = e, .days = ~(uint64_t)0};
    uint32_t mean = ruin_mean(e), seed = kam__rrandom(e, e->n);
    u.longest = mean < KAM__ROUTE_STRING ? mean + 1 : KAM__ROUTE_STRING;
    u.strings = (int32_t)(1 + kam__rrandom(e, (4 * KAM__ROUTE_RUIN) / (1 + u.longest)));
    u.whole = kam__rrandom(e, 100) < KAM__ROUTE_WHOLE;
    if (kam__rrandom(e, 100) < KAM__ROUTE_ONE_DAY && e->days[seed]) {
        do u.days = (uint64_t)1 << kam__rrandom(e, e->nday);
        while (!(u.days & e->days[seed]));
    }
    u.first = kam__rrandom(e, e->nday);
    memset(e->ruined, 0, e->nroute);
    ruin_near(&u, seed);
    for (uint32_t i = 0; i < e->near && u.strings > 0; i++)
        ruin_near(&u, (uint32_t)e->neighbour[(size_t)seed * e->near + i]);
    for (uint32_t i = 0; i < e->touched.n; i++) kam__rupdate(e, (uint32_t)e->touched.at[i]);
    for (uint32_t i = 0; i < e->moved.n; i++)
        if (!e->days[e->moved.at[i]]) kam__rout(e, (uint32_t)e->moved.at[i]);
}

/* ---------------------------------------------------------------- putting back */

enum { RUIN_RANDOM, RUIN_DEMAND, RUIN_FAR, RUIN_NEAR, RUIN_NARROW, RUIN_EARLY, RUIN_LATE };

static int64_t ruin_key(kam__route_engine *e, uint32_t c, int by) {
    const kam__route_customer *k = &e->p->customer[c];
    const kam__route_part *w = e->opens + (size_t)c * e->nday;
    int64_t way = kam__rcost(e, e->p->shift[0].start, (int32_t)c);
    uint32_t d = 0;
    if (by == RUIN_DEMAND) return -k->demand;
    if (by == RUIN_FAR) return -way;
    if (by == RUIN_NEAR) return way;
    if (by == RUIN_RANDOM) return kam__rrandom(e, 1u << 30);
    while (d + 1 < e->nday && !(e->can[c] >> d & 1u)) d++;
    if (!w[d].n) return KAM__ROUTE_LATE;
    const kam__route_window *open = &e->open[w[d].first];
    return by == RUIN_NARROW ? open->close - open->open : by == RUIN_EARLY ? open->open : -open->close;
}

static void ruin_sort(kam__route_engine *e) {
    static const uint8_t plain[11] = {RUIN_RANDOM, RUIN_RANDOM, RUIN_RANDOM, RUIN_RANDOM, RUIN_DEMAND, RUIN_DEMAND,
                                      RUIN_DEMAND, RUIN_DEMAND, RUIN_FAR, RUIN_FAR, RUIN_NEAR};
    uint32_t pick = kam__rrandom(e, e->windows ? 17 : 11);
    int by = pick < 11 ? plain[pick] : pick < 13 ? RUIN_NARROW : pick < 15 ? RUIN_EARLY : RUIN_LATE;
    for (uint32_t i = 0; i < e->waiting.n; i++) {
        int32_t c = e->waiting.at[i];
        int64_t key = ruin_key(e, (uint32_t)c, by);
        uint32_t j = i;
        for (; j && e->key[j - 1] > key; j--) e->key[j] = e->key[j - 1], e->waiting.at[j] = e->waiting.at[j - 1];
        e->key[j] = key;
        e->waiting.at[j] = c;
    }
}

void kam__rrecreate(kam__route_engine *e) {
    e->waiting.n = 0;
    for (uint32_t i = 0; i < e->moved.n; i++) e->waiting.at[e->waiting.n++] = e->moved.at[i];
    for (uint32_t i = 0; i < e->out.n; i++)
        if (!e->is_moved[e->out.at[i]] && e->patterns[e->out.at[i]].n) e->waiting.at[e->waiting.n++] = e->out.at[i];
    ruin_sort(e);
    e->eager = e->prizes && kam__rrandom(e, 4) == 0;
    for (uint32_t i = 0; i < e->waiting.n; i++) {
        uint32_t c = (uint32_t)e->waiting.at[i];
        int overlook = e->prizes && e->p->customer[c].prize && kam__rrandom(e, 16) == 0;
        if (!overlook && kam__rplace(e, c)) continue;
        kam__rremove_all(e, c);
        kam__rout(e, c);
    }
}
