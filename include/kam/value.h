/**
 * @file kam/value.h
 * @brief Value: what accounts are worth, from the ledger.
 *
 * Everything follows from LEDGER records in a window of days: revenue, costs, contribution, and how they are spread
 * over the accounts. Shares are measured, never assumed: how much the largest fifth of the accounts brings is a figure
 * of the result, not 80 %. The ledger streams by in blocks, and more than once where there is much to count: memory goes
 * with the accounts (whitespace: with the products each has bought; declines: with the days it bought on), not with the
 * ledger.
 *
 * **Several codes, one account** (R177). An ACCOUNT_LINK fact says that one account of the book, a code of the ERP, counts
 * for another, as sold-to, ship-to or payer, from day to day. All sums here, the attributes of accounts and everything
 * that decides by them follow the links that hold on the day asked, for rows of any day; rows are never rewritten: a
 * link of the account to itself ends another one and parts them again. A code that counts for another account has nothing
 * of its own left to count, and is in no list of accounts that is graded, scored or segmented.
 * A sale through a distributor is different (R147): a DISTRIBUTOR fact, or LEDGER.end_account, tells whom the goods went
 * to; the sale is counted once, for the account that was sold to, and shown, not added, for the end customer.
 *
 * @code
 * int32_t top_accounts(kam_book *book, int32_t as_of, kam_error *err)
 * {
 *     kam_run *run = NULL;
 *     kam_rows *rows = NULL;
 *     const kam_record *r = NULL;
 *     int32_t rc = kam_value_run(&run, book, NULL, as_of, err);
 *     if (rc == KAM_OK) rc = kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, err);
 *     while (rc == KAM_OK && (rc = kam_rows_next(&r, rows, err)) == KAM_OK && r)
 *         printf("%s %s %s\n", kam_record_text(r, KAM_ACCOUNT_VALUE_ABC, "-"),
 *                kam_record_text(r, KAM_ACCOUNT_VALUE_ACCOUNT, ""),
 *                kam_record_text(r, KAM_ACCOUNT_VALUE_REVENUE, "0"));
 *     kam_rows_free(rows);
 *     kam_run_free(run);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_VALUE_H
#define KAM_VALUE_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** Periods of kam_value_periods(), of the calendar. */
enum {
    KAM_PERIOD_MONTH = 1,               /**< From the first of each month. */
    KAM_PERIOD_QUARTER = 2,             /**< From 1 January, April, July, October. */
    KAM_PERIOD_YEAR = 3                 /**< From 1 January. */
};

/** Flags of kam_value_options. */
enum {
    /**
     * Sales between our own companies do not count (R177): ledger rows of accounts that have a CLASS in dimension
     * "intercompany" on the day asked for, whatever the class, are left out.
     */
    KAM_VALUE_EXTERNAL = 1,
    /**
     * A return counts on the day that the order it names was first sold: what came back later than a period lowers the
     * period of the sale, and a return of an order from before the window does not count in it. Returns up to as_of do,
     * also behind the window. An order that came back whole is no order and no purchase. A return that names no order,
     * or none that was sold before, stays on its own day. Memory goes with the orders that were returned.
     */
    KAM_VALUE_RETURNS_BY_ORDER = 2,
    /** Returns are shown and lower nothing: revenue, costs and profit are those of what was sold. */
    KAM_VALUE_RETURNS_EXCLUDED = 4
};
/** What is valued. Zero all bytes, set struct_size. */
typedef struct kam_value_options {
    uint32_t struct_size;               /**< sizeof(kam_value_options). */
    /** KAM_VALUE_ flags. Without one of returns, they lower what was bought in the period of their own day. */
    uint32_t flags;
    int32_t from;                       /**< First day of the window; #KAM_DAY_FIRST. */
    /**
     * First day behind the window; #KAM_DAY_END. Days after as_of never count. `from` and `to` 0 = the twelve months
     * that end with as_of.
     */
    int32_t to;
    int64_t share_a;                    /**< ABC: up to which cumulative share A goes, 10^-4; both shares 0 = 8000. */
    int64_t share_b;                    /**< ABC: up to which B goes, 10^-4, not below share_a; 0 = 9500. */
    /**
     * Currency of sums, ISO 4217: other currencies are converted by the RATE in force on each row's day. NULL = base
     * currency.
     */
    const char *currency;
    /**
     * What a run is told besides, a JSON object; each of its members may be missing, NULL = nothing:
     * @verbatim
     * {"shared_costs": [{"name": "Sales office", "kind": "PERSONNEL", "driver": "visits", "amount": 120000.00}],
     *  "rfm": {"recency": [30, 60, 120, 240], "orders": [1, 3, 6, 12], "money": [1000, 5000, 20000, 100000],
     *          "cells": [{"name": "best", "r": [4, 5], "f": [4, 5], "m": [4, 5]}, {"name": "others"}]}}
     * @endverbatim
     * `shared_costs`: pots of costs of the window, in the currency of sums; `kind` is a COST_KIND, `driver` is visits,
     * orders, revenue or hours. Each is split over the accounts in proportion to what they have of the driver, to the
     * cent: held visits of the window, its orders, its revenue (below zero counts as none), the minutes of held
     * activities. An account with an activity and no ledger row takes part. What nobody drives is left unallocated, and
     * told. `rfm`: four ascending cut points in place of the quantiles, up to and with: with the ones above 30 days
     * since the last purchase are a 5, 31 to 60 a 4, one order is a 1, two or three a 2. `cells`: names for scores, a
     * list as long as wanted, of which the first that fits holds; a score is a number, a pair of lowest and highest, or
     * missing for any.
     */
    const char *settings;
} kam_value_options;

