/* kam_clv_run over a book: the same figures as the engines on the same purchases, storing, explaining, the past as it
 * was known, the attributes that come of it, and that nothing is left behind when memory runs out. */
#include "help.h"
#include "requirements/req.h"
#include "store/store.h"
#include "value/value_book_clv.h"

#define LL "%lld"
typedef long long ll;
#define BUYERS 24

static void buy(req *q, int64_t id, int32_t day, const char *event, int64_t amount) {
    char text[16];
    req_save(q, KAM_KIND_LEDGER, "{\"account\":" LL ",\"event\":\"%s\",\"day\":\"%s\",\"amount\":" LL ".50}", (ll)id, event,
             (kam__day_format(text, day), text), (ll)amount);
}

/* What the engines get: x, tx, t in weeks, mean of the repeat purchases. */
typedef struct bought { int32_t x[BUYERS]; double tx[BUYERS], t[BUYERS], m[BUYERS]; } bought;

/* Accounts 1..BUYERS with a first purchase and then some at intervals of their own, all by a small generator. */
static void shop(req *q, bought *b, int32_t as_of) {
    uint32_t seed = 20260228;
    for (int i = 0; i < BUYERS; i++) {
        int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
        int32_t first = as_of - 350 + i * 5, day = first, last = first, gap = 15 + (i * 37) % 90;
        double sum = 0;
        b->x[i] = 0;
        int stops = i % 4 == 3 ? 2 : 99;                            /* some are gone early */
        buy(q, id, first, "SALE", 10);
        for (int k = 0; k < stops; k++) {
            seed = seed * 1664525u + 1013904223u;
            day += 3 + (int32_t)(seed >> 16) % gap;
            if (day > as_of) break;
            int64_t amount = 20 + i * 3 + (int32_t)(seed >> 20) % 40;
            buy(q, id, day, "SALE", amount);
            b->x[i]++, last = day, sum += (double)amount + 0.5;
        }
        b->tx[i] = (last - first) / 7.0, b->t[i] = (as_of - first) / 7.0, b->m[i] = b->x[i] ? sum / b->x[i] : 0;
    }
}

static kam_run *run_of(req *q, kam_book *book, uint32_t model, int32_t as_of) {
    kam_clv_options o;
    kam_run *run = NULL;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.model = model;
    o.rate = 0.01;
    REQ_MUST(q, kam_clv_run(&run, book, &o, as_of, q->err));
    return run;
}

static const char *text_of(req *q, kam_run *run, char *out, size_t size) {
    static const uint32_t field[] = {KAM_ACCOUNT_CLV_ACCOUNT, KAM_ACCOUNT_CLV_X, KAM_ACCOUNT_CLV_TX, KAM_ACCOUNT_CLV_T,
                                     KAM_ACCOUNT_CLV_MEAN, KAM_ACCOUNT_CLV_EXPECTED, KAM_ACCOUNT_CLV_P_ALIVE,
                                     KAM_ACCOUNT_CLV_EV, KAM_ACCOUNT_CLV_CLV, KAM_ACCOUNT_CLV_RANK,
                                     KAM_ACCOUNT_CLV_MODEL, KAM_ACCOUNT_CLV_STATUS, 0};
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_CLV, q->err));
    return req_rows(q, rows, field, out, size);
}

static void near(req *q, const kam_record *r, uint32_t field, double want) {
    double got = kam_record_f64(r, field, -1), off = got > want ? got - want : want - got;
    if (off > 1e-8 * (want > 1 ? want : 1)) fail_msg("%s: field %u is %s", q->on, field, kam_record_text(r, field, "-"));
}

