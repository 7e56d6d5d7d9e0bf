/* R47 measured 80/20, R62 what an account contributes, R63 purchases and profit per period in two currencies. */
#include "req.h"

#define LL "%lld"
typedef long long ll;

static int64_t account(req *q, const char *name, const char *more) {
    return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\"%s}", name, more);
}

static void sale(req *q, int64_t id, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"SALE\",\"day\":\"%s\",\"amount\":%s%s}", (ll)id, day,
             amount, more);
}

static void cost(req *q, int64_t id, const char *kind, const char *amount) {
    req_save(q, KAM_KIND_LEDGER,
             "{\"account\":" LL
             ",\"event\":\"COST_TO_SERVE\",\"cost_kind\":\"%s\",\"day\":\"2026-02-01\",\"amount\":%s}",
             (ll)id, kind, amount);
}

static kam_run *value(req *q, int64_t share_a) {
    kam_value_options o;
    kam_run *run = NULL;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.share_a = share_a;
    REQ_MUST(q, kam_value_run(&run, q->book, &o, req_day("2026-02-28"), q->err));
    return run;
}

static const char *list(req *q, kam_run *run, const uint32_t *field, char *out, size_t size) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, q->err));
    return req_rows(q, rows, field, out, size);
}

static void has(req *q, const kam_run *run, const char *part) {
    const char *text = kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, "");
    if (!strstr(text, part)) fail_msg("%s: %s has no %s", q->on, text, part);
}

/* ---------------------------------------------------------------- R47 */

static void r047_curve(req *q) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_REVENUE,  KAM_ACCOUNT_VALUE_CUM_SHARE,
                                     KAM_ACCOUNT_VALUE_ABC,     KAM_ACCOUNT_VALUE_ABC_INCL, 0};
    static const char *const amount[] = {"100.00", "500.00", "50.00", "300.00", "50.00"};
    char out[1000];
    for (int i = 0; i < 5; i++) sale(q, account(q, "x", ""), "2026-01-15", amount[i], "");
    kam_run *run = value(q, 0);
    const kam_record *r = kam_run_record(run);
    REQ_TEXT(q, list(q, run, field, out, sizeof out),
             "2 500.00 0.5 A A|4 300.00 0.8 A A|1 100.00 0.9 B B|3 50.00 0.95 B B|5 50.00 1 C C");
    REQ_TEXT(q, kam_record_text(r, KAM_RUN_TOTAL, ""), "1000.00");
    /* one of five brings half of it: not 80 % */
    REQ_TEXT(q, kam_record_text(r, KAM_RUN_TOP20_SHARE, ""), "0.5");
    REQ_TEXT(q, kam_record_text(r, KAM_RUN_TOP1_SHARE, ""), "0.5");
    REQ_TEXT(q, kam_record_text(r, KAM_RUN_HHI, ""), "0.355");
    REQ_TEXT(q, kam_record_text(r, KAM_RUN_GINI, ""), "0.46");
    has(q, run, "\"reach\":{\"50\":1,\"80\":2,\"90\":3,\"95\":4}");
    has(q, run, "\"top_share\":{\"1\":0.5,\"5\":0.5,\"10\":0.5,\"20\":0.5,\"50\":0.9}");
    kam_run_free(run);
}

/* Class A is the smallest set that reaches the share asked for, whichever it is. */
static void r047_any_share(req *q) {
    static const int64_t share[] = {1, 5000, 5001, 9000, 10000};
    static const char *const want[] = {"{\"A\":1,", "{\"A\":1,", "{\"A\":2,", "{\"A\":4,", "{\"A\":4,"};
    for (int i = 0; i < 4; i++) sale(q, account(q, "x", ""), "2026-01-15", i ? "25.00" : "75.00", "");
    for (size_t i = 0; i < 5; i++) {
        kam_value_options o;
        kam_run *run = NULL;
        memset(&o, 0, sizeof o);
        o.struct_size = sizeof o;
        o.share_a = share[i];
        o.share_b = 10000;
        REQ_MUST(q, kam_value_run(&run, q->book, &o, req_day("2026-02-28"), q->err));
        const char *counts = kam_record_text(kam_run_record(run), KAM_RUN_COUNTS, "");
        if (strncmp(counts, want[i], strlen(want[i])) != 0) fail_msg("%s: %lld: %s", q->on, (ll)share[i], counts);
        kam_run_free(run);
    }
}

