/* Codes that count for other accounts, sums by company and up the tree: currencies, the past as it was known, links
 * together with sales between our own companies, every allocation failing once. */
#include "help.h"
#include "requirements/req.h"

typedef long long ll;
#define LL "%lld"

static void sale(req *q, int64_t id, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"SALE\",\"day\":\"%s\",\"amount\":%s%s}", (ll)id, day, amount,
             more);
}

/* 1 is the head of 2 and, over it, 3; 4 alone; 5 below 1 in the tree. */
static void shop(req *q) {
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"head\",\"currency\":\"EUR\"}");
    for (int i = 2; i < 5; i++) req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"below\",\"parent\":1}");
    req_save(q, KAM_KIND_RATE, "{\"sell\":\"EUR\",\"buy\":\"CNY\",\"rate\":8,\"valid_from\":\"2025-01-01\"}");
    req_save(q, KAM_KIND_RATE, "{\"sell\":\"CNY\",\"buy\":\"EUR\",\"rate\":0.125,\"valid_from\":\"2025-01-01\"}");
    sale(q, 1, "2026-01-01", "10.00", ",\"currency\":\"EUR\",\"company\":\"East\"");
    sale(q, 2, "2026-01-01", "8.00", ",\"company\":\"West\"");
    sale(q, 3, "2026-01-02", "16.00", ",\"end_account\":2");
    sale(q, 4, "2026-01-03", "1.00", ",\"end_account\":3");
    sale(q, 5, "2026-01-03", "2.00", ",\"company\":\"East\"");
    req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":3,\"into\":2,\"role\":\"SHIP_TO\",\"valid_from\":\"2025-01-01\"}");
    req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":2,\"into\":1,\"valid_from\":\"2025-01-01\"}");
}

static int32_t ask(req *q, kam_book *book, kam_rows *rows[4], int32_t day) {
    kam_run *run = NULL;
    int32_t rc = kam_value_companies(&rows[0], book, NULL, day, q->err);
    if (rc == KAM_OK) rc = kam_value_groups(&rows[1], book, NULL, day, q->err);
    if (rc == KAM_OK) rc = kam_value_periods(&rows[2], book, NULL, KAM_PERIOD_YEAR, day, q->err);
    if (rc == KAM_OK) rc = kam_value_run(&run, book, NULL, day, q->err);
    if (rc == KAM_OK) rc = kam_run_rows(&rows[3], run, KAM_KIND_ACCOUNT_VALUE, q->err);
    kam_run_free(run);
    return rc;
}

static const char *text_of(req *q, kam_book *book, char out[2000]) {
    static const uint32_t field[4][6] = {
        {KAM_COMPANY_VALUE_ACCOUNT, KAM_COMPANY_VALUE_COMPANY, KAM_COMPANY_VALUE_REVENUE, 0},
        {KAM_GROUP_VALUE_ACCOUNT, KAM_GROUP_VALUE_ACCOUNTS, KAM_GROUP_VALUE_REVENUE, 0},
        {KAM_ACCOUNT_PERIOD_ACCOUNT, KAM_ACCOUNT_PERIOD_CURRENCY, KAM_ACCOUNT_PERIOD_REVENUE, 0},
        {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_REVENUE, KAM_ACCOUNT_VALUE_DIRECT_REVENUE, 0}};
    kam_rows *rows[4] = {NULL};
    size_t at = 0;
    REQ_MUST(q, ask(q, book, rows, req_day("2026-02-28")));
    for (int i = 0; i < 4; i++) {
        req_rows(q, rows[i], field[i], out + at, 2000 - at);
        at += strlen(out + at);
        if (i < 3) out[at++] = '\n', out[at] = '\0';
    }
    return out;
}

#define TOGETHER "1 - 16.00|1 East 80.00|1 West 8.00|4 - 1.00|5 East 2.00\n1 2 106.00|5 1 2.00\n" \
                 "1 CNY 104.00|1 EUR 13.00|4 CNY 1.00|5 CNY 2.00\n1 104.00 17.00|5 2.00 0.00|4 1.00 0.00"
static void together_and_apart(req *q) {
    char out[2000];
    int64_t seq = 0;
    shop(q);
    REQ_TEXT(q, text_of(q, q->book, out), TOGETHER);
    REQ_MUST(q, kam_book_seq(&seq, q->book, KAM_TODAY, q->err));
    for (int i = 2; i <= 3; i++)                                    /* ended: apart again, for the whole history */
        req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":%d,\"into\":%d,\"valid_from\":\"2027-01-01\"}", i, 4);
    req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":2,\"into\":4,\"valid_from\":\"2020-01-01\",\"valid_to\":\"2021-01-01\"}");
    REQ_TEXT(q, text_of(q, q->book, out), TOGETHER);                /* other days do not matter */
    kam_book *then = NULL;
    req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":2,\"into\":4,\"valid_from\":\"2025-01-01\"}");
    assert_string_not_equal(text_of(q, q->book, out), TOGETHER);
    REQ_MUST(q, kam_book_known(&then, q->book, seq, q->err));
    REQ_TEXT(q, text_of(q, then, out), TOGETHER);
    kam_book_close(then);
}

