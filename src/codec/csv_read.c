/*
 * codec/csv_read.c - CSV as a push reader: bytes in, rows out, and where the caller cuts the bytes does not matter.
 *
 * A small state machine over a table of byte classes. Ordinary bytes are copied in one tight loop into the record
 * buffer, where a NUL takes the place of each separator, so that a row costs no allocation. All memory a call can need
 * is taken before its first byte is looked at: out of memory therefore leaves the reader as it was, and the same bytes
 * may be fed again. A bad row is handed over like a good one, with its problem; over a limit, bytes are dropped but
 * the quotes still count, so that text inside quotes never turns into rows.
 */
#include "codec.h"

enum { CSV_SEP = 1, CSV_QUOTE = 2, CSV_EOL = 4, CSV_NUL = 8, CSV_PLAIN_STOP = 15, CSV_QUOTED_STOP = 14 };
/* ROW: at the start of a line; CLOSED: behind a quote inside a quoted field; SKIP: to the end of an unreadable line. */
enum { CSV_ROW, CSV_FIELD, CSV_PLAIN, CSV_QUOTED, CSV_CLOSED, CSV_SKIP };
enum { SNIFF_FIELD, SNIFF_PLAIN, SNIFF_QUOTED, SNIFF_CLOSED };

#define CSV_SNIFF_MAX 65536u
static const char csv_candidate[4] = {',', ';', '\t', '|'};

struct kam__csv {
    kam_ctx *ctx;
    kam__csv_fn fn;
    void *user;
    kam_error *cause;                       /* of the problem of the current row */
    char *rec;                              /* text of the row, a NUL behind each field */
    size_t len, cap, field_start;
    kam__csv_field *field;
    size_t n, field_cap;
    const char *data;                       /* bytes at hand, the first of them at offset `base` */
    uint64_t base, line, line_start, row_line, row_offset, quote_line, quote_column, quote_offset;
    uint32_t field_column;
    int32_t bad, stopped;
    uint8_t state, quoted, cr, high, nul, running, ended;
    uint8_t sniff_state, sniff_text;
    uint32_t separator, count[4];
    char *head;                             /* first bytes, until mark and separator are known */
    size_t head_len, head_cap, sniffed;
    uint8_t kind[256];
};

int32_t kam__csv_new(kam__csv **out, kam_ctx *ctx, uint32_t separator, kam__csv_fn fn, void *user, kam_error *err)
{
    if (separator >= 0x80 || separator == '"' || separator == '\r' || separator == '\n')
        return kam__fail(err, KAM_E_INVAL, "a CSV separator is one ASCII character other than quote and line end");
    kam__csv *c = kam__zalloc(ctx, sizeof *c);
    if (!c) return kam__nomem(err);
    if (kam_error_new(&c->cause, &ctx->allocator) != KAM_OK) {
        kam__free(ctx, c);
        return kam__nomem(err);
    }
    c->ctx = ctx;
    c->separator = separator;
    c->fn = fn;
    c->user = user;
    c->line = 1;
    c->kind['"'] = CSV_QUOTE;
    c->kind['\r'] = c->kind['\n'] = CSV_EOL;
    c->kind[0] = CSV_NUL;
    *out = c;
    return KAM_OK;
}

void kam__csv_free(kam__csv *c)
{
    if (!c) return;
    kam__free(c->ctx, c->head);
    kam__free(c->ctx, c->rec);
    kam__free(c->ctx, c->field);
    kam_error_free(c->cause);
    kam__free(c->ctx, c);
}

/* ---------------------------------------------------------------- places and problems */

static uint64_t csv_offset(const kam__csv *c, const char *p) { return c->base + (uint64_t)(p - c->data); }

static uint64_t csv_column(const kam__csv *c, const char *p) { return csv_offset(c, p) - c->line_start + 1; }

