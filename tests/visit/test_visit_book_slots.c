/*
 * Tests of plans with hours, of the price of other days and limits, and of visit_book_slots.c, visit_book_day.c.
 */
#include "plan_help.h"

#define REQ_CODE(q, call, code) assert_int_equal((call), (code))
static const uint32_t slot_fields[] = {KAM_SLOT_DAY, KAM_SLOT_ORDER, KAM_SLOT_BEGIN, KAM_SLOT_VISITS, 0};
static const uint32_t hour_fields[] = {KAM_PLAN_ENTRY_NAME, KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_ORDER, KAM_PLAN_ENTRY_BEGIN, 0};
static const uint32_t relax_fields[] = {KAM_UNPLANNED_NAME, KAM_UNPLANNED_CODE, KAM_UNPLANNED_RELAX_DAY,
                                        KAM_UNPLANNED_RELAX_MINUTES, 0};
#define AT(lat, lon) ",\"latitude\":" #lat ",\"longitude\":" #lon

static const kam_visit_plan_options hours = {.days = 7, .day_begin = 540, .day_end = 1020, .visit_minutes = 60, .speed = 60};

static kam_visit_plan *asked(req *q, const kam_visit_plan_options *options) {
    kam_visit_plan_options o = *options;
    kam_visit_plan *plan = NULL;
    o.struct_size = sizeof o;
    o.cadence = "plain";
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    return plan;
}

/* Three shops in a row north of home, one of them open in the afternoon only. */
static int64_t street(req *q, int64_t *shop) {
    start(q);
    int64_t anna = rep(q, "Anna", ",\"home_latitude\":30,\"home_longitude\":120");
    shop[0] = account(q, "near", anna, "X", "2026-01-01", AT(30.1, 120));
    shop[1] = account(q, "middle", anna, "X", "2026-01-01", AT(30.2, 120));
    shop[2] = account(q, "far", anna, "X", "2026-01-01", AT(30.3, 120));
    req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"from\":720,\"to\":1080,\"kind\":\"OPEN\"}", (ll)shop[1]);
    return anna;
}

/* ---------------------------------------------------------------- plans with hours */

static void entries_say_when(req *q) {
    int64_t shop[3];
    street(q, shop);
    kam_visit_plan_options o = hours;
    o.days = 1;
    kam_run *run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_ENTRY, hour_fields),
           "near 2026-03-02 1 552|middle 2026-03-02 2 720|far 2026-03-02 3 792");
    apply(q, run);
    run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, CHANGES(q, run), "KEPT STILL_RIGHT 2026-03-02 2026-03-02|KEPT STILL_RIGHT 2026-03-02 2026-03-02|"
                               "KEPT STILL_RIGHT 2026-03-02 2026-03-02");
    kam_run_free(run);
}

static void what_the_hours_cannot_hold_is_told(req *q) {
    int64_t shop[3];
    street(q, shop);
    kam_visit_plan_options o = hours;
    o.days = 1;
    o.day_end = 720;                            /* three hours */
    kam_run *run = plan_with(q, &o, "2026-03-01");
    const char *missing = list(q, run, KAM_KIND_UNPLANNED, relax_fields);
    REQ_TEXT(q, missing, "middle HOURS 2026-03-02 60");
    kam_run_free(run);
    o.day_end = 1020;
    o.driving_a_day = 20;                       /* only the near one can be reached */
    run = plan_with(q, &o, "2026-03-01");
    REQ_EQUAL(q, (int64_t)hits(list(q, run, KAM_KIND_UNPLANNED, missing_fields), "HOURS"), 2);
    kam_run_free(run);
}

/* R116: a busy hour is kept free of visits. */
static void busy_hours_are_kept_free(req *q) {
    int64_t shop[3];
    street(q, shop);
    req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"from\":540,\"to\":690,\"kind\":\"BUSY\"}", (ll)shop[0]);
    kam_visit_plan_options o = hours;
    o.days = 1;
    kam_run *run = plan_with(q, &o, "2026-03-01");
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    size_t n = 0;
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows), n++)
        if (kam_record_i64(r, KAM_PLAN_ENTRY_ACCOUNT, 0) == shop[0]) assert_true(kam_record_i64(r, KAM_PLAN_ENTRY_BEGIN, 0) >= 690);
    kam_rows_free(rows);
    kam_run_free(run);
    REQ_EQUAL(q, (int64_t)n, 3);
}