/**
 * Values every account that has a ledger row in the window. Applied, the run and its rows are stored; no fact changes.
 *
 * The list of ACCOUNT_VALUE has most revenue first, ties by account id:
 * - revenue = sales - returns, as the flags say; cost of goods = costs of sold lines - those of returned ones +
 *   COST_OF_GOODS events;
 *   gross profit = revenue - cost of goods; contribution = gross profit - all costs to serve; adjusted = gross profit *
 *   (1 - the account's risk factor), rounded half to even - all costs to serve;
 * - orders (distinct order numbers; rows of a day without one are one order), first and last day of purchase, days
 *   since;
 * - direct revenue, what others sold on to it as end customer, is shown and counts for nothing else;
 * - rank, cumulative share of revenue, and ABC by both cut rules: `abc` puts the account that crosses a cut above it,
 *   `abc_incl` below;
 * - shared: the part of the costs to serve that came from kam_value_options.settings;
 * - scores 1 to 5 for recency, frequency and money of accounts with an order, by both tie rules: equal fifths of the
 *   sorted accounts (`_ntile`), and cuts at quantiles or at the cut points given (`_q7`); by these the named cell, of
 *   those given or of ours: champion, cannot lose, loyal, at risk, new, promising, frequent small, needs attention,
 *   about to sleep, lost.
 *
 * The RUN record has total revenue, Gini coefficient and Herfindahl index of the accounts with positive revenue, the
 * share of the largest one and of the largest fifth of them, and in `statistics` one JSON object: abc, abc_incl
 * (accounts a class), positive, reach (how many accounts bring 50, 80, 90, 95 % of the revenue), top_share (what the
 * largest 1, 5, 10, 20, 50 % of them bring), buyers, rfm_cuts, n555_ntile, n555_q7, rfm_cells (buyers a cell); of
 * contribution: profit, profit_reach, profit_top_share, profit_gini, whale_peak (sum of all profits), whale_peak_pct
 * (of the total), whale_peak_at and unprofitable (accounts), whale_loss; shared (each pot's amount and what is left of
 * it); returns (policy "period", "order" or "exclude", amount; by order also the orders with a return, those that came back whole,
 * and as loose the returns that name none).
 *
 * Sources: Gini (1912) in the form of Sen (1973); Hirschman (1945), Herfindahl (1950); recency, frequency, money after
 * Hughes (1994); quantiles of type 7 in Hyndman and Fan (1996); allocation by drivers after Kaplan and Cooper (1988).
 * Amounts, ranks, classes and scores are exact; shares
 * and indexes are doubles, kept with 9 significant digits.
 * @param[out] out     The run; end it with kam_run_free(). kam_run_why() explains the contribution of an account.
 * @param[in] book     The book; held.
 * @param[in] options  Copied; NULL = defaults.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (an empty window, shares not in order or above 10000, no such currency, an unknown flag);
 *         KAM_E_UNSUPPORTED (an option of a newer version); KAM_E_POLICY (a rate is missing: the message names the pair
 *         and the day); KAM_E_PARSE, KAM_E_TYPE (settings, with the place); KAM_E_LIMIT (a sum does not fit 64 bits);
 *         KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_value_run(kam_run **out, kam_book *book, const kam_value_options *options, int32_t as_of, kam_error *err);
/**
 * Each account's part of each shared cost of kam_value_options.settings, as kam_value_run() adds it to the costs to
 * serve: over its accounts a pot's amounts add up to it, to the cent.
 * @param[out] out     SHARED_COST rows by pot in the order of the settings, then account; behind them, without an
 *                     account, what of a pot nobody drives; end them with kam_rows_free().
 * @param[in] book     The book.
 * @param[in] options  Copied; NULL = defaults, and no rows. The shares are not looked at.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run().
 * @threads B
 * @since 0.1
 */
