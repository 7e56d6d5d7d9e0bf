/*
 * visit/calendar.c - the working calendar: which days people work.
 *
 * Saturday and Sunday are free, the other days are worked. A book's CALENDAR_DAY records are the exceptions: HOLIDAY
 * makes a day free, WORKDAY makes a weekend day a working one (as the Chinese calendar does around long holidays, 调休),
 * HALF is worked half, on a weekend too. A calendar is a short sorted list; counting over a long window costs the
 * length of that list, not of the window.
 */
#include "visit.h"

#define CALENDAR_REACH 400                      /* no calendar is closed for more than a year */

typedef struct calendar_entry { int32_t day; int32_t kind; } calendar_entry;

static int calendar_order(const void *a, const void *b, void *arg)
{
    const calendar_entry *x = a, *y = b;
    (void)arg;
    return (x->day > y->day) - (x->day < y->day);
}

/* Sorting is stable, so the last of several entries for one day is the one given last. */
static size_t calendar_fill(kam__calendar *c, const calendar_entry *entry, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (k && c->day[k - 1] == entry[i].day) k--;
        c->day[k] = entry[i].day;
        c->kind[k++] = (uint8_t)entry[i].kind;
    }
    return k;
}

int32_t kam__calendar_init(kam__calendar *c, kam_ctx *ctx, const int32_t *day, const int32_t *kind, size_t n,
                           kam_error *err)
{
    kam__calendar own = { .ctx = ctx };
    calendar_entry *entry = kam__zalloc_n(ctx, n + 1, sizeof *entry);
    own.day = kam__zalloc_n(ctx, n + 1, sizeof *own.day);
    own.kind = kam__zalloc_n(ctx, n + 1, sizeof *own.kind);
    int32_t rc = entry && own.day && own.kind ? KAM_OK : kam__nomem(err);
    for (size_t i = 0; i < n && rc == KAM_OK; i++) entry[i] = (calendar_entry){ day[i], kind[i] };
    if (rc == KAM_OK) rc = kam__sort(ctx, entry, n, sizeof *entry, calendar_order, NULL, err);
    if (rc == KAM_OK) own.n = calendar_fill(&own, entry, n);
    kam__free(ctx, entry);
    if (rc == KAM_OK) *c = own;
    else kam__calendar_free(&own);
    return rc;
}

void kam__calendar_free(kam__calendar *c)
{
    if (!c->ctx) return;
    kam__free(c->ctx, c->day);
    kam__free(c->ctx, c->kind);
    memset(c, 0, sizeof *c);
}

/* The first entry on or after a day. */
static size_t calendar_at(const kam__calendar *c, int32_t day)
{
    size_t low = 0, high = c ? c->n : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->day[mid] < day) low = mid + 1;
        else high = mid;
    }
    return low;
}

static int calendar_plain(int32_t day)
{
    return kam__weekday(day) <= 5 ? 2 : 0;
}

static int calendar_kind_halves(uint8_t kind, int32_t day)
{
    switch (kind) {
    case KAM_CALENDAR_DAY_HOLIDAY: return 0;
    case KAM_CALENDAR_DAY_WORKDAY: return 2;
    case KAM_CALENDAR_DAY_HALF: return 1;
    default: return calendar_plain(day);
    }
}

int kam__calendar_halves(const kam__calendar *c, int32_t day)
{
    size_t i = calendar_at(c, day);
    return c && i < c->n && c->day[i] == day ? calendar_kind_halves(c->kind[i], day) : calendar_plain(day);
}

int32_t kam__calendar_before(const kam__calendar *c, int32_t day, int32_t first)
{
    for (int32_t i = 0; i < CALENDAR_REACH && day - i >= first; i++)
        if (kam__calendar_halves(c, day - i)) return day - i;
    return day;
}

int32_t kam__calendar_after(const kam__calendar *c, int32_t day, int32_t last)
{
    for (int32_t i = 0; i < CALENDAR_REACH && day + i <= last; i++)
        if (kam__calendar_halves(c, day + i)) return day + i;
    return day;
}

int32_t kam__calendar_add(const kam__calendar *c, int32_t day, int32_t n)
{
    int32_t step = n < 0 ? -1 : 1, left = n < 0 ? -n : n, idle = 0;
    while (left > 0 && idle < CALENDAR_REACH && day > KAM_DAY_FIRST + 1 && day < KAM_DAY_END - 1) {
        day += step;
        idle = kam__calendar_halves(c, day) ? 0 : idle + 1;
        if (!idle) left--;
    }
    return day;
}

/* Monday to Friday before `day`, counted from some Monday long ago. */
static int64_t calendar_weekdays_before(int32_t day)
{
    int64_t n = (int64_t)day + 719162;          /* days since 0001-01-01, a Monday */
    int64_t week = n >= 0 ? n / 7 : -((6 - n) / 7), rest = n - week * 7;
    return week * 5 + (rest < 5 ? rest : 5);
}

int64_t kam__calendar_count(const kam__calendar *c, int32_t from, int32_t to, int64_t *halves)
{
    int64_t days = 0, half = 0;
    if (to > from) {
        days = calendar_weekdays_before(to) - calendar_weekdays_before(from);
        half = days * 2;
        for (size_t i = calendar_at(c, from); c && i < c->n && c->day[i] < to; i++) {
            int was = calendar_plain(c->day[i]), is = calendar_kind_halves(c->kind[i], c->day[i]);
            days += (is > 0) - (was > 0);
            half += is - was;
        }
    }
    if (halves) *halves = half;
    return days;
}
