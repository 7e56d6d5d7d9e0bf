/*
 * route_json.c - routing problems as JSON; kam/route.h tells the form. Places are the rows of the matrices, or one for
 * each pair of coordinates met.
 */
#include "route_text.h"

static const char *const rtjson_top[] = {"days", "customers", "vehicles", "cost", "time"};
static const char *const rtjson_customer[] = {
    "id", "x", "y", "place", "demand", "service", "patterns", "windows", "vehicles", "prize", "same_vehicle", "locks",
    "visits", "min_gap", "max_gap", "target_gap", "gap_price", "last", "days", "skills", "rank", "not_vehicles"};
static const char *const rtjson_vehicle[] = {
    "id", "x", "y", "end_x", "end_y", "start", "end", "days", "capacity", "open", "close", "duration", "driving",
    "visits", "skills", "rank", "breaks", "nights"};
static const char *const rtjson_window[] = {"open", "close", "days"};
static const char *const rtjson_lock[] = {"day", "vehicle", "open", "close", "order"};

/* A number that must not be negative; left as it is when the member is absent. */
int32_t kam__rj_number(double *out, const kam__json *object, const char *key, int may_be_negative,
                             kam_error *err) {
    const kam__json *v = kam__json_get(object, key);
    if (!v) return KAM_OK;
    if (v->type != KAM__J_NUMBER || kam__f64_parse(out, v->text, v->len, NULL) != KAM_OK || *out > 1e12 || *out < -1e12)
        return kam__json_fail(v, KAM_E_TYPE, err, "\"%s\" must be a number", key);
    if (!may_be_negative && *out < 0)
        return kam__json_fail(v, KAM_E_TYPE, err, "\"%s\" must not be negative", key);
    return KAM_OK;
}

int32_t kam__rj_array(const kam__json **out, const kam__json *object, const char *key, kam_error *err) {
    *out = kam__json_get(object, key);
    if (*out && (*out)->type != KAM__J_ARRAY)
        return kam__json_fail(*out, KAM_E_TYPE, err, "\"%s\" must be a list", key);
    return KAM_OK;
}

int32_t kam__rj_whole(uint32_t *out, const kam__json *v, const char *key, int64_t from, int64_t to,
                            kam_error *err) {
    int64_t n = 0;
    KAM__TRY(kam__json_i64(&n, v, key, err));
    if (n < from || n > to)
        return kam__json_fail(v, KAM_E_LIMIT, err, "\"%s\" must be %lld..%lld", key, (long long)from, (long long)to);
    *out = (uint32_t)n;
    return KAM_OK;
}

uint64_t kam__rj_all_days(const kam__rjson *j) {
    return j->r->nday == 64 ? ~(uint64_t)0 : ((uint64_t)1 << j->r->nday) - 1;
}

int32_t kam__rj_days(const kam__rjson *j, uint64_t *out, const kam__json *list, kam_error *err) {
    if (list->type != KAM__J_ARRAY) return kam__json_fail(list, KAM_E_TYPE, err, "days must be a list of numbers");
    *out = 0;
    for (const kam__json *v = list->child; v; v = v->next) {
        uint32_t day = 0;
        KAM__TRY(kam__rj_whole(&day, v, "day", 1, j->r->nday, err));
        *out |= (uint64_t)1 << (day - 1);
    }
    return KAM_OK;
}

/* A place by its row, or by coordinates; `given` 0: neither is there. */
int32_t kam__rj_place(kam__rjson *j, const kam__json *o, const char *row, const char *x, const char *y,
                            uint32_t *out,
                          int *given, kam_error *err) {
    const char *key = j->matrix ? row : x;
    kam_route *r = j->r;
    *given = kam__json_get(o, key) != NULL;
    if (!*given) return KAM_OK;
    if (j->matrix) return kam__rj_whole(out, kam__json_get(o, row), row, 0, (int64_t)r->nplace - 1, err);
    if (!kam__json_get(o, y)) return kam__json_fail(o, KAM_E_PARSE, err, "\"%s\" is missing", y);
    KAM__TRY(kam__rj_number(&r->place[r->nplace].x, o, x, 1, err));
    KAM__TRY(kam__rj_number(&r->place[r->nplace].y, o, y, 1, err));
    *out = r->nplace++;
    return KAM_OK;
}

/* ---------------------------------------------------------------- vehicles */

