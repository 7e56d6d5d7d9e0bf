/* Cadence rules that are for some accounts only: documents, the due list, a plan, its problems and reasons, memory. */
#include "plan_help.h"

#define DOC(when) "{\"name\":\"some\",\"scheme\":\"mine\",\n\"optional\":[\"city\"],\"grades\":{\"X\":[" \
    "{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30},\"when\":" when "}," \
    "{\"id\":\"ring\",\"channel\":\"CALL\",\"every\":{\"days\":10},\"when\":\"city.orValue('') != 'Wuhan'\"}," \
    "{\"id\":\"mail\",\"channel\":\"EMAIL\",\"every\":{\"days\":60}}]},\"priority\":[\"orders_12m > 3\"]}"
#define BIG "\"recency_days < 90 ? revenue_12m >= decimal('1000') : false\""

static int32_t add(req *q, const char *json, int64_t *id) {
    return kam_policy_add(id, q->book, KAM_POLICY_CADENCE, json, KAM_NUL, q->err);
}

static void documents(req *q) {
    int64_t id = 0;
    char many[4000];
    REQ_REFUSED(q, add(q, DOC("\"recency_day < 90\""), &id), KAM_E_PARSE,
                "grades.X[0].when: line 1, column 1: \"recency_day\" is not known; did you mean \"recency_days\"?");
    REQ_EQUAL(q, kam_error_detail(q->err, KAM_ERR_LINE), 2);
    REQ_EQUAL(q, kam_error_detail(q->err, KAM_ERR_COLUMN), 94);
    REQ_REFUSED(q, add(q, DOC("\"recency_days\""), &id), KAM_E_POLICY, "grades.X[0].when: a condition is true or false, this is a int");
    REQ_REFUSED(q, add(q, DOC("1"), &id), KAM_E_POLICY, "\"when\" must be an expression");
    REQ_REFUSED(q, add(q, "{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{},\"optional\":[\"nothing\"]}", &id), KAM_E_POLICY,
                "\"optional\" names attributes");
    REQ_REFUSED(q, add(q, "{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{},\"default\":[{\"id\":\"a\",\"channel\":\"CALL\","
                          "\"every\":{\"days\":9},\"when\":\"1 +\"}]}", &id), KAM_E_PARSE, "default[0].when: line 1, column 4:");
    size_t n = (size_t)snprintf(many, sizeof many, "{\"name\":\"n\",\"scheme\":\"s\",\"grades\":{\"A\":[");
    for (int i = 0; i < 17; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, "%s{\"id\":\"r%d\",\"channel\":\"CALL\",\"every\":{\"days\":9},\"when\":\"true\"}",
                              i ? "," : "", i);
    snprintf(many + n, sizeof many - n, "]}}");
    REQ_REFUSED(q, add(q, many, &id), KAM_E_POLICY, "a grade has at most 16 rules with a condition");
}

static void in_force(req *q) {
    int64_t id = 0;
    REQ_MUST(q, add(q, DOC(BIG), &id));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
}

static void sale(req *q, int64_t of, const char *day, const char *amount) {
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"day\":\"%s\",\"event\":\"SALE\",\"amount\":%s}", (ll)of, day, amount);
}

static const char *due(req *q, const char *day) {
    static const uint32_t f[] = {KAM_DUE_NAME, KAM_DUE_CHANNEL, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_due(&rows, q->book, "some", 0, req_day(day), q->err));
    return req_rows(q, rows, f, text, sizeof text);
}

static const char *why(req *q, kam_run *run, int64_t id, const char *lang) {
    kam_why *w = NULL;
    kam_buf *buf = NULL;
    REQ_MUST(q, kam_run_why(&w, run, id, q->err));
    REQ_MUST(q, kam_buf_new(&buf, q->ctx, q->err));
    REQ_MUST(q, kam_why_text(buf, w, lang, q->err));
    snprintf(text, sizeof text, "%s", kam_buf_data(buf));
    kam_buf_free(buf);
    kam_why_free(w);
    return text;
}

