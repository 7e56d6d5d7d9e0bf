/*
 * rule/cel_type.c - static types: their names, signatures, and which fits where.
 *
 * A signature is a short text of letters: b bool, i int, u uint, d double, s string, y bytes, n null, D dyn,
 * t timestamp, r duration, c decimal, T type, A B parameters, L list, M map, O optional; "s.s:b" takes a string as
 * target and one as argument and gives a bool ("." stands behind the target of a member function and means nothing
 * else). What a type variable stands for is undone where an attempt fails. The rules of assignability and of the most
 * general type are those of the reference checker (cel-go, checker/types.go), stated here anew.
 */
#include "cel_impl.h"

#define CEL_SIMPLE(k, name) [k] = {k, 0, 0, 0, name, {NULL, NULL, NULL}}
const kam__cel_type kam__cel_types[KAM__CEL_ABSTRACT] = {
    CEL_SIMPLE(KAM__CEL_ERROR, "error"), CEL_SIMPLE(KAM__CEL_NULL, "null"), CEL_SIMPLE(KAM__CEL_BOOL, "bool"),
    CEL_SIMPLE(KAM__CEL_INT, "int"), CEL_SIMPLE(KAM__CEL_UINT, "uint"), CEL_SIMPLE(KAM__CEL_DOUBLE, "double"),
    CEL_SIMPLE(KAM__CEL_STRING, "string"), CEL_SIMPLE(KAM__CEL_BYTES, "bytes"), CEL_SIMPLE(KAM__CEL_LIST, "list"),
    CEL_SIMPLE(KAM__CEL_MAP, "map"), CEL_SIMPLE(KAM__CEL_TYPE, "type"), CEL_SIMPLE(KAM__CEL_TIMESTAMP, "timestamp"),
    CEL_SIMPLE(KAM__CEL_DURATION, "duration"), CEL_SIMPLE(KAM__CEL_OPTIONAL, "optional_type"),
    CEL_SIMPLE(KAM__CEL_DECIMAL, "decimal"), CEL_SIMPLE(KAM__CEL_DYN, "dyn"), CEL_SIMPLE(KAM__CEL_VAR, "param")};
#undef CEL_SIMPLE

const kam__cel_type *kam__cel_type_of(kam__arena *a, uint8_t kind, const kam__cel_type *x, const kam__cel_type *y) {
    kam__cel_type *t = kam__arena_alloc(a, sizeof *t);
    if (!t || !x) return NULL;
    memset(t, 0, sizeof *t);
    t->kind = kind;
    t->name = kam__cel_types[kind].name;
    t->arg[0] = x;
    t->arg[1] = y;
    t->n = y ? 2 : 1;
    return t;
}

/* ---------------------------------------------------------------- names of types */

static void cel_type_blank(const char **at, const char *end) { while (*at < end && **at == ' ') ++*at; }

static const kam__cel_type *cel_type_simple(const char *name, size_t n) {
    for (uint8_t k = KAM__CEL_NULL; k < KAM__CEL_VAR; k++)
        if (k != KAM__CEL_LIST && k != KAM__CEL_MAP && k != KAM__CEL_OPTIONAL &&
            strlen(kam__cel_types[k].name) == n && memcmp(name, kam__cel_types[k].name,
                                                          n) == 0) return &kam__cel_types[k];
    return NULL;
}

static uint8_t cel_type_kind(const char *name, size_t n) {
    static const struct { const char *name; uint8_t kind; } k[] = {
        {"list", KAM__CEL_LIST}, {"map", KAM__CEL_MAP}, {"optional", KAM__CEL_OPTIONAL},
            {"optional_type", KAM__CEL_OPTIONAL},
        {"type", KAM__CEL_TYPE}, {"param", KAM__CEL_VAR}, {"decimal", KAM__CEL_DECIMAL}};
    for (size_t i = 0; i < KAM__LEN(k); i++)
        if (strlen(k[i].name) == n && memcmp(name, k[i].name, n) == 0) return k[i].kind;
    return KAM__CEL_ABSTRACT;
}

static const kam__cel_type *cel_type_read(kam__arena *a, const char **at, const char *end, int *bad, int depth);

/* The arguments of a type in brackets, up to three. */
static int cel_type_args(kam__arena *a, kam__cel_type *t, const char **at, const char *end, int *bad, int depth) {
    do {
        ++*at;
        if (t->n == 3) return 1;
        if (!(t->arg[t->n++] = cel_type_read(a, at, end, bad, depth + 1))) return 1;
        cel_type_blank(at, end);
    } while (*at < end && **at == ',');
    if (*at == end || **at != ')') return 1;
    ++*at;
    uint32_t want = t->kind == KAM__CEL_MAP ? 2 : t->kind == KAM__CEL_ABSTRACT ? t->n : 1;
    return t->n != want;
}

