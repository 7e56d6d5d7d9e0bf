/*
 * tests/bench/bench_store.c - the stores by themselves, through their functions, on the same rows: accounts of 10 columns (144 bytes) and
 * ledger rows of 7, 1,000 rows a transaction. One line for each measurement; rows a second are of CPU time, the making of the rows is left
 * out. How often the file store flushed is told beside what was written: once a synchronous commit, and for checkpoints. SQLite keeps its
 * index of accounts in the ledger up to date, memory and file make theirs when it is first asked for, LMDB has none. The sum of what was
 * read is the same for each store.
 */
#include "bench.h"
#include "store/file.h"
#include "store/store.h"
#include <stdio.h>
#include <string.h>
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        int32_t rc_ = (call);                                                                                          \
        if (rc_ < 0) return rc_;                                                                                       \
    } while (0)

enum { STORE_BATCH = 1000, ACC = 140 * 128, LED = 141 * 128 };
static const kam_field account_field[] = {
    {ACC, 1, KAM_T_I64, 0, KAM_F_KEY, "id", "id"}, {ACC + 1, 1, KAM_T_TEXT, 0, 0, "code", "code"},
    {ACC + 2, 1, KAM_T_TEXT, 0, 0, "name", "name"}, {ACC + 3, 1, KAM_T_TEXT, 0, 0, "city", "city"},
    {ACC + 4, 1, KAM_T_TEXT, 0, 0, "trade", "trade"}, {ACC + 5, 1, KAM_T_I32, 0, 0, "kind", "kind"},
    {ACC + 6, 1, KAM_T_I32, 0, 0, "size", "size"}, {ACC + 7, 1, KAM_T_I32, 0, 0, "lat", "lat"},
    {ACC + 8, 1, KAM_T_I32, 0, 0, "lon", "lon"}, {ACC + 9, 1, KAM_T_I64, 0, 0, "staff", "staff"}};
static const kam_field ledger_field[] = {
    {LED, 1, KAM_T_I64, 0, KAM_F_KEY, "id", "id"}, {LED + 1, 1, KAM_T_I64, 0, KAM_F_INDEXED, "account", "account"},
    {LED + 2, 1, KAM_T_I32, 0, 0, "day", "day"}, {LED + 3, 1, KAM_T_I32, 0, 0, "event", "event"},
    {LED + 4, 1, KAM_T_I64, 0, 0, "amount", "amount"}, {LED + 5, 1, KAM_T_I64, 0, 0, "cost", "cost"},
    {LED + 6, 1, KAM_T_TEXT, 0, 0, "invoice", "invoice"}};
static const kam_table account_table = {sizeof(kam_table), 140, 1, KAM_C_ENTITY, "bench_account", "bench_account", account_field, 10, 0, NULL, 0, 0};
static const kam_table ledger_table = {sizeof(kam_table), 141, 1, KAM_C_EVENT, "bench_ledger", "bench_ledger", ledger_field, 7, 0, NULL, 0, 0};

typedef struct store_run { bench *b; void *self; kam_store_vt vt; kam_store_err err; uint64_t accounts, ledger, sum; } store_run;

static int32_t store_fail(store_run *s, int32_t rc)
{
    if (rc < 0) fprintf(stderr, "kam: %s\n", s->err.msg);
    return rc;
}

static int32_t store_attach(store_run *s)
{
    kam_table both[2];
    if (s->b->lmdb) {
        TRY(bench_lmdb_open(&s->self, &s->vt, s->b->path, s->b->lazy));
    } else {
        s->vt = s->b->store->vt;
        s->self = s->b->store->self;
    }
    if (s->b->store && s->b->store->memory) TRY(kam__memory_connect(&s->self, s->b->store->memory, s->b->err));
    both[0] = account_table;
    both[1] = ledger_table;
    return store_fail(s, s->vt.prepare(s->self, both, 2, KAM_PREPARE_CREATE, NULL, NULL, &s->err));
}

