/**
 * @file kam/spi/storage.h
 * @brief What a store must do.
 *
 * A store keeps typed rows in tables and moves them in column blocks. Four functions are required (begin and end as a
 * pair, scan, write); a store that handles no predicate and no order is still correct, because the library filters,
 * sorts and limits whatever the store leaves out. The host passes (vtable, self) to kam_store_new(): the library never
 * opens a connection, reads no path, knows no credentials.
 *
 * Transactions, three modes, one rule each:
 *
 * - (a) #KAM_TXN_OWN: begin/end given, real transactions: each mutating call of the library is its own transaction
 *   unless the host opened one with kam_book_begin();
 * - (b) #KAM_TXN_SAVEPOINT: begin/end given, savepoints inside the host's transaction;
 * - (c) #KAM_TXN_HOST: begin = end = NULL: the host owns the transaction; the library never commits; after any failed
 *   call the book refuses everything (KAM_E_ABORTED) until kam_book_host_ended().
 *
 * In (b) and (c) a book keeps nothing it read in one transaction for the next; change callbacks fire only from
 * kam_book_host_ended(); WRITE does not exclude others by itself: correctness rests on the unique keys, on rev, and on
 * the row of `counter` the library updates first in each write; READ gives whatever isolation the host chose.
 *
 * Reading and writing: a scan inside a WRITE transaction sees its own writes. Blocks given to the callback have the
 * projection's columns in the projection's order and live until it returns. UPDATE leaves columns absent from the block
 * as they are; INSERT makes them NULL; DELETE needs only the key (and rev). Separating tenants is the host's work
 * inside its store: one `self` = one tenant.
 *
 * Threads: one `self`, one thread at a time, one transaction at a time, one scan at a time, and no other call while a
 * scan runs. Concurrency is several books over several connections. Every pointer in an argument is valid until the
 * call returns. Nothing of the library may be called from inside a store function.
 *
 * @code
 * int32_t attach(kam_store **out, const kam_store_vt *vt, void *self, kam_error *err)
 * {
 *     kam_book_options options = { 0 };
 *     kam_book *book = NULL;
 *     int32_t rc = kam_store_new(out, NULL, vt, self, KAM_TXN_OWN, err);
 *     options.struct_size = sizeof options;
 *     options.flags = KAM_BOOK_CREATE;
 *     if (rc == KAM_OK) rc = kam_book_open(&book, NULL, *out, &options, err);
 *     kam_book_close(book);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_SPI_STORAGE_H
#define KAM_SPI_STORAGE_H
#include <kam/block.h>
#ifdef __cplusplus
extern "C" {
#endif

/** Version of this contract, for kam_store_vt.abi. */
#define KAM_STORE_ABI 1

/**
 * Field flags. All fields of a table flagged UNIQUE form ONE composite unique key, (source, ext_id); a row with NULL in
 * any of them is not checked.
 */
enum {
    KAM_F_KEY = 1,                      /**< The key of its table. */
    KAM_F_UNIQUE = 2,                   /**< Part of the table's composite unique key. */
    KAM_F_INDEXED = 4,                  /**< Often asked for: an index pays. */
    KAM_F_REQUIRED = 8,                 /**< Has a value in every row. */
    KAM_F_TRACKED = 16,                 /**< Changes of it are kept in the history. */
    KAM_F_PERSONAL = 32,                /**< Tells something of a person. */
    KAM_F_SENSITIVE = 64,               /**< Tells something delicate of a person. */
    KAM_F_SECRET = 128                  /**< Not to be shown. */
};

/** Table classes: how rows of a table change. */
enum {
    KAM_C_ENTITY = 1,                   /**< One row per thing, changes in table `change`; delete = tombstone. */
    KAM_C_FACT = 2,                     /**< A value for a range of days; closed by seq_to, never changed otherwise. */
    KAM_C_EVENT = 3,                    /**< Never changed; a correction is a new row with `replaces`. */
    KAM_C_RUN = 4,                      /**< Results and the library's own rows. */
    KAM_C_UNTRACKED = 5                 /**< A table of the host without our history. */
};

