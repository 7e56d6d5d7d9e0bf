/*
 * route_hgs_mate.c - the hybrid genetic search: one plan out of two.
 *
 * Of each day the child takes the whole tour of one parent, or a stretch of the first and what the second adds to it
 * (PIX, Vidal et al. 2012), the days of the second parent named as they resemble the first parent's most. Tours are cut
 * into routes at least cost (Prins 2004); visits that are still missing go where they cost least.
 */
#include "route_hgs.h"

/* ---------------------------------------------------------------- names of days */

static int hmate_has(const kam__hgs *h, uint32_t c, uint64_t pattern) {
    const kam__route_part *part = &h->patterns[c];
    for (uint32_t i = 0; i < part->n; i++)
        if (h->pattern[part->first + i] == pattern) return 1;
    return 0;
}

static uint64_t hmate_named(const uint8_t *to, uint64_t days) {
    uint64_t out = 0;
    for (uint32_t d = 0; days; d++, days >>= 1)
        if (days & 1u) out |= (uint64_t)1 << to[d];
    return out;
}

/* Do days renamed so leave every customer its patterns and every day its vehicles? */
static int hmate_allowed(const kam__hgs *h, const uint8_t *to) {
    for (uint32_t d = 0; d < h->nday; d++)
        if (h->capacity[d] != h->capacity[to[d]] || h->duration[d] != h->duration[to[d]] || h->home[d] != h->home[to[d]])
            return 0;
    for (uint32_t c = 0; c < h->n; c++)
        for (uint32_t i = 0; i < h->patterns[c].n; i++)
            if (!hmate_has(h, c, hmate_named(to, h->pattern[h->patterns[c].first + i]))) return 0;
    return 1;
}

static void hmate_perm(kam__hgs *h, const uint8_t *to) {
    if (h->nperm < KAM__HGS_PERMS && hmate_allowed(h, to)) memcpy(h->perm[h->nperm++], to, h->nday);
}

/* The next order in the alphabet of orders; 0: this was the last. */
static int hmate_next(uint8_t *to, uint32_t n) {
    uint32_t i = n - 1, j = n - 1;
    while (i && to[i - 1] >= to[i]) i--;
    if (!i) return 0;
    while (to[j] <= to[i - 1]) j--;
    uint8_t t = to[i - 1];
    to[i - 1] = to[j], to[j] = t;
    for (j = n - 1; i < j; i++, j--) t = to[i], to[i] = to[j], to[j] = t;
    return 1;
}

/* All ways where days are few; else only changing places of two, which are tried one after the other. */
void kam__hperms(kam__hgs *h) {
    uint8_t to[KAM__HGS_DAYS];
    for (uint32_t d = 0; d < h->nday; d++) to[d] = (uint8_t)d;
    h->nperm = 0;
    if (h->nday <= 6) {
        do hmate_perm(h, to);
        while (hmate_next(to, h->nday));
        return;
    }
    hmate_perm(h, to);
    for (uint32_t a = 0; a < h->nday; a++)
        for (uint32_t b = a + 1; b < h->nday; b++) {
            to[a] = (uint8_t)b, to[b] = (uint8_t)a;
            hmate_perm(h, to);
            to[a] = (uint8_t)a, to[b] = (uint8_t)b;
        }
}

/* to[d]: the name in a of day d of b. */
static void hmate_match(const kam__hgs *h, const kam__hplan *a, const kam__hplan *b, uint8_t *to) {
    uint32_t same[KAM__HGS_DAYS][KAM__HGS_DAYS] = {{0}}, most = 0, best = 0;
    int64_t gain = 1;
    for (uint32_t c = 0; c < h->n; c++)
        for (uint32_t d = 0; d < h->nday; d++)
            for (uint32_t k = 0; k < h->nday && b->days[c] >> d & 1u; k++) same[d][k] += (uint32_t)(a->days[c] >> k & 1u);
    for (uint32_t d = 0; d < h->nday; d++) to[d] = (uint8_t)d;
    for (uint32_t i = 0; i < h->nperm && h->nday <= 6; i++) {
        uint32_t sum = 0;
        for (uint32_t d = 0; d < h->nday; d++) sum += same[d][h->perm[i][d]];
        if (sum > most) most = sum, best = i;
    }
    if (h->nday <= 6) {
        memcpy(to, h->perm[best], h->nday);
        return;
    }
    while (gain > 0) {
        gain = 0;
        for (uint32_t i = 1; i < h->nperm; i++) {
            uint32_t x = 0, y;
            while (h->perm[i][x] == x) x++;
            y = h->perm[i][x];
            int64_t more = (int64_t)same[x][to[y]] + same[y][to[x]] - same[x][to[x]] - same[y][to[y]];
            if (more > gain) gain = more, best = i;
        }
        if (gain <= 0) return;
        uint32_t x = 0;
        while (h->perm[best][x] == x) x++;
        uint8_t t = to[x];
        to[x] = to[h->perm[best][x]], to[h->perm[best][x]] = t;
    }
}

