/**
 * @file kam/book.h
 * @brief Stores and books: where records lie, and the connection to them.
 *
 * A store is where rows lie; a book is one connection to it (one tenant, one thread at a time). Who ends transactions
 * is said when the store is made: the book (each call is a transaction of its own unless kam_book_begin() opened one),
 * the book with savepoints inside the host's transaction, or the host alone. In the last two the host tells how its
 * transaction ended: kam_book_host_ended().
 *
 * Nothing is overwritten: entities keep every change, facts every range that was ever believed, events their
 * corrections. So every read takes a day (what was true), and kam_book_known() gives the book as it was known after any
 * commit.
 *
 * @code
 * int32_t open_in_memory(kam_book **out, kam_error *err)
 * {
 *     kam_book_options options = { 0 };
 *     options.struct_size = sizeof options;
 *     options.actor = "m.chen";
 *     options.zone = "+08:00";
 *     options.currency = "CNY";
 *     return kam_book_open(out, NULL, NULL, &options, err);
 * }
 * @endcode
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

/** Flags of kam_book_options. */
enum {
    KAM_BOOK_READ_ONLY = 1,             /**< Nothing is written: such calls answer KAM_E_READ_ONLY. */
    KAM_BOOK_CREATE = 2,                /**< Makes tables that are missing, and the book where there is none yet. */
    KAM_BOOK_UPGRADE = 4,               /**< Adds missing tables, columns and built-in policies of a newer version. */
    KAM_BOOK_LAZY = 8,                  /**< Commits may become durable a little later: see kam_book_flush(). */
    KAM_BOOK_NO_SNAPSHOT = 16           /**< Reads open no transaction: for stores that have no snapshots. */
};
/** Who ends transactions. */
enum {
    KAM_TXN_OWN = 1,                    /**< The book: its transactions are real ones. */
    KAM_TXN_SAVEPOINT = 2,              /**< The book, by savepoints inside the host's transaction. */
    KAM_TXN_HOST = 3                    /**< The host alone: the book never begins, commits or rolls back. */
};
struct kam_store_vt;                    /* kam/spi/storage.h */

/** How a book is opened. Zero all bytes, set struct_size; texts are NUL-ended and copied. */
typedef struct kam_book_options {
    uint32_t struct_size;               /**< sizeof(kam_book_options). */
    uint32_t flags;                     /**< KAM_BOOK_; without CREATE and UPGRADE tables are only checked. */
    const char *scope;                  /**< Tenant, written with each commit, separates nothing; NULL = "". */
    const char *actor;                  /**< Who acts (kam_book_set_actor()); NULL = "". */
    const char *zone;                   /**< Zone in which days begin; NULL = "UTC". */
    const char *lang;                   /**< Of labels: "en" (also NULL) or "zh". */
    const char *currency;               /**< Base currency, ISO 4217; kept when the book is made; NULL = none. */
    uint32_t max_keys;                  /**< Longest IN list the store takes; 0 = 500. */
    uint32_t reserved;                  /**< 0. */
} kam_book_options;

/**
 * Called after a commit with what it touched: TOUCHED columns seq, kind, record, op (KAM_TOUCH_), lent for the call.
 */
typedef void (*kam_commit_fn)(void *user, const kam_block *touched);

