/*
 * cmd_fields.c - `kam fields`: every kind of record and every field of it, as the library itself describes them.
 */
#include "cli.h"
#include <kam/spi/storage.h>               /* KAM_F_ */

static void fields_line(const kam_record *f, int zh) {
    const char *refers = kam_record_text(f, KAM_FIELD_REFERS, NULL),
               *values = kam_record_text(f, KAM_FIELD_VALUES, NULL);
    const char *unit = kam_record_text(f, KAM_FIELD_UNIT, NULL), *name = kam_record_text(f, KAM_FIELD_NAME, "");
    int required = (int)(kam_record_i64(f, KAM_FIELD_FLAGS, 0) & KAM_F_REQUIRED);
    printf("  %-22s %-9s %s", name, kam_record_text(f, KAM_FIELD_TYPE, ""),
           kam_record_text(f, zh ? KAM_FIELD_LABEL_ZH : KAM_FIELD_LABEL_EN, name));
    if (required) printf(zh ? "，必填" : ", required");
    if (refers) printf(zh ? "，指向 %s" : ", of %s", refers);
    if (unit) printf(zh ? "，%s" : ", %s", unit);
    if (values) printf(": %s", values);
    printf("\n");
}

/* The attributes are what rules may name. */
static void fields_kind(const char *kind, int behind, int zh) {
    const char *about = strcmp(kind, "attributes") != 0 ? ""
                        : zh ? "（规则、评分卡、分级方案、细分与拜访频率中的 CEL 可用）"
                             : " (names in CEL: rules, scorecards, schemes, segments, cadences)";
    printf("%s%s%s\n", behind ? "\n" : "", kind, about);
}

static int fields_print(cli *c, kam_rows *rows, int zh) {
    char kind[64] = "";
    const kam_record *f = NULL;
    int32_t rc;
    while ((rc = kam_rows_next(&f, rows, c->err)) == KAM_OK && f) {
        const char *now = kam_record_text(f, KAM_FIELD_KIND, "");
        if (strcmp(kind, now) != 0) fields_kind(now, kind[0] != '\0', zh);
        snprintf(kind, sizeof kind, "%s", now);
        fields_line(f, zh);
    }
    kam_rows_free(rows);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
}

int cmd_fields(cli *c, int argc, char **argv) {
    const char *book = NULL, *lang = NULL;
    int json = 0;
    const cli_option option[] = {{"lang", &lang, NULL}, {"json", NULL, &json}, {NULL, NULL, NULL}};
    kam_rows *rows = NULL;
    int rc = cli_options(c, argc, argv, option, &book, 0, 1);
    if (rc == CLI_OK) rc = cli_lang(c, lang);
    if (rc == CLI_OK) rc = cli_open(c, book ? book : "memory:", 0, NULL);
    if (rc != CLI_OK) return rc;
    if (kam_schema_rows(&rows, c->book, c->err) != KAM_OK) return cli_fail(c, NULL);
    const kam_export_options o = {.struct_size = sizeof o, .format = KAM_FORMAT_JSON, .lang = lang};
    return json ? cli_export(c, rows, stdout, &o) : fields_print(c, rows, lang && lang[0] == 'z');
}
