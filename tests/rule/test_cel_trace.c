/* What each sub-expression gave: values, errors, what was not evaluated; the same result with and without notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <kam.h>
#include <kam/spi/test.h>

#define ENV "{\"revenue\": \"decimal\", \"days\": \"int\", \"region\": \"optional(string)\", \"list\": \"list(int)\", " \
            "\"x\": \"dyn\"}"

/* "factor|value|band|code" lines of the explanation. */
static void told(char *out, size_t size, const char *cel, const char *json, int32_t want, const char *lang) {
    kam_rule *rule = NULL;
    kam_work *work = NULL;
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    kam_buf *buf = NULL;
    kam_error *err = NULL;
    const kam_record *r = NULL;
    const kam_rule_options o = {.struct_size = sizeof o, .flags = KAM_RULE_TRACE};
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    assert_int_equal(kam_buf_new(&buf, NULL, err), KAM_OK);
    if (kam_rule_compile(&rule, NULL, ENV, &o, cel, KAM_NUL, err) != KAM_OK) fail_msg("%s: %s", cel, kam_error_message(err));
    assert_int_equal(kam_work_new(&work, NULL, err), KAM_OK);
    int32_t rc = kam_rule_eval_json(NULL, rule, work, json, KAM_NUL, err);
    if (rc != want) fail_msg("%s: %s", cel, kam_error_message(err));
    if (kam_rule_why(&why, rule, work, err) != KAM_OK) fail_msg("%s: %s", cel, kam_error_message(err));
    out[0] = '\0';
    if (lang) {
        assert_int_equal(kam_why_text(buf, why, lang, err), KAM_OK);
        snprintf(out, size, "%s", kam_buf_data(buf));
    } else {
        assert_int_equal(kam_why_rows(&rows, why, err), KAM_OK);
        while (kam_rows_next(&r, rows, err) == KAM_OK && r) {
            size_t n = strlen(out);
            snprintf(out + n, size - n, "%s|%s|%s|%s\n", kam_record_text(r, KAM_REASON_FACTOR, ""),
                     kam_record_text(r, KAM_REASON_VALUE, "-"), kam_record_text(r, KAM_REASON_BAND, ""),
                     kam_record_text(r, KAM_REASON_CODE, ""));
        }
        kam_rows_free(rows);
    }
    kam_why_free(why);
    kam_work_free(work);
    kam_rule_free(rule);
    kam_buf_free(buf);
    kam_error_free(err);
}

