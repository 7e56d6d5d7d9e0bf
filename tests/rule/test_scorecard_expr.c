/* Factors and warnings in CEL, reason codes, groups, the score from 0 to 100: the document, the scores, the explanation
   from which a score can be computed again, what is refused and where, memory that runs out. */
#include "card_test.h"
#include <kam.h>

#define E_FACTOR(id, expr, rest) "{\"id\": \"" id "\", \"expr\": \"" expr "\", " C_TITLE ", " rest "}"
#define E_BANDS "\"bands\": [{\"below\": \"0.5\", \"points\": 1}, {\"from\": \"0.5\", \"below\": 2, \"points\": 2}, {\"from\": 2, \"points\": 3}]"

/* ---------------------------------------------------------------- expressions over accounts */

static void an_expression_takes_the_place_of_an_attribute(void **state)
{
    ct *t = *state;
    ct_bind(t, C_CARD(E_FACTOR("a", "orders_12m * 2 + employees", "\"bands\": [{\"below\": 10, \"points\": 1}, {\"from\": 10, \"points\": 2}], \"missing\": 7")));
    assert_int_equal(t->card.nattr, 2);
    assert_int_equal(ct_points(t, "{\"orders_12m\": 3, \"employees\": 3}"), 10000);
    assert_int_equal(ct_points(t, "{\"orders_12m\": 3, \"employees\": 4}"), 20000);
    assert_int_equal(ct_points(t, "{\"orders_12m\": 3}"), 70000);                       /* one of two is missing */
    assert_int_equal(t->score.missing, 1);
    ct_bind(t, C_CARD(E_FACTOR("a", "region + '-' + grade", "\"map\": {\"N-A\": 5, \"N-B\": 4}, \"otherwise\": 1")));
    assert_int_equal(ct_points(t, "{\"region\": \"N\", \"grade\": \"B\"}"), 40000);
    assert_int_equal(ct_points(t, "{\"region\": \"N\", \"grade\": \"C\"}"), 10000);
    assert_int_equal(ct_points(t, "{\"region\": \"N\"}"), 0);
    ct_bind(t, C_CARD(E_FACTOR("a", "x_flag && size == 'LARGE'", "\"flag\": {\"true\": 5, \"false\": 2}, \"missing\": 9")));
    assert_int_equal(ct_points(t, "{\"x_flag\": true, \"size\": \"LARGE\"}"), 50000);
    assert_int_equal(ct_points(t, "{\"x_flag\": true}"), 90000);
    assert_int_equal(ct_points(t, "{\"x_flag\": false}"), 20000);                        /* false decides by itself */
    ct_bind(t, C_CARD(E_FACTOR("a", "employees > 5 ? 12 : 3", "\"map\": {\"3\": 1, \"12.0\": 2}, \"otherwise\": 9")));
    assert_int_equal(ct_points(t, "{\"employees\": 6}"), 20000);
}

