/*
 * rule/cel_fn.c - calling functions; sizes, conversions and types.
 */
#include "cel_fn.h"
#include "regex.h"

const cel_fn *const kam__cel_fn_tables[] = {kam__cel_fn_core, kam__cel_fn_time, kam__cel_fn_text, kam__cel_fn_math,
                                            kam__cel_fn_list, kam__cel_fn_more, NULL};

const cel_fn *kam__cel_fn_find(const char *name, int member) {
    for (size_t t = 0; kam__cel_fn_tables[t]; t++)
        for (const cel_fn *f = kam__cel_fn_tables[t]; f->name; f++)
            if ((f->how & (member ? CEL_MEMBER : CEL_GLOBAL)) && strcmp(f->name, name) == 0) return f;
    return NULL;
}

/* ---------------------------------------------------------------- calling */

/* Overload that takes these values, or -1. */
static int cel_fn_which(const char *sig, const kam__cel *arg, uint32_t n) {
    for (int which = 0; *sig; which++) {
        uint32_t i = 0;
        int fits = 1;
        while (*sig != ':' && fits && i < n) fits = kam__cel_sig_fits(&sig, &arg[i++]);
        if (*sig == ':' && fits && i == n) return which;
        while (*sig && *sig != ' ') sig++;
        if (*sig) sig++;
    }
    return -1;
}

static uint64_t cel_fn_weight(const kam__cel *v) {
    return v->t == KAM__CEL_STRING || v->t == KAM__CEL_BYTES ? v->n / 16 + 1 : v->t == KAM__CEL_LIST ||
        v->t == KAM__CEL_MAP ? v->n : 1;
}

static int cel_fn_over_fits(const cel_over *o, const kam__cel *arg, uint32_t n) {
    for (uint32_t i = 0; i < n && o->n == n; i++) if (!kam__cel_fits(&arg[i], o->param[i])) return 0;
    return o->n == n;
}

/* A function of the host. */
static void cel_fn_host(cel_run *run, kam__cel *out, const cel_decl *d, const kam__cel *arg, uint32_t n) {
    for (uint32_t i = 0; i < d->n; i++) {
        if (!cel_fn_over_fits(&d->over[i], arg, n)) continue;
        if (!d->over[i].call) { kam__cel_raise(run, out, "%s has no implementation", d->name); return; }
        kam__cel_host_call(run, out, &d->over[i], arg, n);
        return;
    }
    kam__cel_no_overload(run, out, d->name, arg, n);
}

void kam__cel_call(cel_run *run, kam__cel *out, const cel_fn *fn, const kam__cel *arg, uint32_t n) {
    uint64_t cost = 1;
    if (fn->cost) for (uint32_t i = 0; i < n; i++) cost += cel_fn_weight(&arg[i]);
    if (!kam__cel_charge(run, out, cost)) return;
    if (fn->decl) { cel_fn_host(run, out, fn->decl, arg, n); return; }
    int which = cel_fn_which(fn->sig, arg, n);
    if (which < 0) { kam__cel_no_overload(run, out, fn->name, arg, n); return; }
    run->which = (uint32_t)which;
    run->fn = fn;
    out->t = KAM__CEL_NULL;
    fn->impl(run, out, arg, n);
}

/* ---------------------------------------------------------------- sizes and types */

uint32_t kam__cel_chars(const char *s, uint32_t n) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) count += ((unsigned char)s[i] & 0xC0) != 0x80;
    return count;
}

static void cel_fn_size(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)run;
    (void)n;
    *out = kam__cel_int(arg->t == KAM__CEL_STRING ? kam__cel_chars(arg->v.s, arg->n) : arg->n);
}

static void cel_fn_type(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    const char *name = kam__cel_tag_name(arg);
    (void)run;
    (void)n;
    *out = kam__cel_text(name, strlen(name));
    out->t = KAM__CEL_TYPE;
}

