/*
 * store/store.h - the book: records in a store, with ids, transactions, history, policies, imports, queries and runs.
 *
 * Layers, each calling only the one above it:
 *   db.c       the only caller of the storage vtable; hides what a store leaves out (filters, order, limits, IN of any
 *              length)
 *   txn.c      transactions, commit numbers, ids, what was touched
 *   read.c     logical rows: as of a day, as known at a commit, without what was replaced or deleted
 *   save.c     entities (changes), facts.c (ranges that never overlap), events.c (corrections); guard.c: the field's
 *              own rules
 *   rows.c query.c import*.c policy.c run.c: what users call
 *
 * In the store: FACT rows hold KAM_DAY_FIRST / KAM_DAY_END for open ends and KAM__SEQ_OPEN in seq_to while believed, so
 * that every condition is one comparison. An ENTITY's seq is the commit that made it; EVENT rev counts its corrections
 * from 1.
 */
#ifndef KAM__STORE_H
#define KAM__STORE_H
#include "../base/base.h"
#include "../codec/codec.h"
#include "../model/model.h"
#include <kam/book.h>
#include <kam/import.h>
#include <kam/policy.h>
#include <kam/query.h>
#include <kam/rows.h>
#include <kam/run.h>
#include <kam/spi/storage.h>
#include "memory.h"

#define KAM__SEQ_OPEN ((int64_t)9007199254740991)       /* 2^53-1: still believed; also "the latest" as a known point */
#define KAM__MAX_ID ((int64_t)9007199254740991)
enum {
    KAM__KIND_COUNTER = 100,
    KAM__KIND_BATCH = 101,
    KAM__KIND_EXT_ID = 102,
    KAM__KIND_ID_ALIAS = 103,
    KAM__KIND_META = 104
};
#define KAM__MAX_KINDS 128u
/* Fields of our own tables (not in kam/fields.h). */
enum {
    KAM__COUNTER_VALUE = 100 * 128,
    KAM__BATCH_NAME = 101 * 128,
    KAM__BATCH_SEQ,
    KAM__EXT_ID_KIND = 102 * 128,
    KAM__EXT_ID_SOURCE,
    KAM__EXT_ID_KEY,
    KAM__EXT_ID_RECORD,
    KAM__ID_ALIAS_KIND = 103 * 128,
    KAM__ID_ALIAS_OLD,
    KAM__ID_ALIAS_NEW,
    KAM__META_NAME = 104 * 128,
    KAM__META_VALUE
};

/* --------------------------------------------------------------- store.c, tables.c: the store handle and its tables */

typedef struct kam__map_table {
    uint32_t kind;
    const char *relation;
    int read_only, text_key;
    const kam__json *columns;
} kam__map_table;
struct kam_store {
    kam__ref ref;
    kam_ctx *ctx;
    kam_store_vt vt;
    void *self;                             /* of a host store; NULL for the memory store, which makes one per book */
    kam__memory *memory;
    uint32_t mode;
    volatile uint64_t busy;                 /* a host store serves one book at a time */
    kam__arena arena;                       /* the mapping */
    kam__map_table *map; uint32_t nmap;
};
/* The kam_table of every stored kind of a schema, under a mapping; frozen, lives with the db. */
/* how a mapped column becomes the field's value */
enum { KAM__AS_IS = 0, KAM__BY_KEY = 1, KAM__BY_TEXT = 2 };
typedef struct kam__tables {
    kam__arena arena;
    kam_table *table; uint8_t **convert; uint32_t n;    /* convert[table][field]: KAM__AS_IS ... */
    uint8_t of_kind[256], text_key[256];
} kam__tables;
int32_t kam__tables_new(kam__tables *out, kam_ctx *ctx, const kam__schema *schema, const kam_store *store,
                        kam_error *err);
void kam__tables_free(kam__tables *t);

/* ---------------------------------------------------------------- db.c: one connection */

