/*
 * store/memory_table.h - inside the memory store: tables, versions of rows, connections. Only memory*.c includes it.
 *
 * A row lies in one slot for life; its newest version ("head") lies in the columns. stamp[slot] is the number of the
 * commit that made the head (times two, plus one if the head is a deletion). What a writer replaces goes into an undo
 * record: the stamp and the values before. A reader with snapshot S takes the head if its commit is <= S; else it
 * goes down the records until the commit is <= S. The open writer stamps with "last commit + 1", so committing is
 * counting up by one, and rolling back is playing the records backwards. Records of one transaction form a log; it is
 * dropped when no reader is older than its commit. Pointers to dropped records may stay behind: nobody who is allowed
 * to follow them is left.
 */
#ifndef KAM__MEMORY_TABLE_H
#define KAM__MEMORY_TABLE_H
#include "memory.h"

#define MEMORY_NONE UINT32_MAX
#define MEMORY_GONE 1u                      /* bit of a stamp: the row is deleted */
#define MEMORY_REV 2u                       /* id of the field `rev` */
#define MEMORY_TEXT_MAX 0xFFFFFFu           /* bytes of one text */
#define MEMORY_UNIQUE_MAX 8u

/* Asks for a cache line before it is needed. */
#if defined(__GNUC__)
#define MEMORY_PREFETCH(p) __builtin_prefetch(p)
#else
#define MEMORY_PREFETCH(p) ((void)(p))
#endif

/* ---------------------------------------------------------------- memory_index.c: value -> slots */

/* tag (32 bits of a hash) -> slot, open addressing; slot1 = slot + 1, 0 = free. A tag may stand several times. */
typedef struct memory_hash { struct memory_item { uint32_t tag, slot1; } *item; size_t n, cap; } memory_hash;

/* tag -> chain of slots that have, or had, such a value: a superset. Who asks looks at the row again, drops doubles. */
typedef struct memory_index {
    memory_hash tag;                        /* -> number of the chain */
    struct memory_chain { uint32_t first, n; } *chain;
    struct memory_node { uint32_t slot, next; } *node;
    size_t nchain, chain_cap, nnode, node_cap;
} memory_index;

/* ---------------------------------------------------------------- memory_table.c: columns and slots */

/* Texts, in chunks that never move: a text is chunk number (17 bits), offset (23) and length (24) in one uint64. */
typedef struct memory_pool {
    struct memory_chunk { char *data; uint32_t size, used; } *chunk;
    size_t n, cap, current;
    uint64_t size;                          /* bytes of all chunks */
} memory_pool;
typedef struct memory_pool_mark { size_t n, current; uint32_t used; } memory_pool_mark;

typedef struct memory_col {
    uint32_t field, flags;
    uint8_t type, holes;                    /* holes: some slot below n has no value */
    uint32_t base, n;                       /* base: the table's; slots from n on have no value and take no memory */
    void *data;                             /* int32_t[], int64_t[], double[] or uint64_t[] (texts), from slot `base` on */
    uint8_t *valid;                         /* the same; bits from n on are 0 */
    size_t data_cap, valid_cap;             /* elements, bytes */
    memory_index *index;                    /* NULL: not yet asked for */
} memory_col;

typedef struct memory_cell { uint64_t bits; uint32_t col, valid; } memory_cell;

typedef struct memory_undo {
    struct memory_undo *older, *before;     /* of this slot; of this transaction */
    struct memory_table *table;
    uint64_t stamp;                         /* the head's before */
    uint32_t slot, ncell;
    memory_cell *cell;
} memory_undo;

typedef struct memory_log { kam__arena arena; memory_undo *last; uint64_t commit; struct memory_log *next; } memory_log;

/* What is known of a column in a segment: some, all of its rows have a value; the least and the largest (whole numbers; ranged); bits at
 * MEMORY_PROBES places of each value's hash (1 << shift bits; shift 0 = none). */
typedef struct memory_zone { uint32_t field; uint8_t some, holes, ranged, shift; int64_t lo, hi; const uint8_t *bit; } memory_zone;

/* Rows that lie in a file, in order of their keys, none of them deleted: slots first .. first + nrow - 1. zones: 1 + the place in
 * memory_cold.zones of what tells about it, 0 = nothing does. */
typedef struct memory_seg {
    uint64_t off; int64_t key; uint32_t first, nrow, size, sound, zones, nzone;
    const memory_zone *zone;
} memory_seg;

/* hash of a value -> slot; the hash's lower half says where to begin. */
typedef struct memory_places { struct memory_place { uint32_t tag, slot1; } *item; size_t n, cap; uint32_t useless; } memory_places;