/* big: all rules; small: no visit; wuhan: no call; none: it cannot be told whether to visit. */
static void accounts_have_the_rules_that_are_for_them(req *q) {
    in_force(q);
    int64_t li = rep(q, "Li", ""), big = account(q, "big", li, "X", "2026-01-01", ""),
            small = account(q, "small", li, "X", "2026-01-01", ""),
            wuhan = account(q, "wuhan", li, "X", "2026-01-01", ",\"city\":\"Wuhan\""),
            none = account(q, "none", li, "X", "2026-01-01", "");
    sale(q, big, "2026-02-01", "1000");
    sale(q, small, "2026-02-01", "999.99");
    sale(q, wuhan, "2026-02-01", "2000");
    REQ_TEXT(q, due(q, "2026-03-02"),
             "big EMAIL|big CALL|big VISIT|small EMAIL|small CALL|wuhan EMAIL|wuhan VISIT|none EMAIL|none CALL");
    /* An own frequency stands in place of what the rules say, be they for the account or not. */
    req_save(q, KAM_KIND_CADENCE_OVERRIDE, "{\"account\":" LL ",\"channel\":\"VISIT\",\"every\":20,\"unit\":\"DAYS\",\"why\":\"asked for\"}", (ll)small);
    assert_non_null(strstr(due(q, "2026-03-02"), "small VISIT"));

    kam_visit_plan_options o = {.cadence = "some", .days = 28};
    kam_run *run = plan_with(q, &o, "2026-03-02");
    char want[200];
    snprintf(want, sizeof want, "account " LL " CONDITION_UNKNOWN", (ll)none);
    if (!strstr(PROBLEMS(q, run), want)) fail_msg("%s: %s", want, text);
    assert_null(strstr(ENTRIES(q, run), "none 2026-03-02 VISIT"));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    assert_non_null(strstr(why(q, run, big, "en"),
        "  rule see is for this account: recency_days < 90 ? revenue_12m >= decimal('1000') : false is true\n"
        "  recency_days < 90 ? revenue_12m >= decimal('1000') : false is true (1:1)\n  recency_days < 90 is true (1:1)\n"
        "  recency_days is 29 (1:1)\n  revenue_12m >= decimal('1000') is true (1:21)\n  revenue_12m is 1000.00 (1:21)\n"
        "  rule ring is for this account: city.orValue('') != 'Wuhan' is true\n"));
    sale(q, wuhan, "2026-02-02", "-1900");              /* known later: the plan's reasons stay */
    assert_non_null(strstr(why(q, run, wuhan, "zh"),
        "  规则 see 适用于本客户：recency_days < 90 ? revenue_12m >= decimal('1000') : false 为 true\n"));
    assert_non_null(strstr(text, "  规则 ring 不适用于本客户：city.orValue('') != 'Wuhan' 为 false\n"));
    assert_non_null(strstr(why(q, run, none, "en"),
        "  rule see is left out: a value it reads is missing: recency_days < 90 ? revenue_12m >= decimal('1000') : false is unknown\n"));
    kam_run_free(run);
}

/* ---------------------------------------------------------------- who goes first */

#define FIRST(name, list) "{\"name\":\"" name "\",\"scheme\":\"mine\"," list "\"grades\":{" \
    "\"X\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30}}]," \
    "\"Y\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30}}]}}"
#define WORTH "\"priority\":[\"rfm_cell == 'champion'\",\"contribution_12m > decimal('100') || p_alive < 0.5 && clv_12m > 50000\"],"

static const char *visited(req *q, const char *cadence, int32_t a_day, const char *as_of) {
    static const uint32_t field[] = {KAM_PLAN_ENTRY_NAME, 0};
    const kam_visit_plan_options o = {.cadence = cadence, .days = 1, .visits_a_day = a_day};
    kam_run *run = plan_with(q, &o, as_of);
    list(q, run, KAM_KIND_PLAN_ENTRY, field);
    kam_run_free(run);
    return text;
}

