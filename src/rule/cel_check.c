/*
 * rule/cel_check.c - names, types and overloads: the tree is annotated in place.
 *
 * Types are inferred from the leaves up (names are cel_name.c's, overloads cel_overload.c's). When checking is loose
 * (the conformance suite
 * evaluates unchecked expressions) what is wrong becomes a node that fails when it is evaluated, or is left to the
 * evaluation to find out.
 */
#include "cel_impl.h"
#include <stdio.h>
#define TRY(call) do { int32_t rc__ = (call); if (rc__ != KAM_OK) return rc__; } while (0)
#define T(k) (&kam__cel_types[KAM__CEL_##k])

static int32_t cel_check(cel_comp *c, cel_node *n);

static int cel_check_loose(const cel_comp *c) { return (c->r->flags & KAM__CEL_LOOSE) != 0; }

static int32_t cel_check_nomem(cel_comp *c) { return kam__nomem(c->err); }

static const char *cel_check_shown(cel_comp *c, const kam__cel_type *t, char out[64]) {
    kam_buf b;
    kam__buf_init(&b, c->r->ctx);
    kam__cel_type_put(&b, kam__cel_resolve(c, t, 1));
    const char *text = kam_buf_data(&b);
    size_t n = strlen(text) > 63 ? kam__utf8_cut(text, 63) : strlen(text);
    memcpy(out, text, n);
    out[n] = '\0';
    kam__buf_drop(&b);
    return out;
}

/* A type error at a node: told, or left to the evaluation. */
static int32_t cel_check_wrong(cel_comp *c, cel_node *n, const char *what, const kam__cel_type *a,
                               const kam__cel_type *b) {
    char x[64], y[64];
    n->type = T(DYN);
    if (cel_check_loose(c)) return KAM_OK;
    if (!b) return kam__cel_bad(c, KAM_E_TYPE, n->pos, "%s, not %s", what, cel_check_shown(c, a, x));
    return kam__cel_bad(c, KAM_E_TYPE, n->pos, "%s, not %s and %s", what, cel_check_shown(c, a, x),
                        cel_check_shown(c, b, y));
}

/* ---------------------------------------------------------------- fields and indexes */

static const kam__cel_type *cel_check_optional(cel_comp *c, const kam__cel_type *t) {
    return kam__cel_type_of(c->a, KAM__CEL_OPTIONAL, t, NULL);
}

/* Type of base.name; NULL = it has no fields. */
static const kam__cel_type *cel_check_field(cel_comp *c, const kam__cel_type *t) {
    switch (t->kind) {
    case KAM__CEL_DYN: return t;
    case KAM__CEL_VAR:
        kam__cel_assignable(c, T(DYN), t);
        return T(DYN);
    case KAM__CEL_MAP: return t->arg[1];
    default: return NULL;
    }
}

static int32_t cel_check_select(cel_comp *c, cel_node *n) {
    if (!(n->flags & (CEL_F_TEST | CEL_F_OPT)) && kam__cel_global(c, n)) return KAM_OK;
    TRY(cel_check(c, n->kid[0]));
    const kam__cel_type *t = kam__cel_resolve(c, n->kid[0]->type, 0);
    if (!t) return cel_check_nomem(c);
    int opt = (n->flags & CEL_F_OPT) != 0;
    if (t->kind == KAM__CEL_OPTIONAL) {
        opt = 1;
        if (!(t = kam__cel_resolve(c, t->arg[0], 0))) return cel_check_nomem(c);
    }
    const kam__cel_type *f = cel_check_field(c, t);
    if (!f) return cel_check_wrong(c, n, "fields are of maps only", t, NULL);
    n->type = n->flags & CEL_F_TEST ? T(BOOL) : opt ? cel_check_optional(c, f) : f;
    return n->type ? KAM_OK : cel_check_nomem(c);
}

