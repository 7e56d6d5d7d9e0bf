/*
 * value/special.c - the special functions of the value room, our own: libm's lgamma differs from system to system and
 * keeps a sign in a global.
 *
 * ln Gamma and its derivative by Stirling's series (Abramowitz & Stegun 1964, 6.1.41 and 6.3.18) behind x = 10, below
 * that by the recurrence Gamma(x + 1) = x Gamma(x). Differences of two of them are taken term by term: subtracting two
 * large numbers is what makes the usual likelihoods drift where one parameter goes to infinity.
 */
#include "value/clv.h"
#include <math.h>

#define SPECIAL_LARGE 10.0
#define SPECIAL_LN_2PI 1.8378770664093454836

/* What Stirling's formula leaves out: 1/12x - 1/360x^3 + ... */
static double special_stirling(double x) {
    double y = 1.0 / (x * x);
    return (1.0 / 12 +
            y * (-1.0 / 360 + y * (1.0 / 1260 + y * (-1.0 / 1680 + y * (1.0 / 1188 + y * (-691.0 / 360360)))))) /
           x;
}

/* psi(x) - ln x. */
static double special_psi(double x) {
    double y = 1.0 / (x * x);
    return -0.5 / x -
           y * (1.0 / 12 +
                y * (-1.0 / 120 + y * (1.0 / 252 + y * (-1.0 / 240 + y * (1.0 / 132 + y * (-691.0 / 32760))))));
}

double kam__lgamma(double x) {
    double product = 1, down = 0;
    for (; x < SPECIAL_LARGE; x += 1) {
        product *= x;
        if (product > 1e-200) continue;
        down += log(product);
        product = 1;
    }
    down += log(product);
    return (x - 0.5) * log(x) - x + 0.5 * SPECIAL_LN_2PI + special_stirling(x) - down;
}

double kam__digamma(double x) {
    double down = 0;
    for (; x < SPECIAL_LARGE; x += 1) down += 1.0 / x;
    return log(x) + special_psi(x) - down;
}

double kam__lgamma_diff(double x, double d) {
    double up = 0;
    for (; x < SPECIAL_LARGE; x += 1) up += log1p(d / x);
    return (x - 0.5) * log1p(d / x) + d * (log(x + d) - 1) + special_stirling(x + d) - special_stirling(x) - up;
}

double kam__digamma_diff(double x, double d) {
    double down = 0;
    for (; x < SPECIAL_LARGE; x += 1) down += d / x / (x + d);
    return log1p(d / x) + special_psi(x + d) - special_psi(x) + down;
}

double kam__softplus(double v) { return v > 0 ? v + log1p(exp(-v)) : log1p(exp(v)); }

double kam__logistic(double v) {
    double e = exp(v > 0 ? -v : v);
    return v > 0 ? 1 / (1 + e) : e / (1 + e);
}

double kam__expint(double k, double l) {
    double kl = k * l;
    return fabs(kl) < 1e-10 ? l * (1 - 0.5 * kl) : -expm1(-kl) / k;
}
