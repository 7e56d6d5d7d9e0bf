/* Scorecards over a book in memory: open, score, run, apply, why, the past read again, trials, failing memory. */
#include "book_test.h"
#include <kam/score.h>

#define KEY "key-account"
/* A card of three factors, whose figures the tests know by heart. */
#define CARD(name) "{\"name\": \"" name "\", \"title\": {\"en\": \"t\", \"zh\": \"测\"}, \"baseline\": \"1.5\", \"factors\": [" \
    "{\"id\": \"revenue\", \"attribute\": \"revenue_12m\", \"weight\": \"1.5\", \"bands\": [{\"below\": \"500\", \"points\": 1}," \
    " {\"from\": \"500\", \"below\": \"1000.00\", \"points\": \"3.3333\"}, {\"from\": \"1000\", \"points\": 7}]}," \
    "{\"id\": \"size\", \"attribute\": \"size\", \"map\": {\"LARGE\": 10, \"small\": {\"points\": -2, \"code\": \"S1\"," \
    " \"text\": {\"en\": \"small fry\", \"zh\": \"小客户\"}}}, \"otherwise\": 4, \"missing\": 2}," \
    "{\"id\": \"decider\", \"attribute\": \"decider_known\", \"flag\": {\"true\": 5, \"false\": 0}}]," \
    "\"warnings\": [{\"id\": \"idle\", \"attribute\": \"recency_days\", \"at_least\": 60, \"text\": {\"en\": \"idle\", \"zh\": \"停滞\"}}," \
    "{\"id\": \"never\", \"attribute\": \"recency_days\", \"missing\": true, \"text\": {\"en\": \"never bought\", \"zh\": \"从未采购\"}}]}"

static kam_scorecard *card(bt *t, kam_book *book, const char *name)
{
    kam_scorecard *c = NULL;
    MUST(t, kam_scorecard_open(&c, book, name, bt_day("2026-03-31"), t->err));
    return c;
}

static void approve(bt *t, const char *json)
{
    int64_t id = 0;
    MUST(t, kam_policy_add(&id, t->book, KAM_POLICY_SCORECARD, json, KAM_NUL, t->err));
    MUST(t, kam_policy_approve(t->book, id, KAM_DAY_FIRST, KAM_DAY_END, t->err));
}

static kam_run *score(bt *t, kam_book *book, const char *name, const char *day)
{
    kam_scorecard *c = card(t, book, name);
    kam_run *run = NULL;
    MUST(t, kam_scoring_run(&run, book, c, bt_day(day), t->err));
    kam_scorecard_free(c);
    return run;
}

/* "account points old missing warnings reason" a line, by rank. */
static const char *scores(bt *t, kam_run *run)
{
    static const uint32_t f[] = {KAM_SCORE_ACCOUNT, KAM_SCORE_POINTS, KAM_SCORE_OLD, KAM_SCORE_MISSING,
                                 KAM_SCORE_WARNINGS, KAM_SCORE_REASON};
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    size_t at = 0;
    int64_t rank = 0;
    t->text[0] = 0;
    MUST(t, kam_run_rows(&rows, run, KAM_KIND_SCORE, t->err));
    for (;;) {
        MUST(t, kam_rows_next(&r, rows, t->err));
        if (!r) break;
        assert_int_equal(kam_record_i64(r, KAM_SCORE_RANK, 0), ++rank);
        for (size_t i = 0; i < KAM__LEN(f); i++)
            at += (size_t)snprintf(t->text + at, sizeof t->text - at, "%s%s", i ? " | " : rank > 1 ? "\n" : "",
                                   kam_record_text(r, f[i], "-"));
        assert_true(at < sizeof t->text);
    }
    kam_rows_free(rows);
    return t->text;
}

/* 1: 1000.00, large, decider known. 2: 999.99, small. 3: 500 long ago, medium. 4: nothing. 5: disqualified. */
static void five(bt *t)
{
    static const char *const json[] = {"\"size\": \"LARGE\"", "\"size\": \"SMALL\"", "\"size\": \"MEDIUM\"", "\"city\": \"Xi'an\"",
                                       "\"size\": \"LARGE\""};
    for (int i = 0; i < 5; i++)
        assert_int_equal(bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"a%d\", %s}", i + 1, json[i]), i + 1);
    bt_sale(t, 1, "2026-03-01", "1000");
    bt_sale(t, 2, "2026-03-02", "999.99");
    bt_sale(t, 3, "2025-05-01", "500");
    bt_sale(t, 5, "2026-03-01", "9000");
    int64_t c = bt_save(t, KAM_KIND_CONTACT, "{\"name\": \"Wang\"}");
    bt_save(t, KAM_KIND_AFFILIATION, "{\"contact\": %lld, \"account\": 1, \"role\": \"DECIDER\", \"valid_from\": \"2026-01-01\"}",
            (long long)c);
    bt_save(t, KAM_KIND_LIFECYCLE, "{\"account\": 5, \"state\": \"INVALID\", \"valid_from\": \"2026-01-01\", \"reason\": \"x\"}");
    approve(t, CARD("t"));
}

