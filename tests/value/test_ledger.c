/* The ledger accumulator: hand-computed totals, order of rows does not matter, limits, failures. */
#include "help.h"

static help_rows rows;                      /* too large for a stack; filled anew by each test */

static kam__ledger *ledger(kam_ctx *ctx, const kam__ledger_options *o) {
    kam__ledger *l = NULL;
    assert_int_equal(kam__ledger_new(&l, ctx, o, NULL), KAM_OK);
    return l;
}

static void feed(kam__ledger *l, uint32_t from, uint32_t n) {
    kam__ledger_rows v = help_view(&rows, from, n);
    assert_int_equal(kam__ledger_feed(l, &v, NULL), KAM_OK);
}

static kam__totals at(const kam__ledger *l, int64_t account, int64_t risk) {
    kam__totals t;
    uint32_t i = 0;
    assert_true(kam__ledger_find(l, account, &i));
    assert_int_equal(kam__ledger_at(l, i, risk, &t, NULL), KAM_OK);
    assert_int_equal(t.account, account);
    return t;
}

/* One account with every event; figures by hand. */
static void fill_hand(void) {
    rows.n = 0;
    uint32_t i = help_row(&rows, 11, 100, KAM_LEDGER_SALE, 100000);
    rows.cost[i] = 60000, rows.order[i] = kam__order_key("A1", 2), rows.end_account[i] = 12;
    i = help_row(&rows, 11, 100, KAM_LEDGER_SALE, 50000);
    rows.cost[i] = 20000, rows.order[i] = kam__order_key("A2", 2);
    i = help_row(&rows, 11, 120, KAM_LEDGER_RETURN, 10000);
    rows.cost[i] = 6000, rows.order[i] = kam__order_key("R9", 2), rows.end_account[i] = 12;
    i = help_row(&rows, 11, 90, KAM_LEDGER_SALE, -500);
    rows.order[i] = kam__order_key("A1", 2);
    help_row(&rows, 11, 130, KAM_LEDGER_SALE, 0);
    help_row(&rows, 11, 130, KAM_LEDGER_SALE, 1);
    help_row(&rows, 11, 131, KAM_LEDGER_COST_OF_GOODS, 3000);
    for (int32_t kind = 0; kind <= 5; kind++) {
        i = help_row(&rows, 11, 131, KAM_LEDGER_COST_TO_SERVE, 1000 + kind);
        rows.cost_kind[i] = kind;
        rows.cost[i] = 99;                  /* not looked at */
    }
    help_row(&rows, 10, 131, KAM_LEDGER_COST_TO_SERVE, 700);
}

static void totals_by_hand(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m);
    kam__ledger *l = ledger(ctx, NULL);
    fill_hand();
    feed(l, 0, rows.n);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    assert_int_equal(kam__ledger_count(l), 3);
    kam__totals t = at(l, 11, 1234);
    assert_int_equal(t.revenue, 100000 + 50000 - 10000 - 500 + 1);
    assert_int_equal(t.returns, 10000);
    assert_int_equal(t.cost_of_goods, 60000 + 20000 - 6000 + 3000);
    assert_int_equal(t.gross_profit, 139501 - 77000);
    assert_int_equal(t.serve[KAM_COST_KIND_INVENTORY_INTEREST - 1], 1001);
    assert_int_equal(t.serve[KAM_COST_KIND_PERSONNEL - 1], 1002);
    assert_int_equal(t.serve[KAM_COST_KIND_TRAVEL - 1], 1003);
    assert_int_equal(t.serve[KAM_COST_KIND_ADMINISTRATION - 1], 1004);
    assert_int_equal(t.serve[KAM_COST_KIND_OTHER - 1], 1000 + 1005);
    assert_int_equal(t.contribution, 62501 - 6015);
    assert_int_equal(t.adjusted, 54788 - 6015);         /* 62501 * .8766 = 54788.3766 */
    assert_int_equal(t.orders, 3);                      /* A1, A2, day 130; a return makes none */
    assert_int_equal(t.first_day, 90);
    assert_int_equal(t.last_day, 130);
    assert_int_equal(t.direct_revenue, 0);
    t = at(l, 12, 0);                                   /* end account: shown, not added */
    assert_int_equal(t.direct_revenue, 90000);
    assert_int_equal(t.revenue, 0);
    assert_int_equal(t.orders, 0);
    assert_int_equal(t.first_day, KAM_DAY_END);
    assert_int_equal(t.last_day, KAM_DAY_FIRST);
    t = at(l, 10, 10000);
    assert_int_equal(t.contribution, -700);
    assert_int_equal(t.adjusted, -700);
    kam__ledger_free(l);
    kam_ctx_free(ctx);
    assert_int_equal(m.live, 0);
}