/* ---------------------------------------------------------------- tours into routes */

typedef struct hsplit { kam__hgs *h; const int32_t *tour; int32_t n, day; int64_t most; } hsplit;

static void hsplit_from(const hsplit *t, int32_t i, const int64_t *from, int64_t *to, int32_t *by) {
    const kam__hgs *h = t->h;
    int64_t load = 0, time = 0, way = 0;
    int32_t at = h->home[t->day];
    for (int32_t j = i; j < t->n; j++) {
        int32_t c = t->tour[j];
        const kam__route_customer *k = &h->e->p->customer[c];
        way += kam__hway(h, at, c);
        load += k->demand;
        time += k->service;
        if (load > t->most && j > i) return;
        int64_t all = way + kam__hway(h, c, h->home[t->day]), cost = from[i] + all + kam__hfine(h, t->day, load, time + all);
        if (cost < to[j + 1]) to[j + 1] = cost, by[j + 1] = i;
        at = c;
    }
}

/* Costs of the first stops by number of routes; from row 0 (no stops, no routes). 0: they do not fit into m routes. */
static int hsplit_cut(const hsplit *t) {
    kam__hgs *h = t->h;
    size_t row = (size_t)t->n + 1;
    for (size_t i = 0; i < row * (h->m + 1); i++) h->split_best[i] = INT64_MAX / 4;
    h->split_best[0] = 0;
    for (uint32_t k = 0; k < h->m; k++)
        for (int32_t i = 0; i < t->n; i++)
            if (h->split_best[k * row + (size_t)i] < INT64_MAX / 4)
                hsplit_from(t, i, h->split_best + k * row, h->split_best + (k + 1) * row, h->split_from + (k + 1) * row);
    uint32_t best = 0;
    for (uint32_t k = 1; k <= h->m; k++)
        if (h->split_best[k * row + (size_t)t->n] < h->split_best[best * row + (size_t)t->n]) best = k;
    if (!best) return 0;
    for (int32_t end = t->n, k = (int32_t)best; k > 0; k--) {
        int32_t from = h->split_from[(size_t)k * row + (size_t)end], *list = h->row[0];
        for (int32_t i = from; i < end; i++) list[i - from] = t->day * (int32_t)h->n + t->tour[i];
        kam__hroute_set(h, (uint32_t)t->day * h->m + (uint32_t)k - 1, list, end - from);
        end = from;
    }
    return 1;
}

/* Without a limit of routes, which is much faster; 0: there are too many. */
static int hsplit_free(const hsplit *t) {
    kam__hgs *h = t->h;
    int32_t routes = 0;
    for (int32_t i = 0; i <= t->n; i++) h->split_best[i] = INT64_MAX / 4;
    h->split_best[0] = 0;
    for (int32_t i = 0; i < t->n; i++) hsplit_from(t, i, h->split_best, h->split_best, h->split_from);
    for (int32_t end = t->n; end > 0; end = h->split_from[end]) routes++;
    if (routes > (int32_t)h->m) return 0;
    for (int32_t end = t->n; end > 0; end = h->split_from[end]) {
        int32_t from = h->split_from[end], *list = h->row[0];
        for (int32_t i = from; i < end; i++) list[i - from] = t->day * (int32_t)h->n + t->tour[i];
        kam__hroute_set(h, (uint32_t)(t->day * (int32_t)h->m + --routes), list, end - from);
    }
    return 1;
}

static void hsplit_day(kam__hgs *h, uint32_t day) {
    hsplit t = {h, h->tour + (size_t)day * h->n, h->tour_n[day], (int32_t)day, 0};
    int64_t load = 0;
    for (int32_t i = 0; i < t.n; i++) load += h->e->p->customer[t.tour[i]].demand;
    t.most = h->capacity[day] < INT64_MAX / 4 ? h->capacity[day] + h->capacity[day] / 2 : INT64_MAX;
    if (load / h->m > h->capacity[day]) t.most = INT64_MAX;
    for (uint32_t r = day * h->m; r < (day + 1) * h->m; r++) kam__hroute_set(h, r, h->row[0], 0);
    if (!t.n || hsplit_free(&t) || hsplit_cut(&t)) return;
    t.most = INT64_MAX;
    hsplit_cut(&t);
}

/* ---------------------------------------------------------------- plans */

