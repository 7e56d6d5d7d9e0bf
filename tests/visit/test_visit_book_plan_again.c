/*
 * Tests of src/visit/visit_book_plan*.c: what is planned already and stays, planning again, and plans taken back.
 */
#include "plan_help.h"

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

/* ---------------------------------------------------------------- taken back */

/* The plan of a run, taken back, looked at and applied: its changes as "WHAT CODE OLD_DAY DAY". */
static void take_back(req *q, int64_t id, char *changes) {
    kam_run *run = NULL;
    REQ_MUST(q, kam_run_undo(&run, q->book, id, q->err));
    strcpy(changes, CHANGES(q, run));
    apply(q, run);
    REQ_REFUSED(q, kam_run_undo(&run, q->book, id, q->err), KAM_E_EXISTS, "undone already");
}

static int64_t apply_id(req *q, kam_run *run) {
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    return id;
}

static void with_status(req *q, int64_t id, const char *json) {
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, id, KAM_TODAY);
    REQ_MUST(q, kam_record_from_json(r, json, KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
}

/* What it added is cancelled, but not what was held since. */
static void added_ones_are_taken_back(req *q) {
    static char changes[2000];
    char day[16];
    int64_t a[3];
    start(q);
    int64_t li = rep(q, "Li", "");
    for (int i = 0; i < 3; i++) a[i] = account(q, "a", li, "X", "2026-01-01", "");
    kam_run *run = plan_of(q, "2026-03-01", 7);
    REQ_EQUAL(q, (int64_t)hits(CHANGES(q, run), "ADDED"), 3);
    int64_t id = apply_id(q, run);
    with_status(q, planned_day(q, a[0], day), "{\"status\":\"HELD\"}");
    take_back(q, id, changes);
    REQ_EQUAL(q, (int64_t)rows_of(changes), 2);
    REQ_EQUAL(q, (int64_t)hits(changes, "CANCELLED UNDONE"), 2);
    for (int i = 0; i < 3; i++) REQ_EQUAL(q, planned_day(q, a[i], day), 0);
    kam_rows *rows = req_query(q, KAM_KIND_ACTIVITY, KAM_ACTIVITY_STATUS, "HELD", 0, KAM_TODAY);
    assert_non_null(req_next(q, rows));
    kam_rows_free(rows);
}

/* What it moved is on its old day with the representative from before; what it cancelled is planned again as it was. */
static void moved_and_cancelled_ones_are_put_back(req *q) {
    static char changes[2000];
    char day[5][16], now[16], want[100];
    int64_t a[5], visit;
    start(q);
    int64_t li = rep(q, "Li", ""), wu = rep(q, "Wu", "");
    for (int i = 0; i < 5; i++) {
        a[i] = account(q, "a", li, "X", "2026-01-01", "");
        activity(q, a[i], "HELD", "VISIT", "2026-02-20", "");                   /* due 20 March */
    }
    apply(q, plan_of(q, "2026-03-01", 28));
    for (int i = 0; i < 5; i++) assert_true(planned_day(q, a[i], day[i]) > 0);
    req_save(q, KAM_KIND_OWNER, "{\"account\":" LL ",\"representative\":" LL ",\"valid_from\":\"2026-03-02\"}", (ll)a[0], (ll)wu);
    for (int i = 1; i < 4; i++)
        req_save(q, KAM_KIND_LIFECYCLE, "{\"account\":" LL ",\"state\":\"INVALID\",\"reason\":\"closed\"}", (ll)a[i]);
    kam_run *run = plan_of(q, "2026-03-02", 28);
    snprintf(want, sizeof want, "MOVED OWNER %s", day[0]);
    assert_non_null(strstr(CHANGES(q, run), want));
    REQ_EQUAL(q, (int64_t)hits(CHANGES(q, run), "CANCELLED NOT_DUE"), 3);
    int64_t id = apply_id(q, run);
    assert_true(planned_day(q, a[0], now) > 0);
    REQ_EQUAL(q, planned_day(q, a[1], now), 0);
    activity(q, a[3], "HELD", "VISIT", "2026-03-02", "");                       /* another visit: the cancelled one comes back all the same */
    kam_rows *rows = req_query(q, KAM_KIND_ACTIVITY, KAM_ACTIVITY_STATUS, "CANCELLED", 0, KAM_TODAY);
    int64_t later = 0;
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows))
        if (kam_record_i64(r, KAM_ACTIVITY_ACCOUNT, 0) == a[2]) later = kam_record_i64(r, KAM_ID, 0);
    kam_rows_free(rows);
    with_status(q, later, "{\"status\":\"HELD\",\"day\":\"2026-03-02\"}");      /* somebody went all the same: that stays */
    take_back(q, id, changes);
    REQ_EQUAL(q, (int64_t)hits(changes, "MOVED UNDONE"), 1);
    REQ_EQUAL(q, (int64_t)hits(changes, "ADDED UNDONE"), 2);
    REQ_EQUAL(q, (int64_t)rows_of(changes), 3);
    visit = planned_day(q, a[0], now);
    REQ_TEXT(q, now, day[0]);
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, visit, KAM_TODAY);
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_REPRESENTATIVE, 0), li);
    REQ_TEXT(q, kam_record_text(r, KAM_REASON, ""), "the plan was undone");
    kam_record_free(r);
    planned_day(q, a[1], now);
    REQ_TEXT(q, now, day[1]);
    REQ_EQUAL(q, planned_day(q, a[2], now), 0);
    planned_day(q, a[3], now);
    REQ_TEXT(q, now, day[3]);
    planned_day(q, a[4], now);
    REQ_TEXT(q, now, day[4]);
}

