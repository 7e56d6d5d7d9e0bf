/*
 * lua_value.c - what accounts are worth, for Lua 5.4: value runs and lists, lifetime value; kam_lua.c tells the idea.
 */
#include "kam_lua.h"

static kam_value_options value_options(lua_State *L, int i) {
    OPTIONS(kam_value_options, i);
    TAKE(i, int32_t, from);
    TAKE(i, int32_t, to);
    TAKE(i, int64_t, share_a);
    TAKE(i, int64_t, share_b);
    TAKE_TEXT(i, currency);
    TAKE_TEXT(i, settings);
    return o;
}

/* value_NAME(book, options, ...): `takes` reads the options into o, the rest are the call's further arguments. */
#define MAKES_BY(kind, name, type, takes, ...)                                                                         \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = kam_lua_start(L);                                                                                    \
        OPTIONS(type, 2);                                                                                              \
        kam_##kind *out = NULL;                                                                                        \
        handle *h = HANDLE_NEW(kind);                                                                                  \
        takes;                                                                                                         \
        int32_t rc = kam_##name(&out, H(book, 1), &o, __VA_ARGS__, k->err);                                            \
        return kam_lua_handle_made(L, rc, h, out);                                                                     \
    }
MAKES_BY(run, value_run, kam_value_options, o = value_options(L, 2), D(3))
MAKES_BY(rows, value_periods, kam_value_options, o = value_options(L, 2), U(3), D(4))
MAKES_BY(rows, value_profiles, kam_value_options, o = value_options(L, 2), D(3))
MAKES_BY(rows, value_companies, kam_value_options, o = value_options(L, 2), D(3))
MAKES_BY(rows, value_groups, kam_value_options, o = value_options(L, 2), D(3))
MAKES_BY(rows, value_shared_costs, kam_value_options, o = value_options(L, 2), D(3))
MAKES_BY(rows, value_declines, kam_decline_options,
         TAKE(2, uint32_t, figure); TAKE(2, int64_t, drop); TAKE(2, int64_t, silence); TAKE_TEXT(2, currency), D(3))
MAKES_BY(rows, value_whitespace, kam_whitespace_options,
         TAKE(2, int32_t, from); TAKE(2, int32_t, to); TAKE(2, int64_t, least); TAKE(2, uint32_t, like), D(3))
MAKES_BY(rows, value_forecasts, kam_forecast_options,
         TAKE(2, uint32_t, months); TAKE(2, uint32_t, history); TAKE_TEXT(2, version); TAKE_TEXT(2, currency), D(3))
MAKES_BY(run, clv_run, kam_clv_options,
         TAKE(2, uint32_t, model); TAKE(2, uint32_t, unit); TAKE(2, int32_t, from); TAKE(2, uint32_t, months);
         TAKE_TEXT(2, currency); o.rate = kam_lua_real_in(L, 2, "rate"), D(3))
MAKES(rows, value_rebates, H(book, 1), T(2), D(3))
MAKES(rows, value_forecast_variance, H(book, 1), S(2), D(3))

/* ---------------------------------------------------------------- lifetime value */

/* A list of numbers of the table at i as doubles, in memory of the Lua state, which stays on the stack; NULL = none. */
static double *reals_in(lua_State *L, int i, const char *name, size_t n) {
    if (lua_getfield(L, i, name) != LUA_TTABLE) return NULL;
    int list = lua_gettop(L);
    double *made = lua_newuserdatauv(L, (n ? n : 1) * sizeof *made, 0);
    for (size_t row = 0; row < n; row++) {
        lua_rawgeti(L, list, (lua_Integer)row + 1);
        made[row] = luaL_checknumber(L, -1);
        lua_pop(L, 1);
    }
    return made;
}

