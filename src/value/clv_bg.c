/*
 * value/clv_bg.c - NBD, BG/NBD and MBG/NBD.
 *
 * BG/NBD (Fader, Hardie & Lee 2005, equation 6): an account buys at a gamma(r, alpha) rate and leaves after each repeat
 * purchase with a beta(a, b) probability. MBG/NBD (Batislam, Denizel & Filiztekin 2007, equation 4): it may leave after
 * the first purchase too. With the latter's one more chance to leave as `shift`, both are
 *
 *   L = (r)_x alpha^r (alpha + T)^-(r + x) (b)_(x+shift) / (a + b)_(x+shift) (1 + e^g),
 *   e^g = a / (b + x + shift - 1) ((alpha + T) / (alpha + tx))^(r + x),
 *
 * the last bracket without e^g where x + shift is 0. P(alive) = 1 / (1 + e^g) (their equations 9 and 7). NBD (Ehrenberg
 * 1959) is L without (b).. and the bracket.
 */
#include "value/clv.h"
#include <math.h>

/* ---------------------------------------------------------------- likelihoods, gradient in ln parameters */

static void bg_logs(const kam__clv_groups *g, double alpha, double *ln, double *inverse) {
    for (uint32_t i = 0; i < g->ntime; i++) {
        ln[i] = log(alpha + g->time[i]);
        inverse[i] = 1 / (alpha + g->time[i]);
    }
}

double kam__clv_nbd(void *groups, const double *v, double *grad) {
    const kam__clv_groups *g = groups;
    double r = exp(v[0]), alpha = exp(v[1]), sum = 0, d_r = 0, d_alpha = 0;
    double *rise = g->work, *d_rise = rise + g->nx, *ln = rise + 8 * (size_t)g->nx, *inverse = ln + g->ntime;
    kam__clv_rising(rise, d_rise, r, g->x, g->nx);
    bg_logs(g, alpha, ln, inverse);
    for (uint32_t i = 0; i < g->n; i++) {
        const kam__clv_group *k = &g->group[i];
        double lost = ln[k->t] - v[1], x = g->x[k->x];
        sum += k->weight * (rise[k->x] - r * lost - x * ln[k->t]);
        d_r += k->weight * (d_rise[k->x] - lost);
        d_alpha += k->weight * (r / alpha - (r + x) * inverse[k->t]);
    }
    grad[0] = -d_r * r / g->weight;
    grad[1] = -d_alpha * alpha / g->weight;
    return -sum / g->weight;
}

typedef struct bg_tables {
    double *rise, *d_rise, *stay, *stay_a, *stay_b, *ln_odds, *ln, *inverse;
} bg_tables;

static void bg_prepare(const kam__clv_groups *g, const double *p, const double *v, double shift, bg_tables *t) {
    size_t n = g->nx;
    *t = (bg_tables){g->work,         g->work + n,     g->work + 2 * n, g->work + 3 * n,
                     g->work + 4 * n, g->work + 5 * n, g->work + 8 * n, g->work + 8 * n + g->ntime};
    kam__clv_rising(t->rise, t->d_rise, p[0], g->x, g->nx);
    kam__clv_survive(t->stay, t->stay_a, t->stay_b, p[2], p[3], shift, g->x, g->nx);
    bg_logs(g, p[1], t->ln, t->inverse);
    for (uint32_t k = 0; k < g->nx; k++)
        if (g->x[k] + shift > 0) t->ln_odds[k] = v[2] - log(p[3] + g->x[k] + shift - 1);
}

static double bg_likelihood(const kam__clv_groups *g, const double *v, double *grad, double shift) {
    double p[4], sum = 0, d[4] = {0, 0, 0, 0};
    bg_tables t;
    for (int i = 0; i < 4; i++) p[i] = exp(v[i]);
    bg_prepare(g, p, v, shift, &t);
    for (uint32_t i = 0; i < g->n; i++) {
        const kam__clv_group *k = &g->group[i];
        double w = k->weight, x = g->x[k->x], lost = t.ln[k->t] - v[1], power = p[0] + x;
        double value = t.rise[k->x] - p[0] * lost - x * t.ln[k->t] - t.stay[k->x];
        double d_r = t.d_rise[k->x] - lost, d_alpha = p[0] / p[1] - power * t.inverse[k->t];
        if (x + shift > 0) {
            double since = t.ln[k->t] - t.ln[k->tx], gone = t.ln_odds[k->x] + power * since;
            double e = exp(gone > 0 ? -gone : gone), q = gone > 0 ? 1 / (1 + e) : e / (1 + e);
            value += (gone > 0 ? gone : 0) + log1p(e);
            d_r += q * since;
            d_alpha += q * power * (t.inverse[k->t] - t.inverse[k->tx]);
            d[2] += w * q / p[2];
            d[3] -= w * q / (p[3] + x + shift - 1);
        }
        sum += w * value;
        d[0] += w * d_r;
        d[1] += w * d_alpha;
        d[2] -= w * t.stay_a[k->x];
        d[3] -= w * t.stay_b[k->x];
    }
    for (int i = 0; i < 4; i++) grad[i] = -d[i] * p[i] / g->weight;
    return -sum / g->weight;
}