static void cel_fn_same(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)run;
    (void)n;
    *out = *arg;
}

/* ---------------------------------------------------------------- conversions */

static void cel_fn_range(cel_run *run, kam__cel *out, const char *what) { kam__cel_raise(run, out,
    "out of the range of %s", what); }

static void cel_fn_bool(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    static const char *const word[] = {"true", "True", "TRUE", "t", "1", "false", "False", "FALSE", "f", "0"};
    char q[48];
    (void)n;
    if (arg->t == KAM__CEL_BOOL) { *out = *arg; return; }
    for (size_t i = 0; i < KAM__LEN(word); i++)
        if (strlen(word[i]) == arg->n &&
            memcmp(word[i], arg->v.s, arg->n) == 0) { *out = kam__cel_bool(i < 5); return; }
    kam__cel_raise(run, out, "\"%s\" is no bool; write true or false", kam__clip(q, arg->v.s, arg->n));
}

/* Digits of a uint in a text; 1 = it is none. */
static int cel_fn_read_uint(const char *s, uint32_t n, uint64_t *out) {
    uint64_t v = 0;
    if (n == 0) return 1;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t d = (uint64_t)(s[i] - '0');
        if (s[i] < '0' || s[i] > '9' || v > (UINT64_MAX - d) / 10) return 1;
        v = v * 10 + d;
    }
    *out = v;
    return 0;
}

int kam__cel_uint_read(kam__cel *out, const char *s, size_t n) {
    uint64_t v;
    if (n > 20 || cel_fn_read_uint(s, (uint32_t)n, &v)) return 0;
    *out = kam__cel_uint(v);
    return 1;
}

static void cel_fn_int(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    char q[48];
    int64_t v = arg->v.i;
    (void)n;
    switch (arg->t) {
    case KAM__CEL_UINT: if (arg->v.u > INT64_MAX) { cel_fn_range(run, out, "int"); return; } break;
    case KAM__CEL_DOUBLE:
        if (!(arg->v.f > -9223372036854775808.0 && arg->v.f < 9223372036854775808.0)) { cel_fn_range(run, out,
            "int"); return; }
        v = (int64_t)arg->v.f;
        break;
    case KAM__CEL_STRING:
        if (kam__i64_parse(&v, arg->v.s, arg->n, NULL) != KAM_OK) {
            kam__cel_raise(run, out, "\"%s\" is no int", kam__clip(q, arg->v.s, arg->n));
            return;
        }
        break;
    case KAM__CEL_DECIMAL: v = arg->v.i / kam__pow10[arg->n]; break;
    default: break;
    }
    *out = kam__cel_int(v);
}

static void cel_fn_uint(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    char q[48];
    uint64_t v = arg->v.u;
    (void)n;
    switch (arg->t) {
    case KAM__CEL_INT: if (arg->v.i < 0) { cel_fn_range(run, out, "uint"); return; } break;
    case KAM__CEL_DOUBLE:
        if (!(arg->v.f >= 0 && arg->v.f < 18446744073709551616.0)) { cel_fn_range(run, out, "uint"); return; }
        v = (uint64_t)arg->v.f;
        break;
    case KAM__CEL_STRING:
        if (cel_fn_read_uint(arg->v.s, arg->n, &v)) {
            kam__cel_raise(run, out, "\"%s\" is no uint", kam__clip(q, arg->v.s, arg->n));
            return;
        }
        break;
    default: break;
    }
    *out = kam__cel_uint(v);
}

/* The names of what is not finite, as other implementations read them. 1 = it is one. */
static int cel_fn_read_special(const kam__cel *arg, double *out) {
    static const char *const name[] = {"NaN", "Infinity", "+Infinity", "Inf", "+Inf", "-Infinity", "-Inf"};
    double zero = 0;
    for (size_t i = 0; i < KAM__LEN(name); i++) {
        if (strlen(name[i]) != arg->n || !kam__text_same_ci(arg->v.s, arg->n, name[i])) continue;
        *out = i == 0 ? zero / zero : i < 5 ? 1 / zero : -1 / zero;
        return 1;
    }
    return 0;
}

