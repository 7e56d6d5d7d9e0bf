/*
 * tests/store/test_import_again.c - the same delivery again: exact counts of new, changed, unchanged, corrected and
 * rejected, whatever happened to the file in between.
 */
#include "import_test.h"

static char *file_of(int from, int to, int step, int (*city)(int))
{
    char *text = malloc((size_t)(abs(to - from) + 2) * 60), *p = text;
    assert_non_null(text);
    p += sprintf(p, "ext_id,name,city,employees\n");
    for (int i = from; step > 0 ? i < to : i > to; i += step)
        p += sprintf(p, "c%d,Account %d,City %d,%d\n", i, i, city(i), i * 3);
    return text;
}

static int city_of(int i) { return i % 50; }
static int half_moved(int i) { return i % 2 ? i % 50 : i % 50 + 100; }

static void test_the_same_file_twice(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    char *text = file_of(0, 1000, 1, city_of), *reversed = file_of(999, -1, -1, city_of),
         *half = file_of(0, 1000, 1, half_moved), *more = file_of(500, 1500, 1, half_moved);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, text, "1000/0/0/0/0");
    char *before = it_dump(&b);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, text, "0/0/1000/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, reversed, "0/0/1000/0/0");
    char *after = it_dump(&b);
    assert_string_equal(before, after); /* nothing to say, nothing written: no commit either */
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, half, "0/500/500/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, half, "0/0/1000/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, more, "500/0/500/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "crm", NULL, half, "1000/0/0/0/0"); /* another system's keys are other accounts */
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c4", KAM_ACCOUNT_CITY), "City 104");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c4", KAM_REV), "2");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c5", KAM_REV), "1");
    free(text);
    free(reversed);
    free(half);
    free(more);
    free(before);
    free(after);
    it_close(&b);
}

static void test_renamed_columns(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name,city\nc1,Alpha,Beijing\nc2,Beta,\n", "2/0/0/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp",
              "{\"columns\": {\"Kundennr\": \"ext_id\", \"Ort\": \"city\", \"Firma\": \"name\"}}",
              "Firma;Kundennr;Ort\nAlpha;c1;Beijing\nBeta;c2;Shanghai\n", "0/1/1/0/0");
    it_close(&b);
}

static void test_missing_columns_stay_and_empty_cells_clear(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name,city,phone\nc1,Alpha,Beijing,123\n", "1/0/0/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name\nc1,Alpha\n", "0/0/1/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name,city\nc1,Alpha,\n", "0/1/0/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_CITY), "-");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_PHONE), "123");
    it_problem(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name\nc1,\n", "0/0/0/0/1", "1:2:4:name::KAM_E_INVAL\n");
    it_close(&b);
}

static void test_events_are_corrected(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name\nc1,Alpha\nc2,Beta\n", "2/0/0/0/0");
    it_import(&b, KAM_KIND_LEDGER, "erp", NULL,
              "ext_id,account,day,event,amount,note\nl1,c1,2025-12-01,SALE,10,first\nl2,c1,2025-12-02,SALE,20,\n",
              "2/0/0/0/0");
    it_import(&b, KAM_KIND_LEDGER, "erp", NULL,
              "ext_id,account,day,event,amount\nl1,c1,2025-12-01,SALE,10.00\nl2,c2,2025-12-02,SALE,20\n", "0/0/1/1/0");
    it_import(&b, KAM_KIND_LEDGER, "erp", NULL, "ext_id,amount\nl1,11\nl2,21\n", "0/0/0/2/0");
    it_import(&b, KAM_KIND_LEDGER, "erp", NULL, "ext_id,amount\nl2,21.0\nl1,11\n", "0/0/2/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l1", KAM_LEDGER_AMOUNT), "11.00");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l1", KAM_LEDGER_NOTE), "first");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l1", KAM_REV), "2");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l2", KAM_REV), "3");
    it_problem(&b, KAM_KIND_LEDGER, "erp", NULL, "ext_id,amount,cost_kind\nl1,12,TRAVEL\n", "0/0/0/0/1",
               "1:2:7:cost_kind:TRAVEL:KAM_E_INVAL\n");
    it_close(&b);
}

static void test_the_same_key_twice_in_one_file(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL,
              "ext_id,name,city\nc1,Alpha,X\nc2,Beta,Y\nc1,Alpha,X\nc1,Alpha,Z\nc2,Beta,\n", "2/2/1/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_CITY), "Z");
    it_import(
        &b, KAM_KIND_LEDGER, "erp", NULL,
        "ext_id,account,day,event,amount\nl1,c1,2025-12-01,SALE,1\nl1,c1,2025-12-01,SALE,2\nl1,c1,2025-12-01,SALE,2\n",
        "1/0/1/1/0");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "l1", KAM_LEDGER_AMOUNT), "2.00");
    it_close(&b);
}

