/*
 * cmd_cluster.c - `kam cluster`: accounts in groups that behave alike.
 *
 * The features are recency, orders and revenue of order lines (as in kam value), or columns of a table. They are taken
 * as ln(1 + v), values below zero as zero, and brought to mean 0 and standard deviation 1; --raw leaves the logarithm
 * out. Two answers stand side by side: farthest first, without chance, and the best of many starts.
 */
#include "lines.h"
#include "value_book.h"
#include <math.h>

#define CLUSTER_SILHOUETTE 5000 /* rows looked at; it takes time with their square */

typedef struct cluster {
    lines lines;
    const char *columns, *id;
    int raw;
    uint32_t k, d, restarts;
    uint64_t seed;
    size_t n, cap;
    double *value, *z, *mean, *sd, *centre[2], inertia[2], silhouette[2];
    char **name;
    size_t *len; /* of accounts, lent from the file */
    char *feature[64];
    size_t feature_len[64];
    uint32_t *group[2];
} cluster;

/* ---------------------------------------------------------------- features of order lines */

static int cluster_room(cluster *u, size_t n) {
    if (n <= u->cap) return 1;
    size_t cap = n > 2 * u->cap ? n : 2 * u->cap;
    double *value = realloc(u->value, cap * u->d * sizeof *value);
    if (value) u->value = value;
    char **name = realloc(u->name, cap * sizeof *name);
    if (name) u->name = name;
    size_t *len = realloc(u->len, cap * sizeof *len);
    if (len) u->len = len;
    if (value && name && len) u->cap = cap;
    return value && name && len;
}

static int cluster_rfm_rows(cluster *u, kam_rows *rows) {
    lines *l = &u->lines;
    cli *c = l->c;
    int64_t first = 0;
    const kam_record *r = NULL;
    double unit = 1;
    for (int i = 0; i < l->decimals; i++) unit *= 10;
    int32_t rc = kam_book_find(&first, c->book, KAM_KIND_ACCOUNT, "file", l->id[0].text, l->id[0].len, c->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&r, rows, c->err)) == KAM_OK && r) {
        size_t i = (size_t)(kam_record_i64(r, KAM_ACCOUNT_VALUE_ACCOUNT, first) - first);
        double *v = u->value + 3 * i;
        v[0] = (double)kam_record_i64(r, KAM_ACCOUNT_VALUE_RECENCY_DAYS, 0);
        v[1] = (double)kam_record_i64(r, KAM_ACCOUNT_VALUE_ORDERS, 0);
        v[2] = (double)kam_record_i64(r, KAM_ACCOUNT_VALUE_REVENUE, 0) / unit;
        u->name[i] = (char *)(uintptr_t)l->id[i].text;
        u->len[i] = l->id[i].len;
    }
    return rc == KAM_OK ? CLI_OK : cli_fail(c, l->file);
}

static int cluster_rfm(cluster *u, char *data, size_t size, int32_t as_of) {
    static const char *const name[] = {"recency_days", "orders", "revenue"};
    lines *l = &u->lines;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    int rc = lines_read(l, data, size);
    if (rc == CLI_OK && !l->n) rc = cli_fail_at(l->file, 0, 0, "no row is left");
    if (rc == CLI_OK) rc = lines_value(l, as_of == KAM_TODAY ? l->last + 1 : as_of, &run);
    if (rc == CLI_OK && kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, l->c->err) != KAM_OK)
        rc = cli_fail(l->c, l->file);
    u->d = 3;
    u->n = l->nid;
    for (int i = 0; i < 3; i++) u->feature[i] = (char *)(uintptr_t)name[i], u->feature_len[i] = strlen(name[i]);
    if (rc == CLI_OK && !cluster_room(u, u->n)) rc = cli_fail_at(l->file, 0, 0, "out of memory");
    for (size_t i = 0; i < u->n && rc == CLI_OK; i++) u->len[i] = 0;
    if (rc == CLI_OK) rc = cluster_rfm_rows(u, rows);
    kam_rows_free(rows);
    kam_run_free(run);
    return rc;
}

/* ---------------------------------------------------------------- features of a table */

static int cluster_column(const cluster *u, const cli_csv *csv, const char *name, size_t len, size_t *out) {
    char why[200];
    for (*out = 0; *out < csv->n; ++*out)
        if (csv->cell[*out].len == len && memcmp(csv->cell[*out].text, name, len) == 0) return CLI_OK;
    snprintf(why, sizeof why, "there is no column \"%.*s\" among the %d of this file", (int)(len < 100 ? len : 100),
             name, (int)csv->n);
    return cli_fail_at(u->lines.file, 1, 1, why);
}

