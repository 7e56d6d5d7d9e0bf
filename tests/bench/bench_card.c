/*
 * tests/bench/bench_card.c - the scorecard workload: a card of twelve factors over made-up accounts, by blocks with each
 * kind of loop this machine has, with and without reason codes, and row by row.
 *
 * Data and card are those of ../shared/bench/scorecard, whose README has the sums that must come out. Texts are codes of
 * dictionaries. Beside the median of seven runs stands the floor, the time of summing the twelve columns in
 * the same program, turn by turn with the others; of_floor is what each reaches of it, though it writes the scores too.
 */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CARD_BLOCK = 65536, CARD_RUNS = 7, CARD_COLS = 12, CARD_WAYS = 4 };

/* card.json of the workload as a document of the library. */
static const char *const card_text[] = {
    "{\"name\": \"bench\", \"title\": {\"en\": \"b\", \"zh\": \"b\"},%s \"attributes\": {",
    "\"revenue\": \"double\", \"margin\": \"double\", \"growth\": \"double\", \"wallet\": \"double\", "
    "\"paydays\": \"double\", \"employees\": \"int\", \"orders\": \"int\", \"recency\": \"int\", \"segment\": \"string\", "
    "\"industry\": \"string\", \"region\": \"string\", \"strategic\": \"bool\"}, \"factors\": [",
    "{\"id\": \"revenue\", \"attribute\": \"revenue\", \"title\": {\"en\": \"revenue\", \"zh\": \"revenue\"}, \"weight\": 2, "
    "\"bands\": [{\"below\": 10000, \"points\": 0}, {\"from\": 10000, \"below\": 50000, \"points\": 5}, "
    "{\"from\": 50000, \"below\": 250000, \"points\": 12}, {\"from\": 250000, \"below\": 1000000, \"points\": 25}, "
    "{\"from\": 1000000, \"below\": 5000000, \"points\": 40}, {\"from\": 5000000, \"points\": 60}]},",
    "{\"id\": \"margin\", \"attribute\": \"margin\", \"title\": {\"en\": \"margin\", \"zh\": \"margin\"}, \"weight\": 1.5, "
    "\"bands\": [{\"below\": 0, \"points\": -10}, {\"from\": 0, \"below\": 10, \"points\": 0}, {\"from\": 10, "
    "\"below\": 20, \"points\": 8}, {\"from\": 20, \"below\": 30, \"points\": 16}, {\"from\": 30, \"below\": 40, "
    "\"points\": 24}, {\"from\": 40, \"points\": 30}]},",
    "{\"id\": \"growth\", \"attribute\": \"growth\", \"title\": {\"en\": \"growth\", \"zh\": \"growth\"}, \"weight\": 1, "
    "\"bands\": [{\"below\": -5, \"points\": -15}, {\"from\": -5, \"below\": 0, \"points\": -5}, {\"from\": 0, "
    "\"below\": 5, \"points\": 5}, {\"from\": 5, \"below\": 15, \"points\": 10}, {\"from\": 15, \"below\": 25, "
    "\"points\": 20}, {\"from\": 25, \"points\": 30}]},",
    "{\"id\": \"wallet\", \"attribute\": \"wallet\", \"title\": {\"en\": \"wallet\", \"zh\": \"wallet\"}, \"weight\": 1.25, "
    "\"bands\": [{\"below\": 10, \"points\": 0}, {\"from\": 10, \"below\": 25, \"points\": 6}, {\"from\": 25, "
    "\"below\": 50, \"points\": 12}, {\"from\": 50, \"below\": 75, \"points\": 20}, {\"from\": 75, \"points\": 28}]},",
    "{\"id\": \"paydays\", \"attribute\": \"paydays\", \"title\": {\"en\": \"paydays\", \"zh\": \"paydays\"}, "
    "\"weight\": 0.5, \"bands\": [{\"below\": 14, \"points\": 20}, {\"from\": 14, \"below\": 30, \"points\": 15}, "
    "{\"from\": 30, \"below\": 45, \"points\": 8}, {\"from\": 45, \"below\": 60, \"points\": 0}, {\"from\": 60, "
    "\"below\": 90, \"points\": -10}, {\"from\": 90, \"points\": -25}]},",
    "{\"id\": \"employees\", \"attribute\": \"employees\", \"title\": {\"en\": \"employees\", \"zh\": \"employees\"}, "
    "\"weight\": 0.75, \"bands\": [{\"below\": 10, \"points\": 0}, {\"from\": 10, \"below\": 50, \"points\": 4}, "
    "{\"from\": 50, \"below\": 250, \"points\": 8}, {\"from\": 250, \"below\": 1000, \"points\": 16}, {\"from\": 1000, "
    "\"below\": 5000, \"points\": 24}, {\"from\": 5000, \"points\": 32}]},",
    "{\"id\": \"orders\", \"attribute\": \"orders\", \"title\": {\"en\": \"orders\", \"zh\": \"orders\"}, \"weight\": 1, "
    "\"bands\": [{\"below\": 1, \"points\": 0}, {\"from\": 1, \"below\": 6, \"points\": 4}, {\"from\": 6, \"below\": 12, "
    "\"points\": 10}, {\"from\": 12, \"below\": 52, \"points\": 18}, {\"from\": 52, \"below\": 104, \"points\": 30}, "
    "{\"from\": 104, \"points\": 36}]},",
    "{\"id\": \"recency\", \"attribute\": \"recency\", \"title\": {\"en\": \"recency\", \"zh\": \"recency\"}, \"weight\": 1, "
    "\"bands\": [{\"below\": 30, \"points\": 30}, {\"from\": 30, \"below\": 90, \"points\": 24}, {\"from\": 90, "
    "\"below\": 180, \"points\": 12}, {\"from\": 180, \"below\": 365, \"points\": 4}, {\"from\": 365, "
    "\"points\": -10}]},",
    "{\"id\": \"segment\", \"attribute\": \"segment\", \"title\": {\"en\": \"segment\", \"zh\": \"segment\"}, \"weight\": 2, "
    "\"map\": {\"A\": 40, \"B\": 25, \"C\": 10}, \"otherwise\": 0},",
    "{\"id\": \"industry\", \"attribute\": \"industry\", \"title\": {\"en\": \"industry\", \"zh\": \"industry\"}, "
    "\"weight\": 1, \"map\": {\"pharma\": 20, \"automotive\": 16, \"food\": 12, \"chemicals\": 10, \"energy\": 8}, "
    "\"otherwise\": 2},",
    "{\"id\": \"region\", \"attribute\": \"region\", \"title\": {\"en\": \"region\", \"zh\": \"region\"}, \"weight\": 0.5, "
    "\"map\": {\"north\": 10, \"south\": 8, \"export\": -6}, \"otherwise\": 0},",
    "{\"id\": \"strategic\", \"attribute\": \"strategic\", \"title\": {\"en\": \"strategic\", \"zh\": \"strategic\"}, "
    "\"weight\": 1, \"flag\": {\"true\": 50, \"false\": 0}}]}",
};

