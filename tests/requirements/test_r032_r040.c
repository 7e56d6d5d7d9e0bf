/* R32-R40: lifecycle, classes, the four letter schemes, quotas, schemes as data, monthly re-grading. */
#include "req.h"

#define LL "%lld"
typedef long long ll;
static char text[60000];

static int64_t account(req *q, const char *name, const char *more) {
    return req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\"%s}", name, more);
}

static void sale(req *q, int64_t id, const char *day, int amount) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"day\":\"%s\",\"event\":\"SALE\",\"amount\":%d}", (ll)id, day,
             amount);
}

static int64_t state(req *q, int64_t id, const char *to, const char *from, const char *more) {
    return req_save(q, KAM_KIND_LIFECYCLE, "{\"account\":" LL ",\"state\":\"%s\",\"valid_from\":\"%s\"%s}", (ll)id, to,
                    from, more);
}

static kam_run *grade(req *q, const char *name, const char *day) {
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    REQ_MUST(q, kam_scheme_open(&s, q->book, name, req_day(day), q->err));
    REQ_MUST(q, kam_grading_run(&run, q->book, s, req_day(day), q->err));
    kam_scheme_free(s);
    return run;
}

static int64_t apply(req *q, kam_run *run) {
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    return id;
}

static const uint32_t item_fields[] = {KAM_GRADE_ITEM_ACCOUNT, KAM_GRADE_ITEM_OLD, KAM_GRADE_ITEM_NEW, 0};

static const char *items(req *q, kam_run *run) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, q->err));
    return req_rows(q, rows, item_fields, text, sizeof text);
}

/* "account old new|..." of a run made by a built-in scheme, and its counts. */
static void assert_run(req *q, const char *scheme, const char *want, const char *counts) {
    kam_run *run = grade(q, scheme, "2026-03-02");
    REQ_TEXT(q, items(q, run), want);
    REQ_TEXT(q, kam_record_text(kam_run_record(run), KAM_RUN_COUNTS, ""), counts);
    kam_run_free(run);
}

/* ---------------------------------------------------------------- R32, R33 */

static void r032(req *q) {
    static const uint32_t fields[] = {KAM_LIFECYCLE_STATE, KAM_VALID_FROM, 0};
    int64_t id = account(q, "a", "");
    kam_account *a = NULL;
    kam_rows *rows = NULL;
    state(q, id, "PROSPECT", "2026-01-01", "");
    state(q, id, "INTENT", "2026-01-15", ",\"stable\":true");
    state(q, id, "SIGNED", "2026-02-01", "");
    REQ_EQUAL(q,
              req_try(q, KAM_KIND_LIFECYCLE,
                      "{\"account\":" LL ",\"state\":\"PROSPECT\",\"valid_from\":\"2026-03-01\"}", (ll)id),
              KAM_E_INVAL);
    REQ_EQUAL(q,
              req_try(q, KAM_KIND_LIFECYCLE,
                      "{\"account\":" LL ",\"state\":\"SIGNED\",\"stable\":true,\"valid_from\":\"2026-03-01\"}",
                      (ll)id),
              KAM_E_INVAL);
    REQ_MUST(q, kam_account_open(&a, q->book, id, KAM_TODAY, q->err));
    REQ_TEXT(q, kam_record_text(kam_account_record(a), KAM_ACCOUNT_LIFECYCLE, ""), "SIGNED");
    REQ_MUST(q, kam_account_rows(&rows, a, KAM_KIND_LIFECYCLE, req_day("2026-01-01"), req_day("2026-12-31"), q->err));
    REQ_TEXT(q, req_rows(q, rows, fields, text, sizeof text),
             "SIGNED 2026-02-01|INTENT 2026-01-15|PROSPECT 2026-01-01");
    kam_why *why = NULL;
    REQ_MUST(q, kam_account_why(&why, a, KAM_KIND_LIFECYCLE, NULL, q->err));
    kam_why_free(why);
    kam_account_free(a);
    char before[256];
    REQ_TEXT(q, req_text(q, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_LIFECYCLE, req_day("2026-01-20"), before), "INTENT");
}
static void test_R032_lifecycle_moves_by_legal_steps_and_each_is_kept(void **s) { (void)s; req_each(r032); }

