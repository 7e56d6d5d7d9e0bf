/*
 * lua_book.c - stores of the library, books, records and policies for Lua 5.4; kam_lua.c tells the idea.
 */
#include "kam_lua.h"

MAKES(store, store_memory, H0(ctx, 1))
MAKES(store, store_file, H0(ctx, 1), T(2))
MAKES(store, store_file_read, H0(ctx, 1), T(2))
DOES(store_map, H(store, 1), T(2))
MAKES(rows, schema_rows, H(book, 1))
MAKES(book, book_known, H(book, 1), I(2))
COUNTS(int64_t, book_seq, H(book, 1), D(2))
DOES(book_set_actor, H(book, 1), T(2))
DOES(book_begin, H(book, 1), U(2))
DOES(book_commit, H(book, 1))
DOES(book_rollback, H(book, 1))
DOES(book_flush, H(book, 1))
MAKES(rows, book_verify, H(book, 1))
MAKES(record, book_get, H(book, 1), U(2), I(3), D(4))
COUNTS(int64_t, book_find, H(book, 1), U(2), S0(3), T(4))
DOES(book_save, H(book, 1), R(2))
DOES(book_delete, H(book, 1), U(2), I(3), I(4))
DOES(book_erase, H(book, 1), U(2), I(3), S0(4))
MAKES(rows, book_changes, H(book, 1), I(2))
MAKES(rows, duplicates, H(book, 1), U(2))
COUNTS(int64_t, policy_add, H(book, 1), U(2), T(3))
DOES(policy_approve, H(book, 1), I(2), D(3), D(4))
DOES(policy_withdraw, H(book, 1), I(2), D(3))
COUNTS(int64_t, policy_in_force, H(book, 1), U(2), S(3), D(4))
MAKES(record, record_new, H(book, 1), U(2))
DOES(record_set_i64, R(1), U(2), I(3))
DOES(record_set_f64, R(1), U(2), luaL_checknumber(L, 3))
DOES(record_set_text, R(1), U(2), T(3))
DOES(book_host_ended, H(book, 1), D(2))
DOES(store_control, H(store, 1), U(2), NULL)

static int l_book_open(lua_State *L) {
    core *k = kam_lua_start(L);
    OPTIONS(kam_book_options, 3);
    kam_book *out = NULL;
    handle *h = HANDLE_NEW(book);
    o.scope = kam_lua_text_in(L, 3, "scope");
    o.actor = kam_lua_text_in(L, 3, "actor");
    o.zone = kam_lua_text_in(L, 3, "zone");
    o.lang = kam_lua_text_in(L, 3, "lang");
    o.currency = kam_lua_text_in(L, 3, "currency");
    o.max_keys = (uint32_t)kam_lua_number_in(L, 3, "max_keys");
    int32_t rc = kam_book_open(&out, H0(ctx, 1), H0(store, 2), &o, k->err);
    return kam_lua_handle_made(L, rc, h, out);
}

static int l_record_kind(lua_State *L) {
    lua_pushinteger(L, kam_record_kind(R(1)));
    return 1;
}

static int l_record_clear(lua_State *L) {
    kam_record_clear(R(1));
    return 0;
}

/* record_get(record, field, as): "i" a whole number, "f" a double, "b" a boolean, "r" an id or a key, "s" text. */
static int l_record_get(lua_State *L) {
    const kam_record *r = R(1);
    uint32_t field = U(2);
    char as = S(3)[0];
    if (!kam_record_type(r, field)) lua_pushnil(L);
    else if (as == 'f') lua_pushnumber(L, kam_record_f64(r, field, 0));
    else if (as == 'b') lua_pushboolean(L, kam_record_i64(r, field, 0) != 0);
    else if (as == 'i' || (as == 'r' && kam_record_i64(r, field, -1) >= 0))
        lua_pushinteger(L, kam_record_i64(r, field, 0));
    else lua_pushstring(L, kam_record_text(r, field, ""));
    return 1;
}

#ifdef KAM_HAVE_SQLITE
/* A connection of ours, or the address of one of the program's. */
static sqlite3 *connection_at(lua_State *L, int i) {
    return lua_islightuserdata(L, i) ? lua_touserdata(L, i) : (sqlite3 *)H(connection, i);
}

MAKES(store, sqlite_store, H0(ctx, 1), connection_at(L, 2), U(3))

/* sqlite_open(path, flags) -> connection, or nil, SQLite's code, its words. */
static int l_sqlite_open(lua_State *L) {
    sqlite3 *db = NULL;
    handle *h = HANDLE_NEW(connection);
    int code = sqlite3_open_v2(S(1), &db, (int)I(2), NULL);
    h->p = db;
    if (code == SQLITE_OK) return 1;
    lua_pushnil(L);
    lua_pushinteger(L, code);
    lua_pushstring(L, db ? sqlite3_errmsg(db) : "no memory");
    return 3;
}
#define SQLITE_FUNCTIONS F(sqlite_store), F(sqlite_open),
#else
#define SQLITE_FUNCTIONS
#endif

const luaL_Reg kam_lua_book[] = {
    F(store_memory), F(store_file), F(store_file_read), F(store_map), F(schema_rows), F(book_known), F(book_seq),
    F(book_set_actor), F(book_begin), F(book_commit), F(book_rollback), F(book_flush), F(book_verify), F(book_get),
    F(book_find), F(book_save), F(book_delete), F(book_erase), F(book_changes), F(duplicates), F(policy_add),
    F(policy_approve), F(policy_withdraw), F(policy_in_force), F(record_new), F(record_set_i64), F(record_set_f64),
    F(record_set_text), F(book_host_ended), F(store_control), F(book_open), F(record_kind), F(record_clear),
    F(record_get), SQLITE_FUNCTIONS {NULL, NULL}};
