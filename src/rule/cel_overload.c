/*
 * rule/cel_overload.c - which overload of an operator or function takes what it is given, and what that costs.
 *
 * Operators have signatures like functions, in two rows: those of the language, and those of our dialect, where whole
 * numbers go with doubles and decimals. The static cost is an upper bound: one unit per step, per element and per 16
 * bytes; sizes of what comes from outside are taken at their limits, and everything saturates.
 */
#include "cel_impl.h"
#define T(k) (&kam__cel_types[KAM__CEL_##k])

/* ---------------------------------------------------------------- signatures */

/* Tries the overload at *sig (moves behind it) with the node's kids. 1 = fits, result in *out; -1 = no memory. */
static int cel_over_try(cel_comp *c, const cel_node *n, const char **sig, const kam__cel_type **out) {
    const kam__cel_type *fresh[2] = {NULL, NULL};
    const char *s = *sig, *end = s;
    uint32_t before = c->nundo;
    uint32_t i = 0;
    while (*end && *end != ' ') {
        if (*end == 'A' && !fresh[0] && !(fresh[0] = kam__cel_fresh(c))) return -1;
        if (*end == 'B' && !fresh[1] && !(fresh[1] = kam__cel_fresh(c))) return -1;
        end++;
    }
    *sig = *end ? end + 1 : end;
    for (; *s != ':' && i < n->n; i++) {
        const kam__cel_type *p = kam__cel_sig_type(c->a, &s, fresh);
        if (!p) return -1;
        if (!kam__cel_assignable(c, n->kid[i]->type, p)) break;
    }
    if (*s != ':' || i < n->n) {
        kam__cel_undo(c, before);
        return 0;
    }
    s++;
    *out = kam__cel_resolve(c, kam__cel_sig_type(c->a, &s, fresh), 0);
    return *out ? 1 : -1;
}

/* All overloads of a signature; several that give different types make dyn. */
static int cel_over_sig(cel_comp *c, const cel_node *n, const char *sig, const kam__cel_type **result) {
    const kam__cel_type *t;
    while (*sig) {
        int fits = cel_over_try(c, n, &sig, &t);
        if (fits < 0) return -1;
        if (!fits) continue;
        *result = !*result || kam__cel_type_same(*result, t) ? t : T(DYN);
    }
    return *result != NULL;
}

/* ---------------------------------------------------------------- functions of the host */

typedef struct cel_names { const char *name[4]; const kam__cel_type *type[4]; uint32_t n; } cel_names;

/* t with its named parameters standing for fresh variables. */
static const kam__cel_type *cel_over_fresh(cel_comp *c, cel_names *names, const kam__cel_type *t) {
    if (t->kind == KAM__CEL_VAR) {
        uint32_t i = 0;
        while (i < names->n && strcmp(names->name[i], t->name) != 0) i++;
        if (i == 4) return T(DYN);
        if (i == names->n) {
            names->name[i] = t->name;
            names->type[i] = kam__cel_fresh(c);
            names->n++;
        }
        return names->type[i];
    }
    if (!t->n) return t;
    kam__cel_type *copy = kam__arena_alloc(c->a, sizeof *copy);
    if (!copy) return NULL;
    *copy = *t;
    for (uint32_t i = 0; i < t->n; i++) if (!(copy->arg[i] = cel_over_fresh(c, names, t->arg[i]))) return NULL;
    return copy;
}

static int cel_over_decl(cel_comp *c, const cel_node *n, const cel_over *o, const kam__cel_type **out) {
    cel_names names = {{NULL}, {NULL}, 0};
    uint32_t before = c->nundo;
    if (o->n != n->n) return 0;
    for (uint32_t i = 0; i < n->n; i++) {
        const kam__cel_type *p = cel_over_fresh(c, &names, o->param[i]);
        if (!p) return -1;
        if (kam__cel_assignable(c, n->kid[i]->type, p)) continue;
        kam__cel_undo(c, before);
        return 0;
    }
    const kam__cel_type *r = cel_over_fresh(c, &names, o->result);
    *out = r ? kam__cel_resolve(c, r, 0) : NULL;
    return *out ? 1 : -1;
}

