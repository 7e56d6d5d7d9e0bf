/* RFM scores by both tie rules: vectors by hand, exact cuts, properties, limits. */
#include "help.h"

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

static kam__rfm make(const int64_t *r, const int64_t *f, const int64_t *m, uint32_t n, const uint32_t *by_id) {
    kam__rfm out;
    assert_int_equal(kam__rfm_make(&out, ctx, r, f, m, n, by_id, NULL), KAM_OK);
    return out;
}

static void scores_by_hand(void **state) {
    (void)state;
    const int64_t r[] = {1, 10, 20, 30, 40, 50, 60}, f[] = {7, 1, 1, 1, 2, 2, 9}, m[] = {70, 60, 50, 40, 30, 20, -10};
    kam__rfm s = make(r, f, m, 7, NULL);
    /* 7 accounts: tiles of 2 2 1 1 1, worst first: R from the longest ago. */
    assert_memory_equal(s.ntile[KAM__R], "\5\4\3\2\2\1\1", 7);
    assert_memory_equal(s.ntile[KAM__F], "\4\1\1\2\2\3\5", 7);     /* ties split by id */
    assert_memory_equal(s.ntile[KAM__M], "\5\4\3\2\2\1\1", 7);
    /* cuts at 6 k / 5: x[1] + .2 (x[2] - x[1]), x[2] + .4 ..., x[3] + .6 ..., x[4] + .8 ... */
    const int64_t cut_r[] = {120, 240, 360, 480}, cut_f[] = {10, 14, 20, 60}, cut_m[] = {220, 340, 460, 580};
    assert_memory_equal(s.cut10[KAM__R], cut_r, sizeof cut_r);
    assert_memory_equal(s.cut10[KAM__F], cut_f, sizeof cut_f);
    assert_memory_equal(s.cut10[KAM__M], cut_m, sizeof cut_m);
    assert_memory_equal(s.q7[KAM__R], "\5\5\4\3\2\1\1", 7);
    assert_memory_equal(s.q7[KAM__F], "\5\1\1\1\3\3\5", 7);        /* equal values share; 2 and 4 stay empty */
    assert_memory_equal(s.q7[KAM__M], "\5\5\4\3\2\1\1", 7);
    uint32_t count[125];
    kam__rfm_count(&s, s.q7, count);
    assert_int_equal(count[124], 1);                                /* 555 */
    assert_int_equal(count[4 * 25 + 0 * 5 + 4], 1);                 /* 515 */
    assert_int_equal(count[0], 0);
    kam__rfm_free(&s);
}

static void ntile_ties_follow_by_id(void **state) {
    (void)state;
    const int64_t v[] = {4, 4, 4, 4, 4};
    const uint32_t by_id[] = {3, 1, 4, 0, 2};
    kam__rfm s = make(v, v, v, 5, by_id);
    assert_memory_equal(s.ntile[KAM__R], "\4\2\5\1\3", 5);      /* equal: the smaller id is the worse */
    assert_memory_equal(s.ntile[KAM__F], "\4\2\5\1\3", 5);
    assert_memory_equal(s.q7[KAM__R], "\5\5\5\5\5", 5);             /* none above any cut */
    assert_memory_equal(s.q7[KAM__F], "\1\1\1\1\1", 5);
    kam__rfm_free(&s);
}

static void few_accounts(void **state) {
    (void)state;
    const int64_t v[] = {8, 3};
    kam__rfm s = make(NULL, NULL, NULL, 0, NULL);
    assert_int_equal(s.cut10[KAM__M][3], 0);
    kam__rfm_free(&s);
    s = make(v, v, v, 1, NULL);
    assert_int_equal(s.ntile[KAM__R][0], 1);
    assert_int_equal(s.q7[KAM__R][0], 5);
    assert_int_equal(s.cut10[KAM__F][0], 80);
    kam__rfm_free(&s);
    s = make(v, v, v, 2, NULL);
    assert_memory_equal(s.ntile[KAM__R], "\1\2", 2);
    assert_memory_equal(s.ntile[KAM__M], "\2\1", 2);
    assert_memory_equal(s.q7[KAM__M], "\5\1", 2);
    assert_int_equal(s.cut10[KAM__M][0], 40);                       /* 3 + .2 * 5 */
    kam__rfm_free(&s);
}

static void own_cuts(void **state) {
    (void)state;
    const int64_t cut[] = {-15, 0, 208, 210}, value[] = {-3, -2, -1, 0, 1, 20, 21, 22};
    const uint8_t score[] = {1, 1, 2, 2, 3, 3, 4, 5};               /* -1.5, 0, 20.8, 21: strictly above counts */
    for (size_t i = 0; i < sizeof score; i++) assert_int_equal(kam__rfm_score(cut, value[i]), score[i]);
}

