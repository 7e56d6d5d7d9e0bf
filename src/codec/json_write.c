/*
 * codec/json_write.c - a JSON tree back to text: as it stands, or in the canonical form that documents are hashed in.
 *
 * Canonical: members sorted by key bytes (of equal keys the last one counts), no spaces, numbers without exponent,
 * leading or trailing zeros ("1.50e2" is "150", "-0" is "0"), shortest escapes. A number whose plain form needs more
 * than 400 digits is refused instead of written out. One walker serves both forms; its stack is on the heap, so depth
 * costs no C stack.
 */
#include "codec.h"

#define JSON_MAX_DIGITS 400

typedef struct json_frame {
    const kam__json *container, *at;        /* at: the child to write next */
    const kam__json **sorted;               /* canonical objects only */
    uint32_t i, written;
} json_frame;

typedef struct json_writer {
    kam_buf *out;
    kam_error *err;
    json_frame *frame;
    size_t n, cap;
    int canonical;
} json_writer;

/* ---------------------------------------------------------------- numbers */

/* A number as digits d1 d2 .. dn and the power of ten of d1's place: value = d1.d2..dn * 10^top. A '.' may
 * stand between first and last (one behind the digits). */
typedef struct json_decimal { const char *first, *last; int64_t top; } json_decimal;

static int64_t json_exponent(const char *p, const char *end)
{
    int minus = p < end && *p == '-';
    int64_t v = 0;
    if (p < end && (*p == '-' || *p == '+')) p++;
    for (; p < end; p++)
        if (v < (int64_t)1 << 40) v = v * 10 + (*p - '0');
    return minus ? -v : v;
}

/* Strips sign, zeros and exponent; first == last: the number is zero. */
static json_decimal json_decimal_of(const char *text, size_t len)
{
    const char *end = text + len, *p = text, *point = NULL;
    json_decimal d = {NULL, NULL, 0};
    if (p < end && *p == '-') p++;
    const char *stop = p;
    for (; stop < end && *stop != 'e' && *stop != 'E'; stop++)
        if (*stop == '.') point = stop;
    if (!point) point = stop;
    while (p < stop && (*p == '0' || *p == '.')) p++;
    d.first = d.last = p;
    if (p == stop) return d;
    for (d.last = stop; d.last[-1] == '0' || d.last[-1] == '.';) d.last--;
    d.top = point > p ? point - p - 1 : point - p;
    if (stop < end) d.top += json_exponent(stop + 1, end);
    return d;
}

static void json_zeros(kam_buf *out, int64_t n)
{
    while (n-- > 0) kam__buf_char(out, '0');
}

static int32_t json_plain_number(kam_buf *out, const kam__json *v, kam_error *err)
{
    json_decimal d = json_decimal_of(v->text, v->len);
    char show[72];
    if (d.first == d.last) {
        kam__buf_char(out, '0');
        return KAM_OK;
    }
    int64_t n = d.last - d.first - (memchr(d.first, '.', (size_t)(d.last - d.first)) != NULL);
    int64_t whole = d.top >= 0 ? d.top + 1 : 1, decimals = n - 1 - d.top > 0 ? n - 1 - d.top : 0;
    if (whole + decimals > JSON_MAX_DIGITS)
        return kam__json_fail(v, KAM_E_LIMIT, err, "the number %s needs more than %d digits",
                              kam__json_show(show, v->text, v->len), JSON_MAX_DIGITS);
    if (v->text[0] == '-') kam__buf_char(out, '-');
    if (d.top < 0) {
        kam__buf_str(out, "0.");
        json_zeros(out, -1 - d.top);
    }
    int64_t place = d.top;
    for (const char *p = d.first; p < d.last; p++) {
        if (*p == '.') continue;
        if (place == -1 && d.top >= 0) kam__buf_char(out, '.');
        kam__buf_char(out, *p);
        place--;
    }
    json_zeros(out, place + 1);
    return KAM_OK;
}

/* ---------------------------------------------------------------- the walker */

static int32_t json_enter(json_writer *w, const kam__json *v)
{
    KAM__TRY(kam__grow(w->out->ctx, &w->frame, &w->cap, w->n + 1, sizeof *w->frame, w->err));
    json_frame *f = &w->frame[w->n];
    memset(f, 0, sizeof *f);
    f->container = v;
    f->at = v->child;
    if (w->canonical && v->type == KAM__J_OBJECT && v->n) {
        KAM__TRY(kam__json_sorted(&f->sorted, w->out->ctx, v, w->err));
        f->at = f->sorted[0];
    }
    w->n++;
    kam__buf_char(w->out, v->type == KAM__J_OBJECT ? '{' : '[');
    return KAM_OK;
}

static void json_leave(json_writer *w)
{
    json_frame *f = &w->frame[--w->n];
    kam__buf_char(w->out, f->container->type == KAM__J_OBJECT ? '}' : ']');
    kam__free(w->out->ctx, (void *)f->sorted);
}

static int32_t json_put(json_writer *w, const kam__json *v)
{
    switch (v->type) {
    case KAM__J_OBJECT:
    case KAM__J_ARRAY: return json_enter(w, v);
    case KAM__J_STRING: kam__buf_json_text(w->out, v->text, v->len); break;
    case KAM__J_NUMBER:
        if (w->canonical) return json_plain_number(w->out, v, w->err);
        kam__buf_put(w->out, v->text, v->len);
        break;
    case KAM__J_TRUE: kam__buf_str(w->out, "true"); break;
    case KAM__J_FALSE: kam__buf_str(w->out, "false"); break;
    default: kam__buf_str(w->out, "null"); break;
    }
    return KAM_OK;
}

static const kam__json *json_next(json_frame *f)
{
    const kam__json *v = f->at;
    if (!f->sorted) f->at = v->next;
    else f->at = ++f->i < f->container->n ? f->sorted[f->i] : NULL;
    return v;
}

static int32_t json_step(json_writer *w)
{
    json_frame *f = &w->frame[w->n - 1];
    if (!f->at) {
        json_leave(w);
        return KAM_OK;
    }
    const kam__json *v = json_next(f);
    if (w->canonical && v->duplicate) return KAM_OK;
    if (f->written++) kam__buf_char(w->out, ',');
    if (f->container->type == KAM__J_OBJECT) {
        kam__buf_json_text(w->out, v->key, v->key_len);
        kam__buf_char(w->out, ':');
    }
    return json_put(w, v);
}

static int32_t json_walk(kam_buf *out, const kam__json *v, int canonical, kam_error *err)
{
    json_writer w = {out, err, NULL, 0, 0, canonical};
    int32_t rc = json_put(&w, v);
    while (rc == KAM_OK && w.n && !out->failed) rc = json_step(&w);
    while (w.n) kam__free(out->ctx, (void *)w.frame[--w.n].sorted);
    kam__free(out->ctx, w.frame);
    return rc;
}

int32_t kam__json_canonical(kam_buf *out, const kam__json *v, kam_error *err)
{
    size_t start = out->size;
    KAM__TRY(kam__buf_end(out, err));
    int32_t rc = json_walk(out, v, 1, err);
    if (rc == KAM_OK) rc = kam__buf_end(out, err);
    if (rc == KAM_OK) return KAM_OK;
    out->failed = 0;                        /* as it was: nothing of a refused document stays */
    out->size = start;
    if (out->data) out->data[start] = '\0';
    return rc;
}

void kam__json_write(kam_buf *out, const kam__json *v)
{
    if (!out->failed && json_walk(out, v, 0, NULL) != KAM_OK) out->failed = KAM_E_NOMEM;
}
