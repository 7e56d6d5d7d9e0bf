/*
 * cmd_demo.c - `kam demo`: a sample company from the ERP's files to grades, reasons, scores, a visit plan and the
 * report, as a user's own would go.
 *
 * Two deliveries: what was known at the end of April is imported and graded, then May's rows come and everybody is
 * graded again; so the second run has changes to tell. The book's clock is driven by hand, nothing depends on the
 * day on which the demo is run, and the same seed gives the same bytes.
 */
#define _POSIX_C_SOURCE 200809L
#include "demo.h"
#include <errno.h>
#include <sys/stat.h>

#define DAY_MS ((int64_t)86400000)

const char *demo_say(const demo *d, const char *en, const char *zh) { return d->zh ? zh : en; }

/* ---------------------------------------------------------------- files */

static int demo_folder(const char *path)
{
    char part[1024];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part) return cli_fail_at(path, 0, 0, "this is no name of a folder");
    for (size_t i = 1; i <= n; i++) {
        if (i < n && path[i] != '/') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST) return cli_fail_at(part, 0, 0, strerror(errno));
    }
    return CLI_OK;
}

static int demo_inputs(const demo *d, const sample *s)
{
    char path[1100];
    snprintf(path, sizeof path, "%s/input", d->dir);
    int rc = demo_folder(path);
    for (int i = 0; i < SAMPLE_FILES && rc == CLI_OK; i++) {
        snprintf(path, sizeof path, "%s/input/%s", d->dir, s->file[i].name);
        FILE *f = cli_create(path);
        if (!f) return CLI_FAILED;
        fwrite(s->file[i].data, 1, s->file[i].size, f);
        rc = cli_close(f, path, CLI_OK);
    }
    return rc;
}

/* ---------------------------------------------------------------- import */

static int demo_problems(demo *d, kam_import *imp, const sample_file *file)
{
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    if (kam_import_problems(&rows, imp, d->c->err) != KAM_OK) return cli_fail(d->c, file->name);
    while (kam_rows_next(&r, rows, d->c->err) == KAM_OK && r)
        cli_fail_at(file->name, (uint64_t)kam_record_i64(r, KAM_PROBLEM_LINE, 0),
                    (uint64_t)kam_record_i64(r, KAM_PROBLEM_COLUMN, 0), kam_record_text(r, KAM_PROBLEM_TEXT, ""));
    kam_rows_free(rows);
    return CLI_FAILED; /* the sample has no bad rows */
}

static int demo_import(demo *d, const sample_file *file)
{
    kam_import_options o = {.struct_size = sizeof o, .source = "demo"};
    kam_import *imp = NULL;
    kam_error *err = d->c->err;
    int32_t rc = kam_import_new(&imp, d->c->book, file->kind, &o, err);
    if (rc == KAM_OK) rc = kam_import_feed(imp, file->data, file->size, err);
    if (rc == KAM_OK) rc = kam_import_finish(imp, err);
    int exit_code = rc == KAM_OK ? CLI_OK : cli_fail(d->c, file->name);
    const kam_record *report = rc == KAM_OK ? kam_import_report(imp) : NULL;
    for (uint32_t f = KAM_IMPORT_REPORT_NEW; report && f <= KAM_IMPORT_REPORT_CORRECTED; f++)
        d->rows[file->kind] += kam_record_i64(report, f, 0);
    if (report && kam_record_i64(report, KAM_IMPORT_REPORT_REJECTED, 0)) exit_code = demo_problems(d, imp, file);
    kam_import_free(imp);
    return exit_code;
}

static int demo_deliver(demo *d, const sample *s, int from, int to)
{
    int rc = CLI_OK;
    for (int i = from; i <= to && rc == CLI_OK; i++) rc = demo_import(d, &s->file[i]);
    return rc;
}

/* ---------------------------------------------------------------- the steps */

