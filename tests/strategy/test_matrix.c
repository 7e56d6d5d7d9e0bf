/* The portfolio matrix over plain arrays: weights, places at the edges, quadrants, and a thousand random units by
 * hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "strategy/strategy.h"

enum { A = KAM_MATRIX_AXIS_ATTRACTIVENESS, S = KAM_MATRIX_AXIS_STRENGTH };

static const kam__matrix_factor FACTORS[] = {{1, A, 600000}, {2, A, 400000}, {3, S, 333333}, {4, S, 666667}};

static void test_weights_are_100_an_axis(void **state)
{
    kam__matrix_factor f[4];
    int64_t sum = 0;
    (void)state;
    memcpy(f, FACTORS, sizeof f);
    assert_int_equal(kam__matrix_weights(&sum, f, 4), 0);
    f[3].weight--;
    assert_int_equal(kam__matrix_weights(&sum, f, 4), S);
    assert_int_equal(sum, 999999);
    f[0].weight = 0;
    assert_int_equal(kam__matrix_weights(&sum, f, 4), A);
    assert_int_equal(sum, 400000);
    assert_int_equal(kam__matrix_weights(&sum, f, 0), A);
}

static kam__matrix_position place(const int64_t *own, const int64_t *rival, int sold)
{
    kam__matrix_score s[6];
    kam__matrix_position p;
    for (uint32_t i = 0; i < 4; i++) s[i] = (kam__matrix_score){i, 0, own[i], i % 2 == 0};
    for (uint32_t i = 0; i < 2; i++) s[4 + i] = (kam__matrix_score){2 + i, 1, rival[i], 0};
    kam__matrix_place(&p, FACTORS, 4, s, 6, 1, sold);
    return p;
}

/* 5.0000 is attractive, 4.9999 is not; as strong as the rival is strong. */
static void test_edges_of_the_quadrants(void **state)
{
    const int64_t middle[] = {50000, 50000, 60000, 60000}, below[] = {50000, 49999, 60000, 60000},
                  rival[] = {60000, 60000};
    const int64_t stronger[] = {60001, 60000};
    (void)state;
    kam__matrix_position p = place(middle, rival, 1);
    assert_int_equal(p.attractiveness, 50000);
    assert_int_equal(p.relative, 10000);
    assert_int_equal(p.quadrant, KAM_QUADRANT_STAR);
    assert_int_equal(p.suggested, KAM_MARKET_OBJECTIVE_IMPROVE);
    assert_int_equal(p.judged, 2);
    assert_int_equal(p.scores, 6);
    p = place(below, rival, 1);
    assert_int_equal(p.attractiveness, 50000);                  /* 49999.6 rounds up: the sum of rounded products */
    p = place((const int64_t[]){49999, 49999, 60000, 60000}, rival, 1);
    assert_int_equal(p.attractiveness, 49999);
    assert_int_equal(p.quadrant, KAM_QUADRANT_CASH_COW);
    p = place(middle, (const int64_t[]){60003, 60003}, 1);
    assert_int_equal(p.relative, 10000);                        /* rounded; what counts is that ours is less */
    assert_int_equal(p.quadrant, KAM_QUADRANT_QUESTION);
    assert_int_equal(p.alternative, KAM_MARKET_OBJECTIVE_EXIT);
    p = place(middle, stronger, 0);
    assert_int_equal(p.suggested, KAM_MARKET_OBJECTIVE_ENTER);
    assert_int_equal(p.alternative, 0);
}

static void test_a_rival_of_no_strength_has_no_ratio(void **state)
{
    const int64_t own[] = {50000, 50000, 60000, 60000}, none[] = {0, 0};
    (void)state;
    kam__matrix_position p = place(own, none, 1);
    assert_int_equal(p.competitor, 1);
    assert_int_equal(p.has_relative, 0);
    assert_int_equal(p.quadrant, KAM_QUADRANT_STAR);
}

static void test_the_later_of_two_scores_counts(void **state)
{
    const kam__matrix_score s[] = {{0, 0, 10000, 0}, {1, 0, 20000, 0}, {0, 0, 90000, 0}, {2, 0, 0, 0}, {3, 0, 0, 0}};
    kam__matrix_position p;
    (void)state;
    kam__matrix_place(&p, FACTORS, 4, s, 5, 0, 1);
    assert_int_equal(p.attractiveness, 54000 + 8000);
    assert_int_equal(p.has_attractiveness, 1);
    assert_int_equal(p.competitor, 0);
    assert_int_equal(p.quadrant, 0);
}

/* w * s / 100 rounded half to even, worked out in another way. */
static int64_t product(int64_t w, int64_t s)
{
    int64_t p = w * s, q = p / 1000000, r = p % 1000000;
    return q + (r > 500000 || (r == 500000 && q % 2));
}

static void test_random_units(void **state)
{
    uint64_t seed = 7;
    (void)state;
    for (int n = 0; n < 1000; n++) {
        int64_t own[4], rival[2], want[3] = {0, 0, 0};
        for (int i = 0; i < 6; i++) *(i < 4 ? &own[i] : &rival[i - 4]) = (int64_t)(kam__random(&seed) % 100001);
        for (int i = 0; i < 4; i++) want[i / 2] += product(FACTORS[i].weight, own[i]);
        for (int i = 0; i < 2; i++) want[2] += product(FACTORS[2 + i].weight, rival[i]);
        kam__matrix_position p = place(own, rival, 1);
        assert_int_equal(p.attractiveness, want[0]);
        assert_int_equal(p.strength, want[1]);
        assert_int_equal(p.best, want[2]);
        int high = want[0] >= 50000, strong = want[1] >= want[2];
        assert_int_equal(p.quadrant, high ? strong ? KAM_QUADRANT_STAR : KAM_QUADRANT_QUESTION
                                          : strong ? KAM_QUADRANT_CASH_COW : KAM_QUADRANT_DOG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_are_100_an_axis),
        cmocka_unit_test(test_edges_of_the_quadrants),
        cmocka_unit_test(test_a_rival_of_no_strength_has_no_ratio),
        cmocka_unit_test(test_the_later_of_two_scores_counts),
        cmocka_unit_test(test_random_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
