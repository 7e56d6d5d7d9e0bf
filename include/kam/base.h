/**
 * @file kam/base.h
 * @brief Environment: codes, errors, context, buffers, days.
 *
 * A context holds what the library may use of its host: memory, clock, zones, threads, limits. There is nothing global;
 * several contexts live side by side in one process. Most programs need no context of their own (NULL = all defaults)
 * and one error holder per thread.
 *
 * @code
 * int32_t day_after(int32_t *out, const char *text)
 * {
 *     kam_error *err = NULL;
 *     int32_t day = 0, rc = kam_error_new(&err, NULL);
 *     if (rc == KAM_OK) rc = kam_day_parse(&day, text, KAM_NUL, err);
 *     if (rc == KAM_OK) *out = day + 1;
 *     else fprintf(stderr, "%s: %s\n", kam_code_name(rc), kam_error_message(err));
 *     kam_error_free(err);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_BASE_H
#define KAM_BASE_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** Version of these headers: major << 16 | minor << 8 | patch. kam_version() tells that of the library that runs. */
#define KAM_VERSION 0x000100
/** A length: "up to the NUL". */
#define KAM_NUL ((size_t)-1)

/** What calls answer: 0 or one of these negative codes. Numbers are never reused; new codes follow at the end. */
enum {
    KAM_OK = 0,                         /**< Done. */
    KAM_E_INVAL = -1,                   /**< An argument is wrong: NULL, an unknown flag, a forbidden value. */
    KAM_E_NOMEM = -2,                   /**< No memory, or max_memory of the context is reached. */
    KAM_E_UNSUPPORTED = -3,             /**< This version, this store or this kind of record cannot do it. */
    KAM_E_NOT_FOUND = -4,               /**< There is no such record, field, list or zone. */
    KAM_E_EXISTS = -5,                  /**< A key, name or batch is taken already, or the thing is done already. */
    KAM_E_CONFLICT = -6,                /**< The record was changed meanwhile: read it again. */
    KAM_E_BUSY = -7,                    /**< In the middle of a call, or somebody else writes or holds the store. */
    KAM_E_ABORTED = -8,                 /**< An earlier call failed in this transaction: only taking it back is left. */
    KAM_E_RETRY = -9,                   /**< The store asks to run the transaction again; only the host can. */
    KAM_E_CANCELLED = -10,              /**< The host's progress callback said stop. */
    KAM_E_LIMIT = -11,                  /**< Too big, too long, too deep or too many. */
    KAM_E_TYPE = -12,                   /**< A value is not of the type its field has. */
    KAM_E_UTF8 = -13,                   /**< Text is not UTF-8, or holds U+0000. */
    KAM_E_PARSE = -14,                  /**< Text or a document cannot be read. */
    KAM_E_SCHEMA = -15,                 /**< The store's tables do not fit, or hold no book yet. */
    KAM_E_POLICY = -16,                 /**< A document is wrong in itself, none is in force, or a rate is missing. */
    KAM_E_DENIED = -17,                 /**< The store does not permit it. */
    KAM_E_READ_ONLY = -18,              /**< Book, table or store is not for writing. */
    KAM_E_IO = -19,                     /**< Reading or writing failed below the store. */
    KAM_E_FULL = -20,                   /**< There is no room to write. */
    KAM_E_CORRUPT = -21,                /**< What is stored is damaged. */
    KAM_E_DEAD = -22,                   /**< The store cannot go on: close it. */
    KAM_E_CLOSED = -23,                 /**< Its book is closed, or its transaction has ended. */
    KAM_E_STALE = -24,                  /**< The book has moved on since this was computed. */
    KAM_E_COMMIT_UNKNOWN = -25          /**< The commit may or may not have happened: look before doing it again. */
};

/** Days that are not dates. */
enum {
    KAM_TODAY = 2147483647,             /**< Today, by the context's clock in the book's zone. */
    KAM_DAY_FIRST = -2147483647,        /**< No start. */
    KAM_DAY_END = 2147483646            /**< No end. */
};

/** The words and figures of the last failure; made once by the caller, one per thread is enough. */
typedef struct kam_error kam_error;
/** Where rows lie (kam/book.h). */
typedef struct kam_store kam_store;
/** One connection to a store (kam/book.h). */
typedef struct kam_book kam_book;
/** One thing of one kind (kam/record.h). */
typedef struct kam_record kam_record;
/** A list of records (kam/rows.h). */
typedef struct kam_rows kam_rows;
/** The environment; counted: it ends with the last object made from it. */
typedef struct kam_ctx kam_ctx;
/** Growing bytes, the place for long outputs. */
typedef struct kam_buf kam_buf;

