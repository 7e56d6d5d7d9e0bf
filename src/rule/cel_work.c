/*
 * rule/cel_work.c - evaluating: the frame, attributes from outside, the result.
 *
 * A work keeps the frame of the rule it ran last, so that running the same rule again only sets its variables. What an
 * evaluation makes lies in the work's arena until the next one.
 */
#include "cel_impl.h"

#define CEL_RESULT_MAX ((size_t)16 << 20)           /* bytes of a result as JSON */
#define CEL_VARS_MAX 65536u
#define CEL_SHORT 16u                               /* bytes of a short text */
#define CEL_ARENA_FIRST 4096u
#define CEL_ARENA_MAX ((uint64_t)4 << 20)           /* more than this is given back after each evaluation */

int32_t kam_work_new(kam_work **out, kam_ctx *ctx, kam_error *err) {
    kam_work *w;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__ctx_take(&ctx, ctx, err));
    if (!(w = kam__zalloc(ctx, sizeof *w))) {
        kam_ctx_free(ctx);
        return kam__nomem(err);
    }
    w->ctx = ctx;
    kam__arena_init(&w->arena, ctx, CEL_ARENA_FIRST);
    *out = w;
    return KAM_OK;
}

void kam_work_free(kam_work *w) {
    if (!w) return;
    kam_ctx *ctx = w->ctx;
    kam__cel_block_free(w);
    kam_rule_free(w->rule);
    for (size_t i = 0; i < w->cap_host; i++) kam__free(ctx, w->host[i].text);
    kam__free(ctx, w->host);
    kam__free(ctx, w->frame);
    kam__arena_free(&w->arena);
    kam__free(ctx, w);
    kam_ctx_free(ctx);
}

void kam__cel_reset(kam_work *w) {
    if (w->used > w->arena.chunk_size && w->used <= CEL_ARENA_MAX) {
        kam__arena_free(&w->arena);
        kam__arena_init(&w->arena, w->ctx, (size_t)(w->used + w->used / 4));
    } else kam__arena_reset(&w->arena);
    w->used = 0;
    w->note = NULL;
}

kam__arena *kam__cel_arena(kam_work *work) { return &work->arena; }

/* ---------------------------------------------------------------- attributes of the host */

void kam_work_clear(kam_work *w) {
    if (!w) return;
    for (size_t i = 0; i < w->nhost; i++) w->host[i].v.t = KAM__CEL_ERROR;
    w->nhost = 0;
}

static int32_t cel_work_more(kam_work *w, uint32_t var, cel_host **out, kam_error *err) {
    if (!w) return kam__null_arg(err, "work");
    if (w->busy) return kam__fail(err, KAM_E_BUSY, "this work is busy: give each evaluation its own");
    if (var >= CEL_VARS_MAX) return kam__fail(err, KAM_E_INVAL, "no rule has an attribute number %u", (unsigned)var);
    size_t had = w->cap_host;
    if (var >= had) {
        KAM__TRY(kam__grow(w->ctx, &w->host, &w->cap_host, var + 1u, sizeof *w->host, err));
        memset(w->host + had, 0, (w->cap_host - had) * sizeof *w->host);
    }
    if (var >= w->nhost) w->nhost = var + 1u;
    *out = &w->host[var];
    return KAM_OK;
}

static inline int32_t cel_work_host(kam_work *w, uint32_t var, cel_host **out, kam_error *err) {
    if (!w || var >= w->nhost || w->busy) return cel_work_more(w, var, out, err);
    *out = &w->host[var];
    return KAM_OK;
}

int32_t kam_work_set_i64(kam_work *work, uint32_t var, int64_t value, kam_error *err) {
    cel_host *h;
    KAM__TRY(cel_work_host(work, var, &h, err));
    h->v.t = KAM__CEL_INT;
    h->v.v.i = value;
    return KAM_OK;
}

int32_t kam_work_set_f64(kam_work *work, uint32_t var, double value, kam_error *err) {
    cel_host *h;
    KAM__TRY(cel_work_host(work, var, &h, err));
    h->v.t = KAM__CEL_DOUBLE;
    h->v.v.f = value;
    return KAM_OK;
}

