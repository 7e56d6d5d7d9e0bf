/*
 * cmd_clv.c - `kam clv`: its options, and the steps from a file of order lines to models and rows of accounts.
 */
#include "clv.h"
#include "value_book.h"

#define CLV_DECIMALS 6 /* amounts are exact up to here before they become means */

static int clv_number(const cli *c, double *out, const char *text, double if_none, const char *name) {
    char *end = NULL;
    *out = if_none;
    if (!text) return CLI_OK;
    *out = strtod(text, &end);
    return end != text && !*end ? CLI_OK : cli_usage(c, name, text);
}

static int clv_check(const clv *v, const char *model, const char *until, const char *unit) {
    const lines *l = &v->lines;
    const cli *c = l->c;
    if (!l->column[LINES_ACCOUNT]) return cli_usage(c, "--account names the column of the account's id", NULL);
    if (!l->column[LINES_DATE]) return cli_usage(c, "--date names the column of the day", NULL);
    int product = l->column[LINES_QUANTITY] && l->column[LINES_PRICE],
        either = l->column[LINES_QUANTITY] || l->column[LINES_PRICE];
    if (l->column[LINES_AMOUNT] ? either : !product)
        return cli_usage(c, "give --amount, or --quantity and --price", NULL);
    if (!until) return cli_usage(c, "--calibration-end is the last day that is learned from", NULL);
    if (unit && v->unit == CLV_NO_UNIT) return cli_usage(c, "--unit is week, day or month, not", unit);
    if (model && !v->wanted) return cli_usage(c, "--model is auto, bgnbd, mbgnbd, pnbd, nbd or gg, not", model);
    return CLI_OK;
}

static uint32_t clv_model(const char *name) {
    static const char *const names[] = {"bgnbd", "mbgnbd", "pnbd", "nbd", "gg"};
    if (!name) return CLV_AUTO;
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) return 1u << (i + 1);
    return strcmp(name, "auto") == 0 ? CLV_AUTO : 0;
}

static uint32_t clv_unit(const char *name) {
    if (!name || strcmp(name, "week") == 0) return KAM_CLV_WEEK;
    if (strcmp(name, "day") == 0) return KAM_CLV_DAY;
    return strcmp(name, "month") == 0 ? KAM_CLV_MONTH : CLV_NO_UNIT;
}

/* ---------------------------------------------------------------- purchases */

static int clv_feed(clv *v) {
    enum { ROWS = 4096 };
    int64_t account[ROWS], amount[ROWS];
    int32_t day[ROWS];
    const lines *l = &v->lines;
    for (size_t from = 0; from < l->n; from += ROWS) {
        size_t n = l->n - from < ROWS ? l->n - from : ROWS;
        for (size_t i = 0; i < n; i++) {
            const lines_line *line = &l->line[from + i];
            account[i] = l->rank[line->account], day[i] = line->day, amount[i] = line->amount;
        }
        if (kam_purchases_feed(v->purchases, account, day, amount, n, l->c->err) != KAM_OK)
            return cli_fail(l->c, l->file);
    }
    return CLI_OK;
}

static int clv_count(clv *v) {
    lines *l = &v->lines;
    kam_purchases_options o = {
        .struct_size = sizeof o, .unit = v->unit, .until = v->until, .holdout = v->holdout, .decimals = CLV_DECIMALS};
    int rc = lines_sort(l);
    if (rc != CLI_OK) return rc;
    if (kam_purchases_new(&v->purchases, l->c->ctx, &o, l->c->err) != KAM_OK) return cli_fail(l->c, l->file);
    rc = clv_feed(v);
    if (rc == CLI_OK && kam_purchases_rows(&v->rows, &v->account, &v->later, v->purchases, l->c->err) != KAM_OK)
        rc = cli_fail(l->c, l->file);
    if (rc != CLI_OK || v->rows.n == 0) return rc;
    for (int i = 0; i < 3; i++)
        if (!(v->column[i] = calloc(v->rows.n, sizeof *v->column[i]))) rc = cli_fail_at(l->file, 0, 0, "out of memory");
    v->ev = calloc(v->rows.n, sizeof *v->ev);
    return v->ev ? rc : cli_fail_at(l->file, 0, 0, "out of memory");
}

/* ---------------------------------------------------------------- models */

static int clv_status(const kam_clv *m) { return (int)kam_clv_figure(m, KAM_CLV_STATUS, 0); }

/* The most likely of those whose parameters are known; where there is none, the most likely of all: it is the NBD, or
 * has run into a bound and still says what is likely. */
static void clv_choose(clv *v) {
    for (int known = 1; known >= 0 && !v->chosen; known--) {
        double best = -HUGE_VAL;
        for (uint32_t k = KAM_CLV_BGNBD; k <= KAM_CLV_NBD; k++) {
            double now = kam_clv_figure(v->model[k], KAM_CLV_LOG_LIKELIHOOD, -HUGE_VAL);
            if (!v->model[k] || (known && clv_status(v->model[k]) != KAM_CLV_OK) || (now <= best && v->chosen))
                continue;
            best = now;
            v->chosen = k;
        }
    }
}

static int clv_fit(clv *v) {
    cli *c = v->lines.c;
    for (uint32_t k = KAM_CLV_BGNBD; k <= KAM_CLV_GG; k++)
        if (v->wanted & 1u << k || k == KAM_CLV_GG)
            if (kam_clv_fit(&v->model[k], c->ctx, k, &v->rows, c->err) != KAM_OK) return cli_fail(c, v->lines.file);
    clv_choose(v);
    if (v->wanted == CLV_AUTO)
        fprintf(stderr, "kam: %s: chosen by log-likelihood: %s%s\n", v->lines.file, clv_name(v->chosen),
                clv_status(v->model[v->chosen]) == KAM_CLV_OK ? "" : " (no model is identified)");
    return CLI_OK;
}

