/* R119 follow-ups within a week, R123 the cadence table, R146 inbound visits never count: by a book's due list. */
#include "req.h"

#define LL "%lld"
typedef long long ll;

static const uint32_t due_fields[] = {KAM_DUE_ACCOUNT, KAM_DUE_RULE, KAM_DUE_DAY, KAM_DUE_OVERDUE, 0};
static char text[4000];

static const char *due(req *q, const char *day) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_due(&rows, q->book, NULL, 0, req_day(day), q->err));
    return req_rows(q, rows, due_fields, text, sizeof text);
}

static int64_t account(req *q, const char *name, const char *grade) {
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\"}", name);
    if (grade)
        req_save(q, KAM_KIND_GRADE,
                 "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"%s\",\"valid_from\":\"2026-01-01\"}",
                 (ll)id, grade);
    return id;
}

static int64_t held(req *q, int64_t account_id, const char *channel, const char *day, const char *more) {
    return req_save(q, KAM_KIND_ACTIVITY,
                    "{\"account\":" LL ",\"status\":\"HELD\",\"channel\":\"%s\",\"day\":\"%s\"%s}", (ll)account_id,
                    channel, day, more);
}

#define TOP ",\"direction\":\"OUTBOUND\",\"premises\":\"THEIRS\",\"attendee_role\":\"CHAIRMAN\""
#define RECORD "\"place\":\"their works\",\"points\":\"prices\",\"opinion\":\"too high\",\"advice\":\"offer terms\""

static const char *line(int64_t account_id, const char *rest, char out[100]) {
    snprintf(out, 100, LL " %s", (ll)account_id, rest);
    return out;
}

/* ---------------------------------------------------------------- R123 */

static void r123_gap(req *q) {
    char want[100];
    static const struct { const char *grade, *on_time, *late, *line;
    } table[] = {
        {"A", "2026-03-09", "2026-03-10", "visit 2026-03-10 0"},
        {"B", "2026-04-09", "2026-04-10", "visit 2026-04-10 0"},
        {"C", "2026-05-07", "2026-05-08", "visit 2026-05-08 0"}, /* 10 May is a Sunday: the Friday before */
    };
    for (size_t i = 0; i < 3; i++) {
        int64_t id = account(q, table[i].grade, table[i].grade);
        held(q, id, "VISIT", "2026-01-10", TOP);
        held(q, id, "CALL", table[i].on_time, "");
        held(q, id, "CALL", table[i].late, "");
        REQ_TEXT(q, due(q, table[i].on_time), "");
        REQ_TEXT(q, due(q, table[i].late), line(id, table[i].line, want));
        REQ_MUST(q, kam_book_delete(q->book, KAM_KIND_ACCOUNT, id, 0, q->err));
    }
}

static void r123_month_end(req *q) {
    char want[100];
    int64_t id = account(q, "B", "B");
    held(q, id, "VISIT", "2025-11-30", "");
    held(q, id, "CALL", "2026-02-26", "");
    REQ_TEXT(q, due(q, "2026-02-26"), "");
    REQ_TEXT(q, due(q, "2026-03-01"), line(id, "visit 2026-02-27 2", want));    /* 28 February is a Saturday */
}

