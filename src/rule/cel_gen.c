/*
 * rule/cel_gen.c - the tree to a program.
 *
 * Each node leaves its value in a place of the frame: constants and variables have one already, everything else takes
 * the next temporary, handed back when its parent is done. While the program is being written, places are marked by
 * their kind; at the end they become indexes of constants, variables, temporaries, in this order.
 */
#include "cel_impl.h"
#include "regex.h"

enum { GEN_VAR = 0x4000, GEN_TEMP = 0x8000, GEN_MAX = 0x3FFF };

typedef struct cel_writer {
    cel_comp *c; kam_rule *r;
    size_t cap_ins, cap_guard, cap_con, cap_use, cap_ref, cap_part;
    uint32_t top, high;                     /* temporaries in use; most ever */
    uint32_t chain;                         /* the last BAND or CASE */
} cel_writer;

static int32_t cel_gen_to(cel_writer *g, cel_node *n, uint16_t d);
static int32_t cel_gen_part(cel_writer *g, cel_node *n, uint16_t *slot, uint16_t d);

/* Room for one more in an array of the rule's arena. */
static int32_t cel_gen_room(cel_writer *g, void *array, uint32_t n, size_t *cap, size_t size) {
    void **p = array;
    if (n < *cap) return KAM_OK;
    size_t more = *cap ? *cap * 2 : 16;
    void *bigger = kam__arena_alloc(g->c->a, more * size);
    if (!bigger) return kam__nomem(g->c->err);
    if (n) memcpy(bigger, *p, n * size);
    *p = bigger;
    *cap = more;
    return KAM_OK;
}

static int32_t cel_gen_emit(cel_writer *g, uint8_t op, uint16_t d, uint16_t a, uint16_t b, const cel_node *n) {
    kam_rule *r = g->r;
    KAM__TRY(cel_gen_room(g, &r->ins, r->nins, &g->cap_ins, sizeof *r->ins));
    cel_ins *i = &r->ins[r->nins++];
    memset(i, 0, sizeof *i);
    i->op = op;
    i->d = d;
    i->a = a;
    i->b = b;
    i->pos = n->pos;
    return KAM_OK;
}

static cel_ins *cel_gen_last(cel_writer *g) { return &g->r->ins[g->r->nins - 1]; }

static int cel_gen_traces(const cel_writer *g) { return (g->r->flags & KAM_RULE_TRACE) != 0; }

static int32_t cel_gen_temp(cel_writer *g, uint16_t *slot, uint32_t n, const cel_node *at) {
    if (g->top + n > GEN_MAX) return kam__cel_bad(g->c, KAM_E_LIMIT, at->pos,
                                                  "the expression is too big; split it in two");
    *slot = (uint16_t)(GEN_TEMP + g->top);
    g->top += n;
    if (g->top > g->high) g->high = g->top;
    return KAM_OK;
}

static int32_t cel_gen_con(cel_writer *g, const kam__cel *v, uint16_t *slot, const cel_node *at) {
    kam_rule *r = g->r;
    for (uint32_t i = 0; i < r->ncon && i < 64; i++)
        if (r->con[i].t == v->t && r->con[i].n == v->n &&
            r->con[i].v.u == v->v.u) { *slot = (uint16_t)i; return KAM_OK; }
    if (r->ncon >= GEN_MAX) return kam__cel_bad(g->c, KAM_E_LIMIT, at->pos,
                                                "more than %d constants; split the expression in two", GEN_MAX);
    KAM__TRY(cel_gen_room(g, &r->con, r->ncon, &g->cap_con, sizeof *r->con));
    r->con[r->ncon] = *v;
    *slot = (uint16_t)r->ncon++;
    return KAM_OK;
}

