/*
 * rule/scorecard_kern.c - the loops of scoring a chunk of rows, for each kind of CPU, and which one this machine has.
 *
 * scorecard_kern.h is included once for any machine (with gcc and clang in their vector types, so on 64-bit ARM it is
 * NEON code, else plain loops) and on x86-64 once for AVX2 and once for AVX-512. The kind is found when a scorer is
 * made, never by the flags of a compiler, so one file serves all.
 */
#include "scorecard_block.h"

/* By lookup, one row after the other: any number of codes. */
static int32_t scard_table_any(const kam__card_table *t, const int32_t *x, uint32_t n, int32_t *sum, int32_t *rank)
{
    uint32_t bad = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = (uint32_t)x[i];
        bad |= c + 1 > t->n;
        c = c >= t->n ? t->none : c;
        sum[i] += t->points[c];
        if (rank) rank[i] = t->rank[c];
    }
    return (int32_t)bad;
}

#define KERN(name) scard_base_##name
#define KERN_NAME "portable"
#if defined(__GNUC__)
#define KERN_WIDTH 2
#else
#define KERN_WIDTH 1
#endif
#include "scorecard_kern.h"
#undef KERN
#undef KERN_NAME
#undef KERN_WIDTH

#if defined(__GNUC__) && defined(__x86_64__)
#define SCARD_X86 1
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#define KERN(name) scard_avx2_##name
#define KERN_NAME "avx2"
#define KERN_WIDTH 4
#include "scorecard_kern.h"
#undef KERN
#undef KERN_NAME
#undef KERN_WIDTH
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif
#define KERN(name) scard_avx512_##name
#define KERN_NAME "avx512"
#define KERN_WIDTH 8
#define KERN_512 1
#include "scorecard_kern.h"
#undef KERN
#undef KERN_NAME
#undef KERN_WIDTH
#undef KERN_512
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

const kam__card_kern *kam__card_kern_of(uint32_t which)
{
#if defined(SCARD_X86)
    if ((which == 0 || which == 3) && __builtin_cpu_supports("avx512f")) return &scard_avx512_all;
    if ((which == 0 || which == 2) && __builtin_cpu_supports("avx2")) return &scard_avx2_all;
#endif
    return which <= 1 ? &scard_base_all : NULL;
}
