/*
 * rule/dtable.h - decision tables: rows of S-FEEL unary tests (DMN 1.x), a hit policy, outputs.
 *
 * A table is JSON (dtable_parse.c checks it, the format stands there and in kam/rule.h). dtable_cell.c reads cells into
 * tests, dtable_value.c has their values: numbers exact where they fit, days and times as whole numbers. dtable.c
 * decides, dtable_find.c looks for gaps, overlaps and rows that never count. A table is frozen. No book here.
 */
#ifndef KAM__DTABLE_H
#define KAM__DTABLE_H
#include "../model/model.h"
#include "../codec/codec.h"
#include <kam/fields.h>

#define KAM__DT_INPUTS 32u
#define KAM__DT_OUTPUTS 16u
#define KAM__DT_ROWS 1000u
#define KAM__DT_TESTS 64u                   /* of one cell */

/* ---------------------------------------------------------------- dtable_value.c */

enum {
    KAM__DT_NULL = 0, KAM__DT_ANY = 0, KAM__DT_BOOL = 1, KAM__DT_NUMBER = 2, KAM__DT_TEXT = 3, KAM__DT_DATE = 4,
    KAM__DT_TIME = 5, KAM__DT_DATETIME = 6, KAM__DT_DURATION = 7, KAM__DT_MONTHS = 8, KAM__DT_LIST = 9
};
/* i: bool; digits of an exact number; day, ms, months. text: of TEXT; how a time is written. */
typedef struct kam__dt_value kam__dt_value;
struct kam__dt_value {
    uint8_t t, exact; uint16_t scale; uint32_t n;       /* n: elements of a list */
    int64_t i; double f; const char *text; size_t len; const kam__dt_value *list;
};
/** Type by its name in a document, UINT8_MAX = there is none. */
uint8_t kam__dt_type(const char *name);
const char *kam__dt_type_name(uint8_t t);
/** Reads text as a number, or as a time of type t; text is lent. 0 = it is none. */
int kam__dt_read(kam__dt_value *out, uint8_t t, const char *text, size_t len);
/** Any JSON value as a value of type t (ANY = as it is). TYPE. */
int32_t kam__dt_of_json(kam__dt_value *out, uint8_t t, const kam__json *v, kam__arena *arena, kam_error *err);
/** 1: both can be compared, *sign < 0, 0, > 0. */
int kam__dt_compare(int *sign, const kam__dt_value *a, const kam__dt_value *b);
int kam__dt_same(const kam__dt_value *a, const kam__dt_value *b);
void kam__dt_json(kam_buf *out, const kam__dt_value *v);

/* ---------------------------------------------------------------- dtable_cell.c */

/* A constant, or where to find the value: path of a name and members. */
typedef struct kam__dt_operand { kam__dt_value value; const char *path; } kam__dt_operand;
enum { KAM__DT_EQ = 1, KAM__DT_LT, KAM__DT_LE, KAM__DT_GT, KAM__DT_GE, KAM__DT_NE, KAM__DT_RANGE };
typedef struct kam__dt_test { uint8_t op, lo_open, hi_open; kam__dt_operand a, b; } kam__dt_test;
/* ntest 0: "-" */
typedef struct kam__dt_cell { const char *text; uint8_t negated; uint32_t ntest; const kam__dt_test *test; } kam__dt_cell;
/** Reads a cell; type: of its column. PARSE with the place of v. */
int32_t kam__dt_cell_read(kam__dt_cell *out, uint8_t type, const kam__json *v, kam__arena *arena, kam_error *err);
/** Reads one value or name. */
int32_t kam__dt_operand_read(kam__dt_operand *out, uint8_t type, const kam__json *v, kam__arena *arena,
                             kam_error *err);

/* ---------------------------------------------------------------- dtable_parse.c: the document */

