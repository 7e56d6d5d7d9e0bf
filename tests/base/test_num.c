/*
 * tests/base/test_num.c - whole numbers and decimals against long-hand references.
 *
 * The reference of muldiv multiplies and divides bit by bit, so it shares nothing with the code under test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/base.h"

static uint64_t seed = 42;

static uint64_t rnd(void) {
    return kam__random(&seed);
}

/* Any width of number is equally likely */
static int64_t rnd_i64(void) {
    uint64_t v = rnd() >> (rnd() % 64);
    return (int64_t)(rnd() & 1 ? v : 0 - v);
}

static uint64_t mag(int64_t v) {
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

/* 1 = does not fit or a rest at EXACT */
static int ref_muldiv(int64_t a, int64_t b, int64_t div, int rounding, int64_t *out) {
    uint64_t x = mag(a), y = mag(b), hi = 0, lo = 0, rest = 0, d = (uint64_t)div, qh = 0, q = 0;
    for (int i = 63; i >= 0; i--) {
        hi = hi << 1 | lo >> 63;
        lo <<= 1;
        if (y >> i & 1) {
            lo += x;
            hi += lo < x;
        }
    }
    for (int i = 127; i >= 0; i--) {        /* rest < d <= 2^63 - 1: the shift does not overflow */
        rest = rest << 1 | ((i >= 64 ? hi >> (i - 64) : lo >> i) & 1);
        qh = qh << 1 | q >> 63;
        q <<= 1;
        if (rest >= d) { rest -= d; q |= 1; }
    }
    if (rest && rounding == KAM__EXACT) return 1;
    int up = rest && (rest * 2 > d || (rest * 2 == d && (rounding == KAM__HALF_AWAY || (q & 1))));
    if (up && rounding != KAM__DOWN) { q++; qh += q == 0; }
    int neg = (a < 0) != (b < 0);
    if (qh || q > (uint64_t)INT64_MAX + (unsigned)neg) return 1;
    *out = (int64_t)(neg ? 0 - q : q);
    return 0;
}

static void test_pow10(void **state) {
    (void)state;
    int64_t v = 1;
    for (size_t i = 0; i < KAM__LEN(kam__pow10); i++, v *= i < 19 ? 10 : 1) assert_int_equal(kam__pow10[i], v);
}

static void test_add_mul(void **state) {
    (void)state;
    int64_t out = 7;
    assert_int_equal(kam__add(INT64_MAX, 1, &out), 1);
    assert_int_equal(kam__add(INT64_MIN, -1, &out), 1);
    assert_int_equal(kam__mul(INT64_MIN, -1, &out), 1);
    assert_int_equal(kam__mul(INT64_C(3037000500), INT64_C(3037000500), &out), 1);
    assert_int_equal(out, 7);
    assert_int_equal(kam__add(INT64_MIN, INT64_MAX, &out), 0);
    assert_int_equal(out, -1);
    assert_int_equal(kam__mul(INT64_MIN, 1, &out), 0);
    assert_true(out == INT64_MIN);
    assert_int_equal(kam__mul(INT64_C(-4294967296), INT64_C(2147483648), &out), 0);
    assert_true(out == INT64_MIN);
    for (int i = 0; i < 200000; i++) {
        int64_t a = rnd_i64(), b = rnd_i64(), want = 5, got = 5;
        assert_int_equal(kam__mul(a, b, &got), ref_muldiv(a, b, 1, KAM__EXACT, &want));
        assert_true(got == want);
    }
}

static void test_muldiv_cases(void **state) {
    (void)state;
    static const struct { int64_t a, b, div; int rounding; int rc; int64_t want; } c[] = {
        { 5, 1, 2, KAM__HALF_EVEN, 0, 2 }, { 7, 1, 2, KAM__HALF_EVEN, 0, 4 }, { -5, 1, 2, KAM__HALF_EVEN, 0, -2 },
        { 5, 1, 2, KAM__HALF_AWAY, 0, 3 }, { -5, 1, 2, KAM__HALF_AWAY, 0, -3 }, { 4, 1, 3, KAM__HALF_AWAY, 0, 1 },
        { -7, 1, 2, KAM__DOWN, 0, -3 }, { 7, 1, 2, KAM__DOWN, 0, 3 }, { 7, 1, 2, KAM__EXACT, 1, 0 },
        { 8, 1, 2, KAM__EXACT, 0, 4 }, { 1, 1, 0, KAM__DOWN, 1, 0 }, { 1, 1, -3, KAM__DOWN, 1, 0 },
        { INT64_MAX, INT64_MAX, INT64_MAX, KAM__EXACT, 0, INT64_MAX },
        { INT64_MIN, INT64_MAX, INT64_MAX, KAM__EXACT, 0, INT64_MIN },
        { INT64_MIN, INT64_MIN, INT64_MAX, KAM__DOWN, 1, 0 }, { INT64_MIN, -1, 1, KAM__DOWN, 1, 0 },
        { INT64_MAX, 3, 2, KAM__DOWN, 1, 0 }, { 0, INT64_MIN, 7, KAM__EXACT, 0, 0 },
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        int64_t got = 0;
        assert_int_equal(kam__muldiv(c[i].a, c[i].b, c[i].div, c[i].rounding, &got), c[i].rc);
        assert_true(got == c[i].want);
    }
}

static void test_muldiv_random(void **state) {
    (void)state;
    for (int i = 0; i < 300000; i++) {
        int64_t a = rnd_i64(), b = rnd_i64(), div = rnd_i64(), want = 5, got = 5;
        int rounding = (int)(rnd() % 4);
        div = div < 0 ? (div == INT64_MIN ? INT64_MAX : -div) : div ? div : 2;
        if (i % 3 == 0) b = div % 1000 + (int64_t)(rnd() % 3);      /* near multiples and ties */
        if (i % 7 == 0) div = (int64_t)(rnd() % 8) * 2 + 2;
        assert_int_equal(kam__muldiv(a, b, div, rounding, &got), ref_muldiv(a, b, div, rounding, &want));
        assert_true(got == want);
    }
}

/* q * d + rest gives the number back, for words that are hard on the estimate of a quotient digit */
static void test_div128(void **state) {
    (void)state;
    static const uint64_t word[] = { 0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF };
    for (int i = 0; i < 300000; i++) {
        uint64_t w[6], hi, lo, rest;
        for (int k = 0; k < 6; k++) w[k] = i % 2 ? word[rnd() % KAM__LEN(word)] : rnd() >> 32;
        uint64_t h = w[0] << 32 | w[1], l = w[2] << 32 | w[3], d = (w[4] << 32 | w[5]) >> (i % 3 ? 0 : rnd() % 64);
        if (h >= d) continue;
        uint64_t q = kam__div128(h, l, d, &rest);
        assert_true(rest < d);
        kam__mul128(q, d, &hi, &lo);
        lo += rest;
        hi += lo < rest;
        assert_true(hi == h && lo == l);
    }
    for (int i = 0; i < 64; i++) assert_int_equal(kam__clz64(UINT64_MAX >> i), i);
    assert_int_equal(kam__clz64(0), 64);
}

static void test_rescale(void **state) {
    (void)state;
    int64_t v = 9;
    assert_int_equal(kam__rescale(1234, 2, 4, KAM__EXACT, &v), 0);
    assert_int_equal(v, 123400);
    assert_int_equal(kam__rescale(1235, 2, 1, KAM__HALF_EVEN, &v), 0);
    assert_int_equal(v, 124);
    assert_int_equal(kam__rescale(1225, 2, 1, KAM__HALF_EVEN, &v), 0);
    assert_int_equal(v, 122);
    assert_int_equal(kam__rescale(-1225, 2, 1, KAM__HALF_AWAY, &v), 0);
    assert_int_equal(v, -123);
    assert_int_equal(kam__rescale(1225, 2, 1, KAM__EXACT, &v), 1);
    assert_int_equal(kam__rescale(1, 0, 18, KAM__EXACT, &v), 0);
    assert_true(v == kam__pow10[18]);
    assert_int_equal(kam__rescale(10, 0, 18, KAM__EXACT, &v), 1);
    assert_int_equal(kam__rescale(0, 0, 60, KAM__EXACT, &v), 0);
    assert_int_equal(v, 0);
    assert_int_equal(kam__rescale(INT64_MAX, 19, 0, KAM__HALF_EVEN, &v), 0);
    assert_int_equal(v, 1);
    assert_int_equal(kam__rescale(INT64_C(5000000000000000000), 19, 0, KAM__HALF_EVEN, &v), 0);
    assert_int_equal(v, 0);
    assert_int_equal(kam__rescale(INT64_MIN, 20, 0, KAM__HALF_AWAY, &v), 0);
    assert_int_equal(v, 0);
}

static void test_sum(void **state) {
    (void)state;
    kam__sum s = { 0, 0 }, t = { 0, 0 };
    int64_t v = 3;
    for (int i = 0; i < 3; i++) kam__sum_add(&s, INT64_MAX);
    assert_int_equal(kam__sum_get(&s, &v), 1);
    assert_int_equal(v, 3);
    assert_true(kam__sum_f64(&s) == 27670116110564327424.0);        /* 3 * 2^63 */
    for (int i = 0; i < 3; i++) kam__sum_add(&t, INT64_MIN);
    assert_true(kam__sum_f64(&t) == -27670116110564327424.0);
    assert_int_equal(kam__sum_cmp(&s, &t), 1);
    assert_int_equal(kam__sum_cmp(&t, &s), -1);
    for (int i = 0; i < 3; i++) kam__sum_add(&s, INT64_MIN);
    assert_int_equal(kam__sum_get(&s, &v), 0);
    assert_int_equal(v, -3);
    assert_true(kam__sum_f64(&s) == -3.0);
    for (int i = 0; i < 2; i++) kam__sum_add(&t, INT64_MAX);
    assert_int_equal(kam__sum_get(&t, &v), 1);                      /* -2^63 - 2 */
    kam__sum_add(&t, 2);
    assert_int_equal(kam__sum_get(&t, &v), 0);
    assert_true(v == INT64_MIN);
    kam__sum two64 = { 0, -1 };                                     /* -2^64 */
    assert_int_equal(kam__sum_get(&two64, &v), 1);
    assert_true(kam__sum_f64(&two64) == -18446744073709551616.0);
}

static void test_sum_f64_rounds_once(void **state) {
    (void)state;
    kam__sum s = { UINT64_C(1) << 12, 2 };      /* 2 * 2^64 + 2^12: exactly half an ulp above 2^65 */
    assert_true(kam__sum_f64(&s) == 36893488147419103232.0);
    s.lo += 1;
    assert_true(kam__sum_f64(&s) == 36893488147419111424.0);
}

static void test_cmp_products(void **state) {
    (void)state;
    assert_int_equal(kam__cmp_products(INT64_MIN, INT64_MIN, INT64_MAX, INT64_MAX), 1);
    assert_int_equal(kam__cmp_products(INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN), 0);
    assert_int_equal(kam__cmp_products(0, -5, 7, 0), 0);
    assert_int_equal(kam__cmp_products(0, -5, -7, 1), 1);
    assert_int_equal(kam__cmp_products(-1, 5, 0, -3), -1);
    for (int i = 0; i < 200000; i++) {
        int64_t a = rnd_i64() >> 32, b = rnd_i64() >> 32, c = rnd_i64() >> 32, d = rnd_i64() >> 32;
        if (i % 5 == 0) { c = b; d = a + (int64_t)(rnd() % 3) - 1; }
        int64_t l = a * b, r = c * d;
        assert_int_equal(kam__cmp_products(a, b, c, d), (l > r) - (l < r));
    }
}

static void test_i64_text(void **state) {
    (void)state;
    char text[48], want[48];
    int64_t v;
    for (int i = 0; i < 100000; i++) {
        int64_t x = i == 0 ? INT64_MIN : i == 1 ? INT64_MAX : i == 2 ? 0 : rnd_i64();
        size_t n = kam__i64_format(text, x);
        assert_int_equal(snprintf(want, sizeof want, "%lld", (long long)x), (int)n);
        assert_string_equal(text, want);
        assert_int_equal(kam__i64_parse(&v, text, n, NULL), KAM_OK);
        assert_true(v == x);
    }
    assert_int_equal(kam__i64_parse(&v, "+0000000000000000000000012", KAM_NUL, NULL), KAM_OK);
    assert_int_equal(v, 12);
    static const char *const bad[] = { "", "-", "+", "1.0", "1e3", " 1", "1 ", "0x1", "--1", "1-",
                                       "99999999999999999999x" };
    for (size_t i = 0; i < KAM__LEN(bad); i++) assert_int_equal(kam__i64_parse(&v, bad[i], KAM_NUL, NULL), KAM_E_PARSE);
    static const char *const big[] = { "9223372036854775808", "-9223372036854775809", "18446744073709551616",
                                       "18446744073709551615", "184467440737095516150",
                                       "99999999999999999999999999" };
    for (size_t i = 0; i < KAM__LEN(big); i++) assert_int_equal(kam__i64_parse(&v, big[i], KAM_NUL, NULL), KAM_E_LIMIT);
    assert_int_equal(v, 12);
    assert_int_equal(kam__i64_parse(&v, "123456", 3, NULL), KAM_OK);        /* the length counts, not the NUL */
    assert_int_equal(v, 123);
}

static void test_dec_parse_cases(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t scale;
        int rounding;
        int32_t rc;
        int64_t want;
        int inexact;
    } c[] = {
        { "12.345", 3, KAM__EXACT, KAM_OK, 12345, 0 }, { "12.345", 2, KAM__EXACT, KAM_E_LIMIT, 0, 0 },
        { "12.345", 2, KAM__HALF_EVEN, KAM_OK, 1234, 1 }, { "12.345", 2, KAM__HALF_AWAY, KAM_OK, 1235, 1 },
        { "-12.355", 2, KAM__HALF_EVEN, KAM_OK, -1236, 1 }, { "12.34500001", 2, KAM__HALF_EVEN, KAM_OK, 1235, 1 },
        { "12.3450000", 2, KAM__HALF_EVEN, KAM_OK, 1234, 1 }, { "12.349", 2, KAM__DOWN, KAM_OK, 1234, 1 },
        { "1.2e3", 2, KAM__EXACT, KAM_OK, 120000, 0 }, { "1.2E+3", 0, KAM__EXACT, KAM_OK, 1200, 0 },
        { "1200e-2", 0, KAM__EXACT, KAM_OK, 12, 0 }, { "1250e-3", 0, KAM__HALF_EVEN, KAM_OK, 1, 1 },
        { "0.5", 0, KAM__HALF_EVEN, KAM_OK, 0, 1 }, { "1.5", 0, KAM__HALF_EVEN, KAM_OK, 2, 1 },
        { "0.5", 0, KAM__HALF_AWAY, KAM_OK, 1, 1 }, { "0.05", 0, KAM__HALF_AWAY, KAM_OK, 0, 1 },
        { "0.51", 0, KAM__HALF_EVEN, KAM_OK, 1, 1 }, { ".5", 1, KAM__EXACT, KAM_OK, 5, 0 },
        { "5.", 1, KAM__EXACT, KAM_OK, 50, 0 }, { "+7", 0, KAM__EXACT, KAM_OK, 7, 0 },
        { "-0.00", 2, KAM__EXACT, KAM_OK, 0, 0 },
        { "0e999999999999999999999", 2, KAM__EXACT, KAM_OK, 0, 0 },
        { "1e-999999999999999999", 2, KAM__DOWN, KAM_OK, 0, 1 },
        { "1e999999999999999999", 2, KAM__DOWN, KAM_E_LIMIT, 0, 0 }, { "1e-99", 2, KAM__EXACT, KAM_E_LIMIT, 0, 0 },
        { "92233720368547758.07", 2, KAM__EXACT, KAM_OK, INT64_MAX, 0 },
        { "-92233720368547758.08", 2, KAM__EXACT, KAM_OK, INT64_MIN, 0 },
        { "92233720368547758.08", 2, KAM__EXACT, KAM_E_LIMIT, 0, 0 },
        { "-92233720368547758.09", 2, KAM__EXACT, KAM_E_LIMIT, 0, 0 },
        { "92233720368547758.074", 2, KAM__HALF_EVEN, KAM_OK, INT64_MAX, 1 },
        { "92233720368547758.075", 2, KAM__HALF_EVEN, KAM_E_LIMIT, 0, 0 },
        { "0.000000000000000001", 18, KAM__EXACT, KAM_OK, 1, 0 }, { "10", 18, KAM__EXACT, KAM_E_LIMIT, 0, 0 },
        { "18446744073709551616", 0, KAM__EXACT, KAM_E_LIMIT, 0, 0 },
        { "18446744073709551615.5", 0, KAM__DOWN, KAM_E_LIMIT, 0, 0 },
        { "", 2, 0, KAM_E_PARSE, 0, 0 }, { ".", 2, 0, KAM_E_PARSE, 0, 0 }, { "-", 2, 0, KAM_E_PARSE, 0, 0 },
        { "1.2.3", 2, 0, KAM_E_PARSE, 0, 0 }, { "1e", 2, 0, KAM_E_PARSE, 0, 0 }, { "1e+", 2, 0, KAM_E_PARSE, 0, 0 },
        { "1e5x", 2, 0, KAM_E_PARSE, 0, 0 }, { "e5", 2, 0, KAM_E_PARSE, 0, 0 }, { ".e5", 2, 0, KAM_E_PARSE, 0, 0 },
        { "1,5", 2, 0, KAM_E_PARSE, 0, 0 }, { "1 ", 2, 0, KAM_E_PARSE, 0, 0 }, { "nan", 2, 0, KAM_E_PARSE, 0, 0 },
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        int64_t v = 77;
        int inexact = 77;
        int32_t rc = kam__dec_parse(&v, c[i].text, KAM_NUL, c[i].scale, c[i].rounding, &inexact, NULL);
        if (rc != c[i].rc || v != (rc ? 77 : c[i].want)) fail_msg("\"%s\": %d, %lld", c[i].text, (int)rc, (long long)v);
        assert_int_equal(inexact, rc ? 77 : c[i].inexact);
    }
}

