/*
 * tests/store/test_import_fail.c - whatever fails an import (memory, the store, the host), nothing of it stays, and the
 * next try works; and imports inside the host's own transaction.
 */
#include "import_test.h"

static const char reps[] = "ext_id,name\nr1,Wang\nr2,Li\n";
static const char accounts[] =
    "ext_id,name,city,owner,parent\nc1,Alpha,Beijing,r1,\nc2,Beta,,r2,c1\nc3,Gamma,Xi'an,,c1\n";
static const char ledger[] =
    "ext_id,account,day,event,amount\nl1,c1,2025-12-01,SALE,10.50\nl2,c2,2025-12-02,RETURN,3\n";

static void start(it_book *b)
{
    it_open(b);
    it_import(b, KAM_KIND_REPRESENTATIVE, "erp", NULL, reps, "2/0/0/0/0");
    it_import(b, KAM_KIND_ACCOUNT, "erp", NULL, accounts, "3/0/0/0/0");
}

static int32_t all_kinds(it_book *b)
{
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .batch = "sweep" };
    static const char text[] = "ext_id,name,owner,parent,latitude,longitude\nc1,Alpha changed,r2,,1,2\nn1,New "
                               "one,r1,n2,,\nn2,New two,,c1,0,0\nc2,Beta,r2,c1,,\nn3,,,,,\nn4,x,r7,,,\n";
    return it_try(b, KAM_KIND_ACCOUNT, &o, text, NULL);
}

static int32_t corrections(it_book *b)
{
    kam_import_options o = {
        .struct_size = sizeof o,
        .source = "erp",
        .batch = "sweep 2",
        .mapping = "{\"columns\": {\"No\": \"ext_id\", \"Betrag\": {\"field\": \"amount\", \"round\": true}}}"};
    return it_try(b, KAM_KIND_LEDGER, &o, "No,Betrag\nl1,7.005\nl2,3\nl1,8\n", NULL);
}

static void sweep(int32_t (*scenario)(it_book *b), const char *counts)
{
    it_book b;
    start(&b);
    it_import(&b, KAM_KIND_LEDGER, "erp", NULL, ledger, "2/0/0/0/0");
    char *before = it_dump(&b);
    for (int64_t n = 0;; n++) {
        assert_true(n < 20000);
        b.memory.left = n;
        int32_t rc = scenario(&b);
        b.memory.left = -1;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
        if (n % 7 && n > 60) continue;
        char *after = it_dump(&b);
        assert_string_equal(before, after);
        free(after);
    }
    assert_string_equal(b.counts, counts);
    free(before);
    it_close(&b);
}

static void test_out_of_memory_anywhere(void **state)
{
    (void)state;
    sweep(all_kinds, "2/1/1/0/2");
    sweep(corrections, "0/0/1/2/0");
}

static int32_t cancel(void *user, uint64_t done, uint64_t total)
{
    (void)user, (void)done, (void)total;
    return 1;
}

static void test_the_host_may_cancel(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    char *before = it_dump(&b);
    kam_import_options o = { .struct_size = sizeof o, .source = "erp" };
    b.ctx->opt.progress = cancel;
    assert_int_equal(it_try(&b, KAM_KIND_LEDGER, &o, ledger, NULL), KAM_E_CANCELLED);
    b.ctx->opt.progress = NULL;
    char *after = it_dump(&b);
    assert_string_equal(before, after);
    free(before);
    free(after);
    it_close(&b);
}

/* ---------------------------------------------------------------- a store that fails, a host that owns the
   transaction */

typedef struct lying {
    void *self;
    int64_t writes;
    uint64_t written;
} lying; /* writes: that still work, -1 = all */

static int32_t lying_begin(void *self, uint32_t flags, kam_store_err *err)
{
    return kam__memory_vt.begin(((lying *)self)->self, flags, err);
}

static int32_t lying_end(void *self, uint32_t how, kam_store_err *err)
{
    return kam__memory_vt.end(((lying *)self)->self, how, err);
}

static int32_t lying_scan(void *self, kam_table_scan *s, kam_block_fn fn, void *user, kam_store_err *err)
{
    return kam__memory_vt.scan(((lying *)self)->self, s, fn, user, err);
}

static int32_t lying_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    lying *l = self;
    if (l->writes == 0) return err->code = KAM_E_FULL;
    if (l->writes > 0) l->writes--;
    l->written++;
    return kam__memory_vt.write(l->self, t, op, rows, err);
}