/* The rows of a table below slot `base`: they lie in the file. Scans in the order of keys read what they need of them; inserting looks
 * there whether keys and unique values are free; whatever wants more (a change of such a row, many look-ups, another order) loads
 * them first. */
typedef struct memory_cold {
    void *below;
    /** All rows into t, which is empty. */
    int32_t (*load)(void *below, struct memory_table *t, const struct memory_cold *c, kam_store_err *err);
    /** Columns of a segment; of those it does not have the type is 0. */
    int32_t (*read)(void *below, uint32_t table, memory_seg *s, const uint32_t *field, uint32_t nfield, kam__arena *a, kam_col *out,
                    kam_store_err *err);
    /** Zones of all segments that have some. */
    int32_t (*tell)(void *below, struct memory_table *t, kam_store_err *err);
    memory_seg *seg;
    size_t nseg, cap;
    struct memory_ref { uint64_t off; uint32_t size; } *zones; size_t nzones, zones_cap;
    kam__arena arena;                       /* of the zones, once they are read */
    uint32_t told, last_known;
    int64_t last, limit;                    /* the last key; every key is below the limit (INT64_MAX = none) */
    uint64_t spent;                         /* rows that were read to find a few: after a while loading pays */
    memory_places places;                   /* of the column t->search */
    struct memory_read *read_keys;          /* a segment looked into for keys or unique values */
} memory_cold;

typedef struct memory_table {
    kam_ctx *ctx;
    uint32_t id, nslot, live, sorted;       /* sorted: keys rise with the slots, then `keys` is not needed */
    uint32_t base;                          /* slots below it lie in the file (cold), not in the columns; 0 = none */
    uint32_t used;                          /* rows were changed or looked up since the last checkpoint */
    uint32_t grows;                         /* rows are added and hardly ever changed: events and runs */
    char *name;
    memory_col *col;                        /* col[0] is the key */
    size_t ncol, col_cap, slot_cap, undo_cap;
    uint64_t *stamp;
    uint64_t newest;                        /* no head is of a later transaction */
    memory_undo **undo;                     /* NULL until the first change of a row */
    memory_hash keys, unique;
    uint32_t nunique, unique_col[MEMORY_UNIQUE_MAX],
        search; /* search: the last unique column, also an index; or NONE */
    memory_pool pool;
    uint64_t text;                          /* bytes of text of the heads */
    uint32_t text_max;                      /* no text is or was longer */
    memory_cold *cold;                      /* NULL: the rows are here */
    uint32_t moves;                         /* so often the rows in the file were put into other segments */
    int64_t next_id;
    uint32_t touched, mark_slot;            /* by the open transaction; its beginning: */
    uint64_t mark_text;
    memory_pool_mark mark_pool;
} memory_table;

int32_t kam__memory_table_new(memory_table **out, kam_ctx *ctx, const kam_table *t);
void kam__memory_table_free(memory_table *t);
/** Adds the field; the rows there are have no value. */
int32_t kam__memory_table_add(memory_table *t, const kam_field *f);
/** Room for n more slots. */
int32_t kam__memory_table_reserve(memory_table *t, uint32_t n);
/** Forgets slots from n on. */
void kam__memory_table_truncate(memory_table *t, uint32_t n);
/** Rewrites the table without deleted rows, replaced texts and disorder; nobody may be reading. Out of memory: it stays
 *  as it is. */
void kam__memory_table_compact(memory_table *t);
/** Rows that were committed before all else go behind the last slot; bit i of `gone`: row i was deleted. EXISTS TYPE SCHEMA: rows
 *  that cannot be. On failure the table is only good for ending it. (memory_load.c) */
