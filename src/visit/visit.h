/*
 * visit/visit.h - who is to be seen when: cadences, the working calendar, due contacts, follow-ups.
 *
 * Engines (cadence.c, calendar.c, due.c) take documents and arrays; visit_book.c and visit_book_held.c bring the book's
 * records to them. A due day is a promise ("by this day"): when it falls on a day nobody works it moves to the working
 * day BEFORE it, never after.
 */
#ifndef KAM__VISIT_H
#define KAM__VISIT_H
#include "../base/base.h"
#include "../codec/codec.h"
#include "../model/model.h"

/* ---------------------------------------------------------------- cadence.c: cadence documents */

enum { KAM__EVERY_MONTHS = 1, KAM__EVERY_ISO_WEEKS = 2, KAM__EVERY_DAYS = 3, KAM__EVERY_WORKING_DAYS = 4 };
#define KAM__WEEKDAYS 0x7fu                     /* bit 0 = Monday */
#define KAM__SUBSTITUTE 10000                   /* the weight 1 */
#define KAM__WEIGHT 10000                       /* the weight 1 of a grade, the score 1 */
#define KAM__WEEK_EPOCH 11323                   /* Monday 2001-01-01: blocks of several ISO weeks count from here */

/* Another frequency from one day of the year to another (month * 100 + day, both included; may pass the new year). */
typedef struct kam__cadence_season { int32_t first, last, every, count; } kam__cadence_season;

/* "So many contacts of this kind in every ..." A rule of months or days looks at the gap since the last one that
 * qualifies: `count` of them in a period are that long apart; a rule of ISO weeks wants one in each `count`-th part of a
 * block of so many weeks. 0 in direction and premises, no attendee: any. */
typedef struct kam__cadence_rule {
    const char *id;
    int32_t channel, every, first_due_days, direction, premises;
    int32_t count, min_gap, target;             /* min_gap, target: in units of days, 0 = none */
    int32_t substitute, substitute_channel, substitute_most;   /* weight of one contact in place of a missed one */
    int32_t min_rank;                           /* of who makes it; 0 = any */
    int32_t minutes;                            /* of a contact; 0 = not said */
    int32_t prepare;                            /* working days it takes to prepare one; 0 = none */
    int must;                                   /* planned before everything else; not to plan it is an error */
    uint32_t unit, nattendee, nseason, weekdays, nth;           /* masks: of weekdays; which one of the month, 0 = any */
    const kam__cadence_season *season;
    const char *const *attendee;                /* roles, one of them must be met; known ones in capitals */
    const kam__json *when; const char *path;    /* the accounts it is for: an expression, and where it stands; NULL = all */
} kam__cadence_rule;
/* weight: of the grade, in KAM__WEIGHT. */
typedef struct kam__cadence_set { const char *grade; const kam__cadence_rule *rule; uint32_t nrule; int32_t weight; } kam__cadence_set;
/* set[0]: accounts without a grade, or with one the document does not name. */
typedef struct kam__cadence {
    const char *name, *scheme;
    kam__cadence_set *set;
    uint32_t nset, set_cap, max_rules;
    int32_t key_rank;                           /* of who visits a key account; 0 = any */
    int asks_attendee, substitutes, weighted;   /* weighted: the document has weights */
    uint32_t nwhen; const kam__json *optional;  /* rules with a condition; what it may read that is missing */
    const kam__cadence_rule *priority; uint32_t npriority;     /* only id, when, path: accounts that go before grades */
} kam__cadence;
#define KAM__CADENCE_WHEN 16u                   /* rules of one grade with a condition; conditions of the priority */

/* What one account has instead of its grade's frequency on a channel (R124). every 0: no contact. */
typedef struct kam__cadence_own {
    int64_t account; int32_t channel, every, count, min_gap; uint32_t unit;
    int32_t must;                               /* 1, -1: it must be seen, need not; 0: as the rule says */
} kam__cadence_own;
/** Adds a set like set `of`, with what is its own; *out: its number. NOMEM. */
int32_t kam__cadence_override(uint32_t *out, kam__cadence *c, kam__arena *arena, uint32_t of,
                              const kam__cadence_own *own, uint32_t n, kam_error *err);
