/*
 * store/import.h - what the import*.c files share.
 *
 * Rows of any source become a group: one piece of memory of small cells (row by row, only the fields meant), texts in
 * one pool. A full group is looked up, compared and written at once. What a row meant stays with it: a cell is unset,
 * empty, or has a value.
 *
 *   import.c        what users call; the transaction          import_doc.c    mapping documents
 *   import_plan.c   headings and fields -> slots              import_cell.c   text -> cell
 *   import_stage.c  rows -> group                             import_key.c    references: keys -> ids, many at a time
 *   import_old.c    which rows are there already              import_flush.c  new rows in blocks, others one by one
 *   import_fix.c    corrections of events, in blocks          import_facts.c  owner, tier and lifecycle of accounts
 *   import_total.c  control totals of ledger events
 */
#ifndef KAM__IMPORT_H
#define KAM__IMPORT_H
#include "db.h"

#define IMPORT_GROUP KAM__BLOCK_ROWS
#define IMPORT_TEXT (4u << 20)              /* bytes of text that end a group early */
#define IMPORT_PROBLEMS 10000u              /* listed; all are counted */
#define IMPORT_PARTS 8u
#define IMPORT_NONE UINT32_MAX
#define IMPORT_SCAN_AFTER 16384u            /* rows staged before the keys of the whole table are loaded */

/* ---------------------------------------------------------------- import_doc.c */

/* What a mapping says about one field. Texts and lists live as long as the document. */
typedef struct import_spec {
    const char *heading;                    /* NULL: a constant, or joined of `part` */
    uint32_t index;                         /* of the field; NONE: a custom field, in a check without a book */
    const char *constant;
    const char *part[IMPORT_PARTS]; uint32_t npart;     /* headings joined by "/"; with a heading: two factors */
    const kam__json *values, *empty;        /* "values", "null" */
    const char *format, *source;            /* of a day; of the keys of a reference */
    char decimal, group;                    /* 0 = none */
    int32_t power;
    uint8_t round, negate, optional;
} import_spec;
typedef struct import_map { import_spec *spec; uint32_t n, cap; } import_map;
/** Checks the whole document. `lenient`: names x_... are taken for custom fields. */
int32_t kam__import_map(import_map *out, kam__arena *arena, const kam__kind *kind, const kam__json *body, int lenient,
                        kam_error *err);

/* ---------------------------------------------------------------- cells, slots, rows */

enum {
    IMPORT_UNSET = 0, IMPORT_EMPTY = 1, IMPORT_NUMBER = 2, IMPORT_TEXT_AT = 3, IMPORT_MONEY = 4, IMPORT_KEY = 5,
    IMPORT_KNOWN = 6
};
/* More decimals than the currency has: round half away from zero; counted already. */
enum { IMPORT_ROUND = 1, IMPORT_ROUNDED = 2 };
typedef struct import_cell {
    union { int64_t i; double f; struct { uint32_t at, len; } text; } v;    /* KEY: in imp->key; KNOWN: an id */
    uint8_t state, scale, flags;
    uint32_t column;                        /* in its line, from 1; 0 = unknown */
} import_cell;

typedef struct import_slot {
    const kam__field *field;
    const import_spec *spec;                /* NULL: canonical text */
    uint32_t index, from, part[IMPORT_PARTS];   /* places in the row as read; NONE */
    import_cell last; char last_text[31]; uint8_t last_len;     /* the same text again gives the same cell */
    uint64_t rounded;
} import_slot;

/* A cell as read. */
typedef struct import_raw { const char *text; size_t len; uint32_t column; uint8_t there; } import_raw;

/* OTHER: there, with other values; SAVE: saving it says what it is. */
enum { IMPORT_NEW = 0, IMPORT_SAME = 1, IMPORT_OTHER = 2, IMPORT_SAVE = 3 };
typedef struct import_row {
    uint64_t row, line, hash, source_hash;
    int64_t id, rev;                        /* of the row that is there; of a new one, once written */
    uint32_t out1;                          /* 1 + its row in the block to be written */
    uint8_t what, keyed, again;             /* keyed: has an ext_id, hash counts; again: its hash was met before */
    char currency[4];                       /* of the row that is there, where the import does not say it; "" = none */
} import_row;

/* A key of another record. */
typedef struct import_key { const char *text; uint32_t len, source_len, kind, group; int64_t id; } import_key;
/* Hashes of all keys that are in the table. */
typedef struct import_set { uint64_t *slot; size_t n, cap; int loaded; } import_set;
/* A row that points at a row not there yet. */
typedef struct import_later { kam_record *record; uint8_t *mask; uint64_t row, line; } import_later;

