/*
 * lua_store.c - stores written in Lua, for Lua 5.4: a vtable whose functions call those of a Lua table;
 * kam_ffi_store.lua is the same for LuaJIT.
 *
 * The table of a store comes from kam_store.lua: functions begin, finish, scan, write, prepare, reserve and close,
 * which take plain tables and answer nil, or code, words, table, field, row and native of a failure. Each call of the
 * library runs as one protected call of a C function with its arguments in a struct, so that no Lua error, not even one
 * of memory, passes through the library. `self` is an `attached`, kept in the registry until the library calls close.
 */
#include "kam_lua.h"
#include <kam/spi/storage.h>
#include <string.h>

typedef struct attached {
    core *k;
} attached;

/* One call of the vtable. */
typedef struct store_call {
    attached *self;
    const char *name;                       /* of the function */
    void (*give)(lua_State *L, struct store_call *c);   /* pushes its arguments */
    void (*take)(lua_State *L, struct store_call *c);   /* its answer is on top */
    int nargument;
    kam_store_err *err;
    int32_t rc;
    uint32_t number, count, how;            /* arguments, as far as the function has them */
    const kam_table *table;
    const kam_block *rows;
    kam_table_scan *scan;
    kam_block_fn block;
    kam_report_fn report;
    void *user;
    int64_t *first;
} store_call;

static uint32_t number_or_0(lua_State *L, int i) { return (uint32_t)luaL_optinteger(L, i, 0); }

/* A failure, behind `at`: code, words, table, field, row, native. */
static void failure(lua_State *L, store_call *c, int at) {
    size_t size = 0;
    const char *words = luaL_optlstring(L, at + 1, "", &size);
    c->rc = (int32_t)luaL_checkinteger(L, at);
    if (!c->err) return;
    c->err->code = c->rc;
    c->err->native = (int32_t)luaL_optinteger(L, at + 5, 0);
    c->err->table = number_or_0(L, at + 2);
    c->err->field = number_or_0(L, at + 3);
    c->err->row = number_or_0(L, at + 4);
    if (size >= sizeof c->err->msg) size = sizeof c->err->msg - 1;
    memcpy(c->err->msg, words, size);
    c->err->msg[size] = 0;
}

static int store_body(lua_State *L) {
    store_call *c = lua_touserdata(L, 1);
    luaL_checkstack(L, 40, "a store");
    lua_rawgetp(L, LUA_REGISTRYINDEX, c->self);
    lua_getiuservalue(L, -1, 1);
    lua_getfield(L, -1, c->name);
    int top = lua_gettop(L) - 1;
    if (c->give) c->give(L, c);
    lua_call(L, c->nargument, 7);           /* an answer, and 6 of a failure */
    if (!lua_isnil(L, top + 2)) failure(L, c, top + 2);
    else if (c->take) lua_settop(L, top + 1), c->take(L, c);
    return 0;
}

static int32_t store_run(store_call *c) {
    lua_State *L = c->self->k->L;
    int top = lua_gettop(L), status;
    if (!lua_checkstack(L, 4)) return KAM_E_NOMEM;
    lua_pushcfunction(L, store_body);
    lua_pushlightuserdata(L, c);
    status = lua_pcall(L, 1, 0, 0);
    c->self->k->L = L;
    if (status != LUA_OK) c->rc = status == LUA_ERRMEM ? KAM_E_NOMEM : KAM_E_IO;
    if (status == LUA_ERRRUN && c->err && lua_isstring(L, -1)) {
        strncpy(c->err->msg, lua_tostring(L, -1), sizeof c->err->msg - 1);
        c->err->code = c->rc;
    }
    lua_settop(L, top);
    return c->rc;
}

/* ---------------------------------------------------------------- tables as Lua sees them */

