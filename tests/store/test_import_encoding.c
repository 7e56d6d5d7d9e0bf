/*
 * tests/store/test_import_encoding.c - imports in other encodings than UTF-8: cut anywhere, bad bytes told with their
 * place, JSON too, and exports for Excel that come back as they were.
 */
#include "import_test.h"

/* C1 苏州泵业有限公司€ and C2 㐀𠀀Ünï: characters of one, two and four bytes. */
static const char gb[] = "ext_id,name\nC1,\xCB\xD5\xD6\xDD\xB1\xC3\xD2\xB5\xD3\xD0\xCF\xDE\xB9\xAB\xCB\xBE\xA2\xE3\n"
                         "C2,\x81\x39\xEE\x39\x95\x32\x82\x36\x81\x30\x89\x35n\x81\x30\x8A\x37\n";

static void test_gb18030_cut_anywhere(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= sizeof gb - 1; cut++) {
        kam_import_options o = { .struct_size = sizeof o, .source = "erp", .encoding = "GB18030" };
        kam_import *imp = NULL;
        it_book b;
        it_open(&b);
        it_ok(&b, kam_import_new(&imp, b.book, KAM_KIND_ACCOUNT, &o, b.err));
        it_ok(&b, kam_import_feed(imp, gb, cut, b.err));
        it_ok(&b, kam_import_feed(imp, gb + cut, sizeof gb - 1 - cut, b.err));
        it_ok(&b, kam_import_finish(imp, b.err));
        assert_string_equal(it_counts(&b, imp), "2/0/0/0/0");
        kam_import_free(imp);
        assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "C1", KAM_ACCOUNT_NAME), "苏州泵业有限公司€");
        assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "C2", KAM_ACCOUNT_NAME), "㐀𠀀Ünï");
        it_close(&b);
    }
}

static void test_bad_bytes_cost_their_row_only(void **state)
{
    static const char text[] = "ext_id,name\nC1,\xCB\xD5\nC2,a\xFF" "b\nC3,\xD6\xDD\nC4\nC5,\xD6\n";
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .encoding = "GBK" };
    kam_import *imp = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    it_book b;
    (void)state;
    it_open(&b);
    it_ok(&b, it_try(&b, KAM_KIND_ACCOUNT, &o, text, &imp));
    assert_string_equal(it_counts(&b, imp), "2/0/0/0/3");
    it_problems(&b, imp);
    assert_string_equal(kam_buf_data(b.text), "2:3:5:::KAM_E_UTF8\n4:5::::KAM_E_PARSE\n5:6:4:::KAM_E_UTF8\n");
    it_ok(&b, kam_import_problems(&rows, imp, b.err));
    it_ok(&b, kam_rows_next(&r, rows, b.err));
    assert_string_equal(kam_record_text(r, KAM_PROBLEM_TEXT, ""),
                        "byte 22 of the file begins no character of GBK (the first byte is 0)");
    kam_rows_free(rows);
    kam_import_free(imp);
    it_close(&b);
}

static void test_json_and_unknown_encodings(void **state)
{
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .encoding = "GBK", .format = KAM_FORMAT_JSONL };
    it_book b;
    (void)state;
    it_open(&b);
    it_ok(&b, it_try(&b, KAM_KIND_ACCOUNT, &o, "{\"ext_id\":\"C1\",\"name\":\"\xCB\xD5\"}\n", NULL));
    assert_string_equal(b.counts, "1/0/0/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "C1", KAM_ACCOUNT_NAME), "苏");
    o.encoding = "EBCDIC";
    assert_int_equal(it_try(&b, KAM_KIND_ACCOUNT, &o, "", NULL), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(b.err), "\"EBCDIC\" is not known"));
    o.encoding = "UTF-8";
    it_ok(&b, it_try(&b, KAM_KIND_ACCOUNT, &o, "{\"ext_id\":\"C1\",\"name\":\"苏\"}\n", NULL));
    assert_string_equal(b.counts, "0/0/1/0/0");
    it_close(&b);
}

static void test_out_of_memory(void **state)
{
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .encoding = "GB18030" };
    it_book b;
    int32_t rc = KAM_E_NOMEM;
    (void)state;
    it_open(&b);
    for (int64_t n = 0; rc == KAM_E_NOMEM; n++) {
        assert_in_range(n, 0, 5000);
        b.memory.left = n;
        rc = it_try(&b, KAM_KIND_ACCOUNT, &o, gb, NULL);
        b.memory.left = -1;
    }
    it_ok(&b, rc);
    assert_string_equal(b.counts, "2/0/0/0/0");
    it_close(&b);
}

