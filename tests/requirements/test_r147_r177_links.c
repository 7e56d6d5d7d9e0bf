/* R147 the dated link of an end customer to its distributor; R177 several codes roll into one account, by company and in
 * total, sales between our own companies left out. */
#include "req.h"

typedef long long ll;
#define LL "%lld"

static int64_t account(req *q, const char *name) { return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\"}", name); }

static void sale(req *q, int64_t id, const char *day, const char *amount, const char *more) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"SALE\",\"day\":\"%s\",\"amount\":%s%s}", (ll)id, day, amount,
             more);
}

static int64_t link(req *q, int64_t from, int64_t into, const char *role, const char *more) {
    return req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":" LL ",\"into\":" LL ",\"role\":\"%s\"%s}", (ll)from, (ll)into, role,
                    more);
}

static const kam_value_options *options(kam_value_options *o, uint32_t flags) {
    memset(o, 0, sizeof *o);
    o->struct_size = sizeof *o;
    o->flags = flags;
    return o;
}

static const char *valued(req *q, uint32_t flags, const char *day, char *out, size_t size) {
    static const uint32_t field[] = {KAM_ACCOUNT_VALUE_ACCOUNT, KAM_ACCOUNT_VALUE_REVENUE, KAM_ACCOUNT_VALUE_ORDERS, 0};
    kam_value_options o;
    kam_rows *rows = NULL;
    kam_run *run = NULL;
    REQ_MUST(q, kam_value_run(&run, q->book, options(&o, flags), req_day(day), q->err));
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, q->err));
    req_rows(q, rows, field, out, size);
    kam_run_free(run);
    return out;
}

static const char *companies(req *q, uint32_t flags, char *out, size_t size) {
    static const uint32_t field[] = {KAM_COMPANY_VALUE_ACCOUNT, KAM_COMPANY_VALUE_COMPANY, KAM_COMPANY_VALUE_REVENUE,
                                     KAM_COMPANY_VALUE_CONTRIBUTION, KAM_COMPANY_VALUE_ORDERS, 0};
    kam_value_options o;
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_value_companies(&rows, q->book, options(&o, flags), req_day("2026-02-28"), q->err));
    return req_rows(q, rows, field, out, size);
}

/* ---------------------------------------------------------------- R147 */

static void r147_link(req *q) {
    char out[500];
    static const uint32_t field[] = {KAM_DISTRIBUTOR_DISTRIBUTOR, KAM_DISTRIBUTOR_DESIGNATED, KAM_VALID_FROM, KAM_VALID_TO, 0};
    int64_t channel = account(q, "channel"), end = account(q, "end"), other = account(q, "other");
    req_save(q, KAM_KIND_DISTRIBUTOR, "{\"account\":" LL ",\"distributor\":" LL ",\"designated\":true,\"valid_from\":\"2025-01-01\","
             "\"valid_to\":\"2026-01-01\"}", (ll)end, (ll)channel);
    req_save(q, KAM_KIND_DISTRIBUTOR, "{\"account\":" LL ",\"distributor\":" LL ",\"valid_from\":\"2026-01-01\"}", (ll)end, (ll)other);
    kam_rows *rows = req_query(q, KAM_KIND_DISTRIBUTOR, KAM_DISTRIBUTOR_ACCOUNT, "2", 0, req_day("2025-06-01"));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out), "1 true 2025-01-01 2026-01-01");
    rows = req_query(q, KAM_KIND_DISTRIBUTOR, KAM_DISTRIBUTOR_ACCOUNT, "2", 0, req_day("2026-02-01"));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out), "3 - 2026-01-01 -");
    REQ_REFUSED(q, req_try(q, KAM_KIND_DISTRIBUTOR, "{\"account\":2,\"distributor\":2}"), KAM_E_INVAL, "own distributor");
    sale(q, channel, "2025-06-01", "10.00", ",\"end_account\":2");
    REQ_TEXT(q, valued(q, 0, "2026-02-28", out, sizeof out), "1 10.00 1|2 0.00 0");      /* the link moves no money */
    kam_record *r = req_get(q, KAM_KIND_ACCOUNT, end, KAM_TODAY);
    assert_int_equal(kam_record_type(r, KAM_ACCOUNT_PARENT), 0);                          /* it is not the group tree */
    kam_record_free(r);
}

/* ---------------------------------------------------------------- R177 */