static void r123_a_needs_the_top(req *q) {
    static const char *const not_enough[] = {
        "",
        ",\"premises\":\"THEIRS\"",
        ",\"attendee_role\":\"CHAIRMAN\"",
        ",\"premises\":\"OURS\",\"attendee_role\":\"CHAIRMAN\"",
        ",\"premises\":\"THEIRS\",\"attendee_role\":\"BUYER\"",
        ",\"direction\":\"INBOUND\",\"premises\":\"THEIRS\",\"attendee_role\":\"CHAIRMAN\"",
    };
    char want[100];
    int64_t a = account(q, "A", "A"), b = account(q, "B", "B");
    held(q, a, "CALL", "2026-03-12", "");
    held(q, b, "CALL", "2026-03-12", "");
    held(q, a, "VISIT", "2026-01-12", TOP);
    held(q, b, "VISIT", "2025-12-12", TOP);
    for (size_t i = 0; i < sizeof not_enough / sizeof *not_enough; i++)
        held(q, a, "VISIT", "2026-03-05", not_enough[i]);
    held(q, a, "MEETING", "2026-03-05", TOP);
    req_save(q, KAM_KIND_ACTIVITY,
             "{\"account\":" LL ",\"status\":\"PLANNED\",\"channel\":\"VISIT\",\"day\":\"2026-03-05\"" TOP "}", (ll)a);
    req_save(q, KAM_KIND_ACTIVITY,
             "{\"account\":" LL ",\"status\":\"CANCELLED\",\"channel\":\"VISIT\",\"day\":\"2026-03-05\"" TOP "}",
             (ll)a);
    held(q, b, "VISIT", "2026-03-05", not_enough[0]);                           /* for B any held outbound visit does */
    REQ_TEXT(q, due(q, "2026-03-12"), line(a, "visit 2026-03-12 0", want));
    held(q, a, "VISIT", "2026-03-06", ",\"premises\":\"THEIRS\",\"attendee_role\":\"GENERAL_MANAGER\"");
    REQ_TEXT(q, due(q, "2026-03-12"), "");
}

/* The role may also stand with the person met, for the days it held. */
static void r123_role_of_the_contact(req *q) {
    char want[100], more[200];
    int64_t a = account(q, "A", "A");
    int64_t boss = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"Zhao\"}");
    req_save(q, KAM_KIND_AFFILIATION,
             "{\"contact\":" LL ",\"account\":" LL ",\"role\":\"CHAIRMAN\",\"valid_from\":\"2025-01-01\",\"valid_to\":"
             "\"2026-02-01\"}",
             (ll)boss, (ll)a);
    snprintf(more, sizeof more, ",\"premises\":\"THEIRS\",\"contact\":" LL, (ll)boss);
    held(q, a, "CALL", "2026-03-12", "");
    held(q, a, "VISIT", "2026-01-12", more);
    held(q, a, "VISIT", "2026-02-12", more);                                    /* no longer chairman */
    REQ_TEXT(q, due(q, "2026-03-12"), line(a, "visit 2026-03-12 0", want));
}

static void r123_calls_by_week(req *q) {
    char want[100];
    int64_t b = account(q, "B", "B");
    held(q, b, "VISIT", "2026-03-01", "");
    held(q, b, "CALL", "2026-03-02", "");                                       /* Monday of ISO week 10 */
    for (int i = 0; i < 2; i++) held(q, b, i ? "EMAIL" : "VISIT", "2026-03-11", "");     /* only calls count */
    REQ_TEXT(q, due(q, "2026-03-12"), "");                                      /* week 11 is not over */
    REQ_TEXT(q, due(q, "2026-03-13"), line(b, "call 2026-03-13 0", want));      /* its last working day */
    REQ_TEXT(q, due(q, "2026-03-18"), line(b, "call 2026-03-13 5", want));      /* week 11 went by without one */
    held(q, b, "CALL", "2026-03-15", "");                                       /* Sunday of week 11 */
    REQ_TEXT(q, due(q, "2026-03-19"), "");
    REQ_TEXT(q, due(q, "2026-03-20"), line(b, "call 2026-03-20 0", want));
}

static void r123_c_by_two_weeks(req *q) {
    char want[100];
    int64_t c = account(q, "C", "C");
    held(q, c, "VISIT", "2026-03-01", "");
    held(q, c, "CALL", "2026-03-09", "");                                       /* block of weeks 11 and 12 */
    REQ_TEXT(q, due(q, "2026-04-02"), "");
    REQ_TEXT(q, due(q, "2026-04-03"), line(c, "call 2026-04-03 0", want));      /* end of weeks 13 and 14 */
}

static void r123_never_and_nobody(req *q) {
    char want[300];
    int64_t a = account(q, "A", "A"), none = account(q, "no grade", NULL), gone = account(q, "gone", "A");
    req_save(q, KAM_KIND_LIFECYCLE, "{\"account\":" LL ",\"state\":\"INVALID\",\"reason\":\"bankrupt\"}", (ll)gone);
    snprintf(want, sizeof want, LL " visit 2026-01-01 60|" LL " call 2026-01-02 59", (ll)a,
             (ll)a); /* since the grade holds */
    REQ_TEXT(q, due(q, "2026-03-02"), want);
    assert_true(none > 0);
}

