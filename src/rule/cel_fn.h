/*
 * rule/cel_fn.h - for the files that implement functions: each gives a table, listed in cel_fn.c.
 *
 * An implementation is called with arguments that fit one overload of its signature; run->which says which, from 0.
 */
#ifndef KAM__CEL_FN_H
#define KAM__CEL_FN_H
#include "cel_impl.h"

extern const cel_fn kam__cel_fn_core[], kam__cel_fn_time[], kam__cel_fn_text[], kam__cel_fn_math[], kam__cel_fn_list[],
    kam__cel_fn_more[];

/** string(v) into the evaluation's memory. 0 = out says why. */
int kam__cel_to_text(cel_run *run, kam__cel *out, const kam__cel *v);
/** Characters of UTF-8 text. */
uint32_t kam__cel_chars(const char *s, uint32_t n);
/** All of a text as uint; 0 = it is none. */
int kam__cel_uint_read(kam__cel *out, const char *s, size_t n);
/** text.format(list). */
void kam__cel_format(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n);
/** A double with `digits` places behind the point (%f), or one before it and an exponent (%e); 0 = does not fit in
 *  `room`. */
size_t kam__cel_fixed_put(char *out, size_t room, double v, uint32_t digits, int exponent);
/** A list backwards. */
void kam__cel_reverse(cel_run *run, kam__cel *out, const kam__cel *arg);
double kam__cel_trunc(double v);
#endif