double kam__clv_bg(void *groups, const double *v, double *grad) { return bg_likelihood(groups, v, grad, 0); }
double kam__clv_mbg(void *groups, const double *v, double *grad) { return bg_likelihood(groups, v, grad, 1); }

/* ---------------------------------------------------------------- looking ahead */

double kam__clv_bg_gone(const double *p, double shift, double x, double tx, double t) {
    if (x + shift <= 0) return -HUGE_VAL;
    return log(p[2] / (p[3] + x + shift - 1)) + (p[0] + x) * log1p((t - tx) / (p[1] + tx));
}

/* Sum over the first k purchases of the chance that each is still made, k any number: closed form of the sum of
 * (b)_j / (a + b)_j, with the first term apart so that no Gamma function is asked below zero, and of the two ways to take
 * a ratio of four of them the one that cancels less. */
static double bg_kept(double a, double b, double k) {
    if (k <= 1) return k;
    double c = a + b, k1 = k - 1, l;
    if (fabs(a - 1) < 1e-6) return 1 + b * kam__digamma_diff(b + 1, k1);
    if (fabs(a - 1) > k1)
        l = kam__lgamma_diff(c, k1) - kam__lgamma_diff(b + 1, k1);
    else if (a > 1)
        l = kam__lgamma_diff(b + 1 + k1, a - 1) - kam__lgamma_diff(b + 1, a - 1);
    else
        l = kam__lgamma_diff(c, 1 - a) - kam__lgamma_diff(c + k1, 1 - a);
    return 1 - b * expm1(-l) / (a - 1);
}

/* For very many purchases: their number is taken as a gamma variable, which leaves out less than one part in that
 * number. Trapezoids over ln of the rate, where the density dies away on both sides. */
static double bg_many(double power, double a, double b, double ratio) {
    double least = power - 12 * sqrt(power), lo = log(1 / ratio) - 30, hi = log(power + 12 * sqrt(power) + 40);
    double top = 0, bottom = 0, ln_gamma = kam__lgamma(power);
    if (least > 0 && log(least) > lo) lo = log(least);
    double h = (hi - lo) / 400;
    for (int i = 0; i <= 400; i++) {
        double u = lo + h * i, rate = exp(u);
        double w = exp(power > 100 ? power * (u - log(power)) - rate + power : power * u - rate - ln_gamma);
        top += w * bg_kept(a, b, rate * ratio);
        bottom += w;
    }
    return power > 100 ? top / bottom : top * h;
}

/*
 * Their equation 10 (and 6 of MBG/NBD) has a difference divided by a - 1, and a hypergeometric function that is not
 * defined where a + b + x <= 1. Written out, the function's series is a sum over the number of purchases to come, k,
 * which is negative binomial(power, t / (alpha + T + t)): the sum over j of P(k > j) (b')_j / (a + b')_j, the chance
 * that j + 1 are made and the account has not left before. All terms are positive and none is undefined.
 */
double kam__clv_bg_expected(const double *p, double shift, double x, double t, double horizon) {
    double power = p[0] + x, a = p[2], b = p[3] + x + shift, ratio = horizon / (p[1] + t), z = ratio / (1 + ratio);
    double mean = power * ratio, ln_w = -power * log1p(ratio), w, tail, stay = 1, sum = 0;
    if (!(horizon > 0)) return 0;
    if (mean + 40 * sqrt(mean * (1 + ratio)) + 40 * (1 + ratio) > 2e5) return bg_many(power, a, b, ratio);
    double j = 0;
    for (; ln_w < -600; j += 1) {
        sum += stay;
        stay *= (b + j) / (a + b + j);
        ln_w += log((power + j) / (j + 1) * z);
    }
    w = exp(ln_w);
    tail = j > 0 ? 1 : -expm1(ln_w);
    for (;; j += 1) {
        sum += stay * tail;
        double ratio_w = (power + j) / (j + 1) * z, left = 1 - ratio_w;
        stay *= (b + j) / (a + b + j);
        w *= ratio_w;
        if (left > 0 && w * stay < 1e-17 * sum * left * left) break;
        tail -= w;
        if (!(tail > 0)) tail = 0;
    }
    return sum;
}
