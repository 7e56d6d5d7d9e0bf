/*
 * cmd_eval.c - `kam eval`: an expression, a scorecard or a decision table over the rows of a file.
 *
 * A row of CSV becomes a JSON object: what reads as a number, true or false is one, an empty cell is null, anything else
 * text. A row of JSON Lines is taken as it is. A card that declares its own attributes takes the cells as they stand.
 */
#include "cli.h"

enum { EVAL_ATTRS = 128 };                  /* more than a card can read */

typedef struct eval {
    cli *c;
    const char *expr, *card_file, *table_file, *file, *lang;
    int explain;
    kam_rule *rule; kam_work *work; kam_scorecard *card; kam_dtable *table;
    kam_scorer *scorer;                     /* of a card that declares its attributes */
    kam_rule *member[EVAL_ATTRS];           /* an attribute in a row of JSON */
    size_t column[EVAL_ATTRS];              /* in a row of CSV */
    char *row; size_t size, cap;            /* a row as JSON, NUL-ended */
    size_t line, failed;
} eval;

/* ---------------------------------------------------------------- rows as JSON */

static int eval_is_number(const char *s, size_t n) {
    size_t i = n && s[0] == '-', from = i, digits = 0;
    for (; i < n && s[i] >= '0' && s[i] <= '9'; i++) digits++;
    if (!digits || (digits > 1 && s[from] == '0')) return 0;        /* 007 is a key, not a number */
    if (i == n) return 1;
    if (s[i++] != '.' || i == n) return 0;
    for (; i < n; i++)
        if (s[i] < '0' || s[i] > '9') return 0;
    return 1;
}

static int32_t eval_put(eval *e, const char *text, size_t len) {
    if (e->size + len + 1 > e->cap) {
        char *more = realloc(e->row, (e->size + len + 1) * 2);
        if (!more) return KAM_E_NOMEM;
        e->row = more;
        e->cap = (e->size + len + 1) * 2;
    }
    memcpy(e->row + e->size, text, len);
    e->row[e->size += len] = '\0';
    return KAM_OK;
}

static int32_t eval_put_text(eval *e, const char *s, size_t n) {
    int32_t rc = eval_put(e, "\"", 1);
    for (size_t i = 0; i < n && rc == KAM_OK; i++) {
        char code[8];
        int control = (unsigned char)s[i] < 32;
        if (control) snprintf(code, sizeof code, "\\u%04x", (unsigned)s[i]);
        if (s[i] == '"' || s[i] == '\\') rc = eval_put(e, "\\", 1);
        if (rc == KAM_OK) rc = control ? eval_put(e, code, 6) : eval_put(e, s + i, 1);
    }
    return rc == KAM_OK ? eval_put(e, "\"", 1) : rc;
}

static int32_t eval_put_cell(eval *e, const cli_cell *cell) {
    const char *s = cell->text;
    size_t n = cell->len;
    if (!n) return eval_put(e, "null", 4);
    if (eval_is_number(s, n) || (n == 4 && memcmp(s, "true", 4) == 0) || (n == 5 && memcmp(s, "false", 5) == 0))
        return eval_put(e, s, n);
    return eval_put_text(e, s, n);
}

/* {"name": cell, ...}; a cell NULL gives the type dyn: the environment of an expression. */
static int32_t eval_object(eval *e, char *const *name, size_t n, const cli_csv *csv) {
    e->size = 0;
    int32_t rc = eval_put(e, "{", 1);
    for (size_t i = 0; i < n && rc == KAM_OK; i++) {
        if (i) rc = eval_put(e, ",", 1);
        if (rc == KAM_OK) rc = eval_put_text(e, name[i], strlen(name[i]));
        if (rc == KAM_OK) rc = eval_put(e, ":", 1);
        if (rc == KAM_OK && !csv) rc = eval_put(e, "\"dyn\"", 5);
        else if (rc == KAM_OK) rc = i < csv->n ? eval_put_cell(e, &csv->cell[i]) : eval_put(e, "null", 4);
    }
    if (rc == KAM_OK) rc = eval_put(e, "}", 1);
    return rc;
}