static int32_t cel_gen_var(cel_writer *g, uint32_t var, uint16_t *slot) {
    kam_rule *r = g->r;
    uint32_t i = 0;
    while (i < r->nuse && r->use[i].var != var) i++;
    if (i == r->nuse) {
        if (i >= GEN_MAX) return kam__fail(g->c->err, KAM_E_LIMIT, "an expression reads at most %d variables: split it in two",
                                      GEN_MAX);
        KAM__TRY(cel_gen_room(g, &r->use, r->nuse, &g->cap_use, sizeof *r->use));
        r->use[r->nuse].var = var;
        r->use[r->nuse].kind = r->var[var].type->kind;
        r->use[r->nuse++].slot = 0;
    }
    *slot = (uint16_t)(GEN_VAR + i);
    return KAM_OK;
}

static int32_t cel_gen_ref(cel_writer *g, const void *p, uint32_t *at) {
    kam_rule *r = g->r;
    for (uint32_t i = 0; i < r->nref && i < 64; i++) if (r->ref_of[i] == p) { *at = i; return KAM_OK; }
    KAM__TRY(cel_gen_room(g, &r->ref_of, r->nref, &g->cap_ref, sizeof *r->ref_of));
    r->ref_of[r->nref] = p;
    *at = r->nref++;
    return KAM_OK;
}

/* The value of n, in whatever place is best. */
static int32_t cel_gen(cel_writer *g, cel_node *n, uint16_t *slot) {
    if (n->kind == CEL_CONST) return cel_gen_con(g, &n->val, slot, n);
    if (n->kind == CEL_VAR || n->kind == CEL_LOCAL) return cel_gen_part(g, n, slot, 0);
    KAM__TRY(cel_gen_temp(g, slot, 1, n));
    return cel_gen_to(g, n, *slot);
}

/* Errors in the instructions from `from` on land in `slot`, and the program goes on at the next one. */
static int32_t cel_gen_guard(cel_writer *g, uint32_t from, uint32_t to, uint32_t at, uint16_t slot) {
    kam_rule *r = g->r;
    KAM__TRY(cel_gen_room(g, &r->guard, r->nguard, &g->cap_guard, sizeof *r->guard));
    cel_guard *x = &r->guard[r->nguard++];
    x->from = from;
    x->to = to;
    x->at = at;
    x->slot = slot;
    return KAM_OK;
}

/* ---------------------------------------------------------------- operators and logic */

static int32_t cel_gen_binary(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t a, b;
    KAM__TRY(cel_gen(g, n->kid[0], &a));
    KAM__TRY(cel_gen(g, n->kid[1], &b));
    if (n->kind == CEL_ADD && g->chain < g->r->nins) {
        cel_ins *chain = &g->r->ins[g->chain];
        if (chain->jump == g->r->nins && chain->d == b) chain->x = 1;           /* its value is added at once */
    }
    return cel_gen_emit(g, (uint8_t)(CEL_OP_ADD + n->kind - CEL_ADD), d, a, b, n);
}

static int32_t cel_gen_unary(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t a;
    KAM__TRY(cel_gen(g, n->kid[0], &a));
    return cel_gen_emit(g, n->kind == CEL_NOT ? CEL_OP_NOT : CEL_OP_NEG, d, a, 0, n);
}

/* Left side guarded: its error waits in d for what the right side says. */
static int32_t cel_gen_logic(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t a, b;
    uint32_t from = g->r->nins, skip;
    int and = n->kind == CEL_AND;
    KAM__TRY(cel_gen(g, n->kid[0], &a));
    skip = g->r->nins;
    KAM__TRY(cel_gen_emit(g, and ? CEL_OP_JFX : CEL_OP_JTX, d, a, 0, n));
    KAM__TRY(cel_gen_guard(g, from, g->r->nins, g->r->nins, d));
    KAM__TRY(cel_gen(g, n->kid[1], &b));
    KAM__TRY(cel_gen_emit(g, and ? CEL_OP_ANDEND : CEL_OP_OREND, d, b, 0, n));
    g->r->ins[skip].jump = g->r->nins;
    return KAM_OK;
}

