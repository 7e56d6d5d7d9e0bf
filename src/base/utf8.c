/*
 * base/utf8.c - the text encoding of the library: checked once at the border, trusted inside.
 *
 * Well-formed byte sequences are those of the Unicode Standard, table 3-7: the range of the second byte depends on the
 * first, which excludes overlong forms, surrogates and code points above U+10FFFF. Eight ASCII bytes are passed at a
 * time.
 */
#include "base/base.h"

/* Length of the well-formed character at p (n >= 1 bytes left), 0 = there is none. */
static size_t utf8_len(const unsigned char *p, size_t n) {
    unsigned char c = p[0], lo = 0x80, hi = 0xBF;
    if (c < 0x80) return 1;
    size_t len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || n < len) return 0;
    if (c == 0xE0) lo = 0xA0;
    if (c == 0xED) hi = 0x9F;
    if (c == 0xF0) lo = 0x90;
    if (c == 0xF4) hi = 0x8F;
    if (p[1] < lo || p[1] > hi) return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return len;
}

int kam__utf8_valid(const char *text, size_t len, size_t *bad) {
    const unsigned char *p = (const unsigned char *)text;
    size_t i = 0, n;
    while (i < len) {
        uint64_t eight;
        while (len - i >= 8 && (memcpy(&eight, p + i, 8), (eight & 0x8080808080808080u) == 0)) i += 8;
        if (i == len) break;
        if ((n = utf8_len(p + i, len - i)) == 0) {
            if (bad) *bad = i;
            return 0;
        }
        i += n;
    }
    return 1;
}

size_t kam__utf8_next(const char *text, size_t len, uint32_t *cp) {
    const unsigned char *p = (const unsigned char *)text;
    *cp = 0;
    if (len == 0) return 0;
    size_t n = utf8_len(p, len);
    switch (n) {
    case 1: *cp = p[0]; return 1;
    case 2: *cp = (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu); return 2;
    case 3: *cp = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu); return 3;
    case 4: *cp = (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu); return 4;
    default: *cp = 0xFFFD; return 1;        /* not for valid text; a loop still ends */
    }
}

size_t kam__utf8_put(char out[4], uint32_t cp) {
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) cp = 0xFFFD;
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    out[0] = (char)((n == 2 ? 0xC0u : n == 3 ? 0xE0u : 0xF0u) | cp);
    return n;
}

size_t kam__utf8_cut(const char *text, size_t len) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        unsigned char c = p[len - back];
        if ((c & 0xC0) == 0x80) continue;
        size_t whole = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        return whole > back ? len - back : len;
    }
    return len;
}
