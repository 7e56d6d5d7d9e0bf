/* The schema of a book: custom fields, currencies, what is refused, and out of memory. */
#include "model_test.h"

static void without_parts_it_is_the_built_in_one(void **state) {
    mt *t = *state;
    kam__schema *s = NULL;
    assert_code(kam__schema_new(&s, t->ctx, NULL, t->err), KAM_OK);
    assert_ptr_equal(kam__schema_kind(s, KAM_KIND_ACCOUNT), kam__builtin_kind(KAM_KIND_ACCOUNT));
    assert_null(kam__schema_kind(s, 99));
    assert_string_equal(kam__schema_base_currency(s), "");
    assert_string_equal(kam__schema_lang(s), "en");
    assert_ptr_equal(kam__schema_ctx(s), t->ctx);
    assert_int_equal(kam__schema_decimals(s, NULL), -1);
    assert_int_equal(kam__schema_decimals(s, "JPY"), 0);
    kam__schema *held = kam__schema_hold(s);
    kam__schema_drop(s);
    assert_int_equal(kam__schema_decimals(held, "KWD"), 3);
    kam__schema_drop(held);
}

static void custom_fields_stand_behind_the_built_in_ones(void **state) {
    mt *t = *state;
    const kam__kind *k = kam__schema_kind(t->schema, KAM_KIND_ACCOUNT), *b = kam__builtin_kind(KAM_KIND_ACCOUNT);
    assert_int_equal(k->nfield, b->nfield + 2);
    assert_int_equal(kam__kind_index(k, KAM_ACCOUNT_RISK), kam__kind_index(b, KAM_ACCOUNT_RISK));
    assert_int_equal(kam__kind_index(k, X_COLOUR), b->nfield + 1);
    assert_int_equal(kam__kind_index(k, X_PRICE), UINT32_MAX);
    const kam__field *f = kam__kind_field_by_name(k, "x_colour", KAM_NUL);
    assert_int_equal(f->type, KAM_T_I32);
    assert_int_equal(f->flags, KAM__F_CUSTOM | KAM_F_TRACKED);
    assert_string_equal(f->en, "x_colour");
    assert_string_equal(f->set->item[1].zh, "BLUE");
    assert_ptr_not_equal(f->set, &mt_colour);
    f = kam__kind_field(kam__schema_kind(t->schema, KAM_KIND_LEDGER), X_PRICE);
    assert_int_equal(f->flags, KAM__F_CUSTOM);
    assert_ptr_equal(kam__schema_kind(t->schema, KAM_KIND_OWNER), kam__builtin_kind(KAM_KIND_OWNER));
}

static void currencies_of_the_book_come_first(void **state) {
    mt *t = *state;
    kam__currency own = {"JPY", 2};
    kam__schema_parts parts = {NULL, 0, &own, 1, "JPY", NULL};
    kam__schema *s = NULL;
    assert_code(kam__schema_new(&s, t->ctx, &parts, t->err), KAM_OK);
    assert_int_equal(kam__schema_decimals(s, "JPY"), 2);
    assert_int_equal(kam__schema_decimals(s, ""), 2);
    assert_int_equal(kam__schema_decimals(s, "CNY"), 2);
    assert_int_equal(kam__schema_decimals(s, "QQQ"), -1);
    kam__schema_drop(s);
    own.decimals = 19;
    s = NULL;
    assert_fails(t, kam__schema_new(&s, t->ctx, &parts, t->err), KAM_E_SCHEMA);
    parts = (kam__schema_parts){.base_currency = "QQQ"};
    assert_fails(t, kam__schema_new(&s, t->ctx, &parts, t->err), KAM_E_SCHEMA);
    assert_says(t, "\"QQQ\" is no ISO 4217 code");
    assert_null(s);
}

static void bad_custom_fields_are_refused(void **state) {
    mt *t = *state;
    static const kam__enum_set empty = {"E", NULL, 0};
    const kam__custom good = {KAM_KIND_ACCOUNT, {.id = 70000, .logic = KAM__L_INT, .name = "x_a"}};
    const struct { kam__custom c; const char *says; } bad[] = {
        {{99, {.id = 70001, .logic = KAM__L_INT, .name = "x_b"}}, "no such kind"},
        {{1, {.id = 70001, .logic = KAM__L_INT, .name = "b"}}, "begin with x_"},
        {{1, {.id = 70001, .logic = KAM__L_INT, .name = "x_"}}, "begin with x_"},
        {{1, {.id = 70001, .logic = KAM__L_INT}}, "begin with x_"},
        {{1, {.id = 200, .logic = KAM__L_INT, .name = "x_b"}}, "start at 65536"},
        {{1, {.id = 70001, .logic = 0, .name = "x_b"}}, "unknown type"},
        {{1, {.id = 70001, .logic = KAM__L_CURRENCY, .name = "x_b"}}, "unknown type"},
        {{1, {.id = 70001, .logic = KAM__L_ENUM, .name = "x_b"}}, "needs values"},
        {{1, {.id = 70001, .logic = KAM__L_ENUM, .set = &empty, .name = "x_b"}}, "needs values"},
        {{1, {.id = 70001, .logic = KAM__L_REF, .ref = 99, .name = "x_b"}}, "refers to no kind"},
        {{1, {.id = 70001, .logic = KAM__L_DECIMAL, .scale = 19, .name = "x_b"}}, "18 decimals"},
        {{1, {.id = 70001, .logic = KAM__L_INT, .name = "x_a"}}, "name is taken"},
        {{1, {.id = 70000, .logic = KAM__L_INT, .name = "x_b"}}, "id is taken"},
        {{2, {.id = 70000, .logic = KAM__L_INT, .name = "x_b"}}, "id is taken"},
    };
    for (size_t i = 0; i < KAM__LEN(bad); i++) {
        kam__custom both[2] = {good, bad[i].c};
        kam__schema_parts parts = {.custom = both, .ncustom = 2};
        kam__schema *s = NULL;
        assert_fails(t, kam__schema_new(&s, t->ctx, &parts, t->err), KAM_E_SCHEMA);
        assert_says(t, bad[i].says);
        assert_int_equal(kam_error_detail(t->err, KAM_ERR_FIELD), bad[i].c.field.id);
        assert_null(s);
    }
    kam__custom two[2] = {
        good, {KAM_KIND_CONTACT, {.id = 70001, .logic = KAM__L_INT, .name = "x_a"}}}; /* another kind: fine */
    kam__schema_parts parts = {.custom = two, .ncustom = 2};
    kam__schema *s = NULL;
    assert_code(kam__schema_new(&s, t->ctx, &parts, t->err), KAM_OK);
    kam__schema_drop(s);
}

static int32_t make(mt *t, void *arg) {
    return mt_schema(arg, t->ctx, "XTS", t->err);
}

static void out_of_memory(void **state) {
    mt *t = *state;
    kam__schema *s = NULL;
    assert_true(mt_sweep(t, NULL, make, &s) >= 4);
    assert_int_equal(kam__schema_decimals(s, NULL), 4);
    kam__schema_drop(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        mt_test(without_parts_it_is_the_built_in_one), mt_test(custom_fields_stand_behind_the_built_in_ones),
        mt_test(currencies_of_the_book_come_first), mt_test(bad_custom_fields_are_refused), mt_test(out_of_memory)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
