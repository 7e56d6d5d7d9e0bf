/* R68 financial ratios beside the industry's; R69 the ability to pay is read from the first three; R70 every figure keeps its source. */
#include "req.h"

#define LL "%lld"
typedef long long ll;

static const char *ratios(req *q, int64_t id, const uint32_t *field, char *out, size_t size)
{
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_financial_ratios(&rows, q->book, id, q->err));
    return req_rows(q, rows, field, out, size);
}

static const uint32_t VALUES[] = {KAM_FINANCIAL_RATIO_YEAR, KAM_FINANCIAL_RATIO_MEASURE, KAM_FINANCIAL_RATIO_VALUE,
                                  KAM_FINANCIAL_RATIO_INDUSTRY, KAM_FINANCIAL_RATIO_DIFFERENCE, 0};

#define ALL                                                                                                                      \
    "\"revenue\":1000.00,\"cost_of_goods\":600.00,\"net_profit\":50.00,\"total_assets\":800.00,\"current_assets\":300.00,"       \
    "\"current_liabilities\":200.00,\"receivables\":100.00,\"stock\":150.00,\"origin\":\"annual report\",\"page\":\"p. 12\""

static void r068_ratios(req *q)
{
    char out[2000];
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Hua\",\"industry\":\"pumps\"}");
    req_save(q, KAM_KIND_FINANCIAL, "{\"account\":" LL ",\"year\":2025," ALL "}", (ll)a);
    req_save(q, KAM_KIND_FINANCIAL, "{\"industry\":\"pumps\",\"year\":2025,\"revenue\":100.00,\"net_profit\":4.00,\"total_assets\":100.00,"
             "\"current_assets\":20.00,\"current_liabilities\":16.00,\"origin\":\"bureau of statistics\"}");
    req_save(q, KAM_KIND_FINANCIAL, "{\"industry\":\"valves\",\"year\":2025,\"revenue\":1.00,\"net_profit\":1.00,\"origin\":\"x\"}");
    REQ_TEXT(q, ratios(q, a, VALUES, out, sizeof out),
             "2025 CURRENT_RATIO 1.5 1.25 0.25|2025 NET_MARGIN 0.05 0.04 0.01|2025 ROA 0.0625 0.04 0.0225|"
             "2025 DEBTOR_DAYS 36.5 - -|2025 STOCK_TURN 4 - -|2025 ASSET_TURN 1.25 1 0.25");
}

/* What divides by zero is undefined, what is not given is not known: never 0. A loss gives a negative ratio. */
static void r068_undefined(req *q)
{
    static const uint32_t text[] = {KAM_FINANCIAL_RATIO_MEASURE, KAM_FINANCIAL_RATIO_VALUE, KAM_FINANCIAL_RATIO_TEXT, 0};
    char out[2000];
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Hua\"}");
    req_save(q, KAM_KIND_FINANCIAL, "{\"account\":" LL ",\"year\":2025,\"revenue\":0.00,\"net_profit\":-5.00,\"total_assets\":100.00,"
             "\"receivables\":7.00,\"origin\":\"annual report\"}", (ll)a);
    REQ_TEXT(q, ratios(q, a, text, out, sizeof out),
             "CURRENT_RATIO - current_assets is not given / current_liabilities is not given|"
             "NET_MARGIN - undefined: net_profit -5.00 / revenue 0.00|ROA -0.05 net_profit -5.00 / total_assets 100.00|"
             "DEBTOR_DAYS - undefined: receivables 7.00 / revenue 0.00 * 365 days|"
             "STOCK_TURN - cost_of_goods is not given / stock is not given|ASSET_TURN 0 revenue 0.00 / total_assets 100.00");
}

static void r070_sources(req *q)
{
    static const uint32_t field[] = {KAM_FINANCIAL_RATIO_ORIGIN, KAM_FINANCIAL_RATIO_PAGE, 0};
    char out[1000];
    kam_rows *rows = NULL;
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Hua\"}");
    REQ_REFUSED(q, req_try(q, KAM_KIND_FINANCIAL, "{\"account\":" LL ",\"year\":2025,\"revenue\":1.00}", (ll)a), KAM_E_INVAL, "origin");
    REQ_REFUSED(q, req_try(q, KAM_KIND_FINANCIAL, "{\"year\":2025,\"origin\":\"x\"}"), KAM_E_INVAL,
                "annual figures are of an account or of an industry");
    REQ_REFUSED(q, req_try(q, KAM_KIND_FINANCIAL, "{\"account\":" LL ",\"industry\":\"pumps\",\"year\":2025,\"origin\":\"x\"}", (ll)a),
                KAM_E_INVAL, "annual figures are of an account or of an industry");
    REQ_REFUSED(q, req_try(q, KAM_KIND_FINANCIAL, "{\"account\":" LL ",\"year\":99,\"origin\":\"x\"}", (ll)a), KAM_E_INVAL,
                "year is a year from 1900 to 9999");
    req_save(q, KAM_KIND_FINANCIAL, "{\"account\":" LL ",\"year\":2025," ALL "}", (ll)a);
    REQ_REFUSED(q, req_try(q, KAM_KIND_FINANCIAL, "{\"account\":" LL ",\"year\":2025," ALL "}", (ll)a), KAM_E_EXISTS,
                "the account has figures of this year already");
    REQ_TEXT(q, ratios(q, a, field, out, sizeof out),
             "annual report p. 12|annual report p. 12|annual report p. 12|annual report p. 12|annual report p. 12|annual report p. 12");
    REQ_REFUSED(q, kam_financial_ratios(&rows, q->book, a + 77, q->err), KAM_E_NOT_FOUND, "account");
}

void test_R068_R069_ratios_beside_the_industry(void **state) { (void)state; req_each(r068_ratios); }
void test_R068_undefined_is_never_zero(void **state) { (void)state; req_each(r068_undefined); }
void test_R070_every_figure_keeps_its_source(void **state) { (void)state; req_each(r070_sources); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R068_R069_ratios_beside_the_industry),
        cmocka_unit_test(test_R068_undefined_is_never_zero),
        cmocka_unit_test(test_R070_every_figure_keeps_its_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
