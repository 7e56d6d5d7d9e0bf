/**
 * @file kam/score.h
 * @brief Scores: points with reasons.
 *
 * A scorecard is a policy that gives each account points: per factor a band, a mapped value or a flag of one attribute,
 * times the factor's weight. Points and weights have four places and everything is exact: the contributions a kam_why
 * tells add up to the score to the last digit. Warnings (red flags) are told and never score. A card is taken from a
 * book by name, or from JSON for a trial that can be looked at but not applied.
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

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
