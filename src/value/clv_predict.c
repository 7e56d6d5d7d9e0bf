/*
 * value/clv_predict.c - looking ahead with a model, row by row, in the same memory for any number of rows.
 *
 * In all models the purchases to come are the chance that the account is still there, which depends on x, tx and T, times
 * what one that is there will buy, which depends on x and T alone: a small cache of the latter makes a million accounts
 * cheap. The value of an account is that of a purchase times the purchases of each step to come, discounted (Fader, Hardie
 * & Lee 2005, "RFM and CLV", there as an integral). Rows are independent: blocks of them may run on any threads of the host and give the same.
 */
#include "value/clv.h"
#include <math.h>

#define PREDICT_BLOCK 65536u
#define PREDICT_CACHE 512u
#define PREDICT_STEPS 10000u
#define PREDICT_HORIZON 1e100

typedef struct predict_job {
    const kam_clv *model, *spending;
    const kam_clv_rows *rows;
    double *expected, *alive, *value; /* any of them NULL */
    double horizon, step, rate;
    uint32_t steps;
    size_t first; /* row of the first block */
} predict_job;

typedef struct predict_kept {
    double t, ahead;
    int32_t x;
    uint32_t used;
} predict_kept;

/* ---------------------------------------------------------------- one account */

static double predict_alive(const kam_clv *c, double x, double tx, double t) {
    switch (c->effective) {
    case KAM_CLV_BGNBD: return kam__logistic(-kam__clv_bg_gone(c->param, 0, x, tx, t));
    case KAM_CLV_MBGNBD: return kam__logistic(-kam__clv_bg_gone(c->param, 1, x, tx, t));
    case KAM_CLV_PNBD: return kam__logistic(-kam__clv_pnbd_gone(c->param, x, tx, t));
    case KAM_CLV_BGBB: return c->nparam ? kam__clv_bb_alive(c->param, x, tx, t) : 1;
    default: return 1;
    }
}

static double predict_ahead(const kam_clv *c, double x, double t, double horizon) {
    switch (c->effective) {
    case KAM_CLV_BGNBD: return kam__clv_bg_expected(c->param, 0, x, t, horizon);
    case KAM_CLV_MBGNBD: return kam__clv_bg_expected(c->param, 1, x, t, horizon);
    case KAM_CLV_PNBD: return kam__clv_pnbd_expected(c->param, x, t, horizon);
    case KAM_CLV_BGBB: return c->nparam ? kam__clv_bb_expected(c->param, x, t, horizon) : 0;
    default: return (c->param[0] + x) * (horizon / (c->param[1] + t));
    }
}

/* Purchases within the horizon, or discounted step by step. */
static double predict_sum(const predict_job *j, double x, double t) {
    if (!j->value) return predict_ahead(j->model, x, t, j->horizon);
    double sum = 0, before = 0, discount = 1;
    for (uint32_t k = 1; k <= j->steps; k++) {
        double now = predict_ahead(j->model, x, t, j->step * k);
        discount /= 1 + j->rate;
        sum += (now - before) * discount;
        before = now;
    }
    return sum;
}