typedef struct kam__dt_words { const char *en, *zh; } kam__dt_words;
/* values: allowed ones; ntest 0 = any */
typedef struct kam__dt_input { const char *name; uint8_t type, required; kam__dt_cell values; } kam__dt_input;
/* value: allowed ones, the first is the best */
typedef struct kam__dt_output {
    const char *name; uint32_t nvalue; const kam__dt_value *value; uint8_t has_default; kam__dt_operand if_none;
} kam__dt_output;
typedef struct kam__dt_row {
    const char *id; kam__dt_cell *when; kam__dt_operand *then; kam__dt_words text; const kam__json *at;
} kam__dt_row;
enum { KAM__DT_UNIQUE = 1, KAM__DT_ANY_HIT, KAM__DT_PRIORITY, KAM__DT_FIRST, KAM__DT_RULE_ORDER, KAM__DT_OUTPUT_ORDER,
       KAM__DT_COLLECT };
enum { KAM__DT_LIST_ALL = 0, KAM__DT_SUM, KAM__DT_MIN, KAM__DT_MAX, KAM__DT_COUNT };
typedef struct kam__dt {
    const char *name;
    uint8_t hit, aggregate;
    uint32_t ninput, noutput, nrow, nname;
    kam__dt_input input[KAM__DT_INPUTS];
    kam__dt_output output[KAM__DT_OUTPUTS];
    const char **extra;                     /* other names that cells may use */
    kam__dt_row *row;
} kam__dt;
/** Reads a document and runs its tests; texts are lent from `body` or the arena. PARSE: wrong form; POLICY: wrong in
 *  itself, or a test of its own fails. */
int32_t kam__dt_read_doc(kam__dt *out, kam__arena *arena, const kam__json *body, kam_error *err);
/** The same without wanting it: the check of a policy of kind DTABLE. */
int32_t kam__dtable_check(kam_ctx *ctx, const kam__json *body, kam_error *err);

/* ---------------------------------------------------------------- dtable.c: deciding */

/** Gives the value of a name or path as type t; NULL where there is none. */
typedef int32_t (*kam__dt_get)(void *user, kam__dt_value *out, uint8_t t, const char *path, kam__arena *arena,
                               kam_error *err);
int32_t kam__dt_get_json(void *user, kam__dt_value *out, uint8_t t, const char *path, kam__arena *arena,
                         kam_error *err);                               /* user: const kam__json */
int32_t kam__dt_get_record(void *user, kam__dt_value *out, uint8_t t, const char *path, kam__arena *arena,
                           kam_error *err);                             /* user: kam_record */
/* fail: of each row the first input that does not match, UINT32_MAX = it matches; chosen: in the order of the answer */
typedef struct kam__dt_decision {
    kam__dt_value in[KAM__DT_INPUTS]; uint32_t *fail, *chosen, nchosen, nmatch; uint8_t defaults;
} kam__dt_decision;
/** Everything lives in the arena. POLICY: UNIQUE or ANY is violated, a required input has no value. */
int32_t kam__dt_decide(kam__dt_decision *out, const kam__dt *t, kam__arena *arena, kam__dt_get get, void *user,
                       kam_error *err);
/** The answer as a JSON array of objects, appended. */
int32_t kam__dt_answer(kam_buf *out, const kam__dt *t, const kam__dt_decision *d, kam__arena *arena, kam__dt_get get,
                       void *user, kam_error *err);
/** 1: a constant cell takes the value. */
int kam__dt_cell_has(const kam__dt_cell *c, const kam__dt_value *v);
/** < 0: row a stands before row b by the outputs' lists of values. */
int kam__dt_rank_cmp(const kam__dt *t, uint32_t a, uint32_t b);
int kam__dt_same_then(const kam__dt *t, uint32_t a, uint32_t b);

/* ---------------------------------------------------------------- dtable_find.c */

/* row from 1, 0 = none; example: inputs as a JSON object, or NULL */
typedef int32_t (*kam__dt_found)(void *user, const char *code, uint32_t row, const char *example, const char *text,
                                 kam_error *err);
/** Hands over GAP, OVERLAP, SHADOWED, UNREACHABLE, UNCHECKED. */
int32_t kam__dt_find(const kam__dt *t, kam_ctx *ctx, kam__dt_found fn, void *user, kam_error *err);

#endif
