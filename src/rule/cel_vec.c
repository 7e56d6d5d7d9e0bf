/*
 * rule/cel_vec.c - the tree to a vector program.
 *
 * Taken are attributes and constants of the types int, double, bool, string and decimal(N), + - * of numbers, / of
 * doubles and decimals, round() to a constant, comparisons (of strings: equality with constants), && || ! ?: and `in` a
 * list of constants. A decimal is the whole number of its last decimal, and how many it has is known here. One other
 * node, and the whole expression is left to the row machine. A chain `x < 10 ? a : x < 20 ? b : c` with constants in
 * ascending order becomes one operation that reads x once; so does a chain of == .
 */
#include "cel_vec.h"

/* "this expression has no vector program": never leaves this file */
enum { VEC_NOT = 1 };
enum { VEC_REGS = 64, VEC_OPS = 4096 };

/* dec: of a decimal, its decimals + 1; else 0 */
typedef struct cel_operand { uint8_t type, scalar; uint16_t reg; cel_slot k; uint8_t dec; } cel_operand;
typedef struct cel_vcomp { kam_rule *r; cel_vec *v; size_t cap_op, cap_col,
    cap_text; uint64_t free; uint16_t col_reg[VEC_REGS]; } cel_vcomp;

static int32_t cel_vec_node(cel_vcomp *c, const cel_node *n, cel_operand *out);

static int32_t cel_vec_room_for(cel_vcomp *c, void *array, uint32_t n, size_t *cap, size_t size) {
    void **p = array;
    if (n < *cap) return KAM_OK;
    size_t more = *cap ? *cap * 2 : 16;
    void *bigger = kam__arena_alloc(&c->r->arena, more * size);
    if (!bigger) return KAM_E_NOMEM;
    if (n) memcpy(bigger, *p, n * size);
    *p = bigger;
    *cap = more;
    return KAM_OK;
}

static int32_t cel_vec_reg(cel_vcomp *c, uint16_t *reg) {
    for (uint16_t i = 0; i < VEC_REGS; i++) {
        if (!(c->free >> i & 1)) continue;
        c->free &= ~((uint64_t)1 << i);
        if (i >= c->v->nreg) c->v->nreg = i + 1u;
        *reg = i;
        return KAM_OK;
    }
    return VEC_NOT;
}

static void cel_vec_done(cel_vcomp *c, const cel_operand *o) {
    if (o->scalar) return;
    for (uint32_t i = 0; i < c->v->ncol; i++) if (c->col_reg[i] == o->reg) return;     /* a column stays */
    c->free |= (uint64_t)1 << o->reg;
}

static int32_t cel_vec_emit(cel_vcomp *c, cel_vop **out, uint8_t op, uint8_t type) {
    if (c->v->nop >= VEC_OPS) return VEC_NOT;
    KAM__TRY(cel_vec_room_for(c, &c->v->op, c->v->nop, &c->cap_op, sizeof *c->v->op));
    *out = &c->v->op[c->v->nop++];
    memset(*out, 0, sizeof **out);
    (*out)->op = op;
    (*out)->type = type;
    return KAM_OK;
}

/* ---------------------------------------------------------------- leaves */

static uint8_t cel_vec_type(const kam__cel_type *t) {
    switch (t->kind) {
    case KAM__CEL_DOUBLE: return CEL_V_DOUBLE;
    case KAM__CEL_INT: case KAM__CEL_DECIMAL: return CEL_V_INT;
    case KAM__CEL_BOOL: return CEL_V_BOOL;
    case KAM__CEL_STRING: return CEL_V_KEY;
    default: return CEL_V_NONE;
    }
}

uint64_t kam__cel_vec_key(const cel_vec *v, const char *s, size_t n) {
    uint64_t key = 0;
    if (n <= 7) {
        for (size_t i = 0; i < n; i++) key |= (uint64_t)(unsigned char)s[i] << 8 * i;
        return key | (uint64_t)n << 56;
    }
    return kam__cel_vec_long(v, s, n);
}

