/*
 * segment/segment_book_segment.c - segments as handles, and whether one account is in one.
 *
 * {"name": "big-north", "title": {"en", "zh"}, "source": "...", "condition": "revenue_12m >= 100000 && region == 'N'",
 *  "optional": ["region"]}
 *
 * The condition is CEL over the fields of ATTRIBUTES by name, amounts as exact decimals, days as timestamps, enums by
 * their names; a book's own fields (x_...) are of type dyn, so that one compiled condition serves any book. An
 * attribute without a value makes the condition fail, which is told and never taken for false; those in "optional" are
 * optional(T): `region.orValue('')`.
 */
#include "../store/store.h"
#include "segment_book_member.h"
#include "segment_book_score.h"

/* ---------------------------------------------------------------- the environment */

typedef struct segdoc_env { const char **name, **type; uint32_t n; } segdoc_env;

static const char *segdoc_type(const kam__field *f, int optional)
{
    static const char *const types[][2] = {{"bool", "optional(bool)"}, {"int", "optional(int)"},
        {"timestamp", "optional(timestamp)"}, {"decimal", "optional(decimal)"}, {"double", "optional(double)"},
        {"string", "optional(string)"}};
    int t = 5;
    switch (f->logic) {
    case KAM__L_BOOL: t = 0; break;
    case KAM__L_INT: case KAM__L_REF: case KAM__L_ID: case KAM__L_DEG6: t = 1; break;
    case KAM__L_DAY: case KAM__L_INSTANT: t = 2; break;
    case KAM__L_MONEY: case KAM__L_DECIMAL: case KAM__L_POINTS: t = 3; break;
    case KAM__L_F64: t = 4; break;
    default: break;
    }
    return types[t][optional];
}

static int segdoc_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static int segdoc_has(const char *const *list, uint32_t n, const char *name, size_t len)
{
    for (uint32_t i = 0; i < n; i++)
        if (strlen(list[i]) == len && memcmp(list[i], name, len) == 0) return 1;
    return 0;
}

/* Own fields are known by their x_ in front: each such word of the condition, once. */
static int32_t segdoc_own(segdoc_env *e, kam__arena *arena, const char *cel, size_t len, const kam__json *optional,
                          kam_error *err)
{
    for (size_t i = 0; i + 2 < len; i++) {
        if (cel[i] != 'x' || cel[i + 1] != '_' || (i && segdoc_word(cel[i - 1]))) continue;
        size_t n = 2;
        while (i + n < len && segdoc_word(cel[i + n])) n++;
        if (segdoc_has(e->name, e->n, cel + i, n)) continue;
        int is_optional = 0;
        for (const kam__json *o = optional ? optional->child : NULL; o; o = o->next)
            is_optional |= o->len == n && memcmp(o->text, cel + i, n) == 0;
        e->name[e->n] = kam__arena_text(arena, cel + i, n);
        e->type[e->n] = is_optional ? "optional(dyn)" : "dyn";
        if (!e->name[e->n++]) return kam__nomem(err);
    }
    return KAM_OK;
}

