/*
 * rule/cel_list.c - functions of lists, sets and optionals, and base64.
 *
 * A set is a list whose repetitions and order do not count; its functions compare every element with every other, and
 * are charged so.
 */
#include "cel_fn.h"

static kam__cel *cel_list_new(cel_run *run, kam__cel *out, uint64_t n) {
    if (n > UINT32_MAX / 2) { kam__cel_overflow(run, out, "a list"); return NULL; }
    return kam__cel_alloc(run, out, n * sizeof(kam__cel));
}

static void cel_list_give(kam__cel *out, const kam__cel *list, uint32_t n) {
    out->t = KAM__CEL_LIST;
    out->n = n;
    out->v.list = list;
}

/* ---------------------------------------------------------------- lists */

static void cel_list_range(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    uint64_t count = arg->v.i < 0 ? 0 : (uint64_t)arg->v.i;
    if (!kam__cel_charge(run, out, count)) return;
    kam__cel *to = cel_list_new(run, out, count);
    if (!to) return;
    for (uint64_t i = 0; i < count; i++) to[i] = kam__cel_int((int64_t)i);
    cel_list_give(out, to, (uint32_t)count);
}

static void cel_list_slice(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int64_t from = arg[1].v.i, to = arg[2].v.i;
    (void)n;
    if (from < 0 || to < from || to > (int64_t)arg->n) {
        kam__cel_raise(run, out, "a slice from %lld to %lld is outside a list of %u", (long long)from, (long long)to,
                       (unsigned)arg->n);
        return;
    }
    cel_list_give(out, arg->v.list + from, (uint32_t)(to - from));
}

/* Elements of a list flattened `depth` times; written to `to` if there is one. Levels are those of the value. */
static uint64_t cel_list_flat(cel_run *run, kam__cel *out, const kam__cel *list, int64_t depth, kam__cel *to) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < list->n && run->rc == KAM_OK; i++) {
        const kam__cel *e = &list->v.list[i];
        if (!kam__cel_charge(run, out, 1)) return 0;
        if (e->t == KAM__CEL_LIST && depth > 0) n += cel_list_flat(run, out, e, depth - 1, to ? to + n : NULL);
        else {
            if (to) to[n] = *e;
            n++;
        }
    }
    return n;
}

static void cel_list_flatten(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int64_t depth = n > 1 ? arg[1].v.i : 1;
    kam__cel e;
    if (depth < 0) { kam__cel_raise(run, out, "flatten needs a level of 0 or more"); return; }
    uint64_t count = cel_list_flat(run, &e, arg, depth, NULL);
    kam__cel *to = run->rc == KAM_OK ? cel_list_new(run, out, count) : NULL;
    if (!to) { if (run->rc != KAM_OK) *out = e; return; }
    cel_list_flat(run, &e, arg, depth, to);
    if (run->rc == KAM_OK) cel_list_give(out, to, (uint32_t)count);
    else *out = e;
}

void kam__cel_reverse(cel_run *run, kam__cel *out, const kam__cel *arg) {
    kam__cel *to = cel_list_new(run, out, arg->n);
    if (!to) return;
    for (uint32_t i = 0; i < arg->n; i++) to[i] = arg->v.list[arg->n - 1 - i];
    cel_list_give(out, to, arg->n);
}

static int cel_list_has(cel_run *run, const kam__cel *list, uint32_t n, const kam__cel *v) {
    for (uint32_t i = 0; i < n && run->rc == KAM_OK; i++) if (kam__cel_equal(run, &list[i], v)) return 1;
    return 0;
}

/* The budget ran out in a comparison: out becomes the error that says so. */
static int cel_list_spent(cel_run *run, kam__cel *out) { return run->rc != KAM_OK &&
    !kam__cel_charge(run, out, UINT64_MAX); }

static void cel_list_distinct(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    kam__cel *to = cel_list_new(run, out, arg->n);
    uint32_t count = 0;
    (void)n;
    if (!to) return;
    for (uint32_t i = 0; i < arg->n; i++) if (!cel_list_has(run, to, count,
                                                            &arg->v.list[i])) to[count++] = arg->v.list[i];
    if (!cel_list_spent(run, out)) cel_list_give(out, to, count);
}

static void cel_list_sort(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    kam__cel_sort(run, out, arg, arg);
}

static void cel_list_end(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    kam__cel_some(run, out, arg->n == 0 ? NULL : run->fn->name[0] == 'f' ? &arg->v.list[0] : &arg->v.list[arg->n - 1]);
}

/* ---------------------------------------------------------------- sets */

static int cel_list_all_in(cel_run *run, const kam__cel *all, const kam__cel *in) {
    for (uint32_t i = 0; i < all->n; i++) if (!cel_list_has(run, in->v.list, in->n, &all->v.list[i])) return 0;
    return 1;
}

static void cel_list_set(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int yes = 0;
    (void)n;
    char what = run->fn->name[5];                   /* sets.contains, equivalent, intersects */
    if (what == 'c') yes = cel_list_all_in(run, &arg[1], &arg[0]);
    else if (what == 'e') yes = cel_list_all_in(run, &arg[1], &arg[0]) && cel_list_all_in(run, &arg[0], &arg[1]);
    else for (uint32_t i = 0; i < arg->n && !yes; i++) yes = cel_list_has(run, arg[1].v.list, arg[1].n,
        &arg->v.list[i]);
    if (!cel_list_spent(run, out)) *out = kam__cel_bool(yes);
}

/* ---------------------------------------------------------------- optionals */

static void cel_opt_of(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    kam__cel_some(run, out, arg);
}

static void cel_opt_non_zero(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    kam__cel_some(run, out, kam__cel_zero(arg) ? NULL : arg);
}