static void r177_roll_up(req *q) {
    char out[500];
    int64_t head = account(q, "group"), east = account(q, "east code"), ship = account(q, "ship-to"), ours = account(q, "ours");
    sale(q, head, "2025-06-01", "100.00", ",\"company\":\"East\",\"order\":\"A\",\"cost\":60.00");
    sale(q, east, "2025-07-01", "10.00", ",\"company\":\"West\",\"order\":\"A\"");
    sale(q, ship, "2025-08-01", "1.00", "");
    sale(q, ours, "2025-09-01", "1000.00", ",\"company\":\"East\"");
    req_save(q, KAM_KIND_CLASS, "{\"account\":" LL ",\"class\":\"own\",\"dimension\":\"intercompany\"}", (ll)ours);
    REQ_TEXT(q, valued(q, KAM_VALUE_EXTERNAL, "2026-02-28", out, sizeof out), "1 100.00 1|2 10.00 1|3 1.00 1");
    link(q, east, head, "SOLD_TO", ",\"valid_from\":\"2026-02-01\"");
    link(q, ship, east, "SHIP_TO", ",\"valid_from\":\"2026-02-01\"");                     /* over two links */
    REQ_TEXT(q, valued(q, KAM_VALUE_EXTERNAL, "2026-01-31", out, sizeof out), "1 100.00 1|2 10.00 1|3 1.00 1");
    REQ_TEXT(q, valued(q, KAM_VALUE_EXTERNAL, "2026-02-28", out, sizeof out), "1 111.00 2");    /* order A is one order */
    REQ_TEXT(q, companies(q, KAM_VALUE_EXTERNAL, out, sizeof out), "1 - 1.00 1.00 1|1 East 100.00 40.00 1|1 West 10.00 10.00 1");
    REQ_TEXT(q, companies(q, 0, out, sizeof out),
             "1 - 1.00 1.00 1|1 East 100.00 40.00 1|1 West 10.00 10.00 1|4 East 1000.00 1000.00 1");
    kam_rows *rows = req_query(q, KAM_KIND_LEDGER, KAM_LEDGER_ACCOUNT, "2", 0, KAM_TODAY);      /* no row is rewritten */
    static const uint32_t amount[] = {KAM_LEDGER_AMOUNT, 0};
    REQ_TEXT(q, req_rows(q, rows, amount, out, sizeof out), "10.00");
    req_save(q, KAM_KIND_CLASS, "{\"account\":" LL ",\"class\":\"own\",\"dimension\":\"intercompany\"}", (ll)east);
    REQ_TEXT(q, valued(q, KAM_VALUE_EXTERNAL, "2026-02-28", out, sizeof out), "1 101.00 2");    /* a code of ours falls out */
}

static void r177_one_account(req *q) {
    char out[500];
    int64_t head = account(q, "head"), code = account(q, "code");
    sale(q, head, "2025-06-01", "100.00", "");
    sale(q, code, "2024-01-01", "5.00", "");
    sale(q, code, "2026-01-01", "10.00", "");
    link(q, code, head, "PAYER", "");
    kam_account *a = NULL;
    const kam_record *r = NULL;
    REQ_MUST(q, kam_account_open(&a, q->book, head, KAM_TODAY, q->err));
    REQ_MUST(q, kam_account_value(&r, a, 0, 0, q->err));
    REQ_TEXT(q, kam_record_text(r, KAM_ACCOUNT_VALUE_REVENUE, ""), "110.00");
    REQ_MUST(q, kam_account_attributes(&r, a, q->err));
    REQ_TEXT(q, kam_record_text(r, KAM_ATTRIBUTES_REVENUE_12M, ""), "110.00");
    REQ_EQUAL(q, kam_record_i64(r, KAM_ATTRIBUTES_TENURE_DAYS, 0), req_day("2026-03-02") - req_day("2024-01-01"));
    kam_account_free(a);
    REQ_MUST(q, kam_account_open(&a, q->book, code, KAM_TODAY, q->err));
    REQ_MUST(q, kam_account_value(&r, a, 0, 0, q->err));
    REQ_TEXT(q, kam_record_text(r, KAM_ACCOUNT_VALUE_REVENUE, ""), "0.00");                 /* counted once */
    REQ_MUST(q, kam_account_attributes(&r, a, q->err));
    REQ_EQUAL(q, kam_record_type(r, KAM_ATTRIBUTES_TENURE_DAYS), 0);
    kam_why *why = NULL;
    REQ_MUST(q, kam_account_why(&why, a, KAM_KIND_ACCOUNT_LINK, NULL, q->err));
    REQ_TEXT(q, kam_record_text(kam_why_record(why), KAM_VERDICT_RESULT, ""), "1");
    kam_why_free(why);
    kam_account_free(a);
    /* graded once, too: the code is in no list */
    kam_scheme *scheme = NULL;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    static const uint32_t graded[] = {KAM_GRADE_ITEM_ACCOUNT, 0};
    REQ_MUST(q, kam_scheme_open(&scheme, q->book, "quota-20-40-40", KAM_TODAY, q->err));
    REQ_MUST(q, kam_grading_run(&run, q->book, scheme, KAM_TODAY, q->err));
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, q->err));
    REQ_TEXT(q, req_rows(q, rows, graded, out, sizeof out), "1");
    kam_run_free(run);
    kam_scheme_free(scheme);
}

