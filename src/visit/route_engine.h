/*
 * visit/route_engine.h - what the files of the routing engine share.
 *
 *   route_problem.c   checks, and what is worked out once: neighbours, days, longest route
 *   route_plan.c      routes: insert, remove, undo, keep
 *   route_price.c     what an insertion costs, remembered until the route changes
 *   route_ruin.c      one iteration: take some customers out, put them back better
 *   route_mix.c       one plan out of two
 *   route_search.c    annealing, a population of good plans, the budget
 *   route_hgs*.c      hybrid genetic search, for problems without hours and exceptions: route_hgs.h
 *   route_why.c       what the best plan says of one customer
 *   route_gap.c       patterns out of gaps between visits
 *
 * Route number = day * nvehicle + vehicle. A row of `stride` places holds the nodes of a route: start, stops,
 * end; a customer is its own node.
 */
#ifndef KAM__ROUTE_ENGINE_H
#define KAM__ROUTE_ENGINE_H
#include "route.h"

#define KAM__ROUTE_STRING 10u                   /* stops of a string at most */
#define KAM__ROUTE_RUIN 10u                     /* stops taken out on average, about */
#define KAM__ROUTE_BLINK 100u                   /* one route in so many is overlooked */
#define KAM__ROUTE_WHOLE 40u                    /* % of iterations that take out all visits of a customer */
#define KAM__ROUTE_ONE_DAY 20u                  /* % of iterations that take strings from one day */
#define KAM__ROUTE_MEMBERS 4u                   /* plans kept to be mixed */
#define KAM__ROUTE_NEVER INT32_MAX              /* the cost of what is not possible */

/* A stretch of a route: how long it takes, between when and when it may start without being late or waiting longer
 * (Vidal et al. 2013). late < early: not possible. */
typedef struct kam__rseg { int32_t dur, early, late; } kam__rseg;
typedef struct kam__rroute {
    int32_t n;                                  /* stops */
    int32_t bad;                                /* breaks a limit: only in the middle of an iteration */
    int64_t load, cost, dur, drive, fine;       /* fine: for too much load, where that is allowed */
    int64_t spare, room;                        /* load and way that are left, in a plain problem */
} kam__rroute;
/* The cheapest place in one route for one customer, as of a version of the route. */
typedef struct kam__rspot { uint32_t version; int32_t cost; int32_t at; int32_t window; } kam__rspot;

/* A plan that is kept: orders and windows only. */
typedef struct kam__rplan {
    int32_t *seq, *n, *window;                  /* nroute * stride, nroute, ncustomer * nday */
    int64_t cost, price;                        /* travel; travel and prizes of all left out */
    uint32_t missing;                           /* left out though they must be visited */
} kam__rplan;

typedef struct kam__rlist { int32_t *at; uint32_t n; } kam__rlist;

struct kam__route_engine {
    kam_ctx *ctx;
    const kam__route_problem *p;
    uint32_t n, nday, m, nroute, nnode, stride, near;
    int windows, limits, same_time, prizes;     /* hours, durations matter; time is cost; somebody has a prize */
    int pauses, orders;                         /* a shift has a break; somebody must be first or last */
    int plain;                                  /* no hours, orders, exceptions; way is time: priced quickly */
    int eager;                                  /* put in now what is dearer than its prize: two may be worth it */
    size_t memory;
    void **piece; size_t npiece, piece_cap;     /* everything allocated */

    /* worked out once */
    int32_t *into;                              /* costs, row = to */
    int32_t *neighbour;                         /* n * near, nearest first */
    uint64_t *can;                              /* days on which a customer may be visited */
    uint64_t *pattern;                          /* left after openings, locks, shifts */
    kam__route_part *patterns;                  /* of each customer */
    int64_t *pattern_price;                     /* NULL: patterns cost nothing */
    int32_t *locked;                            /* ncustomer * nday: vehicle of a lock or -1 */
    kam__route_window *open;                    /* windows by customer and day: */
    kam__route_part *opens;                     /* ncustomer * nday */
    int64_t must;                               /* price of leaving out who must be visited */

