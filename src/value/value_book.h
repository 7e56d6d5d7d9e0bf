/*
 * value/value_book.h - the engines of value.h over a book: what segment, account and visit rooms ask of the ledger.
 *
 * A scope says which rows count and in which currency; it is settled once (kam__value_settle) and then everything
 * asked of it is about the same rows. Call inside one read transaction where several answers must agree.
 */
#ifndef KAM__VALUE_BOOK_H
#define KAM__VALUE_BOOK_H
#include "../model/model.h"
#include "value.h"
#include <kam/spi/storage.h>
#include <kam/value.h>

typedef struct kam__run_ops kam__run_ops;
struct kam__rowset;
extern const kam__run_ops kam__value_run_ops;
extern const kam__run_ops kam__clv_run_ops;

/* Names of own companies, numbered from 1 as they come. */
typedef struct kam__companies { kam__tmap map; kam__arena text; const char **name; size_t n, cap; } kam__companies;

/* Where returns count: on their own day; on the day their order was first sold; nowhere, they are only shown. */
enum { KAM__RETURNED_BY_DAY = 0, KAM__RETURNED_BY_ORDER = 1, KAM__RETURNED_SHOWN = 2 };
/* Orders with a return, those of them that came back whole, and returns that name no order sold before. */
typedef struct kam__returns_told { uint32_t orders, whole, loose; } kam__returns_told;

/* Accounts of a scope in parts, see value_book_parts.c below. */
typedef struct kam__value_parts {
    kam__keys keys; uint32_t *part; size_t cap; uint32_t n;     /* part of each account; n: parts, at least one */
} kam__value_parts;

/* As asked: from 0 and to 0 = the twelve months before as_of; KAM_DAY_FIRST, KAM_DAY_END = no bound. */
typedef struct kam__value_scope {
    int32_t from, to;                       /* window [from, to); settled: to <= as_of + 1 */
    int32_t as_of;                          /* KAM_TODAY; settled: a day */
    char currency[4]; /* of sums; "" = the book's base currency; settled: that one ("" = it has none) */
    int64_t account;                        /* this one only, without what it bought as end account; 0 = all */
    /* every account in its own currency instead, where that is another: only those */
    int own_currency;
    int external;                           /* leave out accounts of our own companies */
    int products;                           /* hand over the products of rows too */
    int any_orders;                         /* totals: orders need not be counted (KAM__ORDERS_ANY) */
    int returns;                            /* KAM__RETURNED_ */
    kam__returns_told *told;                /* RETURNED_BY_ORDER: gets what was found; NULL = not wanted */
    const kam__value_parts *parts; uint32_t part;               /* only the accounts of one part; NULL = all */
    uint64_t room;                          /* sales and returns of a part at most; 0 = a million, and 8 an account */
    const char *settings;                   /* what a run is told besides, lent; NULL = nothing */
    kam__companies *companies;              /* hand over own companies too, as numbers of this list; NULL = no */
    int32_t asked;                          /* settled: as_of as it was asked, KAM_TODAY stays KAM_TODAY */
} kam__value_scope;
/** The scope that a caller's options ask for, not settled yet; share (may be NULL): the ABC cuts. INVAL UNSUPPORTED. */
int32_t kam__value_options_take(kam__value_scope *scope, int64_t share[2], const kam_value_options *given,
                                int32_t as_of, kam_error *err);
/** external and returns of a scope by flags KAM_VALUE_, and back. INVAL: no such flags. */
int32_t kam__value_flags_take(kam__value_scope *scope, uint32_t flags, const char *name, kam_error *err);
uint32_t kam__value_flags(const kam__value_scope *scope);
/** How an accumulator takes the rows of a scope: all of them, returns as it says. */
kam__ledger_options kam__value_accumulate(const kam__value_scope *scope);
/** Checks and completes a scope. INVAL. */
int32_t kam__value_settle(kam__value_scope *scope, kam_book *b, kam_error *err);
/** Hands over the ledger rows of a settled scope, block by block, amounts in its currency by the RATE in force on each
 * row's day. POLICY: a rate is missing. CANCELLED. */
typedef int32_t (*kam__value_take)(void *user, const kam__ledger_rows *rows, kam_error *err);
int32_t kam__value_scan(kam_book *b, const kam__value_scope *scope, kam__value_take take, void *user, kam_error *err);
/** Accounts of our own companies, as of the scope's day. The caller's kam__imap_free. */
int32_t kam__value_inside(kam__imap *out, kam_book *b, const kam__value_scope *scope, kam_error *err);
/** Risk factors (10^-4) of the accounts that have one, by account id, as of the scope's day. The caller's
 * kam__imap_free. */
int32_t kam__value_risks(kam__imap *out, kam_book *b, const kam__value_scope *scope, kam_error *err);
/** Currency of each account that has one, packed by kam__rate_code, by account id, as of the scope's day. */
int32_t kam__value_currencies(kam__imap *out, kam_book *b, const kam__value_scope *scope, kam_error *err);