static void r033(req *q) {
    int64_t p = account(q, "p", ""), i = account(q, "i", ""), s = account(q, "s", ""), x = account(q, "x", "");
    account(q, "nothing known", "");
    state(q, p, "PROSPECT", "2026-01-01", "");
    state(q, i, "INTENT", "2026-01-01", "");
    state(q, s, "SIGNED", "2026-01-01", "");
    REQ_EQUAL(q,
              req_try(q, KAM_KIND_LIFECYCLE, "{\"account\":" LL ",\"state\":\"INVALID\",\"valid_from\":\"2026-01-01\"}",
                      (ll)x),
              KAM_E_INVAL);
    state(q, x, "INVALID", "2026-01-01", ",\"reason\":\"closed down\"");
    assert_run(q, "lifecycle-4", "1 - PROSPECT|2 - INTENT|3 - SIGNED|4 - INVALID",
               "{\"SIGNED\":1,\"INTENT\":1,\"PROSPECT\":1,\"INVALID\":1,\"not_applicable\":1}");
}
static void test_R033_four_states_and_a_reason_for_invalid(void **s) { (void)s; req_each(r033); }

/* ---------------------------------------------------------------- R34 - R37 */

static void r034(req *q) {
    const char *good = ",\"potential\":10000,\"spending_power\":8,\"cooperation_will\":7,\"loyalty\":7";
    int64_t key = account(q, "key", good), small_share = account(q, "small share", good),
            prospect = account(q, "prospect", good);
    state(q, prospect, "PROSPECT", "2026-01-01", "");
    sale(q, key, "2026-01-10", 5000);
    sale(q, small_share, "2026-01-10", 4999);
    assert_run(q, "class-share-will-loyalty", "1 - KEY|2 - ORDINARY|3 - POTENTIAL",
               "{\"KEY\":1,\"ORDINARY\":1,\"POTENTIAL\":1,\"not_applicable\":0}");
}
static void test_R034_class_by_share_will_and_loyalty(void **s) { (void)s; req_each(r034); }

static void r035(req *q) {
    int64_t key = account(q, "key", ""), prospect = account(q, "prospect", "");
    account(q, "ordinary", "");
    req_save(q, KAM_KIND_TIER, "{\"account\":" LL ",\"tier\":\"KEY\",\"valid_from\":\"2026-01-01\"}", (ll)key);
    state(q, prospect, "PROSPECT", "2026-01-01", "");
    apply(q, grade(q, "abc-nominal", "2026-03-02"));
    state(q, prospect, "INTENT", "2026-03-10", "");
    state(q, prospect, "SIGNED", "2026-03-11", "");
    kam_run *run = grade(q, "abc-nominal", "2026-03-31");
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    REQ_TEXT(q, items(q, run), "2 B C");
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, q->err));
    REQ_MUST(q, kam_rows_next(&r, rows, q->err));
    const char *reason = kam_record_text(r, KAM_GRADE_ITEM_REASON, ""); /* letters without order: neither up nor down */
    assert_true(strstr(reason, "before: B") && !strstr(reason, "graded"));
    kam_rows_free(rows);
    kam_run_free(run);
}
static void test_R035_nominal_letters_have_no_up_and_down(void **s) { (void)s; req_each(r035); }

static void r036(req *q) {
    const char *large =
        ",\"size\":\"LARGE\",\"standing\":\"strong\",\"spending_power\":8,\"customer_since\":\"2020-01-01\"";
    int64_t a = account(q, "a", large), b = account(q, "b", ",\"size\":\"MEDIUM\",\"development_potential\":7");
    int64_t c = account(q, "c", ",\"size\":\"SMALL\""), other = account(q, "not a key account", large);
    const int64_t key[] = {a, b, c};
    for (int i = 0; i < 3; i++)
        req_save(q, KAM_KIND_TIER, "{\"account\":" LL ",\"tier\":\"KEY\",\"valid_from\":\"2026-01-01\"}", (ll)key[i]);
    assert_run(q, "abc-key-accounts", "1 - A|2 - B|3 - C", "{\"A\":1,\"B\":1,\"C\":1,\"not_applicable\":1}");
    kam_run *run = grade(q, "abc-key-accounts", "2026-03-02");
    kam_why *why = NULL;
    kam_buf *buf = NULL;
    REQ_MUST(q, kam_run_why(&why, run, other, q->err));
    assert_int_equal(kam_record_type(kam_why_record(why), KAM_VERDICT_RESULT), 0);
    REQ_MUST(q, kam_buf_new(&buf, q->ctx, q->err));
    REQ_MUST(q, kam_why_text(buf, why, "en", q->err));
    assert_non_null(strstr(kam_buf_data(buf), "not of the scheme's population: tier -, wanted KEY"));
    kam_buf_free(buf);
    kam_why_free(why);
    kam_run_free(run);
}
static void test_R036_letters_within_key_accounts_only(void **s) { (void)s; req_each(r036); }

