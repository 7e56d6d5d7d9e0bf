/*
 * route_hgs_local.c - the hybrid genetic search: local search between neighbours of one day.
 *
 * Stops move, alone or in pairs, behind a neighbour of theirs or change places with it, and routes exchange or turn their
 * ends. A move is priced from the ways that it changes and the loads and times before each stop; whichever lowers the
 * cost with its fines is made. A stop is looked at again only when its route or its neighbour's has changed since.
 */
#include "route_hgs.h"


typedef struct hlocal_look {
    kam__hgs *h;
    int32_t u, v, x, y, p, q, xx, yy;           /* u behind p before x before xx; v behind q before y before yy */
    int32_t cu, cv, cx, cy, cp, cq, cxx, cyy;   /* their nodes */
    int32_t ru, rv, day;
} hlocal_look;

void kam__hshuffle(kam__hgs *h, int32_t *list, uint32_t n) {
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = kam__rrandom(h->e, i);
        int32_t t = list[j];
        list[j] = list[i - 1];
        list[i - 1] = t;
    }
}

void kam__hroute_set(kam__hgs *h, uint32_t r, const int32_t *list, int32_t n) {
    kam__hroute *t = &h->route[r];
    int32_t at = (int32_t)(h->depot + r);
    kam__hstop *s = &h->stop[at];
    t->n = n;
    t->load = t->time = t->cost = 0;
    s->pos = 0, s->load = s->time = 0;
    for (int32_t i = 0; i < n; i++) {
        kam__hstop *to = &h->stop[list[i]];
        const kam__route_customer *k = &h->e->p->customer[to->c];
        int64_t way = kam__hway(h, s->c, to->c);
        t->cost += way;
        t->time += way + k->service;
        t->load += k->demand;
        s->next = list[i];
        to->prev = at, to->route = (int32_t)r, to->pos = i + 1, to->load = t->load, to->time = t->time;
        at = list[i];
        s = to;
    }
    s->next = (int32_t)(h->depot + r);
    h->stop[h->depot + r].prev = at;
    if (n) t->cost += kam__hway(h, s->c, h->home[t->day]), t->time += kam__hway(h, s->c, h->home[t->day]);
    t->fine = kam__hfine(h, t->day, t->load, t->time);
    t->changed = h->day_changed[t->day] = ++h->clock;
}

uint32_t kam__hroute_get(const kam__hgs *h, uint32_t r, int32_t *list) {
    uint32_t n = 0;
    for (int32_t s = h->stop[h->depot + r].next; s < (int32_t)h->depot; s = h->stop[s].next) list[n++] = s;
    return n;
}

/* ---------------------------------------------------------------- making a move */

static int32_t hlocal_without(const kam__hgs *h, int32_t r, int32_t a, int32_t b, int32_t *out) {
    int32_t n = 0;
    for (int32_t s = h->stop[(int32_t)h->depot + r].next; s < (int32_t)h->depot; s = h->stop[s].next)
        if (s != a && s != b) out[n++] = s;
    return n;
}

/* a (and b, -1: none) of route ru go behind v. */
static void hlocal_relocate(const hlocal_look *k, int32_t a, int32_t b, int32_t u1, int32_t u2) {
    kam__hgs *h = k->h;
    int32_t *row = h->row[0], *to = h->row[1], n = 0, nrow;
    nrow = hlocal_without(h, k->rv, a, b, row);
    if (k->v >= (int32_t)h->depot) {
        to[n++] = u1;
        if (u2 >= 0) to[n++] = u2;
    }
    for (int32_t i = 0; i < nrow; i++) {
        to[n++] = row[i];
        if (row[i] != k->v) continue;
        to[n++] = u1;
        if (u2 >= 0) to[n++] = u2;
    }
    if (k->ru != k->rv) nrow = hlocal_without(h, k->ru, a, b, row);
    kam__hroute_set(h, (uint32_t)k->rv, to, n);
    if (k->ru != k->rv) kam__hroute_set(h, (uint32_t)k->ru, row, nrow);
}

