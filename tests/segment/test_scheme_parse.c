/* Scheme documents: what is read, and that each wrong one is refused with its place and what would be right. */
#include "segment_test.h"

#define MATCH(when) \
    S_ORDINAL "\"window\": \"all\", \"rule\": {\"first_match\": [{\"grade\": \"A\", \"when\": [" when "]}]}, " \
              "\"rest\": \"C\"}"

static void reads_a_whole_document(void **state)
{
    st *t = *state;
    assert_code(st_read(t, S_ORDINAL "\"source\": \"ours\", \"words\": {\"up\": {\"en\": \"risen\", \"zh\": \"上升\"}},"
                             "\"population\": [{\"field\": \"tier\", \"is\": \"KEY\"}], \"window\": {\"months\": 12},"
                             "\"measure\": [\"likelihood\", \"revenue\"], \"currency\": \"base\","
                             "\"rule\": {\"quota\": [\"0.20\", 0.4, \"0.40\"]}, \"rest\": null}"), KAM_OK);
    const kam__scheme *s = &t->scheme;
    assert_string_equal(s->name, "t");
    assert_string_equal(s->title.zh, "测试");
    assert_string_equal(s->up.en, "risen");
    assert_string_equal(s->down.en, "downgraded");
    assert_int_equal(s->ngrade, 3);
    assert_string_equal(s->grade[1], "B");
    assert_int_equal(s->window, KAM__WINDOW_MONTHS);
    assert_int_equal(s->span, 12);
    assert_int_equal(s->npopulation, 2);            /* not INVALID, tier KEY */
    assert_int_equal(s->nmeasure, 2);
    assert_string_equal(s->attr[s->measure[0]].name, "likelihood");
    assert_int_equal(s->share[1], 400000);
    assert_int_equal(s->rest, KAM__NOT_APPLICABLE);
    assert_int_equal(kam__scheme_needs(s), KAM__FROM_LEDGER | KAM__FROM_WINDOW);
}

static void windows_end_with_the_day(void **state)
{
    st *t = *state;
    int32_t from, to;
    t->scheme.window = KAM__WINDOW_MONTHS;
    t->scheme.span = 12;
    kam__scheme_window(&t->scheme, kam__day(2026, 2, 28), &from, &to);
    assert_int_equal(to, kam__day(2026, 3, 1));
    assert_int_equal(from, kam__day(2025, 3, 1));
    t->scheme.window = KAM__WINDOW_DAYS;
    t->scheme.span = 1;
    kam__scheme_window(&t->scheme, 100, &from, &to);
    assert_int_equal(from, 100);
    assert_int_equal(to, 101);
    t->scheme.window = KAM__WINDOW_ALL;
    kam__scheme_window(&t->scheme, 100, &from, &to);
    assert_int_equal(from, KAM_DAY_FIRST);
}

static void unknown_words_are_refused_with_a_suggestion(void **state)
{
    st *t = *state;
    st_refused(t, "{" S_TITLE "\"kind\": \"ordinal\", \"grade\": []}", KAM_E_PARSE, "did you mean \"grades\"?");
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_LINE), 1);
    assert_true(kam_error_detail(t->err, KAM_ERR_COLUMN) > 60);
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"qouta\": []}, \"rest\": \"C\"}", KAM_E_PARSE,
               "did you mean \"quota\"?");
    st_refused(t,
               S_ORDINAL "\"window\": \"all\", \"measure\": \"revenu\", \"rule\": {\"quota\": [1]}, \"rest\": \"C\"}",
               KAM_E_POLICY, "did you mean \"revenue\"?");
    st_refused(t, MATCH("{\"field\": \"tier\", \"equals\": \"KEY\"}"), KAM_E_PARSE, "unknown member \"equals\"");
    st_refused(t, MATCH("{\"field\": \"tier\", \"is\": \"KEYS\"}"), KAM_E_POLICY, "write ORDINARY, LARGE, KEY");
    st_refused(t, MATCH("{\"field\": \"rev\", \"is\": 1}"), KAM_E_POLICY, "no field of account");
}

