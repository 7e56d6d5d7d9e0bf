/* kam_value_run and kam_value_periods over a book: which rows count, currencies, ranks and scores, storing and reading
 * back, the past as it was known, and that nothing is left behind when memory runs out or the host cancels. */
#include "help.h"
#include "requirements/req.h"
#include "store/store.h"
#include "value/value_book.h"

#define LL "%lld"
typedef long long ll;

static int64_t account(req *q, const char *more) { return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"%s}", more); }

static void ledger(req *q, int64_t id, const char *event, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"%s\",\"day\":\"%s\",\"amount\":%s%s}", (ll)id, event,
             day, amount, more);
}

static void rate(req *q, const char *sell, const char *buy, const char *v, const char *from) {
    req_save(q, KAM_KIND_RATE, "{\"sell\":\"%s\",\"buy\":\"%s\",\"rate\":%s,\"valid_from\":\"%s\"}", sell, buy, v,
             from);
}

static const char *rows_of(req *q, kam_run *run, const uint32_t *field, char *out, size_t size) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, q->err));
    return req_rows(q, rows, field, out, size);
}

static const uint32_t money[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_CURRENCY, KAM_ACCOUNT_VALUE_REVENUE,
                                 KAM_ACCOUNT_VALUE_COST_OF_GOODS, 0};

static const char *valued(req *q, const kam_value_options *o, const char *as_of, const uint32_t *field, char *out,
                          size_t size) {
    kam_run *run = NULL;
    REQ_MUST(q, kam_value_run(&run, q->book, o, as_of ? req_day(as_of) : KAM_TODAY, q->err));
    rows_of(q, run, field, out, size);
    kam_run_free(run);
    return out;
}

/* ---------------------------------------------------------------- which rows count */

static void window(req *q) {
    char out[1000];
    int64_t a = account(q, ""), b = account(q, ""), c = account(q, "");
    ledger(q, a, "SALE", "2025-03-31", "1.00", "");
    ledger(q, a, "SALE", "2025-04-01", "2.00", "");                 /* twelve months before the end of March 2026 */
    ledger(q, b, "SALE", "2026-03-31", "4.00", "");
    ledger(q, c, "SALE", "2026-04-01", "8.00", "");
    REQ_TEXT(q, valued(q, NULL, "2026-03-31", money, out, sizeof out), "2 CNY 4.00 0.00|1 CNY 2.00 0.00");
    kam_value_options o = {.struct_size = sizeof o, .from = KAM_DAY_FIRST, .to = KAM_DAY_END};
    REQ_TEXT(q, valued(q, &o, "2026-03-31", money, out, sizeof out), "2 CNY 4.00 0.00|1 CNY 3.00 0.00");
    o.from = req_day("2025-03-31"), o.to = req_day("2025-04-01");
    REQ_TEXT(q, valued(q, &o, "2026-03-31", money, out, sizeof out), "1 CNY 1.00 0.00");
    o.from = req_day("2026-04-01"), o.to = req_day("2026-05-01");
    REQ_TEXT(q, valued(q, &o, "2026-03-31", money, out, sizeof out), "");      /* after the day: not seen */
    REQ_TEXT(q, valued(q, &o, "2026-04-01", money, out, sizeof out), "3 CNY 8.00 0.00");
    q->now = req_day("2026-03-31") * REQ_DAY_MS;                    /* today, by the clock */
    REQ_TEXT(q, valued(q, NULL, NULL, money, out, sizeof out), "2 CNY 4.00 0.00|1 CNY 2.00 0.00");
}

