/*
 * visit/plan_polish.c - the end of a plan without hours: each visit alone once more, then every day in order.
 *
 * Each located visit is tried on all its days, on ways in their final order, until nothing is gained: so a plan that
 * is made again stays what it is. A visit that people know of already must save much to be moved. A day takes somewhat
 * more visits than an even load, never more than its capacity.
 */
#include "plan.h"

#define PPOLISH_NEAR 12u
#define PPOLISH_REACH 150u                       /* neighbours by latitude that are looked at */
#define PPOLISH_ALL_DAYS 400u                    /* visits up to which the last step tries every day */
#define PPOLISH_PASSES 50

typedef struct ppolish {
    kam__plan *p; kam_error *err;
    uint32_t m;                                 /* nodes: located visits with a day */
    uint32_t *item, *near, *stop;               /* node -> item; [node * PPOLISH_NEAR]; work */
    int32_t *next, *prev, *head, *last, *cap;   /* the ways; the latest day of a node; visits a day */
    uint32_t *node;                             /* work */
    int tight;                                  /* some visit has no room where it should be */
} ppolish;

static kam__plan_item *ppolish_item(const ppolish *s, int32_t node)
{
    return &s->p->item[s->item[node]];
}

/* -1 before the first stop is home, behind the last one nothing. */
static int64_t ppolish_d(const ppolish *s, int32_t a, int32_t b)
{
    if (b < 0) return 0;
    return kam__plan_metres(s->p, a < 0 ? KAM__PLAN_HOME : ppolish_item(s, a)->account, ppolish_item(s, b)->account);
}

static int64_t ppolish_unlink(ppolish *s, int32_t i)
{
    int32_t a = s->prev[i], b = s->next[i];
    if (a < 0) s->head[ppolish_item(s, i)->day] = b;
    else s->next[a] = b;
    if (b >= 0) s->prev[b] = a;
    return ppolish_d(s, a, i) + ppolish_d(s, i, b) - ppolish_d(s, a, b);
}

static void ppolish_link(ppolish *s, int32_t i, int32_t day, int32_t after)
{
    int32_t b = after < 0 ? s->head[day] : s->next[after];
    s->prev[i] = after;
    s->next[i] = b;
    if (after < 0) s->head[day] = i;
    else s->next[after] = i;
    if (b >= 0) s->prev[b] = i;
    ppolish_item(s, i)->day = day;
}

/* The cheapest place on a day: metres, and the node it comes after. */
static int64_t ppolish_place(const ppolish *s, int32_t i, int32_t day, int32_t *after)
{
    int32_t b = s->head[day];
    int64_t best = ppolish_d(s, -1, i) + ppolish_d(s, i, b) - ppolish_d(s, -1, b);
    *after = -1;
    for (int32_t a = b; a >= 0; a = b) {
        b = s->next[a];
        int64_t more = ppolish_d(s, a, i) + ppolish_d(s, i, b) - ppolish_d(s, a, b);
        if (more >= best) continue;
        best = more;
        *after = a;
    }
    return best;
}

static int ppolish_allowed(const ppolish *s, int32_t i, int32_t day)
{
    const kam__plan_item *it = ppolish_item(s, i);
    return day >= it->least && day <= s->last[i] && s->p->room[0][day] > 0 &&
           kam__plan_on(s->p, it, day);
}

/* ---------------------------------------------------------------- setting up */

static int ppolish_lat_order(const void *a, const void *b, void *arg)
{
    const kam__plan *p = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const kam__plan_account *ax = &p->account[p->item[x].account], *ay = &p->account[p->item[y].account];
    if (ax->lat != ay->lat) return ax->lat < ay->lat ? -1 : 1;
    if (ax->id != ay->id) return ax->id < ay->id ? -1 : 1;
    return (p->item[x].day > p->item[y].day) - (p->item[x].day < p->item[y].day);
}