static void r123_as_of_and_known(req *q) {
    char want[200];
    kam_book *then = NULL;
    kam_rows *rows = NULL;
    int64_t seq = 0, b = account(q, "B", "B");
    held(q, b, "VISIT", "2026-01-05", "");
    held(q, b, "CALL", "2026-03-06", "");
    REQ_MUST(q, kam_book_seq(&seq, q->book, KAM_TODAY, q->err));
    held(q, b, "VISIT", "2026-03-03", "");                                      /* told later */
    held(q, b, "VISIT", "2026-05-20", "");                                      /* not yet on the day asked for */
    held(q, b, "CALL", "2026-04-17", "");
    req_save(q, KAM_KIND_GRADE,
             "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"C\",\"valid_from\":\"2026-05-01\"}", (ll)b);
    REQ_TEXT(q, due(q, "2026-04-16"), line(b, "call 2026-03-13 34", want));
    REQ_MUST(q, kam_book_known(&then, q->book, seq, q->err));
    REQ_MUST(q, kam_visit_due(&rows, then, "standard", 0, req_day("2026-04-16"), q->err));
    snprintf(want, sizeof want, LL " call 2026-03-13 34|" LL " visit 2026-04-03 13", (ll)b, (ll)b);
    REQ_TEXT(q, req_rows(q, rows, due_fields, text, sizeof text), want);
    kam_book_close(then);
}

void test_R123_visit_gap_is_two_three_four_calendar_months(void **state) { (void)state; req_each(r123_gap); }
void test_R123_visit_gap_keeps_to_the_end_of_the_month(void **state) { (void)state; req_each(r123_month_end); }
void test_R123_grade_A_needs_chairman_or_general_manager_at_their_premises(void **state)
{
    (void)state;
    req_each(r123_a_needs_the_top);
}
void test_R123_role_may_come_from_the_contact_met(void **state) { (void)state; req_each(r123_role_of_the_contact); }
void test_R123_one_call_in_each_iso_week(void **state) { (void)state; req_each(r123_calls_by_week); }
void test_R123_grade_C_one_call_in_each_two_weeks(void **state) { (void)state; req_each(r123_c_by_two_weeks); }
void test_R123_never_contacted_and_disqualified_accounts(void **state) { (void)state; req_each(r123_never_and_nobody); }
void test_R123_due_list_as_of_a_day_and_as_known_then(void **state) { (void)state; req_each(r123_as_of_and_known); }

/* ---------------------------------------------------------------- R119 */

static int64_t hold(req *q, int64_t account_id, const char *more) {
    int64_t followup = -1;
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"channel\":\"VISIT\"," RECORD ",%s}",
                               (ll)account_id, more);
    REQ_MUST(q, kam_visit_held(&followup, q->book, r, q->err));
    kam_record_free(r);
    return followup;
}

static void r119_planned_and_overdue(req *q) {
    char want[100], out[256];
    int64_t id = account(q, "no grade", NULL), f = hold(q, id, "\"day\":\"2026-03-03\"");
    assert_true(f > 0);
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_STATUS, KAM_TODAY, out), "PLANNED");
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_CHANNEL, KAM_TODAY, out), "CALL");
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_DUE, KAM_TODAY, out), "2026-03-10");
    REQ_TEXT(q, due(q, "2026-03-09"), "");
    REQ_TEXT(q, due(q, "2026-03-10"), line(id, "followup 2026-03-10 0", want));
    REQ_TEXT(q, due(q, "2026-03-15"), line(id, "followup 2026-03-10 5", want));
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, f, KAM_TODAY);
    int64_t next = -1;
    REQ_MUST(q, kam_record_set_text(r, KAM_ACTIVITY_DAY, "2026-03-14", KAM_NUL, q->err));
    REQ_REFUSED(q, kam_visit_held(&next, q->book, r, q->err), KAM_E_INVAL,
                "opinion"); /* a follow-up records opinions */
    REQ_MUST(q, kam_record_set_text(r, KAM_ACTIVITY_OPINION, "still too high", KAM_NUL, q->err));
    REQ_MUST(q, kam_visit_held(&next, q->book, r, q->err));
    REQ_EQUAL(q, next, 0);
    kam_record_free(r);
    REQ_TEXT(q, due(q, "2026-03-15"), "");
    REQ_TEXT(q, due(q, "2026-03-12"), line(id, "followup 2026-03-10 2", want)); /* it was open on that day */
}

