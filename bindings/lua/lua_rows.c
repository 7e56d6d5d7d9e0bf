/*
 * lua_rows.c - lists, queries, imports and columns for Lua 5.4; kam_lua.c tells the idea.
 */
#include "kam_lua.h"
#include <stdlib.h>
#include <string.h>

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
MAKES(rows, import_totals, H(import, 1))

static int l_query_where_i64(lua_State *L) {
    core *k = kam_lua_start(L);
    size_t n = 0;
    const int64_t *list = kam_lua_numbers_at(L, 4, &n);
    return kam_lua_done(L, kam_query_where_i64(H(query, 1), U(2), U(3), list, n, k->err));
}

static int l_rows_export(lua_State *L) {
    core *k = kam_lua_start(L);
    OPTIONS(kam_export_options, 2);
    handle *h = HANDLE_NEW(buf);
    o.format = (uint32_t)kam_lua_number_in(L, 2, "format");
    o.separator = (uint32_t)kam_lua_number_in(L, 2, "separator");
    o.lang = kam_lua_text_in(L, 2, "lang");
    int32_t rc = kam_buf_new((kam_buf **)&h->p, NULL, k->err);
    if (rc == KAM_OK) rc = kam_rows_export(h->p, H(rows, 1), &o, k->err);
    return kam_lua_written(L, rc, h);
}

static int l_import_new(lua_State *L) {
    core *k = kam_lua_start(L);
    OPTIONS(kam_import_options, 3);
    kam_import *out = NULL;
    handle *h = HANDLE_NEW(import);
    o.format = (uint32_t)kam_lua_number_in(L, 3, "format");
    o.separator = (uint32_t)kam_lua_number_in(L, 3, "separator");
    o.batch = kam_lua_text_in(L, 3, "batch");
    o.source = kam_lua_text_in(L, 3, "source");
    o.mapping = kam_lua_text_in(L, 3, "mapping");
    o.encoding = kam_lua_text_in(L, 3, "encoding");
    int32_t rc = kam_import_new(&out, H(book, 1), U(2), &o, k->err);
    return kam_lua_handle_made(L, rc, h, out);
}

/* ---------------------------------------------------------------- columns */

static void value_push(lua_State *L, const kam_col *c, uint32_t row) {
    if (c->type == KAM_T_I32) lua_pushinteger(L, ((const int32_t *)c->data)[row]);
    else if (c->type == KAM_T_I64) lua_pushinteger(L, ((const int64_t *)c->data)[row]);
    else if (c->type == KAM_T_F64) lua_pushnumber(L, ((const double *)c->data)[row]);
    else lua_pushlstring(L, (const char *)c->data + c->off[row], (size_t)(c->off[row + 1] - c->off[row]));
}

static void column_push(lua_State *L, const kam_col *c, uint32_t nrow) {
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, c->field);
    lua_setfield(L, -2, "field");
    lua_pushinteger(L, c->type);
    lua_setfield(L, -2, "type");
    lua_createtable(L, (int)nrow, 0);
    for (uint32_t i = 0; i < nrow; i++) {
        if (c->valid && !(c->valid[i >> 3] >> (i & 7) & 1)) continue;
        value_push(L, c, i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "values");
}

void kam_lua_block_push(lua_State *L, const kam_block *block) {
    luaL_checkstack(L, 8, "a block");
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, block->nrow);
    lua_setfield(L, -2, "n");
    lua_createtable(L, (int)block->ncol, 0);
    for (uint32_t c = 0; c < block->ncol; c++) {
        column_push(L, &block->col[c], block->nrow);
        lua_rawseti(L, -2, (lua_Integer)c + 1);
    }
    lua_setfield(L, -2, "columns");
}

/* Memory that the Lua state owns; it stays on the stack. */
static void *memory(lua_State *L, size_t size) {
    void *p = lua_newuserdatauv(L, size ? size : 1, 0);
    memset(p, 0, size);
    return p;
}

/* Value `row` of the list at `list` is on top; false = there is none. */
static int value_get(lua_State *L, int list, uint32_t row, uint8_t *valid) {
    if (lua_rawgeti(L, list, (lua_Integer)row + 1) == LUA_TNIL) return 0;
    valid[row >> 3] = (uint8_t)(valid[row >> 3] | 1u << (row & 7));
    return 1;
}

