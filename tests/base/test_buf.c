/*
 * tests/base/test_buf.c - growing bytes: the public buffer and the one inside other objects.
 */
#include "base_test.h"

static void test_public(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam_buf *b = NULL;
    assert_int_equal(kam_buf_new(NULL, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam_buf_new(&b, ctx, NULL), KAM_OK);
    assert_string_equal(kam_buf_data(b), "");
    assert_int_equal(kam_buf_size(b), 0);
    assert_int_equal(kam_buf_append(b, "ab\0c", 4, NULL), KAM_OK);
    assert_int_equal(kam_buf_append(b, NULL, 0, NULL), KAM_OK);
    assert_int_equal(kam_buf_append(b, NULL, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_buf_append(NULL, "x", 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_buf_size(b), 4);
    assert_memory_equal(kam_buf_data(b), "ab\0c", 5);
    assert_string_equal(kam_buf_data(NULL), "");
    assert_int_equal(kam_buf_size(NULL), 0);
    kam_ctx *held = ctx;
    kam_ctx_free(ctx);                                      /* the buffer holds it */
    assert_int_equal(kam_buf_append(b, "!", 1, NULL), KAM_OK);
    kam__ctx_hold(held);
    kam_buf_free(b);
    kam_buf_free(NULL);
    fault_end(&f, held);
    assert_int_equal(kam_buf_new(&b, NULL, NULL), KAM_OK);  /* a context of its own */
    assert_int_equal(kam_buf_append(b, "x", 1, NULL), KAM_OK);
    kam_buf_free(b);
}

static void test_writers(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam_buf b;
    kam__buf_init(&b, ctx);
    kam__buf_str(&b, "n=");
    kam__buf_i64(&b, INT64_MIN);
    kam__buf_char(&b, ' ');
    kam__buf_dec(&b, -1234, 2);
    kam__buf_char(&b, ' ');
    kam__buf_f64(&b, 0.5);
    kam__buf_char(&b, ' ');
    kam__buf_day(&b, 0);
    kam__buf_str(&b, NULL);
    kam__buf_printf(&b, " %s/%d", "x", 7);
    assert_string_equal(kam_buf_data(&b), "n=-9223372036854775808 -12.34 0.5 1970-01-01 x/7");
    assert_int_equal(kam_buf_size(&b), strlen(kam_buf_data(&b)));
    assert_int_equal(kam__buf_end(&b, NULL), KAM_OK);
    kam__buf_clear(&b);
    assert_string_equal(kam_buf_data(&b), "");
    for (size_t i = 0; i < 5000; i++) kam__buf_put(&b, "0123456789", i % 11);
    size_t at = 0;
    for (size_t i = 0; i < 5000; at += i % 11, i++) assert_memory_equal(b.data + at, "0123456789", i % 11);
    assert_int_equal(at, b.size);
    kam__buf_drop(&b);
    fault_end(&f, ctx);
}

static void test_printf_sizes(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam_buf b;
    char text[1001];
    kam__buf_init(&b, ctx);
    for (size_t n = 250; n < 260; n++) {                    /* around the size of the fixed piece */
        memset(text, 'q', n);
        text[n] = '\0';
        kam__buf_clear(&b);
        kam__buf_printf(&b, "<%s>%d", text, 5);
        assert_int_equal(b.size, n + 3);
        assert_int_equal(b.data[0], '<');
        assert_memory_equal(b.data + 1, text, n);
        assert_string_equal(b.data + n + 1, ">5");
    }
    memset(text, 'z', 1000);
    text[1000] = '\0';
    kam__buf_drop(&b);
    kam__buf_printf(&b, "%s", text);
    kam__buf_printf(&b, "%s", text);
    assert_int_equal(b.size, 2000);
    kam__buf_drop(&b);
    fault_end(&f, ctx);
}

static void check_json(const char *text, size_t len, const char *expect) {
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam_buf b;
    kam__buf_init(&b, ctx);
    kam__buf_json_text(&b, text, len);
    assert_string_equal(kam_buf_data(&b), expect);
    kam__buf_drop(&b);
    fault_end(&f, ctx);
}

static void test_json_text(void **state) {
    (void)state;
    check_json("", 0, "\"\"");
    check_json("plain", KAM_NUL, "\"plain\"");
    check_json("\xE5\xAE\xA2\xE6\x88\xB7/\x7f", KAM_NUL, "\"\xE5\xAE\xA2\xE6\x88\xB7/\x7f\"");
    check_json("a\"b\\c", KAM_NUL, "\"a\\\"b\\\\c\"");
    check_json("\b\f\n\r\t", KAM_NUL, "\"\\b\\f\\n\\r\\t\"");
    check_json("x\0y\x1f\x01z", 6, "\"x\\u0000y\\u001f\\u0001z\"");
}

static int32_t write_scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    kam_buf *b = NULL;
    (void)f;
    KAM__TRY(kam_buf_new(&b, ctx, err));
    for (int i = 0; i < 300; i++) kam__buf_printf(b, "row %d, ", i);
    kam__buf_json_text(b, "end\n", KAM_NUL);
    int32_t rc = kam__buf_end(b, err);
    if (rc != KAM_OK) assert_int_equal(kam__buf_end(b, NULL), KAM_E_NOMEM);     /* it sticks */
    kam_buf_free(b);
    return rc;
}

static int32_t append_scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    kam_buf b;
    int32_t rc = KAM_OK;
    kam__buf_init(&b, ctx);
    for (size_t i = 0; i < 50 && rc == KAM_OK; i++) {
        size_t size = b.size;
        rc = kam_buf_append(&b, "0123456789", 10, err);
        if (rc == KAM_OK) continue;
        assert_int_equal(kam_buf_size(&b), size);           /* as it was, and a retry works */
        assert_int_equal(strlen(kam_buf_data(&b)), size);
        f->left = -1;
        assert_int_equal(kam_buf_append(&b, "x", 1, NULL), KAM_OK);
    }
    kam_buf_free(&b);                                       /* not its own: only the bytes go */
    return rc;
}

static void test_failures(void **state) {
    (void)state;
    assert_true(fault_sweep(write_scenario) > 4);
    assert_true(fault_sweep(append_scenario) > 3);
}

static void test_sticky_clears(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam_buf b;
    kam__buf_init(&b, ctx);
    f.left = 0;
    kam__buf_printf(&b, "%300d", 1);
    f.left = -1;
    kam__buf_str(&b, "late");
    assert_int_equal(kam_buf_size(&b), 0);
    assert_int_equal(kam_buf_append(&b, "x", 1, NULL), KAM_E_NOMEM);
    assert_int_equal(kam__buf_end(&b, NULL), KAM_E_NOMEM);
    kam__buf_clear(&b);
    kam__buf_str(&b, "again");
    assert_int_equal(kam__buf_end(&b, NULL), KAM_OK);
    assert_string_equal(kam_buf_data(&b), "again");
    kam__buf_drop(&b);
    fault_end(&f, ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public), cmocka_unit_test(test_writers), cmocka_unit_test(test_printf_sizes),
        cmocka_unit_test(test_json_text), cmocka_unit_test(test_failures), cmocka_unit_test(test_sticky_clears),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
