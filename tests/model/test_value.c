/* One value and its text: generous in, one form out, nothing that does not fit. */
#include "model_test.h"

static const kam__field *field(const char *kind, const char *name) {
    const kam__field *f = kam__kind_field_by_name(kam__builtin_kind_by_name(kind, KAM_NUL), name, KAM_NUL);
    assert_non_null(f);
    return f;
}

/* The value's canonical text, or the code's name. */
static const char *through(mt *t, const kam__field *f, const char *text) {
    static char out[48];
    int64_t i = 77;
    double d = 77;
    int32_t rc = kam__value_parse(&i, &d, f, 2, text, KAM_NUL, t->err);
    if (rc == KAM_OK) {
        kam__value_format(out, f, 2, i, d);
        return out;
    }
    assert_true(i == 77 && d > 76 && d < 78);
    assert_int_equal(kam_error_code(t->err), rc);
    assert_true(*kam_error_message(t->err));
    return kam_code_name(rc);
}

static void what_people_write(void **state) {
    mt *t = *state;
    static const struct { const char *kind, *field, *in, *out; } c[] = {
        {"account", "employees", "42", "42"},
        {"account", "employees", "+42", "42"},
        {"account", "employees", "12.0", "12"},
        {"account", "employees", "1.2e3", "1200"},
        {"account", "employees", "12.5", "KAM_E_PARSE"},
        {"account", "employees", "many", "KAM_E_PARSE"},
        {"account", "employees", "99999999999999999999", "KAM_E_LIMIT"},
        {"account", "employees", "-9223372036854775808", "-9223372036854775808"},
        {"activity", "locked", "true", "true"},
        {"activity", "locked", "FALSE", "false"},
        {"activity", "locked", "1", "true"},
        {"activity", "locked", "0", "false"},
        {"activity", "locked", "Yes", "true"},
        {"activity", "locked", "no", "false"},
        {"activity", "locked", "是", "true"},
        {"activity", "locked", "否", "false"},
        {"activity", "locked", "2", "KAM_E_PARSE"},
        {"activity", "channel", "VISIT", "VISIT"},
        {"activity", "channel", "visit", "VISIT"},
        {"activity", "channel", "Phone Call", "CALL"},
        {"activity", "channel", "电话", "CALL"},
        {"activity", "channel", "2", "CALL"},
        {"activity", "channel", "pigeon", "KAM_E_PARSE"},
        {"activity", "channel", "99", "KAM_E_PARSE"},
        {"activity", "day", "2026-03-01", "2026-03-01"},
        {"activity", "day", "2026-02-29", "KAM_E_PARSE"},
        {"activity", "day", "01.03.2026", "KAM_E_PARSE"},
        {"activity", "start", "2026-03-01T12:30", "2026-03-01T12:30"},
        {"activity", "start", "12:30", "KAM_E_PARSE"},
        {"commit", "at", "2026-03-01T12:30:00.250Z", "2026-03-01T12:30:00.250Z"},
        {"commit", "at", "2026-03-01T12:30:00+08:00", "2026-03-01T04:30:00Z"},
        {"ledger", "amount", "12.3", "12.30"},
        {"ledger", "amount", "12.345", "KAM_E_LIMIT"},
        {"ledger", "amount", "x", "KAM_E_PARSE"},
        {"ledger", "quantity", "1.500000", "1.5"},
        {"ledger", "quantity", "0.0000001", "KAM_E_LIMIT"},
        {"account", "risk", "0.25", "0.25"},
        {"account", "risk", "0.12345", "KAM_E_LIMIT"},
        {"account", "latitude", "31.23041649", "31.230416"},
        {"account", "latitude", "90.000001", "KAM_E_LIMIT"},
        {"account", "longitude", "-179.5", "-179.5"},
        {"account", "longitude", "180.1", "KAM_E_LIMIT"},
        {"ledger", "account", "17", "17"},
        {"ledger", "account", "0", "KAM_E_LIMIT"},
        {"ledger", "account", "9007199254740991", "9007199254740991"},
        {"ledger", "account", "9007199254740992", "KAM_E_LIMIT"},
        {"run", "gini", "0.1", "0.1"},
        {"run", "gini", "1e400", "KAM_E_LIMIT"},
        {"run", "gini", "nan", "KAM_E_PARSE"},
        {"account", "name", "Acme", "KAM_E_TYPE"},
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        const char *got = through(t, field(c[i].kind, c[i].field), c[i].in);
        if (strcmp(got, c[i].out) != 0)
            fail_msg("%s.%s \"%s\": %s, want %s", c[i].kind, c[i].field, c[i].in, got, c[i].out);
    }
}

static void generated_values_come_back(void **state) {
    mt *t = *state;
    uint32_t n, checked = 0;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t a = 0; a < k[i].nfield; a++)
            for (int round = 0; round < 20; round++) {
                char text[200];
                const kam__field *f = k[i].field + a;
                mt_value(t, text, f, "CNY");
                if (f->type == KAM_T_TEXT || strchr(text, ':') == text + 3) continue;
                const char *got = through(t, f, text);
                if (strcmp(got, text) != 0) fail_msg("%s.%s \"%s\": %s", k[i].name, f->name, text, got);
                checked++;
            }
    assert_true(checked > 3000);
}

