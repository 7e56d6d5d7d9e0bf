/*
 * lua_rule.c - CEL expressions and decision tables for Lua 5.4; kam_lua.c tells the idea.
 */
#include "kam_lua.h"
#include <string.h>

/* ---------------------------------------------------------------- functions of the program */

static void argument_push(lua_State *L, const kam_call *call, uint32_t i, char kind) {
    size_t size = 0;
    const char *text = kind == 's' ? kam_call_text(call, i, &size) : NULL;
    if (kind == 's') lua_pushlstring(L, text ? text : "", size);
    else if (kind == 'f') lua_pushnumber(L, kam_call_f64(call, i, 0));
    else if (kind == 'b') lua_pushboolean(L, kam_call_i64(call, i, 0) != 0);
    else lua_pushinteger(L, kam_call_i64(call, i, 0));
}

/* The value on top as the call's answer: a value, {fail = words}, nil where the function has raised. */
static int32_t answer(lua_State *L, kam_call *call) {
    size_t size = 0;
    if (lua_isnil(L, -1)) return KAM_E_CANCELLED;
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "fail");
        kam_call_fail(call, lua_tostring(L, -1));
    } else if (lua_isboolean(L, -1)) kam_call_return_i64(call, lua_toboolean(L, -1));
    else if (lua_isinteger(L, -1)) kam_call_return_i64(call, lua_tointeger(L, -1));
    else if (lua_type(L, -1) == LUA_TNUMBER) kam_call_return_f64(call, lua_tonumber(L, -1));
    else {
        const char *text = lua_tolstring(L, -1, &size);
        if (!text) return KAM_E_TYPE;
        kam_call_return_text(call, text, size);
    }
    return KAM_OK;
}

/* In a call of its own: memory may be missing. {hooks, call} -> code. */
static int called(lua_State *L) {
    const hooks *h = lua_touserdata(L, 1);
    kam_call *call = lua_touserdata(L, 2);
    if (!kam_lua_hook_push(h, "call")) return 0;
    lua_getfield(L, -2, "kinds");
    const char *kinds = lua_tostring(L, -1);
    lua_pop(L, 1);                          /* the table keeps it */
    int n = kinds ? (int)strlen(kinds) : 0;
    luaL_checkstack(L, n + 4, "arguments");
    for (int i = 0; i < n; i++) argument_push(L, call, (uint32_t)i, kinds[i]);
    lua_call(L, n, 1);
    lua_pushinteger(L, answer(L, call));
    return 1;
}

static int32_t on_rule(void *user, kam_call *call) {
    hooks *h = user;
    lua_State *L = h->k->L;
    int top = lua_gettop(L);
    int32_t rc = KAM_E_CLOSED;
    if (!lua_checkstack(L, 4)) return KAM_E_NOMEM;
    lua_pushcfunction(L, called);
    lua_pushlightuserdata(L, h);
    lua_pushlightuserdata(L, call);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK) rc = KAM_E_NOMEM;
    else if (lua_isinteger(L, -1)) rc = (int32_t)lua_tointeger(L, -1);
    lua_settop(L, top);
    h->k->L = L;
    return rc;
}

/* The functions of options.functions as the library takes them, in memory of the state; what keeps them is put into the
 * table at `keep`. */
static kam_rule_function *functions_at(lua_State *L, core *k, int keep, uint32_t *n) {
    lua_getfield(L, 3, "functions");
    int list = lua_gettop(L);
    *n = lua_istable(L, list) ? (uint32_t)lua_rawlen(L, list) : 0;
    kam_rule_function *f = lua_newuserdatauv(L, (*n + 1) * sizeof *f, 0);
    for (uint32_t i = 0; i < *n; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        int one = lua_gettop(L);
        lua_getfield(L, one, "member");
        f[i] = (kam_rule_function){.struct_size = sizeof *f, .flags = lua_toboolean(L, -1) ? KAM_RULE_MEMBER : 0u,
                                   .signature = kam_lua_text_in(L, one, "signature"), .call = on_rule};
        f[i].user = kam_lua_hooks_new(L, k, one);
        lua_rawseti(L, keep, (lua_Integer)i + 1);
        lua_settop(L, one - 1);
    }
    return f;
}

