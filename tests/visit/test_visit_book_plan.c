/*
 * Tests of src/visit/visit_book_plan*.c: the plan of a book as rows, applied, planned again, stored, explained; what does
 * not fit and why; what is wrong with the data.
 */
#include "plan_help.h"

/* Planned again: nothing moves. */
static void unmoved(req *q, const char *as_of, int32_t days) {
    kam_run *run = plan_of(q, as_of, days);
    const char *got = CHANGES(q, run);
    if (hits(got, "MOVED") + hits(got, "ADDED") + hits(got, "CANCELLED")) fail_msg("%s: %s", q->on, got);
    kam_run_free(run);
}

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

/* ---------------------------------------------------------------- what is planned already */

static void fixed_ones_stay_and_count(req *q) {
    static const uint32_t say[] = {KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_CAUSE, KAM_PLAN_ENTRY_WHAT, KAM_PLAN_ENTRY_LOCKED,
                                   0};
    start(q);
    int64_t li = rep(q, "Li", ",\"capacity\":1"), a = account(q, "a", li, "X", "2026-01-01", ""),
            b = account(q, "b", li, "X", "2026-01-01", "");
    int64_t c = account(q, "c", li, "X", "2026-01-01", ""), x = account(q, "z", li, NULL, NULL, "");
    for (int i = 0; i < 3; i++) activity(q, i == 0 ? a : i == 1 ? b : c, "HELD", "VISIT", "2026-02-04", "");      /* due 6 March */
    activity(q, a, "PLANNED", "VISIT", "2026-03-14", ",\"locked\":true,\"cause\":\"CADENCE\"");    /* a Saturday, late, but promised */
    activity(q, x, "PLANNED", "VISIT", "2026-03-03", ",\"cause\":\"REQUEST\"");
    activity(q, c, "PLANNED", "VISIT", "2026-03-04", "");                       /* the host's own: it does for the rule */
    kam_run *run = plan_of(q, "2026-03-01", 7);
    const char *got = list(q, run, KAM_KIND_PLAN_ENTRY, say);
    assert_non_null(strstr(got, "2026-03-03 REQUEST KEPT false"));
    assert_non_null(strstr(got, "2026-03-04 OTHER KEPT false"));
    REQ_EQUAL(q, (int64_t)hits(got, "CADENCE ADDED"), 2);                       /* the lock lies behind this window: a is asked for */
    kam_run_free(run);
    run = plan_of(q, "2026-03-01", 28);
    got = list(q, run, KAM_KIND_PLAN_ENTRY, say);
    assert_non_null(strstr(got, "2026-03-14 CADENCE KEPT true"));
    REQ_EQUAL(q, (int64_t)hits(got, "CADENCE ADDED"), 1);                       /* b only */
    assert_null(strstr(got, "2026-03-03 CADENCE"));                             /* the day is full */
    REQ_EQUAL(q, (int64_t)hits(CHANGES(q, run), "KEPT LOCKED"), 1);
    REQ_EQUAL(q, (int64_t)hits(CHANGES(q, run), "KEPT HOST"), 2);
    apply(q, run);
    unmoved(q, "2026-03-01", 28);
}

static int64_t planned_day(req *q, int64_t account_id, char day[16]) {
    kam_rows *rows = NULL;
    int64_t id = 0;
    char key[24];
    snprintf(key, sizeof key, LL, (ll)account_id);
    rows = req_query(q, KAM_KIND_ACTIVITY, KAM_ACTIVITY_ACCOUNT, key, 0, KAM_TODAY);
    day[0] = '\0';
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        if (strcmp(kam_record_text(r, KAM_ACTIVITY_STATUS, ""), "PLANNED") != 0) continue;
        id = kam_record_i64(r, KAM_ID, 0);
        snprintf(day, 16, "%s", kam_record_text(r, KAM_ACTIVITY_DAY, ""));
    }
    kam_rows_free(rows);
    return id;
}

