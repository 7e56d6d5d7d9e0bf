/*
 * rule/cel_value.c - equality, order, maps, optionals.
 *
 * Numbers of different types are one number line: an int, a uint and a double are equal when they stand at the same
 * point of it, where an int or uint is rounded to double beside a double, as the reference implementation does it. Maps
 * keep the order of entry and have a hash index from nine keys on. Values nest no deeper than source and input do.
 */
#include "cel_impl.h"
#include <stdio.h>

#define CEL_MAP_LINEAR 8u                           /* keys without an index */

/* ---------------------------------------------------------------- numbers beside each other */

static int cel_value_numeric(const kam__cel *v) { return v->t >= KAM__CEL_INT && v->t <= KAM__CEL_DOUBLE; }

static int cel_value_sign(double a, double b) { return a < b ? -1 : a > b ? 1 : a == b ? 0 : 2; }

static int cel_value_double_int(double d, int64_t i) {
    if (d < -9223372036854775808.0) return -1;
    if (d > 9223372036854775808.0) return 1;
    return cel_value_sign(d, (double)i);
}

static int cel_value_double_uint(double d, uint64_t u) {
    if (d < 0) return -1;
    if (d > 18446744073709551616.0) return 1;
    return cel_value_sign(d, (double)u);
}

static int cel_value_back(int o) { return o == 2 ? 2 : -o; }

static int cel_value_numbers(const kam__cel *a, const kam__cel *b) {
    if (a->t == KAM__CEL_DOUBLE) {
        if (b->t == KAM__CEL_DOUBLE) return cel_value_sign(a->v.f, b->v.f);
        return b->t == KAM__CEL_INT ? cel_value_double_int(a->v.f, b->v.i) : cel_value_double_uint(a->v.f, b->v.u);
    }
    if (b->t == KAM__CEL_DOUBLE) return cel_value_back(cel_value_numbers(b, a));
    if (a->t == KAM__CEL_INT && b->t == KAM__CEL_INT) return a->v.i < b->v.i ? -1 : a->v.i > b->v.i;
    if (a->t == KAM__CEL_INT && a->v.i < 0) return -1;
    if (b->t == KAM__CEL_INT && b->v.i < 0) return 1;
    return a->v.u < b->v.u ? -1 : a->v.u > b->v.u;
}

/* a * 10^x against b * 10^y, exactly. */
static int cel_value_decimals(int64_t a, uint32_t x, int64_t b, uint32_t y) {
    return kam__cmp_products(a, kam__pow10[x < y ? y - x : 0], b, kam__pow10[y < x ? x - y : 0]);
}

static int cel_value_decimal(const kam__cel *a, const kam__cel *b) {
    if (a->t == KAM__CEL_DECIMAL && b->t == KAM__CEL_DECIMAL) return cel_value_decimals(a->v.i, a->n, b->v.i, b->n);
    if (a->t != KAM__CEL_DECIMAL) return cel_value_back(cel_value_decimal(b, a));
    if (b->t == KAM__CEL_INT) return cel_value_decimals(a->v.i, a->n, b->v.i, 0);
    if (b->t != KAM__CEL_UINT) return 3;
    return b->v.u > INT64_MAX ? -1 : cel_value_decimals(a->v.i, a->n, (int64_t)b->v.u, 0);
}

/* ---------------------------------------------------------------- order and equality */

int kam__cel_order(const kam__cel *a, const kam__cel *b) {
    if (cel_value_numeric(a) && cel_value_numeric(b)) return cel_value_numbers(a, b);
    if (a->t == KAM__CEL_DECIMAL || b->t == KAM__CEL_DECIMAL) {
        int o = cel_value_decimal(a, b);
        return o == -3 ? 3 : o;
    }
    if (a->t != b->t) return 3;
    switch (a->t) {
    case KAM__CEL_BOOL: case KAM__CEL_DURATION: return a->v.i < b->v.i ? -1 : a->v.i > b->v.i;
    case KAM__CEL_TIMESTAMP:
        if (a->v.i != b->v.i) return a->v.i < b->v.i ? -1 : 1;
        return a->n < b->n ? -1 : a->n > b->n;
    case KAM__CEL_STRING: case KAM__CEL_BYTES: {
        int o = memcmp(a->v.s, b->v.s, a->n < b->n ? a->n : b->n);
        return o ? (o < 0 ? -1 : 1) : a->n < b->n ? -1 : a->n > b->n;
    }
    default: return 3;
    }
}

