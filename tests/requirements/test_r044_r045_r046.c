/* R44 the four tests a segment must pass, R45 the work sheet of five steps, R46 the segment card of five fields. */
#include "req.h"

typedef long long ll;
#define LL "%lld"

static const char *text_of(req *q, kam_why *why, const char *lang, char *out, size_t size) {
    kam_buf *buf = NULL;
    REQ_MUST(q, kam_buf_new(&buf, q->ctx, q->err));
    REQ_MUST(q, kam_why_text(buf, why, lang, q->err));
    assert_true(kam_buf_size(buf) < size);
    snprintf(out, size, "%s", kam_buf_data(buf));
    kam_buf_free(buf);
    return out;
}

static const char *sheet_text(req *q, int64_t id, const char *lang, char *out, size_t size) {
    kam_why *why = NULL;
    REQ_MUST(q, kam_segmentation_why(&why, q->book, id, KAM_TODAY, q->err));
    text_of(q, why, lang, out, size);
    kam_why_free(why);
    return out;
}

static const char *card_text(req *q, int64_t id, int32_t as_of, const char *lang, char *out, size_t size) {
    kam_why *why = NULL;
    REQ_MUST(q, kam_segment_card_why(&why, q->book, id, as_of, q->err));
    text_of(q, why, lang, out, size);
    kam_why_free(why);
    return out;
}

static int32_t set(req *q, uint32_t kind, int64_t id, uint32_t field, const char *text) {
    kam_record *r = req_get(q, kind, id, KAM_TODAY);
    int32_t rc = text ? kam_record_set_text(r, field, text, KAM_NUL, q->err) : kam_record_set_text(r, field, NULL, 0, q->err);
    if (rc == KAM_OK) rc = kam_book_save(q->book, r, q->err);
    kam_record_free(r);
    return rc;
}

/* ---------------------------------------------------------------- R44 */

static void r044_four_tests(req *q) {
    static const uint32_t test[4] = {KAM_SEGMENT_CARD_LARGE_ENOUGH, KAM_SEGMENT_CARD_SIMILAR, KAM_SEGMENT_CARD_RELEVANT,
                                     KAM_SEGMENT_CARD_REACHABLE};
    char out[2000];
    int64_t id = req_save(q, KAM_KIND_SEGMENT_CARD, "{\"name\":\"hospitals\"}");
    assert_non_null(strstr(card_text(q, id, KAM_TODAY, "en", out, sizeof out), "segment card: open"));
    for (int have = 0; have < 16; have++) {                         /* every mixture: only all four true is accepted */
        for (int i = 0; i < 4; i++) REQ_MUST(q, set(q, KAM_KIND_SEGMENT_CARD, id, test[i], have >> i & 1 ? "true" : "false"));
        if (have < 15) {
            REQ_REFUSED(q, set(q, KAM_KIND_SEGMENT_CARD, id, KAM_SEGMENT_CARD_ACCEPTED, "true"), KAM_E_POLICY, "all four tests");
            assert_non_null(strstr(card_text(q, id, KAM_TODAY, "en", out, sizeof out), "segment card: refused"));
        }
    }
    assert_non_null(strstr(card_text(q, id, KAM_TODAY, "en", out, sizeof out), "segment card: ready"));
    REQ_MUST(q, set(q, KAM_KIND_SEGMENT_CARD, id, KAM_SEGMENT_CARD_REACHABLE, NULL));         /* not recorded is not true */
    REQ_REFUSED(q, set(q, KAM_KIND_SEGMENT_CARD, id, KAM_SEGMENT_CARD_ACCEPTED, "true"), KAM_E_POLICY, "all four tests");
    REQ_MUST(q, set(q, KAM_KIND_SEGMENT_CARD, id, KAM_SEGMENT_CARD_REACHABLE, "true"));
    REQ_MUST(q, set(q, KAM_KIND_SEGMENT_CARD, id, KAM_SEGMENT_CARD_ACCEPTED, "true"));
    REQ_REFUSED(q, set(q, KAM_KIND_SEGMENT_CARD, id, KAM_SEGMENT_CARD_SIMILAR, "false"), KAM_E_POLICY, "all four tests");
    assert_non_null(strstr(card_text(q, id, KAM_TODAY, "en", out, sizeof out), "segment card: accepted"));
}

/* ---------------------------------------------------------------- R45 */

