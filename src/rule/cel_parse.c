/*
 * rule/cel_parse.c - tokens to the tree.
 *
 * Precedence climbing over five levels of binary operators; the recursion follows brackets and ?: only, and is bounded
 * by max_depth of the context, the height of the tree by a little more than twice that. Chains of && and || become
 * balanced trees. Macro calls are turned into their own nodes where they are met (cel_macro.c).
 */
#include "cel_impl.h"
#include <stdio.h>
#define TRY(call) do { int32_t rc__ = (call); if (rc__ != KAM_OK) return rc__; } while (0)

typedef struct cel_more { cel_node *node; struct cel_more *next; uint8_t opt; } cel_more;       /* a list being read */

static int32_t cel_parse_expr(cel_comp *c, cel_node **out);

int32_t kam__cel_bad(cel_comp *c, int32_t code, uint32_t pos, const char *fmt, ...) {
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return kam__cel_fail_at(c->err, code, c->r->src, c->r->size, pos, "%s", text);
}

cel_node *kam__cel_node(cel_comp *c, uint8_t kind, uint32_t pos, uint32_t n) {
    cel_node *node = kam__arena_alloc(c->a, sizeof *node);
    if (!node) { kam__nomem(c->err); return NULL; }
    memset(node, 0, sizeof *node);
    node->kind = kind;
    node->pos = node->from = pos;
    node->to = c->lex.end;
    node->n = n;
    if (n && !(node->kid = kam__arena_alloc(c->a, n * sizeof *node->kid))) { kam__nomem(c->err); return NULL; }
    for (uint32_t i = 0; i < n; i++) node->kid[i] = NULL;
    return node;
}

static uint32_t cel_parse_limit(const cel_comp *c) { return c->r->ctx->opt.max_depth ? c->r->ctx->opt.max_depth : 100; }

/* Counts the height of a node whose kids are in place. */
static int32_t cel_parse_level(cel_comp *c, cel_node *node) {
    uint32_t top = 0, limit = cel_parse_limit(c) * 2 + 50;
    for (uint32_t i = 0; i < node->n; i++)
        if (node->kid[i] && node->kid[i]->level >= top) top = node->kid[i]->level + 1u;
    if (top > limit || top > 250)
        return kam__cel_bad(c, KAM_E_LIMIT, node->pos, "the expression is nested too deep; split it in two");
    node->level = (uint8_t)top;
    return KAM_OK;
}

static int32_t cel_parse_deeper(cel_comp *c, uint32_t pos) {
    if (++c->depth <= cel_parse_limit(c)) return KAM_OK;
    return kam__cel_bad(c, KAM_E_LIMIT, pos, "the expression is nested deeper than %u", cel_parse_limit(c));
}

static const char *cel_parse_shown(const cel_token *t, char q[48]) {
    return t->type == CEL_T_END ? "the end" : kam__clip(q, t->text, t->len);
}

static int32_t cel_parse_want(cel_comp *c, uint32_t type, const char *what) {
    char q[48];
    if (c->lex.tok.type == type) return kam__cel_next(&c->lex);
    return kam__cel_bad(c, KAM_E_PARSE, c->lex.tok.pos, "%s is expected, not %s", what,
                        cel_parse_shown(&c->lex.tok, q));
}

static int32_t cel_parse_add(cel_comp *c, cel_more ***tail, cel_node *node, uint8_t opt, uint32_t *n) {
    cel_more *m = kam__arena_alloc(c->a, sizeof *m);
    if (!m) return kam__nomem(c->err);
    m->node = node;
    m->next = NULL;
    m->opt = opt;
    **tail = m;
    *tail = &m->next;
    if (++*n > 65000) return kam__cel_bad(c, KAM_E_LIMIT, node->pos, "a list has at most 65000 elements");
    return KAM_OK;
}

/* The kids of `node` from a list; `any`: some element is optional. */
static int32_t cel_parse_kids(cel_comp *c, cel_node **out, uint8_t kind, uint32_t pos, const cel_more *first,
                              uint32_t n) {
    cel_node *node = kam__cel_node(c, kind, pos, n);
    int any = 0;
    if (!node) return KAM_E_NOMEM;
    for (const cel_more *m = first; m; m = m->next) any |= m->opt;
    if (any && !(node->opt = kam__arena_alloc(c->a, n))) return kam__nomem(c->err);
    for (uint32_t i = 0; first; first = first->next, i++) {
        node->kid[i] = first->node;
        if (first->node->from < node->from) node->from = first->node->from;
        if (any) node->opt[i] = first->opt;
    }
    *out = node;
    return cel_parse_level(c, node);
}

