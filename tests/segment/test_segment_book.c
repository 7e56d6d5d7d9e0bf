/* Grading runs over a book in memory: run, apply, why, undo, grades by hand, the past read again, currencies,
   failing memory. */
#include "book_test.h"

#define Q "quota-20-40-40"

/* Ten accounts, ids 1..10, with revenue 1000, 900 ... 100 on 2026-01-10. */
static void ten(bt *t)
{
    for (int i = 1; i <= 10; i++) {
        char name[20], amount[20];
        snprintf(name, sizeof name, "account %d", i);
        snprintf(amount, sizeof amount, "%d", 1100 - 100 * i);
        int64_t id = bt_account(t, name);
        assert_int_equal(id, i);
        bt_sale(t, id, "2026-01-10", amount);
    }
}

static int64_t apply(bt *t, kam_run *run)
{
    MUST(t, kam_run_apply(run, 0, t->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    return id;
}

static void first_run_grades_everybody(void **state)
{
    bt *t = *state;
    char g[40];
    ten(t);
    kam_run *run = bt_run(t, t->book, Q, "2026-03-31");
    const kam_record *r = kam_run_record(run);
    assert_string_equal(kam_record_text(r, KAM_RUN_COUNTS, ""), "{\"A\":2,\"B\":4,\"C\":4,\"not_applicable\":0}");
    assert_string_equal(kam_record_text(r, KAM_RUN_NAME, ""), Q);
    assert_string_equal(kam_record_text(r, KAM_RUN_FROM, ""), "2025-04-01");
    assert_string_equal(kam_record_text(r, KAM_RUN_TO, ""), "2026-04-01");
    assert_string_equal(kam_record_text(r, KAM_RUN_EFFECTIVE, ""), "2026-03-31");
    assert_int_equal(kam_record_i64(r, KAM_RUN_ITEMS, 0), 10);
    assert_int_equal(strlen(kam_record_text(r, KAM_RUN_INPUT_HASH, "")), 64);
    assert_int_equal(kam_record_i64(r, KAM_ID, 0), 0);
    assert_string_equal(bt_items(t, run, 0), "1 ->A 2 ->A 3 ->B 4 ->B 5 ->B 6 ->B 7 ->C 8 ->C 9 ->C 10 ->C");
    assert_string_equal(bt_grade(t, t->book, 1, Q, "2026-03-31", g), "-");
    assert_int_equal(apply(t, run), 1);
    assert_string_equal(bt_grade(t, t->book, 1, Q, "2026-03-31", g), "A");
    assert_string_equal(bt_grade(t, t->book, 6, Q, "2026-12-31", g), "B");
    assert_string_equal(bt_grade(t, t->book, 1, Q, "2026-03-30", g), "-");
    run = bt_run(t, t->book, Q, "2026-03-31");
    assert_string_equal(bt_items(t, run, 0), "");
    kam_run_free(run);
}

static void items_tell_the_figures(void **state)
{
    bt *t = *state;
    ten(t);
    kam_run *run = bt_run(t, t->book, Q, "2026-03-31");
    const char *text = bt_items(t, run, 1);
    assert_non_null(strstr(text,
                           "2 ->A (A) #2 900.00 cut 900.00 tie false: rank 2 of 10, revenue 900.00 >= cut 900.00; "
                           "quota A 20 %: 2 of 10; first grade\n"));
    assert_non_null(strstr(
        text, "10 ->C (C) #10 100.00 cut 500.00 tie false: rank 10 of 10, revenue 100.00, behind the cut 500.00 of B; "
              "quota C 40 %: 4 of 10; first grade"));
    apply(t, run);
    MUST(t, kam_run_open(&run, t->book, 1, t->err));
    assert_non_null(
        strstr(bt_items(t, run, 1), "2 ->A (A) #2 900.00 cut 900.00 tie false: rank 2 of 10, revenue 900.00 >= cut"));
    kam_run_free(run);
}

static void the_next_run_lists_changes_only(void **state)
{
    bt *t = *state;
    char g[40];
    ten(t);
    apply(t, bt_run(t, t->book, Q, "2026-03-31"));
    bt_today(t, "2026-04-30");
    bt_sale(t, 10, "2026-04-10", "5000");
    bt_save(t, KAM_KIND_LIFECYCLE,
            "{\"account\": 4, \"state\": \"INVALID\", \"valid_from\": \"2026-04-01\", \"reason\": \"closed down\"}");
    kam_run *run = bt_run(t, t->book, Q, "2026-04-30");
    assert_string_equal(kam_record_text(kam_run_record(run), KAM_RUN_COUNTS, ""),
                        "{\"A\":2,\"B\":4,\"C\":3,\"not_applicable\":1}");
    assert_string_equal(bt_items(t, run, 0), "2 A>B 4 B>- 10 C>A");
    const char *text = bt_items(t, run, 1);
    assert_non_null(strstr(text, "; downgraded from A"));
    assert_non_null(
        strstr(text, "not of the scheme's population: lifecycle INVALID, wanted any but INVALID; before: B"));
    assert_non_null(strstr(text, "; upgraded from C"));
    apply(t, run);
    assert_string_equal(bt_grade(t, t->book, 10, Q, "2026-04-29", g), "C");
    assert_string_equal(bt_grade(t, t->book, 10, Q, "2026-04-30", g), "A");
    assert_string_equal(bt_grade(t, t->book, 4, Q, "2026-04-29", g), "B");
    assert_string_equal(bt_grade(t, t->book, 4, Q, "2026-04-30", g), "-");
}

static void grades_by_hand_stay(void **state)
{
    bt *t = *state;
    char g[40];
    ten(t);
    bt_save(t, KAM_KIND_GRADE,
            "{\"account\": 9, \"scheme\": \"" Q
            "\", \"grade\": \"A\", \"approver\": \"M. Chen\", \"valid_from\": \"2026-02-01\"}");
    bt_save(t, KAM_KIND_GRADE,
            "{\"account\": 8, \"scheme\": \"" Q "\", \"grade\": \"A\", \"valid_from\": \"2026-02-01\"}");
    bt_save(t, KAM_KIND_GRADE,
            "{\"account\": 1, \"scheme\": \"" Q
            "\", \"grade\": \"A\", \"approver\": \"M. Chen\", \"valid_from\": \"2026-02-01\"}");
    kam_run *run = bt_run(t, t->book, Q, "2026-03-31");
    assert_string_equal(bt_items(t, run, 0), "2 ->A 3 ->B 4 ->B 5 ->B 6 ->B 7 ->C 8 A>C 9 A>A 10 ->C");
    assert_non_null(strstr(bt_items(t, run, 1), "9 A>A (C) #9 200.00 cut 500.00 tie false: rank 9 of 10"));
    assert_non_null(strstr(bt_items(t, run, 1), "; kept at A as approved by M. Chen, computed C"));
    assert_string_equal(kam_record_text(kam_run_record(run), KAM_RUN_COUNTS, ""),
                        "{\"A\":3,\"B\":4,\"C\":3,\"not_applicable\":0}");
    assert_non_null(strstr(kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""), "\"by_hand\":1"));
    assert_non_null(strstr(bt_why(t, run, 9, "en"), "put by hand: A, approved by M. Chen; computed: C"));
    assert_non_null(strstr(bt_why(t, run, 9, "zh"), "人工定级：A，批准人 M. Chen；计算结果：C"));
    apply(t, run);
    assert_string_equal(bt_grade(t, t->book, 9, Q, "2026-04-30", g), "A");
    assert_string_equal(bt_grade(t, t->book, 8, Q, "2026-04-30", g), "C");
}

static void why_tells_the_same_from_the_store(void **state)
{
    bt *t = *state;
    char first[3000];
    ten(t);
    kam_run *run = bt_run(t, t->book, Q, "2026-03-31");
    assert_string_equal(bt_why(t, run, 2, "en"),
                        "grade: A, by " Q " version 1, as of 2026-03-31, known up to commit 21\n"
                        "  rank 2 of 10, revenue 900.00 >= cut 900.00\n  quota A 20 %: 2 of 10\n  before: no grade\n");
    MUST(t, kam_run_apply(run, 0, t->err));
    assert_string_equal(bt_why(t, run, 2, "zh"),
                        "等级：A，依据 " Q " 第 1 版，基准日 2026-03-31，已知至提交 21，运行 1\n"
                        "  第 2 名（共 10 名），收入 900.00，不低于分界值 900.00\n  A 级配额 20%：2/10\n  此前：无等级\n");
    snprintf(first, sizeof first, "%s", bt_why(t, run, 7, "en"));
    kam_run_free(run);
    MUST(t, kam_run_open(&run, t->book, 1, t->err));
    assert_string_equal(bt_why(t, run, 7, "en"), first);
    assert_null(strstr(first, "differ"));
    bt_save(t, KAM_KIND_ACCOUNT, "{\"id\": 7, \"name\": \"account 7\", \"city\": \"Bonn\"}");
    assert_null(strstr(bt_why(t, run, 7, "en"), "differ"));             /* no input of this scheme */
    bt_save(t, KAM_KIND_GRADE,
            "{\"account\": 7, \"scheme\": \"" Q
            "\", \"grade\": \"A\", \"approver\": \"X\", \"valid_from\": \"2026-03-31\"}");
    kam_run_free(run);
    MUST(t, kam_run_open(&run, t->book, 1, t->err));
    assert_string_equal(bt_why(t, run, 7, "en"), first); /* what was put by hand later is not its business */
    bt_sale(t, 9, "2026-03-01", "7777");
    assert_non_null(strstr(bt_why(t, run, 7, "en"), "(the inputs differ now)\n  rank 7 of 10, revenue 400.00, behind"));
    assert_non_null(strstr(bt_why(t, run, 9, "en"), "revenue 200.00"));
    kam_run_free(run);
    MUST(t, kam_run_open(&run, t->book, 1, t->err));
    assert_non_null(strstr(bt_why(t, run, 9, "en"), "(the inputs differ now)\n  rank 9 of 10, revenue 200.00"));
    kam_why *why = NULL;
    assert_code(kam_run_why(&why, run, 999, t->err), KAM_E_NOT_FOUND);
    kam_run_free(run);
}

static void accounts_that_did_not_change_are_explained_too(void **state)
{
    bt *t = *state;
    ten(t);
    apply(t, bt_run(t, t->book, Q, "2026-03-31"));
    kam_run *run = bt_run(t, t->book, Q, "2026-03-31");
    assert_non_null(strstr(bt_why(t, run, 3, "en"),
                           "  rank 3 of 10, revenue 800.00 >= cut 500.00\n  quota B 40 %: 4 of 10\n"
                           "  unchanged by this run\n"));
    kam_run_free(run);
    kam_account *a = NULL;
    kam_why *why = NULL;
    MUST(t, kam_account_open(&a, t->book, 3, KAM_TODAY, t->err));
    MUST(t, kam_account_why(&why, a, KAM_KIND_GRADE, Q, t->err));
    assert_non_null(strstr(bt_why_text(t, why, NULL), "run 1\n  rank 3 of 10"));
    kam_why_free(why);
    kam_account_free(a);
}

static void a_run_rolled_back_with_its_transaction_can_be_applied_again(void **state)
{
    bt *t = *state;
    ten(t);
    kam_run *run = bt_run(t, t->book, Q, "2026-03-31");
    MUST(t, kam_book_begin(t->book, KAM_BEGIN_WRITE, t->err));
    MUST(t, kam_run_apply(run, 0, t->err));
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_EXISTS);
    MUST(t, kam_book_rollback(t->book, t->err));
    MUST(t, kam_run_apply(run, 0, t->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_EXISTS);
    kam_run_free(run);
    MUST(t, kam_run_open(&run, t->book, id, t->err));
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_EXISTS);
    kam_run_free(run);
}

