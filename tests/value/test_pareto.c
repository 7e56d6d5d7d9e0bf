/* Shares, ABC by both cut rules, concentration and the whale curve: vectors by hand, properties, limits. */
#include "help.h"
#include <math.h>

static kam_ctx *ctx;

static int open_ctx(void **state) {
    (void)state;
    return kam_ctx_new(&ctx, NULL, NULL) == KAM_OK ? 0 : -1;
}

static int close_ctx(void **state) {
    (void)state;
    kam_ctx_free(ctx);
    return 0;
}

static kam__pareto make(const int64_t *value, uint32_t n, const uint32_t *by_id) {
    kam__pareto p;
    assert_int_equal(kam__pareto_make(&p, ctx, value, n, by_id, 8000, 9500, NULL), KAM_OK);
    return p;
}

static void near(double got, double want) {
    if (fabs(got - want) > 1e-12 * (1 + fabs(want))) fail_msg("got %.17g, want %.17g", got, want);
}

static void classes_by_hand(void **state) {
    (void)state;
    const int64_t value[] = {10, 50, 0, 30, 5, 5, -4, 4};       /* total 100, positive 104 */
    const uint32_t order[] = {1, 3, 0, 4, 5, 7, 2, 6};
    const int64_t cum[] = {50, 80, 90, 95, 100, 104, 104, 100};
    kam__pareto p = make(value, 8, NULL);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(p.order[i], order[i]);
        assert_int_equal(p.cum[i], cum[i]);
        near(kam__pareto_share(&p, i), (double)cum[i] / 100);
    }
    assert_memory_equal(p.abc, "\0\0\1\1\2\2\2\2", 8);          /* before: 0 .5 | .8 .9 | .95 ... */
    assert_memory_equal(p.abc_incl, "\0\0\1\1\2\2\2\2", 8);     /* with: .5 .8 | .9 .95 | 1 ... */
    assert_int_equal(p.count[KAM__CLASS_A], 2);
    assert_int_equal(p.count[KAM__CLASS_B], 2);
    assert_int_equal(p.count[KAM__CLASS_C], 4);
    assert_int_equal(p.sum[KAM__CLASS_A], 80);
    assert_int_equal(p.sum[KAM__CLASS_C], 5);
    assert_int_equal(p.total, 100);
    assert_int_equal(p.positive, 104);
    assert_int_equal(p.npositive, 6);
    near(p.hhi, (2500.0 + 900 + 100 + 25 + 25 + 16) / (104.0 * 104));
    near(p.gini, 2 * (4 * 1 + 5 * 2 + 5 * 3 + 10 * 4 + 30 * 5 + 50 * 6) / (6.0 * 104) - 7.0 / 6);
    near(kam__pareto_top(&p, 1), 50.0 / 104);
    near(kam__pareto_top_part(&p, 2000), 80.0 / 104);           /* ceil(1.2) = 2 */
    near(kam__pareto_top(&p, 10), 1);
    assert_int_equal(kam__pareto_reach(&p, 8000), 2);
    assert_int_equal(kam__pareto_reach(&p, 8001), 3);
    assert_int_equal(kam__pareto_reach(&p, 10000), 5);
    assert_int_equal(kam__pareto_reach(&p, 0), 0);
    kam__pareto_free(&p);
}

/* The account that crosses a cut is in by one rule and out by the other. */
static void crossing_account(void **state) {
    (void)state;
    const int64_t value[] = {79, 17, 4};
    kam__pareto p = make(value, 3, NULL);
    assert_memory_equal(p.abc, "\0\0\2", 3);
    assert_memory_equal(p.abc_incl, "\0\2\2", 3);
    kam__pareto_free(&p);
}

/* Cuts are exact where doubles are not: one unit of 3 * 10^17 decides. */
static void cuts_are_exact(void **state) {
    (void)state;
    const int64_t t = 300000000000000000;
    for (int64_t d = -1; d <= 1; d++) {
        int64_t value[] = {t / 10 * 8 + d, t / 10 * 2 - d};
        kam__pareto p = make(value, 2, NULL);
        assert_int_equal(p.abc[1], d < 0 ? KAM__CLASS_A : KAM__CLASS_B);
        assert_int_equal(p.abc_incl[0], d <= 0 ? KAM__CLASS_A : KAM__CLASS_B);
        kam__pareto_free(&p);
    }
}

static void ties_go_by_id(void **state) {
    (void)state;
    const int64_t value[] = {5, 9, 5, 5, 9};
    const uint32_t by_id[] = {4, 2, 0, 1, 3}, order[] = {4, 1, 2, 0, 3}, plain[] = {1, 4, 0, 2, 3};
    kam__pareto p = make(value, 5, by_id);
    assert_memory_equal(p.order, order, sizeof order);
    kam__pareto_free(&p);
    p = make(value, 5, NULL);
    assert_memory_equal(p.order, plain, sizeof plain);
    kam__pareto_free(&p);
}

static void nothing_to_share(void **state) {
    (void)state;
    const int64_t zero[] = {0, 0}, loss[] = {5, -9, -1};
    kam__pareto p = make(NULL, 0, NULL);
    assert_int_equal(p.total, 0);
    near(p.gini, 0);
    assert_int_equal(kam__pareto_reach(&p, 8000), 0);
    near(kam__pareto_top_part(&p, 2000), 0);
    kam__pareto_free(&p);
    p = make(zero, 2, NULL);
    assert_int_equal(p.count[KAM__CLASS_C], 2);
    near(kam__pareto_share(&p, 1), 0);
    near(p.hhi, 0);
    kam__pareto_free(&p);
    p = make(loss, 3, NULL);
    assert_int_equal(p.count[KAM__CLASS_C], 3);
    assert_int_equal(p.count_incl[KAM__CLASS_C], 3);
    near(kam__pareto_share(&p, 0), 0);
    near(p.hhi, 1);
    near(p.gini, 0);
    assert_int_equal(kam__pareto_reach(&p, 5000), 0);
    kam__pareto_free(&p);
}

