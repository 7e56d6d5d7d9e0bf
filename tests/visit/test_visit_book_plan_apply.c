/*
 * Tests of src/visit/visit_book_plan_apply.c and of failures in all of a plan: each allocation fails once, the host
 * cancels at each chance, and nothing is changed by it.
 */
#include "plan_help.h"

/* ---------------------------------------------------------------- failures */

typedef struct shaky { fault f; req q; int64_t calls, stop, li, shop; } shaky;

static int32_t shaky_progress(void *user, uint64_t done, uint64_t total) {
    shaky *s = user;
    (void)done, (void)total;
    return s->stop >= 0 && s->calls++ >= s->stop;
}

static int64_t shaky_now(void *user) { return ((shaky *)user)->q.now; }

/* One of everything: kept, moved, added, cancelled, unplanned, a follow-up, a problem. */
static void shaky_open(shaky *s) {
    kam_allocator a = fault_allocator(&s->f);
    kam_ctx_options o = {
        .struct_size = sizeof o, .allocator = &a, .user = s, .now = shaky_now, .progress = shaky_progress};
    kam_book_options b = {.struct_size = sizeof b, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    req *q = &s->q;
    char more[100];
    memset(s, 0, sizeof *s);
    s->f.left = s->stop = -1;
    q->on = "memory";
    q->now = req_day("2026-03-02") * REQ_DAY_MS;
    assert_int_equal(kam_error_new(&q->err, NULL), KAM_OK);
    REQ_MUST(q, kam_ctx_new(&q->ctx, &o, q->err));
    REQ_MUST(q, kam_book_open(&q->book, q->ctx, NULL, &b, q->err));
    start(q);
    int64_t li = s->li = rep(q, "Li", ",\"capacity\":1"), x[4];
    for (int i = 0; i < 4; i++) {
        snprintf(more, sizeof more, ",\"latitude\":\"30.%02d\",\"longitude\":\"114.%02d\"", i * 37 % 100, i * 61 % 100);
        x[i] = account(q, "a", li, "Y", "2026-01-01", i ? more : "");
        activity(q, x[i], "HELD", "VISIT", "2026-01-03", "");                   /* due 4 March */
    }
    s->shop = x[1];
    account(q, "w", li, "W", "2026-01-01", "");
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-03\",\"last\":\"2026-03-03\"}",
             (ll)li);
    activity(q, x[1], "PLANNED", "VISIT", "2026-03-03", ",\"cause\":\"CADENCE\"");
    activity(q, x[2], "PLANNED", "VISIT", "2026-03-04", ",\"cause\":\"CADENCE\"");
    activity(q, account(q, "none", li, NULL, NULL, ""), "PLANNED", "VISIT", "2026-03-04", ",\"cause\":\"CADENCE\"");
    int64_t visit = activity(q, x[3], "HELD", "VISIT", "2026-02-27", ",\"direction\":\"INBOUND\"");
    snprintf(more, sizeof more, ",\"cause\":\"FOLLOWUP\",\"follows\":" LL ",\"due\":\"2026-03-06\"", (ll)visit);
    activity(q, x[3], "PLANNED", "CALL", "2026-03-05", more);
}

static void shaky_close(shaky *s) {
    kam_book_close(s->q.book);
    kam_ctx_free(s->q.ctx);
    kam_error_free(s->q.err);
    assert_int_equal(s->f.live, 0);
}

static int32_t shaky_plan(shaky *s, kam_run **run) {
    kam_visit_plan *plan = NULL;
    kam_visit_plan_options o = {
        .struct_size = sizeof o, .days = 4, .cadence = "plain", .nrepresentative = 1, .representative = &s->li};
    int32_t rc = kam_visit_plan_new(&plan, s->q.book, &o, s->q.err);
    if (rc == KAM_OK) rc = kam_visit_plan_run(run, plan, req_day("2026-03-01"), s->q.err);
    kam_visit_plan_free(plan);
    return rc;
}

static void shaky_lists(shaky *s, kam_run *run, char *out) {
    strcpy(out, ENTRIES(&s->q, run));
    strcat(out, CHANGES(&s->q, run));
    strcat(out, MISSING(&s->q, run));
    strcat(out, PROBLEMS(&s->q, run));
}

static void every_allocation_of_a_plan_fails_once(void **state) {
    static char want[10000], got[10000];
    shaky s;
    kam_run *run = NULL;
    (void)state;
    shaky_open(&s);
    REQ_MUST(&s.q, shaky_plan(&s, &run));
    shaky_lists(&s, run, want);
    assert_non_null(strstr(want, "KEPT"));
    assert_non_null(strstr(want, "MOVED"));
    assert_non_null(strstr(want, "ADDED"));
    assert_non_null(strstr(want, "CANCELLED"));
    assert_non_null(strstr(want, "CAPACITY"));
    assert_non_null(strstr(want, "NO_COORDINATES"));
    kam_run_free(run);
    run = NULL;
    int64_t n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        int64_t live = s.f.live;
        s.f.left = n;
        rc = shaky_plan(&s, &run);
        s.f.left = -1;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_null(run);
        assert_int_equal(s.f.live, live);
    }
    assert_true(n > 100);
    shaky_lists(&s, run, got);
    assert_string_equal(got, want);
    kam_run_free(run);
    shaky_close(&s);
}

static const char *activities(req *q, char *out) {
    static const uint32_t fields[] = {KAM_ID, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_DAY, 0};
    return req_rows(q, req_query(q, KAM_KIND_ACTIVITY, 0, NULL, 0, KAM_TODAY), fields, out, 10000);
}

