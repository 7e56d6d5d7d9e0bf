/* The scorecard document: what is refused, where, and what the message says to do. */
#include "card_test.h"
#include "store/store.h"

static void a_whole_document_is_read(void **state)
{
    ct *t = *state;
    assert_code(ct_read(t,
        "{\"name\": \"n\", \"title\": {\"en\": \"N\", \"zh\": \"名\"}, \"source\": \"s\", \"baseline\": \"-2.5\","
        " \"groups\": [{\"id\": \"g\", \"title\": {\"en\": \"G\", \"zh\": \"组\"}}],"
        " \"factors\": ["
        "{\"id\": \"a\", \"attribute\": \"revenue_12m\", \"group\": \"g\", \"weight\": \"0.3333\","
        " \"bands\": [{\"below\": 10, \"points\": \"0.5\"}, {\"from\": 10, \"points\": 1, \"code\": \"A2\","
        " \"text\": {\"en\": \"much\", \"zh\": \"多\"}}], \"missing\": {\"points\": -1, \"code\": \"NONE\"}},"
        "{\"id\": \"b\", \"attribute\": \"grade\", \"map\": {\"A\": 3}, \"otherwise\": 1},"
        "{\"id\": \"c\", \"attribute\": \"x_mine\", " C_TITLE ", \"flag\": {\"true\": 1, \"false\": 0}}],"
        " \"warnings\": [{\"id\": \"w\", \"attribute\": \"region\", \"one_of\": [\"N\", \"S\"], \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]}"),
        KAM_OK);
    const kam__card *c = &t->card;
    assert_string_equal(c->name, "n");
    assert_int_equal(c->baseline, -25000);
    assert_int_equal(c->nfactor, 3);
    assert_int_equal(c->nattr, 4);
    assert_string_equal(c->factor[0].title.zh, "近12个月收入");
    assert_int_equal(c->factor[0].weight, 3333);
    assert_int_equal(c->factor[0].cases[0].out.contribution, 1666);            /* 0.16665: half to even */
    assert_string_equal(c->factor[0].cases[0].out.code, "BAND");
    assert_string_equal(c->factor[0].cases[1].out.code, "A2");
    assert_string_equal(c->factor[0].cases[1].out.text.en, "much");
    assert_int_equal(c->factor[0].missing.contribution, -3333);
    assert_string_equal(c->factor[0].missing.code, "NONE");
    assert_string_equal(c->factor[1].missing.code, "MISSING");
    assert_int_equal(c->factor[1].missing.points, 0);
    assert_string_equal(c->factor[1].otherwise.code, "OTHERWISE");
    assert_null(c->attr[2].field);
    assert_int_equal(c->warning[0].n, 2);
}

