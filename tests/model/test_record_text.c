/* Getters and setters: every field and value there and back, what fails and how it says so, texts that are lent. */
#include "model_test.h"

static void every_field_comes_back(void **state) {
    mt *t = *state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) {
        kam_record *r = mt_record(t, k[i].id);
        for (uint32_t a = 0; a < r->kind->nfield; a++)
            for (int round = 0; round < 20; round++) {
                char text[200];
                const kam__field *f = r->kind->field + a;
                mt_value(t, text, f, "CNY");
                assert_code(kam_record_set_text(r, f->id, text, KAM_NUL, t->err), KAM_OK);
                assert_string_equal(kam_record_text(r, f->id, NULL), text);
                assert_int_equal(kam_record_type(r, f->id), f->type);
                if (r->cell[a].state != KAM__CELL_VALUE || f->type == KAM_T_TEXT) continue;
                if (f->type == KAM_T_F64) {
                    assert_code(kam_record_set_f64(r, f->id, kam_record_f64(r, f->id, 0), t->err), KAM_OK);
                } else {
                    assert_code(kam_record_set_i64(r, f->id, kam_record_i64(r, f->id, 0), t->err), KAM_OK);
                }
                assert_string_equal(kam_record_text(r, f->id, NULL), text);
                assert_code(kam_record_set_text(r, f->id, round & 1 ? "" : NULL, KAM_NUL, t->err), KAM_OK);
                assert_null(kam_record_text(r, f->id, NULL));
                assert_int_equal(kam_record_type(r, f->id), 0);
            }
        kam_record_free(r);
    }
}

static void getters_of_nothing(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_RUN);
    const uint32_t ids[] = {
        KAM_RUN_NAME, KAM_RUN_GINI, KAM_RUN_TOTAL, KAM_RUN_AS_OF, KAM_RUN_POLICY, KAM_ACCOUNT_NAME, 0, 99999};
    for (size_t i = 0; i < KAM__LEN(ids); i++) {
        assert_int_equal(kam_record_i64(r, ids[i], -7), -7);
        assert_true(kam_record_f64(r, ids[i], -7) < -6.9);
        assert_string_equal(kam_record_text(r, ids[i], "none"), "none");
        assert_int_equal(kam_record_type(r, ids[i]), i < 5 ? 0 : 255);
    }
    assert_int_equal(kam_record_i64(NULL, KAM_ID, 3), 3);
    assert_null(kam_record_text(NULL, KAM_ID, NULL));
    assert_true(kam_record_f64(NULL, KAM_ID, 3) > 2.9);
    assert_int_equal(kam_record_type(NULL, KAM_ID), 255);
    kam_record_free(r);
}

