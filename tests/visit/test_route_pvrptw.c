/*
 * tests/visit/test_route_pvrptw.c - made-up instances in Cordeau's form, periodic ones with hours above all: every plan
 * passes a checker that reads nothing but the two texts, and is byte for byte the one that was found when it was written.
 *
 * The checker works in doubles, on the numbers that the instance was written from, and knows nothing of the engine.
 */
#include "help.h"
#include <kam/route.h>
#include <math.h>

enum { MOST = 40, DAYS = 4, HORIZON = 1000 };

typedef struct place { int32_t x, y, service, demand, frequency, open, close; } place;
typedef struct made {
    uint32_t type, m, n;
    int32_t duration, capacity;
    place place[MOST + 1];                      /* 0: the depot */
    char text[MOST * 80];
    uint64_t seed;
} made;

static const int32_t code_of[DAYS + 1][5] = {{0}, {8, 4, 2, 1, 0}, {10, 5, 0}, {0}, {15, 0}};

static int32_t pick(made *k, uint32_t n) { return (int32_t)(kam__random(&k->seed) % n); }

static void make_text(made *k) {
    size_t at = (size_t)snprintf(k->text, sizeof k->text, "%u %u %u %d\n", k->type, k->m, k->n, DAYS);
    for (int d = 0; d < DAYS; d++)
        at += (size_t)snprintf(k->text + at, sizeof k->text - at, "%d %d\n", k->duration, k->capacity);
    for (uint32_t i = 0; i <= k->n; i++) {
        const place *p = &k->place[i];
        const int32_t *code = code_of[p->frequency];
        int codes = 0;
        while (code[codes]) codes++;
        at += (size_t)snprintf(k->text + at, sizeof k->text - at, "%u %d %d %d %d %d %d", i, p->x, p->y, p->service,
                               p->demand, p->frequency, codes);
        for (int c = 0; c < codes; c++) at += (size_t)snprintf(k->text + at, sizeof k->text - at, " %d", code[c]);
        at += (size_t)snprintf(k->text + at, sizeof k->text - at, k->type == 5 ? " %d %d\n" : "\n", p->open, p->close);
    }
}

/* Towns around a depot in the middle; who is visited how often, and when, goes by chance. */
static void make(made *k, uint32_t type, uint64_t seed, uint32_t n, uint32_t m) {
    static const int32_t frequency[] = {1, 1, 1, 2, 2, 4};
    int32_t town[4][2];
    *k = (made){.type = type, .m = m, .n = n, .duration = 480, .capacity = 60, .seed = seed};
    for (int i = 0; i < 4; i++) town[i][0] = pick(k, 80), town[i][1] = pick(k, 80);
    k->place[0] = (place){.x = 50, .y = 50, .close = HORIZON};
    for (uint32_t i = 1; i <= n; i++) {
        place *p = &k->place[i];
        int32_t at = pick(k, 4), wide = 150 + pick(k, 250);
        p->x = town[at][0] + pick(k, 25), p->y = town[at][1] + pick(k, 25);
        p->service = 5 + pick(k, 10), p->demand = 1 + pick(k, 9);
        p->frequency = frequency[pick(k, 6)];
        p->open = pick(k, HORIZON - 550), p->close = p->open + wide;
    }
    make_text(k);
}

/* ---------------------------------------------------------------- the checker */

typedef struct checked { const made *k; double cost; uint32_t days[MOST + 1], vehicles[DAYS]; } checked;

static double way(const made *k, long a, long b) { return hypot(k->place[a].x - k->place[b].x, k->place[a].y - k->place[b].y); }

/* From the latest departure that is back as early as possible until then; -1: somebody is visited too late. */
static double check_duration(const made *k, const long *stop, int n) {
    double now = 0, late;
    for (int i = 0; i <= n; i++) {
        const place *p = &k->place[i < n ? stop[i] : 0];
        now += way(k, i ? stop[i - 1] : 0, i < n ? stop[i] : 0) + (i ? k->place[stop[i - 1]].service : 0);
        if (k->type == 5 && now > p->close + 1e-6) return -1;
        if (k->type == 5 && now < p->open) now = p->open;
    }
    late = now;
    for (int i = n - 1; i >= 0; i--) {
        const place *p = &k->place[stop[i]];
        late -= way(k, stop[i], i + 1 < n ? stop[i + 1] : 0) + p->service;
        if (k->type == 5 && late > p->close) late = p->close;
    }
    return now - (late - way(k, 0, stop[0]));
}

