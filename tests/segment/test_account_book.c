/* One account on one day: record, facts and why they hold, what belongs to it, the timeline, what it is worth. */
#include "book_test.h"

static const char *rows_text(bt *t, kam_rows *rows, const uint32_t *field)
{
    const kam_record *r = NULL;
    size_t at = 0;
    t->text[0] = 0;
    for (;;) {
        MUST(t, kam_rows_next(&r, rows, t->err));
        if (!r) break;
        if (at) at += (size_t)snprintf(t->text + at, sizeof t->text - at, "|");
        for (int i = 0; field[i]; i++)
            at += (size_t)snprintf(t->text + at, sizeof t->text - at, "%s%s", i ? " " : "",
                                   kam_record_text(r, field[i], "-"));
    }
    kam_rows_free(rows);
    return t->text;
}

static const char *of(bt *t, kam_account *a, uint32_t kind, const char *from, const char *to, const uint32_t *field)
{
    kam_rows *rows = NULL;
    MUST(t, kam_account_rows(&rows, a, kind, bt_day(from), bt_day(to), t->err));
    assert_int_equal(kam_rows_kind(rows), kind);
    return rows_text(t, rows, field);
}

/* Account 1 with a year of everything; a second one that must never be seen. */
static kam_account *filled(bt *t, int32_t as_of)
{
    kam_account *a = NULL;
    bt_today(t, "2026-01-05");
    int64_t acme = bt_account(t, "Acme"), other = bt_account(t, "Other");
    assert_int_equal(acme, 1);
    int64_t li = bt_save(t, KAM_KIND_REPRESENTATIVE, "{\"name\": \"Li\"}");
    bt_save(t, KAM_KIND_OWNER, "{\"account\": 1, \"representative\": %lld, \"valid_from\": \"2026-01-01\"}",
            (long long)li);
    bt_save(t, KAM_KIND_OWNER,
            "{\"account\": 1, \"representative\": %lld, \"valid_from\": \"2026-03-01\", \"reason\": \"handover\"}",
            (long long)bt_save(t, KAM_KIND_REPRESENTATIVE, "{\"name\": \"Wang\"}"));
    bt_sale(t, acme, "2026-01-10", "1000");
    bt_sale(t, acme, "2026-02-10", "500.50");
    bt_sale(t, other, "2026-02-11", "9999");
    bt_save(t, KAM_KIND_LEDGER,
            "{\"account\": 1, \"day\": \"2026-02-20\", \"event\": \"RETURN\", \"amount\": 100, \"order\": \"SO-1\"}");
    bt_save(t, KAM_KIND_ACTIVITY,
            "{\"account\": 1, \"status\": \"HELD\", \"channel\": \"VISIT\", \"day\": \"2026-02-15\", \"points\": "
            "\"prices\"}");
    bt_save(t, KAM_KIND_ACTIVITY,
            "{\"account\": 1, \"status\": \"PLANNED\", \"channel\": \"CALL\", \"day\": \"2026-05-15\"}");
    bt_save(t, KAM_KIND_CONTACT, "{\"name\": \"Zhou\"}");
    bt_save(t, KAM_KIND_CONTACT, "{\"name\": \"Nobody\"}");
    bt_save(t, KAM_KIND_AFFILIATION,
            "{\"account\": 1, \"contact\": 1, \"role\": \"BUYER\", \"valid_from\": \"2026-01-20\"}");
    bt_save(t, KAM_KIND_AFFILIATION,
            "{\"account\": 1, \"contact\": 1, \"role\": \"DECIDER\", \"valid_from\": \"2026-01-20\", \"valid_to\": "
            "\"2026-02-01\"}");
    bt_save(t, KAM_KIND_LIFECYCLE, "{\"account\": 1, \"state\": \"PROSPECT\", \"valid_from\": \"2026-01-02\"}");
    bt_save(t, KAM_KIND_CLASS,
            "{\"account\": 1, \"dimension\": \"region\", \"class\": \"north\", \"valid_from\": \"2026-01-02\"}");
    bt_save(t, KAM_KIND_GRADE,
            "{\"account\": 1, \"scheme\": \"s\", \"grade\": \"A\", \"approver\": \"M. Chen\", \"valid_from\": "
            "\"2026-01-03\"}");
    bt_today(t, "2026-02-25");
    bt_save(t, KAM_KIND_ACCOUNT, "{\"id\": 1, \"name\": \"Acme\", \"city\": \"Bonn\", \"reason\": \"moved\"}");
    bt_today(t, "2026-03-31");
    MUST(t, kam_account_open(&a, t->book, 1, as_of, t->err));
    return a;
}

