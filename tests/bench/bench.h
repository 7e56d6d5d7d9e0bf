/*
 * tests/bench/bench.h - kam-bench: how fast the library is on a business of a million accounts, through its public
 * interface.
 *
 *   kam-bench.c    command line, stop watch, the JSON line
 *   bench_data.c   made-up accounts and ledger rows, as blocks and as CSV
 *   bench_run.c    the six measurements of a book
 *   bench_store.c  the same of stores alone
 *   bench_lmdb.c   LMDB as one of them
 *   bench_value.c  those of the value room's engines
 *   bench_cel.c    a scorecard as one CEL expression, by rows and by blocks
 *   bench_card.c   the same card as a scorecard
 *   bench_visit.c  plans of visits and calls
 *   bench_pvrp.c   the routing engine on the benchmarks of the literature
 */
#ifndef KAM_BENCH_H
#define KAM_BENCH_H
#include <kam.h>
#include <time.h>

/* Counts only what runs between start and stop, so that data can be made in between. */
typedef struct bench_watch { double cpu, wall; clock_t from; struct timespec at; } bench_watch;
void bench_start(bench_watch *w);
void bench_stop(bench_watch *w);

typedef struct bench {
    const char *name;
    uint64_t rows, done;                    /* asked for; what was measured in the end */
    int sqlite, file, lmdb, all;            /* where the book lies; 0 0 0 = in memory; all: in one after the other (store only) */
    int lazy;                               /* commits: lazy (WAL, NORMAL in SQLite) or synchronous (WAL, FULL) */
    char path[64];                          /* of the file or database */
    bench_watch run, prepare;               /* measured; data made and stored beforehand */
    kam_error *err; kam_ctx *ctx; kam_store *store; kam_book *book;
    void *db;                               /* sqlite3 * */
    const char *csv;                        /* rfm: writes its order file here too */
    char extra[800];                        /* more members of the JSON line, each with a comma in front */
} bench;

typedef int32_t (*bench_fn)(bench *b);
int32_t bench_import_csv(bench *b);
int32_t bench_store_accounts(bench *b);
int32_t bench_store_ledger(bench *b);
int32_t bench_get(bench *b);
int32_t bench_scan_ledger(bench *b);
int32_t bench_regrade(bench *b);
int32_t bench_btyd(bench *b);
int32_t bench_rfm(bench *b);
int32_t bench_group_ledger(bench *b);
int32_t bench_kmeans(bench *b);
int32_t bench_cel_row(bench *b);
int32_t bench_cel_block(bench *b);
int32_t bench_scorecard(bench *b);
/** A book of accounts and ledger rows is closed and opened again, up to the first account read. */
int32_t bench_reopen(bench *b);
/** One account a transaction. */
int32_t bench_commit(bench *b);
/** The store by itself, without a book: accounts, ledger rows, gets, scans, reopening; prints a line for each. */
int32_t bench_store(bench *b);
/** How many times as fast the file store was as the others that were measured before: a line for each. */
void bench_store_ratios(void);
/** A connection to LMDB; UNSUPPORTED where it is not built in (bench_lmdb.c). */
struct kam_store_vt;
int32_t bench_lmdb_open(void **self, struct kam_store_vt *vt, const char *path, int lazy);
const char *bench_store_name(const bench *b);
/** What the store was told, for the report. */
const char *bench_settings(const bench *b);
/** A plan for all representatives; one representative's day planned again. */
int32_t bench_visit_scale(bench *b);
int32_t bench_visit_replan(bench *b);
/** Opens the book of b->path once more (kam-bench.c). */
int32_t bench_open_book(bench *b);
void bench_close_book(bench *b);

/* ---------------------------------------------------------------- bench_data.c */

enum { BENCH_BLOCK = 65536, BENCH_LINES = 5 };              /* rows of a block; ledger rows per account */
enum { BENCH_DAY_FIRST = 19875, BENCH_DAYS = 730 };         /* 2024-06-01, two years */

typedef struct bench_data bench_data;
/** Memory for one block of either kind. */
int32_t bench_data_new(bench_data **out);
void bench_data_free(bench_data *d);
/** Rows first .. first + n - 1, n <= BENCH_BLOCK; lent until the next call. Account i has ext_id "A%08u" of i + 1. */
const kam_block *bench_accounts(bench_data *d, uint64_t first, uint32_t n);
/** Ledger rows; row i belongs to one of `accounts` accounts whose ids start at `id`. */
const kam_block *bench_ledger(bench_data *d, uint64_t first, uint32_t n, int64_t id, uint64_t accounts);
/** The accounts as CSV text, with the heading if `first` is 0. */
const char *bench_csv(bench_data *d, uint64_t first, uint32_t n, size_t *size);
uint64_t bench_random(uint64_t i);

/** kam-bench pvrp --set DIR [--cpu-seconds T] [--seed N]; exit code. */
int bench_pvrp(int argc, char **argv);
#endif
