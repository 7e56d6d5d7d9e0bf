/*
 * tests/store/test_query.c - conditions, order, chosen fields, windows, facts of an account, days of the past; each
 * question put to a store that sorts and to one that does not.
 */
#include "rows_test.h"

typedef struct ask { desk *d; kam_query *q; } ask;

static ask about(desk *d, uint32_t kind) {
    ask a = {d, NULL};
    OK(d, kam_query_new(&a.q, d->book, kind, d->err));
    return a;
}

static void where(ask a, uint32_t field, uint32_t op, const char *value) {
    OK(a.d, kam_query_where(a.q, field, op, value, KAM_NUL, a.d->err));
}

static void in(ask a, uint32_t field, const int64_t *value, size_t n) {
    OK(a.d, kam_query_where_i64(a.q, field, KAM_OP_IN, value, n, a.d->err));
}

static void where_i64(ask a, uint32_t field, uint32_t op, int64_t value) {
    OK(a.d, kam_query_where_i64(a.q, field, op, &value, 1, a.d->err));
}

static void order(ask a, uint32_t field, uint32_t flags) { OK(a.d, kam_query_order(a.q, field, flags, a.d->err)); }
static void choose(ask a, uint32_t field) { OK(a.d, kam_query_select(a.q, field, a.d->err)); }

static kam_rows *run_on(ask a, int32_t day) {
    kam_rows *rows = NULL;
    OK(a.d, kam_query_run(&rows, a.q, day, a.d->err));
    kam_query_free(a.q);                    /* rows live on */
    return rows;
}

static void ids_are(ask a, const char *want) { same_text(column(a.d, run_on(a, KAM_TODAY), KAM_ID), want); }
static void names_are(ask a, const char *want) { same_text(column(a.d, run_on(a, KAM_TODAY), KAM_ACCOUNT_NAME), want); }

/* Five accounts, two representatives. */
static void fill(desk *d) {
    put(d, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    put(d, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Wu\"}");
    put(d, KAM_KIND_ACCOUNT,
        "{\"name\":\"beta\",\"city\":\"Wuhan\",\"employees\":30,\"size\":\"LARGE\",\"credit_limit\":\"100.00\","
        "\"owner\":1}");
    put(d, KAM_KIND_ACCOUNT,
        "{\"name\":\"Alpha\",\"city\":\"Xian\",\"employees\":10,\"size\":\"SMALL\",\"credit_limit\":\"250.50\","
        "\"owner\":2}");
    put(d, KAM_KIND_ACCOUNT, "{\"name\":\"gamma\",\"employees\":30,\"customer_since\":\"2020-05-01\"}");
    put(d, KAM_KIND_ACCOUNT,
        "{\"name\":\"Betty\",\"city\":\"Wuxi\",\"credit_limit\":\"99.99\",\"currency\":\"USD\",\"owner\":1,"
        "\"lifecycle\":\"INTENT\"}");
    put(d, KAM_KIND_ACCOUNT, "{\"name\":\"delta\",\"city\":\"Wuhan\",\"employees\":20,\"size\":\"MEDIUM\"}");
}

static void open_filled(desk *d, int lazy) {
    desk_ctx(d);
    kam_store *store = lazy ? lazy_store(d) : NULL;
    desk_book(d, store);
    kam_store_free(store);
    fill(d);
}

static void test_where(void **state) {
    (void)state;
    for (int lazy = 0; lazy < 2; lazy++) {
        desk d = {0};
        open_filled(&d, lazy);
        static const int64_t some[] = {2, 4, 77};
        ask a = about(&d, KAM_KIND_ACCOUNT);
        ids_are(a, "1 2 3 4 5 ");
        a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_CITY, KAM_OP_EQ, "Wuhan"), ids_are(a, "1 5 ");
        a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_CITY, KAM_OP_PREFIX, "Wu"), ids_are(a, "1 4 5 ");
        a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_CITY, KAM_OP_NULL, NULL), ids_are(a, "3 ");
        a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_CITY, KAM_OP_GT, "Wuhan"), ids_are(a, "2 4 ");
        a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_SIZE, KAM_OP_EQ, "SMALL"), ids_are(a, "2 ");
        a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_SIZE, KAM_OP_LE, "medium"), ids_are(a, "1 5 ");
        a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_CUSTOMER_SINCE, KAM_OP_LT, "2020-05-02"),
        ids_are(a, "3 ");
        a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_CREDIT_LIMIT, KAM_OP_GE, "100.00"), ids_are(a, "1 2 ");
        a = about(&d, KAM_KIND_ACCOUNT), where_i64(a, KAM_ACCOUNT_CREDIT_LIMIT, KAM_OP_LT, 10000), ids_are(a, "4 ");
        a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_CURRENCY, KAM_OP_EQ, "usd"), ids_are(a, "4 ");
        a = about(&d, KAM_KIND_ACCOUNT), in(a, KAM_ID, some, 3), ids_are(a, "2 4 ");
        a = about(&d, KAM_KIND_ACCOUNT), in(a, KAM_ACCOUNT_EMPLOYEES, some, 0), ids_are(a, "");
        a = about(&d, KAM_KIND_ACCOUNT), where_i64(a, KAM_ID, KAM_OP_GT, 0),
        where(a, KAM_ACCOUNT_EMPLOYEES, KAM_OP_EQ, "30");
        where(a, KAM_ACCOUNT_CITY, KAM_OP_EQ, "Wuhan"), ids_are(a, "1 ");
        a = about(&d, KAM_KIND_ACCOUNT), where_i64(a, KAM_ACCOUNT_CUSTOMER_SINCE, KAM_OP_LE, KAM_TODAY),
        ids_are(a, "3 ");
        desk_close(&d);
    }
}

