/*
 * strategy/strategy_book.h - what the strategy_book*.c files share: the handle of an account plan and reading its
 * records. They include store/store.h first: no header above store may.
 */
#ifndef KAM__STRATEGY_BOOK_H
#define KAM__STRATEGY_BOOK_H
#include "strategy.h"
#include <kam/strategy.h>

typedef struct kam__run_ops kam__run_ops;
struct kam__rowset;
extern const kam__run_ops kam__account_plan_run_ops;

struct kam_account_plan {
    kam_ctx *ctx; kam_book *book;           /* held */
    int64_t id, account;
    int32_t year;                           /* T */
    kam_record *record;                     /* ACCOUNT_PLAN */
};
/** INVAL (NULL), or what the book answers. */
int32_t kam__plan_handle(const kam_account_plan *plan, kam_error *err);

/** The records of a kind whose `field` is `id` as of a day, sealed, by id; the caller's kam__rowset_drop. */
int32_t kam__strategy_read(struct kam__rowset **out, kam_book *b, uint32_t kind, uint32_t field, int64_t id,
                           int32_t as_of, kam_error *err);
/** The scores of all units of a plan. */
int32_t kam__strategy_scores(struct kam__rowset **out, kam_book *b, const struct kam__rowset *units, kam_error *err);
/* Cells of row i of a set. */
int kam__cell_has(const struct kam__rowset *s, uint64_t i, uint32_t field);
int64_t kam__cell_num(const struct kam__rowset *s, uint64_t i, uint32_t field, int64_t if_none);
/** "" and 0 where there is none; not NUL-ended. */
const char *kam__cell_text(const struct kam__rowset *s, uint64_t i, uint32_t field, size_t *len);

/* Rows of a computed kind, made within one read transaction. */
typedef int32_t (*kam__strategy_make)(struct kam__rowset *set, void *work, kam_error *err);
int32_t kam__strategy_rows(kam_rows **out, kam_book *b, uint32_t kind, kam__strategy_make make, void *work,
                           kam_error *err);

/* ---------------------------------------------------------------- strategy_book_matrix.c */

/* The portfolio of a plan: its units and where each stands at each time. */
typedef struct kam__portfolio {
    kam_ctx *ctx;
    struct kam__rowset *factors, *units, *scores;
    kam__matrix_factor *factor; size_t nfactor;
    kam__arena names; const char **competitor; uint32_t ncompetitor; size_t competitor_cap;
    kam__matrix_score *score; size_t score_cap;
    struct { int there; kam__matrix_position p; } (*at)[3];     /* of each unit: now, unchanged, target */
} kam__portfolio;
/** Reads and places; weights need not be right yet. Ended by kam__portfolio_free, after a failure too. */
int32_t kam__portfolio_load(kam__portfolio *out, const kam_account_plan *plan, kam_error *err);
void kam__portfolio_free(kam__portfolio *p);

#endif