/* ---------------------------------------------------------------- literals */

static int32_t cel_parse_whole(cel_comp *c, const cel_token *t, int neg, kam__cel *out) {
    uint64_t v = 0;
    int is_u = t->type == CEL_T_UINT, hex = t->len > 1 && (t->text[1] | 32) == 'x';
    uint32_t base = hex ? 16 : 10;
    for (uint32_t i = hex ? 2 : 0; i < t->len - (uint32_t)is_u; i++) {
        char ch = t->text[i];
        uint32_t d = (uint32_t)(ch <= '9' ? ch - '0' : (ch | 32) - 'a' + 10);
        if (v > (UINT64_MAX - d) / base) return kam__cel_bad(c, KAM_E_PARSE, t->pos,
                                                             "the number does not fit in 64 bits");
        v = v * base + d;
    }
    if (is_u) *out = kam__cel_uint(v);
    else if (v > (uint64_t)INT64_MAX + (uint64_t)neg)
        return kam__cel_bad(c, KAM_E_PARSE, t->pos, "the number does not fit in 64 bits with a sign");
    else *out = kam__cel_int(neg ? (v > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)v) : (int64_t)v);
    return KAM_OK;
}

/* The literal under the place; `neg` takes the sign in. */
static int32_t cel_parse_literal(cel_comp *c, int neg, cel_node **out) {
    cel_token t = c->lex.tok;
    cel_node *node = kam__cel_node(c, CEL_CONST, t.pos, 0);
    if (!node) return KAM_E_NOMEM;
    if (t.type == CEL_T_DOUBLE) {
        node->val = kam__cel_double(0);
        if (kam__f64_parse(&node->val.v.f, t.text, t.len, NULL) != KAM_OK)
            return kam__cel_bad(c, KAM_E_PARSE, t.pos, "the number is too big for a double");
        if (neg) node->val.v.f = -node->val.v.f;
        char *text = kam__arena_alloc(c->a, t.len + 2);         /* as written: it may become a decimal */
        if (!text) return kam__nomem(c->err);
        text[0] = '-';
        memcpy(text + neg, t.text, t.len);
        text[t.len + (uint32_t)neg] = '\0';
        node->name = text;
    } else if (t.type == CEL_T_STRING || t.type == CEL_T_BYTES) TRY(kam__cel_unquote(&c->lex, &t, c->a, &node->val));
    else TRY(cel_parse_whole(c, &t, neg, &node->val));
    *out = node;
    node->to = t.pos + t.len;
    return kam__cel_next(&c->lex);
}

/* ---------------------------------------------------------------- brackets */

/* Arguments up to `close`, which is taken too; a comma may stand before it if `trailing`. */
static int32_t cel_parse_args(cel_comp *c, uint32_t close, int trailing, cel_more **first, uint32_t *n) {
    cel_more **tail = first;
    *first = NULL;
    *n = 0;
    while (c->lex.tok.type != close) {
        cel_node *e;
        uint8_t opt = trailing && c->lex.tok.type == '?';
        if (opt) TRY(kam__cel_next(&c->lex));
        TRY(cel_parse_expr(c, &e));
        TRY(cel_parse_add(c, &tail, e, opt, n));
        if (c->lex.tok.type != ',') break;
        TRY(kam__cel_next(&c->lex));
        if (!trailing && c->lex.tok.type == close) return kam__cel_bad(c, KAM_E_PARSE, c->lex.tok.pos,
            "an argument is missing");
    }
    return cel_parse_want(c, close, close == ')' ? "\")\" or \",\"" : "\"]\" or \",\"");
}

static int32_t cel_parse_map(cel_comp *c, cel_node **out) {
    uint32_t pos = c->lex.tok.pos, n = 0;
    cel_more *first = NULL, **tail = &first;
    TRY(kam__cel_next(&c->lex));
    while (c->lex.tok.type != '}') {
        cel_node *k, *v;
        uint8_t opt = c->lex.tok.type == '?';
        if (opt) TRY(kam__cel_next(&c->lex));
        TRY(cel_parse_expr(c, &k));
        TRY(cel_parse_want(c, ':', "\":\""));
        TRY(cel_parse_expr(c, &v));
        TRY(cel_parse_add(c, &tail, k, opt, &n));
        TRY(cel_parse_add(c, &tail, v, opt, &n));
        if (c->lex.tok.type != ',') break;
        TRY(kam__cel_next(&c->lex));
    }
    TRY(cel_parse_want(c, '}', "\"}\" or \",\""));
    return cel_parse_kids(c, out, CEL_MAP, pos, first, n);
}