typedef struct kam__db {
    kam_ctx *ctx;
    kam_store *store;                       /* held */
    void *self;
    kam__tables tables;
    uint32_t max_keys, mode;
    uint32_t money_decimals;                /* of the base currency: for money that a mapped column holds as text */
    uint32_t txn;                           /* 0, KAM_BEGIN_READ or _WRITE: what the store has open */
    int aborted;                            /* only an abort (or host_ended) is accepted */
    int busy;                               /* inside a scan's callback: nothing else may be called */
    uint64_t writes;                        /* store writes since the transaction began */
} kam__db;
int32_t kam__db_open(kam__db *db, kam_ctx *ctx, kam_store *store, const kam__schema *schema, uint32_t max_keys,
                     kam_error *err);
void kam__db_close(kam__db *db);
int32_t kam__db_prepare(kam__db *db, uint32_t how, kam_error *err);
int32_t kam__db_begin(kam__db *db, uint32_t how, kam_error *err);
int32_t kam__db_end(kam__db *db, uint32_t how, kam_error *err);
const kam_table *kam__db_table(const kam__db *db, uint32_t kind);

/* A scan as the library wants it: everything asked for is done, by the store or here. */
typedef struct kam__scan {
    uint32_t kind;
    const uint32_t *field; uint32_t nfield;             /* 0 = every stored field of the kind */
    const kam_pred *pred; uint32_t npred;
    const uint32_t *order; uint32_t norder;             /* then the key */
    uint32_t flags;                                     /* 1 = descending */
    uint64_t limit;                                     /* 0 = none */
    const kam_block *after;
    int any_order;                                      /* order does not matter: never sort */
    int sorted_by_store;                                /* OUT: the store did order, after and limit itself */
} kam__scan;
/** Blocks have the projection first, in order (columns used by predicates may follow); lent until fn returns. A
 * non-zero answer of fn stops the scan and is returned. */
int32_t kam__db_scan(kam__db *db, kam__scan *q, kam_block_fn fn, void *user, kam_error *err);
int32_t kam__db_write(kam__db *db, uint32_t kind, uint32_t op, const kam_block *rows, kam_error *err);
/** Only where the store has reserve(). */
int32_t kam__db_reserve(int64_t *first, kam__db *db, uint32_t kind, uint32_t n, kam_error *err);

/* Predicates with values that live in the predicate itself: build, use, forget. */
typedef struct kam__pred { kam_col col; union { int32_t i32; int64_t i64; double f64; } v; int32_t off[2]; } kam__pred;
void kam__pred_i64(kam_pred *p, kam__pred *mem, const kam__field *field, uint32_t op, int64_t value);
void kam__pred_text(kam_pred *p, kam__pred *mem, const kam__field *field, uint32_t op, const char *text, size_t len);
void kam__pred_null(kam_pred *p, const kam__field *field);
/** Does row `row` of `col` match? (col NULL = the value is missing.) What stores leave out is decided here and nowhere
 * else. */
int kam__pred_match(const kam_pred *p, const kam_col *col, uint32_t row);

/* ---------------------------------------------------------------- book.c, txn.c */

typedef struct kam__aside { kam__schema *schema; kam__tables tables; } kam__aside;
typedef struct kam__counter { uint32_t id; int64_t value, rev; uint8_t stored, dirty; } kam__counter;
typedef struct kam__replaced { kam__imap ids; int64_t seq, known; int valid; } kam__replaced;
struct kam_book {
    kam__ref ref;
    kam_ctx *ctx;                           /* held */
    kam_book *parent;                       /* held; a kam_book_known() book works on its parent's connection */
    kam__db db;                             /* of a book that is its own parent */
    kam__schema *schema;                    /* replaced when a custom field or currency is saved */
    int64_t known;                          /* KAM__SEQ_OPEN = now */
    uint32_t flags;                         /* KAM_BOOK_ */
    int closed, in_callback;
    char *actor, *scope, *zone;
    kam_commit_fn on_commit; void *on_commit_user;
    /* the open transaction */
    /* 0 or KAM_BEGIN_: opened by kam_book_begin (joined by calls) or by one call */
    uint32_t txn;
    int txn_user;                           /* 1 = kam_book_begin opened it */
    int64_t seq;                            /* commit number of this write transaction, 0 = nothing written yet */
    const char *batch, *note;               /* for the commit row, lent by the writer until the end */
    kam__counter counter[KAM__MAX_KINDS]; uint32_t ncounter;
    struct kam__rowset *touched, *pending;  /* TOUCHED rows of this transaction; of the host's (modes b and c) */
    /* the schema before this transaction, and the host's around it, changed it */
    kam__aside before_txn, before_host;
    /* of LEDGER and ACTIVITY: kept between readings of the same state (replaced.c) */
    kam__replaced replaced[2];
    uint64_t generation;                    /* counts transactions: rows opened inside one end with it */
};
/** The book whose connection and transaction `b` uses (itself, or its parent). */
kam_book *kam__book_home(kam_book *b);
/** INVAL (NULL), CLOSED, BUSY (called from a callback), ABORTED. First line of every call on a book. */
int32_t kam__book_ready(kam_book *b, kam_error *err);
kam_book *kam__book_hold(kam_book *b);
void kam__book_drop(kam_book *b);
/** Reads custom fields and currencies again. In a write transaction the old schema is kept until that has ended for
 * good. */
