/*
 * visit/plan.h - the engine of visit plans: one representative, a window of days, accounts with their rules, and what
 * is planned already. Arrays in, a dated and ordered list out; no book.
 *
 * plan.c decides what is asked for and in which days it may lie, round by round: the next contact by a rule depends on
 * the day of the one before. plan_fit.c gives each a day (and says what does not fit); plan_search.c moves visits
 * between their allowed days until the ways are short; plan_tour.c orders a day. A day is its number in the window.
 */
#ifndef KAM__PLAN_H
#define KAM__PLAN_H
#include "visit.h"

#define KAM__PLAN_PAYS 50000                    /* metres a kept visit's move must save to be worth telling somebody */

/* lat, lon in degrees * 10^6. last[r]: the last contact by rule r of the set. planned: [first, first + n) of the plan's. */
typedef struct kam__plan_account {
    int64_t id;
    int32_t since, rank, lat, lon;              /* rank of the grade, 0 = best */
    uint32_t set, planned, nplanned;
    const int32_t *last;
    uint8_t closed, refused;                    /* weekdays it is closed, bit 0 = Monday; visits by this person: KAM_UNPLANNED_ */
    int32_t away_first, away_last;              /* days somebody else stands in for the owner (R182) */
    uint8_t away;                               /* 0 nobody does; 1 this is the owner's plan, 2 the substitute's */
    int located, guest;                         /* guest: somebody else's, seen for what is planned there only */
} kam__plan_account;

/* A planned ACTIVITY of an account, ascending by day, id. stays: it is not touched (locked, frozen, the host's, before the window). */
typedef struct kam__planned {
    int64_t id, representative;
    uint32_t account;
    int32_t day, channel, cause, due, direction, last;
    uint8_t stays, locked, other_owner, elsewhere, used;    /* elsewhere: made by somebody else, in the way of nobody here */
} kam__planned;

typedef struct kam__plan_item {
    uint32_t account, planned;                  /* numbers; planned: UINT32_MAX = none */
    const kam__cadence_rule *rule;              /* NULL: a follow-up, or not by a cadence */
    uint32_t at;                                /* number of the rule in the set */
    int32_t channel, cause, last, due;
    int32_t first, end, until;                  /* may lie on days first..end, late up to until */
    int32_t least;                              /* not before, or one more would be due in the window */
    int32_t old;                                /* day it stands on now; -1 = none in the window */
    int32_t day, order, capacity;               /* OUT: day -1 = does not fit */
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
    int32_t home_lat, home_lon; int home;
    uint64_t seed, iterations;                  /* iterations 0 = by size */
    /* OUT */
    kam__plan_item *item; size_t n, cap;
    /* working state */
    uint8_t *halves;                            /* half days of the calendar */
    int32_t *room[2], *load[2];                 /* of visits, of everything else: capacity and what is on the day */
    int32_t *reached; uint8_t *done;            /* [account * max_rules + rule]: last contact planned so far; no more wanted */
    uint32_t *place; int64_t *metres; uint32_t nplace;      /* see plan_tour.c */
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
/** Orders n accounts (ascending at first): the same set gives the same order. Returns its length. Room for 3 n in `stop`. */
int64_t kam__plan_tour(const kam__plan *p, uint32_t *stop, uint32_t n);

/** plan_search.c: moves located visits of items [begin, n) between their days. */
int32_t kam__plan_search(kam__plan *p, size_t begin, kam_error *err);
/** The end: each visit alone once more, kept ones where it pays; then every day in order. */
int32_t kam__plan_polish(kam__plan *p, kam_error *err);
#endif
