/* `kam clv` against answers made with other tools (../shared/expected; its README has the conventions), and its
 * options, conventions and exit codes on small files. */
#include "cli_test.h"

static void close_to(const char *what, double got, double want, double relative, double absolute) {
    if (!(fabs(got - want) <= relative * fabs(want) + absolute)) fail_msg("%s: got %.12g, want %.12g", what, got, want);
}

/* A figure of one model of the summary against one of the expected file. */
static void figure(const kam__json *got, const char *model, const char *a, const kam__json *want, const char *b,
                   double relative, double absolute) {
    char path[128], other[128];
    snprintf(path, sizeof path, "%s.%s", model, a);
    snprintf(other, sizeof other, "%s.%s", model, b);
    close_to(path, number(got, path), number(want, strchr(b, '.') && strncmp(b, "gamma_gamma", 11) == 0 ? b : other),
             relative, absolute);
}

static int status_is(const kam__json *got, const char *model, const char *status) {
    const kam__json *v = kam__json_get(kam__json_get(got, model), "status");
    return v && v->type == KAM__J_STRING && strcmp(v->text, status) == 0;
}

/* ---------------------------------------------------------------- CDNOW */

typedef struct cdnow {
    const char *model, *param[4], *cet, *alive;
} cdnow;
static const cdnow cdnow_models[] = {{"bgnbd", {"r", "alpha", "a", "b"}, "cet_bgnbd", "pal_bgnbd"},
                                     {"mbgnbd", {"r", "alpha", "a", "b"}, "cet_mbgnbd", "pal_mbgnbd"},
                                     {"pnbd", {"r", "alpha", "s", "beta"}, "cet_pnbd", "pal_pnbd"}};

static void check_cdnow_summary(const cdnow *c) {
    kam__arena arena;
    char a[64];
    kam__arena_init(&arena, ctx, 0);
    const kam__json *got = read_json(&arena, "sum.json"),
                    *want = read_json(&arena, "shared:expected/cdnow_sample_btyd.json");
    assert_true(status_is(got, c->model, "OK"));
    for (int i = 0; i < 4; i++) {
        snprintf(a, sizeof a, "params.%s", c->param[i]);
        figure(got, c->model, a, want, a, 1e-4, 0);
    }
    figure(got, c->model, "log_likelihood", want, "log_likelihood", 0, 1e-4);
    figure(got, c->model, "sum_expected", want, "sum_expected_holdout", 1e-5, 0);
    figure(got, c->model, "mean_p_alive", want, "mean_p_alive", 0, 1e-5);
    figure(got, c->model, "holdout.actual_total", want, "holdout.actual_total", 0, 0);
    figure(got, c->model, "holdout.mae", want, "holdout.mae", 0, 1e-5);
    figure(got, c->model, "holdout.rmse", want, "holdout.rmse", 0, 1e-5);
    figure(got, c->model, "gamma_gamma.log_likelihood", want, "gamma_gamma.log_likelihood", 0, 1e-4);
    figure(got, c->model, "gamma_gamma.p", want, "gamma_gamma.params.p", 1e-4, 0);
    figure(got, c->model, "gamma_gamma.q", want, "gamma_gamma.params.q", 1e-4, 0);
    figure(got, c->model, "gamma_gamma.gamma", want, "gamma_gamma.params.gamma", 1e-4, 0);
    figure(got, c->model, "gamma_gamma.n", want, "gamma_gamma.n", 0, 0);
    kam__arena_free(&arena);
}

static void check_cells(const table *got, const table *want, const char *const pair[][2], size_t npair,
                        double tolerance) {
    size_t a[16], b[16];
    for (size_t k = 0; k < npair; k++) a[k] = column(got, pair[k][0]), b[k] = column(want, pair[k][1]);
    assert_int_equal(got->n, want->n);
    for (size_t i = 1; i <= got->n; i++) {
        char **g = got->cell + i * got->width, **w = want->cell + i * want->width;
        assert_string_equal(g[0], w[0]);
        for (size_t k = 0; k < npair; k++) {
            double x = strtod(g[a[k]], NULL), y = strtod(w[b[k]], NULL);
            if (!(fabs(x - y) <= tolerance * fmax(1, fabs(y))))
                fail_msg("account %s: %s is %s, want %s", g[0], pair[k][0], g[a[k]], w[b[k]]);
        }
    }
}

static void test_cdnow(void **state) {
    (void)state;
    NEED_SHARED("cli/clv: cdnow_sample");
    for (int i = 0; i < 3; i++) {
        char line[4000];
        const cdnow *c = &cdnow_models[i];
        const char *const pair[][2] = {{"x", "x"},      {"tx", "tx"},          {"T", "T"},
                                       {"m", "m"},      {"xh", "xh"},          {"ev_gg", "ev_gg"},
                                       {"cet", c->cet}, {"p_alive", c->alive}, {"clv", "clv12"}};
        snprintf(line, sizeof line,
                 "clv '%s/data/value/cdnow_sample.csv' --account master_id --date date --amount amount"
                 " --calibration-end 1997-09-30 --holdout-end 1998-06-30 --model %s --out rows.csv --summary sum.json",
                 shared, c->model);
        must(line);
        check_cdnow_summary(c);
        table got = split(slurp("rows.csv", NULL)),
              want = split(slurp("shared:expected/cdnow_sample_btyd_per_customer.csv.xz", NULL));
        check_cells(&got, &want, pair, i == 0 ? 9 : 8, 1e-5);
        drop(&got);
        drop(&want);
    }
}