static void decimals_are_compared_exactly(void **state)
{
    ct *t = *state;
    ct_bind(t, C_CARD(E_FACTOR("a", "revenue_12m - potential", "\"bands\": [{\"below\": \"0.10\", \"points\": 1}, {\"from\": \"0.10\", \"below\": \"92233720368547758.07\", \"points\": 2},"
                      " {\"from\": \"92233720368547758.07\", \"points\": 3}]")));
    assert_int_equal(ct_points(t, "{\"revenue_12m\": \"0.30\", \"potential\": \"0.20\"}"), 20000);      /* 0.3 - 0.2 < 0.1 in doubles */
    assert_int_equal(ct_points(t, "{\"revenue_12m\": \"0.29\", \"potential\": \"0.20\"}"), 10000);
    assert_int_equal(ct_points(t, "{\"revenue_12m\": \"92233720368547758.07\", \"potential\": \"0\"}"), 30000);
    assert_int_equal(ct_points(t, "{\"revenue_12m\": \"92233720368547758.06\", \"potential\": \"0\"}"), 20000);
    ct_bind(t, C_CARD(E_FACTOR("a", "revenue_12m / 3", E_BANDS)));
    assert_int_equal(ct_points(t, "{\"revenue_12m\": \"1.50\"}"), 20000);
    assert_int_equal(ct_points(t, "{\"revenue_12m\": \"1.49\"}"), 10000);
    ct_bind(t, C_CARD(E_FACTOR("a", "double(employees) / 4.0", E_BANDS)));
    assert_int_equal(ct_points(t, "{\"employees\": 2}"), 20000);
    assert_int_equal(ct_points(t, "{\"employees\": 8}"), 30000);
    ct_bind(t, C_CARD(E_FACTOR("a", "double('NaN') * double(employees)", E_BANDS ", \"missing\": 8")));
    assert_int_equal(ct_points(t, "{\"employees\": 8}"), 80000);
    ct_bind(t, C_CARD(E_FACTOR("a", "customer_since < timestamp('2026-01-01T00:00:00Z')", "\"flag\": {\"true\": 5, \"false\": 2}")));
    assert_int_equal(ct_points(t, "{\"customer_since\": \"2025-12-31\"}"), 50000);
    assert_int_equal(ct_points(t, "{\"customer_since\": \"2026-01-01\"}"), 20000);
    static const struct { int64_t a; uint32_t as; int64_t b; uint32_t bs; int want; } at[] = {
        {1, 0, 10, 1, 0}, {INT64_MAX, 0, INT64_MAX, 18, 1}, {INT64_MIN, 18, INT64_MIN, 0, 1}, {-15, 1, -149, 2, -1}, {-1, 18, 0, 0, -1},
        {5, 1, 499999999999999999, 18, 1}, {0, 7, 0, 0, 0}, {INT64_MIN, 0, INT64_MAX, 0, -1}};
    for (size_t i = 0; i < KAM__LEN(at); i++)
        assert_int_equal(kam__card_dec_cmp(at[i].a, at[i].as, at[i].b, at[i].bs), at[i].want);
}

static void warnings_may_be_expressions(void **state)
{
    ct *t = *state;
    ct_bind(t, C_HEAD "\"factors\": [" C_FACTOR("a", "employees", C_ANY) "], \"warnings\": [{\"id\": \"w\", \"expr\":"
            " \"recency_days > 90 && orders_12m < 2\", \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]}");
    ct_points(t, "{\"recency_days\": 91, \"orders_12m\": 1}");
    assert_int_equal(t->score.warnings, 1);
    ct_points(t, "{\"recency_days\": 91, \"orders_12m\": 2}");
    assert_int_equal(t->score.warnings, 0);
    ct_points(t, "{\"recency_days\": 91}");
    assert_int_equal(t->score.warnings, 0);
}

static void failing(ct *t, const char *attributes, int32_t code, const char *says)
{
    kam_record *r = ct_record(t, attributes);
    assert_code(kam__card_score_of(&t->score, &t->bound, r, t->err), code);
    assert_says(t->err, says);
    kam_record_free(r);
}

