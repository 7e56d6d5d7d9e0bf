/*
 * base/base.h - the floor of the house: what every other room stands on.
 *
 * Memory comes from the context's allocator; every block carries its size in a small header in front, so that kam__free
 * needs only the pointer while the host's release() is told the size. Out of memory is always a NULL here and
 * KAM_E_NOMEM above.
 *
 * Internal names are kam__module_verb. Functions that can fail return int32_t and take the caller's kam_error last, as
 * at the public border; kam__fail() writes it and returns the code, so that failing is one line.
 */
#ifndef KAM__BASE_H
#define KAM__BASE_H
#include <kam/base.h>
#include <kam/block.h>
#include <stdarg.h>
#include <string.h>

#if defined(__GNUC__)
#define KAM__PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define KAM__PRINTF(f, a)
#endif
#define KAM__TRY(call) do { int32_t rc__ = (call); if (rc__ != KAM_OK) return rc__; } while (0)
#define KAM__LEN(array) (sizeof(array) / sizeof((array)[0]))

/* ---------------------------------------------------------------- error.c: the caller's error handle */

/** Writes code and message ("what, where, what to do"), sets every detail to "does not apply"; returns code. err may be
 * NULL. */
int32_t kam__fail(kam_error *err, int32_t code, const char *fmt, ...) KAM__PRINTF(3, 4);
/** Adds a figure (KAM_ERR_...) to the failure just written. */
void kam__err_set(kam_error *err, uint32_t what, int64_t value);
/** Puts text in front of the message just written ("line 3: ..."). */
void kam__err_prefix(kam_error *err, const char *fmt, ...) KAM__PRINTF(2, 3);
/** "out of memory", KAM_E_NOMEM. */
int32_t kam__nomem(kam_error *err);
/** "<name> must not be NULL", KAM_E_INVAL. */
int32_t kam__null_arg(kam_error *err, const char *name);

/* --------------------------------------------------------- ref.c: reference counts, the only atomics of the library */

typedef struct kam__ref { void *p; volatile int32_t n; } kam__ref;    /* set by kam__ref_init only */
void kam__ref_init(kam__ref *r);            /* count 1 */
void kam__ref_hold(kam__ref *r);
int kam__ref_drop(kam__ref *r);             /* 1: that was the last one */
/** Adds to a counter shared by threads, returns the new value. */
uint64_t kam__atomic_add(volatile uint64_t *counter, uint64_t delta);

/* ------------------------------------------------------------ lock.c: a plain mutex, for objects that threads share */

typedef struct kam__lock kam__lock;
int32_t kam__lock_new(kam__lock **out, kam_ctx *ctx, kam_error *err);
void kam__lock_free(kam_ctx *ctx, kam__lock *lock);
void kam__lock_take(kam__lock *lock);
void kam__lock_give(kam__lock *lock);

/* ---------------------------------------------------------------- ctx.c: context and memory */

struct kam_ctx {
    kam__ref ref;
    kam_allocator allocator;
    kam_ctx_options opt;                    /* every callback filled in: never NULL except log, collate, progress */
    volatile uint64_t memory;               /* bytes in use, against opt.max_memory */
};

/** Holds `given`, or makes a default context when it is NULL. End it with kam_ctx_free. */
int32_t kam__ctx_take(kam_ctx **out, kam_ctx *given, kam_error *err);
/** One more hold; returns ctx. */
kam_ctx *kam__ctx_hold(kam_ctx *ctx);
/* not zeroed; size 0 is fine; NULL = out of memory */
void *kam__alloc(kam_ctx *ctx, size_t size);
void *kam__zalloc(kam_ctx *ctx, size_t size);                       /* zeroed */
void *kam__zalloc_n(kam_ctx *ctx, size_t n, size_t size);           /* n * size, checked, zeroed */
void *kam__resize(kam_ctx *ctx, void *p, size_t size);              /* p NULL = alloc; NULL = out of memory, p stays */
void kam__free(kam_ctx *ctx, void *p);                              /* p may be NULL */
/* NUL-ended copy; len KAM_NUL = strlen; free with kam__free */
char *kam__text_dup(kam_ctx *ctx, const char *text, size_t len);
/** Makes room for `need` elements of `size` bytes in *array (its capacity in *cap), growing by half. */
int32_t kam__grow(kam_ctx *ctx, void *array, size_t *cap, size_t need, size_t size, kam_error *err);
/** Tells the host; CANCELLED when it says so. */
int32_t kam__progress(kam_ctx *ctx, uint64_t done, uint64_t total, kam_error *err);
/** Instant now, ms UTC, by the context's clock. */
int64_t kam__now(kam_ctx *ctx);
void kam__log(kam_ctx *ctx, int32_t level, int32_t code, const char *fmt, ...) KAM__PRINTF(4, 5);
/** Minutes east of UTC of a zone at an instant; "UTC" and "+08:00" without the host. NOT_FOUND: unknown zone. */
int32_t kam__zone_offset(kam_ctx *ctx, const char *zone, int64_t utc_ms, int32_t *minutes, kam_error *err);