int32_t kam__book_reload_schema(kam_book *b, kam_error *err);
/** The book's transaction, or the host's around it, has ended: the new schema stays, or the old one comes back. Cannot
 * fail. */
void kam__book_settle_schema(kam_book *home, int committed);
void kam__book_settle_host_schema(kam_book *home, int committed);
/** KAM_TODAY -> the day in the book's zone by the context's clock; other days pass. */
int32_t kam__book_day(int32_t *out, kam_book *b, int32_t day, kam_error *err);
/* NULL + INVAL: unknown or not stored */
const kam__kind *kam__book_kind(kam_book *b, uint32_t kind, kam_error *err);

/* A call joins the open transaction or has its own: KAM__TRY(enter); rc = work...; return leave(rc); leave commits an
 * own one on success and rolls it back on failure; in a joined one a failure after a write aborts it. */
typedef struct kam__call { kam_book *home; int own; uint64_t writes; } kam__call;
/* READ_ONLY: book not for writing */
int32_t kam__txn_enter(kam__call *c, kam_book *b, uint32_t how, kam_error *err);
int32_t kam__txn_leave(kam__call *c, int32_t rc, kam_error *err);
/** Commit number of the open WRITE transaction; taken from the counter at its first use. */
int32_t kam__txn_seq(int64_t *out, kam_book *b, kam_error *err);
/** `n` fresh ids of a kind. */
int32_t kam__txn_ids(int64_t *first, kam_book *b, uint32_t kind, uint32_t n, kam_error *err);
/** Notes what was touched, for kam_book_on_commit. */
int32_t kam__txn_touch(kam_book *b, uint32_t kind, int64_t id, int32_t op, kam_error *err);
/** Number of the last commit (inside the open transaction's snapshot). */
int32_t kam__book_last_seq(int64_t *out, kam_book *b, kam_error *err);

/* ---------------------------------------------------------------- rowset.c: rows in memory, of any length */

typedef struct kam__rowset {
    kam_ctx *ctx; kam__schema *schema;      /* held */
    uint32_t kind, ncol; uint32_t *field; uint8_t *type;
    kam__blockbuf *block; size_t nblock, cap;
    uint64_t *first; size_t first_cap;      /* the row of the set a block begins with */
    uint64_t nrow;
    kam__ref ref;
} kam__rowset;
/** Columns: `field` ids of the kind, or all of them (nfield 0; of stored kinds without VIRTUAL ones unless computed).
 * Counted. */
int32_t kam__rowset_new(kam__rowset **out, kam__schema *schema, uint32_t kind, const uint32_t *field, uint32_t nfield,
                        kam_error *err);
/** Any columns, without a schema: for sorting. */
int32_t kam__rowset_raw(kam__rowset **out, kam_ctx *ctx, uint32_t kind, const uint32_t *field, const uint8_t *type,
                        uint32_t n, kam_error *err);
kam__rowset *kam__rowset_hold(kam__rowset *s);
void kam__rowset_drop(kam__rowset *s);
/** The block to append to (a new one when the last is full): fill a row with kam__bb_*, end it with
 * kam__rowset_end_row. Column index = place in `field`. */