static void runs_are_applied_once_and_only_to_what_they_read(void **state)
{
    bt *t = *state;
    ten(t);
    kam_run *run = bt_trial(t, S_QUOTA, "2026-03-31");
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_POLICY);
    kam_run_free(run);
    run = bt_run(t, t->book, Q, "2026-03-31");
    bt_account(t, "eleven");
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_STALE);
    MUST(t, kam_run_apply(run, KAM_APPLY_FORCE, t->err));
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_EXISTS);
    kam_run_free(run);
    bt_today(t, "2026-04-30");
    bt_sale(t, 10, "2026-03-30", "5000");
    apply(t, bt_run(t, t->book, Q, "2026-04-30"));
    run = bt_run(t, t->book, Q, "2026-04-15");
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_STALE);            /* not in front of a later one */
    assert_says(t->err, "run 2 has graded");
    kam_run_free(run);
}

static void undo_puts_everything_back(void **state)
{
    bt *t = *state;
    char g[40];
    kam_run *run = NULL;
    ten(t);
    bt_save(t, KAM_KIND_GRADE,
            "{\"account\": 3, \"scheme\": \"" Q
            "\", \"grade\": \"C\", \"valid_from\": \"2026-01-01\", \"valid_to\": \"2026-06-01\"}");
    int64_t first = apply(t, bt_run(t, t->book, Q, "2026-03-31"));
    bt_today(t, "2026-04-30");
    bt_sale(t, 10, "2026-04-10", "5000");
    bt_sale(t, 5, "2026-04-10", "3000");
    int64_t second = apply(t, bt_run(t, t->book, Q, "2026-04-30"));
    assert_code(kam_run_undo(&run, t->book, first, t->err), KAM_E_STALE);
    assert_says(t->err, "run 2 of \"" Q "\" stands on run 1");
    assert_code(kam_run_undo(&run, t->book, 77, t->err), KAM_E_NOT_FOUND);
    bt_save(t, KAM_KIND_GRADE,
            "{\"account\": 5, \"scheme\": \"" Q
            "\", \"grade\": \"C\", \"approver\": \"X\", \"valid_from\": \"2026-05-01\"}");
    MUST(t, kam_run_undo(&run, t->book, second, t->err));
    assert_string_equal(bt_items(t, run, 0), "1 B>A 2 B>A 6 C>B 10 A>C");       /* 5 was put by hand since */
    assert_string_equal(kam_record_text(kam_run_record(run), KAM_RUN_KIND, ""), "UNDO");
    assert_int_equal(kam_record_i64(kam_run_record(run), KAM_RUN_UNDOES, 0), second);
    assert_string_equal(kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""), "{\"kept\":1}");
    assert_non_null(strstr(bt_why(t, run, 10, "en"), "run 2 undone: C again"));
    apply(t, run);
    assert_string_equal(bt_grade(t, t->book, 10, Q, "2026-04-30", g), "C");
    assert_string_equal(bt_grade(t, t->book, 1, Q, "2026-04-30", g), "A");
    assert_string_equal(bt_grade(t, t->book, 5, Q, "2026-04-30", g), "A");
    assert_string_equal(bt_grade(t, t->book, 5, Q, "2026-05-01", g), "C");
    assert_code(kam_run_undo(&run, t->book, second, t->err), KAM_E_EXISTS);
    MUST(t, kam_run_undo(&run, t->book, first, t->err));
    apply(t, run);
    assert_string_equal(bt_grade(t, t->book, 10, Q, "2026-04-30", g), "-");
    assert_string_equal(bt_grade(t, t->book, 3, Q, "2026-04-30", g), "C");
    assert_string_equal(bt_grade(t, t->book, 3, Q, "2026-06-01", g), "-");
    MUST(t, kam_run_open(&run, t->book, 3, t->err));
    assert_string_equal(bt_items(t, run, 0), "1 B>A 2 B>A 6 C>B 10 A>C");
    assert_non_null(strstr(bt_why(t, run, 10, "zh"), "撤销运行 2：恢复为 C"));
    kam_run_free(run);
    assert_code(kam_run_undo(&run, t->book, 3, t->err), KAM_E_UNSUPPORTED);
    apply(t, bt_run(t, t->book, Q, "2026-04-30"));                      /* undone runs stand in nobody's way */
}

