/**
 * @file kam/learn.h
 * @brief Groups, scores and forecasts on plain arrays: k-means, logistic regression, Holt-Winters.
 *
 * Engines that need no book, a context is enough. Tables are row by row: x[i * columns + j]. All of it is
 * deterministic: random starts come from a seed, ties go to the smaller number, sums are taken in the order of rows.
 *
 * @code
 * int32_t four_groups(uint32_t *group, double *x, size_t n, uint32_t columns, kam_error *err)
 * {
 *     kam_kmeans_options options;
 *     double inertia = 0;
 *     int32_t rc = kam_standardize(NULL, NULL, x, n, columns, err);
 *     memset(&options, 0, sizeof options);
 *     options.struct_size = sizeof options;
 *     options.k = 4;
 *     options.restarts = 50;
 *     if (rc == KAM_OK) rc = kam_kmeans(group, NULL, &inertia, NULL, x, n, columns, &options, err);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_LEARN_H
#define KAM_LEARN_H
#include <kam/base.h>
#include <string.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/**
 * Brings each column to mean 0 and standard deviation 1 (of the population); a column without variation becomes 0.
 * @param[out] mean   `columns` doubles; NULL = not wanted.
 * @param[out] sd     Likewise.
 * @param[in,out] x   The table; unchanged on failure.
 * @param[in] n       Rows.
 * @param[in] columns At most 1,024.
 * @param[in,out] err May be NULL.
 * @return KAM_OK; KAM_E_INVAL (with the row of a number that is not finite or beyond 1e100).
 * @threads A
 * @since 0.1
 */
int32_t kam_standardize(double *mean, double *sd, double *x, size_t n, uint32_t columns, kam_error *err);

/** Flags of kam_kmeans_options. */
enum {
    /**
     * One start without chance: the row with the largest value in `first_column`, then again and again the row farthest
     * from its nearest seed. `restarts` and `seed` are not looked at.
     */
    KAM_KMEANS_FARTHEST = 1
};
/** How groups are looked for. Zero all bytes, set struct_size and k. */
typedef struct kam_kmeans_options {
    uint32_t struct_size;               /**< sizeof(kam_kmeans_options). */
    uint32_t flags;                     /**< 0 or #KAM_KMEANS_FARTHEST. */
    uint32_t k;                         /**< Groups, 1..n, at most 65,536. */
    uint32_t restarts;                  /**< Starts by k-means++, of which the best counts; 0 = 10. */
    uint64_t seed;                      /**< Of the starts. */
    uint32_t iterations;                /**< At most so many steps of one start; 0 = 300. */
    uint32_t first_column;              /**< Of #KAM_KMEANS_FARTHEST. */
} kam_kmeans_options;

/**
 * Groups rows around k centres so that the sum of squared distances is small: Lloyd's algorithm (1982) until nothing
 * changes, from seeds by k-means++ (Arthur & Vassilvitskii 2007) or farthest first (Gonzalez 1985). A group that runs
 * empty gets the row that is farthest from its centre. Groups of KAM_KMEANS_FARTHEST are numbered as their seeds,
 * others by their size, the largest first.
 * @param[out] cluster  Group of each row, from 0.
 * @param[out] centre   k times `columns` doubles; NULL = not wanted.
 * @param[out] inertia  The sum of squared distances; NULL = not wanted.
 * @param[in] ctx       NULL = one of its own with all defaults.
 * @param[in] x         The table.
 * @param[in] n         Rows, at most 2^31 - 1.
 * @param[in] columns   At most 1,024.
 * @param[in] options   How.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (k is impossible; with the row of a number that is not finite or beyond 1e100);
 *         KAM_E_UNSUPPORTED; KAM_E_NOMEM; KAM_E_CANCELLED.
 * @threads A
 * @since 0.1
 */
int32_t kam_kmeans(uint32_t *cluster, double *centre, double *inertia, kam_ctx *ctx, const double *x, size_t n,
                   uint32_t columns, const kam_kmeans_options *options, kam_error *err);
/**
 * How well rows lie in their groups (Rousseeuw 1987): the mean of (b - a) / max(a, b) with a the mean distance to the
 * row's own group and b to the nearest other one; from -1 to 1. It takes time with the square of the rows looked at.
 * @param[out] out     The mean; 0 where there is one group.
 * @param[in] ctx      NULL = one of its own with all defaults.
 * @param[in] x        The table.
 * @param[in] n        Rows.
 * @param[in] columns  At most 1,024.
 * @param[in] cluster  Group of each row, below k.
 * @param[in] k        Groups.
 * @param[in] most     Rows to look at, evenly spread; 0 = all.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM; KAM_E_CANCELLED.
 * @threads A
 * @since 0.1
 */
int32_t kam_silhouette(double *out, kam_ctx *ctx, const double *x, size_t n, uint32_t columns, const uint32_t *cluster,
                       uint32_t k, size_t most, kam_error *err);

