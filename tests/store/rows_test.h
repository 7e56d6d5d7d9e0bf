/*
 * tests/store/rows_test.h - what the tests of lists share: a book in memory with a clock moved by hand, records in one
 * line, an allocator that fails when told to, and a store that leaves all sorting to the library.
 */
#ifndef KAM_TESTS_ROWS_TEST_H
#define KAM_TESTS_ROWS_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "store/store.h"

#define DAY_MS ((int64_t)86400000)
#define DAY0 20000                          /* the clock starts at noon of this day: 2024-10-04 */

typedef struct desk {
    int64_t left, live;                     /* allocations that still work (-1 = all); pieces in use */
    int64_t now;
    int32_t (*collate)(void *user, const char *text, size_t len, kam_buf *key);
    kam_ctx *ctx; kam_book *book; kam_error *err;
} desk;

static inline void *desk_alloc(void *user, size_t size) {
    desk *d = user;
    if (d->left == 0) return NULL;
    if (d->left > 0) d->left--;
    d->live++;
    return malloc(size ? size : 1);
}

static inline void *desk_resize(void *user, void *p, size_t old_size, size_t new_size) {
    desk *d = user;
    (void)old_size;
    if (d->left == 0) return NULL;
    if (d->left > 0) d->left--;
    return realloc(p, new_size ? new_size : 1);
}

static inline void desk_release(void *user, void *p, size_t size) {
    (void)size;
    ((desk *)user)->live--;
    free(p);
}

static inline int64_t desk_now(void *user) { return ((desk *)user)->now; }

static inline void desk_ctx(desk *d) {
    kam_allocator a = {
        .struct_size = sizeof a, .user = d, .alloc = desk_alloc, .resize = desk_resize, .release = desk_release};
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = &a, .user = d, .now = desk_now, .collate = d->collate};
    d->left = -1;
    d->now = DAY0 * DAY_MS + DAY_MS / 2;
    assert_int_equal(kam_error_new(&d->err, NULL), KAM_OK);
    assert_int_equal(kam_ctx_new(&d->ctx, &o, d->err), KAM_OK);
}

static inline void ok_at(const desk *d, int32_t rc, const char *file, int line) {
    if (rc != KAM_OK) print_error("%s: %s\n", kam_code_name(rc), kam_error_message(d->err));
    _assert_int_equal((uint64_t)(int64_t)rc, KAM_OK, file, line);
}
#define OK(d, call) ok_at(d, (call), __FILE__, __LINE__)

static inline void desk_book(desk *d, kam_store *store) {
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    OK(d, kam_book_open(&d->book, d->ctx, store, &o, d->err));
}

static inline void desk_open(desk *d) {
    desk_ctx(d);
    desk_book(d, NULL);
}

static inline void desk_close(desk *d) {
    kam_book_close(d->book);
    kam_error_free(d->err);
    kam_ctx_free(d->ctx);
    assert_int_equal(d->live, 0);
}

/* Saves a record given as JSON; returns its id. */
static inline int64_t put(desk *d, uint32_t kind, const char *json) {
    kam_record *r = NULL;
    OK(d, kam_record_new(&r, d->book, kind, d->err));
    OK(d, kam_record_from_json(r, json, KAM_NUL, d->err));
    OK(d, kam_book_save(d->book, r, d->err));
    int64_t id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return id;
}

/* The same with one change to a record that is there. */
static inline void change(desk *d, uint32_t kind, int64_t id, const char *json) {
    kam_record *r = NULL;
    OK(d, kam_book_get(&r, d->book, kind, id, KAM_TODAY, d->err));
    OK(d, kam_record_from_json(r, json, KAM_NUL, d->err));
    OK(d, kam_book_save(d->book, r, d->err));
    kam_record_free(r);
}

