/*
 * route_cordeau.c - Cordeau's files: `type m n t`, t lines `duration load`, then a line for each place: `i x y service
 * demand frequency a code_1 .. code_a [open close]`.
 *
 * A code is a set of t bits, the first day the most significant one. In types 2 and 6 the t are depots, m vehicles
 * each, on one day; a code is a set of depots, and the depots' places follow the customers. Else place 0 is the depot.
 */
#include "route_text.h"

typedef struct cordeau { kam_route *r; kam__rwords w; int64_t type, m, n, t; int depots, hours; } cordeau;

static int32_t cordeau_head(cordeau *f, kam_error *err) {
    kam_route *r = f->r;
    if (!kam__rline(&f->w)) return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "the first line must be: type m n t");
    KAM__TRY(kam__rwhole(&f->w, &f->type, 0, 99, "a type must stand here: 0, 1, 2, 4, 5 or 6", err));
    if (f->type > 6 || f->type == 3)
        return kam__rwords_fail(&f->w, KAM_E_UNSUPPORTED, err, "type must be 0, 1, 2, 4, 5 or 6");
    KAM__TRY(kam__rwhole(&f->w, &f->m, 1, 30000, "m, vehicles (of each day or depot), must be 1 or more", err));
    KAM__TRY(kam__rwhole(&f->w, &f->n, 0, 20000, "n, customers, must be 0..20000", err));
    KAM__TRY(kam__rwhole(&f->w, &f->t, 1, 32, "t, days (or depots), must be 1..32", err));
    f->depots = f->type == 2 || f->type == 6;
    f->hours = f->type >= 4;
    r->nday = f->depots ? 1 : (uint32_t)f->t;
    r->nvehicle = (uint32_t)(f->depots ? f->m * f->t : f->m);
    r->per_depot = f->depots ? (uint32_t)f->m : 0;
    r->shift = kam__rmake(r, (size_t)(f->m * f->t), sizeof *r->shift);
    r->vehicle = kam__rmake(r, r->nvehicle, sizeof *r->vehicle);
    r->customer = kam__rmake(r, (size_t)f->n, sizeof *r->customer);
    r->place = kam__rmake(r, (size_t)(f->n + f->t), sizeof *r->place);
    return r->shift && r->vehicle && r->customer && r->place ? KAM_OK : kam__nomem(err);
}

static int32_t cordeau_limits(cordeau *f, kam_error *err) {
    for (int64_t i = 0; i < f->t; i++) {
        kam__rvehicle v = {0};
        if (!kam__rline(&f->w)) return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "a line `duration load` must follow");
        KAM__TRY(kam__rnumber(&f->w, &v.duration, "a longest duration must stand here, 0 = none", err));
        KAM__TRY(kam__rnumber(&f->w, &v.capacity, "a largest load must stand here, 0 = none", err));
        if (v.duration < 0 || v.capacity < 0)
            return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "a limit must not be negative");
        for (int64_t k = 0; k < f->m; k++) f->r->shift[i * f->m + k] = v;
    }
    return KAM_OK;
}

/* The codes of one customer as days, or as the vehicles of depots. */
static int32_t cordeau_codes(cordeau *f, kam__rcustomer *c, int64_t frequency, int64_t n, kam_error *err) {
    kam_route *r = f->r;
    uint64_t *pattern = kam__rmake(r, f->depots ? 1 : (size_t)n, sizeof *pattern);
    uint32_t *vehicles = f->depots ? kam__rmake(r, r->nvehicle / 32 + 1, sizeof *vehicles) : NULL;
    if (!pattern || (f->depots && !vehicles)) return kam__nomem(err);
    for (int64_t i = 0; i < n; i++) {
        int64_t code = 0;
        KAM__TRY(kam__rwhole(&f->w, &code, 0, ((int64_t)1 << f->t) - 1,
                             "a code must stand here, a set of t bits", err));
        if (!frequency) continue;
        uint64_t days = 0;
        for (int64_t d = 0; d < f->t; d++)
            if (code >> (f->t - 1 - d) & 1) days |= (uint64_t)1 << d;
        if (!days) return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "a code must have a day");
        if (!f->depots) pattern[c->npattern++] = days;
        for (int64_t v = 0; f->depots && v < (int64_t)r->nvehicle; v++)
            if (days >> (v / f->m) & 1u) vehicles[v / 32] |= (uint32_t)1 << (v % 32);
    }
    if (f->depots && frequency) pattern[c->npattern++] = 1;
    if (f->depots && n) c->vehicles = vehicles;
    c->pattern = pattern;
    return KAM_OK;
}

