/*
 * lua_hooks.c - contexts for Lua 5.4, and what the library calls back: the clock, progress, zones, sorting, and what a
 * commit touched. kam.lua sees to it that its functions do not raise.
 */
#include "kam_lua.h"

int kam_lua_hook_push(const hooks *h, const char *name) {
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

/* Calls with n arguments; the result stays on top. */
int kam_lua_hook_call(const hooks *h, int n) {
    lua_State *L = h->k->L;
    int rc = lua_pcall(L, n, 1, 0);
    h->k->L = L;
    return rc == LUA_OK;
}

static int64_t on_now(void *user) {
    const hooks *h = user;
    lua_State *L = h->k->L;
    int top = lua_gettop(L);
    int64_t now = kam_lua_hook_push(h, "now") && kam_lua_hook_call(h, 0) ? (int64_t)lua_tonumber(L, -1) : 0;
    lua_settop(L, top);
    return now;
}

static int32_t on_progress(void *user, uint64_t n, uint64_t total) {
    const hooks *h = user;
    lua_State *L = h->k->L;
    int top = lua_gettop(L), stop = 0;
    if (kam_lua_hook_push(h, "progress")) {
        lua_pushinteger(L, (lua_Integer)n);
        lua_pushinteger(L, (lua_Integer)total);
        stop = !kam_lua_hook_call(h, 2) || lua_toboolean(L, -1);
    }
    lua_settop(L, top);
    return stop;
}

static int32_t on_zone(void *user, const char *name, int64_t utc_ms, int32_t *offset_min) {
    const hooks *h = user;
    lua_State *L = h->k->L;
    int top = lua_gettop(L);
    int32_t rc = KAM_E_NOT_FOUND;
    if (kam_lua_hook_push(h, "zone")) {
        lua_pushstring(L, name);
        lua_pushinteger(L, utc_ms);
        if (kam_lua_hook_call(h, 2) && lua_isnumber(L, -1)) {
            *offset_min = (int32_t)lua_tonumber(L, -1);
            rc = KAM_OK;
        }
    }
    lua_settop(L, top);
    return rc;
}

static int32_t on_collate(void *user, const char *text, size_t len, kam_buf *key) {
    const hooks *h = user;
    lua_State *L = h->k->L;
    int top = lua_gettop(L);
    int32_t rc = KAM_E_IO;
    if (kam_lua_hook_push(h, "collate")) {
        lua_pushlstring(L, text, len);
        if (kam_lua_hook_call(h, 1) && lua_isstring(L, -1)) {
            size_t size = 0;
            const char *bytes = lua_tolstring(L, -1, &size);
            rc = kam_buf_append(key, bytes, size, NULL);
        }
    }
    lua_settop(L, top);
    return rc;
}

static int touched_push(lua_State *L) {
    kam_lua_block_push(L, lua_touserdata(L, 1));
    return 1;
}

static void on_commit(void *user, const kam_block *touched) {
    const hooks *h = user;
    lua_State *L = h->k->L;
    int top = lua_gettop(L);
    if (kam_lua_hook_push(h, "commit")) {
        lua_pushcfunction(L, touched_push);             /* in a call of its own: memory may be missing */
        lua_pushlightuserdata(L, (void *)(uintptr_t)touched);
        if (lua_pcall(L, 1, 1, 0) == LUA_OK) (void)kam_lua_hook_call(h, 1);
    }
    lua_settop(L, top);
}

static int has_hook(lua_State *L, const char *name) {
    int found = lua_getfield(L, 1, name) != LUA_TNIL;
    lua_pop(L, 1);
    return found;
}

hooks *kam_lua_hooks_new(lua_State *L, core *k, int table) {
    hooks *h = lua_newuserdatauv(L, sizeof *h, 1);
    h->k = k;
    lua_pushvalue(L, table);
    lua_setiuservalue(L, -2, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, k);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, h);
    lua_pop(L, 1);
    return h;
}

/* ctx_new(options) -> handle, what must live as long as its books. */
static int l_ctx_new(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_ctx_options o = {.struct_size = sizeof o};
    kam_ctx *out = NULL;
    o.user = kam_lua_hooks_new(L, k, 1);
    if (has_hook(L, "now")) o.now = on_now;
    if (has_hook(L, "progress")) o.progress = on_progress;
    if (has_hook(L, "zone")) o.zone = on_zone;
    if (has_hook(L, "collate")) o.collate = on_collate;
    o.max_text = (uint32_t)kam_lua_number_in(L, 1, "max_text");
    o.max_depth = (uint32_t)kam_lua_number_in(L, 1, "max_depth");
    o.max_memory = (uint64_t)kam_lua_number_in(L, 1, "max_memory");
    handle *made = HANDLE_NEW(ctx);
    int32_t rc = kam_ctx_new(&out, &o, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    made->p = out;
    lua_rotate(L, -2, 1);
    return 2;
}

/* book_on_commit(book, {commit = function(block) ... end} or nil) -> what must live as long as the book. */
static int l_book_on_commit(lua_State *L) {
    core *k = kam_lua_start(L);
    if (lua_isnil(L, 2)) return kam_lua_done(L, kam_book_on_commit(H(book, 1), NULL, NULL, k->err));
    hooks *h = kam_lua_hooks_new(L, k, 2);
    int32_t rc = kam_book_on_commit(H(book, 1), on_commit, h, k->err);
    return rc < 0 ? kam_lua_failed(L, rc) : 1;
}

const luaL_Reg kam_lua_hooks[] = {F(ctx_new), F(book_on_commit), {NULL, NULL}};
