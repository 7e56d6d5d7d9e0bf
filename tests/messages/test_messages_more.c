/*
 * test_messages_more.c - the refusals that need two books, a store of the host, or something that goes away meanwhile.
 */
#include "messages_test.h"
#include "codec/codec.h"
#include "store/memory.h"
#ifdef KAM_HAVE_SQLITE
#include <kam/adapter/sqlite.h>
#include <sqlite3.h>
#endif

static int64_t scheme_in(kam_book *of, const char *name)
{
    char text[600];
    int64_t id = 0;
    snprintf(text, sizeof text, "{\"name\":\"%s\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},\"kind\":\"ordinal\",\"grades\":[{\"grade\":\"A\","
             "\"en\":\"a\",\"zh\":\"a\"}],\"window\":{\"months\":12},\"measure\":\"revenue\",\"rule\":{\"quota\":[\"1.00\"]},"
             "\"rest\":\"A\"}", name);
    if (kam_policy_add(&id, of, KAM_POLICY_SCHEME, text, KAM_NUL, err) != KAM_OK ||
        kam_policy_approve(of, id, KAM_DAY_FIRST, KAM_DAY_END, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    return id;
}

static void test_two_books(void **state)
{
    kam_book *one = open_book("CNY"), *two = open_book("CNY");
    kam_scheme *scheme = NULL;
    kam_run *run = NULL;
    kam_buf *page = NULL;
    (void)state;
    assert_int_equal(scheme_in(one, "mine"), scheme_in(two, "theirs"));
    sell(two, "2026-01-05", "10.00", "CNY");
    assert_int_equal(kam_scheme_open(&scheme, one, "mine", 20513, err), KAM_OK);
    says(kam_grading_run(&run, two, scheme, 20513, err), KAM_E_POLICY, "was opened in another book");
    kam_scheme_free(scheme);
    assert_int_equal(kam_scheme_open(&scheme, two, "theirs", 20513, err), KAM_OK);
    assert_int_equal(kam_grading_run(&run, two, scheme, 20513, err), KAM_OK);
    assert_int_equal(kam_run_apply(run, 0, err), KAM_OK);
    kam_report_options o = {.struct_size = sizeof o, .scheme = "quota-20-40-40"};
    o.grading = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    assert_int_equal(kam_buf_new(&page, NULL, err), KAM_OK);
    says(kam_report_html(page, two, &o, 20513, err), KAM_E_INVAL, "leave out one of the two");
    kam_buf_free(page);
    kam_run_free(run);
    kam_scheme_free(scheme);
    kam_book_close(one);
    kam_book_close(two);
}

static void test_gone_meanwhile(void **state)
{
    kam_account *account = NULL;
    const kam_record *attributes = NULL;
    int64_t id = account_of(book);
    (void)state;
    assert_int_equal(kam_account_open(&account, book, id, KAM_TODAY, err), KAM_OK);
    assert_int_equal(kam_book_delete(book, KAM_KIND_ACCOUNT, id, 0, err), KAM_OK);
    says(kam_account_attributes(&attributes, account, err), KAM_E_NOT_FOUND, "it was deleted after it was opened");
    kam_account_free(account);
}

static void test_trial_of_a_card(void **state)
{
    static const char card_json[] = "{\"name\":\"t\",\"title\":{\"en\":\"t\",\"zh\":\"t\"},\"factors\":[{\"id\":\"o\","
                                    "\"attribute\":\"owner\",\"map\":{\"1\":5},\"otherwise\":0}]}";
    kam_scorecard *card = NULL;
    kam_record *a = NULL;
    int64_t points = 0;
    (void)state;
    int32_t rc = kam_scorecard_parse(&card, NULL, card_json, KAM_NUL, err);
    if (rc != KAM_OK) fail_msg("%s", kam_error_message(err));
    assert_int_equal(kam_record_new(&a, book, KAM_KIND_ATTRIBUTES, err), KAM_OK);
    assert_int_equal(kam_record_set_text(a, KAM_ATTRIBUTES_OWNER, "erp:R1", KAM_NUL, err), KAM_OK);
    says(kam_scorecard_score(&points, NULL, card, a, err), KAM_E_TYPE, "set the id instead");
    kam_record_free(a);
    kam_scorecard_free(card);
}

/* ---------------------------------------------------------------- imports */

static void heading_says(const char *text, int32_t code, const char *part)
{
    kam_import_options o = {.struct_size = sizeof o, .source = "erp", .format = KAM_FORMAT_CSV};
    kam_import *imp = NULL;
    assert_int_equal(kam_import_new(&imp, book, KAM_KIND_ACCOUNT, &o, err), KAM_OK);
    int32_t rc = kam_import_feed(imp, text, strlen(text), err);
    if (rc == KAM_OK) rc = kam_import_finish(imp, err);
    says(rc, code, part);
    kam_import_free(imp);
}

static int32_t refuse_card(void *user, const kam__json *card, uint64_t line, int32_t problem, kam_error *why, kam_error *e)
{
    (void)user, (void)card, (void)line, (void)problem, (void)why, (void)e;
    return KAM_E_CANCELLED;
}

static void test_readers(void **state)
{
    static const char card[] = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:A\r\nEND:VCARD\r\n";
    kam_ctx *ctx = NULL;
    kam__vcard *v = NULL;
    (void)state;
    heading_says(",,\nC1,A,B\n", KAM_E_INVAL, "the first line names no field of account");
    assert_int_equal(kam_ctx_new(&ctx, NULL, err), KAM_OK);
    assert_int_equal(kam__vcard_new(&v, ctx, refuse_card, NULL, err), KAM_OK);
    for (int i = 0; i < 2; i++) (void)kam__vcard_feed(v, card, sizeof card - 1, NULL);      /* the first is whole when another begins */
    says(kam__vcard_feed(v, card, sizeof card - 1, err), KAM_E_CANCELLED, "free it and start again");
    kam__vcard_free(v);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- stores of the host */

static int32_t refuse_text(void *user, const char *text, size_t len, kam_buf *key)
{
    (void)user, (void)text, (void)len, (void)key;
    return 7;
}

static void test_collate(void **state)
{
    kam_ctx_options o = {.struct_size = sizeof o, .collate = refuse_text};
    kam_book_options bo = {.struct_size = sizeof bo, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    kam_ctx *ctx = NULL;
    kam_book *b = NULL;
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    (void)state;
    assert_int_equal(kam_ctx_new(&ctx, &o, err), KAM_OK);
    assert_int_equal(kam_book_open(&b, ctx, NULL, &bo, err), KAM_OK);
    account_of(b);
    account_of(b);
    assert_int_equal(kam_query_new(&q, b, KAM_KIND_ACCOUNT, err), KAM_OK);
    assert_int_equal(kam_query_order(q, KAM_ACCOUNT_NAME, 0, err), KAM_OK);
    int32_t rc = kam_query_run(&rows, q, KAM_TODAY, err);
    if (rc == KAM_OK) rc = kam_rows_next(&r, rows, err);
    says(rc, KAM_E_INVAL, "answer 7");
    kam_rows_free(rows);
    kam_query_free(q);
    kam_book_close(b);
    kam_ctx_free(ctx);
}

static kam_store *memory_as(kam_ctx *ctx, kam__memory *m, const kam_store_vt *vt, uint32_t mode)
{
    kam_store *store = NULL;
    void *self = NULL;
    assert_int_equal(kam__memory_connect(&self, m, err), KAM_OK);
    assert_int_equal(kam_store_new(&store, ctx, vt, self, mode, err), KAM_OK);
    return store;
}

static void test_stores_of_the_host(void **state)
{
    static const char *const text[] = {"account", "x_rating", "INT"};
    static const uint32_t field[] = {KAM_FIELD_KIND, KAM_FIELD_NAME, KAM_FIELD_TYPE, 0};
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    kam_store_vt vt = kam__memory_vt;
    kam_ctx *ctx = NULL;
    kam__memory *m = NULL;
    kam_book *b = NULL, *plain = NULL;
    (void)state;
    assert_int_equal(kam_ctx_new(&ctx, NULL, err), KAM_OK);
    assert_int_equal(kam__memory_new(&m, ctx, err), KAM_OK);
    vt.prepare = NULL;
    kam_store *store = memory_as(ctx, m, &kam__memory_vt, KAM_TXN_SAVEPOINT), *bare = memory_as(ctx, m, &vt, KAM_TXN_OWN);
    kam__memory_drop(m);
    assert_int_equal(kam_book_open(&b, NULL, store, &o, err), KAM_OK);
    assert_int_equal(kam_book_begin(b, KAM_BEGIN_WRITE, err), KAM_OK);
    says(kam_book_host_ended(b, 1, err), KAM_E_INVAL, "commit it or roll it back first");
    kam_book_close(b);
    assert_int_equal(kam_book_open(&plain, NULL, bare, &o, err), KAM_OK);
    kam_record *r = record(plain, KAM_KIND_FIELD, text, field);
    says(kam_book_save(plain, r, err), KAM_E_UNSUPPORTED, "kam_schema_ddl");
    kam_record_free(r);
    kam_book_close(plain);
    kam_store_free(store);
    kam_store_free(bare);
    kam_ctx_free(ctx);
}

#ifdef KAM_HAVE_SQLITE
/* A host's own ledger may hold what the library would not have taken. */
static void ledger_says(const char *code, int32_t want, const char *part)
{
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE};
    static const char map[] = "{\"ledger\": {\"relation\": \"sales\", \"read_only\": true, \"columns\": {\"id\": \"no\", \"account\": \"cust\","
                              " \"day\": \"d\", \"event\": \"what\", \"amount\": \"minor\", \"currency\": \"money\"}}}";
    char sql[300];
    kam_store *store = NULL;
    kam_book *b = NULL;
    kam_run *run = NULL;
    sqlite3 *db = NULL;
    snprintf(sql, sizeof sql, "CREATE TABLE sales (no INTEGER PRIMARY KEY, cust INTEGER, d INTEGER, what INTEGER, minor INTEGER, money TEXT);"
             "INSERT INTO sales VALUES (1, 1, 20450, 1, 1000, %s)", code);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(kam_sqlite_store(&store, NULL, db, KAM_TXN_OWN, err), KAM_OK);
    if (kam_store_map(store, map, KAM_NUL, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    if (strcmp(code, "NULL") != 0) o.currency = "CNY";
    if (kam_book_open(&b, NULL, store, &o, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    account_of(b);
    kam_value_options v = {.struct_size = sizeof v};
    v.currency = "CNY";
    int32_t rc = kam_value_run(&run, b, &v, 20513, err);
    says(rc, want, part);
    kam_run_free(run);
    kam_book_close(b);
    kam_store_free(store);
    sqlite3_close(db);
}

static void test_ledgers_of_the_host(void **state)
{
    (void)state;
    ledger_says("NULL", KAM_E_POLICY, "has no currency and the book no base currency");
    ledger_says("'ZZZ'", KAM_E_POLICY, "no rate from ZZZ");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_books), cmocka_unit_test(test_gone_meanwhile), cmocka_unit_test(test_trial_of_a_card),
        cmocka_unit_test(test_readers),   cmocka_unit_test(test_collate),        cmocka_unit_test(test_stores_of_the_host),
#ifdef KAM_HAVE_SQLITE
        cmocka_unit_test(test_ledgers_of_the_host),
#endif
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
