/*
 * model/model.h - the schema table at run time, and records made from it.
 *
 * schema.def is the one description of the data. A kam__schema is that table for one book: the built-in kinds plus the
 * book's custom fields and its money decimals; frozen and counted, so records, rows and books share it. A record is one
 * row of cells in the order of its kind's fields.
 */
#ifndef KAM__MODEL_H
#define KAM__MODEL_H
#include "../base/base.h"
#include "../codec/codec.h"
#include <kam/record.h>
#include <kam/spi/storage.h>

/* Classes beside KAM_C_: our own tables, and kinds that are computed and never stored. */
enum { KAM__C_OWN = 16, KAM__C_COMPUTED = 17 };

/* Common fields not in the public list of kam/record.h. */
enum { KAM__DELETED_SEQ = 9, KAM__SEQ_TO = 10, KAM__REPLACES = 11 };

/* What a value means. The numbers are those of enum set FIELD_TYPE (fields 200.. are internal refinements of INT and
 * TEXT). */
enum {
    KAM__L_TEXT = 1,
    KAM__L_INT = 2,
    KAM__L_BOOL = 3,
    KAM__L_ENUM = 4,
    KAM__L_DAY = 5,
    KAM__L_INSTANT = 6,
    KAM__L_LOCAL = 7,
    KAM__L_MONEY = 8,
    KAM__L_DECIMAL = 9,
    KAM__L_REF = 10,
    KAM__L_F64 = 11,
    KAM__L_CODE = 12,
    KAM__L_ID = 13,
    KAM__L_POINTS = 14,
    KAM__L_DEG6 = 15,
    KAM__L_CURRENCY = 16
};
/* POINTS is a DECIMAL of scale 4 (I64); DEG6 degrees with 6 decimals (I32); CURRENCY a TEXT that must be an ISO 4217
 * code and gives the decimals of every MONEY field of the same record; CODE a TEXT with an open list of known codes
 * (known ones are stored in capitals). BOOL, ENUM, DAY are I32; the rest of the numbers I64. */

/* Internal field flags above KAM_F_: never shown to stores. */
enum { KAM__F_SUBJECT = 1 << 16, KAM__F_VIRTUAL = 1 << 17, KAM__F_CUSTOM = 1 << 18, KAM__F_COMMON = 1 << 19 };

typedef struct kam__enum_item { const char *name; int32_t value; const char *en, *zh; } kam__enum_item;
typedef struct kam__enum_set { const char *name; const kam__enum_item *item; uint32_t n; } kam__enum_set;

typedef struct kam__field {
    uint32_t id;
    uint16_t since;
    uint8_t type, logic, scale;             /* KAM_T_, KAM__L_, decimals */
    uint8_t reserved[3];
    uint32_t flags, ref;                    /* KAM_F_ and KAM__F_; REF: the kind pointed at */
    const kam__enum_set *set;               /* ENUM and CODE */
    const char *name, *unit, *en, *zh;
} kam__field;

typedef struct kam__kind {
    uint32_t id, cls, nfield;
    const char *name, *en, *zh;
    const kam__field *field;                /* common fields of the class first; field[0] is the id of stored kinds */
    uint32_t currency;                      /* index of its CURRENCY field, or UINT32_MAX */
    uint32_t nbuiltin;                      /* fields before the custom ones */
    /* index + 1 of a common id (12 of them) and of id - kind * 128 (128); 0 = none */
    const uint8_t *common_at, *at;
} kam__kind;

/* ---------------------------------------------------------------- schema.c */

typedef struct kam__schema kam__schema;
/** The built-in kinds, static: for DDL, field lists and schema-less use. */
const kam__kind *kam__builtin_kind(uint32_t kind);
const kam__kind *kam__builtin_kind_by_name(const char *name, size_t len);
/** All built-in kinds in the order of schema.def. */
const kam__kind *kam__builtin_kinds(uint32_t *n);
const kam__enum_set *kam__enum_set_by_name(const char *name);
/* ASCII case folded */
const kam__enum_item *kam__enum_by_name(const kam__enum_set *set, const char *name, size_t len);
const kam__enum_item *kam__enum_by_value(const kam__enum_set *set, int64_t value);
uint32_t kam__logic_type(uint32_t logic);   /* the KAM_T_ of a KAM__L_ */
/** As a user may write it: name or label (ASCII case folded) or number; NULL = none of the set. */
const kam__enum_item *kam__enum_match(const kam__enum_set *set, const char *text, size_t len);
/** The names with `between` between them, cut with "..." where `size` ends; returns out. */
const char *kam__enum_names(char *out, size_t size, const kam__enum_set *set, const char *between);

