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
/** Ranges of a class by name: "alpha" ([:alpha:]), "d" "s" "w" (\d \s \w), "pL" (\p{L}); 0 = unknown. */
uint32_t kam__regex_class(const char *name, size_t len, re_range out[64]);
#endif
