/* R86 a plan of eight sections from T to T+3; R88, R89 items; R90 objectives and gaps; R91 the monitor; R155 joint. */
#include "req.h"

#define LL "%lld"
typedef long long ll;

static int64_t account(req *q, const char *more) { return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Hua\"%s}", more); }
static int64_t rep(req *q) { return req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}"); }

static kam_account_plan *open_plan(req *q, int64_t id, int32_t year, int64_t *plan)
{
    kam_account_plan *p = NULL;
    REQ_MUST(q, kam_account_plan_open(&p, q->book, id, year, q->err));
    *plan = kam_record_i64(kam_account_plan_record(p), KAM_ID, 0);
    return p;
}

static const char *missing(req *q, kam_account_plan *p, char *out, size_t size)
{
    static const uint32_t field[] = {KAM_PROBLEM_CODE, KAM_PROBLEM_FIELD, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_account_plan_missing(&rows, p, q->err));
    return req_rows(q, rows, field, out, size);
}

static void sections(req *q, int64_t plan)
{
    for (int y = 2026; y < 2030; y++)
        req_save(q, KAM_KIND_PLAN_YEAR, "{\"plan\":" LL ",\"year\":%d,\"revenue\":1000.00,\"gross_profit\":300.00,\"cost\":100.00}",
                 (ll)plan, y);
    req_save(q, KAM_KIND_PLAN_CSF, "{\"plan\":" LL ",\"name\":\"delivery\",\"weight\":100,\"rating\":7}", (ll)plan);
    req_save(q, KAM_KIND_PLAN_ASSUMPTION, "{\"plan\":" LL ",\"text\":\"prices stay\"}", (ll)plan);
    req_save(q, KAM_KIND_PLAN_BUDGET, "{\"plan\":" LL ",\"year\":2027,\"resource\":\"PEOPLE\",\"amount\":50.00}", (ll)plan);
}

/* One plan of an account and year; its sections; what is missing at first and in the end. */
static void r086_sections(req *q)
{
    char out[2000];
    int64_t a = account(q, ""), b = account(q, ""), plan = 0, same = 0, other = 0;
    kam_account_plan *p = open_plan(q, a, 2026, &plan), *again = open_plan(q, a, 2026, &same), *next = open_plan(q, b, 2027, &other);
    REQ_EQUAL(q, same, plan);
    assert_true(other != plan);
    REQ_TEXT(q, missing(q, p, out, sizeof out),
             "SECTION mission|SECTION finance|SECTION overview|SECTION csf|SECTION portfolio|SECTION assumptions|"
             "SECTION objectives|SECTION budget");
    REQ_REFUSED(q, req_try(q, KAM_KIND_ACCOUNT_PLAN, "{\"account\":" LL ",\"base_year\":2026}", (ll)a), KAM_E_EXISTS,
                "has a plan of that base year already");
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_YEAR, "{\"plan\":" LL ",\"year\":2030}", (ll)plan), KAM_E_INVAL,
                "year 2030 is not in the plan: it runs from 2026 to 2029");
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_BUDGET, "{\"plan\":" LL ",\"year\":2025,\"resource\":\"MONEY\",\"amount\":1.00}", (ll)plan),
                KAM_E_INVAL, "year 2025 is not in the plan");
    sections(q, plan);
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_YEAR, "{\"plan\":" LL ",\"year\":2026}", (ll)plan), KAM_E_EXISTS,
                "the plan has this year already");
    REQ_TEXT(q, missing(q, p, out, sizeof out), "SECTION mission|SECTION overview|SECTION portfolio|SECTION objectives");
    kam_record *r = kam_account_plan_record(p);
    REQ_MUST(q, kam_record_set_text(r, KAM_ACCOUNT_PLAN_MISSION, "their first supplier", KAM_NUL, q->err));
    REQ_MUST(q, kam_record_set_text(r, KAM_ACCOUNT_PLAN_OVERVIEW, "makes pumps", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    REQ_TEXT(q, missing(q, p, out, sizeof out), "SECTION portfolio|SECTION objectives");
    kam_account_plan_free(p);
    kam_account_plan_free(again);
    kam_account_plan_free(next);
}

/* An item without due day, owner or result is rejected; nurture items are of four kinds. */
static void r089_items(req *q)
{
    static const char *const lacks[][2] = {
        {"\"owner\":1,\"result\":\"signed\"", "due"}, {"\"due\":\"2026-06-01\",\"result\":\"signed\"", "owner"},
        {"\"due\":\"2026-06-01\",\"owner\":1", "result"}};
    static const char *const kinds[] = {"VISIT", "CALL", "DEMO", "TRAINING"};
    static const uint32_t field[] = {KAM_PLAN_ITEM_KIND, KAM_PLAN_ITEM_DUE, KAM_PLAN_ITEM_RESULT, 0};
    char out[1000];
    int64_t plan = 0, li = rep(q);
    kam_rows *rows = NULL;
    kam_account_plan *p = open_plan(q, account(q, ""), 2026, &plan);
    for (size_t i = 0; i < 3; i++)
        REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_ITEM, "{\"plan\":" LL ",\"text\":\"x\",%s}", (ll)plan, lacks[i][0]),
                    KAM_E_INVAL, lacks[i][1]);
    for (int i = 0; i < 4; i++)
        req_save(q, KAM_KIND_PLAN_ITEM,
                 "{\"plan\":" LL ",\"text\":\"x\",\"kind\":\"%s\",\"due\":\"2026-0%d-01\",\"owner\":" LL ",\"result\":\"minutes\"}",
                 (ll)plan, kinds[i], i + 3, (ll)li);
    REQ_MUST(q, kam_account_plan_rows(&rows, p, KAM_KIND_PLAN_ITEM, q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out),
             "VISIT 2026-03-01 minutes|CALL 2026-04-01 minutes|DEMO 2026-05-01 minutes|TRAINING 2026-06-01 minutes");
    REQ_REFUSED(q, kam_account_plan_rows(&rows, p, KAM_KIND_LEDGER, q->err), KAM_E_INVAL, "no section of an account plan");
    kam_account_plan_free(p);
}

