/*
 * Tests of src/visit/visit_book_open.c and of breaks through plans: special hours, days an account is closed, clocks of other
 * zones with summer time, breaks of a representative.
 */
#include "fault_book.h"

#define HERE ",\"latitude\":30.1,\"longitude\":120"
static const uint32_t entry[] = {KAM_PLAN_ENTRY_NAME, KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_BEGIN, 0};
static const uint32_t codes[] = {KAM_PROBLEM_FIELD, KAM_PROBLEM_CODE, 0};

static void opening(req *q, int64_t a, const char *kind, int from, int to, const char *more) {
    req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"kind\":\"%s\",\"from\":%d,\"to\":%d%s}", (ll)a, kind, from, to, more);
}

/* From Monday 2026-03-02 on. */
static const char *planned(req *q, int days, kam_visit_plan_options o) {
    o.days = days;
    o.from = req_day("2026-03-02");
    if (!o.day_end) o.day_begin = 480, o.day_end = 1020;
    kam_run *run = plan_with(q, &o, "2026-03-01");
    const char *got = list(q, run, KAM_KIND_PLAN_ENTRY, entry);
    kam_run_free(run);
    return got;
}

static const char *said(req *q, int64_t a, const char *day, const char *start) {
    kam_rows *rows = NULL;
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"PLANNED\",\"channel\":\"VISIT\",\"day\":\"%s\",\"purpose\":\"SELL\","
                               "\"attendee_role\":\"DECIDER\",\"duration\":60,\"start\":\"%sT%s\"}", (ll)a, day, day, start);
    REQ_MUST(q, kam_visit_check(&rows, q->book, r, "plain", q->err));
    kam_record_free(r);
    return req_rows(q, rows, codes, text, sizeof text);
}

/* ---------------------------------------------------------------- dates */

static void closed_by_date(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "X", "2026-01-01", HERE);
    activity(q, a, "HELD", "VISIT", "2026-02-03", "");                          /* due on Thursday 5 March */
    opening(q, a, "CLOSED", 0, 1440, ",\"first\":\"2026-03-03\",\"last\":\"2026-03-05\"");
    REQ_TEXT(q, planned(q, 7, (kam_visit_plan_options){0}), "a 2026-03-02 480");
    opening(q, a, "CLOSED", 0, 1440, ",\"weekday\":1,\"last\":\"2026-03-02\"");
    REQ_TEXT(q, planned(q, 7, (kam_visit_plan_options){0}), "a 2026-03-06 480");
    kam_visit_plan_options o = {.days = 7};                                     /* without hours as well */
    kam_run *run = plan_with(q, &o, "2026-03-01");
    assert_non_null(strstr(ENTRIES(q, run), "a 2026-03-06"));
    kam_run_free(run);
    opening(q, a, "CLOSED", 0, 1440, ",\"first\":\"2026-03-06\"");              /* and from then on for good */
    REQ_TEXT(q, planned(q, 7, (kam_visit_plan_options){0}), "");
    REQ_TEXT(q, said(q, a, "2026-03-06", "09:00"), "start CLOSED_HOURS");
    REQ_TEXT(q, said(q, a, "2026-03-01", "09:00"), "");
}

/* In summer it is open early; that stands in place of the usual hours. */
static void special_hours(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "X", "2026-01-01", HERE);
    opening(q, a, "OPEN", 600, 720, "");
    opening(q, a, "OPEN", 900, 1000, ",\"first\":\"2026-03-01\",\"last\":\"2026-03-08\"");
    REQ_TEXT(q, planned(q, 3, (kam_visit_plan_options){0}), "a 2026-03-02 900");
    REQ_TEXT(q, said(q, a, "2026-03-08", "10:00"), "start OUTSIDE_HOURS");
    REQ_TEXT(q, said(q, a, "2026-03-08", "15:00"), "");
    REQ_TEXT(q, said(q, a, "2026-03-09", "15:00"), "start OUTSIDE_HOURS");
    REQ_TEXT(q, said(q, a, "2026-03-09", "10:00"), "");
    opening(q, a, "BUSY", 900, 930, ",\"weekday\":1,\"first\":\"2026-03-02\"");
    REQ_TEXT(q, planned(q, 3, (kam_visit_plan_options){0}), "a 2026-03-02 930");
}