    /* the plan that the search works on */
    int32_t *seq, *arc, *window;
    kam__rseg *pre, *suf;                       /* only with windows: start .. i, i .. end */
    kam__rroute *route;
    uint32_t *version, next_version;
    uint64_t *days;                             /* served days of each customer */
    int32_t *where;                             /* ncustomer * nday: vehicle or -1 */
    int64_t *charge;                            /* price of the pattern that a customer has, with pattern_price */
    int64_t cost, price, fine;                  /* of routes; prizes of all left out and of patterns; fines of routes */
    int soft;                                   /* loads may be broken for a fine, for a while */
    int64_t fine_load;                          /* of one too much, times 1024 */
    kam__rlist out;                             /* customers left out, any order; */
    int32_t *out_at;                            /* their place there or -1 */
    kam__rspot *spot;                           /* n * nroute, or NULL: too many */

    /* undo, and scratch of one iteration */
    kam__rlist touched, moved;
    uint8_t *is_touched, *is_moved, *ruined;
    kam__rroute *old_route;
    uint32_t *old_version;
    int32_t *old_seq, *old_arc, *old_window, *old_where;
    kam__rseg *old_pre, *old_suf;
    uint64_t *old_days;
    int64_t *old_charge;
    int64_t old_cost, old_price, old_fine;
    kam__rlist waiting;
    int64_t *key;
    uint32_t *absent;                           /* how often an iteration ended without the customer */

    /* the search */
    uint64_t random;
    uint32_t blink;
    kam__rplan best;
    kam__rplan member[KAM__ROUTE_MEMBERS + 1];  /* good plans, all different; the one behind them is being made */
    uint32_t nmember;
    struct kam__hpop *hgs;                      /* NULL: the problem is none for it */
    uint32_t log[1024];                         /* -ln of (i + 1/2) / 1024, times 2^16 */
    int started;                                /* the best plan is one */
    uint64_t iterations;
};

/* One call of kam__route_search(). */
typedef struct kam__rsearch {
    kam__route_engine *e;
    const kam__route_budget *budget;
    kam_error *err;
    uint64_t done, stops;                       /* iterations; stops of the first plan */
    int32_t spent, told, rc;                    /* of the budget; somebody knows that there is a plan; CANCELLED */
    int64_t arc;                                /* mean cost of an arc */
    uint32_t judged, sound;                     /* plans since fines were set last; those that need none */
} kam__rsearch;

/* 0 .. n - 1 (splitmix64, as kam__random). */
static inline uint32_t kam__rrandom(kam__route_engine *e, uint32_t n) {
    uint64_t z = e->random += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)((((z ^ (z >> 31)) >> 32) * n) >> 32);
}
static inline int32_t kam__rcost(const kam__route_engine *e, int32_t a, int32_t b) {
    return e->p->cost[(size_t)a * e->nnode + (size_t)b];
}
static inline int32_t kam__rtime(const kam__route_engine *e, int32_t a, int32_t b) {
    return (e->same_time ? e->p->cost : e->p->time)[(size_t)a * e->nnode + (size_t)b];
}
/* The price of leaving a customer out. */
static inline int64_t kam__rprize(const kam__route_engine *e, uint32_t c) {
    return e->p->customer[c].prize ? e->p->customer[c].prize : e->must;
}
static inline int kam__rmay(const kam__route_customer *c, uint32_t vehicle) {
    return !c->vehicles || (c->vehicles[vehicle / 32] >> (vehicle % 32) & 1u);
}
static inline int64_t kam__rlimit(int64_t limit) { return limit ? limit : INT64_MAX / 4; }

/* One visit as a stretch; window -1: open all day, else 4 times its number, + 1: before the break of the shift, + 2:
 * behind it. */
static inline kam__rseg kam__rvisit(const kam__route_engine *e, const kam__route_shift *s, uint32_t c, int32_t window) {
    int32_t service = e->p->customer[c].service;
    if (window < 0) return (kam__rseg){service, 0, KAM__ROUTE_LATE};
    kam__rseg visit = {service, e->open[window >> 2].open, e->open[window >> 2].close};
    if ((window & 3) == 1 && visit.late > s->pause_open - service) visit.late = s->pause_open - service;
    if ((window & 3) == 2 && visit.early < s->pause_close) visit.early = s->pause_close;
    return visit;
}

