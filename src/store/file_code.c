/*
 * store/file_code.c - column blocks as bytes.
 *
 *     ncol u32, then for each column: field u32, type u8, width u8, flags u8, 0 u8, base i64, length u32; then the columns' bytes.
 * A column: bits of the rows that have a value, if some have none (flag 1), then `width` bytes a row. Numbers are what has to be
 * added to the base, the smallest of them; doubles are their bits. A text is its length + 1, or 0 for "as in the row before"; the
 * bytes of the texts follow. A row costs at least a byte in each column: so what is read never needs much more memory than it took.
 */
#include "file.h"

#define CODE_ENTRY 20u
#define CODE_HOLES 1u
#define CODE_SLACK 8u                       /* numbers are read and written 8 bytes at a time */

unsigned char *kam__file_more(file_bytes *b, size_t n)
{
    if (n > SIZE_MAX - b->n - CODE_SLACK || kam__grow(b->ctx, &b->data, &b->cap, b->n + n + CODE_SLACK, 1, NULL) != KAM_OK) return NULL;
    b->n += n;
    return b->data + b->n - n;
}

void kam__file_bytes_free(file_bytes *b)
{
    kam__free(b->ctx, b->data);
    b->data = NULL;
    b->n = b->cap = 0;
}

static inline void code_put(unsigned char *p, uint64_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(p, &v, sizeof v);
#else
    file_put64(p, v);
#endif
}

static inline uint64_t code_get(const unsigned char *p)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
#else
    return file_get64(p);
#endif
}

static uint32_t code_width(uint64_t most)
{
    uint32_t w = 1;
    while (w < 8 && most >> (8 * w)) w++;
    return w;
}

static inline uint64_t code_bits(const kam_col *c, uint32_t row)
{
    if (c->type == KAM_T_I32) return (uint64_t)(int64_t)((const int32_t *)c->data)[row];
    return ((const uint64_t *)c->data)[row];
}

/* ---------------------------------------------------------------- numbers to bytes */

static int code_holes(const kam_col *c, uint32_t n)
{
    for (uint32_t i = 0; c->valid && i < n; i++)
        if (kam__col_null(c, i)) return 1;
    return 0;
}

static void code_range(const kam_col *c, uint32_t n, int holes, int64_t *least, uint64_t *span)
{
    int64_t lo = INT64_MAX, hi = INT64_MIN;
    for (uint32_t i = 0; i < n; i++) {
        if (holes && kam__col_null(c, i)) continue;
        int64_t v = (int64_t)code_bits(c, i);
        if (v < lo) lo = v;
        if (v > hi) hi = v;
    }
    *least = lo > hi ? 0 : lo;
    *span = lo > hi ? 0 : (uint64_t)hi - (uint64_t)lo;
}

static int32_t code_numbers(file_bytes *out, const kam_col *c, uint32_t n, int holes, int64_t *base, uint32_t *width)
{
    uint64_t span = UINT64_MAX;
    *base = 0;
    if (c->type != KAM_T_F64) code_range(c, n, holes, base, &span);
    *width = code_width(span);
    unsigned char *p = kam__file_more(out, (size_t)n * *width);
    if (!p) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < n; i++, p += *width) code_put(p, holes && kam__col_null(c, i) ? 0 : code_bits(c, i) - (uint64_t)*base);
    return KAM_OK;
}

/* ---------------------------------------------------------------- texts to bytes */

static inline int code_again(const kam_col *c, uint32_t i, uint32_t len)
{
    if (i == 0 || (uint32_t)(c->off[i] - c->off[i - 1]) != len || kam__col_null(c, i - 1)) return 0;
    return memcmp((const char *)c->data + c->off[i], (const char *)c->data + c->off[i - 1], len) == 0;
}

static int32_t code_texts(file_bytes *out, const kam_col *c, uint32_t n, int holes, uint32_t *width)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        if ((uint32_t)(c->off[i + 1] - c->off[i]) > most) most = (uint32_t)(c->off[i + 1] - c->off[i]);
    *width = code_width((uint64_t)most + 1);
    size_t codes = (size_t)n * *width, text = (size_t)(c->off[n] - c->off[0]), used = 0;
    unsigned char *p = kam__file_more(out, codes + text + CODE_SLACK), *to = p + codes;
    if (!p) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t len = (uint32_t)(c->off[i + 1] - c->off[i]), code = len + 1;
        if (holes && kam__col_null(c, i)) len = 0, code = 1;
        else if (len && code_again(c, i, len)) code = 0;
        for (uint32_t k = 0; k < *width; k++) p[i * (size_t)*width + k] = (unsigned char)(code >> (8 * k));
        if (!code || !len) continue;
        memcpy(to + used, (const char *)c->data + c->off[i], len);
        used += len;
    }
    out->n -= text + CODE_SLACK - used;
    return KAM_OK;
}

/* ---------------------------------------------------------------- blocks to bytes */

