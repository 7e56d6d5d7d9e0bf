/* The field's own rules that no type can say: key accounts, currencies, custom fields, trees. */
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

static void expect_refused(fixture *f, kam_record *r, int32_t code, uint32_t field)
{
    assert_int_equal(kam_book_save(f->book, r, f->err), code);
    assert_int_equal(kam_error_detail(f->err, KAM_ERR_KIND), kam_record_kind(r));
    assert_int_equal(kam_error_detail(f->err, KAM_ERR_FIELD), field);
    kam_record_free(r);
}
#define REFUSED(f, code, field, kind, ...)                                                                             \
    expect_refused(f, make_record(f, kind, __VA_ARGS__, (uint32_t)0), code, field)

static kam_record *changed(fixture *f, uint32_t kind, int64_t id, uint32_t field, const char *text)
{
    kam_record *r = NULL;
    MUST(kam_book_get(&r, f->book, kind, id, KAM_TODAY, f->err));
    MUST(kam_record_set_text(r, field, text, KAM_NUL, f->err));
    return r;
}

/* ---------------------------------------------------------------- R148 */

static void test_key_account_stays_an_organisation(void **state)
{
    fixture *f = *state;
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_TIER, "KEY");
    expect_refused(f, changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_KIND, "PERSON"), KAM_E_INVAL, KAM_ACCOUNT_KIND);
    kam_record *r = changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_KIND, "PERSON");
    /* with the tier it is a correction */
    MUST(kam_record_set_text(r, KAM_ACCOUNT_TIER, "ORDINARY", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    kam_record_free(r);
}

static void test_future_key_account_stays_an_organisation(void **state)
{
    fixture *f = *state;
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_TIER, "ORDINARY");
    SAVE(f, KAM_KIND_TIER, (uint32_t)KAM_TIER_ACCOUNT, "1", (uint32_t)KAM_TIER_TIER, "KEY", (uint32_t)KAM_VALID_FROM,
         "2026-06-01");
    expect_refused(f, changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_KIND, "PERSON"), KAM_E_INVAL, KAM_ACCOUNT_KIND);
    SAVE(f, KAM_KIND_TIER, (uint32_t)KAM_TIER_ACCOUNT, "1", (uint32_t)KAM_TIER_TIER, "LARGE", (uint32_t)KAM_VALID_FROM,
         "2026-05-01");
    save_record(f, changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_KIND, "PERSON"));
}

/* ---------------------------------------------------------------- currencies */

static void test_currency_stands_once(void **state)
{
    fixture *f = *state;
    int64_t id = SAVE(f, KAM_KIND_CURRENCY, (uint32_t)KAM_CURRENCY_CODE, "XBT", (uint32_t)KAM_CURRENCY_DECIMALS, "4");
    REFUSED(f, KAM_E_EXISTS, KAM_CURRENCY_CODE, KAM_KIND_CURRENCY, (uint32_t)KAM_CURRENCY_CODE, "XBT",
            (uint32_t)KAM_CURRENCY_DECIMALS, "2");
    expect_refused(f, changed(f, KAM_KIND_CURRENCY, id, KAM_CURRENCY_CODE, "XXB"), KAM_E_INVAL, KAM_CURRENCY_CODE);
    save_record(f, changed(f, KAM_KIND_CURRENCY, id, KAM_CURRENCY_DECIMALS, "6"));
}

static void test_decimals_are_frozen_by_any_money(void **state)
{
    fixture *f = *state;
    SAVE(f, KAM_KIND_CURRENCY, (uint32_t)KAM_CURRENCY_CODE, "XBT", (uint32_t)KAM_CURRENCY_DECIMALS, "4");
    int64_t other =
        SAVE(f, KAM_KIND_CURRENCY, (uint32_t)KAM_CURRENCY_CODE, "XBX", (uint32_t)KAM_CURRENCY_DECIMALS, "4");
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_POTENTIAL, "100.50");
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Bolt", (uint32_t)KAM_ACCOUNT_CREDIT_LIMIT, "1.25",
         (uint32_t)KAM_ACCOUNT_CURRENCY, "XBT");
    REFUSED(f, KAM_E_INVAL, KAM_CURRENCY_DECIMALS, KAM_KIND_CURRENCY, (uint32_t)KAM_CURRENCY_CODE, "CNY",
            (uint32_t)KAM_CURRENCY_DECIMALS, "4");
    expect_refused(f, changed(f, KAM_KIND_CURRENCY, 1, KAM_CURRENCY_DECIMALS, "2"), KAM_E_INVAL, KAM_CURRENCY_DECIMALS);
    save_record(f, changed(f, KAM_KIND_CURRENCY, other, KAM_CURRENCY_DECIMALS, "2"));
    /* amounts in the history are amounts, too */
    kam_record *r = changed(f, KAM_KIND_ACCOUNT, 2, KAM_ACCOUNT_CURRENCY, NULL);
    MUST(kam_record_set_text(r, KAM_ACCOUNT_CREDIT_LIMIT, NULL, 0, f->err));
    save_record(f, r);
    expect_refused(f, changed(f, KAM_KIND_CURRENCY, 1, KAM_CURRENCY_DECIMALS, "2"), KAM_E_INVAL, KAM_CURRENCY_DECIMALS);
}

