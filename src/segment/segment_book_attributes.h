/*
 * segment/segment_book_attributes.h - the reading of attributes, for the two files that make it. They include
 * store/store.h first.
 */
#ifndef KAM__SEGMENT_BOOK_ATTRIBUTES_H
#define KAM__SEGMENT_BOOK_ATTRIBUTES_H
#include "../value/value_book.h"
#include "segment_book_score.h"

typedef struct kam__attr_trend kam__attr_trend;

/* What passes over other kinds found out about an account. */
typedef struct kam__attr_side {
    int64_t owner;
    int32_t tier, lifecycle, first, last, last_visit, grade_from;       /* days: KAM_DAY_FIRST = never */
    uint32_t visits, calls, complaints, contacts, grade, cell;          /* grade, cell: number + 1 of its text */
    uint8_t decider, has_clv;
    char rfm[3];                                                        /* digits; '\0' = none */
    int32_t alive;                                                      /* 10^-4, + 1; 0 = not known */
    int64_t clv; uint32_t clv_currency;                                 /* of twelve months */
} kam__attr_side;

typedef struct kam__attr_pair { int64_t account, contact; } kam__attr_pair;
typedef struct kam__attr_column { uint32_t field, cell; } kam__attr_column;      /* of ACCOUNT; where it goes, UINT32_MAX = helps only */
typedef struct kam__attr_reading {
    kam_book *b; kam_ctx *ctx; const kam__attributes_ask *ask; kam_error *err;
    const kam__kind *kind;                  /* ATTRIBUTES of this book */
    int32_t day, end, year, before;         /* as_of; the day after it; where the last 12 months begin, and those before */
    kam__keys keys; kam__attr_side *side; size_t cap;
    kam__attr_trend *trend;                 /* NULL = not asked for */
    struct { int32_t clv, value; char model[24]; } from;        /* the runs that attributes are from: days, and its model */
    kam__ledger *now, *then; int64_t all;   /* twelve months, those before; revenue of all accounts */
    kam__tmap grade_of; kam__arena texts; const char **grade; size_t ngrade, grade_cap;     /* and names of cells */
    kam__attr_pair *pair; size_t npair, pair_cap;
    kam__rates rates; uint32_t base;
    kam__links links;                       /* codes count for other accounts (R177) */
    kam__attr_column *column; uint32_t ncolumn; int money;
    kam_record *r; int64_t last_id; uint64_t done;
    kam__attributes_fn fn; void *user;
} kam__attr_reading;

/** 1: the attribute is asked for. */
int kam__attr_wants(const kam__attr_reading *a, uint32_t field);
/** Passes over ledger, activities, contacts, facts and grades, of what is asked for: fills side, now, then, all. */
int32_t kam__attr_passes(kam__attr_reading *a);
/** Of what is asked for, what the runs applied last say (segment_book_attributes_run.c). */
int32_t kam__attr_runs(kam__attr_reading *a);
/* segment_book_attributes_trend.c: revenue month by month, if the trend is asked for. */
int32_t kam__attr_trend_new(kam__attr_reading *a);
void kam__attr_trend_free(kam__attr_trend *t);
int32_t kam__attr_trend_feed(kam__attr_trend *t, const kam__ledger_rows *rows, kam_error *err);
/** 1 and the slope, in 10^-4 of the mean a month; 0 = it has none. */
int kam__attr_trend_of(const kam__attr_trend *t, int64_t account, int64_t *out);
/** The number + 1 of a text in a->grade, which gets it if it is new. */
int32_t kam__attr_text(uint32_t *out, kam__attr_reading *a, const char *text, size_t len);
/** The entry of an account; NULL = out of memory. */
kam__attr_side *kam__attr_side_of(kam__attr_reading *a, int64_t account);

#endif