static void test_refused(void **state) {
    (void)state;
    desk d = {0};
    int64_t two[2] = {1, 2};
    open_filled(&d, 0);
    kam_query *q = NULL;
    assert_int_equal(kam_query_new(&q, d.book, KAM_KIND_TOUCHED, d.err), KAM_E_INVAL);
    assert_int_equal(kam_query_new(&q, d.book, KAM__KIND_COUNTER, d.err), KAM_E_INVAL);
    assert_null(q);
    ask a = about(&d, KAM_KIND_ACCOUNT);
    assert_int_equal(kam_query_where(a.q, KAM_CONTACT_NAME, KAM_OP_EQ, "x", KAM_NUL, d.err), KAM_E_INVAL);
    assert_int_equal(kam_error_detail(d.err, KAM_ERR_FIELD), KAM_CONTACT_NAME);
    assert_int_equal(kam_query_where(a.q, KAM_ACCOUNT_EMPLOYEES, KAM_OP_EQ, "many", KAM_NUL, d.err), KAM_E_PARSE);
    assert_string_equal(kam_error_message(d.err),
                        "account.employees: \"many\" is no whole number; write digits only, like -42");
    assert_int_equal(kam_query_where(a.q, KAM_ACCOUNT_NAME, KAM_OP_EQ, "", 0, d.err), KAM_E_INVAL);
    assert_int_equal(kam_query_where(a.q, KAM_ACCOUNT_NAME, KAM_OP_EQ, "\xff", 1, d.err), KAM_E_UTF8);
    assert_int_equal(kam_query_where(a.q, KAM_ACCOUNT_NAME, KAM_OP_IN, "x", 1, d.err), KAM_E_INVAL);
    assert_int_equal(kam_query_where(a.q, KAM_ACCOUNT_EMPLOYEES, KAM_OP_PREFIX, "1", 1, d.err), KAM_E_TYPE);
    assert_int_equal(kam_query_where(a.q, KAM_ACCOUNT_NAME, 99, "1", 1, d.err), KAM_E_INVAL);
    assert_int_equal(kam_query_where(a.q, KAM_ACCOUNT_CREDIT_LIMIT, KAM_OP_EQ, "1.234", KAM_NUL, d.err), KAM_E_LIMIT);
    assert_int_equal(kam_query_where_i64(a.q, KAM_ACCOUNT_NAME, KAM_OP_EQ, two, 1, d.err), KAM_E_TYPE);
    assert_int_equal(kam_query_where_i64(a.q, KAM_ID, KAM_OP_EQ, two, 2, d.err), KAM_E_INVAL);
    two[0] = (int64_t)1 << 40;
    assert_int_equal(kam_query_where_i64(a.q, KAM_ACCOUNT_SIZE, KAM_OP_EQ, two, 1, d.err), KAM_E_LIMIT);
    assert_int_equal(kam_query_select(a.q, KAM_REASON, d.err), KAM_E_UNSUPPORTED);
    assert_int_equal(kam_query_order(a.q, KAM_ACCOUNT_NAME, 2, d.err), KAM_E_INVAL);
    assert_int_equal(kam_query_order(a.q, 9999, 0, d.err), KAM_E_INVAL);
    ids_are(a, "1 2 3 4 5 ");               /* nothing of all that got in */
    kam_query_free(NULL);
    desk_close(&d);
}

