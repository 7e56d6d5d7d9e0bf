/*
 * demo_files.c - accounts.csv, grades.csv, due.csv (demo_plan.c has scores and the plan): what the runs say, with names
 * beside the ids and labels as headings.
 *
 * The library's own export has one kind of record per file; a page for people joins two or three. Labels come from
 * the schema, in the language asked for.
 */
#include "demo.h"

/* ---------------------------------------------------------------- words */

const char *demo_value(const demo *d, const char *value)
{
    static const char *const word[][3] = {{"LARGE", "large", "大型"},
                                          {"MEDIUM", "medium", "中型"},
                                          {"SMALL", "small", "小型"},
                                          {"MICRO", "micro", "微型"},
                                          {"PROSPECT", "prospect", "潜在客户"},
                                          {"INTENT", "prospect with intent", "意向客户"},
                                          {"SIGNED", "signed customer", "签约客户"},
                                          {"INVALID", "disqualified", "无效客户"},
                                          {"VISIT", "visit", "拜访"},
                                          {"CALL", "phone call", "电话"},
                                          {"CADENCE", "cadence", "拜访频率"},
                                          {"FOLLOWUP", "follow-up", "跟进"},
                                          {"REQUEST", "customer's request", "客户要求"},
                                          {"OTHER", "other", "其他"},
                                          {"CAPACITY", "the days are full", "当日已满"},
                                          {"ABSENCE", "the representative is absent", "销售代表缺勤"},
                                          {"NO_OWNER", "the account has no owner", "客户没有负责人"},
                                          {"NO_WORKING_DAY", "nobody works on the days it fits", "无可用工作日"},
                                          {"INACTIVE", "the representative is not active", "销售代表已停用"},
                                          {"KEPT", "kept", "保留"},
                                          {"MOVED", "moved", "改期"},
                                          {"ADDED", "added", "新增"},
                                          {"CANCELLED", "cancelled", "取消"}};
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (strcmp(value, word[i][0]) == 0) return word[i][d->zh ? 2 : 1];
    return value;
}

static void demo_label(const demo *d, FILE *f, uint32_t field)
{
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    if (kam_schema_rows(&rows, d->c->book, d->c->err) != KAM_OK) return;
    while (kam_rows_next(&r, rows, d->c->err) == KAM_OK && r)
        if (kam_record_i64(r, KAM_FIELD_FIELD, 0) == (int64_t)field) {
            const char *text = kam_record_text(r, d->zh ? KAM_FIELD_LABEL_ZH : KAM_FIELD_LABEL_EN, "");
            cli_csv_put(f, text, strlen(text));
            break;
        }
    kam_rows_free(rows);
}

static void demo_heading(const demo *d, FILE *f, const uint32_t *field, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i) fputc(',', f);
        demo_label(d, f, field[i]);
    }
    fputc('\n', f);
}

void demo_cell(FILE *f, const char *text)
{
    cli_csv_put(f, text, strlen(text));
    fputc(',', f);
}

static FILE *demo_create(const demo *d, char path[1100], const char *name)
{
    snprintf(path, 1100, "%s/%s", d->dir, name);
    return cli_create(path);
}

FILE *demo_table(demo *d, char path[1100], const char *name, const uint32_t *field, size_t n)
{
    FILE *f = demo_create(d, path, name);
    if (f) demo_heading(d, f, field, n);
    return f;
}

/* ---------------------------------------------------------------- names */

void demo_name(const demo *d, char *out, size_t size, uint32_t kind, int64_t id)
{
    kam_record *r = NULL;
    uint32_t field = kind == KAM_KIND_ACCOUNT ? (uint32_t)KAM_ACCOUNT_NAME : (uint32_t)KAM_REPRESENTATIVE_NAME;
    out[0] = '\0';
    if (!id || kam_book_get(&r, d->c->book, kind, id, KAM_TODAY, d->c->err) != KAM_OK) return;
    snprintf(out, size, "%s", kam_record_text(r, field, ""));
    kam_record_free(r);
}

