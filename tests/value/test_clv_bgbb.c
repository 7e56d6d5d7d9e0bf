/* BG/BB: the donations of the paper (11,104 donors, 6 periods; Fader, Hardie & Shang 2010), row by row, and properties. */
#include "clv_test.h"

/* x, tx, weight; expected purchases in the next 5 periods and P(alive), from the reference implementation. */
static const struct {
    int32_t x;
    double tx;
    int64_t weight;
    double expected, alive;
} donations[22] = {
    {0, 0, 3464, .07286334, .116218159},  {1, 1, 1091, .085695712, .074655312}, {1, 2, 277, .314238133, .273754021},
    {1, 3, 129, .593853321, .51734566},   {1, 4, 78, .839396185, .731254602},   {1, 5, 119, 1.021689015, .890062175},
    {1, 6, 129, 1.147884995, 1},          {2, 2, 613, .119120891, .071380446},  {2, 3, 255, .536110778, .321252018},
    {2, 4, 155, 1.057603555, .633744535}, {2, 5, 173, 1.443042236, .864709774}, {2, 6, 234, 1.668816844, 1},
    {3, 3, 322, .223594605, .10210971},   {3, 4, 181, 1.034571619, .472461348}, {3, 5, 225, 1.804702969, .824159857},
    {3, 6, 357, 2.189748693, 1},          {4, 4, 240, .58319204, .215145987},   {4, 5, 284, 2.030024044, .748898298},
    {4, 6, 512, 2.710680542, 1},          {5, 5, 335, 1.812942242, .56100238},  {5, 6, 728, 3.231612391, 1},
    {6, 6, 1203, 3.75254424, 1}};

typedef struct columns {
    int32_t x[22];
    double tx[22], t[22];
    int64_t weight[22];
    kam_clv_rows rows;
} columns;

static void fill(columns *c) {
    for (int i = 0; i < 22; i++) {
        c->x[i] = donations[i].x, c->tx[i] = donations[i].tx, c->t[i] = 6, c->weight[i] = donations[i].weight;
    }
    c->rows =
        (kam_clv_rows){.struct_size = sizeof c->rows, .n = 22, .x = c->x, .tx = c->tx, .t = c->t, .weight = c->weight};
}

static void donations_of_the_paper(void **state) {
    (void)state;
    static const uint32_t figure[] = {KAM_CLV_ALPHA, KAM_CLV_BETA, KAM_CLV_GAMMA, KAM_CLV_DELTA};
    static const double want[] = {1.2035224, .7497164, .6567181, 2.7834418};
    columns c;
    kam_clv *m = NULL;
    double expected[22], alive[22], total = 0;
    fill(&c);
    assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_BGBB, &c.rows, NULL), KAM_OK);
    near("status", kam_clv_figure(m, KAM_CLV_STATUS, 0), KAM_CLV_OK, 0);
    for (int i = 0; i < 4; i++) near("parameter", kam_clv_figure(m, figure[i], 0), want[i], 1e-4);
    assert_true(fabs(kam_clv_figure(m, KAM_CLV_LOG_LIKELIHOOD, 0) + 33225.581274) < 1e-4);
    near("n", kam_clv_figure(m, KAM_CLV_ROWS, 0), 11104, 0);
    assert_int_equal(kam_clv_predict(expected, alive, m, &c.rows, 5, NULL), KAM_OK);
    for (int i = 0; i < 22; i++) {
        near("expected", expected[i], donations[i].expected, 1e-5);
        near("alive", alive[i], donations[i].alive, 1e-5);
        total += expected[i] * (double)donations[i].weight;
    }
    near("total", total, 12884.157, 1e-5);
    kam_clv_free(m);
}

static void gradient(void **state) {
    (void)state;
    columns c;
    kam_ctx *ctx = NULL;
    kam__clv_bb g;
    size_t bad;
    fill(&c);
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__clv_bb_make(&g, ctx, &c.rows, &bad, NULL), KAM_OK);
    static const double v[][4] = {{0, 0, 0, 0}, {1, -1, 2, 0}, {-1, 2, -2, 3}};
    for (int i = 0; i < 3; i++) check_gradient(kam__clv_bb_value, &g, 4, v[i]);
    kam__clv_bb_free(&g);
    kam_ctx_free(ctx);
}

/* All that can happen in 4 periods has probability 1 in the end: the number of orders with x purchases, the last one at
 * tx, is the number of ways to lay the x - 1 others before it. */
static void likelihoods_add_up(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    double all = 0, grad[4];
    const double v[4] = {.2, -.3, -.4, 1};
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    for (int32_t x = 0; x <= 4; x++)
        for (int tx = x ? x : 0; tx <= (x ? 4 : 0); tx++) {
            double last = tx, t = 4, ways = 1;
            for (int i = 1; i < x; i++) ways *= (double)(tx - i) / i;
            kam_clv_rows rows = {.struct_size = sizeof rows, .n = 1, .x = &x, .tx = &last, .t = &t};
            kam__clv_bb g;
            size_t bad;
            assert_int_equal(kam__clv_bb_make(&g, ctx, &rows, &bad, NULL), KAM_OK);
            all += ways * exp(-kam__clv_bb_value(&g, v, grad));
            kam__clv_bb_free(&g);
        }
    near("sum", all, 1, 1e-12);
    kam_ctx_free(ctx);
}

static void extremes_are_finite(void **state) {
    (void)state;
    static const double values[] = {1e-6, 1e-2, 1, 1e2, 1e6};
    for (int i = 0; i < 625; i++) {
        const double p[4] = {values[i % 5], values[i / 5 % 5], values[i / 25 % 5], values[i / 125]};
        for (int32_t x = 0; x <= 1000; x = x * 10 + 1) {
            double e = expected_of(KAM_CLV_BGBB, p, x, x, 1200, 100), a = alive_of(KAM_CLV_BGBB, p, x, x, 1200);
            assert_true(isfinite(e) && e >= 0 && e <= 100.0001 && a >= 0 && a <= 1);
        }
    }
}

static void refuses(void **state) {
    (void)state;
    static const struct {
        int32_t x;
        double tx, t;
    } bad[] = {{-1, 0, 3}, {2, 1, 3}, {0, 1, 3}, {1, 0, 3}, {1, 4, 3}, {1, 1.5, 3}, {1, 1, 2.5}, {1, 1, NAN}};
    for (size_t i = 0; i < KAM__LEN(bad); i++) {
        kam_clv_rows rows = {.struct_size = sizeof rows, .n = 1, .x = &bad[i].x, .tx = &bad[i].tx, .t = &bad[i].t};
        kam_clv *m = NULL;
        assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_BGBB, &rows, NULL), KAM_OK);
        near("status", kam_clv_figure(m, KAM_CLV_STATUS, 0), KAM_CLV_BAD_INPUT, 0);
        kam_clv_free(m);
    }
    int32_t x = 1;
    double tx = 1, t = 10001;
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 1, .x = &x, .tx = &tx, .t = &t};
    kam_clv *m = NULL;
    assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_BGBB, &rows, NULL), KAM_E_LIMIT);
    assert_null(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(donations_of_the_paper), cmocka_unit_test(gradient), cmocka_unit_test(likelihoods_add_up),
        cmocka_unit_test(extremes_are_finite),    cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
