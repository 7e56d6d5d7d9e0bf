/*
 * lua_learn.c - groups, chances and series for Lua 5.4; kam_lua.c tells the idea. Tables come as one list, row by row,
 * with their columns.
 */
#include "kam_lua.h"

/* Memory of the Lua state, which stays on the stack. */
static void *room(lua_State *L, size_t n, size_t size) { return lua_newuserdatauv(L, (n ? n : 1) * size, 0); }

static double *reals_at(lua_State *L, int i, size_t *n) {
    luaL_checktype(L, i, LUA_TTABLE);
    *n = lua_rawlen(L, i);
    double *list = room(L, *n, sizeof *list);
    for (size_t k = 0; k < *n; k++) {
        lua_rawgeti(L, i, (lua_Integer)k + 1);
        list[k] = luaL_checknumber(L, -1);
        lua_pop(L, 1);
    }
    return list;
}

static int32_t *wholes_at(lua_State *L, int i, size_t *n) {
    luaL_checktype(L, i, LUA_TTABLE);
    int64_t *wide = kam_lua_numbers_at(L, i, n);
    int32_t *list = room(L, *n, sizeof *list);
    for (size_t k = 0; k < *n; k++) list[k] = (int32_t)wide[k];
    return list;
}

static void reals_push(lua_State *L, const double *list, size_t n) {
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushnumber(L, list[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* standardize(list, columns) -> list, means, deviations. */
static int l_standardize(lua_State *L) {
    core *k = kam_lua_start(L);
    size_t n;
    double *x = reals_at(L, 1, &n);
    uint32_t columns = U(2);
    double *mean = room(L, columns, sizeof *mean), *sd = room(L, columns, sizeof *sd);
    int32_t rc = kam_standardize(mean, sd, x, columns ? n / columns : 0, columns, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    reals_push(L, x, n);
    reals_push(L, mean, columns);
    reals_push(L, sd, columns);
    return 3;
}

/* kmeans(ctx, list, columns, k, options) -> groups from 0, centres, inertia. */
static int l_kmeans(lua_State *L) {
    core *c = kam_lua_start(L);
    size_t n;
    const double *x = reals_at(L, 2, &n);
    uint32_t columns = U(3), k = U(4);
    OPTIONS(kam_kmeans_options, 5);
    TAKE(5, uint32_t, restarts);
    TAKE(5, uint64_t, seed);
    TAKE(5, uint32_t, iterations);
    TAKE(5, uint32_t, first_column);
    o.k = k;
    n /= columns ? columns : 1;
    uint32_t *group = room(L, n, sizeof *group);
    double *centre = room(L, (size_t)k * columns, sizeof *centre), inertia = 0;
    int32_t rc = kam_kmeans(group, centre, &inertia, H0(ctx, 1), x, n, columns, &o, c->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushinteger(L, group[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    reals_push(L, centre, (size_t)k * columns);
    lua_pushnumber(L, inertia);
    return 3;
}

/* silhouette(list, columns, groups, k, most). */
static int l_silhouette(lua_State *L) {
    core *c = kam_lua_start(L);
    size_t n, rows;
    const double *x = reals_at(L, 1, &n);
    const int32_t *group = wholes_at(L, 3, &rows);
    double out = 0;
    int32_t rc = kam_silhouette(&out, NULL, x, rows, U(2), (const uint32_t *)group, U(4), (size_t)I(5), c->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    lua_pushnumber(L, out);
    return 1;
}

/* logistic_fit(ctx, list, columns, y). */
static int l_logistic_fit(lua_State *L) {
    core *k = kam_lua_start(L);
    size_t n, rows;
    const double *x = reals_at(L, 2, &n);
    const int32_t *y = wholes_at(L, 4, &rows);
    kam_logistic *out = NULL;
    handle *h = HANDLE_NEW(logistic);
    int32_t rc = kam_logistic_fit(&out, H0(ctx, 1), x, y, rows, U(3), k->err);
    return kam_lua_handle_made(L, rc, h, out);
}

static int l_logistic_figure(lua_State *L) {
    kam_lua_start(L);
    lua_pushnumber(L, kam_logistic_figure(H(logistic, 1), U(2), 0));
    return 1;
}

/* logistic_predict(model, list, n). */
static int l_logistic_predict(lua_State *L) {
    core *k = kam_lua_start(L);
    size_t n, rows = (size_t)I(3);
    const double *x = reals_at(L, 2, &n);
    double *out = room(L, rows, sizeof *out);
    int32_t rc = kam_logistic_predict(out, H(logistic, 1), x, rows, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    reals_push(L, out, rows);
    return 1;
}

/* score_measure(p, y) -> { auc, brier, base_brier }, counts, predicted, observed. */
static int l_score_measure(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_score s = {.struct_size = sizeof s};
    double count[KAM_SCORE_BANDS];
    size_t n, rows;
    const double *p = reals_at(L, 1, &n);
    const int32_t *y = wholes_at(L, 2, &rows);
    int32_t rc = kam_score_measure(&s, NULL, p, y, n, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    for (int i = 0; i < KAM_SCORE_BANDS; i++) count[i] = (double)s.count[i];
    const double figures[3] = {s.auc, s.brier, s.base_brier};
    reals_push(L, figures, 3);
    reals_push(L, count, KAM_SCORE_BANDS);
    reals_push(L, s.predicted, KAM_SCORE_BANDS);
    reals_push(L, s.observed, KAM_SCORE_BANDS);
    return 4;
}

/* forecast(series, season, horizon) -> values, naive, figures of the fit. */
static int l_forecast(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_forecast_fit fit = {.struct_size = sizeof fit};
    size_t n;
    const double *y = reals_at(L, 1, &n);
    uint32_t horizon = U(3);
    double *out = room(L, horizon, sizeof *out), *naive = room(L, horizon, sizeof *naive);
    int32_t rc = kam_forecast(out, naive, &fit, y, n, U(2), horizon, NULL, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    const double figures[7] = {fit.seasonal, fit.alpha, fit.beta, fit.gamma, fit.phi, fit.mae, fit.naive_mae};
    reals_push(L, out, horizon);
    reals_push(L, naive, horizon);
    reals_push(L, figures, 7);
    return 3;
}

const luaL_Reg kam_lua_learn[] = {
    F(standardize), F(kmeans), F(silhouette), F(logistic_fit), F(logistic_figure), F(logistic_predict),
    F(score_measure), F(forecast), {NULL, NULL}};
