/*
 * Tests of src/visit/plan.c, plan_fit.c, plan_search.c, plan_polish.c and plan_hours.c on arrays: random questions whose answers must keep every
 * promise, against a plain matching where one is possible; the same again from any state; failures.
 */
#include "help.h"
#include "plan_check.h"

enum { MOST = 120 };
static const char *const rules = "{\"name\":\"r\",\"scheme\":\"s\",\"grades\":{"
                                 "\"A\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":21}},{\"id\":"
                                 "\"ring\",\"channel\":\"CALL\",\"every\":{\"iso_weeks\":1}}],"
                                 "\"B\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"months\":2}},{\"id\":"
                                 "\"ring\",\"channel\":\"CALL\",\"every\":{\"iso_weeks\":2}}],"
                                 "\"C\":[{\"id\":\"mail\",\"channel\":\"EMAIL\",\"every\":{\"days\":30}}]}}";

typedef struct world {
    vt *t; kam__cadence cadence; kam__calendar calendar;
    kam__plan p;
    kam__plan_account account[MOST];
    kam__planned planned[4 * MOST];
    int32_t last[MOST * 2];
    uint8_t absent[100], shut[100];
    kam__plan_open open[7 * MOST * 2];
} world;
static world w;
static uint64_t seed = 17;

static int32_t pick(int32_t n) { return (int32_t)(kam__random(&seed) % (uint64_t)n); }

static void world_open(vt *t) {
    static const int32_t day[] = {20520, 20521, 20524, 20525},
                         kind[] = {KAM_CALENDAR_DAY_HOLIDAY, KAM_CALENDAR_DAY_HALF, KAM_CALENDAR_DAY_WORKDAY,
                                   KAM_CALENDAR_DAY_HOLIDAY};
    memset(&w, 0, sizeof w);
    w.t = t;
    vt_cadence(t, &w.cadence, rules);
    assert_code(kam__calendar_init(&w.calendar, t->ctx, day, kind, 4, t->err), KAM_OK);
}

/* A question: accounts with places or without, with last contacts or none, a few that are planned already. */
static void world_ask(int located) {
    uint32_t n = 1 + (uint32_t)pick(60), k = 0;
    kam__plan_free(&w.p);
    memset(w.absent, 0, sizeof w.absent);
    w.p = (kam__plan){.ctx = w.t->ctx,
                      .cadence = &w.cadence,
                      .calendar = &w.calendar,
                      .from = 20515,
                      .days = 1 + pick(70),
                      .as_of = 20514,
                      .account = w.account,
                      .naccount = n,
                      .planned = w.planned,
                      .absent = w.absent,
                      .visits = pick(6),
                      .calls = pick(12),
                      .home_lat = 30500000,
                      .home_lon = 114500000,
                      .home = pick(2),
                      .seed = 1,
                      .iterations = 300};
    for (int32_t d = 0; d < w.p.days; d++) w.absent[d] = pick(9) == 0;
    for (uint32_t i = 0; i < n; i++) {
        w.account[i] = (kam__plan_account){.id = 10 + i,
                                           .since = 20514 - pick(60),
                                           .set = (uint32_t)pick(4),
                                           .planned = k,
                                           .last = &w.last[i * 2],
                                           .located = located && pick(10) > 0};
        w.account[i].rank = (int32_t)w.account[i].set;
        w.account[i].lat = 30000000 + pick(1000000);
        w.account[i].lon = 114000000 + pick(1000000);
        for (int r = 0; r < 2; r++) w.last[i * 2 + (uint32_t)r] = pick(3) ? 20514 - pick(r ? 12 : 70) : KAM__NEVER;
        if (pick(4) == 0)
            w.planned[k++] = (kam__planned){.id = 1000 + 2 * (int64_t)i,
                                            .account = i,
                                            .day = 20515 + pick(w.p.days),
                                            .channel = pick(2) + 1,
                                            .cause = KAM_ACTIVITY_CAUSE_OTHER,
                                            .last = KAM__NEVER,
                                            .start = -1,
                                            .stays = 1,
                                            .locked = 1};
        w.account[i].nplanned = k - w.account[i].planned;
    }
    w.p.nplanned = k;
}

static int64_t travel(void) {
    int64_t sum = 0;
    for (size_t i = 0; i < w.p.n; i++) sum += w.p.item[i].metres > 0 ? w.p.item[i].metres : 0;
    return sum;
}

/* ---------------------------------------------------------------- promises */

static void promises(void) {
    int32_t load[2][100] = {{0}}, fixed[2][100] = {{0}};
    for (size_t i = 0; i < w.p.n; i++) {
        const kam__plan_item *it = &w.p.item[i];
        int desk = kam__plan_desk(it);
        if (it->day < 0) {
            assert_true(it->code == KAM_UNPLANNED_CAPACITY || it->code == KAM_UNPLANNED_ABSENCE ||
                        it->code == KAM_UNPLANNED_NO_WORKING_DAY || it->code == KAM_UNPLANNED_GAP ||
                        it->code == KAM_UNPLANNED_LOCKS);
            continue;
        }
        load[desk][it->day]++;
        fixed[desk][it->day] += it->fixed;
        if (it->fixed) continue;
        assert_true(it->day >= it->first && it->day <= it->until);
        assert_true(kam__calendar_halves(&w.calendar, w.p.from + it->day) > 0 && !w.absent[it->day]);
        if (it->rule && it->rule->unit == KAM__EVERY_ISO_WEEKS) assert_true(it->day <= it->end);
        if (it->last != KAM__NEVER) assert_true(w.p.from + it->day > it->last);
        if (w.account[it->account].located && !desk) assert_true(it->metres >= 0);
    }
    for (int32_t d = 0; d < w.p.days; d++)
        for (int k = 0; k < 2; k++) assert_true(load[k][d] == fixed[k][d] || load[k][d] <= w.p.room[k][d]);
}

/* Nobody is late or left out while a day of his is free. */
static void no_room_is_wasted(void) {
    for (size_t i = 0; i < w.p.n; i++) {
        const kam__plan_item *it = &w.p.item[i];
        if (it->fixed || (it->day >= 0 && it->day <= it->end)) continue;
        for (int32_t d = it->first; d <= (it->day < 0 ? it->until : it->end); d++)
            if (w.p.load[kam__plan_desk(it)][d] < w.p.room[kam__plan_desk(it)][d])
                fail_msg("item %d could be on day %d", (int)i, (int)d);
    }
}

/* Gaps: the next contact by a rule is due from the day of the one before, and none is missing in between. */
static void chains_are_whole(void) {
    for (uint32_t a = 0; a < w.p.naccount; a++) {
        const kam__cadence_set *set = &w.cadence.set[w.account[a].set];
        for (uint32_t r = 0; r < set->nrule; r++) {
            int32_t last = w.account[a].last[r];
            int open = 1;
            for (int32_t d = 0; d < w.p.days; d++)
                for (size_t i = 0; i < w.p.n; i++) {
                    const kam__plan_item *it = &w.p.item[i];
                    if (it->account != a || it->channel != set->rule[r].channel || it->day != d) continue;
                    if (it->rule == &set->rule[r])
                        assert_true(it->last == last || it->rule->unit == KAM__EVERY_ISO_WEEKS);
                    last = w.p.from + d;
                }
            for (size_t i = 0; i < w.p.n; i++)
                open &= !(w.p.item[i].account == a && w.p.item[i].rule == &set->rule[r] && w.p.item[i].day < 0);
            if (open)
                assert_true(kam__due_day(&set->rule[r], last, w.account[a].since, &w.calendar) >= w.p.from + w.p.days ||
                            w.p.days < 7);
        }
    }
}

static void random_questions(void **state) {
    world_open(*state);
    for (int round = 0; round < 120; round++) {
        world_ask(round % 3 > 0);
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        promises();
        const char *why = plan_check(&w.p);
        if (why) fail_msg("round %d: %s", round, why);
        no_room_is_wasted();
        if (w.p.days >= 7) chains_are_whole();
    }
    kam__plan_free(&w.p);
    kam__calendar_free(&w.calendar);
}

/* ---------------------------------------------------------------- the same again */

static int by_account_day(const void *a, const void *b) {
    const kam__planned *x = a, *y = b;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Every item becomes a planned activity, as applying does. */
static void world_apply(void) {
    static kam__planned next[4 * MOST * 20];
    uint32_t n = 0;
    for (size_t i = 0; i < w.p.n; i++) {
        const kam__plan_item *it = &w.p.item[i];
        if (it->day < 0) continue;
        kam__planned k = {.id = 5000 + (int64_t)i,
                          .account = it->account,
                          .day = w.p.from + it->day,
                          .channel = it->channel,
                          .cause = it->cause,
                          .due = it->due,
                          .last = KAM__NEVER,
                          .start = it->fixed ? w.p.planned[it->planned].start : -1,
                          .duration = it->planned == UINT32_MAX ? 0 : w.p.planned[it->planned].duration,
                          .stays = it->fixed,
                          .locked = it->fixed};
        next[n++] = k;
    }
    qsort(next, n, sizeof *next, by_account_day);
    for (uint32_t a = 0; a < w.p.naccount; a++) w.account[a].nplanned = 0;
    for (uint32_t i = n; i-- > 0;) {
        w.account[next[i].account].planned = i;
        w.account[next[i].account].nplanned++;
    }
    kam__plan old = w.p;
    kam__plan_free(&w.p);
    w.p = (kam__plan){.ctx = old.ctx,
                      .cadence = old.cadence,
                      .calendar = old.calendar,
                      .from = old.from,
                      .days = old.days,
                      .as_of = old.as_of,
                      .account = old.account,
                      .naccount = old.naccount,
                      .planned = next,
                      .nplanned = n,
                      .absent = old.absent,
                      .visits = old.visits,
                      .calls = old.calls,
                      .home_lat = old.home_lat,
                      .home_lon = old.home_lon,
                      .home = old.home,
                      .hours = old.hours,
                      .seed = 99,
                      .iterations = 500};
}

static void planned_again_nothing_moves(void **state) {
    world_open(*state);
    for (int round = 0; round < 80; round++) {
        world_ask(1);
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        int64_t before = travel();
        size_t n = w.p.n, unplanned = 0;
        for (size_t i = 0; i < w.p.n; i++) unplanned += w.p.item[i].day < 0;
        world_apply();
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        for (size_t i = 0; i < w.p.n; i++) {
            const kam__plan_item *it = &w.p.item[i];
            if (it->day < 0) unplanned--;
            else if (it->what != KAM_PLAN_WHAT_KEPT)
                fail_msg("round %d: item %d: what %d, reason %d", round, (int)i, it->what, it->reason);
        }
        for (uint32_t i = 0; i < w.p.nplanned; i++) assert_true(w.p.planned[i].used);
        assert_int_equal(w.p.n, n);
        assert_int_equal(unplanned, 0);
        assert_int_equal(travel(), before);
    }
    kam__plan_free(&w.p);
    kam__calendar_free(&w.calendar);
}

/* ---------------------------------------------------------------- hours */

/* Work from eight to five, openings with a pause and busy mornings, appointments at an hour. */
static void hours_ask(void) {
    world_ask(1);
    if (pick(2)) w.p.days = w.p.days < 6 ? w.p.days : 6;
    w.p.visits = 5 + pick(6);
    w.p.hours = (kam__plan_hours){.begin = 480, .end = 1020 - 60 * pick(4), .driving = pick(3) ? 0 : 120 + pick(200), .pause_begin = 690, .pause_end = pick(2) ? 690 + 15 * pick(5) : 0,
                                  .visit = 30 + 15 * pick(5), .speed = 40 + pick(50), .detour = 1000 + 100 * pick(5)};
    for (int d = 0; d < 100; d++) w.shut[d] = pick(5) == 0;
    size_t n = 0;
    for (uint32_t i = 0; i < w.p.naccount; i++) {
        w.account[i].open = &w.open[n];
        w.account[i].nopen = 0;
        w.account[i].hours = pick(3) > 0;
        w.account[i].closed = pick(6) ? 0 : (uint8_t)(1 << pick(5));
        w.account[i].shut = pick(6) ? NULL : w.shut;
        w.account[i].refused = pick(15) ? 0 : KAM_UNPLANNED_RANK;
        for (int32_t day = 1; day <= 7 && w.account[i].hours; day++) {
            int32_t noon = 660 + 30 * pick(5);
            if (pick(8) == 0) continue;
            w.open[n++] = (kam__plan_open){day, 420 + 60 * pick(4), noon, INT32_MIN, INT32_MAX};
            w.open[n++] = (kam__plan_open){day, noon + 30 * pick(4), 930 + 60 * pick(4), pick(6) ? INT32_MIN : w.p.from + pick(9), INT32_MAX};
            w.account[i].nopen += 2;
        }
    }
    for (uint32_t i = 0; i < w.p.nplanned; i++)
        if (w.planned[i].channel == KAM_CHANNEL_VISIT) {
            w.planned[i].start = pick(2) ? 480 + 30 * pick(12) : -1;
            w.planned[i].duration = pick(2) ? 45 : 0;
        }
}

/* No rule is ever broken, and who was left out for want of hours could be put nowhere. */
static void hours_are_kept(void **state) {
    int planned = 0, out = 0;
    world_open(*state);
    for (int round = 0; round < 100; round++) {
        hours_ask();
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        const char *why = plan_check(&w.p);
        if (why) fail_msg("round %d: %s", round, why);
        for (size_t i = 0; i < w.p.n; i++) {
            const kam__plan_item *it = &w.p.item[i];
            planned += it->day >= 0 && !kam__plan_desk(it);
            if (it->day >= 0 || kam__plan_desk(it) || it->code == KAM_UNPLANNED_RANK) continue;
            out++;
            int32_t day = plan_check_place(&w.p, it);
            if (day >= 0) fail_msg("round %d: item %d fits on day %d", round, (int)i, (int)day);
        }
    }
    print_message("%d visits planned with hours, %d left out\n", planned, out);
    assert_true(planned > 1000 && out > 10);
    kam__plan_free(&w.p);
    kam__calendar_free(&w.calendar);
}

/* Rules with a least gap, short windows, many locks: each reason is told, and truly. */
static void reasons_are_true(void **state) {
    static const char *const strict = "{\"name\":\"r\",\"scheme\":\"s\",\"grades\":{"
        "\"A\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":21},\"gap\":{\"min\":19}},{\"id\":\"ring\",\"channel\":"
        "\"CALL\",\"every\":{\"iso_weeks\":1},\"gap\":{\"min\":6}}],"
        "\"B\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":14},\"gap\":{\"min\":10}}],\"C\":[]}}";
    int seen[KAM_UNPLANNED_LOCKS + 1] = {0}, priced[KAM_UNPLANNED_LOCKS + 1] = {0};
    world_open(*state);
    vt_cadence(w.t, &w.cadence, strict);
    for (int round = 0; round < 70; round++) {
        kam__plan_prices prices = {.p = NULL};
        kam__plan_price price;
        hours_ask();
        if (round % 2) w.p.visits = pick(4);
        for (int32_t d = 0; d < w.p.days && round % 3 == 0; d++) w.absent[d] = pick(3) > 0;
        if (round % 2) w.p.hours = (kam__plan_hours){.end = 0};
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        const char *why = plan_check(&w.p);
        if (why) fail_msg("round %d: %s", round, why);
        assert_code(kam__plan_prices_open(&prices, &w.p, w.t->err), KAM_OK);
        for (uint32_t i = 0; i < w.p.n; i++) {
            const kam__plan_item *it = &w.p.item[i];
            if (it->day >= 0) continue;
            seen[it->code]++;
            if (!kam__plan_price_relax(&prices, i, &price)) continue;
            priced[it->code]++;
            if (it->code == KAM_UNPLANNED_GAP) assert_true(price.day >= it->early && price.day < it->first);
            if (it->code == KAM_UNPLANNED_LOCKS) assert_true(price.day >= it->first && price.day <= it->late);
        }
        kam__plan_prices_close(&prices);
    }
    print_message("full %d (%d with a price), absent %d (%d), no day %d, hours %d (%d), gap %d (%d), locks %d (%d)\n",
                  seen[KAM_UNPLANNED_CAPACITY], priced[KAM_UNPLANNED_CAPACITY], seen[KAM_UNPLANNED_ABSENCE], priced[KAM_UNPLANNED_ABSENCE],
                  seen[KAM_UNPLANNED_NO_WORKING_DAY], seen[KAM_UNPLANNED_HOURS], priced[KAM_UNPLANNED_HOURS], seen[KAM_UNPLANNED_GAP],
                  priced[KAM_UNPLANNED_GAP], seen[KAM_UNPLANNED_LOCKS], priced[KAM_UNPLANNED_LOCKS]);
    assert_true(priced[KAM_UNPLANNED_CAPACITY] > 20 && priced[KAM_UNPLANNED_ABSENCE] > 5 && priced[KAM_UNPLANNED_HOURS] > 5);
    assert_true(priced[KAM_UNPLANNED_GAP] > 5 && priced[KAM_UNPLANNED_LOCKS] > 5);
    kam__plan_free(&w.p);
    kam__calendar_free(&w.calendar);
}

