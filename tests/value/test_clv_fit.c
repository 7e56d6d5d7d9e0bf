/* kam_clv_fit: simulated parameters come back, the unit of time does not matter, equal rows and weights are the same,
 * statuses, odd inputs, and memory that runs out at each place. */
#include "clv_test.h"

enum { N = 6000 };
typedef struct data {
    int32_t x[N], later[N];
    double tx[N], t[N];
    kam_clv_rows rows;
} data;
static data d;

static void simulate(uint32_t model, const double *p, uint64_t seed) {
    for (int i = 0; i < N; i++) {
        d.t[i] = (double)(20 + kam__random(&seed) % 20);
        if (model == KAM_CLV_PNBD)
            simulate_pnbd(&seed, p, d.t[i], 60, &d.x[i], &d.tx[i], &d.later[i]);
        else
            simulate_bg(&seed, p, model == KAM_CLV_MBGNBD, d.t[i], 60, &d.x[i], &d.tx[i], &d.later[i]);
    }
    d.rows = (kam_clv_rows){.struct_size = sizeof d.rows, .n = N, .x = d.x, .tx = d.tx, .t = d.t};
}

static kam_clv *fit(uint32_t model, const kam_clv_rows *rows) {
    kam_clv *m = NULL;
    assert_int_equal(kam_clv_fit(&m, NULL, model, rows, NULL), KAM_OK);
    return m;
}

static int status_of(const kam_clv *m) { return (int)kam_clv_figure(m, KAM_CLV_STATUS, 0); }

static void recovers_parameters(void **state) {
    (void)state;
    static const double p[][4] = {{1.1, 6, .8, 2.2}, {.9, 7, .6, 1.5}, {1.3, 9, .7, 12}};
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_PNBD; model++) {
        simulate(model, p[model - 1], model);
        kam_clv *m = fit(model, &d.rows);
        assert_int_equal(status_of(m), KAM_CLV_OK);
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t f = kam__clv_param(model, i);
            double se = kam_clv_figure(m, f | KAM_CLV_SE, -1), got = kam_clv_figure(m, f, 0);
            if (!(se > 0 && fabs(got - p[model - 1][i]) < 4 * se))
                fail_msg("model %u: %g +- %g, was %g", model, got, se, p[model - 1][i]);
        }
        assert_true(kam_clv_figure(m, KAM_CLV_GRADIENT, 1) < 1e-9 && kam_clv_figure(m, KAM_CLV_ITERATIONS, 0) > 1);
        kam_clv_free(m);
    }
}

/* Days instead of weeks: alpha and beta are 7 times as large, everything else is the same. */
static void the_unit_of_time_does_not_matter(void **state) {
    (void)state;
    static double tx[N], t[N];
    const double p[4] = {.9, 7, .6, 9};
    simulate(KAM_CLV_PNBD, p, 4);
    for (int i = 0; i < N; i++) tx[i] = d.tx[i] * 7, t[i] = d.t[i] * 7;
    kam_clv_rows days = d.rows;
    days.tx = tx, days.t = t;
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_NBD; model++) {
        kam_clv *a = fit(model, &d.rows), *b = fit(model, &days);
        for (uint32_t i = 0; i < 4 && kam__clv_param(model, i); i++) {
            uint32_t f = kam__clv_param(model, i);
            double by = f == KAM_CLV_ALPHA || f == KAM_CLV_BETA ? 7 : 1;
            near("parameter", kam_clv_figure(b, f, 0), kam_clv_figure(a, f, 0) * by, 1e-7);
            near("standard error", kam_clv_figure(b, f | KAM_CLV_SE, 0), kam_clv_figure(a, f | KAM_CLV_SE, 0) * by,
                 1e-4);
        }
        double x = 0;
        for (int i = 0; i < N; i++) x += d.x[i];
        near("ln L", kam_clv_figure(b, KAM_CLV_LOG_LIKELIHOOD, 0),
             kam_clv_figure(a, KAM_CLV_LOG_LIKELIHOOD, 0) - x * log(7), 1e-12);
        kam_clv_free(a);
        kam_clv_free(b);
    }
}

