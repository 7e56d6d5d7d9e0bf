/*
 * kam_lua.c - libkam for Lua 5.4: the module kam_lua, the lower half of kam.lua; kam_ffi.lua is the same for LuaJIT.
 *
 * One Lua function for each function of the library, under its name without "kam_", arguments in the same order and
 * without lengths and error handle; options come as a table. A call answers what it makes, or nil and the code of its
 * failure, whose details are told by error_detail(). A handle is a userdata that ends itself; what is lent, a light
 * one. Names, types, days and messages are kam.lua's work.
 *
 * Here: handles, arguments, errors, and the module itself; the functions lie by topic in the files lua_*.c.
 */
#include "kam_lua.h"
#include <stdlib.h>

core *kam_lua_start(lua_State *L) {
    core *k = lua_touserdata(L, lua_upvalueindex(1));
    lua_settop(L, ARGUMENTS);
    k->L = L;
    return k;
}

int kam_lua_failed(lua_State *L, int32_t rc) {
    lua_pushnil(L);
    lua_pushinteger(L, rc);
    return 2;
}

int kam_lua_done(lua_State *L, int32_t rc) {
    if (rc < 0) return kam_lua_failed(L, rc);
    lua_pushboolean(L, 1);
    return 1;
}

int kam_lua_lent(lua_State *L, int32_t rc, const void *p) {
    if (rc < 0) return kam_lua_failed(L, rc);
    if (p) lua_pushlightuserdata(L, (void *)(uintptr_t)p);
    else lua_pushnil(L);
    return 1;
}

/* ---------------------------------------------------------------- handles */

#ifdef KAM_HAVE_SQLITE
void kam_lua_connection_close(sqlite3 *db) { sqlite3_close_v2(db); }
#endif
void kam_lua_stream_close(kam_stream *stream) {
    if (stream->release) stream->release(stream);
    free(stream);
}
#define END(kind, end) void kam_lua_end_##kind(void *p) { end(p); }
KAM_LUA_KINDS(END)

handle *kam_lua_handle_new(lua_State *L, const char *kind, void (*end)(void *)) {
    handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = (handle){NULL, end};
    luaL_setmetatable(L, kind);
    return h;
}

int kam_lua_handle_made(lua_State *L, int32_t rc, handle *h, void *p) {
    if (rc < 0) return kam_lua_failed(L, rc);
    h->p = p;
    return 1;
}

void *kam_lua_handle_at(lua_State *L, int i, const char *kind) {
    handle *h = luaL_checkudata(L, i, kind);
    if (!h->p) luaL_error(L, "the %s is closed", kind + 4);
    return h->p;
}

void *kam_lua_handle_or_null(lua_State *L, int i, const char *kind) {
    return lua_isnoneornil(L, i) ? NULL : kam_lua_handle_at(L, i, kind);
}

static int l_free(lua_State *L) {
    handle *h = lua_touserdata(L, 1);
    void *p = h->p;
    kam_lua_start(L);
    h->p = NULL;
    if (p) h->end(p);
    return 0;
}

/* ---------------------------------------------------------------- arguments */

const char *kam_lua_text_at(lua_State *L, int i) { return lua_isnil(L, i) ? NULL : luaL_checkstring(L, i); }

void *kam_lua_record_at(lua_State *L, int i) {
    return lua_islightuserdata(L, i) ? lua_touserdata(L, i) : kam_lua_handle_at(L, i, "kam_record");
}

int64_t kam_lua_number_in(lua_State *L, int table, const char *name) {
    lua_getfield(L, table, name);
    int64_t n = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    return n;
}

double kam_lua_real_in(lua_State *L, int table, const char *name) {
    lua_getfield(L, table, name);
    double n = luaL_optnumber(L, -1, 0);
    lua_pop(L, 1);
    return n;
}

const char *kam_lua_text_in(lua_State *L, int table, const char *name) {
    lua_getfield(L, table, name);
    const char *text = luaL_optstring(L, -1, NULL);
    lua_pop(L, 1);
    return text;
}

int64_t *kam_lua_numbers_at(lua_State *L, int i, size_t *n) {
    *n = lua_rawlen(L, i);
    int64_t *list = lua_newuserdatauv(L, (*n ? *n : 1) * sizeof *list, 0);
    for (size_t k = 0; k < *n; k++) {
        lua_rawgeti(L, i, (lua_Integer)k + 1);
        list[k] = luaL_checkinteger(L, -1);
        lua_pop(L, 1);
    }
    return list;
}

int kam_lua_written(lua_State *L, int32_t rc, handle *h) {
    if (rc < 0) return kam_lua_failed(L, rc);
    lua_pushlstring(L, kam_buf_data(h->p), kam_buf_size(h->p));
    kam_lua_end_buf(h->p);
    h->p = NULL;
    return 1;
}

/* ---------------------------------------------------------------- errors, names, version */

COUNTS(int32_t, day_parse, T(1))
COUNTS(uint32_t, field_find, H(book, 1), U(2), S(3))
WRITES(schema_ddl, NULL, S(1))

static int l_error_detail(lua_State *L) {
    const core *k = kam_lua_start(L);
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

const luaL_Reg kam_lua_base[] = {
    F(free), F(day_parse), F(field_find), F(schema_ddl), F(error_detail), F(code_name), F(version), {NULL, NULL}};

/* ---------------------------------------------------------------- the module */

static const luaL_Reg *const lists[] = {kam_lua_base, kam_lua_book, kam_lua_rows, kam_lua_run,
                                        kam_lua_value, kam_lua_rule, kam_lua_score, kam_lua_learn, kam_lua_hooks,
                                        kam_lua_store};

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
    KAM_LUA_KINDS(METATABLE)
    lua_createtable(L, 0, 160);
    lua_rotate(L, -2, 1);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        lua_pushvalue(L, -1);               /* the core, which luaL_setfuncs() takes */
        lua_rotate(L, -3, -1);
        lua_rotate(L, -2, 1);
        luaL_setfuncs(L, lists[i], 1);
        lua_rotate(L, -2, 1);
    }
    lua_pop(L, 1);
    return 1;
}
