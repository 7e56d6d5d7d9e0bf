/*
 * mutants.h - stores for testing the conformance kit: the memory store in several disguises, and for each check of
 * the kit one store that differs in one behaviour.
 */
#ifndef KAM_TEST_MUTANTS_H
#define KAM_TEST_MUTANTS_H
#include "base/base.h"
#include "store/memory.h"
#include <kam/book.h>
#include <kam/spi/test.h>

enum {
    MUTANT_PLAIN,
    MUTANT_LAZY,
    MUTANT_BARE,
    MUTANT_SAVEPOINT,
    MUTANT_HOST
}; /* LAZY handles nothing; BARE is cut at prepare */

/* Fields of kit_item by place, as in kam_kit_tables(). */
enum { M_ID, M_REV, M_SOURCE, M_EXT, M_NAME, M_NOTE, M_DAY, M_AMOUNT, M_RATIO, M_ALL };

typedef struct mutant_cell { int has; uint8_t type; int64_t i; double f; const char *t; size_t len; } mutant_cell;
typedef struct mutant_rows {                /* a result, as plain rows */
    kam__arena arena;
    uint32_t ncol, n, cap;
    const uint32_t *field;
    mutant_cell *cell;                      /* n * ncol */
} mutant_rows;

typedef struct mutant_pair { int64_t key; char source[8], ext[8]; int state; } mutant_pair;
enum { PAIR_LIVE, PAIR_DELETED, PAIR_UPDATED, PAIR_ABORTED };

typedef struct mutant_saved { uint32_t table, op; kam__blockbuf rows; } mutant_saved;

typedef struct mutant_store mutant_store;
typedef struct mutant_conn {
    mutant_store *s;
    void *inner;
    uint32_t mode, failed, attempts, ops, first,
        stuck;                              /* of the transaction; ops: bits 1 << KAM_WRITE_; first: made by make */
    uint64_t seen;                          /* commits at begin */
    mutant_saved saved[8];                  /* blocks written with success */
    uint32_t nsaved;
    const kam_table *late_table;            /* a block kept by pointer */
    const kam_block *late;
} mutant_conn;

typedef struct mutation {
    const char *id;
    int32_t (*begin)(mutant_conn *c, uint32_t flags, kam_store_err *err);
    int32_t (*end)(mutant_conn *c, uint32_t how, kam_store_err *err);
    int32_t (*before)(mutant_conn *c, kam_table_scan *q); /* changes the question; non-zero is answered */
    int32_t (*after)(mutant_conn *c, const kam_table_scan *q,
                     mutant_rows *r); /* changes the rows; non-zero is answered */
    int32_t (*write)(mutant_conn *c, const kam_table *t, uint32_t op, const kam_block *b, kam_store_err *err);
    int32_t (*prepare)(mutant_conn *c, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,
                       kam_store_err *err);
    int32_t (*reserve)(mutant_conn *c, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err);
    int32_t (*control)(mutant_conn *c, uint32_t op, void *arg, void *user, kam_store_err *err);
    uint32_t quirk;                         /* QUIRK_: of handing out, of make */
} mutation;

enum {
    QUIRK_NONE,
    QUIRK_ABI,
    QUIRK_SWALLOW,
    QUIRK_GO_ON,
    QUIRK_BIG,
    QUIRK_EMPTY,
    QUIRK_TURN,
    QUIRK_MORE,
    QUIRK_I64,
    QUIRK_HANDLED_LATE,
    QUIRK_HANDLED_KEPT,
    QUIRK_HANDLED_NONE,
    QUIRK_FORGET,
    QUIRK_KEEP_OPEN
};

struct mutant_store {
    uint32_t kind;
    const mutation *m;                      /* NULL: none */
    kam_ctx *ctx;
    kam__memory *memory;
    kam_store_vt vt;
    mutant_conn *writer;
    uint64_t commits;
    uint32_t last_ops, writes, creates, updates;
    int64_t key[40]; uint32_t nkey;         /* of kit_item, once inserted */
    int64_t gone[8]; uint32_t ngone;        /* keys whose INSERT was taken back */
    int64_t dead[8]; uint32_t ndead;        /* keys deleted, as far as a mutation notes them */
    mutant_pair pair[40]; uint32_t npair;
};

extern const mutation kam__mutations_write[], kam__mutations_scan[];    /* each ended by id NULL */
/** The i-th mutation of both lists; NULL: there are no more. */
const mutation *kam__mutation(uint32_t i);

void kam__mutant_init(mutant_store *s, uint32_t kind, const mutation *m, kam_ctx *ctx);
/** Options of a kit that runs on it. */
kam_kit_options kam__mutant_options(mutant_store *s);

/* For the mutations. */
extern const kam_store_vt *const kam__mutant_inner;
int32_t kam__mutant_write(mutant_conn *c, const kam_table *t, uint32_t op, const kam_block *b, kam_store_err *err);
void kam__mutant_replay(mutant_conn *c, uint32_t op);           /* in a transaction of its own */
void kam__mutant_delete_all(mutant_conn *c);
const mutant_cell *kam__mutant_cell(const mutant_rows *r, uint32_t row, uint32_t place);   /* NULL: not projected */
void kam__mutant_keep(mutant_rows *r, int (*keep)(const mutant_rows *r, uint32_t row, const kam_table_scan *q),
                      const kam_table_scan *q);
void kam__mutant_sort(mutant_rows *r, int (*cmp)(const mutant_rows *r, uint32_t a, uint32_t b));
uint32_t kam__mutant_field(uint32_t place);
int kam__mutant_text_is(const kam_col *c, uint32_t row, const char *want);
/** The rows as another connection sees them; no more than there is room for, twice as many as there were. */
int32_t kam__mutant_reread(mutant_conn *c, const kam_table_scan *q, mutant_rows *r, void *inner);

/* Heads of the functions of a mutation. */
#define WRITE(name) \
    static int32_t name(mutant_conn *c, const kam_table *t, uint32_t op, const kam_block *b, kam_store_err *err)
#define BEFORE(name) static int32_t name(mutant_conn *c, kam_table_scan *q)
#define AFTER(name) static int32_t name(mutant_conn *c, const kam_table_scan *q, mutant_rows *r)
#define END(name) static int32_t name(mutant_conn *c, uint32_t how, kam_store_err *err)
#define BEGIN(name) static int32_t name(mutant_conn *c, uint32_t flags, kam_store_err *err)
#define PREPARE(name)                                                                                                  \
    static int32_t name(mutant_conn *c, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,    \
                        kam_store_err *err)
#define CONTROL(name) static int32_t name(mutant_conn *c, uint32_t op, void *arg, void *user, kam_store_err *err)

#endif