static void returns_shown_leaves_revenue_gross(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    kam__ledger_options o = {KAM_DAY_FIRST, KAM_DAY_END, KAM__RETURNS_SHOWN, 0, 0};
    kam__ledger *l = ledger(ctx, &o);
    fill_hand();
    feed(l, 0, rows.n);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    kam__totals t = at(l, 11, 0);
    assert_int_equal(t.revenue, 149501);
    assert_int_equal(t.returns, 10000);
    assert_int_equal(t.cost_of_goods, 83000);
    assert_int_equal(at(l, 12, 0).direct_revenue, 100000);
    kam__ledger_free(l);
    kam_ctx_free(ctx);
}

static void window_is_half_open(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    kam__ledger_options o = {100, 200, KAM__RETURNS_NET, 0, 0};
    kam__ledger *l = ledger(ctx, &o);
    rows.n = 0;
    help_row(&rows, 1, 99, KAM_LEDGER_SALE, 1);
    help_row(&rows, 1, 100, KAM_LEDGER_SALE, 10);
    help_row(&rows, 1, 199, KAM_LEDGER_SALE, 100);
    help_row(&rows, 1, 200, KAM_LEDGER_SALE, 1000);
    help_row(&rows, 2, 200, KAM_LEDGER_SALE, 1000);
    feed(l, 0, rows.n);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    assert_int_equal(kam__ledger_count(l), 1);          /* account 2 has no row in it */
    assert_int_equal(at(l, 1, 0).revenue, 110);
    assert_int_equal(kam__ledger_account(l, 2, NULL), KAM_OK);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    assert_int_equal(kam__ledger_count(l), 2);
    assert_int_equal(at(l, 2, 0).revenue, 0);
    kam__ledger_free(l);
    kam_ctx_free(ctx);
}

static void risk_rounds_half_to_even(void **state) {
    (void)state;
    const struct { int64_t gross, risk, adjusted; } v[] = {
        {5, 5000, 2}, {7, 5000, 4}, {-5, 5000, -2}, {-7, 5000, -4}, {3, 0, 3}, {3, 10000, 0}, {10001, 5000, 5000},
        {INT64_MAX, 0, INT64_MAX}, {INT64_MAX, 10000, 0}, {20000, 3333, 13334}, {15, 9000, 2}, {25, 9000, 2}, {26,
                                                                                                               9000, 3},
    };
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        kam__totals t = {.revenue = v[i].gross, .risk = v[i].risk};
        assert_int_equal(kam__contribution(&t, NULL), KAM_OK);
        assert_int_equal(t.adjusted, v[i].adjusted);
        assert_int_equal(t.contribution, v[i].gross);
    }
    kam__totals t = {.revenue = 1, .risk = 10001};
    assert_int_equal(kam__contribution(&t, NULL), KAM_E_INVAL);
    t = (kam__totals){.revenue = INT64_MAX, .cost_of_goods = -1};
    assert_int_equal(kam__contribution(&t, NULL), KAM_E_LIMIT);
    assert_int_equal(t.gross_profit, 0);
    t = (kam__totals){.revenue = INT64_MIN, .serve = {1, 0, 0, 0, 0}};
    assert_int_equal(kam__contribution(&t, NULL), KAM_E_LIMIT);
}

