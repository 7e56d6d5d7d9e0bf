/*
 * Erasing an account that is a person: its particulars go from the row, from its history and, with PURGE, from the file;
 * figures and places that name nobody stay. A firm's particulars are not touched.
 */
#define _POSIX_C_SOURCE 200809L
#include "store_test.h"
#include <unistd.h>

/* Values that no other text of a book holds. */
static const char *const secrets[] = {"Ouyang Xiangfei", "Ouyang-Smith", "13877776666", "13855554444", "7 Plum Lane", "fei@mail.example",
                                      "moved in with her aunt"};

static int64_t person(fixture *f)
{
    kam_record *r = NULL;
    int64_t id = SAVE(f, KAM_KIND_ACCOUNT, KAM_SOURCE, "erp", KAM_EXT_ID, "C1", KAM_ACCOUNT_NAME, "Ouyang Xiangfei", KAM_ACCOUNT_KIND, "PERSON",
                      KAM_ACCOUNT_CITY, "Wuhan", KAM_ACCOUNT_ADDRESS, "7 Plum Lane", KAM_ACCOUNT_PHONE, "13877776666", KAM_ACCOUNT_EMAIL,
                      "fei@mail.example", KAM_ACCOUNT_LATITUDE, "30.5", KAM_ACCOUNT_LONGITUDE, "114.3", KAM_ACCOUNT_POTENTIAL, "5000");
    f->now += DAY_MS;
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_NAME, "Ouyang-Smith", KAM_NUL, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_PHONE, "13855554444", KAM_NUL, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_NOTE, "moved in with her aunt", KAM_NUL, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_CITY, "Hankou", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    kam_record_free(r);
    f->now += DAY_MS;
    return id;
}

static void is(fixture *f, kam_book *book, int64_t id, uint32_t field, int32_t as_of, const char *want)
{
    char out[256];
    text_of(f, book, KAM_KIND_ACCOUNT, id, field, as_of, out);
    if (strcmp(out, want) != 0) fail_msg("field %u is \"%s\", wanted \"%s\"", field, out, want);
}

/* No CHANGE row holds one; the number of those told to be an erasure. */
static int told(fixture *f)
{
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int n = 0;
    MUST(kam_query_new(&q, f->book, KAM_KIND_CHANGE, f->err));
    MUST(kam_query_run(&rows, q, KAM_TODAY, f->err));
    for (;;) {
        MUST(kam_rows_next(&r, rows, f->err));
        if (!r) break;
        n += strcmp(kam_record_text(r, KAM_REASON, ""), "erased: asked for") == 0;
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
            if (strstr(kam_record_text(r, KAM_CHANGE_OLD, ""), secrets[i]) || strstr(kam_record_text(r, KAM_CHANGE_NEW, ""), secrets[i]))
                fail_msg("a change still holds %s", secrets[i]);
    }
    kam_rows_free(rows);
    kam_query_free(q);
    MUST(kam_book_verify(&rows, f->book, f->err));
    MUST(kam_rows_next(&r, rows, f->err));
    if (r) fail_msg("verify: %s", kam_record_text(r, KAM_PROBLEM_TEXT, ""));
    kam_rows_free(rows);
    return n;
}