/* Published standard errors: lifetimes for BG/NBD, CLVTools for Pareto/NBD. */
static void test_cdnow_standard_errors(void **state) {
    (void)state;
    static const struct {
        const char *path;
        double want;
    } se[] = {{"bgnbd.std_errors.r", .012557}, {"bgnbd.std_errors.alpha", .378221}, {"bgnbd.std_errors.a", .185719},
              {"bgnbd.std_errors.b", .705345}, {"pnbd.std_errors.r", .0476264},     {"pnbd.std_errors.alpha", .8427222},
              {"pnbd.std_errors.s", .1872594}, {"pnbd.std_errors.beta", 6.2105448}};
    char line[4000];
    kam__arena arena;
    NEED_SHARED("cli/clv: cdnow_sample, standard errors");
    snprintf(line, sizeof line,
             "clv '%s/data/value/cdnow_sample.csv' --account master_id --date date --amount amount"
             " --calibration-end 1997-09-30 --holdout-end 1998-06-30 --summary sum.json",
             shared);
    must(line);
    contains("err", "chosen by log-likelihood: mbgnbd");
    contains("sum.json", "\"chosen\": \"mbgnbd\"");
    kam__arena_init(&arena, ctx, 0);
    const kam__json *got = read_json(&arena, "sum.json");
    for (size_t i = 0; i < sizeof se / sizeof se[0]; i++)
        close_to(se[i].path, number(got, se[i].path), se[i].want, 2e-4, 0);
    close_to("naive", number(got, "bgnbd.holdout.naive_mae"), number(got, "pnbd.holdout.naive_mae"), 1e-12, 0);
    kam__arena_free(&arena);
}

/* ---------------------------------------------------------------- Online Retail: leaving is not identified */

static void check_nbd(const kam__json *got, const char *model) {
    char path[64];
    kam__arena arena;
    kam__arena_init(&arena, ctx, 0);
    const kam__json *want = read_json(&arena, "shared:expected/online_retail_btyd.json");
    static const char *const pair[][3] = {{"params.r", "degenerate.nbd_limit.r"},
                                          {"params.alpha", "degenerate.nbd_limit.alpha"},
                                          {"gamma_gamma.p", "gamma_gamma.params.p"},
                                          {"gamma_gamma.q", "gamma_gamma.params.q"},
                                          {"gamma_gamma.gamma", "gamma_gamma.params.gamma"}};
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s.%s", model, pair[i][0]);
        close_to(path, number(got, path), number(want, pair[i][1]), 1e-4, 0);
    }
    snprintf(path, sizeof path, "%s.log_likelihood", model);
    close_to(path, number(got, path), number(want, "degenerate.nbd_limit.log_likelihood"), 0, 1e-4);
    snprintf(path, sizeof path, "%s.mean_p_alive", model);
    close_to(path, number(got, path), 1, 0, 0);
    kam__arena_free(&arena);
}

static void test_online_retail(void **state) {
    (void)state;
    static const char *const model[] = {"bgnbd", "mbgnbd", "pnbd"};
    static const char *const pair[][2] = {{"x", "x"}, {"tx", "tx"}, {"T", "T"},
                                          {"m", "m"}, {"xh", "xh"}, {"ev_gg", "ev_gg"}};
    size_t size;
    NEED_SHARED("cli/clv: online_retail");
    char *text = slurp("shared:data/value/online_retail.csv.xz", &size);
    FILE *f = make("or.csv");
    assert_int_equal(fwrite(text, 1, size, f), size);
    fclose(f);
    free(text);
    for (int i = 0; i < 3; i++) {
        char line[1000];
        kam__arena arena;
        snprintf(line, sizeof line,
                 "clv or.csv --account customer_id --date invoice_date --quantity quantity --price unit_price"
                 " --skip-returns --calibration-end 2011-08-31 --holdout-end 2011-12-09 --model %s --out rows.csv "
                 "--summary sum.json",
                 model[i]);
        must(line);
        kam__arena_init(&arena, ctx, 0);
        const kam__json *got = read_json(&arena, "sum.json");
        assert_true(status_is(got, model[i], "NOT_IDENTIFIED"));
        check_nbd(got, model[i]);
        check_nbd(got, "nbd");
        kam__arena_free(&arena);
        table have = split(slurp("rows.csv", NULL)),
              want = split(slurp("shared:expected/online_retail_btyd_per_customer.csv.xz", NULL));
        check_cells(&have, &want, pair, 6, 1e-5);
        for (size_t k = 0; k < have.n; k++) {
            assert_string_equal(at(&have, k, "p_alive"), "1");
            assert_true(isfinite(strtod(at(&have, k, "cet"), NULL)) && isfinite(strtod(at(&have, k, "clv"), NULL)));
        }
        drop(&have);
        drop(&want);
    }
}

