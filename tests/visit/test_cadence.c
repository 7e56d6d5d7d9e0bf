/* Tests of src/visit/cadence.c: the built-in document is R123's table, the reader is strict, what counts for whom. */
#include "help.h"

static void built_in_is_the_table(void **state) {
    static const struct { const char *grade; int32_t months, weeks; uint32_t attendees; int32_t premises; } table[] = {
        {"A", 2, 1, 2, KAM_PREMISES_THEIRS}, {"B", 3, 1, 0, 0}, {"C", 4, 2, 0, 0},
    };
    vt *t = *state;
    kam__cadence c;
    vt_cadence(t, &c, vt_standard());
    assert_string_equal(c.name, "standard");
    assert_string_equal(c.scheme, "quota-20-40-40");
    assert_int_equal(c.nset, 4);
    assert_int_equal(c.max_rules, 2);
    assert_int_equal(c.set[0].nrule, 0);
    assert_true(c.asks_attendee);
    for (size_t i = 0; i < KAM__LEN(table); i++) {
        const kam__cadence_rule *visit = vt_rule(&c, table[i].grade, "visit"),
                                *call = vt_rule(&c, table[i].grade, "call");
        assert_int_equal(visit->channel, KAM_CHANNEL_VISIT);
        assert_int_equal(visit->unit, KAM__EVERY_MONTHS);
        assert_int_equal(visit->every, table[i].months);
        assert_int_equal(visit->direction, KAM_DIRECTION_OUTBOUND);
        assert_int_equal(visit->nattendee, table[i].attendees);
        assert_int_equal(visit->premises, table[i].premises);
        assert_int_equal(call->channel, KAM_CHANNEL_CALL);
        assert_int_equal(call->unit, KAM__EVERY_ISO_WEEKS);
        assert_int_equal(call->every, table[i].weeks);
    }
    assert_code(kam__cadence_check(t->ctx, vt_json(t, vt_standard()), t->err), KAM_OK);
}

static void unknown_grades_get_the_default(void **state) {
    vt *t = *state;
    kam__cadence c;
    vt_cadence(
        t, &c,
        "{\"name\":\"n\",\"scheme\":\"s\",\"default\":[{\"id\":\"mail\",\"channel\":\"email\",\"every\":{\"days\":90},"
        "\"first_due_days\":14}],\"grades\":{\"A\":[],\"大\":[]}}");
    assert_int_equal(kam__cadence_set_of(&c, "A", 1), 1);
    assert_int_equal(kam__cadence_set_of(&c, "大", strlen("大")), 2);
    assert_int_equal(kam__cadence_set_of(&c, "AA", 2), 0);
    assert_int_equal(kam__cadence_set_of(&c, "", 0), 0);
    const kam__cadence_rule *r = vt_rule(&c, "", "mail");
    assert_int_equal(r->channel, KAM_CHANNEL_EMAIL);
    assert_int_equal(r->every, 90);
    assert_int_equal(r->unit, KAM__EVERY_DAYS);
    assert_int_equal(r->first_due_days, 14);
}

#define RULE(body) "{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[{" body "}]}}"
#define C_GAP(body) "\"id\":\"v\",\"channel\":\"VISIT\",\"gap\":{" body "}"
#define OK_RULE "\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"months\":2}"

