/*
 * segment/segment_book_score.h - scorecards over a book: what the segment_book_a*.c and segment_book_score*.c files
 * share. They include store/store.h first.
 *
 * The attributes of accounts are read in one way for one account on a screen and for all of a run: a few passes over
 * ledger, activities and facts make one small entry an account, then the accounts themselves stream by and each is
 * handed over as one ATTRIBUTES record.
 */
#ifndef KAM__SEGMENT_BOOK_SCORE_H
#define KAM__SEGMENT_BOOK_SCORE_H
#include "../rule/rule.h"
#include <kam/score.h>

/* ---------------------------------------------------------------- segment_book_attributes.c */

typedef struct kam__attributes_ask {
    int32_t as_of;                          /* KAM_TODAY stays what it is for entities */
    int64_t account;                        /* this one only; 0 = all, by id */
    const uint8_t *want;                    /* by index of field in the book's kind ATTRIBUTES; NULL = all */
    int valid_only;                         /* without those that are disqualified on the day */
} kam__attributes_ask;
/** The record is lent for the call; the book may not be asked in it. */
typedef int32_t (*kam__attributes_fn)(void *user, const kam_record *attributes, kam_error *err);
/** Inside a read transaction. INVAL (no such day) POLICY (a rate is missing) LIMIT CANCELLED. */
int32_t kam__attributes_read(kam_book *b, const kam__attributes_ask *ask, kam__attributes_fn fn, void *user,
                             kam_error *err);

/* ---------------------------------------------------------------- segment_book_scorecard.c */

struct kam_scorecard {
    kam__ref ref; kam_ctx *ctx;             /* held */
    kam__policy policy;                     /* id 0: not of a book */
    kam__card doc;
    kam__schema *schema;                    /* held: what `bound` is bound to; NULL = none */
    kam__card_bound bound;
};
int32_t kam__scorecard_of_policy(kam_scorecard **out, kam_ctx *ctx, kam__policy *policy,
                                 kam_error *err);                     /* takes policy over */
/** The card in the units of a schema: its own binding, or one made in the arena. */
int32_t kam__scorecard_bound(const kam__card_bound **out, const kam_scorecard *card, kam__schema *schema,
                             kam__arena *arena, kam_error *err);
/** Which attributes the card reads, for kam__attributes_ask. In the arena. */
int32_t kam__scorecard_wants(uint8_t **out, const kam__card_bound *b, const kam__schema *schema, kam__arena *arena,
                             kam_error *err);
/** Fills an empty explanation: verdict and reasons. */
int32_t kam__scorecard_explain(kam_why *why, const kam_scorecard *card, const kam__card_bound *b, int64_t account,
                               const kam__card_score *s, kam_error *err);

/* ---------------------------------------------------------------- segment_book_score.c, segment_book_score_why.c */

extern const kam__run_ops kam__scoring_run_ops;
int32_t kam__scoring_apply(kam_run *run, kam_error *err);
int32_t kam__scoring_load(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err);
int32_t kam__scoring_why(kam_why **out, kam_run *run, int64_t id, kam_error *err);

#endif
