/* R119 follow-ups and R123 the cadence table in a visit plan: who keeps to the plan keeps to the rules. */
#include "req.h"

#define LL "%lld"
typedef long long ll;
static char text[100000];

static kam_run *plan(req *q, const char *as_of, int32_t days) {
    kam_visit_plan *p = NULL;
    kam_run *run = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .days = days};
    REQ_MUST(q, kam_visit_plan_new(&p, q->book, &o, q->err));
    REQ_MUST(q, kam_visit_plan_run(&run, p, req_day(as_of), q->err));
    kam_visit_plan_free(p);
    return run;
}

static const char *list(req *q, kam_run *run, uint32_t kind, const uint32_t *fields) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, kind, q->err));
    return req_rows(q, rows, fields, text, sizeof text);
}

static const uint32_t changes[] = {KAM_PLAN_CHANGE_WHAT, KAM_PLAN_CHANGE_CODE, KAM_PLAN_CHANGE_OLD_DAY,
                                   KAM_PLAN_CHANGE_DAY, 0};

/* ---------------------------------------------------------------- R119 */

static int64_t hold(req *q, int64_t account, int64_t rep, const char *day) {
    int64_t followup = -1;
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY,
                               "{\"account\":" LL ",\"representative\":" LL
                               ",\"channel\":\"VISIT\",\"place\":\"p\",\"points\":\"q\","
                               "\"opinion\":\"o\",\"advice\":\"a\",\"day\":\"%s\"}",
                               (ll)account, (ll)rep, day);
    REQ_MUST(q, kam_visit_held(&followup, q->book, r, q->err));
    kam_record_free(r);
    return followup;
}

static void r119_plan(req *q) {
    static const uint32_t say[] = {
        KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_CHANNEL, KAM_PLAN_ENTRY_CAUSE,    KAM_PLAN_ENTRY_RULE,
        KAM_PLAN_ENTRY_DUE, KAM_PLAN_ENTRY_LAST,    KAM_PLAN_ENTRY_ACTIVITY, 0};
    static const uint32_t missing[] = {KAM_UNPLANNED_CODE, KAM_UNPLANNED_RULE, KAM_UNPLANNED_DUE, 0};
    char want[200], out[256];
    int64_t li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"owner\":" LL "}", (ll)li),
            f = hold(q, a, li, "2026-03-03");
    kam_run *run = plan(q, "2026-03-03", 14);
    snprintf(want, sizeof want, "2026-03-10 CALL FOLLOWUP followup 2026-03-10 2026-03-03 " LL, (ll)f);
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_ENTRY, say), want);
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_CHANGE, changes), "KEPT STILL_RIGHT 2026-03-10 2026-03-10");
    assert_non_null(strstr(kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""),
                           "\"calls\":1,\"other\":0,\"followups\":1"));
    kam_run_free(run);

    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-10\",\"last\":\"2026-03-12\"}",
             (ll)li);
    run = plan(q, "2026-03-03", 14);                                            /* absent on its day: earlier, still within the week */
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_CHANGE, changes), "MOVED DAY_OFF 2026-03-10 2026-03-04");
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_DAY, KAM_TODAY, out), "2026-03-04");
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_DUE, KAM_TODAY, out), "2026-03-10");

    run = plan(q, "2026-03-15", 14);                                            /* it was not made: the sooner the better */
    const char *got = list(q, run, KAM_KIND_PLAN_CHANGE, changes);
    assert_non_null(strstr(got, "MOVED MISSED 2026-03-04 2026-03-1"));
    kam_run_free(run);
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-13\",\"last\":\"2026-04-30\"}",
             (ll)li);
    run = plan(q, "2026-03-15", 14);
    REQ_TEXT(q, list(q, run, KAM_KIND_UNPLANNED, missing), "ABSENCE followup 2026-03-10");
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_STATUS, KAM_TODAY, out), "PLANNED");     /* still owed */
}

