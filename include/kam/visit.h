/*
 * kam/visit.h - Who is due, and who sees whom when. Cadences are policies; holidays, absences, capacities, locks and the visits themselves are
 * records. A plan is the question (window, people), its run the answer; applied entries are ACTIVITY records. Planning again is
 * the same call: what is held, locked or near stays, the rest moves only if it pays.
 */
#ifndef KAM_VISIT_H
#define KAM_VISIT_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif


/** Who is due or overdue on a day, most overdue first; representative 0 = all; cadence NULL = "standard": DUE rows. [B, 0.1] */
int32_t kam_visit_due(kam_rows **out, kam_book *book, const char *cadence, int64_t representative, int32_t as_of, kam_error *err);
/** Saves an ACTIVITY as held and plans its follow-up (within 7 days) in one transaction: id of that, 0 = none needed. [B, 0.1] */
int32_t kam_visit_held(int64_t *followup, kam_book *book, kam_record *activity, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
