/*
 * R51 a segment is a saved condition with its members on a day: who joined, who left, why, the same again from the past.
 */
#include "req.h"

#define MISSING "region has no value here; declare it optional(...) where that may be"
#define DOC "{\"name\": \"north\", \"condition\": \"region == 'N' && x_size >= 10\"}"

static const char *members(req *q, kam_run *run, char out[400]) {
    static const uint32_t f[] = {KAM_MEMBER_ACCOUNT, KAM_MEMBER_WHAT, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_MEMBER, q->err));
    return req_rows(q, rows, f, out, 400);
}

static kam_run *run_on(req *q, kam_book *book, const char *day) {
    kam_segment *s = NULL;
    kam_run *run = NULL;
    REQ_MUST(q, kam_segment_open(&s, book, "north", KAM_TODAY, q->err));
    REQ_MUST(q, kam_segment_run(&run, book, s, req_day(day), q->err));
    kam_segment_free(s);
    return run;
}

static void set(req *q, int64_t id, uint32_t field, const char *text) {
    kam_record *r = req_get(q, KAM_KIND_ACCOUNT, id, KAM_TODAY);
    REQ_MUST(q, kam_record_set_text(r, field, text, KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
}

static void why(req *q, kam_run *run, int64_t id, const char *want) {
    static const uint32_t f[] = {KAM_REASON_FACTOR, KAM_REASON_VALUE, 0};
    kam_why *w = NULL;
    kam_rows *rows = NULL;
    char got[900];
    REQ_MUST(q, kam_run_why(&w, run, id, q->err));
    REQ_MUST(q, kam_why_rows(&rows, w, q->err));
    REQ_TEXT(q, req_rows(q, rows, f, got, sizeof got), want);
    kam_why_free(w);
}

static void trials(req *q) {
    kam_segment *s = NULL;
    kam_run *run = NULL;
    REQ_REFUSED(q, kam_segment_parse(&s, NULL, "{\"name\": \"x\", \"condition\": \"regon == 'N'\"}", KAM_NUL, q->err),
                KAM_E_PARSE, "region");
    REQ_REFUSED(q, kam_segment_parse(&s, NULL, "{\"name\": \"x\", \"condition\": \"region\"}", KAM_NUL, q->err),
                KAM_E_POLICY, "a condition is true or false");
    REQ_MUST(q, kam_segment_parse(&s, NULL, "{\"name\": \"x\", \"condition\": \"region.orValue('') == '' || revenue_12m >= 1000\","
                                  " \"optional\": [\"region\"]}", KAM_NUL, q->err));
    REQ_MUST(q, kam_segment_run(&run, q->book, s, KAM_TODAY, q->err));
    REQ_REFUSED(q, kam_run_apply(run, 0, q->err), KAM_E_POLICY, "");
    kam_run_free(run);
    kam_segment_free(s);
}

static void R051(req *q) {
    char got[400], first[400], want[400];
    int64_t policy = 0, id[4], applied = 0, known = 0;
    req_save(q, KAM_KIND_FIELD, "{\"kind\":\"account\",\"name\":\"x_size\",\"type\":\"int\"}");
    for (int i = 0; i < 4; i++)
        id[i] = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"A%d\",\"region\":%s,\"x_size\":%d}", i,
                         i == 3 ? "null" : i == 2 ? "\"S\"" : "\"N\"", 10 + i);
    REQ_MUST(q, kam_policy_add(&policy, q->book, KAM_POLICY_SEGMENT, DOC, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, policy, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    trials(q);

    kam_run *run = run_on(q, q->book, "2026-03-02");
    snprintf(want, sizeof want, "%lld JOINED|%lld JOINED", (long long)id[0], (long long)id[1]);
    REQ_TEXT(q, members(q, run, first), want);
    REQ_TEXT(q, kam_record_text(kam_run_record(run), KAM_RUN_COUNTS, ""), "{\"members\":2,\"joined\":2,\"left\":0,\"unknown\":1}");
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    applied = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    known = kam_record_i64(kam_run_record(run), KAM_RUN_KNOWN, 0);
    why(q, run, id[0], "condition member|region N|x_size 10|region == 'N' && x_size >= 10 true|region == 'N' true|"
                       "region \"N\"|x_size >= 10 true|x_size 10");
    why(q, run, id[3], "condition unknown|region -|x_size 13|region == 'N' && x_size >= 10 " MISSING "|region == 'N' " MISSING
                       "|region " MISSING "|x_size >= 10 true|x_size 13");
    kam_run_free(run);

    q->now += REQ_DAY_MS;
    set(q, id[0], KAM_ACCOUNT_REGION, "S");
    set(q, id[3], KAM_ACCOUNT_REGION, "N");
    run = run_on(q, q->book, "2026-03-03");
    snprintf(want, sizeof want, "%lld LEFT|%lld STAYED|%lld JOINED", (long long)id[0], (long long)id[1], (long long)id[3]);
    REQ_TEXT(q, members(q, run, got), want);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);

    /* The stored run keeps its members and is explained by what was known then; the same run over the past gives them. */
    REQ_MUST(q, kam_run_open(&run, q->book, applied, q->err));
    REQ_TEXT(q, members(q, run, got), first);
    why(q, run, id[0], "condition member|region N|x_size 10|region == 'N' && x_size >= 10 true|region == 'N' true|"
                       "region \"N\"|x_size >= 10 true|x_size 10");
    kam_run_free(run);
    kam_book *then = NULL;
    REQ_MUST(q, kam_book_known(&then, q->book, known, q->err));
    run = run_on(q, then, "2026-03-02");
    REQ_TEXT(q, members(q, run, got), first);
    kam_run_free(run);
    kam_book_close(then);
}

static void test_R051_a_segment_is_a_condition_with_members_on_a_day(void **state) { (void)state; req_each(R051); }

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_R051_a_segment_is_a_condition_with_members_on_a_day)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
