/**
 * @file kam/report.h
 * @brief The report: a book on one page, for people.
 *
 * @code
 * int32_t report(kam_buf *page, kam_book *book, int32_t as_of, kam_error *err)
 * {
 *     kam_report_options options = {0};
 *     options.struct_size = sizeof options;
 *     options.title = "Key accounts of the north";
 *     options.lang = "en";
 *     return kam_report_html(page, book, &options, as_of, err);
 * }
 * @endcode
 */
#ifndef KAM_REPORT_H
#define KAM_REPORT_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** What a report shows. Zero all bytes, set struct_size. */
typedef struct kam_report_options {
    uint32_t struct_size;               /**< sizeof(kam_report_options). */
    uint32_t flags;                     /**< 0. */
    int32_t from;                       /**< First day of the figures; 0, 0 = the twelve months before `as_of`. */
    int32_t to;                         /**< Day after their last one. */
    int64_t grading;                    /**< Id of the grading RUN to show; 0 = the one applied last. */
    int64_t scoring;                    /**< Id of the scoring RUN to show; 0 = the one applied last. */
    int64_t plan;                       /**< Id of the visit plan RUN to show; 0 = the one applied last. */
    const char *title;                  /**< UTF-8, NUL-ended; NULL = "Key accounts", or the same in Chinese. */
    const char *lang;                   /**< "en" or "zh"; NULL = "en". */
    const char *scheme;                 /**< Scheme whose grades are shown; NULL = the one applied last. */
} kam_report_options;

/**
 * One self-contained HTML page: summary figures, Pareto curve, grades with their changes and reasons, key accounts with
 * score and next contact, the visit plan by representative, what could not be planned, and problems of the data.
 *
 * The page needs no script, no other file and no network; all text of the book in it is escaped. What is not there yet
 * (no grading, no plan) is said in its place. Same book, options and day: the same bytes.
 *
 * The page stays readable whatever the book's size: 20 key accounts as cards and 80 more as a table, 50 changes of each
 * kind, 50 contacts that were not planned, 24 representatives with a calendar of six weeks, 12 names under a problem;
 * what is left out is counted in its place. Key accounts are those of tier KEY, else of the best grade, else with most
 * points or revenue. The figures of the time before are those of a window as long before it.
 * @param[in,out] out   Its content is replaced; on failure it may hold a part of the page.
 * @param[in] book      The book; on a kam_book_known() book as it was known then.
 * @param[in] options   NULL = all defaults.
 * @param[in] as_of     The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, another language, an empty window, no such day, a run of another kind);
 *         KAM_E_UNSUPPORTED (options of a newer version); KAM_E_NOT_FOUND (no such run); KAM_E_POLICY (an exchange rate
 *         is missing); KAM_E_PARSE, KAM_E_POLICY (the stored scheme or scorecard of a run cannot be read: the error
 *         names it); KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_report_html(kam_buf *out, kam_book *book, const kam_report_options *options, int32_t as_of, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