static void a_run_ranks_and_tells(void **state)
{
    bt *t = *state;
    five(t);
    kam_run *run = score(t, t->book, "t", "2026-03-31");
    assert_string_equal(scores(t, run),
        "1 | 27 | - | 0 | - | Revenue in 12 months 1000.00: 10.5; Size LARGE: 10; Decision maker known true: 5; baseline: 1.5\n"
        "3 | 10.5 | - | 0 | idle | Revenue in 12 months 500.00: 5; Size MEDIUM: 4; baseline: 1.5; 1 other factor: 0\n"
        "4 | 5 | - | 1 | never | Size missing: 2; Revenue in 12 months 0.00: 1.5; baseline: 1.5; 1 other factor: 0\n"
        "2 | 4.5 | - | 0 | - | Revenue in 12 months 999.99: 5; Size SMALL: -2; baseline: 1.5; 1 other factor: 0");
    const kam_record *r = kam_run_record(run);
    assert_string_equal(kam_record_text(r, KAM_RUN_KIND, ""), "SCORING");
    assert_string_equal(kam_record_text(r, KAM_RUN_NAME, ""), "t");
    assert_int_equal(kam_record_i64(r, KAM_RUN_ACCOUNTS, 0), 4);
    assert_string_equal(kam_record_text(r, KAM_RUN_COUNTS, ""), "{\"scored\":4,\"with_missing\":1,\"with_warnings\":2}");
    assert_string_equal(kam_record_text(r, KAM_RUN_STATISTICS, ""), "{\"highest\":27,\"lowest\":4.5}");
    assert_int_equal(strlen(kam_record_text(r, KAM_RUN_INPUT_HASH, "")), 64);
    kam_run_free(run);
}

