/* Life of a record: cells and pool, copies, money settled, required fields, comparison, out of memory. */
#include "model_test.h"

static void set(mt *t, kam_record *r, uint32_t field, const char *text) {
    assert_code(kam_record_set_text(r, field, text, KAM_NUL, t->err), KAM_OK);
}

static void a_new_record_is_empty(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_ACCOUNT);
    assert_int_equal(kam_record_kind(r), KAM_KIND_ACCOUNT);
    for (uint32_t i = 0; i < r->kind->nfield; i++) assert_int_equal(kam_record_type(r, r->kind->field[i].id), 0);
    set(t, r, KAM_ACCOUNT_NAME, "Acme");
    set(t, r, X_STARS, "5");
    kam_record_clear(r);
    assert_int_equal(kam_record_type(r, KAM_ACCOUNT_NAME), 0);
    assert_int_equal(kam_record_type(r, X_STARS), 0);
    kam_record_free(r);
    kam_record_free(NULL);
    kam_record_clear(NULL);
    assert_int_equal(kam_record_kind(NULL), 0);
    r = NULL;
    assert_fails(t, kam__record_new(&r, t->schema, 99, t->err), KAM_E_INVAL);
    assert_null(r);
}

static void a_record_outlives_its_schema_and_context(void **state) {
    mt *t = *state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__schema *s = NULL;
    kam_record *r = NULL;
    assert_code(mt_schema(&s, ctx, "CNY", t->err), KAM_OK);
    assert_code(kam__record_new(&r, s, KAM_KIND_LEDGER, t->err), KAM_OK);
    kam__schema_drop(s);
    kam_ctx_free(ctx);
    set(t, r, X_PRICE, "1.5");
    assert_string_equal(kam_record_text(r, X_PRICE, ""), "1.50");
    kam_record_free(r);
    assert_int_equal(f.live, 0);
}

static void replaced_texts_do_not_pile_up(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_ACCOUNT);
    char text[600];
    set(t, r, KAM_ACCOUNT_NOTE, "stays");
    set(t, r, KAM_ACCOUNT_OWNER, "erp:stays too");
    for (int i = 0; i < 5000; i++) {
        size_t len = (size_t)(i * 37 % 599) + 1;
        memset(text, 'a' + i % 26, len);
        text[len] = 0;
        set(t, r, i & 1 ? KAM_ACCOUNT_NAME : KAM_ACCOUNT_CITY, text);
        assert_string_equal(kam_record_text(r, i & 1 ? KAM_ACCOUNT_NAME : KAM_ACCOUNT_CITY, ""), text);
    }
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_NOTE, ""), "stays");
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_OWNER, ""), "erp:stays too");
    assert_true(r->pool.cap < 10000);
    kam_record_free(r);
}

static void texts_may_come_from_the_record_itself(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_ACCOUNT);
    set(t, r, KAM_ACCOUNT_NAME, "a name of some length, so that the pool must grow");
    for (uint32_t f = KAM_ACCOUNT_ADDRESS; f <= KAM_ACCOUNT_STATE; f++) {
        set(t, r, f, kam_record_text(r, f == KAM_ACCOUNT_ADDRESS ? KAM_ACCOUNT_NAME : f - 1, ""));
        assert_string_equal(kam_record_text(r, f, ""), "a name of some length, so that the pool must grow");
    }
    set(t, r, KAM_ACCOUNT_NAME, kam_record_text(r, KAM_ACCOUNT_NAME, "") + 7);
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_NAME, ""), "of some length, so that the pool must grow");
    set(t, r, KAM_ACCOUNT_OWNER, "erp:K1");
    set(t, r, KAM_ACCOUNT_PARENT, kam_record_text(r, KAM_ACCOUNT_OWNER, ""));
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_PARENT, ""), "erp:K1");
    kam_record_free(r);
}

static void keys_have_two_parts(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_LEDGER);
    uint32_t i = kam__kind_index(r->kind, KAM_LEDGER_ACCOUNT);
    const char *source, *key;
    assert_int_equal(kam__record_key(r, i, &source, &key), 0);
    static const struct { const char *source, *key, *text; } c[] = {{"erp", "K-1", "erp:K-1"},
             {"", "K-1", "K-1"},
             {"", "123", ":123"},
             {"", "a:b", ":a:b"},
             {"erp", "a:b", "erp:a:b"}};
    for (size_t n = 0; n < KAM__LEN(c); n++) {
        assert_code(kam__record_put_key(r, i, c[n].source, strlen(c[n].source), c[n].key, strlen(c[n].key), t->err),
                    KAM_OK);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(kam__record_key(r, i, &source, &key), 1);
            assert_string_equal(source, c[n].source);
            assert_string_equal(key, c[n].key);
            assert_string_equal(kam_record_text(r, KAM_LEDGER_ACCOUNT, ""), c[n].text);
            set(t, r, KAM_LEDGER_ACCOUNT, c[n].text);       /* the text means the same key */
        }
    }
    kam__record_put_i64(r, i, 5);
    assert_int_equal(kam__record_key(r, i, &source, &key), 0);
    kam_record_free(r);
}

