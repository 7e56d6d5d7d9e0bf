/*
 * kam_lua.c - libkam for Lua 5.4: the module kam_lua, the lower half of kam.lua; kam_ffi.lua is the same for LuaJIT.
 *
 * One Lua function for each function of the library, under its name without "kam_", arguments in the same order and
 * without lengths and error handle; options come as a table. A call answers what it makes, or nil and the code of its
 * failure, whose details are told by error_detail(). A handle is a userdata that ends itself; what is lent, a light
 * one. Names, types, days and messages are kam.lua's work.
 */
#include <kam.h>
#include <lauxlib.h>
#include <lua.h>
#ifdef KAM_HAVE_SQLITE
#include <kam/adapter/sqlite.h>
#include <sqlite3.h>
#endif

/* One for each Lua state, behind every function as its upvalue. */
typedef struct core {
    lua_State *L;                           /* of the call under way, for what the library calls back */
    kam_error *err;
} core;

/* Leaves exactly ARGUMENTS on the stack, nil where one is missing: what a function makes lies behind them. */
enum { ARGUMENTS = 6 };

static core *start(lua_State *L) {
    core *k = lua_touserdata(L, lua_upvalueindex(1));
    lua_settop(L, ARGUMENTS);
    k->L = L;
    return k;
}

static int failed(lua_State *L, int32_t rc) {
    lua_pushnil(L);
    lua_pushinteger(L, rc);
    return 2;
}

static int done(lua_State *L, int32_t rc) {
    if (rc < 0) return failed(L, rc);
    lua_pushboolean(L, 1);
    return 1;
}

static int lent(lua_State *L, int32_t rc, const void *p) {
    if (rc < 0) return failed(L, rc);
    if (p) lua_pushlightuserdata(L, (void *)(uintptr_t)p);
    else lua_pushnil(L);
    return 1;
}

/* ---------------------------------------------------------------- handles */

typedef struct handle {
    void *p;                                /* NULL once it is ended */
    void (*end)(void *p);
} handle;

#ifdef KAM_HAVE_SQLITE
static void connection_close(sqlite3 *db) { sqlite3_close_v2(db); }
typedef sqlite3 kam_connection;
#define KINDS_OF_SQLITE(X) X(connection, connection_close)
#else
#define KINDS_OF_SQLITE(X)
#endif
#define KINDS(X)                                                                                                       \
    X(ctx, kam_ctx_free) X(buf, kam_buf_free) X(store, kam_store_free) X(book, kam_book_close)                         \
    X(record, kam_record_free) X(rows, kam_rows_free) X(query, kam_query_free) X(import, kam_import_free)              \
    X(run, kam_run_free) X(why, kam_why_free) X(account, kam_account_free) X(scheme, kam_scheme_free)                  \
    X(scorecard, kam_scorecard_free) X(visit_plan, kam_visit_plan_free) KINDS_OF_SQLITE(X)
#define END(kind, end) static void end_##kind(void *p) { end(p); }
KINDS(END)

/* Made before the call that fills it, so that no memory for Lua is missing behind it. */
static handle *handle_new(lua_State *L, const char *kind, void (*end)(void *)) {
    handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = (handle){NULL, end};
    luaL_setmetatable(L, kind);
    return h;
}

static int handle_made(lua_State *L, int32_t rc, handle *h, void *p) {
    if (rc < 0) return failed(L, rc);
    h->p = p;
    return 1;
}

static void *handle_at(lua_State *L, int i, const char *kind) {
    handle *h = luaL_checkudata(L, i, kind);
    if (!h->p) luaL_error(L, "the %s is closed", kind + 4);
    return h->p;
}

static void *handle_or_null(lua_State *L, int i, const char *kind) {
    return lua_isnoneornil(L, i) ? NULL : handle_at(L, i, kind);
}

static int l_free(lua_State *L) {
    handle *h = lua_touserdata(L, 1);
    void *p = h->p;
    start(L);
    h->p = NULL;
    if (p) h->end(p);
    return 0;
}

