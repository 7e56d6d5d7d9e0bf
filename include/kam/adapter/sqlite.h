/*
 * kam/adapter/sqlite.h - libkam-sqlite: a store on a SQLite connection that the host opened and closes.
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

/** A store on `db`, lent by the host while the store lives; `mode` is a KAM_TXN_. [B, 0.1] */
int32_t kam_sqlite_store(kam_store **out, kam_ctx *ctx, struct sqlite3 *db, uint32_t mode, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
