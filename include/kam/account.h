/*
 * kam/account.h - One account on one day, for a screen. A copy as of its open: it does not change under the reader.
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

typedef struct kam_account kam_account;

/** Reads an account as of a day; on a kam_book_known() book as it was known then. NOT_FOUND. [B, 0.1] */
int32_t kam_account_open(kam_account **out, kam_book *book, int64_t id, int32_t as_of, kam_error *err);
/** Ends it. [B, 0.1] */
void kam_account_free(kam_account *account);
/** Reads it again. NOT_FOUND: deleted meanwhile, the copy stays. [B, 0.1] */
int32_t kam_account_refresh(kam_account *account, kam_error *err);
/** Its ACCOUNT record, lent (handle); change it, then kam_book_save. [B, 0.1] */
kam_record *kam_account_record(kam_account *account);
/** Its ATTRIBUTES record, what rules and scorecards see, lent (next). [B, 0.1] */
int32_t kam_account_attributes(const kam_record **out, kam_account *account, kam_error *err);
/** The fact that holds: GRADE by scheme, CLASS by dimension; OWNER, TIER, LIFECYCLE: NULL; lent (next). NOT_FOUND. [B, 0.1] */
int32_t kam_account_fact(const kam_record **out, kam_account *account, uint32_t kind, const char *name, kam_error *err);
/** Why that fact holds: the run, the figures, the cut, the approver; recomputed if it never changed. NOT_FOUND. [B, 0.1] */
int32_t kam_account_why(kam_why **out, kam_account *account, uint32_t kind, const char *name, kam_error *err);
/** What belongs to it in a window: CONTACT LEDGER ACTIVITY GRADE OWNER CHANGE ... or TIMELINE, newest first. [B, 0.1] */
int32_t kam_account_rows(kam_rows **out, kam_account *account, uint32_t kind, int32_t from, int32_t to, kam_error *err);
/** Revenue, cost, contribution, orders, first and last day in a window: an ACCOUNT_VALUE record, lent (next). [B, 0.1] */
int32_t kam_account_value(const kam_record **out, kam_account *account, int32_t from, int32_t to, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