/* ---------------------------------------------------------------- arguments */

#define H(kind, i) ((kam_##kind *)handle_at(L, i, "kam_" #kind))
#define H0(kind, i) ((kam_##kind *)handle_or_null(L, i, "kam_" #kind))
#define I(i) luaL_checkinteger(L, i)
#define D(i) ((int32_t)luaL_checkinteger(L, i))
#define U(i) ((uint32_t)luaL_checkinteger(L, i))
#define S(i) luaL_checkstring(L, i)
#define S0(i) luaL_optstring(L, i, NULL)
#define T(i) text_at(L, i), lua_rawlen(L, i)                /* a text and its length; nil = no value */
#define R(i) ((kam_record *)record_at(L, i))

static const char *text_at(lua_State *L, int i) { return lua_isnil(L, i) ? NULL : luaL_checkstring(L, i); }

/* A record of ours, or one lent. */
static void *record_at(lua_State *L, int i) {
    return lua_islightuserdata(L, i) ? lua_touserdata(L, i) : handle_at(L, i, "kam_record");
}

static int64_t number_in(lua_State *L, int table, const char *name) {
    lua_getfield(L, table, name);
    int64_t n = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    return n;
}

/* Lives as long as the table. */
static const char *text_in(lua_State *L, int table, const char *name) {
    lua_getfield(L, table, name);
    const char *text = luaL_optstring(L, -1, NULL);
    lua_pop(L, 1);
    return text;
}

/* A list of whole numbers, in memory of the Lua state, which stays on the stack. */
static int64_t *numbers_at(lua_State *L, int i, size_t *n) {
    *n = lua_rawlen(L, i);
    int64_t *list = lua_newuserdatauv(L, (*n ? *n : 1) * sizeof *list, 0);
    for (size_t k = 0; k < *n; k++) {
        lua_rawgeti(L, i, (lua_Integer)k + 1);
        list[k] = luaL_checkinteger(L, -1);
        lua_pop(L, 1);
    }
    return list;
}

/* ---------------------------------------------------------------- the shapes of functions */

#define MAKES(kind, name, ...)                                                                                         \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = start(L);                                                                                            \
        kam_##kind *out = NULL;                                                                                        \
        handle *h = handle_new(L, "kam_" #kind, end_##kind);                                                           \
        int32_t rc = kam_##name(&out, __VA_ARGS__, k->err);                                                            \
        return handle_made(L, rc, h, out);                                                                             \
    }
#define LENDS(name, ...)                                                                                               \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = start(L);                                                                                            \
        const kam_record *out = NULL;                                                                                  \
        int32_t rc = kam_##name(&out, __VA_ARGS__, k->err);                                                            \
        return lent(L, rc, out);                                                                                       \
    }
#define HAS(name, argument)                                                                                            \
    static int l_##name(lua_State *L) { return start(L), lent(L, 0, kam_##name(argument)); }
#define COUNTS(type, name, ...)                                                                                        \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = start(L);                                                                                            \
        type out = 0;                                                                                                  \
        int32_t rc = kam_##name(&out, __VA_ARGS__, k->err);                                                            \
        if (rc < 0) return failed(L, rc);                                                                              \
        lua_pushinteger(L, out);                                                                                       \
        return 1;                                                                                                      \
    }
#define DOES(name, ...)                                                                                                \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = start(L);                                                                                            \
        return done(L, kam_##name(__VA_ARGS__, k->err));                                                               \
    }
#define WRITES(name, ...)                                                                                              \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = start(L);                                                                                            \
        handle *h = handle_new(L, "kam_buf", end_buf);                                                                 \
        int32_t rc = kam_buf_new((kam_buf **)&h->p, NULL, k->err);                                                     \
        if (rc == KAM_OK) rc = kam_##name(h->p, __VA_ARGS__, k->err);                                                  \
        return written(L, rc, h);                                                                                      \
    }