static void ppolish_near_of(ppolish *s, uint32_t i)
{
    int64_t far[PPOLISH_NEAR];
    uint32_t n = 0, lo = i > PPOLISH_REACH ? i - PPOLISH_REACH : 0, *near = s->near + (size_t)i * PPOLISH_NEAR;
    uint32_t hi = s->m - i > PPOLISH_REACH ? i + PPOLISH_REACH : s->m, me = ppolish_item(s, (int32_t)i)->account;
    for (uint32_t k = lo; k < hi; k++) {
        uint32_t other = ppolish_item(s, (int32_t)k)->account;
        if (other == me) continue;
        int64_t d = kam__plan_metres(s->p, me, other);
        uint32_t at = n < PPOLISH_NEAR ? n : PPOLISH_NEAR;
        for (; at > 0 && d < far[at - 1]; at--)
            if (at < PPOLISH_NEAR) {
                far[at] = far[at - 1];
                near[at] = near[at - 1];
            }
        if (at == PPOLISH_NEAR) continue;
        far[at] = d;
        near[at] = k;
        if (n < PPOLISH_NEAR) n++;
    }
    for (; n < PPOLISH_NEAR; n++) near[n] = i;
}

static int32_t ppolish_nodes(ppolish *s)
{
    kam__plan *p = s->p;
    for (size_t i = 0; i < p->n; i++)
        if (!kam__plan_desk(&p->item[i]) && p->item[i].day >= 0 && p->account[p->item[i].account].located)
            s->item[s->m++] = (uint32_t)i;
    KAM__TRY(kam__sort(p->ctx, s->item, s->m, sizeof *s->item, ppolish_lat_order, p, s->err));
    for (int32_t d = 0; d < p->days; d++) s->head[d] = -1;
    for (uint32_t i = 0; i < s->m; i++) {
        kam__plan_item *it = ppolish_item(s, (int32_t)i);
        int32_t after = -1;
        s->last[i] = it->day > it->end ? it->day : it->end;
        ppolish_place(s, (int32_t)i, it->day, &after);
        ppolish_link(s, (int32_t)i, it->day, after);
    }
    kam__plan_caps(p, s->cap);
    return KAM_OK;
}

static int32_t ppolish_open(ppolish *s, kam__plan *p, kam_error *err)
{
    size_t n = p->n + 1, days = (size_t)p->days;
    memset(s, 0, sizeof *s);
    s->p = p;
    s->err = err;
    s->item = kam__zalloc_n(p->ctx, n * (PPOLISH_NEAR + 5), sizeof *s->item);
    s->next = kam__zalloc_n(p->ctx, n * 3 + days * 2, sizeof *s->next);
    if (!s->item || !s->next) return kam__nomem(err);
    s->node = s->item + n;
    s->stop = s->node + n;
    s->near = s->stop + 3 * n;
    s->prev = s->next + n;
    s->last = s->prev + n;
    s->head = s->last + n;
    s->cap = s->head + days;
    return ppolish_nodes(s);
}

static void ppolish_close(ppolish *s)
{
    kam__free(s->p->ctx, s->item);
    kam__free(s->p->ctx, s->next);
}

/* ---------------------------------------------------------------- each visit alone */

static int ppolish_stop_order(const void *a, const void *b, void *arg)
{
    const ppolish *s = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    uint32_t ax = ppolish_item(s, (int32_t)x)->account, ay = ppolish_item(s, (int32_t)y)->account;
    if (ax != ay) return ax < ay ? -1 : 1;
    return (x > y) - (x < y);
}

/* Puts the stops of a day into the order that belongs to them. Two visits to one account stay together. */
static int32_t ppolish_canonical(ppolish *s, int32_t day)
{
    uint32_t n = 0, k = 0, *node = s->node, *stop = s->stop;
    for (int32_t i = s->head[day]; i >= 0; i = s->next[i]) node[n++] = (uint32_t)i;
    KAM__TRY(kam__sort(s->p->ctx, node, n, sizeof *node, ppolish_stop_order, s, s->err));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t account = ppolish_item(s, (int32_t)node[i])->account;
        if (!k || stop[k - 1] != account) stop[k++] = account;
    }
    kam__plan_tour(s->p, stop, k);
    int32_t after = -1;
    s->head[day] = -1;
    for (uint32_t i = 0; i < k; i++)
        for (uint32_t x = 0; x < n; x++)
            if (ppolish_item(s, (int32_t)node[x])->account == stop[i]) {
                ppolish_link(s, (int32_t)node[x], day, after);
                after = (int32_t)node[x];
            }
    return KAM_OK;
}

