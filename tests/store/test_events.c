/* Events: immutable, corrected by a new row; what was known before the correction stays readable. */
#include "store_test.h"

static int setup(void **state)
{
    static fixture f;
    open_fixture(&f);
    SAVE(&f, KAM_KIND_ACCOUNT, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, "C-1", (uint32_t)KAM_ACCOUNT_NAME,
         "Acme");
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    close_fixture(*state);
    return 0;
}

static kam_record *sale(fixture *f, const char *ext, const char *day, const char *amount)
{
    return make_record(f, KAM_KIND_LEDGER, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, ext,
                       (uint32_t)KAM_LEDGER_ACCOUNT, "erp:C-1", (uint32_t)KAM_LEDGER_DAY, day,
                       (uint32_t)KAM_LEDGER_EVENT, "SALE", (uint32_t)KAM_LEDGER_AMOUNT, amount, (uint32_t)0);
}

/* Sum of the ledger in minor units, and the number of rows. */
static int64_t total(fixture *f, kam_book *book, int32_t as_of, int *n)
{
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int64_t sum = 0;
    *n = 0;
    MUST(kam_query_new(&q, book, KAM_KIND_LEDGER, f->err));
    MUST(kam_query_run(&rows, q, as_of, f->err));
    while (kam_rows_next(&r, rows, f->err) == KAM_OK && r) {
        sum += kam_record_i64(r, KAM_LEDGER_AMOUNT, 0);
        ++*n;
    }
    kam_rows_free(rows);
    kam_query_free(q);
    return sum;
}

static void test_correction_replaces(void **state)
{
    fixture *f = *state;
    int n = 0;
    int64_t before = 0;
    kam_book *then = NULL;
    int64_t first = save_record(f, sale(f, "L1", "2026-02-01", "100.00"));
    save_record(f, sale(f, "L2", "2026-02-02", "10.00"));
    MUST(kam_book_seq(&before, f->book, KAM_TODAY, f->err));
    int64_t second = save_record(f, sale(f, "L1", "2026-02-01", "90.00"));
    assert_true(second != first);
    assert_int_equal(total(f, f->book, KAM_TODAY, &n), 10000);
    assert_int_equal(n, 2);
    MUST(kam_book_known(&then, f->book, before, f->err));
    assert_int_equal(total(f, then, KAM_TODAY, &n), 11000);
    assert_int_equal(n, 2);
    char text[256];
    /* leads on */
    assert_string_equal(text_of(f, f->book, KAM_KIND_LEDGER, first, KAM_LEDGER_AMOUNT, KAM_TODAY, text), "90.00");
    assert_string_equal(text_of(f, then, KAM_KIND_LEDGER, first, KAM_LEDGER_AMOUNT, KAM_TODAY, text), "100.00");
    kam_book_close(then);
    int64_t third = save_record(f, sale(f, "L1", "2026-02-01", "80.00"));
    assert_true(third != second);
    assert_int_equal(total(f, f->book, KAM_TODAY, &n), 9000);
}

static void test_same_again_is_no_write(void **state)
{
    fixture *f = *state;
    int64_t before = 0, after = 0;
    int64_t id = save_record(f, sale(f, "L1", "2026-02-01", "100.00"));
    MUST(kam_book_seq(&before, f->book, KAM_TODAY, f->err));
    assert_int_equal(save_record(f, sale(f, "L1", "2026-02-01", "100.00")), id);
    MUST(kam_book_seq(&after, f->book, KAM_TODAY, f->err));
    assert_int_equal(before, after);
}

static void test_as_of_leaves_later_days_out(void **state)
{
    fixture *f = *state;
    int n = 0;
    save_record(f, sale(f, "L1", "2026-02-01", "100.00"));
    save_record(f, sale(f, "L2", "2026-02-10", "10.00"));
    assert_int_equal(total(f, f->book, day_of("2026-02-09"), &n), 10000);
    assert_int_equal(total(f, f->book, day_of("2026-02-10"), &n), 11000);
}

static void test_events_are_not_deleted(void **state)
{
    fixture *f = *state;
    int64_t id = save_record(f, sale(f, "L1", "2026-02-01", "100.00"));
    assert_int_equal(kam_book_delete(f->book, KAM_KIND_LEDGER, id, 0, f->err), KAM_E_UNSUPPORTED);
}

static void test_money_has_the_currency_decimals(void **state)
{
    fixture *f = *state;
    kam_record *r = sale(f, "L1", "2026-02-01", "100.005");
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_LIMIT);
    assert_non_null(strstr(kam_error_message(f->err), "amount"));
    MUST(kam_record_set_text(r, KAM_LEDGER_CURRENCY, "KWD", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    assert_int_equal(kam_record_i64(r, KAM_LEDGER_AMOUNT, 0), 100005);
    kam_record_free(r);
}

static void test_negative_return_is_refused(void **state)
{
    fixture *f = *state;
    kam_record *r = sale(f, "L1", "2026-02-01", "-5.00");
    MUST(kam_record_set_text(r, KAM_LEDGER_EVENT, "RETURN", KAM_NUL, f->err));
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_INVAL);
    assert_int_equal(kam_error_detail(f->err, KAM_ERR_FIELD), KAM_LEDGER_AMOUNT);
    kam_record_free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_correction_replaces),
        TEST(test_same_again_is_no_write),
        TEST(test_as_of_leaves_later_days_out),
        TEST(test_events_are_not_deleted),
        TEST(test_money_has_the_currency_decimals),
        TEST(test_negative_return_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