/* The names of a JSON object's own members, as the environment. */
static int32_t eval_names(eval *e, const char *s, size_t n) {
    int depth = 0, some = 0;
    e->size = 0;
    int32_t rc = eval_put(e, "{", 1);
    for (size_t i = 0; i < n && rc == KAM_OK; i++) {
        if (s[i] == '{' || s[i] == '[') depth++;
        if (s[i] == '}' || s[i] == ']') depth--;
        if (s[i] != '"') continue;
        size_t from = i++;
        while (i < n && s[i] != '"') i += s[i] == '\\' ? 2u : 1u;
        size_t next = i + 1;
        while (next < n && (s[next] == ' ' || s[next] == '\t')) next++;
        if (depth != 1 || next >= n || s[next] != ':') continue;
        if (some++) rc = eval_put(e, ",", 1);
        if (rc == KAM_OK) rc = eval_put(e, s + from, i - from + 1);
        if (rc == KAM_OK) rc = eval_put(e, ":\"dyn\"", 6);
    }
    if (rc == KAM_OK) rc = eval_put(e, "}", 1);
    return rc;
}

/* ---------------------------------------------------------------- one row */

static void eval_points(int64_t points) {
    int64_t size = points < 0 ? -points : points;
    printf("%s%lld.%04lld\n", points < 0 ? "-" : "", (long long)(size / 10000), (long long)(size % 10000));
}

static int32_t eval_card(eval *e, const char *json, size_t len, kam_why **why) {
    cli *c = e->c;
    kam_record *r = NULL;
    int64_t points = 0;
    int32_t rc = kam_record_new(&r, c->book, KAM_KIND_ATTRIBUTES, c->err);
    if (rc == KAM_OK) rc = kam_record_from_json(r, json, len, c->err);
    if (rc == KAM_OK) rc = kam_scorecard_score(&points, e->explain ? why : NULL, e->card, r, c->err);
    kam_record_free(r);
    if (rc == KAM_OK) eval_points(points);
    return rc;
}

/* What reads attribute k of a row of JSON, null where there is none. */
static int32_t eval_member(eval *e, uint32_t k) {
    char env[160], expr[160];
    const char *name = kam_scorecard_reads(e->card, k);
    if (e->member[k]) return KAM_OK;
    snprintf(env, sizeof env, "{\"%s\": \"optional(dyn)\"}", name);
    snprintf(expr, sizeof expr, "%s.orValue(null)", name);
    return kam_rule_compile(&e->member[k], e->c->ctx, env, NULL, expr, KAM_NUL, e->c->err);
}

/* One attribute of a row of JSON: text as it is, anything else as it is written. */
static int32_t eval_set_member(eval *e, uint32_t k, const char *json, size_t len) {
    cli *c = e->c;
    size_t n = 0;
    int32_t rc = eval_member(e, k);
    if (rc == KAM_OK) rc = kam_rule_eval_json(c->buf, e->member[k], e->work, json, len, c->err);
    if (rc != KAM_OK) return rc;
    const char *text = kam_work_text(e->work, NULL, &n), *written = kam_buf_data(c->buf);
    if (text) return kam_scorer_set_text(e->scorer, k, text, n, c->err);
    return strcmp(written, "null") == 0 ? KAM_OK : kam_scorer_set_text(e->scorer, k, written, KAM_NUL, c->err);
}

/* By a card that declares its attributes; csv NULL: from JSON. */
static int32_t eval_declared(eval *e, const char *json, size_t len, const cli_csv *csv, kam_why **why) {
    cli *c = e->c;
    int64_t points = 0;
    int32_t rc = KAM_OK;
    kam_scorer_clear(e->scorer);
    for (uint32_t k = 0; rc == KAM_OK && kam_scorecard_reads(e->card, k); k++)
        rc = csv ? kam_scorer_set_text(e->scorer, k, csv->cell[e->column[k]].text, csv->cell[e->column[k]].len, c->err)
                 : eval_set_member(e, k, json, len);
    if (rc == KAM_OK) rc = kam_scorer_run(&points, e->scorer, c->err);
    if (rc == KAM_OK && e->explain) rc = kam_scorer_why(why, e->scorer, c->err);
    if (rc == KAM_OK) eval_points(points);
    return rc;
}