int32_t kam__memory_load(memory_table *t, const kam_block *rows, const uint8_t *gone);
/** A table with t's columns and no rows but the `base` ones in the file into *fresh. */
int32_t kam__memory_table_fresh(memory_table *fresh, const memory_table *t, uint32_t base);
/** Frees what it holds, the columns too; not its name. */
void kam__memory_table_drop(memory_table *t);
uint64_t kam__memory_table_bytes(const memory_table *t);
/** Index of the field's column, looked for from `hint` on; NONE. */
uint32_t kam__memory_col_find(const memory_table *t, uint32_t field, uint32_t hint);
/** Slot of the key, deleted or not; NONE. */
uint32_t kam__memory_find(const memory_table *t, int64_t key);
/** First slot with a key >= key, of a sorted table. */
uint32_t kam__memory_lower(const memory_table *t, int64_t key);
/** Files the keys of all slots: the table stops being sorted. */
int32_t kam__memory_unsort(memory_table *t);
/** The row, which is there, behind the last one of `to`. */
int32_t kam__memory_table_copy_row(memory_table *to, const memory_table *from, uint32_t slot);
/** Room for values of slots from .. n, to be filled in; those before it that have none are without. */
int32_t kam__memory_col_reach(memory_table *t, uint32_t col, uint32_t from, uint32_t n);
/** Sets or takes away one value. */
int32_t kam__memory_put(memory_table *t, uint32_t col, uint32_t slot, uint64_t bits, int valid);
/** Rows from..from+n of a block's column into slots at..at+n, all new. */
int32_t kam__memory_append(memory_table *t, uint32_t col, uint32_t at, const kam_col *from, uint32_t n);
/** The value as bits: a number, or the name of a text copied into the pool. */
int32_t kam__memory_bits(memory_table *t, uint32_t col, const kam_col *from, uint32_t row, uint64_t *bits);
const char *kam__memory_text(const memory_table *t, uint64_t bits, size_t *len);
memory_pool_mark kam__memory_pool_mark(const memory_pool *p);
void kam__memory_pool_reset(kam_ctx *ctx, memory_pool *p, memory_pool_mark mark);

static inline int memory_has(const memory_col *c, uint32_t slot) {
    uint32_t i = slot - c->base;
    return slot < c->n && (!c->holes || (c->valid[i >> 3] >> (i & 7) & 1));
}

static inline uint64_t memory_get(const memory_col *c, uint32_t slot) {
    uint32_t i = slot - c->base;
    return c->type == KAM_T_I32 ? (uint64_t)(int64_t)((const int32_t *)c->data)[i] : ((const uint64_t *)c->data)[i];
}

static inline int64_t memory_key(const memory_table *t, uint32_t slot) {
    return ((const int64_t *)t->col[0].data)[slot - t->base];
}

static inline uint64_t *memory_stamp(const memory_table *t, uint32_t slot) { return t->stamp + (slot - t->base); }

/* Only where t->undo is there. */
static inline memory_undo **memory_undo_of(const memory_table *t, uint32_t slot) { return t->undo + (slot - t->base); }

/* ---------------------------------------------------------------- memory_index.c */

/** The hash of a value, the same on every machine: files hold sums of them. -0 and 0 have the same. */
uint64_t kam__memory_hash(const memory_table *t, uint32_t type, uint64_t bits);
uint64_t kam__memory_hash_arg(uint32_t type, const kam_col *arg, uint32_t row);
uint32_t kam__memory_tag(const memory_table *t, uint32_t type, uint64_t bits);
uint32_t kam__memory_tag_arg(uint32_t type, const kam_col *arg, uint32_t row);
int32_t kam__memory_hash_room(kam_ctx *ctx, memory_hash *h, size_t more);
void kam__memory_hash_put(memory_hash *h, uint32_t tag, uint32_t slot);         /* there must be room */
void kam__memory_hash_remove(memory_hash *h, uint32_t tag, uint32_t slot);      /* fine if it is not there */
/** The next slot filed under tag, *at begins with the tag; NONE. */
uint32_t kam__memory_hash_next(const memory_hash *h, uint32_t tag, size_t *at);

/** The tag of the row's unique values; 0 = one of them is missing. */
int kam__memory_unique_tag(const memory_table *t, uint32_t slot, uint32_t *tag);
/** Files a row under this tag. EXISTS: another row has the same values. There must be room. */
int32_t kam__memory_unique_put(memory_table *t, uint32_t slot, uint32_t tag);
/** Files the row under its unique values unless one is missing. EXISTS: another row has them. There must be room. */
int32_t kam__memory_unique_add(memory_table *t, uint32_t slot);
void kam__memory_unique_remove(memory_table *t, uint32_t slot);

/** Makes the column's index if there is none; `logs` are all records that may still be needed. */
int32_t kam__memory_index_make(memory_table *t, uint32_t col, const memory_log *logs, const memory_log *open);
void kam__memory_index_free(kam_ctx *ctx, memory_col *c);
/** A slot has got its value; an index that finds no memory is dropped. */
void kam__memory_index_add(memory_table *t, uint32_t col, uint32_t slot);
/** The chain of a tag, NULL = empty. */
const struct memory_chain *kam__memory_index_get(const memory_index *x, uint32_t tag);

/* ---------------------------------------------------------------- memory.c: the shared object and its connections */

