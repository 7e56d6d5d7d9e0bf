/*
 * visit/visit_book.h - what the visit_book*.c files share. They include store/store.h first: no header above store may.
 */
#ifndef KAM__VISIT_BOOK_H
#define KAM__VISIT_BOOK_H
#include "plan.h"
#include <kam/visit.h>

/* ---------------------------------------------------------------- visit_book_read.c: contacts as a day sees them */

/* Somebody has a role the cadence asks for, from `from` to before `to`. */
typedef struct kam__due_post { int64_t account, contact; int32_t from, to; const char *role; } kam__due_post;
typedef struct kam__due_open { kam__due item; int64_t follows; int answered; } kam__due_open;

/* A rule whose condition cannot tell of an account (a number in `account`): it does not count. */
typedef struct kam__due_unsure { uint32_t account; const kam__cadence_rule *rule; } kam__due_unsure;

typedef struct kam__due_job {
    kam_book *b; kam_error *err;
    int32_t as_of, day;                         /* as given (may be KAM_TODAY), as a day */
    int32_t until;                              /* follow-ups due later are left out */
    int64_t only;                               /* the list's representative, 0 = all */
    uint64_t done;                              /* rows read, for the host's progress */
    kam__policy policy; kam__cadence cadence; kam__calendar calendar;
    kam__imap state_of, owner_of, account_of, follows; int64_t *state, *owner;
    kam__due_account *account; size_t naccount, account_cap;
    kam__tmap grade_of; const char **grade; uint32_t *set; size_t ngrade, grade_cap, set_cap;
    int32_t *last;                              /* [account * max_rules + rule] */
    kam__due_post *post; size_t npost, post_cap;
    kam__due_open *open; size_t nopen, open_cap;
    kam__cadence_own *own; size_t nown, own_cap;    /* by account, channel */
    kam__due_unsure *unsure; size_t nunsure, unsure_cap;
    kam__due_list list;
} kam__due_job;

/** Reads all of it; b, err, as_of, day and until are set before. Ended by kam__due_job_free, after a success only. */
int32_t kam__due_job_load(kam__due_job *j, const char *cadence);
void kam__due_job_free(kam__due_job *j);
/* visit_book_when.c */
/** Accounts of which a rule's condition is not true get a set without it. */
int32_t kam__due_load_when(kam__due_job *j);
/** Reasons: the conditions of the rules of an account's grade, as they were on the run's day. */
int32_t kam__plan_why_when(kam_why *why, kam_run *run, int64_t account, kam_error *err);
/** 1: accounts of this grade go to a substitute when their owner is absent: the cadence's first one (R182). */
int kam__due_covered(const kam__due_job *j, uint32_t grade);
/** DUE rows of j->list, with the accounts' names (visit_book.c). */
int32_t kam__due_rows(kam_rows **out, kam__due_job *j);
/** Loads a job of the standard cadence for a day, inside its own read transaction, and calls fn. */
typedef int32_t (*kam__due_fn)(kam_rows **out, kam__due_job *j, void *user);
int32_t kam__due_with(kam_rows **out, kam_book *book, const char *cadence, int32_t as_of, kam__due_fn fn, void *user,
                      kam_error *err);

/* ---------------------------------------------------------------- visit_book_check*.c, visit_book_open.c: against a planned contact */

/* weekday 0: every day; first, last: INT32_MIN, INT32_MAX where there are none. */
typedef struct kam__check_opening { int64_t account; int32_t weekday, from, to, kind, first, last; } kam__check_opening;
typedef struct kam__check_zone { char *name; int unknown; } kam__check_zone;
typedef struct kam__check_decider { int64_t account, contact; } kam__check_decider;
typedef struct kam__check {
    kam_book *b; kam_error *err; int64_t account; int32_t as_of;       /* account 0: of all */
    kam__check_opening *opening; size_t nopening, opening_cap;
    kam__check_decider *decider; size_t ndecider, decider_cap;
    kam__imap rank_of, tier_of, channel_of, zone_of; int64_t *tier;
    kam__check_zone *zone; uint32_t nzone; size_t zone_cap;    /* of accounts that have one */
} kam__check;
/* start: minute of the day, -1 = not said. */
typedef struct kam__check_case {
    int64_t activity, account, representative, contact;
    int32_t channel, direction, day, start, duration, purpose;
    const char *role;
} kam__check_case;
typedef int32_t (*kam__check_fn)(void *user, const kam__check_case *k, const char *field, const char *code);
/* visit_book_check_read.c */
/** Reads what judging needs, inside a read transaction. Ended by kam__check_free. */
int32_t kam__check_load(kam__check *c, kam_book *b, int64_t account, int32_t as_of, kam_error *err);
void kam__check_free(kam__check *c);
/** 1: the role is one of those who decide. */
int kam__check_decides(const char *role, size_t len);