static void cel_fn_double(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    char q[48];
    double v = 0;
    (void)n;
    switch (arg->t) {
    case KAM__CEL_INT: v = (double)arg->v.i; break;
    case KAM__CEL_UINT: v = (double)arg->v.u; break;
    case KAM__CEL_DOUBLE: v = arg->v.f; break;
    case KAM__CEL_DECIMAL: {
        char text[48];
        kam__f64_parse(&v, text, kam__dec_format(text, arg->v.i, arg->n), NULL);
        break;
    }
    default:
        if (!cel_fn_read_special(arg, &v) && kam__f64_parse(&v, arg->v.s, arg->n, NULL) != KAM_OK) {
            kam__cel_raise(run, out, "\"%s\" is no double", kam__clip(q, arg->v.s, arg->n));
            return;
        }
    }
    *out = kam__cel_double(v);
}

size_t kam__cel_double_put(char out[32], double v) {
    const char *name = v != v ? "NaN" : v > 1.7976931348623157e308 ? "Infinity" : v < -1.7976931348623157e308
        ? "-Infinity" : NULL;
    if (!name) return kam__f64_format(out, v);
    memcpy(out, name, strlen(name) + 1);
    return strlen(name);
}

static size_t cel_fn_uint_put(char out[24], uint64_t v) {
    char back[24];
    size_t n = 0;
    do back[n++] = (char)('0' + v % 10); while (v /= 10);
    for (size_t i = 0; i < n; i++) out[i] = back[n - 1 - i];
    return n;
}

int kam__cel_to_text(cel_run *run, kam__cel *out, const kam__cel *v) {
    char text[64];
    const char *s = text;
    size_t n = 0, bad;
    switch (v->t) {
    case KAM__CEL_STRING: *out = *v; return 1;
    case KAM__CEL_BYTES:
        if (!kam__utf8_valid(v->v.s, v->n, &bad)) { kam__cel_raise(run, out, "invalid UTF-8 at byte %u",
                                                                   (unsigned)bad); return 0; }
        *out = kam__cel_text(v->v.s, v->n);
        return 1;
    case KAM__CEL_BOOL: s = v->v.i ? "true" : "false"; n = strlen(s); break;
    case KAM__CEL_NULL: s = "null"; n = 4; break;
    case KAM__CEL_TYPE: s = v->v.s; n = v->n; break;
    case KAM__CEL_INT: n = kam__i64_format(text, v->v.i); break;
    case KAM__CEL_UINT: n = cel_fn_uint_put(text, v->v.u); break;
    case KAM__CEL_DOUBLE: n = kam__cel_double_put(text, v->v.f); break;
    case KAM__CEL_DECIMAL: n = kam__dec_format(text, v->v.i, v->n); break;
    case KAM__CEL_TIMESTAMP: n = kam__cel_time_put(text, v->v.i, v->n); break;
    case KAM__CEL_DURATION: n = kam__cel_duration_put(text, v->v.i); break;
    default: kam__cel_no_overload(run, out, "string", v, 1); return 0;
    }
    char *copy = kam__cel_alloc(run, out, n + 1);
    if (!copy) return 0;
    memcpy(copy, s, n);
    *out = kam__cel_text(copy, n);
    return 1;
}

static void cel_fn_string(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    kam__cel_to_text(run, out, arg);
}

static void cel_fn_bytes(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    cel_fn_same(run, out, arg, n);
    out->t = KAM__CEL_BYTES;
}

