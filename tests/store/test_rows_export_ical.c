/*
 * tests/store/test_rows_export_ical.c - activities as iCalendar: which component, UIDs that stay, what was cancelled,
 * times with and without a zone, hostile text, and running out of memory.
 */
#include "rows_test.h"

typedef struct cal { desk d; kam_buf *out; int64_t account; } cal;

static void set(desk *d, kam_record *r, uint32_t field, const char *text)
{
    OK(d, kam_record_set_text(r, field, text, KAM_NUL, d->err));
}

static int64_t account(desk *d, const char *name)
{
    kam_record *r = NULL;
    OK(d, kam_record_new(&r, d->book, KAM_KIND_ACCOUNT, d->err));
    set(d, r, KAM_ACCOUNT_NAME, name);
    set(d, r, KAM_ACCOUNT_CITY, "Wuhan");
    set(d, r, KAM_ACCOUNT_ADDRESS, "1 Jianshe Rd, East");
    set(d, r, KAM_ACCOUNT_LATITUDE, "30.5");
    set(d, r, KAM_ACCOUNT_LONGITUDE, "114.25");
    OK(d, kam_book_save(d->book, r, d->err));
    int64_t id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return id;
}

static kam_record *activity(cal *c, const char *channel, const char *status, const char *day)
{
    kam_record *r = NULL;
    OK(&c->d, kam_record_new(&r, c->d.book, KAM_KIND_ACTIVITY, c->d.err));
    OK(&c->d, kam_record_set_i64(r, KAM_ACTIVITY_ACCOUNT, c->account, c->d.err));
    set(&c->d, r, KAM_ACTIVITY_CHANNEL, channel);
    set(&c->d, r, KAM_ACTIVITY_STATUS, status);
    set(&c->d, r, KAM_ACTIVITY_DAY, day);
    return r;
}

static void save(cal *c, kam_record *r)
{
    OK(&c->d, kam_book_save(c->d.book, r, c->d.err));
    kam_record_free(r);
}

