/* R105 a proposal in three days, R120 the week and the next one, R121 invitations and thanks, R151 callbacks, R158 reviewed
 * plans, R178 check-in, and what became of the plan: planned, done, missed, remaining. */
#include "req.h"

#define LL "%lld"
typedef long long ll;
static char text[20000];
static const uint32_t due_fields[] = {KAM_DUE_RULE, KAM_DUE_DAY, KAM_DUE_OVERDUE, 0};

static const char *tasks(req *q, const char *day)
{
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_tasks(&rows, q->book, 0, req_day(day), q->err));
    return req_rows(q, rows, due_fields, text, sizeof text);
}

static int64_t li;

static int64_t account(req *q, const char *name)
{
    li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\",\"owner\":" LL "}", name, (ll)li);
}

static int64_t act(req *q, int64_t a, const char *status, const char *channel, const char *day, const char *more)
{
    return req_save(q, KAM_KIND_ACTIVITY,
                    "{\"account\":" LL ",\"representative\":" LL ",\"status\":\"%s\",\"channel\":\"%s\",\"day\":\"%s\"%s}",
                    (ll)a, (ll)li, status, channel, day, more);
}

/* ---------------------------------------------------------------- R105 */

static void r105(req *q)
{
    int64_t a = account(q, "a");
    act(q, a, "HELD", "CALL", "2026-03-01", "");
    assert_null(strstr(tasks(q, "2026-03-05"), "proposal"));                    /* no interview yet, no prospect either */
    act(q, a, "HELD", "VISIT", "2026-03-02", "");
    assert_null(strstr(tasks(q, "2026-03-05"), "proposal"));
    req_save(q, KAM_KIND_LIFECYCLE, "{\"account\":" LL ",\"state\":\"PROSPECT\",\"valid_from\":\"2026-01-01\"}", (ll)a);
    assert_non_null(strstr(tasks(q, "2026-03-04"), "proposal 2026-03-05 0"));
    assert_non_null(strstr(tasks(q, "2026-03-07"), "proposal 2026-03-05 2"));
    act(q, a, "HELD", "VISIT", "2026-03-06", ",\"cause\":\"PROPOSAL\"");
    assert_null(strstr(tasks(q, "2026-03-07"), "proposal"));
}

/* ---------------------------------------------------------------- R121 */

static void r121(req *q)
{
    char more[80];
    int64_t a = account(q, "a");
    int64_t in = act(q, a, "PLANNED", "VISIT", "2026-03-20", ",\"direction\":\"INBOUND\"");
    act(q, a, "PLANNED", "VISIT", "2026-03-21", "");                            /* outbound and planned: neither */
    act(q, a, "HELD", "VISIT", "2026-03-02", ",\"direction\":\"INBOUND\"");     /* inbound and held: neither */
    REQ_TEXT(q, tasks(q, "2026-03-04"), "invitation 2026-03-13 0");
    int64_t out = act(q, a, "HELD", "VISIT", "2026-03-03", "");
    REQ_TEXT(q, tasks(q, "2026-03-04"), "thanks 2026-03-06 0|invitation 2026-03-13 0");
    snprintf(more, sizeof more, ",\"cause\":\"THANKS\",\"follows\":" LL, (ll)in);
    act(q, a, "HELD", "LETTER", "2026-03-04", more);                            /* thanks for the wrong visit */
    REQ_TEXT(q, tasks(q, "2026-03-04"), "thanks 2026-03-06 0|invitation 2026-03-13 0");
    snprintf(more, sizeof more, ",\"cause\":\"THANKS\",\"follows\":" LL, (ll)out);
    act(q, a, "HELD", "LETTER", "2026-03-04", more);
    REQ_TEXT(q, tasks(q, "2026-03-04"), "invitation 2026-03-13 0");
    snprintf(more, sizeof more, ",\"cause\":\"INVITATION\",\"follows\":" LL, (ll)in);
    act(q, a, "HELD", "LETTER", "2026-03-05", more);
    REQ_TEXT(q, tasks(q, "2026-03-05"), "");
}

/* ---------------------------------------------------------------- R151, inactivity */

