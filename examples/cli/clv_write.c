/*
 * clv_write.c - what `kam clv` writes: a row per account, and the models with how good they were on the hold-out.
 *
 * Beside each model's errors there are those of a naive baseline: everybody goes on as before, x / T purchases in a
 * unit of time. The program never sets a locale, so numbers have a point.
 */
#include "clv.h"

const char *clv_name(uint32_t model) {
    static const char *const names[] = {"", "bgnbd", "mbgnbd", "pnbd", "nbd", "gg"};
    return names[model];
}

/* ---------------------------------------------------------------- ROWS.csv */

static void write_row(const clv *v, size_t i, FILE *f) {
    const kam_clv_rows *r = &v->rows;
    const lines_id *id = &v->lines.id[v->account[i]];
    int ahead = v->chosen != 0;
    cli_csv_put(f, id->text, id->len);
    fprintf(f, ",%d,%.12g,%.12g,%.12g,%d,", (int)r->x[i], r->tx[i], r->t[i], r->m[i], (int)v->later[i]);
    if (ahead)
        fprintf(f, "%.12g,%.12g,", v->column[CLV_CET][i], v->column[CLV_ALIVE][i]);
    else
        fputs(",,", f);
    fprintf(f, "%.12g,", v->ev[i]);
    if (ahead) fprintf(f, "%.12g", v->column[CLV_VALUE][i]);
    fputc('\n', f);
}

int clv_write_rows(clv *v, const char *path) {
    FILE *f = cli_create(path);
    if (!f) return CLI_FAILED;
    fputs("account,x,tx,T,m,xh,cet,p_alive,ev_gg,clv\n", f);
    for (size_t i = 0; i < v->rows.n; i++) write_row(v, i, f);
    return cli_close(f, path, CLI_OK);
}

/* ---------------------------------------------------------------- the summary */

static const char *const params[] = {"r", "alpha", "a", "b", "s", "beta", "p", "q", "gamma", "delta"};

static void write_params(const kam_clv *m, const char *key, uint32_t add, FILE *f) {
    int n = 0;
    fprintf(f, "  \"%s\": {", key);
    for (uint32_t i = 0; i < sizeof params / sizeof params[0]; i++) {
        double p = kam_clv_figure(m, (i + 1) | add, -1);
        if (p >= 0) fprintf(f, "%s\"%s\": %.12g", n++ ? ", " : "", params[i], p);
    }
    fputs("},\n", f);
}

static void write_figure(const kam_clv *m, const char *key, uint32_t figure, FILE *f) {
    double v = kam_clv_figure(m, figure, NAN);
    if (isfinite(v))
        fprintf(f, "  \"%s\": %.12g,\n", key, v);
    else
        fprintf(f, "  \"%s\": null,\n", key);
}

static void write_fit(const kam_clv *m, FILE *f) {
    static const char *const status[] = {"", "OK", "NOT_IDENTIFIED", "NO_REPEAT", "BAD_INPUT"}, *const limit[] = {
                                                                                                    "none", "nbd",
                                                                                                    "bound"};
    fprintf(f, "  \"status\": \"%s\",\n  \"limit\": \"%s\",\n", status[(int)kam_clv_figure(m, KAM_CLV_STATUS, 0)],
            limit[(int)kam_clv_figure(m, KAM_CLV_LIMIT, 0)]);
    write_params(m, "params", 0, f);
    write_figure(m, "log_likelihood", KAM_CLV_LOG_LIKELIHOOD, f);
    write_params(m, "std_errors", KAM_CLV_SE, f);
    write_figure(m, "n", KAM_CLV_ROWS, f);
    write_figure(m, "iterations", KAM_CLV_ITERATIONS, f);
    write_figure(m, "gradient", KAM_CLV_GRADIENT, f);
}

static void write_holdout(const clv *v, FILE *f) {
    double actual = 0, mae = 0, square = 0, naive = 0, naive_square = 0, n = (double)v->rows.n;
    for (size_t i = 0; i < v->rows.n; i++) {
        double t = v->rows.t[i], real = v->later[i], e = v->column[CLV_CET][i] - real,
               b = (t > 0 ? v->rows.x[i] / t * v->horizon : 0) - real;
        actual += real;
        mae += fabs(e);
        square += e * e;
        naive += fabs(b);
        naive_square += b * b;
    }
    if (!v->holdout) {
        fputs("  \"holdout\": null,\n", f);
        return;
    }
    fprintf(f,
            "  \"holdout\": {\"actual_total\": %.12g, \"mae\": %.12g, \"rmse\": %.12g, \"naive_mae\": %.12g, "
            "\"naive_rmse\": %.12g},\n",
            actual, mae / n, sqrt(square / n), naive / n, sqrt(naive_square / n));
}