static int32_t no_way(void *user, int64_t from, int64_t to, int64_t *metres, int64_t *seconds) {
    ++*(int *)user;
    assert_true(from >= 0 && to > 0);           /* home is whence, never where to */
    *metres = 1000;
    *seconds = 600;
    return KAM_OK;
}
static int32_t lost(void *user, int64_t from, int64_t to, int64_t *metres, int64_t *seconds) {
    (void)user; (void)from; (void)to; (void)seconds;
    *metres = -5;
    return KAM_OK;
}

static void ways_can_be_told(req *q) {
    int64_t shop[3];
    int calls = 0;
    street(q, shop);
    kam_visit_plan_options o = hours;
    o.days = 1;
    o.travel = no_way;
    o.travel_user = &calls;
    kam_run *run = plan_with(q, &o, "2026-03-01");
    assert_non_null(strstr(kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""), "\"travel_m\":3000"));
    REQ_EQUAL(q, calls, 6);                     /* home and three shops: each pair once */
    kam_run_free(run);
    o.travel = lost;
    kam_visit_plan *plan = asked(q, &o);
    run = NULL;
    REQ_CODE(q, kam_visit_plan_run(&run, plan, req_day("2026-03-01"), q->err), KAM_E_INVAL);
    assert_null(run);
    kam_visit_plan_free(plan);
}

/* The callback is asked for each pair of a representative's places: there is an end to that. */
static void too_many_ways_are_refused(req *q) {
    int calls = 0;
    char name[16];
    kam_run *run = NULL;
    start(q);
    int64_t anna = rep(q, "Anna", ",\"home_latitude\":30,\"home_longitude\":120");
    REQ_MUST(q, kam_book_begin(q->book, KAM_BEGIN_WRITE, q->err));
    for (int i = 0; i < 1101; i++) {
        snprintf(name, sizeof name, "shop %d", i);
        account(q, name, anna, "X", "2026-01-01", AT(30.1, 120));
    }
    REQ_MUST(q, kam_book_commit(q->book, q->err));
    kam_visit_plan_options o = hours;
    o.travel = no_way;
    o.travel_user = &calls;
    kam_visit_plan *plan = asked(q, &o);
    REQ_REFUSED(q, kam_visit_plan_run(&run, plan, req_day("2026-03-01"), q->err), KAM_E_LIMIT,
                "1101 accounts of one representative are too many for a travel callback (at most 1100)");
    REQ_EQUAL(q, calls, 0);
    kam_visit_plan_free(plan);
}

static void own_hours_and_a_longer_way(req *q) {
    start(q);
    int64_t anna = rep(q, "Anna", ",\"home_latitude\":30,\"home_longitude\":120,\"day_begin\":600,\"day_end\":900");
    account(q, "near", anna, "X", "2026-01-01", AT(30.1, 120));
    kam_visit_plan_options o = hours;
    o.days = 1;
    o.detour = 2000;
    kam_run *run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_ENTRY, hour_fields), "near 2026-03-02 1 623");
    kam_run_free(run);
}

/* ---------------------------------------------------------------- prices */

static void other_days_have_a_price(req *q) {
    int64_t shop[3];
    street(q, shop);
    kam_run *run = plan_of(q, "2026-03-01", 5);
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    size_t n = 0;
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        n += kam_record_type(r, KAM_PLAN_ENTRY_OTHER_DAY) != 0;
        assert_true(kam_record_i64(r, KAM_PLAN_ENTRY_OTHER_METRES, -1) >= 0);
    }
    kam_rows_free(rows);
    REQ_EQUAL(q, (int64_t)n, 3);
    kam_why *why = NULL;
    REQ_MUST(q, kam_run_why(&why, run, shop[0], q->err));
    kam_why_free(why);
    kam_run_free(run);
}

