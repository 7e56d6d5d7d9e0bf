/*
 * strategy/strategy.h - the engines of the strategy room: the portfolio matrix and financial ratios, over plain arrays.
 *
 * Everything is exact: weights, scores and ratios are int64 of 10^-4, each product or quotient rounded half to even
 * once.
 */
#ifndef KAM__STRATEGY_H
#define KAM__STRATEGY_H
#include "../base/base.h"
#include <kam/fields.h>

/* ---------------------------------------------------------------- matrix.c */

#define KAM__MATRIX_MIDDLE 50000            /* attractive from 5 points */
#define KAM__MATRIX_WEIGHTS 1000000         /* weights of an axis: 100 */

typedef struct kam__matrix_factor { int64_t id; int32_t axis; int64_t weight; } kam__matrix_factor;
/* factor: number in the factors; competitor: 0 = we, else 1 + its number. */
typedef struct kam__matrix_score { uint32_t factor, competitor; int64_t score; int judged; } kam__matrix_score;
typedef struct kam__matrix_position {
    int64_t attractiveness, strength, best, relative;       /* best: the strongest competitor's strength */
    uint32_t competitor;                                    /* 1 + its number, 0 = none has complete scores */
    uint32_t scores, judged, missing;
    int has_attractiveness, has_strength, has_relative;
    int32_t quadrant, suggested, alternative;               /* 0 = none */
} kam__matrix_position;
/** 100 per axis that has factors, and both have some. axis, sum: of the one that is wrong, 0 when all is well. */
int32_t kam__matrix_weights(int64_t *sum, const kam__matrix_factor *f, size_t nf);
/** Places one unit at one time by its scores; sold: 0 = it has no sales yet. Of two scores of one factor and party the
 * later one counts. */
void kam__matrix_place(kam__matrix_position *out, const kam__matrix_factor *f, size_t nf, const kam__matrix_score *s,
                       size_t ns, uint32_t ncompetitor, int sold);

/* ---------------------------------------------------------------- ratio.c */

/* In the order of fields KAM_FINANCIAL_REVENUE ... KAM_FINANCIAL_STOCK. */
#define KAM__ANNUAL 8u
typedef struct kam__annual { int64_t v[KAM__ANNUAL]; uint8_t has[KAM__ANNUAL]; } kam__annual;
enum { KAM__RATIO_OK = 0, KAM__RATIO_UNKNOWN = 1, KAM__RATIO_UNDEFINED = 2, KAM__RATIO_TOO_BIG = 3 };
typedef struct kam__ratio_form { int32_t measure; uint32_t over, under; int64_t times; } kam__ratio_form;
/** The six ratios: figure `over` / figure `under` * times; fields of FINANCIAL. */
extern const kam__ratio_form kam__ratio_forms[6];
/** A KAM__RATIO_ code; the ratio in 10^-4. */
int kam__ratio(int64_t *out, const kam__ratio_form *form, const kam__annual *f);

#endif