/** Copies an option block of the caller (its struct_size first) into `own` of `own_size`, zeroing the rest. The one
 * place that knows the rule: smaller than min_size is INVAL, a non-zero tail is UNSUPPORTED, NULL gives all zeroes. */
int32_t kam__options(void *own, size_t own_size, const void *given, size_t min_size, const char *name, kam_error *err);
/** Copies the host's allocator (NULL = malloc) and checks that it is whole. */
int32_t kam__allocator_take(kam_allocator *own, const kam_allocator *given, kam_error *err);
/** INVAL when flags has a bit outside `known`. */
int32_t kam__flags(uint32_t flags, uint32_t known, const char *name, kam_error *err);

/* ---------------------------------------------------------------- arena.c: many small pieces that end together */

typedef struct kam__arena { kam_ctx *ctx; void *chunk; size_t chunk_size; } kam__arena;
void kam__arena_init(kam__arena *a, kam_ctx *ctx, size_t chunk_size);       /* 0 = 4 KiB; nothing is allocated yet */
/* 8-byte aligned, not zeroed; NULL = out of memory */
void *kam__arena_alloc(kam__arena *a, size_t size);
char *kam__arena_text(kam__arena *a, const char *text, size_t len);         /* NUL-ended copy; len KAM_NUL = strlen */
void kam__arena_reset(kam__arena *a);                                       /* keeps one chunk */
void kam__arena_free(kam__arena *a);

/* ---------------------------------------------------------------- buf.c: growing bytes, also the public kam_buf */

struct kam_buf { kam_ctx *ctx; char *data; size_t size, cap; int32_t failed; uint32_t owned; };
/* A kam_buf may also live inside another object: kam__buf_init / kam__buf_drop (then the context is not held by it).
 * Writers keep a sticky NOMEM: write as much as you like, ask kam__buf_end() once. */
void kam__buf_init(kam_buf *b, kam_ctx *ctx);
void kam__buf_drop(kam_buf *b);
/* empty, keeps memory, clears the sticky failure */
void kam__buf_clear(kam_buf *b);
void kam__buf_put(kam_buf *b, const void *data, size_t size);
void kam__buf_char(kam_buf *b, char c);
void kam__buf_str(kam_buf *b, const char *text);
void kam__buf_i64(kam_buf *b, int64_t v);
void kam__buf_dec(kam_buf *b, int64_t v, uint32_t scale);                   /* 1234, 2 -> 12.34 */
void kam__buf_f64(kam_buf *b, double v);                                    /* shortest round trip */
void kam__buf_day(kam_buf *b, int32_t day);
void kam__buf_json_text(kam_buf *b, const char *text, size_t len);          /* "quoted", shortest escapes */
void kam__buf_printf(kam_buf *b, const char *fmt, ...) KAM__PRINTF(2, 3);   /* no floating point: locale */
int32_t kam__buf_end(kam_buf *b, kam_error *err);                           /* OK or NOMEM */

/* ---------------------------------------------------------------- utf8.c, text.c */