int clv_predict(clv *v, uint32_t model) {
    cli *c = v->lines.c;
    static const double month[] = {4.345, 4.345 * 7, 4.345 * 7 / 30.4375}, days[] = {7, 1, 30.4375};
    double step = month[v->unit];
    v->horizon = v->holdout ? ((double)v->holdout - v->until) / days[v->unit] : step * v->steps;
    int bad = kam_clv_spend(v->ev, v->model[KAM_CLV_GG], &v->rows, c->err) != KAM_OK;
    if (!bad && model && model != KAM_CLV_GG)
        bad = kam_clv_predict(v->column[CLV_CET], v->column[CLV_ALIVE], v->model[model], &v->rows, v->horizon,
                              c->err) != KAM_OK ||
              kam_clv_value(v->column[CLV_VALUE], v->model[model], v->model[KAM_CLV_GG], &v->rows, step, v->steps,
                            v->rate, c->err) != KAM_OK;
    return bad ? cli_fail(c, v->lines.file) : CLI_OK;
}

static int clv_answer(clv *v, const char *out, const char *summary) {
    const lines *l = &v->lines;
    if (!l->n) return cli_fail_at(l->file, 0, 0, "no row is left");
    if (!v->holdout_given && l->last > v->until) v->holdout = l->last;
    int rc = clv_count(v);
    if (rc == CLI_OK && v->rows.n == 0) {
        rc = clv_write_nothing(v, summary);
        return rc == CLI_OK ? cli_fail_at(l->file, 0, 0, "no account has a purchase by the calibration end") : rc;
    }
    if (rc == CLI_OK) rc = clv_fit(v);
    if (rc == CLI_OK && (summary || !out)) rc = clv_write_summary(v, summary ? summary : "-");
    if (rc == CLI_OK) rc = clv_predict(v, v->chosen);
    if (rc == CLI_OK && out) rc = clv_write_rows(v, out);
    return rc;
}

static void clv_free(clv *v) {
    for (int i = 0; i <= KAM_CLV_GG; i++) kam_clv_free(v->model[i]);
    for (int i = 0; i < 3; i++) free(v->column[i]);
    free(v->ev);
    kam_purchases_free(v->purchases);
    lines_free(&v->lines);
}

static int clv_run(clv *v, const char *out, const char *summary) {
    size_t size = 0;
    char *data = cli_read(v->lines.file, &size);
    if (!data) return CLI_FAILED;
    int rc = lines_read(&v->lines, data, size);
    if (rc == CLI_OK) {
        cli_quiet();
        fprintf(stderr, "kam: %s: %llu rows kept, %llu rejected, %llu dropped\n", v->lines.file,
                (unsigned long long)v->lines.n, (unsigned long long)v->lines.rejected,
                (unsigned long long)v->lines.dropped);
        rc = clv_answer(v, out, summary);
    }
    clv_free(v);
    free(data);
    return rc;
}

int cmd_clv(cli *c, int argc, char **argv) {
    if (value_over_book(argc, argv)) return clv_book(c, argc, argv);
    clv v = {.lines = {.c = c, .decimals = CLV_DECIMALS}};
    lines *l = &v.lines;
    const char *file = NULL, *model = NULL, *until = NULL, *holdout = NULL, *unit = NULL, *rate = NULL, *steps = NULL,
               *out = NULL, *summary = NULL;
    const cli_option option[] = {{"account", &l->column[LINES_ACCOUNT], NULL},
                                 {"date", &l->column[LINES_DATE], NULL},
                                 {"amount", &l->column[LINES_AMOUNT], NULL},
                                 {"quantity", &l->column[LINES_QUANTITY], NULL},
                                 {"price", &l->column[LINES_PRICE], NULL},
                                 {"order", &l->column[LINES_ORDER], NULL},
                                 {"skip-returns", NULL, &l->skip_returns},
                                 {"model", &model, NULL},
                                 {"calibration-end", &until, NULL},
                                 {"holdout-end", &holdout, NULL},
                                 {"unit", &unit, NULL},
                                 {"discount", &rate, NULL},
                                 {"steps", &steps, NULL},
                                 {"out", &out, NULL},
                                 {"summary", &summary, NULL},
                                 {NULL, NULL, NULL}};
    double n = 0;
    int rc = cli_options(c, argc, argv, option, &file, 1, 1);
    l->file = file;
    v.wanted = clv_model(model);
    v.unit = clv_unit(unit);
    v.holdout_given = holdout != NULL;
    if (rc == CLI_OK) rc = clv_check(&v, model, until, unit);
    if (rc == CLI_OK) rc = cli_day(c, &v.until, until, 0);
    if (rc == CLI_OK) rc = cli_day(c, &v.holdout, holdout, 0);
    if (rc == CLI_OK) rc = clv_number(c, &v.rate, rate, 0.01, "--discount is a rate of one step (0.01 = 1 %), not");
    if (rc == CLI_OK) rc = clv_number(c, &n, steps, 12, "--steps is a number of months, not");
    if (rc != CLI_OK) return rc;
    if (!(n >= 1 && n <= 10000) || !(v.rate > -1 && v.rate < 1e6))
        return cli_usage(c, "--steps is 1 to 10000, --discount above -1", NULL);
    if (holdout && v.holdout <= v.until)
        return cli_usage(c, "--holdout-end must come behind --calibration-end:", holdout);
    v.steps = (uint32_t)n;
    return clv_run(&v, out, summary);
}
