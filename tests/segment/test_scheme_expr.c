/* Grades by expressions: what is refused and where, who gets what, why, the same again from the past, failing memory. */
#include "book_test.h"

#define HEAD "{\"name\": \"by-rule\", \"title\": {\"en\": \"t\", \"zh\": \"测\"}, \"kind\": \"ordinal\", \"grades\": [" \
             "{\"grade\": \"A\", \"en\": \"a\", \"zh\": \"甲\"}, {\"grade\": \"B\", \"en\": \"b\", \"zh\": \"乙\"}, " \
             "{\"grade\": \"C\", \"en\": \"c\", \"zh\": \"丙\"}],\n"
#define RULE(when) HEAD " \"rule\": {\"first_match\": [{\"grade\": \"A\", \"when\": " when "}]}, \"rest\": \"C\"}"
#define DOC HEAD "\"optional\": [\"region\"], \"population\": \"region.orValue('') != 'X'\", \"rule\": {\"first_match\": [" \
    "{\"grade\": \"A\", \"when\": \"revenue_12m > decimal('100000') && recency_days < 90\"}," \
    "{\"grade\": \"B\", \"when\": [\"revenue_12m >= decimal('50000')\", {\"field\": \"size\", \"is\": \"LARGE\"}]}]}, \"rest\": \"C\"}"

/* ---------------------------------------------------------------- documents */

static void refused(bt *t, const char *json, int32_t code, const char *says, int64_t line, int64_t column)
{
    kam_scheme *s = NULL;
    int32_t rc = kam_scheme_parse(&s, t->ctx, json, KAM_NUL, t->err);
    if (rc != code || !strstr(kam_error_message(t->err), says))
        fail_msg("%s: %s: %s", json, kam_code_name(rc), kam_error_message(t->err));
    if (line && (kam_error_detail(t->err, KAM_ERR_LINE) != line || kam_error_detail(t->err, KAM_ERR_COLUMN) != column))
        fail_msg("%s: at %d:%d", json, (int)kam_error_detail(t->err, KAM_ERR_LINE),
                 (int)kam_error_detail(t->err, KAM_ERR_COLUMN));
    if (column) assert_memory_equal(json + kam_error_detail(t->err, KAM_ERR_OFFSET), "revenu_12m", 10);
}

static void errors_tell_path_place_and_what_was_meant(void **state)
{
    bt *t = *state;
    refused(t, RULE("\"revenu_12m > decimal('1')\""), KAM_E_PARSE,
            "rule.first_match[0].when: line 1, column 1: \"revenu_12m\" is not known; did you mean \"revenue_12m\"?", 2, 51);
    refused(t, RULE("[{\"field\": \"size\", \"is\": \"LARGE\"}, \"city == \\\"N\\\" && revenu_12m > decimal('1')\"]"), KAM_E_PARSE,
            "rule.first_match[0].when[1]: line 1, column 16:", 2, 103);
    refused(t, HEAD "\"population\": [\"employees\"], \"rest\": \"C\"}", KAM_E_POLICY,
            "population[0]: a condition is true or false, this is a int", 0, 0);
    refused(t, RULE("\"revenue_12m > 'x'\""), KAM_E_TYPE, "rule.first_match[0].when: line 1, column 13: > needs operands", 0, 0);
    refused(t, RULE("\"\""), KAM_E_PARSE, "rule.first_match[0].when: line 1, column 1: an expression is expected", 0, 0);
    refused(t, RULE("[]"), KAM_E_PARSE, "\"when\" must be an array", 0, 0);
    refused(t, HEAD "\"optional\": 1, \"rest\": \"C\"}", KAM_E_PARSE, "\"optional\" must be an array of names", 0, 0);
    refused(t, HEAD "\"optional\": [\"regoin\"], \"rest\": \"C\"}", KAM_E_POLICY, "\"optional\" names attributes", 0, 0);
}

static void there_is_a_limit(void **state)
{
    bt *t = *state;
    size_t n = (size_t)snprintf(t->text, sizeof t->text, "%s\"rule\": {\"first_match\": [{\"grade\": \"A\", \"when\": [", HEAD);
    for (int i = 0; i < 17; i++)
        n += (size_t)snprintf(t->text + n, sizeof t->text - n, "%s\"orders_12m > %d\"", i ? ", " : "", i);
    snprintf(t->text + n, sizeof t->text - n, "]}]}, \"rest\": \"C\"}");
    refused(t, t->text, KAM_E_POLICY, "a scheme has at most 16 expressions", 0, 0);
}

/* ---------------------------------------------------------------- a book */

static kam_run *graded(bt *t, kam_book *book, const char *day)
{
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    MUST(t, kam_scheme_open(&s, book, "by-rule", bt_day(day), t->err));
    MUST(t, kam_grading_run(&run, book, s, bt_day(day), t->err));
    kam_scheme_free(s);
    return run;
}

