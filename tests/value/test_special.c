/* Special functions against values to 17 digits, identities, and large arguments where differences cancel. */
#include "help.h"
#include <math.h>
#include "value/clv.h"

static void near(double got, double want, double relative) {
    if (!(fabs(got - want) <= relative * fmax(1, fabs(want)))) fail_msg("got %.17g, want %.17g", got, want);
}

static void lgamma_values(void **state) {
    (void)state;
    near(kam__lgamma(1), 0, 1e-14);
    near(kam__lgamma(2), 0, 1e-14);
    near(kam__lgamma(0.5), 0.57236494292470008707, 1e-14); /* ln sqrt(pi) */
    near(kam__lgamma(10), 12.801827480081469611, 1e-14);
    near(kam__lgamma(0.1), 2.2527126517342059599, 1e-14);
    near(kam__lgamma(1e-10), 23.025850929882735, 1e-14);
    near(kam__lgamma(100), 359.13420536957539878, 1e-14);
    near(kam__lgamma(1e6), 12815504.569147611, 1e-14);
    near(kam__lgamma(1e-300), 690.77552789821370521, 1e-14);
}

static void digamma_values(void **state) {
    (void)state;
    near(kam__digamma(1), -0.57721566490153286061, 1e-14);
    near(kam__digamma(0.5), -1.9635100260214234794, 1e-14);
    near(kam__digamma(10), 2.2517525890667211077, 1e-14);
    near(kam__digamma(1e-5), -100000.57719921568, 1e-14);
    near(kam__digamma(1e8), 18.420680738952366, 1e-14);
}

static void differences(void **state) {
    (void)state;
    for (double x = 1e-3; x < 1e3; x *= 3.7)
        for (double d = 0; d < 500; d = d * 2.3 + 0.3) {
            near(kam__lgamma_diff(x, d), kam__lgamma(x + d) - kam__lgamma(x), 1e-12);
            near(kam__digamma_diff(x, d), kam__digamma(x + d) - kam__digamma(x), 1e-12);
        }
    /* Gamma(x + 1) / Gamma(x) = x, for any size */
    for (double x = 1e-9; x < 1e17; x *= 10) near(kam__lgamma_diff(x, 1), log(x), 1e-13);
    near(kam__lgamma_diff(1e15, 2) - kam__lgamma_diff(1e15, 1), log(1e15 + 1), 1e-13);
    near(kam__digamma_diff(1e15, 1) * 1e15, 1, 1e-12);
}

static void logistic_and_softplus(void **state) {
    (void)state;
    near(kam__softplus(0), log(2), 1e-15);
    near(kam__softplus(800), 800, 1e-15);
    assert_true(kam__softplus(-800) >= 0 && kam__softplus(-800) < 1e-300);
    assert_true(kam__softplus(-40) > 0);
    near(kam__logistic(0), 0.5, 1e-15);
    near(kam__logistic(2) + kam__logistic(-2), 1, 1e-15);
    assert_true(kam__logistic(-1e308) <= 0 && kam__logistic(1e308) >= 1);
    assert_true(kam__logistic(-HUGE_VAL) <= 0 && kam__logistic(HUGE_VAL) >= 1);
}

static void expint(void **state) {
    (void)state;
    near(kam__expint(0, 3), 3, 1e-15);
    near(kam__expint(2, 0.5), (1 - exp(-1)) / 2, 1e-15);
    near(kam__expint(-1, 1), exp(1) - 1, 1e-15);
    near(kam__expint(1e-9, 2), 2, 1e-8);
    near(kam__expint(1.0001e-10, 1) - kam__expint(0.9999e-10, 1), 0, 1e-13); /* no step where the form changes */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lgamma_values),         cmocka_unit_test(digamma_values), cmocka_unit_test(differences),
        cmocka_unit_test(logistic_and_softplus), cmocka_unit_test(expint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
