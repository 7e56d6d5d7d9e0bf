/*
 * codec/codec.h - text formats: CSV (RFC 4180 and its relatives), JSON (RFC 8259), vCard (RFC 6350) and the content
 * lines that iCalendar (RFC 5545) shares with it.
 *
 * Readers are bounded (depth, field and record size from the context), report line, column and byte offset, and never
 * build more than the input asks for. Numbers stay text until somebody asks for them, so nothing is rounded on the way
 * in.
 */
#ifndef KAM__CODEC_H
#define KAM__CODEC_H
#include "../base/base.h"

/* ---------------------------------------------------------------- csv_read.c: bytes in, rows out, cut anywhere */

#define KAM__CSV_MAX_FIELDS 4096u
#define KAM__CSV_MAX_FIELD (1u << 20)
#define KAM__CSV_MAX_RECORD (4u << 20)

/* Text is NUL-ended; column is the byte column of its first byte (the quote) in its line, from 1. */
typedef struct kam__csv_field { const char *text; size_t len; uint32_t column; uint8_t quoted; } kam__csv_field;

/* One row. Blank lines give no row. `problem` is KAM_OK, or why this row is bad (PARSE: text after a closing quote or a
 * quote never closed; LIMIT; UTF8): then `field` holds what was read so far and `err` tells place and cause. Non-zero
 * stops the reader. */
typedef struct kam__csv_row {
    const kam__csv_field *field; size_t n; uint64_t line; uint64_t offset; int32_t problem; kam_error *err;
} kam__csv_row;
typedef int32_t (*kam__csv_fn)(void *user, const kam__csv_row *row, kam_error *err);

typedef struct kam__csv kam__csv;
/** `separator` 0 = the one of , ; tab | that stands most often outside quotes in the first line. A UTF-8 BOM is
 * skipped; LF, CRLF and CR end a line; quoted fields may hold them. */
int32_t kam__csv_new(kam__csv **out, kam_ctx *ctx, uint32_t separator, kam__csv_fn fn, void *user, kam_error *err);
/** NOMEM: nothing was taken, the same bytes may be fed again. A stopped reader answers the code that stopped it. */
int32_t kam__csv_feed(kam__csv *csv, const char *data, size_t size, kam_error *err);
int32_t kam__csv_end(kam__csv *csv, kam_error *err);                /* the last row needs no line end */
void kam__csv_free(kam__csv *csv);

/* ---------------------------------------------------------------- csv_write.c */

/* TYPED: a number or date, never guarded; RAW: no formula guard at all; EXCEL: text that a spreadsheet would turn into
 * a number or a day is written as ="..." */
enum { KAM__CSV_TYPED = 1, KAM__CSV_RAW = 2, KAM__CSV_EXCEL = 4 };
/** Appends one field (separator in front unless first): quotes where RFC 4180 asks for them; text that a spreadsheet
 * would run (= + - @ tab CR, their full-width forms) or that starts with our own mark gets a ' in front. NULL text =
 * empty field. */
void kam__csv_put(kam_buf *out, int first, const char *text, size_t len, uint32_t separator, uint32_t flags);
void kam__csv_end_row(kam_buf *out);                                 /* CRLF */
/** Takes our own guard mark, or the ="..." around it, off a field read back: 1 and the text without where it was. */
int kam__csv_unguard(const char **text, size_t *len);

/* -------------------------------------------------------------- json_read.c: a whole document as a tree in an arena */

enum {
    KAM__J_NULL = 1,
    KAM__J_FALSE = 2,
    KAM__J_TRUE = 3,
    KAM__J_NUMBER = 4,
    KAM__J_STRING = 5,
    KAM__J_ARRAY = 6,
    KAM__J_OBJECT = 7
};
/* accept duplicate keys (last one wins in kam__json_get); default: refuse */
enum { KAM__JSON_DUPLICATES = 1 };

typedef struct kam__json kam__json;
struct kam__json {
    /* duplicate 1: a later member has the same key and counts instead */
    uint8_t type; uint8_t duplicate; uint16_t reserved;
    uint32_t line, column, n;                       /* place in the source, from 1; number of children */
    size_t offset;
    const char *key; size_t key_len;                /* member name, NUL-ended; NULL in arrays and at the top */
    /* STRING (unescaped, NUL-ended, may hold U+0000) or NUMBER (as written) */
    const char *text; size_t len;
    const kam__json *child, *next;
};
/** The tree lives as long as the arena. PARSE UTF8 LIMIT with line, column, offset. Lone surrogates in \u are
 * refused. */
int32_t kam__json_parse(const kam__json **out, kam__arena *arena, const char *text, size_t len, uint32_t flags,
                        kam_error *err);
/** The same for a piece of a longer source that starts at line, column (from 1) and offset. */
typedef struct kam__place { uint32_t line, column; size_t offset; } kam__place;
int32_t kam__json_parse_at(const kam__json **out, kam__arena *arena, const char *text, size_t len, uint32_t flags,
                           const kam__place *at, kam_error *err);
