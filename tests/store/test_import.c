/*
 * tests/store/test_import.c - one import: its transaction, its input in every form, its bad rows.
 */
#include "import_test.h"

static const char reps[] = "ext_id,name\nr1,Wang\nr2,Li\n";
static const char accounts[] =
    "ext_id,name,city,owner,parent\nc1,Alpha,Beijing,r1,\nc2,Beta,,r2,c1\nc3,Gamma,Xi'an,,c1\n";
static const char ledger[] =
    "ext_id,account,day,event,amount\nl1,c1,2025-12-01,SALE,10.50\nl2,c2,2025-12-02,RETURN,3\n";

static void start(it_book *b)
{
    it_open(b);
    it_import(b, KAM_KIND_REPRESENTATIVE, "erp", NULL, reps, "2/0/0/0/0");
    it_import(b, KAM_KIND_ACCOUNT, "erp", NULL, accounts, "3/0/0/0/0");
}

static void test_rows_become_records(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    it_import(&b, KAM_KIND_LEDGER, "erp", NULL, ledger, "2/0/0/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c2", KAM_ACCOUNT_NAME), "Beta");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c2", KAM_ACCOUNT_PARENT), "1");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c2", KAM_ACCOUNT_OWNER), "2");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c3", KAM_ACCOUNT_OWNER), "-");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l1", KAM_LEDGER_AMOUNT), "10.50");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l2", KAM_LEDGER_ACCOUNT), "2");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l2", KAM_LEDGER_EVENT), "RETURN");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l2", KAM_REV), "1");
    it_close(&b);
}

static void test_headings_are_names_or_labels(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL,
              "\xEF\xBB\xBF"
              "EXT_ID; Name ;城市;Industry;;seq\r\nc1;Alpha;北京;Pumps;x;7\r\n",
              "1/0/0/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_CITY), "北京");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_INDUSTRY), "Pumps");
    kam_import_options o = { .struct_size = sizeof o };
    assert_int_equal(it_try(&b, KAM_KIND_ACCOUNT, &o, "name,citi\nx,y\n", NULL), KAM_E_NOT_FOUND);
    assert_non_null(strstr(kam_error_message(b.err), "did you mean \"city\""));
    assert_int_equal(kam_error_detail(b.err, KAM_ERR_COLUMN), 6);
    assert_int_equal(it_try(&b, KAM_KIND_ACCOUNT, &o, "name,Name\nx,y\n", NULL), KAM_E_INVAL);
    it_close(&b);
}

static void test_bad_rows_are_listed_and_stop_nobody(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    it_problem(&b, KAM_KIND_LEDGER, "erp", NULL,
               "ext_id,account,day,event,amount\n"
               "l1,c1,2025-12-01,SALE,10.50\n"
               "l2,c9,2025-12-01,SALE,1\n"                      /* unknown account */
               "l3,c1,2025-13-01,SALE,1\n"                      /* no such day */
               "l4,c1,2025-12-01,SALE\n"                        /* a field is missing */
               "l5,c1,2025-12-01,SALE,1.234\n"                  /* three decimals */
               "l6,c1,2025-12-01,,1\n"                          /* event is required */
               "l7,c1,2025-12-01,RETURN,-1\n"                   /* a rule of ledger */
               "l8,c1,\"2025-12-01\"x,SALE,1\n"                 /* text behind a quote */
               "l9,c1,2025-12-01,SALE,\xFF\n"                   /* no UTF-8 */
               "\n"
               "l10,c1,2025-12-01,SALE,2,,\n",                  /* separators too many do no harm */
               "2/0/0/0/8",
               "2:3:4:account:erp:c9:KAM_E_NOT_FOUND\n"
               "3:4:7:day:2025-13-01:KAM_E_PARSE\n"
               "4:5::::KAM_E_PARSE\n"
               "5:6:23:amount:1.234:KAM_E_LIMIT\n"
               "6:7:18:event::KAM_E_INVAL\n"
               "7:8:25:amount:-1.00:KAM_E_INVAL\n"
               "8:9:19:::KAM_E_PARSE\n"
               "9:10:23:::KAM_E_UTF8\n");
    it_close(&b);
}