static void refusals(req *q) {
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    kam_value_options o = {.struct_size = sizeof o, .from = 10, .to = 10};
    REQ_REFUSED(q, kam_value_run(&run, q->book, &o, 100, q->err), KAM_E_INVAL, "window is empty");
    o = (kam_value_options){.struct_size = sizeof o, .flags = 64};
    REQ_REFUSED(q, kam_value_run(&run, q->book, &o, 100, q->err), KAM_E_INVAL, "flags");
    o = (kam_value_options){.struct_size = sizeof o, .currency = "EURO"};
    REQ_REFUSED(q, kam_value_run(&run, q->book, &o, 100, q->err), KAM_E_INVAL, "EURO");
    o.currency = "QQQ";
    REQ_REFUSED(q, kam_value_run(&run, q->book, &o, 100, q->err), KAM_E_INVAL, "QQQ");
    o = (kam_value_options){.struct_size = sizeof o, .share_a = 9000, .share_b = 8000};
    REQ_REFUSED(q, kam_value_run(&run, q->book, &o, 100, q->err), KAM_E_INVAL, "cuts");
    REQ_REFUSED(q, kam_value_run(NULL, q->book, NULL, 100, q->err), KAM_E_INVAL, "out");
    REQ_REFUSED(q, kam_value_run(&run, NULL, NULL, 100, q->err), KAM_E_INVAL, "book");
    REQ_REFUSED(q, kam_value_periods(&rows, q->book, NULL, 4, 100, q->err), KAM_E_INVAL, "period");
    assert_null(run);
    assert_null(rows);
}

/* ---------------------------------------------------------------- currencies */

static void conversion(req *q) {
    char out[1000];
    kam_run *run = NULL;
    int64_t a = account(q, ""), b = account(q, "");
    ledger(q, a, "SALE", "2026-01-10", "100", ",\"currency\":\"JPY\",\"cost\":51");
    ledger(q, a, "SALE", "2026-01-11", "100", ",\"currency\":\"JPY\"");
    ledger(q, b, "SALE", "2026-01-10", "0.005", ",\"currency\":\"KWD\"");
    ledger(q, b, "SALE", "2026-01-10", "1.00", "");
    rate(q, "JPY", "CNY", "0.048765432", "2026-01-01");
    REQ_REFUSED(q, kam_value_run(&run, q->book, NULL, req_day("2026-01-31"), q->err), KAM_E_POLICY,
                "no rate from KWD to CNY is in force on 2026-01-10");
    rate(q, "KWD", "CNY", "23", "2026-01-01");
    rate(q, "JPY", "CNY", "0.05", "2026-01-11");
    /* 4.87654.. -> 4.88, 5.00; 51 * 0.048765432 = 2.487 -> 2.49; 0.005 * 23 = 0.115 -> 0.12 (half even) */
    REQ_TEXT(q, valued(q, NULL, "2026-01-31", money, out, sizeof out), "1 CNY 9.88 2.49|2 CNY 1.12 0.00");
    kam_value_options o = {.struct_size = sizeof o, .currency = "JPY"};
    REQ_REFUSED(q, kam_value_run(&run, q->book, &o, req_day("2026-01-31"), q->err), KAM_E_POLICY,
                " to JPY is in force on 2026-01-10");
    rate(q, "KWD", "JPY", "500", "2026-01-01");
    rate(q, "CNY", "JPY", "20.5", "2026-01-01");                    /* 2.5 -> 2 and 20.5 -> 20, each row by itself */
    REQ_TEXT(q, valued(q, &o, "2026-01-31", money, out, sizeof out), "1 JPY 200 51|2 JPY 22 0");
}

static void rate_of_the_day(req *q) {
    char out[1000];
    kam_run *run = NULL;
    int64_t a = account(q, "");
    ledger(q, a, "SALE", "2026-01-31", "10.00", ",\"currency\":\"EUR\"");
    ledger(q, a, "SALE", "2026-02-01", "10.00", ",\"currency\":\"EUR\"");
    rate(q, "EUR", "CNY", "7", "2026-01-01");
    rate(q, "EUR", "CNY", "8", "2026-02-01");
    REQ_TEXT(q, valued(q, NULL, "2026-02-28", money, out, sizeof out), "1 CNY 150.00 0.00");
    ledger(q, a, "SALE", "2025-12-31", "10.00", ",\"currency\":\"EUR\"");
    REQ_REFUSED(q, kam_value_run(&run, q->book, NULL, req_day("2026-02-28"), q->err), KAM_E_POLICY,
                "EUR to CNY is in force on 2025-12-31");
}

