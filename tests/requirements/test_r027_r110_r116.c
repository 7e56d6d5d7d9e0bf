/* R27 somebody who decides is met, R110 the rank a key account asks for, R114 a purpose, R116 not into busy hours: what is
 * to be said against a visit before it is saved, and what a plan's list of problems says. */
#include "req.h"

#define LL "%lld"
typedef long long ll;
static char text[20000];
static const uint32_t codes[] = {KAM_PROBLEM_FIELD, KAM_PROBLEM_CODE, 0};

static const char *check(req *q, const char *json, ...)
{
    va_list args;
    kam_rows *rows = NULL;
    va_start(args, json);
    kam_record *r = req_vrecord(q, KAM_KIND_ACTIVITY, json, args);
    va_end(args);
    REQ_MUST(q, kam_visit_check(&rows, q->book, r, "own", q->err));
    kam_record_free(r);
    return req_rows(q, rows, codes, text, sizeof text);
}

static void cadence(req *q)
{
    int64_t id = 0;
    const char *json = "{\"name\":\"own\",\"scheme\":\"quota-20-40-40\",\"key_rank\":3,"
                       "\"default\":[{\"id\":\"visit\",\"channel\":\"VISIT\",\"every\":{\"days\":14}}],"
                       "\"grades\":{\"A\":[{\"id\":\"visit\",\"channel\":\"VISIT\",\"every\":{\"days\":14},\"min_rank\":2}]}}";
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, json, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, req_day("2025-01-01"), KAM_DAY_END, q->err));
}

static kam_run *plan(req *q)
{
    kam_visit_plan *p = NULL;
    kam_run *run = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .days = 28, .cadence = "own"};
    REQ_MUST(q, kam_visit_plan_new(&p, q->book, &o, q->err));
    REQ_MUST(q, kam_visit_plan_run(&run, p, req_day("2026-03-01"), q->err));
    kam_visit_plan_free(p);
    return run;
}

static const char *list(req *q, kam_run *run, uint32_t kind, const uint32_t *fields)
{
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, kind, q->err));
    return req_rows(q, rows, fields, text, sizeof text);
}

#define VISIT "{\"account\":" LL ",\"representative\":" LL ",\"status\":\"PLANNED\",\"channel\":\"VISIT\",\"day\":\"2026-03-04\"," \
              "\"purpose\":\"SELL\""

static int64_t person(req *q, int64_t account, const char *role)
{
    int64_t c = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"%s\"}", role);
    req_save(q, KAM_KIND_AFFILIATION, "{\"contact\":" LL ",\"account\":" LL ",\"role\":\"%s\",\"valid_from\":\"2026-01-01\"}",
             (ll)c, (ll)account, role);
    return c;
}

/* ---------------------------------------------------------------- R27 */

static void r027(req *q)
{
    cadence(q);
    int64_t li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\",\"rank\":1}");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"owner\":" LL "}", (ll)li);
    int64_t buyer = person(q, a, "BUYER"), boss = person(q, a, "DECIDER");
    REQ_TEXT(q, check(q, VISIT ",\"contact\":" LL "}", (ll)a, (ll)li, (ll)boss), "");
    REQ_TEXT(q, check(q, VISIT ",\"contact\":" LL "}", (ll)a, (ll)li, (ll)buyer), "contact NO_DECIDER");
    REQ_TEXT(q, check(q, VISIT "}", (ll)a, (ll)li), "contact NO_DECIDER");
    REQ_TEXT(q, check(q, VISIT ",\"attendee_role\":\"CHAIRMAN\"}", (ll)a, (ll)li), "");
    REQ_TEXT(q, check(q, VISIT ",\"direction\":\"INBOUND\"}", (ll)a, (ll)li), "");
    int64_t v = req_save(q, KAM_KIND_ACTIVITY, VISIT ",\"contact\":" LL "}", (ll)a, (ll)li, (ll)buyer);
    kam_run *run = plan(q);
    assert_non_null(strstr(list(q, run, KAM_KIND_PROBLEM, codes), "contact NO_DECIDER"));
    static const uint32_t say[] = {KAM_PROBLEM_RECORD, KAM_PROBLEM_TEXT, 0};
    char want[80];
    snprintf(want, sizeof want, LL " warning: nobody with the power to decide", (ll)v);
    assert_non_null(strstr(list(q, run, KAM_KIND_PROBLEM, say), want));
    kam_run_free(run);
    /* 一定: a distributor must be visited where it is decided */
    int64_t d = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"d\",\"org_type\":\"CHANNEL\",\"owner\":" LL "}", (ll)li);
    req_save(q, KAM_KIND_ACTIVITY, VISIT ",\"contact\":" LL "}", (ll)d, (ll)li, (ll)buyer);
    run = plan(q);
    assert_non_null(strstr(list(q, run, KAM_KIND_PROBLEM, say), " error: nobody with the power to decide"));
    kam_run_free(run);
}

/* ---------------------------------------------------------------- R110 */

