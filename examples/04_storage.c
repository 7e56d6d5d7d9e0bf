/*
 * Your own storage: the store of array_store.c goes through the conformance kit of libkam-test, then a book is opened
 * on it.  cc 04_storage.c array_store.c $(pkg-config --cflags --libs kam-test)
 */
#include <stdio.h>
#include <kam.h>
#include <kam/spi/test.h>
#include "array_store.h"

static int32_t kit_make(void *user, const kam_store_vt **vt, void **self)
{
    (void)user;
    *vt = &array_store;
    return (*self = array_store_new()) ? KAM_OK : KAM_E_NOMEM;
}

static void kit_destroy(void *user, const kam_store_vt *vt, void *self) { (void)user; vt->close(self); }

static void kit_tell(void *user, const char *check, int32_t result, const char *why)
{
    ((int *)user)[result]++;
    if (result == KAM_KIT_FAIL) printf("%s failed: %s\n", check, why);
}

static int32_t use_it(kam_error *err)
{
    kam_book_options options = {.struct_size = sizeof options, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    kam_store *attached = NULL; kam_book *book = NULL; kam_record *acme = NULL;
    void *mine = array_store_new();
    int64_t id = 0;
    int32_t rc = mine ? kam_store_new(&attached, NULL, &array_store, mine, KAM_TXN_OWN, err) : KAM_E_NOMEM;
    if (rc != KAM_OK && mine) array_store.close(mine);                  /* attached, it ends with the store */
    if (rc == KAM_OK) rc = kam_book_open(&book, NULL, attached, &options, err);
    if (rc == KAM_OK) rc = kam_record_new(&acme, book, KAM_KIND_ACCOUNT, err);
    if (rc == KAM_OK) rc = kam_record_set_text(acme, KAM_ACCOUNT_NAME, "Acme Pumps", KAM_NUL, err);
    if (rc == KAM_OK) rc = kam_record_set_text(acme, KAM_EXT_ID, "C1", KAM_NUL, err);
    if (rc == KAM_OK) rc = kam_book_save(book, acme, err);
    if (rc == KAM_OK) rc = kam_book_find(&id, book, KAM_KIND_ACCOUNT, NULL, "C1", KAM_NUL, err);
    if (rc == KAM_OK) printf("account %lld is in a store of ours\n", (long long)id);
    kam_record_free(acme); kam_book_close(book); kam_store_free(attached);
    return rc;
}

int main(void)
{
    kam_kit_options kit = {.struct_size = sizeof kit, .make = kit_make, .destroy = kit_destroy};
    kam_error *err = NULL;
    int results[4] = {0};
    int32_t failed = kam_kit_run(&kit, kit_tell, results), rc = kam_error_new(&err, NULL);
    printf("conformance kit: %d checks passed, %d failed, %d skipped\n", results[KAM_KIT_PASS], results[KAM_KIT_FAIL],
           results[KAM_KIT_SKIP]);
    if (rc == KAM_OK) rc = use_it(err);
    if (rc < 0) fprintf(stderr, "kam: %s\n", kam_error_message(err));
    kam_error_free(err);
    return failed != 0 || rc < 0;
}