/**
 * Version of the library that runs.
 * @return The version in the form of #KAM_VERSION; cannot fail.
 * @threads A
 * @since 0.1
 */
uint32_t kam_version(void);
/**
 * Name of a code.
 * @param[in] code  Any number.
 * @return The name, such as "KAM_E_POLICY"; "KAM_E_UNKNOWN" for a number that is no code. Static, never NULL.
 * @threads A
 * @since 0.1
 */
const char *kam_code_name(int32_t code);

/**
 * Memory of the host. All three functions must be given; several threads may call them at once where objects of one
 * context are used by several threads. Memory must be aligned as malloc's is.
 */
typedef struct kam_allocator {
    uint32_t struct_size;               /**< sizeof(kam_allocator). */
    uint32_t flags;                     /**< 0. */
    void *user;                         /**< Given to each function; lives as long as what is made with it. */
    /** New memory of `size` bytes, not zeroed; NULL = out of memory. */
    void *(*alloc)(void *user, size_t size);
    /**
     * Grows or shrinks `p` of `old_size` bytes, keeping its content; NULL = out of memory, then `p` stays as it was.
     */
    void *(*resize)(void *user, void *p, size_t old_size, size_t new_size);
    /** Gives back `p` of `size` bytes. */
    void (*release)(void *user, void *p, size_t size);
} kam_allocator;

/** What an error tells beside code and message, for kam_error_detail(). */
enum {
    KAM_ERR_KIND = 1,                   /**< Kind of record (KAM_KIND_); -1 = does not apply. */
    KAM_ERR_FIELD = 2,                  /**< Field id; -1 = does not apply. */
    KAM_ERR_ROW = 3,                    /**< Row of the input, from 0; -1 = does not apply. */
    KAM_ERR_LINE = 4,                   /**< Line of a text, from 1; -1 = does not apply. */
    KAM_ERR_COLUMN = 5,                 /**< Column in that line, from 1; -1 = does not apply. */
    KAM_ERR_OFFSET = 6,                 /**< Byte offset in a text, from 0; -1 = does not apply. */
    KAM_ERR_NATIVE = 7                  /**< The store's own code, such as SQLite's extended one; 0 = does not apply. */
};

/**
 * Makes an error holder. It owns all the memory it will ever need, so that even "out of memory" can be told.
 * @param[out] out       The new holder; end it with kam_error_free().
 * @param[in] allocator  Its memory, copied; NULL = malloc.
 * @return KAM_OK; KAM_E_INVAL (`out` is NULL, the allocator is not whole); KAM_E_UNSUPPORTED (an allocator of a newer
 *         version); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_error_new(kam_error **out, const kam_allocator *allocator);
/**
 * Ends an error holder.
 * @param[in] err  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_error_free(kam_error *err);
/**
 * Code of the last failure. Calls that succeed leave it alone.
 * @param[in] err  May be NULL.
 * @return A KAM_E_ code; 0 = no failure yet, or `err` is NULL. Cannot fail.
 * @threads B
 * @since 0.1
 */
int32_t kam_error_code(const kam_error *err);
/**
 * The last failure in words: what, where, and what to do.
 * @param[in] err  May be NULL.
 * @return One line of English, UTF-8, at most 511 bytes; "" = no failure yet, or `err` is NULL. Lent until the next
 *         failure told to `err`, or its end; never NULL.
 * @threads B
 * @since 0.1
 */
const char *kam_error_message(const kam_error *err);
/**
 * A figure of the last failure.
 * @param[in] err   May be NULL.
 * @param[in] what  Which one: a KAM_ERR_.
 * @return The figure; -1 (for #KAM_ERR_NATIVE 0) where it does not apply, for an unknown `what`, or where `err` is
 *         NULL.
 * @threads B
 * @since 0.1
 */
int64_t kam_error_detail(const kam_error *err, uint32_t what);

/** Levels of kam_ctx_options.log. */
enum {
    KAM_LOG_DEBUG = 1,                  /**< For those who look for a mistake. */
    KAM_LOG_INFO = 2,                   /**< What happened. */
    KAM_LOG_WARN = 3,                   /**< Done, but somebody should look. */
    KAM_LOG_ERROR = 4                   /**< Not done. */
};

/** One of the tasks that kam_ctx_options.parallel_for runs: number `i`, with the `arg` it was given. */
typedef void (*kam_task_fn)(void *arg, uint32_t i);

/**
 * What a context may use of its host. Zero all bytes, set struct_size; zero is always the default. Every callback gets
 * `user` first and comes on the caller's thread, so on several at once where several threads use the context.
 */