/* What a book adds to the built-in table. */
typedef struct kam__custom { uint32_t kind; kam__field field; } kam__custom;
typedef struct kam__currency { char code[4]; int32_t decimals; } kam__currency;
typedef struct kam__schema_parts {
    const kam__custom *custom; size_t ncustom;
    const kam__currency *currency; size_t ncurrency;    /* the book's own decimals; others are ISO 4217's */
    const char *base_currency, *lang;                   /* "" = none given; "en" */
} kam__schema_parts;
/** Makes a frozen schema; parts are copied; NULL = built-in only. SCHEMA: a custom name or id is taken. */
int32_t kam__schema_new(kam__schema **out, kam_ctx *ctx, const kam__schema_parts *parts, kam_error *err);
kam__schema *kam__schema_hold(kam__schema *s);
void kam__schema_drop(kam__schema *s);
kam_ctx *kam__schema_ctx(const kam__schema *s);
const kam__kind *kam__schema_kind(const kam__schema *s, uint32_t kind);         /* NULL: no such kind */
const char *kam__schema_base_currency(const kam__schema *s);                    /* "" = none */
const char *kam__schema_lang(const kam__schema *s);
/** Decimals of money in a currency ("" or NULL = the base currency); -1 = unknown code. */
int32_t kam__schema_decimals(const kam__schema *s, const char *currency);
/** Index of a field in its kind, or UINT32_MAX. Fast: built-in ids need no search. */
uint32_t kam__kind_index(const kam__kind *kind, uint32_t field);
const kam__field *kam__kind_field(const kam__kind *kind, uint32_t field);       /* NULL: not a field of it */
const kam__field *kam__kind_field_by_name(const kam__kind *kind, const char *name, size_t len);
/** By name; NOT_FOUND with "did you mean". */
int32_t kam__field_by_name(const kam__field **out, const kam__kind *kind, const char *name, size_t len, kam_error *err);
/** Completes the failure just written: "<kind>.<field>: " in front of the message, KAM_ERR_KIND and KAM_ERR_FIELD;
 * returns code. */
int32_t kam__field_error(kam_error *err, int32_t code, const kam__kind *kind, const kam__field *field);
/** Fills a FIELD record's cells from a field (for kam_schema_rows). VALUES: "NAME,NAME"; TYPE: one of FIELD_TYPE. No
 * id. */
int32_t kam__field_describe(kam_record *out, const kam__kind *kind, const kam__field *field, kam_error *err);

/* ---------------------------------------------------------------- value.c: one value and its canonical text */

/* Errors of this file do not name the field: the caller knows the kind too (kam__field_error). */

/** Canonical text of a value to a number: parse by the field's logic. `decimals` is for MONEY only. PARSE TYPE LIMIT.
 *  TEXT-typed fields are checked and normalised by kam__value_text instead. */
int32_t kam__value_parse(int64_t *i, double *f, const kam__field *field, uint32_t decimals, const char *text,
                         size_t len, kam_error *err);
/** Text (checked by kam__text_in) to what is stored in a TEXT-typed field: known codes and currencies in capitals.
 * *text may come to point into `own` or to a static name. PARSE: no currency we know. */
int32_t kam__value_text(const char **text, size_t *len, char own[4], const kam__schema *schema, const kam__field *field,
                        kam_error *err);
/** May the field hold this number? TYPE (not a whole number) LIMIT (range) INVAL (an enum has no such number). */
int32_t kam__value_check(const kam__field *field, int64_t value, kam_error *err);
/** Number to canonical text (enums by name, days ISO, money with its decimals); returns the length; out holds 48 bytes.
 * Enum names longer than that do not exist. An enum number without a name is written as the number. */
size_t kam__value_format(char out[48], const kam__field *field, uint32_t decimals, int64_t i, double f);

/* ----------------------------------------------------------- record.c, record_text.c, record_json.c, record_block.c */

enum { KAM__CELL_NONE = 0, KAM__CELL_VALUE = 1, KAM__CELL_KEY = 2, KAM__CELL_MONEY = 3 };
/* KEY: a REF given as the ERP's key, not looked up yet: text "source\0key\0source:key" in the pool (source may be
 * empty: the import's). MONEY: digits as entered, `scale` decimals; becomes VALUE when the currency is settled
 * (kam__record_settle). */
