/* Returns netted by policy over a book: in the period of their day, in the period their order was sold, or only shown;
 * what that does to sums, periods, orders and purchases, and that every policy is reported. */
#include "help.h"
#include "requirements/req.h"

static void row(req *q, int account, const char *event, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":%d,\"event\":\"%s\",\"day\":\"%s\",\"amount\":%s%s}", account, event, day,
             amount, more);
}

/* Account 1: order A came back in part a month later, B whole (in two returns, one behind the window), C is from before
 * the window, D was never sold, and one return names no order. Account 2 has an order of the same name. */
static void company(req *q) {
    for (int i = 0; i < 3; i++) req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    row(q, 1, "SALE", "2025-12-20", "70.00", ",\"order\":\"C\",\"cost\":30.00");
    row(q, 1, "SALE", "2026-01-10", "100.00", ",\"order\":\"A\",\"cost\":60.00");
    row(q, 1, "SALE", "2026-01-12", "20.00", ",\"order\":\"A\"");
    row(q, 1, "SALE", "2026-02-10", "50.00", ",\"order\":\"B\",\"cost\":20.00");
    row(q, 1, "RETURN", "2026-02-15", "40.00", ",\"order\":\"A\",\"cost\":25.00");
    row(q, 1, "RETURN", "2026-02-16", "30.00", ",\"order\":\"B\",\"cost\":20.00");
    row(q, 1, "RETURN", "2026-03-16", "20.00", ",\"order\":\"B\"");
    row(q, 1, "RETURN", "2026-01-17", "7.00", ",\"order\":\"C\"");
    row(q, 1, "RETURN", "2026-02-18", "5.00", ",\"order\":\"D\"");
    row(q, 1, "RETURN", "2026-02-19", "3.00", "");
    row(q, 2, "SALE", "2026-01-10", "11.00", ",\"order\":\"A\"");
}

static const kam_value_options *window(kam_value_options *o, uint32_t flags) {
    *o = (kam_value_options){.struct_size = sizeof *o, .flags = flags, .from = req_day("2026-01-01"), .to = req_day("2026-03-01")};
    return o;
}

static void values(req *q, uint32_t flags, const char *want, const char *told) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_REVENUE, KAM_ACCOUNT_VALUE_RETURNS,
                                     KAM_ACCOUNT_VALUE_COST_OF_GOODS, KAM_ACCOUNT_VALUE_ORDERS, KAM_ACCOUNT_VALUE_LAST_DAY, 0};
    kam_value_options o;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    char out[1000];
    REQ_MUST(q, kam_value_run(&run, q->book, window(&o, flags), req_day("2026-03-31"), q->err));
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out), want);
    const char *json = kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, "");
    if (!strstr(json, told)) fail_msg("%s: %s without %s", q->on, json, told);
    REQ_EQUAL(q, kam_record_i64(kam_run_record(run), KAM_RUN_FLAGS, -1), flags);
    kam_run_free(run);
}

static void sums(req *q) {
    company(q);
    values(q, 0, "1 85.00 85.00 35.00 2 2026-02-10|2 11.00 0.00 0.00 1 2026-01-10",
           "\"returns\":{\"policy\":\"period\",\"amount\":85.00}");
    /* 170 - 40 - 50 - 5 - 3; C lies before the window, B is no order any more */
    values(q, KAM_VALUE_RETURNS_BY_ORDER, "1 72.00 98.00 35.00 1 2026-01-12|2 11.00 0.00 0.00 1 2026-01-10",
           "\"returns\":{\"policy\":\"order\",\"amount\":98.00,\"orders\":3,\"whole\":1,\"loose\":2}");
    values(q, KAM_VALUE_RETURNS_EXCLUDED, "1 170.00 85.00 80.00 2 2026-02-10|2 11.00 0.00 0.00 1 2026-01-10",
           "\"returns\":{\"policy\":\"exclude\",\"amount\":85.00}");
    kam_run *run = NULL;
    const kam_value_options both = {.struct_size = sizeof both, .flags = KAM_VALUE_RETURNS_BY_ORDER | KAM_VALUE_RETURNS_EXCLUDED};
    REQ_REFUSED(q, kam_value_run(&run, q->book, &both, 100, q->err), KAM_E_INVAL, "by order or excluded, not both");
}