/* The order of rows, equal rows apart or by weight, rows of weight 0: the same to the last bit. */
static void equal_rows_are_weights(void **state) {
    (void)state;
    static int32_t x[2 * N];
    static double tx[2 * N], t[2 * N];
    static int64_t weight[2 * N];
    const double p[4] = {.9, 7, .6, 1.5};
    simulate(KAM_CLV_BGNBD, p, 8);
    for (int i = 0; i < N; i++) d.tx[i] = floor(d.tx[i]);
    for (int i = 0; i < 2 * N; i++) {
        int k = i % 2 ? N - 1 - i / 2 : i / 2;
        x[i] = d.x[k], tx[i] = d.tx[k], t[i] = d.t[k], weight[i] = i % 2 ? 2 : 0;
    }
    kam_clv_rows twice = {.struct_size = sizeof twice, .n = 2 * N, .x = x, .tx = tx, .t = t}, weighted = twice;
    weighted.weight = weight;
    kam_clv *a = fit(KAM_CLV_BGNBD, &twice), *b = fit(KAM_CLV_BGNBD, &weighted);
    for (int i = 0; i < 4; i++) assert_memory_equal(&a->param[i], &b->param[i], sizeof a->param[i]);
    near("n", kam_clv_figure(b, KAM_CLV_ROWS, 0), 2 * N, 0);
    assert_memory_equal(&a->log_likelihood, &b->log_likelihood, sizeof a->log_likelihood);
    kam_clv_free(a);
    kam_clv_free(b);
}

/* Accounts that never leave: whatever they are asked about, they are an NBD, and all of them are there. */
static void leaving_that_cannot_be_seen(void **state) {
    (void)state;
    uint64_t seed = 1;
    const double never[4] = {.72, 9.4, 1e-6, 1e6};
    simulate(KAM_CLV_BGNBD, never, 2);
    /* as wholesalers: the last purchase is more recent than it is with chance alone */
    for (int i = 0; i < N; i++) d.tx[i] = d.x[i] ? d.t[i] - (d.t[i] - d.tx[i]) * 0.6 * uniform(&seed) : 0;
    kam_clv *nbd = fit(KAM_CLV_NBD, &d.rows);
    assert_int_equal(status_of(nbd), KAM_CLV_OK);
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_PNBD; model++) {
        kam_clv *m = fit(model, &d.rows);
        static double e[N], a[N];
        assert_int_equal(status_of(m), KAM_CLV_NOT_IDENTIFIED);
        assert_int_equal((int)kam_clv_figure(m, KAM_CLV_LIMIT, 9), KAM_CLV_LIMIT_NBD);
        near("r", kam_clv_figure(m, KAM_CLV_R, 0), kam_clv_figure(nbd, KAM_CLV_R, 0), 0);
        near("alpha", kam_clv_figure(m, KAM_CLV_ALPHA, 0), kam_clv_figure(nbd, KAM_CLV_ALPHA, 0), 0);
        near("ln L", kam_clv_figure(m, KAM_CLV_LOG_LIKELIHOOD, 0), kam_clv_figure(nbd, KAM_CLV_LOG_LIKELIHOOD, 0), 0);
        assert_true(kam_clv_figure(m, KAM_CLV_A, -1) < 0 && kam_clv_figure(m, KAM_CLV_S, -1) < 0);
        assert_int_equal(kam_clv_predict(e, a, m, &d.rows, 52, NULL), KAM_OK);
        for (int i = 0; i < N; i++) assert_true(a[i] >= 1 && a[i] <= 1 && isfinite(e[i]));
        kam_clv_free(m);
    }
    kam_clv_free(nbd);
}

