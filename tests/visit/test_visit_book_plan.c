/*
 * Tests of src/visit/visit_book_plan*.c: what a plan of a book says, what does not fit and why, what is wrong with the data.
 */
#include "plan_help.h"

/* ---------------------------------------------------------------- what a plan says */

static void a_due_day_is_a_deadline(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "X", "2026-01-01", ""),
            b = account(q, "b", li, "Y", "2026-01-01", "");
    account(q, "c", li, NULL, NULL, "");
    activity(q, a, "HELD", "VISIT", "2026-02-07", "");                          /* due 9 March */
    activity(q, b, "HELD", "VISIT", "2026-02-20", "");                          /* due 21 April: not in this window */
    kam_run *run = plan_of(q, "2026-03-01", 28);
    const kam_record *r = kam_run_record(run);
    assert_string_equal(kam_record_text(r, KAM_RUN_KIND, ""), "PLAN");
    assert_string_equal(kam_record_text(r, KAM_RUN_NAME, ""), "plain");
    assert_string_equal(kam_record_text(r, KAM_RUN_FROM, ""), "2026-03-02");
    assert_string_equal(kam_record_text(r, KAM_RUN_TO, ""), "2026-03-30");
    REQ_TEXT(q, kam_record_text(r, KAM_RUN_STATISTICS, ""),
             "{\"representatives\":1,\"visits\":1,\"calls\":0,\"other\":0,\"followups\":0,\"unplanned\":0,\"problems\":"
             "2,\"travel_m\":0,\"days\":1}");
    const char *got = ENTRIES(q, run);
    REQ_EQUAL(q, (int64_t)rows_of(got), 1);
    assert_non_null(strstr(got, "VISIT 2026-03-09 ADDED"));
    assert_true(strcmp(got + 2, "2026-03-02") >= 0 && strcmp(got + 2, "2026-03-10") < 0);
    REQ_TEXT(q, MISSING(q, run), "");
    kam_run_free(run);
}

static void a_short_gap_repeats(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "X", "2026-01-01", "");
    activity(q, a, "HELD", "VISIT", "2026-02-20", "");                          /* due 22 March: a Sunday, so the 20th */
    kam_run *run = plan_of(q, "2026-03-01", 100);
    kam_rows *rows = NULL;
    int32_t last = req_day("2026-02-20");
    int n = 0;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows), n++) {
        int32_t day = (int32_t)kam_record_i64(r, KAM_PLAN_ENTRY_DAY, 0);
        assert_true(day > last + 10 && day <= last + 30);
        REQ_EQUAL(q, kam_record_i64(r, KAM_PLAN_ENTRY_LAST, 0), last);
        last = day;
    }
    kam_rows_free(rows);
    assert_true(n >= 3 && n <= 6 && last + 30 >= req_day("2026-06-05"));
    apply(q, run);
    unmoved(q, "2026-03-01", 100);
}

static void one_call_in_each_week(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "W", "2026-03-01", "");
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-03-14\",\"kind\":\"WORKDAY\"}");
    for (int d = 9; d < 14; d++)
        req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-03-%02d\",\"kind\":\"HOLIDAY\"}", d);
    for (int d = 16; d < 21; d++)
        req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-03-%02d\",\"kind\":\"HOLIDAY\"}", d);
    kam_run *run = plan_of(q, "2026-03-01", 28);                                /* Monday to Sunday, four times */
    const char *got = ENTRIES(q, run);
    REQ_EQUAL(q, (int64_t)rows_of(got), 3);
    assert_non_null(strstr(got, "a 2026-03-14 CALL 2026-03-14"));               /* a Saturday people work on (调休) */
    assert_non_null(strstr(got, "CALL 2026-02-27"));                            /* missed in the week before: made up in this one */
    assert_null(strstr(got, "CALL 2026-03-22"));
    REQ_TEXT(q, MISSING(q, run), "a NO_WORKING_DAY ring 2026-03-22");           /* the week nobody works in */
    apply(q, run);
    unmoved(q, "2026-03-01", 28);
    activity(q, a, "HELD", "CALL", "2026-03-03", "");                           /* on another day than planned: not needed twice */
    run = plan_of(q, "2026-03-03", 26);
    got = CHANGES(q, run);
    REQ_EQUAL(q, (int64_t)hits(got, "KEPT"), 2);
    REQ_EQUAL(q, (int64_t)hits(got, "CANCELLED NOT_DUE"), 1);
    kam_run_free(run);
}

