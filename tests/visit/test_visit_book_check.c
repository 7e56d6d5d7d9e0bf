/*
 * Tests of src/visit/visit_book_check.c beside R27, R110, R114-R116, R124b, R150: the borders of
 * openings, who decides, which rank counts, the text of each objection.
 */
#include "fault_book.h"

static const uint32_t codes[] = {KAM_PROBLEM_FIELD, KAM_PROBLEM_CODE, 0};
static const uint32_t texts[] = {KAM_PROBLEM_TEXT, 0};

static const char *said(req *q, const char *json, int64_t a, const uint32_t *fields) {
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY, json, (ll)a);
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_check(&rows, q->book, r, "plain", q->err));
    kam_record_free(r);
    return req_rows(q, rows, fields, text, sizeof text);
}

/* A visit of an hour, all well but for its hour; 2026-03-04 is a Wednesday. */
static const char *at(req *q, int64_t a, const char *start) {
    char json[300];
    snprintf(json, sizeof json, "{\"account\":%%lld,\"status\":\"PLANNED\",\"channel\":\"VISIT\",\"day\":\"2026-03-04\",\"purpose\":\"SELL\","
             "\"attendee_role\":\"DECIDER\",\"duration\":60%s%s%s}", start ? ",\"start\":\"2026-03-04T" : "", start ? start : "", start ? "\"" : "");
    return said(q, json, a, codes);
}

static void opening(req *q, int64_t a, const char *kind, int weekday, int from, int to) {
    if (weekday)
        req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"kind\":\"%s\",\"weekday\":%d,\"from\":%d,\"to\":%d}", (ll)a, kind, weekday, from, to);
    else req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"kind\":\"%s\",\"from\":%d,\"to\":%d}", (ll)a, kind, from, to);
}

static void borders_of_openings(req *q) {
    start(q);
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    opening(q, a, "OPEN", 3, 540, 660);
    opening(q, a, "OPEN", 0, 780, 900);                                         /* every day */
    opening(q, a, "OPEN", 4, 0, 1440);                                          /* another weekday says nothing of this one */
    REQ_TEXT(q, at(q, a, "09:00"), "");
    REQ_TEXT(q, at(q, a, "10:00"), "");
    REQ_TEXT(q, at(q, a, "08:59"), "start OUTSIDE_HOURS");
    REQ_TEXT(q, at(q, a, "10:01"), "start OUTSIDE_HOURS");
    REQ_TEXT(q, at(q, a, "13:00"), "");
    REQ_TEXT(q, at(q, a, "14:01"), "start OUTSIDE_HOURS");
    REQ_TEXT(q, at(q, a, NULL), "");                                            /* no hour is said yet */
    opening(q, a, "BUSY", 0, 600, 620);
    REQ_TEXT(q, at(q, a, "09:00"), "");
    REQ_TEXT(q, at(q, a, "09:01"), "start BUSY_HOURS");
    opening(q, a, "CLOSED", 3, 560, 570);
    REQ_TEXT(q, at(q, a, "09:00"), "start CLOSED_HOURS");
    REQ_TEXT(q, at(q, a, NULL), "");                                            /* not closed all day */
    opening(q, a, "CLOSED", 3, 0, 1440);
    REQ_TEXT(q, at(q, a, NULL), "start CLOSED_HOURS");
    opening(q, account(q, "b", 0, NULL, NULL, ""), "CLOSED", 0, 0, 1440);       /* somebody else's */
    REQ_TEXT(q, at(q, account(q, "c", 0, NULL, NULL, ""), "23:30"), "");
    REQ_TEXT(q, at(q, account(q, "d", 0, NULL, NULL, ""), "00:00"), "");
}

/* Mornings are liked, and Saturday evenings: a plan may put it elsewhere, but it is told. */
static void preferred_hours(req *q) {
    start(q);
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    opening(q, a, "PREFERRED", 6, 1080, 1200);
    REQ_TEXT(q, at(q, a, "09:00"), "start NOT_LIKED_HOURS");
    opening(q, a, "PREFERRED", 0, 480, 600);
    REQ_TEXT(q, at(q, a, "09:00"), "");
    REQ_TEXT(q, at(q, a, "09:01"), "start NOT_LIKED_HOURS");
    REQ_TEXT(q, at(q, a, NULL), "");
    opening(q, a, "OPEN", 3, 540, 1000);                                        /* the worse thing is said, once */
    REQ_TEXT(q, at(q, a, "08:30"), "start OUTSIDE_HOURS");
    REQ_TEXT(q, at(q, a, "12:00"), "start NOT_LIKED_HOURS");
}

