/*
 * base/num.c - whole numbers, decimals and their text, without the locale.
 *
 * A decimal is an int64 and a scale. Products and quotients go through 128 bits held in two uint64 halves
 * (schoolbook product of 32-bit halves; division by Knuth, TAOCP volume 2, algorithm D, with two digits), because
 * 32-bit compilers have no wider type. Sign and magnitude are kept apart, so rounding is written once: HALF_EVEN to
 * the nearest, a tie to the even last digit; HALF_AWAY to the nearest, a tie away from zero; DOWN towards zero;
 * EXACT refuses a rest.
 *
 * kam__numeral_read() is the one scanner of number text; decimals (here) and doubles (f64.c) start from its result.
 */
#include "base/base.h"

#define NUM_I64_MIN_MAG ((uint64_t)1 << 63)

const int64_t kam__pow10[19] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
    10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000
};

/* ---------------------------------------------------------------- 128 bits in two halves */

void kam__mul128(uint64_t a, uint64_t b, uint64_t *hi, uint64_t *lo) {
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t low = al * bl, mid1 = ah * bl + (low >> 32), mid2 = al * bh + (uint32_t)mid1;
    *hi = ah * bh + (mid1 >> 32) + (mid2 >> 32);
    *lo = mid2 << 32 | (uint32_t)low;
}

int kam__clz64(uint64_t v) {
    int n = 0;
    if (v == 0) return 64;
    for (int step = 32; step; step >>= 1)
        if (v >> (64 - step) == 0) { v <<= step; n += step; }
    return n;
}

/* One 32-bit digit of a quotient: *hi:next / d, with the top bit of d set and *hi < d; the rest stays in *hi. */
static uint64_t num_div_digit(uint64_t *hi, uint64_t next, uint64_t d) {
    uint64_t dh = d >> 32, dl = (uint32_t)d, q = *hi / dh, r = *hi % dh;
    while (q >> 32 || q * dl > (r << 32 | next)) {
        q--;
        r += dh;
        if (r >> 32) break;
    }
    *hi = (*hi << 32 | next) - q * d;       /* exact modulo 2^64 */
    return q;
}

uint64_t kam__div128(uint64_t hi, uint64_t lo, uint64_t d, uint64_t *rest) {
    if (hi == 0) {
        *rest = lo % d;
        return lo / d;
    }
    int s = kam__clz64(d);
    if (s) {
        d <<= s;
        hi = hi << s | lo >> (64 - s);
        lo <<= s;
    }
    uint64_t q1 = num_div_digit(&hi, lo >> 32, d), q0 = num_div_digit(&hi, (uint32_t)lo, d);
    *rest = hi >> s;
    return q1 << 32 | q0;
}

/* ---------------------------------------------------------------- checked int64 */

