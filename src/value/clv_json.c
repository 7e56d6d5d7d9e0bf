/*
 * value/clv_json.c - the figures of a model by number and by name, and the model as JSON and back: a few numbers, with
 * the doubles written so that they read back the same.
 */
#include "value/clv.h"
#include "codec/codec.h"
#include <math.h>


typedef struct clvj_model {
    const char *name;
    uint32_t param[KAM__CLV_PARAMS];
} clvj_model;
static const clvj_model clvj_models[] = {
    {"bgnbd", {KAM_CLV_R, KAM_CLV_ALPHA, KAM_CLV_A, KAM_CLV_B}},
    {"mbgnbd", {KAM_CLV_R, KAM_CLV_ALPHA, KAM_CLV_A, KAM_CLV_B}},
    {"pnbd", {KAM_CLV_R, KAM_CLV_ALPHA, KAM_CLV_S, KAM_CLV_BETA}},
    {"nbd", {KAM_CLV_R, KAM_CLV_ALPHA, 0, 0}},
    {"gg", {KAM_CLV_P, KAM_CLV_Q, KAM_CLV_GAMMA, 0}},
    {"bgbb", {KAM_CLV_ALPHA, KAM_CLV_BETA, KAM_CLV_GAMMA, KAM_CLV_DELTA}},
};
static const char *const clvj_status[] = {"OK", "NOT_IDENTIFIED", "NO_REPEAT", "BAD_INPUT"};
static const char *const clvj_limit[] = {"none", "nbd", "bound"};
static const char *const clvj_param[] = {"r", "alpha", "a", "b", "s", "beta", "p", "q", "gamma", "delta"};

uint32_t kam__clv_param(uint32_t model, uint32_t i) { return clvj_models[model - 1].param[i]; }
const char *kam__clv_model_name(uint32_t model) { return clvj_models[model - 1].name; }
const char *kam__clv_status_name(uint32_t status) { return clvj_status[status - 1]; }
const char *kam__clv_param_name(uint32_t figure) { return clvj_param[figure - 1]; }

double kam_clv_figure(const kam_clv *model, uint32_t figure, double if_none) {
    if (!model) return if_none;
    for (uint32_t i = 0; i < model->nparam; i++) {
        uint32_t f = kam__clv_param(model->effective, i);
        if (figure == f) return model->param[i];
        if (figure == (f | KAM_CLV_SE)) return model->std_error[i] >= 0 ? model->std_error[i] : if_none;
    }
    switch (figure) {
    case KAM_CLV_MODEL: return model->model;
    case KAM_CLV_STATUS: return model->status;
    case KAM_CLV_LIMIT: return model->limit;
    case KAM_CLV_LOG_LIKELIHOOD:
        return model->nparam && model->status < KAM_CLV_NO_REPEAT ? model->log_likelihood : if_none;
    case KAM_CLV_ROWS: return model->n;
    case KAM_CLV_REPEAT: return model->repeat;
    case KAM_CLV_ITERATIONS: return model->iterations;
    case KAM_CLV_GRADIENT: return model->gradient;
    case KAM_CLV_MEAN: return model->model == KAM_CLV_GG && model->status < KAM_CLV_NO_REPEAT ? model->mean : if_none;
    case KAM_CLV_BAD_ROW: return model->bad_row >= 0 ? (double)model->bad_row : if_none;
    default: return if_none;
    }
}

/* ---------------------------------------------------------------- writing */

static void clvj_number(kam_buf *b, const char *key, double v) {
    kam__buf_printf(b, ",\"%s\":", key);
    kam__buf_f64(b, v);
}

static void clvj_params(kam_buf *b, const kam_clv *c, const char *key, const double *v) {
    kam__buf_printf(b, ",\"%s\":{", key);
    for (uint32_t i = 0, n = 0; i < c->nparam; i++) {
        if (v[i] < 0) continue;
        kam__buf_printf(b, "%s\"%s\":", n++ ? "," : "", kam__clv_param_name(kam__clv_param(c->effective, i)));
        kam__buf_f64(b, v[i]);
    }
    kam__buf_char(b, '}');
}

int32_t kam_clv_to_json(kam_buf *out, const kam_clv *model, kam_error *err) {
    kam_buf b;
    if (!out) return kam__null_arg(err, "out");
    if (!model) return kam__null_arg(err, "model");
    kam__buf_init(&b, out->ctx);
    kam__buf_printf(&b, "{\"kam_clv\":%d,\"model\":\"%s\",\"status\":\"%s\",\"limit\":\"%s\"", KAM__CLV_VERSION,
                    kam__clv_model_name(model->model), kam__clv_status_name(model->status), clvj_limit[model->limit]);
    clvj_params(&b, model, "params", model->param);
    clvj_params(&b, model, "std_errors", model->std_error);
    clvj_number(&b, "log_likelihood", model->log_likelihood);
    clvj_number(&b, "n", model->n);
    clvj_number(&b, "repeat", model->repeat);
    clvj_number(&b, "mean", model->mean);
    clvj_number(&b, "iterations", model->iterations);
    clvj_number(&b, "gradient", model->gradient);
    if (model->bad_row >= 0) kam__buf_printf(&b, ",\"bad_row\":%lld", (long long)model->bad_row);
    kam__buf_char(&b, '}');
    int32_t rc = kam__buf_end(&b, err);
    if (rc == KAM_OK) {
        char *data = out->data;
        out->data = b.data, b.data = data;
        out->size = b.size, out->cap = b.cap;
    }
    kam__buf_drop(&b);
    return rc;
}

