/* Slopes relative to the mean: exact lines, large sums, nothing to say. */
#include "help.h"
#include "value/measure.h"

static void slopes(void **state) {
    (void)state;
    const int64_t flat[] = {50, 50, 50}, up[] = {100, 110, 120, 130, 140}, down[] = {30, 20, 10}, nothing[] = {0, 0},
                  minus[] = {-5, -6};
    const int64_t large[] = {INT64_MAX / 4, INT64_MAX / 2, INT64_MAX / 4 * 3}, spike[] = {0, 0, 0, 900, 0, 0, 0};
    assert_int_equal(kam__trend(flat, 3), 0);
    assert_int_equal(kam__trend(up, 5), 833); /* 10 of 120 */
    assert_int_equal(kam__trend(down, 3), -5000);
    assert_int_equal(kam__trend(nothing, 2), 0);
    assert_int_equal(kam__trend(minus, 2), 0);
    assert_int_equal(kam__trend(large, 3), 5000);
    assert_int_equal(kam__trend(spike, 7), 0);
    assert_int_equal(kam__trend(up, 1), 0);
    assert_int_equal(kam__trend(up, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(slopes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
