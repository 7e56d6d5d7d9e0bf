/*
 * lazy.h - a store in front of another that leaves out all it may: it applies no condition, no order and no limit, says
 * so, and hands out the rows in small blocks and in an order nobody asked for. The library must give the same answers
 * on it.
 */
#ifndef KAM_TEST_LAZY_H
#define KAM_TEST_LAZY_H
#include "store/store.h"

typedef struct lazy_store { kam_store_vt vt, inner; void *self; kam_ctx *ctx; } lazy_store;
/** Fills *lazy; give &lazy->vt and lazy to kam_store_new. close ends the store behind it. */
void lazy_init(lazy_store *lazy, kam_ctx *ctx, const kam_store_vt *inner, void *self);
#endif