/* The ERP's key, the name, and where it is: how every table begins. */
int demo_who(const demo *d, FILE *f, int64_t account)
{
    static const uint32_t field[3] = {KAM_EXT_ID, KAM_ACCOUNT_NAME, KAM_ACCOUNT_CITY};
    kam_record *r = NULL;
    if (kam_book_get(&r, d->c->book, KAM_KIND_ACCOUNT, account, KAM_TODAY, d->c->err) != KAM_OK)
        return cli_fail(d->c, NULL);
    for (int i = 0; i < 3; i++) demo_cell(f, kam_record_text(r, field[i], ""));
    kam_record_free(r);
    return CLI_OK;
}

/* ---------------------------------------------------------------- accounts.csv */

static const uint32_t demo_account_field[] = {KAM_ACCOUNT_COUNTRY, KAM_ACCOUNT_INDUSTRY, KAM_ACCOUNT_SIZE,
                                              KAM_ACCOUNT_LIFECYCLE};
static const uint32_t demo_value_field[] = {KAM_ACCOUNT_VALUE_REVENUE,
                                            KAM_ACCOUNT_VALUE_RETURNS,
                                            KAM_ACCOUNT_VALUE_COST_OF_GOODS,
                                            KAM_ACCOUNT_VALUE_GROSS_PROFIT,
                                            KAM_ACCOUNT_VALUE_INVENTORY_INTEREST,
                                            KAM_ACCOUNT_VALUE_PERSONNEL,
                                            KAM_ACCOUNT_VALUE_TRAVEL,
                                            KAM_ACCOUNT_VALUE_ADMINISTRATION,
                                            KAM_ACCOUNT_VALUE_CONTRIBUTION,
                                            KAM_ACCOUNT_VALUE_ADJUSTED,
                                            KAM_ACCOUNT_VALUE_ORDERS,
                                            KAM_ACCOUNT_VALUE_LAST_DAY,
                                            KAM_ACCOUNT_VALUE_RECENCY_DAYS,
                                            KAM_ACCOUNT_VALUE_RANK,
                                            KAM_ACCOUNT_VALUE_CUM_SHARE,
                                            KAM_ACCOUNT_VALUE_ABC,
                                            KAM_ACCOUNT_VALUE_R_NTILE,
                                            KAM_ACCOUNT_VALUE_F_NTILE,
                                            KAM_ACCOUNT_VALUE_M_NTILE};

static void demo_account_heading(const demo *d, FILE *f)
{
    uint32_t field[3 + DEMO_LEN(demo_account_field) + 2 + DEMO_LEN(demo_value_field)] = {KAM_EXT_ID, KAM_ACCOUNT_NAME,
                                                                                         KAM_ACCOUNT_CITY};
    size_t n = 3;
    for (size_t i = 0; i < DEMO_LEN(demo_account_field); i++) field[n++] = demo_account_field[i];
    field[n++] = KAM_ACCOUNT_OWNER;
    field[n++] = KAM_GRADE_GRADE;
    for (size_t i = 0; i < DEMO_LEN(demo_value_field); i++) field[n++] = demo_value_field[i];
    demo_heading(d, f, field, n);
}

/* The account's own cells; grade and owner are those of the day. */
static int demo_account_cells(demo *d, FILE *f, int64_t id)
{
    char owner[64];
    kam_account *a = NULL;
    const kam_record *grade = NULL;
    int rc = demo_who(d, f, id);
    if (rc != CLI_OK) return rc;
    if (kam_account_open(&a, d->c->book, id, SAMPLE_LAST, d->c->err) != KAM_OK) return cli_fail(d->c, NULL);
    const kam_record *r = kam_account_record(a);
    for (size_t i = 0; i < DEMO_LEN(demo_account_field); i++)
        demo_cell(f, demo_value(d, kam_record_text(r, demo_account_field[i], "")));
    demo_name(d, owner, sizeof owner, KAM_KIND_REPRESENTATIVE, kam_record_i64(r, KAM_ACCOUNT_OWNER, 0));
    demo_cell(f, owner);
    int32_t has = kam_account_fact(&grade, a, KAM_KIND_GRADE, DEMO_SCHEME, d->c->err);
    const char *text = has == KAM_OK ? kam_record_text(grade, KAM_GRADE_GRADE, "") : "";
    demo_cell(f, text);
    if (text[0] >= 'A' && text[0] <= 'C') d->grade[text[0] - 'A']++;
    kam_account_free(a);
    return CLI_OK;
}

