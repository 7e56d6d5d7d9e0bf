/*
 * tests/requirements/req.h - what requirement tests share: a fresh book on every store, and short ways to say what is
 * in it.
 *
 * A test goes through the public API only: `req_each(fn)` runs fn on a book in memory and, where the adapter is built,
 * on one in SQLite. Records are written as JSON by field name; the clock stands still until the test moves it (q->now,
 * ms UTC).
 */
#ifndef KAM_TESTS_REQ_H
#define KAM_TESTS_REQ_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <kam.h>
#ifdef KAM_HAVE_SQLITE
#include <kam/adapter/sqlite.h>
#include <sqlite3.h>
#endif

#define REQ_DAY_MS ((int64_t)86400000)

typedef struct req {
    const char *on;                             /* "memory", "sqlite" */
    kam_error *err; kam_ctx *ctx; kam_store *store; kam_book *book;
    int64_t now;                                /* ms UTC; 2026-03-02T08:00Z, a Monday, at first */
} req;
typedef void (*req_fn)(req *q);

#define REQ_MUST(q, call) do { \
    int32_t rc_ = (call); \
    if (rc_ != KAM_OK) fail_msg("%s: %s: %s: %s", (q)->on, #call, kam_code_name(rc_), kam_error_message((q)->err)); \
} while (0)
/* The call is refused with this code, and the message says why. */
#define REQ_REFUSED(q, call, code, says)                                                                               \
    do {                                                                                                               \
        int32_t rc_ = (call);                                                                                          \
        if (rc_ != (code) || !strstr(kam_error_message((q)->err), says))                                               \
            fail_msg("%s: %s: %s: \"%s\", wanted %s and \"%s\"", (q)->on, #call, kam_code_name(rc_),                   \
                     kam_error_message((q)->err), kam_code_name(code), says);                                          \
    } while (0)
#define REQ_EQUAL(q, got, want) do { \
    int64_t got_ = (got), want_ = (want); \
    if (got_ != want_) fail_msg("%s: %s is %lld, wanted %lld", (q)->on, #got, (long long)got_, (long long)want_); \
} while (0)
#define REQ_TEXT(q, got, want) do { \
    const char *got_ = (got); \
    if (strcmp(got_, want) != 0) fail_msg("%s: %s is\n%s\nwanted\n%s", (q)->on, #got, got_, want); \
} while (0)

static inline int64_t req_clock(void *user) { return ((req *)user)->now; }

static inline int32_t req_day(const char *text) {
    int32_t day = 0;
    assert_int_equal(kam_day_parse(&day, text, KAM_NUL, NULL), KAM_OK);
    return day;
}

static inline void req_run(req_fn fn, const char *on, kam_store *store, req *q) {
    kam_book_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = KAM_BOOK_CREATE;
    o.actor = "tester";
    o.currency = "CNY";
    q->on = on;
    q->store = store;
    REQ_MUST(q, kam_book_open(&q->book, q->ctx, store, &o, q->err));
    fn(q);
    kam_book_close(q->book);
    kam_store_free(store);
}

static inline void req_start(req *q) {
    kam_ctx_options o;
    memset(q, 0, sizeof *q);
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.user = q;
    o.now = req_clock;
    q->now = req_day("2026-03-02") * REQ_DAY_MS + REQ_DAY_MS / 3;
    assert_int_equal(kam_error_new(&q->err, NULL), KAM_OK);
    assert_int_equal(kam_ctx_new(&q->ctx, &o, q->err), KAM_OK);
}

static inline void req_end(req *q) {
    kam_ctx_free(q->ctx);
    kam_error_free(q->err);
}

