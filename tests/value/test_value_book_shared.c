/* What a value run is told besides its window, over a book: shared costs by driver, cut points and named cells of
 * recency, frequency and money; refusals; and that nothing is left behind when memory runs out. */
#include "help.h"
#include "requirements/req.h"

#define LL "%lld"
typedef long long ll;
#define DAY "2026-02-28"

static void ledger(req *q, int64_t account, const char *event, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"%s\",\"day\":\"%s\",\"amount\":%s%s}", (ll)account,
             event, day, amount, more);
}

static void held(req *q, int64_t account, const char *channel, const char *day, const char *more) {
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"channel\":\"%s\",\"status\":\"HELD\",\"day\":\"%s\"%s}",
             (ll)account, channel, day, more);
}

/* Three accounts that bought, one that was only visited (4), and a code (5) that counts for the first. */
static void company(req *q) {
    for (int i = 0; i < 5; i++) req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    ledger(q, 1, "SALE", "2026-01-10", "1000.00", ",\"order\":\"A\",\"cost\":600.00");
    ledger(q, 1, "COST_TO_SERVE", "2026-01-20", "30.00", ",\"cost_kind\":\"TRAVEL\"");
    ledger(q, 2, "SALE", "2026-01-11", "400.00", ",\"order\":\"B\"");
    ledger(q, 2, "SALE", "2026-02-11", "100.00", ",\"order\":\"C\"");
    ledger(q, 3, "RETURN", "2026-02-11", "50.00", "");
    held(q, 1, "VISIT", "2026-01-05", ",\"duration\":60");
    held(q, 5, "VISIT", "2026-01-06", ",\"duration\":30");
    held(q, 2, "CALL", "2026-01-06", ",\"duration\":10");
    held(q, 4, "VISIT", "2026-01-07", ",\"duration\":50");
    held(q, 4, "VISIT", "2025-02-28", ",\"duration\":500");             /* before the window */
    req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":5,\"into\":1,\"role\":\"SOLD_TO\",\"valid_from\":\"2026-01-01\"}");
}

static const char pots[] =
    "{\"shared_costs\":[{\"name\":\"cars\",\"kind\":\"TRAVEL\",\"driver\":\"visits\",\"amount\":100.00},"
    "{\"name\":\"billing\",\"kind\":\"administration\",\"driver\":\"ORDERS\",\"amount\":10.00},"
    "{\"name\":\"office\",\"kind\":\"PERSONNEL\",\"driver\":\"hours\",\"amount\":0.10},"
    "{\"name\":\"brand \\\"x\\\"\",\"kind\":\"OTHER\",\"driver\":\"revenue\",\"amount\":-0.01}]}";

static kam_run *value(req *q, const char *settings, uint32_t flags) {
    const kam_value_options o = {.struct_size = sizeof o, .flags = flags, .settings = settings};
    kam_run *run = NULL;
    REQ_MUST(q, kam_value_run(&run, q->book, &o, req_day(DAY), q->err));
    return run;
}

static const char *rows_of(req *q, kam_run *run, const uint32_t *field, char *out, size_t size) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, q->err));
    return req_rows(q, rows, field, out, size);
}