/* visit_book_open.c */
/** Openings of one account; NULL: none. */
const kam__check_opening *kam__check_openings(const kam__check *c, int64_t account, size_t *n);
/** 1: the opening has dates; counts on this day of the account; the day has no special hours, that is openings with dates. */
int kam__check_dated(const kam__check_opening *o);
int kam__check_holds(const kam__check_opening *o, int32_t day);
int kam__check_usual(const kam__check_opening *o, size_t n, int32_t day);
/** Weekdays an account is closed all day, whatever the date; bit 0 = Monday. */
uint8_t kam__check_closed(const kam__check *c, int64_t account);
/** Sets the days of a window on which an account is closed by date; shut may be NULL. 1: there are some. */
int kam__check_shut(uint8_t *shut, const kam__check *c, int64_t account, int32_t from, int32_t days);
/** Minutes the account's clocks are ahead of the book's at noon of a day, by the host's rules; 0 where its zone is not known. */
int32_t kam__check_ahead(int32_t *minutes, const kam__check *c, int64_t account, int32_t day);
int kam__check_zone_unknown(const kam__check *c, int64_t account);
typedef struct kam__plan_openings { kam__plan_open *open; size_t n, cap; } kam__plan_openings;
/** Adds when an account can be visited (open, not busy, not closed) on the days of a window, by the book's clocks; *hours: 0 =
 *  nothing is said of it. */
int32_t kam__check_open(uint8_t *hours, kam__plan_openings *out, const kam__check *c, int64_t account, int32_t from, int32_t days);

/* visit_book_check.c */
/** Rank a visitor of account number `at` must have (0 = any), and the rank somebody has. */
int32_t kam__check_rank(const kam__check *c, const kam__due_job *j, uint32_t at);
int32_t kam__check_rank_of(const kam__check *c, int64_t representative);
/** Calls fn for each objection, its message in `text`, which fn clears. whole: what is not said counts as missing. */
int32_t kam__check_one(const kam__check *c, const kam__due_job *j, const kam__check_case *k, int whole,
                       struct kam_buf *text, kam__check_fn fn, void *user);

/* ---------------------------------------------------------------- visit_book_plan*.c */

/* What was asked for; representative: ascending, none = all. */
typedef struct kam__plan_asked {
    int32_t from, days, frozen, visits, calls, pays;
    uint64_t seed, iterations;
    const char *cadence;
    const int64_t *representative; size_t nrepresentative;
    int from_given;
    kam__plan_hours hours;
} kam__plan_asked;

typedef struct kam__plan_rep {
    int64_t id; const char *name;
    int32_t visits, rank, home_lat, home_lon, day_begin, day_end, pause_begin, pause_end; int home, active;
} kam__plan_rep;
typedef struct kam__plan_place {
    const char *name; int32_t lat, lon, rank;
    uint32_t open, nopen;                       /* its part of the job's openings */
    uint8_t located, given, closed, hours;
    uint8_t *shut;                              /* days of the window it is closed by date; NULL = none */
} kam__plan_place;
typedef struct kam__plan_absence { int64_t representative, substitute; int32_t first, last; } kam__plan_absence;
/* A planned ACTIVITY as one representative sees it: whose plan, which account of the book. */
typedef struct kam__plan_link { int64_t representative; uint32_t account; kam__planned k; } kam__plan_link;
/* A planned ACTIVITY that nobody's plan takes over. */
typedef struct kam__plan_drop { int64_t id, account, representative; int32_t day, channel; uint8_t reason; } kam__plan_drop;

typedef struct kam__plan_job {
    kam__due_job due; kam__plan_asked asked;
    kam__plan_rep *rep; size_t nrep, rep_cap; kam__imap rep_of;
    kam__plan_place *place; int32_t *rank;      /* of the accounts, of the grades of `due` */
    uint32_t *order;                            /* accounts by owner, id */
    kam__plan_absence *absence; size_t nabsence, absence_cap;
    kam__plan_link *link; size_t nlink, link_cap;
    kam__plan_openings open;
    kam__plan_drop *drop; size_t ndrop, drop_cap;
    kam__check check;
    kam__check_case *seen; size_t nseen, seen_cap;      /* planned contacts of the window */
    kam__imap open_of;                          /* activity -> number in due.open */
} kam__plan_job;

