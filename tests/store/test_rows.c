/*
 * tests/store/test_rows.c - lists: record by record, block by block, as text; how long they live; what a failure
 * leaves.
 */
#include "rows_test.h"
#include <stdio.h>

/* A set of TOUCHED rows 1..n: seq, kind 1, record, op. */
static kam__rowset *touched(desk *d, int n) {
    kam__rowset *s = NULL;
    OK(d, kam__rowset_new(&s, d->book->schema, KAM_KIND_TOUCHED, NULL, 0, d->err));
    for (int i = 1; i <= n; i++) {
        kam__blockbuf *b = kam__rowset_row(s, d->err);
        assert_non_null(b);
        kam__bb_i64(b, 0, i);
        kam__bb_i64(b, 1, 1);
        kam__bb_i64(b, 2, i * 10);
        if (i % 2) kam__bb_i64(b, 3, KAM_TOUCH_UPDATE);
        OK(d, kam__rowset_end_row(s, d->err));
    }
    kam__rowset_seal(s);
    return s;
}

static int64_t next_seq(desk *d, kam_rows *rows) {
    const kam_record *r = NULL;
    OK(d, kam_rows_next(&r, rows, d->err));
    return r ? kam_record_i64(r, KAM_TOUCHED_SEQ, -1) : 0;
}

static void test_window(void **state) {
    (void)state;
    desk d = {0};
    kam_rows *rows = NULL;
    desk_open(&d);
    kam__rowset *s = touched(&d, 5);
    OK(&d, kam__rows_of_set(&rows, d.book, s, 1, 3, d.err));
    assert_int_equal(kam_rows_kind(rows), KAM_KIND_TOUCHED);
    for (int64_t i = 2; i <= 4; i++) assert_int_equal(next_seq(&d, rows), i);
    assert_int_equal(next_seq(&d, rows), 0);
    assert_int_equal(next_seq(&d, rows), 0);
    kam_rows_free(rows);
    OK(&d, kam__rows_of_set(&rows, d.book, s, 9, 0, d.err));
    assert_int_equal(next_seq(&d, rows), 0);
    kam_rows_free(rows);
    OK(&d, kam__rows_of_set(&rows, d.book, s, 3, UINT64_MAX, d.err));
    assert_int_equal(next_seq(&d, rows), 4);
    kam_rows_free(rows);
    kam__rowset_drop(s);
    assert_int_equal(kam_rows_kind(NULL), 0);
    kam_rows_free(NULL);
    desk_close(&d);
}

static void test_blocks(void **state) {
    (void)state;
    desk d = {0};
    kam_rows *rows = NULL;
    const kam_block *b = NULL;
    desk_open(&d);
    kam__rowset *s = touched(&d, 5000);
    OK(&d, kam__rows_of_set(&rows, d.book, s, 0, 4500, d.err));
    kam__rowset_drop(s);                    /* the rows hold it */
    assert_int_equal(next_seq(&d, rows), 1);
    OK(&d, kam_rows_next_block(&b, rows, d.err));
    assert_int_equal(b->nrow, 4095);
    assert_int_equal(b->ncol, 4);
    assert_int_equal(kam__col_i64(&b->col[0], 0), 2);
    assert_int_equal(kam__col_i64(&b->col[2], 4094), 40960);
    assert_true(kam__col_null(&b->col[3], 0));
    assert_int_equal(kam__col_i64(&b->col[3], 1), KAM_TOUCH_UPDATE);
    OK(&d, kam_rows_next_block(&b, rows, d.err));
    assert_int_equal(b->nrow, 404);
    assert_int_equal(kam__col_i64(&b->col[0], 403), 4500);
    OK(&d, kam_rows_next_block(&b, rows, d.err));
    assert_null(b);
    assert_int_equal(next_seq(&d, rows), 0);
    kam_rows_free(rows);
    desk_close(&d);
}