static int written(lua_State *L, int32_t rc, handle *h) {
    if (rc < 0) return failed(L, rc);
    lua_pushlstring(L, kam_buf_data(h->p), kam_buf_size(h->p));
    end_buf(h->p);
    h->p = NULL;
    return 1;
}

COUNTS(int32_t, day_parse, T(1))
COUNTS(uint32_t, field_find, H(book, 1), U(2), S(3))
WRITES(schema_ddl, NULL, S(1))
MAKES(store, store_memory, H0(ctx, 1))
MAKES(store, store_file, H0(ctx, 1), T(2))
MAKES(store, store_file_read, H0(ctx, 1), T(2))
DOES(store_map, H(store, 1), T(2))
MAKES(rows, schema_rows, H(book, 1))
MAKES(book, book_known, H(book, 1), I(2))
COUNTS(int64_t, book_seq, H(book, 1), D(2))
DOES(book_set_actor, H(book, 1), T(2))
DOES(book_begin, H(book, 1), U(2))
DOES(book_commit, H(book, 1))
DOES(book_rollback, H(book, 1))
DOES(book_flush, H(book, 1))
MAKES(rows, book_verify, H(book, 1))
MAKES(record, book_get, H(book, 1), U(2), I(3), D(4))
COUNTS(int64_t, book_find, H(book, 1), U(2), S0(3), T(4))
DOES(book_save, H(book, 1), R(2))
DOES(book_delete, H(book, 1), U(2), I(3), I(4))
DOES(book_erase, H(book, 1), U(2), I(3), S0(4))
MAKES(rows, duplicates, H(book, 1), U(2))
MAKES(rows, import_totals, H(import, 1))
MAKES(rows, book_changes, H(book, 1), I(2))
LENDS(rows_next, H(rows, 1))
MAKES(query, query_new, H(book, 1), U(2))
DOES(query_where, H(query, 1), U(2), U(3), T(4))
DOES(query_select, H(query, 1), U(2))
DOES(query_order, H(query, 1), U(2), U(3))
DOES(query_limit, H(query, 1), (uint64_t)I(2), (uint64_t)I(3))
MAKES(rows, query_run, H(query, 1), D(2))
DOES(import_feed, H(import, 1), T(2))
DOES(import_add, H(import, 1), R(2))
DOES(import_finish, H(import, 1))
HAS(import_report, H(import, 1))
MAKES(rows, import_problems, H(import, 1))
COUNTS(int64_t, policy_add, H(book, 1), U(2), T(3))
DOES(policy_approve, H(book, 1), I(2), D(3), D(4))
DOES(policy_withdraw, H(book, 1), I(2), D(3))
COUNTS(int64_t, policy_in_force, H(book, 1), U(2), S(3), D(4))
MAKES(run, run_open, H(book, 1), I(2))
MAKES(run, run_undo, H(book, 1), I(2))
HAS(run_record, H(run, 1))
MAKES(rows, run_rows, H(run, 1), U(2))
MAKES(why, run_why, H(run, 1), I(2))
DOES(run_apply, H(run, 1), U(2))
HAS(why_record, H(why, 1))
MAKES(rows, why_rows, H(why, 1))
WRITES(why_text, H(why, 1), S0(2))
MAKES(account, account_open, H(book, 1), I(2), D(3))
DOES(account_refresh, H(account, 1))
HAS(account_record, H(account, 1))
LENDS(account_attributes, H(account, 1))
LENDS(account_fact, H(account, 1), U(2), S0(3))
MAKES(why, account_why, H(account, 1), U(2), S0(3))
MAKES(rows, account_rows, H(account, 1), U(2), D(3), D(4))
LENDS(account_value, H(account, 1), D(2), D(3))
MAKES(scheme, scheme_open, H(book, 1), S(2), D(3))
MAKES(scheme, scheme_parse, H0(ctx, 1), T(2))
MAKES(run, grading_run, H(book, 1), H(scheme, 2), D(3))
MAKES(scorecard, scorecard_open, H(book, 1), S(2), D(3))
MAKES(scorecard, scorecard_parse, H0(ctx, 1), T(2))
MAKES(run, scoring_run, H(book, 1), H(scorecard, 2), D(3))
MAKES(run, visit_plan_run, H(visit_plan, 1), D(2))
MAKES(rows, visit_due, H(book, 1), S0(2), I(3), D(4))
COUNTS(int64_t, visit_held, H(book, 1), R(2))
MAKES(record, record_new, H(book, 1), U(2))
DOES(record_set_i64, R(1), U(2), I(3))
DOES(record_set_f64, R(1), U(2), luaL_checknumber(L, 3))
DOES(record_set_text, R(1), U(2), T(3))

