/*
 * rule/scorecard_parse.h - what the files that read a scorecard document share.
 *
 * The document and its format: scorecard_parse.c. All fail with the place in the document: PARSE, wrong form; POLICY,
 * wrong in itself; NOMEM.
 */
#ifndef KAM__SCORECARD_PARSE_H
#define KAM__SCORECARD_PARSE_H
#include "rule.h"

/* ---------------------------------------------------------------- scorecard_read.c */

/** Is it an object of members that are known? `what` begins the message. */
int32_t kam__sdoc_members(const kam__json *v, const char *what, const char *const *known, size_t n, kam_error *err);
/** A text with something in it. */
int32_t kam__sdoc_text(const char **out, const kam__json *object, const char *key, kam_error *err);
/** {"en": ..., "zh": ...} of a member. */
int32_t kam__sdoc_words(kam__card_words *out, const kam__json *object, const char *key, kam_error *err);
/** "id": letters, digits, "_" and "-". */
int32_t kam__sdoc_id(const char **out, const kam__json *object, kam_error *err);
/** A list of 1 to max elements. */
int32_t kam__sdoc_array(const kam__json **out, const kam__json *object, const char *key, uint32_t max, kam_error *err);
/** A number in 10^-4. */
int32_t kam__sdoc_number(int64_t *out, const kam__json *v, const char *key, kam_error *err);

/* ---------------------------------------------------------------- scorecard_attr.c */

/** "attributes" of the card. */
int32_t kam__sdoc_declare(kam__card *c, kam__arena *arena, const kam__json *body, kam_error *err);
/** "attribute" of a factor or warning, or "expr" in its place: then *out is UINT32_MAX. */
int32_t kam__sdoc_source(uint32_t *out, kam__card_expr *expr, kam__card *c, kam__arena *arena,
                         const kam__json *object, kam_error *err);

/* ---------------------------------------------------------------- scorecard_factor.c */

/** Adds a factor. */
int32_t kam__sdoc_factor(kam__card *c, kam__arena *arena, const kam__json *v, kam_error *err);
#endif