/* Sums may leave 64 bits on the way; only the result counts. */
static void limit_is_told_at_the_end(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    kam_error *err = NULL;
    kam__totals t = {.account = 77};
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    kam__ledger *l = ledger(ctx, NULL);
    rows.n = 0;
    for (int i = 0; i < 3; i++) help_row(&rows, 42, 1, KAM_LEDGER_SALE, INT64_MAX);
    feed(l, 0, 3);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    assert_int_equal(kam__ledger_at(l, 0, 0, &t, err), KAM_E_LIMIT);
    assert_non_null(strstr(kam_error_message(err), "42"));
    assert_int_equal(t.account, 77);
    for (int i = 0; i < 2; i++) help_row(&rows, 42, 1, KAM_LEDGER_RETURN, INT64_MAX);
    feed(l, 3, 2);
    assert_int_equal(kam__ledger_at(l, 0, 0, &t, err), KAM_E_INVAL);       /* not ended again */
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    assert_int_equal(kam__ledger_at(l, 0, 0, &t, err), KAM_E_LIMIT);       /* returns alone do not fit */
    rows.n = 0;
    help_row(&rows, 43, 1, KAM_LEDGER_SALE, INT64_MAX);
    help_row(&rows, 43, 1, KAM_LEDGER_SALE, INT64_MAX);
    help_row(&rows, 43, 1, KAM_LEDGER_RETURN, INT64_MAX);
    feed(l, 0, 3);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    assert_int_equal(at(l, 43, 0).revenue, INT64_MAX);
    kam__ledger_free(l);
    kam_error_free(err);
    kam_ctx_free(ctx);
}

static void same_totals(const kam__ledger *a, const kam__ledger *b) {
    kam__totals x, y;
    assert_int_equal(kam__ledger_count(a), kam__ledger_count(b));
    for (uint32_t i = 0; i < kam__ledger_count(a); i++) {
        memset(&x, 0, sizeof x);
        memset(&y, 0, sizeof y);
        assert_int_equal(kam__ledger_at(a, i, 1500, &x, NULL), KAM_OK);
        assert_int_equal(kam__ledger_at(b, i, 1500, &y, NULL), KAM_OK);
        assert_memory_equal(&x, &y, sizeof x);
    }
}

/* Orders of one account the slow way: a row counts if no row before it is of the same order. */
static int64_t slow_orders(int64_t account) {
    int64_t n = 0;
    for (uint32_t i = 0; i < rows.n; i++) {
        if (rows.account[i] != account || rows.event[i] != KAM_LEDGER_SALE) continue;
        uint32_t k = 0;
        for (; k < i; k++)
            if (rows.account[k] == account && rows.event[k] == KAM_LEDGER_SALE && rows.order[k] == rows.order[i] &&
                (rows.order[i] || rows.day[k] == rows.day[i])) break;
        n += k == i;
    }
    return n;
}

static void split_and_order_do_not_matter(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m);
    rows.n = 0;
    help_random(&rows, 3000, 7);
    kam__ledger *whole = ledger(ctx, NULL);
    feed(whole, 0, rows.n);
    assert_int_equal(kam__ledger_end(whole, NULL), KAM_OK);
    for (uint32_t i = 0; i < kam__ledger_count(whole); i++) {
        kam__totals t;
        assert_int_equal(kam__ledger_at(whole, i, 0, &t, NULL), KAM_OK);
        assert_int_equal(t.orders, slow_orders(t.account));
    }
    for (uint64_t seed = 1; seed < 20; seed++) {
        uint64_t s = seed;
        kam__ledger *l = ledger(ctx, NULL);
        help_shuffle(&rows, seed);
        for (uint32_t from = 0, n; from < rows.n; from += n) {
            n = (uint32_t)(kam__random(&s) % (seed * 40)) + 1;
            if (n > rows.n - from) n = rows.n - from;
            feed(l, from, n);
            if (seed % 4 == 0) assert_int_equal(kam__ledger_end(l, NULL),
                                                KAM_OK);  /* reading in between changes nothing */
        }
        assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
        same_totals(whole, l);
        kam__ledger_free(l);
    }
    kam__ledger_free(whole);
    kam_ctx_free(ctx);
    assert_int_equal(m.live, 0);
}

