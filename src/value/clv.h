/*
 * value/clv.h - what accounts will be worth: the parts behind kam/clv.h.
 *
 * special.c has the special functions, solve.c the one optimiser, clv_group.c turns rows into groups of equal (x, tx,
 * T), clv_<model>.c are log-likelihoods with their gradients and what follows from the parameters, clv_fit.c puts them
 * together, clv_predict.c looks ahead. Everything is written so that no step can overflow: ratios of gamma functions as
 * sums, likelihoods as logarithms, parameters as logarithms between bounds.
 *
 * Inside a fit, times are divided by a power of two near their mean and amounts likewise; parameters are taken back at
 * the end. Floating-point results depend on libm's exp, log, log1p and expm1 only, within a few units of the last digit.
 */
#ifndef KAM__CLV_H
#define KAM__CLV_H
#include "../base/base.h"
#include <kam/clv.h>

#define KAM__CLV_VERSION 1                          /* of the formulas: stands in saved models and in RUN.version */

/* ---------------------------------------------------------------- special.c */

double kam__lgamma(double x);                       /* ln Gamma(x), x > 0 */
double kam__digamma(double x);                      /* its derivative */
/** ln Gamma(x + d) - ln Gamma(x), exact to the last digits for any size of x; x > 0, d >= 0. */
double kam__lgamma_diff(double x, double d);
double kam__digamma_diff(double x, double d);       /* psi(x + d) - psi(x) */
double kam__softplus(double v);                     /* ln(1 + e^v) */
double kam__logistic(double v);                     /* 1 / (1 + e^-v) */
/** (1 - e^(-k l)) / k, and l at k = 0. */
double kam__expint(double k, double l);

/* ---------------------------------------------------------------- solve.c: the lowest point of a smooth function */

#define KAM__SOLVE_MAX 4u                           /* variables */

/* Fills grad[n] and returns the value at v[n]; a value that is not finite is taken as very high. */
typedef double (*kam__solve_fn)(void *data, const double *v, double *grad);
typedef struct kam__solve {
    kam__solve_fn fn; void *data;
    kam_ctx *ctx;                                   /* told of each step; NULL = nobody is */
    uint32_t n;
    double lo[KAM__SOLVE_MAX], hi[KAM__SOLVE_MAX], v[KAM__SOLVE_MAX];   /* bounds; start in, answer out */
    double value, gradient;                         /* there: the value, the largest free component of its gradient */
    uint32_t iterations, evaluations, at_bound;     /* at_bound: bit i = variable i stopped at a bound */
} kam__solve;
typedef struct kam__solve_work {
    double grad[KAM__SOLVE_MAX], hess[KAM__SOLVE_MAX * KAM__SOLVE_MAX], chol[KAM__SOLVE_MAX * KAM__SOLVE_MAX];
    double step[KAM__SOLVE_MAX], try_v[KAM__SOLVE_MAX], try_grad[KAM__SOLVE_MAX];
} kam__solve_work;
/** Damped Newton between bounds; always ends. CANCELLED. */
int32_t kam__solve_run(kam__solve *s, kam__solve_work *w, kam_error *err);
/** The diagonal of the inverse of the Hessian at s->v by central differences; 0 = it is not positive definite. */
int kam__solve_variance(const kam__solve *s, kam__solve_work *w, double *variance);
/** Solves h x = b by Cholesky, h n x n row-major, overwritten by its factor; b becomes x. 0 = not positive definite. */
int kam__cholesky(double *h, uint32_t n);
void kam__cholesky_solve(const double *factor, uint32_t n, double *b);

/* ---------------------------------------------------------------- clv_group.c: rows to groups */

typedef struct kam__clv_group { double weight; uint32_t x, tx, t; } kam__clv_group;    /* places in the lists below */

/* Equal rows once, by x, tx, t. The distinct x and the distinct times stand by themselves, ascending, so that what
 * depends on one of them alone is computed once per evaluation. */
typedef struct kam__clv_groups {
    kam_ctx *ctx;
    kam__clv_group *group; uint32_t n;
    double *x; uint32_t nx;
    double *time; uint32_t ntime;                   /* divided by scale */
    double *work;                                   /* room for a model's tables: 8 per x, 2 per time */
    double scale, weight, sum_x, repeat, sum_t;     /* weight: accounts; repeat: those with x > 0; sums weighted */
} kam__clv_groups;
/** 1: no account can be so. The second one for BG/BB, which wants whole periods. */
int kam__clv_row_bad(const kam_clv_rows *rows, size_t i);
int kam__clv_bb_row_bad(const kam_clv_rows *rows, size_t i);
/** KAM_OK with *bad = (size_t)-1, or the first row that is bad. NOMEM LIMIT. */
int32_t kam__clv_groups_make(kam__clv_groups *out, kam_ctx *ctx, const kam_clv_rows *rows, size_t *bad, kam_error *err);
void kam__clv_groups_free(kam__clv_groups *g);

