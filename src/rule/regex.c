/*
 * rule/regex.c - following all ways through a pattern at once (Thompson 1968; Pike's lists of threads).
 *
 * A list of steps alive at the current character is kept as a sparse set; empty steps (splits, assertions) are
 * followed with a stack of their own when a step is added. Searching starts a new way at every character until one
 * way is through.
 */
#include "regex_impl.h"

typedef struct re_set { uint32_t n, *dense, *sparse; } re_set;

size_t kam__regex_room(const kam__regex *re) { return (size_t)re->n * 6 * sizeof(uint32_t) + 16; }

uint64_t kam__regex_cost(const kam__regex *re, size_t len) { return ((uint64_t)len + 1) * re->n / 8 + 1; }

uint64_t kam__regex_bound(size_t len) { return (uint64_t)len * 4 + 64; }

static int re_word(uint32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

#define RE_NONE UINT32_MAX                          /* the character before the text and behind it */

static int re_holds(uint8_t what, uint32_t before, uint32_t after) {
    switch (what) {
    case RE_BEGIN: return before == RE_NONE;
    case RE_END: return after == RE_NONE;
    case RE_BEGIN_LINE: return before == RE_NONE || before == '\n';
    case RE_END_LINE: return after == RE_NONE || after == '\n';
    case RE_WORD: return (before != RE_NONE && re_word(before)) != (after != RE_NONE && re_word(after));
    default: return (before != RE_NONE && re_word(before)) == (after != RE_NONE && re_word(after));
    }
}

static int re_has(const re_set *s, uint32_t at) { return s->sparse[at] < s->n && s->dense[s->sparse[at]] == at; }

/* Adds a step and all that follow it without a character. */
static void re_add(const kam__regex *re, re_set *s, uint32_t *stack, uint32_t at, uint32_t before, uint32_t after) {
    uint32_t depth = 0;
    stack[depth++] = at;
    while (depth) {
        at = stack[--depth];
        if (re_has(s, at)) continue;
        s->sparse[at] = s->n;
        s->dense[s->n++] = at;
        const re_step *x = &re->step[at];
        if (x->op == RE_SPLIT) {                    /* two at most wait for each step: the stack has room for that */
            stack[depth++] = x->y;
            stack[depth++] = x->x;
        } else if (x->op == RE_JUMP) stack[depth++] = x->x;
        else if (x->op >= RE_BEGIN && re_holds(x->op, before, after)) stack[depth++] = x->x;
    }
}

static uint32_t re_fold(uint32_t c) {
    if (c < 128) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return kam__regex_fold(c);
}

static int re_in(const kam__regex *re, const re_step *x, uint32_t c) {
    uint32_t low = x->y, high = x->y + x->count;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (c < re->range[mid].from) high = mid;
        else if (c > re->range[mid].to) low = mid + 1;
        else return 1;
    }
    return 0;
}

static int re_takes(const kam__regex *re, const re_step *x, uint32_t c) {
    switch (x->op) {
    case RE_CHAR: return c == x->y;
    case RE_CHAR_FOLD: return re_fold(c) == x->y;
    case RE_ANY: return 1;
    case RE_ANY_LINE: return c != '\n';
    case RE_CLASS: return re_in(re, x, c) != x->invert;
    default: return 0;
    }
}

static uint32_t re_char(const char *text, size_t len, size_t at, size_t *step) {
    uint32_t c;
    *step = 0;
    if (at >= len) return RE_NONE;
    *step = kam__utf8_next(text + at, len - at, &c);
    return c;
}

int kam__regex_search(const kam__regex *re, void *room, const char *text, size_t len) {
    uint32_t *p = room, *stack = p + 4 * (size_t)re->n, before = RE_NONE;
    re_set now = {0, p, p + re->n}, next = {0, p + 2 * (size_t)re->n, p + 3 * (size_t)re->n};
    size_t at = 0, step;
    memset(p, 0, 4 * (size_t)re->n * sizeof *p);
    for (;;) {
        uint32_t c = re_char(text, len, at, &step), after = RE_NONE;
        size_t step2;
        if (c != RE_NONE) after = re_char(text, len, at + step, &step2);
        re_add(re, &now, stack, 0, before, c);
        next.n = 0;
        for (uint32_t i = 0; i < now.n; i++) {
            const re_step *x = &re->step[now.dense[i]];
            if (x->op == RE_MATCH) return 1;
            if (c != RE_NONE && re_takes(re, x, c)) re_add(re, &next, stack, x->x, c, after);
        }
        if (c == RE_NONE) return 0;
        re_set swap = now;
        now = next;
        next = swap;
        before = c;
        at += step;
    }
}
#undef RE_NONE