static void demo_value_cells(demo *d, FILE *f, const kam_record *v)
{
    for (size_t i = 0; i < DEMO_LEN(demo_value_field); i++) {
        const char *text = v ? kam_record_text(v, demo_value_field[i], "") : "";
        cli_csv_put(f, text, strlen(text));
        fputc(i + 1 < DEMO_LEN(demo_value_field) ? ',' : '\n', f);
    }
    if (!v) return;
    int64_t contribution = kam_record_i64(v, KAM_ACCOUNT_VALUE_CONTRIBUTION, 0),
            revenue = kam_record_i64(v, KAM_ACCOUNT_VALUE_REVENUE, 0);
    int abc = kam_record_text(v, KAM_ACCOUNT_VALUE_ABC, "C")[0] - 'A';
    d->accounts += revenue > 0;
    d->contribution += contribution;
    d->unprofitable += contribution < 0;
    if (abc < 0 || abc > 2 || revenue <= 0) return;
    d->abc[abc]++;
    d->part[abc] += revenue;
}

/* Who bought nothing in the twelve months follows, by id. */
static int demo_quiet_accounts(demo *d, FILE *f, const unsigned char *seen, int64_t most)
{
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int exit_code = CLI_OK;
    int32_t rc = kam_query_new(&q, d->c->book, KAM_KIND_ACCOUNT, d->c->err);
    if (rc == KAM_OK) rc = kam_query_run(&rows, q, SAMPLE_LAST, d->c->err);
    while (rc == KAM_OK && exit_code == CLI_OK && (rc = kam_rows_next(&r, rows, d->c->err)) == KAM_OK && r) {
        int64_t id = kam_record_i64(r, KAM_ID, 0);
        if (id <= most && seen[id]) continue;
        exit_code = demo_account_cells(d, f, id);
        demo_value_cells(d, f, NULL);
    }
    kam_rows_free(rows);
    kam_query_free(q);
    return rc == KAM_OK ? exit_code : cli_fail(d->c, NULL);
}

static int demo_account_rows(demo *d, FILE *f, kam_rows *rows)
{
    enum { MOST = 1 << 16 };
    const kam_record *r = NULL;
    int32_t rc = KAM_OK;
    unsigned char *seen = calloc(1, MOST + 1);
    int exit_code = seen ? CLI_OK : cli_fail_at("demo", 0, 0, "out of memory");
    while (exit_code == CLI_OK && (rc = kam_rows_next(&r, rows, d->c->err)) == KAM_OK && r) {
        int64_t id = kam_record_i64(r, KAM_ACCOUNT_VALUE_ACCOUNT, 0);
        if (id > 0 && id <= MOST) seen[id] = 1;
        exit_code = demo_account_cells(d, f, id);
        demo_value_cells(d, f, r);
    }
    if (rc != KAM_OK) exit_code = cli_fail(d->c, NULL);
    if (exit_code == CLI_OK) exit_code = demo_quiet_accounts(d, f, seen, MOST);
    free(seen);
    return exit_code;
}

int demo_write_accounts(demo *d, kam_run *value)
{
    char path[1100];
    kam_rows *rows = NULL;
    const kam_record *run = kam_run_record(value);
    d->revenue = kam_record_i64(run, KAM_RUN_TOTAL, 0);
    d->gini = kam_record_f64(run, KAM_RUN_GINI, 0);
    d->top20 = kam_record_f64(run, KAM_RUN_TOP20_SHARE, 0);
    d->top1 = kam_record_f64(run, KAM_RUN_TOP1_SHARE, 0);
    if (kam_run_rows(&rows, value, KAM_KIND_ACCOUNT_VALUE, d->c->err) != KAM_OK) return cli_fail(d->c, NULL);
    FILE *f = demo_create(d, path, "accounts.csv");
    int rc = f ? CLI_OK : CLI_FAILED;
    if (f) demo_account_heading(d, f);
    if (f) rc = demo_account_rows(d, f, rows);
    if (f) rc = cli_close(f, path, rc);
    kam_rows_free(rows);
    return rc;
}

