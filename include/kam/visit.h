/**
 * @file kam/visit.h
 * @brief Visits: who is due, and what a held one entails.
 *
 * How often an account of which grade is to be contacted says a cadence, which is a policy; holidays are CALENDAR_DAY
 * records, visits and calls ACTIVITY records. From these follows who is due on a day, and a visit that was held gets
 * its follow-up within a week.
 *
 * @code
 * int32_t print_due(kam_book *book, kam_error *err)
 * {
 *     kam_rows *due = NULL;
 *     const kam_record *r = NULL;
 *     int32_t rc = kam_visit_due(&due, book, NULL, 0, KAM_TODAY, err);
 *     while (rc == KAM_OK && (rc = kam_rows_next(&r, due, err)) == KAM_OK && r)
 *         printf("%s: %s since %s\n", kam_record_text(r, KAM_DUE_NAME, ""),
 *                kam_record_text(r, KAM_DUE_CHANNEL, ""), kam_record_text(r, KAM_DUE_DAY, ""));
 *     kam_rows_free(due);
 *     return rc;
 * }
 * @endcode
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


/**
 * Who is due or overdue on a day: contacts the cadence asks for, and follow-ups still open. A due day nobody works on
 * moves to the working day before it. What the day sees is activities held up to it and facts in force on it;
 * disqualified accounts are never due.
 * @param[out] out            DUE rows, most overdue first, then by due day, account and rule; end them with
 *         kam_rows_free().
 * @param[in] book            The book.
 * @param[in] cadence         Name of the CADENCE policy, NUL-ended; NULL = "standard".
 * @param[in] representative  Only those of this representative: the account's owner on the day, of a follow-up who is
 *         to make it; 0 = all.
 * @param[in] as_of           The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err         May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no such day, a negative id); KAM_E_POLICY (no such cadence is in force);
 *         KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_due(kam_rows **out, kam_book *book, const char *cadence, int64_t representative, int32_t as_of,
                      kam_error *err);
/**
 * Saves an ACTIVITY as held and plans its follow-up, both or neither. An outbound visit gets one call within 7 days, on
 * a working day, unless it is a follow-up itself or has one already; an open one moves along when the visit's day is
 * corrected.
 * @param[out] followup     Id of the ACTIVITY that was planned; 0 = none was.
 * @param[in] book          The book.
 * @param[in,out] activity  The record, saved as by kam_book_save() with status HELD; unchanged on failure. A visit
 *         needs day, place, main points, the customer's opinion and the next advice; a follow-up needs the opinion.
 * @param[in,out] err       May be NULL; tells the field.
 * @return KAM_OK; KAM_E_INVAL (no ACTIVITY, a field is missing, a follow-up that is neither call nor visit); else as
 *         kam_book_save().
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_held(int64_t *followup, kam_book *book, kam_record *activity, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
