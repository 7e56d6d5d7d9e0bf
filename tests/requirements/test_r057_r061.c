/*
 * R57 go or no-go on a prospect with frozen inputs, R59 three named analyses kept per prospect, R60 expected value against
 * our capability with its gap list, R61 the check-list of competence, R69 the ability to pay: the built-in cards and
 * tables, through the public API.
 */
#include "req.h"

#define LL "%lld"
typedef long long ll;
#define DAY "2026-03-02"

/* Custom fields "x_a x_b ..." of account. */
static void fields(req *q, const char *names, const char *type) {
    char name[60];
    int n = 0;
    for (; sscanf(names, "%59s%n", name, &n) == 1; names += n)
        req_save(q, KAM_KIND_FIELD, "{\"kind\":\"account\",\"name\":\"%s\",\"type\":\"%s\"}", name, type);
}

static kam_scorecard *card(req *q, const char *name) {
    kam_scorecard *c = NULL;
    REQ_MUST(q, kam_scorecard_open(&c, q->book, name, req_day(DAY), q->err));
    return c;
}

static kam_run *score(req *q, const char *name) {
    kam_scorecard *c = card(q, name);
    kam_run *run = NULL;
    REQ_MUST(q, kam_scoring_run(&run, q->book, c, req_day(DAY), q->err));
    kam_scorecard_free(c);
    return run;
}