static void wrong_forms_are_parse_errors(void **state)
{
    ct *t = *state;
    static const struct { const char *json, *says; } wrong[] = {
        {"[]", "a scorecard must be an object"},
        {"{\"title\": 1}", "\"name\" is missing"},
        {"{\"name\": \"t\"}", "\"title\" is missing"},
        {"{\"name\": \"t\", \"title\": {\"en\": \"t\"}}", "\"zh\" is missing"},
        {C_HEAD "\"factor\": []}", "did you mean \"factors\""},
        {C_HEAD "\"factors\": []}", "\"factors\" must be an array with something in it"},
        {C_CARD("1"), "a factor must be an object"},
        {C_CARD("{\"attribute\": \"name\"}"), "\"id\" is missing"},
        {C_CARD("{\"id\": \"a\", " C_ANY "}"), "\"attribute\" is missing"},
        {C_CARD(C_FACTOR("a", "employees", "\"weight\": 1")), "exactly one of \"bands\", \"map\" and \"flag\""},
        {C_CARD(C_FACTOR("a", "employees", C_ANY ", \"map\": {\"1\": 1}")), "exactly one of"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"from\": 1}]")), "\"points\" is missing"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"points\": []}]")), "\"points\" must be a number"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"to\": 4, \"points\": 1}]")), "unknown member \"to\""},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": 3")), "\"bands\" must be an array"},
        {C_CARD(C_FACTOR("a", "grade", "\"map\": []")), "\"map\" must be an object"},
        {C_CARD(C_FACTOR("a", "grade", "\"map\": {\"A\": []}")), "what it scores"},
        {C_CARD(C_FACTOR("a", "decider_known", "\"flag\": {\"true\": 1}")), "\"false\" is missing"},
        {C_CARD(C_FACTOR("a", "decider_known", "\"flag\": {\"yes\": 1}")), "unknown member \"yes\""},
        {C_CARD(C_FACTOR("a", "employees", C_ANY ", \"weight\": true")), "\"weight\" must be a number"},
        {C_CARD(C_FACTOR("a", "x_own", C_ANY)), "\"title\" is missing"},
        {C_HEAD "\"factors\": [" C_FACTOR("a", "employees", C_ANY) "], \"warnings\": [{\"id\": \"w\", \"attribute\": \"name\","
                " \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]}", "exactly one of at_least, below, is, one_of, missing"},
        {C_HEAD "\"factors\": [" C_FACTOR("a", "employees", C_ANY) "], \"warnings\": [{\"id\": \"w\", \"attribute\": \"name\","
                " \"is\": \"x\"}]}", "\"text\" is missing"},
        {C_HEAD "\"factors\": [" C_FACTOR("a", "employees", C_ANY) "], \"warnings\": [{\"id\": \"w\", \"attribute\": \"name\","
                " \"one_of\": \"x\", \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]}", "\"one_of\" must be an array"},
        {C_HEAD "\"factors\": [" C_FACTOR("a", "employees", C_ANY) "], \"warnings\": [{\"id\": \"w\", \"attribute\": \"name\","
                " \"missing\": false, \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]}", "\"missing\" is true"},
    };
    for (size_t i = 0; i < KAM__LEN(wrong); i++) ct_refused(t, wrong[i].json, KAM_E_PARSE, wrong[i].says);
}

