/*
 * tests/bench/bench_value.c - the value room's engines on made-up data: lifetime value, RFM and ABC from CSV, a long
 * ledger in blocks, k-means. No book is in these; what is timed is the engine and nothing else.
 */
#include "bench.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "codec/codec.h"
#include "value/value.h"
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        int32_t rc_ = (call);                                                                                          \
        if (rc_ < 0) return rc_;                                                                                       \
    } while (0)

static double bench_uniform(uint64_t *s) { return ((double)(kam__random(s) >> 11) + 0.5) * 0x1p-53; }

/* ---------------------------------------------------------------- btyd */

typedef struct btyd {
    int32_t *x;
    double *tx, *t, *expected, *alive;
    kam_clv_rows rows;
} btyd;

static int32_t btyd_new(btyd *d, size_t n)
{
    *d = (btyd){malloc(n * sizeof *d->x),       malloc(n * sizeof *d->tx),    malloc(n * sizeof *d->t),
                malloc(n * sizeof *d->expected), malloc(n * sizeof *d->alive), {0}};
    d->rows = (kam_clv_rows){.struct_size = sizeof d->rows, .n = n, .x = d->x, .tx = d->tx, .t = d->t};
    return d->x && d->tx && d->t && d->expected && d->alive ? KAM_OK : KAM_E_NOMEM;
}

static void btyd_free(btyd *d)
{
    free(d->x);
    free(d->tx);
    free(d->t);
    free(d->expected);
    free(d->alive);
}

/* Accounts like those of CDNOW: first purchase in 12 weeks, watched for 39, days; buying and leaving by chance. */
static void btyd_fill(btyd *d, uint64_t seed)
{
    for (size_t i = 0; i < d->rows.n; i++) {
        double spread = bench_uniform(&seed), u = bench_uniform(&seed), now = 0;
        double rate = -log(bench_uniform(&seed)) * pow(spread, 4) / 4.4,
            leave = u * (1 - pow(bench_uniform(&seed), 0.3));
        d->t[i] = 27 + floor(84 * bench_uniform(&seed)) / 7;
        d->x[i] = 0;
        d->tx[i] = 0;
        while (rate > 0) {
            now += ceil(-log(bench_uniform(&seed)) / rate * 7) / 7;
            if (now > d->t[i]) break;
            d->x[i]++;
            d->tx[i] = now;
            if (bench_uniform(&seed) < leave) break;
        }
    }
}

/* Fits on 2,357 accounts (as many as CDNOW's sample) over and over for a steady clock, then predicts --rows. */
int32_t bench_btyd(bench *b)
{
    enum { ACCOUNTS = 2357, TIMES = 20 };
    btyd small, large;
    bench_watch fit[3] = {{0}}, *w;
    kam_clv *model = NULL;
    int32_t rc = btyd_new(&small, ACCOUNTS), more = btyd_new(&large, b->rows);
    if (rc >= 0) rc = more;
    if (rc >= 0) {
        btyd_fill(&small, 1);
        btyd_fill(&large, 2);
    }
    for (uint32_t k = 0; k < 3; k++)
        for (int i = 0; i < TIMES && rc >= 0; i++) {
            kam_clv_free(model);
            model = NULL;
            w = &fit[k];
            bench_start(w);
            rc = kam_clv_fit(&model, b->ctx, KAM_CLV_PNBD - k, &small.rows, b->err);
            bench_stop(w);
        }
    bench_start(&b->run);
    if (rc >= 0) rc = kam_clv_predict(large.expected, large.alive, model, &large.rows, 39, b->err);
    bench_stop(&b->run);
    b->done = b->rows;
    snprintf(b->extra, sizeof b->extra,
             ",\"fit_accounts\":%d,\"fit_bgnbd_seconds\":%.5f,\"fit_mbgnbd_seconds\":%.5f,\"fit_pnbd_seconds\":%.5f,\"status\":%d",
             ACCOUNTS, fit[2].cpu / TIMES, fit[1].cpu / TIMES, fit[0].cpu / TIMES,
             (int)kam_clv_figure(model, KAM_CLV_STATUS, 0));
    kam_clv_free(model);
    btyd_free(&small);
    btyd_free(&large);
    return rc;
}