static void record_is_a_copy_as_of_its_day(void **state)
{
    bt *t = *state;
    kam_account *a = filled(t, bt_day("2026-02-24")), *now = NULL;
    assert_string_equal(kam_record_text(kam_account_record(a), KAM_ACCOUNT_CITY, "-"), "-");
    assert_int_equal(kam_record_i64(kam_account_record(a), KAM_ACCOUNT_OWNER, 0), 1);
    MUST(t, kam_account_open(&now, t->book, 1, KAM_TODAY, t->err));
    kam_record *r = kam_account_record(now);
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_CITY, "-"), "Bonn");
    assert_int_equal(kam_record_i64(r, KAM_ACCOUNT_OWNER, 0), 2);
    bt_save(t, KAM_KIND_ACCOUNT, "{\"id\": 1, \"name\": \"Acme\", \"city\": \"Berlin\"}");
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_CITY, "-"), "Bonn");
    MUST(t, kam_account_refresh(now, t->err));
    assert_ptr_equal(kam_account_record(now), r);
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_CITY, "-"), "Berlin");
    MUST(t, kam_record_set_text(r, KAM_ACCOUNT_CITY, "Köln", KAM_NUL, t->err));
    MUST(t, kam_book_save(t->book, r, t->err));
    MUST(t, kam_account_refresh(now, t->err));
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_CITY, "-"), "Köln");
    MUST(t, kam_book_delete(t->book, KAM_KIND_ACCOUNT, 1, 0, t->err));
    assert_code(kam_account_refresh(now, t->err), KAM_E_NOT_FOUND);
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_CITY, "-"), "Köln");
    kam_account_free(now);
    assert_code(kam_account_open(&now, t->book, 1, KAM_TODAY, t->err), KAM_E_NOT_FOUND);
    kam_account_free(a);
    kam_account_free(NULL);
}

static void facts_that_hold_are_lent(void **state)
{
    bt *t = *state;
    const kam_record *f = NULL;
    kam_account *a = filled(t, KAM_TODAY);
    MUST(t, kam_account_fact(&f, a, KAM_KIND_GRADE, "s", t->err));
    assert_string_equal(kam_record_text(f, KAM_GRADE_GRADE, ""), "A");
    MUST(t, kam_account_fact(&f, a, KAM_KIND_CLASS, "region", t->err));
    assert_string_equal(kam_record_text(f, KAM_CLASS_CLASS, ""), "north");
    MUST(t, kam_account_fact(&f, a, KAM_KIND_OWNER, NULL, t->err));
    assert_int_equal(kam_record_i64(f, KAM_OWNER_REPRESENTATIVE, 0), 2);
    MUST(t, kam_account_fact(&f, a, KAM_KIND_LIFECYCLE, NULL, t->err));
    assert_code(kam_account_fact(&f, a, KAM_KIND_TIER, NULL, t->err), KAM_E_NOT_FOUND);
    assert_string_equal(kam_record_text(f, KAM_LIFECYCLE_STATE, ""), "PROSPECT");
    assert_code(kam_account_fact(&f, a, KAM_KIND_GRADE, "other", t->err), KAM_E_NOT_FOUND);
    assert_code(kam_account_fact(&f, a, KAM_KIND_GRADE, NULL, t->err), KAM_E_INVAL);
    assert_code(kam_account_fact(&f, a, KAM_KIND_OWNER, "x", t->err), KAM_E_INVAL);
    assert_code(kam_account_fact(&f, a, KAM_KIND_LEDGER, NULL, t->err), KAM_E_INVAL);
    MUST(t, kam_account_attributes(&f, a, t->err));
    assert_string_equal(kam_record_text(f, KAM_ATTRIBUTES_GRADE, ""), "A");
    kam_account_free(a);
}

static void facts_put_by_hand_are_explained(void **state)
{
    bt *t = *state;
    kam_why *why = NULL;
    kam_account *a = filled(t, KAM_TODAY);
    MUST(t, kam_account_why(&why, a, KAM_KIND_GRADE, "s", t->err));
    assert_string_equal(bt_why_text(t, why, "en"),
                        "grade: A, by s, as of 2026-03-31\n  put by tester on 2026-01-05\n  holds since 2026-01-03\n"
                        "  approved by M. Chen\n");
    kam_why_free(why);
    MUST(t, kam_account_why(&why, a, KAM_KIND_OWNER, NULL, t->err));
    assert_string_equal(
        bt_why_text(t, why, "zh"),
        "负责人：2，基准日 2026-03-31\n  由 tester 于 2026-01-05 设定\n  自2026-03-01\n  原因：handover\n");
    kam_why_free(why);
    assert_code(kam_account_why(&why, a, KAM_KIND_TIER, NULL, t->err), KAM_E_NOT_FOUND);
    kam_account_free(a);
}

