/*
 * kam/spi/storage.h - what a store must do.
 *
 * A store keeps typed rows in tables and moves them in column blocks. Four functions are required; a store that handles no predicate and no
 * order is still correct, because the library filters, sorts and limits whatever the store leaves out.
 *
 * The host passes (vtable, self): the library never opens a connection, reads no path, knows no credentials.
 *
 * Transactions, three modes, one rule each:
 *  (a) begin/end given, real transactions: each mutating call of the library is its own transaction unless the host opened one with kam_book_begin();
 *  (b) begin/end given, savepoints inside the host's transaction;
 *  (c) begin = end = NULL: the host owns the transaction; the library never commits; after any failed call the book refuses everything
 *      (KAM_E_ABORTED) until kam_book_host_ended(book, committed).
 *  The mode is said when the store is made (KAM_TXN_OWN, KAM_TXN_SAVEPOINT, KAM_TXN_HOST); (c) has begin = end = NULL.
 *  In (b) and (c) a book keeps nothing it read in one transaction for the next; change callbacks fire only from kam_book_host_ended(); WRITE does not exclude
 *  others by itself: correctness rests on the unique keys, on rev, and on the row of `counter` the library updates first in each write; READ gives whatever
 *  isolation the host chose, and without one snapshot results carry KAM_ASOF_UNSTABLE.
 *
 * Reading and writing: a scan inside a WRITE transaction sees its own writes. Blocks given to the callback have the projection's columns in the projection's order
 * and live until it returns. UPDATE leaves columns absent from the block as they are; INSERT makes them NULL; DELETE needs only the key (and rev). Separating tenants
 * is the host's work inside its store: one `self` = one tenant.
 *
 * Threads: one `self`, one thread at a time, one transaction at a time, one scan at a time, and no other call while a scan runs. Concurrency is several books
 * over several connections. Every pointer in an argument is valid until the call returns. Nothing of the library may be called from inside a store function.
 */