static void test_stop_at_first_takes_all_back(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    char *before = it_dump(&b);
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .flags = KAM_IMPORT_STOP_AT_FIRST };
    assert_int_equal(it_try(&b, KAM_KIND_LEDGER, &o,
                            "ext_id,account,day,event,amount\nl1,c1,2025-12-01,SALE,1\nl2,c1,x,SALE,1\n", NULL),
                     KAM_E_PARSE);
    assert_non_null(strstr(kam_error_message(b.err), "row 2, day"));
    assert_int_equal(kam_error_detail(b.err, KAM_ERR_LINE), 3);
    assert_int_equal(kam_error_detail(b.err, KAM_ERR_ROW), 1);
    assert_int_equal(kam_error_detail(b.err, KAM_ERR_FIELD), KAM_LEDGER_DAY);
    char *after = it_dump(&b);
    assert_string_equal(before, after);
    free(before);
    free(after);
    it_close(&b);
}

static void test_a_batch_comes_once(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .batch = "2025-12-31" };
    kam_import *imp = NULL;
    it_ok(&b, it_try(&b, KAM_KIND_LEDGER, &o, ledger, NULL));
    assert_string_equal(b.counts, "2/0/0/0/0");
    assert_int_equal(kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err), KAM_E_EXISTS);
    assert_null(imp);
    o.batch = "2026-01-01";
    it_ok(&b, it_try(&b, KAM_KIND_LEDGER, &o, ledger, NULL));
    assert_string_equal(b.counts, "0/0/2/0/0");
    assert_int_equal(kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err), KAM_E_EXISTS);
    char *dump = it_dump(&b);
    assert_non_null(strstr(dump, "\"batch\":\"2025-12-31\""));         /* the commit names it */
    free(dump);
    it_close(&b);
}

static void test_a_dry_run_counts_and_leaves_nothing(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    it_import(&b, KAM_KIND_LEDGER, "erp", NULL, ledger, "2/0/0/0/0");
    char *before = it_dump(&b);
    const char *next = "ext_id,account,day,event,amount\nl1,c1,2025-12-01,SALE,10.50\nl2,c2,2025-12-02,RETURN,4\nl3,c3,"
                       "2025-12-03,SALE,1\nl4,c8,2025-12-03,SALE,1\n";
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .flags = KAM_IMPORT_DRY_RUN, .batch = "dry" };
    it_ok(&b, it_try(&b, KAM_KIND_LEDGER, &o, next, NULL));
    assert_string_equal(b.counts, "1/0/1/1/1");
    it_ok(&b, it_try(&b, KAM_KIND_LEDGER, &o, next, NULL));         /* the batch is not there either */
    it_ok(&b, kam_book_begin(b.book, KAM_BEGIN_WRITE, b.err));
    it_ok(&b, it_try(&b, KAM_KIND_LEDGER, &o, next, NULL)); /* somebody else's transaction: nothing may be written */
    assert_string_equal(b.counts, "1/0/1/1/1");
    it_ok(&b, it_try(&b, KAM_KIND_ACCOUNT, &o, "ext_id,name,parent\nc1,New name,\nn2,Child,n1\nn1,Top,\n", NULL));
    assert_string_equal(b.counts, "2/1/0/0/0");
    it_ok(&b, kam_book_commit(b.book, b.err));
    char *after = it_dump(&b);
    assert_string_equal(before, after);
    free(before);
    free(after);
    it_close(&b);
}

