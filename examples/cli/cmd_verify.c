/*
 * cmd_verify.c - `kam verify`: is what is stored sound? Opening the book has its store compare the tables; the book
 * then checks counters, commits, references, history, facts and policies. Exit code 1 if anything is found.
 */
#include "cli.h"

int cmd_verify(cli *c, int argc, char **argv) {
    const char *book = NULL;
    int json = 0;
    const cli_option option[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    unsigned long n = 0;
    int32_t got = KAM_OK;
    int rc = cli_options(c, argc, argv, option, &book, 1, 1);
    if (rc == CLI_OK) rc = cli_open(c, book, 0, NULL);
    if (rc != CLI_OK) return rc;
    if (kam_book_verify(&rows, c->book, c->err) != KAM_OK) return cli_fail(c, NULL);
    if (json) printf("[");
    for (; (got = kam_rows_next(&r, rows, c->err)) == KAM_OK && r; n++) {
        if (json) printf(n ? ",\n" : "\n");
        if (json) rc = cli_json_record(c, r);
        else printf("%s: %s\n", kam_record_text(r, KAM_PROBLEM_CODE, ""), kam_record_text(r, KAM_PROBLEM_TEXT, ""));
    }
    if (json) printf("\n]\n");
    kam_rows_free(rows);
    if (rc != CLI_OK || got != KAM_OK) return rc != CLI_OK ? rc : cli_fail(c, NULL);
    cli_quiet();
    if (n) fprintf(stderr, "kam: %s: %lu %s\n", book, n, n == 1 ? "finding" : "findings");
    else fprintf(stderr, "kam: %s: sound\n", book);
    return n ? CLI_FAILED : CLI_OK;
}
