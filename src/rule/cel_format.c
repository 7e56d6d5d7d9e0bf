/*
 * rule/cel_format.c - "%d of %s".format([...]).
 *
 * Clauses: %s any value, %d whole numbers (and what is not finite), %f %e with a precision, %b %o %x %X in other bases;
 * %x also of text and bytes. Fixed digits come from the exact value of the double, a big number in base 10^9, rounded
 * half to even once.
 */
#include "cel_fn.h"

/* ---------------------------------------------------------------- exact digits */

#define FMT_LIMBS 90u                               /* 10^9 each: 767 digits of m * 5^1074, and 309 before the point */
typedef struct fmt_big { uint32_t n, d[FMT_LIMBS]; } fmt_big;

static void cel_fmt_mul(fmt_big *b, uint32_t m) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        carry += (uint64_t)b->d[i] * m;
        b->d[i] = (uint32_t)(carry % 1000000000);
        carry /= 1000000000;
    }
    if (carry && b->n < FMT_LIMBS) b->d[b->n++] = (uint32_t)carry;
}

/* Digits of a positive finite double: out (1,100 bytes) without zeros in front; value = 0.digits * 10^*point. */
static uint32_t cel_fmt_digits(char *out, double v, int32_t *point) {
    fmt_big b = {0, {0}};
    uint64_t bits, m;
    uint32_t n = 0;
    memcpy(&bits, &v, sizeof bits);
    int e = (int)(bits >> 52 & 0x7FF);
    m = (bits & (((uint64_t)1 << 52) - 1)) | (e ? (uint64_t)1 << 52 : 0);
    e = (e ? e : 1) - 1075;
    for (; e < 0 && m && !(m & 1); e++) m >>= 1;
    for (; m; m /= 1000000000) b.d[b.n++] = (uint32_t)(m % 1000000000);
    for (int left = e; left > 0; left -= 29) cel_fmt_mul(&b, (uint32_t)1 << (left > 29 ? 29 : left));
    for (int left = -e; left > 0; left -= 12) {     /* m / 2^k = m * 5^k / 10^k; a factor is below 10^9 */
        uint32_t five = 1;
        for (int k = 0; k < 12 && k < left; k++) five *= 5;
        cel_fmt_mul(&b, five);
    }
    for (uint32_t i = b.n; i > 0; i--) {
        uint32_t unit = 100000000, limb = b.d[i - 1];
        for (; unit; unit /= 10) if (n || limb / unit % 10) out[n++] = (char)('0' + limb / unit % 10);
    }
    *point = (int32_t)n + (e < 0 ? e : 0);
    return n;
}

/* Keeps `keep` digits (may be <= 0), rounded half to even by what follows. */
static uint32_t cel_fmt_round(char *d, uint32_t n, int64_t keep, int32_t *point) {
    if (keep >= (int64_t)n) return n;
    if (keep < 0) return 0;
    uint32_t k = (uint32_t)keep;
    int up = d[k] > '5';
    if (d[k] == '5') {
        for (uint32_t i = k + 1; i < n; i++) up |= d[i] != '0';
        up |= k > 0 && (d[k - 1] & 1);
    }
    if (!up) return k;
    while (k > 0 && d[k - 1] == '9') d[--k] = '0';
    if (k > 0) d[k - 1]++;
    else {                                          /* 999 -> 1000: one digit more before the point */
        d[0] = '1';
        for (uint32_t i = 1; i <= (uint32_t)keep; i++) d[i] = '0';
        ++*point;
        return (uint32_t)keep + 1;
    }
    return (uint32_t)keep;
}

static size_t cel_fmt_exponent(char *out, int32_t e) {
    size_t n = 0;
    out[n++] = 'e';
    out[n++] = e < 0 ? '-' : '+';
    if (e < 0) e = -e;
    if (e >= 100) out[n++] = (char)('0' + e / 100);
    out[n++] = (char)('0' + e / 10 % 10);
    out[n++] = (char)('0' + e % 10);
    return n;
}

