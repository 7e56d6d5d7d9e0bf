/*
 * route_build.c - the routing engine: from places and doubles to integer arrays.
 *
 * Euclidean distances become integers of a unit fine enough that the cost of a whole plan agrees with the sum of
 * doubles to 2 decimals and more; they are rounded up, so that a plan that keeps the hours in integers keeps them in doubles.
 */
#include <math.h>
#include "route_text.h"

double kam__rdistance(const kam_route *r, uint32_t a, uint32_t b) {
    if (r->metric == KAM__METRIC_MATRIX) return (double)r->cost[(size_t)a * r->nplace + b];
    double x = r->place[a].x - r->place[b].x, y = r->place[a].y - r->place[b].y, d = sqrt(x * x + y * y);
    if (r->metric == KAM__METRIC_TENTH) return floor(sqrt(100 * (x * x + y * y))) / 10;
    return r->metric == KAM__METRIC_WHOLE ? floor(d + 0.5) : d;
}

/* The finest decimal unit in which every distance and hour fits. */
static int32_t build_unit(kam_route *r, kam_error *err) {
    double far = 1, late = 1;
    if (r->metric != KAM__METRIC_EXACT) {
        r->unit = r->metric == KAM__METRIC_TENTH ? 10 : 1;
        return KAM_OK;
    }
    for (uint32_t a = 0; a < r->nplace; a++)
        for (uint32_t b = 0; b < a; b++)
            if (kam__rdistance(r, a, b) > far) far = kam__rdistance(r, a, b);
    for (uint32_t c = 0; c < r->ncustomer; c++) {
        for (uint32_t i = 0; i < r->customer[c].nwindow; i++)
            if (r->customer[c].window[i].close > late) late = r->customer[c].window[i].close;
        if (r->customer[c].service > far) far = r->customer[c].service;
    }
    for (uint32_t i = 0; i < r->nday * r->nvehicle; i++) {
        if (r->shift[i].close > late) late = r->shift[i].close;
        if (r->shift[i].duration > late) late = r->shift[i].duration;
    }
    r->unit = 1000000;
    while (r->unit > 1 && (far * (double)r->unit > KAM__ROUTE_MAX - 2 || late * (double)r->unit > KAM__ROUTE_LATE - 2))
        r->unit /= 10;
    return far * (double)r->unit > KAM__ROUTE_MAX - 2
               ? kam__fail(err, KAM_E_LIMIT, "distances and times must be below %d", KAM__ROUTE_MAX) : KAM_OK;
}

/* v in units, rounded by `up`; limits are 0 = none, so that a positive one stays positive. */
static int32_t build_time(const kam_route *r, double v, int up) {
    double units = v * (double)r->unit;
    units = up ? ceil(units - 1e-6) : floor(units + 1e-6);
    return units >= KAM__ROUTE_LATE ? KAM__ROUTE_LATE : (int32_t)units;
}

static int32_t build_limit(const kam_route *r, double v) {
    int32_t limit = build_time(r, v, 0);
    return v > 0 && !limit ? 1 : limit;
}

/* ---------------------------------------------------------------- nodes: customers, then starts and ends */

static uint32_t build_node_place(const kam_route *r, const uint32_t *depot, uint32_t node) {
    return node < r->ncustomer ? r->customer[node].place : depot[node - r->ncustomer];
}

static int32_t build_depot(const kam_route *r, uint32_t *depot, uint32_t *n, uint32_t place) {
    for (uint32_t i = 0; i < *n; i++)
        if (depot[i] == place) return (int32_t)(r->ncustomer + i);
    depot[*n] = place;
    return (int32_t)(r->ncustomer + (*n)++);
}

static int32_t build_clip(int64_t v) { return v < 0 ? -1 : v > KAM__ROUTE_MAX ? KAM__ROUTE_MAX : (int32_t)v; }

static int32_t build_matrix(kam_route *r, const uint32_t *depot, uint32_t nnode, kam_error *err) {
    int32_t *cost = kam__rmake(r, (size_t)nnode * nnode, sizeof *cost);
    int32_t *time = r->time ? kam__rmake(r, (size_t)nnode * nnode, sizeof *time) : NULL;
    if (!cost || (r->time && !time)) return kam__nomem(err);
    for (uint32_t i = 0; i < nnode; i++) {
        uint32_t a = build_node_place(r, depot, i);
        for (uint32_t j = 0; j < nnode; j++) {
            uint32_t b = build_node_place(r, depot, j);
            size_t at = (size_t)i * nnode + j;
            if (r->metric == KAM__METRIC_MATRIX) cost[at] = build_clip(r->cost[(size_t)a * r->nplace + b]);
            else if (r->metric == KAM__METRIC_EXACT)
                cost[at] = (int32_t)ceil(kam__rdistance(r, a, b) * (double)r->unit);
            else cost[at] = (int32_t)floor(kam__rdistance(r, a, b) * (double)r->unit + 0.5);
            if (time) time[at] = build_clip(r->time[(size_t)a * r->nplace + b]);
        }
    }
    r->problem.cost = cost;
    r->problem.time = time;
    r->problem.nnode = nnode;
    return KAM_OK;
}

