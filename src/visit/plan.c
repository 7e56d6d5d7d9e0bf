/*
 * visit/plan.c - what a representative has to do in a window of days: contacts asked for by the rules, one round after
 * another.
 *
 * What must be seen goes before everything else, in rounds of its own. A round takes the next contact of every account and
 * rule, because the day by which the following one is due depends
 * on the day this one gets. A due day is a deadline: a visit may come earlier (in the last quarter of its gap), a call
 * within its block of weeks. A contact never made that is overdue is spread over the window, one overdue since
 * the last contact comes within the weeks capacity allows. What is planned already and cannot be moved counts as a
 * contact on its day; what can be moved is taken over by the contact it was planned for and stays where it still fits.
 */
#include "plan.h"

#define VPLAN_NONE UINT32_MAX

static const kam__cadence_set *vplan_set(const kam__plan *p, uint32_t account)
{
    return &p->cadence->set[p->account[account].set];
}

static size_t vplan_state(const kam__plan *p, uint32_t account, uint32_t rule)
{
    return (size_t)account * p->cadence->max_rules + rule;
}

static kam__plan_item *vplan_push(kam__plan *p, const kam__plan_item *it, kam_error *err)
{
    if (kam__grow(p->ctx, &p->item, &p->cap, p->n + 1, sizeof *p->item, err) != KAM_OK) return NULL;
    p->item[p->n] = *it;
    return &p->item[p->n++];
}

static int32_t vplan_index(const kam__plan *p, int32_t day)
{
    return day >= p->from && day < p->from + p->days ? day - p->from : -1;
}

/* ---------------------------------------------------------------- capacity */

static int32_t vplan_halved(int32_t whole, int halves)
{
    int32_t half = (int32_t)((int64_t)whole * halves / 2);
    return !half && whole && halves ? 1 : half;
}

static int32_t vplan_open(kam__plan *p, kam_error *err)
{
    size_t days = (size_t)p->days, states = (size_t)p->naccount * p->cadence->max_rules;
    int32_t *own = kam__zalloc_n(p->ctx, 4 * days, sizeof *own);
    p->room[0] = own;
    p->halves = kam__zalloc_n(p->ctx, days, 1);
    p->reached = kam__zalloc_n(p->ctx, states + 1, sizeof *p->reached);
    p->done = kam__zalloc_n(p->ctx, states + 1, 1);
    if (!own || !p->halves || !p->reached || !p->done) return kam__nomem(err);
    p->load[0] = own + days;
    p->room[1] = own + 2 * days;
    p->load[1] = own + 3 * days;
    for (int32_t d = 0; d < p->days; d++) {
        p->halves[d] = (uint8_t)kam__calendar_halves(p->calendar, p->from + d);
        int there = p->absent && p->absent[d] ? 0 : p->halves[d];
        p->room[0][d] = vplan_halved(p->visits, there);
        p->room[1][d] = vplan_halved(p->calls, there);
    }
    for (uint32_t a = 0; a < p->naccount; a++)
        for (uint32_t r = 0; r < vplan_set(p, a)->nrule; r++) p->reached[vplan_state(p, a, r)] = p->account[a].last[r];
    return KAM_OK;
}

void kam__plan_free(kam__plan *p)
{
    void *const own[] = {p->item, p->room[0], p->halves, p->reached, p->done, p->metres, p->seconds};
    for (size_t i = 0; i < KAM__LEN(own); i++) kam__free(p->ctx, own[i]);
    p->item = NULL;
    p->room[0] = p->reached = NULL;
    p->halves = p->done = NULL;
    p->metres = NULL;
    p->seconds = NULL;
    p->n = p->cap = 0;
}

/* ---------------------------------------------------------------- what is planned already */

static kam__plan_item vplan_of(const kam__plan *p, uint32_t planned)
{
    const kam__planned *k = &p->planned[planned];
    return (kam__plan_item){.account = k->account, .planned = planned, .channel = k->channel, .cause = k->cause,
                            .last = k->last, .due = k->due, .old = vplan_index(p, k->day), .day = -1, .metres = -1, .begin = -1,
                            .until = p->days - 1, .end = p->days - 1, .late = p->days - 1};
}