/* Pages of a live query: every row once, in order, whatever is written between them. */
static void test_pages(void **state) {
    (void)state;
    desk d = {0};
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    desk_open(&d);
    many_accounts(&d, 9000);
    OK(&d, kam_query_new(&q, d.book, KAM_KIND_ACCOUNT, d.err));
    OK(&d, kam_query_select(q, KAM_ID, d.err));
    OK(&d, kam_query_select(q, KAM_ACCOUNT_NAME, d.err));
    OK(&d, kam_query_run(&rows, q, KAM_TODAY, d.err));
    OK(&d, kam_query_limit(q, 1, 1, d.err));        /* rows made already do not care */
    kam_query_free(q);
    for (int64_t i = 1; i <= 9001; i++) {
        OK(&d, kam_rows_next(&r, rows, d.err));
        assert_non_null(r);
        assert_int_equal(kam_record_i64(r, KAM_ID, 0), i);
        assert_int_equal(kam_record_type(r, KAM_ACCOUNT_EMPLOYEES), 0);
        if (i == 10) OK(&d, kam_book_delete(d.book, KAM_KIND_ACCOUNT, 5, 0, d.err));
        if (i == 4096) assert_int_equal(put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"late\"}"), 9001);
    }
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_NAME, ""), "late");
    OK(&d, kam_rows_next(&r, rows, d.err));
    assert_null(r);
    kam_rows_free(rows);
    desk_close(&d);
}

static void test_page_blocks(void **state) {
    (void)state;
    desk d = {0};
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_block *b = NULL;
    uint64_t n = 0;
    int64_t last = 0;
    desk_open(&d);
    many_accounts(&d, 9000);
    OK(&d, kam_query_new(&q, d.book, KAM_KIND_ACCOUNT, d.err));
    OK(&d, kam_query_select(q, KAM_ACCOUNT_EMPLOYEES, d.err));
    OK(&d, kam_query_order(q, KAM_ACCOUNT_EMPLOYEES, 0, d.err));
    OK(&d, kam_query_limit(q, 5000, 3500, d.err));
    OK(&d, kam_query_run(&rows, q, KAM_TODAY, d.err));
    for (;;) {
        OK(&d, kam_rows_next_block(&b, rows, d.err));
        if (!b) break;
        assert_int_equal(b->ncol, 1);       /* the id it pages by is not shown */
        for (uint32_t i = 0; i < b->nrow; i++) {
            assert_true(kam__col_i64(b->col, i) >= last);
            last = kam__col_i64(b->col, i);
        }
        n += b->nrow;
    }
    assert_int_equal(n, 3500);
    assert_int_equal(last, 944);            /* nine rows of each value 0..999 */
    kam_rows_free(rows);
    kam_query_free(q);
    desk_close(&d);
}

static void expect_closed(desk *d, kam_rows *rows) {
    const kam_record *r = NULL;
    const kam_block *b = NULL;
    kam_buf *out = NULL;
    OK(d, kam_buf_new(&out, d->ctx, d->err));
    assert_int_equal(kam_rows_next(&r, rows, d->err), KAM_E_CLOSED);
    assert_int_equal(kam_rows_next_block(&b, rows, d->err), KAM_E_CLOSED);
    assert_int_equal(kam_rows_export(out, rows, NULL, d->err), KAM_E_CLOSED);
    kam_buf_free(out);
    kam_rows_free(rows);
}

