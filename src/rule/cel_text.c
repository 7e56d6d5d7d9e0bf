/*
 * rule/cel_text.c - functions of strings.
 *
 * Positions count characters (code points), not bytes; texts are valid UTF-8 by construction, so a place is found by
 * counting first bytes. Only ASCII letters have upper and lower forms here.
 */
#include "cel_fn.h"

/* Byte offset of character i; n's own is its length. -1 = behind it. */
static int64_t cel_text_place(const kam__cel *s, int64_t i) {
    uint32_t at = 0;
    if (i < 0) return -1;
    for (; at < s->n && i > 0; i--) {
        at++;
        while (at < s->n && ((unsigned char)s->v.s[at] & 0xC0) == 0x80) at++;
    }
    return i ? -1 : (int64_t)at;
}

/* The same, raised where it is outside. */
static int64_t cel_text_at(cel_run *run, kam__cel *out, const kam__cel *s, const kam__cel *i) {
    int64_t at = cel_text_place(s, i->v.i);
    if (at < 0) kam__cel_raise(run, out, "index out of range: %lld", (long long)i->v.i);
    return at;
}

/* First place of `what` from byte `from` on, or -1. */
static int64_t cel_text_find(const kam__cel *s, const kam__cel *what, uint32_t from) {
    if (what->n == 0) return from;
    for (uint32_t at = from; s->n - at >= what->n && at <= s->n; at++) {
        const char *p = memchr(s->v.s + at, what->v.s[0], s->n - what->n + 1 - at);
        if (!p) return -1;
        at = (uint32_t)(p - s->v.s);
        if (memcmp(p, what->v.s, what->n) == 0) return at;
    }
    return -1;
}

/* Searching costs a step per byte, at most one per pair of bytes. */
static int cel_text_search_cost(cel_run *run, kam__cel *out, const kam__cel *s, const kam__cel *what) {
    return kam__cel_charge(run, out, (uint64_t)s->n / 16 * (what->n / 16 + 1) + 1);
}

static void cel_text_contains(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    if (cel_text_search_cost(run, out, &arg[0], &arg[1])) *out = kam__cel_bool(cel_text_find(&arg[0], &arg[1], 0) >= 0);
}

static void cel_text_starts(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)run;
    (void)n;
    *out = kam__cel_bool(arg[0].n >= arg[1].n && memcmp(arg[0].v.s, arg[1].v.s, arg[1].n) == 0);
}

static void cel_text_ends(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)run;
    (void)n;
    *out = kam__cel_bool(arg[0].n >= arg[1].n && memcmp(arg[0].v.s + arg[0].n - arg[1].n, arg[1].v.s, arg[1].n) == 0);
}

static void cel_text_char_at(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    uint32_t cp;
    (void)n;
    int64_t at = cel_text_at(run, out, &arg[0], &arg[1]);
    if (at < 0) return;
    const char *s = arg->v.s + at;
    *out = kam__cel_text(s, at == (int64_t)arg->n ? 0 : kam__utf8_next(s, arg->n - (size_t)at, &cp));
}

static void cel_text_index(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int64_t from = n > 2 ? cel_text_at(run, out, &arg[0], &arg[2]) : 0;
    if (from < 0 || !cel_text_search_cost(run, out, &arg[0], &arg[1])) return;
    int64_t at = cel_text_find(&arg[0], &arg[1], (uint32_t)from);
    *out = kam__cel_int(at < 0 ? -1 : (int64_t)kam__cel_chars(arg->v.s, (uint32_t)at));
}

static void cel_text_last_index(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int64_t at = n > 2 ? cel_text_at(run, out, &arg[0], &arg[2]) : (int64_t)arg->n;
    if (at < 0 || !cel_text_search_cost(run, out, &arg[0], &arg[1])) return;
    *out = kam__cel_int(-1);
    if (arg[1].n > arg->n) return;
    if (at > (int64_t)(arg->n - arg[1].n)) at = arg->n - arg[1].n;
    while (at >= 0 && memcmp(arg->v.s + at, arg[1].v.s, arg[1].n) != 0) at--;
    if (at >= 0) *out = kam__cel_int(kam__cel_chars(arg->v.s, (uint32_t)at));
}

/* ---------------------------------------------------------------- new texts */

static void cel_text_case(cel_run *run, kam__cel *out, const kam__cel *arg, char first) {
    char *to = kam__cel_alloc(run, out, arg->n + 1u);
    if (!to) return;
    for (uint32_t i = 0; i < arg->n; i++) {
        char c = arg->v.s[i];
        to[i] = c >= first && c <= first + 25 ? (char)(c ^ 32) : c;
    }
    *out = kam__cel_text(to, arg->n);
}