static int32_t cel_check_index(cel_comp *c, cel_node *n) {
    TRY(cel_check(c, n->kid[0]));
    TRY(cel_check(c, n->kid[1]));
    const kam__cel_type *t = kam__cel_resolve(c, n->kid[0]->type, 0), *at = n->kid[1]->type;
    int opt = (n->flags & CEL_F_OPT) != 0;
    if (t && t->kind == KAM__CEL_OPTIONAL) {
        opt = 1;
        t = kam__cel_resolve(c, t->arg[0], 0);
    }
    if (!t) return cel_check_nomem(c);
    if (t->kind == KAM__CEL_VAR) kam__cel_assignable(c, T(DYN), t);
    if (t->kind == KAM__CEL_LIST) {
        if (!kam__cel_assignable(c, at, T(INT)))
            return cel_check_wrong(c, n, "a list's index must be an int", at, NULL);
    } else if (t->kind == KAM__CEL_MAP) {
        if (!kam__cel_assignable(c, at, t->arg[0])) return cel_check_wrong(c, n, "the key must be of the map's type",
            at, NULL);
    } else if (t->kind != KAM__CEL_DYN && t->kind != KAM__CEL_VAR)
        return cel_check_wrong(c, n, "[ ] is for lists and maps", t, NULL);
    n->type = t->kind == KAM__CEL_LIST ? t->arg[0] : t->kind == KAM__CEL_MAP ? t->arg[1] : T(DYN);
    if (opt) n->type = cel_check_optional(c, n->type);
    return n->type ? KAM_OK : cel_check_nomem(c);
}

/* ---------------------------------------------------------------- lists and maps */

/* Type of an element; an optional one gives what is in it. */
static int32_t cel_check_element(cel_comp *c, cel_node *n, uint32_t i, const kam__cel_type **out) {
    const kam__cel_type *t = kam__cel_resolve(c, n->kid[i]->type, 0);
    if (!t) return cel_check_nomem(c);
    *out = t;
    if (!n->opt || !n->opt[i]) return KAM_OK;
    *out = T(DYN);
    if (t->kind == KAM__CEL_DYN || t->kind == KAM__CEL_VAR) return KAM_OK;
    if (t->kind != KAM__CEL_OPTIONAL) return cel_check_wrong(c, n->kid[i], "what stands behind ? must be an optional",
                                                             t, NULL);
    *out = t->arg[0];
    return KAM_OK;
}

static int32_t cel_check_list(cel_comp *c, cel_node *n) {
    const kam__cel_type *t = NULL, *e = NULL;
    for (uint32_t i = 0; i < n->n; i++) {
        TRY(cel_check(c, n->kid[i]));
        TRY(cel_check_element(c, n, i, &e));
        t = kam__cel_join(c, t, e);
    }
    if (!t) t = kam__cel_fresh(c);
    n->type = kam__cel_type_of(c->a, KAM__CEL_LIST, t, NULL);
    return n->type ? KAM_OK : cel_check_nomem(c);
}

static int cel_check_is_key(uint8_t kind) {
    return kind == KAM__CEL_INT || kind == KAM__CEL_UINT || kind == KAM__CEL_BOOL || kind == KAM__CEL_STRING ||
           kind == KAM__CEL_DYN || kind == KAM__CEL_VAR;
}

static int32_t cel_check_map(cel_comp *c, cel_node *n) {
    const kam__cel_type *k = NULL, *v = NULL, *e = NULL;
    for (uint32_t i = 0; i < n->n; i++) {
        TRY(cel_check(c, n->kid[i]));
        if (i % 2 == 0) {
            if (!(e = kam__cel_resolve(c, n->kid[i]->type, 0))) return cel_check_nomem(c);
            if (!cel_check_is_key(e->kind))
                TRY(cel_check_wrong(c, n->kid[i], "a key must be an int, uint, bool or string", e, NULL));
            k = kam__cel_join(c, k, e);
            continue;
        }
        TRY(cel_check_element(c, n, i, &e));
        v = kam__cel_join(c, v, e);
    }
    if (!k) { k = kam__cel_fresh(c); v = kam__cel_fresh(c); }
    if (!v) return cel_check_nomem(c);
    n->type = kam__cel_type_of(c->a, KAM__CEL_MAP, k, v);
    return n->type ? KAM_OK : cel_check_nomem(c);
}

/* ---------------------------------------------------------------- logic */

static int32_t cel_check_bool(cel_comp *c, cel_node *n, cel_node *kid, const char *what) {
    TRY(cel_check(c, kid));
    if (kam__cel_assignable(c, kid->type, T(BOOL))) return KAM_OK;
    if (cel_check_loose(c)) return KAM_OK;
    return cel_check_wrong(c, n, what, kid->type, NULL);
}

static int32_t cel_check_logic(cel_comp *c, cel_node *n) {
    for (uint32_t i = 0; i < n->n; i++)
        TRY(cel_check_bool(c, n->kid[i], n->kid[i], n->kind == CEL_NOT ? "! needs a bool" : "&& and || need bools"));
    n->type = T(BOOL);
    return KAM_OK;
}

