/*
 * kam/run.h - Everything computed over a whole book is a run: grading, scoring, segment, value, visit plan; later lifetime value. A run
 * reads one snapshot, stores nothing until applied, explains each entry, and is reproduced by the same call on kam_book_known().
 * Stored runs are records of kind RUN.
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

typedef struct kam_run kam_run;
typedef struct kam_why kam_why;
enum { KAM_APPLY_FORCE = 1 };           /* apply although the book changed since the run read it */

/** A stored run by its id. NOT_FOUND. [B, 0.1] */
int32_t kam_run_open(kam_run **out, kam_book *book, int64_t id, kam_error *err);
/** The run that puts back what run `id` changed: look at it, then apply it. STALE: later runs stand on it. [B, 0.1] */
int32_t kam_run_undo(kam_run **out, kam_book *book, int64_t id, kam_error *err);
/** Its RUN record (policy, version, hash, as_of, known, effective, counts, totals), lent (handle); the id once applied. [B, 0.1] */
const kam_record *kam_run_record(const kam_run *run);
/** One of its lists, named by the kind of record: see each engine. NOT_FOUND: this run has no such list. [B, 0.1] */
int32_t kam_run_rows(kam_rows **out, kam_run *run, uint32_t kind, kam_error *err);
/** Explains one entry, by account id or entry id. NOT_FOUND. [B, 0.1] */
int32_t kam_run_why(kam_why **out, kam_run *run, int64_t id, kam_error *err);
/** Stores run, entries and effects in one transaction. STALE: the book changed (see FORCE). EXISTS: applied already. [B, 0.1] */
int32_t kam_run_apply(kam_run *run, uint32_t flags, kam_error *err);
/** Ends it. [B, 0.1] */
void kam_run_free(kam_run *run);

/** What is explained: a VERDICT record (result, policy, version, "inputs differ"), lent (handle). [B, 0.1] */
const kam_record *kam_why_record(const kam_why *why);
/** The parts that add up to the result: REASON rows. [B, 0.1] */
int32_t kam_why_rows(kam_rows **out, const kam_why *why, kam_error *err);
/** The same for people, "en" or "zh"; `lang` NULL = "en". [B, 0.1] */
int32_t kam_why_text(kam_buf *out, const kam_why *why, const char *lang, kam_error *err);
/** Ends it; it needs neither run nor book. [B, 0.1] */
void kam_why_free(kam_why *why);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
