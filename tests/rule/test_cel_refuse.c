/* What an evaluation does not take: rows, blocks and records against their declaration, a work that is in use. */
#include "cel_test.h"
#include <stdio.h>
#include <string.h>

static void says(ct *t, int32_t rc, int32_t code, const char *part)
{
    if (rc != code || !strstr(kam_error_message(t->err), part))
        fail_msg("%s: %s; wanted %s and \"%s\"", kam_code_name(rc), kam_error_message(t->err), kam_code_name(code), part);
}

static kam_rule *compiled(ct *t, const char *env, const kam_rule_options *o, const char *cel)
{
    kam_rule *rule = NULL;
    int32_t rc = kam_rule_compile(&rule, t->ctx, env, o, cel, KAM_NUL, t->err);
    if (rc != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    return rule;
}

static void keys_of_a_map_are_of_its_type(void **state)
{
    ct *t = *state;
    assert_non_null(strstr(ct_eval(t, "{\"m\":\"map(int, int)\"}", "m[1]", "{\"m\":\n{\"one\": 1}}"), "TYPE: "));
    assert_non_null(strstr(t->text, "a key of this map must be int, as the attribute is declared (line 2, column"));
    assert_non_null(strstr(ct_eval(t, "{\"m\":\"map(int, int)\"}", "m[1]", "{\"m\":\n{\"1\": 1, \"01\": 2}}"), "PARSE: "));
    assert_non_null(strstr(t->text, "a key stands twice in this map (line 2, column 1)"));
}

static void blocks_are_looked_at_first(void **state)
{
    ct *t = *state;
    int32_t day[] = {0, INT32_MAX};
    kam_col c = {0, KAM_T_I32, {0}, day, NULL, NULL};
    kam_block b = {sizeof b, 2, 1, 0, &c};
    const kam_col *out = NULL;
    kam_rule *rule = compiled(t, "{\"day\":\"timestamp\"}", NULL, "day.year()");
    says(t, kam_rule_eval_block(&out, rule, t->work, &b, t->err), KAM_E_TYPE, "row 1: \"day\" holds a day outside the years 1 to 9999");
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_ROW), 1);
    c.data = NULL;
    says(t, kam_rule_eval_block(&out, rule, t->work, &b, t->err), KAM_E_INVAL, "column 0 of the block is not whole: type and data");
    b.struct_size = 0;
    says(t, kam_rule_eval_block(&out, rule, t->work, &b, t->err), KAM_E_INVAL, "struct_size and col must be set");
    assert_null(out);
    kam_rule_free(rule);
}

static void a_record_is_of_the_declared_types(void **state)
{
    ct *t = *state;
    kam_book *book = NULL;
    kam_record *r = NULL;
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    kam_rule *rule = compiled(t, "{\"name\":\"duration\"}", NULL, "name");
    assert_int_equal(kam_book_open(&book, t->ctx, NULL, &o, t->err), KAM_OK);
    assert_int_equal(kam_record_new(&r, book, KAM_KIND_ACCOUNT, t->err), KAM_OK);
    assert_int_equal(kam_record_set_text(r, KAM_ACCOUNT_NAME, "Acme", KAM_NUL, t->err), KAM_OK);
    says(t, kam_rule_eval(t->buf, rule, t->work, r, t->err), KAM_E_TYPE,
         "\"name\" is declared duration, and the field holds \"Acme\"");
    kam_rule_free(rule);
    kam_record_free(r);
    kam_book_close(book);
}

/* Asks for another evaluation by the work that runs this one. */
static int32_t again(void *user, kam_call *call)
{
    ct *t = user;
    kam_rule *rule = compiled(t, NULL, NULL, "1");
    kam_block b = {sizeof b, 1, 0, 0, NULL};
    const kam_col *out = NULL;
    says(t, kam_rule_run(rule, t->work, t->err), KAM_E_BUSY, "this work is busy: give each evaluation its own");
    says(t, kam_rule_eval_json(NULL, rule, t->work, "{}", KAM_NUL, t->err), KAM_E_BUSY, "this work is busy");
    says(t, kam_rule_eval_block(&out, rule, t->work, &b, t->err), KAM_E_BUSY, "this work is busy");
    says(t, kam_work_set_i64(t->work, 0, 1, t->err), KAM_E_BUSY, "this work is busy");
    kam_rule_free(rule);
    kam_call_return_i64(call, 7);
    return KAM_OK;
}

static void a_work_does_one_thing_at_a_time(void **state)
{
    ct *t = *state;
    kam_rule_function f = {sizeof f, 0, "again() -> int", again, t};
    kam_rule_options o = {.struct_size = sizeof o, .function = &f, .nfunction = 1};
    assert_string_equal(ct_eval_with(t, NULL, &o, "again() + 1", "{}"), "8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_a_map_are_of_its_type), cmocka_unit_test(blocks_are_looked_at_first),
        cmocka_unit_test(a_record_is_of_the_declared_types), cmocka_unit_test(a_work_does_one_thing_at_a_time),
    };
    return cmocka_run_group_tests(tests, ct_setup, ct_teardown);
}
