/* The engine on plain columns: seats, shares, thresholds, conditions, ties, and the words for them. */
#include "segment_test.h"

static void revenue(st *t, const int64_t *v)
{
    for (uint32_t i = 0; i < t->n; i++) st_num(t, "revenue", i, v[i]);
}

static void assert_seats(st *t, uint32_t n, uint32_t a, uint32_t b, uint32_t c)
{
    static const int64_t share[3] = {200000, 400000, 400000};
    uint32_t seats[3];
    assert_code(kam__quota_seats(seats, n, share, 3, t->ctx, t->err), KAM_OK);
    assert_int_equal(seats[0], a);
    assert_int_equal(seats[1], b);
    assert_int_equal(seats[2], c);
}

static void quota_gives_the_largest_remainder_and_then_the_better_grade(void **state)
{
    st *t = *state;
    assert_seats(t, 0, 0, 0, 0);
    assert_seats(t, 1, 0, 1, 0);
    assert_seats(t, 2, 0, 1, 1);
    assert_seats(t, 3, 1, 1, 1);
    assert_seats(t, 6, 1, 3, 2);
    assert_seats(t, 701, 140, 281, 280);
    for (uint32_t n = 0; n < 3000; n++) {
        static const int64_t share[3] = {200000, 400000, 400000};
        uint32_t seats[3];
        assert_code(kam__quota_seats(seats, n, share, 3, t->ctx, t->err), KAM_OK);
        assert_int_equal(seats[0] + seats[1] + seats[2], n);
        assert_true(seats[1] == seats[2] || seats[1] == seats[2] + 1);
    }
}

static void quota_ranks_by_measure_then_id(void **state)
{
    st *t = *state;
    const int64_t v[6] = {10, 50, 50, 50, 90, -5};
    st_scheme(t, S_QUOTA, 6);
    revenue(t, v);
    st_grade(t);
    assert_string_equal(st_letters(t), "CBBBAC");
    assert_int_equal(t->out.row[4].rank, 1);
    assert_int_equal(t->out.row[1].rank, 2);
    assert_int_equal(t->out.row[3].rank, 4);
    assert_int_equal(t->out.row[5].rank, 6);
    assert_int_equal(t->out.ties, 0);
    assert_int_equal(t->out.cut[0], 90);
    assert_int_equal(t->out.cut[1], 50);
}

static void equal_accounts_at_a_cut_are_marked(void **state)
{
    st *t = *state;
    const int64_t v[6] = {50, 50, 50, 50, 50, 90};
    st_scheme(t, S_QUOTA, 6);
    revenue(t, v);
    st_grade(t);
    assert_string_equal(st_letters(t), "BBBCCA");
    assert_int_equal(t->out.ties, 5);
    assert_int_equal(t->out.row[0].tie, 1);
    assert_int_equal(t->out.row[4].tie, 1);
    assert_int_equal(t->out.row[5].tie, 0);
}

static void later_measures_break_ties(void **state)
{
    st *t = *state;
    st_scheme(t, S_ORDINAL "\"window\": \"all\", \"measure\": [\"likelihood\", \"revenue\"], "
                 "\"rule\": {\"quota\": [\"0.5\", \"0.5\", \"0\"]}, \"rest\": \"C\"}", 5);
    for (uint32_t i = 0; i < 4; i++) st_num(t, "likelihood", i, 5000);
    st_num(t, "revenue", 2, 7);
    st_num(t, "revenue", 3, 9);
    st_grade(t);
    assert_string_equal(st_letters(t), "BBAAC");            /* the fifth has no likelihood: the rest, no seat */
    assert_int_equal(t->out.row[3].rank, 1);
    assert_int_equal(t->out.row[4].how, KAM__HOW_NO_MEASURE);
    assert_int_equal(t->out.ties, 0);
    assert_int_equal(t->out.seats[0], 2);
}