static void csv_place(kam_error *err, uint64_t line, uint64_t column, uint64_t offset)
{
    kam__err_set(err, KAM_ERR_LINE, (int64_t)line);
    kam__err_set(err, KAM_ERR_COLUMN, (int64_t)column);
    kam__err_set(err, KAM_ERR_OFFSET, (int64_t)offset);
}

/* A field ends; its text is pointed to only when the row is handed over. */
static void csv_close_field(kam__csv *c)
{
    kam__csv_field *f = &c->field[c->n++];
    f->text = NULL;
    f->len = c->len - c->field_start;
    f->column = c->field_column;
    f->quoted = c->quoted;
    c->rec[c->len++] = '\0';
    c->field_start = c->len;
}

/* From here on the row is bad: what was read of the current field is its last one, the rest is dropped. */
static void csv_problem(kam__csv *c, int32_t code)
{
    if (c->n < KAM__CSV_MAX_FIELDS) csv_close_field(c);
    c->bad = code;
}

static void csv_limit(kam__csv *c, const char *p, const char *what, unsigned limit)
{
    kam__fail(c->cause, KAM_E_LIMIT, "%s than %u%s (line %llu)", what, limit,
              c->quoted ? "; look for a quote that is never closed" : "", (unsigned long long)c->row_line);
    csv_place(c->cause, c->line, csv_column(c, p), csv_offset(c, p));
    csv_problem(c, KAM_E_LIMIT);
}

static void csv_end_field(kam__csv *c, const char *p)
{
    if (c->bad) return;
    if (c->n == KAM__CSV_MAX_FIELDS) csv_limit(c, p, "a row of more fields", KAM__CSV_MAX_FIELDS);
    else if (c->len >= KAM__CSV_MAX_RECORD) csv_limit(c, p, "a row of more bytes", KAM__CSV_MAX_RECORD);
    else csv_close_field(c);
}

static void csv_over(kam__csv *c, const char *p)
{
    if (c->len - c->field_start >= KAM__CSV_MAX_FIELD) csv_limit(c, p, "a field of more bytes", KAM__CSV_MAX_FIELD);
    else csv_limit(c, p, "a row of more bytes", KAM__CSV_MAX_RECORD);
}

/* ---------------------------------------------------------------- text of a row: checked only where it may be wrong */

static size_t csv_count(const char *text, size_t len, char what)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) n += text[i] == what;
    return n;
}

/* Where byte `at` of field `i` stood in the source: walks the row again, which only a bad row has to pay for. */
static void csv_text_place(kam__csv *c, size_t i, size_t at)
{
    uint64_t line = c->row_line, offset = c->row_offset, since = 0;     /* since: bytes from the line's start */
    for (size_t k = 0; k <= i; k++) {
        const kam__csv_field *f = &c->field[k];
        size_t n = k < i ? f->len : at;
        offset += n + f->quoted + (f->quoted ? csv_count(f->text, n, '"') : 0) + (k < i ? f->quoted + 1u : 0);
        since = f->column - 1u + f->quoted;
        for (size_t j = 0; j < n; j++) {
            int eol = f->text[j] == '\n' || (f->text[j] == '\r' && !(j + 1 < f->len && f->text[j + 1] == '\n'));
            since = eol ? 0 : since + 1 + (f->quoted && f->text[j] == '"');
            line += (uint64_t)eol;
        }
    }
    csv_place(c->cause, line, since + 1, offset);
}

static int32_t csv_check_text(kam__csv *c)
{
    for (size_t i = 0; i < c->n; i++) {
        size_t at = 0;
        const char *nul = c->nul ? memchr(c->field[i].text, 0, c->field[i].len) : NULL;
        if (!nul && kam__utf8_valid(c->field[i].text, c->field[i].len, &at)) continue;
        if (nul) at = (size_t)(nul - c->field[i].text);
        kam__fail(c->cause, KAM_E_UTF8, "%s in field %u of line %llu; save the file as UTF-8",
                  nul ? "U+0000" : "invalid UTF-8", (unsigned)i + 1, (unsigned long long)c->row_line);
        csv_text_place(c, i, at);
        return KAM_E_UTF8;
    }
    return KAM_OK;
}

