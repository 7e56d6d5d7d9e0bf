/*
 * tests/base/test_f64.c - doubles and their text against the C library, which rounds correctly too.
 *
 * Shortness is checked by hand: neither of the two decimals with one digit less that enclose the value reads back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/base.h"

#define ROUNDS 200000

static uint64_t seed = 2026;

static uint64_t rnd(void) {
    return kam__random(&seed);
}

static uint64_t bits_of(double v) {
    uint64_t b;
    memcpy(&b, &v, sizeof b);
    return b;
}

static double of_bits(uint64_t b) {
    double v;
    memcpy(&v, &b, sizeof v);
    return v;
}

/* Finite, of several habits: any bits, short decimals, near powers of two and ten, subnormal, whole */
static double rnd_double(int i) {
    char text[48];
    double v;
    switch (i % 6) {
    case 0: v = of_bits(rnd()); break;
    case 1: v = (double)(int64_t)(rnd() >> (rnd() % 63)) / 100; break;
    case 2: v = of_bits(((rnd() % 2047) << 52) + rnd() % 5 - 2); break;
    case 3: v = of_bits(rnd() >> (12 + rnd() % 51)); break;
    case 4: v = (double)(rnd() >> (rnd() % 64)); break;
    default:
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)(rnd() >> (rnd() % 64)), (int)(rnd() % 640) - 335);
        v = of_bits(bits_of(strtod(text, NULL)) + rnd() % 3 - 1);
    }
    return (bits_of(v) >> 52 & 0x7FF) == 0x7FF ? 1.0 : v;
}

/* Digits of a text of ours or of %e, without point, sign, exponent, and zeros at both ends */
static int digits_of(char out[32], const char *text) {
    int n = 0;
    for (; *text && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (n || *text != '0') && n < 31) out[n++] = *text;
    while (n && out[n - 1] == '0') n--;
    out[n] = 0;
    return n;
}

/* Whether a decimal of n digits next to v reads back as v: cut off, or one up */
static int exists_with(double v, int n) {
    char text[96], cut[96];
    snprintf(text, sizeof text, "%.60e", v);            /* as good as exact */
    const char *e = strchr(text, 'e');
    char *last = cut + (n > 1 ? n : 0);
    memcpy(cut, text, (size_t)(last - cut) + 1);
    snprintf(last + 1, 16, "%s", e);
    if (strtod(cut, NULL) == v) return 1;
    char *p = last;
    for (; p >= cut && (*p == '9' || *p == '.'); p--)
        if (*p == '9') *p = '0';
    if (p < cut) {                                      /* 9.99 -> 10.00 */
        memmove(cut + 1, cut, strlen(cut) + 1);
        cut[0] = '1';
    } else ++*p;
    return strtod(cut, NULL) == v;
}

static void check_format(double v) {
    char text[32], mine[32], libc[32], ref[64];
    double back;
    size_t len = kam__f64_format(text, v);
    assert_true(len == strlen(text) && len < sizeof text);
    assert_int_equal(kam__f64_parse(&back, text, len, NULL), KAM_OK);
    if (bits_of(back) != bits_of(v) || bits_of(strtod(text, NULL)) != bits_of(v)) fail_msg("%s is not %.17g", text, v);
    if (v == 0) return;
    double positive = v < 0 ? -v : v;
    int n = digits_of(mine, text);
    if (n > 1 && exists_with(positive, n - 1)) fail_msg("%s is not the shortest of %.17g", text, v);
    snprintf(ref, sizeof ref, "%.*e", n - 1, positive);
    if (strtod(ref, NULL) != positive) return;          /* just above a power of two the nearest one may miss */
    digits_of(libc, ref);
    if (strcmp(mine, libc) != 0) fail_msg("%s is not the nearest of %.17g (%s)", text, v, ref);
}

static void test_format_random(void **state) {
    (void)state;
    for (int i = 0; i < ROUNDS; i++) check_format(rnd_double(i));
}

static void test_format_powers(void **state) {
    (void)state;
    for (uint64_t e = 0; e < 2047; e++)
        for (uint64_t d = 0; d < 3; d++)
            if (e || d) check_format(of_bits((e << 52) + d - 1));
    for (int i = 0; i < 64; i++) check_format(of_bits((uint64_t)1 << (i % 52)));
}