static void rows_come_newest_first_in_their_window(void **state)
{
    bt *t = *state;
    kam_account *a = filled(t, KAM_TODAY);
    static const uint32_t ledger[] = {KAM_LEDGER_DAY, KAM_LEDGER_EVENT, KAM_LEDGER_AMOUNT, 0},
                          contact[] = {KAM_CONTACT_NAME, 0};
    static const uint32_t owner[] = {KAM_OWNER_REPRESENTATIVE, KAM_VALID_FROM, 0},
                          change[] = {KAM_CHANGE_OLD, KAM_CHANGE_NEW, KAM_REASON, 0};
    static const uint32_t activity[] = {KAM_ACTIVITY_DAY, 0}, role[] = {KAM_AFFILIATION_ROLE, 0};
    assert_string_equal(of(t, a, KAM_KIND_LEDGER, "2026-01-01", "2026-12-31", ledger),
                        "2026-02-20 RETURN 100.00|2026-02-10 SALE 500.50|2026-01-10 SALE 1000.00");
    assert_string_equal(of(t, a, KAM_KIND_LEDGER, "2026-01-10", "2026-02-10", ledger), "2026-01-10 SALE 1000.00");
    assert_string_equal(of(t, a, KAM_KIND_CONTACT, "2026-01-01", "2026-12-31", contact), "Zhou");
    assert_string_equal(of(t, a, KAM_KIND_CONTACT, "2026-01-01", "2026-01-20", contact), "");
    assert_string_equal(of(t, a, KAM_KIND_AFFILIATION, "2026-02-01", "2026-02-02", role), "BUYER");
    assert_string_equal(of(t, a, KAM_KIND_OWNER, "2026-01-01", "2026-12-31", owner), "2 2026-03-01|1 2026-01-01");
    assert_string_equal(of(t, a, KAM_KIND_OWNER, "2026-02-01", "2026-02-02", owner), "1 2026-01-01");
    assert_string_equal(of(t, a, KAM_KIND_CHANGE, "2026-02-25", "2026-02-26", change), "- Bonn moved");
    assert_string_equal(of(t, a, KAM_KIND_CHANGE, "2026-02-26", "2026-12-31", change), "");
    assert_string_equal(of(t, a, KAM_KIND_ACTIVITY, "2026-01-01", "2026-12-31", activity), "2026-05-15|2026-02-15");
    kam_account_free(a);
    MUST(t, kam_account_open(&a, t->book, 1, bt_day("2026-02-15"), t->err));
    assert_string_equal(of(t, a, KAM_KIND_LEDGER, "2026-01-01", "2026-12-31", ledger),
                        "2026-02-10 SALE 500.50|2026-01-10 SALE 1000.00");
    assert_string_equal(of(t, a, KAM_KIND_ACTIVITY, "2026-01-01", "2026-12-31", activity), "2026-02-15");
    assert_string_equal(of(t, a, KAM_KIND_OWNER, "2026-01-01", "2026-12-31", owner), "1 2026-01-01");
    assert_string_equal(of(t, a, KAM_KIND_CHANGE, "2026-01-01", "2026-12-31", change), "");
    kam_rows *rows = NULL;
    assert_code(kam_account_rows(&rows, a, KAM_KIND_POLICY, 0, 1, t->err), KAM_E_INVAL);
    assert_code(kam_account_rows(&rows, a, KAM_KIND_LEDGER, 1, 1, t->err), KAM_E_INVAL);
    kam_account_free(a);
}

