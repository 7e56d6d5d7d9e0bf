/*
 * test_messages.c - what the library says when it refuses: messages of the public interface, each provoked once, printed,
 * and looked at for what is wrong, where, and what to do. Those that the rooms' own tests provoke are not repeated; what
 * nobody provokes is found by messages.py.
 */
#include "messages_test.h"

/* ---------------------------------------------------------------- books and stores */

static void test_opening(void **state)
{
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "EURO"};
    kam_store *store = NULL;
    kam_book *b = NULL;
    const char *map = "{\"account\": {\"relation\": \"customer\", \"read_only\": true, \"columns\": {\"id\": \"no\", \"name\": \"n\"}}}";
    (void)state;
    says(kam_book_open(&b, NULL, NULL, &o, err), KAM_E_INVAL, "currency \"EURO\"");
    says(kam_book_known(&b, book, -1, err), KAM_E_INVAL, "a commit number is not negative");
    assert_int_equal(kam_store_memory(&store, NULL, err), KAM_OK);
    o.flags = 0;
    o.currency = NULL;
    says(kam_book_open(&b, NULL, store, &o, err), KAM_E_SCHEMA, "KAM_BOOK_CREATE");
    assert_int_equal(kam_store_map(store, map, KAM_NUL, err), KAM_OK);
    says(kam_store_map(store, map, KAM_NUL, err), KAM_E_INVAL, "mapped once");
    kam_store_free(store);
}

static int32_t no_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *e)
{
    (void)self, (void)fn, (void)user, (void)e;
    q->handled = 0;
    return KAM_OK;
}

static int32_t no_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *e)
{
    (void)self, (void)t, (void)op, (void)rows, (void)e;
    return KAM_OK;
}

static void test_stores(void **state)
{
    const kam_store_vt vt = {.struct_size = sizeof vt, .abi = KAM_STORE_ABI, .scan = no_scan, .write = no_write};
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_UPGRADE};
    kam_store *store = NULL;
    kam_book *b = NULL;
    (void)state;
    says(kam_store_new(&store, NULL, &vt, NULL, 9, err), KAM_E_INVAL, "store mode 9");
    assert_int_equal(kam_store_new(&store, NULL, &vt, NULL, KAM_TXN_HOST, err), KAM_OK);
    says(kam_store_control(store, KAM_CTL_PURGE, NULL, err), KAM_E_UNSUPPORTED, "this store has no control");
    says(kam_book_open(&b, NULL, store, &o, err), KAM_E_SCHEMA, "the store holds no book yet: open it once with KAM_BOOK_CREATE");
    kam_store_free(store);
}

static void test_transactions(void **state)
{
    (void)state;
    says(kam_book_begin(book, 7, err), KAM_E_INVAL, "not 7");
    says(kam_book_host_ended(book, 1, err), KAM_E_INVAL, "the book's own");
}

/* ---------------------------------------------------------------- records */

static void test_saving(void **state)
{
    static const char *const name[] = {"Acme"};
    static const uint32_t name_field[] = {KAM_ACCOUNT_NAME, 0}, none[] = {0};
    kam_record *r = record(book, KAM_KIND_ACCOUNT, name, name_field), *run = record(book, KAM_KIND_RUN, NULL, none);
    (void)state;
    assert_int_equal(kam_book_save(book, r, err), KAM_OK);
    assert_int_equal(kam_book_delete(book, KAM_KIND_ACCOUNT, kam_record_i64(r, KAM_ID, 0), 0, err), KAM_OK);
    says(kam_book_save(book, r, err), KAM_E_NOT_FOUND, "is deleted");
    says(kam_book_save(book, run, err), KAM_E_UNSUPPORTED, "written by the library only");
    kam_record_free(r);
    kam_record_free(run);
}

