/* The model of the book on SQLite: the same stream gives the same dumps as on the memory store. */
#include <sqlite3.h>
#include <kam/adapter/sqlite.h>
#include "../store/model.c"
#include "../store/model_check.c"

static uint64_t run_memory(uint32_t seed, uint32_t ops)
{
    model_world w;
    model_open(&w);
    assert_int_equal(kam_store_memory(&w.store, w.ctx, w.err), KAM_OK);
    uint64_t hash = model_run(&w, seed, ops);
    model_close(&w);
    return hash;
}

static uint64_t run_sqlite(uint32_t seed, uint32_t ops, uint32_t mode)
{
    model_world w;
    sqlite3 *db = NULL;
    model_open(&w);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(kam_sqlite_store(&w.store, w.ctx, db, mode, w.err), KAM_OK);
    uint64_t hash = model_run(&w, seed, ops);
    model_close(&w);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return hash;
}

static void test_own_transactions(void **state)
{
    (void)state;
    for (uint32_t seed = 30; seed < 33; seed++)
        assert_true(run_sqlite(seed, model_ops(800), KAM_TXN_OWN) == run_memory(seed, model_ops(800)));
}

static void test_savepoints(void **state)
{
    (void)state;
    for (uint32_t seed = 40; seed < 42; seed++)
        assert_true(run_sqlite(seed, model_ops(500), KAM_TXN_SAVEPOINT) == run_memory(seed, model_ops(500)));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_own_transactions), cmocka_unit_test(test_savepoints) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
