/*
 * file_work.h - work for the file store out of a seed: transactions of all kinds, upkeep in between, and the sums by which states are told
 * from each other.
 */
#ifndef KAM_TEST_FILE_WORK_H
#define KAM_TEST_FILE_WORK_H
#include "file_disk.h"

enum { WORK_MAX = 400, WORK_KEYS = 3000 };
enum { WORK_CHECKPOINT, WORK_COMPACT, WORK_REOPEN, WORK_BACKUP, WORK_KINDS };       /* upkeep */
#define WORK_PATH "a.kam"

typedef struct work {
    kam_ctx *ctx;
    const kam__file_os *os; void *user; const char *path;
    kam__memory *m; void *conn;
    kam_store_err err;
    uint64_t seed;
    uint32_t spill;                         /* bytes after which an open transaction goes to the file; 0 = as always */
    uint8_t there[WORK_KEYS];               /* rows of the open or last transaction; of the last commit: */
    uint8_t kept[WORK_KEYS];
    int64_t next;                           /* key of the next new row */
    uint64_t sum[WORK_MAX + 1];             /* of the state after commit i; 0 = nothing stored, not even tables */
    int started, done, acked;               /* commits begun; answered OK; the last one that had to be on the disk by then */
    int calm;                               /* no upkeep in between */
    int turns, step;                        /* turns: each fifth step is upkeep, one kind after the other; else it is thrown */
    uint32_t most;                          /* new rows of one block at most; 0 = 700 */
    int doing, did[WORK_KINDS];             /* the upkeep under way, -1 none; how often each was begun */
    int32_t failed;                         /* the first code other than OK */
} work;

const kam_table *work_table(void);
void work_begin(work *w, kam_ctx *ctx, const kam__file_os *os, void *user, const char *path, uint64_t seed);
int32_t work_open(work *w);
/** Closes as a host does. */
void work_close(work *w);
/** The process is gone: memory is given back, the file is not touched. */
void work_abandon(work *w);
/** One transaction, or something in between; KAM_OK or what the store answered. */
int32_t work_step(work *w);
/** Sum over all rows; does not depend on their order. 0 = no table. *rc: what reading answered. */
uint64_t work_sum(work *w, int32_t *rc);
/** Opens what is at `path`, sums it, closes. */
int32_t work_look(kam_ctx *ctx, const kam__file_os *os, void *user, const char *path, uint32_t flags, uint64_t *sum, char why[240]);
#endif
