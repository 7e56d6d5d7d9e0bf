/*
 * base/geo.c - great-circle distance that is the same number of metres on every CPU.
 *
 * Haversine formula (Sinnott, "Virtues of the haversine", 1984) on a sphere of the mean earth radius 6,371,008.8 m
 * (IUGG, R1). Angles stay integers (half microdegrees) until they are within 45 degrees of an axis, so no precision
 * is lost in reducing them; sine, cosine and arcsine are Taylor series written with + - * / and sqrt only, which
 * IEEE 754 rounds alike everywhere. Beyond a quarter of the globe the distance is measured to the antipode, where
 * the formula is again well conditioned.
 */
#include <math.h>
#include "base/base.h"

#define GEO_RADIUS 6371008.8
#define GEO_PI 3.141592653589793
#define GEO_TURN 720000000          /* half microdegrees of a full turn */
#define GEO_QUARTER 180000000
#define GEO_UNIT (GEO_PI / 360000000.0) /* radians of a half microdegree */

/* |x| <= pi/4 */
static double geo_sin_small(double x) {
    double x2 = x * x, term = x, sum = x;
    for (int k = 2; k <= 18; k += 2) {
        term = -term * x2 / (k * (k + 1));
        sum += term;
    }
    return sum;
}

static double geo_cos_small(double x) {
    double x2 = x * x, term = 1, sum = 1;
    for (int k = 1; k <= 17; k += 2) {
        term = -term * x2 / (k * (k + 1));
        sum += term;
    }
    return sum;
}

/* 0 <= n <= QUARTER */
static double geo_sin_quarter(int64_t n) {
    if (n <= GEO_QUARTER / 2) return geo_sin_small((double)n * GEO_UNIT);
    return geo_cos_small((double)(GEO_QUARTER - n) * GEO_UNIT);
}

static double geo_sin_half_micro(int64_t n) {
    n %= GEO_TURN;
    if (n < 0) n += GEO_TURN;
    int64_t in = n % GEO_QUARTER;
    double s = geo_sin_quarter(n / GEO_QUARTER % 2 ? GEO_QUARTER - in : in);
    return n >= 2 * GEO_QUARTER ? -s : s;
}

static double geo_cos_half_micro(int64_t n) {
    return geo_sin_half_micro(n + GEO_QUARTER);
}

/* 0 <= x <= 0.71. Two half angles, sin(t/2) = sin t / sqrt(2 (1 + cos t)), bring x below 0.2; then the series. */
static double geo_asin_small(double x) {
    for (int i = 0; i < 2; i++) x = x / sqrt(2 * (1 + sqrt(1 - x * x)));
    double x2 = x * x, coef = x, sum = x;
    for (int k = 1; k <= 12; k++) {
        coef = coef * x2 * (2 * k - 1) / (2 * k);
        sum += coef / (2 * k + 1);
    }
    return 4 * sum;
}

int64_t kam__geo_metres(int32_t lat1, int32_t lon1, int32_t lat2, int32_t lon2) {
    int64_t dlat = (int64_t)lat2 - lat1, dlon = (int64_t)lon2 - lon1, mlat = (int64_t)lat1 + lat2;
    double cc = geo_cos_half_micro(2 * (int64_t)lat1) * geo_cos_half_micro(2 * (int64_t)lat2);
    double a = geo_sin_half_micro(dlat), b = geo_sin_half_micro(dlon);
    double h = a * a + cc * (b * b), angle;
    if (h <= 0.5) angle = 2 * geo_asin_small(sqrt(h));
    else {
        a = geo_sin_half_micro(mlat);
        b = geo_cos_half_micro(dlon);
        h = a * a + cc * (b * b);
        angle = GEO_PI - 2 * geo_asin_small(sqrt(h));
    }
    return (int64_t)(angle * GEO_RADIUS + 0.5);
}
