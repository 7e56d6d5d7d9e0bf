/**
 * @file kam/score.h
 * @brief Scores: points with reasons.
 *
 * A scorecard is a policy that gives each account points: per factor a band, a mapped value or a flag of one attribute,
 * times the factor's weight. Points and weights have four places and everything is exact: the contributions a kam_why
 * tells add up to the score to the last digit. Warnings (red flags) are told and never score. A card is taken from a
 * book by name, or from JSON for a trial that can be looked at but not applied.
 *
 * Its document is one JSON object, a policy of kind #KAM_POLICY_SCORECARD:
 *
 * - `name`; `title` {en, zh} and `source`, which are for people; `baseline`, what everybody has; `groups`, {id, title},
 *   whose sums are told beside the score.
 * - `factors`: `id`; `attribute`, a field of ATTRIBUTES, or `expr`, an expression in CEL over them; `title`, `group`,
 *   `weight`; one of `bands` [{from, below, points, code, text}], `map` {value: points} and `flag` {true, false};
 *   `missing` and `otherwise`: points where there is no value, or one of none of these. `code` is that of outcomes
 *   without one of their own.
 * - `warnings`: `id`, `text`, `attribute` and one of `at_least`, `below`, `is`, `one_of`, `missing`; or `expr`, true or
 *   false. Told, never scored.
 * - `reasons` {method, count}: reason codes as in PMML 4.4, model Scorecard, reasonCodeAlgorithm: with points_below a
 *   factor counts by its `baseline` (points; times its weight) less its contribution, with points_above by the
 *   opposite; the `count` largest give the reasons, equal ones in the order of the factors. A factor without a baseline
 *   has the most (points_above: the least) it can give as one.
 * - `normalize`, true: also the score from 0, the lowest that can be, to 100, the highest; rounded half to even to four
 *   places.
 * - `tests`: `in`, attributes and values, and `points`, `warnings` (ids), or both. A card that breaks one is refused;
 *   those of a card that reads a book's own fields are run when it is opened there.
 * - `attributes` {name: type}: what the card reads where that is not an account; bool, int, double, string, date,
 *   decimal(0) to decimal(18). Such a card scores rows and blocks of the host (kam_scorer), not a book.
 *
 * An expression is compiled with the card; whole numbers and decimals it gives are compared with the limits exactly, a
 * double with the double nearest to the limit. Where an attribute it needs has no value the factor is missing, as it is
 * where a double is no number; any other failure of it is an error that names the factor and the place in it.
 *
 * What a card sees of an account is its ATTRIBUTES record: the account's own fields and what is computed of it as of a
 * day (KAM_ATTRIBUTES_REVENUE_12M, KAM_ATTRIBUTES_RECENCY_DAYS ...); see kam_account_attributes().
 *
 * @code
 * int32_t score(kam_account *account, const kam_scorecard *card, kam_error *err)
 * {
 *     const kam_record *attributes = NULL, *part = NULL;
 *     kam_why *why = NULL;
 *     kam_rows *parts = NULL;
 *     int64_t points = 0;
 *     int32_t rc = kam_account_attributes(&attributes, account, err);
 *     if (rc == KAM_OK) rc = kam_scorecard_score(&points, &why, card, attributes, err);
 *     if (rc == KAM_OK) rc = kam_why_rows(&parts, why, err);
 *     while (rc == KAM_OK && (rc = kam_rows_next(&part, parts, err)) == KAM_OK && part)
 *         printf("%s: %s -> %s\n", kam_record_text(part, KAM_REASON_FACTOR, ""),
 *                kam_record_text(part, KAM_REASON_VALUE, "no value"), kam_record_text(part, KAM_REASON_POINTS, ""));
 *     kam_rows_free(parts);
 *     kam_why_free(why);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_SCORE_H
#define KAM_SCORE_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** A scorecard, frozen (class C): threads may share it. */
typedef struct kam_scorecard kam_scorecard;

