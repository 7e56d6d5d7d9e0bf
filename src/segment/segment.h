/*
 * segment/segment.h - grades: a scheme document says who is graded, by what and how; the engine does it over plain
 * arrays.
 *
 * A scheme is JSON (scheme_parse.c checks it, the format stands there). Everything it mentions - an account field, a
 * fact, a figure of the ledger - becomes a numbered attribute; somebody fills one column for each attribute and
 * account, and grade.c does the rest: population, ranking, cuts, conditions. Binding a scheme to a book gives its
 * values their units (decimals of the base currency, types of custom fields). No decision here reads a floating-point
 * number. Only segment_book*.c know what a book is.
 */
#ifndef KAM__SEGMENT_H
#define KAM__SEGMENT_H
#include "../model/model.h"

#define KAM__SCHEME_GRADES 16u
#define KAM__SCHEME_ATTRS 64u
#define KAM__SCHEME_EXPRS 16u
#define KAM__SCHEME_CONDS 64u
#define KAM__SCHEME_MEASURES 4u
#define KAM__SCHEME_SCALE 6u                /* quotas and shares: 10^-6 */
#define KAM__NOT_APPLICABLE (-1)            /* instead of the index of a grade */

/* ---------------------------------------------------------------- scheme.c: what a scheme may speak of */

enum {
    KAM__FIG_REVENUE = 0,
    KAM__FIG_COST_OF_GOODS = 1,
    KAM__FIG_GROSS_PROFIT = 2,
    KAM__FIG_CONTRIBUTION = 3,
    KAM__FIG_ADJUSTED = 4,
    KAM__FIG_ORDERS = 5,
    KAM__FIG_RECENCY = 6,
    KAM__FIG_DIRECT = 7,
    KAM__FIG_SHARE_OF_SALES = 8,
    KAM__FIG_SHARE_OF_POTENTIAL = 9,
    KAM__FIG_CONTACTS = 10,
    KAM__FIG_SINCE_CONTACT = 11,
    KAM__FIG_MONTHS = 12,
    KAM__FIGURES = 13
};
/* Where a figure comes from; one with WINDOW asks for the scheme's window. */
enum { KAM__FROM_LEDGER = 1, KAM__FROM_ACTIVITY = 2, KAM__FROM_ACCOUNT = 4, KAM__FROM_WINDOW = 8 };
typedef struct kam__figure { kam__field field; uint32_t from; } kam__figure;
extern const kam__figure kam__figures[KAM__FIGURES];

enum {
    KAM__ATTR_FIELD = 1,
    KAM__ATTR_CUSTOM = 2,
    KAM__ATTR_FACT = 3,
    KAM__ATTR_CLASS = 4,
    KAM__ATTR_GRADE = 5,
    KAM__ATTR_FIGURE = 6,
    KAM__ATTR_INPUT = 7,                    /* a field of ATTRIBUTES that an expression reads */
    KAM__ATTR_EXPR = 8                      /* an expression: true, false, missing = it cannot tell */
};
typedef struct kam__scheme_attr {
    uint8_t source;                         /* KAM__ATTR_ */
    uint8_t figure;
    const char *name, *key;                 /* as written; the dimension or scheme behind the colon */
    const kam__field *field;                /* what its values mean; NULL: a custom field, known when bound */
} kam__scheme_attr;

enum {
    KAM__IS = 1,
    KAM__IS_NOT = 2,
    KAM__IN = 3,
    KAM__GE = 4,
    KAM__GT = 5,
    KAM__LE = 6,
    KAM__LT = 7,
    KAM__MISSING = 8,
    KAM__PRESENT = 9
};
extern const char *const kam__cond_ops[8];              /* KAM__IS .. KAM__MISSING, as documents write them */
/* `value`: the one value, or the first of an array of n. */
typedef struct kam__scheme_cond { uint8_t attr, op; uint32_t n; const kam__json *value; } kam__scheme_cond;