/* A column of the block being handed out. */
typedef struct memory_out { void *data; int32_t *off; uint8_t *valid; size_t data_cap, off_cap, valid_cap; } memory_out;

/* The same for a block of one row. */
typedef struct memory_one { uint64_t bits; int32_t off[2], number; uint8_t valid; } memory_one;

typedef struct memory_conn {
    kam__memory *m;
    struct memory_conn *next;
    uint32_t mode, failed, scanning, reading;   /* mode: 0, KAM_BEGIN_READ, KAM_BEGIN_WRITE; reading: snapshot counts */
    uint64_t snapshot;
    memory_log *log;                        /* of the open write transaction */
    uint32_t *slot; size_t slot_cap;        /* rows of the block being filled */
    uint32_t *found; size_t found_cap;      /* slots a key or an index gave */
    char *list; size_t list_cap;            /* rows in order, see memory_scan.c */
    memory_out *out; kam_col *view; size_t out_cap, view_cap;
    memory_one *one; char *text; size_t one_cap, text_cap;
    uint32_t *project; size_t project_cap;
    struct memory_pred *pred; size_t pred_cap;      /* memory_pred.c */
    kam__arena arena;                       /* of one scan */
    struct memory_read *read;               /* of a scan of rows in the file, see memory_cold.c */
} memory_conn;

struct kam__memory {
    kam__ref ref;
    kam_ctx *ctx;
    kam__lock *lock;
    memory_table **table;
    size_t ntable, table_cap;
    uint32_t place[64];                     /* place[id % 64]: where such a table was found last */
    uint64_t commit;                        /* number of the last commit */
    memory_conn *conn, *writer;
    memory_log *oldest, *newest;            /* logs some reader may need, oldest first */
    const kam__journal *journal;            /* NULL: nothing lies beneath */
    void *below;
    int32_t dead;                           /* the journal can do no more: every call answers DEAD */
    int64_t lazy_at;                        /* when the oldest commit that is not yet durable was made; 0 = none */
    uint32_t still, compacting;             /* still: rows stay in their slots */
    uint32_t pins;                          /* calls that read the journal's files beside the writer */
    uint32_t imaging;                       /* the writer looks at tables without the lock: rows stay where they are */
};

/** Fills err as far as the caller's version has it; returns code. */
int32_t kam__memory_fail(kam_store_err *err, int32_t code, uint32_t table, uint32_t field, uint32_t row,
                         const char *fmt, ...) KAM__PRINTF(6, 7);
int32_t kam__memory_nomem(kam_store_err *err);
/** The store's table, or SCHEMA; with the lock. */
int32_t kam__memory_table_of(memory_table **out, kam__memory *m, const kam_table *t, kam_store_err *err);

/* memory_write.c */
/** *slot: where each row lies now, lent until the connection's next call. */
int32_t kam__memory_write(memory_conn *c, memory_table *t, uint32_t op, const kam_block *rows, const uint32_t **slot, kam_store_err *err);
void kam__memory_rollback(memory_conn *c);

/** A snapshot is given up: logs nobody needs any more are dropped. */
void kam__memory_read_end(memory_conn *c);

/* memory_pred.c: one condition of a scan, made ready */
typedef struct memory_pred {
    uint32_t col, op, type, narg;
    const kam_col *arg;
    int64_t *number;                        /* IN: the numbers in order */
    struct memory_span { const char *text; size_t len; } *span;     /* IN: the texts in order */
} memory_pred;
int32_t kam__memory_pred_make(memory_conn *c, const memory_table *t, memory_pred *p, const kam_pred *from,
                              kam_store_err *err);
int kam__memory_pred_match(const memory_pred *p, const memory_table *t, uint32_t slot, uint64_t snapshot, int head);

/* memory_scan.c; memory_fill.c */
int32_t kam__memory_scan(memory_conn *c, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err);

/** Visible to the snapshot: 1 as head, 2 as an older version; else 0. */
int kam__memory_visible(const memory_table *t, uint32_t slot, uint64_t snapshot);
/** The value a snapshot sees in a visible row; 0 = none. */
int kam__memory_see(const memory_table *t, uint32_t col, uint32_t slot, uint64_t snapshot, uint64_t *bits);
/** Does the snapshot see each row as it is now, none of them gone? */
static inline int memory_all_visible(const memory_table *t, uint64_t snapshot) { return t->newest <= snapshot && t->live == t->nslot; }

