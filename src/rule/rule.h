/*
 * rule/rule.h - scorecards: points with reasons, over one ATTRIBUTES record.
 *
 * A card is JSON (scorecard_parse.c checks it, the format stands there). Reading it settles names and the contribution
 * of every outcome; binding it to a schema gives its limits and values the units of a book (scorecard.c); scoring a
 * record is then comparing and adding whole numbers, which cannot fail but for a value that is not settled. What was
 * decided is put into words by scorecard_text.c. A card and a binding are frozen: threads share them. No book here.
 *
 *   scorecard_parse.c   the document; _read, _attr, _factor: its parts
 *   scorecard_expr.c    factors in CEL          scorecard_reason.c  reason codes, 0 to 100
 *   scorecard.c         binding and scoring     scorecard_text.c    explanations
 *   scorecard_index.c   limits in order         scorecard_plan.c    a card for blocks; scorecard_kern.c: its loops
 *   scorecard_proof.c   test rows of a document scorecard_block.c   whole blocks; _block_expr: expressions in them
 */
#ifndef KAM__RULE_H
#define KAM__RULE_H
#include "../model/model.h"
#include "cel.h"
#include <kam/fields.h>

#define KAM__CARD_FACTORS 64u
#define KAM__CARD_WARNINGS 32u
#define KAM__CARD_GROUPS 16u
#define KAM__CARD_CASES 256u                /* bands or values of one factor */
#define KAM__CARD_ATTRS (KAM__CARD_FACTORS + KAM__CARD_WARNINGS)
#define KAM__CARD_SCALE 4u                  /* points, weights, contributions, shares: 10^-4 */
#define KAM__CARD_REASONS 8u                /* reason codes of one score */

/* ---------------------------------------------------------------- the document */

typedef struct kam__card_words { const char *en, *zh; } kam__card_words;        /* NULL = none */
/* contribution: points times the factor's weight, rounded half to even once. */
/* rank: place among all outcomes of the card by their gap to the baseline, scorecard_reason.c. */
typedef struct kam__card_outcome {
    int64_t points, contribution; const char *code; kam__card_words text; uint32_t rank;
} kam__card_outcome;
/* A band [from, below), or a value; a flag has two: false, true. */
typedef struct kam__card_case {
    const kam__json *from, *below, *at; const char *key; kam__card_outcome out;
} kam__card_case;

/* An expression in the place of an attribute. Its variables are the card's attributes, by the same numbers; kind: of
 * its result, KAM__CEL_, DYN = told by each value. */
typedef struct kam__card_expr { const kam__json *at; kam_rule *rule; uint8_t kind; } kam__card_expr;

enum { KAM__CARD_BANDS = 1, KAM__CARD_MAP = 2, KAM__CARD_FLAG = 3 };
typedef struct kam__card_factor {
    const char *id;
    kam__card_words title;
    uint32_t attr, group;                   /* UINT32_MAX: none; attr: it has an expression */
    uint8_t form, has_otherwise, has_baseline;
    int64_t weight;
    const char *code;                       /* of outcomes without one of their own; NULL = none */
    int64_t baseline;                       /* contribution that gives no reason */
    kam__card_expr expr;
    uint32_t ncase; kam__card_case *cases;
    kam__card_outcome otherwise, missing;
    const kam__json *at;
} kam__card_factor;

enum { KAM__WARN_AT_LEAST = 1, KAM__WARN_BELOW = 2, KAM__WARN_IS = 3, KAM__WARN_ONE_OF = 4, KAM__WARN_MISSING = 5,
       KAM__WARN_EXPR = 6 };
/* value: the one value, or the first of an array of n. attr UINT32_MAX: an expression. */
typedef struct kam__card_warning {
    const char *id; kam__card_words text; uint32_t attr, n; uint8_t test; const kam__json *value; kam__card_expr expr;
} kam__card_warning;

