/*
 * tests/store/test_import_total.c - control totals: what counts, by what, at which decimals, and from which input.
 */
#include "import_test.h"

static const char *totals(it_book *b, kam_import *imp)
{
    static const uint32_t field[] = { KAM_IMPORT_TOTAL_MONTH, KAM_IMPORT_TOTAL_COMPANY, KAM_IMPORT_TOTAL_CURRENCY,
                                      KAM_IMPORT_TOTAL_EVENT, KAM_IMPORT_TOTAL_ROWS, KAM_IMPORT_TOTAL_AMOUNT };
    static char text[2000];
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    text[0] = '\0';
    it_ok(b, kam_import_totals(&rows, imp, b->err));
    for (;;) {
        it_ok(b, kam_rows_next(&r, rows, b->err));
        if (!r) break;
        for (size_t i = 0; i < KAM__LEN(field); i++) {
            strcat(text, i ? " " : text[0] ? "|" : "");
            strcat(text, kam_record_text(r, field[i], "-"));
        }
    }
    kam_rows_free(rows);
    return text;
}

static void start(it_book *b)
{
    it_open(b);
    it_import(b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name\nC1,Acme\n", "1/0/0/0/0");
}

static const char lines[] = "ext_id,account,day,event,amount,currency,company\n"
                            "1,C1,2025-12-31,SALE,10.25,,North\n2,C1,2025-12-01,SALE,1,CNY,North\n"
                            "3,C1,2025-12-05,RETURN,3,,North\n4,C1,2025-12-05,SALE,500,JPY,\n5,C9,2025-12-05,SALE,7,,\n"
                            "6,C1,2026-01-01,SALE,-2.5,,\n7,C1,soon,SALE,7,,\n";
static const char sums[] = "2025-12-01 - JPY SALE 1 500|2025-12-01 North CNY SALE 2 11.25|"
                           "2025-12-01 North CNY RETURN 1 3.00|2026-01-01 - CNY SALE 1 -2.50";

static void test_sums(void **state)
{
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .flags = KAM_IMPORT_DRY_RUN };
    it_book b;
    (void)state;
    start(&b);
    for (int i = 0; i < 3; i++) {                                   /* dry, new, there already: the file's sums */
        kam_import *imp = NULL;
        it_ok(&b, it_try(&b, KAM_KIND_LEDGER, &o, lines, &imp));
        assert_string_equal(b.counts, i < 2 ? "5/0/0/0/2" : "0/0/5/0/2");
        assert_string_equal(totals(&b, imp), sums);
        kam_import_free(imp);
        o.flags = 0;
    }
    it_close(&b);
}

static void test_other_input(void **state)
{
    kam_import_options o = { .struct_size = sizeof o };
    kam_import *imp = NULL;
    kam_rows *rows = NULL;
    kam_record *r = NULL;
    it_book b;
    (void)state;
    start(&b);
    it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err));
    assert_string_equal(totals(&b, imp), "");
    it_ok(&b, kam_record_new(&r, b.book, KAM_KIND_LEDGER, b.err));
    it_ok(&b, kam_record_from_json(r, "{\"account\":\"erp:C1\",\"day\":\"2025-12-31\",\"event\":\"SALE\",\"amount\":4.5}",
                                   KAM_NUL, b.err));
    it_ok(&b, kam_import_add(imp, r, b.err));
    it_ok(&b, kam_import_finish(imp, b.err));
    assert_string_equal(totals(&b, imp), "2025-12-01 - CNY SALE 1 4.50");
    assert_int_equal(kam_import_totals(NULL, imp, b.err), KAM_E_INVAL);
    assert_int_equal(kam_import_totals(&rows, NULL, b.err), KAM_E_INVAL);
    kam_import_free(imp);
    kam_record_free(r);
    it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_ACCOUNT, &o, b.err));
    it_ok(&b, kam_import_feed(imp, "name\nBolt\n", 10, b.err));
    it_ok(&b, kam_import_finish(imp, b.err));
    assert_string_equal(totals(&b, imp), "");
    kam_import_free(imp);
    it_close(&b);
}

static void test_too_big(void **state)
{
    kam_import_options o = { .struct_size = sizeof o, .source = "erp" };
    kam_import *imp = NULL;
    kam_rows *rows = NULL;
    it_book b;
    (void)state;
    start(&b);
    it_ok(&b, it_try(&b, KAM_KIND_LEDGER, &o, "ext_id,account,day,event,amount\n1,C1,2025-12-31,SALE,92233720368547758.07\n"
                                              "2,C1,2025-12-31,SALE,1\n", &imp));
    assert_string_equal(b.counts, "2/0/0/0/0");
    assert_int_equal(kam_import_totals(&rows, imp, b.err), KAM_E_LIMIT);
    kam_import_free(imp);
    it_close(&b);
}

static void test_out_of_memory(void **state)
{
    kam_import_options o = { .struct_size = sizeof o, .source = "erp" };
    it_book b;
    (void)state;
    start(&b);
    for (int64_t n = 0;; n++) {
        kam_import *imp = NULL;
        kam_rows *rows = NULL;
        assert_in_range(n, 0, 5000);
        b.memory.left = n;
        int32_t rc = it_try(&b, KAM_KIND_LEDGER, &o, lines, &imp);
        if (rc == KAM_OK) rc = kam_import_totals(&rows, imp, b.err);
        b.memory.left = -1;
        kam_rows_free(rows);
        if (rc == KAM_OK) assert_string_equal(totals(&b, imp), sums);
        else assert_int_equal(rc, KAM_E_NOMEM);
        kam_import_free(imp);
        if (rc == KAM_OK) break;
    }
    it_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_other_input),
        cmocka_unit_test(test_too_big),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
