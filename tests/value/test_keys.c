/* Keys to dense numbers: dense ids in any order, far ones, cutting back, order, and no memory. */
#include "help.h"

static void check_all(const kam__keys *k) {
    uint32_t number;
    for (uint32_t i = 0; i < k->n; i++) {
        assert_true(kam__keys_find(k, k->key[i], &number));
        assert_int_equal(number, i);
    }
}

static void numbers_follow_first_appearance(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m);
    kam__keys k;
    uint32_t a, b, c;
    kam__keys_init(&k, ctx);
    assert_false(kam__keys_find(&k, 7, &a));
    assert_int_equal(kam__keys_add(&k, 7, &a, NULL), KAM_OK);
    assert_int_equal(kam__keys_add(&k, INT64_MIN, &b, NULL), KAM_OK);
    assert_int_equal(kam__keys_add(&k, 7, &c, NULL), KAM_OK);
    assert_int_equal(a, 0);
    assert_int_equal(b, 1);
    assert_int_equal(c, 0);
    assert_int_equal(k.n, 2);
    assert_false(kam__keys_find(&k, INT64_MAX, &a));
    kam__keys_free(&k);
    kam_ctx_free(ctx);
    assert_int_equal(m.live, 0);
}

/* Descending ids begin in the map and move into the array; memory stays in proportion. */
static void far_keys_become_direct(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m);
    kam__keys k;
    uint32_t number;
    kam__keys_init(&k, ctx);
    for (int64_t key = 100000; key > 0; key--) assert_int_equal(kam__keys_add(&k, key, &number, NULL), KAM_OK);
    assert_true(k.direct_n > 1000 && k.direct_n <= 800000);
    check_all(&k);
    uint32_t *order = calloc(k.n, sizeof *order);
    assert_int_equal(kam__keys_order(&k, order, NULL), KAM_OK);
    for (uint32_t i = 0; i < k.n; i++) assert_int_equal(k.key[order[i]], (int64_t)i + 1);
    assert_int_equal(kam__keys_add(&k, 1LL << 52, &number, NULL), KAM_OK);
    assert_int_equal(kam__keys_add(&k, -3, &number, NULL), KAM_OK);
    assert_true(k.direct_n <= 800000);
    order = realloc(order, k.n * sizeof *order);
    assert_int_equal(kam__keys_order(&k, order, NULL), KAM_OK);
    assert_int_equal(k.key[order[0]], -3);
    assert_int_equal(k.key[order[k.n - 1]], 1LL << 52);
    free(order);
    kam__keys_free(&k);
    kam_ctx_free(ctx);
}

static void cut_forgets(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m);
    kam__keys k;
    uint32_t number;
    kam__keys_init(&k, ctx);
    for (int64_t i = 0; i < 3000; i++) assert_int_equal(kam__keys_add(&k, i % 3 ? i : i * 1000003, &number, NULL),
                                                        KAM_OK);
    kam__keys_cut(&k, 1000);
    assert_int_equal(k.n, 1000);
    check_all(&k);
    for (int64_t i = 1000; i < 3000; i++) assert_false(kam__keys_find(&k, i % 3 ? i : i * 1000003, &number));
    assert_int_equal(kam__keys_add(&k, 2999, &number, NULL), KAM_OK);
    assert_int_equal(number, 1000);
    kam__keys_free(&k);
    kam_ctx_free(ctx);
}

static void no_memory_changes_nothing(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m);
    kam__keys k;
    uint32_t number;
    kam__keys_init(&k, ctx);
    for (int64_t i = 0; i < 20000; i++) {
        int64_t key = (i * 7919) % 20000 * (i % 4 ? 1 : -1000);
        for (m.left = 0;; m.left = m.left < 0 ? -1 : m.left + 1) {
            long left = m.left;
            uint32_t n = k.n;
            int32_t rc = kam__keys_add(&k, key, &number, NULL);
            if (rc == KAM_OK) break;
            assert_int_equal(rc, KAM_E_NOMEM);
            assert_int_equal(k.n, n);
            assert_false(kam__keys_find(&k, key, &number));
            m.left = left;
        }
    }
    m.left = -1;
    check_all(&k);
    kam__keys_free(&k);
    kam_ctx_free(ctx);
    assert_int_equal(m.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_follow_first_appearance), cmocka_unit_test(far_keys_become_direct),
        cmocka_unit_test(cut_forgets), cmocka_unit_test(no_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
