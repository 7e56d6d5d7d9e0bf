/*
 * tests/store/test_verify.c - a sound book has no findings; each broken promise, put into the store behind the book's
 * back, is found and nothing else.
 */
#include "rows_test.h"

typedef struct cell { uint32_t field; int64_t number; const char *text; } cell;

/* Writes one row straight into the store. */
static void sneak(desk *d, uint32_t kind, uint32_t op, const cell *c, uint32_t n) {
    uint32_t field[12];
    uint8_t type[12];
    kam__blockbuf bb;
    kam_block b;
    kam__db *db = &d->book->db;
    const kam__kind *k = kam__schema_kind(d->book->schema, kind);
    for (uint32_t i = 0; i < n; i++) {
        field[i] = c[i].field;
        type[i] = kam__kind_field(k, c[i].field)->type;
    }
    OK(d, kam__bb_init(&bb, d->ctx, n, field, type, d->err));
    for (uint32_t i = 0; i < n; i++) {
        if (c[i].text) kam__bb_text(&bb, i, c[i].text, KAM_NUL);
        else kam__bb_i64(&bb, i, c[i].number);
    }
    OK(d, kam__bb_end_row(&bb, d->err));
    kam__bb_view(&bb, &b);
    OK(d, kam__db_begin(db, KAM_BEGIN_WRITE, d->err));
    OK(d, kam__db_write(db, kind, op, &b, d->err));
    OK(d, kam__db_end(db, KAM_END_COMMIT, d->err));
    kam__bb_free(&bb);
}
#define INSERT(d, kind, ...)                                                                                           \
    do {                                                                                                               \
        const cell c_[] = {__VA_ARGS__};                                                                               \
        sneak(d, kind, KAM_WRITE_INSERT, c_, KAM__LEN(c_));                                                            \
    } while (0)
#define UPDATE(d, kind, ...)                                                                                           \
    do {                                                                                                               \
        const cell c_[] = {__VA_ARGS__};                                                                               \
        sneak(d, kind, KAM_WRITE_UPDATE, c_, KAM__LEN(c_));                                                            \
    } while (0)
#define DELETE(d, kind, id)                                                                                            \
    do {                                                                                                               \
        const cell c_[] = {{KAM_ID, id, NULL}};                                                                        \
        sneak(d, kind, KAM_WRITE_DELETE, c_, 1);                                                                       \
    } while (0)

static void fill(desk *d) {
    put(d, KAM_KIND_REPRESENTATIVE, "{\"name\":\"r\"}");
    put(d, KAM_KIND_REPRESENTATIVE, "{\"name\":\"s\"}");
    put(d, KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"owner\":1}");
    put(d, KAM_KIND_ACCOUNT, "{\"name\":\"b\",\"parent\":1,\"owner\":1}");
    change(d, KAM_KIND_ACCOUNT, 2, "{\"name\":\"c\"}");
    d->now += DAY_MS;
    put(d, KAM_KIND_OWNER, "{\"account\":1,\"representative\":2}");
    put(d, KAM_KIND_LEDGER,
        "{\"account\":1,\"day\":\"2024-01-05\",\"event\":\"SALE\",\"amount\":\"10.00\",\"source\":\"erp\",\"ext_id\":"
        "\"L1\"}");
    put(d, KAM_KIND_LEDGER,
        "{\"account\":1,\"day\":\"2024-01-05\",\"event\":\"SALE\",\"amount\":\"12.00\",\"source\":\"erp\",\"ext_id\":"
        "\"L1\"}");
    put(d, KAM_KIND_LEDGER,
        "{\"account\":1,\"day\":\"2024-01-05\",\"event\":\"SALE\",\"amount\":\"13.00\",\"source\":\"erp\",\"ext_id\":"
        "\"L1\"}");
    put(d, KAM_KIND_FIELD, "{\"kind\":\"account\",\"name\":\"x_partner\",\"type\":\"REF\",\"refers\":\"account\"}");
    put(d, KAM_KIND_ACCOUNT, "{\"name\":\"p\",\"x_partner\":2}");
    OK(d, kam_book_delete(d->book, KAM_KIND_ACCOUNT, 2, 0, d->err));        /* what points at a deleted one is sound */
}