/* An order key that equals a day's number is another order than the day. */
static void order_keys_are_not_days(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    kam__ledger *l = ledger(ctx, NULL);
    rows.n = 0;
    for (int i = 0; i < 5; i++) {
        uint32_t k = help_row(&rows, 1, 100, KAM_LEDGER_SALE, 1);
        rows.order[k] = i % 2 ? 100 : 0;
    }
    feed(l, 0, rows.n);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    assert_int_equal(at(l, 1, 0).orders, 2);
    assert_int_equal(kam__order_key("", 0), 0);
    assert_int_equal(kam__order_key(NULL, 0), 0);
    assert_true(kam__order_key("A", 1) != 0 && kam__order_key("A", 1) != kam__order_key("B", 1));
    kam__ledger_free(l);
    kam_ctx_free(ctx);
}

static void sums_add_up_to_the_total(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    int64_t *column, revenue = 0, serve = 0, sum = 0;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    rows.n = 0;
    help_random(&rows, 4000, 99);
    for (uint32_t i = 0; i < rows.n; i++) {
        if (rows.event[i] == KAM_LEDGER_SALE) revenue += rows.amount[i];
        if (rows.event[i] == KAM_LEDGER_RETURN) revenue -= rows.amount[i];
        if (rows.event[i] == KAM_LEDGER_COST_TO_SERVE) serve += rows.amount[i];
    }
    kam__ledger *l = ledger(ctx, NULL);
    feed(l, 0, rows.n);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    column = calloc(kam__ledger_count(l), sizeof *column);
    assert_int_equal(kam__ledger_column(l, offsetof(kam__totals, revenue), column, NULL), KAM_OK);
    for (uint32_t i = 0; i < kam__ledger_count(l); i++) sum += column[i];
    assert_int_equal(sum, revenue);
    sum = 0;
    for (size_t k = 0; k < KAM__COST_KINDS; k++) {
        size_t member = offsetof(kam__totals, serve) + k * sizeof(int64_t);
        assert_int_equal(kam__ledger_column(l, member, column, NULL), KAM_OK);
        for (uint32_t i = 0; i < kam__ledger_count(l); i++) sum += column[i];
    }
    assert_int_equal(sum, serve);
    free(column);
    kam__ledger_free(l);
    kam_ctx_free(ctx);
}

static void bad_rows_refuse_the_block(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    kam_error *err = NULL;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    kam__ledger *l = ledger(ctx, NULL);
    for (int bad = 0; bad < 5; bad++) {
        rows.n = 0;
        help_row(&rows, 1, 1, KAM_LEDGER_SALE, 5);
        uint32_t i = help_row(&rows, 2, 1, KAM_LEDGER_RETURN, 5);
        rows.end_account[i] = 3;
        i = help_row(&rows, 1, 1, KAM_LEDGER_SALE, 5);
        if (bad == 0) rows.event[i] = 5;
        if (bad == 1) rows.event[i] = 0;
        if (bad == 2) rows.event[i] = KAM_LEDGER_RETURN, rows.amount[i] = -1;
        if (bad == 3) rows.event[i] = KAM_LEDGER_COST_TO_SERVE, rows.cost_kind[i] = 6;
        if (bad == 4) rows.event[i] = KAM_LEDGER_COST_TO_SERVE, rows.cost_kind[i] = -1;
        kam__ledger_rows v = help_view(&rows, 0, rows.n);
        assert_int_equal(kam__ledger_feed(l, &v, err), KAM_E_INVAL);
        assert_int_equal(kam_error_detail(err, KAM_ERR_ROW), 2);
        assert_int_equal(kam__ledger_count(l), 0);
    }
    kam__ledger_rows big = help_view(&rows, 0, 65537);
    assert_int_equal(kam__ledger_feed(l, &big, err), KAM_E_INVAL);
    kam__ledger_free(l);
    kam__ledger_options o = {2, 1, 0, 0, 0};
    assert_int_equal(kam__ledger_new(&l, ctx, &o, err), KAM_E_INVAL);
    kam_error_free(err);
    kam_ctx_free(ctx);
}

