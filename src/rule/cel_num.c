/*
 * rule/cel_num.c - arithmetic, and what an operator says to operands it does not take.
 *
 * Whole numbers are checked for overflow, doubles are IEEE 754. A decimal is a whole number of 10^-scale: + - keep the
 * finer scale, * adds the scales (trailing zeros go when it does not fit), / gives at least six decimals, rounded half
 * to even. In our dialect an int or uint beside a double becomes one, and beside a decimal is exact.
 */
#include "cel_impl.h"
#include <stdio.h>

void kam__cel_overflow(cel_run *run, kam__cel *out, const char *what) {
    kam__cel_raise(run, out, "%s overflows its range", what);
}

void kam__cel_no_overload(cel_run *run, kam__cel *out, const char *name, const kam__cel *arg, uint32_t n) {
    char types[160] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < n && len < 120; i++)
        len += (size_t)snprintf(types + len, sizeof types - len, "%s%.36s", i ? ", " : "", kam__cel_tag_name(&arg[i]));
    kam__cel_raise(run, out, "%.60s does not take (%s)", name, types);
}

static void cel_num_int(cel_run *run, kam__cel *out, uint8_t op, int64_t a, int64_t b) {
    int64_t r = 0;
    int bad = 0;
    switch (op) {
    case CEL_ADD: bad = kam__add(a, b, &r); break;
    case CEL_SUB: bad = b == INT64_MIN ? a >= 0 : kam__add(a, -b, &r); if (b == INT64_MIN && !bad) r = a - b; break;
    case CEL_MUL: bad = kam__mul(a, b, &r); break;
    default:
        if (b == 0) { kam__cel_raise(run, out, op == CEL_DIV ? "divide by zero" : "modulus by zero"); return; }
        if (b == -1) bad = a == INT64_MIN;           /* of % too: it is what is left of a division that overflows */
        if (b == -1 && !bad) r = op == CEL_DIV ? -a : 0;
        if (b != -1) r = op == CEL_DIV ? a / b : a % b;
    }
    if (bad) kam__cel_overflow(run, out, "int");
    else *out = kam__cel_int(r);
}

static void cel_num_uint(cel_run *run, kam__cel *out, uint8_t op, uint64_t a, uint64_t b) {
    uint64_t r = 0, hi = 0;
    int bad = 0;
    switch (op) {
    case CEL_ADD: bad = a > UINT64_MAX - b; r = a + b; break;
    case CEL_SUB: bad = a < b; r = a - b; break;
    case CEL_MUL: kam__mul128(a, b, &hi, &r); bad = hi != 0; break;
    default:
        if (b == 0) { kam__cel_raise(run, out, op == CEL_DIV ? "divide by zero" : "modulus by zero"); return; }
        r = op == CEL_DIV ? a / b : a % b;
    }
    if (bad) kam__cel_overflow(run, out, "uint");
    else *out = kam__cel_uint(r);
}

/* 0 = there is no such operator of doubles. */
static int cel_num_double(kam__cel *out, uint8_t op, double a, double b) {
    if (op == CEL_MOD) return 0;
    *out = kam__cel_double(op == CEL_ADD ? a + b : op == CEL_SUB ? a - b : op == CEL_MUL ? a * b : a / b);
    return 1;
}

/* ---------------------------------------------------------------- decimals */

static void cel_num_decimal_value(kam__cel *out, int64_t v, uint32_t scale) {
    *out = kam__cel_int(v);
    out->t = KAM__CEL_DECIMAL;
    out->n = scale;
}

static void cel_num_shorten(int64_t *v, uint32_t *scale) {
    while (*scale && *v % 10 == 0) { *v /= 10; --*scale; }
}

static int cel_num_decimal_mul(int64_t a, uint32_t x, int64_t b, uint32_t y, int64_t *r, uint32_t *scale) {
    if (x + y > 18 || kam__mul(a, b, r)) {
        cel_num_shorten(&a, &x);
        cel_num_shorten(&b, &y);
        if (x + y > 18 || kam__mul(a, b, r)) return 1;
    }
    *scale = x + y;
    return 0;
}

