/**
 * @file kam/clv.h
 * @brief Lifetime value: how much accounts will still buy, whether they still do, and what that is worth.
 *
 * Engines on plain arrays: no book is needed, a context is enough; kam_clv_run() does it all for a book. Purchases come
 * in as rows of an order file (kam_purchases) or as three figures of each account: x repeat purchases, the last one at
 * tx, observed until t, both counted from the first purchase, all in one unit of time. kam_clv_fit() finds a model by
 * maximum likelihood, kam_clv_predict() looks ahead with it, kam_clv_value() makes money of it. A model is four
 * numbers: it is saved as JSON and read again. No finite input gives a result that is not finite.
 *
 * Sources: Fader, Hardie & Lee (2005) BG/NBD; Batislam, Denizel & Filiztekin (2007) MBG/NBD; Schmittlein, Morrison &
 * Colombo (1987) Pareto/NBD; Ehrenberg (1959) NBD; Fader & Hardie (2013) Gamma-Gamma; Fader, Hardie & Shang (2010)
 * BG/BB.
 *
 * @code
 * int32_t next_quarter(double *expected, double *alive, const int32_t *x, const double *tx, const double *t, size_t n,
 *                      kam_error *err)
 * {
 *     kam_clv *model = NULL;
 *     kam_clv_rows rows;
 *     int32_t rc;
 *     memset(&rows, 0, sizeof rows);
 *     rows.struct_size = sizeof rows;
 *     rows.n = n;
 *     rows.x = x;
 *     rows.tx = tx;
 *     rows.t = t;
 *     rc = kam_clv_fit(&model, NULL, KAM_CLV_MBGNBD, &rows, err);
 *     if (rc == KAM_OK) rc = kam_clv_predict(expected, alive, model, &rows, 13, err);
 *     kam_clv_free(model);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_CLV_H
#define KAM_CLV_H
#include <kam/run.h>
#include <string.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** A fitted model: frozen. */
typedef struct kam_clv kam_clv;
/** Purchases of a file or ledger, on their way to x, tx and t of each account. */
typedef struct kam_purchases kam_purchases;

