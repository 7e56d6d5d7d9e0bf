/*
 * tests/bench/kam-bench.c - measures one thing and prints it as one line of JSON.
 *
 * CPU time is clock()'s. Data are made inside and not counted; what has to be in the book before the measured part
 * is told apart as prepare_seconds. A book in a file or in SQLite lies in the current directory and is removed afterwards. SQLite
 * runs in WAL mode, with synchronous NORMAL where commits are lazy and FULL where they are not; LMDB as it is, and with NOSYNC.
 */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef KAM_HAVE_SQLITE
#include <kam/adapter/sqlite.h>
#include <sqlite3.h>
#endif

enum { BENCH_FAILED = 1, BENCH_USAGE = 2 };
#ifdef KAM_HAVE_SQLITE
static const int bench_has_sqlite = 1;
#else
static const int bench_has_sqlite = 0;
#endif
#ifdef KAM_HAVE_LMDB
static const int bench_has_lmdb = 1;
#else
static const int bench_has_lmdb = 0;
#endif

typedef struct bench_case {
    const char *name;
    uint64_t rows;
    const char *text;
    bench_fn run;
} bench_case;
static const bench_case bench_cases[] = {
    {"import-csv", 1000000, "accounts from a CSV text", bench_import_csv},
    {"store-accounts", 1000000, "accounts from blocks", bench_store_accounts},
    {"store-ledger", 5000000, "ledger rows from blocks, over a fifth as many accounts", bench_store_ledger},
    {"get", 1000000, "single accounts by id, in random order, out of as many", bench_get},
    {"scan-ledger", 5000000, "ledger rows read through a query, four columns, by blocks", bench_scan_ledger},
    {"regrade", 1000000, "accounts with five ledger rows each, graded and applied for the second time", bench_regrade},
    {"btyd", 1000000, "accounts predicted by BG/NBD; how long fits take is told beside it", bench_btyd},
    {"rfm", 1067370, "order lines from a CSV text to RFM scores and ABC", bench_rfm},
    {"ledger", 10000000, "ledger rows in blocks to totals of 100,000 accounts", bench_group_ledger},
    {"kmeans", 100000, "rows of three columns in eight groups, 25 steps of one start", bench_kmeans},
    {"cel-row", 1000000, "accounts scored by the CEL expression of ../shared/bench/scorecard, row by row",
        bench_cel_row},
    {"cel-block", 1000000, "the same by blocks", bench_cel_block},
    {"scorecard", 1000000, "the same as a scorecard: every kind of loop beside the floor", bench_scorecard},
    {"reopen", 5000000, "ledger rows over a fifth as many accounts, in a book that is closed and opened again",
        bench_reopen},
    {"commit", 10000, "accounts, one a transaction", bench_commit},
    {"visit-scale", 10000, "accounts of a hundredth as many representatives, planned for 60 working days", bench_visit_scale},
    {"visit-replan", 10000, "the same; one representative planned again after a cancellation", bench_visit_replan},
    {"store", 6000000, "rows, a sixth of them accounts, the others ledger rows, into a store without a book",
        bench_store}};
enum { BENCH_CASES = sizeof bench_cases / sizeof bench_cases[0] };

/* ---------------------------------------------------------------- the watch */

void bench_start(bench_watch *w)
{
    timespec_get(&w->at, TIME_UTC);
    w->from = clock();
}

void bench_stop(bench_watch *w)
{
    struct timespec now;
    w->cpu += (double)(clock() - w->from) / CLOCKS_PER_SEC;
    timespec_get(&now, TIME_UTC);
    w->wall += (double)(now.tv_sec - w->at.tv_sec) + (double)(now.tv_nsec - w->at.tv_nsec) / 1e9;
}

/* ---------------------------------------------------------------- the book */