/* param(T), decimal(2): what stands in the brackets is no type. */
static int cel_type_word(kam__arena *a, kam__cel_type *t, const char **at, const char *end) {
    const char *from = ++*at;
    while (*at < end && **at != ')') ++*at;
    if (*at == end || *at == from) return 1;
    if (t->kind == KAM__CEL_VAR) t->name = kam__arena_text(a, from, (size_t)(*at - from));
    else if (*at - from == 1 && *from >= '0' && *from <= '9') t->scale = (uint16_t)(1 + *from - '0');
    else if (*at - from == 2 && *from == '1' && from[1] >= '0' &&
             from[1] <= '8') t->scale = (uint16_t)(11 + from[1] - '0');
    else return 1;
    ++*at;
    return t->name == NULL;
}

static const kam__cel_type *cel_type_read(kam__arena *a, const char **at, const char *end, int *bad, int depth) {
    cel_type_blank(at, end);
    const char *from = *at;
    *bad = 1;
    while (*at < end && !strchr("(), ", **at)) ++*at;
    size_t n = (size_t)(*at - from);
    if (n == 0 || depth > 16) return NULL;
    cel_type_blank(at, end);
    if (*at == end || **at != '(') {
        const kam__cel_type *simple = cel_type_simple(from, n);
        if (simple) return simple;
        if (cel_type_kind(from, n) != KAM__CEL_LIST && cel_type_kind(from, n) != KAM__CEL_MAP) return NULL;
        return kam__cel_type_of(a, cel_type_kind(from, n), &kam__cel_types[KAM__CEL_DYN],
                                cel_type_kind(from, n) == KAM__CEL_MAP ? &kam__cel_types[KAM__CEL_DYN] : NULL);
    }
    kam__cel_type *t = kam__arena_alloc(a, sizeof *t);
    *bad = t != NULL;
    if (!t) return NULL;
    memset(t, 0, sizeof *t);
    t->kind = cel_type_kind(from, n);
    t->name = t->kind == KAM__CEL_ABSTRACT ? kam__arena_text(a, from, n) : kam__cel_types[t->kind].name;
    int wrong = t->kind == KAM__CEL_VAR || t->kind == KAM__CEL_DECIMAL ? cel_type_word(a, t, at, end)
                                                                       : cel_type_args(a, t, at, end, bad, depth);
    return wrong ? NULL : t;
}

const kam__cel_type *kam__cel_type_parse(kam__arena *a, const char **at, const char *end, int *bad) {
    return cel_type_read(a, at, end, bad, 0);
}

void kam__cel_type_put(kam_buf *out, const kam__cel_type *t) {
    kam__buf_str(out, t->kind == KAM__CEL_VAR ? "dyn" : t->name);
    if (t->kind == KAM__CEL_TYPE) return;
    for (uint32_t i = 0; i < t->n; i++) {
        kam__buf_str(out, i ? ", " : "(");
        kam__cel_type_put(out, t->arg[i]);
    }
    if (t->n) kam__buf_char(out, ')');
}

int kam__cel_type_same(const kam__cel_type *a, const kam__cel_type *b) {
    if (a == b) return 1;
    if (a->kind != b->kind || a->n != b->n || a->id != b->id) return 0;
    if (a->kind == KAM__CEL_TYPE) return 1;
    if ((a->kind == KAM__CEL_VAR || a->kind == KAM__CEL_ABSTRACT) && strcmp(a->name, b->name) != 0) return 0;
    for (uint32_t i = 0; i < a->n; i++) if (!kam__cel_type_same(a->arg[i], b->arg[i])) return 0;
    return 1;
}

/* ---------------------------------------------------------------- signatures */

static uint8_t cel_sig_kind(char c) {
    static const char letters[] = "bidusyntrcTD";
    static const uint8_t kind[] = {KAM__CEL_BOOL, KAM__CEL_INT, KAM__CEL_DOUBLE, KAM__CEL_UINT, KAM__CEL_STRING,
        KAM__CEL_BYTES,
        KAM__CEL_NULL, KAM__CEL_TIMESTAMP, KAM__CEL_DURATION, KAM__CEL_DECIMAL, KAM__CEL_TYPE, KAM__CEL_DYN};
    const char *at = strchr(letters, c);
    return c && at ? kind[at - letters] : KAM__CEL_ERROR;
}