/**
 * Makes a memory store. Several books, each on its own thread, may be open on it; one of them writes at a time, the
 * others' writes answer KAM_E_BUSY.
 * @param[out] out     The new store; end the caller's hold with kam_store_free().
 * @param[in] ctx      Held; NULL = one of its own with all defaults.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_store_memory(kam_store **out, kam_ctx *ctx, kam_error *err);
/**
 * Opens the durable store in one file, or makes the file with the first book. What was committed survives a crash of
 * the process and of the machine; a #KAM_BOOK_LAZY book gives up the last second of it. Several books, each on its own
 * thread, may be open on it; one of them writes at a time, the others read what was committed when their transaction
 * began. The file is locked: no second store object, in this process or another one, writes to it. Rows are held in
 * memory.
 *
 * A tail that was torn by a crash is repaired; a file in which acknowledged data is damaged is not opened, see
 * kam_store_file_read() and kam_store_salvage(). Local file systems only. Beside the file "<path>.tmp" is used.
 * @code
 * int32_t open_file(kam_book **out, const char *path, kam_error *err)
 * {
 *     kam_book_options options = { 0 };
 *     kam_store *store = NULL;
 *     int32_t rc = kam_store_file(&store, NULL, path, KAM_NUL, err);
 *     options.struct_size = sizeof options;
 *     options.flags = KAM_BOOK_CREATE;
 *     if (rc == KAM_OK) rc = kam_book_open(out, NULL, store, &options, err);
 *     kam_store_free(store);
 *     return rc;
 * }
 * @endcode
 * @param[out] out     The new store; end the caller's hold with kam_store_free().
 * @param[in] ctx      Held; NULL = one of its own with all defaults. Its clock tells when lazy commits are due.
 * @param[in] path     Name of the file, as the operating system takes it; copied.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL; tells the place of a damage.
 * @return KAM_OK; KAM_E_INVAL (NULL, an empty path or one with U+0000); KAM_E_BUSY (somebody else writes to it);
 *         KAM_E_CORRUPT (damaged, cut off, or no file of ours); KAM_E_UNSUPPORTED (a newer major format; a newer minor
 *         one is opened and can only be read); KAM_E_READ_ONLY (not allowed to write to it); KAM_E_IO; KAM_E_FULL;
 *         KAM_E_DEAD (the disk did not confirm a repair); KAM_E_CANCELLED; KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_store_file(kam_store **out, kam_ctx *ctx, const char *path, size_t len, kam_error *err);
/**
 * Opens a file of kam_store_file() for reading: it is neither locked nor repaired nor ever written, and shows what was
 * committed at this moment, whatever a writer does later. Of a damaged file it shows what is intact.
 * @param[out] out     The new store; end the caller's hold with kam_store_free(). Writing to it answers
 *         KAM_E_READ_ONLY.
 * @param[in] ctx      Held; NULL = one of its own with all defaults.
 * @param[in] path     Name of the file; copied.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND (there is no such file); or a code of kam_store_file().
 * @threads A
 * @since 0.1
 */
int32_t kam_store_file_read(kam_store **out, kam_ctx *ctx, const char *path, size_t len, kam_error *err);
/**
 * Copies what is intact in a damaged file into a new one. Of a transaction that is damaged nothing is taken, of a
 * damaged checkpoint the rows that are whole.
 * @param[in] ctx      Its memory and progress; NULL = one of its own with all defaults.
 * @param[in] path     Name of the damaged file; it is only read.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in] to       Name of the new file; there must be none yet.
 * @param[in] to_len   Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_CORRUPT (nothing is intact); KAM_E_EXISTS (there is a file of the new name); or a code of
 *         kam_store_file_read().
 * @threads A
 * @since 0.1
 */
int32_t kam_store_salvage(kam_ctx *ctx, const char *path, size_t len, const char *to, size_t to_len, kam_error *err);
/**
 * Upkeep of a store beside its books: backup, compaction, verification, figures, removing the bytes of what was erased.
 * Backup, verification and figures go on while somebody writes.
 * @param[in,out] store  The store; one of the host's must have no open book.
 * @param[in] op         KAM_CTL_ (kam/spi/storage.h).
 * @param[in,out] arg    As it says there: the new file's name, NULL, a kam_report_fn *, or a kam_buf *.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_UNSUPPORTED (the store does not do that); KAM_E_BUSY (a book is open, writes, or a
 *         backup runs); KAM_E_EXISTS (there is a file of the new name); KAM_E_READ_ONLY; KAM_E_CANCELLED; KAM_E_NOMEM;
 *         what the store answers.
 * @threads A, on a store of the host B
 * @since 0.1
 */
