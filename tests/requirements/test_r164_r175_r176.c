/* R164 how accounts buy, R175 who buys less and who has gone silent, R176 rebates off the contribution; whitespace. */
#include "req.h"

#define LL "%lld"
typedef long long ll;

static int64_t account(req *q, const char *more) { return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"%s}", more); }

static void ledger(req *q, int64_t id, const char *event, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"%s\",\"day\":\"%s\",\"amount\":%s%s}", (ll)id, event,
             day, amount, more);
}

static void sale(req *q, int64_t id, const char *day, const char *amount, const char *more) {
    ledger(q, id, "SALE", day, amount, more);
}

/* ---------------------------------------------------------------- R164 */

static const char *profiles(req *q, const char *as_of, const uint32_t *field, char *out, size_t size) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_value_profiles(&rows, q->book, NULL, req_day(as_of), q->err));
    return req_rows(q, rows, field, out, size);
}

static void r164_profile(req *q) {
    static const uint32_t field[] = {KAM_PURCHASE_PROFILE_ACCOUNT, KAM_PURCHASE_PROFILE_AMOUNT,
                                     KAM_PURCHASE_PROFILE_CURRENCY, KAM_PURCHASE_PROFILE_ORDERS,
                                     KAM_PURCHASE_PROFILE_PRODUCTS, KAM_PURCHASE_PROFILE_DAYS,
                                     KAM_PURCHASE_PROFILE_INTERVAL, KAM_PURCHASE_PROFILE_MONTH_1,
                                     KAM_PURCHASE_PROFILE_MONTH_2, KAM_PURCHASE_PROFILE_MONTH_12,
                                     KAM_PURCHASE_PROFILE_PLACE, KAM_PURCHASE_PROFILE_PLACE_SHARE, 0};
    char out[1000];
    int64_t a = account(q, ""), b = account(q, ""), shop = account(q, "");
    req_save(q, KAM_KIND_PRODUCT, "{\"name\":\"p\"}");
    req_save(q, KAM_KIND_PRODUCT, "{\"name\":\"r\"}");
    sale(q, a, "2025-12-20", "10.00", ",\"order\":\"A\",\"product\":1");
    sale(q, a, "2025-12-20", "20.00", ",\"order\":\"A\",\"product\":2,\"end_account\":3");
    sale(q, a, "2025-12-20", "5.00", ",\"order\":\"B\",\"product\":1");
    sale(q, a, "2026-01-10", "40.00", ",\"product\":1,\"end_account\":3");
    sale(q, a, "2026-02-14", "25.00", ",\"product\":1,\"end_account\":2");
    ledger(q, a, "RETURN", "2026-02-20", "25.00", ",\"product\":1");
    sale(q, b, "2026-02-20", "1.00", "");
    sale(q, shop, "2025-02-28", "1.00", "");                        /* before the twelve months */
    /* 56 days between three days of purchase: 28; orders A, B, and one of each day without a number */
    REQ_TEXT(q, profiles(q, "2026-02-28", field, out, sizeof out),
             "1 100.00 CNY 4 2 3 28 40.00 25.00 35.00 3 0.6|2 1.00 CNY 1 0 1 - 0.00 1.00 0.00 - -");
}

/* ---------------------------------------------------------------- R175 */

static const char *declines(req *q, const kam_decline_options *o, const char *as_of, const uint32_t *field, char *out,
                            size_t size) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_value_declines(&rows, q->book, o, req_day(as_of), q->err));
    return req_rows(q, rows, field, out, size);
}

