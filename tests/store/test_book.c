/* The book: transactions, ids, revisions, tombstones, actors, notification, and the past. */
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

static void test_save_gives_id_and_rev(void **state)
{
    fixture *f = *state;
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)0);
    MUST(kam_book_save(f->book, r, f->err));
    assert_int_equal(kam_record_i64(r, KAM_ID, 0), 1);
    assert_int_equal(kam_record_i64(r, KAM_REV, 0), 1);
    MUST(kam_record_set_text(r, KAM_ACCOUNT_CITY, "Wuhan", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    assert_int_equal(kam_record_i64(r, KAM_REV, 0), 2);
    MUST(kam_book_save(f->book, r, f->err));                           /* nothing changed: nothing written */
    assert_int_equal(kam_record_i64(r, KAM_REV, 0), 2);
    kam_record_free(r);
}

static void test_missing_required_field_is_named(void **state)
{
    fixture *f = *state;
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_CITY, "Wuhan", (uint32_t)0);
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(f->err), "name"));
    assert_int_equal(kam_error_detail(f->err, KAM_ERR_FIELD), KAM_ACCOUNT_NAME);
    assert_int_equal(kam_record_type(r, KAM_ID), 0);                   /* the record is as it was */
    kam_record_free(r);
}

static void test_old_rev_is_conflict(void **state)
{
    fixture *f = *state;
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    kam_record *a = NULL, *b = NULL;
    MUST(kam_book_get(&a, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    MUST(kam_book_get(&b, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    MUST(kam_record_set_text(a, KAM_ACCOUNT_CITY, "Wuhan", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, a, f->err));
    MUST(kam_record_set_text(b, KAM_ACCOUNT_CITY, "Jinan", KAM_NUL, f->err));
    assert_int_equal(kam_book_save(f->book, b, f->err), KAM_E_CONFLICT);
    char text[256];
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, KAM_TODAY, text), "Wuhan");
    kam_record_free(a);
    kam_record_free(b);
}

static void test_key_of_the_erp_finds_and_merges(void **state)
{
    fixture *f = *state;
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, "C-1",
                      (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_NOTE, "ours");
    int64_t again = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, "C-1",
                         (uint32_t)KAM_ACCOUNT_NAME, "Acme Pumps");
    char text[256];
    int64_t found = 0;
    assert_int_equal(again, id);
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Acme Pumps");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_NOTE, KAM_TODAY, text), "ours");
    MUST(kam_book_find(&found, f->book, KAM_KIND_ACCOUNT, "erp", "C-1", KAM_NUL, f->err));
    assert_int_equal(found, id);
    assert_int_equal(kam_book_find(&found, f->book, KAM_KIND_ACCOUNT, "other", "C-1", KAM_NUL, f->err),
                     KAM_E_NOT_FOUND);
}

static void test_delete_is_a_tombstone(void **state)
{
    fixture *f = *state;
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme"), before = 0;
    kam_book *then = NULL;
    kam_record *r = NULL;
    char text[256];
    MUST(kam_book_seq(&before, f->book, KAM_TODAY, f->err));
    assert_int_equal(kam_book_delete(f->book, KAM_KIND_ACCOUNT, id, 7, f->err), KAM_E_CONFLICT);
    MUST(kam_book_delete(f->book, KAM_KIND_ACCOUNT, id, 1, f->err));
    assert_int_equal(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err), KAM_E_NOT_FOUND);
    assert_int_equal(kam_book_delete(f->book, KAM_KIND_ACCOUNT, id, 0, f->err), KAM_E_NOT_FOUND);
    MUST(kam_book_known(&then, f->book, before, f->err));
    assert_string_equal(text_of(f, then, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Acme");
    kam_book_close(then);
}

static void test_rollback_takes_all_back(void **state)
{
    fixture *f = *state;
    kam_record *r = NULL;
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    MUST(kam_book_rollback(f->book, f->err));
    assert_int_equal(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err), KAM_E_NOT_FOUND);
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Bolt");
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));     /* own writes are seen */
    kam_record_free(r);
    MUST(kam_book_commit(f->book, f->err));
    char text[256];
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Bolt");
    assert_int_equal(kam_book_commit(f->book, f->err), KAM_E_INVAL);
}

