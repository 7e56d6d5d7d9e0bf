/* The trend of an account's revenue over twelve months, as an attribute. */
#include "requirements/req.h"

typedef long long ll;

static void ledger(req *q, int account, const char *event, const char *day, const char *amount) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":%d,\"event\":\"%s\",\"day\":\"%s\",\"amount\":\"%s\"}", account, event, day, amount);
}

static const char *trend(req *q, int64_t account, char out[40]) {
    kam_account *a = NULL;
    const kam_record *r = NULL;
    REQ_MUST(q, kam_account_open(&a, q->book, account, req_day("2026-02-28"), q->err));
    REQ_MUST(q, kam_account_attributes(&r, a, q->err));
    snprintf(out, 40, "%s", kam_record_text(r, KAM_ATTRIBUTES_TREND, "-"));
    kam_account_free(a);
    return out;
}

/* 1 grows by 1 a month, 2 is steady, 3 falls to nothing through returns, 4 bought before the window only. */
static void of_twelve_months(req *q) {
    char out[40], day[16], amount[16];
    for (int i = 1; i <= 4; i++) req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    for (int m = 0; m < 12; m++) {
        snprintf(day, sizeof day, "%d-%02d-15", 2025 + (m + 2) / 12, (m + 2) % 12 + 1);
        snprintf(amount, sizeof amount, "%d.00", m + 1);
        ledger(q, 1, "SALE", day, amount);
        ledger(q, 2, "SALE", day, "7.00");
    }
    ledger(q, 3, "SALE", "2025-04-01", "5.00");
    ledger(q, 3, "RETURN", "2026-02-01", "5.00");
    ledger(q, 4, "SALE", "2025-02-28", "5.00");
    REQ_TEXT(q, trend(q, 1, out), "0.1538");                        /* 1 a month of a mean of 6.5 */
    REQ_TEXT(q, trend(q, 2, out), "0");
    REQ_TEXT(q, trend(q, 3, out), "-");
    REQ_TEXT(q, trend(q, 4, out), "-");
    ledger(q, 4, "SALE", "2025-03-01", "5.00");                     /* all of it in the first month */
    REQ_TEXT(q, trend(q, 4, out), "-0.4615");
}

static void test_of_twelve_months(void **state) { (void)state; req_each(of_twelve_months); }

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_of_twelve_months)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
