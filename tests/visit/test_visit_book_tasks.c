/*
 * Tests of src/visit/visit_book_tasks.c beside the requirements R105, R121, R151, R158: the days letters are due on, whose
 * they are, corrected visits, the order of the list, plans never reviewed.
 */
#include "fault_book.h"

static const uint32_t fields[] = {KAM_DUE_NAME, KAM_DUE_RULE, KAM_DUE_DAY, KAM_DUE_OVERDUE, 0};

static const char *tasks(req *q, int64_t representative, const char *day) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_tasks(&rows, q->book, representative, req_day(day), q->err));
    return req_rows(q, rows, fields, text, sizeof text);
}

/* Letters are due on working days: before the week-end, before the holiday. */
static void letters_have_working_days(req *q) {
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    activity(q, a, "PLANNED", "VISIT", "2026-03-21", ",\"direction\":\"INBOUND\"");             /* a week before: Saturday */
    REQ_TEXT(q, tasks(q, 0, "2026-03-05"), "a invitation 2026-03-13 0");
    REQ_TEXT(q, tasks(q, 0, "2026-03-16"), "a invitation 2026-03-13 3");
    REQ_TEXT(q, tasks(q, 0, "2026-03-21"), "");                                                /* it is the day of the visit */
    activity(q, a, "HELD", "VISIT", "2026-04-01", "");                                         /* Saturday 4 April */
    REQ_TEXT(q, tasks(q, 0, "2026-04-01"), "a thanks 2026-04-03 0");
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"calendar\":\"CN\",\"day\":\"2026-04-03\",\"kind\":\"HOLIDAY\"}");
    REQ_TEXT(q, tasks(q, 0, "2026-04-01"), "a thanks 2026-04-02 0");
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"calendar\":\"CN\",\"day\":\"2026-04-02\",\"kind\":\"HOLIDAY\"}");
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"calendar\":\"CN\",\"day\":\"2026-04-04\",\"kind\":\"WORKDAY\"}");
    REQ_TEXT(q, tasks(q, 0, "2026-04-01"), "a thanks 2026-04-04 0");
    assert_non_null(strstr(tasks(q, 0, "2026-04-30"), "thanks 2026-04-04 26"));
    assert_null(strstr(tasks(q, 0, "2026-05-01"), "thanks"));                                  /* too late to thank for it */
}

/* A correction of the visit keeps its letter; one of the visit's number of before does as well. */
static void a_corrected_visit_is_thanked_for_once(req *q) {
    char more[100];
    int64_t a = account(q, "a", 0, NULL, NULL, ""), v = activity(q, a, "HELD", "VISIT", "2026-03-02", "");
    snprintf(more, sizeof more, ",\"cause\":\"THANKS\",\"follows\":" LL, (ll)v);
    activity(q, a, "HELD", "LETTER", "2026-03-03", more);
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, v, KAM_TODAY);
    REQ_MUST(q, kam_record_from_json(r, "{\"place\":\"their office\"}", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
    REQ_TEXT(q, tasks(q, 0, "2026-03-04"), "");
}

static void everybody_has_his_own(req *q) {
    int64_t li = rep(q, "Li", ""), wu = rep(q, "Wu", ""), a = account(q, "a", li, NULL, NULL, ""), b = account(q, "b", wu, NULL, NULL, "");
    char by_wu[60];
    snprintf(by_wu, sizeof by_wu, ",\"representative\":" LL, (ll)wu);
    activity(q, a, "HELD", "VISIT", "2026-03-02", "");
    activity(q, a, "HELD", "VISIT", "2026-03-03", by_wu);                                      /* he thanks who was there */
    activity(q, b, "PLANNED", "CALL", "2026-03-02", ",\"cause\":\"CALLBACK\"");
    activity(q, b, "PLANNED", "LETTER", "2026-03-09", ",\"cause\":\"FESTIVAL\",\"due\":\"2026-03-06\"");
    REQ_TEXT(q, tasks(q, li, "2026-03-04"), "a thanks 2026-03-05 0");
    REQ_TEXT(q, tasks(q, wu, "2026-03-04"), "b callback 2026-03-02 2|a thanks 2026-03-06 0|b festival 2026-03-06 0");
    REQ_TEXT(q, tasks(q, 0, "2026-03-04"), "b callback 2026-03-02 2|a thanks 2026-03-05 0|a thanks 2026-03-06 0|b festival 2026-03-06 0");
    REQ_REFUSED(q, kam_visit_tasks(&(kam_rows *){NULL}, q->book, -1, KAM_TODAY, q->err), KAM_E_INVAL, "representative is an id");
    assert_int_equal(kam_visit_tasks(NULL, q->book, 0, KAM_TODAY, q->err), KAM_E_INVAL);
}

/* A proposal is owed to prospects only, once, after the first interview; a later one of before does not do. */
static void proposals(req *q) {
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    req_save(q, KAM_KIND_LIFECYCLE, "{\"account\":" LL ",\"state\":\"INTENT\",\"valid_from\":\"2026-01-01\",\"valid_to\":\"2026-03-20\"}", (ll)a);
    activity(q, a, "HELD", "EMAIL", "2026-02-27", ",\"cause\":\"PROPOSAL\"");
    activity(q, a, "HELD", "VISIT", "2026-03-02", ",\"direction\":\"INBOUND\"");               /* an interview in our house is one */
    activity(q, a, "HELD", "VISIT", "2026-03-04", ",\"direction\":\"INBOUND\"");
    REQ_TEXT(q, tasks(q, 0, "2026-03-04"), "a proposal 2026-03-05 0");
    activity(q, a, "PLANNED", "VISIT", "2026-03-05", ",\"cause\":\"PROPOSAL\"");
    REQ_TEXT(q, tasks(q, 0, "2026-03-06"), "a proposal 2026-03-05 1");                         /* planned is not given */
    REQ_TEXT(q, tasks(q, 0, "2026-03-20"), "a inactive-15 2026-03-19 1");                      /* no prospect any more */
}

/* Three working days before a visit its preparation is due, until it is held; a plan leaves time for it. */
static void preparation(req *q) {
    static const char *const prepared = "{\"name\":\"standard\",\"scheme\":\"mine\",\"grades\":{\"P\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30},\"prepare\":3}]}}";
    char more[100];
    int64_t id = 0;
    REQ_MUST(q, kam_policy_in_force(&id, q->book, KAM_POLICY_CADENCE, "standard", req_day("2026-03-01"), q->err));
    REQ_MUST(q, kam_policy_withdraw(q->book, id, KAM_DAY_FIRST, q->err));
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, prepared, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "P", "2026-01-01", ""), b = account(q, "b", li, NULL, NULL, "");
    activity(q, a, "HELD", "CALL", "2026-03-01", "");
    int64_t v = activity(q, a, "PLANNED", "VISIT", "2026-03-11", "");           /* a Wednesday; three working days before: Friday */
    activity(q, b, "PLANNED", "VISIT", "2026-03-11", "");
    REQ_TEXT(q, tasks(q, 0, "2026-03-04"), "a preparation 2026-03-06 0");
    snprintf(more, sizeof more, ",\"cause\":\"PREPARATION\",\"follows\":" LL, (ll)v);
    activity(q, a, "HELD", "MEETING", "2026-03-05", more);
    REQ_TEXT(q, tasks(q, 0, "2026-03-06"), "");
    account(q, "c", li, "P", "2026-01-01", "");
    kam_visit_plan_options o = {.cadence = "standard", .days = 7};
    kam_run *run = plan_with(q, &o, "2026-03-01");
    static const uint32_t entry[] = {KAM_PLAN_ENTRY_NAME, KAM_PLAN_ENTRY_DAY, 0};
    REQ_TEXT(q, list(q, run, KAM_KIND_PLAN_ENTRY, entry), "a 2026-03-04|c 2026-03-05");       /* not on Monday, nor on Tuesday */
    kam_run_free(run);
}

