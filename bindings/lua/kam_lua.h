/*
 * kam_lua.h - what the files of the module kam_lua share: the state behind a function, handles, arguments, and the
 * shapes that most functions have. kam_lua.c tells the idea.
 */
#ifndef KAM_LUA_H
#define KAM_LUA_H
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
enum { ARGUMENTS = 7 };

core *kam_lua_start(lua_State *L);
int kam_lua_failed(lua_State *L, int32_t rc);
int kam_lua_done(lua_State *L, int32_t rc);
int kam_lua_lent(lua_State *L, int32_t rc, const void *p);

/* ---------------------------------------------------------------- handles */

typedef struct handle {
    void *p;                                /* NULL once it is ended */
    void (*end)(void *p);
} handle;

#ifdef KAM_HAVE_SQLITE
typedef sqlite3 kam_connection;
#define KAM_LUA_SQLITE_KIND(X) X(connection, kam_lua_connection_close)
void kam_lua_connection_close(sqlite3 *db);
#else
#define KAM_LUA_SQLITE_KIND(X)
#endif
#define KAM_LUA_KINDS(X)                                                                                               \
    X(ctx, kam_ctx_free) X(buf, kam_buf_free) X(store, kam_store_free) X(book, kam_book_close)                         \
    X(record, kam_record_free) X(rows, kam_rows_free) X(query, kam_query_free) X(import, kam_import_free)              \
    X(run, kam_run_free) X(why, kam_why_free) X(account, kam_account_free) X(scheme, kam_scheme_free)                  \
    X(scorecard, kam_scorecard_free) X(segment, kam_segment_free) X(visit_plan, kam_visit_plan_free)                   \
    X(clv, kam_clv_free) X(route, kam_route_free) X(rule, kam_rule_free) X(work, kam_work_free)                        \
    X(dtable, kam_dtable_free) X(scorer, kam_scorer_free) X(account_plan, kam_account_plan_free)                       \
    X(logistic, kam_logistic_free)                                                                                     \
    X(stream, kam_lua_stream_close) KAM_LUA_SQLITE_KIND(X)
typedef struct ArrowArrayStream kam_stream;
void kam_lua_stream_close(kam_stream *stream);
#define KAM_LUA_DECLARE(kind, end) void kam_lua_end_##kind(void *p);
KAM_LUA_KINDS(KAM_LUA_DECLARE)

/* Made before the call that fills it, so that no memory for Lua is missing behind it. */
handle *kam_lua_handle_new(lua_State *L, const char *kind, void (*end)(void *));
int kam_lua_handle_made(lua_State *L, int32_t rc, handle *h, void *p);
void *kam_lua_handle_at(lua_State *L, int i, const char *kind);
void *kam_lua_handle_or_null(lua_State *L, int i, const char *kind);
#define HANDLE_NEW(kind) kam_lua_handle_new(L, "kam_" #kind, kam_lua_end_##kind)

/* ---------------------------------------------------------------- arguments */

#define H(kind, i) ((kam_##kind *)kam_lua_handle_at(L, i, "kam_" #kind))
#define H0(kind, i) ((kam_##kind *)kam_lua_handle_or_null(L, i, "kam_" #kind))
#define I(i) luaL_checkinteger(L, i)
#define D(i) ((int32_t)luaL_checkinteger(L, i))
#define U(i) ((uint32_t)luaL_checkinteger(L, i))
#define S(i) luaL_checkstring(L, i)
#define S0(i) luaL_optstring(L, i, NULL)
#define T(i) kam_lua_text_at(L, i), lua_rawlen(L, i)                /* a text and its length; nil = no value */
#define R(i) ((kam_record *)kam_lua_record_at(L, i))