static int cel_over_host(cel_comp *c, cel_node *n, const cel_decl *d, int member, const kam__cel_type **result) {
    const kam__cel_type *t;
    for (uint32_t i = 0; i < d->n; i++) {
        if (d->over[i].member != member) continue;
        n->fn = &d->fn;
        int fits = cel_over_decl(c, n, &d->over[i], &t);
        if (fits < 0) return -1;
        if (fits) *result = !*result || kam__cel_type_same(*result, t) ? t : T(DYN);
    }
    return *result != NULL;
}

int kam__cel_overload(cel_comp *c, cel_node *n, const char *name, int member) {
    const kam__cel_type *result = NULL;
    for (uint32_t i = 0; i < c->r->ndecl; i++) {
        if (strcmp(c->r->decl[i].name, name) != 0) continue;
        int found = cel_over_host(c, n, &c->r->decl[i], member, &result);
        if (found < 0) return -1;
        if (found) {
            n->type = result;
            return 1;
        }
    }
    const cel_fn *f = kam__cel_fn_find(name, member);
    if (!f) return 0;
    n->fn = f;
    int found = cel_over_sig(c, n, f->sig, &result);
    if (found == 1) n->type = result;
    return found;
}

/* ---------------------------------------------------------------- operators */

static int cel_over_number(const kam__cel_type *t) {
    return t->kind == KAM__CEL_INT || t->kind == KAM__CEL_UINT || t->kind == KAM__CEL_DOUBLE;
}

static int cel_over_decimal(const kam__cel_type *a, const kam__cel_type *b) {
    return a->kind == KAM__CEL_DECIMAL && (b->kind == KAM__CEL_INT || b->kind == KAM__CEL_UINT ||
                                           b->kind == KAM__CEL_DECIMAL);
}

/* A double literal beside a decimal is one: it is read again, exactly. */
static void cel_over_literal(cel_node *n, const kam__cel_type *other) {
    int64_t v;
    uint32_t scale;
    if (other->kind != KAM__CEL_DECIMAL || n->kind != CEL_CONST || n->val.t != KAM__CEL_DOUBLE || !n->name) return;
    if (kam__dec_parse_any(&v, &scale, n->name, KAM_NUL, NULL) != KAM_OK) return;
    n->val.t = KAM__CEL_DECIMAL;
    n->val.n = scale;
    n->val.v.i = v;
    n->type = T(DECIMAL);
}

/* A double literal that is a whole number, compared with an int, is an int: the machine has a short way for that. */
static void cel_over_whole(const cel_comp *c, cel_node *n, const kam__cel_type *other) {
    if (other->kind != KAM__CEL_INT || n->kind != CEL_CONST || n->val.t != KAM__CEL_DOUBLE ||
        c->r->flags & KAM__CEL_LOOSE) return;
    double v = n->val.v.f;
    if (!(v >= -9007199254740992.0 && v <= 9007199254740992.0) || (double)(int64_t)v != v) return;
    n->val = kam__cel_int((int64_t)v);
    n->type = other;
}

static const char *cel_over_arith(const cel_comp *c, uint8_t kind) {
    static const char *const standard[] = {
        "ii:i uu:u dd:d ss:s yy:y LALA:LA tr:t rt:t rr:r cc:c", "ii:i uu:u dd:d tr:t tt:r rr:r cc:c",
            "ii:i uu:u dd:d cc:c",
        "ii:i uu:u dd:d cc:c", "ii:i uu:u"};
    static const char *const ours[] = {
        "ii:i uu:u dd:d ss:s yy:y LALA:LA tr:t rt:t rr:r cc:c id:d di:d ud:d du:d ci:c ic:c cu:c uc:c",
        "ii:i uu:u dd:d tr:t tt:r rr:r cc:c id:d di:d ud:d du:d ci:c ic:c cu:c uc:c",
        "ii:i uu:u dd:d cc:c id:d di:d ud:d du:d ci:c ic:c cu:c uc:c",
        "ii:i uu:u dd:d cc:c id:d di:d ud:d du:d ci:c ic:c cu:c uc:c", "ii:i uu:u"};
    return c->r->flags & KAM_RULE_STANDARD ? standard[kind - CEL_ADD] : ours[kind - CEL_ADD];
}

