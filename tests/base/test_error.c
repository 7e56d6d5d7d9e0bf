/*
 * tests/base/test_error.c - the error handle, and the names of the codes.
 */
#include "base_test.h"

static void test_new_and_empty(void **state) {
    (void)state;
    kam_error *e = NULL;
    assert_int_equal(kam_error_new(NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_error_new(&e, NULL), KAM_OK);
    assert_int_equal(kam_error_code(e), 0);
    assert_string_equal(kam_error_message(e), "");
    for (uint32_t i = 0; i < 10; i++) assert_int_equal(kam_error_detail(e, i), i == KAM_ERR_NATIVE ? 0 : -1);
    kam_error_free(e);
    kam_error_free(NULL);
}

static void test_null_handle(void **state) {
    (void)state;
    assert_int_equal(kam__fail(NULL, KAM_E_PARSE, "x %d", 1), KAM_E_PARSE);
    assert_int_equal(kam__nomem(NULL), KAM_E_NOMEM);
    kam__err_set(NULL, KAM_ERR_ROW, 1);
    kam__err_prefix(NULL, "x");
    assert_int_equal(kam_error_code(NULL), 0);
    assert_string_equal(kam_error_message(NULL), "");
    assert_int_equal(kam_error_detail(NULL, KAM_ERR_ROW), -1);
    assert_int_equal(kam_error_detail(NULL, KAM_ERR_NATIVE), 0);
}

static void test_fail_details_prefix(void **state) {
    (void)state;
    kam_error *e = NULL;
    assert_int_equal(kam_error_new(&e, NULL), KAM_OK);
    assert_int_equal(kam__fail(e, KAM_E_PARSE, "amount \"%s\" is wrong", "12.x"), KAM_E_PARSE);
    kam__err_set(e, KAM_ERR_LINE, 3);
    kam__err_set(e, KAM_ERR_NATIVE, 1555);
    kam__err_set(e, 0, 9);
    kam__err_set(e, 8, 9);
    assert_int_equal(kam_error_code(e), KAM_E_PARSE);
    assert_int_equal(kam_error_detail(e, KAM_ERR_LINE), 3);
    assert_int_equal(kam_error_detail(e, KAM_ERR_NATIVE), 1555);
    assert_int_equal(kam_error_detail(e, KAM_ERR_COLUMN), -1);
    kam__err_prefix(e, "line %d: ", 3);
    assert_string_equal(kam_error_message(e), "line 3: amount \"12.x\" is wrong");
    assert_int_equal(kam_error_detail(e, KAM_ERR_LINE), 3);
    /* the next failure starts afresh, and may quote the old message */
    kam__fail(e, KAM_E_IO, "again: %s", kam_error_message(e));
    assert_string_equal(kam_error_message(e), "again: line 3: amount \"12.x\" is wrong");
    assert_int_equal(kam_error_detail(e, KAM_ERR_LINE), -1);
    assert_int_equal(kam_error_detail(e, KAM_ERR_NATIVE), 0);
    assert_int_equal(kam__null_arg(e, "book"), KAM_E_INVAL);
    assert_string_equal(kam_error_message(e), "book must not be NULL");
    assert_int_equal(kam__nomem(e), KAM_E_NOMEM);
    assert_string_equal(kam_error_message(e), "out of memory");
    kam_error_free(e);
}

static void test_cut_at_character(void **state) {
    (void)state;
    kam_error *e = NULL;
    char text[1200];
    size_t bad;
    assert_int_equal(kam_error_new(&e, NULL), KAM_OK);
    for (size_t shift = 0; shift < 3; shift++) {            /* the cut falls on each byte of the character */
        memset(text, 'a', shift);
        for (size_t i = 0; i < 300; i++) memcpy(text + shift + 3 * i, "\xE5\xAE\xA2", 3);
        text[shift + 900] = '\0';
        kam__fail(e, KAM_E_INVAL, "%s", text);
        size_t len = strlen(kam_error_message(e));
        assert_true(len <= 511 && len >= 509);
        assert_int_equal((len - shift) % 3, 0);
        assert_int_equal(kam__utf8_valid(kam_error_message(e), len, &bad), 1);
        kam__err_prefix(e, "row 12: ");
        len = strlen(kam_error_message(e));
        assert_true(len <= 511 && len >= 509);
        assert_int_equal(kam__utf8_valid(kam_error_message(e), len, &bad), 1);
        assert_memory_equal(kam_error_message(e), "row 12: ", 8);
    }
    memset(text, 'p', 600);
    text[600] = '\0';
    kam__err_prefix(e, "%s", text);                         /* a prefix that leaves no room at all */
    assert_int_equal(strlen(kam_error_message(e)), 511);
    text[511] = '\0';
    kam__fail(e, KAM_E_INVAL, "%s", text);                  /* fits exactly */
    assert_string_equal(kam_error_message(e), text);
    kam_error_free(e);
}

static void test_one_clean_line(void **state) {
    (void)state;
    kam_error *e = NULL;
    assert_int_equal(kam_error_new(&e, NULL), KAM_OK);
    kam__fail(e, KAM_E_PARSE, "name \"%s\"", "a\nb\tc\x7f" "d\xFF" "e\xE5\xAE");
    assert_string_equal(kam_error_message(e), "name \"a b c d?e??\"");
    kam_error_free(e);
}

static void test_own_allocator(void **state) {
    (void)state;
    fault f = {.left = 0};
    kam_allocator a = fault_allocator(&f);
    kam_error *e = NULL;
    assert_int_equal(kam_error_new(&e, &a), KAM_E_NOMEM);
    assert_null(e);
    f.left = 1;
    assert_int_equal(kam_error_new(&e, &a), KAM_OK);
    kam__fail(e, KAM_E_NOMEM, "%s", "told without memory");
    assert_string_equal(kam_error_message(e), "told without memory");
    kam_error_free(e);
    assert_int_equal(f.live, 0);
    a.resize = NULL;
    assert_int_equal(kam_error_new(&e, &a), KAM_E_INVAL);
    a = fault_allocator(&f);
    a.struct_size = 8;
    assert_int_equal(kam_error_new(&e, &a), KAM_E_INVAL);
}

static void test_code_names(void **state) {
    (void)state;
    assert_int_equal(kam_version(), KAM_VERSION);
    assert_string_equal(kam_code_name(KAM_OK), "KAM_OK");
#define NAME(c) assert_string_equal(kam_code_name(c), #c)
    NAME(KAM_E_INVAL); NAME(KAM_E_NOMEM); NAME(KAM_E_UNSUPPORTED); NAME(KAM_E_NOT_FOUND); NAME(KAM_E_EXISTS);
    NAME(KAM_E_CONFLICT); NAME(KAM_E_BUSY); NAME(KAM_E_ABORTED); NAME(KAM_E_RETRY); NAME(KAM_E_CANCELLED);
    NAME(KAM_E_LIMIT); NAME(KAM_E_TYPE); NAME(KAM_E_UTF8); NAME(KAM_E_PARSE); NAME(KAM_E_SCHEMA); NAME(KAM_E_POLICY);
    NAME(KAM_E_DENIED); NAME(KAM_E_READ_ONLY); NAME(KAM_E_IO); NAME(KAM_E_FULL); NAME(KAM_E_CORRUPT); NAME(KAM_E_DEAD);
    NAME(KAM_E_CLOSED); NAME(KAM_E_STALE); NAME(KAM_E_COMMIT_UNKNOWN);
    assert_string_equal(kam_code_name(1), "KAM_E_UNKNOWN");
    assert_string_equal(kam_code_name(-26), "KAM_E_UNKNOWN");
    assert_string_equal(kam_code_name(INT32_MIN), "KAM_E_UNKNOWN");
    assert_string_equal(kam_code_name(INT32_MAX), "KAM_E_UNKNOWN");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_and_empty), cmocka_unit_test(test_null_handle),
        cmocka_unit_test(test_fail_details_prefix), cmocka_unit_test(test_cut_at_character),
        cmocka_unit_test(test_one_clean_line), cmocka_unit_test(test_own_allocator), cmocka_unit_test(test_code_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