static int l_query_where_i64(lua_State *L) {
    core *k = start(L);
    size_t n = 0;
    const int64_t *list = numbers_at(L, 4, &n);
    return done(L, kam_query_where_i64(H(query, 1), U(2), U(3), list, n, k->err));
}

static int l_scorecard_score(lua_State *L) {
    core *k = start(L);
    int64_t points = 0;
    kam_why *why = NULL;
    handle *h = handle_new(L, "kam_why", end_why);
    int32_t rc = kam_scorecard_score(&points, &why, H(scorecard, 1), R(2), k->err);
    if (rc < 0) return failed(L, rc);
    h->p = why;
    lua_pushinteger(L, points);
    return 2;
}

/* ---------------------------------------------------------------- functions with options */

#define OPTIONS(type, i) type o = {.struct_size = sizeof o, .flags = (uint32_t)number_in(L, i, "flags")}

static int l_book_open(lua_State *L) {
    core *k = start(L);
    OPTIONS(kam_book_options, 3);
    kam_book *out = NULL;
    handle *h = handle_new(L, "kam_book", end_book);
    o.scope = text_in(L, 3, "scope");
    o.actor = text_in(L, 3, "actor");
    o.zone = text_in(L, 3, "zone");
    o.lang = text_in(L, 3, "lang");
    o.currency = text_in(L, 3, "currency");
    o.max_keys = (uint32_t)number_in(L, 3, "max_keys");
    int32_t rc = kam_book_open(&out, H0(ctx, 1), H0(store, 2), &o, k->err);
    return handle_made(L, rc, h, out);
}

static int l_rows_export(lua_State *L) {
    core *k = start(L);
    OPTIONS(kam_export_options, 2);
    handle *h = handle_new(L, "kam_buf", end_buf);
    o.format = (uint32_t)number_in(L, 2, "format");
    o.separator = (uint32_t)number_in(L, 2, "separator");
    o.lang = text_in(L, 2, "lang");
    int32_t rc = kam_buf_new((kam_buf **)&h->p, NULL, k->err);
    if (rc == KAM_OK) rc = kam_rows_export(h->p, H(rows, 1), &o, k->err);
    return written(L, rc, h);
}

static int l_import_new(lua_State *L) {
    core *k = start(L);
    OPTIONS(kam_import_options, 3);
    kam_import *out = NULL;
    handle *h = handle_new(L, "kam_import", end_import);
    o.format = (uint32_t)number_in(L, 3, "format");
    o.separator = (uint32_t)number_in(L, 3, "separator");
    o.batch = text_in(L, 3, "batch");
    o.source = text_in(L, 3, "source");
    o.mapping = text_in(L, 3, "mapping");
    o.encoding = text_in(L, 3, "encoding");
    int32_t rc = kam_import_new(&out, H(book, 1), U(2), &o, k->err);
    return handle_made(L, rc, h, out);
}

static kam_value_options value_options(lua_State *L, int i) {
    OPTIONS(kam_value_options, i);
    o.from = (int32_t)number_in(L, i, "from");
    o.to = (int32_t)number_in(L, i, "to");
    o.share_a = number_in(L, i, "share_a");
    o.share_b = number_in(L, i, "share_b");
    o.currency = text_in(L, i, "currency");
    return o;
}

static int l_value_run(lua_State *L) {
    core *k = start(L);
    kam_value_options o = value_options(L, 2);
    kam_run *out = NULL;
    handle *h = handle_new(L, "kam_run", end_run);
    int32_t rc = kam_value_run(&out, H(book, 1), &o, D(3), k->err);
    return handle_made(L, rc, h, out);
}