static void copies_are_whole_and_apart(void **state) {
    mt *t = *state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) {
        kam_record *a = mt_record(t, k[i].id), *b = NULL;
        mt_fill(t, a, 7);
        assert_code(kam__record_clone(&b, a, t->err), KAM_OK);
        assert_string_equal(mt_dump(t, 0, a), mt_dump(t, 1, b));
        for (uint32_t f = 0; f < a->kind->nfield; f++) assert_true(kam__record_same(a, b, f));
        kam_record_clear(a);
        assert_string_equal(mt_dump(t, 0, b), t->dump[1]);
        assert_code(kam__record_copy(b, b, t->err), KAM_OK);
        assert_code(kam__record_copy(a, b, t->err), KAM_OK);
        assert_string_equal(mt_dump(t, 0, a), t->dump[1]);
        kam_record_free(a);
        kam_record_free(b);
    }
}

static void copies_between_schemas_go_by_field_id(void **state) {
    mt *t = *state;
    kam__custom one = {KAM_KIND_ACCOUNT, {.id = X_COLOUR, .logic = KAM__L_ENUM, .set = &mt_colour, .name = "x_colour"}};
    kam__schema_parts parts = {.custom = &one, .ncustom = 1};
    kam__schema *s = NULL;
    kam_record *a = mt_record(t, KAM_KIND_ACCOUNT), *b = NULL, *other = mt_record(t, KAM_KIND_CONTACT);
    assert_code(kam__schema_new(&s, t->ctx, &parts, t->err), KAM_OK);
    assert_code(kam__record_new(&b, s, KAM_KIND_ACCOUNT, t->err), KAM_OK);
    set(t, a, X_STARS, "5");
    set(t, a, X_COLOUR, "blue");
    set(t, a, KAM_ACCOUNT_NAME, "Acme");
    assert_code(kam__record_copy(b, a, t->err), KAM_OK);
    assert_string_equal(kam_record_text(b, X_COLOUR, ""), "BLUE");
    assert_string_equal(kam_record_text(b, KAM_ACCOUNT_NAME, ""), "Acme");
    assert_int_equal(kam_record_type(b, X_STARS), 255);
    assert_code(kam__record_copy(a, b, t->err), KAM_OK);
    assert_int_equal(kam_record_type(a, X_STARS), 0);
    assert_fails(t, kam__record_copy(other, a, t->err), KAM_E_INVAL);
    kam_record_free(a);
    kam_record_free(b);
    kam_record_free(other);
    kam__schema_drop(s);
}

static void money_waits_for_its_currency(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_LEDGER);
    uint32_t amount = kam__kind_index(r->kind, KAM_LEDGER_AMOUNT);
    set(t, r, KAM_LEDGER_AMOUNT, "12.340");
    set(t, r, KAM_LEDGER_COST, "7");
    assert_int_equal(kam__record_decimals(r), 2);
    set(t, r, KAM_LEDGER_CURRENCY, "JPY");
    mt_dump(t, 0, r);
    assert_fails(t, kam__record_settle(r, t->err), KAM_E_LIMIT);
    assert_string_equal(kam_error_message(t->err),
                        "ledger.amount: 12.340 has more than 0 decimals (JPY) or is too big");
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_FIELD), KAM_LEDGER_AMOUNT);
    assert_string_equal(mt_dump(t, 1, r), t->dump[0]);
    assert_int_equal(r->cell[amount].state, KAM__CELL_MONEY);
    set(t, r, KAM_LEDGER_CURRENCY, "xts");
    assert_code(kam__record_settle(r, t->err), KAM_OK);
    assert_int_equal(r->cell[amount].state, KAM__CELL_VALUE);
    assert_int_equal(kam_record_i64(r, KAM_LEDGER_AMOUNT, -1), 123400);
    assert_int_equal(kam_record_i64(r, KAM_LEDGER_COST, -1), 70000);
    set(t, r, KAM_LEDGER_AMOUNT, "9223372036854775807");
    assert_fails(t, kam__record_settle(r, t->err), KAM_E_LIMIT);
    kam_record_free(r);
}

static void money_without_any_currency_cannot_be_stored(void **state) {
    mt *t = *state;
    kam__schema *s = NULL;
    kam_record *r = NULL;
    assert_code(kam__schema_new(&s, t->ctx, NULL, t->err), KAM_OK);
    assert_code(kam__record_new(&r, s, KAM_KIND_LEDGER, t->err), KAM_OK);
    set(t, r, KAM_LEDGER_AMOUNT, "12.3");
    assert_int_equal(kam__record_decimals(r), -1);
    assert_fails(t, kam__record_settle(r, t->err), KAM_E_INVAL);
    assert_string_equal(kam_error_message(t->err),
                        "ledger.amount: 12.3 has no currency; give the record or the book one");
    kam_record_free(r);
    kam__schema_drop(s);
}

