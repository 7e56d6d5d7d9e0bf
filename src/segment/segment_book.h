/*
 * segment/segment_book.h - what the segment_book*.c files share. They include store/store.h first: no header above
 * store may.
 *
 * A grading is made in one read transaction: columns are read (segment_book_read.c, segment_book_ledger.c), graded,
 * compared with the grades in force (segment_book_items.c), and kept in memory until the run ends. A stored run is
 * explained by making it again.
 */
#ifndef KAM__SEGMENT_BOOK_H
#define KAM__SEGMENT_BOOK_H
#include "segment.h"
#include <kam/segment.h>

struct kam_scheme { kam__ref ref; kam_ctx *ctx; kam__policy policy; kam__scheme doc; };

/* Columns beside those of the scheme, for figures that are made of several. */
enum { KAM__COL_CURRENCY = KAM__SCHEME_ATTRS, KAM__COL_RISK, KAM__COL_POTENTIAL, KAM__COL_SINCE, KAM__GRADING_COLS };

typedef struct kam__gradings kam__gradings;
struct kam__gradings {
    kam_ctx *ctx; kam_scheme *scheme; kam__schema *schema;      /* held */
    kam__arena arena;                       /* texts */
    int32_t as_of, from, to;
    uint32_t n; size_t cap;
    int64_t *account;                       /* ascending */
    kam__attr_col col[KAM__GRADING_COLS];
    kam__bound bound; kam__grade_input in; kam__grading out;
    uint32_t unknown;                       /* accounts of which some expression cannot tell */
    char hash[65];                          /* SHA-256 of what was read */
    const char **old, **approver; /* the grade in force, NULL = none; who approved a grade put by hand, else NULL */
    int64_t checked; int differ;            /* at this commit the inputs of the run were (not) those of the book */
    int lost;                               /* made again, the run's own inputs could not be read back */
};

/* segment_book.c */
int32_t kam__gradings_make(kam__gradings **out, kam_book *book, kam_scheme *scheme, int32_t as_of, kam_error *err);
void kam__gradings_free(kam_ctx *ctx, void *self);
int32_t kam__scheme_of_policy(kam_scheme **out, kam_ctx *ctx, kam__policy *policy,
                              kam_error *err); /* takes policy over */
extern const kam__run_ops kam__grading_run_ops, kam__undo_run_ops;
/** 1: the grades of the scheme in force have no order, so that no cadence may go by them (R39). POLICY: none in
 * force. */
int32_t kam__scheme_nominal(int *out, kam_book *b, const char *name, int32_t day, kam_error *err);
/* segment_book_read.c */
int32_t kam__gradings_read(kam__gradings *g, kam_book *book, kam_error *err);
int kam__gradings_find(const kam__gradings *g, int64_t account, uint32_t *i);
int32_t kam__gradings_column(kam__gradings *g, uint32_t col, int text, kam_error *err);
/* segment_book_ledger.c */
int32_t kam__gradings_figures(kam__gradings *g, kam_book *book, kam_error *err);
/* segment_book_expr.c */
/** Columns of the scheme's expressions and of what they read. */
int32_t kam__gradings_exprs(kam__gradings *g, kam_book *book, kam_error *err);
/** Reasons: the parts of the expressions account i was asked. */
int32_t kam__gradings_expr_why(kam_why *why, const kam__gradings *g, uint32_t i, kam_error *err);
/* segment_book_items.c */
int32_t kam__gradings_old(kam__gradings *g, kam_book *book, kam_error *err);
int32_t kam__gradings_items(kam__rowset **out, uint64_t *pinned, const kam__gradings *g, kam_error *err);
int32_t kam__item_load(kam_record *item, const kam__rowset *items, uint64_t i, kam_error *err);
/** The item of an account in a list by account; 1 = found. */
int kam__item_find(const kam__rowset *items, int64_t account, uint64_t *i);
/* segment_book_apply.c, segment_book_undo.c, segment_book_why.c: the run's functions */
int32_t kam__grading_apply(kam_run *run, kam_error *err);
int32_t kam__grading_load(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err);
int32_t kam__grading_undo(kam_run **out, kam_run *run, kam_error *err);
int32_t kam__grading_undo_apply(kam_run *run, kam_error *err);
int32_t kam__grading_why(kam_why **out, kam_run *run, int64_t id, kam_error *err);
int32_t kam__grading_undo_why(kam_why **out, kam_run *run, int64_t id, kam_error *err);
/** An applied run of the scheme that is not undone, with an id above after_id and in force from after after_day:
 *  the last one, or 0. */
int32_t kam__grading_later(int64_t *out, kam_book *b, const char *scheme, int64_t after_id, int32_t after_day,
                           kam_error *err);
#endif
