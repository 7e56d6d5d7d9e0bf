/* Tables of the host that have fewer columns than ours and may be written: what has no column is refused, not lost. */
#include "store_test.h"

static const char mapping[] = "{\"account\": {\"relation\": \"customer\", \"columns\": {\"id\": \"no\", \"rev\": "
                              "\"version\", \"name\": \"cname\","
                              " \"city\": \"town\"}}}";

static int setup(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    f.now = (int64_t)day_of("2026-03-01") * DAY_MS;
    assert_int_equal(kam_error_new(&f.err, NULL), KAM_OK);
    kam_ctx_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.user = &f;
    o.now = fixture_now;
    assert_int_equal(kam_ctx_new(&f.ctx, &o, f.err), KAM_OK);
    assert_int_equal(kam_store_memory(&f.store, f.ctx, f.err), KAM_OK);
    assert_int_equal(kam_store_map(f.store, mapping, KAM_NUL, f.err), KAM_OK);
    kam_book_options bo;
    memset(&bo, 0, sizeof bo);
    bo.struct_size = sizeof bo;
    bo.flags = KAM_BOOK_CREATE;
    assert_int_equal(kam_book_open(&f.book, NULL, f.store, &bo, f.err), KAM_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    close_fixture(*state);
    return 0;
}

static void expect(fixture *f, kam_record *r, int32_t code, uint32_t field)
{
    assert_int_equal(kam_book_save(f->book, r, f->err), code);
    if (code) assert_int_equal(kam_error_detail(f->err, KAM_ERR_FIELD), field);
    kam_record_free(r);
}

static void test_columns_that_are_there_are_written(void **state)
{
    fixture *f = *state;
    char text[256];
    kam_record *r = NULL;
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_CITY, "Wuhan");
    f->now += 5 * DAY_MS;
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_CITY, "Jinan", KAM_NUL, f->err));
    expect(f, r, KAM_OK, 0);
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, KAM_TODAY, text), "Jinan");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, day_of("2026-03-02"), text),
                        "Wuhan");
    kam_book *then = NULL;
    /* a table without seq: when it began is not known */
    MUST(kam_book_known(&then, f->book, 2, f->err));
    assert_string_equal(text_of(f, then, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, KAM_TODAY, text), "Wuhan");
    kam_book_close(then);
}

static void test_what_has_no_column_is_refused(void **state)
{
    fixture *f = *state;
    uint32_t custom = 0;
    kam_record *r = NULL;
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    expect(f,
           make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "B", (uint32_t)KAM_ACCOUNT_PHONE, "1",
                       (uint32_t)0),
           KAM_E_UNSUPPORTED, KAM_ACCOUNT_PHONE);
    expect(f, make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "B", (uint32_t)KAM_EXT_ID, "1", (uint32_t)0),
           KAM_E_UNSUPPORTED, KAM_EXT_ID);
    SAVE(f, KAM_KIND_FIELD, (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME, "x_a",
         (uint32_t)KAM_FIELD_TYPE, "INT");
    MUST(kam_field_find(&custom, f->book, KAM_KIND_ACCOUNT, "x_a", f->err));
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    MUST(kam_record_set_text(r, custom, "5", KAM_NUL, f->err));
    expect(f, r, KAM_E_UNSUPPORTED, custom);
    assert_int_equal(kam_book_delete(f->book, KAM_KIND_ACCOUNT, id, 0, f->err), KAM_E_UNSUPPORTED);
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    kam_record_free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_columns_that_are_there_are_written),
                                       TEST(test_what_has_no_column_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
