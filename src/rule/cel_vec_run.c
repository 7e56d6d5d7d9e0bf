/*
 * rule/cel_vec_run.c - running the vector program: loading columns, whole numbers with their overflow, and the choice
 * of the kernels by the CPU it runs on.
 */
#include "cel_vec.h"

#define KERN(name) cel_kern_base_##name
#if defined(__GNUC__)
#define KERN_WIDTH 2
#else
#define KERN_WIDTH 1
#endif
#include "cel_kern.h"
#undef KERN
#undef KERN_WIDTH

#if defined(__GNUC__) && defined(__x86_64__)
#define CEL_VEC_X86 1
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#define KERN(name) cel_kern_avx2_##name
#define KERN_WIDTH 4
#include "cel_kern.h"
#undef KERN
#undef KERN_WIDTH
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif
#define KERN(name) cel_kern_avx512_##name
#define KERN_WIDTH 8
#include "cel_kern.h"
#undef KERN
#undef KERN_WIDTH
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

typedef void (*cel_kern)(const cel_vop *op, cel_slot *d, const cel_slot *a, const cel_slot *b, const cel_slot *c,
                         uint32_t n);

static cel_kern cel_vec_kern(void) {
#if defined(CEL_VEC_X86)
    if (__builtin_cpu_supports("avx512f")) return cel_kern_avx512_run;
    if (__builtin_cpu_supports("avx2")) return cel_kern_avx2_run;
#endif
    return cel_kern_base_run;
}

/* Registers, then what marks the rows to be done over. */
size_t kam__cel_vec_room(const cel_vec *v) { return ((size_t)v->nreg * sizeof(cel_slot) + 1) * CEL_CHUNK + 64; }

int kam__cel_vec_fits(const cel_vec *v, const kam_block *block) {
    for (uint32_t i = 0; i < v->ncol; i++) {
        if (v->col[i].var >= block->ncol) return 0;
        uint8_t type = block->col[v->col[i].var].type;
        int whole = type == KAM_T_I32 || type == KAM_T_I64;
        if (v->col[i].type == CEL_V_KEY ? type != KAM_T_TEXT : !(whole ||
                                                                 (type == KAM_T_F64 &&
                                                                  v->col[i].type == CEL_V_DOUBLE))) return 0;
    }
    return 1;
}

/* ---------------------------------------------------------------- columns */

/* Keys of short texts without a branch on their length; the others, and those too near to the end of the data to read
 * eight bytes, follow. */
static void cel_vec_load_key(const cel_vec *v, cel_slot *d, const kam_col *c, uint32_t nrow, uint32_t first,
                             uint32_t n) {
    const int32_t *off = c->off + first;
    const char *data = c->data;
    int64_t total = c->off[nrow];
    uint16_t rest[CEL_CHUNK];
    uint32_t i = 0, left = 0;
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; i < n && off[i] + (int64_t)8 <= total; i++) {
        uint32_t len = (uint32_t)(off[i + 1] - off[i]);
        uint64_t w;
        memcpy(&w, data + off[i], 8);
        d[i].u = (w & (((uint64_t)1 << 8 * (len & 7)) - 1)) | (uint64_t)len << 56;
        rest[left] = (uint16_t)i;
        left += len > 7;
    }
#endif
    (void)total;
    for (; i < n; i++) rest[left++] = (uint16_t)i;
    for (uint32_t k = 0; k < left; k++) {
        size_t len = (size_t)(off[rest[k] + 1] - off[rest[k]]);
        const char *s = len ? data + off[rest[k]] : "";
        d[rest[k]].u = len > 7 ? kam__cel_vec_long(v, s, len) : kam__cel_vec_key(v, s, len);
    }
}

static int cel_vec_load_whole(cel_slot *d, uint8_t type, const kam_col *c, uint32_t first, uint32_t n, uint8_t *redo) {
    const int32_t *w32 = c->type == KAM_T_I32 ? (const int32_t *)c->data + first : NULL;
    const int64_t *w64 = c->type == KAM_T_I64 ? (const int64_t *)c->data + first : NULL;
    int any = 0;
    if (type == CEL_V_DOUBLE && w32) for (uint32_t i = 0; i < n; i++) d[i].f = (double)w32[i];
    else if (type == CEL_V_DOUBLE) for (uint32_t i = 0; i < n; i++) d[i].f = (double)w64[i];
    else if (w32) for (uint32_t i = 0; i < n; i++) d[i].i = w32[i];
    else memcpy(d, w64, n * sizeof *d);
    if (type != CEL_V_BOOL) return 0;
    for (uint32_t i = 0; i < n; i++) {
        if (d[i].u > 1) any = redo[i] = 1;
        d[i].u = 0 - (d[i].u & 1);
    }
    return any;
}

