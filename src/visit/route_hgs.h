/*
 * visit/route_hgs.h - what the files of the hybrid genetic search share.
 *
 *   route_hgs.c         the population: who stays, who mates, fines, the loop
 *   route_hgs_mate.c    one plan out of two (PIX), names of days, splitting tours into routes
 *   route_hgs_turn.c    where customers lie, and routes in the order of the compass
 *   route_hgs_local.c   local search: moves between neighbours of one day
 *   route_hgs_days.c    local search: other days for a customer, SWAP*
 *
 * It serves problems in which the vehicles of a day are all alike, the way back is as long as the way there and time is
 * way plus service: there loads and durations may be broken for a fine, and a move is priced in constant time.
 * A stop is number day * n + customer; the start of route r is number n * nday + r.
 */
#ifndef KAM__ROUTE_HGS_H
#define KAM__ROUTE_HGS_H
#include "route_engine.h"

#define KAM__HGS_DAYS 32u                       /* days at most */
#define KAM__HGS_STOPS 8000u                    /* customers times days at most */
#define KAM__HGS_SPOTS 400000u                  /* customers times routes at most */
#define KAM__HGS_NEAR 20u                       /* neighbours of a stop that are visited on its day */
#define KAM__HGS_DEMAND ((int64_t)1 << 20)      /* its square: all demands together at most */
#define KAM__HGS_PERMS 720u                     /* ways to rename the days that we look at */

typedef struct kam__hstop { int32_t next, prev, route, pos, c, tested; int64_t load, time; } kam__hstop;
typedef struct kam__hroute {
    int32_t n, day, changed, swapped;           /* stops; when it changed last, and when SWAP* looked at it */
    int64_t load, time, cost, fine;             /* time: way and services */
} kam__hroute;
/* The three cheapest places of a customer in a route: behind which stop. */
typedef struct kam__hspots { int32_t seen, cost[3], at[3]; } kam__hspots;

/* A plan as its routes' customers one after the other. */
typedef struct kam__hplan {
    int32_t *seq, *n;                           /* all visits; stops of each route */
    uint64_t *days;
    int32_t *next, *prev;                       /* customer behind and before it, n * nday; -1: depot */
    int64_t cost, load, time, price;            /* load, time: too much of it; price: with fines */
    int32_t sound;
    int64_t fit;
} kam__hplan;

typedef struct kam__hgs {
    kam__route_engine *e;
    const int32_t *cost;
    uint32_t n, nday, m, nroute, nnode, depot;  /* depot: the first start */
    const uint64_t *pattern, *can;              /* as in the engine */
    const kam__route_part *patterns;
    int64_t capacity[KAM__HGS_DAYS], duration[KAM__HGS_DAYS];
    int32_t home[KAM__HGS_DAYS];
    int64_t fine_load, fine_time, most_fine;    /* of one too much, times 1024 */

    int64_t *x[KAM__HGS_DAYS], *y[KAM__HGS_DAYS]; /* where customers lie as seen from the day's depot: route_hgs_turn.c */
    kam__hstop *stop;
    kam__hroute *route;
    kam__hspots *spot;                          /* n * nroute */
    uint64_t *days;
    int32_t *near_stop;                         /* of each stop; a list ends with -1 */
    int32_t *day_changed, *asked;               /* when: a route of the day; other days for the customer */
    int32_t clock;                              /* of changes of routes */
    int32_t *order, *row[2];                    /* scratch */
    int64_t *gain, *split_best;
    int32_t *turn, *split_from, *tour, *tour_n;        /* giant tours by day, n * nday */
    uint8_t perm[KAM__HGS_PERMS][KAM__HGS_DAYS];
    uint32_t nperm;
} kam__hgs;

static inline int64_t kam__hway(const kam__hgs *h, int32_t a, int32_t b) {
    return h->cost[(size_t)a * h->nnode + (size_t)b];
}
static inline int64_t kam__hfine(const kam__hgs *h, int32_t day, int64_t load, int64_t time) {
    int64_t more = load - h->capacity[day], longer = time - h->duration[day];
    return ((more > 0 ? more * h->fine_load : 0) + (longer > 0 ? longer * h->fine_time : 0)) / 1024;
}

/* route_hgs_local.c */
/* Gives a route its stops. */
void kam__hroute_set(kam__hgs *h, uint32_t r, const int32_t *stop, int32_t n);
uint32_t kam__hroute_get(const kam__hgs *h, uint32_t r, int32_t *stop);
void kam__hshuffle(kam__hgs *h, int32_t *list, uint32_t n);
void kam__hlocal(kam__hgs *h);
/* route_hgs_days.c */
const kam__hspots *kam__hspot(kam__hgs *h, uint32_t c, uint32_t r);
/* Gives c other days if that costs less. */
int kam__hdays_better(kam__hgs *h, uint32_t c);
/* Completes the days that c has to its cheapest pattern. */
int kam__hplace(kam__hgs *h, uint32_t c);
/* The best exchange of two customers between two routes, if one pays. */
int kam__hswap(kam__hgs *h, uint32_t r, uint32_t s);
/* route_hgs_turn.c */
int32_t kam__hturn_new(kam__hgs *h);
/* The routes of a day in the order of the compass: their numbers into `out`. */
void kam__hturn(const kam__hgs *h, uint32_t day, int32_t *out);
/* route_hgs_mate.c */
/* Which renamings of days leave the problem as it is. */
void kam__hperms(kam__hgs *h);
/* A child of a and b, or one out of nothing, as the current plan. */
void kam__hmate(kam__hgs *h, const kam__hplan *a, const kam__hplan *b);
void kam__hrandom_plan(kam__hgs *h);

#endif
