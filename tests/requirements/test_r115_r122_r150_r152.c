/*
 * R115 first-contact channels, R122 tours, R150 channels and the preferred one, R152 festival tasks; what-if: another cadence,
 * one representative more.
 */
#include "visit/plan_help.h"

static const uint32_t code_fields[] = {KAM_PROBLEM_FIELD, KAM_PROBLEM_CODE, 0};
static const uint32_t tour_fields[] = {KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_ORDER, KAM_PLAN_ENTRY_NAME, KAM_PLAN_ENTRY_REASON, 0};
static const uint32_t task_fields[] = {KAM_DUE_NAME, KAM_DUE_RULE, KAM_DUE_DAY, KAM_DUE_REPRESENTATIVE, 0};
#define AT(lat, lon) ",\"latitude\":" #lat ",\"longitude\":" #lon

static const char *objections(req *q, const char *json, int64_t account_id, int64_t contact) {
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY, json, (ll)account_id, (ll)contact);
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_check(&rows, q->book, r, "plain", q->err));
    kam_record_free(r);
    return req_rows(q, rows, code_fields, text, sizeof text);
}
#define TO(channel) "{\"account\":" LL ",\"contact\":" LL ",\"status\":\"PLANNED\",\"day\":\"2026-03-04\",\"purpose\":\"NEEDS\",\"channel\":\"" channel "\""

static void r115(req *q) {
    start(q);
    int64_t a = account(q, "A", 0, NULL, NULL, ""), wang = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"Wang\"}");
    REQ_TEXT(q, objections(q, TO("LETTER") "}", a, wang), "channel NO_REPLY_ASKED");
    REQ_TEXT(q, objections(q, TO("LETTER") ",\"reply_requested\":true}", a, wang), "");
    REQ_TEXT(q, objections(q, TO("CALL") "}", a, wang), "");
    REQ_TEXT(q, objections(q, TO("EMAIL") "}", a, wang), "");
    REQ_TEXT(q, objections(q, TO("SMS") "}", a, wang), "channel FIRST_CHANNEL");
    activity(q, a, "HELD", "CALL", "2026-03-01", "");
    REQ_TEXT(q, objections(q, TO("SMS") "}", a, wang), "");
    REQ_TEXT(q, objections(q, TO("LETTER") "}", a, wang), "");
}

static void r150(req *q) {
    start(q);
    int64_t a = account(q, "A", 0, NULL, NULL, "");
    int64_t wang = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"Wang\",\"preferred_channel\":\"SMS\"}");
    static const char *const all[] = {"VISIT", "CALL", "EMAIL", "LETTER", "SMS", "SOCIAL", "HOTLINE", "ONLINE"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) activity(q, a, "HELD", all[i], "2026-03-01", "");
    REQ_TEXT(q, objections(q, TO("CALL") "}", a, wang), "channel NOT_PREFERRED");
    REQ_TEXT(q, objections(q, TO("SMS") "}", a, wang), "");
}

static void r122(req *q) {
    int64_t id[6];
    start(q);
    int64_t anna = rep(q, "Anna", ",\"home_latitude\":30,\"home_longitude\":120");
    id[0] = account(q, "S1", anna, NULL, NULL, ",\"city\":\"Suzhou\"" AT(31.30, 120.60));
    id[1] = account(q, "H1", anna, NULL, NULL, ",\"city\":\"Hangzhou\"" AT(30.27, 120.15));
    id[2] = account(q, "S2", anna, NULL, NULL, ",\"city\":\"Suzhou\"" AT(31.32, 120.70));
    id[3] = account(q, "W1", anna, NULL, NULL, ",\"city\":\"Wuxi\"" AT(31.57, 120.30));
    id[4] = account(q, "H2", anna, NULL, NULL, ",\"city\":\"Hangzhou\"" AT(30.30, 120.20));
    id[5] = account(q, "nowhere", anna, NULL, NULL, "");
    kam_visit_plan *plan = NULL;
    kam_rows *rows = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .cadence = "plain", .days = 7, .visits_a_day = 2};
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    REQ_MUST(q, kam_visit_tour(&rows, plan, anna, id, 5, req_day("2026-03-05"), q->err));     /* Friday, then Monday */
    REQ_TEXT(q, req_rows(q, rows, tour_fields, text, sizeof text),
             "2026-03-06 1 H1 Hangzhou|2026-03-06 2 H2 Hangzhou|2026-03-09 1 S2 Suzhou|2026-03-09 2 S1 Suzhou|2026-03-10 1 W1 Wuxi");
    REQ_REFUSED(q, kam_visit_tour(&rows, plan, anna, id, 6, req_day("2026-03-05"), q->err), KAM_E_INVAL, "no usable coordinates");
    REQ_REFUSED(q, kam_visit_tour(&rows, plan, 4711, id, 5, req_day("2026-03-05"), q->err), KAM_E_NOT_FOUND, "no representative");
    REQ_REFUSED(q, kam_visit_tour(&rows, plan, anna, id, 0, req_day("2026-03-05"), q->err), KAM_E_INVAL, "1 to 500");
    kam_visit_plan_free(plan);
    int64_t twice[2] = {id[0], id[0]};
    o.days = 2;
    o.day_begin = 540, o.day_end = 700;
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    REQ_REFUSED(q, kam_visit_tour(&rows, plan, anna, twice, 2, req_day("2026-03-05"), q->err), KAM_E_INVAL, "twice");
    REQ_REFUSED(q, kam_visit_tour(&rows, plan, anna, id, 5, req_day("2026-03-05"), q->err), KAM_E_LIMIT, "make it longer");
    twice[0] = 987654;
    REQ_REFUSED(q, kam_visit_tour(&rows, plan, anna, twice, 1, req_day("2026-03-05"), q->err), KAM_E_NOT_FOUND, "no account");
    kam_visit_plan_free(plan);
}

