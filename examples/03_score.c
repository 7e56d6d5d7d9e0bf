/*
 * A score and its reasons: an account with two sales, points by the scorecard in force, each reason, and whether the
 * reasons add up.  cc 03_score.c $(pkg-config --cflags --libs kam)
 */
#include <stdio.h>
#include <string.h>
#include <kam.h>
#define TRY(call) do { if ((rc = (call)) < 0) goto done; } while (0)

static int32_t sell(kam_book *book, int64_t account, const char *day, const char *amount, kam_error *err)
{
    kam_record *sale = NULL;
    int32_t rc;
    TRY(kam_record_new(&sale, book, KAM_KIND_LEDGER, err));
    TRY(kam_record_set_i64(sale, KAM_LEDGER_EVENT, KAM_LEDGER_SALE, err));
    TRY(kam_record_set_i64(sale, KAM_LEDGER_ACCOUNT, account, err));
    TRY(kam_record_set_text(sale, KAM_LEDGER_DAY, day, KAM_NUL, err));
    TRY(kam_record_set_text(sale, KAM_LEDGER_AMOUNT, amount, KAM_NUL, err));
    TRY(kam_book_save(book, sale, err));
done:
    kam_record_free(sale);
    return rc;
}

/* One line for each factor; *sum = what they add up to, 10^-4. */
static int32_t tell(kam_why *why, int64_t *sum, kam_error *err)
{
    kam_rows *reasons = NULL;
    const kam_record *r = NULL;
    int32_t rc;
    TRY(kam_why_rows(&reasons, why, err));
    while ((rc = kam_rows_next(&r, reasons, err)) == KAM_OK && r) {
        printf("  %-22s %-12s %8s  %s\n", kam_record_text(r, KAM_REASON_FACTOR, ""),
               kam_record_text(r, KAM_REASON_VALUE, "-"), kam_record_text(r, KAM_REASON_POINTS, ""),
               kam_record_text(r, KAM_REASON_TEXT, ""));
        *sum += kam_record_i64(r, KAM_REASON_POINTS, 0);
    }
done:
    kam_rows_free(reasons);
    return rc;
}

int main(void)
{
    kam_book_options options;
    kam_error *err = NULL;
    kam_book *book = NULL;
    kam_record *acme = NULL;
    kam_account *account = NULL;
    kam_scorecard *card = NULL;
    kam_why *why = NULL;
    const kam_record *attributes = NULL;
    int64_t id = 0, points = 0, sum = 0;
    int32_t day = 0, rc;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = KAM_BOOK_CREATE;
    options.currency = "CNY";
    TRY(kam_error_new(&err, NULL));
    TRY(kam_book_open(&book, NULL, NULL, &options, err));
    TRY(kam_record_new(&acme, book, KAM_KIND_ACCOUNT, err));
    TRY(kam_record_set_text(acme, KAM_ACCOUNT_NAME, "Acme Pumps", KAM_NUL, err));
    TRY(kam_record_set_text(acme, KAM_ACCOUNT_POTENTIAL, "2000000.00", KAM_NUL, err));
    TRY(kam_record_set_text(acme, KAM_ACCOUNT_COOPERATION_WILL, "8", KAM_NUL, err));
    TRY(kam_book_save(book, acme, err));
    id = kam_record_i64(acme, KAM_ID, 0);
    TRY(sell(book, id, "2026-02-10", "480000.00", err));
    TRY(sell(book, id, "2026-05-20", "350000.00", err));

    TRY(kam_day_parse(&day, "2026-05-31", KAM_NUL, err));
    TRY(kam_scorecard_open(&card, book, "key-account", day, err));
    TRY(kam_account_open(&account, book, id, day, err));
    TRY(kam_account_attributes(&attributes, account, err));
    TRY(kam_scorecard_score(&points, &why, card, attributes, err));
    printf("%s: %s points\n", kam_record_text(attributes, KAM_ATTRIBUTES_NAME, ""),
           kam_record_text(kam_why_record(why), KAM_VERDICT_RESULT, ""));
    TRY(tell(why, &sum, err));
    printf("the reasons %s\n", sum == points ? "add up" : "do not add up");
done:
    if (rc < 0) fprintf(stderr, "kam: %s\n", kam_error_message(err));
    kam_why_free(why); kam_account_free(account); kam_scorecard_free(card); kam_record_free(acme);
    kam_book_close(book); kam_error_free(err);
    return rc < 0 || sum != points;
}
