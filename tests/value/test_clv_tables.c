/* Rising factorials and their ratios: against products, with near and far counts, and where everything cancels. */
#include "clv_test.h"

static void rising(void **state) {
    (void)state;
    const double x[] = {0, 1, 2, 5, 64, 65, 300, 301, 5000};
    double out[9], d[9];
    for (double r = 1e-4; r < 1e5; r *= 17) {
        kam__clv_rising(out, d, r, x, 9);
        for (int k = 0; k < 9; k++) {
            double sum = 0, slope = 0;
            for (double i = 0; i < x[k]; i++) sum += log(r + i), slope += 1 / (r + i);
            assert_true(fabs(out[k] - sum) <= 1e-12 * (1 + fabs(sum)));
            assert_true(fabs(d[k] - slope) <= 1e-12 * (1 + fabs(slope)));
        }
    }
}

static void survive(void **state) {
    (void)state;
    const double x[] = {0, 1, 2, 5, 64, 65, 300, 301, 5000};
    double out[9], da[9], db[9];
    for (double a = 1e-4; a < 1e5; a *= 17)
        for (double b = 1e-4; b < 1e9; b *= 170)
            for (double shift = 0; shift < 2; shift++) {
                kam__clv_survive(out, da, db, a, b, shift, x, 9);
                for (int k = 0; k < 9; k++) {
                    double sum = 0, sa = 0, sb = 0;
                    for (double i = 0; i < x[k] + shift; i++) {
                        sum += log1p(a / (b + i)), sa += 1 / (a + b + i), sb -= a / (b + i) / (a + b + i);
                    }
                    assert_true(fabs(out[k] - sum) <= 1e-9 * fabs(sum) + 1e-10);
                    assert_true(fabs(da[k] - sa) <= 1e-9 * fabs(sa) + 1e-12);
                    assert_true(fabs(db[k] - sb) <= 1e-6 * fabs(sb) + 1e-12);
                }
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rising), cmocka_unit_test(survive)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
