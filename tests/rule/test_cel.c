/* Expressions by rows: the language beyond the public suite, our dialect, environments, messages, limits, the host. */
#include "cel_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct pair { const char *cel, *is; } pair;

static void each(ct *t, const pair *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *got = ct_one(t, p[i].cel);
        if (strcmp(got, p[i].is) != 0) print_error("%s\n", p[i].cel);
        assert_string_equal(got, p[i].is);
    }
}
#define EACH(t, list) each(t, list, sizeof list / sizeof *list)

static void numbers_of_different_types_go_together(void **state)
{
    static const pair p[] = {
        {"1 + 1.5", "2.5"}, {"3.0 / 2", "1.5"}, {"2u * 1.5", "3"}, {"7 - 0.5", "6.5"}, {"1 == 1.0", "true"},
            {"2u > 1", "true"},
        {"[1, 2.0].map(x, x * 2)", "[2,4]"}, {"7 / 2", "3"}, {"-7 % 3", "-1"}, {"1.0 / 0", "\"Infinity\""}};
    EACH(*state, p);
    kam_rule_options o = {.struct_size = sizeof o, .flags = KAM_RULE_STANDARD};
    assert_non_null(strstr(ct_eval_with(*state, NULL, &o, "1 + 1.5", "{}"),
                           "TYPE: line 1, column 3: + needs operands"));
    assert_non_null(strstr(ct_eval_with(*state, NULL, &o, "1 == 1.0", "{}"), "TYPE"));
    assert_non_null(strstr(ct_eval_with(*state, NULL, &o, "dyn(1) + 1.5", "{}"),
                           "POLICY: line 1, column 8: + does not take (int, double)"));
}

static void decimals_are_exact(void **state)
{
    static const pair p[] = {
        {"decimal('0.1') + decimal('0.2') == decimal('0.3')", "true"},
            {"decimal('123.45') * decimal('1.19')", "146.9055"},
        {"(decimal('123.45') * 1.19).round(2)", "146.91"}, {"decimal('10') / 3", "3.333333"},
            {"decimal('2.50') == decimal('2.5')", "true"},
        {"decimal('1.5') > 1", "true"}, {"-decimal('1.5')", "-1.5"}, {"decimal(12) - decimal('0.01')", "11.99"},
        {"string(decimal('1.50'))", "\"1.50\""}, {"double(decimal('2.25'))", "2.25"}, {"int(decimal('-2.75'))", "-2"},
        {"math.greatest(decimal('1.5'), 1, decimal('1.50001'))", "1.50001"}, {"math.abs(decimal('-3.2'))", "3.2"},
        {"decimal('1') + 0.1 == decimal('1.1')", "true"}, {"type(decimal('1')) == decimal", "true"}};
    EACH(*state, p);
    assert_non_null(strstr(ct_one(*state, "decimal('9e18') + decimal('9e18')"), "POLICY"));
    assert_non_null(strstr(ct_one(*state, "decimal('1') / 0"), "divide by zero"));
    assert_non_null(strstr(ct_one(*state, "decimal('x')"), "is no decimal"));
    assert_non_null(strstr(ct_type(*state, "{\"d\":\"double\"}", "decimal('1') + d"), "TYPE"));
    assert_string_equal(ct_eval(*state, "{\"m\":\"decimal(2)\"}", "m >= 1000.00 && m < 1000.01", "{\"m\": 1000}"),
                        "true");
    assert_non_null(strstr(ct_eval(*state, "{\"m\":\"decimal(2)\"}", "m", "{\"m\": 1.234}"), "TYPE: "));
}

static void a_missing_attribute_is_an_error_or_an_optional(void **state)
{
    ct *t = *state;
    const char *env = "{\"revenue\":\"double\", \"owner\":\"optional(string)\"}";
    assert_string_equal(ct_eval(t, env, "revenue > 10", "{}"),
                        "POLICY: line 1, column 9: revenue has no value here; declare it optional(...) where that may be");
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_OFFSET), 8);
    assert_non_null(strstr(ct_eval(t, env, "revenue", "{\"revenue\": null}"), "has no value here"));
    assert_string_equal(ct_eval(t, env, "revenue > 10 || true", "{}"), "true");
    assert_string_equal(ct_eval(t, env, "owner.orValue('nobody')", "{}"), "\"nobody\"");
    assert_string_equal(ct_eval(t, env, "owner.orValue('nobody')", "{\"owner\": \"Li\"}"), "\"Li\"");
    assert_string_equal(ct_eval(t, env, "owner", "{\"owner\": null}"), "null");
    assert_string_equal(ct_eval(t, env, "owner.optMap(o, o.size()).orValue(0)", "{\"owner\": \"Li\"}"), "2");
}