static int32_t cel_vec_const(cel_vcomp *c, const kam__cel *v, cel_operand *out) {
    out->scalar = 1;
    out->type = cel_vec_type(&kam__cel_types[v->t]);
    out->dec = v->t == KAM__CEL_DECIMAL ? (uint8_t)(v->n + 1) : 0;
    out->k.i = v->t == KAM__CEL_BOOL ? -v->v.i : v->v.i;
    if (out->type == CEL_V_DOUBLE) out->k.f = v->v.f;
    if (out->type != CEL_V_KEY) return out->type ? KAM_OK : VEC_NOT;
    uint64_t none = (uint64_t)0xFF << 56;
    if (kam__cel_vec_key(c->v, v->v.s, v->n) == none) {
        KAM__TRY(cel_vec_room_for(c, &c->v->text, c->v->ntext, &c->cap_text, sizeof *c->v->text));
        c->v->text[c->v->ntext++] = (struct cel_vtext){kam__cel_key(v->v.s, v->n), v->v.s};
    }
    out->k.u = kam__cel_vec_key(c->v, v->v.s, v->n);
    return KAM_OK;
}

/* Columns are loaded once, at the start, and keep their registers. */
static int32_t cel_vec_var(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    cel_vec *v = c->v;
    cel_vop *op;
    uint32_t i = 0;
    out->scalar = 0;
    out->type = cel_vec_type(n->type);
    out->dec = n->type->kind == KAM__CEL_DECIMAL ? (uint8_t)n->type->scale : 0;
    if (n->type->kind == KAM__CEL_DECIMAL && !out->dec) return VEC_NOT;
    if (!out->type || cel_vec_type(c->r->var[n->var].type) != out->type) return VEC_NOT;
    while (i < v->ncol && v->col[i].var != n->var) i++;
    if (i == v->ncol) {
        if (v->ncol == VEC_REGS / 2) return VEC_NOT;
        KAM__TRY(cel_vec_room_for(c, &v->col, v->ncol, &c->cap_col, sizeof *v->col));
        KAM__TRY(cel_vec_reg(c, &out->reg));
        KAM__TRY(cel_vec_emit(c, &op, CEL_K_LOAD, out->type));
        op->d = out->reg;
        op->n = i;
        v->col[i].var = n->var;
        v->col[i].type = out->type;
        c->col_reg[v->ncol++] = out->reg;
    }
    out->reg = c->col_reg[i];
    return KAM_OK;
}

/* ---------------------------------------------------------------- operators */

static void cel_vec_side(cel_vop *op, int side, const cel_operand *o) {
    uint16_t *reg = side == 0 ? &op->a : side == 1 ? &op->b : &op->c;
    cel_slot *k = side == 0 ? &op->ka : side == 1 ? &op->kb : &op->kc;
    if (o->scalar) op->scalar |= (uint8_t)(1 << side);
    *reg = o->reg;
    *k = o->k;
}

/* An int where a double is needed. */
static int32_t cel_vec_double(cel_vcomp *c, cel_operand *o) {
    cel_vop *op;
    if (o->type == CEL_V_DOUBLE) return KAM_OK;
    if (o->type != CEL_V_INT || o->dec) return VEC_NOT;
    if (o->scalar) {
        o->k.f = (double)o->k.i;
        o->type = CEL_V_DOUBLE;
        return KAM_OK;
    }
    uint16_t d;
    KAM__TRY(cel_vec_reg(c, &d));
    KAM__TRY(cel_vec_emit(c, &op, CEL_K_I2D, CEL_V_DOUBLE));
    op->a = o->reg;
    op->d = d;
    cel_vec_done(c, o);
    o->reg = d;
    o->type = CEL_V_DOUBLE;
    return KAM_OK;
}

static int32_t cel_vec_two(cel_vcomp *c, uint8_t kind, uint8_t type, const cel_operand *a, const cel_operand *b,
                           cel_operand *out) {
    cel_vop *op;
    uint16_t d;
    if (a->scalar && b->scalar) return VEC_NOT;     /* constants among themselves are rare */
    cel_vec_done(c, a);
    cel_vec_done(c, b);
    KAM__TRY(cel_vec_reg(c, &d));
    KAM__TRY(cel_vec_emit(c, &op, kind, type));
    cel_vec_side(op, 0, a);
    cel_vec_side(op, 1, b);
    op->d = d;
    out->type = type;
    out->scalar = 0;
    out->reg = d;
    out->dec = 0;
    return KAM_OK;
}

/* ---------------------------------------------------------------- decimals */

