/*
 * route.c - the routing engine as a public handle: a problem read from text, and its best plan so far.
 */
#include "route_text.h"

void *kam__rmake(kam_route *r, size_t n, size_t size) {
    if (size && n > (size_t)-1 / 2 / size) return NULL;
    void *p = kam__arena_alloc(&r->arena, n * size + 1);
    return p ? memset(p, 0, n * size + 1) : NULL;
}

static int32_t route_read(kam_route *r, const char *format, const char *text, size_t len, kam_error *err) {
    if (strcmp(format, "cordeau") == 0) return kam__rread_cordeau(r, text, len, err);
    if (strcmp(format, "vrplib") == 0) return kam__rread_vrplib(r, text, len, err);
    if (strcmp(format, "json") == 0) return kam__rread_json(r, text, len, err);
    return kam__fail(err, KAM_E_INVAL, "format \"%s\" is not json, cordeau or vrplib", format);
}

int32_t kam_route_parse(kam_route **out, kam_ctx *ctx, const char *format, const char *text, size_t len,
                        kam_error *err) {
    if (!out) return kam__null_arg(err, "out");
    if (!format) return kam__null_arg(err, "format");
    if (!text) return kam__null_arg(err, "text");
    KAM__TRY(kam__ctx_take(&ctx, ctx, err));
    kam_route *r = kam__zalloc(ctx, sizeof *r);
    if (!r) {
        kam_ctx_free(ctx);
        return kam__nomem(err);
    }
    r->ctx = ctx;
    kam__arena_init(&r->arena, ctx, 0);
    int32_t rc = route_read(r, format, text, len == KAM_NUL ? strlen(text) : len, err);
    if (rc == KAM_OK) rc = kam__rbuild(r, err);
    if (rc == KAM_OK) rc = kam__route_new(&r->engine, ctx, &r->problem, err);
    if (rc == KAM_OK) *out = r;
    else kam_route_free(r);
    return rc;
}

void kam_route_free(kam_route *route) {
    if (!route) return;
    kam_ctx *ctx = route->ctx;
    kam__route_end(route->engine);
    kam__arena_free(&route->arena);
    kam__free(ctx, route);
    kam_ctx_free(ctx);
}

int32_t kam_route_budget(kam_route *route, kam_route_spent_fn spent, void *user, kam_error *err) {
    if (!route) return kam__null_arg(err, "route");
    route->spent = spent;
    route->user = user;
    return KAM_OK;
}

int32_t kam_route_solve(int64_t *cost, kam_route *route, uint64_t seed, uint64_t iterations, kam_error *err) {
    if (!route) return kam__null_arg(err, "route");
    if (!iterations && !route->spent)
        return kam__fail(err, KAM_E_INVAL,
                         "a number of iterations, or a callback set by kam_route_budget(), must end it");
    const kam__route_budget budget = {seed, iterations, route->spent, route->user};
    route->solved = 1;
    KAM__TRY(kam__route_search(route->engine, &budget, err));
    uint32_t missing = kam__route_missing(route->engine);
    if (missing)
        return kam__fail(err, KAM_E_NOT_FOUND,
                         "%u of %u customers fit into no plan found so far: search longer, or see the reasons in the "
                         "plan's list \"unplanned\"", missing, route->ncustomer);
    if (cost) *cost = kam__route_cost(route->engine);
    return KAM_OK;
}

static int64_t route_unplanned(const kam_route *r) {
    int64_t n = 0;
    for (uint32_t c = 0; c < r->ncustomer; c++)
        n += r->problem.customer[c].pattern.n && !kam__route_days(r->engine, c);
    return n;
}

int64_t kam_route_figure(const kam_route *route, uint32_t what) {
    if (!route) return -1;
    switch (what) {
    case KAM_ROUTE_COST: return route->solved ? kam__route_cost(route->engine) : -1;
    case KAM_ROUTE_UNIT: return route->unit;
    case KAM_ROUTE_MISSING: return route->solved ? (int64_t)kam__route_missing(route->engine) : -1;
    case KAM_ROUTE_UNPLANNED: return route->solved ? route_unplanned(route) : -1;
    case KAM_ROUTE_ITERATIONS: return (int64_t)kam__route_iterations(route->engine);
    case KAM_ROUTE_MEMORY: return (int64_t)kam__route_memory(route->engine);
    case KAM_ROUTE_DAYS: return route->nday;
    case KAM_ROUTE_VEHICLES: return route->nvehicle;
    case KAM_ROUTE_CUSTOMERS: return route->ncustomer;
    default: return -1;
    }
}

int32_t kam_route_write(kam_buf *out, kam_route *route, const char *format, kam_error *err) {
    if (!out) return kam__null_arg(err, "out");
    if (!route) return kam__null_arg(err, "route");
    if (!format) return kam__null_arg(err, "format");
    int res = strcmp(format, "res") == 0;
    if (!res && strcmp(format, "json") != 0)
        return kam__fail(err, KAM_E_INVAL, "format \"%s\" is not json or res", format);
    if (!route->solved) return kam__fail(err, KAM_E_NOT_FOUND, "there is no plan yet: call kam_route_solve() first");
    kam__buf_clear(out);
    return res ? kam__rwrite_res(out, route, err) : kam__rwrite_json(out, route, err);
}
