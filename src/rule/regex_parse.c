/*
 * rule/regex_parse.c - the syntax of regular expressions, to steps.
 *
 * Reads to a small tree first, because repetitions write their operand out several times; groups nest at most 100
 * deep, repetitions count to 1,000, and the whole program has at most KAM__REGEX_STEPS steps. Captures only group, and
 * lazy operators take what greedy ones take: a search answers yes or no.
 */
#include "regex_impl.h"
#define TRY(call) do { int32_t rc__ = (call); if (rc__ != KAM_OK) return rc__; } while (0)

static int32_t rp_alternatives(rp *p, rp_node **out);

static int32_t rp_bad(rp *p, size_t at, const char *what) {
    int32_t rc = kam__fail(p->err, KAM_E_PARSE, "regular expression, byte %u: %s", (unsigned)at + 1, what);
    kam__err_set(p->err, KAM_ERR_OFFSET, (int64_t)at);
    return rc;
}

static int rp_end(const rp *p) { return p->at >= p->len; }
static char rp_peek(const rp *p, size_t ahead) { return p->len - p->at > ahead ? p->s[p->at + ahead] : '\0'; }

static int32_t rp_new(rp *p, rp_node **out, uint8_t kind) {
    rp_node *n = kam__arena_alloc(p->arena, sizeof *n);
    if (!n) return kam__nomem(p->err);
    memset(n, 0, sizeof *n);
    n->kind = kind;
    n->flags = p->flags;
    *out = n;
    return KAM_OK;
}

static void rp_append(rp_node *list, rp_node *n) {
    if (list->last) list->last->next = n;
    else list->kid = n;
    list->last = n;
}

/* ---------------------------------------------------------------- classes */

static int32_t rp_range(rp *p, rp_node *class, uint32_t from, uint32_t to) {
    kam__regex *re = p->re;
    if (re->nrange >= KAM__REGEX_STEPS) return kam__fail(p->err, KAM_E_LIMIT, "regular expression: more than %u ranges",
                                                      KAM__REGEX_STEPS);
    if (re->nrange == p->cap_range) {
        size_t cap = p->cap_range ? p->cap_range * 2 : 16;
        re_range *more = kam__arena_alloc(p->arena, cap * sizeof *more);
        if (!more) return kam__nomem(p->err);
        if (re->nrange) memcpy(more, re->range, re->nrange * sizeof *more);
        re->range = more;
        p->cap_range = cap;
    }
    re->range[re->nrange].from = from;
    re->range[re->nrange++].to = to;
    class->count++;
    return KAM_OK;
}

/* A range, and in (?i) what its letters are in the other case. */
static int32_t rp_range_fold(rp *p, rp_node *class, uint32_t from, uint32_t to) {
    TRY(rp_range(p, class, from, to));
    if (!(class->flags & RP_I)) return KAM_OK;
    for (uint32_t c = from < 'A' ? 'A' : from; c <= to && c <= 'Z'; c++) TRY(rp_range(p, class, c + 32, c + 32));
    for (uint32_t c = from < 'a' ? 'a' : from; c <= to && c <= 'z'; c++) TRY(rp_range(p, class, c - 32, c - 32));
    for (uint32_t c = 0xC0; c < 0x530; c++) {       /* small: Latin, Greek, Cyrillic */
        uint32_t f = kam__regex_fold(c);
        if (f == c) continue;
        if (c >= from && c <= to) TRY(rp_range(p, class, f, f));
        if (f >= from && f <= to) TRY(rp_range(p, class, c, c));
    }
    return KAM_OK;
}

static int32_t rp_ranges(rp *p, rp_node *class, const re_range *r, uint32_t n, int invert) {
    uint32_t from = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!invert) TRY(rp_range_fold(p, class, r[i].from, r[i].to));
        else if (r[i].from > from) TRY(rp_range(p, class, from, r[i].from - 1));
        from = r[i].to + 1;
    }
    return invert && from <= 0x10FFFF ? rp_range(p, class, from, 0x10FFFF) : KAM_OK;
}

