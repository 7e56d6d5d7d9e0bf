/* kam_rule_each: every expression of a document, where it stands, what it gives and costs. */
#include "cel_test.h"
#include <stdio.h>
#include <string.h>

#define TITLE "\"title\": {\"en\": \"t\", \"zh\": \"t\"},"
#define CARD "{\"name\": \"c\", " TITLE " \"attributes\": {\"spend\": \"decimal(2)\", \"n\": \"int\"}, " \
    "\"factors\": [{\"id\": \"s\", " TITLE " \"expr\": \"spend * 2\", \"bands\": [{\"points\": 1}]}, " \
    "{\"id\": \"plain\", " TITLE " \"attribute\": \"n\", \"bands\": [{\"points\": 1}]}, " \
    "{\"id\": \"b\", " TITLE " \"expr\": \"n > 3\", \"flag\": {\"true\": 1, \"false\": 0}}], " \
    "\"warnings\": [{\"id\": \"w\", \"expr\": \"n == 0\", \"text\": {\"en\": \"w\", \"zh\": \"w\"}}]}"
#define SEGMENT "{\"name\": \"s\", \"optional\": [\"region\"], " \
    "\"condition\": \"employees > 5 && region.orValue('') == 'N'\"}"
#define SCHEME(extra) "{\"name\": \"g\", " TITLE " \"kind\": \"ordinal\", " \
    "\"grades\": [{\"grade\": \"A\", \"en\": \"a\", \"zh\": \"a\"}], " \
    "\"rest\": null, \"rule\": {\"first_match\": [{\"grade\": \"A\", \"when\": \"recency_days < 90\"}, " \
    "{\"grade\": \"A\", \"when\": \"recency_days < 60\"}]}" extra "}"
#define CADENCE "{\"name\": \"k\", \"scheme\": \"s\", \"grades\": {\"A\": [" \
    "{\"id\": \"v\", \"channel\": \"VISIT\", \"every\": {\"months\": 1}, \"when\": \"recency_days < 90\"}, " \
    "{\"id\": \"p\", \"channel\": \"CALL\", \"every\": {\"months\": 1}}]}, " \
    "\"default\": [{\"id\": \"d\", \"channel\": \"CALL\", \"every\": {\"months\": 2}, \"when\": \"employees > 5\"}], " \
    "\"priority\": [\"employees > 100\"]}"

typedef struct told { char text[400]; size_t size; int32_t stop; uint64_t cost; } told;

static int32_t note(void *user, const char *place, const kam_rule *rule)
{
    told *t = user;
    const char *reads = kam_rule_reads(rule, 0);
    int n = snprintf(t->text + t->size, sizeof t->text - t->size, "%s: %s of %s\n", place, kam_rule_type(rule),
                     reads ? reads : "nothing");
    assert_in_range(t->size += (size_t)n, 1, sizeof t->text - 1);
    assert_in_range(t->cost = kam_rule_cost(rule), 1, UINT64_MAX - 1);
    return t->stop;
}

