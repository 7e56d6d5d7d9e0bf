/*
 * cmd_show.c - `kam show`: one account on one day, as a screen of an ERP would show it.
 */
#include "cli.h"

typedef struct show { cli *c; kam_account *account; int32_t as_of; int zh; } show;

static const char *say(const show *s, const char *en, const char *zh) { return s->zh ? zh : en; }

/* The fields that have a value, under their labels; of those that every record has only who it is. */
static int show_record(const show *s, const kam_record *r) {
    cli *c = s->c;
    kam_rows *rows = NULL;
    const kam_record *f = NULL;
    int32_t rc = kam_schema_rows(&rows, c->book, c->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&f, rows, c->err)) == KAM_OK && f) {
        uint32_t id = (uint32_t)kam_record_i64(f, KAM_FIELD_FIELD, 0);
        if (strcmp(kam_record_text(f, KAM_FIELD_KIND, ""), "account") != 0) continue;
        if (id < 128 && id != KAM_ID && id != KAM_SOURCE && id != KAM_EXT_ID) continue;
        const char *value = kam_record_text(r, id, NULL);
        if (value)
            printf("  %s%s%s\n", kam_record_text(f, s->zh ? KAM_FIELD_LABEL_ZH : KAM_FIELD_LABEL_EN, ""),
                   say(s, ": ", "："), value);
    }
    kam_rows_free(rows);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
}

/* ---------------------------------------------------------------- lists */

typedef struct list { uint32_t kind; const char *en, *zh; uint32_t field[4]; } list;

static int show_list(const show *s, const list *l) {
    cli *c = s->c;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int n = 0;
    int32_t rc = kam_account_rows(&rows, s->account, l->kind, KAM_DAY_FIRST, KAM_DAY_END, c->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&r, rows, c->err)) == KAM_OK && r) {
        const char *between = "  ";
        if (!n++) printf("\n%s\n", say(s, l->en, l->zh));
        for (int i = 0; i < 4 && l->field[i]; i++) {
            const char *text = kam_record_text(r, l->field[i], NULL);
            if (l->field[i] == KAM_OWNER_REPRESENTATIVE)
                text = cli_name(c, KAM_KIND_REPRESENTATIVE, kam_record_i64(r, l->field[i], 0), KAM_REPRESENTATIVE_NAME);
            if (!text) continue;
            printf("%s%s", between, text);
            between = ", ";
        }
        printf("\n");
    }
    kam_rows_free(rows);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
}

static const list lists[] = {
    {KAM_KIND_OWNER, "Owner", "负责人", {KAM_VALID_FROM, KAM_VALID_TO, KAM_OWNER_REPRESENTATIVE, 0}},
    {KAM_KIND_GRADE, "Grades", "等级", {KAM_VALID_FROM, KAM_VALID_TO, KAM_GRADE_SCHEME, KAM_GRADE_GRADE}},
    {KAM_KIND_CONTACT, "Contacts", "联系人",
     {KAM_CONTACT_NAME, KAM_CONTACT_TITLE, KAM_CONTACT_PHONE, KAM_CONTACT_EMAIL}},
    {KAM_KIND_TIMELINE, "Timeline", "时间线", {KAM_TIMELINE_DAY, KAM_TIMELINE_KIND, KAM_TIMELINE_TEXT, 0}},
};

/* ---------------------------------------------------------------- worth */

static int show_value(const show *s) {
    const kam_record *v = NULL;
    if (kam_account_value(&v, s->account, 0, 0, s->c->err) != KAM_OK) return cli_fail(s->c, NULL);
    printf("\n%s\n", say(s, "Worth, last twelve months", "近十二个月价值"));
    printf("  %s %s, %s %s, %s %s %s\n",
           say(s, "revenue", "收入"), kam_record_text(v, KAM_ACCOUNT_VALUE_REVENUE, "0"),
           say(s, "contribution", "利润贡献"), kam_record_text(v, KAM_ACCOUNT_VALUE_CONTRIBUTION, "0"),
           say(s, "orders", "订单数"), kam_record_text(v, KAM_ACCOUNT_VALUE_ORDERS, "0"),
           kam_record_text(v, KAM_ACCOUNT_VALUE_CURRENCY, ""));
    return CLI_OK;
}

static int show_all(const show *s) {
    const kam_record *r = kam_account_record(s->account);
    printf("%s\n", kam_record_text(r, KAM_ACCOUNT_NAME, ""));
    int rc = show_record(s, r);
    if (rc == CLI_OK) rc = show_value(s);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && rc == CLI_OK; i++) rc = show_list(s, &lists[i]);
    return rc;
}

/* ---------------------------------------------------------------- the same as JSON */

static int show_json(const show *s, const char *lang) {
    static const struct { uint32_t kind; const char *name; } parts[] = {
        {KAM_KIND_OWNER, "owner"}, {KAM_KIND_GRADE, "grade"}, {KAM_KIND_CONTACT, "contact"},
        {KAM_KIND_TIMELINE, "timeline"}};
    cli *c = s->c;
    const kam_record *v = NULL;
    printf("{\"account\":");
    int rc = cli_json_record(c, kam_account_record(s->account));
    if (rc == CLI_OK && kam_account_value(&v, s->account, 0, 0, c->err) != KAM_OK) rc = cli_fail(c, NULL);
    printf(",\n\"value\":");
    if (rc == CLI_OK) rc = cli_json_record(c, v);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && rc == CLI_OK; i++) {
        kam_rows *rows = NULL;
        printf(",\n\"%s\":", parts[i].name);
        if (kam_account_rows(&rows, s->account, parts[i].kind, KAM_DAY_FIRST, KAM_DAY_END, c->err) != KAM_OK)
            return cli_fail(c, NULL);
        rc = cli_json(c, rows, lang);
    }
    printf("}\n");
    return rc;
}

int cmd_show(cli *c, int argc, char **argv) {
    const char *arg[2], *day = NULL, *lang = NULL;
    int json = 0;
    const cli_option option[] = {
        {"as-of", &day, NULL}, {"lang", &lang, NULL}, {"json", NULL, &json}, {NULL, NULL, NULL}};
    show s = {.c = c};
    int64_t id = 0;
    int rc = cli_options(c, argc, argv, option, arg, 2, 2);
    if (rc == CLI_OK) rc = cli_lang(c, lang);
    if (rc == CLI_OK) rc = cli_day(c, &s.as_of, day, KAM_TODAY);
    if (rc == CLI_OK) rc = cli_open(c, arg[0], 0, NULL);
    if (rc == CLI_OK) rc = cli_account(c, &id, arg[1]);
    if (rc != CLI_OK) return rc;
    s.zh = lang && lang[0] == 'z';
    if (kam_account_open(&s.account, c->book, id, s.as_of, c->err) != KAM_OK) return cli_fail(c, NULL);
    rc = json ? show_json(&s, lang) : show_all(&s);
    kam_account_free(s.account);
    return rc;
}