static double predict_cached(const predict_job *j, predict_kept *cache, int32_t x, double t) {
    uint64_t bits;
    memcpy(&bits, &t, sizeof bits);
    bits = (bits ^ (uint64_t)(uint32_t)x * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
    predict_kept *k = &cache[(bits >> 40) % PREDICT_CACHE];
    if (k->used && k->x == x && !(k->t < t) && !(k->t > t)) return k->ahead;
    *k = (predict_kept){t, predict_sum(j, (double)x, t), x, 1};
    return k->ahead;
}

/* ---------------------------------------------------------------- blocks */

static void predict_block(void *arg, uint32_t block) {
    const predict_job *j = arg;
    const kam_clv_rows *r = j->rows;
    predict_kept cache[PREDICT_CACHE] = {{0, 0, 0, 0}};
    size_t from = j->first + (size_t)block * PREDICT_BLOCK,
           to = r->n - from < PREDICT_BLOCK ? r->n : from + PREDICT_BLOCK;
    for (size_t i = from; i < to; i++) {
        double x = (double)r->x[i], alive = predict_alive(j->model, x, r->tx[i], r->t[i]);
        if (j->alive) j->alive[i] = alive;
        if (!j->expected && !j->value) continue;
        double ahead = alive * predict_cached(j, cache, r->x[i], r->t[i]);
        if (j->expected) j->expected[i] = ahead;
        if (j->value) j->value[i] = ahead * kam__clv_gg_mean(j->spending->param, j->spending->mean, x, r->m[i]);
    }
}

static int32_t predict_run(predict_job *j, kam_error *err) {
    kam_ctx *ctx = j->model->ctx;
    for (; j->first < j->rows->n; j->first += 16 * (size_t)PREDICT_BLOCK) {
        size_t left = (j->rows->n - j->first + PREDICT_BLOCK - 1) / PREDICT_BLOCK;
        KAM__TRY(kam__progress(ctx, j->first, j->rows->n, err));
        KAM__TRY(ctx->opt.parallel_for(ctx->opt.user, left < 16 ? (uint32_t)left : 16, predict_block, j));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- the calls */

static int32_t predict_model(const kam_clv *c, int money, const char *name, kam_error *err) {
    if (!c) return kam__null_arg(err, name);
    if ((c->model == KAM_CLV_GG) != money)
        return kam__fail(err, KAM_E_INVAL,
                         money ? "%s must be of KAM_CLV_GG: what is spent at a purchase"
                               : "%s is of KAM_CLV_GG, which says what is spent, not when: fit another model", name);
    if (c->status != KAM_CLV_BAD_INPUT) return KAM_OK;
    return kam__fail(err, KAM_E_INVAL,
                     "%s was fitted to rows that cannot be (row KAM_CLV_BAD_ROW): fit it again without",
                     name);
}

static int32_t predict_row(size_t i, kam_error *err) {
    int32_t rc = kam__fail(err, KAM_E_INVAL,
                           "row %llu cannot be: 0 <= tx <= t, x >= 0, and tx is 0 where x is; mend it or leave it out",
                           (unsigned long long)i);
    kam__err_set(err, KAM_ERR_ROW, (int64_t)i);
    return rc;
}

static int predict_bad_mean(const kam_clv_rows *r, size_t i) {
    return r->x[i] < 0 || !isfinite(r->m[i]) || r->m[i] > 1e100 || r->m[i] < -1e100;
}

static int32_t predict_rows(kam_clv_rows *own, const kam_clv_rows *rows, const kam_clv *purchases, int money,
                            kam_error *err) {
    if (!rows) return kam__null_arg(err, "rows");
    KAM__TRY(kam__options(own, sizeof *own, rows, sizeof *own, "kam_clv_rows", err));
    KAM__TRY(kam__flags(own->flags, 0, "kam_clv_rows", err));
    if (own->n == 0) return KAM_OK;
    if (!own->x) return kam__null_arg(err, "rows.x");
    if (purchases && (!own->tx || !own->t)) return kam__null_arg(err, own->tx ? "rows.t" : "rows.tx");
    if (money && !own->m) return kam__null_arg(err, "rows.m");
    for (size_t i = 0; i < own->n; i++) {
        int bad = !purchases                         ? 0
                  : purchases->model == KAM_CLV_BGBB ? kam__clv_bb_row_bad(own, i)
                                                     : kam__clv_row_bad(own, i);
        if (bad || (money && predict_bad_mean(own, i))) return predict_row(i, err);
    }
    return KAM_OK;
}

int32_t kam_clv_predict(double *expected, double *alive, const kam_clv *model, const kam_clv_rows *rows, double horizon,
                        kam_error *err) {
    kam_clv_rows own;
    KAM__TRY(predict_model(model, 0, "model", err));
    if (!(horizon >= 0) || horizon > PREDICT_HORIZON || (model->model == KAM_CLV_BGBB && horizon > PREDICT_STEPS))
        return kam__fail(err, KAM_E_INVAL,
                         "horizon is a time from 0 on, in the unit of the rows (BG/BB: at most 10000 periods)");
    KAM__TRY(predict_rows(&own, rows, model, 0, err));
    predict_job j = {.model = model, .rows = &own, .expected = expected, .alive = alive, .horizon = horizon};
    return predict_run(&j, err);
}

int32_t kam_clv_spend(double *out, const kam_clv *model, const kam_clv_rows *rows, kam_error *err) {
    kam_clv_rows own;
    KAM__TRY(predict_model(model, 1, "model", err));
    KAM__TRY(predict_rows(&own, rows, NULL, 1, err));
    if (!out && own.n) return kam__null_arg(err, "out");
    for (size_t i = 0; i < own.n; i++) out[i] = kam__clv_gg_mean(model->param, model->mean, (double)own.x[i], own.m[i]);
    return KAM_OK;
}

int32_t kam_clv_value(double *out, const kam_clv *purchases, const kam_clv *spending, const kam_clv_rows *rows,
                      double step, uint32_t steps, double rate, kam_error *err) {
    kam_clv_rows own;
    KAM__TRY(predict_model(purchases, 0, "purchases", err));
    KAM__TRY(predict_model(spending, 1, "spending", err));
    if (!(step > 0) || step * steps > PREDICT_HORIZON || steps > PREDICT_STEPS || !(rate > -1) || !isfinite(rate) ||
        (purchases->model == KAM_CLV_BGBB && step * steps > PREDICT_STEPS))
        return kam__fail(err, KAM_E_INVAL,
                         "step is a time above 0 (BG/BB: steps * step at most 10000 periods), steps at most "
                         "10000, rate above -1");
    KAM__TRY(predict_rows(&own, rows, purchases, 1, err));
    if (!out && own.n) return kam__null_arg(err, "out");
    predict_job j = {.model = purchases,
                     .spending = spending,
                     .rows = &own,
                     .value = out,
                     .step = step,
                     .steps = steps,
                     .rate = rate};
    return predict_run(&j, err);
}