static void r119_working_day_before(req *q) {
    char out[256];
    static const char *const off[] = {"2026-03-10", "2026-03-09"};
    for (int i = 0; i < 2; i++) req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"%s\",\"kind\":\"HOLIDAY\"}", off[i]);
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-03-08\",\"kind\":\"WORKDAY\"}");
    int64_t f = hold(q, account(q, "x", NULL), "\"day\":\"2026-03-03\"");
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_DUE, KAM_TODAY, out), "2026-03-10");
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_DAY, KAM_TODAY, out),
             "2026-03-08"); /* a working Sunday */
}

static void r119_one_per_visit(req *q) {
    char out[256];
    int64_t id = account(q, "x", NULL), again = -1, f = 0;
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY,
                               "{\"account\":" LL ",\"channel\":\"VISIT\"," RECORD ",\"day\":\"2026-03-03\"}", (ll)id);
    REQ_MUST(q, kam_visit_held(&f, q->book, r, q->err));
    REQ_MUST(q, kam_visit_held(&again, q->book, r, q->err));
    REQ_EQUAL(q, again, 0);
    REQ_MUST(q, kam_record_set_text(r, KAM_ACTIVITY_ADVICE, "see the board", KAM_NUL, q->err));
    REQ_MUST(q, kam_visit_held(&again, q->book, r, q->err));                    /* a correction */
    REQ_EQUAL(q, again, 0);
    REQ_MUST(q, kam_record_set_text(r, KAM_ACTIVITY_DAY, "2026-03-01", KAM_NUL, q->err));
    REQ_MUST(q, kam_visit_held(&again, q->book, r, q->err));
    REQ_EQUAL(q, again, 0);
    kam_record_free(r);
    REQ_TEXT(q, req_text(q, KAM_KIND_ACTIVITY, f, KAM_ACTIVITY_DUE, KAM_TODAY, out),
             "2026-03-08"); /* goes along with its visit */
    static const uint32_t fields[] = {KAM_ACTIVITY_STATUS, KAM_ACTIVITY_DAY, 0};
    REQ_TEXT(
        q,
        req_rows(q, req_query(q, KAM_KIND_ACTIVITY, 0, NULL, KAM_ACTIVITY_DAY, KAM_TODAY), fields, text, sizeof text),
        "HELD 2026-03-01|PLANNED 2026-03-06");
}

static void r119_answered_by_another_call(req *q) {
    char more[200];
    int64_t id = account(q, "x", NULL), f = hold(q, id, "\"day\":\"2026-03-03\"");
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, f, KAM_TODAY);
    snprintf(more, sizeof more, ",\"cause\":\"FOLLOWUP\",\"follows\":" LL,
             (ll)kam_record_i64(r, KAM_ACTIVITY_FOLLOWS, 0));
    kam_record_free(r);
    held(q, id, "EMAIL", "2026-03-05", more);                                   /* not by phone or face to face */
    assert_string_not_equal(due(q, "2026-03-20"), "");
    held(q, id, "CALL", "2026-03-05", more);
    REQ_TEXT(q, due(q, "2026-03-20"), "");
}

