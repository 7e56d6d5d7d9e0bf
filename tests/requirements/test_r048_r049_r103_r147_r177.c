/* R48 time on the top accounts beside what they bring, R49 how active an account is, R103 the mix of effort against
 * 40/30/20/10; R147 a sale through a distributor counts once, R177 sales between our own companies do not count. */
#include "req.h"

#define LL "%lld"
typedef long long ll;

static int64_t account(req *q) { return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}"); }

static void sale(req *q, int64_t id, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"SALE\",\"day\":\"%s\",\"amount\":%s%s}", (ll)id, day,
             amount, more);
}

static void activity(req *q, int64_t id, const char *day, const char *channel, const char *more) {
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"HELD\",\"day\":\"%s\",\"channel\":\"%s\"%s}", (ll)id, day,
             channel, more);
}

static kam_effort effort(req *q, kam_rows **rows) {
    kam_effort e;
    memset(&e, 0, sizeof e);
    e.struct_size = sizeof e;
    REQ_MUST(q, kam_value_effort(&e, rows, q->book, NULL, 0, req_day("2026-02-28"), q->err));
    return e;
}

/* ---------------------------------------------------------------- R103 */

static void r103_mix(req *q) {
    int64_t a = account(q);
    kam_effort e = effort(q, NULL);
    REQ_EQUAL(q, e.share[0] + e.share[1] + e.share[2] + e.share[3], 0);
    activity(q, a, "2026-01-05", "VISIT", ",\"duration\":60,\"phase\":\"TRUST\"");
    activity(q, a, "2026-01-06", "VISIT", ",\"duration\":60,\"phase\":\"NEED\"");
    activity(q, a, "2026-01-07", "VISIT", ",\"duration\":60,\"phase\":\"CLOSE\"");
    activity(q, a, "2026-01-08", "VISIT", ",\"duration\":500");
    activity(q, a, "2026-01-08", "CALL", "");
    activity(q, a, "2025-02-28", "VISIT", ",\"duration\":7000,\"phase\":\"CLOSE\"");    /* before the window */
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":1,\"status\":\"PLANNED\",\"day\":\"2026-01-09\",\"channel\":\"VISIT\","
             "\"duration\":999,\"phase\":\"CLOSE\"}");
    e = effort(q, NULL);
    static const int64_t share[] = {3334, 3333, 0, 3333}, target[] = {4000, 3000, 2000, 1000}, minutes[] = {60, 60, 0, 60};
    int64_t sum = 0;
    for (int i = 0; i < KAM_EFFORT_PHASES; i++) {
        REQ_EQUAL(q, e.minutes[i], minutes[i]);
        REQ_EQUAL(q, e.share[i], share[i]);
        REQ_EQUAL(q, e.target[i], target[i]);
        REQ_EQUAL(q, e.difference[i], share[i] - target[i]);
        sum += e.share[i];
    }
    REQ_EQUAL(q, sum, 10000);
    REQ_EQUAL(q, e.untagged, 500);
    REQ_EQUAL(q, e.untimed, 1);
}

/* ---------------------------------------------------------------- R48, R49 */

static void r048_top(req *q) {
    for (int i = 0; i < 5; i++) account(q);
    sale(q, 3, "2026-01-05", "700.00", ",\"cost\":500.00");
    for (int64_t i = 1; i < 5; i++) sale(q, i, "2026-01-05", "75.00", "");
    activity(q, 3, "2026-01-05", "VISIT", ",\"duration\":30");
    activity(q, 1, "2026-01-05", "VISIT", ",\"duration\":60");
    activity(q, 5, "2026-01-05", "CALL", ",\"duration\":10");
    kam_effort e = effort(q, NULL);
    REQ_EQUAL(q, e.accounts, 5);
    REQ_EQUAL(q, e.top, 1);
    REQ_EQUAL(q, e.time_share, 3000);                               /* 30 of 100 minutes on a fifth of them */
    REQ_EQUAL(q, e.revenue_share, 7750);                            /* 775 of 1000 */
    REQ_EQUAL(q, e.profit_share, 5500);                             /* 275 of 500 */
    REQ_REFUSED(q, kam_value_effort(&e, NULL, q->book, NULL, 10001, 20000, q->err), KAM_E_INVAL, "part");
}