/* Jumps away when n is false; *at is the instruction whose target is to be filled in. */
static int32_t cel_gen_unless(cel_writer *g, cel_node *n, uint32_t *at) {
    uint16_t a, b = 0;
    uint32_t before = g->top;
    uint8_t op = CEL_OP_JF;
    if (n->kind >= CEL_EQ && n->kind <= CEL_GE && !cel_gen_traces(g)) {
        op = (uint8_t)(CEL_OP_JNEQ + n->kind - CEL_EQ);
        KAM__TRY(cel_gen(g, n->kid[0], &a));
        KAM__TRY(cel_gen(g, n->kid[1], &b));
    } else KAM__TRY(cel_gen(g, n, &a));
    g->top = before;
    *at = g->r->nins;
    return cel_gen_emit(g, op, 0, a, b, n);
}

/* One link `x < k ? v : ...` of a chain over the same variable and operator. */
static int cel_gen_link(const cel_node *n, const cel_node *first) {
    if (n->kind != CEL_COND) return 0;
    const cel_node *t = n->kid[0], *f = first->kid[0];
    if (t->kind != f->kind || (t->kind != CEL_LT && t->kind != CEL_EQ) || t->kid[0]->kind != CEL_VAR ||
        t->kid[1]->kind != CEL_CONST)
        return 0;
    return t->kid[0]->var == f->kid[0]->var && n->kid[1]->kind == CEL_CONST;
}

uint32_t kam__cel_links(const cel_node *n, const cel_node **last) {
    uint32_t links = 0;
    for (*last = n; links < 250 && cel_gen_link(*last, n); *last = (*last)->kid[2]) links++;
    return links;
}

/* Constants of one type, in ascending order where they are bands. */
static int cel_gen_orderly(const kam__cel *at, uint32_t n, int band) {
    uint8_t t = at[0].t;
    if (t != KAM__CEL_INT && t != (band ? KAM__CEL_DOUBLE : KAM__CEL_STRING)) return 0;
    for (uint32_t i = 1; i < n; i++) if (at[i].t != t || (band && kam__cel_order(&at[i - 1], &at[i]) >= 0)) return 0;
    return 1;
}

/* A chain as one instruction, which goes on at `jump` when it knows x; the plain way follows it for when it does not.
 * */
static int32_t cel_gen_chain(cel_writer *g, const cel_node *n, uint16_t d, uint32_t *chain) {
    const cel_node *last, *k = n;
    uint32_t links = kam__cel_links(n, &last), ref;
    uint16_t x;
    *chain = UINT32_MAX;
    if (links < 2 || last->kind != CEL_CONST) return KAM_OK;
    kam__cel *at = kam__arena_alloc(g->c->a, (2 * links + 1) * sizeof *at), *value = at + links;
    cel_chain *c = kam__arena_alloc(g->c->a, sizeof *c);
    if (!at || !c) return kam__nomem(g->c->err);
    for (uint32_t i = 0; i < links; i++, k = k->kid[2]) {
        at[i] = k->kid[0]->kid[1]->val;
        value[i] = k->kid[1]->val;
    }
    value[links] = last->val;
    *c = (cel_chain){.n = links, .t = at[0].t, .at = at, .value = value};
    int band = n->kid[0]->kind == CEL_LT;
    if (!cel_gen_orderly(at, links, band)) return KAM_OK;
    if (c->t == KAM__CEL_STRING && !(c->key = kam__arena_alloc(g->c->a, links * sizeof *c->key)))
        return kam__nomem(g->c->err);
    for (uint32_t i = 0; c->key && i < links; i++) c->key[i] = kam__cel_key(at[i].v.s, at[i].n);
    KAM__TRY(cel_gen_ref(g, c, &ref));
    if (ref >= GEN_VAR) return KAM_OK;
    KAM__TRY(cel_gen_var(g, n->kid[0]->kid[0]->var, &x));
    *chain = g->r->nins;
    return cel_gen_emit(g, band ? CEL_OP_BAND : CEL_OP_CASE, d, x, (uint16_t)ref, n);
}

