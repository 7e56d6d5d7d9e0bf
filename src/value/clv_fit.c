/*
 * value/clv_fit.c - kam_clv_fit: which function is made lowest from which start, and what its end means.
 *
 * Dropout models are compared with the NBD, in which nobody leaves. Where they are not more likely - buyers so regular or
 * so different that leaving cannot be told from waiting, as with wholesalers - their parameters run to infinity; the
 * answer then is the NBD itself, by name. Standard errors are those of the inverse Hessian, taken in ln parameters and
 * brought to parameters by the delta method, which is the same at the highest point.
 */
#include "value/clv.h"
#include <math.h>

#define FIT_SAME 0.01 /* a log-likelihood within this of the NBD's is the NBD's: no data tell them apart */
#define FIT_AIC 2.0   /* at a bound, two more parameters must gain this (Akaike 1974) */
#define FIT_NEAR 0.05 /* so close to a bound is at it */
#define FIT_STARTS 4
#define FIT_WIDE 100.0 /* standard error of ln of a parameter from which on it is not known */

typedef struct fit_case {
    uint32_t model, nparam;
    kam__solve_fn fn;
    double start[FIT_STARTS][2];
} fit_case;

/* Starts of the two parameters about leaving, tried in turn until one ends inside and is more likely than the NBD. */
static const fit_case fit_cases[] = {
    {KAM_CLV_BGNBD, 4, kam__clv_bg, {{-0.7, 0.7}, {-2, -2}, {0, -1}, {3, 6}}},
    {KAM_CLV_MBGNBD, 4, kam__clv_mbg, {{-0.7, 0.7}, {-2, -2}, {0, -1}, {3, 6}}},
    {KAM_CLV_PNBD, 4, kam__clv_pnbd, {{-0.7, 0}, {-2, -2}, {1, 2}, {3, 5}}},
    {KAM_CLV_NBD, 2, kam__clv_nbd, {{0, 0}, {0, 0}, {0, 0}, {0, 0}}},
};

/* ---------------------------------------------------------------- what a solution says */

static void fit_take(kam_clv *c, const kam__solve *s, double weight) {
    c->nparam = s->n;
    for (uint32_t i = 0; i < s->n; i++) c->param[i] = exp(s->v[i]);
    c->log_likelihood = -s->value * weight;
    c->gradient = s->gradient;
    c->iterations += s->iterations;
}

static int fit_inside(const kam__solve *s) {
    int inside = 1;
    for (uint32_t i = 0; i < s->n; i++) inside &= s->v[i] > s->lo[i] + FIT_NEAR && s->v[i] < s->hi[i] - FIT_NEAR;
    return inside;
}

static void fit_status(kam_clv *c, const kam__solve *s, kam__solve_work *w, double weight) {
    double variance[KAM__SOLVE_MAX];
    int known = fit_inside(s) && kam__solve_variance(s, w, variance);
    for (uint32_t i = 0; i < s->n && known; i++) known = variance[i] / weight < FIT_WIDE * FIT_WIDE;
    for (uint32_t i = 0; i < KAM__CLV_PARAMS; i++) c->std_error[i] = -1;
    for (uint32_t i = 0; i < s->n && known; i++) c->std_error[i] = c->param[i] * sqrt(variance[i] / weight);
    c->status = known ? KAM_CLV_OK : KAM_CLV_NOT_IDENTIFIED;
    c->limit = known ? KAM_CLV_LIMIT_NONE : KAM_CLV_LIMIT_BOUND;
}

static void fit_bad(kam_clv *c, size_t row) {
    c->status = KAM_CLV_BAD_INPUT;
    c->bad_row = row == (size_t)-1 ? -1 : (int64_t)row;
}

/* ---------------------------------------------------------------- purchases */

static void fit_bounds(kam__solve *s, const kam__clv_groups *g) {
    double scale = log(g->sum_t / g->sum_x); /* mean time between purchases */
    s->lo[0] = -16, s->hi[0] = 11.5;
    s->lo[1] = scale - 16, s->hi[1] = scale + 16;
    s->lo[2] = s->lo[3] = -16, s->hi[2] = s->hi[3] = 16;
}

/* Back from the time scale of the fit: alpha and beta are times, and the density of x times has x of them below. */
static void fit_unscale(kam_clv *c, const kam__clv_groups *g, double *log_likelihood) {
    c->param[1] *= g->scale;
    c->std_error[1] *= g->scale;
    if (c->nparam == 4 && c->model == KAM_CLV_PNBD) {
        c->param[3] *= g->scale;
        c->std_error[3] *= g->scale;
    }
    *log_likelihood -= g->sum_x * log(g->scale);
}