static void r175_alarm(req *q) {
    static const uint32_t field[] = {KAM_DECLINE_ACCOUNT, KAM_DECLINE_OWNER, KAM_DECLINE_FROM, KAM_DECLINE_TO, KAM_DECLINE_NOW,
                                     KAM_DECLINE_YEAR_AGO, KAM_DECLINE_BEFORE, KAM_DECLINE_LOST, KAM_DECLINE_YEAR_CHANGE,
                                     KAM_DECLINE_PERIOD_CHANGE, KAM_DECLINE_WHY, 0};
    char out[1000];
    int64_t a = account(q, ""), b = account(q, ""), c = account(q, ""), d = account(q, "");
    int64_t rep = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"r\"}");
    req_save(q, KAM_KIND_OWNER, "{\"account\":" LL ",\"representative\":" LL ",\"valid_from\":\"2025-01-01\"}", (ll)b, (ll)rep);
    sale(q, a, "2025-05-10", "100.00", "");
    sale(q, a, "2026-04-10", "100.00", "");
    sale(q, a, "2026-05-10", "79.99", "");                          /* 20.01 % less than both */
    sale(q, b, "2025-05-31", "900.00", "");
    sale(q, b, "2026-05-01", "300.00", "");
    sale(q, c, "2025-05-31", "10.00", "");
    sale(q, c, "2026-05-31", "8.01", "");                           /* 19.9 % less: no alarm */
    sale(q, d, "2026-04-01", "50.00", "");                          /* nothing in May, no year before */
    REQ_TEXT(q, declines(q, NULL, "2026-06-15", field, out, sizeof out),
             "2 1 2026-05-01 2026-06-01 300.00 900.00 0.00 600.00 -0.6667 - YEAR|"
             "4 - 2026-05-01 2026-06-01 0.00 0.00 50.00 50.00 - -1 PERIOD|"
             "1 - 2026-05-01 2026-06-01 79.99 100.00 100.00 20.01 -0.2001 -0.2001 YEAR,PERIOD");
    kam_decline_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.drop = 6000;
    REQ_TEXT(q, declines(q, &o, "2026-05-31", field, out, sizeof out),
             "2 1 2026-05-01 2026-06-01 300.00 900.00 0.00 600.00 -0.6667 - YEAR|"
             "4 - 2026-05-01 2026-06-01 0.00 0.00 50.00 50.00 - -1 PERIOD");
    o.drop = 10001;
    kam_rows *rows = NULL;
    REQ_REFUSED(q, kam_value_declines(&rows, q->book, &o, 20000, q->err), KAM_E_INVAL, "drop");
    o.drop = 0, o.figure = KAM_ACCOUNT_VALUE_RISK;
    REQ_REFUSED(q, kam_value_declines(&rows, q->book, &o, 20000, q->err), KAM_E_INVAL, "no figure");
}

/* The festival fell in January one year and in February the other: together nothing is lost. March is compared with the
 * mean month of the two. */
static void r175_festival(req *q) {
    static const uint32_t field[] = {KAM_DECLINE_ACCOUNT, KAM_DECLINE_FROM, KAM_DECLINE_TO, KAM_DECLINE_LOST,
                                     KAM_DECLINE_PERIOD_CHANGE, KAM_DECLINE_WHY, 0};
    char out[1000];
    int64_t a = account(q, "");
    sale(q, a, "2025-01-20", "20.00", "");
    sale(q, a, "2025-02-20", "180.00", "");
    sale(q, a, "2026-01-20", "180.00", "");
    sale(q, a, "2026-02-20", "20.00", "");
    sale(q, a, "2026-03-01", "70.00", "");
    kam_decline_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.silence = 100000000;
    REQ_TEXT(q, declines(q, &o, "2026-03-15", field, out, sizeof out), "");
    REQ_TEXT(q, declines(q, &o, "2026-02-15", field, out, sizeof out), "");            /* December: nothing then or before */
    REQ_TEXT(q, declines(q, &o, "2026-03-31", field, out, sizeof out), "1 2026-03-01 2026-04-01 30.00 -0.3 PERIOD");
}