static int32_t csv_deliver(kam__csv *c, kam_error *err)
{
    const char *text = c->rec;
    for (size_t i = 0; i < c->n; i++) {
        c->field[i].text = text;
        text += c->field[i].len + 1;
    }
    if (!c->bad && (c->high || c->nul)) c->bad = csv_check_text(c);
    kam__csv_row row = {c->field, c->n, c->row_line, c->row_offset, c->bad, c->bad ? c->cause : NULL};
    c->stopped = c->fn(c->user, &row, err);
    c->n = c->len = c->field_start = 0;
    c->bad = 0;
    c->high = c->nul = 0;
    c->state = CSV_ROW;
    return c->stopped;
}

/* ---------------------------------------------------------------- the machine: each step takes at least one byte */

/* Copies ordinary bytes; stops at a byte of class `stop`, at the end, or where the row goes over a limit. */
static const char *csv_span(kam__csv *c, const char *p, const char *end, uint8_t stop)
{
    if (c->bad) {
        while (p < end && !(c->kind[(uint8_t)*p] & stop)) p++;
        return p;
    }
    size_t room = KAM__CSV_MAX_FIELD - (c->len - c->field_start), rest = KAM__CSV_MAX_RECORD - c->len;
    if (rest < room) room = rest;
    const char *from = p, *last = (size_t)(end - p) > room ? p + room : end;
    const uint8_t *kind = c->kind;
    char *to = c->rec + c->len;
    uint8_t high = c->high;
    for (; p < last && !(kind[(uint8_t)*p] & stop); p++) {
        high = (uint8_t)(high | ((uint8_t)*p & 0x80u));
        *to++ = *p;
    }
    c->high = high;
    c->len += (size_t)(p - from);
    if (p == last && last < end && !(kind[(uint8_t)*p] & stop)) csv_over(c, p);
    return p;
}

static void csv_byte(kam__csv *c, const char *p)
{
    if (c->bad) return;
    if (c->len - c->field_start >= KAM__CSV_MAX_FIELD || c->len >= KAM__CSV_MAX_RECORD) csv_over(c, p);
    else c->rec[c->len++] = *p;
}

static void csv_newline(kam__csv *c, const char *p)
{
    if (!(*p == '\n' && c->cr)) c->line++;
    c->line_start = csv_offset(c, p) + 1;
    c->cr = *p == '\r';
}

static const char *csv_row(kam__csv *c, const char *p)
{
    if (*p == '\n' || *p == '\r') {             /* a blank line, or the second half of CRLF */
        csv_newline(c, p);
        return p + 1;
    }
    c->cr = 0;
    c->row_line = c->line;
    c->row_offset = csv_offset(c, p);
    c->state = CSV_FIELD;
    return p;
}

static const char *csv_field(kam__csv *c, const char *p)
{
    uint64_t column = csv_column(c, p);
    c->field_column = column > UINT32_MAX ? UINT32_MAX : (uint32_t)column;
    c->quoted = *p == '"';
    c->state = c->quoted ? CSV_QUOTED : CSV_PLAIN;
    if (!c->quoted) return p;
    c->quote_line = c->line;
    c->quote_column = column;
    c->quote_offset = csv_offset(c, p);
    c->cr = 0;
    return p + 1;
}

/* The byte behind a whole field: separator or line end. */
static int32_t csv_behind(kam__csv *c, const char *p, kam_error *err)
{
    csv_end_field(c, p);
    if (c->kind[(uint8_t)*p] == CSV_SEP) {
        c->state = CSV_FIELD;
        return KAM_OK;
    }
    c->cr = 0;
    csv_newline(c, p);
    return csv_deliver(c, err);
}

#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CSV_ONES UINT64_C(0x0101010101010101)
#define CSV_TOPS UINT64_C(0x8080808080808080)