/* ---------------------------------------------------------------- ranks and scores */

static void ranks(req *q) {
    static const uint32_t field[] = {
        KAM_ACCOUNT_VALUE_RANK,         KAM_ACCOUNT_VALUE_ACCOUNT,  KAM_ACCOUNT_VALUE_ORDERS,
        KAM_ACCOUNT_VALUE_RECENCY_DAYS, KAM_ACCOUNT_VALUE_R_NTILE,  KAM_ACCOUNT_VALUE_F_NTILE,
        KAM_ACCOUNT_VALUE_M_NTILE,      KAM_ACCOUNT_VALUE_R_Q7,     KAM_ACCOUNT_VALUE_F_Q7,
        KAM_ACCOUNT_VALUE_M_Q7,         KAM_ACCOUNT_VALUE_ADJUSTED, 0};
    char out[1000];
    int64_t a = account(q, ""), b = account(q, ",\"risk\":0.5"), c = account(q, ""), d = account(q, "");
    (void)d;
    ledger(q, c, "SALE", "2026-01-05", "10.00", ",\"order\":\"1\"");
    ledger(q, b, "SALE", "2026-01-06", "6.00", ",\"order\":\"2\"");
    ledger(q, b, "SALE", "2026-01-07", "4.00", ",\"order\":\"2\"");
    ledger(q, a, "COST_TO_SERVE", "2026-01-07", "1.00", ",\"cost_kind\":\"TRAVEL\"");  /* no order: no scores */
    REQ_TEXT(q, valued(q, NULL, "2026-01-07", field, out, sizeof out),
             "1 2 1 0 2 1 1 5 1 1 5.00|2 3 1 2 1 2 2 1 1 1 10.00|3 1 0 - - - - - - - -1.00");
}

static void end_account(req *q) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_REVENUE,
                                     KAM_ACCOUNT_VALUE_DIRECT_REVENUE, 0};
    char out[1000];
    kam_record *r = NULL;
    int64_t channel = account(q, ""), end = account(q, "");
    ledger(q, channel, "SALE", "2026-01-05", "10.00", ",\"end_account\":2");
    REQ_TEXT(q, valued(q, NULL, "2026-01-31", field, out, sizeof out), "1 10.00 0.00|2 0.00 10.00");
    REQ_MUST(q, kam_record_new(&r, q->book, KAM_KIND_ACCOUNT_VALUE, q->err));
    REQ_MUST(q, kam__value_of_account(r, q->book, end, 0, 0, req_day("2026-01-31"), NULL, q->err));
    REQ_TEXT(q, kam_record_text(r, KAM_ACCOUNT_VALUE_REVENUE, "-"), "0.00");
    REQ_TEXT(q, kam_record_text(r, KAM_ACCOUNT_VALUE_FIRST_DAY, "-"), "-");
    REQ_MUST(q, kam__value_of_account(r, q->book, channel, 0, 0, req_day("2026-01-31"), NULL, q->err));
    REQ_TEXT(q, kam_record_text(r, KAM_ACCOUNT_VALUE_REVENUE, "-"), "10.00");
    REQ_TEXT(q, kam_record_text(r, KAM_ACCOUNT_VALUE_RECENCY_DAYS, "-"), "26");
    kam_record_free(r);
}

/* ---------------------------------------------------------------- stored runs */

static const uint32_t whole[] = {KAM_ACCOUNT_VALUE_RANK,
                                 KAM_ACCOUNT_VALUE_ACCOUNT,
                                 KAM_ACCOUNT_VALUE_REVENUE,
                                 KAM_ACCOUNT_VALUE_CONTRIBUTION,
                                 KAM_ACCOUNT_VALUE_ORDERS,
                                 KAM_ACCOUNT_VALUE_LAST_DAY,
                                 KAM_ACCOUNT_VALUE_CUM_SHARE,
                                 KAM_ACCOUNT_VALUE_ABC,
                                 KAM_ACCOUNT_VALUE_M_Q7,
                                 KAM_ACCOUNT_VALUE_CURRENCY,
                                 0};