/* What a route with so much load is fined. */
static inline int64_t kam__rfine(const kam__route_engine *e, const kam__route_shift *s, int64_t load) {
    int64_t more = load - kam__rlimit(s->capacity);
    return more > 0 ? more * e->fine_load / 1024 : 0;
}

/* Puts two stretches with `travel` between them together; late < early where that is not possible. */
static inline kam__rseg kam__rjoin(kam__rseg a, int32_t travel, kam__rseg b) {
    int32_t reach = a.dur + travel, wait = b.early - reach - a.late;
    kam__rseg s;
    if (a.early + reach > b.late) return (kam__rseg){KAM__ROUTE_LATE, 0, -1};
    if (wait < 0) wait = 0;
    s.dur = reach + b.dur + wait;
    s.early = (b.early - reach > a.early ? b.early - reach : a.early) - wait;
    s.late = b.late - reach < a.late ? b.late - reach : a.late;
    return s;
}

/* route_problem.c */
void *kam__rpiece(kam__route_engine *e, size_t n, size_t size);
int32_t kam__rplan_new(kam__route_engine *e, kam__rplan *plan);
/* route_plan.c */
void kam__rclear(kam__route_engine *e);                                 /* nobody is visited */
void kam__rload(kam__route_engine *e, const kam__rplan *plan);
void kam__rkeep(const kam__route_engine *e, kam__rplan *plan);
void kam__rplan_copy(const kam__route_engine *e, kam__rplan *to, const kam__rplan *from);
void kam__rbegin(kam__route_engine *e);                                 /* from here on kam__rundo() comes back */
void kam__rundo(kam__route_engine *e);
int kam__rsound(const kam__route_engine *e);                            /* no touched route breaks a limit */
void kam__rremove(kam__route_engine *e, uint32_t c, uint32_t day);
void kam__rremove_all(kam__route_engine *e, uint32_t c);
void kam__rinsert(kam__route_engine *e, uint32_t c, uint32_t r, const kam__rspot *spot);
void kam__rout(kam__route_engine *e, uint32_t c);                       /* puts on the list of those left out */
void kam__rin(kam__route_engine *e, uint32_t c);
void kam__rupdate(kam__route_engine *e, uint32_t r);
void kam__rcharge(kam__route_engine *e, uint32_t c);                    /* the price of the days it has now */
uint32_t kam__rmissing(const kam__route_engine *e);
/* Allows or forbids broken loads, or sets a new fine: every route is looked at anew. */
void kam__rsoften(kam__route_engine *e, int soft, int64_t fine);
/* route_price.c */
enum { KAM__RELAX_LOAD = 1, KAM__RELAX_VISITS = 2, KAM__RELAX_HOURS = 4 };
void kam__rspot_find(const kam__route_engine *e, kam__rspot *out, uint32_t c, uint32_t r, int relax);
/* Puts c in: the cheapest pattern that holds the days it has. 0: none is possible. */
int kam__rplace(kam__route_engine *e, uint32_t c);
/* The same, on exactly these days. */
int kam__rplace_on(kam__route_engine *e, uint32_t c, uint64_t days);
/* The same, on each day by the vehicle given for it (-1: not on that day); 0: no pattern, or it does not fit. */
int kam__rplace_by(kam__route_engine *e, uint32_t c, const int32_t *vehicle);
/* route_mix.c */
void kam__rmix(kam__route_engine *e, const kam__rplan *a, const kam__rplan *b);
uint32_t kam__rdiffer(const kam__route_engine *e, const kam__rplan *a, const kam__rplan *b);
/* route_search.c */
int kam__rsearch_over(const kam__rsearch *s);                           /* the budget is spent */
void kam__rsearch_ask(kam__rsearch *s);                                 /* asks how much of it */
/* route_hgs.c */
int32_t kam__hgs_new(kam__route_engine *e);
void kam__hgs_run(kam__rsearch *s);                                     /* begins with the members and the best */
int kam__hgs_one_day(const kam__route_engine *e);                       /* days are but more vehicles of one day */
/* route_ruin.c */
void kam__rruin(kam__route_engine *e);
void kam__rrecreate(kam__route_engine *e);

#endif
