/*
 * report/report.h - a book on one page: what the page shows, and the writers that make HTML of it.
 *
 * report_book*.c read a book into a kam__report: plain arrays, one row per account, grade change, planned contact.
 * figures.c decides over these arrays: who is shown, in which order, how many. page*.c and svg*.c write them.
 * Decisions are made on whole numbers, so that the same book gives the same bytes everywhere.
 *
 * What a page holds at most is fixed below; what is left out is said in its place, with its number. Texts of a book
 * come in through kam__html_text and kam__html_name only, which escape them; a style sheet whose hash stands in the
 * page's policy is the only thing a browser may run on.
 */
#ifndef KAM__REPORT_H
#define KAM__REPORT_H
#include "../base/base.h"
#include <kam/fields.h>

enum {
    KAM__REPORT_CARDS = 20,                 /* key accounts as cards; the next ones as a table */
    KAM__REPORT_KEYS = 100,                 /* key accounts, cards and table together */
    KAM__REPORT_CHANGES = 50,               /* rows of a table of grade changes, plan changes, unplanned contacts */
    KAM__REPORT_PROBLEMS = 12,              /* names under one problem */
    KAM__REPORT_REPS = 200,                 /* representatives in the table */
    KAM__REPORT_CALENDARS = 24,             /* and with a calendar of their own */
    KAM__REPORT_WEEKS = 6,                  /* of a calendar */
    KAM__REPORT_STOPS = 12,                 /* visits of one day, calls of one day */
    KAM__REPORT_NAME = 80,                  /* characters of a name, a city */
    KAM__REPORT_REASON = 400,               /* characters of a reason */
    KAM__REPORT_GRADES = 17,                /* grades told apart; [0] = none */
    KAM__REPORT_MONTHS = 24                 /* bars of revenue */
};

/* ---------------------------------------------------------------- words.c: every word of the page */

enum {
#define WORD(name, en, zh) KAM__W_##name,
#include "words.def"
#undef WORD
    KAM__WORDS
};
/** The word, in English or Chinese; {0} {1} {2} in it are places for figures. */
const char *kam__report_word(int zh, int word);
/** Label of a field or of an enum's value, from the schema; "" where there is none. */
const char *kam__report_item(int zh, const char *set, int64_t value);

/* ---------------------------------------------------------------- what is shown */

enum {                                      /* of kam__report_account.flags */
    KAM__ACC_VALUE = 1,                     /* has rows in the window */
    KAM__ACC_SCORE = 2,
    KAM__ACC_PLACE = 4,                     /* usable coordinates */
    KAM__ACC_KEY = 8,
    KAM__ACC_INVALID = 16,                  /* disqualified */
    KAM__ACC_TIER = 32,                     /* tier KEY */
    KAM__ACC_NO_COORDINATES = 64,           /* none at all; else they are impossible */
    KAM__ACC_BEFORE = 128                   /* has rows in the window before */
};
typedef struct kam__report_account {
    int64_t id, owner, next_rep;            /* owner 0 = none */
    int64_t revenue, contribution, before;  /* minor units; before: revenue of the window before */
    int64_t points, old_points;             /* 10^-4 */
    int32_t score_rank, missing;
    int32_t latitude, longitude;            /* degrees * 10^6 */
    int32_t last_day, next_day;             /* KAM_DAY_FIRST, KAM_DAY_END = none */
    int32_t overdue;                        /* days, -1 = nothing is due */
    uint8_t last_channel, next_channel, grade, old, flags;      /* grade, old: index, 0 = none */
    uint8_t due_channel, reserved[2];
} kam__report_account;

/* Texts of the accounts that are shown, found by id. NULL = none. */
typedef struct kam__report_text {
    int64_t id;
    const char *name, *city, *industry, *reason, *score_reason, *warnings;
} kam__report_text;

typedef struct kam__report_rep {
    int64_t id; const char *name; int active, home; int32_t home_latitude, home_longitude;  /* home: it has one */
    uint32_t visits, calls, days, unplanned, due, accounts;
    uint32_t first, n;                      /* entries of the plan */
    int64_t metres;
} kam__report_rep;