static void parts(req *q) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_PERSONNEL, KAM_ACCOUNT_VALUE_TRAVEL,
                                     KAM_ACCOUNT_VALUE_ADMINISTRATION, KAM_ACCOUNT_VALUE_OTHER_COST,
                                     KAM_ACCOUNT_VALUE_SHARED, KAM_ACCOUNT_VALUE_CONTRIBUTION, 0};
    static const uint32_t part[] = {KAM_SHARED_COST_ACCOUNT, KAM_SHARED_COST_POOL, KAM_SHARED_COST_KIND,
                                    KAM_SHARED_COST_DRIVER, KAM_SHARED_COST_QUANTITY, KAM_SHARED_COST_AMOUNT,
                                    KAM_SHARED_COST_CURRENCY, 0};
    const kam_value_options o = {.struct_size = sizeof o, .settings = pots};
    char out[2000];
    kam_rows *rows = NULL;
    company(q);
    kam_run *run = value(q, pots, 0);
    /* visits 2 of 3 and 1 of 3; orders 1 and 2 of 3; minutes 90, 10 and 50 of 150; revenue 1000 and 500 of 1500 */
    REQ_TEXT(q, rows_of(q, run, field, out, sizeof out),
             "1 0.06 96.67 3.33 -0.01 70.05 299.95|2 0.01 0.00 6.67 0.00 6.68 493.32|4 0.03 33.33 0.00 0.00 33.36 -33.36|"
             "3 0.00 0.00 0.00 0.00 0.00 -50.00");
    const char *json = kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, "");
    if (!strstr(json, "\"shared\":[{\"name\":\"cars\",\"amount\":100.00,\"left\":0.00},{\"name\":\"billing\"") ||
        !strstr(json, "{\"name\":\"brand \\\"x\\\"\",\"amount\":-0.01,\"left\":0.00}]"))
        fail_msg("%s: %s", q->on, json);
    kam_run_free(run);
    REQ_MUST(q, kam_value_shared_costs(&rows, q->book, &o, req_day(DAY), q->err));
    REQ_TEXT(q, req_rows(q, rows, part, out, sizeof out),
             "1 cars TRAVEL VISITS 2 66.67 CNY|4 cars TRAVEL VISITS 1 33.33 CNY|"
             "1 billing ADMINISTRATION ORDERS 1 3.33 CNY|2 billing ADMINISTRATION ORDERS 2 6.67 CNY|"
             "1 office PERSONNEL HOURS 90 0.06 CNY|2 office PERSONNEL HOURS 10 0.01 CNY|4 office PERSONNEL HOURS 50 0.03 CNY|"
             "1 brand \"x\" OTHER REVENUE 100000 -0.01 CNY|2 brand \"x\" OTHER REVENUE 50000 0.00 CNY");
    REQ_MUST(q, kam_value_shared_costs(&rows, q->book, NULL, req_day(DAY), q->err));
    REQ_TEXT(q, req_rows(q, rows, part, out, sizeof out), "");
}

/* A pot that nobody drives stays whole; our own companies drive nothing when their sales do not count. */
static void nobody(req *q) {
    static const uint32_t part[] = {KAM_SHARED_COST_ACCOUNT, KAM_SHARED_COST_POOL, KAM_SHARED_COST_AMOUNT, 0};
    kam_value_options o = {.struct_size = sizeof o, .settings = "{\"shared_costs\":[{\"name\":\"cars\",\"kind\":\"TRAVEL\","
                           "\"driver\":\"visits\",\"amount\":7},{\"name\":\"b\",\"kind\":\"OTHER\",\"driver\":\"orders\",\"amount\":3}]}"};
    char out[500];
    kam_rows *rows = NULL;
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"ours\"}");
    ledger(q, 1, "SALE", "2026-01-10", "10.00", "");
    held(q, 2, "VISIT", "2026-01-05", "");
    req_save(q, KAM_KIND_CLASS, "{\"account\":2,\"dimension\":\"intercompany\",\"class\":\"own\",\"valid_from\":\"2026-01-01\"}");
    REQ_MUST(q, kam_value_shared_costs(&rows, q->book, &o, req_day(DAY), q->err));
    REQ_TEXT(q, req_rows(q, rows, part, out, sizeof out), "2 cars 7.00|1 b 3.00");
    o.flags = KAM_VALUE_EXTERNAL;
    REQ_MUST(q, kam_value_shared_costs(&rows, q->book, &o, req_day(DAY), q->err));
    REQ_TEXT(q, req_rows(q, rows, part, out, sizeof out), "1 b 3.00|- cars 7.00");
}