kam__blockbuf *kam__rowset_row(kam__rowset *s, kam_error *err);                     /* NULL = NOMEM */
int32_t kam__rowset_end_row(kam__rowset *s, kam_error *err);
int32_t kam__rowset_add_record(kam__rowset *s, const kam_record *r, kam_error *err);
int32_t kam__rowset_add_block(kam__rowset *s, const kam_block *rows, kam_error *err);       /* by field id */
/** After the last row and before the first reading. */
void kam__rowset_seal(kam__rowset *s);
/** Cell of row i: block and row in it (columns are block->view[c]). */
void kam__rowset_at(const kam__rowset *s, uint64_t i, const kam__blockbuf **block, uint32_t *row);
uint32_t kam__rowset_col(const kam__rowset *s, uint32_t field);                     /* UINT32_MAX = none */
/** Loads the row whose `field` (an id), or else whose own id, is `id`; *found 0: there is none. */
int32_t kam__rowset_find(int *found, kam_record *out, const kam__rowset *s, uint32_t field, int64_t id, kam_error *err);
/** A new rowset with the rows sorted; cmp sees (set, row a, row b). */
typedef int (*kam__row_cmp)(const kam__rowset *s, uint64_t a, uint64_t b, void *arg);
int32_t kam__rowset_sort(kam__rowset **out, const kam__rowset *s, kam__row_cmp cmp, void *arg, kam_error *err);
/** Hands over the rows of a sealed set in the order of `q` (its order fields, then id), behind q->after, at most
 * q->limit, and with check_preds only those that match q's predicates. The set has all fields these need. */
int32_t kam__rowset_select(const kam__rowset *s, const kam__scan *q, int check_preds, kam_block_fn fn, void *user,
                           kam_error *err);
/** What of a query's answer the caller sees: rows [skip, skip + limit). limit 0 = all. */
int32_t kam__rows_of_set(kam_rows **out, kam_book *book, kam__rowset *s, uint64_t skip, uint64_t limit, kam_error *err);

/* ---------------------------------------------------------------- read.c: logical rows */

enum { KAM__READ_ALL_TIMES = 1, KAM__READ_DELETED = 2, KAM__READ_REPLACED = 4 };
/* Find columns of the blocks by kam__block_col: reading the past gives more than the projection. as_of KAM_TODAY:
 * entities as they are now, facts in force today, events of any day. READ_ALL_TIMES: facts of all times, events of all
 * days. The scan's field ids may not be VIRTUAL. Inside, the book's known point is obeyed. */
typedef struct kam__read { kam__scan scan; int32_t as_of; uint32_t flags; } kam__read;
int32_t kam__read_rows(kam_book *b, kam__read *q, kam_block_fn fn, void *user, kam_error *err);
void kam__replaced_free(kam__replaced *r);
/** Collects it. */
int32_t kam__read_set(kam__rowset **out, kam_book *b, kam__read *q, kam_error *err);
/** One record by id, with its VIRTUAL fields as of the day; NOT_FOUND. Follows id_alias, and corrected events to the
 * last one. */
int32_t kam__read_one(kam_record *out, kam_book *b, int64_t id, int32_t as_of, kam_error *err);
/** The entity as it stands now, also when it is deleted. */
int32_t kam__read_one_deleted(kam_record *out, kam_book *b, int64_t id, kam_error *err);
/** The id an event had before any correction: from the id of one of its versions. */
int32_t kam__read_first_id(int64_t *id, kam_book *b, uint32_t kind, kam_error *err);
/** Fills VIRTUAL fields (owner, tier, lifecycle) of account rows: fact value by account id. */
int32_t kam__read_fact_map(kam__imap *out, int64_t **value, kam_book *b, uint32_t kind, int32_t as_of, kam_error *err);
/** The fact behind a VIRTUAL field of account: 1 and its kind, subject field and value field. */
int kam__shown_fact(uint32_t account_field, uint32_t *kind, uint32_t *subject, uint32_t *value);
/** Gives ids to the rows of host tables that have only the ERP's key (inside a WRITE transaction). */
int32_t kam__hostkeys_sync(kam_book *b, kam_error *err);
/** id by the ERP's key; 0 = none. */
int32_t kam__read_key(int64_t *out, kam_book *b, uint32_t kind, const char *source, const char *ext_id, size_t len,
                      kam_error *err);