typedef struct kam__report_change {
    int64_t account; uint8_t old, now, by_hand; const char *measure, *cut, *reason;
} kam__report_change;

typedef struct kam__report_entry {
    int64_t account, representative;
    int64_t activity;                       /* 0 = the plan wrote none */
    int32_t day, order, channel, cause, what, overdue, due;
    int64_t metres;
    const char *name, *grade, *reason;
    int locked;
} kam__report_entry;

typedef struct kam__report_unplanned {
    int64_t account, representative; int32_t code, channel, due; const char *name, *grade, *reason;
} kam__report_unplanned;

typedef struct kam__report_move {           /* PLAN_CHANGE, but kept ones */
    int64_t account, representative; int32_t what, channel, old_day, day; const char *reason;
} kam__report_move;

typedef struct kam__report_off { int64_t representative; int32_t first, last, kind; const char *name; } kam__report_off;

/* A run or policy that the page stands on. id 0 = there is none. */
typedef struct kam__report_run {
    int64_t id, version, known; const char *name, *hash; int32_t as_of, from, to, effective; int64_t total;
} kam__report_run;

typedef struct kam__report_grade {
    const char *name, *label;               /* label: of the scheme in the page's language, NULL = none */
    uint32_t accounts; int64_t revenue, contribution;
} kam__report_grade;

/* What stored value runs say of all accounts (report_book_worth.c); n.. 0 = there is no such run. */
enum { KAM__WORTH_SINCE = 6, KAM__WORTH_TIMES = 7 };
typedef struct kam__report_worth {
    kam__report_run value, clv, past;       /* past: a lifetime value run that time has tried */
    uint32_t nrfm, rfm[5][5]; kam__sum rfm_revenue[5][5];           /* [recency score - 1][frequency score - 1] */
    uint32_t nalive, alive[KAM__WORTH_SINCE][KAM__WORTH_TIMES];
    int64_t alive_sum[KAM__WORTH_SINCE][KAM__WORTH_TIMES];      /* 10^-4 */
    uint32_t ntried;
    struct { int64_t accounts, expected, came; } tried[KAM__WORTH_TIMES];   /* expected: 10^-4 purchases */
} kam__report_worth;

/* The share of the largest k of n accounts, at up to 101 places. */
typedef struct kam__report_curve { uint32_t n, npoint, rank[101]; int64_t cum[101], total; } kam__report_curve;

typedef struct kam__report {
    kam_ctx *ctx; kam__arena arena; int zh;
    const char *title, *currency; uint32_t decimals;
    int32_t as_of, from, to; int64_t known;
    kam__report_run grading, scoring, plan;
    const char *scheme; int nominal;
    kam__report_account *account; uint32_t naccount; size_t account_cap; kam__imap at;      /* by id */
    kam__report_text *text; uint32_t ntext; size_t text_cap; kam__imap text_at;
    kam__report_rep *rep; uint32_t nrep; size_t rep_cap; kam__imap rep_at;
    kam__report_grade grade[KAM__REPORT_GRADES]; uint32_t ngrade;          /* [0] = no grade; then best first */
    kam__report_change *change; uint32_t nchange; size_t change_cap;
    kam__report_entry *entry; uint32_t nentry; size_t entry_cap;
    kam__report_unplanned *unplanned; uint32_t nunplanned; size_t unplanned_cap;
    kam__report_move *move; uint32_t nmove; size_t move_cap; uint32_t moved[5];   /* of each KAM_PLAN_ what */
    kam__report_off *off; uint32_t noff; size_t off_cap;
    /* figures: of the value run, then of figures.c */
    int64_t revenue, contribution, before, loss; int has_before; double gini, top20;
    uint32_t buyers, ndue, noverdue, unprofitable; int due_known; const char *cadence, *due_why;
    struct { int32_t day; int64_t revenue; } month[KAM__REPORT_MONTHS]; uint32_t nmonth;
    uint32_t nkey, *key;                    /* accounts, in the order they are shown; all of them */
    int key_how;                            /* KAM__KEY_ */
    uint32_t flow[KAM__REPORT_GRADES][KAM__REPORT_GRADES];
    uint32_t firsts, better, worse, others; /* of the grade changes */
    kam__report_curve curve;                /* revenue, largest first, of accounts with positive revenue */
    kam__report_curve profit;               /* contribution, largest first, of all with rows */
    uint32_t reach80;
    kam__report_worth worth;
} kam__report;