static int64_t apply(bt *t, kam_run *run)
{
    MUST(t, kam_run_apply(run, 0, t->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    return id;
}

static void the_next_run_shows_the_points_before(void **state)
{
    bt *t = *state;
    five(t);
    apply(t, score(t, t->book, "t", "2026-03-31"));
    bt_sale(t, 4, "2026-03-30", "2000");
    kam_run *run = score(t, t->book, "t", "2026-03-31");
    const char *text = scores(t, run);
    assert_non_null(strstr(text, "1 | 27 | 27 |"));
    assert_non_null(strstr(text, "4 | 14 | 5 |"));
    int64_t id = apply(t, run);
    MUST(t, kam_run_open(&run, t->book, id, t->err));
    assert_non_null(strstr(scores(t, run), "4 | 14 | 5 | 1 | - | Revenue in 12 months 2000.00: 10.5; Size missing: 2"));
    kam_run *undo = NULL;
    assert_code(kam_run_undo(&undo, t->book, id, t->err), KAM_E_UNSUPPORTED);
    kam_run_free(run);
    run = score(t, t->book, "t", "2026-03-31");
    bt_account(t, "new");
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_STALE);
    kam_run_free(run);
}

/* The points of all lines of an explanation, by text: exact decimals of at most four places. */
static int64_t told(bt *t, const kam_why *why)
{
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int64_t sum = 0;
    MUST(t, kam_why_rows(&rows, why, t->err));
    for (;;) {
        MUST(t, kam_rows_next(&r, rows, t->err));
        if (!r) break;
        int64_t v = 0;
        assert_int_equal(kam__dec_parse(&v, kam_record_text(r, KAM_REASON_POINTS, "0"),
                                        strlen(kam_record_text(r, KAM_REASON_POINTS, "0")), 4, KAM__EXACT, NULL, NULL), 0);
        sum += v;
    }
    kam_rows_free(rows);
    return sum;
}

static void why_adds_up_and_tells_the_same_from_the_store(void **state)
{
    bt *t = *state;
    char first[3000];
    kam_why *why = NULL;
    five(t);
    kam_run *run = score(t, t->book, "t", "2026-03-31");
    assert_string_equal(bt_why(t, run, 2, "en"),
        "score: 4.5, by t version 1, as of 2026-03-31, known up to commit 15\n"
        "  baseline: 1.5\n"
        "  Revenue in 12 months 999.99, [500.00, 1000.00): 3.3333 points x 1.5 = 5\n"
        "  Size SMALL: -2 points; small fry\n"
        "  Decision maker known false: 0 points\n"
        "  rank 4 of 4; before: no score\n");
    snprintf(first, sizeof first, "%s", bt_why(t, run, 3, "zh"));
    assert_non_null(strstr(first, "近12个月收入 500.00，[500.00, 1000.00)：3.3333 分 × 1.5 = 5"));
    assert_non_null(strstr(first, "规模 MEDIUM，其他：4 分"));
    assert_non_null(strstr(first, "警示：停滞"));
    for (int64_t a = 1; a <= 4; a++) {
        static const int64_t points[] = {270000, 45000, 105000, 50000};
        MUST(t, kam_run_why(&why, run, a, t->err));
        assert_int_equal(told(t, why), points[a - 1]);
        kam_why_free(why);
    }
    assert_code(kam_run_why(&why, run, 5, t->err), KAM_E_NOT_FOUND);
    snprintf(first, sizeof first, "%s", bt_why(t, run, 3, "en"));
    int64_t id = apply(t, run);
    bt_sale(t, 3, "2026-03-30", "5000");                          /* told later: the run knew nothing of it */
    MUST(t, kam_run_open(&run, t->book, id, t->err));
    const char *text = bt_why(t, run, 3, "en");
    assert_non_null(strstr(text, ", run 1 (the inputs differ now)\n"));
    assert_string_equal(strchr(text, '\n'), strchr(first, '\n'));
    assert_null(strstr(bt_why(t, run, 2, "en"), "the inputs differ now"));
    kam_run_free(run);
}

/* A run made and applied inside a transaction of the caller: what it read has a commit only afterwards. */
static void a_run_inside_a_transaction_is_explained_later(void **state)
{
    bt *t = *state;
    kam_why *why = NULL;
    five(t);
    MUST(t, kam_book_begin(t->book, KAM_BEGIN_WRITE, t->err));
    bt_sale(t, 4, "2026-03-29", "600");
    int64_t id = apply(t, score(t, t->book, "t", "2026-03-31"));
    MUST(t, kam_book_commit(t->book, t->err));
    kam_run *run = NULL;
    for (int later = 0; later < 2; later++) {
        MUST(t, kam_run_open(&run, t->book, id, t->err));
        MUST(t, kam_run_why(&why, run, 4, t->err));
        assert_string_equal(kam_record_text(kam_why_record(why), KAM_VERDICT_RESULT, ""), "8.5");
        assert_int_equal(told(t, why), 85000);
        kam_why_free(why);
        kam_run_free(run);
        bt_sale(t, 4, "2026-03-30", "9000");
    }
}

static void the_past_gives_the_same_run(void **state)
{
    bt *t = *state;
    char first[4000], hash[80];
    int64_t seq = 0;
    kam_book *then = NULL;
    five(t);
    MUST(t, kam_book_seq(&seq, t->book, KAM_TODAY, t->err));
    kam_run *run = score(t, t->book, "t", "2026-03-31");
    snprintf(first, sizeof first, "%s", scores(t, run));
    snprintf(hash, sizeof hash, "%s", kam_record_text(kam_run_record(run), KAM_RUN_INPUT_HASH, ""));
    apply(t, run);
    bt_today(t, "2026-04-20");
    bt_sale(t, 2, "2026-02-01", "70000");
    bt_save(t, KAM_KIND_LIFECYCLE, "{\"account\": 1, \"state\": \"INVALID\", \"valid_from\": \"2026-03-01\", \"reason\": \"x\"}");
    bt_save(t, KAM_KIND_CURRENCY, "{\"code\": \"XTS\", \"decimals\": 3}");
    run = score(t, t->book, "t", "2026-03-31");
    assert_string_not_equal(scores(t, run), first);
    kam_run_free(run);
    MUST(t, kam_book_known(&then, t->book, seq, t->err));
    run = score(t, then, "t", "2026-03-31");
    assert_string_equal(scores(t, run), first);
    assert_string_equal(kam_record_text(kam_run_record(run), KAM_RUN_INPUT_HASH, ""), hash);
    kam_run_free(run);
    kam_book_close(then);
}

static void a_trial_is_looked_at_only(void **state)
{
    bt *t = *state;
    kam_scorecard *c = NULL;
    kam_run *run = NULL;
    five(t);
    MUST(t, kam_scorecard_parse(&c, t->ctx, CARD("trial"), KAM_NUL, t->err));
    MUST(t, kam_scoring_run(&run, t->book, c, KAM_TODAY, t->err));
    kam_scorecard_free(c);
    assert_non_null(strstr(scores(t, run), "1 | 27 |"));
    assert_non_null(strstr(bt_why(t, run, 1, "en"), "score: 27, by trial, as of"));
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_POLICY);
    kam_run_free(run);
}