static int l_value_periods(lua_State *L) {
    core *k = start(L);
    kam_value_options o = value_options(L, 2);
    kam_rows *out = NULL;
    handle *h = handle_new(L, "kam_rows", end_rows);
    int32_t rc = kam_value_periods(&out, H(book, 1), &o, U(3), D(4), k->err);
    return handle_made(L, rc, h, out);
}

static int l_visit_plan_new(lua_State *L) {
    core *k = start(L);
    OPTIONS(kam_visit_plan_options, 2);
    kam_visit_plan *out = NULL;
    size_t n = 0;
    handle *h = handle_new(L, "kam_visit_plan", end_visit_plan);
    o.from = (int32_t)number_in(L, 2, "from");
    o.days = (int32_t)number_in(L, 2, "days");
    o.frozen_days = (int32_t)number_in(L, 2, "frozen_days");
    o.cadence = text_in(L, 2, "cadence");
    o.visits_a_day = (int32_t)number_in(L, 2, "visits_a_day");
    o.calls_a_day = (int32_t)number_in(L, 2, "calls_a_day");
    o.seed = (uint64_t)number_in(L, 2, "seed");
    o.iterations = (uint64_t)number_in(L, 2, "iterations");
    o.representative = numbers_at(L, 3, &n);
    o.nrepresentative = (uint32_t)n;
    if (!n) o.representative = NULL;
    int32_t rc = kam_visit_plan_new(&out, H(book, 1), &o, k->err);
    lua_settop(L, ARGUMENTS + 1);           /* the handle is on top */
    return handle_made(L, rc, h, out);
}

static int l_report_html(lua_State *L) {
    core *k = start(L);
    OPTIONS(kam_report_options, 2);
    handle *h = handle_new(L, "kam_buf", end_buf);
    o.from = (int32_t)number_in(L, 2, "from");
    o.to = (int32_t)number_in(L, 2, "to");
    o.grading = number_in(L, 2, "grading");
    o.scoring = number_in(L, 2, "scoring");
    o.plan = number_in(L, 2, "plan");
    o.title = text_in(L, 2, "title");
    o.lang = text_in(L, 2, "lang");
    o.scheme = text_in(L, 2, "scheme");
    int32_t rc = kam_buf_new((kam_buf **)&h->p, NULL, k->err);
    if (rc == KAM_OK) rc = kam_report_html(h->p, H(book, 1), &o, D(3), k->err);
    return written(L, rc, h);
}

/* ---------------------------------------------------------------- records */

static int l_record_kind(lua_State *L) {
    lua_pushinteger(L, kam_record_kind(R(1)));
    return 1;
}

static int l_record_clear(lua_State *L) {
    kam_record_clear(R(1));
    return 0;
}

/* record_get(record, field, as): "i" a whole number, "f" a double, "b" a boolean, "r" an id or a key, "s" text. */
static int l_record_get(lua_State *L) {
    const kam_record *r = R(1);
    uint32_t field = U(2);
    char as = S(3)[0];
    if (!kam_record_type(r, field)) lua_pushnil(L);
    else if (as == 'f') lua_pushnumber(L, kam_record_f64(r, field, 0));
    else if (as == 'b') lua_pushboolean(L, kam_record_i64(r, field, 0) != 0);
    else if (as == 'i' || (as == 'r' && kam_record_i64(r, field, -1) >= 0))
        lua_pushinteger(L, kam_record_i64(r, field, 0));
    else lua_pushstring(L, kam_record_text(r, field, ""));
    return 1;
}

/* ---------------------------------------------------------------- what the library calls back */

/* The functions lie in the userdata's own table; a table with weak values, under the core in the registry, leads from
 * the address to the userdata, so that a function may refer to its book without keeping both alive for ever. */
typedef struct hooks {
    core *k;
} hooks;