static int cluster_heading(cluster *u, cli_csv *csv, size_t at[64], size_t *id) {
    int rc = cli_csv_next(csv);
    if (rc <= 0) return cli_fail_at(u->lines.file, 1, 1, rc ? "out of memory" : "the file is empty");
    rc = u->id ? cluster_column(u, csv, u->id, strlen(u->id), id) : CLI_OK;
    for (const char *p = u->columns; *p && rc == CLI_OK; u->d++) {
        size_t n = strcspn(p, ",");
        if (u->d == 64) return cli_usage(u->lines.c, "--columns takes at most 64", NULL);
        rc = cluster_column(u, csv, p, n, &at[u->d]);
        u->feature[u->d] = (char *)(uintptr_t)p;
        u->feature_len[u->d] = n;
        p += n + (p[n] == ',');
    }
    return rc == CLI_OK && !u->d ? cli_usage(u->lines.c, "--columns names no column", NULL) : rc;
}

static int cluster_cell(const cli_csv *csv, size_t at, double *out) {
    char text[64], *end = text;
    const cli_cell *cell = at < csv->n ? &csv->cell[at] : NULL;
    if (!cell || !cell->len || cell->len >= sizeof text) return 0;
    memcpy(text, cell->text, cell->len);
    text[cell->len] = '\0';
    *out = strtod(text, &end);
    return *end == '\0' && fabs(*out) <= 1e100;
}

static int cluster_table(cluster *u, char *data, size_t size) {
    cli_csv csv;
    size_t at[64], id = 0;
    int more = 1;
    cli_csv_start(&csv, data, size);
    int rc = cluster_heading(u, &csv, at, &id);
    while (rc == CLI_OK && (more = cli_csv_next(&csv)) > 0) {
        int sound = !csv.problem;
        if (!cluster_room(u, u->n + 1)) rc = cli_fail_at(u->lines.file, csv.line, 1, "out of memory");
        for (uint32_t j = 0; j < u->d && rc == CLI_OK; j++)
            sound = sound && cluster_cell(&csv, at[j], &u->value[u->n * u->d + j]);
        if (rc == CLI_OK && !sound)
            rc = cli_fail_at(u->lines.file, csv.line, 1, "this row has no number in one of the columns");
        if (rc != CLI_OK) break;
        u->name[u->n] = u->id && id < csv.n ? (char *)(uintptr_t)csv.cell[id].text : NULL;
        u->len[u->n++] = u->id && id < csv.n ? csv.cell[id].len : 0;
    }
    if (more < 0) rc = cli_fail_at(u->lines.file, csv.line, 1, "out of memory");
    cli_csv_end(&csv);
    return rc;
}

/* ---------------------------------------------------------------- groups */

static int cluster_memory(cluster *u) {
    u->z = calloc(u->n * u->d + 1, sizeof *u->z);
    u->mean = calloc(2 * u->d, sizeof *u->mean);
    u->sd = u->mean ? u->mean + u->d : NULL;
    for (int i = 0; i < 2; i++) {
        u->centre[i] = calloc((size_t)u->k * u->d, sizeof *u->centre[i]);
        u->group[i] = calloc(u->n + 1, sizeof *u->group[i]);
        if (!u->centre[i] || !u->group[i]) return 0;
    }
    return u->z && u->mean;
}

static int cluster_find(cluster *u) {
    cli *c = u->lines.c;
    if (u->n < u->k) return cli_fail_at(u->lines.file, 0, 0, "there are fewer rows than groups asked for");
    if (!cluster_memory(u)) return cli_fail_at(u->lines.file, 0, 0, "out of memory");
    for (size_t i = 0; i < u->n * u->d; i++) {
        double v = u->value[i];
        u->z[i] = u->raw ? v : log1p(v > 0 ? v : 0);
    }
    if (kam_standardize(u->mean, u->sd, u->z, u->n, u->d, c->err) != KAM_OK) return cli_fail(c, u->lines.file);
    for (int i = 0; i < 2; i++) {
        kam_kmeans_options o = {.struct_size = sizeof o,
                                .flags = i == 0 ? KAM_KMEANS_FARTHEST : 0,
                                .k = u->k,
                                .restarts = u->restarts,
                                .seed = u->seed,
                                .first_column = u->d - 1};
        if (kam_kmeans(u->group[i], u->centre[i], &u->inertia[i], c->ctx, u->z, u->n, u->d, &o, c->err) != KAM_OK ||
            kam_silhouette(&u->silhouette[i], c->ctx, u->z, u->n, u->d, u->group[i], u->k, CLUSTER_SILHOUETTE,
                           c->err) != KAM_OK)
            return cli_fail(c, u->lines.file);
    }
    return CLI_OK;
}

