/* Work sheets and cards explained: unknown members, no base currency, arguments, every allocation failing once. */
#include "requirements/req.h"
#include <kam/spi/test.h>

static int32_t both(kam_book *book, int64_t sheet, int64_t card, kam_error *err) {
    kam_why *one = NULL, *two = NULL;
    int32_t rc = kam_segmentation_why(&one, book, sheet, KAM_TODAY, err);
    if (rc == KAM_OK) rc = kam_segment_card_why(&two, book, card, KAM_TODAY, err);
    kam_why_free(one);
    kam_why_free(two);
    return rc;
}

static int32_t add(kam_book *book, uint32_t kind, const char *json, kam_error *err) {
    kam_record *r = NULL;
    int32_t rc = kam_record_new(&r, book, kind, err);
    if (rc == KAM_OK) rc = kam_record_from_json(r, json, KAM_NUL, err);
    if (rc == KAM_OK) rc = kam_book_save(book, r, err);
    kam_record_free(r);
    return rc;
}

static int32_t fill(kam_book *book, kam_error *err) {
    int64_t policy = 0;
    int32_t rc = add(book, KAM_KIND_ACCOUNT, "{\"name\":\"x\",\"region\":\"N\"}", err);
    if (rc == KAM_OK) rc = add(book, KAM_KIND_ACCOUNT, "{\"name\":\"y\"}", err);
    if (rc == KAM_OK) rc = kam_policy_add(&policy, book, KAM_POLICY_SEGMENT, "{\"name\":\"n\",\"condition\":\"region == 'N'\"}", KAM_NUL, err);
    if (rc == KAM_OK) rc = kam_policy_approve(book, policy, KAM_DAY_FIRST, KAM_DAY_END, err);
    if (rc == KAM_OK) rc = add(book, KAM_KIND_SEGMENTATION, "{\"name\":\"s\",\"behaviour\":\"b\"}", err);
    if (rc == KAM_OK) rc = add(book, KAM_KIND_SEGMENT_CARD, "{\"name\":\"c\",\"segmentation\":1,\"segment\":\"n\"}", err);
    return rc;
}

static void unknown_members(req *q) {
    kam_why *why = NULL;
    kam_buf *text = NULL;
    REQ_MUST(q, fill(q->book, q->err));
    REQ_MUST(q, kam_buf_new(&text, q->ctx, q->err));
    REQ_MUST(q, kam_segment_card_why(&why, q->book, 1, KAM_TODAY, q->err));
    REQ_MUST(q, kam_why_text(text, why, "zh", q->err));
    assert_non_null(strstr(kam_buf_data(text), "成员数：1\n  缺少数据的客户：1\n  近12个月收入：0.00 CNY\n"));
    kam_why_free(why);
    kam_buf_free(text);
}

static void arguments(req *q) {
    kam_why *why = NULL;
    REQ_REFUSED(q, kam_segment_card_why(NULL, q->book, 1, KAM_TODAY, q->err), KAM_E_INVAL, "out");
    REQ_REFUSED(q, kam_segmentation_why(&why, NULL, 1, KAM_TODAY, q->err), KAM_E_INVAL, "book");
    REQ_REFUSED(q, kam_segmentation_why(&why, q->book, 1, KAM_TODAY, q->err), KAM_E_NOT_FOUND, "");
    assert_null(why);
}

static void members_that_do_not_fit(req *q) {
    kam_why *why = NULL;
    REQ_MUST(q, fill(q->book, q->err));
    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"z\",\"region\":\"N\"}");
    for (int i = 1; i <= 3; i += 2)
        req_save(q, KAM_KIND_LEDGER, "{\"account\":%d,\"event\":\"SALE\",\"day\":\"2026-01-05\",\"amount\":\"80000000000000000.00\"}", i);
    REQ_REFUSED(q, kam_segment_card_why(&why, q->book, 1, KAM_TODAY, q->err), KAM_E_LIMIT, "members does not fit");
    assert_null(why);
}

/* Both explanations of one book, every request for memory failing once: NOMEM, and then they work. */
static void test_every_allocation_fails_once(void **state) {
    kam_fault_alloc *alloc = NULL;
    kam_book_options b = {.struct_size = sizeof b, .flags = KAM_BOOK_CREATE};
    kam_ctx *ctx = NULL;
    kam_book *book = NULL;
    uint64_t n = 0;
    int32_t rc = KAM_E_NOMEM;
    (void)state;
    assert_int_equal(kam_fault_alloc_new(&alloc), KAM_OK);
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = kam_fault_alloc_allocator(alloc)};
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    assert_int_equal(kam_book_open(&book, ctx, NULL, &b, NULL), KAM_OK);
    assert_int_equal(fill(book, NULL), KAM_OK);
    while (rc == KAM_E_NOMEM && n < 100000) {
        assert_int_equal(kam_fault_alloc_fail(alloc, ++n, 0), KAM_OK);
        rc = both(book, 1, 1, NULL);
    }
    assert_int_equal(kam_fault_alloc_fail(alloc, 0, 0), KAM_OK);
    assert_int_equal(rc, KAM_OK);
    assert_true(n > 100);
    kam_book_close(book);
    kam_ctx_free(ctx);
    assert_int_equal(kam_fault_alloc_live(alloc, NULL), 0);
    assert_int_equal(kam_fault_alloc_misuse(alloc), 0);
    kam_fault_alloc_free(alloc);
}

#define EACH(fn) static void test_##fn(void **state) { (void)state; req_each(fn); }
EACH(unknown_members)
EACH(arguments)
EACH(members_that_do_not_fit)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_unknown_members), cmocka_unit_test(test_arguments),
                                       cmocka_unit_test(test_members_that_do_not_fit),
                                       cmocka_unit_test(test_every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
