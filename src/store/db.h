/*
 * store/db.h - what db.c and scan.c share: the store's errors and tables.
 */
#ifndef KAM__DB_H
#define KAM__DB_H
#include "store.h"

/** The store's words become the caller's error. In mode (c) any failed store call aborts the book. */
int32_t kam__db_fail(kam__db *db, int32_t code, const kam_store_err *serr, const char *what, kam_error *err);
void kam__db_clear(kam_store_err *serr);
/** The field as this table has it; NULL = it has not (mapped tables). */
const kam_field *kam__table_field(const kam_table *t, uint32_t field);

/* hostkeys.c: ids of a host table that has only the ERP's text key. */
typedef struct kam__hostkeys {
    kam__tmap id_of;                        /* ext_id -> index into id */
    int64_t *id; size_t n, cap;
    int only; kam_pred pred; kam__pred mem; char *key;      /* one id was asked for: its key as a predicate */
} kam__hostkeys;
int32_t kam__hostkeys_load(kam__hostkeys *k, kam__db *db, const kam__scan *q, kam_error *err);
void kam__hostkeys_free(kam__hostkeys *k);
/** The ids of a block's rows (no value: no id yet), lent in `buf`. */
int32_t kam__hostkeys_column(const kam_col **out, kam__blockbuf *buf, const kam__hostkeys *k, const kam_block *rows,
                             kam_error *err);
#endif
