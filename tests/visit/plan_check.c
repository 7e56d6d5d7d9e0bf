/*
 * Checks of plans by arithmetic that shares no code with the planner. See plan_check.h.
 */
#include "plan_check.h"
#include <stdio.h>
#include <string.h>

enum { CHECK_STOPS = 400 };
static char said[200];

static const char *check_say(const char *what, const kam__plan *p, const kam__plan_item *it)
{
    snprintf(said, sizeof said, "%s: account %lld, day %d of %d (%d..%d, late to %d), order %d, begins %d", what,
             (long long)p->account[it->account].id, (int)it->day, (int)p->days, (int)it->first, (int)it->end,
             (int)it->until, (int)it->order, (int)it->begin);
    return said;
}

static int check_works(const kam__plan *p, int32_t day)
{
    return kam__calendar_halves(p->calendar, p->from + day) > 0 && !(p->absent && p->absent[day]);
}

static int check_day_fits(const kam__plan *p, const kam__plan_item *it, int32_t day)
{
    const kam__plan_account *a = &p->account[it->account];
    int weekday = (int)((p->from + day + 3) % 7);                      /* 1970-01-01 was a Thursday; 0 = Monday */
    if (day < it->first || day > it->until || !check_works(p, day)) return 0;
    if (it->channel == KAM_CHANNEL_VISIT && (a->closed >> weekday & 1 || (a->shut && a->shut[day]))) return 0;
    if (it->rule && it->rule->weekdays && !(it->rule->weekdays >> weekday & 1)) return 0;
    if (it->rule && a->away == 2 && (p->from + day < a->away_first || p->from + day > a->away_last)) return 0;
    return 1;
}

static int32_t check_room(const kam__plan *p, int desk, int32_t day)
{
    int32_t whole = desk ? p->calls : p->visits, halves = kam__calendar_halves(p->calendar, p->from + day);
    int32_t room = check_works(p, day) ? whole * halves / 2 : 0;
    return room || !whole || !check_works(p, day) ? room : 1;
}

/* ---------------------------------------------------------------- a way with hours */

static int32_t check_length(const kam__plan *p, const kam__plan_item *it)
{
    int32_t own = it->planned != UINT32_MAX ? p->planned[it->planned].duration : 0;
    return own > 0 ? own : it->rule && it->rule->minutes > 0 ? it->rule->minutes : p->hours.visit > 0 ? p->hours.visit : 60;
}

static int64_t check_metres(const kam__plan *p, const kam__plan_item *a, const kam__plan_item *b)
{
    const kam__plan_account *y = &p->account[b->account];
    if (!a && !p->home) return 0;
    if (a && a->account == b->account) return 0;
    int64_t line = a ? kam__geo_metres(p->account[a->account].lat, p->account[a->account].lon, y->lat, y->lon)
                     : kam__geo_metres(p->home_lat, p->home_lon, y->lat, y->lon);
    return p->hours.detour > 1000 ? line * p->hours.detour / 1000 : line;
}

static int64_t check_minutes(const kam__plan *p, int64_t metres)
{
    int64_t speed = p->hours.speed > 0 ? p->hours.speed : 50, seconds = (metres * 3600 + speed * 1000 - 1) / (speed * 1000);
    return (seconds + 59) / 60;
}

static int check_open(const kam__plan *p, const kam__plan_item *it, int32_t day, int64_t begin)
{
    const kam__plan_account *a = &p->account[it->account];
    if (it->fixed && p->planned[it->planned].start >= 0) return begin == p->planned[it->planned].start;
    if (begin < p->hours.pause_end && begin + check_length(p, it) > p->hours.pause_begin) return 0;
    if (!a->hours) return 1;
    for (uint32_t w = 0; w < a->nopen; w++)
        if (a->open[w].weekday == (p->from + day + 3) % 7 + 1 && p->from + day >= a->open[w].first && p->from + day <= a->open[w].last &&
            begin >= a->open[w].from && begin + check_length(p, it) <= a->open[w].to) return 1;
    return 0;
}

/* Begins as soon as possible, by trying every minute; NULL: the way is possible. with_begins: as the items say. */
static const char *check_way(const kam__plan *p, int32_t day, const kam__plan_item *const *stop, size_t n, int32_t apart,
                             int with_begins)
{
    int64_t now = p->hours.begin, driving = 0, whole = p->hours.end - p->hours.begin;
    if (kam__calendar_halves(p->calendar, p->from + day) == 1) whole /= 2;
    for (size_t i = 0; i < n; i++) {
        int64_t way = check_minutes(p, check_metres(p, i ? stop[i - 1] : NULL, stop[i]));
        driving += way;
        now += way;
        if (with_begins) {
            if (stop[i]->begin < now) return check_say("begins before it is reached", p, stop[i]);
            now = stop[i]->begin;
            if (!check_open(p, stop[i], day, now)) return check_say("is not open then", p, stop[i]);
        } else
            while (!check_open(p, stop[i], day, now))
                if (now++ > 1440) return "never open";
        now += check_length(p, stop[i]);
    }
    if (n && now > p->hours.begin + whole - apart) return check_say("ends after the day", p, stop[n - 1]);
    if (n && p->hours.driving && driving > p->hours.driving) return check_say("too far a way", p, stop[n - 1]);
    return NULL;
}