static void planned_again(req *q) {
    char day[5][16], now[16], want[200];
    int64_t a[5], li, wu;
    start(q);
    li = rep(q, "Li", "");
    wu = rep(q, "Wu", "");
    for (int i = 0; i < 5; i++) {
        a[i] = account(q, "a", li, "X", "2026-01-01", "");
        activity(q, a[i], "HELD", "VISIT", "2026-02-20", "");                   /* due 20 March */
    }
    kam_run *run = plan_of(q, "2026-03-01", 28);
    REQ_EQUAL(q, (int64_t)hits(CHANGES(q, run), "ADDED NEW"), 5);
    apply(q, run);
    for (int i = 0; i < 5; i++) assert_true(planned_day(q, a[i], day[i]) > 0);
    unmoved(q, "2026-03-01", 28);
    unmoved(q, "2026-03-02", 28);                                               /* the next morning */
    unmoved(q, "2026-03-01", 10);                                               /* seen through a shorter window */

    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"%s\",\"last\":\"%s\"}", (ll)li, day[0],
             day[0]);
    activity(q, a[1], "HELD", "VISIT", "2026-03-02", "");                       /* seen, but not as planned: no more due */
    req_save(q, KAM_KIND_OWNER, "{\"account\":" LL ",\"representative\":" LL ",\"valid_from\":\"2026-03-02\"}",
             (ll)a[2], (ll)wu);
    req_save(q, KAM_KIND_LIFECYCLE, "{\"account\":" LL ",\"state\":\"INVALID\",\"reason\":\"closed\"}", (ll)a[3]);
    run = plan_of(q, "2026-03-02", 28);
    const char *got = CHANGES(q, run);
    snprintf(want, sizeof want, "MOVED DAY_OFF %s", day[0]);
    assert_true(strcmp(day[0], "2026-03-02") == 0 ? strstr(got, "MOVED MISSED") != NULL : strstr(got, want) != NULL);
    snprintf(want, sizeof want, "CANCELLED NOT_DUE %s -", day[1]);
    assert_non_null(strstr(got, want));
    snprintf(want, sizeof want, "MOVED OWNER %s", day[2]);
    assert_non_null(strstr(got, want));
    snprintf(want, sizeof want, "CANCELLED NOT_DUE %s -", day[3]);
    assert_non_null(strstr(got, want));
    REQ_EQUAL(q, (int64_t)rows_of(got), 5);
    apply(q, run);
    assert_true(planned_day(q, a[0], now) > 0);
    assert_string_not_equal(now, day[0]);
    REQ_EQUAL(q, planned_day(q, a[1], now), 0);
    REQ_EQUAL(q, planned_day(q, a[3], now), 0);
    int64_t moved = planned_day(q, a[2], now);
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, moved, KAM_TODAY);
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_REPRESENTATIVE, 0), wu);
    REQ_TEXT(q, kam_record_text(r, KAM_REASON, ""), "moved: the account has another owner, or none");
    kam_record_free(r);
    unmoved(q, "2026-03-02", 28);
}

static void what_was_missed_is_planned_again(req *q) {
    char day[16];
    start(q);
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "X", "2026-01-01", "");
    activity(q, a, "HELD", "VISIT", "2026-02-01", "");
    kam_run *run = plan_of(q, "2026-03-01", 5);
    apply(q, run);
    int64_t first = planned_day(q, a, day);
    run = plan_of(q, "2026-03-08", 28);
    REQ_EQUAL(q, (int64_t)hits(CHANGES(q, run), "MOVED MISSED"), 1);
    REQ_EQUAL(q, (int64_t)rows_of(CHANGES(q, run)), 1);
    apply(q, run);
    assert_true(planned_day(q, a, day) > first);                                /* a correction, not a second one */
    assert_true(strcmp(day, "2026-03-09") >= 0);
}