/* u (and x with nu = 2) change places with v (and y with nv = 2). */
static void hlocal_exchange(const hlocal_look *k, int32_t nu, int32_t nv) {
    kam__hgs *h = k->h;
    int32_t x = nu > 1 ? k->x : -1, y = nv > 1 ? k->y : -1;
    for (int pass = 0; pass < 2; pass++) {
        int32_t r = pass ? k->rv : k->ru, n = 0, *to = h->row[pass];
        for (int32_t s = h->stop[(int32_t)h->depot + r].next; s < (int32_t)h->depot; s = h->stop[s].next) {
            if (s == k->u) {
                to[n++] = k->v;
                if (nv > 1) to[n++] = k->y;
            } else if (s == k->v) {
                to[n++] = k->u;
                if (nu > 1) to[n++] = k->x;
            } else if (s != x && s != y) to[n++] = s;
        }
        h->gain[pass] = n;
    }
    kam__hroute_set(h, (uint32_t)k->ru, h->row[0], (int32_t)h->gain[0]);
    if (k->ru != k->rv) kam__hroute_set(h, (uint32_t)k->rv, h->row[1], (int32_t)h->gain[1]);
}

/* Turns x .. v of one route. */
static void hlocal_turn(const hlocal_look *k) {
    kam__hgs *h = k->h;
    int32_t *row = h->row[0], n = (int32_t)kam__hroute_get(h, (uint32_t)k->ru, row);
    for (int32_t i = h->stop[k->x].pos - 1, j = h->stop[k->v].pos - 1; i < j; i++, j--) {
        int32_t t = row[i];
        row[i] = row[j];
        row[j] = t;
    }
    kam__hroute_set(h, (uint32_t)k->ru, row, n);
}

/* Routes exchange their ends: start .. u, y .. and start .. v, x ..; or, turned, start .. u, v .. start and the rest. */
static void hlocal_ends(const hlocal_look *k, int turned) {
    kam__hgs *h = k->h;
    int32_t *a = h->row[0], *b = h->row[1], na = 0, nb = 0, home = (int32_t)h->depot, s;
    for (s = h->stop[home + k->ru].next; s < home && k->u < home; s = h->stop[s].next) {
        a[na++] = s;
        if (s == k->u) break;
    }
    if (turned) {
        for (s = k->v; s < home; s = h->stop[s].prev) a[na++] = s;
        for (s = h->stop[home + k->ru].prev; s < home && s != k->u; s = h->stop[s].prev) b[nb++] = s;
    } else {
        for (s = h->stop[home + k->rv].next; s < home && k->v < home; s = h->stop[s].next) {
            b[nb++] = s;
            if (s == k->v) break;
        }
        for (s = k->x; s < home; s = h->stop[s].next) b[nb++] = s;
    }
    for (s = k->y; s < home; s = h->stop[s].next) turned ? (b[nb++] = s) : (a[na++] = s);
    kam__hroute_set(h, (uint32_t)k->ru, a, na);
    kam__hroute_set(h, (uint32_t)k->rv, b, nb);
}

/* ---------------------------------------------------------------- pricing moves */

/* What the fines of both routes change by. */
static inline int64_t hlocal_fines(const hlocal_look *k, int64_t load, int64_t service, int64_t cost_u, int64_t cost_v,
                                   int64_t load_v, int64_t service_v) {
    const kam__hroute *a = &k->h->route[k->ru], *b = &k->h->route[k->rv];
    return kam__hfine(k->h, k->day, a->load + load, a->time + cost_u + service) - a->fine +
           kam__hfine(k->h, k->day, b->load + load_v, b->time + cost_v + service_v) - b->fine;
}

