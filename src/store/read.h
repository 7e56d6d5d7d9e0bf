/*
 * store/read.h - what read.c, undo.c and read_one.c share.
 */
#ifndef KAM__READ_H
#define KAM__READ_H
#include "db.h"

/* The changes made to entities of a kind after commit `point`: of each field the value it had then. */
typedef struct kam__undo_value { uint32_t next, field; uint32_t at, len; int64_t seq, change; } kam__undo_value;
typedef struct kam__undo {
    kam_ctx *ctx;
    kam__imap of;                           /* record -> 1 + first value */
    kam__undo_value *value; size_t n, cap;
    kam_buf text;
    int64_t point;
} kam__undo;
int32_t kam__undo_load(kam__undo *u, kam_book *b, uint32_t kind, int64_t point, kam_error *err);
void kam__undo_free(kam__undo *u);
/** Reads all rows of the kind, undoes, and only then filters, orders and cuts as `q` says. */
int32_t kam__undo_scan(kam__undo *u, kam_book *b, const kam__read *q, int64_t known, kam_block_fn fn, void *user,
                       kam_error *err);

/** Ids of the events of a kind that a later row replaces, as the book knows; NULL = none; lent while the transaction is
 * open. `own` is the caller's, zeroed, and freed by it. */
int32_t kam__replaced_load(const kam__imap **out, kam__replaced *own, kam_book *b, uint32_t kind, kam_error *err);
#endif