/* Without hours: who must be seen and is not could be seen on no day even if only such visits, and what never moves, were there. */
static void who_must_be_seen_goes_first(void **state) {
    static const char *const must = "{\"name\":\"r\",\"scheme\":\"s\",\"grades\":{"
        "\"A\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":21}}],"
        "\"B\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30},\"must\":true}],"
        "\"C\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":14}}]}}";
    int seen = 0, out = 0, others = 0;
    world_open(*state);
    vt_cadence(w.t, &w.cadence, must);
    for (int round = 0; round < 45; round++) {
        if (round % 3) world_ask(1);
        else hours_ask();
        w.p.visits = 1 + pick(2);
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        const char *why = plan_check(&w.p);
        if (why) fail_msg("round %d: %s", round, why);
        for (size_t i = 0; i < w.p.n; i++) {
            const kam__plan_item *it = &w.p.item[i];
            int first = it->rule && it->rule->must;
            seen += first && it->day >= 0;
            others += it->day >= 0 && it->rule && !first;
            if (!first || it->day >= 0) continue;
            out++;
            for (int32_t d = it->first; d <= it->until && round % 3; d++) {
                int32_t load = 0;
                for (size_t k = 0; k < w.p.n; k++)
                    load += w.p.item[k].day == d && w.p.item[k].channel == KAM_CHANNEL_VISIT &&
                            (w.p.item[k].fixed || (w.p.item[k].rule && w.p.item[k].rule->must));
                if (kam__plan_allowed(&w.p, it, d, it->until) && load < w.p.room[0][d]) fail_msg("round %d: item %d fits on day %d", round, (int)i, (int)d);
            }
        }
    }
    print_message("%d that must be planned, %d of them not; %d others\n", seen + out, out, others);
    assert_true(seen > 100 && out > 5 && others > 100);
    kam__plan_free(&w.p);
    kam__calendar_free(&w.calendar);
}