/* ---------------------------------------------------------------- grades.csv */

int demo_reason(demo *d, FILE *f, kam_run *run, int64_t account)
{
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    char text[16384] = "";
    int32_t rc = kam_run_why(&why, run, account, d->c->err);
    if (rc == KAM_OK) rc = kam_why_rows(&rows, why, d->c->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&r, rows, d->c->err)) == KAM_OK && r) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%s", n ? demo_say(d, "; ", "；") : "",
                 kam_record_text(r, d->zh ? KAM_REASON_TEXT_ZH : KAM_REASON_TEXT, ""));
    }
    kam_rows_free(rows);
    kam_why_free(why);
    if (rc != KAM_OK) return cli_fail(d->c, NULL);
    cli_csv_put(f, text, strlen(text));
    fputc('\n', f);
    return CLI_OK;
}

/* Changes first seen with more at stake stay in the summary. */
static void demo_keep_change(demo *d, const kam_record *item)
{
    const char *old = kam_record_text(item, KAM_GRADE_ITEM_OLD, ""),
               *now = kam_record_text(item, KAM_GRADE_ITEM_NEW, "");
    demo_change change = {.id = kam_record_i64(item, KAM_GRADE_ITEM_ACCOUNT, 0)};
    change.measure = (int64_t)strtod(kam_record_text(item, KAM_GRADE_ITEM_MEASURE, "0"), NULL);
    snprintf(change.old, sizeof change.old, "%s", old);
    snprintf(change.now, sizeof change.now, "%s", now);
    if (!old[0])
        d->first++;
    else if (!now[0])
        d->left++;
    else if (strcmp(now, old) < 0)
        d->up++;
    else
        d->down++;
    if (!old[0]) return;
    int at = d->nchange < DEMO_TOP ? d->nchange++ : DEMO_TOP - 1;
    if (at == DEMO_TOP - 1 && d->change[at].id && d->change[at].measure >= change.measure) return;
    for (; at > 0 && d->change[at - 1].measure < change.measure; at--) d->change[at] = d->change[at - 1];
    d->change[at] = change;
}

static int demo_grade_rows(demo *d, FILE *f, kam_run *run, kam_rows *rows)
{
    static const uint32_t field[] = {KAM_GRADE_ITEM_OLD, KAM_GRADE_ITEM_NEW, KAM_GRADE_ITEM_RANK,
                                     KAM_GRADE_ITEM_MEASURE, KAM_GRADE_ITEM_CUT};
    const kam_record *r = NULL;
    int32_t rc;
    while ((rc = kam_rows_next(&r, rows, d->c->err)) == KAM_OK && r) {
        int64_t account = kam_record_i64(r, KAM_GRADE_ITEM_ACCOUNT, 0);
        if (demo_who(d, f, account) != CLI_OK) return CLI_FAILED;
        for (size_t i = 0; i < DEMO_LEN(field); i++) demo_cell(f, kam_record_text(r, field[i], ""));
        demo_keep_change(d, r);
        if (demo_reason(d, f, run, account) != CLI_OK) return CLI_FAILED;
    }
    return rc == KAM_OK ? CLI_OK : cli_fail(d->c, NULL);
}