static void r037(req *q) {
    account(q, "both", ",\"spending_power\":7,\"potential\":500000");
    account(q, "power", ",\"spending_power\":9,\"potential\":499999.99");
    account(q, "potential", ",\"spending_power\":6.9999,\"potential\":900000");
    account(q, "neither", "");
    assert_run(q, "abc-power-potential", "1 - A|2 - B|3 - B|4 - C", "{\"A\":1,\"B\":2,\"C\":1,\"not_applicable\":0}");
}
static void test_R037_two_factors_power_and_potential(void **s) { (void)s; req_each(r037); }

/* ---------------------------------------------------------------- R38 */

static void r038_sizes(req *q) {
    static const struct { int n; const char *counts; } want[] = {
        {1, "{\"A\":0,\"B\":1,\"C\":0,\"not_applicable\":0}"}, {6, "{\"A\":1,\"B\":3,\"C\":2,\"not_applicable\":0}"},
        {701, "{\"A\":140,\"B\":281,\"C\":280,\"not_applicable\":0}"},
    };
    int n = 0;
    REQ_MUST(q, kam_book_begin(q->book, KAM_BEGIN_WRITE, q->err));
    for (int i = 0; i < 3; i++) {
        for (; n < want[i].n; n++) sale(q, account(q, "x", ""), "2026-02-01", 100 + n);
        kam_run *run = grade(q, "quota-20-40-40", "2026-03-02");
        REQ_TEXT(q, kam_record_text(kam_run_record(run), KAM_RUN_COUNTS, ""), want[i].counts);
        kam_run_free(run);
    }
    REQ_MUST(q, kam_book_rollback(q->book, q->err));
}
static void test_R038_quota_rounds_by_largest_remainder(void **s) { (void)s; req_each(r038_sizes); }

static void r038_ties(req *q) {
    static const uint32_t fields[] = {KAM_GRADE_ITEM_ACCOUNT, KAM_GRADE_ITEM_NEW, KAM_GRADE_ITEM_RANK,
                                      KAM_GRADE_ITEM_TIE, 0};
    static const int amount[] = {5, 5, 9, 5, 5, 5};
    for (int i = 0; i < 6; i++) sale(q, account(q, "x", ""), "2026-02-01", amount[i]);
    kam_run *run = grade(q, "quota-20-40-40", "2026-03-02");
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, q->err));
    REQ_TEXT(q, req_rows(q, rows, fields, text, sizeof text),
             "1 B 2 true|2 B 3 true|3 A 1 false|4 B 4 true|5 C 5 true|6 C 6 true");
    assert_non_null(strstr(kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""), "\"cut_ties\":5"));
    kam_run_free(run);
}
static void test_R038_equal_accounts_go_by_id_and_are_reported(void **s) { (void)s; req_each(r038_ties); }

static void r038_likelihood(req *q) {
    account(q, "c", ",\"likelihood\":0.3,\"spending_power\":9");
    account(q, "a", ",\"likelihood\":0.9,\"spending_power\":1");
    account(q, "b", ",\"likelihood\":0.5,\"spending_power\":5");
    account(q, "b first", ",\"likelihood\":0.5,\"spending_power\":6");
    account(q, "c", ",\"likelihood\":0.1");
    sale(q, account(q, "unknown", ""), "2026-02-01", 100000);
    assert_run(q, "quota-20-40-40-likelihood", "1 - C|2 - A|3 - B|4 - B|5 - C|6 - C",
               "{\"A\":1,\"B\":2,\"C\":3,\"not_applicable\":0}");
}
static void test_R038_likelihood_leads_the_ranking(void **s) { (void)s; req_each(r038_likelihood); }

/* ---------------------------------------------------------------- R39 */

#define NAMES "\"title\":{\"en\":\"x\",\"zh\":\"甲\"},\"grades\":[{\"grade\":\"GOLD\",\"en\":\"gold\",\"zh\":\"金\"}," \
              "{\"grade\":\"IRON\",\"en\":\"iron\",\"zh\":\"铁\"}],"