/* Takes from the budget without a place to say so: rc of the run is set. */
static int cel_value_charge(cel_run *run, uint64_t units) {
    kam__cel e;
    return !run || kam__cel_charge(run, &e, units);
}

static int cel_value_same_map(cel_run *run, const kam__cel_map *a, const kam__cel_map *b) {
    if (a->n != b->n) return 0;
    for (uint32_t i = 0; i < a->n; i++) {
        const kam__cel *v = kam__cel_map_get(b, &a->kv[2 * i]);
        if (!cel_value_charge(run, 2) || !v || !kam__cel_equal(run, &a->kv[2 * i + 1], v)) return 0;
    }
    return 1;
}

static int cel_value_same_list(cel_run *run, const kam__cel *a, const kam__cel *b) {
    if (a->n != b->n) return 0;
    for (uint32_t i = 0; i < a->n; i++)
        if (!kam__cel_equal(run, &a->v.list[i], &b->v.list[i])) return 0;
    return 1;
}

int kam__cel_equal(cel_run *run, const kam__cel *a, const kam__cel *b) {
    if (!cel_value_charge(run, 1)) return 0;
    if (a->t != b->t || cel_value_numeric(a) || a->t == KAM__CEL_DECIMAL) return kam__cel_order(a, b) == 0;
    switch (a->t) {
    case KAM__CEL_NULL: return 1;
    case KAM__CEL_STRING: case KAM__CEL_BYTES:
        return a->n == b->n && cel_value_charge(run, a->n / 16) && memcmp(a->v.s, b->v.s, a->n) == 0;
    case KAM__CEL_TYPE: return strcmp(a->v.s, b->v.s) == 0;
    case KAM__CEL_LIST: return cel_value_same_list(run, a, b);
    case KAM__CEL_MAP: return cel_value_same_map(run, a->v.map, b->v.map);
    case KAM__CEL_OPTIONAL:
        if (!a->v.list || !b->v.list) return a->v.list == b->v.list;
        return kam__cel_equal(run, a->v.list, b->v.list);
    default: return kam__cel_order(a, b) == 0;
    }
}

/* ---------------------------------------------------------------- maps */

/* Equal keys hash alike: all numbers through the whole number they are. */
static int cel_map_hash(const kam__cel *k, uint64_t *out) {
    switch (k->t) {
    case KAM__CEL_BOOL: *out = kam__hash_i64(k->v.i + 77); return 1;
    case KAM__CEL_INT: *out = kam__hash_i64(k->v.i); return 1;
    case KAM__CEL_UINT: *out = kam__hash_i64((int64_t)k->v.u); return 1;
    case KAM__CEL_STRING: *out = kam__hash(k->v.s, k->n); return 1;
    default: return 0;
    }
}

static int cel_map_key(const kam__cel *k) {
    return k->t == KAM__CEL_BOOL || k->t == KAM__CEL_INT || k->t == KAM__CEL_UINT || k->t == KAM__CEL_STRING;
}

/* A double that is a whole number is that number as a key. 0 = no key can be equal to it. */
static int cel_map_whole(const kam__cel *k, kam__cel *out) {
    *out = *k;
    if (k->t != KAM__CEL_DOUBLE) return cel_map_key(k);
    double d = k->v.f;
    if (d >= -9223372036854775808.0 && d < 9223372036854775808.0) *out = kam__cel_int((int64_t)d);
    else if (d >= 9223372036854775808.0 && d < 18446744073709551616.0) *out = kam__cel_uint((uint64_t)d);
    else return 0;
    return out->t == KAM__CEL_INT ? (double)out->v.i == d : (double)out->v.u == d;
}