static int32_t cel_check_cond(cel_comp *c, cel_node *n) {
    TRY(cel_check_bool(c, n->kid[0], n->kid[0], "the condition of ?: must be a bool"));
    TRY(cel_check(c, n->kid[1]));
    TRY(cel_check(c, n->kid[2]));
    const kam__cel_type *a = n->kid[1]->type, *b = n->kid[2]->type;
    if (!kam__cel_assignable(c, a, b)) return cel_check_wrong(c, n, "both sides of ?: must be of one type", a, b);
    n->type = kam__cel_join(c, a, b);
    return KAM_OK;
}

/* ---------------------------------------------------------------- macros */

/* Types of a loop's variables: of the elements, or keys (and values). */
static int32_t cel_check_range(cel_comp *c, cel_node *n) {
    const kam__cel_type *t = kam__cel_resolve(c, n->kid[0]->type, 0), *one = T(DYN), *two = T(DYN);
    if (!t) return cel_check_nomem(c);
    if (t->kind == KAM__CEL_VAR) kam__cel_assignable(c, T(DYN), t);
    else if (t->kind == KAM__CEL_LIST) {
        one = n->flags & CEL_F_TWO ? T(INT) : t->arg[0];
        two = t->arg[0];
    } else if (t->kind == KAM__CEL_MAP && n->macro != CEL_M_SORT) {
        one = t->arg[0];
        two = t->arg[1];
    } else if (t->kind != KAM__CEL_DYN)
        TRY(cel_check_wrong(c, n->kid[0], "a list or a map is expected", t, NULL));
    n->local->type = one;
    if (n->local2) n->local2->type = two;
    return KAM_OK;
}

static int32_t cel_check_loop_type(cel_comp *c, cel_node *n) {
    const kam__cel_type *t = n->kid[n->n - 1]->type, *r = kam__cel_resolve(c, n->kid[0]->type, 0);
    n->type = T(BOOL);
    if (n->macro == CEL_M_MAP || n->macro == CEL_M_TLIST) n->type = kam__cel_type_of(c->a, KAM__CEL_LIST, t, NULL);
    else if (n->macro == CEL_M_FILTER) n->type = kam__cel_type_of(c->a, KAM__CEL_LIST, n->local->type, NULL);
    else if (n->macro == CEL_M_SORT) n->type = r;
    else if (n->macro == CEL_M_TMAP)
        n->type = kam__cel_type_of(c->a, KAM__CEL_MAP, n->local->type, t);
    else if (n->macro == CEL_M_TENTRY) {
        if (!(t = kam__cel_resolve(c, t, 0))) return cel_check_nomem(c);
        if (t->kind != KAM__CEL_MAP && t->kind != KAM__CEL_DYN)
            return cel_check_wrong(c, n, "transformMapEntry needs a map like {key: value}", t, NULL);
        n->type = t;
    }
    return n->type ? KAM_OK : cel_check_nomem(c);
}

static int32_t cel_check_loop(cel_comp *c, cel_node *n) {
    cel_local *before = c->local;
    TRY(cel_check(c, n->kid[0]));
    TRY(cel_check_range(c, n));
    n->local->up = c->local;
    c->local = n->local;
    if (n->local2) {
        n->local2->up = c->local;
        c->local = n->local2;
    }
    int test = n->macro <= CEL_M_ONE || n->macro == CEL_M_FILTER;
    if (n->flags & CEL_F_FILTER) TRY(cel_check_bool(c, n->kid[1], n->kid[1], "the filter must be a bool"));
    if (test) TRY(cel_check_bool(c, n->kid[1], n->kid[1], "the condition must be a bool"));
    else TRY(cel_check(c, n->kid[n->n - 1]));
    c->local = before;
    return cel_check_loop_type(c, n);
}

