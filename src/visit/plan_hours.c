/*
 * visit/plan_hours.c - the hours of a day: when each visit of a way begins, and whether the way is possible at all.
 *
 * Whole minutes; a way goes on as soon as it can and waits where an account is not open yet, which is as good as any
 * other way to begin. At the end of planning each day is ordered once more from nothing but its visits, so that the same
 * visits always have the same order; then who was left out is offered every place there is, so that whoever stays
 * left out really fits nowhere.
 */
#include "plan.h"

int32_t kam__plan_service(const kam__plan *p, const kam__plan_item *it)
{
    int32_t minutes = it->planned != UINT32_MAX ? p->planned[it->planned].duration : 0;
    if (minutes <= 0 && it->rule) minutes = it->rule->minutes;
    return minutes > 0 ? minutes : p->hours.visit > 0 ? p->hours.visit : KAM__PLAN_VISIT;
}

int64_t kam__plan_minutes(const kam__plan *p, uint32_t a, uint32_t b)
{
    return (kam__plan_seconds(p, a, b) + 59) / 60;
}

int32_t kam__plan_closing(const kam__plan *p, int32_t day)
{
    int32_t whole = p->hours.end - p->hours.begin;
    return p->hours.begin + (p->halves[day] == 1 ? whole / 2 : whole);
}

/* Minutes of the day for visits without a place, which lie on no way. */
static int32_t phours_apart(const kam__plan *p, int32_t day)
{
    int32_t sum = 0;
    for (size_t i = 0; i < p->n; i++)
        if (!kam__plan_desk(&p->item[i]) && p->item[i].day == day && !p->account[p->item[i].account].located)
            sum += kam__plan_service(p, &p->item[i]);
    return sum;
}

int kam__plan_opens(const kam__plan *p, const kam__plan_open *o, int32_t day)
{
    return o->weekday == kam__weekday(p->from + day) && p->from + day >= o->first && p->from + day <= o->last;
}

int64_t kam__plan_clear(const kam__plan_hours *h, int64_t at, int32_t minutes)
{
    return at < h->pause_end && at + minutes > h->pause_begin ? h->pause_end : at;
}

/* The first minute from `at` on that the visit can begin; -1: none that day. What is agreed on begins then, break or not. */
static int64_t phours_open(const kam__plan *p, const kam__plan_item *it, int32_t day, int64_t at)
{
    const kam__plan_account *a = &p->account[it->account];
    int32_t start = it->fixed && it->planned != UINT32_MAX ? p->planned[it->planned].start : -1, service = kam__plan_service(p, it);
    int64_t first = -1;
    if (start >= 0) return at <= start ? start : -1;
    if (!a->hours) return kam__plan_clear(&p->hours, at, service);
    for (uint32_t w = 0; w < a->nopen; w++) {
        const kam__plan_open *o = &a->open[w];
        if (!kam__plan_opens(p, o, day)) continue;
        int64_t begin = kam__plan_clear(&p->hours, at > o->from ? at : o->from, service);
        if (begin + service <= o->to && (first < 0 || begin < first)) first = begin;
    }
    return first;
}

static int phours_schedule(const kam__plan *p, int32_t day, int64_t closing, const uint32_t *item, uint32_t n,
                           int32_t *begin, kam__plan_way *out)
{
    uint32_t at = KAM__PLAN_HOME;
    int hours = p->hours.end > 0;
    *out = (kam__plan_way){0, 0, p->hours.begin};
    for (uint32_t i = 0; i < n; i++) {
        const kam__plan_item *it = &p->item[item[i]];
        int64_t way = kam__plan_minutes(p, at, it->account), now = out->end + way;
        out->metres += kam__plan_metres(p, at, it->account);
        out->driving += way;
        at = it->account;
        if (hours && (now = phours_open(p, it, day, now)) < 0) return 0;
        if (begin) begin[i] = (int32_t)now;
        out->end = now + kam__plan_service(p, it);
    }
    return !hours || !n || (out->end <= closing && (!p->hours.driving || out->driving <= p->hours.driving));
}

int kam__plan_schedule(const kam__plan *p, int32_t day, const uint32_t *item, uint32_t n, int32_t *begin, kam__plan_way *out)
{
    int64_t closing = p->hours.end > 0 ? kam__plan_closing(p, day) - phours_apart(p, day) : 0;
    return phours_schedule(p, day, closing, item, n, begin, out);
}

static void phours_swap(uint32_t *stop, uint32_t a)
{
    uint32_t x = stop[a];
    stop[a] = stop[a + 1];
    stop[a + 1] = x;
}

static int phours_worse(const kam__plan_way *x, const kam__plan_way *y, int soon)
{
    int64_t a = soon ? x->end : x->metres, b = soon ? y->end : y->metres;
    return a != b ? a > b : soon ? x->metres >= y->metres : x->end >= y->end;
}

/* From the last place to the first, then back to the best. */
int32_t kam__plan_insert(const kam__plan *p, int32_t day, uint32_t *stop, uint32_t n, uint32_t item, int soon, kam__plan_way *out)
{
    int64_t closing = p->hours.end > 0 ? kam__plan_closing(p, day) - phours_apart(p, day) : 0;
    int32_t best = -1;
    stop[n] = item;
    for (uint32_t at = n + 1; at-- > 0;) {
        kam__plan_way way;
        if (at < n) phours_swap(stop, at);
        if (!phours_schedule(p, day, closing, stop, n + 1, NULL, &way) || (best >= 0 && phours_worse(&way, out, soon))) continue;
        *out = way;
        best = (int32_t)at;
    }
    for (uint32_t at = 0; at < (best < 0 ? n : (uint32_t)best); at++) phours_swap(stop, at);
    return best;
}