/**
 * The scorecard in force on a day.
 * @param[out] out     The card; end the caller's hold with kam_scorecard_free(). It needs the book no longer.
 * @param[in] book     The book; on a kam_book_known() book as it was known then.
 * @param[in] name     Its name, NUL-ended.
 * @param[in] day      The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_POLICY (none is in force, there is none of that name, or it names an attribute the book does
 *         not have); KAM_E_TYPE (a custom field is of another type than the card takes it for); or a code of any call
 *         on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_scorecard_open(kam_scorecard **out, kam_book *book, const char *name, int32_t day, kam_error *err);
/**
 * A scorecard from its document, checked whole; for trials. Custom fields it names are checked when it is used.
 * @param[out] out     The card; end the caller's hold with kam_scorecard_free().
 * @param[in] ctx      Held; NULL = one of its own with all defaults.
 * @param[in] json     One object, UTF-8.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL; tells line and column.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_PARSE (no JSON, or not of the form); KAM_E_UTF8; KAM_E_POLICY (wrong in
 *         itself: an unknown attribute, overlapping bands, a score that could not fit); KAM_E_LIMIT (too deep);
 *         KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_scorecard_parse(kam_scorecard **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err);
/**
 * Gives up the caller's hold; runs keep theirs.
 * @param[in] card  May be NULL.
 * @threads A
 * @since 0.1
 */
void kam_scorecard_free(kam_scorecard *card);
/**
 * Scores one account.
 *
 * The contribution of a factor is points times weight, rounded half to even to four places once; the score is the
 * baseline and the sum of the contributions.
 * @param[out] points     The score, 10^-4.
 * @param[out] why        Its explanation: the baseline where there is one, a REASON per factor (value, band, points,
 *         share, code, text), each group's sum as value without points, then the warnings. points is the contribution;
 *         share is its part of the sum of all contributions without their signs. End it with kam_why_free(). NULL =
 *         not wanted.
 * @param[in] card        The card.
 * @param[in] attributes  An ATTRIBUTES record: kam_account_attributes(), or one of the host's own making from
 *         kam_record_new().
 * @param[in,out] err     May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, a record of another kind); KAM_E_POLICY (the card needs a custom field the record
 *         does not have); KAM_E_TYPE (a field is of another type than the card takes it for, or a reference was set by
 *         the ERP's key); KAM_E_LIMIT (an amount has more decimals than the base currency); KAM_E_NOMEM.
 * @threads C
 * @since 0.1
 */
int32_t kam_scorecard_score(int64_t *points, kam_why **why, const kam_scorecard *card, const kam_record *attributes,
                            kam_error *err);
/**
 * Scores all accounts that are not disqualified as of a day; look at it, then kam_run_apply().
 *
 * The list of SCORE, most points first and then by account, holds points, rank, the points of the run of this card
 * applied before, the reason in words, and the warnings. Applying stores the list; kam_run_why() explains any account
 * of it. A stored run is reproduced by the same call on a kam_book_known() book.
 * @param[out] out     The run; end it with kam_run_free().
 * @param[in] book     The book; held.
 * @param[in] card     The card, of this book or from kam_scorecard_parse(); held.
 * @param[in] as_of    The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such day); KAM_E_POLICY (the card is another book's, needs a field this book
 *         does not have, or an exchange rate is missing); KAM_E_TYPE (a custom field is of another type than the card
 *         takes it for); KAM_E_LIMIT (a sum does not fit 64 bits); KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_scoring_run(kam_run **out, kam_book *book, const kam_scorecard *card, int32_t as_of, kam_error *err);

/**
 * Name of an attribute a card reads. Its number is what kam_scorer_set_i64() and the like take, and its place among the
 * columns of kam_scorer_block(): `attributes` in the order of their names (byte by byte), else the order of first mention.
 * @param[in] card  May be NULL.
 * @param[in] i     From 0.
 * @return The name; NULL behind the last one. Lent while the card lives.
 * @threads C
 * @since 0.1
 */