/** Adds a set like set `of` without the rules that keep[] says 0 of; *out: its number. NOMEM. */
int32_t kam__cadence_without(uint32_t *out, kam__cadence *c, kam__arena *arena, uint32_t of, const uint8_t *keep,
                             kam_error *err);
/** every and count of a rule on a day: those of the season it lies in, or its own. */
int32_t kam__cadence_every(const kam__cadence_rule *rule, int32_t day, int32_t *count);
/** 1: contacts of the rule may lie on this day by weekday and place in the month. */
int kam__cadence_on(const kam__cadence_rule *rule, int32_t day);

/* cadence_rule.c */
typedef struct kam__cadence_reading {
    kam__arena *arena; kam_error *err; const kam__json *optional;
    int32_t substitute; int best;               /* what the document says of missed visits; 1: the first grade is read */
} kam__cadence_reading;
/** "substitute": the weight of a contact in place of a missed one. */
int32_t kam__cadence_weight(int32_t *out, const kam__json *v, kam_error *err);
int32_t kam__cadence_rule_read(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *object,
                               const kam__cadence_set *before);
/** One condition, compiled once to see that it can be; `path` names it where it cannot tell. */
int32_t kam__cadence_condition(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *v, const char *path);
/** Reads "when" of rule number `at` of a grade. */
int32_t kam__cadence_when(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *object, const char *grade, uint32_t at);
/** Room for n pieces, all bytes 0; NULL: NOMEM is told. */
void *kam__cadence_room(kam__cadence_reading *r, size_t n, size_t size);
int32_t kam__cadence_optional(int32_t *out, const kam__json *object, const char *key, int32_t least, int32_t most, kam_error *err);
int32_t kam__cadence_is(const kam__json *v, uint8_t type, const char *key, const char *want, kam_error *err);

/** Reads and checks a document; everything lives in the arena or in `body`. PARSE TYPE POLICY UNSUPPORTED with place. */
int32_t kam__cadence_read(kam__cadence *out, kam__arena *arena, const kam__json *body, kam_error *err);
int32_t kam__cadence_check(kam_ctx *ctx, const kam__json *body, kam_error *err);
/** The set of a grade; "" or an unknown one: 0. */
uint32_t kam__cadence_set_of(const kam__cadence *c, const char *grade, size_t len);

/* What was held. direction 0 on a VISIT: outbound. */
typedef struct kam__role { const char *text; size_t len; } kam__role;
typedef struct kam__held { int32_t channel, direction, premises; const kam__role *role; uint32_t nrole; } kam__held;
/** 1: this contact counts for the rule. */
int kam__cadence_qualifies(const kam__cadence_rule *rule, const kam__held *held);
/** Does a visit of this direction (0 = not said) count as outbound? */
int kam__visit_outbound(int64_t direction);

/* ---------------------------------------------------------------- calendar.c: working days */

/* Saturday and Sunday are free, other days are worked; `day` lists the exceptions, ascending. */
typedef struct kam__calendar { kam_ctx *ctx; int32_t *day; uint8_t *kind; size_t n; } kam__calendar;
/** From CALENDAR_DAY entries in any order; of several for one day the last one counts. NOMEM. */
int32_t kam__calendar_init(kam__calendar *c, kam_ctx *ctx, const int32_t *day, const int32_t *kind, size_t n,
                           kam_error *err);
void kam__calendar_free(kam__calendar *c);
/** Half days worked: 0 free, 1 a half day, 2 a whole one. `c` may be NULL: weekends only. */
int kam__calendar_halves(const kam__calendar *c, int32_t day);
/** The last working day in [first, day]; `day` itself when there is none (looked for over 400 days at most). */
int32_t kam__calendar_before(const kam__calendar *c, int32_t day, int32_t first);
/** The first working day in [day, last]; `day` itself when there is none. */
int32_t kam__calendar_after(const kam__calendar *c, int32_t day, int32_t last);
/** Days in [from, to) on which people work; *halves (may be NULL): the same in half days. */
int64_t kam__calendar_count(const kam__calendar *c, int32_t from, int32_t to, int64_t *halves);

/* ---------------------------------------------------------------- due.c: what is due */

#define KAM__DAY_MINUTES 1440
#define KAM__NEVER ((int32_t)KAM_DAY_FIRST)     /* no contact yet */
#define KAM__FOLLOWUP_DAYS 7                    /* R119 */

