/*
 * visit/plan_fit.c - a day for each contact: who gets one when there are more contacts than room.
 *
 * Contacts ask in the order of their weight: overdue ones first, by grade, then by days overdue (or, where the cadence weighs
 * grades, by the score of both); the others by due day.
 * Each takes the least loaded of its days. When all are full, others make room if that keeps them within their own days
 * (an augmenting path, as for bipartite matching: Kuhn, 1955), so nobody is refused a day that an exchange could free.
 * Only what cannot be in time is late, and only what has no day left in the window is not planned.
 */
#include "plan.h"

typedef struct pfit {
    kam__plan *p; size_t begin;
    int32_t *via, *from, *queue, *head, *next;  /* per day: the item that may move there, whence, days to look at, first item on
                                                 * it; per item of [begin, n): the next one of its day */
} pfit;

int kam__plan_desk(const kam__plan_item *it)
{
    return it->channel != KAM_CHANNEL_VISIT;
}

static int pfit_less(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* The accounts of the cadence's priority go first; then what weighs most, or the best grade. */
static int pfit_weight(const kam__plan *p, const kam__plan_item *x, const kam__plan_item *y)
{
    int32_t rx = p->account[x->account].rank, ry = p->account[y->account].rank, tier = (int32_t)p->cadence->npriority;
    if (!p->cadence->weighted || rx < tier || ry < tier) return pfit_less(rx, ry);
    return pfit_less(y->score, x->score);
}

static int pfit_order(const void *a, const void *b, void *arg)
{
    const kam__plan *p = arg;
    const kam__plan_item *x = &p->item[*(const uint32_t *)a], *y = &p->item[*(const uint32_t *)b];
    const kam__plan_account *ax = &p->account[x->account], *ay = &p->account[y->account];
    int late = x->due < p->from, c = pfit_less(y->due < p->from, late);
    if (!c && late) c = pfit_weight(p, x, y);
    if (!c) c = pfit_less(x->due, y->due);
    if (!c) c = pfit_less(ax->rank, ay->rank);
    if (!c) c = pfit_less(x->account, y->account);
    if (!c) c = pfit_less(x->at, y->at);
    return c ? c : pfit_less(*(const uint32_t *)a, *(const uint32_t *)b);
}

static void pfit_put(kam__plan *p, kam__plan_item *it, int32_t day)
{
    it->day = day;
    p->load[kam__plan_desk(it)][day]++;
}

/* Overdue contacts: the k-th one by weight is to be seen in the week in which k of them can have been seen. */
static void pfit_weeks(kam__plan *p, const uint32_t *order, size_t n)
{
    int64_t room[2] = {0, 0}, asked[2] = {0, 0};
    int32_t day[2] = {-1, -1};
    for (size_t i = 0; i < n; i++) {
        kam__plan_item *it = &p->item[order[i]];
        int desk = kam__plan_desk(it);
        if (!it->soon) continue;
        for (asked[desk]++; room[desk] < asked[desk] && day[desk] + 1 < p->days;) {
            int32_t d = ++day[desk], left = p->room[desk][d] - p->load[desk][d];
            if (left > 0) room[desk] += left;
        }
        int32_t d = day[desk] < 0 ? 0 : day[desk];
        it->end = kam__iso_week_start(p->from + d) + 6 - p->from;
        if (it->end < it->first) it->end = it->first;
        if (it->end > it->until) it->end = it->until;
    }
}

static int pfit_free(const kam__plan *p, int desk, int32_t day)
{
    return p->load[desk][day] < p->room[desk][day];
}

/* Free, and a day this contact may lie on. */
static int pfit_takes(const kam__plan *p, const kam__plan_item *it, int32_t day)
{
    return pfit_free(p, kam__plan_desk(it), day) && kam__plan_on(p, it, day);
}

/* The least loaded day with room in [first, end], the earliest of equals; -1 = none. */
static int32_t pfit_least(const kam__plan *p, const kam__plan_item *it, int32_t first, int32_t end)
{
    int desk = kam__plan_desk(it);
    int32_t best = -1;
    const int32_t *load = p->load[desk], *room = p->room[desk];
    for (int32_t d = first; d <= end; d++)
        if (pfit_takes(p, it, d) &&
            (best < 0 || (int64_t)load[d] * room[best] < (int64_t)load[best] * room[d]))
            best = d;
    return best;
}

static int32_t pfit_last(const kam__plan_item *it)
{
    return it->day > it->end ? it->until : it->end;
}

static void pfit_lists(pfit *f, int desk, int with_kept)
{
    kam__plan *p = f->p;
    for (int32_t d = 0; d < p->days; d++) f->head[d] = f->via[d] = -1;
    for (size_t i = p->n; i-- > f->begin;) {
        const kam__plan_item *it = &p->item[i];
        if (it->day < 0 || it->fixed || kam__plan_desk(it) != desk || (it->kept && !with_kept)) continue;
        f->next[i - f->begin] = f->head[it->day];
        f->head[it->day] = (int32_t)i;
    }
}

/* Whoever came to day e came from a day that is free for the one before now; the last one makes room for the asker. */
static void pfit_shift(pfit *f, int desk, int32_t e)
{
    kam__plan *p = f->p;
    while (f->via[e] >= 0) {
        kam__plan_item *it = &p->item[f->via[e]];
        int32_t d = f->from[e];
        p->load[desk][d]--;
        it->kept = 0;
        pfit_put(p, it, e);
        e = d;
    }
}

/* A day of [first, end] that others can make room on: the room is there then; -1 = none. */
static int32_t pfit_augment(pfit *f, const kam__plan_item *asker, int32_t first, int32_t end, int with_kept)
{
    kam__plan *p = f->p;
    int desk = kam__plan_desk(asker);
    int64_t left = 0;
    int32_t n = 0;
    for (int32_t d = 0; d < p->days; d++) left += pfit_free(p, desk, d);
    if (!left) return -1;
    pfit_lists(f, desk, with_kept);
    for (int32_t d = 0; d < p->days; d++) f->from[d] = -1;
    for (int32_t d = first; d <= end; d++)
        if (kam__plan_on(p, asker, d)) f->queue[n++] = f->from[d] = d;
    for (int32_t q = 0; q < n; q++) {
        int32_t d = f->queue[q];
        for (int32_t i = f->head[d]; i >= 0; i = f->next[(size_t)i - f->begin]) {
            const kam__plan_item *it = &p->item[i];
            for (int32_t e = it->first; e <= pfit_last(it); e++) {
                if (f->from[e] >= 0 || !kam__plan_on(p, it, e)) continue;
                f->from[e] = d;
                f->via[e] = i;
                if (pfit_free(p, desk, e)) {
                    int32_t to = e;
                    while (f->via[to] >= 0) to = f->from[to];
                    pfit_shift(f, desk, e);
                    return to;
                }
                f->queue[n++] = e;
            }
        }
    }
    return -1;
}

static void pfit_one(pfit *f, kam__plan_item *it)
{
    kam__plan *p = f->p;
    uint8_t refused = kam__plan_desk(it) ? 0 : p->account[it->account].refused;
    if (refused) {
        it->code = refused;
        return;
    }
    int32_t d = pfit_least(p, it, it->first, it->end);
    for (int kept = 0; kept < 2 && d < 0; kept++) d = pfit_augment(f, it, it->first, it->end, kept);
    if (d < 0 && it->old > it->end && it->old <= it->until && pfit_takes(p, it, it->old)) {
        d = it->old;                            /* late it stays, but nobody has to be told */
        it->kept = 1;
    }
    for (int32_t e = it->end + 1; e <= it->until && d < 0; e++)
        if (pfit_takes(p, it, e)) d = e;
    if (d < 0 && it->until > it->end) d = pfit_augment(f, it, it->first, it->until, 0);
    if (d >= 0) pfit_put(p, it, d);
    else it->code = KAM_UNPLANNED_CAPACITY;      /* or what binds even more: kam__plan_reasons */
}

static int32_t pfit_all(pfit *f, uint32_t *order, size_t n, kam_error *err)
{
    kam__plan *p = f->p;
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)(f->begin + i);
    KAM__TRY(kam__sort(p->ctx, order, n, sizeof *order, pfit_order, p, err));
    pfit_weeks(p, order, n);
    for (size_t i = 0; i < n; i++) {
        kam__plan_item *it = &p->item[order[i]];
        if (it->fixed || it->old < it->first || it->old > it->end || !pfit_takes(p, it, it->old) ||
            (!kam__plan_desk(it) && p->account[it->account].refused))
            continue;
        it->kept = 1;
        pfit_put(p, it, it->old);
    }
    for (size_t i = 0; i < n; i++) {
        kam__plan_item *it = &p->item[order[i]];
        if (i % 1024 == 0) KAM__TRY(kam__progress(p->ctx, i, n, err));
        if (!it->fixed && it->day < 0) pfit_one(f, it);
    }
    return KAM_OK;
}

int32_t kam__plan_fit(kam__plan *p, size_t begin, kam_error *err)
{
    size_t n = p->n - begin, days = (size_t)p->days;
    int32_t *own = kam__zalloc_n(p->ctx, 4 * days + n + 1, sizeof *own);
    uint32_t *order = kam__zalloc_n(p->ctx, n + 1, sizeof *order);
    pfit f = {.p = p, .begin = begin};
    int32_t rc = own && order ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK) {
        f.via = own;
        f.from = own + days;
        f.queue = own + 2 * days;
        f.head = own + 3 * days;
        f.next = own + 4 * days;
        rc = pfit_all(&f, order, n, err);
    }
    kam__free(p->ctx, own);
    kam__free(p->ctx, order);
    return rc;
}