/* Lines of an explanation with this code (NULL: those with points) as "factor points" or "factor value". */
static const char *lines(req *q, kam_why *why, const char *code, char out[1500]) {
    kam_rows *rows = NULL;
    size_t at = 0;
    out[0] = 0;
    REQ_MUST(q, kam_why_rows(&rows, why, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        const char *points = kam_record_text(r, KAM_REASON_POINTS, NULL);
        if (code ? strcmp(kam_record_text(r, KAM_REASON_CODE, ""), code) != 0 : !points) continue;
        at += (size_t)snprintf(out + at, 1500 - at, "%s%s %s", at ? "|" : "", kam_record_text(r, KAM_REASON_FACTOR, ""),
                               code ? kam_record_text(r, KAM_REASON_VALUE, "-") : points);
    }
    kam_rows_free(rows);
    return out;
}

static const char *parts(req *q, kam_run *run, int64_t id, const char *code, char out[1500]) {
    kam_why *why = NULL;
    REQ_MUST(q, kam_run_why(&why, run, id, q->err));
    lines(q, why, code, out);
    kam_why_free(why);
    return out;
}

static const char *decide(req *q, const char *name, const char *in, char out[200]) {
    kam_buf *buf = NULL;
    kam_dtable *t = NULL;
    REQ_MUST(q, kam_buf_new(&buf, NULL, q->err));
    REQ_MUST(q, kam_dtable_open(&t, q->book, name, req_day(DAY), q->err));
    REQ_MUST(q, kam_dtable_decide_json(buf, NULL, t, in, KAM_NUL, q->err));
    snprintf(out, 200, "%.*s", (int)kam_buf_size(buf), (const char *)kam_buf_data(buf));
    kam_dtable_free(t);
    kam_buf_free(buf);
    return out;
}

static void set(req *q, int64_t id, const char *json) {
    kam_record *r = req_get(q, KAM_KIND_ACCOUNT, id, KAM_TODAY);
    REQ_MUST(q, kam_record_from_json(r, json, KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
}

/* ---------------------------------------------------------------- R57 */

/* Contribution of a prospect by a forecast version: sales less what they cost, in cents. */
static int64_t forecast(req *q, int64_t id, const char *version) {
    static const uint32_t f[] = {KAM_FORECAST_ACCOUNT, KAM_FORECAST_SALES, KAM_FORECAST_COST, 0};
    char out[1000];
    int64_t sum = 0;
    ll account = 0, sales = 0, cost = 0;
    int n = 0;
    req_rows(q, req_query(q, KAM_KIND_FORECAST, KAM_FORECAST_VERSION, version, 0, KAM_TODAY), f, out, sizeof out);
    for (const char *at = out; sscanf(at, "%lld %lld.00 %lld.00%n", &account, &sales, &cost, &n) == 3; at += n + (at[n] == '|'))
        if (account == id) sum += (sales - cost) * 100;
    return sum;
}

static void plan(req *q, int64_t id, const char *version, const char *from, const char *to, int sales, int cost) {
    req_save(q, KAM_KIND_FORECAST, "{\"account\":" LL ",\"from\":\"%s\",\"to\":\"%s\",\"version\":\"%s\",\"sales\":%d.00,\"cost\":%d.00,"
             "\"currency\":\"CNY\",\"author\":\"tester\"}", (ll)id, from, to, version, sales, cost);
}

static void judge(req *q, kam_run *run, int64_t id, const char *want) {
    char in[200], out[200];
    ll points = 0, cents = forecast(q, id, "v1");
    kam_why *why = NULL;
    REQ_MUST(q, kam_run_why(&why, run, id, q->err));
    assert_int_equal(sscanf(kam_record_text(kam_why_record(why), KAM_VERDICT_RESULT, ""), "%lld", &points), 1);
    kam_why_free(why);
    snprintf(in, sizeof in, "{\"points\": %lld, \"contribution\": %lld.%02lld, \"ability\": 75}", points, cents / 100, cents % 100);
    REQ_TEXT(q, decide(q, "go-no-go", in, out), want);
}

static void r057(req *q) {
    char out[1500];
    fields(q, "x_forecast_contribution", "MONEY");
    fields(q, "x_ability_to_pay", "DECIMAL");
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"prospect\",\"potential\":600000,\"cooperation_will\":\"5\",\"x_ability_to_pay\":75}");
    plan(q, id, "v1", "2026-04-01", "2026-07-01", 300000, 240000);
    plan(q, id, "v1", "2026-07-01", "2026-10-01", 350000, 290000);
    REQ_EQUAL(q, forecast(q, id, "v1"), 12000000);
    set(q, id, "{\"x_forecast_contribution\":120000}");
    kam_run *run = score(q, "go-no-go");
    REQ_TEXT(q, parts(q, run, id, NULL, out), "contribution 40|ability 20|potential 20|will 10");
    REQ_TEXT(q, parts(q, run, id, "REASON", out), "will 10|contribution 0|ability 0");
    judge(q, run, id, "[{\"verdict\":\"GO\"}]");
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    /* later the forecast and the prospect change: what was decided, and on what, stays */
    set(q, id, "{\"x_forecast_contribution\":-5000,\"x_ability_to_pay\":10}");
    REQ_TEXT(q, parts(q, run, id, NULL, out), "contribution 40|ability 20|potential 20|will 10");
    judge(q, run, id, "[{\"verdict\":\"GO\"}]");
    kam_run *now = score(q, "go-no-go");
    REQ_TEXT(q, parts(q, now, id, NULL, out), "contribution 0|ability 0|potential 20|will 10");
    REQ_TEXT(q, parts(q, now, id, "WARNING", out), "loss -5000.00");
    REQ_TEXT(q, decide(q, "go-no-go", "{\"points\": 30, \"contribution\": -5000, \"ability\": 10}", out), "[{\"verdict\":\"NO_GO\"}]");
    REQ_TEXT(q, decide(q, "go-no-go", "{\"points\": 90}", out), "[{\"verdict\":\"REVIEW\"}]");
    kam_run_free(now);
    kam_run_free(run);
}

/* An account that buys already is judged by what the ledger says. */
static void r057_existing(req *q) {
    char in[200], out[200];
    const kam_record *r = NULL;
    kam_account *account = NULL;
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"buyer\"}");
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"day\":\"2026-02-01\",\"event\":\"SALE\",\"amount\":1000,\"cost\":1200}", (ll)id);
    REQ_MUST(q, kam_account_open(&account, q->book, id, req_day(DAY), q->err));
    REQ_MUST(q, kam_account_attributes(&r, account, q->err));
    snprintf(in, sizeof in, "{\"points\": 90, \"contribution\": %s}", kam_record_text(r, KAM_ATTRIBUTES_CONTRIBUTION_12M, ""));
    REQ_TEXT(q, in, "{\"points\": 90, \"contribution\": -200.00}");
    REQ_TEXT(q, decide(q, "go-no-go", in, out), "[{\"verdict\":\"NO_GO\"}]");
    kam_account_free(account);
}

void test_R057_verdict_on_a_prospect_with_frozen_inputs(void **state) { (void)state; req_each(r057); }
void test_R057_existing_accounts_use_the_ledger(void **state) { (void)state; req_each(r057_existing); }

/* ---------------------------------------------------------------- R59 */