/* A stored run is explained by what it was told: it differs when the drivers do, also those of other accounts. */
static void explained(req *q) {
    static const uint32_t field[] = {KAM_REASON_CODE, KAM_REASON_VALUE, 0};
    char out[1000];
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    company(q);
    kam_run *run = value(q, pots, 0);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t stored = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, stored, q->err));
    REQ_TEXT(q, kam_record_text(kam_run_record(run), KAM_RUN_SETTINGS, ""), pots);
    REQ_MUST(q, kam_run_why(&why, run, 1, q->err));
    REQ_EQUAL(q, kam_record_i64(kam_why_record(why), KAM_VERDICT_INPUTS_DIFFER, -1), 0);
    REQ_MUST(q, kam_why_rows(&rows, why, q->err));
    if (!strstr(req_rows(q, rows, field, out, sizeof out), "OTHER_COST -0.01|SHARED 70.05|CONTRIBUTION 299.95"))
        fail_msg("%s: %s", q->on, out);
    kam_why_free(why);
    held(q, 3, "VISIT", "2026-02-20", "");
    REQ_MUST(q, kam_run_why(&why, run, 1, q->err));
    REQ_EQUAL(q, kam_record_i64(kam_why_record(why), KAM_VERDICT_INPUTS_DIFFER, -1), 1);
    kam_why_free(why);
    kam_run_free(run);
}

/* ---------------------------------------------------------------- cut points and cells */

static const char scores[] = "{\"rfm\":{\"recency\":[10,20,30,40],\"orders\":[1,2,3,4],\"money\":[99.99,100,250.5,1000],"
                             "\"cells\":[{\"name\":\"best, \\\"a\\\"\",\"r\":[4,5],\"m\":5},{\"name\":\"small\",\"m\":[1,2]}]}}";

static void cut_points(req *q) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_R_NTILE, KAM_ACCOUNT_VALUE_R_Q7,
                                     KAM_ACCOUNT_VALUE_F_Q7, KAM_ACCOUNT_VALUE_M_Q7, KAM_ACCOUNT_VALUE_RFM_CELL, 0};
    static const uint32_t rfm[] = {KAM_ATTRIBUTES_RFM, KAM_ATTRIBUTES_RFM_CELL, KAM_ATTRIBUTES_RFM_AS_OF};
    static const char *const amount[] = {"99.99", "100.00", "250.50", "1000.00", "1000.01"};
    static const char *const day[] = {"2026-02-18", "2026-02-08", "2026-01-29", "2026-01-19", "2026-02-17"};
    char out[1000];
    kam_account *a = NULL;
    kam_segment *segment = NULL;
    const kam_record *r = NULL;
    for (int i = 0; i < 5; i++) {
        req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
        ledger(q, i + 1, "SALE", day[i], amount[i], "");
        for (int k = 0; k < i; k++) ledger(q, i + 1, "SALE", "2025-05-01", "0.00", k ? ",\"order\":\"o\"" : "");
    }
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    ledger(q, 6, "RETURN", "2026-01-19", "1.00", "");                   /* no buyer: no score, no cell */
    kam_run *run = value(q, scores, 0);
    REQ_TEXT(q, rows_of(q, run, field, out, sizeof out),
             "5 4 4 3 5 best, \"a\"|4 1 2 3 4 -|3 2 3 3 3 -|2 3 4 2 2 small|1 5 5 1 1 small|6 - - - - -");
    const char *json = kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, "");
    if (!strstr(json, "\"rfm_cuts\":{\"r\":[10,20,30,40],\"f\":[1,2,3,4],\"m\":[99.99,100,250.5,1000]}") ||
        !strstr(json, "\"rfm_cells\":{\"best, \\\"a\\\"\":1,\"small\":2}"))
        fail_msg("%s: %s", q->on, json);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    REQ_MUST(q, kam_account_open(&a, q->book, 5, req_day(DAY), q->err));
    REQ_MUST(q, kam_account_attributes(&r, a, q->err));
    REQ_TEXT(q, kam_record_text(r, rfm[0], "-"), "435");
    REQ_TEXT(q, kam_record_text(r, rfm[1], "-"), "best, \"a\"");
    REQ_TEXT(q, kam_record_text(r, rfm[2], "-"), DAY);
    kam_account_free(a);
    REQ_MUST(q, kam_segment_parse(&segment, q->ctx, "{\"name\":\"s\",\"condition\":\"rfm_cell == 'small'\"}", KAM_NUL, q->err));
    REQ_MUST(q, kam_segment_run(&run, q->book, segment, req_day(DAY), q->err));
    REQ_EQUAL(q, kam_record_i64(kam_run_record(run), KAM_RUN_ITEMS, 0), 2);
    kam_run_free(run);
    kam_segment_free(segment);
}

