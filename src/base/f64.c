/*
 * base/f64.c - doubles and their text: correctly rounded in, shortest round trip out, the same on every machine.
 *
 * Reading: short decimals are one exact product or quotient of two doubles (Clinger 1990); numerals of up to 19
 * digits go through 128-bit integers; all others through a bounded big number whose quotient is taken to 64 bits and
 * a sticky bit, so that there is one rounding, in f64_pack(). More than 770 digits cannot matter but for being
 * there: no halfway point between two doubles has more, so the rest is replaced by one digit 1.
 * Writing: doubles of at most 15 digits are found by one trial in double arithmetic that proves itself; all others
 * by the exact free-format algorithm (Steele & White 1990; Burger & Dybvig 1996) on big numbers.
 * The shortcuts are compiled only where double arithmetic is double arithmetic (FLT_EVAL_METHOD 0); results do not
 * depend on it.
 */
#include <float.h>
#include "base/base.h"

#define F64_DIGITS_MAX 770          /* significant digits looked at when reading */
#define F64_BIG_MAX 128             /* 32-bit limbs: 10^1094 and one more limb need 116 */

/* ----------------------------------------------------------- big numbers: little-endian limbs, no leading zero limb */

typedef struct f64_big { uint32_t n, d[F64_BIG_MAX]; } f64_big;

static void f64_big_set(f64_big *b, uint64_t v) {
    b->n = 0;
    for (; v; v >>= 32) b->d[b->n++] = (uint32_t)v;
}

static void f64_big_mul(f64_big *b, uint32_t m, uint32_t add) {
    uint64_t carry = add;
    for (uint32_t i = 0; i < b->n; i++) {
        carry += (uint64_t)b->d[i] * m;
        b->d[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) b->d[b->n++] = (uint32_t)carry;
}

static void f64_big_shl(f64_big *b, uint32_t bits) {
    uint32_t limbs = bits / 32, s = bits % 32;
    if (b->n == 0) return;
    for (uint32_t i = b->n; i > 0; i--) b->d[i - 1 + limbs] = b->d[i - 1];
    for (uint32_t i = 0; i < limbs; i++) b->d[i] = 0;
    b->n += limbs;
    if (s) f64_big_mul(b, (uint32_t)1 << s, 0);
}

static void f64_big_mul_pow10(f64_big *b, uint32_t k) {
    uint32_t left = k;
    for (; left >= 13; left -= 13) f64_big_mul(b, 1220703125, 0);       /* 5^13 */
    for (; left > 0; left--) f64_big_mul(b, 5, 0);
    f64_big_shl(b, k);
}

static int f64_big_cmp(const f64_big *a, const f64_big *b) {
    if (a->n != b->n) return a->n > b->n ? 1 : -1;
    for (uint32_t i = a->n; i > 0; i--)
        if (a->d[i - 1] != b->d[i - 1]) return a->d[i - 1] > b->d[i - 1] ? 1 : -1;
    return 0;
}

static void f64_big_copy(f64_big *to, const f64_big *from) {
    to->n = from->n;
    memcpy(to->d, from->d, from->n * sizeof from->d[0]);
}

static void f64_big_add(f64_big *a, const f64_big *b) {
    uint64_t carry = 0;
    while (a->n < b->n) a->d[a->n++] = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        carry += (uint64_t)a->d[i] + (i < b->n ? b->d[i] : 0);
        a->d[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) a->d[a->n++] = (uint32_t)carry;
}

/* a -= b * q, where that is not negative */
static void f64_big_sub(f64_big *a, const f64_big *b, uint32_t q) {
    uint64_t carry = 0, borrow = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        carry += i < b->n ? (uint64_t)b->d[i] * q : 0;
        uint64_t t = (uint64_t)a->d[i] - (uint32_t)carry - borrow;
        a->d[i] = (uint32_t)t;
        borrow = t >> 63;
        carry >>= 32;
    }
    while (a->n && a->d[a->n - 1] == 0) a->n--;
}

static uint32_t f64_big_bits(const f64_big *b) {
    return b->n * 32 - (uint32_t)(kam__clz64(b->d[b->n - 1]) - 32);
}

/* r / s where the top bit of s's top limb is set and the quotient is below 2^32; the rest stays in r. The estimate
 * from the top limbs is never too big and at most a few too small. */
