/*
 * rule/cel_slow.c - what the machine's loop leaves out: mixed types, errors as operands, members, lists, calls, and
 * the building of results.
 *
 * An instruction gives a value (`out`), which may be an error, or a place to go on at (`jump`): UINT32_MAX means the
 * value goes to the instruction's place. Instructions that jump give no value.
 */
#include "cel_impl.h"
#include "regex.h"

/* 1: v is an error, which becomes the result. */
static int cel_slow_bad(cel_run *run, kam__cel *out, const kam__cel *v) {
    if (v->t != KAM__CEL_ERROR) return 0;
    *out = *v;
    if (!out->n) out->n = run->pos;
    return 1;
}

static void cel_slow_not_bool(cel_run *run, kam__cel *out, const char *what, const kam__cel *v) {
    if (!cel_slow_bad(run, out, v)) kam__cel_no_overload(run, out, what, v, 1);
}

/* && and ||: d has what came from the left, true (false) or an error. `decides`: the value that settles it. */
static void cel_slow_logic_end(cel_run *run, kam__cel *out, const kam__cel *d, const kam__cel *b, int decides) {
    if (b->t == KAM__CEL_BOOL && b->v.i == decides) *out = *b;
    else if (cel_slow_bad(run, out, d)) return;
    else cel_slow_not_bool(run, out, decides ? "||" : "&&", b);
}

/* Order as a bool; raises. */
static int cel_slow_order(cel_run *run, kam__cel *out, uint8_t op, const kam__cel *a, const kam__cel *b) {
    kam__cel two[2] = {*a, *b};
    static const char *const sign[] = {"<", "<=", ">", ">="};
    int o = kam__cel_order(a, b);
    if (o == 3) {
        kam__cel_no_overload(run, out, sign[op - CEL_OP_LT], two, 2);
        return 0;
    }
    *out = kam__cel_bool(0);
    if (o == 2) return 0;
    if ((a->t == KAM__CEL_STRING || a->t == KAM__CEL_BYTES) && !kam__cel_charge(run, out,
        (a->n < b->n ? a->n : b->n) / 16)) return 0;
    return op == CEL_OP_LT ? o < 0 : op == CEL_OP_LE ? o <= 0 : op == CEL_OP_GT ? o > 0 : o >= 0;
}

static void cel_slow_compare(cel_run *run, kam__cel *out, uint8_t op, const kam__cel *a, const kam__cel *b) {
    int yes;
    if (cel_slow_bad(run, out, a) || cel_slow_bad(run, out, b)) return;
    *out = kam__cel_bool(0);
    if (op == CEL_OP_EQ || op == CEL_OP_NE) yes = kam__cel_equal(run, a, b) == (op == CEL_OP_EQ);
    else yes = cel_slow_order(run, out, op, a, b);
    if (run->rc != KAM_OK) kam__cel_charge(run, out, UINT64_MAX);
    else if (out->t == KAM__CEL_BOOL) out->v.i = yes;
}

static void cel_slow_operator(cel_run *run, const cel_ins *i, kam__cel *out, uint32_t *jump) {
    const kam__cel *a = run->frame + i->a, *b = run->frame + i->b;
    if (i->op >= CEL_OP_JNEQ && i->op <= CEL_OP_JNGE) {
        cel_slow_compare(run, out, (uint8_t)(CEL_OP_EQ + i->op - CEL_OP_JNEQ), a, b);
        if (out->t != KAM__CEL_ERROR) *jump = out->v.i ? (uint32_t)(i - run->r->ins) + 1 : i->jump;
        return;
    }
    if (i->op >= CEL_OP_EQ && i->op <= CEL_OP_GE) {
        cel_slow_compare(run, out, i->op, a, b);
        return;
    }
    if (cel_slow_bad(run, out, a)) return;
    if (i->op == CEL_OP_NEG) { kam__cel_negate(run, out, a); return; }
    if (cel_slow_bad(run, out, b)) return;
    if (i->op == CEL_OP_IN) kam__cel_in(run, out, a, b);
    else kam__cel_arith(run, out, (uint8_t)(CEL_ADD + i->op - CEL_OP_ADD), a, b);
}