static int32_t rtjson_vehicle_read(kam__rjson *j, const kam__json *o, uint32_t i, kam_error *err) {
    kam_route *r = j->r;
    kam__rvehicle v = {0};
    uint64_t days = kam__rj_all_days(j);
    const kam__json *on = kam__json_get(o, "days");
    int given = 0;
    KAM__TRY(kam__json_known(o, rtjson_vehicle, KAM__LEN(rtjson_vehicle), err));
    KAM__TRY(kam__json_str(&r->vehicle[i], kam__json_get(o, "id"), "id", err));
    KAM__TRY(kam__rj_place(j, o, "start", "x", "y", &v.start, &given, err));
    if (!given) return kam__json_fail(o, KAM_E_PARSE, err, "a vehicle needs %s", j->matrix ? "\"start\""
                                      : "\"x\", \"y\"");
    KAM__TRY(kam__rj_place(j, o, "end", "end_x", "end_y", &v.end, &given, err));
    if (!given) v.end = v.start;
    KAM__TRY(kam__rj_number(&v.capacity, o, "capacity", 0, err));
    KAM__TRY(kam__rj_number(&v.open, o, "open", 0, err));
    KAM__TRY(kam__rj_number(&v.close, o, "close", 0, err));
    KAM__TRY(kam__rj_number(&v.duration, o, "duration", 0, err));
    KAM__TRY(kam__rj_number(&v.driving, o, "driving", 0, err));
    KAM__TRY(kam__rj_number(&v.visits, o, "visits", 0, err));
    if (v.visits > 100000) v.visits = 0;
    if (on) KAM__TRY(kam__rj_days(j, &days, on, err));
    for (uint32_t d = 0; d < r->nday; d++) {
        v.off = !(days >> d & 1u);
        r->shift[d * r->nvehicle + i] = v;
    }
    j->vehicle[i] = o;
    KAM__TRY(kam__rj_breaks(j, i, o, err));
    return kam__rj_nights(j, i, o, err);
}

int32_t kam__rj_vehicle(const kam__rjson *j, uint32_t *out, const kam__json *v, kam_error *err) {
    const char *id = NULL;
    KAM__TRY(kam__json_str(&id, v, "vehicle", err));
    for (*out = 0; *out < j->r->nvehicle; ++*out)
        if (strcmp(j->r->vehicle[*out], id) == 0) return KAM_OK;
    return kam__json_fail(v, KAM_E_PARSE, err, "there is no vehicle \"%s\"", id);
}

/* ---------------------------------------------------------------- customers */

/* Leaves out patterns with a day that is not allowed. */
static void rtjson_within(kam__rcustomer *c, uint64_t days) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->npattern; i++)
        if (!(c->pattern[i] & ~days)) c->pattern[n++] = c->pattern[i];
    c->npattern = n;
}

static int32_t rtjson_patterns(kam__rjson *j, kam__rcustomer *c, const kam__json *o, kam_error *err) {
    const kam__json *list = NULL, *on = kam__json_get(o, "days");
    uint64_t days = kam__rj_all_days(j);
    KAM__TRY(kam__rj_array(&list, o, "patterns", err));
    if (on) KAM__TRY(kam__rj_days(j, &days, on, err));
    if (list && kam__rj_has_gaps(o))
        return kam__json_fail(list, KAM_E_PARSE, err, "a customer has either \"patterns\" or visits and gaps");
    if (kam__rj_has_gaps(o)) return kam__rj_gaps(j, c, o, days, err);
    uint32_t n = list ? list->n : j->r->nday;
    if (!(c->pattern = kam__rmake(j->r, n, sizeof *c->pattern))) return kam__nomem(err);
    for (const kam__json *v = list ? list->child : NULL; v; v = v->next) {
        KAM__TRY(kam__rj_days(j, &c->pattern[c->npattern], v, err));
        if (!c->pattern[c->npattern++]) return kam__json_fail(v, KAM_E_PARSE, err, "a pattern must have a day");
    }
    for (uint32_t d = 0; d < n && !list; d++) c->pattern[c->npattern++] = (uint64_t)1 << d;
    uint32_t all = c->npattern;
    rtjson_within(c, days);
    if (all && !c->npattern) return kam__json_fail(on, KAM_E_PARSE, err, "these days hold no pattern of the customer");
    return KAM_OK;
}

static int32_t rtjson_windows(kam__rjson *j, kam__rcustomer *c, const kam__json *o, kam_error *err) {
    const kam__json *list = NULL;
    KAM__TRY(kam__rj_array(&list, o, "windows", err));
    if (!list) return KAM_OK;
    if (!(c->window = kam__rmake(j->r, list->n, sizeof *c->window))) return kam__nomem(err);
    for (const kam__json *v = list->child; v; v = v->next) {
        kam__rhours *w = &c->window[c->nwindow++];
        const kam__json *days = kam__json_get(v, "days");
        KAM__TRY(kam__json_known(v, rtjson_window, KAM__LEN(rtjson_window), err));
        w->days = kam__rj_all_days(j);
        w->close = 1e12;
        if (days) KAM__TRY(kam__rj_days(j, &w->days, days, err));
        KAM__TRY(kam__rj_number(&w->open, v, "open", 0, err));
        KAM__TRY(kam__rj_number(&w->close, v, "close", 0, err));
        if (w->close < w->open) return kam__json_fail(v, KAM_E_PARSE, err, "a window must not close before it opens");
    }
    return KAM_OK;
}

