/*
 * Tests of src/visit/visit_book_plan*.c: a plan stored, opened again, explained, and made again as it was known then.
 */
#include "plan_help.h"

/* ---------------------------------------------------------------- stored, explained, made again */

static void four_lists_are_stored(req *q) {
    static const uint32_t kinds[] = {KAM_KIND_PLAN_ENTRY, KAM_KIND_PLAN_CHANGE, KAM_KIND_UNPLANNED, KAM_KIND_PROBLEM};
    static char before[4][20000];
    const uint32_t *fields[] = {entry_fields, change_fields, missing_fields, problem_fields};
    start(q);
    int64_t li = rep(q, "Li", ",\"capacity\":1");
    rep(q, "Wu", "");
    for (int i = 0; i < 8; i++) account(q, "a", li, "Y", "2026-01-01", "");
    account(q, "w", li, "W", "2026-01-01", "");
    kam_run *run = plan_of(q, "2026-03-01", 7);
    for (int i = 0; i < 4; i++) strcpy(before[i], list(q, run, kinds[i], fields[i]));
    REQ_EQUAL(q, (int64_t)rows_of(before[3]), 9);
    static const uint32_t ids[] = {KAM_PLAN_ENTRY_ACTIVITY, 0};
    assert_non_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, ids), "-"));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    assert_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, ids), "-"));           /* each has its activity now */
    REQ_REFUSED(q, kam_run_apply(run, 0, q->err), KAM_E_EXISTS, "applied already");
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    for (int i = 0; i < 4; i++) REQ_TEXT(q, list(q, run, kinds[i], fields[i]), before[i]);
    assert_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, ids), "-"));
    kam_rows *rows = NULL;
    REQ_REFUSED(q, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, q->err), KAM_E_NOT_FOUND, "PLAN_ENTRY");
    kam_run_free(run);
}

/* An account that is a person: its name goes from the rows of stored plans, too; another's stays. */
static void erased_names_are_in_no_plan(req *q) {
    static const uint32_t planned[] = {KAM_PLAN_ENTRY_NAME, 0}, missing[] = {KAM_UNPLANNED_NAME, 0};
    int64_t a[3];
    start(q);
    int64_t li = rep(q, "Li", ",\"capacity\":1");
    for (int i = 0; i < 3; i++)
        a[i] = account(q, i ? "Wu Lei" : "Acme", li, "Y", "2026-01-01", i ? ",\"kind\":\"PERSON\"" : "");
    account(q, "Zhou Min", li, "W", "2026-01-01", ",\"kind\":\"PERSON\"");
    for (int i = 0; i < 3; i++) activity(q, a[i], "HELD", "VISIT", i ? "2025-12-02" : "2025-12-01", "");
    kam_run *run = plan_of(q, "2026-03-01", 2);
    REQ_EQUAL(q, (int64_t)(hits(ENTRIES(q, run), "Wu Lei") + hits(MISSING(q, run), "Wu Lei")), 2);
    assert_true(hits(MISSING(q, run), "Wu Lei") > 0);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    for (int i = 1; i < 3; i++) REQ_MUST(q, kam_book_erase(q->book, KAM_KIND_ACCOUNT, a[i], "asked for", q->err));
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    size_t erased = hits(list(q, run, KAM_KIND_PLAN_ENTRY, planned), "(erased)");
    assert_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, planned), "Wu Lei"));
    assert_non_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, planned), "Acme"));
    assert_non_null(strstr(list(q, run, KAM_KIND_PLAN_ENTRY, planned), "Zhou Min"));
    assert_null(strstr(list(q, run, KAM_KIND_UNPLANNED, missing), "Wu Lei"));
    REQ_EQUAL(q, (int64_t)(erased + hits(list(q, run, KAM_KIND_UNPLANNED, missing), "(erased)")), 2);
    kam_run_free(run);
}

static const char *why_of(req *q, kam_run *run, int64_t id, const char *lang) {
    kam_why *why = NULL;
    kam_buf *out = NULL;
    static char said[8000];
    REQ_MUST(q, kam_run_why(&why, run, id, q->err));
    REQ_MUST(q, kam_buf_new(&out, q->ctx, q->err));
    REQ_MUST(q, kam_why_text(out, why, lang, q->err));
    snprintf(said, sizeof said, "%s", kam_buf_data(out));
    kam_buf_free(out);
    kam_why_free(why);
    return said;
}