static void go_live_is_spread(req *q) {
    char more[100];
    start(q);
    int64_t li = rep(q, "Li", "");
    for (int i = 0; i < 40; i++) {
        snprintf(more, sizeof more, ",\"latitude\":\"30.%02d\",\"longitude\":\"114.%02d\"", 10 + i, 10 + i * 7 % 40);
        account(q, "a", li, "Y", "2026-03-01", more);
    }
    kam_run *run = plan_of(q, "2026-03-01", 28);
    kam_rows *rows = NULL;
    int on[400] = {0}, most = 0, days = 0;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        int n = ++on[kam_record_i64(r, KAM_PLAN_ENTRY_DAY, 0) - req_day("2026-03-01")];
        if (n == 1) days++;
        if (n > most) most = n;
        REQ_EQUAL(q, kam_record_i64(r, KAM_PLAN_ENTRY_ORDER, 0), n);
    }
    kam_rows_free(rows);
    assert_true(days >= 10 && most <= 4);
    kam_run_free(run);
}

/* Two towns: no day has stops in both. */
static void days_lie_in_one_area(req *q) {
    char more[100];
    start(q);
    int64_t li = rep(q, "Li", "");
    for (int i = 0; i < 24; i++) {
        snprintf(more, sizeof more, ",\"latitude\":\"%d.%02d\",\"longitude\":\"114.%02d\"", i % 2 ? 30 : 33, i,
                 i * 5 % 24);
        account(q, i % 2 ? "south" : "north", li, "Y", "2026-03-01", more);
    }
    kam_run *run = plan_of(q, "2026-03-01", 14);
    kam_rows *rows = NULL;
    char town[16] = "", day[16] = "";
    int64_t metres = 0;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        int first = kam_record_i64(r, KAM_PLAN_ENTRY_ORDER, 0) == 1;
        if (!first) assert_string_equal(town, kam_record_text(r, KAM_PLAN_ENTRY_NAME, ""));
        if (!first) assert_string_equal(day, kam_record_text(r, KAM_PLAN_ENTRY_DAY, ""));
        if (first) REQ_EQUAL(q, kam_record_i64(r, KAM_PLAN_ENTRY_DISTANCE, -1), 0);
        metres += kam_record_i64(r, KAM_PLAN_ENTRY_DISTANCE, 0);
        snprintf(town, sizeof town, "%s", kam_record_text(r, KAM_PLAN_ENTRY_NAME, ""));
        snprintf(day, sizeof day, "%s", kam_record_text(r, KAM_PLAN_ENTRY_DAY, ""));
    }
    kam_rows_free(rows);
    snprintf(more, sizeof more, "\"travel_m\":" LL ",", (ll)metres);
    assert_non_null(strstr(kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""), more));
    kam_run_free(run);
    req_save(q, KAM_KIND_REPRESENTATIVE,
             "{\"id\":" LL ",\"rev\":1,\"name\":\"Li\",\"home_latitude\":\"31\",\"home_longitude\":\"114\"}", (ll)li);
    run = plan_of(q, "2026-03-02", 14);                                         /* moved in today */
    static const uint32_t stops[] = {KAM_PLAN_ENTRY_ORDER, KAM_PLAN_ENTRY_DISTANCE, 0};
    assert_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, stops), "1 0"));       /* from home */
    kam_run_free(run);
}

/* ---------------------------------------------------------------- what there is no room for */

