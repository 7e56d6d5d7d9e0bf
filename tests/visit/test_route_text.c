/*
 * tests/visit/test_route_text.c - routing problems read from text and plans written: figures that can be worked out by
 * hand, mistakes told with line, column and byte, and nothing lost when memory runs out.
 */
#include "help.h"
#include <kam/route.h>

static kam_route *parse(vt *t, const char *format, const char *text) {
    kam_route *r = NULL;
    int32_t rc = kam_route_parse(&r, t->ctx, format, text, KAM_NUL, t->err);
    if (rc != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    return r;
}

/* Solves and compares the plan with what is expected. */
static void expect(vt *t, const char *format, const char *text, const char *as, const char *want) {
    kam_route *r = parse(t, format, text);
    kam_buf *out = NULL;
    assert_code(kam_buf_new(&out, t->ctx, t->err), KAM_OK);
    int32_t rc = kam_route_solve(NULL, r, 1, 300, t->err);
    assert_true(rc == KAM_OK || rc == KAM_E_NOT_FOUND);
    assert_code(kam_route_write(out, r, as, t->err), KAM_OK);
    assert_string_equal(kam_buf_data(out), want);
    kam_buf_free(out);
    kam_route_free(r);
}

static void wrong(vt *t, const char *format, const char *text, int32_t code, int line, int column, int offset,
                  const char *message) {
    kam_route *r = NULL;
    assert_code(kam_route_parse(&r, t->ctx, format, text, KAM_NUL, t->err), code);
    assert_null(r);
    assert_string_equal(kam_error_message(t->err), message);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_LINE), line);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_COLUMN), column);
    if (offset >= 0) assert_int_equal(kam_error_detail(t->err, KAM_ERR_OFFSET), offset);
}

/* Two days, one vehicle of load 10: 1 and 2 together, 3 twice, 4 (frequency 0) not at all. CRLF and blank tails. */
static const char pvrp[] = "1 1 4 2\r\n0 10\r\n0 10\r\n0 0 0 0 0 0 0 \r\n1 3 0 0 4 1 2 1 2\r\n2 3 4 0 4 1 2 1 2\r\n"
                           "3 0 4 0 2 2 1 3\r\n4 50 50 0 9 0 2 1 2\r\n\r\n  \r\n";

static void test_pvrp(void **state) {
    kam_route *r = parse(*state, "cordeau", pvrp);
    int64_t cost = 0;
    assert_int_equal(kam_route_figure(r, KAM_ROUTE_COST), -1);
    assert_int_equal(kam_route_figure(r, KAM_ROUTE_DAYS), 2);
    assert_int_equal(kam_route_figure(r, KAM_ROUTE_VEHICLES), 1);
    assert_int_equal(kam_route_figure(r, KAM_ROUTE_CUSTOMERS), 4);
    assert_int_equal(kam_route_figure(r, KAM_ROUTE_UNIT), 1000000);
    assert_code(kam_route_solve(&cost, r, 1, 200, NULL), KAM_OK);
    assert_int_equal(cost, 22000000);                           /* 3 + 4 + 3 + 4, and 4 + 4 */
    assert_int_equal(kam_route_figure(r, KAM_ROUTE_ITERATIONS), 200);
    assert_int_equal(kam_route_figure(r, KAM_ROUTE_UNPLANNED), 0);
    assert_int_equal(kam_route_figure(r, 99), -1);
    assert_int_equal(kam_route_figure(NULL, KAM_ROUTE_COST), -1);
    kam_route_free(r);
    kam_route_free(NULL);
}

/* Day 1 is the first bit of a code, the most significant one. */
static void test_codes_and_depots(void **state) {
    expect(*state, "cordeau", "1 1 1 3\n0 0\n0 0\n0 0\n0 0 0 0 0 0 0\n7 0 5 0 1 1 1 4\n", "res",
           "10.0000\n1 1 10.0000 1 0 7 0\n");
    expect(*state, "cordeau", "2 1 2 2\n0 9\n0 9\n1 1 0 0 1 1 2 1 2\n2 9 0 0 1 1 2 1 2\n3 0 0 0 0 0 0\n4 10 0 0 0 0 0\n",
           "res", "4.0000\n1 1 2.0000 1 0 1 0\n2 1 2.0000 1 0 2 0\n");
    expect(*state, "cordeau", "5 1 2 1\n0 0\n0 0 0 0 0 0 0 0 100\n1 10 0 5 1 1 1 1 50 60\n2 20 0 5 1 1 1 1 0 30\n", "res",
           "40.0000\n1 1 40.0000 2 0 2 1 0\n");
}

