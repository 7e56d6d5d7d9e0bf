/*
 * Lifetime value: a model as JSON, or, behind a byte below 9, rows of accounts to fit a model to. Whatever is read or
 * fitted predicts finite numbers, and is the same when written and read again.
 */
#include "fuzz.h"
#include <math.h>

enum { FUZZ_ROWS = 64 };

static void fuzz_predict(const kam_clv *m, const kam_clv_rows *rows)
{
    double expected[FUZZ_ROWS], alive[FUZZ_ROWS];
    if (kam_clv_predict(expected, alive, m, rows, 13, NULL) != KAM_OK) return;
    for (size_t i = 0; i < rows->n; i++)
        FUZZ_MUST(isfinite(expected[i]) && expected[i] >= 0 && alive[i] >= 0 && alive[i] <= 1);
}

static void fuzz_again(const kam_clv *m)
{
    kam_buf *one = NULL, *two = NULL;
    kam_clv *again = NULL;
    FUZZ_MUST(kam_buf_new(&one, NULL, NULL) == KAM_OK && kam_buf_new(&two, NULL, NULL) == KAM_OK);
    FUZZ_MUST(kam_clv_to_json(one, m, NULL) == KAM_OK);
    FUZZ_MUST(kam_clv_from_json(&again, NULL, kam_buf_data(one), kam_buf_size(one), NULL) == KAM_OK);
    FUZZ_MUST(kam_clv_to_json(two, again, NULL) == KAM_OK);
    FUZZ_MUST(strcmp(kam_buf_data(one), kam_buf_data(two)) == 0);
    kam_clv_free(again);
    kam_buf_free(one);
    kam_buf_free(two);
}

/* Five bytes a row: x, t and tx as parts of 16 bits, mean. */
static void fuzz_fit(uint32_t model, const uint8_t *data, size_t size)
{
    int32_t x[FUZZ_ROWS];
    double tx[FUZZ_ROWS], t[FUZZ_ROWS], m[FUZZ_ROWS];
    kam_clv_rows rows = {.struct_size = sizeof rows, .x = x, .tx = tx, .t = t, .m = m};
    kam_clv *fitted = NULL;
    for (; rows.n < FUZZ_ROWS && size >= 5; rows.n++, data += 5, size -= 5) {
        size_t i = rows.n;
        x[i] = data[0] & 31;
        t[i] = (double)(data[1] * 256 + data[2]) / 7;
        tx[i] = x[i] ? t[i] * data[3] / 255 : 0;
        m[i] = data[4];
        if (model == KAM_CLV_BGBB) t[i] = data[1] % 9, tx[i] = x[i] ? t[i] : 0, x[i] = x[i] > t[i] ? (int32_t)t[i] : x[i];
    }
    FUZZ_MUST(kam_clv_fit(&fitted, NULL, model, &rows, NULL) == KAM_OK);
    double status = kam_clv_figure(fitted, KAM_CLV_STATUS, 0);
    FUZZ_MUST(status >= KAM_CLV_OK && status <= KAM_CLV_BAD_INPUT && isfinite(kam_clv_figure(fitted, KAM_CLV_LOG_LIKELIHOOD, 0)));
    if (model == KAM_CLV_GG) {
        if (kam_clv_spend(tx, fitted, &rows, NULL) == KAM_OK)
            for (size_t i = 0; i < rows.n; i++) FUZZ_MUST(isfinite(tx[i]) && tx[i] >= 0);
    } else fuzz_predict(fitted, &rows);
    if (status < KAM_CLV_BAD_INPUT) fuzz_again(fitted);
    kam_clv_free(fitted);
}

void fuzz_clv(const uint8_t *data, size_t size)
{
    static const int32_t x[3] = {0, 3, 500};
    static const double tx[3] = {0, 20, 36}, t[3] = {39, 39, 37};
    const kam_clv_rows rows = {.struct_size = sizeof rows, .n = 3, .x = x, .tx = tx, .t = t};
    kam_clv *m = NULL;
    if (size && data[0] >= 1 && data[0] <= KAM_CLV_BGBB) {
        fuzz_fit(data[0], data + 1, size - 1);
        return;
    }
    int32_t rc = kam_clv_from_json(&m, NULL, size ? (const char *)data : "", size, NULL);
    if (rc == KAM_OK) {
        fuzz_predict(m, &rows);
        fuzz_again(m);
    }
    kam_clv_free(m);
}
FUZZ_TARGET(clv);