static void over_capacity(req *q) {
    char name[8];
    start(q);
    int64_t li = rep(q, "Li", ",\"capacity\":1");
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "%s%d", i % 2 ? "y" : "x", i);
        int64_t a = account(q, name, li, i % 2 ? "Y" : "X", "2026-01-01", "");
        activity(q, a, "HELD", "VISIT", i % 2 ? "2025-12-01" : "2026-01-10", "");        /* all are overdue */
    }
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-03-07\",\"kind\":\"WORKDAY\"}");
    kam_run *run = plan_of(q, "2026-03-01", 7);
    const char *got = ENTRIES(q, run);
    REQ_EQUAL(q, (int64_t)rows_of(got), 6);
    REQ_EQUAL(q, (int64_t)hits(got, "x"), 4);                                   /* the better grade first */
    assert_non_null(strstr(got, "2026-03-07"));
    got = MISSING(q, run);
    REQ_EQUAL(q, (int64_t)rows_of(got), 2);
    REQ_EQUAL(q, (int64_t)hits(got, "CAPACITY see 2026-01-30"), 2);
    static const uint32_t reason[] = {KAM_UNPLANNED_REASON, 0};
    assert_non_null(
        strstr(list(q, run, KAM_KIND_UNPLANNED, reason), "rule see of grade Y: due by 2026-01-30, last 2025-12-01; the "
                                                         "days are full from 2026-03-02 to 2026-03-08 (1 a day)"));
    apply(q, run);
    unmoved(q, "2026-03-01", 7);
}

/* One visit a day, two days. Who must be seen goes before the best grade; where that cannot be, it is an error. */
static void who_must_be_seen(req *q) {
    static const uint32_t due_fields[] = {KAM_DUE_NAME, KAM_DUE_MUST, KAM_DUE_SCORE, 0};
    static const uint32_t left[] = {KAM_UNPLANNED_NAME, KAM_UNPLANNED_MUST, 0}, wrong[] = {KAM_PROBLEM_RECORD, KAM_PROBLEM_CODE, KAM_PROBLEM_TEXT, 0};
    char want[300];
    start(q);
    int64_t li = rep(q, "Li", ",\"capacity\":1"), x = account(q, "x", li, "X", "2026-01-01", ""), y = account(q, "y", li, "Y", "2026-01-01", "");
    activity(q, x, "HELD", "VISIT", "2026-01-20", "");
    activity(q, y, "HELD", "VISIT", "2026-01-20", "");
    req_save(q, KAM_KIND_CADENCE_OVERRIDE, "{\"account\":" LL ",\"channel\":\"VISIT\",\"every\":20,\"must\":true,\"why\":\"tender\"}", (ll)y);
    kam_rows *due = NULL;
    REQ_MUST(q, kam_visit_due(&due, q->book, "plain", 0, req_day("2026-03-01"), q->err));
    REQ_TEXT(q, req_rows(q, due, due_fields, text, sizeof text), "y true 2|x false 1.3333");
    kam_run *run = plan_of(q, "2026-03-01", 1);
    assert_non_null(strstr(ENTRIES(q, run), "y 2026-03-02"));
    REQ_TEXT(q, list(q, run, KAM_KIND_UNPLANNED, left), "x false");
    assert_null(strstr(list(q, run, KAM_KIND_PROBLEM, wrong), "MUST_SEE"));
    kam_run_free(run);
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-01\",\"last\":\"2026-03-08\"}", (ll)li);
    run = plan_of(q, "2026-03-01", 2);
    REQ_TEXT(q, list(q, run, KAM_KIND_UNPLANNED, left), "x false|y true");
    snprintf(want, sizeof want, LL " MUST_SEE error: y must be seen (rule see, due by 2026-02-09) and is not planned: the representative is absent; "
             "its row in UNPLANNED tells what would help", (ll)y);
    assert_non_null(strstr(list(q, run, KAM_KIND_PROBLEM, wrong), want));
    int64_t id = 0;
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    run = NULL;
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    assert_non_null(strstr(list(q, run, KAM_KIND_PROBLEM, wrong), want));        /* a stored run tells it again */
    kam_run_free(run);
}

