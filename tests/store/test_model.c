/* The book against a naive model of it, on the memory store and on one that leaves out all it may: the answers are the
 * same. */
#include "model.h"
#include "lazy.h"

static uint64_t run_memory(uint32_t seed, uint32_t ops)
{
    model_world w;
    model_open(&w);
    assert_int_equal(kam_store_memory(&w.store, w.ctx, w.err), KAM_OK);
    uint64_t hash = model_run(&w, seed, ops);
    model_close(&w);
    return hash;
}

static uint64_t run_lazy(uint32_t seed, uint32_t ops)
{
    model_world w;
    lazy_store lazy;
    kam__memory *memory = NULL;
    void *conn = NULL;
    model_open(&w);
    assert_int_equal(kam__memory_new(&memory, w.ctx, w.err), KAM_OK);
    assert_int_equal(kam__memory_connect(&conn, memory, w.err), KAM_OK);
    lazy_init(&lazy, w.ctx, &kam__memory_vt, conn);
    assert_int_equal(kam_store_new(&w.store, w.ctx, &lazy.vt, &lazy, KAM_TXN_OWN, w.err), KAM_OK);
    uint64_t hash = model_run(&w, seed, ops);
    kam_store_free(w.store);
    w.store = NULL;
    kam__memory_drop(memory);
    model_close(&w);
    return hash;
}

static void test_long_life(void **state)
{
    (void)state;
    run_memory(1, model_ops(3000));
}

static void test_many_lives(void **state)
{
    (void)state;
    for (uint32_t seed = 2; seed < 12; seed++) run_memory(seed, model_ops(300));
}

static void test_lazy_store_gives_the_same(void **state)
{
    (void)state;
    for (uint32_t seed = 20; seed < 23; seed++)
        assert_true(run_lazy(seed, model_ops(300)) == run_memory(seed, model_ops(300)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_life),
        cmocka_unit_test(test_many_lives),
        cmocka_unit_test(test_lazy_store_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
