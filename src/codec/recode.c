/*
 * codec/recode.c - text in the encodings of Chinese (and a few other) systems to UTF-8, cut anywhere.
 *
 * The only file that knows iconv. It reports by errno what stopped it; this library keeps away from errno, and need
 * not ask: the output always has room, so what stops it is a character that is cut off (then more input helps) or bytes
 * that are none (then it does not). No encoding here has characters longer than four bytes.
 *
 * Out goes a whole text at a time, which is whole characters: so nothing is kept between two of them.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "codec.h"
#include <stdio.h>
#if defined(__has_include)
#if !__has_include(<iconv.h>)
#define KAM__NO_ICONV
#endif
#endif
#if !defined(KAM__NO_ICONV)
#include <iconv.h>
#endif

#define RECODE_PIECE 4096u                  /* bytes converted at a time; each gives at most 4 */
#define RECODE_LONGEST 4u

typedef struct recode_name { const char *name, *converter; uint8_t unit; } recode_name;
/* What a Chinese file calls GB2312 is GBK, which has all of it. */
static const recode_name recode_names[] = {
    { "GB18030", "GB18030", 1 }, { "GBK", "GBK", 1 },       { "GB2312", "GBK", 1 },     { "CP936", "GBK", 1 },
    { "BIG5", "BIG5", 1 },       { "UTF-16", "UTF-16", 2 }, { "UTF-16LE", "UTF-16LE", 2 },
    { "UTF-16BE", "UTF-16BE", 2 }, { "ISO-8859-1", "ISO-8859-1", 1 }, { "WINDOWS-1252", "WINDOWS-1252", 1 }
};

#if defined(KAM__NO_ICONV)
typedef int iconv_t;
static iconv_t iconv_open(const char *to, const char *from) { (void)to; (void)from; return -1; }
static int iconv_close(iconv_t how) { (void)how; return 0; }
static size_t iconv(iconv_t how, char **in, size_t *left, char **out, size_t *room)
{
    (void)how, (void)in, (void)left, (void)out, (void)room;
    return (size_t)-1;
}
#endif

struct kam__recode {
    kam_ctx *ctx;
    const recode_name *name;
    iconv_t how;
    char in[RECODE_PIECE], out[RECODE_PIECE * 4 + 16];
    size_t n;                               /* bytes in `in` */
    uint64_t offset;                        /* of in[0] in the whole text */
    int64_t bad;
};

/* NULL with KAM_OK: it is UTF-8. */
static int32_t recode_find(const recode_name **out, const char *encoding, kam_error *err)
{
    char clip[48];
    size_t len = strlen(encoding);
    *out = NULL;
    if (kam__text_same_ci(encoding, len, "UTF-8") || kam__text_same_ci(encoding, len, "UTF8")) return KAM_OK;
    for (size_t i = 0; i < KAM__LEN(recode_names) && !*out; i++)
        if (kam__text_same_ci(encoding, len, recode_names[i].name)) *out = &recode_names[i];
    if (*out) return KAM_OK;
    return kam__fail(err, KAM_E_INVAL,
                     "encoding \"%s\" is not known: use UTF-8, GB18030, GBK, GB2312, BIG5, UTF-16, ISO-8859-1 or "
                     "WINDOWS-1252", kam__clip(clip, encoding, len));
}

int32_t kam__recode_new(kam__recode **out, kam_ctx *ctx, const char *encoding, kam_error *err)
{
    const recode_name *name = NULL;
    *out = NULL;
    KAM__TRY(recode_find(&name, encoding, err));
    if (!name) return KAM_OK;
    kam__recode *r = kam__zalloc(ctx, sizeof *r);
    if (!r) return kam__nomem(err);
    r->ctx = ctx;
    r->name = name;
    r->bad = -1;
    r->how = iconv_open("UTF-8", name->converter);
    if (r->how == (iconv_t)-1) {
        kam__free(ctx, r);
        return kam__fail(err, KAM_E_UNSUPPORTED, "the C library here cannot convert %s: save the file as UTF-8",
                         name->name);
    }
    *out = r;
    return KAM_OK;
}

void kam__recode_free(kam__recode *r)
{
    if (!r) return;
    iconv_close(r->how);
    kam__free(r->ctx, r);
}

const char *kam__recode_name(const kam__recode *r) { return r->name->name; }

