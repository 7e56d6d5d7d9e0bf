/* R124 a frequency of one account's own, with its reason; R124b the least gap; and what a cadence document can say beside
 * (R123): several contacts a period, working days, weekdays, seasons, calls in place of a missed visit. */
#include "req.h"

#define LL "%lld"
typedef long long ll;
static char text[20000];

static const uint32_t due_fields[] = {KAM_DUE_RULE, KAM_DUE_DAY, KAM_DUE_OVERDUE, 0};
static const uint32_t entry_fields[] = {KAM_PLAN_ENTRY_CHANNEL, KAM_PLAN_ENTRY_DAY, 0};

static void cadence(req *q, const char *rules)
{
    char json[2000];
    int64_t id = 0;
    snprintf(json, sizeof json,
             "{\"name\":\"own\",\"scheme\":\"quota-20-40-40\",\"default\":[%s],\"grades\":{\"A\":[]}}", rules);
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, json, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, req_day("2025-01-01"), KAM_DAY_END, q->err));
}

static const char *due(req *q, const char *day)
{
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_due(&rows, q->book, "own", 0, req_day(day), q->err));
    return req_rows(q, rows, due_fields, text, sizeof text);
}

static const char *planned(req *q, const char *as_of, int32_t days)
{
    kam_visit_plan *p = NULL;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .days = days, .cadence = "own"};
    REQ_MUST(q, kam_visit_plan_new(&p, q->book, &o, q->err));
    REQ_MUST(q, kam_visit_plan_run(&run, p, req_day(as_of), q->err));
    kam_visit_plan_free(p);
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    req_rows(q, rows, entry_fields, text, sizeof text);
    kam_run_free(run);
    return text;
}

static int64_t account(req *q, const char *name)
{
    int64_t li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\",\"owner\":" LL "}", name, (ll)li);
}

static void held(req *q, int64_t id, const char *channel, const char *day)
{
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"HELD\",\"channel\":\"%s\",\"day\":\"%s\"}", (ll)id,
             channel, day);
}

/* ---------------------------------------------------------------- R124 */

static void r124(req *q)
{
    char out[256];
    cadence(q, "{\"id\":\"visit\",\"channel\":\"VISIT\",\"every\":{\"months\":2}},"
               "{\"id\":\"call\",\"channel\":\"CALL\",\"every\":{\"iso_weeks\":1}}");
    int64_t a = account(q, "a");
    held(q, a, "VISIT", "2026-02-02");
    held(q, a, "CALL", "2026-03-02");
    REQ_TEXT(q, due(q, "2026-03-06"), "");
    /* two weeks are enough for this one; who asks why finds it in the book */
    int64_t own = req_save(q, KAM_KIND_CADENCE_OVERRIDE,
                           "{\"account\":" LL ",\"channel\":\"VISIT\",\"every\":30,\"unit\":\"DAYS\",\"why\":\"new plant\","
                           "\"valid_from\":\"2026-03-01\"}", (ll)a);
    REQ_TEXT(q, due(q, "2026-03-04"), "visit 2026-03-04 0");
    assert_null(strstr(due(q, "2026-02-28"), "visit"));                                    /* not yet in force */
    REQ_TEXT(q, req_text(q, KAM_KIND_CADENCE_OVERRIDE, own, KAM_CADENCE_OVERRIDE_WHY, KAM_TODAY, out), "new plant");
    REQ_EQUAL(q, req_try(q, KAM_KIND_CADENCE_OVERRIDE, "{\"account\":" LL ",\"channel\":\"CALL\",\"every\":0}", (ll)a),
              KAM_E_INVAL);                                                     /* a reason is asked for */
    req_save(q, KAM_KIND_CADENCE_OVERRIDE, "{\"account\":" LL ",\"channel\":\"CALL\",\"every\":0,\"why\":\"no calls please\","
             "\"valid_from\":\"2026-03-01\"}", (ll)a);
    REQ_TEXT(q, due(q, "2026-03-31"), "visit 2026-03-04 27");                   /* no call asked for */
    req_save(q, KAM_KIND_CADENCE_OVERRIDE, "{\"account\":" LL ",\"channel\":\"EMAIL\",\"every\":1,\"unit\":\"ISO_WEEKS\","
             "\"why\":\"prefers mail\",\"valid_from\":\"2026-03-01\"}", (ll)a);
    held(q, a, "VISIT", "2026-03-05");
    assert_non_null(strstr(due(q, "2026-04-03"), "EMAIL 2026-04-03 0"));
}