static void r177_no_circle(req *q) {
    int64_t a = account(q, "a"), b = account(q, "b"), c = account(q, "c");
    link(q, a, b, "SOLD_TO", ",\"valid_from\":\"2025-01-01\",\"valid_to\":\"2026-01-01\"");
    link(q, b, c, "SOLD_TO", ",\"valid_from\":\"2025-06-01\"");
    REQ_REFUSED(q, req_try(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":3,\"into\":1,\"valid_from\":\"2025-12-31\"}"), KAM_E_INVAL, "same day");
    REQ_REFUSED(q, req_try(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":2,\"into\":1}"), KAM_E_INVAL, "same day");
    link(q, c, a, "SOLD_TO", ",\"valid_from\":\"2026-01-01\"");                             /* on no day a circle */
    link(q, c, c, "SOLD_TO", ",\"valid_from\":\"2026-02-01\"");                             /* and for itself again */
    link(q, a, c, "SOLD_TO", ",\"valid_from\":\"2026-02-01\"");
    REQ_REFUSED(q, req_try(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":3,\"into\":99}"), KAM_E_NOT_FOUND, "into");
}

static void r177_chain(req *q) {
    for (int i = 0; i < 20; i++) account(q, "x");
    for (int i = 19; i > 3; i--) link(q, i, i + 1, "SOLD_TO", "");
    REQ_REFUSED(q, req_try(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":3,\"into\":4}"), KAM_E_LIMIT, "16 links");
}

static void r019_groups(req *q) {
    static const uint32_t field[] = {KAM_GROUP_VALUE_ACCOUNT, KAM_GROUP_VALUE_PARENT, KAM_GROUP_VALUE_ACCOUNTS,
                                     KAM_GROUP_VALUE_OWN_REVENUE, KAM_GROUP_VALUE_REVENUE, KAM_GROUP_VALUE_COST_TO_SERVE,
                                     KAM_GROUP_VALUE_CONTRIBUTION, 0};
    char out[500];
    kam_rows *rows = NULL;
    int64_t top = account(q, "top");
    int64_t east = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"east\",\"parent\":" LL "}", (ll)top);
    int64_t plant = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"plant\",\"parent\":" LL "}", (ll)east);
    int64_t alone = account(q, "alone"), code = account(q, "code of the plant");
    sale(q, top, "2026-01-01", "1.00", "");
    sale(q, plant, "2026-01-01", "10.00", "");
    sale(q, code, "2026-01-01", "100.00", "");
    sale(q, alone, "2026-01-01", "7.00", "");
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"COST_TO_SERVE\",\"day\":\"2026-01-01\",\"amount\":4.00}", (ll)east);
    link(q, code, plant, "SOLD_TO", "");
    REQ_MUST(q, kam_value_groups(&rows, q->book, NULL, req_day("2026-02-28"), q->err));
    REQ_TEXT(q, req_rows(q, rows, field, out, sizeof out),
             "1 - 3 1.00 111.00 4.00 107.00|2 1 2 0.00 110.00 4.00 106.00|3 2 1 110.00 110.00 0.00 110.00");
}

void test_R147_dated_link_to_a_distributor(void **state) { (void)state; req_each(r147_link); }
void test_R177_codes_roll_into_one_account(void **state) { (void)state; req_each(r177_roll_up); }
void test_R177_one_account_in_every_list(void **state) { (void)state; req_each(r177_one_account); }
void test_R177_no_account_counts_for_itself(void **state) { (void)state; req_each(r177_no_circle); }
void test_R177_chains_end(void **state) { (void)state; req_each(r177_chain); }
void test_R019_sums_up_the_tree(void **state) { (void)state; req_each(r019_groups); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R147_dated_link_to_a_distributor), cmocka_unit_test(test_R177_codes_roll_into_one_account),
        cmocka_unit_test(test_R177_one_account_in_every_list),   cmocka_unit_test(test_R177_no_account_counts_for_itself),
        cmocka_unit_test(test_R177_chains_end),                  cmocka_unit_test(test_R019_sums_up_the_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
