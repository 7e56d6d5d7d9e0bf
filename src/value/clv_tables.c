/*
 * value/clv_tables.c - the parts of the likelihoods that depend on the number of purchases alone: rising factorials
 * (r)_x = Gamma(r + x) / Gamma(r) and their ratios, with derivatives, for a list of ascending counts.
 *
 * x is whole, so they are products of x terms; sums of logarithms go on from one count to the next. They stay exact where
 * a parameter is large and everything cancels. Wide gaps between counts take Stirling's differences instead.
 */
#include "value/clv.h"
#include <math.h>

#define TABLES_GAP 64.0

void kam__clv_rising(double *out, double *d_out, double r, const double *x, uint32_t n) {
    double at = 0, sum = 0, d = 0;
    for (uint32_t k = 0; k < n; at = x[k], out[k] = sum, d_out[k] = d, k++) {
        if (x[k] - at > TABLES_GAP) {
            sum += kam__lgamma_diff(r + at, x[k] - at);
            d += kam__digamma_diff(r + at, x[k] - at);
            continue;
        }
        for (double i = at; i < x[k]; i += 1) {
            sum += log(r + i);
            d += 1 / (r + i);
        }
    }
}

/* Over i from at + 1 to `to`: sum of ln(1 + a/(b + i)), by Gamma functions. */
static void tables_far(double a, double b, double at, double to, double sum[3]) {
    double n = to - at;
    double near = kam__digamma_diff(a + b + at, n), off = kam__digamma_diff(b + at, n);
    sum[0] += kam__lgamma_diff(a + b + at, n) - kam__lgamma_diff(b + at, n);
    sum[1] += near;
    sum[2] += near - off;
}

void kam__clv_survive(double *out, double *d_a, double *d_b, double a, double b, double shift, const double *x,
                      uint32_t n) {
    double at = 0, sum[3] = {0, 0, 0};
    for (uint32_t k = 0; k < n; k++) {
        double to = x[k] + shift;
        if (to - at > TABLES_GAP) {
            tables_far(a, b, at, to, sum);
            at = to;
        }
        for (; at < to; at += 1) {
            double c = 1 / (a + b + at), e = a / (b + at);
            sum[0] += log1p(e);
            sum[1] += c;
            sum[2] -= e * c;
        }
        out[k] = sum[0];
        d_a[k] = sum[1];
        d_b[k] = sum[2];
    }
}
