/*
 * The reason to link a library: the book lies in the ERP's own database, on its connection, inside its transaction.
 */
#include <sqlite3.h>
#include <kam/adapter/sqlite.h>
#include "../store/store_test.h"

typedef struct erp { fixture f; sqlite3 *db; } erp;

static void sql(erp *e, const char *text)
{
    char *msg = NULL;
    if (sqlite3_exec(e->db, text, NULL, NULL, &msg) != SQLITE_OK) fail_msg("%s: %s", text, msg);
}

static int64_t number(erp *e, const char *text)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(e->db, text, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static int setup(void **state)
{
    static erp e;
    memset(&e, 0, sizeof e);
    assert_int_equal(kam_error_new(&e.f.err, NULL), KAM_OK);
    assert_int_equal(sqlite3_open(":memory:", &e.db), SQLITE_OK);
    sql(&e, "CREATE TABLE invoice(no INTEGER PRIMARY KEY, text TEXT)");
    sql(&e, "CREATE TABLE customer(cust_no CHAR(10) PRIMARY KEY, cname TEXT, town TEXT)");
    sql(&e, "INSERT INTO customer VALUES('C-001','Acme Pumps','Wuhan'),('C-002','Bolt Works','Jinan'),('C-003','Cast "
            "Iron','Wuhan')");
    sql(&e, "CREATE TABLE sales(line INTEGER PRIMARY KEY, cust CHAR(10), inv_date TEXT, amount TEXT, kind INTEGER)");
    sql(&e,
        "INSERT INTO sales "
        "VALUES(1,'C-001','2026-02-01','100.50',1),(2,'C-002','2026-02-02','20',1),(3,'C-001','2026-02-03','9.5',1)");
    *state = &e;
    return 0;
}

static int teardown(void **state)
{
    erp *e = *state;
    kam_book_close(e->f.book);
    kam_store_free(e->f.store);
    kam_error_free(e->f.err);
    sqlite3_close(e->db);
    return 0;
}

static void open_on(erp *e, uint32_t mode, const char *mapping)
{
    fixture *f = &e->f;
    kam_book_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = KAM_BOOK_CREATE;
    o.currency = "CNY";
    MUST(kam_sqlite_store(&f->store, NULL, e->db, mode, f->err));
    if (mapping) MUST(kam_store_map(f->store, mapping, KAM_NUL, f->err));
    MUST(kam_book_open(&f->book, NULL, f->store, &o, f->err));
}

static void import_accounts(fixture *f)
{
    static const char csv[] = "ext_id,name,city\nA1,Acme,Wuhan\nA2,Bolt,Jinan\n";
    kam_import_options o;
    kam_import *imp = NULL;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.source = "erp";
    MUST(kam_import_new(&imp, f->book, KAM_KIND_ACCOUNT, &o, f->err));
    MUST(kam_import_feed(imp, csv, sizeof csv - 1, f->err));
    MUST(kam_import_finish(imp, f->err));
    assert_int_equal(kam_record_i64(kam_import_report(imp), KAM_IMPORT_REPORT_NEW, -1), 2);
    kam_import_free(imp);
}

static void test_one_transaction_with_the_erp(void **state)
{
    erp *e = *state;
    fixture *f = &e->f;
    sql(e, "BEGIN");
    open_on(e, KAM_TXN_HOST, NULL);
    sql(e, "COMMIT");
    MUST(kam_book_host_ended(f->book, 1, f->err));
    for (int commit = 0; commit < 2; commit++) {
        sql(e, "BEGIN");
        sql(e, "INSERT INTO invoice VALUES(1, 'our own')");
        import_accounts(f);
        assert_int_equal(number(e, "SELECT count(*) FROM kam_account"), 2);
        sql(e, commit ? "COMMIT" : "ROLLBACK");
        MUST(kam_book_host_ended(f->book, commit, f->err));
        assert_int_equal(number(e, "SELECT count(*) FROM invoice"), commit);
        assert_int_equal(number(e, "SELECT count(*) FROM kam_account"), 2 * commit);
        assert_int_equal(number(e, "SELECT count(*) FROM kam_commit"), 1 + commit);
    }
    assert_int_equal(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err), KAM_E_UNSUPPORTED);
}

