/*
 * rule/scorecard_parse.c - the scorecard document and its strict check.
 *
 * {"name": "key-account", "title": {"en": "...", "zh": "..."}, "source": "where it comes from",
 *  "baseline": "10",                                     what everybody has; 0 where it is left out
 *  "groups": [{"id": "profit", "title": {"en", "zh"}}],  sums that are told beside the score
 *  "factors": [{"id": "revenue", "attribute": "revenue_12m",     a field of ATTRIBUTES, or a custom one of account
 *     "title": {"en", "zh"},                             the field's label (or name) where it is left out
 *     "group": "profit", "weight": "1.5",                weight 1 where it is left out
 *     "bands": [{"below": "1000", "points": 0}, {"from": "1000", "points": "10.5", "code": "R1", "text": {"en", "zh"}}]
 *   | "map": {"LARGE": 10, "SMALL": {"points": 2, "code": "...", "text": {...}}}
 *   | "flag": {"true": 10, "false": 0},
 *     "missing": 5 | {"points", "code", "text"},         no value: 0 points where it is left out
 *     "otherwise": 0 | {...}}],                          in no band, none of the values: needed where that can be
 *  "warnings": [{"id": "age", "attribute": "x_age", one of at_least, below, is, one_of, missing: value,
 *     "text": {"en", "zh"}}]}                            told, never scored
 *
 * A factor or warning may have "expr", an expression in CEL, in the place of "attribute"; a warning's is true or false.
 * "attributes": {"revenue": "double"} declares what the card reads where that is not an account: bool, int, double,
 * string, date, decimal(N). "reasons": {"method": "points_below" | "points_above", "count": 3} asks for reason codes,
 * "baseline" of a factor is what they are counted from, its "code" that of outcomes without one; "normalize": true asks
 * for the score from 0 to 100 as well. "tests": see scorecard_proof.c.
 *
 * Bands are half open, ascend and do not overlap. Points and weights have four decimals at most, amounts are in the
 * base currency, and numbers may stand in quotes: all are read exactly. The largest score is computed here: one that
 * could not fit 64 bits is refused.
 */
#include "rule.h"

/* ---------------------------------------------------------------- small readers */

static int32_t scard_members(const kam__json *v, const char *what, const char *const *known, size_t n, kam_error *err)
{
    if (v && v->type == KAM__J_OBJECT) return kam__json_known(v, known, n, err);
    return kam__json_fail(v, KAM_E_PARSE, err, "%s must be an object", what);
}

static int32_t scard_text(const char **out, const kam__json *object, const char *key, kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    if (!v) return kam__json_fail(object, KAM_E_PARSE, err, "\"%s\" is missing; it must be a string", key);
    if (v->type != KAM__J_STRING || !v->len || memchr(v->text, 0, v->len))
        return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" must be a string with something in it", key);
    *out = v->text;
    return KAM_OK;
}

/* {"en": ..., "zh": ...} of a member. */
static int32_t scard_words(kam__card_words *out, const kam__json *object, const char *key, kam_error *err)
{
    static const char *const known[] = {"en", "zh"};
    const kam__json *v = kam__json_get(object, key);
    if (!v) return kam__json_fail(object, KAM_E_PARSE, err, "\"%s\" is missing; it is {\"en\": ..., \"zh\": ...}", key);
    KAM__TRY(scard_members(v, key, known, KAM__LEN(known), err));
    KAM__TRY(scard_text(&out->en, v, "en", err));
    return scard_text(&out->zh, v, "zh", err);
}

static int scard_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Ids stand in lists by comma and beside our own words. */
static int32_t scard_id(const char **out, const kam__json *object, kam_error *err)
{
    KAM__TRY(scard_text(out, object, "id", err));
    const kam__json *v = kam__json_get(object, "id");
    for (size_t i = 0; i < v->len; i++)
        if (!scard_id_char(v->text[i]) || v->len > 63)
            return kam__json_fail(v, KAM_E_POLICY, err, "an id has 1 to 63 letters, digits, \"_\" and \"-\"");
    if (kam__text_same(*out, "baseline")) return kam__json_fail(v, KAM_E_POLICY, err, "\"baseline\" is our own word");
    return KAM_OK;
}

