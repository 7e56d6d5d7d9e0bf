/*
 * Erasing a person: values go from the record and its history, rows and commits stay; after PURGE the bytes are nowhere
 * in the file. (Faults on the way: test_api_sweep.c.)
 */
#define _POSIX_C_SOURCE 200809L
#include "store_test.h"
#include <unistd.h>
#ifdef KAM_HAVE_SQLITE
#include <kam/adapter/sqlite.h>
#include <sqlite3.h>
#endif

/* Values that no other text of a book holds. */
#define NAME1 "Ouyang Xiangfei"
#define NAME2 "Ouyang-Smith Xiangfei"
#define MOBILE1 "13877776666"
#define MOBILE2 "13855554444"
#define HEALTH "peanut allergy"
#define BADGE "badge-90210-q"
static const char *const secrets[] = {NAME1, NAME2, MOBILE1, MOBILE2, HEALTH, BADGE};

static uint32_t custom_field(fixture *f, const char *kind, const char *name, const char *type, int64_t flags)
{
    kam_record *r = make_record(f, KAM_KIND_FIELD, KAM_FIELD_KIND, kind, KAM_FIELD_NAME, name, KAM_FIELD_TYPE, type,
                                (uint32_t)0);
    MUST(kam_record_set_i64(r, KAM_FIELD_FLAGS, flags, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    uint32_t field = (uint32_t)kam_record_i64(r, KAM_FIELD_FIELD, 0);
    kam_record_free(r);
    return field;
}

static void change(fixture *f, int64_t id, uint32_t field, const char *text)
{
    kam_record *r = NULL;
    MUST(kam_book_get(&r, f->book, KAM_KIND_CONTACT, id, KAM_TODAY, f->err));
    MUST(kam_record_set_text(r, field, text, KAM_NUL, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    kam_record_free(r);
}

/* A contact that was changed on its second day; *badge: a custom field of hers. */
static int64_t person(fixture *f, uint32_t *badge)
{
    *badge = custom_field(f, "contact", "x_badge", "TEXT", KAM_F_PERSONAL);
    int64_t id = SAVE(f, KAM_KIND_CONTACT, KAM_SOURCE, "erp", KAM_EXT_ID, "P1", KAM_CONTACT_NAME, NAME1,
                      KAM_CONTACT_TITLE, "buyer", KAM_CONTACT_MOBILE, MOBILE1, KAM_CONTACT_HEALTH, HEALTH,
                      KAM_CONTACT_SEX, "FEMALE", *badge, BADGE);
    f->now += DAY_MS;
    change(f, id, KAM_CONTACT_NAME, NAME2);
    change(f, id, KAM_CONTACT_MOBILE, MOBILE2);
    change(f, id, KAM_CONTACT_TITLE, "head of buying");
    f->now += DAY_MS;
    return id;
}

static kam_rows *changes_of(fixture *f, kam_book *book)
{
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    MUST(kam_query_new(&q, book, KAM_KIND_CHANGE, f->err));
    MUST(kam_query_run(&rows, q, KAM_TODAY, f->err));
    kam_query_free(q);
    return rows;
}

/* Number of changes; of these told to be an erasure; of these with a value other than the stand-in. */
static int count_changes(fixture *f, const char *reason, int *with_reason, int *with_value)
{
    kam_rows *rows = changes_of(f, f->book);
    const kam_record *r = NULL;
    int n = 0;
    *with_reason = *with_value = 0;
    for (;; n++) {
        MUST(kam_rows_next(&r, rows, f->err));
        if (!r) break;
        const char *was = kam_record_text(r, KAM_CHANGE_OLD, "(erased)"), *is = kam_record_text(r, KAM_CHANGE_NEW, "(erased)");
        *with_reason += strcmp(kam_record_text(r, KAM_REASON, ""), reason) == 0;
        *with_value += strcmp(was, "(erased)") != 0 || strcmp(is, "(erased)") != 0;
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
            if (strstr(was, secrets[i]) || strstr(is, secrets[i])) fail_msg("a change still holds %s", secrets[i]);
    }
    kam_rows_free(rows);
    return n;
}

static void sound(fixture *f)
{
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    MUST(kam_book_verify(&rows, f->book, f->err));
    MUST(kam_rows_next(&r, rows, f->err));
    if (r) fail_msg("verify: %s", kam_record_text(r, KAM_PROBLEM_TEXT, ""));
    kam_rows_free(rows);
}

static void is(fixture *f, kam_book *book, int64_t id, uint32_t field, int32_t as_of, const char *want)
{
    char out[256];
    text_of(f, book, KAM_KIND_CONTACT, id, field, as_of, out);
    if (strcmp(out, want) != 0) fail_msg("field %u is \"%s\", wanted \"%s\"", field, out, want);
}

static void values_go_and_rows_stay(void **state)
{
    fixture fixed, *f = &fixed;
    uint32_t badge = 0;
    int64_t first = 0, last = 0, commit = 0;
    int told = 0, valued = 0;
    (void)state;
    open_fixture(f);
    int64_t id = person(f, &badge);
    MUST(kam_book_seq(&first, f->book, day_of("2026-03-01"), f->err));
    MUST(kam_book_seq(&last, f->book, KAM_TODAY, f->err));
    MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, id, "asked for", f->err));
    MUST(kam_book_seq(&commit, f->book, KAM_TODAY, f->err));
    assert_int_equal(commit, last + 1);

    const uint32_t gone[] = {KAM_CONTACT_MOBILE, KAM_CONTACT_HEALTH, KAM_CONTACT_SEX, badge};
    const int32_t days[] = {KAM_TODAY, day_of("2026-03-01"), day_of("2026-03-02")};
    for (size_t d = 0; d < 3; d++) {
        is(f, f->book, id, KAM_CONTACT_NAME, days[d], "(erased)");
        for (size_t i = 0; i < 4; i++) is(f, f->book, id, gone[i], days[d], "");
    }
    is(f, f->book, id, KAM_CONTACT_TITLE, KAM_TODAY, "head of buying");         /* what is not personal stays */
    is(f, f->book, id, KAM_CONTACT_TITLE, day_of("2026-03-01"), "buyer");
    is(f, f->book, id, KAM_EXT_ID, KAM_TODAY, "P1");
    for (int64_t seq = first; seq <= commit; seq++) {
        kam_book *known = NULL;
        MUST(kam_book_known(&known, f->book, seq, f->err));
        is(f, known, id, KAM_CONTACT_NAME, KAM_TODAY, "(erased)");
        for (size_t i = 0; i < 4; i++) is(f, known, id, gone[i], KAM_TODAY, "");
        kam_book_close(known);
    }
    /* 3 changes, and one for each of name, mobile, health, sex, badge; only the title's has values */
    assert_int_equal(count_changes(f, "erased: asked for", &told, &valued), 3 + 5);
    assert_int_equal(told, 5);
    assert_int_equal(valued, 1);
    sound(f);
    close_fixture(f);
}

static void twice_is_once_and_old_copies_are_refused(void **state)
{
    fixture fixed, *f = &fixed;
    uint32_t badge = 0;
    int64_t before = 0, after = 0;
    int told = 0, valued = 0;
    kam_record *old = NULL;
    (void)state;
    open_fixture(f);
    int64_t id = person(f, &badge);
    MUST(kam_book_get(&old, f->book, KAM_KIND_CONTACT, id, KAM_TODAY, f->err));
    MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, id, NULL, f->err));
    MUST(kam_book_seq(&before, f->book, KAM_TODAY, f->err));
    MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, id, "again", f->err));
    MUST(kam_book_seq(&after, f->book, KAM_TODAY, f->err));
    assert_int_equal(before, after);
    assert_int_equal(count_changes(f, "erased", &told, &valued), 8);
    assert_int_equal(told, 5);
    assert_int_equal(kam_book_save(f->book, old, f->err), KAM_E_CONFLICT);
    kam_record_free(old);
    change(f, id, KAM_CONTACT_TITLE, "left");                                   /* what is left can be saved */
    change(f, id, KAM_CONTACT_MOBILE, MOBILE1);                                 /* and filled and erased anew */
    MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, id, "again", f->err));
    is(f, f->book, id, KAM_CONTACT_MOBILE, KAM_TODAY, "");
    assert_int_equal(count_changes(f, "erased: again", &told, &valued), 11);
    assert_int_equal(told, 1);
    sound(f);
    close_fixture(f);
}