/** Models. */
enum {
    KAM_CLV_BGNBD = 1,                  /**< Accounts may leave after each repeat purchase. */
    KAM_CLV_MBGNBD = 2,                 /**< The same, and after the first one too: best for how active accounts are. */
    KAM_CLV_PNBD = 3,                   /**< Pareto/NBD: accounts may leave at any time. */
    KAM_CLV_NBD = 4,                    /**< Nobody leaves. */
    KAM_CLV_GG = 5,                     /**< Gamma-Gamma: what one purchase is worth. */
    KAM_CLV_BGBB = 6                    /**< BG/BB: at most one purchase in each of t periods; tx and t are whole. */
};
/** How a fit ended, figure #KAM_CLV_STATUS. */
enum {
    KAM_CLV_OK = 1,                     /**< The likelihood has its highest point inside. */
    /**
     * It has none: a parameter runs to its end, see #KAM_CLV_LIMIT. Where leaving cannot be seen in the data the model
     * is the NBD it has become, with nobody gone; always with finite predictions.
     */
    KAM_CLV_NOT_IDENTIFIED = 2,
    KAM_CLV_NO_REPEAT = 3,              /**< Nobody bought twice: nothing is expected. */
    KAM_CLV_BAD_INPUT = 4               /**< No rows, or one that cannot be, see #KAM_CLV_BAD_ROW; predicts nothing. */
};
/** Where a fit ran to, figure #KAM_CLV_LIMIT. */
enum {
    KAM_CLV_LIMIT_NONE = 0,             /**< Nowhere. */
    KAM_CLV_LIMIT_NBD = 1,              /**< Leaving is not seen: the NBD is as likely. */
    KAM_CLV_LIMIT_BOUND = 2             /**< A parameter is at its bound (accounts differ too little or too much). */
};
/** Figures of a model, for kam_clv_figure(). A parameter with #KAM_CLV_SE added is its standard error. */
enum {
    KAM_CLV_R = 1,                      /**< BG/NBD, MBG/NBD, Pareto/NBD, NBD: shape of the purchase rates. */
    KAM_CLV_ALPHA = 2,                  /**< The same: their scale, in units of time; BG/BB: of purchases. */
    KAM_CLV_A = 3,                      /**< BG/NBD, MBG/NBD: leaving. */
    KAM_CLV_B = 4,                      /**< BG/NBD, MBG/NBD: staying. */
    KAM_CLV_S = 5,                      /**< Pareto/NBD: shape of the leaving rates. */
    KAM_CLV_BETA = 6,                   /**< Pareto/NBD: their scale, in units of time; BG/BB: of periods without. */
    KAM_CLV_P = 7,                      /**< Gamma-Gamma: shape within an account. */
    KAM_CLV_Q = 8,                      /**< Gamma-Gamma: shape between accounts. */
    KAM_CLV_GAMMA = 9,                  /**< Gamma-Gamma: scale, in units of money; BG/BB: of leaving. */
    KAM_CLV_DELTA = 10,                 /**< BG/BB: of staying. */
    KAM_CLV_MODEL = 32,                 /**< A KAM_CLV_ model. */
    KAM_CLV_STATUS = 33,                /**< #KAM_CLV_OK and so on. */
    KAM_CLV_LIMIT = 34,                 /**< #KAM_CLV_LIMIT_NONE and so on. */
    KAM_CLV_LOG_LIKELIHOOD = 35,        /**< At the parameters; without terms that no parameter is in, but Gamma-Gamma's. */
    KAM_CLV_ROWS = 36,                  /**< Accounts that were looked at, by their weights. */
    KAM_CLV_REPEAT = 37,                /**< Those of them with x > 0. */
    KAM_CLV_ITERATIONS = 38,            /**< Steps of the fit. */
    KAM_CLV_GRADIENT = 39,              /**< Largest slope left, of the log-likelihood per account by ln of a parameter. */
    /** Gamma-Gamma: expected value of a purchase of an unknown account; where q <= 1 leaves it without one, the mean seen. */
    KAM_CLV_MEAN = 40,
    KAM_CLV_BAD_ROW = 41,               /**< The first row that cannot be, from 0. */
    KAM_CLV_SE = 256                    /**< Added to a parameter: its standard error. */
};

/** Accounts in columns, lent for a call. Zero all bytes, set struct_size. */
typedef struct kam_clv_rows {
    uint32_t struct_size;               /**< sizeof(kam_clv_rows). */
    uint32_t flags;                     /**< 0. */
    size_t n;                           /**< Rows. */
    const int32_t *x;                   /**< Repeat purchases, >= 0. */
    const double *tx;                   /**< Time from the first to the last purchase, 0 where x is 0. */
    const double *t;                    /**< Time from the first purchase to now, >= tx. */
    const double *m;                    /**< Mean value of a repeat purchase; only for money. */
    const int64_t *weight;              /**< Accounts that each row stands for, >= 0; NULL = one. */
} kam_clv_rows;

/**
 * Fits a model by maximum likelihood.
 * @param[out] out     The model, also where nothing could be fitted: see its #KAM_CLV_STATUS; end it with
 *                     kam_clv_free().
 * @param[in] ctx      Held by the model; NULL = one of its own with all defaults.
 * @param[in] model    KAM_CLV_ model.
 * @param[in] rows     x, tx and t; Gamma-Gamma: x and m, of which rows with both above zero count.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (an unknown model, a column is missing); KAM_E_LIMIT (more than 2^31 - 1 rows; BG/BB: more
 *         than 10,000 periods); KAM_E_NOMEM; KAM_E_CANCELLED.
 * @threads A
 * @since 0.1
 */
int32_t kam_clv_fit(kam_clv **out, kam_ctx *ctx, uint32_t model, const kam_clv_rows *rows, kam_error *err);
/**
 * Gives up the caller's hold.
 * @param[in] model  May be NULL.
 * @threads A
 * @since 0.1
 */
void kam_clv_free(kam_clv *model);
/**
 * One figure of a model.
 * @param[in] model    May be NULL.
 * @param[in] figure   KAM_CLV_ figure.
 * @param[in] if_none  Answer where the model has no such figure or does not know it.
 * @return The figure; cannot fail.
 * @threads C
 * @since 0.1
 */