/* Every allocation of every step fails once; the retry gives what an undisturbed run gives. */
static void no_memory_changes_nothing(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m), *calm = NULL;
    assert_int_equal(kam_ctx_new(&calm, NULL, NULL), KAM_OK);
    rows.n = 0;
    help_random(&rows, 1500, 3);
    kam__ledger *want = ledger(calm, NULL), *l = NULL;
    feed(want, 0, rows.n);
    assert_int_equal(kam__ledger_end(want, NULL), KAM_OK);
    long fails = 0;
    for (long k = 0;; k++, fails++) {
        m.left = k;
        if (kam__ledger_new(&l, ctx, NULL, NULL) == KAM_OK) break;
    }
    for (uint32_t from = 0; from < rows.n; from += 100) {
        kam__ledger_rows v = help_view(&rows, from, 100);
        for (long k = 0;; k++, fails++) {
            uint32_t count = kam__ledger_count(l);
            m.left = k;
            int32_t rc = kam__ledger_feed(l, &v, NULL);
            if (rc == KAM_OK) break;
            assert_int_equal(rc, KAM_E_NOMEM);
            assert_int_equal(kam__ledger_count(l), count);
        }
        for (long k = 0;; k++, fails++) {
            m.left = k;
            if (kam__ledger_end(l, NULL) == KAM_OK) break;
        }
    }
    m.left = -1;
    assert_true(fails > 50);
    same_totals(want, l);
    kam__ledger_free(want);
    kam__ledger_free(l);
    kam_ctx_free(ctx);
    kam_ctx_free(calm);
    assert_int_equal(m.live, 0);
}

/* Repeated orders do not pile up: the log is made unique on the way. */
static void memory_follows_distinct_orders(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    kam_ctx_options o = {.struct_size = sizeof o, .max_memory = 20u << 20};
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    kam__ledger *l = ledger(ctx, NULL);
    rows.n = 0;
    for (int i = 0; i < HELP_ROWS; i++) help_row(&rows, 1 + i % 3, i % 7, KAM_LEDGER_SALE, 1);
    for (int i = 0; i < 500; i++) feed(l, 0, rows.n);          /* two million rows of 21 account-days */
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    for (int64_t a = 1; a <= 3; a++) assert_int_equal(at(l, a, 0).orders, 7);
    kam__ledger_free(l);
    kam_ctx_free(ctx);
}

/* Without counting, no order is kept: five million distinct ones go through the memory of three accounts. */
static void memory_follows_accounts(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    kam_ctx_options o = {.struct_size = sizeof o, .max_memory = 1u << 20};
    const kam__ledger_options any = {.from = KAM_DAY_FIRST, .to = KAM_DAY_END, .orders = KAM__ORDERS_ANY};
    uint64_t order = 1;
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    kam__ledger *l = ledger(ctx, &any);
    rows.n = 0;
    for (int i = 0; i < HELP_ROWS; i++) help_row(&rows, 1 + i % 3, i % 7, i % 3 == 2 ? KAM_LEDGER_RETURN : KAM_LEDGER_SALE, 1);
    for (int i = 0; i < 1250; i++) {
        for (int k = 0; k < HELP_ROWS; k++) rows.order[k] = order++;
        feed(l, 0, rows.n);
    }
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    assert_int_equal(at(l, 1, 0).orders, 1);
    assert_int_equal(at(l, 2, 0).revenue, 1250 * 1333);
    assert_int_equal(at(l, 3, 0).orders, 0);                        /* returns only */
    kam__ledger_free(l);
    kam_ctx_free(ctx);
}