static int eval_row(eval *e, const char *json, size_t len, const cli_csv *csv) {
    cli *c = e->c;
    kam_why *why = NULL;
    int32_t rc;
    if (e->rule) {
        rc = kam_rule_eval_json(c->buf, e->rule, e->work, json, len, c->err);
        if (e->explain && kam_rule_why(&why, e->rule, e->work, NULL) != KAM_OK) why = NULL; /* not evaluated at all */
    }
    else if (e->table) rc = kam_dtable_decide_json(c->buf, e->explain ? &why : NULL, e->table, json, len, c->err);
    else if (e->scorer) rc = eval_declared(e, json, len, csv, &why);
    else rc = eval_card(e, json, len, &why);
    if (rc != KAM_OK) {
        e->failed++;
        if (rc == KAM_E_NOMEM) {
            kam_why_free(why);
            return cli_fail(c, e->file);
        }
        cli_fail_at(e->file, e->line, 0, kam_error_message(c->err));
    } else if (!e->card) printf("%s\n", kam_buf_data(c->buf));
    if (why && kam_why_text(c->buf, why, e->lang, c->err) == KAM_OK)
        printf("%s\n", kam_buf_data(c->buf));
    kam_why_free(why);
    return CLI_OK;
}

static int eval_compile(eval *e) {
    cli *c = e->c;
    if (!e->expr || e->rule) return CLI_OK;
    const kam_rule_options o = {.struct_size = sizeof o, .flags = e->explain ? KAM_RULE_TRACE : 0u};
    int32_t rc = kam_rule_compile(&e->rule, c->ctx, e->row, &o, e->expr, KAM_NUL, c->err);
    if (rc == KAM_OK) rc = kam_work_new(&e->work, c->ctx, c->err);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, "--expr");
}

/* Where the attributes of a card stand. One that is nowhere is told: by a wrong name it would be missing in every row. */
static int eval_columns(eval *e, char *const *name, size_t n) {
    char text[256];
    const char *want;
    for (uint32_t k = 0; e->scorer && (want = kam_scorecard_reads(e->card, k)) != NULL; k++) {
        size_t i = 0;
        while (i < n && strcmp(name[i], want) != 0) i++;
        e->column[k] = i;
        if (i < n) continue;
        snprintf(text, sizeof text, "the card reads \"%s\", but no column is named so: add it, its cells may be empty", want);
        return cli_fail_at(e->file, 1, 0, text);
    }
    return CLI_OK;
}

static int eval_csv(eval *e, char *data, size_t size) {
    cli_csv csv;
    char **name = NULL;
    size_t n = 0;
    cli_csv_start(&csv, data, size);
    int rc = cli_csv_next(&csv) == 1 ? CLI_OK : cli_fail_at(e->file, 1, 0, "there is no header row");
    if (rc == CLI_OK) name = calloc(csv.n + 1, sizeof *name);
    for (; rc == CLI_OK && name && n < csv.n; n++) {
        name[n] = calloc(csv.cell[n].len + 1, 1);
        if (name[n]) memcpy(name[n], csv.cell[n].text, csv.cell[n].len);
        else rc = cli_fail_at(e->file, 0, 0, "out of memory");
    }
    if (rc == CLI_OK && (!name || eval_object(e, name, n, NULL) != KAM_OK))
        rc = cli_fail_at(e->file, 0, 0, "out of memory");
    if (rc == CLI_OK) rc = eval_compile(e);
    if (rc == CLI_OK) rc = eval_columns(e, name, n);
    while (rc == CLI_OK && cli_csv_next(&csv) == 1) {
        e->line = csv.line;
        if (csv.problem || csv.n != n) {
            cli_fail_at(e->file, csv.line, 0,
                        csv.problem ? csv.problem : "the row has not as many cells as the header");
            e->failed++;
        } else if (eval_object(e, name, n, &csv) != KAM_OK) rc = cli_fail(e->c, e->file);
        else rc = eval_row(e, e->row, KAM_NUL, &csv);
    }
    for (size_t i = 0; name && i < n; i++) free(name[i]);
    free(name);
    cli_csv_end(&csv);
    return rc;
}