static void the_past_gives_the_same_bytes(void **state)
{
    bt *t = *state;
    static char before[60000], after[60000];
    kam_buf *buf = NULL;
    kam_book *then = NULL;
    ten(t);
    MUST(t, kam_buf_new(&buf, t->ctx, t->err));
    kam_run *run = bt_run(t, t->book, Q, "2026-03-31");
    int64_t seq = 0;
    MUST(t, kam_book_seq(&seq, t->book, KAM_TODAY, t->err));
    MUST(t, kam_record_to_json(buf, kam_run_record(run), t->err));
    snprintf(before, sizeof before, "%s\n%s", kam_buf_data(buf), bt_items(t, run, 1));
    apply(t, run);
    bt_today(t, "2026-05-05");
    int64_t rep = bt_save(t, KAM_KIND_REPRESENTATIVE, "{\"name\": \"Li\"}");
    bt_save(t, KAM_KIND_OWNER, "{\"account\": 1, \"representative\": %lld, \"valid_from\": \"2026-01-01\"}",
            (long long)rep);
    bt_save(t, KAM_KIND_LEDGER, "{\"account\": 1, \"day\": \"2026-02-01\", \"event\": \"RETURN\", \"amount\": 990}");
    run = bt_run(t, t->book, Q, "2026-03-31");
    assert_non_null(strstr(bt_items(t, run, 0), "1 A>C"));
    kam_run_free(run);
    MUST(t, kam_book_known(&then, t->book, seq, t->err));
    run = bt_run(t, then, Q, "2026-03-31");
    MUST(t, kam_record_to_json(buf, kam_run_record(run), t->err));
    snprintf(after, sizeof after, "%s\n%s", kam_buf_data(buf), bt_items(t, run, 1));
    assert_string_equal(after, before);
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_READ_ONLY);
    kam_run_free(run);
    kam_book_close(then);
    kam_buf_free(buf);
}

