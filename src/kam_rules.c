/*
 * kam_rules.c - the expressions inside a policy document, each with the place where it stands.
 *
 * Segments, schemes, cadences and cards are read by different rooms, which keep of an expression what they need. Here
 * their readers meet: a document is read by the room it belongs to, and what that found is handed over compiled, so
 * that one call tells what every expression of any document gives and costs.
 */
#include "store/store.h"
#include "rule/rule.h"
#include "segment/segment.h"
#include "segment/segment_book_member.h"
#include "visit/visit.h"
#include <stdio.h>

typedef struct rules_hand { kam__arena *arena; kam_rule_place_fn fn; void *user; kam_error *err; } rules_hand;

static int32_t rules_condition(const rules_hand *h, const kam__json *cel, const kam__json *optional, const char *path)
{
    kam_rule *rule = NULL;
    KAM__TRY(kam__cel_condition(&rule, h->arena->ctx, cel, optional, path, 0, h->err));
    int32_t rc = h->fn(h->user, path, rule);
    kam_rule_free(rule);
    return rc;
}

static int32_t rules_segment(const rules_hand *h, const kam__json *body)
{
    KAM__TRY(kam__segment_check(h->arena->ctx, body, h->err));
    return rules_condition(h, kam__json_get(body, "condition"), kam__json_get(body, "optional"), "condition");
}

static int32_t rules_scheme(const rules_hand *h, const kam__json *body)
{
    kam__scheme *s = kam__arena_alloc(h->arena, sizeof *s);
    if (!s) return kam__nomem(h->err);
    KAM__TRY(kam__scheme_read(s, h->arena, body, h->err));
    for (uint32_t i = 0; i < s->nexpr; i++)
        KAM__TRY(rules_condition(h, s->expr[i].cel, s->optional, s->expr[i].path));
    return KAM_OK;
}

static int32_t rules_cadence_some(const rules_hand *h, const kam__cadence *c, const kam__cadence_rule *rule, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (rule[i].when) KAM__TRY(rules_condition(h, rule[i].when, c->optional, rule[i].path));
    return KAM_OK;
}

static int32_t rules_cadence(const rules_hand *h, const kam__json *body)
{
    kam__cadence c;
    KAM__TRY(kam__cadence_read(&c, h->arena, body, h->err));
    KAM__TRY(rules_cadence_some(h, &c, c.priority, c.npriority));
    for (uint32_t i = 0; i < c.nset; i++) KAM__TRY(rules_cadence_some(h, &c, c.set[i].rule, c.set[i].nrule));
    return KAM_OK;
}

static int32_t rules_card_one(const rules_hand *h, const kam__card_expr *e, const char *what, const char *id)
{
    char place[80];                         /* an id has at most 63 bytes */
    if (!e->rule) return KAM_OK;
    snprintf(place, sizeof place, "%s %s", what, id);
    return h->fn(h->user, place, e->rule);
}

static int32_t rules_card(const rules_hand *h, const kam__json *body)
{
    kam__card *c = kam__arena_alloc(h->arena, sizeof *c);
    if (!c) return kam__nomem(h->err);
    int32_t rc = kam__card_read(c, h->arena, body, h->err);
    for (uint32_t i = 0; i < c->nfactor && rc == KAM_OK; i++)
        rc = rules_card_one(h, &c->factor[i].expr, "factor", c->factor[i].id);
    for (uint32_t i = 0; i < c->nwarning && rc == KAM_OK; i++)
        rc = rules_card_one(h, &c->warning[i].expr, "warning", c->warning[i].id);
    kam__card_drop(c);
    return rc;
}

static int32_t rules_read(const rules_hand *h, uint32_t kind, const char *json, size_t len)
{
    const kam__json *body = NULL;
    KAM__TRY(kam__json_parse(&body, h->arena, json, len, 0, h->err));
    if (body->type != KAM__J_OBJECT)
        return kam__json_fail(body, KAM_E_PARSE, h->err, "a document with expressions is a JSON object");
    switch (kind) {
    case KAM_POLICY_SCHEME: return rules_scheme(h, body);
    case KAM_POLICY_SCORECARD: return rules_card(h, body);
    case KAM_POLICY_SEGMENT: return rules_segment(h, body);
    case KAM_POLICY_CADENCE: return rules_cadence(h, body);
    default:
        return kam__fail(h->err, KAM_E_INVAL, "policies of kind %u have no expressions: give a scheme, a scorecard, a "
                         "segment or a cadence", kind);
    }
}

int32_t kam_rule_each(kam_ctx *ctx, uint32_t kind, const char *json, size_t len, kam_rule_place_fn fn, void *user,
                      kam_error *err)
{
    kam_ctx *use = NULL;
    kam__arena arena;
    if (!json) return kam__null_arg(err, "json");
    if (!fn) return kam__null_arg(err, "fn");
    KAM__TRY(kam__ctx_take(&use, ctx, err));
    kam__arena_init(&arena, use, 0);
    const rules_hand h = {&arena, fn, user, err};
    int32_t rc = rules_read(&h, kind, json, len == KAM_NUL ? strlen(json) : len);
    kam__arena_free(&arena);
    kam_ctx_free(use);
    return rc;
}
