/*
 * wrap.h - what all wrappers around a store begin with: our vtable, and a copy of the vtable behind it.
 *
 * `vt.self` of a wrapper is the wrapper; its functions find the store behind it in the kam__wrap they begin with.
 */
#ifndef KAM__WRAP_H
#define KAM__WRAP_H
#include <kam/spi/test.h>

typedef struct kam__wrap {
    kam_store_vt vt;                        /* ours; what the store behind does not have is NULL here, too */
    kam_store_vt inner;                     /* theirs, zeroes behind its end */
    void *self;
} kam__wrap;

/** Makes *out of `size` zeroed bytes, a kam__wrap at its beginning. INVAL NOMEM. */
int32_t kam__wrap_new(void **out, size_t size, const kam_store_vt *ours, const kam_store_vt *vt, void *self);
/** Passes on close. */
void kam__wrap_close(void *self);

#endif