static void test_savepoints_inside_the_erp(void **state)
{
    erp *e = *state;
    fixture *f = &e->f;
    sql(e, "BEGIN");
    open_on(e, KAM_TXN_SAVEPOINT, NULL);
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    import_accounts(f);
    MUST(kam_book_rollback(f->book, f->err));
    assert_int_equal(number(e, "SELECT count(*) FROM kam_account"), 0);
    import_accounts(f);
    sql(e, "COMMIT");
    MUST(kam_book_host_ended(f->book, 1, f->err));
    assert_int_equal(number(e, "SELECT count(*) FROM kam_account"), 2);
}

static uint32_t told;
static void on_commit(void *user, const kam_block *touched) { (void)user, told += touched->nrow; }

static void test_changes_are_told_when_the_host_commits(void **state)
{
    erp *e = *state;
    fixture *f = &e->f;
    told = 0;
    open_on(e, KAM_TXN_HOST, NULL);
    MUST(kam_book_host_ended(f->book, 1, f->err));
    MUST(kam_book_on_commit(f->book, on_commit, NULL, f->err));
    sql(e, "BEGIN");
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    assert_int_equal(told, 0);
    sql(e, "ROLLBACK");
    MUST(kam_book_host_ended(f->book, 0, f->err));
    assert_int_equal(told, 0);
    sql(e, "BEGIN");
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    sql(e, "COMMIT");
    MUST(kam_book_host_ended(f->book, 1, f->err));
    assert_int_equal(told, 1);
}

static void test_failed_write_closes_the_door(void **state)
{
    erp *e = *state;
    fixture *f = &e->f;
    open_on(e, KAM_TXN_HOST, NULL);
    sql(e, "BEGIN");
    sql(e, "CREATE TRIGGER stop BEFORE INSERT ON kam_account BEGIN SELECT RAISE(FAIL, 'no more accounts'); END");
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)0);
    assert_true(kam_book_save(f->book, r, f->err) < 0);
    assert_non_null(strstr(kam_error_message(f->err), "no more accounts"));
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_ABORTED);
    sql(e, "ROLLBACK");
    MUST(kam_book_host_ended(f->book, 0, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    kam_record_free(r);
}

static const char mapping[] =
    "{\"account\": {\"relation\": \"customer\", \"read_only\": true,"
    "  \"columns\": {\"ext_id\": \"cust_no\", \"name\": \"cname\", \"city\": \"town\"}},"
    " \"ledger\": {\"relation\": \"sales\", \"read_only\": true,"
    "  \"columns\": {\"id\": \"line\", \"account\": \"cust\", \"day\": {\"column\": \"inv_date\", \"text\": true},"
    "               \"amount\": {\"column\": \"amount\", \"text\": true}, \"event\": \"kind\"}}}";

static void test_tables_the_erp_has(void **state)
{
    erp *e = *state;
    fixture *f = &e->f;
    int64_t id = 0;
    char text[256];
    open_on(e, KAM_TXN_OWN, mapping);
    assert_int_equal(number(e, "SELECT count(*) FROM sqlite_master WHERE name IN ('kam_account', 'kam_ledger')"), 0);
    assert_int_equal(number(e, "SELECT count(*) FROM sqlite_master WHERE name = 'kam_grade'"), 1);
    MUST(kam_book_find(&id, f->book, KAM_KIND_ACCOUNT, "erp", "C-002", KAM_NUL, f->err));
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Bolt Works");
    sql(e, "UPDATE customer SET town = 'Xiamen' WHERE cust_no = 'C-002'");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, KAM_TODAY, text), "Xiamen");
    kam_record *r = NULL;
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_CITY, "Wuhan", KAM_NUL, f->err));
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_READ_ONLY);
    kam_record_free(r);
}

