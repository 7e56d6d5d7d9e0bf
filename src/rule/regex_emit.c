/*
 * rule/regex_emit.c - the tree of a regular expression to its steps.
 *
 * A repetition writes its operand out as often as it must come, and once more, in a loop, where it may come for ever;
 * the number of steps is bounded, and so is the work, since something can also be repeated that has no steps.
 */
#include "regex_impl.h"

int32_t kam__regex_step(rp *p, uint8_t op, uint32_t *at) {
    kam__regex *re = p->re;
    if (re->n >= KAM__REGEX_STEPS)
        return kam__fail(p->err, KAM_E_LIMIT,
                         "regular expression: more than %u steps when its repetitions are written out",
                             KAM__REGEX_STEPS);
    if (re->n == p->cap_step) {
        size_t cap = p->cap_step ? p->cap_step * 2 : 16;
        re_step *more = kam__arena_alloc(p->arena, cap * sizeof *more);
        if (!more) return kam__nomem(p->err);
        if (re->n) memcpy(more, re->step, re->n * sizeof *more);
        re->step = more;
        p->cap_step = cap;
    }
    *at = re->n++;
    memset(&re->step[*at], 0, sizeof re->step[*at]);
    re->step[*at].op = op;
    re->step[*at].x = *at + 1;
    return KAM_OK;
}

static int32_t rp_emit_repeat(rp *p, const rp_node *n) {
    uint32_t split, jump, first = UINT32_MAX;
    for (uint32_t i = 0; i < n->min; i++) KAM__TRY(kam__regex_emit(p, n->kid));
    if (n->max == RP_FOREVER) {
        KAM__TRY(kam__regex_step(p, RE_SPLIT, &split));
        KAM__TRY(kam__regex_emit(p, n->kid));
        KAM__TRY(kam__regex_step(p, RE_JUMP, &jump));
        p->re->step[jump].x = split;
        p->re->step[split].y = p->re->n;
        return KAM_OK;
    }
    for (uint32_t i = n->min; i < n->max; i++) {            /* nested: each needs the one before */
        KAM__TRY(kam__regex_step(p, RE_SPLIT, &split));
        p->re->step[split].y = first;                       /* a chain, filled in below */
        first = split;
        KAM__TRY(kam__regex_emit(p, n->kid));
    }
    while (first != UINT32_MAX) {
        uint32_t next = p->re->step[first].y;
        p->re->step[first].y = p->re->n;
        first = next;
    }
    return KAM_OK;
}

static int32_t rp_emit_alternatives(rp *p, const rp_node *n) {
    uint32_t split, jump, chain = UINT32_MAX;
    for (const rp_node *k = n->kid; k; k = k->next) {
        if (!k->next) { KAM__TRY(kam__regex_emit(p, k)); break; }
        KAM__TRY(kam__regex_step(p, RE_SPLIT, &split));
        KAM__TRY(kam__regex_emit(p, k));
        KAM__TRY(kam__regex_step(p, RE_JUMP, &jump));
        p->re->step[jump].x = chain;
        chain = jump;
        p->re->step[split].y = p->re->n;
    }
    while (chain != UINT32_MAX) {
        uint32_t next = p->re->step[chain].x;
        p->re->step[chain].x = p->re->n;
        chain = next;
    }
    return KAM_OK;
}

static int32_t rp_emit_char(rp *p, const rp_node *n) {
    uint32_t at, c = n->c;
    if (n->flags & RP_I) c = c < 128 ? (c >= 'A' && c <= 'Z' ? c + 32 : c) : kam__regex_fold(c);
    KAM__TRY(kam__regex_step(p, n->flags & RP_I ? RE_CHAR_FOLD : RE_CHAR, &at));
    p->re->step[at].y = c;
    return KAM_OK;
}

int32_t kam__regex_emit(rp *p, const rp_node *n) {
    uint32_t at;
    if (++p->work > 16 * KAM__REGEX_STEPS)
        return kam__fail(p->err, KAM_E_LIMIT,
                         "regular expression: its repetitions are too many when they are written out");
    switch (n->kind) {
    case RP_EMPTY: return KAM_OK;
    case RP_CHAR: return rp_emit_char(p, n);
    case RP_ANY: return kam__regex_step(p, n->flags & RP_S ? RE_ANY : RE_ANY_LINE, &at);
    case RP_ASSERT: return kam__regex_step(p, n->op, &at);
    case RP_REPEAT: return rp_emit_repeat(p, n);
    case RP_ALT: return rp_emit_alternatives(p, n);
    case RP_CLASS:
        KAM__TRY(kam__regex_step(p, RE_CLASS, &at));
        p->re->step[at].y = n->first;
        p->re->step[at].count = n->count;
        p->re->step[at].invert = n->invert;
        return KAM_OK;
    default:
        for (const rp_node *k = n->kid; k; k = k->next) KAM__TRY(kam__regex_emit(p, k));
        return KAM_OK;
    }
}