/* Sorted, without overlaps, so that one search finds the range. */
static void rp_settle(rp *p, rp_node *class) {
    if (!class->count) return;
    re_range *r = p->re->range + class->first;
    uint32_t n = 0;
    for (uint32_t i = 1; i < class->count; i++) {
        re_range x = r[i];
        uint32_t k = i;
        for (; k > 0 && r[k - 1].from > x.from; k--) r[k] = r[k - 1];
        r[k] = x;
    }
    for (uint32_t i = 0; i < class->count; i++) {
        if (n && r[i].from <= r[n - 1].to + 1) { if (r[i].to > r[n - 1].to) r[n - 1].to = r[i].to; }
        else r[n++] = r[i];
    }
    class->count = n;
}

/* \d \pL \p{Lu} \P... behind the backslash; 0 = none of these, -1 = told. */
static int rp_named(rp *p, re_range r[64], uint32_t *n, int *invert) {
    char c = rp_peek(p, 0), name[24];
    size_t from = p->at;
    if (c && strchr("dswDSW", c)) {
        name[0] = (char)(c | 32);
        *n = kam__regex_class(name, 1, r);
        *invert = c < 'a';
        p->at++;
        return 1;
    }
    if (c != 'p' && c != 'P') return 0;
    *invert = c == 'P';
    p->at++;
    size_t len = 1, braces = rp_peek(p, 0) == '{';
    if (braces) {
        const char *close = memchr(p->s + p->at, '}', p->len - p->at);
        if (!close) { rp_bad(p, from, "\\p{ is not closed"); return -1; }
        p->at++;
        if (rp_peek(p, 0) == '^') { *invert = !*invert; p->at++; }
        len = (size_t)(close - (p->s + p->at));
    }
    name[0] = 'p';
    if (len < sizeof name - 1 && p->len - p->at >= len) {
        memcpy(name + 1, p->s + p->at, len);
        *n = kam__regex_class(name, len + 1, r);
    } else *n = 0;
    p->at += len + braces;
    if (*n) return 1;
    rp_bad(p, from, "this \\p class is not known here");
    return -1;
}

static int rp_hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int32_t rp_hex_escape(rp *p, uint32_t *out) {
    uint32_t v = 0, n = 0;
    int braces = rp_peek(p, 0) == '{';
    p->at += (size_t)braces;
    while (!rp_end(p) && rp_hex(rp_peek(p, 0)) >= 0 && n < (braces ? 6u : 2u)) {
        v = v * 16 + (uint32_t)rp_hex(rp_peek(p, 0));
        p->at++;
        n++;
    }
    if (!n || (!braces && n != 2) || (braces && rp_peek(p, 0) != '}') || v > 0x10FFFF) return rp_bad(p, p->at,
        "\\x needs two digits, or {digits} up to 10FFFF");
    p->at += (size_t)braces;
    *out = v;
    return KAM_OK;
}

/* One escaped character, behind the backslash. */
static int32_t rp_escape(rp *p, uint32_t *out) {
    static const char from[] = "aftnrv", into[] = "\a\f\t\n\r\v";
    if (rp_end(p)) return rp_bad(p, p->at, "a backslash at the end");
    char c = p->s[p->at];
    const char *at = c ? strchr(from, c) : NULL;
    p->at++;
    if (at) { *out = (unsigned char)into[at - from]; return KAM_OK; }
    if (c == 'x') return rp_hex_escape(p, out);
    if (c == '0' || (c >= '1' && c <= '7' && rp_peek(p, 0) >= '0' && rp_peek(p, 0) <= '7')) {
        uint32_t v = (uint32_t)(c - '0');
        for (int i = 0; i < 2 && rp_peek(p, 0) >= '0' &&
             rp_peek(p, 0) <= '7'; i++) v = v * 8 + (uint32_t)(p->s[p->at++] - '0');
        *out = v;
        return KAM_OK;
    }
    if ((unsigned char)c < 128 && !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
        *out = (unsigned char)c;
        return KAM_OK;
    }
    return rp_bad(p, p->at - 2, "this escape is not known");
}

