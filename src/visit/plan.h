/*
 * visit/plan.h - the engine of visit plans: one representative, a window of days, accounts with their rules, and what
 * is planned already. Arrays in, a dated and ordered list out; no book.
 *
 * plan.c decides what is asked for and in which days it may lie, round by round: the next contact by a rule depends on
 * the day of the one before. plan_fit.c gives each a day (and says what does not fit); plan_search.c has the routing
 * engine choose days and ways together (plan_route.c asks it); plan_polish.c tries each visit alone once more;
 * plan_tour.c orders a day; plan_reason.c says what binds the rest. A day is its number in the window.
 */
#ifndef KAM__PLAN_H
#define KAM__PLAN_H
#include "visit.h"

#define KAM__PLAN_SPEED 50                      /* km/h where none is said */
#define KAM__PLAN_VISIT 60                      /* minutes of a visit where none are said */
#define KAM__PLAN_PAYS 50000                    /* metres a kept visit's move must save where nothing is said */

/* When an account can be visited on one weekday (1 = Monday) of the days first..last, in minutes of the day. */
typedef struct kam__plan_open { int32_t weekday, from, to, first, last; } kam__plan_open;
/** The way from one account to another (0: the representative's home), there as back. Seconds may be left at -1: by speed. */
typedef int32_t (*kam__plan_travel)(void *user, int64_t from, int64_t to, int64_t *metres, int64_t *seconds);

/* Hours of a plan, in minutes; end 0: only the number of visits limits a day. */
typedef struct kam__plan_hours {
    int32_t begin, end, driving, visit;         /* a working day; travel a day at most, 0 = any; a visit without its own length */
    int32_t pause_begin, pause_end;             /* no visit lies in between; 0 0: no break */
    int32_t speed, detour;                      /* km/h; 1000 = straight lines */
    kam__plan_travel travel; void *user;        /* NULL: straight lines */
} kam__plan_hours;

/* lat, lon in degrees * 10^6. last[r]: the last contact by rule r of the set. planned: [first, first + n) of the plan's. */
typedef struct kam__plan_account {
    int64_t id;
    int32_t since, rank, lat, lon;              /* rank of the grade, 0 = best */
    uint32_t set, planned, nplanned;
    const int32_t *last;
    uint8_t closed, refused;                    /* weekdays it is closed, bit 0 = Monday; visits by this person: KAM_UNPLANNED_ */
    const uint8_t *shut;                        /* days of the window it is closed; NULL = none */
    int32_t away_first, away_last;              /* days somebody else stands in for the owner (R182) */
    uint8_t away;                               /* 0 nobody does; 1 this is the owner's plan, 2 the substitute's */
    const kam__plan_open *open; uint32_t nopen; int hours;      /* hours: closed when none of these says open */
    int located, guest;                         /* guest: somebody else's, seen for what is planned there only */
} kam__plan_account;

/* A planned ACTIVITY of an account, ascending by day, id. stays: it is not touched (locked, frozen, the host's, before the window). */
typedef struct kam__planned {
    int64_t id, representative;
    uint32_t account;
    int32_t day, channel, cause, due, direction, last;
    int32_t start, duration;                    /* minute of the day, -1 = not said; minutes, 0 = not said */
    uint8_t stays, locked, other_owner, elsewhere, used;    /* elsewhere: made by somebody else, in the way of nobody here */
    uint8_t joint;                              /* two go there together */
} kam__planned;

