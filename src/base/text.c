/*
 * base/text.c - comparing texts, taking them in at the border, and guessing what a mistyped name meant.
 *
 * The guess uses the edit distance with transpositions of neighbours (optimal string alignment: Damerau 1964,
 * Levenshtein 1966), ASCII case folded, on names of at most 64 bytes: three rows of the table on the stack are enough.
 */
#include "base/base.h"

#define TEXT_NAME 64u

int32_t kam__text_in(kam_ctx *ctx, const char *text, size_t *len, kam_error *err) {
    size_t bad;
    if (!text && *len) return kam__null_arg(err, "text");
    size_t n = *len == KAM_NUL ? strlen(text) : *len;
    if (n > ctx->opt.max_text)
        return kam__fail(err, KAM_E_LIMIT, "text of %llu bytes is longer than %u (max_text of the context)",
                         (unsigned long long)n, (unsigned)ctx->opt.max_text);
    const char *nul = n ? memchr(text, 0, n) : NULL;
    if (n && !kam__utf8_valid(text, nul ? (size_t)(nul - text) : n, &bad)) {
        kam__fail(err, KAM_E_UTF8, "text is not UTF-8: byte 0x%02x at offset %llu", (unsigned)(unsigned char)text[bad],
                  (unsigned long long)bad);
        kam__err_set(err, KAM_ERR_OFFSET, (int64_t)bad);
        return KAM_E_UTF8;
    }
    if (nul) {
        kam__fail(err, KAM_E_UTF8, "text holds U+0000 at offset %llu", (unsigned long long)(nul - text));
        kam__err_set(err, KAM_ERR_OFFSET, (int64_t)(nul - text));
        return KAM_E_UTF8;
    }
    *len = n;
    return KAM_OK;
}

int kam__text_same(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

int kam__text_cmp(const char *a, size_t alen, const char *b, size_t blen) {
    size_t n = alen < blen ? alen : blen;
    int d = n ? memcmp(a, b, n) : 0;
    return d ? d : (alen > blen) - (alen < blen);
}

static unsigned char text_fold(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

int kam__text_same_ci(const char *a, size_t alen, const char *b) {
    if (alen == KAM_NUL) alen = strlen(a);
    for (size_t i = 0; i < alen; i++)
        if (!b[i] || text_fold(a[i]) != text_fold(b[i])) return 0;
    return b[alen] == '\0';
}

/* One cell: delete, insert, change, or swap two neighbours. */
static size_t text_cell(const uint8_t *row, const uint8_t *up, const uint8_t *up2, const char *a, size_t i,
                        const char *b, size_t j) {
    int same = text_fold(a[i - 1]) == text_fold(b[j - 1]);
    size_t best = up[j - 1] + (same ? 0u : 1u);
    if (up[j] + 1u < best) best = up[j] + 1u;
    if (row[j - 1] + 1u < best) best = row[j - 1] + 1u;
    if (i > 1 && j > 1 && text_fold(a[i - 1]) == text_fold(b[j - 2]) && text_fold(a[i - 2]) == text_fold(b[j - 1])
        && up2[j - 2] + 1u < best)
        best = up2[j - 2] + 1u;
    return best;
}

/* Both at most TEXT_NAME bytes. */
static size_t text_distance(const char *a, size_t alen, const char *b, size_t blen) {
    uint8_t rows[3][TEXT_NAME + 1];
    for (size_t j = 0; j <= blen; j++) rows[0][j] = (uint8_t)j;
    for (size_t i = 1; i <= alen; i++) {
        uint8_t *row = rows[i % 3];
        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= blen; j++)
            row[j] = (uint8_t)text_cell(row, rows[(i - 1) % 3], rows[(i + 1) % 3], a, i, b, j);
    }
    return rows[alen % 3][blen];
}

const char *kam__text_closest(const char *name, size_t len, const char *const *candidate, size_t n) {
    const char *best = NULL;
    if (len == KAM_NUL) len = strlen(name);
    size_t best_distance = len / 3 + 1;     /* the first that is too far */
    if (len > TEXT_NAME) return NULL;
    for (size_t i = 0; i < n; i++) {
        if (!candidate[i]) continue;
        size_t clen = strlen(candidate[i]);
        size_t apart = clen > len ? clen - len : len - clen;
        if (clen > TEXT_NAME || apart >= best_distance) continue;
        size_t d = text_distance(name, len, candidate[i], clen);
        if (d >= best_distance) continue;
        best_distance = d;
        best = candidate[i];
    }
    return best;
}

#undef TEXT_NAME