static void test_unfinished_leaves_nothing(void **state)
{
    it_book b;
    kam_import *imp = NULL;
    kam_import_options o = { .struct_size = sizeof o, .source = "erp" };
    (void)state;
    start(&b);
    char *before = it_dump(&b);
    it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err));
    it_ok(&b, kam_import_feed(imp, ledger, strlen(ledger), b.err));
    kam_import_free(imp);
    it_ok(&b, kam_book_begin(b.book, KAM_BEGIN_WRITE, b.err));      /* a joined transaction is aborted */
    it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err));
    it_ok(&b, kam_import_feed(imp, ledger, strlen(ledger), b.err));
    kam_import_free(imp);
    assert_int_equal(kam_book_commit(b.book, b.err), KAM_E_ABORTED);
    it_ok(&b, kam_book_begin(b.book, KAM_BEGIN_WRITE, b.err));      /* the host rolls back under our feet */
    it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err));
    it_ok(&b, kam_book_rollback(b.book, b.err));
    assert_int_equal(kam_import_feed(imp, ledger, strlen(ledger), b.err), KAM_E_CLOSED);
    kam_import_free(imp);
    char *after = it_dump(&b);
    assert_string_equal(before, after);
    free(before);
    free(after);
    it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err));
    it_ok(&b, kam_import_feed(imp, ledger, strlen(ledger), b.err));
    kam_book_close(b.book);                                         /* the book goes first */
    b.book = NULL;
    assert_int_equal(kam_import_finish(imp, b.err), KAM_E_CLOSED);
    kam_import_free(imp);
    it_close(&b);
}

static void test_several_imports_in_one_transaction(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    it_ok(&b, kam_book_begin(b.book, KAM_BEGIN_WRITE, b.err));
    it_import(&b, KAM_KIND_REPRESENTATIVE, "erp", NULL, reps, "2/0/0/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, accounts, "3/0/0/0/0");
    it_ok(&b, kam_book_rollback(b.book, b.err));
    it_import(&b, KAM_KIND_REPRESENTATIVE, "erp", NULL, reps, "2/0/0/0/0");
    it_close(&b);
}

static void test_bytes_may_be_cut_anywhere(void **state)
{
    it_book b;
    kam_import *imp = NULL;
    kam_import_options o = { .struct_size = sizeof o, .source = "erp" };
    (void)state;
    start(&b);
    it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err));
    for (size_t i = 0; ledger[i]; i++) it_ok(&b, kam_import_feed(imp, ledger + i, 1, b.err));
    it_ok(&b, kam_import_finish(imp, b.err));
    assert_string_equal(it_counts(&b, imp), "2/0/0/0/0");
    assert_int_equal(kam_import_feed(imp, "x", 1, b.err), KAM_E_CLOSED);
    assert_int_equal(kam_import_finish(imp, b.err), KAM_E_CLOSED);
    kam_import_free(imp);
    it_close(&b);
}

static void test_json_of_both_kinds(void **state)
{
    it_book b;
    kam_import *imp = NULL;
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .format = KAM_FORMAT_JSON };
    (void)state;
    start(&b);
    it_ok(
        &b,
        it_try(
            &b, KAM_KIND_LEDGER, &o,
            "[{\"ext_id\": 7, \"account\": \"c1\", \"Day\": \"2025-12-01\", \"event\": \"SALE\", \"amount\": 10.50},\n"
            " {\"ext_id\": \"8\", \"account\": \"c2\", \"day\": \"2025-12-02\", \"event\": \"SALE\", \"amount\": "
            "\"2\", \"note\": null},\n"
            " {\"ext_id\": \"9\", \"acount\": \"c2\"}, {\"ext_id\": \"10\", \"account\": [1]},\n"
            " {\"ext_id\": \"11\", \"account\": \"c2\", \"day\": \"2025-12-02\", \"event\": \"SALE\", \"amount\": "
            "1e400}]",
            &imp));
    it_problems(&b, imp);
    assert_string_equal(
        kam_buf_data(b.text),
        "3:3:28::acount:KAM_E_NOT_FOUND\n4:3:63::account:KAM_E_TYPE\n5:4:84:amount:1e400:KAM_E_LIMIT\n");
    assert_string_equal(it_counts(&b, imp), "2/0/0/0/3");
    kam_import_free(imp);
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "7", KAM_LEDGER_AMOUNT), "10.50");
    o.format = KAM_FORMAT_JSONL;
    it_ok(&b,
          it_try(&b, KAM_KIND_LEDGER, &o, "{\"ext_id\":\"7\",\"amount\":11}\n{\"ext_id\":\"8\",\"amount\":2}\n", NULL));
    assert_string_equal(b.counts, "0/0/1/1/0");                      /* members that are missing stay as they are */
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "7", KAM_LEDGER_DAY), "2025-12-01");
    it_close(&b);
}