typedef struct kam__plan_item {
    uint32_t account, planned;                  /* numbers; planned: UINT32_MAX = none */
    const kam__cadence_rule *rule;              /* NULL: a follow-up, or not by a cadence */
    uint32_t at;                                /* number of the rule in the set */
    int32_t channel, cause, last, due;
    int64_t score;                              /* what it weighs when the window begins */
    int32_t first, end, until;                  /* may lie on days first..end, late up to until */
    int32_t early, late;                        /* as first and until, were there no least gap, and nothing agreed on behind it */
    int32_t least;                              /* not before, or one more would be due in the window */
    int32_t old;                                /* day it stands on now; -1 = none in the window */
    int32_t day, order, capacity;               /* OUT: day -1 = does not fit */
    int32_t begin;                              /* OUT: minute of the day, -1 = not said */
    int64_t metres;
    uint8_t fixed, kept, linked, soon;          /* linked: has occurrences before or after it; soon: overdue, no day set by it */
    uint8_t what, reason, code;                 /* OUT: KAM_PLAN_WHAT_, KAM_PLAN_REASON_; KAM_UNPLANNED_ of day -1 */
} kam__plan_item;

typedef struct kam__plan {
    kam_ctx *ctx;
    const kam__cadence *cadence; const kam__calendar *calendar;
    int32_t from, days, as_of;
    const kam__plan_account *account; uint32_t naccount;
    kam__planned *planned; uint32_t nplanned;
    const uint8_t *absent;                      /* of each day; NULL = never */
    int32_t visits, calls;                      /* a whole day's capacity */
    int32_t pays;                               /* metres a kept visit's move must save to be worth telling somebody; 0: as usual */
    int32_t home_lat, home_lon; int home;
    kam__plan_hours hours;
    uint64_t seed, iterations;                  /* iterations 0 = by size */
    /* OUT */
    kam__plan_item *item; size_t n, cap;
    /* working state */
    uint8_t *halves;                            /* half days of the calendar */
    int32_t *room[2], *load[2];                 /* of visits, of everything else: capacity and what is on the day */
    int32_t *reached; uint8_t *done;            /* [account * max_rules + rule]: last contact planned so far; no more wanted */
    int64_t *metres; int32_t *seconds; uint32_t nplace;     /* see plan_tour.c */
} kam__plan;

/** Plans; items come by day, channel, order, those that do not fit last. planned[i].used = 0 and not stays: no longer needed.
 *  NOMEM CANCELLED. End it with kam__plan_free, also after a failure. */
int32_t kam__plan_make(kam__plan *p, kam_error *err);
void kam__plan_free(kam__plan *p);
/** 1: the contact needs no way (all but visits). */
int kam__plan_desk(const kam__plan_item *it);

/** 1: the contact may lie on this day of the window, by its rule's weekdays and those its account is closed on. */
int kam__plan_on(const kam__plan *p, const kam__plan_item *it, int32_t day);

/** plan_fit.c: gives items [begin, n) a day, the earlier ones stay. */
int32_t kam__plan_fit(kam__plan *p, size_t begin, kam_error *err);

/* plan_tour.c: distances between accounts, and the shortest way through the stops of a day. */
#define KAM__PLAN_HOME UINT32_MAX
int32_t kam__plan_places(kam__plan *p, kam_error *err);
/** Metres between two accounts; KAM__PLAN_HOME: the representative's home, 0 metres where there is none. */
int64_t kam__plan_metres(const kam__plan *p, uint32_t a, uint32_t b);
/** Seconds between two accounts, as kam__plan_metres. */
int64_t kam__plan_seconds(const kam__plan *p, uint32_t a, uint32_t b);
/** Orders n accounts (ascending at first): the same set gives the same order. Returns its length. Room for 3 n in `stop`. */
int64_t kam__plan_tour(const kam__plan *p, uint32_t *stop, uint32_t n);

/* plan_route.c: a part of the plan as a routing problem. */
typedef struct kam__plan_part {
    const int32_t *day; uint32_t nday;          /* days of the part, at most 64 */
    const int32_t *cap;                         /* visits a day, of all days of the window */
    size_t begin;                               /* items before it stay on their days */
    uint64_t seed, iterations;                  /* iterations 0: by size */
    int order;                                  /* all items stay on their days: only the ways are looked for */
} kam__plan_part;
/** Days (and with hours: order and begin) of the located visits of the part. What the hours leave no place for has day -1 and
 *  its code. *missing: how many that must be there have no place. */
