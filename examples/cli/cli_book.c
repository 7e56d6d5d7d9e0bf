/*
 * cli_book.c - what people type, as the library wants it: kinds and accounts by name, lists as text.
 */
#include "cli.h"

int cli_kind(cli *c, uint32_t *out, const char *name) {
    kam_rows *rows = NULL;
    const kam_record *field = NULL;
    int32_t rc = kam_schema_rows(&rows, c->book, c->err);
    *out = 0;
    while (rc == KAM_OK && !*out && (rc = kam_rows_next(&field, rows, c->err)) == KAM_OK && field) {
        int64_t id = kam_record_i64(field, KAM_FIELD_FIELD, 0); /* kind * 128 + n, but for common and custom ones */
        if (id >= 128 && id < 65536 && strcmp(kam_record_text(field, KAM_FIELD_KIND, ""), name) == 0)
            *out = (uint32_t)(id / 128);
    }
    kam_rows_free(rows);
    if (rc != KAM_OK) return cli_fail(c, NULL);
    return *out ? CLI_OK : cli_usage(c, "there is no kind of record named (kam fields lists them)", name);
}

/* A key without its source: the first record that has it. */
static int32_t record_by_key(cli *c, uint32_t kind, int64_t *out, const char *key) {
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int32_t rc = kam_query_new(&q, c->book, kind, c->err);
    if (rc == KAM_OK) rc = kam_query_where(q, KAM_EXT_ID, KAM_OP_EQ, key, KAM_NUL, c->err);
    if (rc == KAM_OK) rc = kam_query_run(&rows, q, KAM_TODAY, c->err);
    if (rc == KAM_OK) rc = kam_rows_next(&r, rows, c->err);
    if (rc == KAM_OK && r) *out = kam_record_i64(r, KAM_ID, 0);
    kam_rows_free(rows);
    kam_query_free(q);
    return rc;
}

int cli_record(cli *c, uint32_t kind, int64_t *out, const char *name) {
    char source[64], *end = NULL;
    const char *colon = strchr(name, ':');
    *out = 0;
    int32_t rc = record_by_key(c, kind, out, name);
    if (rc == KAM_OK && !*out && colon && (size_t)(colon - name) < sizeof source) {
        memcpy(source, name, (size_t)(colon - name));
        source[colon - name] = '\0';
        rc = kam_book_find(out, c->book, kind, source, colon + 1, KAM_NUL, c->err);
        return rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
    }
    if (rc != KAM_OK) return cli_fail(c, NULL);
    if (!*out) {
        long long id = strtoll(name, &end, 10);
        if (*name && !*end && id > 0) *out = id;
    }
    if (*out) return CLI_OK;
    char what[160];
    snprintf(what, sizeof what, "no %s has the id or key \"%.80s\" (kam export lists them)",
             kind == KAM_KIND_ACCOUNT          ? "account"
             : kind == KAM_KIND_REPRESENTATIVE ? "representative"
                                               : "record of the kind",
             name);
    return cli_fail_at(c->where, 0, 0, what);
}

int cli_account(cli *c, int64_t *out, const char *name) { return cli_record(c, KAM_KIND_ACCOUNT, out, name); }

const char *cli_name(cli *c, uint32_t kind, int64_t id, uint32_t field) {
    kam_record *r = NULL;
    c->name[0] = '\0';
    if (kam_book_get(&r, c->book, kind, id, KAM_TODAY, NULL) == KAM_OK)
        snprintf(c->name, sizeof c->name, "%s", kam_record_text(r, field, ""));
    kam_record_free(r);
    return c->name;
}

int cli_export(cli *c, kam_rows *rows, FILE *f, const kam_export_options *options) {
    int32_t rc;
    while ((rc = kam_rows_export(c->buf, rows, options, c->err)) == KAM_OK && kam_buf_size(c->buf))
        fwrite(kam_buf_data(c->buf), 1, kam_buf_size(c->buf), f);
    kam_rows_free(rows);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
}

int cli_json(cli *c, kam_rows *rows, const char *lang) {
    const kam_export_options o = {.struct_size = sizeof o, .format = KAM_FORMAT_JSON, .lang = lang};
    return cli_export(c, rows, stdout, &o);
}

int cli_json_record(cli *c, const kam_record *r) {
    if (kam_record_to_json(c->buf, r, c->err) != KAM_OK) return cli_fail(c, NULL);
    fwrite(kam_buf_data(c->buf), 1, kam_buf_size(c->buf), stdout);
    return CLI_OK;
}

int cli_export_to(cli *c, kam_rows *rows, const char *path, const kam_export_options *options) {
    FILE *f = cli_create(path);
    if (!f) {
        kam_rows_free(rows);
        return CLI_FAILED;
    }
    return cli_close(f, path, cli_export(c, rows, f, options));
}

int cli_format(const cli *c, uint32_t *out, const char *name) {
    static const char *const names[] = {"csv", "json", "jsonl", "icalendar", "vcard"};
    *out = KAM_FORMAT_CSV;
    if (!name) return CLI_OK;
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = KAM_FORMAT_CSV + i;
            return CLI_OK;
        }
    return cli_usage(c, "a format is csv, json, jsonl, icalendar or vcard, not", name);
}

int cli_report(cli *c, const kam_report_options *o, int32_t as_of, const char *path) {
    if (kam_report_html(c->buf, c->book, o, as_of, c->err) != KAM_OK) return cli_fail(c, NULL);
    FILE *f = cli_create(path);
    if (!f) return CLI_FAILED;
    fwrite(kam_buf_data(c->buf), 1, kam_buf_size(c->buf), f);
    return cli_close(f, path, CLI_OK);
}

void cli_told(kam_run *run, int applied) {
    const kam_record *r = kam_run_record(run);
    cli_quiet();
    if (!kam_record_text(r, KAM_RUN_NAME, NULL))
        fprintf(stderr, "kam: %s as of %s",
                kam_record_i64(r, KAM_RUN_KIND, 0) == KAM_RUN_KIND_ACCOUNT_PLAN ? "account plan" : "value",
                kam_record_text(r, KAM_RUN_AS_OF, ""));
    else
        fprintf(stderr, "kam: %s version %s as of %s", kam_record_text(r, KAM_RUN_NAME, ""),
                kam_record_text(r, KAM_RUN_VERSION, "-"), kam_record_text(r, KAM_RUN_AS_OF, ""));
    fprintf(stderr, ": %s account%s, %s%s\n", kam_record_text(r, KAM_RUN_ACCOUNTS, "0"),
            kam_record_i64(r, KAM_RUN_ACCOUNTS, 0) == 1 ? "" : "s",
            applied ? "stored as run " : "nothing stored (--apply stores it)",
            applied ? kam_record_text(r, KAM_ID, "") : "");
}