static void corrected_events_count_once(void **state)
{
    bt *t = *state;
    ten(t);
    bt_save(t, KAM_KIND_LEDGER,
            "{\"source\": \"erp\", \"ext_id\": \"L1\", \"account\": 9, \"day\": \"2026-03-01\", \"event\": \"SALE\", "
            "\"amount\": 5000}");
    bt_save(t, KAM_KIND_LEDGER,
            "{\"source\": \"erp\", \"ext_id\": \"L1\", \"account\": 9, \"day\": \"2026-03-01\", \"event\": \"SALE\", "
            "\"amount\": 50}");
    kam_run *run = bt_run(t, t->book, Q, "2026-03-31");
    assert_non_null(strstr(bt_items(t, run, 1), "9 ->C (C) #9 250.00"));
    kam_run_free(run);
}

static void windows_and_currencies(void **state)
{
    bt *t = *state;
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    int64_t a = bt_account(t, "a"), b = bt_account(t, "b");
    bt_sale(t, a, "2025-03-31", "1000");                                /* a day before the window */
    bt_sale(t, a, "2025-04-01", "10");
    bt_sale(t, b, "2026-03-31", "20");
    bt_sale(t, b, "2026-04-01", "4000");                                /* after the day */
    run = bt_run(t, t->book, Q, "2026-03-31");
    assert_non_null(strstr(bt_items(t, run, 1), "1 ->C (C) #2 10.00"));
    assert_non_null(strstr(bt_items(t, run, 1), "2 ->B (B) #1 20.00"));
    kam_run_free(run);
    bt_save(t, KAM_KIND_LEDGER,
            "{\"account\": 1, \"day\": \"2026-03-01\", \"event\": \"SALE\", \"amount\": 3, \"currency\": \"USD\"}");
    MUST(t, kam_scheme_open(&s, t->book, Q, bt_day("2026-03-31"), t->err));
    assert_code(kam_grading_run(&run, t->book, s, bt_day("2026-03-31"), t->err), KAM_E_POLICY);
    assert_says(t->err, "USD to CNY");
    bt_save(t, KAM_KIND_RATE, "{\"sell\": \"USD\", \"buy\": \"CNY\", \"rate\": 7.1}");
    MUST(t, kam_grading_run(&run, t->book, s, bt_day("2026-03-31"), t->err));
    assert_non_null(strstr(bt_items(t, run, 1), "1 ->B (B) #1 31.30"));
    kam_run_free(run);
    kam_scheme_free(s);
}