static void reviews(req *q) {
    static const uint32_t f[] = {KAM_DUE_REPRESENTATIVE, KAM_DUE_LAST, KAM_DUE_DAY, KAM_DUE_OVERDUE, 0};
    kam_rows *rows = NULL;
    char want[200];
    int64_t li = rep(q, "Li", ""), wu = rep(q, "Wu", ",\"plan_reviewed\":\"2026-02-20\"");
    rep(q, "Yu", ",\"plan_reviewed\":\"2026-02-27\"");
    rep(q, "Zu", ",\"active\":false");
    REQ_MUST(q, kam_visit_reviews(&rows, q->book, 7, req_day("2026-03-02"), q->err));
    snprintf(want, sizeof want, LL " 2026-02-20 2026-02-27 3|" LL " - 2026-03-02 0", (ll)wu, (ll)li);
    REQ_TEXT(q, req_rows(q, rows, f, text, sizeof text), want);
    REQ_REFUSED(q, kam_visit_reviews(&rows, q->book, 3661, KAM_TODAY, q->err), KAM_E_INVAL, "1 to 3660");
}

static int32_t sweep_tasks(kam_rows **out, req *q, int64_t id) { (void)id; return kam_visit_tasks(out, q->book, 0, KAM_TODAY, q->err); }
static int32_t sweep_reviews(kam_rows **out, req *q, int64_t id) { (void)id; return kam_visit_reviews(out, q->book, 7, KAM_TODAY, q->err); }

static void every_allocation_fails_once(void **state) {
    fault_book s;
    req *q = fault_book_open(&s);
    (void)state;
    int64_t li = rep(q, "Li", ""), a = account(q, "a", li, "X", "2026-01-01", "");
    activity(q, a, "HELD", "VISIT", "2026-02-27", "");
    activity(q, a, "HELD", "LETTER", "2026-02-28", ",\"cause\":\"THANKS\",\"follows\":1");
    activity(q, a, "PLANNED", "VISIT", "2026-03-09", ",\"direction\":\"INBOUND\"");
    fault_book_sweep(&s, sweep_tasks, 0);
    fault_book_sweep(&s, sweep_reviews, 0);
    fault_book_close(&s);
}

EACH(letters_have_working_days)
EACH(a_corrected_visit_is_thanked_for_once)
EACH(everybody_has_his_own)
EACH(proposals)
EACH(preparation)
EACH(reviews)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters_have_working_days), cmocka_unit_test(test_a_corrected_visit_is_thanked_for_once),
        cmocka_unit_test(test_everybody_has_his_own), cmocka_unit_test(test_proposals), cmocka_unit_test(test_preparation),
        cmocka_unit_test(test_reviews),
        cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