/* ---------------------------------------------------------------- answers */

static int write_rows(const cluster *u, const char *path) {
    FILE *f = path ? cli_create(path) : NULL;
    if (!f) return path ? CLI_FAILED : CLI_OK;
    fputs("account", f);
    for (uint32_t j = 0; j < u->d; j++) {
        fputc(',', f);
        cli_csv_put(f, u->feature[j], u->feature_len[j]);
    }
    fputs(",cluster_ff,cluster\n", f);
    for (size_t i = 0; i < u->n; i++) {
        if (u->name[i])
            cli_csv_put(f, u->name[i], u->len[i]);
        else
            fprintf(f, "%llu", (unsigned long long)i + 1);
        for (uint32_t j = 0; j < u->d; j++) fprintf(f, ",%.15g", u->value[i * u->d + j]);
        fprintf(f, ",%u,%u\n", (unsigned)u->group[0][i], (unsigned)u->group[1][i]);
    }
    return cli_close(f, path, CLI_OK);
}

static void write_numbers(const char *key, const double *v, size_t n, FILE *f) {
    fprintf(f, "\"%s\": [", key);
    for (size_t i = 0; i < n; i++) fprintf(f, "%s%.12g", i ? ", " : "", v[i]);
    fputc(']', f);
}

/* Groups by size, the largest first; `clusters` tells their numbers in the rows. */
static void write_groups(const cluster *u, int which, FILE *f) {
    size_t *size = calloc(u->k, sizeof *size);
    uint32_t *order = calloc(u->k, sizeof *order);
    for (size_t i = 0; i < u->n && size; i++) size[u->group[which][i]]++;
    for (uint32_t c = 0; c < u->k && order && size; c++) {
        uint32_t at = c;
        for (; at > 0 && size[order[at - 1]] < size[c]; at--) order[at] = order[at - 1];
        order[at] = c;
    }
    if (order && size) {
        fputs(", \"sizes\": [", f);
        for (uint32_t c = 0; c < u->k; c++) fprintf(f, "%s%llu", c ? ", " : "", (unsigned long long)size[order[c]]);
        fputs("], \"clusters\": [", f);
        for (uint32_t c = 0; c < u->k; c++) fprintf(f, "%s%u", c ? ", " : "", (unsigned)order[c]);
        fputs("],\n  \"centres_z\": [", f);
        for (uint32_t c = 0; c < u->k; c++) {
            const double *at = u->centre[which] + (size_t)order[c] * u->d;
            fputs(c ? ", [" : "[", f);
            for (uint32_t j = 0; j < u->d; j++) fprintf(f, "%s%.12g", j ? ", " : "", at[j]);
            fputc(']', f);
        }
        fputc(']', f);
    }
    free(size);
    free(order);
}

static void write_text(const char *text, size_t len, FILE *f) {
    fputc('"', f);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\') fputc('\\', f);
        if ((unsigned char)text[i] < 0x20)
            fprintf(f, "\\u%04x", (unsigned)(unsigned char)text[i]);
        else
            fputc(text[i], f);
    }
    fputc('"', f);
}

static int write_summary(const cluster *u, const char *path) {
    FILE *f = path ? cli_create(path) : NULL;
    if (!f) return path ? CLI_FAILED : CLI_OK;
    fprintf(f, "{\n \"n\": %llu,\n \"k\": %u,\n \"transform\": \"%s\",\n \"features\": [", (unsigned long long)u->n,
            (unsigned)u->k, u->raw ? "z" : "z of log1p");
    for (uint32_t j = 0; j < u->d; j++) {
        if (j) fputs(", ", f);
        write_text(u->feature[j], u->feature_len[j], f);
    }
    fputs("],\n ", f);
    write_numbers("mean", u->mean, u->d, f);
    fputs(",\n ", f);
    write_numbers("sd", u->sd, u->d, f);
    for (int i = 0; i < 2; i++) {
        fprintf(f, ",\n \"%s\": {\"inertia\": %.12g, \"silhouette\": %.12g", i ? "best" : "farthest_first",
                u->inertia[i], u->silhouette[i]);
        if (i) fprintf(f, ", \"restarts\": %u, \"seed\": %llu", (unsigned)u->restarts, (unsigned long long)u->seed);
        write_groups(u, i, f);
        fputc('}', f);
    }
    fputs("\n}\n", f);
    return cli_close(f, path, CLI_OK);
}