static int32_t scard_array(const kam__json **out, const kam__json *object, const char *key, uint32_t max,
                           kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    if (!v || v->type != KAM__J_ARRAY || !v->n)
        return kam__json_fail(v ? v : object, KAM_E_PARSE, err, "\"%s\" must be an array with something in it", key);
    if (v->n > max)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" has %u elements, at most %u are allowed", key, v->n, max);
    *out = v;
    return KAM_OK;
}

static int32_t scard_number(int64_t *out, const kam__json *v, const char *key, kam_error *err)
{
    char show[72];
    if (v->type != KAM__J_STRING && v->type != KAM__J_NUMBER)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" must be a number", key);
    if (kam__dec_parse(out, v->text, v->len, KAM__CARD_SCALE, KAM__EXACT, NULL, NULL) == KAM_OK && *out != INT64_MIN)
        return KAM_OK;
    return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is \"%s\": write a number with at most %u decimals", key,
                          kam__json_show(show, v->text, v->len), KAM__CARD_SCALE);
}

/* ---------------------------------------------------------------- outcomes */

static int32_t scard_points(kam__card_outcome *out, const kam__json *v, int64_t weight, kam_error *err)
{
    KAM__TRY(scard_number(&out->points, v, "points", err));
    if (kam__muldiv(out->points, weight, 10000, KAM__HALF_EVEN, &out->contribution) || out->contribution == INT64_MIN)
        return kam__json_fail(v, KAM_E_POLICY, err, "points times weight do not fit 64 bits: make them smaller");
    return KAM_OK;
}

/* points, code and text of an object, which may have other members. */
static int32_t scard_outcome_of(kam__card_outcome *out, const kam__json *v, int64_t weight, kam_error *err)
{
    const kam__json *points = kam__json_get(v, "points");
    if (!points) return kam__json_fail(v, KAM_E_PARSE, err, "\"points\" is missing; it must be a number");
    KAM__TRY(scard_points(out, points, weight, err));
    if (kam__json_get(v, "code")) KAM__TRY(scard_text(&out->code, v, "code", err));
    return kam__json_get(v, "text") ? scard_words(&out->text, v, "text", err) : KAM_OK;
}

/* A number of points, or {"points", "code", "text"}. */
static int32_t scard_outcome(kam__card_outcome *out, const kam__json *v, int64_t weight, const char *code,
                             kam_error *err)
{
    static const char *const known[] = {"points", "code", "text"};
    out->code = code;
    if (v->type == KAM__J_NUMBER || v->type == KAM__J_STRING) return scard_points(out, v, weight, err);
    KAM__TRY(scard_members(v, "what it scores (a number, or points, code and text)", known, KAM__LEN(known), err));
    return scard_outcome_of(out, v, weight, err);
}

/* ---------------------------------------------------------------- attributes */

static int32_t scard_declare_type(kam__field *f, const char **type, const kam__json *v, kam_error *err)
{
    static const struct { const char *name, *cel; uint8_t type, logic; } of[] = {
        {"bool", "bool", KAM_T_I32, KAM__L_BOOL}, {"int", "int", KAM_T_I64, KAM__L_INT},
        {"double", "double", KAM_T_F64, KAM__L_F64}, {"string", "string", KAM_T_TEXT, KAM__L_TEXT},
        {"date", "timestamp", KAM_T_I32, KAM__L_DAY}};
    int64_t scale = 0;
    for (size_t i = 0; v->type == KAM__J_STRING && i < KAM__LEN(of); i++) {
        if (strcmp(v->text, of[i].name) != 0) continue;
        f->type = of[i].type;
        f->logic = of[i].logic;
        *type = of[i].cel;
        return KAM_OK;
    }
    if (v->type == KAM__J_STRING && v->len > 9 && strncmp(v->text, "decimal(", 8) == 0 && v->text[v->len - 1] == ')' &&
        kam__i64_parse(&scale, v->text + 8, v->len - 9, NULL) == KAM_OK && scale >= 0 && scale <= 18 &&
        v->len == (scale < 10 ? 10u : 11u)) {
        f->type = KAM_T_I64;
        f->logic = KAM__L_DECIMAL;
        f->scale = (uint8_t)scale;
        *type = v->text;                    /* with its decimals, so that expressions of it know theirs */
        return KAM_OK;
    }
    return kam__json_fail(v, KAM_E_POLICY, err,
                          "the type of \"%.60s\" is one of bool, int, double, string, date, decimal(0) to decimal(18)",
                          v->key);
}

