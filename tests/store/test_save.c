/* Saving: references to what is gone, money in the currency the record has, keys of events, records of an older
 * schema. */
#include "store_test.h"

static int setup(void **state)
{
    static fixture f;
    open_fixture(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    close_fixture(*state);
    return 0;
}

static kam_record *get(fixture *f, uint32_t kind, int64_t id)
{
    kam_record *r = NULL;
    MUST(kam_book_get(&r, f->book, kind, id, KAM_TODAY, f->err));
    return r;
}

static kam_record *changed(fixture *f, uint32_t kind, int64_t id, uint32_t field, const char *text)
{
    kam_record *r = get(f, kind, id);
    MUST(kam_record_set_text(r, field, text, KAM_NUL, f->err));
    return r;
}

/* ---------------------------------------------------------------- references */

static void test_old_reference_to_a_deleted_record_may_stay(void **state)
{
    fixture *f = *state;
    SAVE(f, KAM_KIND_TERRITORY, (uint32_t)KAM_TERRITORY_NAME, "East");
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_TERRITORY, "1");
    MUST(kam_book_delete(f->book, KAM_KIND_TERRITORY, 1, 0, f->err));
    save_record(f, changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, "Wuhan"));
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Bolt",
                                (uint32_t)KAM_ACCOUNT_TERRITORY, "1", (uint32_t)0);
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_NOT_FOUND);      /* but no new one */
    assert_int_equal(kam_error_detail(f->err, KAM_ERR_KIND), KAM_KIND_ACCOUNT);
    assert_int_equal(kam_error_detail(f->err, KAM_ERR_FIELD), KAM_ACCOUNT_TERRITORY);
    kam_record_free(r);
}

static void test_event_of_a_deleted_account_can_be_corrected(void **state)
{
    fixture *f = *state;
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    int64_t id = SAVE(f, KAM_KIND_LEDGER, (uint32_t)KAM_LEDGER_ACCOUNT, "1", (uint32_t)KAM_LEDGER_DAY, "2026-02-01",
                      (uint32_t)KAM_LEDGER_EVENT, "SALE", (uint32_t)KAM_LEDGER_AMOUNT, "5.00");
    MUST(kam_book_delete(f->book, KAM_KIND_ACCOUNT, 1, 0, f->err));
    assert_true(save_record(f, changed(f, KAM_KIND_LEDGER, id, KAM_LEDGER_AMOUNT, "4.00")) != id);
}

static kam_record *visit(fixture *f, const char *day, const char *follows)
{
    return make_record(f, KAM_KIND_ACTIVITY, (uint32_t)KAM_ACTIVITY_ACCOUNT, "1", (uint32_t)KAM_ACTIVITY_STATUS, "HELD",
                       (uint32_t)KAM_ACTIVITY_CHANNEL, "VISIT", (uint32_t)KAM_ACTIVITY_DAY, day,
                       (uint32_t)KAM_ACTIVITY_FOLLOWS, follows, (uint32_t)0);
}

static void test_reference_to_a_corrected_event_holds(void **state)
{
    fixture *f = *state;
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    int64_t first = save_record(f, visit(f, "2026-02-01", "")), second = save_record(f, visit(f, "2026-02-05", "1"));
    save_record(f, changed(f, KAM_KIND_ACTIVITY, first, KAM_ACTIVITY_DAY, "2026-02-02"));
    save_record(f, changed(f, KAM_KIND_ACTIVITY, second, KAM_ACTIVITY_DAY, "2026-02-06"));
    /* an id told earlier still names the visit */
    save_record(f, visit(f, "2026-02-07", "1"));
}

/* ---------------------------------------------------------------- money */

static void test_money_is_read_with_the_currency_the_record_has(void **state)
{
    fixture *f = *state;
    char text[256];
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_EXT_ID, "J", (uint32_t)KAM_ACCOUNT_NAME, "Joto",
                      (uint32_t)KAM_ACCOUNT_CURRENCY, "JPY", (uint32_t)KAM_ACCOUNT_POTENTIAL, "1000");
    /* no currency given: the one it has */
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_EXT_ID, "J", (uint32_t)KAM_ACCOUNT_POTENTIAL, "2000");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, KAM_TODAY, text), "2000");
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_EXT_ID, "J", (uint32_t)KAM_ACCOUNT_POTENTIAL,
                                "20.50", (uint32_t)0);
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_LIMIT);
    kam_record_free(r);
}