static int64_t objective(req *q, int64_t plan, const char *more)
{
    return req_save(q, KAM_KIND_PLAN_OBJECTIVE, "{\"plan\":" LL ",\"kind\":\"SALES\",\"text\":\"grow\"%s}", (ll)plan, more);
}

static void item(req *q, int64_t plan, int64_t of, const char *due, int64_t owner, const char *more)
{
    req_save(q, KAM_KIND_PLAN_ITEM,
             "{\"plan\":" LL ",\"objective\":" LL ",\"text\":\"x\",\"due\":\"%s\",\"owner\":" LL ",\"result\":\"order\"%s}", (ll)plan,
             (ll)of, due, (ll)owner, more);
}

/* Gap to the ideal value, and the items that close it; what an objective lacks is told. */
static void r090_gaps(req *q)
{
    static const uint32_t field[] = {KAM_PLAN_GAP_OBJECTIVE, KAM_PLAN_GAP_PRESENT, KAM_PLAN_GAP_IDEAL, KAM_PLAN_GAP_GAP,
                                     KAM_PLAN_GAP_FEASIBILITY, KAM_PLAN_GAP_ITEMS, KAM_PLAN_GAP_OPEN, KAM_PLAN_GAP_OVERDUE,
                                     KAM_PLAN_GAP_NEXT_DUE, 0};
    char out[2000];
    int64_t plan = 0, other = 0, li = rep(q), a = account(q, "");
    kam_rows *rows = NULL;
    kam_account_plan *p = open_plan(q, a, 2026, &plan), *p2 = open_plan(q, a, 2027, &other);
    int64_t first = objective(q, plan, ",\"present\":900.5,\"ideal\":1200,\"feasibility\":0.7,\"basis\":\"order book\",\"serves\":\"growth\"");
    int64_t bare = objective(q, plan, ""), theirs = objective(q, other, "");
    item(q, plan, first, "2026-03-01", li, ",\"done\":\"2026-02-27\"");
    item(q, plan, first, "2026-03-10", li, "");
    item(q, plan, first, "2026-05-01", li, "");
    REQ_MUST(q, kam_account_plan_gaps(&rows, p, req_day("2026-04-01"), q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out), "1 900.5 1200 299.5 0.7 3 2 1 2026-03-10|2 - - - - 0 0 0 -");
    REQ_MUST(q, kam_account_plan_gaps(&rows, p, req_day("2026-02-26"), q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out), "1 900.5 1200 299.5 0.7 3 3 0 2026-03-01|2 - - - - 0 0 0 -");
    sections(q, plan);
    REQ_TEXT(q, missing(q, p, out, sizeof out),
             "SECTION mission|SECTION overview|SECTION portfolio|OBJECTIVE basis|OBJECTIVE ideal|OBJECTIVE feasibility|"
             "OBJECTIVE serves|ITEMS -");
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_OBJECTIVE, "{\"plan\":" LL ",\"kind\":\"SHARE\",\"text\":\"x\",\"feasibility\":1.5}", (ll)plan),
                KAM_E_INVAL, "feasibility is a share from 0 to 1");
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_ITEM, "{\"plan\":" LL ",\"objective\":" LL
                           ",\"text\":\"x\",\"due\":\"2026-06-01\",\"owner\":" LL ",\"result\":\"r\"}", (ll)plan, (ll)theirs, (ll)li),
                KAM_E_INVAL, "the objective belongs to another account plan");
    (void)bare;
    kam_account_plan_free(p);
    kam_account_plan_free(p2);
}