static int32_t no_case(void *user, const char *text, size_t len, kam_buf *key) {
    (void)user;
    for (size_t i = 0; i < len; i++) {
        char c = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
        if (kam_buf_append(key, &c, 1, NULL) != KAM_OK) return KAM_E_NOMEM;
    }
    return KAM_OK;
}

static void test_order(void **state) {
    (void)state;
    for (int lazy = 0; lazy < 2; lazy++) {
        desk d = {0};
        open_filled(&d, lazy);
        ask a = about(&d, KAM_KIND_ACCOUNT);
        order(a, KAM_ACCOUNT_EMPLOYEES, 0), ids_are(a, "2 5 1 3 4 ");
        a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_EMPLOYEES, KAM_ORDER_DOWN), ids_are(a, "1 3 5 2 4 ");
        a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ID, KAM_ORDER_DOWN), ids_are(a, "5 4 3 2 1 ");
        a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_EMPLOYEES, KAM_ORDER_DOWN),
        order(a, KAM_ID, KAM_ORDER_DOWN);
        ids_are(a, "3 1 5 2 4 ");
        a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_EMPLOYEES, KAM_ORDER_DOWN), order(a, KAM_ACCOUNT_SIZE, 0);
        ids_are(a, "1 3 5 2 4 ");
        a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_CITY, 0), order(a, KAM_ACCOUNT_NAME, KAM_ORDER_DOWN);
        names_are(a, "delta beta Betty Alpha gamma ");
        a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_NAME, 0), names_are(a, "Alpha Betty beta delta gamma ");
        a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_NAME, 0);
        OK(&d, kam_query_limit(a.q, 1, 2, d.err));
        names_are(a, "Betty beta ");
        a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_EMPLOYEES, 0);
        OK(&d, kam_query_limit(a.q, 1, 3, d.err));
        choose(a, KAM_ACCOUNT_NAME);
        names_are(a, "delta beta gamma ");
        a = about(&d, KAM_KIND_ACCOUNT);
        OK(&d, kam_query_limit(a.q, 4, 0, d.err));
        ids_are(a, "5 ");
        desk_close(&d);
    }
}

static void test_collate(void **state) {
    (void)state;
    desk d = {.collate = no_case};
    open_filled(&d, 0);
    ask a = about(&d, KAM_KIND_ACCOUNT);
    order(a, KAM_ACCOUNT_NAME, 0), names_are(a, "Alpha beta Betty delta gamma ");
    a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_NAME, KAM_ORDER_DOWN),
    names_are(a, "gamma delta Betty beta Alpha ");
    a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_CITY, KAM_ORDER_DOWN), ids_are(a, "2 4 1 5 3 ");
    desk_close(&d);
}

