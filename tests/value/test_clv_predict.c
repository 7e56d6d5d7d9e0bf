/* Looking ahead: many rows are single rows, on any threads; discounting; what is refused. */
#include "clv_test.h"
#include <pthread.h>

enum { N = 150000 };
static int32_t x[N];
static double tx[N], t[N], m[N], one_e[N], one_a[N], two_e[N], two_a[N];
static const double params[4] = {.243, 4.414, .793, 2.426};

static kam_clv_rows rows_of(size_t n) {
    uint64_t seed = 6;
    for (size_t i = 0; i < n; i++) {
        x[i] = (int32_t)(kam__random(&seed) % 6);
        t[i] = (double)(kam__random(&seed) % 300 + 1) / 7;
        tx[i] = x[i] ? floor(t[i] * 7 * uniform(&seed)) / 7 : 0;
        m[i] = x[i] ? 10 + 90 * uniform(&seed) : 0;
    }
    return (kam_clv_rows){.struct_size = sizeof(kam_clv_rows), .n = n, .x = x, .tx = tx, .t = t, .m = m};
}

static void many_rows_are_single_rows(void **state) {
    (void)state;
    kam_clv_rows rows = rows_of(3000);
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_NBD; model++) {
        kam_clv *c = model_of(model, params);
        assert_int_equal(kam_clv_predict(one_e, one_a, c, &rows, 30, NULL), KAM_OK);
        for (size_t i = 0; i < rows.n; i++) {
            double e, a;
            one(c, x[i], tx[i], t[i], 30, &e, &a);
            assert_memory_equal(&e, &one_e[i], sizeof e);
            assert_memory_equal(&a, &one_a[i], sizeof a);
        }
        kam_clv_free(c);
    }
}

typedef struct task {
    kam_task_fn fn;
    void *arg;
    uint32_t i;
} task;
static void *run_task(void *p) {
    const task *k = p;
    k->fn(k->arg, k->i);
    return NULL;
}

static int32_t on_threads(void *user, uint32_t n, kam_task_fn fn, void *arg) {
    pthread_t thread[16];
    task k[16];
    ++*(int *)user;
    for (uint32_t i = 0; i < n; i++) {
        k[i] = (task){fn, arg, n - 1 - i};
        assert_int_equal(pthread_create(&thread[i], NULL, run_task, &k[i]), 0);
    }
    for (uint32_t i = 0; i < n; i++) pthread_join(thread[i], NULL);
    return KAM_OK;
}

static void threads_do_not_matter(void **state) {
    (void)state;
    int calls = 0;
    kam_ctx_options o = {.struct_size = sizeof o, .user = &calls, .parallel_for = on_threads};
    kam_ctx *ctx = NULL;
    kam_clv *a = model_of(KAM_CLV_MBGNBD, params), *b = NULL;
    kam_buf *json = NULL;
    kam_clv_rows rows = rows_of(N);
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    assert_int_equal(kam_buf_new(&json, ctx, NULL), KAM_OK);
    assert_int_equal(kam_clv_to_json(json, a, NULL), KAM_OK);
    assert_int_equal(kam_clv_from_json(&b, ctx, kam_buf_data(json), KAM_NUL, NULL), KAM_OK);
    assert_int_equal(kam_clv_predict(one_e, one_a, a, &rows, 52, NULL), KAM_OK);
    assert_int_equal(kam_clv_predict(two_e, two_a, b, &rows, 52, NULL), KAM_OK);
    assert_int_equal(calls, 1);
    assert_memory_equal(one_e, two_e, sizeof one_e);
    assert_memory_equal(one_a, two_a, sizeof one_a);
    kam_clv_free(a);
    kam_clv_free(b);
    kam_buf_free(json);
    kam_ctx_free(ctx);
}

