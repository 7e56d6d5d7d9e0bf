/* Tests of src/report/figures.c: who is a key account, curves, flows, order of changes, the plan's sums, problems. */
#include "sample.h"

static void key_accounts_by_what_the_book_has(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    shown_account(&s, 1, 100, 10, NULL, NULL);
    shown_account(&s, 2, 300, 10, NULL, NULL);
    shown_account(&s, 3, 0, 0, NULL, NULL);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    assert_int_equal(s.r.key_how, KAM__KEY_REVENUE);
    assert_int_equal(s.r.nkey, 2);
    assert_int_equal(s.r.account[s.r.key[0]].id, 2);
    shown_close(&s);

    shown_open(&s, 0);
    shown_account(&s, 1, 100, 10, NULL, NULL)->flags |= KAM__ACC_SCORE;
    shown_account(&s, 2, 300, 10, NULL, NULL)->flags |= KAM__ACC_SCORE;
    s.r.account[0].points = 9;
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    assert_int_equal(s.r.key_how, KAM__KEY_SCORE);
    assert_int_equal(s.r.account[s.r.key[0]].id, 1);
    shown_close(&s);

    shown_open(&s, 0);
    shown_account(&s, 1, 100, 10, "A", NULL)->flags |= KAM__ACC_SCORE;
    shown_account(&s, 2, 300, 10, "B", NULL);
    shown_account(&s, 3, 400, 10, "A", NULL)->flags |= KAM__ACC_INVALID;
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    assert_int_equal(s.r.key_how, KAM__KEY_GRADE);
    assert_int_equal(s.r.nkey, 1);
    shown_close(&s);

    shown_open(&s, 0);
    s.r.nominal = 1; /* the first of nominal grades is not the best */
    shown_account(&s, 1, 100, 10, "A", NULL);
    shown_account(&s, 2, 300, 10, "B", NULL);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    assert_int_equal(s.r.key_how, KAM__KEY_REVENUE);
    shown_close(&s);

    shown_open(&s, 0);
    shown_account(&s, 1, 100, 10, "A", NULL);
    shown_account(&s, 2, 3, 10, "B", NULL)->flags |= KAM__ACC_TIER;
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    assert_int_equal(s.r.key_how, KAM__KEY_TIER);
    assert_int_equal(s.r.nkey, 1);
    assert_true(s.r.account[1].flags & KAM__ACC_KEY);
    shown_close(&s);
}

static void curves_end_where_the_sums_end(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    for (int i = 1; i <= 250; i++) shown_account(&s, i, i * 100, i % 10 ? i * 10 : -i, NULL, NULL);
    shown_account(&s, 251, -500, -500, NULL, NULL); /* only returns: not on the revenue curve */
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    const kam__report_curve *c = &s.r.curve;
    assert_int_equal(c->n, 250);
    assert_int_equal(c->npoint, 101);
    assert_int_equal(c->rank[0], 0);
    assert_int_equal(c->rank[100], 250);
    assert_int_equal(c->total, 250 * 251 / 2 * 100);
    assert_int_equal(c->cum[100], c->total);
    for (uint32_t i = 1; i < c->npoint; i++) assert_true(c->rank[i] > c->rank[i - 1] && c->cum[i] > c->cum[i - 1]);
    int64_t sum = 0, reach = 0;
    for (int i = 250; sum * 100 < c->total * 80; i--, reach++) sum += i * 100;
    assert_int_equal(s.r.reach80, reach);
    assert_int_equal(s.r.profit.n, 251);
    assert_int_equal(s.r.unprofitable, 26);
    int64_t loss = -500;
    for (int i = 10; i <= 250; i += 10) loss -= i;
    assert_int_equal(s.r.loss, loss);
    shown_close(&s);
}

