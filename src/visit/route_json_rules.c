/*
 * route_json_rules.c - rules of a routing problem that the engine knows by another name: gaps become patterns; skills,
 * ranks and blacklists become the set of who may go; nights away move where a day ends and the next one begins.
 */
#include "route_text.h"

enum { RJRULE_PATTERNS = 4096 };                /* of one customer */

static const char *const rjrule_break[] = {"open", "close", "days"};
static const char *const rjrule_night[] = {"day", "x", "y", "place"};

/* ---------------------------------------------------------------- days */

int kam__rj_has_gaps(const kam__json *o) {
    return kam__json_get(o, "visits") || kam__json_get(o, "min_gap") || kam__json_get(o, "max_gap") ||
           kam__json_get(o, "target_gap");
}

static int32_t rjrule_day_count(const kam__rjson *j, uint32_t *out, const kam__json *o, const char *key, kam_error *err) {
    const kam__json *v = kam__json_get(o, key);
    (void)j;
    return v ? kam__rj_whole(out, v, key, 1, 10000, err) : KAM_OK;
}

static int32_t rjrule_gaps(const kam__rjson *j, kam__route_gaps *g, const kam__json *o, double *price, kam_error *err) {
    const kam__json *last = kam__json_get(o, "last");
    int64_t day = 0;
    *price = 1;
    KAM__TRY(rjrule_day_count(j, &g->visits, o, "visits", err));
    KAM__TRY(rjrule_day_count(j, &g->least, o, "min_gap", err));
    KAM__TRY(rjrule_day_count(j, &g->most, o, "max_gap", err));
    KAM__TRY(rjrule_day_count(j, &g->target, o, "target_gap", err));
    KAM__TRY(kam__rj_number(price, o, "gap_price", 0, err));
    if (g->visits > j->r->nday)
        return kam__json_fail(kam__json_get(o, "visits"), KAM_E_PARSE, err, "%u visits do not fit into %u days",
                              g->visits, j->r->nday);
    if (!last) return KAM_OK;
    KAM__TRY(kam__json_i64(&day, last, "last", err));
    if (day > 0 || day < -100000)
        return kam__json_fail(last, KAM_E_LIMIT, err, "\"last\" must be -100000..0: 0 is the day before the first one");
    g->last = (int32_t)day;
    g->knows_last = 1;
    return KAM_OK;
}

int32_t kam__rj_gaps(kam__rjson *j, kam__rcustomer *c, const kam__json *o, uint64_t days, kam_error *err) {
    kam__route_gaps g = {.nday = j->r->nday, .days = days, .price = 1};
    double price = 1;
    KAM__TRY(rjrule_gaps(j, &g, o, &price, err));
    if (!j->pattern) j->pattern = kam__rmake(j->r, RJRULE_PATTERNS, sizeof *j->pattern);
    if (!j->off) j->off = kam__rmake(j->r, RJRULE_PATTERNS, sizeof *j->off);
    if (!j->pattern || !j->off) return kam__nomem(err);
    uint32_t n = kam__route_gap_patterns(j->pattern, j->off, RJRULE_PATTERNS, &g);
    if (!n) return kam__json_fail(o, KAM_E_PARSE, err, "no days keep the gaps of customer \"%s\": allow longer or "
                                  "shorter gaps, fewer visits or more days", c->id);
    if (n > RJRULE_PATTERNS)
        return kam__json_fail(o, KAM_E_LIMIT, err, "more than %d sets of days keep the gaps of customer \"%s\": give "
                              "narrower gaps, fewer days, or its patterns", RJRULE_PATTERNS, c->id);
    c->pattern = kam__rmake(j->r, n, sizeof *c->pattern);
    c->pattern_price = kam__rmake(j->r, n, sizeof *c->pattern_price);
    if (!c->pattern || !c->pattern_price) return kam__nomem(err);
    c->npattern = n;
    memcpy(c->pattern, j->pattern, n * sizeof *c->pattern);
    for (uint32_t i = 0; i < n; i++) c->pattern_price[i] = (double)j->off[i] * price;
    return KAM_OK;
}

/* ---------------------------------------------------------------- who may go */

static int32_t rjrule_set(const kam__rjson *j, kam__rcustomer *c) {
    uint32_t words = j->r->nvehicle / 32 + 1;
    if (c->vehicles) return KAM_OK;
    if (!(c->vehicles = kam__rmake(j->r, words, sizeof *c->vehicles))) return KAM_E_NOMEM;
    memset(c->vehicles, 0xff, words * sizeof *c->vehicles);
    return KAM_OK;
}

static void rjrule_not(kam__rcustomer *c, uint32_t v) { c->vehicles[v / 32] &= ~((uint32_t)1 << (v % 32)); }