static int32_t lying_prepare(void *self, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,
                             kam_store_err *err)
{
    return kam__memory_vt.prepare(((lying *)self)->self, t, n, how, fn, user, err);
}

static void open_lying(it_book *b, lying *l, uint32_t mode)
{
    kam__memory *memory = NULL;
    kam_store *store = NULL;
    kam_store_vt vt = {.struct_size = sizeof vt,
                       .abi = KAM_STORE_ABI,
                       .scan = lying_scan,
                       .write = lying_write,
                       .prepare = lying_prepare};
    kam_book_options bo = { .struct_size = sizeof bo, .flags = KAM_BOOK_CREATE, .currency = "CNY" };
    it_open(b);
    kam_book_close(b->book);
    it_ok(b, kam__memory_new(&memory, b->ctx, b->err));
    it_ok(b, kam__memory_connect(&l->self, memory, b->err));
    kam__memory_drop(memory);
    if (mode != KAM_TXN_HOST) vt.begin = lying_begin, vt.end = lying_end;
    else
        assert_int_equal(
            kam__memory_vt.begin(l->self, KAM_BEGIN_WRITE, &(kam_store_err){.struct_size = sizeof(kam_store_err)}),
            KAM_OK);
    l->writes = -1;
    it_ok(b, kam_store_new(&store, b->ctx, &vt, l, mode, b->err));
    it_ok(b, kam_book_open(&b->book, b->ctx, store, &bo, b->err));
    kam_store_free(store);
    it_import(b, KAM_KIND_REPRESENTATIVE, "erp", NULL, reps, "2/0/0/0/0");
    it_import(b, KAM_KIND_ACCOUNT, "erp", NULL, accounts, "3/0/0/0/0");
}

static void close_lying(it_book *b, lying *l)
{
    kam_book_close(b->book);
    b->book = NULL;
    kam__memory_vt.close(l->self);
    it_close(b);
}

static void test_the_store_fails_at_any_write(void **state)
{
    it_book b;
    lying l = { 0 };
    (void)state;
    open_lying(&b, &l, KAM_TXN_OWN);
    char *before = it_dump(&b);
    int64_t n = 0;
    for (;; n++) {
        l.writes = n;
        int32_t rc = all_kinds(&b);
        l.writes = -1;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_FULL);
        assert_true(b.counts[strlen(b.counts) - 1] <= '2'); /* no row is blamed for it */
        char *after = it_dump(&b);
        assert_string_equal(before, after);
        free(after);
    }
    assert_true(n > 8);
    assert_string_equal(b.counts, "2/1/1/0/2");
    free(before);
    close_lying(&b, &l);
}

static void test_in_the_hosts_transaction(void **state)
{
    it_book b;
    lying l = { 0 };
    (void)state;
    open_lying(&b, &l, KAM_TXN_HOST);
    uint64_t written = l.written;
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .flags = KAM_IMPORT_DRY_RUN, .batch = "d" };
    it_ok(&b, it_try(&b, KAM_KIND_LEDGER, &o, ledger, NULL));
    assert_string_equal(b.counts, "2/0/0/0/0");
    it_ok(&b, it_try(&b, KAM_KIND_ACCOUNT, &o, "ext_id,name,owner\nc1,Alpha,r2\nc2,Beta,r2\nn1,X,r1\nn1,Y,r1\n", NULL));
    assert_string_equal(b.counts, "1/2/1/0/0");
    assert_int_equal(l.written, written);                               /* a dry run writes nothing there */
    it_import(&b, KAM_KIND_LEDGER, "erp", NULL, ledger, "2/0/0/0/0");
    l.writes = 1;
    o.flags = 0;
    assert_int_equal(
        it_try(&b, KAM_KIND_LEDGER, &o, "ext_id,account,day,event,amount\nl9,c1,2025-12-01,SALE,1\n", NULL),
        KAM_E_FULL);
    l.writes = -1;
    assert_int_equal(it_try(&b, KAM_KIND_LEDGER, &o, ledger, NULL), KAM_E_ABORTED);     /* the host has to end it */
    kam_store_err serr = { .struct_size = sizeof serr };
    assert_int_equal(kam__memory_vt.end(l.self, KAM_END_ABORT, &serr), KAM_OK);
    it_ok(&b, kam_book_host_ended(b.book, 0, b.err));
    close_lying(&b, &l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out_of_memory_anywhere), cmocka_unit_test(test_the_host_may_cancel),
        cmocka_unit_test(test_the_store_fails_at_any_write), cmocka_unit_test(test_in_the_hosts_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