/* Without any: our cells by the quantiles. Only one measure: the others keep theirs. */
static void defaults(req *q) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_F_Q7, KAM_ACCOUNT_VALUE_M_Q7, KAM_ACCOUNT_VALUE_RFM_CELL, 0};
    char out[500];
    for (int i = 1; i <= 5; i++) {
        req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
        for (int k = 0; k < i; k++)
            req_save(q, KAM_KIND_LEDGER, "{\"account\":%d,\"event\":\"SALE\",\"day\":\"2026-02-%02d\",\"amount\":%d}", i, i + k, 10 * i);
    }
    kam_run *run = value(q, NULL, 0);
    REQ_TEXT(q, rows_of(q, run, field, out, sizeof out), "5 5 champion|4 4 champion|3 3 loyal|2 2 about to sleep|1 1 lost");
    kam_run_free(run);
    run = value(q, "{\"rfm\":{\"money\":[1,2,3,5000]}}", 0);
    REQ_TEXT(q, rows_of(q, run, field, out, sizeof out), "5 4 champion|4 4 champion|3 4 loyal|2 4 at risk|1 4 lost");
    kam_run_free(run);
    run = value(q, "{}", 0);
    REQ_TEXT(q, rows_of(q, run, field, out, sizeof out), "5 5 champion|4 4 champion|3 3 loyal|2 2 about to sleep|1 1 lost");
    kam_run_free(run);
}

/* ---------------------------------------------------------------- refusals */

static void refused(req *q, const char *settings, int32_t code, const char *says) {
    const kam_value_options o = {.struct_size = sizeof o, .settings = settings};
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    REQ_REFUSED(q, kam_value_run(&run, q->book, &o, 100, q->err), code, says);
    REQ_REFUSED(q, kam_value_shared_costs(&rows, q->book, &o, 100, q->err), code, says);
    assert_null(run);
    assert_null(rows);
}