static int hook_push(const hooks *h, const char *name) {
    lua_State *L = h->k->L;
    if (!lua_checkstack(L, 12)) return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, h->k);
    lua_rawgetp(L, -1, h);
    if (lua_isuserdata(L, -1)) {
        lua_getiuservalue(L, -1, 1);
        lua_getfield(L, -1, name);
    }
    return lua_isfunction(L, -1);
}

/* Calls with n arguments; the result stays on top. kam.lua sees to it that its functions do not raise. */
static int hook_call(const hooks *h, int n) {
    lua_State *L = h->k->L;
    int rc = lua_pcall(L, n, 1, 0);
    h->k->L = L;
    return rc == LUA_OK;
}

static int64_t on_now(void *user) {
    const hooks *h = user;
    lua_State *L = h->k->L;
    int top = lua_gettop(L);
    int64_t now = hook_push(h, "now") && hook_call(h, 0) ? (int64_t)lua_tonumber(L, -1) : 0;
    lua_settop(L, top);
    return now;
}

static int32_t on_progress(void *user, uint64_t n, uint64_t total) {
    const hooks *h = user;
    lua_State *L = h->k->L;
    int top = lua_gettop(L), stop = 0;
    if (hook_push(h, "progress")) {
        lua_pushinteger(L, (lua_Integer)n);
        lua_pushinteger(L, (lua_Integer)total);
        stop = !hook_call(h, 2) || lua_toboolean(L, -1);
    }
    lua_settop(L, top);
    return stop;
}

static int32_t on_zone(void *user, const char *name, int64_t utc_ms, int32_t *offset_min) {
    const hooks *h = user;
    lua_State *L = h->k->L;
    int top = lua_gettop(L);
    int32_t rc = KAM_E_NOT_FOUND;
    if (hook_push(h, "zone")) {
        lua_pushstring(L, name);
        lua_pushinteger(L, utc_ms);
        if (hook_call(h, 2) && lua_isnumber(L, -1)) {
            *offset_min = (int32_t)lua_tonumber(L, -1);
            rc = KAM_OK;
        }
    }
    lua_settop(L, top);
    return rc;
}

static int has_hook(lua_State *L, const char *name) {
    int found = lua_getfield(L, 1, name) != LUA_TNIL;
    lua_pop(L, 1);
    return found;
}

/* ctx_new(options) -> handle, what must live as long as its books. */
static int l_ctx_new(lua_State *L) {
    core *k = start(L);
    kam_ctx_options o = {.struct_size = sizeof o};
    kam_ctx *out = NULL;
    hooks *h = lua_newuserdatauv(L, sizeof *h, 1);
    h->k = k;
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, k);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, h);
    lua_pop(L, 1);
    o.user = h;
    if (has_hook(L, "now")) o.now = on_now;
    if (has_hook(L, "progress")) o.progress = on_progress;
    if (has_hook(L, "zone")) o.zone = on_zone;
    o.max_text = (uint32_t)number_in(L, 1, "max_text");
    o.max_depth = (uint32_t)number_in(L, 1, "max_depth");
    o.max_memory = (uint64_t)number_in(L, 1, "max_memory");
    handle *made = handle_new(L, "kam_ctx", end_ctx);
    int32_t rc = kam_ctx_new(&out, &o, k->err);
    if (rc < 0) return failed(L, rc);
    made->p = out;
    lua_rotate(L, -2, 1);
    return 2;
}

/* ---------------------------------------------------------------- errors, version, SQLite */

static int l_error_detail(lua_State *L) {
    const core *k = start(L);
    lua_pushstring(L, kam_error_message(k->err));
    for (uint32_t what = KAM_ERR_KIND; what <= KAM_ERR_NATIVE; what++)
        lua_pushinteger(L, kam_error_detail(k->err, what));
    return 1 + KAM_ERR_NATIVE;
}

static int l_code_name(lua_State *L) {
    lua_pushstring(L, kam_code_name(D(1)));
    return 1;
}

static int l_version(lua_State *L) {
    lua_pushinteger(L, kam_version());
    return 1;
}

