/*
 * segment/segment_book_scorecard.c - scorecards as handles: from a book by name, from JSON for a trial, and the score
 * of one record.
 *
 * A card of a book is bound to the book's schema when it is opened. A record of another schema (another book, or this
 * one after it got a new field) is scored all the same: the card is then bound for that one call, so that the handle
 * stays frozen.
 */
#include "../store/store.h"
#include "segment_book_score.h"

/* ---------------------------------------------------------------- handles */

int32_t kam__scorecard_of_policy(kam_scorecard **out, kam_ctx *ctx, kam__policy *policy, kam_error *err)
{
    kam_scorecard *c = kam__zalloc(ctx, sizeof *c);
    if (!c) {
        kam__policy_free(policy);
        return kam__nomem(err);
    }
    kam__ref_init(&c->ref);
    c->ctx = kam__ctx_hold(ctx);
    c->policy = *policy;
    int32_t rc = kam__card_read(&c->doc, &c->policy.arena, c->policy.body, err);
    if (rc == KAM_OK)
        *out = c;
    else
        kam_scorecard_free(c);
    return rc;
}

int32_t kam_scorecard_open(kam_scorecard **out, kam_book *book, const char *name, int32_t day, kam_error *err)
{
    kam__policy p;
    kam_scorecard *c = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!name) return kam__null_arg(err, "name");
    KAM__TRY(kam__policy_load(&p, book, KAM_POLICY_SCORECARD, name, day, err));
    KAM__TRY(kam__scorecard_of_policy(&c, book->ctx, &p, err));
    int32_t rc = kam__card_bind(&c->bound, &c->policy.arena, &c->doc, book->schema, err);
    if (rc == KAM_OK) rc = kam__card_prove(&c->bound, book->ctx, err);
    if (rc != KAM_OK) {
        kam_scorecard_free(c);
        return rc;
    }
    c->schema = kam__schema_hold(book->schema);
    *out = c;
    return KAM_OK;
}

static int32_t cardbook_parse(kam_scorecard **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err)
{
    kam__policy p;
    KAM__TRY(kam__policy_of_json(&p, ctx, json, len, err));
    KAM__TRY(kam__scorecard_of_policy(out, ctx, &p, err));
    memcpy((*out)->policy.name, (*out)->doc.name, strlen((*out)->doc.name) + 1);
    return KAM_OK;
}

int32_t kam_scorecard_parse(kam_scorecard **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err)
{
    kam_ctx *use = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!json) return kam__null_arg(err, "json");
    KAM__TRY(kam__ctx_take(&use, ctx, err));
    int32_t rc = cardbook_parse(out, use, json, len == KAM_NUL ? strlen(json) : len, err);
    kam_ctx_free(use);
    return rc;
}

void kam_scorecard_free(kam_scorecard *c)
{
    if (!c || !kam__ref_drop(&c->ref)) return;
    kam_ctx *ctx = c->ctx;
    kam__schema_drop(c->schema);
    kam__card_drop(&c->doc);
    kam__policy_free(&c->policy);
    kam__free(ctx, c);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- bindings */

int32_t kam__scorecard_bound(const kam__card_bound **out, const kam_scorecard *c, kam__schema *schema,
                             kam__arena *arena, kam_error *err)
{
    if (c->doc.declared)
        return kam__fail(err, KAM_E_POLICY,
                         "scorecard \"%s\" declares its own \"attributes\": score with a kam_scorer, not over records",
                         c->doc.name);
    if (c->schema == schema) {
        *out = &c->bound;
        return KAM_OK;
    }
    kam__card_bound *b = kam__arena_alloc(arena, sizeof *b);
    if (!b) return kam__nomem(err);
    *out = b;
    return kam__card_bind(b, arena, &c->doc, schema, err);
}

int32_t kam__scorecard_wants(uint8_t **out, const kam__card_bound *b, const kam__schema *schema, kam__arena *arena,
                             kam_error *err)
{
    uint32_t n = kam__schema_kind(schema, KAM_KIND_ATTRIBUTES)->nfield;
    *out = kam__arena_alloc(arena, n);
    if (!*out) return kam__nomem(err);
    memset(*out, 0, n);
    for (uint32_t i = 0; i < b->card->nattr; i++) (*out)[b->cell[i]] = 1;
    (*out)[kam__kind_index(kam__schema_kind(schema, KAM_KIND_ATTRIBUTES), KAM_ATTRIBUTES_ACCOUNT)] = 1;
    return KAM_OK;
}

/* ---------------------------------------------------------------- explanations */

static int32_t on_cardbook_part(void *user, const kam__card_part *p, kam_error *err)
{
    return kam__why_add_points(user, p->factor, p->value, p->band, p->points, p->share, p->code, p->en, p->zh, err);
}

static int32_t cardbook_verdict(kam_why *why, const kam_scorecard *c, int64_t account, int64_t points,
                                kam_error *err)
{
    kam_record *v = why->verdict;
    char text[48];
    kam__dec_format_short(text, points, KAM__CARD_SCALE);
    if (account) kam__record_put_num(v, KAM_VERDICT_SUBJECT, account);
    if (c->policy.id) kam__record_put_num(v, KAM_VERDICT_VERSION, c->policy.version);
    kam__record_put_num(v, KAM_VERDICT_FLAGS, 0);
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_KIND, "score", err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_POLICY, c->policy.name, err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_HASH, c->policy.hash, err));
    return kam__record_put_str(v, KAM_VERDICT_RESULT, text, err);
}

int32_t kam__scorecard_explain(kam_why *why, const kam_scorecard *c, const kam__card_bound *b, int64_t account,
                               const kam__card_score *s, kam_error *err)
{
    KAM__TRY(cardbook_verdict(why, c, account, s->points, err));
    return kam__card_explain(b, why->ctx, s, on_cardbook_part, why, err);
}

static int32_t cardbook_score(int64_t *points, kam_why **why, const kam_scorecard *c, const kam_record *r,
                              kam__arena *arena, kam_error *err)
{
    const kam__card_bound *b = NULL;
    kam__card_score s = {.work = NULL};
    kam_why *w = NULL;
    KAM__TRY(kam__scorecard_bound(&b, c, r->schema, arena, err));
    KAM__TRY(kam__card_begin(&s, &c->doc, r->ctx, err));
    int32_t rc = kam__card_score_of(&s, b, r, err);
    if (rc == KAM_OK && why) rc = kam__why_of_schema(&w, r->schema, err);
    if (rc == KAM_OK && why)
        rc = kam__scorecard_explain(w, c, b, kam__record_num(r, KAM_ATTRIBUTES_ACCOUNT, 0), &s, err);
    kam__card_end(&s);
    if (rc != KAM_OK) {
        kam_why_free(w);
        return rc;
    }
    if (why) *why = w;
    *points = s.points;
    return KAM_OK;
}

int32_t kam_scorecard_score(int64_t *points, kam_why **why, const kam_scorecard *card, const kam_record *attributes,
                            kam_error *err)
{
    kam__arena arena;
    if (!points) return kam__null_arg(err, "points");
    if (!card) return kam__null_arg(err, "card");
    if (!attributes) return kam__null_arg(err, "attributes");
    if (attributes->kind->id != KAM_KIND_ATTRIBUTES)
        return kam__fail(err, KAM_E_INVAL,
                         "a score is of an ATTRIBUTES record, not of kind %s: see kam_account_attributes",
                         attributes->kind->name);
    kam__arena_init(&arena, attributes->ctx, 0);
    int32_t rc = cardbook_score(points, why, card, attributes, &arena, err);
    kam__arena_free(&arena);
    return rc;
}
