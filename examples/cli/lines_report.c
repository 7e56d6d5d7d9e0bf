/*
 * lines_report.c - what `kam value` writes: a row per account, and one JSON object about all of them.
 */
#include "lines.h"

/* ---------------------------------------------------------------- ROWS.csv */

static const uint32_t row_fields[] = {
    KAM_ACCOUNT_VALUE_REVENUE, KAM_ACCOUNT_VALUE_ORDERS, KAM_ACCOUNT_VALUE_RECENCY_DAYS, KAM_ACCOUNT_VALUE_CUM_SHARE,
    KAM_ACCOUNT_VALUE_ABC, KAM_ACCOUNT_VALUE_ABC_INCL, KAM_ACCOUNT_VALUE_R_NTILE, KAM_ACCOUNT_VALUE_F_NTILE,
    KAM_ACCOUNT_VALUE_M_NTILE, KAM_ACCOUNT_VALUE_R_Q7, KAM_ACCOUNT_VALUE_F_Q7, KAM_ACCOUNT_VALUE_M_Q7,
    KAM_ACCOUNT_VALUE_RFM_CELL, KAM_ACCOUNT_VALUE_CONTRIBUTION
};

/* The last two columns are there where settings were given. */
static int write_rows(lines *l, kam_rows *rows, FILE *f) {
    cli *c = l->c;
    int64_t first = 0;
    size_t nfield = sizeof row_fields / sizeof row_fields[0] - (l->settings ? 0 : 2);
    const kam_record *r = NULL;
    int32_t rc = kam_book_find(&first, c->book, KAM_KIND_ACCOUNT, "file", l->id[0].text, l->id[0].len, c->err);
    fputs("account,revenue,orders,recency_days,cum_share,abc,abc_incl,r_ntile,f_ntile,m_ntile,r_q7,f_q7,m_q7", f);
    fputs(l->settings ? ",rfm_cell,contribution\n" : "\n", f);
    while (rc == KAM_OK && (rc = kam_rows_next(&r, rows, c->err)) == KAM_OK && r) {
        const lines_id *id = &l->id[kam_record_i64(r, KAM_ACCOUNT_VALUE_ACCOUNT, first) - first];
        cli_csv_put(f, id->text, id->len);
        for (size_t i = 0; i < nfield; i++) {
            const char *text = kam_record_text(r, row_fields[i], "");
            fputc(',', f);
            cli_csv_put(f, text, strlen(text));
        }
        fputc('\n', f);
    }
    return rc == KAM_OK ? CLI_OK : cli_fail(c, l->file);
}

int lines_write_rows(lines *l, kam_run *run, const char *path) {
    kam_rows *rows = NULL;
    if (!path) return CLI_OK;
    if (kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, l->c->err) != KAM_OK) return cli_fail(l->c, l->file);
    FILE *f = cli_create(path);
    int rc = f ? cli_close(f, path, write_rows(l, rows, f)) : CLI_FAILED;
    kam_rows_free(rows);
    return rc;
}

/* ---------------------------------------------------------------- the summary */

/* The value of a member of the flat object that a run's statistics are; its length in *len, 0 = none. */
static const char *member(const char *json, const char *name, size_t *len) {
    char key[40];
    int depth = 0;
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *p = strstr(json, key), *end;
    *len = 0;
    if (!p) return "";
    for (end = p += strlen(key); *end && (depth || (*end != ',' && *end != '}')); end++)
        depth += (*end == '{' || *end == '[') - (*end == '}' || *end == ']');
    *len = (size_t)(end - p);
    return p;
}

static void write_summary(const lines *l, const kam_record *run, FILE *f) {
    static const char *const always[] = {"abc", "abc_incl", "rfm_cuts", "n555_ntile", "n555_q7"};
    static const char *const told[] = {"rfm_cells", "shared"};
    static const char *const profit[] = {"profit", "whale_peak_pct", "whale_peak_at", "unprofitable"};
    const char *json = kam_record_text(run, KAM_RUN_STATISTICS, "{}");
    size_t len = 0;
    fprintf(f, "{\n \"accounts\": %s,\n", kam_record_text(run, KAM_RUN_ACCOUNTS, "0"));
    fprintf(f, " \"revenue\": %s,\n", kam_record_text(run, KAM_RUN_TOTAL, "0"));
    fprintf(f, " \"gini\": %s,\n", kam_record_text(run, KAM_RUN_GINI, "0"));
    fprintf(f, " \"hhi\": %s,\n", kam_record_text(run, KAM_RUN_HHI, "0"));
    fprintf(f, " \"top20_share\": %s,\n", kam_record_text(run, KAM_RUN_TOP20_SHARE, "0"));
    fprintf(f, " \"top1_share\": %s", kam_record_text(run, KAM_RUN_TOP1_SHARE, "0"));
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        const char *v = member(json, always[i], &len);
        fprintf(f, ",\n \"%s\": %.*s", always[i], (int)len, v);
    }
    for (size_t i = 0; l->column[LINES_COST] && i < sizeof profit / sizeof profit[0]; i++) {
        const char *v = member(json, profit[i], &len);
        fprintf(f, ",\n \"%s\": %.*s", profit[i], (int)len, v);
    }
    for (size_t i = 0; l->settings && i < sizeof told / sizeof told[0]; i++) {
        const char *v = member(json, told[i], &len);
        if (len) fprintf(f, ",\n \"%s\": %.*s", told[i], (int)len, v);
    }
    fputs("\n}\n", f);
}

int lines_write_summary(lines *l, kam_run *run, const char *path) {
    if (!path) return CLI_OK;
    FILE *f = cli_create(path);
    if (!f) return CLI_FAILED;
    write_summary(l, kam_run_record(run), f);
    return cli_close(f, path, CLI_OK);
}
