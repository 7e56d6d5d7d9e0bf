/*
 * visit/plan_search.c - shorter days: located visits change days within the days they may lie on.
 *
 * Threshold accepting (Dueck and Scheuer, 1990): a visit moves to the day of one of its neighbours on the map, or
 * changes places with a visit of that day, if the ways do not get longer by more than a threshold that falls to 0.
 * Whole numbers and a seeded generator decide, so the same input gives the same plan everywhere. A day takes somewhat
 * more visits than an even load, never more than its capacity. The last step tries each visit alone, on days in their
 * final order, until nothing is gained; a visit that people know of already must save much to be moved.
 */
#include "plan.h"

#define PSEARCH_NEAR 12u
#define PSEARCH_REACH 150u                       /* neighbours by latitude that are looked at */
#define PSEARCH_ALL_DAYS 400u                    /* visits up to which the last step tries every day */
#define PSEARCH_PASSES 50

typedef struct psearch {
    kam__plan *p; kam_error *err;
    uint32_t m;                                 /* nodes: located visits with a day */
    uint32_t *item, *near, *stop;               /* node -> item; [node * PSEARCH_NEAR]; work */
    int32_t *next, *prev, *head, *last, *cap;   /* the ways; the latest day of a node; visits a day */
    uint8_t *moves; uint32_t *movable, nmovable;
    uint64_t random;
    int alone, tight;                           /* the last step; some visit has no room where it should be */
} psearch;

static kam__plan_item *psearch_item(const psearch *s, int32_t node)
{
    return &s->p->item[s->item[node]];
}

/* -1 before the first stop is home, behind the last one nothing. */
static int64_t psearch_d(const psearch *s, int32_t a, int32_t b)
{
    if (b < 0) return 0;
    return kam__plan_metres(s->p, a < 0 ? KAM__PLAN_HOME : psearch_item(s, a)->account, psearch_item(s, b)->account);
}

static int64_t psearch_unlink(psearch *s, int32_t i)
{
    int32_t a = s->prev[i], b = s->next[i];
    if (a < 0) s->head[psearch_item(s, i)->day] = b;
    else s->next[a] = b;
    if (b >= 0) s->prev[b] = a;
    return psearch_d(s, a, i) + psearch_d(s, i, b) - psearch_d(s, a, b);
}

static void psearch_link(psearch *s, int32_t i, int32_t day, int32_t after)
{
    int32_t b = after < 0 ? s->head[day] : s->next[after];
    s->prev[i] = after;
    s->next[i] = b;
    if (after < 0) s->head[day] = i;
    else s->next[after] = i;
    if (b >= 0) s->prev[b] = i;
    psearch_item(s, i)->day = day;
}

/* The cheapest place on a day: metres, and the node it comes after. */
static int64_t psearch_place(const psearch *s, int32_t i, int32_t day, int32_t *after)
{
    int32_t b = s->head[day];
    int64_t best = psearch_d(s, -1, i) + psearch_d(s, i, b) - psearch_d(s, -1, b);
    *after = -1;
    for (int32_t a = b; a >= 0; a = b) {
        b = s->next[a];
        int64_t more = psearch_d(s, a, i) + psearch_d(s, i, b) - psearch_d(s, a, b);
        if (more >= best) continue;
        best = more;
        *after = a;
    }
    return best;
}

static int psearch_allowed(const psearch *s, int32_t i, int32_t day)
{
    const kam__plan_item *it = psearch_item(s, i);
    return day >= (s->alone ? it->least : it->first) && day <= s->last[i] && s->p->room[0][day] > 0 &&
           kam__plan_on(s->p, it, day);
}

/* ---------------------------------------------------------------- setting up */

static int psearch_lat_order(const void *a, const void *b, void *arg)
{
    const kam__plan *p = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const kam__plan_account *ax = &p->account[p->item[x].account], *ay = &p->account[p->item[y].account];
    if (ax->lat != ay->lat) return ax->lat < ay->lat ? -1 : 1;
    if (ax->id != ay->id) return ax->id < ay->id ? -1 : 1;
    return (p->item[x].day > p->item[y].day) - (p->item[x].day < p->item[y].day);
}