static void discounted_step_by_step(void **state) {
    (void)state;
    const double gg[3] = {6.25, 3.74, 15.44};
    kam_clv *c = model_of(KAM_CLV_BGNBD, params), *s = model_of(KAM_CLV_GG, gg);
    kam_clv_rows rows = rows_of(500);
    static double value[500], spend[500], before[500], now[500], want[500];
    assert_int_equal(kam_clv_spend(spend, s, &rows, NULL), KAM_OK);
    for (int k = 1; k <= 12; k++) {
        assert_int_equal(kam_clv_predict(now, NULL, c, &rows, 4.345 * k, NULL), KAM_OK);
        for (int i = 0; i < 500; i++) want[i] += spend[i] * (now[i] - before[i]) / pow(1.01, k);
        memcpy(before, now, sizeof before);
    }
    assert_int_equal(kam_clv_value(value, c, s, &rows, 4.345, 12, .01, NULL), KAM_OK);
    for (int i = 0; i < 500; i++) near("value", value[i], want[i], 1e-10);
    assert_int_equal(kam_clv_value(value, c, s, &rows, 4.345, 1, 0, NULL), KAM_OK);
    assert_int_equal(kam_clv_predict(now, NULL, c, &rows, 4.345, NULL), KAM_OK);
    for (int i = 0; i < 500; i++) near("one step", value[i], now[i] * spend[i], 1e-12);
    kam_clv_free(c);
    kam_clv_free(s);
}

static void a_new_account(void **state) {
    (void)state;
    /* E[X(t)] of Fader, Hardie & Lee 2005, equation 9, as R's BTYD gives it: what is expected of a new account. */
    static const double at[] = {1.0 / 7, 1, 3, 223.0 / 7, 32, 78},
                        want[] = {.0078, .0532, .1506, 1.0405, 1.0437, 1.8576};
    static const double cdnow[] = {.24259452, 4.41360205, .79292191, 2.42590664};
    kam_clv *c = model_of(KAM_CLV_BGNBD, cdnow);
    for (int i = 0; i < 6; i++) {
        double e, a;
        one(c, 0, 0, 0, at[i], &e, &a);
        near("alive", a, 1, 0);
        if (fabs(e - want[i]) > 4e-4) fail_msg("%g: %.6f, want %.4f", at[i], e, want[i]);
    }
    kam_clv_free(c);
}

static void refuses(void **state) {
    (void)state;
    kam_clv *c = model_of(KAM_CLV_BGNBD, params), *s = model_of(KAM_CLV_GG, params);
    kam_clv_rows rows = rows_of(3), r = rows;
    kam_error *err = NULL;
    double out[3] = {7, 7, 7};
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    assert_int_equal(kam_clv_predict(out, NULL, NULL, &rows, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_predict(out, NULL, c, NULL, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_predict(out, NULL, s, &rows, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_predict(out, NULL, c, &rows, -1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_predict(out, NULL, c, &rows, NAN, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_predict(out, NULL, c, &rows, HUGE_VAL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_spend(out, c, &rows, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_value(out, c, c, &rows, 1, 1, 0, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_value(out, c, s, &rows, 0, 1, 0, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_value(out, c, s, &rows, 1, 1, -1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_value(out, c, s, &rows, 1, 10001, 0, NULL), KAM_E_INVAL);
    r.m = NULL;
    assert_int_equal(kam_clv_value(out, c, s, &r, 1, 1, 0, NULL), KAM_E_INVAL);
    tx[2] = t[2] + 1, x[2] = 1;
    assert_int_equal(kam_clv_predict(out, NULL, c, &rows, 1, err), KAM_E_INVAL);
    assert_int_equal(kam_error_detail(err, KAM_ERR_ROW), 2);
    for (int i = 0; i < 3; i++) near("untouched", out[i], 7, 0);
    rows.n = 0;
    assert_int_equal(kam_clv_predict(NULL, NULL, c, &rows, 1, NULL), KAM_OK);
    kam_error_free(err);
    kam_clv_free(c);
    kam_clv_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_rows_are_single_rows),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(discounted_step_by_step),
        cmocka_unit_test(a_new_account),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