static void few_accounts_have_every_rank(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    for (int i = 1; i <= 3; i++) shown_account(&s, i, 100, 1, NULL, NULL);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    assert_int_equal(s.r.curve.npoint, 4);
    assert_int_equal(s.r.curve.cum[1], 100);
    assert_int_equal(s.r.reach80, 3);
    shown_close(&s);
    shown_open(&s, 0);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    assert_int_equal(s.r.curve.n, 0);
    assert_int_equal(s.r.nkey, 0);
    shown_close(&s);
}

static void sums_that_do_not_fit(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    shown_account(&s, 1, INT64_MAX, 1, "A", NULL);
    shown_account(&s, 2, INT64_MAX, 1, "A", NULL);
    assert_code(kam__report_figures(&s.r, NULL), KAM_E_LIMIT);
    shown_close(&s);
}

static void grades_flow_and_changes_are_ordered(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    static const char *const now[] = {"A", "A", "B", "B", "C", "C", NULL};
    for (int i = 0; i < 7; i++) shown_account(&s, i + 1, 100 - i, 1, now[i], NULL);
    shown_change(&s, 2, 2, 1);  /* B -> A */
    shown_change(&s, 4, 1, 2);  /* A -> B */
    shown_change(&s, 5, 0, 3);  /* first */
    shown_change(&s, 6, 2, 3);  /* B -> C */
    shown_change(&s, 7, 3, 0);  /* C -> none */
    shown_change(&s, 99, 1, 2); /* not there any more: told, not counted */
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    assert_int_equal(s.r.flow[1][1], 1);
    assert_int_equal(s.r.flow[2][1], 1);
    assert_int_equal(s.r.flow[1][2], 1);
    assert_int_equal(s.r.flow[2][3], 1);
    assert_int_equal(s.r.flow[3][0], 1);
    assert_int_equal(s.r.flow[0][3], 1);
    assert_int_equal(s.r.better, 1);
    assert_int_equal(s.r.worse, 2);
    assert_int_equal(s.r.firsts, 1);
    assert_int_equal(s.r.others, 1);
    static const int64_t order[] = {4, 99, 2, 6, 7, 5};
    for (int i = 0; i < 6; i++) assert_int_equal(s.r.change[i].account, order[i]);
    shown_close(&s);
}

static void more_grades_than_places(void **state)
{
    shown s;
    uint8_t at = 0;
    char name[16];
    (void)state;
    shown_open(&s, 0);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "G%d", i);
        assert_code(kam__report_grade_of(&at, &s.r, name, strlen(name), NULL), KAM_OK);
        assert_int_equal(at, i < 16 ? i + 1 : 0);
    }
    assert_code(kam__report_grade_of(&at, &s.r, "G3", 2, NULL), KAM_OK);
    assert_int_equal(at, 4);
    assert_code(kam__report_grade_of(&at, &s.r, NULL, 0, NULL), KAM_OK);
    assert_int_equal(at, 0);
    shown_close(&s);
}

static void the_plan_is_summed_up(void **state)
{
    shown s;
    int32_t monday = 0, day = kam__day(2026, 6, 3);
    (void)state;
    shown_open(&s, 0);
    shown_rep(&s, 1, "Li");
    shown_rep(&s, 2, "Wu");
    assert_int_equal(kam__report_weeks(&s.r, &monday), 0);
    shown_entry(&s, 5, 2, day + 1, KAM_CHANNEL_VISIT, 1);
    shown_entry(&s, 6, 1, day, KAM_CHANNEL_CALL, 1);
    shown_entry(&s, 7, 1, day, KAM_CHANNEL_VISIT, 2);
    shown_entry(&s, 8, 1, day, KAM_CHANNEL_VISIT, 1);
    shown_entry(&s, 9, 1, day + 7, KAM_CHANNEL_VISIT, 1);
    shown_entry(&s, 9, 3, day + 100, KAM_CHANNEL_VISIT, 1); /* of somebody unknown */
    assert_code(kam__report_plan_figures(&s.r, NULL), KAM_OK);
    assert_int_equal(s.r.entry[0].account, 8);
    assert_int_equal(s.r.entry[1].account, 7);
    assert_int_equal(s.r.entry[2].account, 6);
    assert_int_equal(s.r.rep[0].visits, 3);
    assert_int_equal(s.r.rep[0].calls, 1);
    assert_int_equal(s.r.rep[0].days, 2);
    assert_int_equal(s.r.rep[0].metres, 4500);
    assert_int_equal(s.r.rep[1].first, 4);
    assert_int_equal(s.r.rep[1].n, 1);
    assert_int_equal(kam__report_weeks(&s.r, &monday), KAM__REPORT_WEEKS);
    assert_int_equal(monday, kam__day(2026, 6, 1));
    shown_close(&s);
}