static int demo_grade(demo *d, int32_t day, kam_run **out)
{
    kam_scheme *scheme = NULL;
    kam_run *run = NULL;
    int32_t rc = kam_scheme_open(&scheme, d->c->book, DEMO_SCHEME, day, d->c->err);
    if (rc == KAM_OK) rc = kam_grading_run(&run, d->c->book, scheme, day, d->c->err);
    if (rc == KAM_OK) rc = kam_run_apply(run, 0, d->c->err);
    kam_scheme_free(scheme);
    if (rc == KAM_OK && out)
        *out = run;
    else
        kam_run_free(run);
    return rc == KAM_OK ? CLI_OK : cli_fail(d->c, DEMO_SCHEME);
}

static int demo_score(demo *d)
{
    kam_scorecard *card = NULL;
    kam_run *run = NULL;
    int32_t rc = kam_scorecard_open(&card, d->c->book, DEMO_CARD, SAMPLE_LAST, d->c->err);
    if (rc == KAM_OK) rc = kam_scoring_run(&run, d->c->book, card, SAMPLE_LAST, d->c->err);
    if (rc == KAM_OK) rc = kam_run_apply(run, 0, d->c->err);
    int code = rc == KAM_OK ? demo_write_scores(d, run) : cli_fail(d->c, DEMO_CARD);
    kam_run_free(run);
    kam_scorecard_free(card);
    return code;
}

/* Four weeks from the day of the due list. */
static int demo_plan(demo *d)
{
    kam_visit_plan_options o = {.struct_size = sizeof o, .from = SAMPLE_TODAY, .days = 28};
    kam_visit_plan *plan = NULL;
    kam_run *run = NULL;
    int32_t rc = kam_visit_plan_new(&plan, d->c->book, &o, d->c->err);
    if (rc == KAM_OK) rc = kam_visit_plan_run(&run, plan, SAMPLE_LAST, d->c->err);
    if (rc == KAM_OK) rc = kam_run_apply(run, 0, d->c->err);
    int code = rc == KAM_OK ? demo_write_plan(d, run) : cli_fail(d->c, "plan");
    kam_run_free(run);
    kam_visit_plan_free(plan);
    return code;
}

static int demo_report(demo *d)
{
    char path[1100];
    kam_report_options o = {.struct_size = sizeof o, .lang = d->lang};
    o.title = demo_say(d, "Huarui Industrial Parts: key accounts", "华瑞工业零件公司：大客户报告");
    snprintf(path, sizeof path, "%s/report.html", d->dir);
    return cli_report(d->c, &o, SAMPLE_LAST, path);
}

static int demo_value_of(demo *d)
{
    kam_run *value = NULL;
    int32_t rc = kam_value_run(&value, d->c->book, NULL, SAMPLE_LAST, d->c->err);
    if (rc == KAM_OK) rc = kam_run_apply(value, 0, d->c->err);
    int code = rc == KAM_OK ? demo_write_accounts(d, value) : cli_fail(d->c, "value");
    kam_run_free(value);
    return code;
}

/* Who will still buy; a month later the report shows what has come of it. */
static int demo_clv(demo *d, int32_t day)
{
    kam_clv_options o = {.struct_size = sizeof o, .rate = 0.01};
    kam_run *run = NULL;
    int32_t rc = kam_clv_run(&run, d->c->book, &o, day, d->c->err);
    if (rc == KAM_OK) rc = kam_run_apply(run, 0, d->c->err);
    kam_run_free(run);
    return rc == KAM_OK ? CLI_OK : cli_fail(d->c, "lifetime value");
}

/* A second company would mix with the first one, and its grades with the later ones. */
static int demo_fresh(const demo *d)
{
    int64_t id = 0;
    if (kam_book_find(&id, d->c->book, KAM_KIND_ACCOUNT, "demo", "C1001", KAM_NUL, d->c->err) != KAM_OK) return CLI_OK;
    return cli_fail_at(d->book, 0, 0, "this book has a sample company already: take another one");
}

static int demo_april(demo *d, const sample *s)
{
    d->now = SAMPLE_APRIL * DAY_MS + 18 * 3600000;
    int rc = demo_deliver(d, s, SAMPLE_TERRITORIES, SAMPLE_ACTIVITIES);
    if (rc == CLI_OK) rc = demo_clv(d, SAMPLE_APRIL);
    return rc == CLI_OK ? demo_grade(d, SAMPLE_APRIL, NULL) : rc;
}