static void mistakes_are_named_with_their_place(void **state) {
    static const struct { const char *json; int32_t code; const char *says;
    } bad[] = {
        {"[]", KAM_E_TYPE, "object"},
        {"{\"scheme\":\"s\",\"grades\":{}}", KAM_E_POLICY, "\"name\" is missing"},
        {"{\"name\":\"n\",\"grades\":{}}", KAM_E_POLICY, "\"scheme\" is missing"},
        {"{\"name\":\"\",\"scheme\":\"s\",\"grades\":{}}", KAM_E_POLICY, "empty"},
        {"{\"name\":\"n\",\"scheme\":\"s\"}", KAM_E_POLICY, "\"grades\""},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":[]}", KAM_E_POLICY, "\"grades\""},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{},\"grade\":1}", KAM_E_PARSE, "did you mean \"grades\""},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"\":[]}}", KAM_E_POLICY, "has a name"},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":{}}}", KAM_E_POLICY, "list of rules"},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[1]}}", KAM_E_POLICY, "rule"},
        {"{\"name\":\"n\",\"title\":\"x\",\"scheme\":\"s\",\"grades\":{}}", KAM_E_POLICY, "title"},
        {"{\"name\":\"n\",\"title\":{\"de\":\"x\"},\"scheme\":\"s\",\"grades\":{}}", KAM_E_PARSE, "\"de\""},
        {"{\"name\":\"n\",\"title\":{\"en\":1},\"scheme\":\"s\",\"grades\":{}}", KAM_E_TYPE, "\"en\""},
        {RULE("\"channel\":\"VISIT\",\"every\":{\"months\":2}"), KAM_E_POLICY, "without \"id\""},
        {RULE("\"id\":\"followup\",\"channel\":\"CALL\",\"every\":{\"days\":2}"), KAM_E_POLICY, "followup"},
        {RULE("\"id\":\"0123456789012345678901234567890123456789x\",\"channel\":\"CALL\",\"every\":{\"days\":2}"),
         KAM_E_POLICY, "40 bytes"},
        {RULE(OK_RULE "},{" OK_RULE), KAM_E_POLICY, "two rules"},
        {RULE("\"id\":\"v\",\"every\":{\"months\":2}"), KAM_E_POLICY, "\"channel\" is missing"},
        {RULE("\"id\":\"v\",\"channel\":\"VISITS\",\"every\":{\"months\":2}"), KAM_E_POLICY, "VISIT, CALL"},
        {RULE("\"id\":\"v\",\"channel\":\"VISIT\""), KAM_E_POLICY, "\"every\" is missing"},
        {RULE("\"id\":\"v\",\"channel\":\"VISIT\",\"every\":2"), KAM_E_POLICY, "\"every\""},
        {RULE("\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{}"), KAM_E_POLICY, "one member"},
        {RULE("\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"months\":2,\"days\":1}"), KAM_E_POLICY, "one member"},
        {RULE("\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"weeks\":2}"), KAM_E_PARSE, "\"weeks\""},
        {RULE("\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"months\":0}"), KAM_E_POLICY, "1..120"},
        {RULE("\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"months\":1.5}"), KAM_E_LIMIT, "whole number"},
        {RULE(OK_RULE ",\"count\":99"), KAM_E_POLICY, "\"count\""},
        {RULE(OK_RULE ",\"substitute\":2"), KAM_E_POLICY, "\"substitute\" is a weight"},
        {RULE(OK_RULE ",\"first_due_days\":-1"), KAM_E_POLICY, "first_due_days"},
        {RULE(OK_RULE ",\"qualifies\":[]"), KAM_E_POLICY, "qualifies"},
        {RULE(OK_RULE ",\"qualifies\":{\"attendees\":[]}"), KAM_E_PARSE, "did you mean \"attendee\""},
        {RULE(OK_RULE ",\"qualifies\":{\"attendee\":[]}"), KAM_E_POLICY, "no role"},
        {RULE(OK_RULE ",\"qualifies\":{\"attendee\":\"CHAIRMAN\"}"), KAM_E_POLICY, "list of roles"},
        {RULE(OK_RULE ",\"qualifies\":{\"direction\":\"IN\"}"), KAM_E_POLICY, "OUTBOUND"},
        {RULE(OK_RULE ",\"qualifies\":{\"premises\":\"HOME\"}"), KAM_E_POLICY, "THEIRS"},
        {RULE(OK_RULE ",\"qualifies\":{\"attendee\":[\n\"\"]}"), KAM_E_POLICY, "has a role without a name: leave it out (line 2, column 1)"},
        {RULE(OK_RULE ",\"gap\":{\"max\":30}"), KAM_E_POLICY, "\"every\" and the \"max\" of \"gap\" say the same: leave one out"},
        {RULE(C_GAP("\"max\":30,\"unit\":\n\"weeks\"")), KAM_E_POLICY,
         "\"unit\" of a gap is \"weeks\": days or working_days is expected (line 2, column 1)"},
        {RULE(OK_RULE ",\"gap\":\n{\"target\":20}"), KAM_E_POLICY, "needs \"max\": by then it is due (line 2, column 1)"},
        {RULE(C_GAP("\"min\":20,\"target\":10,\"max\":30")), KAM_E_POLICY, "a gap needs min <= target <= max"},
        {RULE(OK_RULE ",\"weekdays\":[\"MON\",\n\"TUES\"]"), KAM_E_POLICY,
         "\"weekdays\" names \"TUES\": MON TUE WED THU FRI SAT or SUN is expected (line 2, column 1)"},
        {RULE(OK_RULE ",\"weekdays\":[]"), KAM_E_POLICY, "\"weekdays\" names no day: leave it out if any will do"},
        {RULE(OK_RULE ",\"seasons\":[\n{\"from\":\"06-01\",\"every\":1}]"), KAM_E_POLICY,
         "\"to\" is missing: a season has \"from\" and \"to\" (\"06-01\") and \"every\" (line 2, column 1)"},
        {RULE(OK_RULE ",\"seasons\":[{\"from\":\n\"06-32\",\"to\":\"08-31\",\"every\":1}]"), KAM_E_POLICY,
         "\"from\" must be a day of the year such as \"06-01\" (line 2, column 1)"},
        {RULE(OK_RULE ",\"seasons\":[{\"from\":\"06-01\",\"to\":\"08-31\"}]"), KAM_E_POLICY, "\"every\" is missing: how often in the season"},
        {RULE("\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"days\":3},\"count\":4"), KAM_E_POLICY,
         "\"count\" 4 is more than one contact a day: the period has 3 days"},
        {RULE(OK_RULE ",\"must\":\"yes\""), KAM_E_TYPE, "\"must\""},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[]},\"weights\":[]}", KAM_E_POLICY, "\"weights\" must be an object such as {\"A\": 3"},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[]},\"weights\":{\"B\":2}}", KAM_E_POLICY,
         "\"weights\" names the grade \"B\", which has no rules in \"grades\""},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[]},\"weights\":{\"A\":\n0}}", KAM_E_POLICY,
         "the weight of a grade is above 0 and at most 1000 (line 2, column 1)"},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[]},\"substitute\":1.5}", KAM_E_POLICY, "\"substitute\" is a weight"},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[]},\"substitute_most\":2}", KAM_E_POLICY,
         "\"substitute_most\" must be an object such as {\"A\": 0"},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[]},\"substitute_most\":{\"A\":101}}", KAM_E_POLICY, "\"A\" must lie in 0..100"},
        {"{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[]},\"substitute_most\":{\"D\":1}}", KAM_E_POLICY,
         "\"substitute_most\" names the grade \"D\""},
        {RULE(OK_RULE ",\"substitute\":0.5,\"substitute_channel\":\"VISIT\""), KAM_E_POLICY,
         "\"substitute_channel\" is the rule's own channel: name another"},
    };
    vt *t = *state;
    for (size_t i = 0; i < KAM__LEN(bad); i++) {
        assert_code(kam__cadence_check(t->ctx, vt_json(t, bad[i].json), t->err), bad[i].code);
        if (!strstr(kam_error_message(t->err), bad[i].says))
            fail_msg("\"%s\" does not say \"%s\"", kam_error_message(t->err), bad[i].says);
    }
    assert_code(
        kam__cadence_check(t->ctx, vt_json(t, "{\"name\":\"n\",\"scheme\":\"s\",\n \"grades\":{\"A\":7}}"), t->err),
        KAM_E_POLICY);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_LINE), 2);
    assert_true(kam_error_detail(t->err, KAM_ERR_COLUMN) > 1);
    assert_code(kam__cadence_check(t->ctx, vt_json(t, RULE(OK_RULE ",\"count\":1,\"substitute\":0")), t->err), KAM_OK);
}