size_t kam__cel_fixed_put(char *out, size_t room, double v, uint32_t digits, int exponent) {
    char d[1200];
    int32_t point = 0;
    size_t n = 0;
    uint64_t bits;
    if (!(v - v == 0)) return room < 32 ? 0 : kam__cel_double_put(out, v);
    if (room < 400 || digits > room - 400) return 0;
    memcpy(&bits, &v, sizeof bits);
    if (bits >> 63) { out[n++] = '-'; v = -v; }
    uint32_t have = v > 0 ? cel_fmt_digits(d, v, &point) : 0;
    if (!have && exponent) point = 1;
    have = cel_fmt_round(d, have, (exponent ? 1 : point) + (int64_t)digits, &point);
    int32_t before = exponent ? 1 : point;          /* digits before the point */
    if (before <= 0) out[n++] = '0';
    for (int32_t i = 0; i < before; i++) out[n++] = i < (int32_t)have ? d[i] : '0';
    if (digits) out[n++] = '.';
    for (uint32_t i = 0; i < digits; i++) {
        int64_t at = (int64_t)before + i;
        out[n++] = at >= 0 && at < (int64_t)have ? d[at] : '0';
    }
    if (exponent) n += cel_fmt_exponent(out + n, point - 1);
    return n;
}

/* ---------------------------------------------------------------- text under construction */

typedef struct cel_fmt { cel_run *run; kam__cel *out; char *data; uint32_t n, cap; int failed; } cel_fmt;

static void cel_fmt_put(cel_fmt *f, const char *s, size_t n) {
    if (f->failed) return;
    if (n > f->cap - f->n) {
        uint64_t cap = (uint64_t)f->cap * 2 + n;
        char *more = cap > UINT32_MAX / 2 ? NULL : kam__cel_alloc(f->run, f->out, cap);
        f->failed = !more;
        if (f->failed) { if (cap > UINT32_MAX / 2) kam__cel_overflow(f->run, f->out, "a length"); return; }
        if (f->n) memcpy(more, f->data, f->n);
        f->data = more;
        f->cap = (uint32_t)cap;
    }
    if (n) memcpy(f->data + f->n, s, n);
    f->n += (uint32_t)n;
}

static void cel_fmt_str(cel_fmt *f, const char *s) { cel_fmt_put(f, s, strlen(s)); }

static void cel_fmt_bad(cel_fmt *f, const char *clause, const kam__cel *v) {
    if (f->failed) return;
    f->failed = 1;
    kam__cel_raise(f->run, f->out, "error during formatting: %s does not take %s", clause, kam__cel_tag_name(v));
}

/* ---------------------------------------------------------------- %s */

static void cel_fmt_value(cel_fmt *f, const kam__cel *v);

/* The places of a map's entries in the order of their keys' text. */
static uint32_t *cel_fmt_sorted(cel_fmt *f, const kam__cel_map *m, kam__cel *keys) {
    uint32_t *at = kam__cel_alloc(f->run, f->out, (uint64_t)m->n * sizeof *at);
    if (!at || !kam__cel_charge(f->run, f->out, (uint64_t)m->n * m->n / 4)) { f->failed = 1; return NULL; }
    for (uint32_t i = 0; i < m->n; i++) {
        uint32_t k = i;
        for (; k > 0 && kam__cel_order(&keys[at[k - 1]], &keys[i]) > 0; k--) at[k] = at[k - 1];
        at[k] = i;
    }
    return at;
}