static void r047_profit(req *q) {
    int64_t good = account(q, "good", ""), bad = account(q, "bad", "");
    sale(q, good, "2026-01-15", "100.00", ",\"cost\":40.00");
    sale(q, bad, "2026-01-15", "900.00", ",\"cost\":920.00");
    kam_run *run = value(q, 0);
    has(q, run, "\"profit\":40.00");
    has(q, run, "\"profit_reach\":{\"50\":1,\"80\":1,\"90\":1,\"95\":1}");
    has(q, run,
        "\"whale_peak\":60.00,\"whale_peak_pct\":150,\"whale_peak_at\":1,\"unprofitable\":1,\"whale_loss\":-20.00");
    kam_run_free(run);
}

/* ---------------------------------------------------------------- R62 */

static int64_t served(req *q) {
    int64_t id = account(q, "Acme", ",\"risk\":0.1");
    sale(q, id, "2026-01-10", "1000.00", ",\"order\":\"A\",\"cost\":600.00");
    sale(q, id, "2026-01-20", "200.00", ",\"order\":\"B\"");
    req_save(q, KAM_KIND_LEDGER,
             "{\"account\":" LL ",\"event\":\"RETURN\",\"day\":\"2026-01-25\",\"amount\":100.00,\"cost\":60.00}",
             (ll)id);
    req_save(q, KAM_KIND_LEDGER,
             "{\"account\":" LL ",\"event\":\"COST_OF_GOODS\",\"day\":\"2026-01-20\",\"amount\":110.05}", (ll)id);
    cost(q, id, "INVENTORY_INTEREST", "10.01");
    cost(q, id, "PERSONNEL", "20.02");
    cost(q, id, "TRAVEL", "30.03");
    cost(q, id, "ADMINISTRATION", "40.04");
    cost(q, id, "OTHER", "5.05");
    return id;
}

static void r062_contribution(req *q) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_REVENUE,
                                     KAM_ACCOUNT_VALUE_RETURNS,
                                     KAM_ACCOUNT_VALUE_COST_OF_GOODS,
                                     KAM_ACCOUNT_VALUE_GROSS_PROFIT,
                                     KAM_ACCOUNT_VALUE_INVENTORY_INTEREST,
                                     KAM_ACCOUNT_VALUE_PERSONNEL,
                                     KAM_ACCOUNT_VALUE_TRAVEL,
                                     KAM_ACCOUNT_VALUE_ADMINISTRATION,
                                     KAM_ACCOUNT_VALUE_OTHER_COST,
                                     KAM_ACCOUNT_VALUE_CONTRIBUTION,
                                     KAM_ACCOUNT_VALUE_RISK,
                                     KAM_ACCOUNT_VALUE_ADJUSTED,
                                     KAM_ACCOUNT_VALUE_ORDERS,
                                     KAM_ACCOUNT_VALUE_FIRST_DAY,
                                     KAM_ACCOUNT_VALUE_LAST_DAY,
                                     0};
    char out[1000];
    served(q);
    kam_run *run = value(q, 0);
    /* 1200 - 100 = 1100; 600 - 60 + 110.05 = 650.05; 449.95; less 105.15 = 344.80; 449.95 * 0.9 = 404.955 -> 404.96
     * (half even) */
    REQ_TEXT(q, list(q, run, field, out, sizeof out),
             "1100.00 100.00 650.05 449.95 10.01 20.02 30.03 40.04 5.05 344.80 0.1 299.81 2 2026-01-10 2026-01-20");
    kam_run_free(run);
}

