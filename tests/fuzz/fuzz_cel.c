/* Any bytes as a CEL expression: compiled with both dialects, and evaluated within a small budget. What a rule costs is
 * bounded by what compiling said; a rule that notes its parts gives the same. */
#include "fuzz.h"
#include "rule/cel_impl.h"

static const char fuzz_env[] =
    "{\"d\":\"double\",\"i\":\"int\",\"s\":\"string\",\"b\":\"bool\",\"l\":\"list(int)\",\"m\":\"map(string, dyn)\","
    "\"o\":\"optional(string)\",\"c\":\"decimal(2)\",\"t\":\"timestamp\",\"x\":\"dyn\"}";
static const char fuzz_row[] =
    "{\"d\":1.5,\"i\":-3,\"s\":\"caf\\u00e9 \\u5ba2\",\"b\":true,\"l\":[1,2,3],\"m\":{\"a\":1,\"b\":[\"z\",null]},"
    "\"c\":\"12.34\",\"t\":\"2026-03-01T12:00:00Z\",\"x\":{\"k\":[1,2.5,\"y\"]}}";

static int32_t fuzz_part(void *user, const kam__cel_told *p, kam_error *err)
{
    (void)err;
    FUZZ_MUST(p->factor && p->band && p->code && p->en && p->zh && !p->value == !strcmp(p->code, "NOT_EVALUATED"));
    ++*(uint32_t *)user;
    return KAM_OK;
}

/* The same expression with notes: the same answer, or the same refusal. */
static void fuzz_traced(kam_ctx *ctx, kam_work *work, const uint8_t *data, size_t size, int32_t want, kam_buf *plain)
{
    kam_rule_options o = {.struct_size = sizeof o, .flags = KAM_RULE_TRACE, .budget = 50000};
    kam_rule *rule = NULL;
    kam_buf *out = NULL;
    uint32_t parts = 0;
    FUZZ_MUST(kam_buf_new(&out, ctx, NULL) == KAM_OK);
    if (kam_rule_compile(&rule, ctx, fuzz_env, &o, (const char *)data, size, NULL) == KAM_OK) {
        int32_t rc = kam_rule_eval_json(out, rule, work, fuzz_row, KAM_NUL, NULL);
        FUZZ_MUST(rc == want || want == KAM_E_LIMIT || rc == KAM_E_LIMIT);
        if (rc == KAM_OK && want == KAM_OK) FUZZ_MUST(strcmp(kam_buf_data(out), kam_buf_data(plain)) == 0);
        FUZZ_MUST(kam__cel_parts(rule, work, fuzz_part, &parts, NULL) == KAM_OK && parts > 0);
    }
    kam_rule_free(rule);
    kam_buf_free(out);
}

void fuzz_cel(const uint8_t *data, size_t size)
{
    kam_error *err = NULL;
    kam_ctx *ctx = NULL;
    kam_work *work = NULL;
    kam_buf *out = NULL;
    FUZZ_MUST(kam_error_new(&err, NULL) == KAM_OK && kam_ctx_new(&ctx, NULL, err) == KAM_OK);
    FUZZ_MUST(kam_work_new(&work, ctx, err) == KAM_OK && kam_buf_new(&out, ctx, err) == KAM_OK);
    for (uint32_t flags = 0; flags < 2; flags++) {
        kam_rule_options o = {.struct_size = sizeof o, .flags = flags, .budget = 50000};
        kam_rule *rule = NULL;
        int32_t rc = kam_rule_compile(&rule, ctx, fuzz_env, &o, (const char *)data, size, err);
        if (rc == KAM_OK) {
            rc = kam_rule_eval_json(out, rule, work, fuzz_row, KAM_NUL, err);
            FUZZ_MUST(rc == KAM_OK || rc == KAM_E_POLICY || rc == KAM_E_LIMIT);
            FUZZ_MUST(rc != KAM_E_LIMIT || kam_rule_cost(rule) > 50000);
            if (!flags) fuzz_traced(ctx, work, data, size, rc, out);
        } else FUZZ_MUST(rc == KAM_E_PARSE || rc == KAM_E_TYPE || rc == KAM_E_LIMIT || rc == KAM_E_UTF8);
        if (rc != KAM_OK) FUZZ_MUST(kam_error_message(err)[0] != '\0');
        kam_rule_free(rule);
    }
    kam_buf_free(out);
    kam_work_free(work);
    kam_ctx_free(ctx);
    kam_error_free(err);
}
FUZZ_TARGET(cel);
