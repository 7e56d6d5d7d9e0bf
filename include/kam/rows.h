/**
 * @file kam/rows.h
 * @brief Rows: every list, of any origin.
 *
 * Answers of queries, history, entries of a run, reasons, problems: all are kam_rows, read row by row, block by block,
 * or as text. A list reads ahead one block, so that calls on the book are allowed between two calls on it. Opened
 * inside a transaction it sees that snapshot and ends with it (KAM_E_CLOSED); otherwise each block is a snapshot of its
 * own. A call that fails moves nothing and can be made again.
 *
 * @code
 * int32_t print_names(kam_rows *accounts, kam_error *err)
 * {
 *     const kam_record *r = NULL;
 *     int32_t rc;
 *     while ((rc = kam_rows_next(&r, accounts, err)) == KAM_OK && r)
 *         printf("%s, %s\n", kam_record_text(r, KAM_ACCOUNT_NAME, ""), kam_record_text(r, KAM_ACCOUNT_CITY, "-"));
 *     kam_rows_free(accounts);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_ROWS_H
#define KAM_ROWS_H
#include <kam/record.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** Text formats of lists, for exports and imports. */
enum {
    KAM_FORMAT_CSV = 1,                 /**< Comma-separated values (RFC 4180), headings first. */
    KAM_FORMAT_JSON = 2,                /**< One JSON array of objects. */
    KAM_FORMAT_JSONL = 3,               /**< One JSON object a line. */
    KAM_FORMAT_ICALENDAR = 4,           /**< iCalendar (RFC 5545), of ACTIVITY, PLAN_ENTRY and PLAN_CHANGE lists. */
    KAM_FORMAT_VCARD = 5                /**< vCard: of CONTACT lists, written as 4.0 (RFC 6350), read as 3.0 and 4.0. */
};
/** Flags of kam_export_options. */
enum {
    KAM_EXPORT_BOM = 1,                 /**< CSV: begin with a byte order mark, which spreadsheets like. */
    KAM_EXPORT_LABELS = 2,              /**< CSV: labels as headings instead of field names. */
    KAM_EXPORT_RAW = 4,                 /**< CSV: no guard against texts that a spreadsheet would run as formulas. */
    /**
     * CSV: texts that a spreadsheet would read as a number or a day, and so lose (leading zeros, a plus sign, more than
     * 11 digits: phone numbers, credit codes), as ="00123". It shows them as they are; imports take the wrapping off.
     */
    KAM_EXPORT_EXCEL = 16,
    KAM_EXPORT_UTC = 8                  /**< iCalendar: times as UTC, by the book's zone; else local without a zone. */
};

/** How kam_rows_export() writes. Zero all bytes, set struct_size. */
typedef struct kam_export_options {
    uint32_t struct_size;               /**< sizeof(kam_export_options). */
    uint32_t flags;                     /**< KAM_EXPORT_. */
    uint32_t format;                    /**< KAM_FORMAT_; 0 = CSV. */
    uint32_t separator;                 /**< Between the cells of CSV, one ASCII character or a tab; 0 = ','. */
    const char *lang;                   /**< Of labels: "en", "zh"; NULL = the book's. */
    /** Of CSV: "GB18030", "GBK", "BIG5" and so on, where the C library has iconv; NULL = UTF-8. */
    const char *encoding;
} kam_export_options;

/**
 * Kind of the records of a list.
 * @param[in] rows  May be NULL.
 * @return Their KAM_KIND_; 0 where `rows` is NULL. Cannot fail.
 * @threads B
 * @since 0.1
 */
uint32_t kam_rows_kind(const kam_rows *rows);
/**
 * The next record.
 * @param[out] out      The record, lent until the next call on `rows`; NULL at the end.
 * @param[in,out] rows  The list.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK, at the end too; KAM_E_CLOSED (the book is closed, or the transaction the list was opened in has
 *         ended); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_rows_next(const kam_record **out, kam_rows *rows, kam_error *err);
/**
 * The next rows as a block, column by column, money in minor units. May follow kam_rows_next(): gives what is left of
 * that block.
 * @param[out] out      The block, lent until the next call on `rows`; NULL at the end.
 * @param[in,out] rows  The list.
 * @param[in,out] err   May be NULL.
 * @return As kam_rows_next().
 * @threads B
 * @since 0.1
 */
int32_t kam_rows_next_block(const kam_block **out, kam_rows *rows, kam_error *err);
/**
 * The next piece of the rest as text, about 1 MiB of whole rows: call it until it gives nothing. Headings come with the
 * first piece, what closes a JSON array with the last.
 *
 * In iCalendar visits and meetings are VEVENTs, other contacts VTODOs. The UID of an activity never changes, SEQUENCE
 * is the commit that wrote it last: a calendar program takes a later export as an update. Cancelled ones come last, in
 * a calendar of their own with METHOD:CANCEL. A vCard has the contact's own data, company and role as of today, and
 * nothing sensitive.
 * @param[in,out] out   Its content is replaced; empty at the end; unchanged on failure.
 * @param[in,out] rows  The list.
 * @param[in] options   The same for every piece; NULL = CSV.
 * @param[in,out] err   May be NULL.
 * @return As kam_rows_next(); KAM_E_INVAL (an unknown flag, format, separator or language, #KAM_EXPORT_EXCEL with
 *         #KAM_EXPORT_RAW, iCalendar or vCard of records that are neither, an unknown encoding, one with another format
 *         than CSV or with #KAM_EXPORT_BOM, or a character it does not have), KAM_E_UNSUPPORTED (the C library has no
 *         converter) besides.
 * @threads B
 * @since 0.1
 */
int32_t kam_rows_export(kam_buf *out, kam_rows *rows, const kam_export_options *options, kam_error *err);
/**
 * Ends a list, read to the end or not.
 * @param[in] rows  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_rows_free(kam_rows *rows);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