/* An expression: its text, where it stands in the document, its own attribute, those it reads. */
typedef struct kam__scheme_expr {
    const kam__json *cel; const char *path; uint32_t nread; uint8_t attr, read[KAM__SCHEME_ATTRS];
} kam__scheme_expr;

enum { KAM__RULE_QUOTA = 1, KAM__RULE_SHARE = 2, KAM__RULE_THRESHOLDS = 3, KAM__RULE_MATCH = 4 };
enum { KAM__WINDOW_NONE = 0, KAM__WINDOW_MONTHS = 1, KAM__WINDOW_DAYS = 2, KAM__WINDOW_ALL = 3 };
typedef struct kam__text2 { const char *en, *zh; } kam__text2;
typedef struct kam__scheme_match { int grade; uint32_t first, n; } kam__scheme_match;          /* conditions */
typedef struct kam__scheme {
    const char *name, *source;
    kam__text2 title, up, down;
    uint8_t nominal, include_invalid, rule, crossing_out, window;
    int32_t span;                           /* months or days of the window */
    uint32_t ngrade; const char *grade[KAM__SCHEME_GRADES]; kam__text2 label[KAM__SCHEME_GRADES];
    uint32_t nattr; kam__scheme_attr attr[KAM__SCHEME_ATTRS];
    uint32_t ncond, npopulation; kam__scheme_cond cond[KAM__SCHEME_CONDS];      /* those of the population first */
    uint32_t nexpr; kam__scheme_expr expr[KAM__SCHEME_EXPRS]; const kam__json *optional;
    uint32_t nmeasure;
    uint8_t measure[KAM__SCHEME_MEASURES];  /* attributes; the later ones break ties */
    int64_t share[KAM__SCHEME_GRADES];      /* quotas, or cuts of the cumulative share */
    const kam__json *threshold[KAM__SCHEME_GRADES];
    uint32_t nmatch; kam__scheme_match match[KAM__SCHEME_CONDS];
    int rest;                               /* grade of who is left, or NOT_APPLICABLE */
} kam__scheme;

/** The attribute `name` means: number of it in s, added where it is new. POLICY with the place of v and "did you
 *  mean". */
int32_t kam__scheme_attr_of(uint8_t *out, kam__scheme *s, kam__arena *arena, const kam__json *v, const char *name,
                            kam_error *err);
/** The attribute of an expression, added with those it reads. Codes of kam__cel_condition with the place; POLICY: too
 *  many. */
int32_t kam__scheme_expr_of(uint8_t *out, kam__scheme *s, kam__arena *arena, const kam__json *cel, const char *path,
                            kam_error *err);
/** The expression whose attribute it is, or NULL. */
const kam__scheme_expr *kam__scheme_expr_at(const kam__scheme *s, uint32_t attr);
int kam__scheme_grade_of(const kam__scheme *s, const char *grade);             /* index, NOT_APPLICABLE = none of it */
/** [from, to) of the window of a run as of a day. */
void kam__scheme_window(const kam__scheme *s, int32_t as_of, int32_t *from, int32_t *to);
/** KAM__FROM_ bits of all figures it uses. */
uint32_t kam__scheme_needs(const kam__scheme *s);
int kam__scheme_uses(const kam__scheme *s, uint32_t figure);

/* A scheme with values in the units of one book. */
typedef struct kam__bound_cond { uint32_t n; const int64_t *num; const char *const *text; } kam__bound_cond;
typedef struct kam__bound {
    const kam__scheme *scheme;
    uint32_t decimals;                      /* of money */
    const kam__field *field[KAM__SCHEME_ATTRS];         /* NULL: a custom field, and no schema was given */
    kam__bound_cond cond[KAM__SCHEME_CONDS];
    int64_t threshold[KAM__SCHEME_GRADES];
} kam__bound;
/** `schema` NULL: what can be checked without a book. Values live in the arena. POLICY with place. */
int32_t kam__scheme_bind(kam__bound *out, kam__arena *arena, const kam__scheme *s, const kam__schema *schema,
                         uint32_t decimals, kam_error *err);

/* ---------------------------------------------------------------- scheme_parse.c */