static uint64_t num_magnitude(int64_t v) {
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

/* 1 = does not fit */
static int num_with_sign(int neg, uint64_t mag, int64_t *out) {
    if (mag > (neg ? NUM_I64_MIN_MAG : NUM_I64_MIN_MAG - 1)) return 1;
    if (!neg) *out = (int64_t)mag;
    else *out = mag == NUM_I64_MIN_MAG ? INT64_MIN : -(int64_t)mag;
    return 0;
}

int kam__add(int64_t a, int64_t b, int64_t *out) {
    if (b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b) return 1;
    *out = a + b;
    return 0;
}

int kam__mul(int64_t a, int64_t b, int64_t *out) {
    uint64_t hi, lo;
    kam__mul128(num_magnitude(a), num_magnitude(b), &hi, &lo);
    return hi ? 1 : num_with_sign((a < 0) != (b < 0), lo, out);
}

/* Whether a quotient whose last digit has the parity `odd` goes one up; how = sign of (rest - half), rest says there
 * is one. 1 up, 0 stay, -1 refused. */
static int num_rounds_up(int rounding, int rest, int how, int odd) {
    if (!rest) return 0;
    switch (rounding) {
    case KAM__HALF_EVEN: return how > 0 || (how == 0 && odd);
    case KAM__HALF_AWAY: return how >= 0;
    case KAM__DOWN: return 0;
    default: return -1;
    }
}

/* (hi:lo) / d with sign, rounded; 1 = does not fit or refused */
static int num_div_round(int neg, uint64_t hi, uint64_t lo, uint64_t d, int rounding, int64_t *out) {
    uint64_t rest;
    if (hi >= d) return 1;
    uint64_t q = kam__div128(hi, lo, d, &rest);
    int how = rest > d - rest ? 1 : rest == d - rest ? 0 : -1;
    int up = num_rounds_up(rounding, rest != 0, how, (int)(q & 1));
    if (up < 0 || (up && q == UINT64_MAX)) return 1;
    return num_with_sign(neg, q + (uint64_t)up, out);
}

int kam__muldiv(int64_t a, int64_t b, int64_t div, int rounding, int64_t *out) {
    uint64_t hi, lo;
    if (div <= 0) return 1;
    kam__mul128(num_magnitude(a), num_magnitude(b), &hi, &lo);
    return num_div_round((a < 0) != (b < 0), hi, lo, (uint64_t)div, rounding, out);
}

int kam__rescale(int64_t v, uint32_t from, uint32_t to, int rounding, int64_t *out) {
    if (v == 0 || from == to) {
        *out = v;
        return 0;
    }
    if (to > from) return to - from > 18 ? 1 : kam__mul(v, kam__pow10[to - from], out);
    uint32_t down = from - to;
    if (down <= 19)     /* 10^19 still fits an uint64, and half of it an int64: it can round to 1 */
        return num_div_round(v < 0, 0, num_magnitude(v), (uint64_t)kam__pow10[down - 1] * 10, rounding, out);
    if (rounding == KAM__EXACT) return 1;
    *out = 0;
    return 0;
}

int kam__cmp_products(int64_t a, int64_t b, int64_t c, int64_t d) {
    uint64_t h1, l1, h2, l2;
    kam__mul128(num_magnitude(a), num_magnitude(b), &h1, &l1);
    kam__mul128(num_magnitude(c), num_magnitude(d), &h2, &l2);
    int neg1 = (h1 | l1) && (a < 0) != (b < 0), neg2 = (h2 | l2) && (c < 0) != (d < 0);
    if (neg1 != neg2) return neg1 ? -1 : 1;
    int cmp = h1 != h2 ? (h1 > h2 ? 1 : -1) : (l1 > l2) - (l1 < l2);
    return neg1 ? -cmp : cmp;
}

/* ---------------------------------------------------------------- sums in 128 bits */

void kam__sum_add(kam__sum *s, int64_t v) {
    uint64_t old = s->lo;
    s->lo += (uint64_t)v;
    s->hi += (v < 0 ? -1 : 0) + (s->lo < old ? 1 : 0);
}

int kam__sum_get(const kam__sum *s, int64_t *out) {
    int neg = s->hi < 0;
    if (s->hi != (neg ? -1 : 0)) return 1;
    if (neg && s->lo == 0) return 1;        /* -2^64 */
    return num_with_sign(neg, neg ? 0 - s->lo : s->lo, out);
}

double kam__sum_f64(const kam__sum *s) {
    int neg = s->hi < 0;
    uint64_t hi = (uint64_t)s->hi, lo = s->lo;
    if (neg) {
        hi = ~hi + (lo == 0);
        lo = 0 - lo;
    }
    double scale = 1;
    if (hi) {       /* the top 64 bits, what falls off kept as one sticky bit: the conversion below rounds once */
        int sh = kam__clz64(hi);
        uint64_t top = sh ? hi << sh | lo >> (64 - sh) : hi, off = lo << sh;
        lo = top | (off != 0);
        for (int i = sh; i < 64; i++) scale *= 2;
    }
    double v = (double)lo * scale;
    return neg ? -v : v;
}

int kam__sum_cmp(const kam__sum *a, const kam__sum *b) {
    if (a->hi != b->hi) return a->hi > b->hi ? 1 : -1;
    return (a->lo > b->lo) - (a->lo < b->lo);
}

/* ---------------------------------------------------------------- reading text */

const char *kam__clip(char out[48], const char *text, size_t len) {
    size_t n = len > 40 ? 40 : len, bad;
    if (!kam__utf8_valid(text, n, &bad)) n = bad;
    for (size_t i = 0; i < n; i++) out[i] = (unsigned char)text[i] < 32 ? ' ' : text[i];
    memcpy(out + n, n < len ? "..." : "", n < len ? 4 : 1);
    return out;
}

static int num_is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The exponent at text ("e-12"), all of it; held at 10^12, beyond any text's own digits. 1 = not an exponent. */
static int num_read_exponent(int64_t *out, const char *text, size_t len) {
    size_t i = 1;
    int64_t v = 0;
    int neg = i < len && text[i] == '-';
    if (i < len && (text[i] == '-' || text[i] == '+')) i++;
    if (i == len) return 1;
    for (; i < len; i++) {
        if (!num_is_digit(text[i])) return 1;
        if (v < kam__pow10[11]) v = v * 10 + (text[i] - '0');
    }
    *out = neg ? -v : v;
    return 0;
}

int kam__numeral_read(kam__numeral *out, const char *text, size_t len) {
    kam__numeral r = { 0, NULL, 0, 0, 0 };
    size_t i = 0, seen = 0, zeros = 0;
    int point = 0;
    int64_t fraction = 0, exponent = 0;
    if (len && (text[0] == '-' || text[0] == '+')) r.neg = text[i++] == '-';
    for (; i < len; i++) {
        if (text[i] == '.' && !point) { point = 1; continue; }
        if (!num_is_digit(text[i])) break;
        seen++;
        fraction += point;
        if (text[i] != '0' && !r.digits) r.digits = text + i;
        if (r.digits) r.n++;
        zeros = text[i] == '0' ? zeros + 1 : 0;
    }
    if (!seen) return 1;
    if (i < len && ((text[i] != 'e' && text[i] != 'E') || num_read_exponent(&exponent, text + i, len - i))) return 1;
    if (r.n) {
        r.n -= zeros;
        r.exp = exponent - fraction + (int64_t)zeros;
    }
    r.decimals = fraction > exponent ? fraction - exponent : 0;
    *out = r;
    return 0;
}

int32_t kam__i64_parse(int64_t *out, const char *text, size_t len, kam_error *err) {
    char q[48];
    if (len == KAM_NUL) len = strlen(text);
    size_t i = len && (text[0] == '-' || text[0] == '+');
    uint64_t v = 0;
    int big = 0, bad = i == len;
    for (; i < len; i++) {
        if (!num_is_digit(text[i])) { bad = 1; break; }
        if (v > UINT64_MAX / 10 - 1) big = 1;
        else v = v * 10 + (uint64_t)(text[i] - '0');
    }
    if (bad)
        return kam__fail(err, KAM_E_PARSE, "\"%s\" is no whole number; write digits only, like -42",
                         kam__clip(q, text, len));
    if (big || num_with_sign(text[0] == '-', v, out))
        return kam__fail(err, KAM_E_LIMIT, "\"%s\" is too big; whole numbers end at +-9223372036854775807",
                         kam__clip(q, text, len));
    return KAM_OK;
}

/* The first `want` digits as a number; 1 = more than 64 bits */
static int num_take_digits(const kam__numeral *m, int64_t want, uint64_t *mag, const char **next) {
    const char *p = m->digits;
    for (*mag = 0; want > 0; p++) {
        if (*p == '.') continue;
        uint64_t d = (uint64_t)(*p - '0');
        if (*mag > (UINT64_MAX - d) / 10) return 1;
        *mag = *mag * 10 + d;
        want--;
    }
    *next = p;
    return 0;
}

enum { NUM_DEC_FITS, NUM_DEC_TOO_BIG, NUM_DEC_REST };

/* The numeral with `scale` decimals */
static int num_to_scaled(const kam__numeral *m, uint32_t scale, int rounding, int *inexact, int64_t *out) {
    int64_t n = (int64_t)m->n, whole = n + m->exp + (int64_t)scale;     /* digits left of the cut */
    uint64_t mag = 0;
    const char *next = NULL;
    if (n == 0) {
        *out = 0;
        return NUM_DEC_FITS;
    }
    if (whole > 19) return NUM_DEC_TOO_BIG;
    int rest = whole < n, how = -1;
    if (whole >= 0 && num_take_digits(m, rest ? whole : n, &mag, &next)) return NUM_DEC_TOO_BIG;
    for (int64_t i = n; i < whole; i++) {
        if (mag > UINT64_MAX / 10) return NUM_DEC_TOO_BIG;
        mag *= 10;
    }
    if (rest && whole >= 0) {       /* the last digit of a numeral is never 0, so a 5 is a tie only as the last one */
        if (*next == '.') next++;
        how = *next > '5' ? 1 : *next < '5' ? -1 : whole + 1 < n ? 1 : 0;
    }
    int up = num_rounds_up(rounding, rest, how, (int)(mag & 1));
    if (up < 0) return NUM_DEC_REST;
    if ((up && mag == UINT64_MAX) || num_with_sign(m->neg, mag + (uint64_t)up, out)) return NUM_DEC_TOO_BIG;
    *inexact = rest;
    return NUM_DEC_FITS;
}

static int32_t num_no_number(const char *text, size_t len, kam_error *err) {
    char q[48];
    return kam__fail(err, KAM_E_PARSE, "\"%s\" is no number; write it like -12.5", kam__clip(q, text, len));
}

int32_t kam__dec_parse(int64_t *out, const char *text, size_t len, uint32_t scale, int rounding, int *inexact,
                       kam_error *err) {
    kam__numeral m;
    char q[48];
    int rest = 0;
    int64_t v = 0;
    if (len == KAM_NUL) len = strlen(text);
    if (kam__numeral_read(&m, text, len)) return num_no_number(text, len, err);
    switch (num_to_scaled(&m, scale, rounding, &rest, &v)) {
    case NUM_DEC_TOO_BIG:
        return kam__fail(err, KAM_E_LIMIT, "\"%s\" is too big for a number with %d decimals", kam__clip(q, text, len),
                         (int)scale);
    case NUM_DEC_REST:
        return kam__fail(err, KAM_E_LIMIT, "\"%s\" has more than %d decimals", kam__clip(q, text, len), (int)scale);
    default:
        *out = v;
        if (inexact) *inexact = rest;
        return KAM_OK;
    }
}

int32_t kam__dec_parse_any(int64_t *out, uint32_t *scale, const char *text, size_t len, kam_error *err) {
    kam__numeral m;
    char q[48];
    if (len == KAM_NUL) len = strlen(text);
    if (kam__numeral_read(&m, text, len)) return num_no_number(text, len, err);
    if (m.decimals > 18)
        return kam__fail(err, KAM_E_LIMIT, "\"%s\" has more than 18 decimals", kam__clip(q, text, len));
    KAM__TRY(kam__dec_parse(out, text, len, (uint32_t)m.decimals, KAM__EXACT, NULL, err));
    *scale = (uint32_t)m.decimals;
    return KAM_OK;
}

/* ---------------------------------------------------------------- writing text */

size_t kam__dec_format(char out[48], int64_t v, uint32_t scale) {
    char back[48];
    size_t n = 0, len = 0;
    uint64_t mag = num_magnitude(v);
    if (scale > 38) scale = 38;             /* a figure of ours never has more than 18; the buffer holds 38 */
    while (mag || n <= scale) {
        back[n++] = (char)('0' + mag % 10);
        mag /= 10;
    }
    if (v < 0) out[len++] = '-';
    while (n) {
        if (n == scale) out[len++] = '.';
        out[len++] = back[--n];
    }
    out[len] = 0;
    return len;
}

size_t kam__dec_format_short(char out[48], int64_t v, uint32_t scale) {
    size_t len = kam__dec_format(out, v, scale);
    if (scale == 0) return len;
    while (out[len - 1] == '0') len--;
    if (out[len - 1] == '.') len--;
    out[len] = 0;
    return len;
}

size_t kam__i64_format(char out[24], int64_t v) {
    char wide[48];
    size_t len = kam__dec_format(wide, v, 0);
    memcpy(out, wide, len + 1);
    return len;
}