/* ---------------------------------------------------------------- lists and maps */

static void cel_slow_list(cel_run *run, const cel_ins *i, kam__cel *out) {
    kam__cel *to = kam__cel_alloc(run, out, (uint64_t)i->jump * sizeof *to);
    if (!to) return;
    memcpy(to, run->frame + i->a, i->jump * sizeof *to);
    if (i->op == CEL_OP_MAP) {
        kam__cel_map_value(run, out, to, i->jump / 2);
        return;
    }
    out->t = KAM__CEL_LIST;
    out->n = i->jump;
    out->v.list = to;
}

/* An empty list with room for what may come. */
static void cel_slow_build(cel_run *run, const cel_ins *i, kam__cel *out) {
    uint64_t room = i->x ? (uint64_t)run->frame[i->a].n * i->x : i->jump;
    kam__cel *to = kam__cel_alloc(run, out, room * sizeof *to);
    if (!to) return;
    out->t = KAM__CEL_LIST;
    out->n = 0;
    out->v.list = to;
}

/* The room was made by cel_slow_build: nobody else sees this list yet. */
static void cel_slow_append(kam__cel *list, const kam__cel *v) {
    kam__cel *to = (kam__cel *)(uintptr_t)list->v.list;
    to[list->n++] = *v;
}

/* One element (x bit 1: a pair); x bit 0: an optional one, that is left out if there is none. */
static void cel_slow_put(cel_run *run, const cel_ins *i, kam__cel *out) {
    kam__cel *list = run->frame + i->d;
    const kam__cel *k = run->frame + i->a, *v = i->op == CEL_OP_PUSH ? k : run->frame + i->b;
    if (cel_slow_bad(run, out, k) || cel_slow_bad(run, out, v)) return;
    if (i->x & 1) {
        if (v->t != KAM__CEL_OPTIONAL) { kam__cel_no_overload(run, out, "?", v, 1); return; }
        v = v->v.list;
    }
    if (v && i->x & 2) cel_slow_append(list, k);
    if (v) cel_slow_append(list, v);
    *out = *list;
}

/* All pairs of a map. */
static void cel_slow_put_all(cel_run *run, const cel_ins *i, kam__cel *out) {
    const kam__cel *m = run->frame + i->a, *list = run->frame + i->d;
    if (cel_slow_bad(run, out, m)) return;
    if (m->t != KAM__CEL_MAP) { kam__cel_no_overload(run, out, "transformMapEntry", m, 1); return; }
    uint64_t n = (uint64_t)list->n + 2 * (uint64_t)m->v.map->n;
    kam__cel *to = kam__cel_alloc(run, out, n * sizeof *to);
    if (!to) return;
    if (list->n) memcpy(to, list->v.list, list->n * sizeof *to);
    if (m->v.map->n) memcpy(to + list->n, m->v.map->kv, 2 * (size_t)m->v.map->n * sizeof *to);
    out->t = KAM__CEL_LIST;
    out->n = (uint32_t)n;
    out->v.list = to;
}

static void cel_slow_iter(cel_run *run, const cel_ins *i, kam__cel *out) {
    kam__cel *it = run->frame + i->a;
    if (cel_slow_bad(run, out, it)) return;
    if (it->t != KAM__CEL_LIST && (it->t != KAM__CEL_MAP || i->x)) { kam__cel_no_overload(run, out, "a macro", it,
        1); return; }
    it[1] = kam__cel_int(-1);
    *out = *it;
}