static int32_t rp_char(rp *p, uint32_t *out) {
    p->at += kam__utf8_next(p->s + p->at, p->len - p->at, out);
    return KAM_OK;
}

/* [:alpha:] at the place; 0 = it is none. */
static int rp_posix(rp *p, rp_node *class, int32_t *rc) {
    re_range r[64];
    if (rp_peek(p, 0) != '[' || rp_peek(p, 1) != ':') return 0;
    size_t from = p->at + 2, invert = p->len > from && p->s[from] == '^', end = from + invert;
    while (end < p->len && p->s[end] >= 'a' && p->s[end] <= 'z') end++;
    if (end + 1 >= p->len || p->s[end] != ':' || p->s[end + 1] != ']') return 0;
    uint32_t n = kam__regex_class(p->s + from + invert, end - from - invert, r);
    *rc = n ? rp_ranges(p, class, r, n, (int)invert) : rp_bad(p, p->at, "this class name is not known");
    p->at = end + 2;
    return 1;
}

/* One end of a range in a class. */
static int32_t rp_class_char(rp *p, uint32_t *c) {
    if (rp_end(p)) return rp_bad(p, p->at, "a class [ is not closed");
    if (rp_peek(p, 0) != '\\') return rp_char(p, c);
    p->at++;
    return rp_escape(p, c);
}

static int32_t rp_class_item(rp *p, rp_node *class) {
    re_range r[64];
    uint32_t n, from, to;
    int32_t rc = KAM_OK;
    int invert, named = 0;
    size_t start = p->at;
    if (rp_posix(p, class, &rc)) return rc;
    if (rp_peek(p, 0) == '\\') {
        p->at++;
        named = rp_named(p, r, &n, &invert);
        if (named < 0) return KAM_E_PARSE;
        if (named) return rp_ranges(p, class, r, n, invert);
        p->at = start;
    }
    TRY(rp_class_char(p, &from));
    to = from;
    if (rp_peek(p, 0) == '-' && p->len - p->at > 1 && rp_peek(p, 1) != ']') {
        p->at++;
        TRY(rp_class_char(p, &to));
        if (to < from) return rp_bad(p, start, "a range goes backwards");
    }
    return rp_range_fold(p, class, from, to);
}

static int32_t rp_class(rp *p, rp_node **out) {
    size_t from = p->at++;
    TRY(rp_new(p, out, RP_CLASS));
    (*out)->first = p->re->nrange;
    if (rp_peek(p, 0) == '^') { (*out)->invert = 1; p->at++; }
    for (int first = 1; first || rp_peek(p, 0) != ']'; first = 0) {
        if (rp_end(p)) return rp_bad(p, from, "a class [ is not closed");
        TRY(rp_class_item(p, *out));
    }
    p->at++;
    rp_settle(p, *out);
    return KAM_OK;
}

/* ---------------------------------------------------------------- atoms */

static int32_t rp_assert(rp *p, rp_node **out, uint8_t op) {
    TRY(rp_new(p, out, RP_ASSERT));
    (*out)->op = op;
    return KAM_OK;
}

static int32_t rp_letter(rp *p, rp_node **out, uint32_t c) {
    TRY(rp_new(p, out, RP_CHAR));
    (*out)->c = c;
    return KAM_OK;
}

static int32_t rp_backslash(rp *p, rp_node **out) {
    re_range r[64];
    uint32_t n, c;
    int invert;
    p->at++;
    switch (rp_peek(p, 0)) {
    case 'A': p->at++; return rp_assert(p, out, RE_BEGIN);
    case 'z': p->at++; return rp_assert(p, out, RE_END);
    case 'b': p->at++; return rp_assert(p, out, RE_WORD);
    case 'B': p->at++; return rp_assert(p, out, RE_NOT_WORD);
    case 'Q': p->at++; p->literal = 1; return rp_new(p, out, RP_EMPTY);
    default: break;
    }
    int named = rp_named(p, r, &n, &invert);
    if (named < 0) return KAM_E_PARSE;
    if (!named) {
        TRY(rp_escape(p, &c));
        return rp_letter(p, out, c);
    }
    TRY(rp_new(p, out, RP_CLASS));
    (*out)->first = p->re->nrange;
    TRY(rp_ranges(p, *out, r, n, invert));
    rp_settle(p, *out);
    return KAM_OK;
}

