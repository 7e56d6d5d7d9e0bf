/* Any bytes as a scorecard, then as much of what is left as values: a card that is taken scores rows and a block alike, by
 * every kind of loop, and explains itself; one that is refused says why. */
#include "fuzz.h"
#include <kam.h>

enum { FUZZ_ROWS = 70 };

static int32_t fuzz_card_row(kam_scorer *s, uint32_t n, const uint8_t *data, size_t size, uint32_t row, kam_error *err)
{
    kam_scorer_clear(s);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t b = size ? data[(row * 7 + i) % size] : 0;
        if (b % 5 == 0) continue;
        if (kam_scorer_set_i64(s, i, (int64_t)b - 100, err) == KAM_OK) continue;
        if (kam_scorer_set_text(s, i, (const char *)data, b % (size + 1), err) != KAM_OK) return KAM_E_INVAL;
    }
    return kam_scorer_run(NULL, s, err);
}

static void fuzz_card_block(kam_scorer *s, uint32_t n, const uint8_t *data, size_t size, kam_error *err)
{
    static int64_t whole[96][FUZZ_ROWS];
    static double real[96][FUZZ_ROWS];
    static int32_t off[FUZZ_ROWS + 1];
    kam_col col[96];
    int64_t first[FUZZ_ROWS];
    kam_block block = {.struct_size = sizeof block, .nrow = FUZZ_ROWS, .ncol = n, .col = col};
    const kam_block *out = NULL;
    memset(col, 0, sizeof col);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t r = 0; r < FUZZ_ROWS; r++) whole[i][r] = size ? (int64_t)data[(r * 7 + i) % size] - 100 : 0;
        for (uint32_t r = 0; r < FUZZ_ROWS; r++) real[i][r] = (double)whole[i][r];
        int text = kam_scorer_set_i64(s, i, 0, err) != KAM_OK;
        int f64 = !text && kam_scorer_set_f64(s, i, 0, err) == KAM_OK;
        col[i].type = text ? KAM_T_TEXT : f64 ? KAM_T_F64 : KAM_T_I64;
        col[i].data = text ? (const void *)"" : f64 ? (const void *)real[i] : (const void *)whole[i];
        col[i].off = text ? off : NULL;
    }
    for (uint32_t k = 0; k < 4; k++) {
        if (kam_scorer_kernel(s, k, err) != KAM_OK) continue;
        if (kam_scorer_block(&out, s, &block, err) != KAM_OK) return;
        for (uint32_t r = 0; r < FUZZ_ROWS; r++) {
            int64_t points = ((const int64_t *)out->col[0].data)[r];
            if (k == 0) first[r] = points;
            FUZZ_MUST(points == first[r]);
        }
    }
    for (uint32_t r = 0; r < FUZZ_ROWS; r++) {
        int64_t points = 0;
        kam_scorer_clear(s);
        for (uint32_t i = 0; i < n; i++)
            if (col[i].type != KAM_T_TEXT) FUZZ_MUST(kam_scorer_set_i64(s, i, whole[i][r], err) == KAM_OK);
        FUZZ_MUST(kam_scorer_run(&points, s, err) == KAM_OK && points == first[r]);
    }
}

void fuzz_card(const uint8_t *data, size_t size)
{
    kam_error *err = NULL;
    kam_ctx *ctx = NULL;
    kam_scorecard *card = NULL;
    kam_scorer *s = NULL;
    kam_why *why = NULL;
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;       /* the document ends at a NUL, values follow */
    size_t n = end ? (size_t)(end - data) : size;
    uint32_t attributes = 0;
    FUZZ_MUST(kam_error_new(&err, NULL) == KAM_OK && kam_ctx_new(&ctx, NULL, err) == KAM_OK);
    int32_t rc = kam_scorecard_parse(&card, ctx, (const char *)data, n, err);
    if (rc == KAM_OK) rc = kam_scorer_new(&s, card, err);
    if (rc == KAM_OK) {
        data += n;
        size -= n;
        while (kam_scorecard_reads(card, attributes)) attributes++;
        for (uint32_t row = 0; row < 3; row++)
            if (fuzz_card_row(s, attributes, data, size, row, err) == KAM_OK) {
                FUZZ_MUST(kam_scorer_why(&why, s, err) == KAM_OK);
                kam_why_free(why);
                why = NULL;
            }
        fuzz_card_block(s, attributes, data, size, err);
    } else FUZZ_MUST(kam_error_message(err)[0] != '\0');
    FUZZ_MUST(rc == KAM_OK || rc == KAM_E_PARSE || rc == KAM_E_POLICY || rc == KAM_E_TYPE || rc == KAM_E_LIMIT || rc == KAM_E_UTF8);
    kam_scorer_free(s);
    kam_scorecard_free(card);
    kam_ctx_free(ctx);
    kam_error_free(err);
}
FUZZ_TARGET(card);
