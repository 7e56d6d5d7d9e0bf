/* Profiles, declines, whitespace, rebates, forecasts, variance and effort over a book: currencies, the past as it was
 * known, an empty book, days that cannot be, and that nothing is left behind when memory runs out. */
#include "help.h"
#include "requirements/req.h"

#define LL "%lld"
typedef long long ll;
#define CONTRACT "[{\"account\":1,\"from\":\"2025-01-01\",\"to\":\"2027-01-01\",\"mode\":\"marginal\",\"tiers\":[{\"from\":1,\"rate\":0.1}]}]"

static void ledger(req *q, int64_t id, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"SALE\",\"day\":\"%s\",\"amount\":%s%s}", (ll)id, day, amount,
             more);
}

static void shop(req *q) {
    for (int i = 0; i < 4; i++)
        req_save(q, KAM_KIND_ACCOUNT, "{\"source\":\"erp\",\"ext_id\":\"%d\",\"name\":\"x\",\"industry\":\"%s\"}", i + 1,
                 i < 2 ? "food" : "steel");
    for (int i = 0; i < 3; i++)
        req_save(q, KAM_KIND_PRODUCT, "{\"source\":\"erp\",\"ext_id\":\"%d\",\"name\":\"p\"}", i + 1);
    for (int64_t i = 1; i <= 4; i++) {
        ledger(q, i, "2025-01-10", "900.00", ",\"product\":1");
        ledger(q, i, "2025-06-10", "90.00", i % 2 ? ",\"product\":2" : ",\"product\":3");
        ledger(q, i, "2025-12-10", "9.00", "");
        ledger(q, i, "2026-01-10", "5.00", ",\"cost\":2.00");
    }
    req_save(q, KAM_KIND_FORECAST, "{\"account\":1,\"from\":\"2026-01-01\",\"to\":\"2026-02-01\",\"version\":\"v1\",\"sales\":10.00}");
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":1,\"status\":\"HELD\",\"day\":\"2026-01-05\",\"channel\":\"VISIT\",\"duration\":30}");
}

/* All of it: the number of rows, or the code. `out` gets the text of the answers' accounts. */
static int32_t all_of_it(req *q, kam_book *book, int32_t day, kam_rows *rows[6]) {
    kam_whitespace_options w;
    kam_effort e;
    memset(&w, 0, sizeof w);
    w.struct_size = sizeof w;
    w.least = 1;
    w.like = KAM_ACCOUNT_INDUSTRY;
    memset(&e, 0, sizeof e);
    e.struct_size = sizeof e;
    int32_t rc = kam_value_profiles(&rows[0], book, NULL, day, q->err);
    if (rc == KAM_OK) rc = kam_value_declines(&rows[1], book, NULL, day, q->err);
    if (rc == KAM_OK) rc = kam_value_whitespace(&rows[2], book, &w, day, q->err);
    if (rc == KAM_OK) rc = kam_value_rebates(&rows[3], book, CONTRACT, KAM_NUL, day, q->err);
    if (rc == KAM_OK) rc = kam_value_forecasts(&rows[4], book, NULL, day, q->err);
    if (rc == KAM_OK) rc = kam_value_forecast_variance(&rows[5], book, NULL, day, q->err);
    return rc == KAM_OK ? kam_value_effort(&e, NULL, book, NULL, 0, day, q->err) : rc;
}

static const char *text_of(req *q, kam_book *book, int32_t day, char *out, size_t size) {
    static const uint32_t field[6][5] = {
        {KAM_PURCHASE_PROFILE_ACCOUNT, KAM_PURCHASE_PROFILE_AMOUNT, KAM_PURCHASE_PROFILE_ORDERS, 0},
        {KAM_DECLINE_ACCOUNT, KAM_DECLINE_LOST, KAM_DECLINE_WHY, 0},
        {KAM_WHITESPACE_ACCOUNT, KAM_WHITESPACE_PRODUCT, KAM_WHITESPACE_SHARE, 0},
        {KAM_REBATE_ACCOUNT, KAM_REBATE_TURNOVER, KAM_REBATE_ACCRUAL, 0},
        {KAM_FORECAST_ACCOUNT, KAM_FORECAST_FROM, KAM_FORECAST_SALES, 0},
        {KAM_FORECAST_VARIANCE_ACCOUNT, KAM_FORECAST_VARIANCE_SALES, KAM_FORECAST_VARIANCE_SALES_ACTUAL, 0}};
    kam_rows *rows[6] = {NULL};
    size_t at = 0;
    REQ_MUST(q, all_of_it(q, book, day, rows));
    for (int i = 0; i < 6; i++) {
        req_rows(q, rows[i], field[i], out + at, size - at);
        at += strlen(out + at);
        assert_true(at + 2 < size);
        out[at++] = '#';
        out[at] = '\0';
    }
    return out;
}

static void empty_and_odd(req *q) {
    char out[200];
    kam_rows *rows[6] = {NULL};
    REQ_TEXT(q, text_of(q, q->book, 20000, out, sizeof out), "###1 0.00 0.00###");     /* a contract without turnover */
    shop(q);
    REQ_REFUSED(q, kam_value_declines(&rows[0], q->book, NULL, KAM_DAY_END, q->err), KAM_E_INVAL, "years 1 to 9999");
    REQ_REFUSED(q, kam_value_forecasts(&rows[0], q->book, NULL, KAM_DAY_FIRST, q->err), KAM_E_INVAL, "years 1 to 9999");
    REQ_REFUSED(q, kam_value_profiles(NULL, q->book, NULL, 20000, q->err), KAM_E_INVAL, "out");
    REQ_REFUSED(q, kam_value_effort(NULL, NULL, q->book, NULL, 0, 20000, q->err), KAM_E_INVAL, "out");
    assert_null(rows[0]);
}

