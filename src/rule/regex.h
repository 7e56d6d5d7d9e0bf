/*
 * rule/regex.h - regular expressions in linear time.
 *
 * The syntax of RE2 without what needs memory of the match: no back references, no look-around, and captures only
 * group. A pattern becomes a list of steps, and all ways through it are followed at once, so that time is text times
 * pattern and nothing a pattern can hold makes it more.
 */
#ifndef KAM__REGEX_H
#define KAM__REGEX_H
#include "../base/base.h"

#define KAM__REGEX_STEPS 5000u                      /* steps of one pattern, repetitions written out */

typedef struct kam__regex kam__regex;
/** Compiles UTF-8. PARSE: what is wrong and at which byte of the pattern (OFFSET); LIMIT: too big. Lives in the
 *  arena. */
int32_t kam__regex_compile(kam__regex **out, kam__arena *arena, const char *pattern, size_t len, kam_error *err);
/** Bytes of memory a search needs. */
size_t kam__regex_room(const kam__regex *re);
/** 1: some part of the text matches. `room`: kam__regex_room() bytes, aligned as malloc's. */
int kam__regex_search(const kam__regex *re, void *room, const char *text, size_t len);
/** Bound on the work: of a search in `len` bytes, and of compiling a pattern of `len` bytes. */
uint64_t kam__regex_cost(const kam__regex *re, size_t len);
uint64_t kam__regex_bound(size_t len);
#endif