static void test_currency_and_amount_change_together(void **state)
{
    fixture *f = *state;
    char text[256];
    int64_t id =
        SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_POTENTIAL, "100.50");
    f->now += 5 * DAY_MS;
    kam_record *r = changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CURRENCY, "KWD");
    MUST(kam_record_set_text(r, KAM_ACCOUNT_POTENTIAL, "4.125", KAM_NUL, f->err));
    save_record(f, r);
    f->now += 5 * DAY_MS;
    save_record(f, changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, "5.250"));
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, KAM_TODAY, text), "5.250");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, day_of("2026-03-07"), text),
                        "4.125");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, day_of("2026-03-02"), text),
                        "100.50");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CURRENCY, day_of("2026-03-02"), text),
                        "");
}

static void test_money_of_no_known_currency_has_a_history(void **state)
{
    fixture *f = *state;
    kam_book *home = f->book;
    kam_record *r = NULL;
    MUST(kam_book_open(&f->book, f->ctx, NULL, NULL, f->err));                 /* a book without a base currency */
    r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)0);
    MUST(kam_record_set_i64(r, KAM_ACCOUNT_POTENTIAL, 12345, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    f->now += 5 * DAY_MS;
    MUST(kam_record_set_i64(r, KAM_ACCOUNT_POTENTIAL, 777, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    kam_record_free(r);
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, 1, day_of("2026-03-02"), f->err));
    assert_int_equal(kam_record_i64(r, KAM_ACCOUNT_POTENTIAL, 0), 12345);
    kam_record_free(r);
    kam_book_close(f->book);
    f->book = home;
}

/* An amount nobody touched is another one in another currency; the day before it must be the old one. */
static void test_currency_changes_alone(void **state)
{
    fixture *f = *state;
    char text[256];
    int64_t id =
        SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_POTENTIAL, "100.50");
    f->now += 5 * DAY_MS;
    save_record(f, changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CURRENCY, "JPY"));
    f->now += 5 * DAY_MS;
    save_record(f, changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, "20000"));
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, day_of("2026-03-07"), text),
                        "10050");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, day_of("2026-03-02"), text),
                        "100.50");
}

/* ---------------------------------------------------------------- events */

static kam_record *sale(fixture *f, const char *ext, const char *account, const char *day, const char *amount)
{
    return make_record(f, KAM_KIND_LEDGER, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, ext,
                       (uint32_t)KAM_LEDGER_ACCOUNT, account, (uint32_t)KAM_LEDGER_DAY, day, (uint32_t)KAM_LEDGER_EVENT,
                       "SALE", (uint32_t)KAM_LEDGER_AMOUNT, amount, (uint32_t)0);
}

static int rows_of(fixture *f, kam_book *book, int64_t account, int32_t as_of)
{
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int n = 0;
    MUST(kam_query_new(&q, book, KAM_KIND_LEDGER, f->err));
    MUST(kam_query_where_i64(q, KAM_LEDGER_ACCOUNT, KAM_OP_EQ, &account, 1, f->err));
    MUST(kam_query_run(&rows, q, as_of, f->err));
    while (kam_rows_next(&r, rows, f->err) == KAM_OK && r) n++;
    kam_rows_free(rows);
    kam_query_free(q);
    return n;
}

static void test_correction_moves_day_and_account(void **state)
{
    fixture *f = *state;
    kam_book *then = NULL;
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Bolt");
    save_record(f, sale(f, "L1", "1", "2026-02-01", "5.00"));
    MUST(kam_book_known(&then, f->book, 4, f->err));
    save_record(f, sale(f, "L1", "2", "2026-02-20", "5.00"));
    assert_int_equal(rows_of(f, f->book, 1, KAM_TODAY), 0);
    assert_int_equal(rows_of(f, f->book, 2, KAM_TODAY), 1);
    assert_int_equal(rows_of(f, f->book, 1, day_of("2026-02-10")), 0);
    assert_int_equal(rows_of(f, f->book, 2, day_of("2026-02-10")), 0);
    assert_int_equal(rows_of(f, then, 1, KAM_TODAY), 1);
    assert_int_equal(rows_of(f, then, 2, KAM_TODAY), 0);
    assert_int_equal(rows_of(f, then, 1, day_of("2026-02-10")), 1);
    kam_book_close(then);
}