static void failures_name_the_factor_and_the_place(void **state)
{
    ct *t = *state;
    ct_refused(t, C_CARD(E_FACTOR("a", "revenue_12n > 1", "\"flag\": {\"true\": 1, \"false\": 0}")), KAM_E_PARSE, "\"expr\" of factor \"a\", line 1, column 1");
    assert_says(t->err, "revenue_12m");
    ct_refused(t, C_CARD(E_FACTOR("a", "region * 2", "\"flag\": {\"true\": 1, \"false\": 0}")), KAM_E_TYPE, "\"expr\" of factor \"a\"");
    ct_refused(t, C_CARD(E_FACTOR("a", "employees", "\"flag\": {\"true\": 1, \"false\": 0}")), KAM_E_TYPE, "gives int, but a flag or warning needs true or false");
    ct_refused(t, C_CARD(E_FACTOR("a", "region", E_BANDS)), KAM_E_TYPE, "gives string, but \"bands\" need a number");
    ct_refused(t, C_CARD(E_FACTOR("a", "1.5", "\"map\": {\"1\": 1}, \"otherwise\": 0")), KAM_E_TYPE, "\"map\" needs a string");
    ct_refused(t, C_CARD(E_FACTOR("a", "employees", "\"map\": {\"N\": 1}, \"otherwise\": 0")), KAM_E_POLICY, "is no number, as the expression gives one");
    ct_refused(t, C_CARD(E_FACTOR("a", "employees", "\"map\": {\"1\": 1, \"1.0\": 2}, \"otherwise\": 0")), KAM_E_POLICY, "same value");
    ct_refused(t, C_CARD(E_FACTOR("a", "employees", "\"map\": {\"1\": 1}")), KAM_E_POLICY, "an expression may give other values than these");
    ct_refused(t, C_CARD(E_FACTOR("a", "employees", "\"bands\": [{\"from\": \"x\", \"points\": 1}], \"otherwise\": 0")), KAM_E_POLICY, "is no limit of an expression");
    ct_refused(t, C_CARD(E_FACTOR("a", "employees", "\"bands\": [{\"from\": 1, \"points\": 1}]")), KAM_E_POLICY, "leave values out");
    ct_refused(t, C_CARD(E_FACTOR("a", "employees", "\"bands\": [{\"from\": 1, \"below\": 1, \"points\": 1}]")), KAM_E_POLICY, "an empty band");
    ct_refused(t, C_CARD(E_FACTOR("a", "employees", "\"bands\": [{\"below\": 2, \"points\": 1}, {\"from\": 1, \"points\": 1}]")), KAM_E_POLICY, "do not overlap");
    ct_refused(t, C_CARD("{\"id\": \"a\", \"expr\": \"1\", \"attribute\": \"employees\", " C_TITLE ", " E_BANDS "}"), KAM_E_PARSE, "take one of them out");
    ct_refused(t, C_HEAD "\"factors\": [" C_FACTOR("a", "employees", C_ANY) "], \"warnings\": [{\"id\": \"w\", \"expr\": \"true\", \"is\": 1,"
               " \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]}", KAM_E_PARSE, "has no other test");
    ct_bind(t, C_CARD(E_FACTOR("share", "employees / (orders_12m - 3)", "\"bands\": [{\"points\": 1}]")));
    failing(t, "{\"orders_12m\": 3, \"employees\": 1}", KAM_E_POLICY, "\"expr\" of factor \"share\", line 1, column 11");
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_COLUMN), 11);
    ct_bind(t, C_CARD(E_FACTOR("a", "x_points", "\"flag\": {\"true\": 1, \"false\": 0}")));
    failing(t, "{\"x_points\": \"1.00\"}", KAM_E_TYPE, "gave a value that does not go");
}

/* Texts and members are no attributes: nothing has to be in the book for them. */
static void names_are_found_where_they_are_names(void **state)
{
    ct *t = *state;
    ct_bind(t, C_CARD(E_FACTOR("a", "[1, 2].exists(n, n == employees) || 'x_nothing' == r'\\\\x_none' || {'x_no': 1}.x_no == 2 // x_comment",
                               "\"flag\": {\"true\": 1, \"false\": 0}")));
    assert_int_equal(t->card.nattr, 1);
    assert_string_equal(t->card.attr[0].name, "employees");
    assert_int_equal(ct_points(t, "{\"employees\": 2}"), 10000);
    ct_unbound(t, C_CARD(E_FACTOR("a", "x_nothing > 1", "\"flag\": {\"true\": 1, \"false\": 0}")), KAM_E_POLICY, "needs the custom field x_nothing");
}

/* ---------------------------------------------------------------- reasons, groups, normalisation */

#define R_CARD(beside) C_HEAD beside "\"groups\": [{\"id\": \"g\", \"title\": {\"en\": \"G\", \"zh\": \"组\"}}], \"factors\": [" \
    "{\"id\": \"a\", \"attribute\": \"employees\", \"group\": \"g\", \"baseline\": 20, \"code\": \"RA\", \"bands\": [{\"below\": 10, \"points\": 5}, {\"from\": 10, \"points\": 30, \"code\": \"TOP\"}]}," \
    "{\"id\": \"b\", \"attribute\": \"orders_12m\", \"group\": \"g\", \"weight\": 2, \"baseline\": 20, \"code\": \"RB\", \"bands\": [{\"below\": 5, \"points\": \"12.5\"}, {\"from\": 5, \"points\": 25}]}," \
    "{\"id\": \"c\", \"attribute\": \"region\", \"code\": \"RC\", \"map\": {\"N\": 9, \"S\": 0}, \"otherwise\": 4, \"missing\": 2}]}"

