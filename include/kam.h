/**
 * @file kam.h
 * @brief libkam, key account management as a library: everything a host program needs, in reading order.
 *
 * Writers of a store of their own include kam/spi/storage.h besides; their tests kam/spi/test.h.
 *
 * @code
 * int main(void)
 * {
 *     kam_error *err = NULL;
 *     kam_book *book = NULL;
 *     kam_record *acme = NULL;
 *     int32_t rc = kam_error_new(&err, NULL);
 *     if (rc == KAM_OK) rc = kam_book_open(&book, NULL, NULL, NULL, err);
 *     if (rc == KAM_OK) rc = kam_record_new(&acme, book, KAM_KIND_ACCOUNT, err);
 *     if (rc == KAM_OK) rc = kam_record_set_text(acme, KAM_ACCOUNT_NAME, "Acme Pumps", KAM_NUL, err);
 *     if (rc == KAM_OK) rc = kam_book_save(book, acme, err);
 *     if (rc == KAM_OK) printf("account %s\n", kam_record_text(acme, KAM_ID, ""));
 *     else fprintf(stderr, "%s\n", kam_error_message(err));
 *     kam_record_free(acme);
 *     kam_book_close(book);
 *     kam_error_free(err);
 *     return rc != KAM_OK;
 * }
 * @endcode
 */
/**
 * @mainpage libkam
 *
 * libkam keeps accounts, contacts, sales and visits in a store you choose, and answers the questions of key account
 * management from them: what is an account worth, which grade does it have and why, who is due for a visit. It is a
 * library: it opens no connection, starts no thread, reads no setting of the process, and lives inside your program.
 *
 * @section order Reading order
 *
 * - kam/base.h: codes, errors, context, buffers, days
 * - kam/block.h: rows column by column
 * - kam/record.h and kam/fields.h: records, their kinds and fields
 * - kam/rows.h: lists
 * - kam/query.h: questions
 * - kam/book.h: stores and books, transactions, single records, history
 * - kam/import.h: many records at once
 * - kam/policy.h: documents that decide
 * - kam/rule.h: conditions and formulas
 * - kam/run.h: a policy applied to a book, and why
 * - kam/account.h: one account on one day
 * - kam/value.h, kam/segment.h, kam/score.h, kam/visit.h: value, grades and segments, scores, visits
 * - kam/clv.h, kam/learn.h: expected lifetime value; clusters, logistic regression, forecasts
 * - kam/duplicate.h, kam/report.h: who is there twice; the book on one page
 * - kam/arrow.h: lists for whoever reads Arrow streams
 * - kam/route.h: periodic vehicle routing, an engine for itself
 *
 * @section shapes Six shapes
 *
 * Six shapes carry everything; learn them and the rest is nouns.
 *
 * - A *record* is one thing of one kind: an account, an order line, a grade, a reason. Its fields are read and set by
 *   id, typed, or all at once as JSON.
 * - *Rows* are a list of records of any origin: a query, the history, the entries of a run, an explanation. They are
 *   read row by row, by block, or as text.
 * - A *block* is the same rows column by column, in Arrow's layout, for speed.
 * - A *policy* is a versioned JSON document that decides: a scheme, a cadence, a mapping. It is in force from a day on,
 *   approved by someone.
 * - A *run* is a policy applied to a whole book on a day. Look at it first, then apply it; undo it later; reproduce it
 *   at any time.
 * - A *why* is the explanation of one result: the figures, the reasons, the version of the policy, as records and in
 *   words.
 *
 * @section rules Rules, once for all functions
 *
 * **Results.** A call that can fail returns int32_t: #KAM_OK or a negative KAM_E_ code. Calls that cannot fail return
 * their value.
 *
 * **Outputs** come first and are untouched on failure. What you get through an `X **out` is yours: end it with
 * kam_X_free() (kam_book_close() for a book). What you get through a `const X **out`, or as a returned pointer, is
 * lent: for ever (static), while its handle lives, or until the next call that changes the handle; each function names
 * which. Functions that end something take NULL.
 *
 * **Errors.** `kam_error *err` comes last and may be NULL. A failing call overwrites it, a good one leaves it alone.
 *
 * **Text.** Your text is UTF-8 with a length; #KAM_NUL means "up to the NUL". Names we defined together (fields,
 * policies, zones, languages, currencies) are NUL-ended. U+0000 is refused, so that text out is NUL-ended and complete.
 * Everything put in is copied.
 *
 * **Context.** A NULL `ctx` is one of its own with all defaults.
 *
 * **Options** are a struct or NULL. Zero all bytes and set struct_size: zero is always the default. A struct_size
 * smaller than the first version's is KAM_E_INVAL; an option of a newer version that is set is KAM_E_UNSUPPORTED; an
 * unknown flag is KAM_E_INVAL.
 *
 * **Days** are int32_t since 1970-01-01. Ranges are half open: [from, to). `as_of` says what was true on a day;
 * kam_book_known() gives the book as it was known after a commit.
 *
 * **Money** is int64_t in minor units, with the decimals its currency has in the book, and the currency in a field
 * beside it. Points, weights and shares are int64_t in 10^-4. Decisions (grades, ranks, sums of money) never read a
 * floating-point number, so they are the same on every machine.
 *
 * **Lifetime.** What is made from a book holds it and its context: free in any order. After kam_book_close() it answers
 * KAM_E_CLOSED.
 *
 * **Threads.** Class A: any thread. Class B: one handle, one thread at a time; the handle is the first one that is not
 * an output, together with its book. Class C: frozen, shared by all threads. Callbacks come on the caller's thread and
 * must not call the same handle: KAM_E_BUSY.
 *
 * **Codes.** Any call that can fail may answer KAM_E_INVAL (a NULL handle too: it never crashes) and KAM_E_NOMEM, and
 * leaves all objects as they were. *The codes of any call on a book* are these two, KAM_E_CLOSED, KAM_E_BUSY,
 * KAM_E_ABORTED, and what its store answers; long calls may answer KAM_E_CANCELLED. Each function names the others, and
 * when.
 */
#ifndef KAM_H
#define KAM_H
#include <kam/base.h>
#include <kam/block.h>
#include <kam/record.h>
#include <kam/fields.h>
#include <kam/rows.h>
#include <kam/query.h>
#include <kam/book.h>
#include <kam/import.h>
#include <kam/policy.h>
#include <kam/run.h>
#include <kam/account.h>
#include <kam/value.h>
#include <kam/clv.h>
#include <kam/learn.h>
#include <kam/segment.h>
#include <kam/market.h>
#include <kam/rule.h>
#include <kam/score.h>
#include <kam/visit.h>
#include <kam/route.h>
#include <kam/strategy.h>
#include <kam/report.h>
#include <kam/arrow.h>
#include <kam/duplicate.h>
#endif