static void what_is_said(req *q) {
    start(q);
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    opening(q, a, "BUSY", 3, 660, 785);
    REQ_TEXT(q, said(q, "{\"account\":" LL ",\"status\":\"PLANNED\",\"channel\":\"VISIT\",\"day\":\"2026-03-04\",\"start\":\"2026-03-04T11:00\"}", a, texts),
             "warning: nobody with the power to decide is to be met: name a DECIDER, PRINCIPAL, CHAIRMAN or GENERAL_MANAGER as contact|"
             "warning: the customer is busy from 11:00 to 13:05 on that weekday: choose another time|"
             "error: a visit has a purpose: NEEDS, SELL, COMPLAINT or COOPERATION");
    REQ_TEXT(q, said(q, "{\"account\":" LL ",\"status\":\"PLANNED\",\"channel\":\"SMS\",\"day\":\"2026-03-04\"}", a, texts),
             "warning: a first contact is made by letter, phone, e-mail or face to face");
}

/* By role, by the last word on it, in office on the day. */
static void who_decides(req *q) {
    start(q);
    static const char *const visit = "{\"account\":%%lld,\"contact\":" LL ",\"status\":\"PLANNED\",\"channel\":\"VISIT\",\"day\":\"2026-03-04\",\"purpose\":\"SELL\"}";
    static const char *const post[] = {"\"role\":\"BUYER\"", "\"role\":\"BUYER\",\"final_authority\":true", "\"role\":\"PRINCIPAL\"",
                                       "\"role\":\"DECIDER\",\"valid_to\":\"2026-03-01\""};
    static const char *const want[] = {"contact NO_DECIDER", "", "", "contact NO_DECIDER"};
    int64_t a = account(q, "a", 0, NULL, NULL, ""), other = account(q, "b", 0, NULL, NULL, "");
    char json[300];
    for (size_t i = 0; i < 4; i++) {
        int64_t c = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"c\"}");
        req_save(q, KAM_KIND_AFFILIATION, "{\"contact\":" LL ",\"account\":" LL ",\"valid_from\":\"2026-01-01\",%s}", (ll)c, (ll)a, post[i]);
        snprintf(json, sizeof json, visit, (ll)c);
        REQ_TEXT(q, said(q, json, a, codes), want[i]);
        REQ_TEXT(q, said(q, json, other, codes), "contact NO_DECIDER");         /* he decides there, not here */
    }
}

static void only_visits_to_them_are_judged(req *q) {
    start(q);
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    opening(q, a, "CLOSED", 0, 0, 1440);
    REQ_TEXT(q, said(q, "{\"account\":" LL ",\"status\":\"PLANNED\",\"channel\":\"CALL\",\"day\":\"2026-03-04\"}", a, codes), "");
    REQ_TEXT(q, said(q, "{\"account\":" LL ",\"status\":\"PLANNED\",\"channel\":\"VISIT\",\"direction\":\"INBOUND\",\"day\":\"2026-03-04\"}", a, codes), "");
    REQ_TEXT(q, said(q, "{\"account\":" LL ",\"status\":\"PLANNED\",\"channel\":\"CALL\",\"day\":\"2026-03-04\"}", a + 100, codes), "");
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"channel\":\"CALL\",\"day\":\"2026-03-04\"}", (ll)a);
    kam_rows *rows = NULL;
    REQ_REFUSED(q, kam_visit_check(&rows, q->book, r, "none", q->err), KAM_E_POLICY, "none");
    assert_int_equal(kam_visit_check(NULL, q->book, r, NULL, q->err), KAM_E_INVAL);
    assert_int_equal(kam_visit_check(&rows, q->book, NULL, NULL, q->err), KAM_E_INVAL);
    kam_record_free(r);
}

static kam_record *tried;

static int32_t sweep_check(kam_rows **out, req *q, int64_t id) { (void)id; return kam_visit_check(out, q->book, tried, "plain", q->err); }

static void every_allocation_fails_once(void **state) {
    fault_book s;
    req *q = fault_book_open(&s);
    (void)state;
    int64_t a = account(q, "a", rep(q, "Li", ""), "X", "2026-01-01", ""), c = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"c\",\"preferred_channel\":\"SMS\"}");
    opening(q, a, "BUSY", 3, 660, 785);
    opening(q, a, "OPEN", 3, 540, 785);
    tried = req_record(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"contact\":" LL ",\"status\":\"PLANNED\",\"channel\":\"VISIT\",\"day\":\"2026-03-04\","
                       "\"start\":\"2026-03-04T11:00\"}", (ll)a, (ll)c);
    fault_book_sweep(&s, sweep_check, 0);
    kam_record_free(tried);
    fault_book_close(&s);
}

EACH(borders_of_openings)
EACH(preferred_hours)
EACH(what_is_said)
EACH(who_decides)
EACH(only_visits_to_them_are_judged)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_borders_of_openings), cmocka_unit_test(test_preferred_hours), cmocka_unit_test(test_what_is_said), cmocka_unit_test(test_who_decides),
        cmocka_unit_test(test_only_visits_to_them_are_judged), cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