/* i m s U -i, up to ) or : */
static int32_t rp_flags(rp *p, int *group) {
    static const char letters[] = "imsU";
    int off = 0;
    for (;; p->at++) {
        char c = rp_peek(p, 0);
        const char *at = c ? strchr(letters, c) : NULL;
        if (at) p->flags = (uint8_t)(off ? p->flags & ~(1 << (at - letters)) : p->flags | 1 << (at - letters));
        else if (c == '-' && !off) off = 1;
        else if (c == ')' || c == ':') { *group = c == ':'; p->at++; return KAM_OK; }
        else return rp_bad(p, p->at, "this group (?...) is not known");
    }
}

/* (?...) behind the (; *group 0: it only set flags. */
static int32_t rp_special(rp *p, int *group) {
    *group = 1;
    if (rp_peek(p, 0) != '?') return KAM_OK;
    p->at++;
    size_t name = rp_peek(p, 0) == 'P' && rp_peek(p, 1) == '<' ? 2 : rp_peek(p, 0) == '<' && rp_peek(p, 1) != '=' &&
        rp_peek(p, 1) != '!';
    if (!name) return rp_flags(p, group);
    const char *close = memchr(p->s + p->at, '>', p->len - p->at);
    size_t from = p->at + name;
    if (!close || (size_t)(close - p->s) == from) return rp_bad(p, p->at,
                                                                "the name of a group is missing or not closed");
    for (p->at = from; p->s[p->at] != '>'; p->at++) {
        char c = p->s[p->at];
        if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_')) return rp_bad(p, p->at,
            "the name of a group is of letters, digits and _");
    }
    p->at++;
    return KAM_OK;
}

static int32_t rp_group(rp *p, rp_node **out) {
    size_t from = p->at++;
    uint8_t before = p->flags;
    int group;
    TRY(rp_special(p, &group));
    if (!group) return rp_new(p, out, RP_EMPTY);
    if (++p->depth > RP_DEPTH) return kam__fail(p->err, KAM_E_LIMIT, "regular expression: groups nest deeper than %d",
                                                RP_DEPTH);
    TRY(rp_alternatives(p, out));
    p->depth--;
    if (rp_peek(p, 0) != ')') return rp_bad(p, from, "a group ( is not closed");
    p->at++;
    p->flags = before;
    return KAM_OK;
}

static int32_t rp_atom(rp *p, rp_node **out) {
    uint32_t c;
    if (p->literal) {
        if (rp_peek(p, 0) == '\\' && rp_peek(p, 1) == 'E') {
            p->at += 2;
            p->literal = 0;
            return rp_new(p, out, RP_EMPTY);
        }
        TRY(rp_char(p, &c));
        if (rp_peek(p, 0) == '\\' && rp_peek(p, 1) == 'E') {          /* what follows repeats the last letter */
            p->at += 2;
            p->literal = 0;
        }
        return rp_letter(p, out, c);
    }
    switch (p->s[p->at]) {
    case '(': return rp_group(p, out);
    case '[': return rp_class(p, out);
    case '.': p->at++; return rp_new(p, out, RP_ANY);
    case '^': p->at++; return rp_assert(p, out, p->flags & RP_M ? RE_BEGIN_LINE : RE_BEGIN);
    case '$': p->at++; return rp_assert(p, out, p->flags & RP_M ? RE_END_LINE : RE_END);
    case '\\': return rp_backslash(p, out);
    case '*': case '+': case '?': return rp_bad(p, p->at, "there is nothing to repeat");
    default: TRY(rp_char(p, &c)); return rp_letter(p, out, c);
    }
}