static void test_correction_does_not_take_anothers_key(void **state)
{
    fixture *f = *state;
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    save_record(f, sale(f, "L1", "1", "2026-02-01", "5.00"));
    int64_t second = save_record(f, sale(f, "L2", "1", "2026-02-01", "6.00"));
    kam_record *r = changed(f, KAM_KIND_LEDGER, second, KAM_EXT_ID, "L1");
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_EXISTS);
    assert_int_equal(kam_error_detail(f->err, KAM_ERR_FIELD), KAM_EXT_ID);
    MUST(kam_record_set_text(r, KAM_EXT_ID, "L3", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    kam_record_free(r);
    save_record(f, sale(f, "L2", "1", "2026-02-03", "7.00"));                  /* its old key is free again */
    assert_int_equal(rows_of(f, f->book, 1, KAM_TODAY), 3);
}

/* ---------------------------------------------------------------- records of another schema */

static int64_t add_field(fixture *f, const char *name, const char *type)
{
    uint32_t id = 0;
    SAVE(f, KAM_KIND_FIELD, (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME, name,
         (uint32_t)KAM_FIELD_TYPE, type);
    MUST(kam_field_find(&id, f->book, KAM_KIND_ACCOUNT, name, f->err));
    return id;
}

static void test_older_record_leaves_newer_fields_alone(void **state)
{
    fixture *f = *state;
    char text[256];
    kam_book *then = NULL;
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    kam_record *old = get(f, KAM_KIND_ACCOUNT, id);
    MUST(kam_book_known(&then, f->book, 2, f->err));
    uint32_t rating = (uint32_t)add_field(f, "x_rating", "INT");
    kam_record *now = changed(f, KAM_KIND_ACCOUNT, id, rating, "7");
    MUST(kam_book_save(f->book, now, f->err));
    kam_record_free(now);
    MUST(kam_record_set_i64(old, KAM_REV, 2, f->err));
    MUST(kam_record_set_text(old, KAM_ACCOUNT_CITY, "Wuhan", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, old, f->err));
    kam_record_free(old);
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, rating, KAM_TODAY, text), "7");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, KAM_TODAY, text), "Wuhan");
    assert_string_equal(text_of(f, then, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, KAM_TODAY, text), "");
    assert_string_equal(text_of(f, then, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Acme");
    kam_book_close(then);
}

static void test_fields_of_a_rollback_are_gone(void **state)
{
    fixture *f = *state;
    uint32_t id = 0;
    char text[256];
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    uint32_t gone = (uint32_t)add_field(f, "x_gone", "TEXT");
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", gone, "soon", (uint32_t)0);
    kam_record *empty = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Bolt", (uint32_t)0);
    MUST(kam_book_rollback(f->book, f->err));
    assert_int_equal(kam_field_find(&id, f->book, KAM_KIND_ACCOUNT, "x_gone", f->err), KAM_E_NOT_FOUND);
    /* very likely with the number of the one before */
    uint32_t rating = (uint32_t)add_field(f, "x_rating", "INT");
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_SCHEMA);
    assert_non_null(strstr(kam_error_message(f->err), "x_gone"));
    kam_record_free(r);
    int64_t bolt = save_record(f, empty);
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, bolt, rating, KAM_TODAY, text), "");
    save_record(f, changed(f, KAM_KIND_ACCOUNT, bolt, rating, "9"));
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, bolt, rating, KAM_TODAY, text), "9");
}

static void test_refused_field_leaves_the_transaction_usable(void **state)
{
    fixture *f = *state;
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    kam_record *r = make_record(f, KAM_KIND_FIELD, (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME,
                                "rating", (uint32_t)KAM_FIELD_TYPE, "INT", (uint32_t)0);
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_INVAL);
    kam_record_free(r);
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    MUST(kam_book_commit(f->book, f->err));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_old_reference_to_a_deleted_record_may_stay),
        TEST(test_event_of_a_deleted_account_can_be_corrected),
        TEST(test_reference_to_a_corrected_event_holds),
        TEST(test_money_is_read_with_the_currency_the_record_has),
        TEST(test_currency_and_amount_change_together),
        TEST(test_currency_changes_alone),
        TEST(test_money_of_no_known_currency_has_a_history),
        TEST(test_correction_moves_day_and_account),
        TEST(test_correction_does_not_take_anothers_key),
        TEST(test_older_record_leaves_newer_fields_alone),
        TEST(test_fields_of_a_rollback_are_gone),
        TEST(test_refused_field_leaves_the_transaction_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
