/*
 * memory_shop.h - for tests of the memory store: one store with three connections, rows of small numbers, questions,
 * and the naive model that answers them by walking.
 */
#ifndef KAM_TEST_MEMORY_SHOP_H
#define KAM_TEST_MEMORY_SHOP_H
#include "mutants.h"

#define VT (&kam__memory_vt)
#define KEYS 48

/* Columns used: id, source + ext ("s", "e<pair>"), name ("n<name>"), day, amount; -1 = NULL. */
typedef struct ms_row { int live; int32_t pair, name, day, amount; } ms_row;
typedef struct ms_model { ms_row r[KEYS + 1]; } ms_model;

typedef struct ms_shop { kam_ctx *ctx; kam__memory *m; void *conn[3]; kam_store_err err; } ms_shop;

/* Which columns a write has. */
enum { W_PAIR = 1, W_NAME = 2, W_DAY = 4, W_AMOUNT = 8, W_ALL = 15 };

typedef struct ms_question {
    uint32_t desc, norder, order[2], npred, limit, block_rows;
    uint32_t place[2], op[2], narg[2];
    int32_t arg[2][4];
    int64_t after;                          /* key, 0 = none; only without order or by the values of that row */
    ms_row after_row;
} ms_question;
typedef struct ms_answer { int64_t key[KEYS]; ms_row r[KEYS]; uint32_t n; int unordered; } ms_answer;

const kam_table *ms_table(void);
int32_t ms_open_with(ms_shop *s, const kam_allocator *a);
void ms_open(ms_shop *s);
void ms_close(ms_shop *s);
/** Writes n rows on a connection; their values are those of `r`, columns `what`. */
int32_t ms_write(ms_shop *s, int conn, uint32_t op, const int64_t *key, const ms_row *r, uint32_t n, uint32_t what);
/** What the store answers. */
int32_t ms_ask(ms_shop *s, int conn, const ms_question *q, ms_answer *a);
/** The store answers as the model does. */
void ms_check(ms_shop *s, int conn, const ms_question *q, const ms_model *m);
/** A random history, checked at each step: connection 0 writes, 1 and 2 read, each at its own snapshot. `again` (may be NULL) makes
 *  the shop, and later closes it and opens the same data anew, while nobody reads. */
void ms_history(uint64_t seed, int steps, void (*again)(ms_shop *s, void *user), void *user);

#endif
