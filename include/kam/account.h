/**
 * @file kam/account.h
 * @brief One account on one day, for a screen.
 *
 * A copy as of its open: it does not change under the reader, and is read again when asked. On a kam_book_known() book
 * it is the account as it was known then.
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
 * Reads an account as of a day.
 * @param[out] out     The account; end it with kam_account_free().
 * @param[in] book     The book; held.
 * @param[in] id       Account id.
 * @param[in] as_of    The day; #KAM_TODAY.
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
 * Reads an account again, as of the same day. What it lent before is over.
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
 * The account as rules and scorecards see it: its fields, facts and figures.
 * @param[out] out         An ATTRIBUTES record, lent until the next call on `account`.
 * @param[in,out] account  The account.
 * @param[in,out] err      May be NULL.
 * @return KAM_OK or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_attributes(const kam_record **out, kam_account *account, kam_error *err);
/**
 * The fact that holds on the account's day.
 * @param[out] out         The fact, lent until the next call on `account`.
 * @param[in,out] account  The account.
 * @param[in] kind         KAM_KIND_GRADE, KAM_KIND_CLASS, KAM_KIND_OWNER, KAM_KIND_TIER or KAM_KIND_LIFECYCLE.
 * @param[in] name         The scheme of a grade, the dimension of a class, NUL-ended; else NULL.
 * @param[in,out] err      May be NULL.
 * @return KAM_OK; KAM_E_INVAL (another kind, or a name where none belongs); KAM_E_NOT_FOUND (none holds); or a code of
 *         any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_fact(const kam_record **out, kam_account *account, uint32_t kind, const char *name, kam_error *err);
/**
 * Why that fact holds: the run, the figures, the cut, the approver; computed again where it never changed.
 * @param[out] out         The explanation; end it with kam_why_free().
 * @param[in,out] account  The account.
 * @param[in] kind         As in kam_account_fact().
 * @param[in] name         As in kam_account_fact().
 * @param[in,out] err      May be NULL.
 * @return As kam_account_fact().
 * @threads B
 * @since 0.1
 */
int32_t kam_account_why(kam_why **out, kam_account *account, uint32_t kind, const char *name, kam_error *err);
/**
 * What belongs to an account in a window, newest first.
 * @param[out] out         The rows; end them with kam_rows_free().
 * @param[in,out] account  The account.
 * @param[in] kind         KAM_KIND_CONTACT, _LEDGER, _ACTIVITY, _GRADE, _OWNER, _CHANGE ...; or KAM_KIND_TIMELINE:
 *         purchases, contacts and changes in one order.
 * @param[in] from         First day; #KAM_DAY_FIRST.
 * @param[in] to           First day behind the window; #KAM_DAY_END.
 * @param[in,out] err      May be NULL.
 * @return KAM_OK; KAM_E_INVAL (such records belong to no account); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_rows(kam_rows **out, kam_account *account, uint32_t kind, int32_t from, int32_t to, kam_error *err);
/**
 * What an account was worth in a window, from the ledger up to the account's day, in the base currency: revenue, costs,
 * contribution, orders, first and last day, as in kam_value_run().
 * @param[out] out         An ACCOUNT_VALUE record without ranks, shares and scores, lent until the next call on
 *         `account`.
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
