/**
 * @file kam/strategy.h
 * @brief Strategy: the plan of a key account from year T to T+3, its portfolio matrix, and financial ratios.
 *
 * An account plan is one ACCOUNT_PLAN record and the records that refer to it, eight sections in all (R86): the mission
 * statement and the overview (texts of the plan), the financial summary (PLAN_YEAR), critical success factors
 * (PLAN_CSF), the portfolio (PLAN_UNIT, PLAN_FACTOR, PLAN_SCORE), assumptions (PLAN_ASSUMPTION), objectives and
 * strategies (PLAN_OBJECTIVE, PLAN_ITEM) and the budget (PLAN_BUDGET). They are read, saved, exported and kept with
 * their history like any records; what is said here is computed from them: what is missing, how far objectives are
 * from their ideal, where each unit of the portfolio stands, and what the ledger says of the targets.
 *
 * @code
 * int32_t plan(kam_book *book, int64_t account, kam_error *err)
 * {
 *     kam_account_plan *plan = NULL;
 *     kam_rows *missing = NULL;
 *     const kam_record *problem = NULL;
 *     int32_t rc = kam_account_plan_open(&plan, book, account, 2026, err);
 *     if (rc == KAM_OK) rc = kam_account_plan_missing(&missing, plan, err);
 *     while (rc == KAM_OK && (rc = kam_rows_next(&problem, missing, err)) == KAM_OK && problem)
 *         printf("%s: %s\n", kam_record_text(problem, KAM_PROBLEM_CODE, ""),
 *                kam_record_text(problem, KAM_PROBLEM_TEXT, ""));
 *     kam_rows_free(missing);
 *     kam_account_plan_free(plan);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_STRATEGY_H
#define KAM_STRATEGY_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** The plan of one account from one base year. */
typedef struct kam_account_plan kam_account_plan;

/**
 * The plan of an account from base year T, made (with nothing but account and year in it) if there is none.
 * @param[out] out     The plan; end it with kam_account_plan_free(). It holds the book.
 * @param[in] book     The book. Where the plan is not there yet it must be open for writing.
 * @param[in] account  Id of the account.
 * @param[in] year     T, 1900 to 9990.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no such year); KAM_E_NOT_FOUND (no such account); KAM_E_READ_ONLY (there is no plan and
 *         the book cannot be written); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_plan_open(kam_account_plan **out, kam_book *book, int64_t account, int32_t year, kam_error *err);
/**
 * Ends a plan's handle; the plan stays in the book.
 * @param[in] plan  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_account_plan_free(kam_account_plan *plan);
/**
 * The plan's own record as of the open: its id is what sections refer to. Edit it and kam_book_save() it.
 * @param[in] plan  May be NULL.
 * @return An ACCOUNT_PLAN record that lives as long as the handle; NULL for NULL.
 * @threads B
 * @since 0.1
 */
