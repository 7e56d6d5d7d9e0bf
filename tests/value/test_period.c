/* Sums per account and period: by hand, against the ledger, order of rows, failures. */
#include "help.h"

static help_rows rows;

static kam__periods *periods(kam_ctx *ctx, uint32_t unit, const kam__ledger_options *o) {
    kam__periods *p = NULL;
    assert_int_equal(kam__periods_new(&p, ctx, o, unit, NULL), KAM_OK);
    return p;
}

static void feed(kam__periods *p, uint32_t from, uint32_t n) {
    kam__ledger_rows v = help_view(&rows, from, n);
    assert_int_equal(kam__periods_feed(p, &v, NULL), KAM_OK);
}

static kam__period_totals at(const kam__periods *p, uint32_t i) {
    kam__period_totals t;
    memset(&t, 0, sizeof t);
    assert_int_equal(kam__periods_at(p, i, &t, NULL), KAM_OK);
    return t;
}

static void fill_hand(void) {
    rows.n = 0;
    uint32_t i = help_row(&rows, 9, kam__day(2024, 2, 29), KAM_LEDGER_SALE, 1000);
    rows.cost[i] = 600;
    help_row(&rows, 3, kam__day(2024, 3, 31), KAM_LEDGER_SALE, 70);
    help_row(&rows, 3, kam__day(2024, 4, 1), KAM_LEDGER_SALE, 5);
    help_row(&rows, 9, kam__day(2024, 2, 1), KAM_LEDGER_RETURN, 100);
    help_row(&rows, 9, kam__day(2024, 2, 2), KAM_LEDGER_COST_OF_GOODS, 50);
    help_row(&rows, 9, kam__day(2024, 2, 2), KAM_LEDGER_COST_TO_SERVE, 30);
    help_row(&rows, 9, kam__day(2023, 12, 31), KAM_LEDGER_SALE, 8);
}

static void months_by_hand(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m);
    uint32_t first, n;
    kam__periods *p = periods(ctx, KAM__PERIOD_MONTH, NULL);
    fill_hand();
    feed(p, 0, rows.n);
    assert_int_equal(kam__periods_end(p, NULL), KAM_OK);
    assert_int_equal(kam__periods_count(p), 4);
    kam__period_totals t = at(p, 0);
    assert_int_equal(t.account, 3);
    assert_int_equal(t.from, kam__day(2024, 3, 1));
    assert_int_equal(t.to, kam__day(2024, 4, 1));
    assert_int_equal(t.revenue, 70);
    assert_true(kam__periods_find(p, 9, &first, &n));
    assert_int_equal(first, 2);
    assert_int_equal(n, 2);
    assert_int_equal(at(p, 2).from, kam__day(2023, 12, 1));
    t = at(p, 3);
    assert_int_equal(t.to, kam__day(2024, 3, 1));
    assert_int_equal(t.revenue, 900);
    assert_int_equal(t.returns, 100);
    assert_int_equal(t.cost_of_goods, 650);
    assert_int_equal(t.gross_profit, 250);
    assert_int_equal(t.serve, 30);
    assert_int_equal(t.contribution, 220);
    assert_false(kam__periods_find(p, 4, &first, &n));
    kam__periods_free(p);
    kam_ctx_free(ctx);
    assert_int_equal(m.live, 0);
}

static void quarters_and_years(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    fill_hand();
    help_row(&rows, 9, kam__day(2024, 12, 31), KAM_LEDGER_SALE, 4);
    kam__periods *p = periods(ctx, KAM__PERIOD_QUARTER, NULL);
    feed(p, 0, rows.n);
    assert_int_equal(kam__periods_end(p, NULL), KAM_OK);
    assert_int_equal(kam__periods_count(p), 5);
    assert_int_equal(at(p, 0).from, kam__day(2024, 1, 1));
    assert_int_equal(at(p, 1).from, kam__day(2024, 4, 1));
    assert_int_equal(at(p, 2).from, kam__day(2023, 10, 1));
    assert_int_equal(at(p, 4).from, kam__day(2024, 10, 1));
    assert_int_equal(at(p, 4).to, kam__day(2025, 1, 1));
    kam__periods_free(p);
    kam__ledger_options o = {kam__day(2024, 1, 1), kam__day(2024, 12, 31), KAM__RETURNS_SHOWN, 0, 0};
    p = periods(ctx, KAM__PERIOD_YEAR, &o);
    feed(p, 0, rows.n);
    assert_int_equal(kam__periods_end(p, NULL), KAM_OK);
    assert_int_equal(kam__periods_count(p), 2);
    assert_int_equal(at(p, 0).revenue, 75);
    assert_int_equal(at(p, 1).revenue, 1000);
    assert_int_equal(at(p, 1).returns, 100);
    assert_int_equal(at(p, 1).from, kam__day(2024, 1, 1));
    assert_int_equal(at(p, 1).to, kam__day(2025, 1, 1));
    kam__periods_free(p);
    assert_int_equal(kam__periods_new(&p, ctx, NULL, 4, NULL), KAM_E_INVAL);
    kam_ctx_free(ctx);
}

