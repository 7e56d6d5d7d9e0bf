/*
 * test_messages_clv.c - what lifetime value says when it refuses: models, rows, times, purchases.
 */
#include "messages_test.h"

static const int32_t x[] = {3, 0, 1};
static const double tx[] = {20, 0, 5}, t[] = {30, 25, 20}, m[] = {10, 0, 12};

static kam_clv_rows some(void)
{
    return (kam_clv_rows){.struct_size = sizeof(kam_clv_rows), .n = 3, .x = x, .tx = tx, .t = t, .m = m};
}

static kam_clv *fitted(uint32_t model, const kam_clv_rows *rows)
{
    kam_clv *c = NULL;
    if (kam_clv_fit(&c, NULL, model, rows, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    return c;
}

static void test_models(void **state)
{
    kam_clv_rows rows = some(), bad = some();
    const double late[] = {40, 0, 5};
    double out[3];
    (void)state;
    kam_clv *buy = fitted(KAM_CLV_BGNBD, &rows), *spend = fitted(KAM_CLV_GG, &rows), *none = NULL, *c = NULL;
    says(kam_clv_fit(&c, NULL, 99, &rows, err), KAM_E_INVAL, "there is no model 99");
    says(kam_clv_predict(out, NULL, spend, &rows, 10, err), KAM_E_INVAL, "model is of KAM_CLV_GG, which says what is spent");
    says(kam_clv_spend(out, buy, &rows, err), KAM_E_INVAL, "model must be of KAM_CLV_GG");
    says(kam_clv_value(out, spend, spend, &rows, 1, 12, 0.01, err), KAM_E_INVAL, "purchases is of KAM_CLV_GG");
    says(kam_clv_value(out, buy, buy, &rows, 1, 12, 0.01, err), KAM_E_INVAL, "spending must be of KAM_CLV_GG");
    says(kam_clv_predict(out, NULL, buy, &rows, -1, err), KAM_E_INVAL, "horizon");
    says(kam_clv_value(out, buy, spend, &rows, 0, 12, 0.01, err), KAM_E_INVAL, "step");
    bad.tx = late;
    says(kam_clv_predict(out, NULL, buy, &bad, 10, err), KAM_E_INVAL, "row 0 cannot be");
    none = fitted(KAM_CLV_BGNBD, &bad);
    says(kam_clv_predict(out, NULL, none, &rows, 10, err), KAM_E_INVAL, "fit it again without");
    says(kam_clv_from_json(&c, NULL, "{\"kam_clv\":1,\"model\":\"bgnbd\",\"status\":\"OK\",\"limit\":\"none\","
                                     "\"params\":{\"r\":1}}", KAM_NUL, err), KAM_E_PARSE, "is missing: this is no whole model");
    says(kam_clv_from_json(&c, NULL, "{\"kam_clv\":1,\"model\":\"BG/NBD\"}", KAM_NUL, err), KAM_E_PARSE, "take what kam_clv_to_json writes");
    kam_clv_free(buy);
    kam_clv_free(spend);
    kam_clv_free(none);
}

static void test_periods(void **state)
{
    const int32_t never[] = {0};
    const double zero[] = {0}, long_ago[] = {10001};
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 1, .x = never, .tx = zero, .t = long_ago};
    kam_clv *c = NULL;
    (void)state;
    says(kam_clv_fit(&c, NULL, KAM_CLV_BGBB, &rows, err), KAM_E_LIMIT, "row 0 has more than 10000 periods");
    rows.n = 0x80000000u;
    says(kam_clv_fit(&c, NULL, KAM_CLV_BGBB, &rows, err), KAM_E_LIMIT, "2147483647 rows");
}

static void test_purchases(void **state)
{
    kam_purchases_options o = {.struct_size = sizeof o, .unit = 99, .until = 20000};
    kam_purchases *p = NULL;
    (void)state;
    says(kam_purchases_new(&p, NULL, &o, err), KAM_E_INVAL, "unit 99");
    o.unit = KAM_CLV_WEEK;
    o.decimals = 10;
    says(kam_purchases_new(&p, NULL, &o, err), KAM_E_INVAL, "not 10");
    o.decimals = 2;
    o.holdout = 19999;
    says(kam_purchases_new(&p, NULL, &o, err), KAM_E_INVAL, "1 days before");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models), cmocka_unit_test(test_periods), cmocka_unit_test(test_purchases),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
