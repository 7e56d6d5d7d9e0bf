/**
 * @file kam/segment.h
 * @brief Grades: schemes, and what they give each account.
 *
 * A scheme is a policy that gives each account of its population one grade: by quotas (20/40/40), by the cumulative
 * share of a measure (ABC), by thresholds, or by conditions. It is taken from a book by name, or from JSON for a trial
 * that can be looked at but not applied. No decision reads a floating-point number; ties go to the smaller account id.
 *
 * @code
 * int32_t grade_all(kam_book *book, int32_t as_of, kam_error *err)
 * {
 *     kam_scheme *scheme = NULL;
 *     kam_run *run = NULL;
 *     int32_t rc = kam_scheme_open(&scheme, book, "quota-20-40-40", as_of, err);
 *     if (rc == KAM_OK) rc = kam_grading_run(&run, book, scheme, as_of, err);
 *     if (rc == KAM_OK) printf("%s\n", kam_record_text(kam_run_record(run), KAM_RUN_COUNTS, ""));
 *     if (rc == KAM_OK) rc = kam_run_apply(run, 0, err);
 *     kam_run_free(run);
 *     kam_scheme_free(scheme);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_SEGMENT_H
#define KAM_SEGMENT_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/**
 * A grade scheme, frozen (class C): threads may share it.
 *
 * Its conditions (`population`, `when` of `first_match`) are written in CEL (kam/rule.h) over the fields of ATTRIBUTES,
 * as segments have it, or as {"field", "is" ...} over fields, facts and figures of the scheme's window; a list of
 * either must hold whole: `"when": "revenue_12m > 100000 && recency_days < 90"`. An expression that cannot tell, for a
 * value it reads is missing, does not hold; the reasons say "unknown", the RUN record's statistics count such accounts.
 * kam_run_why() gives the expressions with what they read and what each part of them gave.
 */
typedef struct kam_scheme kam_scheme;

/**
 * The scheme in force on a day.
 * @param[out] out     The scheme; end the caller's hold with kam_scheme_free(). It needs the book no longer.
 * @param[in] book     The book; on a kam_book_known() book as it was known then.
 * @param[in] name     Its name, NUL-ended.
 * @param[in] day      The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_POLICY (none is in force, or there is none of that name); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_scheme_open(kam_scheme **out, kam_book *book, const char *name, int32_t day, kam_error *err);
/**
 * A scheme from its document, checked whole; for trials. What it says of the book's own fields is checked when it is
 * run.
 * @param[out] out     The scheme; end the caller's hold with kam_scheme_free().
 * @param[in] ctx      Held; NULL = one of its own with all defaults.
 * @param[in] json     One object, UTF-8.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL; tells line and column.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_PARSE (no JSON, or not of the form); KAM_E_UTF8; KAM_E_POLICY (wrong in
 *         itself); KAM_E_LIMIT (too deep); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_scheme_parse(kam_scheme **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err);
/**
 * Gives up the caller's hold; runs keep theirs.
 * @param[in] scheme  May be NULL.
 * @threads A
 * @since 0.1
 */
void kam_scheme_free(kam_scheme *scheme);
/**
 * Grades all accounts of a scheme's population as of a day; look at it, then kam_run_apply().
 *
 * The list of GRADE_ITEM, by account, holds the grades that are new, other or gone, and those put by hand (with an
 * approver) that the scheme would have given otherwise: they stay. Its fields are the old and the new grade, rank,
 * measure, the cut that decided, whether it was a tie, and the reason in words. The RUN record counts the accounts of
 * each grade as they are after it. Applying writes GRADE facts that hold from `as_of` on. kam_run_why() explains any
 * account, also one whose grade did not change.
 *
 * Quotas become seats by the largest remainder (Hamilton's method), equal remainders for the better grade.
 * @param[out] out     The run; end it with kam_run_free().
 * @param[in] book     The book; held.
 * @param[in] scheme   The scheme, of this book or from kam_scheme_parse(); held.
 * @param[in] as_of    The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such day); KAM_E_POLICY (the scheme is another book's, needs a field this book
 *         does not have, or an exchange rate is missing); KAM_E_LIMIT (a sum does not fit 64 bits); KAM_E_CANCELLED; or
 *         a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_grading_run(kam_run **out, kam_book *book, const kam_scheme *scheme, int32_t as_of, kam_error *err);

/**
 * A segment, frozen (class C): a saved condition over an account's ATTRIBUTES.
 *
 * Its document, a policy of kind KAM_POLICY_SEGMENT, is one JSON object: `name`; `condition`, in CEL (kam/rule.h) over
 * the fields of ATTRIBUTES by name, amounts as exact decimals, days as timestamps, enums by their names:
 * `revenue_12m >= 100000 && region == 'N'`; `optional`, names of attributes that may have no value and are then
 * optional(T): `region.orValue('')`; `title` {en, zh} and `source`, which are for people. An attribute without a value
 * that is not optional makes the condition fail: the account is then unknown, never silently outside. kam_run_why()
 * gives the condition, what it read, and what each part of it gave (see kam_rule_why()).
 */