static void test_life(void **state) {
    (void)state;
    desk d = {0};
    kam_query *q = NULL;
    kam_rows *live = NULL, *set = NULL, *inside = NULL, *free_rows = NULL;
    desk_open(&d);
    put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    kam__rowset *s = touched(&d, 2);
    OK(&d, kam_query_new(&q, d.book, KAM_KIND_CONTACT, d.err));
    OK(&d, kam_book_begin(d.book, KAM_BEGIN_READ, d.err));
    OK(&d, kam_query_run(&inside, q, KAM_TODAY, d.err));
    OK(&d, kam_book_commit(d.book, d.err));
    expect_closed(&d, inside);
    OK(&d, kam_query_run(&live, q, KAM_TODAY, d.err));
    OK(&d, kam__rows_of_set(&set, d.book, s, 0, 0, d.err));
    OK(&d, kam__rows_of_set(&free_rows, NULL, s, 0, 0, d.err));
    kam__rowset_drop(s);
    assert_int_equal(next_seq(&d, set), 1);
    kam_book_close(d.book);
    d.book = NULL;
    expect_closed(&d, live);
    expect_closed(&d, set);
    assert_int_equal(kam_query_run(&live, q, KAM_TODAY, d.err), KAM_E_CLOSED);
    kam_query_free(q);
    assert_int_equal(next_seq(&d, free_rows), 1);
    assert_int_equal(next_seq(&d, free_rows), 2);
    kam_rows_free(free_rows);
    desk_close(&d);
}

/* ---------------------------------------------------------------- text */

static kam_rows *problems(desk *d) {
    static const char *const text[][3] = {{"=1+1", "a,b", "7"}, {"say \"hi\"", "-5", NULL}, {"'x", "two\nlines", "8"}};
    static const uint32_t field[] = {KAM_PROBLEM_VALUE, KAM_PROBLEM_TEXT, KAM_PROBLEM_ROW, KAM_PROBLEM_CODE};
    kam__rowset *s = NULL;
    kam_rows *rows = NULL;
    OK(d, kam__rowset_new(&s, d->book->schema, KAM_KIND_PROBLEM, field, 4, d->err));
    for (int i = 0; i < 3; i++) {
        kam__blockbuf *b = kam__rowset_row(s, d->err);
        kam__bb_text(b, 0, text[i][0], KAM_NUL);
        kam__bb_text(b, 1, text[i][1], KAM_NUL);
        if (text[i][2]) kam__bb_i64(b, 2, -(text[i][2][0] - '0'));
        OK(d, kam__rowset_end_row(s, d->err));
    }
    kam__rowset_seal(s);
    OK(d, kam__rows_of_set(&rows, d->book, s, 0, 0, d->err));
    kam__rowset_drop(s);
    return rows;
}

static void export_is(desk *d, uint32_t format, uint32_t flags, uint32_t separator, const char *lang, const char *want)
{
    kam_export_options o = {
        .struct_size = sizeof o, .flags = flags, .format = format, .separator = separator, .lang = lang};
    kam_rows *rows = problems(d);
    kam_buf *out = NULL;
    OK(d, kam_buf_new(&out, d->ctx, d->err));
    OK(d, kam_buf_append(out, "old", 3, d->err));
    OK(d, kam_rows_export(out, rows, &o, d->err));
    assert_string_equal(kam_buf_data(out), want);
    OK(d, kam_rows_export(out, rows, &o, d->err));
    assert_int_equal(kam_buf_size(out), 0);
    kam_buf_free(out);
    kam_rows_free(rows);
}