static int32_t cel_gen_cond(cel_writer *g, cel_node *n, uint16_t d) {
    uint32_t no, end, chain;
    chain = UINT32_MAX;
    if (!cel_gen_traces(g)) KAM__TRY(cel_gen_chain(g, n, d, &chain));
    KAM__TRY(cel_gen_unless(g, n->kid[0], &no));
    KAM__TRY(cel_gen_to(g, n->kid[1], d));
    end = g->r->nins;
    KAM__TRY(cel_gen_emit(g, CEL_OP_JUMP, 0, 0, 0, n));
    g->r->ins[no].jump = g->r->nins;
    KAM__TRY(cel_gen_to(g, n->kid[2], d));
    g->r->ins[end].jump = g->r->nins;
    if (chain == UINT32_MAX) return KAM_OK;
    g->r->ins[chain].jump = g->r->nins;
    g->chain = chain;
    return KAM_OK;
}

/* ---------------------------------------------------------------- members, lists, calls */

static int32_t cel_gen_select(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t a;
    uint32_t name;
    KAM__TRY(cel_gen(g, n->kid[0], &a));
    KAM__TRY(cel_gen_ref(g, n->name, &name));
    KAM__TRY(cel_gen_emit(g, n->flags & CEL_F_TEST ? CEL_OP_TEST : CEL_OP_SELECT, d, a, 0, n));
    cel_gen_last(g)->jump = name;
    cel_gen_last(g)->x = (n->flags & CEL_F_OPT) != 0;
    return KAM_OK;
}

static int32_t cel_gen_index(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t a, b;
    KAM__TRY(cel_gen(g, n->kid[0], &a));
    KAM__TRY(cel_gen(g, n->kid[1], &b));
    KAM__TRY(cel_gen_emit(g, CEL_OP_INDEX, d, a, b, n));
    cel_gen_last(g)->x = (n->flags & CEL_F_OPT) != 0;
    return KAM_OK;
}

/* All kids in a row of temporaries. */
static int32_t cel_gen_row(cel_writer *g, cel_node *n, uint16_t *base) {
    KAM__TRY(cel_gen_temp(g, base, n->n ? n->n : 1, n));
    for (uint32_t i = 0; i < n->n; i++) KAM__TRY(cel_gen_to(g, n->kid[i], (uint16_t)(*base + i)));
    return KAM_OK;
}

/* A list or map with optional elements grows one by one. */
static int32_t cel_gen_build(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t t = 0, k, v;
    int map = n->kind == CEL_MAP;
    KAM__TRY(cel_gen_temp(g, &t, 1, n));
    KAM__TRY(cel_gen_emit(g, CEL_OP_BUILD, t, 0, 0, n));
    cel_gen_last(g)->jump = n->n;
    for (uint32_t i = 0; i < n->n; i += map ? 2 : 1) {
        uint32_t before = g->top;
        KAM__TRY(cel_gen(g, n->kid[i], &k));
        v = k;
        if (map) KAM__TRY(cel_gen(g, n->kid[i + 1], &v));
        KAM__TRY(cel_gen_emit(g, CEL_OP_PUT, t, k, v, n->kid[i]));
        cel_gen_last(g)->x = (uint8_t)(n->opt[i] | map << 1);
        g->top = before;
    }
    return cel_gen_emit(g, map ? CEL_OP_DONEMAP : CEL_OP_MOVE, d, t, 0, n);
}

static int32_t cel_gen_list(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t base;
    if (n->opt) return cel_gen_build(g, n, d);
    KAM__TRY(cel_gen_row(g, n, &base));
    KAM__TRY(cel_gen_emit(g, n->kind == CEL_MAP ? CEL_OP_MAP : CEL_OP_LIST, d, base, 0, n));
    cel_gen_last(g)->jump = n->n;
    return KAM_OK;
}