/* One that another call has answered is not planned any more. */
static void r119_answered(req *q) {
    char out[256];
    int64_t li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"owner\":" LL "}", (ll)li),
            f = hold(q, a, li, "2026-03-03");
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, f, KAM_TODAY);
    req_save(q, KAM_KIND_ACTIVITY,
             "{\"account\":" LL
             ",\"status\":\"HELD\",\"channel\":\"CALL\",\"day\":\"2026-03-04\",\"cause\":\"FOLLOWUP\","
             "\"opinion\":\"o\",\"follows\":" LL "}",
             (ll)a, (ll)kam_record_i64(r, KAM_ACTIVITY_FOLLOWS, 0));
    kam_record_free(r);
    kam_run *run = plan(q, "2026-03-05", 14);
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_CHANGE, changes), "CANCELLED NOT_DUE 2026-03-10 -");
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_STATUS, KAM_TODAY, out), "CANCELLED");
}

void test_R119_plan_keeps_follow_ups_within_the_week(void **state) { (void)state; req_each(r119_plan); }
void test_R119_answered_follow_up_leaves_the_plan(void **state) { (void)state; req_each(r119_answered); }

/* ---------------------------------------------------------------- R123 */

enum { EACH = 8 };

/* Eight weeks from Monday 2 March: every ISO week has its call, every visit comes in time. */
static void r123_plan(req *q) {
    static const struct { const char *grade, *last; int32_t months, weeks; } table[] = {
        {"A", "2026-01-%02d", 2, 1}, {"B", "2025-12-%02d", 3, 1}, {"C", "2025-11-%02d", 4, 2}};
    int64_t id[3 * EACH], li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    int32_t last[3 * EACH], visits[3 * EACH] = {0}, calls[3 * EACH][8] = {{0}};
    char day[16];
    for (int i = 0; i < 3 * EACH; i++) {
        snprintf(day, sizeof day, table[i / EACH].last, 5 + i % EACH * 3);
        last[i] = req_day(day);
        id[i] = req_save(q, KAM_KIND_ACCOUNT,
                         "{\"name\":\"a\",\"owner\":" LL ",\"latitude\":\"30.%02d\",\"longitude\":\"114.%02d\"}",
                         (ll)li, i * 37 % 100, i * 61 % 100);
        req_save(q, KAM_KIND_GRADE,
                 "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"%s\",\"valid_from\":\"2025-10-01\"}",
                 (ll)id[i], table[i / EACH].grade);
        req_save(q, KAM_KIND_ACTIVITY,
                 "{\"account\":" LL ",\"status\":\"HELD\",\"channel\":\"VISIT\",\"day\":\"%s\",\"premises\":\"THEIRS\","
                 "\"attendee_role\":\"CHAIRMAN\"}",
                 (ll)id[i], day);
        req_save(q, KAM_KIND_ACTIVITY,
                 "{\"account\":" LL ",\"status\":\"HELD\",\"channel\":\"CALL\",\"day\":\"2026-02-27\"}", (ll)id[i]);
    }
    kam_run *run = plan(q, "2026-03-01", 56);
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        int i = 0;
        int32_t on = (int32_t)kam_record_i64(r, KAM_PLAN_ENTRY_DAY, 0);
        while (id[i] != kam_record_i64(r, KAM_PLAN_ENTRY_ACCOUNT, 0)) i++;
        if (strcmp(kam_record_text(r, KAM_PLAN_ENTRY_CHANNEL, ""), "CALL") == 0)
            calls[i][(on - req_day("2026-03-02")) / 7]++;
        else {
            snprintf(day, sizeof day, "2026-03-%02d", 5 + i % EACH * 3);        /* so many months on */
            int32_t due = req_day(day);
            assert_true(on > last[i] && on <= due);
            last[i] = on;
            visits[i]++;
        }
    }
    kam_rows_free(rows);
    kam_run_free(run);
    for (int i = 0; i < 3 * EACH; i++) {
        int32_t w = table[i / EACH].weeks;
        assert_int_equal(visits[i], 1);                                         /* all fall due by April, and once only */
        /* blocks of two weeks: 9 and 10, 11 and 12 ...; the call of week 9 did for the first, week 16 and 17 end behind the window */
        for (int k = w == 1 ? 0 : 1; k + w <= 8; k += w) {
            int n = 0;
            for (int x = 0; x < w; x++) n += calls[i][k + x];
            assert_int_equal(n, 1);
        }
    }
}

void test_R123_plan_keeps_to_the_table(void **state) { (void)state; req_each(r123_plan); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R119_plan_keeps_follow_ups_within_the_week),
        cmocka_unit_test(test_R119_answered_follow_up_leaves_the_plan),
        cmocka_unit_test(test_R123_plan_keeps_to_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