static void r062_why(req *q) {
    static const uint32_t field[] = {KAM_REASON_CODE, KAM_REASON_VALUE, 0};
    char out[1000];
    kam_rows *rows = NULL;
    kam_why *why = NULL;
    int64_t id = served(q);
    kam_run *run = value(q, 0);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t stored = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, stored, q->err));
    REQ_MUST(q, kam_run_why(&why, run, id, q->err));
    REQ_MUST(q, kam_why_rows(&rows, why, q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out),
             "REVENUE 1100.00|COST_OF_GOODS 650.05|GROSS_PROFIT 449.95|INVENTORY_INTEREST 10.01|PERSONNEL 20.02|TRAVEL "
             "30.03|"
             "ADMINISTRATION 40.04|OTHER_COST 5.05|CONTRIBUTION 344.80|RISK 0.1|ADJUSTED 299.81");
    REQ_TEXT(q, kam_record_text(kam_why_record(why), KAM_VERDICT_RESULT, ""), "344.80");
    REQ_EQUAL(q, kam_record_i64(kam_why_record(why), KAM_VERDICT_INPUTS_DIFFER, -1), 0);
    kam_why_free(why);
    /* posted late: the stored run keeps its figures and says so */
    cost(q, id, "TRAVEL", "1.00");
    REQ_MUST(q, kam_run_why(&why, run, id, q->err));
    REQ_TEXT(q, kam_record_text(kam_why_record(why), KAM_VERDICT_RESULT, ""), "344.80");
    REQ_EQUAL(q, kam_record_i64(kam_why_record(why), KAM_VERDICT_INPUTS_DIFFER, -1), 1);
    kam_why_free(why);
    kam_run_free(run);
}

/* Costs that no ledger row names an account for: each is spread by what drives it, and not one cent is lost or made. */
static void r062_shared(req *q) {
    enum { ACCOUNTS = 7 };
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_PERSONNEL, KAM_ACCOUNT_VALUE_TRAVEL,
                                     KAM_ACCOUNT_VALUE_ADMINISTRATION, KAM_ACCOUNT_VALUE_INVENTORY_INTEREST, 0};
    const kam_value_options o = {
        .struct_size = sizeof o, .from = req_day("2026-01-01"), .to = req_day("2026-02-01"),
        .settings = "{\"shared_costs\":[{\"name\":\"cars\",\"kind\":\"TRAVEL\",\"driver\":\"visits\",\"amount\":100.00},"
                    "{\"name\":\"billing\",\"kind\":\"ADMINISTRATION\",\"driver\":\"orders\",\"amount\":1000.01},"
                    "{\"name\":\"stock\",\"kind\":\"INVENTORY_INTEREST\",\"driver\":\"revenue\",\"amount\":77.77},"
                    "{\"name\":\"staff\",\"kind\":\"PERSONNEL\",\"driver\":\"hours\",\"amount\":3333.33}]}"};
    const int64_t total[5] = {0, 333333, 10000, 100001, 7777};
    int64_t sum[5] = {0};
    const kam_record *r;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    for (int i = 0; i < ACCOUNTS; i++) {
        int64_t id = account(q, "x", "");
        for (int k = 0; k <= i; k++) sale(q, id, k % 2 ? "2026-01-10" : "2026-01-20", k % 3 ? "10.01" : "0.07", "");
        for (int k = 0; k < 3 * i % ACCOUNTS; k++)
            req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"channel\":\"%s\",\"status\":\"HELD\",\"day\":\"2026-01-15\","
                     "\"duration\":%d}", (ll)id, k % 2 ? "VISIT" : "CALL", 7 * k + 5);
    }
    REQ_MUST(q, kam_value_run(&run, q->book, &o, req_day("2026-02-28"), q->err));
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, q->err));
    while ((r = req_next(q, rows)) != NULL) {
        int64_t v = 0, serve = 0;
        for (int k = 1; k < 5; k++) {
            v = kam_record_i64(r, field[k], 0);
            sum[k] += v, serve += v;
        }
        REQ_EQUAL(q, kam_record_i64(r, KAM_ACCOUNT_VALUE_SHARED, -1), serve);
        REQ_EQUAL(q, kam_record_i64(r, KAM_ACCOUNT_VALUE_CONTRIBUTION, -1),
                  kam_record_i64(r, KAM_ACCOUNT_VALUE_GROSS_PROFIT, 0) - serve);
    }
    for (int k = 1; k < 5; k++) REQ_EQUAL(q, sum[k], total[k]);
    kam_rows_free(rows);
    kam_run_free(run);
}

/* ---------------------------------------------------------------- R63 */