/* What all periods of an account add up to is what the ledger says of it. */
static void periods_add_up_to_the_ledger(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    rows.n = 0;
    help_random(&rows, 4000, 21);
    memset(rows.end_account, 0, sizeof rows.end_account);
    kam__ledger *l = NULL;
    assert_int_equal(kam__ledger_new(&l, ctx, NULL, NULL), KAM_OK);
    kam__ledger_rows v = help_view(&rows, 0, rows.n);
    assert_int_equal(kam__ledger_feed(l, &v, NULL), KAM_OK);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    for (uint32_t unit = KAM__PERIOD_MONTH; unit <= KAM__PERIOD_YEAR; unit++) {
        kam__periods *p = periods(ctx, unit, NULL);
        feed(p, 0, rows.n);
        assert_int_equal(kam__periods_end(p, NULL), KAM_OK);
        uint32_t seen = 0, first, n;
        for (uint32_t i = 0; i < kam__ledger_count(l); i++) {
            kam__totals t;
            int64_t revenue = 0, contribution = 0, returns = 0;
            assert_int_equal(kam__ledger_at(l, i, 0, &t, NULL), KAM_OK);
            assert_true(kam__periods_find(p, t.account, &first, &n));
            assert_int_equal(first, seen);
            for (uint32_t k = first; k < first + n; k++) {
                kam__period_totals x = at(p, k);
                assert_int_equal(x.account, t.account);
                assert_true(x.from < x.to && (k == first || at(p, k - 1).to <= x.from));
                revenue += x.revenue, contribution += x.contribution, returns += x.returns;
            }
            assert_int_equal(revenue, t.revenue);
            assert_int_equal(contribution, t.contribution);
            assert_int_equal(returns, t.returns);
            seen += n;
        }
        assert_int_equal(seen, kam__periods_count(p));
        kam__periods_free(p);
    }
    kam__ledger_free(l);
    kam_ctx_free(ctx);
}

static void same(const kam__periods *a, const kam__periods *b) {
    assert_int_equal(kam__periods_count(a), kam__periods_count(b));
    for (uint32_t i = 0; i < kam__periods_count(a); i++) {
        kam__period_totals x = at(a, i), y = at(b, i);
        assert_memory_equal(&x, &y, sizeof x);
    }
}

static void split_order_and_failures_do_not_matter(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m), *calm = NULL;
    assert_int_equal(kam_ctx_new(&calm, NULL, NULL), KAM_OK);
    rows.n = 0;
    help_random(&rows, 1200, 17);
    kam__periods *want = periods(calm, KAM__PERIOD_MONTH, NULL);
    feed(want, 0, rows.n);
    assert_int_equal(kam__periods_end(want, NULL), KAM_OK);
    help_shuffle(&rows, 4);
    kam__periods *p = periods(ctx, KAM__PERIOD_MONTH, NULL);
    long fails = 0;
    for (uint32_t from = 0; from < rows.n; from += 60) {
        kam__ledger_rows v = help_view(&rows, from, 60);
        for (long k = 0;; k++, fails++) {
            uint32_t count = kam__periods_count(p);
            m.left = k;
            int32_t rc = kam__periods_feed(p, &v, NULL);
            if (rc == KAM_OK) break;
            assert_int_equal(rc, KAM_E_NOMEM);
            assert_int_equal(kam__periods_count(p), count);
        }
        for (long k = 0;; k++, fails++) {
            m.left = k;
            if (kam__periods_end(p, NULL) == KAM_OK) break;
        }
    }
    m.left = -1;
    assert_true(fails > 50);
    same(want, p);
    rows.amount[0] = -1, rows.event[0] = KAM_LEDGER_RETURN;
    kam__ledger_rows v = help_view(&rows, 0, 1);
    assert_int_equal(kam__periods_feed(p, &v, NULL), KAM_E_INVAL);
    same(want, p);
    kam__periods_free(want);
    kam__periods_free(p);
    kam_ctx_free(ctx);
    kam_ctx_free(calm);
    assert_int_equal(m.live, 0);
}

static void limit_and_odd_days(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    kam__period_totals t = {.account = 5};
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    kam__periods *p = periods(ctx, KAM__PERIOD_MONTH, NULL);
    rows.n = 0;
    help_row(&rows, 1, 0, KAM_LEDGER_SALE, INT64_MAX);
    help_row(&rows, 1, 5, KAM_LEDGER_SALE, 1);
    help_row(&rows, 1, -1, KAM_LEDGER_SALE, 7);
    help_row(&rows, 1, kam__day(1, 1, 1), KAM_LEDGER_SALE, 3);
    feed(p, 0, 4);
    assert_int_equal(kam__periods_at(p, 0, &t, NULL), KAM_E_INVAL);
    assert_int_equal(kam__periods_end(p, NULL), KAM_OK);
    assert_int_equal(kam__periods_count(p), 3);
    assert_int_equal(at(p, 0).from, kam__day(1, 1, 1));
    assert_int_equal(at(p, 1).from, kam__day(1969, 12, 1));
    assert_int_equal(at(p, 1).to, 0);
    assert_int_equal(kam__periods_at(p, 2, &t, NULL), KAM_E_LIMIT);
    assert_int_equal(kam__periods_at(p, 3, &t, NULL), KAM_E_INVAL);
    assert_int_equal(t.account, 5);
    kam__periods_free(p);
    kam_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_by_hand), cmocka_unit_test(quarters_and_years),
        cmocka_unit_test(periods_add_up_to_the_ledger),
        cmocka_unit_test(split_order_and_failures_do_not_matter), cmocka_unit_test(limit_and_odd_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