const char *kam_scorecard_reads(const kam_scorecard *card, uint32_t i);
/**
 * What a reason of kam_scorer_block() says.
 * @param[in] card     A card with `reasons`; may be NULL.
 * @param[in] reason   A number of one of its reason columns.
 * @param[out] factor  Id of the factor; NULL = not wanted.
 * @param[out] gap     How far it lies below (points_above: above) its baseline, 10^-4; NULL = not wanted.
 * @return The code; NULL where there is no such reason. Lent while the card lives.
 * @threads C
 * @since 0.1
 */
const char *kam_scorecard_reason(const kam_scorecard *card, int32_t reason, const char **factor, int64_t *gap);

/** Scores rows the host has itself; one per thread. */
typedef struct kam_scorer kam_scorer;
/** Which loops kam_scorer_block() uses; all give the same. */
enum {
    KAM_KERNEL_BEST = 0,                /**< The fastest this machine has. */
    KAM_KERNEL_PORTABLE = 1,            /**< Any machine. */
    KAM_KERNEL_AVX2 = 2,                /**< x86-64 with AVX2. */
    KAM_KERNEL_AVX512 = 3               /**< x86-64 with AVX-512F. */
};

/**
 * Makes a scorer: set the attributes of a row, then kam_scorer_run(); or whole blocks by kam_scorer_block(). Scoring
 * allocates nothing once it is warm.
 * @param[out] out     The scorer; end it with kam_scorer_free().
 * @param[in] card     Held.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_POLICY (a card from kam_scorecard_parse() reads a custom field, whose type only a
 *         book knows); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_scorer_new(kam_scorer **out, const kam_scorecard *card, kam_error *err);
/**
 * Ends it.
 * @param[in] scorer  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_scorer_free(kam_scorer *scorer);
/**
 * Takes all values away.
 * @param[in,out] scorer  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_scorer_clear(kam_scorer *scorer);
/**
 * Sets an attribute to a whole number, as its field holds it: an int, a bool (not 0 is true), a decimal or amount in
 * its last decimal (of a card without a book: amounts have 9), days since 1970-01-01, the number of an enum, a double.
 * @param[in,out] scorer  The scorer; values stay until kam_scorer_clear().
 * @param[in] attribute   Its number: kam_scorecard_reads().
 * @param[in] value       The value.
 * @param[in,out] err     May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no such attribute); KAM_E_TYPE (it is a text).
 * @threads B
 * @since 0.1
 */
int32_t kam_scorer_set_i64(kam_scorer *scorer, uint32_t attribute, int64_t value, kam_error *err);
/**
 * Sets an attribute to a double; NaN is no value.
 * @param[in,out] scorer  The scorer.
 * @param[in] attribute   Its number.
 * @param[in] value       The value.
 * @param[in,out] err     May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_TYPE (it is no double).
 * @threads B
 * @since 0.1
 */
int32_t kam_scorer_set_f64(kam_scorer *scorer, uint32_t attribute, double value, kam_error *err);
/**
 * Sets an attribute to a text; one of another type is read from its canonical form ("12.50", "2026-03-01", "true").
 * @param[in,out] scorer  The scorer.
 * @param[in] attribute   Its number.
 * @param[in] text        UTF-8; lent until the value is set anew or taken away. NULL or empty = no value.
 * @param[in] len         Its length in bytes, or #KAM_NUL.
 * @param[in,out] err     May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_PARSE, KAM_E_TYPE and KAM_E_LIMIT (not a value of the attribute).
 * @threads B
 * @since 0.1
 */
int32_t kam_scorer_set_text(kam_scorer *scorer, uint32_t attribute, const char *text, size_t len, kam_error *err);
/**
 * Scores the values that are set.
 * @param[out] points     The score, 10^-4; NULL = not wanted.
 * @param[in,out] scorer  Keeps what the calls below tell.
 * @param[in,out] err     May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_POLICY (an expression fails); KAM_E_TYPE (it gives a value its factor cannot
 *         take); KAM_E_LIMIT (it takes too long); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_scorer_run(int64_t *points, kam_scorer *scorer, kam_error *err);
/**
 * The score last made, from 0 to 100.
 * @param[in] scorer   May be NULL.
 * @param[in] if_none  What to answer where the card has no `normalize`.
 * @return It, 10^-4. Cannot fail.
 * @threads B
 * @since 0.1
 */