static int scard_name_fits(const kam__json *v)
{
    for (size_t i = 0; i < v->key_len; i++) {
        char c = v->key[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_' && !(i && c >= '0' && c <= '9')) return 0;
    }
    return v->key_len > 0 && v->key_len < 64;
}

static int32_t scard_declare_one(kam__card *c, kam__field *f, const kam__json *v, kam_error *err)
{
    kam__card_attr *a = &c->attr[c->nattr];
    if (!scard_name_fits(v))
        return kam__json_fail(v, KAM_E_POLICY, err,
                              "a name of an attribute has 1 to 63 letters, digits and \"_\", no digit first");
    *a = (kam__card_attr){.name = v->key, .field = f, .at = v};
    f->name = f->en = f->zh = v->key;
    KAM__TRY(scard_declare_type(f, &a->type, v, err));
    c->nattr++;
    return KAM_OK;
}

/* Numbered in the order of their names: a stored document is sorted, and one that is not must mean the same. */
static int32_t scard_declare(kam__card *c, kam__arena *arena, const kam__json *body, kam_error *err)
{
    const kam__json *list = kam__json_get(body, "attributes"), **sorted = NULL;
    int32_t rc = KAM_OK;
    if (!list) return KAM_OK;
    if (list->type != KAM__J_OBJECT || !list->n)
        return kam__json_fail(list, KAM_E_PARSE, err, "\"attributes\" must be an object of names and types");
    if (list->n > KAM__CARD_ATTRS)
        return kam__json_fail(list, KAM_E_POLICY, err, "a card reads at most %u attributes", KAM__CARD_ATTRS);
    kam__field *f = kam__arena_alloc(arena, list->n * sizeof *f);
    if (!f) return kam__nomem(err);
    memset(f, 0, list->n * sizeof *f);
    c->declared = 1;
    KAM__TRY(kam__json_sorted(&sorted, arena->ctx, list, err));
    for (uint32_t i = 0; i < list->n && rc == KAM_OK; i++) rc = scard_declare_one(c, &f[i], sorted[i], err);
    kam__free(arena->ctx, sorted);
    return rc;
}

static int32_t scard_not_declared(const kam__card *c, const kam__json *v, const char *name, kam_error *err)
{
    const char *known[KAM__CARD_ATTRS], *near = NULL;
    char show[72];
    for (uint32_t i = 0; i < c->nattr; i++) known[i] = c->attr[i].name;
    near = kam__text_closest(name, strlen(name), known, c->nattr);
    return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is none of the card's \"attributes\"%s%s%s",
                          kam__json_show(show, name, strlen(name)), near ? "; did you mean \"" : "", near ? near : "",
                          near ? "\"?" : "");
}

static int32_t scard_attr_unknown(const kam__json *v, const char *name, kam_error *err)
{
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ATTRIBUTES);
    const char *known[128], *near = NULL;
    char show[72];
    uint32_t n = 0;
    for (; n < k->nfield && n < KAM__LEN(known); n++) known[n] = k->field[n].name;
    near = kam__text_closest(name, strlen(name), known, n);
    return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is no attribute of an account%s%s%s",
                          kam__json_show(show, name, strlen(name)), near ? "; did you mean \"" : "", near ? near : "",
                          near ? "\"?" : "; a book's own fields begin with x_");
}

