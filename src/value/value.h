/*
 * value/value.h - what accounts are worth: engines on plain arrays, no book needed.
 *
 * The idea: one pass over ledger rows adds everything up per account (ledger.c) or per account and period (period.c);
 * what is said about accounts afterwards - shares, ABC, concentration, the whale curve (pareto.c), RFM scores (rfm.c)
 * - is a pure function of one number per account. Rows may come in any blocks and any order: sums are kept in 128
 * bits and orders as sets, so the result is the same. Every decision (order, class, score) compares integers; only
 * statistics are doubles, computed in a fixed order.
 *
 * Ties go by account id. Engines that rank take `by_id`: account numbers (0..n-1) in ascending id order, NULL when
 * the numbers are in id order already, as those of kam__ledger_at are. kam_error may be NULL. All objects: one thread
 * at a time.
 */
#ifndef KAM__VALUE_H
#define KAM__VALUE_H
#include "../base/base.h"
#include <kam/fields.h>

/* Asks for memory a few rows ahead, so that waiting for it overlaps; a hint, it changes no result. */
#if defined(__GNUC__)
#define KAM__AHEAD(p) __builtin_prefetch(p)
#else
#define KAM__AHEAD(p) ((void)(p))
#endif

/* ---------------------------------------------------------------- keys.c: keys of any value to numbers 0, 1, 2 ... */

/* A plain array while keys lie dense (at most 4 places for each key), a map for the others. */
typedef struct kam__keys {
    kam_ctx *ctx; int64_t *key; size_t cap; uint32_t n;
    uint32_t *direct; size_t direct_n;              /* key -> number + 1; 0 = not there */
    kam__imap map;
} kam__keys;
void kam__keys_init(kam__keys *k, kam_ctx *ctx);
void kam__keys_free(kam__keys *k);
int kam__keys_find(const kam__keys *k, int64_t key, uint32_t *number);          /* 1 = found */
/** The key's number; a new key gets number n. NOMEM LIMIT. */
int32_t kam__keys_add(kam__keys *k, int64_t key, uint32_t *number, kam_error *err);
/** A hint that the key will be asked for soon. */
static inline void kam__keys_ahead(const kam__keys *k, int64_t key) {
    if ((uint64_t)key < k->direct_n) KAM__AHEAD(k->direct + key);
}
/** Forgets the keys with number n and above; cannot fail. */
void kam__keys_cut(kam__keys *k, uint32_t n);
/** Numbers in ascending order of their keys, into order[k->n]. */
int32_t kam__keys_order(const kam__keys *k, uint32_t *order, kam_error *err);

/* ---------------------------------------------------------------- ledger.c: rows in, totals per account out (R62) */

#define KAM__COST_KINDS 5u                          /* KAM_COST_KIND_... 1..5 */
enum { KAM__RETURNS_NET = 0, KAM__RETURNS_SHOWN = 1 };
/* Counting distinct orders in one pass keeps 16 bytes for each of them. Where the rows can be fed again, memory stays
 * that of the accounts, however long the ledger is: as many orders as fit are counted, by their hash, and the rest in
 * further passes, kam__ledger_again() tells. Where only sums are wanted orders are not kept at all, and `orders` is 1
 * where there is a sale. */
enum { KAM__ORDERS_COUNTED = 0, KAM__ORDERS_ANY = 1, KAM__ORDERS_PASSES = 2 };

/* Up to 65,536 rows in columns, lent for the call. SALE: amount (any sign) is revenue and makes an order, cost adds to
 * the cost of goods. RETURN: amount >= 0 is taken off revenue and cost off the cost of goods; no order. COST_OF_GOODS
 * and COST_TO_SERVE: amount is a cost; their cost column is not looked at. The end account is shown its direct revenue,
 * nothing is added to it (R147). */
typedef struct kam__ledger_rows {
    uint32_t n;
    const int64_t *account;
    const int32_t *day;
    const int32_t *event;                           /* KAM_LEDGER_...; NULL = all SALE */
    const int64_t *amount;                          /* minor units of one currency */
    const uint64_t *order;                          /* kam__order_key(); 0 or NULL: an account-day is one order */
    const int64_t *cost;                            /* NULL = 0 */
    const int32_t *cost_kind;                       /* KAM_COST_KIND_...; 0 or NULL = OTHER */
    const int64_t *end_account;                     /* 0 or NULL = none */
    const int64_t *product;                         /* 0 or NULL = none; no sum looks at it */
    const uint32_t *company;                        /* number of our own company; 0 or NULL = none; likewise */
} kam__ledger_rows;

typedef struct kam__ledger_options {
    int32_t from, to;                               /* window [from, to): KAM_DAY_FIRST, KAM_DAY_END = no bound */
    uint32_t returns;                               /* KAM__RETURNS_NET; SHOWN: revenue and cost stay gross */
    uint32_t orders;                                /* KAM__ORDERS_ */
    uint32_t room;                                  /* PASSES: orders to keep besides 8 for each account; 0 = 262,144 */
} kam__ledger_options;

