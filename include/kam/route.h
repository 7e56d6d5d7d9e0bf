/**
 * @file kam/route.h
 * @brief Periodic vehicle routing: who is visited on which days, by whom, in which order.
 *
 * An engine worth linking alone: it needs a context and no book. A problem has days, vehicles (or representatives)
 * with start, end, hours and limits, and customers with service times, openings, and the sets of days on which they may
 * be visited. Plans never break a hard rule: who does not fit is left out and told why. The same problem, seed and
 * number of iterations give the same plan, byte for byte, on every machine.
 *
 * @code
 * int32_t shortest(kam_buf *plan, const char *problem, size_t len, kam_error *err)
 * {
 *     kam_route *route = NULL;
 *     int64_t cost = 0;
 *     int32_t rc = kam_route_parse(&route, NULL, "cordeau", problem, len, err);
 *     if (rc == KAM_OK) rc = kam_route_solve(&cost, route, 1, 100000, err);
 *     if (rc == KAM_OK) rc = kam_route_write(plan, route, "res", err);
 *     kam_route_free(route);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_ROUTE_H
#define KAM_ROUTE_H
#include <kam/base.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** A routing problem and its best plan so far. */
typedef struct kam_route kam_route;

/** Figures of kam_route_figure(). */
enum {
    KAM_ROUTE_COST = 1,                 /**< Travel of the best plan, in units; -1 = there is no plan yet. */
    KAM_ROUTE_UNIT = 2,                 /**< Units that make 1 of the input's distances. */
    KAM_ROUTE_MISSING = 3,              /**< Customers left out of the best plan although they must be visited. */
    KAM_ROUTE_UNPLANNED = 4,            /**< All customers left out of it. */
    KAM_ROUTE_ITERATIONS = 5,           /**< Iterations of all kam_route_solve() calls together. */
    KAM_ROUTE_MEMORY = 6,               /**< Bytes that the engine holds, made at the start; it never needs more. */
    KAM_ROUTE_DAYS = 7,                 /**< Days of the problem. */
    KAM_ROUTE_VEHICLES = 8,             /**< Vehicles of the problem. */
    KAM_ROUTE_CUSTOMERS = 9             /**< Customers of the problem. */
};

/**
 * Asked now and then during kam_route_solve(), and at once when the first plan without anybody missing is found.
 * Answers how much of the budget is spent, in millionths: 1000000 or more ends the search. `best` is the cost of the
 * best plan so far, in units; -1 = none without anybody missing yet.
 */
typedef int32_t (*kam_route_spent_fn)(void *user, int64_t best);