/* Runs a test on a fresh book of every store. */
static inline void req_each(req_fn fn) {
    req q;
    kam_store *store = NULL;
    req_start(&q);
    REQ_MUST(&q, kam_store_memory(&store, q.ctx, q.err));
    req_run(fn, "memory", store, &q);
    req_end(&q);
#ifdef KAM_HAVE_SQLITE
    sqlite3 *db = NULL;
    req_start(&q);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    REQ_MUST(&q, kam_sqlite_store(&store, q.ctx, db, KAM_TXN_OWN, q.err));
    req_run(fn, "sqlite", store, &q);
    req_end(&q);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
#endif
}

/* A record from JSON, written as for printf. */
static inline kam_record *req_vrecord(req *q, uint32_t kind, const char *json, va_list args) {
    char text[2000];
    kam_record *r = NULL;
    int n = vsnprintf(text, sizeof text, json, args);
    assert_true(n >= 0 && (size_t)n < sizeof text);
    REQ_MUST(q, kam_record_new(&r, q->book, kind, q->err));
    REQ_MUST(q, kam_record_from_json(r, text, KAM_NUL, q->err));
    return r;
}

static inline kam_record *req_record(req *q, uint32_t kind, const char *json, ...) {
    va_list args;
    va_start(args, json);
    kam_record *r = req_vrecord(q, kind, json, args);
    va_end(args);
    return r;
}

/* Saves it: its id. */
static inline int64_t req_save(req *q, uint32_t kind, const char *json, ...) {
    va_list args;
    va_start(args, json);
    kam_record *r = req_vrecord(q, kind, json, args);
    va_end(args);
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    int64_t id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return id;
}

/* The code a save of it gives. */
static inline int32_t req_try(req *q, uint32_t kind, const char *json, ...) {
    va_list args;
    va_start(args, json);
    kam_record *r = req_vrecord(q, kind, json, args);
    va_end(args);
    int32_t rc = kam_book_save(q->book, r, q->err);
    kam_record_free(r);
    return rc;
}

static inline kam_record *req_get(req *q, uint32_t kind, int64_t id, int32_t as_of) {
    kam_record *r = NULL;
    REQ_MUST(q, kam_book_get(&r, q->book, kind, id, as_of, q->err));
    return r;
}

/* One field of a record as text, copied to `out`; "" = no value. */
static inline const char *req_text(req *q, uint32_t kind, int64_t id, uint32_t field, int32_t as_of, char out[256]) {
    kam_record *r = req_get(q, kind, id, as_of);
    snprintf(out, 256, "%s", kam_record_text(r, field, ""));
    kam_record_free(r);
    return out;
}

/* The next record of the rows; NULL at the end. */
static inline const kam_record *req_next(req *q, kam_rows *rows) {
    const kam_record *r = NULL;
    REQ_MUST(q, kam_rows_next(&r, rows, q->err));
    return r;
}

/* Rows as text: fields (ended by 0) joined by ' ', rows by '|'. Frees the rows. */
static inline const char *req_rows(req *q, kam_rows *rows, const uint32_t *field, char *out, size_t size) {
    size_t at = 0;
    out[0] = '\0';
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        if (at) at += (size_t)snprintf(out + at, size - at, "|");
        for (uint32_t i = 0; field[i]; i++) {
            at += (size_t)snprintf(out + at, size - at, "%s%s", i ? " " : "", kam_record_text(r, field[i], "-"));
            assert_true(at < size);
        }
    }
    kam_rows_free(rows);
    return out;
}

/* Records of a kind where `field` = value (field 0: all), in the order of `order` (0: id). */
static inline kam_rows *req_query(req *q, uint32_t kind, uint32_t field, const char *value, uint32_t order,
                                  int32_t as_of)
{
    kam_query *query = NULL;
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_query_new(&query, q->book, kind, q->err));
    if (field) REQ_MUST(q, kam_query_where(query, field, KAM_OP_EQ, value, KAM_NUL, q->err));
    if (order) REQ_MUST(q, kam_query_order(query, order, 0, q->err));
    REQ_MUST(q, kam_query_run(&rows, query, as_of, q->err));
    kam_query_free(query);
    return rows;
}

#endif
