/*
 * route_write.c - plans as text. Lengths are summed anew from the input's own distances, not from the engine's units.
 */
#include <math.h>
#include "route_text.h"

typedef struct rwrite_route { uint32_t day, vehicle, n; const int32_t *stop; double length, load; } rwrite_route;

/* v with 4 decimals, halves up. */
static void rwrite_number(kam_buf *out, double v, uint32_t scale) {
    kam__buf_dec(out, (int64_t)floor(v * (double)kam__pow10[scale] + 0.5), scale);
}

static int rwrite_stops(rwrite_route *w, const kam_route *r, uint32_t i, int32_t *begin) {
    *w = (rwrite_route){.day = i / r->nvehicle, .vehicle = i % r->nvehicle};
    w->n = kam__route_stops(r->engine, w->day, w->vehicle, &w->stop, begin);
    uint32_t at = r->shift[i].start;
    for (uint32_t k = 0; k < w->n; k++) {
        const kam__rcustomer *c = &r->customer[w->stop[k]];
        w->length += kam__rdistance(r, at, c->place);
        w->load += c->demand;
        at = c->place;
    }
    if (w->n) w->length += kam__rdistance(r, at, r->shift[i].end);
    return w->n > 0;
}

static double rwrite_cost(const kam_route *r) {
    double sum = 0;
    rwrite_route w;
    for (uint32_t i = 0; i < r->nday * r->nvehicle; i++)
        if (rwrite_stops(&w, r, i, NULL)) sum += w.length;
    return sum;
}

static uint32_t rwrite_scale(const kam_route *r) { return r->metric == KAM__METRIC_EXACT ? 4 : 2; }

int32_t kam__rwrite_res(kam_buf *out, const kam_route *r, kam_error *err) {
    rwrite_route w;
    rwrite_number(out, rwrite_cost(r), rwrite_scale(r));
    kam__buf_char(out, '\n');
    for (uint32_t i = 0; i < r->nday * r->nvehicle; i++) {
        if (!rwrite_stops(&w, r, i, NULL)) continue;
        uint32_t group = r->per_depot ? w.vehicle / r->per_depot : w.day;
        kam__buf_printf(out, "%u %u ", group + 1, (r->per_depot ? w.vehicle % r->per_depot : w.vehicle) + 1);
        rwrite_number(out, w.length, rwrite_scale(r));
        kam__buf_char(out, ' ');
        kam__buf_f64(out, w.load);
        kam__buf_str(out, " 0");
        for (uint32_t k = 0; k < w.n; k++) kam__buf_printf(out, " %s", r->customer[w.stop[k]].id);
        kam__buf_str(out, " 0\n");
    }
    return kam__buf_end(out, err);
}

/* ---------------------------------------------------------------- JSON */

static void rwrite_id(kam_buf *out, const char *key, const char *id) {
    kam__buf_json_text(out, key, KAM_NUL);
    kam__buf_char(out, ':');
    kam__buf_json_text(out, id, KAM_NUL);
}

static void rwrite_json_route(kam_buf *out, const kam_route *r, const rwrite_route *w, const int32_t *begin) {
    kam__buf_printf(out, "{\"day\":%u,", w->day + 1);
    rwrite_id(out, "vehicle", r->vehicle[w->vehicle]);
    kam__buf_str(out, ",\"length\":");
    rwrite_number(out, w->length, rwrite_scale(r));
    kam__buf_str(out, ",\"load\":");
    kam__buf_f64(out, w->load);
    kam__buf_str(out, ",\"stops\":[");
    for (uint32_t k = 0; k < w->n; k++) {
        kam__buf_str(out, k ? ",{" : "{");
        rwrite_id(out, "customer", r->customer[w->stop[k]].id);
        kam__buf_str(out, ",\"begin\":");
        kam__buf_f64(out, (double)begin[k] / (double)r->unit);
        kam__buf_char(out, '}');
    }
    kam__buf_str(out, "]}");
}

static void rwrite_unplanned(kam_buf *out, const kam_route *r) {
    static const char *const reason[] = {"", "days", "vehicles", "reach", "capacity", "visits", "hours", "price", "several"};
    int first = 1;
    for (uint32_t c = 0; c < r->ncustomer; c++) {
        int why = kam__route_why(r->engine, c);
        if (why == KAM__ROUTE_PLANNED) continue;
        kam__buf_str(out, first ? "{" : ",{");
        first = 0;
        rwrite_id(out, "customer", r->customer[c].id);
        kam__buf_char(out, ',');
        rwrite_id(out, "reason", reason[why]);
        kam__buf_char(out, '}');
    }
}

int32_t kam__rwrite_json(kam_buf *out, const kam_route *r, kam_error *err) {
    int32_t *begin = kam__zalloc_n(r->ctx, kam__route_longest(r->engine) + 1, sizeof *begin);
    rwrite_route w;
    int first = 1;
    if (!begin) return kam__nomem(err);
    kam__buf_str(out, "{\"cost\":");
    rwrite_number(out, rwrite_cost(r), rwrite_scale(r));
    kam__buf_printf(out, ",\"missing\":%u,\"routes\":[", kam__route_missing(r->engine));
    for (uint32_t i = 0; i < r->nday * r->nvehicle; i++) {
        if (!rwrite_stops(&w, r, i, begin)) continue;
        if (!first) kam__buf_char(out, ',');
        first = 0;
        rwrite_json_route(out, r, &w, begin);
    }
    kam__free(r->ctx, begin);
    kam__buf_str(out, "],\"unplanned\":[");
    rwrite_unplanned(out, r);
    kam__buf_str(out, "]}");
    return kam__buf_end(out, err);
}
