/*
 * route_hgs_days.c - the hybrid genetic search: other days for a customer, and SWAP* (Vidal 2022).
 *
 * The three cheapest places of a customer in each route are remembered until the route changes. So it is cheap to ask
 * for each customer whether other days would cost less (Vidal et al. 2012), and for two routes whether two customers
 * should change routes, each to the best place there and not just to the other's.
 */
#include "route_hgs.h"

#define HDAYS_NEVER (INT64_MAX / 64)

typedef struct hdays_spot { int64_t cost; int32_t route, at; } hdays_spot;
typedef struct hdays_swap { int64_t cost; int32_t u, v, at_u, at_v; } hdays_swap;

const kam__hspots *kam__hspot(kam__hgs *h, uint32_t c, uint32_t r) {
    kam__hspots *t = &h->spot[(size_t)c * h->nroute + r];
    if (t->seen == h->route[r].changed) return t;
    const int32_t *to = h->cost + (size_t)c * h->nnode;
    int32_t c0 = INT32_MAX, c1 = INT32_MAX, c2 = INT32_MAX, a0 = -1, a1 = -1, a2 = -1;
    int32_t home = (int32_t)h->depot, s = home + (int32_t)r;
    do {
        const kam__hstop *a = &h->stop[s];
        int32_t b = h->stop[a->next].c, cost = to[a->c] + to[b] - (int32_t)kam__hway(h, a->c, b);
        if (cost < c2) {
            if (cost < c0) c2 = c1, a2 = a1, c1 = c0, a1 = a0, c0 = cost, a0 = s;
            else if (cost < c1) c2 = c1, a2 = a1, c1 = cost, a1 = s;
            else c2 = cost, a2 = s;
        }
        s = a->next;
    } while (s < home);
    *t = (kam__hspots){h->route[r].changed, {c0, c1, c2}, {a0, a1, a2}};
    return t;
}

/* ---------------------------------------------------------------- days */

static void hdays_insert(kam__hgs *h, uint32_t c, const hdays_spot *to) {
    int32_t *row = h->row[0], n = 0, day = h->route[to->route].day, home = (int32_t)h->depot + to->route;
    int32_t me = day * (int32_t)h->n + (int32_t)c;
    if (to->at == home) row[n++] = me;
    for (int32_t s = h->stop[home].next; s < (int32_t)h->depot; s = h->stop[s].next) {
        row[n++] = s;
        if (s == to->at) row[n++] = me;
    }
    kam__hroute_set(h, (uint32_t)to->route, row, n);
    h->days[c] |= (uint64_t)1 << day;
    h->stop[me].tested = -1;
}

static void hdays_remove(kam__hgs *h, uint32_t c, uint32_t day) {
    int32_t *row = h->row[0], n = 0, me = (int32_t)(day * h->n + c), r = h->stop[me].route;
    for (int32_t s = h->stop[(int32_t)h->depot + r].next; s < (int32_t)h->depot; s = h->stop[s].next)
        if (s != me) row[n++] = s;
    kam__hroute_set(h, (uint32_t)r, row, n);
    h->days[c] &= ~((uint64_t)1 << day);
}

/* The cheapest place on a day, fines and all. */
static void hdays_cheapest(kam__hgs *h, hdays_spot *best, uint32_t c, uint32_t day) {
    const kam__route_customer *k = &h->e->p->customer[c];
    int empty = 0;
    best->cost = HDAYS_NEVER;
    for (uint32_t r = day * h->m; r < (day + 1) * h->m; r++) {
        const kam__hroute *t = &h->route[r];
        if (!t->n && empty++) continue;
        const kam__hspots *s = kam__hspot(h, c, r);
        if (s->cost[0] >= best->cost) continue;
        int64_t cost = s->cost[0] + kam__hfine(h, (int32_t)day, t->load + k->demand, t->time + k->service + s->cost[0]) - t->fine;
        if (cost < best->cost) *best = (hdays_spot){cost, (int32_t)r, s->at[0]};
    }
}