/* ---------------------------------------------------------------- kmeans */

int32_t bench_kmeans(bench *b)
{
    uint64_t seed = 3;
    double *x = malloc(b->rows * 3 * sizeof *x), inertia = 0;
    uint32_t *group = malloc(b->rows * sizeof *group);
    kam_kmeans_options o = {.struct_size = sizeof o, .k = 8, .restarts = 1, .iterations = 25, .seed = 1};
    int32_t rc = x && group ? KAM_OK : KAM_E_NOMEM;
    for (size_t i = 0; rc >= 0 &&
         i < b->rows * 3; i++) x[i] = bench_uniform(&seed) + bench_uniform(&seed) + (double)(kam__random(&seed) % 3);
    bench_start(&b->run);
    if (rc >= 0) rc = kam_kmeans(group, NULL, &inertia, b->ctx, x, b->rows, 3, &o, b->err);
    bench_stop(&b->run);
    b->done = b->rows;
    snprintf(b->extra, sizeof b->extra, ",\"k\":8,\"iterations\":25,\"inertia\":%.9g", inertia);
    free(x);
    free(group);
    return rc;
}

/* ---------------------------------------------------------------- ledger */

/* Most memory the process has had, in bytes; 0 = this system does not say. */
static unsigned long long bench_peak(void)
{
    char line[128];
    unsigned long long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && !kb && fgets(line, sizeof line, f))
        if (strncmp(line, "VmHWM:", 6) == 0) kb = strtoull(line + 6, NULL, 10);
    if (f) fclose(f);
    return kb * 1024;
}

/* A hundred thousand accounts, an order for every fourth row: rows stream by, totals stay. Orders are not counted: that
 * would keep every one of them. */
int32_t bench_group_ledger(bench *b)
{
    enum { ACCOUNTS = 100000 };
    static uint64_t order[BENCH_BLOCK];
    const kam__ledger_options any = {.from = KAM_DAY_FIRST, .to = KAM_DAY_END, .orders = KAM__ORDERS_ANY};
    static int64_t account[BENCH_BLOCK], amount[BENCH_BLOCK], cost[BENCH_BLOCK];
    static int32_t day[BENCH_BLOCK];
    kam__ledger *l = NULL;
    int64_t total = 0;
    kam__ledger_rows rows = {.account = account, .day = day, .amount = amount, .cost = cost, .order = order};
    int32_t rc = kam__ledger_new(&l, b->ctx, &any, b->err);
    for (uint64_t first = 0; first < b->rows && rc >= 0; first += BENCH_BLOCK) {
        rows.n = b->rows - first < BENCH_BLOCK ? (uint32_t)(b->rows - first) : BENCH_BLOCK;
        for (uint32_t i = 0; i < rows.n; i++) {
            uint64_t z = bench_random(first + i);
            account[i] = (int64_t)(z % ACCOUNTS) + 1;
            day[i] = BENCH_DAY_FIRST + (int32_t)(z >> 40) % 24 * 30;
            amount[i] = (int64_t)(z >> 20 & 0xfffff);
            cost[i] = amount[i] / 2;
            order[i] = (first + i) / 4 + 1;
        }
        bench_start(&b->run);
        rc = kam__ledger_feed(l, &rows, b->err);
        bench_stop(&b->run);
    }
    bench_start(&b->run);
    if (rc >= 0) rc = kam__ledger_end(l, b->err);
    bench_stop(&b->run);
    for (uint32_t i = 0; i < 1 && rc >= 0; i++) {
        kam__totals t;
        rc = kam__ledger_at(l, i, 0, &t, b->err);
        if (rc >= 0) total = t.revenue;
    }
    b->done = b->rows;
    snprintf(b->extra, sizeof b->extra, ",\"accounts\":%u,\"memory_bytes\":%llu,\"peak_bytes\":%llu,\"first_revenue\":%lld",
             rc >= 0 ? kam__ledger_count(l) : 0u, (unsigned long long)b->ctx->memory, bench_peak(), (long long)total);
    kam__ledger_free(l);
    return rc;
}

/* ---------------------------------------------------------------- rfm */

