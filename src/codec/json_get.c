/*
 * codec/json_get.c - reading values out of a JSON tree, with errors that name the member and its place.
 *
 * A number becomes a number only here, exactly or not at all: 5, 5.0 and 50e-1 are the same whole number, 5.5 is none.
 * A missing member is asked for in the same call as a present one, so that a caller writes one line per member.
 */
#include "codec.h"
#include <stdarg.h>
#include <stdio.h>

const char *kam__json_show(char out[72], const char *text, size_t len)
{
    size_t n = len < 60 ? len : 60;
    while (n < len && n && ((uint8_t)text[n] & 0xC0u) == 0x80u) n--;        /* not through a character */
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)text[i] < 0x20 || text[i] == 0x7F ? '?' : text[i];
    memcpy(out + n, n < len ? "..." : "", n < len ? 4 : 1);
    return out;
}

int32_t kam__json_fail(const kam__json *v, int32_t code, kam_error *err, const char *fmt, ...)
{
    char text[400];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0) n = 0;
    size_t end = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    if ((size_t)n >= sizeof text) {                                     /* cut: take a torn last character off, too */
        while (end && ((uint8_t)text[end - 1] & 0xC0u) == 0x80u) end--;
        if (end && (uint8_t)text[end - 1] >= 0xC0u) end--;
    }
    text[end] = '\0';
    if (!v) return kam__fail(err, code, "%s", text);
    kam__fail(err, code, "%s (line %u, column %u)", text, (unsigned)v->line, (unsigned)v->column);
    kam__err_set(err, KAM_ERR_LINE, v->line);
    kam__err_set(err, KAM_ERR_COLUMN, v->column);
    kam__err_set(err, KAM_ERR_OFFSET, (int64_t)v->offset);
    return code;
}

const kam__json *kam__json_get(const kam__json *object, const char *key)
{
    if (!object || object->type != KAM__J_OBJECT) return NULL;
    size_t len = strlen(key);
    for (const kam__json *c = object->child; c; c = c->next)
        if (!c->duplicate && c->key_len == len && memcmp(c->key, key, len) == 0) return c;
    return NULL;
}

static const char *json_kind(const kam__json *v)
{
    static const char *const name[] = {"nothing", "null",    "false",   "true",
                                       "a number", "a string", "an array", "an object"};
    return name[v->type < KAM__LEN(name) ? v->type : 0];
}

/* OK when v is there and of this type. */
static int32_t json_is(const kam__json *v, uint8_t type, const char *key, const char *want, kam_error *err)
{
    if (!v) return kam__fail(err, KAM_E_TYPE, "\"%s\" is missing; it must be %s", key, want);
    if (v->type == type) return KAM_OK;
    return kam__json_fail(v, KAM_E_TYPE, err, "\"%s\" must be %s, not %s", key, want, json_kind(v));
}

int32_t kam__json_dec(int64_t *out, const kam__json *v, uint32_t scale, const char *key, kam_error *err)
{
    char show[72];
    int64_t near;
    KAM__TRY(json_is(v, KAM__J_NUMBER, key, scale ? "a number" : "a whole number", err));
    if (kam__dec_parse(out, v->text, v->len, scale, KAM__EXACT, NULL, NULL) == KAM_OK) return KAM_OK;
    kam__json_show(show, v->text, v->len);
    if (kam__dec_parse(&near, v->text, v->len, scale, KAM__DOWN, NULL, NULL) != KAM_OK)
        return kam__json_fail(v, KAM_E_LIMIT, err, "\"%s\" is %s: too large a number", key, show);
    if (scale == 0) return kam__json_fail(v, KAM_E_LIMIT, err, "\"%s\" is %s: it must be a whole number", key, show);
    return kam__json_fail(v, KAM_E_LIMIT, err, "\"%s\" is %s: %u decimals at most", key, show, (unsigned)scale);
}

int32_t kam__json_i64(int64_t *out, const kam__json *v, const char *key, kam_error *err)
{
    return kam__json_dec(out, v, 0, key, err);
}

int32_t kam__json_str(const char **out, const kam__json *v, const char *key, kam_error *err)
{
    KAM__TRY(json_is(v, KAM__J_STRING, key, "a string", err));
    if (memchr(v->text, 0, v->len))
        return kam__json_fail(v, KAM_E_UTF8, err, "\"%s\" holds U+0000, which text may not", key);
    *out = v->text;
    return KAM_OK;
}

int32_t kam__json_bool(int *out, const kam__json *v, const char *key, kam_error *err)
{
    if (!v || (v->type != KAM__J_TRUE && v->type != KAM__J_FALSE))
        return json_is(v, KAM__J_TRUE, key, "true or false", err);
    *out = v->type == KAM__J_TRUE;
    return KAM_OK;
}

static int json_among(const kam__json *member, const char *const *known, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(known[i]) == member->key_len && memcmp(known[i], member->key, member->key_len) == 0) return 1;
    return 0;
}

int32_t kam__json_known(const kam__json *object, const char *const *known, size_t n, kam_error *err)
{
    if (!object || object->type != KAM__J_OBJECT)
        return kam__json_fail(object, KAM_E_TYPE, err, "an object is expected, not %s",
                              object ? json_kind(object) : "nothing");
    for (const kam__json *c = object->child; c; c = c->next) {
        char show[72];
        if (json_among(c, known, n)) continue;
        const char *near = kam__text_closest(c->key, c->key_len, known, n);
        return kam__json_fail(c, KAM_E_PARSE, err, "unknown member \"%s\"%s%s%s",
                              kam__json_show(show, c->key, c->key_len), near ? "; did you mean \"" : "",
                              near ? near : "", near ? "\"?" : "; take it out");
    }
    return KAM_OK;
}