struct kam_import {
    kam_ctx *ctx;                           /* of the book, held with it */
    kam_book *book, *home;
    kam__schema *schema;                    /* held */
    const kam__kind *kind;
    kam__call call; uint64_t generation;
    int open;                               /* the transaction is still ours to end */
    int32_t over;                           /* 1 finished, or the code it failed with */
    uint32_t flags, format, separator;
    int frozen;                             /* dry run inside somebody else's transaction: nothing may be written */
    char *batch, *source;                   /* NULL = none */
    size_t source_len;
    uint64_t source_hash;
    int32_t base_decimals;                  /* of money without a currency; -1 = the book has none */
    kam__policy mapping; int loaded, has_mapping;       /* loaded: by name */
    kam__arena doc; import_map map;         /* inline documents, and specs */
    kam__csv *csv; kam__jstream *json; kam__vcard *vcard;
    kam__recode *recode;                    /* NULL: the bytes are UTF-8 */
    kam_error *cause;                       /* of what is being tried */
    /* import_plan.c */
    import_slot *slot; uint32_t nslot, slot_cap;
    int planned;                            /* 1 a heading, 2 members of objects, 3 all fields */
    uint32_t heading;                       /* cells of the heading */
    uint32_t id_slot, rev_slot, ext_slot, source_slot, latitude_slot, longitude_slot, currency_slot, credit_slot;   /* NONE */
    uint32_t *required, nrequired;          /* fields */
    int plain, self_ref, shown;             /* rows may go in blocks; may point at their own kind; show facts */
    import_spec own_source;
    uint32_t *ask, nask;                    /* fields read of rows that are there */
    kam__tmap name; import_raw *raw; size_t raw_cap; uint32_t nraw;    /* of members */
    /* the group */
    import_row *row; import_cell *cell; size_t cell_cap;
    uint32_t n, group;                      /* group: number, from 2 */
    kam_buf text;
    kam__imap at;                           /* hash -> row */
    uint64_t taken, staged;
    const char *row_source; size_t row_source_len;      /* of the row being staged, where the import has none */
    /* import_key.c */
    kam__tmap key_at; kam__arena key_text; import_key *key; size_t nkey, key_cap;
    uint32_t *want; size_t nwant, want_cap;
    kam__imap id_known;                     /* id << 8 | kind -> 1: it is there; else the group it was asked in */
    int64_t *want_id; size_t nwant_id, want_id_cap;
    kam_buf scratch;
    /* import_old.c */
    import_set set;
    kam__blockbuf in;                       /* keys asked for */
    kam_record *rec, *old; uint8_t *mask;
    kam_buf own_pool; int lent;             /* of rec, while it looks at the group's texts */
    /* import_flush.c */
    kam__blockbuf out; uint32_t *out_row;
    kam__blockbuf fix;                      /* import_fix.c: corrections of events */
    kam__imap fact_at[3]; int64_t *fact_value[3]; int fact_loaded[3];       /* owner, tier, lifecycle in force */
    kam__imap saved;                        /* ids saved in this import: fact_at is old for them */
    import_later *later; size_t nlater, later_cap; int last_round;
    /* answers */
    uint64_t count[5];                      /* new changed unchanged corrected rejected */
    kam__rowset *problem;
    kam_record *report;
    struct import_totals *totals;           /* import_total.c */
};
enum { IMPORT_N_NEW = 0, IMPORT_N_CHANGED = 1, IMPORT_N_UNCHANGED = 2, IMPORT_N_CORRECTED = 3, IMPORT_N_REJECTED = 4 };

/* ---------------------------------------------------------------- import_plan.c */

int32_t kam__import_plan_heading(kam_import *imp, const kam__csv_row *row, kam_error *err);
int32_t kam__import_plan_members(kam_import *imp, kam_error *err);
int32_t kam__import_plan_all(kam_import *imp, kam_error *err);
/** The raw place of an object's member; NONE. */
uint32_t kam__import_member(const kam_import *imp, const char *name, size_t len);

/* ---------------------------------------------------------------- import_cell.c, import_number.c */

/** Raw text to a cell, by the slot's field and mapping. Row-level failures: PARSE TYPE LIMIT UTF8 INVAL. */
int32_t kam__import_cell(kam_import *imp, import_cell *out, import_slot *s, const import_raw *raw, kam_error *err);
int32_t kam__import_text(kam_import *imp, import_cell *out, const char *text, size_t len, kam_error *err);
/** Source that keys without one have: the import's, or that of the row being staged. */
int32_t kam__import_ref(kam_import *imp, import_cell *out, const import_slot *s, const char *text, size_t len,
                        kam_error *err);
int32_t kam__import_number(import_cell *out, import_slot *s, const char *text, size_t len, kam_error *err);
/** Product of two raw cells. */
int32_t kam__import_product(import_cell *out, import_slot *s, const import_raw *a, const import_raw *b, kam_error *err);
int32_t kam__import_day(int32_t *out, const char *format, const char *text, size_t len, kam_error *err);
int kam__import_day_format(const char *format);         /* 1 = known */

