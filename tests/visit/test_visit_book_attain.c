/*
 * Tests of src/visit/visit_book_attain.c beside R120 and the attainment of R178: the borders of the window, what is counted as
 * planned, every group, and against counting by hand over a random book.
 */
#include "fault_book.h"

static const uint32_t fields[] = {KAM_ATTAINMENT_NAME, KAM_ATTAINMENT_CHANNEL, KAM_ATTAINMENT_PLANNED, KAM_ATTAINMENT_DONE,
                                  KAM_ATTAINMENT_MISSED, KAM_ATTAINMENT_REMAINING, KAM_ATTAINMENT_SHARE, 0};

static const char *attained(req *q, int32_t by, const char *from, const char *to, const char *as_of) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_attainment(&rows, q->book, by, req_day(from), req_day(to), 0, req_day(as_of), q->err));
    return req_rows(q, rows, fields, text, sizeof text);
}

/* The first day is in, the day behind the last one is not; what was held after as_of is not known yet. */
static void borders_of_the_window(req *q) {
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    activity(q, a, "HELD", "CALL", "2026-02-28", "");
    activity(q, a, "HELD", "CALL", "2026-03-01", "");
    activity(q, a, "PLANNED", "CALL", "2026-03-09", "");
    activity(q, a, "PLANNED", "CALL", "2026-03-10", "");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, "2026-03-01", "2026-03-10", "2026-03-09"), "a CALL 1 1 0 0 1");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, "2026-03-01", "2026-03-10", "2026-03-10"), "a CALL 1 1 1 0 1");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, "2026-02-28", "2026-03-11", "2026-02-28"), "a CALL 2 1 0 1 0.5");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, "2027-01-01", "2027-02-01", "2026-03-10"), "");
}

/* Done beside the plan is done, but was not planned; due says that a cadence had asked for it. */
static void what_was_planned(req *q) {
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    activity(q, a, "HELD", "CALL", "2026-03-02", "");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, "2026-03-01", "2026-04-01", "2026-03-15"), "a CALL 0 1 0 0 -");
    activity(q, a, "HELD", "CALL", "2026-03-03", ",\"due\":\"2026-03-04\"");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, "2026-03-01", "2026-04-01", "2026-03-15"), "a CALL 1 2 0 0 2");
    activity(q, a, "CANCELLED", "CALL", "2026-03-05", "");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, "2026-03-01", "2026-04-01", "2026-03-15"), "a CALL 1 2 0 0 2");
    activity(q, a, "PLANNED", "VISIT", "2026-03-05", ",\"direction\":\"INBOUND\"");
    REQ_TEXT(q, attained(q, KAM_ATTAINMENT_BY_ACCOUNT, "2026-03-01", "2026-04-01", "2026-03-15"), "a CALL 1 2 0 0 2");
}

static void arguments(req *q) {
    kam_rows *rows = NULL;
    int32_t day = req_day("2026-03-02");
    assert_int_equal(kam_visit_attainment(NULL, q->book, KAM_ATTAINMENT_BY_ACCOUNT, day, day + 1, 0, day, q->err), KAM_E_INVAL);
    REQ_REFUSED(q, kam_visit_attainment(&rows, q->book, KAM_ATTAINMENT_BY_ACCOUNT, day, day + 1, 2, day, q->err), KAM_E_INVAL, "flags");
    REQ_REFUSED(q, kam_visit_week(&rows, q->book, "none", 0, day, q->err), KAM_E_POLICY, "none");
    REQ_REFUSED(q, kam_visit_week(&rows, q->book, NULL, -1, day, q->err), KAM_E_INVAL, "representative is an id");
    assert_null(rows);
}

/* Monday to Sunday, and the same of the week behind it. */
static void weeks_begin_on_mondays(req *q) {
    static const uint32_t say[] = {KAM_TIMELINE_KIND, KAM_TIMELINE_DAY, 0};
    static const char *const day[] = {"2026-03-01", "2026-03-02", "2026-03-08", "2026-03-09", "2026-03-15", "2026-03-16"};
    start(q);
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    for (size_t i = 0; i < sizeof day / sizeof day[0]; i++) activity(q, a, "PLANNED", "CALL", day[i], "");
    activity(q, a, "HELD", "CALL", "2026-03-08", "");                           /* after as_of: not known yet */
    for (int d = 2; d <= 8; d += 3) {
        char as_of[11];
        kam_rows *rows = NULL;
        snprintf(as_of, sizeof as_of, "2026-03-%02d", d);
        REQ_MUST(q, kam_visit_week(&rows, q->book, "plain", 0, req_day(as_of), q->err));
        REQ_TEXT(q, req_rows(q, rows, say, text, sizeof text),
                 d == 2   ? "open 2026-03-02|open 2026-03-08|next 2026-03-09|next 2026-03-15"
                 : d == 5 ? "missed 2026-03-02|open 2026-03-08|next 2026-03-09|next 2026-03-15"
                          : "held 2026-03-08|missed 2026-03-02|open 2026-03-08|next 2026-03-09|next 2026-03-15");
    }
}

