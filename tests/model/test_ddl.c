/* The schema as SQL and as FIELD records. */
#include "model_test.h"

static void ledger_in_both_dialects(void **state) {
    mt *t = *state;
    kam_buf b;
    kam__buf_init(&b, t->ctx);
    assert_code(kam__ddl(&b, NULL, "sqlite", t->err), KAM_OK);
    const char *fact =
        "CREATE TABLE \"kam_owner\" (\n    \"id\" INTEGER PRIMARY KEY,\n    \"seq\" BIGINT,\n    \"seq_to\" BIGINT,\n"
        "    \"valid_from\" INTEGER,\n    \"valid_to\" INTEGER,\n    \"reason\" TEXT,\n    \"account\" BIGINT NOT "
        "NULL,\n"
        "    \"representative\" BIGINT NOT NULL\n);\nCREATE INDEX \"kam_owner_by_seq\" ON \"kam_owner\" (\"seq\");\n"
        "CREATE INDEX \"kam_owner_by_account\" ON \"kam_owner\" (\"account\");\n";
    assert_non_null(strstr(kam_buf_data(&b), fact));
    assert_non_null(strstr(kam_buf_data(&b), "    \"gini\" REAL,\n"));
    assert_non_null(strstr(kam_buf_data(&b),
                           "    UNIQUE (\"rev\", \"source\", \"ext_id\")\n);\nCREATE INDEX \"kam_ledger_by_seq\""));
    assert_non_null(strstr(kam_buf_data(&b), "CREATE TABLE \"kam_counter\""));
    assert_null(strstr(kam_buf_data(&b), "\"kam_due\""));
    kam__buf_clear(&b);
    assert_code(kam__ddl(&b, t->schema, "postgresql", t->err), KAM_OK);
    assert_non_null(strstr(kam_buf_data(&b), "CREATE TABLE \"kam_owner\" (\n    \"id\" BIGINT PRIMARY KEY,\n"));
    assert_non_null(strstr(kam_buf_data(&b), "    \"gini\" DOUBLE PRECISION,\n"));
    assert_non_null(strstr(
        kam_buf_data(&b), "    \"x_stars\" BIGINT,\n    \"x_colour\" INTEGER,\n    UNIQUE (\"source\", \"ext_id\")\n"));
    kam__buf_drop(&b);
}

static int count(const char *text, const char *what) {
    int n = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p++) n++;
    return n;
}

static void every_stored_field_has_a_column(void **state) {
    mt *t = *state;
    kam_buf b;
    uint32_t n;
    int tables = 0, columns = 0, indexes = 0, required = 0;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) {
        if (k[i].cls == KAM__C_COMPUTED) continue;
        tables++;
        for (uint32_t a = 0; a < k[i].nfield; a++) {
            uint32_t flags = k[i].field[a].flags;
            columns += !(flags & KAM__F_VIRTUAL);
            indexes += (flags & KAM_F_INDEXED) != 0;
            required += (flags & KAM_F_REQUIRED) && !(flags & (KAM_F_PERSONAL | KAM_F_SENSITIVE));
        }
    }
    kam__buf_init(&b, t->ctx);
    assert_code(kam__ddl(&b, NULL, "postgresql", t->err), KAM_OK);
    assert_int_equal(count(kam_buf_data(&b), "CREATE TABLE"), tables);
    assert_int_equal(count(kam_buf_data(&b), "\n    \""), columns);
    assert_int_equal(count(kam_buf_data(&b), "CREATE INDEX"), indexes);
    assert_int_equal(count(kam_buf_data(&b), "NOT NULL"), required);
    assert_int_equal(count(kam_buf_data(&b), "\"tier\""), 1);       /* virtual in account, a column in the table tier */
    kam__buf_drop(&b);
}

static int32_t op_ddl(mt *t, void *arg) {
    kam_buf *b = arg;
    int32_t rc = kam__ddl(b, t->schema, "sqlite", t->err);
    if (rc != KAM_OK) assert_string_equal(kam_buf_data(b), "-- mine\n");
    return rc;
}