/* Planned again, nothing that people know of moves, on its day or in its hours, but who is late and finds an earlier place. */
static void hours_again_nothing_moves(void **state) {
    world_open(*state);
    int moved = 0, kept = 0;
    for (int round = 0; round < 40; round++) {
        hours_ask();
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        world_apply();
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        const char *why = plan_check(&w.p);
        if (why) fail_msg("round %d: %s", round, why);
        for (size_t i = 0; i < w.p.n; i++) {
            moved += w.p.item[i].what == KAM_PLAN_WHAT_MOVED && w.p.item[i].reason != KAM_PLAN_REASON_TOO_LATE;
            kept += w.p.item[i].what == KAM_PLAN_WHAT_KEPT;
        }
    }
    print_message("%d kept, %d moved\n", kept, moved);
    assert_int_equal(moved, 0);
    kam__plan_free(&w.p);
    kam__calendar_free(&w.calendar);
}

/* ---------------------------------------------------------------- as many as possible */

static int32_t match_day[MOST * 4];
static uint8_t match_seen[100];
static uint32_t match_of[100][16], match_n[100];

static int match(const kam__plan_item *const *it, uint32_t i) {
    for (int32_t d = it[i]->first; d <= it[i]->until; d++) {
        if (match_seen[d] || !w.p.room[0][d]) continue;
        match_seen[d] = 1;
        if (match_n[d] < (uint32_t)w.p.room[0][d]) {
            match_of[d][match_n[d]++] = i;
            return 1;
        }
        for (uint32_t k = 0; k < match_n[d]; k++)
            if (match(it, match_of[d][k])) {
                match_of[d][k] = i;
                return 1;
            }
    }
    return 0;
}