static void tells(ct *t, uint32_t kind, const char *json, const char *want)
{
    told seen = {.size = 0};
    int32_t rc = kam_rule_each(t->ctx, kind, json, KAM_NUL, note, &seen, t->err);
    if (rc != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    if (strcmp(seen.text, want) != 0) fail_msg("%s\nwanted\n%s", seen.text, want);
}

static void documents_tell_their_expressions(void **state)
{
    ct *t = *state;
    tells(t, KAM_POLICY_SCORECARD, CARD, "factor s: decimal(2) of spend\nfactor b: bool of n\nwarning w: bool of n\n");
    tells(t, KAM_POLICY_SEGMENT, SEGMENT, "condition: bool of employees\n");
    tells(t, KAM_POLICY_SCHEME, SCHEME(""), "rule.first_match[0].when: bool of recency_days\n"
                                            "rule.first_match[1].when: bool of recency_days\n");
    tells(t, KAM_POLICY_CADENCE, CADENCE, "priority[0]: bool of employees\ndefault[0].when: bool of employees\n"
                                          "grades.A[0].when: bool of recency_days\n");
}

static void its_cost_is_that_of_the_bare_expression(void **state)
{
    ct *t = *state;
    told seen = {.size = 0};
    kam_rule *rule = NULL;
    static const char json[] = "{\"name\": \"s\", \"condition\": \"employees > 5\"}";
    static const char env[] = "{\"employees\": \"int\"}";
    assert_int_equal(kam_rule_each(NULL, KAM_POLICY_SEGMENT, json, KAM_NUL, note, &seen, t->err), KAM_OK);
    assert_int_equal(kam_rule_compile(&rule, t->ctx, env, NULL, "employees > 5", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(seen.cost, kam_rule_cost(rule));
    kam_rule_free(rule);
}

static void refuses(ct *t, uint32_t kind, const char *json, int32_t code, const char *part)
{
    told seen = {.size = 0};
    int32_t rc = kam_rule_each(t->ctx, kind, json, KAM_NUL, note, &seen, t->err);
    if (rc != code || !strstr(kam_error_message(t->err), part))
        fail_msg("%s: %s; wanted \"%s\"", kam_code_name(rc), kam_error_message(t->err), part);
    assert_int_equal(seen.size, 0);
}

static void what_is_wrong_is_told(void **state)
{
    ct *t = *state;
    told seen = {.stop = 7};
    refuses(t, KAM_POLICY_DTABLE, "{}", KAM_E_INVAL,
            "have no expressions: give a scheme, a scorecard, a segment or a cadence");
    refuses(t, KAM_POLICY_SEGMENT, "[1]", KAM_E_PARSE, "a document with expressions is a JSON object");
    refuses(t, KAM_POLICY_SEGMENT, "{\"name\": \"s\", \"condition\": \"employee > 5\"}", KAM_E_PARSE, "did you mean");
    refuses(t, KAM_POLICY_SCHEME, SCHEME(", \"x\": 1"), KAM_E_PARSE, "\"x\"");
    refuses(t, KAM_POLICY_CADENCE, "{\"name\": \"k\"}", KAM_E_POLICY, "scheme");
    refuses(t, KAM_POLICY_SCORECARD, "{", KAM_E_PARSE, "line 1");
    refuses(t, KAM_POLICY_SCORECARD, NULL, KAM_E_INVAL, "json");
    assert_int_equal(kam_rule_each(t->ctx, KAM_POLICY_SCORECARD, CARD, KAM_NUL, NULL, NULL, t->err), KAM_E_INVAL);
    assert_int_equal(kam_rule_each(t->ctx, KAM_POLICY_SCORECARD, CARD, KAM_NUL, note, &seen, t->err), 7);
    assert_string_equal(seen.text, "factor s: decimal(2) of spend\n");
}

typedef struct document { uint32_t kind; const char *json; } document;

static int32_t listed(void *user, kam_fault_alloc *alloc)
{
    const document *d = user;
    told seen = {.size = 0};
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = kam_fault_alloc_allocator(alloc)};
    kam_ctx *ctx = NULL;
    int32_t rc = kam_ctx_new(&ctx, &o, NULL);
    if (rc == KAM_OK) rc = kam_rule_each(ctx, d->kind, d->json, KAM_NUL, note, &seen, NULL);
    kam_ctx_free(ctx);
    return rc;
}

static void report(void *user, uint64_t at, int32_t code, const char *why)
{
    const document *d = user;
    print_error("kind %u, fault %llu: %s %s\n", d->kind, (unsigned long long)at, kam_code_name(code), why);
}

static void no_memory_leaks_nothing(void **state)
{
    static const document d[] = {{KAM_POLICY_SCORECARD, CARD}, {KAM_POLICY_SEGMENT, SEGMENT},
                                 {KAM_POLICY_SCHEME, SCHEME("")}, {KAM_POLICY_CADENCE, CADENCE}};
    (void)state;
    for (size_t i = 0; i < sizeof d / sizeof *d; i++)
        assert_int_equal(kam_fault_sweep_alloc(listed, (void *)(uintptr_t)&d[i], report, (void *)(uintptr_t)&d[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_tell_their_expressions), cmocka_unit_test(its_cost_is_that_of_the_bare_expression),
        cmocka_unit_test(what_is_wrong_is_told), cmocka_unit_test(no_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, ct_setup, ct_teardown);
}
