/*
 * value/clv_pnbd.c - Pareto/NBD (Schmittlein, Morrison & Colombo 1987): accounts buy at a gamma(r, alpha) rate and leave
 * at a gamma(s, beta) rate.
 *
 * The likelihood is usually written with hypergeometric functions (Fader & Hardie 2005, equation 22), which overflow for
 * active accounts. Before that step it is an integral over the time y of leaving (their equation 19),
 *
 *   L = (r)_x alpha^r beta^s { (alpha + T)^-(r+x) (beta + T)^-s + s int_tx^T (alpha + y)^-(r+x) (beta + y)^-(s+1) dy },
 *
 * and the integral relative to the other term, s J, is the odds of having left: P(alive) = 1 / (1 + s J). J is taken by
 * Gauss-Legendre on panels that double in width from tx, the first as wide as the integrand's own scale there: smooth
 * in each, at logarithmic cost, and its derivatives are means over the same nodes.
 */
#include "value/clv.h"
#include <math.h>

#define PNBD_NODES 10
static const double pnbd_node[PNBD_NODES / 2] = {0.14887433898163121, 0.43339539412924719, 0.67940956829902441,
                                                 0.86506336668898451, 0.97390652851717172};
static const double pnbd_weight[PNBD_NODES / 2] = {0.29552422471475287, 0.26926671930999636, 0.21908636251598204,
                                                   0.14945134915058059, 0.06667134430868814};

/* ln of the integrand relative to (alpha + T)^-k (beta + T)^-s; k = r + x. And what is averaged with it. */
typedef struct pnbd_at {
    double k, alpha, beta, s, ln_a, ln_b, top;
} pnbd_at;
typedef struct pnbd_sum {
    double w, ln_a, inv_a, ln_b, inv_b;
} pnbd_sum;

static double pnbd_log(const pnbd_at *c, double la, double lb) {
    return c->k * (c->ln_a - la) + c->s * (c->ln_b - lb) - lb;
}

static void pnbd_add(const pnbd_at *c, double y, double w, pnbd_sum *sum) {
    double la = log(c->alpha + y), lb = log(c->beta + y);
    w *= exp(pnbd_log(c, la, lb) - c->top);
    sum->w += w;
    sum->ln_a += w * la;
    sum->inv_a += w / (c->alpha + y);
    sum->ln_b += w * lb;
    sum->inv_b += w / (c->beta + y);
}

/* ln J; the means of what depends on y into `mean`. tx < t. */
static double pnbd_integral(pnbd_at *c, double tx, double t, pnbd_sum *mean) {
    pnbd_sum sum = {0, 0, 0, 0, 0};
    double width = 1 / (c->k / (c->alpha + tx) + (c->s + 1) / (c->beta + tx)), from = tx, before = -1;
    if (width > c->alpha + tx) width = c->alpha + tx;
    if (width > c->beta + tx) width = c->beta + tx;
    c->top = pnbd_log(c, log(c->alpha + tx), log(c->beta + tx));
    for (; from < t && sum.w > before * (1 + 1e-16); width *= 2) {
        double to = from + width < t ? from + width : t, middle = 0.5 * (from + to), half = 0.5 * (to - from);
        before = sum.w;
        for (int i = 0; i < PNBD_NODES / 2; i++) {
            pnbd_add(c, middle - half * pnbd_node[i], half * pnbd_weight[i], &sum);
            pnbd_add(c, middle + half * pnbd_node[i], half * pnbd_weight[i], &sum);
        }
        if (!(to > from)) break;
        from = to;
    }
    if (!(sum.w > 0)) return -HUGE_VAL;
    *mean = (pnbd_sum){sum.w, sum.ln_a / sum.w, sum.inv_a / sum.w, sum.ln_b / sum.w, sum.inv_b / sum.w};
    return c->top + log(sum.w);
}

double kam__clv_pnbd_gone(const double *p, double x, double tx, double t) {
    pnbd_at c = {p[0] + x, p[1], p[3], p[2], log(p[1] + t), log(p[3] + t), 0};
    pnbd_sum mean;
    return tx < t ? log(p[2]) + pnbd_integral(&c, tx, t, &mean) : -HUGE_VAL;
}

/* Fader & Hardie 2005, equation 41, at s = 1 too. */
double kam__clv_pnbd_expected(const double *p, double x, double t, double horizon) {
    return (p[0] + x) / (p[1] + t) * (p[3] + t) * kam__expint(p[2] - 1, log1p(horizon / (p[3] + t)));
}

typedef struct pnbd_part {
    double value, r, alpha, s, beta;
} pnbd_part;

/* One group: the part of the log-likelihood that depends on times. */
static void pnbd_group(const double *p, const double *v, double x, double tx, double t, pnbd_part *out) {
    double k = p[0] + x, la = log(p[1] + t), lb = log(p[3] + t), ia = 1 / (p[1] + t), ib = 1 / (p[3] + t);
    *out = (pnbd_part){-p[0] * (la - v[1]) - x * la - p[2] * (lb - v[3]), v[1] - la, p[0] / p[1] - k * ia, v[3] - lb,
                       p[2] / p[3] - p[2] * ib};
    if (!(tx < t)) return;
    pnbd_at c = {k, p[1], p[3], p[2], la, lb, 0};
    pnbd_sum mean;
    double gone = v[2] + pnbd_integral(&c, tx, t, &mean), q = kam__logistic(gone);
    if (!(gone > -HUGE_VAL)) return;
    out->value += kam__softplus(gone);
    out->r += q * (la - mean.ln_a);
    out->alpha += q * k * (ia - mean.inv_a);
    out->s += q * (1 / p[2] + lb - mean.ln_b);
    out->beta += q * (p[2] * ib - (p[2] + 1) * mean.inv_b);
}

double kam__clv_pnbd(void *groups, const double *v, double *grad) {
    const kam__clv_groups *g = groups;
    double p[4], sum = 0, d[4] = {0, 0, 0, 0}, *rise = g->work, *d_rise = rise + g->nx;
    for (int i = 0; i < 4; i++) p[i] = exp(v[i]);
    kam__clv_rising(rise, d_rise, p[0], g->x, g->nx);
    for (uint32_t i = 0; i < g->n; i++) {
        const kam__clv_group *k = &g->group[i];
        pnbd_part part;
        pnbd_group(p, v, g->x[k->x], g->time[k->tx], g->time[k->t], &part);
        sum += k->weight * (rise[k->x] + part.value);
        d[0] += k->weight * (d_rise[k->x] + part.r);
        d[1] += k->weight * part.alpha;
        d[2] += k->weight * part.s;
        d[3] += k->weight * part.beta;
    }
    for (int i = 0; i < 4; i++) grad[i] = -d[i] * p[i] / g->weight;
    return -sum / g->weight;
}