/* What one element says to all(), exists(), exists_one(). */
static void cel_slow_fold(cel_run *run, const cel_ins *i, kam__cel *out, uint32_t *jump) {
    kam__cel *acc = run->frame + i->d;
    const kam__cel *p = run->frame + i->a;
    if (p->t != KAM__CEL_BOOL) {
        cel_slow_not_bool(run, out, "a condition", p);
        return;
    }
    *jump = (uint32_t)(i - run->r->ins) + 1;
    if (i->op == CEL_OP_ONE) acc->v.i += p->v.i;
    else if (p->v.i == (i->op == CEL_OP_ANY)) {
        *acc = *p;
        *jump = i->jump;
    }
    *out = *p;
}

/* Stable merge of two sorted runs of indexes. */
static void cel_slow_merge(const kam__cel *key, const uint32_t *from, uint32_t *to, uint32_t a, uint32_t mid,
                           uint32_t end) {
    uint32_t b = mid;
    for (uint32_t k = a; k < end; k++)
        to[k] = a < mid && (b >= end || kam__cel_order(&key[from[a]], &key[from[b]]) != 1) ? from[a++] : from[b++];
}

/* A list in the order of its keys. */
void kam__cel_sort(cel_run *run, kam__cel *out, const kam__cel *list, const kam__cel *keys) {
    uint32_t n = list->n, *at = kam__cel_alloc(run, out, (uint64_t)n * 8 + 8), *other = at + n;
    kam__cel *to = at ? kam__cel_alloc(run, out, (uint64_t)n * sizeof *to) : NULL;
    if (!to) return;
    for (uint32_t k = 0; k < n; k++) {
        at[k] = k;
        if (kam__cel_order(&keys->v.list[k], &keys->v.list[0]) != 3) continue;
        kam__cel two[2] = {keys->v.list[0], keys->v.list[k]};
        kam__cel_no_overload(run, out, "sort", two, 2);
        return;
    }
    for (uint64_t width = 1; width < n; width *= 2) {
        if (!kam__cel_charge(run, out, n)) return;
        for (uint64_t k = 0; k < n; k += 2 * width)
            cel_slow_merge(keys->v.list, at, other, (uint32_t)k, (uint32_t)(k + width < n ? k + width : n),
                           (uint32_t)(k + 2 * width < n ? k + 2 * width : n));
        uint32_t *swap = at;
        at = other;
        other = swap;
    }
    for (uint32_t k = 0; k < n; k++) to[k] = list->v.list[at[k]];
    out->t = KAM__CEL_LIST;
    out->n = n;
    out->v.list = to;
}

/* ---------------------------------------------------------------- calls */

static void cel_slow_call(cel_run *run, const cel_ins *i, kam__cel *out) {
    const kam__cel *arg = run->frame + i->a;
    for (uint32_t k = 0; k < i->x; k++) if (cel_slow_bad(run, out, &arg[k])) return;
    kam__cel_call(run, out, run->r->ref_of[i->jump], arg, i->x);
}

static void cel_slow_match(cel_run *run, const cel_ins *i, kam__cel *out) {
    const kam__cel *a = run->frame + i->a;
    const kam__regex *re = run->r->ref_of[i->jump];
    if (cel_slow_bad(run, out, a)) return;
    if (a->t != KAM__CEL_STRING) { kam__cel_no_overload(run, out, "matches", a, 1); return; }
    void *room = kam__cel_alloc(run, out, kam__regex_room(re));
    if (!room || !kam__cel_charge(run, out, kam__regex_cost(re, a->n))) return;
    *out = kam__cel_bool(kam__regex_search(re, room, a->v.s, a->n));
}

/* ---------------------------------------------------------------- all of them */

