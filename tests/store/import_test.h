/*
 * tests/store/import_test.h - what the import tests share: a book in memory whose allocator can fail, one-line imports
 * with their counts as text, problems as text, and a dump of every stored row.
 */
#ifndef KAM_TESTS_IMPORT_TEST_H
#define KAM_TESTS_IMPORT_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <kam.h>
#include "store/store.h"

/* left: allocations that still work, -1 = all. */
typedef struct it_memory { int64_t left, live; } it_memory;
typedef struct it_book {
    it_memory memory;
    kam_ctx *ctx;
    kam_book *book;
    kam_error *err;
    char counts[80];
    kam_buf *text;
} it_book;

static inline void *it_alloc(void *user, size_t size)
{
    it_memory *m = user;
    if (m->left == 0) return NULL;
    if (m->left > 0) m->left--;
    m->live++;
    return malloc(size ? size : 1);
}

static inline void it_release(void *user, void *p, size_t size)
{
    it_memory *m = user;
    (void)size;
    if (!p) return;
    m->live--;
    free(p);
}

static inline void *it_resize(void *user, void *p, size_t old_size, size_t size)
{
    void *q = it_alloc(user, size);
    if (!q) return NULL;
    if (p) memcpy(q, p, old_size < size ? old_size : size);
    it_release(user, p, old_size);
    return q;
}

static inline int64_t it_now(void *user)
{
    (void)user;
    return INT64_C(1767225600000);          /* 2026-01-01 */
}

static inline void it_ok(it_book *b, int32_t rc)
{
    if (rc != KAM_OK) fail_msg("%s: %s", kam_code_name(rc), kam_error_message(b->err));
}

static inline void it_open(it_book *b)
{
    memset(b, 0, sizeof *b);
    b->memory.left = -1;
    kam_allocator a = { sizeof a, 0, &b->memory, it_alloc, it_resize, it_release };
    kam_ctx_options co = { .struct_size = sizeof co, .allocator = &a, .user = &b->memory, .now = it_now };
    kam_book_options bo = { .struct_size = sizeof bo, .actor = "test", .currency = "CNY" };
    assert_int_equal(kam_error_new(&b->err, NULL), KAM_OK);
    it_ok(b, kam_ctx_new(&b->ctx, &co, b->err));
    it_ok(b, kam_buf_new(&b->text, b->ctx, b->err));
    it_ok(b, kam_book_open(&b->book, b->ctx, NULL, &bo, b->err));
}

static inline void it_close(it_book *b)
{
    kam_book_close(b->book);
    kam_buf_free(b->text);
    kam_ctx_free(b->ctx);
    kam_error_free(b->err);
    assert_int_equal(b->memory.live, 0);
}

/* "new/changed/unchanged/corrected/rejected" */
static inline const char *it_counts(it_book *b, kam_import *imp)
{
    const kam_record *r = kam_import_report(imp);
    long long n[5];
    static const uint32_t field[] = { KAM_IMPORT_REPORT_NEW, KAM_IMPORT_REPORT_CHANGED, KAM_IMPORT_REPORT_UNCHANGED,
                                      KAM_IMPORT_REPORT_CORRECTED, KAM_IMPORT_REPORT_REJECTED };
    for (int i = 0; i < 5; i++) n[i] = (long long)kam_record_i64(r, field[i], -1);
    snprintf(b->counts, sizeof b->counts, "%lld/%lld/%lld/%lld/%lld", n[0], n[1], n[2], n[3], n[4]);
    return b->counts;
}

/* One "row:line:column:field:value:code" a line, in b->text. */
static inline void it_problems(it_book *b, kam_import *imp)
{
    static const uint32_t field[] = {KAM_PROBLEM_ROW,   KAM_PROBLEM_LINE,  KAM_PROBLEM_COLUMN,
                                     KAM_PROBLEM_FIELD, KAM_PROBLEM_VALUE, KAM_PROBLEM_CODE};
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    b->text->size = 0;
    it_ok(b, kam_import_problems(&rows, imp, b->err));
    for (;;) {
        it_ok(b, kam_rows_next(&r, rows, b->err));
        if (!r) break;
        for (int i = 0; i < 6; i++) {
            const char *text = kam_record_text(r, field[i], "");
            it_ok(b, kam_buf_append(b->text, text, strlen(text), b->err));
            it_ok(b, kam_buf_append(b->text, i < 5 ? ":" : "\n", 1, b->err));
        }
    }
    kam_rows_free(rows);
    it_ok(b, kam_buf_append(b->text, "", 0, b->err));
}

