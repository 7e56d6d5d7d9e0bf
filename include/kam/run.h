/**
 * @file kam/run.h
 * @brief Runs: a policy applied to a whole book on a day, and why.
 *
 * Everything computed over a whole book is a run: grading, value. It reads one snapshot, stores nothing until it is
 * applied, explains each entry, and is reproduced by the same call on a kam_book_known() book. Stored runs are records
 * of kind RUN. An explanation is a kam_why: a VERDICT, the REASONs that lead to it, and the same in words.
 *
 * @code
 * int32_t explain(kam_buf *text, kam_run *run, int64_t account, kam_error *err)
 * {
 *     kam_why *why = NULL;
 *     int32_t rc = kam_run_why(&why, run, account, err);
 *     if (rc == KAM_OK) rc = kam_why_text(text, why, "en", err);
 *     kam_why_free(why);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_RUN_H
#define KAM_RUN_H
#include <kam/book.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** A policy applied to a book on a day: computed, or stored and opened again. */
typedef struct kam_run kam_run;
/** The explanation of one result; it needs neither run nor book. */
typedef struct kam_why kam_why;
/** Flags of kam_run_apply(). */
enum {
    KAM_APPLY_FORCE = 1                 /**< Apply although the book has changed since the run read it. */
};

/**
 * Opens a stored run.
 * @param[out] out     The run; end it with kam_run_free().
 * @param[in] book     The book; held.
 * @param[in] id       Id of its RUN record.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND; KAM_E_UNSUPPORTED (a kind of run this version does not know); or a code of any call
 *         on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_run_open(kam_run **out, kam_book *book, int64_t id, kam_error *err);
/**
 * The run that puts back what a stored run changed: look at it, then apply it. Nothing is deleted; both stay in the
 * history.
 * @param[out] out     The new run; end it with kam_run_free().
 * @param[in] book     The book; held.
 * @param[in] id       Id of the RUN record to undo.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND; KAM_E_EXISTS (undone already); KAM_E_STALE (later runs stand on it: undo those
 *         first); KAM_E_UNSUPPORTED (runs of this kind change nothing else); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_run_undo(kam_run **out, kam_book *book, int64_t id, kam_error *err);
/**
 * The RUN record: policy, version and hash, as_of, known, window, counts, totals, hash of the inputs; the id once it is
 * applied.
 * @param[in] run  May be NULL.
 * @return The record, lent while the run lives; NULL where `run` is NULL. Cannot fail.
 * @threads B
 * @since 0.1
 */
const kam_record *kam_run_record(const kam_run *run);
/**
 * One of the lists of a run.
 * @param[out] out      The rows from the first one; end them with kam_rows_free().
 * @param[in,out] run   The run.
 * @param[in] kind      KAM_KIND_ of its records: see what makes the run.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND (this run has no such list); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_run_rows(kam_rows **out, kam_run *run, uint32_t kind, kam_error *err);
/**
 * Explains one entry. Of a stored run it is told whether the inputs differ now.
 * @param[out] out     The explanation; end it with kam_why_free().
 * @param[in,out] run  The run.
 * @param[in] id       Account id, or id of the entry.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND (no such entry); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_run_why(kam_why **out, kam_run *run, int64_t id, kam_error *err);
/**
 * Stores a run, its entries and their effects in one transaction.
 * @param[in,out] run  The run; has its id then. Unchanged on failure.
 * @param[in] flags    0 or #KAM_APPLY_FORCE.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (an unknown flag); KAM_E_EXISTS (applied already); KAM_E_STALE (the book has changed
 *         since it was read; or, forced or not, a run of the same scheme is in force from a later day); KAM_E_POLICY (a
 *         trial of a document that is not in the book); KAM_E_READ_ONLY; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_run_apply(kam_run *run, uint32_t flags, kam_error *err);
/**
 * Ends a run; what was applied stays.
 * @param[in] run  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_run_free(kam_run *run);

/**
 * What is explained: result, subject, policy, version, as_of, known, run, and whether the inputs differ now.
 * @param[in] why  May be NULL.
 * @return A VERDICT record, lent while `why` lives; NULL where `why` is NULL. Cannot fail.
 * @threads B
 * @since 0.1
 */
const kam_record *kam_why_record(const kam_why *why);
/**
 * The parts that lead to the result, in order.
 * @param[out] out     REASON rows (factor, value, band, code, texts); end them with kam_rows_free().
 * @param[in] why      The explanation.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_why_rows(kam_rows **out, const kam_why *why, kam_error *err);
/**
 * The same for people: one line for the verdict, one for each reason.
 * @param[in,out] out  Its content is replaced.
 * @param[in] why      The explanation.
 * @param[in] lang     "en" or "zh"; NULL = "en".
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, another language); KAM_E_NOMEM (`out` may hold a part of it then).
 * @threads B
 * @since 0.1
 */
int32_t kam_why_text(kam_buf *out, const kam_why *why, const char *lang, kam_error *err);
/**
 * Ends an explanation.
 * @param[in] why  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_why_free(kam_why *why);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