static void test_records(void **state)
{
    it_book b;
    kam_import *imp = NULL;
    kam_record *r = NULL, *other = NULL;
    kam_import_options o = { .struct_size = sizeof o, .source = "erp" };
    (void)state;
    start(&b);
    it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err));
    it_ok(&b, kam_record_new(&r, b.book, KAM_KIND_LEDGER, b.err));
    it_ok(&b, kam_record_new(&other, b.book, KAM_KIND_ACCOUNT, b.err));
    static const char *const row[][3] = {
        {"l1", "c1", "10.50"}, {"l2", "2", "3"}, {"l3", "erp:c3", "4"}, {"l4", "77", "1"}, {"l1", "c1", "10.5"}};
    for (size_t i = 0; i < KAM__LEN(row); i++) {
        kam_record_clear(r);
        it_ok(&b, kam_record_set_text(r, KAM_EXT_ID, row[i][0], KAM_NUL, b.err));
        it_ok(&b, kam_record_set_text(r, KAM_LEDGER_ACCOUNT, row[i][1], KAM_NUL, b.err));
        it_ok(&b, kam_record_set_text(r, KAM_LEDGER_DAY, "2025-12-01", KAM_NUL, b.err));
        it_ok(&b, kam_record_set_i64(r, KAM_LEDGER_EVENT, KAM_LEDGER_SALE, b.err));
        it_ok(&b, kam_record_set_text(r, KAM_LEDGER_AMOUNT, row[i][2], KAM_NUL, b.err));
        it_ok(&b, kam_import_add(imp, r, b.err));
    }
    assert_int_equal(kam_import_add(imp, other, b.err), KAM_E_INVAL);   /* no harm done */
    it_ok(&b, kam_import_finish(imp, b.err));
    it_problems(&b, imp);
    assert_string_equal(kam_buf_data(b.text), "4:::account:77:KAM_E_NOT_FOUND\n");
    assert_string_equal(it_counts(&b, imp), "3/0/1/0/1");
    kam_import_free(imp);
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l2", KAM_LEDGER_ACCOUNT), "2");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l3", KAM_LEDGER_ACCOUNT), "3");
    kam_record_free(r);
    kam_record_free(other);
    it_close(&b);
}

static void test_blocks(void **state)
{
    static const int64_t account[] = { 1, 2, 3 };
    static const int32_t day[] = { 20000, 20001, 20002 }, event[] = { 1, 1, 9 }, off[] = { 0, 2, 4, 6 };
    static const int64_t amount[] = { 1050, 300, 1 };
    static const uint8_t valid[] = { 5 };
    const kam_col col[] = {{.field = KAM_EXT_ID, .type = KAM_T_TEXT, .data = "b1b2b3", .off = off},
                           {.field = KAM_LEDGER_ACCOUNT, .type = KAM_T_I64, .data = account},
                           {.field = KAM_LEDGER_DAY, .type = KAM_T_I32, .data = day},
                           {.field = KAM_LEDGER_EVENT, .type = KAM_T_I32, .data = event},
                           {.field = KAM_LEDGER_AMOUNT, .type = KAM_T_I64, .data = amount},
                           {.field = KAM_LEDGER_QUANTITY, .type = KAM_T_I64, .data = amount, .valid = valid}};
    const kam_block block = { .struct_size = sizeof block, .nrow = 3, .ncol = KAM__LEN(col), .col = col };
    kam_col wrong = { .field = KAM_ACCOUNT_NAME, .type = KAM_T_TEXT, .data = "x", .off = off };
    const kam_block bad = { .struct_size = sizeof bad, .nrow = 1, .ncol = 1, .col = &wrong };
    kam_import_options o = { .struct_size = sizeof o, .source = "erp" };
    it_book b;
    kam_import *imp = NULL;
    (void)state;
    start(&b);
    for (int again = 0; again < 2; again++) {
        it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err));
        assert_int_equal(kam_import_block(imp, &bad, b.err), KAM_E_INVAL);
        it_ok(&b, kam_import_block(imp, &block, b.err));
        it_ok(&b, kam_import_finish(imp, b.err));
        it_problems(&b, imp);
        assert_string_equal(kam_buf_data(b.text), "3:::event::KAM_E_INVAL\n");
        assert_string_equal(it_counts(&b, imp), again ? "0/0/2/0/1" : "2/0/0/0/1");
        kam_import_free(imp);
    }
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "b1", KAM_LEDGER_AMOUNT), "10.50");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "b2", KAM_LEDGER_QUANTITY), "-");
    it_close(&b);
}