/** Last commit at or before the end of a day in the book's zone. */
int32_t kam__read_seq_of_day(int64_t *out, kam_book *b, int32_t day, kam_error *err);
/** 1 = is there any row, of any time? */
int32_t kam__read_exists(int *out, kam_book *b, uint32_t kind, const kam_pred *pred, uint32_t npred, uint32_t flags,
                         kam_error *err);

/* ---------------------------------------------------------------- save.c, facts.c, events.c, guard.c */

enum { KAM__SAVED_NEW = 1, KAM__SAVED_CHANGED = 2, KAM__SAVED_SAME = 3, KAM__SAVED_CORRECTED = 4 };
/** Inside a WRITE transaction. `mask` (by field index) says which fields the caller means; NULL = all. */
int32_t kam__save(int *what, kam_book *b, kam_record *r, const uint8_t *mask, kam_error *err);
/** The same, and what follows from a new custom field or currency (records.c). */
int32_t kam__save_any(int *what, kam_book *b, kam_record *r, const uint8_t *mask, kam_error *err);
/** Pending keys -> ids; ids must exist. `source` stands for keys without one. NOT_FOUND. */
int32_t kam__save_resolve(kam_book *b, kam_record *r, const char *source, kam_error *err);
/** The same with the record's own source; what `old` (may be NULL) refers to already is not asked for: it may be
 * deleted by now. */
int32_t kam__save_refs(kam_book *b, kam_record *r, const kam_record *old, kam_error *err);
/** An event: new, the same, or a correction of what has its id or key. */
int32_t kam__event_put(int *what, kam_book *b, kam_record *r, const uint8_t *mask, kam_error *err);
/** Marks an entity (as read, settled) deleted. */
int32_t kam__delete(kam_book *b, kam_record *r, kam_error *err);
/** Puts one fact in force for [from, to): closes and splits what it overlaps. `fact` has its subject and value fields
 * set. */
int32_t kam__fact_put(int *what, kam_book *b, kam_record *fact, kam_error *err);
/** Ends what is believed of a subject from `from` on without a new value (undo of a first grade). */
int32_t kam__fact_end(kam_book *b, const kam_record *subject, int32_t from, kam_error *err);
/** KAM's own rules over a record about to be stored (R32, R33, R148, trees without cycles, currencies frozen ...).
 * `old` may be NULL. */
int32_t kam__guard(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err);
/* guard_link.c: rules of single kinds, for guard.c. */
int32_t kam__guard_account_link(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err);
int32_t kam__guard_distributor(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err);
int32_t kam__guard_segmentation(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err);
int32_t kam__guard_segment_card(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err);
/** guard_plan.c: those of account plans, reviews and annual figures. */
int32_t kam__guard_plan(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err);
/** Inserts rows of a RUN-class or OWN kind: ids and seq are filled in where missing. */
int32_t kam__insert_record(kam_book *b, kam_record *r, kam_error *err);
int32_t kam__insert_set(kam_book *b, const kam__rowset *s, uint32_t run_field, int64_t run, kam_error *err);

/* ---------------------------------------------------------------- policy.c */

/* A policy as engines want it: parsed body in an arena. */
typedef struct kam__policy {
    int64_t id, version;
    char name[64];
    char hash[65];
    kam__arena arena;
    const kam__json *body;
} kam__policy;
/** A document that is in no book (a trial), with its hash: id 0, no name yet. Nothing is held on failure. PARSE UTF8
 * LIMIT. */
int32_t kam__policy_of_json(kam__policy *out, kam_ctx *ctx, const char *json, size_t len, kam_error *err);
int32_t kam__policy_load(kam__policy *out, kam_book *b, uint32_t kind, const char *name, int32_t day, kam_error *err);
int32_t kam__policy_load_id(kam__policy *out, kam_book *b, int64_t id, kam_error *err);
void kam__policy_free(kam__policy *p);
/** Inserts and approves the built-in documents that are not there yet (book creation and upgrade). */
int32_t kam__policy_builtins(kam_book *b, kam_error *err);