static void *integers_in(lua_State *L, int i, const char *name, size_t n, int wide) {
    if (lua_getfield(L, i, name) != LUA_TTABLE) return NULL;
    int list = lua_gettop(L);
    void *made = lua_newuserdatauv(L, (n ? n : 1) * sizeof(int64_t), 0);
    for (size_t row = 0; row < n; row++) {
        lua_rawgeti(L, list, (lua_Integer)row + 1);
        int64_t value = luaL_checkinteger(L, -1);
        if (wide) ((int64_t *)made)[row] = value;
        else ((int32_t *)made)[row] = (int32_t)value;
        lua_pop(L, 1);
    }
    return made;
}

/* Accounts in columns: {n =, x =, tx =, t =, m =, weight =}. */
static kam_clv_rows clv_rows(lua_State *L, int i) {
    kam_clv_rows rows = {.struct_size = sizeof rows};
    rows.n = (size_t)kam_lua_number_in(L, i, "n");
    rows.x = integers_in(L, i, "x", rows.n, 0);
    rows.tx = reals_in(L, i, "tx", rows.n);
    rows.t = reals_in(L, i, "t", rows.n);
    rows.m = reals_in(L, i, "m", rows.n);
    rows.weight = integers_in(L, i, "weight", rows.n, 1);
    return rows;
}

static void reals_push(lua_State *L, const double *list, size_t n) {
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushnumber(L, list[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static double *reals_new(lua_State *L, size_t n) { return lua_newuserdatauv(L, (n ? n : 1) * sizeof(double), 0); }

static int l_clv_fit(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_clv_rows rows = clv_rows(L, 3);
    kam_clv *out = NULL;
    handle *h = HANDLE_NEW(clv);
    int32_t rc = kam_clv_fit(&out, H0(ctx, 1), U(2), &rows, k->err);
    return kam_lua_handle_made(L, rc, h, out);
}

/* nil = the model has no such figure. */
static int l_clv_figure(lua_State *L) {
    kam_lua_start(L);
    double a = kam_clv_figure(H(clv, 1), U(2), 0), b = kam_clv_figure(H(clv, 1), U(2), 1);
    if (a < b || a > b) lua_pushnil(L);
    else lua_pushnumber(L, a);
    return 1;
}

WRITES(clv_to_json, H(clv, 1))
MAKES(clv, clv_from_json, H0(ctx, 1), T(2))

/* clv_predict(model, rows, horizon) -> expected purchases, probabilities of being active. */
static int l_clv_predict(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_clv_rows rows = clv_rows(L, 2);
    double *expected = reals_new(L, rows.n), *alive = reals_new(L, rows.n);
    int32_t rc = kam_clv_predict(expected, alive, H(clv, 1), &rows, luaL_checknumber(L, 3), k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    reals_push(L, expected, rows.n);
    reals_push(L, alive, rows.n);
    return 2;
}

static int l_clv_spend(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_clv_rows rows = clv_rows(L, 2);
    double *out = reals_new(L, rows.n);
    int32_t rc = kam_clv_spend(out, H(clv, 1), &rows, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    reals_push(L, out, rows.n);
    return 1;
}

/* clv_value(purchases, spending, rows, step, steps, rate) -> discounted values. */
static int l_clv_value(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_clv_rows rows = clv_rows(L, 3);
    double *out = reals_new(L, rows.n), step = luaL_checknumber(L, 4), rate = luaL_checknumber(L, 6);
    int32_t rc = kam_clv_value(out, H(clv, 1), H(clv, 2), &rows, step, U(5), rate, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    reals_push(L, out, rows.n);
    return 1;
}

const luaL_Reg kam_lua_value[] = {
    F(value_run), F(value_periods), F(value_profiles), F(value_declines), F(value_whitespace), F(value_forecasts),
    F(value_companies), F(value_groups), F(value_shared_costs),
    F(value_rebates), F(value_forecast_variance), F(clv_run), F(clv_fit), F(clv_figure), F(clv_to_json),
    F(clv_from_json), F(clv_predict), F(clv_spend), F(clv_value), {NULL, NULL}};