static void test_coordinates_of_nowhere(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    const char *text = "ext_id,name,latitude,longitude\nc1,A,0,0\nc2,B,39.9,116.4\nc3,C,0,10\n";
    const char *problems = "1:2:6:latitude:0,0:WARNING\n";
    it_problem(&b, KAM_KIND_ACCOUNT, "erp", NULL, text, "3/0/0/0/0", problems);
    it_problem(&b, KAM_KIND_ACCOUNT, "erp", NULL, text, "0/0/3/0/0", problems);
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_LATITUDE), "-");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c2", KAM_ACCOUNT_LATITUDE), "39.9");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c3", KAM_ACCOUNT_LATITUDE), "0");
    it_close(&b);
}

static void test_facts_of_new_accounts(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_REPRESENTATIVE, "erp", NULL, reps, "2/0/0/0/0");
    it_problem(&b, KAM_KIND_ACCOUNT, "erp", NULL,
               "ext_id,name,kind,owner,tier,lifecycle,reason\nc1,A,ORGANISATION,r1,KEY,SIGNED,\nc2,B,PERSON,r2,KEY,,"
               "\nc3,C,,r9,,,\nc4,D,,,,INVALID,\n"
               "c5,E,,,,INVALID,bankrupt\nc6,F,,,LARGE,,\n",
               "3/0/0/0/3",
               "2:3:16:tier::KAM_E_INVAL\n3:4:7:owner:erp:r9:KAM_E_NOT_FOUND\n4:5:9:lifecycle::KAM_E_INVAL\n");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_TIER), "KEY");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_OWNER), "1");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c5", KAM_ACCOUNT_LIFECYCLE), "INVALID");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c6", KAM_ACCOUNT_OWNER), "-");
    int64_t id = 0;
    assert_int_equal(kam_book_find(&id, b.book, KAM_KIND_ACCOUNT, "erp", "c2", KAM_NUL, b.err), KAM_E_NOT_FOUND);
    char *dump = it_dump(&b);
    assert_non_null(strstr(dump, "\"reason\":\"bankrupt\""));
    free(dump);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name,owner,tier\nc1,A,r1,KEY\nc6,F,r2,LARGE\n", "0/1/1/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c6", KAM_ACCOUNT_OWNER), "2");
    it_close(&b);
}

static void test_parents_may_come_later(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    it_problem(&b, KAM_KIND_ACCOUNT, "erp", NULL,
               "ext_id,name,parent\nd,D,c\nc,C,b\nb,B,a\na,A,\nx,X,y\ny,Y,nobody\n", "4/0/0/0/2",
               "5:6::parent:erp:y:KAM_E_NOT_FOUND\n6:7::parent:erp:nobody:KAM_E_NOT_FOUND\n");
    char parent[20];
    int64_t id = 0;
    it_ok(&b, kam_book_find(&id, b.book, KAM_KIND_ACCOUNT, "erp", "c", KAM_NUL, b.err));
    snprintf(parent, sizeof parent, "%lld", (long long)id);
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "d", KAM_ACCOUNT_PARENT), parent);
    it_problem(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,parent\na,d\n", "0/0/0/0/1",
               "1:2:3:parent:4:KAM_E_INVAL\n"); /* a ring */
    it_close(&b);
}