static void r059(req *q) {
    static const char *const name[] = {"purchase-influences", "support-analysis", "value-analysis"};
    static const char *const want[] = {"approver 15|users 5|technical 10|need 0|budget 0|rivals 5",
                                       "sponsor 0|coach 10|access 5|opponents 5", "saves 15|earns 5|risk 0|profit 7.5|reference 10"};
    static const uint32_t f[] = {KAM_SCORE_SCORECARD, KAM_SCORE_POINTS, 0};
    char out[1500];
    fields(q, "x_influence_approver x_influence_users x_influence_technical x_influence_need x_influence_budget x_influence_rivals"
           " x_support_sponsor x_support_coach x_support_access x_support_opponents x_value_saves x_value_earns x_value_risk"
           " x_value_profit x_value_reference", "DECIMAL");
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"prospect\",\"x_influence_approver\":8,\"x_influence_users\":4,\"x_influence_technical\":7,"
                          "\"x_influence_need\":3,\"x_influence_rivals\":5,\"x_support_sponsor\":3,\"x_support_coach\":7,\"x_support_access\":4,"
                          "\"x_support_opponents\":2,\"x_value_saves\":7,\"x_value_earns\":4,\"x_value_risk\":1,\"x_value_profit\":5,\"x_value_reference\":9}");
    for (int i = 0; i < 3; i++) {
        kam_run *run = score(q, name[i]);
        REQ_TEXT(q, parts(q, run, id, NULL, out), want[i]);
        if (i == 1) REQ_TEXT(q, parts(q, run, id, "WARNING", out), "alone true");
        REQ_MUST(q, kam_run_apply(run, 0, q->err));
        kam_run_free(run);
    }
    REQ_TEXT(q, req_rows(q, req_query(q, KAM_KIND_SCORE, KAM_SCORE_ACCOUNT, "1", 0, KAM_TODAY), f, out, sizeof out),
             "purchase-influences 35|support-analysis 20|value-analysis 37.5");
}

void test_R059_three_named_analyses_per_prospect(void **state) { (void)state; req_each(r059); }

/* ---------------------------------------------------------------- R60 */

static void r060(req *q) {
    char out[1500];
    fields(q, "x_expects_quality x_expects_delivery x_expects_price x_expects_service x_expects_technology x_expects_relation"
           " x_able_quality x_able_delivery x_able_price x_able_service x_able_technology x_able_relation", "DECIMAL");
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"prospect\",\"x_expects_quality\":9,\"x_able_quality\":9,\"x_expects_delivery\":9,"
                          "\"x_able_delivery\":5,\"x_expects_price\":6,\"x_able_price\":\"5\",\"x_expects_service\":3,\"x_able_service\":8,"
                          "\"x_expects_technology\":10,\"x_able_technology\":2,\"x_expects_relation\":5}");
    kam_run *run = score(q, "value-match");
    REQ_TEXT(q, parts(q, run, id, NULL, out), "quality 0|delivery -6|price -1.5|service 0|technology -6|relation 0");
    REQ_TEXT(q, parts(q, run, id, "REASON", out), "delivery 6|technology 6|price 1.5|quality 0|service 0|relation 0");       /* the gap list */
    REQ_TEXT(q, parts(q, run, id, "MISSING", out), "");
    kam_run_free(run);
    /* supply capability (R167) is one of the items: better delivery closes its gap */
    set(q, id, "{\"x_able_delivery\":9}");
    run = score(q, "value-match");
    REQ_TEXT(q, parts(q, run, id, "REASON", out), "technology 6|price 1.5|quality 0|delivery 0|service 0|relation 0");
    kam_run_free(run);
}

void test_R060_expected_value_against_capability_gives_gaps(void **state) { (void)state; req_each(r060); }

/* ---------------------------------------------------------------- R61 */

static void r061(req *q) {
    kam_scorecard *c = card(q, "competence");
    kam_scorer *s = NULL;
    const char *factor = NULL;
    uint32_t n = 0;
    int64_t points = 0;
    REQ_MUST(q, kam_scorer_new(&s, c, q->err));
    while (kam_scorecard_reads(c, n)) n++;
    REQ_EQUAL(q, n, 42);
    for (uint32_t i = 0; i < n; i++) {
        const char *name = kam_scorecard_reads(c, i);
        REQ_MUST(q, kam_scorer_set_i64(s, i, strcmp(name, "s7") != 0 && strcmp(name, "t14") != 0, q->err));
    }
    REQ_MUST(q, kam_scorer_run(&points, s, q->err));
    REQ_EQUAL(q, points, 400000);
    REQ_EQUAL(q, kam_scorer_normal(s, -1), 952381);                            /* 40 of 42 */
    REQ_EQUAL(q, kam_scorer_group(s, "k", -1), 140000);
    REQ_EQUAL(q, kam_scorer_group(s, "s", -1), 130000);
    REQ_EQUAL(q, kam_scorer_group(s, "t", -1), 130000);
    kam_scorer_reason(s, 0, &factor, NULL);
    REQ_TEXT(q, factor, "s7");
    kam_scorer_reason(s, 1, &factor, NULL);
    REQ_TEXT(q, factor, "t14");
    kam_scorer_free(s);
    kam_scorecard_free(c);
}