static const char *periods(req *q, uint32_t flags, char *out, size_t size) {
    static const uint32_t field[] = {KAM_ACCOUNT_PERIOD_ACCOUNT, KAM_ACCOUNT_PERIOD_FROM, KAM_ACCOUNT_PERIOD_REVENUE,
                                     KAM_ACCOUNT_PERIOD_RETURNS, KAM_ACCOUNT_PERIOD_GROSS_PROFIT, 0};
    kam_value_options o;
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_value_periods(&rows, q->book, window(&o, flags), KAM_PERIOD_MONTH, req_day("2026-03-31"), q->err));
    return req_rows(q, rows, field, out, size);
}

static void months(req *q) {
    char out[1000];
    company(q);
    REQ_TEXT(q, periods(q, 0, out, sizeof out),
             "1 2026-01-01 113.00 7.00 53.00|1 2026-02-01 -28.00 78.00 -3.00|2 2026-01-01 11.00 0.00 11.00");
    REQ_TEXT(q, periods(q, KAM_VALUE_RETURNS_BY_ORDER, out, sizeof out),
             "1 2026-01-01 80.00 40.00 45.00|1 2026-02-01 -8.00 58.00 -8.00|2 2026-01-01 11.00 0.00 11.00");
    REQ_TEXT(q, periods(q, KAM_VALUE_RETURNS_EXCLUDED, out, sizeof out),
             "1 2026-01-01 120.00 7.00 60.00|1 2026-02-01 50.00 78.00 30.00|2 2026-01-01 11.00 0.00 11.00");
}

/* Both other lists of sums say the same as the run. */
static void lists(req *q) {
    static const uint32_t company_field[] = {KAM_COMPANY_VALUE_ACCOUNT, KAM_COMPANY_VALUE_REVENUE, KAM_COMPANY_VALUE_ORDERS, 0};
    static const uint32_t group_field[] = {KAM_GROUP_VALUE_ACCOUNT, KAM_GROUP_VALUE_REVENUE, 0};
    static const struct { uint32_t flags; const char *company, *group; } c[] = {
        {0, "1 85.00 2|2 11.00 1", "1 85.00|2 96.00"},
        {KAM_VALUE_RETURNS_BY_ORDER, "1 72.00 1|2 11.00 1", "1 72.00|2 83.00"},
        {KAM_VALUE_RETURNS_EXCLUDED, "1 170.00 2|2 11.00 1", "1 170.00|2 181.00"}};
    char out[1000];
    kam_value_options o;
    kam_rows *rows = NULL;
    company(q);
    kam_record *r = req_get(q, KAM_KIND_ACCOUNT, 1, KAM_TODAY);
    REQ_MUST(q, kam_record_set_i64(r, KAM_ACCOUNT_PARENT, 2, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        REQ_MUST(q, kam_value_companies(&rows, q->book, window(&o, c[i].flags), req_day("2026-03-31"), q->err));
        REQ_TEXT(q, req_rows(q, rows, company_field, out, sizeof out), c[i].company);
        REQ_MUST(q, kam_value_groups(&rows, q->book, window(&o, c[i].flags), req_day("2026-03-31"), q->err));
        REQ_TEXT(q, req_rows(q, rows, group_field, out, sizeof out), c[i].group);
    }
}

/* Purchases of lifetime value: days with one; B is none where it came back whole. */
static void purchases(req *q) {
    static const uint32_t field[] = {KAM_ACCOUNT_CLV_ACCOUNT, KAM_ACCOUNT_CLV_X, KAM_ACCOUNT_CLV_MEAN, 0};
    static const struct { uint32_t flags; const char *want; } c[] = {
        {0, "1 2 35.00"}, {KAM_VALUE_RETURNS_BY_ORDER, "1 1 20.00"}, {KAM_VALUE_RETURNS_EXCLUDED, "1 2 35.00"}};
    char out[1000];
    company(q);
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        const kam_clv_options o = {.struct_size = sizeof o, .flags = c[i].flags, .model = KAM_CLV_NBD, .from = req_day("2026-01-01")};
        kam_run *run = NULL;
        kam_rows *rows = NULL;
        kam_why *why = NULL;
        REQ_MUST(q, kam_clv_run(&run, q->book, &o, req_day("2026-03-31"), q->err));
        REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_CLV, q->err));
        if (strncmp(req_rows(q, rows, field, out, sizeof out), c[i].want, strlen(c[i].want)) != 0) fail_msg("%s: %s", q->on, out);
        REQ_MUST(q, kam_run_apply(run, 0, q->err));
        REQ_MUST(q, kam_run_why(&why, run, 1, q->err));
        REQ_EQUAL(q, kam_record_i64(kam_why_record(why), KAM_VERDICT_INPUTS_DIFFER, -1), 0);
        kam_why_free(why);
        kam_run_free(run);
    }
}