static const char *reasons(ct *t, const char *json)
{
    size_t at = 0;
    ct_points(t, json);
    t->said[0] = 0;
    for (uint32_t k = 0; k < t->score.nreason; k++) {
        const kam__card_outcome *o = t->score.hit[t->score.reason[k]].out;
        char gap[48];
        kam__dec_format_short(gap, t->card.rank[o->rank].gap, 4);
        at += (size_t)snprintf(t->said + at, sizeof t->said - at, "%s %s %s|", t->card.factor[t->score.reason[k]].id, o->code, gap);
    }
    return t->said;
}

static void reasons_are_ranked_as_in_pmml(void **state)
{
    ct *t = *state;
    ct_bind(t, R_CARD("\"reasons\": {\"method\": \"points_below\"}, "));
    assert_string_equal(reasons(t, "{\"employees\": 3, \"orders_12m\": 1, \"region\": \"N\"}"), "a RA 15|b RB 15|c RC 0|");      /* equal: by order */
    assert_string_equal(reasons(t, "{\"employees\": 10, \"orders_12m\": 5, \"region\": \"S\"}"), "c RC 9|a TOP -10|b RB -10|");
    assert_string_equal(reasons(t, "{\"employees\": 10}"), "b RB 40|c RC 7|a TOP -10|");                                       /* missing: 0 of 40 */
    ct_bind(t, R_CARD("\"reasons\": {\"method\": \"points_above\", \"count\": 2}, "));
    assert_string_equal(reasons(t, "{\"employees\": 10, \"orders_12m\": 5, \"region\": \"N\"}"), "a TOP 10|b RB 10|");
    assert_string_equal(reasons(t, "{\"employees\": 3, \"orders_12m\": 1, \"region\": \"N\"}"), "c RC 9|a RA -15|");
    ct_bind(t, R_CARD(""));
    assert_string_equal(reasons(t, "{\"employees\": 3}"), "");
    ct_refused(t, R_CARD("\"reasons\": {\"method\": \"most\"}, "), KAM_E_POLICY, "points_below");
    ct_refused(t, R_CARD("\"reasons\": {\"method\": \"points_below\", \"count\": 9}, "), KAM_E_POLICY, "1 to 8");
    ct_refused(t, C_HEAD "\"reasons\": {\"method\": \"points_below\"}, \"factors\": [{\"id\": \"a\", \"attribute\": \"employees\", \"baseline\": \"800000000000000\","
               " \"bands\": [{\"points\": \"-800000000000000\"}]}]}", KAM_E_POLICY, "too far from its points");
}

static void normalised_scores_are_exact(void **state)
{
    ct *t = *state;
    ct_bind(t, R_CARD("\"normalize\": true, \"baseline\": 1, "));
    assert_int_equal(t->card.lowest, 10000);                        /* all missing but c, which may be S: 1 + 0 + 0 + 0 */
    assert_int_equal(t->card.highest, 900000);
    ct_points(t, "{\"employees\": 10, \"orders_12m\": 5, \"region\": \"N\"}");
    assert_int_equal(kam__card_normal(&t->card, t->score.points), 1000000);
    ct_points(t, "{\"employees\": 3}");                             /* 1 + 5 + 0 + 2 = 8: 7 of 89 */
    assert_int_equal(kam__card_normal(&t->card, t->score.points), 78652);
    ct_points(t, "{\"region\": \"S\"}");
    assert_int_equal(kam__card_normal(&t->card, t->score.points), 0);
    ct_refused(t, C_HEAD "\"normalize\": true, \"factors\": [{\"id\": \"a\", \"attribute\": \"employees\", \"bands\": [{\"points\": 0}]}]}", KAM_E_POLICY,
               "nothing to go from 0 to 100");
    ct_refused(t, C_HEAD "\"normalize\": true, \"factors\": [{\"id\": \"a\", \"attribute\": \"employees\", \"bands\": [{\"below\": 1, \"points\":"
               " \"600000000000000\"}, {\"from\": 1, \"points\": \"-600000000000000\"}]}]}", KAM_E_POLICY, "too far apart");
    ct_refused(t, R_CARD("\"normalize\": 1, "), KAM_E_PARSE, "\"normalize\" is true or false");
}

/* ---------------------------------------------------------------- explanations */

typedef struct again { ct *t; int64_t sum; char inputs[400], others[1200]; } again;