/* Bytes that are 0 or not ASCII leave high bits. */
static uint64_t cel_work_odd(uint64_t word) {
    const uint64_t ones = (uint64_t)0x01010101 << 32 | 0x01010101;
    return (word | (word - ones)) & ones << 7;
}

/* A short text of ASCII, which most are, is copied as two words, which may overlap. 0 = it is none, and nothing was
 * changed. */
static int cel_work_short(cel_host *h, uint32_t most, const char *text, size_t len) {
    uint64_t a, b;
    uint32_t x, y;
    if (len == 0 || len > CEL_SHORT || h->cap <= CEL_SHORT || len > most) return 0;
    if (len >= 8) {
        memcpy(&a, text, 8);
        memcpy(&b, text + len - 8, 8);
        if (cel_work_odd(a) | cel_work_odd(b)) return 0;
        memcpy(h->text, &a, 8);
        memcpy(h->text + len - 8, &b, 8);
    } else if (len < 4) {
        const unsigned char first = (unsigned char)text[0], middle = (unsigned char)text[len / 2],
                            last = (unsigned char)text[len - 1];
        if (first - 1u > 126 || middle - 1u > 126 || last - 1u > 126) return 0;
        h->text[0] = (char)first;
        h->text[len / 2] = (char)middle;
        h->text[len - 1] = (char)last;
    } else {
        memcpy(&x, text, 4);
        memcpy(&y, text + len - 4, 4);
        if (cel_work_odd((uint64_t)x << 32 | y)) return 0;
        memcpy(h->text, &x, 4);
        memcpy(h->text + len - 4, &y, 4);
    }
    return 1;
}

int32_t kam_work_set_text(kam_work *work, uint32_t var, const char *text, size_t len, kam_error *err) {
    cel_host *h;
    KAM__TRY(cel_work_host(work, var, &h, err));
    if (!text) { h->v.t = KAM__CEL_NULL; return KAM_OK; }
    if (!cel_work_short(h, work->ctx->opt.max_text, text, len)) {
        KAM__TRY(kam__text_in(work->ctx, text, &len, err));
        if (len >= h->cap) KAM__TRY(kam__grow(work->ctx, &h->text, &h->cap, len + CEL_SHORT + 1, 1, err));
        memcpy(h->text, text, len);
    }
    h->text[len] = '\0';
    h->v.t = KAM__CEL_STRING;
    h->v.n = (uint32_t)len;
    h->v.v.s = h->text;
    return KAM_OK;
}

/* ---------------------------------------------------------------- from outside to the declared type */

static int cel_work_decimal(kam__cel *v, const kam__cel_type *t) {
    uint32_t scale = t->scale ? t->scale - 1u : 0;
    int64_t x = v->v.i;
    if (v->t == KAM__CEL_STRING) {
        if (t->scale ? kam__dec_parse(&x, v->v.s, v->n, scale, KAM__EXACT, NULL, NULL)
            : kam__dec_parse_any(&x, &scale, v->v.s, v->n, NULL))
            return 0;
    } else if (v->t != KAM__CEL_INT || !t->scale) return v->t == KAM__CEL_DECIMAL;
    *v = kam__cel_int(x);
    v->t = KAM__CEL_DECIMAL;
    v->n = scale;
    return 1;
}

static int cel_work_time(kam__cel *v, int days) {
    int32_t day;
    int64_t x = v->v.i, s = x;
    if (v->t == KAM__CEL_STRING) {
        if (kam__cel_time_read(v, v->v.s, v->n) == 0) return 1;
        if (kam__day_read(&day, v->v.s, v->n, NULL) != KAM_OK) return 0;
        *v = kam__cel_int((int64_t)day * 86400);
        v->n = 0;
    } else if (v->t == KAM__CEL_INT) {
        uint32_t ms = 0;
        if (days && kam__mul(x, 86400, &s)) return 0;
        if (!days) {
            s = x / 1000 - (x % 1000 < 0);
            ms = (uint32_t)(x - s * 1000);
        }
        *v = kam__cel_int(s);
        v->n = ms * 1000000;
    } else return v->t == KAM__CEL_TIMESTAMP;
    v->t = KAM__CEL_TIMESTAMP;
    return kam__cel_time_ok(v->v.i, v->n);
}

