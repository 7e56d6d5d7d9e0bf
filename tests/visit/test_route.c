/*
 * tests/visit/test_route.c - the routing engine on made-up problems: plans pass a checker that knows nothing of the
 * engine, tiny ones are the best possible, locks are kept, reasons are true, and the same input gives the same plan.
 */
#include "help.h"
#include "route_check.h"

enum { MOST = 24 };
enum { GOLDEN_ALIKE_COST = 1056, GOLDEN_ALIKE_HASH = 647910355 };
enum { GOLDEN_MIXED_COST = 498, GOLDEN_MIXED_HASH = 360937983 };
enum { GOLDEN_COST = 2211, GOLDEN_HASH = 260941687, GOLDEN_PLAIN_COST = 955, GOLDEN_PLAIN_HASH = 127730026 };
typedef struct made {
    kam__route_problem p;
    kam__route_customer customer[MOST];
    kam__route_shift shift[64];
    uint64_t pattern[MOST * 4];
    kam__route_window window[MOST * 3];
    kam__route_lock lock[MOST];
    uint32_t vehicles[MOST];
    int64_t pattern_price[MOST * 4];
    int32_t cost[(MOST + 4) * (MOST + 4)], time[(MOST + 4) * (MOST + 4)];
    uint64_t seed;
} made;

static uint32_t pick(made *m, uint32_t n) { return (uint32_t)(kam__random(&m->seed) % n); }

/* Costs on a grid, so that triangles are right but for rounding; times another matrix, not symmetric. */
static void make_places(made *m) {
    int32_t x[MOST + 4], y[MOST + 4];
    uint32_t n = m->p.nnode;
    for (uint32_t i = 0; i < n; i++) x[i] = (int32_t)pick(m, 100), y[i] = (int32_t)pick(m, 100);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++) {
            int32_t d = abs(x[i] - x[j]) + abs(y[i] - y[j]);
            m->cost[i * n + j] = d;
            m->time[i * n + j] = i == j ? 0 : d / 2 + (int32_t)pick(m, 4);
        }
    m->p.cost = m->cost;
    m->p.time = pick(m, 2) ? m->time : NULL;
}

static void make_customer(made *m, uint32_t c, uint32_t *np) {
    kam__route_customer *k = &m->customer[c];
    k->service = (int32_t)pick(m, 10);
    k->demand = 1 + pick(m, 9);
    k->prize = pick(m, 3) ? 0 : 20 + pick(m, 200);
    k->pattern.first = *np;
    k->pattern.n = 1 + pick(m, 3);
    for (uint32_t i = 0; i < k->pattern.n; i++) m->pattern[(*np)++] = 1 + pick(m, (1u << m->p.nday) - 1);
}

static void make(made *m, uint64_t seed, uint32_t n, uint32_t days, uint32_t vehicles) {
    uint32_t np = 0;
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->p = (kam__route_problem){.nnode = n + 2, .nday = days, .nvehicle = vehicles, .ncustomer = n, .shift = m->shift,
                                .customer = m->customer, .pattern = m->pattern, .window = m->window, .lock = m->lock};
    make_places(m);
    for (uint32_t r = 0; r < days * vehicles; r++) {
        kam__route_shift *s = &m->shift[r];
        s->start = (int32_t)(n + pick(m, 2));
        s->end = (int32_t)(n + pick(m, 2));
        if (pick(m, 2)) s->capacity = 15 + pick(m, 20);
        if (pick(m, 3) == 0) s->duration = 200 + (int32_t)pick(m, 300);
        if (pick(m, 3) == 0) s->driving = 150 + (int32_t)pick(m, 300);
        if (pick(m, 4) == 0) s->visits = 2 + (int32_t)pick(m, 4);
        s->off = pick(m, 8) == 0;
    }
    for (uint32_t c = 0; c < n; c++) make_customer(m, c, &np);
}

static void make_pattern_prices(made *m) {
    for (uint32_t i = 0; i < MOST * 4; i++) m->pattern_price[i] = pick(m, 60);
    m->p.pattern_price = m->pattern_price;
}