static uint32_t f64_big_div(f64_big *r, const f64_big *s) {
    if (r->n < s->n) return 0;
    uint64_t top = r->d[s->n - 1];
    if (r->n > s->n) top |= (uint64_t)r->d[s->n] << 32;
    uint32_t q = (uint32_t)(top / ((uint64_t)s->d[s->n - 1] + 1));
    if (q) f64_big_sub(r, s, q);
    while (f64_big_cmp(r, s) >= 0) {
        f64_big_sub(r, s, 1);
        q++;
    }
    return q;
}

/* ---------------------------------------------------------------- bits of a double */

static uint64_t f64_to_bits(double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static double f64_from_bits(uint64_t bits) {
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* v = f * 2^e for a positive finite v */
static void f64_split(double v, uint64_t *f, int *e) {
    uint64_t bits = f64_to_bits(v), hidden = (uint64_t)1 << 52;
    int biased = (int)(bits >> 52);
    *f = biased ? (bits & (hidden - 1)) | hidden : bits;
    *e = (biased ? biased : 1) - 1075;
}

/* The double nearest to q * 2^exp, ties to even; `sticky`: there is a little more than q, which then has at least 55
 * bits. 1 = overflow */
static int f64_pack(uint64_t q, int sticky, int exp, double *out) {
    int lead = kam__clz64(q);
    q <<= lead;
    exp -= lead;
    int top = exp + 63;                     /* value is in [2^top, 2^(top+1)) */
    if (top > 1023) return 1;
    int drop = top >= -1022 ? 11 : 11 + (-1022 - top);
    if (drop > 64) {                        /* below half of the smallest double */
        *out = 0;
        return 0;
    }
    uint64_t m = drop == 64 ? 0 : q >> drop, half = (uint64_t)1 << (drop - 1), cut = q & (half | (half - 1));
    if (cut > half || (cut == half && (sticky || (m & 1)))) m++;
    uint64_t bits = m + (top >= -1022 ? (uint64_t)(top + 1022) << 52 : 0);      /* a carry runs into the exponent */
    if (bits >> 52 == 0x7FF) return 1;
    *out = f64_from_bits(bits);
    return 0;
}

/* floor of log10(2^p): 1292913986 / 2^32 is log10(2), near enough for every p of a double */
static int f64_log10_pow2(int p) {
    return (int)(((int64_t)p * 1292913986 + ((int64_t)2000 << 32)) >> 32) - 2000;
}

#if FLT_EVAL_METHOD == 0
static const double f64_ten[23] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    1e20, 1e21, 1e22
};

/* m * 10^e; correctly rounded for m < 2^53 and |e| <= 22: both are exact doubles */
static double f64_scaled(double m, int e) {
    return e >= 0 ? m * f64_ten[e] : m / f64_ten[-e];
}

/* v > 0 as r * 10^-p with about `digits` digits (r <= 10^digits); *rest = distance of the scaled v from r. 0 = out
 * of range */
static int f64_short_form(double v, int digits, uint64_t *r, int *p, double *rest) {
    uint64_t f;
    int e;
    f64_split(v, &f, &e);
    *p = digits - 1 - f64_log10_pow2(e + 63 - kam__clz64(f));
    if (*p > 22 || *p < -21) return 0;
    double x = f64_scaled(v, *p);
    if (x >= f64_ten[digits]) x = f64_scaled(v, --*p);
    *r = (uint64_t)(x + 0.5);
    *rest = x - (double)*r;
    return 1;
}
#endif

/* ---------------------------------------------------------------- reading */

/* 0 < m < 2^64 times 10^e, |e| <= 18, in integers; cannot overflow */
static void f64_parse_128(uint64_t m, int e, double *out) {
    int lead = kam__clz64(m);
    uint64_t hi, lo, rest, d, q;
    m <<= lead;
    if (e >= 0) {
        kam__mul128(m, (uint64_t)kam__pow10[e], &hi, &lo);
        if (hi == 0) { f64_pack(lo, 0, -lead, out); return; }
        int s = kam__clz64(hi);
        if (s) hi = hi << s | lo >> (64 - s);
        f64_pack(hi, (lo << s) != 0, 64 - lead - s, out);
        return;
    }
    d = (uint64_t)kam__pow10[-e];
    int shift = kam__clz64(d);
    q = kam__div128(m >> 1, m << 63, d << shift, &rest);        /* m * 2^63 / d, at least 63 bits */
    f64_pack(q, rest != 0, shift - lead - 63, out);
}

/* r / s, both not 0; 1 = overflow */
static int f64_ratio(f64_big *r, f64_big *s, double *out) {
    int shift = (int)f64_big_bits(s) - (int)f64_big_bits(r);
    if (shift >= 0) f64_big_shl(r, (uint32_t)shift);
    else f64_big_shl(s, (uint32_t)-shift);
    if (f64_big_cmp(r, s) >= 0) {
        f64_big_shl(s, 1);
        shift--;
    }
    uint32_t norm = s->n * 32 - f64_big_bits(s);            /* now 1/2 <= r/s < 1: the quotient has 64 bits */
    f64_big_shl(r, norm);
    f64_big_shl(s, norm);
    uint64_t q = 0;
    for (int i = 0; i < 2; i++) {
        f64_big_shl(r, 32);
        q = q << 32 | f64_big_div(r, s);
    }
    return f64_pack(q, r->n != 0, -shift - 64, out);
}

/* Any numeral whose value is in the range of doubles, give or take a few decimal places */
static int f64_parse_big(const kam__numeral *m, double *out) {
    f64_big r, s;
    size_t take = m->n > F64_DIGITS_MAX ? F64_DIGITS_MAX : m->n;
    int64_t exp = m->exp + (int64_t)(m->n - take);
    const char *p = m->digits;
    f64_big_set(&r, 0);
    f64_big_set(&s, 1);
    for (size_t i = 0; i < take; p++) {
        if (*p == '.') continue;
        f64_big_mul(&r, 10, (uint32_t)(*p - '0'));
        i++;
    }
    if (take < m->n) {
        f64_big_mul(&r, 10, 1);
        exp--;
    }
    f64_big_mul_pow10(exp >= 0 ? &r : &s, (uint32_t)(exp >= 0 ? exp : -exp));
    return f64_ratio(&r, &s, out);
}

/* 1 = overflow */
static int f64_from_numeral(const kam__numeral *m, double *out) {
    uint64_t mag = 0;
    int64_t places = (int64_t)m->n + m->exp;            /* 10^(places-1) <= value < 10^places */
    *out = 0;
    if (m->n == 0 || places < -323) return 0;
    if (places > 309) return 1;
    if (m->n > 19 || m->exp > 22 || m->exp < -22) return f64_parse_big(m, out);
    size_t i = 0;
    for (const char *p = m->digits; i < m->n; p++)
        if (*p != '.') { mag = mag * 10 + (uint64_t)(*p - '0'); i++; }
#if FLT_EVAL_METHOD == 0
    if (mag >> 53 == 0) {
        *out = f64_scaled((double)mag, (int)m->exp);
        return 0;
    }
#endif
    if (m->exp > 18 || m->exp < -18) return f64_parse_big(m, out);
    f64_parse_128(mag, (int)m->exp, out);
    return 0;
}

int32_t kam__f64_parse(double *out, const char *text, size_t len, kam_error *err) {
    kam__numeral m;
    double v;
    char q[48];
    if (len == KAM_NUL) len = strlen(text);
    if (kam__numeral_read(&m, text, len))
        return kam__fail(err, KAM_E_PARSE, "\"%s\" is no number; write it like -12.5 or 1e6", kam__clip(q, text, len));
    if (f64_from_numeral(&m, &v))
        return kam__fail(err, KAM_E_LIMIT, "\"%s\" is too big for a double; the largest is 1.7976931348623157e308",
                         kam__clip(q, text, len));
    *out = m.neg ? -v : v;
    return KAM_OK;
}

/* ---------------------------------------------------------------- writing: digits */

/* 0.d1d2...dn * 10^exp, d1 and dn not '0' */
typedef struct f64_decimal { char d[24]; int n, exp; } f64_decimal;

static void f64_decimal_strip(f64_decimal *t) {
    while (t->n > 1 && t->d[t->n - 1] == '0') t->n--;
}

#if FLT_EVAL_METHOD == 0
/* r > 0 times 10^-p */
static void f64_decimal_set(f64_decimal *t, uint64_t r, int p) {
    char back[24];
    int n = 0;
    for (; r; r /= 10) back[n++] = (char)('0' + r % 10);
    for (int i = 0; i < n; i++) t->d[i] = back[n - 1 - i];
    t->n = n;
    t->exp = n - p;
    f64_decimal_strip(t);
}
#endif

/* The exact setting of both writers: v = r/s * 10^(t->exp) with r/s about in [0.1, 1), and m = the distance to the
 * boundary below v in the same measure; the one above is `wide` + 1 times as far. */
typedef struct f64_exact { f64_big r, s, m; int wide, even; } f64_exact;

static void f64_exact_start(f64_exact *x, double v, int *k) {
    uint64_t f;
    int e;
    f64_split(v, &f, &e);
    x->wide = f == (uint64_t)1 << 52 && e > -1074;      /* the doubles below v lie twice as close */
    x->even = !(f & 1);
    uint32_t up = x->wide ? 2 : 1;
    f64_big_set(&x->r, f);
    f64_big_set(&x->s, 1);
    f64_big_set(&x->m, 1);
    f64_big_shl(&x->r, up + (e > 0 ? (uint32_t)e : 0));
    f64_big_shl(&x->m, e > 0 ? (uint32_t)e : 0);
    f64_big_shl(&x->s, up + (e < 0 ? (uint32_t)-e : 0));
    *k = f64_log10_pow2(e + 63 - kam__clz64(f)) + 1;        /* right, or one too small */
    if (*k >= 0) f64_big_mul_pow10(&x->s, (uint32_t)*k);
    else {
        f64_big_mul_pow10(&x->r, (uint32_t)-*k);
        f64_big_mul_pow10(&x->m, (uint32_t)-*k);
    }
}

/* Makes room for the quotient estimate of f64_big_div; s is final */
static void f64_exact_normalise(f64_exact *x) {
    uint32_t norm = x->s.n * 32 - f64_big_bits(&x->s);
    f64_big_shl(&x->r, norm);
    f64_big_shl(&x->s, norm);
    f64_big_shl(&x->m, norm);
}

/* sign of (r + upper distance - s) */
static int f64_exact_above(const f64_exact *x) {
    f64_big t;
    f64_big_copy(&t, &x->r);
    f64_big_add(&t, &x->m);
    if (x->wide) f64_big_add(&t, &x->m);
    return f64_big_cmp(&t, &x->s);
}

/* sign of (2r - s) */
static int f64_exact_half(f64_exact *x) {
    f64_big_shl(&x->r, 1);
    return f64_big_cmp(&x->r, &x->s);
}

/* The shortest digits between the boundaries of v; among those the nearest to v, a tie to the even digit */
static void f64_shortest_digits(f64_decimal *t, double v) {
    f64_exact x;
    f64_exact_start(&x, v, &t->exp);
    if (f64_exact_above(&x) >= (x.even ? 0 : 1)) {
        f64_big_mul(&x.s, 10, 0);
        t->exp++;
    }
    f64_exact_normalise(&x);
    for (t->n = 0;;) {
        f64_big_mul(&x.r, 10, 0);
        f64_big_mul(&x.m, 10, 0);
        uint32_t digit = f64_big_div(&x.r, &x.s);
        int low = f64_big_cmp(&x.r, &x.m) <= (x.even ? 0 : -1);         /* cutting here stays inside */
        int high = f64_exact_above(&x) >= (x.even ? 0 : 1);             /* so does one up */
        if (low || high) {
            int half = low && high ? f64_exact_half(&x) : high ? 1 : -1;
            if (half > 0 || (half == 0 && (digit & 1))) digit++;
            t->d[t->n++] = (char)('0' + digit);
            return;
        }
        t->d[t->n++] = (char)('0' + digit);
    }
}

static void f64_make_digits(f64_decimal *t, double v) {
#if FLT_EVAL_METHOD == 0
    uint64_t r;
    int p;
    double rest;
    /* Two decimals of at most 15 digits never share a double: if r reads back as v, it is the one shortest form. */
    if (f64_short_form(v, 15, &r, &p, &rest) && f64_scaled((double)r, -p) == v) {
        f64_decimal_set(t, r, p);
        return;
    }
#endif
    f64_shortest_digits(t, v);
}

/* One up in the last place */
static void f64_decimal_round_up(f64_decimal *t) {
    while (t->n > 0 && t->d[t->n - 1] == '9') t->n--;
    if (t->n == 0) {
        t->d[t->n++] = '1';
        t->exp++;
    } else t->d[t->n - 1]++;
}

/* v rounded to `digits` digits, half even, by its exact value */
static void f64_rounded_digits(f64_decimal *t, double v, int digits) {
    f64_exact x;
    f64_exact_start(&x, v, &t->exp);
    if (f64_big_cmp(&x.r, &x.s) >= 0) {
        f64_big_mul(&x.s, 10, 0);
        t->exp++;
    }
    f64_exact_normalise(&x);
    for (t->n = 0; t->n < digits; t->n++) {
        f64_big_mul(&x.r, 10, 0);
        t->d[t->n] = (char)('0' + f64_big_div(&x.r, &x.s));
    }
    int half = f64_exact_half(&x);
    if (half > 0 || (half == 0 && (t->d[t->n - 1] & 1))) f64_decimal_round_up(t);       /* '0' is even */
    f64_decimal_strip(t);
}

/* ---------------------------------------------------------------- writing: text */

static size_t f64_put_plain(char *out, const f64_decimal *t) {
    size_t len = 0;
    if (t->exp <= 0) {
        out[len++] = '0';
        out[len++] = '.';
        for (int i = t->exp; i < 0; i++) out[len++] = '0';
    }
    for (int i = 0; i < t->n; i++) {
        if (i > 0 && i == t->exp) out[len++] = '.';
        out[len++] = t->d[i];
    }
    for (int i = t->n; i < t->exp; i++) out[len++] = '0';
    return len;
}

static size_t f64_put_exponent(char *out, const f64_decimal *t) {
    size_t len = 0;
    char text[24];
    out[len++] = t->d[0];
    if (t->n > 1) out[len++] = '.';
    for (int i = 1; i < t->n; i++) out[len++] = t->d[i];
    out[len++] = 'e';
    if (t->exp > 0) out[len++] = '+';
    size_t n = kam__i64_format(text, t->exp - 1);
    memcpy(out + len, text, n);
    return len + n;
}

/* Not finite: 3 letters that no reader takes for a number; callers keep such values out */
static size_t f64_put_special(char out[32], double v) {
    const char *name = v != v ? "nan" : v < 0 ? "-inf" : "inf";
    size_t len = strlen(name);
    memcpy(out, name, len + 1);
    return len;
}

static int f64_is_finite(double v) {
    return (f64_to_bits(v) >> 52 & 0x7FF) != 0x7FF;
}

size_t kam__f64_format(char out[32], double v) {
    f64_decimal t = { { 0 }, 0, 0 };
    size_t len = 0;
    if (!f64_is_finite(v)) return f64_put_special(out, v);
    if (f64_to_bits(v) >> 63) {
        out[len++] = '-';
        v = -v;
    }
    if (v == 0) out[len++] = '0';
    else {
        f64_make_digits(&t, v);
        len += t.exp > -4 && t.exp <= 21 ? f64_put_plain(out + len, &t) : f64_put_exponent(out + len, &t);
    }
    out[len] = 0;
    return len;
}

double kam__f64_round_sig(double v, int digits) {
    f64_decimal t;
    double mag = v < 0 ? -v : v, r;
    if (v == 0 || !f64_is_finite(v)) return v;
    digits = digits < 1 ? 1 : digits > 17 ? 17 : digits;
#if FLT_EVAL_METHOD == 0
    uint64_t n;
    int p;
    double rest;
    /* Safe unless close to a tie: up to 12 digits the scaled value is off by less than 0.001. */
    if (digits <= 12 && f64_short_form(mag, digits, &n, &p, &rest) && (rest < 0 ? -rest : rest) < 0.499) {
        r = f64_scaled((double)n, -p);
        return v < 0 ? -r : r;
    }
#endif
    f64_rounded_digits(&t, mag, digits);
    kam__numeral m = { 0, t.d, (size_t)t.n, t.exp - t.n, 0 };
    if (f64_from_numeral(&m, &r)) return v;       /* up beyond the largest double: stays as it is */
    return v < 0 ? -r : r;
}

size_t kam__f64_format_sig(char out[32], double v, int digits) {
    return kam__f64_format(out, kam__f64_round_sig(v, digits));
}
