/* Tests of src/visit/due.c: due days by months, days and ISO weeks, the working day before, the list and its order. */
#include "help.h"

static kam__cadence_rule every(uint32_t unit, int32_t n) {
    return (kam__cadence_rule){.id = "r", .channel = KAM_CHANNEL_VISIT, .unit = unit, .every = n};
}

static int32_t next(uint32_t unit, int32_t n, const char *last) {
    kam__cadence_rule r = every(unit, n);
    return kam__due_day(&r, D(last), D("2020-01-01"), NULL);
}

static void months_end_where_the_month_ends(void **state) {
    (void)state;
    assert_day(next(KAM__EVERY_MONTHS, 2, "2026-03-10"), "2026-05-08");      /* 10 May is a Sunday */
    assert_day(next(KAM__EVERY_MONTHS, 3, "2026-03-10"), "2026-06-10");
    assert_day(next(KAM__EVERY_MONTHS, 4, "2026-03-10"), "2026-07-10");
    assert_day(next(KAM__EVERY_MONTHS, 2, "2025-12-31"), "2026-02-27");      /* Saturday 28 February */
    assert_day(next(KAM__EVERY_MONTHS, 2, "2023-12-31"), "2024-02-29");
    assert_day(next(KAM__EVERY_MONTHS, 3, "2026-11-30"), "2027-02-26");      /* Sunday 28 February */
    assert_day(next(KAM__EVERY_DAYS, 30, "2026-03-10"), "2026-04-09");
}

static void weeks_end_with_the_week(void **state) {
    (void)state;
    assert_day(next(KAM__EVERY_ISO_WEEKS, 1, "2026-03-02"), "2026-03-13");   /* Monday -> Friday of the next week */
    assert_day(next(KAM__EVERY_ISO_WEEKS, 1, "2026-03-08"), "2026-03-13");   /* Sunday of the same week */
    assert_day(next(KAM__EVERY_ISO_WEEKS, 1, "2026-03-09"), "2026-03-20");
    assert_day(next(KAM__EVERY_ISO_WEEKS, 1, "2025-12-29"), "2026-01-09");   /* over the year */
    /* blocks of two weeks from Monday 2001-01-01: 2026-03-09 starts ISO week 11, the first of its block */
    assert_day(next(KAM__EVERY_ISO_WEEKS, 2, "2026-03-09"), "2026-04-03");
    assert_day(next(KAM__EVERY_ISO_WEEKS, 2, "2026-03-22"), "2026-04-03");
    assert_day(next(KAM__EVERY_ISO_WEEKS, 2, "2026-03-23"), "2026-04-17");
    assert_day(next(KAM__EVERY_ISO_WEEKS, 2, "2000-12-31"), "2001-01-12");   /* before the epoch, too */
    assert_day(next(KAM__EVERY_ISO_WEEKS, 2, "2000-12-17"), "2000-12-29");
}

static void never_contacted(void **state) {
    (void)state;
    kam__cadence_rule r = every(KAM__EVERY_MONTHS, 2);
    assert_day(kam__due_day(&r, KAM__NEVER, D("2026-03-10"), NULL), "2026-03-10");
    assert_day(kam__due_day(&r, KAM__NEVER, D("2026-03-08"), NULL), "2026-03-08");     /* not before the rule holds */
    r.first_due_days = 30;
    assert_day(kam__due_day(&r, KAM__NEVER, D("2026-03-10"), NULL), "2026-04-09");
    r = every(KAM__EVERY_ISO_WEEKS, 1);
    assert_day(kam__due_day(&r, KAM__NEVER, D("2026-03-10"), NULL), "2026-03-13");
    r.first_due_days = 7;
    assert_day(kam__due_day(&r, KAM__NEVER, D("2026-03-10"), NULL), "2026-03-20");
}

static void holidays_move_it_forward_in_time(void **state) {
    vt *t = *state;
    kam__calendar c;
    int32_t day[14], kind[14];
    for (int32_t i = 0; i < 14; i++)
        day[i] = D("2025-09-29") + i, kind[i] = KAM_CALENDAR_DAY_HOLIDAY; /* two weeks shut */
    assert_code(kam__calendar_init(&c, t->ctx, day, kind, 14, t->err), KAM_OK);
    kam__cadence_rule visit = every(KAM__EVERY_MONTHS, 2), call = every(KAM__EVERY_ISO_WEEKS, 1);
    assert_day(kam__due_day(&visit, D("2025-08-06"), 0, &c), "2025-09-26");
    assert_day(kam__due_day(&call, D("2025-09-23"), 0, &c),
               "2025-10-05"); /* no working day in that week: its last day */
    visit.unit = KAM__EVERY_DAYS, visit.every = 3;
    assert_day(kam__due_day(&visit, D("2025-09-30"), 0, &c), "2025-10-03");  /* not to or before the last contact */
    kam__calendar_free(&c);
}