/* ---------------------------------------------------------------- against counting by hand */

enum { ACCOUNTS = 12, ACTS = 300 };
typedef struct counted { int64_t planned, done, missed; } counted;

static int pick(uint64_t *seed, int n) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((*seed >> 33) % (unsigned)n);
}

static void equals_counting_by_hand(req *q) {
    static const char *const channel[] = {"VISIT", "CALL", "EMAIL"}, *const status[] = {"PLANNED", "HELD", "CANCELLED"};
    counted by_rep[3][3] = {{{0, 0, 0}}};
    uint64_t seed = 4711;
    int64_t who[3], a[ACCOUNTS];
    int32_t from = req_day("2026-03-02"), to = req_day("2026-03-30"), today = req_day("2026-03-16");
    for (int i = 0; i < 3; i++) who[i] = rep(q, "R", "");
    for (int i = 0; i < ACCOUNTS; i++) a[i] = account(q, "a", who[i % 3], NULL, NULL, "");
    for (int i = 0; i < ACTS; i++) {
        int at = pick(&seed, ACCOUNTS), c = pick(&seed, 3), s = pick(&seed, 3);
        int32_t day = from - 7 + pick(&seed, 42);
        int in = pick(&seed, 5) == 0, due = pick(&seed, 2) == 0;
        char on[40], more[80];
        int n_day = day - req_day("2026-02-01"), month = n_day < 28 ? 2 : n_day < 59 ? 3 : 4;
        snprintf(on, sizeof on, "2026-%02d-%02d", month, n_day - (month > 2 ? 28 : 0) - (month > 3 ? 31 : 0) + 1);
        snprintf(more, sizeof more, "%s%s", in ? ",\"direction\":\"INBOUND\"" : "", due ? ",\"due\":\"2026-03-20\"" : "");
        activity(q, a[at], status[s], channel[c], on, more);
        counted *n = &by_rep[at % 3][c];
        if (day < from || day >= to || s == 2 || (c == 0 && in) || (s == 1 && day > today)) continue;
        n->planned += s == 0 || due;
        n->done += s == 1;
        n->missed += s == 0 && day < today;
    }
    kam_rows *rows = NULL;
    int seen = 0;
    REQ_MUST(q, kam_visit_attainment(&rows, q->book, KAM_ATTAINMENT_BY_REPRESENTATIVE, from, to, 0, today, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows), seen++) {
        int at = 0;
        while (who[at] != kam_record_i64(r, KAM_ATTAINMENT_RECORD, 0)) at++;
        counted *n = &by_rep[at][kam_record_i64(r, KAM_ATTAINMENT_CHANNEL, 0) - 1];
        REQ_EQUAL(q, kam_record_i64(r, KAM_ATTAINMENT_PLANNED, -1), n->planned);
        REQ_EQUAL(q, kam_record_i64(r, KAM_ATTAINMENT_DONE, -1), n->done);
        REQ_EQUAL(q, kam_record_i64(r, KAM_ATTAINMENT_MISSED, -1), n->missed);
        REQ_EQUAL(q, kam_record_i64(r, KAM_ATTAINMENT_REMAINING, -1), n->planned > n->done ? n->planned - n->done : 0);
    }
    kam_rows_free(rows);
    assert_int_equal(seen, 9);
}

static int32_t sweep_attain(kam_rows **out, req *q, int64_t by) {
    int32_t day = req_day("2026-03-02");
    return kam_visit_attainment(out, q->book, (int32_t)by, day - 7, day + 7, 0, day, q->err);
}

static int32_t sweep_week(kam_rows **out, req *q, int64_t id) { (void)id; return kam_visit_week(out, q->book, "plain", 0, KAM_TODAY, q->err); }

static void every_allocation_fails_once(void **state) {
    fault_book s;
    req *q = fault_book_open(&s);
    (void)state;
    int64_t a = account(q, "a", rep(q, "Li", ""), "X", "2026-01-01", "");
    activity(q, a, "HELD", "VISIT", "2026-03-02", "");
    activity(q, a, "PLANNED", "CALL", "2026-03-04", "");
    for (int64_t by = KAM_ATTAINMENT_BY_ACCOUNT; by <= KAM_ATTAINMENT_BY_TERRITORY; by++) fault_book_sweep(&s, sweep_attain, by);
    fault_book_sweep(&s, sweep_week, 0);
    fault_book_close(&s);
}

EACH(borders_of_the_window)
EACH(what_was_planned)
EACH(arguments)
EACH(weeks_begin_on_mondays)
EACH(equals_counting_by_hand)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_borders_of_the_window), cmocka_unit_test(test_what_was_planned), cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_weeks_begin_on_mondays), cmocka_unit_test(test_equals_counting_by_hand),
        cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
