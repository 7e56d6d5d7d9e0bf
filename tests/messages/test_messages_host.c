/*
 * test_messages_host.c - what a database says that somebody wrote past the library, or that a newer one wrote: in words.
 */
#include "messages_test.h"
#ifdef KAM_HAVE_SQLITE
#include <kam/adapter/sqlite.h>
#include <sqlite3.h>

static sqlite3 *db;
static kam_store *store;

static int32_t open_with(kam_book **b, const char *map)
{
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    assert_int_equal(kam_sqlite_store(&store, NULL, db, KAM_TXN_OWN, err), KAM_OK);
    if (map && kam_store_map(store, map, KAM_NUL, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    return kam_book_open(b, NULL, store, &o, err);
}

static void done(kam_book *b)
{
    kam_book_close(b);
    kam_store_free(store);
}

static void sql(const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s: %s", text, sqlite3_errmsg(db));
}

static void test_newer_versions(void **state)
{
    kam_book *b = NULL;
    kam_run *run = NULL;
    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(open_with(&b, NULL), KAM_OK);
    assert_int_equal(kam_value_run(&run, b, NULL, 20513, err), KAM_OK);
    assert_int_equal(kam_run_apply(run, 0, err), KAM_OK);
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    done(b);
    sql("UPDATE kam_run SET kind = 99");
    assert_int_equal(open_with(&b, NULL), KAM_OK);
    says(kam_run_open(&run, b, id, err), KAM_E_UNSUPPORTED, "run 1 is of a kind this library does not know: use a newer library");
    done(b);
    sql("UPDATE kam_meta SET value = '7.2' WHERE name = 'schema'");
    b = NULL;
    says(open_with(&b, NULL), KAM_E_SCHEMA, "the book has schema 7.2, this library knows 1.");
    done(b);
    sqlite3_close(db);
}

static void rates_say(const char *map, const char *code, int32_t want, const char *part)
{
    char text[500];
    kam_book *b = NULL;
    kam_run *run = NULL;
    kam_value_options v = {.struct_size = sizeof v};
    snprintf(text, sizeof text, "CREATE TABLE rates (no INTEGER PRIMARY KEY, s TEXT, b TEXT, r INTEGER, f INTEGER, t INTEGER);"
             "CREATE TABLE sales (no INTEGER PRIMARY KEY, cust INTEGER, d INTEGER, what INTEGER, minor INTEGER, money TEXT);"
             "INSERT INTO sales VALUES (1, 1, 20450, 1, 1000, '%s'); INSERT INTO rates VALUES (1, '%s', 'CNY', 2000000000, 20000, 30000)",
             code, code);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    sql(text);
    assert_int_equal(open_with(&b, map), KAM_OK);
    account_of(b);
    v.currency = "CNY";
    says(kam_value_run(&run, b, &v, 20513, err), want, part);
    done(b);
    sqlite3_close(db);
}

static void test_rates_of_the_host(void **state)
{
#define SALES "\"ledger\": {\"relation\": \"sales\", \"read_only\": true, \"columns\": {\"id\": \"no\", \"account\": \"cust\", \"day\": \"d\"," \
              " \"event\": \"what\", \"amount\": \"minor\", \"currency\": \"money\"}},"
#define RATE_TABLE(more) "{" SALES " \"rate\": {\"relation\": \"rates\", \"read_only\": true, \"columns\": {\"id\": \"no\", \"sell\": \"s\"," \
                         " \"buy\": \"b\", \"valid_from\": \"f\", \"valid_to\": \"t\"" more "}}}"
    (void)state;
    rates_say(RATE_TABLE(", \"rate\": \"r\""), "ZZZ", KAM_E_POLICY, "the decimals of ZZZ are not known: save a CURRENCY record");
    rates_say(RATE_TABLE(""), "USD", KAM_E_SCHEMA, "table rate: there is a row without a rate: map the columns valid_from, valid_to and rate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_newer_versions), cmocka_unit_test(test_rates_of_the_host)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
#else
int main(void) { return 0; }
#endif
