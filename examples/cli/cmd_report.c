/*
 * cmd_report.c - `kam report`: a book on one HTML page that needs nothing else, for people.
 */
#include "cli.h"

int cmd_report(cli *c, int argc, char **argv) {
    const char *book = NULL, *day = NULL, *out = NULL;
    kam_report_options o = {.struct_size = sizeof o};
    const cli_option option[] = {{"as-of", &day, NULL},   {"title", &o.title, NULL},   {"lang", &o.lang, NULL},
                                 {"out", &out, NULL},     {"scheme", &o.scheme, NULL}, {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    int rc = cli_options(c, argc, argv, option, &book, 1, 1);
    if (rc == CLI_OK && !out) rc = cli_usage(c, "--out is missing: the page to write, for example report.html", NULL);
    if (rc == CLI_OK) rc = cli_lang(c, o.lang);
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    if (rc == CLI_OK) rc = cli_open(c, book, 0, NULL);
    return rc == CLI_OK ? cli_report(c, &o, as_of, out) : rc;
}
