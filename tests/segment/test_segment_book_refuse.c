/* What segments, schemes and scorecards over a book refuse, in words: records of other kinds, fields the book does not
 * have or that are not exact, another book's segment, accounts and lists a run does not have. */
#include "book_test.h"

static void says(bt *t, int32_t rc, int32_t code, const char *part)
{
    if (rc != code || !strstr(kam_error_message(t->err), part))
        fail_msg("%s: %s; wanted %s and \"%s\"", kam_code_name(rc), kam_error_message(t->err), kam_code_name(code), part);
}

static kam_segment *segment_in(bt *t, kam_book *book, const char *name)
{
    char text[200];
    kam_segment *s = NULL;
    int64_t id = 0;
    snprintf(text, sizeof text, "{\"name\": \"%s\", \"condition\": \"employees > 10\"}", name);
    MUST(t, kam_policy_add(&id, book, KAM_POLICY_SEGMENT, text, KAM_NUL, t->err));
    MUST(t, kam_policy_approve(book, id, KAM_DAY_FIRST, KAM_DAY_END, t->err));
    MUST(t, kam_segment_open(&s, book, name, KAM_TODAY, t->err));
    return s;
}

static void a_segment_is_of_this_book(void **state)
{
    bt *t = *state;
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    kam_book *other = NULL;
    kam_segment *mine = segment_in(t, t->book, "mine"), *own = NULL;
    kam_run *run = NULL;
    MUST(t, kam_book_open(&other, t->ctx, NULL, &o, t->err));
    kam_segment *theirs = segment_in(t, other, "theirs");
    says(t, kam_segment_run(&run, other, mine, KAM_TODAY, t->err), KAM_E_POLICY,
         "segment \"mine\" was opened in another book: open it in this one");
    MUST(t, kam_segment_parse(&own, t->ctx, "{\"name\": \"o\", \"condition\": \"x_colour == 'red'\"}", KAM_NUL, t->err));
    says(t, kam_segment_run(&run, t->book, own, KAM_TODAY, t->err), KAM_E_POLICY,
         "segment \"o\" reads \"x_colour\", a field this book does not have: save a FIELD record for it");
    assert_null(run);
    kam_segment_free(own);
    kam_segment_free(mine);
    kam_segment_free(theirs);
    kam_book_close(other);
}

static void a_segment_is_asked_about_attributes(void **state)
{
    bt *t = *state;
    kam_segment *s = NULL;
    kam_record *r = NULL;
    int32_t has = 0;
    MUST(t, kam_segment_parse(&s, t->ctx, "{\"name\": \"s\", \"condition\": \"employees > 10\"}", KAM_NUL, t->err));
    MUST(t, kam_record_new(&r, t->book, KAM_KIND_ACCOUNT, t->err));
    says(t, kam_segment_has(&has, s, r, t->err), KAM_E_INVAL,
         "a segment is of ATTRIBUTES records, not of kind account: see kam_account_attributes");
    kam_record_free(r);
    kam_segment_free(s);
    char name[120];
    snprintf(name, sizeof name, "{\"name\": \n\"%064d\", \"condition\": \"employees > 10\"}", 0);
    says(t, kam_segment_parse(&s, t->ctx, name, KAM_NUL, t->err), KAM_E_POLICY, "\"name\" has 1 to 63 bytes");
}

static void a_run_has_one_list_and_its_accounts(void **state)
{
    bt *t = *state;
    kam_rows *rows = NULL;
    kam_run *run = NULL;
    kam_why *why = NULL;
    bt_account(t, "a");
    kam_segment *s = segment_in(t, t->book, "s");
    MUST(t, kam_segment_run(&run, t->book, s, KAM_TODAY, t->err));
    says(t, kam_run_why(&why, run, 77, t->err), KAM_E_NOT_FOUND,
         "account 77 is not in this run: the book had no such account when the run read it");
    MUST(t, kam_run_apply(run, 0, t->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    MUST(t, kam_run_open(&run, t->book, id, t->err));
    says(t, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, t->err), KAM_E_NOT_FOUND, "a segment run has a list of MEMBER only");
    kam_run_free(run);
    kam_segment_free(s);
}

#define EXACT_SCHEME(window) "{\"name\": \"s\", \"title\": {\"en\": \"x\", \"zh\": \"x\"}, \"kind\": \"ordinal\", \"grades\": [{\"grade\": \"A\"," \
    " \"en\": \"a\", \"zh\": \"a\"}, {\"grade\": \"B\", \"en\": \"b\", \"zh\": \"b\"}], \"window\": \"all\", " window "}"

static void schemes_and_cards_are_exact(void **state)
{
    bt *t = *state;
    kam_scheme *s = NULL;
    kam_scorecard *c = NULL;
    kam_run *run = NULL;
    bt_save(t, KAM_KIND_FIELD, "{\"kind\": \"account\", \"name\": \"x_ratio\", \"type\": \"F64\"}");
    bt_account(t, "a");
    MUST(t, kam_scheme_parse(&s, t->ctx, EXACT_SCHEME("\"rule\": {\"first_match\": [{\"grade\": \"A\", \"when\": [{\"field\": \"x_ratio\","
        " \"ge\": 1}]}]}, \"rest\": \"B\""), KAM_NUL, t->err));
    says(t, kam_grading_run(&run, t->book, s, KAM_TODAY, t->err), KAM_E_POLICY,
         "x_ratio is a floating-point number: grades are decided by exact ones such as DECIMAL (line 1, column");
    kam_scheme_free(s);
    MUST(t, kam_scorecard_parse(&c, t->ctx, "{\"name\": \"c\", \"title\": {\"en\": \"x\", \"zh\": \"x\"}, \"factors\": [{\"id\": \"f\","
        " \"attribute\": \"city\", \"map\": {\"Bonn\": 1}, \"otherwise\": 0}], \"warnings\": [{\"id\": \"w\", \"attribute\": \"x_ratio\","
        " \"is\": 1, \"text\": {\"en\": \"x\", \"zh\": \"x\"}}]}", KAM_NUL, t->err));
    says(t, kam_scoring_run(&run, t->book, c, KAM_TODAY, t->err), KAM_E_TYPE,
         "x_ratio is a floating-point number: warnings are decided by exact ones such as DECIMAL (line 1, column");
    kam_scorecard_free(c);
    says(t, kam_scheme_parse(&s, t->ctx, EXACT_SCHEME("\"measure\": \"revenue\", \"rule\": {\"share\": [\"0.5\", \"0.8\"]}, \"rest\": \"B\""),
                             KAM_NUL, t->err), KAM_E_POLICY, "2 grades have 1 cuts between them, not 2 (line 1, column");
    says(t, kam_scheme_parse(&s, t->ctx, EXACT_SCHEME("\"measure\": \"revenue\", \"rule\": {\"share\": [\"0.5\"], \"crossing\": \"in\"}, \"rest\": 2"),
                             KAM_NUL, t->err), KAM_E_PARSE, "\"rest\" must name one of the grades (line 1, column");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bt_test(a_segment_is_of_this_book), bt_test(a_segment_is_asked_about_attributes),
        bt_test(a_run_has_one_list_and_its_accounts), bt_test(schemes_and_cards_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