static int32_t cel_vec_scale(const cel_operand *o) { return o->dec ? o->dec - 1 : 0; }

/* More decimals: digits times a power of ten. */
static int32_t cel_vec_raise(cel_vcomp *c, cel_operand *o, int32_t scale) {
    int32_t up = scale - cel_vec_scale(o);
    cel_operand k = {CEL_V_INT, 1, 0, {0}, 0};
    if (up == 0) return KAM_OK;
    k.k.i = kam__pow10[up];
    if (!o->scalar) KAM__TRY(cel_vec_two(c, CEL_K_MULI, CEL_V_INT, o, &k, o));
    else if (kam__mul(o->k.i, k.k.i, &o->k.i)) return VEC_NOT;
    o->dec = (uint8_t)(scale + 1);
    return KAM_OK;
}

/* Both of them with as many decimals as one has. */
static int32_t cel_vec_level(cel_vcomp *c, cel_operand *a, cel_operand *b) {
    int32_t x = cel_vec_scale(a), y = cel_vec_scale(b);
    KAM__TRY(cel_vec_raise(c, a, x > y ? x : y));
    return cel_vec_raise(c, b, x > y ? x : y);
}

static int32_t cel_vec_decimal(cel_vcomp *c, const cel_node *n, cel_operand *a, cel_operand *b, cel_operand *out) {
    int32_t x = cel_vec_scale(a), y = cel_vec_scale(b), scale = kam__cel_scale_of(n->kind, x, y);
    if (scale < 0 || a->type != CEL_V_INT || b->type != CEL_V_INT) return VEC_NOT;
    if (n->kind == CEL_DIV) {
        if (scale + y - x > 18) return VEC_NOT;
        KAM__TRY(cel_vec_two(c, CEL_K_DIVC, CEL_V_INT, a, b, out));
        c->v->op[c->v->nop - 1].n = (uint32_t)(scale + y - x);
    } else {
        if (n->kind != CEL_MUL) KAM__TRY(cel_vec_level(c, a, b));
        KAM__TRY(cel_vec_two(c, (uint8_t)(CEL_K_ADDI + n->kind - CEL_ADD), CEL_V_INT, a, b, out));
    }
    out->dec = (uint8_t)(scale + 1);
    return KAM_OK;
}

static int32_t cel_vec_round(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    cel_operand a = {0, 0, 0, {0}, 0}, k = {CEL_V_INT, 1, 0, {0}, 0};
    int32_t scale = kam__cel_round_to(n);
    if (scale < 0) return VEC_NOT;
    KAM__TRY(cel_vec_node(c, n->kid[0], &a));
    if (!a.dec) return VEC_NOT;
    uint32_t from = (uint32_t)cel_vec_scale(&a);
    KAM__TRY(cel_vec_two(c, CEL_K_ROUND, CEL_V_INT, &a, &k, out));
    c->v->op[c->v->nop - 1].n = from | (uint32_t)scale << 8;
    out->dec = (uint8_t)(scale + 1);
    return KAM_OK;
}

/* ---------------------------------------------------------------- arithmetic, comparisons, logic */

static int32_t cel_vec_arith(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    cel_operand a = {0, 0, 0, {0}, 0}, b = {0, 0, 0, {0}, 0};
    KAM__TRY(cel_vec_node(c, n->kid[0], &a));
    KAM__TRY(cel_vec_node(c, n->kid[1], &b));
    if (n->kind == CEL_MOD || a.type > CEL_V_INT || b.type > CEL_V_INT) return VEC_NOT;
    if (a.dec || b.dec) return cel_vec_decimal(c, n, &a, &b, out);
    if (a.type == CEL_V_INT && b.type == CEL_V_INT) {
        if (n->kind == CEL_DIV) return VEC_NOT;
        return cel_vec_two(c, (uint8_t)(CEL_K_ADDI + n->kind - CEL_ADD), CEL_V_INT, &a, &b, out);
    }
    KAM__TRY(cel_vec_double(c, &a));
    KAM__TRY(cel_vec_double(c, &b));
    return cel_vec_two(c, (uint8_t)(CEL_K_ADDF + n->kind - CEL_ADD), CEL_V_DOUBLE, &a, &b, out);
}