static void store_detach(store_run *s)
{
    if (s->b->lmdb || s->b->store->memory) s->vt.close(s->self);
}

/* Rows first .. first + n: the key in front, then columns of the data maker. */
static int32_t store_batch(store_run *s, const kam_table *t, const kam_block *from, uint64_t first, const uint32_t *pick)
{
    int64_t id[STORE_BATCH];
    kam_col col[10];
    kam_block b = {sizeof b, from->nrow, t->nfield, 0, col};
    for (uint32_t i = 0; i < from->nrow; i++) id[i] = (int64_t)(first + i) + 1;
    col[0] = (kam_col){.field = t->field[0].id, .type = KAM_T_I64, .data = id};
    for (uint32_t i = 1; i < t->nfield; i++) {
        col[i] = from->col[pick[i]];
        col[i].field = t->field[i].id;
    }
    return s->vt.write(s->self, t, KAM_WRITE_INSERT, &b, &s->err);
}

/* What was measured, for the ratios. */
enum { STORE_FIGURES = 40 };
static struct { const char *what, *store; double rate; } store_figure[STORE_FIGURES];
static int store_figures;

void bench_store_ratios(void)
{
    for (int i = 0; i < store_figures; i++) {
        if (strcmp(store_figure[i].store, "file") != 0) continue;
        printf("{\"name\":\"store-ratio\",\"what\":\"%s\"", store_figure[i].what);
        for (int k = 0; k < store_figures; k++)
            if (k != i && strcmp(store_figure[k].what, store_figure[i].what) == 0)
                printf(",\"file_to_%s\":%.2f", store_figure[k].store, store_figure[i].rate / store_figure[k].rate);
        printf("}\n");
    }
}

static uint64_t store_flushes(const store_run *s)
{
    return s->b->file ? ((const kam__file *)s->b->store->memory->below)->flushes : 0;
}

static void store_line(const store_run *s, const char *what, uint64_t rows, const bench_watch *w, uint64_t flushes)
{
    const char *store = bench_store_name(s->b);
    double rate = w->cpu > 0 ? (double)rows / w->cpu : 0.0;
    printf("{\"name\":\"store\",\"what\":\"%s\",\"store\":\"%s\",\"commits\":\"%s\",\"settings\":\"%s\",\"rows\":%llu,\"wall_seconds\":%.3f,"
           "\"rows_per_second\":%.0f,\"cpu_seconds\":%.3f", what, store, s->b->lazy ? "lazy" : "sync", bench_settings(s->b), (unsigned long long)rows,
           w->wall, rate, w->cpu);
    if (flushes) printf(",\"flushes\":%llu", (unsigned long long)flushes);
    printf("}\n");
    if (store_figures == STORE_FIGURES || rate <= 0) return;
    store_figure[store_figures].what = what;
    store_figure[store_figures].store = store;
    store_figure[store_figures++].rate = rate;
}