static void numbers_in_their_units(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_LEDGER), *a = mt_record(t, KAM_KIND_ACCOUNT);
    assert_code(kam_record_set_text(r, KAM_LEDGER_AMOUNT, "1234.5", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_record_i64(r, KAM_LEDGER_AMOUNT, 0), 123450);
    assert_string_equal(kam_record_text(r, KAM_LEDGER_AMOUNT, ""), "1234.50");
    assert_true(kam_record_f64(r, KAM_LEDGER_AMOUNT, 0) == 1234.5);
    assert_code(kam_record_set_text(r, KAM_LEDGER_CURRENCY, "jpy", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_record_i64(r, KAM_LEDGER_AMOUNT, -1), -1);         /* not exact */
    assert_string_equal(kam_record_text(r, KAM_LEDGER_AMOUNT, ""), "1234.5");
    assert_code(kam_record_set_i64(r, KAM_LEDGER_AMOUNT, 1000, t->err), KAM_OK);
    assert_string_equal(kam_record_text(r, KAM_LEDGER_AMOUNT, ""), "1000");
    assert_code(kam_record_set_text(r, KAM_LEDGER_CURRENCY, NULL, 0, t->err), KAM_OK);
    assert_true(kam_record_f64(r, KAM_LEDGER_AMOUNT, 0) == 10.0);
    assert_code(kam_record_set_text(a, KAM_ACCOUNT_RISK, "0.25", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_record_i64(a, KAM_ACCOUNT_RISK, 0), 2500);
    assert_true(kam_record_f64(a, KAM_ACCOUNT_RISK, 0) == 0.25);
    assert_code(kam_record_set_i64(a, KAM_ACCOUNT_CUSTOMER_SINCE, KAM_DAY_FIRST, t->err), KAM_OK);
    assert_int_equal(kam_record_type(a, KAM_ACCOUNT_CUSTOMER_SINCE), 0);
    kam_record_free(r);
    kam_record_free(a);
}

static void money_of_an_unknown_currency(void **state) {
    mt *t = *state;
    kam__schema *s = NULL;
    kam_record *r = NULL;
    assert_code(kam__schema_new(&s, t->ctx, NULL, t->err), KAM_OK);
    assert_code(kam__record_new(&r, s, KAM_KIND_LEDGER, t->err), KAM_OK);
    assert_code(kam_record_set_text(r, KAM_LEDGER_AMOUNT, "12.30", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_record_i64(r, KAM_LEDGER_AMOUNT, -1), -1);
    assert_string_equal(kam_record_text(r, KAM_LEDGER_AMOUNT, ""), "12.30");
    assert_true(kam_record_f64(r, KAM_LEDGER_AMOUNT, 0) == 12.3);
    assert_code(kam_record_set_i64(r, KAM_LEDGER_AMOUNT, 1230, t->err), KAM_OK);
    assert_int_equal(kam_record_i64(r, KAM_LEDGER_AMOUNT, -1), 1230);
    assert_string_equal(kam_record_text(r, KAM_LEDGER_AMOUNT, "?"), "?");
    assert_true(kam_record_f64(r, KAM_LEDGER_AMOUNT, -1) < 0);
    kam_record_free(r);
    kam__schema_drop(s);
}

static void references(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_LEDGER);
    static const struct { const char *in, *out; int64_t id; } c[] = {
        {"17", "17", 17}, {"0017", "17", 17}, {"erp:17", "erp:17", -1}, {"K-17", "K-17", -1}, {":17", ":17", -1},
        {":K-17", "K-17", -1}, {"a:b:c", "a:b:c", -1}, {"-5", "-5", -1}, {"客户1", "客户1", -1}
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        assert_code(kam_record_set_text(r, KAM_LEDGER_ACCOUNT, c[i].in, KAM_NUL, t->err), KAM_OK);
        assert_string_equal(kam_record_text(r, KAM_LEDGER_ACCOUNT, ""), c[i].out);
        assert_int_equal(kam_record_i64(r, KAM_LEDGER_ACCOUNT, -1), c[i].id);
        assert_int_equal(kam_record_type(r, KAM_LEDGER_ACCOUNT), KAM_T_I64);
    }
    mt_dump(t, 0, r);
    assert_fails(t, kam_record_set_text(r, KAM_LEDGER_ACCOUNT, "erp:", KAM_NUL, t->err), KAM_E_PARSE);
    assert_fails(t, kam_record_set_text(r, KAM_LEDGER_ACCOUNT, "99999999999999999", KAM_NUL, t->err), KAM_E_LIMIT);
    assert_string_equal(mt_dump(t, 1, r), t->dump[0]);
    kam_record_free(r);
}

static void lent_texts_stand_side_by_side(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_LEDGER);
    char line[200];
    const char *json = "{\"account\":\"erp:K1\",\"day\":\"2026-03-01\",\"event\":\"SALE\",\"amount\":12.5,\"quantity\":"
                       "3,\"order\":\"A-1\"}";
    assert_code(kam_record_from_json(r, json, KAM_NUL, t->err), KAM_OK);
    snprintf(line, sizeof line, "%s %s %s %s %s %s", kam_record_text(r, KAM_LEDGER_ACCOUNT, ""),
             kam_record_text(r, KAM_LEDGER_DAY, ""), kam_record_text(r, KAM_LEDGER_EVENT, ""),
             kam_record_text(r, KAM_LEDGER_AMOUNT, ""), kam_record_text(r, KAM_LEDGER_QUANTITY, ""),
             kam_record_text(r, KAM_LEDGER_ORDER, ""));
    assert_string_equal(line, "erp:K1 2026-03-01 SALE 12.50 3 A-1");
    kam_record_free(r);
}

static void failing_setters_change_nothing(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_RUN);
    static const struct {
        uint32_t field;
        const char *text;
        int32_t code;
    } c[] = {{KAM_RUN_KIND, "NOTHING", KAM_E_PARSE},
             {KAM_RUN_AS_OF, "tomorrow", KAM_E_PARSE},
             {KAM_RUN_TOTAL, "1,5", KAM_E_PARSE},
             {KAM_RUN_TOTAL, "0.1234567890123456789", KAM_E_LIMIT},
             {KAM_RUN_TOTAL, "99999999999999999999", KAM_E_LIMIT},
             {KAM_RUN_CURRENCY, "XXQ", KAM_E_PARSE},
             {KAM_RUN_GINI, "inf", KAM_E_PARSE},
             {KAM_RUN_NAME, "\xff", KAM_E_UTF8},
             {KAM_RUN_VERSION, "v1", KAM_E_PARSE},
             {KAM_ACCOUNT_NAME, "Acme", KAM_E_INVAL},
             {KAM_SOURCE, "erp", KAM_E_INVAL},
             {X_STARS, "5", KAM_E_INVAL}};
    mt_fill(t, r, 10);
    mt_dump(t, 0, r);
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        assert_fails(t, kam_record_set_text(r, c[i].field, c[i].text, KAM_NUL, t->err), c[i].code);
        assert_string_equal(mt_dump(t, 1, r), t->dump[0]);
        assert_int_equal(kam_error_detail(t->err, KAM_ERR_KIND), KAM_KIND_RUN);
        assert_int_equal(kam_error_detail(t->err, KAM_ERR_FIELD), c[i].field);
        assert_code(kam_record_set_text(r, c[i].field, c[i].text, KAM_NUL, NULL), c[i].code);
    }
    assert_fails(t, kam_record_set_text(r, KAM_RUN_NAME, "a\0b", 3, t->err), KAM_E_UTF8);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_OFFSET), 1);
    assert_fails(t, kam_record_set_i64(r, KAM_RUN_NAME, 1, t->err), KAM_E_TYPE);
    assert_string_equal(kam_error_message(t->err), "run.name: is a text, not a number; use kam_record_set_text");
    assert_fails(t, kam_record_set_i64(r, KAM_RUN_KIND, 99, t->err), KAM_E_INVAL);
    assert_says(t, "run.kind: 99 is none of its values; write one of GRADING");
    assert_fails(t, kam_record_set_i64(r, KAM_RUN_GINI, 7, t->err), KAM_E_TYPE);
    assert_fails(t, kam_record_set_f64(r, KAM_RUN_TOTAL, 7, t->err), KAM_E_TYPE);
    double zero = 0;
    assert_fails(t, kam_record_set_f64(r, KAM_RUN_GINI, zero / zero, t->err), KAM_E_TYPE);
    assert_fails(t, kam_record_set_f64(r, KAM_RUN_GINI, -1 / zero, t->err), KAM_E_TYPE);
    assert_fails(t, kam_record_set_i64(r, KAM_ACCOUNT_NAME, 7, t->err), KAM_E_INVAL);
    assert_string_equal(kam_error_message(t->err), "field 128 is account.name, not a field of run");
    assert_fails(t, kam_record_set_f64(r, 5, 7, t->err), KAM_E_INVAL);
    assert_string_equal(kam_error_message(t->err), "run has no field 5; see kam/fields.h");
    assert_string_equal(mt_dump(t, 1, r), t->dump[0]);
    assert_fails(t, kam_record_set_text(NULL, KAM_ID, "1", 1, t->err), KAM_E_INVAL);
    assert_fails(t, kam_record_set_i64(NULL, KAM_ID, 1, t->err), KAM_E_INVAL);
    assert_fails(t, kam_record_set_f64(NULL, KAM_ID, 1, t->err), KAM_E_INVAL);
    kam_record_free(r);
}

static void long_texts_are_refused(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_ACCOUNT);
    char *text = malloc(65537);
    memset(text, 'x', 65537);
    assert_code(kam_record_set_text(r, KAM_ACCOUNT_NOTE, text, 65536, t->err), KAM_OK);
    assert_fails(t, kam_record_set_text(r, KAM_ACCOUNT_NAME, text, 65537, t->err), KAM_E_LIMIT);
    assert_says(t, "account.name: ");
    assert_int_equal(strlen(kam_record_text(r, KAM_ACCOUNT_NOTE, "")), 65536);
    assert_int_equal(kam_record_type(r, KAM_ACCOUNT_NAME), 0);
    free(text);
    kam_record_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        mt_test(every_field_comes_back), mt_test(getters_of_nothing), mt_test(numbers_in_their_units),
        mt_test(money_of_an_unknown_currency), mt_test(references), mt_test(lent_texts_stand_side_by_side),
        mt_test(failing_setters_change_nothing), mt_test(long_texts_are_refused)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