/* The document's weight is for visits of all grades but the first; a rule's own goes before it, a grade's cap above all. */
static void who_may_be_replaced(void **state) {
    vt *t = *state;
    kam__cadence c;
    vt_cadence(t, &c, "{\"name\":\"n\",\"scheme\":\"s\",\"substitute\":0.5,\"substitute_most\":{\"C\":2,\"D\":0},\"grades\":{"
        "\"A\":[{\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"days\":9}},{\"id\":\"own\",\"channel\":\"VISIT\",\"every\":{\"days\":9},\"substitute\":0.2}],"
        "\"B\":[{\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"days\":9}},{\"id\":\"none\",\"channel\":\"VISIT\",\"every\":{\"days\":9},\"substitute\":0},"
        "{\"id\":\"ring\",\"channel\":\"CALL\",\"every\":{\"days\":9}}],"
        "\"C\":[{\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"days\":9},\"substitute_most\":5},{\"id\":\"one\",\"channel\":\"VISIT\",\"every\":{\"days\":9}}],"
        "\"D\":[{\"id\":\"v\",\"channel\":\"VISIT\",\"every\":{\"days\":9}}]}}");
    assert_int_equal(vt_rule(&c, "A", "v")->substitute, 0);
    assert_int_equal(vt_rule(&c, "A", "own")->substitute, 2000);
    assert_int_equal(vt_rule(&c, "B", "v")->substitute, 5000);
    assert_int_equal(vt_rule(&c, "B", "v")->substitute_most, 1);
    assert_int_equal(vt_rule(&c, "B", "none")->substitute, 0);
    assert_int_equal(vt_rule(&c, "B", "ring")->substitute, 0);
    assert_int_equal(vt_rule(&c, "C", "v")->substitute_most, 2);
    assert_int_equal(vt_rule(&c, "C", "one")->substitute_most, 1);
    assert_int_equal(vt_rule(&c, "D", "v")->substitute_most, 0);        /* due_replace asks as often as that: never */
    assert_true(c.substitutes);
}