/* Copies eight bytes at a time up to the first that may be special: separator, quote, or one below 14 (NUL, CR, LF, but
 * also a tab: then the caller looks at it). The bytes copied beyond it are overwritten; the buffer has room for
 * them. */
static const char *csv_words(const char *p, const char *last, char **to, uint64_t separators, uint8_t *high)
{
    char *out = *to;
    uint64_t seen = 0;
    while (last - p >= 8) {
        uint64_t w, sep, quote, stop;
        memcpy(&w, p, 8);
        memcpy(out, &w, 8);
        seen |= w;
        sep = w ^ separators, quote = w ^ (CSV_ONES * '"');
        stop = (((sep - CSV_ONES) & ~sep) | ((quote - CSV_ONES) & ~quote) | ((w - CSV_ONES * 14) & ~w)) & CSV_TOPS;
        if (stop) {
            size_t n = (size_t)__builtin_ctzll(stop) / 8;
            p += n, out += n;
            break;
        }
        p += 8, out += 8;
    }
    if (seen & CSV_TOPS) *high = 0x80;          /* of bytes behind the stop, too: the text is looked at once more */
    *to = out;
    return p;
}
#endif

/* Where nearly all bytes of nearly all files go by: fields without quotes, one behind the other, all in locals. It
 * looks no further than to where no field and no row can be over its limit; the rest is left to the careful steps. */
static const char *csv_fast(kam__csv *c, const char *p, const char *end)
{
    size_t room = KAM__CSV_MAX_FIELD - (c->len - c->field_start), rest = KAM__CSV_MAX_RECORD - c->len, n = c->n;
    if (rest < room) room = rest;
    const char *last = (size_t)(end - p) > room ? p + room : end;
    const uint8_t *kind = c->kind;
    char *to = c->rec + c->len, *start = c->rec + c->field_start;
    uint8_t high = 0, k = 0;
    for (;;) {
#ifdef CSV_ONES
        p = csv_words(p, last, &to, CSV_ONES * (uint8_t)c->separator, &high);
#endif
        for (; p < last && !(k = kind[(uint8_t)*p]); p++) {
            high = (uint8_t)(high | (uint8_t)*p);
            *to++ = *p;
        }
        if (p == last || k != CSV_SEP || n == KAM__CSV_MAX_FIELDS) break;
        kam__csv_field f = {NULL, (size_t)(to - start), c->field_column, 0};
        c->field[n++] = f;
        *to++ = '\0';
        start = to;
        c->field_column = (uint32_t)csv_column(c, ++p);
        if (p == last || *p == '"') {
            c->state = CSV_FIELD;
            break;
        }
    }
    c->high |= high & 0x80;
    c->n = n;
    c->len = (size_t)(to - c->rec);
    c->field_start = (size_t)(start - c->rec);
    return p;
}

static int32_t csv_plain(kam__csv *c, const char **at, const char *end, kam_error *err)
{
    if (!c->bad) *at = csv_fast(c, *at, end);
    if (c->state == CSV_FIELD) return KAM_OK;
    const char *p = *at = csv_span(c, *at, end, CSV_PLAIN_STOP);
    if (p == end) return KAM_OK;
    uint8_t kind = c->kind[(uint8_t)*p];
    if (!kind) return KAM_OK;                   /* stopped by a limit: the next step drops the rest */
    *at = p + 1;
    if (kind & (CSV_SEP | CSV_EOL)) return csv_behind(c, p, err);
    c->nul |= kind == CSV_NUL;
    csv_byte(c, p);
    return KAM_OK;
}

static const char *csv_quoted(kam__csv *c, const char *p, const char *end)
{
    const char *from = p;
    p = csv_span(c, p, end, CSV_QUOTED_STOP);
    if (p != from) c->cr = 0;
    if (p == end) return p;
    uint8_t kind = c->kind[(uint8_t)*p] & CSV_QUOTED_STOP;
    if (!kind) return p;
    if (kind == CSV_QUOTE) {
        c->state = CSV_CLOSED;
        c->cr = 0;
        return p + 1;
    }
    c->nul |= kind == CSV_NUL;
    csv_byte(c, p);
    if (kind == CSV_EOL) csv_newline(c, p);
    else c->cr = 0;
    return p + 1;
}