static int32_t vplan_add_fixed(kam__plan *p, kam_error *err)
{
    for (uint32_t i = 0; i < p->nplanned; i++) {
        kam__planned *k = &p->planned[i];
        kam__plan_item it = vplan_of(p, i);
        if (!k->stays || k->elsewhere || it.old < 0) continue;
        it.fixed = 1;
        it.day = it.old;
        it.reason = k->locked ? KAM_PLAN_REASON_LOCKED
                    : k->joint ? KAM_PLAN_REASON_JOINT
                    : k->cause == KAM_ACTIVITY_CAUSE_CADENCE || k->cause == KAM_ACTIVITY_CAUSE_FOLLOWUP
                        ? KAM_PLAN_REASON_FROZEN
                        : KAM_PLAN_REASON_HOST;
        k->used = 1;
        p->load[kam__plan_desk(&it)][it.day]++;
        if (!vplan_push(p, &it, err)) return KAM_E_NOMEM;
    }
    return KAM_OK;
}

/* Open follow-ups due in the window, or planned in it: each is a contact of its own (R119). */
static int32_t vplan_add_followups(kam__plan *p, kam_error *err)
{
    for (uint32_t i = 0; i < p->nplanned; i++) {
        kam__planned *k = &p->planned[i];
        kam__plan_item it = vplan_of(p, i);
        if (k->stays || k->elsewhere || k->cause != KAM_ACTIVITY_CAUSE_FOLLOWUP) continue;
        if (it.old < 0 && k->day >= p->from && k->due >= p->from + p->days) continue;
        k->used = 1;
        it.due = kam__calendar_before(p->calendar, k->due,
                                      k->last == KAM__NEVER ? k->due - KAM__FOLLOWUP_DAYS + 1 : k->last + 1);
        if (it.due < p->from) it.soon = 1;
        else if (it.due < p->from + p->days) it.end = it.due - p->from;
        it.score = kam__due_score(NULL, it.last, it.due, 0, p->calendar, vplan_set(p, it.account)->weight, p->from);
        if (!vplan_push(p, &it, err)) return KAM_E_NOMEM;
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- the next contact by a rule */

/* A planned activity counts as if whom the rule asks for were met: that is what it is planned for. */
static int vplan_serves(const kam__planned *k, const kam__cadence_rule *rule)
{
    if (k->channel != rule->channel) return 0;
    int32_t direction =
        k->channel == KAM_CHANNEL_VISIT && kam__visit_outbound(k->direction) ? KAM_DIRECTION_OUTBOUND : k->direction;
    return !rule->direction || direction == rule->direction;
}

/* The first one that stays, later than `after`, up to `until`; KAM__NEVER = none. */
static int32_t vplan_standing(const kam__plan *p, uint32_t account, const kam__cadence_rule *rule, int32_t after,
                              int32_t until)
{
    const kam__plan_account *a = &p->account[account];
    for (uint32_t i = a->planned; i < a->planned + a->nplanned; i++) {
        const kam__planned *k = &p->planned[i];
        if (k->stays && k->day > after && k->day > p->as_of && k->day <= until && vplan_serves(k, rule)) return k->day;
    }
    return KAM__NEVER;
}

int kam__plan_on(const kam__plan *p, const kam__plan_item *it, int32_t day)
{
    const kam__plan_account *a = &p->account[it->account];
    int visit = it->channel == KAM_CHANNEL_VISIT;
    if (it->rule && a->away == 2 && (p->from + day < a->away_first || p->from + day > a->away_last)) return 0;
    if (visit && a->closed >> (kam__weekday(p->from + day) - 1) & 1u) return 0;
    if (visit && a->shut && a->shut[day]) return 0;
    return !it->rule || (!it->rule->weekdays && !it->rule->nth) || kam__cadence_on(it->rule, p->from + day);
}

/* The movable one to take over: the one planned for this very due day, else the earliest of [first, until] or missed. */
static uint32_t vplan_match(const kam__plan *p, const kam__plan_item *it, int missed)
{
    const kam__plan_account *a = &p->account[it->account];
    uint32_t found = VPLAN_NONE;
    for (uint32_t i = a->planned; i < a->planned + a->nplanned; i++) {
        const kam__planned *k = &p->planned[i];
        int32_t d = vplan_index(p, k->day);
        if (k->stays || k->used || k->cause != KAM_ACTIVITY_CAUSE_CADENCE || k->channel != it->channel) continue;
        if (d < 0 ? !missed || k->day >= p->from : d < it->first || d > it->until) continue;
        if (k->due == it->due && d >= 0) return i;
        if (found == VPLAN_NONE) found = i;
    }
    return found;
}

/* Which days of the window a contact of a rule of weeks may lie on: those of its block, or of this one if it was missed. */
static void vplan_weeks(const kam__plan *p, kam__plan_item *it)
{
    int32_t first = 0, last = 0;
    kam__due_block(it->rule, it->due < p->from ? p->from : it->due, &first, &last);
    if (it->due >= p->from) last = it->due;
    while (it->due < p->from && last < p->from + p->days - 1) {
        if (kam__calendar_halves(p->calendar,
                                 kam__calendar_before(p->calendar, last, first > p->from ? first : p->from)))
            break;
        kam__due_block(it->rule, last + 1, &(int32_t){0}, &last);
    }
    int32_t least = kam__due_least(it->rule, it->last, p->calendar);
    it->early = first - p->from;
    if (first < least) first = least < last ? least : last;
    it->first = first - p->from;
    it->end = it->until = last - p->from;
}

static int32_t vplan_clamp(int32_t day, int32_t first, int32_t last)
{
    return day < first ? first : day > last ? last : day;
}

static void vplan_gap(const kam__plan *p, kam__plan_item *it)
{
    kam__cadence_rule free = *it->rule;
    free.min_gap = 0;
    it->first = vplan_clamp(kam__due_from(it->rule, it->last, it->due, p->calendar), p->from, INT32_MAX) - p->from;
    it->early = vplan_clamp(kam__due_from(&free, it->last, it->due, p->calendar), p->from, INT32_MAX) - p->from;
    it->end = it->due - p->from;
    it->until = p->days - 1;
    if (it->due >= p->from) return;
    it->end = p->days - 1;
    if (it->last != KAM__NEVER) it->soon = 1;
}

/* Until when a contact that stands counts as this one. */
static int32_t vplan_reach(const kam__plan *p, const kam__plan_item *it)
{
    int32_t due = it->due < p->from ? p->from : it->due;
    if (it->rule->unit == KAM__EVERY_ISO_WEEKS) return p->from + it->until;
    return it->last == KAM__NEVER ? p->from + p->days : due + (it->due - it->last) / 2;
}

/* 1: the rule asks for a contact in the window. */
static int vplan_next(const kam__plan *p, kam__plan_item *it)
{
    int32_t *reached = &p->reached[vplan_state(p, it->account, it->at)];
    for (;;) {
        it->last = *reached;
        it->soon = 0;
        it->due = kam__due_day(it->rule, it->last, p->account[it->account].since, p->calendar);
        if (it->rule->unit == KAM__EVERY_ISO_WEEKS) vplan_weeks(p, it);
        else vplan_gap(p, it);
        int32_t stands = vplan_standing(p, it->account, it->rule, it->last, vplan_reach(p, it));
        if (stands == KAM__NEVER) break;
        *reached = stands;
    }
    int32_t later = vplan_standing(p, it->account, it->rule, it->last, p->from + p->days - 1);
    it->late = it->until = vplan_clamp(it->until, INT32_MIN, p->days - 1);
    if (it->rule->unit != KAM__EVERY_ISO_WEEKS && later != KAM__NEVER) it->until = later - 1 - p->from;       /* else it does instead */
    it->first = vplan_clamp(it->first, 0, INT32_MAX);
    it->early = vplan_clamp(it->early, 0, it->first);
    if (it->first >= p->days) return 0;
    it->end = vplan_clamp(it->end, it->first, p->days - 1);
    if (it->end > it->until) it->end = it->until;
    return it->first <= it->until;
}

/* 1: what is due falls to the other one of owner and substitute, who is taken to do it in time. */
static int vplan_others(const kam__plan *p, const kam__plan_item *it)
{
    const kam__plan_account *a = &p->account[it->account];
    int32_t due = it->due < p->from ? p->from : it->due;
    int in = due >= a->away_first && due <= a->away_last;
    return a->away == 1 ? in : a->away == 2 && !in;
}

/* The next one that is this plan's own. */
static int vplan_own(kam__plan *p, kam__plan_item *it)
{
    int32_t *reached = &p->reached[vplan_state(p, it->account, it->at)];
    for (int32_t guard = 0; vplan_next(p, it); guard++) {
        int32_t due = it->due < p->from ? p->from : it->due;
        if (!vplan_others(p, it)) return 1;
        if (due >= p->from + p->days || due <= *reached || guard > p->days) return 0;
        *reached = due;
    }
    return 0;
}

/* What nobody knows of yet must still be prepared; where there is not the time for it, as late as possible. */
static void vplan_prepare(const kam__plan *p, kam__plan_item *it)
{
    if (!it->rule->prepare) return;
    int32_t ready = kam__calendar_add(p->calendar, p->as_of, it->rule->prepare) - p->from;
    if (it->first < ready) it->first = ready < it->until ? ready : it->until;
    it->early = vplan_clamp(ready, it->early, it->first);
    if (it->end < it->first) it->end = it->first;
}

/* What is due only after the window stays if it is planned already, and planned sensibly. */
static int32_t vplan_ask(kam__plan *p, uint32_t account, uint32_t rule, kam_error *err)
{
    kam__plan_item it = {
        .account = account, .rule = &vplan_set(p, account)->rule[rule], .at = rule, .old = -1, .day = -1, .metres = -1,
        .begin = -1};
    size_t state = vplan_state(p, account, rule);
    it.channel = it.rule->channel;
    it.cause = KAM_ACTIVITY_CAUSE_CADENCE;
    if (p->done[state] || p->account[account].guest) return KAM_OK;
    p->done[state] = 1;
    if (!vplan_own(p, &it)) return KAM_OK;
    int beyond = it.due >= p->from + p->days;
    it.planned = vplan_match(p, &it, !beyond && (it.rule->unit != KAM__EVERY_ISO_WEEKS || it.due < p->from));
    if (it.planned == VPLAN_NONE && beyond) return KAM_OK;
    if (it.planned == VPLAN_NONE) vplan_prepare(p, &it);
    if (it.planned != VPLAN_NONE) {
        p->planned[it.planned].used = 1;
        if (!p->planned[it.planned].other_owner) it.old = vplan_index(p, p->planned[it.planned].day);
    }
    it.score = kam__due_score(it.rule, it.last, it.due, p->account[account].since, p->calendar, vplan_set(p, account)->weight, p->from);
    it.linked = p->reached[state] != p->account[account].last[rule];
    p->done[state] = 0;
    return vplan_push(p, &it, err) ? KAM_OK : KAM_E_NOMEM;
}

/* After a round: from where the next contact counts. A week nobody can call in does not end the calls of later weeks. */
static void vplan_reached(kam__plan *p, size_t begin)
{
    for (size_t i = begin; i < p->n; i++) {
        const kam__plan_item *it = &p->item[i];
        if (!it->rule) continue;
        size_t state = vplan_state(p, it->account, it->at);
        int32_t stands = vplan_standing(p, it->account, it->rule, p->from + it->until, p->from + p->days - 1);
        if (it->day >= 0) p->reached[state] = p->from + it->day;
        else if (it->rule->unit == KAM__EVERY_ISO_WEEKS) p->reached[state] = p->from + it->until;
        else if (stands != KAM__NEVER) p->reached[state] = stands;
        else p->done[state] = 1;
    }
}

/* A contact with another one behind it belongs to a chain: its day decides on that one's. The last one may not come so
 * early that one more would be due. */
static void vplan_link(kam__plan *p)
{
    for (size_t i = p->n; i-- > 0;) {
        kam__plan_item *it = &p->item[i];
        it->least = it->first;
        if (!it->rule || it->day < 0) continue;
        int32_t since = p->account[it->account].since;
        if (p->reached[vplan_state(p, it->account, it->at)] != p->from + it->day) it->linked = 1;
        while (it->least < it->day &&
               kam__due_day(it->rule, p->from + it->least, since, p->calendar) < p->from + p->days)
            it->least++;
    }
}

static int32_t vplan_round(kam__plan *p, size_t begin, kam_error *err)
{
    KAM__TRY(kam__plan_fit(p, begin, err));
    return kam__plan_search(p, begin, err);
}

/* must: of the contacts that are planned before everything else, or of all others. */
static int32_t vplan_rounds(kam__plan *p, size_t begin, int must, kam_error *err)
{
    for (;;) {
        for (uint32_t a = 0; a < p->naccount; a++)
            for (uint32_t r = 0; r < vplan_set(p, a)->nrule; r++)
                if (vplan_set(p, a)->rule[r].must == must) KAM__TRY(vplan_ask(p, a, r, err));
        if (p->n == begin) return KAM_OK;
        KAM__TRY(vplan_round(p, begin, err));
        vplan_reached(p, begin);
        begin = p->n;
    }
}

static int32_t vplan_all(kam__plan *p, kam_error *err)
{
    KAM__TRY(vplan_rounds(p, p->n, 1, err));
    size_t begin = p->n;
    KAM__TRY(vplan_add_followups(p, err));
    KAM__TRY(vplan_rounds(p, begin, 0, err));
    vplan_link(p);
    KAM__TRY(p->hours.end > 0 ? kam__plan_order(p, err) : kam__plan_polish(p, err));
    return kam__plan_reasons(p, err);
}

/* ---------------------------------------------------------------- the list */

static uint8_t vplan_moved(const kam__plan *p, const kam__plan_item *it)
{
    const kam__planned *k = &p->planned[it->planned];
    if (k->other_owner) return KAM_PLAN_REASON_OWNER;
    if (it->old < 0) return KAM_PLAN_REASON_MISSED;
    if (!p->room[kam__plan_desk(it)][it->old]) return KAM_PLAN_REASON_DAY_OFF;
    if (it->old < it->first) return KAM_PLAN_REASON_TOO_EARLY;
    if (it->old > it->end) return KAM_PLAN_REASON_TOO_LATE;
    return it->reason == KAM_PLAN_REASON_SHORTER ? KAM_PLAN_REASON_SHORTER : KAM_PLAN_REASON_FULL;
}

static void vplan_settle(const kam__plan *p, kam__plan_item *it)
{
    if (it->day >= 0) it->capacity = p->room[kam__plan_desk(it)][it->day];
    if (it->planned == VPLAN_NONE) {
        it->what = KAM_PLAN_WHAT_ADDED;
        it->reason = KAM_PLAN_REASON_NEW;
    } else if (it->day < 0) {                   /* an open follow-up stays open: it is owed */
        it->what = it->rule ? KAM_PLAN_WHAT_CANCELLED : 0;
        it->reason = KAM_PLAN_REASON_UNPLANNED;
    } else if (it->day == it->old && !p->planned[it->planned].other_owner) {
        it->what = KAM_PLAN_WHAT_KEPT;
        if (!it->fixed) it->reason = KAM_PLAN_REASON_STILL_RIGHT;
    } else {
        it->what = KAM_PLAN_WHAT_MOVED;
        it->reason = vplan_moved(p, it);
    }
}

static int vplan_less(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int vplan_order(const void *a, const void *b, void *arg)
{
    const kam__plan_item *x = a, *y = b;
    const kam__plan *p = arg;
    int c = vplan_less(x->day < 0, y->day < 0);
    if (!c) c = vplan_less(x->day, y->day);
    if (!c) c = vplan_less(x->channel, y->channel);
    if (!c) c = vplan_less(!x->order, !y->order);
    if (!c) c = vplan_less(x->order, y->order);
    if (!c) c = vplan_less(p->account[x->account].rank, p->account[y->account].rank);
    if (!c) c = vplan_less(p->account[x->account].id, p->account[y->account].id);
    if (!c) c = vplan_less(x->due, y->due);
    if (!c) c = vplan_less(x->at, y->at);
    return c ? c : vplan_less(x->planned, y->planned);
}

/* Contacts without a way follow behind those of the way, or stand by themselves. */
static int32_t vplan_list(kam__plan *p, kam_error *err)
{
    for (size_t i = 0; i < p->n; i++) vplan_settle(p, &p->item[i]);
    KAM__TRY(kam__sort(p->ctx, p->item, p->n, sizeof *p->item, vplan_order, p, err));
    for (size_t i = 0; i < p->n; i++) {
        kam__plan_item *it = &p->item[i], *before = i ? &p->item[i - 1] : it;
        int same = i && before->day == it->day && before->channel == it->channel;
        if (it->day >= 0) it->order = same ? before->order + 1 : 1;
    }
    return KAM_OK;
}

int32_t kam__plan_make(kam__plan *p, kam_error *err)
{
    KAM__TRY(vplan_open(p, err));
    KAM__TRY(kam__plan_places(p, err));
    KAM__TRY(vplan_add_fixed(p, err));
    KAM__TRY(vplan_all(p, err));
    return vplan_list(p, err);
}