/* Scores by doubles are right below 2^53: they must agree there with ours, on every sample. */
static void agrees_with_plain_quantiles(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (uint32_t n = 1; n < 60; n++) {
        int64_t v[60], sorted[60], cut[4];
        for (uint32_t i = 0; i < n; i++) {
            v[i] = (int64_t)(kam__random(&seed) % 50) - 10;
            uint32_t k = i;
            for (; k > 0 && sorted[k - 1] > v[i]; k--) sorted[k] = sorted[k - 1];
            sorted[k] = v[i];
        }
        kam__rfm s = make(v, v, v, n, NULL);
        assert_int_equal(kam__quantile_cuts(cut, sorted, n, NULL), KAM_OK);
        assert_memory_equal(cut, s.cut10[KAM__F], sizeof cut);
        assert_memory_equal(cut, s.cut10[KAM__R], sizeof cut);
        for (uint32_t i = 0; i < n; i++) {
            int score = 1;
            for (uint32_t k = 1; k < 5; k++) {
                uint32_t h = (n - 1) * k;
                int64_t lo = sorted[h / 5], hi = h % 5 ? sorted[h / 5 + 1] : lo;
                score += v[i] * 5 > lo * 5 + (int64_t)(h % 5) * (hi - lo);
            }
            assert_int_equal(s.q7[KAM__F][i], score);
            assert_int_equal(s.q7[KAM__R][i], 6 - score);
        }
        kam__rfm_free(&s);
    }
}

static void tiles_are_even_and_monotone(void **state) {
    (void)state;
    enum { N = 403 };
    int64_t v[N];
    uint32_t tile[6] = {0};
    uint64_t seed = 2;
    for (int i = 0; i < N; i++) v[i] = (int64_t)(kam__random(&seed) % 90);
    kam__rfm s = make(v, v, v, N, NULL);
    for (int i = 0; i < N; i++) {
        tile[s.ntile[KAM__M][i]]++;
        for (int k = 0; k < N; k++) {
            if (v[i] < v[k]) {
                assert_true(s.ntile[KAM__M][i] <= s.ntile[KAM__M][k]);
                assert_true(s.ntile[KAM__R][i] >= s.ntile[KAM__R][k]);
                assert_true(s.q7[KAM__M][i] <= s.q7[KAM__M][k]);
            }
            if (v[i] == v[k]) assert_int_equal(s.q7[KAM__M][i], s.q7[KAM__M][k]);
        }
    }
    assert_int_equal(tile[1], 81);
    assert_int_equal(tile[3], 81);
    assert_int_equal(tile[4], 80);
    assert_int_equal(tile[5], 80);
    kam__rfm_free(&s);
}

static void limits(void **state) {
    (void)state;
    const int64_t big[] = {INT64_MAX, INT64_MAX / 2}, small[] = {1, 2};
    kam__rfm s = {.n = 9};
    assert_int_equal(kam__rfm_make(&s, ctx, small, small, big, 2, NULL, NULL), KAM_E_LIMIT);
    assert_int_equal(s.n, 9);
    const int64_t edge[] = {INT64_MIN / 10, INT64_MAX / 10};
    assert_int_equal(kam__rfm_make(&s, ctx, small, small, edge, 2, NULL, NULL), KAM_OK);
    assert_memory_equal(s.q7[KAM__M], "\1\5", 2);
    kam__rfm_free(&s);
}

static void every_cell_has_a_name(void **state) {
    (void)state;
    const uint32_t n = sizeof kam__rfm_cells / sizeof *kam__rfm_cells;
    int used[16] = {0};
    for (uint8_t r = 1; r <= 5; r++)
        for (uint8_t f = 1; f <= 5; f++)
            for (uint8_t m = 1; m <= 5; m++) {
                int cell = kam__rfm_cell_of(kam__rfm_cells, n, r, f, m);
                if (cell < 0) fail_msg("%d%d%d has no name", r, f, m);
                used[cell]++;
            }
    for (uint32_t i = 0; i < n; i++) if (!used[i]) fail_msg("%s is never given", kam__rfm_cells[i].name);
    assert_string_equal(kam__rfm_cells[kam__rfm_cell_of(kam__rfm_cells, n, 5, 5, 5)].name, "champion");
    assert_string_equal(kam__rfm_cells[kam__rfm_cell_of(kam__rfm_cells, n, 1, 1, 1)].name, "lost");
    assert_int_equal(kam__rfm_cell_of(kam__rfm_cells, 1, 1, 1, 1), -1);
}

static void no_memory(void **state) {
    (void)state;
    help_memory m;
    kam_ctx *tight = help_ctx(&m);
    const int64_t v[] = {3, 1, 2, 9, 9, 4};
    kam__rfm s = {.n = 9};
    for (m.left = 0;; m.left++) {
        long left = m.left;
        int32_t rc = kam__rfm_make(&s, tight, v, v, v, 6, NULL, NULL);
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_int_equal(s.n, 9);
        assert_int_equal(m.live, 1);
        m.left = left;
    }
    kam__rfm_free(&s);
    kam_ctx_free(tight);
    assert_int_equal(m.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_by_hand), cmocka_unit_test(ntile_ties_follow_by_id), cmocka_unit_test(few_accounts),
        cmocka_unit_test(own_cuts), cmocka_unit_test(agrees_with_plain_quantiles),
        cmocka_unit_test(tiles_are_even_and_monotone),
        cmocka_unit_test(limits), cmocka_unit_test(every_cell_has_a_name), cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
