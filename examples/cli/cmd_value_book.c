/*
 * cmd_value_book.c - `kam value`, `kam clv` and `kam cluster` over a book instead of a file of order lines: the runs
 * and lists of the value room, as tables, and for a run why an account has its figures. A run is stored only when
 * asked.
 */
#include "value_book.h"
#include <math.h>

static int ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

int value_over_book(int argc, char **argv) {
    const char *first = NULL;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "--account", 9) == 0 || strncmp(argv[i], "--columns", 9) == 0 ||
            strncmp(argv[i], "--date", 6) == 0)
            return 0;
        if (!first && argv[i][0] != '-') first = argv[i];
        if (strcmp(argv[i], "-") == 0) return 0;
    }
    return first && !ends_with(first, ".csv") && !ends_with(first, ".CSV");
}

/* ---------------------------------------------------------------- what all three share */

typedef struct vb {
    cli *c;
    const char *book, *day, *from, *to, *out, *format, *why, *list, *model, *unit, *rate, *months, *k, *seed, *restarts,
        *contracts, *settings, *returns;
    char *told; /* what the file of settings says */
    int apply, labels, external;
    int32_t as_of;
    kam_export_options o;
} vb;

static int vb_open(vb *v) {
    cli *c = v->c;
    int rc = cli_format(c, &v->o.format, v->format);
    v->o.struct_size = sizeof v->o;
    if (v->labels) v->o.flags = KAM_EXPORT_LABELS;
    if (rc == CLI_OK) rc = cli_lang(c, v->o.lang);
    if (rc == CLI_OK) rc = cli_day(c, &v->as_of, v->day, KAM_TODAY);
    return rc == CLI_OK ? cli_open(c, v->book, 0, NULL) : rc;
}

static int vb_why(vb *v, kam_run *run) {
    cli *c = v->c;
    int64_t account = 0;
    kam_why *why = NULL;
    int rc = cli_account(c, &account, v->why);
    if (rc != CLI_OK) return rc;
    if (kam_run_why(&why, run, account, c->err) != KAM_OK || kam_why_text(c->buf, why, v->o.lang, c->err) != KAM_OK)
        rc = cli_fail(c, NULL);
    if (rc == CLI_OK) fputs(kam_buf_data(c->buf), stdout);
    kam_why_free(why);
    return rc;
}

static int vb_run(vb *v, kam_run *run, uint32_t kind) {
    cli *c = v->c;
    kam_rows *rows = NULL;
    if (v->apply && kam_run_apply(run, 0, c->err) != KAM_OK) return cli_fail(c, NULL);
    int rc = CLI_OK;
    if (!v->why || v->out) {
        if (kam_run_rows(&rows, run, kind, c->err) != KAM_OK) return cli_fail(c, NULL);
        rc = cli_export_to(c, rows, v->out, &v->o);
    }
    if (rc == CLI_OK && v->why) rc = vb_why(v, run);
    if (rc == CLI_OK) cli_told(run, v->apply);
    return rc;
}

static int vb_number(const vb *v, double *out, const char *text, double if_none, const char *what) {
    char *end = NULL;
    *out = if_none;
    if (!text) return CLI_OK;
    *out = strtod(text, &end);
    return end != text && !*end ? CLI_OK : cli_usage(v->c, what, text);
}

/* KAM_VALUE_ flags of --external and --returns. */
static int vb_flags(const vb *v, uint32_t *out) {
    static const char *const policy[] = {"period", "order", "exclude"};
    static const uint32_t flag[] = {0, KAM_VALUE_RETURNS_BY_ORDER, KAM_VALUE_RETURNS_EXCLUDED};
    uint32_t i = 0;
    while (v->returns && i < 3 && strcmp(policy[i], v->returns) != 0) i++;
    if (i == 3) return cli_usage(v->c, "--returns is period, order or exclude, not", v->returns);
    *out = flag[i] | (v->external ? KAM_VALUE_EXTERNAL : 0);
    return CLI_OK;
}

/* ---------------------------------------------------------------- kam value BOOK */

static int vb_window(vb *v, kam_value_options *o) {
    *o = (kam_value_options){.struct_size = sizeof *o};
    if (vb_flags(v, &o->flags) != CLI_OK) return CLI_USAGE;
    size_t size = 0;
    if (v->settings && !(v->told = cli_read(v->settings, &size))) return CLI_FAILED;
    o->settings = v->told;
    if (!v->from && !v->to) return CLI_OK;
    int rc = cli_day(v->c, &o->from, v->from, KAM_DAY_FIRST);
    return rc == CLI_OK ? cli_day(v->c, &o->to, v->to, KAM_DAY_END) : rc;
}