/* ---------------------------------------------------------------- the order of days */

static int phours_order(const void *a, const void *b, void *arg)
{
    const kam__plan *p = arg;
    const kam__plan_item *x = &p->item[*(const uint32_t *)a], *y = &p->item[*(const uint32_t *)b];
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    return (*(const uint32_t *)a > *(const uint32_t *)b) - (*(const uint32_t *)a < *(const uint32_t *)b);
}

uint32_t kam__plan_stops(const kam__plan *p, int32_t day, uint32_t *item)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (kam__plan_desk(&p->item[i]) || p->item[i].day != day || !p->account[p->item[i].account].located) continue;
        uint32_t k = n++;
        for (; k && phours_order(&i, &item[k - 1], (void *)(uintptr_t)p) < 0; k--) item[k] = item[k - 1];
        item[k] = i;
    }
    return n;
}

/* Numbers the stops of a day. Those that stay although the hours have no place for them come last, without an hour. */
static void phours_number(kam__plan *p, int32_t day, uint32_t *item, int32_t *begin)
{
    uint32_t n = kam__plan_stops(p, day, item), before = KAM__PLAN_HOME, good = n;
    kam__plan_way way;
    while (good && !kam__plan_schedule(p, day, item, good, begin, &way)) good--;
    for (uint32_t i = 0; i < n; i++) {
        kam__plan_item *it = &p->item[item[i]];
        it->metres = kam__plan_metres(p, before, it->account);
        it->order = (int32_t)i + 1;
        it->begin = i < good ? begin[i] : -1;
        before = it->account;
    }
}

/* Visits that never change their day but do not fit its hours stand last. */
static int32_t phours_day(kam__plan *p, const int32_t *cap, int32_t day, uint32_t *item, int32_t *begin, kam_error *err)
{
    const kam__plan_part part = {.day = &day, .nday = 1, .cap = cap, .seed = 1, .order = 1};
    uint32_t missing = 0, n = kam__plan_stops(p, day, item);
    for (uint32_t i = 0; i < n; i++)
        if (!p->item[item[i]].order) p->item[item[i]].order = INT32_MAX;
    KAM__TRY(kam__plan_route(p, &part, &missing, err));
    phours_number(p, day, item, begin);
    return KAM_OK;
}

int kam__plan_takes(kam__plan *p, uint32_t i, int32_t day, uint32_t *item)
{
    kam__plan_item *it = &p->item[i];
    kam__plan_way way;
    uint32_t n = kam__plan_stops(p, day, item);
    if (p->account[it->account].located) {
        if (kam__plan_insert(p, day, item, n, i, 0, &way) < 0) return 0;
        for (uint32_t k = 0; k <= n; k++) p->item[item[k]].order = (int32_t)k + 1;
        it->day = day;
        return 1;
    }
    it->day = day;
    if (kam__plan_schedule(p, day, item, n, NULL, &way) && phours_apart(p, day) <= kam__plan_closing(p, day) - p->hours.begin)
        return 1;
    it->day = -1;
    return 0;
}

/* Who was left out is offered every place. 1: found one. Days that were full may have room since others went for want of
 * hours: then it is the hours that leave no place. */
static int phours_offer(kam__plan *p, uint32_t i, uint32_t *item, int32_t *day)
{
    kam__plan_item *it = &p->item[i];
    if (it->day >= 0 || kam__plan_desk(it) || (it->code != KAM_UNPLANNED_HOURS && it->code != KAM_UNPLANNED_CAPACITY)) return 0;
    for (*day = it->first; *day <= it->until; ++*day) {
        if (!kam__plan_allowed(p, it, *day, it->until) || p->load[0][*day] >= p->room[0][*day]) continue;
        it->code = KAM_UNPLANNED_HOURS;
        if (!kam__plan_takes(p, i, *day, item)) continue;
        it->code = 0;
        p->load[0][*day]++;
        return 1;
    }
    return 0;
}

/* Visits without a place may not take more than the day has: the last ones go, others stay. */
void kam__plan_apart(kam__plan *p, size_t begin)
{
    for (size_t i = p->n; i-- > begin;) {
        kam__plan_item *it = &p->item[i];
        if (kam__plan_desk(it) || it->fixed || it->day < 0 || p->account[it->account].located) continue;
        if (phours_apart(p, it->day) <= kam__plan_closing(p, it->day) - p->hours.begin) continue;
        p->load[0][it->day]--;
        it->day = -1;
        it->kept = 0;
        it->code = KAM_UNPLANNED_HOURS;
    }
}

static int32_t phours_all(kam__plan *p, int32_t *cap, uint32_t *item, int32_t *begin, kam_error *err)
{
    int32_t day = 0;
    kam__plan_caps(p, cap);
    for (int32_t d = 0; d < p->days; d++)
        if (p->load[0][d] > 0) KAM__TRY(phours_day(p, cap, d, item, begin, err));
    for (uint32_t i = 0; i < p->n; i++)
        if (phours_offer(p, i, item, &day)) phours_number(p, day, item, begin);
    return KAM_OK;
}

int32_t kam__plan_order(kam__plan *p, kam_error *err)
{
    int32_t *begin = kam__zalloc_n(p->ctx, p->n + 1, sizeof *begin), *cap = kam__zalloc_n(p->ctx, (size_t)p->days, sizeof *cap);
    uint32_t *item = kam__zalloc_n(p->ctx, p->n + 2, sizeof *item);
    int32_t rc = begin && cap && item ? phours_all(p, cap, item, begin, err) : kam__nomem(err);
    kam__free(p->ctx, begin);
    kam__free(p->ctx, cap);
    kam__free(p->ctx, item);
    return rc;
}