static void test_failed_check_leaves_a_transaction_usable(void **state)
{
    fixture *f = *state;
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    kam_record *bad = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Bolt", (uint32_t)KAM_ACCOUNT_PARENT,
                                  "999", (uint32_t)0);
    assert_int_equal(kam_book_save(f->book, bad, f->err), KAM_E_NOT_FOUND);
    kam_record_free(bad);
    MUST(kam_book_commit(f->book, f->err));
    kam_record *r = NULL;
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    kam_record_free(r);
}

static void test_write_in_a_read_transaction_is_refused(void **state)
{
    fixture *f = *state;
    MUST(kam_book_begin(f->book, KAM_BEGIN_READ, f->err));
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)0);
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_INVAL);
    assert_int_equal(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err), KAM_E_INVAL);
    MUST(kam_book_commit(f->book, f->err));
    kam_record_free(r);
}

static void test_children_are_closed_with_the_book(void **state)
{
    fixture *f = *state;
    kam_book *then = NULL;
    kam_record *r = NULL;
    MUST(kam_book_known(&then, f->book, 1, f->err));
    kam_book_close(f->book);
    f->book = NULL;
    assert_int_equal(kam_book_get(&r, then, KAM_KIND_ACCOUNT, 1, KAM_TODAY, f->err), KAM_E_CLOSED);
    kam_book_close(then);
}

typedef struct seen { uint32_t n; int64_t kind[16], record[16]; int32_t op[16]; fixture *f; int32_t nested; } seen;

static void on_commit(void *user, const kam_block *touched)
{
    seen *s = user;
    for (uint32_t i = 0; i < touched->nrow && s->n < 16; i++, s->n++) {
        s->kind[s->n] = ((const int64_t *)touched->col[1].data)[i];
        s->record[s->n] = ((const int64_t *)touched->col[2].data)[i];
        s->op[s->n] = ((const int32_t *)touched->col[3].data)[i];
    }
    kam_record *r = NULL;
    s->nested = kam_book_get(&r, s->f->book, KAM_KIND_ACCOUNT, 1, KAM_TODAY, NULL);
}

static void test_on_commit_tells_what_was_touched(void **state)
{
    fixture *f = *state;
    seen s = { .f = f };
    MUST(kam_book_on_commit(f->book, on_commit, &s, f->err));
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    assert_int_equal(s.n, 0);                                          /* not before the commit */
    MUST(kam_book_commit(f->book, f->err));
    assert_int_equal(s.n, 1);
    assert_int_equal(s.kind[0], KAM_KIND_ACCOUNT);
    assert_int_equal(s.record[0], id);
    assert_int_equal(s.op[0], KAM_TOUCH_INSERT);
    assert_int_equal(s.nested, KAM_E_BUSY);                            /* the book is in the middle of a call */
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Bolt");
    MUST(kam_book_rollback(f->book, f->err));
    assert_int_equal(s.n, 1);
}

static void test_commit_rows_carry_the_actor(void **state)
{
    fixture *f = *state;
    int64_t seq = 0;
    char text[256];
    MUST(kam_book_set_actor(f->book, "m.chen", KAM_NUL, f->err));
    SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    MUST(kam_book_seq(&seq, f->book, KAM_TODAY, f->err));
    assert_string_equal(text_of(f, f->book, KAM_KIND_COMMIT, seq, KAM_COMMIT_ACTOR, KAM_TODAY, text), "m.chen");
    assert_string_equal(text_of(f, f->book, KAM_KIND_COMMIT, seq, KAM_COMMIT_AT, KAM_TODAY, text),
                        "2026-03-01T01:00:00Z");
}

static void test_as_of_undoes_later_changes(void **state)
{
    fixture *f = *state;
    char text[256];
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)KAM_ACCOUNT_CITY, "Wuhan",
                      (uint32_t)KAM_ACCOUNT_POTENTIAL, "100.50");
    for (int month = 0; month < 2; month++) {
        f->now += 31 * DAY_MS;
        kam_record *r = NULL;
        MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
        MUST(kam_record_set_text(r, KAM_ACCOUNT_CITY, month ? "Jinan" : "Xi'an", KAM_NUL, f->err));
        if (month) MUST(kam_record_set_text(r, KAM_ACCOUNT_POTENTIAL, NULL, 0, f->err));
        MUST(kam_record_set_text(r, KAM_REASON, "moved", KAM_NUL, f->err));
        MUST(kam_book_save(f->book, r, f->err));
        kam_record_free(r);
    }
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, KAM_TODAY, text), "Jinan");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, KAM_TODAY, text), "");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, day_of("2026-04-15"), text),
                        "Xi'an");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, day_of("2026-03-01"), text),
                        "Wuhan");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_POTENTIAL, day_of("2026-03-01"), text),
                        "100.50");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_CITY, day_of("2020-01-01"), text),
                        "Wuhan");
}