static void every_entry_says_why(req *q) {
    char want[500];
    start(q);
    int64_t li = rep(q, "Li", ""),
            a = account(q, "a", li, "X", "2026-01-01", ",\"latitude\":\"30.1\",\"longitude\":\"114.1\"");
    account(q, "none", li, NULL, NULL, "");
    activity(q, a, "HELD", "VISIT", "2026-01-31", "");                          /* due 2 March */
    int64_t b = account(q, "b", li, "X", "2026-01-01", ",\"latitude\":\"30.2\",\"longitude\":\"114.1\"");
    activity(q, b, "HELD", "VISIT", "2026-01-31", "");
    kam_run *run = plan_of(q, "2026-03-01", 1);
    snprintf(want, sizeof want,
             "plan: VISIT 2026-03-02, by plain version 1, as of 2026-03-01, known up to commit %lld\n"
             "  rule see of grade X: due by 2026-03-02, the contact before on 2026-01-31\n"
             "  2026-03-02 (added: newly due)\n  by Li, who owns the account\n  number 1 of the day, which has room for 8; before b\n",
             (ll)kam_record_i64(kam_run_record(run), KAM_RUN_KNOWN, 0));
    REQ_TEXT(q, why_of(q, run, a, "en"), want);
    snprintf(want, sizeof want, "after a, 11120 m from there");
    assert_non_null(strstr(why_of(q, run, b, "en"), want));
    assert_non_null(strstr(why_of(q, run, b, "zh"), "X 级规则 see：最迟 2026-03-02，上一次联络 2026-01-31"));
    assert_non_null(strstr(why_of(q, run, b, "zh"), "前一站 a，相距 11120 米"));
    assert_non_null(strstr(why_of(q, run, a + 1, "en"), "nothing is due"));
    kam_why *why = NULL;
    REQ_REFUSED(q, kam_run_why(&why, run, 999, q->err), KAM_E_NOT_FOUND, "999");
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    assert_non_null(strstr(why_of(q, run, a, "en"), "before b"));
    assert_null(strstr(why_of(q, run, a, "en"), "inputs differ"));
    activity(q, a, "HELD", "VISIT", "2026-02-20", "");                          /* reported later */
    assert_non_null(strstr(why_of(q, run, a, "en"), "the inputs differ now"));
    assert_null(strstr(why_of(q, run, b, "en"), "inputs differ"));
    kam_run_free(run);
}

static void bytes(req *q, kam_run *run, char *out) {
    strcpy(out, kam_record_text(kam_run_record(run), KAM_RUN_INPUT_HASH, ""));
    strcat(out, kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""));
    static const uint32_t all[] = {KAM_PLAN_ENTRY_ACCOUNT,  KAM_PLAN_ENTRY_DAY,    KAM_PLAN_ENTRY_ORDER,
                                   KAM_PLAN_ENTRY_DISTANCE, KAM_PLAN_ENTRY_REASON, 0};
    strcat(out, list(q, run, KAM_KIND_PLAN_ENTRY, all));
}

static void last_months_plan_comes_again(req *q) {
    static char first[100000], again[100000];
    char more[100];
    kam_book *then = NULL, *now = q->book;
    start(q);
    int64_t li = rep(q, "Li", ""), a = 0;
    for (int i = 0; i < 30; i++) {
        snprintf(more, sizeof more, ",\"latitude\":\"30.%02d\",\"longitude\":\"114.%02d\"", i * 37 % 100, i * 61 % 100);
        a = account(q, "a", li, i % 3 ? "Y" : "X", "2026-02-01", more);
    }
    kam_run *run = plan_of(q, "2026-03-01", 28);
    int64_t known = kam_record_i64(kam_run_record(run), KAM_RUN_KNOWN, 0);
    bytes(q, run, first);
    kam_run_free(run);
    run = plan_of(q, "2026-03-01", 28);
    bytes(q, run, again);
    assert_string_equal(first, again);
    apply(q, run);
    kam_visit_plan_options o = {.seed = 7, .iterations = 100};
    run = plan_with(q, &o, "2026-03-01");                                       /* planned by now: another question anyway */
    bytes(q, run, again);
    assert_string_not_equal(first, again);
    kam_run_free(run);
    activity(q, a, "HELD", "VISIT", "2026-02-20", "");
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-02\",\"last\":\"2026-03-12\"}",
             (ll)li);
    req_save(q, KAM_KIND_REPRESENTATIVE, "{\"id\":" LL ",\"rev\":1,\"name\":\"Li\",\"capacity\":2}", (ll)li);
    REQ_MUST(q, kam_book_known(&then, q->book, known, q->err));
    q->book = then;
    run = plan_of(q, "2026-03-01", 28);
    bytes(q, run, again);
    q->book = now;
    kam_book_close(then);
    assert_string_equal(first, again);
    kam_run_free(run);
}

#define ON_STORES(name) static void name##_everywhere(void **state) { (void)state; req_each(name); }
ON_STORES(four_lists_are_stored)
ON_STORES(erased_names_are_in_no_plan)
ON_STORES(every_entry_says_why)
ON_STORES(last_months_plan_comes_again)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_lists_are_stored_everywhere),
        cmocka_unit_test(erased_names_are_in_no_plan_everywhere),
        cmocka_unit_test(every_entry_says_why_everywhere),
        cmocka_unit_test(last_months_plan_comes_again_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