static int eval_jsonl(eval *e, const char *data, size_t size) {
    int rc = CLI_OK;
    for (size_t at = 0; at < size && rc == CLI_OK;) {
        const char *end = memchr(data + at, '\n', size - at);
        size_t n = end ? (size_t)(end - (data + at)) : size - at;
        e->line++;
        if (strspn(data + at, " \t\r") < n) {
            if (e->expr && !e->rule && eval_names(e, data + at, n) != KAM_OK) rc = cli_fail(e->c, e->file);
            if (rc == CLI_OK) rc = eval_compile(e);
            if (rc == CLI_OK) rc = eval_row(e, data + at, n, NULL);
        }
        at += n + 1;
    }
    return rc;
}

/* ---------------------------------------------------------------- the commands */

static int eval_scorer(eval *e) {
    cli *c = e->c;
    int32_t rc = kam_scorer_new(&e->scorer, e->card, c->err);
    if (rc == KAM_OK) rc = kam_work_new(&e->work, c->ctx, c->err);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, e->card_file);
}

static int eval_load(eval *e) {
    cli *c = e->c;
    size_t size = 0;
    const char *path = e->card_file ? e->card_file : e->table_file;
    if (!path) return CLI_OK;
    char *text = cli_read(path, &size);
    if (!text) return CLI_FAILED;
    int32_t rc = e->card_file ? kam_scorecard_parse(&e->card, c->ctx, text, size, c->err)
                              : kam_dtable_parse(&e->table, c->ctx, text, size, c->err);
    int declared = strstr(text, "\"attributes\"") != NULL;
    free(text);
    if (rc != KAM_OK) return cli_fail(c, path);
    if (e->card && declared) return eval_scorer(e);
    return e->card ? cli_open(c, "memory:", 1, "CNY") : CLI_OK;
}

int cmd_eval(cli *c, int argc, char **argv) {
    eval e = {.c = c};
    const cli_option option[] = {{"expr", &e.expr, NULL}, {"card", &e.card_file, NULL}, {"table", &e.table_file, NULL},
                                 {"explain", NULL, &e.explain}, {"lang", &e.lang, NULL}, {NULL, NULL, NULL}};
    size_t size = 0;
    char *data = NULL;
    int rc = cli_options(c, argc, argv, option, &e.file, 1, 1);
    if (rc == CLI_OK && !e.expr + !e.card_file + !e.table_file != 2)
        rc = cli_usage(c, "one of --expr, --card and --table is expected", NULL);
    if (rc == CLI_OK) rc = cli_lang(c, e.lang);
    if (rc == CLI_OK) rc = eval_load(&e);
    if (rc == CLI_OK && !(data = cli_read(e.file, &size))) rc = CLI_FAILED;
    if (rc == CLI_OK) rc = data[strspn(data, " \t\r\n")] == '{' ? eval_jsonl(&e, data, size) : eval_csv(&e, data, size);
    free(data);
    free(e.row);
    kam_work_free(e.work);
    kam_rule_free(e.rule);
    for (size_t k = 0; k < EVAL_ATTRS; k++) kam_rule_free(e.member[k]);
    kam_scorer_free(e.scorer);
    kam_dtable_free(e.table);
    kam_scorecard_free(e.card);
    return rc == CLI_OK && e.failed ? CLI_FAILED : rc;
}
