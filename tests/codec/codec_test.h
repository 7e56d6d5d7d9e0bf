/*
 * tests/codec/codec_test.h - what the tests of this room share: a context whose allocator fails on request, and text
 * out of rows.
 */
#ifndef CODEC_TEST_H
#define CODEC_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "codec/codec.h"

/* countdown: allocations that still succeed; -1 = all. live: blocks not given back. */
typedef struct ct_memory { long countdown, live; kam_allocator allocator; } ct_memory;

kam_ctx *ct_ctx(ct_memory *m, uint32_t max_depth);
/** Ends the context and checks that nothing is left. */
void ct_done(ct_memory *m, kam_ctx *ctx);

/* Rows as one text: "[a|b]" per row, "!" and the code's name in front of a bad one. At row `stop_at` (from 1) the
 * callback fails. */
typedef struct ct_rows {
    char *text; size_t size, cap; int n, stop_at;
    uint64_t line, offset; uint32_t column; char message[256];     /* of the last bad row, from its error */
} ct_rows;
void ct_add(ct_rows *r, const char *text, size_t len);
void ct_add_str(ct_rows *r, const char *text);
void ct_clear(ct_rows *r);
int32_t ct_csv_row(void *user, const kam__csv_row *row, kam_error *err);
/** Reads `text` in pieces of `step` bytes (0: at once), or in two pieces cut at `cut`. Returns the code. */
int32_t ct_csv(ct_rows *r, kam_ctx *ctx, const char *text, size_t len, uint32_t separator, size_t step);
int32_t ct_csv_cut(ct_rows *r, kam_ctx *ctx, const char *text, size_t len, uint32_t separator, size_t cut);

#define assert_code(got, want) assert_string_equal(kam_code_name(got), kam_code_name(want))
#endif
