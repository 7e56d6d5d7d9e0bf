/*
 * rule/regex_class.c - named classes, and letters in both cases.
 *
 * The classes \d \s \w and those of POSIX are of ASCII, as RE2 has them. Of the Unicode classes those are here whose
 * ranges are few: what a customer's name is written in.
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

uint32_t kam__regex_class(const char *name, size_t len, re_range out[64]) {
    for (size_t i = 0; i < KAM__LEN(re_classes); i++) {
        const re_class *c = &re_classes[i];
        if (strlen(c->name) != len || memcmp(c->name, name, len) != 0) continue;
        memcpy(out, c->r, c->n * sizeof *out);
        return c->n;
    }
    return 0;
}

uint32_t kam__regex_fold(uint32_t c) {
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