/* The rows are what fit, predict, spend and value say of the same purchases; most value first. */
static void as_the_engines(req *q) {
    bought b;
    int32_t as_of = req_day("2026-02-28");
    kam_clv *model = NULL, *spending = NULL;
    double expected[BUYERS], alive[BUYERS], ev[BUYERS], clv[BUYERS];
    kam_rows *rows = NULL;
    int64_t last = INT64_MAX, n = 0;
    shop(q, &b, as_of);
    kam_clv_rows in = {.struct_size = sizeof in, .n = BUYERS, .x = b.x, .tx = b.tx, .t = b.t, .m = b.m};
    REQ_MUST(q, kam_clv_fit(&model, q->ctx, KAM_CLV_BGNBD, &in, q->err));
    REQ_MUST(q, kam_clv_fit(&spending, q->ctx, KAM_CLV_GG, &in, q->err));
    REQ_MUST(q, kam_clv_predict(expected, alive, model, &in, 12 * 4.345, q->err));
    REQ_MUST(q, kam_clv_spend(ev, spending, &in, q->err));
    REQ_MUST(q, kam_clv_value(clv, model, spending, &in, 4.345, 12, 0.01, q->err));
    kam_run *run = run_of(q, q->book, KAM_CLV_BGNBD, as_of);
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_CLV, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        int64_t i = kam_record_i64(r, KAM_ACCOUNT_CLV_ACCOUNT, 0) - 1, v = kam_record_i64(r, KAM_ACCOUNT_CLV_CLV, -1);
        assert_true(i >= 0 && i < BUYERS);
        REQ_EQUAL(q, kam_record_i64(r, KAM_ACCOUNT_CLV_X, -1), b.x[i]);
        near(q, r, KAM_ACCOUNT_CLV_TX, b.tx[i]);
        near(q, r, KAM_ACCOUNT_CLV_T, b.t[i]);
        near(q, r, KAM_ACCOUNT_CLV_EXPECTED, expected[i]);
        near(q, r, KAM_ACCOUNT_CLV_P_ALIVE, alive[i]);
        REQ_EQUAL(q, v, (int64_t)(clv[i] * 100 + 0.5));
        REQ_EQUAL(q, kam_record_i64(r, KAM_ACCOUNT_CLV_EV, -1), (int64_t)(ev[i] * 100 + 0.5));
        REQ_EQUAL(q, kam_record_i64(r, KAM_ACCOUNT_CLV_RANK, -1), ++n);
        assert_true(v <= last);
        last = v;
    }
    REQ_EQUAL(q, n, BUYERS);
    kam_rows_free(rows);
    kam_run_free(run);
    kam_clv_free(model);
    kam_clv_free(spending);
}

/* One purchase a day, returns lower it and are none, costs are none, days after the day are not seen. */
static void purchases(req *q) {
    static const uint32_t field[] = {KAM_ACCOUNT_CLV_ACCOUNT, KAM_ACCOUNT_CLV_X, KAM_ACCOUNT_CLV_TX, KAM_ACCOUNT_CLV_T,
                                     KAM_ACCOUNT_CLV_MEAN, KAM_ACCOUNT_CLV_STATUS, 0};
    char out[1000];
    kam_rows *rows = NULL;
    int32_t d = req_day("2026-02-28");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\"}"), b = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"b\"}");
    int64_t c = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"c\"}");
    buy(q, a, d - 28, "SALE", 5);
    buy(q, a, d - 14, "SALE", 10);
    buy(q, a, d - 14, "SALE", 20);
    buy(q, a, d - 14, "RETURN", 3);
    buy(q, a, d - 7, "RETURN", 1);
    buy(q, a, d - 1, "COST_OF_GOODS", 1);
    buy(q, a, d + 1, "SALE", 10);
    buy(q, b, d, "SALE", 10);
    buy(q, c, d, "RETURN", 10);
    kam_run *run = run_of(q, q->book, KAM_CLV_NBD, d);
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_CLV, q->err));
    const char *got = req_rows(q, rows, field, out, sizeof out);
    if (!strstr(got, "1 1 2 4 27.50 ")) fail_msg("%s: %s", q->on, got);
    if (!strstr(got, "2 0 0 0 - ")) fail_msg("%s: %s", q->on, got);
    REQ_EQUAL(q, kam_record_i64(kam_run_record(run), KAM_RUN_ACCOUNTS, 0), 2);
    kam_run_free(run);
}

