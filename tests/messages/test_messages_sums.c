/*
 * test_messages_sums.c - figures that 64 bits do not hold: totals, products, conversions, shares. Each says whose.
 */
#include "messages_test.h"
#include "value/measure.h"

#define LARGE "90000000000000000.00"                            /* 9e18 minor units: one fits, two do not */
static int32_t today, last_year;
static int64_t acme;

static kam_book *shop(void)
{
    kam_book *b = open_book("CNY");
    assert_int_equal(kam_day_parse(&today, "2026-02-28", KAM_NUL, NULL), KAM_OK);
    assert_int_equal(kam_day_parse(&last_year, "2025-02-10", KAM_NUL, NULL), KAM_OK);
    acme = account_of(b);
    return b;
}

static void post(kam_book *b, int64_t account, const char *event, const char *day, const char *amount)
{
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)account);
    const char *text[] = {event, id, day, "CNY", amount};
    static const uint32_t field[] = {KAM_LEDGER_EVENT, KAM_LEDGER_ACCOUNT, KAM_LEDGER_DAY, KAM_LEDGER_CURRENCY, KAM_LEDGER_AMOUNT, 0};
    saved(b, KAM_KIND_LEDGER, text, field);
}

/* ---------------------------------------------------------------- one account and all of them */

static void attributes_say(kam_book *b, const char *part)
{
    kam_account *a = NULL;
    const kam_record *r = NULL;
    assert_int_equal(kam_account_open(&a, b, acme, today, err), KAM_OK);
    says(kam_account_attributes(&r, a, err), KAM_E_LIMIT, part);
    kam_account_free(a);
}

static void test_attributes(void **state)
{
    kam_book *b = shop();
    (void)state;
    post(b, acme, "SALE", "2025-01-10", LARGE);
    post(b, acme, "RETURN", "2026-01-10", LARGE);
    attributes_say(b, "the growth of account 1 does not fit 64 bits");
    kam_book_close(b);
    b = shop();
    post(b, acme, "SALE", "2025-01-10", "0.01");
    post(b, acme, "SALE", "2026-01-10", LARGE);
    attributes_say(b, "growth_12m of account 1 does not fit 64 bits");
    post(b, account_of(b), "SALE", "2026-01-11", LARGE);
    attributes_say(b, "the revenue of all accounts does not fit 64 bits");
    kam_book_close(b);
}

static void test_reports(void **state)
{
    kam_buf *page = NULL;
    kam_book *b = shop();
    kam_report_options o = {.struct_size = sizeof o};
    (void)state;
    assert_int_equal(kam_buf_new(&page, NULL, err), KAM_OK);
    post(b, acme, "SALE", "2025-01-10", LARGE);
    post(b, acme, "SALE", "2025-01-11", LARGE);
    post(b, acme, "SALE", "2026-01-11", "1.00");
    says(kam_report_html(page, b, &o, today, err), KAM_E_LIMIT, "the revenue of account 1 does not fit 64 bits");
    kam_book_close(b);
    kam_buf_free(page);
}

static void test_conversions(void **state)
{
    static const char *const rate[] = {"USD", "CNY", "1000", "2026-01-01"};
    static const uint32_t field[] = {KAM_RATE_SELL, KAM_RATE_BUY, KAM_RATE_RATE, KAM_VALID_FROM, 0};
    kam_book *b = shop();
    kam_run *run = NULL;
    (void)state;
    saved(b, KAM_KIND_RATE, rate, field);
    sell(b, "2026-01-10", LARGE, "USD");
    says(kam_value_run(&run, b, NULL, today, err), KAM_E_LIMIT,
         "an amount in USD of 2026-01-10 does not fit 64 bits once converted to CNY");
    kam_book_close(b);
}

static void test_engines(void **state)
{
    static const int64_t minutes[] = {INT64_MAX, INT64_MAX}, none[] = {0, 0};
    kam__attention a;
    kam_ctx *ctx = NULL;
    (void)state;
    assert_int_equal(kam_ctx_new(&ctx, NULL, err), KAM_OK);
    says(kam__attention_make(&a, minutes, none, none, 2, 2000, ctx, err), KAM_E_LIMIT, "does not fit 64 bits");
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- imports */

static void import_says(const char *amount, const char *text, const char *part)
{
    char mapping[400];
    kam_book *b = shop();
    kam_import *imp = NULL;
    kam_rows *problems = NULL;
    const kam_record *r = NULL;
    snprintf(mapping, sizeof mapping, "{\"name\":\"m\",\"kind\":\"ledger\",\"constants\":{\"event\":\"SALE\"},\"columns\":{\"a\":\"account\","
             "\"d\":\"day\",\"paid\":{\"field\":\"amount\",%s}}}", amount);
    kam_import_options o = {.struct_size = sizeof o, .source = "erp", .mapping = mapping, .format = KAM_FORMAT_CSV};
    if (kam_import_new(&imp, b, KAM_KIND_LEDGER, &o, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    assert_int_equal(kam_import_feed(imp, text, strlen(text), err), KAM_OK);
    assert_int_equal(kam_import_finish(imp, err), KAM_OK);
    assert_int_equal(kam_import_problems(&problems, imp, err), KAM_OK);
    assert_int_equal(kam_rows_next(&r, problems, err), KAM_OK);
    assert_non_null(r);
    if (!strstr(kam_record_text(r, KAM_PROBLEM_TEXT, ""), part))
        fail_msg("\"%s\" is not in \"%s\"", part, kam_record_text(r, KAM_PROBLEM_TEXT, ""));
    print_message("row %s               %s\n", kam_record_text(r, KAM_PROBLEM_ROW, ""), kam_record_text(r, KAM_PROBLEM_TEXT, ""));
    kam_rows_free(problems);
    kam_import_free(imp);
    kam_book_close(b);
}

static void test_imports(void **state)
{
    (void)state;
    import_says("\"scale\":-12", "a,d,paid\nC1,2026-01-05,1.0000001\n", "the number has more than 18 decimals once scaled by 10^-12");
    import_says("\"else_product\":[\"q\",\"p\"]", "a,d,paid,q,p\nC1,2026-01-05,,-4611686018427387904,2\n", "the product of q and p is too big");
    import_says("\"round\":true", "a,d,paid\nC1,2026-01-05,900000000000000000\n",
                "the amount does not fit 64 bits with the 2 decimals of its currency");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attributes), cmocka_unit_test(test_reports), cmocka_unit_test(test_conversions),
        cmocka_unit_test(test_engines), cmocka_unit_test(test_imports),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
