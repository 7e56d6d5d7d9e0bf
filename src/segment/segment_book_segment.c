/*
 * segment/segment_book_segment.c - segments as handles, and whether one account is in one.
 *
 * {"name": "big-north", "title": {"en", "zh"}, "source": "...", "condition": "revenue_12m >= 100000 && region == 'N'",
 *  "optional": ["region"]}
 *
 * The condition is CEL over the fields of ATTRIBUTES (rule/cel_attr.c). An attribute without a value makes it fail,
 * which is told and never taken for false; those in "optional" are optional(T): `region.orValue('')`.
 */
#include "../store/store.h"
#include "segment_book_member.h"
#include "segment_book_score.h"

/* ---------------------------------------------------------------- the document */

static int32_t segdoc_head(const kam__json *body, const kam__json **condition, kam_error *err)
{
    static const char *const known[] = {"name", "title", "source", "condition", "optional"};
    const char *name = NULL;
    if (body->type != KAM__J_OBJECT) return kam__json_fail(body, KAM_E_PARSE, err, "a segment must be an object");
    KAM__TRY(kam__json_known(body, known, KAM__LEN(known), err));
    KAM__TRY(kam__json_str(&name, kam__json_get(body, "name"), "name", err));
    if (!*name || strlen(name) > 63) return kam__json_fail(body, KAM_E_POLICY, err, "\"name\" has 1 to 63 bytes");
    *condition = kam__json_get(body, "condition");
    KAM__TRY(kam__json_str(&name, *condition, "condition", err));
    return KAM_OK;
}

static int32_t segdoc_compile(kam_rule **out, kam_ctx *ctx, const kam__json *body, uint32_t flags, kam_error *err)
{
    const kam__json *c = NULL;
    KAM__TRY(segdoc_head(body, &c, err));
    return kam__cel_condition(out, ctx, c, kam__json_get(body, "optional"), "condition", flags, err);
}

int32_t kam__segment_check(kam_ctx *ctx, const kam__json *body, kam_error *err)
{
    kam_rule *rule = NULL;
    int32_t rc = segdoc_compile(&rule, ctx, body, 0, err);
    kam_rule_free(rule);
    return rc;
}

/* ---------------------------------------------------------------- handles */

int32_t kam__segment_of_policy(kam_segment **out, kam_ctx *ctx, kam__policy *policy, kam_error *err)
{
    kam_segment *s = kam__zalloc(ctx, sizeof *s);
    if (!s) {
        kam__policy_free(policy);
        return kam__nomem(err);
    }
    kam__ref_init(&s->ref);
    s->ctx = kam__ctx_hold(ctx);
    s->policy = *policy;
    int32_t rc = segdoc_compile(&s->rule, ctx, s->policy.body, 0, err);
    if (rc == KAM_OK) *out = s;
    else kam_segment_free(s);
    return rc;
}

int32_t kam_segment_open(kam_segment **out, kam_book *book, const char *name, int32_t day, kam_error *err)
{
    kam__policy p;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!name) return kam__null_arg(err, "name");
    KAM__TRY(kam__policy_load(&p, book, KAM_POLICY_SEGMENT, name, day, err));
    return kam__segment_of_policy(out, book->ctx, &p, err);
}

int32_t kam_segment_parse(kam_segment **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err)
{
    kam_ctx *use = NULL;
    kam__policy p;
    kam_segment *s = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!json) return kam__null_arg(err, "json");
    KAM__TRY(kam__ctx_take(&use, ctx, err));
    int32_t rc = kam__policy_of_json(&p, use, json, len == KAM_NUL ? strlen(json) : len, err);
    if (rc == KAM_OK) rc = kam__segment_of_policy(&s, use, &p, err);
    kam_ctx_free(use);
    if (rc != KAM_OK) return rc;
    const kam__json *name = kam__json_get(s->policy.body, "name");
    memcpy(s->policy.name, name->text, name->len + 1);
    *out = s;
    return KAM_OK;
}

void kam_segment_free(kam_segment *s)
{
    if (!s || !kam__ref_drop(&s->ref)) return;
    kam_ctx *ctx = s->ctx;
    kam_rule_free(s->rule);
    kam__policy_free(&s->policy);
    kam__free(ctx, s);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- one account */

int32_t kam__segment_traced(kam_rule **out, const kam_segment *s, kam_error *err)
{
    return segdoc_compile(out, s->ctx, s->policy.body, KAM_RULE_TRACE, err);
}

int32_t kam_segment_has(int32_t *out, const kam_segment *segment, const kam_record *attributes, kam_error *err)
{
    kam_work *work = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!segment) return kam__null_arg(err, "segment");
    if (!attributes) return kam__null_arg(err, "attributes");
    if (attributes->kind->id != KAM_KIND_ATTRIBUTES)
        return kam__fail(err, KAM_E_INVAL, "a segment is of ATTRIBUTES records, not of kind %s: see kam_account_attributes",
                         attributes->kind->name);
    KAM__TRY(kam_work_new(&work, segment->ctx, err));
    int32_t rc = kam_rule_eval(NULL, segment->rule, work, attributes, err);
    if (rc == KAM_OK) *out = kam_work_i64(work, 0) != 0;
    kam_work_free(work);
    return rc;
}