static void auto_says_what_it_tried(req *q) {
    bought b;
    shop(q, &b, req_day("2026-02-28"));
    kam_run *run = run_of(q, q->book, 0, req_day("2026-02-28"));
    const kam_record *r = kam_run_record(run);
    const char *s = kam_record_text(r, KAM_RUN_STATISTICS, ""), *name = kam_record_text(r, KAM_RUN_NAME, "");
    char want[64];
    static const char *const part[] = {"\"tried\":[{\"model\":\"bgnbd\"", "{\"model\":\"mbgnbd\"", "{\"model\":\"pnbd\"",
                                       "\"spending\":{\"kam_clv\":1,\"model\":\"gg\"", "\"unit\":\"week\",\"months\":12",
                                       "\"rate\":0.01,\"accounts\":24"};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        if (!strstr(s, part[i])) fail_msg("%s: no %s in %s", q->on, part[i], s);
    snprintf(want, sizeof want, "\"model\":{\"kam_clv\":1,\"model\":\"%s\"", name);
    if (!strstr(s, want)) fail_msg("%s: no %s in %s", q->on, want, s);
    kam_run_free(run);
}

static void stored_and_known(req *q) {
    static char before[9000], after[9000];
    bought b;
    int32_t as_of = req_day("2026-02-28");
    kam_book *then = NULL;
    int64_t seq = 0;
    shop(q, &b, as_of);
    REQ_MUST(q, kam_book_seq(&seq, q->book, KAM_TODAY, q->err));
    kam_run *run = run_of(q, q->book, 0, as_of);
    text_of(q, run, before, sizeof before);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    buy(q, 1, as_of - 2, "SALE", 900);                              /* posted late */
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    REQ_TEXT(q, text_of(q, run, after, sizeof after), before);
    kam_run_free(run);
    run = run_of(q, q->book, 0, as_of);
    assert_string_not_equal(text_of(q, run, after, sizeof after), before);
    kam_run_free(run);
    REQ_MUST(q, kam_book_known(&then, q->book, seq, q->err));
    run = run_of(q, then, 0, as_of);
    REQ_TEXT(q, text_of(q, run, after, sizeof after), before);
    kam_run_free(run);
    kam_book_close(then);
}

static int64_t differs(req *q, kam_run *run, int64_t account, const char *says) {
    kam_why *why = NULL;
    kam_buf *text = NULL;
    REQ_MUST(q, kam_run_why(&why, run, account, q->err));
    int64_t v = kam_record_i64(kam_why_record(why), KAM_VERDICT_INPUTS_DIFFER, -1);
    REQ_MUST(q, kam_buf_new(&text, q->ctx, q->err));
    REQ_MUST(q, kam_why_text(text, why, "en", q->err));
    if (!strstr(kam_buf_data(text), says)) fail_msg("%s: no %s in\n%s", q->on, says, kam_buf_data(text));
    kam_buf_free(text);
    kam_why_free(why);
    return v;
}

static void explained(req *q) {
    bought b;
    int32_t as_of = req_day("2026-02-28");
    kam_why *why = NULL;
    shop(q, &b, as_of);
    kam_run *run = run_of(q, q->book, KAM_CLV_NBD, as_of);
    REQ_EQUAL(q, differs(q, run, 2, "parameter of purchases: alpha = "), 0);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    REQ_MUST(q, kam_run_open(&run, q->book, id, q->err));
    for (int64_t i = 1; i <= BUYERS; i++) REQ_EQUAL(q, differs(q, run, i, "probability that it still buys: 1"), 0);
    buy(q, 2, as_of - 2, "SALE", 900);
    REQ_EQUAL(q, differs(q, run, 2, "lifetime value: "), 1);
    REQ_EQUAL(q, differs(q, run, 3, "parameter of spending: gamma = "), 0);
    REQ_REFUSED(q, kam_run_why(&why, run, 99, q->err), KAM_E_NOT_FOUND, "account 99");
    kam_run_free(run);
}

/* ---------------------------------------------------------------- attributes */

