/*
 * store/memory.h - a store in memory, behind the same vtable as any other.
 *
 * One kam__memory is shared by any number of connections on any threads; a connection is the vtable's `self` (one
 * thread, one transaction at a time). Readers see the snapshot of their begin and never wait for the writer; a second
 * writer is BUSY.
 */
#ifndef KAM__MEMORY_H
#define KAM__MEMORY_H
#include "../base/base.h"
#include <kam/spi/storage.h>

typedef struct kam__memory kam__memory;
int32_t kam__memory_new(kam__memory **out, kam_ctx *ctx, kam_error *err);
kam__memory *kam__memory_hold(kam__memory *m);
void kam__memory_drop(kam__memory *m);
/** A new connection; it holds m and ends with vt->close(self). */
int32_t kam__memory_connect(void **self, kam__memory *m, kam_error *err);
extern const kam_store_vt kam__memory_vt;

#endif