/* Accounts asked for once, no fixed ones: no plan could hold more visits, nor more in time. */
static void as_many_as_possible(void **state) {
    world_open(*state);
    for (int round = 0; round < 200; round++) {
        const kam__plan_item *it[MOST];
        uint32_t n = 0, got = 0, most = 0;
        world_ask(0);
        w.p.nplanned = 0;
        w.p.days = 1 + pick(14);
        for (uint32_t i = 0; i < w.p.naccount; i++) {
            w.account[i].nplanned = 0;
            w.account[i].set = 2;
            w.last[i * 2] = 20514 - 50 - pick(11);
        }
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        for (size_t i = 0; i < w.p.n; i++)
            if (!kam__plan_desk(&w.p.item[i])) {
                it[n++] = &w.p.item[i];
                got += w.p.item[i].day >= 0;
            }
        memset(match_n, 0, sizeof match_n);
        for (uint32_t i = 0; i < n; i++) {
            memset(match_seen, 0, sizeof match_seen);
            most += (uint32_t)match(it, i);
        }
        assert_int_equal(got, most);
    }
    (void)match_day;
    kam__plan_free(&w.p);
    kam__calendar_free(&w.calendar);
}

/* ---------------------------------------------------------------- tiny questions, every answer tried */

enum { TINY = 5 };
typedef struct tiny { uint32_t item[TINY], n; int32_t cap[100], day[TINY]; int64_t best; } tiny;