static void test_known_book_is_read_only(void **state)
{
    fixture *f = *state;
    kam_book *then = NULL;
    MUST(kam_book_known(&then, f->book, 1, f->err));
    kam_record *r = make_record(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", (uint32_t)0);
    assert_int_equal(kam_book_save(then, r, f->err), KAM_E_READ_ONLY);
    kam_record_free(r);
    kam_book_close(then);
}

static void test_custom_field_lives_in_the_book(void **state)
{
    fixture *f = *state;
    uint32_t id = 0;
    char text[256];
    SAVE(f, KAM_KIND_FIELD, (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME, "x_rating",
         (uint32_t)KAM_FIELD_TYPE, "INT", (uint32_t)KAM_FIELD_LABEL_ZH, "评级");
    MUST(kam_field_find(&id, f->book, KAM_KIND_ACCOUNT, "x_rating", f->err));
    assert_true(id >= 65536);
    int64_t account = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme", id, "7");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, account, id, KAM_TODAY, text), "7");
    kam_book *other = NULL;                                            /* a later opening finds it in the store */
    kam_book_close(f->book);
    f->book = NULL;
    MUST(kam_book_open(&other, NULL, f->store, NULL, f->err));
    assert_string_equal(text_of(f, other, KAM_KIND_ACCOUNT, account, id, KAM_TODAY, text), "7");
    f->book = other;
    kam_record *r = make_record(f, KAM_KIND_FIELD, (uint32_t)KAM_FIELD_KIND, "account", (uint32_t)KAM_FIELD_NAME,
                                "rating", (uint32_t)KAM_FIELD_TYPE, "INT", (uint32_t)0);
    assert_int_equal(kam_book_save(f->book, r, f->err), KAM_E_INVAL);
    kam_record_free(r);
}

static void test_open_without_create_needs_a_book(void **state)
{
    fixture *f = *state;
    kam_store *empty = NULL;
    kam_book *book = NULL;
    MUST(kam_store_memory(&empty, f->ctx, f->err));
    assert_int_equal(kam_book_open(&book, NULL, empty, NULL, f->err), KAM_E_SCHEMA);
    assert_null(book);
    kam_store_free(empty);
}

static void test_two_books_share_a_memory_store(void **state)
{
    fixture *f = *state;
    kam_book *other = NULL;
    kam_record *r = NULL;
    char text[256];
    if (f->pass) return;                                               /* a host store serves one book: test_store.c */
    MUST(kam_book_open(&other, NULL, f->store, NULL, f->err));
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_ACCOUNT_NAME, "Acme");
    assert_int_equal(kam_book_get(&r, other, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err), KAM_E_NOT_FOUND);
    assert_int_equal(kam_book_begin(other, KAM_BEGIN_WRITE, f->err), KAM_E_BUSY);
    MUST(kam_book_commit(f->book, f->err));
    assert_string_equal(text_of(f, other, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Acme");
    kam_book_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_save_gives_id_and_rev),
        TEST(test_missing_required_field_is_named),
        TEST(test_old_rev_is_conflict),
        TEST(test_key_of_the_erp_finds_and_merges),
        TEST(test_delete_is_a_tombstone),
        TEST(test_rollback_takes_all_back),
        TEST(test_failed_check_leaves_a_transaction_usable),
        TEST(test_write_in_a_read_transaction_is_refused),
        TEST(test_children_are_closed_with_the_book),
        TEST(test_on_commit_tells_what_was_touched),
        TEST(test_commit_rows_carry_the_actor),
        TEST(test_as_of_undoes_later_changes),
        TEST(test_known_book_is_read_only),
        TEST(test_custom_field_lives_in_the_book),
        TEST(test_open_without_create_needs_a_book),
        TEST(test_two_books_share_a_memory_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