static void r110(req *q)
{
    static const uint32_t missing[] = {KAM_UNPLANNED_CODE, KAM_UNPLANNED_RULE, 0};
    cadence(q);
    int64_t li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\",\"rank\":1}");
    int64_t wang = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Wang\",\"rank\":2}");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"owner\":" LL "}", (ll)li);
    req_save(q, KAM_KIND_GRADE, "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"A\",\"valid_from\":\"2026-01-01\"}",
             (ll)a);
    REQ_TEXT(q, check(q, VISIT ",\"attendee_role\":\"DECIDER\"}", (ll)a, (ll)li), "representative RANK_TOO_LOW");
    REQ_TEXT(q, check(q, VISIT ",\"attendee_role\":\"DECIDER\"}", (ll)a, (ll)wang), "");
    kam_run *run = plan(q);
    assert_non_null(strstr(list(q, run, KAM_KIND_UNPLANNED, missing), "RANK visit"));
    static const uint32_t entry[] = {KAM_PLAN_ENTRY_DAY, 0};
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_ENTRY, entry), "");
    kam_run_free(run);
    /* a key account asks for more */
    req_save(q, KAM_KIND_TIER, "{\"account\":" LL ",\"tier\":\"KEY\",\"valid_from\":\"2026-01-01\"}", (ll)a);
    REQ_TEXT(q, check(q, VISIT ",\"attendee_role\":\"DECIDER\"}", (ll)a, (ll)wang), "representative RANK_TOO_LOW");
}

/* ---------------------------------------------------------------- R114, R116 */

static void r114(req *q)
{
    cadence(q);
    int64_t li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\",\"rank\":1}");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"owner\":" LL "}", (ll)li);
    REQ_TEXT(q, check(q, "{\"account\":" LL ",\"representative\":" LL ",\"channel\":\"VISIT\",\"day\":\"2026-03-04\","
                         "\"attendee_role\":\"DECIDER\"}", (ll)a, (ll)li), "purpose NO_PURPOSE");
}

static void r116(req *q)
{
    static const uint32_t entry[] = {KAM_PLAN_ENTRY_DAY, 0};
    cadence(q);
    int64_t li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\",\"rank\":1}");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"owner\":" LL "}", (ll)li);
    /* Wednesdays from 11:00 to 13:00 the shop is full */
    req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"weekday\":3,\"from\":660,\"to\":780,\"kind\":\"BUSY\"}", (ll)a);
    REQ_TEXT(q, check(q, VISIT ",\"attendee_role\":\"DECIDER\",\"start\":\"2026-03-04T10:00\",\"duration\":60}", (ll)a, (ll)li), "");
    REQ_TEXT(q, check(q, VISIT ",\"attendee_role\":\"DECIDER\",\"start\":\"2026-03-04T10:30\",\"duration\":60}", (ll)a, (ll)li),
             "start BUSY_HOURS");
    REQ_TEXT(q, check(q, VISIT ",\"attendee_role\":\"DECIDER\",\"start\":\"2026-03-04T13:00\",\"duration\":60}", (ll)a, (ll)li), "");
    req_save(q, KAM_KIND_ACTIVITY, VISIT ",\"start\":\"2026-03-04T12:00\"}", (ll)a, (ll)li);
    kam_run *run = plan(q);
    assert_non_null(strstr(list(q, run, KAM_KIND_PROBLEM, codes), "start BUSY_HOURS"));
    kam_run_free(run);
    req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"weekday\":4,\"from\":540,\"to\":720,\"kind\":\"OPEN\"}", (ll)a);
    REQ_TEXT(q, check(q, "{\"account\":" LL ",\"representative\":" LL ",\"channel\":\"VISIT\",\"day\":\"2026-03-05\","
                         "\"attendee_role\":\"DECIDER\",\"purpose\":\"SELL\",\"start\":\"2026-03-05T14:00\"}", (ll)a, (ll)li),
             "start OUTSIDE_HOURS");
    /* closed on all days but Friday: nothing is planned on them */
    int64_t b = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"b\"}");
    int64_t wu = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Wu\",\"rank\":1}");
    req_save(q, KAM_KIND_OWNER, "{\"account\":" LL ",\"representative\":" LL ",\"valid_from\":\"2026-01-01\"}", (ll)b, (ll)wu);
    for (int d = 1; d <= 4; d++)
        req_save(q, KAM_KIND_OPENING, "{\"account\":" LL ",\"weekday\":%d,\"kind\":\"CLOSED\"}", (ll)b, d);
    kam_visit_plan *p = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .days = 28, .cadence = "own", .nrepresentative = 1, .representative = &wu};
    REQ_MUST(q, kam_visit_plan_new(&p, q->book, &o, q->err));
    REQ_MUST(q, kam_visit_plan_run(&run, p, req_day("2026-03-01"), q->err));
    kam_visit_plan_free(p);
    const char *days = list(q, run, KAM_KIND_PLAN_ENTRY, entry);
    assert_true(strlen(days) >= 10);
    for (const char *at = days; at; at = strchr(at, '|')) {
        char day[11];
        snprintf(day, sizeof day, "%s", at + (*at == '|'));
        assert_int_equal((req_day(day) - req_day("2026-03-06")) % 7, 0);
        if (*at == '|') at++;
    }
    kam_run_free(run);
}

void test_R27_somebody_who_decides(void **state) { (void)state; req_each(r027); }
void test_R110_rank_of_the_visitor(void **state) { (void)state; req_each(r110); }
void test_R114_purpose(void **state) { (void)state; req_each(r114); }
void test_R116_busy_and_closed_hours(void **state) { (void)state; req_each(r116); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R27_somebody_who_decides),
        cmocka_unit_test(test_R110_rank_of_the_visitor),
        cmocka_unit_test(test_R114_purpose),
        cmocka_unit_test(test_R116_busy_and_closed_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
