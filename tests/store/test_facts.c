/* Facts: ranges of one subject never overlap, what was believed stays readable, and the field's rules on them. */
#include "store_test.h"

static int setup(void **state)
{
    static fixture f;
    open_fixture(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    close_fixture(*state);
    return 0;
}

static int64_t account(fixture *f) { return SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme"); }
static int64_t rep(fixture *f, const char *name)
{
    return SAVE(f, KAM_KIND_REPRESENTATIVE, (uint32_t)KAM_REPRESENTATIVE_NAME, name);
}

static const char *id_text(int64_t id, char out[24])
{
    snprintf(out, 24, "%lld", (long long)id);
    return out;
}

static int64_t owner(fixture *f, int64_t acc, int64_t who, const char *from, const char *to)
{
    char a[24], r[24];
    return SAVE(f, KAM_KIND_OWNER, (uint32_t)KAM_OWNER_ACCOUNT, id_text(acc, a), (uint32_t)KAM_OWNER_REPRESENTATIVE,
                id_text(who, r), (uint32_t)KAM_VALID_FROM, from, (uint32_t)KAM_VALID_TO, to);
}

static int64_t owner_on(fixture *f, kam_book *book, int64_t acc, const char *day)
{
    kam_record *r = NULL;
    MUST(kam_book_get(&r, book, KAM_KIND_ACCOUNT, acc, day_of(day), f->err));
    int64_t id = kam_record_i64(r, KAM_ACCOUNT_OWNER, 0);
    kam_record_free(r);
    return id;
}

static void test_later_fact_ends_the_one_before(void **state)
{
    fixture *f = *state;
    int64_t acc = account(f), chen = rep(f, "Chen"), li = rep(f, "Li");
    owner(f, acc, chen, "2026-01-01", NULL);
    owner(f, acc, li, "2026-03-01", NULL);
    assert_int_equal(owner_on(f, f->book, acc, "2025-12-31"), 0);
    assert_int_equal(owner_on(f, f->book, acc, "2026-02-28"), chen);
    assert_int_equal(owner_on(f, f->book, acc, "2026-03-01"), li);
}

static void test_fact_inside_splits_the_old_one(void **state)
{
    fixture *f = *state;
    int64_t acc = account(f), chen = rep(f, "Chen"), li = rep(f, "Li");
    owner(f, acc, chen, "2026-01-01", "2027-01-01");
    owner(f, acc, li, "2026-03-01", "2026-04-01");
    assert_int_equal(owner_on(f, f->book, acc, "2026-02-28"), chen);
    assert_int_equal(owner_on(f, f->book, acc, "2026-03-31"), li);
    assert_int_equal(owner_on(f, f->book, acc, "2026-04-01"), chen);
    assert_int_equal(owner_on(f, f->book, acc, "2026-12-31"), chen);
    assert_int_equal(owner_on(f, f->book, acc, "2027-01-01"), 0);
}

static void test_what_was_believed_stays(void **state)
{
    fixture *f = *state;
    int64_t acc = account(f), chen = rep(f, "Chen"), li = rep(f, "Li"), before = 0;
    kam_book *then = NULL;
    owner(f, acc, chen, "2026-01-01", NULL);
    MUST(kam_book_seq(&before, f->book, KAM_TODAY, f->err));
    owner(f, acc, li, "2026-01-01", NULL);                             /* a correction of the past */
    MUST(kam_book_known(&then, f->book, before, f->err));
    assert_int_equal(owner_on(f, f->book, acc, "2026-02-01"), li);
    assert_int_equal(owner_on(f, then, acc, "2026-02-01"), chen);
    kam_book_close(then);
}

static void test_same_fact_again_is_no_write(void **state)
{
    fixture *f = *state;
    int64_t acc = account(f), chen = rep(f, "Chen"), before = 0, after = 0;
    owner(f, acc, chen, "2026-01-01", NULL);
    MUST(kam_book_seq(&before, f->book, KAM_TODAY, f->err));
    owner(f, acc, chen, "2026-02-01", NULL);
    MUST(kam_book_seq(&after, f->book, KAM_TODAY, f->err));
    assert_int_equal(before, after);
}

static void test_owner_through_the_account(void **state)
{
    fixture *f = *state;
    int64_t chen = rep(f, "Chen"), li = rep(f, "Li");
    char r[24];
    int64_t acc =
        SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_OWNER, id_text(chen, r));
    assert_int_equal(owner_on(f, f->book, acc, "1990-01-01"), chen);  /* the first one known holds from the beginning */
    f->now = (int64_t)day_of("2026-05-10") * DAY_MS;
    kam_record *rec = NULL;
    MUST(kam_book_get(&rec, f->book, KAM_KIND_ACCOUNT, acc, KAM_TODAY, f->err));
    MUST(kam_record_set_i64(rec, KAM_ACCOUNT_OWNER, li, f->err));
    MUST(kam_book_save(f->book, rec, f->err));
    kam_record_free(rec);
    assert_int_equal(owner_on(f, f->book, acc, "2026-05-09"), chen);
    assert_int_equal(owner_on(f, f->book, acc, "2026-05-10"), li);
}

static void test_range_must_have_a_day(void **state)
{
    fixture *f = *state;
    char a[24], r[24];
    kam_record *rec =
        make_record(f, KAM_KIND_OWNER, (uint32_t)KAM_OWNER_ACCOUNT, id_text(account(f), a),
                    (uint32_t)KAM_OWNER_REPRESENTATIVE, id_text(rep(f, "Chen"), r), (uint32_t)KAM_VALID_FROM,
                    "2026-03-01", (uint32_t)KAM_VALID_TO, "2026-03-01", (uint32_t)0);
    assert_int_equal(kam_book_save(f->book, rec, f->err), KAM_E_INVAL);
    kam_record_free(rec);
}

static int32_t lifecycle(fixture *f, int64_t acc, const char *state_name, const char *from, const char *reason)
{
    char a[24];
    kam_record *r = make_record(f, KAM_KIND_LIFECYCLE, (uint32_t)KAM_LIFECYCLE_ACCOUNT, id_text(acc, a),
                                (uint32_t)KAM_LIFECYCLE_STATE, state_name, (uint32_t)KAM_VALID_FROM, from,
                                (uint32_t)KAM_REASON, reason, (uint32_t)0);
    int32_t rc = kam_book_save(f->book, r, f->err);
    kam_record_free(r);
    return rc;
}

static void test_lifecycle_steps(void **state)
{
    fixture *f = *state;
    int64_t acc = account(f);
    MUST(lifecycle(f, acc, "PROSPECT", "2026-01-01", NULL));
    MUST(lifecycle(f, acc, "INTENT", "2026-02-01", NULL));
    MUST(lifecycle(f, acc, "SIGNED", "2026-03-01", NULL));
    assert_int_equal(lifecycle(f, acc, "PROSPECT", "2026-04-01", NULL), KAM_E_INVAL);
    assert_int_equal(lifecycle(f, acc, "INVALID", "2026-04-01", NULL), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(f->err), "reason"));
    MUST(lifecycle(f, acc, "INVALID", "2026-04-01", "closed its works"));
    assert_int_equal(lifecycle(f, acc, "SIGNED", "2026-05-01", NULL), KAM_E_INVAL);
    MUST(lifecycle(f, acc, "PROSPECT", "2026-05-01", NULL));
}