/* ---------------------------------------------------------------- clv_tables.c: sums over 0..x-1 that models share */

/** out[i] = ln Gamma(r + x_i) / Gamma(r), d_out its derivative in r. */
void kam__clv_rising(double *out, double *d_out, double r, const double *x, uint32_t n);
/** out = -ln (b)_m / (a + b)_m for m = x_i + shift, with derivatives in a and b of out. */
void kam__clv_survive(double *out, double *d_a, double *d_b, double a, double b, double shift, const double *x, uint32_t n);

/* ---------------------------------------------------------------- the models: -log-likelihood per account, gradient in ln parameters */

double kam__clv_nbd(void *groups, const double *v, double *grad);          /* r alpha */
double kam__clv_bg(void *groups, const double *v, double *grad);           /* r alpha a b */
double kam__clv_mbg(void *groups, const double *v, double *grad);          /* r alpha a b */
double kam__clv_pnbd(void *groups, const double *v, double *grad);         /* r alpha s beta */

/** ln of the weight of "gone" against "still there" of one account: -inf = surely there. shift 0 BG/NBD, 1 MBG/NBD. */
double kam__clv_bg_gone(const double *p, double shift, double x, double tx, double t);
/** Expected purchases of one that is still there, within `horizon`. */
double kam__clv_bg_expected(const double *p, double shift, double x, double t, double horizon);
double kam__clv_pnbd_gone(const double *p, double x, double tx, double t);
double kam__clv_pnbd_expected(const double *p, double x, double t, double horizon);

/* Gamma-Gamma and BG/BB have data of their own. */
typedef struct kam__clv_gg {
    kam_ctx *ctx;
    double *x; uint32_t nx; double *table;          /* distinct x; 4 figures each */
    uint32_t *at; double *z, *ln_z, *weight; uint32_t n;     /* rows with x > 0 and m > 0: place of x, m / scale */
    double scale, sum_weight, mean;                 /* mean m of them, by purchases */
} kam__clv_gg;
int32_t kam__clv_gg_make(kam__clv_gg *out, kam_ctx *ctx, const kam_clv_rows *rows, size_t *bad, kam_error *err);
void kam__clv_gg_free(kam__clv_gg *g);
double kam__clv_gg_value(void *gg, const double *v, double *grad);         /* p q gamma */
double kam__clv_gg_mean(const double *p, double mean, double x, double m);

typedef struct kam__clv_bb_row { uint32_t x, tx, n; double weight; } kam__clv_bb_row;
typedef struct kam__clv_bb {
    kam_ctx *ctx;
    kam__clv_bb_row *row; uint32_t n, most;         /* most: the largest number of periods */
    double *table, sum_weight, sum_x, sum_n;        /* 2 (most + 2) each of five sums */
} kam__clv_bb;
int32_t kam__clv_bb_make(kam__clv_bb *out, kam_ctx *ctx, const kam_clv_rows *rows, size_t *bad, kam_error *err);
void kam__clv_bb_free(kam__clv_bb *g);
double kam__clv_bb_value(void *bb, const double *v, double *grad);         /* alpha beta gamma delta */
double kam__clv_bb_alive(const double *p, double x, double tx, double n);
/** Expected purchases of one that is still there, in the next `periods`. */
double kam__clv_bb_expected(const double *p, double x, double n, double periods);

/* ---------------------------------------------------------------- clv_fit.c, clv_json.c */

#define KAM__CLV_PARAMS 4u

struct kam_clv {
    kam__ref ref;
    kam_ctx *ctx;
    uint32_t model, status, effective, limit;       /* effective: the model that predicts; limit: KAM_CLV_LIMIT_ */
    uint32_t iterations, nparam;
    double param[KAM__CLV_PARAMS], std_error[KAM__CLV_PARAMS];     /* std_error < 0: not known */
    double log_likelihood, n, repeat, gradient, mean, log_likelihood_nbd;
    int64_t bad_row;                                /* -1 = none */
};
/** KAM_CLV_ figure of the i-th parameter of a model; 0 = it has fewer. */
uint32_t kam__clv_param(uint32_t model, uint32_t i);
const char *kam__clv_model_name(uint32_t model);
const char *kam__clv_status_name(uint32_t status);
const char *kam__clv_param_name(uint32_t figure);

#endif