static void deleted_records_are_erased_too(void **state)
{
    fixture fixed, *f = &fixed;
    uint32_t badge = 0;
    int64_t seq = 0;
    int told = 0, valued = 0;
    kam_book *known = NULL;
    kam_record *r = NULL;
    (void)state;
    open_fixture(f);
    int64_t id = person(f, &badge);
    MUST(kam_book_seq(&seq, f->book, KAM_TODAY, f->err));
    MUST(kam_book_delete(f->book, KAM_KIND_CONTACT, id, 0, f->err));
    MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, id, NULL, f->err));
    assert_int_equal(kam_book_get(&r, f->book, KAM_KIND_CONTACT, id, KAM_TODAY, f->err), KAM_E_NOT_FOUND);
    MUST(kam_book_known(&known, f->book, seq, f->err));
    is(f, known, id, KAM_CONTACT_NAME, KAM_TODAY, "(erased)");
    is(f, known, id, KAM_CONTACT_HEALTH, KAM_TODAY, "");
    kam_book_close(known);
    count_changes(f, "erased", &told, &valued);
    assert_int_equal(told, 5);
    sound(f);
    close_fixture(f);
}

/* Others of the kind, and records of other kinds with the same id, keep theirs; numbers and required fields of a custom
 * kind go too; more changes than a block holds. */