static void frozen_days_are_left_alone(req *q) {
    char day[16];
    start(q);
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "X", "2026-01-01", "");
    activity(q, a, "HELD", "VISIT", "2026-02-01", "");
    activity(q, a, "PLANNED", "VISIT", "2026-03-05", ",\"cause\":\"CADENCE\"");
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-05\",\"last\":\"2026-03-05\"}",
             (ll)li);
    kam_visit_plan_options o = {.frozen_days = 4};
    kam_run *run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, CHANGES(q, run), "KEPT FROZEN 2026-03-05 2026-03-05");
    kam_run_free(run);
    o.frozen_days = 3;
    run = plan_with(q, &o, "2026-03-01");
    assert_non_null(strstr(CHANGES(q, run), "MOVED DAY_OFF 2026-03-05"));
    kam_run_free(run);
    (void)planned_day(q, a, day);
}

static void visits_of_another_representative_count(req *q) {
    char more[80];
    start(q);
    int64_t li = rep(q, "Li", ""), wu = rep(q, "Wu", ""), a = account(q, "a", li, "X", "2026-01-01", "");
    activity(q, a, "HELD", "VISIT", "2026-02-10", "");
    snprintf(more, sizeof more, ",\"cause\":\"REQUEST\",\"representative\":" LL, (ll)wu);
    activity(q, a, "PLANNED", "VISIT", "2026-03-04", more);
    kam_run *run = plan_of(q, "2026-03-01", 14);
    static const uint32_t who[] = {KAM_PLAN_ENTRY_REPRESENTATIVE, KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_CAUSE, 0};
    snprintf(more, sizeof more, LL " 2026-03-04 REQUEST", (ll)wu);
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_ENTRY, who), more);
    kam_run_free(run);
}

/* ---------------------------------------------------------------- stored, explained, made again */