static int32_t cel_check_bind(cel_comp *c, cel_node *n) {
    cel_local *before = c->local;
    TRY(cel_check(c, n->kid[0]));
    const kam__cel_type *t = kam__cel_resolve(c, n->kid[0]->type, 0);
    if (!t) return cel_check_nomem(c);
    if (n->kind != CEL_BIND) {
        if (t->kind == KAM__CEL_OPTIONAL) t = t->arg[0];
        else if (t->kind == KAM__CEL_DYN || t->kind == KAM__CEL_VAR) t = T(DYN);
        else TRY(cel_check_wrong(c, n->kid[0], "an optional is expected", t, NULL));
    }
    n->local->type = t;
    n->local->up = c->local;
    c->local = n->local;
    TRY(cel_check(c, n->kid[1]));
    c->local = before;
    n->type = n->kid[1]->type;
    if (n->kind == CEL_OPT_MAP) n->type = cel_check_optional(c, n->type);
    if (n->kind == CEL_OPT_FLAT) {
        if (!(t = kam__cel_resolve(c, n->type, 0))) return cel_check_nomem(c);
        if (t->kind != KAM__CEL_OPTIONAL && t->kind != KAM__CEL_DYN && t->kind != KAM__CEL_VAR)
            return cel_check_wrong(c, n->kid[1], "optFlatMap needs an optional", t, NULL);
    }
    return n->type ? KAM_OK : cel_check_nomem(c);
}

/* ---------------------------------------------------------------- calls */

static int cel_check_fits_fn(cel_comp *c, const char *full, void *out) {
    (void)out;
    if (kam__cel_fn_find(full, 0)) return 1;
    for (uint32_t i = 0; i < c->r->ndecl; i++)
        if (strcmp(c->r->decl[i].name, full) == 0) return 1;
    return 0;
}

/* math.abs(x): what looks like a member is a function with a qualified name. */
static int cel_check_qualified(cel_comp *c, cel_node *n, char *full) {
    char path[256];
    const cel_node *root;
    if (!(n->flags & CEL_F_MEMBER)) {
        if (strlen(n->name) > 240) return 0;
        return kam__cel_spaces(c, n->name, n->flags & CEL_F_ABSOLUTE, full, cel_check_fits_fn, NULL);
    }
    if (!kam__cel_path(n->kid[0], path, &root) || strlen(path) + strlen(n->name) > 250) return 0;
    if (!(root->flags & CEL_F_ABSOLUTE) && kam__cel_local(c, root->name, strlen(root->name))) return 0;
    size_t len = strlen(path);
    path[len] = '.';
    memcpy(path + len + 1, n->name, strlen(n->name) + 1);
    return kam__cel_spaces(c, path, root->flags & CEL_F_ABSOLUTE, full, cel_check_fits_fn, NULL);
}

static int32_t cel_check_no_overload(cel_comp *c, cel_node *n, const char *name, int member) {
    char types[200] = "", one[64];
    size_t len = 0;
    n->type = T(DYN);
    if (cel_check_loose(c)) return KAM_OK;
    for (uint32_t i = 0; i < n->n; i++) {
        cel_check_shown(c, n->kid[i]->type, one);
        if (len + strlen(one) > 190) break;
        len += (size_t)snprintf(types + len, sizeof types - len, "%s%s", !i ? "" : member && i == 1 ? ": " : ", ", one);
    }
    return kam__cel_bad(c, KAM_E_TYPE, n->pos, "%s does not take (%s)", name, types);
}

static int32_t cel_check_no_function(cel_comp *c, cel_node *n) {
    char q[48];
    const char *all[256];
    size_t count = 0;
    n->type = T(DYN);
    n->kind = CEL_FAIL;
    if (cel_check_loose(c)) { n->n = 0; return KAM_OK; }
    for (size_t t = 0; kam__cel_fn_tables[t]; t++)
        for (const cel_fn *f = kam__cel_fn_tables[t]; f->name && count < KAM__LEN(all); f++) all[count++] = f->name;
    const char *near = kam__text_closest(n->name, KAM_NUL, all, count), *shown = kam__clip(q, n->name, strlen(n->name));
    return near ? kam__cel_bad(c, KAM_E_PARSE, n->pos, "there is no function \"%s\"; did you mean \"%s\"?", shown, near)
                : kam__cel_bad(c, KAM_E_PARSE, n->pos, "there is no function \"%s\"", shown);
}