static void write_ahead(const clv *v, FILE *f) {
    double expected = 0, alive = 0, value = 0;
    for (size_t i = 0; i < v->rows.n; i++) {
        expected += v->column[CLV_CET][i];
        alive += v->column[CLV_ALIVE][i];
        value += v->column[CLV_VALUE][i];
    }
    fprintf(f, "  \"sum_expected\": %.12g,\n  \"mean_p_alive\": %.12g,\n  \"clv_total\": %.12g,\n", expected,
            alive / (double)v->rows.n, value);
    write_holdout(v, f);
}

static void write_money(const kam_clv *m, FILE *f) {
    static const uint32_t figure[] = {KAM_CLV_P,    KAM_CLV_Q,   KAM_CLV_GAMMA, KAM_CLV_LOG_LIKELIHOOD,
                                      KAM_CLV_ROWS, KAM_CLV_MEAN};
    static const char *const key[] = {"p", "q", "gamma", "log_likelihood", "n", "population_mean"};
    fputs("  \"gamma_gamma\": {", f);
    for (int i = 0; i < 6; i++) {
        double v = kam_clv_figure(m, figure[i], NAN);
        if (isfinite(v))
            fprintf(f, "%s\"%s\": %.12g", i ? ", " : "", key[i], v);
        else
            fprintf(f, "%s\"%s\": null", i ? ", " : "", key[i]);
    }
    fputs("}\n", f);
}

static int write_model(clv *v, uint32_t model, FILE *f) {
    int rc = clv_predict(v, model);
    if (rc != CLI_OK) return rc;
    fprintf(f, " \"%s\": {\n", clv_name(model));
    write_fit(v->model[model], f);
    if (model != KAM_CLV_GG) write_ahead(v, f);
    write_money(v->model[KAM_CLV_GG], f);
    fputs(" }", f);
    return CLI_OK;
}

/* Where leaving is not identified the NBD that it has become stands there under its own name too. */
static int write_nbd(clv *v, FILE *f) {
    uint32_t one = v->chosen;
    if (v->model[KAM_CLV_NBD] || !one || one == KAM_CLV_GG) return CLI_OK;
    if ((int)kam_clv_figure(v->model[one], KAM_CLV_STATUS, 0) != KAM_CLV_NOT_IDENTIFIED) return CLI_OK;
    if (kam_clv_fit(&v->model[KAM_CLV_NBD], v->lines.c->ctx, KAM_CLV_NBD, &v->rows, v->lines.c->err) != KAM_OK)
        return cli_fail(v->lines.c, v->lines.file);
    fputs(",\n", f);
    return write_model(v, KAM_CLV_NBD, f);
}

int clv_write_summary(clv *v, const char *path) {
    FILE *f = cli_create(path);
    if (!f) return CLI_FAILED;
    int rc = CLI_OK, n = 0;
    fputs("{\n", f);
    if (v->wanted == CLV_AUTO) fprintf(f, " \"chosen\": \"%s\",\n", clv_name(v->chosen));
    for (uint32_t k = KAM_CLV_BGNBD; k <= KAM_CLV_GG && rc == CLI_OK; k++) {
        if (!(v->wanted & 1u << k)) continue;
        if (n++) fputs(",\n", f);
        rc = write_model(v, k, f);
    }
    if (rc == CLI_OK) rc = write_nbd(v, f);
    fputs("\n}\n", f);
    return cli_close(f, path, rc);
}

int clv_write_nothing(const clv *v, const char *path) {
    FILE *f = path ? cli_create(path) : NULL;
    if (!f) return path ? CLI_FAILED : CLI_OK;
    int n = 0;
    fputs("{", f);
    for (uint32_t k = KAM_CLV_BGNBD; k <= KAM_CLV_GG; k++)
        if (v->wanted & 1u << k)
            fprintf(f, "%s\n \"%s\": {\"status\": \"BAD_INPUT\", \"n\": 0}", n++ ? "," : "", clv_name(k));
    fputs("\n}\n", f);
    return cli_close(f, path, CLI_OK);
}