/* A stored run is compared with the ledger by its own policy, also through a linked code; currencies keep the rate of
 * the order's day; where an order has rows in two currencies it never counts as whole. */
static void links_and_rates(req *q) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_REVENUE, KAM_ACCOUNT_VALUE_ORDERS, 0};
    char out[1000];
    kam_value_options o;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    kam_why *why = NULL;
    for (int i = 0; i < 2; i++) req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":2,\"into\":1,\"role\":\"SOLD_TO\",\"valid_from\":\"2026-01-01\"}");
    req_save(q, KAM_KIND_RATE, "{\"sell\":\"USD\",\"buy\":\"CNY\",\"rate\":7,\"valid_from\":\"2026-01-01\"}");
    req_save(q, KAM_KIND_RATE, "{\"sell\":\"USD\",\"buy\":\"CNY\",\"rate\":6,\"valid_from\":\"2026-02-01\"}");
    row(q, 1, "SALE", "2026-01-10", "100.00", ",\"order\":\"A\",\"currency\":\"USD\"");
    row(q, 2, "RETURN", "2026-02-10", "100.00", ",\"order\":\"A\",\"currency\":\"USD\"");
    row(q, 2, "SALE", "2026-01-10", "10.00", ",\"order\":\"B\"");
    row(q, 2, "RETURN", "2026-02-10", "10.00", ",\"order\":\"B\",\"currency\":\"USD\"");
    REQ_MUST(q, kam_value_run(&run, q->book, window(&o, KAM_VALUE_RETURNS_BY_ORDER), req_day("2026-03-31"), q->err));
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out), "1 -60.00 1");
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    for (int late = 0; late < 2; late++) {
        if (late) row(q, 2, "RETURN", "2026-03-10", "1.00", ",\"order\":\"B\"");
        REQ_MUST(q, kam_run_why(&why, run, 1, q->err));
        REQ_EQUAL(q, kam_record_i64(kam_why_record(why), KAM_VERDICT_INPUTS_DIFFER, -1), late);
        kam_why_free(why);
    }
    kam_run_free(run);
}

static int32_t all_of_it(req *q) {
    kam_value_options o;
    kam_run *run = NULL;
    kam_rows *rows[3] = {NULL};
    int32_t day = req_day("2026-03-31"), rc = kam_value_run(&run, q->book, window(&o, KAM_VALUE_RETURNS_BY_ORDER), day, q->err);
    if (rc == KAM_OK) rc = kam_value_periods(&rows[0], q->book, &o, KAM_PERIOD_MONTH, day, q->err);
    if (rc == KAM_OK) rc = kam_value_companies(&rows[1], q->book, &o, day, q->err);
    if (rc == KAM_OK) rc = kam_value_groups(&rows[2], q->book, &o, day, q->err);
    for (int i = 0; i < 3; i++) kam_rows_free(rows[i]);
    kam_run_free(run);
    return rc;
}

static void test_out_of_memory(void **state) {
    (void)state;
    help_memory m;
    req q = {.on = "memory", .ctx = help_ctx(&m)};
    kam_book_options b = {.struct_size = sizeof b, .currency = "CNY"};
    assert_int_equal(kam_error_new(&q.err, NULL), KAM_OK);
    REQ_MUST(&q, kam_book_open(&q.book, q.ctx, NULL, &b, q.err));
    company(&q);
    REQ_MUST(&q, all_of_it(&q));
    long live = m.live, n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        m.left = n;
        rc = all_of_it(&q);
        m.left = -1;
        if (rc != KAM_OK) assert_int_equal(rc, KAM_E_NOMEM);
        if (m.live > live + 2) fail_msg("allocation %ld: %ld pieces are left behind", n, m.live - live);
    }
    assert_true(n > 60);
    kam_book_close(q.book);
    req_end(&q);
    assert_int_equal(m.live, 0);
}

#define EACH(name) static void test_##name(void **state) { (void)state; req_each(name); }
EACH(sums)
EACH(months)
EACH(lists)
EACH(purchases)
EACH(links_and_rates)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),      cmocka_unit_test(test_months),          cmocka_unit_test(test_lists),
        cmocka_unit_test(test_purchases), cmocka_unit_test(test_links_and_rates), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