static void r039(req *q) {
    static const char *own =
        "{\"name\":\"metals\",\"kind\":\"ordinal\"," NAMES "\"population\":[{\"field\":\"region\",\"is\":\"north\"}],"
        "\"window\":{\"months\":3},\"measure\":\"contribution\",\"rule\":{\"thresholds\":[\"100\"]},\"rest\":\"IRON\"}";
    int64_t a = account(q, "a", ",\"region\":\"north\""), id = 0;
    account(q, "b", ",\"region\":\"north\"");
    account(q, "c", ",\"region\":\"south\"");
    int64_t invalid = account(q, "d", ",\"region\":\"north\"");
    state(q, invalid, "INVALID", "2026-01-01", ",\"reason\":\"closed\"");
    sale(q, invalid, "2026-02-01", 900);
    sale(q, a, "2026-02-01", 100);
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_SCHEME, own, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, req_day("2026-01-01"), KAM_DAY_END, q->err));
    assert_run(q, "metals", "1 - GOLD|2 - IRON", "{\"GOLD\":1,\"IRON\":1,\"not_applicable\":2}");
    kam_run *run = grade(q, "abcd-10-20-30-40", "2026-03-02");
    REQ_TEXT(q, kam_record_text(kam_run_record(run), KAM_RUN_COUNTS, ""),
             "{\"A\":0,\"B\":1,\"C\":1,\"D\":1,\"not_applicable\":1}");
    kam_run_free(run);
}
static void test_R039_a_scheme_is_data_with_any_letters(void **s) { (void)s; req_each(r039); }

static void r039_nominal(req *q) {
    int64_t id = 0;
    static const char *quota =
        "{\"name\":\"n\",\"kind\":\"nominal\"," NAMES "\"window\":\"all\",\"measure\":\"revenue\","
        "\"rule\":{\"quota\":[\"0.5\",\"0.5\"]},\"rest\":null}";
    static const char *words =
        "{\"name\":\"n\",\"kind\":\"nominal\"," NAMES "\"words\":{\"up\":{\"en\":\"up\",\"zh\":\"升\"}},\"rest\":null}";
    REQ_REFUSED(q, kam_policy_add(&id, q->book, KAM_POLICY_SCHEME, quota, KAM_NUL, q->err), KAM_E_POLICY, "no order");
    REQ_REFUSED(q, kam_policy_add(&id, q->book, KAM_POLICY_SCHEME, words, KAM_NUL, q->err), KAM_E_POLICY,
                "up and down");
}
static void r039_cadence(req *q) {
    static const char *doc =
        "{\"name\":\"by-letter\",\"scheme\":\"abc-nominal\",\"grades\":{\"A\":[{\"id\":\"mail\",\"channel\":\"EMAIL\","
        "\"every\":{\"days\":30}}]}}";
    int64_t id = 0;
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, doc, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    REQ_REFUSED(q, kam_visit_due(&rows, q->book, "by-letter", 0, req_day("2026-03-31"), q->err), KAM_E_POLICY,
                "no order");
}
static void test_R039_no_cadence_by_nominal_letters(void **s) { (void)s; req_each(r039_cadence); }

static void test_R039_nominal_schemes_take_no_quota_and_no_words(void **s) { (void)s; req_each(r039_nominal); }

/* ---------------------------------------------------------------- R40 */