static void test_person_is_no_key_account(void **state)
{
    fixture *f = *state;
    char a[24];
    int64_t acc =
        SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Wang Wei", (uint32_t)KAM_ACCOUNT_KIND, "PERSON");
    kam_record *r = make_record(f, KAM_KIND_TIER, (uint32_t)KAM_TIER_ACCOUNT, id_text(acc, a), (uint32_t)KAM_TIER_TIER,
                                "KEY", (uint32_t)0);
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_INVAL);
    MUST(kam_record_set_text(r, KAM_TIER_TIER, "LARGE", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    kam_record_free(r);
}

static void test_group_tree_has_no_cycle(void **state)
{
    fixture *f = *state;
    char t[24];
    int64_t top = account(f);
    int64_t mid =
        SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Mid", (uint32_t)KAM_ACCOUNT_PARENT, id_text(top, t));
    int64_t low =
        SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Low", (uint32_t)KAM_ACCOUNT_PARENT, id_text(mid, t));
    kam_record *r = NULL;
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, top, KAM_TODAY, f->err));
    MUST(kam_record_set_i64(r, KAM_ACCOUNT_PARENT, low, f->err));
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_INVAL);
    assert_int_equal(kam_error_detail(f->err, KAM_ERR_FIELD), KAM_ACCOUNT_PARENT);
    kam_record_free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_later_fact_ends_the_one_before),
        TEST(test_fact_inside_splits_the_old_one),
        TEST(test_what_was_believed_stays),
        TEST(test_same_fact_again_is_no_write),
        TEST(test_owner_through_the_account),
        TEST(test_range_must_have_a_day),
        TEST(test_lifecycle_steps),
        TEST(test_person_is_no_key_account),
        TEST(test_group_tree_has_no_cycle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