static void r049_activity(req *q) {
    static const uint32_t field[] = {KAM_EFFORT_ACCOUNT, KAM_EFFORT_MINUTES, KAM_EFFORT_CONTACTS, KAM_EFFORT_POINTS,
                                     KAM_EFFORT_INDEX, KAM_EFFORT_INBOUND, KAM_EFFORT_TREND, KAM_EFFORT_INTENTION, 0};
    char out[500];
    kam_rows *rows = NULL;
    int64_t a = account(q), b = account(q), c = account(q);
    activity(q, b, "2025-04-05", "VISIT", ",\"duration\":20");
    activity(q, b, "2025-04-06", "EMAIL", "");
    activity(q, b, "2025-04-07", "LETTER", "");
    activity(q, a, "2025-05-05", "CALL", ",\"direction\":\"INBOUND\",\"duration\":5");
    activity(q, a, "2026-02-05", "VISIT", "");
    activity(q, a, "2026-02-15", "VISIT", "");
    activity(q, a, "2026-02-25", "VISIT", "");
    sale(q, c, "2026-02-01", "1.00", "");
    effort(q, &rows);
    /* a has 14 points, b 6: the mean of both is 10 */
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out),
             "1 5 4 14 1.4 0.25 1 GOOD|2 20 3 6 0.6 0 -1 FAIR|3 0 0 0 0 0 0 NONE");
}

/* ---------------------------------------------------------------- R147, R177 */

static const char *valued(req *q, uint32_t flags, char *out, size_t size, char total[40]) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_REVENUE, KAM_ACCOUNT_VALUE_DIRECT_REVENUE, 0};
    kam_value_options o;
    kam_rows *rows = NULL;
    kam_run *run = NULL;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = flags;
    REQ_MUST(q, kam_value_run(&run, q->book, &o, req_day("2026-02-28"), q->err));
    snprintf(total, 40, "%s", kam_record_text(kam_run_record(run), KAM_RUN_TOTAL, "-"));
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, q->err));
    req_rows(q, rows, field, out, size);
    kam_run_free(run);
    return out;
}

static void r147_once(req *q) {
    char out[500], total[40];
    int64_t channel = account(q), end = account(q);
    sale(q, channel, "2026-01-05", "10.00", ",\"end_account\":2");
    sale(q, channel, "2026-01-06", "5.00", "");
    sale(q, end, "2026-01-07", "2.00", "");
    REQ_TEXT(q, valued(q, 0, out, sizeof out, total), "1 15.00 0.00|2 2.00 10.00");
    REQ_TEXT(q, total, "17.00");
}

static void r177_intercompany(req *q) {
    char out[500], total[40];
    kam_rows *rows = NULL;
    static const uint32_t field[] = {KAM_ACCOUNT_PERIOD_ACCOUNT, KAM_ACCOUNT_PERIOD_REVENUE, 0};
    int64_t a = account(q), ours = account(q);
    sale(q, ours, "2026-01-05", "100.00", ",\"company\":\"East\",\"order\":\"A\",\"end_account\":1");
    sale(q, a, "2026-01-05", "10.00", ",\"company\":\"East\",\"order\":\"B\"");
    sale(q, a, "2026-01-06", "20.00", ",\"company\":\"West\",\"order\":\"B\"");
    sale(q, ours, "2026-01-07", "100.00", ",\"company\":\"West\"");
    REQ_TEXT(q, valued(q, KAM_VALUE_EXTERNAL, out, sizeof out, total), "2 200.00 0.00|1 30.00 100.00");
    req_save(q, KAM_KIND_CLASS, "{\"account\":" LL ",\"class\":\"own\",\"dimension\":\"intercompany\",\"valid_from\":\"2025-01-01\"}",
             (ll)ours);
    REQ_TEXT(q, valued(q, 0, out, sizeof out, total), "2 200.00 0.00|1 30.00 100.00");
    REQ_TEXT(q, valued(q, KAM_VALUE_EXTERNAL, out, sizeof out, total), "1 30.00 0.00");
    REQ_TEXT(q, total, "30.00");
    kam_value_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = KAM_VALUE_EXTERNAL;
    REQ_MUST(q, kam_value_periods(&rows, q->book, &o, KAM_PERIOD_YEAR, req_day("2026-02-28"), q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out), "1 30.00");
}

void test_R048_time_revenue_and_profit_of_the_top_fifth(void **state) { (void)state; req_each(r048_top); }
void test_R049_activity_index_and_intention(void **state) { (void)state; req_each(r049_activity); }
void test_R103_effort_mix_against_40_30_20_10(void **state) { (void)state; req_each(r103_mix); }
void test_R147_a_sale_through_a_distributor_counts_once(void **state) { (void)state; req_each(r147_once); }
void test_R177_sales_between_our_own_companies_do_not_count(void **state) { (void)state; req_each(r177_intercompany); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R048_time_revenue_and_profit_of_the_top_fifth),
        cmocka_unit_test(test_R049_activity_index_and_intention),
        cmocka_unit_test(test_R103_effort_mix_against_40_30_20_10),
        cmocka_unit_test(test_R147_a_sale_through_a_distributor_counts_once),
        cmocka_unit_test(test_R177_sales_between_our_own_companies_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
