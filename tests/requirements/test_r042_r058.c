/*
 * R42 key-account selection, R52 weighted scores, R53 and R54 cards for distributors, R55 red flags, R56 three
 * evaluations of a key account, R58 self-assessments over time: the built-in cards, through the public API.
 */
#include "req.h"

#define LL "%lld"
typedef long long ll;
#define DAY "2026-03-02"

/* Custom fields "x_a x_b ..." of account. */
static void fields(req *q, const char *names, const char *type) {
    char name[40];
    int n = 0;
    for (; sscanf(names, "%39s%n", name, &n) == 1; names += n)
        req_save(q, KAM_KIND_FIELD, "{\"kind\":\"account\",\"name\":\"%s\",\"type\":\"%s\"}", name, type);
}

static kam_run *score(req *q, const char *card) {
    kam_scorecard *c = NULL;
    kam_run *run = NULL;
    REQ_MUST(q, kam_scorecard_open(&c, q->book, card, req_day(DAY), q->err));
    REQ_MUST(q, kam_scoring_run(&run, q->book, c, req_day(DAY), q->err));
    kam_scorecard_free(c);
    return run;
}

/* "account points|..." by rank. */
static const char *scores(req *q, kam_run *run, char out[400]) {
    static const uint32_t f[] = {KAM_SCORE_ACCOUNT, KAM_SCORE_POINTS, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_SCORE, q->err));
    return req_rows(q, rows, f, out, 400);
}

/* The lines of an explanation with this code (NULL = those with points), as "factor points|...", or "factor value". */
static const char *parts(req *q, kam_run *run, int64_t id, const char *code, char out[1000]) {
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    size_t at = 0;
    out[0] = 0;
    REQ_MUST(q, kam_run_why(&why, run, id, q->err));
    REQ_MUST(q, kam_why_rows(&rows, why, q->err));
    for (;;) {
        REQ_MUST(q, kam_rows_next(&r, rows, q->err));
        if (!r) break;
        const char *points = kam_record_text(r, KAM_REASON_POINTS, NULL);
        if (code ? strcmp(kam_record_text(r, KAM_REASON_CODE, ""), code) != 0 : !points) continue;
        at += (size_t)snprintf(out + at, 1000 - at, "%s%s %s", at ? "|" : "", kam_record_text(r, KAM_REASON_FACTOR, ""),
                               code ? kam_record_text(r, KAM_REASON_VALUE, "-") : points);
    }
    kam_rows_free(rows);
    kam_why_free(why);
    return out;
}

static void sale(req *q, int64_t id, const char *day, int amount, int cost) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"day\":\"%s\",\"event\":\"SALE\",\"amount\":%d,\"cost\":%d}", (ll)id, day,
             amount, cost);
}

/* ---------------------------------------------------------------- R42 */

static void r042(req *q) {
    char out[1000];
    kam_scorecard *c = NULL;
    REQ_REFUSED(q, kam_scorecard_open(&c, q->book, "key-account-selection", KAM_TODAY, q->err), KAM_E_POLICY, "x_position");
    fields(q, "x_position x_buying_process", "DECIMAL");
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"potential\":1000000,\"x_position\":8,\"x_buying_process\":5}");
    sale(q, id, "2025-01-10", 90000, 50000);
    sale(q, id, "2025-10-10", 100000, 70000);
    kam_run *run = score(q, "key-account-selection");
    REQ_TEXT(q, parts(q, run, id, NULL, out),
             "spending 20|margin 20|growth 20|position 15|buying 7.5|suppliers 10");          /* six factors */
    REQ_TEXT(q, scores(q, run, out), "1 92.5");
    kam_run_free(run);
}

void test_R042_six_factors_of_key_account_selection(void **state) { (void)state; req_each(r042); }

/* ---------------------------------------------------------------- R52, R56 */

static int64_t rich(req *q) {
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"rich\",\"potential\":500000,\"development_potential\":7,"
                             "\"loyalty\":8,\"cooperation_will\":\"6.5\"}");
    sale(q, id, "2024-11-01", 200000, 100000);
    sale(q, id, "2025-11-01", 150000, 90000);
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"day\":\"2026-01-05\",\"channel\":\"CALL\",\"status\":\"HELD\","
             "\"purpose\":\"COMPLAINT\"}", (ll)id);
    return id;
}