static void test_export(void **state) {
    (void)state;
    desk d = {0};
    desk_open(&d);
    export_is(&d, 0, 0, 0, NULL,
              "value,text,row,code\r\n'=1+1,\"a,b\",-7,\r\n\"say \"\"hi\"\"\",'-5,,\r\n''x,\"two\nlines\",-8,\r\n");
    export_is(&d, KAM_FORMAT_CSV, KAM_EXPORT_BOM | KAM_EXPORT_LABELS | KAM_EXPORT_RAW, ';', "zh",
              "\xEF\xBB\xBF值;说明;行;代码\r\n=1+1;a,b;-7;\r\n\"say \"\"hi\"\"\";-5;;\r\n'x;\"two\nlines\";-8;\r\n");
    export_is(
        &d, KAM_FORMAT_CSV, KAM_EXPORT_LABELS | KAM_EXPORT_RAW, '\t', NULL,
        "Value\tText\tRow\tCode\r\n=1+1\ta,b\t-7\t\r\n\"say \"\"hi\"\"\"\t-5\t\t\r\n'x\t\"two\nlines\"\t-8\t\r\n");
    export_is(&d, KAM_FORMAT_JSON, KAM_EXPORT_BOM, 0, NULL,
              "[\n{\"value\":\"=1+1\",\"text\":\"a,b\",\"row\":-7},\n{\"value\":\"say \\\"hi\\\"\",\"text\":\"-5\"},\n"
              "{\"value\":\"'x\",\"text\":\"two\\nlines\",\"row\":-8}\n]\n");
    export_is(&d, KAM_FORMAT_JSONL, 0, 0, NULL,
              "{\"value\":\"=1+1\",\"text\":\"a,b\",\"row\":-7}\n{\"value\":\"say \\\"hi\\\"\",\"text\":\"-5\"}\n"
              "{\"value\":\"'x\",\"text\":\"two\\nlines\",\"row\":-8}\n");
    desk_close(&d);
}

static void test_export_options(void **state) {
    (void)state;
    desk d = {0};
    desk_open(&d);
    kam_rows *rows = problems(&d);
    kam_buf *out = NULL;
    OK(&d, kam_buf_new(&out, d.ctx, d.err));
    kam_export_options o = {.struct_size = sizeof o, .format = KAM_FORMAT_ICALENDAR};
    assert_int_equal(kam_rows_export(out, rows, &o, d.err), KAM_E_INVAL);       /* problems are no appointments */
    o.format = KAM_FORMAT_VCARD;
    assert_int_equal(kam_rows_export(out, rows, &o, d.err), KAM_E_INVAL);
    o.format = 6;
    assert_int_equal(kam_rows_export(out, rows, &o, d.err), KAM_E_INVAL);
    o.format = KAM_FORMAT_CSV, o.separator = '"';
    assert_int_equal(kam_rows_export(out, rows, &o, d.err), KAM_E_INVAL);
    o.separator = 0x20AC;
    assert_int_equal(kam_rows_export(out, rows, &o, d.err), KAM_E_INVAL);
    o.separator = 0, o.flags = 64;
    assert_int_equal(kam_rows_export(out, rows, &o, d.err), KAM_E_INVAL);
    o.flags = 0, o.lang = "fr";
    assert_int_equal(kam_rows_export(out, rows, &o, d.err), KAM_E_INVAL);
    assert_int_equal(kam_rows_export(NULL, rows, NULL, d.err), KAM_E_INVAL);
    assert_int_equal(kam_rows_export(out, NULL, NULL, d.err), KAM_E_INVAL);
    OK(&d, kam_rows_export(out, rows, NULL, d.err));        /* none of it moved the rows */
    assert_memory_equal(kam_buf_data(out), "value,text,row,code\r\n'=1+1", 26);
    kam_rows_free(rows);
    kam_buf_free(out);
    desk_close(&d);
}

static void test_export_empty(void **state) {
    (void)state;
    desk d = {0};
    desk_open(&d);
    for (uint32_t f = KAM_FORMAT_CSV; f <= KAM_FORMAT_JSONL; f++) {
        kam_rows *rows = NULL;
        kam__rowset *s = touched(&d, 0);
        OK(&d, kam__rows_of_set(&rows, d.book, s, 0, 0, d.err));
        kam__rowset_drop(s);
        same_text(texts(&d, rows, f), f == KAM_FORMAT_CSV    ? "seq,kind,record,op\r\n"
                                      : f == KAM_FORMAT_JSON ? "[\n]\n"
                                                             : "");
    }
    desk_close(&d);
}

