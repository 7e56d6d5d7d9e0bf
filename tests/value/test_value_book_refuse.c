/* What rebates, forecasts, whitespace, effort and lifetime values over a book refuse, in words: documents with their
 * place, figures beyond 64 bits with their account. */
#include "help.h"
#include "requirements/req.h"
#include "value/measure.h"
#include "value/value_book_clv.h"

#define LL "%lld"
#define HUGE_AMOUNT "90000000000000000.00"                      /* 9e18 minor units: two of them do not fit 64 bits */

static int32_t rebates(req *q, const char *contracts)
{
    kam_rows *rows = NULL;
    int32_t rc = kam_value_rebates(&rows, q->book, contracts, KAM_NUL, req_day("2026-02-28"), q->err);
    kam_rows_free(rows);
    return rc;
}

#define CONTRACT(account, from, rest) "[\n{\"account\":" account ",\"from\":\n" from ",\"to\":\"2027-01-01\",\"mode\":\"marginal\"," rest "}]"
#define TIERS "\"tiers\":[{\"from\":1,\"rate\":0.1}]"

static void contracts(req *q)
{
    REQ_REFUSED(q, rebates(q, CONTRACT("1", "\"1.1.2026\"", TIERS)), KAM_E_PARSE,
                "\"from\" must be a day like 2026-03-01 (line 3, column 1)");
    REQ_REFUSED(q, rebates(q, CONTRACT("0", "\"2026-01-01\"", TIERS)), KAM_E_PARSE,
                "\"account\" must be the id of an account, 1 or more (line 2, column 1)");
    REQ_REFUSED(q, rebates(q, CONTRACT("1", "\"2026-01-01\"", TIERS ",\"currency\":\n\"EURO\"")), KAM_E_PARSE,
                "\"currency\" must be a code of three letters such as CNY (line 4, column 1)");
    REQ_REFUSED(q, rebates(q, CONTRACT("1", "\"2026-01-01\"", "\"tiers\":[\n5]")), KAM_E_PARSE,
                "a tier must be an object such as {\"from\": 1000, \"rate\": 0.02} (line 4, column 1)");
    char *many = malloc(200100);
    assert_non_null(many);
    memcpy(many, "[1", 3);
    for (int i = 0; i < 100000; i++) memcpy(many + 2 + 2 * (size_t)i, ",1", 2);
    memcpy(many + 200002, "]", 2);
    REQ_REFUSED(q, rebates(q, many), KAM_E_LIMIT, "100001 contracts are too many at once: 100000 at most");
    free(many);
}

static void post(req *q, const char *event, const char *day, const char *more)
{
    req_save(q, KAM_KIND_LEDGER, "{\"account\":1,\"event\":\"%s\",\"day\":\"%s\",\"amount\":" HUGE_AMOUNT "%s}", event, day, more);
}

static void sums_beyond_64_bits(req *q)
{
    kam_rows *rows = NULL;
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\"}");
    post(q, "SALE", "2026-01-10", "");
    post(q, "COST_OF_GOODS", "2026-01-10", "");
    post(q, "COST_TO_SERVE", "2026-01-10", ",\"cost_kind\":\"OTHER\"");
    REQ_REFUSED(q, rebates(q, CONTRACT("1", "\"2026-01-01\"", TIERS)), KAM_E_LIMIT,
                "the contribution of account 1, its rebate taken off, does not fit 64 bits");
    REQ_REFUSED(q, kam_value_forecasts(&rows, q->book, NULL, req_day("2026-02-28"), q->err), KAM_E_LIMIT,
                "the cost of account 1 does not fit 64 bits");
    req_save(q, KAM_KIND_FORECAST, "{\"account\":1,\"from\":\"2026-01-01\",\"to\":\"2026-02-01\",\"version\":\"v\",\"sales\":-" HUGE_AMOUNT "}");
    REQ_REFUSED(q, kam_value_forecast_variance(&rows, q->book, NULL, req_day("2026-02-28"), q->err), KAM_E_LIMIT,
                "the cost of account 1 does not fit 64 bits");
    assert_null(rows);
}

static void a_variance_beyond_64_bits(req *q)
{
    kam_rows *rows = NULL;
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\"}");
    post(q, "SALE", "2026-01-10", "");
    req_save(q, KAM_KIND_FORECAST, "{\"account\":1,\"from\":\"2026-01-01\",\"to\":\"2026-02-01\",\"version\":\"v\",\"sales\":-" HUGE_AMOUNT "}");
    REQ_REFUSED(q, kam_value_forecast_variance(&rows, q->book, NULL, req_day("2026-02-28"), q->err), KAM_E_LIMIT,
                "the variance of account 1 does not fit 64 bits");
}

static void options(req *q)
{
    kam_rows *rows = NULL;
    kam_effort e = {.struct_size = sizeof e};
    kam_whitespace_options w = {.struct_size = sizeof w, .least = 10001};
    REQ_REFUSED(q, kam_value_whitespace(&rows, q->book, &w, req_day("2026-02-28"), q->err), KAM_E_INVAL,
                "least is 10001: a share of 1 to 10000 (10^-4) is expected, or 0 for 5000");
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\"}");
    for (int i = 0; i < 2; i++)
        req_save(q, KAM_KIND_ACTIVITY, "{\"account\":1,\"status\":\"HELD\",\"day\":\"2026-01-05\",\"channel\":\"VISIT\","
                 "\"duration\":" LL "}", (long long)INT64_MAX);
    REQ_REFUSED(q, kam_value_effort(&e, NULL, q->book, NULL, 0, req_day("2026-02-28"), q->err), KAM_E_LIMIT,
                "the minutes of all activities do not fit 64 bits");
}

static void lists_of_a_run(req *q)
{
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_clv_run(&run, q->book, NULL, req_day("2026-02-28"), q->err));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    REQ_REFUSED(q, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, q->err), KAM_E_NOT_FOUND,
                "a lifetime value run has a list of ACCOUNT_CLV only");
    kam_run_free(run);
}

static void engines(req *q)
{
    const int64_t weight[4] = {1, 2, -3, 4};
    int64_t minor = 0;
    kam__activity a;
    REQ_REFUSED(q, kam__activity_make(&a, 1, NULL, 0, 0, 10, weight, q->err), KAM_E_INVAL,
                "weight 2 is -3: 0 to 1000000 points for a contact are expected");
    REQ_REFUSED(q, kam__clv_minor(&minor, 1e17, 2, q->err), KAM_E_LIMIT, "an expected value does not fit 64 bits: check the amounts");
}

#define EACH(fn) static void test_##fn(void **state) { (void)state; req_each(fn); }
EACH(contracts)
EACH(sums_beyond_64_bits)
EACH(a_variance_beyond_64_bits)
EACH(options)
EACH(lists_of_a_run)
EACH(engines)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contracts), cmocka_unit_test(test_sums_beyond_64_bits), cmocka_unit_test(test_a_variance_beyond_64_bits),
        cmocka_unit_test(test_options), cmocka_unit_test(test_lists_of_a_run), cmocka_unit_test(test_engines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
