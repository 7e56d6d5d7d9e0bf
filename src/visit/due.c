/*
 * visit/due.c - from last contacts to due days.
 *
 * A rule of months or days wants the next contact that gap after the last one that qualified. A rule of ISO weeks wants
 * one in each block of so many weeks (counted from Monday 2001-01-01): after a contact the next block's last day is the
 * due day, so a missed week shows up as overdue from its end on. Without any contact the due day is `since` +
 * first_due_days (for weeks: the end of that block). Several contacts a period are that far apart; several a block of
 * weeks each have a part of it. A due day nobody works on, or the rule does not lie on, moves to the day before it, but
 * not to or before the last contact and not out of its block. The score of what is overdue is (today - last) / gap times the
 * weight of the grade: 1 on the due day, 2 when a second contact would be due; what was never done counts from its due day.
 */
#include "visit.h"

static int64_t due_floor(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/* Day on which the k-th of `count` parts of a block begins: the working week is what is divided, so that no part is a
 * weekend; the weekend belongs to the part before it. */
static int32_t due_part(int32_t start, int32_t weeks, int32_t count, int32_t k)
{
    int32_t n = (int32_t)((int64_t)weeks * 5 * k / count);
    return start + n / 5 * 7 + n % 5;
}

void kam__due_block(const kam__cadence_rule *rule, int32_t day, int32_t *first, int32_t *last)
{
    int32_t count = 1, weeks = kam__cadence_every(rule, day, &count), k = 0;
    int32_t start = KAM__WEEK_EPOCH + (int32_t)due_floor((int64_t)day - KAM__WEEK_EPOCH, 7 * (int64_t)weeks) * 7 * weeks;
    while (k + 1 < count && due_part(start, weeks, count, k + 1) <= day) k++;
    *first = due_part(start, weeks, count, k);
    *last = due_part(start, weeks, count, k + 1) - 1;
}

/* The last day in [first, day] that is worked on and that the rule may lie on; worked on at least. */
static int32_t due_on(const kam__cadence_rule *rule, const kam__calendar *calendar, int32_t day, int32_t first)
{
    for (int32_t d = day; (rule->weekdays || rule->nth) && d >= first && d > day - 62; d--)
        if (kam__calendar_halves(calendar, d) && kam__cadence_on(rule, d)) return d;
    return kam__calendar_before(calendar, day, first);
}

/* A season may begin with a block that the last contact lies in: then it is the one behind it. */
static int32_t due_in_weeks(const kam__cadence_rule *rule, int32_t last, int32_t since, const kam__calendar *calendar)
{
    int32_t first = 0, end = 0;
    if (last == KAM__NEVER) kam__due_block(rule, since + rule->first_due_days, &first, &end);
    else {
        kam__due_block(rule, last, &first, &end);
        kam__due_block(rule, end + 1, &first, &end);
        if (first <= last) kam__due_block(rule, end + 1, &first, &end);
    }
    return due_on(rule, calendar, end, first);
}

static int32_t due_after(const kam__cadence_rule *rule, int32_t last, const kam__calendar *calendar)
{
    int32_t count = 1, every = kam__cadence_every(rule, last + 1, &count);
    if (rule->unit == KAM__EVERY_MONTHS) {
        int32_t day = kam__add_months(last, every);
        return count == 1 ? day : last + (day - last) / count;
    }
    if (rule->unit == KAM__EVERY_WORKING_DAYS) return kam__calendar_add(calendar, last, every / count);
    return last + every / count;
}

int32_t kam__due_least(const kam__cadence_rule *rule, int32_t last, const kam__calendar *calendar)
{
    if (last == KAM__NEVER || !rule->min_gap) return KAM__NEVER;
    return rule->unit == KAM__EVERY_WORKING_DAYS ? kam__calendar_add(calendar, last, rule->min_gap) : last + rule->min_gap;
}

int32_t kam__due_day(const kam__cadence_rule *rule, int32_t last, int32_t since, const kam__calendar *calendar)
{
    if (rule->unit == KAM__EVERY_ISO_WEEKS) return due_in_weeks(rule, last, since, calendar);
    if (last == KAM__NEVER) return due_on(rule, calendar, since + rule->first_due_days, since);
    int32_t least = kam__due_least(rule, last, calendar);
    return due_on(rule, calendar, due_after(rule, last, calendar), least > last ? least : last + 1);
}

int32_t kam__due_from(const kam__cadence_rule *rule, int32_t last, int32_t due, const kam__calendar *calendar)
{
    int32_t from = 0, end = 0, least = kam__due_least(rule, last, calendar);
    if (rule->unit == KAM__EVERY_ISO_WEEKS) kam__due_block(rule, due, &from, &end);
    else if (last == KAM__NEVER) return KAM__NEVER;
    else if (rule->target) {
        int32_t target = rule->unit == KAM__EVERY_WORKING_DAYS ? kam__calendar_add(calendar, last, rule->target)
                                                               : last + rule->target;
        from = target - (due - target);
    } else from = due - (due - last) / 4;
    if (from <= last && last != KAM__NEVER) from = last + 1;
    if (from < least) from = least;
    return from > due ? due : from;
}

int32_t kam__due_replaced(const kam__cadence_rule *rule, int32_t due, const int32_t *day, size_t n)
{
    int64_t weight = 0;
    for (size_t i = 0; i < n && rule->substitute; i++) {
        if (day[i] <= due) continue;
        weight += rule->substitute;
        if (weight >= KAM__SUBSTITUTE) return day[i];
    }
    return KAM__NEVER;
}

int64_t kam__due_score(const kam__cadence_rule *rule, int32_t last, int32_t due, int32_t since, const kam__calendar *calendar,
                       int32_t weight, int32_t as_of)
{
    int32_t gap = KAM__FOLLOWUP_DAYS, over = as_of > due ? as_of - due : 0;
    if (rule) gap = last == KAM__NEVER ? kam__due_day(rule, since, since, calendar) - since : due - last;
    if (gap < 1) gap = 1;
    return (int64_t)weight * (gap + over) / gap;
}

int32_t kam__followup_due(int32_t visit)
{
    return visit + KAM__FOLLOWUP_DAYS;
}

int32_t kam__followup_day(int32_t visit, const kam__calendar *calendar)
{
    return kam__calendar_before(calendar, kam__followup_due(visit), visit + 1);
}

static int32_t due_push(kam__due_list *list, const kam__due *item, kam_error *err)
{
    KAM__TRY(kam__grow(list->ctx, &list->item, &list->cap, list->n + 1, sizeof *list->item, err));
    list->item[list->n++] = *item;
    return KAM_OK;
}

int32_t kam__due_add(kam__due_list *list, const kam__cadence *c, const kam__due_account *account, const int32_t *last,
                     const kam__calendar *calendar, int32_t as_of, kam_error *err)
{
    const kam__cadence_set *set = &c->set[account->set];
    for (uint32_t i = 0; i < set->nrule; i++) {
        int32_t day = kam__due_day(&set->rule[i], last[i], account->since, calendar);
        if (day > as_of) continue;
        kam__due item = {.account = account->id,
                         .representative = account->representative,
                         .rule = set->rule[i].id,
                         .channel = set->rule[i].channel,
                         .cause = KAM_ACTIVITY_CAUSE_CADENCE,
                         .last = last[i],
                         .day = day,
                         .overdue = as_of - day,
                         .grade = account->grade,
                         .must = set->rule[i].must};
        item.score = kam__due_score(&set->rule[i], last[i], day, account->since, calendar, set->weight, as_of);
        KAM__TRY(due_push(list, &item, err));
    }
    return KAM_OK;
}

int32_t kam__due_add_followup(kam__due_list *list, const kam__due *item, const kam__calendar *calendar, int32_t as_of,
                              kam_error *err)
{
    kam__due own = *item;
    int32_t first = own.last == KAM__NEVER ? own.day - KAM__FOLLOWUP_DAYS + 1 : own.last + 1;
    own.day = kam__calendar_before(calendar, own.day, first);
    if (own.day > as_of) return KAM_OK;
    own.overdue = as_of - own.day;
    own.cause = KAM_ACTIVITY_CAUSE_FOLLOWUP;
    own.rule = "followup";
    own.score = kam__due_score(NULL, own.last, own.day, 0, calendar, own.weight ? own.weight : KAM__WEIGHT, as_of);
    return due_push(list, &own, err);
}

static int due_less(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int due_order(const void *a, const void *b, void *arg)
{
    const kam__due *x = a, *y = b;
    (void)arg;
    int c = due_less(y->overdue, x->overdue);
    if (!c) c = due_less(x->day, y->day);
    if (!c) c = due_less(x->account, y->account);
    if (!c) c = strcmp(x->rule, y->rule);
    return c ? c : due_less(x->activity, y->activity);
}

int32_t kam__due_sort(kam__due_list *list, kam_error *err)
{
    return kam__sort(list->ctx, list->item, list->n, sizeof *list->item, due_order, NULL, err);
}