/** 1: valid UTF-8 (no overlong form, no surrogate, <= U+10FFFF). 0: *bad is the offset of the first wrong byte. */
int kam__utf8_valid(const char *text, size_t len, size_t *bad);
/** User text at the border: resolves KAM_NUL, checks UTF-8, U+0000 and ctx.max_text. UTF8 (with offset) LIMIT. */
int32_t kam__text_in(kam_ctx *ctx, const char *text, size_t *len, kam_error *err);
/** Number of bytes the character at text (valid UTF-8) takes; code point in *cp. */
size_t kam__utf8_next(const char *text, size_t len, uint32_t *cp);
size_t kam__utf8_put(char out[4], uint32_t cp);
/** Length without a character cut off at the end: for text shortened to a number of bytes. */
size_t kam__utf8_cut(const char *text, size_t len);
int kam__text_same(const char *a, const char *b);                           /* both may be NULL: equal if both are */
int kam__text_cmp(const char *a, size_t alen, const char *b, size_t blen);  /* byte order */
int kam__text_same_ci(const char *a, size_t alen, const char *b);           /* ASCII case folded */
/** The candidate closest to `name` by edit distance (at most a third of its length), or NULL: for "did you mean". */
const char *kam__text_closest(const char *name, size_t len, const char *const *candidate, size_t n);

/* --------------------------------------------------------------- num.c, f64.c: numbers and text, without the locale */

/* rounding; EXACT: a rest is an error */
enum { KAM__HALF_EVEN = 0, KAM__HALF_AWAY = 1, KAM__DOWN = 2, KAM__EXACT = 3 };

/** Whole text as int64. PARSE (not a number) LIMIT (too big). */
int32_t kam__i64_parse(int64_t *out, const char *text, size_t len, kam_error *err);
/** Whole text "-12.345" (also 1.2e3) as int64 with `scale` decimals (0..18). PARSE; LIMIT: too big, or EXACT and a rest
 * is left. *inexact (may be NULL) = 1 when it was rounded. */
int32_t kam__dec_parse(int64_t *out, const char *text, size_t len, uint32_t scale, int rounding, int *inexact,
                       kam_error *err);
/** The same, but the decimals found in the text are the scale (at most 18; trailing zeros count). */
int32_t kam__dec_parse_any(int64_t *out, uint32_t *scale, const char *text, size_t len, kam_error *err);
/** Text of v with `scale` decimals, all of them written; returns its length (at most 41 with the NUL). */
size_t kam__dec_format(char out[48], int64_t v, uint32_t scale);
/** The same without trailing zeros ("1.50" -> "1.5", "2.00" -> "2"): the canonical form of documents. */
size_t kam__dec_format_short(char out[48], int64_t v, uint32_t scale);
size_t kam__i64_format(char out[24], int64_t v);
/** Correctly rounded (nearest even). PARSE; overflow is LIMIT. */
int32_t kam__f64_parse(double *out, const char *text, size_t len, kam_error *err);
/** Shortest text that reads back as the same double ("0.1", "1e+300", "-0"); finite only; returns its length. */
size_t kam__f64_format(char out[32], double v);
/** Rounded to `digits` significant digits (1..17), shortest form of that. For stored statistics: 9 digits. */
size_t kam__f64_format_sig(char out[32], double v, int digits);
double kam__f64_round_sig(double v, int digits);

int kam__add(int64_t a, int64_t b, int64_t *out);                           /* 1 = overflow, *out untouched */
int kam__mul(int64_t a, int64_t b, int64_t *out);                           /* 1 = overflow */
/** a * b / div with a 128-bit product, rounded; div > 0. 1 = overflow, or EXACT and a rest is left. */
int kam__muldiv(int64_t a, int64_t b, int64_t div, int rounding, int64_t *out);
/** v * 10^(to-from), rounded as asked. 1 = overflow or rest. */
int kam__rescale(int64_t v, uint32_t from, uint32_t to, int rounding, int64_t *out);
extern const int64_t kam__pow10[19];
/** Sums int64 in 128 bits: kam__sum_add any number of times, then get. */
typedef struct kam__sum { uint64_t lo; int64_t hi; } kam__sum;
void kam__sum_add(kam__sum *s, int64_t v);
int kam__sum_get(const kam__sum *s, int64_t *out);                          /* 1 = does not fit */
double kam__sum_f64(const kam__sum *s);
int kam__sum_cmp(const kam__sum *a, const kam__sum *b);
/** Sign of a*b - c*d with 128-bit products: exact comparison of shares. */
int kam__cmp_products(int64_t a, int64_t b, int64_t c, int64_t d);

/* 128 bits in two halves: the product; the quotient of hi:lo by d (hi < d) and its rest; leading zero bits (64 for
 * 0). */
