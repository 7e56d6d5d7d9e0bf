/*
 * lua_rule.c - CEL expressions and decision tables for Lua 5.4; kam_lua.c tells the idea.
 */
#include "kam_lua.h"

/* rule_compile(ctx, env, options, cel) */
static int l_rule_compile(lua_State *L) {
    core *k = kam_lua_start(L);
    OPTIONS(kam_rule_options, 3);
    kam_rule *out = NULL;
    handle *h = HANDLE_NEW(rule);
    TAKE_TEXT(3, container);
    TAKE(3, uint32_t, max_list);
    TAKE(3, uint64_t, budget);
    int32_t rc = kam_rule_compile(&out, H0(ctx, 1), S0(2), &o, T(4), k->err);
    return kam_lua_handle_made(L, rc, h, out);
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
    F(dtable_open), F(dtable_parse), F(dtable_findings), F(dtable_decide), F(dtable_decide_json), {NULL, NULL}};