/* The shortest way from home through the visits of a day, every order tried. */
static int64_t tiny_way(const tiny *t, int32_t day, uint32_t at, uint32_t seen) {
    int64_t best = -1;
    for (uint32_t i = 0; i < t->n; i++) {
        if (t->day[i] != day || seen >> i & 1u) continue;
        uint32_t to = w.p.item[t->item[i]].account;
        int64_t way = kam__plan_metres(&w.p, at, to) + tiny_way(t, day, to, seen | 1u << i);
        if (best < 0 || way < best) best = way;
    }
    return best < 0 ? 0 : best;
}

static void tiny_try(tiny *t, uint32_t i) {
    if (i == t->n) {
        int64_t sum = 0;
        for (int32_t d = 0; d < w.p.days; d++) sum += tiny_way(t, d, KAM__PLAN_HOME, 0);
        if (t->best < 0 || sum < t->best) t->best = sum;
        return;
    }
    const kam__plan_item *it = &w.p.item[t->item[i]];
    for (t->day[i] = it->first; t->day[i] <= it->end; t->day[i]++) {
        int32_t load = 0;
        for (uint32_t k = 0; k <= i; k++) load += t->day[k] == t->day[i];
        if (load <= t->cap[t->day[i]] && kam__plan_allowed(&w.p, it, t->day[i], it->end)) tiny_try(t, i + 1);
    }
}