/* ---------------------------------------------------------------- names, calls, members */

static int32_t cel_parse_name(cel_comp *c, const char **out, int selector) {
    cel_token t = c->lex.tok;
    char q[48];
    if (t.type != CEL_T_NAME && (t.type != CEL_T_QUOTED || !selector))
        return kam__cel_bad(c, KAM_E_PARSE, t.pos, "a name is expected, not %s", cel_parse_shown(&t, q));
    int word = t.type == CEL_T_NAME ? kam__cel_reserved(t.text, t.len) : 0;
    if (word > (selector ? 1 : 0))
        return kam__cel_bad(c, KAM_E_PARSE, t.pos, "\"%s\" is a reserved word", kam__clip(q, t.text, t.len));
    if (t.type == CEL_T_QUOTED) { t.text++; t.len -= 2; }
    if (!(*out = kam__arena_text(c->a, t.text, t.len))) return kam__nomem(c->err);
    return kam__cel_next(&c->lex);
}

/* name( ... ), behind the name; target NULL = a plain call. */
static int32_t cel_parse_call(cel_comp *c, cel_node *target, const char *name, uint32_t pos, uint8_t flags,
                              cel_node **out) {
    cel_more *first = NULL, self = {target, NULL, 0};
    uint32_t n = 0;
    cel_node *macro = NULL;
    TRY(kam__cel_next(&c->lex));
    TRY(cel_parse_args(c, ')', 0, &first, &n));
    self.next = first;
    TRY(cel_parse_kids(c, out, CEL_CALL, pos, target ? &self : first, n + (target != NULL)));
    (*out)->name = name;
    (*out)->flags = (uint8_t)(flags | (target ? CEL_F_MEMBER : 0));
    TRY(kam__cel_macro(c, *out, &macro));
    if (!macro) return KAM_OK;
    macro->from = (*out)->from;
    macro->to = (*out)->to;
    *out = macro;
    return cel_parse_level(c, macro);
}

static int32_t cel_parse_ident(cel_comp *c, cel_node **out) {
    uint32_t pos = c->lex.tok.pos;
    uint8_t flags = 0;
    const char *name;
    if (c->lex.tok.type == '.') {
        flags = CEL_F_ABSOLUTE;
        TRY(kam__cel_next(&c->lex));
    }
    TRY(cel_parse_name(c, &name, 0));
    if (c->lex.tok.type == '(') return cel_parse_call(c, NULL, name, pos, flags, out);
    if (!(*out = kam__cel_node(c, CEL_NAME, pos, 0))) return KAM_E_NOMEM;
    (*out)->name = name;
    (*out)->flags = flags;
    (*out)->to = c->lex.end;
    return KAM_OK;
}

static int32_t cel_parse_word(cel_comp *c, cel_node **out) {
    const cel_token *t = &c->lex.tok;
    int word = kam__cel_reserved(t->text, t->len);
    if (word != 2 || t->text[0] == 'i') return cel_parse_ident(c, out);
    if (!(*out = kam__cel_node(c, CEL_CONST, t->pos, 0))) return KAM_E_NOMEM;
    (*out)->val = kam__cel_bool(t->text[0] == 't');
    if (t->text[0] == 'n') (*out)->val.t = KAM__CEL_NULL;
    return kam__cel_next(&c->lex);
}

static int32_t cel_parse_primary(cel_comp *c, cel_node **out) {
    char q[48];
    const cel_token *t = &c->lex.tok;
    uint32_t pos = t->pos, n;
    cel_more *first;
    switch (t->type) {
    case CEL_T_NAME: return cel_parse_word(c, out);
    case '.': return cel_parse_ident(c, out);
    case CEL_T_INT: case CEL_T_UINT: case CEL_T_DOUBLE: case CEL_T_STRING: case CEL_T_BYTES:
        return cel_parse_literal(c, 0, out);
    case '(':
        TRY(kam__cel_next(&c->lex));
        TRY(cel_parse_expr(c, out));
        TRY(cel_parse_want(c, ')', "\")\""));
        (*out)->from = pos;
        (*out)->to = c->lex.end;
        return KAM_OK;
    case '[':
        TRY(kam__cel_next(&c->lex));
        TRY(cel_parse_args(c, ']', 1, &first, &n));
        return cel_parse_kids(c, out, CEL_LIST, pos, first, n);
    case '{': return cel_parse_map(c, out);
    default: return kam__cel_bad(c, KAM_E_PARSE, pos, "an expression is expected, not %s", cel_parse_shown(t, q));
    }
}