/* With weights the score decides who is seen: 3 * 1.2 for the X, 2 * 2 for the Y that is later. */
static void the_score_goes_before_the_grade(req *q) {
    char doc[600];
    int64_t id = 0;
    snprintf(doc, sizeof doc, "{\"name\":\"weighed\",\"scheme\":\"mine\",\"weights\":{\"X\":3,\"Y\":2},\"grades\":{\"X\":[{\"id\":\"see\",\"channel\":\"VISIT\","
             "\"every\":{\"days\":30}}],\"Y\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30}}]}}");
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, doc, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    start(q);
    int64_t li = rep(q, "Li", ",\"capacity\":1"), x = account(q, "x", li, "X", "2026-01-01", ""), y = account(q, "y", li, "Y", "2026-01-01", "");
    activity(q, x, "HELD", "VISIT", "2026-01-25", "");
    activity(q, y, "HELD", "VISIT", "2025-12-31", "");
    kam_visit_plan_options o = {.days = 1, .cadence = "weighed"};
    kam_run *run = plan_with(q, &o, "2026-03-01");
    assert_non_null(strstr(ENTRIES(q, run), "y 2026-03-02"));
    kam_run_free(run);
    run = plan_of(q, "2026-03-01", 1);
    assert_non_null(strstr(ENTRIES(q, run), "x 2026-03-02"));
    kam_run_free(run);
}

static void a_half_day_has_half_the_room(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ",\"capacity\":6");
    for (int i = 0; i < 8; i++) account(q, "a", li, "Y", "2026-03-01", "");
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-03-02\",\"kind\":\"HALF\"}");
    kam_run *run = plan_of(q, "2026-03-01", 1);
    REQ_EQUAL(q, (int64_t)rows_of(ENTRIES(q, run)), 3);
    REQ_EQUAL(q, (int64_t)hits(MISSING(q, run), "CAPACITY"), 5);
    kam_run_free(run);
    int64_t wu = rep(q, "Wu", ",\"capacity\":1");
    for (int i = 0; i < 2; i++) account(q, "b", wu, "Y", "2026-03-01", "");
    run = plan_of(q, "2026-03-01", 1);
    REQ_EQUAL(q, (int64_t)hits(ENTRIES(q, run), "b"), 1);                       /* half a day is still one visit */
    kam_run_free(run);
}

static void who_cannot_be_seen(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ""), gone = rep(q, "Wu", ",\"active\":false"), idle = rep(q, "Zhao", "");
    account(q, "a", li, "X", "2026-01-01", "");
    account(q, "w", gone, "W", "2026-01-01", "");
    account(q, "n", 0, "W", "2026-01-01", "");
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-02-20\",\"last\":\"2026-03-31\"}",
             (ll)li);
    kam_run *run = plan_of(q, "2026-03-01", 28);
    REQ_TEXT(q, ENTRIES(q, run), "");
    REQ_TEXT(q, MISSING(q, run), "a ABSENCE see 2026-01-01|n NO_OWNER ring 2026-01-02|w INACTIVE ring 2026-01-02");
    char want[100];
    snprintf(want, sizeof want, "account 1 NO_COORDINATES|representative " LL " NO_ACCOUNTS", (ll)idle);
    REQ_TEXT(q, PROBLEMS(q, run), want);
    kam_run_free(run);
    kam_visit_plan_options o = {.nrepresentative = 1, .representative = &idle};
    run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, MISSING(q, run), "");                                           /* only what was asked for */
    snprintf(want, sizeof want, "representative " LL " NO_ACCOUNTS", (ll)idle);
    REQ_TEXT(q, PROBLEMS(q, run), want);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    REQ_TEXT(q, PROBLEMS(q, run), want);                                        /* made again for the same people */
    kam_run_free(run);
    o.representative = &gone;
    run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, MISSING(q, run), "w INACTIVE ring 2026-01-02");
    kam_run_free(run);
}

/* ---------------------------------------------------------------- arguments */