static void cel_text_lower(cel_run *run, kam__cel *out, const kam__cel *arg,
                           uint32_t n) { (void)n; cel_text_case(run, out, arg, 'A'); }
static void cel_text_upper(cel_run *run, kam__cel *out, const kam__cel *arg,
                           uint32_t n) { (void)n; cel_text_case(run, out, arg, 'a'); }

static void cel_text_substring(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int64_t from = cel_text_at(run, out, &arg[0], &arg[1]), to = arg->n;
    if (from < 0) return;
    if (n > 2 && (to = cel_text_at(run, out, &arg[0], &arg[2])) < 0) return;
    if (to < from) {
        kam__cel_raise(run, out, "invalid substring range. start: %lld, end: %lld", (long long)arg[1].v.i,
                       (long long)arg[2].v.i);
        return;
    }
    *out = kam__cel_text(arg->v.s + from, (size_t)(to - from));
}

/* How often `what` stands in s, at most `limit` times (below 0: all); an empty one stands before each character. */
static uint64_t cel_text_count(const kam__cel *s, const kam__cel *what, int64_t limit) {
    uint64_t count = 0;
    if (what->n == 0) {
        count = kam__cel_chars(s->v.s, s->n) + 1u;
        return limit >= 0 && count > (uint64_t)limit ? (uint64_t)limit : count;
    }
    for (int64_t at = 0; limit < 0 || count < (uint64_t)limit; count++) {
        at = cel_text_find(s, what, (uint32_t)at);
        if (at < 0) break;
        at += what->n;
    }
    return count;
}

static void cel_text_replace(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    const kam__cel *s = &arg[0], *old = &arg[1], *with = &arg[2];
    if (!cel_text_search_cost(run, out, s, old)) return;
    uint64_t count = cel_text_count(s, old, n > 3 ? arg[3].v.i : -1), size = s->n + count * with->n;
    if (size > UINT32_MAX) { kam__cel_overflow(run, out, "a length"); return; }
    char *to = kam__cel_alloc(run, out, size + 1), *p = to;
    uint32_t from = 0;
    if (!to) return;
    while (count--) {
        uint32_t at = (uint32_t)cel_text_find(s, old, from), step = old->n;
        memcpy(p, s->v.s + from, at - from);
        p += at - from;
        memcpy(p, with->v.s, with->n);
        p += with->n;
        from = at + step;
        if (step || from >= s->n) continue;
        uint32_t cp, len = (uint32_t)kam__utf8_next(s->v.s + from, s->n - from, &cp);
        memcpy(p, s->v.s + from, len);
        p += len;
        from += len;
    }
    memcpy(p, s->v.s + from, s->n - from);
    p += s->n - from;
    *out = kam__cel_text(to, (size_t)(p - to));
}

/* One piece of a split from byte `from`; moves on. */
static kam__cel cel_text_piece(const kam__cel *s, const kam__cel *sep, uint32_t *from, int last) {
    uint32_t cp, at = *from;
    int64_t end = s->n;
    if (!last && sep->n) end = cel_text_find(s, sep, at);
    else if (!last) end = at + (int64_t)kam__utf8_next(s->v.s + at, s->n - at, &cp);
    if (end < 0) end = s->n;
    *from = (uint32_t)end + sep->n;
    return kam__cel_text(s->v.s + at, (size_t)end - at);
}

static void cel_text_split(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int64_t limit = n > 2 ? arg[2].v.i : -1;
    if (!cel_text_search_cost(run, out, &arg[0], &arg[1])) return;
    uint64_t pieces = arg[1].n ? cel_text_count(&arg[0], &arg[1], -1) + 1 : kam__cel_chars(arg->v.s, arg->n);
    if (limit >= 0 && pieces > (uint64_t)limit) pieces = (uint64_t)limit;
    kam__cel *to = kam__cel_alloc(run, out, pieces * sizeof *to);
    uint32_t from = 0;
    if (!to) return;
    for (uint64_t i = 0; i < pieces; i++) to[i] = cel_text_piece(&arg[0], &arg[1], &from, i + 1 == pieces &&
                                                                 (arg[1].n || limit >= 0));
    out->t = KAM__CEL_LIST;
    out->n = (uint32_t)pieces;
    out->v.list = to;
}