static void r151(req *q)
{
    int64_t a = account(q, "a");
    act(q, a, "PLANNED", "CALL", "2026-03-04", ",\"cause\":\"CALLBACK\"");
    act(q, a, "PLANNED", "CALL", "2026-03-04", "");                             /* a sales call is none */
    REQ_TEXT(q, tasks(q, "2026-03-06"), "callback 2026-03-04 2");
    act(q, a, "HELD", "CALL", "2026-03-01", "");
    REQ_TEXT(q, tasks(q, "2026-03-07"), "callback 2026-03-04 3");
    REQ_TEXT(q, tasks(q, "2026-03-08"), "callback 2026-03-04 4|inactive-7 2026-03-08 0");
    REQ_TEXT(q, tasks(q, "2026-03-16"), "callback 2026-03-04 12|inactive-15 2026-03-16 0");
    REQ_TEXT(q, tasks(q, "2026-04-02"), "callback 2026-03-04 29|inactive-30 2026-03-31 2");
}

/* ---------------------------------------------------------------- R120 */

static void r120(req *q)
{
    static const uint32_t say[] = {KAM_TIMELINE_KIND, KAM_TIMELINE_DAY, KAM_TIMELINE_TEXT, 0};
    kam_rows *rows = NULL;
    int64_t a = account(q, "a");
    act(q, a, "HELD", "VISIT", "2026-03-02", "");
    act(q, a, "PLANNED", "CALL", "2026-03-03", "");
    act(q, a, "PLANNED", "CALL", "2026-03-06", "");
    act(q, a, "PLANNED", "VISIT", "2026-03-12", "");
    act(q, a, "PLANNED", "VISIT", "2026-03-16", "");                            /* the week after that */
    act(q, a, "HELD", "VISIT", "2026-02-27", "");
    REQ_MUST(q, kam_visit_week(&rows, q->book, NULL, li, req_day("2026-03-05"), q->err));
    REQ_TEXT(q, req_rows(q, rows, say, text, sizeof text),
             "held 2026-03-02 VISIT a|missed 2026-03-03 CALL a|open 2026-03-06 CALL a|next 2026-03-12 VISIT a");
    req_save(q, KAM_KIND_GRADE, "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"B\",\"valid_from\":\"2026-01-01\"}",
             (ll)a);
    REQ_MUST(q, kam_visit_week(&rows, q->book, NULL, li, req_day("2026-03-05"), q->err));
    assert_non_null(strstr(req_rows(q, rows, say, text, sizeof text), "|due "));
    REQ_MUST(q, kam_visit_week(&rows, q->book, NULL, li + 99, req_day("2026-03-05"), q->err));
    REQ_TEXT(q, req_rows(q, rows, say, text, sizeof text), "");
}

/* ---------------------------------------------------------------- R158 */

static void r158(req *q)
{
    kam_rows *rows = NULL;
    req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\",\"plan_reviewed\":\"2026-03-02\"}");
    req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Wang\",\"plan_reviewed\":\"2026-02-02\"}");
    req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Wu\",\"active\":false}");
    REQ_MUST(q, kam_visit_reviews(&rows, q->book, 14, KAM_TODAY, q->err));
    REQ_TEXT(q, req_rows(q, rows, due_fields, text, sizeof text), "plan-review 2026-02-16 14");
}

/* ---------------------------------------------------------------- R178 and attainment */

static void r178(req *q)
{
    li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"owner\":" LL ",\"latitude\":\"30.5\",\"longitude\":\"114.3\"}", (ll)li);
    int64_t v = act(q, a, "PLANNED", "VISIT", "2026-03-02", "");
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, v, KAM_TODAY);
    REQ_MUST(q, kam_visit_checkin(q->book, r, q->now, 30504000, 114300000, KAM_COORD_SYSTEM_WGS84, q->err));
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_CHECKIN_DISTANCE, -1), 445);    /* 0.004 degrees of a meridian */
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_VERIFIED, -1), 1);
    REQ_TEXT(q, kam_record_text(r, KAM_ACTIVITY_CHECKIN_PLANNED, ""), "2026-03-02");
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_CHECKIN_AT, 0), q->now);
    REQ_MUST(q, kam_visit_checkin(q->book, r, q->now, 30505000, 114300000, KAM_COORD_SYSTEM_WGS84, q->err));
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_VERIFIED, -1), 0);              /* 556 m */
    REQ_MUST(q, kam_visit_checkin(q->book, r, q->now, 0, 0, KAM_COORD_SYSTEM_WGS84, q->err));
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_VERIFIED, -1), 0);
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_CHECKIN_DISTANCE, -1), -1);     /* not the one of before */
    REQ_MUST(q, kam_visit_checkin(q->book, r, q->now, 30500000, 114300000, KAM_COORD_SYSTEM_GCJ02, q->err));
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_VERIFIED, -1), 0);              /* another system: not comparable */
    REQ_TEXT(q, kam_record_text(r, KAM_ACTIVITY_CHECKIN_SYSTEM, ""), "GCJ02");
    kam_record_free(r);
    r = req_record(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"PLANNED\",\"channel\":\"CALL\",\"day\":\"2026-03-02\"}", (ll)a);
    REQ_EQUAL(q, kam_visit_checkin(q->book, r, q->now, 0, 0, KAM_COORD_SYSTEM_WGS84, q->err), KAM_E_INVAL);
    kam_record_free(r);
}

