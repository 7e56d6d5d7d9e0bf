/**
 * @file kam/arrow.h
 * @brief Arrow: a list as a stream of record batches, for analytics.
 *
 * The Arrow C data and stream interfaces are three plain structs by which libraries hand over columns in one process,
 * without a copy on the reader's side and without a dependency: DuckDB, pyarrow, polars, pandas and R take them. Every
 * kam_rows can be read so. A batch owns its memory: batches, schema and stream are released in any order.
 *
 * One column for each shown field, named as the field. Values come as their readers want them:
 *
 * | value | Arrow type | format |
 * | --- | --- | --- |
 * | text, code, currency, enum (its name) | utf8 | u |
 * | whole number, id, reference | int64, int32 | l, i |
 * | yes or no | boolean | b |
 * | money, decimal, points | decimal128(38, decimals) | d:38,s |
 * | floating point; degrees | float64 | g |
 * | day | date32 | tdD |
 * | instant | timestamp in ms, UTC | tsm:UTC |
 * | local time | timestamp in s, no zone | tss: |
 *
 * Money is the amount itself (1234.50), exact, so that amounts of currencies with different decimals can stand in one
 * column: with the base currency's decimals where the records have no currency of their own, else with 6. Money of an
 * unknown currency, and the open ends of a range of days, are null. The metadata of a column has "kam.field" (its id),
 * "kam.unit", "kam.label.en" and "kam.label.zh"; money in the base currency "kam.currency", other money
 * "kam.currency_field" (the name of the field that tells it). That of the batch has "kam.kind".
 *
 * @code
 * int32_t count_rows(int64_t *n, kam_query *query, kam_error *err)
 * {
 *     struct ArrowArrayStream stream;
 *     struct ArrowArray batch;
 *     kam_rows *rows = NULL;
 *     int32_t rc = kam_query_run(&rows, query, KAM_TODAY, err);
 *     if (rc == KAM_OK && (rc = kam_rows_arrow(&stream, rows, err)) != KAM_OK) kam_rows_free(rows);
 *     if (rc != KAM_OK) return rc;
 *     for (*n = 0; stream.get_next(&stream, &batch) == 0 && batch.release; batch.release(&batch)) *n += batch.length;
 *     stream.release(&stream);
 *     return KAM_OK;
 * }
 * @endcode
 */
#ifndef KAM_ARROW_H
#define KAM_ARROW_H
#include <kam/rows.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* The structs are the same in every header that has them: the guards are those of the specification. */
#ifndef ARROW_C_DATA_INTERFACE
/** The structs of the data interface are there. */
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1 /**< The order of a dictionary means something. */
#define ARROW_FLAG_NULLABLE 2           /**< The field may have no value. */
#define ARROW_FLAG_MAP_KEYS_SORTED 4    /**< The keys of a map are sorted. */
/** Type of an array, or of a record batch. */
struct ArrowSchema {
    const char *format;                 /**< Type, as the specification writes it. */
    const char *name;                   /**< Name of the column. */
    const char *metadata;               /**< Pairs of names and values, in the specification's layout; may be NULL. */
    int64_t flags;                      /**< ARROW_FLAG_. */
    int64_t n_children;                 /**< Columns. */
    struct ArrowSchema **children;      /**< That many. */
    struct ArrowSchema *dictionary;     /**< NULL. */
    void (*release)(struct ArrowSchema *); /**< Ends it; NULL = was ended or moved. */
    void *private_data;                 /**< The producer's. */
};
/** Values of an array, or of a record batch. */
struct ArrowArray {
    int64_t length;                     /**< Values. */
    int64_t null_count;                 /**< How many of them are null. */
    int64_t offset;                     /**< First value in the buffers: 0. */
    int64_t n_buffers;                  /**< Buffers. */
    int64_t n_children;                 /**< Columns. */
    const void **buffers;               /**< Validity bits (NULL = no nulls), offsets, values. */
    struct ArrowArray **children;       /**< That many. */
    struct ArrowArray *dictionary;      /**< NULL. */
    void (*release)(struct ArrowArray *); /**< Ends it; NULL = was ended or moved. */
    void *private_data;                 /**< The producer's. */
};
#endif
#ifndef ARROW_C_STREAM_INTERFACE
/** The struct of the stream interface is there. */
#define ARROW_C_STREAM_INTERFACE
/** Record batches of one schema. */
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out); /**< 0 or an errno code. */
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out); /**< The same; at the end `out` is released. */
    const char *(*get_last_error)(struct ArrowArrayStream *); /**< Of the last call, lent until the next; or NULL. */
    void (*release)(struct ArrowArrayStream *); /**< Ends it; NULL = was ended or moved. */
    void *private_data;                 /**< The producer's. */
};
#endif

/**
 * The rest of a list as a stream of record batches, of up to 65,536 rows each.
 *
 * The stream's calls answer 0 or an errno code: ENOMEM, ENOSYS (KAM_E_UNSUPPORTED), ECANCELED, EINVAL, else EIO;
 * get_last_error() tells the message. A call that failed can be made again. Batches and schemas may be released on any
 * thread (the context's allocator must bear that), also when stream, rows and book are gone; the stream itself is of
 * class B, its release ends `rows`.
 * @param[out] out      The stream; whatever it held before is not looked at. End it with its release().
 * @param[in] rows      The list. It is the stream's from now on: do not touch or free it. On failure it stays yours.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_CLOSED (as kam_rows_next()); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_rows_arrow(struct ArrowArrayStream *out, kam_rows *rows, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
