/*
 * tests/base/test_geo.c - distances against the arctangent form in long double, and one figure for every machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <cmocka.h>
#include "base/base.h"

static uint64_t seed = 99;

static int32_t rnd(int32_t lo, int32_t hi) {
    return (int32_t)(lo + (int64_t)(kam__random(&seed) % (uint64_t)((int64_t)hi - lo + 1)));
}

static int32_t rnd_lat(void) {
    return rnd(-90000000, 90000000);
}

static int32_t rnd_lon(void) {
    return rnd(-180000000, 180000000);
}

/* Vincenty's special case for a sphere: well conditioned at every distance */
static long double reference(int32_t lat1, int32_t lon1, int32_t lat2, int32_t lon2) {
    const long double unit = 3.14159265358979323846264338327950288L / 180000000.0L;
    long double a = lat1 * unit, b = lat2 * unit, d = (lon2 - (long double)lon1) * unit;
    long double x = cosl(b) * sinl(d), y = cosl(a) * sinl(b) - sinl(a) * cosl(b) * cosl(d);
    return 6371008.8L * atan2l(sqrtl(x * x + y * y), sinl(a) * sinl(b) + cosl(a) * cosl(b) * cosl(d));
}

static void check(int32_t lat1, int32_t lon1, int32_t lat2, int32_t lon2) {
    int64_t d = kam__geo_metres(lat1, lon1, lat2, lon2);
    long double want = reference(lat1, lon1, lat2, lon2);
    if (fabsl((long double)d - want) > 0.51L)
        fail_msg("%d %d to %d %d: %lld, not %Lf", (int)lat1, (int)lon1, (int)lat2, (int)lon2, (long long)d, want);
    assert_true(kam__geo_metres(lat2, lon2, lat1, lon1) == d);
}

static void test_anywhere(void **state) {
    (void)state;
    for (int i = 0; i < 100000; i++)
        check(rnd_lat(), rnd_lon(), rnd_lat(), rnd_lon());
}

static void test_near_and_antipodal(void **state) {
    (void)state;
    for (int i = 0; i < 50000; i++) {
        int32_t lat = rnd_lat(), lon = rnd_lon(), by = i % 2 ? 200 : 2000000;
        int32_t near_lat = lat + rnd(-by, by), near_lon = lon + rnd(-by, by);
        check(lat, lon, near_lat, near_lon);
        check(lat, lon, -near_lat, near_lon + (near_lon > 0 ? -180000000 : 180000000));
    }
}

static void test_corners(void **state) {
    (void)state;
    static const int32_t lat[] = { -90000000, -45000000, -1, 0, 1, 30000000, 45000000, 89999999, 90000000 };
    static const int32_t lon[] = { -180000000, -90000000, -1, 0, 1, 45000000, 90000000, 179999999, 180000000 };
    for (size_t a = 0; a < 9; a++)
        for (size_t b = 0; b < 9; b++)
            for (size_t c = 0; c < 9; c++)
                for (size_t d = 0; d < 9; d++) check(lat[a], lon[b], lat[c], lon[d]);
    assert_int_equal(kam__geo_metres(5, 5, 5, 5), 0);
    assert_int_equal(kam__geo_metres(0, -180000000, 0, 180000000), 0);      /* the same place */
    assert_int_equal(kam__geo_metres(90000000, 12, 90000000, 170000000), 0);
    assert_int_equal(kam__geo_metres(0, 0, 0, 180000000), 20015114);        /* half of the globe */
    assert_int_equal(kam__geo_metres(0, 0, 90000000, 0), 10007557);
}

static void test_cities(void **state) {
    (void)state;
    int64_t shanghai_beijing = kam__geo_metres(31230400, 121473700, 39904200, 116407400);
    int64_t paris_new_york = kam__geo_metres(48856600, 2352200, 40712800, -74006000);
    assert_in_range(shanghai_beijing, 1066000, 1070000);
    assert_in_range(paris_new_york, 5836000, 5838000);
}

/* Decisions rest on these figures: a hash over many of them must not depend on the CPU or the compiler. */
static void test_same_everywhere(void **state) {
    (void)state;
    uint64_t h = 0;
    seed = 1;
    for (int i = 0; i < 100000; i++) {
        int32_t lat1 = rnd_lat(), lon1 = rnd_lon(), lat2 = rnd_lat(), lon2 = rnd_lon();
        h = h * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)kam__geo_metres(lat1, lon1, lat2, lon2);
    }
    assert_true(h == UINT64_C(0x702A2C15523093A5));
}

/* Any int32 is an angle: nothing overflows */
static void test_out_of_range(void **state) {
    (void)state;
    assert_in_range(kam__geo_metres(INT32_MIN, INT32_MAX, INT32_MAX, INT32_MIN), 0, 20015114);
    for (int i = 0; i < 10000; i++) {
        int32_t p[4];
        for (int k = 0; k < 4; k++) p[k] = rnd(INT32_MIN, INT32_MAX);
        int64_t d = kam__geo_metres(p[0], p[1], p[2], p[3]);
        assert_true(d >= 0 && d <= 20015114);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anywhere), cmocka_unit_test(test_near_and_antipodal), cmocka_unit_test(test_corners),
        cmocka_unit_test(test_cities), cmocka_unit_test(test_same_everywhere), cmocka_unit_test(test_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
