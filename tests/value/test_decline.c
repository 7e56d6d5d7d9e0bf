/* The alarm: which periods are compared on which day, with January and February as one; who is told, in which order. */
#include "help.h"
#include "value/measure.h"

static void span_is(const kam__span *s, int32_t y, int32_t m, int32_t months) {
    assert_int_equal(s->from, kam__day(y, m, 1));
    assert_int_equal(s->months, months);
    assert_int_equal(s->to, kam__add_months(kam__day(y, m, 1), months));
}

static void periods(void **state) {
    (void)state;
    kam__decline_spans s;
    kam__decline_periods(&s, kam__day(2026, 6, 30)); /* June has just ended */
    span_is(&s.now, 2026, 6, 1);
    span_is(&s.before, 2026, 5, 1);
    span_is(&s.year_ago, 2025, 6, 1);
    kam__decline_periods(&s, kam__day(2026, 6, 29)); /* it still runs */
    span_is(&s.now, 2026, 5, 1);
    kam__decline_periods(&s, kam__day(2026, 1, 31)); /* January alone says nothing */
    span_is(&s.now, 2025, 12, 1);
    span_is(&s.before, 2025, 11, 1);
    kam__decline_periods(&s, kam__day(2026, 2, 27));
    span_is(&s.now, 2025, 12, 1);
    kam__decline_periods(&s, kam__day(2026, 2, 28));
    span_is(&s.now, 2026, 1, 2);
    span_is(&s.before, 2025, 12, 1);
    span_is(&s.year_ago, 2025, 1, 2);
    kam__decline_periods(&s, kam__day(2024, 2, 29));
    span_is(&s.now, 2024, 1, 2);
    kam__decline_periods(&s, kam__day(2024, 2, 28));
    span_is(&s.now, 2023, 12, 1);
    kam__decline_periods(&s, kam__day(2026, 3, 31));
    span_is(&s.now, 2026, 3, 1);
    span_is(&s.before, 2026, 1, 2);
}

static void who_is_told(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    kam__decline_spans s;
    int32_t as_of = kam__day(2026, 3, 31);
    const kam__decline_options o = {2000, 20000};
    /* March against half of January and February, and against last March */
    const kam__decline_in in[] = {
        {1, 100, 200, 100, as_of, 10},  /* as always */
        {2, 80, 200, 0, as_of, 10},     /* a fifth less than before, nothing a year ago */
        {3, 81, 200, 100, as_of, 10},   /* not quite a fifth */
        {4, 10, 0, 500, as_of, 10},     /* 490 less than a year ago */
        {5, 0, 0, 0, as_of - 21, 10},   /* silent: more than twice its usual ten days */
        {6, 0, 0, 0, as_of - 20, 10},   /* just twice */
        {7, 0, 0, 0, KAM_DAY_FIRST, 0}, /* never bought */
        {8, -50, 0, 440, as_of, 0},     /* returns: 490 less as well */
        {9, 500, 100, 100, as_of, 0},   /* grows */
    };
    kam__decline out[9];
    size_t n;
    kam__decline_periods(&s, as_of);
    assert_int_equal(kam__decline_find(out, &n, in, 9, &s, &o, as_of, ctx, NULL), KAM_OK);
    assert_int_equal(n, 4);
    assert_true(out[0].account == 4 && out[0].lost == 490 && out[0].why == KAM__DECLINE_YEAR &&
                out[0].year_change == -9800);
    assert_true(out[1].account == 8 && out[1].lost == 490 && out[1].year_change == -11136);
    assert_true(out[2].account == 2 && out[2].lost == 20 && out[2].why == KAM__DECLINE_PERIOD &&
                out[2].period_change == -2000);
    assert_true(out[3].account == 5 && out[3].lost == 0 && out[3].why == KAM__DECLINE_SILENT &&
                out[3].silent_days == 21);
    kam_ctx_free(ctx);
}

static void extremes_and_refusals(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    kam__decline_spans s;
    const kam__decline_options o = {2000, 20000}, bad[] = {{-1, 0}, {10001, 0}, {0, -1}};
    const kam__decline_in in[] = {{1, INT64_MIN, INT64_MAX, INT64_MAX, 0, 1},
                                  {2, INT64_MAX, INT64_MIN, INT64_MIN, 5, 0}};
    kam__decline out[2];
    size_t n = 9;
    kam__decline_periods(&s, 20000);
    assert_int_equal(kam__decline_find(out, &n, in, 2, &s, &o, 20000, ctx, NULL), KAM_OK);
    assert_int_equal(n, 1);
    assert_true(out[0].lost == INT64_MAX && out[0].year_change < 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(kam__decline_find(out, &n, in, 2, &s, &bad[i], 20000, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam__decline_find(out, &n, in, 0, &s, &o, 20000, ctx, NULL), KAM_OK);
    assert_int_equal(n, 0);
    kam_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(periods), cmocka_unit_test(who_is_told),
                                       cmocka_unit_test(extremes_and_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