/* Money needs its currency, which comes along unasked and is shown only when asked for. */
static void test_select(void **state) {
    (void)state;
    desk d = {0};
    open_filled(&d, 0);
    put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"jp\",\"credit_limit\":\"1500\",\"currency\":\"JPY\"}");
    ask a = about(&d, KAM_KIND_ACCOUNT);
    choose(a, KAM_ACCOUNT_CREDIT_LIMIT), choose(a, KAM_ACCOUNT_NAME), choose(a, KAM_ACCOUNT_NAME),
        where_i64(a, KAM_ID, KAM_OP_GE, 4);
    same_text(texts(&d, run_on(a, KAM_TODAY), KAM_FORMAT_CSV),
              "credit_limit,name\r\n99.99,Betty\r\n,delta\r\n1500,jp\r\n");
    a = about(&d, KAM_KIND_ACCOUNT), choose(a, KAM_ACCOUNT_CREDIT_LIMIT), where_i64(a, KAM_ID, KAM_OP_GE, 6);
    same_text(texts(&d, run_on(a, KAM_TODAY), KAM_FORMAT_JSONL), "{\"credit_limit\":1500}\n");
    a = about(&d, KAM_KIND_ACCOUNT), choose(a, KAM_ACCOUNT_CURRENCY), choose(a, KAM_ACCOUNT_CREDIT_LIMIT),
    where_i64(a, KAM_ID, KAM_OP_EQ, 6);
    kam_rows *rows = run_on(a, KAM_TODAY);
    const kam_record *r = NULL;
    OK(&d, kam_rows_next(&r, rows, d.err));
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_CREDIT_LIMIT, ""), "1500");
    assert_int_equal(kam_record_type(r, KAM_ID), 0);        /* not chosen */
    kam_rows_free(rows);
    a = about(&d, KAM_KIND_OWNER);          /* open ends of a fact are empty, the library's own columns not shown */
    where_i64(a, KAM_ID, KAM_OP_EQ, 2);
    same_text(texts(&d, run_on(a, KAM_TODAY), KAM_FORMAT_CSV),
              "id,seq,valid_from,valid_to,reason,account,representative\r\n2,5,,,,2,2\r\n");
    desk_close(&d);
}

static void test_virtual(void **state) {
    (void)state;
    for (int lazy = 0; lazy < 2; lazy++) {
        desk d = {0};
        open_filled(&d, lazy);
        ask a = about(&d, KAM_KIND_ACCOUNT);
        same_text(column(&d, run_on(a, KAM_TODAY), KAM_ACCOUNT_OWNER), "1 2 - 1 - ");
        a = about(&d, KAM_KIND_ACCOUNT), choose(a, KAM_ACCOUNT_NAME), choose(a, KAM_ACCOUNT_OWNER),
        choose(a, KAM_ACCOUNT_LIFECYCLE);
        where_i64(a, KAM_ACCOUNT_OWNER, KAM_OP_EQ, 1), where(a, KAM_ACCOUNT_LIFECYCLE, KAM_OP_EQ, "INTENT");
        same_text(texts(&d, run_on(a, KAM_TODAY), KAM_FORMAT_CSV), "name,owner,lifecycle\r\nBetty,1,INTENT\r\n");
        a = about(&d, KAM_KIND_ACCOUNT), choose(a, KAM_ACCOUNT_NAME), where(a, KAM_ACCOUNT_OWNER, KAM_OP_NULL, NULL),
        ids_are(a, "- - ");
        a = about(&d, KAM_KIND_ACCOUNT), choose(a, KAM_ACCOUNT_NAME), order(a, KAM_ACCOUNT_OWNER, KAM_ORDER_DOWN);
        names_are(a, "Alpha beta Betty gamma delta ");
        a = about(&d, KAM_KIND_ACCOUNT), choose(a, KAM_ACCOUNT_NAME), where_i64(a, KAM_ACCOUNT_OWNER, KAM_OP_EQ, 1);
        OK(&d, kam_query_limit(a.q, 1, 1, d.err));
        names_are(a, "Betty ");
        desk_close(&d);
    }
}