static void four_lists_are_stored(req *q) {
    static const uint32_t kinds[] = {KAM_KIND_PLAN_ENTRY, KAM_KIND_PLAN_CHANGE, KAM_KIND_UNPLANNED, KAM_KIND_PROBLEM};
    static char before[4][20000];
    static const uint32_t none[] = {0};
    const uint32_t *fields[] = {entry_fields, change_fields, missing_fields, problem_fields};
    start(q);
    int64_t li = rep(q, "Li", ",\"capacity\":1");
    rep(q, "Wu", "");
    for (int i = 0; i < 8; i++) account(q, "a", li, "Y", "2026-01-01", "");
    account(q, "w", li, "W", "2026-01-01", "");
    kam_run *run = plan_of(q, "2026-03-01", 7);
    for (int i = 0; i < 4; i++) strcpy(before[i], list(q, run, kinds[i], fields[i]));
    REQ_EQUAL(q, (int64_t)rows_of(before[3]), 9);
    static const uint32_t ids[] = {KAM_PLAN_ENTRY_ACTIVITY, 0};
    assert_non_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, ids), "-"));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    assert_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, ids), "-"));           /* each has its activity now */
    REQ_REFUSED(q, kam_run_apply(run, 0, q->err), KAM_E_EXISTS, "applied already");
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    for (int i = 0; i < 4; i++) REQ_TEXT(q, list(q, run, kinds[i], fields[i]), before[i]);
    assert_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, ids), "-"));
    kam_rows *rows = NULL;
    REQ_REFUSED(q, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, q->err), KAM_E_NOT_FOUND, "PLAN_ENTRY");
    kam_run_free(run);
    /* taken back: what it added is cancelled, but not what was held since */
    kam_record *r = NULL;
    int64_t first = 0, count = 0;
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    first = kam_record_i64(req_next(q, rows), KAM_PLAN_ENTRY_ACTIVITY, 0);
    kam_rows_free(rows);
    kam_run_free(run);
    r = req_get(q, KAM_KIND_ACTIVITY, first, KAM_TODAY);
    REQ_MUST(q, kam_record_from_json(r, "{\"status\":\"HELD\"}", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
    static const uint32_t back[] = {KAM_PLAN_CHANGE_WHAT, KAM_PLAN_CHANGE_CODE, KAM_PLAN_CHANGE_DAY, 0};
    REQ_MUST(q, kam_run_undo(&run, q->book, id, q->err));
    size_t undone = rows_of(list(q, run, KAM_KIND_PLAN_CHANGE, back));
    assert_non_null(strstr(list(q, run, KAM_KIND_PLAN_CHANGE, back), "CANCELLED UNDONE -"));
    assert_null(strstr(list(q, run, KAM_KIND_PLAN_CHANGE, back), "ADDED"));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    rows = req_query(q, KAM_KIND_ACTIVITY, KAM_ACTIVITY_STATUS, "CANCELLED", 0, KAM_TODAY);
    while (req_next(q, rows)) count++;
    kam_rows_free(rows);
    REQ_EQUAL(q, count, (int64_t)undone);
    rows = req_query(q, KAM_KIND_ACTIVITY, KAM_ACTIVITY_STATUS, "PLANNED", 0, KAM_TODAY);
    assert_null(req_next(q, rows));
    kam_rows_free(rows);
    REQ_REFUSED(q, kam_run_undo(&run, q->book, id, q->err), KAM_E_EXISTS, "undone already");
    (void)none;
}

static const char *why_of(req *q, kam_run *run, int64_t id, const char *lang) {
    kam_why *why = NULL;
    kam_buf *out = NULL;
    static char said[8000];
    REQ_MUST(q, kam_run_why(&why, run, id, q->err));
    REQ_MUST(q, kam_buf_new(&out, q->ctx, q->err));
    REQ_MUST(q, kam_why_text(out, why, lang, q->err));
    snprintf(said, sizeof said, "%s", kam_buf_data(out));
    kam_buf_free(out);
    kam_why_free(why);
    return said;
}

static void every_entry_says_why(req *q) {
    char want[500];
    start(q);
    int64_t li = rep(q, "Li", ""),
            a = account(q, "a", li, "X", "2026-01-01", ",\"latitude\":\"30.1\",\"longitude\":\"114.1\"");
    account(q, "none", li, NULL, NULL, "");
    activity(q, a, "HELD", "VISIT", "2026-01-31", "");                          /* due 2 March */
    int64_t b = account(q, "b", li, "X", "2026-01-01", ",\"latitude\":\"30.2\",\"longitude\":\"114.1\"");
    activity(q, b, "HELD", "VISIT", "2026-01-31", "");
    kam_run *run = plan_of(q, "2026-03-01", 1);
    snprintf(want, sizeof want,
             "plan: VISIT 2026-03-02, by plain version 1, as of 2026-03-01, known up to commit %lld\n"
             "  rule see of grade X: due by 2026-03-02, the contact before on 2026-01-31\n"
             "  2026-03-02 (added: newly due)\n  number 1 of the day, which has room for 8; before b\n",
             (ll)kam_record_i64(kam_run_record(run), KAM_RUN_KNOWN, 0));
    REQ_TEXT(q, why_of(q, run, a, "en"), want);
    snprintf(want, sizeof want, "after a, 11120 m from there");
    assert_non_null(strstr(why_of(q, run, b, "en"), want));
    assert_non_null(strstr(why_of(q, run, b, "zh"), "X 级规则 see：最迟 2026-03-02，上一次联络 2026-01-31"));
    assert_non_null(strstr(why_of(q, run, b, "zh"), "前一站 a，相距 11120 米"));
    assert_non_null(strstr(why_of(q, run, a + 1, "en"), "nothing is due"));
    kam_why *why = NULL;
    REQ_REFUSED(q, kam_run_why(&why, run, 999, q->err), KAM_E_NOT_FOUND, "999");
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    assert_non_null(strstr(why_of(q, run, a, "en"), "before b"));
    assert_null(strstr(why_of(q, run, a, "en"), "inputs differ"));
    activity(q, a, "HELD", "VISIT", "2026-02-20", "");                          /* reported later */
    assert_non_null(strstr(why_of(q, run, a, "en"), "the inputs differ now"));
    assert_null(strstr(why_of(q, run, b, "en"), "inputs differ"));
    kam_run_free(run);
}

static void bytes(req *q, kam_run *run, char *out) {
    strcpy(out, kam_record_text(kam_run_record(run), KAM_RUN_INPUT_HASH, ""));
    strcat(out, kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""));
    static const uint32_t all[] = {KAM_PLAN_ENTRY_ACCOUNT,  KAM_PLAN_ENTRY_DAY,    KAM_PLAN_ENTRY_ORDER,
                                   KAM_PLAN_ENTRY_DISTANCE, KAM_PLAN_ENTRY_REASON, 0};
    strcat(out, list(q, run, KAM_KIND_PLAN_ENTRY, all));
}

