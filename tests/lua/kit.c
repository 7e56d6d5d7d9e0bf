/*
 * kit.c - the conformance kit of libkam-test for stores written in Lua: the module kam_lua_kit for Lua 5.4, whose kit_run()
 * kit.lua also calls by LuaJIT's FFI.
 *
 *     kam_lua_kit.run { make = function() return vt, self end, connect = function(self) return other end,
 *                       reopen = function(self) return vt, self end, report = function(check, result, why) end }
 */
#include <kam/spi/test.h>
#include <lauxlib.h>
#include <lua.h>

int32_t kit_run(const kam_kit_options *options, kam_kit_report_fn report, void *user);
int32_t kit_run(const kam_kit_options *options, kam_kit_report_fn report, void *user) {
    return kam_kit_run(options, report, user);
}

/* Calls a function of the table, with one light userdata, for n answers. */
static int called(lua_State *L, const char *name, void *self, int n) {
    lua_getfield(L, 1, name);
    lua_pushlightuserdata(L, self);
    return lua_pcall(L, 1, n, 0) == LUA_OK;
}

static int32_t made(lua_State *L, const char *name, const kam_store_vt **vt, void **self, void *old) {
    int ok = called(L, name, old, 2);
    if (ok) {
        *vt = lua_touserdata(L, -2);
        *self = lua_touserdata(L, -1);
    }
    lua_settop(L, 1);
    return ok ? KAM_OK : KAM_E_IO;
}

static int32_t on_make(void *user, const kam_store_vt **vt, void **self) { return made(user, "make", vt, self, NULL); }

static void on_destroy(void *user, const kam_store_vt *vt, void *self) {
    (void)user;
    vt->close(self);
}

static int32_t on_connect(void *user, void *self, void **other) {
    int ok = called(user, "connect", self, 1);
    if (ok) *other = lua_touserdata(user, -1);
    lua_settop(user, 1);
    return ok ? KAM_OK : KAM_E_IO;
}

static int32_t on_reopen(void *user, const kam_store_vt **vt, void **self) {
    return made(user, "reopen", vt, self, *self);
}

static void on_report(void *user, const char *check, int32_t result, const char *why) {
    lua_State *L = user;
    lua_getfield(L, 1, "report");
    lua_pushstring(L, check);
    lua_pushinteger(L, result);
    lua_pushstring(L, why);
    (void)lua_pcall(L, 3, 0, 0);
    lua_settop(L, 1);
}

static int l_run(lua_State *L) {
    kam_kit_options options = {.struct_size = sizeof options, .user = L};
    lua_settop(L, 1);
    options.make = on_make;
    options.destroy = on_destroy;
    options.connect = on_connect;
    options.reopen = on_reopen;
    lua_pushinteger(L, kam_kit_run(&options, on_report, L));
    return 1;
}

LUAMOD_API int luaopen_kam_lua_kit(lua_State *L);
int luaopen_kam_lua_kit(lua_State *L) {
    static const luaL_Reg functions[] = {{"run", l_run}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
