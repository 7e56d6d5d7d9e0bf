/*
 * rule/scorecard_factor.c - a factor of a scorecard document: bands, a map or a flag, and what each outcome scores.
 *
 * The contribution of an outcome, its points times the factor's weight, is settled here once, rounded half to even.
 */
#include "scorecard_parse.h"

/* ---------------------------------------------------------------- outcomes */

static int32_t sfactor_points(kam__card_outcome *out, const kam__json *v, int64_t weight, kam_error *err)
{
    KAM__TRY(kam__sdoc_number(&out->points, v, "points", err));
    if (kam__muldiv(out->points, weight, 10000, KAM__HALF_EVEN, &out->contribution) || out->contribution == INT64_MIN)
        return kam__json_fail(v, KAM_E_POLICY, err, "points times weight do not fit 64 bits: make them smaller");
    return KAM_OK;
}

/* points, code and text of an object, which may have other members. */
static int32_t sfactor_outcome_of(kam__card_outcome *out, const kam__json *v, int64_t weight, kam_error *err)
{
    const kam__json *points = kam__json_get(v, "points");
    if (!points) return kam__json_fail(v, KAM_E_PARSE, err, "\"points\" is missing; it must be a number");
    KAM__TRY(sfactor_points(out, points, weight, err));
    if (kam__json_get(v, "code")) KAM__TRY(kam__sdoc_text(&out->code, v, "code", err));
    return kam__json_get(v, "text") ? kam__sdoc_words(&out->text, v, "text", err) : KAM_OK;
}

/* A number of points, or {"points", "code", "text"}. */
static int32_t sfactor_outcome(kam__card_outcome *out, const kam__json *v, int64_t weight, const char *code,
                               kam_error *err)
{
    static const char *const known[] = {"points", "code", "text"};
    out->code = code;
    if (v->type == KAM__J_NUMBER || v->type == KAM__J_STRING) return sfactor_points(out, v, weight, err);
    KAM__TRY(kam__sdoc_members(v, "what it scores (a number, or points, code and text)", known, KAM__LEN(known), err));
    return sfactor_outcome_of(out, v, weight, err);
}

/* ---------------------------------------------------------------- bands, maps, flags */

static int32_t sfactor_case_room(kam__card_factor *f, kam__arena *arena, const kam__json *v, kam_error *err)
{
    if (v->n > KAM__CARD_CASES)
        return kam__json_fail(v, KAM_E_POLICY, err, "a factor has at most %u bands or values", KAM__CARD_CASES);
    f->cases = kam__arena_alloc(arena, (v->n + 2) * sizeof *f->cases);
    if (!f->cases) return kam__nomem(err);
    memset(f->cases, 0, (v->n + 2) * sizeof *f->cases);
    return KAM_OK;
}

/* Inner ends are needed: they say where one band stops and the next begins. */
static int32_t sfactor_band(kam__card_factor *f, const kam__json *v, int last, kam_error *err)
{
    static const char *const known[] = {"from", "below", "points", "code", "text"};
    kam__card_case *c = &f->cases[f->ncase];
    KAM__TRY(kam__sdoc_members(v, "a band", known, KAM__LEN(known), err));
    *c = (kam__card_case){.from = kam__json_get(v, "from"), .below = kam__json_get(v, "below"), .at = v};
    c->out.code = f->code ? f->code : "BAND";
    if (f->ncase && !c->from)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"from\" is missing: only the first band may be open below");
    if (!last && !c->below)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"below\" is missing: only the last band may be open above");
    f->ncase++;
    return sfactor_outcome_of(&c->out, v, f->weight, err);
}

static int32_t sfactor_bands(kam__card_factor *f, kam__arena *arena, const kam__json *at, kam_error *err)
{
    const kam__json *list = NULL;
    KAM__TRY(kam__sdoc_array(&list, at, "bands", KAM__CARD_CASES, err));
    KAM__TRY(sfactor_case_room(f, arena, list, err));
    for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(sfactor_band(f, v, !v->next, err));
    return KAM_OK;
}

static int32_t sfactor_map(kam__card_factor *f, kam__arena *arena, const kam__json *at, kam_error *err)
{
    const kam__json *map = kam__json_get(at, "map");
    if (map->type != KAM__J_OBJECT || !map->n)
        return kam__json_fail(map, KAM_E_PARSE, err, "\"map\" must be an object with something in it: value, points");
    KAM__TRY(sfactor_case_room(f, arena, map, err));
    for (const kam__json *v = map->child; v; v = v->next) {
        kam__card_case *c = &f->cases[f->ncase++];
        if (!v->key_len || memchr(v->key, 0, v->key_len))
            return kam__json_fail(v, KAM_E_POLICY, err, "an empty text is no value: \"missing\" says what that scores");
        *c = (kam__card_case){.at = v, .key = v->key};
        KAM__TRY(sfactor_outcome(&c->out, v, f->weight, f->code ? f->code : "VALUE", err));
    }
    return KAM_OK;
}