static const char solomon[] = "NAME : X1\nTYPE : VRPTW\nDIMENSION : 3\nVEHICLES : 2\nCAPACITY : 10\nSERVICE_TIME : 10\n"
    "EDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 1 1\n3 2 2\nDEMAND_SECTION\n1 0\n2 6\n3 6\n"
    "TIME_WINDOW_SECTION\n1 0 100\n2 0 50\n3 0 50\nDEPOT_SECTION\n1\n-1\nEOF\n";

static void test_vrplib(void **state) {
    vt *t = *state;
    kam_route *r = parse(t, "vrplib", solomon);
    int64_t cost = 0;
    assert_code(kam_route_solve(&cost, r, 1, 100, t->err), KAM_OK);
    assert_int_equal(cost, 2 * 14 + 2 * 28);                    /* 1.414 -> 1.4, 2.828 -> 2.8 */
    assert_int_equal(kam_route_figure(r, KAM_ROUTE_UNIT), 10);
    kam_route_free(r);
    expect(t, "vrplib", "TYPE : CVRP\nDIMENSION : 2\nCAPACITY : 9\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n"
           "2 1 1\nDEMAND_SECTION\n1 0\n2 3\nDEPOT_SECTION\n1\n-1\nEOF\n", "res", "2.00\n1 1 2.00 3 0 1 0\n");
}

static void test_json(void **state) {
    expect(*state, "json", "{\"days\":2,\"vehicles\":[{\"id\":\"v\",\"x\":0,\"y\":0,\"close\":100}],\"customers\":["
           "{\"id\":\"a\",\"x\":0,\"y\":5,\"service\":10,\"windows\":[{\"open\":20,\"close\":30}],\"patterns\":[[2]]},"
           "{\"id\":\"b\",\"x\":0,\"y\":6,\"patterns\":[[1],[2]],\"windows\":[{\"open\":50}]},"
           "{\"id\":\"c\",\"x\":0,\"y\":40,\"prize\":60},"
           "{\"id\":\"d\",\"x\":0,\"y\":60}]}", "json",
           "{\"cost\":12.0000,\"missing\":1,\"routes\":[{\"day\":2,\"vehicle\":\"v\",\"length\":12.0000,\"load\":0,"
           "\"stops\":[{\"customer\":\"a\",\"begin\":30},{\"customer\":\"b\",\"begin\":50}]}],"
           "\"unplanned\":[{\"customer\":\"c\",\"reason\":\"price\"},{\"customer\":\"d\",\"reason\":\"reach\"}]}");
    expect(*state, "json", "{\"days\":2,\"cost\":[[0,5,6],[5,0,9],[6,9,0]],\"vehicles\":[{\"id\":\"v\",\"start\":0},"
           "{\"id\":\"w\",\"start\":0,\"days\":[2]}],\"customers\":[{\"id\":\"a\",\"place\":1,\"locks\":[{\"day\":2,"
           "\"vehicle\":\"w\"}]},{\"id\":\"b\",\"place\":2,\"vehicles\":[\"v\"],\"patterns\":[[1,2]],\"same_vehicle\":true}]}",
           "res", "34.00\n1 1 12.00 0 0 b 0\n2 1 12.00 0 0 b 0\n2 2 10.00 0 0 a 0\n");
}

/* One vehicle and three days; an equal way to everybody, so that gaps decide. */
#define RULES(days, vehicle, customers) "{\"days\":" days ",\"vehicles\":[{\"id\":\"v\",\"x\":0,\"y\":0" vehicle \
    "}],\"customers\":[" customers "]}"