static const char *const card_words[3][10] = {
    {"A", "B", "C", "D"},
    {"pharma", "automotive", "food", "chemicals", "energy", "logistics", "retail", "public", "machinery", "other"},
    {"north", "south", "east", "west", "export"}};
static const uint32_t card_nword[3] = {4, 10, 5};

/* Numbers of the attributes, which go by their names: five doubles, three whole numbers, three texts, the flag. */
static const uint32_t card_number[CARD_COLS] = {8, 3, 1, 11, 5, 0, 4, 6, 9, 2, 7, 10};

typedef struct card_data { uint64_t rows, state; double *number[5]; int32_t *whole[7]; } card_data;

static uint64_t card_random(card_data *d)
{
    uint64_t z = (d->state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double card_unit(card_data *d) { return (double)(card_random(d) >> 11) * (1.0 / 9007199254740992.0); }

static void card_fill(card_data *d, uint64_t i)
{
    double r = card_unit(d), e, o;
    d->number[0][i] = (double)(int64_t)(r * r * r * r * 10000000 * 100) / 100.0;
    d->number[1][i] = (int)(card_unit(d) * 6000 - 500) / 100.0;
    d->number[2][i] = (int)(card_unit(d) * 6000 - 2000) / 100.0;
    d->number[3][i] = (int)(card_unit(d) * 10000) / 100.0;
    d->number[4][i] = (int)(card_unit(d) * 1200) / 10.0;
    e = card_unit(d);
    d->whole[0][i] = (int)(e * e * e * 20000);
    o = card_unit(d);
    d->whole[1][i] = (int)(o * card_unit(d) * 200);
    d->whole[2][i] = (int)(card_unit(d) * 730);
    d->whole[3][i] = (int)(card_random(d) % 4);
    d->whole[4][i] = (int)(card_random(d) % 10);
    d->whole[5][i] = (int)(card_random(d) % 5);
    d->whole[6][i] = card_random(d) % 8 == 0;
}

static void card_data_free(card_data *d)
{
    for (int c = 0; c < 5; c++) free(d->number[c]);
    for (int c = 0; c < 7; c++) free(d->whole[c]);
}

static int32_t card_data_new(card_data *d, uint64_t rows)
{
    size_t n = (size_t)rows + 1;
    int ok = 1;
    memset(d, 0, sizeof *d);
    d->rows = rows;
    d->state = 42;
    for (int c = 0; c < 5; c++) ok &= (d->number[c] = malloc(n * 8)) != NULL;
    for (int c = 0; c < 7; c++) ok &= (d->whole[c] = malloc(n * 4)) != NULL;
    for (uint64_t i = 0; i < rows && ok; i++) card_fill(d, i);
    return ok ? KAM_OK : KAM_E_NOMEM;
}

/* ---------------------------------------------------------------- what is measured */

typedef struct card_job { bench *b; card_data d; kam_scorer *plain, *why; double sum, guard; } card_job;

static void card_view(const card_data *d, uint64_t first, kam_block *block, kam_col col[CARD_COLS])
{
    uint64_t left = d->rows - first;
    memset(col, 0, CARD_COLS * sizeof *col);
    for (int c = 0; c < 5; c++) {
        col[card_number[c]].type = KAM_T_F64;
        col[card_number[c]].data = d->number[c] + first;
    }
    for (int c = 0; c < 7; c++) {
        col[card_number[5 + c]].type = KAM_T_I32;
        col[card_number[5 + c]].data = d->whole[c] + first;
    }
    memset(block, 0, sizeof *block);
    block->struct_size = sizeof *block;
    block->nrow = left < CARD_BLOCK ? (uint32_t)left : (uint32_t)CARD_BLOCK;
    block->ncol = CARD_COLS;
    block->col = col;
}

/* The sum of the scores is taken outside of the time. */
static int32_t card_blocks(card_job *j, kam_scorer *s, bench_watch *w)
{
    int64_t sum = 0;
    for (uint64_t first = 0; first < j->d.rows; first += CARD_BLOCK) {
        kam_block block;
        kam_col col[CARD_COLS];
        const kam_block *out = NULL;
        card_view(&j->d, first, &block, col);
        bench_start(w);
        int32_t rc = kam_scorer_block(&out, s, &block, j->b->err);
        bench_stop(w);
        if (rc < 0) return rc;
        const int64_t *points = out->col[0].data;
        for (uint32_t i = 0; i < block.nrow; i++) sum += points[i];
    }
    j->sum = (double)sum / 10000;
    return KAM_OK;
}

static int32_t card_rows(card_job *j, kam_scorer *s)
{
    int64_t points = 0, sum = 0;
    for (uint64_t i = 0; i < j->d.rows; i++) {
        int32_t rc = KAM_OK;
        for (uint32_t c = 0; c < 5; c++) rc |= kam_scorer_set_f64(s, card_number[c], j->d.number[c][i], j->b->err);
        for (uint32_t c = 0; c < 3; c++) rc |= kam_scorer_set_i64(s, card_number[5 + c], j->d.whole[c][i], j->b->err);
        for (uint32_t c = 0; c < 3; c++)
            rc |= kam_scorer_set_text(s, card_number[8 + c], card_words[c][j->d.whole[3 + c][i]], KAM_NUL, j->b->err);
        rc |= kam_scorer_set_i64(s, card_number[11], j->d.whole[6][i], j->b->err);
        if (rc == KAM_OK) rc = kam_scorer_run(&points, s, j->b->err);
        if (rc < 0) return rc;
        sum += points;
    }
    j->sum = (double)sum / 10000;
    return KAM_OK;
}

#if defined(__GNUC__)
typedef double card_vd __attribute__((vector_size(16), aligned(8), may_alias));
typedef int32_t card_vi __attribute__((vector_size(16), aligned(4), may_alias));
#else
typedef double card_vd;
typedef int32_t card_vi;
#endif

/* The floor: each column is read once; eight sums, or it would be the time of one addition after the other. */
static void card_floor(card_job *j)
{
    card_vd d0 = {0}, d1 = {0}, d2 = {0}, d3 = {0}, d4 = {0}, d5 = {0}, d6 = {0}, d7 = {0};
    card_vi i0 = {0}, i1 = {0}, i2 = {0}, i3 = {0}, i4 = {0}, i5 = {0}, i6 = {0}, i7 = {0};
    for (int c = 0; c < 5; c++) {
        const card_vd *p = (const card_vd *)(const void *)j->d.number[c];
        const card_vd *end = p + j->d.rows * sizeof(double) / sizeof *p / 8 * 8;
        for (; p < end; p += 8) {
            d0 += p[0], d1 += p[1], d2 += p[2], d3 += p[3];
            d4 += p[4], d5 += p[5], d6 += p[6], d7 += p[7];
        }
    }
    for (int c = 0; c < 7; c++) {
        const card_vi *p = (const card_vi *)(const void *)j->d.whole[c];
        const card_vi *end = p + j->d.rows * sizeof(int32_t) / sizeof *p / 8 * 8;
        for (; p < end; p += 8) {
            i0 += p[0], i1 += p[1], i2 += p[2], i3 += p[3];
            i4 += p[4], i5 += p[5], i6 += p[6], i7 += p[7];
        }
    }
    d0 += d1 + d2 + d3 + d4 + d5 + d6 + d7;
    i0 += i1 + i2 + i3 + i4 + i5 + i6 + i7;
    memcpy(&j->d.state, &d0, sizeof j->d.state);
    memcpy(&j->guard, &i0, sizeof i0 < sizeof j->guard ? sizeof i0 : sizeof j->guard);
}

/* ---------------------------------------------------------------- measuring */

static int card_by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double card_median(double *t)
{
    qsort(t, CARD_RUNS, sizeof *t, card_by_time);
    return t[CARD_RUNS / 2];
}

static int32_t card_check(const card_job *j)
{
    double want = j->d.rows == 1000000 ? 192465953.00 : j->d.rows == 20000 ? 3844133.50 : j->sum;
    if (j->sum == want) return KAM_OK;
    fprintf(stderr, "kam: the scores add up to %.4f, not to %.2f\n", j->sum, want);
    return KAM_E_CORRUPT;
}

/* One turn of each: the floor, every kind of loop without and with reasons. */
static int32_t card_turn(card_job *j, int turn, double floor[CARD_RUNS], double time[2][CARD_WAYS][CARD_RUNS])
{
    int32_t rc = KAM_OK;
    for (uint32_t k = 0; k < CARD_WAYS && rc == KAM_OK; k++)
        for (int r = 0; r < 2 && rc == KAM_OK; r++) {
            kam_scorer *s = r ? j->why : j->plain;
            bench_watch w = {0};
            if (kam_scorer_kernel(s, k, NULL) != KAM_OK) continue;
            rc = card_blocks(j, s, &w);
            time[r][k][turn] = w.cpu;
            if (rc == KAM_OK) rc = card_check(j);
        }
    bench_watch f = {0};
    bench_start(&f);
    card_floor(j);
    bench_stop(&f);
    floor[turn] = f.cpu;
    return rc;
}

static void card_say(card_job *j, double floor, double time[2][CARD_WAYS][CARD_RUNS])
{
    static const char *const name[CARD_WAYS] = {"best", "portable", "avx2", "avx512"};
    char *out = j->b->extra;
    size_t size = sizeof j->b->extra, at = strlen(out);
    at += (size_t)snprintf(out + at, size - at, ",\"checksum\":%.2f,\"floor_m\":%.1f", j->sum,
                           (double)j->d.rows / floor / 1e6);
    for (int k = 0; k < CARD_WAYS; k++) {
        double plain = card_median(time[0][k]), why = card_median(time[1][k]);
        if (k == 0) j->b->run.cpu = plain;
        if (plain > 0 && why > 0)
            at += (size_t)snprintf(out + at, size - at, ",\"%s\":{\"m\":%.1f,\"of_floor\":%.2f,\"reasons\":%.2f}", name[k],
                                   (double)j->d.rows / plain / 1e6, floor / plain, floor / why);
    }
}

static int32_t card_measure(card_job *j)
{
    double floor[CARD_RUNS], time[2][CARD_WAYS][CARD_RUNS], row[CARD_RUNS];
    int32_t rc = KAM_OK;
    memset(time, 0, sizeof time);
    for (int i = 0; i < CARD_RUNS && rc == KAM_OK; i++) {
        bench_watch w = {0};
        rc = card_turn(j, i, floor, time);
        if (rc == KAM_OK) {
            bench_start(&w);
            rc = card_rows(j, j->plain);
            bench_stop(&w);
        }
        if (rc == KAM_OK) rc = card_check(j);
        row[i] = w.cpu;
    }
    if (rc < 0) return rc;
    j->b->done = j->d.rows;
    card_say(j, card_median(floor), time);
    size_t n = strlen(j->b->extra);
    snprintf(j->b->extra + n, sizeof j->b->extra - n, ",\"row_m\":%.2f", (double)j->d.rows / card_median(row) / 1e6);
    return KAM_OK;
}

/* ---------------------------------------------------------------- making */

static int32_t card_scorer(kam_scorer **out, bench *b, const char *text)
{
    kam_scorecard *card = NULL;
    kam_scorer_free(*out);
    *out = NULL;
    int32_t rc = kam_scorecard_parse(&card, b->ctx, text, KAM_NUL, b->err);
    if (rc == KAM_OK) rc = kam_scorer_new(out, card, b->err);
    kam_scorecard_free(card);
    return rc;
}

static int32_t card_dictionaries(bench *b, kam_scorer *s)
{
    int32_t rc = KAM_OK;
    for (uint32_t c = 0; c < 3 && rc == KAM_OK; c++) {
        char bytes[200];
        int32_t off[11] = {0};
        for (uint32_t k = 0; k < card_nword[c]; k++) {
            size_t n = strlen(card_words[c][k]);
            memcpy(bytes + off[k], card_words[c][k], n);
            off[k + 1] = off[k] + (int32_t)n;
        }
        const kam_col col = {.type = KAM_T_TEXT, .data = bytes, .off = off};
        rc = kam_scorer_dictionary(s, card_number[8 + c], &col, card_nword[c], b->err);
    }
    return rc;
}

static int32_t card_make(card_job *j)
{
    char text[8000];
    int32_t rc = KAM_OK;
    for (int r = 0; r < 2 && rc == KAM_OK; r++) {
        kam_scorer **s = r ? &j->why : &j->plain;
        size_t at = (size_t)snprintf(text, sizeof text, card_text[0],
                                     r ? " \"reasons\": {\"method\": \"points_below\", \"count\": 3}," : "");
        for (size_t i = 1; i < sizeof card_text / sizeof *card_text; i++)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s", card_text[i]);
        bench_watch w = {0};
        bench_start(&w);
        for (int i = 0; i < (r ? 1 : 200) && rc == KAM_OK; i++) rc = card_scorer(s, j->b, text);
        bench_stop(&w);
        if (!r) snprintf(j->b->extra, sizeof j->b->extra, ",\"compile_us\":%.1f", w.cpu / 200 * 1e6);
        if (rc == KAM_OK) rc = card_dictionaries(j->b, *s);
    }
    return rc;
}

int32_t bench_scorecard(bench *b)
{
    card_job j = {.b = b};
    int32_t rc = card_data_new(&j.d, b->rows);
    if (rc == KAM_OK) rc = card_make(&j);
    if (rc == KAM_OK) rc = card_measure(&j);
    kam_scorer_free(j.plain);
    kam_scorer_free(j.why);
    card_data_free(&j.d);
    return j.guard == 0.5 ? KAM_E_CORRUPT : rc;
}
