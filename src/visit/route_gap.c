/*
 * route_gap.c - the routing engine: patterns out of gaps between visits.
 *
 * Days are chosen one after the other, earliest first, each within the least and the most days behind the one before;
 * a stack of days takes the last choice back when it leads no further.
 */
#include "route.h"

#define GAP_STEPS 4000000u                     /* choices tried, before there are too many */

typedef struct gap_walk {
    const kam__route_gaps *g;
    uint32_t day[KAM__ROUTE_DAYS], n;           /* chosen, from 1 */
    uint64_t *pattern;
    int64_t *price;
    uint32_t room, made, steps;
} gap_walk;

static int gap_overdue(const kam__route_gaps *g) { return g->knows_last && g->most && g->last + (int64_t)g->most < 1; }

/* Days from .. to on which the next visit may be. */
static void gap_range(const gap_walk *w, int64_t *from, int64_t *to) {
    const kam__route_gaps *g = w->g;
    int64_t before = w->n ? (int64_t)w->day[w->n - 1] : g->last, least = g->least ? g->least : 1;
    *from = 1;
    *to = g->nday - (g->visits ? (int64_t)(g->visits - 1 - w->n) * least : 0);
    if (!w->n && (!g->knows_last || gap_overdue(g))) {
        if (!g->knows_last && g->most && !g->visits && *to > g->most) *to = g->most;
        return;
    }
    if (before + least > *from) *from = before + least;
    if (g->most && before + (int64_t)g->most < *to) *to = before + (int64_t)g->most;
}

static int gap_complete(const gap_walk *w) {
    const kam__route_gaps *g = w->g;
    if (g->visits) return w->n == g->visits;
    return w->n && (!g->most || (int64_t)g->nday + 1 - w->day[w->n - 1] <= (int64_t)g->most);
}

static int64_t gap_price(const gap_walk *w) {
    const kam__route_gaps *g = w->g;
    int64_t off = 0, before = g->last;
    if (!g->target) return 0;
    for (uint32_t i = 0; i < w->n; before = w->day[i++]) {
        int64_t gap = (int64_t)w->day[i] - before - (int64_t)g->target;
        if (!i && !g->knows_last) continue;
        if (!i && gap_overdue(g)) gap = (int64_t)w->day[0] - 1;
        off += gap < 0 ? -gap : gap;
    }
    return off * g->price;
}

static void gap_make(gap_walk *w) {
    uint64_t days = 0;
    if (w->made > w->room || !gap_complete(w)) return;
    for (uint32_t i = 0; i < w->n; i++) days |= (uint64_t)1 << (w->day[i] - 1);
    if (w->made < w->room) {
        w->pattern[w->made] = days;
        if (w->price) w->price[w->made] = gap_price(w);
    }
    w->made++;
}

/* The first allowed day from .. to; 0: none. */
static uint32_t gap_first(const gap_walk *w, int64_t from, int64_t to) {
    for (; from <= to; from++)
        if (w->g->days >> (from - 1) & 1u) return (uint32_t)from;
    return 0;
}

/* One more visit behind the last, or the last one later, or one fewer; 0: all ways were tried. */
static int gap_step(gap_walk *w) {
    int64_t from, to;
    uint32_t day = 0;
    if (w->n < (w->g->visits ? w->g->visits : w->g->nday)) {
        gap_range(w, &from, &to);
        day = gap_first(w, from, to);
    }
    while (!day && w->n) {
        uint32_t last = w->day[--w->n];
        gap_range(w, &from, &to);
        day = gap_first(w, (int64_t)last + 1, to);
    }
    if (day) w->day[w->n++] = day;
    return day != 0;
}

uint32_t kam__route_gap_patterns(uint64_t *pattern, int64_t *price, uint32_t room, const kam__route_gaps *gaps) {
    gap_walk w = {.g = gaps, .pattern = pattern, .price = price, .room = room};
    while (gap_step(&w) && w.made <= room) {
        gap_make(&w);
        if (++w.steps > GAP_STEPS) return room + 1;
    }
    return w.made;
}
