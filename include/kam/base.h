/*
 * kam/base.h - Environment. A context holds what the library may use of its host: memory, clock, zones, threads, limits. There is nothing
 * global; several contexts live side by side in one process.
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

#define KAM_VERSION 0x000100            /* major << 16 | minor << 8 | patch */
#define KAM_NUL ((size_t)-1)            /* a length: "up to the NUL" */

enum {
    KAM_OK = 0, KAM_E_INVAL = -1, KAM_E_NOMEM = -2, KAM_E_UNSUPPORTED = -3, KAM_E_NOT_FOUND = -4, KAM_E_EXISTS = -5,
    KAM_E_CONFLICT = -6, KAM_E_BUSY = -7, KAM_E_ABORTED = -8, KAM_E_RETRY = -9, KAM_E_CANCELLED = -10, KAM_E_LIMIT = -11,
    KAM_E_TYPE = -12, KAM_E_UTF8 = -13, KAM_E_PARSE = -14, KAM_E_SCHEMA = -15, KAM_E_POLICY = -16, KAM_E_DENIED = -17,
    KAM_E_READ_ONLY = -18, KAM_E_IO = -19, KAM_E_FULL = -20, KAM_E_CORRUPT = -21, KAM_E_DEAD = -22, KAM_E_CLOSED = -23,
    KAM_E_STALE = -24, KAM_E_COMMIT_UNKNOWN = -25
};

/* Days that are not dates: today by the context's clock in the book's zone; no start; no end. */
enum { KAM_TODAY = 2147483647, KAM_DAY_FIRST = -2147483647, KAM_DAY_END = 2147483646 };

typedef struct kam_error kam_error;
typedef struct kam_store kam_store;
typedef struct kam_book kam_book;
typedef struct kam_record kam_record;
typedef struct kam_rows kam_rows;
typedef struct kam_ctx kam_ctx;
typedef struct kam_buf kam_buf;

/** Version of the library that runs, as KAM_VERSION; static. [A, 0.1] */
uint32_t kam_version(void);
/** Name of a code, "KAM_E_POLICY"; static; never NULL. [A, 0.1] */
const char *kam_code_name(int32_t code);

typedef struct kam_allocator {
    uint32_t struct_size, flags;                                                /* flags: 0 */
    void *user;
    void *(*alloc)(void *user, size_t size);                                    /* NULL = out of memory */
    void *(*resize)(void *user, void *p, size_t old_size, size_t new_size);     /* NULL = out of memory, p stays */
    void (*release)(void *user, void *p, size_t size);
} kam_allocator;

/* What one kam_error tells beside code and message; kam_error_detail() answers -1 where it does not apply (NATIVE: 0). */
enum {
    KAM_ERR_KIND = 1, KAM_ERR_FIELD = 2, KAM_ERR_ROW = 3, KAM_ERR_LINE = 4, KAM_ERR_COLUMN = 5, KAM_ERR_OFFSET = 6,
    KAM_ERR_NATIVE = 7
};

/** Makes an error holder; it owns all memory it will ever need. `allocator` NULL = malloc. One per thread is enough. [A, 0.1] */
int32_t kam_error_new(kam_error **out, const kam_allocator *allocator);
/** Ends it. [B, 0.1] */
void kam_error_free(kam_error *err);
/** Code of the last failure, 0 = none yet. [B, 0.1] */
int32_t kam_error_code(const kam_error *err);
/** One English line: what, where, and what to do; lent (next); "" = none yet, or err NULL. [B, 0.1] */
const char *kam_error_message(const kam_error *err);
/** A KAM_ERR_ figure: kind, field id, row from 0, line and column from 1, byte offset from 0, the store's own code. [B, 0.1] */
int64_t kam_error_detail(const kam_error *err, uint32_t what);

enum { KAM_LOG_DEBUG = 1, KAM_LOG_INFO = 2, KAM_LOG_WARN = 3, KAM_LOG_ERROR = 4 };

typedef void (*kam_task_fn)(void *arg, uint32_t i);

typedef struct kam_ctx_options {        /* every callback gets `user` first; NULL callbacks have the stated default */
    uint32_t struct_size, flags;        /* flags: 0 */
    const kam_allocator *allocator;     /* malloc */
    void *user;
    int64_t (*now)(void *user);                                                 /* ms UTC; the system's clock */
    void (*log)(void *user, int32_t level, int32_t code, const char *text, size_t len);             /* silence */
    int32_t (*progress)(void *user, uint64_t done, uint64_t total);             /* total 0 = unknown; non-zero cancels; goes on */
    int32_t (*zone)(void *user, const char *name, int64_t utc_ms, int32_t *offset_min);             /* "UTC", "+08:00" only */
    int32_t (*collate)(void *user, const char *text, size_t len, kam_buf *key); /* append a sort key; byte order */
    int32_t (*parallel_for)(void *user, uint32_t n, kam_task_fn task, void *arg);                   /* a plain loop */
    uint32_t max_text, max_depth;       /* bytes of one text value: 65,536; nesting of documents and expressions: 100 */
    uint64_t max_memory;                /* bytes; 0 = no limit; above it NOMEM */
} kam_ctx_options;

/** Makes a context; `options` NULL = all defaults. UNSUPPORTED: options of a newer version. [A, 0.1] */
int32_t kam_ctx_new(kam_ctx **out, const kam_ctx_options *options, kam_error *err);
/** Gives up the caller's hold; the context ends with its last child. [A, 0.1] */
void kam_ctx_free(kam_ctx *ctx);

/** Makes an empty buffer: the place for long outputs. Functions that write to one replace its content. [A, 0.1] */
int32_t kam_buf_new(kam_buf **out, kam_ctx *ctx, kam_error *err);
/** Ends it. [B, 0.1] */
void kam_buf_free(kam_buf *buf);
/** Its bytes, lent (next), NUL-ended; never NULL. [B, 0.1] */
const char *kam_buf_data(const kam_buf *buf);
/** Number of bytes without the NUL. [B, 0.1] */
size_t kam_buf_size(const kam_buf *buf);
/** Adds bytes at the end; for the host's callbacks. [B, 0.1] */
int32_t kam_buf_append(kam_buf *buf, const void *data, size_t size, kam_error *err);

/** Reads "2026-03-01" as a day. PARSE. [A, 0.1] */
int32_t kam_day_parse(int32_t *out, const char *text, size_t len, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
