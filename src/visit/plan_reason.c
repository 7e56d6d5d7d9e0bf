/*
 * visit/plan_reason.c - which limit binds a contact that has no day, told when the plan is complete.
 *
 * Days come first: the contact's own days may all be free days or days of an absence; if days the least gap forbids would
 * do, or days behind a contact that is agreed on, that is what binds. Where there are days, somebody is on them: what never
 * moves (locked, frozen, joint, the host's) binds if it alone leaves no place on any of them, by number or by hours;
 * else it is the room for visits or the hours, which contacts that were more important have used.
 */
#include "plan.h"

/* The plan with nothing but one contact (number 0) and, behind it, what never moves. */
typedef struct preason { const kam__plan *p; kam__plan one; kam__plan_item *item; uint32_t *stop, nfixed; } preason;

int32_t kam__plan_days(const kam__plan *p, const kam__plan_item *it, int32_t first, int32_t last, int absent)
{
    int32_t n = 0;
    for (int32_t d = first; d <= last; d++)
        n += p->halves[d] && (absent || !p->absent || !p->absent[d]) && kam__plan_on(p, it, d);
    return n;
}

/* 1: the contact has a place on the day beside the first n that never move. */
static int preason_fits(preason *r, const kam__plan_item *it, int32_t day, uint32_t n)
{
    int desk = kam__plan_desk(it);
    int32_t load = 0;
    for (uint32_t i = 1; i <= n; i++) load += r->item[i].day == day && kam__plan_desk(&r->item[i]) == desk;
    if (load >= r->p->room[desk][day]) return 0;
    if (desk || !r->p->hours.end) return 1;
    r->item[0] = *it;
    r->one.n = n + 1;
    return kam__plan_takes(&r->one, 0, day, r->stop);
}

static int preason_locked(preason *r, const kam__plan_item *it)
{
    int alone = 0;
    for (int32_t d = it->first; d <= it->until; d++) {
        if (!kam__plan_days(r->p, it, d, d, 0) || !preason_fits(r, it, d, 0)) continue;
        if (preason_fits(r, it, d, r->nfixed)) return 0;
        alone = 1;
    }
    return alone;
}

static uint8_t preason_code(preason *r, const kam__plan_item *it)
{
    const kam__plan *p = r->p;
    if (kam__plan_days(p, it, it->first, it->until, 0)) return preason_locked(r, it) ? KAM_UNPLANNED_LOCKS : it->code;
    if (kam__plan_days(p, it, it->early, it->first - 1, 0)) return KAM_UNPLANNED_GAP;
    if (kam__plan_days(p, it, it->until + 1, it->late, 0)) return KAM_UNPLANNED_LOCKS;
    return kam__plan_days(p, it, it->first, it->until, 1) ? KAM_UNPLANNED_ABSENCE : KAM_UNPLANNED_NO_WORKING_DAY;
}

static void preason_all(preason *r, kam__plan *p)
{
    r->one = *p;
    r->one.item = r->item;
    for (size_t i = 0; i < p->n; i++)
        if (p->item[i].fixed) r->item[++r->nfixed] = p->item[i];
    for (size_t i = 0; i < p->n; i++) {
        kam__plan_item *it = &p->item[i];
        if (it->day < 0 && (it->code == KAM_UNPLANNED_CAPACITY || it->code == KAM_UNPLANNED_HOURS)) it->code = preason_code(r, it);
    }
}

int32_t kam__plan_reasons(kam__plan *p, kam_error *err)
{
    preason r = {.p = p};
    r.item = kam__zalloc_n(p->ctx, p->n + 1, sizeof *r.item);
    r.stop = kam__zalloc_n(p->ctx, p->n + 2, sizeof *r.stop);
    int32_t rc = r.item && r.stop ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK) preason_all(&r, p);
    kam__free(p->ctx, r.item);
    kam__free(p->ctx, r.stop);
    return rc;
}