/* field NULL: a custom one. type: in an expression. */
typedef struct kam__card_attr {
    const char *name, *type; const kam__field *field; const kam__json *at;
} kam__card_attr;
typedef struct kam__card_group { const char *id; kam__card_words title; } kam__card_group;
enum { KAM__REASON_BELOW = 1, KAM__REASON_ABOVE = 2 };
/* An outcome of a factor, as a reason: gap is how far it lies below (or above) the factor's baseline. */
typedef struct kam__card_rank { uint32_t factor; int64_t gap; kam__card_outcome *out; } kam__card_rank;
typedef struct kam__card {
    const char *name, *source;
    kam__card_words title;
    int64_t baseline, lowest, highest;      /* the scores that can be */
    uint32_t nattr, nfactor, nwarning, ngroup, nreason, nrank;
    uint8_t declared;                       /* 1: the attributes are the host's, not those of accounts */
    uint8_t normalize, nexpr, reasons;      /* reasons: KAM__REASON_, 0 = none */
    const struct kam__card_rank *rank;      /* by rank, nrank of them */
    const struct kam__card_bound *plain;    /* bound without a schema */
    const kam__json *tests;                 /* an array, or NULL */
    kam__card_attr attr[KAM__CARD_ATTRS];
    kam__card_factor factor[KAM__CARD_FACTORS];
    kam__card_warning warning[KAM__CARD_WARNINGS];
    kam__card_group group[KAM__CARD_GROUPS];
} kam__card;

/* ---------------------------------------------------------------- scorecard_parse.c */

/** Reads a document; texts are lent from `body` or the arena. PARSE: wrong form or unknown member; POLICY: wrong in
 *  itself; TYPE: operands of an expression do not go together. Ends with kam__card_drop(), even where it fails. */
int32_t kam__card_read(kam__card *out, kam__arena *arena, const kam__json *body, kam_error *err);
/** Lets its expressions go; a card of zeroes may be dropped. */
void kam__card_drop(kam__card *c);
/** The same without wanting it: the check of a policy of kind SCORECARD. */
int32_t kam__card_check(kam_ctx *ctx, const kam__json *body, kam_error *err);

/* ---------------------------------------------------------------- scorecard.c: the engine */

/* One value of an attribute or expression: in the field's units; of an expression with n decimals; n bytes of text. */
typedef struct kam__card_value { int64_t num; double f; const char *text; uint32_t n; uint8_t t; } kam__card_value;
enum { KAM__CV_NONE = 0, KAM__CV_NUM = 1, KAM__CV_F64 = 2, KAM__CV_TEXT = 3 };
/* A case or a value to compare with, in the field's units: [lo, hi) of numbers (a single value: lo), or a text. Of
 * doubles lo_f and hi_f count; of an expression lo and hi have decimals of their own. */
typedef struct kam__card_slot {
    int64_t lo, hi; double lo_f, hi_f; const char *text; uint32_t ntext; uint8_t has_lo, has_hi, lo_scale, hi_scale;
} kam__card_slot;
/* At a case, or none. */
enum { KAM__HIT_CASE = 1, KAM__HIT_OTHERWISE = 2, KAM__HIT_MISSING = 3 };
typedef struct kam__card_hit { const kam__card_outcome *out; uint32_t at; uint8_t how; } kam__card_hit;
/* hit[k]: of a number that has reached k of the n limits. real: the limits as doubles. */
typedef struct kam__card_index {
    uint32_t n; uint8_t is_real; const int64_t *whole; const double *real; const kam__card_hit *hit;
} kam__card_index;
typedef struct kam__card_bound {
    const kam__card *card;
    uint32_t decimals;                      /* of money */
    const kam__field *field[KAM__CARD_ATTRS];           /* NULL: a custom field, and no schema was given */
    uint32_t cell[KAM__CARD_ATTRS];         /* place in an ATTRIBUTES record of the schema */
    const kam__card_slot *factor[KAM__CARD_FACTORS];    /* one for each case */
    const kam__card_slot *warning[KAM__CARD_WARNINGS];  /* one for each value */
    kam__card_index index[KAM__CARD_FACTORS];           /* hit NULL: a text or an expression */
} kam__card_bound;
/** `schema` NULL: what can be checked without a book. Slots live in the arena. POLICY with place (a field the schema
 *  does not have; wrong in itself); TYPE: a custom field is of another type than the card takes it for. */
int32_t kam__card_bind(kam__card_bound *out, kam__arena *arena, const kam__card *c, const kam__schema *schema,
                       kam_error *err);

