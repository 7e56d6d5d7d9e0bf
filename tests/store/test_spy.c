/*
 * test_spy.c - the store that writes down each call, the one that only passes on, and the clock moved by hand.
 */
#include "mutants.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

typedef struct shop { kam_ctx *ctx; kam__memory *m; void *conn; kam_spy_store *spy; kam_pass_store *pass; } shop;

static int32_t shop_base(shop *s)
{
    memset(s, 0, sizeof *s);
    KAM__TRY(kam_ctx_new(&s->ctx, NULL, NULL));
    KAM__TRY(kam__memory_new(&s->m, s->ctx, NULL));
    return kam__memory_connect(&s->conn, s->m, NULL);
}

static void shop_end(void *user, const kam_store_vt *vt, void *self)
{
    shop *s = user;
    vt->close(self);
    kam_spy_store_free(s->spy);
    kam_pass_store_free(s->pass);
    kam__memory_drop(s->m);
    kam_ctx_free(s->ctx);
}

static int32_t spy_make(void *user, const kam_store_vt **vt, void **self)
{
    shop *s = user;
    KAM__TRY(shop_base(s));
    KAM__TRY(kam_spy_store_new(&s->spy, &kam__memory_vt, s->conn));
    *vt = kam_spy_store_vt(s->spy);
    *self = kam_spy_store_self(s->spy);
    return KAM_OK;
}

static int32_t pass_make(void *user, const kam_store_vt **vt, void **self)
{
    shop *s = user;
    KAM__TRY(shop_base(s));
    KAM__TRY(kam_pass_store_new(&s->pass, &kam__memory_vt, s->conn));
    *vt = kam_pass_store_vt(s->pass);
    *self = kam_pass_store_self(s->pass);
    return KAM_OK;
}

static void the_kit_passes_through_both(void **state)
{
    shop s;
    kam_kit_options o = {.struct_size = sizeof o, .user = &s, .make = spy_make, .destroy = shop_end};
    (void)state;
    assert_int_equal(kam_kit_run(&o, NULL, NULL), 0);
    o.make = pass_make;
    assert_int_equal(kam_kit_run(&o, NULL, NULL), 0);
}

/* ---------------------------------------------------------------- lines */

static int32_t take(void *user, const kam_block *b)
{
    (void)b;
    return *(int32_t *)user;
}

static void each_call_is_a_line(void **state)
{
    static const int64_t id[] = {1, 2, 3}, amount[] = {10, 20, 30}, keys[] = {2, 3};
    shop s;
    uint32_t ntable;
    int32_t answer = 0;
    int64_t first;
    kam_store_err err = {.struct_size = sizeof err};
    const kam_table *t = kam_kit_tables(&ntable);
    const uint32_t amount_id = kam__mutant_field(M_AMOUNT), field[] = {1};
    const kam_col col[] = {{1, KAM_T_I64, {0, 0, 0}, id, NULL, NULL},
                           {amount_id, KAM_T_I64, {0, 0, 0}, amount, NULL, NULL}};
    const kam_col arg[] = {{1, KAM_T_I64, {0, 0, 0}, keys, NULL, NULL},
                           {amount_id, KAM_T_I64, {0, 0, 0}, amount, NULL, NULL}};
    const kam_pred pred[] = {{1, KAM_OP_IN, arg, 2, 0}, {amount_id, KAM_OP_GE, arg + 1, 1, 0}};
    kam_block b = {sizeof b, 3, 2, 0, col};
    const kam_store_vt *vt;
    void *self;
    (void)state;
    assert_int_equal(spy_make(&s, &vt, &self), KAM_OK);
    assert_string_equal(kam_spy_store_log(s.spy), "");
    assert_int_equal(vt->prepare(self, t, ntable, KAM_PREPARE_CREATE, NULL, NULL, &err), KAM_OK);
    assert_int_equal(vt->begin(self, KAM_BEGIN_WRITE, &err), KAM_OK);
    assert_int_equal(vt->reserve(self, 120, 3, &first, &err), KAM_OK);
    assert_int_equal(vt->write(self, t, KAM_WRITE_INSERT, &b, &err), KAM_OK);
    b.nrow = 1;
    assert_int_equal(vt->write(self, t, KAM_WRITE_INSERT, &b, &err), KAM_E_EXISTS);
    assert_int_equal(vt->end(self, KAM_END_ABORT, &err), KAM_OK);
    assert_int_equal(vt->begin(self, KAM_BEGIN_WRITE, &err), KAM_OK);
    b.nrow = 3;
    assert_int_equal(vt->write(self, t, KAM_WRITE_INSERT, &b, &err), KAM_OK);
    assert_int_equal(vt->end(self, KAM_END_LAZY, &err), KAM_OK);
    kam_table_scan q = {.struct_size = sizeof q,
                        .flags = 1,
                        .table = t,
                        .field = field,
                        .nfield = 1,
                        .pred = pred,
                        .npred = 2,
                        .order = &amount_id,
                        .norder = 1,
                        .limit = 10};
    assert_int_equal(vt->scan(self, &q, take, &answer, &err), KAM_OK);
    q = (kam_table_scan){.struct_size = sizeof q, .table = t, .field = field, .nfield = 1};
    answer = 7;
    assert_int_equal(vt->scan(self, &q, take, &answer, &err), 7);
    assert_int_equal(vt->control(self, KAM_CTL_COMPACT, NULL, NULL, NULL, &err), KAM_E_UNSUPPORTED);
    assert_string_equal(kam_spy_store_log(s.spy),
                        "prepare create 2 tables\n"
                        "begin write\n"
                        "reserve table 120: 3\n"
                        "write kit_item insert 3 rows\n"
                        "write kit_item insert 1 row = KAM_E_EXISTS\n"
                        "end abort\n"
                        "begin write\n"
                        "write kit_item insert 3 rows\n"
                        "end lazy\n"
                        "scan kit_item id in 2, amount ge order amount descending limit 10: 2 rows\n"
                        "scan kit_item: 3 rows = 7\n"
                        "control compact = KAM_E_UNSUPPORTED\n");
    kam_spy_store_clear(s.spy);
    assert_string_equal(kam_spy_store_log(s.spy), "");
    assert_int_equal(kam_spy_store_lost(s.spy), 0);
    shop_end(&s, vt, self);
}