int64_t kam__recode_bad(kam__recode *r)
{
    int64_t bad = r->bad;
    r->bad = -1;
    return bad;
}

/* `used` bytes of `in` are done with. */
static void recode_drop(kam__recode *r, size_t used)
{
    r->n -= used;
    r->offset += used;
    memmove(r->in, r->in + used, r->n);
}

/* Bytes that are no character: what stands before them is with the reader already. */
static int32_t recode_skip(kam__recode *r, kam__recode_fn fn, void *user, kam_error *err)
{
    size_t unit = r->name->unit < r->n ? r->name->unit : r->n;
    if (r->bad < 0) r->bad = (int64_t)r->offset;
    recode_drop(r, unit);
    return fn(user, "\xFF", 1, err);
}

/* Converts what is in `in`; whole characters only, unless it is the end. */
static int32_t recode_piece(kam__recode *r, int end, kam__recode_fn fn, void *user, kam_error *err)
{
    while (r->n) {
        char *in = r->in, *out = r->out;
        size_t left = r->n, room = sizeof r->out;
        size_t rc = iconv(r->how, &in, &left, &out, &room);
        recode_drop(r, (size_t)(in - r->in));
        if (out > r->out) KAM__TRY(fn(user, r->out, (size_t)(out - r->out), err));
        if (rc != (size_t)-1) continue;
        if (!end && r->n < RECODE_LONGEST) return KAM_OK;       /* perhaps only cut off */
        if (r->n) KAM__TRY(recode_skip(r, fn, user, err));
    }
    return KAM_OK;
}

int32_t kam__recode_feed(kam__recode *r, const char *data, size_t size, kam__recode_fn fn, void *user, kam_error *err)
{
    while (size) {
        size_t n = RECODE_PIECE - r->n < size ? RECODE_PIECE - r->n : size;
        memcpy(r->in + r->n, data, n);
        r->n += n;
        data += n;
        size -= n;
        KAM__TRY(recode_piece(r, 0, fn, user, err));
    }
    return KAM_OK;
}

int32_t kam__recode_end(kam__recode *r, kam__recode_fn fn, void *user, kam_error *err)
{
    return recode_piece(r, 1, fn, user, err);
}

/* ---------------------------------------------------------------- out */

static int32_t recode_lacks(const recode_name *name, const char *at, size_t left, kam_error *err)
{
    char which[16] = "a character";         /* some C libraries replace it and do not say which */
    uint32_t cp = 0;
    if (left) kam__utf8_next(at, left, &cp);
    if (left) snprintf(which, sizeof which, "U+%04X", (unsigned)cp);
    return kam__fail(err, KAM_E_INVAL, "a text holds %s, which is not in %s: write GB18030 or UTF-8", which,
                     name->name);
}

static int32_t recode_text(kam_buf *out, iconv_t how, const recode_name *name, const char *text, size_t size,
                           kam_error *err)
{
    char piece[RECODE_PIECE], *in = (char *)(uintptr_t)text;
    size_t left = size;
    while (left) {
        char *to = piece;
        size_t room = sizeof piece;
        size_t rc = iconv(how, &in, &left, &to, &room);
        kam__buf_put(out, piece, (size_t)(to - piece));
        if (rc != 0 && rc != (size_t)-1) return recode_lacks(name, NULL, 0, err);
        if (rc == (size_t)-1 && room >= RECODE_LONGEST) return recode_lacks(name, in, left, err);
    }
    return out->failed ? kam__nomem(err) : KAM_OK;
}

int32_t kam__recode_out(kam_buf *out, const char *encoding, const char *text, size_t size, kam_error *err)
{
    const recode_name *name = NULL;
    KAM__TRY(recode_find(&name, encoding, err));
    if (name && name->unit > 1)
        return kam__fail(err, KAM_E_INVAL, "%s is only read: write UTF-8 with a byte order mark, or GB18030",
                         name->name);
    if (!name) {
        kam__buf_put(out, text, size);
        return out->failed ? kam__nomem(err) : KAM_OK;
    }
    iconv_t how = iconv_open(name->converter, "UTF-8");
    if (how == (iconv_t)-1)
        return kam__fail(err, KAM_E_UNSUPPORTED, "the C library here cannot write %s: write UTF-8", name->name);
    int32_t rc = recode_text(out, how, name, text, size, err);
    iconv_close(how);
    return rc;
}