static void limits_have_a_price(req *q) {
    int64_t shop[3];
    street(q, shop);
    kam_visit_plan_options o = {.days = 1, .visits_a_day = 2};
    kam_run *run = plan_with(q, &o, "2026-03-01");
    assert_true(hits(list(q, run, KAM_KIND_UNPLANNED, relax_fields), "CAPACITY 2026-03-02") == 1);
    kam_run_free(run);
}

/* What the rank keeps from being visited would have fitted there; what an absence does, then. */
static void ranks_and_absences_have_a_price(req *q) {
    static const uint32_t fields[] = {KAM_UNPLANNED_NAME, KAM_UNPLANNED_CODE, KAM_UNPLANNED_RELAX_DAY, KAM_UNPLANNED_RELAX_METRES, 0};
    const char *ranked = "{\"name\":\"ranked\",\"scheme\":\"mine\",\"grades\":{\"X\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30},\"min_rank\":2}],"
                         "\"Y\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30}}]}}";
    int64_t id = 0;
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, ranked, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    int64_t anna = rep(q, "Anna", ",\"rank\":1,\"home_latitude\":30,\"home_longitude\":120"), bo = rep(q, "Bo", ",\"home_latitude\":30,\"home_longitude\":120");
    account(q, "high", anna, "X", "2026-01-01", AT(30.1, 120));
    int64_t shut = account(q, "shut", anna, "X", "2026-01-01", AT(30.1, 120));
    req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"kind\":\"CLOSED\"}", (ll)shut);
    account(q, "away", bo, "Y", "2026-01-01", AT(30.2, 120));
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-01\",\"last\":\"2026-03-20\"}", (ll)bo);
    kam_visit_plan_options o = hours;
    o.cadence = "ranked";
    kam_run *run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, list(q, run, KAM_KIND_UNPLANNED, fields), "high RANK 2026-03-02 11120|shut RANK - -|away ABSENCE 2026-03-02 22239");
    kam_run_free(run);
}

/* Every 30 days and not within 28: closed on the only working day that is left, a Friday. */
static void a_gap_is_told_with_its_price(req *q) {
    static const uint32_t fields[] = {KAM_UNPLANNED_NAME, KAM_UNPLANNED_CODE, KAM_UNPLANNED_RELAX_DAY, KAM_UNPLANNED_RELAX_METRES, KAM_UNPLANNED_REASON, 0};
    const char *gap = "{\"name\":\"gap\",\"scheme\":\"mine\",\"grades\":{\"X\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30},"
                      "\"gap\":{\"min\":28}}]}}";
    int64_t id = 0;
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, gap, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    int64_t anna = rep(q, "Anna", ",\"home_latitude\":30,\"home_longitude\":120");
    int64_t shop = account(q, "shop", anna, "X", "2026-01-01", AT(30.1, 120));
    activity(q, shop, "HELD", "VISIT", "2026-02-06", "");       /* Friday; again from Friday 6 March on */
    req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"weekday\":5,\"kind\":\"CLOSED\"}", (ll)shop);
    kam_visit_plan_options o = hours;
    o.cadence = "gap";
    o.days = 6;
    o.from = req_day("2026-03-03");                             /* Tuesday to Sunday */
    kam_run *run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, list(q, run, KAM_KIND_UNPLANNED, fields),
             "shop GAP 2026-03-03 11120 rule see of grade X: due by 2026-03-06, last 2026-02-06; the least gap to the contact before leaves no day "
             "from 2026-03-06 to 2026-03-08; without that limit on 2026-03-03, 11120 m");
    kam_run_free(run);
}