void kam__mul128(uint64_t a, uint64_t b, uint64_t *hi, uint64_t *lo);
uint64_t kam__div128(uint64_t hi, uint64_t lo, uint64_t d, uint64_t *rest);
int kam__clz64(uint64_t v);
/** A number as it is written: its n digits without zeros at both ends (one '.' may lie among them), times 10^exp. */
typedef struct kam__numeral { int neg; const char *digits; size_t n; int64_t exp, decimals; } kam__numeral;
/** Scans [+-]digits[.digits][e[+-]digits], at least one digit before the e. 1 = the whole text is not that. */
int kam__numeral_read(kam__numeral *out, const char *text, size_t len);
/** At most 40 bytes of a text for an error message, "..." when that is not all; returns out. */
const char *kam__clip(char out[48], const char *text, size_t len);

/* ---------------------------------------------------------------- money.c */

/** Decimals of an ISO 4217 code ("JPY" 0, "CNY" 2, "KWD" 3); -1 = unknown code. */
int32_t kam__currency_decimals(const char *code);
/** Splits `total` by `weight` (all >= 0, not all 0) into n parts that add up to it exactly: largest remainder, ties to
 * the smaller index. INVAL LIMIT. */
int32_t kam__allocate(int64_t *part, int64_t total, const int64_t *weight, size_t n, kam_ctx *ctx, kam_error *err);

/* ---------------------------------------------------------------- time.c: days, local minutes, instants */

int32_t kam__day(int32_t year, int32_t month, int32_t mday);                /* proleptic Gregorian; no check */
void kam__day_split(int32_t day, int32_t *year, int32_t *month, int32_t *mday);
int kam__day_valid(int32_t year, int32_t month, int32_t mday);              /* years 1..9999 */
int32_t kam__weekday(int32_t day);                                          /* 1 = Monday .. 7 = Sunday */
void kam__iso_week(int32_t day, int32_t *iso_year, int32_t *week);
int32_t kam__iso_week_start(int32_t day);                                   /* the Monday of its week */
int32_t kam__add_months(int32_t day, int32_t months);                       /* end of month: 31 Jan + 1 = 28/29 Feb */
int32_t kam__month_start(int32_t day);
/** "2026-03-01"; LIMIT-free; returns length 10 ("9999-12-31" at most); KAM_DAY_FIRST, KAM_DAY_END -> "". */
size_t kam__day_format(char out[16], int32_t day);
/** "2026-03-01" only. PARSE. */
int32_t kam__day_read(int32_t *out, const char *text, size_t len, kam_error *err);
/** Instants "2026-03-01T12:30:00.250Z" or with +08:00; local minutes "2026-03-01T12:30". */
size_t kam__instant_format(char out[32], int64_t ms);
int32_t kam__instant_read(int64_t *out, const char *text, size_t len, kam_error *err);
size_t kam__local_format(char out[32], int64_t minutes);
int32_t kam__local_read(int64_t *out, const char *text, size_t len, kam_error *err);
/** The local day of an instant in a zone, and the first instant of a local day. */
int32_t kam__day_of_instant(int32_t *out, kam_ctx *ctx, const char *zone, int64_t ms, kam_error *err);
int32_t kam__instant_of_day(int64_t *out, kam_ctx *ctx, const char *zone, int32_t day, kam_error *err);
/** The instant of a local minute. */
int32_t kam__instant_of_local(int64_t *out, kam_ctx *ctx, const char *zone, int64_t minutes, kam_error *err);

/* ---------------------------------------------------------------- geo.c */

/** Great-circle distance in whole metres between two points in degrees * 10^6, the same on every CPU (own sin, cos,
 * asin). */
int64_t kam__geo_metres(int32_t lat1, int32_t lon1, int32_t lat2, int32_t lon2);

/* ---------------------------------------------------------------- hash.c */

typedef struct kam__sha256 { uint32_t h[8]; uint64_t size; uint8_t tail[64]; } kam__sha256;
void kam__sha256_init(kam__sha256 *s);
void kam__sha256_add(kam__sha256 *s, const void *data, size_t size);
void kam__sha256_end(kam__sha256 *s, char hex[65]);
uint64_t kam__hash(const void *data, size_t size);
uint64_t kam__hash_i64(int64_t v);
/** Next value of a seeded generator (splitmix64): the only random numbers of the library. */
uint64_t kam__random(uint64_t *state);