static int32_t rtjson_order(kam__rcustomer *c, uint32_t day, const kam__json *lock, kam_error *err) {
    const kam__json *v = kam__json_get(lock, "order");
    const char *order = NULL;
    if (!v) return KAM_OK;
    KAM__TRY(kam__json_str(&order, v, "order", err));
    if (strcmp(order, "first") == 0) c->first |= (uint64_t)1 << day;
    else if (strcmp(order, "last") == 0) c->last |= (uint64_t)1 << day;
    else return kam__json_fail(v, KAM_E_PARSE, err, "order \"%s\" is not first or last", order);
    return KAM_OK;
}

static int32_t rtjson_locks(kam__rjson *j, kam__rcustomer *c, const kam__json *o, kam_error *err) {
    const kam__json *list = NULL;
    KAM__TRY(kam__rj_array(&list, o, "locks", err));
    if (!list) return KAM_OK;
    if (!(c->lock = kam__rmake(j->r, list->n, sizeof *c->lock))) return kam__nomem(err);
    for (const kam__json *v = list->child; v; v = v->next) {
        kam__rpromise *l = &c->lock[c->nlock++];
        uint32_t day = 0, vehicle = 0;
        KAM__TRY(kam__json_known(v, rtjson_lock, KAM__LEN(rtjson_lock), err));
        KAM__TRY(kam__rj_whole(&day, kam__json_get(v, "day"), "day", 1, j->r->nday, err));
        l->day = (int32_t)day - 1;
        l->vehicle = -1;
        if (kam__json_get(v, "vehicle")) {
            KAM__TRY(kam__rj_vehicle(j, &vehicle, kam__json_get(v, "vehicle"), err));
            l->vehicle = (int32_t)vehicle;
        }
        KAM__TRY(rtjson_order(c, day - 1, v, err));
        KAM__TRY(kam__rj_number(&l->open, v, "open", 0, err));
        KAM__TRY(kam__rj_number(&l->close, v, "close", 0, err));
        if (l->close > 0 && l->close < l->open)
            return kam__json_fail(v, KAM_E_PARSE, err, "a lock must not close before it opens");
    }
    return KAM_OK;
}

static int32_t rtjson_eligible(kam__rjson *j, kam__rcustomer *c, const kam__json *o, kam_error *err) {
    const kam__json *list = NULL;
    KAM__TRY(kam__rj_array(&list, o, "vehicles", err));
    if (!list) return KAM_OK;
    if (!(c->vehicles = kam__rmake(j->r, j->r->nvehicle / 32 + 1, sizeof *c->vehicles))) return kam__nomem(err);
    for (const kam__json *v = list->child; v; v = v->next) {
        uint32_t vehicle = 0;
        KAM__TRY(kam__rj_vehicle(j, &vehicle, v, err));
        c->vehicles[vehicle / 32] |= (uint32_t)1 << (vehicle % 32);
    }
    return KAM_OK;
}