static void unknown_names_are_told_with_a_suggestion(void **state)
{
    ct *t = *state;
    const char *env = "{\"revenue_12m\":\"double\", \"recency_days\":\"int\"}";
    assert_string_equal(ct_type(t, env, "recency_days < 3 &&\n  revenu_12m > 1.0"),
                        "PARSE: line 2, column 3: \"revenu_12m\" is not known; did you mean \"revenue_12m\"?");
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_LINE), 2);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_COLUMN), 3);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_OFFSET), 22);
    assert_non_null(strstr(ct_type(t, env, "qwertz"), "the environment has no such name"));
    assert_non_null(strstr(ct_type(t, env, "math.flor(1.5)"), "did you mean \"math.floor\"?"));
    assert_non_null(strstr(ct_type(t, env, "'a'.startswith('a')"), "did you mean \"startsWith\"?"));
    assert_non_null(strstr(ct_type(t, env, "revenue_12m + 'a'"),
                           "TYPE: line 1, column 13: + needs operands that go together, not double and string"));
    assert_non_null(strstr(ct_type(t, env, "'a'.contains(1)"), "contains does not take (string: int)"));
    assert_non_null(strstr(ct_type(t, env, "recency_days ? 1 : 2"), "must be a bool, not int"));
}

static void what_is_no_expression_is_refused_with_its_place(void **state)
{
    static const struct { const char *cel, *why; } bad[] = {
        {"", "an expression is expected, not the end"}, {"1 +", "column 4: an expression is expected"},
            {"(1", "\")\" is expected"},
        {"[1, 2", "\"]\""}, {"{1 2}", "\":\" is expected"}, {"'abc", "not closed"},
            {"'a\nb'", "not closed on its line"},
        {"1 = 2", "equality is \"==\""}, {"a b", "an operator is missing"}, {"for", "reserved word"},
            {"'\\q'", "no escape"},
        {"9223372036854775808", "64 bits"}, {"1e999", "too big for a double"}, {"1..2", "a name is expected"},
            {"12abc", "ends in a letter"},
        {"has(a)", "has() takes a field"}, {"[1].all(1, true)", "a plain name"}, {"f(1,)", "an argument is missing"},
            {"#", "does not belong"},
        {"Acme{a: 1}", "messages cannot be built"}, {"'\\ud800'", "no escape"}, {"0x", "hexadecimal"},
            {"'a'.matches('(')", "not closed"},
        {"[1].map(i, i, i, i)", "no function"}, {"[1].exists(a, a, true)", "different names"}};
    ct *t = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *got = ct_type(t, "{\"a\":\"int\",\"b\":\"int\"}", bad[i].cel);
        if (!strstr(got, bad[i].why)) print_error("%s: %s\n", bad[i].cel, got);
        assert_non_null(strstr(got, bad[i].why));
    }
    assert_non_null(strstr(ct_type(t, NULL, "'\xff'"), "UTF8"));
    assert_non_null(strstr(ct_type(t, "{\"a\": \"strin\"}", "a"), "is no type"));
    assert_non_null(strstr(ct_type(t, "{\"a b\": \"int\"}", "1"), "is no name"));
    assert_non_null(strstr(ct_type(t, "[1]", "1"), "the environment must be an object"));
    assert_non_null(strstr(ct_type(t, "{", "1"), "the environment: "));
}