/* Digits written with a point anywhere and an exponent, cut to a scale: against integer rounding by powers of ten */
static void test_dec_parse_random(void **state) {
    (void)state;
    for (int i = 0; i < 200000; i++) {
        char text[64], digits[48];
        int64_t v = rnd_i64() >> 4, got, want;
        uint32_t has = (uint32_t)(rnd() % 19), to = (uint32_t)(rnd() % 19);
        int shift = (int)(rnd() % 9) - 4, rounding = (int)(rnd() % 4), inexact = 0;
        kam__dec_format(digits, v, has);
        snprintf(text, sizeof text, "%s%se%d", digits, rnd() & 1 && has ? "000" : "", shift);
        int32_t rc = kam__dec_parse(&got, text, KAM_NUL, to, rounding, &inexact, NULL);
        int64_t from = (int64_t)has - shift;        /* may be negative: bring both up */
        int bad = kam__rescale(v, (uint32_t)(from + 4), to + 4, rounding, &want);
        assert_int_equal(rc, bad ? KAM_E_LIMIT : KAM_OK);
        if (!rc) assert_true(got == want);
    }
}

static void test_dec_parse_any(void **state) {
    (void)state;
    static const struct { const char *text; int32_t rc; int64_t v; uint32_t scale; } c[] = {
        { "12.50", KAM_OK, 1250, 2 }, { "12", KAM_OK, 12, 0 }, { "0.00", KAM_OK, 0, 2 }, { "1.2e3", KAM_OK, 1200, 0 },
        { "1.20e1", KAM_OK, 120, 1 }, { "1e-3", KAM_OK, 1, 3 }, { "0.1234567890123456789", KAM_E_LIMIT, 0, 0 },
        { "0.123456789012345678", KAM_OK, INT64_C(123456789012345678), 18 },
        { "-9.223372036854775808", KAM_OK, INT64_MIN, 18 },
        { "9.223372036854775808", KAM_E_LIMIT, 0, 0 }, { "x", KAM_E_PARSE, 0, 0 },
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        int64_t v = 0;
        uint32_t scale = 0;
        assert_int_equal(kam__dec_parse_any(&v, &scale, c[i].text, KAM_NUL, NULL), c[i].rc);
        assert_true(v == c[i].v && scale == c[i].scale);
    }
}

