/*
 * route_vrplib.c - VRPLIB files: Solomon's VRPTW (distances cut to one decimal) and CVRP (rounded, as TSPLIB does).
 *
 * Lines `KEY : value`, then sections; node numbers are 1 .. DIMENSION, plans name customers by number - 1 so that 0 is
 * the depot. VEHICLES is a limit; without it there is a vehicle for each customer.
 */
#include "route_text.h"

typedef struct vrplib {
    kam_route *r;
    kam__rwords w;
    int64_t n, vehicles, depot;
    double capacity, service, duration;
    kam__rcustomer *node;
} vrplib;

static int vrplib_is(const vrplib *f, const char *word) {
    size_t n = f->w.word_len;
    if (n && f->w.text[f->w.word_at + n - 1] == ':') n--;
    return n == strlen(word) && memcmp(f->w.text + f->w.word_at, word, n) == 0;
}

static void vrplib_colon(vrplib *f) {
    kam__rwords mark = f->w;
    if (!kam__rword(&f->w) || f->w.word_len != 1 || f->w.text[f->w.word_at] != ':') f->w = mark;
}

static int32_t vrplib_nodes(vrplib *f, kam_error *err) {
    kam_route *r = f->r;
    KAM__TRY(kam__rwhole(&f->w, &f->n, 1, 20000, "DIMENSION must be 1..20000", err));
    f->node = kam__rmake(r, (size_t)f->n, sizeof *f->node);
    r->place = kam__rmake(r, (size_t)f->n, sizeof *r->place);
    return f->node && r->place ? KAM_OK : kam__nomem(err);
}

static int32_t vrplib_type(vrplib *f, kam_error *err) {
    if (!kam__rword(&f->w) || (!vrplib_is(f, "VRPTW") && !vrplib_is(f, "CVRP")))
        return kam__rwords_fail(&f->w, KAM_E_UNSUPPORTED, err, "TYPE must be VRPTW or CVRP");
    f->r->metric = vrplib_is(f, "VRPTW") ? KAM__METRIC_TENTH : KAM__METRIC_WHOLE;
    return KAM_OK;
}

/* A line `KEY : value`. */
static int32_t vrplib_key(vrplib *f, kam_error *err) {
    if (vrplib_is(f, "NAME") || vrplib_is(f, "COMMENT")) return KAM_OK;
    vrplib key = *f;
    vrplib_colon(f);
    if (vrplib_is(&key, "TYPE")) return vrplib_type(f, err);
    if (vrplib_is(&key, "DIMENSION")) return vrplib_nodes(f, err);
    if (vrplib_is(&key, "VEHICLES")) return kam__rwhole(&f->w, &f->vehicles, 1, 20000, "VEHICLES must be 1 or more", err);
    if (vrplib_is(&key, "CAPACITY")) return kam__rnumber(&f->w, &f->capacity, "CAPACITY must be a number", err);
    if (vrplib_is(&key, "SERVICE_TIME")) return kam__rnumber(&f->w, &f->service, "SERVICE_TIME must be a number", err);
    if (vrplib_is(&key, "DISTANCE")) return kam__rnumber(&f->w, &f->duration, "DISTANCE must be a number", err);
    if (vrplib_is(&key, "EDGE_WEIGHT_TYPE")) {
        if (kam__rword(&f->w) && vrplib_is(f, "EUC_2D")) return KAM_OK;
        return kam__rwords_fail(&f->w, KAM_E_UNSUPPORTED, err, "EDGE_WEIGHT_TYPE must be EUC_2D");
    }
    return kam__rwords_fail(&key.w, KAM_E_UNSUPPORTED, err, "a key we know must stand here");
}

enum { VRPLIB_NONE, VRPLIB_COORD, VRPLIB_DEMAND, VRPLIB_WINDOW, VRPLIB_SERVICE, VRPLIB_DEPOT, VRPLIB_END };

static int vrplib_section(const vrplib *f) {
    static const char *const name[] = {"NODE_COORD_SECTION", "DEMAND_SECTION", "TIME_WINDOW_SECTION",
                                       "SERVICE_TIME_SECTION", "DEPOT_SECTION", "EOF"};
    for (int i = 0; i < 6; i++)
        if (vrplib_is(f, name[i])) return i + 1;
    return VRPLIB_NONE;
}

static int32_t vrplib_window(vrplib *f, kam__rcustomer *c, kam_error *err) {
    if (!c->window && !(c->window = kam__rmake(f->r, 1, sizeof *c->window))) return kam__nomem(err);
    c->nwindow = 1;
    c->window->days = 1;
    KAM__TRY(kam__rnumber(&f->w, &c->window->open, "an opening time must stand here", err));
    KAM__TRY(kam__rnumber(&f->w, &c->window->close, "a closing time must stand here", err));
    if (c->window->open < 0 || c->window->close < c->window->open)
        return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "a closing time must not be before the opening");
    return KAM_OK;
}