/* All findings as "CODE kind record, ". */
static char *findings(desk *d) {
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    char *all = calloc(1, 4096);
    OK(d, kam_book_verify(&rows, d->book, d->err));
    assert_int_equal(kam_rows_kind(rows), KAM_KIND_PROBLEM);
    for (;;) {
        OK(d, kam_rows_next(&r, rows, d->err));
        if (!r) break;
        size_t at = strlen(all);
        assert_true(kam_record_text(r, KAM_PROBLEM_TEXT, NULL) != NULL);
        snprintf(all + at, 4096 - at, "%s %s %s, ", kam_record_text(r, KAM_PROBLEM_CODE, "?"),
                 kam_record_text(r, KAM_PROBLEM_KIND, "-"), kam_record_text(r, KAM_PROBLEM_RECORD, "-"));
    }
    kam_rows_free(rows);
    return all;
}

static void test_sound(void **state) {
    (void)state;
    for (int lazy = 0; lazy < 2; lazy++) {
        desk d = {0};
        desk_ctx(&d);
        kam_store *store = lazy ? lazy_store(&d) : NULL;
        desk_book(&d, store);
        kam_store_free(store);
        same_text(findings(&d), "");
        fill(&d);
        same_text(findings(&d), "");
        OK(&d, kam_book_begin(d.book, KAM_BEGIN_WRITE, d.err));
        put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"gone\"}");
        kam_rows *rows = NULL;
        assert_int_equal(kam_book_verify(&rows, d.book, d.err), KAM_E_INVAL);
        OK(&d, kam_book_rollback(d.book, d.err));
        same_text(findings(&d), "");
        desk_close(&d);
    }
}

#define BROKEN(want, ...)                                                                                              \
    do {                                                                                                               \
        desk d = {0};                                                                                                  \
        desk_open(&d);                                                                                                 \
        fill(&d);                                                                                                      \
        __VA_ARGS__;                                                                                                   \
        same_text(findings(&d), want);                                                                                 \
        desk_close(&d);                                                                                                \
    } while (0)

static void test_references(void **state) {
    (void)state;
    BROKEN("REFERENCE account 1, ",
           UPDATE(&d, KAM_KIND_ACCOUNT, {KAM_ID, 1, NULL}, {KAM_REV, 2, NULL}, {KAM_ACCOUNT_PARENT, 99, NULL}));
    BROKEN("REFERENCE owner 3, ", UPDATE(&d, KAM_KIND_OWNER, {KAM_ID, 3, NULL}, {KAM_OWNER_REPRESENTATIVE, 7, NULL}));
    BROKEN("REFERENCE account 3, ", uint32_t f = 0;
           OK(&d, kam_field_find(&f, d.book, KAM_KIND_ACCOUNT, "x_partner", d.err));
           UPDATE(&d, KAM_KIND_ACCOUNT, {KAM_ID, 3, NULL}, {KAM_REV, 2, NULL}, {f, 50, NULL}));
}

static void test_changes(void **state) {
    (void)state;
    BROKEN("CHANGE change 1, ", UPDATE(&d, KAM_KIND_CHANGE, {KAM_ID, 1, NULL}, {KAM_CHANGE_RECORD, 44, NULL}));
    BROKEN("CHANGE change 1, ",
           UPDATE(&d, KAM_KIND_CHANGE, {KAM_ID, 1, NULL}, {KAM_CHANGE_FIELD, KAM_CONTACT_NAME, NULL}));
    BROKEN("CHANGE change 1, ",
           UPDATE(&d, KAM_KIND_CHANGE, {KAM_ID, 1, NULL}, {KAM_CHANGE_KIND, KAM_KIND_OWNER, NULL}));
    BROKEN("COMMIT change 1, ", UPDATE(&d, KAM_KIND_CHANGE, {KAM_ID, 1, NULL}, {KAM_SEQ, 500, NULL}));
}

static void test_commits(void **state) {
    (void)state;
    BROKEN("COMMIT commit 4, COMMIT representative 2, ", DELETE(&d, KAM_KIND_COMMIT, 3));
    BROKEN("COMMIT owner 1, ", UPDATE(&d, KAM_KIND_OWNER, {KAM_ID, 1, NULL}, {KAM__SEQ_TO, 400, NULL}));
    BROKEN("COMMIT account 2, ",
           UPDATE(&d, KAM_KIND_ACCOUNT, {KAM_ID, 2, NULL}, {KAM_REV, 4, NULL}, {KAM__DELETED_SEQ, 401, NULL}));
    BROKEN("COUNTER commit 13, ",
           UPDATE(&d, KAM__KIND_COUNTER, {KAM_ID, KAM_KIND_COMMIT, NULL}, {KAM__COUNTER_VALUE, 20, NULL}));
    BROKEN("COUNTER commit 13, ",
           UPDATE(&d, KAM__KIND_COUNTER, {KAM_ID, KAM_KIND_COMMIT, NULL}, {KAM__COUNTER_VALUE, 13, NULL}));
    for (int gone = 0; gone < 2; gone++) {      /* a store that leaves ids to the library */
        desk d = {0};
        desk_ctx(&d);
        kam_store *store = lazy_store(&d);
        desk_book(&d, store);
        kam_store_free(store);
        fill(&d);
        if (gone) DELETE(&d, KAM__KIND_COUNTER, KAM_KIND_ACCOUNT);
        else UPDATE(&d, KAM__KIND_COUNTER, {KAM_ID, KAM_KIND_ACCOUNT, NULL}, {KAM__COUNTER_VALUE, 3, NULL});
        same_text(findings(&d), "COUNTER account 3, ");
        desk_close(&d);
    }
}

