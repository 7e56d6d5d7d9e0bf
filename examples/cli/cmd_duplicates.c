/*
 * cmd_duplicates.c - `kam duplicates`: which accounts or contacts are in the book twice; keys decide, likeness
 * suggests.
 */
#include "cli.h"

int cmd_duplicates(cli *c, int argc, char **argv) {
    const char *book = NULL, *kind = "account", *format = NULL, *out = NULL;
    kam_export_options o = {.struct_size = sizeof o};
    int labels = 0;
    const cli_option option[] = {{"kind", &kind, NULL},       {"format", &format, NULL}, {"labels", NULL, &labels},
                                 {"lang", &o.lang, NULL},     {"out", &out, NULL},       {NULL, NULL, NULL}};
    uint32_t number = 0;
    kam_rows *rows = NULL;
    int rc = cli_options(c, argc, argv, option, &book, 1, 1);
    if (rc == CLI_OK) rc = cli_format(c, &o.format, format);
    if (rc == CLI_OK) rc = cli_lang(c, o.lang);
    if (rc == CLI_OK) rc = cli_open(c, book, 0, NULL);
    if (rc == CLI_OK) rc = cli_kind(c, &number, kind);
    if (rc != CLI_OK) return rc;
    if (labels) o.flags = KAM_EXPORT_LABELS;
    if (kam_duplicates(&rows, c->book, number, c->err) != KAM_OK) return cli_fail(c, NULL);
    return cli_export_to(c, rows, out, &o);
}
