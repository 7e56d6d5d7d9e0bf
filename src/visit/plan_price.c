/*
 * visit/plan_price.c - what another day would cost: of a planned visit, and of one that found no place.
 *
 * The other visits stay where they are, in their order; a visit is put between two of them where it costs the least way.
 * For what is not planned the limit that binds is given up: one visit more than a day has room for, minutes after the
 * end of the day, a rank, an absence, a least gap, a day behind what is agreed on.
 */
#include "plan.h"

#define PPRICE_OVERTIME 1440                    /* minutes a day may be longer, to tell by how many */

int32_t kam__plan_prices_open(kam__plan_prices *x, const kam__plan *p, kam_error *err)
{
    *x = (kam__plan_prices){.p = p};
    x->first = kam__zalloc_n(p->ctx, (size_t)p->days + 2, sizeof *x->first);
    x->stop = kam__zalloc_n(p->ctx, p->n + 2, sizeof *x->stop);
    x->metres = kam__zalloc_n(p->ctx, (size_t)p->days + 1, sizeof *x->metres);
    if (!x->first || !x->stop || !x->metres) return kam__nomem(err);
    for (size_t i = 0; i < p->n; i++)
        if (p->item[i].day >= 0) x->first[p->item[i].day + 1] = (uint32_t)i + 1;
    for (int32_t d = 0; d < p->days; d++)
        if (x->first[d + 1] < x->first[d]) x->first[d + 1] = x->first[d];
    for (size_t i = 0; i < p->n; i++)
        if (p->item[i].day >= 0 && p->item[i].metres > 0) x->metres[p->item[i].day] += p->item[i].metres;
    return KAM_OK;
}

void kam__plan_prices_close(kam__plan_prices *x)
{
    if (!x->p) return;
    kam__free(x->p->ctx, x->first);
    kam__free(x->p->ctx, x->stop);
    kam__free(x->p->ctx, x->metres);
}

/* The visits of a day in their order, without one (UINT32_MAX: all). */
static uint32_t pprice_stops(kam__plan_prices *x, int32_t day, uint32_t without)
{
    const kam__plan *p = x->p;
    uint32_t n = 0;
    for (uint32_t i = x->first[day]; i < x->first[day + 1]; i++)
        if (i != without && !kam__plan_desk(&p->item[i]) && p->account[p->item[i].account].located) x->stop[n++] = i;
    return n;
}

/* Metres a visit adds to a day; -1: it has no place there. */
static int64_t pprice_more(kam__plan_prices *x, const kam__plan *p, int32_t day, uint32_t item, int soon, kam__plan_way *way)
{
    uint32_t n = pprice_stops(x, day, item);
    if (kam__plan_insert(p, day, x->stop, n, item, soon, way) < 0) return -1;
    return way->metres - x->metres[day];
}

int kam__plan_price_other(kam__plan_prices *x, uint32_t item, kam__plan_price *out)
{
    const kam__plan *p = x->p;
    const kam__plan_item *it = &p->item[item];
    kam__plan_way way;
    *out = (kam__plan_price){-1, 0, 0};
    if (it->fixed || it->day < 0 || kam__plan_desk(it) || !p->account[it->account].located) return 0;
    uint32_t n = pprice_stops(x, it->day, item);
    kam__plan_schedule(p, it->day, x->stop, n, NULL, &way);
    int64_t saved = x->metres[it->day] - way.metres;
    for (int32_t d = it->first; d <= (it->day > it->end ? it->until : it->end); d++) {
        if (d == it->day || !kam__plan_allowed(p, it, d, it->until) || p->load[0][d] >= p->room[0][d]) continue;
        int64_t more = pprice_more(x, p, d, item, 0, &way);
        if (more < 0 || (out->day >= 0 && more - saved >= out->metres)) continue;
        *out = (kam__plan_price){d, more - saved, 0};
    }
    return out->day >= 0;
}

/* The days that come into question once the limit that binds is given up: the contact's own, or those the limit keeps it
 * from. 1: its own, and more is to be done on them than there is room for. */
static int pprice_range(const kam__plan *p, const kam__plan_item *it, int32_t *first, int32_t *last)
{
    *first = it->early;
    *last = it->first - 1;
    if (it->code == KAM_UNPLANNED_GAP) return 0;
    int own = it->code != KAM_UNPLANNED_LOCKS || kam__plan_days(p, it, it->first, it->until, 0) > 0;
    *first = own ? it->first : it->until + 1;
    *last = own ? it->until : it->late;
    return own && (it->code == KAM_UNPLANNED_CAPACITY || it->code == KAM_UNPLANNED_LOCKS);
}

/* Days that are possible once the limit that binds is given up, and only that one. */
static int pprice_free(const kam__plan *p, const kam__plan_item *it, int32_t day, int over)
{
    int desk = kam__plan_desk(it), absent = p->absent && p->absent[day];
    if (it->code == KAM_UNPLANNED_ABSENCE) return absent && kam__plan_days(p, it, day, day, 1);
    return kam__plan_days(p, it, day, day, 0) && (over || p->load[desk][day] < p->room[desk][day]);
}

/* Calls: any of their days would do. */
static int pprice_desk(const kam__plan *p, const kam__plan_item *it, kam__plan_price *out)
{
    int32_t first = 0, last = 0;
    int over = pprice_range(p, it, &first, &last);
    for (int32_t d = first; d <= last && out->day < 0; d++)
        if (pprice_free(p, it, d, over)) out->day = d;
    return out->day >= 0;
}

int kam__plan_price_relax(kam__plan_prices *x, uint32_t item, kam__plan_price *out)
{
    const kam__plan *p = x->p;
    const kam__plan_item *it = &p->item[item];
    kam__plan_way way;
    int32_t first = 0, last = 0;
    *out = (kam__plan_price){-1, 0, 0};
    if (it->code < KAM_UNPLANNED_CAPACITY || it->code == KAM_UNPLANNED_NO_WORKING_DAY) return 0;
    int over = pprice_range(p, it, &first, &last);
    int hours = it->code == KAM_UNPLANNED_HOURS || (it->code == KAM_UNPLANNED_LOCKS && over && p->hours.end > 0);
    if (kam__plan_desk(it) || !p->account[it->account].located) return it->code != KAM_UNPLANNED_HOURS && pprice_desk(p, it, out);
    kam__plan free = *p;
    if (hours) free.hours.end += PPRICE_OVERTIME, free.hours.driving = 0;
    else if (over) free.hours.end = 0;
    for (int32_t d = first; d <= last; d++) {
        if (!pprice_free(p, it, d, over)) continue;
        int64_t more = pprice_more(x, &free, d, item, hours, &way), late = hours ? way.end - kam__plan_closing(p, d) : 0;
        if (more < 0) continue;
        if (late < 0) late = 0;
        if (out->day >= 0 && (late > out->minutes || (late == out->minutes && more >= out->metres))) continue;
        *out = (kam__plan_price){d, more, (int32_t)late};
    }
    return out->day >= 0;
}