static void cel_fmt_map(cel_fmt *f, const kam__cel_map *m) {
    kam__cel *keys = kam__cel_alloc(f->run, f->out, (uint64_t)m->n * sizeof *keys);
    uint32_t *at;
    if (!keys) { f->failed = 1; return; }
    for (uint32_t i = 0; i < m->n; i++)
        if (!kam__cel_to_text(f->run, &keys[i], &m->kv[2 * i])) { *f->out = keys[i]; f->failed = 1; return; }
    if (!(at = cel_fmt_sorted(f, m, keys))) return;
    cel_fmt_str(f, "{");
    for (uint32_t i = 0; i < m->n; i++) {
        if (i) cel_fmt_str(f, ", ");
        cel_fmt_put(f, keys[at[i]].v.s, keys[at[i]].n);
        cel_fmt_str(f, ": ");
        cel_fmt_value(f, &m->kv[2 * at[i] + 1]);
    }
    cel_fmt_str(f, "}");
}

/* The shortest digits that give the double again, never with an exponent. */
static void cel_fmt_plain(cel_fmt *f, double v) {
    char text[32], digits[32];
    size_t n = kam__cel_double_put(text, v), have = 0;
    const char *e = memchr(text, 'e', n);
    if (!e) { cel_fmt_put(f, text, n); return; }
    int exponent = 0, minus = e[1] == '-';
    for (const char *p = e + 1; p < text + n; p++)
        if (*p >= '0' && *p <= '9') exponent = exponent * 10 + (*p - '0');
    for (const char *p = text; p < e; p++)
        if (*p >= '0' && *p <= '9') digits[have++] = *p;
    if (*text == '-') cel_fmt_str(f, "-");
    if (minus) cel_fmt_str(f, "0.");
    for (int i = 1; i < exponent && minus; i++) cel_fmt_str(f, "0");
    cel_fmt_put(f, digits, have);
    for (int i = (int)have; i <= exponent && !minus; i++) cel_fmt_str(f, "0");
}

static void cel_fmt_value(cel_fmt *f, const kam__cel *v) {
    kam__cel text;
    if (f->failed || !kam__cel_charge(f->run, f->out, 1)) { f->failed = 1; return; }
    if (v->t == KAM__CEL_DOUBLE) { cel_fmt_plain(f, v->v.f); return; }
    if (v->t == KAM__CEL_MAP) { cel_fmt_map(f, v->v.map); return; }
    if (v->t == KAM__CEL_OPTIONAL) { cel_fmt_bad(f, "%s", v); return; }
    if (v->t != KAM__CEL_LIST) {
        if (kam__cel_to_text(f->run, &text, v)) cel_fmt_put(f, text.v.s, text.n);
        else { *f->out = text; f->failed = 1; }
        return;
    }
    cel_fmt_str(f, "[");
    for (uint32_t i = 0; i < v->n && !f->failed; i++) {
        if (i) cel_fmt_str(f, ", ");
        cel_fmt_value(f, &v->v.list[i]);
    }
    cel_fmt_str(f, "]");
}

/* ---------------------------------------------------------------- numbers */

static void cel_fmt_base(cel_fmt *f, const kam__cel *v, uint32_t base, int upper) {
    char back[66], text[66];
    size_t n = 0, len = 0;
    int minus = v->t == KAM__CEL_INT && v->v.i < 0;
    uint64_t u = minus ? 0 - (uint64_t)v->v.i : v->v.u;
    do back[n++] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[u % base]; while (u /= base);
    if (minus) text[len++] = '-';
    while (n) text[len++] = back[--n];
    cel_fmt_put(f, text, len);
}

static void cel_fmt_hex(cel_fmt *f, const kam__cel *v, int upper) {
    const char *digit = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    if (v->t == KAM__CEL_INT || v->t == KAM__CEL_UINT) { cel_fmt_base(f, v, 16, upper); return; }
    if (v->t != KAM__CEL_STRING && v->t != KAM__CEL_BYTES) { cel_fmt_bad(f, "%x", v); return; }
    for (uint32_t i = 0; i < v->n && !f->failed; i++) {
        unsigned char c = (unsigned char)v->v.s[i];
        char two[2] = {digit[c >> 4], digit[c & 15]};
        cel_fmt_put(f, two, 2);
    }
}