typedef struct kam__totals {
    int64_t account;
    int64_t revenue, returns, cost_of_goods, gross_profit;
    int64_t serve[KAM__COST_KINDS];                 /* [KAM_COST_KIND_... - 1] */
    int64_t shared;                                 /* part of serve that was allocated by drivers */
    int64_t contribution;                           /* gross profit - all serve */
    int64_t risk, adjusted;                         /* r in 10^-4; gross profit * (1 - r), half even, - all serve */
    int64_t direct_revenue;                         /* as end account */
    int64_t orders;                                 /* distinct; KAM__ORDERS_ANY: 1 = some */
    int32_t first_day, last_day;                    /* of sales; KAM_DAY_END, KAM_DAY_FIRST when orders == 0 */
} kam__totals;

typedef struct kam__ledger kam__ledger;
int32_t kam__ledger_new(kam__ledger **out, kam_ctx *ctx, const kam__ledger_options *options, kam_error *err);
void kam__ledger_free(kam__ledger *l);
/* As a row's order: its amounts count, but it makes no order and no purchase (an order that was returned whole). */
#define KAM__NO_ORDER UINT64_MAX
/** Identity of an order text: 0 for no text, else its 64-bit hash (two texts of one account meet with probability
 *  2^-64). */
uint64_t kam__order_key(const char *text, size_t len);
/** Makes an account known that may have no rows. */
int32_t kam__ledger_account(kam__ledger *l, int64_t account, kam_error *err);
/** Adds a block of rows, all or none. INVAL (with row): unknown event or kind of cost, negative return; NOMEM LIMIT. */
int32_t kam__ledger_feed(kam__ledger *l, const kam__ledger_rows *rows, kam_error *err);
/** Counts orders and sorts accounts; needed before the calls below, more rows may follow later (PASSES: not after a
 *  second pass). */
int32_t kam__ledger_end(kam__ledger *l, kam_error *err);
/** 1: feed the same rows once more, in any order, and end again; only their orders are looked at. */
int kam__ledger_again(const kam__ledger *l);
uint32_t kam__ledger_count(const kam__ledger *l);
/** Totals of the i-th account by id; risk 0..10000. LIMIT: a sum does not fit 64 bits. */
int32_t kam__ledger_at(const kam__ledger *l, uint32_t i, int64_t risk, kam__totals *out, kam_error *err);
/** Place of an account for kam__ledger_at; 1 = found. */
int kam__ledger_find(const kam__ledger *l, int64_t account, uint32_t *i);
/** One figure of all accounts in id order, into out[count]: offsetof(kam__totals, revenue) ... an int64 member. */
int32_t kam__ledger_column(const kam__ledger *l, size_t member, int64_t *out, kam_error *err);
/** R62 on figures of any origin (a forecast, R57): gross_profit, contribution, adjusted from revenue, cost_of_goods,
 *  serve, risk. */
int32_t kam__contribution(kam__totals *t, kam_error *err);

/** A LEDGER block, as a store gives it, in columns (ledger_block.c): lent from the block where they have the right type
 *  and no NULL, else converted into the arena (NULL = 0). Amounts stay what they are: currencies are the caller's.
 *  SCHEMA NOMEM. */
int32_t kam__ledger_rows_of(kam__ledger_rows *out, kam__arena *arena, const kam_block *block, kam_error *err);
/** Copies options (NULL = no window, NET). INVAL. */
int32_t kam__ledger_options_take(kam__ledger_options *own, const kam__ledger_options *given, kam_error *err);
/** Whether row i may be taken in: the one check of ledger and periods. INVAL with row. */
int32_t kam__ledger_check(const kam__ledger_rows *rows, uint32_t i, kam_error *err);
void kam__sum_sub(kam__sum *s, int64_t v);

/* ---------------------------------------------------------------- period.c: sums per account and period (R63) */

enum { KAM__PERIOD_MONTH = 1, KAM__PERIOD_QUARTER = 2, KAM__PERIOD_YEAR = 3 };

typedef struct kam__period_totals {
    int64_t account;
    int32_t from, to;                               /* first day; first day of the next period */
    int64_t revenue, returns, cost_of_goods, gross_profit, serve, contribution;
} kam__period_totals;

typedef struct kam__periods kam__periods;
int32_t kam__periods_new(kam__periods **out, kam_ctx *ctx, const kam__ledger_options *options, uint32_t unit,
                         kam_error *err);
void kam__periods_free(kam__periods *p);
/** As kam__ledger_feed; end accounts are not shown here. */
int32_t kam__periods_feed(kam__periods *p, const kam__ledger_rows *rows, kam_error *err);
int32_t kam__periods_end(kam__periods *p, kam_error *err);
/** Entries, by account id, then period; periods without rows have none. */
uint32_t kam__periods_count(const kam__periods *p);
int32_t kam__periods_at(const kam__periods *p, uint32_t i, kam__period_totals *out, kam_error *err);
/** The entries of one account: first and number; 1 = it has some. */
int kam__periods_find(const kam__periods *p, int64_t account, uint32_t *first, uint32_t *n);