/* x.matches('constant'): the pattern is compiled now. */
static int32_t cel_gen_matches(cel_writer *g, cel_node *n, uint16_t d) {
    kam__regex *re;
    uint16_t a;
    uint32_t ref;
    const kam__cel *p = &n->kid[1]->val;
    int32_t rc = kam__regex_compile(&re, g->c->a, p->v.s, p->n, g->c->err);
    if (rc != KAM_OK && rc != KAM_E_NOMEM) {
        kam_error *err = g->c->err;
        char why[300];
        size_t len = strlen(kam_error_message(err));
        if (len > 290) len = kam__utf8_cut(kam_error_message(err), 290);
        memcpy(why, kam_error_message(err), len);
        why[len] = '\0';
        return kam__cel_bad(g->c, KAM_E_PARSE, n->kid[1]->pos, "%s", why);
    }
    KAM__TRY(rc);
    KAM__TRY(cel_gen(g, n->kid[0], &a));
    KAM__TRY(cel_gen_ref(g, re, &ref));
    KAM__TRY(cel_gen_emit(g, CEL_OP_MATCH, d, a, 0, n));
    cel_gen_last(g)->jump = ref;
    return KAM_OK;
}

/* x.or(y), x.orValue(y): y is evaluated only where x has no value. */
static int32_t cel_gen_else(cel_writer *g, cel_node *n, uint16_t d, int value) {
    uint16_t v, own = d;
    uint32_t none = 0, end;
    KAM__TRY(cel_gen(g, n->kid[0], &v));
    if (!value) KAM__TRY(cel_gen_temp(g, &own, 1, n));
    none = g->r->nins;
    KAM__TRY(cel_gen_emit(g, CEL_OP_UNWRAP, own, v, 0, n));
    cel_gen_last(g)->x = value ? 2 : 1;
    if (!value) KAM__TRY(cel_gen_emit(g, CEL_OP_MOVE, d, v, 0, n));
    end = g->r->nins;
    KAM__TRY(cel_gen_emit(g, CEL_OP_JUMP, 0, 0, 0, n));
    g->r->ins[none].jump = g->r->nins;
    KAM__TRY(cel_gen_to(g, n->kid[1], d));
    if (!value) {
        KAM__TRY(cel_gen_emit(g, CEL_OP_WANTOPT, d, d, 0, n->kid[1]));
        cel_gen_last(g)->x = 1;
    }
    g->r->ins[end].jump = g->r->nins;
    return KAM_OK;
}

static int32_t cel_gen_call(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t base;
    uint32_t ref;
    int value = strcmp(n->fn->name, "orValue") == 0;
    if ((value || strcmp(n->fn->name, "or") == 0) && !n->fn->decl && n->n == 2) return cel_gen_else(g, n, d, value);
    if (strcmp(n->fn->name, "matches") == 0 && !n->fn->decl && n->n == 2 && n->kid[1]->kind == CEL_CONST &&
        n->kid[1]->val.t == KAM__CEL_STRING && !(g->r->flags & KAM__CEL_LOOSE)) return cel_gen_matches(g, n, d);
    if (n->n > 255) return kam__cel_bad(g->c, KAM_E_LIMIT, n->pos, "a call has at most 255 arguments");
    KAM__TRY(cel_gen_row(g, n, &base));
    KAM__TRY(cel_gen_ref(g, n->fn, &ref));
    KAM__TRY(cel_gen_emit(g, CEL_OP_CALL, d, base, 0, n));
    cel_gen_last(g)->jump = ref;
    cel_gen_last(g)->x = (uint8_t)n->n;
    return KAM_OK;
}

/* ---------------------------------------------------------------- macros */