/* Breaks of shifts, and who must be first or last. A service of no time may be at the very edge of a break. */
static void make_breaks(made *m) {
    for (uint32_t r = 0; r < m->p.nday * m->p.nvehicle; r++)
        if (pick(m, 2)) {
            m->shift[r].pause_open = 50 + (int32_t)pick(m, 200);
            m->shift[r].pause_close = m->shift[r].pause_open + 1 + (int32_t)pick(m, 80);
        }
    for (uint32_t c = 0; c < m->p.ncustomer; c++) {
        if (pick(m, 5) == 0) m->customer[c].first = pick(m, 256);
        if (pick(m, 5) == 0) m->customer[c].last = pick(m, 256);
    }
}

/* What the exhaustive search does not know: hours, openings, locks, eligibility, one visitor. */
static void make_hours(made *m) {
    uint32_t nw = 0, nl = 0;
    for (uint32_t r = 0; r < m->p.nday * m->p.nvehicle; r++)
        if (pick(m, 2)) m->shift[r].open = (int32_t)pick(m, 60), m->shift[r].close = 500 + (int32_t)pick(m, 300);
    for (uint32_t c = 0; c < m->p.ncustomer; c++) {
        kam__route_customer *k = &m->customer[c];
        k->flags = pick(m, 4) ? 0 : KAM__ROUTE_SAME_VEHICLE;
        m->vehicles[c] = 1 + pick(m, (1u << m->p.nvehicle) - 1);
        k->vehicles = pick(m, 3) ? NULL : &m->vehicles[c];
        k->window = (kam__route_part){nw, pick(m, 3)};
        for (uint32_t i = 0; i < k->window.n; i++) {
            int32_t open = (int32_t)pick(m, 300);
            m->window[nw++] = (kam__route_window){i ? 1 + pick(m, 7) : 255, open, open + 20 + (int32_t)pick(m, 200)};
        }
        k->lock = (kam__route_part){nl, pick(m, 6) == 0};
        if (!k->lock.n) continue;
        uint64_t days = m->pattern[k->pattern.first];
        kam__route_lock *l = &m->lock[nl++];
        while (!(days >> l->day & 1u)) l->day++;
        l->vehicle = pick(m, 2) ? -1 : (int32_t)pick(m, m->p.nvehicle);
        if (pick(m, 2)) l->open = (int32_t)pick(m, 200), l->close = l->open + 60;
    }
}

static kam__route_engine *solve(vt *t, const made *m, uint64_t seed, uint64_t iterations) {
    kam__route_engine *e = NULL;
    const kam__route_budget b = {seed, iterations, NULL, NULL};
    int32_t rc = kam__route_new(&e, t->ctx, &m->p, t->err);
    if (rc == KAM_OK) rc = kam__route_search(e, &b, t->err);
    if (rc != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    return e;
}

static int64_t price_of(const made *m, const kam__route_engine *e) {
    int64_t price = kam__route_cost(e);
    for (uint32_t c = 0; c < m->p.ncustomer; c++)
        if (m->customer[c].pattern.n && !kam__route_days(e, c)) price += m->customer[c].prize;
    for (uint32_t c = 0; c < m->p.ncustomer && m->p.pattern_price; c++) {
        int64_t least = -1;                                     /* the same pattern may be there twice */
        const kam__route_part *k = &m->customer[c].pattern;
        for (uint32_t i = k->first; i < k->first + k->n; i++)
            if (m->pattern[i] == kam__route_days(e, c) && (least < 0 || m->pattern_price[i] < least))
                least = m->pattern_price[i];
        price += least > 0 ? least : 0;
    }
    return price;
}

static void check(const made *m, const kam__route_engine *e, uint64_t seed) {
    static route_plan plan;
    int64_t cost = 0;
    uint32_t missing = 0;
    route_plan_of(&plan, &m->p, e);
    const char *wrong = route_check(&m->p, &plan, &cost, &missing);
    if (wrong) fail_msg("seed %llu: somebody %s", (unsigned long long)seed, wrong);
    assert_int_equal(cost, kam__route_cost(e));
    assert_int_equal(missing, kam__route_missing(e));
}

/* ---------------------------------------------------------------- tests */

static void test_tiny_ones_are_optimal(void **state) {
    static made m;
    uint32_t complete = 0;
    for (uint64_t seed = 1; seed <= 90; seed++) {
        make(&m, seed, 5, 2 + seed % 2, 2);
        if (seed > 60) make_pattern_prices(&m);
        kam__route_engine *e = solve(*state, &m, seed, 2000);
        int64_t least = route_least(&m.p);
        check(&m, e, seed);
        if (least >= 0) {
            complete++;
            assert_int_equal(kam__route_missing(e), 0);
            assert_int_equal(price_of(&m, e), least);
        } else assert_true(kam__route_missing(e) > 0);
        kam__route_end(e);
    }
    assert_true(complete > 30 && complete < 90);
}

static void test_no_rule_is_ever_broken(void **state) {
    static made m;
    uint32_t visits = 0;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        make(&m, seed * 77, 4 + (uint32_t)seed % 20, 1 + (uint32_t)seed % 5, 1 + (uint32_t)seed % 4);
        make_hours(&m);
        if (seed % 2) make_breaks(&m);
        if (seed % 3 == 0) make_pattern_prices(&m);
        kam__route_engine *e = solve(*state, &m, seed, 300);
        check(&m, e, seed);
        for (uint32_t c = 0; c < m.p.ncustomer; c++) visits += kam__route_days(e, c) != 0;
        kam__route_end(e);
    }
    assert_true(visits > 600);
}

