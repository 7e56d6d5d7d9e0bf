/*
 * tests/base/test_utf8.c - well-formed UTF-8: every code point, and every start of three bytes against a second rule.
 */
#include "base_test.h"

static void test_every_code_point(void **state) {
    (void)state;
    char out[4];
    uint32_t back;
    size_t bad;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF) continue;
        size_t n = kam__utf8_put(out, cp);
        if (n != (cp < 0x80 ? 1u : cp < 0x800 ? 2u : cp < 0x10000 ? 3u : 4u))
            fail_msg("length of U+%04X", (unsigned)cp);
        if (kam__utf8_next(out, n, &back) != n || back != cp) fail_msg("U+%04X does not come back", (unsigned)cp);
        if (!kam__utf8_valid(out, n, &bad)) fail_msg("U+%04X is refused", (unsigned)cp);
        for (size_t cut = 1; cut < n; cut++) {
            if (kam__utf8_valid(out, cut, &bad) || bad != 0) fail_msg("U+%04X cut is taken", (unsigned)cp);
            if (kam__utf8_cut(out, cut) != 0) fail_msg("U+%04X is not cut off", (unsigned)cp);
        }
        if (kam__utf8_cut(out, n) != n) fail_msg("U+%04X is cut off", (unsigned)cp);
    }
}

/* The slow second opinion: decode by the lead byte's length, then refuse what another form would be. */
static int slow_valid(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t len = p[i] < 0x80 ? 1 : (p[i] & 0xE0) == 0xC0 ? 2 : (p[i] & 0xF0) == 0xE0 ? 3 : 0;
        if ((p[i] & 0xF8) == 0xF0) len = 4;
        if (len == 0 || i + len > n) return 0;
        uint32_t cp = len == 1 ? p[i] : p[i] & (0x7Fu >> len);
        for (size_t k = 1; k < len; k++) {
            if ((p[i + k] & 0xC0) != 0x80) return 0;
            cp = cp << 6 | (p[i + k] & 0x3F);
        }
        if ((len == 2 && cp < 0x80) || (len == 3 && cp < 0x800) || (len == 4 && cp < 0x10000)) return 0;
        if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) return 0;
        i += len;
    }
    return 1;
}

static void test_every_three_bytes(void **state) {
    (void)state;
    unsigned char p[4];
    size_t bad;
    for (uint32_t v = 0; v < 1u << 24; v++) {
        p[0] = (unsigned char)(v >> 16), p[1] = (unsigned char)(v >> 8), p[2] = (unsigned char)v, p[3] = 0x80;
        size_t n = p[0] >= 0xF0 ? 4 : 3;
        int valid = kam__utf8_valid((char *)p, n, &bad);
        if (valid != slow_valid(p, n)) fail_msg("%02x %02x %02x: %d", p[0], p[1], p[2], valid);
        if (!valid && !slow_valid(p, bad)) fail_msg("%02x %02x %02x: offset %d", p[0], p[1], p[2], (int)bad);
    }
}

static void test_offsets(void **state) {
    (void)state;
    char text[64];
    size_t bad;
    for (size_t at = 0; at < 40; at++) {                    /* in and around the steps of eight */
        memset(text, 'a', sizeof text);
        text[at] = '\xFF';
        assert_int_equal(kam__utf8_valid(text, 40, &bad), 0);
        assert_int_equal(bad, at);
        assert_int_equal(kam__utf8_valid(text, at, NULL), 1);
        memcpy(text + at, "\xE5\xAE\xA2", 3);
        assert_int_equal(kam__utf8_valid(text, 43, &bad), 1);
        assert_int_equal(kam__utf8_valid(text, at + 2, &bad), 0);
        assert_int_equal(bad, at);
    }
    assert_int_equal(kam__utf8_valid(NULL, 0, &bad), 1);
}

static void test_next_ends(void **state) {
    (void)state;
    uint32_t cp;
    assert_int_equal(kam__utf8_next("", 0, &cp), 0);
    assert_int_equal(kam__utf8_next("\xFF", 1, &cp), 1);
    assert_int_equal(cp, 0xFFFD);
    assert_int_equal(kam__utf8_next("\xE5\xAE", 2, &cp), 1);
    char out[4];
    assert_int_equal(kam__utf8_put(out, 0xD800), 3);
    assert_memory_equal(out, "\xEF\xBF\xBD", 3);
    assert_int_equal(kam__utf8_put(out, 0x110000), 3);
    assert_int_equal(kam__utf8_cut("", 0), 0);
    assert_int_equal(kam__utf8_cut("ab\xC3", 3), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_point), cmocka_unit_test(test_every_three_bytes),
        cmocka_unit_test(test_offsets), cmocka_unit_test(test_next_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