static void ppolish_try_day(const ppolish *s, int32_t i, int32_t day, int32_t *best, int64_t *least)
{
    int32_t after = -1;
    const kam__plan_item *it = ppolish_item(s, i);
    if (day == it->day || !ppolish_allowed(s, i, day) || s->p->load[0][day] >= s->cap[day]) return;
    if (it->kept && s->head[day] < 0) return;
    int64_t more = ppolish_place(s, i, day, &after);
    if (more > *least || (more == *least && *best >= 0 && day >= *best)) return;
    *least = more;
    *best = day;
}

/* 1: the visit has a better day, and is there now. Where room is short nobody leaves a full day: somebody who was refused
 * it would be right to come back. */
static int ppolish_better(ppolish *s, int32_t i, int32_t *was)
{
    kam__plan_item *it = ppolish_item(s, i);
    int32_t best = -1, before = s->prev[i], after = -1;
    *was = it->day;
    if (s->tight && s->p->load[0][it->day] >= s->p->room[0][it->day]) return 0;
    int64_t gain = ppolish_unlink(s, i), least = gain - (!it->kept ? 1 : s->p->pays > 0 ? s->p->pays : KAM__PLAN_PAYS);
    if (s->m <= PPOLISH_ALL_DAYS)
        for (int32_t d = it->first; d <= s->last[i]; d++) ppolish_try_day(s, i, d, &best, &least);
    else
        for (uint32_t k = 0; k < PPOLISH_NEAR; k++)
            ppolish_try_day(s, i, ppolish_item(s, (int32_t)s->near[(size_t)i * PPOLISH_NEAR + k])->day, &best, &least);
    if (best < 0) {
        ppolish_link(s, i, *was, before);
        return 0;
    }
    ppolish_place(s, i, best, &after);
    ppolish_link(s, i, best, after);
    s->p->load[0][*was]--;
    s->p->load[0][best]++;
    return 1;
}

static int32_t ppolish_alone(ppolish *s)
{
    for (int32_t d = 0; d < s->p->days; d++) KAM__TRY(ppolish_canonical(s, d));
    for (int pass = 0, again = 1; again && pass < PPOLISH_PASSES; pass++) {
        again = 0;
        KAM__TRY(kam__progress(s->p->ctx, (uint64_t)pass, PPOLISH_PASSES, s->err));
        for (uint32_t i = 0; i < s->m; i++) {
            kam__plan_item *it = ppolish_item(s, (int32_t)i);
            int32_t was = -1;
            if (it->fixed || it->linked || !ppolish_better(s, (int32_t)i, &was)) continue;
            if (it->kept) it->reason = KAM_PLAN_REASON_SHORTER;
            it->kept = 0;
            again = 1;
            KAM__TRY(ppolish_canonical(s, was));
            KAM__TRY(ppolish_canonical(s, it->day));
        }
    }
    return KAM_OK;
}

static void ppolish_number(ppolish *s)
{
    for (int32_t d = 0; d < s->p->days; d++) {
        int32_t order = 0;
        for (int32_t a = -1, b = s->head[d]; b >= 0; a = b, b = s->next[b]) {
            ppolish_item(s, b)->order = ++order;
            ppolish_item(s, b)->metres = ppolish_d(s, a, b);
        }
    }
}

int32_t kam__plan_polish(kam__plan *p, kam_error *err)
{
    ppolish s;
    int32_t rc = ppolish_open(&s, p, err);
    for (size_t i = 0; i < p->n; i++)
        if (!kam__plan_desk(&p->item[i]) && !p->item[i].fixed &&
            (p->item[i].day < 0 || p->item[i].day > p->item[i].end))
            s.tight = 1;
    for (uint32_t i = 0; i < s.m && rc == KAM_OK && s.m > PPOLISH_ALL_DAYS; i++) ppolish_near_of(&s, i);
    if (rc == KAM_OK) rc = ppolish_alone(&s);
    if (rc == KAM_OK) ppolish_number(&s);
    ppolish_close(&s);
    return rc;
}