/* A day of the past: old values filter and sort, deleted ones are back, facts are those of that day. */
static void test_as_of(void **state) {
    (void)state;
    desk d = {0};
    open_filled(&d, 0);
    d.now += 10 * DAY_MS;
    change(&d, KAM_KIND_ACCOUNT, 1, "{\"name\":\"omega\",\"owner\":2,\"employees\":1}");
    OK(&d, kam_book_delete(d.book, KAM_KIND_ACCOUNT, 2, 0, d.err));
    ask a = about(&d, KAM_KIND_ACCOUNT);
    order(a, KAM_ACCOUNT_NAME, 0), names_are(a, "Betty delta gamma omega ");
    a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_NAME, 0), choose(a, KAM_ACCOUNT_NAME),
    choose(a, KAM_ACCOUNT_OWNER);
    same_text(texts(&d, run_on(a, DAY0 + 1), KAM_FORMAT_CSV),
              "name,owner\r\nAlpha,2\r\nBetty,1\r\nbeta,1\r\ndelta,\r\ngamma,\r\n");
    a = about(&d, KAM_KIND_ACCOUNT), where(a, KAM_ACCOUNT_NAME, KAM_OP_EQ, "beta"), choose(a, KAM_ID);
    same_text(column(&d, run_on(a, DAY0 + 1), KAM_ID), "1 ");
    a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_EMPLOYEES, 0), choose(a, KAM_ID);
    same_text(column(&d, run_on(a, DAY0 + 1), KAM_ID), "2 5 1 3 4 ");
    a = about(&d, KAM_KIND_ACCOUNT), order(a, KAM_ACCOUNT_EMPLOYEES, 0), choose(a, KAM_ID);
    same_text(column(&d, run_on(a, KAM_TODAY), KAM_ID), "1 5 3 4 ");
    desk_close(&d);
}

/* The last few of many: read from the end, ties by id upwards although the store goes down. Values 0..999 stand nine
 * times each. */
static void test_top(void **state) {
    (void)state;
    for (int lazy = 0; lazy < 2; lazy++) {
        desk d = {0};
        desk_ctx(&d);
        kam_store *store = lazy ? lazy_store(&d) : NULL;
        desk_book(&d, store);
        kam_store_free(store);
        many_accounts(&d, 9000);
        put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"none\"}");
        ask a = about(&d, KAM_KIND_ACCOUNT);
        choose(a, KAM_ID), choose(a, KAM_ACCOUNT_EMPLOYEES), order(a, KAM_ACCOUNT_EMPLOYEES, KAM_ORDER_DOWN);
        OK(&d, kam_query_limit(a.q, 7, 4, d.err));
        same_text(texts(&d, run_on(a, KAM_TODAY), KAM_FORMAT_CSV),
                  "id,employees\r\n7321,999\r\n8321,999\r\n642,998\r\n1642,998\r\n");
        a = about(&d, KAM_KIND_ACCOUNT), choose(a, KAM_ID), order(a, KAM_ACCOUNT_EMPLOYEES, KAM_ORDER_DOWN);
        OK(&d, kam_query_limit(a.q, 4090, 3, d.err));       /* the ties of the last one lie in the second page */
        same_text(column(&d, run_on(a, KAM_TODAY), KAM_ID), "4055 5055 6055 ");
        a = about(&d, KAM_KIND_ACCOUNT), choose(a, KAM_ACCOUNT_NAME), order(a, KAM_ACCOUNT_EMPLOYEES, KAM_ORDER_DOWN);
        OK(&d, kam_query_limit(a.q, 8999, 50, d.err));
        same_text(column(&d, run_on(a, KAM_TODAY), KAM_ACCOUNT_NAME), "a9000 none ");
        desk_close(&d);
    }
}

