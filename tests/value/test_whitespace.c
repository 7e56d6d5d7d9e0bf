/* Whitespace by hand and against a plain table of accounts times products. */
#include "help.h"
#include "value/measure.h"

static void by_hand(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    const kam__bought bought[] = {{0, 1}, {0, 1}, {1, 1}, {1, 2}, {2, 1}, {2, 2}, {2, 3}, {3, 4}};
    const uint32_t group[] = {0, 0, 0, 1};
    kam__gap *g = NULL;
    size_t n = 0;
    assert_int_equal(kam__whitespace(&g, &n, bought, 8, group, 4, 5, 5000, ctx, NULL), KAM_OK);
    assert_int_equal(n, 3);
    assert_true(g[0].account == 0 && g[0].product == 2 && g[0].peers == 2 && g[0].of == 2 && g[0].share == 10000);
    assert_true(g[1].account == 0 && g[1].product == 3 && g[1].share == 5000);
    assert_true(g[2].account == 1 && g[2].product == 3);
    kam__free(ctx, g);
    assert_int_equal(kam__whitespace(&g, &n, bought, 8, NULL, 4, 5, 6000, ctx, NULL), KAM_OK);
    assert_true(n == 3 && g[0].account == 0 && g[0].product == 2 && g[1].account == 3 && g[1].product == 1 &&
                g[1].share == 10000);
    kam__free(ctx, g);
    kam_ctx_free(ctx);
    assert_int_equal(mem.live, 0);
}

static void against_a_table(void **state) {
    (void)state;
    enum { A = 30, P = 12, N = 200 };
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    uint64_t seed = 4;
    for (int k = 0; k < 20; k++) {
        kam__bought b[N];
        uint32_t group[A], size[A] = {0};
        uint8_t has[A][P] = {{0}};
        size_t n = 0, seen = 0;
        kam__gap *g = NULL;
        for (uint32_t a = 0; a < A; a++) size[group[a] = (uint32_t)(kam__random(&seed) % 4)]++;
        for (int i = 0; i < N; i++) {
            b[i] = (kam__bought){(uint32_t)(kam__random(&seed) % A), (uint32_t)(kam__random(&seed) % P)};
            has[b[i].account][b[i].product] = 1;
        }
        assert_int_equal(kam__whitespace(&g, &n, b, N, group, A, P, 4000, ctx, NULL), KAM_OK);
        for (uint32_t a = 0; a < A; a++)
            for (uint32_t p = 0; p < P; p++) {
                uint32_t peers = 0;
                for (uint32_t o = 0; o < A; o++) peers += o != a && group[o] == group[a] && has[o][p];
                if (has[a][p] || size[group[a]] < 2 || !peers || kam__share(peers, size[group[a]] - 1) < 4000) continue;
                size_t i = 0;
                while (i < n && (g[i].account != a || g[i].product != p)) i++;
                assert_true(i < n && g[i].peers == peers && g[i].of == size[group[a]] - 1);
                seen++;
            }
        assert_int_equal(seen, n);
        kam__free(ctx, g);
    }
    kam_ctx_free(ctx);
}

static void refusals_and_memory(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    const kam__bought b[] = {{0, 0}, {1, 1}}, far[] = {{2, 0}}, unknown[] = {{0, 2}};
    const uint32_t group[] = {0, 2};
    kam__gap *g = NULL;
    size_t n = 0;
    assert_int_equal(kam__whitespace(&g, &n, far, 1, NULL, 2, 2, 1, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam__whitespace(&g, &n, unknown, 1, NULL, 2, 2, 1, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam__whitespace(&g, &n, b, 2, group, 2, 2, 1, ctx, NULL), KAM_E_INVAL);
    assert_int_equal(kam__whitespace(&g, &n, b, 2, NULL, 2, 2, 0, ctx, NULL), KAM_E_INVAL);
    int32_t rc = KAM_E_NOMEM;
    for (long at = 0; rc == KAM_E_NOMEM; at++) {
        mem.left = at;
        rc = kam__whitespace(&g, &n, b, 2, NULL, 2, 2, 1, ctx, NULL);
        mem.left = -1;
        assert_true(rc == KAM_OK || !g);
    }
    assert_int_equal(n, 2);
    kam__free(ctx, g);
    kam_ctx_free(ctx);
    assert_int_equal(mem.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(against_a_table),
                                       cmocka_unit_test(refusals_and_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