/* import_doc.c: the check of MAPPING documents. */
int32_t kam__mapping_check(kam_ctx *ctx, const kam__json *body, kam_error *err);

/* What rooms above plug in (src/kam_plug.c): the check of each policy kind, the built-in documents, and how stored runs
 * of a kind are explained and undone. */
typedef struct kam__policy_plug {
    uint32_t kind;
    int32_t (*check)(kam_ctx *ctx, const kam__json *body, kam_error *err);
} kam__policy_plug;
typedef struct kam__builtin { uint32_t kind; const char *json; } kam__builtin;
typedef struct kam__run_ops kam__run_ops;
typedef struct kam__run_plug { uint32_t run_kind; const kam__run_ops *ops; } kam__run_plug;
extern const kam__policy_plug kam__policy_plugs[];          /* ended by kind 0 */
extern const kam__builtin kam__builtins[];                  /* ended by json NULL */
extern const kam__run_plug kam__run_plugs[];                /* ended by run_kind 0 */

/* ---------------------------------------------------------------- run.c, why.c */

struct kam__run_ops {                           /* the first three are there for every kind */
    /** Inside the WRITE transaction, run->record has its id: stores entries and effects. */
    int32_t (*apply)(kam_run *run, kam_error *err);
    int32_t (*why)(kam_why **out, kam_run *run, int64_t id, kam_error *err);
    /** For a stored run: loads its list of `kind` (NOT_FOUND: has none). */
    int32_t (*load)(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err);
    /** A run that puts back what stored run `run` changed. NULL: UNSUPPORTED. */
    int32_t (*undo)(kam_run **out, kam_run *run, kam_error *err);
    void (*free)(kam_ctx *ctx, void *self);
};
#define KAM__RUN_LISTS 4u
struct kam_run {
    kam_ctx *ctx; kam_book *book;           /* held */
    const kam__run_ops *ops; void *self;
    kam_record *record;                     /* RUN */
    kam__rowset *list[KAM__RUN_LISTS]; uint32_t nlist;
    kam__rowset *stored_list[KAM__RUN_LISTS];   /* as applying wrote them: they stand for `list` while it is stored */
    int64_t read_seq;                       /* last commit when it was read */
    uint64_t generation, writes;            /* the transaction it was read in, and what that had written by then */
    int trial, stored;                      /* trial: from JSON, cannot be applied; stored: has an id */
};
/** A new run over `book`: RUN record with kind, as_of, known; policy may be NULL. Call inside the read transaction. */
int32_t kam__run_new(kam_run **out, kam_book *book, uint32_t run_kind, const kam__run_ops *ops, int32_t as_of,
                     const kam__policy *policy, kam_error *err);
/* takes over the caller's hold, also on failure */
int32_t kam__run_add_list(kam_run *run, kam__rowset *set, kam_error *err);
kam__rowset *kam__run_list(const kam_run *run, uint32_t kind);                      /* NULL = none */
/** What applying has written of a list (with ids): takes a hold of its own. */
int32_t kam__run_set_stored(kam_run *run, kam__rowset *set, kam_error *err);

struct kam_why { kam_ctx *ctx; kam_record *verdict; kam__rowset *reasons; };
int32_t kam__why_new(kam_why **out, kam_book *book, kam_error *err);
int32_t kam__why_of_schema(kam_why **out, kam__schema *schema, kam_error *err);     /* without a book */
/** Adds a REASON; texts may be NULL. */
int32_t kam__why_add(kam_why *why, const char *factor, const char *value, const char *band, const char *code,
                     const char *en, const char *zh, kam_error *err);
/** The same of a score: points and share in 10^-4, NULL = none. */
int32_t kam__why_add_points(kam_why *why, const char *factor, const char *value, const char *band,
                            const int64_t *points, const int64_t *share, const char *code, const char *en,
                            const char *zh, kam_error *err);

#endif