/* -------------------------------------------------------------- value_book_settings.c: what a run is told besides */

#define KAM__VALUE_CELLS 125u               /* named cells at most */
typedef struct kam__value_pool { const char *name; int64_t amount, left; int32_t kind, driver; } kam__value_pool;
typedef struct kam__value_settings {
    kam__arena arena;
    const char *text;                       /* the document; NULL = none */
    kam__value_pool *pool; uint32_t npool;
    int64_t cut10[3][4]; uint32_t own_cuts; /* bit m: the measure has cuts of its own */
    const kam__rfm_cell *cell; uint32_t ncell;
} kam__value_settings;
/** json NULL or "" = nothing told; amounts in the (settled) currency. The caller's kam__value_settings_free. */
int32_t kam__value_settings_read(kam__value_settings *out, kam_book *b, const char *json, const char *currency,
                                 kam_error *err);
void kam__value_settings_free(kam__value_settings *s);

/* -------------------------------------------------------------- value_book_contacts.c: held activities of a scope */

typedef struct kam__value_contact {
    int64_t account, channel, direction, phase, minutes; int32_t day;
} kam__value_contact;
typedef int32_t (*kam__value_contact_fn)(void *user, const kam__value_contact *contact, kam_error *err);
/** Each held activity in the window of a settled scope; codes count for the account they are linked to. */
int32_t kam__value_contacts(kam_book *b, const kam__value_scope *scope, kam__value_contact_fn fn, void *user,
                            kam_error *err);

/* -------------------------------------------------------------- value_book_parts.c: a part of the accounts at a time */

/** Divides the accounts of a settled scope: ascending by id, as many in a part as it has room for, or one that needs
 * more. One pass over the ledger. The caller's kam__value_parts_free, whatever is answered. */
int32_t kam__value_parts_make(kam__value_parts *out, kam_book *b, const kam__value_scope *scope, kam_error *err);
void kam__value_parts_free(kam__value_parts *p);
int kam__value_parts_has(const kam__value_parts *p, int64_t account, uint32_t part);    /* 1: is in this part */

/* -------------------------------------------------------------- value_book_totals.c: totals per account */

/** Scans until `l`, which `take` feeds, has counted its orders, and ends it. */
int32_t kam__value_feed(kam__ledger *l, kam_book *b, const kam__value_scope *scope, kam__value_take take, void *user,
                        kam_error *err);
/** Totals per account, ended: ready for kam__ledger_at. The caller's kam__ledger_free. */
int32_t kam__value_collect(kam__ledger **out, kam_book *b, const kam__value_scope *scope, kam_error *err);
/** What an account has of a pool: its quantity of the driver, its part of the costs. */
typedef int32_t (*kam__value_shared_fn)(void *user, const kam__value_pool *pool, const kam__totals *t, int64_t quantity,
                                        int64_t part, kam_error *err);
/** Totals of all accounts by id, risk factors and shared costs in them; *out is freed with kam__free. fn: as below. */
int32_t kam__value_totals_all(kam__totals **out, uint32_t *n, kam_book *b, const kam__value_scope *scope,
                              kam__value_settings *settings, kam__value_shared_fn fn, void *user, kam_error *err);

/* -------------------------------------------------------------- value_book_shared.c: shared costs by driver (R62) */

/* What drives costs besides orders and revenue, per account with a contact. */
typedef struct kam__value_drivers { kam__keys keys; int64_t (*driver)[2]; size_t cap; } kam__value_drivers;
/** Reads visits and minutes, if a pool asks for them. The caller's kam__value_drivers_free, whatever is answered. */
int32_t kam__value_drivers_read(kam__value_drivers *out, kam_book *b, const kam__value_scope *scope,
                                const kam__value_settings *settings, kam_error *err);
void kam__value_drivers_free(kam__value_drivers *d);
/** Adds each pool to the costs to serve of t[n], sets its `left`; fn (may be NULL) is told every part and quantity that
 * is not 0. */
int32_t kam__value_shared(kam__totals *t, uint32_t n, kam_book *b, const kam__value_drivers *d,
                          kam__value_settings *settings, kam__value_shared_fn fn, void *user, kam_error *err);

/** Fills an ACCOUNT_VALUE record with the figures of one account over a window: no ranks, shares or scores, no direct
 * revenue; zeroes where it has no row. */
int32_t kam__value_of_account(kam_record *out, kam_book *b, int64_t account, int32_t from, int32_t to, int32_t as_of,
                              const char *currency, kam_error *err);
int32_t kam__value_totals_of(kam__totals *out, kam_book *b, const kam__value_scope *scope, kam_error *err);

/** kam_value_profiles() with another room for the parts it is made in. */
int32_t kam__value_profiles(kam_rows **out, kam_book *b, const kam_value_options *options, int32_t as_of, uint64_t room,
                            kam_error *err);

/* ---------------------------------------------------------------- value_book_rows.c: answers in rows */

