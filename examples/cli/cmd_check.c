/*
 * cmd_check.c - `kam check`: whether an expression or a document is sound, before anybody relies on it.
 *
 * Of expressions, also of those inside documents, type and cost are told, of a decision table its gaps and overlaps.
 * Which kind of document it is, its members tell.
 */
#include "cli.h"

/* ---------------------------------------------------------------- tables and expressions */

/* The findings as a list of PROBLEM records; ends the table. */
static int check_table_json(cli *c, kam_dtable *t, unsigned found) {
    kam_rows *rows = NULL;
    int rc = kam_dtable_findings(&rows, t, c->err) == KAM_OK ? cli_json(c, rows, NULL) : cli_fail(c, NULL);
    kam_dtable_free(t);
    return rc == CLI_OK && found ? CLI_FAILED : rc;
}

static int check_table(cli *c, const char *file, const char *text, size_t size, int json) {
    kam_dtable *t = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    unsigned found = 0;
    if (kam_dtable_parse(&t, c->ctx, text, size, c->err) != KAM_OK) return cli_fail(c, file);
    int32_t rc = kam_dtable_findings(&rows, t, c->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&r, rows, c->err)) == KAM_OK && r) {
        const char *code = kam_record_text(r, KAM_PROBLEM_CODE, ""),
                   *text_of = kam_record_text(r, KAM_PROBLEM_TEXT, "");
        const char *example = kam_record_text(r, KAM_PROBLEM_VALUE, NULL);
        if (!json) printf("%s: %s%s%s\n", code, text_of, example ? ", as in " : "", example ? example : "");
        found += strcmp(code, "UNCHECKED") != 0;
    }
    kam_rows_free(rows);
    if (rc == KAM_OK && json) return check_table_json(c, t, found);
    kam_dtable_free(t);
    if (rc != KAM_OK) return cli_fail(c, file);
    if (!found) printf("a decision table, sound\n");
    return found ? CLI_FAILED : CLI_OK;
}

/* The cost of an expression, as JSON or in words behind its type. */
static void check_steps(const kam_rule *rule, int json) {
    unsigned long long cost = kam_rule_cost(rule);
    if (json && cost == UINT64_MAX) printf("null");
    else if (json) printf("%llu", cost);
    else if (cost == UINT64_MAX) printf("; its cost has no bound");
    else printf(", at most %llu steps", cost);
}

static void check_expr_told(const kam_rule *rule, int json) {
    printf(json ? "{\"kind\": \"expression\", \"type\": \"%s\", \"steps\": " : "an expression of type %s",
           kam_rule_type(rule));
    check_steps(rule, json);
    printf(json ? "}\n" : "\n");
}

static int check_expr(cli *c, const char *file, const char *text, const char *env, int json) {
    kam_rule *rule = NULL;
    size_t size = 0;
    char *names = env ? cli_read(env, &size) : NULL;
    if (env && !names) return CLI_FAILED;
    int32_t rc = kam_rule_compile(&rule, c->ctx, names, NULL, text, KAM_NUL, c->err);
    free(names);
    if (rc != KAM_OK) return cli_fail(c, file);
    check_expr_told(rule, json);
    kam_rule_free(rule);
    return CLI_OK;
}

/* ---------------------------------------------------------------- documents with expressions */

typedef struct check_list { int json, n; } check_list;

static void check_quoted(const char *s) {
    putchar('"');
    for (; *s; s++) {
        if ((unsigned char)*s < 32) printf("\\u%04x", (unsigned)*s);
        else printf(*s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
    }
    putchar('"');
}

static int32_t check_place(void *user, const char *place, const kam_rule *rule) {
    check_list *list = user;
    if (list->json) {
        printf(list->n++ ? ", {\"place\": " : "{\"place\": ");
        check_quoted(place);
        printf(", \"type\": \"%s\", \"steps\": ", kam_rule_type(rule));
    } else printf("  %s: of type %s", place, kam_rule_type(rule));
    check_steps(rule, list->json);
    printf(list->json ? "}" : "\n");
    return KAM_OK;
}

/* It is sound if it can be added to a book, which goes away. */
static int check_policy(cli *c, const char *file, const char *text, size_t size, uint32_t kind, const char *what,
                        int json) {
    check_list list = {.json = json};
    int64_t id = 0;
    int rc = cli_open(c, "memory:", 1, "CNY");
    if (rc != CLI_OK) return rc;
    if (kam_policy_add(&id, c->book, kind, text, size, c->err) != KAM_OK) return cli_fail(c, file);
    printf(json ? "{\"kind\": \"%s\", \"expressions\": [" : "a %s, sound\n", what);
    int32_t told = kam_rule_each(c->ctx, kind, text, size, check_place, &list, c->err);
    if (json) printf("]}\n");
    return told == KAM_OK ? CLI_OK : cli_fail(c, file);
}

static int check_document(cli *c, const char *file, const char *text, size_t size, int json) {
    if (strstr(text, "\"hit\"")) return check_table(c, file, text, size, json);
    if (strstr(text, "\"condition\""))
        return check_policy(c, file, text, size, KAM_POLICY_SEGMENT, "segment", json);
    if (!strstr(text, "\"grades\"") || (!strstr(text, "\"every\"") && !strstr(text, "\"rest\"")))
        return check_policy(c, file, text, size, KAM_POLICY_SCORECARD, "scorecard", json);
    if (strstr(text, "\"rest\"")) return check_policy(c, file, text, size, KAM_POLICY_SCHEME, "scheme", json);
    return check_policy(c, file, text, size, KAM_POLICY_CADENCE, "cadence", json);
}

int cmd_check(cli *c, int argc, char **argv) {
    const char *file = NULL, *env = NULL;
    int json = 0;
    const cli_option option[] = {{"env", &env, NULL}, {"json", NULL, &json}, {NULL, NULL, NULL}};
    size_t size = 0;
    int rc = cli_options(c, argc, argv, option, &file, 1, 1);
    char *text = rc == CLI_OK ? cli_read(file, &size) : NULL;
    if (!text) return rc == CLI_OK ? CLI_FAILED : rc;
    int document = text[strspn(text, " \t\r\n")] == '{' && !env;
    rc = document ? check_document(c, file, text, size, json) : check_expr(c, file, text, env, json);
    free(text);
    return rc;
}