static int32_t cel_vec_compare(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    cel_operand a = {0, 0, 0, {0}, 0}, b = {0, 0, 0, {0}, 0};
    KAM__TRY(cel_vec_node(c, n->kid[0], &a));
    KAM__TRY(cel_vec_node(c, n->kid[1], &b));
    int equality = n->kind == CEL_EQ || n->kind == CEL_NE;
    if ((a.dec || b.dec) && a.type == CEL_V_INT && b.type == CEL_V_INT) KAM__TRY(cel_vec_level(c, &a, &b));
    if (a.type <= CEL_V_INT && b.type <= CEL_V_INT && a.type != b.type) {
        KAM__TRY(cel_vec_double(c, &a));
        KAM__TRY(cel_vec_double(c, &b));
    }
    if (a.type != b.type || (a.type >= CEL_V_BOOL && !equality)) return VEC_NOT;
    if (a.type == CEL_V_KEY && !a.scalar && !b.scalar) return VEC_NOT;      /* keys tell texts from constants only */
    return cel_vec_two(c, (uint8_t)((a.type == CEL_V_DOUBLE ? CEL_K_EQF : CEL_K_EQI) + n->kind - CEL_EQ), CEL_V_BOOL,
                       &a, &b, out);
}

static int32_t cel_vec_fill(cel_vcomp *c, cel_operand *o) {
    cel_vop *op;
    if (!o->scalar) return KAM_OK;
    KAM__TRY(cel_vec_reg(c, &o->reg));
    KAM__TRY(cel_vec_emit(c, &op, CEL_K_FILL, o->type));
    op->d = o->reg;
    op->ka = o->k;
    o->scalar = 0;
    return KAM_OK;
}

static int32_t cel_vec_logic(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    cel_operand a = {0, 0, 0, {0}, 0}, b = {0, 0, 0, {0}, 0};
    KAM__TRY(cel_vec_node(c, n->kid[0], &a));
    if (n->kind == CEL_NOT) {
        b.scalar = 1;
        b.type = CEL_V_BOOL;
        KAM__TRY(cel_vec_fill(c, &a));
        return a.type == CEL_V_BOOL ? cel_vec_two(c, CEL_K_NOT, CEL_V_BOOL, &a, &b, out) : VEC_NOT;
    }
    KAM__TRY(cel_vec_node(c, n->kid[1], &b));
    if (a.type != CEL_V_BOOL || b.type != CEL_V_BOOL) return VEC_NOT;
    KAM__TRY(cel_vec_fill(c, &a));
    KAM__TRY(cel_vec_fill(c, &b));
    return cel_vec_two(c, n->kind == CEL_AND ? CEL_K_AND : CEL_K_OR, CEL_V_BOOL, &a, &b, out);
}

static int32_t cel_vec_negate(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    cel_operand a = {0, 0, 0, {0}, 0}, zero = {CEL_V_INT, 1, 0, {0}, 0};
    KAM__TRY(cel_vec_node(c, n->kid[0], &a));
    if (a.type == CEL_V_INT) {
        KAM__TRY(cel_vec_two(c, CEL_K_SUBI, CEL_V_INT, &zero, &a, out));
        out->dec = a.dec;
        return KAM_OK;
    }
    zero.type = CEL_V_DOUBLE;
    zero.k.i = INT64_MIN;                           /* the sign's bit is turned over */
    return a.type == CEL_V_DOUBLE && !a.scalar ? cel_vec_two(c, CEL_K_NEGF, CEL_V_DOUBLE, &a, &zero, out) : VEC_NOT;
}

/* ---------------------------------------------------------------- ?: */

static int cel_vec_is_const(const cel_node *n) {
    uint8_t t = n->val.t;
    return n->kind == CEL_CONST && cel_vec_type(&kam__cel_types[t]) != CEL_V_NONE && t != KAM__CEL_STRING &&
           t != KAM__CEL_DECIMAL;
}

/* The constant a numeric node is in a chain of type `type`. */
static int cel_vec_value(const cel_node *n, uint8_t type, cel_slot *out) {
    if (!cel_vec_is_const(n)) return 0;
    uint8_t is = cel_vec_type(&kam__cel_types[n->val.t]);
    out->i = is == CEL_V_BOOL ? -n->val.v.i : n->val.v.i;
    if (is == CEL_V_DOUBLE) out->f = n->val.v.f;
    return is == type;
}