static void cel_fn_decimal(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    char q[48], text[32];
    uint32_t scale = 0;
    int64_t v = arg->v.i;
    const char *s = arg->v.s;
    size_t len = arg->n;
    (void)n;
    if (arg->t == KAM__CEL_DECIMAL) { *out = *arg; return; }
    if (arg->t == KAM__CEL_UINT && arg->v.u > INT64_MAX) { cel_fn_range(run, out, "decimal"); return; }
    if (arg->t == KAM__CEL_DOUBLE) {
        len = kam__cel_double_put(text, arg->v.f);
        s = text;
    }
    if ((arg->t == KAM__CEL_STRING || arg->t == KAM__CEL_DOUBLE) && kam__dec_parse_any(&v, &scale, s, len,
        NULL) != KAM_OK) {
        kam__cel_raise(run, out, "\"%s\" is no decimal of at most 18 digits", kam__clip(q, s, len));
        return;
    }
    *out = kam__cel_int(v);
    out->t = KAM__CEL_DECIMAL;
    out->n = scale;
}

/* decimal.round(n): n decimals, half to even. */
static void cel_fn_round(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int64_t v;
    (void)n;
    if (arg[1].v.i < 0 || arg[1].v.i > 18 || kam__rescale(arg->v.i, arg->n, (uint32_t)arg[1].v.i, KAM__HALF_EVEN, &v)) {
        kam__cel_raise(run, out, "a decimal can be rounded to 0 to 18 places that fit");
        return;
    }
    *out = kam__cel_int(v);
    out->t = KAM__CEL_DECIMAL;
    out->n = (uint32_t)arg[1].v.i;
}

static void cel_fn_matches(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    kam__regex *re;
    char q[48];
    (void)n;
    if (!kam__cel_charge(run, out, kam__regex_bound(arg[1].n))) return;
    int32_t rc = kam__regex_compile(&re, run->arena, arg[1].v.s, arg[1].n, NULL);
    if (rc == KAM_E_NOMEM) run->rc = rc;
    if (rc != KAM_OK) {
        kam__cel_raise(run, out, "\"%s\" is no regular expression", kam__clip(q, arg[1].v.s, arg[1].n));
        return;
    }
    void *room = kam__cel_alloc(run, out, kam__regex_room(re));
    if (!room || !kam__cel_charge(run, out, kam__regex_cost(re, arg->n))) return;
    *out = kam__cel_bool(kam__regex_search(re, room, arg->v.s, arg->n));
}

const cel_fn kam__cel_fn_core[] = {
    {"size", CEL_BOTH, "s:i y:i LA:i MAB:i", cel_fn_size, CEL_COST_N, NULL},
    {"type", CEL_GLOBAL, "A:T", cel_fn_type, CEL_COST_1, NULL},
    {"dyn", CEL_GLOBAL, "A:D", cel_fn_same, CEL_COST_1, NULL},
    {"bool", CEL_GLOBAL, "b:b s:b", cel_fn_bool, CEL_COST_1, NULL},
    {"int", CEL_GLOBAL, "i:i u:i d:i s:i t:i c:i", cel_fn_int, CEL_COST_1, NULL},
    {"uint", CEL_GLOBAL, "u:u i:u d:u s:u", cel_fn_uint, CEL_COST_1, NULL},
    {"double", CEL_GLOBAL, "d:d i:d u:d s:d c:d", cel_fn_double, CEL_COST_N, NULL},
    {"string", CEL_GLOBAL, "s:s b:s i:s u:s d:s y:s t:s r:s c:s", cel_fn_string, CEL_COST_N, NULL},
    {"bytes", CEL_GLOBAL, "y:y s:y", cel_fn_bytes, CEL_COST_1, NULL},
    {"decimal", CEL_GLOBAL, "c:c s:c i:c u:c d:c", cel_fn_decimal, CEL_COST_1, NULL},
    {"round", CEL_MEMBER, "ci:c", cel_fn_round, CEL_COST_1, NULL},
    {"matches", CEL_BOTH, "ss:b", cel_fn_matches, CEL_COST_NN, NULL},
    {NULL, 0, NULL, NULL, 0, NULL}};