static void test_currencies_and_fields_are_not_deleted(void **state)
{
    fixture *f = *state;
    int64_t cur = SAVE(f, KAM_KIND_CURRENCY, (uint32_t)KAM_CURRENCY_CODE, "XBT", (uint32_t)KAM_CURRENCY_DECIMALS, "4");
    int64_t field = SAVE(f, KAM_KIND_FIELD, (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME, "x_a",
                         (uint32_t)KAM_FIELD_TYPE, "INT");
    assert_int_equal(kam_book_delete(f->book, KAM_KIND_CURRENCY, cur, 0, f->err), KAM_E_UNSUPPORTED);
    assert_int_equal(kam_book_delete(f->book, KAM_KIND_FIELD, field, 0, f->err), KAM_E_UNSUPPORTED);
}

/* ---------------------------------------------------------------- custom fields */

#define FIELD_REFUSED(f, code, at, ...)                                                                                \
    REFUSED(f, code, at, KAM_KIND_FIELD, (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME, "x_b",         \
            __VA_ARGS__)

static void test_custom_field_has_sane_flags_and_scale(void **state)
{
    fixture *f = *state;
    /* UNIQUE */
    FIELD_REFUSED(f, KAM_E_INVAL, KAM_FIELD_FLAGS, (uint32_t)KAM_FIELD_TYPE, "TEXT", (uint32_t)KAM_FIELD_FLAGS, "2");
    /* KEY */
    FIELD_REFUSED(f, KAM_E_INVAL, KAM_FIELD_FLAGS, (uint32_t)KAM_FIELD_TYPE, "TEXT", (uint32_t)KAM_FIELD_FLAGS, "1");
    FIELD_REFUSED(f, KAM_E_INVAL, KAM_FIELD_SCALE, (uint32_t)KAM_FIELD_TYPE, "DECIMAL", (uint32_t)KAM_FIELD_SCALE,
                  "260");
    FIELD_REFUSED(f, KAM_E_INVAL, KAM_FIELD_FIELD, (uint32_t)KAM_FIELD_TYPE, "INT", (uint32_t)KAM_FIELD_FIELD, "70000");
    FIELD_REFUSED(f, KAM_E_INVAL, KAM_FIELD_REFERS, (uint32_t)KAM_FIELD_TYPE, "REF", (uint32_t)KAM_FIELD_REFERS,
                  "nobody");
}

static void test_custom_field_keeps_its_meaning(void **state)
{
    fixture *f = *state;
    static const struct { uint32_t field; const char *text;
    } change[] = {
        {KAM_FIELD_KIND, "contact"}, {KAM_FIELD_NAME, "x_c"},    {KAM_FIELD_TYPE, "TEXT"},
        {KAM_FIELD_SCALE, "3"},      {KAM_FIELD_FIELD, "70000"},
    };
    int64_t id = SAVE(f, KAM_KIND_FIELD, (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME, "x_b",
                      (uint32_t)KAM_FIELD_TYPE, "DECIMAL", (uint32_t)KAM_FIELD_SCALE, "2");
    for (size_t i = 0; i < sizeof change / sizeof *change; i++)
        expect_refused(f, changed(f, KAM_KIND_FIELD, id, change[i].field, change[i].text), KAM_E_INVAL,
                       change[i].field);
    save_record(f, changed(f, KAM_KIND_FIELD, id, KAM_FIELD_LABEL_EN, "Bonus"));
}

static void test_custom_field_found_by_key_keeps_its_number(void **state)
{
    fixture *f = *state;
    uint32_t before = 0, after = 0;
    SAVE(f, KAM_KIND_FIELD, (uint32_t)KAM_EXT_ID, "F1", (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME,
         "x_b", (uint32_t)KAM_FIELD_TYPE, "INT");
    MUST(kam_field_find(&before, f->book, KAM_KIND_ACCOUNT, "x_b", f->err));
    SAVE(f, KAM_KIND_FIELD, (uint32_t)KAM_EXT_ID, "F1", (uint32_t)KAM_FIELD_LABEL_EN, "Bonus");
    MUST(kam_field_find(&after, f->book, KAM_KIND_ACCOUNT, "x_b", f->err));
    assert_int_equal(after, before);
}

/* ---------------------------------------------------------------- trees and lifecycle */

static void test_deleted_ancestor_does_not_lock_the_tree(void **state)
{
    fixture *f = *state;
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Group");
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Holding", (uint32_t)KAM_ACCOUNT_PARENT, "1");
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_PARENT, "2");
    MUST(kam_book_delete(f->book, KAM_KIND_ACCOUNT, 1, 0, f->err));
    save_record(f, changed(f, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, "Wuhan"));
    save_record(f, changed(f, KAM_KIND_ACCOUNT, 2, KAM_ACCOUNT_CITY, "Wuhan"));
    expect_refused(f, changed(f, KAM_KIND_ACCOUNT, 2, KAM_ACCOUNT_PARENT, "3"), KAM_E_INVAL, KAM_ACCOUNT_PARENT);
}

static void test_lifecycle_rules_hold_from_the_beginning_too(void **state)
{
    fixture *f = *state;
    kam_record *r = NULL;
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_LIFECYCLE, "PROSPECT");
    /* valid from the first day on */
    MUST(kam_book_get(&r, f->book, KAM_KIND_LIFECYCLE, 1, KAM_TODAY, f->err));
    MUST(kam_record_set_text(r, KAM_LIFECYCLE_STATE, "INVALID", KAM_NUL, f->err));
    expect_refused(f, r, KAM_E_INVAL, KAM_REASON);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_key_account_stays_an_organisation),
        TEST(test_future_key_account_stays_an_organisation),
        TEST(test_currency_stands_once),
        TEST(test_decimals_are_frozen_by_any_money),
        TEST(test_currencies_and_fields_are_not_deleted),
        TEST(test_custom_field_has_sane_flags_and_scale),
        TEST(test_custom_field_keeps_its_meaning),
        TEST(test_custom_field_found_by_key_keeps_its_number),
        TEST(test_deleted_ancestor_does_not_lock_the_tree),
        TEST(test_lifecycle_rules_hold_from_the_beginning_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