static void psearch_near_of(psearch *s, uint32_t i)
{
    int64_t far[PSEARCH_NEAR];
    uint32_t n = 0, lo = i > PSEARCH_REACH ? i - PSEARCH_REACH : 0, *near = s->near + (size_t)i * PSEARCH_NEAR;
    uint32_t hi = s->m - i > PSEARCH_REACH ? i + PSEARCH_REACH : s->m, me = psearch_item(s, (int32_t)i)->account;
    for (uint32_t k = lo; k < hi; k++) {
        uint32_t other = psearch_item(s, (int32_t)k)->account;
        if (other == me) continue;
        int64_t d = kam__plan_metres(s->p, me, other);
        uint32_t at = n < PSEARCH_NEAR ? n : PSEARCH_NEAR;
        for (; at > 0 && d < far[at - 1]; at--)
            if (at < PSEARCH_NEAR) {
                far[at] = far[at - 1];
                near[at] = near[at - 1];
            }
        if (at == PSEARCH_NEAR) continue;
        far[at] = d;
        near[at] = k;
        if (n < PSEARCH_NEAR) n++;
    }
    for (; n < PSEARCH_NEAR; n++) near[n] = i;
}

/* An even load, and some more. */
static void psearch_caps(psearch *s)
{
    const kam__plan *p = s->p;
    int64_t visits = 0, room = 0;
    for (int32_t d = 0; d < p->days; d++) {
        visits += p->load[0][d];
        room += p->room[0][d];
    }
    for (int32_t d = 0; d < p->days; d++) {
        int64_t even = room ? (visits * p->room[0][d] + room - 1) / room : 0, cap = even + 2 + even / 4;
        s->cap[d] = cap < p->room[0][d] ? (int32_t)cap : p->room[0][d];
    }
}

static int32_t psearch_nodes(psearch *s, size_t begin)
{
    kam__plan *p = s->p;
    for (size_t i = 0; i < p->n; i++)
        if (!kam__plan_desk(&p->item[i]) && p->item[i].day >= 0 && p->account[p->item[i].account].located)
            s->item[s->m++] = (uint32_t)i;
    KAM__TRY(kam__sort(p->ctx, s->item, s->m, sizeof *s->item, psearch_lat_order, p, s->err));
    for (int32_t d = 0; d < p->days; d++) s->head[d] = -1;
    for (uint32_t i = 0; i < s->m; i++) {
        kam__plan_item *it = psearch_item(s, (int32_t)i);
        int32_t after = -1;
        s->last[i] = it->day > it->end ? it->day : it->end;
        s->moves[i] = s->item[i] >= begin && !it->fixed && !it->kept;
        if (s->moves[i]) s->movable[s->nmovable++] = i;
        psearch_place(s, (int32_t)i, it->day, &after);
        psearch_link(s, (int32_t)i, it->day, after);
    }
    psearch_caps(s);
    return KAM_OK;
}

static int32_t psearch_open(psearch *s, kam__plan *p, size_t begin, kam_error *err)
{
    size_t n = p->n + 1, days = (size_t)p->days;
    memset(s, 0, sizeof *s);
    s->p = p;
    s->err = err;
    s->item = kam__zalloc_n(p->ctx, n * (PSEARCH_NEAR + 5), sizeof *s->item);
    s->next = kam__zalloc_n(p->ctx, n * 3 + days * 2, sizeof *s->next);
    s->moves = kam__zalloc_n(p->ctx, n, 1);
    if (!s->item || !s->next || !s->moves) return kam__nomem(err);
    s->movable = s->item + n;
    s->stop = s->movable + n;
    s->near = s->stop + 3 * n;
    s->prev = s->next + n;
    s->last = s->prev + n;
    s->head = s->last + n;
    s->cap = s->head + days;
    return psearch_nodes(s, begin);
}

static void psearch_close(psearch *s)
{
    kam__free(s->p->ctx, s->item);
    kam__free(s->p->ctx, s->next);
    kam__free(s->p->ctx, s->moves);
}

/* ---------------------------------------------------------------- threshold accepting */

static uint32_t psearch_pick(psearch *s, uint32_t n)
{
    return (uint32_t)(kam__random(&s->random) % n);
}

static void psearch_load(psearch *s, int32_t from, int32_t to)
{
    s->p->load[0][from]--;
    s->p->load[0][to]++;
}

static void psearch_relocate(psearch *s, int32_t i, int32_t day, int64_t threshold)
{
    int32_t was = psearch_item(s, i)->day, before = s->prev[i], after = -1;
    int64_t gain = psearch_unlink(s, i), more = psearch_place(s, i, day, &after);
    if (more - gain > threshold) {
        psearch_link(s, i, was, before);
        return;
    }
    psearch_link(s, i, day, after);
    psearch_load(s, was, day);
}

