/*
 * value/measure.h - figures about accounts beyond their totals: what serving them costs, who declines, what they buy and
 * what not, where our time goes. Engines on plain arrays with integers only, like value.h; shares and changes are in
 * 10^-4. Account numbers are 0..n-1 unless said otherwise; ties go to the smaller number.
 */
#ifndef KAM__MEASURE_H
#define KAM__MEASURE_H
#include "../base/base.h"

/** a / b in 10^-4, rounded half to even; 0 where b is not above zero; cut to the ends of int64. */
int64_t kam__share(int64_t a, int64_t b);

/* ---------------------------------------------------------------- serve.c: shared costs to accounts (R62) */

enum { KAM__DRIVER_VISITS = 0, KAM__DRIVER_ORDERS = 1, KAM__DRIVER_REVENUE = 2, KAM__DRIVER_HOURS = 3, KAM__DRIVERS = 4 };

/* A pot of costs and what drives it. */
typedef struct kam__pool { int64_t amount; uint32_t driver; } kam__pool;
/** Splits each pool over n accounts in proportion to its driver, largest remainders first, so that no cent is lost or
 *  made; adds to cost[n]. Drivers below zero count as 0. A pool whose driver is 0 for everybody is left[i] whole, else
 *  left[i] is 0. INVAL NOMEM; LIMIT: a sum does not fit. cost and left are unchanged on failure. */
int32_t kam__serve_allocate(int64_t *cost, int64_t *left, const kam__pool *pool, size_t npool,
                            const int64_t *const driver[KAM__DRIVERS], size_t n, kam_ctx *ctx, kam_error *err);

/* ---------------------------------------------------------------- decline.c: alarm against last year and last period (R175) */

/* Days [from, to) of whole months. */
typedef struct kam__span { int32_t from, to, months; } kam__span;
/* The last whole period up to a day, the one before, and the same one a year ago. Periods are months, but January and
 * February are one: the Spring Festival lies now in the one, now in the other. */
typedef struct kam__decline_spans { kam__span now, before, year_ago; } kam__decline_spans;
void kam__decline_periods(kam__decline_spans *out, int32_t as_of);

/* What is known of one account. */
typedef struct kam__decline_in {
    int64_t account, now, before, year_ago;         /* sums of the spans */
    int32_t last_day;                               /* last purchase; KAM_DAY_FIRST = none */
    int32_t interval;                               /* its usual days between purchases; 0 = not known */
} kam__decline_in;
typedef struct kam__decline_options { int64_t drop, silence; } kam__decline_options;  /* 10^-4: 2000 = 20 % less; 20000 = twice */

enum { KAM__DECLINE_YEAR = 1, KAM__DECLINE_PERIOD = 2, KAM__DECLINE_SILENT = 4 };
typedef struct kam__decline {
    int64_t account, lost;                          /* lost: the larger of the two shortfalls, >= 0 */
    int64_t year_change, period_change;             /* 10^-4; 0 where there is nothing to compare with */
    int32_t silent_days; uint32_t why;              /* KAM__DECLINE_ bits */
} kam__decline;
/** Accounts to look after, most lost first, ties by account; out[n], their number in *found. INVAL NOMEM. */
int32_t kam__decline_find(kam__decline *out, size_t *found, const kam__decline_in *in, size_t n, const kam__decline_spans *spans,
                          const kam__decline_options *options, int32_t as_of, kam_ctx *ctx, kam_error *err);

/* ---------------------------------------------------------------- profile.c: how an account buys (R164) */

typedef struct kam__profile_row { int64_t account, amount, product, place; uint64_t order; int32_t day; } kam__profile_row;  /* 0 = unknown */
typedef struct kam__profile {
    int64_t account, amount;
    int64_t orders, products;                       /* distinct; without an order's name a day is one */
    int64_t days;                                   /* distinct days */
    int64_t interval;                               /* mean days between them, 10^-4; 0 with one day */
    int64_t month[12];                              /* amounts by month of the year */
    int64_t place, place_share;                     /* where most goes (by amount), its share of the amount */
} kam__profile;
/** One profile for each account, by account; rows are sorted in place. *out is freed with kam__free. NOMEM; LIMIT. */
int32_t kam__profile_make(kam__profile **out, size_t *n, kam__profile_row *row, size_t nrow, kam_ctx *ctx, kam_error *err);