double kam_clv_figure(const kam_clv *model, uint32_t figure, double if_none);
/**
 * A model as a small JSON object; doubles read back are the same.
 * @param[in,out] out  Replaced; unchanged on failure.
 * @param[in] model    The model.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads C
 * @since 0.1
 */
int32_t kam_clv_to_json(kam_buf *out, const kam_clv *model, kam_error *err);
/**
 * Reads a model that kam_clv_to_json() wrote.
 * @param[out] out     The model; end it with kam_clv_free().
 * @param[in] ctx      Held by the model; NULL = one of its own with all defaults.
 * @param[in] json     The object.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_PARSE (no such document, with the place; a parameter that cannot be);
 *         KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_clv_from_json(kam_clv **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err);
/**
 * Looks ahead: purchases expected within a time, and the probability that the account still buys. A new account has x,
 * tx and t 0. Needs the same memory for any number of rows.
 * @param[out] expected  n doubles; NULL = not wanted.
 * @param[out] alive     n doubles from 0 to 1; NULL = not wanted.
 * @param[in] model      Any but Gamma-Gamma.
 * @param[in] rows       x, tx and t, in the unit of the fit.
 * @param[in] horizon    How far, >= 0, in the same unit; BG/BB: whole periods.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL (with the row that cannot be; a model of status #KAM_CLV_BAD_INPUT or of money);
 *         KAM_E_NOMEM; KAM_E_CANCELLED.
 * @threads C
 * @since 0.1
 */
int32_t kam_clv_predict(double *expected, double *alive, const kam_clv *model, const kam_clv_rows *rows, double horizon,
                        kam_error *err);
/**
 * What the next purchase of each account is expected to be worth (Gamma-Gamma): between its own mean and everybody's.
 * @param[out] out     n doubles.
 * @param[in] model    A model of #KAM_CLV_GG.
 * @param[in] rows     x and m.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (with the row that cannot be; another model).
 * @threads C
 * @since 0.1
 */
int32_t kam_clv_spend(double *out, const kam_clv *model, const kam_clv_rows *rows, kam_error *err);
/**
 * Discounted value of what each account will still buy: the sum over k = 1..steps of the value of a purchase times the
 * purchases expected in step k, divided by (1 + rate)^k.
 * @param[out] out       n doubles.
 * @param[in] purchases  Any model but Gamma-Gamma.
 * @param[in] spending   A model of #KAM_CLV_GG.
 * @param[in] rows       x, tx, t and m.
 * @param[in] step       Length of a step in the unit of the fit, > 0.
 * @param[in] steps      How many, at most 10,000.
 * @param[in] rate       Discount of one step, > -1: 0.01 = 1 %.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM; KAM_E_CANCELLED.
 * @threads C
 * @since 0.1
 */
int32_t kam_clv_value(double *out, const kam_clv *purchases, const kam_clv *spending, const kam_clv_rows *rows,
                      double step, uint32_t steps, double rate, kam_error *err);

/** Units of time, by their days. */
enum {
    KAM_CLV_WEEK = 0,                   /**< 7 days. */
    KAM_CLV_DAY = 1,                    /**< One day. */
    KAM_CLV_MONTH = 2                   /**< 30.4375 days, a twelfth of a year. */
};
/** How purchases are counted. Zero all bytes, set struct_size. */
typedef struct kam_purchases_options {
    uint32_t struct_size;               /**< sizeof(kam_purchases_options). */
    uint32_t unit;                      /**< #KAM_CLV_WEEK and so on. */
    int32_t until;                      /**< Last day that is looked at: t ends with it. Needed. */
    int32_t holdout;                    /**< Purchases behind `until` up to and with this day are counted apart; 0 = none. */
    uint32_t decimals;                  /**< Of the amounts, 0..9: m is in whole units of money. */
    uint32_t reserved;                  /**< 0. */
} kam_purchases_options;