static void one_record_only(void **state)
{
    fixture fixed, *f = &fixed;
    uint32_t badge = 0;
    char text[64];
    (void)state;
    open_fixture(f);
    int64_t id = person(f, &badge), other = SAVE(f, KAM_KIND_CONTACT, KAM_CONTACT_NAME, "Wu Lei", KAM_CONTACT_PHONE, "1");
    uint32_t pay = custom_field(f, "account", "x_pay", "INT", KAM_F_SENSITIVE);
    int64_t account = SAVE(f, KAM_KIND_ACCOUNT, KAM_ACCOUNT_NAME, "Acme", pay, "5000");
    assert_int_equal(account, id);
    change(f, other, KAM_CONTACT_PHONE, "2");
    for (int i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, MOBILE1 " %d", i);
        change(f, id, KAM_CONTACT_MOBILE, text);
    }
    MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, id, NULL, f->err));
    is(f, f->book, id, KAM_CONTACT_MOBILE, KAM_TODAY, "");
    is(f, f->book, other, KAM_CONTACT_NAME, KAM_TODAY, "Wu Lei");
    is(f, f->book, other, KAM_CONTACT_PHONE, day_of("2026-03-01"), "1");
    is(f, f->book, other, KAM_CONTACT_PHONE, KAM_TODAY, "2");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, account, pay, KAM_TODAY, text), "5000");
    MUST(kam_book_erase(f->book, KAM_KIND_ACCOUNT, account, NULL, f->err));
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, account, pay, KAM_TODAY, text), "");
    assert_string_equal(text_of(f, f->book, KAM_KIND_ACCOUNT, account, KAM_ACCOUNT_NAME, KAM_TODAY, text), "Acme");
    int told = 0, valued = 0;
    count_changes(f, "", &told, &valued);
    sound(f);
    close_fixture(f);
}

static void refuse(fixture *f, int32_t rc, int32_t want, const char *says)
{
    if (rc != want || !strstr(kam_error_message(f->err), says))
        fail_msg("%s: %s, wanted %s: %s", kam_code_name(rc), kam_error_message(f->err), kam_code_name(want), says);
}

