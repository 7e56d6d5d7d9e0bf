/* Segments as documents: what is refused, what an account without a value means, and memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <kam.h>
#include <kam/spi/test.h>

#define DOC(condition, rest) "{\"name\": \"s\", \"condition\": \"" condition "\"" rest "}"

static void wrong_documents_are_refused(void **state) {
    static const struct { const char *json; int32_t code; const char *says; } wrong[] = {
        {"[]", KAM_E_PARSE, "must be an object"}, {"{\"name\": \"s\"}", KAM_E_TYPE, "condition"},
        {DOC("employees > 1", ", \"when\": 1"), KAM_E_PARSE, "when"}, {DOC("employes > 1", ""), KAM_E_PARSE, "employees"},
        {DOC("employees", ""), KAM_E_POLICY, "true or false"}, {DOC("employees > 'a'", ""), KAM_E_TYPE, ""},
        {DOC("employees > 1", ", \"optional\": [\"nothing\"]"), KAM_E_POLICY, "optional"},
        {DOC("employees > 1", ", \"optional\": 1"), KAM_E_PARSE, "array"},
    };
    kam_error *err = NULL;
    (void)state;
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        kam_segment *s = NULL;
        int32_t rc = kam_segment_parse(&s, NULL, wrong[i].json, KAM_NUL, err);
        if (rc != wrong[i].code || !strstr(kam_error_message(err), wrong[i].says))
            fail_msg("%s: %s: %s", wrong[i].json, kam_code_name(rc), kam_error_message(err));
        assert_null(s);
    }
    kam_error_free(err);
}

static int32_t whole(void *user, kam_fault_alloc *alloc) {
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = kam_fault_alloc_allocator(alloc)};
    kam_book_options b = {.struct_size = sizeof b, .flags = KAM_BOOK_CREATE, .actor = "t", .currency = "CNY"};
    kam_ctx *ctx = NULL;
    kam_store *store = NULL;
    kam_book *book = NULL;
    kam_segment *s = NULL;
    kam_record *r = NULL;
    kam_run *run = NULL;
    int32_t has = 0, rc = kam_ctx_new(&ctx, NULL, NULL);
    (void)user;
    if (rc == KAM_OK) rc = kam_store_memory(&store, ctx, NULL);                 /* not what is swept */
    if (rc == KAM_OK) rc = kam_book_open(&book, ctx, store, &b, NULL);
    if (rc == KAM_OK) rc = kam_record_new(&r, book, KAM_KIND_ATTRIBUTES, NULL);
    if (rc == KAM_OK) rc = kam_record_set_i64(r, KAM_ATTRIBUTES_EMPLOYEES, 7, NULL);
    kam_ctx *own = NULL;
    if (rc == KAM_OK) rc = kam_ctx_new(&own, &o, NULL);
    if (rc == KAM_OK) rc = kam_segment_parse(&s, own, DOC("employees > 5 && region.orValue('') == ''", ", \"optional\": [\"region\"]"),
                                             KAM_NUL, NULL);
    if (rc == KAM_OK) rc = kam_segment_has(&has, s, r, NULL);
    if (rc == KAM_OK) rc = kam_segment_run(&run, book, s, KAM_TODAY, NULL);
    if (rc == KAM_OK && !has) rc = KAM_E_CORRUPT;
    kam_run_free(run);
    kam_segment_free(s);
    kam_ctx_free(own);
    kam_record_free(r);
    kam_book_close(book);
    kam_store_free(store);
    kam_ctx_free(ctx);
    return rc;
}

static void report(void *user, uint64_t at, int32_t code, const char *why) {
    (void)user;
    print_error("fault %llu: %s %s\n", (unsigned long long)at, kam_code_name(code), why);
}

static void every_allocation_fails_once(void **state) {
    (void)state;
    assert_int_equal(kam_fault_sweep_alloc(whole, NULL, report, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(wrong_documents_are_refused), cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