static void the_language_beyond_the_suite(void **state)
{
    static const pair p[] = {
        {"// a comment\n 1 // and one more", "1"}, {"[1, 2, 3,]", "[1,2,3]"}, {"{'a': 1,}", "{\"a\":1}"},
            {"!!true", "true"},
        {"true && 'a' == 'a' && 1 < 2 || false", "true"}, {"1 + 2 * 3 - 4 / 2", "5"}, {"10 - 3 - 2", "5"},
            {"-2 * -3", "6"},
        {"[1, 2, 3].filter(x, x > 1).map(x, x * x)", "[4,9]"}, {"[1, 2, 3].map(x, x > 1, x * 10)", "[20,30]"},
        {"[[1, 2], [3]].map(l, l.map(x, x + size(l)))", "[[3,4],[4]]"}, {"{'a': 1, 'b': 2}.map(k, k)", "[\"a\",\"b\"]"},
        {"[3, 1, 2].sort()", "[1,2,3]"}, {"['bb', 'a'].sortBy(s, size(s))", "[\"a\",\"bb\"]"},
            {"[1, [2, [3]]].flatten()", "[1,2,[3]]"},
        {"[1, [2, [3]]].flatten(2)", "[1,2,3]"}, {"[1, 1.0, 2, 'a', 'a'].distinct()", "[1,2,\"a\"]"},
            {"lists.range(3)", "[0,1,2]"},
        {"[1, 2, 3, 4].slice(1, 3)", "[2,3]"}, {"[1, 2].reverse()", "[2,1]"}, {"[7, 8].first().value()", "7"},
            {"[].last().hasValue()", "false"},
        {"sets.contains([1, 2, 3], [2, 1])", "true"}, {"sets.equivalent([1, 1, 2], [2, 1])", "true"},
            {"sets.intersects([1], [2])", "false"},
        {"{'a': {'b': 5}}.a.b", "5"}, {"{'k': 1}.transformMapEntry(k, v, {k + 'x': v})", "{\"kx\":1}"},
        {"cel.bind(x, 2, cel.bind(y, x * x, x + y))", "6"}, {"optional.unwrap([optional.of(1), optional.none()])",
            "[1]"},
        {"'%5'.size()", "2"}, {"'%.2f and %s'.format([1.005, [1, 'a']])", "\"1.00 and [1, a]\""},
            {"'%e'.format([0.0])", "\"0.000000e+00\""},
        {"'%.0f'.format([0.5]) + '%.0f'.format([0.6])", "\"01\""}, {"'%.3e'.format([9.9996])", "\"1.000e+01\""},
        {"'%x %o %b'.format([-255, 8, 5])", "\"-ff 10 101\""}, {"'a,b,,c'.split(',')", "[\"a\",\"b\",\"\",\"c\"]"},
        {"'abc'.split('')", "[\"a\",\"b\",\"c\"]"}, {"'abc'.replace('', '-')", "\"-a-b-c-\""},
            {"'aaa'.replace('a', 'b', 2)", "\"bba\""},
        {"'\xe5\xae\xa2\xe6\x88\xb7'.charAt(1)", "\"\xe6\x88\xb7\""},
            {"timestamp('2026-03-01T12:30:00+08:00').getHours()", "4"},
        {"timestamp('2026-03-01T12:30:00Z').month()", "3"}, {"timestamp('2026-03-01T12:30:00Z').weekday('+08:00')",
            "7"},
        {"timestamp('2026-03-01T00:00:00Z').day() + timestamp('2026-03-01T00:00:00Z').year()", "2027"},
        {"duration('1h30m') == duration('90m')", "true"}, {"string(duration('-1.5s'))", "\"-1.5s\""},
            {"duration('1d') == duration('24h') || true", "true"},
        {"timestamp('2026-03-01T00:00:00.25Z')", "\"2026-03-01T00:00:00.25Z\""}, {"b'ab'", "\"YWI=\""}, {"1u", "1"},
            {"18446744073709551615u", "18446744073709551615"},
        {"0.0 / 0.0", "\"NaN\""}, {"-0.0", "-0"}, {"math.sqrt(81.0)", "9"}, {"math.round(-2.5)", "-3"},
            {"math.ceil(-0.5)", "-0"},
        {"math.floor(-0.5)", "-1"}, {"math.trunc(1e300)", "1e+300"}, {"[1, 2, 3].exists_one(x, x == 2)", "true"},
            {"'a' in {'a': 1}", "true"},
        {"{1: 'a'}[dyn(1.0)]", "\"a\""}, {"[1,2,3][dyn(2u)]", "3"}, {"true || 1 / 0 > 1", "true"},
            {"1 / 0 > 1 && false", "false"}, {"type(1) == int", "true"},
        {"[[1], [1]].distinct().size()", "1"}, {"base64.encode(b'\\xff\\xfe')", "\"//4=\""},
            {"bytes('\\u00ff')", "\"w78=\""}};
    EACH(*state, p);
}