/* One line of a plan: day vehicle length load 0 stops 0. */
static const char *check_line(checked *c, char *line) {
    const made *k = c->k;
    long stop[MOST + 1], day = strtol(line, &line, 10), vehicle = strtol(line, &line, 10);
    double length = strtod(line, &line), told = strtod(line, &line), sum = 0, load = 0;
    int n = 0;
    if (day < 1 || day > DAYS || vehicle < 1 || vehicle > (long)k->m) return "no such day or vehicle";
    if (c->vehicles[day - 1] >> vehicle & 1u) return "a vehicle is out twice on a day";
    c->vehicles[day - 1] |= 1u << vehicle;
    if (strtol(line, &line, 10) != 0) return "a route must begin at the depot";
    while ((stop[n] = strtol(line, &line, 10)) != 0) {
        uint32_t bit = 1u << (DAYS - day);
        if (stop[n] < 0 || stop[n] > (long)k->n || n == MOST) return "no such customer";
        if (c->days[stop[n]] & bit) return "a customer is visited twice on a day";
        c->days[stop[n]] |= bit;
        sum += way(k, n ? stop[n - 1] : 0, stop[n]);
        load += k->place[stop[n++]].demand;
    }
    if (!n) return "an empty route";
    sum += way(k, stop[n - 1], 0);
    c->cost += sum;
    if (fabs(sum - length) > 1e-3 || fabs(load - told) > 1e-9) return "length or load is told wrong";
    if (load > k->capacity) return "too much load";
    double lasts = check_duration(k, stop, n);
    return lasts < 0 ? "too late for somebody" : lasts > k->duration + 1e-6 ? "too long a day" : NULL;
}

static const char *check(const made *k, const char *res, double *cost) {
    checked c = {.k = k};
    char text[8192];
    assert_true(strlen(res) < sizeof text);
    strcpy(text, res);
    double told = strtod(text, NULL);
    for (char *at = strchr(text, '\n') + 1, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        *end = '\0';
        const char *wrong = check_line(&c, at);
        if (wrong) return wrong;
    }
    for (uint32_t i = 1; i <= k->n; i++) {
        int found = 0;
        for (const int32_t *code = code_of[k->place[i].frequency]; *code; code++) found |= c.days[i] == (uint32_t)*code;
        if (!found) return "a customer's days are none of its codes";
    }
    *cost = told;
    return fabs(c.cost - told) > 1e-3 ? "the cost is told wrong" : NULL;
}

/* ---------------------------------------------------------------- tests */

static void plan(vt *t, const made *k, uint64_t iterations, kam_buf *out) {
    kam_route *r = NULL;
    int32_t rc = kam_route_parse(&r, t->ctx, "cordeau", k->text, KAM_NUL, t->err);
    if (rc == KAM_OK) rc = kam_route_solve(NULL, r, k->seed, iterations, t->err);
    if (rc == KAM_OK) rc = kam_route_write(out, r, "res", t->err);
    if (rc != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    kam_route_free(r);
}

static uint64_t text_hash(const char *text) {
    uint64_t h = 0;
    for (; *text; text++) h = (h * 1000003 + (unsigned char)*text) % 1000000007;
    return h;
}

/* The numbers are the same with every compiler, at every optimization, on every machine. */
static void test_the_same_bytes(void **state) {
    static const struct golden { uint32_t type, n, m; uint64_t iterations, hash; } golden[] = {
        {5, 24, 4, 1500, 505894699}, {5, 40, 6, 800, 889733178}, {1, 12, 2, 40000, 728471069}, {1, 40, 4, 2000, 47405819}};
    static made k;
    vt *t = *state;
    kam_buf *out = NULL;
    double cost = 0;
    assert_code(kam_buf_new(&out, t->ctx, t->err), KAM_OK);
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        const struct golden *g = &golden[i];
        make(&k, g->type, 1000 + i, g->n, g->m);
        plan(t, &k, g->iterations, out);
        const char *wrong = check(&k, kam_buf_data(out), &cost);
        if (wrong) fail_msg("%s:\n%s", wrong, kam_buf_data(out));
        assert_int_equal(text_hash(kam_buf_data(out)), g->hash);
    }
    kam_buf_free(out);
}