/* Place of a key among the entries, or UINT32_MAX. */
static uint32_t cel_map_find(const kam__cel_map *m, const kam__cel *key) {
    uint64_t h = 0;
    if (!m->index) {
        for (uint32_t i = 0; i < m->n; i++) if (kam__cel_equal(NULL, &m->kv[2 * i], key)) return i;
        return UINT32_MAX;
    }
    if (!cel_map_hash(key, &h)) return UINT32_MAX;
    for (uint32_t at = (uint32_t)h & m->mask; m->index[at]; at = (at + 1) & m->mask)
        if (kam__cel_equal(NULL, &m->kv[2 * (m->index[at] - 1)], key)) return m->index[at] - 1;
    return UINT32_MAX;
}

const kam__cel *kam__cel_map_get(const kam__cel_map *m, const kam__cel *key) {
    kam__cel k;
    if (!cel_map_whole(key, &k)) return NULL;
    uint32_t i = cel_map_find(m, &k);
    return i == UINT32_MAX ? NULL : &m->kv[2 * i + 1];
}

int kam__cel_map_make(kam__cel_map *m, kam__arena *arena, kam__cel *kv, uint32_t n) {
    uint32_t slots = 16;
    m->n = 0;
    m->kv = kv;
    m->index = NULL;
    m->mask = 0;
    while (slots / 2 < n && slots < 1u << 30) slots *= 2;
    if (n > CEL_MAP_LINEAR) {
        if (!(m->index = kam__arena_alloc(arena, slots * sizeof *m->index))) return -1;
        memset(m->index, 0, slots * sizeof *m->index);
        m->mask = slots - 1;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint64_t h = 0;
        if (!cel_map_hash(&kv[2 * i], &h)) return -2;
        if (cel_map_find(m, &kv[2 * i]) != UINT32_MAX) return 1;
        m->n++;
        if (!m->index) continue;
        uint32_t at = (uint32_t)h & m->mask;
        while (m->index[at]) at = (at + 1) & m->mask;
        m->index[at] = i + 1;
    }
    return 0;
}

/* Text of a key for a message. */
static const char *cel_value_shown(const kam__cel *k, char out[48]) {
    char num[24];
    if (k->t == KAM__CEL_STRING) return kam__clip(out, k->v.s, k->n);
    if (k->t == KAM__CEL_INT) return kam__clip(out, num, kam__i64_format(num, k->v.i));
    if (k->t == KAM__CEL_INT || k->t == KAM__CEL_UINT || k->t == KAM__CEL_DOUBLE) {
        char text[32];
        size_t n = k->t == KAM__CEL_DOUBLE ? kam__cel_double_put(text, k->v.f)
                 : k->t == KAM__CEL_INT ? kam__i64_format(text, k->v.i)
                                        : (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)k->v.u);
        return kam__clip(out, text, n);
    }
    if (k->t == KAM__CEL_BOOL) return k->v.i ? "true" : "false";
    return kam__clip(out, kam__cel_tag_name(k), strlen(kam__cel_tag_name(k)));
}

void kam__cel_map_value(cel_run *run, kam__cel *out, kam__cel *kv, uint32_t n) {
    char q[48];
    kam__cel_map *m = kam__cel_alloc(run, out, sizeof *m);
    if (!m || !kam__cel_charge(run, out, (uint64_t)n * 4)) return;
    int rc = kam__cel_map_make(m, run->arena, kv, n);
    if (rc == 1) kam__cel_raise(run, out, "the key \"%s\" stands twice in one map", cel_value_shown(&kv[2 * m->n], q));
    else if (rc == -2) kam__cel_raise(run, out, "%s cannot be a key", kam__cel_tag_name(&kv[2 * m->n]));
    else if (rc < 0) run->rc = KAM_E_NOMEM;
    else {
        out->t = KAM__CEL_MAP;
        out->n = n;
        out->v.map = m;
    }
}