static void cel_slow_move(cel_run *run, const cel_ins *i, kam__cel *out, uint32_t *jump) {
    const kam__cel *a = run->frame + i->a;
    kam__cel *d = run->frame + i->d;
    switch (i->op) {
    case CEL_OP_MOVE: case CEL_OP_END: cel_slow_bad(run, out, a); return;
    case CEL_OP_JF: cel_slow_not_bool(run, out, "?:", a); return;
    case CEL_OP_JFX: cel_slow_not_bool(run, out, "&&", a); return;
    case CEL_OP_JTX: cel_slow_not_bool(run, out, "||", a); return;
    case CEL_OP_ANDEND: cel_slow_logic_end(run, out, d, a, 0); return;
    case CEL_OP_OREND: cel_slow_logic_end(run, out, d, a, 1); return;
    case CEL_OP_NOT: cel_slow_not_bool(run, out, "!", a); return;
    case CEL_OP_ALL: case CEL_OP_ANY: case CEL_OP_ONE: cel_slow_fold(run, i, out, jump); return;
    default: cel_slow_operator(run, i, out, jump); return;
    }
}

static void cel_slow_optional(cel_run *run, const cel_ins *i, kam__cel *out, uint32_t *jump) {
    const kam__cel *a = run->frame + i->a;
    if (cel_slow_bad(run, out, a)) return;
    if (i->op == CEL_OP_WRAP) { kam__cel_some(run, out, a); return; }
    if (a->t != KAM__CEL_OPTIONAL) {
        kam__cel_no_overload(run, out, i->x ? i->x == 2 ? "orValue" : "or" : i->op == CEL_OP_UNWRAP ? "optMap" : "optFlatMap",
                             a, 1);
        return;
    }
    *out = *a;
    if (i->op == CEL_OP_WANTOPT) return;
    if (a->v.list) *out = *a->v.list;
    else *jump = i->jump;
}

static void cel_slow_member(cel_run *run, const cel_ins *i, kam__cel *out) {
    const kam__cel *a = run->frame + i->a, *b = run->frame + i->b;
    if (cel_slow_bad(run, out, a)) return;
    if (i->op == CEL_OP_INDEX) {
        if (!cel_slow_bad(run, out, b)) kam__cel_index(run, out, a, b, i->x);
        return;
    }
    const char *name = run->r->ref_of[i->jump];
    if (i->op == CEL_OP_SELECT) kam__cel_select(run, out, a, name, (uint32_t)strlen(name), i->x);
    else kam__cel_test(run, out, a, name, (uint32_t)strlen(name));
}

void kam__cel_slow(cel_run *run, const cel_ins *i, kam__cel *out, uint32_t *jump) {
    const kam__cel *a = run->frame + i->a, *b = run->frame + i->b;
    switch (i->op) {
    case CEL_OP_INDEX: case CEL_OP_SELECT: case CEL_OP_TEST: cel_slow_member(run, i, out); return;
    case CEL_OP_LIST: case CEL_OP_MAP: cel_slow_list(run, i, out); return;
    case CEL_OP_CALL: cel_slow_call(run, i, out); return;
    case CEL_OP_MATCH: cel_slow_match(run, i, out); return;
    case CEL_OP_RAISE: kam__cel_raise(run, out, "\"%s\" is not known", (const char *)run->r->ref_of[i->jump]); return;
    case CEL_OP_ITER: cel_slow_iter(run, i, out); return;
    case CEL_OP_BUILD: cel_slow_build(run, i, out); return;
    case CEL_OP_PUSH: case CEL_OP_PUT: cel_slow_put(run, i, out); return;
    case CEL_OP_PUTALL: cel_slow_put_all(run, i, out); return;
    case CEL_OP_ISONE: *out = kam__cel_bool(a->v.i == 1); return;
    case CEL_OP_DONEMAP: kam__cel_map_value(run, out, (kam__cel *)(uintptr_t)a->v.list, a->n / 2); return;
    case CEL_OP_UNWRAP: case CEL_OP_WRAP: case CEL_OP_WANTOPT: cel_slow_optional(run, i, out, jump); return;
    case CEL_OP_SORT: kam__cel_sort(run, out, a, b); return;
    default: cel_slow_move(run, i, out, jump); return;
    }
}
