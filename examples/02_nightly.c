/*
 * A night of an ERP: its customers, its connection, its transaction. Import today's order lines, grade, list the
 * changes, commit all of it with the ERP's own work. main() below plays the ERP.  cc 02_nightly.c $(pkg-config --cflags
 * --libs kam-sqlite sqlite3)
 */
#include <stdio.h>
#include <sqlite3.h>
#include <kam.h>
#include <kam/adapter/sqlite.h>
#define TRY(call) do { if ((rc = (call)) < 0) goto done; } while (0)
#define COLUMN(i) (const char *)sqlite3_column_text(lines, i), KAM_NUL

static const char *mapping = "{\"account\": {\"relation\": \"customer\", \"read_only\": true,"
                             " \"columns\": {\"id\": \"cust_no\", \"name\": \"name\", \"city\": \"town\"}}}";

/* The ERP has begun a transaction on db; lines selects today's order lines: number, customer, day, amount. */
int32_t nightly(sqlite3 *db, sqlite3_stmt *lines, const char *today, kam_error *err)
{
    kam_book_options bopt = { .struct_size = sizeof bopt, .flags = KAM_BOOK_CREATE, .actor = "nightly",
                              .currency = "CNY" };
    kam_import_options iopt = { .struct_size = sizeof iopt, .batch = today, .source = "erp" };
    kam_store *store = NULL; kam_book *book = NULL; kam_import *imp = NULL; kam_record *line = NULL;
    kam_scheme *scheme = NULL; kam_run *run = NULL; kam_rows *changes = NULL; const kam_record *row;
    int32_t day, rc;

    TRY(kam_day_parse(&day, today, KAM_NUL, err));
    TRY(kam_sqlite_store(&store, NULL, db, KAM_TXN_HOST, err));
    TRY(kam_store_map(store, mapping, KAM_NUL, err)); /* customers stay the ERP's; the rest is made beside them */
    TRY(kam_book_open(&book, NULL, store, &bopt, err));

    TRY(kam_import_new(&imp, book, KAM_KIND_LEDGER, &iopt, err));
    TRY(kam_record_new(&line, book, KAM_KIND_LEDGER, err));
    while (sqlite3_step(lines) == SQLITE_ROW) {
        kam_record_clear(line);
        TRY(kam_record_set_i64(line, KAM_LEDGER_EVENT, KAM_LEDGER_SALE, err));
        TRY(kam_record_set_text(line, KAM_EXT_ID, COLUMN(0), err));
        TRY(kam_record_set_text(line, KAM_LEDGER_ACCOUNT, COLUMN(1), err));
        TRY(kam_record_set_text(line, KAM_LEDGER_DAY, COLUMN(2), err));
        TRY(kam_record_set_text(line, KAM_LEDGER_AMOUNT, COLUMN(3), err));
        TRY(kam_import_add(imp, line, err));
    }
    TRY(kam_import_finish(imp, err));

    TRY(kam_scheme_open(&scheme, book, "quota-20-40-40", day, err));
    TRY(kam_grading_run(&run, book, scheme, day, err));
    TRY(kam_run_apply(run, 0, err));
    TRY(kam_run_rows(&changes, run, KAM_KIND_GRADE_ITEM, err));
    while ((rc = kam_rows_next(&row, changes, err)) == KAM_OK && row)
        printf("%s: %s -> %s, %s\n", kam_record_text(row, KAM_GRADE_ITEM_ACCOUNT, ""),
               kam_record_text(row, KAM_GRADE_ITEM_OLD, "new"), kam_record_text(row, KAM_GRADE_ITEM_NEW, "none"),
               kam_record_text(row, KAM_GRADE_ITEM_REASON, ""));
    if (rc == KAM_OK && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) rc = KAM_E_IO;
done:
    if (rc < 0) sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    kam_book_host_ended(book, rc == KAM_OK, NULL);
    kam_rows_free(changes); kam_run_free(run); kam_scheme_free(scheme); kam_record_free(line); kam_import_free(imp);
    kam_book_close(book); kam_store_free(store);
    return rc;
}

int main(void)
{
    sqlite3 *db = NULL; sqlite3_stmt *lines = NULL; kam_error *err = NULL;
    int32_t rc = KAM_E_IO;
    if (kam_error_new(&err, NULL) == KAM_OK && sqlite3_open(":memory:", &db) == SQLITE_OK &&
        sqlite3_exec(db, "CREATE TABLE customer(cust_no INTEGER PRIMARY KEY, name TEXT, town TEXT);"
                     "INSERT INTO customer VALUES(4711,'Acme Pumps','Wuhan'),(4712,'Bolt Works','Jinan'),"
                     "(4713,'Cast Iron','Wuhan');"
                     "CREATE TABLE line(no TEXT, customer INTEGER, day TEXT, amount TEXT);"
                     "INSERT INTO line VALUES('A-1',4711,'2026-05-30','1200.00'),('A-2',4712,'2026-05-31','80.50'),"
                     "('A-3',4711,'2026-05-31','310.00'); BEGIN", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT no, customer, day, amount FROM line", -1, &lines, NULL) == SQLITE_OK)
        rc = nightly(db, lines, "2026-05-31", err);
    if (rc < 0) fprintf(stderr, "nightly: %s\n", kam_error_message(err));
    sqlite3_finalize(lines); sqlite3_close(db); kam_error_free(err);
    return rc < 0;
}