static void what_is_refused(void **state)
{
    fixture fixed, *f = &fixed;
    uint32_t badge = 0;
    kam_book *known = NULL;
    (void)state;
    open_fixture(f);
    int64_t id = person(f, &badge);
    int64_t product = SAVE(f, KAM_KIND_PRODUCT, KAM_PRODUCT_NAME, "pump");
    assert_int_equal(kam_book_erase(NULL, KAM_KIND_CONTACT, id, NULL, f->err), KAM_E_INVAL);
    refuse(f, kam_book_erase(f->book, 999, id, NULL, f->err), KAM_E_INVAL, "999");
    refuse(f, kam_book_erase(f->book, KAM_KIND_PRODUCT, product, NULL, f->err), KAM_E_UNSUPPORTED, "product has no field flagged PERSONAL");
    refuse(f, kam_book_erase(f->book, KAM_KIND_ACTIVITY, 1, NULL, f->err), KAM_E_UNSUPPORTED, "activity");
    refuse(f, kam_book_erase(f->book, KAM_KIND_CONTACT, 77, NULL, f->err), KAM_E_NOT_FOUND, "77");
    refuse(f, kam_book_erase(f->book, KAM_KIND_CONTACT, id, "\xff", f->err), KAM_E_UTF8, "UTF-8");
    MUST(kam_book_known(&known, f->book, 3, f->err));
    refuse(f, kam_book_erase(known, KAM_KIND_CONTACT, id, NULL, f->err), KAM_E_READ_ONLY, "past");
    kam_book_close(known);
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));                     /* taken back with the transaction */
    MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, id, NULL, f->err));
    is(f, f->book, id, KAM_CONTACT_NAME, KAM_TODAY, "(erased)");
    MUST(kam_book_rollback(f->book, f->err));
    is(f, f->book, id, KAM_CONTACT_NAME, KAM_TODAY, NAME2);
    is(f, f->book, id, KAM_CONTACT_MOBILE, day_of("2026-03-01"), MOBILE1);
    close_fixture(f);
}

/* ---------------------------------------------------------------- bytes */

static int file_holds(const char *path, const char *text)
{
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    static char data[1 << 22];
    size_t size = fread(data, 1, sizeof data, file), n = strlen(text);
    assert_true(size < sizeof data);
    fclose(file);
    for (size_t i = 0; i + n <= size; i++)
        if (memcmp(data + i, text, n) == 0) return 1;
    return 0;
}

/* How many of the secrets are in the file, or beside it. */
static size_t secrets_in(const char *path)
{
    static const char *const beside[] = {"", "-wal", "-journal", ".tmp"};
    char name[300];
    size_t n = 0;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        int found = 0;
        for (size_t k = 0; k < 4; k++) {
            snprintf(name, sizeof name, "%s%s", path, beside[k]);
            found |= file_holds(name, secrets[i]);
        }
        n += (size_t)found;
    }
    return n;
}

static void temporary(char *path, size_t size, const char *name)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(path, size, "%.150s/kam-erase-%s-%d", tmp && *tmp ? tmp : "/tmp", name, (int)getpid());
    remove(path);
}

static void open_on_store(fixture *f, int flags)
{
    kam_book_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = (uint32_t)flags;
    o.currency = flags ? "CNY" : NULL;
    MUST(kam_book_open(&f->book, f->ctx, f->store, &o, f->err));
}

static void start_context(fixture *f)
{
    kam_ctx_options o;
    memset(f, 0, sizeof *f);
    memset(&o, 0, sizeof o);
    f->now = (int64_t)day_of("2026-03-01") * DAY_MS + 3600000;
    o.struct_size = sizeof o;
    o.user = f;
    o.now = fixture_now;
    assert_int_equal(kam_error_new(&f->err, NULL), KAM_OK);
    MUST(kam_ctx_new(&f->ctx, &o, f->err));
}

static void bytes_are_nowhere_in_the_file(void **state)
{
    fixture fixed, *f = &fixed;
    char path[256];
    uint32_t badge = 0;
    (void)state;
    start_context(f);
    temporary(path, sizeof path, "file");
    MUST(kam_store_file(&f->store, f->ctx, path, KAM_NUL, f->err));
    open_on_store(f, KAM_BOOK_CREATE);
    int64_t id = person(f, &badge);
    kam_book_close(f->book);                                /* some in a checkpoint, some in the log */
    open_on_store(f, 0);
    change(f, id, KAM_CONTACT_MOBILE, MOBILE1);
    assert_int_equal(secrets_in(path), 6);
    MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, id, "asked for", f->err));
    assert_int_equal(secrets_in(path), 6);
    MUST(kam_store_control(f->store, KAM_CTL_PURGE, NULL, f->err));
    assert_int_equal(secrets_in(path), 0);
    kam_book_close(f->book);
    kam_store_free(f->store);
    assert_int_equal(secrets_in(path), 0);
    f->store = NULL;
    MUST(kam_store_file(&f->store, f->ctx, path, KAM_NUL, f->err));
    open_on_store(f, 0);
    is(f, f->book, id, KAM_CONTACT_NAME, KAM_TODAY, "(erased)");
    is(f, f->book, id, KAM_CONTACT_TITLE, day_of("2026-03-01"), "buyer");
    int told = 0, valued = 0;
    count_changes(f, "erased: asked for", &told, &valued);
    assert_int_equal(told, 5);
    sound(f);
    close_fixture(f);
    assert_int_equal(secrets_in(path), 0);
    remove(path);
}

