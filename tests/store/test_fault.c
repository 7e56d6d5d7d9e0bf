/*
 * test_fault.c - memory that runs out, a store that fails, and the sweeps over both.
 */
#include "mutants.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* ---------------------------------------------------------------- memory */

static void the_nth_request_fails(void **state)
{
    kam_fault_alloc *f;
    (void)state;
    assert_int_equal(kam_fault_alloc_new(&f), KAM_OK);
    const kam_allocator *a = kam_fault_alloc_allocator(f);
    assert_int_equal(kam_fault_alloc_fail(f, 2, 0), KAM_OK);
    char *p = a->alloc(a->user, 10), *q = a->alloc(a->user, 10), *r = a->alloc(a->user, 10);
    assert_non_null(p);
    assert_null(q);
    assert_non_null(r);
    memset(p, 'x', 10);
    assert_int_equal(kam_fault_alloc_count(f), 3);
    assert_int_equal(kam_fault_alloc_fail(f, 1, KAM_FAULT_ON), KAM_OK);
    assert_null(a->alloc(a->user, 1));
    assert_null(a->resize(a->user, p, 10, 20));
    assert_int_equal(p[9], 'x');
    assert_int_equal(kam_fault_alloc_fail(f, 0, 0), KAM_OK);
    char *moved = a->resize(a->user, p, 10, 20);
    assert_non_null(moved);
    assert_int_equal(moved[9], 'x');
    a->release(a->user, moved, 20);
    a->release(a->user, r, 10);
    assert_int_equal(kam_fault_alloc_live(f, NULL), 0);
    assert_int_equal(kam_fault_alloc_misuse(f), 0);
    assert_int_equal(kam_fault_alloc_fail(f, 1, 8), KAM_E_INVAL);
    kam_fault_alloc_free(f);
}

static void leaks_and_misuse_are_told(void **state)
{
    kam_fault_alloc *f;
    uint64_t bytes, size, request;
    char own[4];
    (void)state;
    assert_int_equal(kam_fault_alloc_new(&f), KAM_OK);
    const kam_allocator *a = kam_fault_alloc_allocator(f);
    void *p = a->alloc(a->user, 11);
    assert_non_null(a->alloc(a->user, 22));
    assert_int_equal(kam_fault_alloc_live(f, &bytes), 2);
    assert_int_equal(bytes, 33);
    assert_int_equal(kam_fault_alloc_leak(f, 0, &size, &request), KAM_OK);
    assert_int_equal(size, 22);
    assert_int_equal(request, 2);
    assert_int_equal(kam_fault_alloc_leak(f, 1, &size, &request), KAM_OK);
    assert_int_equal(size, 11);
    assert_int_equal(kam_fault_alloc_leak(f, 2, &size, &request), KAM_E_NOT_FOUND);
    a->release(a->user, own, 4);
    a->release(a->user, p, 12);
    assert_int_equal(kam_fault_alloc_misuse(f), 2);
    a->release(a->user, NULL, 0);
    assert_int_equal(kam_fault_alloc_misuse(f), 2);
    kam_fault_alloc_free(f);
}

/* ---------------------------------------------------------------- sweeps */

static int32_t sound(void *user, kam_fault_alloc *alloc)
{
    const kam_allocator *a = kam_fault_alloc_allocator(alloc);
    (void)user;
    void *p = a->alloc(a->user, 5), *q = p ? a->alloc(a->user, 6) : NULL;
    if (q) a->release(a->user, q, 6);
    if (p) a->release(a->user, p, 5);
    return q ? KAM_OK : KAM_E_NOMEM;
}

static int32_t leaky(void *user, kam_fault_alloc *alloc)
{
    const kam_allocator *a = kam_fault_alloc_allocator(alloc);
    (void)user;
    void *p = a->alloc(a->user, 5), *q = a->alloc(a->user, 6);
    if (!q) return KAM_E_NOMEM;             /* p stays */
    a->release(a->user, q, 6);
    if (p) a->release(a->user, p, 5);
    return p ? KAM_OK : KAM_E_IO;           /* and the wrong code */
}

typedef struct told { uint32_t n; uint64_t at[8]; int32_t code[8]; } told;
static void tell(void *user, uint64_t at, int32_t code, const char *why)
{
    told *t = user;
    assert_true(strlen(why) > 0);
    t->at[t->n % 8] = at;
    t->code[t->n++ % 8] = code;
}

static void a_sweep_finds_what_is_wrong(void **state)
{
    told t = {0};
    (void)state;
    assert_int_equal(kam_fault_sweep_alloc(sound, NULL, tell, &t), 0);
    assert_int_equal(t.n, 0);
    assert_int_equal(kam_fault_sweep_alloc(leaky, NULL, tell, &t), 2);
    assert_int_equal(t.at[0], 1);
    assert_int_equal(t.code[0], KAM_E_IO);
    assert_int_equal(t.at[1], 2);
    assert_int_equal(t.code[1], KAM_E_NOMEM);
    assert_int_equal(kam_fault_sweep_alloc(NULL, NULL, NULL, NULL), KAM_E_INVAL);
}