int32_t kam__file_encode_begin(file_bytes *out, uint32_t ncol, size_t *at)
{
    size_t n = 4 + (size_t)ncol * CODE_ENTRY;
    unsigned char *p = kam__file_more(out, n);
    if (!p) return KAM_E_NOMEM;
    memset(p, 0, n);
    file_put32(p, ncol);
    *at = out->n - n;
    return KAM_OK;
}

int32_t kam__file_encode_col(file_bytes *out, size_t at, uint32_t i, const kam_col *c, uint32_t n)
{
    size_t from = out->n, bits = ((size_t)n + 7) / 8;
    int holes = code_holes(c, n);
    int64_t base = 0;
    uint32_t width = 1;
    if (holes) {
        unsigned char *p = kam__file_more(out, bits);
        if (!p) return KAM_E_NOMEM;
        memcpy(p, c->valid, bits);
        if (n & 7) p[bits - 1] = (unsigned char)(p[bits - 1] & ((1u << (n & 7)) - 1));
    }
    KAM__TRY(c->type == KAM_T_TEXT ? code_texts(out, c, n, holes, &width) : code_numbers(out, c, n, holes, &base, &width));
    if (out->n - from > UINT32_MAX) return KAM_E_LIMIT;
    unsigned char *e = out->data + at + 4 + (size_t)i * CODE_ENTRY;
    file_put32(e, c->field);
    e[4] = c->type;
    e[5] = (unsigned char)width;
    e[6] = holes ? CODE_HOLES : 0;
    file_put64(e + 8, (uint64_t)base);
    file_put32(e + 16, (uint32_t)(out->n - from));
    return KAM_OK;
}

int32_t kam__file_encode(file_bytes *out, const kam_block *rows, const uint8_t *leave_out)
{
    uint32_t n = 0, at_col = 0;
    size_t at;
    for (uint32_t i = 0; i < rows->ncol; i++) n += !(leave_out && leave_out[i]);
    KAM__TRY(kam__file_encode_begin(out, n, &at));
    for (uint32_t i = 0; i < rows->ncol; i++)
        if (!(leave_out && leave_out[i])) KAM__TRY(kam__file_encode_col(out, at, at_col++, rows->col + i, rows->nrow));
    return KAM_OK;
}

/* ---------------------------------------------------------------- bytes to blocks */

static inline uint64_t decode_one(const unsigned char *p, uint32_t width)
{
    if (width == 1) return p[0];
    if (width == 2) return file_get16(p);
    if (width == 4) return file_get32(p);
    return width == 8 ? code_get(p) : code_get(p) & (((uint64_t)1 << (8 * width)) - 1);
}

/* With the width known to the compiler. */
static inline void decode_width(uint32_t type, void *data, const unsigned char *p, uint32_t n, uint32_t width, uint64_t base)
{
    int32_t *small = data;
    uint64_t *large = data;
    if (type == KAM_T_I32)
        for (uint32_t i = 0; i < n; i++) small[i] = (int32_t)(uint32_t)(base + decode_one(p + (size_t)i * width, width));
    else
        for (uint32_t i = 0; i < n; i++) large[i] = base + decode_one(p + (size_t)i * width, width);
}

static void decode_numbers(kam_col *c, void *data, const unsigned char *p, uint32_t n, uint32_t width, uint64_t base)
{
    switch (width) {
    case 1: decode_width(c->type, data, p, n, 1, base); break;
    case 2: decode_width(c->type, data, p, n, 2, base); break;
    case 3: decode_width(c->type, data, p, n, 3, base); break;
    case 4: decode_width(c->type, data, p, n, 4, base); break;
    case 8: decode_width(c->type, data, p, n, 8, base); break;
    default: decode_width(c->type, data, p, n, width, base);
    }
    c->data = data;
}

static uint32_t decode_code(const unsigned char *p, uint32_t i, uint32_t width)
{
    uint32_t v = 0;
    for (uint32_t k = 0; k < width; k++) v |= (uint32_t)p[i * (size_t)width + k] << (8 * k);
    return v;
}

/* Two walks: how long all of it is, then the bytes. */
static int32_t decode_texts(kam_col *c, kam__arena *a, const unsigned char *p, size_t size, uint32_t n, uint32_t width)
{
    size_t text = size - (size_t)n * width, used = 0, total = 0, at = 0;
    uint32_t len = 0;
    if (width > 4) return KAM_E_CORRUPT;
    int32_t *off = kam__arena_alloc(a, ((size_t)n + 1) * sizeof *off);
    if (!off) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t code = decode_code(p, i, width);
        if (!code && !i) return KAM_E_CORRUPT;
        if (code) len = code - 1, used += len;
        off[i] = (int32_t)total;
        total += len;
        if (used > text || total > FILE_TEXT_MAX) return KAM_E_CORRUPT;
    }
    off[n] = (int32_t)total;
    char *to = kam__arena_alloc(a, total + 1);
    if (!to) return KAM_E_NOMEM;
    if (used != text) return KAM_E_CORRUPT;
    for (uint32_t i = 0; i < n; i++) {
        len = (uint32_t)(off[i + 1] - off[i]);
        if (!len) continue;
        if (decode_code(p, i, width)) {
            memcpy(to + off[i], p + (size_t)n * width + at, len);
            at += len;
        } else {
            memcpy(to + off[i], to + off[i - 1], len);
        }
    }
    c->data = to;
    c->off = off;
    return KAM_OK;
}