/* Whether moving cu and cv, with load and service going from u's route to v's, pays. */
static inline int hlocal_pays(const hlocal_look *k, int64_t cost_u, int64_t cost_v, int64_t load, int64_t service) {
    const kam__hroute *a = &k->h->route[k->ru], *b = &k->h->route[k->rv];
    if (k->ru == k->rv) {
        if (!a->fine) return cost_u + cost_v < 0;
        return cost_u + cost_v + kam__hfine(k->h, k->day, a->load, a->time + cost_u + cost_v) - a->fine < 0;
    }
    if (cost_u + cost_v >= a->fine + b->fine) return 0;
    return cost_u + cost_v + hlocal_fines(k, -load, -service, cost_u, cost_v, load, service) < 0;
}

#define HLOCAL_WAY(a, b) kam__hway(h, k->c##a, k->c##b)

static int hlocal_moves(hlocal_look *k) {
    kam__hgs *h = k->h;
    const kam__route_customer *cu = &h->e->p->customer[k->cu];
    int32_t home = (int32_t)h->depot;
    if (k->u == k->y) return 0;
    int64_t pu = HLOCAL_WAY(p, u), ux = HLOCAL_WAY(u, x), after = HLOCAL_WAY(x, xx), out1 = HLOCAL_WAY(p, x) - pu - ux;
    int64_t vu = HLOCAL_WAY(v, u), uy = HLOCAL_WAY(u, y), xy = HLOCAL_WAY(x, y), vy = HLOCAL_WAY(v, y);
    if (hlocal_pays(k, out1, vu + uy - vy, cu->demand, cu->service)) {
        hlocal_relocate(k, k->u, -1, k->u, -1);
        return 1;
    }
    if (k->v == k->x || k->x >= home) return 0;
    const kam__route_customer *cx = &h->e->p->customer[k->cx];
    int64_t out2 = HLOCAL_WAY(p, xx) - pu - after - ux, vyl = cu->demand + cx->demand, vys = cu->service + cx->service;
    if (hlocal_pays(k, out2, vu + ux + xy - vy, vyl, vys)) {
        hlocal_relocate(k, k->u, k->x, k->u, k->x);
        return 1;
    }
    if (hlocal_pays(k, out2, HLOCAL_WAY(v, x) + ux + uy - vy, vyl, vys)) {
        hlocal_relocate(k, k->u, k->x, k->x, k->u);
        return 1;
    }
    return 0;
}

static int hlocal_exchanges(hlocal_look *k) {
    kam__hgs *h = k->h;
    int32_t home = (int32_t)h->depot;
    const kam__route_customer *customer = h->e->p->customer, *cu = &customer[k->cu], *cv = &customer[k->cv];
    if (k->v >= home || k->u == k->q || k->u == k->y) return 0;
    int64_t pu = HLOCAL_WAY(p, u), ux = HLOCAL_WAY(u, x), pv = HLOCAL_WAY(p, v);
    int64_t qv = HLOCAL_WAY(q, v), vy = HLOCAL_WAY(v, y), qu = HLOCAL_WAY(q, u);
    if (k->u < k->v && hlocal_pays(k, pv + HLOCAL_WAY(v, x) - pu - ux, qu + HLOCAL_WAY(u, y) - qv - vy,
                                   cu->demand - cv->demand, (int64_t)cu->service - cv->service)) {
        hlocal_exchange(k, 1, 1);
        return 1;
    }
    if (k->x >= home || k->x == k->q) return 0;
    const kam__route_customer *cx = &customer[k->cx];
    int64_t load = cu->demand + cx->demand - cv->demand, service = (int64_t)cu->service + cx->service - cv->service;
    int64_t after = HLOCAL_WAY(x, xx), xy = HLOCAL_WAY(x, y);
    if (hlocal_pays(k, pv + HLOCAL_WAY(v, xx) - pu - ux - after, qu + ux + xy - qv - vy, load, service)) {
        hlocal_exchange(k, 2, 1);
        return 1;
    }
    if (k->y >= home || k->y == k->p || k->u > k->v) return 0;
    const kam__route_customer *cy = &customer[k->cy];
    if (!hlocal_pays(k, pv + vy + HLOCAL_WAY(y, xx) - pu - ux - after,
                     qu + ux + HLOCAL_WAY(x, yy) - qv - vy - HLOCAL_WAY(y, yy), load - cy->demand, service - cy->service))
        return 0;
    hlocal_exchange(k, 2, 2);
    return 1;
}