/* Equality, order: of one type; whole numbers and doubles go together in order, and by our dialect in equality. */
static int cel_over_compare(cel_comp *c, const cel_node *n, const kam__cel_type *a, const kam__cel_type *b) {
    int equality = n->kind == CEL_EQ || n->kind == CEL_NE;
    if (cel_over_decimal(a, b) || cel_over_decimal(b, a)) return 1;
    if (cel_over_number(a) && cel_over_number(b))
        return a->kind == b->kind || !equality || !(c->r->flags & KAM_RULE_STANDARD);
    if (!kam__cel_assignable(c, a, b)) return 0;
    if (equality || a->kind == KAM__CEL_DYN || b->kind == KAM__CEL_DYN) return 1;
    const kam__cel_type *t = kam__cel_resolve(c, a->kind == KAM__CEL_VAR ? b : a, 1);
    return t && (cel_over_number(t) || t->kind == KAM__CEL_BOOL || t->kind == KAM__CEL_STRING ||
                 t->kind == KAM__CEL_BYTES ||
                 t->kind == KAM__CEL_TIMESTAMP || t->kind == KAM__CEL_DURATION || t->kind == KAM__CEL_DYN);
}

int32_t kam__cel_check_operator(cel_comp *c, cel_node *n) {
    const kam__cel_type *result = NULL;
    if (n->kind == CEL_NEG) {
        int fits = cel_over_sig(c, n, "i:i d:d c:c", &result);
        n->type = result;
        return fits < 0 ? kam__nomem(c->err) : fits ? KAM_OK : KAM_E_TYPE;
    }
    for (uint32_t i = 0; i < 2; i++) {
        const kam__cel_type *t = kam__cel_resolve(c, n->kid[i]->type, 0);
        if (!t) return kam__nomem(c->err);
        n->kid[i]->type = t;
    }
    cel_node *a = n->kid[0], *b = n->kid[1];
    if (n->kind != CEL_IN) {
        cel_over_literal(a, b->type);
        cel_over_literal(b, a->type);
    }
    if (n->kind >= CEL_EQ && n->kind <= CEL_GE) {
        n->type = T(BOOL);
        if (!cel_over_compare(c, n, a->type, b->type)) return KAM_E_TYPE;
        cel_over_whole(c, a, b->type);
        cel_over_whole(c, b, a->type);
        return KAM_OK;
    }
    if (n->kind != CEL_IN && a->type == b->type &&
        (a->type->kind == KAM__CEL_DOUBLE || a->type->kind == KAM__CEL_INT) &&
            (n->kind != CEL_MOD || a->type->kind == KAM__CEL_INT)) {
        n->type = a->type;
        return KAM_OK;
    }
    int fits = cel_over_sig(c, n, n->kind == CEL_IN ? "ALA:b AMAB:b" : cel_over_arith(c, n->kind), &result);
    n->type = result;
    return fits < 0 ? kam__nomem(c->err) : fits ? KAM_OK : KAM_E_TYPE;
}

/* ---------------------------------------------------------------- cost */

static uint64_t cel_cost_add(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }
static uint64_t cel_cost_mul(uint64_t a, uint64_t b) { return b && a > UINT64_MAX / b ? UINT64_MAX : a * b; }

/* Bytes and elements a value from outside may have, all its parts together. */
static uint64_t cel_cost_size(const cel_comp *c, const kam__cel_type *t) {
    uint64_t text = c->r->ctx->opt.max_text ? c->r->ctx->opt.max_text : 65536, list = c->r->max_list;
    switch (t->kind) {
    case KAM__CEL_STRING: case KAM__CEL_BYTES: return text;
    case KAM__CEL_LIST: return cel_cost_mul(list, cel_cost_size(c, t->arg[0]));
    case KAM__CEL_MAP: return cel_cost_mul(list, cel_cost_add(cel_cost_size(c, t->arg[0]),
                                                              cel_cost_size(c, t->arg[1])));
    case KAM__CEL_OPTIONAL: return t->n ? cel_cost_size(c, t->arg[0]) : 1;
    case KAM__CEL_DYN: case KAM__CEL_ABSTRACT: return cel_cost_mul(list, text);
    default: return 1;
    }
}

