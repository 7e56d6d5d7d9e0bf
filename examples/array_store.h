/* array_store.h - a store kept in arrays: give the vtable and a new `self` to kam_store_new(), which ends it. */
#ifndef ARRAY_STORE_H
#define ARRAY_STORE_H
#include <kam.h>
#include <kam/spi/storage.h>

extern const kam_store_vt array_store;
/** A new, empty one; NULL = no memory. array_store.close ends it. */
void *array_store_new(void);

#endif