/** Members of an object sorted by key bytes, equal keys in the order of the source; free with kam__free. */
int32_t kam__json_sorted(const kam__json ***out, kam_ctx *ctx, const kam__json *object, kam_error *err);
/** Text fit for a one-line message: cut at 60 bytes, control characters as '?'; returns out. */
const char *kam__json_show(char out[72], const char *text, size_t len);
/* NULL: no such member, or not an object */
const kam__json *kam__json_get(const kam__json *object, const char *key);
/** Typed reads; the error names the key, line and column. `v` NULL: "<key> is missing". TYPE LIMIT POLICY-free. */
int32_t kam__json_i64(int64_t *out, const kam__json *v, const char *key, kam_error *err);
/* exact or LIMIT */
int32_t kam__json_dec(int64_t *out, const kam__json *v, uint32_t scale, const char *key, kam_error *err);
/* no U+0000 inside */
int32_t kam__json_str(const char **out, const kam__json *v, const char *key, kam_error *err);
int32_t kam__json_bool(int *out, const kam__json *v, const char *key, kam_error *err);
/** POLICY-style check of a document: every member of `object` is one of `known`, else PARSE with place and "did you
 * mean". */
int32_t kam__json_known(const kam__json *object, const char *const *known, size_t n, kam_error *err);
/** Fails with code at the place of v. */
int32_t kam__json_fail(const kam__json *v, int32_t code, kam_error *err, const char *fmt, ...) KAM__PRINTF(4, 5);

/* ---------------------------------------------------------------- json_write.c */

/** Canonical form (DESIGN 5): keys sorted by bytes, no spaces, numbers without trailing zeros or exponent, shortest
 * escapes. */
int32_t kam__json_canonical(kam_buf *out, const kam__json *v, kam_error *err);
/** As it stands (order kept), compact. */
void kam__json_write(kam_buf *out, const kam__json *v);

/* ---------------------------------------------------------------- json_stream.c: one value at a time, for imports */

#define KAM__JSON_MAX_ITEM (4u << 20)

/* Feeds a top-level array of objects, or JSON Lines, or one object; each object is parsed by itself and handed over. A
 * bad one is handed over with v NULL and the cause in problem, and reading goes on behind it where the end of it can be
 * found. */
typedef int32_t (*kam__json_fn)(void *user, const kam__json *v, uint64_t line, int32_t problem, kam_error *cause,
                                kam_error *err);
typedef struct kam__jstream kam__jstream;
int32_t kam__jstream_new(kam__jstream **out, kam_ctx *ctx, uint32_t flags, kam__json_fn fn, void *user, kam_error *err);
int32_t kam__jstream_feed(kam__jstream *s, const char *data, size_t size, kam_error *err);
int32_t kam__jstream_end(kam__jstream *s, kam_error *err);
void kam__jstream_free(kam__jstream *s);

/* ---------------------------------------------------------------- content_line.c: lines of iCalendar and vCard */

/** "NAME:value", folded at 75 octets; the name may have parameters, the value is taken as it is. */
void kam__line(kam_buf *out, const char *name, const char *value);
/** The same with the value escaped; parts (NULL = empty) stand side by side with an unescaped character between. */
void kam__line_text(kam_buf *out, const char *name, const char *text);
void kam__line_texts(kam_buf *out, const char *name, const char *const *part, size_t n, char between);
/** 20260301; 20260301T123000 (local, without a zone); 20260301T043000Z. */
void kam__line_day(kam_buf *out, const char *name, int32_t day);
void kam__line_local(kam_buf *out, const char *name, int64_t minutes);
void kam__line_instant(kam_buf *out, const char *name, int64_t ms);

/* ---------------------------------------------------------------- vcard_read.c: cards of people, one at a time */

/** Each card is handed over as an object with CONTACT's field names. NOMEM stops the reader for good. */
typedef struct kam__vcard kam__vcard;
int32_t kam__vcard_new(kam__vcard **out, kam_ctx *ctx, kam__json_fn fn, void *user, kam_error *err);
int32_t kam__vcard_feed(kam__vcard *v, const char *data, size_t size, kam_error *err);
int32_t kam__vcard_end(kam__vcard *v, kam_error *err);
void kam__vcard_free(kam__vcard *v);

/* ---------------------------------------------------------------- recode.c: other encodings, cut anywhere */

/** GB18030, GBK, GB2312 and their relatives to UTF-8, by the C library's iconv. Bytes that are no character come out as
 * one 0xFF, which is in no UTF-8: the reader behind finds them in their row; kam__recode_bad tells where they were. */
typedef struct kam__recode kam__recode;
typedef int32_t (*kam__recode_fn)(void *user, const char *data, size_t size, kam_error *err);
/** INVAL: no encoding we know. UNSUPPORTED: the C library has no converter here. "UTF-8" gives NULL. */
int32_t kam__recode_new(kam__recode **out, kam_ctx *ctx, const char *encoding, kam_error *err);
int32_t kam__recode_feed(kam__recode *r, const char *data, size_t size, kam__recode_fn fn, void *user, kam_error *err);
int32_t kam__recode_end(kam__recode *r, kam__recode_fn fn, void *user, kam_error *err);
/** Offset (from 0) of the first byte since the last call that is no character, and forgets it; -1 = none. */
int64_t kam__recode_bad(kam__recode *r);
const char *kam__recode_name(const kam__recode *r);
void kam__recode_free(kam__recode *r);
/** UTF-8 (whole, sound) into one of the encodings above, behind what is in `out` (which is not to be used after a
 * failure); never replaced: INVAL tells the character an encoding does not have. */
int32_t kam__recode_out(kam_buf *out, const char *encoding, const char *text, size_t size, kam_error *err);

#endif