static int32_t vb_rebates(vb *v, kam_rows **rows) {
    size_t size = 0;
    char *text = cli_read(v->contracts, &size);
    if (!text) return KAM_E_CANCELLED; /* told already */
    int32_t rc = kam_value_rebates(rows, v->c->book, text, size, v->as_of, v->c->err);
    free(text);
    return rc;
}

/* 1 = it is one of the lists. */
static int vb_list(vb *v, kam_rows **rows, const kam_value_options *o, int32_t *rc) {
    static const char *const period[] = {"month", "quarter", "year"};
    kam_book *b = v->c->book;
    kam_error *err = v->c->err;
    for (uint32_t i = 0; i < 3; i++)
        if (strcmp(v->list, period[i]) == 0)
            return *rc = kam_value_periods(rows, b, o, KAM_PERIOD_MONTH + i, v->as_of, err), 1;
    if (strcmp(v->list, "shared") == 0)
        *rc = kam_value_shared_costs(rows, b, o, v->as_of, err);
    else if (strcmp(v->list, "companies") == 0)
        *rc = kam_value_companies(rows, b, o, v->as_of, err);
    else if (strcmp(v->list, "groups") == 0)
        *rc = kam_value_groups(rows, b, o, v->as_of, err);
    else if (strcmp(v->list, "profiles") == 0)
        *rc = kam_value_profiles(rows, b, o, v->as_of, err);
    else if (strcmp(v->list, "declines") == 0)
        *rc = kam_value_declines(rows, b, NULL, v->as_of, err);
    else if (strcmp(v->list, "whitespace") == 0)
        *rc = kam_value_whitespace(rows, b, NULL, v->as_of, err);
    else if (strcmp(v->list, "forecasts") == 0)
        *rc = kam_value_forecasts(rows, b, NULL, v->as_of, err);
    else if (strcmp(v->list, "variance") == 0)
        *rc = kam_value_forecast_variance(rows, b, NULL, v->as_of, err);
    else if (strcmp(v->list, "rebates") == 0)
        *rc = vb_rebates(v, rows);
    else if (strcmp(v->list, "attention") == 0) {
        kam_effort e = {.struct_size = sizeof e};
        *rc = kam_value_effort(&e, rows, b, o, 0, v->as_of, err);
    } else
        return 0;
    return 1;
}

/* The run or a list, of the window. */
static int vb_value(vb *v, const kam_value_options *o) {
    cli *c = v->c;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    int32_t code = KAM_OK;
    if (v->list) {
        if (!vb_list(v, &rows, o, &code))
            return cli_usage(
                c,
                "--list is month, quarter, year, companies, groups, shared, profiles, declines, whitespace, forecasts, "
                "variance, rebates or attention, not",
                v->list);
        if (code != KAM_OK) return code == KAM_E_CANCELLED ? CLI_FAILED : cli_fail(c, NULL);
        return cli_export_to(c, rows, v->out, &v->o);
    }
    if (kam_value_run(&run, c->book, o, v->as_of, c->err) != KAM_OK) return cli_fail(c, NULL);
    int rc = vb_run(v, run, KAM_KIND_ACCOUNT_VALUE);
    kam_run_free(run);
    return rc;
}

int value_book(cli *c, int argc, char **argv) {
    vb v = {.c = c};
    const cli_option option[] = {{"list", &v.list, NULL},
                                 {"contracts", &v.contracts, NULL},
                                 {"settings", &v.settings, NULL},
                                 {"from", &v.from, NULL},
                                 {"to", &v.to, NULL},
                                 {"external", NULL, &v.external},
                                 {"returns", &v.returns, NULL},
                                 {"as-of", &v.day, NULL},
                                 {"apply", NULL, &v.apply},
                                 {"why", &v.why, NULL},
                                 {"out", &v.out, NULL},
                                 {"format", &v.format, NULL},
                                 {"labels", NULL, &v.labels},
                                 {"lang", &v.o.lang, NULL},
                                 {NULL, NULL, NULL}};
    kam_value_options o;
    int rc = cli_options(c, argc, argv, option, &v.book, 1, 1);
    if (rc == CLI_OK && v.list && (v.apply || v.why))
        rc = cli_usage(c, "--apply and --why are of the run, not of --list", v.list);
    if (rc == CLI_OK && v.list && strcmp(v.list, "rebates") == 0 && !v.contracts)
        rc = cli_usage(c, "--list rebates needs --contracts FILE.json", NULL);
    if (rc == CLI_OK) rc = vb_open(&v);
    if (rc == CLI_OK) rc = vb_window(&v, &o);
    if (rc == CLI_OK) rc = vb_value(&v, &o);
    free(v.told);
    return rc;
}

