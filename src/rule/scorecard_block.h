/*
 * rule/scorecard_block.h - scoring whole blocks of columns.
 *
 * A factor over an attribute is a step function (of a number) or a table (of a text's code). The plan of a card holds
 * both as plain arrays, made by asking the row path what a value scores, so that the two ways cannot differ; the loops
 * of scorecard_kern.c add them up for a chunk of rows. An expression gives a column of numbers first, where it can
 * (scorecard_block_expr.c). What has no plan (scores beyond 32 bits) goes row by row.
 */
#ifndef KAM__SCORECARD_BLOCK_H
#define KAM__SCORECARD_BLOCK_H
#include "rule.h"

enum { KAM__CHUNK = 1024 };                 /* rows at a time, a multiple of 64 */

/* A step function: base, and from at[k] on delta[k] more. `wide` values are the contribution, with reasons times 2^32
 * and the rank in the low half. f: of doubles, begins with no value (a NaN is below -infinity). */
typedef struct kam__card_step {
    uint32_t n, n32, nf;
    int64_t base, base_f; const int64_t *at, *delta; const double *at_f; const int64_t *delta_f;
    int32_t base32, rank32; const int32_t *before32, *delta32, *drank32;        /* x > before32[k] */
    int64_t missing;
} kam__card_step;
/* By code: points and rank of n codes, and at `none` of no value (code -1). Up to 15 codes none is 15: that is where
 * looking up the low four bits of -1 leads to, so that small tables fit into a register. */
typedef struct kam__card_table { uint32_t n, none; int32_t *points, *rank; } kam__card_table;

typedef struct kam__card_plan {
    const kam__card_bound *b;
    uint8_t ready;                          /* 0: row by row */
    kam__card_step step[KAM__CARD_FACTORS];
    kam__card_table table[KAM__CARD_FACTORS];           /* codes are the factor's cases, then otherwise */
    kam__card_table dictionary[KAM__CARD_FACTORS];      /* n 0: none was given */
} kam__card_plan;

/* ---------------------------------------------------------------- scorecard_plan.c */

int32_t kam__card_plan_make(kam__card_plan *out, const kam__card_bound *b, kam__arena *arena, kam_error *err);
/** Codes of an attribute: texts of a column of n rows. In the arena. */
int32_t kam__card_dictionary(kam__card_plan *p, uint32_t attr, const kam_col *texts, uint32_t n, kam__arena *arena,
                             kam_error *err);
/** Is the attribute a text? */
int kam__card_is_text(const kam__card_bound *b, uint32_t attr);

/* ---------------------------------------------------------------- scorecard_kern.c */

/* rank NULL: no reasons. n: rows, a multiple of 64. */
typedef struct kam__card_kern {
    const char *name;
    void (*step_f)(const kam__card_step *s, const double *x, uint32_t n, int64_t *sum, int32_t *rank);
    void (*step_l)(const kam__card_step *s, const int64_t *x, uint32_t n, int64_t *sum, int32_t *rank);
    void (*step_i)(const kam__card_step *s, const int32_t *x, uint32_t n, int32_t *sum, int32_t *rank);
    /* Adds what codes give; non-zero: one was none of them. */
    int32_t (*table)(const kam__card_table *t, const int32_t *x, uint32_t n, int32_t *sum, int32_t *rank);
    /* The `keep` smallest of all factors' ranks of each row; both stand KAM__CHUNK apart. */
    void (*least)(int32_t *best, uint32_t keep, const int32_t *rank, uint32_t factors, uint32_t n);
    void (*finish)(int64_t *out, int64_t base, const int64_t *sum, const int32_t *sum32, int reasons, uint32_t n);
} kam__card_kern;
/** which: 0 the best this machine has, 1 portable, 2 AVX2, 3 AVX-512. NULL: it does not have it. */
const kam__card_kern *kam__card_kern_of(uint32_t which);

/* ---------------------------------------------------------------- scorecard_block.c */

/* again: rows to be scored anew by the row path. */
typedef struct kam__card_chunk {
    int64_t sum[KAM__CHUNK]; int32_t sum32[KAM__CHUNK], best[KAM__CARD_REASONS * KAM__CHUNK];
    int32_t code[KAM__CHUNK]; double real[KAM__CHUNK]; int64_t whole[KAM__CHUNK];
    int32_t rank[KAM__CARD_FACTORS * KAM__CHUNK]; uint8_t again[KAM__CHUNK];
} kam__card_chunk;
/* points: nrow; reason[k]: nrow ranks each. */
typedef struct kam__card_out { int64_t *points; int32_t *reason[KAM__CARD_REASONS]; } kam__card_out;
/** Scores all rows; columns are the attributes in their order, and may be missing at the end. TYPE: a column is of
 *  another type; POLICY: a code is none of its dictionary, an expression fails (the row in err). */
int32_t kam__card_block(const kam__card_out *out, const kam__card_plan *p, kam__card_score *row,
                        kam__card_chunk *room, const kam__card_kern *kern, const kam_block *rows, kam_error *err);
/** One cell as a value of attribute attr; codes by the attribute's dictionary. TYPE. */
int32_t kam__card_cell(kam__card_value *out, const kam__card_plan *p, uint32_t attr, const kam_col *c, uint32_t row,
                       kam_error *err);

/* ---------------------------------------------------------------- scorecard_block_expr.c */

/** Decimals of the numbers its vector program gives; -1: it has none. */
int32_t kam__card_expr_scale(const kam__card_expr *e);
/** Its values for n rows: doubles, or int64 (decimals: in their last place; 0 and 1), KAM__CHUNK of them. *out NULL: not
 *  for these columns. Lent until the next call. Rows that it is not sure of are marked in room->again. NOMEM. */
int32_t kam__card_expr_values(const void **out, const kam__card_expr *e, kam__card_work *w, kam__card_chunk *room,
                              const kam_block *rows, uint32_t from, uint32_t n, kam_error *err);
#endif