/* ---------------------------------------------------------------- import_stage.c */

/** Stages a row as read; a bad one is listed. */
int32_t kam__import_stage_raw(kam_import *imp, const import_raw *raw, uint64_t line, kam_error *err);
/** Stages a record's cells; mask NULL: those with a value. */
int32_t kam__import_stage_record(kam_import *imp, const kam_record *r, const uint8_t *mask, uint64_t row, uint64_t line,
                                 kam_error *err);
int32_t kam__import_stage_block(kam_import *imp, const kam_block *block, kam_error *err);
/** The staged row as a record with its mask: keys that are known as ids, money as entered. */
int32_t kam__import_load(kam_import *imp, uint32_t row, kam_error *err);
/** The same for rows that are only looked at: texts stay where they are. No text may be put into imp->rec until
 *  kam__import_load or kam__import_give_back. */
int32_t kam__import_lend(kam_import *imp, uint32_t row, kam_error *err);
void kam__import_give_back(kam_import *imp);
/** Money of imp->rec at its currency's decimals. */
int32_t kam__import_settle(kam_import *imp, kam_error *err);
const char *kam__import_slot_text(const kam_import *imp, uint32_t row, uint32_t slot, size_t *len);
uint64_t kam__import_hash(uint64_t source_hash, const char *key, size_t len);

/* ---------------------------------------------------------------- import_key.c, import_old.c, import_flush.c */

int32_t kam__import_want_key(kam_import *imp, uint32_t *out, uint32_t kind, const char *source, size_t source_len,
                             const char *key, size_t len, kam_error *err);
int32_t kam__import_want(kam_import *imp, uint32_t key, kam_error *err);
int32_t kam__import_want_id(kam_import *imp, uint32_t kind, int64_t id, kam_error *err);
/** imp->in holds as many keys as one look-up takes. */
int kam__import_in_full(const kam_import *imp);
/** Looks up what this group wants. */
int32_t kam__import_resolve(kam_import *imp, kam_error *err);
/** References of imp->rec, row `row`, to ids. NOT_FOUND; 1 = points at a row that may still come. */
int32_t kam__import_refs(kam_import *imp, uint32_t row, kam_error *err);
/** Says of every row of the group what it is. */
int32_t kam__import_classify(kam_import *imp, kam_error *err);
/** Adds a hash; *was = 1: it was there. */
int32_t kam__import_set_add(int *was, kam_import *imp, uint64_t hash, kam_error *err);
int kam__import_set_has(const import_set *s, uint64_t hash);
int32_t kam__import_flush(kam_import *imp, kam_error *err);
/** Writes the block of new rows gathered so far. */
int32_t kam__import_write(kam_import *imp, kam_error *err);
/** Row `row` (in imp->rec, references resolved) corrects the event that is there. */
int32_t kam__import_fix(kam_import *imp, uint32_t row, kam_error *err);
int32_t kam__import_write_fixes(kam_import *imp, kam_error *err);
/** Facts that the new accounts just written show. An account that may not have one is taken back and rejected. */
int32_t kam__import_write_facts(kam_import *imp, kam_error *err);
/** Rows that pointed at rows not there yet, now that the input has ended. */
int32_t kam__import_write_later(kam_import *imp, kam_error *err);
/** Do the shown facts of row `row`, which is there, differ? (imp->rec is the row.) */
int32_t kam__import_facts_differ(int *out, kam_import *imp, uint32_t row, kam_error *err);

/* ---------------------------------------------------------------- import_total.c */

/** Before the rows of a group: their plan may have changed. */
int32_t kam__import_total_start(kam_import *imp, kam_error *err);
/** Counts a row of the group that was not rejected into the control totals (of ledger events). */
int32_t kam__import_total_row(kam_import *imp, uint32_t row, kam_error *err);
void kam__import_total_free(kam_import *imp);

/* ---------------------------------------------------------------- import_problem.c */

/* Where something is wrong. */
typedef struct import_place {
    uint64_t row, line; uint32_t column; const kam__field *field; const char *value; size_t len;
} import_place;
/** After a failure told in imp->cause: lists the row as bad and answers OK, or fails the import. */
int32_t kam__import_reject(kam_import *imp, int32_t rc, const import_place *at, kam_error *err);
/** The same for a staged row: place and value are found by the field named in imp->cause. */
int32_t kam__import_reject_row(kam_import *imp, int32_t rc, uint32_t row, kam_error *err);
int32_t kam__import_warn(kam_import *imp, const import_place *at, const char *text, kam_error *err);
/** imp->cause becomes the caller's error. */
int32_t kam__import_fatal(kam_import *imp, int32_t rc, kam_error *err);
int32_t kam__import_start_problems(kam_import *imp, kam_error *err);
#endif
