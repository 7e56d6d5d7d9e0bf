/* k-means: groups that are plain to see, seeds without chance, empty groups, equal rows, silhouette by hand. */
#include "help.h"
#include <kam/learn.h>
#include <math.h>

static double uniform(uint64_t *s) { return (double)(kam__random(s) >> 11) * 0x1p-53; }

static double run(uint32_t *cluster, double *centre, const double *x, size_t n, uint32_t d, uint32_t k, uint32_t flags,
                  uint64_t seed) {
    kam_kmeans_options o = {.struct_size = sizeof o, .flags = flags, .k = k, .seed = seed};
    double inertia = -1;
    assert_int_equal(kam_kmeans(cluster, centre, &inertia, NULL, x, n, d, &o, NULL), KAM_OK);
    return inertia;
}

enum { N = 900 };
static double blobs[N * 3];
static uint32_t group[N], again[N];

static void make_blobs(uint32_t d) {
    uint64_t seed = 4;
    for (size_t i = 0; i < N; i++)
        for (uint32_t j = 0; j < d; j++)
            blobs[i * d + j] = (double)(i % 3) * 100 + (i % 3 == 1 && j == 0 ? 40 : 0) + uniform(&seed);
}

static void finds_what_is_plain(void **state) {
    (void)state;
    for (uint32_t d = 1; d <= 3; d++)
        for (uint32_t flags = 0; flags < 2; flags++) {
            double centre[9], inertia;
            make_blobs(d);
            inertia = run(group, centre, blobs, N, d, 3, flags, 1);
            assert_true(inertia > 0 && inertia < N * d / 10.0);
            for (size_t i = 3; i < N; i++) assert_int_equal(group[i], group[i % 3]);
            assert_true(group[0] != group[1] && group[1] != group[2] && group[0] != group[2]);
            double sum = 0;
            for (size_t i = 0; i < N; i++)
                for (uint32_t j = 0; j < d; j++) {
                    double e = blobs[i * d + j] - centre[group[i] * d + j];
                    sum += e * e;
                }
            assert_true(fabs(sum - inertia) < 1e-9 * inertia);
        }
}

static void farthest_first(void **state) {
    (void)state;
    const double x[] = {5, 9, 1, 9, 4}; /* seeds: 9 (the first of two), then 1, then 5 */
    run(group, NULL, x, 5, 1, 3, KAM_KMEANS_FARTHEST, 0);
    const uint32_t want[] = {2, 0, 1, 0, 2};
    assert_memory_equal(group, want, sizeof want);
}

static void numbered_by_size(void **state) {
    (void)state;
    const double x[] = {50, 1, 1.5, 2, 51, 100};
    const uint32_t want[] = {1, 0, 0, 0, 1, 2};
    for (uint64_t seed = 0; seed < 20; seed++) {
        run(group, NULL, x, 6, 1, 3, 0, seed);
        assert_memory_equal(group, want, sizeof want);
    }
}

static void same_seed_same_answer(void **state) {
    (void)state;
    uint64_t seed = 9;
    for (size_t i = 0; i < N * 3; i++) blobs[i] = uniform(&seed);
    double a = run(group, NULL, blobs, N, 3, 6, 0, 5), b = run(again, NULL, blobs, N, 3, 6, 0, 5);
    assert_memory_equal(&a, &b, sizeof a);
    assert_memory_equal(group, again, sizeof group);
    kam_kmeans_options few = {.struct_size = sizeof few, .k = 6, .seed = 5, .restarts = 2}, many = few;
    many.restarts = 40;
    assert_int_equal(kam_kmeans(group, NULL, &a, NULL, blobs, N, 3, &few, NULL), KAM_OK);
    assert_int_equal(kam_kmeans(group, NULL, &b, NULL, blobs, N, 3, &many, NULL), KAM_OK);
    assert_true(b <= a); /* the first starts are the same ones */
}

static void equal_rows_and_many_groups(void **state) {
    (void)state;
    const double x[] = {3, 3, 3, 3, 7};
    for (uint32_t k = 1; k <= 5; k++)
        for (uint32_t flags = 0; flags < 2; flags++) {
            double inertia = run(group, NULL, x, 5, 1, k, flags, 3);
            for (int i = 0; i < 5; i++) assert_true(group[i] < k);
            if (k > 1) assert_true(inertia <= 0);
        }
}

