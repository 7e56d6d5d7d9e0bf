/*
 * store_test.h - what the tests of the store room share: a book in memory with a hand-driven clock, and short ways to
 * make records. With KAM_TEST_STORE=pass in the environment the same tests run through a vtable that only passes on:
 * the library knows no store.
 */
#ifndef KAM_STORE_TEST_H
#define KAM_STORE_TEST_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <cmocka.h>
#include <kam.h>
#include <kam/spi/test.h>
#include "store/memory.h"

#define DAY_MS ((int64_t)86400000)

typedef struct fixture {
    kam_error *err;
    kam_ctx *ctx;
    kam_store *store;
    kam_book *book;
    kam_pass_store *pass;           /* NULL: the memory store itself */
    int64_t now;                    /* the hand-driven clock */
} fixture;

static inline int64_t fixture_now(void *user) { return ((fixture *)user)->now; }

static inline int32_t day_of(const char *text)
{
    int32_t d = 0;
    assert_int_equal(kam_day_parse(&d, text, KAM_NUL, NULL), KAM_OK);
    return d;
}

static inline void must(fixture *f, int32_t rc, const char *what)
{
    if (rc != KAM_OK) fail_msg("%s: %s: %s", what, kam_code_name(rc), kam_error_message(f->err));
}
#define MUST(call) must(f, (call), #call)

static inline void open_store(fixture *f)
{
    kam__memory *m = NULL;
    void *self = NULL;
    if (!getenv("KAM_TEST_STORE")) {
        MUST(kam_store_memory(&f->store, f->ctx, f->err));
        return;
    }
    MUST(kam__memory_new(&m, f->ctx, f->err));
    MUST(kam__memory_connect(&self, m, f->err));
    kam__memory_drop(m);
    assert_int_equal(kam_pass_store_new(&f->pass, &kam__memory_vt, self), KAM_OK);
    MUST(kam_store_new(&f->store, f->ctx, kam_pass_store_vt(f->pass), kam_pass_store_self(f->pass), KAM_TXN_OWN,
                       f->err));
}

static inline void open_fixture(fixture *f)
{
    memset(f, 0, sizeof *f);
    f->now = (int64_t)day_of("2026-03-01") * DAY_MS + 3600000;
    assert_int_equal(kam_error_new(&f->err, NULL), KAM_OK);
    kam_ctx_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.user = f;
    o.now = fixture_now;
    MUST(kam_ctx_new(&f->ctx, &o, f->err));
    open_store(f);
    kam_book_options bo;
    memset(&bo, 0, sizeof bo);
    bo.struct_size = sizeof bo;
    bo.flags = KAM_BOOK_CREATE;
    bo.currency = "CNY";
    bo.actor = "tester";
    MUST(kam_book_open(&f->book, NULL, f->store, &bo, f->err));
}

static inline void close_fixture(fixture *f)
{
    kam_book_close(f->book);
    kam_store_free(f->store);
    kam_pass_store_free(f->pass);
    kam_ctx_free(f->ctx);
    kam_error_free(f->err);
}

/* New record with fields given as pairs (field id, text), ended by 0. */
static inline kam_record *make_record(fixture *f, uint32_t kind, ...)
{
    kam_record *r = NULL;
    va_list ap;
    MUST(kam_record_new(&r, f->book, kind, f->err));
    va_start(ap, kind);
    for (uint32_t field = va_arg(ap, uint32_t); field; field = va_arg(ap, uint32_t)) {
        const char *text = va_arg(ap, const char *);
        MUST(kam_record_set_text(r, field, text, KAM_NUL, f->err));
    }
    va_end(ap);
    return r;
}

/* Saves a record made from pairs and gives its id. */
#define SAVE(f, kind, ...) save_record(f, make_record(f, kind, __VA_ARGS__, (uint32_t)0))
static inline int64_t save_record(fixture *f, kam_record *r)
{
    MUST(kam_book_save(f->book, r, f->err));
    int64_t id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return id;
}

/* Text of one field of one record on a day, copied: "" = no value. */
static inline const char *text_of(fixture *f, kam_book *book, uint32_t kind, int64_t id, uint32_t field, int32_t as_of,
                                  char out[256])
{
    kam_record *r = NULL;
    MUST(kam_book_get(&r, book, kind, id, as_of, f->err));
    snprintf(out, 256, "%s", kam_record_text(r, field, ""));
    kam_record_free(r);
    return out;
}
#endif