static int32_t scard_attr(uint32_t *out, kam__card *c, const kam__json *object, kam_error *err)
{
    kam__card_attr a = {.at = kam__json_get(object, "attribute")};
    KAM__TRY(scard_text(&a.name, object, "attribute", err));
    for (*out = 0; *out < c->nattr; (*out)++)
        if (kam__text_same(c->attr[*out].name, a.name)) return KAM_OK;
    if (c->declared) return scard_not_declared(c, a.at, a.name, err);
    if (c->nattr == KAM__CARD_ATTRS)
        return kam__json_fail(a.at, KAM_E_POLICY, err, "a card reads at most %u attributes", KAM__CARD_ATTRS);
    if (strncmp(a.name, "x_", 2) != 0) {
        a.field = kam__kind_field_by_name(kam__builtin_kind(KAM_KIND_ATTRIBUTES), a.name, strlen(a.name));
        if (!a.field) return scard_attr_unknown(a.at, a.name, err);
    }
    c->attr[c->nattr++] = a;
    return KAM_OK;
}

/* "attribute", or "expr" in its place: *out UINT32_MAX. */
static int32_t scard_source(uint32_t *out, kam__card_expr *expr, kam__card *c, kam__arena *arena,
                            const kam__json *object, kam_error *err)
{
    const char *text = NULL;
    const kam__json *e = kam__json_get(object, "expr");
    if (!e) return scard_attr(out, c, object, err);
    if (kam__json_get(object, "attribute"))
        return kam__json_fail(e, KAM_E_PARSE, err,
                              "\"expr\" stands in the place of \"attribute\": take one of them out");
    KAM__TRY(scard_text(&text, object, "expr", err));
    *out = UINT32_MAX;
    expr->at = e;
    c->nexpr++;
    return kam__card_expr_names(c, arena, e, err);
}

/* ---------------------------------------------------------------- factors */

static int32_t scard_case_room(kam__card_factor *f, kam__arena *arena, const kam__json *v, kam_error *err)
{
    if (v->n > KAM__CARD_CASES)
        return kam__json_fail(v, KAM_E_POLICY, err, "a factor has at most %u bands or values", KAM__CARD_CASES);
    f->cases = kam__arena_alloc(arena, (v->n + 2) * sizeof *f->cases);
    if (!f->cases) return kam__nomem(err);
    memset(f->cases, 0, (v->n + 2) * sizeof *f->cases);
    return KAM_OK;
}

/* Inner ends are needed: they say where one band stops and the next begins. */
static int32_t scard_band(kam__card_factor *f, const kam__json *v, int last, kam_error *err)
{
    static const char *const known[] = {"from", "below", "points", "code", "text"};
    kam__card_case *c = &f->cases[f->ncase];
    KAM__TRY(scard_members(v, "a band", known, KAM__LEN(known), err));
    *c = (kam__card_case){.from = kam__json_get(v, "from"), .below = kam__json_get(v, "below"), .at = v};
    c->out.code = f->code ? f->code : "BAND";
    if (f->ncase && !c->from)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"from\" is missing: only the first band may be open below");
    if (!last && !c->below)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"below\" is missing: only the last band may be open above");
    f->ncase++;
    return scard_outcome_of(&c->out, v, f->weight, err);
}

static int32_t scard_read_bands(kam__card_factor *f, kam__arena *arena, const kam__json *at, kam_error *err)
{
    const kam__json *list = NULL;
    KAM__TRY(scard_array(&list, at, "bands", KAM__CARD_CASES, err));
    KAM__TRY(scard_case_room(f, arena, list, err));
    for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(scard_band(f, v, !v->next, err));
    return KAM_OK;
}

