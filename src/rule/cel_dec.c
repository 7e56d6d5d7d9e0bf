/*
 * rule/cel_dec.c - decimals whose number of decimals is known when compiling.
 *
 * A value carries its own scale. Where the scale follows from the expression (attributes of decimal(N), constants, sums,
 * products, quotients, round() to a constant), a result has exactly that many decimals, so that a column of results is
 * a column of whole numbers, and blocks compute with those. Division is written once, for rows and blocks.
 */
#include "cel_impl.h"

int32_t kam__cel_round_to(const cel_node *n) {
    if (n->kind != CEL_FN || !n->fn || n->fn->decl || strcmp(n->fn->name, "round") != 0 || n->n != 2) return -1;
    const kam__cel *k = &n->kid[1]->val;
    return n->kid[1]->kind == CEL_CONST && k->t == KAM__CEL_INT && k->v.i >= 0 && k->v.i <= 18 ? (int32_t)k->v.i : -1;
}

/* What a function of the host is declared to give, if all of its overloads are. */
static int32_t cel_dec_declared(const cel_decl *d) {
    for (uint32_t i = 0; i < d->n; i++)
        if (d->over[i].result->kind != KAM__CEL_DECIMAL || d->over[i].result->scale != d->over[0].result->scale) return -1;
    return d->n ? (int32_t)d->over[0].result->scale - 1 : -1;
}

int32_t kam__cel_scale_of(uint8_t kind, int32_t a, int32_t b) {
    int32_t more = a > b ? a : b;
    if (a < 0 || b < 0) return -1;
    if (kind == CEL_MUL) return a + b > 18 ? -1 : a + b;
    return kind == CEL_DIV && more < 6 ? 6 : more;
}

int32_t kam__cel_scale(const cel_node *n) {
    switch (n->kind) {
    case CEL_CONST: return n->val.t == KAM__CEL_DECIMAL ? (int32_t)n->val.n : n->val.t == KAM__CEL_INT ? 0 : -1;
    case CEL_VAR:
        return n->type->kind == KAM__CEL_DECIMAL ? (int32_t)n->type->scale - 1 : n->type->kind == KAM__CEL_INT ? 0 : -1;
    case CEL_NEG: return kam__cel_scale(n->kid[0]);
    case CEL_ADD: case CEL_SUB: case CEL_MUL: case CEL_DIV:
        if (n->type->kind == KAM__CEL_INT) return 0;
        return kam__cel_scale_of(n->kind, kam__cel_scale(n->kid[0]), kam__cel_scale(n->kid[1]));
    case CEL_COND: {
        int32_t a = kam__cel_scale(n->kid[1]);
        return a == kam__cel_scale(n->kid[2]) ? a : -1;
    }
    default:
        if (n->type->kind == KAM__CEL_INT) return 0;
        return n->kind == CEL_FN && n->fn->decl ? cel_dec_declared(n->fn->decl) : kam__cel_round_to(n);
    }
}

/* decimal('1.50') is a constant. */
void kam__cel_fold_decimal(cel_node *n) {
    int64_t v;
    uint32_t scale = 0;
    if (n->fn->decl || strcmp(n->fn->name, "decimal") != 0 || n->n != 1 || n->kid[0]->kind != CEL_CONST) return;
    const kam__cel *k = &n->kid[0]->val;
    v = k->v.i;
    if (k->t != KAM__CEL_INT &&
        (k->t != KAM__CEL_STRING || kam__dec_parse_any(&v, &scale, k->v.s, k->n, NULL) != KAM_OK)) return;
    n->kind = CEL_CONST;
    n->n = 0;
    n->val = kam__cel_int(v);
    n->val.t = KAM__CEL_DECIMAL;
    n->val.n = scale;
}

int kam__cel_divide(int64_t a, int64_t b, uint32_t up, int64_t *out) {
    if (b == INT64_MIN || (b < 0 && a == INT64_MIN)) return 1;
    if (b < 0) { a = -a; b = -b; }
    return kam__muldiv(a, kam__pow10[up], b, KAM__HALF_EVEN, out);
}

void kam__cel_to_scale(cel_run *run, kam__cel *v, int32_t scale) {
    if (v->t != KAM__CEL_DECIMAL || scale < 0 || v->n == (uint32_t)scale) return;
    if (kam__rescale(v->v.i, v->n, (uint32_t)scale, KAM__EXACT, &v->v.i))
        kam__cel_raise(run, v, "a decimal does not fit %d decimals; round(n) gives it fewer", (int)scale);
    else v->n = (uint32_t)scale;
}