typedef struct kam__cell {
    union { int64_t i; double f; struct { uint32_t at, len; } text; } v;    /* text: place in the pool, NUL-ended */
    uint8_t state, scale;
} kam__cell;

struct kam_record {
    kam_ctx *ctx;                           /* held */
    kam__schema *schema;                    /* held */
    const kam__kind *kind;
    kam__cell *cell;                        /* kind->nfield of them */
    /* canonical text of numbers, one place per field: lent texts do not overwrite each other */
    char (*scratch)[48];
    kam_buf pool;                           /* bytes of texts */
};
int32_t kam__record_new(kam_record **out, kam__schema *schema, uint32_t kind, kam_error *err);
/** dst takes all values of src (same kind; custom fields by id). */
int32_t kam__record_copy(kam_record *dst, const kam_record *src, kam_error *err);
int32_t kam__record_clone(kam_record **out, const kam_record *src, kam_error *err);
/** Low-level access by index (no checks). */
const char *kam__record_cell_text(const kam_record *r, uint32_t index, size_t *len);    /* TEXT value or NULL */
/* checked already */
int32_t kam__record_put_text(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err);
int32_t kam__record_put_key(kam_record *r, uint32_t index, const char *source, size_t source_len, const char *key,
                            size_t key_len, kam_error *err);
void kam__record_put_i64(kam_record *r, uint32_t index, int64_t v);
void kam__record_put_f64(kam_record *r, uint32_t index, double v);
void kam__record_put_null(kam_record *r, uint32_t index);
/** Sets from text by the field's logic, as kam_record_set_text; `text` is checked here. Errors name kind and field. */
int32_t kam__record_set(kam_record *r, uint32_t index, const char *text, size_t len, kam_error *err);
/** Canonical text of a cell, NUL-ended, or NULL; what kam_record_text does, by index. */
const char *kam__record_cell_format(const kam_record *r, uint32_t index, size_t *len);
/** dst takes over the values of `from`, a clone of it, and frees `from`. Cannot fail. */
void kam__record_take(kam_record *dst, kam_record *from);
/** The same by field id, for records whose kind is known: a field the kind has not is passed over, a missing text sets
 * nothing. */
void kam__record_put_num(kam_record *r, uint32_t field, int64_t v);
int32_t kam__record_put_str(kam_record *r, uint32_t field, const char *text, kam_error *err);
/** The number in a cell (a VALUE of I32 or I64), or if_none. */
int64_t kam__record_num(const kam_record *r, uint32_t field, int64_t if_none);
/** 1: the cell has something in it, also a pending key or money. */
int kam__record_has(const kam_record *r, uint32_t field);
/** A REF's pending key: 1 and its parts, or 0. */
int kam__record_key(const kam_record *r, uint32_t index, const char **source, const char **key);
/** Decimals that MONEY of this record has now (its currency field, else the base currency); -1 = unknown. */
int32_t kam__record_decimals(const kam_record *r);
/** Fixes every MONEY cell at the currency's decimals. LIMIT: "amount 12.345 has more than 2 decimals (CNY)".
 * POLICY-free. */
int32_t kam__record_settle(kam_record *r, kam_error *err);
/** REQUIRED fields that are missing: INVAL naming the first. `internal` fields (id, rev, seq) are not asked for. */
int32_t kam__record_check(const kam_record *r, kam_error *err);
/** Are the stored values of a field the same in both? Settled records of one kind. */
int kam__record_same(const kam_record *a, const kam_record *b, uint32_t index);
/** Reads row `row` of a block into the record (columns by field id; columns of other kinds ignored; others cleared). */
int32_t kam__record_load(kam_record *r, const kam_block *block, uint32_t row, kam_error *err);
/** Appends the record to a block whose columns are fields of its kind (any subset). The caller ends the row. Settled
 * only. */
void kam__record_store(const kam_record *r, kam__blockbuf *bb);
/** One JSON object to the buffer (what kam_record_to_json does, appending). */
void kam__record_write_json(kam_buf *out, const kam_record *r);

/* ---------------------------------------------------------------- ddl.c */

/** CREATE TABLE and CREATE INDEX of every stored kind (name "kam_<kind>"), "sqlite" or "postgresql". UNSUPPORTED. */
int32_t kam__ddl(kam_buf *out, const kam__schema *schema, const char *dialect, kam_error *err);

#endif
