/*
 * tests/bench/bench_cel.c - the scorecard workload: a card of twelve factors as one CEL expression over made-up
 * accounts.
 *
 * Data and card are those of ../shared/bench/scorecard, whose README has the sums that must come out. The result is
 * the median of five runs; beside it stands the floor, the time of summing the twelve columns in the same program.
 */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CEL_BLOCK = 65536, CEL_RUNS = 5, CEL_COLS = 12 };

static const char cel_env[] =
    "{\"revenue\":\"double\",\"margin\":\"double\",\"growth\":\"double\",\"wallet\":\"double\",\"paydays\":\"double\","
    "\"employees\":\"int\",\"orders\":\"int\",\"recency\":\"int\",\"segment\":\"string\",\"industry\":\"string\","
    "\"region\":\"string\",\"strategic\":\"bool\"}";

typedef struct cel_data {
    uint64_t rows, state;
    double *number[5];
    int32_t *whole[4];                      /* employees, orders, recency, strategic */
    int32_t *off[3];
    char *text[3];
    size_t size[3];
} cel_data;

static uint64_t cel_random(cel_data *d)
{
    uint64_t z = (d->state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double cel_unit(cel_data *d) { return (double)(cel_random(d) >> 11) * (1.0 / 9007199254740992.0); }

static void cel_text_of(cel_data *d, int c, uint64_t row, const char *text)
{
    size_t n = strlen(text);
    memcpy(d->text[c] + d->size[c], text, n);
    d->size[c] += n;
    d->off[c][row % CEL_BLOCK + 1 + row / CEL_BLOCK * (CEL_BLOCK + 1)] = (int32_t)d->size[c];
}

static void cel_fill_row(cel_data *d, uint64_t i)
{
    static const char *const segment[] = {"A", "B", "C", "D"};
    static const char *const industry[] = {"pharma", "automotive", "food", "chemicals", "energy", "logistics", "retail",
                                           "public", "machinery", "other"};
    static const char *const region[] = {"north", "south", "east", "west", "export"};
    double r = cel_unit(d), e, o;
    d->number[0][i] = (double)(int64_t)(r * r * r * r * 10000000 * 100) / 100.0;
    d->number[1][i] = (int)(cel_unit(d) * 6000 - 500) / 100.0;
    d->number[2][i] = (int)(cel_unit(d) * 6000 - 2000) / 100.0;
    d->number[3][i] = (int)(cel_unit(d) * 10000) / 100.0;
    d->number[4][i] = (int)(cel_unit(d) * 1200) / 10.0;
    e = cel_unit(d);
    d->whole[0][i] = (int)(e * e * e * 20000);
    o = cel_unit(d);
    d->whole[1][i] = (int)(o * cel_unit(d) * 200);
    d->whole[2][i] = (int)(cel_unit(d) * 730);
    cel_text_of(d, 0, i, segment[cel_random(d) % 4]);
    cel_text_of(d, 1, i, industry[cel_random(d) % 10]);
    cel_text_of(d, 2, i, region[cel_random(d) % 5]);
    d->whole[3][i] = cel_random(d) % 8 == 0;
}

static void cel_data_free(cel_data *d)
{
    for (int c = 0; c < 5; c++) free(d->number[c]);
    for (int c = 0; c < 4; c++) free(d->whole[c]);
    for (int c = 0; c < 3; c++) { free(d->off[c]); free(d->text[c]); }
}

static int32_t cel_data_new(cel_data *d, uint64_t rows)
{
    size_t blocks = (size_t)(rows / CEL_BLOCK + 1), n = (size_t)rows;
    int ok = 1;
    memset(d, 0, sizeof *d);
    d->rows = rows;
    d->state = 42;
    for (int c = 0; c < 5; c++) ok &= (d->number[c] = malloc(n * 8)) != NULL;
    for (int c = 0; c < 4; c++) ok &= (d->whole[c] = malloc(n * 4)) != NULL;
    for (int c = 0; c < 3; c++) {
        ok &= (d->off[c] = malloc(blocks * (CEL_BLOCK + 1) * 4)) != NULL;
        ok &= (d->text[c] = malloc(n * 12 + 64)) != NULL;
    }
    if (!ok) { cel_data_free(d); return KAM_E_NOMEM; }
    for (uint64_t i = 0; i < rows; i++) {
        for (int c = 0; c < 3 &&
             i % CEL_BLOCK == 0; c++) d->off[c][i / CEL_BLOCK * (CEL_BLOCK + 1)] = (int32_t)d->size[c];
        cel_fill_row(d, i);
    }
    return KAM_OK;
}

/* The rows of one block, as columns in the order of the environment. */
static uint32_t cel_view(const cel_data *d, uint64_t first, kam_block *block, kam_col col[CEL_COLS])
{
    uint64_t left = d->rows - first;
    uint32_t n = left < CEL_BLOCK ? (uint32_t)left : (uint32_t)CEL_BLOCK;
    memset(col, 0, CEL_COLS * sizeof *col);
    for (int c = 0; c < 5; c++) { col[c].type = KAM_T_F64; col[c].data = d->number[c] + first; }
    for (int c = 0; c < 3; c++) { col[5 + c].type = KAM_T_I32; col[5 + c].data = d->whole[c] + first; }
    for (int c = 0; c < 3; c++) {
        col[8 + c].type = KAM_T_TEXT;
        col[8 + c].data = d->text[c];
        col[8 + c].off = d->off[c] + first / CEL_BLOCK * (CEL_BLOCK + 1);
    }
    col[11].type = KAM_T_I32;
    col[11].data = d->whole[3] + first;
    memset(block, 0, sizeof *block);
    block->struct_size = sizeof *block;
    block->nrow = n;
    block->ncol = CEL_COLS;
    block->col = col;
    return n;
}

static double cel_floor_sum(const cel_data *d)
{
    double part[16] = {0}, sum = 0;
    int64_t count[16] = {0}, whole = 0;
    for (int c = 0; c < 5; c++)             /* apart, or the floor would be the time of one addition after the other */
        for (uint64_t i = 0; i + 16 <= d->rows; i += 16)
            for (int k = 0; k < 16; k++) part[k] += d->number[c][i + (uint64_t)k];
    for (int k = 0; k < 16; k++) sum += part[k];
    for (int c = 0; c < 7; c++) {
        const int32_t *column = c < 4 ? d->whole[c] : d->off[c - 4];
        for (uint64_t i = 0; i + 16 <= d->rows; i += 16)
            for (int k = 0; k < 16; k++) count[k] += column[i + (uint64_t)k];
    }
    for (int k = 0; k < 16; k++) whole += count[k];
    return sum + (double)whole;
}

static int32_t cel_score_blocks(bench *b, const cel_data *d, const kam_rule *rule, kam_work *work, double *sum)
{
    for (uint64_t first = 0; first < d->rows;) {
        kam_block block;
        kam_col col[CEL_COLS];
        const kam_col *out = NULL;
        uint32_t n = cel_view(d, first, &block, col);
        int32_t rc = kam_rule_eval_block(&out, rule, work, &block, b->err);
        if (rc < 0) return rc;
        for (uint32_t i = 0; i < n; i++) *sum += ((const double *)out->data)[i];
        first += n;
    }
    return KAM_OK;
}

static int32_t cel_score_rows(bench *b, const cel_data *d, const kam_rule *rule, kam_work *work, double *sum)
{
    for (uint64_t i = 0; i < d->rows; i++) {
        uint64_t at = i % CEL_BLOCK + i / CEL_BLOCK * (CEL_BLOCK + 1);
        int32_t rc = KAM_OK;
        for (uint32_t c = 0; c < 5; c++) rc |= kam_work_set_f64(work, c, d->number[c][i], b->err);
        for (uint32_t c = 0; c < 3; c++) rc |= kam_work_set_i64(work, 5 + c, d->whole[c][i], b->err);
        for (uint32_t c = 0; c < 3; c++)
            rc |= kam_work_set_text(work, 8 + c, d->text[c] + d->off[c][at],
                                    (size_t)(d->off[c][at + 1] - d->off[c][at]), b->err);
        rc |= kam_work_set_i64(work, 11, d->whole[3][i], b->err);
        if (rc == KAM_OK) rc = kam_rule_run(rule, work, b->err);
        if (rc < 0) return rc;
        *sum += kam_work_f64(work, 0);
    }
    return KAM_OK;
}

static int cel_by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double cel_median(double *t)
{
    qsort(t, CEL_RUNS, sizeof *t, cel_by_time);
    return t[CEL_RUNS / 2];
}

static int32_t cel_measure(bench *b, const cel_data *d, const kam_rule *rule, int rows)
{
    double time[CEL_RUNS], base[CEL_RUNS], sum = 0, guard = 0;
    kam_work *work = NULL;
    int32_t rc = kam_work_new(&work, b->ctx, b->err);
    for (int i = 0; i < CEL_RUNS && rc == KAM_OK; i++) {
        bench_watch w = {0};
        bench_watch f = {0};
        sum = 0;
        bench_start(&w);
        rc = rows ? cel_score_rows(b, d, rule, work, &sum) : cel_score_blocks(b, d, rule, work, &sum);
        bench_stop(&w);
        bench_start(&f);
        guard += cel_floor_sum(d);
        bench_stop(&f);
        time[i] = w.cpu;
        base[i] = f.cpu;
        b->run.wall += w.wall / CEL_RUNS;
    }
    kam_work_free(work);
    if (rc < 0) return rc;
    b->run.cpu = cel_median(time);
    b->done = d->rows;
    double lowest = cel_median(base);
    snprintf(b->extra, sizeof b->extra, ",\"checksum\":%.2f,\"floor_rows_per_second\":%.0f,\"of_floor\":%.4f%s", sum,
             lowest > 0 ? (double)d->rows / lowest : 0.0, b->run.cpu > 0 ? lowest / b->run.cpu : 0.0, guard == 0.5
                 ? " " : "");
    if (d->rows != 1000000 || (sum > 192465952.995 && sum < 192465953.005)) return KAM_OK;
    fprintf(stderr, "kam: the scores add up to %.2f, not to 192465953.00\n", sum);
    return KAM_E_CORRUPT;
}

static char *cel_card(void)
{
    char *text = calloc(1, 65536);
    FILE *f = fopen(KAM_SHARED_DIR "/bench/scorecard/card.cel", "rb");
    if (f && text && fread(text, 1, 65535, f) == 0) text[0] = '\0';
    if (f) fclose(f);
    else fprintf(stderr, "kam: " KAM_SHARED_DIR "/bench/scorecard/card.cel cannot be read\n");
    return text;
}

static int32_t cel_bench(bench *b, int rows)
{
    cel_data data;
    kam_rule *rule = NULL;
    char *card = cel_card();
    int32_t rc = card && *card ? cel_data_new(&data, b->rows) : KAM_E_NOT_FOUND;
    if (rc == KAM_OK) {
        bench_watch w = {0};
        bench_start(&w);
        for (int i = 0; i < 100 && rc == KAM_OK; i++) {
            kam_rule_free(rule);
            rule = NULL;
            rc = kam_rule_compile(&rule, b->ctx, cel_env, NULL, card, KAM_NUL, b->err);
        }
        bench_stop(&w);
        b->prepare.cpu = w.cpu / 100;
        if (rc == KAM_OK) rc = cel_measure(b, &data, rule, rows);
        if (rc == KAM_OK) {
            size_t n = strlen(b->extra);
            snprintf(b->extra + n, sizeof b->extra - n, ",\"compile_microseconds\":%.1f", w.cpu * 1e4);
        }
        cel_data_free(&data);
    }
    kam_rule_free(rule);
    free(card);
    return rc;
}

int32_t bench_cel_row(bench *b) { return cel_bench(b, 1); }
int32_t bench_cel_block(bench *b) { return cel_bench(b, 0); }