int32_t kam__plan_route(kam__plan *p, const kam__plan_part *part, uint32_t *missing, kam_error *err);
/** 1: item may be moved to this day: free of what is said of days alone. */
int kam__plan_allowed(const kam__plan *p, const kam__plan_item *it, int32_t day, int32_t last);

/** plan_search.c: the routing engine chooses days for located visits of items [begin, n). */
int32_t kam__plan_search(kam__plan *p, size_t begin, kam_error *err);
/** An even load and somewhat more, never more than there is room: visits of each day. */
void kam__plan_caps(const kam__plan *p, int32_t *cap);
/* plan_hours.c, with hours. */
/** 1: the opening counts on this day of the window. */
int kam__plan_opens(const kam__plan *p, const kam__plan_open *o, int32_t day);
/** The first minute from `at` on that so long a visit can begin, because the break does not cut it. */
int64_t kam__plan_clear(const kam__plan_hours *h, int64_t at, int32_t minutes);
/* Minutes a visit takes, of a way, and the minute a day ends. */
int32_t kam__plan_service(const kam__plan *p, const kam__plan_item *it);
int64_t kam__plan_minutes(const kam__plan *p, uint32_t a, uint32_t b);
int32_t kam__plan_closing(const kam__plan *p, int32_t day);
/* What a way of n items (numbers) takes: begin may be NULL. */
typedef struct kam__plan_way { int64_t metres, driving, end; } kam__plan_way;
/** 1: the items can be visited in this order on that day. Without hours always; out: metres and driving. */
int kam__plan_schedule(const kam__plan *p, int32_t day, const uint32_t *item, uint32_t n, int32_t *begin, kam__plan_way *out);
/** The place of the least way (soon: of the earliest end) for another item among n in order, or -1; stop: room for n + 1.
 *  *out: of the way with it. */
int32_t kam__plan_insert(const kam__plan *p, int32_t day, uint32_t *stop, uint32_t n, uint32_t item, int soon, kam__plan_way *out);
/** 1: an item without a day fits between the others of this one, and is on it now; stop: room for all items and one more. */
int kam__plan_takes(kam__plan *p, uint32_t item, int32_t day, uint32_t *stop);
/** The located visits of a day in order; room for all items. */
uint32_t kam__plan_stops(const kam__plan *p, int32_t day, uint32_t *item);
/** Takes visits without a place of items [begin, n) from days that are too short for them. */
void kam__plan_apart(kam__plan *p, size_t begin);
/** The order of each day and when each visit begins. */
int32_t kam__plan_order(kam__plan *p, kam_error *err);
/** plan_polish.c, without hours: each visit alone once more, kept ones where it pays; then every day in order. */
int32_t kam__plan_polish(kam__plan *p, kam_error *err);

/* plan_reason.c */
/** Days of [first, last] a contact could lie on, full or not; absent: also those somebody is absent on. */
int32_t kam__plan_days(const kam__plan *p, const kam__plan_item *it, int32_t first, int32_t last, int absent);
/** Which limit binds each item that has no day. */
int32_t kam__plan_reasons(kam__plan *p, kam_error *err);

/* plan_price.c: after kam__plan_make, whose items lie in order. */
typedef struct kam__plan_prices { const kam__plan *p; uint32_t *first, *stop; int64_t *metres; } kam__plan_prices;
typedef struct kam__plan_price { int32_t day; int64_t metres; int32_t minutes; } kam__plan_price;
int32_t kam__plan_prices_open(kam__plan_prices *x, const kam__plan *p, kam_error *err);
void kam__plan_prices_close(kam__plan_prices *x);
/** The best other day of a planned visit and how much more way it is than now (less: negative). 0: there is none. */
int kam__plan_price_other(kam__plan_prices *x, uint32_t item, kam__plan_price *out);
/** On which day one that is not planned would cost least if its limit were given up: metres, minutes after the day's end. */
int kam__plan_price_relax(kam__plan_prices *x, uint32_t item, kam__plan_price *out);
#endif
