/*
 * tests/base/test_money.c - currencies, and splitting amounts against the definition of the largest remainder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/base.h"

static uint64_t seed = 7;

static uint64_t rnd(void) {
    return kam__random(&seed);
}

static void test_decimals(void **state) {
    (void)state;
    static const struct { const char *code; int32_t decimals; } c[] = {
        { "CNY", 2 }, { "USD", 2 }, { "EUR", 2 }, { "AED", 2 }, { "ZWG", 2 }, { "XCG", 2 }, { "XAD", 2 },
        { "VED", 2 }, { "SLE", 2 },
        { "MRU", 2 }, { "ZWL", 2 }, { "JPY", 0 }, { "KRW", 0 }, { "BIF", 0 }, { "XPF", 0 }, { "UGX", 0 },
        { "ISK", 0 }, { "VND", 0 },
        { "CLP", 0 }, { "KWD", 3 }, { "BHD", 3 }, { "IQD", 3 }, { "TND", 3 }, { "OMR", 3 }, { "CLF", 4 },
        { "UYW", 4 }, { "UYI", 0 },
        { "XAU", -1 }, { "XXX", -1 }, { "XTS", -1 }, { "cny", -1 }, { "CN", -1 }, { "CNYX", -1 }, { "", -1 },
        { "AAA", -1 },
        { "ZZZ", -1 }, { "NYC", -1 }, { "EDA", -1 },
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) assert_int_equal(kam__currency_decimals(c[i].code), c[i].decimals);
    assert_int_equal(kam__currency_decimals(NULL), -1);
}

/* Counting all codes of three letters shows that the packed lists are sorted and whole */
static void test_all_codes(void **state) {
    (void)state;
    int count[5] = { 0 };
    for (int i = 0; i < 26 * 26 * 26; i++) {
        char code[4] = { (char)('A' + i / 676), (char)('A' + i / 26 % 26), (char)('A' + i % 26), 0 };
        int32_t d = kam__currency_decimals(code);
        assert_in_range(d + 1, 0, 5);
        if (d >= 0) count[d]++;
    }
    assert_int_equal(count[0], 17);
    assert_int_equal(count[1], 0);
    assert_int_equal(count[2], 145);
    assert_int_equal(count[3], 7);
    assert_int_equal(count[4], 2);
}

/* ---------------------------------------------------------------- a context whose memory can run out */

typedef struct budget { int left; size_t in_use; } budget;      /* left < 0: no limit */

static void *budget_alloc(void *user, size_t size) {
    budget *b = user;
    if (b->left == 0) return NULL;
    if (b->left > 0) b->left--;
    void *p = malloc(size ? size : 1);
    if (p) b->in_use += size;
    return p;
}

static void *budget_resize(void *user, void *p, size_t old_size, size_t new_size) {
    budget *b = user;
    if (b->left == 0) return NULL;
    if (b->left > 0) b->left--;
    void *q = realloc(p, new_size ? new_size : 1);
    if (q) b->in_use += new_size - old_size;
    return q;
}

static void budget_release(void *user, void *p, size_t size) {
    budget *b = user;
    b->in_use -= size;
    free(p);
}

static kam_ctx *budget_ctx(budget *b) {
    kam_allocator a = { sizeof a, 0, b, budget_alloc, budget_resize, budget_release };
    kam_ctx_options opt;
    kam_ctx *ctx = NULL;
    memset(&opt, 0, sizeof opt);
    opt.struct_size = sizeof opt;
    opt.allocator = &a;
    assert_int_equal(kam_ctx_new(&ctx, &opt, NULL), KAM_OK);
    return ctx;
}

static void test_allocate_cases(void **state) {
    (void)state;
    static const struct { int64_t total; size_t n; int64_t weight[4], part[4]; } c[] = {
        { 100, 3, { 1, 1, 1 }, { 34, 33, 33 } }, { -100, 3, { 1, 1, 1 }, { -34, -33, -33 } }, { 0, 2, { 1, 2 },
        { 0, 0 } },
        { 101, 3, { 1, 1, 1 }, { 34, 34, 33 } }, { 10, 3, { 0, 1, 0 }, { 0, 10, 0 } }, { 5, 4, { 1, 0, 1, 2 },
        { 1, 0, 1, 3 } },
        { 1, 4, { 1, 2, 2, 1 }, { 0, 1, 0, 0 } }, { 7, 1, { 3 }, { 7 } }, { INT64_MIN, 1, { INT64_MAX },
        { INT64_MIN } },
        { INT64_MAX, 2, { INT64_MAX - 1, 1 }, { INT64_MAX - 1, 1 } },
        { INT64_MIN, 2, { 1, 1 }, { INT64_MIN / 2, INT64_MIN / 2 } },
    };
    budget b = { -1, 0 };
    kam_ctx *ctx = budget_ctx(&b);
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        int64_t part[4] = { 0 };
        assert_int_equal(kam__allocate(part, c[i].total, c[i].weight, c[i].n, ctx, NULL), KAM_OK);
        for (size_t k = 0; k < c[i].n; k++)
            if (part[k] != c[i].part[k]) fail_msg("case %d, part %d: %lld", (int)i, (int)k, (long long)part[k]);
    }
    kam_ctx_free(ctx);
    assert_int_equal(b.in_use, 0);
}

