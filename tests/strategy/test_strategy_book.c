/*
 * The calls of kam/strategy.h as such: what they refuse, what lives how long, an account merged away, and every
 * allocation failing once. What they answer is in tests/requirements.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <kam.h>
#include <kam/spi/test.h>

#define TRY(call) do { if ((rc = (call)) != KAM_OK) goto done; } while (0)

typedef struct world { kam_ctx *ctx; kam_store *store; kam_book *book; kam_error *err; kam_account_plan *plan; } world;

static int32_t save(world *w, int64_t *id, uint32_t kind, const char *json)
{
    kam_record *r = NULL;
    int32_t rc;
    TRY(kam_record_new(&r, w->book, kind, w->err));
    TRY(kam_record_from_json(r, json, KAM_NUL, w->err));
    TRY(kam_book_save(w->book, r, w->err));
    if (id) *id = kam_record_i64(r, KAM_ID, 0);
done:
    kam_record_free(r);
    return rc;
}

static int32_t open_world(world *w, const kam_allocator *allocator)
{
    kam_ctx_options o;
    kam_book_options b;
    int32_t rc;
    memset(w, 0, sizeof *w);
    memset(&o, 0, sizeof o);
    memset(&b, 0, sizeof b);
    o.struct_size = sizeof o;
    o.allocator = allocator;
    b.struct_size = sizeof b;
    b.flags = KAM_BOOK_CREATE;
    b.currency = "CNY";
    TRY(kam_error_new(&w->err, NULL));
    TRY(kam_ctx_new(&w->ctx, &o, w->err));
    TRY(kam_store_memory(&w->store, w->ctx, w->err));
    TRY(kam_book_open(&w->book, w->ctx, w->store, &b, w->err));
done:
    return rc;
}

static void close_world(world *w)
{
    kam_account_plan_free(w->plan);
    kam_book_close(w->book);
    kam_store_free(w->store);
    kam_ctx_free(w->ctx);
    kam_error_free(w->err);
}

static const struct { uint32_t kind; const char *json; } RECORDS[] = {
    {KAM_KIND_ACCOUNT, "{\"name\":\"Hua\",\"industry\":\"pumps\",\"potential\":100.00}"},
    {KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}"},
    {KAM_KIND_ACCOUNT_PLAN,
     "{\"account\":1,\"base_year\":2025,\"ready_units\":true,\"ready_markets\":true,\"ready_period\":true,"
     "\"ready_competitors\":true,\"ready_data\":true,\"ready_forecasts\":true}"},
    {KAM_KIND_PLAN_YEAR,
     "{\"plan\":1,\"year\":2025,\"revenue\":10.00,\"gross_profit\":5.00,\"market_share\":0.5,\"satisfaction\":5}"},
    {KAM_KIND_PLAN_FACTOR, "{\"plan\":1,\"axis\":\"ATTRACTIVENESS\",\"name\":\"size\",\"weight\":100}"},
    {KAM_KIND_PLAN_FACTOR, "{\"plan\":1,\"axis\":\"STRENGTH\",\"name\":\"price\",\"weight\":100}"},
    {KAM_KIND_PLAN_UNIT, "{\"plan\":1,\"name\":\"pumps\",\"revenue\":1.00}"},
    {KAM_KIND_PLAN_SCORE, "{\"unit\":1,\"factor\":1,\"at\":\"NOW\",\"score\":5}"},
    {KAM_KIND_PLAN_SCORE, "{\"unit\":1,\"factor\":2,\"at\":\"NOW\",\"score\":6}"},
    {KAM_KIND_PLAN_SCORE, "{\"unit\":1,\"factor\":2,\"at\":\"NOW\",\"score\":4,\"competitor\":\"Rival\"}"},
    {KAM_KIND_PLAN_OBJECTIVE, "{\"plan\":1,\"kind\":\"SALES\",\"text\":\"grow\",\"present\":1,\"ideal\":2}"},
    {KAM_KIND_PLAN_ITEM,
     "{\"plan\":1,\"objective\":1,\"text\":\"x\",\"due\":\"2026-01-01\",\"owner\":1,\"result\":\"r\"}"},
    {KAM_KIND_LEDGER, "{\"account\":1,\"event\":\"SALE\",\"day\":\"2025-05-01\",\"amount\":12.00}"},
    {KAM_KIND_ACCOUNT_REVIEW, "{\"account\":1,\"day\":\"2025-05-01\",\"satisfaction\":6}"},
    {KAM_KIND_FINANCIAL, "{\"account\":1,\"year\":2025,\"revenue\":1.00,\"net_profit\":1.00,\"origin\":\"report\"}"},
};

static int32_t fill(world *w)
{
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < sizeof RECORDS / sizeof *RECORDS && rc == KAM_OK; i++)
        rc = save(w, NULL, RECORDS[i].kind, RECORDS[i].json);
    return rc;
}

static int32_t drain(kam_rows *rows, world *w, int *n)
{
    const kam_record *r = NULL;
    int32_t rc;
    for (*n = 0; (rc = kam_rows_next(&r, rows, w->err)) == KAM_OK && r; ++*n) continue;
    kam_rows_free(rows);
    return rc;
}

static int32_t monitor(world *w, int32_t day)
{
    kam_run *run = NULL;
    kam_why *why = NULL;
    int32_t rc;
    TRY(kam_account_plan_run(&run, w->plan, day, w->err));
    TRY(kam_run_why(&why, run, 1, w->err));
    TRY(kam_run_apply(run, 0, w->err));
done:
    kam_why_free(why);
    kam_run_free(run);
    return rc;
}

/* Each call over the same book, every request for memory failing once: NOMEM, and then it works. */
static int32_t call(world *w, int which, int32_t day)
{
    static const uint32_t section[] = {KAM_KIND_PLAN_SCORE, KAM_KIND_PLAN_YEAR};
    kam_rows *rows = NULL;
    int32_t rc;
    int n = 0;
    switch (which) {
    case 0: rc = kam_account_plan_missing(&rows, w->plan, w->err); break;
    case 1: rc = kam_account_plan_gaps(&rows, w->plan, day, w->err); break;
    case 2: rc = kam_account_plan_matrix(&rows, w->plan, w->err); break;
    case 3: case 4: rc = kam_account_plan_rows(&rows, w->plan, section[which - 3], w->err); break;
    case 5: rc = kam_financial_ratios(&rows, w->book, 1, w->err); break;
    case 6: return monitor(w, day);
    default:
        kam_account_plan_free(w->plan);
        w->plan = NULL;
        return kam_account_plan_open(&w->plan, w->book, 1, 2025, w->err);
    }
    return rc == KAM_OK ? drain(rows, w, &n) : rc;
}

