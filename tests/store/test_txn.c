/* Transactions in the three modes over a store that fails when told to: what is told, what is taken back, what may
 * follow. */
#include "store_test.h"
#include <kam/spi/test.h>
#include "store/memory.h"

/* A memory store behind a fault store. In modes (b) and (c) the test is the host: in (c) it begins and ends on the
 * memory store. */
typedef struct rig {
    fixture f;
    kam_fault_alloc *alloc;
    kam__memory *memory;
    void *conn;
    kam_fault_store *fault;
    kam_store_vt vt;
} rig;

static void open_rig(rig *g, uint32_t mode, uint32_t flags)
{
    fixture *f = &g->f;
    memset(g, 0, sizeof *g);
    f->now = (int64_t)day_of("2026-03-01") * DAY_MS;
    assert_int_equal(kam_error_new(&f->err, NULL), KAM_OK);
    assert_int_equal(kam_fault_alloc_new(&g->alloc), KAM_OK);
    kam_ctx_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.user = f;
    o.now = fixture_now;
    o.allocator = kam_fault_alloc_allocator(g->alloc);
    MUST(kam_ctx_new(&f->ctx, &o, f->err));
    MUST(kam__memory_new(&g->memory, f->ctx, f->err));
    MUST(kam__memory_connect(&g->conn, g->memory, f->err));
    assert_int_equal(kam_fault_store_new(&g->fault, &kam__memory_vt, g->conn), KAM_OK);
    g->vt = *kam_fault_store_vt(g->fault);
    if (mode == KAM_TXN_HOST) g->vt.begin = NULL, g->vt.end = NULL;
    MUST(kam_store_new(&f->store, f->ctx, &g->vt, kam_fault_store_self(g->fault), mode, f->err));
    kam_book_options bo;
    memset(&bo, 0, sizeof bo);
    bo.struct_size = sizeof bo;
    bo.flags = KAM_BOOK_CREATE | flags;
    bo.currency = "CNY";
    if (mode == KAM_TXN_HOST) assert_int_equal(kam__memory_vt.begin(g->conn, KAM_BEGIN_WRITE, NULL), KAM_OK);
    MUST(kam_book_open(&f->book, NULL, f->store, &bo, f->err));
    if (mode != KAM_TXN_OWN) MUST(kam_book_host_ended(f->book, 1, f->err));
}

static void close_rig(rig *g)
{
    if (!g->f.book) return;
    kam_book_close(g->f.book);
    kam_store_free(g->f.store);
    kam_fault_store_free(g->fault);
    kam__memory_drop(g->memory);
    kam_ctx_free(g->f.ctx);
    kam_error_free(g->f.err);
    assert_int_equal(kam_fault_alloc_live(g->alloc, NULL), 0);
    kam_fault_alloc_free(g->alloc);
    g->f.book = NULL;
}

static rig world;
static int teardown(void **state)
{
    (void)state;
    close_rig(&world);
    return 0;
}

static int32_t try_account(fixture *f, const char *name)
{
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, name, (uint32_t)0);
    int32_t rc = kam_book_save(f->book, r, f->err);
    kam_record_free(r);
    return rc;
}