/** Makes rows of `kind` within one read transaction: `make` fills the set. */
typedef int32_t (*kam__value_make)(struct kam__rowset *set, void *work, kam_error *err);
int32_t kam__value_rows(kam_rows **out, kam_book *b, uint32_t kind, kam__value_make make, void *work, kam_error *err);
void kam__value_put(const struct kam__rowset *set, kam__blockbuf *bb, uint32_t field, int64_t v);
/** KAM_TODAY -> today; a day with whole months around it: of the years 1 to 9999. INVAL. */
int32_t kam__value_day(int32_t *day, kam_book *b, kam_error *err);
/** "" = no value. */
void kam__value_put_text(const struct kam__rowset *set, kam__blockbuf *bb, uint32_t field, const char *text);

/* ---------------------------------------------------------------- value_book_link.c: several codes, one account (R177) */

typedef struct kam__link { int64_t from, into; } kam__link;
typedef struct kam__links {
    kam_ctx *ctx; kam_error *err;
    kam__link *link; uint32_t n; size_t cap;
    kam__imap at;                           /* from -> place */
} kam__links;
/** The links that hold on the day, each to its last account. The caller's kam__links_free. */
int32_t kam__links_load(kam__links *out, kam_book *b, int32_t as_of, kam_error *err);
void kam__links_free(kam__links *l);
/** The account that this one counts for: itself, where there is no link. */
int64_t kam__links_head(const kam__links *l, int64_t account);
/** A condition on a field of account ids: rows that count for `account`. */
typedef struct kam__link_mem { kam_col col; int64_t *id; kam_ctx *ctx; } kam__link_mem;
int32_t kam__links_where(kam_pred *p, kam__link_mem *mem, const kam__links *l, const kam__field *field, int64_t account,
                         kam_error *err);
void kam__links_where_free(kam__link_mem *mem);

/* ---------------------------------------------------------------- value_book_returns.c: returns order by order */

typedef struct kam__returned kam__returned;
/** The orders that returns of a settled scope's window (up to its day) take back. */
int32_t kam__returned_load(kam__returned **out, kam_book *b, const kam__value_scope *scope, const kam__links *links,
                           kam_error *err);
void kam__returned_free(kam__returned *r);
/** day and order are the caller's copies of those columns: returns move to the first day of their order, orders that
 * came back whole become KAM__NO_ORDER. */
void kam__returned_move(const kam__returned *r, const kam__ledger_rows *rows, int32_t *day, uint64_t *order);

/* The figures of kam__totals that are fields of ACCOUNT_VALUE; ended by field 0. */
typedef struct kam__value_sum { uint32_t field; size_t at; } kam__value_sum;
extern const kam__value_sum kam__value_sums[];

/* ---------------------------------------------------------------- value_book_rate.c: RATE facts */

typedef struct kam__rate { uint64_t pair; int32_t from, to; int64_t rate; } kam__rate;
typedef struct kam__rates {
    kam_ctx *ctx; kam__rate *rate; size_t n, cap;
    uint64_t pair; int32_t decimals[2]; size_t at;          /* what was asked last */
} kam__rates;
/** Three letters as a number; 0 = no currency. */
uint32_t kam__rate_code(const char *code, size_t len);
void kam__rate_code_text(char out[4], uint32_t code);
/** All rates the book believes; empty books cost one look. */
int32_t kam__rates_load(kam__rates *out, kam_book *b, kam_error *err);
void kam__rates_free(kam__rates *r);
/** Minor units of `from` to minor units of `to` by the rate in force on `day`, rounded half to even. POLICY (names pair
 * and day) LIMIT. */
int32_t kam__rates_convert(kam__rates *r, kam_book *b, int64_t *amount, uint32_t from, uint32_t to, int32_t day,
                           kam_error *err);

/* -------------------------------------------------------------- value_book_stats.c: what a run says of all accounts */

typedef struct kam__value_stats {
    kam__pareto pareto, profit;             /* of revenue, of contribution */
    kam__whale whale;
    kam__rfm rfm;                           /* of accounts with an order */
    uint32_t *rfm_at;                       /* account number -> number there; UINT32_MAX = none */
    uint32_t n;
    const kam__value_settings *settings;    /* lent */
} kam__value_stats;
int32_t kam__value_stats_make(kam__value_stats *out, kam_ctx *ctx, const kam__totals *t, uint32_t n, int32_t as_of,
                              const int64_t share[2], const kam__value_settings *settings, kam_error *err);
void kam__value_stats_free(kam__value_stats *s, kam_ctx *ctx);
/** The named cell of buyer i (its number in rfm): its place in the settings' cells; -1 = none. */
int kam__value_stats_cell(const kam__value_stats *s, uint32_t i);
/** One flat JSON object (see kam/value.h), without the brace that ends it. */
void kam__value_stats_json(kam_buf *out, const kam__value_stats *s, uint32_t decimals);

#endif