static int32_t bench_open_sqlite(bench *b)
{
#ifdef KAM_HAVE_SQLITE
    sqlite3 *db = NULL;
    if (sqlite3_open(b->path, &db) != SQLITE_OK) return KAM_E_IO;
    b->db = db;
    sqlite3_exec(db, b->lazy ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"
                 : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", NULL, NULL, NULL);
    return kam_sqlite_store(&b->store, b->ctx, db, KAM_TXN_OWN, b->err);
#else
    return b->sqlite ? KAM_E_UNSUPPORTED : KAM_OK;
#endif
}

const char *bench_store_name(const bench *b) { return b->lmdb ? "lmdb" : b->sqlite ? "sqlite" : b->file ? "file" : "memory"; }

const char *bench_settings(const bench *b)
{
    if (b->lmdb) return b->lazy ? "NOSYNC, APPEND" : "sync, APPEND";
    if (b->sqlite) return b->lazy ? "WAL, synchronous NORMAL, prepared statements" : "WAL, synchronous FULL, prepared statements";
    return b->file && b->lazy ? "lazy: one flush a second" : b->file ? "one flush a commit" : "";
}

int32_t bench_open_book(bench *b)
{
    if (b->lmdb) return KAM_OK;             /* no book: bench_store opens it itself */
    kam_book_options options = {
        .struct_size = sizeof options, .flags = KAM_BOOK_CREATE, .actor = "kam-bench", .currency = "CNY"};
    if (b->lazy) options.flags |= KAM_BOOK_LAZY;
    int32_t rc = b->sqlite ? bench_open_sqlite(b) : b->file ? kam_store_file(&b->store, b->ctx, b->path, KAM_NUL,
        b->err)
                                                            : kam_store_memory(&b->store, b->ctx, b->err);
    return rc < 0 ? rc : kam_book_open(&b->book, b->ctx, b->store, &options, b->err);
}

void bench_close_book(bench *b)
{
    kam_book_close(b->book);
    kam_store_free(b->store);
#ifdef KAM_HAVE_SQLITE
    sqlite3_close(b->db);
#endif
    b->book = NULL;
    b->store = NULL;
    b->db = NULL;
}

static void bench_remove(bench *b)
{
    static const char *const tail[] = {"", "-wal", "-shm", ".tmp", "-lock"};
    char name[80];
    for (size_t i = 0; i < sizeof tail / sizeof tail[0] && b->path[0]; i++) {
        snprintf(name, sizeof name, "%s%s", b->path, tail[i]);
        remove(name);
    }
}

static int32_t bench_open(bench *b)
{
    int32_t rc = kam_error_new(&b->err, NULL);
    if (rc >= 0) rc = kam_ctx_new(&b->ctx, NULL, b->err);
    if (rc < 0) return rc;
    if (b->sqlite || b->file || b->lmdb) snprintf(b->path, sizeof b->path, "kam-bench.%s", b->file ? "kam" : bench_store_name(b));
    bench_remove(b);
    return bench_open_book(b);
}

static void bench_close(bench *b)
{
    bench_close_book(b);
    bench_remove(b);
    kam_ctx_free(b->ctx);
    kam_error_free(b->err);
}

static long bench_size(bench *b)
{
    FILE *f = b->path[0] ? fopen(b->path, "rb") : NULL;
    long size = 0;
    if (!f) return 0;
    if (fseek(f, 0, SEEK_END) == 0) size = ftell(f);
    fclose(f);
    return size;
}

/* ---------------------------------------------------------------- command line */

static int bench_help(void)
{
    printf("usage: kam-bench NAME [--rows N] [--store memory|file|sqlite|lmdb|all] [--commits sync|lazy] [--csv FILE]\n\n");
    for (size_t i = 0; i < BENCH_CASES; i++)
        printf("  %-15s %8llu  %s\n", bench_cases[i].name, (unsigned long long)bench_cases[i].rows,
               bench_cases[i].text);
    printf("  pvrp --set DIR [--cpu-seconds T] [--seed N]  the routing engine on the instances of a folder with their bks.csv\n");
    printf("\nThe number is that of rows without --rows; rfm writes its order file to --csv too. Store takes lmdb, and all: each that is built in,\n"
           "then how many times as fast the file was. Prints one line of JSON: name, store, rows, cpu_seconds, "
           "wall_seconds,\n"
           "rows_per_second (of CPU time), prepare_seconds (CPU time of what had to be there first). Exit code: 0 "
           "measured, 1 failed, 2 wrong usage.\n");
    return 0;
}

static int bench_wrong(const char *text, const char *what)
{
    fprintf(stderr, "kam: %s%s; kam-bench --help tells more\n", text, what);
    return BENCH_USAGE;
}

static int bench_number_of(uint64_t *out, const char *text)
{
    char *end = NULL;
    if (text[0] < '1' || text[0] > '9' || strlen(text) > 9) return 0;
    *out = strtoull(text, &end, 10);
    return *end == '\0' && *out <= 100000000; /* ext_ids have 8 digits */
}

static int bench_option(bench *b, const char *name, const char *value)
{
    if (strcmp(name, "--rows") == 0)
        return bench_number_of(&b->rows, value) ? 0 : bench_wrong("--rows is a number from 1 to 100000000, not ",
                                                                  value);
    if (strcmp(name, "--commits") == 0) {
        b->lazy = strcmp(value, "lazy") == 0;
        return b->lazy || strcmp(value, "sync") == 0 ? 0 : bench_wrong("--commits is sync or lazy, not ", value);
    }
    if (strcmp(name, "--csv") == 0) {
        b->csv = value;
        return 0;
    }
    if (strcmp(name, "--store") != 0) return bench_wrong("no option ", name);
    b->sqlite = strcmp(value, "sqlite") == 0;
    b->file = strcmp(value, "file") == 0;
    b->lmdb = strcmp(value, "lmdb") == 0;
    b->all = strcmp(value, "all") == 0;
    if (!b->sqlite && !b->file && !b->lmdb && !b->all && strcmp(value, "memory") != 0)
        return bench_wrong("--store is memory, file, sqlite, lmdb or all, not ", value);
    if ((b->lmdb || b->all) && strcmp(b->name, "store") != 0) return bench_wrong("only the measurement store takes --store ", value);
    if (b->sqlite && !bench_has_sqlite) return bench_wrong("this program was built without SQLite (Debian: libsqlite3-dev)", "");
    if (b->lmdb && !bench_has_lmdb) return bench_wrong("this program was built without LMDB (Debian: liblmdb-dev)", "");
    return 0;
}

static int bench_measure(bench *b, bench_fn run)
{
    int32_t rc = bench_open(b);
    if (rc >= 0) rc = run(b);
    if (rc < 0)
        fprintf(stderr, "kam: %s: %s: %s\n", b->name, kam_code_name(rc), kam_error_message(b->err));
    else
        printf("{\"name\":\"%s\",\"store\":\"%s\",\"rows\":%llu,\"cpu_seconds\":%.3f,\"wall_seconds\":%.3f,\"rows_per_"
               "second\":%.0f,"
               "\"prepare_seconds\":%.3f,\"commits\":\"%s\",\"file_bytes\":%ld%s}\n",
               b->name, bench_store_name(b), (unsigned long long)b->done, b->run.cpu,
               b->run.wall, b->run.cpu > 0 ? (double)b->done / b->run.cpu : 0.0, b->prepare.cpu,
               b->lazy ? "lazy" : "sync", bench_size(b), b->extra);
    bench_close(b);
    return rc < 0 ? BENCH_FAILED : 0;
}

static int bench_not_built(const char *name, const char *package)
{
    printf("{\"name\":\"store\",\"store\":\"%s\",\"text\":\"not built in (Debian: %s)\"}\n", name, package);
    return 0;
}

/* One store after the other, on the same rows. */
static int bench_measure_all(const bench *b, bench_fn run)
{
    bench memory = *b, file = *b, sqlite = *b, lmdb = *b;
    file.file = sqlite.sqlite = lmdb.lmdb = 1;
    int rc = bench_measure(&memory, run);
    if (!rc) rc = bench_measure(&file, run);
    if (!rc) rc = bench_has_sqlite ? bench_measure(&sqlite, run) : bench_not_built("sqlite", "libsqlite3-dev");
    if (!rc) rc = bench_has_lmdb ? bench_measure(&lmdb, run) : bench_not_built("lmdb", "liblmdb-dev");
    if (!rc) bench_store_ratios();
    return rc;
}

int main(int argc, char **argv)
{
    const bench_case *c = NULL;
    if (argc < 2) return bench_wrong("what shall be measured?", "");
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return bench_help();
    if (strcmp(argv[1], "pvrp") == 0) return bench_pvrp(argc - 2, argv + 2);
    for (size_t i = 0; i < BENCH_CASES; i++)
        if (strcmp(argv[1], bench_cases[i].name) == 0) c = &bench_cases[i];
    if (!c) return bench_wrong("nothing is called ", argv[1]);
    bench b = {.name = c->name, .rows = c->rows};
    for (int i = 2; i < argc; i += 2) {
        if (i + 1 == argc) return bench_wrong("there is no value behind ", argv[i]);
        int wrong = bench_option(&b, argv[i], argv[i + 1]);
        if (wrong) return wrong;
    }
    return b.all ? bench_measure_all(&b, c->run) : bench_measure(&b, c->run);
}