static void errors_of_an_evaluation_have_a_place(void **state)
{
    static const struct { const char *cel, *why; } bad[] = {
        {"1 +\n 1 / 0", "line 2, column 4: divide by zero"}, {"[1][5]", "column 4: index out of range"},
            {"{'a': 1}.b", "no such key: b"},
        {"9223372036854775807 + 1", "int overflows"}, {"0u - 1u", "uint overflows"}, {"int('x')", "\"x\" is no int"},
        {"timestamp('2026')", "is no timestamp; write it like"},
            {"timestamp('2026-01-01T00:00:00Z').getHours('Mars/Base')", "unknown zone \"Mars/Base\""},
        {"[1, 2].map(x, 1 / (x - 2))", "divide by zero"}, {"dyn('a') < 1", "< does not take (string, int)"},
            {"optional.none().value()", "has none"},
        {"{1: 2, 1: 3}", "stands twice"}, {"'a'.matches('(' + ')(')", "regular expression"},
            {"math.least([])", "at least one"},
        {"'%q'.format([1])", "formatting clause"}, {"base64.decode('?')", "base64"},
            {"[1,2].slice(1, 5)", "outside a list of 2"}};
    ct *t = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *got = ct_one(t, bad[i].cel);
        if (strncmp(got, "POLICY: ", 8) != 0 || !strstr(got, bad[i].why)) print_error("%s: %s\n", bad[i].cel, got);
        assert_non_null(strstr(got, bad[i].why));
        assert_true(strncmp(got, "POLICY: ", 8) == 0);
    }
}

/* ---------------------------------------------------------------- limits */

static void nothing_can_hang_or_eat_the_memory(void **state)
{
    static const char *const bomb[] = {
        "lists.range(1000000000)", "lists.range(1000000).map(x, lists.range(1000000))",
            "lists.range(3000).map(x, lists.range(3000).map(y, x * y)).size() > 0",
        "cel.bind(a, 'xxxxxxxxxxxxxxxx', cel.bind(b, a.replace('x', a), cel.bind(c, b.replace('x', b), c.replace('x', b + b + b))))",
        "'%s'.format([lists.range(500000)])", "lists.range(100000).distinct()",
            "sets.equivalent(lists.range(50000), lists.range(50000).reverse())",
        "cel.bind(a, lists.range(900), cel.bind(b, a.map(x, a), cel.bind(c, b.map(x, b), c == c.map(x, x))))"};
    for (size_t i = 0; i < sizeof bomb / sizeof *bomb; i++) {
        const char *got = ct_one(*state, bomb[i]);
        if (strncmp(got, "LIMIT", 5) != 0) print_error("%s: %s\n", bomb[i], got);
        assert_non_null(strstr(got, "budget is used up"));
    }
    /* no absorbing that */
    assert_true(strncmp(ct_one(*state, "lists.range(1000000000).size() > 0 || true"), "LIMIT", 5) == 0);
    kam_rule_options o = {.struct_size = sizeof o, .budget = 100};
    assert_true(strncmp(ct_eval_with(*state, NULL, &o, "lists.range(100).size()", "{}"), "LIMIT", 5) == 0);
    assert_string_equal(ct_eval_with(*state, NULL, &o, "1 + 1", "{}"), "2");
}

static void deep_sources_are_refused(void **state)
{
    char text[60000];
    static const char *const open[] = {"(", "[", "-!", "{1:", "a(", "1?", "[[0].map(x,", "a[", "!-", "1-("};
    for (size_t k = 0; k < sizeof open / sizeof *open; k++) {
        size_t n = strlen(open[k]), at = 0;
        while (at + n < sizeof text - 1) {
            memcpy(text + at, open[k], n);
            at += n;
        }
        text[at] = '\0';
        const char *got = ct_type(*state, NULL, text);
        assert_true(strncmp(got, "LIMIT", 5) == 0 || strncmp(got, "PARSE", 5) == 0);
    }
    for (size_t i = 0; i < 20000; i++) memcpy(text + 2 * i, i ? "+1" : " 1", 3);
    assert_true(strncmp(ct_type(*state, NULL, text), "LIMIT", 5) == 0);
    for (size_t i = 0; i < 10000; i++) memcpy(text + 5 * i, i ? "&&1<2" : "  1<2", 6);
    assert_string_equal(ct_type(*state, NULL, text), "bool");
    for (size_t i = 0; i < 14000; i++) memcpy(text + 4 * i, i ? ",{} " : " {} ", 5);      /* many type variables: still quick */
    text[0] = '[';
    text[55999] = ']';
    assert_string_equal(ct_type(*state, NULL, text), "list(map(dyn, dyn))");
    memset(text, '.', 50000);
    memcpy(text, "a", 1);
    text[50000] = '\0';
    assert_true(strncmp(ct_type(*state, "{\"a\":\"dyn\"}", text), "PARSE", 5) == 0);
}