/* Every set of days is tried by hand and compared with what comes out, first with last. */
static void test_gaps_are_all_that_keep_them(void **state) {
    uint64_t seed = 5, pattern[512];
    int64_t price[512];
    uint32_t all = 0;
    (void)state;
    for (int round = 0; round < 400; round++) {
        kam__route_gaps g = {.nday = 1 + (uint32_t)(kam__random(&seed) % 9), .visits = (uint32_t)(kam__random(&seed) % 4),
                             .least = (uint32_t)(kam__random(&seed) % 4), .most = (uint32_t)(kam__random(&seed) % 6),
                             .target = (uint32_t)(kam__random(&seed) % 4), .last = -(int32_t)(kam__random(&seed) % 8),
                             .knows_last = kam__random(&seed) % 2, .days = kam__random(&seed) | kam__random(&seed),
                             .price = 3};
        uint32_t found_all = kam__route_gap_patterns(pattern, price, 512, &g), want = 0;
        int overdue = g.knows_last && g.most && g.last + (int32_t)g.most < 1;
        for (uint64_t set = 1; set < (uint64_t)1 << g.nday; set++) {
            int64_t off = 0, before = g.last;
            uint32_t visits = 0;
            int kept = !(set & ~g.days), found = 0;
            for (int64_t day = 1; day <= (int64_t)g.nday; day++) {
                if (!(set >> (day - 1) & 1u)) continue;
                int64_t gap = day - before;
                int counts = visits++ || g.knows_last;
                if (visits == 1 && overdue) off += g.target ? day - 1 : 0;
                else if (counts) {
                    if (gap < (int64_t)g.least || (g.most && gap > (int64_t)g.most)) kept = 0;
                    off += g.target ? llabs(gap - (int64_t)g.target) : 0;
                } else if (g.most && !g.visits && day > (int64_t)g.most) kept = 0;
                before = day;
            }
            if (g.visits ? visits != g.visits : g.most && (int64_t)g.nday + 1 - before > (int64_t)g.most) kept = 0;
            want += (uint32_t)kept;
            for (uint32_t i = 0; i < found_all; i++)
                if (pattern[i] == set) found++, assert_int_equal(price[i], off * 3);
            assert_int_equal(found, kept);
        }
        assert_int_equal(found_all, want);
        all += found_all;
    }
    assert_true(all > 1000);
}

static void test_a_lock_is_kept_where_it_costs(void **state) {
    static made m;
    make(&m, 5, 12, 3, 2);
    memset(m.shift, 0, sizeof m.shift);
    for (int r = 0; r < 6; r++) m.shift[r] = (kam__route_shift){.start = 12, .end = 12};
    for (uint32_t c = 0; c < 12; c++) {
        m.customer[c].prize = 0;
        m.customer[c].pattern = (kam__route_part){0, 3};
    }
    for (uint32_t i = 0; i < 3; i++) m.pattern[i] = (uint64_t)1 << i;
    kam__route_engine *free_one = solve(*state, &m, 1, 2000);
    m.lock[0] = (kam__route_lock){2, 1, 150, 160};
    m.lock[1] = (kam__route_lock){0, 0, 0, 0};
    m.customer[3].lock = (kam__route_part){0, 1};
    m.customer[7].lock = (kam__route_part){1, 1};
    kam__route_engine *locked = solve(*state, &m, 1, 2000);
    check(&m, locked, 5);
    assert_int_equal(kam__route_missing(locked), 0);
    assert_int_equal(kam__route_days(locked, 3), 4);
    assert_int_equal(kam__route_days(locked, 7), 1);
    assert_true(kam__route_cost(locked) > kam__route_cost(free_one));
    kam__route_end(free_one);
    kam__route_end(locked);
}