/* An order file as that of UCI's Online Retail II: eight columns, about 87 bytes a row, 5,878 accounts. */
static char *rfm_text(uint64_t rows, size_t *size)
{
    static const char head[] = "invoice,stock_code,description,quantity,invoice_date,unit_price,customer_id,country\n";
    static const char *const what[4] = {"WHITE HANGING HEART T-LIGHT HOLDER",
        "\"RED, WHITE AND BLUE BUNTING OF COTTON\"",
                                        "SET OF 6 SODA CRYSTAL GLASSES", "REGENCY CAKESTAND 3 TIER"};
    char *text = malloc(sizeof head + rows * 140), *p = text;
    if (!text) return NULL;
    memcpy(p, head, sizeof head - 1);
    p += sizeof head - 1;
    for (uint64_t i = 0; i < rows; i++) {
        uint64_t order = i / 20, z = bench_random(i), y = bench_random(order ^ 0x55);
        p += sprintf(p, "%06llu,%05u%c,%s,%u,2010-%02u-%02u 08:%02u:00,%u.%02u,%05u,United Kingdom\n",
                     (unsigned long long)(489434 + order),
                     (unsigned)(z % 80000), (int)('A' + z % 9), what[z >> 20 & 3], (unsigned)(1 + (z >> 24) % 24),
                         (unsigned)(1 + order * 12 / (rows / 20 + 1)),
                     (unsigned)(1 + (y >> 8) % 28), (unsigned)((z >> 40) % 60), (unsigned)((z >> 44) % 12),
                         (unsigned)((z >> 50) % 100),
                     (unsigned)(12346 + (y >> 20) % 5878));
    }
    *size = (size_t)(p - text);
    return text;
}

typedef struct rfm_job {
    bench *b;
    kam__tmap names;
    kam__ledger *ledger;
    uint32_t n, day_text_len;
    int64_t account[BENCH_BLOCK], amount[BENCH_BLOCK];
    uint64_t order[BENCH_BLOCK];
    int32_t day[BENCH_BLOCK], last, day_value;
    /* of the row before: lines of an order stand together */
    char day_text[16], account_text[32], order_text[32];
    size_t account_len, order_len;
    int64_t account_value;
    uint64_t order_value, taken;
} rfm_job;

static int32_t rfm_flush(rfm_job *j, kam_error *err)
{
    kam__ledger_rows rows = {.n = j->n, .account = j->account, .day = j->day, .amount = j->amount, .order = j->order};
    j->taken += j->n;
    j->n = 0;
    return kam__ledger_feed(j->ledger, &rows, err);
}

/* 1 = the same text as in the row before; else it is kept, where it fits. */
static int rfm_same(char kept[32], size_t *len, const kam__csv_field *f)
{
    if (f->len == *len && memcmp(kept, f->text, f->len) == 0) return 1;
    *len = f->len < 32 ? f->len : SIZE_MAX;
    if (f->len < 32) memcpy(kept, f->text, f->len);
    return 0;
}

static int32_t rfm_account(rfm_job *j, const kam__csv_field *f, kam_error *err)
{
    uint32_t number = 0;
    if (!rfm_same(j->account_text, &j->account_len, f)) {
        if (!kam__tmap_get(&j->names, f->text, f->len, &number)) {
            number = (uint32_t)j->names.n;
            TRY(kam__tmap_put(&j->names, f->text, f->len, number, err));
        }
        j->account_value = (int64_t)number + 1;
    }
    j->account[j->n] = j->account_value;
    return KAM_OK;
}