/* .name, .?name, .name(...) */
static int32_t cel_parse_dot(cel_comp *c, cel_node **node) {
    uint32_t pos = c->lex.tok.pos;
    uint8_t flags = 0;
    const char *name;
    TRY(kam__cel_next(&c->lex));
    if (c->lex.tok.type == '?') {
        flags = CEL_F_OPT;
        TRY(kam__cel_next(&c->lex));
    }
    if (c->lex.tok.type == CEL_T_QUOTED) flags |= CEL_F_QUOTED;
    TRY(cel_parse_name(c, &name, 1));
    if (c->lex.tok.type == '(' && !flags) return cel_parse_call(c, *node, name, pos, 0, node);
    cel_more one = {*node, NULL, 0};
    TRY(cel_parse_kids(c, node, CEL_SELECT, pos, &one, 1));
    (*node)->name = name;
    (*node)->flags = flags;
    return KAM_OK;
}

static int32_t cel_parse_bracket(cel_comp *c, cel_node **node) {
    uint32_t pos = c->lex.tok.pos;
    cel_node *at;
    TRY(kam__cel_next(&c->lex));
    uint8_t opt = c->lex.tok.type == '?';
    if (opt) TRY(kam__cel_next(&c->lex));
    TRY(cel_parse_expr(c, &at));
    TRY(cel_parse_want(c, ']', "\"]\""));
    cel_more second = {at, NULL, 0}, first = {*node, &second, 0};
    TRY(cel_parse_kids(c, node, CEL_INDEX, pos, &first, 2));
    if (opt) (*node)->flags = CEL_F_OPT;
    return KAM_OK;
}

static int32_t cel_parse_postfix(cel_comp *c, cel_node **out) {
    for (;;) {
        if (c->lex.tok.type == '.') TRY(cel_parse_dot(c, out));
        else if (c->lex.tok.type == '[') TRY(cel_parse_bracket(c, out));
        else if (c->lex.tok.type == '{')
            return kam__cel_bad(c, KAM_E_PARSE, c->lex.tok.pos,
                                "messages cannot be built here; write a map {\"key\": value}");
        else return KAM_OK;
    }
}

