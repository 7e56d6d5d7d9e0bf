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
#include "scorecard_parse.h"

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
    KAM__TRY(kam__sdoc_members(v, "a warning", known, KAM__LEN(known), err));
    *w = (kam__card_warning){0};
    KAM__TRY(kam__sdoc_id(&w->id, v, err));
    for (uint32_t i = 0; i < c->nwarning; i++)
        if (kam__text_same(c->warning[i].id, w->id))
            return kam__json_fail(v, KAM_E_POLICY, err, "warning \"%s\" stands there twice: give each its own id",
                                  w->id);
    KAM__TRY(kam__sdoc_source(&w->attr, &w->expr, c, arena, v, err));
    KAM__TRY(kam__sdoc_words(&w->text, v, "text", err));
    c->nwarning++;
    return scard_read_test(w, v, err);
}

/* ---------------------------------------------------------------- the whole */

static int32_t scard_read_groups(kam__card *c, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"id", "title"};
    const kam__json *list = NULL;
    if (!kam__json_get(body, "groups")) return KAM_OK;
    KAM__TRY(kam__sdoc_array(&list, body, "groups", KAM__CARD_GROUPS, err));
    for (const kam__json *v = list->child; v; v = v->next) {
        kam__card_group *g = &c->group[c->ngroup];
        KAM__TRY(kam__sdoc_members(v, "a group", known, KAM__LEN(known), err));
        KAM__TRY(kam__sdoc_id(&g->id, v, err));
        for (uint32_t i = 0; i < c->ngroup; i++)
            if (kam__text_same(c->group[i].id, g->id))
                return kam__json_fail(v, KAM_E_POLICY, err, "group \"%s\" stands there twice", g->id);
        KAM__TRY(kam__sdoc_words(&g->title, v, "title", err));
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
    KAM__TRY(kam__sdoc_members(v, "\"reasons\"", known, KAM__LEN(known), err));
    KAM__TRY(kam__sdoc_text(&method, v, "method", err));
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
    KAM__TRY(kam__sdoc_text(&c->name, body, "name", err));
    if (strlen(c->name) > 63)
        return kam__json_fail(kam__json_get(body, "name"), KAM_E_POLICY, err, "\"name\" of a policy has 1 to 63 bytes");
    KAM__TRY(kam__sdoc_words(&c->title, body, "title", err));
    if (kam__json_get(body, "source")) KAM__TRY(kam__sdoc_text(&c->source, body, "source", err));
    return baseline ? kam__sdoc_number(&c->baseline, baseline, "baseline", err) : KAM_OK;
}

int32_t kam__card_read(kam__card *out, kam__arena *arena, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"name",       "title",   "source",  "baseline",  "groups",  "attributes",
                                        "factors",    "reasons", "normalize", "warnings", "tests"};
    const kam__json *list = NULL;
    memset(out, 0, sizeof *out);
    KAM__TRY(kam__sdoc_members(body, "a scorecard", known, KAM__LEN(known), err));
    KAM__TRY(scard_read_head(out, body, err));
    KAM__TRY(scard_read_beside(out, body, err));
    KAM__TRY(kam__sdoc_declare(out, arena, body, err));
    KAM__TRY(scard_read_groups(out, body, err));
    KAM__TRY(kam__sdoc_array(&list, body, "factors", KAM__CARD_FACTORS, err));
    for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(kam__sdoc_factor(out, arena, v, err));
    if (kam__json_get(body, "warnings")) {
        KAM__TRY(kam__sdoc_array(&list, body, "warnings", KAM__CARD_WARNINGS, err));
        for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(scard_read_warning(out, arena, v, err));
    }
    if (kam__json_get(body, "tests")) KAM__TRY(kam__sdoc_array(&out->tests, body, "tests", 1000, err));
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