const char *kam_lua_text_at(lua_State *L, int i);
void *kam_lua_record_at(lua_State *L, int i);               /* a record of ours, or one lent */
int64_t kam_lua_number_in(lua_State *L, int table, const char *name);
double kam_lua_real_in(lua_State *L, int table, const char *name);
const char *kam_lua_text_in(lua_State *L, int table, const char *name);     /* lives as long as the table */
/* A list of whole numbers, in memory of the Lua state, which stays on the stack. */
int64_t *kam_lua_numbers_at(lua_State *L, int i, size_t *n);
#define OPTIONS(type, i) type o = {.struct_size = sizeof o}; o.flags = (uint32_t)kam_lua_number_in(L, i, "flags")
#define TAKE(i, type, name) o.name = (type)kam_lua_number_in(L, i, #name)
#define TAKE_TEXT(i, name) o.name = kam_lua_text_in(L, i, #name)

/* ---------------------------------------------------------------- the shapes of functions */

#define MAKES(kind, name, ...)                                                                                         \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = kam_lua_start(L);                                                                                    \
        kam_##kind *out = NULL;                                                                                        \
        handle *h = HANDLE_NEW(kind);                                                                                  \
        int32_t rc = kam_##name(&out, __VA_ARGS__, k->err);                                                            \
        return kam_lua_handle_made(L, rc, h, out);                                                                     \
    }
#define LENDS(name, ...)                                                                                               \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = kam_lua_start(L);                                                                                    \
        const kam_record *out = NULL;                                                                                  \
        int32_t rc = kam_##name(&out, __VA_ARGS__, k->err);                                                            \
        return kam_lua_lent(L, rc, out);                                                                               \
    }
#define HAS(name, argument)                                                                                            \
    static int l_##name(lua_State *L) { return kam_lua_start(L), kam_lua_lent(L, 0, kam_##name(argument)); }
#define COUNTS(type, name, ...)                                                                                        \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = kam_lua_start(L);                                                                                    \
        type out = 0;                                                                                                  \
        int32_t rc = kam_##name(&out, __VA_ARGS__, k->err);                                                            \
        if (rc < 0) return kam_lua_failed(L, rc);                                                                      \
        lua_pushinteger(L, out);                                                                                       \
        return 1;                                                                                                      \
    }
#define DOES(name, ...)                                                                                                \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = kam_lua_start(L);                                                                                    \
        return kam_lua_done(L, kam_##name(__VA_ARGS__, k->err));                                                       \
    }
#define WRITES(name, ...)                                                                                              \
    static int l_##name(lua_State *L) {                                                                                \
        core *k = kam_lua_start(L);                                                                                    \
        handle *h = HANDLE_NEW(buf);                                                                                   \
        int32_t rc = kam_buf_new((kam_buf **)&h->p, NULL, k->err);                                                     \
        if (rc == KAM_OK) rc = kam_##name(h->p, __VA_ARGS__, k->err);                                                  \
        return kam_lua_written(L, rc, h);                                                                              \
    }

#define F(name) {#name, l_##name}

int kam_lua_written(lua_State *L, int32_t rc, handle *h);

/* ---------------------------------------------------------------- columns */

/* Pushes {n = rows, columns = {{field =, type =, values = {}} ...}} of a block. */
void kam_lua_block_push(lua_State *L, const kam_block *block);
/* The other way, in memory of the Lua state, which stays on the stack. */
const kam_block *kam_lua_block_at(lua_State *L, int i);

/* ---------------------------------------------------------------- what the library calls back */

/* The functions lie in the userdata's own table; a table with weak values, under the core in the registry, leads from
 * the address to the userdata, so that a function may refer to its book without keeping both alive for ever. */
typedef struct hooks {
    core *k;
} hooks;

hooks *kam_lua_hooks_new(lua_State *L, core *k, int table);     /* stays on the stack: what must be kept */
int kam_lua_hook_push(const hooks *h, const char *name);
int kam_lua_hook_call(const hooks *h, int n);

/* ---------------------------------------------------------------- the lists of functions, one for each file */

extern const luaL_Reg kam_lua_base[], kam_lua_book[], kam_lua_rows[], kam_lua_run[], kam_lua_value[], kam_lua_rule[],
    kam_lua_score[], kam_lua_learn[], kam_lua_hooks[], kam_lua_store[];

#endif
