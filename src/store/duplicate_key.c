/*
 * store/duplicate_key.c - texts as they are meant, for comparing.
 *
 * Full-width forms become half-width, letters small, marks and blanks go. From the end of a company's name what says
 * only its legal form is taken off, word by word in Latin script and piece by piece in Chinese; a branch (分公司) stays
 * one, and a name never becomes empty. Phone numbers keep their digits: without 86 of China, leading zeros and
 * extensions.
 */
#include "duplicate.h"

/* ---------------------------------------------------------------- characters */

/* Half-width and small; letters of Latin-1 and the ideographic blank too. */
static uint32_t dup_fold(uint32_t cp)
{
    if (cp >= 0xFF01 && cp <= 0xFF5E) cp -= 0xFEE0;
    if (cp == 0x3000 || cp == 0xA0) return ' ';
    if (cp >= 'A' && cp <= 'Z') return cp + 32;
    if (cp >= 0xC0 && cp <= 0xDE && cp != 0xD7) return cp + 32;
    return cp;
}

static int dup_is_digit(uint32_t cp) { return cp >= '0' && cp <= '9'; }
static int dup_is_letter(uint32_t cp) { return cp >= 'a' && cp <= 'z'; }

/* A mark between words; those that stand inside of words (S.A., L'Oréal) are dropped by the caller. */
static int dup_is_mark(uint32_t cp)
{
    if (cp < 128) return !dup_is_digit(cp) && !dup_is_letter(cp);
    return cp == 0xB7 || cp == 0x30FB || (cp >= 0x2010 && cp <= 0x2027) || (cp >= 0x3001 && cp <= 0x301F);
}

static void dup_put(kam_buf *out, uint32_t cp)
{
    char bytes[4];
    kam__buf_put(out, bytes, kam__utf8_put(bytes, cp));
}

/* Folded, with one blank where marks or blanks were between two characters. */
static void dup_words(kam_buf *out, const char *text, size_t len)
{
    uint32_t cp = 0;
    size_t start = out->size;
    int gap = 0;
    for (size_t i = 0; i < len;) {
        i += kam__utf8_next(text + i, len - i, &cp);
        cp = dup_fold(cp);
        if (cp == '.' || cp == '\'' || cp == 0x2019) continue;
        if (dup_is_mark(cp)) {
            gap = 1;
            continue;
        }
        if (gap && out->size > start) kam__buf_char(out, ' ');
        gap = 0;
        dup_put(out, cp);
    }
}

/* ---------------------------------------------------------------- names */

static size_t dup_ends(const char *text, size_t n, const char *end)
{
    size_t len = strlen(end);
    return n > len && memcmp(text + n - len, end, len) == 0 ? len : 0;
}

static size_t dup_latin_form(const char *text, size_t n)
{
    static const char *const form[] = { "co", "company", "ltd", "limited", "inc", "incorporated", "corp", "corporation",
                                        "llc", "llp", "plc", "gmbh", "ag", "kg", "kgaa", "sa", "sarl", "sas", "srl",
                                        "spa", "bv", "nv", "oy", "ab", "as", "aps", "pty", "pte", "kk", "group" };
    for (size_t i = 0; i < KAM__LEN(form); i++) {
        size_t len = dup_ends(text, n, form[i]);
        if (len && text[n - len - 1] == ' ') return len + 1;
        /* 华为Co Ltd: a word may end a Chinese name without a blank */
        if (len && (unsigned char)text[n - len - 1] >= 128) return len;
    }
    return 0;
}

static size_t dup_chinese_form(const char *text, size_t n)
{
    static const char *const form[] = { "股份有限公司", "有限责任公司", "有限公司", "股份公司", "总公司", "集团",
                                        "公司" };
    if (dup_ends(text, n, "分公司") || dup_ends(text, n, "子公司")) return 0;
    for (size_t i = 0; i < KAM__LEN(form); i++) {
        size_t len = strlen(form[i]);
        if (len == n && memcmp(text, form[i], n) == 0) return 0;    /* nothing else is there: 有限公司 is not 有限 */
        if (dup_ends(text, n, form[i])) return len;
    }
    return 0;
}

static void dup_cut(kam_buf *out, size_t size)
{
    out->size = size;
    if (out->data) out->data[size] = '\0';
}

static void dup_squeeze(kam_buf *out, size_t start)
{
    size_t to = start;
    for (size_t i = start; i < out->size; i++)
        if (out->data[i] != ' ') out->data[to++] = out->data[i];
    dup_cut(out, to);
}