/* ---------------------------------------------------------------- a store that fails */

typedef struct shop {
    kam_ctx *ctx;
    kam__memory *m;
    void *conn;
    kam_fault_store *f;
    const kam_store_vt *vt;
    void *self;
    kam_store_err err;
} shop;

static void shop_open(shop *s)
{
    uint32_t n;
    const kam_table *t = kam_kit_tables(&n);
    memset(s, 0, sizeof *s);
    s->err.struct_size = sizeof s->err;
    assert_int_equal(kam_ctx_new(&s->ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__memory_new(&s->m, s->ctx, NULL), KAM_OK);
    assert_int_equal(kam__memory_connect(&s->conn, s->m, NULL), KAM_OK);
    assert_int_equal(kam_fault_store_new(&s->f, &kam__memory_vt, s->conn), KAM_OK);
    s->vt = kam_fault_store_vt(s->f);
    s->self = kam_fault_store_self(s->f);
    assert_int_equal(s->vt->prepare(s->self, t, n, KAM_PREPARE_CREATE, NULL, NULL, &s->err), KAM_OK);
}

static void shop_close(shop *s)
{
    s->vt->close(s->self);
    kam_fault_store_free(s->f);
    kam__memory_drop(s->m);
    kam_ctx_free(s->ctx);
}

static int32_t shop_insert(shop *s, int64_t id)
{
    const kam_col col = {1, KAM_T_I64, {0, 0, 0}, &id, NULL, NULL};
    const kam_block b = {sizeof b, 1, 1, 0, &col};
    return s->vt->write(s->self, kam_kit_tables(NULL), KAM_WRITE_INSERT, &b, &s->err);
}

static int32_t shop_count_fn(void *user, const kam_block *b)
{
    *(uint32_t *)user += b->nrow;
    return 0;
}

static int32_t shop_count(shop *s, uint32_t *n)
{
    const uint32_t field = 1;
    kam_table_scan q = {.struct_size = sizeof q, .table = kam_kit_tables(NULL), .field = &field, .nfield = 1};
    *n = 0;
    return s->vt->scan(s->self, &q, shop_count_fn, n, &s->err);
}

/* One transaction of two rows; its code. */
static int32_t shop_work(shop *s, int64_t id)
{
    int32_t rc = s->vt->begin(s->self, KAM_BEGIN_WRITE, &s->err);
    if (rc) return rc;
    rc = shop_insert(s, id);
    if (!rc) rc = shop_insert(s, id + 1);
    int32_t end = s->vt->end(s->self, rc ? KAM_END_ABORT : KAM_END_COMMIT, &s->err);
    return rc ? rc : end;
}

static void each_call_fails_once(void **state)
{
    shop s;
    uint32_t n;
    (void)state;
    for (uint64_t at = 1; at <= 4; at++) {
        shop_open(&s);
        assert_int_equal(kam_fault_store_fail(s.f, at, KAM_E_IO, 0), KAM_OK);
        assert_int_equal(shop_work(&s, 1), KAM_E_IO);
        assert_int_equal(kam_fault_store_fail(s.f, 0, 0, 0), KAM_OK);
        assert_int_equal(shop_count(&s, &n), KAM_OK);
        assert_int_equal(n, 0);
        assert_int_equal(shop_work(&s, 1), KAM_OK);
        assert_int_equal(shop_count(&s, &n), KAM_OK);
        assert_int_equal(n, 2);
        assert_int_equal(kam_fault_store_count(s.f), 6);
        shop_close(&s);
    }
}

static void a_lost_answer_of_commit(void **state)
{
    shop s;
    uint32_t n;
    (void)state;
    shop_open(&s);
    assert_int_equal(kam_fault_store_fail(s.f, 4, KAM_E_COMMIT_UNKNOWN, KAM_FAULT_AFTER), KAM_OK);
    assert_int_equal(shop_work(&s, 1), KAM_E_COMMIT_UNKNOWN);
    assert_int_equal(s.err.code, KAM_E_COMMIT_UNKNOWN);
    assert_int_equal(shop_count(&s, &n), KAM_OK);
    assert_int_equal(n, 2);
    shop_close(&s);
}

static void a_lost_answer_of_begin_leaves_no_transaction(void **state)
{
    shop s;
    (void)state;
    shop_open(&s);
    assert_int_equal(kam_fault_store_fail(s.f, 1, KAM_E_BUSY, KAM_FAULT_AFTER), KAM_OK);
    assert_int_equal(shop_work(&s, 1), KAM_E_BUSY);
    assert_int_equal(shop_work(&s, 1), KAM_OK);
    shop_close(&s);
}

static void a_failed_write_spoils_the_transaction(void **state)
{
    shop s;
    uint32_t n;
    (void)state;
    for (uint32_t flags = 0; flags <= KAM_FAULT_AFTER; flags++) {
        shop_open(&s);
        assert_int_equal(s.vt->begin(s.self, KAM_BEGIN_WRITE, &s.err), KAM_OK);
        assert_int_equal(kam_fault_store_fail(s.f, 1, KAM_E_FULL, flags), KAM_OK);
        assert_int_equal(shop_insert(&s, 1), KAM_E_FULL);
        assert_int_equal(shop_insert(&s, 2), KAM_E_ABORTED);
        assert_int_equal(shop_count(&s, &n), KAM_E_ABORTED);
        assert_int_equal(s.vt->end(s.self, KAM_END_COMMIT, &s.err), KAM_E_ABORTED);
        assert_int_equal(shop_count(&s, &n), KAM_OK);
        assert_int_equal(n, 0);
        shop_close(&s);
    }
}

static void from_the_nth_call_on(void **state)
{
    shop s;
    uint32_t n;
    (void)state;
    shop_open(&s);
    assert_int_equal(kam_fault_store_fail(s.f, 2, KAM_E_DEAD, KAM_FAULT_ON), KAM_OK);
    assert_int_equal(shop_count(&s, &n), KAM_OK);
    assert_int_equal(shop_count(&s, &n), KAM_E_DEAD);
    assert_int_equal(shop_count(&s, &n), KAM_E_DEAD);
    assert_int_equal(kam_fault_store_fail(s.f, 1, KAM_OK, 0), KAM_E_INVAL);
    assert_int_equal(kam_fault_store_fail(s.f, 1, KAM_E_IO, 4), KAM_E_INVAL);
    shop_close(&s);
}

/* Fails the fault_at-th call of a transaction: either nothing or all of it must be there. */
static int32_t shop_sweep(void *user, uint64_t fault_at, uint64_t *count)
{
    shop s;
    uint32_t n;
    shop_open(&s);
    assert_int_equal(kam_fault_store_fail(s.f, fault_at, KAM_E_IO, *(uint32_t *)user), KAM_OK);
    int32_t rc = shop_work(&s, 1);
    *count = kam_fault_store_count(s.f);
    assert_int_equal(kam_fault_store_fail(s.f, 0, 0, 0), KAM_OK);
    assert_int_equal(shop_count(&s, &n), KAM_OK);
    shop_close(&s);
    if (!fault_at) return rc;
    return n == 0 || (n == 2 && fault_at == 4) ? KAM_OK : KAM_E_CORRUPT;
}

static void a_sweep_over_calls(void **state)
{
    uint32_t flags = 0;
    (void)state;
    assert_int_equal(kam_fault_sweep(shop_sweep, &flags, NULL, NULL), 0);
    flags = KAM_FAULT_AFTER;
    assert_int_equal(kam_fault_sweep(shop_sweep, &flags, NULL, NULL), 0);
}

static int32_t always_bad(void *user, uint64_t fault_at, uint64_t *count)
{
    (void)user;
    *count = 3;
    return fault_at == 2 ? KAM_E_CORRUPT : KAM_OK;
}

static void a_sweep_tells_the_fault(void **state)
{
    told t = {0};
    (void)state;
    assert_int_equal(kam_fault_sweep(always_bad, NULL, tell, &t), 1);
    assert_int_equal(t.at[0], 2);
    assert_int_equal(t.code[0], KAM_E_CORRUPT);
    assert_int_equal(kam_fault_sweep(NULL, NULL, NULL, NULL), KAM_E_INVAL);
}

/* ---------------------------------------------------------------- the kit through the wrapper */

static int32_t wrapped_make(void *user, const kam_store_vt **vt, void **self)
{
    shop *s = user;
    memset(s, 0, sizeof *s);
    KAM__TRY(kam_ctx_new(&s->ctx, NULL, NULL));
    KAM__TRY(kam__memory_new(&s->m, s->ctx, NULL));
    KAM__TRY(kam__memory_connect(&s->conn, s->m, NULL));
    KAM__TRY(kam_fault_store_new(&s->f, &kam__memory_vt, s->conn));
    *vt = kam_fault_store_vt(s->f);
    *self = kam_fault_store_self(s->f);
    return KAM_OK;
}

static void wrapped_destroy(void *user, const kam_store_vt *vt, void *self)
{
    shop *s = user;
    vt->close(self);
    kam_fault_store_free(s->f);
    kam__memory_drop(s->m);
    kam_ctx_free(s->ctx);
}

static void without_faults_it_is_the_store(void **state)
{
    shop s;
    const kam_kit_options o = {.struct_size = sizeof o, .user = &s, .make = wrapped_make, .destroy = wrapped_destroy};
    (void)state;
    assert_int_equal(kam_kit_run(&o, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nth_request_fails),
        cmocka_unit_test(leaks_and_misuse_are_told),
        cmocka_unit_test(a_sweep_finds_what_is_wrong),
        cmocka_unit_test(each_call_fails_once),
        cmocka_unit_test(a_lost_answer_of_commit),
        cmocka_unit_test(a_lost_answer_of_begin_leaves_no_transaction),
        cmocka_unit_test(a_failed_write_spoils_the_transaction),
        cmocka_unit_test(from_the_nth_call_on),
        cmocka_unit_test(a_sweep_over_calls),
        cmocka_unit_test(a_sweep_tells_the_fault),
        cmocka_unit_test(without_faults_it_is_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
