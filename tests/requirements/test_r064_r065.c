/* R64 forecasts of sales and cost, actual against forecast; R65 versions are kept, never overwritten. */
#include "req.h"

#define LL "%lld"
typedef long long ll;

static int64_t account(req *q) { return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}"); }

static void ledger(req *q, int64_t id, const char *event, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"%s\",\"day\":\"%s\",\"amount\":%s%s}", (ll)id, event,
             day, amount, more);
}

#define FORECAST "{\"account\":" LL ",\"from\":\"%s\",\"to\":\"%s\",\"version\":\"%s\"%s}"

static int64_t forecast(req *q, int64_t id, const char *from, const char *to, const char *version, const char *more) {
    return req_save(q, KAM_KIND_FORECAST, FORECAST, (ll)id, from, to, version, more);
}

static const char *variance(req *q, const char *version, const char *as_of, char *out, size_t size) {
    static const uint32_t field[] = {KAM_FORECAST_VARIANCE_ACCOUNT, KAM_FORECAST_VARIANCE_FROM, KAM_FORECAST_VARIANCE_VERSION,
                                     KAM_FORECAST_VARIANCE_SALES, KAM_FORECAST_VARIANCE_SALES_ACTUAL,
                                     KAM_FORECAST_VARIANCE_SALES_VARIANCE, KAM_FORECAST_VARIANCE_SALES_SHARE,
                                     KAM_FORECAST_VARIANCE_COST, KAM_FORECAST_VARIANCE_COST_ACTUAL,
                                     KAM_FORECAST_VARIANCE_COST_VARIANCE, KAM_FORECAST_VARIANCE_COST_SHARE,
                                     KAM_FORECAST_VARIANCE_COMPLETE, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_value_forecast_variance(&rows, q->book, version, req_day(as_of), q->err));
    return req_rows(q, rows, field, out, size);
}

static void r064_variance(req *q) {
    char out[1000];
    int64_t a = account(q), b = account(q);
    forecast(q, a, "2026-01-01", "2026-04-01", "Q1", ",\"sales\":1000.00,\"cost\":600.00,\"author\":\"Li\"");
    forecast(q, b, "2026-01-01", "2026-02-01", "Q1", ",\"sales\":50.00");
    ledger(q, a, "SALE", "2025-12-31", "77.00", "");
    ledger(q, a, "SALE", "2026-01-15", "900.00", ",\"cost\":500.00");
    ledger(q, a, "RETURN", "2026-02-01", "100.00", ",\"cost\":40.00");
    ledger(q, a, "COST_TO_SERVE", "2026-02-15", "30.25", ",\"cost_kind\":\"TRAVEL\"");
    ledger(q, a, "SALE", "2026-03-31", "100.00", "");
    ledger(q, a, "SALE", "2026-04-01", "88.00", "");
    REQ_TEXT(q, variance(q, "Q1", "2026-03-30", out, sizeof out),
             "1 2026-01-01 Q1 1000.00 800.00 -200.00 -0.2 600.00 490.25 -109.75 -0.1829 false|"
             "2 2026-01-01 Q1 50.00 0.00 -50.00 -1 - 0.00 - - true");
    REQ_TEXT(q, variance(q, "Q1", "2026-03-31", out, sizeof out),
             "1 2026-01-01 Q1 1000.00 900.00 -100.00 -0.1 600.00 490.25 -109.75 -0.1829 true|"
             "2 2026-01-01 Q1 50.00 0.00 -50.00 -1 - 0.00 - - true");
    REQ_TEXT(q, variance(q, "none", "2026-03-31", out, sizeof out), "");
}