static void r175_silence(req *q) {
    static const uint32_t field[] = {KAM_DECLINE_ACCOUNT, KAM_DECLINE_INTERVAL, KAM_DECLINE_SILENT_DAYS, KAM_DECLINE_WHY, 0};
    char out[1000];
    int64_t a = account(q, ""), b = account(q, "");
    sale(q, a, "2025-07-01", "1.00", "");
    sale(q, a, "2025-07-11", "1.00", "");
    sale(q, a, "2025-07-21", "1.00", "");
    sale(q, b, "2025-07-01", "1.00", "");                           /* twice: no usual interval yet */
    sale(q, b, "2025-07-21", "1.00", "");
    kam_decline_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.drop = 10000;
    REQ_TEXT(q, declines(q, &o, "2025-08-10", field, out, sizeof out), "");            /* 20 days: not more than twice */
    REQ_TEXT(q, declines(q, &o, "2025-08-11", field, out, sizeof out), "1 10 21 SILENT");
    o.silence = 30000;
    REQ_TEXT(q, declines(q, &o, "2025-08-11", field, out, sizeof out), "");
}

/* ---------------------------------------------------------------- R176 */

static const uint32_t rebate_field[] = {KAM_REBATE_ACCOUNT, KAM_REBATE_TURNOVER, KAM_REBATE_TIER, KAM_REBATE_ACCRUAL,
                                        KAM_REBATE_AWAY, KAM_REBATE_NEXT, KAM_REBATE_CONTRIBUTION, KAM_REBATE_NET,
                                        KAM_REBATE_ENDS, KAM_REBATE_ENDS_SOON, 0};

static const char *rebates(req *q, const char *json, const char *as_of, char *out, size_t size) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_value_rebates(&rows, q->book, json, KAM_NUL, req_day(as_of), q->err));
    return req_rows(q, rows, rebate_field, out, size);
}

#define TIERS ",\"tiers\":[{\"from\":1000,\"rate\":0.01},{\"from\":5000.00,\"rate\":0.025}]}"
#define YEAR "{\"account\":1,\"from\":\"2026-01-01\",\"to\":\"2027-01-01\",\"mode\":"

static void r176_rebates(req *q) {
    char out[1000];
    int64_t a = account(q, "");
    sale(q, a, "2025-12-31", "9999.00", "");                        /* before the contract */
    sale(q, a, "2026-01-10", "1000.50", ",\"cost\":600.00");
    REQ_TEXT(q, rebates(q, "[" YEAR "\"whole\"" TIERS "]", "2026-01-31", out, sizeof out),
             "1 1000.50 1 10.00 3999.50 125.00 400.50 390.50 2026-12-31 false");
    ledger(q, a, "RETURN", "2026-02-01", "100.50", "");
    REQ_TEXT(q, rebates(q, "[" YEAR "\"whole\"" TIERS "]", "2026-02-28", out, sizeof out),
             "1 900.00 0 0.00 100.00 10.00 300.00 300.00 2026-12-31 false");
    sale(q, a, "2026-03-01", "5100.00", "");
    REQ_TEXT(q, rebates(q, "[" YEAR "\"whole\"" TIERS "," YEAR "\"marginal\"" TIERS "]", "2026-11-01", out, sizeof out),
             "1 6000.00 2 150.00 - - 5400.00 5250.00 2026-12-31 true|"
             "1 6000.00 2 65.00 - - 5400.00 5335.00 2026-12-31 true");
    REQ_TEXT(q, rebates(q, "[]", "2026-11-01", out, sizeof out), "");
}

