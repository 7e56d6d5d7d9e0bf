/*
 * tests/base/test_text.c - text at the border, comparing, and guessing a mistyped name.
 */
#include "base_test.h"

static void test_text_in(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    kam_error *err = NULL;
    kam_ctx_options o = {.struct_size = sizeof o, .max_text = 10};
    size_t len = KAM_NUL;
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    assert_int_equal(kam__text_in(ctx, "0123456789", &len, err), KAM_OK);
    assert_int_equal(len, 10);
    len = 3;
    assert_int_equal(kam__text_in(ctx, "0123456789", &len, err), KAM_OK);
    assert_int_equal(len, 3);
    len = KAM_NUL;
    assert_int_equal(kam__text_in(ctx, "0123456789a", &len, err), KAM_E_LIMIT);
    assert_true(len == KAM_NUL);
    assert_int_equal(kam__text_in(ctx, NULL, &len, err), KAM_E_INVAL);
    len = 0;
    assert_int_equal(kam__text_in(ctx, NULL, &len, err), KAM_OK);
    assert_int_equal(kam__text_in(ctx, "", &len, err), KAM_OK);
    len = 4;
    assert_int_equal(kam__text_in(ctx, "ab\0c", &len, err), KAM_E_UTF8);
    assert_int_equal(kam_error_detail(err, KAM_ERR_OFFSET), 2);
    assert_int_equal(kam__text_in(ctx, "abc\xE5", &len, err), KAM_E_UTF8);
    assert_int_equal(kam_error_detail(err, KAM_ERR_OFFSET), 3);
    assert_string_equal(kam_error_message(err), "text is not UTF-8: byte 0xe5 at offset 3");
    assert_int_equal(kam__text_in(ctx, "\xFF\0ab", &len, err), KAM_E_UTF8);
    assert_int_equal(kam_error_detail(err, KAM_ERR_OFFSET), 0);         /* the first of two faults */
    kam_error_free(err);
    kam_ctx_free(ctx);
}

static void test_compare(void **state) {
    (void)state;
    assert_true(kam__text_same(NULL, NULL));
    assert_false(kam__text_same("a", NULL));
    assert_false(kam__text_same(NULL, "a"));
    assert_true(kam__text_same("ab", "ab"));
    assert_false(kam__text_same("ab", "aB"));
    assert_true(kam__text_cmp("a", 1, "b", 1) < 0);
    assert_true(kam__text_cmp("ab", 2, "a", 1) > 0);
    assert_true(kam__text_cmp(NULL, 0, "a", 1) < 0);
    assert_int_equal(kam__text_cmp("a\0b", 3, "a\0b", 3), 0);
    assert_true(kam__text_cmp("\xE5", 1, "z", 1) > 0);      /* bytes are unsigned */
    assert_true(kam__text_same_ci("AmounT", 6, "aMOUNt"));
    assert_false(kam__text_same_ci("amount", 5, "amount"));
    assert_false(kam__text_same_ci("amount", 6, "amoun"));
    assert_true(kam__text_same_ci("", 0, ""));
    assert_true(kam__text_same_ci("id", KAM_NUL, "ID"));
    assert_false(kam__text_same_ci("[", 1, "{"));           /* only letters fold */
}

static void test_closest(void **state) {
    (void)state;
    const char *const field[] = {"name", NULL, "city", "industry", "amount", "amounts", "currency"};
    size_t n = KAM__LEN(field);
    assert_string_equal(kam__text_closest("amuont", KAM_NUL, field, n), "amount");
    assert_string_equal(kam__text_closest("nmae", 4, field, n), "name");
    assert_string_equal(kam__text_closest("NAME", 4, field, n), "name");
    assert_string_equal(kam__text_closest("indstry", KAM_NUL, field, n), "industry");
    assert_string_equal(kam__text_closest("currrency", KAM_NUL, field, n), "currency");
    assert_string_equal(kam__text_closest("amounts", KAM_NUL, field, n), "amounts");
    assert_string_equal(kam__text_closest("amountx", KAM_NUL, field, n), "amount");     /* the first of equals */
    assert_null(kam__text_closest("xyz", 3, field, n));
    assert_null(kam__text_closest("ct", 2, field, n));      /* too short to guess */
    assert_null(kam__text_closest("", 0, field, n));
    assert_null(kam__text_closest("name", 4, field, 0));
    char longest[65];
    const char *const one[] = {longest};
    memset(longest, 'k', 64);
    longest[64] = '\0';
    assert_string_equal(kam__text_closest(longest, 63, one, 1), longest);
    char longer[66] = {0};
    memset(longer, 'k', 65);
    assert_null(kam__text_closest(longer, 65, one, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_in), cmocka_unit_test(test_compare), cmocka_unit_test(test_closest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