static void some_sales(req *q) {
    for (int i = 0; i < 7; i++) {
        char amount[32], day[32];
        snprintf(amount, sizeof amount, "%d.50", 10 * (i * 3 % 7) + 1);
        snprintf(day, sizeof day, "2026-01-%02d", 10 + i);
        ledger(q, account(q, i % 2 ? ",\"risk\":0.25" : ""), "SALE", day, amount, i % 3 ? ",\"cost\":1.25" : "");
    }
}

static void stored(req *q) {
    char before[2000], after[2000];
    kam_run *run = NULL, *undo = NULL;
    some_sales(q);
    REQ_MUST(q, kam_value_run(&run, q->book, NULL, req_day("2026-01-31"), q->err));
    rows_of(q, run, whole, before, sizeof before);
    REQ_EQUAL(q, kam_record_i64(kam_run_record(run), KAM_RUN_KIND, 0), KAM_RUN_KIND_VALUE);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    REQ_REFUSED(q, kam_run_apply(run, 0, q->err), KAM_E_EXISTS, "applied");
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    REQ_TEXT(q, rows_of(q, run, whole, after, sizeof after), before);
    REQ_EQUAL(q, kam_record_i64(kam_run_record(run), KAM_RUN_ACCOUNTS, 0), 7);
    REQ_REFUSED(q, kam_run_undo(&undo, q->book, id, q->err), KAM_E_UNSUPPORTED, "");
    kam_run_free(run);
}

static void stale(req *q) {
    kam_run *run = NULL;
    kam_why *why = NULL;
    some_sales(q);
    REQ_MUST(q, kam_value_run(&run, q->book, NULL, req_day("2026-01-31"), q->err));
    account(q, "");
    REQ_REFUSED(q, kam_run_apply(run, 0, q->err), KAM_E_STALE, "run it again");
    REQ_REFUSED(q, kam_run_why(&why, run, 999, q->err), KAM_E_NOT_FOUND, "999");
    REQ_MUST(q, kam_run_apply(run, KAM_APPLY_FORCE, q->err));
    kam_run_free(run);
}

