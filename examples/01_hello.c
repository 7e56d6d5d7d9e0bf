/* Hello: a book in memory, one account. cc 01_hello.c $(pkg-config --cflags --libs kam) */
#include <stdio.h>
#include <kam.h>
#define TRY(call) do { if ((rc = (call)) < 0) goto done; } while (0)

int main(void)
{
    kam_error *err = NULL; kam_book *book = NULL; kam_record *acme = NULL; kam_account *account = NULL;
    int32_t rc;

    TRY(kam_error_new(&err, NULL));
    TRY(kam_book_open(&book, NULL, NULL, NULL, err));                               /* in memory */
    TRY(kam_record_new(&acme, book, KAM_KIND_ACCOUNT, err));
    TRY(kam_record_set_text(acme, KAM_ACCOUNT_NAME, "Acme Pumps", KAM_NUL, err));
    TRY(kam_book_save(book, acme, err));                                            /* gives it its id */
    TRY(kam_account_open(&account, book, kam_record_i64(acme, KAM_ID, 0), KAM_TODAY, err));
    puts(kam_record_text(kam_account_record(account), KAM_ACCOUNT_NAME, ""));
done:
    if (rc < 0) fprintf(stderr, "kam: %s\n", kam_error_message(err));
    kam_account_free(account); kam_record_free(acme); kam_book_close(book); kam_error_free(err);
    return rc < 0;
}
