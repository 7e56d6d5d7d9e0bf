/*
 * R24 who decides, by amount, novelty and complexity: the built-in decision table and its reasons. R138 a table changes
 * by approved versions only, and a day is judged by the version in force on it.
 */
#include "req.h"

static kam_dtable *table(req *q, const char *name, const char *day) {
    kam_dtable *t = NULL;
    REQ_MUST(q, kam_dtable_open(&t, q->book, name, req_day(day), q->err));
    return t;
}

static const char *decide(req *q, const kam_dtable *t, const char *in, char out[200]) {
    kam_buf *buf = NULL;
    REQ_MUST(q, kam_buf_new(&buf, NULL, q->err));
    REQ_MUST(q, kam_dtable_decide_json(buf, NULL, t, in, KAM_NUL, q->err));
    snprintf(out, 200, "%.*s", (int)kam_buf_size(buf), (const char *)kam_buf_data(buf));
    kam_buf_free(buf);
    return out;
}

static void who_decides(req *q) {
    static const struct { const char *in, *want; } cases[] = {
        {"{\"amount\": 5000, \"is_new\": false, \"complexity\": \"LOW\"}", "[{\"decides\":\"BUYER\"}]"},
        {"{\"amount\": 5000, \"is_new\": true, \"complexity\": \"LOW\"}", "[{\"decides\":\"DEPARTMENT\"}]"},
        {"{\"amount\": 5000, \"is_new\": false, \"complexity\": \"HIGH\"}", "[{\"decides\":\"EXECUTIVE\"}]"},
        {"{\"amount\": 99999.99, \"is_new\": false, \"complexity\": \"MEDIUM\"}", "[{\"decides\":\"DEPARTMENT\"}]"},
        {"{\"amount\": 100000, \"is_new\": false, \"complexity\": \"MEDIUM\"}", "[{\"decides\":\"EXECUTIVE\"}]"},
        {"{\"amount\": 300000, \"is_new\": true, \"complexity\": \"HIGH\"}", "[{\"decides\":\"BOARD\"}]"},
        {"{\"amount\": 1000000, \"is_new\": false, \"complexity\": \"LOW\"}", "[{\"decides\":\"BOARD\"}]"},
    };
    char got[200];
    kam_dtable *t = table(q, "decision-authority", "2026-03-02");
    kam_rows *rows = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) REQ_TEXT(q, decide(q, t, cases[i].in, got), cases[i].want);
    REQ_REFUSED(q, kam_dtable_decide_json(NULL, NULL, t, "{\"amount\": 1, \"is_new\": true}", KAM_NUL, q->err),
                KAM_E_POLICY, "\"complexity\" has no value");
    REQ_MUST(q, kam_dtable_findings(&rows, t, q->err));
    if (req_next(q, rows)) fail_msg("%s: the table has gaps or rows that never count", q->on);
    kam_rows_free(rows);
    kam_dtable_free(t);
}

static void why_it_decides(req *q) {
    static const uint32_t f[] = {KAM_REASON_FACTOR, KAM_REASON_CODE, KAM_REASON_BAND, 0};
    static const char in[] = "{\"amount\": 20000, \"is_new\": true, \"complexity\": \"LOW\"}";
    char got[800];
    kam_dtable *t = table(q, "decision-authority", "2026-03-02");
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_dtable_decide_json(NULL, &why, t, in, KAM_NUL, q->err));
    kam_dtable_free(t);
    REQ_MUST(q, kam_why_rows(&rows, why, q->err));
    REQ_TEXT(q, req_rows(q, rows, f, got, sizeof got),
             "row 1 large NO >= 1000000|row 2 large-new NO >= 300000|row 3 middle NO [100000..1000000)|"
             "row 4 complex NO \"HIGH\"|row 5 new CHOSEN -|row 6 small MATCH -|row 7 routine NO < 10000");
    kam_why_free(why);
}

static void R024(req *q) {
    who_decides(q);
    why_it_decides(q);
}

/* ---------------------------------------------------------------- R138 */

#define STANDARD(limit) "{\"name\": \"standard\", \"hit\": \"UNIQUE\", \"inputs\": [{\"name\": \"amount\", \"type\": \"number\"}]," \
    " \"outputs\": [{\"name\": \"ok\"}], \"rows\": [{\"when\": [\"< " limit "\"], \"then\": [true]}," \
    " {\"when\": [\">= " limit "\"], \"then\": [false]}]}"

static int64_t version(req *q, const char *json, const char *from, const char *to) {
    int64_t id = 0;
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_DTABLE, json, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, req_day(from), to ? req_day(to) : KAM_DAY_END, q->err));
    return id;
}

static void R138(req *q) {
    char got[200], hash[2][80];
    const char *const day[] = {"2026-02-15", "2026-03-02"}, *const want[] = {"[{\"ok\":true}]", "[{\"ok\":false}]"};
    int64_t draft = 0;
    version(q, STANDARD("100"), "2026-01-01", "2026-03-01");
    version(q, STANDARD("50"), "2026-03-01", NULL);
    REQ_MUST(q, kam_policy_add(&draft, q->book, KAM_POLICY_DTABLE, STANDARD("10"), KAM_NUL, q->err));
    REQ_REFUSED(q, kam_policy_approve(q->book, draft, req_day("2026-02-01"), KAM_DAY_END, q->err), KAM_E_POLICY, "standard");
    for (int i = 0; i < 2; i++) {
        kam_dtable *t = table(q, "standard", day[i]);
        kam_why *why = NULL;
        REQ_TEXT(q, decide(q, t, "{\"amount\": 70}", got), want[i]);
        REQ_MUST(q, kam_dtable_decide_json(NULL, &why, t, "{\"amount\": 70}", KAM_NUL, q->err));
        REQ_EQUAL(q, kam_record_i64(kam_why_record(why), KAM_VERDICT_VERSION, 0), i + 1);
        snprintf(hash[i], sizeof hash[i], "%s", kam_record_text(kam_why_record(why), KAM_VERDICT_HASH, ""));
        kam_why_free(why);
        kam_dtable_free(t);
    }
    assert_string_not_equal(hash[0], hash[1]);
    kam_dtable *none = NULL;
    REQ_REFUSED(q, kam_dtable_open(&none, q->book, "standard", req_day("2025-12-31"), q->err), KAM_E_POLICY, "standard");
}

static void test_R024_who_decides_is_a_table(void **state) { (void)state; req_each(R024); }
static void test_R138_a_day_is_judged_by_the_version_in_force(void **state) { (void)state; req_each(R138); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R024_who_decides_is_a_table),
        cmocka_unit_test(test_R138_a_day_is_judged_by_the_version_in_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