/* ---------------------------------------------------------------- shapes of vtables */

static int32_t no_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    (void)self, (void)q, (void)fn, (void)user, (void)err;
    return KAM_E_IO;
}

static int32_t no_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    (void)self, (void)t, (void)op, (void)rows, (void)err;
    return KAM_E_IO;
}

static void missing_functions_stay_missing(void **state)
{
    size_t size = offsetof(kam_store_vt, prepare);
    kam_store_vt *cut = calloc(1, size);                    /* exactly as long as it says */
    kam_store_vt whole = {.struct_size = (uint32_t)size, .abi = KAM_STORE_ABI, .scan = no_scan, .write = no_write};
    kam_pass_store *pass;
    kam_spy_store *spy;
    (void)state;
    assert_non_null(cut);
    memcpy(cut, &whole, size);
    assert_int_equal(kam_pass_store_new(&pass, cut, NULL), KAM_OK);
    assert_int_equal(kam_spy_store_new(&spy, cut, NULL), KAM_OK);
    const kam_store_vt *vt[] = {kam_pass_store_vt(pass), kam_spy_store_vt(spy)};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vt[i]->struct_size, sizeof(kam_store_vt));
        assert_true(!vt[i]->begin && !vt[i]->end && !vt[i]->prepare && !vt[i]->reserve && !vt[i]->control &&
                    !vt[i]->close);
        assert_true(vt[i]->scan && vt[i]->write);
    }
    kam_pass_store_free(pass);
    kam_spy_store_free(spy);
    cut->struct_size--;
    assert_int_equal(kam_pass_store_new(&pass, cut, NULL), KAM_E_INVAL);
    free(cut);
    whole.write = NULL;
    assert_int_equal(kam_pass_store_new(&pass, &whole, NULL), KAM_E_INVAL);
    assert_int_equal(kam_pass_store_new(&pass, NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_pass_store_new(NULL, &kam__memory_vt, NULL), KAM_E_INVAL);
    assert_int_equal(kam_spy_store_new(NULL, &kam__memory_vt, NULL), KAM_E_INVAL);
    assert_int_equal(kam_fault_store_new(NULL, &kam__memory_vt, NULL), KAM_E_INVAL);
    kam_pass_store_free(NULL);
    kam_spy_store_free(NULL);
}

static void the_clock_moves_by_hand(void **state)
{
    kam_test_clock clock = {.struct_size = sizeof clock, .now = 1000, .step = 5};
    kam_ctx_options o = {.struct_size = sizeof o, .user = &clock, .now = kam_test_clock_now};
    kam_ctx *ctx;
    (void)state;
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    assert_int_equal(kam__now(ctx), 1000);
    assert_int_equal(kam__now(ctx), 1005);
    clock.now = 7;
    clock.step = 0;
    assert_int_equal(kam__now(ctx), 7);
    assert_int_equal(kam__now(ctx), 7);
    kam_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kit_passes_through_both),
        cmocka_unit_test(each_call_is_a_line),
        cmocka_unit_test(missing_functions_stay_missing),
        cmocka_unit_test(the_clock_moves_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