/* A query is run as often as wanted and grows between; rows made before stay as they were. */
static void test_again(void **state) {
    (void)state;
    desk d = {0};
    kam_rows *first = NULL, *second = NULL;
    open_filled(&d, 0);
    many_accounts(&d, 5000);
    ask a = about(&d, KAM_KIND_ACCOUNT);
    choose(a, KAM_ID);
    OK(&d, kam_query_run(&first, a.q, KAM_TODAY, d.err));
    where(a, KAM_ACCOUNT_CITY, KAM_OP_EQ, "Wuhan");
    choose(a, KAM_ACCOUNT_NAME);
    OK(&d, kam_query_run(&second, a.q, KAM_TODAY, d.err));
    kam_query_free(a.q);
    same_text(texts(&d, second, KAM_FORMAT_CSV), "id,name\r\n1,beta\r\n5,delta\r\n");
    int n = 0;
    for (const kam_record *r = NULL; ; n++) {
        OK(&d, kam_rows_next(&r, first, d.err));
        if (!r) break;
    }
    assert_int_equal(n, 5005);
    kam_rows_free(first);
    desk_close(&d);
}

/* Events that were corrected, and the window over them. */
static void test_events(void **state) {
    (void)state;
    desk d = {0};
    open_filled(&d, 0);
    for (int i = 1; i <= 4; i++) {
        char json[160];
        snprintf(json, sizeof json,
                 "{\"account\":1,\"day\":\"2024-01-0%d\",\"event\":\"SALE\",\"amount\":\"%d0.00\",\"source\":\"erp\","
                 "\"ext_id\":\"L%d\"}",
                 5 - i, i, i);
        put(&d, KAM_KIND_LEDGER, json);
    }
    put(&d, KAM_KIND_LEDGER,
        "{\"account\":1,\"day\":\"2024-01-04\",\"event\":\"SALE\",\"amount\":\"11.00\",\"source\":\"erp\",\"ext_id\":"
        "\"L1\"}");
    ask a = about(&d, KAM_KIND_LEDGER);
    choose(a, KAM_LEDGER_AMOUNT), order(a, KAM_LEDGER_DAY, KAM_ORDER_DOWN);
    OK(&d, kam_query_limit(a.q, 0, 3, d.err));
    same_text(column(&d, run_on(a, KAM_TODAY), KAM_LEDGER_AMOUNT), "11.00 20.00 30.00 ");
    a = about(&d, KAM_KIND_LEDGER), order(a, KAM_LEDGER_DAY, 0);
    same_text(column(&d, run_on(a, kam__day(2024, 1, 3)), KAM_LEDGER_AMOUNT), "40.00 30.00 20.00 ");
    desk_close(&d);
}

static void test_no_memory(void **state) {
    (void)state;
    desk d = {0};
    open_filled(&d, 0);
    int64_t failures = 0;
    for (int64_t n = 0; ; n++) {
        kam_query *q = NULL;
        kam_rows *rows = NULL;
        d.left = n;
        int32_t rc = kam_query_new(&q, d.book, KAM_KIND_ACCOUNT, d.err);
        if (rc == KAM_OK) rc = kam_query_where(q, KAM_ACCOUNT_CITY, KAM_OP_PREFIX, "Wu", 2, d.err);
        if (rc == KAM_OK) rc = kam_query_where_i64(q, KAM_ACCOUNT_OWNER, KAM_OP_EQ, &(int64_t){1}, 1, d.err);
        if (rc == KAM_OK) rc = kam_query_order(q, KAM_ACCOUNT_NAME, 0, d.err);
        if (rc == KAM_OK) rc = kam_query_run(&rows, q, KAM_TODAY, d.err);
        d.left = -1;
        kam_query_free(q);
        if (rc == KAM_OK) {
            same_text(column(&d, rows, KAM_ACCOUNT_NAME), "Betty beta ");
            break;
        }
        failures++;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_int_equal(kam_error_code(d.err), KAM_E_NOMEM);
        assert_null(rows);
    }
    assert_true(failures > 20);
    desk_close(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where),   cmocka_unit_test(test_refused),   cmocka_unit_test(test_order),
        cmocka_unit_test(test_collate), cmocka_unit_test(test_select),    cmocka_unit_test(test_virtual),
        cmocka_unit_test(test_as_of),   cmocka_unit_test(test_top),       cmocka_unit_test(test_again),
        cmocka_unit_test(test_events),  cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
