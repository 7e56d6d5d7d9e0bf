/*
 * rule/regex_impl.h - the inside of the regular expressions: regex_parse.c writes the steps, regex.c follows them.
 */
#ifndef KAM__REGEX_IMPL_H
#define KAM__REGEX_IMPL_H
#include "regex.h"

enum {
    RE_MATCH = 1, RE_CHAR, RE_CHAR_FOLD, RE_ANY, RE_ANY_LINE, RE_CLASS, RE_SPLIT, RE_JUMP,
    RE_BEGIN, RE_END, RE_BEGIN_LINE, RE_END_LINE, RE_WORD, RE_NOT_WORD          /* assertions, from RE_BEGIN on */
};
/* x: the next step; y: the other next one, the character, or the first range of a class, of `count`. */
typedef struct re_step { uint8_t op, invert; uint32_t x, y, count; } re_step;
typedef struct re_range { uint32_t from, to; } re_range;
struct kam__regex { re_step *step; uint32_t n; re_range *range; uint32_t nrange; };

/** The one character that stands for a letter in both cases, beyond ASCII. */
uint32_t kam__regex_fold(uint32_t c);
/** Ranges of a class by name: "alpha" ([:alpha:]), "d" "s" "w" (\d \s \w), "pL" (\p{L}); 0 = unknown, UINT32_MAX = no
 *  memory. */
uint32_t kam__regex_class(kam__arena *arena, const char *name, size_t len, const re_range **out);
uint32_t kam__regex_unicode(kam__arena *arena, const char *name, size_t len, const re_range **out);     /* of these "p..." */

/* The tree between syntax and steps. */
enum { RP_EMPTY = 1, RP_CHAR, RP_ANY, RP_CLASS, RP_CAT, RP_ALT, RP_REPEAT, RP_ASSERT };
enum { RP_I = 1, RP_M = 2, RP_S = 4, RP_U = 8 };
#define RP_FOREVER UINT32_MAX
enum { RP_COUNT_MAX = 1000, RP_DEPTH = 100 };

typedef struct rp_node rp_node;
struct rp_node {
    uint8_t kind, flags, op, invert;
    uint32_t c, min, max, first, count;             /* CHAR; REPEAT; CLASS: its ranges */
    rp_node *kid, *next, *last;                     /* CAT, ALT, REPEAT */
};

typedef struct rp {
    kam__arena *arena; kam_error *err; const char *s; size_t len, at; uint8_t flags; int depth, literal;
    uint32_t work;                                  /* repetitions of nothing must end, too */
    kam__regex *re; size_t cap_step, cap_range;
} rp;

/** One step behind the others. */
int32_t kam__regex_step(rp *p, uint8_t op, uint32_t *at);
/** The steps of a tree, repetitions written out. */
int32_t kam__regex_emit(rp *p, const rp_node *n);
#endif