/* a / b with `scale` decimals, rounded once: a * 10^(scale - x + y) / b. 1 = does not fit. */
static int cel_num_decimal_div(int64_t a, uint32_t x, int64_t b, uint32_t y, int64_t *r, uint32_t *scale) {
    *scale = x > y ? x : y;
    if (*scale < 6) *scale = 6;
    uint32_t up = *scale + y - x;
    if (up <= 18) return kam__cel_divide(a, b, up, r);
    cel_num_shorten(&a, &x);
    cel_num_shorten(&b, &y);
    up = *scale + y - x;
    return up > 18 || kam__cel_divide(a, b, up, r);
}

/* A number as decimal; 0 = it is none, or a uint that does not fit. */
static int cel_num_to_decimal(const kam__cel *v, int64_t *digits, uint32_t *scale) {
    *digits = v->v.i;
    *scale = v->t == KAM__CEL_DECIMAL ? v->n : 0;
    return v->t == KAM__CEL_DECIMAL || v->t == KAM__CEL_INT || (v->t == KAM__CEL_UINT && v->v.u <= INT64_MAX);
}

static void cel_num_decimal(cel_run *run, kam__cel *out, uint8_t op, const kam__cel *a, const kam__cel *b) {
    int64_t x, y, r = 0;
    uint32_t sx, sy, scale = 0;
    kam__cel two[2] = {*a, *b};
    if (op == CEL_MOD || !cel_num_to_decimal(a, &x, &sx) || !cel_num_to_decimal(b, &y, &sy)) {
        static const char *const sign[] = {"+", "-", "*", "/", "%"};
        kam__cel_no_overload(run, out, sign[op - CEL_ADD], two, 2);
        return;
    }
    int bad;
    if (op == CEL_MUL) bad = cel_num_decimal_mul(x, sx, y, sy, &r, &scale);
    else if (op == CEL_DIV) {
        if (y == 0) { kam__cel_raise(run, out, "divide by zero"); return; }
        bad = cel_num_decimal_div(x, sx, y, sy, &r, &scale);
    } else {
        scale = sx > sy ? sx : sy;
        bad = kam__rescale(x, sx, scale, KAM__EXACT, &x) || kam__rescale(y, sy, scale, KAM__EXACT, &y);
        if (!bad && op == CEL_SUB) bad = y == INT64_MIN || kam__add(x, -y, &r);
        else if (!bad) bad = kam__add(x, y, &r);
    }
    if (bad) kam__cel_overflow(run, out, "decimal");
    else cel_num_decimal_value(out, r, scale);
}

/* ---------------------------------------------------------------- time */

static void cel_num_time(cel_run *run, kam__cel *out, const kam__cel *t, int64_t nanos, int minus) {
    int64_t s = nanos / 1000000000, n = nanos % 1000000000;
    if (minus) { s = -s; n = -n; }
    s += t->v.i;
    n += t->n;
    if (n < 0) { n += 1000000000; s--; }
    if (n >= 1000000000) { n -= 1000000000; s++; }
    if (!kam__cel_time_ok(s, (uint32_t)n)) { kam__cel_overflow(run, out, "timestamp"); return; }
    *out = kam__cel_int(s);
    out->t = KAM__CEL_TIMESTAMP;
    out->n = (uint32_t)n;
}

static void cel_num_between(cel_run *run, kam__cel *out, const kam__cel *a, const kam__cel *b) {
    int64_t r;
    if (kam__mul(a->v.i - b->v.i, 1000000000, &r) || kam__add(r, (int64_t)a->n - (int64_t)b->n, &r)) {
        kam__cel_overflow(run, out, "duration");
        return;
    }
    *out = kam__cel_int(r);
    out->t = KAM__CEL_DURATION;
}

static void cel_num_durations(cel_run *run, kam__cel *out, uint8_t op, int64_t a, int64_t b) {
    cel_num_int(run, out, op, a, b);
    if (out->t == KAM__CEL_INT) out->t = KAM__CEL_DURATION;
}

