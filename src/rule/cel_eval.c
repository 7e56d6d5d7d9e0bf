/*
 * rule/cel_eval.c - the register machine.
 *
 * The common cases of the common operations are in the loop itself: both operands of one type that the machine knows.
 * Whatever is left goes to cel_slow.c, and so does every operand that is an error. An error looks for the innermost
 * guarded range around its instruction, leaves its value where the guard says and goes on there; without one it is the
 * result. Running out of memory or budget (run->rc) is seen by no guard.
 */
#include "cel_impl.h"
#include <stdio.h>

void kam__cel_raise(cel_run *run, kam__cel *out, const char *fmt, ...) {
    char text[256];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : kam__utf8_cut(text, sizeof text - 1);
    out->t = KAM__CEL_ERROR;
    out->n = run->pos;
    out->v.s = "";
    char *copy = kam__cel_alloc(run, out, len + 1);
    if (!copy) return;
    memcpy(copy, text, len);
    copy[len] = '\0';
    out->v.s = copy;
}

int kam__cel_charge(cel_run *run, kam__cel *out, uint64_t units) {
    if (units <= run->budget) {
        run->budget -= units;
        return 1;
    }
    run->budget = 0;
    out->t = KAM__CEL_ERROR;
    out->n = run->pos;
    out->v.s = "the evaluation's budget is used up";
    run->rc = KAM_E_LIMIT;
    return 0;
}

void *kam__cel_alloc(cel_run *run, kam__cel *out, uint64_t size) {
    if (!kam__cel_charge(run, out, size / 16 + 1)) return NULL;
    void *p = size > SIZE_MAX ? NULL : kam__arena_alloc(run->arena, (size_t)size);
    run->used += size + 8;
    if (p) return p;
    out->t = KAM__CEL_ERROR;
    out->n = run->pos;
    out->v.s = "out of memory";
    run->rc = KAM_E_NOMEM;
    return NULL;
}

/* Where an error of instruction pc goes on; 0 = nowhere. */
static int cel_eval_caught(cel_run *run, uint32_t *pc, const kam__cel *e) {
    const kam_rule *r = run->r;
    for (uint32_t i = 0; i < r->nguard && run->rc == KAM_OK; i++) {
        const cel_guard *g = &r->guard[i];
        if (*pc < g->from || *pc >= g->to) continue;
        if (run->note) kam__cel_note_error(run, *pc, g, e);
        run->frame[g->slot] = *e;
        *pc = g->at;
        return 1;
    }
    if (run->note) kam__cel_note_error(run, *pc, NULL, e);
    return 0;
}

/* Field by field: a whole value written in parts and read at once would stall. */
static void cel_eval_set_bool(kam__cel *d, int v) { d->t = KAM__CEL_BOOL; d->v.i = v; }
static void cel_eval_set_double(kam__cel *d, double v) { d->t = KAM__CEL_DOUBLE; d->v.f = v; }

#define CEL_BOTH_ARE(k) (a->t == KAM__CEL_##k && b->t == KAM__CEL_##k)
/* A comparison of two numbers of one kind; what it does not know is left to cel_slow.c. */
#define CEL_COMPARE(op) \
    if (CEL_BOTH_ARE(DOUBLE)) { cel_eval_set_bool(d, a->v.f op b->v.f); continue; } \
    if (CEL_BOTH_ARE(INT)) { cel_eval_set_bool(d, a->v.i op b->v.i); continue; } \
    break
#define CEL_JUMP_UNLESS(op) \
    if (CEL_BOTH_ARE(DOUBLE)) { if (!(a->v.f op b->v.f)) pc = i->jump - 1; continue; } \
    if (CEL_BOTH_ARE(INT)) { if (!(a->v.i op b->v.i)) pc = i->jump - 1; continue; } \
    break
#define CEL_TEXT(test) if (CEL_BOTH_ARE(STRING)) { cel_eval_set_bool(d, test); continue; }
#define CEL_ARITH(op) if (CEL_BOTH_ARE(DOUBLE)) { cel_eval_set_double(d, a->v.f op b->v.f); continue; }