static void add_field(fixture *f, const char *name)
{
    SAVE(f, KAM_KIND_FIELD, (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME, name,
         (uint32_t)KAM_FIELD_TYPE, "INT");
}

static int has_field(fixture *f, const char *name)
{
    uint32_t id = 0;
    return kam_field_find(&id, f->book, KAM_KIND_ACCOUNT, name, f->err) == KAM_OK;
}

static uint32_t told;
static int32_t nested;
static void on_commit(void *user, const kam_block *touched)
{
    told += touched->nrow;
    nested = kam_book_host_ended(((fixture *)user)->book, 1, NULL);
}

/* ---------------------------------------------------------------- (b) savepoints */

static void test_failed_release_is_not_told(void **state)
{
    fixture *f = &world.f;
    (void)state;
    open_rig(&world, KAM_TXN_SAVEPOINT, 0);
    told = 0;
    MUST(kam_book_on_commit(f->book, on_commit, f, f->err));
    MUST(try_account(f, "Acme"));
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    MUST(try_account(f, "Bolt"));
    MUST(try_account(f, "Cast"));
    kam_fault_store_fail(world.fault, 2, KAM_E_IO, 0);                         /* commit row, end */
    assert_int_equal(kam_book_commit(f->book, f->err), KAM_E_IO);
    MUST(try_account(f, "Dorn"));
    assert_int_equal(told, 0);
    MUST(kam_book_host_ended(f->book, 1, f->err));
    assert_int_equal(told, 2);                                                 /* Acme and Dorn */
    assert_int_equal(nested, KAM_E_BUSY);
}

static void test_notes_of_nobody_are_forgotten(void **state)
{
    fixture *f = &world.f;
    (void)state;
    open_rig(&world, KAM_TXN_SAVEPOINT, 0);
    told = 0;
    MUST(kam_book_on_commit(f->book, on_commit, f, f->err));
    MUST(try_account(f, "Acme"));
    MUST(kam_book_on_commit(f->book, NULL, NULL, f->err));
    MUST(kam_book_host_ended(f->book, 1, f->err));
    MUST(kam_book_on_commit(f->book, on_commit, f, f->err));
    MUST(kam_book_host_ended(f->book, 1, f->err));
    assert_int_equal(told, 0);
}

static void test_schema_of_a_failed_savepoint_is_gone(void **state)
{
    fixture *f = &world.f;
    (void)state;
    open_rig(&world, KAM_TXN_SAVEPOINT, 0);
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    add_field(f, "x_gone");
    assert_true(has_field(f, "x_gone"));
    MUST(kam_book_rollback(f->book, f->err));
    assert_false(has_field(f, "x_gone"));
    /* the rest of the host's transaction is fine */
    MUST(kam_book_host_ended(f->book, 1, f->err));
    add_field(f, "x_here");
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    add_field(f, "x_gone");
    MUST(kam_book_rollback(f->book, f->err));
    assert_false(has_field(f, "x_gone"));
    /* of an earlier savepoint, still to be committed */
    assert_true(has_field(f, "x_here"));
    MUST(kam_book_host_ended(f->book, 0, f->err));
    assert_false(has_field(f, "x_here"));
}

static void test_schema_comes_back_without_the_store(void **state)
{
    fixture *f = &world.f;
    (void)state;
    open_rig(&world, KAM_TXN_OWN, 0);
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    add_field(f, "x_gone");
    /* not even the rollback is answered well */
    kam_fault_store_fail(world.fault, 1, KAM_E_IO, KAM_FAULT_ON);
    MUST(kam_book_rollback(f->book, f->err));
    assert_false(has_field(f, "x_gone"));
    kam_fault_store_fail(world.fault, 0, 0, 0);
    MUST(try_account(f, "Acme"));
    assert_false(has_field(f, "x_gone"));
}

/* ---------------------------------------------------------------- (c) the host's transactions */

static void test_host_takes_a_field_back(void **state)
{
    fixture *f = &world.f;
    (void)state;
    open_rig(&world, KAM_TXN_HOST, 0);
    MUST(try_account(f, "Acme"));
    add_field(f, "x_here");
    assert_int_equal(kam__memory_vt.end(world.conn, KAM_END_COMMIT, NULL), KAM_OK);
    MUST(kam_book_host_ended(f->book, 1, f->err));
    assert_int_equal(kam__memory_vt.begin(world.conn, KAM_BEGIN_WRITE, NULL), KAM_OK);
    add_field(f, "x_gone");
    assert_int_equal(kam__memory_vt.end(world.conn, KAM_END_ABORT, NULL), KAM_OK);
    MUST(kam_book_host_ended(f->book, 0, f->err));
    assert_int_equal(kam__memory_vt.begin(world.conn, KAM_BEGIN_WRITE, NULL), KAM_OK);
    MUST(try_account(f, "Bolt"));
    assert_true(has_field(f, "x_here"));
    assert_false(has_field(f, "x_gone"));
}

static void test_failed_read_aborts_the_host(void **state)
{
    fixture *f = &world.f;
    kam_record *r = NULL;
    (void)state;
    open_rig(&world, KAM_TXN_HOST, 0);
    MUST(try_account(f, "Acme"));
    assert_int_equal(try_account(f, ""), KAM_E_INVAL);                         /* our own refusal harms nothing */
    kam_fault_store_fail(world.fault, 1, KAM_E_IO, 0);
    assert_int_equal(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, 1, KAM_TODAY, f->err), KAM_E_IO);
    assert_int_equal(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, 1, KAM_TODAY, f->err), KAM_E_ABORTED);
    MUST(kam_book_host_ended(f->book, 0, f->err));
}

/* ---------------------------------------------------------------- (a) own transactions */

static void test_every_store_failure_takes_all_back(void **state)
{
    fixture *f = &world.f;
    (void)state;
    open_rig(&world, KAM_TXN_OWN, 0);
    for (uint64_t at = 1;; at++) {
        int64_t before = 0, after = 0;
        MUST(kam_book_seq(&before, f->book, KAM_TODAY, f->err));
        kam_fault_store_fail(world.fault, at, KAM_E_IO, 0);
        int32_t rc = try_account(f, "Acme");
        uint64_t calls = kam_fault_store_count(world.fault);
        kam_fault_store_fail(world.fault, 0, 0, 0);
        if (calls < at) {
            assert_int_equal(rc, KAM_OK);
            assert_true(at > 6);
            break;
        }
        assert_int_equal(rc, KAM_E_IO);
        MUST(kam_book_seq(&after, f->book, KAM_TODAY, f->err));
        assert_int_equal(after, before);
    }
}

static void test_lost_answer_of_commit(void **state)
{
    fixture *f = &world.f;
    kam_record *r = NULL;
    (void)state;
    open_rig(&world, KAM_TXN_OWN, 0);
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    add_field(f, "x_maybe");
    MUST(try_account(f, "Acme"));
    kam_fault_store_fail(world.fault, 2, KAM_E_COMMIT_UNKNOWN, KAM_FAULT_AFTER);
    assert_int_equal(kam_book_commit(f->book, f->err), KAM_E_COMMIT_UNKNOWN);
    assert_int_equal(kam_book_commit(f->book, f->err), KAM_E_INVAL);           /* it is over */
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, 1, KAM_TODAY, f->err));
    kam_record_free(r);
    assert_true(has_field(f, "x_maybe"));                                      /* it was done after all */
}