/* The host's own texts are a version of its own. */
static void r061_own(req *q) {
    static const char own[] = "{\"name\": \"competence\", \"title\": {\"en\": \"Ours\", \"zh\": \"本公司\"}, \"groups\": [{\"id\": \"k\", \"title\": {\"en\": \"Knowledge\","
        " \"zh\": \"知识\"}}], \"attributes\": {\"contracts\": \"bool\", \"products\": \"bool\"}, \"factors\": [{\"id\": \"contracts\", \"group\": \"k\", \"attribute\": \"contracts\","
        " \"title\": {\"en\": \"Reads a contract\", \"zh\": \"看懂合同\"}, \"flag\": {\"true\": 1, \"false\": 0}}, {\"id\": \"products\", \"group\": \"k\", \"attribute\":"
        " \"products\", \"title\": {\"en\": \"Knows our products\", \"zh\": \"了解产品\"}, \"flag\": {\"true\": 1, \"false\": 0}}]}";
    char out[1500];
    int64_t id = 0, points = 0;
    kam_scorer *s = NULL;
    kam_why *why = NULL;
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_SCORECARD, own, KAM_NUL, q->err));
    int64_t old = 0;
    REQ_MUST(q, kam_policy_in_force(&old, q->book, KAM_POLICY_SCORECARD, "competence", KAM_TODAY, q->err));
    REQ_MUST(q, kam_policy_withdraw(q->book, old, KAM_DAY_FIRST, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    kam_scorecard *c = card(q, "competence");
    REQ_MUST(q, kam_scorer_new(&s, c, q->err));
    REQ_MUST(q, kam_scorer_set_i64(s, 0, 1, q->err));
    REQ_MUST(q, kam_scorer_run(&points, s, q->err));
    REQ_MUST(q, kam_scorer_why(&why, s, q->err));
    REQ_TEXT(q, lines(q, why, NULL, out), "contracts 1|products 0");
    REQ_TEXT(q, lines(q, why, "MISSING", out), "products -");
    kam_why_free(why);
    kam_scorer_free(s);
    kam_scorecard_free(c);
}

void test_R061_check_list_of_competence(void **state) { (void)state; req_each(r061); }
void test_R061_the_host_supplies_the_texts(void **state) { (void)state; req_each(r061_own); }

/* ---------------------------------------------------------------- R69 */

/* Values of the first three ratios of the account's newest year: nothing is computed twice. */
static void r069(req *q) {
    char out[1500];
    int64_t points = 0;
    kam_scorer *s = NULL;
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    kam_scorecard *c = card(q, "ability-to-pay");
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Hua\"}");
    req_save(q, KAM_KIND_FINANCIAL, "{\"account\":" LL ",\"year\":2025,\"revenue\":1000.00,\"net_profit\":50.00,\"total_assets\":800.00,"
             "\"current_assets\":300.00,\"current_liabilities\":200.00,\"origin\":\"annual report\"}", (ll)id);
    REQ_MUST(q, kam_scorer_new(&s, c, q->err));
    REQ_MUST(q, kam_financial_ratios(&rows, q->book, id, q->err));
    for (uint32_t i = 0; i < 3; i++) {
        const kam_record *r = req_next(q, rows);
        REQ_MUST(q, kam_scorer_set_text(s, i, kam_record_text(r, KAM_FINANCIAL_RATIO_VALUE, NULL), KAM_NUL, q->err));
    }
    kam_rows_free(rows);
    REQ_MUST(q, kam_scorer_run(&points, s, q->err));
    REQ_EQUAL(q, points, 300000);
    REQ_EQUAL(q, kam_scorer_normal(s, -1), 750000);
    REQ_MUST(q, kam_scorer_why(&why, s, q->err));
    REQ_TEXT(q, lines(q, why, NULL, out), "current_ratio 16|net_margin 7|return_on_assets 7");
    REQ_TEXT(q, lines(q, why, "REASON", out), "current_ratio 4|net_margin 3|return_on_assets 3");
    kam_why_free(why);
    kam_scorer_clear(s);                                                       /* a balance sheet nobody has seen */
    REQ_MUST(q, kam_scorer_run(&points, s, q->err));
    REQ_EQUAL(q, points, 0);
    REQ_TEXT(q, kam_scorer_warning(s, 0), "unknown");
    kam_scorer_free(s);
    kam_scorecard_free(c);
}

void test_R069_ability_to_pay_from_three_ratios(void **state) { (void)state; req_each(r069); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R057_verdict_on_a_prospect_with_frozen_inputs),
        cmocka_unit_test(test_R057_existing_accounts_use_the_ledger),
        cmocka_unit_test(test_R059_three_named_analyses_per_prospect),
        cmocka_unit_test(test_R060_expected_value_against_capability_gives_gaps),
        cmocka_unit_test(test_R061_check_list_of_competence),
        cmocka_unit_test(test_R061_the_host_supplies_the_texts),
        cmocka_unit_test(test_R069_ability_to_pay_from_three_ratios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