/* One customer of each reason beside one that takes all there is. */
static void test_reasons(void **state) {
    static made m;
    static const int want[] = {KAM__ROUTE_PLANNED, KAM__ROUTE_CAPACITY, KAM__ROUTE_NO_DAYS, KAM__ROUTE_NO_VEHICLE,
                               KAM__ROUTE_NO_TIME, KAM__ROUTE_PRICE, KAM__ROUTE_PLANNED};
    make(&m, 9, 7, 1, 1);
    m.p.time = NULL;
    m.shift[0] = (kam__route_shift){.start = 7, .end = 7, .capacity = 10, .close = 1000};
    for (uint32_t i = 0; i < 9; i++)
        for (uint32_t j = 0; j < 9; j++) m.cost[i * 9 + j] = i == j ? 0 : i == 5 || j == 5 ? 400 : 10;
    m.pattern[0] = 1;
    for (uint32_t c = 0; c < 7; c++)
        m.customer[c] = (kam__route_customer){.demand = 1, .pattern = {0, 1}, .prize = 50};
    m.customer[0].demand = 8, m.customer[0].prize = 100000;
    m.customer[1].demand = 9;
    m.lock[0] = (kam__route_lock){0, 0, 10, 20};
    m.window[0] = (kam__route_window){1, 30, 40};
    m.customer[2].lock = (kam__route_part){0, 1}, m.customer[2].window = (kam__route_part){0, 1};
    m.customer[3].vehicles = m.vehicles;
    m.customer[4].service = 2000;
    m.customer[6].pattern.n = 0;
    kam__route_engine *e = solve(*state, &m, 1, 500);
    check(&m, e, 9);
    for (uint32_t c = 0; c < 7; c++)
        if (c != 3) assert_int_equal(kam__route_why(e, c), want[c]);
    assert_int_equal(kam__route_why(e, 3), KAM__ROUTE_NO_DAYS);             /* nobody may go on any day */
    kam__route_end(e);
}

static uint64_t plan_hash(const made *m, const kam__route_engine *e) {
    uint64_t h = 0;
    for (uint32_t r = 0; r < m->p.nday * m->p.nvehicle; r++) {
        const int32_t *stop = NULL;
        uint32_t n = kam__route_stops(e, r / m->p.nvehicle, r % m->p.nvehicle, &stop, NULL);
        for (uint32_t i = 0; i < n; i++) h = h * 1000003 + (uint64_t)(uint32_t)stop[i] + r;
    }
    return h;
}

/* The number is the same with every compiler, at every optimization, on every machine. */
static void test_the_same_again(void **state) {
    static made m;
    make(&m, 4711, 24, 5, 3);
    make_hours(&m);
    kam__route_engine *a = solve(*state, &m, 3, 1500), *b = solve(*state, &m, 3, 1500);
    assert_true(plan_hash(&m, a) == plan_hash(&m, b));
    assert_int_equal(kam__route_cost(a), GOLDEN_COST);
    assert_int_equal(plan_hash(&m, a) % 1000000007, GOLDEN_HASH);
    kam__route_end(a);
    kam__route_end(b);
}

/* Without hours loads may be broken on the way: another part of the search. */
static void test_the_same_again_without_hours(void **state) {
    static made m;
    make(&m, 815, 20, 3, 3);
    m.p.time = NULL;
    for (uint32_t r = 0; r < 9; r++) m.shift[r].duration = m.shift[r].driving = 0;
    kam__route_engine *e = solve(*state, &m, 5, 5000);
    check(&m, e, 815);
    assert_int_equal(kam__route_cost(e), GOLDEN_PLAIN_COST);
    assert_int_equal(plan_hash(&m, e) % 1000000007, GOLDEN_PLAIN_HASH);
    kam__route_end(e);
}