static void r176_refusals(req *q) {
    kam_rows *rows = NULL;
    static const struct { const char *json, *says; } bad[] = {
        {"{}", "list"}, {"[1]", "object"}, {"[{\"acount\":1}]", "acount"}, {"[" YEAR "\"some\"" TIERS "]", "mode"},
        {"[" YEAR "\"whole\",\"tiers\":[]}]", "tiers"}, {"[" YEAR "\"whole\",\"tiers\":[{\"from\":1,\"rate\":0.00001}]}]", "rate"},
        {"[{\"account\":1,\"from\":\"2026-01-01\",\"to\":\"2026-01-01\",\"mode\":\"whole\"" TIERS "]", "before"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t rc = kam_value_rebates(&rows, q->book, bad[i].json, KAM_NUL, 20000, q->err);
        if (rc == KAM_OK || !strstr(kam_error_message(q->err), bad[i].says))
            fail_msg("%s: %s: %s", q->on, bad[i].json, kam_error_message(q->err));
    }
    REQ_REFUSED(q, kam_value_rebates(&rows, q->book, "[" YEAR "\"whole\",\"tiers\":[{\"from\":2,\"rate\":0},{\"from\":2,\"rate\":0}]}]",
                                     KAM_NUL, 20000, q->err), KAM_E_INVAL, "tier 2");
}

/* ---------------------------------------------------------------- whitespace */

static const char *gaps(req *q, const kam_whitespace_options *o, char *out, size_t size) {
    static const uint32_t field[] = {KAM_WHITESPACE_ACCOUNT, KAM_WHITESPACE_PRODUCT, KAM_WHITESPACE_BUYERS, KAM_WHITESPACE_OF,
                                     KAM_WHITESPACE_SHARE, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_value_whitespace(&rows, q->book, o, req_day("2026-02-28"), q->err));
    return req_rows(q, rows, field, out, size);
}

static void r164_whitespace(req *q) {
    char out[1000];
    static const char *const industry[] = {",\"industry\":\"food\"", ",\"industry\":\"food\"", ",\"industry\":\"steel\"", ""};
    for (int i = 0; i < 4; i++) account(q, industry[i]);
    for (int i = 0; i < 3; i++) req_save(q, KAM_KIND_PRODUCT, "{\"name\":\"p\"}");
    /* the largest ids first: answers go by id all the same */
    sale(q, 3, "2026-01-05", "1.00", ",\"product\":3");
    sale(q, 3, "2026-01-06", "1.00", ",\"product\":2");
    sale(q, 2, "2026-01-05", "1.00", ",\"product\":2");
    sale(q, 2, "2026-01-05", "1.00", ",\"product\":1");
    sale(q, 1, "2026-01-05", "1.00", ",\"product\":1");
    sale(q, 1, "2024-01-05", "1.00", ",\"product\":3");             /* before the window */
    ledger(q, 4, "RETURN", "2026-01-05", "1.00", ",\"product\":3");
    REQ_TEXT(q, gaps(q, NULL, out, sizeof out), "1 2 2 2 1|1 3 1 2 0.5|2 3 1 2 0.5|3 1 2 2 1");
    kam_whitespace_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.least = 5001;
    REQ_TEXT(q, gaps(q, &o, out, sizeof out), "1 2 2 2 1|3 1 2 2 1");
    o.least = 0;
    o.like = KAM_ACCOUNT_INDUSTRY;
    REQ_TEXT(q, gaps(q, &o, out, sizeof out), "1 2 1 1 1");
    kam_rows *rows = NULL;
    o.like = KAM_ACCOUNT_EMPLOYEES;
    REQ_REFUSED(q, kam_value_whitespace(&rows, q->book, &o, 20000, q->err), KAM_E_INVAL, "no text");
}

void test_R164_how_an_account_buys(void **state) { (void)state; req_each(r164_profile); }
void test_R164_what_others_buy_and_it_does_not(void **state) { (void)state; req_each(r164_whitespace); }
void test_R175_less_than_a_year_ago_or_before_most_lost_first(void **state) { (void)state; req_each(r175_alarm); }
void test_R175_january_and_february_are_one(void **state) { (void)state; req_each(r175_festival); }
void test_R175_silent_for_longer_than_usual(void **state) { (void)state; req_each(r175_silence); }
void test_R176_accrual_next_tier_and_net_contribution(void **state) { (void)state; req_each(r176_rebates); }
void test_R176_contracts_are_checked(void **state) { (void)state; req_each(r176_refusals); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R164_how_an_account_buys),
        cmocka_unit_test(test_R164_what_others_buy_and_it_does_not),
        cmocka_unit_test(test_R175_less_than_a_year_ago_or_before_most_lost_first),
        cmocka_unit_test(test_R175_january_and_february_are_one),
        cmocka_unit_test(test_R175_silent_for_longer_than_usual),
        cmocka_unit_test(test_R176_accrual_next_tier_and_net_contribution),
        cmocka_unit_test(test_R176_contracts_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
