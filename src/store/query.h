/*
 * store/query.h - a query: what query.c gathers and query_run.c answers.
 *
 * A query only grows, so rows that are read page by page hold it and remember how far it had grown when they were made.
 */
#ifndef KAM__QUERY_H
#define KAM__QUERY_H
#include "rows.h"

#define QUERY_MAX_PRED 48u                  /* the library adds its own; a store takes 62 */
#define QUERY_MAX_ORDER 16u

struct kam_query {
    kam__ref ref;
    kam_ctx *ctx; kam_book *book; kam__schema *schema;      /* held */
    const kam__kind *kind;
    kam__arena arena;                       /* values of the conditions */
    kam_pred pred[QUERY_MAX_PRED]; uint32_t npred;
    uint32_t *select, nselect;              /* room for every field of the kind */
    uint32_t order[QUERY_MAX_ORDER]; uint8_t down[QUERY_MAX_ORDER]; uint32_t norder;
    uint64_t skip, limit;
};
void kam__query_drop(kam_query *q);

/* query_sort.c */

typedef struct kam__sort_by { uint32_t field; uint8_t down; } kam__sort_by;
/** The set sorted by fields it has: text by ctx.collate, no value last, ties by id. Takes over the caller's hold on
 * *set, which becomes the sorted one. */
int32_t kam__query_sort(kam__rowset **set, const kam__sort_by *by, uint32_t n, kam_error *err);
/** A set with columns `col`, the VIRTUAL ones among them filled in, and only the rows that `pred` (on VIRTUAL fields)
 * lets through. Takes over the caller's hold on *set. */
int32_t kam__query_virtual(kam__rowset **set, kam_book *b, kam__schema *schema, const uint32_t *col, uint32_t ncol,
                           const kam_pred *pred, uint32_t npred, int32_t as_of, kam_error *err);
#endif