static void last_months_plan_comes_again(req *q) {
    static char first[100000], again[100000];
    char more[100];
    kam_book *then = NULL, *now = q->book;
    start(q);
    int64_t li = rep(q, "Li", ""), a = 0;
    for (int i = 0; i < 30; i++) {
        snprintf(more, sizeof more, ",\"latitude\":\"30.%02d\",\"longitude\":\"114.%02d\"", i * 37 % 100, i * 61 % 100);
        a = account(q, "a", li, i % 3 ? "Y" : "X", "2026-02-01", more);
    }
    kam_run *run = plan_of(q, "2026-03-01", 28);
    int64_t known = kam_record_i64(kam_run_record(run), KAM_RUN_KNOWN, 0);
    bytes(q, run, first);
    kam_run_free(run);
    run = plan_of(q, "2026-03-01", 28);
    bytes(q, run, again);
    assert_string_equal(first, again);
    apply(q, run);
    kam_visit_plan_options o = {.seed = 7, .iterations = 100};
    run = plan_with(q, &o, "2026-03-01");                                       /* planned by now: another question anyway */
    bytes(q, run, again);
    assert_string_not_equal(first, again);
    kam_run_free(run);
    activity(q, a, "HELD", "VISIT", "2026-02-20", "");
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-02\",\"last\":\"2026-03-12\"}",
             (ll)li);
    req_save(q, KAM_KIND_REPRESENTATIVE, "{\"id\":" LL ",\"rev\":1,\"name\":\"Li\",\"capacity\":2}", (ll)li);
    REQ_MUST(q, kam_book_known(&then, q->book, known, q->err));
    q->book = then;
    run = plan_of(q, "2026-03-01", 28);
    bytes(q, run, again);
    q->book = now;
    kam_book_close(then);
    assert_string_equal(first, again);
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
ON_STORES(a_half_day_has_half_the_room)
ON_STORES(who_cannot_be_seen)
ON_STORES(fixed_ones_stay_and_count)
ON_STORES(planned_again)
ON_STORES(what_was_missed_is_planned_again)
ON_STORES(frozen_days_are_left_alone)
ON_STORES(visits_of_another_representative_count)
ON_STORES(four_lists_are_stored)
ON_STORES(every_entry_says_why)
ON_STORES(last_months_plan_comes_again)
ON_STORES(arguments)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_due_day_is_a_deadline_everywhere),
        cmocka_unit_test(a_short_gap_repeats_everywhere),
        cmocka_unit_test(one_call_in_each_week_everywhere),
        cmocka_unit_test(go_live_is_spread_everywhere),
        cmocka_unit_test(days_lie_in_one_area_everywhere),
        cmocka_unit_test(over_capacity_everywhere),
        cmocka_unit_test(a_half_day_has_half_the_room_everywhere),
        cmocka_unit_test(who_cannot_be_seen_everywhere),
        cmocka_unit_test(fixed_ones_stay_and_count_everywhere),
        cmocka_unit_test(planned_again_everywhere),
        cmocka_unit_test(what_was_missed_is_planned_again_everywhere),
        cmocka_unit_test(frozen_days_are_left_alone_everywhere),
        cmocka_unit_test(visits_of_another_representative_count_everywhere),
        cmocka_unit_test(four_lists_are_stored_everywhere),
        cmocka_unit_test(every_entry_says_why_everywhere),
        cmocka_unit_test(last_months_plan_comes_again_everywhere),
        cmocka_unit_test(arguments_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