static void test_facts_again(void **state)
{
    it_book b;
    const char *text = "ext_id,name,owner,tier\nc1,A,r1,KEY\nc2,B,,LARGE\n";
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_REPRESENTATIVE, "erp", NULL, "ext_id,name\nr1,Wang\nr2,Li\n", "2/0/0/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, text, "2/0/0/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, text, "0/0/2/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,owner\nc1,r2\nc2,r2\nc1,r2\nc1,\nc1,r1\n", "0/3/2/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_OWNER), "1");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c2", KAM_ACCOUNT_OWNER), "2");
    it_problem(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,owner\nc1,r2\nc2,r8\n", "0/1/0/0/1",
               "2:3:4:owner:erp:r8:KAM_E_NOT_FOUND\n");
    it_close(&b);
}

static void test_a_deleted_account_comes_back(void **state)
{
    it_book b;
    int64_t id = 0;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name\nc1,A\n", "1/0/0/0/0");
    it_ok(&b, kam_book_find(&id, b.book, KAM_KIND_ACCOUNT, "erp", "c1", KAM_NUL, b.err));
    it_ok(&b, kam_book_delete(b.book, KAM_KIND_ACCOUNT, id, 0, b.err));
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name\nc1,A\n", "0/1/0/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "c1", KAM_ACCOUNT_NAME), "A");
    it_close(&b);
}

/* More rows than one group, and than are looked up one group at a time. */
static void test_many_rows(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    char *text = file_of(0, 22000, 1, city_of), *reversed = file_of(29999, -1, -1, half_moved);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, text, "22000/0/0/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, text, "0/0/22000/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, reversed, "8000/11000/11000/0/0");
    char *lines = malloc(30000 * 50), *p = lines;
    assert_non_null(lines);
    p += sprintf(p, "ext_id,account,day,event,amount\n");
    for (int i = 0; i < 20000; i++)
        p +=
            sprintf(p, "l%d,c%d,2025-12-%02d,SALE,%d.50\n", i % 19000, i * 7 % 23000, i % 28 + 1, i % 90 + (i > 18990));
    /* 19,000 keys; the last 1,000 lines say something else about keys that were there before */
    it_import(&b, KAM_KIND_LEDGER, "erp", NULL, lines, "19000/0/0/1000/0");
    free(lines);
    free(text);
    free(reversed);
    it_close(&b);
}

/* What we write out we read back: nothing new. */
static void test_our_own_export(void **state)
{
    it_book b;
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_REPRESENTATIVE, "erp", NULL, "ext_id,name\nr1,Wang\n", "1/0/0/0/0");
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL,
              "ext_id,name,note,owner,latitude,longitude,credit_limit,kind\nc1,=cmd,\"a "
              "\"\"b\"\"\nc\",r1,1.5,2.5,12.30,ORGANISATION\n-2,'=x,+1,,,,,\n",
              "2/0/0/0/0");
    for (int labels = 0; labels < 2; labels++) {
        kam_export_options eo = {.struct_size = sizeof eo,
                                 .flags = labels ? KAM_EXPORT_LABELS | KAM_EXPORT_BOM : 0,
                                 .lang = labels ? "zh" : NULL};
        it_ok(&b, kam_query_new(&q, b.book, KAM_KIND_ACCOUNT, b.err));
        it_ok(&b, kam_query_run(&rows, q, KAM_TODAY, b.err));
        it_ok(&b, kam_rows_export(b.text, rows, &eo, b.err));
        char *text = malloc(kam_buf_size(b.text) + 1);
        assert_non_null(text);
        memcpy(text, kam_buf_data(b.text), kam_buf_size(b.text) + 1);
        kam_rows_free(rows);
        kam_query_free(q);
        it_import(&b, KAM_KIND_ACCOUNT, NULL, NULL, text, "0/0/2/0/0");
        free(text);
    }
    it_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_file_twice),
        cmocka_unit_test(test_renamed_columns),
        cmocka_unit_test(test_missing_columns_stay_and_empty_cells_clear),
        cmocka_unit_test(test_events_are_corrected),
        cmocka_unit_test(test_the_same_key_twice_in_one_file),
        cmocka_unit_test(test_facts_again),
        cmocka_unit_test(test_a_deleted_account_comes_back),
        cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_our_own_export),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
