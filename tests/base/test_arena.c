/*
 * tests/base/test_arena.c - many small pieces that end together.
 */
#include "base_test.h"

static void test_pieces(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__arena a;
    unsigned char *piece[2000];
    kam__arena_init(&a, ctx, 0);
    assert_int_equal(ctx->memory, 0);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 2000; i++) {
            size_t size = i % 37;
            piece[i] = kam__arena_alloc(&a, size);
            assert_non_null(piece[i]);
            assert_int_equal((uintptr_t)piece[i] % 8, 0);
            memset(piece[i], (int)(i & 0xFF), size);
        }
        for (size_t i = 0; i < 2000; i++)                   /* no two share a byte */
            for (size_t j = 0; j < i % 37; j++) assert_int_equal(piece[i][j], i & 0xFF);
        assert_true(f.live < 12);
        kam__arena_reset(&a);
        assert_int_equal(f.live, 2);                        /* the context and one chunk */
    }
    kam__arena_free(&a);
    kam__arena_free(&a);
    kam__arena_reset(&a);
    fault_end(&f, ctx);
}

static void test_big_pieces(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__arena a;
    kam__arena_init(&a, ctx, 256);
    char *small = kam__arena_alloc(&a, 8), *big = kam__arena_alloc(&a, 100000), *next = kam__arena_alloc(&a, 8);
    assert_ptr_equal(next, small + 8);                      /* the newest chunk goes on being filled */
    memset(big, 1, 100000);
    assert_int_equal(f.live, 3);
    assert_null(kam__arena_alloc(&a, SIZE_MAX));
    assert_null(kam__arena_alloc(&a, SIZE_MAX - 8));
    assert_null(kam__arena_alloc(&a, SIZE_MAX / 2));
    kam__arena_free(&a);
    kam__arena_init(&a, ctx, 64);
    big = kam__arena_alloc(&a, 5000);                       /* the first piece is a big one */
    memset(big, 1, 5000);
    memset(kam__arena_alloc(&a, 10), 2, 10);
    kam__arena_free(&a);
    fault_end(&f, ctx);
}

static void test_text(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__arena a;
    kam__arena_init(&a, ctx, 0);
    assert_string_equal(kam__arena_text(&a, "contact", KAM_NUL), "contact");
    assert_string_equal(kam__arena_text(&a, "contact", 3), "con");
    assert_string_equal(kam__arena_text(&a, NULL, 0), "");
    kam__arena_free(&a);
    fault_end(&f, ctx);
}

static int32_t scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    kam__arena a;
    int32_t rc = KAM_OK;
    (void)f;
    kam__arena_init(&a, ctx, 128);
    for (size_t i = 0; i < 200 && rc == KAM_OK; i++) {
        size_t size = i % 50 == 49 ? 3000 : i;
        void *chunk = a.chunk;
        char *p = kam__arena_alloc(&a, size);
        if (p) memset(p, 7, size);
        else rc = kam__nomem(err);
        if (!p) assert_ptr_equal(a.chunk, chunk);
    }
    kam__arena_free(&a);
    return rc;
}

static void test_failures(void **state) {
    (void)state;
    assert_true(fault_sweep(scenario) > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces), cmocka_unit_test(test_big_pieces), cmocka_unit_test(test_text),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