static void one_account_scores_as_in_the_run(void **state)
{
    bt *t = *state;
    kam_account *a = NULL;
    const kam_record *r = NULL;
    kam_why *why = NULL;
    int64_t points = 0;
    five(t);
    kam_scorecard *c = card(t, t->book, "t");
    MUST(t, kam_account_open(&a, t->book, 3, bt_day("2026-03-31"), t->err));
    MUST(t, kam_account_attributes(&r, a, t->err));
    MUST(t, kam_scorecard_score(&points, &why, c, r, t->err));
    assert_int_equal(points, 105000);
    assert_int_equal(told(t, why), points);
    assert_string_equal(kam_record_text(kam_why_record(why), KAM_VERDICT_RESULT, ""), "10.5");
    assert_string_equal(kam_record_text(kam_why_record(why), KAM_VERDICT_SUBJECT, ""), "3");
    kam_why_free(why);
    assert_code(kam_scorecard_score(&points, NULL, c, kam_account_record(a), t->err), KAM_E_INVAL);
    kam_account_free(a);
    kam_scorecard_free(c);
}

/* A record of the host's own figures; money as it was written. */
static void a_record_of_the_hosts_own_is_scored(void **state)
{
    bt *t = *state;
    kam_record *r = NULL;
    int64_t points = 0;
    approve(t, CARD("t"));
    kam_scorecard *c = card(t, t->book, "t");
    MUST(t, kam_record_new(&r, t->book, KAM_KIND_ATTRIBUTES, t->err));
    MUST(t, kam_scorecard_score(&points, NULL, c, r, t->err));
    assert_int_equal(points, 35000);
    MUST(t, kam_record_set_text(r, KAM_ATTRIBUTES_REVENUE_12M, "999.9", KAM_NUL, t->err));
    MUST(t, kam_record_set_text(r, KAM_ATTRIBUTES_SIZE, "LARGE", KAM_NUL, t->err));
    MUST(t, kam_scorecard_score(&points, NULL, c, r, t->err));
    assert_int_equal(points, 165000);
    MUST(t, kam_record_set_text(r, KAM_ATTRIBUTES_REVENUE_12M, "999.999", KAM_NUL, t->err));
    assert_code(kam_scorecard_score(&points, NULL, c, r, t->err), KAM_E_LIMIT);
    assert_int_equal(points, 165000);
    assert_code(kam_book_save(t->book, r, t->err), KAM_E_INVAL);
    kam_record_free(r);
    kam_scorecard_free(c);
}

static void custom_fields_are_named_where_they_are_missing(void **state)
{
    bt *t = *state;
    kam_scorecard *c = NULL;
    kam_run *run = NULL;
    assert_code(kam_scorecard_open(&c, t->book, "self-diagnosis", KAM_TODAY, t->err), KAM_E_POLICY);
    assert_says(t->err, "x_exploration");
    assert_code(kam_scorecard_open(&c, t->book, "nobody", KAM_TODAY, t->err), KAM_E_POLICY);
    static const char *const names[] = {"exploration", "alliance", "positioning", "differentiation"};
    for (int i = 0; i < 4; i++)
        bt_save(t, KAM_KIND_FIELD, "{\"kind\": \"account\", \"name\": \"x_%s\", \"type\": \"DECIMAL\", \"scale\": 1}", names[i]);
    bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"a\", \"x_exploration\": \"3.9\", \"x_alliance\": 4, \"x_positioning\": \"7\"}");
    c = card(t, t->book, "self-diagnosis");
    MUST(t, kam_scoring_run(&run, t->book, c, KAM_TODAY, t->err));
    assert_non_null(strstr(scores(t, run), "1 | 15 | - | 1 | -"));
    assert_non_null(strstr(bt_why(t, run, 1, "en"), "ask more before offering"));
    kam_run_free(run);
    kam_scorecard_free(c);
}