/* From the NBD's solution in `nbd`: the best of the starts, into `best`. */
static int32_t fit_leaving(const fit_case *k, kam__solve *best, const kam__solve *nbd, kam__solve_work *w, kam_clv *c,
                           double weight, kam_error *err) {
    for (int i = 0; i < FIT_STARTS; i++) {
        kam__solve s = *nbd;
        s.fn = k->fn;
        s.n = k->nparam;
        s.v[2] = k->start[i][0], s.v[3] = k->start[i][1];
        KAM__TRY(kam__solve_run(&s, w, err));
        c->iterations += s.iterations;
        if (i == 0 || s.value < best->value) *best = s;
        if ((nbd->value - best->value) * weight > FIT_SAME && fit_inside(best)) break;
    }
    return KAM_OK;
}

static int32_t fit_groups(kam_clv *c, const fit_case *k, const kam__clv_groups *g, kam_error *err) {
    kam__solve_work w;
    kam__solve nbd = {.fn = kam__clv_nbd, .ctx = c->ctx, .n = 2}, s;
    nbd.data = (void *)(uintptr_t)g;
    fit_bounds(&nbd, g);
    nbd.v[1] = log(g->sum_t / g->sum_x);
    KAM__TRY(kam__solve_run(&nbd, &w, err));
    s = nbd;
    c->log_likelihood_nbd = -nbd.value * g->weight;
    if (k->model != KAM_CLV_NBD) KAM__TRY(fit_leaving(k, &s, &nbd, &w, c, g->weight, err));
    double gain = (nbd.value - s.value) * g->weight;
    s.iterations = k->model == KAM_CLV_NBD ? nbd.iterations : 0;
    fit_take(c, &s, g->weight);
    fit_status(c, &s, &w, g->weight);
    if (k->model != KAM_CLV_NBD && gain <= (c->status == KAM_CLV_OK ? FIT_SAME : FIT_AIC)) {
        fit_take(c, &nbd, g->weight);
        fit_status(c, &nbd, &w, g->weight);
        c->status = KAM_CLV_NOT_IDENTIFIED;
        c->limit = KAM_CLV_LIMIT_NBD;
        c->effective = KAM_CLV_NBD;
    }
    fit_unscale(c, g, &c->log_likelihood);
    c->log_likelihood_nbd -= g->sum_x * log(g->scale);
    return KAM_OK;
}

static int32_t fit_purchases(kam_clv *c, const kam_clv_rows *rows, kam_error *err) {
    kam__clv_groups g;
    const fit_case *k = fit_cases;
    size_t bad;
    int32_t rc = KAM_OK;
    while (k->model != c->model) k++;
    KAM__TRY(kam__clv_groups_make(&g, c->ctx, rows, &bad, err));
    c->n = g.weight;
    c->repeat = g.repeat;
    if (bad != (size_t)-1 || !(g.weight > 0)) {
        fit_bad(c, bad);
    } else if (!(g.repeat > 0)) {
        c->status = KAM_CLV_NO_REPEAT;
        c->effective = KAM_CLV_NBD;
        c->nparam = 2;
        c->param[1] = g.sum_t > 0 ? g.sum_t / g.weight * g.scale : 1;
    } else {
        rc = fit_groups(c, k, &g, err);
    }
    kam__clv_groups_free(&g);
    return rc;
}

/* ---------------------------------------------------------------- money, and buying in periods */

static int32_t fit_spending(kam_clv *c, const kam_clv_rows *rows, kam_error *err) {
    kam__clv_gg g;
    kam__solve_work w;
    kam__solve s = {.fn = kam__clv_gg_value,
                    .data = &g,
                    .ctx = c->ctx,
                    .n = 3,
                    .lo = {-14, -14, -20},
                    .hi = {14, 14, 20},
                    .v = {0.7, 1.1, 0}};
    size_t bad;
    int32_t rc = KAM_OK;
    KAM__TRY(kam__clv_gg_make(&g, c->ctx, rows, &bad, err));
    c->n = c->repeat = g.sum_weight;
    if (bad != (size_t)-1) {
        fit_bad(c, bad);
    } else if (g.n == 0) {
        c->status = KAM_CLV_NO_REPEAT;
    } else {
        rc = kam__solve_run(&s, &w, err);
        if (rc == KAM_OK) {
            fit_take(c, &s, g.sum_weight);
            fit_status(c, &s, &w, g.sum_weight);
            double sum_ln = 0; /* the density of each mean, back in units of money */
            for (uint32_t i = 0; i < g.n; i++) sum_ln += g.weight[i];
            c->log_likelihood -= sum_ln * log(g.scale);
            c->param[2] *= g.scale;
            c->std_error[2] *= g.scale;
        }
        c->mean = rc == KAM_OK ? kam__clv_gg_mean(c->param, g.mean, 0, 0) : 0;
    }
    kam__clv_gg_free(&g);
    return rc;
}