/* Room for one visit, or two: without priority the better grade goes first, with it who is worth more. */
static void what_accounts_are_worth_goes_first(req *q) {
    static const char *const doc[] = {FIRST("grades", ""), FIRST("worth", WORTH)};
    int64_t id = 0;
    for (int i = 0; i < 2; i++) {
        REQ_MUST(q, add(q, doc[i], &id));
        REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    }
    int64_t li = rep(q, "Li", "");
    account(q, "graded", li, "X", "2026-01-01", "");
    account(q, "nothing", li, "Y", "2026-01-01", "");
    int64_t worth = account(q, "worth", li, "Y", "2026-01-01", ""), champion = account(q, "champion", li, "Y", "2026-01-01", "");
    sale(q, worth, "2026-02-01", "200");
    sale(q, champion, "2026-02-01", "5000");
    REQ_TEXT(q, visited(q, "worth", 2, "2026-03-02"), "worth|champion");       /* both by contribution: no run yet */
    const kam_value_options v = {.struct_size = sizeof v,
        .settings = "{\"rfm\":{\"cells\":[{\"name\":\"champion\",\"m\":5},{\"name\":\"other\"}]}}"};
    kam_run *run = NULL;
    REQ_MUST(q, kam_value_run(&run, q->book, &v, req_day("2026-03-01"), q->err));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    REQ_TEXT(q, visited(q, "grades", 1, "2026-03-02"), "graded");
    REQ_TEXT(q, visited(q, "worth", 1, "2026-03-02"), "champion");
    REQ_TEXT(q, visited(q, "worth", 2, "2026-03-02"), "champion|worth");
    REQ_TEXT(q, visited(q, "worth", 3, "2026-03-02"), "champion|worth|graded");
    REQ_TEXT(q, visited(q, "worth", 1, "2026-02-26"), "worth");                /* the run is of a later day */
    const kam_visit_plan_options o = {.cadence = "worth", .days = 1};
    run = plan_with(q, &o, "2026-03-02");
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    assert_non_null(strstr(why(q, run, champion, "en"), "rule priority is for this account: rfm_cell == 'champion' is true\n"));
    assert_non_null(strstr(why(q, run, worth, "en"), "rule priority is not for this account: rfm_cell == 'champion' is false\n"));
    kam_run_free(run);
}

static void wrong_priorities(req *q) {
    char many[2000];
    int64_t id = 0;
    REQ_REFUSED(q, add(q, FIRST("a", "\"priority\":\"clv_12m\","), &id), KAM_E_POLICY, "\"priority\" must be a list of expressions");
    REQ_REFUSED(q, add(q, FIRST("a", "\"priority\":[1],"), &id), KAM_E_POLICY, "\"priority\" must be a list of expressions");
    REQ_REFUSED(q, add(q, FIRST("a", "\"priority\":[\"true\",\"clv_12m\"],"), &id), KAM_E_POLICY, "priority[1]: a condition is true or false");
    REQ_REFUSED(q, add(q, FIRST("a", "\"priority\":[\"clv > 1\"],"), &id), KAM_E_PARSE, "priority[0]: line 1, column 1: \"clv\" is not known");
    size_t n = (size_t)snprintf(many, sizeof many, "{\"name\":\"a\",\"scheme\":\"s\",\"grades\":{},\"priority\":[\"true\"");
    for (int i = 0; i < 16; i++) n += (size_t)snprintf(many + n, sizeof many - n, ",\"true\"");
    snprintf(many + n, sizeof many - n, "]}");
    REQ_REFUSED(q, add(q, many, &id), KAM_E_POLICY, "\"priority\" has at most 16 conditions");
}

static void each_priority(void **state) { (void)state; req_each(what_accounts_are_worth_goes_first); req_each(wrong_priorities); }
static void each_store(void **state) { (void)state; req_each(documents); req_each(accounts_have_the_rules_that_are_for_them); }

static void failing_memory_is_told(void **state) {
    fault f = {.left = -1};
    kam_allocator a = fault_allocator(&f);
    req q = {.on = "memory", .now = req_day("2026-03-02") * REQ_DAY_MS};
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = &a, .user = &q, .now = req_clock};
    kam_book_options b = {.struct_size = sizeof b, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    (void)state;
    assert_int_equal(kam_error_new(&q.err, NULL), KAM_OK);
    REQ_MUST(&q, kam_ctx_new(&q.ctx, &o, q.err));
    REQ_MUST(&q, kam_book_open(&q.book, q.ctx, NULL, &b, q.err));
    in_force(&q);
    int64_t li = rep(&q, "Li", ""), id = account(&q, "a", li, "X", "2026-01-01", "");
    for (int64_t left = 0;; left++) {
        kam_visit_plan_options p = {.struct_size = sizeof p, .cadence = "some", .days = 7};
        kam_visit_plan *plan = NULL;
        kam_run *run = NULL;
        kam_why *w = NULL;
        f.left = left;
        int32_t rc = kam_visit_plan_new(&plan, q.book, &p, q.err);
        if (rc == KAM_OK) rc = kam_visit_plan_run(&run, plan, req_day("2026-03-02"), q.err);
        if (rc == KAM_OK) rc = kam_run_why(&w, run, id, q.err);
        f.left = -1;
        kam_why_free(w);
        kam_run_free(run);
        kam_visit_plan_free(plan);
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
    }
    kam_book_close(q.book);
    kam_ctx_free(q.ctx);
    kam_error_free(q.err);
    assert_int_equal(f.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_store), cmocka_unit_test(each_priority),
                                       cmocka_unit_test(failing_memory_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