void kam__dup_name(kam_buf *out, const char *text, size_t len)
{
    size_t start = out->size;
    dup_words(out, text, len);
    if (out->failed || out->size == start) return;
    for (;;) {
        char *name = out->data + start;
        size_t n = out->size - start, cut = dup_latin_form(name, n);
        if (!cut) cut = dup_chinese_form(name, n);
        if (!cut) break;
        while (cut < n && name[n - cut - 1] == ' ') cut++;
        if (cut >= n) break;
        dup_cut(out, out->size - cut);
    }
    dup_squeeze(out, start);
}

void kam__dup_plain(kam_buf *out, const char *text, size_t len)
{
    size_t start = out->size;
    dup_words(out, text, len);
    if (!out->failed && out->size > start) dup_squeeze(out, start);
}

void kam__dup_city(kam_buf *out, const char *text, size_t len)
{
    size_t start = out->size;
    kam__dup_plain(out, text, len);
    if (out->failed || out->size == start) return;
    size_t cut = dup_ends(out->data + start, out->size - start, "市");
    dup_cut(out, out->size - cut);
}

/* ---------------------------------------------------------------- addresses */

/* Folded, blanks dropped. */
static void dup_address(kam_buf *out, const char *text, size_t len)
{
    uint32_t cp = 0;
    for (size_t i = 0; i < len;) {
        i += kam__utf8_next(text + i, len - i, &cp);
        cp = dup_fold(cp);
        if (cp != ' ' && cp != '\t') dup_put(out, cp);
    }
}

static void dup_skip(kam_buf *out, size_t start, const char *prefix)
{
    size_t len = strlen(prefix);
    if (out->size - start < len || memcmp(out->data + start, prefix, len) != 0) return;
    memmove(out->data + start, out->data + start + len, out->size - start - len);
    dup_cut(out, out->size - len);
}

void kam__dup_email(kam_buf *out, const char *text, size_t len)
{
    size_t start = out->size;
    dup_address(out, text, len);
    if (out->failed || out->size == start) return;
    dup_skip(out, start, "mailto:");
    const char *at = memchr(out->data + start, '@', out->size - start);
    size_t before = at ? (size_t)(at - out->data) - start : 0, after = at ? out->size - start - before - 1 : 0;
    if (!before || after < 3 || !memchr(at + 1, '.', after) || memchr(at + 1, '@', after)) dup_cut(out, start);
}

void kam__dup_website(kam_buf *out, const char *text, size_t len)
{
    size_t start = out->size, n = 0;
    dup_address(out, text, len);
    if (out->failed || out->size == start) return;
    dup_skip(out, start, "http://");
    dup_skip(out, start, "https://");
    dup_skip(out, start, "www.");
    while (start + n < out->size && !strchr("/?#:", out->data[start + n])) n++;
    while (n && out->data[start + n - 1] == '.') n--;
    dup_cut(out, start + n);
    if (n < 4 || !memchr(out->data + start, '.', n)) dup_cut(out, start);
}

/* ---------------------------------------------------------------- phone numbers */

static int dup_phone_ends(uint32_t cp)
{
    return cp == '/' || cp == ';' || cp == ',' || cp == '|' || cp == '\n' || cp == 0x3001 || cp == 0xFF1B || cp == 0xFF0C;
}

/* x, ext, #, 转, 分机 */
static int dup_is_extension(uint32_t cp) { return cp == 'x' || cp == 'e' || cp == '#' || cp == 0x8F6C || cp == 0x5206; }

/* Without the country code of China, the zero in front of area codes, and 00 for +. */
static void dup_phone_form(kam_buf *out, size_t start, int plus)
{
    size_t n = out->size - start;
    if (!plus && n > 9 && memcmp(out->data + start, "00", 2) == 0) {
        dup_skip(out, start, "00");
        plus = 1;
    }
    n = out->size - start;
    if (n > 8 && (plus || n == 12 || n == 13)) dup_skip(out, start, "86");
    while (out->size - start >= 7 && out->data[start] == '0') dup_skip(out, start, "0");
    n = out->size - start;
    size_t same = 0;
    while (same < n && out->data[start + same] == out->data[start]) same++;
    if (n < 7 || n > 15 || same == n) dup_cut(out, start);
}

int kam__dup_phone(kam_buf *out, const char *text, size_t len, uint32_t n)
{
    size_t start = out->size;
    uint32_t cp = 0, at = 0;
    int plus = 0, extension = 0, some = 0;
    for (size_t i = 0; i < len;) {
        i += kam__utf8_next(text + i, len - i, &cp);
        if (dup_phone_ends(cp)) {
            if (at++ == n) break;
            continue;
        }
        if (at != n) continue;
        some = 1;
        cp = dup_fold(cp);
        if (cp == '+' && out->size == start) plus = 1;
        if (dup_is_extension(cp) && out->size - start >= 5) extension = 1;
        if (dup_is_digit(cp) && !extension) dup_put(out, cp);
    }
    if (!out->failed && out->size > start) dup_phone_form(out, start, plus);
    return some || at > n;
}