static int32_t vrplib_row(vrplib *f, int section, kam_error *err) {
    int64_t i = 0;
    if (!f->n) return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "DIMENSION must stand before the sections");
    KAM__TRY(kam__rwhole(&f->w, &i, section == VRPLIB_DEPOT ? -1 : 1, f->n, "a node 1..DIMENSION must stand here", err));
    if (section == VRPLIB_DEPOT) {
        if (i > 0 && f->depot) return kam__rwords_fail(&f->w, KAM_E_UNSUPPORTED, err, "only one depot is known");
        if (i > 0) f->depot = i;
        return KAM_OK;
    }
    kam__rcustomer *c = &f->node[i - 1];
    if (section == VRPLIB_WINDOW) return vrplib_window(f, c, err);
    double *to = section == VRPLIB_COORD ? &f->r->place[i - 1].x : section == VRPLIB_DEMAND ? &c->demand : &c->service;
    KAM__TRY(kam__rnumber(&f->w, to, "a number must stand here", err));
    if (section == VRPLIB_COORD) return kam__rnumber(&f->w, &f->r->place[i - 1].y, "y must stand here", err);
    return *to < 0 ? kam__rwords_fail(&f->w, KAM_E_PARSE, err, "a number must not be negative") : KAM_OK;
}

static int32_t vrplib_lines(vrplib *f, kam_error *err) {
    int section = VRPLIB_NONE;
    while (section != VRPLIB_END && kam__rline(&f->w)) {
        kam__rwords mark = f->w;
        kam__rword(&f->w);
        int next = vrplib_section(f), first = f->w.text[f->w.word_at];
        if (next) {
            section = next;
            for (int64_t i = 0; next == VRPLIB_SERVICE && i < f->n; i++) f->node[i].service = 0;
        } else if (section && ((first >= '0' && first <= '9') || first == '-')) {
            f->w = mark;
            KAM__TRY(vrplib_row(f, section, err));
        } else {
            KAM__TRY(vrplib_key(f, err));
            for (int64_t i = 0; i < f->n; i++)
                if (f->service > 0) f->node[i].service = f->service;
        }
    }
    return KAM_OK;
}

static int32_t vrplib_fleet(vrplib *f, kam_error *err) {
    kam_route *r = f->r;
    const kam__rcustomer *depot = &f->node[f->depot - 1];
    r->nday = 1;
    r->nvehicle = (uint32_t)(f->vehicles ? f->vehicles : f->n > 1 ? f->n - 1 : 1);
    r->shift = kam__rmake(r, r->nvehicle, sizeof *r->shift);
    r->vehicle = kam__rmake(r, r->nvehicle, sizeof *r->vehicle);
    if (!r->shift || !r->vehicle) return kam__nomem(err);
    for (uint32_t v = 0; v < r->nvehicle; v++) {
        char id[24];
        size_t n = kam__i64_format(id, v + 1);
        r->shift[v] = (kam__rvehicle){.start = (uint32_t)f->depot - 1, .end = (uint32_t)f->depot - 1,
                                      .capacity = f->capacity, .duration = f->duration};
        if (depot->window) r->shift[v].open = depot->window->open, r->shift[v].close = depot->window->close;
        if (!(r->vehicle[v] = kam__arena_text(&r->arena, id, n))) return kam__nomem(err);
    }
    return KAM_OK;
}

int32_t kam__rread_vrplib(kam_route *r, const char *text, size_t len, kam_error *err) {
    vrplib f = {.r = r, .w = {.text = text, .len = len}};
    KAM__TRY(vrplib_lines(&f, err));
    f.w.word_len = 0;
    if (!f.n || !f.depot) return kam__rwords_fail(&f.w, KAM_E_PARSE, err, "DIMENSION and DEPOT_SECTION must stand before");
    uint64_t *always = kam__rmake(r, 1, sizeof *always);
    if (!always || !(r->customer = kam__rmake(r, (size_t)f.n, sizeof *r->customer))) return kam__nomem(err);
    *always = 1;
    r->nplace = (uint32_t)f.n;
    for (int64_t i = 0; i < f.n; i++) {
        kam__rcustomer c = f.node[i];
        char id[24];
        size_t n = kam__i64_format(id, i);
        if (i == f.depot - 1) continue;
        c.place = (uint32_t)i;
        c.pattern = always;
        c.npattern = 1;
        if (!(c.id = kam__arena_text(&r->arena, id, n))) return kam__nomem(err);
        r->customer[r->ncustomer++] = c;
    }
    return vrplib_fleet(&f, err);
}
