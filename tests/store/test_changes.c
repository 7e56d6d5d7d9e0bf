/*
 * tests/store/test_changes.c - what commits touched, the number of a day's last commit, and the schema as callers ask
 * for it.
 */
#include "rows_test.h"

static kam_rows *since(desk *d, kam_book *book, int64_t seq) {
    kam_rows *rows = NULL;
    OK(d, kam_book_changes(&rows, book, seq, d->err));
    assert_int_equal(kam_rows_kind(rows), KAM_KIND_TOUCHED);
    return rows;
}

#define HEAD "seq,kind,record,op\r\n"

/* Commit 1 makes the book. 2: account 1. 3: account 1 changed twice in a field each. 4: owner. 5: owner again (ended
 * and begun). 6: made and deleted in one. 7: ledger. 8: ledger corrected. 9: account 1 deleted. */
static void nine_commits(desk *d) {
    put(d, KAM_KIND_ACCOUNT, "{\"name\":\"a\"}");
    change(d, KAM_KIND_ACCOUNT, 1, "{\"name\":\"b\",\"city\":\"Wuhan\"}");
    OK(d, kam_book_begin(d->book, KAM_BEGIN_WRITE, d->err));
    put(d, KAM_KIND_REPRESENTATIVE, "{\"name\":\"r\"}");
    put(d, KAM_KIND_REPRESENTATIVE, "{\"name\":\"s\"}");
    put(d, KAM_KIND_OWNER, "{\"account\":1,\"representative\":1}");
    OK(d, kam_book_commit(d->book, d->err));
    d->now += DAY_MS;
    put(d, KAM_KIND_OWNER, "{\"account\":1,\"representative\":2}");
    OK(d, kam_book_begin(d->book, KAM_BEGIN_WRITE, d->err));
    put(d, KAM_KIND_ACCOUNT, "{\"name\":\"c\"}");
    OK(d, kam_book_delete(d->book, KAM_KIND_ACCOUNT, 2, 0, d->err));
    OK(d, kam_book_commit(d->book, d->err));
    put(d, KAM_KIND_LEDGER,
        "{\"account\":1,\"day\":\"2024-01-05\",\"event\":\"SALE\",\"amount\":\"10.00\",\"source\":\"erp\",\"ext_id\":"
        "\"L1\"}");
    put(d, KAM_KIND_LEDGER,
        "{\"account\":1,\"day\":\"2024-01-05\",\"event\":\"SALE\",\"amount\":\"12.00\",\"source\":\"erp\",\"ext_id\":"
        "\"L1\"}");
    OK(d, kam_book_delete(d->book, KAM_KIND_ACCOUNT, 1, 0, d->err));
}

static void test_touched(void **state) {
    (void)state;
    desk d = {0};
    desk_open(&d);
    same_text(texts(&d, since(&d, d.book, 1), KAM_FORMAT_CSV), HEAD);                    /* commit 1 made the book */
    nine_commits(&d);
    same_text(texts(&d, since(&d, d.book, 1), KAM_FORMAT_CSV),
              HEAD "2,1,1,INSERT\r\n3,1,1,UPDATE\r\n4,4,1,INSERT\r\n4,4,2,INSERT\r\n4,9,1,INSERT\r\n"
                   "5,9,1,UPDATE\r\n5,9,2,INSERT\r\n5,9,3,INSERT\r\n6,1,2,DELETE\r\n7,7,1,INSERT\r\n8,7,2,UPDATE\r\n9,"
                   "1,1,DELETE\r\n");
    same_text(texts(&d, since(&d, d.book, 7), KAM_FORMAT_CSV), HEAD "8,7,2,UPDATE\r\n9,1,1,DELETE\r\n");
    same_text(texts(&d, since(&d, d.book, 9), KAM_FORMAT_CSV), HEAD);
    desk_close(&d);
}

