/*
 * demo_plan.c - scores.csv, plan.csv, unplanned.csv: points with their reasons, who is seen when, and who is not.
 */
#include "demo.h"

/* ---------------------------------------------------------------- scores.csv */

static void demo_keep_score(demo *d, const kam_record *r, int64_t account)
{
    if (d->nscore == DEMO_TOP) return;
    demo_change *s = &d->score[d->nscore++];
    demo_name(d, s->account, sizeof s->account, KAM_KIND_ACCOUNT, account);
    snprintf(s->now, sizeof s->now, "%s", kam_record_text(r, KAM_SCORE_POINTS, ""));
}

static int demo_score_rows(demo *d, FILE *f, kam_run *run, kam_rows *rows)
{
    static const uint32_t field[] = {KAM_SCORE_RANK, KAM_SCORE_POINTS, KAM_SCORE_OLD, KAM_SCORE_WARNINGS,
                                     KAM_SCORE_MISSING};
    const kam_record *r = NULL;
    int32_t rc;
    while ((rc = kam_rows_next(&r, rows, d->c->err)) == KAM_OK && r) {
        int64_t account = kam_record_i64(r, KAM_SCORE_ACCOUNT, 0);
        if (demo_who(d, f, account) != CLI_OK) return CLI_FAILED;
        for (size_t i = 0; i < DEMO_LEN(field); i++) demo_cell(f, kam_record_text(r, field[i], ""));
        demo_keep_score(d, r, account);
        if (demo_reason(d, f, run, account) != CLI_OK) return CLI_FAILED;
    }
    return rc == KAM_OK ? CLI_OK : cli_fail(d->c, NULL);
}

int demo_write_scores(demo *d, kam_run *run)
{
    static const uint32_t field[] = {KAM_EXT_ID,       KAM_ACCOUNT_NAME, KAM_ACCOUNT_CITY,
                                     KAM_SCORE_RANK,   KAM_SCORE_POINTS, KAM_SCORE_OLD,
                                     KAM_SCORE_WARNINGS, KAM_SCORE_MISSING, KAM_SCORE_REASON};
    char path[1100];
    kam_rows *rows = NULL;
    if (kam_run_rows(&rows, run, KAM_KIND_SCORE, d->c->err) != KAM_OK) return cli_fail(d->c, NULL);
    FILE *f = demo_table(d, path, "scores.csv", field, DEMO_LEN(field));
    int rc = f ? demo_score_rows(d, f, run, rows) : CLI_FAILED;
    if (f) rc = cli_close(f, path, rc);
    kam_rows_free(rows);
    return rc;
}

/* ---------------------------------------------------------------- plan.csv, unplanned.csv */

/* Account and person, then these fields; the last one ends the row. */
static int demo_plan_row(demo *d, FILE *f, const kam_record *r, int64_t account, int64_t person, const uint32_t *field,
                         size_t n)
{
    char name[64];
    if (demo_who(d, f, account) != CLI_OK) return CLI_FAILED;
    demo_name(d, name, sizeof name, KAM_KIND_REPRESENTATIVE, person);
    demo_cell(f, name);
    for (size_t i = 0; i < n; i++) {
        const char *text = demo_value(d, kam_record_text(r, field[i], ""));
        cli_csv_put(f, text, strlen(text));
        fputc(i + 1 < n ? ',' : '\n', f);
    }
    return CLI_OK;
}

/* One list of the plan as a table; field[0..2] are those of demo_who, field[3] the representative. */
static int demo_plan_table(demo *d, kam_run *run, uint32_t kind, const char *name, uint32_t of, const uint32_t *field,
                           size_t n)
{
    char path[1100];
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int32_t rc = KAM_OK;
    int64_t before = 0;
    if (kam_run_rows(&rows, run, kind, d->c->err) != KAM_OK) return cli_fail(d->c, NULL);
    FILE *f = demo_table(d, path, name, field, n);
    int code = f ? CLI_OK : CLI_FAILED;
    while (code == CLI_OK && (rc = kam_rows_next(&r, rows, d->c->err)) == KAM_OK && r) {
        int64_t person = kam_record_i64(r, field[3], 0);
        code = demo_plan_row(d, f, r, kam_record_i64(r, of, 0), person, field + 4, n - 4);
        d->unplanned += kind == KAM_KIND_UNPLANNED;
        if (kind == KAM_KIND_UNPLANNED) continue;
        d->people += person != before;
        before = person;
        if (kam_record_i64(r, KAM_PLAN_ENTRY_CHANNEL, 0) == KAM_CHANNEL_VISIT) d->visits++;
        else d->calls++;
    }
    if (rc != KAM_OK) code = cli_fail(d->c, NULL);
    if (f) code = cli_close(f, path, code);
    kam_rows_free(rows);
    return code;
}

int demo_write_plan(demo *d, kam_run *run)
{
    static const uint32_t plan[] = {KAM_EXT_ID,          KAM_ACCOUNT_NAME,       KAM_ACCOUNT_CITY,
                                    KAM_PLAN_ENTRY_REPRESENTATIVE, KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_CHANNEL,
                                    KAM_PLAN_ENTRY_ORDER, KAM_PLAN_ENTRY_GRADE,  KAM_PLAN_ENTRY_DUE,
                                    KAM_PLAN_ENTRY_OVERDUE, KAM_PLAN_ENTRY_CAUSE, KAM_PLAN_ENTRY_RULE,
                                    KAM_PLAN_ENTRY_WHAT, KAM_PLAN_ENTRY_DISTANCE};
    static const uint32_t left[] = {KAM_EXT_ID,           KAM_ACCOUNT_NAME,    KAM_ACCOUNT_CITY,
                                    KAM_UNPLANNED_REPRESENTATIVE, KAM_UNPLANNED_CHANNEL, KAM_UNPLANNED_GRADE,
                                    KAM_UNPLANNED_RULE,   KAM_UNPLANNED_DUE,   KAM_UNPLANNED_CODE};
    int rc = demo_plan_table(d, run, KAM_KIND_PLAN_ENTRY, "plan.csv", KAM_PLAN_ENTRY_ACCOUNT, plan, DEMO_LEN(plan));
    if (rc != CLI_OK) return rc;
    return demo_plan_table(d, run, KAM_KIND_UNPLANNED, "unplanned.csv", KAM_UNPLANNED_ACCOUNT, left, DEMO_LEN(left));
}