/* ---------------------------------------------------------------- repetition */

static int rp_number(rp *p, size_t *at, uint32_t *out) {
    size_t from = *at;
    uint32_t v = 0;
    for (; *at < p->len && p->s[*at] >= '0' &&
         p->s[*at] <= '9'; ++*at) if (v <= RP_COUNT_MAX) v = v * 10 + (uint32_t)(p->s[*at] - '0');
    *out = v;
    return *at > from;
}

/* {3} {3,} {3,5} at the place; 0 = the brace is a letter. */
static int rp_braces(rp *p, uint32_t *min, uint32_t *max) {
    size_t at = p->at + 1;
    if (!rp_number(p, &at, min)) return 0;
    *max = *min;
    if (at < p->len && p->s[at] == ',') {
        at++;
        if (!rp_number(p, &at, max)) *max = RP_FOREVER;
    }
    if (at >= p->len || p->s[at] != '}') return 0;
    p->at = at + 1;
    return 1;
}

static int rp_quantity(rp *p, uint32_t *min, uint32_t *max) {
    char c = rp_peek(p, 0);
    *min = c == '+';
    *max = c == '?' ? 1 : RP_FOREVER;
    if (rp_end(p) || p->literal) return 0;
    if (c == '{') return rp_braces(p, min, max);
    if (c != '*' && c != '+' && c != '?') return 0;
    p->at++;
    return 1;
}

static int32_t rp_repeated(rp *p, rp_node **out) {
    uint32_t min, max;
    size_t from;
    TRY(rp_atom(p, out));
    from = p->at;
    if (!rp_quantity(p, &min, &max)) return KAM_OK;
    if (min > RP_COUNT_MAX || (max != RP_FOREVER && (max > RP_COUNT_MAX || max < min)))
        return rp_bad(p, from, "a repetition counts from 0 to 1000, upwards");
    if (rp_peek(p, 0) == '?') p->at++;
    rp_node *r = NULL;
    TRY(rp_new(p, &r, RP_REPEAT));
    r->min = min;
    r->max = max;
    r->kid = *out;
    *out = r;
    uint32_t a, b;
    from = p->at;
    if (rp_quantity(p, &a, &b)) return rp_bad(p, from, "a repetition cannot be repeated; put it in a group");
    return KAM_OK;
}

static int32_t rp_sequence(rp *p, rp_node **out) {
    rp_node *n = NULL;
    TRY(rp_new(p, out, RP_CAT));
    while (!rp_end(p) && (p->literal || (rp_peek(p, 0) != '|' && rp_peek(p, 0) != ')'))) {
        TRY(rp_repeated(p, &n));
        rp_append(*out, n);
    }
    return KAM_OK;
}

static int32_t rp_alternatives(rp *p, rp_node **out) {
    rp_node *n = NULL;
    TRY(rp_new(p, out, RP_ALT));
    for (;;) {
        TRY(rp_sequence(p, &n));
        rp_append(*out, n);
        if (rp_end(p) || rp_peek(p, 0) != '|') return KAM_OK;
        p->at++;
    }
}

/* ---------------------------------------------------------------- compiling */

int32_t kam__regex_compile(kam__regex **out, kam__arena *arena, const char *pattern, size_t len, kam_error *err) {
    rp p = {arena, err, pattern, len, 0, 0, 0, 0, 0, NULL, 0, 0};
    rp_node *root;
    uint32_t at;
    size_t bad;
    if (!kam__utf8_valid(pattern, len, &bad)) return rp_bad(&p, bad, "that is not UTF-8");
    if (!(p.re = kam__arena_alloc(arena, sizeof *p.re))) return kam__nomem(err);
    memset(p.re, 0, sizeof *p.re);
    TRY(rp_alternatives(&p, &root));
    if (!rp_end(&p)) return rp_bad(&p, p.at, "a ) without its (");
    TRY(kam__regex_emit(&p, root));
    TRY(kam__regex_step(&p, RE_MATCH, &at));
    *out = p.re;
    return KAM_OK;
}
#undef TRY