static void tiny_plans_are_the_best_there_are(void **state) {
    world_open(*state);
    int tried = 0;
    for (int round = 0; round < 300; round++) {
        tiny t = {.best = -1};
        int late = 0;
        world_ask(1);
        w.p.nplanned = 0;
        w.p.iterations = 300;
        if (w.p.naccount > TINY) w.p.naccount = 1 + (uint32_t)pick(TINY);
        w.p.days = 1 + pick(4);
        for (uint32_t i = 0; i < w.p.naccount; i++) {
            w.account[i].nplanned = 0;
            w.account[i].set = 2;
            w.account[i].located = 1;
            w.last[i * 2] = 20514 - 50 - pick(11);
        }
        assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
        for (uint32_t i = 0; i < w.p.n; i++) {
            late |= w.p.item[i].day < 0 || w.p.item[i].day > w.p.item[i].end;
            if (!kam__plan_desk(&w.p.item[i]) && t.n < TINY) t.item[t.n++] = i;
        }
        if (late || !t.n) continue;
        kam__plan_caps(&w.p, t.cap);
        tiny_try(&t, 0);
        if (travel() != t.best) fail_msg("round %d: %lld m, the best plan has %lld m", round, (long long)travel(), (long long)t.best);
        tried++;
    }
    print_message("%d tiny plans compared with every other\n", tried);
    assert_true(tried > 30);
    kam__plan_free(&w.p);
    kam__calendar_free(&w.calendar);
}