enum { KAM__KEY_TIER = 1, KAM__KEY_GRADE = 2, KAM__KEY_SCORE = 3, KAM__KEY_REVENUE = 4 };

/* ---------------------------------------------------------------- figures.c: decisions over the arrays */

void kam__report_init(kam__report *r, kam_ctx *ctx, int zh);
void kam__report_free(kam__report *r);
/** Are these coordinates (degrees * 10^6) a place? Not the 0/0 that stands for "nothing" in many systems. */
int kam__report_place(int64_t latitude, int64_t longitude);
/** A copy in the report's arena; NULL stays NULL. */
int32_t kam__report_keep(const char **out, kam__report *r, const char *text, size_t len, kam_error *err);
kam__report_account *kam__report_account_of(const kam__report *r, int64_t id);          /* NULL = not there */
const kam__report_text *kam__report_text_of(const kam__report *r, int64_t id);          /* NULL = not read */
kam__report_rep *kam__report_rep_of(const kam__report *r, int64_t id);
/** Index of a grade, new ones added behind the others; 0 for "" and when there is no more place. */
int32_t kam__report_grade_of(uint8_t *out, kam__report *r, const char *name, size_t len, kam_error *err);
/** Everything below "figures": after the accounts are read, before their texts. */
int32_t kam__report_figures(kam__report *r, kam_error *err);
/** Revenue of the best month. */
int64_t kam__report_high_month(const kam__report *r);
/** Order of the plan's entries and what each representative has to do. */
int32_t kam__report_plan_figures(kam__report *r, kam_error *err);
/** The first and the last day of the calendars: whole weeks; 0 = no entries. */
uint32_t kam__report_weeks(const kam__report *r, int32_t *monday);

/* Problems of the data: who has one. */
enum { KAM__BAD_OWNER, KAM__BAD_REP, KAM__BAD_PLACE, KAM__BAD_NO_PLACE, KAM__BAD_LOSS, KAM__BAD_SILENT, KAM__BAD_KINDS
};
/** Does account a have problem `kind`? */
int kam__report_bad(const kam__report *r, const kam__report_account *a, int kind);
/** The first accounts with a problem (at most KAM__REPORT_PROBLEMS, most revenue first), and how many have it. */
uint32_t kam__report_bad_list(const kam__report *r, int kind, uint32_t shown[KAM__REPORT_PROBLEMS], uint32_t *nshown);

/* ---------------------------------------------------------------- html.c: text, numbers */

/** Text inside an element or a quoted attribute. Control characters become U+FFFD, line ends spaces; marks that turn
 *  the direction of what follows are left out. At most `most` characters, then "…"; 0 = all. */
void kam__html_text(kam_buf *out, const char *text, uint32_t most);
/** The same, kept apart from the text around it in direction: <bdi>. NULL: "–". */
void kam__html_name(kam_buf *out, const char *text);
/** A phrase; the figures are escaped. */
void kam__html_say(kam_buf *out, const kam__report *r, int word, const char *a, const char *b, const char *c);
void kam__html_word(kam_buf *out, const kam__report *r, int word);
/** Numbers into `text`, which is returned: grouped; money in whole units; short ("12.3 M", "1,234.5 万"); per cent
 *  with one decimal of a / b ("–" where b is not above 0); the change from b to a ("+3.1 %"). */