void test_R124_own_frequency_with_its_reason(void **state) { (void)state; req_each(r124); }

/* ---------------------------------------------------------------- R124b */

static void r124b(req *q)
{
    cadence(q, "{\"id\":\"call\",\"channel\":\"CALL\",\"every\":{\"iso_weeks\":1},\"gap\":{\"min\":6}}");
    int64_t a = account(q, "a");
    held(q, a, "CALL", "2026-02-27");                                           /* a Friday: not again before Thursday */
    REQ_TEXT(q, planned(q, "2026-03-01", 7), "CALL 2026-03-05");
}

void test_R124b_least_gap_between_calls(void **state) { (void)state; req_each(r124b); }

/* ---------------------------------------------------------------- R123: what a document can say */

static void r123_count(req *q)
{
    cadence(q, "{\"id\":\"call\",\"channel\":\"CALL\",\"every\":{\"iso_weeks\":1},\"count\":2},"
               "{\"id\":\"visit\",\"channel\":\"VISIT\",\"every\":{\"months\":2},\"count\":2}");
    int64_t a = account(q, "a");
    held(q, a, "VISIT", "2026-03-02");
    held(q, a, "CALL", "2026-03-02");
    REQ_TEXT(q, due(q, "2026-03-06"), "call 2026-03-06 0");
    held(q, a, "CALL", "2026-03-05");
    REQ_TEXT(q, due(q, "2026-03-06"), "");
    REQ_TEXT(q, due(q, "2026-03-10"), "call 2026-03-10 0");                     /* one by Tuesday, one by Friday */
    held(q, a, "CALL", "2026-03-31");
    REQ_TEXT(q, due(q, "2026-04-01"), "visit 2026-04-01 0");                    /* half of 61 days */
}

static void r123_working_days(req *q)
{
    cadence(q, "{\"id\":\"call\",\"channel\":\"CALL\",\"gap\":{\"min\":3,\"target\":8,\"max\":10,\"unit\":\"working_days\"}}");
    int64_t a = account(q, "a");
    /* Spring Festival 2026: 16 to 22 February off, Saturday 28 worked instead (调休) */
    for (int d = 16; d <= 22; d++)
        req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-02-%02d\",\"kind\":\"HOLIDAY\"}", d);
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-02-28\",\"kind\":\"WORKDAY\"}");
    held(q, a, "CALL", "2026-02-13");
    REQ_TEXT(q, due(q, "2026-03-04"), "");
    REQ_TEXT(q, due(q, "2026-03-05"), "call 2026-03-05 0");                     /* 23..27, 28, 2..5 */
    REQ_TEXT(q, planned(q, "2026-02-13", 28), "CALL 2026-03-02");               /* within two days of the target, 3 March */
}

static void r123_weekdays(req *q)
{
    cadence(q, "{\"id\":\"visit\",\"channel\":\"VISIT\",\"every\":{\"days\":29},\"weekdays\":[\"TUE\",\"THU\"],\"nth\":[1,3]}");
    int64_t a = account(q, "a");
    held(q, a, "VISIT", "2026-02-17");
    REQ_TEXT(q, due(q, "2026-03-18"), "visit 2026-03-17 1");                    /* 18 March is a Wednesday; the 17th the third Tuesday */
}