/* Several pieces put together are the same text as one, after some rows were read one by one. */
static void test_export_pieces(void **state) {
    (void)state;
    desk d = {0};
    kam_rows *rows = NULL;
    kam_buf *out = NULL;
    uint64_t lines = 0, pieces = 0;
    desk_open(&d);
    kam__rowset *s = touched(&d, 100000);
    OK(&d, kam_buf_new(&out, d.ctx, d.err));
    OK(&d, kam__rows_of_set(&rows, d.book, s, 0, 0, d.err));
    kam__rowset_drop(s);
    for (int i = 0; i < 10; i++) next_seq(&d, rows);
    for (;;) {
        OK(&d, kam_rows_export(out, rows, NULL, d.err));
        if (!kam_buf_size(out)) break;
        pieces++;
        assert_true(kam_buf_size(out) < (2u << 20));
        for (const char *c = kam_buf_data(out); *c; c++) lines += *c == '\n';
    }
    assert_int_equal(lines, 100000 - 10 + 1);
    assert_true(pieces >= 2);
    kam_rows_free(rows);
    kam_buf_free(out);
    desk_close(&d);
}

/* Each allocation of an export fails once: the buffer is as it was, and trying again gives the whole text. */
static void test_export_no_memory(void **state) {
    (void)state;
    int64_t failures = 0;
    for (int64_t n = 0; ; n++) {
        desk d = {0};
        int32_t rc;
        kam_buf *out = NULL;
        desk_open(&d);
        kam_rows *rows = problems(&d);
        OK(&d, kam_buf_new(&out, d.ctx, d.err));
        OK(&d, kam_buf_append(out, "old", 3, d.err));
        d.left = n;
        rc = kam_rows_export(out, rows, NULL, d.err);
        d.left = -1;
        if (rc != KAM_OK) {
            failures++;
            assert_int_equal(rc, KAM_E_NOMEM);
            assert_string_equal(kam_buf_data(out), "old");
            OK(&d, kam_rows_export(out, rows, NULL, d.err));
        }
        assert_string_equal(
            kam_buf_data(out),
            "value,text,row,code\r\n'=1+1,\"a,b\",-7,\r\n\"say \"\"hi\"\"\",'-5,,\r\n''x,\"two\nlines\",-8,\r\n");
        kam_buf_free(out);
        kam_rows_free(rows);
        desk_close(&d);
        if (rc == KAM_OK) break;
    }
    assert_true(failures > 1);
}

/* The same for a list of pages: no row is lost or given twice. */
static void test_pages_no_memory(void **state) {
    (void)state;
    int64_t failures = 0;
    for (int64_t n = 0; ; n++) {
        desk d = {0};
        kam_query *q = NULL;
        kam_rows *rows = NULL;
        const kam_block *b = NULL;
        desk_open(&d);
        many_accounts(&d, 4100);
        OK(&d, kam_query_new(&q, d.book, KAM_KIND_ACCOUNT, d.err));
        OK(&d, kam_query_select(q, KAM_ID, d.err));
        OK(&d, kam_query_run(&rows, q, KAM_TODAY, d.err));
        OK(&d, kam_rows_next_block(&b, rows, d.err));
        assert_int_equal(b->nrow, 4096);
        d.left = n;
        int32_t rc = kam_rows_next_block(&b, rows, d.err);
        d.left = -1;
        if (rc != KAM_OK) {
            failures++;
            assert_int_equal(rc, KAM_E_NOMEM);
            OK(&d, kam_rows_next_block(&b, rows, d.err));
        }
        assert_int_equal(b->nrow, 4);
        assert_int_equal(kam__col_i64(b->col, 0), 4097);
        kam_rows_free(rows);
        kam_query_free(q);
        desk_close(&d);
        if (rc == KAM_OK) break;
    }
    assert_true(failures > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_page_blocks),
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_export),
        cmocka_unit_test(test_export_options),
        cmocka_unit_test(test_export_empty),
        cmocka_unit_test(test_export_pieces),
        cmocka_unit_test(test_export_no_memory),
        cmocka_unit_test(test_pages_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
