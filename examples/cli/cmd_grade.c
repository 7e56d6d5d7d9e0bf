/*
 * cmd_grade.c - `kam grade`: who gets which grade by a scheme, on a day; looked at first, stored only when asked.
 */
#include "cli.h"

static int grade_print(cli *c, kam_rows *rows) {
    const kam_record *r = NULL;
    int32_t rc;
    unsigned long n = 0;
    while ((rc = kam_rows_next(&r, rows, c->err)) == KAM_OK && r) {
        int64_t account = kam_record_i64(r, KAM_GRADE_ITEM_ACCOUNT, 0);
        printf("%lld %s: %s -> %s, %s\n", (long long)account, cli_name(c, KAM_KIND_ACCOUNT, account, KAM_ACCOUNT_NAME),
               kam_record_text(r, KAM_GRADE_ITEM_OLD, "-"), kam_record_text(r, KAM_GRADE_ITEM_NEW, "-"),
               kam_record_text(r, KAM_GRADE_ITEM_REASON, ""));
        n++;
    }
    if (rc != KAM_OK) return cli_fail(c, NULL);
    printf("%lu accounts with a first or another grade\n", n);
    return CLI_OK;
}

static int grade_show(cli *c, kam_run *run, const char *out, const kam_export_options *o) {
    kam_rows *rows = NULL;
    if (kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, c->err) != KAM_OK) return cli_fail(c, NULL);
    if (out) return cli_export_to(c, rows, out, o);
    int rc = grade_print(c, rows);
    kam_rows_free(rows);
    return rc;
}

static int grade_run(cli *c, kam_run *run, const char *out, const kam_export_options *o, int apply) {
    int rc = CLI_OK;
    if (apply && kam_run_apply(run, 0, c->err) != KAM_OK) rc = cli_fail(c, NULL);
    if (rc == CLI_OK) rc = grade_show(c, run, out, o);
    if (rc == CLI_OK) cli_told(run, apply);
    return rc;
}

int cmd_grade(cli *c, int argc, char **argv) {
    const char *book = NULL, *name = NULL, *day = NULL, *out = NULL, *format = NULL;
    kam_export_options o = {.struct_size = sizeof o};
    int apply = 0, labels = 0;
    const cli_option option[] = {{"scheme", &name, NULL},
                                 {"as-of", &day, NULL},
                                 {"apply", NULL, &apply},
                                 {"out", &out, NULL},
                                 {"format", &format, NULL},
                                 {"labels", NULL, &labels},
                                 {"lang", &o.lang, NULL},
                                 {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    kam_scheme *scheme = NULL;
    kam_run *run = NULL;
    int rc = cli_options(c, argc, argv, option, &book, 1, 1);
    if (rc == CLI_OK && !name) rc = cli_usage(c, "--scheme names the scheme, for example abc-by-revenue", NULL);
    if (rc == CLI_OK) rc = cli_format(c, &o.format, format);
    if (rc == CLI_OK) rc = cli_lang(c, o.lang);
    if (labels) o.flags = KAM_EXPORT_LABELS;
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    if (rc == CLI_OK) rc = cli_open(c, book, 0, NULL);
    if (rc == CLI_OK && kam_scheme_open(&scheme, c->book, name, as_of, c->err) != KAM_OK) rc = cli_fail(c, NULL);
    if (rc == CLI_OK && kam_grading_run(&run, c->book, scheme, as_of, c->err) != KAM_OK) rc = cli_fail(c, NULL);
    if (rc == CLI_OK) rc = grade_run(c, run, format && !out ? "-" : out, &o, apply);
    kam_run_free(run);
    kam_scheme_free(scheme);
    return rc;
}