int32_t kam_store_control(kam_store *store, uint32_t op, void *arg, kam_error *err);
/**
 * Makes a store of the host's own functions (kam/spi/storage.h). It serves one book at a time.
 * @param[out] out     The new store; end the caller's hold with kam_store_free().
 * @param[in] ctx      Held; NULL = one of its own with all defaults.
 * @param[in] vt       The functions, copied. begin and end are NULL in mode HOST and given in the others.
 * @param[in] self     Given to each of them; the store's from now on and ended by vt->close with it; on failure still
 *         the caller's.
 * @param[in] mode     KAM_TXN_.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, a vtable smaller than the first one or without scan or write, begin and end
 *         against the mode); KAM_E_UNSUPPORTED (another vt->abi); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_store_new(kam_store **out, kam_ctx *ctx, const struct kam_store_vt *vt, void *self, uint32_t mode,
                      kam_error *err);
/**
 * Says which tables and columns the host has already; once, before the first book. The other tables stay the library's
 * ("kam_account").
 *
 * `{"account": {"relation": "customer", "read_only": true, "columns": {"id": "cust_no", "name": "title"}}}`: fields not
 * mentioned do not exist. A whole-number key is mapped as "id"; a text key as "ext_id", then the library gives the ids
 * and keeps them in a table of its own (its source is "erp"). To be written a table needs "id" and, for entities,
 * "rev". `{"column": "d", "text": true}` is a column that holds the value as canonical text.
 * @param[in,out] store  The store; unchanged on failure.
 * @param[in] json       One object: name of a kind -> table.
 * @param[in] len        Its length in bytes, or #KAM_NUL.
 * @param[in,out] err    May be NULL; tells the line.
 * @return KAM_OK; KAM_E_INVAL (NULL, mapped already, or a book is open); KAM_E_PARSE (no JSON, or not of this form);
 *         KAM_E_TYPE; KAM_E_SCHEMA (an unknown kind or field, no key, or written without rev); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_store_map(kam_store *store, const char *json, size_t len, kam_error *err);
/**
 * Gives up the caller's hold. The store itself ends with its last book.
 * @param[in] store  May be NULL.
 * @threads A
 * @since 0.1
 */
void kam_store_free(kam_store *store);

/**
 * Opens a book. A store that holds none yet needs #KAM_BOOK_CREATE once: that makes the tables, the base currency and
 * the built-in policies, in one first commit.
 * @param[out] out     The new book; close it with kam_book_close().
 * @param[in] ctx      Held; NULL = the store's.
 * @param[in] store    Held; NULL = a memory store of its own, made at once.
 * @param[in] options  Copied; NULL = defaults.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (an unknown flag or language, a currency that is not the book's); KAM_E_UNSUPPORTED (an
 *         option of a newer version, or tables cannot be made by this store); KAM_E_SCHEMA (the tables do not fit, hold
 *         no book yet, or are of a newer major version; a newer minor version is opened read-only); KAM_E_READ_ONLY (a
 *         book cannot be made so); KAM_E_NOT_FOUND (unknown zone); KAM_E_BUSY (the store serves another book);
 *         KAM_E_UTF8, KAM_E_LIMIT (a text); KAM_E_NOMEM; what the store answers.
 * @threads A, on a store of the host B
 * @since 0.1
 */
int32_t kam_book_open(kam_book **out, kam_ctx *ctx, kam_store *store, const kam_book_options *options, kam_error *err);
/**
 * The context of a book.
 * @param[in] book  May be NULL.
 * @return The context, lent while the book lives; NULL where `book` is NULL. Cannot fail.
 * @threads B
 * @since 0.1
 */
kam_ctx *kam_book_ctx(kam_book *book);
/**
 * Closes a book and gives its connection back at once; an open transaction of ours is rolled back. What was made from
 * it can still be ended, in any order, and answers KAM_E_CLOSED.
 * @param[in] book  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_book_close(kam_book *book);
/**
 * The same book as it was known after a commit: read-only, on the same connection, transaction and thread.
 * @param[out] out     The new book; close it with kam_book_close(), before or after `book`.
 * @param[in] book     The book; on a known book of its own the earlier of the two points counts.
 * @param[in] seq      Commit number, 0 or more (kam_book_seq()); 0 = before the first one.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (a negative `seq`); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_known(kam_book **out, kam_book *book, int64_t seq, kam_error *err);
/**
 * Number of the last commit up to the end of a day in the book's zone, as far as the book knows.
 * @param[out] out     The number; 0 = none yet.
 * @param[in] book     The book.
 * @param[in] day      The day; #KAM_TODAY = the last commit of all.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; what the context's zone callback answers; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_seq(int64_t *out, kam_book *book, int32_t day, kam_error *err);
/**
 * Who acts from now on: written with each commit, policy and approval. Servers set it for each request.
 * @param[in,out] book  The book; unchanged on failure.
 * @param[in] actor     UTF-8, copied; NULL = "".
 * @param[in] len       Its length in bytes, or #KAM_NUL.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_UTF8; KAM_E_LIMIT (longer than max_text); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_set_actor(kam_book *book, const char *actor, size_t len, kam_error *err);

/**
 * Opens a transaction around several calls. They join it; if one fails after it has written, the transaction can only
 * be rolled back (KAM_E_ABORTED). Rows opened inside end with it.
 * @param[in,out] book  The book.
 * @param[in] how       #KAM_BEGIN_READ (one snapshot) or #KAM_BEGIN_WRITE.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (one is open already, or another `how`); KAM_E_UNSUPPORTED (mode HOST: begin it there);
 *         KAM_E_READ_ONLY; KAM_E_BUSY (somebody else writes); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_begin(kam_book *book, uint32_t how, kam_error *err);
/**
 * Ends a transaction of kam_book_begin() for good. It is over whatever the answer.
 * @param[in,out] book  The book.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (none is open); KAM_E_ABORTED (a call in it had failed; it was rolled back);
 *         KAM_E_COMMIT_UNKNOWN, KAM_E_RETRY, KAM_E_CONFLICT and what else the store answers.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_commit(kam_book *book, kam_error *err);
/**
 * Takes the open transaction back; fine without one.
 * @param[in,out] book  The book.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_BUSY (called from a callback).
 * @threads B
 * @since 0.1
 */