int32_t kam_value_shared_costs(kam_rows **out, kam_book *book, const kam_value_options *options, int32_t as_of,
                               kam_error *err);
/**
 * Sums per account and period, for each that has rows in the window: revenue, returns, cost of goods, gross profit,
 * cost to serve, contribution, as in kam_value_run(). Periods at the ends of the window hold only its days.
 * @param[out] out     ACCOUNT_PERIOD rows by account, then period; end them with kam_rows_free(). One in the currency
 *         of sums (base = 1), and a second one (base = 0) in the account's own currency where that is another.
 * @param[in] book     The book.
 * @param[in] options  Copied; NULL = defaults. The shares are not looked at.
 * @param[in] period   KAM_PERIOD_.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run(); KAM_E_INVAL (another period) besides.
 * @threads B
 * @since 0.1
 */
int32_t kam_value_periods(kam_rows **out, kam_book *book, const kam_value_options *options, uint32_t period,
                          int32_t as_of, kam_error *err);

/**
 * The same sums by own company (R177): for each account its rows of the ledger by who sold, LEDGER.company. Over its
 * companies an account's sums are those of kam_value_run(), to the cent; orders are counted within a company.
 * @param[out] out     COMPANY_VALUE rows by account, then company by its bytes, rows that name none first; end them with
 *                     kam_rows_free().
 * @param[in] book     The book.
 * @param[in] options  Copied; NULL = defaults. The shares are not looked at.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run(); KAM_E_LIMIT (more than 65,535 companies) besides.
 * @threads B
 * @since 0.1
 */
int32_t kam_value_companies(kam_rows **out, kam_book *book, const kam_value_options *options, int32_t as_of,
                            kam_error *err);
/**
 * The same sums up the tree of accounts (R19): what each account brought with all below it, by ACCOUNT.parent. Accounts
 * that are alone, with nothing above or below, have no row.
 * @param[out] out     GROUP_VALUE rows by account; end them with kam_rows_free().
 * @param[in] book     The book.
 * @param[in] options  Copied; NULL = defaults. The shares are not looked at.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run().
 * @threads B
 * @since 0.1
 */
int32_t kam_value_groups(kam_rows **out, kam_book *book, const kam_value_options *options, int32_t as_of, kam_error *err);

/**
 * How accounts buy in a window (R164): what the SALE rows say, returns are not looked at. One row for each account with
 * a sale: amount, orders (distinct numbers; a day without one is an order), kinds of product, days with a purchase,
 * mean days between them, the amount in each month of the year, and the end customer that most is sold on to.
 * @param[out] out     PURCHASE_PROFILE rows by account; end them with kam_rows_free().
 * @param[in] book     The book.
 * @param[in] options  Copied; NULL = defaults. The shares are not looked at.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run().
 * @threads B
 * @since 0.1
 */
int32_t kam_value_profiles(kam_rows **out, kam_book *book, const kam_value_options *options, int32_t as_of,
                           kam_error *err);