/* As known after a commit, later ones have not happened. */
static void test_known(void **state) {
    (void)state;
    desk d = {0};
    kam_book *then = NULL;
    desk_open(&d);
    nine_commits(&d);
    OK(&d, kam_book_known(&then, d.book, 4, d.err));
    same_text(texts(&d, since(&d, then, 2), KAM_FORMAT_CSV),
              HEAD "3,1,1,UPDATE\r\n4,4,1,INSERT\r\n4,4,2,INSERT\r\n4,9,1,INSERT\r\n");
    kam_book_close(then);
    kam_rows *rows = NULL;
    assert_int_equal(kam_book_changes(&rows, d.book, -1, d.err), KAM_E_INVAL);
    assert_int_equal(kam_book_changes(&rows, NULL, 0, d.err), KAM_E_INVAL);
    desk_close(&d);
}

static void test_seq(void **state) {
    (void)state;
    desk d = {0};
    int64_t seq = -1;
    kam_book *then = NULL;
    desk_open(&d);
    nine_commits(&d);
    OK(&d, kam_book_seq(&seq, d.book, KAM_TODAY, d.err));
    assert_int_equal(seq, 9);
    OK(&d, kam_book_seq(&seq, d.book, DAY0, d.err));
    assert_int_equal(seq, 4);
    OK(&d, kam_book_seq(&seq, d.book, DAY0 - 1, d.err));
    assert_int_equal(seq, 0);
    OK(&d, kam_book_seq(&seq, d.book, DAY0 + 99, d.err));
    assert_int_equal(seq, 9);
    OK(&d, kam_book_known(&then, d.book, 3, d.err));
    OK(&d, kam_book_seq(&seq, then, KAM_TODAY, d.err));
    assert_int_equal(seq, 3);
    kam_book_close(then);
    desk_close(&d);
}

static void test_no_memory(void **state) {
    (void)state;
    desk d = {0};
    int64_t failures = 0;
    desk_open(&d);
    nine_commits(&d);
    for (int64_t n = 0; ; n++) {
        kam_rows *rows = NULL;
        d.left = n;
        int32_t rc = kam_book_changes(&rows, d.book, 7, d.err);
        d.left = -1;
        if (rc == KAM_OK) {
            same_text(texts(&d, rows, KAM_FORMAT_CSV), HEAD "8,7,2,UPDATE\r\n9,1,1,DELETE\r\n");
            break;
        }
        failures++;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_null(rows);
    }
    assert_true(failures > 5);
    desk_close(&d);
}

/* ---------------------------------------------------------------- schema */

static void test_record_new(void **state) {
    (void)state;
    desk d = {0};
    kam_record *r = NULL;
    desk_open(&d);
    assert_int_equal(kam_record_new(&r, d.book, KAM_KIND_TOUCHED, d.err), KAM_E_INVAL);
    assert_int_equal(kam_record_new(&r, d.book, KAM__KIND_META, d.err), KAM_E_INVAL);
    assert_int_equal(kam_record_new(&r, d.book, 4711, d.err), KAM_E_INVAL);
    assert_int_equal(kam_record_new(NULL, d.book, KAM_KIND_ACCOUNT, d.err), KAM_E_INVAL);
    assert_null(r);
    OK(&d, kam_record_new(&r, d.book, KAM_KIND_CONTACT, d.err));
    assert_int_equal(kam_record_kind(r), KAM_KIND_CONTACT);
    kam_book_close(d.book);
    d.book = NULL;
    OK(&d, kam_record_set_text(r, KAM_CONTACT_NAME, "x", 1, d.err));    /* a record needs no open book */
    kam_record_free(r);
    desk_close(&d);
}

