/*
 * Tests of src/visit/visit_book_city.c (R122): the four criteria, relations by the contacts held, what is due, and a tour that
 * goes region by region.
 */
#include "fault_book.h"

#define AT(lat, lon) ",\"latitude\":" #lat ",\"longitude\":" #lon
static const uint32_t fields[] = {KAM_CITY_RANK_NAME, KAM_CITY_RANK_REGION, KAM_CITY_RANK_POINTS, KAM_CITY_RANK_RELATIONS,
                                  KAM_CITY_RANK_ACCOUNTS, KAM_CITY_RANK_DUE, 0};

static kam_visit_plan *window(req *q, int32_t days) {
    kam_visit_plan *plan = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .cadence = "plain", .days = days, .visits_a_day = 3};
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    return plan;
}

static const char *cities(req *q, kam_visit_plan *plan, int64_t representative) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_cities(&rows, plan, representative, req_day("2026-03-01"), q->err));
    return req_rows(q, rows, fields, text, sizeof text);
}

static void the_best_city_first(req *q) {
    start(q);
    int64_t li = rep(q, "Li", ""), wu = rep(q, "Wu", "");
    kam_visit_plan *plan = window(q, 7);
    REQ_TEXT(q, cities(q, plan, 0), "");
    int64_t a = account(q, "a", li, "X", "2026-01-01", ",\"city\":\"Suzhou\",\"region\":\"East\"");
    account(q, "b", li, "X", "2026-01-01", ",\"city\":\"Suzhou\"");
    account(q, "c", wu, NULL, NULL, ",\"city\":\"Wuxi\"");
    account(q, "d", wu, NULL, NULL, "");
    activity(q, a, "HELD", "VISIT", "2026-02-27", "");                          /* due on 29 March, outside the window */
    REQ_TEXT(q, cities(q, plan, 0), "Suzhou East 5 5 2 1|Wuxi - 0 0 1 0");
    req_save(q, KAM_KIND_CITY, "{\"name\":\"Wuxi\",\"region\":\"East\",\"industry\":\"7\",\"entry\":\"6.5\",\"relations\":\"0\",\"location\":\"3\"}");
    req_save(q, KAM_KIND_CITY, "{\"name\":\"Yiwu\",\"industry\":\"5\"}");
    req_save(q, KAM_KIND_CITY, "{\"name\":\"Suzhou\",\"industry\":\"9\",\"location\":\"2.5\"}");
    REQ_TEXT(q, cities(q, plan, 0), "Suzhou East 16.5 5 2 1|Wuxi East 16.5 0 1 0|Yiwu - 5 0 0 0");
    REQ_TEXT(q, cities(q, plan, wu), "Wuxi East 16.5 0 1 0|Suzhou - 11.5 0 0 0|Yiwu - 5 0 0 0");
    kam_visit_plan_free(plan);
    kam_rows *rows = NULL;
    plan = window(q, 60);
    assert_non_null(strstr(cities(q, plan, li), "Suzhou East 16.5 5 2 2"));
    REQ_REFUSED(q, kam_visit_cities(&rows, plan, -1, KAM_TODAY, q->err), KAM_E_INVAL, "representative is an id");
    assert_int_equal(kam_visit_cities(NULL, plan, 0, KAM_TODAY, q->err), KAM_E_INVAL);
    kam_visit_plan_free(plan);
}

/* Two cities of a region are seen one after the other, although another region's city lies between them. */
static void tours_go_by_region(req *q) {
    static const uint32_t tour[] = {KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_NAME, 0};
    int64_t id[5];
    start(q);
    int64_t li = rep(q, "Li", ",\"home_latitude\":30,\"home_longitude\":120");
    id[0] = account(q, "n1", li, NULL, NULL, ",\"city\":\"N\",\"region\":\"Outer\"" AT(30.1, 120));
    id[1] = account(q, "m1", li, NULL, NULL, ",\"city\":\"M\",\"region\":\"Inner\"" AT(30.2, 120));
    id[2] = account(q, "f1", li, NULL, NULL, ",\"city\":\"F\",\"region\":\"Outer\"" AT(30.3, 120));
    id[3] = account(q, "n2", li, NULL, NULL, ",\"city\":\"N\",\"region\":\"Outer\"" AT(30.4, 120));
    id[4] = account(q, "x", li, NULL, NULL, AT(30.5, 120));
    kam_visit_plan *plan = window(q, 7);
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_tour(&rows, plan, li, id, 5, req_day("2026-03-01"), q->err));
    REQ_TEXT(q, req_rows(q, rows, tour, text, sizeof text), "2026-03-02 n1|2026-03-02 n2|2026-03-02 f1|2026-03-03 m1|2026-03-03 x");
    kam_visit_plan_free(plan);
}

static kam_visit_plan *asked;
static int32_t sweep_cities(kam_rows **out, req *q, int64_t id) { return kam_visit_cities(out, asked, id, KAM_TODAY, q->err); }

static void every_allocation_fails_once(void **state) {
    fault_book s;
    req *q = fault_book_open(&s);
    (void)state;
    account(q, "a", rep(q, "Li", ""), "X", "2026-01-01", ",\"city\":\"Suzhou\",\"region\":\"East\"");
    req_save(q, KAM_KIND_CITY, "{\"name\":\"Wuxi\",\"region\":\"East\",\"industry\":\"7\"}");
    asked = window(q, 7);
    fault_book_sweep(&s, sweep_cities, 0);
    kam_visit_plan_free(asked);
    fault_book_close(&s);
}

EACH(the_best_city_first)
EACH(tours_go_by_region)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_best_city_first), cmocka_unit_test(test_tours_go_by_region),
                                       cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