static int cel_work_duration(kam__cel *v) {
    if (v->t == KAM__CEL_STRING) return kam__cel_duration_read(v, v->v.s, v->n) == 0;
    if (v->t != KAM__CEL_INT) return v->t == KAM__CEL_DURATION;
    v->t = KAM__CEL_DURATION;
    return !kam__mul(v->v.i, 1000000, &v->v.i);
}

int kam__cel_coerce(kam__cel *v, const kam__cel_type *t, int days) {
    switch (t->kind) {
    case KAM__CEL_BOOL:
        if (v->t != KAM__CEL_INT) return v->t == KAM__CEL_BOOL;
        v->t = KAM__CEL_BOOL;
        return v->v.i == 0 || v->v.i == 1;
    case KAM__CEL_UINT:
        if (v->t != KAM__CEL_INT) return v->t == KAM__CEL_UINT;
        v->t = KAM__CEL_UINT;
        return v->v.i >= 0;
    case KAM__CEL_DOUBLE:
        if (v->t == KAM__CEL_INT) *v = kam__cel_double((double)v->v.i);
        return v->t == KAM__CEL_DOUBLE;
    case KAM__CEL_DECIMAL: return cel_work_decimal(v, t);
    case KAM__CEL_TIMESTAMP: return cel_work_time(v, days);
    case KAM__CEL_DURATION: return cel_work_duration(v);
    case KAM__CEL_BYTES:
        if (v->t == KAM__CEL_STRING) v->t = KAM__CEL_BYTES;
        return v->t == KAM__CEL_BYTES;
    default: return kam__cel_fits(v, t);
    }
}

/* ---------------------------------------------------------------- evaluating */

int32_t kam__cel_prepare(kam_work *w, const kam_rule *rule, kam_error *err) {
    if (w->rule == rule) return KAM_OK;
    KAM__TRY(kam__grow(w->ctx, &w->frame, &w->cap, rule->nslot, sizeof *w->frame, err));
    kam_rule_free(w->rule);
    w->rule = (kam_rule *)(uintptr_t)rule;          /* the count is atomic, the rest of a rule never changes */
    kam__ref_hold(&w->rule->ref);
    memset(w->frame, 0, w->cap * sizeof *w->frame);
    if (rule->ncon) memcpy(w->frame, rule->con, rule->ncon * sizeof *w->frame);
    return KAM_OK;
}

/* An attribute of an optional type: what is missing is an optional without value. */
static int cel_once_optional(kam_work *w, kam__cel *v, const kam__cel_type *t) {
    kam__cel *copy = NULL;
    if (v->t == KAM__CEL_OPTIONAL) return kam__cel_fits(v, t);
    if (v->t != KAM__CEL_ERROR && v->t != KAM__CEL_NULL) {
        if (!kam__cel_coerce(v, t->arg[0], 0)) return 0;
        if (!(copy = kam__arena_alloc(&w->arena, sizeof *copy))) return -1;
        *copy = *v;
    }
    v->t = KAM__CEL_OPTIONAL;
    v->n = 0;
    v->v.list = copy;
    return 1;
}

/* An attribute that is not simply of its type. */
static int32_t cel_once_settle(kam_work *w, const cel_env_var *var, kam__cel *v, kam_error *err) {
    int fits = 1;
    if (var->type->kind == KAM__CEL_OPTIONAL) fits = cel_once_optional(w, v, var->type);
    else if (v->t == KAM__CEL_NULL && var->type->kind != KAM__CEL_NULL &&
             var->type->kind != KAM__CEL_DYN) v->t = KAM__CEL_ERROR;
    else if (v->t != KAM__CEL_ERROR) fits = kam__cel_coerce(v, var->type, 0);
    if (fits < 0) return kam__nomem(err);
    if (!fits) return kam__fail(err, KAM_E_TYPE, "\"%s\" is declared %s and got %s", var->name, var->type->name,
                                kam__cel_tag_name(v));
    if (v->t != KAM__CEL_ERROR) return KAM_OK;
    v->v.s = var->missing;
    v->n = 0;
    return KAM_OK;
}