static const char *attained(req *q, int32_t by, uint32_t flags)
{
    static const uint32_t say[] = {KAM_ATTAINMENT_NAME, KAM_ATTAINMENT_CHANNEL, KAM_ATTAINMENT_PLANNED, KAM_ATTAINMENT_DONE,
                                   KAM_ATTAINMENT_MISSED, KAM_ATTAINMENT_REMAINING, KAM_ATTAINMENT_UNVERIFIED, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_attainment(&rows, q->book, by, req_day("2026-03-01"), req_day("2026-04-01"), flags,
                                     req_day("2026-03-15"), q->err));
    return req_rows(q, rows, say, text, sizeof text);
}

static void attainment(req *q)
{
    int64_t north = req_save(q, KAM_KIND_TERRITORY, "{\"name\":\"North\"}");
    li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"owner\":" LL ",\"territory\":" LL ",\"latitude\":\"30.5\",\"longitude\":\"114.3\"}",
                         (ll)li, (ll)north);
    int64_t b = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"b\",\"owner\":" LL "}", (ll)li);
    req_save(q, KAM_KIND_GRADE, "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"A\",\"valid_from\":\"2026-01-01\"}", (ll)a);
    int64_t v = act(q, a, "PLANNED", "VISIT", "2026-03-04", "");
    act(q, a, "PLANNED", "VISIT", "2026-03-10", "");                            /* missed */
    act(q, a, "PLANNED", "VISIT", "2026-03-20", "");                            /* to come */
    act(q, a, "CANCELLED", "VISIT", "2026-03-21", "");
    act(q, a, "HELD", "VISIT", "2026-03-05", ",\"direction\":\"INBOUND\"");
    act(q, b, "HELD", "CALL", "2026-03-05", "");                                /* not planned */
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, v, KAM_TODAY);
    REQ_MUST(q, kam_record_from_json(r, "{\"status\":\"HELD\"}", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, 0), "a VISIT 3 1 1 2 1|b CALL 0 1 0 0 0");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, KAM_ATTAIN_VERIFIED), "a VISIT 3 0 1 3 1|b CALL 0 1 0 0 0");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_REPRESENTATIVE, 0), "Li VISIT 3 1 1 2 1|Li CALL 0 1 0 0 0");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_GRADE, 0), "- CALL 0 1 0 0 0|A VISIT 3 1 1 2 1");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_TERRITORY, 0), "- CALL 0 1 0 0 0|North VISIT 3 1 1 2 1");
}

void test_R105_proposal_in_three_days(void **state) { (void)state; req_each(r105); }
void test_R120_week_and_next_week(void **state) { (void)state; req_each(r120); }
void test_R121_invitation_and_thanks(void **state) { (void)state; req_each(r121); }
void test_R151_callbacks_and_inactivity(void **state) { (void)state; req_each(r151); }
void test_R158_plans_not_reviewed(void **state) { (void)state; req_each(r158); }
void test_R178_check_in(void **state) { (void)state; req_each(r178); }
void test_R178_attainment(void **state) { (void)state; req_each(attainment); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R105_proposal_in_three_days),
        cmocka_unit_test(test_R120_week_and_next_week),
        cmocka_unit_test(test_R121_invitation_and_thanks),
        cmocka_unit_test(test_R151_callbacks_and_inactivity),
        cmocka_unit_test(test_R158_plans_not_reviewed),
        cmocka_unit_test(test_R178_check_in),
        cmocka_unit_test(test_R178_attainment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