typedef struct kam_segment kam_segment;

/**
 * The segment in force on a day.
 * @param[out] out     The segment; end the caller's hold with kam_segment_free(). It needs the book no longer.
 * @param[in] book     The book; on a kam_book_known() book as it was known then.
 * @param[in] name     Its name, NUL-ended.
 * @param[in] day      The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_POLICY (none is in force, or there is none of that name); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_segment_open(kam_segment **out, kam_book *book, const char *name, int32_t day, kam_error *err);
/**
 * A segment from its document, compiled; for trials.
 * @param[out] out     The segment; end the caller's hold with kam_segment_free().
 * @param[in] ctx      Held; NULL = one of its own with all defaults.
 * @param[in] json     One object, UTF-8.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL; tells line and column.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_PARSE (no JSON, not of the form, or no condition of CEL); KAM_E_UTF8;
 *         KAM_E_TYPE (a member, or operands of the condition); KAM_E_POLICY (wrong in itself); KAM_E_LIMIT (too deep);
 *         KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_segment_parse(kam_segment **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err);
/**
 * Gives up the caller's hold; runs keep theirs.
 * @param[in] segment  May be NULL.
 * @threads A
 * @since 0.1
 */
void kam_segment_free(kam_segment *segment);
/**
 * Does the condition hold?
 * @param[out] out        1 or 0.
 * @param[in] segment     The segment.
 * @param[in] attributes  An ATTRIBUTES record: kam_account_attributes(), or one of the host's own making.
 * @param[in,out] err     May be NULL; tells where the condition failed.
 * @return KAM_OK; KAM_E_POLICY (the condition fails: a value it needs is missing, a division by zero); KAM_E_TYPE (a
 *         field is of another type than the condition takes it for); KAM_E_LIMIT (its budget is used up); KAM_E_INVAL
 *         (NULL, a record of another kind); KAM_E_NOMEM.
 * @threads C
 * @since 0.1
 */
int32_t kam_segment_has(int32_t *out, const kam_segment *segment, const kam_record *attributes, kam_error *err);
/**
 * Finds the members of a segment as of a day; look at it, then kam_run_apply().
 *
 * The list of MEMBER, by account, holds the members, and who left; KAM_MEMBER_WHAT tells who joined against the run of
 * this segment that was applied last. The RUN record counts members, joined, left and unknown (the condition fails for
 * a missing value: no member). Applying stores the list; kam_run_why() explains any account. A stored run is reproduced
 * by the same call on a kam_book_known() book.
 * @param[out] out     The run; end it with kam_run_free().
 * @param[in] book     The book; held.
 * @param[in] segment  The segment, of this book or from kam_segment_parse(); held.
 * @param[in] as_of    The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such day); KAM_E_POLICY (the segment is another book's, reads a field this book
 *         does not have, or an exchange rate is missing); KAM_E_TYPE (a field is of another type than the condition
 *         takes it for); KAM_E_LIMIT (a sum does not fit 64 bits, or the condition's budget); KAM_E_CANCELLED; or a
 *         code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_segment_run(kam_run **out, kam_book *book, const kam_segment *segment, int32_t as_of, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
