/*
 * tests/requirements/test_r171_r183.c - files that come from elsewhere and go elsewhere: R171 profiles of ERP exports
 * with dry run and control totals, R183 exports that open in a spreadsheet and come back unchanged.
 */
#include "req.h"

/* A file of the source tree; free it. */
static char *file_of(const char *folder, const char *name, size_t *size)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s/%s", KAM_SOURCE_DIR, folder, name);
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s is not there", path);
    char *text = malloc(1 << 16);
    *size = fread(text, 1, (1 << 16) - 1, f);
    text[*size] = '\0';
    fclose(f);
    return text;
}

/* Imports a sample by its profile: "new/changed/unchanged/corrected/rejected|totals|problems". */
static void import(req *q, const char *profile, uint32_t kind, const char *encoding, uint32_t flags, const char *want)
{
    static const uint32_t count[] = { KAM_IMPORT_REPORT_NEW, KAM_IMPORT_REPORT_CHANGED, KAM_IMPORT_REPORT_UNCHANGED,
                                      KAM_IMPORT_REPORT_CORRECTED, KAM_IMPORT_REPORT_REJECTED };
    static const uint32_t total[] = { KAM_IMPORT_TOTAL_MONTH, KAM_IMPORT_TOTAL_COMPANY, KAM_IMPORT_TOTAL_CURRENCY,
                                      KAM_IMPORT_TOTAL_EVENT, KAM_IMPORT_TOTAL_ROWS, KAM_IMPORT_TOTAL_AMOUNT, 0 };
    static const uint32_t problem[] = { KAM_PROBLEM_LINE, KAM_PROBLEM_FIELD, KAM_PROBLEM_VALUE, KAM_PROBLEM_CODE, 0 };
    char name[100], got[3000], rows[1000];
    size_t size = 0, text_size = 0, at = 0;
    kam_import *imp = NULL;
    kam_rows *list = NULL;
    snprintf(name, sizeof name, "%s.json", profile);
    char *mapping = file_of("examples/profiles", name, &size);
    snprintf(name, sizeof name, "%s.csv", profile);
    char *text = file_of("tests/requirements/data", name, &text_size);
    kam_import_options o = { .struct_size = sizeof o, .flags = flags, .source = "erp", .mapping = mapping,
                             .encoding = encoding };
    REQ_MUST(q, kam_import_new(&imp, q->book, kind, &o, q->err));
    REQ_MUST(q, kam_import_feed(imp, text, text_size, q->err));
    REQ_MUST(q, kam_import_finish(imp, q->err));
    for (size_t i = 0; i < 5; i++)
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%s", i ? "/" : "",
                               kam_record_text(kam_import_report(imp), count[i], "-"));
    REQ_MUST(q, kam_import_totals(&list, imp, q->err));
    at += (size_t)snprintf(got + at, sizeof got - at, "\n%s", req_rows(q, list, total, rows, sizeof rows));
    REQ_MUST(q, kam_import_problems(&list, imp, q->err));
    snprintf(got + at, sizeof got - at, "\n%s", req_rows(q, list, problem, rows, sizeof rows));
    REQ_TEXT(q, got, want);
    kam_import_free(imp);
    free(mapping);
    free(text);
}

static const char *account_field(req *q, const char *key, uint32_t field, char out[256])
{
    int64_t id = 0;
    REQ_MUST(q, kam_book_find(&id, q->book, KAM_KIND_ACCOUNT, "erp", key, KAM_NUL, q->err));
    return req_text(q, KAM_KIND_ACCOUNT, id, field, KAM_TODAY, out);
}

static const char kingdee_totals[] = "2026-01-01 总部 CNY SALE 3 17967.00|2026-02-01 总部 CNY SALE 1 -1130.00|"
                                     "2026-02-01 总部 USD SALE 1 320.50";

static void kingdee(req *q)
{
    char want[600], text[256];
    import(q, "kingdee-account", KAM_KIND_ACCOUNT, "GB18030", 0, "3/0/0/0/0\n\n4 credit_code 911100001000000001 WARNING");
    REQ_TEXT(q, account_field(q, "CUST0002", KAM_ACCOUNT_NAME, text), "上海㕧宁机电设备有限公司");
    REQ_TEXT(q, account_field(q, "CUST0002", KAM_ACCOUNT_ADDRESS, text), "浦东新区 \"东方\" 路2号");
    REQ_TEXT(q, account_field(q, "CUST0001", KAM_ACCOUNT_CREDIT_LIMIT, text), "500000.00");
    REQ_TEXT(q, account_field(q, "CUST0003", KAM_ACCOUNT_CREDIT_CODE, text), "911100001000000001");
    /* the dry run says all that the import will say, and stores nothing */
    snprintf(want, sizeof want, "5/0/0/0/1\n%s\n7 account erp:CUST0099 KAM_E_NOT_FOUND", kingdee_totals);
    import(q, "kingdee-ledger", KAM_KIND_LEDGER, "GB18030", KAM_IMPORT_DRY_RUN, want);
    kam_rows *rows = req_query(q, KAM_KIND_LEDGER, 0, NULL, 0, KAM_TODAY);
    assert_null(req_next(q, rows));
    kam_rows_free(rows);
    import(q, "kingdee-ledger", KAM_KIND_LEDGER, "GB18030", 0, want);
    snprintf(want, sizeof want, "0/0/5/0/1\n%s\n7 account erp:CUST0099 KAM_E_NOT_FOUND", kingdee_totals);
    import(q, "kingdee-ledger", KAM_KIND_LEDGER, "GB18030", 0, want);
}