static const char *periods(req *q, uint32_t unit, char *out, size_t size) {
    static const uint32_t field[] = {KAM_ACCOUNT_PERIOD_ACCOUNT,
                                     KAM_ACCOUNT_PERIOD_FROM,
                                     KAM_ACCOUNT_PERIOD_CURRENCY,
                                     KAM_ACCOUNT_PERIOD_BASE,
                                     KAM_ACCOUNT_PERIOD_REVENUE,
                                     KAM_ACCOUNT_PERIOD_CONTRIBUTION,
                                     0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_value_periods(&rows, q->book, NULL, unit, req_day("2026-02-28"), q->err));
    return req_rows(q, rows, field, out, size);
}

static void r063_periods(req *q) {
    char out[1000];
    kam_rows *rows = NULL;
    int64_t here = account(q, "here", ""), there = account(q, "there", ",\"currency\":\"JPY\"");
    sale(q, here, "2025-12-31", "10.00", ",\"cost\":4.00");
    sale(q, here, "2026-01-01", "20.00", "");
    sale(q, there, "2026-01-05", "2000", ",\"currency\":\"JPY\",\"cost\":1500");
    sale(q, there, "2026-02-05", "50.00", "");                      /* in base currency */
    REQ_REFUSED(q, kam_value_periods(&rows, q->book, NULL, KAM_PERIOD_MONTH, req_day("2026-02-28"), q->err),
                KAM_E_POLICY, "JPY to CNY is in force on 2026-01-05");
    req_save(q, KAM_KIND_RATE, "{\"sell\":\"JPY\",\"buy\":\"CNY\",\"rate\":0.05,\"valid_from\":\"2026-01-01\"}");
    req_save(q, KAM_KIND_RATE, "{\"sell\":\"CNY\",\"buy\":\"JPY\",\"rate\":20.5,\"valid_from\":\"2026-01-01\"}");
    REQ_TEXT(q, periods(q, KAM_PERIOD_MONTH, out, sizeof out),
             "1 2025-12-01 CNY true 10.00 6.00|1 2026-01-01 CNY true 20.00 20.00|2 2026-01-01 CNY true 100.00 25.00|"
             "2 2026-01-01 JPY false 2000 500|2 2026-02-01 CNY true 50.00 50.00|2 2026-02-01 JPY false 1025 1025");
    REQ_TEXT(q, periods(q, KAM_PERIOD_QUARTER, out, sizeof out),
             "1 2025-10-01 CNY true 10.00 6.00|1 2026-01-01 CNY true 20.00 20.00|2 2026-01-01 CNY true 150.00 75.00|"
             "2 2026-01-01 JPY false 3025 1525");
    REQ_TEXT(q, periods(q, KAM_PERIOD_YEAR, out, sizeof out),
             "1 2025-01-01 CNY true 10.00 6.00|1 2026-01-01 CNY true 20.00 20.00|2 2026-01-01 CNY true 150.00 75.00|"
             "2 2026-01-01 JPY false 3025 1525");
}

void test_R047_cumulative_share_curve_and_sets_are_measured(void **state) { (void)state; req_each(r047_curve); }
void test_R047_smallest_set_for_any_share(void **state) { (void)state; req_each(r047_any_share); }
void test_R047_by_profit_too(void **state) { (void)state; req_each(r047_profit); }
void test_R062_contribution_raw_and_adjusted_by_risk(void **state) { (void)state; req_each(r062_contribution); }
void test_R062_every_line_is_explained(void **state) { (void)state; req_each(r062_why); }
void test_R062_shared_costs_by_driver_lose_no_cent(void **state) { (void)state; req_each(r062_shared); }
void test_R063_sums_per_period_in_account_and_base_currency(void **state) { (void)state; req_each(r063_periods); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R047_cumulative_share_curve_and_sets_are_measured),
        cmocka_unit_test(test_R047_smallest_set_for_any_share),
        cmocka_unit_test(test_R047_by_profit_too),
        cmocka_unit_test(test_R062_contribution_raw_and_adjusted_by_risk),
        cmocka_unit_test(test_R062_every_line_is_explained),
        cmocka_unit_test(test_R062_shared_costs_by_driver_lose_no_cent),
        cmocka_unit_test(test_R063_sums_per_period_in_account_and_base_currency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