static void test_gaps(void **state) {
    /* The visit before was 2 days ago; gaps of 3 days cost nothing, so days 1, 4, 7. */
    expect(*state, "json", RULES("8", "", "{\"id\":\"a\",\"x\":0,\"y\":5,\"visits\":3,\"min_gap\":2,\"max_gap\":4,"
           "\"target_gap\":3,\"last\":-2}"), "res", "30.0000\n1 1 10.0000 0 0 a 0\n4 1 10.0000 0 0 a 0\n7 1 10.0000 0 0 a 0\n");
    /* As few visits as keep every gap below 4 days, the one behind the horizon too; days 2 and 3 are not allowed. */
    expect(*state, "json", RULES("6", "", "{\"id\":\"a\",\"x\":0,\"y\":5,\"max_gap\":3,\"days\":[1,4,5,6]}"), "res",
           "20.0000\n1 1 10.0000 0 0 a 0\n4 1 10.0000 0 0 a 0\n");
    /* Long overdue: at once. */
    expect(*state, "json", RULES("4", "", "{\"id\":\"a\",\"x\":0,\"y\":5,\"visits\":1,\"max_gap\":5,\"target_gap\":4,"
           "\"last\":-20,\"gap_price\":2}"), "res", "10.0000\n1 1 10.0000 0 0 a 0\n");
    expect(*state, "json", RULES("4", "", "{\"id\":\"a\",\"x\":0,\"y\":5,\"days\":[3]}"), "res",
           "10.0000\n3 1 10.0000 0 0 a 0\n");
}

static void test_order_breaks_and_nights(void **state) {
    expect(*state, "json", RULES("1", ",\"breaks\":[{\"open\":8,\"close\":20}]",
           "{\"id\":\"a\",\"x\":0,\"y\":3,\"service\":4},{\"id\":\"b\",\"x\":0,\"y\":6,\"service\":2,\"locks\":[{\"day\":1,"
           "\"order\":\"first\"}]}"), "json",
           "{\"cost\":12.0000,\"missing\":0,\"routes\":[{\"day\":1,\"vehicle\":\"v\",\"length\":12.0000,\"load\":0,"
           "\"stops\":[{\"customer\":\"b\",\"begin\":6},{\"customer\":\"a\",\"begin\":20}]}],\"unplanned\":[]}");
    /* Sleeping out there: 10 out, 1 on, and 11 back the next day instead of twice there and back. */
    expect(*state, "json", RULES("2", ",\"nights\":[{\"day\":1,\"x\":0,\"y\":10}]",
           "{\"id\":\"a\",\"x\":0,\"y\":10,\"patterns\":[[1]]},{\"id\":\"b\",\"x\":0,\"y\":11,\"patterns\":[[2]],"
           "\"locks\":[{\"day\":2,\"order\":\"last\"}]}"), "res",
           "22.0000\n1 1 10.0000 0 0 a 0\n2 1 12.0000 0 0 b 0\n");
}

static void test_who_may_go(void **state) {
    expect(*state, "json", "{\"days\":1,\"vehicles\":[{\"id\":\"v\",\"x\":0,\"y\":0,\"skills\":[\"zh\"],\"rank\":1},"
           "{\"id\":\"w\",\"x\":0,\"y\":0,\"skills\":[\"zh\",\"lab\"],\"rank\":3},{\"id\":\"u\",\"x\":9,\"y\":9}],\"customers\":["
           "{\"id\":\"a\",\"x\":0,\"y\":1,\"skills\":[\"zh\",\"lab\"]},{\"id\":\"b\",\"x\":0,\"y\":2,\"rank\":2},"
           "{\"id\":\"c\",\"x\":0,\"y\":3,\"not_vehicles\":[\"w\",\"u\"]},{\"id\":\"d\",\"x\":0,\"y\":4,\"skills\":[\"tax\"]}]}",
           "json", "{\"cost\":10.0000,\"missing\":1,\"routes\":[{\"day\":1,\"vehicle\":\"v\",\"length\":6.0000,\"load\":0,"
           "\"stops\":[{\"customer\":\"c\",\"begin\":3}]},{\"day\":1,\"vehicle\":\"w\",\"length\":4.0000,\"load\":0,"
           "\"stops\":[{\"customer\":\"b\",\"begin\":2},{\"customer\":\"a\",\"begin\":3}]}],"
           "\"unplanned\":[{\"customer\":\"d\",\"reason\":\"days\"}]}");
}