static int32_t rfm_row(void *user, const kam__csv_row *row, kam_error *err)
{
    rfm_job *j = user;
    const kam__csv_field *f = row->field;
    int64_t quantity = 0, price = 0;
    if (row->problem || row->n != 8 || row->line == 1) return KAM_OK;
    if (kam__i64_parse(&quantity, f[3].text, f[3].len, NULL) || kam__dec_parse(&price, f[5].text, f[5].len, 2,
        KAM__EXACT, NULL, NULL))
        return KAM_OK;
    if (f[6].len == 0 || quantity <= 0 || price <= 0 || f[4].len < 10) return KAM_OK;
    if (memcmp(j->day_text, f[4].text, 10) != 0) {
        TRY(kam__day_read(&j->day_value, f[4].text, 10, err));
        memcpy(j->day_text, f[4].text, 10);
    }
    TRY(rfm_account(j, &f[6], err));
    j->day[j->n] = j->day_value;
    j->amount[j->n] = quantity * price;
    if (!rfm_same(j->order_text, &j->order_len, &f[0])) j->order_value = kam__order_key(f[0].text, f[0].len);
    j->order[j->n] = j->order_value;
    if (j->day_value > j->last) j->last = j->day_value;
    return ++j->n == BENCH_BLOCK ? rfm_flush(j, err) : KAM_OK;
}

/* Scores and classes of all accounts. */
static int32_t rfm_scores(rfm_job *j, uint32_t *a, uint32_t *n555)
{
    bench *b = j->b;
    uint32_t n = kam__ledger_count(j->ledger), count[125];
    int64_t *r = calloc(3 * (size_t)n + 1, sizeof *r), *f = r ? r + n : NULL, *m = r ? r + 2 * n : NULL;
    kam__pareto p;
    kam__rfm s;
    int32_t rc = r ? KAM_OK : KAM_E_NOMEM;
    for (uint32_t i = 0; i < n && rc >= 0; i++) {
        kam__totals t;
        rc = kam__ledger_at(j->ledger, i, 0, &t, b->err);
        r[i] = j->last + 1 - t.last_day, f[i] = t.orders, m[i] = t.revenue;
    }
    if (rc >= 0) rc = kam__pareto_make(&p, b->ctx, m, n, NULL, 8000, 9500, b->err);
    if (rc >= 0) {
        *a = p.count[0];
        kam__pareto_free(&p);
        rc = kam__rfm_make(&s, b->ctx, r, f, m, n, NULL, b->err);
    }
    if (rc >= 0) {
        kam__rfm_count(&s, s.ntile, count);
        *n555 = count[124];
        kam__rfm_free(&s);
    }
    free(r);
    return rc;
}

static int32_t rfm_run(rfm_job *j, const char *text, size_t size, uint32_t *a, uint32_t *n555)
{
    bench *b = j->b;
    kam__csv *csv = NULL;
    kam__tmap_init(&j->names, b->ctx);
    int32_t rc = kam__ledger_new(&j->ledger, b->ctx, NULL, b->err);
    if (rc >= 0) rc = kam__csv_new(&csv, b->ctx, ',', rfm_row, j, b->err);
    for (size_t at = 0; at < size && rc >= 0; at += 1 << 18)
        rc = kam__csv_feed(csv, text + at, size - at < 1 << 18 ? size - at : 1 << 18, b->err);
    if (rc >= 0) rc = kam__csv_end(csv, b->err);
    if (rc >= 0 && j->n) rc = rfm_flush(j, b->err);
    if (rc >= 0) rc = kam__ledger_end(j->ledger, b->err);
    if (rc >= 0) rc = rfm_scores(j, a, n555);
    kam__csv_free(csv);
    kam__ledger_free(j->ledger);
    kam__tmap_free(&j->names);
    return rc;
}

int32_t bench_rfm(bench *b)
{
    size_t size = 0;
    uint32_t a = 0, n555 = 0;
    rfm_job *j = calloc(1, sizeof *j);
    char *text = j ? rfm_text(b->rows, &size) : NULL;
    int32_t rc = text ? KAM_OK : KAM_E_NOMEM;
    FILE *f = rc >= 0 && b->csv ? fopen(b->csv, "wb") : NULL;      /* the same file for others */
    if (f) fwrite(text, 1, size, f);
    if (f && fclose(f) != 0) rc = KAM_E_IO;
    if (rc >= 0) {
        j->b = b;
        bench_start(&b->run);
        rc = rfm_run(j, text, size, &a, &n555);
        bench_stop(&b->run);
        b->done = j->taken;
        snprintf(b->extra, sizeof b->extra, ",\"csv_bytes\":%llu,\"class_a\":%u,\"n555\":%u",
                 (unsigned long long)size, (unsigned)a, (unsigned)n555);
    }
    free(text);
    free(j);
    return rc;
}