/* ---------------------------------------------------------------- conventions, on small files */

static const char lines[] = "who,when,paid\n"
                            "b,2026-01-01,10\n"
                            "b,2026-01-08,20\n"
                            "b,2026-01-08,4\n"  /* the same day: one purchase of 24 */
                            "b,2026-01-15,0\n"  /* zero is a purchase */
                            "b,2026-01-16,-5\n" /* a return is none */
                            "a,2026-01-08,7\n"
                            "a,2026-01-22,8\n" /* the calibration's last day */
                            "a,2026-01-23,9\n" /* the hold-out's first and last */
                            "a,2026-01-30,9\n"
                            "a,2026-01-31,9\n"
                            "c,2026-01-23,1\n"; /* not there yet */

static void test_rows(void **state) {
    (void)state;
    put("l.csv", lines);
    must("clv l.csv --account who --date when --amount paid --calibration-end 2026-01-22 --holdout-end 2026-01-30 "
         "--model bgnbd --out "
         "rows.csv");
    contains("rows.csv", "account,x,tx,T,m,xh,cet,p_alive,ev_gg,clv\na,1,2,2,8,2,");
    contains("rows.csv", "\nb,2,2,3,12,0,");
    table t = split(slurp("rows.csv", NULL));
    assert_int_equal(t.n, 2);
    drop(&t);
    must("clv l.csv --account who --date when --amount paid --calibration-end 2026-01-22 --unit day --model nbd --out "
         "-");
    contains("out", "\na,1,14,14,8,3,"); /* without a hold-out end: the last day of the file */
    must("clv l.csv --account who --date when --amount paid --calibration-end 2026-01-22 --unit month --model pnbd "
         "--out -");
    contains("out", "\na,1,0.45995893");
    must("clv l.csv --account who --date when --amount paid --calibration-end 2026-02-22 --model mbgnbd");
    contains("out", "\"holdout\": null");
    must("clv l.csv --account who --date when --amount paid --calibration-end 2026-01-22 --model gg --out rows.csv "
         "--summary s.json");
    contains("s.json", "\"gg\": {");
    contains("rows.csv", "\na,1,2,2,8,3,,,");
}

static void test_nobody_returns(void **state) {
    (void)state;
    put("l.csv", "who,when,paid\na,2026-01-01,1\nb,2026-01-02,2\n");
    must("clv l.csv --account who --date when --amount paid --calibration-end 2026-03-01 --out rows.csv --summary "
         "s.json");
    contains("s.json", "\"status\": \"NO_REPEAT\"");
    contains("rows.csv", "\na,0,0,8.42857142857,0,0,0,1,0,0\n");
}

static void test_wrong_usage(void **state) {
    (void)state;
    put("l.csv", lines);
#define CLV "clv l.csv --account who --date when --amount paid "
    refused("clv l.csv --date when --amount paid --calibration-end 2026-01-22", 2, "--account");
    refused("clv l.csv --account who --amount paid --calibration-end 2026-01-22", 2, "--date");
    refused("clv l.csv --account who --date when --calibration-end 2026-01-22", 2, "--amount");
    refused(CLV, 2, "--calibration-end");
    refused(CLV "--calibration-end soon", 2, "a day is written");
    refused(CLV "--calibration-end 2026-01-22 --holdout-end 2026-01-22", 2, "--holdout-end");
    refused(CLV "--calibration-end 2026-01-22 --model best", 2, "--model");
    refused(CLV "--calibration-end 2026-01-22 --unit year", 2, "--unit");
    refused(CLV "--calibration-end 2026-01-22 --steps many", 2, "--steps");
    refused(CLV "--calibration-end 2026-01-22 --steps 0", 2, "--steps");
    refused(CLV "--calibration-end 2026-01-22 --discount -1", 2, "--discount");
    refused(CLV "--calibration-end 2025-01-22", 1, "no account has a purchase by the calibration end");
    refused(CLV "--calibration-end 2025-01-22 --model pnbd --summary s.json", 1, "no account has");
    contains("s.json", "{\n \"pnbd\": {\"status\": \"BAD_INPUT\", \"n\": 0}\n}\n");
    refused("clv none.csv --account who --date when --amount paid --calibration-end 2026-01-22", 1, "No such file");
    must("clv --help");
    contains("out", "kam clv ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cdnow),          cmocka_unit_test(test_cdnow_standard_errors),
        cmocka_unit_test(test_online_retail),  cmocka_unit_test(test_rows),
        cmocka_unit_test(test_nobody_returns), cmocka_unit_test(test_wrong_usage),
    };
    return cmocka_run_group_tests(tests, start, end);
}