/** A fitted logistic regression: frozen. */
typedef struct kam_logistic kam_logistic;
/** Figures of a logistic regression, for kam_logistic_figure(). */
enum {
    KAM_LOGISTIC_STATUS = 1,            /**< 1 fitted; 2 not identified: answers are told apart, or columns repeat. */
    KAM_LOGISTIC_LOG_LIKELIHOOD = 2,    /**< At the coefficients. */
    KAM_LOGISTIC_ITERATIONS = 3,        /**< Steps of the fit. */
    KAM_LOGISTIC_ROWS = 4,              /**< Rows. */
    KAM_LOGISTIC_COEFFICIENT = 1024,    /**< + 0 the constant, + 1 the first column ... */
    KAM_LOGISTIC_SE = 4096              /**< Likewise: standard errors. */
};

/**
 * Fits the probability of y = 1 by maximum likelihood, iteratively reweighted least squares (McCullagh & Nelder 1989,
 * 4.4). Where it has no highest point the coefficients stop while predictions are still finite.
 * @param[out] out     The model; end it with kam_logistic_free().
 * @param[in] ctx      Held by the model; NULL = one of its own with all defaults.
 * @param[in] x        The table.
 * @param[in] y        0 or 1 for each row.
 * @param[in] n        Rows, at least 1.
 * @param[in] columns  At most 256.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (with the row that cannot be); KAM_E_NOMEM; KAM_E_CANCELLED.
 * @threads A
 * @since 0.1
 */
int32_t kam_logistic_fit(kam_logistic **out, kam_ctx *ctx, const double *x, const int32_t *y, size_t n,
                         uint32_t columns, kam_error *err);
/**
 * Gives up the caller's hold.
 * @param[in] model  May be NULL.
 * @threads A
 * @since 0.1
 */
void kam_logistic_free(kam_logistic *model);
/**
 * One figure of a model.
 * @param[in] model    May be NULL.
 * @param[in] figure   KAM_LOGISTIC_ figure.
 * @param[in] if_none  Answer where the model has no such figure or does not know it.
 * @return The figure; cannot fail.
 * @threads C
 * @since 0.1
 */
double kam_logistic_figure(const kam_logistic *model, uint32_t figure, double if_none);
/**
 * Probabilities of new rows.
 * @param[out] out     n doubles from 0 to 1.
 * @param[in] model    The model.
 * @param[in] x        The table, with as many columns as the fit.
 * @param[in] n        Rows.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (with the row of a number that is not finite or beyond 1e100).
 * @threads C
 * @since 0.1
 */
int32_t kam_logistic_predict(double *out, const kam_logistic *model, const double *x, size_t n, kam_error *err);

/** Bands of kam_score_measure(). */
#define KAM_SCORE_BANDS 10
/** How good predicted probabilities are. Set struct_size. */
typedef struct kam_score {
    uint32_t struct_size;                   /**< sizeof(kam_score). */
    uint32_t reserved;                      /**< 0. */
    double auc;                             /**< Chance that a 1 is above a 0, ties half; 0.5 if only one is there. */
    double brier;                           /**< Mean of (p - y)^2 (Brier 1950). */
    double base_brier;                      /**< The same of the naive baseline: everybody gets the share of ones. */
    uint64_t count[KAM_SCORE_BANDS];        /**< Rows with p in [0, 0.1), [0.1, 0.2) ... [0.9, 1]. */
    double predicted[KAM_SCORE_BANDS];      /**< Mean p of these. */
    double observed[KAM_SCORE_BANDS];       /**< Share of ones among these. */
} kam_score;
/**
 * Measures predictions against what happened.
 * @param[in,out] out  struct_size in, the figures out; unchanged on failure.
 * @param[in] ctx      NULL = one of its own with all defaults.
 * @param[in] p        Probabilities.
 * @param[in] y        0 or 1.
 * @param[in] n        Rows, at least 1.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (with the row that cannot be); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_score_measure(kam_score *out, kam_ctx *ctx, const double *p, const int32_t *y, size_t n, kam_error *err);

/** A forecast of one series. Set struct_size. */
typedef struct kam_forecast_fit {
    uint32_t struct_size;                   /**< sizeof(kam_forecast_fit). */
    uint32_t seasonal;                      /**< 1: with seasons; 0: the series is too short for them. */
    double alpha;                           /**< Smoothing of the level. */
    double beta;                            /**< Smoothing of the trend. */
    double gamma;                           /**< Smoothing of the seasons. */
    double phi;                             /**< Damping of the trend. */
    double mae;                             /**< Mean absolute error one step ahead, where the baseline has one too. */
    double naive_mae;                       /**< The same of the naive baseline. */
} kam_forecast_fit;
/**
 * Forecasts a series: additive Holt-Winters with damped trend (Gardner & McKenzie 1985; Hyndman & Athanasopoulos 2021,
 * 8.3), its smoothing found by the smallest squared errors one step ahead; and beside it the naive baseline, the value
 * one season before (the last value where there are no seasons).
 * @param[out] out      `horizon` doubles.
 * @param[out] naive    Likewise; NULL = not wanted.
 * @param[in,out] fit   struct_size in, what was found out; NULL = not wanted.
 * @param[in] y         The series, at least one value, oldest first.
 * @param[in] n         Its length, at most 100,000.
 * @param[in] season    Values in a season (12 for months); 0 or 1 = none. Seasons are used from two whole ones on.
 * @param[in] horizon   How far, at most 10,000.
 * @param[in] ctx       NULL = one of its own with all defaults.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_forecast(double *out, double *naive, kam_forecast_fit *fit, const double *y, size_t n, uint32_t season,
                     uint32_t horizon, kam_ctx *ctx, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