static void cel_fmt_whole(cel_fmt *f, const kam__cel *v) {
    if (v->t == KAM__CEL_INT || v->t == KAM__CEL_UINT || v->t == KAM__CEL_DECIMAL ||
        v->t == KAM__CEL_DOUBLE) cel_fmt_value(f, v);
    else cel_fmt_bad(f, "%d", v);
}

static void cel_fmt_double(cel_fmt *f, const kam__cel *v, uint32_t digits, int exponent) {
    char text[1500], dec[48];
    double d = v->t == KAM__CEL_DOUBLE ? v->v.f : v->t == KAM__CEL_INT ? (double)v->v.i : (double)v->v.u;
    if (v->t == KAM__CEL_DECIMAL) kam__f64_parse(&d, dec, kam__dec_format(dec, v->v.i, v->n), NULL);
    else if (v->t != KAM__CEL_DOUBLE && v->t != KAM__CEL_INT && v->t != KAM__CEL_UINT) { cel_fmt_bad(f, exponent
        ? "%e" : "%f", v); return; }
    cel_fmt_put(f, text, kam__cel_fixed_put(text, sizeof text, d, digits, exponent));
}

static void cel_fmt_clause(cel_fmt *f, char c, const kam__cel *v, uint32_t digits) {
    int whole = v->t == KAM__CEL_INT || v->t == KAM__CEL_UINT;
    switch (c) {
    case 's': cel_fmt_value(f, v); return;
    case 'd': cel_fmt_whole(f, v); return;
    case 'f': case 'e': cel_fmt_double(f, v, digits, c == 'e'); return;
    case 'x': case 'X': cel_fmt_hex(f, v, c == 'X'); return;
    case 'o': if (whole) cel_fmt_base(f, v, 8, 0); else cel_fmt_bad(f, "%o", v); return;
    default: if (whole || v->t == KAM__CEL_BOOL) cel_fmt_base(f, v, 2, 0); else cel_fmt_bad(f, "%b", v); return;
    }
}

/* ".3" at *at; 0 = raised. */
static int cel_fmt_precision(cel_fmt *f, const kam__cel *s, uint32_t *at, uint32_t *digits) {
    uint32_t from = *at + 1;
    *digits = 6;
    if (*at >= s->n || s->v.s[*at] != '.') return 1;
    *digits = 0;
    for (*at = from; *at < s->n && s->v.s[*at] >= '0' && s->v.s[*at] <= '9' && *digits <= 1000; ++*at)
        *digits = *digits * 10 + (uint32_t)(s->v.s[*at] - '0');
    if (*digits <= 1000 && *at > from) return 1;
    kam__cel_raise(f->run, f->out, "could not parse formatting clause: a precision is a number up to 1000");
    return 0;
}

void kam__cel_format(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    cel_fmt f = {run, out, NULL, 0, 0, 0};
    const kam__cel *s = &arg[0], *list = &arg[1];
    uint32_t used = 0, digits;
    (void)n;
    for (uint32_t at = 0; at < s->n && !f.failed;) {
        const char *p = memchr(s->v.s + at, '%', s->n - at);
        uint32_t stop = p ? (uint32_t)(p - s->v.s) : s->n;
        cel_fmt_put(&f, s->v.s + at, stop - at);
        at = stop + 1;
        if (f.failed || stop == s->n) break;
        if (at < s->n && s->v.s[at] == '%') { cel_fmt_str(&f, "%"); at++; continue; }
        if (!cel_fmt_precision(&f, s, &at, &digits)) return;
        char c = at < s->n ? s->v.s[at++] : '\0';
        if (!c || !strchr("sdfexXob", c)) {
            kam__cel_raise(run, out, "could not parse formatting clause: write %%s %%d %%f %%e %%b %%o %%x");
            return;
        }
        if (used >= list->n) { kam__cel_raise(run, out, "index %u out of range: more clauses than values",
                                              (unsigned)used); return; }
        cel_fmt_clause(&f, c, &list->v.list[used++], digits);
    }
    if (!f.failed) *out = kam__cel_text(f.data ? f.data : "", f.n);
}
