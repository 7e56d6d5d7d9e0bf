/*
 * rule/cel_host.c - calling functions of the host.
 *
 * A call shows its arguments and takes one answer. The answer is brought to the declared type, and what does not fit
 * is an error of the expression.
 */
#include "cel_impl.h"

enum { CEL_HOST_ARGS = 8 };
struct kam_call { cel_run *run; const kam__cel *arg; uint32_t n; kam__cel answer; int answered; };

uint32_t kam_call_count(const kam_call *call) { return call ? call->n : 0; }

int64_t kam_call_i64(const kam_call *call, uint32_t i, int64_t if_none) {
    int64_t v;
    return call && i < call->n && kam__cel_as_i64(&call->arg[i], &v) ? v : if_none;
}

double kam_call_f64(const kam_call *call, uint32_t i, double if_none) {
    double v;
    return call && i < call->n && kam__cel_as_f64(&call->arg[i], &v) ? v : if_none;
}

const char *kam_call_text(const kam_call *call, uint32_t i, size_t *len) {
    if (!call || !len || i >= call->n || (call->arg[i].t != KAM__CEL_STRING &&
                                          call->arg[i].t != KAM__CEL_BYTES)) return NULL;
    *len = call->arg[i].n;
    return call->arg[i].v.s;
}

void kam_call_return_i64(kam_call *call, int64_t value) {
    if (!call) return;
    call->answer = kam__cel_int(value);
    call->answered = 1;
}

void kam_call_return_f64(kam_call *call, double value) {
    if (!call) return;
    call->answer = kam__cel_double(value);
    call->answered = 1;
}

void kam_call_return_text(kam_call *call, const char *text, size_t len) {
    size_t bad;
    if (!call || !text) return;
    if (len == KAM_NUL) len = strlen(text);
    call->answered = 1;
    if (len > UINT32_MAX / 2 || !kam__utf8_valid(text, len, &bad)) {
        kam__cel_raise(call->run, &call->answer, "a function of the host gave text that is not UTF-8");
        return;
    }
    char *copy = kam__cel_alloc(call->run, &call->answer, len + 1);
    if (!copy) return;
    memcpy(copy, text, len);
    copy[len] = '\0';
    call->answer = kam__cel_text(copy, len);
}

void kam_call_fail(kam_call *call, const char *text) {
    if (!call) return;
    call->answered = 1;
    kam__cel_raise(call->run, &call->answer, "%s", text ? text : "a function of the host failed");
}

/* A parameter decimal(N) gets N decimals, or the call fails: the function sees digits only. */
static int cel_host_args(cel_run *run, kam__cel *out, const cel_over *o, const kam__cel **arg, uint32_t n,
                         kam__cel own[CEL_HOST_ARGS]) {
    int any = 0;
    for (uint32_t i = 0; i < n; i++)
        any |= o->param[i]->kind == KAM__CEL_DECIMAL && o->param[i]->scale && (*arg)[i].n + 1 != o->param[i]->scale;
    if (!any) return 1;
    kam__cel *copy = n <= CEL_HOST_ARGS ? own : kam__cel_alloc(run, out, (uint64_t)n * sizeof *copy);
    if (!copy) return 0;
    memcpy(copy, *arg, n * sizeof *copy);
    for (uint32_t i = 0; i < n; i++) {
        if (o->param[i]->kind == KAM__CEL_DECIMAL && o->param[i]->scale)
            kam__cel_to_scale(run, &copy[i], (int32_t)o->param[i]->scale - 1);
        if (copy[i].t != KAM__CEL_ERROR) continue;
        *out = copy[i];
        return 0;
    }
    *arg = copy;
    return 1;
}

void kam__cel_host_call(cel_run *run, kam__cel *out, const cel_over *o, const kam__cel *arg, uint32_t n) {
    kam__cel own[CEL_HOST_ARGS];
    if (!cel_host_args(run, out, o, &arg, n, own)) return;
    kam_call call = {run, arg, n, {KAM__CEL_ERROR, {0}, 0, {0}}, 0};
    int32_t rc = o->call(o->user, &call);
    if (run->rc == KAM_OK && rc < 0) {
        run->rc = kam__fail(run->err, rc, "a function of the host answered %s", kam_code_name(rc));
        kam__cel_raise(run, out, "stopped");
        return;
    }
    if (!call.answered) { kam__cel_raise(run, out, "a function of the host gave no answer"); return; }
    *out = call.answer;
    if (out->t == KAM__CEL_ERROR) return;
    if (o->result->kind == KAM__CEL_OPTIONAL && o->result->n) {
        kam__cel v = *out;
        if (kam__cel_coerce(&v, o->result->arg[0], 0)) { kam__cel_some(run, out, &v); return; }
    } else if (kam__cel_coerce(out, o->result, 0)) return;
    kam__cel_raise(run, out, "a function of the host gave %s where %s is declared", kam__cel_tag_name(&call.answer),
                   o->result->name);
}
