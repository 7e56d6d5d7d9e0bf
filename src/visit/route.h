/*
 * visit/route.h - periodic vehicle routing over integer costs: who is visited on which days, by whom, in which order.
 *
 * A problem is a handful of arrays that the caller fills and keeps; the engine reads them, knows no book, and asks its
 * context for memory only. A plan never breaks a hard rule: what does not fit is left out and told, never squeezed in.
 * Everything is decided by integers and by our own random numbers: same problem, seed and number of iterations, same
 * plan, on every machine.
 */
#ifndef KAM__ROUTE_H
#define KAM__ROUTE_H
#include "../base/base.h"

#define KAM__ROUTE_DAYS 64u                     /* days at most: a set of days is a uint64_t, day 0 = bit 0 */
#define KAM__ROUTE_MAX ((int32_t)1 << 28)       /* costs and times of one arc, services, hours stay below this */
#define KAM__ROUTE_LATE ((int32_t)1 << 30)      /* an hour nobody reaches: "no limit" */

/* One vehicle (a representative) on one day. Zeroes: no limit; close 0 is #KAM__ROUTE_LATE. */
typedef struct kam__route_shift {
    int32_t start, end;                         /* nodes */
    int32_t open, close;                        /* leaves at open or later, is back by close */
    int32_t duration, driving;                  /* from leaving to being back; travel alone */
    int32_t visits, off;                        /* stops at most; off 1: does not work that day */
    int64_t capacity;
    int32_t pause_open, pause_close;            /* a break: nobody is served in between; 0 0: none */
} kam__route_shift;

/* An opening: service begins in [open, close]. A customer with openings is closed on the days that none has. */
typedef struct kam__route_window { uint64_t days; int32_t open, close; } kam__route_window;

/* A promise: one of the visits is on this day, by this vehicle (-1: any), begins in [open, close] (close 0: any time). */
typedef struct kam__route_lock { int32_t day, vehicle, open, close; } kam__route_lock;

enum { KAM__ROUTE_SAME_VEHICLE = 1 };           /* flags: all visits by one vehicle */

/* Parts [first, first + n) of the problem's arrays. Each pattern is a set of days on which to go. */
typedef struct kam__route_part { uint32_t first, n; } kam__route_part;
typedef struct kam__route_customer {
    int32_t service;
    int64_t demand;
    int64_t prize;                              /* leaving it out costs so much; 0: it must be visited */
    kam__route_part pattern, window, lock;      /* no pattern: not to be visited at all; no window: always open */
    const uint32_t *vehicles;                   /* bit set of who may go; NULL: everybody */
    uint32_t flags;
    uint64_t first, last;                       /* days on which it is the first or the last stop of its route */
} kam__route_customer;

/* Customer i is node i; the nodes behind the customers are places where vehicles start and end. */
typedef struct kam__route_problem {
    uint32_t nnode, nday, nvehicle, ncustomer;
    const int32_t *cost, *time;                 /* nnode * nnode, row = from; time NULL: as cost */
    const kam__route_shift *shift;              /* nday * nvehicle, by day */
    const kam__route_customer *customer;
    const uint64_t *pattern;
    const int64_t *pattern_price;               /* what a pattern costs beside the travel; NULL: nothing */
    const kam__route_window *window;
    const kam__route_lock *lock;
} kam__route_problem;

/* Why a customer is not in the plan. */
enum {
    KAM__ROUTE_PLANNED = 0,
    KAM__ROUTE_NO_DAYS = 1,                     /* no pattern is left: openings, locks and shifts leave none */
    KAM__ROUTE_NO_VEHICLE = 2,                  /* nobody may go on the days of any pattern */
    KAM__ROUTE_NO_TIME = 3,                     /* cannot be reached in time even by an empty vehicle */
    KAM__ROUTE_CAPACITY = 4,                    /* would fit but for loads */
    KAM__ROUTE_VISITS = 5,                      /* would fit but for the number of stops */
    KAM__ROUTE_HOURS = 6,                       /* would fit but for hours, duration, driving */
    KAM__ROUTE_PRICE = 7,                       /* fits, but costs more than its prize */
    KAM__ROUTE_TOGETHER = 8                     /* several of these together */
};

/** Asked now and then: millionths of the budget spent, 1000000 or more ends the search. `best` is the cost of the best
 *  plan that leaves out nobody who must be visited, -1 while there is none; told at once when the first one is found. */
typedef int32_t (*kam__route_spent)(void *user, int64_t best);
typedef struct kam__route_budget { uint64_t seed, iterations; kam__route_spent spent; void *user; } kam__route_budget;

/* Gaps in days between visits. visits 0: as many as needed so that no gap is longer than `most`, up to the day behind
 * the last one; else exactly so many. least 0: 1 day; most 0: any. */
typedef struct kam__route_gaps {
    uint32_t nday, visits, least, most, target;
    int32_t last;                               /* day of the visit before the first day: 0 is the day before it; */
    int knows_last;                             /* 0: there was none, or we do not know */
    uint64_t days;                              /* days that may be used */
    int64_t price;                              /* of each day that a gap is off `target`; target 0: none */
} kam__route_gaps;
/** Patterns that keep the gaps, earliest days first, into arrays of `room` (price may be NULL). Returns how many there
 *  are; room + 1: more than fit. When the last visit is so long ago that its gap is broken in any case, the first visit
 *  may be on any day and each day of waiting has its price. */
uint32_t kam__route_gap_patterns(uint64_t *pattern, int64_t *price, uint32_t room, const kam__route_gaps *gaps);

typedef struct kam__route_engine kam__route_engine;
/** Checks the problem (INVAL, LIMIT) and makes what the search needs. The problem's arrays are lent until the end. */
int32_t kam__route_new(kam__route_engine **out, kam_ctx *ctx, const kam__route_problem *problem, kam_error *err);
void kam__route_end(kam__route_engine *e);
/** Goes on from the best plan so far. 0 iterations: until the budget is spent. NOMEM CANCELLED leave the best plan. */
int32_t kam__route_search(kam__route_engine *e, const kam__route_budget *budget, kam_error *err);
/** Takes a plan of the caller as the best so far: for each customer and day the vehicle or -1, in an order found anew. */
int32_t kam__route_start(kam__route_engine *e, const int32_t *vehicle, kam_error *err);

/* The best plan so far. */
int64_t kam__route_cost(const kam__route_engine *e);            /* travel, without prizes */
uint32_t kam__route_missing(const kam__route_engine *e);        /* customers left out although they must be visited */
uint64_t kam__route_iterations(const kam__route_engine *e);     /* all searches together */
/** Customers of one route in order; returns their number. begin (may be NULL): when each service begins. */
uint32_t kam__route_stops(const kam__route_engine *e, uint32_t day, uint32_t vehicle, const int32_t **customer,
                          int32_t *begin);
/** Longest possible route: room for `begin`. */
uint32_t kam__route_longest(const kam__route_engine *e);
/** KAM__ROUTE_PLANNED or why not. Changes scratch memory of the engine only. */
int kam__route_why(kam__route_engine *e, uint32_t customer);
/** Days on which a customer is visited. */
uint64_t kam__route_days(const kam__route_engine *e, uint32_t customer);
size_t kam__route_memory(const kam__route_engine *e);           /* bytes held */

#endif