typedef struct kam__num { char text[64]; } kam__num;
const char *kam__num_count(kam__num *n, int64_t v);
const char *kam__num_money(kam__num *n, const kam__report *r, int64_t minor);
const char *kam__num_short(kam__num *n, const kam__report *r, int64_t minor);
/** The unit in which an amount as large as `high` is short, and an amount in that unit, without its name. */
const char *kam__num_unit(const kam__report *r, int64_t high, uint32_t *digits);
const char *kam__num_in_unit(kam__num *n, const kam__report *r, int64_t minor, int64_t high);
const char *kam__num_percent(kam__num *n, const kam__report *r, int64_t a, int64_t b);
const char *kam__num_growth(kam__num *n, const kam__report *r, int64_t now, int64_t before);
const char *kam__num_share(kam__num *n, const kam__report *r, double share);            /* 0.5 -> 50.0 % */
const char *kam__num_points(kam__num *n, int64_t points);
const char *kam__num_year(kam__num *n, int32_t year);
const char *kam__num_km(kam__num *n, int64_t metres);
const char *kam__num_day(kam__num *n, int32_t day);                                     /* "–" where there is none */
const char *kam__num_weekday(kam__num *n, const kam__report *r, int32_t day); /* "Mon 1 Jun", "6月1日 周一" */
/** A badge of a grade; index 0 = none. */
void kam__html_grade(kam_buf *out, const kam__report *r, uint32_t grade);
/** "… and N more", as a line under a list; nothing for 0. */
void kam__html_more(kam_buf *out, const kam__report *r, uint32_t left);
/** Name of an account, or "#id" where it was not read. */
void kam__html_account(kam_buf *out, const kam__report *r, int64_t id);
void kam__html_rep(kam_buf *out, const kam__report *r, int64_t id);

/* ---------------------------------------------------------------- style.c */

/** The style sheet, and "sha256-..." of it in base64, as a content security policy wants it. */
extern const char *const kam__report_style[];
void kam__report_style_hash(char out[64]);

/* ---------------------------------------------------------------- svg.c, svg_flow.c, svg_map.c: charts */

void kam__svg_pareto(kam_buf *out, const kam__report *r);
void kam__svg_lorenz(kam_buf *out, const kam__report *r);
void kam__svg_profit(kam_buf *out, const kam__report *r);
void kam__svg_months(kam_buf *out, const kam__report *r);
void kam__svg_grades(kam_buf *out, const kam__report *r);
void kam__svg_flow(kam_buf *out, const kam__report *r);
/* svg_worth.c: scores, who still buys, what was expected and what came; and the labels of their axes. */
void kam__svg_rfm(kam_buf *out, const kam__report *r);
void kam__svg_alive(kam_buf *out, const kam__report *r);
void kam__svg_tried(kam_buf *out, const kam__report *r);
const char *kam__worth_times(uint32_t i);
const char *kam__worth_since(const kam__report *r, uint32_t i);
/** The visits of one day as on a map: entries [first, first + n) of the plan. Nothing where none has a place. The way
 *  begins at the representative's home where the plan counts the distance from there. `rep` may be NULL. */
void kam__svg_map(kam_buf *out, const kam__report *r, const kam__report_rep *rep, uint32_t first, uint32_t n);

/* ---------------------------------------------------------------- page*.c: sections */

void kam__page_begin(kam_buf *out, const kam__report *r);
void kam__page_summary(kam_buf *out, const kam__report *r);
void kam__page_spread(kam_buf *out, const kam__report *r);
int kam__page_has_worth(const kam__report *r);
void kam__page_worth(kam_buf *out, const kam__report *r);
void kam__page_grades(kam_buf *out, const kam__report *r);
void kam__page_accounts(kam_buf *out, const kam__report *r);
void kam__page_plan(kam_buf *out, const kam__report *r);
void kam__page_unplanned(kam_buf *out, const kam__report *r);
void kam__page_problems(kam_buf *out, const kam__report *r);
void kam__page_end(kam_buf *out, const kam__report *r);
/* What the sections share: a section's beginning, a line for what is not there, a table behind a chart (its head is
 * `word`, the last `right` columns are figures). */
void kam__page_section(kam_buf *out, const kam__report *r, const char *id, int word);
void kam__page_none(kam_buf *out, const kam__report *r, int word);
void kam__page_table_open(kam_buf *out, const kam__report *r);
void kam__page_table_close(kam_buf *out);
void kam__page_head_row(kam_buf *out, const kam__report *r, const int *word, size_t n, uint32_t right);
void kam__page_by_grade(kam_buf *out, const kam__report *r);
/** All of it. */
int32_t kam__page(kam_buf *out, const kam__report *r, kam_error *err);

#endif