static void the_timeline_joins_all(void **state)
{
    bt *t = *state;
    kam_account *a = filled(t, KAM_TODAY);
    static const uint32_t f[] = {KAM_TIMELINE_DAY, KAM_TIMELINE_KIND, KAM_TIMELINE_TEXT, 0};
    assert_string_equal(
        of(t, a, KAM_KIND_TIMELINE, "2026-01-03", "2026-12-31", f),
        "2026-05-15 activity CALL PLANNED|2026-03-01 owner 2 handover|2026-02-25 change city: - -> Bonn; moved|"
        "2026-02-20 ledger RETURN 100.00 SO-1|2026-02-15 activity VISIT HELD prices|2026-02-10 ledger SALE 500.50|"
        "2026-01-20 affiliation DECIDER 1|2026-01-20 affiliation BUYER 1|2026-01-10 ledger SALE 1000.00|"
        "2026-01-03 grade s A M. Chen");
    assert_string_equal(of(t, a, KAM_KIND_TIMELINE, "2026-02-10", "2026-02-16", f),
                        "2026-02-15 activity VISIT HELD prices|2026-02-10 ledger SALE 500.50");
    kam_account_free(a);
}

static void value_adds_up_the_window(void **state)
{
    bt *t = *state;
    const kam_record *v = NULL;
    kam_account *a = filled(t, KAM_TODAY);
    MUST(t, kam_account_value(&v, a, bt_day("2026-01-01"), bt_day("2026-12-31"), t->err));
    assert_string_equal(kam_record_text(v, KAM_ACCOUNT_VALUE_REVENUE, ""), "1400.50");
    assert_string_equal(kam_record_text(v, KAM_ACCOUNT_VALUE_FIRST_DAY, ""), "2026-01-10");
    assert_int_equal(kam_record_i64(v, KAM_ACCOUNT_VALUE_ORDERS, 0), 2);
    MUST(t, kam_account_value(&v, a, bt_day("2026-02-01"), bt_day("2026-02-15"), t->err));
    assert_string_equal(kam_record_text(v, KAM_ACCOUNT_VALUE_REVENUE, ""), "500.50");
    kam_account_free(a);
}

static void the_past_is_as_it_was_known(void **state)
{
    bt *t = *state;
    kam_book *then = NULL;
    kam_account *a = filled(t, KAM_TODAY);
    int64_t seq = 0;
    static const uint32_t ledger[] = {KAM_LEDGER_AMOUNT, 0};
    kam_account_free(a);
    MUST(t, kam_book_seq(&seq, t->book, KAM_TODAY, t->err));
    bt_sale(t, 1, "2026-01-15", "77");
    MUST(t, kam_book_known(&then, t->book, seq, t->err));
    MUST(t, kam_account_open(&a, then, 1, KAM_TODAY, t->err));
    assert_string_equal(of(t, a, KAM_KIND_LEDGER, "2026-01-01", "2026-02-01", ledger), "1000.00");
    kam_account_free(a);
    kam_book_close(then);
}

static int32_t use_all(bt *t)
{
    kam_account *a = NULL;
    const kam_record *r = NULL;
    kam_rows *rows = NULL;
    kam_why *why = NULL;
    int32_t rc = kam_account_open(&a, t->book, 1, KAM_TODAY, t->err);
    if (rc == KAM_OK) rc = kam_account_fact(&r, a, KAM_KIND_GRADE, "s", t->err);
    if (rc == KAM_OK) rc = kam_account_why(&why, a, KAM_KIND_GRADE, "s", t->err);
    kam_why_free(why);
    if (rc == KAM_OK)
        rc = kam_account_rows(&rows, a, KAM_KIND_TIMELINE, bt_day("2026-01-01"), bt_day("2026-12-31"), t->err);
    kam_rows_free(rows);
    rows = NULL;
    if (rc == KAM_OK)
        rc = kam_account_rows(&rows, a, KAM_KIND_CONTACT, bt_day("2026-01-01"), bt_day("2026-12-31"), t->err);
    kam_rows_free(rows);
    if (rc == KAM_OK) rc = kam_account_value(&r, a, bt_day("2026-01-01"), bt_day("2026-12-31"), t->err);
    if (rc == KAM_OK) rc = kam_account_refresh(a, t->err);
    kam_account_free(a);
    return rc;
}

static void sweep_of_failing_memory(void **state)
{
    bt *t = *state;
    kam_account_free(filled(t, KAM_TODAY));
    for (int64_t n = 0;; n++) {
        t->f.left = n;
        int32_t rc = use_all(t);
        t->f.left = -1;
        if (rc == KAM_OK) break;
        assert_code(rc, KAM_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bt_test(record_is_a_copy_as_of_its_day),  bt_test(facts_that_hold_are_lent),
        bt_test(facts_put_by_hand_are_explained), bt_test(rows_come_newest_first_in_their_window),
        bt_test(the_timeline_joins_all),          bt_test(value_adds_up_the_window),
        bt_test(the_past_is_as_it_was_known),     bt_test(sweep_of_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
