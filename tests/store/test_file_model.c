/*
 * test_file_model.c - the file store against naive models: of a table, opened again and again in between; and of a book, where memory, file
 * and SQLite must tell the same. KAM_FILE_HISTORIES (400, of 250 steps), KAM_MODEL_SEEDS (29), KAM_MODEL_OPS (700).
 */
#define _POSIX_C_SOURCE 200809L
#include "file_disk.h"
#include "memory_shop.h"
#include "model.h"
#include <unistd.h>
#ifdef KAM_HAVE_SQLITE
#include <kam/adapter/sqlite.h>
#include <sqlite3.h>
#endif

/* ---------------------------------------------------------------- a table */

typedef struct again { disk d; kam_ctx *ctx; int opened, how; } again;

/* Closed, or the process ends, or the machine crashes: all is committed, and lazily only what the model does not do. */
static void open_again(ms_shop *s, void *user)
{
    again *a = user;
    kam_error *err = NULL;
    if (!a->opened++) memset(s, 0, sizeof *s);
    kam_ctx *ctx = s->ctx;
    if (s->m && a->opened % 3) ((kam__file *)s->m->below)->dead = 1, s->m->dead = 1;
    for (int i = 0; i < 3; i++)
        if (s->conn[i]) VT->close(s->conn[i]);
    kam__memory_drop(s->m);
    if (a->opened % 3 == 1 && a->opened > 1) {
        disk after;
        disk_crash(&after, &a->d, (uint64_t)a->opened, 512);
        disk_free(&a->d);
        a->d = after;
        for (int i = 0; i < DISK_INODES; i++)
            if (!a->d.inode[i].first) a->d.inode[i].last = &a->d.inode[i].first;
    }
    memset(s, 0, sizeof *s);
    s->err.struct_size = sizeof s->err;
    if (ctx) s->ctx = ctx;
    else assert_int_equal(kam_ctx_new(&s->ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    if (kam__file_open(&s->m, s->ctx, "t.kam", a->opened % 2 ? FILE_COLD : 0, &file_disk_os, &a->d, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    kam_error_free(err);
    for (int i = 0; i < 3; i++) assert_int_equal(kam__memory_connect(s->conn + i, s->m, NULL), KAM_OK);
    assert_int_equal(VT->prepare(s->conn[0], ms_table(), 2, KAM_PREPARE_CREATE, NULL, NULL, &s->err), KAM_OK);
    if (a->opened % 4 == 0) assert_int_equal(VT->control(s->conn[0], KAM_CTL_COMPACT, NULL, NULL, NULL, &s->err), KAM_OK);
    if (a->opened % 5 == 0) assert_int_equal(kam__file_checkpoint(s->m->below, &s->err), KAM_OK);
}

static void histories_equal_the_model(void **state)
{
    static again a;
    const char *text = getenv("KAM_FILE_HISTORIES");
    int n = text ? atoi(text) : 400, opened = 0;
    (void)state;
    for (int seed = 1; seed <= n; seed++) {
        memset(&a, 0, sizeof a);
        disk_new(&a.d);
        ms_history((uint64_t)seed, 250, open_again, &a);
        opened += a.opened;
        disk_free(&a.d);
    }
    print_message("%d histories, %d operations, opened %d times\n", n, n * 250, opened);
    assert_true(opened > n * 3);
}

/* ---------------------------------------------------------------- a book */

static uint64_t run_memory(uint32_t seed, uint32_t ops)
{
    model_world w;
    model_open(&w);
    assert_int_equal(kam_store_memory(&w.store, w.ctx, w.err), KAM_OK);
    uint64_t hash = model_run(&w, seed, ops);
    model_close(&w);
    return hash;
}

static void open_and_verify(const char *path, model_world *w)
{
    kam_book *book = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    assert_int_equal(kam_store_file(&w->store, w->ctx, path, KAM_NUL, w->err), KAM_OK);
    assert_int_equal(kam_book_open(&book, w->ctx, w->store, NULL, w->err), KAM_OK);
    assert_int_equal(kam_book_verify(&rows, book, w->err), KAM_OK);
    assert_int_equal(kam_rows_next(&r, rows, w->err), KAM_OK);
    assert_null(r);
    kam_rows_free(rows);
    kam_book_close(book);
    kam_report_fn none = NULL;
    assert_int_equal(kam_store_control(w->store, KAM_CTL_VERIFY, &none, w->err), KAM_OK);
}

static uint64_t run_file(uint32_t seed, uint32_t ops)
{
    char path[] = "/tmp/kam_file_XXXXXX/m.kam";
    model_world w;
    model_open(&w);
    path[strlen(path) - 6] = 0;
    assert_non_null(mkdtemp(path));
    path[strlen(path)] = '/';
    assert_int_equal(kam_store_file(&w.store, w.ctx, path, KAM_NUL, w.err), KAM_OK);
    uint64_t hash = model_run(&w, seed, ops);
    kam_store_free(w.store);
    open_and_verify(path, &w);
    model_close(&w);
    assert_int_equal(unlink(path), 0);
    path[strlen(path) - 6] = 0;
    assert_int_equal(rmdir(path), 0);
    return hash;
}

#ifdef KAM_HAVE_SQLITE
static uint64_t run_sqlite(uint32_t seed, uint32_t ops)
{
    model_world w;
    sqlite3 *db = NULL;
    model_open(&w);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(kam_sqlite_store(&w.store, w.ctx, db, KAM_TXN_OWN, w.err), KAM_OK);
    uint64_t hash = model_run(&w, seed, ops);
    model_close(&w);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return hash;
}
#endif

/* One stream of operations, in pieces: a book for each seed. */
static void three_stores_tell_the_same(void **state)
{
    const char *text = getenv("KAM_MODEL_SEEDS");
    uint32_t seeds = text ? (uint32_t)atoi(text) : 29, ops = model_ops(700);
    (void)state;
    for (uint32_t seed = 50; seed < 50 + seeds; seed++) {
        uint64_t hash = run_memory(seed, ops);
        assert_true(run_file(seed, ops) == hash);
#ifdef KAM_HAVE_SQLITE
        assert_true(run_sqlite(seed, ops) == hash);
#endif
    }
    print_message("a stream of %u operations, the same in each store\n", (unsigned)(seeds * ops));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(histories_equal_the_model), cmocka_unit_test(three_stores_tell_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
