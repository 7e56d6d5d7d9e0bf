/* A book on the host's own SQLite connection, from the installed adapter. */
#include <kam.h>
#include <kam/adapter/sqlite.h>
#include <sqlite3.h>
#include <stdio.h>

int main(void)
{
    kam_book_options options = {0};
    sqlite3 *db = NULL;
    kam_error *err = NULL;
    kam_store *store = NULL;
    kam_book *book = NULL;
    int32_t rc;

    options.struct_size = sizeof options;
    options.flags = KAM_BOOK_CREATE;
    options.currency = "CNY";
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 2;
    rc = kam_error_new(&err, NULL);
    if (rc == KAM_OK) rc = kam_sqlite_store(&store, NULL, db, KAM_TXN_OWN, err);
    if (rc == KAM_OK) rc = kam_book_open(&book, NULL, store, &options, err);
    printf("sqlite: %s %s\n", kam_code_name(rc), kam_error_message(err));
    kam_book_close(book);
    kam_store_free(store);
    kam_error_free(err);
    sqlite3_close(db);
    return rc != KAM_OK;
}
