/* An expression, with columns made from the bytes before it (up to the first line end): what the block gives, each row gives. */
#include "fuzz.h"
#include "rule/cel_vec.h"

enum { BLOCK_ROWS = 24 };

static const char block_env[] = "{\"d\":\"double\",\"i\":\"int\",\"s\":\"string\",\"b\":\"bool\",\"m\":\"decimal(2)\"}";

typedef struct block_data {
    double d[BLOCK_ROWS]; int64_t i[BLOCK_ROWS], m[BLOCK_ROWS]; int32_t b[BLOCK_ROWS], off[BLOCK_ROWS + 1]; char text[BLOCK_ROWS * 12];
    uint8_t valid[BLOCK_ROWS / 8 + 1]; kam_col col[5]; kam_block block;
} block_data;

static uint32_t block_byte(const uint8_t *seed, size_t n, size_t k) { return n ? seed[k % n] + (uint32_t)(k / n) * 37 : (uint32_t)k * 41; }

static void block_fill(block_data *x, const uint8_t *seed, size_t n)
{
    static const double odd[] = {0.0, -0.0, 10.0, 1e308, -1e308, 5e-324, 9007199254740993.0};
    static const char *const word[] = {"", "A", "B", "automotive", "automotivf", "1234567", "12345678"};
    double zero = 0;
    memset(x, 0, sizeof *x);
    memset(x->valid, n % 3 == 0 ? 0xFD : 0xFF, sizeof x->valid);
    for (uint32_t r = 0; r < BLOCK_ROWS; r++) {
        uint32_t v = block_byte(seed, n, 3 * r);
        const char *s = word[block_byte(seed, n, 3 * r + 1) % 7];
        x->d[r] = v % 5 == 0 ? odd[v / 5 % 7] : v % 11 == 0 ? zero / zero : (double)v / 4 - 20;
        x->i[r] = v % 7 == 0 ? (v % 2 ? INT64_MAX : INT64_MIN) : (int64_t)v - 100;
        x->b[r] = (int32_t)(v & 1);
        x->m[r] = v % 13 == 0 ? (v % 2 ? INT64_MAX - v : INT64_MIN + v) : ((int64_t)v - 128) * (v % 3 ? 5 : 100);
        memcpy(x->text + x->off[r], s, strlen(s));
        x->off[r + 1] = x->off[r] + (int32_t)strlen(s);
    }
    const void *data[] = {x->d, x->i, x->text, x->b, x->m};
    static const uint8_t type[] = {KAM_T_F64, KAM_T_I64, KAM_T_TEXT, KAM_T_I32, KAM_T_I64};
    for (int c = 0; c < 5; c++) x->col[c] = (kam_col){0, type[c], {0}, data[c], c == 2 ? x->off : NULL, c == 0 ? x->valid : NULL};
    x->block = (kam_block){sizeof x->block, BLOCK_ROWS, 5, 0, x->col};
}

static void block_push(const block_data *x, kam_work *w, uint32_t r)
{
    kam_work_clear(w);
    if (x->valid[r / 8] >> r % 8 & 1) FUZZ_MUST(kam_work_set_f64(w, 0, x->d[r], NULL) == KAM_OK);
    FUZZ_MUST(kam_work_set_i64(w, 1, x->i[r], NULL) == KAM_OK);
    FUZZ_MUST(kam_work_set_text(w, 2, x->text + x->off[r], (size_t)(x->off[r + 1] - x->off[r]), NULL) == KAM_OK);
    FUZZ_MUST(kam_work_set_i64(w, 3, x->b[r], NULL) == KAM_OK && kam_work_set_i64(w, 4, x->m[r], NULL) == KAM_OK);
}

static int block_same_text(const kam_col *out, uint32_t r, const kam_work *w)
{
    size_t len = 0, n = 0;
    kam_buf *json = NULL;
    const char *got = kam__col_text(out, r, &len), *want = kam_work_text(w, NULL, &n);
    FUZZ_MUST(kam_buf_new(&json, NULL, NULL) == KAM_OK);
    if (!want) {
        FUZZ_MUST(kam_work_json(json, w, NULL) == KAM_OK);
        want = kam_buf_data(json);
        n = kam_buf_size(json);
    }
    int same = len == n && memcmp(got, want, n) == 0;
    kam_buf_free(json);
    return same;
}

static void block_compare(const block_data *x, const kam_rule *rule, const kam_col *out, kam_work *w)
{
    for (uint32_t r = 0; r < BLOCK_ROWS; r++) {
        block_push(x, w, r);
        int32_t rc = kam_rule_run(rule, w, NULL);
        int null = out->valid && !(out->valid[r / 8] >> r % 8 & 1);
        double f = kam__cel_one_nan(kam_work_f64(w, 0));
        if (rc != KAM_OK) FUZZ_MUST(rc == KAM_E_POLICY && null);
        else if (null) FUZZ_MUST(w->result.t == KAM__CEL_NULL || w->result.t == KAM__CEL_OPTIONAL);
        else if (out->type == KAM_T_F64) FUZZ_MUST(memcmp(&f, (const double *)out->data + r, sizeof f) == 0);
        else if (out->type == KAM_T_I32) FUZZ_MUST(kam_work_i64(w, -9) == ((const int32_t *)out->data)[r]);
        else if (out->type == KAM_T_TEXT && rule->root->type->kind != KAM__CEL_OPTIONAL) FUZZ_MUST(block_same_text(out, r, w));
        else if (out->type == KAM_T_I64 && rule->root->type->kind != KAM__CEL_OPTIONAL)
            FUZZ_MUST(kam_work_i64(w, -9) == ((const int64_t *)out->data)[r]);
    }
}

void fuzz_cel_block(const uint8_t *data, size_t size)
{
    static block_data x;
    const uint8_t *end = memchr(data, '\n', size);
    size_t n = end ? (size_t)(end - data) : 0;
    kam_ctx *ctx = NULL;
    kam_work *work = NULL, *rows = NULL;
    kam_rule *rule = NULL;
    const kam_col *out = NULL;
    kam_rule_options o = {.struct_size = sizeof o, .flags = KAM_RULE_NULL_ON_ERROR, .budget = 20000};
    if (size == 0) return;
    block_fill(&x, data, n);
    FUZZ_MUST(kam_ctx_new(&ctx, NULL, NULL) == KAM_OK);
    FUZZ_MUST(kam_work_new(&work, ctx, NULL) == KAM_OK && kam_work_new(&rows, ctx, NULL) == KAM_OK);
    size_t from = end ? n + 1 : 0;
    if (kam_rule_compile(&rule, ctx, block_env, &o, (const char *)data + from, size - from, NULL) == KAM_OK) {
        int32_t rc = kam_rule_eval_block(&out, rule, work, &x.block, NULL);
        FUZZ_MUST(rc == KAM_OK || rc == KAM_E_LIMIT);
        if (rc == KAM_OK) block_compare(&x, rule, out, rows);
    }
    kam_rule_free(rule);
    kam_work_free(rows);
    kam_work_free(work);
    kam_ctx_free(ctx);
}
FUZZ_TARGET(cel_block);