typedef struct kam_ctx_options {
    uint32_t struct_size;               /**< sizeof(kam_ctx_options). */
    uint32_t flags;                     /**< 0. */
    const kam_allocator *allocator;     /**< Memory, copied; NULL = malloc. */
    void *user;                         /**< Given to each callback; must live as long as the context. */
    /** Instant now, milliseconds UTC since 1970. Default: the system's clock. */
    int64_t (*now)(void *user);
    /**
     * One message, `level` a KAM_LOG_, `code` 0 or a KAM_E_; `text` is lent for the call. Default: silence. Version 0.1
     * sends none.
     */
    void (*log)(void *user, int32_t level, int32_t code, const char *text, size_t len);
    /** At least once per block of a long call; `total` 0 = unknown; non-zero cancels the call. Default: goes on. */
    int32_t (*progress)(void *user, uint64_t done, uint64_t total);
    /**
     * Minutes east of UTC of the zone `name` at an instant, within a day, into `offset_min`; KAM_E_NOT_FOUND = unknown
     * zone. "UTC" and "+08:00" are never asked for. Default: knows no other.
     */
    int32_t (*zone)(void *user, const char *name, int64_t utc_ms, int32_t *offset_min);
    /**
     * Appends (kam_buf_append) the bytes that sort as `text` shall; for lists only, never for decisions. Default: the
     * text's bytes.
     */
    int32_t (*collate)(void *user, const char *text, size_t len, kam_buf *key);
    /**
     * Runs task(arg, 0 .. n-1) in any order, on any threads, and returns when all are done. Default: a plain loop; so
     * does 0.1.
     */
    int32_t (*parallel_for)(void *user, uint32_t n, kam_task_fn task, void *arg);
    uint32_t max_text;                  /**< Bytes of one text value: 0 = 65,536; at most 8 MiB. */
    uint32_t max_depth;                 /**< Nesting of documents and expressions: 0 = 100; at most 1,000. */
    uint64_t max_memory;                /**< Bytes in use at once, 0 = no limit; above it calls answer KAM_E_NOMEM. */
} kam_ctx_options;

/**
 * Makes a context.
 * @param[out] out     The new context; end the caller's hold with kam_ctx_free().
 * @param[in] options  Copied, the allocator's functions too; NULL = all defaults.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (`out` is NULL, struct_size or a limit is impossible, the allocator is not whole);
 *         KAM_E_UNSUPPORTED (an option of a newer version is set); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_ctx_new(kam_ctx **out, const kam_ctx_options *options, kam_error *err);
/**
 * Gives up the caller's hold. The context itself ends with the last object made from it.
 * @param[in] ctx  May be NULL.
 * @threads A
 * @since 0.1
 */
void kam_ctx_free(kam_ctx *ctx);

/**
 * Makes an empty buffer. Functions that write to one replace its content.
 * @param[out] out     The new buffer; end it with kam_buf_free().
 * @param[in] ctx      Held by the buffer; NULL = one of its own with all defaults.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_buf_new(kam_buf **out, kam_ctx *ctx, kam_error *err);
/**
 * Ends a buffer.
 * @param[in] buf  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_buf_free(kam_buf *buf);
/**
 * The bytes of a buffer.
 * @param[in] buf  May be NULL.
 * @return kam_buf_size() bytes and a NUL behind them; "" where there are none. Lent until the next call that changes
 *         the buffer; never NULL.
 * @threads B
 * @since 0.1
 */
const char *kam_buf_data(const kam_buf *buf);
/**
 * Number of bytes in a buffer.
 * @param[in] buf  May be NULL.
 * @return Bytes, without the NUL behind them; cannot fail.
 * @threads B
 * @since 0.1
 */
size_t kam_buf_size(const kam_buf *buf);
/**
 * Adds bytes at the end; for the host's callbacks.
 * @param[in,out] buf  The buffer; unchanged on failure.
 * @param[in] data     Bytes, copied; not part of the buffer itself. NULL only with `size` 0.
 * @param[in] size     How many.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_buf_append(kam_buf *buf, const void *data, size_t size, kam_error *err);

/**
 * Reads a day, "2026-03-01": years 0001 to 9999 of the Gregorian calendar.
 * @param[out] out     Days since 1970-01-01.
 * @param[in] text     Exactly the ten bytes of a day, nothing around them.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_PARSE (not written so, or not in the calendar).
 * @threads A
 * @since 0.1
 */
int32_t kam_day_parse(int32_t *out, const char *text, size_t len, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