static int32_t fit_periods(kam_clv *c, const kam_clv_rows *rows, kam_error *err) {
    kam__clv_bb g;
    kam__solve_work w;
    kam__solve s = {.fn = kam__clv_bb_value,
                    .data = &g,
                    .ctx = c->ctx,
                    .n = 4,
                    .lo = {-14, -14, -14, -14},
                    .hi = {14, 14, 14, 14},
                    .v = {0, 0, -0.7, 0.7}};
    size_t bad;
    int32_t rc = KAM_OK;
    KAM__TRY(kam__clv_bb_make(&g, c->ctx, rows, &bad, err));
    c->n = g.sum_weight;
    for (uint32_t i = 0; i < g.n; i++) c->repeat += g.row[i].x ? g.row[i].weight : 0;
    if (bad != (size_t)-1 || !(g.sum_weight > 0)) {
        fit_bad(c, bad);
    } else if (!(g.sum_x > 0)) {
        c->status = KAM_CLV_NO_REPEAT;
    } else {
        rc = kam__solve_run(&s, &w, err);
        if (rc == KAM_OK) {
            fit_take(c, &s, g.sum_weight);
            fit_status(c, &s, &w, g.sum_weight);
        }
    }
    kam__clv_bb_free(&g);
    return rc;
}

/* ---------------------------------------------------------------- the call */

static int32_t fit_check(uint32_t model, const kam_clv_rows *rows, kam_clv_rows *own, kam_error *err) {
    if (model < KAM_CLV_BGNBD || model > KAM_CLV_BGBB)
        return kam__fail(err, KAM_E_INVAL,
                         "there is no model %u: it is one of KAM_CLV_BGNBD .. KAM_CLV_BGBB, 1 to 6", (unsigned)model);
    KAM__TRY(kam__options(own, sizeof *own, rows, sizeof *own, "kam_clv_rows", err));
    KAM__TRY(kam__flags(own->flags, 0, "kam_clv_rows", err));
    if (own->n == 0) return KAM_OK;
    if (!own->x) return kam__null_arg(err, "rows.x");
    if (model == KAM_CLV_GG) return own->m ? KAM_OK : kam__null_arg(err, "rows.m");
    if (!own->tx) return kam__null_arg(err, "rows.tx");
    return own->t ? KAM_OK : kam__null_arg(err, "rows.t");
}

int32_t kam_clv_fit(kam_clv **out, kam_ctx *ctx, uint32_t model, const kam_clv_rows *rows, kam_error *err) {
    kam_clv_rows own;
    kam_ctx *held = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!rows) return kam__null_arg(err, "rows");
    KAM__TRY(fit_check(model, rows, &own, err));
    KAM__TRY(kam__ctx_take(&held, ctx, err));
    kam_clv *c = kam__zalloc(held, sizeof *c);
    if (!c) {
        kam_ctx_free(held);
        return kam__nomem(err);
    }
    kam__ref_init(&c->ref);
    c->ctx = held;
    c->model = c->effective = model;
    c->bad_row = -1;
    for (uint32_t i = 0; i < KAM__CLV_PARAMS; i++) c->std_error[i] = -1;
    int32_t rc = model == KAM_CLV_GG     ? fit_spending(c, &own, err)
                 : model == KAM_CLV_BGBB ? fit_periods(c, &own, err)
                                         : fit_purchases(c, &own, err);
    if (rc == KAM_OK)
        *out = c;
    else
        kam_clv_free(c);
    return rc;
}

void kam_clv_free(kam_clv *model) {
    if (!model || !kam__ref_drop(&model->ref)) return;
    kam_ctx *ctx = model->ctx;
    kam__free(ctx, model);
    kam_ctx_free(ctx);
}
