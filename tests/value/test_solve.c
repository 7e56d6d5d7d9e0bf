/* The optimiser on functions whose lowest point is known: a valley, a bound, a ridge that never ends, a wall. */
#include "help.h"
#include <math.h>
#include "value/clv.h"

static double valley(void *data, const double *v, double *g) { /* Rosenbrock */
    double a = 1 - v[0], b = v[1] - v[0] * v[0];
    (void)data;
    g[0] = -2 * a - 400 * v[0] * b;
    g[1] = 200 * b;
    return a * a + 100 * b * b;
}

static double bowl(void *data, const double *v, double *g) {
    const double *at = data;
    double f = 1;
    for (int i = 0; i < 3; i++) {
        g[i] = 2 * (i + 1) * (v[i] - at[i]);
        f += (i + 1) * (v[i] - at[i]) * (v[i] - at[i]);
    }
    return f;
}

static double ridge(void *data, const double *v, double *g) { /* lowest where v[0] is infinite */
    (void)data;
    g[0] = -exp(-v[0]);
    g[1] = 2 * v[1];
    return exp(-v[0]) + v[1] * v[1];
}

static double wall(void *data, const double *v, double *g) {
    (void)data;
    g[0] = -1 / v[0] + 1;
    return v[0] > 0 ? v[0] - log(v[0]) : NAN;
}

static kam__solve make(kam__solve_fn fn, void *data, uint32_t n, double lo, double hi, double from) {
    kam__solve s = {.fn = fn, .data = data, .n = n};
    for (uint32_t i = 0; i < n; i++) s.lo[i] = lo, s.hi[i] = hi, s.v[i] = from;
    return s;
}

static void finds_the_lowest_point(void **state) {
    (void)state;
    kam__solve_work w;
    kam__solve s = make(valley, NULL, 2, -5, 5, -1.2);
    assert_int_equal(kam__solve_run(&s, &w, NULL), KAM_OK);
    assert_true(fabs(s.v[0] - 1) < 1e-7 && fabs(s.v[1] - 1) < 1e-7);
    assert_true(s.iterations > 3 && s.iterations < 60 && !s.at_bound);
    double at[3] = {1, -2, 3}, variance[4];
    s = make(bowl, at, 3, -10, 10, 0);
    assert_int_equal(kam__solve_run(&s, &w, NULL), KAM_OK);
    for (int i = 0; i < 3; i++) assert_true(fabs(s.v[i] - at[i]) < 1e-9);
    assert_true(kam__solve_variance(&s, &w, variance));
    for (int i = 0; i < 3; i++) assert_true(fabs(variance[i] - 1.0 / (2 * (i + 1))) < 1e-6);
}

static void stays_between_bounds(void **state) {
    (void)state;
    kam__solve_work w;
    double at[3] = {1, -20, 30};
    kam__solve s = make(bowl, at, 3, -10, 10, 0);
    assert_int_equal(kam__solve_run(&s, &w, NULL), KAM_OK);
    assert_int_equal(s.at_bound, 6);
    assert_true(fabs(s.v[0] - 1) < 1e-9 && s.v[1] <= -10 && s.v[2] >= 10 && s.gradient < 1e-9);
    s = make(bowl, at, 3, -10, 10, 50); /* a start outside */
    assert_int_equal(kam__solve_run(&s, &w, NULL), KAM_OK);
    assert_int_equal(s.at_bound, 6);
}

static void walks_a_ridge_to_its_end(void **state) {
    (void)state;
    kam__solve_work w;
    kam__solve s = make(ridge, NULL, 2, -30, 20, 1);
    assert_int_equal(kam__solve_run(&s, &w, NULL), KAM_OK);
    assert_true(s.v[0] >= 18 && fabs(s.v[1]) < 1e-6); /* until the slope is nothing */
}

static void survives_values_that_are_none(void **state) {
    (void)state;
    kam__solve_work w;
    kam__solve s = make(wall, NULL, 1, -4, 4, 0.01);
    assert_int_equal(kam__solve_run(&s, &w, NULL), KAM_OK);
    assert_true(fabs(s.v[0] - 1) < 1e-8);
    s = make(wall, NULL, 1, -4, 4, -1); /* no value at the start: says so by its value */
    assert_int_equal(kam__solve_run(&s, &w, NULL), KAM_OK);
    assert_true(s.value >= 1e300);
}

static void cholesky(void **state) {
    (void)state;
    double a[9] = {4, 2, 0, 2, 5, 1, 0, 1, 3}, b[3] = {8, 15, 11}, flat[4] = {1, 1, 1, 1}, minus[1] = {-1};
    assert_int_equal(kam__cholesky(a, 3), 1);
    kam__cholesky_solve(a, 3, b);
    assert_true(fabs(4 * b[0] + 2 * b[1] - 8) < 1e-12 && fabs(2 * b[0] + 5 * b[1] + b[2] - 15) < 1e-12 &&
                fabs(b[1] + 3 * b[2] - 11) < 1e-12);
    assert_int_equal(kam__cholesky(flat, 2), 0);
    assert_int_equal(kam__cholesky(minus, 1), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_lowest_point),
        cmocka_unit_test(stays_between_bounds),
        cmocka_unit_test(walks_a_ridge_to_its_end),
        cmocka_unit_test(survives_values_that_are_none),
        cmocka_unit_test(cholesky),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