const kam__cel_type *kam__cel_sig_type(kam__arena *a, const char **sig, const kam__cel_type *const *fresh) {
    if (**sig == '.') ++*sig;
    char c = *(*sig)++;
    if (c == 'A' || c == 'B') return fresh[c - 'A'];
    if (c != 'L' && c != 'M' && c != 'O') return &kam__cel_types[cel_sig_kind(c)];
    const kam__cel_type *x = kam__cel_sig_type(a, sig, fresh);
    const kam__cel_type *y = c == 'M' ? kam__cel_sig_type(a, sig, fresh) : NULL;
    if (!x || (c == 'M' && !y)) return NULL;
    return kam__cel_type_of(a, c == 'L' ? KAM__CEL_LIST : c == 'M' ? KAM__CEL_MAP : KAM__CEL_OPTIONAL, x, y);
}

/* Past the type at sig. */
static void cel_sig_skip(const char **sig) {
    char c = *(*sig)++;
    if (c == 'L' || c == 'O') cel_sig_skip(sig);
    else if (c == 'M') { cel_sig_skip(sig); cel_sig_skip(sig); }
}

int kam__cel_sig_fits(const char **sig, const kam__cel *v) {
    if (**sig == '.') ++*sig;
    char c = **sig;
    cel_sig_skip(sig);
    switch (c) {
    case 'A': case 'B': case 'D': return 1;
    case 'L': return v->t == KAM__CEL_LIST;
    case 'M': return v->t == KAM__CEL_MAP;
    case 'O': return v->t == KAM__CEL_OPTIONAL;
    default: return v->t == cel_sig_kind(c);
    }
}

/* ---------------------------------------------------------------- variables and unification */

/* Room for one more in an array of the compilation. */
static int cel_subst_room(cel_comp *c, void *array, size_t n, size_t *cap, size_t size) {
    void **p = array;
    if (n < *cap) return 1;
    size_t more = *cap ? *cap * 2 : 64;
    void *bigger = kam__arena_alloc(c->a, more * size);
    if (!bigger) {
        c->nomem = 1;
        return 0;
    }
    if (n) memcpy(bigger, *p, n * size);
    *p = bigger;
    *cap = more;
    return 1;
}

const kam__cel_type *kam__cel_fresh(cel_comp *c) {
    kam__cel_type *t = kam__arena_alloc(c->a, sizeof *t);
    if (!t || !cel_subst_room(c, &c->bound, c->nfresh, &c->cap_bound, sizeof *c->bound)) return NULL;
    *t = kam__cel_types[KAM__CEL_VAR];
    c->bound[c->nfresh] = NULL;
    t->id = ++c->nfresh;
    return t;
}

/* What a variable stands for, or NULL. */
static const kam__cel_type *cel_subst_find(const cel_comp *c, const kam__cel_type *var) {
    return var->id ? c->bound[var->id - 1] : NULL;
}

static int cel_subst_add(cel_comp *c, const kam__cel_type *var, const kam__cel_type *type) {
    if (!var->id || !cel_subst_room(c, &c->undo, c->nundo, &c->cap_undo, sizeof *c->undo)) return 0;
    c->undo[c->nundo].id = var->id;
    c->undo[c->nundo++].before = c->bound[var->id - 1];
    c->bound[var->id - 1] = type;
    return 1;
}

void kam__cel_undo(cel_comp *c, uint32_t mark) {
    while (c->nundo > mark) {
        const cel_undo *u = &c->undo[--c->nundo];
        c->bound[u->id - 1] = u->before;
    }
}

const kam__cel_type *kam__cel_resolve(cel_comp *c, const kam__cel_type *t, int to_dyn) {
    const kam__cel_type *s;
    if (!t) return NULL;
    for (int guard = 0; t->kind == KAM__CEL_VAR && (s = cel_subst_find(c, t)) != NULL && guard < 1000; guard++) t = s;
    if (t->kind == KAM__CEL_VAR) return to_dyn ? &kam__cel_types[KAM__CEL_DYN] : t;
    if (!t->n || t->kind == KAM__CEL_TYPE) return t;
    kam__cel_type own = *t;
    int changed = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        if (!(own.arg[i] = kam__cel_resolve(c, t->arg[i], to_dyn))) return NULL;
        changed |= own.arg[i] != t->arg[i];
    }
    if (!changed) return t;
    kam__cel_type *copy = kam__arena_alloc(c->a, sizeof *copy);
    if (copy) *copy = own;
    return copy;
}

