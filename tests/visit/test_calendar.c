/* Tests of src/visit/calendar.c: weekends, holidays, working weekends (Chinese national days), half days, counting. */
#include "help.h"

typedef struct entry { const char *day; int32_t kind; } entry;
enum { OFF = KAM_CALENDAR_DAY_HOLIDAY, WORK = KAM_CALENDAR_DAY_WORKDAY, HALF = KAM_CALENDAR_DAY_HALF };

static void make(vt *t, kam__calendar *c, const entry *e, size_t n) {
    int32_t day[40], kind[40];
    for (size_t i = 0; i < n; i++) day[i] = D(e[i].day), kind[i] = e[i].kind;
    assert_code(kam__calendar_init(c, t->ctx, day, kind, n, t->err), KAM_OK);
}

/* National day and mid-autumn 2025: 1-8 October free, Sunday 28 September and Saturday 11 October worked. */
static const entry golden_week[] = {
    {"2025-10-11", WORK}, {"2025-10-03", OFF}, {"2025-10-01", OFF}, {"2025-10-02", OFF}, {"2025-10-04", OFF},
    {"2025-10-08", OFF},  {"2025-10-05", OFF}, {"2025-10-06", OFF}, {"2025-10-07", OFF}, {"2025-09-28", WORK},
};

static void plain_weeks(void **state) {
    (void)state;
    for (int32_t i = 0; i < 7; i++)         /* 2026-03-02 is a Monday */
        assert_int_equal(kam__calendar_halves(NULL, D("2026-03-02") + i), i < 5 ? 2 : 0);
    assert_day(kam__calendar_before(NULL, D("2026-03-08"), KAM_DAY_FIRST), "2026-03-06");
    assert_day(kam__calendar_after(NULL, D("2026-03-07"), KAM_DAY_END), "2026-03-09");
    assert_day(kam__calendar_before(NULL, D("2026-03-05"), KAM_DAY_FIRST), "2026-03-05");
    assert_day(kam__calendar_before(NULL, D("1969-12-28"), KAM_DAY_FIRST), "1969-12-26");
}

static void golden_week_2025(void **state) {
    vt *t = *state;
    kam__calendar c;
    make(t, &c, golden_week, KAM__LEN(golden_week));
    assert_int_equal(kam__calendar_halves(&c, D("2025-09-28")), 2);
    assert_int_equal(kam__calendar_halves(&c, D("2025-09-27")), 0);
    assert_int_equal(kam__calendar_halves(&c, D("2025-10-08")), 0);
    assert_int_equal(kam__calendar_halves(&c, D("2025-10-11")), 2);
    assert_day(kam__calendar_before(&c, D("2025-10-08"), KAM_DAY_FIRST), "2025-09-30");
    assert_day(kam__calendar_after(&c, D("2025-10-01"), KAM_DAY_END), "2025-10-09");
    assert_day(kam__calendar_before(&c, D("2025-10-12"), KAM_DAY_FIRST), "2025-10-11");
    assert_int_equal(kam__calendar_count(&c, D("2025-09-22"), D("2025-10-13"), NULL), 15 - 6 + 2);
    kam__calendar_free(&c);
}

static void looking_stops_where_told(void **state) {
    vt *t = *state;
    kam__calendar c;
    make(t, &c, golden_week, KAM__LEN(golden_week));
    assert_day(kam__calendar_before(&c, D("2025-10-05"), D("2025-10-01")), "2025-10-05");
    assert_day(kam__calendar_before(&c, D("2025-10-05"), D("2025-09-30")), "2025-09-30");
    assert_day(kam__calendar_after(&c, D("2025-10-01"), D("2025-10-08")), "2025-10-01");
    assert_day(kam__calendar_after(&c, D("2025-10-01"), D("2025-10-09")), "2025-10-09");
    kam__calendar_free(&c);
}

static void half_days_and_the_last_word(void **state) {
    static const entry e[] = {{"2026-02-16", HALF}, {"2026-02-21", HALF}, {"2026-02-17", OFF}, {"2026-02-17", WORK},
                              {"2026-02-18", WORK}, {"2026-02-18", OFF},  {"2026-02-19", 99}};
    vt *t = *state;
    kam__calendar c;
    int64_t halves = 0;
    make(t, &c, e, KAM__LEN(e));
    assert_int_equal(c.n, 5);
    assert_int_equal(kam__calendar_halves(&c, D("2026-02-16")), 1);
    assert_int_equal(kam__calendar_halves(&c, D("2026-02-21")), 1);          /* a worked half Saturday */
    assert_int_equal(kam__calendar_halves(&c, D("2026-02-17")), 2);
    assert_int_equal(kam__calendar_halves(&c, D("2026-02-18")), 0);
    assert_int_equal(kam__calendar_halves(&c, D("2026-02-19")), 2);
    assert_day(kam__calendar_before(&c, D("2026-02-22"), KAM_DAY_FIRST), "2026-02-21");
    assert_int_equal(kam__calendar_count(&c, D("2026-02-16"), D("2026-02-23"), &halves), 5); /* Mon Tue Thu Fri Sat */
    assert_int_equal(halves, 1 + 2 + 2 + 2 + 1);
    kam__calendar_free(&c);
}

static void counting_equals_walking(void **state) {
    vt *t = *state;
    kam__calendar c;
    make(t, &c, golden_week, KAM__LEN(golden_week));
    uint64_t seed = 7;
    for (int i = 0; i < 300; i++) {
        int32_t from = D("2025-08-01") + (int32_t)(kam__random(&seed) % 120),
                to = from + (int32_t)(kam__random(&seed) % 90) - 5;
        int64_t days = 0, halves = 0, got = -1;
        for (int32_t d = from; d < to; d++) {
            days += kam__calendar_halves(&c, d) > 0;
            halves += kam__calendar_halves(&c, d);
        }
        assert_int_equal(kam__calendar_count(&c, from, to, &got), days);
        assert_int_equal(got, halves);
    }
    assert_int_equal(kam__calendar_count(NULL, -2000, 5000, NULL), 5000);
    kam__calendar_free(&c);
}

static int32_t init_scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    int32_t day[] = {3, 1, 2}, kind[] = {OFF, WORK, HALF};
    kam__calendar c;
    (void)f;
    int32_t rc = kam__calendar_init(&c, ctx, day, kind, 3, err);
    if (rc == KAM_OK) kam__calendar_free(&c);
    return rc;
}

static void no_memory(void **state) {
    (void)state;
    assert_true(fault_sweep(init_scenario) >= 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_weeks),
        cmocka_unit_test_setup_teardown(golden_week_2025, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(looking_stops_where_told, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(half_days_and_the_last_word, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(counting_equals_walking, vt_setup, vt_teardown),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
