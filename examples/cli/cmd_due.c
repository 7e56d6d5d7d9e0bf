/*
 * cmd_due.c - `kam due`: who is to be contacted, most overdue first.
 */
#include "cli.h"

int cmd_due(cli *c, int argc, char **argv) {
    const char *book = NULL, *cadence = NULL, *rep = NULL, *day = NULL, *format = NULL, *out = NULL;
    kam_export_options o = {.struct_size = sizeof o};
    int labels = 0;
    const cli_option option[] = {{"cadence", &cadence, NULL}, {"representative", &rep, NULL}, {"rep", &rep, NULL},
                                 {"as-of", &day, NULL},
                                 {"format", &format, NULL},   {"labels", NULL, &labels}, {"lang", &o.lang, NULL},
                                 {"out", &out, NULL},         {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    int64_t representative = 0;
    kam_rows *rows = NULL;
    int rc = cli_options(c, argc, argv, option, &book, 1, 1);
    if (rc == CLI_OK) rc = cli_format(c, &o.format, format);
    if (rc == CLI_OK) rc = cli_lang(c, o.lang);
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    if (rc == CLI_OK) rc = cli_open(c, book, 0, NULL);
    if (rc == CLI_OK && rep) rc = cli_record(c, KAM_KIND_REPRESENTATIVE, &representative, rep);
    if (rc != CLI_OK) return rc;
    if (labels) o.flags = KAM_EXPORT_LABELS;
    if (kam_visit_due(&rows, c->book, cadence, representative, as_of, c->err) != KAM_OK) return cli_fail(c, NULL);
    return cli_export_to(c, rows, out, &o);
}