static void r123_season(req *q)
{
    cadence(q, "{\"id\":\"visit\",\"channel\":\"VISIT\",\"every\":{\"days\":60},"
               "\"seasons\":[{\"from\":\"12-01\",\"to\":\"02-28\",\"every\":14}]}");
    int64_t a = account(q, "a");
    held(q, a, "VISIT", "2026-02-10");
    REQ_TEXT(q, due(q, "2026-02-24"), "visit 2026-02-24 0");
    held(q, a, "VISIT", "2026-03-03");
    REQ_TEXT(q, due(q, "2026-05-01"), "visit 2026-05-01 0");                    /* 2 May is a Saturday */
}

static void r123_substitute(req *q)
{
    cadence(q, "{\"id\":\"visit\",\"channel\":\"VISIT\",\"every\":{\"days\":28},\"substitute\":0.5}");
    int64_t a = account(q, "a");
    held(q, a, "VISIT", "2026-01-05");
    held(q, a, "CALL", "2026-01-12");                                           /* before it was missed: no substitute */
    held(q, a, "CALL", "2026-02-04");
    REQ_TEXT(q, due(q, "2026-02-04"), "visit 2026-02-02 2");
    held(q, a, "CALL", "2026-02-06");                                           /* two calls for one visit */
    REQ_TEXT(q, due(q, "2026-02-06"), "");
    REQ_TEXT(q, due(q, "2026-02-05"), "visit 2026-02-02 3");
    held(q, a, "CALL", "2026-03-09");
    held(q, a, "CALL", "2026-03-10");
    REQ_TEXT(q, due(q, "2026-03-10"), "visit 2026-03-06 4");                    /* not twice in a row */
}

static int64_t graded(req *q, const char *name, const char *grade)
{
    int64_t id = account(q, name);
    req_save(q, KAM_KIND_GRADE, "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"%s\",\"valid_from\":\"2025-01-01\"}", (ll)id, grade);
    held(q, id, "VISIT", "2026-01-05");
    return id;
}

/* Said of the whole cadence a call may stand in for a missed visit, but not for one of the first grade, nor where it is capped. */
static void r123_substitute_by_grade(req *q)
{
#define MONTHLY "[{\"id\":\"%s\",\"channel\":\"VISIT\",\"every\":{\"days\":28}}]"
    char json[600];
    int64_t id = 0;
    snprintf(json, sizeof json, "{\"name\":\"own\",\"scheme\":\"quota-20-40-40\",\"substitute\":1,\"substitute_most\":{\"C\":0},"
             "\"grades\":{\"A\":" MONTHLY ",\"B\":" MONTHLY ",\"C\":" MONTHLY "}}", "a", "b", "c");
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, json, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, req_day("2025-01-01"), KAM_DAY_END, q->err));
    int64_t who[] = {graded(q, "a", "A"), graded(q, "b", "B"), graded(q, "c", "C")};
    REQ_TEXT(q, due(q, "2026-02-04"), "a 2026-02-02 2|b 2026-02-02 2|c 2026-02-02 2");
    for (size_t i = 0; i < 3; i++) held(q, who[i], "CALL", "2026-02-04");
    REQ_TEXT(q, due(q, "2026-02-04"), "a 2026-02-02 2|c 2026-02-02 2");
}

void test_R123_no_call_in_place_of_an_A_visit_by_default(void **state) { (void)state; req_each(r123_substitute_by_grade); }
void test_R123_several_contacts_a_period(void **state) { (void)state; req_each(r123_count); }
void test_R123_working_days(void **state) { (void)state; req_each(r123_working_days); }
void test_R123_weekdays(void **state) { (void)state; req_each(r123_weekdays); }
void test_R123_season(void **state) { (void)state; req_each(r123_season); }
void test_R123_calls_in_place_of_a_missed_visit(void **state) { (void)state; req_each(r123_substitute); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R124_own_frequency_with_its_reason),
        cmocka_unit_test(test_R124b_least_gap_between_calls),
        cmocka_unit_test(test_R123_several_contacts_a_period),
        cmocka_unit_test(test_R123_working_days),
        cmocka_unit_test(test_R123_weekdays),
        cmocka_unit_test(test_R123_season),
        cmocka_unit_test(test_R123_calls_in_place_of_a_missed_visit),
        cmocka_unit_test(test_R123_no_call_in_place_of_an_A_visit_by_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