static void parts_have_place_and_value(void **state) {
    static const struct { const char *cel, *json, *want; int32_t rc; } is[] = {
        {"revenue > decimal('100000') && days < 90", "{\"revenue\": 120000.50, \"days\": 12}",
         "revenue > decimal('100000') && days < 90|true|1:1|VALUE\nrevenue > decimal('100000')|true|1:1|VALUE\n"
         "revenue|120000.50|1:1|VALUE\ndays < 90|true|1:32|VALUE\ndays|12|1:32|VALUE\n", KAM_OK},
        {"days < 90 && revenue > decimal('1')", "{\"days\": 100}",
         "days < 90 && revenue > decimal('1')|false|1:1|VALUE\ndays < 90|false|1:1|VALUE\ndays|100|1:1|VALUE\n"
         "revenue > decimal('1')|-|1:14|NOT_EVALUATED\nrevenue|-|1:14|NOT_EVALUATED\n", KAM_OK},
        {"days < 90\n  ? (days + 1) * 2 : 7", "{\"days\": 4}",
         "days < 90\n  ? (days + 1) * 2 : 7|10|1:1|VALUE\ndays < 90|true|1:1|VALUE\ndays|4|1:1|VALUE\n"
         "(days + 1) * 2|10|2:5|VALUE\n(days + 1)|5|2:5|VALUE\ndays|4|2:6|VALUE\n", KAM_OK},
        {"1 / days > 0 || region.orValue('') == 'N'", "{\"days\": 0, \"region\": \"N\"}",
         "1 / days > 0 || region.orValue('') == 'N'|true|1:1|VALUE\n1 / days > 0|divide by zero|1:1|ERROR\n"
         "1 / days|divide by zero|1:1|ERROR\ndays|0|1:5|VALUE\nregion.orValue('') == 'N'|true|1:17|VALUE\n"
         "region.orValue('')|\"N\"|1:17|VALUE\nregion|\"N\"|1:17|VALUE\n", KAM_OK},
        {"list.exists(e, e > 1)", "{\"list\": [0, 1, 2, 3]}",
         "list.exists(e, e > 1)|true|1:1|VALUE\nlist|[0,1,2,3]|1:1|VALUE\ne > 1|false, false, true|1:16|VALUE\n"
         "e|0, 1, 2|1:16|VALUE\n", KAM_OK},
        {"1 + 2", "{}", "1 + 2|3|1:1|VALUE\n", KAM_OK},
        {"!has(x.a) || math.abs(x.a) >= 2", "{\"x\": {\"a\": -3}}",
         "!has(x.a) || math.abs(x.a) >= 2|true|1:1|VALUE\n!has(x.a)|false|1:1|VALUE\nhas(x.a)|true|1:2|VALUE\n"
         "x|{\"a\":-3}|1:6|VALUE\nmath.abs(x.a) >= 2|true|1:14|VALUE\nmath.abs(x.a)|3|1:14|VALUE\nx.a|-3|1:23|VALUE\n"
         "x|{\"a\":-3}|1:23|VALUE\n", KAM_OK},
        {"days + 1 > 2 && list.size() > 0", "{\"list\": []}",
         "days + 1 > 2 && list.size() > 0|false|1:1|VALUE\n"
         "days + 1 > 2|days has no value here; declare it optional(...) where that may be|1:1|ERROR\n"
         "days + 1|days has no value here; declare it optional(...) where that may be|1:1|ERROR\n"
         "days|days has no value here; declare it optional(...) where that may be|1:1|ERROR\n"
         "list.size() > 0|false|1:17|VALUE\nlist.size()|0|1:17|VALUE\nlist|[]|1:17|VALUE\n", KAM_OK},
        {"days > 1 ? 1 : 2", "{}",
         "days > 1 ? 1 : 2|days has no value here; declare it optional(...) where that may be|1:1|ERROR\n"
         "days > 1|days has no value here; declare it optional(...) where that may be|1:1|ERROR\n"
         "days|days has no value here; declare it optional(...) where that may be|1:1|ERROR\n", KAM_E_POLICY},
        {"list.all(e, e >= 0)", "{\"list\": [1,2,3,4,5,6,7,8,9,10]}",
         "list.all(e, e >= 0)|true|1:1|VALUE\nlist|[1,2,3,4,5,6,7,8,9,10]|1:1|VALUE\n"
         "e >= 0|true, true, true, true, true, true, true, ... true|1:13|VALUE\ne|1, 2, 3, 4, 5, 6, 7, ... 10|1:13|VALUE\n",
         KAM_OK},
    };
    char got[4000];
    (void)state;
    for (size_t i = 0; i < sizeof is / sizeof *is; i++) {
        told(got, sizeof got, is[i].cel, is[i].json, is[i].rc, NULL);
        assert_string_equal(got, is[i].want);
    }
}