/* visit_book_plan_read.c */
/** Reads what a plan needs, inside a read transaction; due.b, err, as_of, day and asked are set before. */
int32_t kam__plan_job_load(kam__plan_job *j);
void kam__plan_job_free(kam__plan_job *j);
/** 1: the representative is planned for: asked for, or everybody is. */
int kam__plan_asks(const kam__plan_job *j, int64_t representative);
void kam__plan_hash(char hex[65], const kam__plan_job *j);
/** Who goes first, 0 = before all: by the cadence's priority, then by the grade. */
int32_t kam__plan_rank(const kam__plan_job *j, const kam__due_account *account);
/** The first absence in the window with a substitute who stands in for this account's owner; NULL = none (R182). */
const kam__plan_absence *kam__plan_away(const kam__plan_job *j, uint32_t account);
/** With hours: a representative's own ones, where they are some, in place of those asked for. */
void kam__plan_own_hours(kam__plan_hours *h, const kam__plan_rep *rep);
/** Number of the first account of an owner in `order`, and how many there are. */
size_t kam__plan_owned(const kam__plan_job *j, int64_t representative, size_t *first);

/* visit_book_plan.c: the engine's question for one representative, whose plan and memory the caller ends. */
typedef struct kam__plan_input { kam__plan_account *account; kam__planned *planned; uint8_t *absent; uint32_t *own; kam__plan p; } kam__plan_input;
int32_t kam__plan_prepare(kam__plan_job *j, kam__plan_input *in, const kam__plan_rep *rep, int nobody);
void kam__plan_input_free(kam__plan_input *in);
/** Reads what a plan needs in one transaction and calls fn, which makes rows of it. */
typedef int32_t (*kam__plan_fn)(kam_rows **out, kam__plan_job *j, void *user);
int32_t kam__plan_with(kam_rows **out, kam_visit_plan *plan, int32_t as_of, kam__plan_fn fn, void *user, kam_error *err);
/** The plan's book, and what was asked. */
kam_book *kam__plan_book(const kam_visit_plan *plan, kam__plan_asked *asked);

/* visit_book_plan_rows.c */
typedef struct kam__plan_lists {
    kam__plan_job *j;
    struct kam__rowset *entries, *unplanned, *changes, *problems;
    struct kam_buf text;
    int64_t visits, calls, other, followups, metres, days, what[5];     /* what: by KAM_PLAN_WHAT_ */
    kam__imap seen; size_t accounts;
} kam__plan_lists;
int32_t kam__plan_lists_open(kam__plan_lists *l, kam__plan_job *j);
void kam__plan_lists_close(kam__plan_lists *l);
/** The rows of one representative's plan. code: instead of the engine's for all that is not planned; 0 = the engine's. */
int32_t kam__plan_rows(kam__plan_lists *l, const kam__plan_rep *rep, const kam__plan *p, uint8_t code);
int32_t kam__plan_drop_row(kam__plan_lists *l, const kam__plan_drop *d);
/** {"visits":...}: what a run says of all. */
int32_t kam__plan_record(kam_record *run, kam__plan_lists *l);

/* visit_book_plan_problems.c */
int32_t kam__plan_problems(kam__plan_lists *l);
/** The problem that a contact which must be is not planned. code: KAM_UNPLANNED_ */
int32_t kam__plan_missed(kam__plan_lists *l, int64_t account, const char *name, const char *rule, int32_t due, int32_t code);
/** The same of all such rows of a stored plan. */
int32_t kam__plan_missed_again(kam__plan_lists *l, kam_run *run);

/* visit_book_plan_apply.c, visit_book_plan_why.c */
int32_t kam__plan_apply(kam_run *run, kam_error *err);
/** visit_book_plan_undo.c: a run of kind PLAN with UNDOES set, whose changes are the reverse ones. */
int32_t kam__plan_undo(kam_run **out, kam_run *stored, kam_error *err);
int32_t kam__plan_load(struct kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err);
/** Row i of a list. */
int32_t kam__plan_get(kam_record *r, const struct kam__rowset *s, uint64_t i, kam_error *err);
int32_t kam__plan_why(kam_why **out, kam_run *run, int64_t id, kam_error *err);

#endif
