/*
 * rule/scorecard_proof.c - test rows of a card: {"in": {attribute: value}, "points": "92.5", "warnings": ["age"]}.
 *
 * They travel in the document, so that whoever changes a card sees at once what else changes: a card that breaks one of
 * its own tests is refused. Values are written as an attribute's canonical text, null is none. Tests of a card that
 * reads fields of a book's own can only be run there, when it is opened.
 */
#include "rule.h"

static int32_t proof_value(kam__card_value *v, const kam__card_bound *b, uint32_t attr, const kam__json *at,
                           kam_error *err)
{
    const kam__field *f = b->field[attr];
    char show[72];
    const char *text = at->type == KAM__J_TRUE ? "true" : at->type == KAM__J_FALSE ? "false" : at->text;
    size_t len = at->type == KAM__J_TRUE ? 4 : at->type == KAM__J_FALSE ? 5 : at->len;
    v->t = KAM__CV_NONE;
    if (at->type == KAM__J_NULL) return KAM_OK;
    if (f->type == KAM_T_TEXT && at->type == KAM__J_STRING) {
        v->text = text;
        v->n = (uint32_t)len;
        v->t = len ? KAM__CV_TEXT : KAM__CV_NONE;
        return KAM_OK;
    }
    v->t = f->type == KAM_T_F64 ? KAM__CV_F64 : KAM__CV_NUM;
    int plain = at->type == KAM__J_STRING || at->type == KAM__J_NUMBER;
    if (f->type != KAM_T_TEXT && (plain || at->type == KAM__J_TRUE || at->type == KAM__J_FALSE) &&
        kam__value_parse(&v->num, &v->f, f, b->decimals, text, len, NULL) == KAM_OK)
        return KAM_OK;
    return kam__json_fail(at, KAM_E_POLICY, err, "\"%s\" is no value of %s", kam__json_show(show, text ? text : "", text ? len : 0),
                          b->card->attr[attr].name);
}

static int32_t proof_inputs(kam__card_score *s, const kam__card_bound *b, const kam__json *in, kam_error *err)
{
    const kam__card *c = b->card;
    for (uint32_t i = 0; i < c->nattr; i++) s->in[i].t = KAM__CV_NONE;
    for (const kam__json *v = in->child; v; v = v->next) {
        uint32_t i = 0;
        while (i < c->nattr && !kam__text_same(c->attr[i].name, v->key)) i++;
        if (i == c->nattr)
            return kam__json_fail(v, KAM_E_POLICY, err, "\"%.60s\" is no attribute this card reads", v->key);
        KAM__TRY(proof_value(&s->in[i], b, i, v, err));
    }
    return KAM_OK;
}

static int32_t proof_points(const kam__card_score *s, const kam__json *test, kam_error *err)
{
    int64_t want = 0;
    char got[48];
    const kam__json *v = kam__json_get(test, "points");
    if (!v) return KAM_OK;
    if ((v->type != KAM__J_NUMBER && v->type != KAM__J_STRING) ||
        kam__dec_parse(&want, v->text, v->len, KAM__CARD_SCALE, KAM__EXACT, NULL, NULL) != KAM_OK)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"points\" of a test is a number with at most %u decimals",
                              KAM__CARD_SCALE);
    if (want == s->points) return KAM_OK;
    kam__dec_format_short(got, s->points, KAM__CARD_SCALE);
    return kam__json_fail(test, KAM_E_POLICY, err, "a test of the card fails: it scores %s, not %.40s", got, v->text);
}

static int32_t proof_warnings(const kam__card_score *s, const kam__card *c, const kam__json *test, kam_error *err)
{
    const kam__json *list = kam__json_get(test, "warnings");
    uint32_t want = 0;
    if (!list) return KAM_OK;
    if (list->type != KAM__J_ARRAY)
        return kam__json_fail(list, KAM_E_PARSE, err, "\"warnings\" of a test must be an array of ids");
    for (const kam__json *v = list->child; v; v = v->next) {
        uint32_t i = 0;
        while (i < c->nwarning && !(v->type == KAM__J_STRING && kam__text_same(c->warning[i].id, v->text))) i++;
        if (i == c->nwarning) return kam__json_fail(v, KAM_E_POLICY, err, "this is the id of none of the card's warnings");
        want |= 1u << i;
    }
    for (uint32_t i = 0; i < c->nwarning; i++)
        if ((want ^ s->warnings) >> i & 1u)
            return kam__json_fail(test, KAM_E_POLICY, err, "a test of the card fails: it %s \"%s\"",
                                  s->warnings >> i & 1u ? "warns of" : "does not warn of", c->warning[i].id);
    return KAM_OK;
}

static int32_t proof_one(kam__card_score *s, const kam__card_bound *b, const kam__json *test, kam_error *err)
{
    static const char *const known[] = {"in", "points", "warnings", "text"};
    if (test->type != KAM__J_OBJECT) return kam__json_fail(test, KAM_E_PARSE, err, "a test must be an object");
    KAM__TRY(kam__json_known(test, known, KAM__LEN(known), err));
    const kam__json *in = kam__json_get(test, "in");
    if (!in || in->type != KAM__J_OBJECT)
        return kam__json_fail(test, KAM_E_PARSE, err, "\"in\" of a test must be an object of attributes and values");
    KAM__TRY(proof_inputs(s, b, in, err));
    int32_t rc = kam__card_score_in(s, b, err);
    if (rc != KAM_OK) {
        if (rc != KAM_E_NOMEM) kam__err_prefix(err, "a test of the card: ");
        return rc;
    }
    KAM__TRY(proof_points(s, test, err));
    return proof_warnings(s, b->card, test, err);
}

int32_t kam__card_prove(const kam__card_bound *b, kam_ctx *ctx, kam_error *err)
{
    const kam__card *c = b->card;
    if (!c->tests) return KAM_OK;
    for (uint32_t i = 0; i < c->nattr; i++)
        if (!b->field[i]) return KAM_OK;
    kam__card_score *s = kam__zalloc(ctx, sizeof *s);
    if (!s) return kam__nomem(err);
    int32_t rc = kam__card_begin(s, c, ctx, err);
    for (const kam__json *v = c->tests->child; v && rc == KAM_OK; v = v->next) rc = proof_one(s, b, v, err);
    kam__card_end(s);
    kam__free(ctx, s);
    return rc;
}
