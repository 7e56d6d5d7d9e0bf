/*
 * value/trend.c - does an account grow? The slope of its sums by least squares (Legendre 1805), in parts of
 * their mean per period.
 *
 * In whole numbers: the slope over i = 0..n-1 is 6 M / (n (n^2 - 1)) with M the sum of (2 i - n + 1) y_i, and in parts
 * of the mean S / n it is 6 M / ((n^2 - 1) S). Sums beyond 32 bits are halved together until they fit, which the answer's
 * four places do not see.
 */
#include "value/measure.h"

#define TREND_PERIODS 1000u

static uint32_t trend_shift(const int64_t *sum, size_t n) {
    uint64_t most = 0;
    uint32_t shift = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t v = sum[i] < 0 ? 0 - (uint64_t)sum[i] : (uint64_t)sum[i];
        most = v > most ? v : most;
    }
    while (most >> shift > 0xFFFFFFFFu) shift++;
    return shift;
}

int64_t kam__trend(const int64_t *sum, size_t n) {
    int64_t all = 0, moment = 0, out = 0;
    if (n < 2 || n > TREND_PERIODS) return 0;
    int64_t unit = (int64_t)1 << trend_shift(sum, n);
    for (size_t i = 0; i < n; i++) {
        all += sum[i] / unit;
        moment += sum[i] / unit * (2 * (int64_t)i - (int64_t)n + 1);
    }
    if (all <= 0 || kam__muldiv(6 * moment, 10000, (int64_t)(n * n - 1) * all, KAM__HALF_EVEN, &out)) return 0;
    return out;
}
