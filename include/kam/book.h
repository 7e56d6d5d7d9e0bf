/*
 * kam/book.h - A store is where rows lie; a book is one connection to it (one tenant, one thread at a time). Who ends transactions depends on
 * the store: (a) the book: each call is its own transaction unless kam_book_begin opened one; (b) the same with savepoints inside
 * the host's transaction; (c) the host alone. In (b) and (c) tell the book how the host's ended: kam_book_host_ended.
 */
#ifndef KAM_BOOK_H
#define KAM_BOOK_H
#include <kam/rows.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

enum { KAM_BOOK_READ_ONLY = 1, KAM_BOOK_CREATE = 2, KAM_BOOK_UPGRADE = 4, KAM_BOOK_LAZY = 8, KAM_BOOK_NO_SNAPSHOT = 16 };
enum { KAM_TXN_OWN = 1, KAM_TXN_SAVEPOINT = 2, KAM_TXN_HOST = 3 };       /* modes (a), (b), (c) */
struct kam_store_vt;                    /* kam/spi/storage.h */

typedef struct kam_book_options {
    uint32_t struct_size, flags;        /* KAM_BOOK_; CREATE and UPGRADE may alter tables, otherwise they are only checked */
    const char *scope, *actor;          /* tenant; who acts (see kam_book_set_actor) */
    const char *zone, *lang;            /* of days and texts: "UTC", "en" */
    const char *currency;               /* base currency, ISO code, given when the book is created: "CNY" */
    uint32_t max_keys, reserved;        /* longest IN list the store takes: 500 */
} kam_book_options;

typedef void (*kam_commit_fn)(void *user, const kam_block *touched);    /* TOUCHED rows, lent for the call */

/** A memory store that several books, each on its own thread, may open. [A, 0.1] */
int32_t kam_store_memory(kam_store **out, kam_ctx *ctx, kam_error *err);
/** A store of the host: its functions, copied, its `self`, and who ends transactions (KAM_TXN_). One book at a time, else BUSY;
 *  ends with vt->close. [B, 0.1] */
int32_t kam_store_new(kam_store **out, kam_ctx *ctx, const struct kam_store_vt *vt, void *self, uint32_t mode, kam_error *err);
/** Says which tables and columns the host has already, before the first book:
 *  {"account": {"relation": "customer", "read_only": true, "columns": {"id": "cust_no"}}}; a text key is mapped as "ext_id" and the
 *  library keeps the ids. PARSE SCHEMA. [B, 0.1] */
int32_t kam_store_map(kam_store *store, const char *json, size_t len, kam_error *err);
/** Gives up the caller's hold; the store ends with its last book. [A, 0.1] */
void kam_store_free(kam_store *store);

/** Opens a book. `ctx` NULL = the store's; `store` NULL = a memory store of its own, created at once; `options` NULL = defaults.
 *  SCHEMA: the tables do not fit. READ_ONLY: written by a newer minor version. [A; on a store of the host B; 0.1] */
int32_t kam_book_open(kam_book **out, kam_ctx *ctx, kam_store *store, const kam_book_options *options, kam_error *err);
/** Its context, lent (handle). [B, 0.1] */
kam_ctx *kam_book_ctx(kam_book *book);
/** Closes it; an open transaction of ours is rolled back. [B, 0.1] */
void kam_book_close(kam_book *book);
/** The same book as it was known after commit `seq`; read-only, on the same connection and thread. [B, 0.1] */
int32_t kam_book_known(kam_book **out, kam_book *book, int64_t seq, kam_error *err);
/** Number of the last commit up to the end of a day; KAM_TODAY = the last one; 0 = none yet. [B, 0.1] */
int32_t kam_book_seq(int64_t *out, kam_book *book, int32_t day, kam_error *err);
/** Who acts from now on (history and permissions); set it per request of a server. [B, 0.1] */
int32_t kam_book_set_actor(kam_book *book, const char *actor, size_t len, kam_error *err);

/** Opens a transaction around several calls: KAM_BEGIN_READ (one snapshot) or WRITE. (c): UNSUPPORTED. [B, 0.1] */
int32_t kam_book_begin(kam_book *book, uint32_t how, kam_error *err);
/** Ends it for good. The transaction is over whatever the answer. COMMIT_UNKNOWN RETRY CONFLICT. [B, 0.1] */
int32_t kam_book_commit(kam_book *book, kam_error *err);
/** Takes it back; fine without one. [B, 0.1] */
int32_t kam_book_rollback(kam_book *book, kam_error *err);
/** Modes (b) and (c): the host's transaction ended, `committed` 1 or 0. Ends ABORTED, fires kam_book_on_commit. [B, 0.1] */
int32_t kam_book_host_ended(kam_book *book, int32_t committed, kam_error *err);
/** Makes LAZY commits durable now. IO FULL DEAD. [B, 0.1] */
int32_t kam_book_flush(kam_book *book, kam_error *err);
/** Checks tables, references, history and hashes; findings as PROBLEM rows, none = sound. [B, 0.1] */
int32_t kam_book_verify(kam_rows **out, kam_book *book, kam_error *err);

/** One record by id, as of a day; follows merged ids. NOT_FOUND. [B, 0.1] */
int32_t kam_book_get(kam_record **out, kam_book *book, uint32_t kind, int64_t id, int32_t as_of, kam_error *err);
/** Id of the record with the ERP's key. NOT_FOUND. [B, 0.1] */
int32_t kam_book_find(int64_t *out, kam_book *book, uint32_t kind, const char *source, const char *ext_id, size_t len,
                      kam_error *err);
/** Stores a record and writes id and rev back into it. No id: finds it by (source, ext_id) or makes one. What that means follows
 *  from the kind: entities are updated (CONFLICT: the rev is old), facts close the one before, events are corrected by a new row.
 *  EXISTS NOT_FOUND READ_ONLY. [B, 0.1] */
int32_t kam_book_save(kam_book *book, kam_record *record, kam_error *err);
/** Marks an entity deleted; history stays. CONFLICT NOT_FOUND; events and runs: UNSUPPORTED. [B, 0.1] */
int32_t kam_book_delete(kam_book *book, uint32_t kind, int64_t id, int64_t rev, kam_error *err);

/** What commits after `since` touched, in order, each once: TOUCHED rows. Old and new values: a query over CHANGE. [B, 0.1] */
int32_t kam_book_changes(kam_rows **out, kam_book *book, int64_t since, kam_error *err);
/** Calls `fn` after each commit of this book; NULL ends it. [B, 0.1] */
int32_t kam_book_on_commit(kam_book *book, kam_commit_fn fn, void *user, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