static void test_every_allocation_fails_once(void **state)
{
    world w;
    kam_fault_alloc *alloc = NULL;
    int32_t day = 0, rc = KAM_E_NOMEM;
    (void)state;
    assert_int_equal(kam_fault_alloc_new(&alloc), KAM_OK);
    assert_int_equal(open_world(&w, kam_fault_alloc_allocator(alloc)), KAM_OK);
    assert_int_equal(fill(&w), KAM_OK);
    assert_int_equal(kam_day_parse(&day, "2025-12-31", KAM_NUL, w.err), KAM_OK);
    for (int which = 7; which >= 0; which--) {
        uint64_t n = 0;
        for (rc = KAM_E_NOMEM; rc == KAM_E_NOMEM && n < 20000;) {
            assert_int_equal(kam_fault_alloc_fail(alloc, ++n, 0), KAM_OK);
            rc = call(&w, which, day);
            if (rc != KAM_OK) assert_int_equal(rc, KAM_E_NOMEM);
        }
        assert_int_equal(kam_fault_alloc_fail(alloc, 0, 0), KAM_OK);
        assert_int_equal(rc, KAM_OK);
        assert_true(n > 3);
        assert_int_equal(call(&w, which, day), KAM_OK);
    }
    close_world(&w);
    assert_int_equal(kam_fault_alloc_live(alloc, NULL), 0);
    assert_int_equal(kam_fault_alloc_misuse(alloc), 0);
    kam_fault_alloc_free(alloc);
}