static void test_allocate_refuses(void **state) {
    (void)state;
    budget b = { -1, 0 };
    kam_ctx *ctx = budget_ctx(&b);
    int64_t part[2] = { 8, 9 }, negative[2] = { 3, -1 }, none[2] = { 0, 0 }, big[2] = { INT64_MAX, 1 };
    assert_int_equal(kam__allocate(part, 5, negative, 2, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam__allocate(part, 5, none, 2, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam__allocate(part, 5, none, 0, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam__allocate(part, 5, big, 2, ctx, NULL), KAM_E_LIMIT);
    assert_true(part[0] == 8 && part[1] == 9);
    kam_ctx_free(ctx);
}

static void test_allocate_out_of_memory(void **state) {
    (void)state;
    budget b = { -1, 0 };
    kam_ctx *ctx = budget_ctx(&b);
    int64_t weight[5] = { 3, 1, 4, 1, 5 }, part[5] = { 7, 7, 7, 7, 7 };
    int failures = 0;
    for (int left = 0;; left++) {
        b.left = left;
        int32_t rc = kam__allocate(part, 101, weight, 5, ctx, NULL);
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
        for (int i = 0; i < 5; i++) assert_int_equal(part[i], 7);
        failures++;
    }
    assert_true(failures >= 1);
    assert_int_equal(part[0] + part[1] + part[2] + part[3] + part[4], 101);
    b.left = -1;
    kam_ctx_free(ctx);
    assert_int_equal(b.in_use, 0);
}

/* What the definition asks: the sum is exact, no part is a unit or more away, and nobody with a smaller remainder (or
 * an equal one and a greater index) got the unit that another was refused. Small numbers: the reference is int64. */
static void check_split(int64_t total, const int64_t *weight, const int64_t *part, size_t n) {
    int64_t sum = 0, weights = 0;
    int64_t mag = total < 0 ? -total : total;
    for (size_t i = 0; i < n; i++) {
        sum += part[i];
        weights += weight[i];
    }
    assert_true(sum == total);
    for (size_t i = 0; i < n; i++) {
        int64_t p = total < 0 ? -part[i] : part[i], low = mag * weight[i] / weights;
        assert_true(p == low || p == low + 1);
        for (size_t k = 0; k < n && p == low + 1; k++) {
            int64_t q = total < 0 ? -part[k] : part[k], other = mag * weight[k] / weights;
            int64_t mine = mag * weight[i] % weights, theirs = mag * weight[k] % weights;
            if (q == other) assert_true(mine > theirs || (mine == theirs && i < k));
        }
    }
}

static void test_allocate_random(void **state) {
    (void)state;
    budget b = { -1, 0 };
    kam_ctx *ctx = budget_ctx(&b);
    int64_t weight[40], part[40];
    for (int i = 0; i < 20000; i++) {
        size_t n = 1 + rnd() % KAM__LEN(weight);
        for (size_t k = 0; k < n; k++) weight[k] = (int64_t)(rnd() % (i % 2 ? 4 : 1000000));
        weight[rnd() % n] = 3;
        int64_t total = (int64_t)(rnd() % (i % 3 ? 100 : 1000000000)) * (rnd() & 1 ? 1 : -1);
        assert_int_equal(kam__allocate(part, total, weight, n, ctx, NULL), KAM_OK);
        check_split(total, weight, part, n);
    }
    kam_ctx_free(ctx);
    assert_int_equal(b.in_use, 0);
}

static void test_allocate_wide(void **state) {
    (void)state;
    budget b = { -1, 0 };
    kam_ctx *ctx = budget_ctx(&b);
    int64_t weight[7], part[7];
    for (int i = 0; i < 20000; i++) {       /* figures near the end of int64: the sum must hold without overflow */
        kam__sum s = { 0, 0 };
        int64_t total = (int64_t)rnd(), sum = 0;
        for (size_t k = 0; k < 7; k++) weight[k] = (int64_t)(rnd() >> 4);
        assert_int_equal(kam__allocate(part, total, weight, 7, ctx, NULL), KAM_OK);
        for (size_t k = 0; k < 7; k++) kam__sum_add(&s, part[k]);
        assert_int_equal(kam__sum_get(&s, &sum), 0);
        assert_true(sum == total);
    }
    kam_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimals), cmocka_unit_test(test_all_codes), cmocka_unit_test(test_allocate_cases),
        cmocka_unit_test(test_allocate_refuses), cmocka_unit_test(test_allocate_out_of_memory),
        cmocka_unit_test(test_allocate_random), cmocka_unit_test(test_allocate_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