static void test_events(void **state)
{
    kam_record *mine = NULL, *other = NULL;
    int64_t id = sell(book, "2026-01-05", "10.00", "CNY");
    (void)state;
    assert_int_equal(kam_book_get(&mine, book, KAM_KIND_LEDGER, id, KAM_TODAY, err), KAM_OK);
    assert_int_equal(kam_book_get(&other, book, KAM_KIND_LEDGER, id, KAM_TODAY, err), KAM_OK);
    assert_int_equal(kam_record_set_text(other, KAM_LEDGER_AMOUNT, "11.00", KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_book_save(book, other, err), KAM_OK);
    assert_int_equal(kam_record_set_text(mine, KAM_LEDGER_AMOUNT, "12.00", KAM_NUL, err), KAM_OK);
    says(kam_book_save(book, mine, err), KAM_E_CONFLICT, "corrected meanwhile: read it again");
    kam_record_free(mine);
    kam_record_free(other);
}

/* ---------------------------------------------------------------- queries */

static void test_queries(void **state)
{
    kam_book *poor = open_book(NULL);
    kam_query *q = NULL, *p = NULL;
    int32_t rc = KAM_OK;
    (void)state;
    assert_int_equal(kam_query_new(&q, book, KAM_KIND_ACCOUNT, err), KAM_OK);
    for (int i = 0; i < 100 && rc == KAM_OK; i++) rc = kam_query_where(q, KAM_ACCOUNT_NAME, KAM_OP_EQ, "x", KAM_NUL, err);
    says(rc, KAM_E_LIMIT, "a query has at most");
    rc = KAM_OK;
    for (int i = 0; i < 100 && rc == KAM_OK; i++) rc = kam_query_order(q, KAM_ACCOUNT_NAME + (uint32_t)i % 40, 0, err);
    says(rc, KAM_E_LIMIT, "a query sorts by at most");
    assert_int_equal(kam_query_new(&p, poor, KAM_KIND_ACCOUNT, err), KAM_OK);
    says(kam_query_where(p, KAM_ACCOUNT_POTENTIAL, KAM_OP_GE, "10", KAM_NUL, err), KAM_E_INVAL, "kam_query_where_i64");
    kam_query_free(p);
    kam_query_free(q);
    kam_book_close(poor);
}

/* ---------------------------------------------------------------- imports */

static void feed(kam_book *of, const char *mapping, const char *text, uint32_t kind, int32_t code, const char *part)
{
    kam_import_options o = {.struct_size = sizeof o, .source = "erp", .mapping = mapping, .format = KAM_FORMAT_CSV};
    kam_import *imp = NULL;
    kam_rows *problems = NULL;
    const kam_record *r = NULL;
    if (text[0] == '[' || text[0] == '{') o.format = text[0] == '[' ? KAM_FORMAT_JSON : KAM_FORMAT_JSONL;
    if (kam_import_new(&imp, of, kind, &o, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    int32_t rc = kam_import_feed(imp, text, strlen(text), err);
    if (rc == KAM_OK) rc = kam_import_finish(imp, err);
    if (code != KAM_OK) {
        says(rc, code, part);
        says(kam_import_feed(imp, "x\n", KAM_NUL, err), rc, "begin another one");
    } else {
        if (rc != KAM_OK) fail_msg("%s", kam_error_message(err));
        assert_int_equal(kam_import_problems(&problems, imp, err), KAM_OK);
        assert_int_equal(kam_rows_next(&r, problems, err), KAM_OK);
        assert_non_null(r);
        if (!strstr(kam_record_text(r, KAM_PROBLEM_TEXT, ""), part))
            fail_msg("\"%s\" is not in \"%s\"", part, kam_record_text(r, KAM_PROBLEM_TEXT, ""));
        print_message("row %s               %s\n", kam_record_text(r, KAM_PROBLEM_ROW, ""), kam_record_text(r, KAM_PROBLEM_TEXT, ""));
    }
    kam_rows_free(problems);
    kam_import_free(imp);
}

static void test_imports(void **state)
{
    static const char product[] = "{\"name\":\"m\",\"kind\":\"ledger\",\"constants\":{\"event\":\"SALE\"},\"columns\":{\"a\":\"account\","
                                  "\"d\":\"day\",\"paid\":{\"field\":\"amount\",\"else_product\":[\"q\",\"p\"]}}}";
    (void)state;
    feed(book, NULL, "colour,size\nred,1\n", KAM_KIND_ACCOUNT, KAM_E_NOT_FOUND, "has no field \"colour\"");
    feed(book, NULL, "\"na\"me,city\nAcme,Bonn\n", KAM_KIND_ACCOUNT, KAM_E_PARSE, "heading: ");
    feed(book, product, "a,d,paid,q,p\nC1,2026-01-05,,9999999999999,9999999999999\n", KAM_KIND_LEDGER, KAM_OK, "too big");
}

/* ---------------------------------------------------------------- policies and runs */

static void test_policies(void **state)
{
    static const char begin[] = "{\"name\":\"long\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},\"kind\":\"ordinal\",\"grades\":[{\"grade\":\"A\","
                                "\"en\":\"a\",\"zh\":\"a\"}],\"window\":{\"months\":12},\"measure\":\"revenue\",\"rule\":{\"quota\":[\"1.00\"]},\"rest\":\"A\",\"source\":\"";
    static char text[70000];
    int64_t id = 0;
    (void)state;
    says(kam_policy_add(&id, book, KAM_POLICY_RULE, "{\"name\":\"x\"}", KAM_NUL, err), KAM_E_UNSUPPORTED, "not supported yet");
    memset(text, 'x', sizeof text);
    memcpy(text, begin, sizeof begin - 1);
    memcpy(text + sizeof text - 3, "\"}", 3);
    says(kam_policy_add(&id, book, KAM_POLICY_SCHEME, text, KAM_NUL, err), KAM_E_LIMIT, "a text may have");
}

static void test_gradings(void **state)
{
    kam_scheme *scheme = NULL;
    kam_run *run = NULL, *stored = NULL, *undo = NULL;
    kam_rows *rows = NULL;
    kam_why *why = NULL;
    (void)state;
    sell(book, "2026-01-05", "10.00", "CNY");
    assert_int_equal(kam_scheme_open(&scheme, book, "quota-20-40-40", 20513, err), KAM_OK);
    says(kam_grading_run(&run, book, scheme, 2000000000, err), KAM_E_INVAL, "years 1 to 9999");
    assert_int_equal(kam_grading_run(&run, book, scheme, 20513, err), KAM_OK);
    assert_int_equal(kam_run_apply(run, 0, err), KAM_OK);
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    assert_int_equal(kam_run_open(&stored, book, id, err), KAM_OK);
    says(kam_run_rows(&rows, stored, KAM_KIND_DUE, err), KAM_E_NOT_FOUND, "GRADE_ITEM");
    assert_int_equal(kam_run_undo(&undo, book, id, err), KAM_OK);
    says(kam_run_why(&why, undo, 9999, err), KAM_E_NOT_FOUND, "9999");
    kam_run_free(run);
    kam_run_free(stored);
    kam_run_free(undo);
    kam_scheme_free(scheme);
}

static void test_values(void **state)
{
    kam_book *poor = open_book(NULL);
    kam_run *run = NULL, *stored = NULL;
    kam_rows *rows = NULL;
    (void)state;
    sell(poor, "2026-01-05", "10.00", "EUR");
    says(kam_value_run(&run, poor, NULL, 20513, err), KAM_E_POLICY, "name the currency of sums");
    assert_int_equal(kam_value_run(&run, book, NULL, 20513, err), KAM_OK);
    assert_int_equal(kam_run_apply(run, 0, err), KAM_OK);
    assert_int_equal(kam_run_open(&stored, book, kam_record_i64(kam_run_record(run), KAM_ID, 0), err), KAM_OK);
    says(kam_run_rows(&rows, stored, KAM_KIND_DUE, err), KAM_E_NOT_FOUND, "ACCOUNT_VALUE");
    kam_run_free(run);
    kam_run_free(stored);
    kam_book_close(poor);
}

/* ---------------------------------------------------------------- scores, plans, the report */

static void test_scores(void **state)
{
    kam_scorecard *card = NULL;
    kam_run *run = NULL, *stored = NULL;
    kam_rows *rows = NULL;
    kam_account *account = NULL;
    (void)state;
    account_of(book);
    says(kam_scorecard_open(&card, book, "nobody", 20513, err), KAM_E_POLICY, "nobody");
    says(kam_scorecard_parse(&card, NULL, "{\"name\": \"x\"}", KAM_NUL, err), KAM_E_PARSE, "is missing");
    assert_int_equal(kam_scorecard_open(&card, book, "key-account", 20513, err), KAM_OK);
    assert_int_equal(kam_scoring_run(&run, book, card, 20513, err), KAM_OK);
    assert_int_equal(kam_run_apply(run, 0, err), KAM_OK);
    assert_int_equal(kam_run_open(&stored, book, kam_record_i64(kam_run_record(run), KAM_ID, 0), err), KAM_OK);
    says(kam_run_rows(&rows, stored, KAM_KIND_DUE, err), KAM_E_NOT_FOUND, "SCORE only");
    says(kam_account_open(&account, book, 99999, 20513, err), KAM_E_NOT_FOUND, "99999");
    kam_run_free(run);
    kam_run_free(stored);
    kam_scorecard_free(card);
}

static void plan_says(const kam_visit_plan_options *o, int32_t as_of, int32_t code, const char *part)
{
    kam_visit_plan *plan = NULL;
    kam_run *run = NULL;
    int32_t rc = kam_visit_plan_new(&plan, book, o, err);
    if (rc == KAM_OK) rc = kam_visit_plan_run(&run, plan, as_of, err);
    says(rc, code, part);
    kam_visit_plan_free(plan);
    kam_run_free(run);
}

static void test_plans(void **state)
{
    static const char *const name[] = {"Li Na"};
    static const uint32_t name_field[] = {KAM_REPRESENTATIVE_NAME, 0};
    int64_t who[2] = {999, 999};
    kam_visit_plan_options o = {.struct_size = sizeof o, .days = 999};
    (void)state;
    plan_says(&o, 20513, KAM_E_INVAL, "days is 999");
    o.days = 28;
    o.from = 20400;
    plan_says(&o, 20513, KAM_E_INVAL, "over by as_of");
    o.from = 2932890;
    plan_says(&o, 20513, KAM_E_INVAL, "year 9999");
    o.from = 0;
    o.representative = who;
    o.nrepresentative = 1;
    plan_says(&o, 20513, KAM_E_NOT_FOUND, "no representative 999");
    who[0] = who[1] = saved(book, KAM_KIND_REPRESENTATIVE, name, name_field);
    o.nrepresentative = 2;
    plan_says(&o, 20513, KAM_E_INVAL, "named twice");
}

static void report_says(const kam_report_options *o, int32_t as_of, int32_t code, const char *part)
{
    kam_buf *page = NULL;
    assert_int_equal(kam_buf_new(&page, NULL, err), KAM_OK);
    says(kam_report_html(page, book, o, as_of, err), code, part);
    kam_buf_free(page);
}

static void test_reports(void **state)
{
    kam_report_options o = {.struct_size = sizeof o, .lang = "fr"};
    kam_run *value = NULL;
    (void)state;
    report_says(&o, 20513, KAM_E_INVAL, "\"fr\"");
    o.lang = "zh";
    report_says(&o, 2000000000, KAM_E_INVAL, "years 1 to 9999");
    o.grading = -1;
    report_says(&o, 20513, KAM_E_INVAL, "run's id");
    o.grading = 99999;
    report_says(&o, 20513, KAM_E_NOT_FOUND, "99999");
    assert_int_equal(kam_value_run(&value, book, NULL, 20513, err), KAM_OK);
    assert_int_equal(kam_run_apply(value, 0, err), KAM_OK);
    o.grading = kam_record_i64(kam_run_record(value), KAM_ID, 0);
    report_says(&o, 20513, KAM_E_INVAL, "kind");
    kam_run_free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opening),  cmocka_unit_test(test_stores),  cmocka_unit_test(test_transactions),
        cmocka_unit_test(test_saving),   cmocka_unit_test(test_events),  cmocka_unit_test(test_queries),
        cmocka_unit_test(test_imports),  cmocka_unit_test(test_policies), cmocka_unit_test(test_gradings),
        cmocka_unit_test(test_values),   cmocka_unit_test(test_scores),   cmocka_unit_test(test_plans),
        cmocka_unit_test(test_reports),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