static void as_known_then(req *q) {
    static char before[9000], after[9000];
    kam_book *then = NULL;
    int64_t seq = 0;
    int32_t day = req_day("2026-02-28");
    shop(q);
    REQ_MUST(q, kam_book_seq(&seq, q->book, KAM_TODAY, q->err));
    text_of(q, q->book, day, before, sizeof before);
    ledger(q, 1, "2026-01-11", "777.00", ",\"product\":3");         /* posted late */
    req_save(q, KAM_KIND_FORECAST, "{\"account\":1,\"from\":\"2026-01-01\",\"to\":\"2026-02-01\",\"version\":\"v2\",\"sales\":9.00}");
    assert_string_not_equal(text_of(q, q->book, day, after, sizeof after), before);
    REQ_MUST(q, kam_book_known(&then, q->book, seq, q->err));
    REQ_TEXT(q, text_of(q, then, day, after, sizeof after), before);
    kam_book_close(then);
}

static void currencies(req *q) {
    static const uint32_t field[] = {KAM_PURCHASE_PROFILE_AMOUNT, KAM_PURCHASE_PROFILE_CURRENCY, 0};
    char out[200];
    kam_rows *rows = NULL;
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    ledger(q, 1, "2026-01-05", "2000", ",\"currency\":\"JPY\"");
    REQ_REFUSED(q, kam_value_profiles(&rows, q->book, NULL, req_day("2026-02-28"), q->err), KAM_E_POLICY, "JPY to CNY");
    req_save(q, KAM_KIND_RATE, "{\"sell\":\"JPY\",\"buy\":\"CNY\",\"rate\":0.05,\"valid_from\":\"2026-01-01\"}");
    REQ_MUST(q, kam_value_profiles(&rows, q->book, NULL, req_day("2026-02-28"), q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out), "100.00 CNY");
}

/* What is bought over and over says nothing more about gaps than what was bought once. */
static void many_sales_few_gaps(req *q) {
    enum { SALES = 9000 };
    static const uint32_t field[] = {KAM_WHITESPACE_ACCOUNT, KAM_WHITESPACE_PRODUCT, KAM_WHITESPACE_BUYERS, KAM_WHITESPACE_OF, 0};
    const kam_whitespace_options o = {.struct_size = sizeof o, .least = 1};
    static char csv[SALES * 40];
    char once[500], often[500];
    const kam_import_options io = {.struct_size = sizeof io, .source = "erp"};
    kam_rows *rows = NULL;
    kam_import *imp = NULL;
    shop(q);
    REQ_MUST(q, kam_value_whitespace(&rows, q->book, &o, req_day("2026-01-31"), q->err));
    req_rows(q, rows, field, once, sizeof once);
    size_t n = (size_t)snprintf(csv, sizeof csv, "ext_id,account,event,day,amount,product\n");
    for (int i = 0; i < SALES; i++)
        n += (size_t)snprintf(csv + n, sizeof csv - n, "%d,%d,SALE,2025-06-11,1,%d\n", i, i % 4 + 1, i % 4 % 2 ? 3 : 2);
    REQ_MUST(q, kam_import_new(&imp, q->book, KAM_KIND_LEDGER, &io, q->err));
    REQ_MUST(q, kam_import_feed(imp, csv, n, q->err));
    REQ_MUST(q, kam_import_finish(imp, q->err));
    REQ_EQUAL(q, kam_record_i64(kam_import_report(imp), KAM_IMPORT_REPORT_NEW, 0), SALES);
    kam_import_free(imp);
    REQ_MUST(q, kam_value_whitespace(&rows, q->book, &o, req_day("2026-01-31"), q->err));
    REQ_TEXT(q, req_rows(q, rows, field, often, sizeof often), once);
    assert_true(once[0] != '\0');
}

static void test_out_of_memory(void **state) {
    (void)state;
    help_memory m;
    req q = {.on = "memory", .ctx = help_ctx(&m)};
    kam_book_options o = {.struct_size = sizeof o, .currency = "CNY"};
    static char before[9000], after[9000];
    int32_t day = req_day("2026-02-28");
    assert_int_equal(kam_error_new(&q.err, NULL), KAM_OK);
    REQ_MUST(&q, kam_book_open(&q.book, q.ctx, NULL, &o, q.err));
    shop(&q);
    text_of(&q, q.book, day, before, sizeof before);
    long live = m.live, n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        kam_rows *rows[6] = {NULL};
        m.left = n;
        rc = all_of_it(&q, q.book, day, rows);
        m.left = -1;
        for (int i = 0; i < 6; i++) kam_rows_free(rows[i]);
        if (rc != KAM_OK) assert_int_equal(rc, KAM_E_NOMEM);
        if (m.live > live + 2) fail_msg("allocation %ld: %ld pieces are left behind", n, m.live - live);
    }
    assert_true(n > 60);
    assert_string_equal(text_of(&q, q.book, day, after, sizeof after), before);
    kam_book_close(q.book);
    req_end(&q);
    assert_int_equal(m.live, 0);
}

#define EACH(fn) static void test_##fn(void **state) { (void)state; req_each(fn); }
EACH(empty_and_odd)
EACH(as_known_then)
EACH(currencies)
EACH(many_sales_few_gaps)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_and_odd), cmocka_unit_test(test_as_known_then), cmocka_unit_test(test_currencies),
        cmocka_unit_test(test_many_sales_few_gaps), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