static int32_t scard_read_map(kam__card_factor *f, kam__arena *arena, const kam__json *at, kam_error *err)
{
    const kam__json *map = kam__json_get(at, "map");
    if (map->type != KAM__J_OBJECT || !map->n)
        return kam__json_fail(map, KAM_E_PARSE, err, "\"map\" must be an object with something in it: value, points");
    KAM__TRY(scard_case_room(f, arena, map, err));
    for (const kam__json *v = map->child; v; v = v->next) {
        kam__card_case *c = &f->cases[f->ncase++];
        if (!v->key_len || memchr(v->key, 0, v->key_len))
            return kam__json_fail(v, KAM_E_POLICY, err, "an empty text is no value: \"missing\" says what that scores");
        *c = (kam__card_case){.at = v, .key = v->key};
        KAM__TRY(scard_outcome(&c->out, v, f->weight, f->code ? f->code : "VALUE", err));
    }
    return KAM_OK;
}

static int32_t scard_read_flag(kam__card_factor *f, kam__arena *arena, const kam__json *at, kam_error *err)
{
    static const char *const known[] = {"false", "true"};
    const kam__json *flag = kam__json_get(at, "flag");
    KAM__TRY(scard_members(flag, "\"flag\"", known, KAM__LEN(known), err));
    KAM__TRY(scard_case_room(f, arena, flag, err));
    for (f->ncase = 0; f->ncase < 2; f->ncase++) {
        kam__card_case *c = &f->cases[f->ncase];
        c->at = kam__json_get(flag, known[f->ncase]);
        c->key = known[f->ncase];
        if (!c->at)
            return kam__json_fail(flag, KAM_E_PARSE, err, "\"%s\" is missing: a flag scores true and false", c->key);
        KAM__TRY(scard_outcome(&c->out, c->at, f->weight, f->code ? f->code : "FLAG", err));
    }
    return KAM_OK;
}

static int32_t scard_read_form(kam__card_factor *f, kam__arena *arena, const kam__json *v, kam_error *err)
{
    int bands = kam__json_get(v, "bands") != NULL, map = kam__json_get(v, "map") != NULL;
    int flag = kam__json_get(v, "flag") != NULL;
    if (bands + map + flag != 1)
        return kam__json_fail(v, KAM_E_PARSE, err, "a factor has exactly one of \"bands\", \"map\" and \"flag\"");
    f->form = bands ? KAM__CARD_BANDS : map ? KAM__CARD_MAP : KAM__CARD_FLAG;
    if (bands) return scard_read_bands(f, arena, v, err);
    return map ? scard_read_map(f, arena, v, err) : scard_read_flag(f, arena, v, err);
}

static int32_t scard_read_rest(kam__card_factor *f, const kam__json *v, kam_error *err)
{
    const kam__json *missing = kam__json_get(v, "missing"), *otherwise = kam__json_get(v, "otherwise");
    const char *code = f->code ? f->code : "MISSING";
    f->missing.code = code;
    if (missing) KAM__TRY(scard_outcome(&f->missing, missing, f->weight, code, err));
    if (!otherwise) return KAM_OK;
    if (f->form == KAM__CARD_FLAG)
        return kam__json_fail(otherwise, KAM_E_POLICY, err, "a flag is true or false: take \"otherwise\" out");
    f->has_otherwise = 1;
    return scard_outcome(&f->otherwise, otherwise, f->weight, f->code ? f->code : "OTHERWISE", err);
}

static int32_t scard_read_title(kam__card_factor *f, const kam__card *c, const kam__json *v, kam_error *err)
{
    const kam__field *field = f->attr == UINT32_MAX ? NULL : c->attr[f->attr].field;
    if (kam__json_get(v, "title") || !field) return scard_words(&f->title, v, "title", err);
    f->title = (kam__card_words){field->en, field->zh};
    return KAM_OK;
}

static int32_t scard_read_group(kam__card_factor *f, const kam__card *c, const kam__json *v, kam_error *err)
{
    const char *name = NULL;
    f->group = UINT32_MAX;
    if (!kam__json_get(v, "group")) return KAM_OK;
    KAM__TRY(scard_text(&name, v, "group", err));
    for (uint32_t i = 0; i < c->ngroup; i++)
        if (kam__text_same(c->group[i].id, name)) f->group = i;
    if (f->group != UINT32_MAX) return KAM_OK;
    return kam__json_fail(kam__json_get(v, "group"), KAM_E_POLICY, err, "\"%.40s\" is none of the card's \"groups\"",
                          name);
}