/** When an account has declined. Zero all bytes, set struct_size. */
typedef struct kam_decline_options {
    uint32_t struct_size;               /**< sizeof(kam_decline_options). */
    uint32_t flags;                     /**< 0. */
    /** What is compared: KAM_ACCOUNT_VALUE_REVENUE, _GROSS_PROFIT or _CONTRIBUTION; 0 = revenue. */
    uint32_t figure;
    uint32_t reserved;                  /**< 0. */
    int64_t drop;                       /**< Alarm from so much less on, 10^-4; 0 = 2000 (20 %), 10000 = all of it. */
    int64_t silence;                    /**< Alarm when silent for more than so many usual intervals, 10^-4; 0 = 20000 (twice). */
    const char *currency;               /**< Of sums, ISO 4217; NULL = base currency. */
} kam_decline_options;
/**
 * Who buys less (R175): the last whole month against the same one a year ago and against the month before; January and
 * February are one period, because the Spring Festival lies now in the one, now in the other, and where periods differ
 * in length they are compared by month. Silent is who has bought nothing for longer than so many times its usual
 * interval, the mean days between its purchases of the last 24 months, of which it needs three.
 * @param[out] out     DECLINE rows, most lost first, ties by account: the three sums, the changes, and which of YEAR,
 *                     PERIOD and SILENT is why, with the owner of the day; end them with kam_rows_free().
 * @param[in] book     The book.
 * @param[in] options  Copied; NULL = defaults.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run(); KAM_E_INVAL (another figure, a share out of range) besides.
 * @threads B
 * @since 0.1
 */
int32_t kam_value_declines(kam_rows **out, kam_book *book, const kam_decline_options *options, int32_t as_of,
                           kam_error *err);

/** Whom an account is compared with. Zero all bytes, set struct_size. */
typedef struct kam_whitespace_options {
    uint32_t struct_size;               /**< sizeof(kam_whitespace_options). */
    uint32_t flags;                     /**< 0. */
    int32_t from;                       /**< As in kam_value_options. */
    int32_t to;                         /**< Likewise. */
    int64_t least;                      /**< Share of the others that must buy the product, 10^-4; 0 = 5000. */
    uint32_t like;                      /**< Only with accounts that have the same text in this field of ACCOUNT; 0 = with all. */
    uint32_t reserved;                  /**< 0. */
} kam_whitespace_options;
/**
 * What others buy and an account does not: products sold in the window to at least so many of the other accounts that
 * bought any, and not to this one.
 * @param[out] out     WHITESPACE rows by account, then share, largest first, then product; end them with
 *                     kam_rows_free().
 * @param[in] book     The book.
 * @param[in] options  Copied; NULL = defaults.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run(); KAM_E_INVAL (a share out of range, a field that is no text of ACCOUNT) besides.
 * @threads B
 * @since 0.1
 */
int32_t kam_value_whitespace(kam_rows **out, kam_book *book, const kam_whitespace_options *options, int32_t as_of,
                             kam_error *err);
/**
 * What is owed back under framework contracts (R176), and what is left of the contribution. Contracts are a JSON array:
 * @verbatim
 * [{"account": 7, "from": "2026-01-01", "to": "2027-01-01", "mode": "marginal",
 *   "tiers": [{"from": 100000, "rate": 0.01}, {"from": 500000, "rate": 0.025}]}]
 * @endverbatim
 * `to` is the first day after the contract; `mode` is "whole" (the rate of the tier reached, on all turnover) or
 * "marginal" (each rate on what lies in its tier); `currency` may be given, else it is the base currency. Turnover is
 * revenue - returns from the first day of the contract up to as_of.
 * @param[out] out       REBATE rows in the order of the contracts: turnover, tier, accrual (rounded half to even, once),
 *                       how far the next tier is and the rebate there, contribution before and after the rebate, the last
 *                       day of the contract and whether it lies within 60 days; end them with kam_rows_free().
 * @param[in] book       The book.
 * @param[in] contracts  The array.
 * @param[in] len        Its length in bytes, or #KAM_NUL.
 * @param[in] as_of      The day; #KAM_TODAY.
 * @param[in,out] err    May be NULL.
 * @return As kam_value_run(); KAM_E_PARSE (with the place), KAM_E_LIMIT (more than 100,000 contracts) besides.
 * @threads B
 * @since 0.1
 */
int32_t kam_value_rebates(kam_rows **out, kam_book *book, const char *contracts, size_t len, int32_t as_of,
                          kam_error *err);

