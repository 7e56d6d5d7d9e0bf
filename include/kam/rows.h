/*
 * kam/rows.h - Every list is a kam_rows. It reads ahead one block, so calls on the book are allowed between two of its calls. Opened inside a
 * transaction it sees that snapshot and ends with it (CLOSED); otherwise one block is one snapshot.
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

enum { KAM_FORMAT_CSV = 1, KAM_FORMAT_JSON = 2, KAM_FORMAT_JSONL = 3, KAM_FORMAT_ICALENDAR = 4 };
enum { KAM_EXPORT_BOM = 1, KAM_EXPORT_LABELS = 2, KAM_EXPORT_RAW = 4 };  /* labels as headings; RAW: no formula-injection guard */

typedef struct kam_export_options {
    uint32_t struct_size, flags, format, separator;     /* separator of CSV, 0 = ',' */
    const char *lang;                                   /* of labels and texts: "en", "zh"; NULL = the book's */
} kam_export_options;

/** KAM_KIND_ of its records. [B, 0.1] */
uint32_t kam_rows_kind(const kam_rows *rows);
/** The next record, lent (next); NULL at the end. [B, 0.1] */
int32_t kam_rows_next(const kam_record **out, kam_rows *rows, kam_error *err);
/** The next rows as a block, lent (next); NULL at the end. May follow kam_rows_next: gives what is left. [B, 0.1] */
int32_t kam_rows_next_block(const kam_block **out, kam_rows *rows, kam_error *err);
/** The next piece (about 1 MiB) of the rest as text; empty at the end. Headings come with the first piece; `options` NULL = CSV.
 *  ICALENDAR only for PLAN_ENTRY, DUE and ACTIVITY, else UNSUPPORTED. [B, 0.1] */
int32_t kam_rows_export(kam_buf *out, kam_rows *rows, const kam_export_options *options, kam_error *err);
/** Ends it, read to the end or not. [B, 0.1] */
void kam_rows_free(kam_rows *rows);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