static char *export_text(it_book *b, uint32_t flags)
{
    kam_export_options o = { .struct_size = sizeof o, .flags = flags, .lang = "zh" };
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    it_ok(b, kam_query_new(&q, b->book, KAM_KIND_ACCOUNT, b->err));
    it_ok(b, kam_query_run(&rows, q, KAM_TODAY, b->err));
    kam_query_free(q);
    it_ok(b, kam_rows_export(b->text, rows, &o, b->err));
    kam_rows_free(rows);
    char *text = malloc(b->text->size + 1);
    memcpy(text, kam_buf_data(b->text), b->text->size + 1);
    return text;
}

static void test_an_export_in_gb18030_comes_back(void **state)
{
    kam_export_options o = { .struct_size = sizeof o, .flags = KAM_EXPORT_LABELS, .lang = "zh", .encoding = "GB18030" };
    kam_import_options in = { .struct_size = sizeof in, .encoding = "GB18030" };
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    it_book b;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name\nC1,苏州泵业\nC2,😀𠀀\n", "2/0/0/0/0");
    it_ok(&b, kam_query_new(&q, b.book, KAM_KIND_ACCOUNT, b.err));
    it_ok(&b, kam_query_run(&rows, q, KAM_TODAY, b.err));
    it_ok(&b, kam_rows_export(b.text, rows, &o, b.err));
    kam_rows_free(rows);
    char *text = malloc(b.text->size + 1);
    memcpy(text, kam_buf_data(b.text), b.text->size + 1);
    assert_non_null(strstr(text, "\xCB\xD5\xD6\xDD"));
    assert_null(strstr(text, "苏州"));
    it_ok(&b, it_try(&b, KAM_KIND_ACCOUNT, &in, text, NULL));
    assert_string_equal(b.counts, "0/0/2/0/0");
    free(text);
    it_ok(&b, kam_query_run(&rows, q, KAM_TODAY, b.err));
    o.encoding = "GBK";
    assert_int_equal(kam_rows_export(b.text, rows, &o, b.err), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(b.err), "not in GBK"));
    o.encoding = "GB18030";                                         /* no row is lost */
    it_ok(&b, kam_rows_export(b.text, rows, &o, b.err));
    assert_non_null(strstr(kam_buf_data(b.text), "\xCB\xD5\xD6\xDD"));
    o.format = KAM_FORMAT_JSON;
    assert_int_equal(kam_rows_export(b.text, rows, &o, b.err), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(b.err), "is for CSV"));
    o.format = KAM_FORMAT_CSV;
    o.flags = KAM_EXPORT_BOM;
    assert_int_equal(kam_rows_export(b.text, rows, &o, b.err), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(b.err), "byte order mark is for UTF-8"));
    kam_rows_free(rows);
    kam_query_free(q);
    it_close(&b);
}

static void test_an_export_for_excel_comes_back(void **state)
{
    kam_import_options o = { .struct_size = sizeof o };
    kam_export_options bad = { .struct_size = sizeof bad, .flags = KAM_EXPORT_EXCEL | KAM_EXPORT_RAW };
    it_book b;
    (void)state;
    it_open(&b);
    it_import(&b, KAM_KIND_ACCOUNT, "erp", NULL,
              "ext_id,name,credit_code,phone,postcode\n0012,Acme,911100001000013425,+86 512 6329 1234,010020\n"
              "=\"\"1\"\",\"'=\"\"007\"\"\",,021-5,\n", "2/0/0/0/0");
    char *text = export_text(&b, KAM_EXPORT_BOM | KAM_EXPORT_LABELS | KAM_EXPORT_EXCEL);
    assert_memory_equal(text, "\xEF\xBB\xBF", 3);
    assert_non_null(strstr(text, "统一社会信用代码"));
    assert_non_null(strstr(text, "\"=\"\"911100001000013425\"\"\""));
    assert_non_null(strstr(text, "\"=\"\"0012\"\"\""));
    char *before = it_dump(&b);
    it_ok(&b, it_try(&b, KAM_KIND_ACCOUNT, &o, text, NULL));
    assert_string_equal(b.counts, "0/0/2/0/0");
    char *after = it_dump(&b);
    assert_string_equal(before, after);
    assert_int_equal(kam_rows_export(b.text, NULL, &bad, b.err), KAM_E_INVAL);
    free(before);
    free(after);
    free(text);
    it_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gb18030_cut_anywhere),
        cmocka_unit_test(test_bad_bytes_cost_their_row_only),
        cmocka_unit_test(test_json_and_unknown_encodings),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_an_export_for_excel_comes_back),
        cmocka_unit_test(test_an_export_in_gb18030_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