static void texts_are_in_both_languages(void **state) {
    char got[2000];
    (void)state;
    told(got, sizeof got, "days < 90 || 1 / days > 0", "{\"days\": 100}", KAM_OK, "en");
    assert_string_equal(got, "rule: false\n  days < 90 || 1 / days > 0 is false (1:1)\n  days < 90 is false (1:1)\n"
                             "  days is 100 (1:1)\n  1 / days > 0 is false (1:14)\n  1 / days is 0 (1:14)\n  days is 100 (1:18)\n");
    told(got, sizeof got, "days < 90 || 1 / (days - days) > 0", "{\"days\": 9}", KAM_OK, "zh");
    assert_string_equal(got, "规则：true\n  days < 90 || 1 / (days - days) > 0 为 true（1:1）\n  days < 90 为 true（1:1）\n"
                             "  days 为 9（1:1）\n  1 / (days - days) > 0 未求值（1:14）\n  1 / (days - days) 未求值（1:14）\n"
                             "  (days - days) 未求值（1:18）\n  days 未求值（1:19）\n  days 未求值（1:26）\n");
    told(got, sizeof got, "1 / days", "{\"days\": 0}", KAM_E_POLICY, "zh");
    assert_string_equal(got, "规则：无\n  1 / days 出错：divide by zero（1:1）\n  days 为 0（1:5）\n");
}

static void what_cannot_be_explained_is_told(void **state) {
    kam_rule *plain = NULL, *traced = NULL;
    kam_work *work = NULL;
    kam_why *why = NULL;
    kam_error *err = NULL;
    const kam_rule_options o = {.struct_size = sizeof o, .flags = KAM_RULE_TRACE};
    (void)state;
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    assert_int_equal(kam_rule_compile(&plain, NULL, ENV, NULL, "1 + 1", KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_rule_compile(&traced, NULL, ENV, &o, "1 + 1", KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_work_new(&work, NULL, err), KAM_OK);
    assert_int_equal(kam_rule_why(&why, traced, work, err), KAM_E_NOT_FOUND);
    assert_non_null(strstr(kam_error_message(err), "did not evaluate this rule last"));
    assert_int_equal(kam_rule_run(plain, work, err), KAM_OK);
    assert_int_equal(kam_rule_why(&why, plain, work, err), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(err), "the rule notes nothing"));
    assert_int_equal(kam_rule_why(&why, traced, work, err), KAM_E_NOT_FOUND);
    assert_int_equal(kam_rule_why(NULL, traced, work, err), KAM_E_INVAL);
    assert_int_equal(kam_rule_why(&why, NULL, work, err), KAM_E_INVAL);
    assert_int_equal(kam_rule_why(&why, traced, NULL, err), KAM_E_INVAL);
    kam_work_free(work);
    kam_rule_free(plain);
    kam_rule_free(traced);
    kam_error_free(err);
}

static int32_t whole(void *user, kam_fault_alloc *alloc) {
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = kam_fault_alloc_allocator(alloc)};
    const kam_rule_options trace = {.struct_size = sizeof trace, .flags = KAM_RULE_TRACE};
    kam_ctx *ctx = NULL;
    kam_rule *rule = NULL;
    kam_work *work = NULL;
    kam_why *why = NULL;
    (void)user;
    int32_t rc = kam_ctx_new(&ctx, &o, NULL);
    if (rc == KAM_OK) rc = kam_rule_compile(&rule, ctx, ENV, &trace, "list.map(e, e * days).exists(e, e > 1 || 1 / e > 0)",
                                            KAM_NUL, NULL);
    if (rc == KAM_OK) rc = kam_work_new(&work, ctx, NULL);
    if (rc == KAM_OK) rc = kam_rule_eval_json(NULL, rule, work, "{\"days\": 2, \"list\": [0, 1, 2]}", KAM_NUL, NULL);
    if (rc == KAM_OK) rc = kam_rule_why(&why, rule, work, NULL);
    kam_why_free(why);
    kam_work_free(work);
    kam_rule_free(rule);
    kam_ctx_free(ctx);
    return rc;
}

static void report(void *user, uint64_t at, int32_t code, const char *why) {
    (void)user;
    print_error("fault %llu: %s %s\n", (unsigned long long)at, kam_code_name(code), why);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    assert_int_equal(kam_fault_sweep_alloc(whole, NULL, report, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_have_place_and_value), cmocka_unit_test(texts_are_in_both_languages),
        cmocka_unit_test(what_cannot_be_explained_is_told), cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
