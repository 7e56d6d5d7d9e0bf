/*
 * segment/scheme_parse.c - the scheme document and its strict check.
 *
 * {"name": "quota-20-40-40", "title": {"en": "...", "zh": "..."}, "source": "where it comes from",
 *  "kind": "ordinal" | "nominal",                        nominal: letters without an order; no cuts, no up and down
 *  "grades": [{"grade": "A", "en": "...", "zh": "..."}],                                   best first
 *  "words": {"up": {"en", "zh"}, "down": {"en", "zh"}},                                    for reasons; ordinal only
 *  "population": [conditions],                           all must hold; disqualified accounts are never in it ...
 *  "include_invalid": true,                              ... but in a nominal scheme that says so
 *  "window": {"months": 12} | {"days": 90} | "all",      ends with the as-of day
 *  "measure": "revenue" | ["likelihood", "revenue"],     the first decides, the others break ties, then the id
 *  "currency": "base",                                   other currencies are converted by RATE facts
 *  "rule": {"quota": ["0.20", "0.40", "0.40"]}           shares of the ranked accounts
 *        | {"share": ["0.80", "0.95"], "crossing": "in" | "out"}          ABC by the cumulative share of the measure
 *        | {"thresholds": ["100000", "20000"]}                            measure >= the value
 *        | {"first_match": [{"grade": "A", "when": [conditions]}]},       the first whose conditions all hold
 *  "rest": "C" | null}                                   who has no measure, or matches nothing; null: not applicable
 *
 * A condition is an expression in CEL over the attributes of an account (rule/cel_attr.c; "revenue_12m > decimal('1e5')
 * && recency_days < 90"), true or false; one that fails for want of a value does not hold, and the reasons say so;
 * attributes listed in "optional": ["region"] are optional. One expression may stand in place of a list. Or it is
 * {"field": name, one of is, is_not, in, ge, gt, le, lt, missing: value}. A missing value satisfies
 * only is_not and "missing": true. Numbers may stand in quotes and are read exactly.
 */
#include "segment.h"
#include "../rule/cel.h"
#include <stdio.h>

#define SCHEME_PATH 64u                     /* bytes of the place of an expression */

static const kam__json scheme_invalid = {.type = KAM__J_STRING, .line = 1, .column = 1, .text = "INVALID", .len = 7};
static const kam__json scheme_true = {.type = KAM__J_TRUE, .line = 1, .column = 1};

/* ---------------------------------------------------------------- small readers */

static int32_t scheme_members(const kam__json *v, const char *what, const char *const *known, size_t n, kam_error *err)
{
    if (v && v->type == KAM__J_OBJECT) return kam__json_known(v, known, n, err);
    return kam__json_fail(v, KAM_E_PARSE, err, "%s must be an object", what);
}

static int32_t scheme_text(const char **out, const kam__json *object, const char *key, kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    if (!v) return kam__json_fail(object, KAM_E_PARSE, err, "\"%s\" is missing; it must be a string", key);
    if (v->type != KAM__J_STRING || !v->len || memchr(v->text, 0, v->len))
        return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" must be a string with something in it", key);
    *out = v->text;
    return KAM_OK;
}

static int32_t scheme_text2(kam__text2 *out, const kam__json *v, const char *what, kam_error *err)
{
    static const char *const known[] = {"en", "zh"};
    KAM__TRY(scheme_members(v, what, known, KAM__LEN(known), err));
    KAM__TRY(scheme_text(&out->en, v, "en", err));
    return scheme_text(&out->zh, v, "zh", err);
}