static void test_dec_format(void **state) {
    (void)state;
    static const struct { int64_t v; uint32_t scale; const char *full, *brief; } c[] = {
        { 1234, 2, "12.34", "12.34" }, { 150, 2, "1.50", "1.5" }, { 200, 2, "2.00", "2" },
        { -5, 2, "-0.05", "-0.05" },
        { 0, 2, "0.00", "0" }, { 100, 0, "100", "100" }, { 0, 0, "0", "0" }, { -100, 3, "-0.100", "-0.1" },
        { INT64_MIN, 18, "-9.223372036854775808", "-9.223372036854775808" }, { 1000, 1, "100.0", "100" },
        { INT64_MIN, 0, "-9223372036854775808", "-9223372036854775808" },
        { -1, 38, "-0.00000000000000000000000000000000000001", "-0.00000000000000000000000000000000000001" },
    };
    char text[48];
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        assert_int_equal(kam__dec_format(text, c[i].v, c[i].scale), strlen(c[i].full));
        assert_string_equal(text, c[i].full);
        assert_int_equal(kam__dec_format_short(text, c[i].v, c[i].scale), strlen(c[i].brief));
        assert_string_equal(text, c[i].brief);
    }
    for (int i = 0; i < 100000; i++) {
        int64_t v = rnd_i64(), got;
        uint32_t scale = (uint32_t)(rnd() % 19);
        size_t n = i & 1 ? kam__dec_format(text, v, scale) : kam__dec_format_short(text, v, scale);
        assert_int_equal(kam__dec_parse(&got, text, n, scale, KAM__EXACT, NULL, NULL), KAM_OK);
        assert_true(got == v);
    }
}

