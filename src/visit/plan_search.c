/*
 * visit/plan_search.c - shorter days: the routing engine chooses among the days a visit may lie on.
 *
 * A window of many days or visits is looked at in parts of at most 64 days, a second time with the borders elsewhere. A
 * day takes somewhat more visits than an even load, never more than its capacity. Visits that the hours leave no place
 * for are looked at a second time, with their late days.
 */
#include "plan.h"

#define PSEARCH_DAYS 64
#define PSEARCH_VISITS 1000                     /* visits of a part: the engine keeps a table of all ways */

typedef struct psearch {
    kam__plan *p; kam_error *err; size_t begin;
    int32_t *day, *cap; uint32_t nday;          /* days with room or visits */
} psearch;

void kam__plan_caps(const kam__plan *p, int32_t *cap)
{
    int64_t visits = 0, room = 0;
    for (int32_t d = 0; d < p->days; d++) {
        visits += p->load[0][d];
        room += p->room[0][d];
    }
    for (int32_t d = 0; d < p->days; d++) {         /* hours level by themselves, and need every place */
        int64_t even = p->hours.end > 0 ? p->room[0][d] : room ? (visits * p->room[0][d] + room - 1) / room : 0, most = even + 2 + even / 4;
        cap[d] = most < p->room[0][d] ? (int32_t)most : p->room[0][d];
    }
}

static int32_t psearch_open(psearch *s)
{
    kam__plan *p = s->p;
    s->day = kam__zalloc_n(p->ctx, 2 * (size_t)p->days, sizeof *s->day);
    if (!s->day) return kam__nomem(s->err);
    s->cap = s->day + p->days;
    kam__plan_caps(p, s->cap);
    for (int32_t d = 0; d < p->days; d++)
        if (p->room[0][d] > 0 || p->load[0][d] > 0) s->day[s->nday++] = d;
    return KAM_OK;
}

/* Days from `at` on that make a part. */
static uint32_t psearch_days(const psearch *s, uint32_t at, uint32_t most)
{
    uint32_t n = 0;
    int32_t visits = 0;
    for (; n < most && at + n < s->nday; n++) {
        visits += s->p->load[0][s->day[at + n]];
        if (n && visits > PSEARCH_VISITS) break;
    }
    return n;
}

static int32_t psearch_pass(psearch *s, uint32_t first)
{
    uint32_t missing = 0;
    for (uint32_t at = 0, n = first; at < s->nday; at += n, n = PSEARCH_DAYS) {
        n = psearch_days(s, at, n);
        const kam__plan_part part = {.day = s->day + at, .nday = n, .cap = s->cap, .begin = s->begin,
                                     .seed = s->p->seed + s->begin + at, .iterations = s->p->iterations};
        KAM__TRY(kam__plan_route(s->p, &part, &missing, s->err));
    }
    return KAM_OK;
}

int32_t kam__plan_search(kam__plan *p, size_t begin, kam_error *err)
{
    psearch s = {.p = p, .err = err, .begin = begin};
    int32_t rc = begin < p->n ? psearch_open(&s) : KAM_OK;
    if (rc == KAM_OK && p->hours.end > 0) kam__plan_apart(p, begin);
    if (rc == KAM_OK && s.nday) rc = psearch_pass(&s, PSEARCH_DAYS);
    int waits = 0;
    for (size_t i = begin; i < p->n && rc == KAM_OK; i++) waits |= p->item[i].day < 0 && p->item[i].code == KAM_UNPLANNED_HOURS;
    if (rc == KAM_OK && s.nday && (waits || psearch_days(&s, 0, PSEARCH_DAYS) < s.nday)) rc = psearch_pass(&s, PSEARCH_DAYS / 2);
    kam__free(p->ctx, s.day);
    return rc;
}