static void texts_fill(lua_State *L, kam_col *c, int list, uint32_t nrow, uint8_t *valid) {
    int32_t *off = memory(L, (nrow + 1) * sizeof *off);
    size_t total = 0, size = 0;
    for (uint32_t i = 0; i < nrow; i++) {
        if (value_get(L, list, i, valid)) (void)luaL_checklstring(L, -1, &size), total += size;
        lua_pop(L, 1);
        if (total > INT32_MAX) luaL_error(L, "the texts of a block are longer than 2 GiB");
        off[i + 1] = (int32_t)total;
    }
    char *data = memory(L, total + 1);
    for (uint32_t i = 0; i < nrow; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        if (!lua_isnil(L, -1)) memcpy(data + off[i], lua_tostring(L, -1), (size_t)(off[i + 1] - off[i]));
        lua_pop(L, 1);
    }
    c->data = data;
    c->off = off;
}

static void numbers_fill(lua_State *L, kam_col *c, int list, uint32_t nrow, uint8_t *valid) {
    size_t size = c->type == KAM_T_I32 ? sizeof(int32_t) : sizeof(int64_t);
    void *data = memory(L, nrow * size);
    c->data = data;
    for (uint32_t i = 0; i < nrow; i++) {
        if (!value_get(L, list, i, valid)) (void)0;
        else if (c->type == KAM_T_F64) ((double *)data)[i] = luaL_checknumber(L, -1);
        else if (c->type == KAM_T_I64) ((int64_t *)data)[i] = luaL_checkinteger(L, -1);
        else ((int32_t *)data)[i] = (int32_t)luaL_checkinteger(L, -1);
        lua_pop(L, 1);
    }
}

const kam_block *kam_lua_block_at(lua_State *L, int i) {
    lua_getfield(L, i, "columns");
    int columns = lua_gettop(L);
    uint32_t nrow = (uint32_t)kam_lua_number_in(L, i, "n"), ncol = (uint32_t)lua_rawlen(L, columns);
    kam_block *block = memory(L, sizeof *block);
    kam_col *col = memory(L, ncol * sizeof *col);
    *block = (kam_block){.struct_size = sizeof *block, .nrow = nrow, .ncol = ncol, .col = col};
    luaL_checkstack(L, 4 * (int)ncol + 8, "a block");
    for (uint32_t c = 0; c < ncol; c++) {
        lua_rawgeti(L, columns, (lua_Integer)c + 1);
        int about = lua_gettop(L);
        col[c].field = (uint32_t)kam_lua_number_in(L, about, "field");
        col[c].type = (uint8_t)kam_lua_number_in(L, about, "type");
        lua_getfield(L, about, "values");
        lua_replace(L, about);
        uint8_t *valid = memory(L, (nrow + 7) / 8);
        if (col[c].type == KAM_T_TEXT) texts_fill(L, &col[c], about, nrow, valid);
        else numbers_fill(L, &col[c], about, nrow, valid);
        col[c].valid = valid;
    }
    return block;
}

static int l_rows_next_block(lua_State *L) {
    core *k = kam_lua_start(L);
    const kam_block *block = NULL;
    int32_t rc = kam_rows_next_block(&block, H(rows, 1), k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    if (block) kam_lua_block_push(L, block);
    else lua_pushnil(L);
    return 1;
}

/* rows_arrow(rows) -> handle of the stream, in which the rows are gone. */
static int l_rows_arrow(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_rows *rows = H(rows, 1);
    handle *h = HANDLE_NEW(stream);
    kam_stream *stream = calloc(1, sizeof *stream);
    if (!stream) return luaL_error(L, "no memory for a stream");
    h->p = stream;
    int32_t rc = kam_rows_arrow(stream, rows, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    ((handle *)lua_touserdata(L, 1))->p = NULL;
    return 1;
}

static int l_stream_address(lua_State *L) {
    kam_lua_start(L);
    lua_pushlightuserdata(L, H(stream, 1));
    return 1;
}

static int l_import_block(lua_State *L) {
    core *k = kam_lua_start(L);
    const kam_block *block = kam_lua_block_at(L, 2);
    return kam_lua_done(L, kam_import_block(H(import, 1), block, k->err));
}

const luaL_Reg kam_lua_rows[] = {
    F(rows_next), F(query_new), F(query_where), F(query_select), F(query_order), F(query_limit), F(query_run),
    F(import_feed), F(import_add), F(import_finish), F(import_report), F(import_problems), F(import_totals),
    F(query_where_i64), F(rows_export), F(import_new), F(rows_next_block), F(import_block),
    F(rows_arrow), F(stream_address), {NULL, NULL}};