/* What points are counted with and from. */
static int32_t scard_read_scale(kam__card_factor *f, const kam__json *v, kam_error *err)
{
    const kam__json *weight = kam__json_get(v, "weight"), *baseline = kam__json_get(v, "baseline");
    kam__card_outcome o;
    if (weight) KAM__TRY(scard_number(&f->weight, weight, "weight", err));
    if (kam__json_get(v, "code")) KAM__TRY(scard_text(&f->code, v, "code", err));
    if (!baseline) return KAM_OK;
    KAM__TRY(scard_points(&o, baseline, f->weight, err));
    f->baseline = o.contribution;
    f->has_baseline = 1;
    return KAM_OK;
}

static int32_t scard_read_factor(kam__card *c, kam__arena *arena, const kam__json *v, kam_error *err)
{
    static const char *const known[] = {"id",  "title", "attribute", "expr",     "group", "weight",   "bands",
                                        "map", "flag",  "missing",   "otherwise", "code",  "baseline"};
    kam__card_factor *f = &c->factor[c->nfactor];
    KAM__TRY(scard_members(v, "a factor", known, KAM__LEN(known), err));
    *f = (kam__card_factor){.at = v, .weight = 10000};
    KAM__TRY(scard_id(&f->id, v, err));
    for (uint32_t i = 0; i < c->nfactor; i++)
        if (kam__text_same(c->factor[i].id, f->id))
            return kam__json_fail(v, KAM_E_POLICY, err, "factor \"%s\" stands there twice: give each its own id",
                                  f->id);
    KAM__TRY(scard_source(&f->attr, &f->expr, c, arena, v, err));
    KAM__TRY(scard_read_title(f, c, v, err));
    KAM__TRY(scard_read_group(f, c, v, err));
    KAM__TRY(scard_read_scale(f, v, err));
    KAM__TRY(scard_read_form(f, arena, v, err));
    c->nfactor++;
    return scard_read_rest(f, v, err);
}

/* ---------------------------------------------------------------- warnings */

static int32_t scard_read_test(kam__card_warning *w, const kam__json *v, kam_error *err)
{
    static const char *const tests[] = {"at_least", "below", "is", "one_of", "missing"};
    uint32_t found = 0;
    for (uint8_t i = 0; i < KAM__LEN(tests); i++) {
        const kam__json *m = kam__json_get(v, tests[i]);
        if (!m) continue;
        found++;
        w->test = (uint8_t)(i + 1);
        w->value = m;
        w->n = 1;
    }
    if (w->attr == UINT32_MAX && found)
        return kam__json_fail(w->value, KAM_E_PARSE, err, "a warning with \"expr\" has no other test: take it out");
    if (w->attr == UINT32_MAX) {
        w->test = KAM__WARN_EXPR;
        w->n = 0;
        return KAM_OK;
    }
    if (found != 1)
        return kam__json_fail(v, KAM_E_PARSE, err, "a warning has exactly one of at_least, below, is, one_of, missing");
    if (w->test == KAM__WARN_MISSING && w->value->type != KAM__J_TRUE)
        return kam__json_fail(w->value, KAM_E_PARSE, err, "\"missing\" is true: warn where there is no value");
    if (w->test != KAM__WARN_ONE_OF) return KAM_OK;
    if (w->value->type != KAM__J_ARRAY || !w->value->n || w->value->n > KAM__CARD_CASES)
        return kam__json_fail(w->value, KAM_E_PARSE, err, "\"one_of\" must be an array of 1 to %u values",
                              KAM__CARD_CASES);
    w->n = w->value->n;
    w->value = w->value->child;
    return KAM_OK;
}

