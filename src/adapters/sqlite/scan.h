/* adapters/sqlite/scan.h - between scan.c (what to ask SQLite) and rows.c (its rows as blocks). */
#ifndef KAM__SQLITE_SCAN_H
#define KAM__SQLITE_SCAN_H
#include "sqlite_store.h"

typedef struct kam__sq_rows {
    sqlite3 *db;
    const kam_table_scan *q;
    kam_block_fn fn;
    void *user;
    kam_store_err *err;
    struct kam__sq_out *out;            /* one per column of the projection */
    kam_col *col;
    void *fixed;                        /* the fixed-width parts of all columns, one piece */
    uint32_t nrow, cap, max;
    size_t text;                        /* bytes of text in the block */
    uint64_t total;                     /* rows taken from SQLite */
} kam__sq_rows;

int32_t kam__sq_rows_start(kam__sq_rows *r, sqlite3 *db);           /* q, fn, user and err are set */
/** Steps through `st` and hands out full blocks; returns SQLite's code in *step where that failed. */
int32_t kam__sq_rows_run(kam__sq_rows *r, sqlite3_stmt *st, int *step);
/** Hands out the rest if `rc` is 0, frees everything, returns the outcome. */
int32_t kam__sq_rows_end(kam__sq_rows *r, int32_t rc);

#endif
