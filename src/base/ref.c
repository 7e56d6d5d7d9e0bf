/*
 * base/ref.c - reference counts and shared counters: the only atomics of the library.
 *
 * Holding needs no order (whoever holds already sees the object); dropping releases what this thread did, and the last
 * drop acquires what all others did, so the one that frees sees every write. gcc and clang work on plain integers by
 * builtins; other C11 compilers go through <stdatomic.h>, where an atomic integer has the size of the plain one. Many
 * 32-bit targets have 64-bit atomics only in a library of their own; there a counter is added to in two halves.
 */
#include "base/base.h"

#if defined(__GNUC__)
#define REF_HOLD(p) __atomic_add_fetch((p), 1, __ATOMIC_RELAXED)
#define REF_DROP(p) __atomic_sub_fetch((p), 1, __ATOMIC_ACQ_REL)
#if __SIZEOF_POINTER__ < 8
#define REF_ADD(p, d) ref_add_halves((p), (d))
#else
#define REF_ADD(p, d) __atomic_add_fetch((p), (d), __ATOMIC_RELAXED)
#endif
#else
#include <stdatomic.h>
_Static_assert(sizeof(_Atomic int32_t) == sizeof(int32_t), "an atomic int32 is a plain one");
_Static_assert(sizeof(_Atomic uint64_t) == sizeof(uint64_t), "an atomic uint64 is a plain one");
#define REF_HOLD(p) atomic_fetch_add_explicit((volatile _Atomic int32_t *)(p), 1, memory_order_relaxed)
#define REF_DROP(p) (atomic_fetch_sub_explicit((volatile _Atomic int32_t *)(p), 1, memory_order_acq_rel) - 1)
#define REF_ADD(p, d) (atomic_fetch_add_explicit((volatile _Atomic uint64_t *)(p), (d), memory_order_relaxed) + (d))
#endif

#if defined(__GNUC__) && __SIZEOF_POINTER__ < 8
/* Each half is exact and the carry goes over, so no addition is lost. The value returned is exact too while the counter
 * stays below 2^32, as bytes of memory do here: then every addition leaves the upper half as it is. */
static uint64_t ref_add_halves(volatile uint64_t *counter, uint64_t delta) {
    typedef uint32_t __attribute__((may_alias)) half;
    volatile half *word = (volatile half *)counter;
    volatile half *low = word + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__), *high = word + (low == word);
    uint32_t l = __atomic_add_fetch(low, (uint32_t)delta, __ATOMIC_RELAXED);
    uint32_t more = (uint32_t)(delta >> 32) + (l < (uint32_t)delta);
    uint32_t h = more ? __atomic_add_fetch(high, more, __ATOMIC_RELAXED) : __atomic_load_n(high, __ATOMIC_RELAXED);
    return (uint64_t)h << 32 | l;
}
#endif

void kam__ref_init(kam__ref *r) {
    r->p = NULL;
    r->n = 1;
}

void kam__ref_hold(kam__ref *r) {
    (void)REF_HOLD(&r->n);
}

int kam__ref_drop(kam__ref *r) {
    return REF_DROP(&r->n) == 0;
}

uint64_t kam__atomic_add(volatile uint64_t *counter, uint64_t delta) {
    return REF_ADD(counter, delta);
}

#undef REF_HOLD
#undef REF_DROP
#undef REF_ADD