static void followups_within_a_week(void **state) {
    (void)state;
    assert_day(kam__followup_due(D("2026-03-10")), "2026-03-17");
    assert_day(kam__followup_day(D("2026-03-10"), NULL), "2026-03-17");
    assert_day(kam__followup_due(D("2026-03-07")), "2026-03-14");
    assert_day(kam__followup_day(D("2026-03-07"), NULL), "2026-03-13");
}

static void only_what_is_due_is_listed(void **state) {
    vt *t = *state;
    kam__cadence c;
    vt_cadence(t, &c, vt_standard());
    kam__due_account a = {
        .id = 5, .representative = 3, .since = D("2026-01-05"), .grade = 1, .set = kam__cadence_set_of(&c, "A", 1)};
    int32_t last[2] = {D("2026-01-13"), D("2026-03-04")}; /* visit due 13 March, call by Friday 13 March */
    kam__due_list list = {.ctx = t->ctx};
    assert_code(kam__due_add(&list, &c, &a, last, NULL, D("2026-03-12"), t->err), KAM_OK);
    assert_int_equal(list.n, 0);
    assert_code(kam__due_add(&list, &c, &a, last, NULL, D("2026-03-13"), t->err), KAM_OK);
    assert_int_equal(list.n, 2);
    assert_int_equal(list.item[0].overdue, 0);
    list.n = 0;
    assert_code(kam__due_add(&list, &c, &a, last, NULL, D("2026-03-20"), t->err), KAM_OK);
    assert_int_equal(list.n, 2);
    assert_string_equal(list.item[0].rule, "visit");
    assert_int_equal(list.item[0].overdue, 7);
    assert_int_equal(list.item[0].account, 5);
    assert_int_equal(list.item[0].representative, 3);
    assert_int_equal(list.item[0].cause, KAM_ACTIVITY_CAUSE_CADENCE);
    assert_int_equal(list.item[0].channel, KAM_CHANNEL_VISIT);
    assert_day(list.item[0].last, "2026-01-13");
    a.set = 0;
    list.n = 0;
    assert_code(kam__due_add(&list, &c, &a, last, NULL, D("2027-03-20"), t->err), KAM_OK);
    assert_int_equal(list.n, 0);
    kam__free(t->ctx, list.item);
}

/* weight * (today - last) / gap: the weight on the due day, twice that when a second one would be due. */
static void what_is_overdue_has_a_score(void **state) {
    vt *t = *state;
    kam__cadence c;
    vt_cadence(t, &c, "{\"name\":\"n\",\"scheme\":\"s\",\"weights\":{\"A\":2.5},\"grades\":{\"A\":[{\"id\":\"see\",\"channel\":\"VISIT\","
                      "\"every\":{\"days\":30},\"must\":true}],\"B\":[]}}");
    assert_true(c.weighted && c.set[0].weight == KAM__WEIGHT && c.set[2].weight == KAM__WEIGHT);
    const kam__cadence_rule *see = vt_rule(&c, "A", "see");
    int32_t w = c.set[1].weight, last = D("2026-01-06"), due = D("2026-02-05");
    assert_int_equal(see->must, 1);
    assert_int_equal(kam__due_score(see, last, due, 0, NULL, w, due), 25000);
    assert_int_equal(kam__due_score(see, last, due, 0, NULL, w, due - 9), 25000);
    assert_int_equal(kam__due_score(see, last, due, 0, NULL, w, due + 15), 37500);
    assert_int_equal(kam__due_score(see, last, due, 0, NULL, w, due + 30), 50000);
    assert_int_equal(kam__due_score(see, KAM__NEVER, last, last, NULL, w, last + 30), 50000);       /* never seen: from its due day on */
    assert_int_equal(kam__due_score(NULL, last, last + 6, 0, NULL, KAM__WEIGHT, last + 13), 20000);  /* a follow-up: a week */
    kam__due_account a = {.id = 5, .set = 1};
    kam__due_list list = {.ctx = t->ctx};
    assert_code(kam__due_add(&list, &c, &a, &last, NULL, due + 15, t->err), KAM_OK);
    assert_true(list.item[0].must == 1 && list.item[0].score == 37500);
    kam__free(t->ctx, list.item);
}