static void hmate_fresh(kam__hgs *h) {
    memset(h->days, 0, h->n * sizeof *h->days);
    memset(h->tour_n, 0, h->nday * sizeof *h->tour_n);
    memset(h->asked, -1, h->n * sizeof *h->asked);
    for (uint32_t i = 0; i < h->n * h->nday; i++) h->stop[i].tested = -1;
    for (uint32_t r = 0; r < h->nroute; r++) h->route[r].swapped = -1;
}

static void hmate_add(kam__hgs *h, uint32_t c, uint32_t day) {
    h->tour[(size_t)day * h->n + (size_t)h->tour_n[day]++] = (int32_t)c;
    h->days[c] |= (uint64_t)1 << day;
}

static void hmate_finish(kam__hgs *h) {
    for (uint32_t d = 0; d < h->nday; d++) hsplit_day(h, d);
    kam__hshuffle(h, h->order, h->n);
    for (uint32_t i = 0; i < h->n; i++) {
        uint32_t c = (uint32_t)h->order[i];
        if (h->patterns[c].n && !hmate_has(h, c, h->days[c])) kam__hplace(h, c);
    }
}

void kam__hrandom_plan(kam__hgs *h) {
    hmate_fresh(h);
    kam__hshuffle(h, h->order, h->n);
    for (uint32_t i = 0; i < h->n; i++) {
        uint32_t c = (uint32_t)h->order[i], n = h->patterns[c].n;
        if (!n) continue;
        uint64_t pattern = h->pattern[h->patterns[c].first + kam__rrandom(h->e, n)];
        for (uint32_t d = 0; d < h->nday; d++)
            if (pattern >> d & 1u) hmate_add(h, c, d);
    }
    for (uint32_t d = 0; d < h->nday; d++) kam__hshuffle(h, h->tour + (size_t)d * h->n, (uint32_t)h->tour_n[d]);
    hmate_finish(h);
}

static const int32_t *hmate_tour(const kam__hgs *h, const kam__hplan *p, uint32_t day, int32_t *n) {
    const int32_t *seq = p->seq;
    *n = 0;
    for (uint32_t r = 0; r < day * h->m; r++) seq += p->n[r];
    for (uint32_t r = day * h->m; r < (day + 1) * h->m; r++) *n += p->n[r];
    return seq;
}

static void hmate_first(kam__hgs *h, const kam__hplan *a, uint32_t day, int part) {
    int32_t n, from = 0, take;
    const int32_t *seq = hmate_tour(h, a, day, &n);
    take = n;
    if (part && n) {
        from = (int32_t)kam__rrandom(h->e, (uint32_t)n);
        take = 1 + (int32_t)kam__rrandom(h->e, (uint32_t)n);
    }
    for (int32_t i = 0; i < take; i++) hmate_add(h, (uint32_t)seq[(from + i) % n], day);
}

static int hmate_fits(const kam__hgs *h, uint32_t c, uint64_t days) {
    const kam__route_part *part = &h->patterns[c];
    for (uint32_t i = 0; i < part->n; i++)
        if (!(days & ~h->pattern[part->first + i])) return 1;
    return 0;
}

static void hmate_second(kam__hgs *h, const kam__hplan *b, uint32_t day, uint32_t named) {
    int32_t n;
    const int32_t *seq = hmate_tour(h, b, day, &n);
    for (int32_t i = 0; i < n; i++) {
        uint32_t c = (uint32_t)seq[i];
        if (!(h->days[c] >> named & 1u) && hmate_fits(h, c, h->days[c] | (uint64_t)1 << named)) hmate_add(h, c, named);
    }
}

void kam__hmate(kam__hgs *h, const kam__hplan *a, const kam__hplan *b) {
    uint8_t to[KAM__HGS_DAYS], from[KAM__HGS_DAYS];
    int32_t day[KAM__HGS_DAYS];
    uint32_t x = kam__rrandom(h->e, h->nday + 1), y = kam__rrandom(h->e, h->nday + 1);
    if (x > y) { uint32_t t = x; x = y, y = t; }
    hmate_fresh(h);
    hmate_match(h, a, b, to);
    for (uint32_t d = 0; d < h->nday; d++) from[to[d]] = (uint8_t)d, day[d] = (int32_t)d;
    if (h->nday == 1) x = 0, y = 0;
    kam__hshuffle(h, day, h->nday);                             /* first x days of a, up to y of b, the rest mixed */
    for (uint32_t i = 0; i < h->nday; i++)
        if (i < x || i >= y) hmate_first(h, a, (uint32_t)day[i], i >= y);
    for (uint32_t i = x; i < h->nday; i++) {
        uint32_t j = i + kam__rrandom(h->e, h->nday - i);
        int32_t t = day[i];
        day[i] = day[j], day[j] = t;
        hmate_second(h, b, from[day[i]], (uint32_t)day[i]);
    }
    hmate_finish(h);
}