/* ---------------------------------------------------------------- pareto.c: shares, ABC, concentration (R47) */

enum { KAM__CLASS_A = 0, KAM__CLASS_B = 1, KAM__CLASS_C = 2 };      /* 'A' + class is its letter */

/* Arrays go by rank: largest value first, ties by id. Shares are of the total of all accounts; where that is not above
 * zero there are no shares: kam__pareto_share is 0 and everybody is C. Concentration looks at positive values only. */
typedef struct kam__pareto {
    kam_ctx *ctx;
    uint32_t n, npositive;
    uint32_t *order;                                /* account number */
    int64_t *value, *cum;                           /* and the sum up to and with this rank */
    uint8_t *abc;                                   /* crossing in: the share BEFORE the account decides (< cut) */
    uint8_t *abc_incl;                              /* the share INCLUDING the account decides (<= cut) */
    uint32_t count[3], count_incl[3];
    int64_t sum[3], sum_incl[3];                    /* values per class */
    int64_t total, positive;                        /* of all; of positive values */
    double gini, hhi;                               /* 0 where nothing is positive */
} kam__pareto;
/** cut_a <= cut_b in 10^-4 (8000, 9500). INVAL NOMEM; LIMIT: the total does not fit 64 bits. */
int32_t kam__pareto_make(kam__pareto *out, kam_ctx *ctx, const int64_t *value, uint32_t n, const uint32_t *by_id,
                         int64_t cut_a, int64_t cut_b, kam_error *err);
void kam__pareto_free(kam__pareto *p);
double kam__pareto_share(const kam__pareto *p, uint32_t rank);                  /* cumulative, of the total */
/** Number of accounts in the smallest set that reaches `share` (10^-4) of the total; 0 when the total is not above
 *  zero. */
uint32_t kam__pareto_reach(const kam__pareto *p, int64_t share);
/** Share (of positive values) of the k largest; of the largest ceil(q * positive accounts), q in 10^-4. */
double kam__pareto_top(const kam__pareto *p, uint32_t k);
double kam__pareto_top_part(const kam__pareto *p, int64_t q);

/* The curve of cumulative profit (a kam__pareto of profits) in four figures: its peak, where, and who pulls it down
 * again. */
typedef struct kam__whale {
    int64_t total, peak, loss;                      /* loss: sum of negative profits, <= 0 */
    uint32_t peak_at, unprofitable;                 /* accounts */
    double peak_pct;                                /* of the total; 0 when that is not above zero */
} kam__whale;
int32_t kam__whale_make(kam__whale *out, const int64_t *profit, uint32_t n, kam_error *err);

/* ---------------------------------------------------------------- rfm.c: recency, frequency, money */

enum { KAM__R = 0, KAM__F = 1, KAM__M = 2 };

/* Scores 1..5, 5 = best, by account number. ntile: fifths of the sorted list, ties split by id; q7: by the type-7
 * quantiles at .2 .4 .6 .8, equal values share a score. Cuts are exact: tenths of the measure's unit (R: days / 10, M:
 * minor units / 10). */
typedef struct kam__rfm {
    kam_ctx *ctx; uint32_t n;
    uint8_t *ntile[3], *q7[3];                      /* [KAM__R] ... */
    int64_t cut10[3][4];
} kam__rfm;
int32_t kam__rfm_make(kam__rfm *out, kam_ctx *ctx, const int64_t *recency_days, const int64_t *orders,
                      const int64_t *money, uint32_t n, const uint32_t *by_id, kam_error *err);
void kam__rfm_free(kam__rfm *r);
/** Own cut points for one measure in place of the quantiles: its q7 scores again, of the same values. */
void kam__rfm_recut(kam__rfm *r, int measure, const int64_t cut10[4], const int64_t *value);
/** 1 + number of cuts strictly below the value; for R the score is 6 - that. Cuts ascending, the caller's own ones too.
 *  */
uint8_t kam__rfm_score(const int64_t cut10[4], int64_t value);
/** Accounts per cell, count[(r - 1) * 25 + (f - 1) * 5 + (m - 1)], from `score` = r->ntile or r->q7. */
void kam__rfm_count(const kam__rfm *r, uint8_t *const score[3], uint32_t count[125]);
/** Type-7 quantiles at .2 .4 .6 .8 of ascending values, in tenths. LIMIT; n 0 gives zeros. */
int32_t kam__quantile_cuts(int64_t cut10[4], const int64_t *sorted, uint32_t n, kam_error *err);

/* Named cells: boxes of scores, the first that fits gives the name. */
typedef struct kam__rfm_cell { const char *name; uint8_t lo[3], hi[3]; } kam__rfm_cell;
/** Index of the first box that holds (r, f, m), -1 = none. */
int kam__rfm_cell_of(const kam__rfm_cell *cell, uint32_t n, uint8_t r, uint8_t f, uint8_t m);
extern const kam__rfm_cell kam__rfm_cells[10];      /* ours, to begin with: every cell is in one of them */

#endif
