/*
 * base/buf.c - growing bytes: the public kam_buf, and the same thing inside other objects.
 *
 * The bytes are always followed by a NUL that is not counted. Internal writers return nothing: the first one that
 * finds no memory marks the buffer, the rest do nothing, and kam__buf_end tells once. The public append is for the
 * host and tells at once instead, leaving the buffer as it was.
 */
#include "base/base.h"
#include <stdio.h>

/* Room for `more` bytes and the NUL; 0 = out of memory. */
static int buf_room(kam_buf *b, size_t more) {
    if (more > SIZE_MAX / 4 - b->size) return 0;
    size_t need = b->size + more + 1;
    if (need <= b->cap) return 1;
    size_t cap = b->cap * 2 > need ? b->cap * 2 : need;
    if (cap < 64) cap = 64;
    char *data = kam__resize(b->ctx, b->data, cap);
    if (!data) return 0;
    b->data = data;
    b->cap = cap;
    return 1;
}

static int buf_write(kam_buf *b, const void *data, size_t size) {
    if (!buf_room(b, size)) return 0;
    if (size) memcpy(b->data + b->size, data, size);
    b->size += size;
    b->data[b->size] = '\0';
    return 1;
}

/* ---------------------------------------------------------------- public */

int32_t kam_buf_new(kam_buf **out, kam_ctx *ctx, kam_error *err) {
    kam_ctx *held;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__ctx_take(&held, ctx, err));
    kam_buf *b = kam__alloc(held, sizeof *b);
    if (!b) {
        kam_ctx_free(held);
        return kam__nomem(err);
    }
    kam__buf_init(b, held);
    b->owned = 1;
    *out = b;
    return KAM_OK;
}

void kam_buf_free(kam_buf *buf) {
    if (!buf) return;
    kam_ctx *ctx = buf->ctx;
    kam__buf_drop(buf);
    if (!buf->owned) return;                /* lives inside another object */
    kam__free(ctx, buf);
    kam_ctx_free(ctx);
}

const char *kam_buf_data(const kam_buf *buf) {
    return buf && buf->data ? buf->data : "";
}

size_t kam_buf_size(const kam_buf *buf) {
    return buf ? buf->size : 0;
}

int32_t kam_buf_append(kam_buf *buf, const void *data, size_t size, kam_error *err) {
    if (!buf) return kam__null_arg(err, "buf");
    if (!data && size) return kam__null_arg(err, "data");
    return !buf->failed && buf_write(buf, data, size) ? KAM_OK : kam__nomem(err);
}

/* ---------------------------------------------------------------- internal */

void kam__buf_init(kam_buf *b, kam_ctx *ctx) {
    memset(b, 0, sizeof *b);
    b->ctx = ctx;
}

void kam__buf_drop(kam_buf *b) {
    kam__free(b->ctx, b->data);
    b->data = NULL;
    b->size = b->cap = 0;
    b->failed = 0;
}

void kam__buf_clear(kam_buf *b) {
    b->size = 0;
    b->failed = 0;
    if (b->data) b->data[0] = '\0';
}

void kam__buf_put(kam_buf *b, const void *data, size_t size) {
    if (!b->failed && !buf_write(b, data, size)) b->failed = KAM_E_NOMEM;
}

void kam__buf_char(kam_buf *b, char c) {
    kam__buf_put(b, &c, 1);
}

void kam__buf_str(kam_buf *b, const char *text) {
    if (text) kam__buf_put(b, text, strlen(text));
}

void kam__buf_i64(kam_buf *b, int64_t v) {
    char text[24];
    kam__buf_put(b, text, kam__i64_format(text, v));
}

void kam__buf_dec(kam_buf *b, int64_t v, uint32_t scale) {
    char text[48];
    kam__buf_put(b, text, kam__dec_format(text, v, scale));
}

void kam__buf_f64(kam_buf *b, double v) {
    char text[32];
    kam__buf_put(b, text, kam__f64_format(text, v));
}

void kam__buf_day(kam_buf *b, int32_t day) {
    char text[16];
    kam__buf_put(b, text, kam__day_format(text, day));
}

/* The escape of one byte, or length 0 where it stands for itself. */
static size_t buf_json_escape(char out[6], unsigned char c) {
    static const char hex[] = "0123456789abcdef";
    char letter = 0;
    switch (c) {
    case '"': case '\\': letter = (char)c; break;
    case '\b': letter = 'b'; break;
    case '\f': letter = 'f'; break;
    case '\n': letter = 'n'; break;
    case '\r': letter = 'r'; break;
    case '\t': letter = 't'; break;
    default: break;
    }
    out[0] = '\\';
    out[1] = letter;
    if (letter) return 2;
    if (c >= 0x20) return 0;
    memcpy(out + 1, "u00", 3);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    return 6;
}

void kam__buf_json_text(kam_buf *b, const char *text, size_t len) {
    char escape[6];
    size_t from = 0, n;
    if (len == KAM_NUL) len = strlen(text);
    kam__buf_char(b, '"');
    for (size_t i = 0; i < len; i++) {
        if ((n = buf_json_escape(escape, (unsigned char)text[i])) == 0) continue;
        kam__buf_put(b, text + from, i - from);
        kam__buf_put(b, escape, n);
        from = i + 1;
    }
    if (len > from) kam__buf_put(b, text + from, len - from);
    kam__buf_char(b, '"');
}

void kam__buf_printf(kam_buf *b, const char *fmt, ...) {
    char text[256];
    va_list ap;
    if (b->failed) return;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0) return;
    if ((size_t)n < sizeof text) {
        kam__buf_put(b, text, (size_t)n);
        return;
    }
    if (!buf_room(b, (size_t)n)) {
        b->failed = KAM_E_NOMEM;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(b->data + b->size, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->size += (size_t)n;
}

int32_t kam__buf_end(kam_buf *b, kam_error *err) {
    return b->failed ? kam__nomem(err) : KAM_OK;
}