static void r119_whole_record_or_nothing(req *q) {
    static const uint32_t fields[] = {KAM_ID, 0};
    static const char *const parts[] = {"place", "points", "opinion", "advice"};
    int64_t f = -7, id = account(q, "x", NULL);
    for (size_t i = 0; i < 4; i++) {
        uint32_t field = 0;
        kam_record *r =
            req_record(q, KAM_KIND_ACTIVITY,
                       "{\"account\":" LL ",\"channel\":\"VISIT\"," RECORD ",\"day\":\"2026-03-03\"}", (ll)id);
        REQ_MUST(q, kam_field_find(&field, q->book, KAM_KIND_ACTIVITY, parts[i], q->err));
        REQ_MUST(q, kam_record_set_text(r, field, NULL, 0, q->err));
        REQ_REFUSED(q, kam_visit_held(&f, q->book, r, q->err), KAM_E_INVAL, parts[i]);
        REQ_EQUAL(q, kam_error_detail(q->err, KAM_ERR_FIELD), field);
        kam_record_free(r);
    }
    REQ_EQUAL(q, f, -7);
    REQ_TEXT(q, req_rows(q, req_query(q, KAM_KIND_ACTIVITY, 0, NULL, 0, KAM_TODAY), fields, text, sizeof text), "");
}

void test_R119_follow_up_is_planned_within_a_week_and_listed_when_overdue(void **state)
{
    (void)state;
    req_each(r119_planned_and_overdue);
}
void test_R119_follow_up_day_is_the_working_day_before(void **state) { (void)state; req_each(r119_working_day_before); }
void test_R119_one_follow_up_per_visit(void **state) { (void)state; req_each(r119_one_per_visit); }
void test_R119_done_by_phone_or_visit_only(void **state) { (void)state; req_each(r119_answered_by_another_call); }
void test_R119_nothing_is_stored_of_an_incomplete_visit(void **state)
{
    (void)state;
    req_each(r119_whole_record_or_nothing);
}

/* ---------------------------------------------------------------- R146 */

static void r146_inbound(req *q) {
    char want[100];
    int64_t b = account(q, "B", "B");
    held(q, b, "CALL", "2026-03-06", "");
    held(q, b, "VISIT", "2025-12-12", ",\"direction\":\"OUTBOUND\"");
    held(q, b, "VISIT", "2026-03-01", ",\"direction\":\"INBOUND\",\"premises\":\"OURS\"");
    REQ_TEXT(q, due(q, "2026-03-12"), line(b, "visit 2026-03-12 0", want));
    REQ_EQUAL(q, hold(q, b, "\"day\":\"2026-03-02\",\"direction\":\"INBOUND\""), 0); /* and asks for no follow-up */
    REQ_TEXT(q, due(q, "2026-03-12"), line(b, "visit 2026-03-12 0", want));
    assert_true(hold(q, b, "\"day\":\"2026-03-02\",\"direction\":\"OUTBOUND\"") > 0);
    REQ_TEXT(q, due(q, "2026-03-08"), "");
}

void test_R146_inbound_visits_never_satisfy_an_outbound_cadence(void **state) { (void)state; req_each(r146_inbound); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R123_visit_gap_is_two_three_four_calendar_months),
        cmocka_unit_test(test_R123_visit_gap_keeps_to_the_end_of_the_month),
        cmocka_unit_test(test_R123_grade_A_needs_chairman_or_general_manager_at_their_premises),
        cmocka_unit_test(test_R123_role_may_come_from_the_contact_met),
        cmocka_unit_test(test_R123_one_call_in_each_iso_week),
        cmocka_unit_test(test_R123_grade_C_one_call_in_each_two_weeks),
        cmocka_unit_test(test_R123_never_contacted_and_disqualified_accounts),
        cmocka_unit_test(test_R123_due_list_as_of_a_day_and_as_known_then),
        cmocka_unit_test(test_R119_follow_up_is_planned_within_a_week_and_listed_when_overdue),
        cmocka_unit_test(test_R119_follow_up_day_is_the_working_day_before),
        cmocka_unit_test(test_R119_one_follow_up_per_visit),
        cmocka_unit_test(test_R119_done_by_phone_or_visit_only),
        cmocka_unit_test(test_R119_nothing_is_stored_of_an_incomplete_visit),
        cmocka_unit_test(test_R146_inbound_visits_never_satisfy_an_outbound_cadence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