static void required_fields_are_asked_for(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_LEDGER);
    assert_fails(t, kam__record_check(r, t->err), KAM_E_INVAL);
    assert_string_equal(kam_error_message(t->err), "ledger.account: a value is required");
    set(t, r, KAM_LEDGER_ACCOUNT, "erp:1");
    set(t, r, KAM_LEDGER_DAY, "2026-03-01");
    set(t, r, KAM_LEDGER_EVENT, "SALE");
    assert_fails(t, kam__record_check(r, t->err), KAM_E_INVAL);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_FIELD), KAM_LEDGER_AMOUNT);
    set(t, r, KAM_LEDGER_AMOUNT, "1");
    assert_code(kam__record_check(r, t->err), KAM_OK);
    kam_record_free(r);
}

static void same_tells_every_difference(void **state) {
    mt *t = *state;
    kam_record *a = mt_record(t, KAM_KIND_RUN), *b = mt_record(t, KAM_KIND_RUN);
    uint32_t name = kam__kind_index(a->kind, KAM_RUN_NAME), gini = kam__kind_index(a->kind, KAM_RUN_GINI);
    assert_true(kam__record_same(a, b, name));
    set(t, a, KAM_RUN_NAME, "one");
    assert_false(kam__record_same(a, b, name));
    set(t, b, KAM_RUN_NAME, "two");
    assert_false(kam__record_same(a, b, name));
    set(t, b, KAM_RUN_NAME, "one more");
    assert_false(kam__record_same(a, b, name));
    set(t, b, KAM_RUN_NAME, "one");
    assert_true(kam__record_same(a, b, name));
    kam__record_put_f64(a, gini, 0.5);
    kam__record_put_f64(b, gini, 0.25);
    assert_false(kam__record_same(a, b, gini));
    kam__record_put_f64(b, gini, 0.5);
    assert_true(kam__record_same(a, b, gini));
    kam_record_free(a);
    kam_record_free(b);
}

/* ---------------------------------------------------------------- out of memory */

typedef struct two { kam_record *a, *b; const char *text; } two;

static int32_t op_clone(mt *t, void *arg) {
    two *w = arg;
    kam_record *r = NULL;
    int32_t rc = kam__record_clone(&r, w->a, t->err);
    if (rc == KAM_OK) assert_string_equal(mt_dump(t, 1, r), mt_dump(t, 0, w->a));
    else assert_null(r);
    kam_record_free(r);
    return rc;
}

static int32_t op_copy(mt *t, void *arg) {
    return kam__record_copy(((two *)arg)->b, ((two *)arg)->a, t->err);
}

static int32_t op_set(mt *t, void *arg) {
    two *w = arg;
    return kam_record_set_text(w->a, KAM_ACCOUNT_NAME, w->text, KAM_NUL, t->err);
}

static int32_t op_key(mt *t, void *arg) {
    two *w = arg;
    return kam_record_set_text(w->a, KAM_ACCOUNT_OWNER, w->text, KAM_NUL, t->err);
}

static int32_t op_put(mt *t, void *arg) {       /* from the record's own pool: the way that writes the pool anew */
    two *w = arg;
    return kam_record_set_text(w->a, KAM_ACCOUNT_REGION, kam_record_text(w->a, KAM_ACCOUNT_NAME, ""), KAM_NUL, t->err);
}

static void out_of_memory(void **state) {
    mt *t = *state;
    static char text[5000], key[5000];
    two w = {mt_record(t, KAM_KIND_ACCOUNT), mt_record(t, KAM_KIND_ACCOUNT), text};
    memset(text, 'x', sizeof text - 1);
    memset(key, ':', sizeof key - 1);
    mt_fill(t, w.a, 7);
    mt_fill(t, w.b, 7);
    assert_true(mt_sweep(t, w.a, op_clone, &w) >= 2);
    assert_true(mt_sweep(t, w.b, op_copy, &w) >= 1);
    assert_string_equal(mt_dump(t, 0, w.a), mt_dump(t, 1, w.b));
    assert_true(mt_sweep(t, w.a, op_set, &w) >= 1);
    w.text = key;
    assert_true(mt_sweep(t, w.a, op_key, &w) >= 2);
    assert_true(mt_sweep(t, w.a, op_put, &w) >= 1);
    assert_string_equal(kam_record_text(w.a, KAM_ACCOUNT_REGION, ""), text);
    kam_record_free(w.a);
    kam_record_free(w.b);
}

int main(void) {
    const struct CMUnitTest tests[] = {mt_test(a_new_record_is_empty),
                                       mt_test(a_record_outlives_its_schema_and_context),
                                       mt_test(replaced_texts_do_not_pile_up),
                                       mt_test(texts_may_come_from_the_record_itself),
                                       mt_test(keys_have_two_parts),
                                       mt_test(copies_are_whole_and_apart),
                                       mt_test(copies_between_schemas_go_by_field_id),
                                       mt_test(money_waits_for_its_currency),
                                       mt_test(money_without_any_currency_cannot_be_stored),
                                       mt_test(required_fields_are_asked_for),
                                       mt_test(same_tells_every_difference),
                                       mt_test(out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
