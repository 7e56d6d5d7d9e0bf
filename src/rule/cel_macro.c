/*
 * rule/cel_macro.c - calls that are no calls.
 *
 * has(), the comprehensions, cel.bind, the two that look into optionals, and math.greatest and math.least with any
 * number of arguments. Each becomes a node of its own that later passes treat as a whole, instead of the general fold
 * that the language definition expands them to; the results are the same, and cost and types are easier to say.
 */
#include "cel_impl.h"

/* name, arguments behind the target (least, most), what it is */
typedef struct cel_macro { const char *name; uint8_t args, two, macro, flags; } cel_macro;
static const cel_macro cel_macros[] = {
    {"all", 2, 0, CEL_M_ALL, 0}, {"all", 3, 1, CEL_M_ALL, 0},
    {"exists", 2, 0, CEL_M_EXISTS, 0}, {"exists", 3, 1, CEL_M_EXISTS, 0},
    {"exists_one", 2, 0, CEL_M_ONE, 0}, {"exists_one", 3, 1, CEL_M_ONE, 0},
    {"existsOne", 2, 0, CEL_M_ONE, 0}, {"existsOne", 3, 1, CEL_M_ONE, 0},
    {"map", 2, 0, CEL_M_MAP, 0}, {"map", 3, 0, CEL_M_MAP, CEL_F_FILTER},
    {"filter", 2, 0, CEL_M_FILTER, 0},
    {"transformList", 3, 1, CEL_M_TLIST, 0}, {"transformList", 4, 1, CEL_M_TLIST, CEL_F_FILTER},
    {"transformMap", 3, 1, CEL_M_TMAP, 0}, {"transformMap", 4, 1, CEL_M_TMAP, CEL_F_FILTER},
    {"transformMapEntry", 3, 1, CEL_M_TENTRY, 0}, {"transformMapEntry", 4, 1, CEL_M_TENTRY, CEL_F_FILTER},
    {"sortBy", 2, 0, CEL_M_SORT, 0}};

static int cel_macro_is_name(const cel_node *n, const char *name) {
    return n->kind == CEL_NAME && !(n->flags & CEL_F_ABSOLUTE) && (!name || strcmp(n->name, name) == 0);
}

/* A variable of the macro. */
static int32_t cel_macro_local(cel_comp *c, cel_local **out, const cel_node *name) {
    if (!cel_macro_is_name(name, NULL))
        return kam__cel_bad(c, KAM_E_PARSE, name->pos, "a plain name is expected for the variable here");
    cel_local *l = kam__arena_alloc(c->a, sizeof *l);
    if (!l) return kam__nomem(c->err);
    memset(l, 0, sizeof *l);
    l->name = name->name;
    *out = l;
    return KAM_OK;
}

static int32_t cel_macro_loop(cel_comp *c, cel_node *call, const cel_macro *m, cel_node **out) {
    uint32_t body = 2u + m->two, n = call->n - body + 1;
    cel_node *loop = kam__cel_node(c, CEL_LOOP, call->pos, n);
    if (!loop) return KAM_E_NOMEM;
    loop->macro = m->macro;
    loop->name = m->name;
    loop->flags = (uint8_t)(m->flags | (m->two ? CEL_F_TWO : 0));
    KAM__TRY(cel_macro_local(c, &loop->local, call->kid[1]));
    if (m->two) KAM__TRY(cel_macro_local(c, &loop->local2, call->kid[2]));
    if (m->two && strcmp(loop->local->name, loop->local2->name) == 0)
        return kam__cel_bad(c, KAM_E_PARSE, call->kid[2]->pos, "the two variables of %s need different names", m->name);
    loop->kid[0] = call->kid[0];
    for (uint32_t i = 1; i < n; i++) loop->kid[i] = call->kid[body + i - 1];
    *out = loop;
    return KAM_OK;
}

/* cel.bind(x, value, body); target.optMap(x, body) */
static int32_t cel_macro_bind(cel_comp *c, cel_node *call, uint8_t kind, cel_node **out) {
    cel_node *b = kam__cel_node(c, kind, call->pos, 2);
    uint32_t name = 1;
    if (!b) return KAM_E_NOMEM;
    KAM__TRY(cel_macro_local(c, &b->local, call->kid[name]));
    b->kid[0] = kind == CEL_BIND ? call->kid[2] : call->kid[0];
    b->kid[1] = call->kid[kind == CEL_BIND ? 3 : 2];
    *out = b;
    return KAM_OK;
}

static int32_t cel_macro_has(cel_comp *c, cel_node *call, cel_node **out) {
    cel_node *s = call->kid[0];
    if (s->kind != CEL_SELECT || (s->flags & CEL_F_OPT))
        return kam__cel_bad(c, KAM_E_PARSE, s->pos, "has() takes a field, like has(account.owner)");
    s->flags |= CEL_F_TEST;
    *out = s;
    return KAM_OK;
}

/* math.greatest(a, b, ...): the arguments become one list. */
static int32_t cel_macro_extreme(cel_comp *c, cel_node *call) {
    if (call->n <= 2) return KAM_OK;
    cel_node *list = kam__cel_node(c, CEL_LIST, call->pos, call->n - 1);
    if (!list) return KAM_E_NOMEM;
    for (uint32_t i = 1; i < call->n; i++) {
        list->kid[i - 1] = call->kid[i];
        if (call->kid[i]->level >= list->level) list->level = (uint8_t)(call->kid[i]->level + 1);
    }
    call->kid[1] = list;
    call->n = 2;
    return KAM_OK;
}

int32_t kam__cel_macro(cel_comp *c, cel_node *call, cel_node **out) {
    const char *name = call->name;
    *out = NULL;
    if (!(call->flags & CEL_F_MEMBER))
        return strcmp(name, "has") == 0 && call->n == 1 && !(call->flags & CEL_F_ABSOLUTE)
            ? cel_macro_has(c, call, out) : KAM_OK;
    if (strcmp(name, "bind") == 0 && call->n == 4 && cel_macro_is_name(call->kid[0], "cel"))
        return cel_macro_bind(c, call, CEL_BIND, out);
    if (strcmp(name, "optMap") == 0 && call->n == 3) return cel_macro_bind(c, call, CEL_OPT_MAP, out);
    if (strcmp(name, "optFlatMap") == 0 && call->n == 3) return cel_macro_bind(c, call, CEL_OPT_FLAT, out);
    if ((strcmp(name, "greatest") == 0 || strcmp(name, "least") == 0) && cel_macro_is_name(call->kid[0], "math"))
        return cel_macro_extreme(c, call);
    for (size_t i = 0; i < KAM__LEN(cel_macros); i++)
        if (call->n == cel_macros[i].args + 1u && strcmp(name, cel_macros[i].name) == 0)
            return cel_macro_loop(c, call, &cel_macros[i], out);
    return KAM_OK;
}
