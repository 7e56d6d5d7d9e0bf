/*
 * tests/bench/bench_data.c - accounts and ledger rows out of their row number alone: no list is kept, any row can be
 * made again.
 *
 * Amounts are uneven (a few accounts get most rows) so that grading has something to sort; texts have the lengths of
 * real ones.
 */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BENCH_COLS = 12, BENCH_WIDTH = 48, BENCH_CSV = 160 };

struct bench_data {
    kam_block block;
    kam_col col[BENCH_COLS];
    void *number[BENCH_COLS];
    char *text[BENCH_COLS];
    int32_t *off[BENCH_COLS];
    char *csv;
};

/* The mixing step of splitmix64 (Steele, Lea, Flood 2014). */
uint64_t bench_random(uint64_t i)
{
    uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int32_t bench_data_new(bench_data **out)
{
    bench_data *d = calloc(1, sizeof *d);
    int whole = d && (d->csv = malloc((size_t)BENCH_BLOCK * BENCH_CSV)) != NULL;
    for (int i = 0; whole && i < BENCH_COLS; i++) {
        d->number[i] = malloc((size_t)BENCH_BLOCK * sizeof(int64_t));
        d->text[i] = malloc((size_t)BENCH_BLOCK * BENCH_WIDTH);
        d->off[i] = calloc((size_t)BENCH_BLOCK + 1, sizeof(int32_t));
        whole = d->number[i] && d->text[i] && d->off[i];
    }
    if (!whole) {
        bench_data_free(d);
        return KAM_E_NOMEM;
    }
    *out = d;
    return KAM_OK;
}

void bench_data_free(bench_data *d)
{
    if (!d) return;
    for (int i = 0; i < BENCH_COLS; i++) {
        free(d->number[i]);
        free(d->text[i]);
        free(d->off[i]);
    }
    free(d->csv);
    free(d);
}

/* ---------------------------------------------------------------- columns */

static void bench_begin(bench_data *d, uint32_t n)
{
    d->block = (kam_block){.struct_size = sizeof d->block, .nrow = n, .col = d->col};
}

static uint32_t bench_column(bench_data *d, uint32_t field, uint8_t type)
{
    uint32_t c = d->block.ncol++;
    d->col[c] = (kam_col){.field = field,
                          .type = type,
                          .data = type == KAM_T_TEXT ? (void *)d->text[c] : d->number[c],
                          .off = type == KAM_T_TEXT ? d->off[c] : NULL};
    return c;
}

static void bench_i32(bench_data *d, uint32_t c, uint32_t row, int64_t v)
{
    ((int32_t *)d->number[c])[row] = (int32_t)v;
}
static void bench_i64(bench_data *d, uint32_t c, uint32_t row, int64_t v) { ((int64_t *)d->number[c])[row] = v; }

/* snprintf would take most of the time: zero-padded digits behind a word. */
static size_t bench_number(char *out, const char *word, uint64_t v, int digits)
{
    size_t n = strlen(word);
    memcpy(out, word, n);
    for (int i = digits - 1; i >= 0; i--, v /= 10) out[n + (size_t)i] = (char)('0' + v % 10);
    return n + (size_t)digits;
}

static void bench_text(bench_data *d, uint32_t c, uint32_t row, const char *word, uint64_t v, int digits)
{
    d->off[c][row + 1] = d->off[c][row] + (int32_t)bench_number(d->text[c] + d->off[c][row], word, v, digits);
}

/* ---------------------------------------------------------------- accounts */

static const char *const bench_city[8] = {"Shanghai", "Beijing", "Suzhou",    "Hangzhou",
                                          "Shenzhen", "Hamburg", "Rotterdam", "Lyon"};
static const char *const bench_trade[4] = {"Machine tools", "Food and beverages", "Chemicals", "Water treatment"};
typedef struct bench_account {
    int city, trade, size;
    int64_t latitude, longitude, employees;
} bench_account;

static bench_account bench_account_of(uint64_t i)
{
    uint64_t z = bench_random(i);
    return (bench_account){.city = (int)(z & 7),
                           .trade = (int)(z >> 3 & 3),
                           .size = 1 + (int)(z >> 5 & 3),
                           .latitude = 30000000 + (int64_t)(z >> 8 & 0xfffff),
                           .longitude = 120000000 + (int64_t)(z >> 28 & 0xfffff),
                           .employees = 1 + (int64_t)(z >> 48 & 0xfff)};
}

const kam_block *bench_accounts(bench_data *d, uint64_t first, uint32_t n)
{
    bench_begin(d, n);
    uint32_t ext = bench_column(d, KAM_EXT_ID, KAM_T_TEXT), name = bench_column(d, KAM_ACCOUNT_NAME, KAM_T_TEXT);
    uint32_t city = bench_column(d, KAM_ACCOUNT_CITY, KAM_T_TEXT),
             trade = bench_column(d, KAM_ACCOUNT_INDUSTRY, KAM_T_TEXT);
    uint32_t kind = bench_column(d, KAM_ACCOUNT_KIND, KAM_T_I32), size = bench_column(d, KAM_ACCOUNT_SIZE, KAM_T_I32);
    uint32_t lat = bench_column(d, KAM_ACCOUNT_LATITUDE, KAM_T_I32),
             lon = bench_column(d, KAM_ACCOUNT_LONGITUDE, KAM_T_I32);
    uint32_t staff = bench_column(d, KAM_ACCOUNT_EMPLOYEES, KAM_T_I64);
    for (uint32_t row = 0; row < n; row++) {
        bench_account a = bench_account_of(first + row);
        bench_text(d, ext, row, "A", first + row + 1, 8);
        bench_text(d, name, row, "Huarui Industrial Parts ", first + row + 1, 8);
        bench_text(d, city, row, bench_city[a.city], 0, 0);
        bench_text(d, trade, row, bench_trade[a.trade], 0, 0);
        bench_i32(d, kind, row, KAM_ACCOUNT_KIND_ORGANISATION);
        bench_i32(d, size, row, a.size);
        bench_i32(d, lat, row, a.latitude);
        bench_i32(d, lon, row, a.longitude);
        bench_i64(d, staff, row, a.employees);
    }
    return &d->block;
}

const char *bench_csv(bench_data *d, uint64_t first, uint32_t n, size_t *size)
{
    static const char *const sizes[4] = {"LARGE", "MEDIUM", "SMALL", "MICRO"};
    size_t at = 0;
    if (!first) at += (size_t)sprintf(d->csv, "ext_id,name,city,industry,kind,size,latitude,longitude,employees\n");
    for (uint32_t row = 0; row < n; row++) {
        bench_account a = bench_account_of(first + row);
        at += bench_number(d->csv + at, "A", first + row + 1, 8);
        at += bench_number(d->csv + at, ",Huarui Industrial Parts ", first + row + 1, 8);
        at += (size_t)sprintf(d->csv + at, ",%s,%s,ORGANISATION,%s,%lld.%06lld,%lld.%06lld,%lld\n", bench_city[a.city],
                              bench_trade[a.trade], sizes[a.size - 1], (long long)a.latitude / 1000000,
                              (long long)a.latitude % 1000000, (long long)a.longitude / 1000000,
                              (long long)a.longitude % 1000000, (long long)a.employees);
    }
    *size = at;
    return d->csv;
}

/* ---------------------------------------------------------------- ledger */

/* The product of two draws is small far more often than it is large. */
const kam_block *bench_ledger(bench_data *d, uint64_t first, uint32_t n, int64_t id, uint64_t accounts)
{
    bench_begin(d, n);
    uint32_t ext = bench_column(d, KAM_EXT_ID, KAM_T_TEXT), account = bench_column(d, KAM_LEDGER_ACCOUNT, KAM_T_I64);
    uint32_t day = bench_column(d, KAM_LEDGER_DAY, KAM_T_I32), event = bench_column(d, KAM_LEDGER_EVENT, KAM_T_I32);
    uint32_t amount = bench_column(d, KAM_LEDGER_AMOUNT, KAM_T_I64), cost = bench_column(d, KAM_LEDGER_COST, KAM_T_I64);
    uint32_t order = bench_column(d, KAM_LEDGER_ORDER, KAM_T_TEXT);
    for (uint32_t row = 0; row < n; row++) {
        uint64_t i = first + row, z = bench_random(i ^ 0x5851f42d4c957f2du);
        int64_t paid = (int64_t)((z & 0xfff) * (z >> 12 & 0xfff) / 8) + 100;
        bench_text(d, ext, row, "L", i + 1, 9);
        bench_i64(d, account, row, id + (int64_t)(bench_random(i) % accounts));
        bench_i32(d, day, row, BENCH_DAY_FIRST + (int64_t)(z >> 24 & 0xffff) % BENCH_DAYS);
        bench_i32(d, event, row, (z >> 40 & 63) ? KAM_LEDGER_SALE : KAM_LEDGER_RETURN);
        bench_i64(d, amount, row, paid);
        bench_i64(d, cost, row, paid * 7 / 10);
        bench_text(d, order, row, "SO", i / 2 + 1, 9);
    }
    return &d->block;
}
