/*
 * visit/visit_book_open.c - when an account can be visited: its OPENING records as hours of each day of a window.
 *
 * Of a day count the openings of its weekday whose dates hold it; special hours (OPEN with dates) stand in place of the usual
 * ones, busy and closed hours are cut out of both. Where nothing has dates and the account's clocks are the book's, a week
 * says it all; else each day of the window is told by itself, moved by what the clocks differ at its noon.
 */
#include "../store/store.h"
#include "visit_book.h"

#define OPEN_NOON ((int64_t)43200000)

static size_t open_first(const kam__check *c, int64_t account)
{
    size_t low = 0, high = c->nopening;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->opening[mid].account < account) low = mid + 1;
        else high = mid;
    }
    return low;
}

const kam__check_opening *kam__check_openings(const kam__check *c, int64_t account, size_t *n)
{
    size_t first = open_first(c, account), end = first;
    while (end < c->nopening && c->opening[end].account == account) end++;
    *n = end - first;
    return *n ? c->opening + first : NULL;
}

int kam__check_dated(const kam__check_opening *o)
{
    return o->first > INT32_MIN || o->last < INT32_MAX;
}

int kam__check_holds(const kam__check_opening *o, int32_t day)
{
    return (!o->weekday || o->weekday == kam__weekday(day)) && day >= o->first && day <= o->last;
}

int kam__check_usual(const kam__check_opening *o, size_t n, int32_t day)
{
    for (size_t i = 0; i < n; i++)
        if (o[i].kind == KAM_OPENING_OPEN && kam__check_dated(&o[i]) && kam__check_holds(&o[i], day)) return 0;
    return 1;
}

static int open_all_day(const kam__check_opening *o)
{
    return o->kind == KAM_OPENING_CLOSED && o->from <= 0 && o->to >= KAM__DAY_MINUTES;
}

uint8_t kam__check_closed(const kam__check *c, int64_t account)
{
    size_t n = 0;
    const kam__check_opening *o = kam__check_openings(c, account, &n);
    uint8_t days = 0;
    for (int32_t d = 0; d < 7; d++)
        for (size_t i = 0; i < n; i++)
            if (open_all_day(&o[i]) && !kam__check_dated(&o[i]) && kam__check_holds(&o[i], KAM__WEEK_EPOCH + d)) days |= (uint8_t)(1u << d);
    return days;
}

int kam__check_shut(uint8_t *shut, const kam__check *c, int64_t account, int32_t from, int32_t days)
{
    size_t n = 0;
    const kam__check_opening *o = kam__check_openings(c, account, &n);
    int some = 0;
    for (size_t i = 0; i < n; i++)
        for (int32_t d = 0; d < days && open_all_day(&o[i]) && kam__check_dated(&o[i]); d++) {
            if (!kam__check_holds(&o[i], from + d)) continue;
            some = 1;
            if (shut) shut[d] = 1;
        }
    return some;
}

/* ---------------------------------------------------------------- clocks */

int kam__check_zone_unknown(const kam__check *c, int64_t account)
{
    uint32_t at = 0;
    return kam__imap_get(&c->zone_of, account, &at) && c->zone[at].unknown;
}

int32_t kam__check_ahead(int32_t *minutes, const kam__check *c, int64_t account, int32_t day)
{
    int32_t theirs = 0, ours = 0;
    uint32_t at = 0;
    *minutes = 0;
    if (!kam__imap_get(&c->zone_of, account, &at) || c->zone[at].unknown) return KAM_OK;
    int64_t noon = (int64_t)day * 86400000 + OPEN_NOON;
    KAM__TRY(kam__zone_offset(c->b->ctx, c->zone[at].name, noon, &theirs, c->err));
    KAM__TRY(kam__zone_offset(c->b->ctx, c->b->zone, noon, &ours, c->err));
    *minutes = theirs - ours;
    return KAM_OK;
}

/* ---------------------------------------------------------------- hours */

typedef struct open_job { const kam__check *c; const kam__check_opening *o; size_t n; kam__plan_openings *out; } open_job;