/* What evaluating a card's expressions needs; one for each thread. vec: of vector programs. */
typedef struct kam__card_work {
    kam_ctx *ctx; kam_work *cel; kam_error *err; kam__arena arena; void *vec; size_t cap_vec;
} kam__card_work;
typedef struct kam__card_score {
    kam__card_work *work;                   /* NULL: the card has no expressions */
    int64_t points;
    uint32_t missing, warnings;             /* factors without a value; bit i: warning i */
    uint32_t nreason, reason[KAM__CARD_REASONS];        /* factors, the largest gap first */
    kam__card_hit hit[KAM__CARD_FACTORS];
    kam__card_value in[KAM__CARD_ATTRS];    /* attributes */
    kam__card_value value[KAM__CARD_FACTORS];           /* of factors */
} kam__card_score;
/** Makes an all-zero score ready for a card; then scores may be made in it one after the other. */
int32_t kam__card_begin(kam__card_score *s, const kam__card *c, kam_ctx *ctx, kam_error *err);
void kam__card_end(kam__card_score *s);
/** Scores what stands in `in`. POLICY: an expression fails; LIMIT: it takes too long. */
int32_t kam__card_score_in(kam__card_score *s, const kam__card_bound *b, kam_error *err);
/** Scores an ATTRIBUTES record of the schema the card is bound to. TYPE LIMIT: a value is not settled and cannot be. */
int32_t kam__card_score_of(kam__card_score *s, const kam__card_bound *b, const kam_record *r, kam_error *err);
/** Outcome of factor i for its value; the slow way looks at one case after the other. */
void kam__card_hit_of(kam__card_hit *out, const kam__card_bound *b, uint32_t i, const kam__card_value *v);
void kam__card_hit_slow(kam__card_hit *out, const kam__card_bound *b, uint32_t i, const kam__card_value *v);

/* ---------------------------------------------------------------- scorecard_index.c */

/** Of a factor whose attribute is a number, or whose expression gives numbers of one kind with `scale` decimals. */
int32_t kam__card_index_make(kam__card_index *out, const kam__card_bound *b, uint32_t i, uint32_t scale,
                             kam__arena *arena, kam_error *err);

/* ---------------------------------------------------------------- scorecard_expr.c: factors and warnings in CEL */

/** Adds the attributes an expression names to the card's. */
int32_t kam__card_expr_names(kam__card *c, kam__arena *arena, const kam__json *expr, kam_error *err);
/** Compiles it; form: what its result is for, KAM__CARD_; `what` and `id` are for messages. PARSE, TYPE with the place
 *  in the expression. */
int32_t kam__card_expr_compile(kam__card_expr *out, const kam__card *c, kam__arena *arena, uint8_t form,
                               const char *what, const char *id, kam_error *err);
/** Limits and values of a factor with an expression. */
int32_t kam__card_expr_bind(kam__card_slot *slot, const kam__card_factor *f, kam_error *err);
/** Its value for the attributes in s->in; NONE: one that it needs has no value. */
int32_t kam__card_expr_eval(kam__card_value *out, kam__card_score *s, const kam__card_bound *b,
                            const kam__card_expr *e, uint8_t form, const char *what, const char *id, kam_error *err);
/** Compares decimals: < 0, 0, > 0. */
int kam__card_dec_cmp(int64_t a, uint32_t a_scale, int64_t b, uint32_t b_scale);

/* ---------------------------------------------------------------- scorecard_proof.c */

/** Runs the tests of the document, where the types of all attributes are known. POLICY: one fails. */
int32_t kam__card_prove(const kam__card_bound *b, kam_ctx *ctx, kam_error *err);

/* ---------------------------------------------------------------- scorecard_reason.c */

/** Settles baselines, ranks and the scores that can be. */
int32_t kam__card_rank_all(kam__card *c, kam__arena *arena, const kam__json *body, kam_error *err);
/** Reasons of a score whose hits are known. */
void kam__card_reasons(kam__card_score *s, const kam__card *c);
/** The score from 0 to 100, 10^-4, rounded half to even. */
int64_t kam__card_normal(const kam__card *c, int64_t points);

/* ---------------------------------------------------------------- scorecard_text.c: the same in words */

/* One line: texts NULL where there is none, points and share NULL where the line adds nothing. share: of the sum of
 * the factors' contributions without their signs, with the sign of this one. */
typedef struct kam__card_part {
    const char *factor, *value, *band, *code, *en, *zh; const int64_t *points, *share;
} kam__card_part;
typedef int32_t (*kam__card_fn)(void *user, const kam__card_part *part, kam_error *err);
/** Hands over the lines: the baseline where there is one, every factor (behind it what its expression read), every
 *  group's sum (as value, without points), reasons, the score from 0 to 100, the warnings. The points of all lines add
 *  up to the score. Texts are lent for the call. */
int32_t kam__card_explain(const kam__card_bound *b, kam_ctx *ctx, const kam__card_score *s, kam__card_fn fn,
                          void *user, kam_error *err);
/** In one line of English: the three largest contributions and the sum of the others, appended. */
void kam__card_reason(kam_buf *out, const kam__card_bound *b, const kam__card_score *s);
/** Ids of the warnings that were given, by comma, appended. */
void kam__card_warned(kam_buf *out, const kam__card *c, uint32_t warnings);

#endif