static size_t check_stops(const kam__plan *p, int32_t day, const kam__plan_item **stop, int32_t *apart)
{
    size_t n = 0;
    *apart = 0;
    for (size_t i = 0; i < p->n; i++) {
        const kam__plan_item *it = &p->item[i];
        if (it->channel != KAM_CHANNEL_VISIT || it->day != day || n == CHECK_STOPS) continue;
        if (!p->account[it->account].located) {
            *apart += check_length(p, it);
            continue;
        }
        size_t k = n++;
        for (; k && stop[k - 1]->order > it->order; k--) stop[k] = stop[k - 1];
        stop[k] = it;
    }
    return n;
}

static const char *check_hours(const kam__plan *p, int32_t day)
{
    const kam__plan_item *stop[CHECK_STOPS];
    int32_t apart = 0;
    size_t n = check_stops(p, day, stop, &apart), good = n;
    for (; good && stop[good - 1]->begin < 0; good--)
        if (!stop[good - 1]->fixed) return check_say("has no hour", p, stop[good - 1]);
    return check_way(p, day, stop, good, apart, 1);
}

int32_t plan_check_place(const kam__plan *p, const kam__plan_item *it)
{
    const kam__plan_item *stop[CHECK_STOPS + 1];
    for (int32_t d = it->first; d <= it->until; d++) {
        int32_t apart = 0, load = 0;
        if (!check_day_fits(p, it, d)) continue;
        for (size_t i = 0; i < p->n; i++) load += p->item[i].channel == KAM_CHANNEL_VISIT && p->item[i].day == d;
        if (load >= check_room(p, 0, d)) continue;
        size_t n = check_stops(p, d, stop, &apart);
        if (!p->account[it->account].located) {
            int64_t whole = p->hours.end - p->hours.begin;
            if (kam__calendar_halves(p->calendar, p->from + d) == 1) whole /= 2;
            apart += check_length(p, it);
            if (apart <= whole && !check_way(p, d, stop, n, apart, 0)) return d;
            continue;
        }
        memmove(stop + 1, stop, n * sizeof *stop);
        for (size_t at = 0; at <= n; at++) {
            if (at) stop[at - 1] = stop[at];
            stop[at] = it;
            if (!check_way(p, d, stop, n + 1, apart, 0)) return d;
        }
    }
    return -1;
}

/* ---------------------------------------------------------------- why somebody is left out */

/* Days of [first, last] it may lie on; absent: whoever is absent. */
static int check_days(const kam__plan *p, const kam__plan_item *it, int32_t first, int32_t last, int absent)
{
    kam__plan one = *p;
    kam__plan_item wide = *it;
    int n = 0;
    if (absent) one.absent = NULL;
    wide.first = first;
    wide.until = last;
    for (int32_t d = first; d <= last; d++) n += check_day_fits(&one, &wide, d);
    return n;
}

/* Could it be on this day were there nothing (all: nothing but what never moves) beside it? */
static int check_alone(const kam__plan *p, const kam__plan_item *it, int32_t day, int all)
{
    const kam__plan_item *stop[CHECK_STOPS + 1];
    int32_t apart = 0, load = 0;
    int desk = it->channel != KAM_CHANNEL_VISIT;
    size_t n = 0, k = 0;
    for (size_t i = 0; i < p->n && all; i++)
        load += p->item[i].fixed && (p->item[i].channel != KAM_CHANNEL_VISIT) == desk && p->item[i].day == day;
    if (load >= check_room(p, desk, day)) return 0;
    if (desk || !p->hours.end) return 1;
    if (all) n = check_stops(p, day, stop, &apart);
    for (size_t i = 0; i < n; i++)
        if (stop[i]->fixed) stop[k++] = stop[i];
    apart = 0;
    for (size_t i = 0; i < p->n && all; i++)
        if (p->item[i].fixed && p->item[i].day == day && p->item[i].channel == KAM_CHANNEL_VISIT &&
            !p->account[p->item[i].account].located)
            apart += check_length(p, &p->item[i]);
    if (!p->account[it->account].located) {
        int64_t whole = p->hours.end - p->hours.begin;
        if (kam__calendar_halves(p->calendar, p->from + day) == 1) whole /= 2;
        apart += check_length(p, it);
        return apart <= whole && !check_way(p, day, stop, k, apart, 0);
    }
    memmove(stop + 1, stop, k * sizeof *stop);
    for (size_t at = 0; at <= k; at++) {
        if (at) stop[at - 1] = stop[at];
        stop[at] = it;
        if (!check_way(p, day, stop, k + 1, apart, 0)) return 1;
    }
    return 0;
}

