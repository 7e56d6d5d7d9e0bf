/*
 * adapters/sqlite/sqlite_store.h - inside of libkam-sqlite.
 *
 * A store is the host's connection plus a small cache of prepared statements. A statement is found by its signature (a
 * few words: what, table, fields, operators), so that its SQL is written only once. All memory comes from
 * sqlite3_malloc: the host's settings for SQLite hold for us too.
 */
#ifndef KAM__SQLITE_STORE_H
#define KAM__SQLITE_STORE_H
#include <kam/adapter/sqlite.h>
#include <kam/spi/storage.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

/* The declared type of column ?2 of table or view ?1. */
#define KAM__SQ_TYPE "SELECT type FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE"

enum { KAM__SQ_CACHE = 64, KAM__SQ_RUNS = 8 };

/* First words of signatures. */
enum { KAM__SQ_WRITE = 1, KAM__SQ_EXISTS = 2, KAM__SQ_SCAN = 3 };

typedef struct kam__sq_entry {
    sqlite3_stmt *stmt;
    uint32_t *key;
    uint32_t nkey, hash;
    uint64_t used;
} kam__sq_entry;

typedef struct kam__sq {
    sqlite3 *db;                        /* the host's; never closed here */
    uint32_t mode, txn;                 /* KAM_TXN_; KAM_BEGIN_ of the open transaction, 0 = none */
    int32_t nested;                     /* the open transaction is a savepoint in the host's */
    int32_t aborted, utf16;             /* a write failed: only ABORT is left; the database keeps text as UTF-16 */
    uint32_t *key;                      /* the signature being written */
    uint32_t nkey, key_cap;
    int32_t key_nomem;
    uint64_t clock;
    sqlite3_stmt *run[KAM__SQ_RUNS];    /* begin, commit ...: see store.c */
    kam__sq_entry cache[KAM__SQ_CACHE];
} kam__sq;

/* ---------------------------------------------------------------- store.c */

/** A new connection's `self` and vtable; ends with vt->close(self). */
int32_t kam__sq_open(void **self, kam_store_vt *vt, sqlite3 *db, uint32_t mode);
/** Writes code and message, returns code; `t` NULL allowed. The format is SQLite's own (%q, %w, %lld). */
int32_t kam__sq_say(kam_store_err *err, int32_t code, const kam_table *t, const char *fmt, ...);
int32_t kam__sq_vsay(kam_store_err *err, int32_t code, const kam_table *t, const char *fmt, va_list ap);
/** SQLite's last failure as a code and message of ours. */
int32_t kam__sq_fail(kam__sq *s, kam_store_err *err, const kam_table *t);
/** Starts a signature; kam__sq_word adds to it. */
void kam__sq_key(kam__sq *s, uint32_t first, const kam_table *t);
void kam__sq_word(kam__sq *s, uint32_t word);
/** The statement of the signature, reset; NULL = not known yet. */
sqlite3_stmt *kam__sq_find(kam__sq *s);
/** Prepares `sql` (ended here) and keeps it under the signature. */
int32_t kam__sq_keep(kam__sq *s, sqlite3_stmt **out, sqlite3_str *sql, const kam_table *t, kam_store_err *err);
void kam__sq_flush(kam__sq *s);
int32_t kam__sq_begin(void *self, uint32_t flags, kam_store_err *err);
int32_t kam__sq_end(void *self, uint32_t how, kam_store_err *err);
int kam__sq_bind(sqlite3_stmt *st, int at, const kam_col *c, uint32_t row);
int kam__sq_is_null(const kam_col *c, uint32_t row);
const kam_field *kam__sq_field(const kam_table *t, uint32_t id);
const kam_col *kam__sq_col(const kam_block *b, uint32_t field);

/* ---------------------------------------------------------------- scan.c, write.c, admin.c: the vtable's functions */

int32_t kam__sq_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err);
int32_t kam__sq_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err);
int32_t kam__sq_prepare(void *self, const kam_table *t, uint32_t ntable, uint32_t how, kam_report_fn fn, void *user,
                        kam_store_err *err);
int32_t kam__sq_control(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err);

#endif