static void numbers_are_checked(void **state) {
    mt *t = *state;
    static const struct { const char *kind, *field; int64_t v; int32_t code; } c[] = {
        {"account", "name", 1, KAM_E_TYPE},
        {"run", "gini", 1, KAM_E_TYPE},
        {"account", "lead_source", 1, KAM_E_TYPE},
        {"ledger", "currency", 1, KAM_E_TYPE},
        {"activity", "locked", 1, KAM_OK},
        {"activity", "locked", 2, KAM_E_LIMIT},
        {"activity", "locked", -1, KAM_E_LIMIT},
        {"activity", "channel", 11, KAM_OK},
        {"activity", "channel", 12, KAM_E_INVAL},
        {"activity", "channel", ((int64_t)1 << 32) + 1, KAM_E_INVAL},
        {"activity", "day", KAM_DAY_FIRST, KAM_OK},
        {"activity", "day", KAM_DAY_END, KAM_OK},
        {"activity", "day", KAM_TODAY, KAM_E_LIMIT},
        {"activity", "day", 2932896, KAM_OK},
        {"activity", "day", 2932897, KAM_E_LIMIT},
        {"activity", "day", -719162, KAM_OK},
        {"activity", "day", -719163, KAM_E_LIMIT},
        {"activity", "start", 2932897 * (int64_t)1440 - 1, KAM_OK},
        {"activity", "start", 2932897 * (int64_t)1440, KAM_E_LIMIT},
        {"commit", "at", INT64_MAX, KAM_E_LIMIT},
        {"commit", "at", 0, KAM_OK},
        {"account", "id", 0, KAM_E_LIMIT},
        {"account", "id", ((int64_t)1 << 53) - 1, KAM_OK},
        {"account", "id", (int64_t)1 << 53, KAM_E_LIMIT},
        {"account", "parent", -1, KAM_E_LIMIT},
        {"account", "latitude", 90000000, KAM_OK},
        {"account", "latitude", 90000001, KAM_E_LIMIT},
        {"account", "longitude", -180000000, KAM_OK},
        {"account", "longitude", INT64_MIN, KAM_E_LIMIT},
        {"ledger", "amount", INT64_MIN, KAM_OK},
        {"ledger", "quantity", INT64_MAX, KAM_OK},
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        int32_t rc = kam__value_check(field(c[i].kind, c[i].field), c[i].v, t->err);
        if (rc != c[i].code) fail_msg("%s.%s %lld: %s", c[i].kind, c[i].field, (long long)c[i].v, kam_code_name(rc));
    }
    kam__value_check(field("tier", "tier"), 4, t->err);
    assert_says(t, "4 is none of its values; write one of ORDINARY, LARGE, KEY");
    kam__value_check(field("account", "latitude"), 91000000, t->err);
    assert_says(t, "91 is not within -90 and 90");
}

static void texts_of_lists_and_currencies(void **state) {
    mt *t = *state;
    static const struct { const char *kind, *field, *in, *out; } c[] = {
        {"account", "name", "cny", "cny"}, {"account", "lead_source", "referral", "REFERRAL"},
        {"account", "lead_source", "客户介绍", "REFERRAL"}, {"account", "lead_source", "8", "REFERRAL"},
        {"account", "lead_source", "an old friend", "an old friend"}, {"ledger", "currency", "cny", "CNY"},
        {"ledger", "currency", "xts", "XTS"}, {"ledger", "currency", "QQQ", NULL}, {"ledger", "currency", "CN", NULL},
        {"ledger", "currency", "CNYX", NULL},
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        const char *text = c[i].in;
        size_t len = strlen(text);
        char own[4];
        int32_t rc = kam__value_text(&text, &len, own, t->schema, field(c[i].kind, c[i].field), t->err);
        assert_code(rc, c[i].out ? KAM_OK : KAM_E_PARSE);
        if (!c[i].out) continue;
        assert_int_equal(len, strlen(c[i].out));
        assert_memory_equal(text, c[i].out, len);
    }
    assert_says(t, "\"CNYX\" is no currency");
}

static void odd_numbers_have_a_text(void **state) {
    (void)state;
    char out[48];
    kam__value_format(out, field("tier", "tier"), 0, 99, 0);
    assert_string_equal(out, "99");
    assert_int_equal(kam__value_format(out, field("activity", "day"), 0, KAM_DAY_END, 0), 0);
    kam__value_format(out, field("ledger", "amount"), 3, -5, 0);
    assert_string_equal(out, "-0.005");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        mt_test(what_people_write), mt_test(generated_values_come_back), mt_test(numbers_are_checked),
        mt_test(texts_of_lists_and_currencies), mt_test(odd_numbers_have_a_text)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