/* Long enough that plans are mixed. */
static void test_the_same_again_when_mixed(void **state) {
    static made m;
    make(&m, 4712, 8, 3, 2);
    make_hours(&m);
    kam__route_engine *e = solve(*state, &m, 3, 20000);
    check(&m, e, 4712);
    assert_int_equal(kam__route_cost(e), GOLDEN_MIXED_COST);
    assert_int_equal(plan_hash(&m, e) % 1000000007, GOLDEN_MIXED_HASH);
    kam__route_end(e);
}

/* Vehicles all alike, way is time: the population's search. Loads are tight, days may be renamed in some. */
static void make_alike(made *m, uint64_t seed, uint32_t n, uint32_t days, uint32_t vehicles) {
    make(m, seed, n, days, vehicles);
    m->p.time = NULL;
    int64_t capacity = pick(m, 4) ? 8 + (int64_t)pick(m, 20) : 0;
    int32_t duration = pick(m, 3) ? 0 : 250 + (int32_t)pick(m, 300);
    for (uint32_t r = 0; r < days * vehicles; r++)
        m->shift[r] = (kam__route_shift){.start = (int32_t)n, .end = (int32_t)n, .capacity = capacity, .duration = duration};
    for (uint32_t c = 0; c < n; c++) {
        kam__route_part *k = &m->customer[c].pattern;
        m->customer[c].prize = 0;
        if (seed % 2) continue;
        k->n = days < 4 ? days : 4;
        for (uint32_t i = 0; i < k->n; i++) m->pattern[c * 4 + i] = (uint64_t)1 << i;
        k->first = c * 4;
    }
}

static void test_a_population_is_optimal_where_tiny(void **state) {
    static made m;
    uint32_t complete = 0;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        make_alike(&m, seed, 5, 2 + seed % 2, 2);
        kam__route_engine *e = solve(*state, &m, seed, 10000);
        int64_t least = route_least(&m.p);
        check(&m, e, seed);
        if (least >= 0) {
            complete++;
            assert_int_equal(kam__route_missing(e), 0);
            assert_int_equal(kam__route_cost(e), least);
        } else assert_true(kam__route_missing(e) > 0);
        assert_int_equal(kam__route_iterations(e), 10000);
        kam__route_end(e);
    }
    assert_true(complete > 10 && complete < 30);
}

static void test_a_population_breaks_no_rule(void **state) {
    static made m;
    uint32_t complete = 0;
    for (uint64_t seed = 1; seed <= 16; seed++) {
        make_alike(&m, seed * 31, 6 + (uint32_t)seed % 8, 1 + (uint32_t)seed % 7, 1 + (uint32_t)seed % 4);
        kam__route_engine *e = solve(*state, &m, seed, 25000);
        check(&m, e, seed);
        complete += !kam__route_missing(e);
        kam__route_end(e);
    }
    assert_true(complete >= 5);
}

static void test_a_population_the_same_again(void **state) {
    static made m;
    make_alike(&m, 20, 24, 4, 3);
    for (int r = 0; r < 12; r++) m.shift[r].capacity = 20, m.shift[r].duration = 330;
    kam__route_engine *e = solve(*state, &m, 6, 30000);
    int64_t cost = kam__route_cost(e);
    check(&m, e, 20);
    assert_int_equal(cost, GOLDEN_ALIKE_COST);
    assert_int_equal(plan_hash(&m, e) % 1000000007, GOLDEN_ALIKE_HASH);
    const kam__route_budget more = {9, 25000, NULL, NULL};
    assert_int_equal(kam__route_search(e, &more, NULL), KAM_OK);            /* goes on from the best */
    assert_true(kam__route_cost(e) <= cost);
    check(&m, e, 20);
    kam__route_end(e);
}

static void test_more_iterations_are_never_worse(void **state) {
    static made m;
    const kam__route_budget b = {7, 200, NULL, NULL};
    make(&m, 31, 20, 4, 3);
    kam__route_engine *e = solve(*state, &m, 7, 100);
    int64_t price = price_of(&m, e);
    for (int i = 0; i < 5; i++) {
        uint32_t missing = kam__route_missing(e);
        assert_int_equal(kam__route_search(e, &b, NULL), KAM_OK);
        assert_true(kam__route_missing(e) < missing || price_of(&m, e) <= price);
        price = price_of(&m, e);
        check(&m, e, 31);
    }
    assert_int_equal(kam__route_iterations(e), 100 + 5 * 200);
    kam__route_end(e);
}

