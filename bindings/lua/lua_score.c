/*
 * lua_score.c - scorecards over rows and columns of the program's own, for Lua 5.4; kam_lua.c tells the idea.
 */
#include "kam_lua.h"

MAKES(scorer, scorer_new, H(scorecard, 1))
DOES(scorer_set_i64, H(scorer, 1), U(2), I(3))
DOES(scorer_set_f64, H(scorer, 1), U(2), luaL_checknumber(L, 3))
DOES(scorer_set_text, H(scorer, 1), U(2), T(3))         /* the text is lent: kam_score.lua keeps it */
COUNTS(int64_t, scorer_run, H(scorer, 1))
MAKES(why, scorer_why, H(scorer, 1))
DOES(scorer_kernel, H(scorer, 1), U(2))

static int l_scorer_clear(lua_State *L) {
    kam_lua_start(L);
    kam_scorer_clear(H(scorer, 1));
    return 0;
}

/* A number, nil where it is `none`. */
static int number_or_nil(lua_State *L, int64_t number, int64_t none) {
    if (number == none) lua_pushnil(L);
    else lua_pushinteger(L, number);
    return 1;
}

static int l_scorer_normal(lua_State *L) {
    kam_lua_start(L);
    return number_or_nil(L, kam_scorer_normal(H(scorer, 1), -1), -1);
}

static int l_scorer_group(lua_State *L) {
    kam_lua_start(L);
    return number_or_nil(L, kam_scorer_group(H(scorer, 1), S(2), INT64_MIN), INT64_MIN);
}

static int l_scorer_warning(lua_State *L) {
    kam_lua_start(L);
    lua_pushstring(L, kam_scorer_warning(H(scorer, 1), U(2)));
    return 1;
}

static int l_scorecard_reads(lua_State *L) {
    kam_lua_start(L);
    lua_pushstring(L, kam_scorecard_reads(H(scorecard, 1), U(2)));
    return 1;
}

/* code, factor, gap; nil where there is no such reason. */
static int reason_push(lua_State *L, const char *code, const char *factor, int64_t gap) {
    lua_pushstring(L, code);
    if (!code) return 1;
    lua_pushstring(L, factor);
    lua_pushinteger(L, gap);
    return 3;
}

static int l_scorer_reason(lua_State *L) {
    const char *factor = NULL;
    int64_t gap = 0;
    kam_lua_start(L);
    const char *code = kam_scorer_reason(H(scorer, 1), U(2), &factor, &gap);
    return reason_push(L, code, factor, gap);
}

static int l_scorecard_reason(lua_State *L) {
    const char *factor = NULL;
    int64_t gap = 0;
    kam_lua_start(L);
    const char *code = kam_scorecard_reason(H(scorecard, 1), D(2), &factor, &gap);
    return reason_push(L, code, factor, gap);
}

/* scorer_dictionary(scorer, attribute, block of one column of texts). */
static int l_scorer_dictionary(lua_State *L) {
    core *k = kam_lua_start(L);
    const kam_block *texts = kam_lua_block_at(L, 3);
    return kam_lua_done(L, kam_scorer_dictionary(H(scorer, 1), U(2), texts->col, texts->nrow, k->err));
}

/* scorer_block(scorer, block) -> block. */
static int l_scorer_block(lua_State *L) {
    core *k = kam_lua_start(L);
    const kam_block *out = NULL;
    int32_t rc = kam_scorer_block(&out, H(scorer, 1), kam_lua_block_at(L, 2), k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    kam_lua_block_push(L, out);
    return 1;
}

const luaL_Reg kam_lua_score[] = {
    F(scorer_new), F(scorer_clear), F(scorer_set_i64), F(scorer_set_f64), F(scorer_set_text), F(scorer_run),
    F(scorer_why), F(scorer_kernel), F(scorer_normal), F(scorer_group), F(scorer_warning), F(scorer_reason),
    F(scorer_dictionary), F(scorer_block), F(scorecard_reads), F(scorecard_reason), {NULL, NULL}};