kam_record *kam_account_plan_record(kam_account_plan *plan);
/**
 * The records of one section, by id.
 * @param[out] out     The rows; end them with kam_rows_free().
 * @param[in] plan     The plan.
 * @param[in] kind     A kind that refers to an account plan: #KAM_KIND_PLAN_YEAR, #KAM_KIND_PLAN_CSF,
 *         #KAM_KIND_PLAN_UNIT, #KAM_KIND_PLAN_FACTOR, #KAM_KIND_PLAN_ASSUMPTION, #KAM_KIND_PLAN_OBJECTIVE,
 *         #KAM_KIND_PLAN_ITEM, #KAM_KIND_PLAN_BUDGET, #KAM_KIND_PLAN_ADJUSTMENT, or #KAM_KIND_PLAN_SCORE (those of the
 *         plan's units).
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, another kind); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_plan_rows(kam_rows **out, kam_account_plan *plan, uint32_t kind, kam_error *err);
/**
 * What the plan still lacks: PROBLEM rows, sections first in the order of the eight, then what is incomplete in them.
 *
 * Codes: SECTION (field = the section: mission, finance, overview, csf, portfolio, assumptions, objectives, budget);
 * YEAR (one of T to T+3 has no financial summary, or one without revenue, gross profit and cost); WEIGHT (weights of
 * critical success factors, or of an axis of the portfolio, do not add up to 100); READY (a point of preparation for
 * the matrix is not confirmed, field = its name); SCORE (a unit cannot be placed: scores are missing); OVERRIDE (a unit
 * has another marketing objective than the suggested one and no reason); OBJECTIVE (an objective lacks basis, ideal
 * value, feasibility or the company strategy it serves: field names it); ITEMS (nobody closes its gap). kind and
 * record name the record, row counts the problems.
 * @param[out] out     The rows; end them with kam_rows_free(). None: the plan is whole.
 * @param[in] plan     The plan.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_plan_missing(kam_rows **out, kam_account_plan *plan, kam_error *err);
/**
 * How far each objective is from its ideal value and who closes the gap: PLAN_GAP rows by objective (R90).
 * @param[out] out     The rows; end them with kam_rows_free().
 * @param[in] plan     The plan.
 * @param[in] as_of    The day open items are overdue before; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such day); KAM_E_LIMIT (a gap does not fit 64 bits); or a code of any call on a
 *         book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_plan_gaps(kam_rows **out, kam_account_plan *plan, int32_t as_of, kam_error *err);
/**
 * The directional policy matrix of the plan's portfolio (R77-R85): PLAN_POSITION rows by unit, then now, in three years
 * with the policy unchanged, as wanted in three years (the latter two where there are scores for them).
 *
 * Attractiveness is the sum of weight * score / 100 over its factors, each product rounded half to even to four places;
 * strength likewise, for us and for each competitor; relative strength is ours divided by that of the best competitor
 * whose scores are complete (McDonald, Marketing Plans: the directional policy matrix). Quadrants: attractive from 5,
 * strong where we are at least as strong as the best competitor: star (both), cash cow (strong only), question
 * (attractive only), dog. Suggested: improve a star, maintain a cash cow, harvest (or exit) a dog, improve selectively
 * (or exit) a question, enter where a unit has no sales; where there are two, the choice is the plan's.
 * @param[out] out     The rows; end them with kam_rows_free(). A unit whose scores are incomplete has no position and
 *         says how many are missing.
 * @param[in] plan     The plan.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_POLICY (one of the six points of preparation is not confirmed, or the
 *         weights of an axis do not add up to 100: the message names it); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_plan_matrix(kam_rows **out, kam_account_plan *plan, kam_error *err);
/**
 * Targets against what came: PLAN_RESULT for each plan year that has begun by as_of and has targets (R91).
 *
 * Purchases: revenue less returns against PLAN_YEAR.revenue; contribution against gross_profit less cost, where the
 * former is given; share: revenue of the twelve months that end with the year (or with as_of) to the account's
 * potential; satisfaction and cooperation: the last ACCOUNT_REVIEW within the year. A year of which as_of is not the
 * end counts as far as it has come (complete = false). Applying stores the list; kam_run_why() with the account's id
 * tells each indicator in both languages. Adjustments that follow are PLAN_ADJUSTMENT records.
 * @param[out] out     The run; end it with kam_run_free().
 * @param[in] plan     The plan; its book is held.
 * @param[in] as_of    The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such day); KAM_E_POLICY (an exchange rate is missing); KAM_E_LIMIT (a sum does
 *         not fit 64 bits); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_account_plan_run(kam_run **out, kam_account_plan *plan, int32_t as_of, kam_error *err);
/**
 * The financial ratios of an account for each fiscal year with figures, beside its industry's (R68-R70): six
 * FINANCIAL_RATIO rows a year.
 *
 * Current ratio = current assets / current liabilities; net margin = net profit / revenue; return on assets = net
 * profit / total assets; debtor control = receivables / revenue * 365 days; stock turnover = cost of goods / stock;
 * asset turnover = revenue / total assets. A division by zero is undefined, never 0; a figure that is not there leaves
 * the ratio empty; text says which. The first three serve to judge the ability to pay. The industry is the account's
 * field industry: FINANCIAL records without account that name it, of the same year.
 * @param[out] out     The rows, by year and ratio; end them with kam_rows_free().
 * @param[in] book     The book.
 * @param[in] account  Id of the account.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND (no such account); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_financial_ratios(kam_rows **out, kam_book *book, int64_t account, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
