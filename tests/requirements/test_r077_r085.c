/* R77-R85 the directional policy matrix of an account plan: preparation, units, weights, positions, what they suggest. */
#include "req.h"

#define LL "%lld"
typedef long long ll;

/* A plan with factors: attractiveness size 60 and growth 40, strength price 70 and service 30. */
typedef struct dpm { kam_account_plan *plan; int64_t id, size, growth, price, service; } dpm;

static int64_t factor(req *q, int64_t plan, const char *axis, const char *name, const char *weight)
{
    return req_save(q, KAM_KIND_PLAN_FACTOR, "{\"plan\":" LL ",\"axis\":\"%s\",\"name\":\"%s\",\"weight\":%s}", (ll)plan, axis, name, weight);
}

static dpm start(req *q)
{
    dpm d = {.plan = NULL};
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Hua\"}");
    REQ_MUST(q, kam_account_plan_open(&d.plan, q->book, a, 2026, q->err));
    d.id = kam_record_i64(kam_account_plan_record(d.plan), KAM_ID, 0);
    d.size = factor(q, d.id, "ATTRACTIVENESS", "size", "60");
    d.growth = factor(q, d.id, "ATTRACTIVENESS", "growth", "40");
    d.price = factor(q, d.id, "STRENGTH", "price", "70");
    d.service = factor(q, d.id, "STRENGTH", "service", "30");
    return d;
}

static void confirm(req *q, const dpm *d, uint32_t last)
{
    kam_record *r = kam_account_plan_record(d->plan);
    for (uint32_t f = KAM_ACCOUNT_PLAN_READY_UNITS; f <= last; f++) REQ_MUST(q, kam_record_set_text(r, f, "true", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
}

static int64_t unit(req *q, const dpm *d, const char *name, const char *more)
{
    return req_save(q, KAM_KIND_PLAN_UNIT, "{\"plan\":" LL ",\"name\":\"%s\"%s}", (ll)d->id, name, more);
}

static void score(req *q, int64_t unit_id, int64_t factor_id, const char *at, const char *who, const char *points, const char *basis)
{
    req_save(q, KAM_KIND_PLAN_SCORE, "{\"unit\":" LL ",\"factor\":" LL ",\"at\":\"%s\",\"competitor\":\"%s\",\"score\":%s,\"basis\":\"%s\"}",
             (ll)unit_id, (ll)factor_id, at, who, points, basis);
}

/* All four own scores and those of one competitor, at one time. */
static void scores(req *q, const dpm *d, int64_t unit_id, const char *at, const char *const own[4], const char *const rival[2])
{
    const int64_t f[] = {d->size, d->growth, d->price, d->service};
    for (int i = 0; i < 4; i++) score(q, unit_id, f[i], at, "", own[i], i ? "JUDGEMENT" : "DATA");
    for (int i = 0; i < 2 && rival; i++) score(q, unit_id, f[2 + i], at, "Rival", rival[i], "DATA");
}

static const char *matrix(req *q, const dpm *d, char *out, size_t size)
{
    static const uint32_t field[] = {KAM_PLAN_POSITION_NAME, KAM_PLAN_POSITION_AT, KAM_PLAN_POSITION_ATTRACTIVENESS,
                                     KAM_PLAN_POSITION_STRENGTH, KAM_PLAN_POSITION_COMPETITOR,
                                     KAM_PLAN_POSITION_COMPETITOR_STRENGTH, KAM_PLAN_POSITION_RELATIVE,
                                     KAM_PLAN_POSITION_QUADRANT, KAM_PLAN_POSITION_SUGGESTED, KAM_PLAN_POSITION_ALTERNATIVE,
                                     KAM_PLAN_POSITION_JUDGEMENT, KAM_PLAN_POSITION_MISSING, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_account_plan_matrix(&rows, d->plan, q->err));
    return req_rows(q, rows, field, out, size);
}

static const char *missing(req *q, const dpm *d, char *out, size_t size)
{
    static const uint32_t field[] = {KAM_PROBLEM_CODE, KAM_PROBLEM_FIELD, KAM_PROBLEM_RECORD, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_account_plan_missing(&rows, d->plan, q->err));
    return req_rows(q, rows, field, out, size);
}

static void r077_preparation(req *q)
{
    char out[2000];
    kam_rows *rows = NULL;
    dpm d = start(q);
    unit(q, &d, "pumps", "");
    REQ_REFUSED(q, kam_account_plan_matrix(&rows, d.plan, q->err), KAM_E_POLICY, "confirm \"ready_units\"");
    confirm(q, &d, KAM_ACCOUNT_PLAN_READY_DATA);
    REQ_REFUSED(q, kam_account_plan_matrix(&rows, d.plan, q->err), KAM_E_POLICY, "confirm \"ready_forecasts\"");
    assert_non_null(strstr(missing(q, &d, out, sizeof out), "READY ready_forecasts 1|SCORE score 1"));
    confirm(q, &d, KAM_ACCOUNT_PLAN_READY_FORECASTS);
    REQ_TEXT(q, matrix(q, &d, out, sizeof out), "pumps NOW - - - - - - - - - 4");
    kam_account_plan_free(d.plan);
}

/* Weights are 100 an axis; scores are 0 to 10, of one plan, and rivals have none for the market. */
static void r079_weights_and_scores(req *q)
{
    kam_rows *rows = NULL;
    dpm d = start(q), e = start(q);
    confirm(q, &d, KAM_ACCOUNT_PLAN_READY_FORECASTS);
    int64_t u = unit(q, &d, "pumps", "");
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_SCORE, "{\"unit\":" LL ",\"factor\":" LL ",\"at\":\"NOW\",\"score\":10.5}", (ll)u, (ll)d.size),
                KAM_E_INVAL, "score is 0 to 10 points");
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_SCORE, "{\"unit\":" LL ",\"factor\":" LL ",\"at\":\"NOW\",\"score\":1}", (ll)u, (ll)e.size),
                KAM_E_INVAL, "unit and factor belong to different account plans");
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_SCORE, "{\"unit\":" LL ",\"factor\":" LL ",\"at\":\"NOW\",\"score\":1,\"competitor\":\"Rival\"}",
                           (ll)u, (ll)d.size), KAM_E_INVAL, "a competitor is scored on factors of strength");
    REQ_REFUSED(q, req_try(q, KAM_KIND_PLAN_FACTOR, "{\"plan\":" LL ",\"axis\":\"STRENGTH\",\"name\":\"x\",\"weight\":101}", (ll)d.id),
                KAM_E_INVAL, "weight is 0 to 100");
    factor(q, d.id, "STRENGTH", "reach", "0.5");
    REQ_REFUSED(q, kam_account_plan_matrix(&rows, d.plan, q->err), KAM_E_POLICY, "the weights of strength add up to 100.5: make them 100");
    kam_account_plan_free(d.plan);
    kam_account_plan_free(e.plan);
}