/* Does vehicle v have the skill? */
static int32_t rjrule_can(const kam__rjson *j, int *out, uint32_t v, const char *skill, kam_error *err) {
    const kam__json *list = NULL;
    const char *has = NULL;
    *out = 0;
    KAM__TRY(kam__rj_array(&list, j->vehicle[v], "skills", err));
    for (const kam__json *s = list ? list->child : NULL; s; s = s->next) {
        KAM__TRY(kam__json_str(&has, s, "skill", err));
        if (strcmp(has, skill) == 0) *out = 1;
    }
    return KAM_OK;
}

static int32_t rjrule_skills(const kam__rjson *j, kam__rcustomer *c, const kam__json *list, kam_error *err) {
    const char *skill = NULL;
    for (const kam__json *s = list->child; s; s = s->next) {
        KAM__TRY(kam__json_str(&skill, s, "skill", err));
        for (uint32_t v = 0; v < j->r->nvehicle; v++) {
            int can = 0;
            KAM__TRY(rjrule_can(j, &can, v, skill, err));
            if (!can) rjrule_not(c, v);
        }
    }
    return KAM_OK;
}

static int32_t rjrule_rank(const kam__rjson *j, kam__rcustomer *c, const kam__json *o, kam_error *err) {
    double least = 0;
    KAM__TRY(kam__rj_number(&least, o, "rank", 0, err));
    for (uint32_t v = 0; v < j->r->nvehicle; v++) {
        double rank = 0;
        KAM__TRY(kam__rj_number(&rank, j->vehicle[v], "rank", 0, err));
        if (rank < least) rjrule_not(c, v);
    }
    return KAM_OK;
}

int32_t kam__rj_eligible(const kam__rjson *j, kam__rcustomer *c, const kam__json *o, kam_error *err) {
    const kam__json *skills = NULL, *never = NULL;
    KAM__TRY(kam__rj_array(&skills, o, "skills", err));
    KAM__TRY(kam__rj_array(&never, o, "not_vehicles", err));
    if (!skills && !never && !kam__json_get(o, "rank")) return KAM_OK;
    if (rjrule_set(j, c) != KAM_OK) return kam__nomem(err);
    if (skills) KAM__TRY(rjrule_skills(j, c, skills, err));
    for (const kam__json *v = never ? never->child : NULL; v; v = v->next) {
        uint32_t vehicle = 0;
        KAM__TRY(kam__rj_vehicle(j, &vehicle, v, err));
        rjrule_not(c, vehicle);
    }
    return rjrule_rank(j, c, o, err);
}

/* ---------------------------------------------------------------- vehicles */

int32_t kam__rj_breaks(const kam__rjson *j, uint32_t vehicle, const kam__json *o, kam_error *err) {
    const kam__json *list = NULL;
    KAM__TRY(kam__rj_array(&list, o, "breaks", err));
    for (const kam__json *v = list ? list->child : NULL; v; v = v->next) {
        uint64_t days = kam__rj_all_days(j);
        double open = 0, close = 0;
        KAM__TRY(kam__json_known(v, rjrule_break, KAM__LEN(rjrule_break), err));
        if (kam__json_get(v, "days")) KAM__TRY(kam__rj_days(j, &days, kam__json_get(v, "days"), err));
        KAM__TRY(kam__rj_number(&open, v, "open", 0, err));
        KAM__TRY(kam__rj_number(&close, v, "close", 0, err));
        if (close <= open) return kam__json_fail(v, KAM_E_PARSE, err, "a break must close after it opens");
        for (uint32_t d = 0; d < j->r->nday; d++) {
            kam__rvehicle *to = &j->r->shift[d * j->r->nvehicle + vehicle];
            if (!(days >> d & 1u)) continue;
            if (to->pause_close > 0)
                return kam__json_fail(v, KAM_E_PARSE, err, "a vehicle has one break a day; day %u has two", d + 1);
            to->pause_open = open;
            to->pause_close = close;
        }
    }
    return KAM_OK;
}

int32_t kam__rj_nights(kam__rjson *j, uint32_t vehicle, const kam__json *o, kam_error *err) {
    kam_route *r = j->r;
    const kam__json *list = NULL;
    KAM__TRY(kam__rj_array(&list, o, "nights", err));
    for (const kam__json *v = list ? list->child : NULL; v; v = v->next) {
        uint32_t day = 0, place = 0;
        int given = 0;
        KAM__TRY(kam__json_known(v, rjrule_night, KAM__LEN(rjrule_night), err));
        KAM__TRY(kam__rj_whole(&day, kam__json_get(v, "day"), "day", 1, r->nday, err));
        KAM__TRY(kam__rj_place(j, v, "place", "x", "y", &place, &given, err));
        if (!given) return kam__json_fail(v, KAM_E_PARSE, err, "a night needs %s", j->matrix ? "\"place\"" : "\"x\", \"y\"");
        r->shift[(day - 1) * r->nvehicle + vehicle].end = place;
        if (day < r->nday) r->shift[day * r->nvehicle + vehicle].start = place;
    }
    return KAM_OK;
}