static void r040(req *q) {
    static const uint32_t fields[] = {KAM_GRADE_ITEM_ACCOUNT, KAM_GRADE_ITEM_OLD, KAM_GRADE_ITEM_NEW,
                                      KAM_GRADE_ITEM_REASON, 0};
    int64_t a = account(q, "a", ",\"intention\":\"GOOD\"");
    req_save(q, KAM_KIND_ACTIVITY,
             "{\"account\":" LL ",\"status\":\"HELD\",\"channel\":\"CALL\",\"day\":\"2026-02-10\"}", (ll)a);
    q->now = (int64_t)req_day("2026-02-28") * REQ_DAY_MS + REQ_DAY_MS / 2;
    apply(q, grade(q, "contact-intention", "2026-02-28"));
    q->now = (int64_t)req_day("2026-03-31") * REQ_DAY_MS + REQ_DAY_MS / 2;
    kam_run *run = grade(q, "contact-intention", "2026-03-31");
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, q->err));
    REQ_TEXT(q, req_rows(q, rows, fields, text, sizeof text),
             "1 A B all conditions of B hold; intention GOOD (one of GOOD, FAIR); days_since_contact 49 <= 90; "
             "downgraded from A");
    REQ_TEXT(q, kam_record_text(kam_run_record(run), KAM_RUN_EFFECTIVE, ""), "2026-03-31");
    int64_t id = apply(q, run);
    kam_account *acc = NULL;
    const kam_record *fact = NULL;
    REQ_MUST(q, kam_account_open(&acc, q->book, a, req_day("2026-03-30"), q->err));
    REQ_MUST(q, kam_account_fact(&fact, acc, KAM_KIND_GRADE, "contact-intention", q->err));
    REQ_TEXT(q, kam_record_text(fact, KAM_GRADE_GRADE, ""), "A");
    kam_account_free(acc);
    REQ_MUST(q, kam_account_open(&acc, q->book, a, req_day("2026-03-31"), q->err));
    REQ_MUST(q, kam_account_fact(&fact, acc, KAM_KIND_GRADE, "contact-intention", q->err));
    REQ_TEXT(q, kam_record_text(fact, KAM_GRADE_GRADE, ""), "B");
    REQ_EQUAL(q, kam_record_i64(fact, KAM_GRADE_RUN, 0), id);
    kam_account_free(acc);
}
static void test_R040_monthly_regrading_tells_old_new_reason_and_day(void **s) { (void)s; req_each(r040); }

static void r040_held(req *q, int64_t id, const char *channel, const char *day) {
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"HELD\",\"channel\":\"%s\",\"day\":\"%s\"}", (ll)id,
             channel, day);
}

static void r040_cadence(req *q) {
    static const uint32_t fields[] = {KAM_DUE_ACCOUNT, KAM_DUE_GRADE, KAM_DUE_RULE, 0};
    static const char *const calls[] = {"2026-04-07", "2026-04-14", "2026-04-20"};
    kam_rows *rows = NULL;
    int64_t small = account(q, "small", ""), large = account(q, "large", "");
    sale(q, small, "2026-01-05", 10);
    sale(q, large, "2026-01-05", 1000);
    r040_held(q, small, "VISIT", "2026-01-12");
    r040_held(q, large, "VISIT", "2026-03-12");
    for (int i = 0; i < 3; i++) {
        r040_held(q, small, "CALL", calls[i]);
        r040_held(q, large, "CALL", calls[i]);
    }
    kam_run *run = grade(q, "quota-20-40-40", "2026-03-02");
    REQ_TEXT(q, items(q, run), "1 - C|2 - B");
    apply(q, run);
    REQ_MUST(q, kam_visit_due(&rows, q->book, NULL, 0, req_day("2026-04-20"), q->err));
    REQ_TEXT(q, req_rows(q, rows, fields, text, sizeof text), "");              /* C: a visit in four months */
    sale(q, small, "2026-03-20", 5000);
    apply(q, grade(q, "quota-20-40-40", "2026-03-31"));
    REQ_MUST(q, kam_visit_due(&rows, q->book, NULL, 0, req_day("2026-04-20"), q->err));
    REQ_TEXT(q, req_rows(q, rows, fields, text, sizeof text), "1 B visit");     /* B: in three */
}
static void test_R040_the_cadence_switches_with_the_grade(void **s) { (void)s; req_each(r040_cadence); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R032_lifecycle_moves_by_legal_steps_and_each_is_kept),
        cmocka_unit_test(test_R033_four_states_and_a_reason_for_invalid),
        cmocka_unit_test(test_R034_class_by_share_will_and_loyalty),
        cmocka_unit_test(test_R035_nominal_letters_have_no_up_and_down),
        cmocka_unit_test(test_R036_letters_within_key_accounts_only),
        cmocka_unit_test(test_R037_two_factors_power_and_potential),
        cmocka_unit_test(test_R038_quota_rounds_by_largest_remainder),
        cmocka_unit_test(test_R038_equal_accounts_go_by_id_and_are_reported),
        cmocka_unit_test(test_R038_likelihood_leads_the_ranking),
        cmocka_unit_test(test_R039_a_scheme_is_data_with_any_letters),
        cmocka_unit_test(test_R039_nominal_schemes_take_no_quota_and_no_words),
        cmocka_unit_test(test_R039_no_cadence_by_nominal_letters),
        cmocka_unit_test(test_R040_monthly_regrading_tells_old_new_reason_and_day),
        cmocka_unit_test(test_R040_the_cadence_switches_with_the_grade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