static int32_t scard_read_warning(kam__card *c, kam__arena *arena, const kam__json *v, kam_error *err)
{
    static const char *const known[] = {"id", "attribute", "expr",    "at_least", "below",
                                        "is", "one_of",    "missing", "text"};
    kam__card_warning *w = &c->warning[c->nwarning];
    KAM__TRY(scard_members(v, "a warning", known, KAM__LEN(known), err));
    *w = (kam__card_warning){0};
    KAM__TRY(scard_id(&w->id, v, err));
    for (uint32_t i = 0; i < c->nwarning; i++)
        if (kam__text_same(c->warning[i].id, w->id))
            return kam__json_fail(v, KAM_E_POLICY, err, "warning \"%s\" stands there twice: give each its own id",
                                  w->id);
    KAM__TRY(scard_source(&w->attr, &w->expr, c, arena, v, err));
    KAM__TRY(scard_words(&w->text, v, "text", err));
    c->nwarning++;
    return scard_read_test(w, v, err);
}

/* ---------------------------------------------------------------- the whole */

static int32_t scard_read_groups(kam__card *c, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"id", "title"};
    const kam__json *list = NULL;
    if (!kam__json_get(body, "groups")) return KAM_OK;
    KAM__TRY(scard_array(&list, body, "groups", KAM__CARD_GROUPS, err));
    for (const kam__json *v = list->child; v; v = v->next) {
        kam__card_group *g = &c->group[c->ngroup];
        KAM__TRY(scard_members(v, "a group", known, KAM__LEN(known), err));
        KAM__TRY(scard_id(&g->id, v, err));
        for (uint32_t i = 0; i < c->ngroup; i++)
            if (kam__text_same(c->group[i].id, g->id))
                return kam__json_fail(v, KAM_E_POLICY, err, "group \"%s\" stands there twice", g->id);
        KAM__TRY(scard_words(&g->title, v, "title", err));
        c->ngroup++;
    }
    return KAM_OK;
}

static int64_t scard_larger(int64_t max, const kam__card_outcome *o)
{
    int64_t v = o->contribution < 0 ? -o->contribution : o->contribution;
    return v > max ? v : max;
}

/* Without its signs the largest score fits, so no sum of contributions ever overflows. */
static int32_t scard_check_size(const kam__card *c, const kam__json *body, kam_error *err)
{
    int64_t sum = c->baseline < 0 ? -c->baseline : c->baseline;
    for (uint32_t i = 0; i < c->nfactor; i++) {
        const kam__card_factor *f = &c->factor[i];
        int64_t max = scard_larger(scard_larger(0, &f->missing), &f->otherwise);
        for (uint32_t k = 0; k < f->ncase; k++) max = scard_larger(max, &f->cases[k].out);
        if (kam__add(sum, max, &sum))
            return kam__json_fail(f->at ? f->at : body, KAM_E_POLICY, err,
                                  "with factor \"%s\" the score could not fit 64 bits: make points or weights smaller",
                                  f->id);
    }
    return KAM_OK;
}

/* "reasons" and "normalize": what is told beside the score. */
static int32_t scard_read_beside(kam__card *c, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"method", "count"};
    const kam__json *v = kam__json_get(body, "reasons"), *normalize = kam__json_get(body, "normalize"), *count = NULL;
    const char *method = NULL;
    int64_t n = 3;
    if (normalize && normalize->type != KAM__J_TRUE && normalize->type != KAM__J_FALSE)
        return kam__json_fail(normalize, KAM_E_PARSE, err, "\"normalize\" is true or false");
    c->normalize = normalize && normalize->type == KAM__J_TRUE;
    if (!v) return KAM_OK;
    KAM__TRY(scard_members(v, "\"reasons\"", known, KAM__LEN(known), err));
    KAM__TRY(scard_text(&method, v, "method", err));
    c->reasons = strcmp(method, "points_below") == 0   ? KAM__REASON_BELOW
                 : strcmp(method, "points_above") == 0 ? KAM__REASON_ABOVE
                                                       : 0;
    if (!c->reasons)
        return kam__json_fail(kam__json_get(v, "method"), KAM_E_POLICY, err,
                              "\"method\" is \"points_below\" or \"points_above\"");
    if ((count = kam__json_get(v, "count")) != NULL) KAM__TRY(kam__json_i64(&n, count, "count", err));
    if (n < 1 || n > (int64_t)KAM__CARD_REASONS)
        return kam__json_fail(count, KAM_E_POLICY, err, "\"count\" of reasons is 1 to %u", KAM__CARD_REASONS);
    c->nreason = (uint32_t)n;
    return KAM_OK;
}