/* The rest of rows as text; the rows are ended. */
static inline char *texts(desk *d, kam_rows *rows, uint32_t format) {
    kam_export_options o = {.struct_size = sizeof o, .format = format};
    kam_buf *piece = NULL, *all = NULL;
    OK(d, kam_buf_new(&piece, d->ctx, d->err));
    OK(d, kam_buf_new(&all, d->ctx, d->err));
    do {
        OK(d, kam_rows_export(piece, rows, &o, d->err));
        OK(d, kam_buf_append(all, kam_buf_data(piece), kam_buf_size(piece), d->err));
    } while (kam_buf_size(piece));
    char *text = malloc(kam_buf_size(all) + 1);
    memcpy(text, kam_buf_data(all), kam_buf_size(all) + 1);
    kam_buf_free(piece);
    kam_buf_free(all);
    kam_rows_free(rows);
    return text;
}

static inline void same_text(char *text, const char *want) {
    assert_string_equal(text, want);
    free(text);
}

/* Values of one field, "a b c "; "-" where there is none. The rows are ended. */
static inline char *column(desk *d, kam_rows *rows, uint32_t field) {
    kam_buf *all = NULL;
    const kam_record *r = NULL;
    OK(d, kam_buf_new(&all, d->ctx, d->err));
    for (;;) {
        OK(d, kam_rows_next(&r, rows, d->err));
        if (!r) break;
        const char *text = kam_record_text(r, field, "-");
        OK(d, kam_buf_append(all, text, strlen(text), d->err));
        OK(d, kam_buf_append(all, " ", 1, d->err));
    }
    char *text = malloc(kam_buf_size(all) + 1);
    memcpy(text, kam_buf_data(all), kam_buf_size(all) + 1);
    kam_buf_free(all);
    kam_rows_free(rows);
    return text;
}

/* `n` accounts a1..an in one commit, straight into the store: for lists of several blocks. */
static inline void many_accounts(desk *d, int n) {
    static const uint32_t field[] = {KAM_ID, KAM_ACCOUNT_NAME, KAM_ACCOUNT_EMPLOYEES, KAM_REV};
    kam__rowset *set = NULL;
    kam__call call;
    OK(d, kam__rowset_new(&set, d->book->schema, KAM_KIND_ACCOUNT, field, 4, d->err));
    for (int i = 1; i <= n; i++) {
        char name[24];
        kam__blockbuf *b = kam__rowset_row(set, d->err);
        assert_non_null(b);
        kam__bb_text(b, 1, name, (size_t)snprintf(name, sizeof name, "a%d", i));
        kam__bb_i64(b, 2, i * 7919 % 1000);
        kam__bb_i64(b, 3, 1);
        OK(d, kam__rowset_end_row(set, d->err));
    }
    kam__rowset_seal(set);
    OK(d, kam__txn_enter(&call, d->book, KAM_BEGIN_WRITE, d->err));
    OK(d, kam__txn_leave(&call, kam__insert_set(d->book, set, 0, 0, d->err), d->err));
    kam__rowset_drop(set);
}

/* The memory store behind a vtable that neither filters, sorts nor limits, gives rows backwards, and counts no ids. */
static inline int32_t lazy_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err) {
    kam_table_scan plain = *q;
    plain.order = NULL;
    plain.norder = 0;
    plain.after = NULL;
    plain.limit = 0;
    plain.flags = 1;
    int32_t rc = kam__memory_vt.scan(self, &plain, fn, user, err);
    q->handled = 0;
    return rc;
}

static inline kam_store *lazy_store(desk *d) {
    kam_store_vt vt = kam__memory_vt;
    kam__memory *memory = NULL;
    kam_store *store = NULL;
    void *self = NULL;
    vt.scan = lazy_scan;
    vt.reserve = NULL;
    OK(d, kam__memory_new(&memory, d->ctx, d->err));
    OK(d, kam__memory_connect(&self, memory, d->err));
    kam__memory_drop(memory);
    OK(d, kam_store_new(&store, d->ctx, &vt, self, KAM_TXN_OWN, d->err));
    return store;
}
#endif