static void a_followup_is_due_on_the_working_day_before(void **state) {
    vt *t = *state;
    kam__due_list list = {.ctx = t->ctx};
    kam__due item = {
        .account = 1, .activity = 9, .channel = KAM_CHANNEL_CALL, .last = D("2026-03-07"), .day = D("2026-03-14")};
    assert_code(kam__due_add_followup(&list, &item, NULL, D("2026-03-12"), t->err), KAM_OK);
    assert_int_equal(list.n, 0);
    assert_code(kam__due_add_followup(&list, &item, NULL, D("2026-03-15"), t->err), KAM_OK);
    assert_int_equal(list.n, 1);
    assert_day(list.item[0].day, "2026-03-13");
    assert_int_equal(list.item[0].overdue, 2);
    assert_int_equal(list.item[0].cause, KAM_ACTIVITY_CAUSE_FOLLOWUP);
    assert_string_equal(list.item[0].rule, "followup");
    item.last = KAM__NEVER;
    assert_code(kam__due_add_followup(&list, &item, NULL, D("2026-03-15"), t->err), KAM_OK);
    assert_day(list.item[1].day, "2026-03-13");
    kam__free(t->ctx, list.item);
}

static void most_overdue_first(void **state) {
    vt *t = *state;
    kam__due item[] = {
        {.account = 1, .rule = "visit", .day = 90, .overdue = 10},
        {.account = 2, .rule = "call", .day = 80, .overdue = 20},
        {.account = 2, .rule = "visit", .day = 80, .overdue = 20},
        {.account = 1, .rule = "visit", .day = 80, .overdue = 20},
        {.account = 1, .rule = "call", .day = 80, .overdue = 20},
        {.account = 1, .rule = "followup", .activity = 8, .day = 80, .overdue = 20},
        {.account = 1, .rule = "followup", .activity = 7, .day = 80, .overdue = 20},
        {.account = 9, .rule = "call", .day = 70, .overdue = 30},
    };
    static const int want[] = {7, 4, 6, 5, 3, 1, 2, 0};
    kam__due sorted[KAM__LEN(item)];
    memcpy(sorted, item, sizeof item);
    kam__due_list list = {.ctx = t->ctx, .item = sorted, .n = KAM__LEN(item)};
    assert_code(kam__due_sort(&list, t->err), KAM_OK);
    for (size_t i = 0; i < KAM__LEN(item); i++) assert_memory_equal(&sorted[i], &item[want[i]], sizeof *item);
}

/* A rule of weeks against its definition, at least one in each ISO week: the first week without one is what is due. */
static void the_due_week_is_the_first_one_missed(void **state) {
    (void)state;
    kam__cadence_rule call = every(KAM__EVERY_ISO_WEEKS, 1);
    uint64_t seed = 3;
    for (int n = 0; n < 500; n++) {
        int32_t last = D("2024-06-01") + (int32_t)(kam__random(&seed) % 900), due = kam__due_day(&call, last, 0, NULL);
        int32_t year = 0, week = 0, dyear = 0, dweek = 0;
        kam__iso_week(kam__iso_week_start(last) + 7, &year, &week);
        kam__iso_week(due, &dyear, &dweek);
        assert_int_equal(dyear, year);
        assert_int_equal(dweek, week);
        assert_int_equal(kam__weekday(due), 5);
    }
}

static int32_t list_scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    kam__cadence_rule rule[] = {every(KAM__EVERY_DAYS, 1), every(KAM__EVERY_DAYS, 2)};
    kam__cadence_set set = {"", rule, 2, KAM__WEIGHT};
    kam__cadence c = {.set = &set, .nset = 1, .max_rules = 2};
    kam__due_account a = {.id = 1};
    int32_t last[2] = {0, 0};
    kam__due_list list = {.ctx = ctx};
    (void)f;
    int32_t rc = kam__due_add(&list, &c, &a, last, NULL, 100, err);
    if (rc == KAM_OK) rc = kam__due_sort(&list, err);
    kam__free(ctx, list.item);
    return rc;
}

static void no_memory(void **state) {
    (void)state;
    assert_true(fault_sweep(list_scenario) >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_end_where_the_month_ends),
        cmocka_unit_test(weeks_end_with_the_week),
        cmocka_unit_test(never_contacted),
        cmocka_unit_test_setup_teardown(holidays_move_it_forward_in_time, vt_setup, vt_teardown),
        cmocka_unit_test(followups_within_a_week),
        cmocka_unit_test_setup_teardown(only_what_is_due_is_listed, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(what_is_overdue_has_a_score, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(a_followup_is_due_on_the_working_day_before, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(most_overdue_first, vt_setup, vt_teardown),
        cmocka_unit_test(the_due_week_is_the_first_one_missed),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