static void equal_values_have_no_gini(void **state) {
    (void)state;
    int64_t value[1000];
    for (int i = 0; i < 1000; i++) value[i] = INT64_MAX / 1000;
    kam__pareto p = make(value, 1000, NULL);
    assert_true(p.gini == 0);                       /* exactly: the numerator is an integer */
    near(p.hhi, .001);
    near(kam__pareto_top_part(&p, 2000), .2);
    assert_int_equal(kam__pareto_reach(&p, 8000), 800);
    kam__pareto_free(&p);
}

static void permutation_changes_nothing(void **state) {
    (void)state;
    enum { N = 500 };
    int64_t value[N], mixed[N];
    uint32_t to[N], by_id[N];
    uint64_t seed = 5;
    for (uint32_t i = 0; i < N; i++) {
        value[i] = (int64_t)(kam__random(&seed) % 300) - 20;
        to[i] = i;
    }
    kam__pareto p = make(value, N, NULL);
    int64_t sum = p.sum[0] + p.sum[1] + p.sum[2];
    assert_int_equal(sum, p.total);
    assert_int_equal(p.sum_incl[0] + p.sum_incl[1] + p.sum_incl[2], p.total);
    assert_int_equal(p.count[0] + p.count[1] + p.count[2], N);
    for (uint32_t i = N; i > 1; i--) {
        uint32_t k = (uint32_t)(kam__random(&seed) % i), t = to[i - 1];
        to[i - 1] = to[k];
        to[k] = t;
    }
    for (uint32_t i = 0; i < N; i++) {
        mixed[to[i]] = value[i];
        by_id[i] = to[i];
    }
    kam__pareto q = make(mixed, N, by_id);
    for (uint32_t i = 0; i < N; i++) assert_int_equal(q.order[i], to[p.order[i]]);
    assert_memory_equal(p.abc, q.abc, N);
    assert_memory_equal(p.abc_incl, q.abc_incl, N);
    assert_memory_equal(&p.gini, &q.gini, sizeof p.gini);
    assert_memory_equal(&p.hhi, &q.hhi, sizeof p.hhi);
    kam__pareto_free(&p);
    kam__pareto_free(&q);
}

static void limits(void **state) {
    (void)state;
    const int64_t big[] = {INT64_MAX, 1, -5}, one[] = {1};
    kam__pareto p;
    assert_int_equal(kam__pareto_make(&p, ctx, big, 3, NULL, 8000, 9500, NULL), KAM_E_LIMIT);
    assert_int_equal(kam__pareto_make(&p, ctx, one, 1, NULL, 9500, 8000, NULL), KAM_E_INVAL);
    assert_int_equal(kam__pareto_make(&p, ctx, one, 1, NULL, -1, 8000, NULL), KAM_E_INVAL);
    assert_int_equal(kam__pareto_make(&p, ctx, one, 1, NULL, 0, 10001, NULL), KAM_E_INVAL);
    assert_int_equal(kam__pareto_make(&p, ctx, one, 1, NULL, 0, 0, NULL), KAM_OK);
    assert_int_equal(p.abc[0], KAM__CLASS_C);
    kam__pareto_free(&p);
}

static void whale(void **state) {
    (void)state;
    const int64_t profit[] = {100, -60, 0, 300, -40, -100};
    kam__whale w;
    assert_int_equal(kam__whale_make(&w, profit, 6, NULL), KAM_OK);
    assert_int_equal(w.total, 200);
    assert_int_equal(w.peak, 400);
    assert_int_equal(w.peak_at, 2);
    assert_int_equal(w.unprofitable, 3);
    assert_int_equal(w.loss, -200);
    near(w.peak_pct, 200);
    kam__pareto p = make(profit, 6, NULL);          /* the curve itself: its largest point is the peak */
    int64_t peak = 0;
    for (uint32_t i = 0; i < 6; i++) peak = p.cum[i] > peak ? p.cum[i] : peak;
    assert_int_equal(peak, w.peak);
    assert_int_equal(p.cum[w.peak_at - 1], w.peak);
    kam__pareto_free(&p);
    assert_int_equal(kam__whale_make(&w, profit + 4, 2, NULL), KAM_OK);
    near(w.peak_pct, 0);
    assert_int_equal(w.peak_at, 0);
    const int64_t big[] = {INT64_MAX, 1};
    assert_int_equal(kam__whale_make(&w, big, 2, NULL), KAM_E_LIMIT);
    assert_int_equal(w.total, -140);                /* untouched */
}

static void no_memory(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *tight = help_ctx(&m);
    const int64_t value[] = {3, 1, 2};
    kam__pareto p = {.n = 77};
    for (m.left = 0;; m.left++) {
        long left = m.left;
        int32_t rc = kam__pareto_make(&p, tight, value, 3, NULL, 8000, 9500, NULL);
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_int_equal(p.n, 77);
        assert_int_equal(m.live, 1);                /* the context */
        m.left = left;
    }
    assert_int_equal(p.n, 3);
    kam__pareto_free(&p);
    kam_ctx_free(tight);
    assert_int_equal(m.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_by_hand), cmocka_unit_test(crossing_account), cmocka_unit_test(cuts_are_exact),
        cmocka_unit_test(ties_go_by_id), cmocka_unit_test(nothing_to_share),
        cmocka_unit_test(equal_values_have_no_gini),
        cmocka_unit_test(permutation_changes_nothing), cmocka_unit_test(limits), cmocka_unit_test(whale),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