/* A series that repeats each year is forecast as it is; one that is flat too; the baseline is the year before. */
static void r064_proposal(req *q) {
    static const uint32_t field[] = {KAM_FORECAST_ACCOUNT, KAM_FORECAST_FROM, KAM_FORECAST_TO, KAM_FORECAST_VERSION,
                                     KAM_FORECAST_SALES, KAM_FORECAST_COST, KAM_FORECAST_NAIVE_SALES,
                                     KAM_FORECAST_NAIVE_COST, KAM_FORECAST_CURRENCY, 0};
    char out[1000], day[20];
    kam_rows *rows = NULL;
    int64_t a = account(q), b = account(q);
    for (int y = 2023; y < 2026; y++)
        for (int m = 1; m <= 12; m++) {
            snprintf(day, sizeof day, "%d-%02d-15", y, m);
            ledger(q, a, "SALE", day, m == 1 ? "300.00" : "100.00", ",\"cost\":40.00");
        }
    ledger(q, b, "SALE", "2025-11-15", "10.00", "");
    ledger(q, b, "SALE", "2025-12-15", "10.00", "");
    ledger(q, b, "SALE", "2026-01-10", "999.00", "");               /* of the month that runs: not looked at */
    kam_forecast_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.months = 2;
    o.version = "v1";
    REQ_MUST(q, kam_value_forecasts(&rows, q->book, &o, req_day("2026-01-15"), q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out),
             "1 2026-01-01 2026-02-01 v1 300.00 40.00 300.00 40.00 CNY|1 2026-02-01 2026-03-01 v1 100.00 40.00 100.00 40.00 CNY|"
             "2 2026-01-01 2026-02-01 v1 10.00 0.00 10.00 0.00 CNY|2 2026-02-01 2026-03-01 v1 10.00 0.00 10.00 0.00 CNY");
    o.months = 61;
    REQ_REFUSED(q, kam_value_forecasts(&rows, q->book, &o, 20000, q->err), KAM_E_INVAL, "60 months");
}

static void r065_versions(req *q) {
    char out[1000];
    int64_t a = account(q);
    int64_t id = forecast(q, a, "2026-01-01", "2026-02-01", "v1", ",\"sales\":100.00");
    forecast(q, a, "2026-01-01", "2026-02-01", "v2", ",\"sales\":80.00");
    ledger(q, a, "SALE", "2026-01-15", "90.00", "");
    REQ_TEXT(q, variance(q, "v1", "2026-01-31", out, sizeof out), "1 2026-01-01 v1 100.00 90.00 -10.00 -0.1 - 0.00 - - true");
    REQ_TEXT(q, variance(q, "v2", "2026-01-31", out, sizeof out), "1 2026-01-01 v2 80.00 90.00 10.00 0.125 - 0.00 - - true");
    REQ_TEXT(q, variance(q, NULL, "2026-01-31", out, sizeof out), "1 2026-01-01 v2 80.00 90.00 10.00 0.125 - 0.00 - - true");
    /* never overwritten: neither by a correction nor by the same version once more */
    kam_record *r = req_get(q, KAM_KIND_FORECAST, id, KAM_TODAY);
    REQ_MUST(q, kam_record_set_text(r, KAM_FORECAST_SALES, "1.00", KAM_NUL, q->err));
    REQ_REFUSED(q, kam_book_save(q->book, r, q->err), KAM_E_POLICY, "another version");
    kam_record_free(r);
    REQ_EQUAL(q, req_try(q, KAM_KIND_FORECAST, FORECAST, (ll)a, "2026-01-01", "2026-02-01", "v1", ",\"sales\":1.00"), KAM_E_EXISTS);
    REQ_EQUAL(q, req_try(q, KAM_KIND_FORECAST, FORECAST, (ll)a, "2026-02-01", "2026-02-01", "v1", ""), KAM_E_INVAL);
    REQ_TEXT(q, variance(q, "v1", "2026-01-31", out, sizeof out), "1 2026-01-01 v1 100.00 90.00 -10.00 -0.1 - 0.00 - - true");
}

void test_R064_actual_against_forecast_of_sales_and_cost(void **state) { (void)state; req_each(r064_variance); }
void test_R064_a_proposal_with_its_naive_baseline(void **state) { (void)state; req_each(r064_proposal); }
void test_R065_versions_are_kept_and_never_overwritten(void **state) { (void)state; req_each(r065_versions); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R064_actual_against_forecast_of_sales_and_cost),
        cmocka_unit_test(test_R064_a_proposal_with_its_naive_baseline),
        cmocka_unit_test(test_R065_versions_are_kept_and_never_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