/* all, exists: the error of one element is kept until another one decides. exists_one counts, and errors are errors. */
static int32_t cel_gen_fold(cel_writer *g, cel_node *n, uint16_t acc, uint32_t head, uint32_t *out) {
    static const uint8_t op[] = {0, CEL_OP_ALL, CEL_OP_ANY, CEL_OP_ONE};
    uint16_t p;
    uint32_t from = g->r->nins;
    KAM__TRY(cel_gen(g, n->kid[1], &p));
    *out = g->r->nins;
    KAM__TRY(cel_gen_emit(g, op[n->macro], acc, p, 0, n->kid[1]));
    if (n->macro != CEL_M_ONE) KAM__TRY(cel_gen_guard(g, from, g->r->nins, head, acc));
    return KAM_OK;
}

/* What one round adds to the result under construction. */
static int32_t cel_gen_round(cel_writer *g, cel_node *n, uint16_t acc, uint16_t it) {
    uint16_t v;
    cel_node *body = n->kid[n->n - 1];
    uint16_t key = (uint16_t)(it + 2);
    if (n->macro == CEL_M_FILTER) return cel_gen_emit(g, CEL_OP_PUSH, acc, key, 0, body);
    KAM__TRY(cel_gen(g, body, &v));
    if (n->macro == CEL_M_TENTRY) return cel_gen_emit(g, CEL_OP_PUTALL, acc, v, 0, body);
    if (n->macro != CEL_M_TMAP) return cel_gen_emit(g, CEL_OP_PUSH, acc, v, 0, body);
    KAM__TRY(cel_gen_emit(g, CEL_OP_PUT, acc, key, v, body));
    cel_gen_last(g)->x = 2;
    return KAM_OK;
}

/* The end of a loop: the accumulator becomes the result. */
static int32_t cel_gen_close(cel_writer *g, cel_node *n, uint16_t d, uint16_t acc, uint16_t it) {
    switch (n->macro) {
    case CEL_M_ALL: case CEL_M_EXISTS: return cel_gen_emit(g, CEL_OP_MOVE, d, acc, 0, n);
    case CEL_M_ONE: return cel_gen_emit(g, CEL_OP_ISONE, d, acc, 0, n);
    case CEL_M_TMAP: case CEL_M_TENTRY: return cel_gen_emit(g, CEL_OP_DONEMAP, d, acc, 0, n);
    case CEL_M_SORT: return cel_gen_emit(g, CEL_OP_SORT, d, it, acc, n);
    default: return cel_gen_emit(g, CEL_OP_MOVE, d, acc, 0, n);
    }
}

static int32_t cel_gen_open(cel_writer *g, cel_node *n, uint16_t acc, uint16_t it) {
    kam__cel start = n->macro == CEL_M_ALL ? kam__cel_bool(1) : n->macro == CEL_M_EXISTS ? kam__cel_bool(0)
        : kam__cel_int(0);
    uint16_t con;
    KAM__TRY(cel_gen_to(g, n->kid[0], it));
    KAM__TRY(cel_gen_emit(g, CEL_OP_ITER, it, it, 0, n->kid[0]));
    cel_gen_last(g)->x = n->macro == CEL_M_SORT;
    if (n->macro <= CEL_M_ONE) {
        KAM__TRY(cel_gen_con(g, &start, &con, n));
        return cel_gen_emit(g, CEL_OP_MOVE, acc, con, 0, n);
    }
    KAM__TRY(cel_gen_emit(g, CEL_OP_BUILD, acc, it, 0, n));
    cel_gen_last(g)->x = n->macro == CEL_M_TMAP ? 2 : 1;
    return KAM_OK;
}

