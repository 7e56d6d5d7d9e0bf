/*
 * Testing what you build on libkam, when memory runs out and when the store fails: one piece of work, run again and
 * again, each time with another fault in it.  cc 05_faults.c array_store.c $(pkg-config --cflags --libs kam-test)
 *
 * The work saves two accounts in one transaction. Whatever fails, both are there or neither, and nothing leaks.
 */
#include <stdio.h>
#include <kam.h>
#include <kam/spi/test.h>
#include "array_store.h"
#define TRY(call) do { if ((rc = (call)) < 0) goto done; } while (0)

static int32_t save(kam_book *book, const char *name, kam_error *err)
{
    kam_record *account = NULL;
    int32_t rc;
    TRY(kam_record_new(&account, book, KAM_KIND_ACCOUNT, err));
    TRY(kam_record_set_text(account, KAM_ACCOUNT_NAME, name, KAM_NUL, err));
    TRY(kam_book_save(book, account, err));
done:
    kam_record_free(account);
    return rc;
}

/* What is tested: yours would stand here. */
static int32_t work(kam_book *book, kam_error *err)
{
    int32_t rc;
    TRY(kam_book_begin(book, KAM_BEGIN_WRITE, err));
    TRY(save(book, "Acme Pumps", err));
    TRY(save(book, "Bolt Works", err));
    return kam_book_commit(book, err);
done:
    kam_book_rollback(book, NULL);
    return rc;
}

static int32_t count(int64_t *out, kam_book *book, kam_error *err)
{
    kam_query *query = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int32_t rc;
    *out = 0;
    TRY(kam_query_new(&query, book, KAM_KIND_ACCOUNT, err));
    TRY(kam_query_run(&rows, query, KAM_TODAY, err));
    while ((rc = kam_rows_next(&r, rows, err)) == KAM_OK && r) ++*out;
done:
    kam_rows_free(rows);
    kam_query_free(query);
    return rc;
}

/* ---------------------------------------------------------------- memory runs out, at each request once */

static int32_t without_memory(void *user, kam_fault_alloc *alloc)
{
    kam_ctx_options options = {.struct_size = sizeof options, .allocator = kam_fault_alloc_allocator(alloc)};
    kam_book_options create = {.struct_size = sizeof create, .flags = KAM_BOOK_CREATE};
    kam_ctx *ctx = NULL; kam_book *book = NULL;
    int32_t rc;
    ++*(int *)user;
    TRY(kam_ctx_new(&ctx, &options, NULL));
    TRY(kam_book_open(&book, ctx, NULL, &create, NULL));
    TRY(work(book, NULL));
done:
    kam_book_close(book);
    kam_ctx_free(ctx);
    return rc;
}

/* ---------------------------------------------------------------- the store fails, at each call once */

/* The wrapper that fails stands in front of the store of array_store.c; in your tests, in front of yours. */
static int32_t with_faults(void *user, uint64_t fault_at, uint64_t *calls)
{
    kam_book_options create = {.struct_size = sizeof create, .flags = KAM_BOOK_CREATE};
    void *self = array_store_new();
    kam_fault_store *fault = NULL; kam_store *store = NULL; kam_book *book = NULL; kam_error *err = NULL;
    int64_t accounts = 0;
    int32_t rc, met;
    ++*(int *)user;
    TRY(kam_error_new(&err, NULL));
    TRY(self ? kam_fault_store_new(&fault, &array_store, self) : KAM_E_NOMEM);
    TRY(kam_store_new(&store, NULL, kam_fault_store_vt(fault), kam_fault_store_self(fault), KAM_TXN_OWN, err));
    TRY(kam_book_open(&book, NULL, store, &create, err));
    TRY(kam_fault_store_fail(fault, fault_at, KAM_E_IO, 0));            /* from here on */
    met = work(book, err);
    *calls = kam_fault_store_count(fault);
    TRY(kam_fault_store_fail(fault, 0, 0, 0));
    TRY(count(&accounts, book, err));
    if (accounts != (met == KAM_OK ? 2 : 0)) rc = KAM_E_CORRUPT;        /* the half of it: that must never be */
    if (met != KAM_OK && met != KAM_E_IO && met != KAM_E_ABORTED) rc = met;
done:
    kam_book_close(book); kam_store_free(store); kam_fault_store_free(fault); kam_error_free(err);
    return rc;
}

static void tell(void *user, uint64_t fault_at, int32_t code, const char *why)
{
    printf("%s: fault %llu: %s %s\n", (const char *)user, (unsigned long long)fault_at, kam_code_name(code), why);
}

int main(void)
{
    static char memory[] = "memory", calls[] = "store";
    int runs = 0, more = 0;
    int32_t bad = kam_fault_sweep_alloc(without_memory, &runs, tell, memory);
    printf("memory: %d runs, %d not met well\n", runs, (int)bad);
    int32_t worse = kam_fault_sweep(with_faults, &more, tell, calls);
    printf("store: %d runs, %d not met well\n", more, (int)worse);
    return bad != 0 || worse != 0;
}