static void forms_are_checked(void **state)
{
    st *t = *state;
    st_refused(t, "[]", KAM_E_PARSE, "a scheme must be an object");
    st_refused(t, "{\"name\": 5}", KAM_E_PARSE, "\"name\" must be a string");
    st_refused(t, "{\"name\": \"x\", \"title\": {\"en\": \"x\"}}", KAM_E_PARSE, "\"zh\" is missing");
    st_refused(t, "{" S_TITLE "\"kind\": \"sorted\"}", KAM_E_PARSE, "\"ordinal\" or \"nominal\"");
    st_refused(t, "{" S_TITLE "\"kind\": \"ordinal\", \"grades\": [" S_G("A") "," S_G("A") "]}", KAM_E_POLICY,
               "stands there twice");
    st_refused(t, S_ORDINAL "\"rest\": \"C\"}", KAM_E_PARSE, "\"rule\" is missing");
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"quota\": [\"0.2\",\"0.4\",\"0.4\"]}}", KAM_E_PARSE,
               "\"rest\" is missing");
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"quota\": [\"0.2\",\"0.4\",\"0.4\"]}, \"rest\": \"D\"}",
               KAM_E_POLICY, "none of the grades");
    st_refused(t, S_ORDINAL "\"window\": {\"weeks\": 2}, \"rest\": \"C\"}", KAM_E_PARSE, "unknown member \"weeks\"");
    st_refused(t, S_ORDINAL "\"window\": {\"days\": 0}, \"rest\": \"C\"}", KAM_E_POLICY, "1 to 1200 months");
    st_refused(t, S_ORDINAL "\"window\": {\"days\": 1.5}, \"rest\": \"C\"}", KAM_E_POLICY, "1 to 1200 months");
    st_refused(t, S_ORDINAL "\"currency\": \"USD\", \"rest\": \"C\"}", KAM_E_POLICY, "converted by rates");
    st_refused(t, MATCH("{\"field\": \"tier\", \"is\": \"KEY\", \"in\": [\"KEY\"]}"), KAM_E_PARSE, "exactly one of");
    st_refused(t, MATCH("{\"field\": \"tier\"}"), KAM_E_PARSE, "exactly one of");
    st_refused(t, MATCH("{\"field\": \"tier\", \"in\": []}"), KAM_E_PARSE, "\"in\" must be an array");
    st_refused(t, MATCH("{\"field\": \"tier\", \"is\": {}}"), KAM_E_PARSE, "one text, number");
    st_refused(t, MATCH("{\"field\": \"tier\", \"missing\": 1}"), KAM_E_PARSE, "true or false");
}

static void figures_need_a_window(void **state)
{
    st *t = *state;
    st_refused(t,
               S_ORDINAL "\"measure\": \"revenue\", \"rule\": {\"quota\": [\"0.2\",\"0.4\",\"0.4\"]}, \"rest\": \"C\"}",
               KAM_E_POLICY, "\"window\" is missing");
    assert_code(
        st_read(t, S_ORDINAL
                "\"measure\": \"potential\", \"rule\": {\"quota\": [\"0.2\",\"0.4\",\"0.4\"]}, \"rest\": \"C\"}"),
        KAM_OK);
}

static void quotas_and_cuts_are_checked(void **state)
{
    st *t = *state;
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"quota\": [\"0.2\",\"0.4\",\"0.5\"]}, \"rest\": \"C\"}",
               KAM_E_POLICY, "add up to 1.1, not to 1");
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"quota\": [\"0.2\",\"0.8\"]}, \"rest\": \"C\"}", KAM_E_POLICY,
               "3 grades but 2 quotas");
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"quota\": [\"0.2\",\"x\",\"0.4\"]}, \"rest\": \"C\"}", KAM_E_POLICY,
               "a number from 0 to 1");
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"quota\": [0.3333333,0.4,0.4]}, \"rest\": \"C\"}", KAM_E_POLICY,
               "at most 6 decimals");
    st_refused(t,
               S_ORDINAL S_REVENUE "\"rule\": {\"share\": [\"0.8\",\"0.7\"], \"crossing\": \"in\"}, \"rest\": \"C\"}",
               KAM_E_POLICY, "rise");
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"share\": [\"0.8\",\"0.95\"]}, \"rest\": \"C\"}", KAM_E_PARSE,
               "\"crossing\" says");
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"thresholds\": [\"10\"]}, \"rest\": \"C\"}", KAM_E_POLICY,
               "2 thresholds between them, not 1");
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"thresholds\": [\"10\",\"20\"]}, \"rest\": \"C\"}", KAM_E_POLICY,
               "thresholds go down");
    st_refused(t, S_ORDINAL S_REVENUE "\"rule\": {\"thresholds\": [\"ten\",\"2\"]}, \"rest\": \"C\"}", KAM_E_POLICY,
               "\"ten\" is no amount");
    st_refused(t, S_ORDINAL "\"rule\": {\"quota\": [\"0.2\",\"0.4\",\"0.4\"]}, \"rest\": \"C\"}", KAM_E_POLICY,
               "\"measure\" is missing");
    st_refused(t, S_ORDINAL "\"measure\": \"city\", \"rule\": {\"quota\": [\"0.2\",\"0.4\",\"0.4\"]}, \"rest\": \"C\"}",
               KAM_E_POLICY, "cannot be the measure");
}