/* ---------------------------------------------------------------- optionals */

void kam__cel_some(cel_run *run, kam__cel *out, const kam__cel *v) {
    kam__cel *copy = NULL;
    if (v) {
        kam__cel own = *v;
        if (!(copy = kam__cel_alloc(run, out, sizeof *copy))) return;
        *copy = own;
    }
    out->t = KAM__CEL_OPTIONAL;
    out->n = 0;
    out->v.list = copy;
}

int kam__cel_zero(const kam__cel *v) {
    switch (v->t) {
    case KAM__CEL_NULL: return 1;
    case KAM__CEL_DOUBLE: return v->v.f == 0;
    case KAM__CEL_STRING: case KAM__CEL_BYTES: case KAM__CEL_LIST: case KAM__CEL_MAP: return v->n == 0;
    case KAM__CEL_TIMESTAMP: return v->v.i == 0 && v->n == 0;
    case KAM__CEL_OPTIONAL: return v->v.list == NULL;
    case KAM__CEL_TYPE: return 0;
    default: return v->v.i == 0;
    }
}

/* ---------------------------------------------------------------- members */

/* Index of a list; -1 = raised, -2 = outside. */
static int64_t cel_value_place(cel_run *run, kam__cel *out, const kam__cel *list, const kam__cel *at) {
    int64_t i = at->v.i;
    if (at->t == KAM__CEL_DOUBLE) {
        kam__cel whole;
        if (!cel_map_whole(at, &whole)) {
            kam__cel_raise(run, out, "a list's index must be a whole number");
            return -1;
        }
        i = whole.v.i;
    } else if (at->t == KAM__CEL_UINT) i = at->v.u > INT64_MAX ? INT64_MAX : (int64_t)at->v.u;
    else if (at->t != KAM__CEL_INT) {
        kam__cel two[2] = {*list, *at};
        kam__cel_no_overload(run, out, "[]", two, 2);
        return -1;
    }
    return i < 0 || i >= (int64_t)list->n ? -2 : i;
}

/* What stands at a key or index: NULL and an error in out, or NULL and nothing there (*none). */
static const kam__cel *cel_value_at(cel_run *run, kam__cel *out, const kam__cel *a, const kam__cel *at, int *none) {
    char q[48];
    kam__cel two[2] = {*a, *at};
    *none = 1;
    if (a->t == KAM__CEL_LIST) {
        int64_t i = cel_value_place(run, out, a, at);
        if (i >= 0) return &a->v.list[i];
        *none = i == -2;
        if (i == -2) kam__cel_raise(run, out, "index out of range: the list has %u elements", (unsigned)a->n);
        return NULL;
    }
    if (a->t == KAM__CEL_MAP) {
        if (!kam__cel_charge(run, out, at->t == KAM__CEL_STRING ? at->n / 16 : 0)) { *none = 0; return NULL; }
        const kam__cel *v = kam__cel_map_get(a->v.map, at);
        if (!v) kam__cel_raise(run, out, "no such key: %s", cel_value_shown(at, q));
        return v;
    }
    *none = 0;
    kam__cel_no_overload(run, out, "[]", two, 2);
    return NULL;
}

/* Through an optional the result is one too. */
void kam__cel_index(cel_run *run, kam__cel *out, const kam__cel *a, const kam__cel *at, int opt) {
    int none = 1;
    const kam__cel *v;
    if (a->t == KAM__CEL_OPTIONAL) {
        opt = 1;
        if (!a->v.list) { kam__cel_some(run, out, NULL); return; }
        a = a->v.list;
    }
    v = cel_value_at(run, out, a, at, &none);
    if (run->rc != KAM_OK || (!v && !(opt && none))) return;
    if (opt) kam__cel_some(run, out, v);
    else *out = *v;
}