static void test_field_find(void **state) {
    (void)state;
    desk d = {0};
    uint32_t field = 7;
    desk_open(&d);
    OK(&d, kam_field_find(&field, d.book, KAM_KIND_ACCOUNT, "city", d.err));
    assert_int_equal(field, KAM_ACCOUNT_CITY);
    OK(&d, kam_field_find(&field, d.book, KAM_KIND_TOUCHED, "op", d.err));
    assert_int_equal(field, KAM_TOUCHED_OP);
    assert_int_equal(kam_field_find(&field, d.book, KAM_KIND_ACCOUNT, "citty", d.err), KAM_E_NOT_FOUND);
    assert_string_equal(kam_error_message(d.err), "account has no field \"citty\"; did you mean \"city\"?");
    assert_int_equal(kam_field_find(&field, d.book, KAM__KIND_BATCH, "name", d.err), KAM_E_INVAL);
    assert_int_equal(kam_field_find(&field, d.book, KAM_KIND_ACCOUNT, NULL, d.err), KAM_E_INVAL);
    assert_int_equal(field, KAM_TOUCHED_OP);
    put(&d, KAM_KIND_FIELD, "{\"kind\":\"account\",\"name\":\"x_floor\",\"type\":\"INT\"}");
    OK(&d, kam_field_find(&field, d.book, KAM_KIND_ACCOUNT, "x_floor", d.err));
    assert_true(field >= 65536);
    desk_close(&d);
}

static void test_schema_rows(void **state) {
    (void)state;
    desk d = {0};
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int seen = 0, own = 0, total = 0;
    desk_open(&d);
    put(&d, KAM_KIND_FIELD, "{\"kind\":\"account\",\"name\":\"x_floor\",\"type\":\"INT\",\"label_zh\":\"楼层\"}");
    OK(&d, kam_schema_rows(&rows, d.book, d.err));
    assert_int_equal(kam_rows_kind(rows), KAM_KIND_FIELD);
    for (;; total++) {
        OK(&d, kam_rows_next(&r, rows, d.err));
        if (!r) break;
        const char *kind = kam_record_text(r, KAM_FIELD_KIND, ""), *name = kam_record_text(r, KAM_FIELD_NAME, "");
        if (strcmp(kind, "counter") == 0 || strcmp(kind, "meta") == 0) own++;
        if (strcmp(name, "x_floor") == 0) {
            seen++;
            assert_string_equal(kam_record_text(r, KAM_FIELD_LABEL_ZH, ""), "楼层");
        }
        if (strcmp(kind, "account") == 0 && strcmp(name, "size") == 0) {
            seen++;
            assert_int_equal(kam_record_i64(r, KAM_FIELD_FIELD, 0), KAM_ACCOUNT_SIZE);
            assert_string_equal(kam_record_text(r, KAM_FIELD_TYPE, ""), "ENUM");
            assert_string_equal(kam_record_text(r, KAM_FIELD_VALUES, ""), "LARGE,MEDIUM,SMALL,MICRO");
            assert_string_equal(kam_record_text(r, KAM_FIELD_LABEL_EN, ""), "Size");
        }
    }
    assert_int_equal(seen, 3);              /* the custom field of account, also among what is computed of it */
    assert_int_equal(own, 0);
    assert_true(total > 300);
    kam_rows_free(rows);
    desk_close(&d);
}

static void test_ddl(void **state) {
    (void)state;
    desk d = {0};
    kam_buf *out = NULL;
    desk_open(&d);
    OK(&d, kam_buf_new(&out, d.ctx, d.err));
    OK(&d, kam_buf_append(out, "old", 3, d.err));
    assert_int_equal(kam_schema_ddl(out, d.ctx, "oracle", d.err), KAM_E_UNSUPPORTED);
    assert_string_equal(kam_buf_data(out), "old");
    OK(&d, kam_schema_ddl(out, d.ctx, "sqlite", d.err));
    assert_memory_equal(kam_buf_data(out), "CREATE TABLE \"kam_account\" (", 28);
    size_t size = kam_buf_size(out);
    assert_int_equal(strlen(kam_buf_data(out)), size);
    OK(&d, kam_schema_ddl(out, NULL, "postgresql", d.err));
    assert_non_null(strstr(kam_buf_data(out), "BIGINT PRIMARY KEY"));
    assert_int_equal(kam_schema_ddl(NULL, d.ctx, "sqlite", d.err), KAM_E_INVAL);
    kam_buf_free(out);
    desk_close(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_touched),     cmocka_unit_test(test_known),      cmocka_unit_test(test_seq),
        cmocka_unit_test(test_no_memory),   cmocka_unit_test(test_record_new), cmocka_unit_test(test_field_find),
        cmocka_unit_test(test_schema_rows), cmocka_unit_test(test_ddl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