static void cel_opt_none(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)arg;
    (void)n;
    kam__cel_some(run, out, NULL);
}

static void cel_opt_has(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)run;
    (void)n;
    *out = kam__cel_bool(arg->v.list != NULL);
}

static void cel_opt_value(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    if (arg->v.list) *out = *arg->v.list;
    else kam__cel_raise(run, out, "value() of an optional that has none");
}

/* optional.unwrap(list): the values that are there. */
static void cel_opt_unwrap(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    kam__cel *to = cel_list_new(run, out, arg->n);
    uint32_t count = 0;
    (void)n;
    if (!to) return;
    for (uint32_t i = 0; i < arg->n; i++) {
        const kam__cel *e = &arg->v.list[i];
        if (e->t != KAM__CEL_OPTIONAL) { kam__cel_no_overload(run, out, run->fn->name, e, 1); return; }
        if (e->v.list) to[count++] = *e->v.list;
    }
    cel_list_give(out, to, count);
}

/* ---------------------------------------------------------------- base64 (RFC 4648) */

static const char cel_b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void cel_b64_encode(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    uint64_t size = ((uint64_t)arg->n + 2) / 3 * 4;
    char *to = size > UINT32_MAX ? NULL : kam__cel_alloc(run, out, size + 1), *p = to;
    const unsigned char *s = (const unsigned char *)arg->v.s;
    (void)n;
    if (!to) { if (size > UINT32_MAX) kam__cel_overflow(run, out, "a length"); return; }
    for (uint32_t i = 0; i < arg->n; i += 3) {
        uint32_t left = arg->n - i, v = (uint32_t)s[i] << 16 | (left > 1 ? (uint32_t)s[i + 1] << 8 : 0) | (left > 2
            ? s[i + 2] : 0u);
        *p++ = cel_b64[v >> 18];
        *p++ = cel_b64[v >> 12 & 63];
        *p++ = left > 1 ? cel_b64[v >> 6 & 63] : '=';
        *p++ = left > 2 ? cel_b64[v & 63] : '=';
    }
    *out = kam__cel_text(to, (size_t)size);
}

static void cel_b64_decode(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    uint32_t len = arg->n, v = 0, bits = 0;
    (void)n;
    for (int i = 0; i < 2 && len && arg->v.s[len - 1] == '=' && arg->n % 4 == 0; i++) len--;
    char *to = kam__cel_alloc(run, out, len + 1u), *p = to;
    if (!to) return;
    for (uint32_t i = 0; i < len; i++) {
        const char *at = arg->v.s[i] ? strchr(cel_b64, arg->v.s[i]) : NULL;
        if (!at || len % 4 == 1) { kam__cel_raise(run, out, "that is no base64 text"); return; }
        v = v << 6 | (uint32_t)(at - cel_b64);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        *p++ = (char)(unsigned char)(v >> bits & 255);
    }
    *out = kam__cel_text(to, (size_t)(p - to));
    out->t = KAM__CEL_BYTES;
}

const cel_fn kam__cel_fn_list[] = {
    {"lists.range", CEL_GLOBAL, "i:Li", cel_list_range, CEL_COST_N, NULL},
    {"slice", CEL_MEMBER, "LAii:LA", cel_list_slice, CEL_COST_1, NULL},
    {"flatten", CEL_MEMBER, "LD:LD LDi:LD", cel_list_flatten, CEL_COST_N, NULL},
    {"distinct", CEL_MEMBER, "LA:LA", cel_list_distinct, CEL_COST_NN, NULL},
    {"sort", CEL_MEMBER, "LA:LA", cel_list_sort, CEL_COST_N, NULL},
    {"first", CEL_MEMBER, "LA:OA", cel_list_end, CEL_COST_1, NULL},
    {"last", CEL_MEMBER, "LA:OA", cel_list_end, CEL_COST_1, NULL},
    {"sets.contains", CEL_GLOBAL, "LALA:b", cel_list_set, CEL_COST_NN, NULL},
    {"sets.equivalent", CEL_GLOBAL, "LALA:b", cel_list_set, CEL_COST_NN, NULL},
    {"sets.intersects", CEL_GLOBAL, "LALA:b", cel_list_set, CEL_COST_NN, NULL},
    {NULL, 0, NULL, NULL, 0, NULL}};

const cel_fn kam__cel_fn_more[] = {
    {"optional.of", CEL_GLOBAL, "A:OA", cel_opt_of, CEL_COST_1, NULL},
    {"optional.ofNonZeroValue", CEL_GLOBAL, "A:OA", cel_opt_non_zero, CEL_COST_1, NULL},
    {"optional.none", CEL_GLOBAL, ":OA", cel_opt_none, CEL_COST_1, NULL},
    {"hasValue", CEL_MEMBER, "OA:b", cel_opt_has, CEL_COST_1, NULL},
    {"value", CEL_MEMBER, "OA:A", cel_opt_value, CEL_COST_1, NULL},
    {"or", CEL_MEMBER, "OAOA:OA", NULL, CEL_COST_1, NULL},
    {"orValue", CEL_MEMBER, "OAA:A", NULL, CEL_COST_1, NULL},
    {"optional.unwrap", CEL_GLOBAL, "LOA:LA", cel_opt_unwrap, CEL_COST_N, NULL},
    {"unwrapOpt", CEL_MEMBER, "LOA:LA", cel_opt_unwrap, CEL_COST_N, NULL},
    {"base64.encode", CEL_GLOBAL, "y:s", cel_b64_encode, CEL_COST_N, NULL},
    {"base64.decode", CEL_GLOBAL, "s:y", cel_b64_decode, CEL_COST_N, NULL},
    {NULL, 0, NULL, NULL, 0, NULL}};