static void r155_joint(req *q)
{
    int64_t plan = 0;
    kam_account_plan *p = open_plan(q, account(q, ""), 2026, &plan);
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_OBJECTIVE, "{\"plan\":" LL ",\"kind\":\"SALES\",\"text\":\"x\",\"joint\":true}", (ll)plan),
                KAM_E_INVAL, "a joint objective says who of the customer agreed and on which day");
    objective(q, plan, ",\"joint\":true,\"agreed_by\":\"Wang\",\"agreed\":\"2026-02-01\"");
    kam_account_plan_free(p);
}

/* ---------------------------------------------------------------- R91 */

static void ledger(req *q, int64_t id, const char *event, const char *day, const char *amount, const char *more)
{
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"%s\",\"day\":\"%s\",\"amount\":%s%s}", (ll)id, event, day, amount, more);
}

static const char *results(req *q, kam_run *run, char *out, size_t size)
{
    static const uint32_t field[] = {KAM_PLAN_RESULT_YEAR, KAM_PLAN_RESULT_MEASURE, KAM_PLAN_RESULT_TARGET,
                                     KAM_PLAN_RESULT_ACTUAL, KAM_PLAN_RESULT_VARIANCE, KAM_PLAN_RESULT_ATTAINED,
                                     KAM_PLAN_RESULT_MET, KAM_PLAN_RESULT_COMPLETE, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_RESULT, q->err));
    return req_rows(q, rows, field, out, size);
}

static const char *told(req *q, kam_run *run, int64_t id, uint32_t text, char *out, size_t size)
{
    const uint32_t field[] = {KAM_REASON_CODE, text, 0};
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_why(&why, run, id, q->err));
    REQ_MUST(q, kam_why_rows(&rows, why, q->err));
    req_rows(q, rows, field, out, size);
    kam_why_free(why);
    return out;
}

#define MONITOR \
    "2026 PURCHASES 1000 900 -100 0.9 false true|2026 CONTRIBUTION 200 330 130 1.65 true true|" \
    "2026 SATISFACTION 8 8.5 0.5 1.0625 true true|2026 MARKET_SHARE 0.5 0.45 -0.05 0.9 false true|" \
    "2026 COOPERATION 7 - - - - true|2027 PURCHASES 2000 100 -1900 0.05 false false"

static int64_t monitored(req *q, int64_t a)
{
    int64_t plan = 0;
    kam_account_plan_free(open_plan(q, a, 2026, &plan));
    req_save(q, KAM_KIND_PLAN_YEAR, "{\"plan\":" LL ",\"year\":2026,\"revenue\":1000.00,\"gross_profit\":300.00,\"cost\":100.00,"
             "\"satisfaction\":8,\"cooperation\":7,\"market_share\":0.5}", (ll)plan);
    req_save(q, KAM_KIND_PLAN_YEAR, "{\"plan\":" LL ",\"year\":2027,\"revenue\":2000.00}", (ll)plan);
    req_save(q, KAM_KIND_PLAN_YEAR, "{\"plan\":" LL ",\"year\":2028,\"revenue\":3000.00}", (ll)plan);
    ledger(q, a, "SALE", "2025-12-31", "555.00", "");
    ledger(q, a, "SALE", "2026-05-01", "1000.00", ",\"cost\":550.00");
    ledger(q, a, "RETURN", "2026-06-01", "100.00", "");
    ledger(q, a, "COST_TO_SERVE", "2026-07-01", "20.00", ",\"cost_kind\":\"TRAVEL\"");
    ledger(q, a, "SALE", "2027-01-02", "100.00", "");
    req_save(q, KAM_KIND_ACCOUNT_REVIEW, "{\"account\":" LL ",\"day\":\"2026-03-01\",\"satisfaction\":6}", (ll)a);
    req_save(q, KAM_KIND_ACCOUNT_REVIEW, "{\"account\":" LL ",\"day\":\"2026-09-01\",\"satisfaction\":8.5,\"trust\":9}", (ll)a);
    req_save(q, KAM_KIND_ACCOUNT_REVIEW, "{\"account\":" LL ",\"day\":\"2026-11-01\",\"win_win\":5}", (ll)a);
    return plan;
}