/* rule_compile(ctx, env, options, cel) -> handle, what must live as long. */
static int l_rule_compile(lua_State *L) {
    core *k = kam_lua_start(L);
    OPTIONS(kam_rule_options, 3);
    kam_rule *out = NULL;
    handle *h = HANDLE_NEW(rule);
    int at = lua_gettop(L), keep = at + 1;
    lua_createtable(L, 0, 0);
    TAKE_TEXT(3, container);
    TAKE(3, uint32_t, max_list);
    TAKE(3, uint64_t, budget);
    o.function = functions_at(L, k, keep, &o.nfunction);
    int32_t rc = kam_rule_compile(&out, H0(ctx, 1), S0(2), &o, T(4), k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    h->p = out;
    lua_pushvalue(L, at);
    lua_pushvalue(L, keep);
    return 2;
}

MAKES(why, rule_why, H(rule, 1), H(work, 2))

static int l_rule_var(lua_State *L) {
    kam_lua_start(L);
    lua_pushinteger(L, kam_rule_var(H(rule, 1), S(2)));
    return 1;
}

/* rule_eval_block(rule, work, block) -> the column of results. */
static int l_rule_eval_block(lua_State *L) {
    core *k = kam_lua_start(L);
    const kam_block *block = kam_lua_block_at(L, 3);
    kam_block one = {.struct_size = sizeof one, .nrow = block->nrow, .ncol = 1};
    int32_t rc = kam_rule_eval_block(&one.col, H(rule, 1), H(work, 2), block, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    kam_lua_block_push(L, &one);
    lua_getfield(L, -1, "columns");
    lua_rawgeti(L, -1, 1);
    return 1;
}

MAKES(work, work_new, H0(ctx, 1))
WRITES(rule_eval_json, H(rule, 1), H(work, 2), T(3))
WRITES(rule_eval, H(rule, 1), H(work, 2), R(3))

static int l_rule_type(lua_State *L) {
    kam_lua_start(L);
    lua_pushstring(L, kam_rule_type(H(rule, 1)));
    return 1;
}

static int l_rule_cost(lua_State *L) {
    kam_lua_start(L);
    lua_pushinteger(L, (lua_Integer)kam_rule_cost(H(rule, 1)));
    return 1;
}

static int l_rule_reads(lua_State *L) {
    kam_lua_start(L);
    lua_pushstring(L, kam_rule_reads(H(rule, 1), U(2)));
    return 1;
}

MAKES(dtable, dtable_open, H(book, 1), S(2), D(3))
MAKES(dtable, dtable_parse, H0(ctx, 1), T(2))
MAKES(rows, dtable_findings, H(dtable, 1))

/* Pushes what was decided as JSON, and the handle of why. */
static int decided(lua_State *L, int32_t rc, handle *buf, handle *why, kam_why *out) {
    if (rc < 0) return kam_lua_failed(L, rc);
    why->p = out;
    int pushed = kam_lua_written(L, rc, buf);
    lua_rotate(L, -2, 1);                   /* the handle of why lies below: it goes behind the text */
    return pushed + 1;
}

/* dtable_decide(table, record) -> JSON, why. */
static int l_dtable_decide(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_why *out = NULL;
    handle *buf = HANDLE_NEW(buf), *why = HANDLE_NEW(why);
    int32_t rc = kam_buf_new((kam_buf **)&buf->p, NULL, k->err);
    if (rc == KAM_OK) rc = kam_dtable_decide(buf->p, &out, H(dtable, 1), R(2), k->err);
    return decided(L, rc, buf, why, out);
}

/* dtable_decide_json(table, json) -> JSON, why. */
static int l_dtable_decide_json(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_why *out = NULL;
    handle *buf = HANDLE_NEW(buf), *why = HANDLE_NEW(why);
    int32_t rc = kam_buf_new((kam_buf **)&buf->p, NULL, k->err);
    if (rc == KAM_OK) rc = kam_dtable_decide_json(buf->p, &out, H(dtable, 1), T(2), k->err);
    return decided(L, rc, buf, why, out);
}

const luaL_Reg kam_lua_rule[] = {
    F(rule_compile), F(work_new), F(rule_eval_json), F(rule_eval), F(rule_type), F(rule_cost), F(rule_reads),
    F(rule_why), F(rule_var), F(rule_eval_block),
    F(dtable_open), F(dtable_parse), F(dtable_findings), F(dtable_decide), F(dtable_decide_json), {NULL, NULL}};
