/*
 * tests/visit/plan_check.h - is a plan allowed? Knows the question and the items of the answer, nothing of how it was
 * made: days, rooms, promises, hours, ways are all worked out anew.
 */
#ifndef KAM_TESTS_PLAN_CHECK_H
#define KAM_TESTS_PLAN_CHECK_H
#include "visit/plan.h"

/** NULL: every rule is kept; else which one is not. */
const char *plan_check(const kam__plan *p);
/** A day, in its window, on which a visit that was left out could be put between the others as they are; -1: none. */
int32_t plan_check_place(const kam__plan *p, const kam__plan_item *it);
#endif