static void wrong_rule(vt *t, const char *vehicle, const char *customer, int32_t code, const char *message) {
    kam_route *r = NULL;
    char text[600];
    snprintf(text, sizeof text, "{\"days\":60,\"vehicles\":[{\"id\":\"v\",\"x\":0,\"y\":0%s}],\"customers\":[{\"id\":\"a\","
             "\"x\":0,\"y\":1%s}]}", vehicle, customer);
    assert_code(kam_route_parse(&r, t->ctx, "json", text, KAM_NUL, t->err), code);
    assert_null(r);
    assert_memory_equal(kam_error_message(t->err), message, strlen(message));
}

static void test_wrong_rules(void **state) {
    vt *t = *state;
    wrong_rule(t, "", ",\"visits\":61", KAM_E_PARSE, "61 visits do not fit into 60 days");
    wrong_rule(t, "", ",\"visits\":1,\"last\":1", KAM_E_LIMIT,
               "\"last\" must be -100000..0: 0 is the day before the first one");
    wrong_rule(t, "", ",\"visits\":9,\"min_gap\":8", KAM_E_PARSE, "no days keep the gaps of customer \"a\": allow longer or "
               "shorter gaps, fewer visits or more days");
    wrong_rule(t, "", ",\"visits\":9", KAM_E_LIMIT, "more than 4096 sets of days keep the gaps of customer \"a\": give narrower "
               "gaps, fewer days, or its patterns");
    wrong_rule(t, "", ",\"visits\":9,\"patterns\":[[1]]", KAM_E_PARSE, "a customer has either \"patterns\" or visits and gaps");
    wrong_rule(t, "", ",\"days\":[2],\"patterns\":[[1]]", KAM_E_PARSE, "these days hold no pattern of the customer");
    wrong_rule(t, "", ",\"locks\":[{\"day\":1,\"order\":\"second\"}]", KAM_E_PARSE, "order \"second\" is not first or last");
    wrong_rule(t, ",\"breaks\":[{\"open\":5,\"close\":5}]", "", KAM_E_PARSE, "a break must close after it opens");
    wrong_rule(t, ",\"breaks\":[{\"open\":5,\"close\":6},{\"open\":8,\"close\":9,\"days\":[3]}]", "", KAM_E_PARSE,
               "a vehicle has one break a day; day 3 has two");
    wrong_rule(t, ",\"nights\":[{\"day\":1}]", "", KAM_E_PARSE, "a night needs \"x\", \"y\"");
}

static void test_mistakes(void **state) {
    vt *t = *state;
    wrong(t, "cordeau", "", KAM_E_PARSE, 1, 1, 0, "line 1: the first line must be: type m n t, but the line ends");
    wrong(t, "cordeau", "3 1 1 1\n", KAM_E_UNSUPPORTED, 1, 1, 0, "line 1: type must be 0, 1, 2, 4, 5 or 6, not \"3\"");
    wrong(t, "cordeau", "1 1 1 1\n0 x\n", KAM_E_PARSE, 2, 3, 10,
          "line 2: a largest load must stand here, 0 = none, not \"x\"");
    wrong(t, "cordeau", "1 1 1 2\n0 0\n0 0\n0 0 0 0 0 0 0\n1 1 1 0 1 1 1 4\n", KAM_E_PARSE, 5, 15, 44,
          "line 5: a code must stand here, a set of t bits, not \"4\"");
    wrong(t, "cordeau", "1 1 2 1\n0 0\n0 0 0 0 0 0 0\n1 1 1 0 1 1 1 1\n", KAM_E_PARSE, 5, 1, 42,
          "line 5: more customers must follow, but the line ends");
    wrong(t, "vrplib", "NAME : X\nFOO : 1\n", KAM_E_UNSUPPORTED, 2, 1, 9, "line 2: a key we know must stand here, not \"FOO\"");
    wrong(t, "vrplib", "DIMENSION : 2\nDEMAND_SECTION\n3 1\n", KAM_E_PARSE, 3, 1, 29,
          "line 3: a node 1..DIMENSION must stand here, not \"3\"");
    wrong(t, "json", "{\"days\":1,\n \"customer\":[]}", KAM_E_PARSE, 2, 13, -1,
          "unknown member \"customer\"; did you mean \"customers\"? (line 2, column 13)");
}

