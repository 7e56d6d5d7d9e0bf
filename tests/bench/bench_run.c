/*
 * tests/bench/bench_run.c - the six measurements. Each prepares a book (not counted), then does one thing to it
 * (counted).
 */
#include "bench.h"
#include <stdio.h>
#include <string.h>
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        int32_t rc_ = (call);                                                                                          \
        if (rc_ < 0) return rc_;                                                                                       \
    } while (0)

typedef struct bench_input {
    bench_data *data;
    uint64_t rows, accounts;
    int64_t id;
    uint32_t kind;
    bench_watch *watch;
} bench_input;

static const kam_block *bench_block(const bench_input *in, uint64_t first, uint32_t n)
{
    return in->kind == KAM_KIND_ACCOUNT ? bench_accounts(in->data, first, n)
                                        : bench_ledger(in->data, first, n, in->id, in->accounts);
}

/* Every row must have arrived as a new one: a fast import of nothing would look very good. */
static int32_t bench_arrived(kam_import *imp, uint64_t rows)
{
    int64_t n = kam_record_i64(kam_import_report(imp), KAM_IMPORT_REPORT_NEW, -1);
    if (n == (int64_t)rows) return KAM_OK;
    fprintf(stderr, "kam: %lld of %llu rows arrived\n", (long long)n, (unsigned long long)rows);
    return KAM_E_CORRUPT;
}

static int32_t bench_feed(bench *b, kam_import *imp, const bench_input *in, int csv)
{
    for (uint64_t first = 0; first < in->rows; first += BENCH_BLOCK) {
        uint32_t n = in->rows - first < BENCH_BLOCK ? (uint32_t)(in->rows - first) : (uint32_t)BENCH_BLOCK;
        size_t size = 0;
        const char *text = csv ? bench_csv(in->data, first, n, &size) : NULL;
        const kam_block *block = csv ? NULL : bench_block(in, first, n);
        bench_start(in->watch);
        int32_t rc = csv ? kam_import_feed(imp, text, size, b->err) : kam_import_block(imp, block, b->err);
        bench_stop(in->watch);
        TRY(rc);
    }
    bench_start(in->watch);
    int32_t rc = kam_import_finish(imp, b->err);
    bench_stop(in->watch);
    return rc < 0 ? rc : bench_arrived(imp, in->rows);
}

/* One import of in->rows rows; the making of the data is not counted. */
static int32_t bench_import(bench *b, bench_input *in, int csv)
{
    kam_import_options options = {.struct_size = sizeof options, .source = "bench"};
    kam_import *imp = NULL;
    TRY(bench_data_new(&in->data));
    int32_t rc = kam_import_new(&imp, b->book, in->kind, &options, b->err);
    if (rc >= 0) rc = bench_feed(b, imp, in, csv);
    kam_import_free(imp);
    bench_data_free(in->data);
    in->data = NULL;
    return rc;
}

/* ---------------------------------------------------------------- writing */

static int32_t bench_fill_accounts(bench *b, uint64_t rows, bench_watch *watch, int csv)
{
    bench_input in = {.rows = rows, .kind = KAM_KIND_ACCOUNT, .watch = watch};
    return bench_import(b, &in, csv);
}

/* Ids of accounts imported at once follow each other. */
static int32_t bench_fill_ledger(bench *b, uint64_t rows, uint64_t accounts, bench_watch *watch)
{
    bench_input in = {.rows = rows, .accounts = accounts, .kind = KAM_KIND_LEDGER, .watch = watch};
    TRY(kam_book_find(&in.id, b->book, KAM_KIND_ACCOUNT, "bench", "A00000001", KAM_NUL, b->err));
    return bench_import(b, &in, 0);
}

int32_t bench_import_csv(bench *b)
{
    b->done = b->rows;
    return bench_fill_accounts(b, b->rows, &b->run, 1);
}

int32_t bench_store_accounts(bench *b)
{
    b->done = b->rows;
    return bench_fill_accounts(b, b->rows, &b->run, 0);
}

static uint64_t bench_account_count(uint64_t ledger) { return ledger / BENCH_LINES ? ledger / BENCH_LINES : 1; }

int32_t bench_store_ledger(bench *b)
{
    uint64_t accounts = bench_account_count(b->rows);
    TRY(bench_fill_accounts(b, accounts, &b->prepare, 0));
    b->done = b->rows;
    return bench_fill_ledger(b, b->rows, accounts, &b->run);
}

/* ---------------------------------------------------------------- reading */

/* Accounts in random order, one at a time. */
int32_t bench_get(bench *b)
{
    int64_t first = 0;
    TRY(bench_fill_accounts(b, b->rows, &b->prepare, 0));
    TRY(kam_book_find(&first, b->book, KAM_KIND_ACCOUNT, "bench", "A00000001", KAM_NUL, b->err));
    bench_start(&b->run);
    for (; b->done < b->rows; b->done++) {
        kam_record *r = NULL;
        TRY(kam_book_get(&r, b->book, KAM_KIND_ACCOUNT, first + (int64_t)(bench_random(b->done) % b->rows), KAM_TODAY,
                         b->err));
        kam_record_free(r);
    }
    bench_stop(&b->run);
    return KAM_OK;
}

