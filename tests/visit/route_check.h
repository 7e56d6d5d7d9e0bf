/*
 * tests/visit/route_check.h - is a plan of the routing engine allowed, and does it cost what it says? Knows the problem's
 * arrays and what the engine tells of its plan, nothing of how it was made.
 */
#ifndef KAM_TESTS_ROUTE_CHECK_H
#define KAM_TESTS_ROUTE_CHECK_H
#include "visit/route.h"

typedef struct route_plan { int32_t stop[64][32], begin[64][32]; uint32_t n[64]; } route_plan;  /* by day, then vehicle */

/** Copies the best plan of the engine (at most 64 routes of 32 stops). */
void route_plan_of(route_plan *out, const kam__route_problem *p, const kam__route_engine *e);
/** NULL: every rule is kept; else which one is not. *cost and *missing are counted anew. */
const char *route_check(const kam__route_problem *p, const route_plan *plan, int64_t *cost, uint32_t *missing);
/** The least possible price (travel and prizes of those left out) of a tiny problem without hours, by trying everything;
 *  -1: nothing is possible. At most 6 customers. */
int64_t route_least(const kam__route_problem *p);
#endif