/* ---------------------------------------------------------------- the command */

static int cluster_number(const cli *c, const char *text, uint64_t least, uint64_t most, uint64_t *out,
                          const char *what) {
    char *end = NULL;
    if (!text) return CLI_OK;
    *out = text[0] >= '0' && text[0] <= '9' && strlen(text) < 19 ? strtoull(text, &end, 10) : 0;
    return end && !*end && *out >= least && *out <= most ? CLI_OK : cli_usage(c, what, text);
}

static int cluster_check(const cluster *u) {
    const lines *l = &u->lines;
    int rfm = l->column[LINES_ACCOUNT] && l->column[LINES_DATE] &&
              (l->column[LINES_AMOUNT] || (l->column[LINES_QUANTITY] && l->column[LINES_PRICE]));
    if (u->columns ? l->column[LINES_ACCOUNT] || l->column[LINES_DATE] : !rfm)
        return cli_usage(l->c, "give --columns of a table, or --account, --date and --amount of order lines", NULL);
    return u->k ? CLI_OK : cli_usage(l->c, "--k is the number of groups", NULL);
}

static void cluster_free(cluster *u) {
    for (int i = 0; i < 2; i++) {
        free(u->centre[i]);
        free(u->group[i]);
    }
    free(u->value);
    free(u->z);
    free(u->mean);
    free(u->name);
    free(u->len);
    lines_free(&u->lines);
}

static int cluster_run(cluster *u, int32_t as_of, const char *out, const char *summary) {
    size_t size = 0;
    char *data = cli_read(u->lines.file, &size);
    if (!data) return CLI_FAILED;
    int rc = u->columns ? cluster_table(u, data, size) : cluster_rfm(u, data, size, as_of);
    if (rc == CLI_OK) rc = cluster_find(u);
    if (rc == CLI_OK) rc = write_rows(u, out);
    if (rc == CLI_OK) rc = write_summary(u, summary || out ? summary : "-");
    cluster_free(u);
    free(data);
    return rc;
}

int cmd_cluster(cli *c, int argc, char **argv) {
    if (value_over_book(argc, argv)) return cluster_book(c, argc, argv);
    cluster u = {.lines = {.c = c, .decimals = 4}, .d = 0};
    lines *l = &u.lines;
    const char *file = NULL, *k = NULL, *seed = NULL, *restarts = NULL, *day = NULL, *out = NULL, *summary = NULL;
    const cli_option option[] = {{"account", &l->column[LINES_ACCOUNT], NULL},
                                 {"date", &l->column[LINES_DATE], NULL},
                                 {"amount", &l->column[LINES_AMOUNT], NULL},
                                 {"quantity", &l->column[LINES_QUANTITY], NULL},
                                 {"price", &l->column[LINES_PRICE], NULL},
                                 {"order", &l->column[LINES_ORDER], NULL},
                                 {"skip-returns", NULL, &l->skip_returns},
                                 {"columns", &u.columns, NULL},
                                 {"id", &u.id, NULL},
                                 {"raw", NULL, &u.raw},
                                 {"k", &k, NULL},
                                 {"seed", &seed, NULL},
                                 {"restarts", &restarts, NULL},
                                 {"as-of", &day, NULL},
                                 {"out", &out, NULL},
                                 {"summary", &summary, NULL},
                                 {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    uint64_t groups = 0, starts = 50;
    int rc = cli_options(c, argc, argv, option, &file, 1, 1);
    if (rc == CLI_OK) rc = cluster_number(c, k, 1, 65536, &groups, "--k is a number of groups, not");
    if (rc == CLI_OK) rc = cluster_number(c, restarts, 1, 100000, &starts, "--restarts is a number of starts, not");
    if (rc == CLI_OK) rc = cluster_number(c, seed, 0, UINT64_MAX, &u.seed, "--seed is a whole number, not");
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    u.k = (uint32_t)groups;
    u.restarts = (uint32_t)starts;
    l->file = file;
    if (rc == CLI_OK) rc = cluster_check(&u);
    return rc == CLI_OK ? cluster_run(&u, as_of, out, summary) : rc;
}
