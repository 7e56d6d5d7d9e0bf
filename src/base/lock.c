/*
 * base/lock.c - a plain mutex, for the few objects that threads share (stores).
 *
 * The only file that knows POSIX threads. The library starts no threads itself. What is used here (pthread_mutex_*) is
 * declared without a feature macro; the macro is for libraries that are stricter, and comes too late when every file
 * is compiled as one, which does no harm.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "base/base.h"
#include <pthread.h>

struct kam__lock { pthread_mutex_t mutex; };

int32_t kam__lock_new(kam__lock **out, kam_ctx *ctx, kam_error *err) {
    kam__lock *lock = kam__alloc(ctx, sizeof *lock);
    if (!lock) return kam__nomem(err);
    if (pthread_mutex_init(&lock->mutex, NULL) != 0) {
        kam__free(ctx, lock);
        return kam__nomem(err);
    }
    *out = lock;
    return KAM_OK;
}

void kam__lock_free(kam_ctx *ctx, kam__lock *lock) {
    if (!lock) return;
    pthread_mutex_destroy(&lock->mutex);
    kam__free(ctx, lock);
}

void kam__lock_take(kam__lock *lock) {
    pthread_mutex_lock(&lock->mutex);
}

void kam__lock_give(kam__lock *lock) {
    pthread_mutex_unlock(&lock->mutex);
}