/* bind NULL: what kam_work_set_* left, without a call for each. */
static int32_t cel_once_bind(const kam_rule *rule, kam_work *w, kam__cel_bind_fn bind, void *user, kam_error *err) {
    for (uint32_t i = 0; i < rule->nuse; i++) {
        const cel_use *u = &rule->use[i];
        kam__cel *v = &w->frame[u->slot];
        if (!bind && u->var < w->nhost) {           /* field by field, as it was written */
            const kam__cel *h = &w->host[u->var].v;
            v->t = h->t;
            v->n = h->n;
            v->v = h->v;
            if (h->t == u->kind && h->t < KAM__CEL_LIST) continue;
        } else {
            v->t = KAM__CEL_ERROR;
            v->n = 0;
            if (bind) KAM__TRY(bind(user, u->var, v, err));
            if (v->t == u->kind && v->t < KAM__CEL_LIST) continue;
        }
        if (u->kind == KAM__CEL_BOOL && v->t == KAM__CEL_INT && v->v.u <= 1) v->t = KAM__CEL_BOOL;
        else KAM__TRY(cel_once_settle(w, &rule->var[u->var], v, err));
    }
    return KAM_OK;
}

static int32_t cel_once_failed(const kam_rule *rule, const cel_run *run, const kam__cel *e, kam_error *err) {
    int32_t code = run->rc != KAM_OK ? run->rc : KAM_E_POLICY;
    if (code == KAM_E_NOMEM) return kam__nomem(err);
    if (code != KAM_E_POLICY && code != KAM_E_LIMIT) return code;       /* told already, by a function of the host */
    return kam__cel_fail_at(err, code, rule->src, rule->size, e->n, "%s", e->v.s);
}

int32_t kam__cel_once(kam__cel *out, const kam_rule *rule, kam_work *w, kam__cel_bind_fn bind, void *user,
                      kam_error *err) {
    cel_run run = {rule, rule->ctx, &w->arena, w->frame, rule->budget, 0, KAM_OK, 0, 0, NULL, err, NULL};
    KAM__TRY(cel_once_bind(rule, w, bind, user, err));
    if (rule->npart) KAM__TRY(kam__cel_notes(&run, w, err));
    kam__cel_execute(&run, out);
    if (!(rule->flags & KAM__CEL_OWN_SCALE)) kam__cel_to_scale(&run, out, rule->scale);
    w->used = run.used;
    return out->t == KAM__CEL_ERROR ? cel_once_failed(rule, &run, out, err) : run.rc;
}

int32_t kam__cel_eval(kam__cel *out, const kam_rule *rule, kam_work *w, kam__cel_bind_fn bind, void *user,
                      kam_error *err) {
    kam__cel v;
    if (w->busy) return kam__fail(err, KAM_E_BUSY, "this work is busy: give each evaluation its own");
    KAM__TRY(kam__cel_prepare(w, rule, err));
    w->busy = 1;
    int32_t rc = kam__cel_once(&v, rule, w, bind, user, err);
    w->busy = 0;
    if (rc == KAM_OK) *out = v;
    return rc;
}

/* ---------------------------------------------------------------- the public way */

int32_t kam_rule_run(const kam_rule *rule, kam_work *work, kam_error *err) {
    if (!rule) return kam__null_arg(err, "rule");
    if (!work) return kam__null_arg(err, "work");
    if (work->busy) return kam__fail(err, KAM_E_BUSY, "this work is busy: give each evaluation its own");
    work->result.t = KAM__CEL_ERROR;
    kam__cel_reset(work);
    return kam__cel_eval(&work->result, rule, work, NULL, NULL, err);
}