static int32_t rtjson_customer_read(kam__rjson *j, const kam__json *o, kam_error *err) {
    kam__rcustomer *c = &j->r->customer[j->r->ncustomer];
    int given = 0;
    KAM__TRY(kam__json_known(o, rtjson_customer, KAM__LEN(rtjson_customer), err));
    KAM__TRY(kam__json_str(&c->id, kam__json_get(o, "id"), "id", err));
    KAM__TRY(kam__rj_place(j, o, "place", "x", "y", &c->place, &given, err));
    if (!given) return kam__json_fail(o, KAM_E_PARSE, err, "a customer needs %s", j->matrix ? "\"place\""
                                      : "\"x\", \"y\"");
    KAM__TRY(kam__rj_number(&c->demand, o, "demand", 0, err));
    KAM__TRY(kam__rj_number(&c->service, o, "service", 0, err));
    KAM__TRY(kam__rj_number(&c->prize, o, "prize", 0, err));
    if (kam__json_get(o, "same_vehicle"))
        KAM__TRY(kam__json_bool(&c->same_vehicle, kam__json_get(o, "same_vehicle"), "same_vehicle", err));
    KAM__TRY(rtjson_patterns(j, c, o, err));
    KAM__TRY(rtjson_windows(j, c, o, err));
    KAM__TRY(rtjson_eligible(j, c, o, err));
    KAM__TRY(kam__rj_eligible(j, c, o, err));
    KAM__TRY(rtjson_locks(j, c, o, err));
    j->r->ncustomer++;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the whole */

static int32_t rtjson_matrix(kam__rjson *j, const int64_t **out, const kam__json *list, uint32_t n, const char *key,
                           kam_error *err) {
    int64_t *cell = kam__rmake(j->r, (size_t)n * n, sizeof *cell);
    size_t at = 0;
    if (!cell) return kam__nomem(err);
    if (list->n != n) return kam__json_fail(list, KAM_E_PARSE, err, "\"%s\" must have %u rows", key, (unsigned)n);
    for (const kam__json *row = list->child; row; row = row->next) {
        if (row->type != KAM__J_ARRAY || row->n != n)
            return kam__json_fail(row, KAM_E_PARSE, err, "a row of \"%s\" must have %u numbers", key, (unsigned)n);
        for (const kam__json *v = row->child; v; v = v->next) {
            uint32_t cost = 0;
            KAM__TRY(kam__rj_whole(&cost, v, key, 0, KAM__ROUTE_MAX - 1, err));
            cell[at++] = cost;
        }
    }
    *out = cell;
    return KAM_OK;
}

static int32_t rtjson_places(kam__rjson *j, size_t ncustomer, size_t nplace, kam_error *err) {
    kam_route *r = j->r;
    const kam__json *cost = NULL, *time = NULL;
    KAM__TRY(kam__rj_array(&cost, j->root, "cost", err));
    KAM__TRY(kam__rj_array(&time, j->root, "time", err));
    if (time && !cost) return kam__json_fail(time, KAM_E_PARSE, err, "\"time\" needs \"cost\"");
    j->matrix = cost != NULL;
    r->metric = cost ? KAM__METRIC_MATRIX : KAM__METRIC_EXACT;
    if (!cost) return (r->place = kam__rmake(r, ncustomer + nplace, sizeof *r->place)) ? KAM_OK : kam__nomem(err);
    if (!cost->n || cost->n > 30000) return kam__json_fail(cost, KAM_E_LIMIT, err, "\"cost\" must have 1..30000 rows");
    r->nplace = cost->n;
    KAM__TRY(rtjson_matrix(j, &r->cost, cost, r->nplace, "cost", err));
    return time ? rtjson_matrix(j, &r->time, time, r->nplace, "time", err) : KAM_OK;
}

static int32_t rtjson_read(kam__rjson *j, kam_error *err) {
    kam_route *r = j->r;
    const kam__json *customers = NULL, *vehicles = NULL;
    uint32_t i = 0;
    if (j->root->type != KAM__J_OBJECT) return kam__json_fail(j->root, KAM_E_TYPE, err, "a problem must be an object");
    KAM__TRY(kam__json_known(j->root, rtjson_top, KAM__LEN(rtjson_top), err));
    KAM__TRY(kam__rj_whole(&r->nday, kam__json_get(j->root, "days"), "days", 1, KAM__ROUTE_DAYS, err));
    KAM__TRY(kam__rj_array(&customers, j->root, "customers", err));
    KAM__TRY(kam__rj_array(&vehicles, j->root, "vehicles", err));
    if (!customers || !vehicles || !vehicles->n || vehicles->n > 30000)
        return kam__json_fail(j->root, KAM_E_PARSE, err, "a problem needs \"customers\" and 1..30000 \"vehicles\"");
    r->nvehicle = vehicles->n;
    size_t nplace = 0;
    for (const kam__json *v = vehicles->child; v; v = v->next) {
        const kam__json *nights = kam__json_get(v, "nights");
        nplace += 2 + (nights ? nights->n : 0);
    }
    KAM__TRY(rtjson_places(j, customers->n, nplace, err));
    r->vehicle = kam__rmake(r, r->nvehicle, sizeof *r->vehicle);
    j->vehicle = kam__rmake(r, r->nvehicle, sizeof *j->vehicle);
    r->shift = kam__rmake(r, (size_t)r->nday * r->nvehicle, sizeof *r->shift);
    r->customer = kam__rmake(r, customers->n, sizeof *r->customer);
    if (!r->vehicle || !j->vehicle || !r->shift || !r->customer) return kam__nomem(err);
    for (const kam__json *v = vehicles->child; v; v = v->next) KAM__TRY(rtjson_vehicle_read(j, v, i++, err));
    for (const kam__json *v = customers->child; v; v = v->next) KAM__TRY(rtjson_customer_read(j, v, err));
    return KAM_OK;
}

int32_t kam__rread_json(kam_route *r, const char *text, size_t len, kam_error *err) {
    kam__rjson j = {.r = r};
    KAM__TRY(kam__json_parse(&j.root, &r->arena, text, len, 0, err));
    return rtjson_read(&j, err);
}