static void r091_monitor(req *q)
{
    char out[3000];
    int64_t a = account(q, ",\"potential\":2000.00"), plan = monitored(q, a), same = 0;
    kam_account_plan *p = open_plan(q, a, 2026, &same);
    kam_run *run = NULL, *stored = NULL;
    REQ_EQUAL(q, same, plan);
    q->now = req_day("2027-02-01") * REQ_DAY_MS;
    REQ_MUST(q, kam_account_plan_run(&run, p, KAM_TODAY, q->err));
    REQ_TEXT(q, results(q, run, out, sizeof out), MONITOR);
    REQ_TEXT(q, told(q, run, a, KAM_REASON_TEXT, out, sizeof out),
             "SHORT 2026 purchases: 900 of 1000 wanted|MET 2026 contribution: 330 of 200 wanted|MET 2026 satisfaction: 8.5 of 8 wanted|"
             "SHORT 2026 share of its purchases: 0.45 of 0.5 wanted|NOT_KNOWN 2026 results of cooperation: not known, of 7 wanted|"
             "SHORT 2027 purchases: 100 of 2000 wanted, the year has not ended");
    assert_non_null(strstr(told(q, run, a, KAM_REASON_TEXT_ZH, out, sizeof out), "2026年购买情况：900，目标1000"));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    REQ_MUST(q, kam_run_open(&stored, q->book, kam_record_i64(kam_run_record(run), KAM_ID, 0), q->err));
    REQ_TEXT(q, results(q, stored, out, sizeof out), MONITOR);
    kam_why *why = NULL;
    kam_rows *none = NULL;
    REQ_REFUSED(q, kam_run_rows(&none, stored, KAM_KIND_GRADE_ITEM, q->err), KAM_E_NOT_FOUND,
                "a run of an account plan has a list of PLAN_RESULT only");
    REQ_REFUSED(q, kam_run_why(&why, stored, a + 1, q->err), KAM_E_NOT_FOUND, "this run is about the plan of account");
    kam_run_free(run);
    kam_run_free(stored);
    req_save(q, KAM_KIND_PLAN_ADJUSTMENT, "{\"plan\":" LL ",\"day\":\"2027-02-01\",\"measure\":\"PURCHASES\",\"text\":\"visit more\"}", (ll)plan);
    kam_account_plan_free(p);
}

/* A plan year that begins in April; a day before the plan: nothing yet. */
static void r091_fiscal_year(req *q)
{
    char out[1000];
    int64_t a = account(q, ""), plan = 0;
    kam_run *run = NULL;
    kam_account_plan *p = open_plan(q, a, 2026, &plan);
    REQ_MUST(q, kam_record_set_text(kam_account_plan_record(p), KAM_ACCOUNT_PLAN_FIRST_MONTH, "4", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, kam_account_plan_record(p), q->err));
    req_save(q, KAM_KIND_PLAN_YEAR, "{\"plan\":" LL ",\"year\":2026,\"revenue\":100.00}", (ll)plan);
    ledger(q, a, "SALE", "2026-03-31", "1.00", "");
    ledger(q, a, "SALE", "2026-04-01", "2.00", "");
    ledger(q, a, "SALE", "2027-03-31", "4.00", "");
    ledger(q, a, "SALE", "2027-04-01", "8.00", "");
    REQ_MUST(q, kam_account_plan_run(&run, p, req_day("2027-03-31"), q->err));
    REQ_TEXT(q, results(q, run, out, sizeof out), "2026 PURCHASES 100 6 -94 0.06 false true");
    kam_run_free(run);
    REQ_MUST(q, kam_account_plan_run(&run, p, req_day("2026-03-31"), q->err));
    REQ_TEXT(q, results(q, run, out, sizeof out), "");
    kam_run_free(run);
    kam_account_plan_free(p);
}

void test_R086_eight_sections_from_T_to_T3(void **state) { (void)state; req_each(r086_sections); }
void test_R089_R088_items_need_due_owner_and_result(void **state) { (void)state; req_each(r089_items); }
void test_R090_gaps_of_objectives(void **state) { (void)state; req_each(r090_gaps); }
void test_R155_a_joint_objective_is_agreed(void **state) { (void)state; req_each(r155_joint); }
void test_R091_R097_five_indicators_against_targets(void **state) { (void)state; req_each(r091_monitor); }
void test_R091_plan_years_of_other_months(void **state) { (void)state; req_each(r091_fiscal_year); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R086_eight_sections_from_T_to_T3),
        cmocka_unit_test(test_R089_R088_items_need_due_owner_and_result),
        cmocka_unit_test(test_R090_gaps_of_objectives),
        cmocka_unit_test(test_R155_a_joint_objective_is_agreed),
        cmocka_unit_test(test_R091_R097_five_indicators_against_targets),
        cmocka_unit_test(test_R091_plan_years_of_other_months),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