static const char *attributes(req *q, int64_t account, const char *day, char *out, size_t size) {
    static const uint32_t field[] = {KAM_ATTRIBUTES_CLV_12M, KAM_ATTRIBUTES_P_ALIVE, KAM_ATTRIBUTES_CLV_MODEL,
                                     KAM_ATTRIBUTES_CLV_AS_OF, KAM_ATTRIBUTES_RFM_AS_OF, KAM_ATTRIBUTES_RFM};
    kam_account *a = NULL;
    const kam_record *r = NULL;
    size_t n = 0;
    REQ_MUST(q, kam_account_open(&a, q->book, account, req_day(day), q->err));
    REQ_MUST(q, kam_account_attributes(&r, a, q->err));
    for (int i = 0; i < 6; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%s", i ? " " : "", kam_record_text(r, field[i], "-"));
    kam_account_free(a);
    return out;
}

static void attributes_of_runs(req *q) {
    bought b;
    char out[200], want[200];
    kam_rows *rows = NULL;
    int32_t as_of = req_day("2026-02-28");
    shop(q, &b, as_of);
    REQ_TEXT(q, attributes(q, 1, "2026-02-28", out, sizeof out), "- - - - - -");
    kam_run *run = run_of(q, q->book, KAM_CLV_NBD, as_of);
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_CLV, q->err));
    want[0] = '\0';
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows))
        if (kam_record_i64(r, KAM_ACCOUNT_CLV_ACCOUNT, 0) == 1)
            snprintf(want, sizeof want, "%s 1 nbd 2026-02-28 - -", kam_record_text(r, KAM_ACCOUNT_CLV_CLV, "-"));
    kam_rows_free(rows);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    REQ_TEXT(q, attributes(q, 1, "2026-02-28", out, sizeof out), want);
    REQ_TEXT(q, attributes(q, 1, "2026-02-27", out, sizeof out), "- - - - - -");             /* the run is of a later day */
    REQ_MUST(q, kam_value_run(&run, q->book, NULL, as_of, q->err));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    attributes(q, 1, "2026-03-01", out, sizeof out);
    size_t n = strlen(out);
    assert_non_null(strstr(out, " nbd 2026-02-28 2026-02-28 "));
    assert_true(n > 3 && out[n - 4] == ' ' && out[n - 1] >= '1' && out[n - 1] <= '5');
}

/* Segments and scorecards read them like any attribute; they are the stored run's, not fitted anew. */
static void deciding_by_them(req *q) {
    bought b;
    int32_t as_of = req_day("2026-02-28");
    kam_segment *segment = NULL;
    kam_scorecard *card = NULL;
    kam_run *run = NULL;
    shop(q, &b, as_of);
    run = run_of(q, q->book, KAM_CLV_NBD, as_of);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    REQ_EQUAL(q, kam_record_i64(kam_run_record(run), KAM_RUN_VERSION, 0), 1);
    REQ_TEXT(q, kam_record_text(kam_run_record(run), KAM_RUN_NAME, ""), "nbd");
    kam_run_free(run);
    REQ_MUST(q, kam_segment_parse(&segment, q->ctx, "{\"name\":\"s\",\"condition\":\"p_alive == decimal('1') && clv_12m > 0 && "
                                  "clv_model == 'nbd' && trend > -1 && contribution_12m > 0\"}", KAM_NUL, q->err));
    REQ_MUST(q, kam_segment_run(&run, q->book, segment, as_of, q->err));
    assert_true(kam_record_i64(kam_run_record(run), KAM_RUN_ITEMS, 0) > 0);
    kam_run_free(run);
    kam_segment_free(segment);
    REQ_MUST(q, kam_scorecard_parse(&card, q->ctx, "{\"name\":\"c\",\"title\":{\"en\":\"c\",\"zh\":\"c\"},\"factors\":[{\"id\":\"alive\","
                                    "\"attribute\":\"p_alive\",\"bands\":[{\"from\":\"0.5\",\"points\":10}],\"otherwise\":0}]}", KAM_NUL, q->err));
    REQ_MUST(q, kam_scoring_run(&run, q->book, card, as_of, q->err));
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_SCORE, q->err));
    REQ_TEXT(q, kam_record_text(req_next(q, rows), KAM_SCORE_POINTS, ""), "10");
    kam_rows_free(rows);
    kam_run_free(run);
    kam_scorecard_free(card);
}