int64_t kam_scorer_normal(const kam_scorer *scorer, int64_t if_none);
/**
 * What a group's factors contributed to the score last made.
 * @param[in] scorer   May be NULL.
 * @param[in] group    Id of the group, NUL-ended.
 * @param[in] if_none  What to answer where there is no such group.
 * @return The sum, 10^-4. Cannot fail.
 * @threads B
 * @since 0.1
 */
int64_t kam_scorer_group(const kam_scorer *scorer, const char *group, int64_t if_none);
/**
 * A reason of the score last made.
 * @param[in] scorer   May be NULL.
 * @param[in] i        From 0, the strongest first.
 * @param[out] factor  As in kam_scorecard_reason().
 * @param[out] gap     As in kam_scorecard_reason().
 * @return The code; NULL behind the last one. Lent while the card lives.
 * @threads B
 * @since 0.1
 */
const char *kam_scorer_reason(const kam_scorer *scorer, uint32_t i, const char **factor, int64_t *gap);
/**
 * A warning of the score last made.
 * @param[in] scorer  May be NULL.
 * @param[in] i       From 0, in the order of the card.
 * @return Its id; NULL behind the last one. Lent while the card lives.
 * @threads B
 * @since 0.1
 */
const char *kam_scorer_warning(const kam_scorer *scorer, uint32_t i);
/**
 * The explanation of the score last made, as that of kam_scorecard_score().
 * @param[out] why     The explanation; end it with kam_why_free().
 * @param[in] scorer   The scorer.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (nothing was scored yet); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_scorer_why(kam_why **why, const kam_scorer *scorer, kam_error *err);
/**
 * Gives a text attribute a dictionary: columns of type I32 then hold the places of its texts, -1 for no value.
 * @param[in,out] scorer  The scorer; texts are looked up now and not kept.
 * @param[in] attribute   Number of the attribute.
 * @param[in] texts       A TEXT column.
 * @param[in] n           Its rows, up to 65,536.
 * @param[in,out] err     May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_TYPE (the attribute is no text); KAM_E_UNSUPPORTED (the card has expressions, or
 *         more points than 32 bits hold, and takes texts only); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_scorer_dictionary(kam_scorer *scorer, uint32_t attribute, const kam_col *texts, uint32_t n, kam_error *err);
/**
 * Chooses the loops of kam_scorer_block(); for measurements and tests.
 * @param[in,out] scorer  The scorer.
 * @param[in] kernel      A KAM_KERNEL_.
 * @param[in,out] err     May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_UNSUPPORTED (this machine does not have it).
 * @threads B
 * @since 0.1
 */
int32_t kam_scorer_kernel(kam_scorer *scorer, uint32_t kernel, kam_error *err);
/**
 * Scores all rows of a block, whose columns are the attributes by their numbers; columns may be missing at the end.
 * Numbers are meant as in kam_scorer_set_i64(); a column of a double is F64 (or whole numbers), of a text TEXT or the
 * codes of its dictionary, of anything else I64 or I32. Values set by kam_scorer_set_i64() and the like are taken away.
 * @param[out] out        The scores: an I64 column of points, 10^-4, which is of field SCORE.points; then, with
 *         `reasons`, one I32 column for each, the strongest first, for kam_scorecard_reason(); then, with `normalize`,
 *         an I64 column from 0 to 100, 10^-4. The same as kam_scorer_run() gives, whatever the machine. Lent until the
 *         next call on `scorer`.
 * @param[in,out] scorer  The scorer.
 * @param[in] rows        The block.
 * @param[in,out] err     May be NULL; tells the row that failed.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_TYPE (a column is of another type); KAM_E_POLICY (a code is none of its
 *         dictionary; an expression fails); KAM_E_LIMIT; KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_scorer_block(const kam_block **out, kam_scorer *scorer, const kam_block *rows, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
