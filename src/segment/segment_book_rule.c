/*
 * segment/segment_book_rule.c - expressions over a book: which attributes they read; the parts of one, told as any
 * explanation is.
 *
 * An expression belongs to no book: its own explanation is written in the built-in schema.
 */
#include "../store/store.h"
#include "segment_book_rule.h"

static int32_t on_rule_part(void *user, const kam__cel_told *p, kam_error *err)
{
    return kam__why_add(user, p->factor, p->value, p->band, p->code, p->en, p->zh, err);
}

int32_t kam__why_parts(kam_why *why, const kam_rule *rule, const kam_work *work, kam_error *err)
{
    return kam__cel_parts(rule, work, on_rule_part, why, err);
}

static int32_t rule_why_fill(kam_why *why, const kam_rule *rule, const kam_work *work, kam_ctx *ctx, kam_error *err)
{
    kam_buf json;
    kam__buf_init(&json, ctx);
    int32_t rc = kam__why_parts(why, rule, work, err);
    if (rc == KAM_OK) rc = kam_work_json(&json, work, err);
    if (rc == KAM_OK) rc = kam__record_put_str(why->verdict, KAM_VERDICT_RESULT, kam_buf_data(&json), err);
    else if (rc == KAM_E_NOT_FOUND && why->reasons->nrow) rc = KAM_OK;          /* it failed: there is no result */
    if (rc == KAM_OK) rc = kam__record_put_str(why->verdict, KAM_VERDICT_KIND, "rule", err);
    kam__buf_drop(&json);
    return rc;
}

int32_t kam_rule_why(kam_why **out, const kam_rule *rule, const kam_work *work, kam_error *err)
{
    kam__schema *schema = NULL;
    kam_why *why = NULL;
    if (!out) return kam__null_arg(err, "why");
    if (!rule) return kam__null_arg(err, "rule");
    if (!work) return kam__null_arg(err, "work");
    kam_ctx *ctx = kam__rule_ctx(rule);
    KAM__TRY(kam__schema_new(&schema, ctx, NULL, err));
    int32_t rc = kam__why_of_schema(&why, schema, err);
    if (rc == KAM_OK) rc = rule_why_fill(why, rule, work, ctx, err);
    kam__schema_drop(schema);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

int32_t kam__rules_want(uint8_t **out, kam_rule *const *rule, uint32_t n, const kam__schema *schema, kam__arena *arena,
                        kam_error *err)
{
    const kam__kind *k = kam__schema_kind(schema, KAM_KIND_ATTRIBUTES);
    const char *name = NULL;
    if (!(*out = kam__arena_alloc(arena, k->nfield))) return kam__nomem(err);
    memset(*out, 0, k->nfield);
    (*out)[kam__kind_index(k, KAM_ATTRIBUTES_ACCOUNT)] = 1;
    for (uint32_t r = 0; r < n; r++)
        for (uint32_t i = 0; (name = kam_rule_reads(rule[r], i)) != NULL; i++) {
            const kam__field *f = kam__kind_field_by_name(k, name, strlen(name));
            if (!f) return kam__fail(err, KAM_E_POLICY, "a condition reads \"%.60s\", a field this book does not have: save a FIELD record for it", name);
            (*out)[kam__kind_index(k, f->id)] = 1;
        }
    return KAM_OK;
}
