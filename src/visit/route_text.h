/*
 * visit/route_text.h - what the readers and writers of routing problems share.
 *
 *   route.c            the public handle
 *   route_build.c      from places and doubles to the engine's arrays
 *   route_cordeau.c    Cordeau's files     route_vrplib.c   VRPLIB files     route_json*.c  our own JSON
 *   route_write.c      plans as .res and JSON
 */
#ifndef KAM__ROUTE_TEXT_H
#define KAM__ROUTE_TEXT_H
#include <kam/route.h>
#include "../codec/codec.h"
#include "route.h"

enum { KAM__METRIC_EXACT, KAM__METRIC_TENTH, KAM__METRIC_WHOLE, KAM__METRIC_MATRIX };

/* As read: doubles in the input's unit; 0 = no limit. Places are numbers of x and y. */
typedef struct kam__rpoint { double x, y; } kam__rpoint;
typedef struct kam__rhours { uint64_t days; double open, close; } kam__rhours;
typedef struct kam__rpromise { int32_t day, vehicle; double open, close; } kam__rpromise;
typedef struct kam__rcustomer {
    const char *id;
    uint32_t place, nwindow, npattern, nlock;
    double service, demand, prize;
    kam__rhours *window;
    uint64_t *pattern, first, last;             /* first, last: days on which it must be that stop */
    double *pattern_price;                      /* NULL: patterns cost nothing */
    kam__rpromise *lock;
    uint32_t *vehicles;
    int same_vehicle;
} kam__rcustomer;
typedef struct kam__rvehicle {                  /* one a day and vehicle */
    uint32_t start, end;
    int off;
    double capacity, open, close, duration, driving, visits, pause_open, pause_close;
} kam__rvehicle;

struct kam_route {
    kam_ctx *ctx;
    kam__arena arena;
    kam_route_spent_fn spent;
    void *user;
    kam__route_engine *engine;
    kam__route_problem problem;
    int solved;

    uint32_t nplace, nday, nvehicle, ncustomer;
    kam__rpoint *place;
    kam__rcustomer *customer;
    kam__rvehicle *shift;                       /* nday * nvehicle */
    const char **vehicle;                       /* ids */
    const int64_t *cost, *time;                 /* matrices over places, if given */
    int metric;
    uint32_t per_depot;                         /* vehicles of a depot: .res has depots for days; 0: it has days */
    int64_t unit;                               /* of 1 of the input's distances */
};

/** Zeroed memory of the problem: NULL = out of memory. */
void *kam__rmake(kam_route *r, size_t n, size_t size);
/** The engine's problem of what was read. */
int32_t kam__rbuild(kam_route *r, kam_error *err);
/** Distance of two places as the input measures it. */
double kam__rdistance(const kam_route *r, uint32_t a, uint32_t b);
int32_t kam__rread_cordeau(kam_route *r, const char *text, size_t len, kam_error *err);
int32_t kam__rread_vrplib(kam_route *r, const char *text, size_t len, kam_error *err);
int32_t kam__rread_json(kam_route *r, const char *text, size_t len, kam_error *err);
int32_t kam__rwrite_res(kam_buf *out, const kam_route *r, kam_error *err);
int32_t kam__rwrite_json(kam_buf *out, const kam_route *r, kam_error *err);

/* JSON: the vehicles as read, and scratch. */
typedef struct kam__rjson {
    kam_route *r;
    const kam__json *root, **vehicle;
    int matrix;
    uint64_t *pattern;
    int64_t *off;
} kam__rjson;
int32_t kam__rj_number(double *out, const kam__json *object, const char *key, int may_be_negative, kam_error *err);
int32_t kam__rj_array(const kam__json **out, const kam__json *object, const char *key, kam_error *err);
int32_t kam__rj_whole(uint32_t *out, const kam__json *v, const char *key, int64_t from, int64_t to, kam_error *err);
uint64_t kam__rj_all_days(const kam__rjson *j);
int32_t kam__rj_days(const kam__rjson *j, uint64_t *out, const kam__json *list, kam_error *err);
int32_t kam__rj_place(kam__rjson *j, const kam__json *o, const char *row, const char *x, const char *y, uint32_t *out,
                      int *given, kam_error *err);
int32_t kam__rj_vehicle(const kam__rjson *j, uint32_t *out, const kam__json *v, kam_error *err);
/* route_json_rules.c */
int kam__rj_has_gaps(const kam__json *o);
int32_t kam__rj_gaps(kam__rjson *j, kam__rcustomer *c, const kam__json *o, uint64_t days, kam_error *err);
int32_t kam__rj_eligible(const kam__rjson *j, kam__rcustomer *c, const kam__json *o, kam_error *err);
int32_t kam__rj_breaks(const kam__rjson *j, uint32_t vehicle, const kam__json *o, kam_error *err);
int32_t kam__rj_nights(kam__rjson *j, uint32_t vehicle, const kam__json *o, kam_error *err);

/* Words of a text file, line by line. */
typedef struct kam__rwords { const char *text; size_t len, at, line, line_at, word_at, word_len; } kam__rwords;
/** The next word of this line: 0 = none is left. */
int kam__rword(kam__rwords *w);
/** Goes to the next line that has words: 0 = there is none. */
int kam__rline(kam__rwords *w);
/** Fails at the word read last. */
int32_t kam__rwords_fail(const kam__rwords *w, int32_t code, kam_error *err, const char *what);
/** The next word of this line as a finite number; `what` names it. */
int32_t kam__rnumber(kam__rwords *w, double *out, const char *what, kam_error *err);
/** As a whole number from .. to. */
int32_t kam__rwhole(kam__rwords *w, int64_t *out, int64_t from, int64_t to, const char *what, kam_error *err);

#endif