/** One field of a table. Frozen for the major version. */
typedef struct kam_field {
    /**
     * Unique over all kinds: kind * 128 + n built in (1..127 common), >= 65536 custom, given by the book, never reused.
     */
    uint32_t id;
    uint16_t since;                     /**< Schema version that added it. */
    uint8_t type;                       /**< KAM_T_. */
    uint8_t scale;                      /**< Decimals of fixed-point fields. */
    uint32_t flags;                     /**< KAM_F_. */
    const char *name;                   /**< The library's name. */
    const char *column;                 /**< The store's column (mapping), same as name by default. */
} kam_field;

/** One table. */
typedef struct kam_table {
    uint32_t struct_size;               /**< sizeof(kam_table). */
    uint32_t id;                        /**< The KAM_KIND_ of its records. */
    uint32_t version;                   /**< Schema version of the table. */
    uint32_t cls;                       /**< KAM_C_. */
    const char *name;                   /**< The library's name. */
    const char *relation;               /**< The store's table or view (mapping). */
    /**
     * field[0] is the key: I64, 1..2^53-1; a mapped table with a text key has ext_id there instead and is READ_ONLY.
     */
    const kam_field *field;
    uint32_t nfield;                    /**< How many. */
    uint32_t flags;                     /**< 1 = READ_ONLY (mapped view). */
    /** Composite indexes wanted: field ids, each list ended by 0; the key is appended. */
    const uint32_t *index;
    uint32_t nindex;                    /**< How many. */
    uint32_t reserved;                  /**< 0. */
} kam_table;

/** A condition; NULL values match only #KAM_OP_NULL. Frozen for the major version. */
typedef struct kam_pred {
    uint32_t field;                     /**< Field id. */
    uint32_t op;                        /**< KAM_OP_. */
    const kam_col *arg;                 /**< One row; for IN up to max_keys of kam_book_options (default 500). */
    uint32_t narg;                      /**< Rows of arg. */
    uint32_t reserved;                  /**< 0. */
} kam_pred;

/** What a scan asks for. */
typedef struct kam_table_scan {
    uint32_t struct_size;               /**< sizeof(kam_table_scan). */
    uint32_t flags;                     /**< 1 = descending: turns order fields and key; NULLs stay last. */
    const kam_table *table;             /**< Of which table. */
    const uint32_t *field;              /**< Projection, by field id. */
    const kam_pred *pred;               /**< All must hold; at most 62. */
    const uint32_t *order;              /**< I32/I64 fields only, then key; NULLs last. */
    /** One row holding the order fields and the key: continue behind it; or NULL. */
    const kam_block *after;
    uint32_t nfield;                    /**< Fields of the projection. */
    uint32_t npred;                     /**< Conditions. */
    uint32_t norder;                    /**< Order fields. */
    uint32_t block_rows;                /**< Most rows a block may have; 0 = the store chooses. */
    uint64_t limit;                     /**< Counts only if bits 0..npred-1 and 63 of handled are all set; 0 = none. */
    /** OUT: bit i = predicate i applied exactly (TEXT: byte-exact), bit 63 = order, after and limit applied.
     *  Final before the first block is handed over. */
    uint64_t handled;
} kam_table_scan;

/** A store's own words about a failure; the library copies them into the caller's kam_error. */
typedef struct kam_store_err {
    uint32_t struct_size;               /**< sizeof(kam_store_err). */
    int32_t code;                       /**< KAM_E_. */
    int32_t native;                     /**< The engine's own code. */
    uint32_t flags;                     /**< 0 in version 1: the code decides (RETRY, COMMIT_UNKNOWN, DEAD). */
    uint32_t table;                     /**< Table id, 0 = does not apply. */
    uint32_t field;                     /**< Field id, 0 = does not apply. */
    uint32_t row;                       /**< Row of the block, from 0. */
    uint32_t reserved;                  /**< 0. */
    char msg[240];                      /**< One line of UTF-8, NUL-ended. */
} kam_store_err;

