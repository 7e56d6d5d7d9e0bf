/**
 * @file kam/adapter/sqlite.h
 * @brief libkam-sqlite: a store on a SQLite connection of the host.
 *
 * The host opened the connection and closes it; in mode SAVEPOINT or HOST the book works inside the host's transaction,
 * beside the host's own tables. Needs SQLite 3.30 or newer. A library of its own: link libkam-sqlite.
 *
 * @code
 * int32_t open_on(kam_book **out, struct sqlite3 *db, kam_error *err)
 * {
 *     kam_book_options options = { 0 };
 *     kam_store *store = NULL;
 *     int32_t rc = kam_sqlite_store(&store, NULL, db, KAM_TXN_OWN, err);
 *     options.struct_size = sizeof options;
 *     options.flags = KAM_BOOK_CREATE;
 *     options.currency = "CNY";
 *     if (rc == KAM_OK) rc = kam_book_open(out, NULL, store, &options, err);
 *     kam_store_free(store);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_ADAPTER_SQLITE_H
#define KAM_ADAPTER_SQLITE_H
#include <kam/book.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

struct sqlite3;

/**
 * Makes a store on a SQLite connection. It serves one book at a time. KAM_ERR_NATIVE of its failures is SQLite's
 * extended code.
 * @param[out] out     The new store; end the caller's hold with kam_store_free(), before the connection is closed.
 * @param[in] ctx      Held; NULL = one of its own with all defaults. The adapter's own memory comes from SQLite.
 * @param[in] db       The connection, lent by the host while the store lives; used by one thread at a time, the host's
 *         use included.
 * @param[in] mode     KAM_TXN_. OWN refuses to begin inside a transaction of the host; SAVEPOINT begins one where the
 *         host has none.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, another mode); KAM_E_UNSUPPORTED (SQLite is older than 3.30; told by the code
 *         alone); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_sqlite_store(kam_store **out, kam_ctx *ctx, struct sqlite3 *db, uint32_t mode, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