static int32_t scheme_array(const kam__json **out, const kam__json *object, const char *key, uint32_t max,
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

/* A share: "0.20" or 0.20, exact. */
static int32_t scheme_share(int64_t *out, const kam__json *v, kam_error *err)
{
    if ((v->type == KAM__J_STRING || v->type == KAM__J_NUMBER) &&
        kam__dec_parse(out, v->text, v->len, KAM__SCHEME_SCALE, KAM__EXACT, NULL, NULL) == KAM_OK && *out >= 0 &&
        *out <= 1000000)
        return KAM_OK;
    return kam__json_fail(v, KAM_E_POLICY, err, "a share is a number from 0 to 1 with at most %u decimals",
                          KAM__SCHEME_SCALE);
}

/* ---------------------------------------------------------------- grades */

static int32_t scheme_read_grade(kam__scheme *s, const kam__json *v, kam_error *err)
{
    static const char *const known[] = {"grade", "en", "zh"};
    uint32_t i = s->ngrade;
    KAM__TRY(scheme_members(v, "a grade", known, KAM__LEN(known), err));
    KAM__TRY(scheme_text(&s->grade[i], v, "grade", err));
    KAM__TRY(scheme_text(&s->label[i].en, v, "en", err));
    KAM__TRY(scheme_text(&s->label[i].zh, v, "zh", err));
    if (strlen(s->grade[i]) > 32)
        return kam__json_fail(v, KAM_E_POLICY, err, "a grade has at most 32 bytes: the label may be longer");
    if (kam__scheme_grade_of(s, s->grade[i]) != KAM__NOT_APPLICABLE)
        return kam__json_fail(v, KAM_E_POLICY, err, "grade \"%s\" stands there twice", s->grade[i]);
    s->ngrade++;
    return KAM_OK;
}

static int32_t scheme_read_grades(kam__scheme *s, const kam__json *body, kam_error *err)
{
    const kam__json *list = NULL;
    KAM__TRY(scheme_array(&list, body, "grades", KAM__SCHEME_GRADES, err));
    for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(scheme_read_grade(s, v, err));
    return KAM_OK;
}

static int32_t scheme_named_grade(int *out, const kam__scheme *s, const kam__json *v, const char *key, kam_error *err)
{
    char show[72];
    if (!v || v->type != KAM__J_STRING)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" must name one of the grades", key);
    *out = kam__scheme_grade_of(s, v->text);
    if (*out != KAM__NOT_APPLICABLE && strlen(v->text) == v->len) return KAM_OK;
    return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is \"%s\", which is none of the grades", key,
                          kam__json_show(show, v->text, v->len));
}

/* ---------------------------------------------------------------- conditions */

static int32_t scheme_cond_op(kam__scheme_cond *out, const kam__json *v, const char **op, kam_error *err)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < KAM__LEN(kam__cond_ops); i++) {
        const kam__json *m = kam__json_get(v, kam__cond_ops[i]);
        if (!m) continue;
        found++;
        out->op = (uint8_t)(i + 1);
        out->value = m;
        *op = kam__cond_ops[i];
    }
    if (found == 1) return KAM_OK;
    return kam__json_fail(v, KAM_E_PARSE, err,
                          "a condition has exactly one of is, is_not, in, ge, gt, le, lt, missing");
}

static int32_t scheme_cond_value(kam__scheme_cond *c, const char *op, kam_error *err)
{
    const kam__json *v = c->value;
    c->n = 1;
    if (c->op == KAM__MISSING) {
        if (v->type != KAM__J_TRUE && v->type != KAM__J_FALSE)
            return kam__json_fail(v, KAM_E_PARSE, err, "\"missing\" is true or false");
        if (v->type == KAM__J_FALSE) c->op = KAM__PRESENT;
        return KAM_OK;
    }
    if (c->op == KAM__IN) {
        if (v->type != KAM__J_ARRAY || !v->n)
            return kam__json_fail(v, KAM_E_PARSE, err, "\"in\" must be an array with something in it");
        c->n = v->n;
        c->value = v->child;
        return KAM_OK;
    }
    if (v->type == KAM__J_STRING || v->type == KAM__J_NUMBER || v->type == KAM__J_TRUE || v->type == KAM__J_FALSE)
        return KAM_OK;
    return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" takes one text, number, true or false", op);
}

static int32_t scheme_read_expr(kam__scheme *s, kam__arena *arena, const kam__json *v, const char *path, kam_error *err)
{
    kam__scheme_cond *c = &s->cond[s->ncond];
    KAM__TRY(kam__scheme_expr_of(&c->attr, s, arena, v, path, err));
    c->op = KAM__IS;
    c->n = 1;
    c->value = &scheme_true;
    s->ncond++;
    return KAM_OK;
}