int kam__cel_as_i64(const kam__cel *v, int64_t *out) {
    int64_t ms;
    switch (v->t) {
    case KAM__CEL_BOOL: case KAM__CEL_INT: case KAM__CEL_DECIMAL: *out = v->v.i; return 1;
    case KAM__CEL_UINT: *out = v->v.i; return v->v.u <= INT64_MAX;
    case KAM__CEL_TIMESTAMP:
        ms = v->v.i * 1000 + v->n / 1000000;
        *out = ms;
        return 1;
    case KAM__CEL_DURATION: *out = v->v.i / 1000000; return 1;
    default: return 0;
    }
}

int kam__cel_as_f64(const kam__cel *v, double *out) {
    char text[48];
    switch (v->t) {
    case KAM__CEL_DOUBLE: *out = v->v.f; return 1;
    case KAM__CEL_INT: *out = (double)v->v.i; return 1;
    case KAM__CEL_UINT: *out = (double)v->v.u; return 1;
    case KAM__CEL_DECIMAL: return kam__f64_parse(out, text, kam__dec_format(text, v->v.i, v->n), NULL) == KAM_OK;
    default: return 0;
    }
}

int64_t kam_work_i64(const kam_work *work, int64_t if_none) {
    int64_t v;
    return work && kam__cel_as_i64(&work->result, &v) ? v : if_none;
}

double kam_work_f64(const kam_work *work, double if_none) {
    double v;
    return work && kam__cel_as_f64(&work->result, &v) ? v : if_none;
}

const char *kam_work_text(const kam_work *work, const char *if_none, size_t *len) {
    if (len) *len = 0;
    if (!work || work->result.t != KAM__CEL_STRING) return if_none;
    if (len) *len = work->result.n;
    return work->result.v.s;
}

int32_t kam_work_json(kam_buf *out, const kam_work *work, kam_error *err) {
    if (!out) return kam__null_arg(err, "out");
    if (!work) return kam__null_arg(err, "work");
    if (work->result.t == KAM__CEL_ERROR) return kam__fail(err, KAM_E_NOT_FOUND, "there is no result");
    kam_buf b;
    kam__buf_init(&b, out->ctx);
    int32_t rc = kam__cel_to_json(&b, &work->result, err);
    if (rc == KAM_OK && b.size > CEL_RESULT_MAX) rc = kam__fail(err, KAM_E_LIMIT,
                                                                "the result is longer than 16 MiB as JSON");
    if (rc == KAM_OK) {
        kam__buf_clear(out);
        kam__buf_put(out, kam_buf_data(&b), b.size);
        rc = kam__buf_end(out, err);
    }
    kam__buf_drop(&b);
    return rc;
}

/* ---------------------------------------------------------------- JSON as input */

typedef struct cel_json_row { const kam_rule *rule; const kam__json *object; kam__arena *arena; } cel_json_row;

static int32_t cel_run_json(void *user, uint32_t var, kam__cel *out, kam_error *err) {
    const cel_json_row *r = user;
    const kam__json *v = kam__json_get(r->object, r->rule->var[var].name);
    return v ? kam__cel_from_json(out, v, r->rule->var[var].type, r->arena, err) : KAM_OK;
}

int32_t kam_rule_eval_json(kam_buf *out, const kam_rule *rule, kam_work *work, const char *json, size_t len,
                           kam_error *err) {
    cel_json_row row = {rule, NULL, NULL};
    if (!rule) return kam__null_arg(err, "rule");
    if (!work) return kam__null_arg(err, "work");
    if (!json) return kam__null_arg(err, "json");
    if (work->busy) return kam__fail(err, KAM_E_BUSY, "this work is busy: give each evaluation its own");
    work->result.t = KAM__CEL_ERROR;
    kam__cel_reset(work);
    row.arena = &work->arena;
    KAM__TRY(kam__json_parse(&row.object, &work->arena, json, len == KAM_NUL ? strlen(json) : len, 0, err));
    if (row.object->type != KAM__J_OBJECT) return kam__json_fail(row.object, KAM_E_PARSE, err,
                                                                 "an object of attributes is expected");
    KAM__TRY(kam__cel_eval(&work->result, rule, work, cel_run_json, &row, err));
    return out ? kam_work_json(out, work, err) : KAM_OK;
}
