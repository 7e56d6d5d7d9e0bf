/* Problems the routing engine does not take, each told with the customer, day and vehicle it is about. */
#include "help.h"
#include "visit/route.h"

typedef struct made {
    int32_t cost[4];
    kam__route_shift shift[1];
    kam__route_customer customer[1];
    kam__route_window window[1];
    kam__route_lock lock[1];
    uint64_t pattern[1];
    kam__route_problem p;
} made;

/* One customer, one place, one day, one vehicle: right in all. */
static void make(made *m) {
    memset(m, 0, sizeof *m);
    m->shift[0] = (kam__route_shift){.start = 1, .end = 1};
    m->pattern[0] = 1;
    m->window[0] = (kam__route_window){1, 0, 100};
    m->lock[0] = (kam__route_lock){0, -1, 0, 0};
    m->customer[0] = (kam__route_customer){.pattern = {0, 1}, .window = {0, 1}, .lock = {0, 1}};
    m->p = (kam__route_problem){2, 1, 1, 1, m->cost, NULL, m->shift, m->customer, m->pattern, NULL, m->window, m->lock};
}

static void refused(vt *t, made *m, const char *says) {
    kam__route_engine *e = NULL;
    assert_code(kam__route_new(&e, t->ctx, &m->p, t->err), KAM_E_INVAL);
    assert_string_equal(kam_error_message(t->err), says);
    assert_null(e);
    make(m);
}

static void what_is_wrong_is_named(void **state) {
    static made m;
    vt *t = *state;
    kam__route_engine *e = NULL;
    make(&m);
    assert_code(kam__route_new(&e, t->ctx, &m.p, t->err), KAM_OK);
    kam__route_end(e);
    m.p.ncustomer = 2;
    refused(t, &m, "2 customers leave no node to start from among 2");
    m.shift[0].duration = -1;
    refused(t, &m, "day 0, vehicle 0: a limit is negative, or it closes before it opens");
    m.customer[0].service = -1;
    refused(t, &m, "customer 0: service, demand or prize is out of range");
    m.window[0].open = 101;
    refused(t, &m, "customer 0: window 0 closes before it opens");
    m.lock[0].day = 1;
    refused(t, &m, "customer 0: lock 0 has no such day, vehicle or time");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(what_is_wrong_is_named, vt_setup, vt_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