/* What x is compared with, as x's own type: an int against a double would need both. 0 = no. */
static int cel_vec_at(cel_vcomp *c, const cel_node *link, uint8_t type, uint8_t dec, cel_slot *out) {
    cel_operand k = {0, 0, 0, {0}, 0};
    if (cel_vec_const(c, &link->kid[0]->kid[1]->val, &k) != KAM_OK) return 0;
    *out = k.k;
    uint32_t scale = (uint32_t)cel_vec_scale(&k);
    if (dec) return k.type == CEL_V_INT && !kam__rescale(k.k.i, scale, dec - 1u, KAM__EXACT, &out->i);
    if (k.dec) return 0;
    if (type == CEL_V_DOUBLE && k.type == CEL_V_INT) {
        out->f = (double)k.k.i;
        return 1;
    }
    return k.type == type;
}

/* A chain of at least two links as one operation. VEC_NOT: it is none. */
static int32_t cel_vec_chain(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    uint32_t links = 0;
    const cel_node *last = n;
    cel_operand x = {0, 0, 0, {0}, 0};
    cel_slot end, value, next;
    uint8_t type = cel_vec_type(n->type);
    links = kam__cel_links(n, &last);
    if (links < 2 || !cel_vec_value(last, type, &end)) return VEC_NOT;
    const cel_node *var = n->kid[0]->kid[0];
    uint8_t dec = var->type->kind == KAM__CEL_DECIMAL ? (uint8_t)var->type->scale : 0;
    if (!dec && var->type->kind == KAM__CEL_DECIMAL) return VEC_NOT;
    int band = n->kid[0]->kind == CEL_LT;
    cel_band *b = kam__arena_alloc(&c->r->arena, links * sizeof *b);
    if (!b) return KAM_E_NOMEM;
    int wide = 0;                                   /* an int column against double constants is read as double */
    for (const cel_node *k = n; k != last; k = k->kid[2]) wide |= k->kid[0]->kid[1]->val.t == KAM__CEL_DOUBLE;
    uint8_t at = cel_vec_type(var->type);
    if (wide && at == CEL_V_INT) at = CEL_V_DOUBLE;
    if (band && at != CEL_V_DOUBLE && at != CEL_V_INT) return VEC_NOT;
    const cel_node *k = n;
    for (uint32_t i = 0; i < links; i++, k = k->kid[2]) {
        if (!cel_vec_value(k->kid[1], type, &value) || !cel_vec_at(c, k, at, dec, &b[i].at)) return VEC_NOT;
        int ascending = i == 0 || (at == CEL_V_DOUBLE ? b[i - 1].at.f < b[i].at.f : b[i - 1].at.i < b[i].at.i);
        for (uint32_t j = 0; !band && j < i; j++) if (b[j].at.u == b[i].at.u || at == CEL_V_DOUBLE) return VEC_NOT;
        if (band && !ascending) return VEC_NOT;
        next = end;
        if (band && i + 1 < links && !cel_vec_value(k->kid[2]->kid[1], type, &next)) return VEC_NOT;
        b[i].change = value.u ^ next.u;
    }
    KAM__TRY(cel_vec_var(c, var, &x));
    if (at == CEL_V_DOUBLE) KAM__TRY(cel_vec_double(c, &x));
    cel_operand none = {type, 1, 0, {0}, 0};
    none.k = end;
    KAM__TRY(cel_vec_two(c, band ? CEL_K_BAND : CEL_K_CASE, type, &x, &none, out));
    cel_vop *op = &c->v->op[c->v->nop - 1];
    op->n = links;
    op->band = b;
    op->same = at;
    return KAM_OK;
}