static void parted_again(req *q) {
    char out[2000];
    shop(q);
    req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":2,\"into\":2,\"valid_from\":\"2026-01-15\"}");     /* 3 still counts for 2 */
    REQ_TEXT(q, text_of(q, q->book, out),
             "1 East 80.00|2 - 16.00|2 West 8.00|4 - 1.00|5 East 2.00\n1 2 82.00|5 1 2.00\n"
             "1 CNY 80.00|1 EUR 10.00|2 CNY 24.00|4 CNY 1.00|5 CNY 2.00\n1 80.00 0.00|2 24.00 17.00|5 2.00 0.00|4 1.00 0.00");
}

/* Each account's sums fit, but not their difference, nor their sum. */
static void sums_that_do_not_fit(req *q) {
    kam_rows *rows = NULL;
    int32_t day = req_day("2026-02-28");
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"top\"}");
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"below\",\"parent\":1}");
    sale(q, 1, "2026-01-01", "80000000000000000.00", "");
    for (int kind = 1; kind <= 2; kind++)
        req_save(q, KAM_KIND_LEDGER, "{\"account\":1,\"event\":\"COST_TO_SERVE\",\"day\":\"2026-01-01\",\"amount\":80000000000000000.00,"
                 "\"cost_kind\":\"%s\"}", kind == 1 ? "TRAVEL" : "PERSONNEL");
    REQ_REFUSED(q, kam_value_companies(&rows, q->book, NULL, day, q->err), KAM_E_LIMIT, "costs to serve account 1");
    sale(q, 2, "2026-01-01", "80000000000000000.00", "");
    REQ_REFUSED(q, kam_value_groups(&rows, q->book, NULL, day, q->err), KAM_E_LIMIT, "below account 1");
    assert_null(rows);
}

static void refusals(req *q) {
    kam_rows *rows = NULL;
    kam_value_options o = {.struct_size = sizeof o, .flags = 64};
    REQ_REFUSED(q, kam_value_companies(NULL, q->book, NULL, 100, q->err), KAM_E_INVAL, "out");
    REQ_REFUSED(q, kam_value_groups(&rows, NULL, NULL, 100, q->err), KAM_E_INVAL, "book");
    REQ_REFUSED(q, kam_value_companies(&rows, q->book, &o, 100, q->err), KAM_E_INVAL, "flags");
    o = (kam_value_options){.struct_size = sizeof o, .from = 10, .to = 10};
    REQ_REFUSED(q, kam_value_groups(&rows, q->book, &o, 100, q->err), KAM_E_INVAL, "window is empty");
    assert_null(rows);
}

/* ---------------------------------------------------------------- memory */

static void test_out_of_memory(void **state) {
    (void)state;
    help_memory m;
    req q = {.on = "memory", .ctx = help_ctx(&m)};
    kam_book_options o = {.struct_size = sizeof o, .currency = "CNY"};
    char out[2000];
    int32_t day = req_day("2026-02-28");
    assert_int_equal(kam_error_new(&q.err, NULL), KAM_OK);
    REQ_MUST(&q, kam_book_open(&q.book, q.ctx, NULL, &o, q.err));
    shop(&q);
    text_of(&q, q.book, out);
    long live = m.live, n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        kam_rows *rows[4] = {NULL};
        m.left = n;
        rc = ask(&q, q.book, rows, day);
        m.left = -1;
        for (int i = 0; i < 4; i++) kam_rows_free(rows[i]);
        if (rc != KAM_OK) assert_int_equal(rc, KAM_E_NOMEM);
        if (m.live > live + 2) fail_msg("allocation %ld: %ld pieces are left behind", n, m.live - live);
    }
    assert_true(n > 60);
    REQ_TEXT(&q, text_of(&q, q.book, out), TOGETHER);
    kam_record *r = req_record(&q, KAM_KIND_ACCOUNT_LINK, "{\"account\":4,\"into\":3}");
    n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {             /* the guard walks links: it, too, leaves nothing behind */
        m.left = n;
        rc = kam_book_save(q.book, r, q.err);
        m.left = -1;
        if (rc != KAM_OK) assert_int_equal(rc, KAM_E_NOMEM);
    }
    kam_record_free(r);
    kam_book_close(q.book);
    req_end(&q);
    assert_int_equal(m.live, 0);
}

#define EACH(fn) static void test_##fn(void **state) { (void)state; req_each(fn); }
EACH(together_and_apart)
EACH(parted_again)
EACH(sums_that_do_not_fit)
EACH(refusals)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_together_and_apart), cmocka_unit_test(test_parted_again),
                                       cmocka_unit_test(test_sums_that_do_not_fit), cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