#ifdef KAM_HAVE_SQLITE
static void bytes_are_nowhere_in_sqlite(void **state)
{
    fixture fixed, *f = &fixed;
    char path[256];
    uint32_t badge = 0;
    sqlite3 *db = NULL;
    (void)state;
    start_context(f);
    temporary(path, sizeof path, "sqlite");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA secure_delete=OFF", NULL, NULL, NULL), SQLITE_OK);
    MUST(kam_sqlite_store(&f->store, f->ctx, db, KAM_TXN_OWN, f->err));
    open_on_store(f, KAM_BOOK_CREATE);
    int64_t id = person(f, &badge);
    MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, id, "asked for", f->err));
    is(f, f->book, id, KAM_CONTACT_NAME, KAM_TODAY, "(erased)");
    is(f, f->book, id, KAM_CONTACT_MOBILE, day_of("2026-03-01"), "");
    sound(f);
    assert_int_equal(secrets_in(path), 6);
    assert_int_equal(kam_store_control(f->store, KAM_CTL_PURGE, NULL, f->err), KAM_E_BUSY);
    kam_book_close(f->book);
    f->book = NULL;
    MUST(kam_store_control(f->store, KAM_CTL_PURGE, NULL, f->err));
    assert_int_equal(secrets_in(path), 0);
    close_fixture(f);
    sqlite3_close(db);
    remove(path);
}

/* A host's own table of contacts: read-only, the host must erase; writable, it is done there. */
static void tables_of_the_host(void **state)
{
    static const char *const map[] = {
        "{\"contact\": {\"relation\": \"people\", \"read_only\": true, \"columns\": {\"id\": \"no\", \"name\": \"who\"}}}",
        "{\"contact\": {\"relation\": \"people\", \"columns\": {\"id\": \"no\", \"rev\": \"rev\", \"name\": \"who\", "
        "\"mobile\": \"tel\"}}}"};
    (void)state;
    for (int writable = 0; writable < 2; writable++) {
        fixture fixed, *f = &fixed;
        sqlite3 *db = NULL;
        start_context(f);
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "CREATE TABLE people (no INTEGER PRIMARY KEY, rev INTEGER, who TEXT, tel TEXT);"
                                          "INSERT INTO people VALUES (7, 1, 'Wu Lei', '139')", NULL, NULL, NULL), SQLITE_OK);
        MUST(kam_sqlite_store(&f->store, f->ctx, db, KAM_TXN_OWN, f->err));
        MUST(kam_store_map(f->store, map[writable], KAM_NUL, f->err));
        open_on_store(f, KAM_BOOK_CREATE);
        if (writable) {
            MUST(kam_book_erase(f->book, KAM_KIND_CONTACT, 7, NULL, f->err));
            is(f, f->book, 7, KAM_CONTACT_NAME, KAM_TODAY, "(erased)");
            is(f, f->book, 7, KAM_CONTACT_MOBILE, KAM_TODAY, "");
        } else {
            refuse(f, kam_book_erase(f->book, KAM_KIND_CONTACT, 7, NULL, f->err), KAM_E_READ_ONLY,
                   "table people is the host's and mapped read-only: erase the contact there");
            is(f, f->book, 7, KAM_CONTACT_NAME, KAM_TODAY, "Wu Lei");
        }
        close_fixture(f);
        sqlite3_close(db);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_go_and_rows_stay),
        cmocka_unit_test(twice_is_once_and_old_copies_are_refused),
        cmocka_unit_test(deleted_records_are_erased_too),
        cmocka_unit_test(one_record_only),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(bytes_are_nowhere_in_the_file),
#ifdef KAM_HAVE_SQLITE
        cmocka_unit_test(bytes_are_nowhere_in_sqlite),
        cmocka_unit_test(tables_of_the_host),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
