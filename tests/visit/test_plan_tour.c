/* Tests of src/visit/plan_tour.c: the shortest way against all ways, many stops, home, the same set in any order. */
#include "help.h"
#include "visit/plan.h"

static uint64_t seed = 3;
static kam__plan_account place[1200];

static void places(kam__plan *p, kam_ctx *ctx, uint32_t n) {
    memset(p, 0, sizeof *p);
    p->ctx = ctx;
    p->account = place;
    p->naccount = n;
    for (uint32_t i = 0; i < n; i++)
        place[i] = (kam__plan_account){.id = i + 1,
                                       .located = 1,
                                       .lat = 30000000 + (int32_t)(kam__random(&seed) % 900000),
                                       .lon = 114000000 + (int32_t)(kam__random(&seed) % 900000)};
}

static int64_t length(const kam__plan *p, const uint32_t *stop, uint32_t n) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += kam__plan_metres(p, i ? stop[i - 1] : KAM__PLAN_HOME, stop[i]);
    return sum;
}

static int64_t shortest(const kam__plan *p, uint32_t *stop, uint32_t n, uint32_t at) {
    int64_t best = INT64_MAX;
    if (at == n) return length(p, stop, n);
    for (uint32_t i = at; i < n; i++) {
        uint32_t swap = stop[at];
        stop[at] = stop[i];
        stop[i] = swap;
        int64_t is = shortest(p, stop, n, at + 1);
        if (is < best) best = is;
        swap = stop[at];
        stop[at] = stop[i];
        stop[i] = swap;
    }
    return best;
}

static void few_stops_are_exact(void **state) {
    vt *t = *state;
    for (int round = 0; round < 60; round++) {
        kam__plan p;
        uint32_t n = 1 + (uint32_t)round % 7, stop[30], all[30];
        places(&p, t->ctx, n);
        if (round % 2) p.home = 1, p.home_lat = 30500000, p.home_lon = 114200000;
        for (uint32_t i = 0; i < n; i++) stop[i] = all[i] = i;
        int64_t got = kam__plan_tour(&p, stop, n);
        assert_int_equal(got, length(&p, stop, n));
        assert_int_equal(got, shortest(&p, all, n, 0));
    }
    uint32_t none[3];
    kam__plan p;
    places(&p, t->ctx, 1);
    assert_int_equal(kam__plan_tour(&p, none, 0), 0);
}

/* On a line the shortest way is known for any number of stops. */
static void many_stops_on_a_line(void **state) {
    vt *t = *state;
    for (uint32_t n = 9; n <= 120; n += 37) {
        kam__plan p;
        uint32_t stop[360];
        places(&p, t->ctx, n);
        for (uint32_t i = 0; i < n; i++) {
            place[i].lat = 30000000;
            place[i].lon = 114000000 + (int32_t)(i * 7919 % n) * 1000;
            stop[i] = i;
        }
        int64_t straight = kam__geo_metres(30000000, 114000000, 30000000, 114000000 + (int32_t)(n - 1) * 1000);
        int64_t got = kam__plan_tour(&p, stop, n);
        assert_int_equal(got, length(&p, stop, n));
        assert_true(got <= straight + n && got + n >= straight);                /* each leg is rounded */
        uint8_t seen[120] = {0};
        for (uint32_t i = 0; i < n; i++) assert_int_equal(seen[stop[i]]++, 0);
    }
}

/* A table of distances and none give the same ways. */
static void with_and_without_a_table(void **state) {
    vt *t = *state;
    kam__plan p;
    uint32_t a[90], b[90];
    places(&p, t->ctx, 30);
    place[3].located = 0;
    for (uint32_t i = 0; i < 30; i++) a[i] = b[i] = i;
    place[3].located = 1;
    int64_t without = kam__plan_tour(&p, a, 30);
    assert_code(kam__plan_places(&p, t->err), KAM_OK);
    assert_non_null(p.metres);
    assert_int_equal(kam__plan_tour(&p, b, 30), without);
    assert_memory_equal(a, b, 30 * sizeof *a);
    kam__free(t->ctx, p.metres);
    places(&p, t->ctx, 1200);
    assert_code(kam__plan_places(&p, t->err), KAM_OK);
    assert_null(p.metres);                                                      /* too many: each is computed */
    assert_int_equal(kam__plan_metres(&p, 5, 9), kam__plan_metres(&p, 9, 5));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(few_stops_are_exact, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(many_stops_on_a_line, vt_setup, vt_teardown),
        cmocka_unit_test_setup_teardown(with_and_without_a_table, vt_setup, vt_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
