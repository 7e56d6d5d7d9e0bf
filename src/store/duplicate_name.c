/*
 * store/duplicate_name.c - how alike two names are: the larger of the share of pairs of neighbouring letters they have
 * in common (Dice 1945) and the share of letters that need no change (edit distance: Levenshtein 1966).
 *
 * Names are compared in code points, the first 64 of them: two rows on the stack are enough. No. 1 hospital and no. 2
 * hospital differ in one letter and are two: what stands for a number must be the same.
 */
#include "duplicate.h"

static size_t dupname_points(uint32_t out[DUP_NAME], const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n < DUP_NAME;) i += kam__utf8_next(text + i, len - i, &out[n++]);
    return n;
}

static int dupname_is_number(uint32_t cp)
{
    static const uint16_t chinese[] = { 0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341 };
    if (cp >= '0' && cp <= '9') return 1;
    for (size_t i = 0; i < KAM__LEN(chinese); i++)
        if (cp == chinese[i]) return 1;
    return 0;
}

static int dupname_same_numbers(const uint32_t *a, size_t an, const uint32_t *b, size_t bn)
{
    for (size_t i = 0, j = 0;; i++, j++) {
        while (i < an && !dupname_is_number(a[i])) i++;
        while (j < bn && !dupname_is_number(b[j])) j++;
        if (i >= an || j >= bn) return i >= an && j >= bn;
        if (a[i] != b[j]) return 0;
    }
}

/* Pairs in common, each counted as often as both have it. */
static size_t dupname_pairs(const uint32_t *a, size_t an, const uint32_t *b, size_t bn)
{
    uint8_t used[DUP_NAME] = { 0 };
    size_t common = 0;
    for (size_t i = 0; i + 1 < an; i++)
        for (size_t j = 0; j + 1 < bn; j++) {
            if (used[j] || a[i] != b[j] || a[i + 1] != b[j + 1]) continue;
            used[j] = 1;
            common++;
            break;
        }
    return common;
}

static size_t dupname_distance(const uint32_t *a, size_t an, const uint32_t *b, size_t bn)
{
    uint8_t row[2][DUP_NAME + 1];
    for (size_t j = 0; j <= bn; j++) row[0][j] = (uint8_t)j;
    for (size_t i = 1; i <= an; i++) {
        uint8_t *now = row[i & 1];
        const uint8_t *up = row[(i & 1) ^ 1];
        now[0] = (uint8_t)i;
        for (size_t j = 1; j <= bn; j++) {
            unsigned best = up[j - 1] + (a[i - 1] != b[j - 1] ? 1u : 0u);
            if (up[j] + 1u < best) best = up[j] + 1u;
            if (now[j - 1] + 1u < best) best = now[j - 1] + 1u;
            now[j] = (uint8_t)best;
        }
    }
    return row[an & 1][bn];
}

int64_t kam__dup_alike(const char *a, size_t alen, const char *b, size_t blen)
{
    uint32_t x[DUP_NAME], y[DUP_NAME];
    if (alen == blen && memcmp(a, b, alen) == 0) return 10000;
    size_t xn = dupname_points(x, a, alen), yn = dupname_points(y, b, blen);
    size_t longer = xn > yn ? xn : yn, shorter = xn > yn ? yn : xn;
    if (shorter < 4 || shorter * 3 < longer * 2 || !dupname_same_numbers(x, xn, y, yn)) return 0;
    int64_t dice = (int64_t)(20000 * dupname_pairs(x, xn, y, yn) / (xn + yn - 2));
    int64_t edit = (int64_t)(10000 * (longer - dupname_distance(x, xn, y, yn)) / longer);
    int64_t best = dice > edit ? dice : edit;
    return best > 9999 ? 9999 : best;
}