static void test_long_text(void **state) {
    (void)state;
    size_t n = 65536;
    char *text = malloc(n);
    int64_t v;
    int inexact = 0;
    assert_non_null(text);
    memset(text, '0', n);
    text[1] = '.';
    text[3] = '5';
    assert_int_equal(kam__dec_parse(&v, text, n, 2, KAM__EXACT, &inexact, NULL), KAM_OK);
    assert_int_equal(v, 5);
    text[4] = '5';
    text[n - 1] = '1';                      /* far away, but it breaks the tie */
    assert_int_equal(kam__dec_parse(&v, text, n, 2, KAM__HALF_EVEN, &inexact, NULL), KAM_OK);
    assert_int_equal(v, 6);
    assert_int_equal(inexact, 1);
    text[n - 1] = '0';
    text[4] = '5';
    text[3] = '4';
    assert_int_equal(kam__dec_parse(&v, text, n, 2, KAM__HALF_EVEN, &inexact, NULL), KAM_OK);
    assert_int_equal(v, 4);
    free(text);
}

static void test_messages(void **state) {
    (void)state;
    kam_error *err;
    int64_t v;
    char clip[48];
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    assert_int_equal(kam__dec_parse(&v, "12.345", KAM_NUL, 2, KAM__EXACT, NULL, err), KAM_E_LIMIT);
    assert_string_equal(kam_error_message(err), "\"12.345\" has more than 2 decimals");
    kam_error_free(err);
    assert_string_equal(kam__clip(clip, "one\ntwo", 7), "one two");
    assert_string_equal(kam__clip(clip, "0123456789012345678901234567890123456789", 40),
                        "0123456789012345678901234567890123456789");
    assert_string_equal(kam__clip(clip, "01234567890123456789012345678901234567890", 41),
                        "0123456789012345678901234567890123456789...");
    assert_string_equal(kam__clip(clip, "ab\xff" "cd", 5), "ab...");
    assert_string_equal(kam__clip(clip, "012345678901234567890123456789012345678\xe4\xb8\x80", 42),
                        "012345678901234567890123456789012345678...");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pow10), cmocka_unit_test(test_add_mul), cmocka_unit_test(test_muldiv_cases),
        cmocka_unit_test(test_muldiv_random), cmocka_unit_test(test_div128), cmocka_unit_test(test_rescale),
        cmocka_unit_test(test_sum),
        cmocka_unit_test(test_sum_f64_rounds_once), cmocka_unit_test(test_cmp_products),
        cmocka_unit_test(test_i64_text), cmocka_unit_test(test_dec_parse_cases),
        cmocka_unit_test(test_dec_parse_random), cmocka_unit_test(test_dec_parse_any),
        cmocka_unit_test(test_dec_format), cmocka_unit_test(test_long_text), cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