static void psearch_swap(psearch *s, int32_t i, int32_t k, int64_t threshold)
{
    int32_t a = psearch_item(s, i)->day, b = psearch_item(s, k)->day, bi = s->prev[i], bk, to_i = -1, to_k = -1;
    int64_t gain = psearch_unlink(s, i);
    bk = s->prev[k];
    gain += psearch_unlink(s, k);
    int64_t more = psearch_place(s, i, b, &to_i) + psearch_place(s, k, a, &to_k);
    if (more - gain > threshold) {
        psearch_link(s, k, b, bk);
        psearch_link(s, i, a, bi);
        return;
    }
    psearch_link(s, i, b, to_i);
    psearch_link(s, k, a, to_k);
}

static int32_t psearch_some_node(psearch *s, int32_t day)
{
    int32_t n = 0, i = s->head[day];
    for (int32_t k = i; k >= 0; k = s->next[k]) n++;
    for (uint32_t skip = psearch_pick(s, (uint32_t)n); skip; skip--) i = s->next[i];
    return i;
}

static void psearch_step(psearch *s, int64_t threshold)
{
    int32_t i = (int32_t)s->movable[psearch_pick(s, s->nmovable)], a = psearch_item(s, i)->day, b;
    if (psearch_pick(s, 16) == 0) b = (int32_t)psearch_pick(s, (uint32_t)s->p->days);
    else b = psearch_item(s, (int32_t)s->near[(size_t)i * PSEARCH_NEAR + psearch_pick(s, PSEARCH_NEAR)])->day;
    if (!psearch_allowed(s, i, b)) return;
    if (a == b) {
        psearch_relocate(s, i, b, threshold);
        return;
    }
    if (s->p->load[0][b] < s->cap[b] && psearch_pick(s, 2)) {
        psearch_relocate(s, i, b, threshold);
        return;
    }
    if (s->head[b] < 0) return;
    int32_t k = psearch_some_node(s, b);
    if (s->moves[k] && psearch_allowed(s, k, a)) psearch_swap(s, i, k, threshold);
}

static int64_t psearch_length(const psearch *s)
{
    int64_t sum = 0;
    for (int32_t d = 0; d < s->p->days; d++)
        for (int32_t a = -1, b = s->head[d]; b >= 0; a = b, b = s->next[b]) sum += psearch_d(s, a, b);
    return sum;
}

static uint64_t psearch_budget(const psearch *s)
{
    uint64_t n = s->p->iterations;
    if (n) return n;
    n = 2000 * (uint64_t)s->nmovable;
    uint64_t most = s->p->metres ? 4000000 : 400000;
    return n < most ? n : most;
}

static int32_t psearch_run(psearch *s)
{
    uint64_t all = psearch_budget(s), cooling = all / 5 * 4;
    int64_t start = psearch_length(s) / ((int64_t)s->m + 1), threshold = 0;
    for (uint64_t i = 0; i < all; i++) {
        if (i % 64 == 0) threshold = i < cooling ? start * (int64_t)((cooling - i) * 1024 / cooling) / 1024 : 0;
        if (i % 32768 == 0) KAM__TRY(kam__progress(s->p->ctx, i, all, s->err));
        psearch_step(s, threshold);
    }
    return KAM_OK;
}

int32_t kam__plan_search(kam__plan *p, size_t begin, kam_error *err)
{
    psearch s;
    int32_t rc = psearch_open(&s, p, begin, err);
    s.random = p->seed + begin;
    if (rc == KAM_OK && s.nmovable && s.m > 1) {
        for (uint32_t i = 0; i < s.m; i++) psearch_near_of(&s, i);
        rc = psearch_run(&s);
    }
    psearch_close(&s);
    return rc;
}

/* ---------------------------------------------------------------- each visit alone */

static int psearch_stop_order(const void *a, const void *b, void *arg)
{
    const psearch *s = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    uint32_t ax = psearch_item(s, (int32_t)x)->account, ay = psearch_item(s, (int32_t)y)->account;
    if (ax != ay) return ax < ay ? -1 : 1;
    return (x > y) - (x < y);
}

