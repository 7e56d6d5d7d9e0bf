/* Scans over stores that do little, or fail with few words. */
#include "store_test.h"
#include "lazy.h"
#include <stdlib.h>

/* A store that can fail a call without telling anything but the code. */
typedef struct mute_store {
    kam_store_vt vt;
    void *self;
    int32_t scan_rc, reserve_rc;
    int reserve;
    int64_t next;
} mute_store;
typedef struct rig { fixture f; kam__memory *memory; lazy_store lazy; mute_store mute; } rig;

static int32_t mute_begin(void *self, uint32_t how, kam_store_err *err)
{
    return kam__memory_vt.begin(((mute_store *)self)->self, how, err);
}
static int32_t mute_end(void *self, uint32_t how, kam_store_err *err)
{
    return kam__memory_vt.end(((mute_store *)self)->self, how, err);
}
static int32_t mute_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    mute_store *m = self;
    return m->scan_rc ? m->scan_rc : kam__memory_vt.scan(m->self, q, fn, user, err);
}
static int32_t mute_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    return kam__memory_vt.write(((mute_store *)self)->self, t, op, rows, err);
}
static int32_t mute_prepare(void *self, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,
                            kam_store_err *err)
{
    return kam__memory_vt.prepare(((mute_store *)self)->self, t, n, how, fn, user, err);
}
static int32_t mute_reserve(void *self, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err)
{
    mute_store *m = self;
    (void)table;
    if (m->reserve_rc) {
        err->native = 77;
        return m->reserve_rc;
    }
    *first = m->next;
    m->next += n;
    return KAM_OK;
}
static void mute_close(void *self) { kam__memory_vt.close(((mute_store *)self)->self); }

static void open_rig(rig *g, int lazy, uint32_t mode)
{
    fixture *f = &g->f;
    void *conn = NULL;
    memset(g, 0, sizeof *g);
    f->now = (int64_t)day_of("2026-03-01") * DAY_MS;
    assert_int_equal(kam_error_new(&f->err, NULL), KAM_OK);
    kam_ctx_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.user = f;
    o.now = fixture_now;
    MUST(kam_ctx_new(&f->ctx, &o, f->err));
    MUST(kam__memory_new(&g->memory, f->ctx, f->err));
    MUST(kam__memory_connect(&conn, g->memory, f->err));
    lazy_init(&g->lazy, f->ctx, &kam__memory_vt, conn);
    g->mute = (mute_store){.vt = {sizeof g->mute.vt, KAM_STORE_ABI, mute_begin, mute_end, mute_scan, mute_write,
                                  mute_prepare, mute_reserve, NULL, mute_close},
                           .self = conn,
                           .next = 1000};
    if (mode == KAM_TXN_HOST) g->mute.vt.begin = NULL, g->mute.vt.end = NULL;
    if (mode == KAM_TXN_HOST) assert_int_equal(kam__memory_vt.begin(conn, KAM_BEGIN_WRITE, NULL), KAM_OK);
    MUST(kam_store_new(&f->store, f->ctx, lazy ? &g->lazy.vt : &g->mute.vt, lazy ? (void *)&g->lazy : (void *)&g->mute,
                       mode, f->err));
    kam_book_options bo;
    memset(&bo, 0, sizeof bo);
    bo.struct_size = sizeof bo;
    bo.flags = KAM_BOOK_CREATE;
    bo.currency = "CNY";
    MUST(kam_book_open(&f->book, NULL, f->store, &bo, f->err));
}

static rig world;
static int teardown(void **state)
{
    (void)state;
    kam_book_close(world.f.book);
    kam_store_free(world.f.store);
    kam__memory_drop(world.memory);
    kam_ctx_free(world.f.ctx);
    kam_error_free(world.f.err);
    return 0;
}

static void test_failure_without_words_is_told(void **state)
{
    fixture *f = &world.f;
    kam_record *r = NULL;
    (void)state;
    open_rig(&world, 0, KAM_TXN_OWN);
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    world.mute.scan_rc = KAM_E_IO;
    assert_int_equal(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err), KAM_E_IO);
    assert_int_equal(kam_error_code(f->err), KAM_E_IO);
    assert_non_null(strstr(kam_error_message(f->err), "reading"));
    /* nobody stopped it: the store is wrong */
    world.mute.scan_rc = 5;
    assert_int_equal(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err), KAM_E_IO);
    world.mute.scan_rc = -12345;
    assert_int_equal(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err), KAM_E_IO);
    world.mute.scan_rc = 0;
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    kam_record_free(r);
}

static void test_failed_reserve_aborts_the_host(void **state)
{
    fixture *f = &world.f;
    (void)state;
    open_rig(&world, 0, KAM_TXN_HOST);
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    assert_true(id >= 1000);
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Bolt", (uint32_t)0);
    world.mute.reserve_rc = KAM_E_BUSY;
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_BUSY);
    assert_int_equal(kam_error_detail(f->err, KAM_ERR_NATIVE), 77);
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_ABORTED);
    kam_record_free(r);
}

/* Several changes of one field in one commit: what held before is the old value of the first, wherever the store puts
 * that row. */
static void test_first_of_several_changes_is_undone(void **state)
{
    fixture *f = &world.f;
    char text[256];
    (void)state;
    open_rig(&world, 1, KAM_TXN_OWN);
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_CITY, "A");
    f->now += 10 * DAY_MS;
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    for (char c = 'B'; c <= 'F'; c++) {
        const char city[2] = { c, 0 };
        kam_record *r = NULL;
        MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, 1, KAM_TODAY, f->err));
        MUST(kam_record_set_text(r, KAM_ACCOUNT_CITY, city, KAM_NUL, f->err));
        save_record(f, r);
    }
    MUST(kam_book_commit(f->book, f->err));
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, 1, KAM_ACCOUNT_CITY, day_of("2026-03-05"), text), "A");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, 1, KAM_ACCOUNT_CITY, KAM_TODAY, text), "F");
}

static void test_order_and_limit_are_made_here(void **state)
{
    fixture *f = &world.f;
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int64_t last = 100;
    int n = 0;
    (void)state;
    open_rig(&world, 1, KAM_TXN_OWN);
    for (int i = 0; i < 40; i++) {
        char people[8], name[8];
        snprintf(people, sizeof people, "%d", i % 13);
        snprintf(name, sizeof name, "n%d", i);
        if (i % 5) SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, name, (uint32_t)KAM_ACCOUNT_EMPLOYEES, people);
        else SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, name);
    }
    const int64_t from = 2;
    MUST(kam_query_new(&q, f->book, KAM_KIND_ACCOUNT, f->err));
    MUST(kam_query_where_i64(q, KAM_ACCOUNT_EMPLOYEES, KAM_OP_GE, &from, 1, f->err));
    MUST(kam_query_order(q, KAM_ACCOUNT_EMPLOYEES, KAM_ORDER_DOWN, f->err));
    MUST(kam_query_limit(q, 3, 11, f->err));
    MUST(kam_query_run(&rows, q, KAM_TODAY, f->err));
    while (kam_rows_next(&r, rows, f->err) == KAM_OK && r) {
        assert_true(kam_record_i64(r, KAM_ACCOUNT_EMPLOYEES, -1) <= last);
        last = kam_record_i64(r, KAM_ACCOUNT_EMPLOYEES, -1);
        n++;
    }
    assert_int_equal(n, 11);
    kam_rows_free(rows);
    kam_query_free(q);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_failure_without_words_is_told),
        TEST(test_failed_reserve_aborts_the_host),
        TEST(test_first_of_several_changes_is_undone),
        TEST(test_order_and_limit_are_made_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