static int32_t cel_gen_loop(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t acc = 0, it = 0;
    uint32_t head, out = UINT32_MAX, skip = UINT32_MAX;
    KAM__TRY(cel_gen_temp(g, &acc, 1, n));
    KAM__TRY(cel_gen_temp(g, &it, 4, n));
    n->local->slot = (uint16_t)(it + 2);
    if (n->local2) n->local2->slot = (uint16_t)(it + 3);
    KAM__TRY(cel_gen_open(g, n, acc, it));
    head = g->r->nins;
    KAM__TRY(cel_gen_emit(g, CEL_OP_NEXT, it, 0, 0, n));
    cel_gen_last(g)->x = n->local2 != NULL;
    uint32_t before = g->top;
    if (n->macro <= CEL_M_ONE) KAM__TRY(cel_gen_fold(g, n, acc, head, &out));
    else {
        if (n->flags & CEL_F_FILTER || n->macro == CEL_M_FILTER) KAM__TRY(cel_gen_unless(g, n->kid[1], &skip));
        KAM__TRY(cel_gen_round(g, n, acc, it));
    }
    g->top = before;
    if (skip != UINT32_MAX) g->r->ins[skip].jump = head;
    KAM__TRY(cel_gen_emit(g, CEL_OP_JUMP, 0, 0, 0, n));
    cel_gen_last(g)->jump = head;
    g->r->ins[head].jump = g->r->nins;
    if (out != UINT32_MAX) g->r->ins[out].jump = g->r->nins;
    return cel_gen_close(g, n, d, acc, it);
}

static int32_t cel_gen_bind(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t v;
    uint32_t none;
    KAM__TRY(cel_gen_temp(g, &n->local->slot, 1, n));
    if (n->kind == CEL_BIND) {
        KAM__TRY(cel_gen_to(g, n->kid[0], n->local->slot));
        return cel_gen_to(g, n->kid[1], d);
    }
    KAM__TRY(cel_gen(g, n->kid[0], &v));
    none = g->r->nins;
    KAM__TRY(cel_gen_emit(g, CEL_OP_UNWRAP, n->local->slot, v, 0, n->kid[0]));
    KAM__TRY(cel_gen(g, n->kid[1], &v));
    KAM__TRY(cel_gen_emit(g, n->kind == CEL_OPT_MAP ? CEL_OP_WRAP : CEL_OP_WANTOPT, d, v, 0, n->kid[1]));
    uint32_t end = g->r->nins;
    KAM__TRY(cel_gen_emit(g, CEL_OP_JUMP, 0, 0, 0, n));
    g->r->ins[none].jump = g->r->nins;
    kam__cel nothing = {KAM__CEL_OPTIONAL, {0}, 0, {0}};
    nothing.v.list = NULL;
    KAM__TRY(cel_gen_con(g, &nothing, &v, n));
    KAM__TRY(cel_gen_emit(g, CEL_OP_MOVE, d, v, 0, n));
    g->r->ins[end].jump = g->r->nins;
    return KAM_OK;
}

static int32_t cel_gen_raise(cel_writer *g, cel_node *n, uint16_t d) {
    uint32_t name;
    KAM__TRY(cel_gen_ref(g, n->name, &name));
    KAM__TRY(cel_gen_emit(g, CEL_OP_RAISE, d, 0, 0, n));
    cel_gen_last(g)->jump = name;
    return KAM_OK;
}

/* ---------------------------------------------------------------- all kinds */

static int32_t cel_gen_kind(cel_writer *g, cel_node *n, uint16_t d) {
    uint16_t a;
    switch (n->kind) {
    case CEL_CONST: case CEL_VAR: case CEL_LOCAL:
        KAM__TRY(cel_gen(g, n, &a));
        return cel_gen_emit(g, CEL_OP_MOVE, d, a, 0, n);
    case CEL_COND: return cel_gen_cond(g, n, d);
    case CEL_AND: case CEL_OR: return cel_gen_logic(g, n, d);
    case CEL_NOT: case CEL_NEG: return cel_gen_unary(g, n, d);
    case CEL_SELECT: return cel_gen_select(g, n, d);
    case CEL_INDEX: return cel_gen_index(g, n, d);
    case CEL_LIST: case CEL_MAP: return cel_gen_list(g, n, d);
    case CEL_FN: return cel_gen_call(g, n, d);
    case CEL_LOOP: return cel_gen_loop(g, n, d);
    case CEL_BIND: case CEL_OPT_MAP: case CEL_OPT_FLAT: return cel_gen_bind(g, n, d);
    case CEL_FAIL: return cel_gen_raise(g, n, d);
    default: return cel_gen_binary(g, n, d);
    }
}