static void test_what_is_refused(void **state)
{
    world w;
    kam_rows *rows = NULL;
    kam_run *run = NULL;
    kam_account_plan *plan = NULL;
    (void)state;
    assert_int_equal(open_world(&w, NULL), KAM_OK);
    assert_int_equal(fill(&w), KAM_OK);
    assert_int_equal(kam_account_plan_open(NULL, w.book, 1, 2025, w.err), KAM_E_INVAL);
    assert_int_equal(kam_account_plan_open(&plan, NULL, 1, 2025, w.err), KAM_E_INVAL);
    assert_int_equal(kam_account_plan_open(&plan, w.book, 99, 2025, w.err), KAM_E_NOT_FOUND);
    assert_int_equal(kam_account_plan_open(&plan, w.book, 1, 1899, w.err), KAM_E_INVAL);
    assert_string_equal(kam_error_message(w.err), "base_year is a year from 1900 to 9990");
    assert_null(plan);
    assert_int_equal(kam_account_plan_missing(&rows, NULL, w.err), KAM_E_INVAL);
    assert_int_equal(kam_account_plan_gaps(NULL, NULL, KAM_TODAY, w.err), KAM_E_INVAL);
    assert_int_equal(kam_account_plan_matrix(NULL, NULL, w.err), KAM_E_INVAL);
    assert_int_equal(kam_account_plan_run(&run, NULL, KAM_TODAY, w.err), KAM_E_INVAL);
    assert_int_equal(kam_financial_ratios(&rows, NULL, 1, w.err), KAM_E_INVAL);
    assert_null(kam_account_plan_record(NULL));
    assert_int_equal(kam_account_plan_open(&plan, w.book, 1, 2025, w.err), KAM_OK);
    assert_int_equal(kam_account_plan_run(&run, plan, KAM_DAY_FIRST, w.err), KAM_E_INVAL);
    kam_book_close(w.book);
    w.book = NULL;
    assert_int_equal(kam_account_plan_missing(&rows, plan, w.err), KAM_E_CLOSED);
    kam_account_plan_free(plan);
    close_world(&w);
}

static void test_the_base_year_stays(void **state)
{
    world w;
    (void)state;
    assert_int_equal(open_world(&w, NULL), KAM_OK);
    assert_int_equal(fill(&w), KAM_OK);
    assert_int_equal(kam_account_plan_open(&w.plan, w.book, 1, 2025, w.err), KAM_OK);
    kam_record *r = kam_account_plan_record(w.plan);
    assert_int_equal(kam_record_set_text(r, KAM_ACCOUNT_PLAN_BASE_YEAR, "2026", KAM_NUL, w.err), KAM_OK);
    assert_int_equal(kam_book_save(w.book, r, w.err), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(w.err), "the base year of a plan stays"));
    close_world(&w);
}