/* What taking the customer out of a day saves. */
static int64_t hdays_saves(const kam__hgs *h, uint32_t c, uint32_t day) {
    const kam__hstop *s = &h->stop[day * h->n + c];
    const kam__route_customer *k = &h->e->p->customer[c];
    const kam__hroute *t = &h->route[s->route];
    int32_t p = h->stop[s->prev].c, x = h->stop[s->next].c;
    int64_t way = kam__hway(h, p, s->c) + kam__hway(h, s->c, x) - kam__hway(h, p, x);
    return way + t->fine - kam__hfine(h, (int32_t)day, t->load - k->demand, t->time - k->service - way);
}

static uint64_t hdays_pattern(const kam__hgs *h, uint32_t c, const int64_t *price, uint64_t have, uint64_t keep,
                              int64_t *least) {
    const uint64_t *pattern = h->pattern + h->patterns[c].first;
    uint64_t best = 0;
    for (uint32_t i = 0; i < h->patterns[c].n; i++) {
        int64_t sum = 0;
        if (keep & ~pattern[i]) continue;
        for (uint64_t rest = pattern[i] & ~have, d = 0; rest; d++, rest >>= 1) if (rest & 1u) sum += price[d];
        for (uint64_t rest = have & ~pattern[i], d = 0; rest; d++, rest >>= 1) if (rest & 1u) sum -= price[d];
        if (sum < *least) *least = sum, best = pattern[i];
    }
    return best;
}

int kam__hdays_better(kam__hgs *h, uint32_t c) {
    hdays_spot spot[KAM__HGS_DAYS];
    int64_t price[KAM__HGS_DAYS], least = 0;
    uint64_t have = h->days[c], can = h->can[c];
    int32_t changed = 0;
    if (h->patterns[c].n < 2) return 0;
    for (uint32_t d = 0; d < h->nday; d++)
        if ((can >> d & 1u) && h->day_changed[d] > changed) changed = h->day_changed[d];
    if (changed <= h->asked[c]) return 0;
    h->asked[c] = h->clock;
    for (uint32_t d = 0; d < h->nday; d++) {
        if (!(can >> d & 1u)) continue;
        if (have >> d & 1u) price[d] = hdays_saves(h, c, d);
        else hdays_cheapest(h, &spot[d], c, d), price[d] = spot[d].cost;
    }
    uint64_t pattern = hdays_pattern(h, c, price, have, 0, &least);
    if (!pattern) return 0;
    for (uint64_t rest = have & ~pattern, d = 0; rest; d++, rest >>= 1) if (rest & 1u) hdays_remove(h, c, (uint32_t)d);
    for (uint64_t rest = pattern & ~have, d = 0; rest; d++, rest >>= 1) if (rest & 1u) hdays_insert(h, c, &spot[d]);
    return 1;
}

int kam__hplace(kam__hgs *h, uint32_t c) {
    hdays_spot spot[KAM__HGS_DAYS];
    int64_t price[KAM__HGS_DAYS], least = INT64_MAX;
    uint64_t have = h->days[c], can = h->can[c] & ~have;
    for (uint32_t d = 0; d < h->nday; d++)
        if (can >> d & 1u) hdays_cheapest(h, &spot[d], c, d), price[d] = spot[d].cost;
    uint64_t pattern = hdays_pattern(h, c, price, have, have, &least);
    for (uint64_t rest = pattern & ~have, d = 0; rest; d++, rest >>= 1) if (rest & 1u) hdays_insert(h, c, &spot[d]);
    return pattern != 0;
}

/* ---------------------------------------------------------------- SWAP* */

/* The cheapest place of c in the route of stop v, when v is gone. */
static int64_t hswap_place(kam__hgs *h, uint32_t c, int32_t v, int32_t *at) {
    const kam__hstop *s = &h->stop[v];
    const kam__hspots *t = kam__hspot(h, c, (uint32_t)s->route);
    int32_t p = h->stop[s->prev].c, x = h->stop[s->next].c;
    int64_t best = kam__hway(h, p, (int32_t)c) + kam__hway(h, (int32_t)c, x) - kam__hway(h, p, x);
    *at = s->prev;
    for (int i = 0; i < 3 && t->at[i] >= 0 && t->cost[i] < best; i++) {
        if (t->at[i] == v || t->at[i] == s->prev) continue;
        *at = t->at[i];
        return t->cost[i];
    }
    return best;
}

