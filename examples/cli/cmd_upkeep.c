/*
 * cmd_upkeep.c - `kam backup`, `kam compact`, `kam salvage`: a book's file as a whole.
 */
#include "cli.h"
#include <kam/spi/storage.h>

static int upkeep(cli *c, const char *book, uint32_t op, void *arg, const char *done)
{
    int rc = cli_open(c, book, 0, NULL);
    if (rc != CLI_OK) return rc;
    kam_book_close(c->book);
    c->book = NULL;
    if (!c->store) return cli_usage(c, "this takes a book in a file, not", book);
    if (kam_store_control(c->store, op, arg, c->err) != KAM_OK) return cli_fail(c, book);
    cli_quiet();
    fprintf(stderr, "kam: %s: %s\n", book, done);
    return CLI_OK;
}

int cmd_backup(cli *c, int argc, char **argv)
{
    const char *name[2] = {NULL, NULL};
    const cli_option option[] = {{NULL, NULL, NULL}};
    int rc = cli_options(c, argc, argv, option, name, 2, 2);
    return rc == CLI_OK ? upkeep(c, name[0], KAM_CTL_BACKUP, (void *)(uintptr_t)name[1], "copied") : rc;
}

int cmd_compact(cli *c, int argc, char **argv)
{
    const char *name = NULL;
    const cli_option option[] = {{NULL, NULL, NULL}};
    int rc = cli_options(c, argc, argv, option, &name, 1, 1);
    return rc == CLI_OK ? upkeep(c, name, KAM_CTL_COMPACT, NULL, "compacted") : rc;
}

int cmd_salvage(cli *c, int argc, char **argv)
{
    const char *name[2] = {NULL, NULL};
    const cli_option option[] = {{NULL, NULL, NULL}};
    int rc = cli_options(c, argc, argv, option, name, 2, 2);
    if (rc != CLI_OK) return rc;
    const char *path = strncmp(name[0], "file:", 5) == 0 ? name[0] + 5 : name[0];
    if (kam_store_salvage(c->ctx, path, KAM_NUL, name[1], KAM_NUL, c->err) != KAM_OK) return cli_fail(c, path);
    cli_quiet();
    fprintf(stderr, "kam: %s: what is intact is in %s\n", path, name[1]);
    return CLI_OK;
}
