#include "cel_test.h"
#include <stdio.h>
#include <string.h>

int ct_setup(void **state)
{
    static ct t;
    memset(&t, 0, sizeof t);
    *state = &t;
    return kam_error_new(&t.err, NULL) || kam_ctx_new(&t.ctx, NULL, t.err) || kam_work_new(&t.work, t.ctx, t.err) ||
        kam_buf_new(&t.buf, t.ctx, t.err);
}

int ct_teardown(void **state)
{
    ct *t = *state;
    kam_buf_free(t->buf);
    kam_work_free(t->work);
    kam_ctx_free(t->ctx);
    kam_error_free(t->err);
    return 0;
}

static const char *ct_failed(ct *t, int32_t rc)
{
    assert_int_equal(kam_error_code(t->err), rc);
    snprintf(t->text, sizeof t->text, "%s: %s", kam_code_name(rc) + 6, kam_error_message(t->err));
    return t->text;
}

const char *ct_eval_with(ct *t, const char *env, const kam_rule_options *options, const char *cel, const char *json)
{
    kam_rule *rule = NULL;
    int32_t rc = kam_rule_compile(&rule, t->ctx, env, options, cel, KAM_NUL, t->err);
    if (rc == KAM_OK) rc = kam_rule_eval_json(t->buf, rule, t->work, json, KAM_NUL, t->err);
    if (rc == KAM_OK) snprintf(t->text, sizeof t->text, "%s", kam_buf_data(t->buf));
    kam_rule_free(rule);
    return rc == KAM_OK ? t->text : ct_failed(t, rc);
}

const char *ct_eval(ct *t, const char *env, const char *cel, const char *json)
{
    return ct_eval_with(t, env, NULL, cel, json);
}

const char *ct_one(ct *t, const char *cel) { return ct_eval(t, NULL, cel, "{}"); }

const char *ct_type(ct *t, const char *env, const char *cel)
{
    kam_rule *rule = NULL;
    int32_t rc = kam_rule_compile(&rule, t->ctx, env, NULL, cel, KAM_NUL, t->err);
    if (rc == KAM_OK) snprintf(t->text, sizeof t->text, "%s", kam_rule_type(rule));
    kam_rule_free(rule);
    return rc == KAM_OK ? t->text : ct_failed(t, rc);
}