static int32_t scheme_read_cond(kam__scheme *s, kam__arena *arena, const kam__json *v, const char *path, kam_error *err)
{
    static const char *const known[] = {"field", "is", "is_not", "in", "ge", "gt", "le", "lt", "missing"};
    const char *name = NULL, *op = "";
    if (s->ncond == KAM__SCHEME_CONDS)
        return kam__json_fail(v, KAM_E_POLICY, err, "a scheme has at most %u conditions", KAM__SCHEME_CONDS);
    if (v->type == KAM__J_STRING) return scheme_read_expr(s, arena, v, path, err);
    kam__scheme_cond *c = &s->cond[s->ncond];
    KAM__TRY(scheme_members(v, "a condition", known, KAM__LEN(known), err));
    KAM__TRY(scheme_text(&name, v, "field", err));
    KAM__TRY(kam__scheme_attr_of(&c->attr, s, arena, kam__json_get(v, "field"), name, err));
    KAM__TRY(scheme_cond_op(c, v, &op, err));
    KAM__TRY(scheme_cond_value(c, op, err));
    s->ncond++;
    return KAM_OK;
}

/* path: of `key`. */
static int32_t scheme_read_conds(kam__scheme *s, kam__arena *arena, const kam__json *object, const char *key,
                                 const char *path, kam_error *err)
{
    const kam__json *list = kam__json_get(object, key);
    char at[SCHEME_PATH];
    uint32_t i = 0;
    if (list && list->type == KAM__J_STRING) return scheme_read_cond(s, arena, list, path, err);
    KAM__TRY(scheme_array(&list, object, key, KAM__SCHEME_CONDS, err));
    for (const kam__json *v = list->child; v; v = v->next) {
        snprintf(at, sizeof at, "%.48s[%u]", path, i++);
        KAM__TRY(scheme_read_cond(s, arena, v, at, err));
    }
    return KAM_OK;
}

/* Disqualified accounts are never graded (R39); a nominal scheme may have a name for them (R33). */
static int32_t scheme_read_population(kam__scheme *s, kam__arena *arena, const kam__json *body, kam_error *err)
{
    const kam__json *v = kam__json_get(body, "include_invalid");
    if (v && v->type != KAM__J_TRUE && v->type != KAM__J_FALSE)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"include_invalid\" is true or false");
    s->include_invalid = v && v->type == KAM__J_TRUE;
    if (s->include_invalid && !s->nominal)
        return kam__json_fail(v, KAM_E_POLICY, err,
                              "disqualified accounts cannot be ranked: only a nominal scheme may include them");
    if (!s->include_invalid) {
        kam__scheme_cond *c = &s->cond[0];
        KAM__TRY(kam__scheme_attr_of(&c->attr, s, arena, body, "lifecycle", err));
        c->op = KAM__IS_NOT;
        c->n = 1;
        c->value = &scheme_invalid;
        s->ncond = 1;
    }
    if (kam__json_get(body, "population")) KAM__TRY(scheme_read_conds(s, arena, body, "population", "population", err));
    s->npopulation = s->ncond;
    return KAM_OK;
}

/* ---------------------------------------------------------------- window and measure */

static int32_t scheme_read_window(kam__scheme *s, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"months", "days"};
    const kam__json *v = kam__json_get(body, "window");
    int64_t span = 0;
    if (!v) return KAM_OK;
    if (v->type == KAM__J_STRING && kam__text_same(v->text, "all")) {
        s->window = KAM__WINDOW_ALL;
        return KAM_OK;
    }
    if (v->type != KAM__J_OBJECT || v->n != 1)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"window\" is {\"months\": n}, {\"days\": n} or \"all\"");
    KAM__TRY(kam__json_known(v, known, KAM__LEN(known), err));
    s->window = kam__json_get(v, "months") ? KAM__WINDOW_MONTHS : KAM__WINDOW_DAYS;
    v = v->child;
    if (v->type != KAM__J_NUMBER || kam__dec_parse(&span, v->text, v->len, 0, KAM__EXACT, NULL, NULL) != KAM_OK ||
        span < 1 || span > (s->window == KAM__WINDOW_MONTHS ? 1200 : 36600))
        return kam__json_fail(v, KAM_E_POLICY, err, "a window has 1 to 1200 months or 1 to 36600 days");
    s->span = (int32_t)span;
    return KAM_OK;
}