static void arguments(req *q) {
    kam_visit_plan *plan = NULL;
    kam_run *run = NULL;
    start(q);
    int64_t li = rep(q, "Li", ""), both[] = {li, li}, nobody = 77;
    static const struct { kam_visit_plan_options o; const char *says; } bad[] = {
        {{.days = -1}, "days is -1: 0 to 366"}, {{.days = 367}, "days is 367"}, {{.frozen_days = -2}, "frozen_days"},
        {{.visits_a_day = 201}, "visits_a_day is 201"}, {{.calls_a_day = -1}, "calls_a_day"}, {{.flags = 1}, "flags"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        kam_visit_plan_options o = bad[i].o;
        o.struct_size = sizeof o;
        int32_t rc = kam_visit_plan_new(&plan, q->book, &o, q->err);
        assert_true(rc == KAM_E_INVAL || (o.flags && rc != KAM_OK));
        assert_non_null(strstr(kam_error_message(q->err), bad[i].says));
    }
    kam_visit_plan_options o = {.struct_size = sizeof o, .nrepresentative = 2, .representative = both};
    REQ_REFUSED(q, kam_visit_plan_new(&plan, q->book, &o, q->err), KAM_E_INVAL, "named twice");
    o.nrepresentative = 1;
    o.representative = &nobody;
    REQ_REFUSED(q, kam_visit_plan_new(&plan, q->book, &o, q->err), KAM_E_NOT_FOUND, "no representative 77");
    o.representative = NULL;
    REQ_REFUSED(q, kam_visit_plan_new(&plan, q->book, &o, q->err), KAM_E_INVAL, "representative");
    o.nrepresentative = 0;
    o.struct_size = 4;
    REQ_REFUSED(q, kam_visit_plan_new(&plan, q->book, &o, q->err), KAM_E_INVAL, "kam_visit_plan_options");
    REQ_REFUSED(q, kam_visit_plan_new(NULL, q->book, NULL, q->err), KAM_E_INVAL, "out");
    REQ_REFUSED(q, kam_visit_plan_new(&plan, NULL, NULL, q->err), KAM_E_INVAL, "book");
    assert_null(plan);
    kam_visit_plan_free(NULL);
    o.struct_size = sizeof o;
    o.cadence = "nowhere";
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    REQ_REFUSED(q, kam_visit_plan_run(&run, plan, req_day("2026-03-01"), q->err), KAM_E_POLICY, "nowhere");
    REQ_REFUSED(q, kam_visit_plan_run(NULL, plan, 0, q->err), KAM_E_INVAL, "out");
    REQ_REFUSED(q, kam_visit_plan_run(&run, NULL, 0, q->err), KAM_E_INVAL, "plan");
    REQ_REFUSED(q, kam_visit_plan_run(&run, plan, KAM_DAY_END, q->err), KAM_E_INVAL, "as_of");
    kam_visit_plan_free(plan);
    o.cadence = "plain";
    o.from = req_day("2026-02-01");
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    REQ_REFUSED(q, kam_visit_plan_run(&run, plan, req_day("2026-03-01"), q->err), KAM_E_INVAL, "over by as_of");
    kam_visit_plan_free(plan);
    assert_null(run);
    run = plan_of(q, "2026-03-01", 28);
    account(q, "late", li, "X", "2026-01-01", "");
    REQ_REFUSED(q, kam_run_apply(run, 0, q->err), KAM_E_STALE, "run it again");
    kam_run_free(run);
}

#define ON_STORES(name) static void name##_everywhere(void **state) { (void)state; req_each(name); }
ON_STORES(a_due_day_is_a_deadline)
ON_STORES(a_short_gap_repeats)
ON_STORES(one_call_in_each_week)
ON_STORES(go_live_is_spread)
ON_STORES(days_lie_in_one_area)
ON_STORES(over_capacity)
ON_STORES(who_must_be_seen)
ON_STORES(the_score_goes_before_the_grade)
ON_STORES(a_half_day_has_half_the_room)
ON_STORES(who_cannot_be_seen)
ON_STORES(arguments)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_due_day_is_a_deadline_everywhere),
        cmocka_unit_test(a_short_gap_repeats_everywhere),
        cmocka_unit_test(one_call_in_each_week_everywhere),
        cmocka_unit_test(go_live_is_spread_everywhere),
        cmocka_unit_test(days_lie_in_one_area_everywhere),
        cmocka_unit_test(over_capacity_everywhere),
        cmocka_unit_test(who_must_be_seen_everywhere),
        cmocka_unit_test(the_score_goes_before_the_grade_everywhere),
        cmocka_unit_test(a_half_day_has_half_the_room_everywhere),
        cmocka_unit_test(who_cannot_be_seen_everywhere),
        cmocka_unit_test(arguments_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
