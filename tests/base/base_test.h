/*
 * tests/base/base_test.h - what the tests of the floor share: an allocator that fails when told to and checks the sizes
 * it is told, and a loop that makes each allocation of a scenario fail once.
 */
#ifndef KAM_TESTS_BASE_TEST_H
#define KAM_TESTS_BASE_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/base.h"

typedef struct fault { int64_t left, live, bytes, calls; } fault;      /* left: allocations that still work, -1 = all */

static inline int fault_now(fault *f) {
    f->calls++;
    if (f->left == 0) return 1;
    if (f->left > 0) f->left--;
    return 0;
}

static inline void *fault_alloc(void *user, size_t size) {
    fault *f = user;
    if (fault_now(f)) return NULL;
    char *p = malloc(size + 16);
    assert_non_null(p);
    memcpy(p, &size, sizeof size);
    memset(p + 16, 0xA5, size);
    f->live++;
    f->bytes += (int64_t)size;
    return p + 16;
}

static inline void fault_release(void *user, void *p, size_t size) {
    fault *f = user;
    size_t had;
    memcpy(&had, (char *)p - 16, sizeof had);
    assert_int_equal(had, size);
    f->live--;
    f->bytes -= (int64_t)size;
    free((char *)p - 16);
}

static inline void *fault_resize(void *user, void *p, size_t old_size, size_t new_size) {
    char *q = fault_alloc(user, new_size);
    if (!q) return NULL;
    memcpy(q, p, old_size < new_size ? old_size : new_size);
    fault_release(user, p, old_size);
    return q;
}

static inline kam_allocator fault_allocator(fault *f) {
    return (kam_allocator){sizeof(kam_allocator), 0, f, fault_alloc, fault_resize, fault_release};
}

static inline kam_ctx *fault_ctx(fault *f) {
    kam_allocator a = fault_allocator(f);
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = &a};
    kam_ctx *ctx = NULL;
    *f = (fault){.left = -1};
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    return ctx;
}

/* Ends the context and sees that nothing is left. */
static inline void fault_end(fault *f, kam_ctx *ctx) {
    assert_int_equal(ctx->memory, 0);
    kam_ctx_free(ctx);
    assert_int_equal(f->live, 0);
    assert_int_equal(f->bytes, 0);
}

/* Runs `scenario` with the first, second, ... allocation failing, until it needs none that fails. The scenario returns
 * OK or NOMEM and cleans up after itself. Returns the number of allocations. */
static inline int64_t fault_sweep(int32_t (*scenario)(kam_ctx *ctx, fault *f, kam_error *err)) {
    fault f;
    kam_error *err = NULL;
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    for (int64_t n = 0;; n++) {
        kam_ctx *ctx = fault_ctx(&f);
        f.left = n;
        int32_t rc = scenario(ctx, &f, err);
        f.left = -1;
        fault_end(&f, ctx);
        if (rc == KAM_OK) {
            kam_error_free(err);
            return n;
        }
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_int_equal(kam_error_code(err), KAM_E_NOMEM);
        assert_true(n < 100000);
    }
}
#endif