/* ---------------------------------------------------------------- whitespace.c: products that peers buy and an account does not */

typedef struct kam__bought { uint32_t account, product; } kam__bought;
typedef struct kam__gap { uint32_t account, product, peers, of; int64_t share; } kam__gap;  /* peers of `of` others buy it */
/** Products bought by at least `least` (10^-4) of the other accounts of the same group, and not by the account: by
 *  account, then share, largest first, then product. group NULL = all are one. *out is freed with kam__free. INVAL: a number is
 *  out of range; NOMEM. */
int32_t kam__whitespace(kam__gap **out, size_t *n, const kam__bought *bought, size_t nbought, const uint32_t *group,
                        uint32_t accounts, uint32_t products, int64_t least, kam_ctx *ctx, kam_error *err);

/* ---------------------------------------------------------------- attention.c: where our time goes (R48 R49 R103) */

/* The top accounts by value, `part` of them (10^-4, rounded up), and their shares of time, revenue and profit. */
typedef struct kam__attention { uint32_t accounts, top; int64_t time_share, revenue_share, profit_share; } kam__attention;
/** INVAL NOMEM; LIMIT. Values below zero count in the totals as they are. */
int32_t kam__attention_make(kam__attention *out, const int64_t *minutes, const int64_t *revenue, const int64_t *profit, uint32_t n,
                            int64_t part, kam_ctx *ctx, kam_error *err);

#define KAM__PHASES 4u                              /* trust, need, product, deal */
extern const int64_t kam__effort_target[KAM__PHASES];     /* 40 / 30 / 20 / 10 % */
/** Shares of tagged time, which add up to 10,000 exactly (all 0 without any); minutes[4] is untagged and stays out. */
int32_t kam__effort_mix(int64_t share[KAM__PHASES], int64_t difference[KAM__PHASES], const int64_t minutes[KAM__PHASES + 1],
                        kam_ctx *ctx, kam_error *err);

/* A contact of one account: kind 0 visit, 1 call, 2 mail, 3 other; inbound: the customer came to us. */
typedef struct kam__contact { uint32_t account; int32_t day; uint8_t kind, inbound; } kam__contact;
typedef struct kam__activity {
    int64_t points, index;                          /* weighted contacts; 10^-4 of the mean over accounts with any */
    int64_t inbound;                                /* share of contacts that the customer began */
    int32_t contacts, trend;                        /* trend: 1 rising, -1 falling, 0 steady: halves of the window by a fifth */
} kam__activity;
extern const int64_t kam__contact_weight[4];        /* ours: a visit counts 4, a call 2, a mail 1, others 1 */
/** Contacts in [from, to) of each account; weight NULL = ours. INVAL. */
int32_t kam__activity_make(kam__activity *out, uint32_t accounts, const kam__contact *contact, size_t n, int32_t from, int32_t to,
                           const int64_t *weight, kam_error *err);

/* ---------------------------------------------------------------- rebate.c: what is owed back on turnover (R176) */

enum { KAM__REBATE_WHOLE = 0, KAM__REBATE_MARGINAL = 1 };

/* From this turnover on (minor units, ascending), this rate (10^-4, 0..10000). */
typedef struct kam__tier { int64_t from, rate; } kam__tier;
typedef struct kam__rebate {
    int64_t accrual;                                /* rounded half to even, once */
    int64_t away, more;                             /* to the next tier, and the accrual there; -1 = there is none */
    int32_t tier;                                   /* reached, from 0; -1 = none yet */
} kam__rebate;
/** WHOLE: the rate of the tier reached on all turnover; MARGINAL: each rate on what lies in its tier. Turnover below zero owes
 *  nothing. INVAL: tiers that do not ascend, or a rate out of range. */
int32_t kam__rebate_make(kam__rebate *out, int64_t turnover, const kam__tier *tier, size_t n, uint32_t mode, kam_error *err);

/* ---------------------------------------------------------------- trend.c */

/** Slope of a series of sums by least squares, per period, relative to their mean: 10^-4; 0 where the mean is not above
 *  zero or there is one period. */
int64_t kam__trend(const int64_t *sum, size_t n);

#endif