/* Everybody buys at the same rate: the shape has no end, predictions have. */
static void rates_that_do_not_differ(void **state) {
    (void)state;
    for (int i = 0; i < N; i++) d.x[i] = 10 + i % 3, d.t[i] = 40, d.tx[i] = 39;
    kam_clv *m = fit(KAM_CLV_NBD, &d.rows);
    double e, a;
    assert_int_equal(status_of(m), KAM_CLV_NOT_IDENTIFIED);
    assert_int_equal((int)kam_clv_figure(m, KAM_CLV_LIMIT, 9), KAM_CLV_LIMIT_BOUND);
    assert_true(kam_clv_figure(m, KAM_CLV_R | KAM_CLV_SE, -1) < 0);
    one(m, 10, 39, 40, 40, &e, &a);
    near("as before", e, 11, 0.01);
    kam_clv_free(m);
}

static int32_t try_one(int32_t x, double tx, double t) {
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 1, .x = &x, .tx = &tx, .t = &t};
    int32_t status = KAM_CLV_OK;
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_NBD; model++) {
        kam_clv *m = fit(model, &rows);
        status = status_of(m);
        for (uint32_t f = 1; f < 42; f++) assert_true(isfinite(kam_clv_figure(m, f, 0)));
        kam_clv_free(m);
    }
    return status;
}

static void odd_rows(void **state) {
    (void)state;
    assert_int_equal(try_one(-1, 0, 1), KAM_CLV_BAD_INPUT);
    assert_int_equal(try_one(0, 1, 2), KAM_CLV_BAD_INPUT);
    assert_int_equal(try_one(1, 3, 2), KAM_CLV_BAD_INPUT);
    assert_int_equal(try_one(1, -1, 2), KAM_CLV_BAD_INPUT);
    assert_int_equal(try_one(1, 0, 0), KAM_CLV_BAD_INPUT);
    assert_int_equal(try_one(1, NAN, 2), KAM_CLV_BAD_INPUT);
    assert_int_equal(try_one(1, 1, HUGE_VAL), KAM_CLV_BAD_INPUT);
    assert_int_equal(try_one(0, 0, 5), KAM_CLV_NO_REPEAT);
    assert_int_equal(try_one(0, 0, 0), KAM_CLV_NO_REPEAT);
    try_one(1, 1, 1);
    try_one(2147483647, 1, 37);
    try_one(500, 1e-300, 1e100);
    try_one(3, 1e-12, 1e-9);
    kam_clv_rows none = {.struct_size = sizeof none};
    kam_clv *m = fit(KAM_CLV_BGNBD, &none);
    assert_int_equal(status_of(m), KAM_CLV_BAD_INPUT);
    near("no row", kam_clv_figure(m, KAM_CLV_BAD_ROW, -1), -1, 0);
    double e = 7;
    assert_int_equal(kam_clv_predict(&e, NULL, m, &d.rows, 1, NULL), KAM_E_INVAL);
    kam_clv_free(m);
}

/* Small samples of every kind end, with figures that are numbers. */
static void small_samples_end(void **state) {
    (void)state;
    uint64_t seed = 99;
    for (int k = 0; k < 150; k++) {
        kam_clv_rows rows = {
            .struct_size = sizeof rows, .n = 1 + kam__random(&seed) % 12, .x = d.x, .tx = d.tx, .t = d.t};
        double scale = exp(30 * (uniform(&seed) - 0.5));
        for (size_t i = 0; i < rows.n; i++) {
            d.x[i] = (int32_t)(kam__random(&seed) % (k % 3 ? 4 : 900));
            d.t[i] = scale * uniform(&seed);
            d.tx[i] = d.x[i] ? d.t[i] * (k % 5 ? uniform(&seed) : 1) : 0;
        }
        for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_NBD; model++) {
            double e[12], a[12];
            kam_clv *m = fit(model, &rows);
            assert_true(status_of(m) != KAM_CLV_BAD_INPUT);
            assert_int_equal(kam_clv_predict(e, a, m, &rows, 10 * scale, NULL), KAM_OK);
            for (size_t i = 0; i < rows.n; i++) assert_true(isfinite(e[i]) && e[i] >= 0 && a[i] >= 0 && a[i] <= 1);
            kam_clv_free(m);
        }
    }
}