#define POOL(more) "{\"shared_costs\":[{\"name\":\"a\"," more "}]}"
static void refusals(req *q) {
    kam_rows *rows = NULL;
    refused(q, "[]", KAM_E_PARSE, "settings are an object");
    refused(q, "{\"rmf\":{}}", KAM_E_PARSE, "rfm");
    refused(q, "{\"shared_costs\":{}}", KAM_E_PARSE, "\"shared_costs\" is a list of 0 to 1000");
    refused(q, "{\"shared_costs\":[1]}", KAM_E_PARSE, "a shared cost is an object");
    refused(q, POOL("\"kind\":\"x\",\"driver\":\"visits\",\"amount\":1"), KAM_E_PARSE, "\"kind\" of a shared cost is one of INVENTORY_INTEREST, ");
    refused(q, POOL("\"kind\":\"OTHER\",\"driver\":\"miles\",\"amount\":1"), KAM_E_PARSE, "VISITS, ORDERS, REVENUE, HOURS");
    refused(q, POOL("\"kind\":\"OTHER\",\"driver\":\"hours\""), KAM_E_TYPE, "\"amount\" is missing");
    refused(q, POOL("\"kind\":\"OTHER\",\"driver\":\"hours\",\"amount\":1.001"), KAM_E_LIMIT, "amount");
    refused(q, "{\"rfm\":[]}", KAM_E_PARSE, "\"rfm\" is an object");
    refused(q, "{\"rfm\":{\"orders\":[1,2,3]}}", KAM_E_PARSE, "\"orders\" is a list of 4 to 4");
    refused(q, "{\"rfm\":{\"orders\":[1,2,2,3]}}", KAM_E_PARSE, "the four cut points of \"orders\" must ascend");
    refused(q, "{\"rfm\":{\"cells\":[]}}", KAM_E_PARSE, "\"cells\" is a list of 1 to 125");
    refused(q, "{\"rfm\":{\"cells\":[\"a\"]}}", KAM_E_PARSE, "a cell is an object");
    refused(q, "{\"rfm\":{\"cells\":[{\"name\":\"a\",\"r\":[5,4]}]}}", KAM_E_PARSE, "\"r\" of a cell is a score 1 to 5");
    REQ_REFUSED(q, kam_value_shared_costs(NULL, q->book, NULL, 100, q->err), KAM_E_INVAL, "out");
    REQ_REFUSED(q, kam_value_shared_costs(&rows, NULL, NULL, 100, q->err), KAM_E_INVAL, "book");
}

/* More than 64 bits hold. */
static void too_much(req *q) {
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    ledger(q, 1, "SALE", "2026-01-10", "1.00", "");
    const kam_value_options o = {.struct_size = sizeof o, .settings = "{\"shared_costs\":[{\"name\":\"a\",\"kind\":\"OTHER\","
        "\"driver\":\"orders\",\"amount\":92233720368547758.07},{\"name\":\"b\",\"kind\":\"OTHER\",\"driver\":\"revenue\",\"amount\":1}]}"};
    kam_run *run = NULL;
    REQ_REFUSED(q, kam_value_run(&run, q->book, &o, req_day(DAY), q->err), KAM_E_LIMIT, "check the amount of \"b\"");
    for (int i = 0; i < 2; i++) held(q, 1, "CALL", "2026-01-10", ",\"duration\":9000000000000000000");
    const kam_value_options h = {.struct_size = sizeof h, .settings = POOL("\"kind\":\"OTHER\",\"driver\":\"hours\",\"amount\":1")};
    REQ_REFUSED(q, kam_value_run(&run, q->book, &h, req_day(DAY), q->err), KAM_E_LIMIT, "minutes of all activities");
}

/* ---------------------------------------------------------------- failures */

static int32_t all_of_it(req *q) {
    const kam_value_options o = {.struct_size = sizeof o, .flags = KAM_VALUE_EXTERNAL, .settings = pots},
                            r = {.struct_size = sizeof r, .settings = scores};
    kam_run *run = NULL, *scored = NULL;
    kam_rows *rows = NULL;
    kam_why *why = NULL;
    int32_t rc = kam_value_run(&run, q->book, &o, req_day(DAY), q->err);
    if (rc == KAM_OK) rc = kam_value_run(&scored, q->book, &r, req_day(DAY), q->err);
    if (rc == KAM_OK) rc = kam_value_shared_costs(&rows, q->book, &o, req_day(DAY), q->err);
    if (rc == KAM_OK) rc = kam_run_why(&why, run, 1, q->err);
    kam_why_free(why);
    kam_rows_free(rows);
    kam_run_free(scored);
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
EACH(parts)
EACH(nobody)
EACH(explained)
EACH(cut_points)
EACH(defaults)
EACH(refusals)
EACH(too_much)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),    cmocka_unit_test(test_nobody),   cmocka_unit_test(test_explained),
        cmocka_unit_test(test_cut_points), cmocka_unit_test(test_defaults), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_too_much), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
