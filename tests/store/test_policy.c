/* Policy documents: versions, days in force, what is refused; and runs: applied once, not on a book that has moved
 * on. */
#include "store_test.h"

static const char name[] = "standard";

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

static int64_t in_force(fixture *f, kam_book *book, const char *day)
{
    int64_t id = -7;
    int32_t rc = kam_policy_in_force(&id, book, KAM_POLICY_CADENCE, name, day_of(day), f->err);
    if (rc == KAM_OK) return id;
    assert_int_equal(rc, KAM_E_POLICY);
    assert_int_equal(id, -7);                                                  /* untouched */
    return 0;
}

/* The built-in document with another label: a new version of the same name. */
static int64_t second_version(fixture *f, int64_t first)
{
    kam_record *r = NULL;
    int64_t id = 0;
    char body[8192];
    MUST(kam_book_get(&r, f->book, KAM_KIND_POLICY, first, KAM_TODAY, f->err));
    snprintf(body, sizeof body, "%s", kam_record_text(r, KAM_POLICY_BODY, ""));
    kam_record_free(r);
    char *at = strstr(body, "Standard");
    assert_non_null(at);
    memcpy(at, "Shorter!", 8);
    MUST(kam_policy_add(&id, f->book, KAM_POLICY_CADENCE, body, KAM_NUL, f->err));
    assert_int_not_equal(id, first);
    int64_t again = 0;
    MUST(kam_policy_add(&again, f->book, KAM_POLICY_CADENCE, body, KAM_NUL, f->err));
    assert_int_equal(again, id);
    return id;
}

static int64_t seq_of(fixture *f)
{
    int64_t seq = 0;
    MUST(kam_book_seq(&seq, f->book, KAM_TODAY, f->err));
    return seq;
}

static void test_one_version_a_day(void **state)
{
    fixture *f = *state;
    kam_book *then = NULL;
    int64_t first = in_force(f, f->book, "2026-03-01"), second = second_version(f, first), seq = 0;
    assert_true(first > 0);
    MUST(kam_book_known(&then, f->book, seq_of(f), f->err));
    assert_int_equal(kam_policy_approve(f->book, second, day_of("2026-04-01"), KAM_DAY_END, f->err), KAM_E_POLICY);
    assert_non_null(strstr(kam_error_message(f->err), "withdraw"));
    MUST(kam_policy_withdraw(f->book, first, day_of("2026-04-01"), f->err));
    MUST(kam_policy_approve(f->book, second, day_of("2026-04-01"), day_of("2026-07-01"), f->err));
    seq = seq_of(f);
    /* is in force already */
    MUST(kam_policy_approve(f->book, second, day_of("2026-05-01"), day_of("2026-06-01"), f->err));
    assert_int_equal(seq_of(f), seq);
    assert_int_equal(in_force(f, f->book, "2026-03-31"), first);
    assert_int_equal(in_force(f, f->book, "2026-04-01"), second);
    assert_int_equal(in_force(f, f->book, "2026-06-30"), second);
    assert_int_equal(in_force(f, f->book, "2026-07-01"), 0);
    assert_int_equal(in_force(f, then, "2026-05-01"), first);
    assert_int_equal(kam_policy_withdraw(f->book, first, day_of("2026-05-01"), f->err), KAM_E_POLICY);
    assert_int_equal(kam_policy_approve(f->book, first, day_of("2026-06-30"), KAM_DAY_END, f->err), KAM_E_POLICY);
    MUST(kam_policy_approve(f->book, first, day_of("2026-07-01"), KAM_DAY_END, f->err));
    assert_int_equal(in_force(f, f->book, "2026-07-01"), first);
    assert_int_equal(kam_policy_approve(f->book, first, day_of("2026-08-01"), day_of("2026-08-01"), f->err),
                     KAM_E_INVAL);
    assert_int_equal(kam_policy_approve(f->book, 999, day_of("2026-08-01"), KAM_DAY_END, f->err), KAM_E_NOT_FOUND);
    assert_int_equal(kam_policy_approve(then, first, day_of("2026-08-01"), KAM_DAY_END, f->err), KAM_E_READ_ONLY);
    kam_book_close(then);
}

static void test_read_only_book_has_its_policies(void **state)
{
    fixture *f = *state;
    kam_book_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = KAM_BOOK_READ_ONLY;
    kam_book_close(f->book);
    f->book = NULL;
    MUST(kam_book_open(&f->book, NULL, f->store, &o, f->err));
    assert_true(in_force(f, f->book, "2026-03-01") > 0);
    int64_t id = 0;
    assert_int_equal(kam_policy_add(&id, f->book, KAM_POLICY_CADENCE, "{}", KAM_NUL, f->err), KAM_E_READ_ONLY);
}

/* ---------------------------------------------------------------- runs */

static kam_run *value_run(fixture *f)
{
    kam_run *run = NULL;
    MUST(kam_value_run(&run, f->book, NULL, KAM_TODAY, f->err));
    return run;
}

static void test_run_is_applied_once(void **state)
{
    fixture *f = *state;
    kam_run *run = value_run(f);
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    assert_int_equal(kam_run_apply(run, 0, f->err), KAM_E_STALE);
    assert_int_equal(kam_record_type(kam_run_record(run), KAM_ID), 0);         /* as it was: usable again */
    MUST(kam_run_apply(run, KAM_APPLY_FORCE, f->err));
    assert_int_equal(kam_run_apply(run, KAM_APPLY_FORCE, f->err), KAM_E_EXISTS);
    kam_run_free(run);
}

/* What was written meanwhile in the same transaction has no commit number yet, and still makes it old. */
static void test_run_is_stale_inside_its_transaction(void **state)
{
    fixture *f = *state;
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    kam_run *run = value_run(f), *fresh = NULL;
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Bolt");
    assert_int_equal(kam_run_apply(run, 0, f->err), KAM_E_STALE);
    fresh = value_run(f);
    MUST(kam_run_apply(fresh, 0, f->err));
    MUST(kam_book_commit(f->book, f->err));
    kam_run_free(run);
    kam_run_free(fresh);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_version_a_day), TEST(test_read_only_book_has_its_policies), TEST(test_run_is_applied_once),
        TEST(test_run_is_stale_inside_its_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