static int32_t store_fill(store_run *s, const kam_table *t, uint64_t rows, const char *what)
{
    static const uint32_t account_pick[] = {0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, ledger_pick[] = {0, 1, 2, 3, 4, 5, 6};
    int account = t == &account_table;
    uint64_t flushes = store_flushes(s);
    bench_watch w = {0};
    bench_data *data = NULL;
    int32_t rc = bench_data_new(&data);
    for (uint64_t first = 0; first < rows && rc >= 0; first += STORE_BATCH) {
        uint32_t n = rows - first < STORE_BATCH ? (uint32_t)(rows - first) : (uint32_t)STORE_BATCH;
        const kam_block *b = account ? bench_accounts(data, first, n) : bench_ledger(data, first, n, 1, s->accounts);
        bench_start(&w);
        rc = s->vt.begin(s->self, KAM_BEGIN_WRITE, &s->err);
        if (rc >= 0) rc = store_batch(s, t, b, first, account ? account_pick : ledger_pick);
        if (rc >= 0) rc = s->vt.end(s->self, s->b->lazy ? KAM_END_LAZY : KAM_END_COMMIT, &s->err);
        bench_stop(&w);
    }
    bench_data_free(data);
    if (rc >= 0) store_line(s, what, rows, &w, store_flushes(s) - flushes);
    return store_fail(s, rc);
}

static int32_t store_on_rows(void *user, const kam_block *rows)
{
    store_run *s = user;
    const kam_col *c = &rows->col[rows->ncol - 1];
    for (uint32_t i = 0; c->type == KAM_T_I64 && i < rows->nrow; i++) s->sum += (uint64_t)((const int64_t *)c->data)[i];
    s->sum += rows->nrow;
    return KAM_OK;
}

static int32_t store_gets(store_run *s)
{
    static const uint32_t field[] = {ACC, ACC + 1, ACC + 2, ACC + 9};
    bench_watch w = {0};
    int64_t id = 0;
    kam_col arg = {.field = ACC, .type = KAM_T_I64, .data = &id};
    kam_pred p = {ACC, KAM_OP_EQ, &arg, 1, 0};
    int32_t rc = s->vt.begin(s->self, KAM_BEGIN_READ, &s->err);
    bench_start(&w);
    for (uint64_t i = 0; i < s->accounts && rc >= 0; i++) {
        kam_table_scan q = {.struct_size = sizeof q, .table = &account_table, .field = field, .nfield = 4, .pred = &p, .npred = 1};
        id = 1 + (int64_t)(bench_random(i) % s->accounts);
        rc = s->vt.scan(s->self, &q, store_on_rows, s, &s->err);
    }
    bench_stop(&w);
    (void)s->vt.end(s->self, KAM_END_COMMIT, &s->err);
    if (rc >= 0) store_line(s, "get", s->accounts, &w, 0);
    return store_fail(s, rc);
}

static int32_t store_scans(store_run *s, const char *what)
{
    static const uint32_t field[] = {LED + 1, LED + 2, LED + 3, LED + 4};
    bench_watch w = {0};
    kam_table_scan q = {.struct_size = sizeof q, .table = &ledger_table, .field = field, .nfield = 4};
    bench_start(&w);
    int32_t rc = s->vt.scan(s->self, &q, store_on_rows, s, &s->err);
    bench_stop(&w);
    if (rc >= 0) store_line(s, what, s->ledger, &w, 0);
    return store_fail(s, rc);
}

static int32_t store_reopens(store_run *s)
{
    bench_watch w = {0}, closing = {0};
    bench_start(&closing);
    store_detach(s);
    bench_close_book(s->b);
    bench_stop(&closing);
    store_line(s, "close", s->accounts + s->ledger, &closing, 0);
    bench_start(&w);
    TRY(bench_open_book(s->b));
    TRY(store_attach(s));
    bench_stop(&w);
    store_line(s, "reopen", s->accounts + s->ledger, &w, 0);
    return store_scans(s, "scan ledger, first time");
}

int32_t bench_store(bench *b)
{
    store_run s = {.b = b, .err = {.struct_size = sizeof s.err}, .accounts = b->rows / 6 ? b->rows / 6 : 1, .ledger = b->rows - b->rows / 6};
    kam_book_close(b->book);
    b->book = NULL;
    TRY(store_attach(&s));
    int32_t rc = store_fill(&s, &account_table, s.accounts, "accounts");
    if (rc >= 0) rc = store_fill(&s, &ledger_table, s.ledger, "ledger");
    if (rc >= 0) rc = store_gets(&s);
    if (rc >= 0) rc = store_scans(&s, "scan ledger, 4 columns");
    snprintf(b->extra, sizeof b->extra, ",\"sum\":\"%llx\"", (unsigned long long)s.sum);
    if (rc >= 0 && b->path[0]) rc = store_reopens(&s);
    store_detach(&s);
    b->done = b->rows;
    return rc;
}