/* How often a loop over n may run. */
static uint64_t cel_cost_count(const cel_comp *c, const cel_node *n) {
    if (n->kind == CEL_LIST) return n->n;
    if (n->kind == CEL_MAP) return n->n / 2;
    if (n->kind == CEL_VAR) return c->r->max_list;
    if (n->kind == CEL_LOOP && (n->macro == CEL_M_MAP || n->macro == CEL_M_FILTER || n->macro == CEL_M_TLIST ||
                                n->macro == CEL_M_SORT))
        return cel_cost_count(c, n->kid[0]);
    return n->size;
}

static void cel_cost_loop(cel_comp *c, cel_node *n) {
    uint64_t count = cel_cost_count(c, n->kid[0]), body = 8, size = n->kid[n->n - 1]->size;
    for (uint32_t i = 1; i < n->n; i++) body = cel_cost_add(body, n->kid[i]->cost);
    if (n->macro == CEL_M_SORT) body = cel_cost_add(body, cel_cost_mul(64, cel_cost_add(1, size / 16)));
    n->cost = cel_cost_add(n->kid[0]->cost, cel_cost_mul(count, body));
    if (n->macro <= CEL_M_ONE) n->size = 1;
    else if (n->macro == CEL_M_FILTER || n->macro == CEL_M_SORT) n->size = n->kid[0]->size;
    else n->size = cel_cost_mul(count, cel_cost_add(size, n->macro == CEL_M_TMAP ? n->local->size : 0));
}

static void cel_cost_call(cel_comp *c, cel_node *n, uint64_t total) {
    uint64_t product = 1, own = 1;
    for (uint32_t i = 0; i < n->n; i++) product = cel_cost_mul(product, cel_cost_add(n->kid[i]->size, 1));
    if (n->fn->cost == CEL_COST_N) own = cel_cost_add(1, total);
    if (n->fn->cost == CEL_COST_NN) own = cel_cost_add(1, product);
    if (strcmp(n->fn->name, "format") == 0) product = cel_cost_add(product, cel_cost_mul(n->kid[0]->size, 700));
    if (strcmp(n->fn->name, "lists.range") == 0) {  /* the one function whose result does not follow from sizes */
        const cel_node *k = n->kid[0];
        n->size = k->kind != CEL_CONST ? UINT64_MAX : k->val.v.i < 0 ? 0 : (uint64_t)k->val.v.i;
        n->cost = cel_cost_add(n->cost, cel_cost_mul(2, n->size));
        return;
    }
    n->cost = cel_cost_add(n->cost, own);
    uint64_t most = cel_cost_size(c, n->type);
    n->size = n->fn->decl ? most : n->fn->cost == CEL_COST_NN ? product : cel_cost_add(total, 64);
    if (most == 1) n->size = 1;
}

void kam__cel_cost(cel_comp *c, cel_node *n) {
    uint64_t total = 0, most = 1;
    n->cost = 4;
    for (uint32_t i = 0; i < n->n; i++) {
        n->cost = cel_cost_add(n->cost, n->kid[i]->cost);
        total = cel_cost_add(total, n->kid[i]->size);
        if (n->kid[i]->size > most) most = n->kid[i]->size;
    }
    switch (n->kind) {
    case CEL_LOOP: cel_cost_loop(c, n); return;
    case CEL_FN: cel_cost_call(c, n, total); return;
    case CEL_CONST: n->size = n->val.t == KAM__CEL_STRING || n->val.t == KAM__CEL_BYTES ? n->val.n : 1; return;
    case CEL_VAR: n->size = cel_cost_size(c, n->type); return;
    case CEL_LOCAL:
        n->size = cel_cost_size(c, n->type);
        if (n->local->size < n->size) n->size = n->local->size;
        return;
    case CEL_LIST: case CEL_MAP: n->size = cel_cost_add(total, n->n); break;
    case CEL_ADD: n->size = cel_cost_size(c, n->type) > 1 ? total : 1; break;
    case CEL_EQ: case CEL_NE: case CEL_LT: case CEL_LE: case CEL_GT: case CEL_GE: case CEL_IN:
        n->size = 1;
        n->cost = cel_cost_add(n->cost, n->kind == CEL_IN || total > 2 ? total : 0);
        return;
    default: n->size = cel_cost_size(c, n->type) > 1 ? most : 1; return;
    }
    if (n->size > 1) n->cost = cel_cost_add(n->cost, n->size);
}
#undef T