static int cel_vec_load(const cel_vec *v, const cel_vop *op, cel_slot *d, const kam_block *block, uint32_t first,
                        uint32_t n, uint8_t *redo) {
    const kam_col *c = &block->col[v->col[op->n].var];
    int any = 0;
    if (op->type == CEL_V_KEY) cel_vec_load_key(v, d, c, block->nrow, first, n);
    else if (c->type == KAM_T_F64) memcpy(d, (const double *)c->data + first, n * sizeof *d);
    else any = cel_vec_load_whole(d, op->type, c, first, n, redo);
    for (uint32_t i = n; i < CEL_CHUNK && i < n + 32; i++) d[i].u = 0;      /* kernels round up */
    for (uint32_t i = 0; c->valid && i < n; i++) if (kam__col_null(c, first + i)) any = redo[i] = 1;
    return any;
}

/* ---------------------------------------------------------------- whole numbers */

/* What cannot overflow is computed, what perhaps can is marked. */
static int cel_vec_whole(const cel_vop *op, cel_slot *d, const cel_slot *a, const cel_slot *b, uint32_t n,
                         uint8_t *redo) {
    uint64_t bad = 0;
    const uint64_t half = (uint64_t)1 << 62;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = op->scalar & 1 ? op->ka.u : a[i].u, y = op->scalar & 2 ? op->kb.u : b[i].u;
        uint64_t far = (x + half >= 2 * half) | (y + half >= 2 * half);
        d[i].u = op->op == CEL_K_ADDI ? x + y : x - y;
        redo[i] = (uint8_t)(redo[i] | far);
        bad |= far;
    }
    return bad != 0;
}

static int cel_vec_product(int64_t x, int64_t y, int64_t *out) {
#if defined(__GNUC__)
    return __builtin_mul_overflow(x, y, out);
#else
    return kam__mul(x, y, out);
#endif
}

/* Products, quotients and roundings, one by one. A row that does not fit, or divides by zero, is marked. */
static int cel_vec_exact(const cel_vop *op, cel_slot *d, const cel_slot *a, const cel_slot *b, uint32_t n,
                         uint8_t *redo) {
    int any = 0;
    uint32_t from = op->n & 255, to = op->n >> 8;
    for (uint32_t i = 0; i < n; i++) {
        int64_t x = op->scalar & 1 ? op->ka.i : a[i].i, y = op->scalar & 2 ? op->kb.i : b[i].i, r = 0;
        int bad = op->op == CEL_K_MULI ? cel_vec_product(x, y, &r)
                : op->op == CEL_K_DIVC ? y == 0 || kam__cel_divide(x, y, op->n, &r)
                                       : kam__rescale(x, from, to, KAM__HALF_EVEN, &r);
        d[i].i = r;
        redo[i] = (uint8_t)(redo[i] | bad);
        any |= bad;
    }
    return any;
}

/* A column that is as the kernels want it is not copied: whole chunks only, since they round up. */
static const cel_slot *cel_vec_direct(const cel_vec *v, const cel_vop *op, const kam_block *block, uint32_t first,
                                      uint32_t n) {
    const kam_col *c = &block->col[v->col[op->n].var];
    if (n != CEL_CHUNK || c->valid || ((uintptr_t)c->data & 7)) return NULL;
    int same = c->type == KAM_T_F64 ? op->type == CEL_V_DOUBLE : c->type == KAM_T_I64 && op->type == CEL_V_INT;
    return same ? (const cel_slot *)c->data + first : NULL;
}

int kam__cel_vec_run(const cel_vec *v, void *room, const kam_block *block, uint32_t first, uint32_t n,
                     const cel_slot **result,
                     const uint8_t **redo) {
    cel_slot *reg = (cel_slot *)(void *)(((uintptr_t)room + 63) & ~(uintptr_t)63);
    uint8_t *mark = (uint8_t *)(reg + (size_t)v->nreg * CEL_CHUNK);
    const cel_slot *at[64], *direct;            /* where the registers are */
    cel_kern kern = cel_vec_kern();
    int any = 0;
    for (uint32_t i = 0; i < v->nreg; i++) at[i] = reg + (size_t)i * CEL_CHUNK;
    memset(mark, 0, n);
    for (uint32_t k = 0; k < v->nop; k++) {
        const cel_vop *op = &v->op[k];
        cel_slot *d = reg + (size_t)op->d * CEL_CHUNK;
        const cel_slot *a = at[op->a], *b = at[op->b], *c = at[op->c];
        if (op->op == CEL_K_LOAD && (direct = cel_vec_direct(v, op, block, first, n)) != NULL) at[op->d] = direct;
        else if (op->op == CEL_K_LOAD) any |= cel_vec_load(v, op, d, block, first, n, mark);
        else if (op->op == CEL_K_FILL) for (uint32_t i = 0; i < CEL_CHUNK; i++) d[i] = op->ka;
        else if (op->op == CEL_K_I2D) for (uint32_t i = 0; i < CEL_CHUNK && i < n + 32; i++) d[i].f = (double)a[i].i;
        else if (op->op == CEL_K_ADDI || op->op == CEL_K_SUBI) any |= cel_vec_whole(op, d, a, b, n, mark);
        else if (op->op == CEL_K_MULI || op->op == CEL_K_DIVC || op->op == CEL_K_ROUND)
            any |= cel_vec_exact(op, d, a, b, n, mark);
        else kern(op, d, a, b, c, n);
    }
    *result = at[v->result];
    *redo = mark;
    return any;
}