#define SHARES(crossing) \
    S_ORDINAL S_REVENUE "\"rule\": {\"share\": [\"0.80\", \"0.95\"], \"crossing\": \"" crossing "\"}, \"rest\": \"C\"}"

static void shares_have_both_cut_rules(void **state)
{
    st *t = *state;
    const int64_t v[5] = {50, 30, 10, 6, 4};                /* 50 80 90 96 100 */
    st_scheme(t, SHARES("in"), 5);
    revenue(t, v);
    st_grade(t);
    assert_string_equal(st_letters(t), "AABBC");            /* before: 0 50 80 90 96 */
    st_scheme(t, SHARES("out"), 5);
    revenue(t, v);
    st_grade(t);
    assert_string_equal(st_letters(t), "AABCC");            /* with it: 50 80 90 96 100 */
}

static void shares_of_nothing_are_all_the_last_grade(void **state)
{
    st *t = *state;
    const int64_t v[3] = {5, 0, -5};
    st_scheme(t, SHARES("in"), 3);
    revenue(t, v);
    st_grade(t);
    assert_string_equal(st_letters(t), "CCC");
    assert_string_equal(st_why(t, 0, KAM__SAY_EN),
                        "RANK: rank 1 of 3, revenue 0.05\nSHARE: the total of all accounts is not above zero");
}

static void shares_too_big_are_a_limit(void **state)
{
    st *t = *state;
    const int64_t v[2] = {INT64_MAX, 1};
    st_scheme(t, SHARES("in"), 2);
    revenue(t, v);
    assert_code(kam__grade(&t->out, t->ctx, &t->bound, &t->in, t->err), KAM_E_LIMIT);
    assert_null(t->out.ctx);
}

static void thresholds_include_their_value(void **state)
{
    st *t = *state;
    const int64_t v[4] = {100000, 99999, 2000, 1999};
    st_scheme(t, S_ORDINAL S_REVENUE "\"rule\": {\"thresholds\": [\"1000\", \"20\"]}, \"rest\": \"C\"}", 5);
    for (uint32_t i = 0; i < 4; i++) st_num(t, "revenue", i, v[i]);
    st_grade(t);
    assert_string_equal(st_letters(t), "ABBCC");
    assert_string_equal(st_why(t, 1, KAM__SAY_EN), "RANK: rank 2 of 4, revenue 999.99 >= cut 20.00");
    assert_string_equal(st_why(t, 3, KAM__SAY_EN), "RANK: rank 4 of 4, revenue 19.99, behind the cut 20.00 of B");
    assert_string_equal(st_why(t, 4, KAM__SAY_EN), "REST: revenue is not known: the rest gets C");
}