static int32_t scheme_add_measure(kam__scheme *s, kam__arena *arena, const kam__json *v, kam_error *err)
{
    if (v->type != KAM__J_STRING || strlen(v->text) != v->len)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"measure\" is a name or an array of names");
    if (s->nmeasure == KAM__SCHEME_MEASURES)
        return kam__json_fail(v, KAM_E_POLICY, err, "at most %u measures: one that decides, the others for ties",
                              KAM__SCHEME_MEASURES);
    return kam__scheme_attr_of(&s->measure[s->nmeasure++], s, arena, v, v->text, err);
}

static int32_t scheme_read_measure(kam__scheme *s, kam__arena *arena, const kam__json *body, kam_error *err)
{
    const kam__json *v = kam__json_get(body, "measure");
    if (!v) return KAM_OK;
    if (v->type != KAM__J_ARRAY) return scheme_add_measure(s, arena, v, err);
    for (const kam__json *m = v->child; m; m = m->next) KAM__TRY(scheme_add_measure(s, arena, m, err));
    return KAM_OK;
}

/* ---------------------------------------------------------------- rules */

static int32_t scheme_read_quota(kam__scheme *s, const kam__json *rule, kam_error *err)
{
    const kam__json *list = NULL;
    int64_t sum = 0;
    uint32_t i = 0;
    KAM__TRY(scheme_array(&list, rule, "quota", KAM__SCHEME_GRADES, err));
    if (list->n != s->ngrade)
        return kam__json_fail(list, KAM_E_POLICY, err, "there are %u grades but %u quotas", s->ngrade, list->n);
    for (const kam__json *v = list->child; v; v = v->next, i++) {
        KAM__TRY(scheme_share(&s->share[i], v, err));
        sum += s->share[i];
    }
    if (sum == 1000000) return KAM_OK;
    char text[48];
    kam__dec_format_short(text, sum, KAM__SCHEME_SCALE);
    return kam__json_fail(list, KAM_E_POLICY, err, "the quotas add up to %s, not to 1", text);
}

static int32_t scheme_read_shares(kam__scheme *s, const kam__json *rule, kam_error *err)
{
    const kam__json *list = NULL, *c = kam__json_get(rule, "crossing");
    uint32_t i = 0;
    KAM__TRY(scheme_array(&list, rule, "share", KAM__SCHEME_GRADES, err));
    if (list->n + 1 != s->ngrade)
        return kam__json_fail(list, KAM_E_POLICY, err, "%u grades have %u cuts between them, not %u", s->ngrade,
                              s->ngrade - 1, list->n);
    for (const kam__json *v = list->child; v; v = v->next, i++) {
        KAM__TRY(scheme_share(&s->share[i], v, err));
        if (s->share[i] <= 0 || s->share[i] >= 1000000 || (i && s->share[i] <= s->share[i - 1]))
            return kam__json_fail(v, KAM_E_POLICY, err,
                                  "the cuts of the cumulative share rise and lie between 0 and 1");
    }
    if (!c || c->type != KAM__J_STRING || (!kam__text_same(c->text, "in") && !kam__text_same(c->text, "out")))
        return kam__json_fail(
            c ? c : rule, KAM_E_PARSE, err,
            "\"crossing\" says where the account that crosses a cut belongs: \"in\" (the better grade) or \"out\"");
    s->crossing_out = kam__text_same(c->text, "out") ? 1 : 0;
    return KAM_OK;
}

