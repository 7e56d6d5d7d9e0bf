/*
 * tests/visit/fault_book.h - a book in memory whose allocations can be made to fail one after another, and whose host knows a
 * time zone.
 */
#ifndef KAM_TESTS_VISIT_FAULT_BOOK_H
#define KAM_TESTS_VISIT_FAULT_BOOK_H
#include "plan_help.h"

typedef struct fault_book { fault f; req q; } fault_book;

static inline int64_t fault_book_now(void *user) { return ((fault_book *)user)->q.now; }

/* "Summer" puts its clocks forward by an hour on 2026-03-29, at 01:00 UTC. */
static inline int32_t fault_book_zone(void *user, const char *name, int64_t utc_ms, int32_t *offset_min) {
    (void)user;
    if (strcmp(name, "Summer") != 0) return KAM_E_NOT_FOUND;
    *offset_min = utc_ms >= (int64_t)20541 * REQ_DAY_MS + 3600000 ? 60 : 0;
    return KAM_OK;
}

static inline req *fault_book_open(fault_book *s) {
    memset(s, 0, sizeof *s);
    kam_allocator a = fault_allocator(&s->f);
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = &a, .user = s, .now = fault_book_now, .zone = fault_book_zone};
    kam_book_options b = {.struct_size = sizeof b, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    req *q = &s->q;
    s->f.left = -1;
    q->on = "memory";
    q->now = req_day("2026-03-02") * REQ_DAY_MS;
    assert_int_equal(kam_error_new(&q->err, NULL), KAM_OK);
    REQ_MUST(q, kam_ctx_new(&q->ctx, &o, q->err));
    REQ_MUST(q, kam_book_open(&q->book, q->ctx, NULL, &b, q->err));
    start(q);
    return q;
}

static inline void fault_book_close(fault_book *s) {
    kam_book_close(s->q.book);
    kam_ctx_free(s->q.ctx);
    kam_error_free(s->q.err);
    assert_int_equal(s->f.live, 0);
}

/* The call gives rows; each of its allocations fails once: it says so and leaves nothing behind. */
typedef int32_t (*fault_rows_fn)(kam_rows **out, req *q, int64_t id);
static inline void fault_book_sweep(fault_book *s, fault_rows_fn fn, int64_t id) {
    kam_rows *rows = NULL;
    REQ_MUST(&s->q, fn(&rows, &s->q, id));      /* what the book keeps for later is there then */
    kam_rows_free(rows);
    int64_t live = s->f.live, n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        rows = NULL;
        s->f.left = n;
        rc = fn(&rows, &s->q, id);
        s->f.left = -1;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_null(rows);
        assert_int_equal(s->f.live, live);
    }
    kam_rows_free(rows);
    assert_true(n > 20);
}

#define EACH(fn) static void test_##fn(void **state) { (void)state; req_each(fn); }

#endif