/** What is proposed. Zero all bytes, set struct_size. */
typedef struct kam_forecast_options {
    uint32_t struct_size;               /**< sizeof(kam_forecast_options). */
    uint32_t flags;                     /**< 0. */
    uint32_t months;                    /**< How many to look ahead, at most 60; 0 = 12. */
    uint32_t history;                   /**< Months to look back, at most 240; 0 = 36. */
    const char *version;                /**< Of the proposal; NULL = "proposal". */
    const char *currency;               /**< Of sums, ISO 4217; NULL = base currency. */
} kam_forecast_options;
/**
 * Proposes forecasts of sales (revenue) and cost (cost of goods and cost to serve) per account and month (R64):
 * kam_forecast() over the whole months up to as_of, from the account's first one on, and the naive baseline beside it.
 * Figures below zero become zero. Nothing is stored: save the rows you accept as FORECAST records. A stored version is
 * never overwritten: a correction of it is refused, and so is the same version of the same account and first day.
 * @param[out] out     FORECAST rows without id, by account, then month; end them with kam_rows_free().
 * @param[in] book     The book.
 * @param[in] options  Copied; NULL = defaults.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run(); KAM_E_INVAL (too many months) besides.
 * @threads B
 * @since 0.1
 */
int32_t kam_value_forecasts(kam_rows **out, kam_book *book, const kam_forecast_options *options, int32_t as_of,
                            kam_error *err);
/**
 * Actual against forecast (R64, R65): the stored FORECAST records of a version beside what the ledger says of their
 * periods up to as_of.
 * @param[out] out     FORECAST_VARIANCE rows by account, then period, then id; end them with kam_rows_free().
 * @param[in] book     The book.
 * @param[in] version  The version; NULL = of each account and period the one saved last.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run().
 * @threads B
 * @since 0.1
 */
int32_t kam_value_forecast_variance(kam_rows **out, kam_book *book, const char *version, int32_t as_of, kam_error *err);

/** Phases of selling: KAM_EFFORT_PHASE_TRUST and the next three. */
#define KAM_EFFORT_PHASES 4
/** Where our time goes. Set struct_size. Shares are in 10^-4. */
typedef struct kam_effort {
    uint32_t struct_size;                       /**< sizeof(kam_effort). */
    uint32_t untimed;                           /**< Held activities without a duration: they count as no time. */
    int64_t minutes[KAM_EFFORT_PHASES];         /**< Of activities that name the phase: trust, need, product, close. */
    int64_t untagged;                           /**< Of those that name none. */
    int64_t share[KAM_EFFORT_PHASES];           /**< Of tagged time: they add up to 10000 (all 0 without any). */
    int64_t target[KAM_EFFORT_PHASES];          /**< 4000, 3000, 2000, 1000. */
    int64_t difference[KAM_EFFORT_PHASES];      /**< Share - target; 0 without tagged time. */
    uint32_t accounts;                          /**< With a ledger row or a held activity in the window. */
    uint32_t top;                               /**< The top ones of them by revenue, rounded up. */
    int64_t time_share;                         /**< Of the top ones in all time; the target of R48 is 8000. */
    int64_t revenue_share;                      /**< Their share of revenue. */
    int64_t profit_share;                       /**< Their share of contribution. */
} kam_effort;
/**
 * Where our time goes: the mix of effort against 40/30/20/10 (R103), the time on top accounts beside what they bring
 * (R48), and how active each account is (R49). Activities count that were held in the window. Points are ours: a visit
 * 4, a call 2, a mail 1, others 1; the index is the account's points to the mean of accounts with any. Intention is read
 * from it by a rule of ours: GOOD where the customer began half of the contacts, or a quarter of them and contacts rise;
 * NONE without contacts; else FAIR.
 * @param[in,out] out  struct_size in, the figures out; unchanged on failure.
 * @param[out] rows    EFFORT rows by account; end them with kam_rows_free(); NULL = not wanted.
 * @param[in] book     The book.
 * @param[in] options  The window and the currency; copied; NULL = defaults. The shares are not looked at.
 * @param[in] top      Which part of the accounts is the top, 10^-4; 0 = 2000.
 * @param[in] as_of    The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return As kam_value_run(); KAM_E_INVAL (a part above 10000) besides.
 * @threads B
 * @since 0.1
 */
int32_t kam_value_effort(kam_effort *out, kam_rows **rows, kam_book *book, const kam_value_options *options, int64_t top,
                         int32_t as_of, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