/** How a transaction ends. It is over whatever the answer. */
enum {
    KAM_END_COMMIT = 1,                 /**< For good, durable. */
    KAM_END_LAZY = 2,                   /**< For good; advisory: durable a little later. */
    KAM_END_ABORT = 3                   /**< As if it had not been. */
};
/** What a write does, by key; a failure makes the transaction abort-only. */
enum {
    KAM_WRITE_INSERT = 1,               /**< New rows. */
    KAM_WRITE_UPDATE = 2,               /**< Columns of rows that are there. */
    KAM_WRITE_DELETE = 3                /**< Rows go. */
};
/** What prepare does. */
enum {
    KAM_PREPARE_CHECK = 1,              /**< Compares and reports; never alters. */
    KAM_PREPARE_CREATE = 2,             /**< Makes tables that are missing. */
    KAM_PREPARE_UPGRADE = 3             /**< Adds tables and columns that are missing. */
};
/** What control does; its `arg`. */
enum {
    KAM_CTL_BACKUP = 1,                 /**< Copies all: const char *destination. */
    KAM_CTL_COMPACT = 2,                /**< Gives back room: NULL. */
    KAM_CTL_VERIFY = 3,                 /**< Checks itself: kam_report_fn *. */
    KAM_CTL_STATS = 4,                  /**< Tells its figures: kam_buf * (JSON). */
    KAM_CTL_PURGE = 5                   /**< Removes the bytes of what was erased: NULL. */
};

/** Takes a block of a scan, lent for the call; non-zero stops the scan and is returned by it. */
typedef int32_t (*kam_block_fn)(void *user, const kam_block *rows);
/** Is told how far a long call has come; non-zero cancels. */
typedef int32_t (*kam_progress_fn)(void *user, uint64_t done, uint64_t total);
/** Takes one finding, lent for the call; non-zero stops. */
typedef int32_t (*kam_report_fn)(void *user, const kam_store_err *finding);

/**
 * The functions of a store. Each gets `self` first and answers #KAM_OK or a KAM_E_ code, with its words in `err`. A
 * vtable cut at offsetof(prepare) is the smallest that attaches.
 */
typedef struct kam_store_vt {
    uint32_t struct_size;               /**< sizeof(kam_store_vt). */
    uint32_t abi;                       /**< #KAM_STORE_ABI. */
    /**
     * Both or neither, see the modes above. Begins: #KAM_BEGIN_READ is one snapshot for all scans (or open the book
     * with #KAM_BOOK_NO_SNAPSHOT), #KAM_BEGIN_WRITE excludes other writers (mode a).
     */
    int32_t (*begin)(void *self, uint32_t flags, kam_store_err *err);
    /** Ends: KAM_END_. */
    int32_t (*end)(void *self, uint32_t how, kam_store_err *err);
    /** Required: hands over the rows asked for, block by block, and says in `handled` what it did. */
    int32_t (*scan)(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err);
    /**
     * Required: writes rows by key, KAM_WRITE_. EXISTS names the row of a taken key or UNIQUE value; UPDATE/DELETE of a
     * missing row is NOT_FOUND; if the block carries `rev`, the stored rev must be rev - 1, else CONFLICT.
     */
    int32_t (*write)(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err);
    /**
     * Optional: KAM_PREPARE_, findings to `fn`. NULL: CHECK finds nothing, CREATE and UPGRADE are UNSUPPORTED, and the
     * tables must exist.
     */
    int32_t (*prepare)(void *self, const kam_table *t, uint32_t ntable, uint32_t how, kam_report_fn fn, void *user,
                       kam_store_err *err);
    /**
     * Optional: `n` ids of a table never given before, the first one into `first`. NULL: rows of table `counter`, same
     * transaction.
     */
    int32_t (*reserve)(void *self, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err);
    /** Optional: upkeep, KAM_CTL_. NULL: UNSUPPORTED. */
    int32_t (*control)(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err);
    /** Optional: ends the connection. NULL: nothing. */
    void (*close)(void *self);
} kam_store_vt;

#ifdef __cplusplus
}
#endif
#endif