static void test_start_from_a_plan(void **state) {
    static made m;
    vt *t = *state;
    int32_t vehicle[20 * 3];
    kam__route_engine *e = NULL;
    make(&m, 12, 20, 3, 4);
    kam__route_engine *good = solve(t, &m, 1, 1000);
    memset(vehicle, -1, sizeof vehicle);
    for (uint32_t r = 0; r < 12; r++) {
        const int32_t *stop = NULL;
        uint32_t n = kam__route_stops(good, r / 4, r % 4, &stop, NULL);
        for (uint32_t i = 0; i < n; i++) vehicle[(uint32_t)stop[i] * 3 + r / 4] = (int32_t)(r % 4);
    }
    assert_int_equal(kam__route_new(&e, t->ctx, &m.p, t->err), KAM_OK);
    assert_int_equal(kam__route_start(e, vehicle, t->err), KAM_OK);
    check(&m, e, 12);
    uint32_t same = 0;
    for (uint32_t c = 0; c < 20; c++) same += kam__route_days(e, c) == kam__route_days(good, c);
    assert_true(same >= 17);
    kam__route_end(e);
    kam__route_end(good);
}

static void test_wrong_problems(void **state) {
    static made m;
    vt *t = *state;
    kam__route_engine *e = NULL;
    make(&m, 1, 5, 2, 2);
    m.cost[3] = -1;
    assert_code(kam__route_new(&e, t->ctx, &m.p, t->err), KAM_E_LIMIT);
    assert_string_equal(kam_error_message(t->err), "the cost from node 0 to node 3 is -1; it must lie in 0..268435455");
    m.cost[3] = 5;
    m.shift[1].end = 7;
    assert_code(kam__route_new(&e, t->ctx, &m.p, t->err), KAM_E_INVAL);
    m.shift[1].end = 6;
    m.pattern[0] = 4;
    assert_code(kam__route_new(&e, t->ctx, &m.p, t->err), KAM_E_INVAL);
    m.pattern[0] = 1;
    m.shift[2].pause_open = 5;
    assert_code(kam__route_new(&e, t->ctx, &m.p, t->err), KAM_E_INVAL);
    assert_string_equal(kam_error_message(t->err), "day 1, vehicle 0: the break ends before it begins");
    m.shift[2].pause_open = 0;
    m.p.pattern_price = m.pattern_price;
    m.pattern_price[0] = -1;
    assert_code(kam__route_new(&e, t->ctx, &m.p, t->err), KAM_E_INVAL);
    assert_string_equal(kam_error_message(t->err), "customer 0: the price of pattern 0 is out of range");
    m.p.pattern_price = NULL;
    m.p.nday = 65;
    assert_code(kam__route_new(&e, t->ctx, &m.p, t->err), KAM_E_LIMIT);
    assert_null(e);
}

static int32_t sweep(kam_ctx *ctx, fault *f, kam_error *err) {
    static made m;
    const kam__route_budget b = {1, 50, NULL, NULL};
    kam__route_engine *e = NULL;
    (void)f;
    make(&m, 8, 8, 2, 2);
    make_hours(&m);
    int32_t rc = kam__route_new(&e, ctx, &m.p, err);
    if (rc == KAM_OK) rc = kam__route_search(e, &b, err);
    kam__route_end(e);
    return rc;
}

static void test_out_of_memory(void **state) {
    (void)state;
    assert_true(fault_sweep(sweep) > 20);
}

int main(void) {
#define ONE(name) cmocka_unit_test_setup_teardown(name, vt_setup, vt_teardown)
    const struct CMUnitTest tests[] = {
        ONE(test_tiny_ones_are_optimal), ONE(test_no_rule_is_ever_broken), ONE(test_gaps_are_all_that_keep_them), ONE(test_a_lock_is_kept_where_it_costs),
        ONE(test_reasons), ONE(test_the_same_again),
        ONE(test_the_same_again_without_hours), ONE(test_the_same_again_when_mixed), ONE(test_a_population_is_optimal_where_tiny),
        ONE(test_a_population_breaks_no_rule), ONE(test_a_population_the_same_again),
        ONE(test_more_iterations_are_never_worse),
        ONE(test_start_from_a_plan), ONE(test_wrong_problems), cmocka_unit_test(test_out_of_memory)};
    return cmocka_run_group_tests_name("visit/route", tests, NULL, NULL);
}