/* Computes each factor again from what the line says: the value, the expression's inputs, the band. */
static int32_t on_again(void *user, const kam__card_part *p, kam_error *err)
{
    again *x = user;
    size_t n = strlen(x->inputs), m = strlen(x->others);
    (void)err;
    if (p->points) x->sum += *p->points;
    if (strcmp(p->code, "INPUT") == 0) snprintf(x->inputs + n, sizeof x->inputs - n, "%s:%s=%s ", p->factor, p->band, p->value ? p->value : "-");
    else if (!p->points) snprintf(x->others + m, sizeof x->others - m, "%s|%s|%s|%s|%s\n", p->factor, p->code, p->value ? p->value : "-", p->en, p->zh);
    else if (strcmp(p->factor, "e") == 0) {
        assert_string_equal(p->value, "7.5");
        assert_string_equal(p->band, "[5, 10.5)");
        assert_non_null(strstr(p->en, "of revenue_12m / 2 + decimal('2.5')"));
        assert_non_null(strstr(p->zh, "表达式 revenue_12m"));
    }
    return KAM_OK;
}

static void a_score_can_be_computed_from_its_lines(void **state)
{
    ct *t = *state;
    again x = {.t = t};
    ct_bind(t, C_HEAD "\"reasons\": {\"method\": \"points_below\", \"count\": 1}, \"normalize\": true, \"factors\": ["
            E_FACTOR("e", "revenue_12m / 2 + decimal('2.5')", "\"code\": \"E1\", \"bands\": [{\"below\": 5, \"points\": 1}, {\"from\": 5, \"below\": \"10.5\", \"points\": 2}, {\"from\": \"10.5\", \"points\": 3}]") ","
            C_FACTOR("s", "size", "\"map\": {\"LARGE\": 5}, \"otherwise\": 1") "], \"warnings\": [{\"id\": \"w\", \"expr\": \"region == 'N'\", \"text\": {\"en\": \"north\", \"zh\": \"北\"}}]}");
    kam_record *r = ct_record(t, "{\"revenue_12m\": \"10.00\", \"size\": \"LARGE\", \"region\": \"N\"}");
    assert_code(kam__card_score_of(&t->score, &t->bound, r, t->err), KAM_OK);
    assert_code(kam__card_explain(&t->bound, t->ctx, &t->score, on_again, &x, t->err), KAM_OK);
    assert_int_equal(x.sum, t->score.points);
    assert_int_equal(x.sum, 70000);
    assert_string_equal(x.inputs, "e:revenue_12m=10.00 w:region=N ");
    assert_string_equal(x.others,
        "e|REASON|1|reason 1 (E1): t is 1 point below its baseline of 3|原因 1（E1）：测 比基准 3 低 1 分\n"
        "normalized|NORMALIZED|87.5|87.5 of 100, where the lowest score is 0 and the highest 8|折合 87.5（满分 100；最低分 0，最高分 8）\n"
        "w|WARNING|true|warning: north|警示：北\n");
    kam_buf line;
    kam__buf_init(&line, t->ctx);
    kam__card_reason(&line, &t->bound, &t->score);
    assert_string_equal(line.data, "Size LARGE: 5; t 7.5: 2");
    kam__buf_drop(&line);
    kam_record_free(r);
}

/* ---------------------------------------------------------------- test rows */

#define T_CARD(tests) C_HEAD "\"factors\": [" C_FACTOR("a", "revenue_12m", "\"bands\": [{\"below\": 10, \"points\": 1}, {\"from\": 10, \"points\": 2}], \"missing\": 5") ","\
    C_FACTOR("b", "size", "\"map\": {\"LARGE\": 10}, \"otherwise\": 20") "], \"warnings\": [{\"id\": \"w\", \"attribute\": \"employees\", \"at_least\": 5," \
    " \"text\": {\"en\": \"e\", \"zh\": \"z\"}}], \"tests\": [" tests "]}"

