/* What the tests of this room share: a context whose allocator fails on demand, and columns of ledger rows to fill. */
#ifndef VALUE_HELP_H
#define VALUE_HELP_H
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "value/value.h"

typedef struct help_memory { long left; long live; } help_memory;      /* left < 0: never fails */

static inline int help_says_no(help_memory *m) {
    if (m->left < 0) return 0;
    if (m->left == 0) return 1;
    m->left--;
    return 0;
}

static inline void *help_alloc(void *user, size_t size) {
    help_memory *m = user;
    if (help_says_no(m)) return NULL;
    m->live++;
    return malloc(size);
}

static inline void *help_resize(void *user, void *p, size_t old_size, size_t new_size) {
    (void)old_size;
    return help_says_no(user) ? NULL : realloc(p, new_size);
}

static inline void help_release(void *user, void *p, size_t size) {
    (void)size;
    ((help_memory *)user)->live--;
    free(p);
}

static inline kam_ctx *help_ctx(help_memory *m) {
    kam_allocator a = {sizeof a, 0, m, help_alloc, help_resize, help_release};
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = &a};
    kam_ctx *ctx = NULL;
    m->left = -1;
    m->live = 0;
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    return ctx;
}

#define HELP_ROWS 4000
typedef struct help_rows {
    uint32_t n;
    int64_t account[HELP_ROWS], amount[HELP_ROWS], cost[HELP_ROWS], end_account[HELP_ROWS];
    int32_t day[HELP_ROWS], event[HELP_ROWS], cost_kind[HELP_ROWS];
    uint64_t order[HELP_ROWS];
} help_rows;

static inline uint32_t help_row(help_rows *r, int64_t account, int32_t day, int32_t event, int64_t amount) {
    uint32_t i = r->n++;
    assert_true(i < HELP_ROWS);
    r->account[i] = account, r->day[i] = day, r->event[i] = event, r->amount[i] = amount;
    r->cost[i] = 0, r->end_account[i] = 0, r->cost_kind[i] = 0, r->order[i] = 0;
    return i;
}

/* n rows from row `from` on. */
static inline kam__ledger_rows help_view(const help_rows *r, uint32_t from, uint32_t n) {
    return (kam__ledger_rows){n, r->account + from, r->day + from, r->event + from, r->amount + from, r->order + from,
                              r->cost + from, r->cost_kind + from, r->end_account + from, NULL, NULL};
}

static inline void help_swap(help_rows *r, uint32_t a, uint32_t b) {
#define HELP_SWAP(col, type) do { type t = r->col[a]; r->col[a] = r->col[b]; r->col[b] = t; } while (0)
    HELP_SWAP(account, int64_t); HELP_SWAP(amount, int64_t); HELP_SWAP(cost, int64_t); HELP_SWAP(end_account, int64_t);
    HELP_SWAP(day, int32_t); HELP_SWAP(event, int32_t); HELP_SWAP(cost_kind, int32_t); HELP_SWAP(order, uint64_t);
#undef HELP_SWAP
}

/* Rows of every event over a few dozen accounts, dense ids and far ones. */
static inline void help_random(help_rows *r, uint32_t n, uint64_t seed) {
    for (uint32_t k = 0; k < n; k++) {
        int64_t account = (int64_t)(kam__random(&seed) % 40) + 1;
        if (account > 34) account *= 1000000007;
        if (account == 5) account = -7;
        uint32_t i = help_row(r, account, (int32_t)(kam__random(&seed) % 800) + 18000,
                              (int32_t)(kam__random(&seed) % 6) - 1, (int64_t)(kam__random(&seed) % 100000));
        if (r->event[i] < 1) r->event[i] = KAM_LEDGER_SALE;
        if (r->event[i] == KAM_LEDGER_SALE && kam__random(&seed) % 9 == 0) r->amount[i] = -r->amount[i];
        r->cost[i] = (int64_t)(kam__random(&seed) % 60000);
        r->cost_kind[i] = (int32_t)(kam__random(&seed) % 6);
        r->order[i] = kam__random(&seed) % 3 ? kam__random(&seed) % 30 + 1 : 0;
        r->end_account[i] = kam__random(&seed) % 5 ? 0 : (int64_t)(kam__random(&seed) % 50) + 1;
    }
}

static inline void help_shuffle(help_rows *r, uint64_t seed) {
    for (uint32_t i = r->n; i > 1; i--) help_swap(r, i - 1, (uint32_t)(kam__random(&seed) % i));
}

#endif