/* "account grade reason" a line. */
static const char *grades(bt *t, kam_run *run)
{
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    size_t at = 0;
    t->text[0] = '\0';
    MUST(t, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, t->err));
    for (;;) {
        MUST(t, kam_rows_next(&r, rows, t->err));
        if (!r) break;
        at += (size_t)snprintf(t->text + at, sizeof t->text - at, "%s %s %s\n", kam_record_text(r, KAM_GRADE_ITEM_ACCOUNT, ""),
                               kam_record_text(r, KAM_GRADE_ITEM_NEW, "-"), kam_record_text(r, KAM_GRADE_ITEM_REASON, ""));
    }
    kam_rows_free(rows);
    return t->text;
}

static const char *why(bt *t, kam_run *run, int64_t account, const char *lang)
{
    kam_why *w = NULL;
    kam_buf *buf = NULL;
    MUST(t, kam_run_why(&w, run, account, t->err));
    MUST(t, kam_buf_new(&buf, t->ctx, t->err));
    MUST(t, kam_why_text(buf, w, lang, t->err));
    snprintf(t->text, sizeof t->text, "%s", strchr(kam_buf_data(buf), '\n') + 1);
    kam_buf_free(buf);
    kam_why_free(w);
    return t->text;
}

/* 1 buys much and lately; 2 much but long ago, large; 3 little; 4 nothing; 5 is out. */
static void five(bt *t)
{
    int64_t policy = 0;
    for (int i = 1; i <= 5; i++)
        bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"a%d\", \"size\": \"%s\"%s}", i, i == 2 ? "LARGE" : "SMALL",
                i == 5 ? ", \"region\": \"X\"" : "");
    bt_sale(t, 1, "2026-03-20", "120000.50");
    bt_sale(t, 2, "2025-11-01", "150000");
    bt_sale(t, 3, "2026-03-01", "10");
    bt_sale(t, 5, "2026-03-01", "900000");
    MUST(t, kam_policy_add(&policy, t->book, KAM_POLICY_SCHEME, DOC, KAM_NUL, t->err));
    MUST(t, kam_policy_approve(t->book, policy, KAM_DAY_FIRST, KAM_DAY_END, t->err));
}

#define FIRST \
    "1 A all conditions of A hold; revenue_12m > decimal('100000') && recency_days < 90 is true: revenue_12m 120000.50, " \
    "recency_days 11; first grade\n" \
    "2 B all conditions of B hold; revenue_12m >= decimal('50000') is true: revenue_12m 150000.00; size LARGE; first grade\n" \
    "3 C no other conditions hold: the rest gets C; first grade\n" \
    "4 C no other conditions hold: the rest gets C; first grade\n"

static void accounts_are_graded_and_told_why(void **state)
{
    bt *t = *state;
    five(t);
    kam_run *run = graded(t, t->book, "2026-03-31");
    assert_string_equal(grades(t, run), FIRST);
    assert_string_equal(kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""),
                        "{\"ranked\":0,\"cut_ties\":0,\"by_hand\":0,\"unknown\":0}");
    assert_string_equal(why(t, run, 1, "en"),
        "  all conditions of A hold\n"
        "  revenue_12m > decimal('100000') && recency_days < 90 is true: revenue_12m 120000.50, recency_days 11\n"
        "  region.orValue('') != 'X' is true (1:1)\n  region.orValue('') is \"\" (1:1)\n  region is null (1:1)\n"
        "  revenue_12m > decimal('100000') && recency_days < 90 is true (1:1)\n  revenue_12m > decimal('100000') is true (1:1)\n"
        "  revenue_12m is 120000.50 (1:1)\n  recency_days < 90 is true (1:36)\n  recency_days is 11 (1:36)\n  before: no grade\n");
    assert_string_equal(why(t, run, 4, "zh"),
        "  不满足其他条件：其余为 C\n"
        "  不是 A：revenue_12m > decimal('100000') && recency_days < 90 不成立：近12个月收入 0.00，距上次购买天数 -\n"
        "  不是 B：revenue_12m >= decimal('50000') 不成立：近12个月收入 0.00\n"
        "  region.orValue('') != 'X' 为 true（1:1）\n  region.orValue('') 为 \"\"（1:1）\n  region 为 null（1:1）\n"
        "  revenue_12m > decimal('100000') && recency_days < 90 为 false（1:1）\n"
        "  revenue_12m > decimal('100000') 为 false（1:1）\n  revenue_12m 为 0.00（1:1）\n"
        "  recency_days < 90 未求值（1:36）\n  recency_days 未求值（1:36）\n"
        "  revenue_12m >= decimal('50000') 为 false（1:1）\n  revenue_12m 为 0.00（1:1）\n  此前：无等级\n");
    assert_string_equal(why(t, run, 5, "en"),
        "  not of the scheme's population: region.orValue('') != 'X' is false: region X\n"
        "  region.orValue('') != 'X' is false (1:1)\n  region.orValue('') is \"X\" (1:1)\n  region is \"X\" (1:1)\n"
        "  unchanged by this run\n");
    kam_run_free(run);
}