/* ---------------------------------------------------------------- shorter ways, failures */

static void the_search_pays(void **state) {
    int64_t with = 0, without = 0;
    world_open(*state);
    for (int round = 0; round < 10; round++) {
        uint64_t was = seed;
        for (int k = 0; k < 2; k++) {
            seed = was;
            world_ask(1);
            w.p.visits = 6;
            w.p.nplanned = 0;
            for (uint32_t i = 0; i < w.p.naccount; i++) w.account[i].nplanned = 0;
            w.p.iterations = k ? 4000 : 1;
            assert_code(kam__plan_make(&w.p, w.t->err), KAM_OK);
            if (k) with += travel();
            else without += travel();
        }
    }
    print_message("searched %lld km, each visit alone %lld km\n", (long long)with / 1000, (long long)without / 1000);
    assert_true(with < without);
    kam__plan_free(&w.p);
    kam__calendar_free(&w.calendar);
}

static void every_allocation_fails(vt *t, int hours) {
    do {
        if (hours) hours_ask();
        else world_ask(1);
    } while (w.p.naccount < 20 || (hours ? w.p.days > 4 : w.p.days < 30) || !w.p.visits);
    int64_t n = 0, live = t->f.live;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n += hours ? 7 : 1) {      /* with hours each day is ordered each time */
        for (uint32_t i = 0; i < w.p.nplanned; i++) w.p.planned[i].used = 0;
        t->f.left = n;
        rc = kam__plan_make(&w.p, t->err);
        t->f.left = -1;
        if (rc == KAM_OK) break;
        assert_code(rc, KAM_E_NOMEM);
        kam__plan_free(&w.p);
        assert_int_equal(t->f.live, live);
    }
    assert_true(n > 20);
    assert_null(plan_check(&w.p));
    kam__plan_free(&w.p);
}

static void every_allocation_fails_once(void **state) {
    world_open(*state);
    every_allocation_fails(*state, 0);
    every_allocation_fails(*state, 1);
    kam__calendar_free(&w.calendar);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_questions, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(planned_again_nothing_moves, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(hours_are_kept, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(reasons_are_true, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(who_must_be_seen_goes_first, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(hours_again_nothing_moves, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(as_many_as_possible, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(tiny_plans_are_the_best_there_are, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(the_search_pays, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(every_allocation_fails_once, vt_setup, vt_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