/* ---------------------------------------------------------------- kam clv BOOK */

static int vb_clv_options(vb *v, kam_clv_options *o) {
    static const char *const models[] = {"auto", "bgnbd", "mbgnbd", "pnbd", "nbd"}, *const units[] = {"week", "day",
                                                                                                      "month"};
    double months = 0;
    *o = (kam_clv_options){.struct_size = sizeof *o};
    if (vb_flags(v, &o->flags) != CLI_OK) return CLI_USAGE;
    while (v->model && o->model < 5 && strcmp(models[o->model], v->model) != 0) o->model++;
    while (v->unit && o->unit < 3 && strcmp(units[o->unit], v->unit) != 0) o->unit++;
    if (o->model == 5) return cli_usage(v->c, "--model is auto, bgnbd, mbgnbd, pnbd or nbd, not", v->model);
    if (o->unit == 3) return cli_usage(v->c, "--unit is week, day or month, not", v->unit);
    int rc = vb_number(v, &o->rate, v->rate, 0.01, "--discount is a rate of one month (0.01 = 1 %), not");
    if (rc == CLI_OK) rc = vb_number(v, &months, v->months, 12, "--steps is a number of months, not");
    if (rc == CLI_OK && !(months >= 1 && months <= 600)) rc = cli_usage(v->c, "--steps is 1 to 600, not", v->months);
    o->months = rc == CLI_OK ? (uint32_t)months : 0;
    return rc == CLI_OK ? cli_day(v->c, &o->from, v->from, 0) : rc;
}

int clv_book(cli *c, int argc, char **argv) {
    vb v = {.c = c};
    const cli_option option[] = {{"model", &v.model, NULL},   {"unit", &v.unit, NULL},     {"discount", &v.rate, NULL},
                                 {"steps", &v.months, NULL},  {"from", &v.from, NULL},     {"as-of", &v.day, NULL},
                                 {"returns", &v.returns, NULL}, {"external", NULL, &v.external},
                                 {"apply", NULL, &v.apply},   {"why", &v.why, NULL},       {"out", &v.out, NULL},
                                 {"format", &v.format, NULL}, {"labels", NULL, &v.labels}, {"lang", &v.o.lang, NULL},
                                 {NULL, NULL, NULL}};
    kam_clv_options o;
    kam_run *run = NULL;
    int rc = cli_options(c, argc, argv, option, &v.book, 1, 1);
    if (rc == CLI_OK) rc = vb_clv_options(&v, &o);
    if (rc == CLI_OK) rc = vb_open(&v);
    if (rc != CLI_OK) return rc;
    if (kam_clv_run(&run, c->book, &o, v.as_of, c->err) != KAM_OK) return cli_fail(c, NULL);
    rc = vb_run(&v, run, KAM_KIND_ACCOUNT_CLV);
    kam_run_free(run);
    return rc;
}

/* ---------------------------------------------------------------- kam cluster BOOK */

typedef struct vb_group {
    int64_t *account;
    double *x;
    uint32_t *group;
    size_t n, cap;
} vb_group;

static int vb_add(vb_group *g, const kam_record *r) {
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 256;
        int64_t *account = realloc(g->account, cap * sizeof *account);
        if (account) g->account = account;
        double *x = realloc(g->x, cap * 3 * sizeof *x);
        if (x) g->x = x;
        if (!account || !x) return 0;
        g->cap = cap;
    }
    double revenue = strtod(kam_record_text(r, KAM_ACCOUNT_VALUE_REVENUE, "0"), NULL);
    g->account[g->n] = kam_record_i64(r, KAM_ACCOUNT_VALUE_ACCOUNT, 0);
    g->x[g->n * 3] = log1p((double)kam_record_i64(r, KAM_ACCOUNT_VALUE_RECENCY_DAYS, 0));
    g->x[g->n * 3 + 1] = log1p((double)kam_record_i64(r, KAM_ACCOUNT_VALUE_ORDERS, 0));
    g->x[g->n++ * 3 + 2] = log1p(revenue > 0 ? revenue : 0);
    return 1;
}