static void a_stored_run_is_explained_from_the_past(void **state)
{
    bt *t = *state;
    char first[2000];
    five(t);
    kam_run *run = graded(t, t->book, "2026-03-31");
    MUST(t, kam_run_apply(run, 0, t->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    snprintf(first, sizeof first, "%s", why(t, run, 1, "en"));
    kam_run_free(run);
    bt_sale(t, 1, "2026-03-21", "-119000");
    MUST(t, kam_run_open(&run, t->book, id, t->err));
    assert_string_equal(why(t, run, 1, "en"), first);
    kam_run_free(run);
    run = graded(t, t->book, "2026-03-31");
    assert_non_null(strstr(grades(t, run), "1 C "));
    kam_run_free(run);
}

/* A value that is missing is told, never taken for false or zero. */
static void what_cannot_be_told_is_unknown(void **state)
{
    bt *t = *state;
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"a\"}");
    MUST(t, kam_scheme_parse(&s, t->ctx, RULE("\"recency_days > 90\""), KAM_NUL, t->err));
    MUST(t, kam_grading_run(&run, t->book, s, bt_day("2026-03-31"), t->err));
    assert_non_null(strstr(kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""), "\"unknown\":1"));
    assert_string_equal(why(t, run, 1, "en"),
        "  no other conditions hold: the rest gets C\n  not A: recency_days > 90 is unknown: recency_days -\n"
        "  recency_days > 90 fails: recency_days has no value here; declare it optional(...) where that may be (1:1)\n"
        "  recency_days fails: recency_days has no value here; declare it optional(...) where that may be (1:1)\n"
        "  before: no grade\n");
    kam_run_free(run);
    kam_scheme_free(s);
}

static void own_fields_are_of_the_book(void **state)
{
    bt *t = *state;
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    bt_save(t, KAM_KIND_FIELD, "{\"kind\": \"account\", \"name\": \"x_seats\", \"type\": \"int\"}");
    bt_save(t, KAM_KIND_FIELD, "{\"kind\": \"account\", \"name\": \"x_ratio\", \"type\": \"f64\"}");
    bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"a\", \"x_seats\": 12, \"x_ratio\": 0.5}");
    MUST(t, kam_scheme_parse(&s, t->ctx, RULE("\"x_seats >= 10\""), KAM_NUL, t->err));
    MUST(t, kam_grading_run(&run, t->book, s, bt_day("2026-03-31"), t->err));
    assert_string_equal(grades(t, run), "1 A all conditions of A hold; x_seats >= 10 is true: x_seats 12; first grade\n");
    kam_run_free(run);
    kam_scheme_free(s);
    MUST(t, kam_scheme_parse(&s, t->ctx, RULE("\"x_ratio > 0.1\""), KAM_NUL, t->err));
    assert_int_equal(kam_grading_run(&run, t->book, s, bt_day("2026-03-31"), t->err), KAM_E_POLICY);
    assert_non_null(strstr(kam_error_message(t->err), "x_ratio is a floating-point number"));
    kam_scheme_free(s);
    MUST(t, kam_scheme_parse(&s, t->ctx, RULE("\"x_none > 1\""), KAM_NUL, t->err));
    assert_int_equal(kam_grading_run(&run, t->book, s, bt_day("2026-03-31"), t->err), KAM_E_POLICY);
    assert_non_null(strstr(kam_error_message(t->err), "needs the custom field x_none of account"));
    kam_scheme_free(s);
    kam_segment *g = NULL;
    MUST(t, kam_segment_parse(&g, t->ctx, "{\"name\": \"s\", \"condition\": \"x_none > 1\"}", KAM_NUL, t->err));
    assert_int_equal(kam_segment_run(&run, t->book, g, bt_day("2026-03-31"), t->err), KAM_E_POLICY);
    assert_non_null(strstr(kam_error_message(t->err), "a condition reads \"x_none\", a field this book does not have"));
    kam_segment_free(g);
}

static void failing_memory_is_told(void **state)
{
    bt *t = *state;
    five(t);
    for (int64_t left = 0;; left++) {
        kam_scheme *s = NULL;
        kam_run *run = NULL;
        kam_why *w = NULL;
        t->f.left = left;
        int32_t rc = kam_scheme_open(&s, t->book, "by-rule", bt_day("2026-03-31"), t->err);
        if (rc == KAM_OK) rc = kam_grading_run(&run, t->book, s, bt_day("2026-03-31"), t->err);
        if (rc == KAM_OK) rc = kam_run_why(&w, run, 1, t->err);
        t->f.left = -1;
        kam_why_free(w);
        kam_run_free(run);
        kam_scheme_free(s);
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bt_test(errors_tell_path_place_and_what_was_meant), bt_test(there_is_a_limit), bt_test(accounts_are_graded_and_told_why),
        bt_test(a_stored_run_is_explained_from_the_past), bt_test(what_cannot_be_told_is_unknown),
        bt_test(own_fields_are_of_the_book), bt_test(failing_memory_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
