/**
 * @file kam/import.h
 * @brief Imports: many records in one transaction, counted.
 *
 * One import is one batch and one transaction, fed by bytes, by records or by blocks, whichever the host has. Records
 * are found by their (source, ext_id), so that a file sent twice, changed or reordered counts exactly what is new,
 * changed, unchanged, corrected and rejected. Only the fields given are meant; nothing is ever deleted. A bad row is
 * listed and the rest goes on.
 *
 * @code
 * int32_t import_orders(kam_book *book, const char *csv, size_t size, kam_error *err)
 * {
 *     kam_import_options options = { 0 };
 *     kam_import *imp = NULL;
 *     int32_t rc;
 *     options.struct_size = sizeof options;
 *     options.source = "erp";
 *     rc = kam_import_new(&imp, book, KAM_KIND_LEDGER, &options, err);
 *     if (rc == KAM_OK) rc = kam_import_feed(imp, csv, size, err);
 *     if (rc == KAM_OK) rc = kam_import_finish(imp, err);
 *     if (rc == KAM_OK) printf("%s new\n", kam_record_text(kam_import_report(imp), KAM_IMPORT_REPORT_NEW, "0"));
 *     kam_import_free(imp);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_IMPORT_H
#define KAM_IMPORT_H
#include <kam/book.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** An import under way. */
typedef struct kam_import kam_import;
/** Flags of kam_import_options. */
enum {
    /**
     * Counts and lists, and takes everything back. In a transaction opened before, or one of the host, it writes
     * nothing and only compares: rows without a key, and facts, count as new.
     */
    KAM_IMPORT_DRY_RUN = 1,
    KAM_IMPORT_STOP_AT_FIRST = 2        /**< The first bad row fails the import; else it is listed. */
};

/** How an import reads. Zero all bytes, set struct_size; texts are NUL-ended and copied. */
typedef struct kam_import_options {
    uint32_t struct_size;               /**< sizeof(kam_import_options). */
    uint32_t flags;                     /**< KAM_IMPORT_. */
    uint32_t format;                    /**< Of kam_import_feed(): #KAM_FORMAT_CSV (or 0), _JSON, _JSONL, _VCARD. */
    uint32_t separator;                 /**< Of CSV, one ASCII character; 0 = found out. */
    const char *batch;                  /**< Id of this delivery: a second one is KAM_E_EXISTS; NULL = none. */
    /** Whose keys these are, of rows and of references; NULL = field "source" of each row. */
    const char *source;
    /**
     * A MAPPING policy by name, or its JSON: heading -> field, and how values are written. NULL = headings are field
     * names and values canonical text.
     */
    const char *mapping;
    /**
     * Encoding of the bytes fed: "GB18030", "GBK", "GB2312", "BIG5", "UTF-16", "ISO-8859-1", "WINDOWS-1252"; NULL =
     * UTF-8. Other than UTF-8 is converted by the C library. A row with bytes that are no character is a bad row, and
     * its PROBLEM tells which byte.
     */
    const char *encoding;
} kam_import_options;

/**
 * Starts an import of records of one kind. It opens a transaction, or joins the open one, and holds it until it is
 * finished or ended.
 * @param[out] out     The new import; end it with kam_import_free().
 * @param[in] book     Where to store; held.
 * @param[in] kind     KAM_KIND_ of entities, facts or events.
 * @param[in] options  Copied; NULL = defaults.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no stored kind, an unknown flag or encoding, a read transaction is open);
 *         KAM_E_UNSUPPORTED (such records or this format are not imported, the C library has no such converter, or an
 *         option of a newer version is set); KAM_E_EXISTS (this batch is
 *         in already); KAM_E_POLICY, KAM_E_PARSE, KAM_E_TYPE, KAM_E_NOT_FOUND (the mapping); KAM_E_UTF8, KAM_E_LIMIT (a
 *         text); KAM_E_READ_ONLY; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_import_new(kam_import **out, kam_book *book, uint32_t kind, const kam_import_options *options,
                       kam_error *err);
/**
 * Feeds bytes of a text, cut anywhere. Bad rows do not fail it.
 * @param[in,out] imp  The import; a failure ends it and takes everything back.
 * @param[in] data     The bytes; not looked at after the call.
 * @param[in] size     How many.
 * @param[in,out] err  May be NULL; tells the row and, in a text, line and column.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_NOT_FOUND, KAM_E_POLICY, KAM_E_PARSE, KAM_E_UTF8 (headings or text cannot
 *         be read); the code of the first bad row with #KAM_IMPORT_STOP_AT_FIRST; KAM_E_CLOSED (finished, or its
 *         transaction has ended); KAM_E_CANCELLED; the code it failed with before; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_import_feed(kam_import *imp, const void *data, size_t size, kam_error *err);
/**
 * Feeds one record; a bad one does not fail the import.
 * @param[in,out] imp  The import; a failure, but for KAM_E_INVAL, ends it and takes everything back.
 * @param[in] record   A record of its kind, copied; fields without a value are not meant.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, a record of another kind); else as kam_import_feed().
 * @threads B
 * @since 0.1
 */
int32_t kam_import_add(kam_import *imp, const kam_record *record, kam_error *err);
/**
 * Feeds a block, each row a record; bad ones do not fail the import.
 * @param[in,out] imp  The import; a failure, but for KAM_E_INVAL, ends it and takes everything back.
 * @param[in] block    Columns by field id, money in minor units; not looked at after the call.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, a column that is no field of the kind); else as kam_import_feed().
 * @threads B
 * @since 0.1
 */
int32_t kam_import_block(kam_import *imp, const kam_block *block, kam_error *err);
/**
 * Ends the input, stores the rest and commits; a transaction opened before the import stays open. Report and problems
 * can still be read.
 * @param[in,out] imp  The import; a failure takes everything back.
 * @param[in,out] err  May be NULL.
 * @return As kam_import_feed(), and what kam_book_commit() answers.
 * @threads B
 * @since 0.1
 */
int32_t kam_import_finish(kam_import *imp, kam_error *err);
/**
 * The counts so far, of rows that were looked at.
 * @param[in] imp  May be NULL.
 * @return An IMPORT_REPORT record (new, changed, unchanged, corrected, rejected), lent until the next call on `imp`;
 *         NULL where `imp` is NULL. Cannot fail.
 * @threads B
 * @since 0.1
 */
const kam_record *kam_import_report(kam_import *imp);
/**
 * Control totals so far, of an import of LEDGER records: what the rows that were not rejected add up to, new or there
 * already, by month, company, currency and event. Held against the ERP's own figures after a dry run, they tell whether
 * the whole file was understood. Complete after kam_import_finish(); rows are counted a few thousand at a time.
 * @param[out] out     IMPORT_TOTAL rows by month; none for other kinds. End them with kam_rows_free().
 * @param[in] imp      The import.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_LIMIT (a sum beyond 2^63 minor units); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_import_totals(kam_rows **out, kam_import *imp, kam_error *err);
/**
 * The bad rows so far, with place and cause; after 10,000 they are only counted. Values that a mapping rounded are
 * listed too, as WARNING.
 * @param[out] out     PROBLEM rows by row of the input; end them with kam_rows_free().
 * @param[in] imp      The import.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_import_problems(kam_rows **out, kam_import *imp, kam_error *err);
/**
 * Ends an import. Unfinished it leaves nothing behind; inside a transaction opened before it, that one is KAM_E_ABORTED
 * if rows were fed.
 * @param[in] imp  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_import_free(kam_import *imp);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