/* Two signs of a kind cancel out, as far as types go: what is left is at most two of them. */
static int32_t cel_parse_unary(cel_comp *c, cel_node **out) {
    uint32_t sign = c->lex.tok.type, count = 0, pos = c->lex.tok.pos;
    if (sign != '-' && sign != '!') {
        TRY(cel_parse_primary(c, out));
        return cel_parse_postfix(c, out);
    }
    for (; c->lex.tok.type == sign; count++) {
        pos = c->lex.tok.pos;
        TRY(kam__cel_next(&c->lex));
    }
    int number = c->lex.tok.type == CEL_T_INT || c->lex.tok.type == CEL_T_DOUBLE;
    if (sign == '-' && number) {
        TRY(cel_parse_literal(c, 1, out));
        (*out)->pos = (*out)->from = pos;
        count--;
        TRY(cel_parse_postfix(c, out));
    } else if (c->lex.tok.type == '-' || c->lex.tok.type == '!') {
        TRY(cel_parse_deeper(c, pos));
        TRY(cel_parse_unary(c, out));
        c->depth--;
    } else {
        TRY(cel_parse_primary(c, out));
        TRY(cel_parse_postfix(c, out));
    }
    for (count = count > 2 ? 2 - count % 2 : count; count; count--) {
        cel_more one = {*out, NULL, 0};
        TRY(cel_parse_kids(c, out, sign == '-' ? CEL_NEG : CEL_NOT, pos, &one, 1));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- operators */

/* Level of a binary operator (1 loosest) and its node; 0 = none. */
static int cel_parse_operator(const cel_token *t, uint8_t *kind) {
    static const struct { uint32_t type; uint8_t level, kind; } ops[] = {
        {CEL_T_OR, 1, CEL_OR}, {CEL_T_AND, 2, CEL_AND}, {CEL_T_EQ, 3, CEL_EQ}, {CEL_T_NE, 3, CEL_NE}, {'<', 3, CEL_LT},
        {CEL_T_LE, 3, CEL_LE}, {'>', 3, CEL_GT}, {CEL_T_GE, 3, CEL_GE}, {'+', 4, CEL_ADD}, {'-', 4, CEL_SUB},
        {'*', 5, CEL_MUL}, {'/', 5, CEL_DIV}, {'%', 5, CEL_MOD}};
    for (size_t i = 0; i < KAM__LEN(ops); i++)
        if (ops[i].type == t->type) { *kind = ops[i].kind; return ops[i].level; }
    if (t->type != CEL_T_NAME || t->len != 2 || memcmp(t->text, "in", 2) != 0) return 0;
    *kind = CEL_IN;
    return 3;
}

static int32_t cel_parse_two(cel_comp *c, cel_node **out, uint8_t kind, uint32_t pos, cel_node *a, cel_node *b) {
    cel_more second = {b, NULL, 0}, first = {a, &second, 0};
    TRY(cel_parse_kids(c, out, kind, pos, &first, 2));
    (*out)->from = a->from;                 /* one of a chain: its place is the chain's */
    (*out)->to = b->to;
    return KAM_OK;
}

/* n terms of a chain of && or || as a balanced tree; moves *m behind them. */
static int32_t cel_parse_balance(cel_comp *c, cel_node **out, uint8_t kind, uint32_t pos, const cel_more **m,
                                 uint32_t n) {
    cel_node *a, *b;
    if (n == 1) {
        *out = (*m)->node;
        *m = (*m)->next;
        return KAM_OK;
    }
    TRY(cel_parse_balance(c, &a, kind, pos, m, n / 2));
    TRY(cel_parse_balance(c, &b, kind, pos, m, n - n / 2));
    return cel_parse_two(c, out, kind, pos, a, b);
}

static int32_t cel_parse_binary(cel_comp *c, int level, cel_node **out);

static int32_t cel_parse_chain(cel_comp *c, int level, uint8_t kind, cel_node **out) {
    cel_more *first = NULL, **tail = &first;
    uint32_t n = 0, pos = c->lex.tok.pos;
    uint8_t next = kind;
    TRY(cel_parse_add(c, &tail, *out, 0, &n));
    while (cel_parse_operator(&c->lex.tok, &next) == level && next == kind) {
        cel_node *term;
        TRY(kam__cel_next(&c->lex));
        TRY(cel_parse_binary(c, level + 1, &term));
        TRY(cel_parse_add(c, &tail, term, 0, &n));
    }
    const cel_more *m = first;
    return cel_parse_balance(c, out, kind, pos, &m, n);
}

static int32_t cel_parse_binary(cel_comp *c, int level, cel_node **out) {
    uint8_t kind;
    int is;
    TRY(cel_parse_unary(c, out));
    for (;;) {
        /* The tightest operators first: a term of level L is complete when the next operator is looser than L. */
        is = cel_parse_operator(&c->lex.tok, &kind);
        if (is == 0 || is < level) return KAM_OK;
        uint32_t pos = c->lex.tok.pos;
        if (is <= 2) { TRY(cel_parse_chain(c, is, kind, out)); continue; }
        cel_node *right;
        TRY(kam__cel_next(&c->lex));
        TRY(cel_parse_binary(c, is + 1, &right));
        TRY(cel_parse_two(c, out, kind, pos, *out, right));
    }
}

static int32_t cel_parse_expr(cel_comp *c, cel_node **out) {
    uint32_t pos = c->lex.tok.pos;
    cel_node *yes, *no;
    TRY(cel_parse_deeper(c, pos));
    TRY(cel_parse_binary(c, 1, out));
    if (c->lex.tok.type == '?') {
        pos = c->lex.tok.pos;
        TRY(kam__cel_next(&c->lex));
        TRY(cel_parse_binary(c, 1, &yes));
        TRY(cel_parse_want(c, ':', "\":\""));
        TRY(cel_parse_expr(c, &no));
        cel_more third = {no, NULL, 0}, second = {yes, &third, 0}, first = {*out, &second, 0};
        TRY(cel_parse_kids(c, out, CEL_COND, pos, &first, 3));
    }
    c->depth--;
    return KAM_OK;
}

int32_t kam__cel_parse(cel_comp *c) {
    char q[48];
    TRY(kam__cel_next(&c->lex));
    TRY(cel_parse_expr(c, &c->r->root));
    if (c->lex.tok.type == CEL_T_END) return KAM_OK;
    return kam__cel_bad(c, KAM_E_PARSE, c->lex.tok.pos, "the expression ends before %s; an operator is missing",
                        cel_parse_shown(&c->lex.tok, q));
}
#undef TRY
