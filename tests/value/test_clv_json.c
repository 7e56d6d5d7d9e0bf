/* Models as JSON and back, figures by number, documents that are none. */
#include "clv_test.h"

static void round_trip(void **state) {
    (void)state;
    const int32_t x[] = {0, 1, 2, 0, 5, 3, 0, 1};
    const double tx[] = {0, 10, 20, 0, 30, 8, 0, 2}, t[] = {30, 30, 30, 30, 30, 30, 31, 32},
                 m[] = {0, 5, 7, 0, 11, 6, 0, 2};
    kam_clv_rows rows = {.struct_size = sizeof rows, .n = 8, .x = x, .tx = tx, .t = t, .m = m};
    kam_buf *one = NULL, *two = NULL;
    assert_int_equal(kam_buf_new(&one, NULL, NULL), KAM_OK);
    assert_int_equal(kam_buf_new(&two, NULL, NULL), KAM_OK);
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_BGBB; model++) {
        kam_clv *a = NULL, *b = NULL;
        assert_int_equal(kam_clv_fit(&a, NULL, model, &rows, NULL), KAM_OK);
        assert_int_equal(kam_clv_to_json(one, a, NULL), KAM_OK);
        assert_int_equal(kam_clv_from_json(&b, NULL, kam_buf_data(one), kam_buf_size(one), NULL), KAM_OK);
        assert_int_equal(kam_clv_to_json(two, b, NULL), KAM_OK);
        assert_string_equal(kam_buf_data(one), kam_buf_data(two));
        for (uint32_t f = 0; f < 300; f++) {
            double p = kam_clv_figure(a, f, -7), q = kam_clv_figure(b, f, -7);
            assert_memory_equal(&p, &q, sizeof p);
        }
        if (model != KAM_CLV_GG) {
            double e[8], g[8];
            assert_int_equal(kam_clv_predict(e, NULL, a, &rows, 20, NULL), KAM_OK);
            assert_int_equal(kam_clv_predict(g, NULL, b, &rows, 20, NULL), KAM_OK);
            assert_memory_equal(e, g, sizeof e);
        }
        kam_clv_free(a);
        kam_clv_free(b);
    }
    kam_buf_free(one);
    kam_buf_free(two);
}

static void other_statuses(void **state) {
    (void)state;
    const int32_t x[] = {0, 0}, bad[] = {0, -1};
    const double tx[] = {0, 0}, t[] = {3, 4}, m[] = {0, 0};
    kam_buf *b = NULL;
    assert_int_equal(kam_buf_new(&b, NULL, NULL), KAM_OK);
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_BGBB; model++)
        for (int k = 0; k < 2; k++) {
            kam_clv_rows rows = {.struct_size = sizeof rows, .n = 2, .x = k ? bad : x, .tx = tx, .t = t, .m = m};
            kam_clv *c = NULL, *d = NULL;
            assert_int_equal(kam_clv_fit(&c, NULL, model, &rows, NULL), KAM_OK);
            near("status", kam_clv_figure(c, KAM_CLV_STATUS, 0), k ? KAM_CLV_BAD_INPUT : KAM_CLV_NO_REPEAT, 0);
            assert_int_equal(kam_clv_to_json(b, c, NULL), KAM_OK);
            if (kam_clv_from_json(&d, NULL, kam_buf_data(b), KAM_NUL, NULL) != KAM_OK) fail_msg("%s", kam_buf_data(b));
            near("bad row", kam_clv_figure(d, KAM_CLV_BAD_ROW, -1), k ? 1 : -1, 0);
            rows.x = x;
            double e[2] = {9, 9}, a[2] = {9, 9};
            if (model != KAM_CLV_GG)
                assert_int_equal(kam_clv_predict(e, a, d, &rows, 5, NULL), k ? KAM_E_INVAL : KAM_OK);
            if (model != KAM_CLV_GG && !k) assert_true(e[0] <= 0 && a[0] >= 1 && e[1] <= 0 && a[1] >= 1);
            kam_clv_free(c);
            kam_clv_free(d);
        }
    kam_buf_free(b);
}