/* Within one route: x .. v turned. Between two: their ends. */
static int hlocal_tails(hlocal_look *k) {
    kam__hgs *h = k->h;
    const kam__hroute *a = &h->route[k->ru], *b = &h->route[k->rv];
    const kam__hstop *u = &h->stop[k->u], *v = &h->stop[k->v];
    int64_t gone = HLOCAL_WAY(u, x) + HLOCAL_WAY(v, y), turn = HLOCAL_WAY(u, v) + HLOCAL_WAY(x, y) - gone;
    if (k->ru == k->rv) {
        if (u->pos >= v->pos || k->x == k->v || !hlocal_pays(k, turn, 0, 0, 0)) return 0;
        hlocal_turn(k);
        return 1;
    }
    int64_t fine = a->fine + b->fine, vx = HLOCAL_WAY(v, x), uy = HLOCAL_WAY(u, y), plain = uy + vx - gone;
    int64_t ru_time = a->time - u->time - HLOCAL_WAY(u, x), rv_time = b->time - v->time - HLOCAL_WAY(v, y);
    if (turn < fine && turn - fine + kam__hfine(h, k->day, u->load + v->load, u->time + v->time + HLOCAL_WAY(u, v)) +
                       kam__hfine(h, k->day, a->load + b->load - u->load - v->load, ru_time + rv_time + HLOCAL_WAY(x, y)) < 0) {
        hlocal_ends(k, 1);
        return 1;
    }
    if (plain < fine && plain - fine + kam__hfine(h, k->day, u->load + b->load - v->load, u->time + rv_time + uy) +
                       kam__hfine(h, k->day, v->load + a->load - u->load, v->time + ru_time + vx) < 0) {
        hlocal_ends(k, 0);
        return 1;
    }
    return 0;
}

static void hlocal_look_at(hlocal_look *k, int32_t v) {
    const kam__hstop *stop = k->h->stop;
    k->v = v;
    k->y = stop[v].next, k->q = stop[v].prev;
    k->yy = stop[k->y].next;
    k->rv = stop[v].route;
    k->cv = stop[v].c, k->cy = stop[k->y].c, k->cq = stop[k->q].c, k->cyy = stop[k->yy].c;
}

static void hlocal_look_from(hlocal_look *k, int32_t u) {
    const kam__hstop *stop = k->h->stop;
    k->u = u;
    k->x = stop[u].next, k->p = stop[u].prev;
    k->xx = stop[k->x].next;
    k->ru = stop[u].route;
    k->day = k->h->route[k->ru].day;
    k->cu = stop[u].c, k->cx = stop[k->x].c, k->cp = stop[k->p].c, k->cxx = stop[k->xx].c;
}

static int hlocal_any(hlocal_look *k, int32_t u, int32_t v) {
    hlocal_look_from(k, u);
    hlocal_look_at(k, v);
    return hlocal_moves(k) || hlocal_exchanges(k) || hlocal_tails(k);
}

/* Behind the start of v's route. */
static int hlocal_behind(hlocal_look *k, int32_t u, int32_t start) {
    hlocal_look_from(k, u);
    hlocal_look_at(k, start);
    return hlocal_moves(k) || (k->ru != k->rv && hlocal_tails(k));
}

static int hlocal_empty(hlocal_look *k, int32_t u, int32_t day, int32_t tested) {
    kam__hgs *h = k->h;
    for (uint32_t r = (uint32_t)day * h->m; r < ((uint32_t)day + 1) * h->m; r++) {
        if (h->route[r].n) continue;
        if (h->route[h->stop[u].route].changed <= tested && h->route[r].changed <= tested) return 0;
        return hlocal_behind(k, u, (int32_t)(h->depot + r));
    }
    return 0;
}