static void the_first_match_decides(void **state)
{
    st *t = *state;
    st_scheme(t,
              S_ORDINAL "\"population\": [{\"field\": \"tier\", \"is\": \"KEY\"}], \"rule\": {\"first_match\": ["
                        "{\"grade\": \"A\", \"when\": [{\"field\": \"loyalty\", \"ge\": 7}, {\"field\": \"city\", "
                        "\"in\": [\"Bonn\", \"Berlin\"]}]},"
                        "{\"grade\": \"B\", \"when\": [{\"field\": \"loyalty\", \"gt\": 4}]}]}, \"rest\": \"C\"}",
              6);
    for (uint32_t i = 0; i < 5; i++) st_num(t, "tier", i, i == 3 ? KAM_TIER_LARGE : KAM_TIER_KEY);
    st_num(t, "loyalty", 0, 70000), st_text(t, "city", 0, "Berlin");
    st_num(t, "loyalty", 1, 90000), st_text(t, "city", 1, "Köln");
    st_num(t, "loyalty", 2, 40000), st_text(t, "city", 2, "Bonn");
    st_num(t, "loyalty", 3, 90000), st_text(t, "city", 3, "Bonn");
    st_num(t, "lifecycle", 4, KAM_LIFECYCLE_INVALID);
    st_grade(t);
    assert_string_equal(st_letters(t), "ABC---");
    assert_int_equal(t->out.none, 3);
    assert_int_equal(t->out.count[2], 1);
    assert_string_equal(st_why(t, 0, KAM__SAY_EN), "MATCH: all conditions of A hold\nCONDITION: loyalty 7 >= 7\n"
                                                   "CONDITION: city Berlin (one of Bonn, Berlin)");
    assert_string_equal(st_why(t, 1, KAM__SAY_EN), "MATCH: all conditions of B hold\nCONDITION: loyalty 9 > 4\n"
                                                   "NOT: not A: city Köln, wanted one of Bonn, Berlin");
    assert_string_equal(st_why(t, 2, KAM__SAY_ZH), "REST: 不满足其他条件：其余为 C\nNOT: 不是 A：忠诚度 4，要求：≥ 7\n"
                                                   "NOT: 不是 B：忠诚度 4，要求：> 4");
    assert_string_equal(st_why(t, 3, KAM__SAY_ZH), "POPULATION: 不属于本方案的对象：客户层级 大客户，要求：为 关键客户");
    assert_string_equal(st_why(t, 4, KAM__SAY_EN),
                        "POPULATION: not of the scheme's population: lifecycle INVALID, wanted any but INVALID");
}

static void missing_values_satisfy_little(void **state)
{
    st *t = *state;
    static const struct { const char *cond; int missing, five;
    } cases[] = {{"\"is\": 5", 0, 1}, {"\"is_not\": 5", 1, 0},     {"\"in\": [4, 5]", 0, 1},
                 {"\"ge\": 5", 0, 1}, {"\"gt\": 5", 0, 0},         {"\"le\": 5", 0, 1},
                 {"\"lt\": 5", 0, 0}, {"\"missing\": true", 1, 0}, {"\"missing\": false", 0, 1}};
    for (size_t k = 0; k < KAM__LEN(cases); k++) {
        char json[1000];
        snprintf(json, sizeof json,
                 "%s\"window\": \"all\", \"rule\": {\"first_match\": [{\"grade\": \"A\", \"when\": [{\"field\": "
                 "\"orders\", %s}]}]}, "
                 "\"rest\": \"C\"}",
                 S_ORDINAL, cases[k].cond);
        st_scheme(t, json, 2);
        st_num(t, "orders", 1, 5);
        st_grade(t);
        assert_int_equal(t->out.row[0].grade == 0, cases[k].missing);
        assert_int_equal(t->out.row[1].grade == 0, cases[k].five);
    }
}

static void reasons_tell_the_figures(void **state)
{
    st *t = *state;
    const int64_t v[6] = {123450, 100000, 100000, 100000, 100000, 5};
    st_scheme(t, S_QUOTA, 6);
    revenue(t, v);
    st_grade(t);
    assert_string_equal(st_why(t, 0, KAM__SAY_EN),
                        "RANK: rank 1 of 6, revenue 1234.50 >= cut 1234.50\nQUOTA: quota A 20 %: 1 of 6");
    assert_string_equal(st_why(t, 4, KAM__SAY_EN),
                        "RANK: rank 5 of 6, revenue 1000.00, behind the cut 1000.00 of B\nQUOTA: quota C 40 %: 2 of 6\n"
                        "TIE: tied at the cut: among equal accounts the smaller id takes the better grade");
    assert_string_equal(st_why(t, 5, KAM__SAY_ZH),
                        "RANK: 第 6 名（共 6 名），收入 0.05，在 B 的分界值 1000.00 之后\nQUOTA: C 级配额 40%：2/6");
    st_scheme(t, SHARES("in"), 3);
    const int64_t w[3] = {70, 20, 10};
    revenue(t, w);
    st_grade(t);
    assert_string_equal(st_letters(t), "AAB");
    assert_string_equal(st_why(t, 1, KAM__SAY_EN),
                        "RANK: rank 2 of 3, revenue 0.20\nSHARE: cumulative share before it 70 % < 80 %");
    assert_string_equal(st_why(t, 2, KAM__SAY_ZH), "RANK: 第 3 名（共 3 名），收入 0.10\nSHARE: 本客户之前累计占比 90% < 95 %");
}

