/*
 * cmd_import.c - `kam import`: a file of records of one kind into a book, all of it or nothing; bad rows are listed
 * and left out.
 */
#include "cli.h"

enum { PIECE = 1 << 16 };

static int import_bytes(cli *c, kam_import *imp, const char *path) {
    static char piece[PIECE];
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    int32_t rc = KAM_OK;
    size_t n;
    if (!f) return cli_fail_at(path, 0, 0, "this file cannot be read");
    while (rc == KAM_OK && !cli_interrupted() && (n = fread(piece, 1, sizeof piece, f)) > 0)
        rc = kam_import_feed(imp, piece, n, c->err);
    int bad = ferror(f);
    if (f != stdin) fclose(f);
    if (rc != KAM_OK || cli_interrupted()) return cli_fail(c, path);
    return bad ? cli_fail_at(path, 0, 0, "reading stopped in the middle") : CLI_OK;
}

static int import_problems(cli *c, kam_import *imp, const char *path) {
    kam_rows *rows = NULL;
    const kam_record *p = NULL;
    int32_t rc = kam_import_problems(&rows, imp, c->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&p, rows, c->err)) == KAM_OK && p)
        cli_fail_at(path, (uint64_t)kam_record_i64(p, KAM_PROBLEM_LINE, 0),
                    (uint64_t)kam_record_i64(p, KAM_PROBLEM_COLUMN, 0), kam_record_text(p, KAM_PROBLEM_TEXT, ""));
    kam_rows_free(rows);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, path);
}

static void import_counts(kam_import *imp, int dry) {
    const kam_record *r = kam_import_report(imp);
    cli_quiet();
    printf("%s%s new, %s changed, %s unchanged, %s corrected, %s rejected\n", dry ? "dry run: " : "",
           kam_record_text(r, KAM_IMPORT_REPORT_NEW, "0"), kam_record_text(r, KAM_IMPORT_REPORT_CHANGED, "0"),
           kam_record_text(r, KAM_IMPORT_REPORT_UNCHANGED, "0"), kam_record_text(r, KAM_IMPORT_REPORT_CORRECTED, "0"),
           kam_record_text(r, KAM_IMPORT_REPORT_REJECTED, "0"));
}

/* One line for each month, company, currency and event of a ledger. */
static int import_totals(cli *c, kam_import *imp) {
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int32_t rc = kam_import_totals(&rows, imp, c->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&r, rows, c->err)) == KAM_OK && r) {
        printf("%.7s %s: %s rows, %s %s", kam_record_text(r, KAM_IMPORT_TOTAL_MONTH, "-"),
               kam_record_text(r, KAM_IMPORT_TOTAL_EVENT, "-"), kam_record_text(r, KAM_IMPORT_TOTAL_ROWS, "0"),
               kam_record_text(r, KAM_IMPORT_TOTAL_AMOUNT, "0"), kam_record_text(r, KAM_IMPORT_TOTAL_CURRENCY, ""));
        const char *company = kam_record_text(r, KAM_IMPORT_TOTAL_COMPANY, NULL);
        if (company) printf(" (%s)", company);
        printf("\n");
    }
    kam_rows_free(rows);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
}

/* By what the file is called, if not told. */
static int import_format(const cli *c, uint32_t *out, const char *name, const char *path) {
    const char *dot = strrchr(path, '.');
    if (!name && dot && (strcmp(dot, ".json") == 0 || strcmp(dot, ".jsonl") == 0)) name = dot + 1;
    if (!name && dot && strcmp(dot, ".vcf") == 0) name = "vcard";
    return cli_format(c, out, name);
}

/* {"report": {...}, "problems": [...], "totals": [...]} */
static int import_json(cli *c, kam_import *imp, const char *path, int totals) {
    kam_rows *rows = NULL;
    printf("{\"report\":");
    int rc = cli_json_record(c, kam_import_report(imp));
    printf(",\n\"problems\":");
    if (rc == CLI_OK && kam_import_problems(&rows, imp, c->err) != KAM_OK) rc = cli_fail(c, path);
    if (rc == CLI_OK) rc = cli_json(c, rows, NULL);
    if (totals) printf(",\n\"totals\":");
    if (rc == CLI_OK && totals && kam_import_totals(&rows, imp, c->err) != KAM_OK) rc = cli_fail(c, path);
    if (rc == CLI_OK && totals) rc = cli_json(c, rows, NULL);
    printf("}\n");
    return rc;
}

static int import_run(cli *c, uint32_t kind, const kam_import_options *o, const char *path, int totals, int json) {
    kam_import *imp = NULL;
    if (kam_import_new(&imp, c->book, kind, o, c->err) != KAM_OK) return cli_fail(c, NULL);
    int rc = import_bytes(c, imp, path);
    if (rc == CLI_OK && kam_import_finish(imp, c->err) != KAM_OK) rc = cli_fail(c, path);
    if (rc == CLI_OK && json) rc = import_json(c, imp, path, totals);
    if (rc == CLI_OK && !json) rc = import_problems(c, imp, path);
    if (rc == CLI_OK && !json) import_counts(imp, (int)(o->flags & KAM_IMPORT_DRY_RUN));
    if (rc == CLI_OK && totals && !json) rc = import_totals(c, imp);
    kam_import_free(imp);
    return rc;
}

int cmd_import(cli *c, int argc, char **argv) {
    const char *arg[2], *kind = NULL, *mapping = NULL, *format = NULL, *currency = NULL;
    kam_import_options o = {.struct_size = sizeof o};
    int dry = 0, totals = 0, json = 0;
    const cli_option option[] = {
        {"kind", &kind, NULL},   {"source", &o.source, NULL}, {"mapping", &mapping, NULL},   {"batch", &o.batch, NULL},
        {"dry-run", NULL, &dry}, {"format", &format, NULL},   {"currency", &currency, NULL},
        {"encoding", &o.encoding, NULL}, {"totals", NULL, &totals}, {"json", NULL, &json},
        {NULL, NULL, NULL}};
    uint32_t number = 0;
    char *document = NULL;
    size_t size = 0;
    int rc = cli_options(c, argc, argv, option, arg, 2, 2);
    if (rc == CLI_OK && !kind) rc = cli_usage(c, "--kind says what the rows are: account, contact, ledger ...", NULL);
    if (rc == CLI_OK) rc = import_format(c, &o.format, format, arg[1]);
    if (rc == CLI_OK) rc = cli_open(c, arg[0], 1, currency);
    if (rc == CLI_OK) rc = cli_kind(c, &number, kind);
    if (rc != CLI_OK) return rc;
    o.flags = dry ? KAM_IMPORT_DRY_RUN : 0;
    o.mapping = mapping;
    FILE *f = mapping ? fopen(mapping, "rb") : NULL;
    if (f) {                                /* a file; else the name of a document in the book */
        fclose(f);
        o.mapping = document = cli_read(mapping, &size);
        if (!document) return CLI_FAILED;
    }
    rc = import_run(c, number, &o, arg[1], totals, json);
    free(document);
    return rc;
}