static void particulars_go(void **state)
{
    fixture fixed, *f = &fixed;
    static const uint32_t gone[] = {KAM_ACCOUNT_ADDRESS, KAM_ACCOUNT_PHONE, KAM_ACCOUNT_EMAIL, KAM_ACCOUNT_NOTE, KAM_ACCOUNT_LATITUDE,
                                    KAM_ACCOUNT_LONGITUDE};
    kam_book *known = NULL;
    int64_t first = 0, last = 0, after = 0;
    (void)state;
    open_fixture(f);
    int64_t id = person(f);
    MUST(kam_book_seq(&first, f->book, day_of("2026-03-01"), f->err));
    MUST(kam_book_erase(f->book, KAM_KIND_ACCOUNT, id, "asked for", f->err));
    MUST(kam_book_seq(&last, f->book, KAM_TODAY, f->err));
    MUST(kam_book_known(&known, f->book, first, f->err));
    is(f, f->book, id, KAM_ACCOUNT_NAME, KAM_TODAY, "(erased)");
    is(f, f->book, id, KAM_ACCOUNT_NAME, day_of("2026-03-01"), "(erased)");
    is(f, known, id, KAM_ACCOUNT_NAME, KAM_TODAY, "(erased)");
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        is(f, f->book, id, gone[i], KAM_TODAY, "");
        is(f, f->book, id, gone[i], day_of("2026-03-01"), "");
        is(f, known, id, gone[i], KAM_TODAY, "");
    }
    kam_book_close(known);
    is(f, f->book, id, KAM_ACCOUNT_CITY, KAM_TODAY, "Hankou");                  /* names nobody */
    is(f, f->book, id, KAM_ACCOUNT_CITY, day_of("2026-03-01"), "Wuhan");
    is(f, f->book, id, KAM_ACCOUNT_POTENTIAL, KAM_TODAY, "5000.00");
    is(f, f->book, id, KAM_EXT_ID, KAM_TODAY, "C1");
    is(f, f->book, id, KAM_ACCOUNT_KIND, KAM_TODAY, "PERSON");
    assert_int_equal(told(f), 7);
    MUST(kam_book_erase(f->book, KAM_KIND_ACCOUNT, id, "again", f->err));
    MUST(kam_book_seq(&after, f->book, KAM_TODAY, f->err));
    assert_int_equal(after, last);
    close_fixture(f);
}

static void a_firm_keeps_its_particulars(void **state)
{
    fixture fixed, *f = &fixed;
    static const char *const kinds[] = {"ORGANISATION", ""};
    (void)state;
    open_fixture(f);
    for (int i = 0; i < 2; i++) {
        int64_t id = SAVE(f, KAM_KIND_ACCOUNT, KAM_ACCOUNT_NAME, "Acme", KAM_ACCOUNT_KIND, kinds[i], KAM_ACCOUNT_PHONE, "110");
        assert_int_equal(kam_book_erase(f->book, KAM_KIND_ACCOUNT, id, "asked for", f->err), KAM_E_UNSUPPORTED);
        assert_non_null(strstr(kam_error_message(f->err), "is not of kind PERSON, and no field of it is flagged PERSONAL"));
        is(f, f->book, id, KAM_ACCOUNT_NAME, KAM_TODAY, "Acme");
        is(f, f->book, id, KAM_ACCOUNT_PHONE, KAM_TODAY, "110");
    }
    close_fixture(f);
}

/* ---------------------------------------------------------------- bytes */

static size_t secrets_in(const char *path)
{
    static char data[1 << 22];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(data, 1, sizeof data, file), found = 0;
    assert_true(size < sizeof data);
    fclose(file);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        for (size_t at = 0, n = strlen(secrets[i]); at + n <= size; at++)
            if (memcmp(data + at, secrets[i], n) == 0) {
                found++;
                break;
            }
    return found;
}

static void bytes_are_nowhere_in_the_file(void **state)
{
    fixture fixed, *f = &fixed;
    char path[256];
    const char *tmp = getenv("TMPDIR");
    kam_ctx_options c = {.struct_size = sizeof c, .user = f, .now = fixture_now};
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    (void)state;
    memset(f, 0, sizeof *f);
    f->now = (int64_t)day_of("2026-03-01") * DAY_MS + 3600000;
    snprintf(path, sizeof path, "%.150s/kam-erase-account-%d", tmp && *tmp ? tmp : "/tmp", (int)getpid());
    remove(path);
    assert_int_equal(kam_error_new(&f->err, NULL), KAM_OK);
    MUST(kam_ctx_new(&f->ctx, &c, f->err));
    MUST(kam_store_file(&f->store, f->ctx, path, KAM_NUL, f->err));
    MUST(kam_book_open(&f->book, f->ctx, f->store, &o, f->err));
    int64_t id = person(f);
    MUST(kam_book_erase(f->book, KAM_KIND_ACCOUNT, id, "asked for", f->err));
    assert_int_equal(secrets_in(path), sizeof secrets / sizeof *secrets);
    MUST(kam_store_control(f->store, KAM_CTL_PURGE, NULL, f->err));
    assert_int_equal(secrets_in(path), 0);
    assert_int_equal(told(f), 7);
    close_fixture(f);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(particulars_go), cmocka_unit_test(a_firm_keeps_its_particulars), cmocka_unit_test(bytes_are_nowhere_in_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
