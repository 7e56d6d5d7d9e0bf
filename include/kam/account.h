/**
 * @file kam/account.h
 * @brief One account on one day, for a screen.
 *
 * Its record is a copy as of the open: it does not change under the reader, and is read again when asked. Facts, lists
 * and values are read when they are asked for, as of the same day. On a kam_book_known() book it is the account as it
 * was known then.
 *
 * @code
 * int32_t show(kam_book *book, int64_t id, kam_error *err)
 * {
 *     kam_account *account = NULL;
 *     const kam_record *grade = NULL;
 *     int32_t rc = kam_account_open(&account, book, id, KAM_TODAY, err);
 *     if (rc == KAM_OK) rc = kam_account_fact(&grade, account, KAM_KIND_GRADE, "quota-20-40-40", err);
 *     if (rc == KAM_OK)
 *         printf("%s: %s\n", kam_record_text(kam_account_record(account), KAM_ACCOUNT_NAME, ""),
 *                kam_record_text(grade, KAM_GRADE_GRADE, "-"));
 *     kam_account_free(account);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_ACCOUNT_H
#define KAM_ACCOUNT_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** One account as of a day. */
typedef struct kam_account kam_account;

/**
 * Reads an account as of a day. An id that was merged away leads to the account it became.
 * @param[out] out     The account; end it with kam_account_free().
 * @param[in] book     The book; held.
 * @param[in] id       Account id.
 * @param[in] as_of    The day; #KAM_TODAY is each time the day of the call.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_open(kam_account **out, kam_book *book, int64_t id, int32_t as_of, kam_error *err);
/**
 * Ends an account.
 * @param[in] account  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_account_free(kam_account *account);
/**
 * Reads the record again, as of the same day, into the same handle: texts lent from it before are over.
 * @param[in,out] account  The account; unchanged on failure.
 * @param[in,out] err      May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND (deleted meanwhile, the copy stays); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_refresh(kam_account *account, kam_error *err);
/**
 * The ACCOUNT record: change it, then kam_book_save().
 * @param[in] account  May be NULL.
 * @return The record, lent while the account lives; NULL where `account` is NULL. Cannot fail.
 * @threads B
 * @since 0.1
 */
kam_record *kam_account_record(kam_account *account);
/**
 * An account as rules and scorecards see it, as of the account's day: its own fields under the same names, the facts
 * that hold, and what is computed from ledger and activities (revenue_12m, growth_12m, recency_days, visits_90d ...;
 * money in the base currency, the twelve months end with the day).
 * @param[out] out         An ATTRIBUTES record, lent until the next call of this function on `account`.
 * @param[in,out] account  The account.
 * @param[in,out] err      May be NULL.
 * @return KAM_OK; KAM_E_POLICY (a rate is missing); KAM_E_LIMIT (a sum does not fit 64 bits); or a code of any call on
 *         a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_attributes(const kam_record **out, kam_account *account, kam_error *err);
/**
 * The fact that holds on the account's day.
 * @param[out] out         The fact, lent until the next call of this function on `account`.
 * @param[in,out] account  The account.
 * @param[in] kind         KAM_KIND_GRADE, _CLASS, _OWNER, _TIER, _LIFECYCLE or _ACCOUNT_LINK.
 * @param[in] name         The scheme of a grade, the dimension of a class, NUL-ended; else NULL.
 * @param[in,out] err      May be NULL.
 * @return KAM_OK; KAM_E_INVAL (another kind, or a name where none belongs); KAM_E_NOT_FOUND (none holds); or a code of
 *         any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_fact(const kam_record **out, kam_account *account, uint32_t kind, const char *name, kam_error *err);
/**
 * Why that fact holds. Of a grade put by a run: the run's figures, as by kam_run_why(); of any other: who put it when,
 * since when it holds, the approver and the reason.
 * @param[out] out         The explanation; end it with kam_why_free().
 * @param[in,out] account  The account.
 * @param[in] kind         As in kam_account_fact().
 * @param[in] name         As in kam_account_fact().
 * @param[in,out] err      May be NULL.
 * @return As kam_account_fact(), and what kam_run_why() answers.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_why(kam_why **out, kam_account *account, uint32_t kind, const char *name, kam_error *err);
/**
 * What belongs to an account in a window, newest first: events by their day, facts that held in it by the day they
 * begin, changes and results by their commit. Contacts are those who had a role in it, by id. The timeline has a line
 * of text for each event, change and fact that begins in the window.
 * @param[out] out         The rows; end them with kam_rows_free().
 * @param[in,out] account  The account.
 * @param[in] kind         KAM_KIND_LEDGER, _ACTIVITY, _CONTACT, _AFFILIATION, _GRADE, _OWNER, _TIER, _LIFECYCLE,
 *         _CLASS, _ACCOUNT_LINK, _DISTRIBUTOR, _CHANGE, _GRADE_ITEM, _ACCOUNT_VALUE, or KAM_KIND_TIMELINE.
 * @param[in] from         First day; #KAM_DAY_FIRST.
 * @param[in] to           First day behind the window; #KAM_DAY_END. As of another day than #KAM_TODAY nothing behind
 *         that day is given.
 * @param[in,out] err      May be NULL.
 * @return KAM_OK; KAM_E_INVAL (`from` is not before `to`, or such records belong to no account); or a code of any call
 *         on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_rows(kam_rows **out, kam_account *account, uint32_t kind, int32_t from, int32_t to, kam_error *err);
/**
 * What an account was worth in a window, from the ledger up to the account's day, in the base currency: revenue, costs,
 * contribution, orders, first and last day, as in kam_value_run().
 * @param[out] out         An ACCOUNT_VALUE record without ranks, shares and scores, lent until the next call of this
 *         function on `account`.
 * @param[in,out] account  The account.
 * @param[in] from         First day; #KAM_DAY_FIRST.
 * @param[in] to           First day behind the window; #KAM_DAY_END. 0 and 0 = the twelve months that end with the
 *         account's day.
 * @param[in,out] err      May be NULL.
 * @return KAM_OK; KAM_E_INVAL (`from` is not before `to`); KAM_E_POLICY (a rate is missing); KAM_E_LIMIT (a sum does
 *         not fit 64 bits); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_value(const kam_record **out, kam_account *account, int32_t from, int32_t to, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
