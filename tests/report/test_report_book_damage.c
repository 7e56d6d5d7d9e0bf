/* A report of a book whose stored documents are damaged: told with the document's name, never a page that hides it. */
#include "base/base_test.h"
#include "requirements/req.h"
#include "store/store.h"

typedef long long ll;
#define LL "%lld"

/* A text of a stored record, written past the library. */
static void put(req *q, uint32_t kind, int64_t id, uint32_t of, const char *body)
{
    const uint32_t field[] = {KAM_ID, of};
    static const uint8_t type[] = {KAM_T_I64, KAM_T_TEXT};
    kam__blockbuf bb;
    kam_block block;
    kam__call c;
    REQ_MUST(q, kam__txn_enter(&c, q->book, KAM_BEGIN_WRITE, q->err));
    REQ_MUST(q, kam__bb_init(&bb, q->ctx, 2, field, type, q->err));
    kam__bb_i64(&bb, 0, id);
    kam__bb_text(&bb, 1, body, strlen(body));
    REQ_MUST(q, kam__bb_end_row(&bb, q->err));
    kam__bb_view(&bb, &block);
    REQ_MUST(q, kam__db_write(&kam__book_home(q->book)->db, kind, KAM_WRITE_UPDATE, &block, q->err));
    kam__bb_free(&bb);
    REQ_MUST(q, kam__txn_leave(&c, KAM_OK, q->err));
}

static void damage(req *q, int64_t policy, const char *body) { put(q, KAM_KIND_POLICY, policy, KAM_POLICY_BODY, body); }

static void report_says(req *q, int32_t code, const char *part)
{
    kam_buf *out = NULL;
    REQ_MUST(q, kam_buf_new(&out, q->ctx, q->err));
    int32_t rc = kam_report_html(out, q->book, NULL, KAM_TODAY, q->err);
    if (rc != code || (code && !strstr(kam_error_message(q->err), part)))
        fail_msg("%s: %s: %s", q->on, kam_code_name(rc), kam_error_message(q->err));
    if (code) assert_int_equal(kam_buf_size(out), 0);
    kam_buf_free(out);
}

static int64_t applied(req *q, kam_run *run)
{
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t policy = kam_record_i64(kam_run_record(run), KAM_RUN_POLICY, 0);
    kam_run_free(run);
    return policy;
}

static void firm(req *q)
{
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Acme\",\"city\":\"Bonn\"}");
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"day\":\"2026-01-15\",\"event\":\"SALE\",\"amount\":\"100.00\"}",
             (ll)a);
}

static void a_damaged_scheme(req *q)
{
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    firm(q);
    REQ_MUST(q, kam_scheme_open(&s, q->book, "quota-20-40-40", req_day("2026-03-01"), q->err));
    REQ_MUST(q, kam_grading_run(&run, q->book, s, req_day("2026-03-01"), q->err));
    kam_scheme_free(s);
    int64_t policy = applied(q, run);
    report_says(q, KAM_OK, "");
    damage(q, policy, "{\"name\":\"quota-20-40-40\",");
    report_says(q, KAM_E_PARSE, "the stored SCHEME \"quota-20-40-40\", version 1, cannot be read: ");
    damage(q, policy,
           "{\"name\":\"quota-20-40-40\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},\"kind\":\"ordinal\",\"grades\":[]}");
    report_says(q, KAM_E_PARSE, "the stored SCHEME \"quota-20-40-40\", version 1, cannot be read: \"grades\"");
}

static void a_damaged_card(req *q)
{
    static const char card[] =
        "{\"name\":\"c\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},\"factors\":[{\"id\":\"f\",\"attribute\":\"city\","
        "\"map\":{\"Bonn\":1},\"otherwise\":0}]}";
    kam_scorecard *c = NULL;
    kam_run *run = NULL;
    int64_t id = 0;
    firm(q);
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_SCORECARD, card, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
    REQ_MUST(q, kam_scorecard_open(&c, q->book, "c", req_day("2026-03-01"), q->err));
    REQ_MUST(q, kam_scoring_run(&run, q->book, c, req_day("2026-03-01"), q->err));
    kam_scorecard_free(c);
    assert_int_equal(applied(q, run), id);
    report_says(q, KAM_OK, "");
    damage(q, id, "{\"name\":\"c\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},\"factors\":[]}");
    report_says(q, KAM_E_PARSE, "the stored SCORECARD \"c\", version 1, cannot be read: ");
}

/* A run of lifetime values old enough to be compared with what came. */
static void a_damaged_model(req *q)
{
    kam_run *run = NULL;
    REQ_MUST(q, kam_clv_run(&run, q->book, NULL, req_day("2026-01-10"), q->err));      /* of nobody */
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    report_says(q, KAM_OK, "");
    firm(q);
    REQ_MUST(q, kam_clv_run(&run, q->book, NULL, req_day("2026-01-20"), q->err));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    report_says(q, KAM_OK, "");
    put(q, KAM_KIND_RUN, id, KAM_RUN_STATISTICS, "{}");
    report_says(q, KAM_E_PARSE, "the statistics of run 2 hold no model");
}

#define EACH(fn) static void test_##fn(void **state) { (void)state; req_each(fn); }
EACH(a_damaged_scheme)
EACH(a_damaged_card)
EACH(a_damaged_model)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_damaged_scheme), cmocka_unit_test(test_a_damaged_card),
                                       cmocka_unit_test(test_a_damaged_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