/* In passes: the same rows again, in another order and other blocks, until all orders are counted. */
static int feed_in_passes(kam__ledger *l, uint64_t seed) {
    int passes = 0;
    do {
        help_shuffle(&rows, seed + (uint64_t)passes++);
        for (uint32_t from = 0, n; from < rows.n; from += n) {
            n = (uint32_t)(kam__random(&seed) % 700) + 1;
            if (n > rows.n - from) n = rows.n - from;
            feed(l, from, n);
        }
        assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    } while (kam__ledger_again(l));
    return passes;
}

static void passes_count_the_same_orders(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    kam__ledger_options o = {.from = KAM_DAY_FIRST, .to = KAM_DAY_END, .orders = KAM__ORDERS_PASSES, .room = 1};
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    rows.n = 0;
    help_random(&rows, 3900, 11);
    kam__ledger *want = ledger(ctx, NULL);
    feed(want, 0, rows.n);
    assert_int_equal(kam__ledger_end(want, NULL), KAM_OK);
    for (uint64_t seed = 1; seed < 9; seed++) {
        o.room = seed < 5 ? (uint32_t)seed : 0;
        kam__ledger *l = ledger(ctx, &o);
        int passes = feed_in_passes(l, seed * 100);
        assert_true(o.room ? passes > 1 : passes == 1);
        assert_int_equal(kam__ledger_account(l, 1, NULL), KAM_OK);      /* known: nothing changes */
        same_totals(want, l);
        kam__ledger_free(l);
    }
    kam__ledger_free(want);
    kam_ctx_free(ctx);
}

/* A million distinct orders are counted in the memory of a few accounts and of 65,536 orders. */
static void passes_need_the_memory_of_accounts(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    kam_ctx_options c = {.struct_size = sizeof c, .max_memory = 8u << 20};
    const kam__ledger_options o = {.from = KAM_DAY_FIRST, .to = KAM_DAY_END, .orders = KAM__ORDERS_PASSES, .room = 65536};
    assert_int_equal(kam_ctx_new(&ctx, &c, NULL), KAM_OK);
    kam__ledger *l = ledger(ctx, &o);
    int passes = 0;
    rows.n = 0;
    for (int i = 0; i < HELP_ROWS; i++) help_row(&rows, 1 + i % 4, i % 7, KAM_LEDGER_SALE, 1);
    do {
        uint64_t order = 1;
        for (int i = 0; i < 250; i++) {
            for (int k = 0; k < HELP_ROWS; k++) rows.order[k] = order++;
            feed(l, 0, rows.n);
        }
        assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
        passes++;
    } while (kam__ledger_again(l));
    assert_true(passes >= 8 && passes <= 32);
    for (int64_t a = 1; a <= 4; a++) {
        assert_int_equal(at(l, a, 0).orders, 250000);
        assert_int_equal(at(l, a, 0).revenue, 250000);              /* added once */
    }
    kam__ledger_free(l);
    kam_ctx_free(ctx);
}

/* Every allocation of all passes fails once; the same call then succeeds and nothing is counted twice. */
static void no_memory_in_any_pass(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m);
    const kam__ledger_options o = {.from = KAM_DAY_FIRST, .to = KAM_DAY_END, .orders = KAM__ORDERS_PASSES, .room = 1};
    rows.n = 0;
    help_random(&rows, 3900, 5);
    kam__ledger *want = ledger(ctx, NULL), *l = ledger(ctx, &o);
    feed(want, 0, rows.n);
    assert_int_equal(kam__ledger_end(want, NULL), KAM_OK);
    int passes = 0;
    long fails = 0;
    do {
        for (uint32_t from = 0; from < rows.n; from += 300) {
            kam__ledger_rows v = help_view(&rows, from, 300);
            for (long k = 0; m.left = k, kam__ledger_feed(l, &v, NULL) != KAM_OK; k++) fails++;
        }
        for (long k = 0; m.left = k, kam__ledger_end(l, NULL) != KAM_OK; k++) fails++;
        m.left = -1;
        passes++;
    } while (kam__ledger_again(l));
    assert_true(passes > 1 && fails > 10);
    same_totals(want, l);
    kam__ledger_free(want);
    kam__ledger_free(l);
    kam_ctx_free(ctx);
    assert_int_equal(m.live, 0);
}