static void set_number(lua_State *L, const char *name, int64_t n) {
    lua_pushinteger(L, n);
    lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *text) {
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void field_push(lua_State *L, const kam_field *f) {
    lua_createtable(L, 0, 6);
    set_number(L, "id", f->id);
    set_number(L, "type", f->type);
    set_number(L, "scale", f->scale);
    set_number(L, "flags", f->flags);
    set_text(L, "name", f->name);
    set_text(L, "column", f->column);
}

static void table_push(lua_State *L, const kam_table *t) {
    lua_createtable(L, 0, 8);
    set_number(L, "id", t->id);
    set_number(L, "version", t->version);
    set_number(L, "class", t->cls);
    set_number(L, "flags", t->flags);
    set_text(L, "name", t->name);
    set_text(L, "relation", t->relation);
    lua_createtable(L, (int)t->nfield, 0);
    for (uint32_t i = 0; i < t->nfield; i++) {
        field_push(L, &t->field[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "fields");
}

static void numbers_set(lua_State *L, const char *name, const uint32_t *list, uint32_t n) {
    lua_createtable(L, (int)n, 0);
    for (uint32_t i = 0; i < n; i++) {
        lua_pushinteger(L, list[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, name);
}

static void pred_push(lua_State *L, const kam_pred *p) {
    kam_block given = {.struct_size = sizeof given, .nrow = p->narg, .ncol = p->arg && p->narg ? 1 : 0, .col = p->arg};
    lua_createtable(L, 0, 3);
    set_number(L, "field", p->field);
    set_number(L, "op", p->op);
    kam_lua_block_push(L, &given);
    lua_setfield(L, -2, "given");
}

/* ---------------------------------------------------------------- the calls */

static void give_number(lua_State *L, store_call *c) { lua_pushinteger(L, c->number); }

static int32_t store_begin(void *self, uint32_t flags, kam_store_err *err) {
    store_call c = {.self = self, .name = "begin", .give = give_number, .nargument = 1, .err = err, .number = flags};
    return store_run(&c);
}

static int32_t store_end(void *self, uint32_t how, kam_store_err *err) {
    store_call c = {.self = self, .name = "finish", .give = give_number, .nargument = 1, .err = err, .number = how};
    return store_run(&c);
}

/* What the store did itself, {[i] = true, order = true}, in the bits of `handled`. */
static void handled_take(lua_State *L, store_call *c) {
    uint64_t bits = 0;
    int list = lua_gettop(L);
    if (lua_istable(L, list)) {
        for (uint32_t i = 0; i < c->scan->npred; i++) {
            lua_rawgeti(L, list, (lua_Integer)i + 1);
            if (lua_toboolean(L, -1)) bits |= (uint64_t)1 << i;
            lua_pop(L, 1);
        }
        lua_getfield(L, list, "order");
        if (lua_toboolean(L, -1)) bits |= (uint64_t)1 << 63;
        lua_pop(L, 1);
    }
    c->scan->handled = bits;
}

/* emit(block, handled) -> the library's code. */
static int emit(lua_State *L) {
    store_call *c = lua_touserdata(L, lua_upvalueindex(1));
    lua_settop(L, 2);
    handled_take(L, c);
    const kam_block *block = kam_lua_block_at(L, 1);
    c->self->k->L = L;
    lua_pushinteger(L, c->block(c->user, block));
    return 1;
}

static void give_scan(lua_State *L, store_call *c) {
    const kam_table_scan *q = c->scan;
    lua_createtable(L, 0, 10);
    table_push(L, q->table);
    lua_setfield(L, -2, "table");
    set_number(L, "flags", q->flags);
    set_number(L, "limit", (int64_t)q->limit);
    set_number(L, "block_rows", q->block_rows);
    numbers_set(L, "fields", q->field, q->nfield);
    numbers_set(L, "order", q->order, q->norder);
    lua_createtable(L, (int)q->npred, 0);
    for (uint32_t i = 0; i < q->npred; i++) {
        pred_push(L, &q->pred[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "conditions");
    if (q->after) {
        kam_lua_block_push(L, q->after);
        lua_setfield(L, -2, "after");
    }
    lua_pushlightuserdata(L, c);
    lua_pushcclosure(L, emit, 1);
}

/* {code = the library's, handled = ...} */
static void take_scan(lua_State *L, store_call *c) {
    int answer = lua_gettop(L);
    c->rc = (int32_t)kam_lua_number_in(L, answer, "code");
    lua_getfield(L, answer, "handled");
    handled_take(L, c);
}

static int32_t store_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err) {
    store_call c = {.self = self, .name = "scan", .give = give_scan, .take = take_scan, .nargument = 2, .err = err,
                    .scan = q, .block = fn, .user = user};
    return store_run(&c);
}

static void give_write(lua_State *L, store_call *c) {
    table_push(L, c->table);
    lua_pushinteger(L, c->how);
    kam_lua_block_push(L, c->rows);
}

static int32_t store_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err) {
    store_call c = {.self = self, .name = "write", .give = give_write, .nargument = 3, .err = err, .table = t,
                    .how = op,
                    .rows = rows};
    return store_run(&c);
}

/* report(code, words, table, field) */
static int report(lua_State *L) {
    store_call *c = lua_touserdata(L, lua_upvalueindex(1)), told = {0};
    kam_store_err finding = {.struct_size = sizeof finding};
    told.err = &finding;
    lua_settop(L, 6);
    failure(L, &told, 1);
    if (c->report) (void)c->report(c->user, &finding);
    return 0;
}

static void give_prepare(lua_State *L, store_call *c) {
    lua_createtable(L, (int)c->count, 0);
    for (uint32_t i = 0; i < c->count; i++) {
        table_push(L, &c->table[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, c->how);
    lua_pushlightuserdata(L, c);
    lua_pushcclosure(L, report, 1);
}

static int32_t store_prepare(void *self, const kam_table *t, uint32_t ntable, uint32_t how, kam_report_fn fn,
                             void *user, kam_store_err *err) {
    store_call c = {.self = self, .name = "prepare", .give = give_prepare, .nargument = 3, .err = err, .table = t,
                    .count = ntable, .how = how, .report = fn, .user = user};
    return store_run(&c);
}

static void give_reserve(lua_State *L, store_call *c) {
    lua_pushinteger(L, c->number);
    lua_pushinteger(L, c->count);
}

static void take_reserve(lua_State *L, store_call *c) { *c->first = luaL_checkinteger(L, -1); }

static int32_t store_reserve(void *self, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err) {
    store_call c = {.self = self, .name = "reserve", .give = give_reserve, .take = take_reserve, .nargument = 2,
                    .err = err, .number = table, .count = n, .first = first};
    return store_run(&c);
}

static int forget(lua_State *L) {
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, lua_touserdata(L, 1));
    return 0;
}

static void store_close(void *self) {
    store_call c = {.self = self, .name = "close"};
    lua_State *L = c.self->k->L;
    (void)store_run(&c);
    lua_pushcfunction(L, forget);
    lua_pushlightuserdata(L, self);
    (void)lua_pcall(L, 1, 0, 0);
}

/* ---------------------------------------------------------------- attaching */

/* Own transactions or none, with prepare and reserve or without: one vtable for each. */
#define VT(begin_, end_, prepare_, reserve_)                                                                           \
    {sizeof(kam_store_vt), KAM_STORE_ABI, begin_, end_, store_scan, store_write, prepare_, reserve_, NULL, store_close}
static const kam_store_vt vtables[] = {
    VT(store_begin, store_end, NULL, NULL), VT(store_begin, store_end, store_prepare, NULL),
    VT(store_begin, store_end, NULL, store_reserve), VT(store_begin, store_end, store_prepare, store_reserve),
    VT(NULL, NULL, NULL, NULL), VT(NULL, NULL, store_prepare, NULL), VT(NULL, NULL, NULL, store_reserve),
    VT(NULL, NULL, store_prepare, store_reserve)};

/* Keeps the table at i as a store: its vtable and self. */
static attached *attach(lua_State *L, core *k, int i, int host, const kam_store_vt **vt) {
    int which = host ? 4 : 0;
    attached *self = lua_newuserdatauv(L, sizeof *self, 1);
    self->k = k;
    lua_pushvalue(L, i);
    lua_setiuservalue(L, -2, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, self);
    which += lua_getfield(L, i, "prepare") != LUA_TNIL;
    which += lua_getfield(L, i, "reserve") != LUA_TNIL ? 2 : 0;
    lua_pop(L, 2);
    *vt = &vtables[which];
    return self;
}

/* store_attach(functions, host) -> vtable, self: for who calls the vtable without the library. */
static int l_store_attach(lua_State *L) {
    core *k = kam_lua_start(L);
    const kam_store_vt *vt = NULL;
    attached *self = attach(L, k, 1, lua_toboolean(L, 2), &vt);
    lua_pushlightuserdata(L, (void *)(uintptr_t)vt);
    lua_pushlightuserdata(L, self);
    return 2;
}

/* store_new(ctx, functions, mode) */
static int l_store_new(lua_State *L) {
    core *k = kam_lua_start(L);
    const kam_store_vt *vt = NULL;
    kam_store *out = NULL;
    handle *h = HANDLE_NEW(store);
    attached *self = attach(L, k, 2, U(3) == KAM_TXN_HOST, &vt);
    int32_t rc = kam_store_new(&out, H0(ctx, 1), vt, self, U(3), k->err);
    if (rc < 0) {
        lua_pushnil(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, self);
    }
    return kam_lua_handle_made(L, rc, h, out);
}

const luaL_Reg kam_lua_store[] = {F(store_attach), F(store_new), {NULL, NULL}};