/* x.name(...) where x is a name that means nothing and name no function: the whole of it is the unknown function. */
static int cel_check_hopeless(cel_comp *c, cel_node *n) {
    char path[256], full[512];
    const cel_node *root;
    uint32_t var;
    int none = !kam__cel_fn_find(n->name, 1) && !cel_check_fits_fn(c, n->name, NULL);
    if (!kam__cel_path(n->kid[0], path, &root) || kam__cel_local(c, root->name, strlen(root->name))) return none;
    if (n->kid[0]->kind != CEL_NAME || kam__cel_spaces(c, path, root->flags & CEL_F_ABSOLUTE, full, kam__cel_is_var,
                                                       &var) ||
        kam__cel_is_type(path)) return none;
    size_t len = strlen(path);
    for (size_t t = 0; kam__cel_fn_tables[t]; t++)      /* a namespace we know: math.flor */
        for (const cel_fn *f = kam__cel_fn_tables[t]; f->name; f++)
            if (strncmp(f->name, path, len) == 0 && f->name[len] == '.') {
                snprintf(full, sizeof full, "%s.%.100s", path, n->name);
                n->name = kam__arena_text(c->a, full, KAM_NUL);
                return n->name ? 1 : -1;
            }
    return none;
}

static int32_t cel_check_call(cel_comp *c, cel_node *n) {
    char full[512];
    int member = (n->flags & CEL_F_MEMBER) != 0;
    const char *name = n->name;
    if (cel_check_qualified(c, n, full)) {
        if (member) {
            n->kid++;
            n->n--;
            member = 0;
        }
        if (!(name = kam__arena_text(c->a, full, KAM_NUL))) return cel_check_nomem(c);
    } else {
        int hopeless = !member || cel_check_hopeless(c, n);
        if (hopeless < 0 || !n->name) return cel_check_nomem(c);
        if (hopeless) return cel_check_no_function(c, n);
    }
    for (uint32_t i = 0; i < n->n; i++) TRY(cel_check(c, n->kid[i]));
    int found = kam__cel_overload(c, n, name, member);
    if (found < 0) return cel_check_nomem(c);
    if (!n->fn) return cel_check_no_function(c, n);
    n->kind = CEL_FN;
    n->name = name;
    if (!found) return cel_check_no_overload(c, n, name, member);
    if (!cel_check_loose(c)) kam__cel_fold_decimal(n);
    return KAM_OK;
}

/* ---------------------------------------------------------------- all kinds */

static int32_t cel_check_operator(cel_comp *c, cel_node *n) {
    char what[48];
    static const char *const sign[] = {"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"};
    for (uint32_t i = 0; i < n->n; i++) TRY(cel_check(c, n->kid[i]));
    int32_t rc = kam__cel_check_operator(c, n);
    if (rc != KAM_E_TYPE) return rc;
    if (n->kind == CEL_NEG) return cel_check_wrong(c, n, "- needs a number", n->kid[0]->type, NULL);
    snprintf(what, sizeof what, "%s needs operands that go together", sign[n->kind - CEL_ADD]);
    return cel_check_wrong(c, n, what, n->kid[0]->type, n->kid[1]->type);
}

static int32_t cel_check(cel_comp *c, cel_node *n) {
    switch (n->kind) {
    case CEL_CONST:
        n->type = &kam__cel_types[n->val.t];
        return KAM_OK;
    case CEL_NAME: return kam__cel_name(c, n);
    case CEL_SELECT: return cel_check_select(c, n);
    case CEL_INDEX: return cel_check_index(c, n);
    case CEL_LIST: return cel_check_list(c, n);
    case CEL_MAP: return cel_check_map(c, n);
    case CEL_COND: return cel_check_cond(c, n);
    case CEL_AND: case CEL_OR: case CEL_NOT: return cel_check_logic(c, n);
    case CEL_LOOP: return cel_check_loop(c, n);
    case CEL_BIND: case CEL_OPT_MAP: case CEL_OPT_FLAT: return cel_check_bind(c, n);
    case CEL_CALL: return cel_check_call(c, n);
    default: return cel_check_operator(c, n);
    }
}

/* Settles every node's type. */
static int32_t cel_check_settle(cel_comp *c, cel_node *n) {
    if (!(n->type = kam__cel_resolve(c, n->type, 1))) return cel_check_nomem(c);
    for (uint32_t i = 0; i < n->n; i++) {
        TRY(cel_check_settle(c, n->kid[i]));
        if (i == 0 && n->local) n->local->size = n->kid[0]->size;
        if (i == 0 && n->local2) n->local2->size = n->kid[0]->size;
    }
    kam__cel_cost(c, n);
    return KAM_OK;
}

int32_t kam__cel_check(cel_comp *c) {
    TRY(cel_check(c, c->r->root));
    return cel_check_settle(c, c->r->root);
}
#undef TRY
#undef T