#define ONE(when) \
    S_ORDINAL "\"window\": {\"months\": 1}, \"rule\": {\"first_match\": [{\"grade\": \"A\", \"when\": [" when "]}]}, " \
              "\"rest\": \"C\"}"

static void assert_matches(bt *t, const char *json, const char *items)
{
    kam_run *run = bt_trial(t, json, "2026-03-31");
    assert_string_equal(bt_items(t, run, 0), items);
    kam_run_free(run);
}

static void conditions_see_fields_facts_and_figures(void **state)
{
    bt *t = *state;
    bt_save(t, KAM_KIND_FIELD,
            "{\"kind\": \"account\", \"name\": \"x_stars\", \"type\": \"INT\", \"label_en\": \"Stars\", \"label_zh\": "
            "\"星级\"}");
    bt_save(t, KAM_KIND_ACCOUNT,
            "{\"name\": \"a\", \"city\": \"Bonn\", \"loyalty\": 7.5, \"x_stars\": 4, \"customer_since\": "
            "\"2024-01-31\", \"potential\": 1000}");
    bt_account(t, "b");
    bt_save(t, KAM_KIND_TIER, "{\"account\": 1, \"tier\": \"KEY\", \"valid_from\": \"2026-01-01\"}");
    bt_save(t, KAM_KIND_CLASS,
            "{\"account\": 1, \"dimension\": \"region\", \"class\": \"north\", \"valid_from\": \"2026-01-01\"}");
    bt_save(t, KAM_KIND_GRADE,
            "{\"account\": 2, \"scheme\": \"other\", \"grade\": \"Z\", \"valid_from\": \"2026-01-01\"}");
    bt_save(t, KAM_KIND_ACTIVITY,
            "{\"account\": 2, \"status\": \"HELD\", \"channel\": \"CALL\", \"day\": \"2026-03-20\"}");
    bt_save(t, KAM_KIND_ACTIVITY,
            "{\"account\": 2, \"status\": \"HELD\", \"channel\": \"CALL\", \"day\": \"2026-02-20\"}");
    bt_save(t, KAM_KIND_ACTIVITY,
            "{\"account\": 2, \"status\": \"PLANNED\", \"channel\": \"CALL\", \"day\": \"2026-03-21\"}");
    bt_save(t, KAM_KIND_LEDGER,
            "{\"account\": 1, \"day\": \"2026-03-11\", \"event\": \"SALE\", \"amount\": 300, \"cost\": 120}");
    bt_save(t, KAM_KIND_LEDGER, "{\"account\": 2, \"day\": \"2026-03-01\", \"event\": \"SALE\", \"amount\": 100}");
    static const struct { const char *cond; int who;
    } c[] = {
        {"{\"field\": \"city\", \"is\": \"Bonn\"}", 1},
        {"{\"field\": \"loyalty\", \"ge\": \"7.5\"}", 1},
        {"{\"field\": \"x_stars\", \"gt\": 3}", 1},
        {"{\"field\": \"tier\", \"is\": \"KEY\"}", 1},
        {"{\"field\": \"tier\", \"missing\": true}", 2},
        {"{\"field\": \"class:region\", \"is\": \"north\"}", 1},
        {"{\"field\": \"grade:other\", \"in\": [\"Y\", \"Z\"]}", 2},
        {"{\"field\": \"contacts\", \"is\": 1}", 2},
        {"{\"field\": \"contacts\", \"is\": 0}", 1},
        {"{\"field\": \"days_since_contact\", \"is\": 11}", 2},
        {"{\"field\": \"recency_days\", \"is\": 20}", 1},
        {"{\"field\": \"gross_profit\", \"is\": \"180\"}", 1},
        {"{\"field\": \"orders\", \"ge\": 1}, {\"field\": \"cost_of_goods\", \"lt\": 1}", 2},
        {"{\"field\": \"share_of_sales\", \"is\": \"0.75\"}", 1},
        {"{\"field\": \"share_of_potential\", \"is\": \"0.3\"}", 1},
        {"{\"field\": \"cooperation_months\", \"is\": 26}", 1},
        {"{\"field\": \"potential\", \"ge\": 1000}", 1},
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        char json[1000];
        snprintf(json, sizeof json, ONE("%s"), c[i].cond);
        assert_matches(t, json, c[i].who == 1 ? "1 ->A 2 ->C" : "1 ->C 2 ->A");
    }
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    MUST(t, kam_scheme_parse(&s, t->ctx, ONE("{\"field\": \"x_moons\", \"is\": 1}"), KAM_NUL, t->err));
    assert_code(kam_grading_run(&run, t->book, s, KAM_TODAY, t->err), KAM_E_POLICY);
    kam_scheme_free(s);
}