static void cards_that_are_wrong_in_themselves_are_policy_errors(void **state)
{
    ct *t = *state;
    static const struct { const char *json, *says; } wrong[] = {
        {C_CARD(C_FACTOR("a", "revenue_12", C_ANY)), "did you mean \"revenue_12m\""},
        {C_CARD(C_FACTOR("a", "own", C_ANY)), "a book's own fields begin with x_"},
        {C_CARD(C_FACTOR("a,b", "employees", C_ANY)), "letters, digits"},
        {C_CARD(C_FACTOR("baseline", "employees", C_ANY)), "our own word"},
        {C_CARD(C_FACTOR("a", "employees", C_ANY) "," C_FACTOR("a", "region", C_ANY)), "factor \"a\" stands there twice"},
        {C_CARD(C_FACTOR("a", "employees", C_ANY ", \"group\": \"g\"")), "none of the card's \"groups\""},
        {C_CARD(C_FACTOR("a", "employees", C_ANY ", \"weight\": \"0.00001\"")), "at most 4 decimals"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"points\": \"x\"}]")), "write a number with at most 4 decimals"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"from\": 1, \"points\": 1}, {\"from\": 2, \"points\": 1}]")),
            "\"below\" is missing"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"below\": 1, \"points\": 1}, {\"below\": 2, \"points\": 1}]")),
            "\"from\" is missing"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"from\": 2, \"below\": 2, \"points\": 1}]")), "an empty band"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"below\": 5, \"points\": 1}, {\"from\": 4, \"points\": 1}]")),
            "do not overlap"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"below\": 5, \"points\": 1}, {\"from\": 6, \"points\": 1}]")),
            "close the gap"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"from\": 6, \"points\": 1}]")), "close the gap"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"below\": 6, \"points\": 1}]")), "close the gap"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"below\": \"5.5\", \"points\": 1}], \"otherwise\": 0")),
            "\"5.5\" is no value of employees"},
        {C_CARD(C_FACTOR("a", "revenue_12m", "\"bands\": [{\"below\": \"x\", \"points\": 1}], \"otherwise\": 0")), "no value of revenue_12m"},
        {C_CARD(C_FACTOR("a", "customer_since", "\"bands\": [{\"below\": \"2026\", \"points\": 1}], \"otherwise\": 0")), "needs one like"},
        {C_CARD(C_FACTOR("a", "region", C_ANY)), "cannot be compared by size"},
        {C_CARD(C_FACTOR("a", "size", "\"map\": {\"LARGE\": 1}")), "say what they score by \"otherwise\""},
        {C_CARD(C_FACTOR("a", "grade", "\"map\": {\"A\": 1}")), "say what they score by \"otherwise\""},
        {C_CARD(C_FACTOR("a", "size", "\"map\": {\"HUGE\": 1}, \"otherwise\": 0")), "write LARGE"},
        {C_CARD(C_FACTOR("a", "size", "\"map\": {\"LARGE\": 1, \"large\": 2}, \"otherwise\": 0")), "is the same value as"},
        {C_CARD(C_FACTOR("a", "size", "\"map\": {\"\": 1}, \"otherwise\": 0")), "an empty text is no value"},
        {C_CARD(C_FACTOR("a", "decider_known", "\"map\": {\"true\": 1}, \"otherwise\": 0")), "use \"flag\""},
        {C_CARD(C_FACTOR("a", "size", "\"flag\": {\"true\": 1, \"false\": 0}")), "is not true or false"},
        {C_CARD(C_FACTOR("a", "decider_known", "\"flag\": {\"true\": 1, \"false\": 0}, \"otherwise\": 1")), "take \"otherwise\" out"},
        {C_CARD(C_FACTOR("a", "employees", "\"weight\": 10000, \"bands\": [{\"points\": \"900000000000000\"}]")), "do not fit 64 bits"},
        {C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"points\": \"-500000000000000\"}]") ","
                C_FACTOR("b", "employees", "\"bands\": [{\"points\": \"500000000000000\"}]")), "with factor \"b\" the score could not fit"},
        {C_HEAD "\"factors\": [" C_FACTOR("a", "employees", C_ANY) "], \"warnings\": [{\"id\": \"w\", \"attribute\": \"region\","
                " \"at_least\": 4, \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]}", "cannot be compared by size"},
        {C_HEAD "\"factors\": [" C_FACTOR("a", "employees", C_ANY) "], \"warnings\": [{\"id\": \"w\", \"attribute\": \"decider_known\","
                " \"is\": 4, \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]}", "decider_known is true or false"},
    };
    for (size_t i = 0; i < KAM__LEN(wrong); i++) ct_refused(t, wrong[i].json, KAM_E_POLICY, wrong[i].says);
}

static void places_are_told(void **state)
{
    ct *t = *state;
    assert_code(ct_read(t, "{\"name\": \"t\",\n " C_TITLE ",\n \"factors\": [{\"id\": \"a\",\n  \"attribute\": \"regoin\"}]}"), KAM_E_POLICY);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_LINE), 4);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_COLUMN), 16);
    assert_says(t->err, "\"regoin\" is no attribute of an account; did you mean \"region\"? (line 4, column 16)");
}

static void limits_hold(void **state)
{
    ct *t = *state;
    char *json = malloc(200000);
    size_t at = (size_t)sprintf(json, C_HEAD "\"factors\": [");
    for (int i = 0; i < 65; i++) at += (size_t)sprintf(json + at, "%s{\"id\": \"f%d\"}", i ? "," : "", i);
    sprintf(json + at, "]}");
    ct_refused(t, json, KAM_E_POLICY, "at most 64 are allowed");
    at = (size_t)sprintf(json, C_HEAD "\"factors\": [{\"id\": \"a\", \"attribute\": \"region\", \"otherwise\": 0, \"map\": {");
    for (int i = 0; i < 257; i++) at += (size_t)sprintf(json + at, "%s\"v%d\": 1", i ? "," : "", i);
    sprintf(json + at, "}}]}");
    ct_refused(t, json, KAM_E_POLICY, "at most 256 bands or values");
    free(json);
}