static int32_t scheme_read_thresholds(kam__scheme *s, const kam__json *rule, kam_error *err)
{
    const kam__json *list = NULL;
    uint32_t i = 0;
    KAM__TRY(scheme_array(&list, rule, "thresholds", KAM__SCHEME_GRADES, err));
    if (list->n + 1 != s->ngrade)
        return kam__json_fail(list, KAM_E_POLICY, err, "%u grades have %u thresholds between them, not %u", s->ngrade,
                              s->ngrade - 1, list->n);
    for (const kam__json *v = list->child; v; v = v->next) s->threshold[i++] = v;
    return KAM_OK;
}

static int32_t scheme_read_matches(kam__scheme *s, kam__arena *arena, const kam__json *rule, kam_error *err)
{
    static const char *const known[] = {"grade", "when"};
    const kam__json *list = NULL;
    char path[SCHEME_PATH];
    KAM__TRY(scheme_array(&list, rule, "first_match", KAM__SCHEME_CONDS, err));
    for (const kam__json *v = list->child; v; v = v->next) {
        kam__scheme_match *m = &s->match[s->nmatch];
        KAM__TRY(scheme_members(v, "an element of \"first_match\"", known, KAM__LEN(known), err));
        KAM__TRY(scheme_named_grade(&m->grade, s, kam__json_get(v, "grade"), "grade", err));
        m->first = s->ncond;
        snprintf(path, sizeof path, "rule.first_match[%u].when", s->nmatch);
        KAM__TRY(scheme_read_conds(s, arena, v, "when", path, err));
        m->n = s->ncond - m->first;
        s->nmatch++;
    }
    return KAM_OK;
}

static int32_t scheme_read_rule(kam__scheme *s, kam__arena *arena, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"quota", "share", "crossing", "thresholds", "first_match"};
    static const struct { const char *key; uint8_t rule;
    } rules[] = {{"quota", KAM__RULE_QUOTA},
                 {"share", KAM__RULE_SHARE},
                 {"thresholds", KAM__RULE_THRESHOLDS},
                 {"first_match", KAM__RULE_MATCH}};
    const kam__json *v = kam__json_get(body, "rule");
    uint32_t found = 0;
    if (!v) return kam__json_fail(body, KAM_E_PARSE, err, "\"rule\" is missing");
    KAM__TRY(scheme_members(v, "\"rule\"", known, KAM__LEN(known), err));
    for (uint32_t i = 0; i < KAM__LEN(rules); i++)
        if (kam__json_get(v, rules[i].key)) {
            s->rule = rules[i].rule;
            found++;
        }
    if (found != 1)
        return kam__json_fail(v, KAM_E_PARSE, err, "a rule is exactly one of quota, share, thresholds, first_match");
    if (s->rule != KAM__RULE_SHARE && kam__json_get(v, "crossing"))
        return kam__json_fail(kam__json_get(v, "crossing"), KAM_E_POLICY, err,
                              "\"crossing\" belongs to \"share\" only");
    if (s->nominal && s->rule != KAM__RULE_MATCH)
        return kam__json_fail(v, KAM_E_POLICY, err,
                              "the grades of a nominal scheme have no order: quotas, shares and thresholds need one; "
                              "use first_match");
    if (s->rule != KAM__RULE_MATCH && !s->nmeasure)
        return kam__json_fail(body, KAM_E_POLICY, err, "this rule ranks by a measure: \"measure\" is missing");
    switch (s->rule) {
    case KAM__RULE_QUOTA: return scheme_read_quota(s, v, err);
    case KAM__RULE_SHARE: return scheme_read_shares(s, v, err);
    case KAM__RULE_THRESHOLDS: return scheme_read_thresholds(s, v, err);
    default: return scheme_read_matches(s, arena, v, err);
    }
}

static int32_t scheme_read_rest(kam__scheme *s, const kam__json *body, kam_error *err)
{
    const kam__json *v = kam__json_get(body, "rest");
    if (!v)
        return kam__json_fail(body, KAM_E_PARSE, err,
                              "\"rest\" is missing: a grade, or null where the others get none");
    s->rest = KAM__NOT_APPLICABLE;
    return v->type == KAM__J_NULL ? KAM_OK : scheme_named_grade(&s->rest, s, v, "rest", err);
}