/* One visit a day, and each is taken by what is agreed; two agreements at a time are no plan. */
static void locks_are_told(req *q) {
    int64_t shop[3];
    int64_t anna = street(q, shop);
    char at[160];
    snprintf(at, sizeof at, ",\"locked\":true,\"duration\":60,\"start\":\"2026-03-02T09:30\",\"representative\":" LL, (ll)anna);
    int64_t first = activity(q, shop[0], "PLANNED", "VISIT", "2026-03-02", at);
    snprintf(at, sizeof at, ",\"locked\":true,\"duration\":15,\"start\":\"2026-03-02T10:15\",\"representative\":" LL, (ll)anna);
    int64_t second = activity(q, shop[2], "PLANNED", "VISIT", "2026-03-02", at);
    kam_visit_plan_options o = {.days = 1, .visits_a_day = 2};
    kam_run *run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, list(q, run, KAM_KIND_UNPLANNED, relax_fields), "middle LOCKS 2026-03-02 -");
    char want[200];
    snprintf(want, sizeof want, "activity " LL " LOCKS_CLASH error: it begins at 10:15, when activity " LL " of the same person lasts until 10:30, "
             "and neither moves: agree on another time for one of them", (ll)second, (ll)first);
    static const uint32_t fields[] = {KAM_PROBLEM_KIND, KAM_PROBLEM_RECORD, KAM_PROBLEM_CODE, KAM_PROBLEM_TEXT, 0};
    assert_non_null(strstr(list(q, run, KAM_KIND_PROBLEM, fields), want));
    kam_run_free(run);
    o.visits_a_day = 3;
    run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, list(q, run, KAM_KIND_UNPLANNED, relax_fields), "");
    kam_run_free(run);
}

/* ---------------------------------------------------------------- slots */

static const char *slots(req *q, kam_visit_plan *plan, int64_t account_id) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_slots(&rows, plan, account_id, req_day("2026-03-01"), q->err));
    return req_rows(q, rows, slot_fields, text, sizeof text);
}

static void the_day_in_the_same_street_is_best(req *q) {
    int64_t shop[3];
    int64_t anna = street(q, shop);
    char own[60];
    snprintf(own, sizeof own, ",\"representative\":" LL, (ll)anna);
    activity(q, shop[2], "PLANNED", "VISIT", "2026-03-04", own);
    kam_visit_plan_options o = {.days = 7};
    kam_visit_plan *plan = asked(q, &o);
    REQ_TEXT(q, slots(q, plan, shop[0]), "2026-03-04 1 - 1|2026-03-02 1 - 0|2026-03-03 1 - 0|2026-03-05 1 - 0|2026-03-06 1 - 0");
    kam_visit_plan_free(plan);
    plan = asked(q, &hours);
    REQ_TEXT(q, slots(q, plan, shop[1]), "2026-03-04 1 720 1|2026-03-02 1 720 0|2026-03-03 1 720 0|2026-03-05 1 720 0|2026-03-06 1 720 0");
    kam_rows *rows = NULL;
    REQ_CODE(q, kam_visit_slots(&rows, plan, 987654, req_day("2026-03-01"), q->err), KAM_E_NOT_FOUND);
    REQ_CODE(q, kam_visit_slots(&rows, plan, 0, req_day("2026-03-01"), q->err), KAM_E_INVAL);
    REQ_CODE(q, kam_visit_slots(NULL, plan, shop[0], req_day("2026-03-01"), q->err), KAM_E_INVAL);
    int64_t nowhere = account(q, "nowhere", anna, "X", "2026-01-01", ""), alone = account(q, "alone", 0, "X", "2026-01-01", AT(30.1, 120));
    REQ_CODE(q, kam_visit_slots(&rows, plan, nowhere, req_day("2026-03-01"), q->err), KAM_E_INVAL);
    REQ_CODE(q, kam_visit_slots(&rows, plan, alone, req_day("2026-03-01"), q->err), KAM_E_INVAL);
    kam_visit_plan_free(plan);
}

/* ---------------------------------------------------------------- a day again */

static const char *day_of(req *q, kam_visit_plan *plan, int64_t anna) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_day(&rows, plan, anna, req_day("2026-03-02"), q->err));
    return req_rows(q, rows, hour_fields, text, sizeof text);
}