static int check_locked_out(const kam__plan *p, const kam__plan_item *it)
{
    int alone = 0;
    for (int32_t d = it->first; d <= it->until; d++) {
        if (!check_day_fits(p, it, d)) continue;
        if (check_alone(p, it, d, 1)) return 0;
        alone |= check_alone(p, it, d, 0);
    }
    return alone;
}

/* Where the days do not exist at all: what takes them away. */
static uint8_t check_no_day(const kam__plan *p, const kam__plan_item *it)
{
    return check_days(p, it, it->early, it->first - 1, 0)   ? KAM_UNPLANNED_GAP
           : check_days(p, it, it->until + 1, it->late, 0)  ? KAM_UNPLANNED_LOCKS
           : check_days(p, it, it->first, it->until, 1)     ? KAM_UNPLANNED_ABSENCE
                                                            : KAM_UNPLANNED_NO_WORKING_DAY;
}

/* The days the least gap, or a contact that is agreed on, took away are told truly. */
static const char *check_span(const kam__plan *p, const kam__plan_item *it)
{
    int behind = 0;
    if (it->early > it->first || it->late < it->until || it->early < 0 || it->late >= p->days) return "a span that is none";
    if (it->early < it->first && it->rule->min_gap == 0 && it->rule->prepare == 0) return check_say("no gap keeps it", p, it);
    for (uint32_t i = 0; i < p->nplanned; i++)
        behind |= p->planned[i].stays && p->planned[i].account == it->account && p->planned[i].day == p->from + it->until + 1;
    return it->late > it->until && !behind ? check_say("nothing agreed on stands behind it", p, it) : NULL;
}

/* The reason of what has no day, worked out anew: the code must be true. NULL: it is. */
static const char *check_reason(const kam__plan *p, const kam__plan_item *it)
{
    int desk = it->channel != KAM_CHANNEL_VISIT, room = 0;
    for (int32_t d = it->first; d <= it->until; d++) {
        int32_t load = 0;
        for (size_t i = 0; i < p->n; i++) load += (p->item[i].channel != KAM_CHANNEL_VISIT) == desk && p->item[i].day == d;
        room |= check_day_fits(p, it, d) && load < check_room(p, desk, d);
    }
    uint8_t refused = desk ? 0 : p->account[it->account].refused;
    int hours = p->hours.end > 0 && !desk;
    uint8_t want = refused ? refused : !check_days(p, it, it->first, it->until, 0) ? check_no_day(p, it)
                   : check_locked_out(p, it) ? KAM_UNPLANNED_LOCKS
                   : room && hours ? KAM_UNPLANNED_HOURS : KAM_UNPLANNED_CAPACITY;
    if (want == KAM_UNPLANNED_CAPACITY && room) return check_say("left out although a day has room", p, it);
    if (it->code != want && !(want == KAM_UNPLANNED_CAPACITY && it->code == KAM_UNPLANNED_HOURS))
        return check_say("left out for another reason than it says", p, it);
    return check_span(p, it);
}

/* ---------------------------------------------------------------- the whole */

const char *plan_check(const kam__plan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const kam__plan_item *it = &p->item[i];
        if (it->fixed && (it->planned == UINT32_MAX || p->from + it->day != p->planned[it->planned].day))
            return check_say("a lock was moved", p, it);
        if (!it->fixed && it->day >= 0 && !check_day_fits(p, it, it->day)) return check_say("a day that does not fit", p, it);
        const char *untrue = it->day < 0 ? check_reason(p, it) : NULL;
        if (untrue) return untrue;
        if (!it->fixed && it->day >= 0 && it->last != KAM__NEVER && p->from + it->day <= it->last)
            return check_say("not after the last one", p, it);
    }
    for (int32_t d = 0; d < p->days; d++) {
        int32_t load[2] = {0, 0}, fixed[2] = {0, 0};
        for (size_t i = 0; i < p->n; i++)
            if (p->item[i].day == d) {
                int desk = p->item[i].channel != KAM_CHANNEL_VISIT;
                load[desk]++;
                fixed[desk] += p->item[i].fixed;
            }
        for (int k = 0; k < 2; k++)
            if (load[k] > fixed[k] && load[k] > check_room(p, k, d)) return "more than a day has room for";
        const char *why = p->hours.end > 0 ? check_hours(p, d) : NULL;
        if (why) return why;
    }
    return NULL;
}