static inline int32_t it_try(it_book *b, uint32_t kind, const kam_import_options *o, const char *text, kam_import **out)
{
    kam_import *imp = NULL;
    int32_t rc = kam_import_new(&imp, b->book, kind, o, b->err);
    if (rc == KAM_OK) rc = kam_import_feed(imp, text, strlen(text), b->err);
    if (rc == KAM_OK) rc = kam_import_finish(imp, b->err);
    if (imp) it_counts(b, imp);
    if (out) *out = imp;
    else kam_import_free(imp);
    return rc;
}

/* Imports a text of a source under a mapping (NULL = none) and checks the counts. */
static inline void it_import(it_book *b, uint32_t kind, const char *source, const char *mapping, const char *text,
                             const char *counts)
{
    kam_import_options o = { .struct_size = sizeof o, .source = source, .mapping = mapping };
    it_ok(b, it_try(b, kind, &o, text, NULL));
    assert_string_equal(b->counts, counts);
}

/* The same, and the problems. */
static inline void it_problem(it_book *b, uint32_t kind, const char *source, const char *mapping, const char *text,
                              const char *counts, const char *problems)
{
    kam_import_options o = { .struct_size = sizeof o, .source = source, .mapping = mapping };
    kam_import *imp = NULL;
    it_ok(b, it_try(b, kind, &o, text, &imp));
    it_problems(b, imp);
    assert_string_equal(kam_buf_data(b->text), problems);
    assert_string_equal(it_counts(b, imp), counts);
    kam_import_free(imp);
}

/* A field of the record with a key, as text, in force today. */
static inline const char *it_get(it_book *b, uint32_t kind, const char *key, uint32_t field)
{
    static char text[300];
    int64_t id = 0;
    kam_record *r = NULL;
    it_ok(b, kam_book_find(&id, b->book, kind, "erp", key, KAM_NUL, b->err));
    it_ok(b, kam_book_get(&r, b->book, kind, id, KAM_TODAY, b->err));
    snprintf(text, sizeof text, "%s", kam_record_text(r, field, "-"));
    kam_record_free(r);
    return text;
}

/* ---------------------------------------------------------------- dump */

typedef struct it_dump_job { kam_buf *out; kam__schema *schema; uint32_t kind; kam_error *err; } it_dump_job;

static inline int32_t it_on_rows(void *user, const kam_block *rows)
{
    it_dump_job *j = user;
    kam_record *r = NULL;
    int32_t rc = kam__record_new(&r, j->schema, j->kind, j->err);
    for (uint32_t i = 0; i < rows->nrow && rc == KAM_OK; i++) {
        rc = kam__record_load(r, rows, i, j->err);
        kam__buf_printf(j->out, "%u ", (unsigned)j->kind);
        if (rc == KAM_OK) kam__record_write_json(j->out, r);
        kam__buf_char(j->out, '\n');
    }
    kam_record_free(r);
    return rc;
}

/* Every stored row of every table; free with free(). */
static inline char *it_dump(it_book *b)
{
    kam__call call;
    b->text->size = 0;
    it_ok(b, kam__txn_enter(&call, b->book, KAM_BEGIN_READ, b->err));
    for (uint32_t t = 0; t < b->book->db.tables.n; t++) {
        it_dump_job j = { b->text, b->book->schema, b->book->db.tables.table[t].id, b->err };
        kam__scan q = { .kind = j.kind };
        it_ok(b, kam__db_scan(&b->book->db, &q, it_on_rows, &j, b->err));
    }
    it_ok(b, kam__txn_leave(&call, KAM_OK, b->err));
    it_ok(b, kam__buf_end(b->text, b->err));
    char *text = malloc(b->text->size + 1);
    assert_non_null(text);
    memcpy(text, kam_buf_data(b->text), b->text->size + 1);
    return text;
}
#endif