static int32_t scard_compile(kam__card *c, kam__arena *arena, kam_error *err)
{
    for (uint32_t i = 0; i < c->nfactor; i++)
        if (c->factor[i].expr.at)
            KAM__TRY(kam__card_expr_compile(&c->factor[i].expr, c, arena, c->factor[i].form, "factor",
                                            c->factor[i].id, err));
    for (uint32_t i = 0; i < c->nwarning; i++)
        if (c->warning[i].expr.at)
            KAM__TRY(kam__card_expr_compile(&c->warning[i].expr, c, arena, KAM__CARD_FLAG, "warning",
                                            c->warning[i].id, err));
    return KAM_OK;
}

void kam__card_drop(kam__card *c)
{
    for (uint32_t i = 0; i < KAM__CARD_FACTORS; i++) kam_rule_free(c->factor[i].expr.rule);
    for (uint32_t i = 0; i < KAM__CARD_WARNINGS; i++) kam_rule_free(c->warning[i].expr.rule);
    memset(c, 0, sizeof *c);
}

static int32_t scard_read_head(kam__card *c, const kam__json *body, kam_error *err)
{
    const kam__json *baseline = kam__json_get(body, "baseline");
    KAM__TRY(scard_text(&c->name, body, "name", err));
    if (strlen(c->name) > 63)
        return kam__json_fail(kam__json_get(body, "name"), KAM_E_POLICY, err, "\"name\" of a policy has 1 to 63 bytes");
    KAM__TRY(scard_words(&c->title, body, "title", err));
    if (kam__json_get(body, "source")) KAM__TRY(scard_text(&c->source, body, "source", err));
    return baseline ? scard_number(&c->baseline, baseline, "baseline", err) : KAM_OK;
}

int32_t kam__card_read(kam__card *out, kam__arena *arena, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"name",       "title",   "source",  "baseline",  "groups",  "attributes",
                                        "factors",    "reasons", "normalize", "warnings", "tests"};
    const kam__json *list = NULL;
    memset(out, 0, sizeof *out);
    KAM__TRY(scard_members(body, "a scorecard", known, KAM__LEN(known), err));
    KAM__TRY(scard_read_head(out, body, err));
    KAM__TRY(scard_read_beside(out, body, err));
    KAM__TRY(scard_declare(out, arena, body, err));
    KAM__TRY(scard_read_groups(out, body, err));
    KAM__TRY(scard_array(&list, body, "factors", KAM__CARD_FACTORS, err));
    for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(scard_read_factor(out, arena, v, err));
    if (kam__json_get(body, "warnings")) {
        KAM__TRY(scard_array(&list, body, "warnings", KAM__CARD_WARNINGS, err));
        for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(scard_read_warning(out, arena, v, err));
    }
    if (kam__json_get(body, "tests")) KAM__TRY(scard_array(&out->tests, body, "tests", 1000, err));
    KAM__TRY(scard_check_size(out, body, err));
    KAM__TRY(scard_compile(out, arena, err));
    KAM__TRY(kam__card_rank_all(out, arena, body, err));
    kam__card_bound *bound = kam__arena_alloc(arena, sizeof *bound);
    out->plain = bound;
    if (!bound) return kam__nomem(err);
    KAM__TRY(kam__card_bind(bound, arena, out, NULL, err));
    return kam__card_prove(bound, arena->ctx, err);
}

int32_t kam__card_check(kam_ctx *ctx, const kam__json *body, kam_error *err)
{
    kam__arena arena;
    kam__arena_init(&arena, ctx, 0);
    kam__card *c = kam__arena_alloc(&arena, sizeof *c);
    int32_t rc = c ? kam__card_read(c, &arena, body, err) : kam__nomem(err);
    if (c) kam__card_drop(c);
    kam__arena_free(&arena);
    return rc;
}
