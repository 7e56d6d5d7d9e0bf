/*
 * rule/cel_kern.h - the inner loops of the vector program, included once per kind of CPU (no guard).
 *
 * The file that includes it defines KERN(name), the name for this kind, and KERN_WIDTH, how many doubles one register
 * of it holds. With gcc and clang the loops are written in their vector types, so that they are vector code at any
 * level of optimisation; elsewhere the width is 1 and they are plain loops. All widths do the same IEEE operations.
 */
#if KERN_WIDTH == 1
typedef double KERN(vf);
typedef int64_t KERN(vi);
#define KERN_MASK(x) (-(int64_t)(x))
#define KERN_SPLAT(v) (v)
#else
typedef double KERN(vf) __attribute__((vector_size(KERN_WIDTH * 8), aligned(8), may_alias));
typedef int64_t KERN(vi) __attribute__((vector_size(KERN_WIDTH * 8), aligned(8), may_alias));
#define KERN_MASK(x) (x)
#if KERN_WIDTH == 2
#define KERN_SPLAT(v) {(v), (v)}
#elif KERN_WIDTH == 4
#define KERN_SPLAT(v) {(v), (v), (v), (v)}
#else
#define KERN_SPLAT(v) {(v), (v), (v), (v), (v), (v), (v), (v)}
#endif
#endif

/* One operation in its three forms: both sides registers, or one of them a constant. */
#define KERN_OP(name, T, field, make, expr) \
    static void KERN(name)(cel_slot *d, const cel_vop *op, const cel_slot *a, const cel_slot *b, uint32_t n) { \
        const KERN(T) *x = (const KERN(T) *)(const void *)a, *y = (const KERN(T) *)(const void *)b; \
        KERN(make) *r = (KERN(make) *)(void *)d; \
        const KERN(T) ka = KERN_SPLAT(op->ka.field), kb = KERN_SPLAT(op->kb.field); \
        uint32_t m = (n + KERN_WIDTH - 1) / KERN_WIDTH; \
        if (op->scalar & 1) for (uint32_t i = 0; i < m; i++) { const KERN(T) l = ka, s = y[i]; r[i] = expr; } \
        else if (op->scalar & 2) for (uint32_t i = 0; i < m; i++) { const KERN(T) l = x[i], s = kb; r[i] = expr; } \
        else for (uint32_t i = 0; i < m; i++) { const KERN(T) l = x[i], s = y[i]; r[i] = expr; } \
    }
KERN_OP(addf, vf, f, vf, l + s)
KERN_OP(subf, vf, f, vf, l - s)
KERN_OP(mulf, vf, f, vf, l * s)
KERN_OP(divf, vf, f, vf, l / s)
KERN_OP(eqf, vf, f, vi, KERN_MASK(l == s))
KERN_OP(nef, vf, f, vi, KERN_MASK(l != s))
KERN_OP(ltf, vf, f, vi, KERN_MASK(l < s))
KERN_OP(lef, vf, f, vi, KERN_MASK(l <= s))
KERN_OP(gtf, vf, f, vi, KERN_MASK(l > s))
KERN_OP(gef, vf, f, vi, KERN_MASK(l >= s))
KERN_OP(eqi, vi, i, vi, KERN_MASK(l == s))
KERN_OP(nei, vi, i, vi, KERN_MASK(l != s))
KERN_OP(lti, vi, i, vi, KERN_MASK(l < s))
KERN_OP(lei, vi, i, vi, KERN_MASK(l <= s))
KERN_OP(gti, vi, i, vi, KERN_MASK(l > s))
KERN_OP(gei, vi, i, vi, KERN_MASK(l >= s))
KERN_OP(and, vi, i, vi, l & s)
KERN_OP(or, vi, i, vi, l | s)
KERN_OP(not, vi, i, vi, ~l | (s & 0))
KERN_OP(negf, vi, i, vi, l ^ s)
#undef KERN_OP

