/*
 * kit.c - the conformance kit of libkam-test for stores written in Lua, and a consumer of Arrow streams: the module
 * kam_lua_kit for Lua 5.4, whose kit_run() and kit_arrow() kit.lua also calls by LuaJIT's FFI.
 *
 *     kam_lua_kit.run { make = function() return vt, self end, connect = function(self) return other end,
 *                       reopen = function(self) return vt, self end, report = function(check, result, why) end }
 */
#include <kam/arrow.h>
#include <kam/spi/test.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>

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

/* A consumer of an Arrow stream, as another library would be: moves it, writes its columns as "name:format ", counts
 * its rows, and releases all; 0, or what the stream answers. */
int32_t kit_arrow(struct ArrowArrayStream *from, char *columns, size_t room, int64_t *rows);
int32_t kit_arrow(struct ArrowArrayStream *from, char *columns, size_t room, int64_t *rows) {
    struct ArrowArrayStream stream = *from;
    struct ArrowSchema schema;
    struct ArrowArray batch;
    from->release = NULL;
    *rows = 0;
    int rc = stream.get_schema(&stream, &schema);
    for (int64_t i = 0, at = 0; rc == 0 && i < schema.n_children; i++)
        at += snprintf(columns + at, room - (size_t)at, "%s:%s ", schema.children[i]->name, schema.children[i]->format);
    if (rc == 0) schema.release(&schema);
    while (rc == 0 && (rc = stream.get_next(&stream, &batch)) == 0 && batch.release) {
        *rows += batch.length;
        batch.release(&batch);
    }
    stream.release(&stream);
    return rc;
}

static int l_arrow(lua_State *L) {
    char columns[4096] = "";
    int64_t rows = 0;
    if (kit_arrow(lua_touserdata(L, 1), columns, sizeof columns, &rows) != 0) return luaL_error(L, "the stream failed");
    lua_pushstring(L, columns);
    lua_pushinteger(L, rows);
    return 2;
}

LUAMOD_API int luaopen_kam_lua_kit(lua_State *L);
int luaopen_kam_lua_kit(lua_State *L) {
    static const luaL_Reg functions[] = {{"run", l_run}, {"arrow", l_arrow}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
