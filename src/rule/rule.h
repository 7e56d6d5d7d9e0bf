/*
 * rule/rule.h - scorecards: points with reasons, over one ATTRIBUTES record.
 *
 * A card is JSON (scorecard_parse.c checks it, the format stands there). Reading it settles names and the contribution
 * of every outcome; binding it to a schema gives its limits and values the units of a book (scorecard.c); scoring a
 * record is then comparing and adding whole numbers, which cannot fail but for a value that is not settled. What was
 * decided is put into words by scorecard_text.c. A card and a binding are frozen: threads share them. No book here.
 */
#ifndef KAM__RULE_H
#define KAM__RULE_H
#include "../model/model.h"
#include <kam/fields.h>

#define KAM__CARD_FACTORS 64u
#define KAM__CARD_WARNINGS 32u
#define KAM__CARD_GROUPS 16u
#define KAM__CARD_CASES 256u                /* bands or values of one factor */
#define KAM__CARD_ATTRS (KAM__CARD_FACTORS + KAM__CARD_WARNINGS)
#define KAM__CARD_SCALE 4u                  /* points, weights, contributions, shares: 10^-4 */

/* ---------------------------------------------------------------- the document */

typedef struct kam__card_words { const char *en, *zh; } kam__card_words;        /* NULL = none */
/* contribution: points times the factor's weight, rounded half to even once. */
typedef struct kam__card_outcome {
    int64_t points, contribution; const char *code; kam__card_words text;
} kam__card_outcome;
/* A band [from, below), or a value; a flag has two: false, true. */
typedef struct kam__card_case {
    const kam__json *from, *below, *at; const char *key; kam__card_outcome out;
} kam__card_case;

enum { KAM__CARD_BANDS = 1, KAM__CARD_MAP = 2, KAM__CARD_FLAG = 3 };
typedef struct kam__card_factor {
    const char *id;
    kam__card_words title;
    uint32_t attr, group;                   /* group: index, UINT32_MAX = none */
    uint8_t form, has_otherwise;
    int64_t weight;
    uint32_t ncase; kam__card_case *cases;
    kam__card_outcome otherwise, missing;
    const kam__json *at;
} kam__card_factor;

enum { KAM__WARN_AT_LEAST = 1, KAM__WARN_BELOW = 2, KAM__WARN_IS = 3, KAM__WARN_ONE_OF = 4, KAM__WARN_MISSING = 5 };
/* value: the one value, or the first of an array of n. */
typedef struct kam__card_warning {
    const char *id; kam__card_words text; uint32_t attr, n; uint8_t test; const kam__json *value;
} kam__card_warning;

/* field NULL: a custom one. */
typedef struct kam__card_attr { const char *name; const kam__field *field; const kam__json *at; } kam__card_attr;
typedef struct kam__card_group { const char *id; kam__card_words title; } kam__card_group;
typedef struct kam__card {
    const char *name, *source;
    kam__card_words title;
    int64_t baseline;
    uint32_t nattr, nfactor, nwarning, ngroup;
    kam__card_attr attr[KAM__CARD_ATTRS];
    kam__card_factor factor[KAM__CARD_FACTORS];
    kam__card_warning warning[KAM__CARD_WARNINGS];
    kam__card_group group[KAM__CARD_GROUPS];
} kam__card;

/* ---------------------------------------------------------------- scorecard_parse.c */

/** Reads a document; texts are lent from `body` or the arena. PARSE: wrong form or unknown member; POLICY: wrong in
 *  itself. */
int32_t kam__card_read(kam__card *out, kam__arena *arena, const kam__json *body, kam_error *err);
/** The same without wanting it: the check of a policy of kind SCORECARD. */
int32_t kam__card_check(kam_ctx *ctx, const kam__json *body, kam_error *err);

/* ---------------------------------------------------------------- scorecard.c: the engine */

/* A case or a value to compare with, in the field's units: [lo, hi) of numbers (a single value: lo), or a text. */
typedef struct kam__card_slot { int64_t lo, hi; const char *text; uint8_t has_lo, has_hi; } kam__card_slot;
typedef struct kam__card_bound {
    const kam__card *card;
    uint32_t decimals;                      /* of money */
    const kam__field *field[KAM__CARD_ATTRS];           /* NULL: a custom field, and no schema was given */
    uint32_t cell[KAM__CARD_ATTRS];         /* place in an ATTRIBUTES record of the schema */
    const kam__card_slot *factor[KAM__CARD_FACTORS];    /* one for each case */
    const kam__card_slot *warning[KAM__CARD_WARNINGS];  /* one for each value */
} kam__card_bound;
/** `schema` NULL: what can be checked without a book. Slots live in the arena. POLICY with place (a field the schema
 *  does not have; wrong in itself); TYPE: a custom field is of another type than the card takes it for. */
int32_t kam__card_bind(kam__card_bound *out, kam__arena *arena, const kam__card *c, const kam__schema *schema,
                       kam_error *err);

enum { KAM__HIT_CASE = 1, KAM__HIT_OTHERWISE = 2, KAM__HIT_MISSING = 3 };
/* at: the case. */
typedef struct kam__card_hit { const kam__card_outcome *out; uint32_t at; uint8_t how; } kam__card_hit;
typedef struct kam__card_score {
    int64_t points;
    uint32_t missing, warnings;             /* factors without a value; bit i: warning i */
    kam__card_hit hit[KAM__CARD_FACTORS];
} kam__card_score;
/** Scores an ATTRIBUTES record of the schema the card is bound to. TYPE LIMIT: a value is not settled and cannot be. */
int32_t kam__card_score_of(kam__card_score *out, const kam__card_bound *b, const kam_record *r, kam_error *err);

/* ---------------------------------------------------------------- scorecard_text.c: the same in words */

/* One line: texts NULL where there is none, points and share NULL where the line adds nothing. share: of the sum of
 * the factors' contributions without their signs, with the sign of this one. */
typedef struct kam__card_part {
    const char *factor, *value, *band, *code, *en, *zh; const int64_t *points, *share;
} kam__card_part;
typedef int32_t (*kam__card_fn)(void *user, const kam__card_part *part, kam_error *err);
/** Hands over the lines: the baseline where there is one, every factor, every group's sum (as value, without points),
 *  the warnings. The points of all lines add up to the score. Texts are lent for the call. */
int32_t kam__card_explain(const kam__card_bound *b, const kam_record *r, const kam__card_score *s, kam__card_fn fn,
                          void *user, kam_error *err);
/** In one line of English: the three largest contributions and the sum of the others, appended. */
void kam__card_reason(kam_buf *out, const kam__card_bound *b, const kam_record *r, const kam__card_score *s);
/** Ids of the warnings that were given, by comma, appended. */
void kam__card_warned(kam_buf *out, const kam__card *c, uint32_t warnings);

#endif