static void nominal_schemes_have_no_order(void **state)
{
    st *t = *state;
    st_refused(t, S_NOMINAL S_REVENUE "\"rule\": {\"quota\": [\"0.2\",\"0.4\",\"0.4\"]}, \"rest\": \"C\"}",
               KAM_E_POLICY, "use first_match");
    st_refused(t,
               S_NOMINAL S_REVENUE "\"rule\": {\"share\": [\"0.8\",\"0.95\"], \"crossing\": \"in\"}, \"rest\": \"C\"}",
               KAM_E_POLICY, "use first_match");
    st_refused(t, S_NOMINAL S_REVENUE "\"rule\": {\"thresholds\": [\"2\",\"1\"]}, \"rest\": \"C\"}", KAM_E_POLICY,
               "use first_match");
    st_refused(t, S_NOMINAL "\"words\": {\"up\": {\"en\": \"u\", \"zh\": \"上\"}}, \"rest\": \"C\"}", KAM_E_POLICY,
               "no words for up and down");
    st_refused(t, S_ORDINAL "\"include_invalid\": true, \"rest\": \"C\"}", KAM_E_POLICY, "only a nominal scheme");
}

static void values_fit_their_fields(void **state)
{
    st *t = *state;
    assert_code(
        st_read(t,
                MATCH("{\"field\": \"loyalty\", \"ge\": 7.5}, {\"field\": \"city\", \"in\": [\"Berlin\", \"北京\"]}, "
                      "{\"field\": \"class:region\", \"is\": \"north\"}, {\"field\": \"x_stars\", \"ge\": 3}, "
                      "{\"field\": \"customer_since\", \"lt\": \"2020-01-01\"}, {\"field\": \"lead_source\", \"is\": "
                      "\"referral\"}")),
        KAM_OK);
    assert_string_equal(t->scheme.attr[3].key, "region");
    assert_int_equal(t->scheme.attr[4].source, KAM__ATTR_CUSTOM);
    st_refused(t, MATCH("{\"field\": \"city\", \"ge\": \"Berlin\"}"), KAM_E_POLICY, "cannot be compared by size");
    st_refused(t, MATCH("{\"field\": \"size\", \"ge\": \"LARGE\"}"), KAM_E_POLICY, "cannot be compared by size");
    st_refused(t, MATCH("{\"field\": \"city\", \"is\": 5}"), KAM_E_POLICY, "write one in quotes");
    st_refused(t, MATCH("{\"field\": \"loyalty\", \"ge\": \"7.12345\"}"), KAM_E_POLICY, "at most 4 decimals");
    st_refused(t, MATCH("{\"field\": \"customer_since\", \"lt\": \"soon\"}"), KAM_E_POLICY, "a day");
    st_refused(t, MATCH("{\"field\": \"orders\", \"lt\": true}"), KAM_E_POLICY, "no value of orders");
}

static void a_custom_field_must_be_there_when_bound(void **state)
{
    st *t = *state;
    kam__schema *schema = NULL;
    assert_code(st_read(t, MATCH("{\"field\": \"x_stars\", \"ge\": 3}")), KAM_OK);
    assert_code(kam__schema_new(&schema, t->ctx, NULL, t->err), KAM_OK);
    assert_code(kam__scheme_bind(&t->bound, &t->arena, &t->scheme, schema, 2, t->err), KAM_E_POLICY);
    assert_says(t->err, "x_stars");
    kam__schema_drop(schema);
}

static void money_gets_the_decimals_of_the_book(void **state)
{
    st *t = *state;
    kam__schema *schema = NULL;
    assert_code(kam__schema_new(&schema, t->ctx, NULL, t->err), KAM_OK);
    assert_code(st_read(t, S_ORDINAL S_REVENUE "\"rule\": {\"thresholds\": [\"1000.50\", 20]}, \"rest\": \"C\"}"),
                KAM_OK);
    assert_code(kam__scheme_bind(&t->bound, &t->arena, &t->scheme, schema, 2, t->err), KAM_OK);
    assert_int_equal(t->bound.threshold[0], 100050);
    assert_int_equal(t->bound.threshold[1], 2000);
    assert_code(kam__scheme_bind(&t->bound, &t->arena, &t->scheme, schema, 0, t->err), KAM_E_POLICY);
    assert_says(t->err, "at most 0 decimals");
    kam__schema_drop(schema);
}

static int32_t read_once(kam_ctx *ctx, fault *f, kam_error *err)
{
    kam__arena a;
    const kam__json *body = NULL;
    (void)f;
    kam__arena_init(&a, ctx, 64);
    const char *json =
        MATCH("{\"field\": \"city\", \"in\": [\"Berlin\", \"Bonn\"]}, {\"field\": \"revenue\", \"ge\": 1}");
    int32_t rc = kam__json_parse(&body, &a, json, strlen(json), 0, err);
    if (rc == KAM_OK) rc = kam__scheme_check(ctx, body, err);
    kam__arena_free(&a);
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    assert_true(fault_sweep(read_once) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        st_test(reads_a_whole_document),
        st_test(windows_end_with_the_day),
        st_test(unknown_words_are_refused_with_a_suggestion),
        st_test(forms_are_checked),
        st_test(figures_need_a_window),
        st_test(quotas_and_cuts_are_checked),
        st_test(nominal_schemes_have_no_order),
        st_test(values_fit_their_fields),
        st_test(a_custom_field_must_be_there_when_bound),
        st_test(money_gets_the_decimals_of_the_book),
        cmocka_unit_test(survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