/* Whole numbers too small to overflow. */
#define CEL_SMALL(op, bits) \
    if (CEL_BOTH_ARE(INT) && a->v.u + ((uint64_t)1 << bits) < (uint64_t)2 << bits && \
        b->v.u + ((uint64_t)1 << bits) < (uint64_t)2 << bits) { \
        int64_t small = a->v.i op b->v.i; \
        d->t = KAM__CEL_INT; \
        d->v.i = small; \
        continue; \
    }

static int cel_eval_same_text(const kam__cel *a, const kam__cel *b) {
    return a->n == b->n && memcmp(a->v.s, b->v.s, a->n) == 0;
}

/* Which text of a chain x is, or n: without a branch on any of them, but for those longer than a key. */
static uint32_t cel_eval_case(const cel_chain *c, const kam__cel *x) {
    const cel_key key = kam__cel_key(x->v.s, x->n);
    uint32_t k = c->n;
    for (uint32_t i = k; i-- > 0;) {
        const cel_key *at = &c->key[i];
        k = ((at->a ^ key.a) | (at->b ^ key.b) | (at->n ^ key.n)) ? k : i;
    }
    if (x->n > 16) while (k < c->n && !cel_eval_same_text(x, &c->at[k])) k++;
    return k;
}

/* The value of a chain for an x of its type. Bands are counted without branches: what the next account has is not
 * to be guessed. A NaN is below nothing and gets the last value, as it does in the plain way. */
static const kam__cel *cel_eval_chain(const cel_chain *c, const kam__cel *x, int band) {
    uint32_t k = 0, n = c->n;
    const kam__cel *at = c->at;
    if (band && c->t == KAM__CEL_DOUBLE) for (uint32_t i = 0; i < n; i++) k += !(x->v.f < at[i].v.f);
    else if (band) for (uint32_t i = 0; i < n; i++) k += x->v.i >= at[i].v.i;
    else if (c->t == KAM__CEL_STRING) k = cel_eval_case(c, x);
    else while (k < n && x->v.i != at[k].v.i) k++;
    return &c->value[k];
}

/* The loop over a list or a map: 0 = it is at its end. */
static int cel_eval_next(cel_run *run, const cel_ins *i, kam__cel *it) {
    kam__cel e;
    int64_t at = ++it[1].v.i;
    if (at >= (int64_t)it->n) return 0;
    if (!kam__cel_charge(run, &e, (uint64_t)i->jump - (uint64_t)(i - run->r->ins) + 4)) return 0;
    if (it->t == KAM__CEL_LIST) {
        it[2] = i->x ? kam__cel_int(at) : it->v.list[at];
        if (i->x) it[3] = it->v.list[at];
    } else {
        it[2] = it->v.map->kv[2 * at];
        if (i->x) it[3] = it->v.map->kv[2 * at + 1];
    }
    return 1;
}

/* An instruction the loop has no short way for. 0 = that was the end: out is an error. */
static int cel_eval_far(cel_run *run, uint32_t *pc, kam__cel *out) {
    const cel_ins *i = &run->r->ins[*pc];
    kam__cel v = {KAM__CEL_ERROR, {0}, 0, {0}};
    uint32_t jump = UINT32_MAX;
    run->pos = i->pos;
    if (i->op == CEL_OP_NOTE) {
        if (run->note) kam__cel_note(run, i->jump, run->frame + i->a);
        return 1;
    }
    if (run->rc != KAM_OK) kam__cel_charge(run, &v, UINT64_MAX);
    else kam__cel_slow(run, i, &v, &jump);
    if (v.t == KAM__CEL_ERROR) {
        *out = v;
        if (!cel_eval_caught(run, pc, &v)) return 0;
        --*pc;
    } else if (jump == UINT32_MAX) run->frame[i->d] = v;
    else *pc = jump - 1;
    return 1;
}

