/*
 * cmd_strategy.c - `kam strategy`: the account plan of one account: what it lacks, its gaps, its matrix, its targets
 * against what came, and the account's financial ratios. Its records come in by `kam import`, section by section.
 */
#include "cli.h"
#include <string.h>

static const char *const lists[] = {"missing", "gaps", "matrix", "targets", "ratios"};
enum { MISSING, GAPS, MATRIX, TARGETS, RATIOS, LISTS };

static int strategy_list(const cli *c, int *out, const char *name) {
    for (*out = 0; name && *out < LISTS; ++*out)
        if (strcmp(lists[*out], name) == 0) return CLI_OK;
    return name ? cli_usage(c, "--list is missing, gaps, matrix, targets or ratios, not", name) : CLI_OK;
}

static int32_t strategy_targets(cli *c, kam_rows **out, kam_account_plan *plan, int32_t as_of, int apply) {
    kam_run *run = NULL;
    int32_t rc = kam_account_plan_run(&run, plan, as_of, c->err);
    if (rc == KAM_OK && apply) rc = kam_run_apply(run, 0, c->err);
    if (rc == KAM_OK) rc = kam_run_rows(out, run, KAM_KIND_PLAN_RESULT, c->err);
    if (rc == KAM_OK) cli_told(run, apply);
    kam_run_free(run);
    return rc;
}

static int32_t strategy_rows(cli *c, kam_rows **out, kam_account_plan *plan, int list, int32_t as_of, int apply) {
    switch (list) {
    case GAPS: return kam_account_plan_gaps(out, plan, as_of, c->err);
    case MATRIX: return kam_account_plan_matrix(out, plan, c->err);
    case TARGETS: return strategy_targets(c, out, plan, as_of, apply);
    case RATIOS:
        return kam_financial_ratios(out, c->book,
                                    kam_record_i64(kam_account_plan_record(plan), KAM_ACCOUNT_PLAN_ACCOUNT, 0), c->err);
    default: return kam_account_plan_missing(out, plan, c->err);
    }
}

int cmd_strategy(cli *c, int argc, char **argv) {
    const char *arg[3] = {NULL, NULL, NULL}, *list = NULL, *day = NULL, *format = NULL, *out = NULL;
    kam_export_options o = {.struct_size = sizeof o};
    int labels = 0, apply = 0, which = MISSING;
    const cli_option option[] = {{"list", &list, NULL},     {"as-of", &day, NULL},     {"apply", NULL, &apply},
                                 {"format", &format, NULL}, {"labels", NULL, &labels}, {"lang", &o.lang, NULL},
                                 {"out", &out, NULL},       {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    int64_t account = 0, year = 0;
    kam_account_plan *plan = NULL;
    kam_rows *rows = NULL;
    int rc = cli_options(c, argc, argv, option, arg, 3, 3);
    if (rc == CLI_OK) rc = cli_number(c, &year, "YEAR", arg[2], 9990);
    if (rc == CLI_OK) rc = strategy_list(c, &which, list);
    if (rc == CLI_OK) rc = cli_format(c, &o.format, format);
    if (rc == CLI_OK) rc = cli_lang(c, o.lang);
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    if (rc == CLI_OK) rc = cli_open(c, arg[0], 0, NULL);
    if (rc == CLI_OK) rc = cli_account(c, &account, arg[1]);
    if (rc != CLI_OK) return rc;
    if (labels) o.flags = KAM_EXPORT_LABELS;
    int32_t code = kam_account_plan_open(&plan, c->book, account, (int32_t)year, c->err);
    if (code == KAM_OK) code = strategy_rows(c, &rows, plan, which, as_of, apply);
    kam_account_plan_free(plan);
    return code == KAM_OK ? cli_export_to(c, rows, out, &o) : cli_fail(c, NULL);
}
