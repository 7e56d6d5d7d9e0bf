/*
 * tests/store/test_vcard.c - contacts out as vCard 4.0 and in again: nothing is lost, nothing sensitive goes out.
 */
#include "rows_test.h"

static kam_record *record(desk *d, uint32_t kind)
{
    kam_record *r = NULL;
    OK(d, kam_record_new(&r, d->book, kind, d->err));
    return r;
}

static void set(desk *d, kam_record *r, uint32_t field, const char *text)
{
    OK(d, kam_record_set_text(r, field, text, KAM_NUL, d->err));
}

static int64_t save(desk *d, kam_record *r)
{
    OK(d, kam_book_save(d->book, r, d->err));
    int64_t id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return id;
}

static void fill(desk *d)
{
    kam_record *r = record(d, KAM_KIND_ACCOUNT);
    set(d, r, KAM_ACCOUNT_NAME, "Acme; Pumps");
    int64_t account = save(d, r);
    r = record(d, KAM_KIND_CONTACT);
    set(d, r, KAM_CONTACT_NAME, "\xE9\x99\x88\xE6\xA2\x85");
    set(d, r, KAM_CONTACT_TITLE, "Head, buying");
    set(d, r, KAM_CONTACT_DEPARTMENT, "Purchasing");
    set(d, r, KAM_CONTACT_PHONE, "+86 27 1234");
    set(d, r, KAM_CONTACT_MOBILE, "+86 138");
    set(d, r, KAM_CONTACT_EMAIL, "mei@acme.example");
    set(d, r, KAM_CONTACT_ADDRESS, "1 Jianshe Rd, Wuhan");
    set(d, r, KAM_CONTACT_BIRTHDAY, "--04-15");
    set(d, r, KAM_CONTACT_SEX, "FEMALE");
    set(d, r, KAM_CONTACT_NOTE, "two\nlines");
    set(d, r, KAM_CONTACT_HEALTH, "secret");
    int64_t contact = save(d, r);
    r = record(d, KAM_KIND_AFFILIATION);
    OK(d, kam_record_set_i64(r, KAM_AFFILIATION_CONTACT, contact, d->err));
    OK(d, kam_record_set_i64(r, KAM_AFFILIATION_ACCOUNT, account, d->err));
    set(d, r, KAM_AFFILIATION_ROLE, "DECIDER");
    save(d, r);
}

static int32_t export(desk *d, kam_buf *out)
{
    kam_export_options o = {.struct_size = sizeof o, .format = KAM_FORMAT_VCARD};
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    int32_t rc = kam_query_new(&q, d->book, KAM_KIND_CONTACT, d->err);
    if (rc == KAM_OK) rc = kam_query_run(&rows, q, KAM_TODAY, d->err);
    kam_query_free(q);
    if (rc == KAM_OK) rc = kam_rows_export(out, rows, &o, d->err);
    kam_rows_free(rows);
    return rc;
}

static void import(desk *d, const char *text, size_t size, int64_t added, int64_t changed)
{
    kam_import_options o = {.struct_size = sizeof o, .format = KAM_FORMAT_VCARD, .source = "phone"};
    kam_import *imp = NULL;
    OK(d, kam_import_new(&imp, d->book, KAM_KIND_CONTACT, &o, d->err));
    OK(d, kam_import_feed(imp, text, size, d->err));
    OK(d, kam_import_finish(imp, d->err));
    const kam_record *report = kam_import_report(imp);
    assert_int_equal(kam_record_i64(report, KAM_IMPORT_REPORT_NEW, 0), added);
    assert_int_equal(kam_record_i64(report, KAM_IMPORT_REPORT_CHANGED, 0), changed);
    assert_int_equal(kam_record_i64(report, KAM_IMPORT_REPORT_REJECTED, 0), 0);
    kam_import_free(imp);
}