/* Runs to the end or to an error nobody catches. */
static void cel_eval_loop(cel_run *run, kam__cel *out) {
    const cel_ins *ins = run->r->ins;
    kam__cel *f = run->frame;
    for (uint32_t pc = 0;; pc++) {
        const cel_ins *i = &ins[pc];
        kam__cel *d = f + i->d;
        const kam__cel *a = f + i->a, *b = f + i->b;
        switch (i->op) {
        case CEL_OP_MOVE: if (a->t == KAM__CEL_ERROR) break; *d = *a; continue;
        case CEL_OP_JUMP: pc = i->jump - 1; continue;
        case CEL_OP_JF: if (a->t != KAM__CEL_BOOL) break; if (!a->v.i) pc = i->jump - 1; continue;
        case CEL_OP_JFX: case CEL_OP_JTX:
            if (a->t != KAM__CEL_BOOL) break;
            *d = *a;
            if (a->v.i == (i->op == CEL_OP_JTX)) pc = i->jump - 1;
            continue;
        case CEL_OP_ANDEND: if (a->t != KAM__CEL_BOOL || (a->v.i && d->t != KAM__CEL_BOOL)) break; *d = *a; continue;
        case CEL_OP_OREND: if (a->t != KAM__CEL_BOOL || (!a->v.i && d->t != KAM__CEL_BOOL)) break; *d = *a; continue;
        case CEL_OP_NOT: if (a->t != KAM__CEL_BOOL) break; cel_eval_set_bool(d, !a->v.i); continue;
        case CEL_OP_ADD: CEL_ARITH(+) CEL_SMALL(+, 62) break;
        case CEL_OP_SUB: CEL_ARITH(-) CEL_SMALL(-, 62) break;
        case CEL_OP_MUL: CEL_ARITH(*) CEL_SMALL(*, 31) break;
        case CEL_OP_DIV: CEL_ARITH(/) break;
        case CEL_OP_EQ: CEL_TEXT(cel_eval_same_text(a, b)) CEL_COMPARE(==);
        case CEL_OP_NE: CEL_TEXT(!cel_eval_same_text(a, b)) CEL_COMPARE(!=);
        case CEL_OP_LT: CEL_COMPARE(<);
        case CEL_OP_LE: CEL_COMPARE(<=);
        case CEL_OP_GT: CEL_COMPARE(>);
        case CEL_OP_GE: CEL_COMPARE(>=);
        case CEL_OP_JNEQ:
            if (CEL_BOTH_ARE(STRING)) { if (!cel_eval_same_text(a, b)) pc = i->jump - 1; continue; }
            CEL_JUMP_UNLESS(==);
        case CEL_OP_JNNE: CEL_JUMP_UNLESS(!=);
        case CEL_OP_JNLT: CEL_JUMP_UNLESS(<);
        case CEL_OP_JNLE: CEL_JUMP_UNLESS(<=);
        case CEL_OP_JNGT: CEL_JUMP_UNLESS(>);
        case CEL_OP_JNGE: CEL_JUMP_UNLESS(>=);
        case CEL_OP_BAND: case CEL_OP_CASE: {
            const cel_chain *c = run->r->ref_of[i->b];
            if (a->t != c->t) continue;             /* the plain way follows */
            const kam__cel *v = cel_eval_chain(c, a, i->op == CEL_OP_BAND);
            pc = i->jump - 1;
            if (i->x) {                             /* d is only there to be added: do that at once */
                const cel_ins *add = &ins[i->jump];
                if (f[add->a].t == KAM__CEL_DOUBLE && v->t == KAM__CEL_DOUBLE) {
                    cel_eval_set_double(f + add->d, f[add->a].v.f + v->v.f);
                    pc++;
                    continue;
                }
            }
            *d = *v;
            continue;
        }
        case CEL_OP_NEXT:
            if (cel_eval_next(run, i, d)) continue;
            if (run->rc != KAM_OK) break;
            pc = i->jump - 1;
            continue;
        case CEL_OP_END: if (a->t == KAM__CEL_ERROR) break; *out = *a; return;
        default: break;
        }
        if (!cel_eval_far(run, &pc, out)) return;
    }
}

#undef CEL_BOTH_ARE
#undef CEL_COMPARE
#undef CEL_JUMP_UNLESS
#undef CEL_ARITH
#undef CEL_SMALL
#undef CEL_TEXT

int32_t kam__cel_execute(cel_run *run, kam__cel *out) {
    out->t = KAM__CEL_ERROR;
    out->v.s = "";
    out->n = 0;
    if (!kam__cel_charge(run, out, run->r->nins)) return run->rc;
    cel_eval_loop(run, out);
    return run->rc;
}
