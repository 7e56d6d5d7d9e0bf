/* R182 a substitute during absence: due contacts of the best accounts go to the named substitute for that span only. */
#include "req.h"

#define LL "%lld"
typedef long long ll;
static char text[40000];

static const char *planned(req *q, const char *as_of, int apply)
{
    static const uint32_t say[] = {KAM_PLAN_ENTRY_REPRESENTATIVE, KAM_PLAN_ENTRY_NAME, KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_WHAT, 0};
    kam_visit_plan *p = NULL;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .days = 28};
    REQ_MUST(q, kam_visit_plan_new(&p, q->book, &o, q->err));
    REQ_MUST(q, kam_visit_plan_run(&run, p, req_day(as_of), q->err));
    kam_visit_plan_free(p);
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    req_rows(q, rows, say, text, sizeof text);
    if (apply) REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    return text;
}

static const char *due(req *q, int64_t rep, const char *day)
{
    static const uint32_t say[] = {KAM_DUE_REPRESENTATIVE, KAM_DUE_NAME, KAM_DUE_RULE, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_due(&rows, q->book, NULL, rep, req_day(day), q->err));
    return req_rows(q, rows, say, text, sizeof text);
}

static int64_t graded(req *q, const char *name, const char *grade, int64_t owner)
{
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\",\"owner\":" LL "}", name, (ll)owner);
    req_save(q, KAM_KIND_GRADE, "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"%s\",\"valid_from\":\"2026-01-01\"}",
             (ll)id, grade);
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"HELD\",\"channel\":\"CALL\",\"day\":\"2026-02-27\"}", (ll)id);
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"HELD\",\"channel\":\"VISIT\",\"day\":\"2026-02-26\","
                                   "\"premises\":\"THEIRS\",\"attendee_role\":\"CHAIRMAN\"}", (ll)id);
    return id;
}

static void r182(req *q)
{
    char want[200];
    int64_t li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    int64_t wang = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Wang\"}");
    graded(q, "best", "A", li);
    graded(q, "good", "B", li);
    REQ_TEXT(q, due(q, wang, "2026-03-13"), "");
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-09\",\"last\":\"2026-03-20\",\"substitute\":" LL "}",
             (ll)li, (ll)wang);
    snprintf(want, sizeof want, LL " best call", (ll)wang);
    REQ_TEXT(q, due(q, wang, "2026-03-13"), want);
    const char *both = due(q, li, "2026-03-13");                                /* on both boards */
    assert_non_null(strstr(both, want));
    assert_non_null(strstr(both, "good call"));
    REQ_TEXT(q, due(q, wang, "2026-03-06"), "");                                /* not before, not after */
    REQ_TEXT(q, due(q, wang, "2026-03-27"), "");
    for (int again = 0; again < 2; again++) {
        const char *plan = planned(q, "2026-03-01", !again);
        int covered = 0, own = 0;
        for (const char *at = plan; at; at = strchr(at, '|')) {
            long long rep = 0;
            char name[20], day[20], what[20];
            if (*at == '|') at++;
            assert_int_equal(sscanf(at, "%lld %19s %19s %19[A-Z]", &rep, name, day, what), 4);
            int in = strcmp(day, "2026-03-09") >= 0 && strcmp(day, "2026-03-20") <= 0;
            assert_true(in ? rep == wang && strcmp(name, "best") == 0 : rep == li);
            covered += rep == wang;
            own += rep == li && strcmp(name, "best") == 0;
            assert_string_equal(what, again ? "KEPT" : "ADDED");                /* planned again it stays with him */
        }
        assert_int_equal(covered, 2);                                           /* a call in each of the two weeks */
        assert_true(own >= 2);
    }
}

void test_R182_substitute_for_that_span(void **state) { (void)state; req_each(r182); }

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_R182_substitute_for_that_span)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