static void test_other_kinds(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    it_import(&b, KAM_KIND_CONTACT, "erp", NULL, "ext_id,name,level\np1,Zhang,HIGH\n", "1/0/0/0/0");
    const char *roles = "contact,account,role\np1,c1,DECIDER\np1,c2,决策人\n";
    it_import(&b, KAM_KIND_AFFILIATION, "erp", NULL, roles, "2/0/0/0/0");
    it_import(&b, KAM_KIND_AFFILIATION, "erp", NULL, roles, "0/0/2/0/0");
    it_import(&b, KAM_KIND_ACTIVITY, "erp", NULL,
              "account,status,channel,day\nc1,HELD,VISIT,2025-12-05\nc1,HELD,VISIT,2025-12-05\n", "2/0/0/0/0");
    it_import(&b, KAM_KIND_FIELD, NULL, NULL, "kind,name,type\naccount,x_color,TEXT\n", "1/0/0/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,x_color\nc1,red\n", "0/1/0/0/0");
    it_import(&b, KAM_KIND_TERRITORY, NULL, NULL, "ext_id,name,parent\nt1,North,\nt2,North-East,:t1\n", "2/0/0/0/0");
    it_import(&b, KAM_KIND_TERRITORY, NULL, NULL, "source,ext_id,name,parent\ncrm,t1,North,\ncrm,t2,East,t1\n",
              "2/0/0/0/0");
    kam_import *imp = NULL;
    assert_int_equal(kam_import_new(&imp, b.book, KAM_KIND_COMMIT, NULL, b.err), KAM_E_UNSUPPORTED);
    assert_int_equal(kam_import_new(&imp, b.book, KAM_KIND_PROBLEM, NULL, b.err), KAM_E_INVAL);
    kam_import_options o = { .struct_size = sizeof o, .flags = 8 };
    assert_int_equal(kam_import_new(&imp, b.book, KAM_KIND_ACCOUNT, &o, b.err), KAM_E_INVAL);
    o.flags = 0;
    o.format = KAM_FORMAT_ICALENDAR;
    assert_int_equal(kam_import_new(&imp, b.book, KAM_KIND_ACCOUNT, &o, b.err), KAM_E_UNSUPPORTED);
    it_close(&b);
}

typedef struct touched { uint64_t n, calls; } touched;

static void on_commit(void *user, const kam_block *rows)
{
    touched *t = user;
    t->n += rows->nrow;
    t->calls++;
}

static void test_the_host_is_told(void **state)
{
    it_book b;
    touched t = { 0 };
    (void)state;
    start(&b);
    it_ok(&b, kam_book_on_commit(b.book, on_commit, &t, b.err));
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name,owner\nn1,New,r1\nc1,Alpha,r1\nc2,Beta 2,r2\n",
              "1/1/1/0/0");
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.n, 3); /* the new account, its owner, the changed account */
    it_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_become_records),
        cmocka_unit_test(test_headings_are_names_or_labels),
        cmocka_unit_test(test_bad_rows_are_listed_and_stop_nobody),
        cmocka_unit_test(test_stop_at_first_takes_all_back),
        cmocka_unit_test(test_a_batch_comes_once),
        cmocka_unit_test(test_a_dry_run_counts_and_leaves_nothing),
        cmocka_unit_test(test_unfinished_leaves_nothing),
        cmocka_unit_test(test_several_imports_in_one_transaction),
        cmocka_unit_test(test_bytes_may_be_cut_anywhere),
        cmocka_unit_test(test_json_of_both_kinds),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_coordinates_of_nowhere),
        cmocka_unit_test(test_facts_of_new_accounts),
        cmocka_unit_test(test_parents_may_come_later),
        cmocka_unit_test(test_other_kinds),
        cmocka_unit_test(test_the_host_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
