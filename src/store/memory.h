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
struct memory_table;

/** What may lie beneath: whoever keeps on a disk what is written here (the file store). All but `moved` and `close` are called by the
 *  one connection that may write; `wrote`, `commit`, `abort` and `after` without the lock. Codes: DEAD ends the whole store. */
typedef struct kam__journal {
    /** Before a transaction may write, or tables are prepared. */
    int32_t (*begin)(void *below, kam_store_err *err);
    /** Rows were written; slot[i] is where row i lies now. */
    int32_t (*wrote)(void *below, struct memory_table *t, uint32_t op, const kam_block *rows, const uint32_t *slot, kam_store_err *err);
    /** Tables were made or have got columns, outside a transaction. */
    int32_t (*prepared)(void *below, kam_store_err *err);
    int32_t (*commit)(void *below, uint32_t how, kam_store_err *err);
    int32_t (*abort)(void *below, kam_store_err *err);
    /** What was committed lazily becomes durable; with the lock, while nobody writes. */
    int32_t (*flush)(void *below, kam_store_err *err);
    /** After a commit, everybody sees it already: time for upkeep. */
    int32_t (*after)(void *below);
    /** The rows of a table lie in other slots now; with the lock. */
    void (*moved)(void *below, const struct memory_table *t);
    int32_t (*control)(void *below, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err);
    void (*close)(void *below);
} kam__journal;

int32_t kam__memory_new(kam__memory **out, kam_ctx *ctx, kam_error *err);
kam__memory *kam__memory_hold(kam__memory *m);
void kam__memory_drop(kam__memory *m);
/** A new connection; it holds m and ends with vt->close(self). */
int32_t kam__memory_connect(void **self, kam__memory *m, kam_error *err);
/** From now on `journal` is told; before the first connection that others use. */
void kam__memory_journal(kam__memory *m, const kam__journal *journal, void *below);
extern const kam_store_vt kam__memory_vt;

#endif