/**
 * Starts to count purchases: one per account and day, whatever the order and the blocks rows come in.
 * @param[out] out      End it with kam_purchases_free().
 * @param[in] ctx       Held; NULL = one of its own with all defaults.
 * @param[in] options   Copied.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_UNSUPPORTED; KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_purchases_new(kam_purchases **out, kam_ctx *ctx, const kam_purchases_options *options, kam_error *err);
/**
 * Adds rows. Amounts of one account and day are added up; zero is a purchase, less than zero is a return: it lowers what
 * was bought on its day and is no purchase itself.
 * @param[in,out] purchases  Unchanged on failure.
 * @param[in] account        Any numbers.
 * @param[in] day            Days.
 * @param[in] amount         Minor units; NULL = no money.
 * @param[in] n              Rows.
 * @param[in,out] err        May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_purchases_feed(kam_purchases *purchases, const int64_t *account, const int32_t *day, const int64_t *amount,
                           size_t n, kam_error *err);
/**
 * The accounts with a purchase up to `until`, ascending.
 * @param[out] rows           Their figures, lent until the next call on `purchases`.
 * @param[out] account        Their numbers, lent likewise; NULL = not wanted.
 * @param[out] later          Purchases in the hold-out, lent likewise; NULL = not wanted.
 * @param[in,out] purchases   More may be fed afterwards.
 * @param[in,out] err         May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_purchases_rows(kam_clv_rows *rows, const int64_t **account, const int32_t **later, kam_purchases *purchases,
                           kam_error *err);
/**
 * Ends it.
 * @param[in] purchases  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_purchases_free(kam_purchases *purchases);

/** Lifetime values of a book. Zero all bytes, set struct_size. */
typedef struct kam_clv_options {
    uint32_t struct_size;               /**< sizeof(kam_clv_options). */
    uint32_t flags;                     /**< KAM_VALUE_ flags of kam/value.h: which rows count, and how returns do. */
    /** #KAM_CLV_BGNBD, #KAM_CLV_MBGNBD, #KAM_CLV_PNBD or #KAM_CLV_NBD; 0 = the likeliest that is identified. */
    uint32_t model;
    uint32_t unit;                      /**< #KAM_CLV_WEEK and so on. */
    int32_t from;                       /**< First day of purchases that count; 0 = all. */
    uint32_t months;                    /**< How far to look ahead, at most 600; 0 = 12. */
    double rate;                        /**< Discount of a month, 0 or above: 0.01 = 1 %. */
    const char *currency;               /**< Of money, ISO 4217; NULL = base currency. */
} kam_clv_options;

/**
 * Fits a model to the purchases in the ledger and looks ahead for every account that bought. Purchases are SALE rows,
 * one per account and day; a RETURN lowers what was bought on its day, or as the flags say. Other currencies are converted by the RATE of
 * each row's day. Applied, the run and its rows are stored, and become the attributes clv_12m and p_alive, with clv_model
 * and clv_as_of beside them.
 *
 * The list of ACCOUNT_CLV has most value first, ties by account id: x, tx, t and mean as the fit saw them; expected
 * purchases and lifetime value of the months asked for (of 4.345 weeks each); the probability that the account still
 * buys; the expected value of a purchase (Gamma-Gamma) - it and the lifetime value are missing where no account has
 * bought again for money; model and status. Doubles are kept with 9 significant digits.
 *
 * The RUN record has the name of the model, the version of its formulas (1), and in `statistics` one JSON object: unit, months, rate, accounts, repeat,
 * sum_expected, mean_p_alive, total, tried (model, status and log-likelihood of each model looked at), and the models
 * `model` and `spending` as kam_clv_to_json() writes them. Chosen is, if none is asked for, the model of status OK with
 * the largest log-likelihood of BG/NBD, MBG/NBD and Pareto/NBD; where none is identified, the NBD.
 * @param[out] out     The run; end it with kam_run_free(). kam_run_why() explains the figures of an account.
 * @param[in] book     The book; held.
 * @param[in] options  Copied; NULL = defaults.
 * @param[in] as_of    The last day that is looked at; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (another model, unit, rate or currency, an unknown flag, `from` behind as_of);
 *         KAM_E_UNSUPPORTED (an option of a newer version); KAM_E_POLICY (a rate is missing); KAM_E_LIMIT (a value does
 *         not fit 64 bits); KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_clv_run(kam_run **out, kam_book *book, const kam_clv_options *options, int32_t as_of, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