/* The four quadrants and a unit without sales, against figures worked out by hand. */
static void r080_r085_positions(req *q)
{
    static const char *const high[] = {"8", "6", "9", "7"}, *const low[] = {"3", "4.5", "9", "7"};
    static const char *const strong[] = {"6", "5"}, *const rich[] = {"9.5", "9"};
    char out[4000];
    dpm d = start(q);
    confirm(q, &d, KAM_ACCOUNT_PLAN_READY_FORECASTS);
    const char *const *own[] = {high, low, high, low, high}, *const *rival[] = {strong, strong, rich, rich, strong};
    static const char *const name[] = {"star", "cow", "question", "dog", "new"};
    for (int i = 0; i < 5; i++)
        scores(q, &d, unit(q, &d, name[i], i < 4 ? ",\"revenue\":10.00" : ""), "NOW", own[i], rival[i]);
    REQ_TEXT(q, matrix(q, &d, out, sizeof out),
             "star NOW 7.2 8.4 Rival 5.7 1.4737 STAR IMPROVE - 0.5 0|cow NOW 3.6 8.4 Rival 5.7 1.4737 CASH_COW MAINTAIN - 0.5 0|"
             "question NOW 7.2 8.4 Rival 9.35 0.8984 QUESTION IMPROVE EXIT 0.5 0|dog NOW 3.6 8.4 Rival 9.35 0.8984 DOG HARVEST EXIT 0.5 0|"
             "new NOW 7.2 8.4 Rival 5.7 1.4737 STAR ENTER - 0.5 0");
    kam_account_plan_free(d.plan);
}