static void custom_fields_are_settled_by_the_schema(void **state)
{
    ct *t = *state;
    ct_unbound(t, C_CARD(C_FACTOR("a", "x_nobody", C_TITLE ", " C_ANY)), KAM_E_POLICY, "needs the custom field x_nobody of account");
    ct_unbound(t, C_CARD(C_FACTOR("a", "x_judged", C_TITLE ", " C_ANY)), KAM_E_TYPE, "x_judged cannot be compared by size");
    ct_unbound(t, C_CARD(C_FACTOR("a", "x_float", C_TITLE ", \"map\": {\"1\": 1}, \"otherwise\": 0")), KAM_E_TYPE, "floating-point");
    ct_unbound(t, C_CARD(C_FACTOR("a", "x_points", C_TITLE ", \"flag\": {\"true\": 1, \"false\": 0}")), KAM_E_TYPE, "is not true or false");
    ct_unbound(t, C_CARD(C_FACTOR("a", "x_points", C_TITLE ", \"bands\": [{\"below\": \"0.001\", \"points\": 1}], \"otherwise\": 0")),
               KAM_E_POLICY, "at most 2 decimals");
    ct_unbound(t, C_CARD(C_FACTOR("a", "x_judged", C_TITLE ", \"map\": {\"GOOD\": 1}")), KAM_E_POLICY, "\"otherwise\"");
    ct_unbound(t, C_CARD(C_FACTOR("a", "revenue_12m", "\"bands\": [{\"below\": \"0.001\", \"points\": 1}], \"otherwise\": 0")),
               KAM_E_POLICY, "at most 2 decimals");
    ct_bind(t, C_CARD(C_FACTOR("a", "x_judged", C_TITLE ", \"map\": {\"GOOD\": 1, \"BAD\": 0}")));
}

static void the_built_in_cards_are_sound(void **state)
{
    ct *t = *state;
    uint32_t n = 0;
    for (const kam__builtin *b = kam__builtins; b->json; b++) {
        if (b->kind != KAM_POLICY_SCORECARD) continue;
        n++;
        if (ct_read(t, b->json) != KAM_OK) fail_msg("%s\n%s", kam_error_message(t->err), b->json);
        assert_non_null(strstr(t->card.source, "Built-in template"));
        for (uint32_t i = 0; i < t->card.nfactor; i++) {
            assert_true((uint8_t)t->card.factor[i].title.en[0] < 0x80);
            if (strcmp(t->card.name, "competence") == 0) continue;  /* its texts are the host's */
            assert_non_null(strpbrk(t->card.factor[i].title.zh, "\xE4\xE5\xE6\xE7\xE8\xE9"));       /* in Chinese */
        }
    }
    assert_int_equal(n, 12);
}

static int32_t reading(kam_ctx *ctx, fault *f, kam_error *err)
{
    kam__arena arena;
    const kam__json *body = NULL;
    (void)f;
    static const char json[] = C_CARD(C_FACTOR("a", "region", "\"map\": {\"N\": 1}, \"otherwise\": 0") "," C_FACTOR("b", "employees", C_ANY));
    kam__arena_init(&arena, ctx, 64);
    int32_t rc = kam__json_parse(&body, &arena, json, strlen(json), 0, err);
    if (rc == KAM_OK) rc = kam__card_check(ctx, body, err);
    kam__arena_free(&arena);
    return rc;
}

static void memory_may_fail(void **state)
{
    (void)state;
    assert_true(fault_sweep(reading) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ct_test(a_whole_document_is_read),
        ct_test(wrong_forms_are_parse_errors),
        ct_test(cards_that_are_wrong_in_themselves_are_policy_errors),
        ct_test(places_are_told),
        ct_test(limits_hold),
        ct_test(custom_fields_are_settled_by_the_schema),
        ct_test(the_built_in_cards_are_sound),
        cmocka_unit_test(memory_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
