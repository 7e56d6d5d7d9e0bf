/*
 * cmd_export.c - `kam export`: all records of a kind as CSV, JSON or JSON lines.
 */
#include "cli.h"

static int32_t export_rows(cli *c, kam_rows **out, uint32_t kind, int32_t as_of) {
    kam_query *q = NULL;
    int32_t rc = kam_query_new(&q, c->book, kind, c->err);
    if (rc == KAM_OK) rc = kam_query_run(out, q, as_of, c->err);
    kam_query_free(q);
    return rc;
}

int cmd_export(cli *c, int argc, char **argv) {
    const char *arg[2], *format = NULL, *day = NULL, *out = NULL;
    kam_export_options o = {.struct_size = sizeof o};
    int labels = 0, bom = 0, raw = 0, excel = 0;
    const cli_option option[] = {{"format", &format, NULL}, {"labels", NULL, &labels}, {"bom", NULL, &bom},
                                 {"raw", NULL, &raw},       {"lang", &o.lang, NULL},   {"as-of", &day, NULL},
                                 {"out", &out, NULL},       {"excel", NULL, &excel},
                                 {"encoding", &o.encoding, NULL}, {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    uint32_t kind = 0;
    kam_rows *rows = NULL;
    int rc = cli_options(c, argc, argv, option, arg, 2, 2);
    if (rc == CLI_OK) rc = cli_format(c, &o.format, format);
    if (rc == CLI_OK) rc = cli_lang(c, o.lang);
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    if (rc == CLI_OK) rc = cli_open(c, arg[0], 0, NULL);
    if (rc == CLI_OK) rc = cli_kind(c, &kind, arg[1]);
    if (rc != CLI_OK) return rc;
    o.flags = (labels ? (uint32_t)KAM_EXPORT_LABELS : 0) | (bom || excel ? (uint32_t)KAM_EXPORT_BOM : 0) |
              (excel ? (uint32_t)KAM_EXPORT_EXCEL : 0) | (raw ? (uint32_t)KAM_EXPORT_RAW : 0);
    if (export_rows(c, &rows, kind, as_of) != KAM_OK) return cli_fail(c, NULL);
    return cli_export_to(c, rows, out, &o);
}