static void block_columns_are_lent_or_converted(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *ctx = help_ctx(&m);
    const uint32_t field[] = {KAM_LEDGER_ACCOUNT, KAM_LEDGER_DAY, KAM_LEDGER_EVENT, KAM_LEDGER_AMOUNT, KAM_LEDGER_ORDER,
                              KAM_LEDGER_COST};
    const uint8_t type[] = {KAM_T_I64, KAM_T_I32, KAM_T_I32, KAM_T_I64, KAM_T_TEXT, KAM_T_I64};
    kam__blockbuf bb;
    kam_block block;
    kam__arena arena;
    kam__ledger_rows r;
    kam__arena_init(&arena, ctx, 0);
    assert_int_equal(kam__bb_init(&bb, ctx, 6, field, type, NULL), KAM_OK);
    for (int i = 0; i < 3; i++) {
        kam__bb_i64(&bb, 0, 5);
        kam__bb_i64(&bb, 1, 10 + i);
        kam__bb_i64(&bb, 2, KAM_LEDGER_SALE);
        kam__bb_i64(&bb, 3, 100);
        kam__bb_text(&bb, 4, i < 2 ? "S-1" : NULL, 3);
        if (i == 1) kam__bb_i64(&bb, 5, 30);
        assert_int_equal(kam__bb_end_row(&bb, NULL), KAM_OK);
    }
    kam__bb_view(&bb, &block);
    assert_int_equal(kam__ledger_rows_of(&r, &arena, &block, NULL), KAM_OK);
    assert_ptr_equal(r.account, block.col[0].data);
    assert_null(r.end_account);
    kam__ledger *l = ledger(ctx, NULL);
    assert_int_equal(kam__ledger_feed(l, &r, NULL), KAM_OK);
    assert_int_equal(kam__ledger_end(l, NULL), KAM_OK);
    assert_int_equal(at(l, 5, 0).orders, 2);            /* S-1 and day 12 */
    assert_int_equal(at(l, 5, 0).cost_of_goods, 30);
    bb.view[0].type = KAM_T_TEXT;                       /* the host's own key: not what is added up by */
    assert_int_equal(kam__ledger_rows_of(&r, &arena, &block, NULL), KAM_E_SCHEMA);
    bb.view[0].type = KAM_T_I64;
    block.ncol = 3;
    assert_int_equal(kam__ledger_rows_of(&r, &arena, &block, NULL), KAM_E_SCHEMA);
    kam__ledger_free(l);
    kam__arena_free(&arena);
    kam__bb_free(&bb);
    kam_ctx_free(ctx);
    assert_int_equal(m.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_by_hand), cmocka_unit_test(returns_shown_leaves_revenue_gross),
        cmocka_unit_test(window_is_half_open),
        cmocka_unit_test(risk_rounds_half_to_even), cmocka_unit_test(limit_is_told_at_the_end),
        cmocka_unit_test(passes_count_the_same_orders), cmocka_unit_test(passes_need_the_memory_of_accounts),
        cmocka_unit_test(no_memory_in_any_pass),
        cmocka_unit_test(split_and_order_do_not_matter), cmocka_unit_test(sums_add_up_to_the_total),
        cmocka_unit_test(order_keys_are_not_days),
        cmocka_unit_test(bad_rows_refuse_the_block), cmocka_unit_test(no_memory_changes_nothing),
        cmocka_unit_test(memory_follows_distinct_orders), cmocka_unit_test(memory_follows_accounts), cmocka_unit_test(block_columns_are_lent_or_converted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