/* In a user's transaction a call that found no memory before it wrote leaves no gap in the numbers of commits and
 * ids. */
static void test_no_memory_leaves_numbers_alone(void **state)
{
    fixture *f = &world.f;
    (void)state;
    open_rig(&world, KAM_TXN_OWN, 0);
    int64_t last = 0, seq = 0;
    for (uint64_t at = 1;; at++) {
        kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)0);
        MUST(kam_book_seq(&last, f->book, KAM_TODAY, f->err));
        MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
        kam_fault_alloc_fail(world.alloc, at, 0);
        int32_t rc = kam_book_save(f->book, r, f->err);
        uint64_t count = kam_fault_alloc_count(world.alloc);
        kam_fault_alloc_fail(world.alloc, 0, 0);
        if (rc != KAM_OK) {
            assert_int_equal(rc, KAM_E_NOMEM);
            /* once more: fine, or the transaction is spoilt */
            rc = kam_book_save(f->book, r, f->err);
            assert_true(rc == KAM_OK || rc == KAM_E_ABORTED);
        }
        kam_record_free(r);
        assert_int_equal(kam_book_commit(f->book, f->err), rc);
        MUST(kam_book_seq(&seq, f->book, KAM_TODAY, f->err));
        assert_int_equal(seq, rc == KAM_OK ? last + 1 : last);
        MUST(kam_book_get(&r, f->book, KAM_KIND_COMMIT, seq, KAM_TODAY, f->err));
        kam_record_free(r);
        if (count < at) break;
    }
}

static void test_reading_without_snapshot_after_a_failure(void **state)
{
    fixture *f = &world.f;
    kam_record *r = NULL;
    (void)state;
    open_rig(&world, KAM_TXN_OWN, KAM_BOOK_NO_SNAPSHOT);
    MUST(try_account(f, "Acme"));
    kam_fault_store_fail(world.fault, 4, KAM_E_FULL, 0);
    assert_int_equal(try_account(f, "Bolt"), KAM_E_FULL);
    MUST(kam_book_begin(f->book, KAM_BEGIN_READ, f->err));
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, 1, KAM_TODAY, f->err));
    kam_record_free(r);
    MUST(kam_book_commit(f->book, f->err));
}

static void test_known_book_inside_a_transaction(void **state)
{
    fixture *f = &world.f;
    kam_book *then = NULL;
    kam_record *r = NULL;
    char text[256];
    (void)state;
    open_rig(&world, KAM_TXN_OWN, 0);
    MUST(try_account(f, "Acme"));
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    MUST(kam_book_known(&then, f->book, 2, f->err));
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, 1, KAM_TODAY, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_NAME, "Bolt", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    kam_record_free(r);
    r = NULL;
    MUST(try_account(f, "Cast"));
    assert_string_equal(text_of(f, then, KAM_KIND_ACCOUNT, 1, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Acme");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, 1, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Bolt");
    assert_int_equal(kam_book_get(&r, then, KAM_KIND_ACCOUNT, 2, KAM_TODAY, f->err), KAM_E_NOT_FOUND);
    assert_int_equal(kam_book_begin(then, KAM_BEGIN_WRITE, f->err), KAM_E_INVAL);
    MUST(kam_book_rollback(f->book, f->err));
    assert_string_equal(text_of(f, then, KAM_KIND_ACCOUNT, 1, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Acme");
    assert_int_equal(kam_book_begin(then, KAM_BEGIN_WRITE, f->err), KAM_E_READ_ONLY);
    kam_book_close(then);
}

static void test_base_currency_is_not_given_later(void **state)
{
    fixture *f = &world.f;
    kam_book *none = NULL, *again = NULL;
    kam_store *s = NULL;
    kam_book_options o;
    (void)state;
    open_rig(&world, KAM_TXN_OWN, 0);
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = KAM_BOOK_CREATE;
    MUST(kam_store_memory(&s, f->ctx, f->err));
    MUST(kam_book_open(&none, NULL, s, &o, f->err));
    o.currency = "CNY";
    assert_int_equal(kam_book_open(&again, NULL, s, &o, f->err), KAM_E_INVAL);
    kam_book_close(none);
    kam_store_free(s);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_failed_release_is_not_told),
        TEST(test_notes_of_nobody_are_forgotten),
        TEST(test_schema_of_a_failed_savepoint_is_gone),
        TEST(test_schema_comes_back_without_the_store),
        TEST(test_host_takes_a_field_back),
        TEST(test_failed_read_aborts_the_host),
        TEST(test_every_store_failure_takes_all_back),
        TEST(test_lost_answer_of_commit),
        TEST(test_no_memory_leaves_numbers_alone),
        TEST(test_reading_without_snapshot_after_a_failure),
        TEST(test_known_book_inside_a_transaction),
        TEST(test_base_currency_is_not_given_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