/* Does the variable occur in t? */
static int cel_subst_occurs(const cel_comp *c, const kam__cel_type *var, const kam__cel_type *t, int depth) {
    if (depth > 64) return 1;
    if (t->kind == KAM__CEL_VAR) {
        if (t->id == var->id) return 1;
        const kam__cel_type *s = cel_subst_find(c, t);
        return s ? cel_subst_occurs(c, var, s, depth + 1) : 0;
    }
    for (uint32_t i = 0; i < t->n; i++) if (cel_subst_occurs(c, var, t->arg[i], depth + 1)) return 1;
    return 0;
}

static int cel_type_less_specific(const kam__cel_type *a, const kam__cel_type *b) {
    if (a->kind == KAM__CEL_DYN || a->kind == KAM__CEL_VAR) return 1;
    if (b->kind == KAM__CEL_DYN || b->kind == KAM__CEL_VAR) return 0;
    if (b->kind == KAM__CEL_NULL) return 1;         /* null fits where it is allowed to: the other names the type */
    if (a->kind != b->kind || a->n != b->n) return 0;
    if (a->kind == KAM__CEL_TYPE) return 1;
    if (a->kind == KAM__CEL_ABSTRACT && strcmp(a->name, b->name) != 0) return 0;
    for (uint32_t i = 0; i < a->n; i++) if (!cel_type_less_specific(a->arg[i], b->arg[i])) return 0;
    return 1;
}

static const kam__cel_type *cel_type_general(const kam__cel_type *a, const kam__cel_type *b) {
    return cel_type_less_specific(a, b) ? a : b;
}

static int cel_assign(cel_comp *c, const kam__cel_type *a, const kam__cel_type *b, int depth);

/* May the variable stand for t? *bound: it stands for something already. */
static int cel_assign_var(cel_comp *c, const kam__cel_type *t, const kam__cel_type *var, int *bound, int depth) {
    const kam__cel_type *s = cel_subst_find(c, var);
    *bound = 1;
    if (t->kind == KAM__CEL_VAR && t->id == var->id) return 1;
    if (s) {
        if (kam__cel_type_same(t, s)) return 1;
        if (!cel_assign(c, t, s, depth + 1)) return 0;
        const kam__cel_type *general = cel_type_general(t, s);
        return cel_subst_occurs(c, var, general, 0) || cel_subst_add(c, var, general);
    }
    *bound = 0;
    return !cel_subst_occurs(c, var, t, 0) && cel_subst_add(c, var, t);
}

static int cel_assign_null(const kam__cel_type *t) {
    return t->kind == KAM__CEL_NULL || t->kind == KAM__CEL_ABSTRACT || t->kind == KAM__CEL_OPTIONAL ||
           t->kind == KAM__CEL_TIMESTAMP || t->kind == KAM__CEL_DURATION;
}

static int cel_assign(cel_comp *c, const kam__cel_type *a, const kam__cel_type *b, int depth) {
    int bound = 0;
    if (a == b) return 1;
    if (depth > 64) return 0;
    if (b->kind == KAM__CEL_VAR) {
        if (cel_assign_var(c, a, b, &bound, depth)) return 1;
        if (bound) return 0;
    }
    if (a->kind == KAM__CEL_VAR) return cel_assign_var(c, b, a, &bound, depth);
    if (a->kind == KAM__CEL_DYN || b->kind == KAM__CEL_DYN) return 1;
    if (a->kind == KAM__CEL_NULL) return cel_assign_null(b);
    if (b->kind == KAM__CEL_NULL) return cel_assign_null(a);
    if (a->kind != b->kind) return 0;
    if (a->kind == KAM__CEL_TYPE) return 1;
    if (a->n != b->n || (a->kind == KAM__CEL_ABSTRACT && strcmp(a->name, b->name) != 0)) return 0;
    for (uint32_t i = 0; i < a->n; i++) if (!cel_assign(c, a->arg[i], b->arg[i], depth + 1)) return 0;
    return 1;
}

int kam__cel_assignable(cel_comp *c, const kam__cel_type *a, const kam__cel_type *b) {
    uint32_t before = c->nundo;
    if (cel_assign(c, a, b, 0)) return 1;
    kam__cel_undo(c, before);
    return 0;
}

const kam__cel_type *kam__cel_join(cel_comp *c, const kam__cel_type *a, const kam__cel_type *b) {
    if (!a) return b;
    return kam__cel_assignable(c, a, b) ? cel_type_general(a, b) : &kam__cel_types[KAM__CEL_DYN];
}