/* ---------------------------------------------------------------- reading */

static int32_t clvj_f64(double *out, const kam__json *v, const char *key, kam_error *err) {
    if (!v) return kam__fail(err, KAM_E_PARSE, "\"%s\" is missing: this is no whole model of kam_clv_to_json", key);
    if (v->type != KAM__J_NUMBER) return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" is not a number", key);
    double d = 0;
    KAM__TRY(kam__f64_parse(&d, v->text, v->len, err));
    if (!(d >= 0) && strcmp(key, "log_likelihood") != 0)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" must not be below zero", key);
    *out = d;
    return KAM_OK;
}

static int32_t clvj_word(uint32_t *out, const kam__json *top, const char *key, const char *const *list, uint32_t n,
                         kam_error *err) {
    const kam__json *v = kam__json_get(top, key);
    const char *text = NULL;
    KAM__TRY(kam__json_str(&text, v, key, err));
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(text, list[i]) == 0) {
            *out = i;
            return KAM_OK;
        }
    return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" has an unknown value: take what kam_clv_to_json writes", key);
}

static int32_t clvj_read_params(kam_clv *c, const kam__json *top, kam_error *err) {
    const kam__json *params = kam__json_get(top, "params"), *errors = kam__json_get(top, "std_errors");
    if (c->status == KAM_CLV_BAD_INPUT || (c->status == KAM_CLV_NO_REPEAT && c->effective != KAM_CLV_NBD))
        return KAM_OK;
    for (uint32_t i = 0; i < KAM__CLV_PARAMS && kam__clv_param(c->effective, i); i++) {
        const char *key = kam__clv_param_name(kam__clv_param(c->effective, i));
        const kam__json *error = kam__json_get(errors, key);
        KAM__TRY(clvj_f64(&c->param[i], kam__json_get(params, key), key, err));
        if (error) KAM__TRY(clvj_f64(&c->std_error[i], error, key, err));
        if (!(c->param[i] > 0) && !(c->status == KAM_CLV_NO_REPEAT && i == 0))
            return kam__json_fail(params, KAM_E_PARSE, err, "the parameter \"%s\" must be above zero", key);
        c->nparam = i + 1;
    }
    return KAM_OK;
}

static int32_t clvj_read(kam_clv *c, const kam__json *top, kam_error *err) {
    const char *models[KAM_CLV_BGBB];
    int64_t version = 0, row = -1;
    double iterations = 0;
    for (uint32_t i = 0; i < KAM_CLV_BGBB; i++) models[i] = clvj_models[i].name;
    KAM__TRY(kam__json_i64(&version, kam__json_get(top, "kam_clv"), "kam_clv", err));
    if (version != KAM__CLV_VERSION)
        return kam__json_fail(top, KAM_E_PARSE, err, "this model is of version %lld, known is %d", (long long)version,
                              KAM__CLV_VERSION);
    KAM__TRY(clvj_word(&c->model, top, "model", models, KAM_CLV_BGBB, err));
    KAM__TRY(clvj_word(&c->status, top, "status", clvj_status, KAM__LEN(clvj_status), err));
    KAM__TRY(clvj_word(&c->limit, top, "limit", clvj_limit, KAM__LEN(clvj_limit), err));
    c->effective = ++c->model;
    c->status++;
    if (c->model < KAM_CLV_NBD && (c->limit == KAM_CLV_LIMIT_NBD || c->status == KAM_CLV_NO_REPEAT))
        c->effective = KAM_CLV_NBD;
    KAM__TRY(clvj_read_params(c, top, err));
    KAM__TRY(clvj_f64(&c->log_likelihood, kam__json_get(top, "log_likelihood"), "log_likelihood", err));
    KAM__TRY(clvj_f64(&c->n, kam__json_get(top, "n"), "n", err));
    KAM__TRY(clvj_f64(&c->repeat, kam__json_get(top, "repeat"), "repeat", err));
    KAM__TRY(clvj_f64(&c->mean, kam__json_get(top, "mean"), "mean", err));
    KAM__TRY(clvj_f64(&iterations, kam__json_get(top, "iterations"), "iterations", err));
    KAM__TRY(clvj_f64(&c->gradient, kam__json_get(top, "gradient"), "gradient", err));
    if (kam__json_get(top, "bad_row")) KAM__TRY(kam__json_i64(&row, kam__json_get(top, "bad_row"), "bad_row", err));
    c->iterations = iterations < 4e9 ? (uint32_t)iterations : 0;
    c->bad_row = row;
    return KAM_OK;
}

int32_t kam_clv_from_json(kam_clv **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err) {
    kam_ctx *held = NULL;
    kam__arena arena;
    const kam__json *top = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!json) return kam__null_arg(err, "json");
    KAM__TRY(kam__ctx_take(&held, ctx, err));
    kam_clv *c = kam__zalloc(held, sizeof *c);
    if (!c) {
        kam_ctx_free(held);
        return kam__nomem(err);
    }
    kam__ref_init(&c->ref);
    c->ctx = held;
    for (uint32_t i = 0; i < KAM__CLV_PARAMS; i++) c->std_error[i] = -1;
    kam__arena_init(&arena, held, 0);
    int32_t rc = kam__json_parse(&top, &arena, json, len == KAM_NUL ? strlen(json) : len, 0, err);
    if (rc == KAM_OK) rc = clvj_read(c, top, err);
    kam__arena_free(&arena);
    if (rc == KAM_OK)
        *out = c;
    else
        kam_clv_free(c);
    return rc;
}
