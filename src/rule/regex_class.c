/*
 * rule/regex_class.c - named classes, and letters in both cases.
 *
 * The classes \d \s \w and those of POSIX are of ASCII, as RE2 has them; those of Unicode stand in regex_unicode.c.
 */
#include "regex_impl.h"

typedef struct re_class { const char *name; uint32_t n; re_range r[8]; } re_class;
static const re_class re_classes[] = {
    {"d", 1, {{'0', '9'}}}, {"s", 3, {{9, 10}, {12, 13}, {' ', ' '}}},
    {"w", 4, {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}},
    {"alnum", 3, {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}}, {"alpha", 2, {{'A', 'Z'}, {'a', 'z'}}},
        {"ascii", 1, {{0, 127}}},
    {"blank", 2, {{9, 9}, {' ', ' '}}}, {"cntrl", 2, {{0, 31}, {127, 127}}}, {"digit", 1, {{'0', '9'}}},
    {"graph", 1, {{'!', '~'}}}, {"lower", 1, {{'a', 'z'}}}, {"print", 1, {{' ', '~'}}},
    {"punct", 4, {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}}, {"space", 2, {{9, 13}, {' ', ' '}}},
    {"upper", 1, {{'A', 'Z'}}}, {"word", 4, {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}},
    {"xdigit", 3, {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
    {"pAny", 1, {{0, 0x10FFFF}}}};

uint32_t kam__regex_class(kam__arena *arena, const char *name, size_t len, const re_range **out) {
    for (size_t i = 0; i < KAM__LEN(re_classes); i++) {
        const re_class *c = &re_classes[i];
        if (strlen(c->name) != len || memcmp(c->name, name, len) != 0) continue;
        *out = c->r;
        return c->n;
    }
    return kam__regex_unicode(arena, name, len, out);
}

uint32_t kam__regex_fold(uint32_t c) {
    if (c == 0x17F) return 's';                     /* the long s, and the signs of Kelvin and Angstrom */
    if (c == 0x212A) return 'k';
    if (c == 0x212B) return 0xE5;
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3AB && c != 0x3A2)) return c + 32;
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    if (c == 0x3C2) return 0x3C3;
    if (((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x460 && c <= 0x481)) && c != 0x130 &&
        c != 0x131)
        return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c & 1 ? c + 1 : c;
    return c == 0x178 ? 0xFF : c;
}