/* ---------------------------------------------------------------- clocks */

static void fixed_zones(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "X", "2026-01-01", HERE ",\"zone\":\"+01:30\"");
    opening(q, a, "OPEN", 600, 720, "");                                        /* 08:30 to 10:30 by the book's clocks */
    REQ_TEXT(q, planned(q, 3, (kam_visit_plan_options){0}), "a 2026-03-02 510");
    REQ_TEXT(q, said(q, a, "2026-03-02", "08:30"), "");
    REQ_TEXT(q, said(q, a, "2026-03-02", "08:29"), "start OUTSIDE_HOURS");
    REQ_TEXT(q, said(q, a, "2026-03-02", "10:00"), "start OUTSIDE_HOURS");
    int64_t far = account(q, "far", li, "X", "2026-01-01", HERE ",\"zone\":\"-10:00\"");
    opening(q, far, "OPEN", 1260, 1380, ",\"weekday\":1");                      /* Monday 21:00 is our Tuesday 07:00 */
    assert_non_null(strstr(planned(q, 7, (kam_visit_plan_options){.day_begin = 360, .day_end = 1020}), "far 2026-03-03 420"));
    REQ_TEXT(q, said(q, far, "2026-03-03", "07:00"), "");
    REQ_TEXT(q, said(q, far, "2026-03-03", "06:59"), "start OUTSIDE_HOURS");
    int64_t none = account(q, "none", li, "X", "2026-01-01", HERE ",\"zone\":\"Nowhere\"");
    kam_visit_plan_options o = {.days = 3};
    kam_run *run = plan_with(q, &o, "2026-03-01");
    char want[60];
    snprintf(want, sizeof want, "account " LL " UNKNOWN_ZONE", (ll)none);
    assert_non_null(strstr(PROBLEMS(q, run), want));
    kam_run_free(run);
}

/* The host's rules put the clocks forward on 29 March: what is 10:00 there is an hour earlier here from then on. */
static void summer_time(void **state) {
    fault_book s;
    req *q = fault_book_open(&s);
    (void)state;
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "W2", "2026-01-01", HERE ",\"zone\":\"Summer\"");
    const char *weekly = "{\"name\":\"weekly\",\"scheme\":\"mine\",\"grades\":{\"W2\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"iso_weeks\":1},\"weekdays\":[\"FRI\"]}]}}";
    int64_t id = 0;
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, weekly, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    opening(q, a, "OPEN", 600, 720, "");
    REQ_TEXT(q, planned(q, 35, (kam_visit_plan_options){.cadence = "weekly"}),
             "a 2026-03-06 600|a 2026-03-13 600|a 2026-03-20 600|a 2026-03-27 600|a 2026-04-03 540");
    REQ_TEXT(q, said(q, a, "2026-03-27", "10:00"), "");
    REQ_TEXT(q, said(q, a, "2026-03-30", "09:00"), "");
    REQ_TEXT(q, said(q, a, "2026-03-30", "11:01"), "start OUTSIDE_HOURS");
    fault_book_close(&s);
}

/* ---------------------------------------------------------------- breaks */