/* a ? b : c, bit by bit. */
static void KERN(select)(cel_slot *d, const cel_vop *op, const cel_slot *t, const cel_slot *a, const cel_slot *b,
                         uint32_t n) {
    const KERN(vi) *m = (const KERN(vi) *)(const void *)t, *x = (const KERN(vi) *)(const void *)a,
        *y = (const KERN(vi) *)(const void *)b;
    KERN(vi) *r = (KERN(vi) *)(void *)d;
    const KERN(vi) kb = KERN_SPLAT(op->kb.i), kc = KERN_SPLAT(op->kc.i);
    uint32_t count = (n + KERN_WIDTH - 1) / KERN_WIDTH;
    switch (op->scalar & 6) {
    case 6: for (uint32_t i = 0; i < count; i++) r[i] = kc ^ (m[i] & (kb ^ kc)); return;
    case 2: for (uint32_t i = 0; i < count; i++) r[i] = y[i] ^ (m[i] & (kb ^ y[i])); return;
    case 4: for (uint32_t i = 0; i < count; i++) r[i] = kc ^ (m[i] & (x[i] ^ kc)); return;
    default: for (uint32_t i = 0; i < count; i++) r[i] = y[i] ^ (m[i] & (x[i] ^ y[i])); return;
    }
}

/* The bands of x: whatever is xored into the last value for each threshold above x. Four registers at a time. */
#define KERN_BAND(name, T, field, test) \
    static void KERN(name)(cel_slot *d, const cel_vop *op, const cel_slot *a, uint32_t n) { \
        const KERN(T) *x = (const KERN(T) *)(const void *)a; \
        KERN(vi) *r = (KERN(vi) *)(void *)d; \
        const KERN(vi) end = KERN_SPLAT(op->kb.i); \
        for (uint32_t i = 0, m = (n + 4 * KERN_WIDTH - 1) / (4 * KERN_WIDTH) * 4; i < m; i += 4) { \
            const KERN(T) x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3]; \
            KERN(vi) r0 = end, r1 = end, r2 = end, r3 = end; \
            for (uint32_t k = 0; k < op->n; k++) { \
                const KERN(T) at = KERN_SPLAT(op->band[k].at.field); \
                const KERN(vi) change = KERN_SPLAT((int64_t)op->band[k].change); \
                r0 ^= KERN_MASK(x0 test at) & change; \
                r1 ^= KERN_MASK(x1 test at) & change; \
                r2 ^= KERN_MASK(x2 test at) & change; \
                r3 ^= KERN_MASK(x3 test at) & change; \
            } \
            r[i] = r0; r[i + 1] = r1; r[i + 2] = r2; r[i + 3] = r3; \
        } \
    }
KERN_BAND(bandf, vf, f, <)
KERN_BAND(bandi, vi, i, <)
KERN_BAND(casei, vi, i, ==)
#undef KERN_BAND

/* One operation of a kind that needs no more than its operands. */
static void KERN(run)(const cel_vop *op, cel_slot *d, const cel_slot *a, const cel_slot *b, const cel_slot *c,
                      uint32_t n) {
    switch (op->op) {
    case CEL_K_ADDF: KERN(addf)(d, op, a, b, n); return;
    case CEL_K_SUBF: KERN(subf)(d, op, a, b, n); return;
    case CEL_K_MULF: KERN(mulf)(d, op, a, b, n); return;
    case CEL_K_DIVF: KERN(divf)(d, op, a, b, n); return;
    case CEL_K_EQF: KERN(eqf)(d, op, a, b, n); return;
    case CEL_K_NEF: KERN(nef)(d, op, a, b, n); return;
    case CEL_K_LTF: KERN(ltf)(d, op, a, b, n); return;
    case CEL_K_LEF: KERN(lef)(d, op, a, b, n); return;
    case CEL_K_GTF: KERN(gtf)(d, op, a, b, n); return;
    case CEL_K_GEF: KERN(gef)(d, op, a, b, n); return;
    case CEL_K_EQI: KERN(eqi)(d, op, a, b, n); return;
    case CEL_K_NEI: KERN(nei)(d, op, a, b, n); return;
    case CEL_K_LTI: KERN(lti)(d, op, a, b, n); return;
    case CEL_K_LEI: KERN(lei)(d, op, a, b, n); return;
    case CEL_K_GTI: KERN(gti)(d, op, a, b, n); return;
    case CEL_K_GEI: KERN(gei)(d, op, a, b, n); return;
    case CEL_K_AND: KERN(and)(d, op, a, b, n); return;
    case CEL_K_OR: KERN(or)(d, op, a, b, n); return;
    case CEL_K_NOT: KERN(not)(d, op, a, b, n); return;
    case CEL_K_SELECT: KERN(select)(d, op, a, b, c, n); return;
    case CEL_K_NEGF: KERN(negf)(d, op, a, b, n); return;
    case CEL_K_BAND: if (op->same == CEL_V_DOUBLE) KERN(bandf)(d, op, a, n); else KERN(bandi)(d, op, a, n); return;
    default: KERN(casei)(d, op, a, n); return;
    }
}
#undef KERN_MASK
#undef KERN_SPLAT
