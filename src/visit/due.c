/*
 * visit/due.c - from last contacts to due days.
 *
 * A rule of months or days wants the next contact that gap after the last one that qualified. A rule of ISO weeks wants
 * one in each block of so many weeks (counted from Monday 2001-01-01): after a contact the next block's last day is the
 * due day, so a missed week shows up as overdue from its end on. Without any contact the due day is `since` +
 * first_due_days (for weeks: the end of that block). A due day nobody works on moves to the working day before it, but
 * not to or before the last contact and not out of its block.
 */
#include "visit.h"

static int32_t due_block_start(int32_t day, int32_t length)
{
    int32_t n = day - KAM__WEEK_EPOCH, block = n >= 0 ? n / length : -((length - 1 - n) / length);
    return KAM__WEEK_EPOCH + block * length;
}

static int32_t due_in_weeks(const kam__cadence_rule *rule, int32_t last, int32_t since, const kam__calendar *calendar)
{
    int32_t length = rule->every * 7;
    int32_t start = last == KAM__NEVER ? due_block_start(since + rule->first_due_days, length)
                                       : due_block_start(last, length) + length;
    return kam__calendar_before(calendar, start + length - 1, start);
}

int32_t kam__due_day(const kam__cadence_rule *rule, int32_t last, int32_t since, const kam__calendar *calendar)
{
    if (rule->unit == KAM__EVERY_ISO_WEEKS) return due_in_weeks(rule, last, since, calendar);
    if (last == KAM__NEVER) return kam__calendar_before(calendar, since + rule->first_due_days, since);
    int32_t day = rule->unit == KAM__EVERY_MONTHS ? kam__add_months(last, rule->every) : last + rule->every;
    return kam__calendar_before(calendar, day, last + 1);
}

void kam__due_block(const kam__cadence_rule *rule, int32_t day, int32_t *first, int32_t *last)
{
    *first = due_block_start(day, rule->every * 7);
    *last = *first + rule->every * 7 - 1;
}

int32_t kam__due_from(const kam__cadence_rule *rule, int32_t last, int32_t due)
{
    if (rule->unit == KAM__EVERY_ISO_WEEKS) return due_block_start(due, rule->every * 7);
    return last == KAM__NEVER ? KAM__NEVER : due - (due - last) / 4;
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
                         .grade = account->grade};
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