static int cel_text_blank(uint32_t c) {
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static void cel_text_trim(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    uint32_t from = 0, to = arg->n, cp;
    (void)run;
    (void)n;
    while (from < to) {
        size_t k = kam__utf8_next(arg->v.s + from, to - from, &cp);
        if (!cel_text_blank(cp)) break;
        from += (uint32_t)k;
    }
    while (to > from) {
        uint32_t at = to - 1;
        while (at > from && ((unsigned char)arg->v.s[at] & 0xC0) == 0x80) at--;
        kam__utf8_next(arg->v.s + at, to - at, &cp);
        if (!cel_text_blank(cp)) break;
        to = at;
    }
    *out = kam__cel_text(arg->v.s + from, to - from);
}

static void cel_text_join(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    kam__cel sep = n > 1 ? arg[1] : kam__cel_text("", 0);
    uint64_t size = 0;
    for (uint32_t i = 0; i < arg->n; i++) {
        const kam__cel *e = &arg->v.list[i];
        if (e->t != KAM__CEL_STRING) { kam__cel_no_overload(run, out, "join", e, 1); return; }
        size += e->n + (uint64_t)sep.n;
    }
    if (size > UINT32_MAX) { kam__cel_overflow(run, out, "a length"); return; }
    char *to = kam__cel_alloc(run, out, size + 1), *p = to;
    if (!to) return;
    for (uint32_t i = 0; i < arg->n; i++) {
        const kam__cel *e = &arg->v.list[i];
        if (i) { memcpy(p, sep.v.s, sep.n); p += sep.n; }
        memcpy(p, e->v.s, e->n);
        p += e->n;
    }
    *out = kam__cel_text(to, (size_t)(p - to));
}

static void cel_text_quote(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    static const char from[] = "\a\b\f\n\r\t\v\\\"", into[] = "abfnrtv\\\"";
    char *to = kam__cel_alloc(run, out, 2 * (uint64_t)arg->n + 3), *p = to;
    (void)n;
    if (!to) return;
    *p++ = '"';
    for (uint32_t i = 0; i < arg->n; i++) {
        char c = arg->v.s[i];
        const char *at = c ? strchr(from, c) : NULL;
        if (at) *p++ = '\\';
        *p++ = at ? into[at - from] : c;
    }
    *p++ = '"';
    *out = kam__cel_text(to, (size_t)(p - to));
}

static void cel_text_reverse(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    if (arg->t == KAM__CEL_LIST) { kam__cel_reverse(run, out, arg); return; }
    char *to = kam__cel_alloc(run, out, arg->n + 1u), *p = to ? to + arg->n : NULL;
    (void)n;
    if (!to) return;
    for (uint32_t at = 0; at < arg->n;) {
        uint32_t cp, k = (uint32_t)kam__utf8_next(arg->v.s + at, arg->n - at, &cp);
        p -= k;
        memcpy(p, arg->v.s + at, k);
        at += k;
    }
    *out = kam__cel_text(to, arg->n);
}

const cel_fn kam__cel_fn_text[] = {
    {"contains", CEL_MEMBER, "ss:b", cel_text_contains, CEL_COST_NN, NULL},
    {"startsWith", CEL_MEMBER, "ss:b", cel_text_starts, CEL_COST_N, NULL},
    {"endsWith", CEL_MEMBER, "ss:b", cel_text_ends, CEL_COST_N, NULL},
    {"charAt", CEL_MEMBER, "si:s", cel_text_char_at, CEL_COST_N, NULL},
    {"indexOf", CEL_MEMBER, "ss:i ssi:i", cel_text_index, CEL_COST_NN, NULL},
    {"lastIndexOf", CEL_MEMBER, "ss:i ssi:i", cel_text_last_index, CEL_COST_NN, NULL},
    {"lowerAscii", CEL_MEMBER, "s:s", cel_text_lower, CEL_COST_N, NULL},
    {"upperAscii", CEL_MEMBER, "s:s", cel_text_upper, CEL_COST_N, NULL},
    {"replace", CEL_MEMBER, "sss:s sssi:s", cel_text_replace, CEL_COST_NN, NULL},
    {"split", CEL_MEMBER, "ss:Ls ssi:Ls", cel_text_split, CEL_COST_NN, NULL},
    {"substring", CEL_MEMBER, "si:s sii:s", cel_text_substring, CEL_COST_N, NULL},
    {"trim", CEL_MEMBER, "s:s", cel_text_trim, CEL_COST_N, NULL},
    {"join", CEL_MEMBER, "Ls:s Lss:s", cel_text_join, CEL_COST_NN, NULL},
    {"strings.quote", CEL_GLOBAL, "s:s", cel_text_quote, CEL_COST_N, NULL},
    {"reverse", CEL_MEMBER, "s:s LA:LA", cel_text_reverse, CEL_COST_N, NULL},
    {"format", CEL_MEMBER, "sLD:s", kam__cel_format, CEL_COST_NN, NULL},
    {NULL, 0, NULL, NULL, 0, NULL}};