static void an_empty_book_has_nothing_to_grade(void **state)
{
    bt *t = *state;
    kam_run *run = bt_run(t, t->book, "abc-80-95", "2026-03-31");
    assert_string_equal(bt_items(t, run, 0), "");
    kam_rows *rows = NULL;
    assert_code(kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, t->err), KAM_E_NOT_FOUND);
    apply(t, run);
    run = bt_run(t, t->book, "contact-intention", "2026-03-31");
    kam_run_free(run);
}

static void a_scheme_belongs_to_its_book(void **state)
{
    bt *t = *state;
    kam_book *other = NULL;
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    int64_t id = 0;
    MUST(t, kam_book_open(&other, t->ctx, NULL, NULL, t->err));
    MUST(t, kam_policy_add(&id, other, KAM_POLICY_SCHEME, S_QUOTA, KAM_NUL, t->err));
    MUST(t, kam_policy_approve(other, id, KAM_DAY_FIRST, KAM_DAY_END, t->err));
    MUST(t, kam_scheme_open(&s, other, "t", KAM_TODAY, t->err));
    int32_t rc = kam_grading_run(&run, t->book, s, KAM_TODAY, t->err);
    assert_true(rc == KAM_E_POLICY || rc == KAM_E_NOT_FOUND);
    kam_scheme_free(s);
    assert_code(kam_scheme_open(&s, t->book, "nobody", KAM_TODAY, t->err), KAM_E_POLICY);
    kam_book_close(other);
}