/* The best of several rivals counts, if its scores are complete; equal strength is strong; the middle is attractive. */
static void r080_best_competitor(req *q)
{
    static const char *const own[] = {"5", "5", "6", "6"}, *const equal[] = {"6", "6"};
    char out[1000];
    dpm d = start(q);
    confirm(q, &d, KAM_ACCOUNT_PLAN_READY_FORECASTS);
    int64_t u = unit(q, &d, "pumps", ",\"revenue\":1.00");
    scores(q, &d, u, "NOW", own, NULL);
    REQ_TEXT(q, matrix(q, &d, out, sizeof out), "pumps NOW 5 6 - - - - - - 0.75 0");
    score(q, u, d.price, "NOW", "Half", "10", "DATA");
    REQ_TEXT(q, matrix(q, &d, out, sizeof out), "pumps NOW 5 6 - - - - - - 0.6 1");
    score(q, u, d.price, "NOW", "Rival", equal[0], "DATA");
    score(q, u, d.service, "NOW", "Rival", equal[1], "DATA");
    score(q, u, d.price, "NOW", "Weak", "1", "DATA");
    score(q, u, d.service, "NOW", "Weak", "1", "DATA");
    REQ_TEXT(q, matrix(q, &d, out, sizeof out), "pumps NOW 5 6 Rival 6 1 STAR IMPROVE - 0.3333 1");
    kam_account_plan_free(d.plan);
}

/* Now, unchanged, wanted: the movement is target less now. */
static void r082_r083_movement(req *q)
{
    static const char *const now[] = {"5", "5", "6", "6"}, *const later[] = {"5", "5", "4", "4"}, *const wanted[] = {"7", "5", "8", "8"};
    static const char *const rival[] = {"5", "5"};
    static const uint32_t field[] = {KAM_PLAN_POSITION_AT, KAM_PLAN_POSITION_MOVE_ATTRACTIVENESS, KAM_PLAN_POSITION_MOVE_RELATIVE, 0};
    char out[1000];
    kam_rows *rows = NULL;
    dpm d = start(q);
    confirm(q, &d, KAM_ACCOUNT_PLAN_READY_FORECASTS);
    int64_t u = unit(q, &d, "pumps", ",\"revenue\":1.00,\"growth\":0.1,\"return_on_sales\":0.08,\"strategy\":\"more visits\"");
    scores(q, &d, u, "NOW", now, rival);
    scores(q, &d, u, "UNCHANGED", later, rival);
    scores(q, &d, u, "TARGET", wanted, rival);
    REQ_MUST(q, kam_account_plan_matrix(&rows, d.plan, q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out), "NOW - -|UNCHANGED 0 -0.4|TARGET 1.2 0.4");
    kam_account_plan_free(d.plan);
}

/* Another objective than the suggested one, or its alternative, asks for a reason. */
static void r085_override(req *q)
{
    static const char *const own[] = {"8", "6", "9", "7"}, *const rival[] = {"9.5", "9"};
    char out[2000];
    dpm d = start(q);
    confirm(q, &d, KAM_ACCOUNT_PLAN_READY_FORECASTS);
    static const char *const choice[] = {",\"objective\":\"EXIT\"", ",\"objective\":\"MAINTAIN\"",
                                         ",\"objective\":\"MAINTAIN\",\"objective_reason\":\"contract\""};
    for (int i = 0; i < 3; i++) {
        char more[200];
        snprintf(more, sizeof more, ",\"revenue\":1.00%s", choice[i]);
        scores(q, &d, unit(q, &d, "u", more), "NOW", own, rival);
    }
    const char *text = missing(q, &d, out, sizeof out), *at = strstr(text, "OVERRIDE");
    assert_non_null(at);
    assert_int_equal(strncmp(at, "OVERRIDE objective_reason 2", 27), 0);
    assert_null(strstr(at + 1, "OVERRIDE"));
    kam_account_plan_free(d.plan);
}

void test_R077_six_points_before_the_matrix(void **state) { (void)state; req_each(r077_preparation); }
void test_R079_R078_weights_and_scores(void **state) { (void)state; req_each(r079_weights_and_scores); }
void test_R081_R085_quadrants_and_what_they_suggest(void **state) { (void)state; req_each(r080_r085_positions); }
void test_R080_relative_to_the_best_competitor(void **state) { (void)state; req_each(r080_best_competitor); }
void test_R082_R083_R084_movement_to_the_target(void **state) { (void)state; req_each(r082_r083_movement); }
void test_R085_an_override_needs_a_reason(void **state) { (void)state; req_each(r085_override); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R077_six_points_before_the_matrix),
        cmocka_unit_test(test_R079_R078_weights_and_scores),
        cmocka_unit_test(test_R081_R085_quadrants_and_what_they_suggest),
        cmocka_unit_test(test_R080_relative_to_the_best_competitor),
        cmocka_unit_test(test_R082_R083_R084_movement_to_the_target),
        cmocka_unit_test(test_R085_an_override_needs_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