static void test_format_text(void **state) {
    (void)state;
    static const struct { double v; const char *text; } c[] = {
        { 0.0, "0" }, { -0.0, "-0" }, { 1.0, "1" }, { -1.5, "-1.5" }, { 0.1, "0.1" }, { 0.3, "0.3" },
        { 0.30000000000000004, "0.30000000000000004" },
        { 100.0, "100" }, { 0.0001, "0.0001" }, { 0.00001, "1e-5" }, { 0.00012345, "0.00012345" },
        { 1.5e-7, "1.5e-7" },
        { 123456789012345680000.0, "123456789012345680000" }, { 999999999999999900000.0, "999999999999999900000" },
        { 1e21, "1e+21" }, { 1e20, "100000000000000000000" }, { 1e22, "1e+22" }, { 1e23, "1e+23" },
        { 1e300, "1e+300" },
        { 1.7976931348623157e308, "1.7976931348623157e+308" }, { 5e-324, "5e-324" },
        { 2.2250738585072014e-308, "2.2250738585072014e-308" },
        { 2.225073858507201e-308, "2.225073858507201e-308" }, { 9007199254740992.0, "9007199254740992" },
        { 9007199254740991.0, "9007199254740991" }, { 9007199254740994.0, "9007199254740994" }, { 4.35, "4.35" },
        { 1e15, "1000000000000000" },
        { 123456.789, "123456.789" }, { 5.684341886080801e-14, "5.684341886080801e-14" },
        { 1.0 / 3, "0.3333333333333333" },
        { 2.0 / 3, "0.6666666666666666" }, { -1.2345678901234567e-5, "-1.2345678901234568e-5" },
        { 9.5367431640625e-7, "9.5367431640625e-7" },
    };
    char text[32];
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        assert_int_equal(kam__f64_format(text, c[i].v), strlen(c[i].text));
        assert_string_equal(text, c[i].text);
    }
    assert_int_equal(kam__f64_format(text, of_bits(UINT64_C(0x7FF8000000000000))), 3);
    assert_string_equal(text, "nan");
    assert_int_equal(kam__f64_format(text, of_bits(UINT64_C(0xFFF0000000000000))), 4);
    assert_string_equal(text, "-inf");
}

static void check_parse(const char *text) {
    double got = 0.5, want = strtod(text, NULL);
    int32_t rc = kam__f64_parse(&got, text, strlen(text), NULL);
    if ((bits_of(want) >> 52 & 0x7FF) == 0x7FF) {
        assert_int_equal(rc, KAM_E_LIMIT);
        assert_true(got == 0.5);
    } else {
        if (rc != KAM_OK || bits_of(got) != bits_of(want)) fail_msg("%.60s reads as %.17g, not %.17g", text, got, want);
    }
}

static void test_parse_random(void **state) {
    (void)state;
    char text[96];
    for (int i = 0; i < ROUNDS; i++) {
        int n = 1 + (int)(rnd() % (i % 8 ? 22 : 40)), at = (int)(rnd() % 24), len = 0;
        if (rnd() % 4 == 0) text[len++] = '-';
        for (int k = 0; k < n; k++) {
            if (k == at) text[len++] = '.';
            text[len++] = (char)('0' + rnd() % 10);
        }
        text[len] = 0;
        if (rnd() & 1) snprintf(text + len, 8, "e%d", i % 3 ? (int)(rnd() % 60) - 30 : (int)(rnd() % 700) - 360);
        check_parse(text);
    }
}

/* The decimals halfway between two doubles, and the same with a little more or less */
static void check_halfway(double v) {
    static char text[2400];
    int e;
#if LDBL_MANT_DIG > 53
    double up = of_bits(bits_of(v) + 1);
    if ((bits_of(up) >> 52 & 0x7FF) == 0x7FF) return;
    snprintf(text, sizeof text, "%.1080Le", ((long double)v + (long double)up) / 2);        /* exact */
    char *mark = strchr(text, 'e');
    e = atoi(mark + 1);
    *mark = 0;
    size_t n = strlen(text);
    snprintf(text + n, 16, "e%d", e);
    check_parse(text);
    snprintf(text + n, 16, "1e%d", e);
    check_parse(text);
    while (text[n - 1] == '0') n--;         /* the last digit one down, then nines */
    if (text[n - 1] == '.') return;
    text[n - 1]--;
    snprintf(text + n, 32, "9999999999e%d", e);
    check_parse(text);
#else
    (void)v; (void)text; (void)e;
#endif
}

static void test_parse_halfway(void **state) {
    (void)state;
    for (int i = 0; i < 6000; i++) {
        double v = rnd_double(i);
        check_halfway(v < 0 ? -v : v);
    }
    for (uint64_t b = 0; b < 200; b++) check_halfway(of_bits(b));                           /* around the smallest */
    for (uint64_t b = 0; b < 200; b++) check_halfway(of_bits(((uint64_t)1 << 52) - 100 + b));   /* subnormal, normal */
    for (uint64_t b = 2; b < 200; b++) check_halfway(of_bits(((uint64_t)0x7FF << 52) - b));
}