static int32_t sfactor_flag(kam__card_factor *f, kam__arena *arena, const kam__json *at, kam_error *err)
{
    static const char *const known[] = {"false", "true"};
    const kam__json *flag = kam__json_get(at, "flag");
    KAM__TRY(kam__sdoc_members(flag, "\"flag\"", known, KAM__LEN(known), err));
    KAM__TRY(sfactor_case_room(f, arena, flag, err));
    for (f->ncase = 0; f->ncase < 2; f->ncase++) {
        kam__card_case *c = &f->cases[f->ncase];
        c->at = kam__json_get(flag, known[f->ncase]);
        c->key = known[f->ncase];
        if (!c->at)
            return kam__json_fail(flag, KAM_E_PARSE, err, "\"%s\" is missing: a flag scores true and false", c->key);
        KAM__TRY(sfactor_outcome(&c->out, c->at, f->weight, f->code ? f->code : "FLAG", err));
    }
    return KAM_OK;
}

static int32_t sfactor_form(kam__card_factor *f, kam__arena *arena, const kam__json *v, kam_error *err)
{
    int bands = kam__json_get(v, "bands") != NULL, map = kam__json_get(v, "map") != NULL;
    int flag = kam__json_get(v, "flag") != NULL;
    if (bands + map + flag != 1)
        return kam__json_fail(v, KAM_E_PARSE, err, "a factor has exactly one of \"bands\", \"map\" and \"flag\"");
    f->form = bands ? KAM__CARD_BANDS : map ? KAM__CARD_MAP : KAM__CARD_FLAG;
    if (bands) return sfactor_bands(f, arena, v, err);
    return map ? sfactor_map(f, arena, v, err) : sfactor_flag(f, arena, v, err);
}

/* ---------------------------------------------------------------- the factor */

static int32_t sfactor_rest(kam__card_factor *f, const kam__json *v, kam_error *err)
{
    const kam__json *missing = kam__json_get(v, "missing"), *otherwise = kam__json_get(v, "otherwise");
    const char *code = f->code ? f->code : "MISSING";
    f->missing.code = code;
    if (missing) KAM__TRY(sfactor_outcome(&f->missing, missing, f->weight, code, err));
    if (!otherwise) return KAM_OK;
    if (f->form == KAM__CARD_FLAG)
        return kam__json_fail(otherwise, KAM_E_POLICY, err, "a flag is true or false: take \"otherwise\" out");
    f->has_otherwise = 1;
    return sfactor_outcome(&f->otherwise, otherwise, f->weight, f->code ? f->code : "OTHERWISE", err);
}

static int32_t sfactor_title(kam__card_factor *f, const kam__card *c, const kam__json *v, kam_error *err)
{
    const kam__field *field = f->attr == UINT32_MAX ? NULL : c->attr[f->attr].field;
    if (kam__json_get(v, "title") || !field) return kam__sdoc_words(&f->title, v, "title", err);
    f->title = (kam__card_words){field->en, field->zh};
    return KAM_OK;
}

static int32_t sfactor_group(kam__card_factor *f, const kam__card *c, const kam__json *v, kam_error *err)
{
    const char *name = NULL;
    f->group = UINT32_MAX;
    if (!kam__json_get(v, "group")) return KAM_OK;
    KAM__TRY(kam__sdoc_text(&name, v, "group", err));
    for (uint32_t i = 0; i < c->ngroup; i++)
        if (kam__text_same(c->group[i].id, name)) f->group = i;
    if (f->group != UINT32_MAX) return KAM_OK;
    return kam__json_fail(kam__json_get(v, "group"), KAM_E_POLICY, err, "\"%.40s\" is none of the card's \"groups\"",
                          name);
}

/* What points are counted with and from. */
static int32_t sfactor_scale(kam__card_factor *f, const kam__json *v, kam_error *err)
{
    const kam__json *weight = kam__json_get(v, "weight"), *baseline = kam__json_get(v, "baseline");
    kam__card_outcome o;
    if (weight) KAM__TRY(kam__sdoc_number(&f->weight, weight, "weight", err));
    if (kam__json_get(v, "code")) KAM__TRY(kam__sdoc_text(&f->code, v, "code", err));
    if (!baseline) return KAM_OK;
    KAM__TRY(sfactor_points(&o, baseline, f->weight, err));
    f->baseline = o.contribution;
    f->has_baseline = 1;
    return KAM_OK;
}

int32_t kam__sdoc_factor(kam__card *c, kam__arena *arena, const kam__json *v, kam_error *err)
{
    static const char *const known[] = {"id",  "title", "attribute", "expr",     "group", "weight",   "bands",
                                        "map", "flag",  "missing",   "otherwise", "code",  "baseline"};
    kam__card_factor *f = &c->factor[c->nfactor];
    KAM__TRY(kam__sdoc_members(v, "a factor", known, KAM__LEN(known), err));
    *f = (kam__card_factor){.at = v, .weight = 10000};
    KAM__TRY(kam__sdoc_id(&f->id, v, err));
    for (uint32_t i = 0; i < c->nfactor; i++)
        if (kam__text_same(c->factor[i].id, f->id))
            return kam__json_fail(v, KAM_E_POLICY, err, "factor \"%s\" stands there twice: give each its own id",
                                  f->id);
    KAM__TRY(kam__sdoc_source(&f->attr, &f->expr, c, arena, v, err));
    KAM__TRY(sfactor_title(f, c, v, err));
    KAM__TRY(sfactor_group(f, c, v, err));
    KAM__TRY(sfactor_scale(f, v, err));
    KAM__TRY(sfactor_form(f, arena, v, err));
    c->nfactor++;
    return sfactor_rest(f, v, err);
}