static uint64_t cost_of(ct *t, const char *env, const char *cel)
{
    kam_rule *rule = NULL;
    assert_int_equal(kam_rule_compile(&rule, t->ctx, env, NULL, cel, KAM_NUL, t->err), KAM_OK);
    uint64_t cost = kam_rule_cost(rule);
    kam_rule_free(rule);
    return cost;
}

static void the_cost_is_bounded_when_compiling(void **state)
{
    const char *env = "{\"x\":\"int\",\"l\":\"list(int)\",\"s\":\"string\"}";
    assert_in_range(cost_of(*state, env, "x > 1 ? 2 : 3"), 5, 100);
    assert_in_range(cost_of(*state, env, "l.all(v, v > x)"), 5000, 100000);
    assert_in_range(cost_of(*state, env, "l.map(v, l.filter(w, w > v).size())"), 10000000, 1000000000);
    assert_true(cost_of(*state, env, "s.contains('a')") > 60000);
    assert_true(cost_of(*state, env, "lists.range(x)") > 1000);
}

/* ---------------------------------------------------------------- the host's side */

static void attributes_are_pushed_and_results_read(void **state)
{
    ct *t = *state;
    kam_rule *rule = NULL;
    size_t len;
    const char *env = "{\"r\":\"double\",\"m\":\"decimal(2)\",\"day\":\"timestamp\",\"ok\":\"bool\",\"s\":\"string\"}";
    assert_int_equal(kam_rule_compile(&rule, t->ctx, env, NULL,
                                      "ok && s == 'a' ? r + double(m) : double(day.month())", KAM_NUL, t->err), KAM_OK);
    assert_string_equal(kam_rule_type(rule), "double");
    assert_int_equal(kam_rule_var(rule, "day"), 2);
    assert_int_equal(kam_rule_var(rule, "x"), -1);
    assert_string_equal(kam_rule_reads(rule, 0), "ok");
    assert_null(kam_rule_reads(rule, 5));
    assert_int_equal(kam_work_set_i64(t->work, 0, 2, t->err), KAM_OK);
    assert_int_equal(kam_work_set_i64(t->work, 1, 150, t->err), KAM_OK);
    assert_int_equal(kam_work_set_text(t->work, 2, "2026-03-01", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_work_set_i64(t->work, 3, 1, t->err), KAM_OK);
    assert_int_equal(kam_work_set_text(t->work, 4, "abc", 1, t->err), KAM_OK);
    assert_int_equal(kam_rule_run(rule, t->work, t->err), KAM_OK);
    assert_true(kam_work_f64(t->work, -1) == 3.5);
    assert_int_equal(kam_work_i64(t->work, -7), -7);
    assert_null(kam_work_text(t->work, NULL, &len));
    assert_int_equal(kam_work_set_i64(t->work, 3, 0, t->err), KAM_OK);
    assert_int_equal(kam_rule_run(rule, t->work, t->err), KAM_OK);
    assert_true(kam_work_f64(t->work, -1) == 3);
    assert_int_equal(kam_work_set_i64(t->work, 3, 2, t->err), KAM_OK);
    assert_int_equal(kam_rule_run(rule, t->work, t->err), KAM_E_TYPE);
    assert_int_equal(kam_work_json(t->buf, t->work, t->err), KAM_E_NOT_FOUND);
    kam_work_clear(t->work);
    assert_int_equal(kam_rule_run(rule, t->work, t->err), KAM_E_POLICY);
    assert_int_equal(kam_work_set_text(t->work, 4, "\xff", 1, t->err), KAM_E_UTF8);
    assert_int_equal(kam_work_set_i64(t->work, 70000, 1, t->err), KAM_E_INVAL);
    assert_int_equal(kam_work_set_i64(NULL, 0, 1, t->err), KAM_E_INVAL);
    kam_rule_free(rule);
}

static int32_t shout(void *user, kam_call *call)
{
    size_t n;
    const char *s = kam_call_text(call, 0, &n);
    char text[32];
    *(int *)user += 1;
    if (!s || n > 20) { kam_call_fail(call, "too long to shout"); return KAM_OK; }
    memcpy(text, s, n);
    for (int64_t i = 0; i < kam_call_i64(call, 1, 1) && n < sizeof text; i++) text[n++] = '!';
    kam_call_return_text(call, text, n);
    return KAM_OK;
}

static int32_t half(void *user, kam_call *call)
{
    (void)user;
    assert_int_equal(kam_call_count(call), 1);
    kam_call_return_f64(call, kam_call_f64(call, 0, 0) / 2);
    return KAM_OK;
}

static int32_t cents(void *user, kam_call *call)
{
    (void)user;
    kam_call_return_i64(call, 1999);
    return KAM_OK;
}

static int32_t stop(void *user, kam_call *call)
{
    (void)user;
    (void)call;
    return KAM_E_CANCELLED;
}

static int32_t digits(void *user, kam_call *call)
{
    (void)user;
    kam_call_return_i64(call, kam_call_i64(call, 0, -1));
    return KAM_OK;
}

static void functions_of_the_host(void **state)
{
    ct *t = *state;
    int calls = 0;
    kam_rule_function f[] = {
        {sizeof *f, KAM_RULE_MEMBER, "shout(string) -> string", shout, &calls},
            {sizeof *f, KAM_RULE_MEMBER, "shout(string, int) -> string", shout, &calls},
        {sizeof *f, 0, "half(double) -> double", half, NULL}, {sizeof *f, 0, "acme.price() -> decimal(2)", cents,
            NULL}, {sizeof *f, 0, "stop() -> bool", stop, NULL},
        {sizeof *f, 0, "wrong() -> bool", cents, NULL}, {sizeof *f, 0, "pick(list(param(T)), int) -> param(T)", half,
            NULL}};
    kam_rule_options o = {.struct_size = sizeof o, .function = f, .nfunction = 7, .container = "acme.sales"};
    assert_string_equal(ct_eval_with(t, NULL, &o, "'a'.shout() + 'b'.shout(2)", "{}"), "\"a!b!!\"");
    assert_int_equal(calls, 2);
    assert_string_equal(ct_eval_with(t, NULL, &o, "half(3.0)", "{}"), "1.5");
    assert_string_equal(ct_eval_with(t, NULL, &o, "price() * 2", "{}"), "39.98");
    assert_string_equal(ct_eval_with(t, NULL, &o, "acme.price()", "{}"), "19.99");
    assert_non_null(strstr(ct_eval_with(t, NULL, &o, "'123456789012345678901'.shout()", "{}"), "too long to shout"));
    assert_string_equal(ct_eval_with(t, NULL, &o, "'123456789012345678901'.shout() == '' || true", "{}"), "true");
    assert_non_null(strstr(ct_eval_with(t, NULL, &o, "stop() || true", "{}"), "CANCELLED"));
    assert_non_null(strstr(ct_eval_with(t, NULL, &o, "wrong()", "{}"), "where bool is declared"));
    assert_non_null(strstr(ct_eval_with(t, NULL, &o, "half('a')", "{}"),
                           "TYPE: line 1, column 1: half does not take (string)"));
    f[5] = (kam_rule_function){sizeof *f, 0, "digits(decimal(2), int) -> int", digits, NULL};
    assert_string_equal(ct_eval_with(t, NULL, &o, "[digits(decimal('1.5'), 0), digits(decimal('2.500'), 0), digits(price(), 1)]",
                                     "{}"), "[150,250,1999]");
    assert_non_null(strstr(ct_eval_with(t, NULL, &o, "digits(decimal('1.505'), 0)", "{}"), "does not fit 2 decimals"));
    f[0].signature = "shout string";
    assert_non_null(strstr(ct_eval_with(t, NULL, &o, "1", "{}"), "is no signature"));
    f[0].signature = "shout(string) -> strin";
    assert_non_null(strstr(ct_eval_with(t, NULL, &o, "1", "{}"), "is no signature"));
}

static void json_becomes_the_declared_types(void **state)
{
    ct *t = *state;
    assert_string_equal(ct_eval(t, "{\"x\":\"dyn\"}",
                                "[type(x.a) == int, type(x.b) == double, x.c == null, x.d[1] == 'z']",
                                "{\"x\": {\"a\": 1, \"b\": 1.0, \"c\": null, \"d\": [1, \"z\"]}}"),
                                    "[true,true,true,true]");
    assert_string_equal(ct_eval(t, "{\"m\":\"map(int, string)\"}", "m[7]", "{\"m\": {\"7\": \"x\"}}"), "\"x\"");
    assert_string_equal(ct_eval(t, "{\"u\":\"uint\"}", "u", "{\"u\": 18446744073709551615}"), "18446744073709551615");
    assert_string_equal(ct_eval(t, "{\"d\":\"duration\",\"t\":\"timestamp\"}", "t + d",
                                "{\"d\": \"36h\", \"t\": \"2026-02-28\"}"), "\"2026-03-01T12:00:00Z\"");
    assert_non_null(strstr(ct_eval(t, "{\"x\":\"int\"}", "x", "{\"x\": 1.5}"), "TYPE: "));
    assert_non_null(strstr(ct_eval(t, "{\"x\":\"list(int)\"}", "x", "{\"x\": [1, \"a\"]}"), "TYPE: "));
    assert_non_null(strstr(ct_eval(t, "{\"x\":\"string\"}", "x", "{\"x\": [1]}"), "TYPE: "));
    assert_non_null(strstr(ct_eval(t, "{\"x\":\"int\"}", "x", "[1]"), "PARSE: "));
    assert_string_equal(ct_eval(t, "{\"x\":\"string\"}", "x.size()", "{\"x\": \"a\\u0000b\"}"), "3");
}

static void wrong_arguments_are_told(void **state)
{
    ct *t = *state;
    kam_rule *rule = NULL;
    kam_rule_options o = {.struct_size = sizeof o, .flags = 1u << 16};
    assert_int_equal(kam_rule_compile(NULL, t->ctx, NULL, NULL, "1", KAM_NUL, t->err), KAM_E_INVAL);
    assert_int_equal(kam_rule_compile(&rule, t->ctx, NULL, NULL, NULL, 0, t->err), KAM_E_INVAL);
    assert_int_equal(kam_rule_compile(&rule, t->ctx, NULL, &o, "1", KAM_NUL, t->err), KAM_E_INVAL);
    o.flags = 0;
    o.container = "a..b";
    assert_int_equal(kam_rule_compile(&rule, t->ctx, NULL, &o, "1", KAM_NUL, t->err), KAM_E_INVAL);
    assert_null(rule);
    assert_int_equal(kam_rule_compile(&rule, NULL, NULL, NULL, "1", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_rule_run(NULL, t->work, t->err), KAM_E_INVAL);
    assert_int_equal(kam_rule_run(rule, NULL, t->err), KAM_E_INVAL);
    assert_int_equal(kam_rule_eval_json(NULL, rule, t->work, NULL, 0, t->err), KAM_E_INVAL);
    assert_int_equal(kam_work_new(NULL, t->ctx, t->err), KAM_E_INVAL);
    kam_rule_free(rule);
    kam_rule_free(NULL);
    kam_work_free(NULL);
    kam_work_clear(NULL);
    assert_string_equal(kam_rule_type(NULL), "");
    assert_int_equal(kam_work_i64(NULL, 5), 5);
}

/* ---------------------------------------------------------------- records */

static void a_record_is_a_row_of_attributes(void **state)
{
    ct *t = *state;
    kam_book *book = NULL;
    kam_record *r = NULL;
    kam_rule *rule = NULL;
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    const char *env = "{\"name\":\"string\",\"credit_limit\":\"decimal\",\"owner\":\"optional(int)\",\"tier\":\"optional(string)\"}";
    assert_int_equal(kam_book_open(&book, t->ctx, NULL, &o, t->err), KAM_OK);
    assert_int_equal(kam_record_new(&r, book, KAM_KIND_ACCOUNT, t->err), KAM_OK);
    assert_int_equal(kam_record_set_text(r, KAM_ACCOUNT_NAME, "Acme", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_record_set_text(r, KAM_ACCOUNT_CREDIT_LIMIT, "50000.00", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_rule_compile(&rule, t->ctx, env, NULL,
                                      "name == 'Acme' && credit_limit >= 50000.00 && !owner.hasValue() ? tier.orValue('none') : 'x'",
                                      KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_rule_eval(t->buf, rule, t->work, r, t->err), KAM_OK);
    assert_string_equal(kam_buf_data(t->buf), "\"none\"");
    assert_int_equal(kam_rule_eval(t->buf, rule, t->work, NULL, t->err), KAM_E_INVAL);
    kam_rule_free(rule);
    kam_record_free(r);
    kam_book_close(book);
}

/* Texts up to 16 bytes have ways of their own, by their length: in, and along a chain of equalities. */
static void texts_of_any_length(void **state)
{
    ct *t = *state;
    kam_rule *rule = NULL;
    static const char all[] = "abcdefghijklmnopqrstuvwxyz";
    char text[32], cel[2000] = "", want[40];
    size_t n = 0, len = 0;
    for (size_t k = 0; k < 20; k++)
        n += (size_t)snprintf(cel + n, sizeof cel - n, "s == '%.*s' ? %d : ", (int)k, all, (int)k);
    snprintf(cel + n, sizeof cel - n, "-1");
    assert_int_equal(kam_rule_compile(&rule, t->ctx, "{\"s\": \"string\"}", NULL, cel, KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_work_set_text(t->work, 0, "warm", KAM_NUL, t->err), KAM_OK);
    for (size_t k = 0; k < 20; k++) {
        assert_int_equal(kam_work_set_text(t->work, 0, all, k, t->err), KAM_OK);
        assert_int_equal(kam_rule_run(rule, t->work, t->err), KAM_OK);
        assert_int_equal(kam_work_i64(t->work, -2), k);
        for (size_t at = 0; at < k; at++) {
            for (int bad = 0; bad < 4; bad++) {         /* refused, and the text before stays */
                memcpy(text, all, sizeof all);
                text[at] = "\x00\x80\xff\x7f"[bad];
                int32_t rc = kam_work_set_text(t->work, 0, text, k, t->err);
                assert_int_equal(rc, bad == 3 ? KAM_OK : KAM_E_UTF8);
                assert_int_equal(kam_rule_run(rule, t->work, t->err), KAM_OK);
                assert_int_equal(kam_work_i64(t->work, -2), bad == 3 ? -1 : (int64_t)k);
                if (bad == 3) assert_int_equal(kam_work_set_text(t->work, 0, all, k, t->err), KAM_OK);
            }
        }
        snprintf(want, sizeof want, "%.*s", (int)k, all);
        kam_rule *same = NULL;
        assert_int_equal(kam_rule_compile(&same, t->ctx, "{\"s\": \"string\"}", NULL, "s", KAM_NUL, t->err), KAM_OK);
        assert_int_equal(kam_rule_run(same, t->work, t->err), KAM_OK);
        assert_string_equal(kam_work_text(t->work, "?", &len), want);
        assert_int_equal(len, k);
        kam_rule_free(same);
    }
    kam_rule_free(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_any_length),
        cmocka_unit_test(numbers_of_different_types_go_together), cmocka_unit_test(decimals_are_exact),
        cmocka_unit_test(a_missing_attribute_is_an_error_or_an_optional),
            cmocka_unit_test(unknown_names_are_told_with_a_suggestion),
        cmocka_unit_test(what_is_no_expression_is_refused_with_its_place),
            cmocka_unit_test(the_language_beyond_the_suite),
        cmocka_unit_test(errors_of_an_evaluation_have_a_place), cmocka_unit_test(nothing_can_hang_or_eat_the_memory),
        cmocka_unit_test(deep_sources_are_refused), cmocka_unit_test(the_cost_is_bounded_when_compiling),
        cmocka_unit_test(attributes_are_pushed_and_results_read), cmocka_unit_test(functions_of_the_host),
        cmocka_unit_test(json_becomes_the_declared_types), cmocka_unit_test(wrong_arguments_are_told),
        cmocka_unit_test(a_record_is_a_row_of_attributes)};
    return cmocka_run_group_tests(tests, ct_setup, ct_teardown);
}
