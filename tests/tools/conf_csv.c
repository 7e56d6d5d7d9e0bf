/*
 * tests/tools/conf_csv.c - the suite `csv`: a CSV file must read as the array of objects in a JSON file, cell by
 * cell. The header row gives the keys. Each file is read at once and one byte at a time; both must agree with the
 * JSON.
 */
#include "codec/codec.h"
#include "conf_suite.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct csv_suite { conf_run run; kam_ctx *ctx; kam_error *err; } csv_suite;

typedef struct csv_check {
    kam__arena *arena;
    const char **key; size_t n;             /* header */
    const kam__json *want;                  /* object of the next row */
    unsigned row;
    char said[640];                         /* first difference */
} csv_check;

static int32_t csv_header(csv_check *c, const kam__csv_row *row)
{
    c->n = row->n;
    c->key = kam__arena_alloc(c->arena, row->n * sizeof *c->key);
    for (size_t i = 0; c->key && i < row->n; i++)
        if (!(c->key[i] = kam__arena_text(c->arena, row->field[i].text, row->field[i].len))) return KAM_E_NOMEM;
    return c->key ? KAM_OK : KAM_E_NOMEM;
}

/* 1: the cell holds what the member says; null stands for nothing, other values for their text. */
static int csv_same(const kam__json *want, const char *text, size_t len)
{
    if (!want) return 0;
    if (want->type == KAM__J_STRING || want->type == KAM__J_NUMBER) return want->len == len &&
        memcmp(want->text, text, len) == 0;
    const char *name = want->type == KAM__J_TRUE ? "true" : want->type == KAM__J_FALSE ? "false" : "";
    return want->type <= KAM__J_TRUE && strlen(name) == len && memcmp(name, text, len) == 0;
}

static void csv_difference(csv_check *c, const char *key, const char *text, size_t len, const kam__json *want)
{
    char a[160], b[160], k[160];
    snprintf(c->said, sizeof c->said, "got %s want %s in row %u, column %s", conf_quote(a, text, len),
             want && want->text ? conf_quote(b, want->text, want->len) : want ? "another value" : "no such member",
                 c->row,
             conf_quote(k, key, strlen(key)));
}

static void csv_compare(csv_check *c, const kam__csv_row *row)
{
    if (!c->want) {
        snprintf(c->said, sizeof c->said, "got a row %u want %u rows", c->row, c->row - 1);
        return;
    }
    if (row->n != c->n || c->want->n != c->n) {
        snprintf(c->said, sizeof c->said, "got %u cells in row %u under %u headings want %u", (unsigned)row->n, c->row,
                 (unsigned)c->n,
                 (unsigned)c->want->n);
        return;
    }
    for (size_t i = 0; i < row->n && !c->said[0]; i++) {
        const kam__json *want = kam__json_get(c->want, c->key[i]);
        if (!csv_same(want, row->field[i].text, row->field[i].len))
            csv_difference(c, c->key[i], row->field[i].text, row->field[i].len, want);
    }
}

static int32_t csv_row_read(void *user, const kam__csv_row *row, kam_error *err)
{
    csv_check *c = user;
    (void)err;
    if (c->said[0]) return KAM_OK;
    if (row->problem) {
        snprintf(c->said, sizeof c->said, "got %s want a row: %s", kam_code_name(row->problem),
                 kam_error_message(row->err));
        return KAM_OK;
    }
    if (!c->key) return csv_header(c, row);
    c->row++;
    csv_compare(c, row);
    if (c->want) c->want = c->want->next;
    return KAM_OK;
}

/* Reads text in pieces; c->said tells the first difference, "" = none. */
static void csv_read(csv_suite *s, csv_check *c, const char *text, size_t size, size_t piece)
{
    kam__csv *csv = NULL;
    int32_t rc = kam__csv_new(&csv, s->ctx, 0, csv_row_read, c, s->err);
    for (size_t at = 0; rc == KAM_OK && at < size; at += piece)
        rc = kam__csv_feed(csv, text + at, size - at < piece ? size - at : piece, s->err);
    if (rc == KAM_OK) rc = kam__csv_end(csv, s->err);
    kam__csv_free(csv);
    if (c->said[0]) return;
    if (rc != KAM_OK) snprintf(c->said, sizeof c->said, "got %s want rows", kam_code_name(rc));
    else if (c->want) snprintf(c->said, sizeof c->said, "got %u rows want more", c->row);
}

static void csv_case(csv_suite *s, const char *name, const char *text, size_t size, const kam__json *want,
                     kam__arena *arena)
{
    csv_check c;
    for (int pass = 0; pass < 2; pass++) {
        memset(&c, 0, sizeof c);
        c.arena = arena;
        c.want = want->child;
        csv_read(s, &c, text, size, pass ? 1 : size + 1);
        if (!c.said[0]) continue;
        conf_fail(&s->run, name, "%s%s", c.said, pass ? " (one byte at a time)" : "");
        return;
    }
    conf_pass(&s->run);
}

static void csv_pair(csv_suite *s, const char *name, const char *csv_path, const char *json_path)
{
    kam__arena arena;
    const kam__json *want = NULL;
    size_t size = 0, json_size = 0;
    char *text = conf_read(csv_path, &size), *json = text ? conf_read(json_path, &json_size) : NULL;
    kam__arena_init(&arena, s->ctx, 0);
    if (!text || !json) {
        conf_fail(&s->run, name, "got no file %s want one that can be read", text ? json_path : csv_path);
    } else if (kam__json_parse(&want, &arena, json, json_size, 0, s->err) != KAM_OK) {
        conf_error(json_path, s->err);
        conf_fail(&s->run, name, "got a broken %s want JSON", json_path);
    } else if (want->type != KAM__J_ARRAY) {
        conf_fail(&s->run, name, "got no array in %s want one of objects", json_path);
    } else {
        csv_case(s, name, text, size, want, &arena);
    }
    kam__arena_free(&arena);
    free(text);
    free(json);
}

static void csv_dir(csv_suite *s, const char *dir)
{
    char csvs[4096], csv[4096 + 300], json[4096 + 300];
    char **names = NULL;
    size_t n = 0;
    if (conf_list(conf_path(csvs, sizeof csvs, dir, "csvs"), ".csv", &names,
                  &n) != 0) conf_io_error(csvs, "cannot be read");
    for (size_t i = 0; i < n; i++) {
        conf_path(csv, sizeof csv, csvs, names[i]);
        snprintf(json, sizeof json, "%s/json/%.*s.json", dir, (int)(strlen(names[i]) - 4), names[i]);
        csv_pair(s, names[i], csv, json);
    }
    if (!n) conf_fail(&s->run, dir, "got no case want files csvs/X.csv with json/X.json");
    conf_list_free(names, n);
}

int conf_csv(int argc, char **argv)
{
    csv_suite s = {{0, 0}, NULL, NULL};
    if (argc != 2 && argc != 3) return conf_usage("csv", "one folder, or a CSV and a JSON file are expected");
    if (argc == 3 && strcmp(argv[1], "-") == 0 && strcmp(argv[2],
                                                         "-") == 0) return conf_usage("csv", "only one file can be -");
    if (kam_error_new(&s.err, NULL) != KAM_OK || kam_ctx_new(&s.ctx, NULL, s.err) != KAM_OK)
        conf_fail(&s.run, "csv", "got no memory want a context");
    else if (argc == 2) csv_dir(&s, argv[1]);
    else csv_pair(&s, argv[1], argv[1], argv[2]);
    kam_ctx_free(s.ctx);
    kam_error_free(s.err);
    return conf_end(&s.run);
}