static int32_t cordeau_hours(cordeau *f, kam__rhours *hours, kam_error *err) {
    KAM__TRY(kam__rnumber(&f->w, &hours->open, "an opening time must stand here", err));
    KAM__TRY(kam__rnumber(&f->w, &hours->close, "a closing time must stand here", err));
    hours->days = ~(uint64_t)0;
    if (hours->open < 0 || hours->close < hours->open)
        return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "a closing time must not be before the opening");
    return KAM_OK;
}

/* Hours of a depot are those of the vehicles that start there; they may be left out. */
static int32_t cordeau_depot(cordeau *f, uint32_t place, int64_t depot, kam_error *err) {
    kam__rhours hours = {0};
    kam__rwords mark = f->w;
    if (f->hours && kam__rword(&mark)) KAM__TRY(cordeau_hours(f, &hours, err));
    for (int64_t i = 0; i < f->m * f->t; i++) {
        if (f->depots && i / f->m != depot) continue;
        f->r->shift[i].start = f->r->shift[i].end = place;
        f->r->shift[i].open = hours.open;
        f->r->shift[i].close = hours.close;
    }
    return KAM_OK;
}

static int32_t cordeau_place(cordeau *f, int64_t *ndepot, kam_error *err) {
    kam_route *r = f->r;
    int64_t number = 0, frequency = 0, ncode = 0;
    uint32_t place = r->nplace;
    kam__rcustomer c = {.place = place};
    KAM__TRY(kam__rwhole(&f->w, &number, 0, 1000000, "a number of a place must stand here", err));
    int depot = f->depots ? r->ncustomer == f->n : *ndepot == 0;
    if (!depot && r->ncustomer == f->n)
        return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "the file must end behind n customers");
    if (depot && *ndepot == (f->depots ? f->t : 1))
        return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "the file must end behind the depots");
    KAM__TRY(kam__rnumber(&f->w, &r->place[place].x, "x must stand here", err));
    KAM__TRY(kam__rnumber(&f->w, &r->place[place].y, "y must stand here", err));
    r->nplace++;
    KAM__TRY(kam__rnumber(&f->w, &c.service, "a service time must stand here", err));
    KAM__TRY(kam__rnumber(&f->w, &c.demand, "a demand must stand here", err));
    if (c.service < 0 || c.demand < 0)
        return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "service time and demand must not be negative");
    KAM__TRY(kam__rwhole(&f->w, &frequency, 0, f->t, "a frequency must stand here, 0..t", err));
    KAM__TRY(kam__rwhole(&f->w, &ncode, 0, 1000000, "the number of codes must stand here", err));
    if (depot) return cordeau_depot(f, place, (*ndepot)++, err);
    KAM__TRY(cordeau_codes(f, &c, frequency, ncode, err));
    if (frequency && !c.npattern) return kam__rwords_fail(&f->w, KAM_E_PARSE, err, "a customer must have a code");
    if (f->hours && (c.window = kam__rmake(r, 1, sizeof *c.window)) == NULL) return kam__nomem(err);
    if (f->hours) KAM__TRY(cordeau_hours(f, c.window, err));
    c.nwindow = f->hours != 0;
    char id[24];
    size_t len = kam__i64_format(id, number);
    if (!(c.id = kam__arena_text(&r->arena, id, len))) return kam__nomem(err);
    r->customer[r->ncustomer++] = c;
    return KAM_OK;
}

int32_t kam__rread_cordeau(kam_route *r, const char *text, size_t len, kam_error *err) {
    cordeau f = {.r = r, .w = {.text = text, .len = len}};
    int64_t ndepot = 0;
    KAM__TRY(cordeau_head(&f, err));
    KAM__TRY(cordeau_limits(&f, err));
    for (uint32_t v = 0; v < r->nvehicle; v++) {
        char id[24];
        size_t n = kam__i64_format(id, v % f.m + 1);
        if (!(r->vehicle[v] = kam__arena_text(&r->arena, id, n))) return kam__nomem(err);
    }
    while (kam__rline(&f.w)) KAM__TRY(cordeau_place(&f, &ndepot, err));
    f.w.word_len = 0;
    if (r->ncustomer < f.n) return kam__rwords_fail(&f.w, KAM_E_PARSE, err, "more customers must follow");
    if (ndepot < (f.depots ? f.t : 1)) return kam__rwords_fail(&f.w, KAM_E_PARSE, err, "a depot must follow");
    return KAM_OK;
}
