/*
 * tests/base/test_hash.c - SHA-256 by the standard's examples, the table hash by its spread, the generator by values.
 */
#include "base_test.h"

static void sha(const void *data, size_t size, size_t step, char hex[65]) {
    kam__sha256 s;
    kam__sha256_init(&s);
    for (size_t i = 0; i < size; i += step)
        kam__sha256_add(&s, (const char *)data + i, size - i < step ? size - i : step);
    kam__sha256_end(&s, hex);
}

static void test_sha256(void **state) {
    (void)state;
    static char million[1000000];
    char hex[65], again[65];
    sha("", 0, 1, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha("abc", 3, 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, 7, hex);
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    memset(million, 'a', sizeof million);
    sha(million, sizeof million, 1000, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    for (size_t n = 0; n < 200; n++) {                      /* however it is cut, also around the padding */
        sha(million, n, 200, hex);
        sha(million, n, 1 + n % 67, again);
        assert_string_equal(hex, again);
    }
}

static void test_random(void **state) {
    (void)state;
    uint64_t seed = 1234567;                                /* reference values of splitmix64 for this seed */
    assert_true(kam__random(&seed) == 6457827717110365317u);
    assert_true(kam__random(&seed) == 3203168211198807973u);
    assert_true(kam__random(&seed) == 9817491932198370423u);
}

static void test_same_everywhere(void **state) {
    (void)state;
    const char text[] = "Key account management";
    uint64_t all = 0;
    for (size_t n = 0; n < sizeof text; n++) all = all * 31 + kam__hash(text, n);
    assert_true(all == 3386413614784727941u);
    assert_true(kam__hash_i64(-1) == 16490336266968443936u);
    char moved[64];
    for (size_t shift = 0; shift < 8; shift++) {            /* alignment does not matter */
        memcpy(moved + shift, text, sizeof text);
        assert_true(kam__hash(moved + shift, sizeof text) == kam__hash(text, sizeof text));
    }
}

static unsigned bits(uint64_t v) {
    unsigned n = 0;
    for (; v; v &= v - 1) n++;
    return n;
}

/* Flipping any one bit flips about half of the result's, whatever the length. */
static void test_avalanche(void **state) {
    (void)state;
    uint64_t seed = 9;
    for (size_t size = 1; size <= 40; size++) {
        unsigned char key[40];
        double flips = 0;
        for (int round = 0; round < 50; round++) {
            for (size_t i = 0; i < size; i++) key[i] = (unsigned char)kam__random(&seed);
            uint64_t h = kam__hash(key, size);
            for (size_t bit = 0; bit < size * 8; bit++) {
                key[bit / 8] ^= (unsigned char)(1u << bit % 8);
                unsigned d = bits(h ^ kam__hash(key, size));
                assert_true(d >= 8 && d <= 56);
                flips += d;
                key[bit / 8] ^= (unsigned char)(1u << bit % 8);
            }
        }
        flips /= 50.0 * (double)size * 8;
        assert_true(flips > 31 && flips < 33);
    }
}

static int compare_u64(const void *a, const void *b, void *arg) {
    uint64_t x, y;
    (void)arg;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return (x > y) - (x < y);
}

/* Keys as an ERP makes them: no two of 200,000 meet, and their low bits fill a table evenly. */
static void test_erp_keys(void **state) {
    (void)state;
    enum { N = 200000, SLOTS = 4096 };
    static uint64_t h[N];
    static unsigned slot[SLOTS];
    kam_ctx *ctx = NULL;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    for (uint32_t i = 0; i < N; i++) {
        char key[16] = "ERP:C0000000000";
        for (uint32_t v = i, at = 14; v; v /= 10) key[at--] = (char)('0' + v % 10);
        h[i] = kam__hash(key, 15);
        slot[h[i] % SLOTS]++;
    }
    double chi = 0, mean = (double)N / SLOTS;
    for (size_t i = 0; i < SLOTS; i++) chi += ((double)slot[i] - mean) * ((double)slot[i] - mean) / mean;
    assert_true(chi > SLOTS - 600 && chi < SLOTS + 600);    /* 95 is one deviation */
    assert_int_equal(kam__sort(ctx, h, N, sizeof *h, compare_u64, NULL, NULL), KAM_OK);
    for (size_t i = 1; i < N; i++) assert_true(h[i - 1] < h[i]);
    kam_ctx_free(ctx);
}

static void test_short_keys_differ(void **state) {
    (void)state;
    const unsigned char zero[32] = {0};
    for (size_t a = 0; a < 32; a++)                         /* lengths count, not only bytes */
        for (size_t b = 0; b < a; b++) assert_true(kam__hash(zero, a) != kam__hash(zero, b));
    assert_true(kam__hash("ab", 2) != kam__hash("ba", 2));
    assert_true(kam__hash("aab", 3) != kam__hash("aba", 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256), cmocka_unit_test(test_random), cmocka_unit_test(test_same_everywhere),
        cmocka_unit_test(test_avalanche), cmocka_unit_test(test_erp_keys), cmocka_unit_test(test_short_keys_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
