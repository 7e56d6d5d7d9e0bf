/*
 * kam/import.h - One import is one batch and one transaction, fed by bytes, by records or by blocks, whichever the host has. Sent twice, changed
 * or reordered, it counts exactly what is new, changed, unchanged, corrected and rejected.
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

typedef struct kam_import kam_import;
enum { KAM_IMPORT_DRY_RUN = 1, KAM_IMPORT_STOP_AT_FIRST = 2 };   /* stop: the first bad row fails the import; else it is listed */

typedef struct kam_import_options {
    uint32_t struct_size, flags, format, separator;     /* of kam_import_feed: KAM_FORMAT_ (0 = CSV); 0 = found out */
    const char *batch;                  /* id of this delivery, a second one is EXISTS; NULL = none */
    const char *source;                 /* whose ext_id keys these are; NULL = a field of each row */
    const char *mapping;                /* a MAPPING policy by name, or its JSON (heading -> field, format); NULL = field names */
} kam_import_options;

/** Starts an import of records of one kind; opens a transaction where none is open. EXISTS: this batch is in already. [B, 0.1] */
int32_t kam_import_new(kam_import **out, kam_book *book, uint32_t kind, const kam_import_options *options, kam_error *err);
/** Feeds bytes of a CSV or JSON text, cut anywhere. Bad rows do not fail it. [B, 0.1] */
int32_t kam_import_feed(kam_import *imp, const void *data, size_t size, kam_error *err);
/** Feeds one record; a bad one does not fail it. The record is copied. [B, 0.1] */
int32_t kam_import_add(kam_import *imp, const kam_record *record, kam_error *err);
/** Feeds a block, columns by field id. [B, 0.1] */
int32_t kam_import_block(kam_import *imp, const kam_block *block, kam_error *err);
/** Ends the input, stores and commits; a transaction opened before it stays open. [B, 0.1] */
int32_t kam_import_finish(kam_import *imp, kam_error *err);
/** The counts so far, an IMPORT_REPORT record, lent (next). [B, 0.1] */
const kam_record *kam_import_report(kam_import *imp);
/** The bad rows so far with place and cause: PROBLEM rows. [B, 0.1] */
int32_t kam_import_problems(kam_rows **out, kam_import *imp, kam_error *err);
/** Ends it. Unfinished it leaves nothing behind; inside a transaction opened before it, that one is ABORTED. [B, 0.1] */
void kam_import_free(kam_import *imp);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