static void one_account_takes_the_seat_of_b(void **state)
{
    st *t = *state;
    st_scheme(t, S_QUOTA, 1);
    st_num(t, "revenue", 0, 100);
    st_grade(t);
    assert_string_equal(st_letters(t), "B");
    assert_string_equal(st_why(t, 0, KAM__SAY_EN),
                        "RANK: rank 1 of 1, revenue 1.00 >= cut 1.00\nQUOTA: quota B 40 %: 1 of 1");
    st_scheme(t, S_QUOTA, 0);
    st_grade(t);
    assert_int_equal(t->out.nranked, 0);
}

/* Against a slow and plain ranking of random values with many ties. */
static void grades_agree_with_counting(void **state)
{
    st *t = *state;
    uint64_t seed = 7;
    for (int round = 0; round < 40; round++) {
        uint32_t n = (uint32_t)(kam__random(&seed) % 60);
        st_scheme(t, S_QUOTA, n);
        for (uint32_t i = 0; i < n; i++) st_num(t, "revenue", i, (int64_t)(kam__random(&seed) % 12));
        st_grade(t);
        const int64_t *v = t->num[st_attr(t, "revenue")];
        for (uint32_t i = 0; i < n; i++) {
            uint32_t better = 0;
            for (uint32_t k = 0; k < n; k++) better += v[k] > v[i] || (v[k] == v[i] && k < i);
            assert_int_equal(t->out.row[i].rank, better + 1);
            int want = better < t->out.seats[0] ? 0 : better < t->out.seats[0] + t->out.seats[1] ? 1 : 2;
            assert_int_equal(t->out.row[i].grade, want);
            int tie = 0;
            for (uint32_t k = 0; k < n; k++) tie |= v[k] == v[i] && t->out.row[k].grade != t->out.row[i].grade;
            assert_int_equal(t->out.row[i].tie, tie);
        }
    }
}

static void survives_every_failing_allocation(void **state)
{
    st *t = *state;
    const int64_t v[6] = {1, 2, 3, 4, 5, 6};
    st_scheme(t, SHARES("in"), 6);
    revenue(t, v);
    for (int64_t n = 0;; n++) {
        int64_t live = t->f.live;
        t->f.left = n;
        int32_t rc = kam__grade(&t->out, t->ctx, &t->bound, &t->in, t->err);
        st_saying s = {t, KAM__SAY_EN};
        if (rc == KAM_OK)
            rc = kam__grade_explain(&t->bound, &t->in, &t->out, 2, KAM__SAY_EN | KAM__SAY_ZH, st_on_reason, &s, t->err);
        t->f.left = -1;
        kam__grading_free(&t->out);
        assert_int_equal(t->f.live, live);
        if (rc == KAM_OK) {
            assert_true(n > 4);
            break;
        }
        assert_code(rc, KAM_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        st_test(quota_gives_the_largest_remainder_and_then_the_better_grade),
        st_test(quota_ranks_by_measure_then_id),
        st_test(equal_accounts_at_a_cut_are_marked),
        st_test(later_measures_break_ties),
        st_test(shares_have_both_cut_rules),
        st_test(shares_of_nothing_are_all_the_last_grade),
        st_test(shares_too_big_are_a_limit),
        st_test(thresholds_include_their_value),
        st_test(the_first_match_decides),
        st_test(missing_values_satisfy_little),
        st_test(reasons_tell_the_figures),
        st_test(one_account_takes_the_seat_of_b),
        st_test(grades_agree_with_counting),
        st_test(survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
