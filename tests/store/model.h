/*
 * model.h - a stream of random operations on a book, checked against a naive model that keeps the whole history:
 * accounts as lists of snapshots, events as lists of versions, owners as coats of paint on days. Random reads of now,
 * of an earlier day, of an earlier knowledge and of both must give what the model says.
 *
 * The stream depends on the seed only, never on the store, and dumps name records by their keys: the same stream on two
 * stores must give the same hash.
 */
#ifndef KAM_TEST_MODEL_H
#define KAM_TEST_MODEL_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <kam.h>

typedef struct model_world {
    kam_error *err;
    kam_ctx *ctx;
    /* the caller makes it on ctx and ends it; so may `self` be what the caller needs for that */
    kam_store *store;
    int64_t now;                    /* the clock by hand */
} model_world;

void model_open(model_world *w);
void model_close(model_world *w);
/** Runs `ops` operations on a new book in w->store and returns the hash of all dumps. */
uint64_t model_run(model_world *w, uint32_t seed, uint32_t ops);
/** `normal`, or what KAM_MODEL_OPS says. */
uint32_t model_ops(uint32_t normal);
#endif