#ifndef KAM_SPI_STORAGE_H
#define KAM_SPI_STORAGE_H
#include <kam/block.h>
#ifdef __cplusplus
extern "C" {
#endif

#define KAM_STORE_ABI 1

/* Field flags. All fields of a table flagged UNIQUE form ONE composite unique key, (source, ext_id); a row with NULL in any of them is not checked. */
enum { KAM_F_KEY = 1, KAM_F_UNIQUE = 2, KAM_F_INDEXED = 4, KAM_F_REQUIRED = 8, KAM_F_TRACKED = 16, KAM_F_PERSONAL = 32, KAM_F_SENSITIVE = 64, KAM_F_SECRET = 128 };

/* Table classes (see DESIGN section 5). */
enum { KAM_C_ENTITY = 1, KAM_C_FACT = 2, KAM_C_EVENT = 3, KAM_C_RUN = 4, KAM_C_UNTRACKED = 5 };

typedef struct kam_field {          /* frozen for the major version */
    uint32_t id;                    /* unique over all kinds: kind * 128 + n built in (1..127 common), >= 65536 custom, given by the book, never reused */
    uint16_t since;                 /* schema version that added it */
    uint8_t type, scale;            /* KAM_T_*; decimals for fixed-point fields */
    uint32_t flags;                 /* KAM_F_* */
    const char *name;               /* the library's name */
    const char *column;             /* the store's column (mapping), same as name by default */
} kam_field;

typedef struct kam_table {
    uint32_t struct_size, id, version, cls;
    const char *name, *relation;    /* the library's name; the store's table or view (mapping) */
    const kam_field *field;         /* field[0] is the key: I64, 1..2^53-1; a mapped table with a text key has ext_id there instead and is READ_ONLY */
    uint32_t nfield, flags;         /* 1 = READ_ONLY (mapped view) */
    const uint32_t *index;          /* composite indexes wanted: field ids, each list ended by 0; the key is appended */
    uint32_t nindex, reserved;
} kam_table;

typedef struct kam_pred {           /* frozen for the major version; NULL values match only KAM_OP_NULL */
    uint32_t field, op;
    const kam_col *arg;             /* one row; for IN up to the attach option max_keys (default 500) */
    uint32_t narg, reserved;
} kam_pred;

typedef struct kam_table_scan {
    uint32_t struct_size, flags;    /* 1 = descending: turns every order field and the key; NULLs are last either way */
    const kam_table *table;
    const uint32_t *field;          /* projection, by field id */
    const kam_pred *pred;           /* all must hold; at most 62 */
    const uint32_t *order;          /* I32/I64 fields only, then key; NULLs last */
    const kam_block *after;         /* one row holding the order fields and the key: continue behind it; or NULL */
    uint32_t nfield, npred, norder, block_rows;
    uint64_t limit;                 /* counts only if bits 0..npred-1 and 63 of handled are all set; 0 = none */
    uint64_t handled;               /* OUT: bit i = predicate i applied exactly (TEXT: byte-exact), bit 63 = order, after and limit applied */
} kam_table_scan;

/* A store's own words about a failure; the library copies them into the caller's kam_error. */
typedef struct kam_store_err {
    uint32_t struct_size;
    int32_t code, native;           /* KAM_E_*; the engine's own code */
    uint32_t flags;                 /* 0 in version 1: the code decides (RETRY, COMMIT_UNKNOWN, DEAD) */
    uint32_t table, field, row, reserved;
    char msg[240];
} kam_store_err;

/* KAM_BEGIN_READ: one snapshot for all scans (or open the book with NO_SNAPSHOT). KAM_BEGIN_WRITE excludes other writers (mode a). */
enum { KAM_END_COMMIT = 1, KAM_END_LAZY = 2, KAM_END_ABORT = 3 }; /* LAZY is advisory: durable a little later. The transaction is over whatever the answer. */
enum { KAM_WRITE_INSERT = 1, KAM_WRITE_UPDATE = 2, KAM_WRITE_DELETE = 3 }; /* by key; a failure makes the transaction abort-only */
enum { KAM_PREPARE_CHECK = 1, KAM_PREPARE_CREATE = 2, KAM_PREPARE_UPGRADE = 3 }; /* CHECK never alters */
enum { KAM_CTL_BACKUP = 1, KAM_CTL_COMPACT = 2, KAM_CTL_VERIFY = 3, KAM_CTL_STATS = 4, KAM_CTL_PURGE = 5 };

typedef int32_t (*kam_block_fn)(void *user, const kam_block *rows);   /* non-zero stops the scan and is returned by it */
typedef int32_t (*kam_progress_fn)(void *user, uint64_t done, uint64_t total); /* non-zero cancels */
typedef int32_t (*kam_report_fn)(void *user, const kam_store_err *finding);

typedef struct kam_store_vt {
    uint32_t struct_size, abi;
    /* both or neither: see the modes above */
    int32_t (*begin)(void *self, uint32_t flags, kam_store_err *err);
    int32_t (*end)(void *self, uint32_t how, kam_store_err *err);
    /* required */
    int32_t (*scan)(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err);
    /* required. EXISTS names the row of a taken key or UNIQUE value; UPDATE/DELETE of a missing row is NOT_FOUND; if the block carries `rev`, the stored rev must
     * be rev - 1, else CONFLICT. */
    int32_t (*write)(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err);
    /* Optional, NULL allowed. prepare NULL: CHECK, CREATE, UPGRADE answer UNSUPPORTED and the tables must exist. reserve NULL: rows of table `counter`, same
     * transaction. control NULL: UNSUPPORTED; its arg: BACKUP const char *destination, STATS kam_buf * (JSON), VERIFY kam_report_fn *, COMPACT and PURGE NULL. close NULL: nothing.
     * A vtable cut at offsetof(prepare) is the smallest that attaches. */
    int32_t (*prepare)(void *self, const kam_table *t, uint32_t ntable, uint32_t how, kam_report_fn fn, void *user, kam_store_err *err);
    int32_t (*reserve)(void *self, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err);
    int32_t (*control)(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err);
    void (*close)(void *self);
} kam_store_vt;

#ifdef __cplusplus
}
#endif
#endif
