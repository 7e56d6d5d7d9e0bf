/*
 * cmd_score.c - `kam score`: the points a scorecard gives each account, and the reasons of any one of them; looked at
 * first, stored only when asked.
 */
#include "cli.h"

static int score_line(cli *c, const kam_record *r) {
    int64_t account = kam_record_i64(r, KAM_SCORE_ACCOUNT, 0);
    const char *old = kam_record_text(r, KAM_SCORE_OLD, NULL), *warnings = kam_record_text(r, KAM_SCORE_WARNINGS, NULL);
    printf("%s. %s points: %lld %s", kam_record_text(r, KAM_SCORE_RANK, "-"), kam_record_text(r, KAM_SCORE_POINTS, "0"),
           (long long)account, cli_name(c, KAM_KIND_ACCOUNT, account, KAM_ACCOUNT_NAME));
    if (old) printf(" (before: %s)", old);
    if (warnings) printf(" [%s]", warnings);
    printf("\n");
    return CLI_OK;
}

static int score_print(cli *c, kam_rows *rows) {
    const kam_record *r = NULL;
    int32_t rc;
    while ((rc = kam_rows_next(&r, rows, c->err)) == KAM_OK && r) score_line(c, r);
    kam_rows_free(rows);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
}

static int score_why(cli *c, kam_run *run, const char *account, const char *lang) {
    int64_t id = 0;
    kam_why *why = NULL;
    if (cli_account(c, &id, account) != CLI_OK) return CLI_FAILED;
    int32_t rc = kam_run_why(&why, run, id, c->err);
    if (rc == KAM_OK) rc = kam_why_text(c->buf, why, lang, c->err);
    if (rc == KAM_OK) fputs(kam_buf_data(c->buf), stdout);
    kam_why_free(why);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
}

static int score_show(cli *c, kam_run *run, const char *out, const kam_export_options *o) {
    kam_rows *rows = NULL;
    if (kam_run_rows(&rows, run, KAM_KIND_SCORE, c->err) != KAM_OK) return cli_fail(c, NULL);
    return out ? cli_export_to(c, rows, out, o) : score_print(c, rows);
}

int cmd_score(cli *c, int argc, char **argv) {
    const char *book = NULL, *name = NULL, *day = NULL, *out = NULL, *account = NULL, *format = NULL;
    kam_export_options o = {.struct_size = sizeof o};
    int apply = 0, labels = 0;
    const cli_option option[] = {{"card", &name, NULL},     {"as-of", &day, NULL},    {"apply", NULL, &apply},
                                 {"out", &out, NULL},       {"why", &account, NULL},  {"format", &format, NULL},
                                 {"labels", NULL, &labels}, {"lang", &o.lang, NULL},  {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    kam_scorecard *card = NULL;
    kam_run *run = NULL;
    int rc = cli_options(c, argc, argv, option, &book, 1, 1);
    if (rc == CLI_OK && !name) rc = cli_usage(c, "--card names the scorecard, for example key-account", NULL);
    if (rc == CLI_OK) rc = cli_format(c, &o.format, format);
    if (rc == CLI_OK) rc = cli_lang(c, o.lang);
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    if (rc == CLI_OK) rc = cli_open(c, book, 0, NULL);
    if (labels) o.flags = KAM_EXPORT_LABELS;
    if (rc == CLI_OK && kam_scorecard_open(&card, c->book, name, as_of, c->err) != KAM_OK) rc = cli_fail(c, NULL);
    if (rc == CLI_OK && kam_scoring_run(&run, c->book, card, as_of, c->err) != KAM_OK) rc = cli_fail(c, NULL);
    if (rc == CLI_OK && apply && kam_run_apply(run, 0, c->err) != KAM_OK) rc = cli_fail(c, NULL);
    if (format && !out && !account) out = "-";
    if (rc == CLI_OK && (out || !account)) rc = score_show(c, run, out, &o);
    if (rc == CLI_OK && account) rc = score_why(c, run, account, o.lang);
    if (rc == CLI_OK) cli_told(run, apply);
    kam_run_free(run);
    kam_scorecard_free(card);
    return rc;
}
