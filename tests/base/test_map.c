/*
 * tests/base/test_map.c - the two maps against plain arrays, and with every allocation failing once.
 */
#include "base_test.h"

static void test_imap(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__imap m;
    uint32_t v = 77;
    const int64_t edge[] = {0, -1, 1, INT64_MIN, INT64_MAX, 1LL << 32, 1LL << 53};
    kam__imap_init(&m, ctx);
    assert_int_equal(kam__imap_get(&m, 0, &v), 0);
    assert_int_equal(v, 77);
    kam__imap_clear(&m);
    for (uint32_t i = 0; i < KAM__LEN(edge); i++) assert_int_equal(kam__imap_put(&m, edge[i], i, NULL), KAM_OK);
    for (uint32_t i = 0; i < KAM__LEN(edge); i++) {
        assert_int_equal(kam__imap_get(&m, edge[i], &v), 1);
        assert_int_equal(v, i);
    }
    for (int round = 0; round < 2; round++) {
        kam__imap_clear(&m);
        assert_int_equal(kam__imap_get(&m, 0, &v), 0);
        for (uint32_t i = 0; i < 50000; i++)
            assert_int_equal(kam__imap_put(&m, (int64_t)i * 4096 - 1000000, i, NULL), KAM_OK);
        for (uint32_t i = 0; i < 50000; i += 2)             /* replaces */
            assert_int_equal(kam__imap_put(&m, (int64_t)i * 4096 - 1000000, i + 1, NULL), KAM_OK);
        assert_int_equal(m.n, 50000);
        assert_true(m.n * 10 <= m.cap * 7);
        for (uint32_t i = 0; i < 50000; i++) {
            assert_int_equal(kam__imap_get(&m, (int64_t)i * 4096 - 1000000, &v), 1);
            assert_int_equal(v, i % 2 ? i : i + 1);
            assert_int_equal(kam__imap_get(&m, (int64_t)i * 4096 - 999999, &v), 0);
        }
    }
    kam__imap_free(&m);
    kam__imap_free(&m);
    assert_int_equal(kam__imap_get(&m, 0, &v), 0);
    fault_end(&f, ctx);
}

static size_t make_key(char key[16], uint32_t i) {
    size_t len = 0;
    for (uint32_t v = i * 2654435761u; v; v /= 26) key[len++] = (char)('a' + v % 26);
    return len;
}

static void test_tmap(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__tmap m;
    char key[16];
    uint32_t v = 77;
    kam__tmap_init(&m, ctx);
    assert_int_equal(kam__tmap_get(&m, "x", 1, &v), 0);
    kam__tmap_clear(&m);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 30000; i++) {
            size_t len = make_key(key, i);
            assert_int_equal(kam__tmap_put(&m, key, len, i, NULL), KAM_OK);
            memset(key, '?', sizeof key);                   /* the map has its own copy */
        }
        assert_int_equal(m.n, 30000);
        assert_true(m.n * 10 <= m.cap * 7);
        for (uint32_t i = 0; i < 30000; i++) {
            size_t len = make_key(key, i);
            assert_int_equal(kam__tmap_get(&m, key, len, &v), 1);
            assert_int_equal(v, i);
            key[len] = '!';
            assert_int_equal(kam__tmap_get(&m, key, len + 1, &v), 0);
        }
        kam__tmap_clear(&m);
        assert_int_equal(m.n, 0);
        assert_int_equal(kam__tmap_get(&m, "", 0, &v), 0);
    }
    kam__tmap_free(&m);
    kam__tmap_free(&m);
    fault_end(&f, ctx);
}

static void test_tmap_any_bytes(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__tmap m;
    uint32_t v;
    kam__tmap_init(&m, ctx);
    assert_int_equal(kam__tmap_put(&m, "", 0, 1, NULL), KAM_OK);
    assert_int_equal(kam__tmap_put(&m, "a\0b", 3, 2, NULL), KAM_OK);
    assert_int_equal(kam__tmap_put(&m, "a\0c", 3, 3, NULL), KAM_OK);
    assert_int_equal(kam__tmap_put(&m, "a", KAM_NUL, 4, NULL), KAM_OK);
    assert_int_equal(kam__tmap_put(&m, "a\0b", 3, 5, NULL), KAM_OK);
    assert_int_equal(m.n, 4);
    assert_int_equal(kam__tmap_get(&m, NULL, 0, &v) && v == 1, 1);
    assert_int_equal(kam__tmap_get(&m, "a\0b", 3, &v) && v == 5, 1);
    assert_int_equal(kam__tmap_get(&m, "a\0c", 3, &v) && v == 3, 1);
    assert_int_equal(kam__tmap_get(&m, "a", KAM_NUL, &v) && v == 4, 1);
    assert_int_equal(kam__tmap_get(&m, "a\0", 2, &v), 0);
    kam__tmap_free(&m);
    fault_end(&f, ctx);
}

/* ---------------------------------------------------------------- failures: the map is as it was, a retry succeeds */

static int32_t imap_scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    kam__imap m;
    int32_t rc = KAM_OK;
    uint32_t v;
    kam__imap_init(&m, ctx);
    for (uint32_t i = 0; i < 200 && rc == KAM_OK; i++) {
        rc = kam__imap_put(&m, i * 7, i, err);
        if (rc == KAM_OK) continue;
        assert_int_equal(m.n, i);
        assert_int_equal(kam__imap_get(&m, i * 7, &v), 0);
        for (uint32_t k = 0; k < i; k++) assert_true(kam__imap_get(&m, k * 7, &v) && v == k);
        f->left = -1;
        assert_int_equal(kam__imap_put(&m, i * 7, i, NULL), KAM_OK);
        assert_true(kam__imap_get(&m, i * 7, &v) && v == i);
    }
    kam__imap_free(&m);
    return rc;
}

static int32_t tmap_scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    kam__tmap m;
    int32_t rc = KAM_OK;
    uint32_t v;
    char key[16];
    kam__tmap_init(&m, ctx);
    for (uint32_t i = 0; i < 1000 && rc == KAM_OK; i++) {
        size_t len = make_key(key, i);
        rc = kam__tmap_put(&m, key, len, i, err);
        if (rc == KAM_OK) continue;
        assert_int_equal(m.n, i);
        assert_int_equal(kam__tmap_get(&m, key, len, &v), 0);
        for (uint32_t k = 0; k < i; k++) {
            len = make_key(key, k);
            assert_true(kam__tmap_get(&m, key, len, &v) && v == k);
        }
        f->left = -1;
        len = make_key(key, i);
        assert_int_equal(kam__tmap_put(&m, key, len, i, NULL), KAM_OK);
        assert_true(kam__tmap_get(&m, key, len, &v) && v == i);
    }
    kam__tmap_free(&m);
    return rc;
}

static void test_failures(void **state) {
    (void)state;
    assert_true(fault_sweep(imap_scenario) >= 5);
    assert_true(fault_sweep(tmap_scenario) >= 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_imap), cmocka_unit_test(test_tmap), cmocka_unit_test(test_tmap_any_bytes),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