static void r052(req *q) {
    char out[1000];
    kam_why *why = NULL;
    int64_t id = rich(q), poor = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"poor\"}");
    kam_run *run = score(q, "key-account");
    REQ_TEXT(q, scores(q, run, out), "1 67|2 9.5");
    REQ_TEXT(q, parts(q, run, id, NULL, out),                                                  /* counted and judged */
             "potential 6|development 10|growth 0|revenue 10.5|contribution 10.5|margin 10|history 3|loyalty 10|will 5|complaints 2");
    REQ_TEXT(q, parts(q, run, poor, NULL, out),
             "potential 0|development 0|growth 0|revenue 0|contribution 4.5|margin 0|history 0|loyalty 0|will 0|complaints 5");
    REQ_MUST(q, kam_run_why(&why, run, id, q->err));
    REQ_TEXT(q, kam_record_text(kam_why_record(why), KAM_VERDICT_RESULT, ""), "67");
    kam_why_free(why);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
}

static void r056(req *q) {
    char out[1000];
    int64_t id = rich(q);
    kam_run *run = score(q, "key-account");
    REQ_TEXT(q, parts(q, run, id, "GROUP", out), "need 16|profit 31|relation 20");
    REQ_TEXT(q, parts(q, run, id, "WARNING", out), "shrinking -0.25|decider false");
    kam_run_free(run);
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"day\":\"2026-02-05\",\"channel\":\"CALL\",\"status\":\"HELD\","
             "\"purpose\":\"COMPLAINT\"}", (ll)id);
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"day\":\"2026-02-06\",\"channel\":\"CALL\",\"status\":\"HELD\","
             "\"purpose\":\"COMPLAINT\"}", (ll)id);
    run = score(q, "key-account");
    REQ_TEXT(q, parts(q, run, id, "GROUP", out), "need 16|profit 31|relation 18");         /* complaints tell on the relation */
    kam_run_free(run);
}

void test_R052_weighted_score_returns_total_and_contributions(void **state) { (void)state; req_each(r052); }
void test_R056_need_profit_and_relation_of_a_key_account(void **state) { (void)state; req_each(r056); }

/* ---------------------------------------------------------------- R53 */

static void r053(req *q) {
    char out[1000];
    fields(q, "x_way_of_thinking x_network x_reputation x_sales_strength x_public_relations x_products_represented", "INT");
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"d\",\"org_type\":\"CHANNEL\",\"x_way_of_thinking\":9,\"x_network\":6,"
                             "\"x_reputation\":3,\"x_sales_strength\":7,\"x_public_relations\":4}");
    kam_run *run = score(q, "distributor-selection");
    REQ_TEXT(q, parts(q, run, id, NULL, out), "ideas 20|network 10|reputation 0|sales 20|relations 5|products 0");
    REQ_TEXT(q, parts(q, run, id, "MISSING", out), "products -");
    REQ_TEXT(q, scores(q, run, out), "1 55");
    kam_run_free(run);
}

void test_R053_distributor_selection_by_six_criteria(void **state) { (void)state; req_each(r053); }

/* ---------------------------------------------------------------- R54, R55 */

static void judgement_fields(req *q) {
    fields(q, "x_passion x_profit_attitude x_rules x_management x_decisiveness x_age x_learning x_sales_orientation x_service", "INT");
    fields(q, "x_flag_store x_flag_staff x_flag_spouse x_flag_empiricism x_flag_trading x_flag_arrogance", "BOOL");
}

#define JUDGED "\"x_passion\":9,\"x_profit_attitude\":7,\"x_rules\":6,\"x_management\":5,\"x_decisiveness\":4,\"x_learning\":3," \
    "\"x_sales_orientation\":10,\"x_service\":0"

static void r054(req *q) {
    char out[1000];
    judgement_fields(q);
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"d\"," JUDGED ",\"x_age\":30}");
    int64_t old = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"e\"," JUDGED ",\"x_age\":70}");
    kam_run *run = score(q, "distributor-judgement");
    REQ_TEXT(q, parts(q, run, id, NULL, out),
             "passion 10|profit 10|rules 5|management 5|decisiveness 5|age 0|learning 0|selling 10|service 0");
    REQ_TEXT(q, parts(q, run, old, NULL, out),                                                /* recorded, without points */
             "passion 10|profit 10|rules 5|management 5|decisiveness 5|age 0|learning 0|selling 10|service 0");
    REQ_TEXT(q, scores(q, run, out), "1 45|2 45");
    kam_run_free(run);
}

