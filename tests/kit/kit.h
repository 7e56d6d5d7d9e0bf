/*
 * kit.h - inside the conformance kit: rows as plain structs, queries as plain structs, and helpers that do nothing
 * any more once the check has failed, so that a check reads as a list of steps.
 */
#ifndef KAM__KIT_H
#define KAM__KIT_H
#include <kam/book.h>
#include <kam/spi/test.h>

/* Columns of the table `kit_item`; `kit_other` has the first two and AMOUNT. */
enum { C_ID, C_REV, C_SOURCE, C_EXT, C_NAME, C_NOTE, C_DAY, C_AMOUNT, C_RATIO, C_ALL };
#define C_BIT(col) (1u << (col))
enum {
    B_REV = 2,
    B_SOURCE = 4,
    B_EXT = 8,
    B_NAME = 16,
    B_NOTE = 32,
    B_DAY = 64,
    B_AMOUNT = 128,
    B_RATIO = 256,
    B_ALL = 511
};
enum { KIT_ITEM = 0, KIT_OTHER = 1 };

typedef struct kit_row {
    int64_t id;
    uint32_t has;                           /* bits of columns with a value; the key always has one */
    int32_t day;
    int64_t rev, amount;
    double ratio;
    const char *source, *ext, *name, *note;
} kit_row;

typedef struct kit_pred {
    uint32_t col, op, n;
    const int64_t *number;                  /* for I32 and I64 */
    const char *const *text;
    const double *ratio;
} kit_pred;

typedef struct kit_query {
    uint32_t table, desc, norder, npred, block_rows, project;   /* project: bits, 0 = all the table has */
    uint32_t order[3];                      /* columns */
    kit_pred pred[3];
    const kit_row *after;
    uint64_t limit, handled;                /* handled: what the field holds before the call */
} kit_query;

typedef struct kit_found {
    kit_row *row;
    uint32_t n, cap, calls, largest, empty; /* largest block; blocks without rows */
    uint64_t handled, handled_first;        /* at the end; at the first block */
    uint32_t stop_at;                       /* in: answer 7 to this call of the callback */
} kit_found;

typedef struct kit {
    const kam_kit_options *opt;
    const kam_store_vt *given, *vt;         /* what make() gave; our copy, zeroes behind its end */
    kam_store_vt own;
    void *self, *other;                     /* other: a second connection, or NULL */
    uint32_t mode, txn, other_txn, failed, skipped;
    kam_store_err err;                      /* of the last call */
    char why[240];
} kit;

#if defined(__GNUC__)
#define KIT_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define KIT_PRINTF
#endif

/* kit.c */
void kam__kit_take_vt(kit *k, const kam_store_vt *given);
void kam__kit_fail(kit *k, const char *fmt, ...) KIT_PRINTF;
void kam__kit_skip(kit *k, const char *why);
/** Fails the check unless `is`; returns is. */
int kam__kit_want(kit *k, int is, const char *what);
void kam__kit_want_code(kit *k, int32_t code, int32_t want, const char *what);
extern const kam_table kam__kit_table[2];

/* kit_call.c: the store's functions. The plain forms fail the check when the call fails, those with _rc answer it. */
void kam__kit_begin(kit *k, uint32_t how);
void kam__kit_end(kit *k, uint32_t how);
int32_t kam__kit_end_rc(kit *k, uint32_t how);
/** Columns `cols` of the rows, the key always. */
int32_t kam__kit_write_rc(kit *k, uint32_t table, uint32_t op, const kit_row *row, uint32_t n, uint32_t cols);
void kam__kit_write(kit *k, uint32_t table, uint32_t op, const kit_row *row, uint32_t n, uint32_t cols);
/** In a transaction of its own: INSERT into kit_item, all columns some row has. */
void kam__kit_put(kit *k, const kit_row *row, uint32_t n);
/** In a transaction of its own, that is ended as it must be; the code of the write. */
int32_t kam__kit_try(kit *k, uint32_t table, uint32_t op, const kit_row *row, uint32_t n, uint32_t cols);
int kam__kit_connect(kit *k);               /* 0: cannot, the check is skipped */
void kam__kit_swap(kit *k);                 /* the other connection becomes the one in use */

/* kit_find.c: scans, with what the store leaves out done as the library does it */
int32_t kam__kit_find_rc(kit *k, const kit_query *q, kit_found *out);
void kam__kit_find(kit *k, const kit_query *q, kit_found *out);
void kam__kit_free(kit_found *f);
/** The ids a query gives, "1 2 3"; `set`: in any order. */
void kam__kit_ids(kit *k, const kit_query *q, int set, const char *want, const char *what);
/** The values of the rows in one column as text, in the order of ids: "10 - 30", - = none. */
void kam__kit_values(kit *k, uint32_t col, const char *want, const char *what);
int kam__kit_handles_all(const kit_query *q, uint64_t handled);

/* Checks, by theme; each list ends with NULL. */
typedef struct kit_check {
    const char *id, *about;
    void (*run)(kit *k);
    uint32_t bare;
} kit_check; /* bare: tables are not prepared */
extern const kit_check kam__kit_txn[], kam__kit_rows[], kam__kit_keys[], kam__kit_value[], kam__kit_pred[],
    kam__kit_scan[], kam__kit_order[], kam__kit_store[];

#endif