/* Puts the stops of a day into the order that belongs to them. Two visits to one account stay together. */
static int32_t psearch_canonical(psearch *s, int32_t day)
{
    uint32_t n = 0, k = 0, *node = s->movable, *stop = s->stop;
    for (int32_t i = s->head[day]; i >= 0; i = s->next[i]) node[n++] = (uint32_t)i;
    KAM__TRY(kam__sort(s->p->ctx, node, n, sizeof *node, psearch_stop_order, s, s->err));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t account = psearch_item(s, (int32_t)node[i])->account;
        if (!k || stop[k - 1] != account) stop[k++] = account;
    }
    kam__plan_tour(s->p, stop, k);
    int32_t after = -1;
    s->head[day] = -1;
    for (uint32_t i = 0; i < k; i++)
        for (uint32_t x = 0; x < n; x++)
            if (psearch_item(s, (int32_t)node[x])->account == stop[i]) {
                psearch_link(s, (int32_t)node[x], day, after);
                after = (int32_t)node[x];
            }
    return KAM_OK;
}

static void psearch_try_day(const psearch *s, int32_t i, int32_t day, int32_t *best, int64_t *least)
{
    int32_t after = -1;
    const kam__plan_item *it = psearch_item(s, i);
    if (day == it->day || !psearch_allowed(s, i, day) || s->p->load[0][day] >= s->cap[day]) return;
    if (it->kept && s->head[day] < 0) return;
    int64_t more = psearch_place(s, i, day, &after);
    if (more > *least || (more == *least && *best >= 0 && day >= *best)) return;
    *least = more;
    *best = day;
}

/* 1: the visit has a better day, and is there now. Where room is short nobody leaves a full day: somebody who was refused
 * it would be right to come back. */
static int psearch_better(psearch *s, int32_t i, int32_t *was)
{
    kam__plan_item *it = psearch_item(s, i);
    int32_t best = -1, before = s->prev[i], after = -1;
    *was = it->day;
    if (s->tight && s->p->load[0][it->day] >= s->p->room[0][it->day]) return 0;
    int64_t gain = psearch_unlink(s, i), least = gain - (it->kept ? KAM__PLAN_PAYS : 1);
    if (s->m <= PSEARCH_ALL_DAYS)
        for (int32_t d = it->first; d <= s->last[i]; d++) psearch_try_day(s, i, d, &best, &least);
    else
        for (uint32_t k = 0; k < PSEARCH_NEAR; k++)
            psearch_try_day(s, i, psearch_item(s, (int32_t)s->near[(size_t)i * PSEARCH_NEAR + k])->day, &best, &least);
    if (best < 0) {
        psearch_link(s, i, *was, before);
        return 0;
    }
    psearch_place(s, i, best, &after);
    psearch_link(s, i, best, after);
    psearch_load(s, *was, best);
    return 1;
}

static int32_t psearch_alone(psearch *s)
{
    for (int32_t d = 0; d < s->p->days; d++) KAM__TRY(psearch_canonical(s, d));
    for (int pass = 0, again = 1; again && pass < PSEARCH_PASSES; pass++) {
        again = 0;
        KAM__TRY(kam__progress(s->p->ctx, (uint64_t)pass, PSEARCH_PASSES, s->err));
        for (uint32_t i = 0; i < s->m; i++) {
            kam__plan_item *it = psearch_item(s, (int32_t)i);
            int32_t was = -1;
            if (it->fixed || it->linked || !psearch_better(s, (int32_t)i, &was)) continue;
            if (it->kept) it->reason = KAM_PLAN_REASON_SHORTER;
            it->kept = 0;
            again = 1;
            KAM__TRY(psearch_canonical(s, was));
            KAM__TRY(psearch_canonical(s, it->day));
        }
    }
    return KAM_OK;
}

static void psearch_number(psearch *s)
{
    for (int32_t d = 0; d < s->p->days; d++) {
        int32_t order = 0;
        for (int32_t a = -1, b = s->head[d]; b >= 0; a = b, b = s->next[b]) {
            psearch_item(s, b)->order = ++order;
            psearch_item(s, b)->metres = psearch_d(s, a, b);
        }
    }
}

int32_t kam__plan_polish(kam__plan *p, kam_error *err)
{
    psearch s;
    int32_t rc = psearch_open(&s, p, 0, err);
    s.alone = 1;
    for (size_t i = 0; i < p->n; i++)
        if (!kam__plan_desk(&p->item[i]) && !p->item[i].fixed &&
            (p->item[i].day < 0 || p->item[i].day > p->item[i].end))
            s.tight = 1;
    for (uint32_t i = 0; i < s.m && rc == KAM_OK && s.m > PSEARCH_ALL_DAYS; i++) psearch_near_of(&s, i);
    if (rc == KAM_OK) rc = psearch_alone(&s);
    if (rc == KAM_OK) psearch_number(&s);
    psearch_close(&s);
    return rc;
}
