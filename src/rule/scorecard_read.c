/*
 * rule/scorecard_read.c - what every part of a scorecard document is made of: texts in two languages, ids, lists,
 * numbers.
 *
 * Each reader takes a member, says in one line what it must be, and leaves its place in the document in the error.
 */
#include "scorecard_parse.h"

int32_t kam__sdoc_members(const kam__json *v, const char *what, const char *const *known, size_t n, kam_error *err)
{
    if (v && v->type == KAM__J_OBJECT) return kam__json_known(v, known, n, err);
    return kam__json_fail(v, KAM_E_PARSE, err, "%s must be an object", what);
}

int32_t kam__sdoc_text(const char **out, const kam__json *object, const char *key, kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    if (!v) return kam__json_fail(object, KAM_E_PARSE, err, "\"%s\" is missing; it must be a string", key);
    if (v->type != KAM__J_STRING || !v->len || memchr(v->text, 0, v->len))
        return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" must be a string with something in it", key);
    *out = v->text;
    return KAM_OK;
}

/* {"en": ..., "zh": ...} of a member. */
int32_t kam__sdoc_words(kam__card_words *out, const kam__json *object, const char *key, kam_error *err)
{
    static const char *const known[] = {"en", "zh"};
    const kam__json *v = kam__json_get(object, key);
    if (!v) return kam__json_fail(object, KAM_E_PARSE, err, "\"%s\" is missing; it is {\"en\": ..., \"zh\": ...}", key);
    KAM__TRY(kam__sdoc_members(v, key, known, KAM__LEN(known), err));
    KAM__TRY(kam__sdoc_text(&out->en, v, "en", err));
    return kam__sdoc_text(&out->zh, v, "zh", err);
}

static int sread_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Ids stand in lists by comma and beside our own words. */
int32_t kam__sdoc_id(const char **out, const kam__json *object, kam_error *err)
{
    KAM__TRY(kam__sdoc_text(out, object, "id", err));
    const kam__json *v = kam__json_get(object, "id");
    for (size_t i = 0; i < v->len; i++)
        if (!sread_id_char(v->text[i]) || v->len > 63)
            return kam__json_fail(v, KAM_E_POLICY, err, "an id has 1 to 63 letters, digits, \"_\" and \"-\"");
    if (kam__text_same(*out, "baseline")) return kam__json_fail(v, KAM_E_POLICY, err, "\"baseline\" is our own word");
    return KAM_OK;
}

int32_t kam__sdoc_array(const kam__json **out, const kam__json *object, const char *key, uint32_t max, kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    if (!v || v->type != KAM__J_ARRAY || !v->n)
        return kam__json_fail(v ? v : object, KAM_E_PARSE, err, "\"%s\" must be an array with something in it", key);
    if (v->n > max)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" has %u elements, at most %u are allowed", key, v->n, max);
    *out = v;
    return KAM_OK;
}

int32_t kam__sdoc_number(int64_t *out, const kam__json *v, const char *key, kam_error *err)
{
    char show[72];
    if (v->type != KAM__J_STRING && v->type != KAM__J_NUMBER)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" must be a number", key);
    if (kam__dec_parse(out, v->text, v->len, KAM__CARD_SCALE, KAM__EXACT, NULL, NULL) == KAM_OK && *out != INT64_MIN)
        return KAM_OK;
    return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is \"%s\": write a number with at most %u decimals", key,
                          kam__json_show(show, v->text, v->len), KAM__CARD_SCALE);
}