static kam__role roles[2];
static kam__held visit(int32_t direction, int32_t premises, const char *role) {
    kam__held h = {KAM_CHANNEL_VISIT, direction, premises, roles, 0};
    if (role) roles[h.nrole++] = (kam__role){role, strlen(role)};
    return h;
}

static int counts(const kam__cadence_rule *r, kam__held h) { return kam__cadence_qualifies(r, &h); }

static void what_counts_for_whom(void **state) {
    vt *t = *state;
    kam__cadence c;
    vt_cadence(t, &c, vt_standard());
    const kam__cadence_rule *a = vt_rule(&c, "A", "visit"), *b = vt_rule(&c, "B", "visit"),
                            *call = vt_rule(&c, "A", "call");
    enum {
        OUT = KAM_DIRECTION_OUTBOUND,
        IN = KAM_DIRECTION_INBOUND,
        THEIRS = KAM_PREMISES_THEIRS,
        OURS = KAM_PREMISES_OURS
    };
    assert_true(counts(a, visit(OUT, THEIRS, "CHAIRMAN")));
    assert_true(counts(a, visit(0, THEIRS, "GENERAL_MANAGER")));             /* a visit without direction is outbound */
    assert_false(counts(a, visit(IN, THEIRS, "CHAIRMAN")));
    assert_false(counts(a, visit(OUT, OURS, "CHAIRMAN")));
    assert_false(counts(a, visit(OUT, 0, "CHAIRMAN")));                      /* not said to be at their premises */
    assert_false(counts(a, visit(OUT, THEIRS, "BUYER")));
    assert_false(counts(a, visit(OUT, THEIRS, "CHAIRMAN OF SOMETHING")));
    assert_false(counts(a, visit(OUT, THEIRS, NULL)));
    kam__held both = visit(OUT, THEIRS, "BUYER");
    roles[both.nrole++] = (kam__role){"CHAIRMAN", 8};
    assert_true(counts(a, both));
    assert_true(counts(b, visit(OUT, OURS, NULL)));
    assert_true(counts(b, visit(0, 0, NULL)));
    assert_false(counts(b, visit(IN, 0, "CHAIRMAN")));
    kam__held other = visit(OUT, THEIRS, "CHAIRMAN");
    for (int32_t channel = KAM_CHANNEL_VISIT; channel <= KAM_CHANNEL_ONLINE; channel++) {
        other.channel = channel;
        assert_int_equal(kam__cadence_qualifies(call, &other), channel == KAM_CHANNEL_CALL);
        assert_int_equal(kam__cadence_qualifies(a, &other), channel == KAM_CHANNEL_VISIT);
    }
}

static void inbound_counts_only_where_asked_for(void **state) {
    vt *t = *state;
    kam__cadence c;
    vt_cadence(t, &c, RULE(OK_RULE "},{\"id\":\"in\",\"channel\":\"VISIT\",\"every\":{\"months\":2},"
                           "\"qualifies\":{\"direction\":\"INBOUND\",\"attendee\":[\"chairman\",\"President\"]}"));
    assert_false(counts(vt_rule(&c, "A", "v"), visit(KAM_DIRECTION_INBOUND, 0, NULL)));
    assert_true(
        counts(vt_rule(&c, "A", "in"), visit(KAM_DIRECTION_INBOUND, 0, "CHAIRMAN"))); /* known role: in capitals */
    assert_true(counts(vt_rule(&c, "A", "in"), visit(KAM_DIRECTION_INBOUND, 0, "President"))); /* a host's own role */
    assert_false(counts(vt_rule(&c, "A", "in"), visit(0, 0, "CHAIRMAN")));
}

static int32_t check_scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    kam__arena arena;
    const kam__json *v = NULL;
    const char *text = vt_standard();
    int64_t left = f->left;
    kam__arena_init(&arena, ctx, 0);
    f->left = -1;
    assert_code(kam__json_parse(&v, &arena, text, strlen(text), 0, err), KAM_OK);
    f->left = left;
    int32_t rc = kam__cadence_check(ctx, v, err);
    kam__arena_free(&arena);
    return rc;
}

static void no_memory(void **state) {
    (void)state;
    assert_true(fault_sweep(check_scenario) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(built_in_is_the_table, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(unknown_grades_get_the_default, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(mistakes_are_named_with_their_place, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(who_may_be_replaced, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(what_counts_for_whom, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(inbound_counts_only_where_asked_for, vt_setup, vt_teardown),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