/* Accounts with an order in the window. */
static int vb_features(vb *v, vb_group *g, const kam_value_options *o) {
    cli *c = v->c;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int32_t rc = kam_value_run(&run, c->book, o, v->as_of, c->err);
    int full = 0;
    if (rc == KAM_OK) rc = kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, c->err);
    while (rc == KAM_OK && !full && (rc = kam_rows_next(&r, rows, c->err)) == KAM_OK && r)
        if (kam_record_i64(r, KAM_ACCOUNT_VALUE_ORDERS, 0) > 0) full = !vb_add(g, r);
    kam_rows_free(rows);
    kam_run_free(run);
    return full ? cli_fail_at(v->book, 0, 0, "out of memory") : rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
}

static int vb_write_groups(vb *v, const vb_group *g) {
    FILE *f = cli_create(v->out);
    int json = v->o.format == KAM_FORMAT_JSON, lines = v->o.format == KAM_FORMAT_JSONL;
    if (!f) return CLI_FAILED;
    if (json)
        fputs("[\n", f);
    else if (!lines)
        fputs("account,name,cluster\n", f);
    for (size_t i = 0; i < g->n; i++) {
        const char *name = cli_name(v->c, KAM_KIND_ACCOUNT, g->account[i], KAM_ACCOUNT_NAME);
        if (json || lines)
            fprintf(f, "{\"account\":%lld,\"cluster\":%u}%s\n", (long long)g->account[i], (unsigned)g->group[i],
                    json && i + 1 < g->n ? "," : "");
        else {
            fprintf(f, "%lld,", (long long)g->account[i]);
            cli_csv_put(f, name, strlen(name));
            fprintf(f, ",%u\n", (unsigned)g->group[i]);
        }
    }
    if (json) fputs("]\n", f);
    return cli_close(f, v->out, CLI_OK);
}

static int vb_cluster(vb *v, vb_group *g, kam_kmeans_options *k) {
    cli *c = v->c;
    double inertia = 0, silhouette = 0;
    if (g->n < k->k)
        return cli_fail_at(v->book, 0, 0, "fewer accounts have an order in the window than --k asks for groups");
    g->group = calloc(g->n, sizeof *g->group);
    if (!g->group) return cli_fail_at(v->book, 0, 0, "out of memory");
    if (kam_standardize(NULL, NULL, g->x, g->n, 3, c->err) != KAM_OK ||
        kam_kmeans(g->group, NULL, &inertia, c->ctx, g->x, g->n, 3, k, c->err) != KAM_OK ||
        kam_silhouette(&silhouette, c->ctx, g->x, g->n, 3, g->group, k->k, 2000, c->err) != KAM_OK)
        return cli_fail(c, NULL);
    cli_quiet();
    fprintf(stderr,
            "kam: %s: %lu accounts in %u groups by recency, orders and revenue, inertia %.9g, silhouette %.4f\n",
            v->book, (unsigned long)g->n, (unsigned)k->k, inertia, silhouette);
    return vb_write_groups(v, g);
}

int cluster_book(cli *c, int argc, char **argv) {
    vb v = {.c = c};
    const cli_option option[] = {{"k", &v.k, NULL},       {"seed", &v.seed, NULL}, {"restarts", &v.restarts, NULL},
                                 {"from", &v.from, NULL}, {"to", &v.to, NULL},     {"external", NULL, &v.external},
                                 {"as-of", &v.day, NULL}, {"out", &v.out, NULL},   {"format", &v.format, NULL},
                                 {NULL, NULL, NULL}};
    vb_group g = {NULL, NULL, NULL, 0, 0};
    kam_kmeans_options k = {.struct_size = sizeof k};
    kam_value_options o;
    int64_t groups = 0, seed = 0, restarts = 50;
    int rc = cli_options(c, argc, argv, option, &v.book, 1, 1);
    if (rc == CLI_OK && !v.k) rc = cli_usage(c, "--k is the number of groups", NULL);
    if (rc == CLI_OK) rc = cli_number(c, &groups, "--k", v.k, 65536);
    if (rc == CLI_OK) rc = cli_number(c, &seed, "--seed", v.seed, INT64_MAX);
    if (rc == CLI_OK) rc = cli_number(c, &restarts, "--restarts", v.restarts, 100000);
    if (rc == CLI_OK && !groups) rc = cli_usage(c, "--k is 1 or more, not", v.k);
    if (rc == CLI_OK) rc = vb_open(&v);
    if (rc == CLI_OK) rc = vb_window(&v, &o);
    k.k = (uint32_t)groups, k.seed = (uint64_t)seed, k.restarts = (uint32_t)restarts;
    if (rc == CLI_OK) rc = vb_features(&v, &g, &o);
    if (rc == CLI_OK) rc = vb_cluster(&v, &g, &k);
    free(g.account);
    free(g.x);
    free(g.group);
    return rc;
}