static int32_t segdoc_build(segdoc_env *e, kam__arena *arena, const char *cel, size_t len, const kam__json *optional,
                            kam_error *err)
{
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ATTRIBUTES);
    size_t room = k->nfield + len / 3 + 1;
    e->name = kam__arena_alloc(arena, room * sizeof *e->name);
    e->type = kam__arena_alloc(arena, room * sizeof *e->type);
    if (!e->name || !e->type) return kam__nomem(err);
    for (e->n = 0; e->n < k->nfield; e->n++) {
        const char *name = k->field[e->n].name;
        int is_optional = 0;
        for (const kam__json *o = optional ? optional->child : NULL; o; o = o->next)
            is_optional |= kam__text_same(o->text, name);
        e->name[e->n] = name;
        e->type[e->n] = segdoc_type(&k->field[e->n], is_optional);
    }
    KAM__TRY(segdoc_own(e, arena, cel, len, optional, err));
    for (const kam__json *o = optional ? optional->child : NULL; o; o = o->next) {
        if (o->type == KAM__J_STRING && segdoc_has(e->name, e->n, o->text, o->len)) continue;
        return kam__json_fail(o, KAM_E_POLICY, err, "\"optional\" names attributes of an account");
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- the document */

static int32_t segdoc_head(const kam__json *body, const kam__json **condition, kam_error *err)
{
    static const char *const known[] = {"name", "title", "source", "condition", "optional"};
    const char *name = NULL;
    const kam__json *optional = kam__json_get(body, "optional");
    if (body->type != KAM__J_OBJECT) return kam__json_fail(body, KAM_E_PARSE, err, "a segment must be an object");
    KAM__TRY(kam__json_known(body, known, KAM__LEN(known), err));
    KAM__TRY(kam__json_str(&name, kam__json_get(body, "name"), "name", err));
    if (!*name || strlen(name) > 63) return kam__json_fail(body, KAM_E_POLICY, err, "\"name\" has 1 to 63 bytes");
    *condition = kam__json_get(body, "condition");
    if (optional && optional->type != KAM__J_ARRAY)
        return kam__json_fail(optional, KAM_E_PARSE, err, "\"optional\" must be an array of names");
    KAM__TRY(kam__json_str(&name, *condition, "condition", err));
    return KAM_OK;
}

/* Errors of the condition are told with its place in the document in front. */
static int32_t segdoc_compile(kam_rule **out, kam_ctx *ctx, kam__arena *arena, const kam__json *body, kam_error *err)
{
    const kam__json *c = NULL;
    segdoc_env e = {NULL, NULL, 0};
    KAM__TRY(segdoc_head(body, &c, err));
    KAM__TRY(segdoc_build(&e, arena, c->text, c->len, kam__json_get(body, "optional"), err));
    const kam__cel_env env = {e.name, e.type, e.n};
    KAM__TRY(kam__cel_compile(out, ctx, &env, NULL, c->text, c->len, err));
    if (kam__text_same(kam_rule_type(*out), "bool") || kam__text_same(kam_rule_type(*out), "dyn")) return KAM_OK;
    int32_t rc = kam__json_fail(c, KAM_E_POLICY, err, "a condition is true or false, this is a %.40s",
                                kam_rule_type(*out));
    kam_rule_free(*out);
    *out = NULL;
    return rc;
}

int32_t kam__segment_check(kam_ctx *ctx, const kam__json *body, kam_error *err)
{
    kam__arena arena;
    kam_rule *rule = NULL;
    kam__arena_init(&arena, ctx, 0);
    int32_t rc = segdoc_compile(&rule, ctx, &arena, body, err);
    kam_rule_free(rule);
    kam__arena_free(&arena);
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
    int32_t rc = segdoc_compile(&s->rule, ctx, &s->policy.arena, s->policy.body, err);
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

int32_t kam__segment_ask(int *out, const kam_segment *s, kam_work *work, const kam_record *attributes, kam_error *err)
{
    int32_t rc = kam_rule_eval(NULL, s->rule, work, attributes, err);
    *out = KAM__SEGMENT_UNKNOWN;
    if (rc == KAM_E_POLICY) return KAM_OK;
    if (rc == KAM_OK) *out = kam_work_i64(work, 0) != 0;
    return rc;
}

int32_t kam__segment_wants(uint8_t **out, const kam_segment *s, const kam__schema *schema, kam__arena *arena,
                           kam_error *err)
{
    const kam__kind *k = kam__schema_kind(schema, KAM_KIND_ATTRIBUTES);
    *out = kam__arena_alloc(arena, k->nfield);
    if (!*out) return kam__nomem(err);
    memset(*out, 0, k->nfield);
    (*out)[kam__kind_index(k, KAM_ATTRIBUTES_ACCOUNT)] = 1;
    const char *name = NULL;
    for (uint32_t i = 0; (name = kam_rule_reads(s->rule, i)) != NULL; i++) {
        const kam__field *f = kam__kind_field_by_name(k, name, strlen(name));
        if (!f)
            return kam__fail(err, KAM_E_POLICY,
                             "segment \"%s\" reads \"%.60s\", a field this book does not have: save a"
                                 " FIELD record for it", s->policy.name, name);
        (*out)[kam__kind_index(k, f->id)] = 1;
    }
    return KAM_OK;
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