/* ---------------------------------------------------------------- the whole */

static int32_t scheme_read_words(kam__scheme *s, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"up", "down"};
    const kam__json *v = kam__json_get(body, "words");
    s->up = (kam__text2){"upgraded", "升级"};
    s->down = (kam__text2){"downgraded", "降级"};
    if (!v) return KAM_OK;
    if (s->nominal)
        return kam__json_fail(v, KAM_E_POLICY, err,
                              "the grades of a nominal scheme have no order: it has no words for up and down");
    KAM__TRY(scheme_members(v, "\"words\"", known, KAM__LEN(known), err));
    if (kam__json_get(v, "up")) KAM__TRY(scheme_text2(&s->up, kam__json_get(v, "up"), "\"up\"", err));
    return kam__json_get(v, "down") ? scheme_text2(&s->down, kam__json_get(v, "down"), "\"down\"", err) : KAM_OK;
}

static int32_t scheme_read_head(kam__scheme *s, const kam__json *body, kam_error *err)
{
    const char *kind = NULL, *currency = "base";
    KAM__TRY(scheme_text(&s->name, body, "name", err));
    if (strlen(s->name) > 63)
        return kam__json_fail(kam__json_get(body, "name"), KAM_E_POLICY, err, "\"name\" has at most 63 bytes");
    KAM__TRY(scheme_text2(&s->title, kam__json_get(body, "title"), "\"title\"", err));
    if (kam__json_get(body, "source")) KAM__TRY(scheme_text(&s->source, body, "source", err));
    KAM__TRY(scheme_text(&kind, body, "kind", err));
    s->nominal = kam__text_same(kind, "nominal") ? 1 : 0;
    if (!s->nominal && !kam__text_same(kind, "ordinal"))
        return kam__json_fail(kam__json_get(body, "kind"), KAM_E_PARSE, err, "\"kind\" is \"ordinal\" or \"nominal\"");
    if (kam__json_get(body, "currency")) KAM__TRY(scheme_text(&currency, body, "currency", err));
    if (!kam__text_same(currency, "base"))
        return kam__json_fail(kam__json_get(body, "currency"), KAM_E_POLICY, err,
                              "\"currency\" is \"base\": others are converted by rates");
    return KAM_OK;
}

int32_t kam__scheme_read(kam__scheme *out, kam__arena *arena, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"name",       "title",           "source", "kind",    "grades",   "words",
                                        "population", "include_invalid", "window", "measure", "currency", "rule",
                                        "rest",       "optional"};
    kam__scheme *s = out;
    kam__bound bound;
    memset(s, 0, sizeof *s);
    KAM__TRY(scheme_members(body, "a scheme", known, KAM__LEN(known), err));
    KAM__TRY(scheme_read_head(s, body, err));
    s->optional = kam__json_get(body, "optional");
    KAM__TRY(kam__cel_attr_optional(s->optional, err));
    KAM__TRY(scheme_read_grades(s, body, err));
    KAM__TRY(scheme_read_words(s, body, err));
    KAM__TRY(scheme_read_population(s, arena, body, err));
    KAM__TRY(scheme_read_window(s, body, err));
    KAM__TRY(scheme_read_measure(s, arena, body, err));
    KAM__TRY(scheme_read_rule(s, arena, body, err));
    KAM__TRY(scheme_read_rest(s, body, err));
    if ((kam__scheme_needs(s) & KAM__FROM_WINDOW) && !s->window)
        return kam__json_fail(body, KAM_E_POLICY, err,
                              "it uses figures of the ledger or of contacts: \"window\" is missing");
    return kam__scheme_bind(&bound, arena, s, NULL, 0, err);
}

int32_t kam__scheme_check(kam_ctx *ctx, const kam__json *body, kam_error *err)
{
    kam__arena arena;
    kam__arena_init(&arena, ctx, 0);
    kam__scheme *s = kam__arena_alloc(&arena, sizeof *s);
    int32_t rc = s ? kam__scheme_read(s, &arena, body, err) : kam__nomem(err);
    kam__arena_free(&arena);
    return rc;
}