static void open_cal(cal *c)
{
    memset(c, 0, sizeof *c);
    desk_ctx(&c->d);
    kam_book_options o = {
        .struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY", .zone = "+08:00"};
    OK(&c->d, kam_book_open(&c->d.book, c->d.ctx, NULL, &o, c->d.err));
    OK(&c->d, kam_buf_new(&c->out, c->d.ctx, c->d.err));
    c->account = account(&c->d, "Acme; Pumps, Ltd");
}

static void close_cal(cal *c)
{
    kam_buf_free(c->out);
    desk_close(&c->d);
}

static int32_t export(cal *c, const char *lang, uint32_t flags)
{
    kam_export_options o = {
        .struct_size = sizeof o, .format = KAM_FORMAT_ICALENDAR, .flags = flags, .lang = lang};
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    int32_t rc = kam_query_new(&q, c->d.book, KAM_KIND_ACTIVITY, c->d.err);
    if (rc == KAM_OK) rc = kam_query_run(&rows, q, KAM_TODAY, c->d.err);
    kam_query_free(q);
    if (rc == KAM_OK) rc = kam_rows_export(c->out, rows, &o, c->d.err);
    kam_rows_free(rows);
    return rc;
}

static const char *text_of(cal *c, const char *lang, uint32_t flags)
{
    OK(&c->d, export(c, lang, flags));
    return kam_buf_data(c->out);
}

static int count(const char *text, const char *what)
{
    int n = 0;
    for (; (text = strstr(text, what)) != NULL; text++) n++;
    return n;
}

static void test_components(void **state)
{
    (void)state;
    cal c;
    open_cal(&c);
    kam_record *r = activity(&c, "VISIT", "PLANNED", "2026-06-01");
    set(&c.d, r, KAM_ACTIVITY_START, "2026-06-01T09:30");
    OK(&c.d, kam_record_set_i64(r, KAM_ACTIVITY_DURATION, 60, c.d.err));
    save(&c, r);
    save(&c, activity(&c, "CALL", "PLANNED", "2026-06-02"));
    r = activity(&c, "MEETING", "HELD", "2026-06-03");
    set(&c.d, r, KAM_ACTIVITY_POINTS, "price,\nterms");
    save(&c, r);
    const char *text = text_of(&c, "en", 0);
    const char *head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//libkam//libkam//EN\r\n"
                       "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:activity-1.";
    assert_int_equal(strncmp(text, head, strlen(head)), 0);
    assert_non_null(strstr(text, "DTSTAMP:20241004T120000Z\r\n"));
    assert_non_null(strstr(text, "DTSTART:20260601T093000\r\nDURATION:PT60M\r\n"
                                 "SUMMARY:visit: Acme\\; Pumps\\, Ltd\r\nSTATUS:TENTATIVE\r\n"
                                 "LOCATION:1 Jianshe Rd\\, East Wuhan\r\nGEO:30.5;114.25\r\nEND:VEVENT\r\n"));
    assert_non_null(strstr(text, "BEGIN:VTODO\r\nUID:activity-2."));
    assert_non_null(strstr(text, "DUE;VALUE=DATE:20260602\r\nSUMMARY:phone call: Acme\\; Pumps\\, Ltd\r\n"
                                 "STATUS:NEEDS-ACTION\r\nEND:VTODO\r\n"));
    assert_non_null(strstr(text, "DTSTART;VALUE=DATE:20260603\r\nTRANSP:TRANSPARENT\r\n"));
    assert_non_null(strstr(text, "DESCRIPTION:price\\,\\nterms\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"));
    assert_null(strstr(text, "CANCEL"));
    assert_non_null(strstr(text_of(&c, "en", KAM_EXPORT_UTC), "DTSTART:20260601T013000Z\r\n"));
    assert_non_null(strstr(text_of(&c, "zh", 0), "SUMMARY:\xE6\x8B\x9C\xE8\xAE\xBF\xEF\xBC\x9A" "Acme"));
    close_cal(&c);
}

static void uid_and_sequence(char uid[96], long *sequence, const char *text)
{
    const char *at = strstr(text, "UID:");
    assert_non_null(at);
    size_t n = strcspn(at, "\r");
    assert_true(n < 96);
    memcpy(uid, at, n);
    uid[n] = '\0';
    at = strstr(text, "SEQUENCE:");
    assert_non_null(at);
    *sequence = strtol(at + 9, NULL, 10);
}

static void test_updates(void **state)
{
    (void)state;
    cal c;
    char uid[96], again[96];
    long first = 0, second = 0;
    open_cal(&c);
    save(&c, activity(&c, "VISIT", "PLANNED", "2026-06-01"));
    uid_and_sequence(uid, &first, text_of(&c, "en", 0));
    kam_record *r = activity(&c, "VISIT", "PLANNED", "2026-06-05");
    OK(&c.d, kam_record_set_i64(r, KAM_ID, 1, c.d.err));
    set(&c.d, r, KAM_REASON, "buyer asked for it");
    save(&c, r);
    uid_and_sequence(again, &second, text_of(&c, "en", 0));
    assert_string_equal(uid, again);
    assert_true(second > first);
    save(&c, activity(&c, "CALL", "PLANNED", "2026-06-06"));
    r = activity(&c, "VISIT", "CANCELLED", "2026-06-05");
    OK(&c.d, kam_record_set_i64(r, KAM_ID, 1, c.d.err));
    set(&c.d, r, KAM_REASON, "buyer is ill");
    save(&c, r);
    const char *text = text_of(&c, "en", 0), *cancel = strstr(text, "METHOD:CANCEL\r\n");
    assert_int_equal(count(text, "BEGIN:VCALENDAR"), 2);
    assert_int_equal(count(text, "END:VCALENDAR"), 2);
    assert_non_null(cancel);
    assert_true(strstr(text, "BEGIN:VTODO") < cancel);
    assert_non_null(strstr(cancel, uid));
    assert_non_null(strstr(cancel, "STATUS:CANCELLED\r\n"));
    close_cal(&c);
}

static void test_empty(void **state)
{
    (void)state;
    cal c;
    open_cal(&c);
    const char *text = text_of(&c, "en", 0);
    assert_int_equal(count(text, "BEGIN:VCALENDAR"), 1);
    assert_int_equal(count(text, "END:VCALENDAR"), 1);
    kam_record *r = activity(&c, "VISIT", "CANCELLED", "2026-06-05");
    save(&c, r);
    text = text_of(&c, "en", 0);
    assert_int_equal(count(text, "BEGIN:VCALENDAR"), 1);
    assert_int_equal(count(text, "METHOD:CANCEL"), 1);
    close_cal(&c);
}

static void test_memory(void **state)
{
    (void)state;
    cal c;
    open_cal(&c);
    save(&c, activity(&c, "VISIT", "PLANNED", "2026-06-01"));
    save(&c, activity(&c, "VISIT", "CANCELLED", "2026-06-05"));
    kam_buf *want = NULL;
    OK(&c.d, kam_buf_new(&want, c.d.ctx, c.d.err));
    const char *text = text_of(&c, "en", 0);
    OK(&c.d, kam_buf_append(want, text, kam_buf_size(c.out), c.d.err));
    int32_t rc = KAM_E_NOMEM;
    for (int64_t n = 0; rc != KAM_OK && n < 10000; n++) {
        c.d.left = n;
        rc = export(&c, "en", 0);
        if (rc != KAM_OK) assert_int_equal(rc, KAM_E_NOMEM);
    }
    c.d.left = -1;
    assert_int_equal(rc, KAM_OK);
    assert_string_equal(kam_buf_data(c.out), kam_buf_data(want));
    kam_buf_free(want);
    close_cal(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_components),
        cmocka_unit_test(test_updates),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