static void handles_end_in_any_order(void **state)
{
    bt *t = *state;
    ten(t);
    kam_run *run = bt_run(t, t->book, Q, "2026-03-31");
    kam_why *why = NULL;
    MUST(t, kam_run_why(&why, run, 1, t->err));
    kam_book_close(t->book);
    t->book = NULL;
    kam_rows *rows = NULL;
    assert_code(kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, t->err), KAM_E_CLOSED);
    assert_code(kam_run_apply(run, 0, t->err), KAM_E_CLOSED);
    kam_run_free(run);
    assert_non_null(strstr(bt_why_text(t, why, "en"), "rank 1 of 10"));
    kam_why_free(why);
}

/* ---------------------------------------------------------------- failing memory */

static int32_t grade_apply_explain(bt *t, const char *day)
{
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    kam_why *why = NULL;
    int32_t rc = kam_scheme_open(&s, t->book, Q, bt_day(day), t->err);
    if (rc == KAM_OK) rc = kam_grading_run(&run, t->book, s, bt_day(day), t->err);
    kam_scheme_free(s);
    if (rc == KAM_OK) rc = kam_run_why(&why, run, 2, t->err);
    kam_why_free(why);
    if (rc == KAM_OK) rc = kam_run_apply(run, 0, t->err);
    if (rc == KAM_OK) t->last = kam_record_i64(kam_run_record(run), KAM_ID, 0);     /* failed attempts may use up ids */
    kam_run_free(run);
    return rc;
}