static void test_facts_stand_on_the_erps_rows(void **state)
{
    erp *e = *state;
    fixture *f = &e->f;
    int64_t id = 0;
    open_on(e, KAM_TXN_OWN, mapping);
    MUST(kam_book_find(&id, f->book, KAM_KIND_ACCOUNT, "erp", "C-001", KAM_NUL, f->err));
    SAVE(f, KAM_KIND_TIER, (uint32_t)KAM_TIER_ACCOUNT, "erp:C-001", (uint32_t)KAM_TIER_TIER, "KEY");
    char text[256];
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_TIER, KAM_TODAY, text), "KEY");
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int64_t sum = 0;
    MUST(kam_query_new(&q, f->book, KAM_KIND_LEDGER, f->err));
    MUST(kam_query_where_i64(q, KAM_LEDGER_ACCOUNT, KAM_OP_EQ, &id, 1, f->err));
    MUST(kam_query_where(q, KAM_LEDGER_DAY, KAM_OP_GE, "2026-02-02", KAM_NUL, f->err));
    MUST(kam_query_run(&rows, q, KAM_TODAY, f->err));
    while (kam_rows_next(&r, rows, f->err) == KAM_OK && r) {
        assert_string_equal(kam_record_text(r, KAM_LEDGER_DAY, ""), "2026-02-03");
        sum += kam_record_i64(r, KAM_LEDGER_AMOUNT, 0);
    }
    assert_int_equal(sum, 950);
    kam_rows_free(rows);
    kam_query_free(q);
}

static void test_new_customers_get_ids(void **state)
{
    erp *e = *state;
    fixture *f = &e->f;
    int64_t id = 0, again = 0;
    open_on(e, KAM_TXN_OWN, mapping);
    MUST(kam_book_find(&id, f->book, KAM_KIND_ACCOUNT, "erp", "C-003", KAM_NUL, f->err));
    kam_book_close(f->book);
    f->book = NULL;
    sql(e, "INSERT INTO customer VALUES('C-000','Aardvark','Beijing')");
    MUST(kam_book_open(&f->book, NULL, f->store, NULL, f->err));
    MUST(kam_book_find(&again, f->book, KAM_KIND_ACCOUNT, "erp", "C-003", KAM_NUL, f->err));
    assert_int_equal(again, id);
    MUST(kam_book_find(&again, f->book, KAM_KIND_ACCOUNT, "erp", "C-000", KAM_NUL, f->err));
    assert_int_equal(number(e, "SELECT count(*) FROM kam_ext_id"), 4);
}

static void test_mapping_names_what_is_wrong(void **state)
{
    erp *e = *state;
    fixture *f = &e->f;
    MUST(kam_sqlite_store(&f->store, NULL, e->db, KAM_TXN_OWN, f->err));
    assert_int_equal(kam_store_map(f->store,
                                   "{\"account\": {\"relation\": \"customer\", \"columns\": {\"nam\": \"x\"}}}",
                                   KAM_NUL, f->err),
                     KAM_E_SCHEMA);
    assert_non_null(strstr(kam_error_message(f->err), "name"));        /* did you mean */
    assert_int_equal(kam_store_map(f->store,
                                   "{\"account\": {\"relation\": \"customer\", \"columns\": {\"name\": \"cname\"}}}",
                                   KAM_NUL, f->err),
                     KAM_E_SCHEMA);
    MUST(kam_store_map(
        f->store,
        "{\"account\": {\"relation\": \"customer\", \"read_only\": true, \"columns\": {\"ext_id\": \"cust_no\","
        " \"name\": \"gone\"}}}",
        KAM_NUL, f->err));
    kam_book_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = KAM_BOOK_CREATE;
    assert_int_equal(kam_book_open(&f->book, NULL, f->store, &o, f->err), KAM_E_SCHEMA);
    assert_non_null(strstr(kam_error_message(f->err), "gone"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_transaction_with_the_erp),
        TEST(test_savepoints_inside_the_erp),
        TEST(test_changes_are_told_when_the_host_commits),
        TEST(test_failed_write_closes_the_door),
        TEST(test_tables_the_erp_has),
        TEST(test_facts_stand_on_the_erps_rows),
        TEST(test_new_customers_get_ids),
        TEST(test_mapping_names_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