static int64_t hswap_gone(const kam__hgs *h, const kam__hstop *s) {
    int32_t p = h->stop[s->prev].c, x = h->stop[s->next].c;
    return kam__hway(h, p, x) - kam__hway(h, p, s->c) - kam__hway(h, s->c, x);
}

static void hswap_try(kam__hgs *h, hdays_swap *best, int32_t u, int32_t v, int64_t gone_u, int64_t gone_v) {
    const kam__hstop *a = &h->stop[u], *b = &h->stop[v];
    const kam__hroute *ra = &h->route[a->route], *rb = &h->route[b->route];
    const kam__route_customer *cu = &h->e->p->customer[a->c], *cv = &h->e->p->customer[b->c];
    int64_t load = cv->demand - cu->demand, service = (int64_t)cv->service - cu->service;
    int64_t least = gone_u + gone_v - ra->fine - rb->fine;
    if (least >= best->cost) return;
    least += kam__hfine(h, ra->day, ra->load + load, 0) + kam__hfine(h, ra->day, rb->load - load, 0);
    if (least >= best->cost) return;
    int32_t at_u, at_v;
    int64_t more_v = gone_v + hswap_place(h, (uint32_t)a->c, v, &at_u);
    int64_t more_u = gone_u + hswap_place(h, (uint32_t)b->c, u, &at_v);
    int64_t cost = more_u + more_v - ra->fine - rb->fine;
    if (cost >= best->cost) return;
    cost += kam__hfine(h, ra->day, ra->load + load, ra->time + service + more_u) +
            kam__hfine(h, ra->day, rb->load - load, rb->time - service + more_v);
    if (cost < best->cost) *best = (hdays_swap){cost, u, v, at_u, at_v};
}

/* u goes out, v goes in behind `at`. */
static int32_t hswap_row(const kam__hgs *h, int32_t r, int32_t u, int32_t v, int32_t at, int32_t *row) {
    int32_t n = 0, home = (int32_t)h->depot;
    if (at == home + r) row[n++] = v;
    for (int32_t s = h->stop[home + r].next; s < home; s = h->stop[s].next) {
        if (s != u) row[n++] = s;
        if (s == at) row[n++] = v;
    }
    return n;
}

/* Two routes of one day come near each other: a stop of one is among the nearest of a stop of the other. */
static int hswap_near(const kam__hgs *h, int32_t day, int32_t r, int32_t s) {
    int32_t home = (int32_t)h->depot, base = day * (int32_t)h->n;
    for (int32_t u = h->stop[home + r].next; u < home; u = h->stop[u].next) {
        const int32_t *near = h->e->neighbour + (size_t)h->stop[u].c * h->e->near;
        for (uint32_t i = 0, seen = 0; i < h->e->near && seen < 8; i++) {
            if (!(h->days[near[i]] >> day & 1u)) continue;
            if (h->stop[base + near[i]].route == s) return 1;
            seen++;
        }
    }
    return 0;
}

int kam__hswap(kam__hgs *h, uint32_t r, uint32_t s) {
    hdays_swap best = {.cost = 0, .u = -1};
    int32_t home = (int32_t)h->depot, day = h->route[r].day;
    if (!hswap_near(h, day, (int32_t)r, (int32_t)s) && !hswap_near(h, day, (int32_t)s, (int32_t)r)) return 0;
    int32_t i = 0;
    for (int32_t v = h->stop[home + (int32_t)s].next; v < home; v = h->stop[v].next) h->gain[i++] = hswap_gone(h, &h->stop[v]);
    for (int32_t u = h->stop[home + (int32_t)r].next; u < home; u = h->stop[u].next) {
        int64_t gone_u = hswap_gone(h, &h->stop[u]);
        i = 0;
        for (int32_t v = h->stop[home + (int32_t)s].next; v < home; v = h->stop[v].next)
            hswap_try(h, &best, u, v, gone_u, h->gain[i++]);
    }
    if (best.u < 0) return 0;
    int32_t nr = hswap_row(h, (int32_t)r, best.u, best.v, best.at_v, h->row[0]);
    int32_t ns = hswap_row(h, (int32_t)s, best.v, best.u, best.at_u, h->row[1]);
    kam__hroute_set(h, r, h->row[0], nr);
    kam__hroute_set(h, s, h->row[1], ns);
    return 1;
}