static void test_out(void **state)
{
    (void)state;
    desk d = {0};
    kam_buf *out = NULL;
    desk_open(&d);
    fill(&d);
    OK(&d, kam_buf_new(&out, d.ctx, d.err));
    OK(&d, export(&d, out));
    const char *text = kam_buf_data(out), *uid = strstr(text, "UID:contact-1.");
    assert_non_null(uid);
    assert_int_equal(strncmp(text, "BEGIN:VCARD\r\nVERSION:4.0\r\n", 26), 0);
    assert_non_null(strstr(text, "\r\nFN:\xE9\x99\x88\xE6\xA2\x85\r\nN:\xE9\x99\x88\xE6\xA2\x85;;;;\r\n"
                                 "TEL;TYPE=\"work,voice\":+86 27 1234\r\nTEL;TYPE=cell:+86 138\r\n"
                                 "EMAIL:mei@acme.example\r\nADR;TYPE=work:;;1 Jianshe Rd\\, Wuhan;;;;\r\nBDAY:--0415\r\n"
                                 "GENDER:F\r\nNOTE:two\\nlines\r\nORG:Acme\\; Pumps;Purchasing\r\n"
                                 "TITLE:Head\\, buying\r\nROLE:decision maker\r\nEND:VCARD\r\n"));
    assert_null(strstr(text, "secret"));
    kam_buf_free(out);
    desk_close(&d);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const uint32_t field[] = {KAM_CONTACT_NAME, KAM_CONTACT_TITLE, KAM_CONTACT_DEPARTMENT, KAM_CONTACT_PHONE,
                                     KAM_CONTACT_MOBILE, KAM_CONTACT_EMAIL, KAM_CONTACT_ADDRESS, KAM_CONTACT_BIRTHDAY,
                                     KAM_CONTACT_SEX, KAM_CONTACT_NOTE};
    desk d = {0}, e = {0};
    kam_buf *out = NULL;
    kam_record *a = NULL, *b = NULL;
    desk_open(&d);
    desk_open(&e);
    fill(&d);
    OK(&d, kam_buf_new(&out, d.ctx, d.err));
    OK(&d, export(&d, out));
    import(&e, kam_buf_data(out), kam_buf_size(out), 1, 0);
    import(&e, kam_buf_data(out), kam_buf_size(out), 0, 0);     /* the same UID: nobody twice */
    OK(&d, kam_book_get(&a, d.book, KAM_KIND_CONTACT, 1, KAM_TODAY, d.err));
    OK(&e, kam_book_get(&b, e.book, KAM_KIND_CONTACT, 1, KAM_TODAY, e.err));
    for (size_t i = 0; i < KAM__LEN(field); i++)
        assert_string_equal(kam_record_text(a, field[i], ""), kam_record_text(b, field[i], "?"));
    kam_record_free(a);
    kam_record_free(b);
    kam_buf_free(out);
    desk_close(&d);
    desk_close(&e);
}

static void test_only_contacts(void **state)
{
    (void)state;
    desk d = {0};
    desk_open(&d);
    kam_import_options o = {.struct_size = sizeof o, .format = KAM_FORMAT_VCARD};
    kam_import *imp = NULL;
    assert_int_equal(kam_import_new(&imp, d.book, KAM_KIND_ACCOUNT, &o, d.err), KAM_E_UNSUPPORTED);
    desk_close(&d);
}

static void test_memory(void **state)
{
    (void)state;
    desk d = {0};
    kam_buf *out = NULL;
    desk_open(&d);
    fill(&d);
    OK(&d, kam_buf_new(&out, d.ctx, d.err));
    int32_t rc = KAM_E_NOMEM;
    for (int64_t n = 0; rc != KAM_OK && n < 10000; n++) {
        d.left = n;
        rc = export(&d, out);
        if (rc != KAM_OK) assert_int_equal(rc, KAM_E_NOMEM);
    }
    d.left = -1;
    assert_int_equal(rc, KAM_OK);
    kam_buf_free(out);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_only_contacts),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