static void yonyou(req *q)
{
    char text[256];
    import(q, "yonyou-account", KAM_KIND_ACCOUNT, "GBK", 0, "2/0/0/0/0\n\n");
    REQ_TEXT(q, account_field(q, "010001", KAM_ACCOUNT_CUSTOMER_SINCE, text), "2021-03-01");
    import(q, "yonyou-ledger", KAM_KIND_LEDGER, "GBK", 0,
           "3/0/0/0/0\n2026-01-01 - CNY SALE 1 11300.00|2026-02-01 - CNY SALE 1 -1130.00|2026-02-01 - USD SALE 1 320.50\n");
}

static void sap(req *q)
{
    char text[256];
    import(q, "sap-account", KAM_KIND_ACCOUNT, "ISO-8859-1", 0, "2/0/0/0/0\n\n");
    REQ_TEXT(q, account_field(q, "0000001000", KAM_ACCOUNT_NAME, text), "Müller Pumpen GmbH");
    REQ_TEXT(q, account_field(q, "0000001001", KAM_ACCOUNT_CUSTOMER_SINCE, text), "");
    import(q, "sap-ledger", KAM_KIND_LEDGER, "ISO-8859-1", 0,
           "3/0/0/0/0\n2026-01-01 1000 CHF SALE 1 250.00|2026-01-01 1000 EUR SALE 1 1234567.89|"
           "2026-02-01 1000 EUR SALE 1 -1500.00\n");
}

static void test_R171_kingdee_export(void **state) { (void)state; req_each(kingdee); }
static void test_R171_yonyou_export(void **state) { (void)state; req_each(yonyou); }
static void test_R171_sap_export(void **state) { (void)state; req_each(sap); }

/* All accounts as CSV; free it. */
static char *accounts_csv(req *q, uint32_t flags)
{
    kam_export_options o = { .struct_size = sizeof o, .flags = flags, .lang = "zh" };
    kam_rows *rows = req_query(q, KAM_KIND_ACCOUNT, 0, NULL, 0, KAM_TODAY);
    kam_buf *b = NULL;
    REQ_MUST(q, kam_buf_new(&b, q->ctx, q->err));
    REQ_MUST(q, kam_rows_export(b, rows, &o, q->err));
    kam_rows_free(rows);
    char *text = malloc(kam_buf_size(b) + 1);
    memcpy(text, kam_buf_data(b), kam_buf_size(b) + 1);
    kam_buf_free(b);
    return text;
}

static void excel(req *q)
{
    kam_import_options o = { .struct_size = sizeof o };
    kam_import *imp = NULL;
    import(q, "kingdee-account", KAM_KIND_ACCOUNT, "GB18030", 0, "3/0/0/0/0\n\n4 credit_code 911100001000000001 WARNING");
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"=HYPERLINK(1)\",\"phone\":\"+86 512 6288\",\"postcode\":\"010020\"}");
    char *before = accounts_csv(q, 0);
    char *text = accounts_csv(q, KAM_EXPORT_BOM | KAM_EXPORT_LABELS | KAM_EXPORT_EXCEL);
    assert_memory_equal(text, "\xEF\xBB\xBF", 3);
    assert_non_null(strstr(text, "统一社会信用代码"));
    assert_non_null(strstr(text, "\"=\"\"913100001000000007\"\"\""));
    assert_non_null(strstr(text, "\"=\"\"0512-62880001\"\"\""));
    assert_non_null(strstr(text, "\"=\"\"+86 512 6288\"\"\""));
    assert_non_null(strstr(text, "'=HYPERLINK(1)"));
    REQ_MUST(q, kam_import_new(&imp, q->book, KAM_KIND_ACCOUNT, &o, q->err));
    REQ_MUST(q, kam_import_feed(imp, text, strlen(text), q->err));
    REQ_MUST(q, kam_import_finish(imp, q->err));
    REQ_EQUAL(q, kam_record_i64(kam_import_report(imp), KAM_IMPORT_REPORT_UNCHANGED, -1), 4);
    kam_import_free(imp);
    char *after = accounts_csv(q, 0);
    REQ_TEXT(q, after, before);
    free(before);
    free(text);
    free(after);
}

static void test_R183_export_for_excel_comes_back_unchanged(void **state) { (void)state; req_each(excel); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R171_kingdee_export),
        cmocka_unit_test(test_R171_yonyou_export),
        cmocka_unit_test(test_R171_sap_export),
        cmocka_unit_test(test_R183_export_for_excel_comes_back_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