static int32_t decode_col(kam_col *c, kam__arena *a, const unsigned char *e, const unsigned char *p, size_t size, uint32_t n)
{
    uint32_t width = e[5];
    size_t bits = e[6] & CODE_HOLES ? ((size_t)n + 7) / 8 : 0;
    *c = (kam_col){.field = file_get32(e), .type = e[4]};
    if (c->type < KAM_T_I32 || c->type > KAM_T_TEXT || width < 1 || width > 8 || e[6] & ~CODE_HOLES || e[7]) return KAM_E_CORRUPT;
    if (bits + (size_t)n * width > size) return KAM_E_CORRUPT;
    if (bits) {
        uint8_t *valid = kam__arena_alloc(a, bits);
        if (!valid) return KAM_E_NOMEM;
        memcpy(valid, p, bits);
        c->valid = valid;
    }
    if (c->type == KAM_T_TEXT) return decode_texts(c, a, p + bits, size - bits, n, width);
    if (bits + (size_t)n * width != size) return KAM_E_CORRUPT;
    void *data = kam__arena_alloc(a, (size_t)n * (c->type == KAM_T_I32 ? 4 : 8));
    if (!data) return KAM_E_NOMEM;
    decode_numbers(c, data, p + bits, n, width, file_get64(e + 8));
    return KAM_OK;
}

int32_t kam__file_decode_some(kam_col *out, const uint32_t *field, uint32_t nfield, kam__arena *a, const unsigned char *p, size_t size, uint32_t nrow)
{
    uint32_t ncol = size < 4 ? UINT32_MAX : file_get32(p);
    if (nrow < 1 || nrow > KAM__BLOCK_MAX || ncol < 1 || ncol > (size - 4) / CODE_ENTRY) return KAM_E_CORRUPT;
    size_t at = 4 + (size_t)ncol * CODE_ENTRY;
    memset(out, 0, nfield * sizeof *out);
    for (uint32_t i = 0; i < ncol; i++) {
        const unsigned char *e = p + 4 + (size_t)i * CODE_ENTRY;
        size_t len = file_get32(e + 16);
        uint32_t k = 0;
        if (len > size - at) return KAM_E_CORRUPT;
        while (k < nfield && field[k] != file_get32(e)) k++;
        if (k < nfield) KAM__TRY(decode_col(out + k, a, e, p + at, len, nrow));
        at += len;
    }
    return size - at >= 8 ? KAM_E_CORRUPT : KAM_OK;
}

int32_t kam__file_pieces(const unsigned char *p, size_t have, size_t size, const uint32_t *field, uint32_t nfield, file_piece *piece, uint32_t *n)
{
    uint32_t ncol = have < 4 ? UINT32_MAX : file_get32(p);
    *n = 0;
    if (ncol < 1 || ncol > (have - 4) / CODE_ENTRY) return KAM_E_CORRUPT;
    size_t at = 4 + (size_t)ncol * CODE_ENTRY;
    for (uint32_t i = 0; i < ncol; i++) {
        const unsigned char *e = p + 4 + (size_t)i * CODE_ENTRY;
        size_t len = file_get32(e + 16);
        uint32_t k = 0;
        if (len > size - at) return KAM_E_CORRUPT;
        while (k < nfield && field[k] != file_get32(e)) k++;
        if (k < nfield && *n && piece[*n - 1].at + piece[*n - 1].n == at) piece[*n - 1].n += len;
        else if (k < nfield && *n < nfield) piece[(*n)++] = (file_piece){at, len};
        else if (k < nfield) return KAM_E_CORRUPT;
        at += len;
    }
    return KAM_OK;
}

int32_t kam__file_decode(kam_block *out, kam__arena *a, const unsigned char *p, size_t size, uint32_t nrow)
{
    uint32_t ncol = size < 4 ? UINT32_MAX : file_get32(p);
    if (nrow < 1 || nrow > KAM__BLOCK_MAX || ncol < 1 || ncol > (size - 4) / CODE_ENTRY) return KAM_E_CORRUPT;
    kam_col *col = kam__arena_alloc(a, ncol * sizeof *col);
    size_t at = 4 + (size_t)ncol * CODE_ENTRY;
    if (!col) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < ncol; i++) {
        const unsigned char *e = p + 4 + (size_t)i * CODE_ENTRY;
        size_t len = file_get32(e + 16);
        if (len > size - at) return KAM_E_CORRUPT;
        KAM__TRY(decode_col(col + i, a, e, p + at, len, nrow));
        at += len;
    }
    if (size - at >= 8) return KAM_E_CORRUPT;
    *out = (kam_block){sizeof *out, nrow, ncol, 0, col};
    return KAM_OK;
}

#undef CODE_ENTRY
#undef CODE_HOLES
#undef CODE_SLACK