static int32_t csv_closed(kam__csv *c, const char **at, kam_error *err)
{
    const char *p = *at;
    uint8_t kind = c->kind[(uint8_t)*p];
    *at = p + 1;
    if (kind & (CSV_SEP | CSV_EOL)) return csv_behind(c, p, err);
    c->state = CSV_QUOTED;
    if (kind == CSV_QUOTE) {
        csv_byte(c, p);
        return KAM_OK;
    }
    c->state = CSV_SKIP;
    if (c->bad) return KAM_OK;
    kam__fail(c->cause, KAM_E_PARSE, "text behind the closing quote of field %u (line %llu); double a quote inside "
              "quotes", (unsigned)c->n + 1, (unsigned long long)c->line);
    csv_place(c->cause, c->line, csv_column(c, p), csv_offset(c, p));
    csv_problem(c, KAM_E_PARSE);
    return KAM_OK;
}

static int32_t csv_skip(kam__csv *c, const char **at, const char *end, kam_error *err)
{
    const char *p = *at;
    while (p < end && !(c->kind[(uint8_t)*p] & CSV_EOL)) p++;
    *at = p;
    if (p == end) return KAM_OK;
    *at = p + 1;
    return csv_behind(c, p, err);
}

static int32_t csv_run(kam__csv *c, const char *data, size_t size, kam_error *err)
{
    const char *p = data, *end = data + size;
    c->data = data;
    while (p < end) {
        int32_t rc = KAM_OK;
        switch (c->state) {
        case CSV_ROW: p = csv_row(c, p); break;
        case CSV_FIELD: p = csv_field(c, p); break;
        case CSV_PLAIN: rc = csv_plain(c, &p, end, err); break;
        case CSV_QUOTED: p = csv_quoted(c, p, end); break;
        case CSV_CLOSED: rc = csv_closed(c, &p, err); break;
        default: rc = csv_skip(c, &p, end, err); break;
        }
        if (rc != KAM_OK) return rc;
    }
    c->base += size;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the first bytes: byte order mark, separator */

/* One byte of the first line; 1 = the line ends here. A quote opens only where a field may start. */
static int csv_sniff_byte(kam__csv *c, char b, int *line_has_text)
{
    if (c->sniff_state == SNIFF_QUOTED) {
        if (b == '"') c->sniff_state = SNIFF_CLOSED;
        return 0;
    }
    if (b == '\n' || b == '\r') return *line_has_text;
    *line_has_text = 1;
    if (b == '"' && c->sniff_state != SNIFF_PLAIN) {
        c->sniff_state = SNIFF_QUOTED;          /* opens, or the second half of a doubled one */
        return 0;
    }
    c->sniff_state = SNIFF_PLAIN;
    for (size_t i = 0; i < KAM__LEN(csv_candidate); i++)
        if (b == csv_candidate[i]) {
            c->count[i]++;
            c->sniff_state = SNIFF_FIELD;
        }
    return 0;
}

static size_t csv_mark(const kam__csv *c)
{
    return c->head_len >= 3 && memcmp(c->head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Looks at the bytes kept so far (all there are: `whole`); 1 = mark and separator are known. */
static int csv_sniff(kam__csv *c, int whole)
{
    if (c->head_len < 3 && !whole) return 0;
    if (c->separator) return 1;
    if (c->sniffed == 0) c->sniffed = csv_mark(c);
    int text = c->sniff_text;
    while (c->sniffed < c->head_len)
        if (csv_sniff_byte(c, c->head[c->sniffed++], &text)) return 1;
    c->sniff_text = (uint8_t)text;
    return c->head_len >= CSV_SNIFF_MAX;
}

/* Settles the separator and plays back the bytes kept. */
static int32_t csv_start(kam__csv *c, kam_error *err)
{
    size_t best = 0, mark = csv_mark(c);
    for (size_t i = 1; i < KAM__LEN(csv_candidate); i++)
        if (c->count[i] > c->count[best]) best = i;
    if (!c->separator) c->separator = (uint8_t)csv_candidate[best];
    c->kind[c->separator] = CSV_SEP;
    c->running = 1;
    c->base = c->line_start = mark;
    return c->head_len > mark ? csv_run(c, c->head + mark, c->head_len - mark, err) : KAM_OK;
}

/* Room for whatever `size` more bytes can bring: a byte of input is at most one byte of the record and one field. */
static int32_t csv_reserve(kam__csv *c, size_t size, kam_error *err)
{
    size_t more = (size < KAM__CSV_MAX_RECORD ? size : KAM__CSV_MAX_RECORD) + c->head_len + 2;
    size_t bytes = c->len + more, fields = c->n + more;
    if (bytes > KAM__CSV_MAX_RECORD + 2) bytes = KAM__CSV_MAX_RECORD + 2;
    if (fields > KAM__CSV_MAX_FIELDS) fields = KAM__CSV_MAX_FIELDS;
    if (bytes > c->cap) KAM__TRY(kam__grow(c->ctx, &c->rec, &c->cap, bytes, 1, err));
    if (fields > c->field_cap) KAM__TRY(kam__grow(c->ctx, &c->field, &c->field_cap, fields, sizeof *c->field, err));
    return KAM_OK;
}

static int32_t csv_ready(const kam__csv *c, kam_error *err)
{
    if (c->stopped) return kam__fail(err, c->stopped, "the CSV reader was stopped; free it and start again");
    if (c->ended) return kam__fail(err, KAM_E_INVAL, "the CSV reader has ended; make a new one");
    return KAM_OK;
}

int32_t kam__csv_feed(kam__csv *c, const char *data, size_t size, kam_error *err)
{
    KAM__TRY(csv_ready(c, err));
    if (!size) return KAM_OK;
    KAM__TRY(csv_reserve(c, size, err));
    if (c->running) return csv_run(c, data, size, err);
    size_t most = (c->separator ? 3 : CSV_SNIFF_MAX) - c->head_len, part = size < most ? size : most;
    KAM__TRY(kam__grow(c->ctx, &c->head, &c->head_cap, c->head_len + part, 1, err));
    memcpy(c->head + c->head_len, data, part);
    c->head_len += part;
    if (!csv_sniff(c, 0)) return KAM_OK;
    KAM__TRY(csv_start(c, err));
    kam__free(c->ctx, c->head);
    c->head = NULL;
    c->head_len = c->head_cap = 0;
    return size > part ? csv_run(c, data + part, size - part, err) : KAM_OK;
}

int32_t kam__csv_end(kam__csv *c, kam_error *err)
{
    KAM__TRY(csv_ready(c, err));
    KAM__TRY(csv_reserve(c, 0, err));
    if (!c->running) {
        csv_sniff(c, 1);
        KAM__TRY(csv_start(c, err));
    }
    c->ended = 1;
    c->data = "";
    if (c->state == CSV_ROW) return KAM_OK;
    if (c->state == CSV_FIELD) {                /* the last byte was a separator: an empty field follows it */
        c->quoted = 0;
        c->field_column = (uint32_t)csv_column(c, c->data);
    }
    if (c->state == CSV_QUOTED && !c->bad) {
        kam__fail(c->cause, KAM_E_PARSE, "the quote opened in line %llu, column %llu is never closed",
                  (unsigned long long)c->quote_line, (unsigned long long)c->quote_column);
        csv_place(c->cause, c->quote_line, c->quote_column, c->quote_offset);
        csv_problem(c, KAM_E_PARSE);
    }
    csv_end_field(c, c->data);
    return csv_deliver(c, err);
}
