/* Time on top accounts, the effort mix, activity and intention: by hand. */
#include "help.h"
#include "value/measure.h"

static void time_on_top_accounts(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    const int64_t minutes[] = {10, 60, 20, 5, 5}, revenue[] = {100, 700, 100, 50, 50}, profit[] = {30, 20, 50, -20, 20};
    kam__attention a;
    assert_int_equal(kam__attention_make(&a, minutes, revenue, profit, 5, 2000, ctx, NULL), KAM_OK);
    assert_true(a.top == 1 && a.time_share == 6000 && a.revenue_share == 7000 && a.profit_share == 2000);
    assert_int_equal(kam__attention_make(&a, minutes, revenue, NULL, 5, 2001, ctx, NULL), KAM_OK);
    assert_true(a.top == 2 && a.time_share == 7000 && a.revenue_share == 8000 &&
                a.profit_share == 0); /* a tie: the first one */
    assert_int_equal(kam__attention_make(&a, NULL, NULL, NULL, 0, 2000, ctx, NULL), KAM_OK);
    assert_int_equal(kam__attention_make(&a, minutes, revenue, NULL, 5, 10001, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam__attention_make(&a, NULL, revenue, NULL, 5, 2000, ctx, NULL), KAM_E_INVAL);
    mem.left = 0;
    assert_int_equal(kam__attention_make(&a, minutes, revenue, NULL, 5, 2000, ctx, NULL), KAM_E_NOMEM);
    mem.left = -1;
    kam_ctx_free(ctx);
}

static void effort_mix(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    int64_t share[4], difference[4];
    const int64_t third[] = {1, 1, 1, 0, 500}, none[] = {0, 0, 0, 0, 9}, bad[] = {0, -1, 0, 0, 0};
    assert_int_equal(kam__effort_mix(share, difference, third, ctx, NULL), KAM_OK);
    assert_true(share[0] == 3334 && share[1] == 3333 && share[2] == 3333 && share[3] == 0);
    assert_true(difference[0] == -666 && difference[2] == 1333 && difference[3] == -1000);
    assert_int_equal(kam__effort_mix(share, difference, none, ctx, NULL), KAM_OK);
    assert_true(share[0] == 0 && share[3] == 0 && difference[0] == 0);
    assert_int_equal(kam__effort_mix(share, difference, bad, ctx, NULL), KAM_E_INVAL);
    kam_ctx_free(ctx);
}

static void activity(void **state) {
    (void)state;
    const kam__contact c[] = {{0, 10, 0, 0},  {0, 60, 1, 1}, {0, 99, 2, 1},
                              {0, 100, 0, 0}, /* the last one is behind the window */
                              {1, 80, 0, 0},  {1, 81, 0, 0}, {3, 5, 2, 0}};
    const int64_t alike[4] = {1, 1, 1, 1};
    kam__activity a[4];
    assert_int_equal(kam__activity_make(a, 4, c, 7, 0, 100, NULL, NULL), KAM_OK);
    assert_true(a[0].points == 7 && a[0].contacts == 3 && a[0].inbound == 6667 && a[0].trend == -1);
    assert_true(a[1].points == 8 && a[1].trend == 1 && a[1].inbound == 0);
    assert_true(a[2].points == 0 && a[2].index == 0 && a[2].trend == 0);
    assert_true(a[3].points == 1 && a[3].trend == -1);
    assert_int_equal(a[1].index, 15000); /* 8 of (7 + 8 + 1) / 3 */
    assert_int_equal(kam__activity_make(a, 4, c, 7, 0, 100, alike, NULL), KAM_OK);
    assert_true(a[0].points == 3 && a[0].trend == 1);
    assert_int_equal(kam__activity_make(a, 4, c, 7, 5, 5, NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam__activity_make(a, 3, c, 7, 0, 100, NULL, NULL), KAM_E_INVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(time_on_top_accounts), cmocka_unit_test(effort_mix),
                                       cmocka_unit_test(activity)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