static void refusals(req *q) {
    kam_run *run = NULL;
    kam_clv_options o = {.struct_size = sizeof o, .model = KAM_CLV_GG};
    REQ_REFUSED(q, kam_clv_run(&run, q->book, &o, 100, q->err), KAM_E_INVAL, "model 5");
    o = (kam_clv_options){.struct_size = sizeof o, .unit = 3};
    REQ_REFUSED(q, kam_clv_run(&run, q->book, &o, 100, q->err), KAM_E_INVAL, "unit of time 3");
    o = (kam_clv_options){.struct_size = sizeof o, .rate = -0.1};
    REQ_REFUSED(q, kam_clv_run(&run, q->book, &o, 100, q->err), KAM_E_INVAL, "discount");
    o = (kam_clv_options){.struct_size = sizeof o, .flags = 64};
    REQ_REFUSED(q, kam_clv_run(&run, q->book, &o, 100, q->err), KAM_E_INVAL, "flags");
    REQ_REFUSED(q, kam_clv_run(NULL, q->book, NULL, 100, q->err), KAM_E_INVAL, "out");
    run = run_of(q, q->book, 0, 100);                               /* an empty book has no rows */
    REQ_EQUAL(q, kam_record_i64(kam_run_record(run), KAM_RUN_ACCOUNTS, -1), 0);
    kam_run_free(run);
}

/* ---------------------------------------------------------------- memory */

static void test_out_of_memory(void **state) {
    (void)state;
    help_memory m;
    req q;
    bought b;
    kam_run *run = NULL;
    kam_why *why = NULL;
    int32_t rc = KAM_E_NOMEM;
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .actor = "t", .currency = "CNY"};
    memset(&q, 0, sizeof q);
    q.on = "memory";
    q.ctx = help_ctx(&m);
    assert_int_equal(kam_error_new(&q.err, NULL), KAM_OK);
    REQ_MUST(&q, kam_store_memory(&q.store, q.ctx, q.err));
    REQ_MUST(&q, kam_book_open(&q.book, q.ctx, q.store, &o, q.err));
    shop(&q, &b, req_day("2026-02-28"));
    kam_run_free(run_of(&q, q.book, 0, req_day("2026-02-28")));     /* what the book keeps is there then */
    for (long n = 0, live = m.live; rc == KAM_E_NOMEM; n++) {
        m.left = n;
        rc = kam_clv_run(&run, q.book, NULL, req_day("2026-02-28"), q.err);
        if (rc == KAM_OK) rc = kam_run_why(&why, run, 1, q.err);
        m.left = -1;
        kam_why_free(why);
        kam_run_free(run);
        why = NULL, run = NULL;
        if (m.live > live + 2) fail_msg("allocation %ld: %ld pieces are left behind", n, m.live - live);
        if (rc != KAM_OK && rc != KAM_E_NOMEM) fail_msg("allocation %ld: %s", n, kam_error_message(q.err));
    }
    kam_book_close(q.book);
    kam_store_free(q.store);
    kam_ctx_free(q.ctx);
    kam_error_free(q.err);
    assert_int_equal(m.live, 0);
}

#define EACH(fn) static void test_##fn(void **state) { (void)state; req_each(fn); }
EACH(as_the_engines)
EACH(purchases)
EACH(auto_says_what_it_tried)
EACH(stored_and_known)
EACH(explained)
EACH(attributes_of_runs)
EACH(deciding_by_them)
EACH(refusals)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_the_engines), cmocka_unit_test(test_purchases),
        cmocka_unit_test(test_auto_says_what_it_tried), cmocka_unit_test(test_stored_and_known),
        cmocka_unit_test(test_explained), cmocka_unit_test(test_attributes_of_runs),
        cmocka_unit_test(test_deciding_by_them),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