static void test_arguments(void **state) {
    vt *t = *state;
    kam_route *r = NULL;
    kam_buf *out = NULL;
    assert_code(kam_route_parse(NULL, t->ctx, "json", "{}", 2, t->err), KAM_E_INVAL);
    assert_code(kam_route_parse(&r, t->ctx, "xml", "{}", 2, t->err), KAM_E_INVAL);
    assert_code(kam_route_parse(&r, t->ctx, "json", NULL, 2, t->err), KAM_E_INVAL);
    r = parse(t, "cordeau", pvrp);
    assert_code(kam_buf_new(&out, t->ctx, t->err), KAM_OK);
    assert_code(kam_route_write(out, r, "res", t->err), KAM_E_NOT_FOUND);
    assert_code(kam_route_write(out, r, "xml", t->err), KAM_E_INVAL);
    assert_code(kam_route_solve(NULL, r, 1, 0, t->err), KAM_E_INVAL);
    assert_code(kam_route_solve(NULL, NULL, 1, 1, t->err), KAM_E_INVAL);
    assert_code(kam_route_budget(NULL, NULL, NULL, t->err), KAM_E_INVAL);
    kam_buf_free(out);
    kam_route_free(r);
}

typedef struct asked { int64_t first; int32_t times; } asked;

static int32_t on_spent(void *user, int64_t best) {
    asked *a = user;
    if (!a->times++) a->first = best;
    return a->times >= 10 ? 1000000 : a->times * 100000;
}

static void test_budget(void **state) {
    vt *t = *state;
    kam_route *r = parse(t, "cordeau", pvrp);
    asked a = {0, 0};
    assert_code(kam_route_budget(r, on_spent, &a, t->err), KAM_OK);
    assert_code(kam_route_solve(NULL, r, 1, 0, t->err), KAM_OK);
    assert_int_equal(a.times, 10);
    assert_true(a.first >= 22000000);
    assert_true(kam_route_figure(r, KAM_ROUTE_ITERATIONS) <= 10 * 64);
    kam_route_free(r);
}

static int32_t sweep(kam_ctx *ctx, fault *f, kam_error *err) {
    static const char json[] = "{\"days\":2,\"vehicles\":[{\"id\":\"v\",\"x\":0,\"y\":0}],\"customers\":[{\"id\":\"a\","
                               "\"x\":0,\"y\":5,\"windows\":[{\"open\":20,\"close\":30}],\"vehicles\":[\"v\"]},{\"id\":\"b\",\"x\":1,"
                               "\"y\":5,\"visits\":1,\"target_gap\":1,\"last\":0,\"skills\":[]}]}";
    static const char *const format[] = {"cordeau", "vrplib", "json"};
    const char *const text[] = {pvrp, solomon, json};
    int32_t rc = KAM_OK;
    (void)f;
    for (int i = 0; i < 3 && rc == KAM_OK; i++) {
        kam_route *r = NULL;
        kam_buf *out = NULL;
        rc = kam_route_parse(&r, ctx, format[i], text[i], KAM_NUL, err);
        if (rc == KAM_OK) rc = kam_route_solve(NULL, r, 1, 20, err);
        if (rc == KAM_OK) rc = kam_buf_new(&out, ctx, err);
        if (rc == KAM_OK) rc = kam_route_write(out, r, i == 2 ? "json" : "res", err);
        kam_buf_free(out);
        kam_route_free(r);
    }
    return rc;
}

static void test_out_of_memory(void **state) {
    (void)state;
    assert_true(fault_sweep(sweep) > 50);
}

int main(void) {
#define ONE(name) cmocka_unit_test_setup_teardown(name, vt_setup, vt_teardown)
    const struct CMUnitTest tests[] = {
        ONE(test_pvrp), ONE(test_codes_and_depots), ONE(test_vrplib), ONE(test_json), ONE(test_gaps),
        ONE(test_order_breaks_and_nights), ONE(test_who_may_go), ONE(test_wrong_rules), ONE(test_mistakes),
        ONE(test_arguments), ONE(test_budget), cmocka_unit_test(test_out_of_memory)};
    return cmocka_run_group_tests_name("visit/route_text", tests, NULL, NULL);
}