static void a_day_is_ordered_again(req *q) {
    int64_t shop[3];
    int64_t anna = street(q, shop);
    char own[60], at[160];
    snprintf(own, sizeof own, ",\"representative\":" LL, (ll)anna);
    snprintf(at, sizeof at, ",\"representative\":" LL ",\"locked\":true,\"start\":\"2026-03-02T10:00\"", (ll)anna);
    activity(q, shop[0], "PLANNED", "VISIT", "2026-03-02", own);
    activity(q, shop[2], "PLANNED", "VISIT", "2026-03-02", at);
    int64_t gone = activity(q, shop[1], "PLANNED", "VISIT", "2026-03-02", own);
    activity(q, shop[1], "PLANNED", "VISIT", "2026-03-03", own);
    activity(q, shop[1], "PLANNED", "CALL", "2026-03-02", own);
    kam_visit_plan *plan = asked(q, &hours);
    REQ_TEXT(q, day_of(q, plan, anna), "far 2026-03-02 1 600|middle 2026-03-02 2 720|near 2026-03-02 3 792");
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, gone, KAM_TODAY);
    REQ_MUST(q, kam_record_set_i64(r, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_CANCELLED, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
    REQ_TEXT(q, day_of(q, plan, anna), "far 2026-03-02 1 600|near 2026-03-02 2 683");
    kam_rows *rows = NULL;
    REQ_CODE(q, kam_visit_day(&rows, plan, 424242, req_day("2026-03-02"), q->err), KAM_E_NOT_FOUND);
    REQ_CODE(q, kam_visit_day(&rows, plan, 0, req_day("2026-03-02"), q->err), KAM_E_INVAL);
    REQ_CODE(q, kam_visit_day(&rows, plan, anna, KAM_DAY_END, q->err), KAM_E_INVAL);
    REQ_CODE(q, kam_visit_day(&rows, NULL, anna, req_day("2026-03-02"), q->err), KAM_E_INVAL);
    kam_visit_plan_free(plan);
}

static void hours_have_ranges(req *q) {
    kam_visit_plan *plan = NULL;
    static const kam_visit_plan_options bad[] = {
        {.struct_size = sizeof bad[0], .day_end = 1441}, {.struct_size = sizeof bad[0], .day_begin = 600, .day_end = 600},
        {.struct_size = sizeof bad[0], .detour = 900}, {.struct_size = sizeof bad[0], .speed = 301},
        {.struct_size = sizeof bad[0], .visit_minutes = -1}, {.struct_size = sizeof bad[0], .driving_a_day = 1441}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        REQ_CODE(q, kam_visit_plan_new(&plan, q->book, &bad[i], q->err), KAM_E_INVAL);
    kam_visit_plan_options old = {.struct_size = offsetof(kam_visit_plan_options, day_begin), .days = 3, .day_end = 99};
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &old, q->err));         /* a host built before there were hours */
    kam_visit_plan_free(plan);
}

#define EVERYWHERE(name) static void name##_everywhere(void **state) { (void)state; req_each(name); }
EVERYWHERE(entries_say_when)
EVERYWHERE(what_the_hours_cannot_hold_is_told)
EVERYWHERE(busy_hours_are_kept_free)
EVERYWHERE(ways_can_be_told)
EVERYWHERE(too_many_ways_are_refused)
EVERYWHERE(own_hours_and_a_longer_way)
EVERYWHERE(other_days_have_a_price)
EVERYWHERE(a_gap_is_told_with_its_price)
EVERYWHERE(locks_are_told)
EVERYWHERE(limits_have_a_price)
EVERYWHERE(ranks_and_absences_have_a_price)
EVERYWHERE(the_day_in_the_same_street_is_best)
EVERYWHERE(a_day_is_ordered_again)
EVERYWHERE(hours_have_ranges)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_say_when_everywhere), cmocka_unit_test(what_the_hours_cannot_hold_is_told_everywhere),
        cmocka_unit_test(busy_hours_are_kept_free_everywhere), cmocka_unit_test(ways_can_be_told_everywhere),
        cmocka_unit_test(too_many_ways_are_refused_everywhere),
        cmocka_unit_test(own_hours_and_a_longer_way_everywhere), cmocka_unit_test(other_days_have_a_price_everywhere),
        cmocka_unit_test(limits_have_a_price_everywhere), cmocka_unit_test(ranks_and_absences_have_a_price_everywhere),
        cmocka_unit_test(a_gap_is_told_with_its_price_everywhere), cmocka_unit_test(locks_are_told_everywhere),
        cmocka_unit_test(the_day_in_the_same_street_is_best_everywhere),
        cmocka_unit_test(a_day_is_ordered_again_everywhere), cmocka_unit_test(hours_have_ranges_everywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