static void tests_travel_in_the_document(void **state)
{
    ct *t = *state;
    ct_bind(t, T_CARD("{\"in\": {\"revenue_12m\": \"9.99\", \"size\": \"LARGE\", \"employees\": 5}, \"points\": 11, \"warnings\": [\"w\"]},"
                      " {\"in\": {\"revenue_12m\": null, \"size\": \"SMALL\"}, \"points\": \"25\", \"warnings\": []}"));
    ct_refused(t, T_CARD("{\"in\": {\"revenue_12m\": 10}, \"points\": 1}"), KAM_E_POLICY, "a test of the card fails: it scores 2, not 1");
    ct_refused(t, T_CARD("{\"in\": {\"employees\": 5}, \"warnings\": []}"), KAM_E_POLICY, "it warns of \"w\"");
    ct_refused(t, T_CARD("{\"in\": {\"employees\": 4}, \"warnings\": [\"w\"]}"), KAM_E_POLICY, "it does not warn of \"w\"");
    ct_refused(t, T_CARD("{\"in\": {\"employees\": 4}, \"warnings\": [\"v\"]}"), KAM_E_POLICY, "id of none of the card's warnings");
    ct_refused(t, T_CARD("{\"in\": {\"employees\": 4}, \"warnings\": 1}"), KAM_E_PARSE, "an array of ids");
    ct_refused(t, T_CARD("{\"in\": {\"region\": \"N\"}}"), KAM_E_POLICY, "is no attribute this card reads");
    ct_refused(t, T_CARD("{\"in\": {\"employees\": \"many\"}}"), KAM_E_POLICY, "\"many\" is no value of employees");
    ct_refused(t, T_CARD("{\"points\": 1}"), KAM_E_PARSE, "\"in\" of a test must be an object");
    ct_refused(t, T_CARD("{\"in\": {}, \"points\": true}"), KAM_E_PARSE, "\"points\" of a test is a number");
    ct_refused(t, T_CARD("1"), KAM_E_PARSE, "a test must be an object");
    ct_refused(t, C_HEAD "\"factors\": [" E_FACTOR("a", "1 / employees", E_BANDS) "], \"tests\": [{\"in\": {\"employees\": 0}}]}", KAM_E_POLICY,
               "a test of the card: ");
}

/* ---------------------------------------------------------------- memory */

static int32_t scoring(kam_ctx *ctx, fault *f, kam_error *err)
{
    static const char json[] = C_HEAD "\"attributes\": {\"a\": \"decimal(2)\", \"s\": \"string\", \"t\": \"double\"}, \"reasons\": {\"method\": \"points_above\"},"
        " \"normalize\": true, \"factors\": [" E_FACTOR("e", "a * 2", E_BANDS) "," E_FACTOR("f", "s + 'x'", "\"map\": {\"Nx\": 1}, \"otherwise\": 0")
        ", {\"id\": \"t\", \"attribute\": \"t\", " C_TITLE ", " E_BANDS "}]}";
    kam_scorecard *card = NULL;
    kam_scorer *s = NULL;
    kam_why *why = NULL;
    int64_t points = 0;
    (void)f;
    int32_t rc = kam_scorecard_parse(&card, ctx, json, KAM_NUL, err);
    if (rc == KAM_OK) rc = kam_scorer_new(&s, card, err);
    if (rc == KAM_OK) rc = kam_scorer_set_text(s, 0, "0.40", KAM_NUL, err);
    if (rc == KAM_OK) rc = kam_scorer_set_text(s, 1, "N", 1, err);
    if (rc == KAM_OK) rc = kam_scorer_set_f64(s, 2, 0.5, err);
    if (rc == KAM_OK) rc = kam_scorer_run(&points, s, err);
    if (rc == KAM_OK) assert_int_equal(points, 50000);
    if (rc == KAM_OK) rc = kam_scorer_why(&why, s, err);
    kam_why_free(why);
    kam_scorer_free(s);
    kam_scorecard_free(card);
    return rc;
}

static void memory_may_fail(void **state)
{
    (void)state;
    assert_true(fault_sweep(scoring) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ct_test(an_expression_takes_the_place_of_an_attribute),
        ct_test(decimals_are_compared_exactly),
        ct_test(warnings_may_be_expressions),
        ct_test(failures_name_the_factor_and_the_place),
        ct_test(names_are_found_where_they_are_names),
        ct_test(reasons_are_ranked_as_in_pmml),
        ct_test(normalised_scores_are_exact),
        ct_test(a_score_can_be_computed_from_its_lines),
        ct_test(tests_travel_in_the_document),
        cmocka_unit_test(memory_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