/* A new version of the card may look at another age. */
static void later_age(req *q, const char *card, const char *from, const char *to) {
    kam_record *r = NULL;
    int64_t id = 0, old = 0;
    char json[8000];
    REQ_MUST(q, kam_policy_in_force(&old, q->book, KAM_POLICY_SCORECARD, card, KAM_TODAY, q->err));
    REQ_MUST(q, kam_book_get(&r, q->book, KAM_KIND_POLICY, old, KAM_TODAY, q->err));
    const char *body = kam_record_text(r, KAM_POLICY_BODY, ""), *at = strstr(body, from);
    assert_non_null(at);
    snprintf(json, sizeof json, "%.*s%s%s", (int)(at - body), body, to, at + strlen(from));
    kam_record_free(r);
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_SCORECARD, json, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_withdraw(q->book, old, KAM_DAY_FIRST, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
}

static void r055(req *q) {
    static const char *const flag[] = {"store", "staff", "spouse", "empiricism", "trading", "arrogance"};
    char out[1000], want[80];
    judgement_fields(q);
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\"," JUDGED ",\"x_age\":44}");
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"b\"," JUDGED ",\"x_age\":45}");
    for (int i = 0; i < 6; i++) req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"c\"," JUDGED ",\"x_age\":20,\"x_flag_%s\":true}", flag[i]);
    kam_run *run = score(q, "distributor-judgement");
    REQ_TEXT(q, parts(q, run, 1, "WARNING", out), "");
    REQ_TEXT(q, parts(q, run, 2, "WARNING", out), "age 45");                                  /* 45 counts */
    for (int i = 0; i < 6; i++) {
        snprintf(want, sizeof want, "%s true", flag[i]);
        REQ_TEXT(q, parts(q, run, i + 3, "WARNING", out), want);
    }
    REQ_TEXT(q, scores(q, run, out), "1 45|2 45|3 45|4 45|5 45|6 45|7 45|8 45");             /* told, never scored */
    kam_run_free(run);
    later_age(q, "distributor-judgement", "\"at_least\":45", "\"at_least\":50");
    run = score(q, "distributor-judgement");
    REQ_TEXT(q, parts(q, run, 2, "WARNING", out), "");
    kam_run_free(run);
}

void test_R054_nine_aspects_and_age_without_points(void **state) { (void)state; req_each(r054); }
void test_R055_seven_red_flags_warn_and_never_score(void **state) { (void)state; req_each(r055); }

/* ---------------------------------------------------------------- R58 */

static void r058(req *q) {
    char out[1000];
    fields(q, "x_exploration x_alliance x_positioning x_differentiation", "INT");
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"x_exploration\":8,\"x_alliance\":5,\"x_positioning\":2,"
                             "\"x_differentiation\":4}");
    kam_run *first = score(q, "self-diagnosis"), *second = NULL;
    REQ_MUST(q, kam_run_apply(first, 0, q->err));
    kam_record *r = req_get(q, KAM_KIND_ACCOUNT, id, KAM_TODAY);
    uint32_t field = 0;
    REQ_MUST(q, kam_field_find(&field, q->book, KAM_KIND_ACCOUNT, "x_positioning", q->err));
    REQ_MUST(q, kam_record_set_i64(r, field, 7, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
    second = score(q, "self-diagnosis");
    REQ_TEXT(q, parts(q, first, id, NULL, out), "exploration 10|alliance 5|positioning 0|differentiation 5");
    REQ_TEXT(q, parts(q, second, id, NULL, out), "exploration 10|alliance 5|positioning 10|differentiation 5");
    kam_rows *rows = NULL;
    const kam_record *row = NULL;
    REQ_MUST(q, kam_run_rows(&rows, second, KAM_KIND_SCORE, q->err));
    REQ_MUST(q, kam_rows_next(&row, rows, q->err));
    REQ_TEXT(q, kam_record_text(row, KAM_SCORE_POINTS, ""), "30");
    REQ_TEXT(q, kam_record_text(row, KAM_SCORE_OLD, ""), "20");
    kam_rows_free(rows);
    kam_run_free(first);
    kam_run_free(second);
}

void test_R058_four_self_assessments_over_time(void **state) { (void)state; req_each(r058); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R042_six_factors_of_key_account_selection),
        cmocka_unit_test(test_R052_weighted_score_returns_total_and_contributions),
        cmocka_unit_test(test_R053_distributor_selection_by_six_criteria),
        cmocka_unit_test(test_R054_nine_aspects_and_age_without_points),
        cmocka_unit_test(test_R055_seven_red_flags_warn_and_never_score),
        cmocka_unit_test(test_R056_need_profit_and_relation_of_a_key_account),
        cmocka_unit_test(test_R058_four_self_assessments_over_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