static int32_t cel_vec_cond(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    cel_operand t = {0, 0, 0, {0}, 0}, a = {0, 0, 0, {0}, 0}, b = {0, 0, 0, {0}, 0};
    cel_vop *op;
    uint16_t d;
    int32_t rc = cel_vec_chain(c, n, out);
    if (rc != VEC_NOT) return rc;
    KAM__TRY(cel_vec_node(c, n->kid[0], &t));
    KAM__TRY(cel_vec_node(c, n->kid[1], &a));
    KAM__TRY(cel_vec_node(c, n->kid[2], &b));
    if (t.type != CEL_V_BOOL || a.type != b.type || a.dec != b.dec || a.type == CEL_V_KEY) return VEC_NOT;
    KAM__TRY(cel_vec_fill(c, &t));
    cel_vec_done(c, &t);
    cel_vec_done(c, &a);
    cel_vec_done(c, &b);
    KAM__TRY(cel_vec_reg(c, &d));
    KAM__TRY(cel_vec_emit(c, &op, CEL_K_SELECT, a.type));
    cel_vec_side(op, 0, &t);
    cel_vec_side(op, 1, &a);
    cel_vec_side(op, 2, &b);
    op->d = d;
    out->type = a.type;
    out->dec = a.dec;
    out->scalar = 0;
    out->reg = d;
    return KAM_OK;
}

/* x in [constants]: any of some equalities. */
static int32_t cel_vec_in(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    cel_operand x = {0, 0, 0, {0}, 0}, end = {CEL_V_BOOL, 1, 0, {0}, 0}, k = {0, 0, 0, {0}, 0};
    const cel_node *list = n->kid[1];
    if (list->kind != CEL_LIST || list->opt || list->n == 0 || list->n > 256 ||
        n->kid[0]->kind != CEL_VAR) return VEC_NOT;
    KAM__TRY(cel_vec_var(c, n->kid[0], &x));
    if (x.type == CEL_V_DOUBLE || x.dec) return VEC_NOT;
    cel_band *b = kam__arena_alloc(&c->r->arena, list->n * sizeof *b);
    if (!b) return KAM_E_NOMEM;
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        uint32_t j = 0;
        if (list->kid[i]->kind != CEL_CONST || cel_vec_const(c, &list->kid[i]->val, &k) != KAM_OK ||
            k.type != x.type || k.dec) return VEC_NOT;
        while (j < count && b[j].at.u != k.k.u) j++;
        if (j < count) continue;
        b[count].at = k.k;
        b[count++].change = UINT64_MAX;
    }
    KAM__TRY(cel_vec_two(c, CEL_K_CASE, CEL_V_BOOL, &x, &end, out));
    cel_vop *op = &c->v->op[c->v->nop - 1];
    op->n = count;
    op->band = b;
    op->same = x.type;
    return KAM_OK;
}

/* ---------------------------------------------------------------- all kinds */

static int32_t cel_vec_node(cel_vcomp *c, const cel_node *n, cel_operand *out) {
    switch (n->kind) {
    case CEL_CONST: return cel_vec_const(c, &n->val, out);
    case CEL_VAR: return cel_vec_var(c, n, out);
    case CEL_ADD: case CEL_SUB: case CEL_MUL: case CEL_DIV: case CEL_MOD: return cel_vec_arith(c, n, out);
    case CEL_EQ: case CEL_NE: case CEL_LT: case CEL_LE: case CEL_GT: case CEL_GE: return cel_vec_compare(c, n, out);
    case CEL_AND: case CEL_OR: case CEL_NOT: return cel_vec_logic(c, n, out);
    case CEL_COND: return cel_vec_cond(c, n, out);
    case CEL_NEG: return cel_vec_negate(c, n, out);
    case CEL_IN: return cel_vec_in(c, n, out);
    case CEL_FN: return cel_vec_round(c, n, out);
    default: return VEC_NOT;
    }
}

int32_t kam__cel_vec_compile(kam_rule *r, kam_error *err) {
    cel_vcomp c;
    cel_operand out = {0, 0, 0, {0}, 0};
    memset(&c, 0, sizeof c);
    c.r = r;
    c.free = UINT64_MAX;
    if (!(c.v = kam__arena_alloc(&r->arena, sizeof *c.v))) return kam__nomem(err);
    memset(c.v, 0, sizeof *c.v);
    uint8_t type = cel_vec_type(r->root->type);
    int32_t rc = type == CEL_V_NONE || type == CEL_V_KEY ? VEC_NOT : cel_vec_node(&c, r->root, &out);
    if (rc == KAM_E_NOMEM) return kam__nomem(err);
    if (rc != KAM_OK || out.scalar || out.type != type) return KAM_OK;
    if (out.dec != (r->root->type->kind == KAM__CEL_DECIMAL ? r->scale + 1 : 0)) return KAM_OK;
    c.v->result = out.reg;
    r->vec = c.v;
    return KAM_OK;
}