/* int64 -> uint32 (an index), open addressing; keys are any int64. */
typedef struct kam__imap { kam_ctx *ctx; size_t n, cap; struct kam__islot *slot; } kam__imap;
void kam__imap_init(kam__imap *m, kam_ctx *ctx);
void kam__imap_free(kam__imap *m);
void kam__imap_clear(kam__imap *m);
int32_t kam__imap_put(kam__imap *m, int64_t key, uint32_t value, kam_error *err);       /* replaces */
int kam__imap_get(const kam__imap *m, int64_t key, uint32_t *value);                    /* 1 = found */

/* text -> uint32; keys are copied; a key may hold any bytes (two names: put a 0 between them). */
typedef struct kam__tmap { kam_ctx *ctx; kam__arena arena; size_t n, cap; struct kam__tslot *slot; } kam__tmap;
void kam__tmap_init(kam__tmap *m, kam_ctx *ctx);
void kam__tmap_free(kam__tmap *m);
void kam__tmap_clear(kam__tmap *m);
int32_t kam__tmap_put(kam__tmap *m, const char *key, size_t len, uint32_t value, kam_error *err);
int kam__tmap_get(const kam__tmap *m, const char *key, size_t len, uint32_t *value);

/** Stable merge sort of n elements; no allocation failure left half-sorted: scratch comes first. `cmp` < 0: a before
 * b. */
int32_t kam__sort(kam_ctx *ctx, void *base, size_t n, size_t size, int (*cmp)(const void *a, const void *b, void *arg),
                  void *arg, kam_error *err);

/* ---------------------------------------------------------------- block.c: reading and building column blocks */

#define KAM__BLOCK_ROWS 4096u               /* rows of a block we build ourselves */
#define KAM__BLOCK_MAX 65536u
#define KAM__BLOCK_TEXT (8u << 20)          /* text bytes of one block, all columns */

/** 1: no value there. */
int kam__col_null(const kam_col *c, uint32_t row);
/** I32 or I64 value as int64 (0 where NULL). */
int64_t kam__col_i64(const kam_col *c, uint32_t row);
double kam__col_f64(const kam_col *c, uint32_t row);
/** Text, not NUL-ended; NULL where there is no value. */
const char *kam__col_text(const kam_col *c, uint32_t row, size_t *len);
/** The column of a field, or NULL. */
const kam_col *kam__block_col(const kam_block *b, uint32_t field);

/* A block under construction: columns are fixed, rows are appended. Between two kam__rows_end every column must get
 * exactly one value or NULL; columns that got none are NULL. */
typedef struct kam__colbuf {
    uint32_t field; uint8_t type; uint8_t has_null; uint16_t reserved;
    void *data; int32_t *off; uint8_t *valid;
    size_t data_cap, off_cap, valid_cap;    /* bytes, elements, bytes */
} kam__colbuf;
typedef struct kam__blockbuf {
    kam_ctx *ctx; uint32_t ncol, nrow; kam__colbuf *col; kam_col *view; uint8_t *set; int32_t failed;
    size_t text;                            /* bytes of text so far */
} kam__blockbuf;
int32_t kam__bb_init(kam__blockbuf *b, kam_ctx *ctx, uint32_t ncol, const uint32_t *field, const uint8_t *type,
                     kam_error *err);
void kam__bb_free(kam__blockbuf *b);
void kam__bb_clear(kam__blockbuf *b);                                       /* no rows, keeps memory */
void kam__bb_i64(kam__blockbuf *b, uint32_t col, int64_t v);                /* I32 columns too */
void kam__bb_f64(kam__blockbuf *b, uint32_t col, double v);
void kam__bb_text(kam__blockbuf *b, uint32_t col, const char *text, size_t len);    /* text NULL = no value */
/* value or NULL; types must agree */
void kam__bb_copy(kam__blockbuf *b, uint32_t col, const kam_col *from, uint32_t row);
int32_t kam__bb_end_row(kam__blockbuf *b, kam_error *err);                  /* NOMEM: the row is not there */
/* rows or text at their limit: hand it over */
int kam__bb_full(const kam__blockbuf *b);
void kam__bb_view(kam__blockbuf *b, kam_block *out);                        /* lent until the next change of b */

#endif