static void breaks(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ""), id[3];
    for (int i = 0; i < 3; i++) id[i] = account(q, "a", li, "X", "2026-01-01", HERE);
    kam_visit_plan_options o = {.day_begin = 600, .day_end = 1020, .visits_a_day = 3, .visit_minutes = 90};
    REQ_TEXT(q, planned(q, 1, o), "a 2026-03-02 600|a 2026-03-02 690|a 2026-03-02 780");
    o.pause_begin = 720, o.pause_end = 765;
    REQ_TEXT(q, planned(q, 1, o), "a 2026-03-02 600|a 2026-03-02 765|a 2026-03-02 855");
    kam_visit_plan *plan = NULL;
    kam_rows *rows = NULL;
    o.struct_size = sizeof o;
    o.cadence = "plain";
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    REQ_MUST(q, kam_visit_tour(&rows, plan, li, id, 3, req_day("2026-03-01"), q->err));
    REQ_TEXT(q, req_rows(q, rows, entry, text, sizeof text), "a 2026-03-02 600|a 2026-03-02 765|a 2026-03-02 855");
    kam_visit_plan_free(plan);
    int64_t wu = rep(q, "Wu", ",\"pause_begin\":600,\"pause_end\":630");        /* his own break goes before it */
    for (int i = 0; i < 3; i++) id[i] = account(q, "b", wu, "X", "2026-01-01", HERE);
    o.representative = &wu;
    o.nrepresentative = 1;
    REQ_TEXT(q, planned(q, 1, o), "b 2026-03-02 630|b 2026-03-02 720|b 2026-03-02 810");
    /* what is agreed on is not moved for it; the day's own way knows the break too */
    char more[100];
    snprintf(more, sizeof more, ",\"representative\":" LL ",\"locked\":true,\"start\":\"2026-03-02T10:10\"", (ll)wu);
    activity(q, id[0], "PLANNED", "VISIT", "2026-03-02", more);
    *strstr(more, ",\"locked") = '\0';
    activity(q, id[1], "PLANNED", "VISIT", "2026-03-02", more);
    assert_non_null(strstr(planned(q, 1, o), "b 2026-03-02 610|"));
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    REQ_MUST(q, kam_visit_day(&rows, plan, wu, req_day("2026-03-02"), q->err));
    REQ_TEXT(q, req_rows(q, rows, entry, text, sizeof text), "b 2026-03-02 610|b 2026-03-02 700");
    kam_visit_plan_free(plan);
    o.pause_end = 1441;
    REQ_REFUSED(q, kam_visit_plan_new(&plan, q->book, &o, q->err), KAM_E_INVAL, "pause_end is 1441");
    o.pause_begin = 700, o.pause_end = 700;
    REQ_REFUSED(q, kam_visit_plan_new(&plan, q->book, &o, q->err), KAM_E_INVAL, "pause_begin is 700");
}

static int64_t somebody;

static int32_t sweep_plan(kam_rows **out, req *q, int64_t id) {
    kam_visit_plan_options o = {.struct_size = sizeof o, .cadence = "plain", .days = 3, .day_begin = 480, .day_end = 1020};
    kam_visit_plan *plan = NULL;
    int32_t rc = kam_visit_plan_new(&plan, q->book, &o, q->err);
    if (rc == KAM_OK) rc = kam_visit_slots(out, plan, id, KAM_TODAY, q->err);
    kam_visit_plan_free(plan);
    return rc;
}

static int32_t sweep_check(kam_rows **out, req *q, int64_t id) {
    kam_record *r = NULL;
    char json[200];
    int32_t rc = kam_record_new(&r, q->book, KAM_KIND_ACTIVITY, q->err);
    snprintf(json, sizeof json, "{\"account\":" LL ",\"channel\":\"VISIT\",\"day\":\"2026-03-04\",\"start\":\"2026-03-04T23:10\"}", (ll)id);
    if (rc == KAM_OK) rc = kam_record_from_json(r, json, KAM_NUL, q->err);
    if (rc == KAM_OK) rc = kam_visit_check(out, q->book, r, "plain", q->err);
    kam_record_free(r);
    return rc;
}

static void every_allocation_fails_once(void **state) {
    fault_book s;
    req *q = fault_book_open(&s);
    (void)state;
    somebody = account(q, "a", rep(q, "Li", ""), "X", "2026-01-01", HERE ",\"zone\":\"Summer\"");
    opening(q, somebody, "CLOSED", 0, 1440, ",\"first\":\"2026-03-03\",\"last\":\"2026-03-05\"");
    opening(q, somebody, "OPEN", 600, 720, ",\"last\":\"2026-03-08\"");
    opening(q, somebody, "BUSY", 620, 640, "");
    fault_book_sweep(&s, sweep_plan, somebody);
    fault_book_sweep(&s, sweep_check, somebody);
    fault_book_close(&s);
}

EACH(closed_by_date)
EACH(special_hours)
EACH(fixed_zones)
EACH(breaks)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_by_date), cmocka_unit_test(test_special_hours), cmocka_unit_test(test_fixed_zones),
        cmocka_unit_test(summer_time), cmocka_unit_test(test_breaks), cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