/* Neighbours that are visited on the day; a list stays as it is while the days of others change. */
static void hlocal_near(kam__hgs *h, uint32_t c, int32_t day) {
    const int32_t *near = h->e->neighbour + (size_t)c * h->e->near;
    int32_t base = day * (int32_t)h->n, *to = h->near_stop + ((size_t)base + c) * KAM__HGS_NEAR;
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->e->near && n < KAM__HGS_NEAR; i++) {
        to[n] = base + near[i];
        n += (uint32_t)(h->days[near[i]] >> day & 1u);
    }
    if (n < KAM__HGS_NEAR) to[n] = -1;
}

/* A move that pays makes some way shorter than one that it takes away, but for fines: who is farther than the stops
 * before and behind u need not be tried. */
static int hlocal_worth(const kam__hgs *h, int32_t u, int32_t v) {
    const kam__hstop *a = &h->stop[u], *b = &h->stop[v];
    int64_t before = kam__hway(h, h->stop[a->prev].c, a->c), behind = kam__hway(h, a->c, h->stop[a->next].c);
    return kam__hway(h, a->c, b->c) < (before > behind ? before : behind) + h->route[a->route].fine + h->route[b->route].fine;
}

static int hlocal_before(hlocal_look *k, int32_t u, int32_t q) {
    hlocal_look_from(k, u);
    hlocal_look_at(k, q);
    return hlocal_moves(k);
}

/* All moves of u that pay. */
static int hlocal_stop(kam__hgs *h, uint32_t c, int32_t day) {
    hlocal_look k = {.h = h};
    int32_t base = day * (int32_t)h->n, u = base + (int32_t)c, tested = h->stop[u].tested, home = (int32_t)h->depot;
    const int32_t *near = h->near_stop + (size_t)u * KAM__HGS_NEAR;
    int better = 0;
    if (h->day_changed[day] <= tested) return 0;
    if (tested < 0) hlocal_near(h, c, day);
    h->stop[u].tested = h->clock;
    for (uint32_t i = 0; i < KAM__HGS_NEAR && near[i] >= 0; i++) {
        int32_t v = near[i];
        if (h->route[h->stop[u].route].changed <= tested && h->route[h->stop[v].route].changed <= tested) continue;
        if (!(h->days[h->stop[v].c] >> day & 1u)) continue;
        if (!hlocal_worth(h, u, v)) continue;
        int32_t q = h->stop[v].prev;
        if (q < home && q != u && hlocal_before(&k, u, q)) better = 1;
        if (h->stop[v].next == u) continue;
        if (hlocal_any(&k, u, v)) better = 1;
        else if (k.q >= home && hlocal_behind(&k, u, k.q)) better = 1;
    }
    return better | hlocal_empty(&k, u, day, tested);
}

static int hlocal_pass(kam__hgs *h) {
    int better = 0;
    kam__hshuffle(h, h->order, h->n);
    for (uint32_t i = 0; i < h->n; i++)
        for (uint32_t d = 0; d < h->nday; d++)
            if (h->days[h->order[i]] >> d & 1u) better |= hlocal_stop(h, (uint32_t)h->order[i], (int32_t)d);
    return better;
}

static int hlocal_days(kam__hgs *h) {
    int better = 0;
    kam__hshuffle(h, h->order, h->n);
    for (uint32_t i = 0; i < h->n; i++) better |= kam__hdays_better(h, (uint32_t)h->order[i]);
    return better;
}

static int hlocal_swaps(kam__hgs *h) {
    int better = 0;
    for (uint32_t r = 0; r < h->nroute; r++) {
        int32_t looked = h->route[r].swapped;
        h->route[r].swapped = h->clock;
        for (uint32_t s = r + 1; s < (r / h->m + 1) * h->m; s++) {
            if (!h->route[r].n || !h->route[s].n) continue;
            if (h->route[r].changed > looked || h->route[s].changed > looked) better |= kam__hswap(h, r, s);
        }
    }
    return better;
}

void kam__hlocal(kam__hgs *h) {
    do
        while (hlocal_pass(h)) continue;
    while (hlocal_days(h) || hlocal_swaps(h));
}