#define ON_STORES(name) static void name##_everywhere(void **state) { (void)state; req_each(name); }
ON_STORES(fixed_ones_stay_and_count)
ON_STORES(planned_again)
ON_STORES(what_was_missed_is_planned_again)
ON_STORES(frozen_days_are_left_alone)
ON_STORES(visits_of_another_representative_count)
ON_STORES(added_ones_are_taken_back)
ON_STORES(moved_and_cancelled_ones_are_put_back)

/* Two go there together: it stays, takes room on the days of both, and is a contact once. */
static void joint_visits_stay(req *q) {
    start(q);
    char more[100];
    int64_t li = rep(q, "Li", ",\"capacity\":1"), wu = rep(q, "Wu", ",\"capacity\":1");
    int64_t a = account(q, "a", li, "X", "2026-01-01", ""), b = account(q, "b", wu, "X", "2026-01-01", "");
    snprintf(more, sizeof more, ",\"representative\":" LL ",\"companion\":" LL ",\"cause\":\"CADENCE\"", (ll)li, (ll)wu);
    int64_t v = activity(q, a, "PLANNED", "VISIT", "2026-03-02", more);
    static const uint32_t who[] = {KAM_PLAN_ENTRY_NAME, KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_REPRESENTATIVE, KAM_PLAN_ENTRY_ACTIVITY, 0};
    char want[200];
    kam_run *run = plan_of(q, "2026-03-01", 2);
    snprintf(want, sizeof want, "a 2026-03-02 " LL " " LL "|a 2026-03-02 " LL " " LL "|b 2026-03-03 " LL " -", (ll)li, (ll)v, (ll)wu, (ll)v, (ll)wu);
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_ENTRY, who), want);
    REQ_TEXT(q, CHANGES(q, run), "KEPT JOINT 2026-03-02 2026-03-02|KEPT JOINT 2026-03-02 2026-03-02|ADDED NEW - 2026-03-03");
    apply(q, run);
    kam_visit_plan *plan = NULL;
    kam_rows *rows = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .cadence = "plain"};
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    for (int i = 0; i < 2; i++) {
        static const uint32_t name[] = {KAM_PLAN_ENTRY_NAME, 0};
        REQ_MUST(q, kam_visit_day(&rows, plan, i ? wu : li, req_day("2026-03-02"), q->err));
        REQ_TEXT(q, req_rows(q, rows, name, text, sizeof text), "a");
    }
    kam_visit_plan_free(plan);
    (void)b;
}

static const char *figures(req *q, const char *cadence) {
    kam_visit_plan_options o = {.days = 5, .cadence = cadence};
    kam_run *run = plan_with(q, &o, "2026-03-01");
    snprintf(text, sizeof text, "%s", kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""));
    kam_run_free(run);
    return text;
}

