/* Attaching a store: old and new vtables, modes, what is refused. Needs the memory store's own vtable, so it sees
 * src. */
#include "store_test.h"
#include "store/memory.h"

typedef struct newer_vt { kam_store_vt vt; int32_t (*aggregate)(void *self); void *more; } newer_vt;

static int setup(void **state)
{
    static fixture f;
    open_fixture(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    close_fixture(*state);
    return 0;
}

/* A memory the test itself holds, so that two stores can be attached to it one after the other. */
static kam__memory *memory(fixture *f)
{
    kam__memory *m = NULL;
    MUST(kam__memory_new(&m, f->ctx, f->err));
    return m;
}

static void *unclosed;

static int32_t attach(fixture *f, kam__memory *m, const kam_store_vt *vt, uint32_t flags, kam_book **book)
{
    kam_store *s = NULL;
    void *self = NULL;
    int closes = vt->struct_size > offsetof(kam_store_vt, close);
    kam_book_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = flags;
    MUST(kam__memory_connect(&self, m, f->err));
    int32_t rc = kam_store_new(&s, f->ctx, vt, self, KAM_TXN_OWN, f->err);
    if (rc == KAM_OK) rc = kam_book_open(book, NULL, s, &o, f->err);
    if (!closes && rc == KAM_OK) unclosed = self;                      /* nobody but the test ends it */
    else if (!s) kam__memory_vt.close(self);
    kam_store_free(s);
    return rc;
}

static void save_one(fixture *f, kam_book *book)
{
    kam_record *r = NULL;
    MUST(kam_record_new(&r, book, KAM_KIND_ACCOUNT, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_NAME, "Acme", KAM_NUL, f->err));
    MUST(kam_book_save(book, r, f->err));
    kam_record_free(r);
}

static void test_smallest_vtable(void **state)
{
    fixture *f = *state;
    kam__memory *m = memory(f);
    kam_book *book = NULL;
    MUST(attach(f, m, &kam__memory_vt, KAM_BOOK_CREATE, &book));
    save_one(f, book);
    kam_book_close(book);
    kam_store_vt vt = kam__memory_vt;
    /* prepare, reserve, control, close must not be read */
    vt.struct_size = offsetof(kam_store_vt, prepare);
    memset(&vt.prepare, 0x5a, sizeof vt - offsetof(kam_store_vt, prepare));
    MUST(attach(f, m, &vt, 0, &book));
    save_one(f, book);
    int64_t seq = 0;
    MUST(kam_book_seq(&seq, book, KAM_TODAY, f->err));
    assert_int_equal(seq, 3);
    kam_book_close(book);
    kam__memory_vt.close(unclosed);
    vt.struct_size--;
    assert_int_equal(attach(f, m, &vt, 0, &book), KAM_E_INVAL);
    kam__memory_drop(m);
}

static void test_newer_vtable(void **state)
{
    fixture *f = *state;
    kam__memory *m = memory(f);
    kam_book *book = NULL;
    newer_vt vt;
    memset(&vt, 0x5a, sizeof vt);
    vt.vt = kam__memory_vt;
    vt.vt.struct_size = sizeof vt;
    MUST(attach(f, m, &vt.vt, KAM_BOOK_CREATE, &book));
    save_one(f, book);
    kam_book_close(book);
    kam__memory_drop(m);
}

static void test_refused(void **state)
{
    fixture *f = *state;
    kam_store *s = NULL;
    kam_store_vt vt = kam__memory_vt;
    vt.abi = 2;
    assert_int_equal(kam_store_new(&s, f->ctx, &vt, NULL, KAM_TXN_OWN, f->err), KAM_E_UNSUPPORTED);
    vt = kam__memory_vt;
    vt.scan = NULL;
    assert_int_equal(kam_store_new(&s, f->ctx, &vt, NULL, KAM_TXN_OWN, f->err), KAM_E_INVAL);
    vt = kam__memory_vt;
    assert_int_equal(kam_store_new(&s, f->ctx, &vt, NULL, KAM_TXN_HOST, f->err), KAM_E_INVAL);
    vt.begin = NULL;
    assert_int_equal(kam_store_new(&s, f->ctx, &vt, NULL, KAM_TXN_OWN, f->err), KAM_E_INVAL);
    assert_int_equal(kam_store_new(&s, f->ctx, NULL, NULL, KAM_TXN_OWN, f->err), KAM_E_INVAL);
    assert_null(s);
}

static void test_options_of_a_newer_version(void **state)
{
    fixture *f = *state;
    struct { kam_book_options o; uint64_t newer; } o;
    kam_book *book = NULL;
    memset(&o, 0, sizeof o);
    o.o.struct_size = sizeof o;
    kam_book_close(f->book);
    f->book = NULL;
    MUST(kam_book_open(&book, NULL, f->store, &o.o, f->err));          /* a zero tail is fine */
    kam_book_close(book);
    book = NULL;
    o.newer = 1;
    assert_int_equal(kam_book_open(&book, NULL, f->store, &o.o, f->err), KAM_E_UNSUPPORTED);
    o.o.struct_size = 4;
    assert_int_equal(kam_book_open(&book, NULL, f->store, &o.o, f->err), KAM_E_INVAL);
    o.o.struct_size = sizeof o.o;
    o.o.flags = 1u << 30;
    assert_int_equal(kam_book_open(&book, NULL, f->store, &o.o, f->err), KAM_E_INVAL);
    assert_null(book);
}

static void test_host_store_serves_one_book(void **state)
{
    fixture *f = *state;
    kam__memory *m = memory(f);
    kam_store *s = NULL;
    kam_book *one = NULL, *two = NULL;
    void *self = NULL;
    kam_book_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = KAM_BOOK_CREATE;
    MUST(kam__memory_connect(&self, m, f->err));
    MUST(kam_store_new(&s, f->ctx, &kam__memory_vt, self, KAM_TXN_OWN, f->err));
    MUST(kam_book_open(&one, NULL, s, &o, f->err));
    assert_int_equal(kam_book_open(&two, NULL, s, &o, f->err), KAM_E_BUSY);
    kam_book_close(one);
    MUST(kam_book_open(&two, NULL, s, &o, f->err));
    kam_book_close(two);
    kam_store_free(s);
    kam__memory_drop(m);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_smallest_vtable), TEST(test_newer_vtable), TEST(test_refused), TEST(test_options_of_a_newer_version),
        TEST(test_host_store_serves_one_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