static void sweep(bt *t, int32_t (*fn)(bt *t, const char *day), const char *day)
{
    static char before[60000], after[60000];
    bt_dump(t, before, sizeof before);
    for (int64_t n = 0;; n++) {
        t->f.left = n;
        int32_t rc = fn(t, day);
        t->f.left = -1;
        if (rc == KAM_OK) {
            assert_true(n > 50);
            return;
        }
        if (rc != KAM_E_NOMEM)
            fail_msg("allocation %lld: %s: %s", (long long)n, kam_code_name(rc), kam_error_message(t->err));
        bt_dump(t, after, sizeof after);
        assert_string_equal(after, before);
    }
}

static int32_t open_and_explain(bt *t, const char *day)
{
    kam_run *run = NULL;
    kam_why *why = NULL;
    (void)day;
    int32_t rc = kam_run_open(&run, t->book, t->last, t->err);
    if (rc == KAM_OK) rc = kam_run_why(&why, run, 2, t->err);
    kam_why_free(why);
    kam_run_free(run);
    return rc;
}

static int32_t undo_last(bt *t, const char *day)
{
    kam_run *run = NULL;
    (void)day;
    int32_t rc = kam_run_undo(&run, t->book, t->last, t->err);
    if (rc == KAM_OK) rc = kam_run_apply(run, 0, t->err);
    kam_run_free(run);
    return rc;
}

static void sweep_of_failing_memory(void **state)
{
    bt *t = *state;
    char g[40];
    ten(t);
    sweep(t, grade_apply_explain, "2026-03-31");
    assert_string_equal(bt_grade(t, t->book, 1, Q, "2026-03-31", g), "A");
    bt_sale(t, 10, "2026-03-30", "5000");
    sweep(t, grade_apply_explain, "2026-04-30");
    assert_string_equal(bt_grade(t, t->book, 10, Q, "2026-04-30", g), "A");
    sweep(t, open_and_explain, "");
    sweep(t, undo_last, "");
    assert_string_equal(bt_grade(t, t->book, 10, Q, "2026-04-30", g), "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bt_test(first_run_grades_everybody),
        bt_test(items_tell_the_figures),
        bt_test(the_next_run_lists_changes_only),
        bt_test(grades_by_hand_stay),
        bt_test(why_tells_the_same_from_the_store),
        bt_test(accounts_that_did_not_change_are_explained_too),
        bt_test(a_run_rolled_back_with_its_transaction_can_be_applied_again),
        bt_test(runs_are_applied_once_and_only_to_what_they_read),
        bt_test(undo_puts_everything_back),
        bt_test(the_past_gives_the_same_bytes),
        bt_test(corrected_events_count_once),
        bt_test(windows_and_currencies),
        bt_test(conditions_see_fields_facts_and_figures),
        bt_test(an_empty_book_has_nothing_to_grade),
        bt_test(a_scheme_belongs_to_its_book),
        bt_test(handles_end_in_any_order),
        bt_test(sweep_of_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