/* Ranges of points and months: one value over each edge. */
static void test_ranges(void **state)
{
    static const struct { uint32_t kind; const char *json, *says; } bad[] = {
        {KAM_KIND_PLAN_YEAR, "{\"plan\":1,\"year\":2026,\"market_share\":1.01}", "market_share is a share"},
        {KAM_KIND_PLAN_YEAR, "{\"plan\":1,\"year\":2026,\"satisfaction\":10.1}", "satisfaction is 0 to 10"},
        {KAM_KIND_PLAN_YEAR, "{\"plan\":1,\"year\":2026,\"cooperation\":-0.1}", "cooperation is 0 to 10"},
        {KAM_KIND_PLAN_CSF, "{\"plan\":1,\"name\":\"x\",\"weight\":-1}", "weight is 0 to 100"},
        {KAM_KIND_PLAN_CSF, "{\"plan\":1,\"name\":\"x\",\"weight\":1,\"rating\":11}", "rating is 0 to 10"},
        {KAM_KIND_PLAN_CSF, "{\"plan\":1,\"name\":\"x\",\"weight\":1,\"competitor\":11}", "competitor is a rating"},
        {KAM_KIND_ACCOUNT_REVIEW, "{\"account\":1,\"day\":\"2025-05-01\",\"satisfaction\":11}",
         "satisfaction is 0 to 10"},
        {KAM_KIND_ACCOUNT_REVIEW, "{\"account\":1,\"day\":\"2025-05-01\",\"cooperation\":11}",
         "cooperation is 0 to 10"},
        {KAM_KIND_ACCOUNT_REVIEW, "{\"account\":1,\"day\":\"2025-05-01\",\"trust\":11}", "trust is 0 to 10"},
        {KAM_KIND_ACCOUNT_REVIEW, "{\"account\":1,\"day\":\"2025-05-01\",\"win_win\":11}", "win_win is 0 to 10"},
        {KAM_KIND_ACCOUNT_REVIEW, "{\"account\":1,\"day\":\"2025-05-01\",\"innovation\":11}", "innovation is 0 to 10"},
        {KAM_KIND_ACCOUNT_PLAN, "{\"account\":1,\"base_year\":2027,\"first_month\":0}", "first_month is a month"},
        {KAM_KIND_ACCOUNT_PLAN, "{\"account\":1,\"base_year\":2027,\"first_month\":13}", "first_month is a month"},
    };
    world w;
    (void)state;
    assert_int_equal(open_world(&w, NULL), KAM_OK);
    assert_int_equal(fill(&w), KAM_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(save(&w, NULL, bad[i].kind, bad[i].json), KAM_E_INVAL);
        if (!strstr(kam_error_message(w.err), bad[i].says)) fail_msg("%s: %s", bad[i].json, kam_error_message(w.err));
    }
    close_world(&w);
}

/* Figures too large for six decimals, for a difference, for a target. */
static void test_limits_are_told(void **state)
{
    world w;
    kam_rows *rows = NULL;
    kam_run *run = NULL;
    (void)state;
    assert_int_equal(open_world(&w, NULL), KAM_OK);
    assert_int_equal(fill(&w), KAM_OK);
    assert_int_equal(save(&w, NULL, KAM_KIND_PLAN_OBJECTIVE,
                          "{\"plan\":1,\"kind\":\"SALES\",\"text\":\"x\",\"present\":-900000000000000,"
                          "\"ideal\":900000000000000}"), KAM_OK);
    assert_int_equal(kam_account_plan_open(&w.plan, w.book, 1, 2025, w.err), KAM_OK);
    assert_int_equal(kam_account_plan_gaps(&rows, w.plan, KAM_TODAY, w.err), KAM_E_LIMIT);
    assert_non_null(strstr(kam_error_message(w.err), "the gap of objective 2 does not fit 64 bits"));
    assert_int_equal(save(&w, NULL, KAM_KIND_PLAN_YEAR, "{\"plan\":1,\"year\":2026,\"revenue\":90000000000000000.00}"),
                     KAM_OK);
    assert_int_equal(kam_account_plan_run(&run, w.plan, KAM_TODAY, w.err), KAM_E_LIMIT);
    assert_non_null(strstr(kam_error_message(w.err), "does not fit 64 bits with six decimals"));
    assert_int_equal(save(&w, NULL, KAM_KIND_PLAN_YEAR,
                          "{\"id\":2,\"plan\":1,\"year\":2026,\"gross_profit\":90000000000000000.00,"
                          "\"cost\":-90000000000000000.00}"), KAM_OK);
    assert_int_equal(kam_account_plan_run(&run, w.plan, KAM_TODAY, w.err), KAM_E_LIMIT);
    assert_string_equal(kam_error_message(w.err), "the target contribution of 2026 does not fit 64 bits");
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_refused), cmocka_unit_test(test_the_base_year_stays),
        cmocka_unit_test(test_ranges), cmocka_unit_test(test_limits_are_told),
        cmocka_unit_test(test_every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