static void ddl_that_fails_adds_nothing(void **state) {
    mt *t = *state;
    kam_buf b;
    kam__buf_init(&b, t->ctx);
    kam__buf_str(&b, "-- mine\n");
    assert_fails(t, kam__ddl(&b, NULL, "oracle", t->err), KAM_E_UNSUPPORTED);
    assert_says(t, "no DDL for \"oracle\"");
    assert_fails(t, kam__ddl(&b, NULL, NULL, t->err), KAM_E_INVAL);
    assert_string_equal(kam_buf_data(&b), "-- mine\n");
    assert_true(mt_sweep(t, NULL, op_ddl, &b) >= 1);
    assert_memory_equal(kam_buf_data(&b), "-- mine\nCREATE TABLE \"kam_account\"", 34);
    kam__buf_drop(&b);
}

static void fields_describe_themselves(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_FIELD);
    kam_buf *b = NULL;
    const kam__kind *account = kam__schema_kind(t->schema, KAM_KIND_ACCOUNT);
    assert_code(kam_buf_new(&b, t->ctx, t->err), KAM_OK);
    static const struct { uint32_t field; const char *json; } c[] = {
        {KAM_ACCOUNT_TIER,
         "{\"kind\":\"account\",\"field\":157,\"name\":\"tier\",\"type\":\"ENUM\",\"scale\":0,\"flags\":0,"
         "\"label_en\":\"Tier\",\"label_zh\":\"客户层级\",\"values\":\"ORDINARY,LARGE,KEY\"}"},
        {KAM_ACCOUNT_PARENT,
         "{\"kind\":\"account\",\"field\":133,\"name\":\"parent\",\"type\":\"REF\",\"scale\":0,\"flags\":20,"
         "\"label_en\":\"Parent account\",\"label_zh\":\"上级客户\",\"refers\":\"account\"}"},
        {KAM_ACCOUNT_LATITUDE,
         "{\"kind\":\"account\",\"field\":150,\"name\":\"latitude\",\"type\":\"DECIMAL\",\"scale\":6,"
         "\"unit\":\"degrees\",\"flags\":16,\"label_en\":\"Latitude\",\"label_zh\":\"纬度\"}"},
        {X_COLOUR,
         "{\"kind\":\"account\",\"field\":65537,\"name\":\"x_colour\",\"type\":\"ENUM\",\"scale\":0,\"flags\":16,"
         "\"label_en\":\"x_colour\",\"label_zh\":\"x_colour\",\"values\":\"RED,BLUE\"}"},
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        assert_code(kam__field_describe(r, account, kam__kind_field(account, c[i].field), t->err), KAM_OK);
        assert_code(kam_record_to_json(b, r, t->err), KAM_OK);
        assert_string_equal(kam_buf_data(b), c[i].json);
        assert_code(kam__record_check(r, t->err), KAM_OK);
    }
    kam_buf_free(b);
    kam_record_free(r);
}

static void every_field_can_be_described(void **state) {
    mt *t = *state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    kam_record *r = mt_record(t, KAM_KIND_FIELD), *wrong = mt_record(t, KAM_KIND_ACCOUNT);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t a = 0; a < k[i].nfield; a++) {
            assert_code(kam__field_describe(r, k + i, k[i].field + a, t->err), KAM_OK);
            assert_code(kam__record_check(r, t->err), KAM_OK);
            assert_non_null(
                kam__enum_by_value(kam__enum_set_by_name("FIELD_TYPE"), kam_record_i64(r, KAM_FIELD_TYPE, 0)));
        }
    assert_fails(t, kam__field_describe(wrong, k, k->field, t->err), KAM_E_INVAL);
    kam_record_free(r);
    kam_record_free(wrong);
}

static int32_t op_describe(mt *t, void *arg) {
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ACTIVITY);
    return kam__field_describe(arg, k, kam__kind_field(k, KAM_ACTIVITY_CHANNEL), t->err);
}

static void out_of_memory(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_FIELD);
    mt_fill(t, r, 10);
    assert_true(mt_sweep(t, r, op_describe, r) >= 3);
    assert_string_equal(kam_record_text(r, KAM_FIELD_NAME, ""), "channel");
    kam_record_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {mt_test(ledger_in_both_dialects),      mt_test(every_stored_field_has_a_column),
                                       mt_test(ddl_that_fails_adds_nothing),  mt_test(fields_describe_themselves),
                                       mt_test(every_field_can_be_described), mt_test(out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
