/*
 * tests/base/test_sort.c - sorted, stable, complete, for many lengths, sizes and shapes.
 */
#include "base_test.h"

typedef struct count { uint64_t n; } count;

/* An element begins with its key byte and its place (two bytes); the rest is filling. */
static int by_key(const void *a, const void *b, void *arg) {
    if (arg) ((count *)arg)->n++;
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

static void check_sorted(const unsigned char *p, size_t n, size_t size) {
    for (size_t i = 1; i < n; i++) {
        const unsigned char *a = p + (i - 1) * size, *b = p + i * size;
        assert_true(a[0] <= b[0]);
        if (a[0] == b[0]) assert_true((a[1] << 8 | a[2]) < (b[1] << 8 | b[2]));     /* stable: the places still rise */
    }
}

static void put_element(unsigned char *e, unsigned char key, size_t place) {
    e[0] = key;
    e[1] = (unsigned char)(place >> 8);
    e[2] = (unsigned char)place;
}

static void check(kam_ctx *ctx, size_t n, size_t size, unsigned keys, uint64_t seed) {
    unsigned char *p = malloc(n * size + 1);
    uint64_t sum = 0, after = 0;
    assert_non_null(p);
    p[n * size] = 0x5A;
    for (size_t i = 0; i < n; i++) {
        unsigned char *e = p + i * size;
        memset(e, (int)(i * 3 & 0xFF), size);
        put_element(e, (unsigned char)(kam__random(&seed) % keys), i);
        sum += kam__hash(e, size);
    }
    assert_int_equal(kam__sort(ctx, p, n, size, by_key, NULL, NULL), KAM_OK);
    check_sorted(p, n, size);
    for (size_t i = 0; i < n; i++) after += kam__hash(p + i * size, size);
    assert_true(sum == after);                              /* the same elements */
    assert_int_equal(p[n * size], 0x5A);
    free(p);
}

static void test_many(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    const size_t size[] = {3, 4, 7, 8, 12, 16, 24};
    for (size_t n = 0; n < 70; n++)
        for (size_t s = 0; s < KAM__LEN(size); s++) check(ctx, n, size[s], 1 + (unsigned)(n * 5 % 200), n * 100 + s);
    for (size_t n = 1000; n < 60000; n = n * 3 + 1)
        for (size_t s = 0; s < KAM__LEN(size); s++) check(ctx, n, size[s], 250, n + s);
    fault_end(&f, ctx);
}

static void test_compares(void **state) {
    (void)state;
    enum { N = 4096 };
    static unsigned char p[N * 4];
    kam_ctx *ctx = NULL;
    count sorted = {0}, mixed = {0};
    uint64_t seed = 3;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    for (size_t i = 0; i < N; i++) put_element(p + 4 * i, (unsigned char)(i / 16), i);
    assert_int_equal(kam__sort(ctx, p, N, 4, by_key, &sorted, NULL), KAM_OK);
    check_sorted(p, N, 4);
    assert_true(sorted.n < N + N / 4);
    for (size_t i = 0; i < N; i++) put_element(p + 4 * i, (unsigned char)kam__random(&seed), i);
    assert_int_equal(kam__sort(ctx, p, N, 4, by_key, &mixed, NULL), KAM_OK);
    check_sorted(p, N, 4);
    assert_true(mixed.n < N * 14);
    kam_ctx_free(ctx);
}

static int32_t scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    unsigned char p[300], before[300];
    uint64_t seed = 1;
    for (size_t i = 0; i < 300; i++) p[i] = (unsigned char)kam__random(&seed);
    memcpy(before, p, sizeof p);
    int32_t rc = kam__sort(ctx, p, 300, 1, by_key, NULL, err);
    if (rc != KAM_OK) assert_memory_equal(p, before, sizeof p);
    f->left = 0;
    assert_int_equal(kam__sort(ctx, p, 1, 1, by_key, NULL, NULL), KAM_OK);      /* needs nothing */
    assert_int_equal(kam__sort(ctx, NULL, 0, 8, by_key, NULL, NULL), KAM_OK);
    assert_int_equal(kam__sort(ctx, p, SIZE_MAX / 2, 4, by_key, NULL, NULL), KAM_E_NOMEM);
    return rc;
}

static void test_failures(void **state) {
    (void)state;
    assert_int_equal(fault_sweep(scenario), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many), cmocka_unit_test(test_compares), cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