static int32_t open_put(open_job *j, const kam__plan_open *w)
{
    kam__plan_openings *l = j->out;
    KAM__TRY(kam__grow(j->c->b->ctx, &l->open, &l->cap, l->n + 1, sizeof *w, j->c->err));
    l->open[l->n++] = *w;
    return KAM_OK;
}

/* What is left of [from, to) behind every busy and closed hour. */
static int32_t open_free(open_job *j, int32_t day, kam__plan_open w)
{
    for (size_t i = 0; i < j->n; i++) {
        const kam__check_opening *o = &j->o[i];
        if (!kam__check_holds(o, day) || (o->kind != KAM_OPENING_BUSY && o->kind != KAM_OPENING_CLOSED)) continue;
        if (o->from >= w.to || o->to <= w.from) continue;
        kam__plan_open before = w;
        before.to = o->from;
        if (before.from < before.to) KAM__TRY(open_free(j, day, before));
        w.from = o->to;
        if (w.from >= w.to) return KAM_OK;
    }
    return open_put(j, &w);
}

static int32_t open_day(open_job *j, int32_t day, int32_t first, int32_t last)
{
    int said = 0, usual = kam__check_usual(j->o, j->n, day);
    kam__plan_open w = {kam__weekday(day), 0, KAM__DAY_MINUTES, first, last};
    for (size_t i = 0; i < j->n; i++) {
        const kam__check_opening *o = &j->o[i];
        if (o->kind != KAM_OPENING_OPEN || !kam__check_holds(o, day) || kam__check_dated(o) == usual) continue;
        said = 1;
        w.from = o->from;
        w.to = o->to;
        KAM__TRY(open_free(j, day, w));
    }
    return said ? KAM_OK : open_free(j, day, w);
}

/* A day of theirs, as much of it as lies in a day of ours. */
static int32_t open_moved(open_job *j, int32_t theirs, int32_t ours, int32_t ahead)
{
    kam__plan_openings *l = j->out;
    size_t k = l->n, n = k;
    int32_t move = (theirs - ours) * KAM__DAY_MINUTES - ahead;
    KAM__TRY(open_day(j, theirs, ours, ours));
    for (size_t i = k; i < l->n; i++) {
        kam__plan_open w = l->open[i];
        w.weekday = kam__weekday(ours);
        w.from = w.from + move > 0 ? w.from + move : 0;
        w.to = w.to + move < KAM__DAY_MINUTES ? w.to + move : KAM__DAY_MINUTES;
        if (w.from < w.to) l->open[n++] = w;
    }
    l->n = n;
    return KAM_OK;
}

static int32_t open_dates(open_job *j, int64_t account, int32_t from, int32_t days)
{
    for (int32_t day = from; day < from + days; day++) {
        int32_t ahead = 0;
        KAM__TRY(kam__check_ahead(&ahead, j->c, account, day));
        if (!ahead) KAM__TRY(open_day(j, day, day, day));
        for (int32_t theirs = day - 1; theirs <= day + 1 && ahead; theirs++) KAM__TRY(open_moved(j, theirs, day, ahead));
    }
    return KAM_OK;
}

int32_t kam__check_open(uint8_t *hours, kam__plan_openings *out, const kam__check *c, int64_t account, int32_t from, int32_t days)
{
    open_job j = {.c = c, .out = out};
    uint32_t at = 0;
    int dated = kam__imap_get(&c->zone_of, account, &at);
    j.o = kam__check_openings(c, account, &j.n);
    *hours = 0;
    for (size_t i = 0; i < j.n; i++) {
        *hours |= j.o[i].kind != KAM_OPENING_PREFERRED;
        dated |= kam__check_dated(&j.o[i]);
    }
    if (!*hours) return KAM_OK;
    if (dated) return open_dates(&j, account, from, days);
    for (int32_t d = 0; d < 7; d++) KAM__TRY(open_day(&j, KAM__WEEK_EPOCH + d, INT32_MIN, INT32_MAX));
    return KAM_OK;
}