/** The first *n rows of c->slot, or of those from c->slot[0] on. */
typedef struct memory_rows { uint32_t n, run; } memory_rows;
/** Copies them into the connection's block; fewer if their texts are too long for one, then rows->n is less. */
int32_t kam__memory_fill(memory_conn *c, const memory_table *t, uint32_t ncol, memory_rows *rows, kam_block *out);
/** Asks for the memory of one row's stamp and columns c->project before they are needed. */
void kam__memory_fill_soon(const memory_conn *c, const memory_table *t, uint32_t ncol, uint32_t slot);
void kam__memory_fill_free(memory_conn *c);

/** The same of a value in a block. */
int kam__memory_pred_match_col(const memory_pred *p, const kam_col *col, uint32_t row);

/* memory_tail.c: the border between rows in the file and rows in memory */
/** Rows of the file into memory; slots stay what they are. */
int32_t kam__memory_warm(memory_table *t, kam_store_err *err);
void kam__memory_cold_free(memory_table *t);
/** Rows below slot `base` leave the memory, `cold` says where they are (taken over). Nobody reads, no row is gone. 0 = out of memory,
 *  nothing was done. */
int kam__memory_sink(memory_table *t, memory_cold *cold, uint32_t base);
/** May the keys of a block go behind the rows in memory? *how: 1 = yes, 0 = load the table first, 2 = EXISTS at *row. */
int32_t kam__memory_cold_last(memory_table *t, int64_t *last, kam_store_err *err);
int32_t kam__memory_cold_keys(memory_table *t, const kam_col *key, uint32_t n, int *how, uint32_t *row, kam_store_err *err);
/** The first of n rows (slots) whose unique values a row in the file has; n = none. */
int32_t kam__memory_cold_unique(memory_table *t, const uint32_t *slot, uint32_t n, uint32_t *row, kam_store_err *err);
uint64_t kam__memory_cold_bytes(const memory_cold *c);

/* memory_zone.c: which segments may have what is asked for */
#define MEMORY_PROBES 4u
static inline uint64_t memory_probe(uint64_t hash, uint32_t i, uint32_t shift) {
    return (hash + i * (hash >> 32 | 1)) & (((uint64_t)1 << shift) - 1);
}
const memory_zone *kam__memory_zone_of(const memory_seg *s, uint32_t field);
/** May a row of the segment have a value of this hash? */
int kam__memory_zone_has(const memory_zone *z, uint64_t hash);
/** Bit i of `skip` (of c->nseg): no row of segment i matches. *lookup: a condition asks for single values. */
int32_t kam__memory_zone_skip(memory_conn *c, memory_table *t, const kam_table_scan *q, uint8_t *skip, int *lookup, kam_store_err *err);
/** hash -> slots of t->search in the file; made when it is first needed. `useless` when it would not help. */
int32_t kam__memory_places_make(memory_table *t, kam_store_err *err);
/** The next slot of that hash, *at begins with the hash; NONE. */
uint32_t kam__memory_places_next(const memory_places *p, uint64_t hash, size_t *at);

/* memory_cold.c: scans of rows in the file */
typedef struct memory_read memory_read;
memory_read *kam__memory_read_new(kam_ctx *ctx);
void kam__memory_read_free(kam_ctx *ctx, memory_read *r);
/** Which columns; [0] is the key. */
int32_t kam__memory_read_fields(memory_read *r, kam_ctx *ctx, const memory_table *t, const uint32_t *col, uint32_t ncol);
/** The columns of segment i, as read_fields said: *out lent until the next one. */
int32_t kam__memory_read_seg(memory_read *r, memory_table *t, size_t i, const kam_col **out, kam_store_err *err);
size_t kam__memory_cold_seg(const memory_cold *c, uint32_t slot);
/** First slot whose segment may hold the key; first slot of the segments behind it. */
uint32_t kam__memory_cold_from(const memory_table *t, int64_t key);
uint32_t kam__memory_cold_to(const memory_table *t, int64_t key);
/** Before a scan: the columns it takes are c->project and those of the conditions. *rows: how many of slots at .. end it reads at
 *  most; *lookup: it asks for single values. */
int32_t kam__memory_cold_begin(memory_conn *c, memory_table *t, const kam_table_scan *q, uint32_t at, uint32_t end, uint64_t *rows, int *lookup,
                               kam_store_err *err);
/** Rows out of *at .. *end, at most `want`; after: keys behind it only. May give none and come further nevertheless. */
int32_t kam__memory_cold_next(memory_conn *c, memory_table *t, const kam_table_scan *q, const int64_t *after, uint32_t *at, uint32_t *end,
                              uint32_t want, kam_block *out, uint32_t *n, kam_store_err *err);
void kam__memory_cold_end(memory_conn *c);

#endif