/**
 * Reads a problem.
 *
 * "cordeau": the format of Cordeau, Gendreau and Laporte (1997), types 1 PVRP, 2 MDVRP, 4 VRPTW, 5 PVRPTW, 6 MDVRPTW
 * (and 0 VRP). Distances are Euclidean, service time counts for durations only, customers of frequency 0 are not
 * visited. "vrplib": Solomon's instances and CVRPs as VRPLIB has them: distances of a VRPTW are cut to one decimal,
 * of a CVRP rounded to whole numbers.
 *
 * "json" is one object: days (a number), customers, vehicles, and either places with coordinates or matrices.
 * - A customer has id, x and y (or place, a row of the matrices), and may have demand, service, patterns (lists of
 *   days, from 1; without: any one day), days (on no others), windows ({open, close, days}), prize (leaving it out
 *   costs so much; without: it must be visited), same_vehicle, locks ({day, vehicle, open, close, order: "first" or
 *   "last" stop of the route).
 * - Instead of patterns it may have visits (exactly so many; without: as many as keep the gaps to the end), min_gap and
 *   max_gap in days, target_gap with gap_price (of each day off it; 1), and last (day of the visit before, 0 or less;
 *   one so long ago that max_gap is broken in any case lets the first visit be on any day, with a price for each day
 *   that it waits). More than 4096 possible sets of days are too many.
 * - Who may go to a customer: vehicles (ids), not_vehicles (ids), skills (all are needed), rank (the least).
 * - A vehicle has id, x and y (or start), and may have end_x and end_y (or end), days, capacity, open, close, duration,
 *   driving, visits, skills, rank, breaks ({open, close, days}, one a day: nobody is served in between; a way may fall
 *   into it) and nights ({day, x, y} or {day, place}: that day ends there and the next one begins there).
 * - cost and time are matrices of whole numbers, row = from; without time it is the cost. With coordinates both are the
 *   Euclidean distance.
 * @param[out] out     The problem; end it with kam_route_free().
 * @param[in] ctx      Held; NULL = one of its own with all defaults.
 * @param[in] format   "json", "cordeau" or "vrplib".
 * @param[in] text     The problem; not needed afterwards.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, an unknown format); KAM_E_PARSE, KAM_E_TYPE, KAM_E_UTF8 (with line, column and
 *         offset); KAM_E_UNSUPPORTED (a type or section we do not know); KAM_E_LIMIT (too many days, vehicles,
 *         customers, or numbers too large); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_route_parse(kam_route **out, kam_ctx *ctx, const char *format, const char *text, size_t len,
                        kam_error *err);
/**
 * Ends a problem.
 * @param[in] route  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_route_free(kam_route *route);
/**
 * Sets who is asked whether to go on; a budget of time is made so, for the library reads no clock.
 * @param[in,out] route  The problem.
 * @param[in] spent      The callback; NULL = nobody.
 * @param[in] user       Given to it; must live as long as it may be asked.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL (`route` is NULL).
 * @threads B
 * @since 0.1
 */
int32_t kam_route_budget(kam_route *route, kam_route_spent_fn spent, void *user, kam_error *err);
/**
 * Searches; goes on from the best plan so far, which only ever gets better. After a failure it is what it was when the
 * search ended.
 *
 * The search anneals plans by ruin and recreate (Christiaens and Vanden Berghe 2020) and mixes the best of them, as
 * hybrid genetic search does (Vidal et al. 2012). Where all vehicles of a day are alike and there are neither hours nor
 * other rules, a large enough budget goes on with such a search: local search, crossover, SWAP* (Vidal 2022).
 * @param[out] cost        Travel of the best plan in units; may be NULL.
 * @param[in,out] route    The problem.
 * @param[in] seed         Of the random numbers.
 * @param[in] iterations   How many; 0 = until the callback of kam_route_budget() says so.
 * @param[in,out] err      May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no iterations and no callback); KAM_E_NOT_FOUND (no plan without anybody missing
 *         was found: kam_route_write() tells who and why); KAM_E_CANCELLED; KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_route_solve(int64_t *cost, kam_route *route, uint64_t seed, uint64_t iterations, kam_error *err);
/**
 * A figure of a problem and its best plan.
 * @param[in] route  May be NULL.
 * @param[in] what   Which one: a KAM_ROUTE_.
 * @return The figure; -1 for an unknown `what`, or where `route` is NULL.
 * @threads B
 * @since 0.1
 */
int64_t kam_route_figure(const kam_route *route, uint32_t what);
/**
 * Writes the best plan so far.
 *
 * "res": the cost, then a line `day vehicle length load 0 c1 .. 0` for each route, as the published solutions of
 * Cordeau's instances have it; customers and vehicles by number, of depots instead of days for MDVRP. "json": an object
 * with cost, missing, routes (day, vehicle, length, load, stops with customer and, where there are hours, begin) and
 * unplanned (customer, reason: days, vehicles, reach, capacity, visits, hours, price or several).
 * @param[in,out] out    Its content is replaced.
 * @param[in,out] route  The problem.
 * @param[in] format     "json" or "res".
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, an unknown format); KAM_E_NOT_FOUND (kam_route_solve() was not called);
 *         KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_route_write(kam_buf *out, kam_route *route, const char *format, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