static void problems_are_found(void **state)
{
    shown s;
    uint32_t list[KAM__REPORT_PROBLEMS], n = 0;
    (void)state;
    shown_open(&s, 0);
    shown_rep(&s, 1, "Li");
    shown_rep(&s, 2, "gone");
    s.r.rep[1].active = 0;
    kam__report_account *a = shown_account(&s, 1, 10, 1, NULL, NULL);
    a->owner = 1;
    a->flags |= KAM__ACC_PLACE;
    for (int k = 0; k < KAM__BAD_KINDS; k++) assert_false(kam__report_bad(&s.r, a, k));
    a->owner = 0;
    assert_true(kam__report_bad(&s.r, a, KAM__BAD_OWNER));
    a->owner = 2;
    assert_true(kam__report_bad(&s.r, a, KAM__BAD_REP));
    a->owner = 77;
    assert_true(kam__report_bad(&s.r, a, KAM__BAD_REP));
    a->flags = KAM__ACC_VALUE;
    assert_true(kam__report_bad(&s.r, a, KAM__BAD_PLACE));
    a->flags |= KAM__ACC_NO_COORDINATES | KAM__ACC_KEY;
    assert_false(kam__report_bad(&s.r, a, KAM__BAD_PLACE));
    assert_true(kam__report_bad(&s.r, a, KAM__BAD_NO_PLACE));
    assert_true(kam__report_bad(&s.r, a, KAM__BAD_SILENT));
    a->contribution = -1;
    assert_true(kam__report_bad(&s.r, a, KAM__BAD_LOSS));
    a->flags |= KAM__ACC_INVALID;
    for (int k = 0; k < KAM__BAD_KINDS; k++) assert_false(kam__report_bad(&s.r, a, k));
    for (int i = 2; i < 42; i++) shown_account(&s, i, i * 37 % 41, -(i * 29 % 41) - 1, NULL, NULL);
    assert_int_equal(kam__report_bad_list(&s.r, KAM__BAD_LOSS, list, &n), 40);
    assert_int_equal(n, KAM__REPORT_PROBLEMS);
    for (uint32_t i = 1; i < n; i++)
        assert_true(s.r.account[list[i - 1]].contribution <= s.r.account[list[i]].contribution);
    for (uint32_t i = 0; i < s.r.naccount; i++) { /* nobody left out has a larger loss */
        int in = 0;
        for (uint32_t k = 0; k < n; k++) in |= list[k] == i;
        if (!in && !(s.r.account[i].flags & KAM__ACC_INVALID))
            assert_true(s.r.account[i].contribution >= s.r.account[list[n - 1]].contribution);
    }
    assert_int_equal(kam__report_bad_list(&s.r, KAM__BAD_OWNER, list, &n), 40);
    for (uint32_t i = 1; i < n; i++) assert_true(s.r.account[list[i - 1]].revenue >= s.r.account[list[i]].revenue);
    shown_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_accounts_by_what_the_book_has),
        cmocka_unit_test(curves_end_where_the_sums_end),
        cmocka_unit_test(few_accounts_have_every_rank),
        cmocka_unit_test(sums_that_do_not_fit),
        cmocka_unit_test(grades_flow_and_changes_are_ordered),
        cmocka_unit_test(more_grades_than_places),
        cmocka_unit_test(the_plan_is_summed_up),
        cmocka_unit_test(problems_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