static void test_facts(void **state) {
    (void)state;
    BROKEN("RANGE owner 2, ",
           UPDATE(&d, KAM_KIND_OWNER, {KAM_ID, 2, NULL}, {KAM_VALID_FROM, DAY0, NULL}, {KAM_VALID_TO, DAY0, NULL}));
    BROKEN("OVERLAP owner 4, ", UPDATE(&d, KAM_KIND_OWNER, {KAM_ID, 3, NULL}, {KAM_VALID_TO, DAY0 + 2, NULL}));
    BROKEN("OVERLAP rate 2, ", put(&d, KAM_KIND_RATE, "{\"sell\":\"USD\",\"buy\":\"CNY\",\"rate\":\"7.1\"}");
           put(&d, KAM_KIND_RATE, "{\"sell\":\"EUR\",\"buy\":\"CNY\",\"rate\":\"7.9\"}");
           UPDATE(&d, KAM_KIND_RATE, {KAM_ID, 2, NULL}, {KAM_RATE_SELL, 0, "USD"}));
}

static void test_events(void **state) {
    (void)state;
    BROKEN("VERSION ledger 3, ", UPDATE(&d, KAM_KIND_LEDGER, {KAM_ID, 3, NULL}, {KAM__REPLACES, 1, NULL}));
    BROKEN("VERSION ledger 3, ", UPDATE(&d, KAM_KIND_LEDGER, {KAM_ID, 3, NULL}, {KAM_REV, 4, NULL}));
    BROKEN("VERSION ledger 1, VERSION ledger 2, ",
           UPDATE(&d, KAM_KIND_LEDGER, {KAM_ID, 1, NULL}, {KAM_REV, 2, NULL}, {KAM_EXT_ID, 0, "L2"}));
    BROKEN("REFERENCE ledger 2, ", UPDATE(&d, KAM_KIND_LEDGER, {KAM_ID, 2, NULL}, {KAM__REPLACES, 77, NULL}));
}

static void test_hash(void **state) {
    (void)state;
    static const char body[] = "{\"kind\":\"mapping\"}";
    char hex[65];
    kam__sha256 s;
    kam__sha256_init(&s);
    kam__sha256_add(&s, body, sizeof body - 1);
    kam__sha256_end(&s, hex);
    for (int good = 0; good < 2; good++) {
        desk d = {0};
        desk_open(&d);
        fill(&d);
        INSERT(&d, KAM_KIND_POLICY, {KAM_ID, 500, NULL}, {KAM_SEQ, 1, NULL}, {KAM_POLICY_KIND, 5, NULL},
               {KAM_POLICY_NAME, 0, "m"}, {KAM_POLICY_VERSION, 1, NULL}, {KAM_POLICY_HASH, 0, hex},
               {KAM_POLICY_BODY, 0, good ? body : "{\"kind\":\"mapping\" }"});
        same_text(findings(&d), good ? "" : "HASH policy 500, ");
        desk_close(&d);
    }
}

static void test_no_memory(void **state) {
    (void)state;
    desk d = {0};
    int64_t failures = 0;
    desk_open(&d);
    fill(&d);
    UPDATE(&d, KAM_KIND_CHANGE, {KAM_ID, 1, NULL}, {KAM_CHANGE_RECORD, 44, NULL});
    for (int64_t n = 0; ; n++) {
        kam_rows *rows = NULL;
        d.left = n;
        int32_t rc = kam_book_verify(&rows, d.book, d.err);
        d.left = -1;
        kam_rows_free(rows);
        if (rc == KAM_OK) break;
        failures++;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_null(rows);
    }
    assert_true(failures > 20);
    same_text(findings(&d), "CHANGE change 1, ");
    desk_close(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),   cmocka_unit_test(test_references), cmocka_unit_test(test_changes),
        cmocka_unit_test(test_commits), cmocka_unit_test(test_facts),      cmocka_unit_test(test_events),
        cmocka_unit_test(test_hash),    cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