/** Reads a document; texts are lent from `body` or the arena. PARSE: wrong form or unknown member; POLICY: wrong in
 *  itself. */
int32_t kam__scheme_read(kam__scheme *out, kam__arena *arena, const kam__json *body, kam_error *err);
/** The same without wanting it: the check of a policy of kind SCHEME. */
int32_t kam__scheme_check(kam_ctx *ctx, const kam__json *body, kam_error *err);

/* ---------------------------------------------------------------- grade.c: the engine */

/* One column per attribute. Numbers: num and valid; texts: text (NULL = missing), the others NULL. */
typedef struct kam__attr_col { int64_t *num; uint8_t *valid; const char **text; } kam__attr_col;
typedef struct kam__grade_input {
    uint32_t n;
    const int64_t *account;
    const kam__attr_col *col;
} kam__grade_input; /* ids ascending */

/* How a grade came about: not of the population; no measure; a place or value against the cuts; conditions; none of
 * them. */
enum { KAM__HOW_OUT = 1, KAM__HOW_NO_MEASURE = 2, KAM__HOW_CUT = 3, KAM__HOW_MATCH = 4, KAM__HOW_REST = 5 };
typedef struct kam__graded {
    int8_t grade;                           /* or NOT_APPLICABLE */
    uint8_t how, tie;                       /* tie: an account with equal measures has another grade */
    uint8_t at;                             /* OUT: the condition that failed; MATCH: the match */
    uint32_t rank;                          /* from 1; 0 = not ranked */
} kam__graded;
typedef struct kam__grading {
    kam_ctx *ctx; uint32_t n;
    kam__graded *row;                       /* by account */
    uint32_t nranked, *order;               /* account by rank, best first */
    int64_t *cum;                           /* SHARE: sum of the measure up to and with this rank */
    int64_t total;                          /* SHARE: of all ranked */
    uint32_t count[KAM__SCHEME_GRADES], none;           /* accounts per grade; not applicable */
    uint32_t seats[KAM__SCHEME_GRADES];     /* QUOTA */
    int64_t cut[KAM__SCHEME_GRADES];
    uint8_t has_cut[KAM__SCHEME_GRADES];    /* smallest measure that has the grade */
    uint32_t ties;                          /* accounts in a tie at a cut */
} kam__grading;
/** NOMEM LIMIT CANCELLED. */
int32_t kam__grade(kam__grading *out, kam_ctx *ctx, const kam__bound *b, const kam__grade_input *in, kam_error *err);
void kam__grading_free(kam__grading *g);
/** Does condition c hold for account i? */
int kam__cond_holds(const kam__bound *b, const kam__grade_input *in, uint32_t c, uint32_t i);
/** Seats of `total` accounts by shares that add up to 1: largest remainder, equal remainders to the better grade
 *  (R38). */
int32_t kam__quota_seats(uint32_t *seats, uint32_t total, const int64_t *share, uint32_t n, kam_ctx *ctx,
                         kam_error *err);

/* ---------------------------------------------------------------- grade_text.c: the same in words */

enum { KAM__SAY_EN = 1, KAM__SAY_ZH = 2 };
typedef struct kam__reason { const char *factor, *value, *band, *code, *en, *zh; } kam__reason;
typedef int32_t (*kam__reason_fn)(void *user, const kam__reason *reason, kam_error *err);
/** Hands over why account i has its grade, one reason at a time; texts lent for the call, in the languages asked
 *  for. */
int32_t kam__grade_explain(const kam__bound *b, const kam__grade_input *in, const kam__grading *g, uint32_t i,
                           uint32_t say, kam__reason_fn fn, void *user, kam_error *err);
/** Text of account i's value of an attribute, appended ("-" where it is missing). */
void kam__grade_value(kam_buf *out, const kam__bound *b, const kam__grade_input *in, uint32_t attr, uint32_t i);
/** The cut that decided: of its grade, or for the last one of the grade above; 0 = there is none. */
int kam__grade_cut(kam_buf *out, const kam__bound *b, const kam__grading *g, uint32_t i);

#endif