static void standardizes(void **state) {
    (void)state;
    double x[] = {1, 5, 7, 2, 5, 7, 3, 5, 7}, mean[3], sd[3];
    assert_int_equal(kam_standardize(mean, sd, x, 3, 3, NULL), KAM_OK);
    assert_true(fabs(mean[0] - 2) < 1e-15 && fabs(sd[0] - sqrt(2.0 / 3)) < 1e-15 && sd[1] <= 0);
    assert_true(fabs(x[0] + sqrt(1.5)) < 1e-15 && fabs(x[3]) < 1e-15 && fabs(x[6] - sqrt(1.5)) < 1e-15);
    for (int i = 0; i < 3; i++) assert_true(!(fabs(x[3 * i + 1]) > 0) && !(fabs(x[3 * i + 2]) > 0));
    double large[] = {1e100, -1e100, 0};
    assert_int_equal(kam_standardize(NULL, NULL, large, 3, 1, NULL), KAM_OK);
    for (int i = 0; i < 3; i++) assert_true(isfinite(large[i]));
    double bad[] = {1, NAN}, huge[] = {1, 1e101};
    assert_int_equal(kam_standardize(NULL, NULL, bad, 2, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_standardize(NULL, NULL, huge, 2, 1, NULL), KAM_E_INVAL);
    assert_int_equal(kam_standardize(NULL, NULL, huge, 2, 0, NULL), KAM_E_INVAL);
}

static void silhouette_by_hand(void **state) {
    (void)state;
    const double x[] = {0, 1, 10, 12, 50};
    const uint32_t two[] = {0, 0, 1, 1, 2}, one[] = {0, 0, 0, 0, 0};
    double s;
    assert_int_equal(kam_silhouette(&s, NULL, x, 5, 1, two, 3, 0, NULL), KAM_OK);
    double want = ((11.0 - 1) / 11 + (10.0 - 1) / 10 + (9.5 - 2) / 9.5 + (11.5 - 2) / 11.5 + 0) / 5;
    assert_true(fabs(s - want) < 1e-14);
    assert_int_equal(kam_silhouette(&s, NULL, x, 5, 1, one, 1, 0, NULL), KAM_OK);
    assert_true(!(fabs(s) > 0));
    assert_int_equal(kam_silhouette(&s, NULL, x, 5, 1, two, 2, 0, NULL), KAM_E_INVAL);
    make_blobs(3);
    run(group, NULL, blobs, N, 3, 3, 0, 0);
    double few;
    assert_int_equal(kam_silhouette(&s, NULL, blobs, N, 3, group, 3, 0, NULL), KAM_OK);
    assert_int_equal(kam_silhouette(&few, NULL, blobs, N, 3, group, 3, 200, NULL), KAM_OK);
    assert_true(s > 0.9 && fabs(s - few) < 0.01);
}

static void refuses(void **state) {
    (void)state;
    const double x[] = {1, 2, NAN};
    kam_kmeans_options o = {.struct_size = sizeof o, .k = 2}, p;
    assert_int_equal(kam_kmeans(NULL, NULL, NULL, NULL, x, 2, 1, &o, NULL), KAM_E_INVAL);
    assert_int_equal(kam_kmeans(group, NULL, NULL, NULL, NULL, 2, 1, &o, NULL), KAM_E_INVAL);
    assert_int_equal(kam_kmeans(group, NULL, NULL, NULL, x, 2, 1, NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_kmeans(group, NULL, NULL, NULL, x, 1, 1, &o, NULL), KAM_E_INVAL);
    assert_int_equal(kam_kmeans(group, NULL, NULL, NULL, x, 3, 1, &o, NULL), KAM_E_INVAL);
    p = o, p.k = 0;
    assert_int_equal(kam_kmeans(group, NULL, NULL, NULL, x, 2, 1, &p, NULL), KAM_E_INVAL);
    p = o, p.flags = 2;
    assert_int_equal(kam_kmeans(group, NULL, NULL, NULL, x, 2, 1, &p, NULL), KAM_E_INVAL);
    p = o, p.first_column = 1;
    assert_int_equal(kam_kmeans(group, NULL, NULL, NULL, x, 2, 1, &p, NULL), KAM_E_INVAL);
    assert_int_equal(kam_kmeans(group, NULL, NULL, NULL, x, 2, 1, &o, NULL), KAM_OK);
}

static void memory_runs_out_at_each_place(void **state) {
    (void)state;
    help_memory mem;
    kam_ctx *ctx = help_ctx(&mem);
    kam_kmeans_options o = {.struct_size = sizeof o, .k = 3};
    long at = 0, before = mem.live;
    int32_t rc = KAM_E_NOMEM;
    make_blobs(2);
    for (; rc == KAM_E_NOMEM; at++) {
        double inertia = 7, s;
        mem.left = at;
        rc = kam_kmeans(group, NULL, &inertia, ctx, blobs, N, 2, &o, NULL);
        if (rc == KAM_E_NOMEM) assert_true(inertia >= 7 && inertia <= 7);
        if (rc == KAM_OK) rc = kam_silhouette(&s, ctx, blobs, N, 2, group, 3, 100, NULL);
        mem.left = -1;
        assert_int_equal(mem.live, before);
    }
    assert_true(rc == KAM_OK && at > 4);
    kam_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_plain),
        cmocka_unit_test(farthest_first),
        cmocka_unit_test(numbered_by_size),
        cmocka_unit_test(same_seed_same_answer),
        cmocka_unit_test(equal_rows_and_many_groups),
        cmocka_unit_test(standardizes),
        cmocka_unit_test(silhouette_by_hand),
        cmocka_unit_test(refuses),
        cmocka_unit_test(memory_runs_out_at_each_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