static int32_t build_shifts(kam_route *r, kam_error *err) {
    uint32_t n = r->nday * r->nvehicle, ndepot = 0;
    kam__route_shift *shift = kam__rmake(r, n, sizeof *shift);
    uint32_t *depot = kam__rmake(r, (size_t)r->nplace + 1, sizeof *depot);
    if (!shift || !depot) return kam__nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        const kam__rvehicle *v = &r->shift[i];
        shift[i] = (kam__route_shift){.start = build_depot(r, depot, &ndepot, v->start),
                                      .end = build_depot(r, depot, &ndepot, v->end), .open = build_time(r, v->open, 1),
                                      .close = build_limit(r, v->close), .duration = build_limit(r, v->duration),
                                      .driving = build_limit(r, v->driving), .visits = (int32_t)v->visits,
                                      .pause_open = build_time(r, v->pause_open, 0),
                                      .pause_close = build_time(r, v->pause_close, 1),
                                      .off = v->off, .capacity = (int64_t)floor(v->capacity * 1000 + 0.5)};
    }
    r->problem.shift = shift;
    return build_matrix(r, depot, r->ncustomer + ndepot, err);
}

/* ---------------------------------------------------------------- customers */

typedef struct build_lists {
    uint64_t *pattern;
    int64_t *price;                             /* of patterns */
    kam__route_window *window;
    kam__route_lock *lock;
    uint32_t np, nw, nl;
} build_lists;

static void build_customer(const kam_route *r, kam__route_customer *to, const kam__rcustomer *from, build_lists *l) {
    to->service = build_time(r, from->service, 1);
    to->demand = (int64_t)floor(from->demand * 1000 + 0.5);
    to->prize = (int64_t)floor(from->prize * (double)r->unit + 0.5);
    to->vehicles = from->vehicles;
    to->flags = from->same_vehicle ? KAM__ROUTE_SAME_VEHICLE : 0;
    to->pattern = (kam__route_part){l->np, from->npattern};
    to->window = (kam__route_part){l->nw, from->nwindow};
    to->lock = (kam__route_part){l->nl, from->nlock};
    to->first = from->first;
    to->last = from->last;
    for (uint32_t i = 0; i < from->npattern; i++) {
        if (from->pattern_price) l->price[l->np] = (int64_t)floor(from->pattern_price[i] * (double)r->unit + 0.5);
        l->pattern[l->np++] = from->pattern[i];
    }
    for (uint32_t i = 0; i < from->nwindow; i++)
        l->window[l->nw++] = (kam__route_window){from->window[i].days, build_time(r, from->window[i].open, 1),
                                                 build_time(r, from->window[i].close, 0)};
    for (uint32_t i = 0; i < from->nlock; i++)
        l->lock[l->nl++] = (kam__route_lock){from->lock[i].day, from->lock[i].vehicle,
                                             build_time(r, from->lock[i].open, 1), build_limit(r, from->lock[i].close)};
}

int32_t kam__rbuild(kam_route *r, kam_error *err) {
    size_t np = 0, nw = 0, nl = 0;
    build_lists l = {0};
    int priced = 0;
    if (!r->nday || r->nday > KAM__ROUTE_DAYS || !r->nvehicle || r->nvehicle > 30000 ||
        r->ncustomer + r->nplace > 30000)
        return kam__fail(err, KAM_E_LIMIT, "a routing problem has 1..%u days, 1..30000 vehicles and up to 30000 places",
                         KAM__ROUTE_DAYS);
    KAM__TRY(build_unit(r, err));
    for (uint32_t c = 0; c < r->ncustomer; c++) {
        priced |= r->customer[c].pattern_price != NULL;
        np += r->customer[c].npattern, nw += r->customer[c].nwindow, nl += r->customer[c].nlock;
    }
    kam__route_customer *customer = kam__rmake(r, r->ncustomer, sizeof *customer);
    l.pattern = kam__rmake(r, np, sizeof *l.pattern);
    l.price = kam__rmake(r, priced ? np : 0, sizeof *l.price);
    l.window = kam__rmake(r, nw, sizeof *l.window);
    l.lock = kam__rmake(r, nl, sizeof *l.lock);
    if (!customer || !l.pattern || !l.price || !l.window || !l.lock) return kam__nomem(err);
    for (uint32_t c = 0; c < r->ncustomer; c++) build_customer(r, &customer[c], &r->customer[c], &l);
    r->problem = (kam__route_problem){.nday = r->nday, .nvehicle = r->nvehicle, .ncustomer = r->ncustomer,
                                      .customer = customer, .pattern = l.pattern,
                                      .pattern_price = priced ? l.price : NULL, .window = l.window, .lock = l.lock};
    return build_shifts(r, err);
}