static void test_parse_cases(void **state) {
    (void)state;
    static const char *const same[] = {
        "0", "-0", "0.0e99999", "1", "9007199254740991", "9007199254740992", "9007199254740993",
        "9007199254740994", "9007199254740995",
        "9007199254740993.0000000000000000000000000001", "9007199254740992.99999999999999999999999999999999",
        "5e-324", "4.9e-324",
        "2.4703282292062327e-324", "2.4703282292062328e-324", "2.47032822920623272088e-324",
        "2.47032822920623272089e-324", "3e-324",
        "2e-324", "1e-400", "1e-999999999999999999999", "-1e-400", "1.7976931348623157e308", "1.7976931348623158e308",
        "1.7976931348623159e308", "179769313486231580793e289", "1e309", "1e400", "-1e400",
        "1e99999999999999999999", "2.2250738585072011e-308",
        "2.2250738585072012e-308", "2.2250738585072014e-308", "1e23", "8.5e22", "1e22", "123456789012345678e22",
        "1e-22", "1e-23",
        "6.02214076e23", "0.000000000000000000000000000001",
        "100000000000000000000000000000000000000000000000000e-50",
        "18446744073709551615", "18446744073709551616", "9999999999999999999e18", "9999999999999999999e-18",
        "1e18", "1e-18", ".5", "5.",
        "+1.5", "000000000000000000000000000000000000000001.25",
    };
    for (size_t i = 0; i < KAM__LEN(same); i++) check_parse(same[i]);
    static const char *const bad[] = { "", "-", ".", "e5", "1e", "1e-", "nan", "inf", "Infinity", "0x10", "1.5f", " 1",
                                       "1 ", "1,5", "1..2" };
    double v = 3;
    for (size_t i = 0; i < KAM__LEN(bad); i++) assert_int_equal(kam__f64_parse(&v, bad[i], KAM_NUL, NULL), KAM_E_PARSE);
    assert_int_equal(kam__f64_parse(&v, "1e400", KAM_NUL, NULL), KAM_E_LIMIT);
    assert_true(v == 3);
    assert_int_equal(kam__f64_parse(&v, "12345", 2, NULL), KAM_OK);
    assert_true(v == 12);
}

/* 64 KiB of digits: the far end still breaks a tie, and nothing grows with the length but the scan */
static void test_parse_long(void **state) {
    (void)state;
    size_t n = 65536;
    char *text = malloc(n + 1);
    double v;
    assert_non_null(text);
    memset(text, '0', n);
    text[n] = 0;
    memcpy(text, "9007199254740993.", 17);
    check_parse(text);
    text[n - 1] = '1';
    check_parse(text);
    assert_int_equal(kam__f64_parse(&v, text, n, NULL), KAM_OK);
    assert_true(v == 9007199254740994.0);
    memset(text, '9', n);
    check_parse(text);                                  /* LIMIT */
    text[0] = '.';
    check_parse(text);
    memset(text, '0', n);                               /* many zeros, brought back by the exponent */
    text[1] = '.';
    memcpy(text + n - 9, "625e65524", 9);
    check_parse(text);
    assert_int_equal(kam__f64_parse(&v, text, n, NULL), KAM_OK);
    assert_true(v == 0.0625);
    memset(text, '7', n);
    text[0] = '.';
    for (int i = 0; i < 1000; i++) assert_int_equal(kam__f64_parse(&v, text, n, NULL), KAM_OK); /* bounded in time */
    assert_true(bits_of(v) == bits_of(0.7777777777777778));
    free(text);
}

static void test_round_sig(void **state) {
    (void)state;
    static const struct { double v; int digits; const char *text; } c[] = {
        { 123456789012.0, 9, "123456789000" }, { 0.1234567891, 9, "0.123456789" }, { 2.5, 1, "2" },
        { 3.5, 1, "4" }, { 0.30000000000000004, 9, "0.3" },
        { 999999999.5, 9, "1000000000" }, { 9.9999999999, 3, "10" }, { -1.25, 2, "-1.2" }, { 1.35, 2, "1.4" },
        { 1e300, 9, "1e+300" },
        { 5e-324, 9, "5e-324" }, { 0, 9, "0" }, { 1.7976931348623157e308, 1, "1.7976931348623157e+308" },
        { 0.1, 17, "0.1" },
        { 1.7976931348623157e308, 9, "1.79769313e+308" }, { 1.0 / 3, 4, "0.3333" },
    };
    char text[32], ref[64];
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        kam__f64_format_sig(text, c[i].v, c[i].digits);
        assert_string_equal(text, c[i].text);
    }
    for (int i = 0; i < ROUNDS; i++) {
        double v = rnd_double(i);
        int digits = 1 + (int)(rnd() % 17);
        if (i % 5 == 0) v = (double)(rnd() % 100000) + 0.5;         /* ties */
        snprintf(ref, sizeof ref, "%.*e", digits - 1, v);
        double want = strtod(ref, NULL), got = kam__f64_round_sig(v, digits);
        if ((bits_of(want) >> 52 & 0x7FF) == 0x7FF) want = v;
        if (bits_of(got) != bits_of(want)) fail_msg("%.17g to %d digits is %.17g, not %.17g", v, digits, got, want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_text), cmocka_unit_test(test_format_powers), cmocka_unit_test(test_format_random),
        cmocka_unit_test(test_parse_cases), cmocka_unit_test(test_parse_random), cmocka_unit_test(test_parse_halfway),
        cmocka_unit_test(test_parse_long), cmocka_unit_test(test_round_sig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