void kam__cel_select(cel_run *run, kam__cel *out, const kam__cel *a, const char *name, uint32_t len, int opt) {
    kam__cel key = kam__cel_text(name, len);
    const kam__cel *in = a->t == KAM__CEL_OPTIONAL ? a->v.list : a;
    if (in && in->t != KAM__CEL_MAP) kam__cel_raise(run, out, "%s has no fields, so no \"%s\"", kam__cel_tag_name(in),
                                                    name);
    else kam__cel_index(run, out, a, &key, opt);
}

void kam__cel_test(cel_run *run, kam__cel *out, const kam__cel *a, const char *name, uint32_t len) {
    kam__cel key = kam__cel_text(name, len);
    if (a->t == KAM__CEL_OPTIONAL) {
        if (!a->v.list) { *out = kam__cel_bool(0); return; }
        a = a->v.list;
    }
    if (a->t == KAM__CEL_MAP) *out = kam__cel_bool(kam__cel_map_get(a->v.map, &key) != NULL);
    else if (a->t == KAM__CEL_OPTIONAL) kam__cel_test(run, out, a, name, len);
    else kam__cel_raise(run, out, "%s has no fields, so no \"%s\"", kam__cel_tag_name(a), name);
}

void kam__cel_in(cel_run *run, kam__cel *out, const kam__cel *a, const kam__cel *b) {
    kam__cel two[2] = {*a, *b};
    int found = 0;
    if (b->t == KAM__CEL_MAP) found = kam__cel_map_get(b->v.map, a) != NULL;
    else if (b->t == KAM__CEL_LIST) for (uint32_t i = 0; i < b->n && !found; i++) found = kam__cel_equal(run, a,
        &b->v.list[i]);
    else {
        kam__cel_no_overload(run, out, "in", two, 2);
        return;
    }
    if (run->rc == KAM_OK) *out = kam__cel_bool(found);
    else kam__cel_charge(run, out, UINT64_MAX);
}

/* ---------------------------------------------------------------- types of values */

const char *kam__cel_tag_name(const kam__cel *v) {
    switch (v->t) {
    case KAM__CEL_NULL: return "null_type";
    case KAM__CEL_TIMESTAMP: return "google.protobuf.Timestamp";
    case KAM__CEL_DURATION: return "google.protobuf.Duration";
    default: return v->t < KAM__CEL_ABSTRACT ? kam__cel_types[v->t].name : "unknown";
    }
}

static int cel_value_fits_all(const kam__cel *v, uint32_t n, const kam__cel_type *t, uint32_t step, uint32_t from) {
    for (uint32_t i = from; i < n; i += step) if (!kam__cel_fits(&v[i], t)) return 0;
    return 1;
}

int kam__cel_fits(const kam__cel *v, const kam__cel_type *t) {
    if (t->kind == KAM__CEL_DYN || t->kind == KAM__CEL_VAR ||
        t->kind == KAM__CEL_ABSTRACT) return v->t != KAM__CEL_ERROR;
    if (v->t == KAM__CEL_NULL) return t->kind == KAM__CEL_NULL || t->kind == KAM__CEL_TIMESTAMP ||
        t->kind == KAM__CEL_DURATION;
    if (v->t != t->kind) return 0;
    if (!t->n || t->kind == KAM__CEL_TYPE) return 1;
    if (v->t == KAM__CEL_LIST) return cel_value_fits_all(v->v.list, v->n, t->arg[0], 1, 0);
    if (v->t == KAM__CEL_OPTIONAL) return !v->v.list || kam__cel_fits(v->v.list, t->arg[0]);
    return v->t != KAM__CEL_MAP || (cel_value_fits_all(v->v.map->kv, 2 * v->v.map->n, t->arg[0], 2, 0) &&
                                    cel_value_fits_all(v->v.map->kv, 2 * v->v.map->n, t->arg[1], 2, 1));
}