static void test_plans_with_hours_pass_the_checker(void **state) {
    static made k;
    vt *t = *state;
    kam_buf *out = NULL;
    double few = 0, many = 0, sum_few = 0, sum_many = 0;
    assert_code(kam_buf_new(&out, t->ctx, t->err), KAM_OK);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        make(&k, 5, seed, 16 + (uint32_t)seed * 2, 3 + (uint32_t)seed / 3);
        for (int pass = 0; pass < 2; pass++) {
            plan(t, &k, pass ? 1000 : 100, out);
            const char *wrong = check(&k, kam_buf_data(out), pass ? &many : &few);
            if (wrong) fail_msg("seed %d: %s:\n%s", (int)seed, wrong, kam_buf_data(out));
        }
        sum_few += few, sum_many += many;
    }
    assert_true(sum_many < sum_few);
    kam_buf_free(out);
}

/* One customer, every day: what the checker must refuse. */
static void test_the_checker_refuses(void **state) {
    static made k;
    double cost = 0;
    (void)state;
    k = (made){.type = 5, .m = 1, .n = 2, .duration = 30, .capacity = 5};
    k.place[0].close = 100;
    k.place[1] = (place){.x = 3, .y = 4, .service = 2, .demand = 5, .frequency = 1, .open = 20, .close = 40};
    k.place[2] = (place){.x = 6, .y = 8, .service = 2, .demand = 5, .frequency = 2, .open = 0, .close = 12};
    static const char *const plan[][2] = {
        {"50.0000\n1 1 10.0000 5 0 1 0\n2 1 20.0000 5 0 2 0\n4 1 20.0000 5 0 2 0\n", NULL},
        {"50.0000\n2 1 10.0000 5 0 1 0\n2 1 20.0000 5 0 2 0\n4 1 20.0000 5 0 2 0\n", "a vehicle is out twice on a day"},
        {"40.0000\n1 1 20.0000 10 0 2 1 0\n3 1 20.0000 5 0 2 0\n", "too much load"},
        {"50.0000\n1 1 10.0000 5 0 1 0\n2 1 20.0000 5 0 2 0\n3 1 20.0000 5 0 2 0\n", "a customer's days are none of its codes"},
        {"49.0000\n1 1 10.0000 5 0 1 0\n2 1 20.0000 5 0 2 0\n4 1 20.0000 5 0 2 0\n", "the cost is told wrong"},
        {"50.0000\n1 1 11.0000 5 0 1 0\n", "length or load is told wrong"},
        {"50.0000\n1 2 10.0000 5 0 1 0\n", "no such day or vehicle"},
        {"50.0000\n1 1 10.0000 5 0 3 0\n", "no such customer"}};
    for (size_t i = 0; i < sizeof plan / sizeof *plan; i++) {
        const char *wrong = check(&k, plan[i][0], &cost);
        if (plan[i][1]) assert_string_equal(wrong, plan[i][1]);
        else assert_null(wrong);
    }
    k.capacity = 10;
    assert_string_equal(check(&k, "20\n1 1 20.0000 10 0 1 2 0\n", &cost), "too late for somebody");
    assert_true(fabs(check_duration(&k, (const long[]){1}, 1) - 12) < 1e-9);     /* leaves at 15, is back at 27 */
    assert_true(fabs(check_duration(&k, (const long[]){2, 1}, 2) - 25) < 1e-9);
    k.duration = 20;
    assert_string_equal(check(&k, "20\n1 1 20.0000 10 0 2 1 0\n", &cost), "too long a day");
}

int main(void) {
#define ONE(name) cmocka_unit_test_setup_teardown(name, vt_setup, vt_teardown)
    const struct CMUnitTest tests[] = {ONE(test_the_checker_refuses), ONE(test_plans_with_hours_pass_the_checker),
                                       ONE(test_the_same_bytes)};
    return cmocka_run_group_tests_name("visit/route_pvrptw", tests, NULL, NULL);
}
