/*
 * rule/cel_math.c - math.*: extremes, rounding, signs, tests of doubles, bits.
 *
 * Rounding is done on the bits of the double: no function of libm decides anything here but sqrt, which IEEE 754
 * defines exactly. math.round rounds halves away from zero.
 */
#include "cel_fn.h"
#include <math.h>

/* Towards zero. */
double kam__cel_trunc(double v) {
    /* whole, not finite, or a zero */
    if (!(v > -4503599627370496.0 && v < 4503599627370496.0) || v == 0) return v;
    double r = (double)(int64_t)v;
    return r == 0 && v < 0 ? -0.0 : r;
}

static double cel_math_floor(double v) {
    double t = kam__cel_trunc(v);
    return t > v ? t - 1 : t;
}

static double cel_math_ceil(double v) {
    double t = kam__cel_trunc(v);
    if (!(t < v)) return t;
    return t == -1 ? -0.0 : t + 1;
}

static double cel_math_round(double v) {
    double t = kam__cel_trunc(v), rest = v - t;
    if (rest >= 0.5) return t + 1;
    return rest <= -0.5 ? t - 1 : t;
}

#define CEL_MATH_DOUBLE(name, call) \
    static void cel_math_fn_##name(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) { \
        (void)run; \
        (void)n; \
        *out = kam__cel_double(call(arg->v.f)); \
    }
CEL_MATH_DOUBLE(ceil, cel_math_ceil)
CEL_MATH_DOUBLE(floor, cel_math_floor)
CEL_MATH_DOUBLE(round, cel_math_round)
CEL_MATH_DOUBLE(trunc, kam__cel_trunc)

static void cel_math_sqrt(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    double v = arg->t == KAM__CEL_DOUBLE ? arg->v.f : arg->t == KAM__CEL_INT ? (double)arg->v.i : (double)arg->v.u;
    (void)run;
    (void)n;
    *out = kam__cel_double(sqrt(v));
}

static void cel_math_abs(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    *out = *arg;
    if (arg->t == KAM__CEL_DOUBLE) out->v.f = arg->v.f < 0 ? -arg->v.f : arg->v.f == 0 ? 0.0 : arg->v.f;
    else if (arg->t != KAM__CEL_UINT && arg->v.i < 0) kam__cel_negate(run, out, arg);
}

static void cel_math_sign(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)run;
    (void)n;
    *out = *arg;
    if (arg->t == KAM__CEL_UINT) out->v.u = arg->v.u > 0;
    else if (arg->t == KAM__CEL_DOUBLE) { if (arg->v.f != 0) out->v.f = arg->v.f > 0 ? 1 : arg->v.f < 0 ? -1
        : arg->v.f; }
    else *out = kam__cel_int(arg->v.i > 0 ? 1 : arg->v.i < 0 ? -1 : 0);
}

static void cel_math_is(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int nan = arg->v.f != arg->v.f, finite = arg->v.f - arg->v.f == 0;
    (void)n;
    char what = run->fn->name[7];                   /* math.isNaN, isInf, isFinite */
    *out = kam__cel_bool(what == 'N' ? nan : what == 'F' ? finite : !nan && !finite);
}

/* ---------------------------------------------------------------- greatest, least */

static void cel_math_extreme(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    const kam__cel *v = arg;
    uint32_t count = n;
    int want = run->fn->name[5] == 'g' ? 1 : -1;
    if (arg->t == KAM__CEL_LIST) { v = arg->v.list; count = arg->n; }
    if (!count) { kam__cel_raise(run, out, "%s needs at least one number", run->fn->name); return; }
    const kam__cel *best = v;
    for (uint32_t i = 0; i < count; i++) {
        if (!((v[i].t >= KAM__CEL_INT && v[i].t <= KAM__CEL_DOUBLE) || v[i].t == KAM__CEL_DECIMAL)) {
            kam__cel_no_overload(run, out, run->fn->name, &v[i], 1);
            return;
        }
        int o = kam__cel_order(&v[i], best);
        if (o == 3) { kam__cel_no_overload(run, out, run->fn->name, &v[i], 1); return; }
        if (o == want) best = &v[i];
    }
    *out = *best;
}

/* ---------------------------------------------------------------- bits */

static void cel_math_bits(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    uint64_t a = arg->v.u, b = n > 1 ? arg[1].v.u : 0;
    char what = run->fn->name[8];                   /* math.bitAnd, bitOr, bitXor, bitNot */
    *out = *arg;
    out->v.u = what == 'A' ? a & b : what == 'O' ? a | b : what == 'X' ? a ^ b : ~a;
}

static void cel_math_shift(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int left = run->fn->name[13] == 'L';
    (void)n;
    *out = *arg;
    if (arg[1].v.i < 0) kam__cel_raise(run, out, "negative offset: %lld", (long long)arg[1].v.i);
    else if (arg[1].v.i >= 64) out->v.u = 0;
    else out->v.u = left ? arg->v.u << arg[1].v.i : arg->v.u >> arg[1].v.i;
}

#define CEL_EXTREMES "i:i u:u d:d c:c Li:D Lu:D Ld:D Lc:c LD:D D:D"
const cel_fn kam__cel_fn_math[] = {
    {"math.greatest", CEL_GLOBAL, CEL_EXTREMES, cel_math_extreme, CEL_COST_N, NULL},
    {"math.least", CEL_GLOBAL, CEL_EXTREMES, cel_math_extreme, CEL_COST_N, NULL},
    {"math.ceil", CEL_GLOBAL, "d:d", cel_math_fn_ceil, CEL_COST_1, NULL},
    {"math.floor", CEL_GLOBAL, "d:d", cel_math_fn_floor, CEL_COST_1, NULL},
    {"math.round", CEL_GLOBAL, "d:d", cel_math_fn_round, CEL_COST_1, NULL},
    {"math.trunc", CEL_GLOBAL, "d:d", cel_math_fn_trunc, CEL_COST_1, NULL},
    {"math.sqrt", CEL_GLOBAL, "d:d i:d u:d", cel_math_sqrt, CEL_COST_1, NULL},
    {"math.abs", CEL_GLOBAL, "i:i u:u d:d c:c", cel_math_abs, CEL_COST_1, NULL},
    {"math.sign", CEL_GLOBAL, "i:i u:u d:d c:i", cel_math_sign, CEL_COST_1, NULL},
    {"math.isNaN", CEL_GLOBAL, "d:b", cel_math_is, CEL_COST_1, NULL},
    {"math.isInf", CEL_GLOBAL, "d:b", cel_math_is, CEL_COST_1, NULL},
    {"math.isFinite", CEL_GLOBAL, "d:b", cel_math_is, CEL_COST_1, NULL},
    {"math.bitAnd", CEL_GLOBAL, "ii:i uu:u", cel_math_bits, CEL_COST_1, NULL},
    {"math.bitOr", CEL_GLOBAL, "ii:i uu:u", cel_math_bits, CEL_COST_1, NULL},
    {"math.bitXor", CEL_GLOBAL, "ii:i uu:u", cel_math_bits, CEL_COST_1, NULL},
    {"math.bitNot", CEL_GLOBAL, "i:i u:u", cel_math_bits, CEL_COST_1, NULL},
    {"math.bitShiftLeft", CEL_GLOBAL, "ii:i ui:u", cel_math_shift, CEL_COST_1, NULL},
    {"math.bitShiftRight", CEL_GLOBAL, "ii:i ui:u", cel_math_shift, CEL_COST_1, NULL},
    {NULL, 0, NULL, NULL, 0, NULL}};
#undef CEL_EXTREMES
#undef CEL_MATH_DOUBLE