static void a_card_of_another_book_is_refused(void **state)
{
    bt *t = *state;
    kam_book *other = NULL;
    kam_run *run = NULL;
    kam_book_options b = {.struct_size = sizeof b, .flags = KAM_BOOK_CREATE, .currency = "EUR"};
    approve(t, CARD("t"));
    kam_scorecard *c = card(t, t->book, "t");
    MUST(t, kam_book_open(&other, t->ctx, NULL, &b, t->err));
    assert_code(kam_scoring_run(&run, other, c, KAM_TODAY, t->err), KAM_E_POLICY);
    assert_says(t->err, "another book");
    kam_book_close(other);
    kam_scorecard_free(c);
}

static void arguments_are_checked(void **state)
{
    bt *t = *state;
    kam_run *run = NULL;
    kam_scorecard *c = card(t, t->book, KEY);
    int64_t points = 0;
    assert_code(kam_scoring_run(NULL, t->book, c, KAM_TODAY, t->err), KAM_E_INVAL);
    assert_code(kam_scoring_run(&run, NULL, c, KAM_TODAY, t->err), KAM_E_INVAL);
    assert_code(kam_scoring_run(&run, t->book, NULL, KAM_TODAY, t->err), KAM_E_INVAL);
    assert_code(kam_scoring_run(&run, t->book, c, 2932897, t->err), KAM_E_INVAL);
    assert_code(kam_scorecard_score(&points, NULL, c, NULL, t->err), KAM_E_INVAL);
    assert_code(kam_scorecard_score(NULL, NULL, c, NULL, t->err), KAM_E_INVAL);
    assert_code(kam_scorecard_open(NULL, t->book, KEY, KAM_TODAY, t->err), KAM_E_INVAL);
    assert_code(kam_scorecard_open(&c, t->book, NULL, KAM_TODAY, t->err), KAM_E_INVAL);
    assert_code(kam_scorecard_parse(&c, t->ctx, NULL, 0, t->err), KAM_E_INVAL);
    assert_code(kam_scorecard_parse(&c, t->ctx, "{", KAM_NUL, t->err), KAM_E_PARSE);
    assert_code(kam_scorecard_parse(&c, t->ctx, "{}", KAM_NUL, t->err), KAM_E_PARSE);
    MUST(t, kam_scoring_run(&run, t->book, c, KAM_TODAY, t->err));
    assert_string_equal(scores(t, run), "");
    assert_string_equal(kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""), "{\"highest\":null,\"lowest\":null}");
    kam_run_free(run);
    kam_scorecard_free(c);
    kam_scorecard_free(NULL);
}

/* Every allocation fails once: NOMEM, nothing stored, and the next try goes through. */
static void failing_memory(void **state)
{
    bt *t = *state;
    static char before[60000], after[60000];
    char want[4000] = "";
    five(t);
    bt_dump(t, before, sizeof before);
    for (int n = 0;; n++) {
        kam_scorecard *c = NULL;
        kam_run *run = NULL;
        kam_why *why = NULL;
        t->f.left = n;
        int32_t rc = kam_scorecard_open(&c, t->book, "t", KAM_TODAY, t->err);
        if (rc == KAM_OK) rc = kam_scoring_run(&run, t->book, c, bt_day("2026-03-31"), t->err);
        if (rc == KAM_OK) rc = kam_run_why(&why, run, 3, t->err);
        if (rc == KAM_OK) rc = kam_run_apply(run, 0, t->err);
        t->f.left = -1;
        if (rc == KAM_OK) snprintf(want, sizeof want, "%s", scores(t, run));
        kam_why_free(why);
        kam_run_free(run);
        kam_scorecard_free(c);
        if (rc == KAM_OK) break;
        assert_code(rc, KAM_E_NOMEM);
        bt_dump(t, after, sizeof after);
        assert_string_equal(after, before);
    }
    assert_non_null(strstr(want, "1 | 27 |"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bt_test(a_run_ranks_and_tells),
        bt_test(the_next_run_shows_the_points_before),
        bt_test(why_adds_up_and_tells_the_same_from_the_store),
        bt_test(a_run_inside_a_transaction_is_explained_later),
        bt_test(the_past_gives_the_same_run),
        bt_test(a_trial_is_looked_at_only),
        bt_test(one_account_scores_as_in_the_run),
        bt_test(a_record_of_the_hosts_own_is_scored),
        bt_test(custom_fields_are_named_where_they_are_missing),
        bt_test(a_card_of_another_book_is_refused),
        bt_test(arguments_are_checked),
        bt_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