#ifdef KAM_HAVE_SQLITE
MAKES(store, sqlite_store, H0(ctx, 1), H(connection, 2), U(3))

/* sqlite_open(path, flags) -> connection, or nil, SQLite's code, its words. */
static int l_sqlite_open(lua_State *L) {
    sqlite3 *db = NULL;
    handle *h = handle_new(L, "kam_connection", end_connection);
    int code = sqlite3_open_v2(S(1), &db, (int)I(2), NULL);
    h->p = db;
    if (code == SQLITE_OK) return 1;
    lua_pushnil(L);
    lua_pushinteger(L, code);
    lua_pushstring(L, db ? sqlite3_errmsg(db) : "no memory");
    return 3;
}
#define SQLITE_FUNCTIONS {"sqlite_store", l_sqlite_store}, {"sqlite_open", l_sqlite_open},
#else
#define SQLITE_FUNCTIONS
#endif

/* ---------------------------------------------------------------- the module */

#define F(name) {#name, l_##name}
static const luaL_Reg functions[] = {
    F(free), F(day_parse), F(field_find), F(schema_ddl), F(store_memory), F(store_file), F(store_file_read),
    F(store_map), F(schema_rows), F(book_open), F(book_known),
    F(book_seq), F(book_set_actor), F(book_begin), F(book_commit), F(book_rollback), F(book_flush), F(book_verify),
    F(book_get), F(book_find), F(book_save), F(book_delete), F(book_erase), F(duplicates), F(import_totals),
    F(book_changes), F(rows_next), F(rows_export),
    F(query_new), F(query_where), F(query_where_i64), F(query_select), F(query_order), F(query_limit), F(query_run),
    F(import_new), F(import_feed), F(import_add), F(import_finish), F(import_report), F(import_problems),
    F(policy_add), F(policy_approve), F(policy_withdraw), F(policy_in_force), F(run_open), F(run_undo), F(run_record),
    F(run_rows), F(run_why), F(run_apply), F(why_record), F(why_rows), F(why_text), F(account_open),
    F(account_refresh), F(account_record), F(account_attributes), F(account_fact), F(account_why), F(account_rows),
    F(account_value), F(scheme_open), F(scheme_parse), F(grading_run), F(scorecard_open), F(scorecard_parse),
    F(scorecard_score), F(scoring_run), F(value_run), F(value_periods), F(visit_plan_new), F(visit_plan_run),
    F(visit_due), F(visit_held), F(report_html), F(record_new), F(record_kind), F(record_get), F(record_set_i64),
    F(record_set_f64), F(record_set_text), F(record_clear), F(ctx_new), F(error_detail), F(code_name), F(version),
    SQLITE_FUNCTIONS {NULL, NULL}};

static void metatable(lua_State *L, const char *kind) {
    static const luaL_Reg ending[] = {{"__gc", l_free}, {NULL, NULL}};
    luaL_newmetatable(L, kind);
    lua_pushvalue(L, -2);                   /* the core */
    luaL_setfuncs(L, ending, 1);
    lua_pop(L, 1);
}

static int core_end(lua_State *L) {
    core *k = lua_touserdata(L, 1);
    kam_error_free(k->err);
    k->err = NULL;
    return 0;
}

static void core_new(lua_State *L) {
    core *k = lua_newuserdatauv(L, sizeof *k, 0);
    *k = (core){L, NULL};
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, core_end);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    if (kam_error_new(&k->err, NULL) != KAM_OK) luaL_error(L, "libkam found no memory");
    lua_createtable(L, 0, 0);               /* the hooks, with weak values */
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, k);
}

LUAMOD_API int luaopen_kam_lua(lua_State *L);
int luaopen_kam_lua(lua_State *L) {
    core_new(L);
#define METATABLE(kind, end) metatable(L, "kam_" #kind);
    KINDS(METATABLE)
    luaL_newlibtable(L, functions);
    lua_rotate(L, -2, 1);
    luaL_setfuncs(L, functions, 1);
    return 1;
}