static void as_known_then(req *q) {
    char before[2000], after[2000];
    kam_run *run = NULL;
    kam_book *then = NULL;
    int64_t seq = 0;
    some_sales(q);
    valued(q, NULL, "2026-01-31", whole, before, sizeof before);
    REQ_MUST(q, kam_book_seq(&seq, q->book, KAM_TODAY, q->err));
    ledger(q, 3, "RETURN", "2026-01-20", "5.00", "");               /* posted late */
    kam_record *r = req_get(q, KAM_KIND_ACCOUNT, 2, KAM_TODAY);
    REQ_MUST(q, kam_record_set_text(r, KAM_ACCOUNT_RISK, "0.9", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
    valued(q, NULL, "2026-01-31", whole, after, sizeof after);
    if (strcmp(before, after) == 0) fail_msg("%s: a return changes nothing", q->on);
    REQ_MUST(q, kam_book_known(&then, q->book, seq, q->err));
    REQ_MUST(q, kam_value_run(&run, then, NULL, req_day("2026-01-31"), q->err));
    REQ_TEXT(q, rows_of(q, run, whole, after, sizeof after), before);
    kam_run_free(run);
    kam_book_close(then);
}

/* ---------------------------------------------------------------- failures */

static int32_t stop(void *user, uint64_t done, uint64_t total) {
    (void)done, (void)total;
    return *(int *)user;
}

static void cancelled(void **state) {
    (void)state;
    int say = 0;
    req q = {.on = "memory", .now = 0};
    kam_ctx_options o = {.struct_size = sizeof o, .user = &say, .progress = stop};
    kam_book_options b = {.struct_size = sizeof b, .currency = "CNY"};
    kam_run *run = NULL;
    assert_int_equal(kam_error_new(&q.err, NULL), KAM_OK);
    assert_int_equal(kam_ctx_new(&q.ctx, &o, q.err), KAM_OK);
    REQ_MUST(&q, kam_book_open(&q.book, q.ctx, NULL, &b, q.err));
    some_sales(&q);
    say = 1;
    assert_int_equal(kam_value_run(&run, q.book, NULL, req_day("2026-01-31"), q.err), KAM_E_CANCELLED);
    assert_null(run);
    say = 0;
    REQ_MUST(&q, kam_value_run(&run, q.book, NULL, req_day("2026-01-31"), q.err));
    kam_run_free(run);
    kam_book_close(q.book);
    req_end(&q);
}

/* Every allocation fails once: run, list, explanation, periods; afterwards all of it works and gives the same. */
static int32_t all_of_it(req *q, char *out, size_t size) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_REVENUE, 0};
    kam_run *run = NULL;
    kam_why *why = NULL;
    kam_rows *rows = NULL, *periods = NULL;
    int32_t rc = kam_value_run(&run, q->book, NULL, req_day("2026-01-31"), q->err);
    if (rc == KAM_OK) rc = kam_run_why(&why, run, 1, q->err);
    if (rc == KAM_OK) rc = kam_value_periods(&periods, q->book, NULL, KAM_PERIOD_MONTH, req_day("2026-01-31"), q->err);
    if (rc == KAM_OK) rc = kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, q->err);
    if (rc == KAM_OK && out) {
        req_rows(q, rows, field, out, size);
        rows = NULL;
    }
    kam_rows_free(rows);
    kam_rows_free(periods);
    kam_why_free(why);
    kam_run_free(run);
    return rc;
}

static void no_memory_leaves_nothing(void **state) {
    (void)state;
    char before[1000], after[1000];
    help_memory m;
    req q = {.on = "memory", .ctx = help_ctx(&m)};
    kam_book_options b = {.struct_size = sizeof b, .currency = "CNY"};
    assert_int_equal(kam_error_new(&q.err, NULL), KAM_OK);
    REQ_MUST(&q, kam_book_open(&q.book, q.ctx, NULL, &b, q.err));
    some_sales(&q);
    rate(&q, "EUR", "CNY", "7.5", "2026-01-01");
    rate(&q, "CNY", "EUR", "0.13", "2026-01-01");
    ledger(&q, account(&q, ",\"currency\":\"EUR\""), "SALE", "2026-01-05", "3.00", ",\"currency\":\"EUR\"");
    REQ_MUST(&q, all_of_it(&q, before, sizeof before));
    long live = m.live, n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        m.left = n;
        rc = all_of_it(&q, NULL, 0);
        m.left = -1;
        if (rc != KAM_OK) assert_int_equal(rc, KAM_E_NOMEM);
        if (m.live > live + 2) fail_msg("allocation %ld: %ld pieces are left behind", n, m.live - live);
    }
    assert_true(n > 30);
    REQ_MUST(&q, all_of_it(&q, after, sizeof after));
    assert_string_equal(before, after);
    kam_book_close(q.book);
    req_end(&q);
    assert_int_equal(m.live, 0);
}

#define EACH(name) static void test_##name(void **state) { (void)state; req_each(name); }
EACH(window)
EACH(refusals) EACH(conversion) EACH(rate_of_the_day) EACH(ranks) EACH(end_account) EACH(stored) EACH(stale)
    EACH(as_known_then)

        int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_conversion),
        cmocka_unit_test(test_rate_of_the_day),
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_end_account),
        cmocka_unit_test(test_stored),
        cmocka_unit_test(test_stale),
        cmocka_unit_test(test_as_known_then),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(no_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