/* 1 = done: a value or an error. */
static int cel_num_times(cel_run *run, kam__cel *out, uint8_t op, const kam__cel *a, const kam__cel *b) {
    if (op != CEL_ADD && op != CEL_SUB) return 0;
    if (a->t == KAM__CEL_DURATION && b->t == KAM__CEL_DURATION) cel_num_durations(run, out, op, a->v.i, b->v.i);
    else if (a->t == KAM__CEL_TIMESTAMP && b->t == KAM__CEL_DURATION) cel_num_time(run, out, a, b->v.i, op == CEL_SUB);
    else if (op == CEL_ADD && a->t == KAM__CEL_DURATION && b->t == KAM__CEL_TIMESTAMP) cel_num_time(run, out, b,
        a->v.i, 0);
    else if (op == CEL_SUB && a->t == KAM__CEL_TIMESTAMP && b->t == KAM__CEL_TIMESTAMP) cel_num_between(run, out, a, b);
    else return 0;
    return 1;
}

/* ---------------------------------------------------------------- joining */

static void cel_num_join(cel_run *run, kam__cel *out, const kam__cel *a, const kam__cel *b, size_t size) {
    kam__cel own = *a;
    if ((uint64_t)a->n + b->n > UINT32_MAX) { kam__cel_overflow(run, out, "a length"); return; }
    char *to = kam__cel_alloc(run, out, ((uint64_t)a->n + b->n) * size + 1);
    if (!to) return;
    if (a->n) memcpy(to, a->v.s, a->n * size);
    if (b->n) memcpy(to + a->n * size, b->v.s, b->n * size);
    own.n = a->n + b->n;
    if (size == 1) own.v.s = to;
    else own.v.list = (const kam__cel *)(const void *)to;
    *out = own;
}

/* ---------------------------------------------------------------- all of it */

static int cel_num_promote(const kam__cel *v, double *out) {
    *out = v->t == KAM__CEL_DOUBLE ? v->v.f : v->t == KAM__CEL_INT ? (double)v->v.i : (double)v->v.u;
    return v->t == KAM__CEL_DOUBLE || v->t == KAM__CEL_INT || v->t == KAM__CEL_UINT;
}

void kam__cel_arith(cel_run *run, kam__cel *out, uint8_t op, const kam__cel *a, const kam__cel *b) {
    static const char *const sign[] = {"+", "-", "*", "/", "%"};
    int ours = !(run->r->flags & KAM_RULE_STANDARD);
    kam__cel two[2] = {*a, *b};
    double x, y;
    if (a->t == b->t) {
        switch (a->t) {
        case KAM__CEL_INT: cel_num_int(run, out, op, a->v.i, b->v.i); return;
        case KAM__CEL_UINT: cel_num_uint(run, out, op, a->v.u, b->v.u); return;
        case KAM__CEL_DOUBLE: if (cel_num_double(out, op, a->v.f, b->v.f)) return; break;
        case KAM__CEL_DECIMAL: cel_num_decimal(run, out, op, a, b); return;
        case KAM__CEL_STRING: case KAM__CEL_BYTES: if (op == CEL_ADD) { cel_num_join(run, out, a, b,
            1); return; } break;
        case KAM__CEL_LIST: if (op == CEL_ADD) { cel_num_join(run, out, a, b, sizeof *a); return; } break;
        default: break;
        }
    } else if (ours && (a->t == KAM__CEL_DECIMAL || b->t == KAM__CEL_DECIMAL)) {
        cel_num_decimal(run, out, op, a, b);
        return;
    } else if (ours && (a->t == KAM__CEL_DOUBLE || b->t == KAM__CEL_DOUBLE) && cel_num_promote(a, &x) &&
               cel_num_promote(b, &y) &&
               cel_num_double(out, op, x, y)) return;
    if (cel_num_times(run, out, op, a, b)) return;
    kam__cel_no_overload(run, out, sign[op - CEL_ADD], two, 2);
}

void kam__cel_negate(cel_run *run, kam__cel *out, const kam__cel *a) {
    *out = *a;
    switch (a->t) {
    case KAM__CEL_DOUBLE: out->v.f = -a->v.f; return;
    case KAM__CEL_INT: case KAM__CEL_DECIMAL:
        if (a->v.i == INT64_MIN) kam__cel_overflow(run, out, kam__cel_tag_name(a));
        else out->v.i = -a->v.i;
        return;
    default: kam__cel_no_overload(run, out, "-", a, 1);
    }
}