static void r152(req *q) {
    int64_t id[2], planned = -1;
    start(q);
    int64_t anna = rep(q, "Anna", ""), secretary = rep(q, "Zhao", "");
    id[0] = account(q, "one", anna, NULL, NULL, "");
    id[1] = account(q, "two", anna, NULL, NULL, "");
    int32_t holiday = req_day("2026-02-17");
    REQ_REFUSED(q, kam_visit_festival(&planned, q->book, holiday, 7, KAM_CHANNEL_LETTER, secretary, id, 2, q->err), KAM_E_NOT_FOUND,
                "no holiday");
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"calendar\":\"CN\",\"day\":\"2026-02-17\",\"kind\":\"HOLIDAY\",\"name\":\"Spring Festival\"}");
    REQ_MUST(q, kam_visit_festival(&planned, q->book, holiday, 7, KAM_CHANNEL_LETTER, secretary, id, 1, q->err));
    REQ_EQUAL(q, planned, 1);
    REQ_MUST(q, kam_visit_festival(&planned, q->book, holiday, 7, KAM_CHANNEL_LETTER, secretary, id, 2, q->err));
    REQ_EQUAL(q, planned, 1);                   /* nobody is greeted twice */
    kam_rows *rows = NULL;
    char want[200];
    REQ_MUST(q, kam_visit_tasks(&rows, q->book, secretary, req_day("2026-02-10"), q->err));
    snprintf(want, sizeof want, "one festival 2026-02-10 " LL "|two festival 2026-02-10 " LL, (ll)secretary, (ll)secretary);
    REQ_TEXT(q, req_rows(q, rows, task_fields, text, sizeof text), want);
    REQ_REFUSED(q, kam_visit_festival(&planned, q->book, holiday, 61, KAM_CHANNEL_LETTER, 0, id, 1, q->err), KAM_E_INVAL, "before is 61");
    REQ_REFUSED(q, kam_visit_festival(&planned, q->book, holiday, 6, 99, 0, id, 1, q->err), KAM_E_INVAL, "channel is 99");
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"COST_TO_SERVE\",\"cost_kind\":\"OTHER\",\"day\":\"2026-02-10\",\"amount\":\"88\",\"note\":\"gift\"}",
             (ll)id[0]);
}

/* ---------------------------------------------------------------- what if */

static size_t hands(req *q, kam_visit_plan *plan, int32_t extra, int64_t to, int *news) {
    kam_rows *rows = NULL;
    size_t n = 0;
    *news = 0;
    REQ_MUST(q, kam_visit_alignment(&rows, plan, extra, req_day("2026-03-01"), q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        n += kam_record_i64(r, KAM_ALIGNMENT_TO, 0) == to;
        *news += kam_record_i64(r, KAM_ALIGNMENT_EXTRA, 0) == 1;
        assert_true(kam_record_i64(r, KAM_ALIGNMENT_VISITS, 0) == 13);
    }
    kam_rows_free(rows);
    return n;
}

static void what_if(req *q) {
    int news = 0;
    start(q);
    int64_t anna = rep(q, "Anna", ",\"home_latitude\":30,\"home_longitude\":120");
    int64_t bo = rep(q, "Bo", ",\"home_latitude\":32,\"home_longitude\":120");
    for (int i = 0; i < 4; i++) account(q, "south", anna, "X", "2026-01-01", AT(30.1, 120));
    for (int i = 0; i < 2; i++) account(q, "north", bo, "X", "2026-01-01", AT(32.1, 120));
    account(q, "north of another", anna, "X", "2026-01-01", AT(32.1, 120.1));
    kam_visit_plan *plan = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .cadence = "plain", .days = 28};
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    REQ_EQUAL(q, (int64_t)hands(q, plan, 0, bo, &news), 1);
    REQ_EQUAL(q, news, 0);
    for (int i = 0; i < 3; i++) account(q, "far east", anna, "X", "2026-01-01", AT(30.1, 125));
    REQ_EQUAL(q, (int64_t)hands(q, plan, 1, bo, &news), 1);
    REQ_EQUAL(q, news, 3);
    kam_rows *rows = NULL;
    REQ_REFUSED(q, kam_visit_alignment(&rows, plan, -1, req_day("2026-03-01"), q->err), KAM_E_INVAL, "extra is -1");
    kam_visit_plan_free(plan);
}

void test_R115_first_contact(void **state) { (void)state; req_each(r115); }
void test_R122_tour(void **state) { (void)state; req_each(r122); }
void test_R150_channels(void **state) { (void)state; req_each(r150); }
void test_R152_festival_tasks(void **state) { (void)state; req_each(r152); }
void test_R122_what_if_and_alignment(void **state) { (void)state; req_each(what_if); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R115_first_contact), cmocka_unit_test(test_R122_tour), cmocka_unit_test(test_R150_channels),
        cmocka_unit_test(test_R152_festival_tasks), cmocka_unit_test(test_R122_what_if_and_alignment)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