static int32_t bench_scan(bench *b, kam_query *q, int64_t *sum)
{
    static const uint32_t field[] = {KAM_LEDGER_ACCOUNT, KAM_LEDGER_DAY, KAM_LEDGER_EVENT, KAM_LEDGER_AMOUNT};
    const kam_block *block = NULL;
    kam_rows *rows = NULL;
    for (size_t i = 0; i < sizeof field / sizeof field[0]; i++) TRY(kam_query_select(q, field[i], b->err));
    TRY(kam_query_run(&rows, q, KAM_TODAY, b->err));
    int32_t rc;
    while ((rc = kam_rows_next_block(&block, rows, b->err)) == KAM_OK && block) {
        const kam_col *amount = NULL;
        for (uint32_t c = 0; c < block->ncol; c++)
            if (block->col[c].field == KAM_LEDGER_AMOUNT) amount = &block->col[c];
        for (uint32_t i = 0; amount && i < block->nrow; i++) *sum += ((const int64_t *)amount->data)[i];
        b->done += block->nrow;
    }
    kam_rows_free(rows);
    return rc;
}

/* All ledger rows, four columns of them, added up. */
int32_t bench_scan_ledger(bench *b)
{
    uint64_t accounts = bench_account_count(b->rows);
    int64_t sum = 0;
    kam_query *q = NULL;
    TRY(bench_fill_accounts(b, accounts, &b->prepare, 0));
    TRY(bench_fill_ledger(b, b->rows, accounts, &b->prepare));
    TRY(kam_query_new(&q, b->book, KAM_KIND_LEDGER, b->err));
    bench_start(&b->run);
    int32_t rc = bench_scan(b, q, &sum);
    bench_stop(&b->run);
    kam_query_free(q);
    if (rc < 0 || (b->done == b->rows && sum > 0)) return rc;
    fprintf(stderr, "kam: %llu of %llu rows were read\n", (unsigned long long)b->done, (unsigned long long)b->rows);
    return KAM_E_CORRUPT;
}

/* ---------------------------------------------------------------- grading */

static int32_t bench_grade(bench *b, int32_t day)
{
    kam_scheme *scheme = NULL;
    kam_run *run = NULL;
    int32_t rc = kam_scheme_open(&scheme, b->book, "quota-20-40-40", day, b->err);
    if (rc >= 0) rc = kam_grading_run(&run, b->book, scheme, day, b->err);
    if (rc >= 0) rc = kam_run_apply(run, 0, b->err);
    if (rc >= 0 && kam_record_i64(kam_run_record(run), KAM_RUN_ACCOUNTS, 0) != (int64_t)b->rows) rc = KAM_E_CORRUPT;
    kam_run_free(run);
    kam_scheme_free(scheme);
    return rc;
}

/* A book that is graded is graded again a month later: totals over the ledger, ranking, changed grades stored. */
int32_t bench_regrade(bench *b)
{
    int32_t day = BENCH_DAY_FIRST + BENCH_DAYS;
    TRY(bench_fill_accounts(b, b->rows, &b->prepare, 0));
    TRY(bench_fill_ledger(b, b->rows * BENCH_LINES, b->rows, &b->prepare));
    bench_start(&b->prepare);
    int32_t rc = bench_grade(b, day - 31);
    bench_stop(&b->prepare);
    TRY(rc);
    bench_start(&b->run);
    rc = bench_grade(b, day);
    bench_stop(&b->run);
    b->done = b->rows;
    return rc;
}

/* ---------------------------------------------------------------- opening, single commits */

int32_t bench_reopen(bench *b)
{
    uint64_t accounts = bench_account_count(b->rows);
    int64_t first = 0;
    kam_record *r = NULL;
    TRY(bench_fill_accounts(b, accounts, &b->prepare, 0));
    TRY(bench_fill_ledger(b, b->rows, accounts, &b->prepare));
    TRY(kam_book_find(&first, b->book, KAM_KIND_ACCOUNT, "bench", "A00000001", KAM_NUL, b->err));
    bench_start(&b->prepare);
    bench_close_book(b);
    bench_stop(&b->prepare);
    bench_start(&b->run);
    TRY(bench_open_book(b));
    TRY(kam_book_get(&r, b->book, KAM_KIND_ACCOUNT, first, KAM_TODAY, b->err));
    kam_record_free(r);
    bench_stop(&b->run);
    b->done = b->rows;
    return KAM_OK;
}

int32_t bench_commit(bench *b)
{
    char name[32];
    bench_start(&b->run);
    for (; b->done < b->rows; b->done++) {
        kam_record *r = NULL;
        TRY(kam_record_new(&r, b->book, KAM_KIND_ACCOUNT, b->err));
        snprintf(name, sizeof name, "Account %llu", (unsigned long long)b->done);
        int32_t rc = kam_record_set_text(r, KAM_ACCOUNT_NAME, name, KAM_NUL, b->err);
        if (rc >= 0) rc = kam_book_save(b->book, r, b->err);
        kam_record_free(r);
        if (rc < 0) return rc;
    }
    bench_stop(&b->run);
    return KAM_OK;
}