static void every_allocation_of_applying_fails_once(void **state) {
    static char want[10000], got[10000], lists[10000], after[10000];
    static const uint32_t ids[] = {KAM_PLAN_ENTRY_ACTIVITY, 0};
    shaky s;
    kam_run *run = NULL;
    (void)state;
    shaky_open(&s);
    REQ_MUST(&s.q, shaky_plan(&s, &run));
    shaky_lists(&s, run, lists);
    strcat(lists, list(&s.q, run, KAM_KIND_PLAN_ENTRY, ids));
    activities(&s.q, want);
    int64_t n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        s.f.left = n;
        rc = kam_run_apply(run, 0, s.q.err);
        s.f.left = -1;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_string_equal(activities(&s.q, got), want);
        shaky_lists(&s, run, after);
        strcat(after, list(&s.q, run, KAM_KIND_PLAN_ENTRY, ids));
        assert_string_equal(after, lists);
        assert_int_equal(kam_record_type(kam_run_record(run), KAM_ID), 0);
    }
    assert_true(n > 100);
    assert_string_not_equal(activities(&s.q, got), want);
    assert_null(strstr(list(&s.q, run, KAM_KIND_PLAN_ENTRY, ids), "-"));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    run = NULL;
    for (n = 0;; n++) {                                                         /* and of the explanation, the problems of a stored run */
        kam_why *why = NULL;
        kam_rows *rows = NULL;
        s.f.left = n;
        int32_t rc = kam_run_open(&run, s.q.book, id, s.q.err);
        if (rc == KAM_OK) rc = kam_run_why(&why, run, 2, s.q.err);
        if (rc == KAM_OK) rc = kam_run_rows(&rows, run, KAM_KIND_PROBLEM, s.q.err);
        s.f.left = -1;
        kam_rows_free(rows);
        kam_why_free(why);
        kam_run_free(run);
        run = NULL;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
    }
    assert_true(n > 100);
    shaky_close(&s);
}

/* The calls beside a plan: each allocation of each fails once, and nothing stays behind. */
static int32_t shaky_beside(shaky *s, int which, kam_rows **rows) {
    kam_visit_plan *plan = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .days = 4, .cadence = "plain", .day_begin = 540, .day_end = 1020};
    int32_t rc = kam_visit_plan_new(&plan, s->q.book, &o, s->q.err), day = req_day("2026-03-01");
    if (rc == KAM_OK && which == 0) rc = kam_visit_slots(rows, plan, s->shop, day, s->q.err);
    if (rc == KAM_OK && which == 1) rc = kam_visit_day(rows, plan, s->li, req_day("2026-03-04"), s->q.err);
    if (rc == KAM_OK && which == 2) rc = kam_visit_tour(rows, plan, s->li, &s->shop, 1, day, s->q.err);
    if (rc == KAM_OK && which == 3) rc = kam_visit_alignment(rows, plan, 1, day, s->q.err);
    if (rc == KAM_OK && which == 4)
        rc = kam_visit_festival(NULL, s->q.book, req_day("2026-04-05"), 3, KAM_CHANNEL_LETTER, 0, &s->shop, 1, s->q.err);
    kam_visit_plan_free(plan);
    return rc;
}

static void every_allocation_beside_a_plan_fails_once(void **state) {
    shaky s;
    (void)state;
    shaky_open(&s);
    req_save(&s.q, KAM_KIND_CALENDAR_DAY, "{\"calendar\":\"CN\",\"day\":\"2026-04-05\",\"kind\":\"HOLIDAY\"}");
    for (int which = 0; which < 5; which++) {
        kam_rows *first = NULL;
        if (which < 4) REQ_MUST(&s.q, shaky_beside(&s, which, &first));         /* what the book keeps for later is there then */
        kam_rows_free(first);
        int64_t live = s.f.live, n = 0;
        for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
            kam_rows *rows = NULL;
            s.f.left = n;
            rc = shaky_beside(&s, which, &rows);
            s.f.left = -1;
            if (rc != KAM_OK && rc != KAM_E_NOMEM) fail_msg("call %d: %s: %s", which, kam_code_name(rc), kam_error_message(s.q.err));
            kam_rows_free(rows);
            if (which < 4 && rc != KAM_OK && s.f.live != live) fail_msg("call %d, allocation %d: %d pieces are left", which, (int)n, (int)(s.f.live - live));
        }
        assert_true(n > 20);
    }
    shaky_close(&s);
}

static void the_host_can_cancel(void **state) {
    shaky s;
    kam_run *run = NULL;
    (void)state;
    shaky_open(&s);
    int64_t n = 0;
    for (int32_t rc = KAM_E_CANCELLED; rc != KAM_OK; n++) {
        s.calls = 0;
        s.stop = n;
        rc = shaky_plan(&s, &run);
        s.stop = -1;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_CANCELLED);
        assert_null(run);
    }
    assert_true(n > 5);
    for (n = 0;; n++) {
        static char want[10000], got[10000];
        activities(&s.q, want);
        s.calls = 0;
        s.stop = n;
        int32_t rc = kam_run_apply(run, 0, s.q.err);
        s.stop = -1;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_CANCELLED);
        assert_string_equal(activities(&s.q, got), want);
    }
    assert_true(n > 0);
    kam_run_free(run);
    shaky_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_a_plan_fails_once),
        cmocka_unit_test(every_allocation_of_applying_fails_once),
        cmocka_unit_test(every_allocation_beside_a_plan_fails_once),
        cmocka_unit_test(the_host_can_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
