/*
 * rule/cel_lex.c - source to tokens, and literals to values.
 *
 * One token is looked at, at a time; its text stays in the source. What a string literal holds is found when the
 * parser asks for it: escapes of a string are code points, those of bytes are bytes, and nothing is an escape in a raw
 * literal. The grammar is that of the language definition (cel-spec, "Syntax").
 */
#include "cel_impl.h"
#include <stdio.h>

int32_t kam__cel_fail_at(kam_error *err, int32_t code, const char *src, uint32_t size, uint32_t pos, const char *fmt,
                         ...) {
    char text[400];
    uint32_t line = 1, start = 0;
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    text[kam__utf8_cut(text, strlen(text))] = '\0';
    if (pos > size) pos = size;
    for (uint32_t i = 0; i < pos; i++)
        if (src[i] == '\n') { line++; start = i + 1; }
    kam__fail(err, code, "line %u, column %u: %s", line, pos - start + 1, text);
    kam__err_set(err, KAM_ERR_LINE, line);
    kam__err_set(err, KAM_ERR_COLUMN, pos - start + 1);
    kam__err_set(err, KAM_ERR_OFFSET, pos);
    return code;
}

static int cel_lex_digit(char c) { return c >= '0' && c <= '9'; }

static int cel_lex_hex(char c) {
    if (cel_lex_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int cel_lex_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/* The character `ahead` of the place, 0 at the end. */
static char cel_lex_at(const cel_lex *x, uint32_t ahead) { return x->size - x->at > ahead ? x->src[x->at + ahead]
    : '\0'; }

static int32_t cel_lex_bad(const cel_lex *x, uint32_t pos, const char *what) {
    return kam__cel_fail_at(x->err, KAM_E_PARSE, x->src, x->size, pos, "%s", what);
}

static void cel_lex_blank(cel_lex *x) {
    for (;;) {
        char c = cel_lex_at(x, 0);
        if (x->at < x->size && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')) x->at++;
        else if (c == '/' && cel_lex_at(x, 1) == '/') while (x->at < x->size && x->src[x->at] != '\n') x->at++;
        else return;
    }
}

static void cel_lex_digits(cel_lex *x) { while (cel_lex_digit(cel_lex_at(x, 0))) x->at++; }

static int32_t cel_lex_number(cel_lex *x) {
    x->tok.type = CEL_T_INT;
    if (cel_lex_at(x, 0) == '0' && cel_lex_at(x, 1) == 'x') {
        x->at += 2;
        if (cel_lex_hex(cel_lex_at(x, 0)) < 0) return cel_lex_bad(x, x->at, "a hexadecimal digit is missing behind 0x");
        while (cel_lex_hex(cel_lex_at(x, 0)) >= 0) x->at++;
    } else {
        cel_lex_digits(x);
        if (cel_lex_at(x, 0) == '.' && cel_lex_digit(cel_lex_at(x, 1))) {
            x->tok.type = CEL_T_DOUBLE;
            x->at++;
            cel_lex_digits(x);
        }
        uint32_t sign = cel_lex_at(x, 1) == '+' || cel_lex_at(x, 1) == '-';
        if ((cel_lex_at(x, 0) | 32) == 'e' && cel_lex_digit(cel_lex_at(x, 1 + sign))) {
            x->tok.type = CEL_T_DOUBLE;
            x->at += 1 + sign;
            cel_lex_digits(x);
        }
    }
    if (x->tok.type == CEL_T_INT && (cel_lex_at(x, 0) | 32) == 'u') {
        x->tok.type = CEL_T_UINT;
        x->at++;
    }
    if (cel_lex_letter(cel_lex_at(x, 0))) return cel_lex_bad(x, x->at, "a number ends in a letter");
    return KAM_OK;
}

/* Past the closing quote; the place is at the opening one. */
static int32_t cel_lex_string(cel_lex *x, int raw) {
    uint32_t from = x->at;
    char q = cel_lex_at(x, 0);
    uint32_t three = cel_lex_at(x, 1) == q && cel_lex_at(x, 2) == q;
    x->at += three ? 3 : 1;
    for (;;) {
        char c = cel_lex_at(x, 0);
        if (x->at >= x->size || (!three && (c == '\n' || c == '\r')))
            return cel_lex_bad(x, from, three ? "a string is never closed" : "a string is not closed on its line");
        if (c == q && (!three || (cel_lex_at(x, 1) == q && cel_lex_at(x, 2) == q))) break;
        if (c == '\\' && !raw && x->at + 1 >= x->size) return cel_lex_bad(x, from, "a string is never closed");
        x->at += c == '\\' && !raw ? 2 : 1;
    }
    x->at += three ? 3 : 1;
    return KAM_OK;
}

/* Length of a string's prefix (r, b, br) if a quote follows it, with what it means. */
static uint32_t cel_lex_prefix(const cel_lex *x, int *raw, int *bytes) {
    uint32_t n = 0;
    *raw = *bytes = 0;
    if ((cel_lex_at(x, n) | 32) == 'b') { *bytes = 1; n++; }
    if ((cel_lex_at(x, n) | 32) == 'r') { *raw = 1; n++; }
    char c = cel_lex_at(x, n);
    if (c != '"' && c != '\'') *raw = *bytes = 0;
    return n;
}

static uint32_t cel_lex_pair(char a, char b) {
    if (a == '|' && b == '|') return CEL_T_OR;
    if (a == '&' && b == '&') return CEL_T_AND;
    if (b != '=') return 0;
    return a == '=' ? CEL_T_EQ : a == '!' ? CEL_T_NE : a == '<' ? CEL_T_LE : a == '>' ? CEL_T_GE : 0;
}

static int32_t cel_lex_symbol(cel_lex *x) {
    char c = cel_lex_at(x, 0), q[48];
    uint32_t two = cel_lex_pair(c, cel_lex_at(x, 1));
    if (two) {
        x->tok.type = two;
        x->at += 2;
        return KAM_OK;
    }
    if (c && strchr("+-*/%<>!?:.,()[]{}", c)) {
        x->tok.type = (unsigned char)c;
        x->at++;
        return KAM_OK;
    }
    uint32_t cp;
    size_t n = kam__utf8_next(x->src + x->at, x->size - x->at, &cp);
    if (c == '=') return cel_lex_bad(x, x->at, "\"=\" is no operator; equality is \"==\"");
    return kam__cel_fail_at(x->err, KAM_E_PARSE, x->src, x->size, x->at, "\"%s\" does not belong here",
                            c < ' ' && c >= 0 ? "a control character" : kam__clip(q, x->src + x->at, n));
}

static int32_t cel_lex_quoted_name(cel_lex *x) {
    uint32_t from = x->at++;
    while (cel_lex_letter(cel_lex_at(x, 0)) || cel_lex_digit(cel_lex_at(x, 0)) ||
           (cel_lex_at(x, 0) && strchr(".-/ ", cel_lex_at(x, 0)))) x->at++;
    if (cel_lex_at(x, 0) != '`' || x->at == from + 1)
        return cel_lex_bad(x, from, "a quoted name is not closed, or holds more than letters, digits and ._-/ ");
    x->at++;
    x->tok.type = CEL_T_QUOTED;
    return KAM_OK;
}

int32_t kam__cel_next(cel_lex *x) {
    int raw, bytes;
    x->end = x->at;
    cel_lex_blank(x);
    x->tok.pos = x->at;
    x->tok.text = x->src + x->at;
    x->tok.type = CEL_T_END;
    x->tok.len = 0;
    if (x->at >= x->size) return KAM_OK;
    char c = cel_lex_at(x, 0);
    int32_t rc = KAM_OK;
    uint32_t prefix = cel_lex_prefix(x, &raw, &bytes);
    if (c == '"' || c == '\'' || raw || bytes) {
        x->tok.type = bytes ? CEL_T_BYTES : CEL_T_STRING;
        x->at += c == '"' || c == '\'' ? 0 : prefix;
        rc = cel_lex_string(x, raw);
    } else if (cel_lex_letter(c)) {
        x->tok.type = CEL_T_NAME;
        while (cel_lex_letter(cel_lex_at(x, 0)) || cel_lex_digit(cel_lex_at(x, 0))) x->at++;
    } else if (cel_lex_digit(c) || (c == '.' && cel_lex_digit(cel_lex_at(x, 1)))) rc = cel_lex_number(x);
    else if (c == '`') rc = cel_lex_quoted_name(x);
    else rc = cel_lex_symbol(x);
    x->tok.len = x->at - x->tok.pos;
    return rc;
}

int kam__cel_reserved(const char *name, size_t len) {
    static const char *const word[] = {"in", "null", "true", "false", "as", "break", "const", "continue", "else", "for",
                                       "function", "if", "import", "let", "loop", "package", "namespace", "return",
                                       "var", "void", "while"};
    for (size_t i = 0; i < KAM__LEN(word); i++)
        if (strlen(word[i]) == len && memcmp(word[i], name, len) == 0) return i < 4 ? 2 : 1;
    return 0;
}

/* ---------------------------------------------------------------- what a string literal holds */

/* n digits of a base at s; -1 = fewer. */
static int64_t cel_lex_code(const char *s, const char *end, int n, int base) {
    int64_t v = 0;
    for (int i = 0; i < n; i++, s++) {
        int d = s < end ? cel_lex_hex(*s) : -1;
        if (d < 0 || d >= base) return -1;
        v = v * base + d;
    }
    return v;
}

/* One escape at s (behind the backslash) to at most 4 bytes at `to`; its length, 0 = wrong. */
static uint32_t cel_lex_escape(const char *s, const char *end, int bytes, char *to, size_t *put) {
    static const char from[] = "abfnrtv\\?\"'`", into[] = "\a\b\f\n\r\t\v\\?\"'`";
    const char *plain = *s ? strchr(from, *s) : NULL;
    *put = 1;
    if (plain) {
        *to = into[plain - from];
        return 1;
    }
    int digits = *s == 'x' || *s == 'X' ? 2 : *s == 'u' ? 4 : *s == 'U' ? 8 : 0, octal = *s >= '0' && *s <= '3';
    if ((!digits && !octal) || (bytes && digits > 2)) return 0;
    int64_t v = octal ? cel_lex_code(s, end, 3, 8) : cel_lex_code(s + 1, end, digits, 16);
    if (v < 0 || v > 0x10FFFF || (!bytes && v >= 0xD800 && v <= 0xDFFF)) return 0;
    if (bytes) *to = (char)(unsigned char)v;
    else *put = kam__utf8_put(to, (uint32_t)v);
    return octal ? 3 : (uint32_t)digits + 1;
}

int32_t kam__cel_unquote(const cel_lex *x, const cel_token *tok, kam__arena *arena, kam__cel *out) {
    const char *s = tok->text, *end = s + tok->len;
    int raw = 0, bytes = tok->type == CEL_T_BYTES;
    for (; *s != '"' && *s != '\''; s++) if ((*s | 32) == 'r') raw = 1;
    uint32_t quotes = end - s >= 6 && s[1] == s[0] && s[2] == s[0] ? 3 : 1;
    s += quotes;
    end -= quotes;
    char *to = kam__arena_alloc(arena, (size_t)(end - s) + 4), *at = to;
    if (!to) return kam__nomem(x->err);
    while (s < end) {
        size_t put;
        if (*s != '\\' || raw) {
            *at++ = *s++;
            continue;
        }
        uint32_t n = s + 1 < end ? cel_lex_escape(s + 1, end, bytes, at, &put) : 0;
        if (!n) return cel_lex_bad(x, (uint32_t)(s - x->src), "a backslash with what follows it is no escape here; "
                                   "write \\\\ for a backslash, or put an r in front of the string");
        at += put;
        s += n + 1;
    }
    *out = kam__cel_text(to, (size_t)(at - to));
    if (bytes) out->t = KAM__CEL_BYTES;
    *at = '\0';
    return KAM_OK;
}