static void r045_five_steps(req *q) {
    static const uint32_t step[5] = {KAM_SEGMENTATION_BEHAVIOUR, KAM_SEGMENTATION_REASONS, KAM_SEGMENTATION_INFLUENCES,
                                     KAM_SEGMENTATION_FACTORS, KAM_SEGMENTATION_SEGMENTS};
    char out[2000], want[40];
    int64_t id = req_save(q, KAM_KIND_SEGMENTATION, "{\"name\":\"health care\",\"market\":\"hospitals of the province\"}");
    for (int i = 0; i < 5; i++) {
        snprintf(want, sizeof want, "segmentation: %d of 5", i);
        assert_non_null(strstr(sheet_text(q, id, "en", out, sizeof out), want));
        for (int k = i + 1; k < 5; k++)
            REQ_REFUSED(q, set(q, KAM_KIND_SEGMENTATION, id, step[k], "too early"), KAM_E_INVAL, "in order");
        REQ_MUST(q, set(q, KAM_KIND_SEGMENTATION, id, step[i], "known"));
    }
    REQ_REFUSED(q, set(q, KAM_KIND_SEGMENTATION, id, step[1], NULL), KAM_E_INVAL, "in order");
    req_save(q, KAM_KIND_SEGMENT_CARD, "{\"name\":\"city hospitals\",\"segmentation\":" LL "}", (ll)id);
    REQ_TEXT(q, sheet_text(q, id, "zh", out, sizeof out),
             "市场细分工作表：5 of 5，基准日 2026-03-02\n  1. 怎样行事：known\n  2. 购买原因：known\n  3. 如何影响：known\n"
             "  4. 汇总重要因素：known\n  5. 寻找相同需求的细分市场：known\n  city hospitals：未接受\n");
}

/* ---------------------------------------------------------------- R46 */

static void r046_card(req *q) {
    char out[2000];
    int64_t id, day = req_day("2026-02-28");
    for (int i = 1; i <= 3; i++) {
        int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\",\"region\":\"%s\",\"potential\":\"1000.00\"}", i < 3 ? "N" : "S");
        req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"SALE\",\"day\":\"2026-01-05\",\"amount\":\"100.00\"}", (ll)a);
        req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"SALE\",\"day\":\"2025-01-05\",\"amount\":\"80.00\"}", (ll)a);
    }
    int64_t policy = 0;
    REQ_MUST(q, kam_policy_add(&policy, q->book, KAM_POLICY_SEGMENT, "{\"name\":\"north\",\"condition\":\"region == 'N'\"}",
                               KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, policy, req_day("2025-01-01"), KAM_DAY_END, q->err));
    id = req_save(q, KAM_KIND_SEGMENT_CARD, "{\"name\":\"north\",\"segment\":\"north\",\"large_enough\":true,\"similar\":true,"
                  "\"market_share\":\"a third\",\"competitors\":\"two\"}");
    REQ_TEXT(q, card_text(q, id, (int32_t)day, "en", out, sizeof out),
             "segment card: open, as of 2026-02-28\n  large enough: true\n  alike inside: true\n"
             "  relevant to the buying situation: not recorded\n  reachable: not recorded\n  market share: a third\n"
             "  market growth: missing\n  target customers: missing\n  competitors: two\n  objectives and strategy: missing\n"
             "  members: 2\n  revenue of twelve months: 200.00 CNY\n  against the twelve months before: 25.00 %\n"
             "  share of the revenue of all accounts: 66.67 %\n  share of their potential, where it is known: 10.00 %\n");
    kam_why *why = NULL;
    REQ_REFUSED(q, kam_segment_card_why(&why, q->book, 99, KAM_TODAY, q->err), KAM_E_NOT_FOUND, "99");
    REQ_MUST(q, set(q, KAM_KIND_SEGMENT_CARD, id, KAM_SEGMENT_CARD_SEGMENT, "nowhere"));
    REQ_REFUSED(q, kam_segment_card_why(&why, q->book, id, KAM_TODAY, q->err), KAM_E_POLICY, "nowhere");
    assert_null(why);
}

void test_R044_accepted_only_with_all_four_tests_true(void **state) { (void)state; req_each(r044_four_tests); }
void test_R045_five_steps_in_order(void **state) { (void)state; req_each(r045_five_steps); }
void test_R046_card_of_five_fields_with_measured_figures(void **state) { (void)state; req_each(r046_card); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R044_accepted_only_with_all_four_tests_true),
        cmocka_unit_test(test_R045_five_steps_in_order),
        cmocka_unit_test(test_R046_card_of_five_fields_with_measured_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