int32_t kam_book_rollback(kam_book *book, kam_error *err);
/**
 * Modes SAVEPOINT and HOST: tells that the host's transaction has ended. Ends KAM_E_ABORTED; calls the function of
 * kam_book_on_commit().
 * @param[in,out] book   The book.
 * @param[in] committed  1 = committed, 0 = rolled back.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL (mode OWN, or a transaction of kam_book_begin() is open); KAM_E_CLOSED.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_host_ended(kam_book *book, int32_t committed, kam_error *err);
/**
 * Makes the commits of a #KAM_BOOK_LAZY book durable now. Does nothing inside a transaction, on a read-only book, or
 * where the host ends transactions.
 * @param[in,out] book  The book.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_IO, KAM_E_FULL, KAM_E_DEAD and what else the store answers; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_flush(kam_book *book, kam_error *err);
/**
 * Checks what is stored: tables, counters, commits, references, history, ranges of facts, policies and their hashes.
 * @param[out] out     Findings as PROBLEM rows, none = sound; their code is TABLE, COUNTER, COMMIT, REFERENCE, CHANGE,
 *         RANGE, OVERLAP, VERSION or HASH. End them with kam_rows_free().
 * @param[in] book     The book.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK, with findings too; KAM_E_INVAL (the open transaction has written); KAM_E_CANCELLED; or a code of any
 *         call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_verify(kam_rows **out, kam_book *book, kam_error *err);

/**
 * One record by id. Follows ids that were merged away, and corrected events to their last correction.
 * @param[out] out     The record; end it with kam_record_free().
 * @param[in] book     The book.
 * @param[in] kind     A stored KAM_KIND_ (below 200).
 * @param[in] id       Record id.
 * @param[in] as_of    The day, as in kam_query_run(); a fact is found whatever its days.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no stored kind); KAM_E_NOT_FOUND (no such record, deleted, or not yet there on that
 *         day); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_get(kam_record **out, kam_book *book, uint32_t kind, int64_t id, int32_t as_of, kam_error *err);
/**
 * Id of the record that has the ERP's key.
 * @param[out] out     The id.
 * @param[in] book     The book.
 * @param[in] kind     A stored KAM_KIND_ (below 200).
 * @param[in] source   Whose key it is, NUL-ended; NULL or "" = of keys without a source ("erp" for a table of the host
 *         with text keys).
 * @param[in] ext_id   The key, UTF-8.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no stored kind, NULL); KAM_E_NOT_FOUND (no such key, or its record is deleted);
 *         KAM_E_UTF8; KAM_E_LIMIT; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_find(int64_t *out, kam_book *book, uint32_t kind, const char *source, const char *ext_id, size_t len,
                      kam_error *err);
/**
 * Stores a record and writes id and rev back into it. What that means follows from the kind:
 *
 * - Entities (account, contact, product ...) are updated: fields that differ are written, each with its old and new
 *   value, the actor and KAM_REASON in the history. A record with an id means all its fields, and its rev, if it has
 *   one, must be the stored one. A record without id is found by its (source, ext_id), then only the fields it has are
 *   meant, and a deleted one comes back; or it is new.
 * - Facts (owner, grade, rate ...) hold for [valid_from, valid_to) and cut off what held before in that range. Without
 *   valid_from a subject's first fact holds from the beginning, a later one from today.
 * - Events (ledger, activity) never change: what has the id or the key of one corrects it by a new row with a new id.
 *
 * What is the same already is not written. A FIELD or CURRENCY record changes the schema of records made afterwards.
 * @param[in,out] book    The book.
 * @param[in,out] record  The record; unchanged on failure. Money and keys of references are settled in it.
 * @param[in,out] err     May be NULL; tells kind and field.
 * @return KAM_OK; KAM_E_INVAL (a rule of the kind, a value that is required, money without currency); KAM_E_NOT_FOUND
 *         (the id, or what a field refers to, does not exist); KAM_E_CONFLICT (changed meanwhile: the rev is old);
 *         KAM_E_EXISTS (key or name is taken); KAM_E_LIMIT (money with more decimals than its currency has);
 *         KAM_E_READ_ONLY (the book, or a table of the host); KAM_E_UNSUPPORTED (records of this kind are written by
 *         the library only); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_save(kam_book *book, kam_record *record, kam_error *err);
/**
 * Marks an entity deleted; its history stays, and saving it by its key brings it back.
 * @param[in,out] book  The book.
 * @param[in] kind      KAM_KIND_ of an entity.
 * @param[in] id        Record id.
 * @param[in] rev       The rev that was read; 0 = whichever is stored.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no stored kind); KAM_E_NOT_FOUND; KAM_E_CONFLICT (the rev is old); KAM_E_UNSUPPORTED
 *         (facts, events and runs); KAM_E_READ_ONLY; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_delete(kam_book *book, uint32_t kind, int64_t id, int64_t rev, kam_error *err);
/**
 * Erases what is known of a person: every value of the record's fields flagged KAM_F_PERSONAL or KAM_F_SENSITIVE
 * (kam/spi/storage.h), custom ones too, in the record and in its history. Rows, commit numbers and which field changed
 * when stay.
 *
 * - Of an account whose `kind` is PERSON also what of a firm is no personal data: name, address, postcode, coordinates,
 *   phone, fax, e-mail, website, credit standing, credit code, standing, developments and note; its name in the lists
 *   of stored plans becomes "(erased)". Town, region, country and figures stay. What counts is `kind` as it stands now:
 *   of an account that is an organisation, or says nothing, only flagged fields are erased.
 * - Fields that must have a text (a contact's name) get "(erased)"; the others have no value. As of any day and known
 *   at any commit the record reads so from now on; the record's rev counts on, and a deleted record stays deleted.
 * - For each field that had something a CHANGE record tells it, with the reason "erased" or "erased: REASON", its
 *   commit when and by whom; it holds no value. A record of which nothing is known any more is left as it is.
 * - What is not such a field stays, also if it names the person: texts of activities, reasons of changes, the ERP's
 *   key, an organisation's name. An import of what the ERP still has brings values back: erase them there first.
 * - A store may hold the old bytes in its file until kam_store_control() with KAM_CTL_PURGE (kam/spi/storage.h).
 *   Backups made before keep them.
 *
 * @param[in,out] book  The book.
 * @param[in] kind      KAM_KIND_ of an entity with such fields.
 * @param[in] id        Record id; the record may be deleted.
 * @param[in] reason    UTF-8, NUL-ended, copied; it is kept for good, so it should name nobody. NULL = none.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no stored kind); KAM_E_NOT_FOUND; KAM_E_UNSUPPORTED (the kind has no such fields, or
 *         the account is no person and no field of accounts is flagged so); KAM_E_READ_ONLY (the book, or a table of
 *         the host); KAM_E_UTF8, KAM_E_LIMIT (the reason); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_erase(kam_book *book, uint32_t kind, int64_t id, const char *reason, kam_error *err);

/**
 * What later commits touched. Old and new values are CHANGE records: query them.
 * @param[out] out     TOUCHED rows by commit, kind and record, each record once a commit; end them with
 *         kam_rows_free().
 * @param[in] book     The book; a kam_book_known() book tells of its commits only.
 * @param[in] since    Commit number after which to begin; 0 = from the start.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (a negative `since`); KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_changes(kam_rows **out, kam_book *book, int64_t since, kam_error *err);
/**
 * Has a function called after each commit of this book that touched a record; in modes SAVEPOINT and HOST by
 * kam_book_host_ended(). It must not call the book (KAM_E_BUSY). A commit that touched more records than a block holds
 * calls it several times, a block each.
 * @param[in,out] book  The book.
 * @param[in] fn        The function; NULL ends it.
 * @param[in] user      Given to it.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_book_on_commit(kam_book *book, kam_commit_fn fn, void *user, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