/* What if: one representative more, another cadence. Tried in a transaction that is rolled back, nothing of it stays. */
static void what_if_is_tried_and_taken_back(req *q) {
    int64_t id = 0, a[8];
    start(q);
    int64_t li = rep(q, "Li", ",\"capacity\":1");
    for (int i = 0; i < 8; i++) a[i] = account(q, "a", li, "X", "2026-01-01", "");
    assert_non_null(strstr(figures(q, "plain"), "\"visits\":5,\"calls\":0,\"other\":0,\"followups\":0,\"unplanned\":3"));
    REQ_MUST(q, kam_book_begin(q->book, KAM_BEGIN_WRITE, q->err));
    int64_t wu = rep(q, "Wu", ",\"capacity\":1");
    for (int i = 0; i < 4; i++)
        req_save(q, KAM_KIND_OWNER, "{\"account\":" LL ",\"representative\":" LL ",\"valid_from\":\"2026-02-01\"}", (ll)a[i], (ll)wu);
    assert_non_null(strstr(figures(q, "plain"), "{\"representatives\":2,\"visits\":8,"));
    assert_non_null(strstr(text, "\"unplanned\":0"));
    const char *rare = "{\"name\":\"rare\",\"scheme\":\"mine\",\"grades\":{\"X\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":90},\"first_due_days\":90}]}}";
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, rare, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    assert_non_null(strstr(figures(q, "rare"), "\"visits\":0,"));
    REQ_MUST(q, kam_book_rollback(q->book, q->err));
    assert_non_null(strstr(figures(q, "plain"), "\"unplanned\":3"));
    kam_visit_plan *plan = NULL;
    kam_run *run = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .cadence = "rare"};
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    REQ_REFUSED(q, kam_visit_plan_run(&run, plan, req_day("2026-03-01"), q->err), KAM_E_POLICY, "rare");
    kam_visit_plan_free(plan);
}

/* Eleven kilometres less are worth a move, if the host says so. */
static void moves_must_pay(req *q) {
    start(q);
    char more[100];
    int64_t li = rep(q, "Li", ",\"home_latitude\":30,\"home_longitude\":120");
    for (int i = 0; i < 2; i++) {
        int64_t a = account(q, "a", li, "X", "2026-01-01", ",\"latitude\":30.1,\"longitude\":120");
        snprintf(more, sizeof more, ",\"representative\":" LL ",\"cause\":\"CADENCE\"", (ll)li);
        activity(q, a, "PLANNED", "VISIT", i ? "2026-03-03" : "2026-03-02", more);
    }
    kam_visit_plan_options o = {.days = 5};
    kam_run *run = plan_with(q, &o, "2026-03-01");
    REQ_TEXT(q, CHANGES(q, run), "KEPT STILL_RIGHT 2026-03-02 2026-03-02|KEPT STILL_RIGHT 2026-03-03 2026-03-03");
    kam_run_free(run);
    o.move_metres = 10000;
    run = plan_with(q, &o, "2026-03-01");
    REQ_EQUAL(q, (int64_t)hits(CHANGES(q, run), "MOVED SHORTER"), 1);
    kam_run_free(run);
    kam_visit_plan *plan = NULL;
    o.struct_size = sizeof o;
    o.move_metres = -1;
    REQ_REFUSED(q, kam_visit_plan_new(&plan, q->book, &o, q->err), KAM_E_INVAL, "move_metres is -1");
}

static void moves_must_pay_everywhere(void **state) { (void)state; req_each(moves_must_pay); }
static void joint_visits_stay_everywhere(void **state) { (void)state; req_each(joint_visits_stay); }
static void what_if_is_tried_and_taken_back_everywhere(void **state) { (void)state; req_each(what_if_is_tried_and_taken_back); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_ones_stay_and_count_everywhere),
        cmocka_unit_test(planned_again_everywhere),
        cmocka_unit_test(what_was_missed_is_planned_again_everywhere),
        cmocka_unit_test(frozen_days_are_left_alone_everywhere),
        cmocka_unit_test(visits_of_another_representative_count_everywhere),
        cmocka_unit_test(added_ones_are_taken_back_everywhere),
        cmocka_unit_test(moved_and_cancelled_ones_are_put_back_everywhere),
        cmocka_unit_test(moves_must_pay_everywhere),
        cmocka_unit_test(joint_visits_stay_everywhere),
        cmocka_unit_test(what_if_is_tried_and_taken_back_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