static void refuses(void **state) {
    (void)state;
    kam_clv *m = NULL;
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 1, .x = d.x, .tx = d.tx, .t = d.t}, r = rows;
    assert_int_equal(kam_clv_fit(NULL, NULL, KAM_CLV_BGNBD, &rows, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_BGNBD, NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_fit(&m, NULL, 0, &rows, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_fit(&m, NULL, 7, &rows, NULL), KAM_E_INVAL);
    r.x = NULL;
    assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_BGNBD, &r, NULL), KAM_E_INVAL);
    r = rows, r.tx = NULL;
    assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_BGNBD, &r, NULL), KAM_E_INVAL);
    r = rows, r.t = NULL;
    assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_BGNBD, &r, NULL), KAM_E_INVAL);
    r = rows;
    assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_GG, &r, NULL), KAM_E_INVAL);
    r.flags = 1;
    assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_BGNBD, &r, NULL), KAM_E_INVAL);
    r = rows, r.struct_size = 4;
    assert_int_equal(kam_clv_fit(&m, NULL, KAM_CLV_BGNBD, &r, NULL), KAM_E_INVAL);
    assert_null(m);
    kam_clv_free(NULL);
    near("none", kam_clv_figure(NULL, KAM_CLV_R, 7), 7, 0);
}

static int32_t cancel(void *user, uint64_t done, uint64_t total) {
    (void)user, (void)total;
    return done >= 2;
}

static void is_cancelled(void **state) {
    (void)state;
    kam_ctx_options o = {.struct_size = sizeof o, .progress = cancel};
    kam_ctx *ctx = NULL;
    kam_clv *m = NULL;
    const double p[4] = {1.1, 6, .8, 2.2};
    simulate(KAM_CLV_BGNBD, p, 1);
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    assert_int_equal(kam_clv_fit(&m, ctx, KAM_CLV_BGNBD, &d.rows, NULL), KAM_E_CANCELLED);
    assert_null(m);
    kam_ctx_free(ctx);
}

static void memory_runs_out_at_each_place(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    const double p[4] = {1.1, 6, .8, 2.2};
    static double m[N];
    simulate(KAM_CLV_BGNBD, p, 1);
    for (int i = 0; i < N; i++)
        m[i] = d.x[i], d.tx[i] = ceil(d.tx[i]), d.x[i] = d.x[i] > d.tx[i] ? (int32_t)d.tx[i] : d.x[i];
    kam_clv_rows rows = d.rows;
    rows.n = 200, rows.m = m;
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_BGBB; model++) {
        long before = mem.live, at = 0;
        int32_t rc = KAM_E_NOMEM;
        for (; rc == KAM_E_NOMEM; at++) {
            kam_clv *out = NULL;
            mem.left = at;
            rc = kam_clv_fit(&out, ctx, model, &rows, NULL);
            mem.left = -1;
            assert_true(rc == KAM_OK || (rc == KAM_E_NOMEM && !out));
            kam_clv_free(out);
            assert_int_equal(mem.live, before);
        }
        assert_true(at > 3);
    }
    kam_ctx_free(ctx);
    assert_int_equal(mem.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recovers_parameters),
        cmocka_unit_test(the_unit_of_time_does_not_matter),
        cmocka_unit_test(equal_rows_are_weights),
        cmocka_unit_test(leaving_that_cannot_be_seen),
        cmocka_unit_test(rates_that_do_not_differ),
        cmocka_unit_test(odd_rows),
        cmocka_unit_test(small_samples_end),
        cmocka_unit_test(refuses),
        cmocka_unit_test(is_cancelled),
        cmocka_unit_test(memory_runs_out_at_each_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