/* `since`: from when the rules hold for the account; what was never done is due from then on. priority: place of the
 * first condition of the cadence's priority that holds; npriority = none does. */
typedef struct kam__due_account {
    int64_t id, representative; int32_t since; uint32_t grade, set, priority;
} kam__due_account;
typedef struct kam__due {
    int64_t account, representative, activity;  /* activity: the planned follow-up, else 0 */
    const char *rule;
    int32_t channel, cause, last, day, overdue;
    uint32_t grade;
    int32_t weight; int must; int64_t score;    /* weight: of a follow-up's grade, 0 = 1; score: in KAM__WEIGHT */
} kam__due;
typedef struct kam__due_list { kam_ctx *ctx; kam__due *item; size_t n, cap; } kam__due_list;

/** The n-th working day after a day (n > 0), or before it (n < 0). */
int32_t kam__calendar_add(const kam__calendar *c, int32_t day, int32_t n);
/** Day by which the rule wants the next contact after `last` (KAM__NEVER: none yet). */
int32_t kam__due_day(const kam__cadence_rule *rule, int32_t last, int32_t since, const kam__calendar *calendar);
/** First and last day of the block of weeks a day lies in; for rules of ISO weeks. */
void kam__due_block(const kam__cadence_rule *rule, int32_t day, int32_t *first, int32_t *last);
/** From when on the contact that is due by `due` makes sense: the last quarter of the gap (with a target: as long before it
 *  as `due` lies behind it), not within the least gap, or the first day of its block; KAM__NEVER: at any time. */
int32_t kam__due_from(const kam__cadence_rule *rule, int32_t last, int32_t due, const kam__calendar *calendar);
/** First day that keeps the rule's least gap after `last`; KAM__NEVER: any. */
int32_t kam__due_least(const kam__cadence_rule *rule, int32_t last, const kam__calendar *calendar);
/** The day a contact missed by `due` counts as made by others in its place; day: ascending. KAM__NEVER: it does not. */
int32_t kam__due_replaced(const kam__cadence_rule *rule, int32_t due, const int32_t *day, size_t n);
/** weight * (1 + days overdue / gap): what a contact due by `due` weighs on as_of. rule NULL: a follow-up. */
int64_t kam__due_score(const kam__cadence_rule *rule, int32_t last, int32_t due, int32_t since, const kam__calendar *calendar,
                       int32_t weight, int32_t as_of);
/** Day by which a visit held on `visit` is followed up, and the working day to plan it on. */
int32_t kam__followup_due(int32_t visit);
int32_t kam__followup_day(int32_t visit, const kam__calendar *calendar);
/** Adds what is due on or before as_of by the rules of the account's set; last[i] belongs to rule i. */
int32_t kam__due_add(kam__due_list *list, const kam__cadence *c, const kam__due_account *account, const int32_t *last,
                     const kam__calendar *calendar, int32_t as_of, kam_error *err);
/** Adds a follow-up, due by item->day at the latest, if that is on or before as_of; fills overdue, cause and rule. */
int32_t kam__due_add_followup(kam__due_list *list, const kam__due *item, const kam__calendar *calendar, int32_t as_of,
                              kam_error *err);
/** Most overdue first, then by due day, account, rule, activity. */
int32_t kam__due_sort(kam__due_list *list, kam_error *err);

/* ---------------------------------------------------------------- align.c: who should see whom */

/* owner, to: numbers of areas, -1 = none; visits: a year. */
typedef struct kam__align_account { int32_t lat, lon, visits, owner, to; } kam__align_account;
typedef struct kam__align_area { int64_t id, visits; int32_t lat, lon; int home; } kam__align_area;   /* visits: OUT */
/** Sets `to` of the accounts; area has k of them and room for `extra` new ones. NOMEM CANCELLED. */
int32_t kam__align(kam_ctx *ctx, kam__align_account *account, uint32_t n, kam__align_area *area, uint32_t k, uint32_t extra,
                   kam_error *err);

/* ---------------------------------------------------------------- visit_book.c */

typedef struct kam__run_ops kam__run_ops;
extern const kam__run_ops kam__plan_run_ops;
/** The book's working calendar as of a day: all its CALENDAR_DAY records. End it with kam__calendar_free. */
int32_t kam__visit_calendar(kam__calendar *out, kam_book *b, int32_t as_of, kam_error *err);

#endif