static int32_t cel_gen_to(cel_writer *g, cel_node *n, uint16_t d) {
    uint32_t before = g->top;
    uint16_t slot = d;
    int leaf = (n->kind == CEL_CONST && n != g->r->root) || n->kind == CEL_VAR || n->kind == CEL_LOCAL;
    int32_t rc = leaf ? cel_gen_kind(g, n, d) : cel_gen_part(g, n, &slot, d);
    g->top = before;
    return rc;
}

/* ---------------------------------------------------------------- notes of sub-expressions */

/* Made of constants only: its value is told by its text. */
static int cel_gen_constant(const cel_node *n) {
    if (n->kind == CEL_VAR || n->kind == CEL_LOCAL) return 0;
    for (uint32_t i = 0; i < n->n; i++) if (!cel_gen_constant(n->kid[i])) return 0;
    return 1;
}

/* A node's code, and behind it the note of its value. A variable's value has its place; that of others goes to d. */
static int32_t cel_gen_part(cel_writer *g, cel_node *n, uint16_t *slot, uint16_t d) {
    kam_rule *r = g->r;
    uint32_t part = r->npart;
    int notes = cel_gen_traces(g) && (n == r->root || !cel_gen_constant(n));
    if (notes) {
        KAM__TRY(cel_gen_room(g, &r->part, r->npart, &g->cap_part, sizeof *r->part));
        r->part[r->npart++] = (cel_part){n->from, n->to, r->nins, 0};
    }
    if (n->kind == CEL_VAR) KAM__TRY(cel_gen_var(g, n->var, slot));
    else if (n->kind == CEL_LOCAL) *slot = n->local->slot;
    else KAM__TRY(cel_gen_kind(g, n, d));
    if (!notes) return KAM_OK;
    KAM__TRY(cel_gen_emit(g, CEL_OP_NOTE, 0, *slot, 0, n));
    cel_gen_last(g)->jump = part;
    r->part[part].end = r->nins;
    return KAM_OK;
}

static void cel_gen_place(const kam_rule *r, uint16_t *slot) {
    if (*slot >= GEN_TEMP) *slot = (uint16_t)(*slot - GEN_TEMP + r->ncon + r->nuse);
    else if (*slot >= GEN_VAR) *slot = (uint16_t)(*slot - GEN_VAR + r->ncon);
}

int32_t kam__cel_gen(cel_comp *c) {
    cel_writer g = {.c = c, .r = c->r, .chain = UINT32_MAX};
    kam_rule *r = c->r;
    uint16_t slot;
    KAM__TRY(cel_gen_temp(&g, &slot, 1, r->root));
    KAM__TRY(cel_gen_to(&g, r->root, slot));
    KAM__TRY(cel_gen_emit(&g, CEL_OP_END, 0, slot, 0, r->root));
    for (uint32_t i = 0; i < r->nins; i++) {
        cel_gen_place(r, &r->ins[i].d);
        cel_gen_place(r, &r->ins[i].a);
        cel_gen_place(r, &r->ins[i].b);
    }
    for (uint32_t i = 0; i < r->nguard; i++) cel_gen_place(r, &r->guard[i].slot);
    for (uint32_t i = 0; i < r->nuse; i++) r->use[i].slot = (uint16_t)(r->ncon + i);
    cel_gen_place(r, &slot);
    r->result = slot;
    r->nslot = r->ncon + r->nuse + g.high;
    return KAM_OK;
}
