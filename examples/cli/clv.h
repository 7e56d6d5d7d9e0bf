/*
 * clv.h - `kam clv`: order lines to lifetime value. cmd_clv.c reads, counts and fits; clv_write.c writes the answers.
 * Accounts go by the byte order of their ids. Nothing here needs a book: the engine works on arrays.
 */
#ifndef KAM_CLI_CLV_H
#define KAM_CLI_CLV_H
#include "lines.h"
#include <math.h>

enum { CLV_CET, CLV_ALIVE, CLV_VALUE };
enum { CLV_NO_UNIT = 9 };
enum { CLV_AUTO = 1 << KAM_CLV_BGNBD | 1 << KAM_CLV_MBGNBD | 1 << KAM_CLV_PNBD | 1 << KAM_CLV_NBD };

typedef struct clv {
    lines lines;
    uint32_t wanted, chosen, unit, steps; /* wanted: bit KAM_CLV_; chosen: the model of the rows, 0 = none */
    int32_t until, holdout, holdout_given;
    double rate, horizon;
    kam_purchases *purchases;
    kam_clv_rows rows; const int64_t *account; const int32_t *later;
    kam_clv *model[KAM_CLV_GG + 1];
    double *column[3], *ev;
} clv;

/** "bgnbd" ... of a KAM_CLV_. */
const char *clv_name(uint32_t model);
/** Fills the columns with a model's figures; horizon too. */
int clv_predict(clv *v, uint32_t model);
int clv_write_rows(clv *v, const char *path);
int clv_write_summary(clv *v, const char *path);
/** The summary of nobody: each model's status is BAD_INPUT. */
int clv_write_nothing(const clv *v, const char *path);

#endif
