/*
 * cmd_erase.c - `kam erase`: what is known of a person goes from the record, from its history, and from the bytes of
 * the book's file. The record, its key and who changed which field when stay.
 */
#include "cli.h"
#include <kam/spi/storage.h>

/* A store that keeps files writes them anew; the book is closed first, because some stores want that. */
static int purge(cli *c, const char *book) {
    if (!c->store) return CLI_OK;
    kam_book_close(c->book);
    c->book = NULL;
    if (kam_store_control(c->store, KAM_CTL_PURGE, NULL, c->err) == KAM_OK) return CLI_OK;
    cli_fail(c, book);
    return cli_fail_at(book, 0, 0,
                       "the values are erased, but their bytes may still be in the file: run kam erase again");
}

int cmd_erase(cli *c, int argc, char **argv) {
    const char *arg[3], *reason = NULL;
    const cli_option option[] = {{"reason", &reason, NULL}, {NULL, NULL, NULL}};
    uint32_t kind = 0;
    int64_t id = 0;
    int rc = cli_options(c, argc, argv, option, arg, 3, 3);
    if (rc == CLI_OK && (!reason || !reason[0])) rc = cli_usage(c, "say why: --reason TEXT", NULL);
    if (rc == CLI_OK) rc = cli_open(c, arg[0], 0, NULL);
    if (rc == CLI_OK) rc = cli_kind(c, &kind, arg[1]);
    if (rc == CLI_OK) rc = cli_record(c, kind, &id, arg[2]);
    if (rc != CLI_OK) return rc;
    if (kam_book_erase(c->book, kind, id, reason, c->err) != KAM_OK) return cli_fail(c, NULL);
    rc = purge(c, arg[0]);
    if (rc != CLI_OK) return rc;
    cli_quiet();
    fprintf(stderr, "kam: %s: the personal data of %s %lld is erased\n", arg[0], arg[1], (long long)id);
    return CLI_OK;
}