#define TAIL "\"log_likelihood\":-5,\"n\":1,\"repeat\":1,\"mean\":0,\"iterations\":0,\"gradient\":0}"
#define HEAD "{\"kam_clv\":1,\"model\":\"nbd\",\"status\":\"OK\",\"limit\":\"none\","

static void refuses(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"kam_clv\":2}",
        HEAD "\"params\":{\"r\":1}," TAIL,
        HEAD "\"params\":{\"r\":1,\"alpha\":0}," TAIL,
        HEAD "\"params\":{\"r\":1,\"alpha\":-1}," TAIL,
        HEAD "\"params\":{\"r\":1,\"alpha\":\"2\"}," TAIL,
        HEAD "\"params\":{\"r\":1,\"alpha\":1e999}," TAIL,
        HEAD "\"params\":{\"r\":1,\"alpha\":1}}",
        "{\"kam_clv\":1,\"model\":\"best\",\"status\":\"OK\",\"limit\":\"none\",\"params\":{\"r\":1,\"alpha\":2}," TAIL,
        "{\"kam_clv\":1,\"model\":\"nbd\",\"status\":\"FINE\",\"limit\":\"none\",\"params\":{\"r\":1,\"alpha\":2}"
        "," TAIL,
        "{\"kam_clv\":1,\"model\":\"bgnbd\",\"status\":\"OK\",\"limit\":\"none\",\"params\":{\"r\":1,\"alpha\":2}"
        "," TAIL};
    kam_clv *c = NULL;
    for (size_t i = 0; i < KAM__LEN(bad); i++) {
        int32_t rc = kam_clv_from_json(&c, NULL, bad[i], KAM_NUL, NULL);
        if (rc == KAM_OK || c) fail_msg("taken: %s", bad[i]);
    }
    assert_int_equal(kam_clv_from_json(&c, NULL, HEAD "\"params\":{\"r\":1,\"alpha\":2}," TAIL, KAM_NUL, NULL), KAM_OK);
    near("alpha", kam_clv_figure(c, KAM_CLV_ALPHA, 0), 2, 0);
    assert_int_equal(kam_clv_from_json(NULL, NULL, "{}", 2, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_from_json(&c, NULL, NULL, 0, NULL), KAM_E_INVAL);
    assert_int_equal(kam_clv_to_json(NULL, c, NULL), KAM_E_INVAL);
    kam_clv_free(c);
}

static void memory_runs_out_at_each_place(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    kam_buf *b = NULL;
    kam_clv *c = NULL;
    assert_int_equal(kam_buf_new(&b, ctx, NULL), KAM_OK);
    assert_int_equal(kam_buf_append(b, "kept", 4, NULL), KAM_OK);
    int32_t rc = KAM_E_NOMEM;
    for (long at = 0; rc == KAM_E_NOMEM; at++) {
        mem.left = at;
        rc = kam_clv_from_json(&c, ctx, HEAD "\"params\":{\"r\":1,\"alpha\":2}," TAIL, KAM_NUL, NULL);
        mem.left = -1;
        assert_true(rc == KAM_OK || !c);
    }
    assert_int_equal(rc, KAM_OK);
    rc = KAM_E_NOMEM;
    for (long at = 0; rc == KAM_E_NOMEM; at++) {
        mem.left = at;
        rc = kam_clv_to_json(b, c, NULL);
        mem.left = -1;
        if (rc == KAM_E_NOMEM) assert_string_equal(kam_buf_data(b), "kept");
    }
    assert_int_equal(rc, KAM_OK);
    kam_clv_free(c);
    kam_buf_free(b);
    kam_ctx_free(ctx);
    assert_int_equal(mem.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(other_statuses),
        cmocka_unit_test(refuses),
        cmocka_unit_test(memory_runs_out_at_each_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