int demo_write_grades(demo *d, kam_run *run)
{
    static const uint32_t field[] = {
        KAM_EXT_ID,          KAM_ACCOUNT_NAME,       KAM_ACCOUNT_CITY,   KAM_GRADE_ITEM_OLD,   KAM_GRADE_ITEM_NEW,
        KAM_GRADE_ITEM_RANK, KAM_GRADE_ITEM_MEASURE, KAM_GRADE_ITEM_CUT, KAM_GRADE_ITEM_REASON};
    char path[1100];
    kam_rows *rows = NULL;
    if (kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, d->c->err) != KAM_OK) return cli_fail(d->c, NULL);
    FILE *f = demo_create(d, path, "grades.csv");
    int rc = f ? CLI_OK : CLI_FAILED;
    if (f) demo_heading(d, f, field, DEMO_LEN(field));
    if (f) rc = demo_grade_rows(d, f, run, rows);
    if (f) rc = cli_close(f, path, rc);
    kam_rows_free(rows);
    for (int i = 0; i < d->nchange; i++)
        demo_name(d, d->change[i].account, DEMO_TEXT, KAM_KIND_ACCOUNT, d->change[i].id);
    d->why = d->nchange ? d->change[0].id : 0;
    return rc;
}

/* ---------------------------------------------------------------- due.csv */

static void demo_keep_due(demo *d, const kam_record *r, const char *representative)
{
    if (d->ndue++ >= DEMO_TOP) return;
    demo_due *due = &d->due[d->ndue - 1];
    snprintf(due->account, sizeof due->account, "%s", kam_record_text(r, KAM_DUE_NAME, ""));
    snprintf(due->representative, sizeof due->representative, "%s", representative);
    snprintf(due->grade, sizeof due->grade, "%s", kam_record_text(r, KAM_DUE_GRADE, "-"));
    snprintf(due->channel, sizeof due->channel, "%s", demo_value(d, kam_record_text(r, KAM_DUE_CHANNEL, "")));
    snprintf(due->last, sizeof due->last, "%s", kam_record_text(r, KAM_DUE_LAST, "-"));
    due->overdue = kam_record_i64(r, KAM_DUE_OVERDUE, 0);
}

static int demo_due_rows(demo *d, FILE *f, kam_rows *rows)
{
    static const uint32_t field[] = {KAM_DUE_GRADE,   KAM_DUE_CHANNEL, KAM_DUE_LAST, KAM_DUE_DAY,
                                     KAM_DUE_OVERDUE, KAM_DUE_CAUSE,   KAM_DUE_RULE};
    const kam_record *r = NULL;
    char name[64];
    int32_t rc;
    while ((rc = kam_rows_next(&r, rows, d->c->err)) == KAM_OK && r) {
        if (demo_who(d, f, kam_record_i64(r, KAM_DUE_ACCOUNT, 0)) != CLI_OK) return CLI_FAILED;
        demo_name(d, name, sizeof name, KAM_KIND_REPRESENTATIVE, kam_record_i64(r, KAM_DUE_REPRESENTATIVE, 0));
        demo_cell(f, name);
        for (size_t i = 0; i < DEMO_LEN(field); i++) {
            const char *text = demo_value(d, kam_record_text(r, field[i], ""));
            cli_csv_put(f, text, strlen(text));
            fputc(i + 1 < DEMO_LEN(field) ? ',' : '\n', f);
        }
        demo_keep_due(d, r, name);
    }
    return rc == KAM_OK ? CLI_OK : cli_fail(d->c, NULL);
}

int demo_write_due(demo *d)
{
    static const uint32_t field[] = {KAM_EXT_ID,      KAM_ACCOUNT_NAME, KAM_ACCOUNT_CITY, KAM_DUE_REPRESENTATIVE,
                                     KAM_DUE_GRADE,   KAM_DUE_CHANNEL,  KAM_DUE_LAST,     KAM_DUE_DAY,
                                     KAM_DUE_OVERDUE, KAM_DUE_CAUSE,    KAM_DUE_RULE};
    char path[1100];
    kam_rows *rows = NULL;
    if (kam_visit_due(&rows, d->c->book, NULL, 0, SAMPLE_TODAY, d->c->err) != KAM_OK) return cli_fail(d->c, NULL);
    FILE *f = demo_create(d, path, "due.csv");
    int rc = f ? CLI_OK : CLI_FAILED;
    if (f) demo_heading(d, f, field, DEMO_LEN(field));
    if (f) rc = demo_due_rows(d, f, rows);
    if (f) rc = cli_close(f, path, rc);
    kam_rows_free(rows);
    return rc;
}