static int demo_may(demo *d, const sample *s)
{
    kam_run *run = NULL;
    d->now = SAMPLE_LAST * DAY_MS + 18 * 3600000;
    int rc = demo_deliver(d, s, SAMPLE_LEDGER_MAY, SAMPLE_ACTIVITIES_MAY);
    if (rc == CLI_OK) rc = demo_grade(d, SAMPLE_LAST, &run);
    if (rc == CLI_OK) rc = demo_write_grades(d, run);
    kam_run_free(run);
    if (rc == CLI_OK) rc = demo_value_of(d);
    if (rc == CLI_OK) rc = demo_clv(d, SAMPLE_LAST);
    return rc == CLI_OK ? demo_score(d) : rc;
}

static int demo_steps(demo *d, const sample *s)
{
    int rc = demo_inputs(d, s);
    if (rc == CLI_OK) rc = cli_open(d->c, d->book, 1, "CNY");
    if (rc == CLI_OK) rc = demo_fresh(d);
    if (rc == CLI_OK) rc = demo_april(d, s);
    if (rc == CLI_OK) rc = demo_may(d, s);
    d->now = SAMPLE_TODAY * DAY_MS + 8 * 3600000;
    if (rc == CLI_OK) rc = demo_write_due(d);
    if (rc == CLI_OK) rc = demo_plan(d);
    if (rc == CLI_OK) rc = demo_report(d);
    if (rc == CLI_OK) demo_summary(d);
    return rc;
}

/* ---------------------------------------------------------------- the command */

static int64_t demo_clock(void *user) { return ((const demo *)user)->now; }

/* The book lives on the demo's clock. */
static int demo_context(demo *d)
{
    kam_ctx_options o = {.struct_size = sizeof o, .user = d, .now = demo_clock};
    kam_ctx *own = NULL;
    if (kam_ctx_new(&own, &o, d->c->err) != KAM_OK) return cli_fail(d->c, NULL);
    kam_ctx_free(d->c->ctx);
    d->c->ctx = own;
    return CLI_OK;
}

static int demo_seed(const cli *c, uint64_t *out, const char *text)
{
    char *end = NULL;
    *out = 1;
    if (!text) return CLI_OK;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno ? CLI_OK
                                                               : cli_usage(c, "a seed is a whole number, not", text);
}

static int demo_run(demo *d)
{
    sample s;
    if (!sample_make(&s, d->seed, d->zh)) return cli_fail_at("demo", 0, 0, "out of memory");
    int rc = demo_context(d);
    if (rc == CLI_OK) rc = demo_steps(d, &s);
    sample_free(&s);
    kam_book_close(d->c->book); /* before its clock goes */
    d->c->book = NULL;
    return rc;
}

int cmd_demo(cli *c, int argc, char **argv)
{
    demo d = {.c = c};
    const char *seed = NULL;
    char own[1100];
    const cli_option option[] = {{"out", &d.dir, NULL},
                                 {"seed", &seed, NULL},
                                 {"lang", &d.lang, NULL},
                                 {"book", &d.book, NULL},
                                 {NULL, NULL, NULL}};
    int rc = cli_options(c, argc, argv, option, NULL, 0, 0);
    if (rc == CLI_OK) rc = demo_seed(c, &d.seed, seed);
    if (rc != CLI_OK) return rc;
    if (!d.dir) return cli_usage(c, "--out is missing: the folder to write to", NULL);
    if (!d.lang) d.lang = "en";
    d.zh = strcmp(d.lang, "zh") == 0;
    if (!d.zh && strcmp(d.lang, "en") != 0) return cli_usage(c, "a language is en or zh, not", d.lang);
    d.shown = d.book ? d.book : "acme.kam";
    if (!d.book) { /* one of the files the demo writes: made anew each time */
        snprintf(own, sizeof own, "%s/acme.kam", d.dir);
        remove(own);
        d.book = own;
    }
    return demo_run(&d);
}
