/* A record as JSON and back: exact digits, order, all or none, places of errors. */
#include "model_test.h"

static const char *json_of(mt *t, const kam_record *r, kam_buf *b) {
    assert_code(kam_record_to_json(b, r, t->err), KAM_OK);
    return kam_buf_data(b);
}

static kam_buf *buffer(mt *t) {
    kam_buf *b = NULL;
    assert_code(kam_buf_new(&b, t->ctx, t->err), KAM_OK);
    return b;
}

static void written_in_the_order_of_the_fields(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_LEDGER);
    kam_buf *b = buffer(t);
    assert_code(kam_buf_append(b, "old", 3, t->err), KAM_OK);
    assert_string_equal(json_of(t, r, b), "{}");
    const char *in = " { \"x_price\" : \"0.5\", \"currency\":\"cny\", \"amount\": 1234.50, \"order\":\"A\\\"1\\n\", "
                     "\"quantity\":2.50,\r\n"
                     "\"account\":\"erp:K\", \"product\": 9007199254740991, \"event\":\"销售\", "
                     "\"day\":\"2026-03-01\", \"note\":null }";
    assert_code(kam_record_from_json(r, in, KAM_NUL, t->err), KAM_OK);
    assert_string_equal(
        json_of(t, r, b),
        "{\"account\":\"erp:K\",\"day\":\"2026-03-01\",\"event\":\"SALE\",\"amount\":1234.50,"
        "\"currency\":\"CNY\",\"order\":\"A\\\"1\\n\",\"product\":9007199254740991,\"quantity\":2.5,\"x_price\":0.50}");
    assert_int_equal(kam_buf_size(b), strlen(kam_buf_data(b)));
    kam__record_write_json(b, r);       /* appends */
    assert_non_null(strstr(kam_buf_data(b), "}{\"account\""));
    assert_fails(t, kam_record_to_json(NULL, r, t->err), KAM_E_INVAL);
    assert_fails(t, kam_record_to_json(b, NULL, t->err), KAM_E_INVAL);
    kam_buf_free(b);
    kam_record_free(r);
}

static void numbers_and_truth(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_RUN), *a = mt_record(t, KAM_KIND_ACTIVITY);
    kam_buf *b = buffer(t);
    const char *in = "{\"id\":\"5\",\"kind\":2,\"known\":-9223372036854775808,\"gini\":1e-7,\"version\":3.0}";
    assert_code(kam_record_from_json(r, in, KAM_NUL, t->err), KAM_OK);
    assert_string_equal(json_of(t, r, b),
                        "{\"id\":5,\"kind\":\"SCORING\",\"version\":3,\"known\":-9223372036854775808,\"gini\":1e-7}");
    assert_code(kam_record_from_json(a, "{\"locked\":true}", KAM_NUL, t->err), KAM_OK);
    assert_string_equal(json_of(t, a, b), "{\"locked\":true}");
    assert_code(kam_record_from_json(a, "{\"locked\":false}", KAM_NUL, t->err), KAM_OK);
    assert_string_equal(json_of(t, a, b), "{\"locked\":false}");
    assert_code(kam_record_from_json(a, "{\"locked\":null}", KAM_NUL, t->err), KAM_OK);
    assert_string_equal(json_of(t, a, b), "{}");
    kam_buf_free(b);
    kam_record_free(r);
    kam_record_free(a);
}

static void every_record_comes_back(void **state) {
    mt *t = *state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    kam_buf *b = buffer(t);
    for (uint32_t i = 0; i < n; i++)
        for (int round = 0; round < 30; round++) {
            kam_record *r = mt_record(t, k[i].id), *back = mt_record(t, k[i].id);
            mt_fill(t, r, round % 11);
            json_of(t, r, b);
            assert_code(kam_record_from_json(back, kam_buf_data(b), kam_buf_size(b), t->err), KAM_OK);
            for (uint32_t a = 0; a < r->kind->nfield; a++) {
                const char *x = kam_record_text(r, r->kind->field[a].id, "-"),
                           *y = kam_record_text(back, r->kind->field[a].id, "-");
                assert_string_equal(x, y);
            }
            kam_record_free(r);
            kam_record_free(back);
        }
    kam_buf_free(b);
}

static void all_or_none(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_ACCOUNT);
    static const struct { const char *json; int32_t code; const char *says; int line, column; } c[] = {
        {"{\"name\":\"new\",\"pstcode\":\"1\"}", KAM_E_NOT_FOUND, "did you mean \"postcode\"", 1, -1},
        {"{\"name\":\"new\",\n \"employees\":\"many\"}", KAM_E_PARSE, "account.employees: \"many\"", 2, -1},
        {"{\"name\":\"new\",\"phone\":123}", KAM_E_TYPE, "account.phone: must be a string", 1, -1},
        {"{\"name\":\"new\",\"employees\":true}", KAM_E_TYPE, "account.employees: must be a number", 1, -1},
        {"{\"name\":\"new\",\"customer_since\":20000}", KAM_E_TYPE, "must be a string", 1, -1},
        {"{\"name\":\"new\",\"city\":[]}", KAM_E_TYPE, "must be a string", 1, -1},
        {"{\"name\":\"new\",\"city\":\"a\\u0000b\"}", KAM_E_UTF8, "U+0000", 1, -1},
        {"{\"name\":\"new\",\"city\":{}}", KAM_E_TYPE, "must be a string", 1, -1},
        {"{\"name\":\"new\",\"name\":\"again\"}", KAM_E_PARSE, "name", 1, -1},
        {"{\"name\":\"new\"", KAM_E_PARSE, "", 1, -1},
        {"[]", KAM_E_TYPE, "JSON object", 1, 1},
        {"", KAM_E_PARSE, "", 1, -1},
        {"{\"risk\":0.12345}", KAM_E_LIMIT, "account.risk: ", 1, -1},
        {"{\"name\":\"new\"} x", KAM_E_PARSE, "", 1, -1},
    };
    mt_fill(t, r, 7);
    mt_dump(t, 0, r);
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        assert_fails(t, kam_record_from_json(r, c[i].json, KAM_NUL, t->err), c[i].code);
        assert_says(t, c[i].says);
        assert_int_equal(kam_error_detail(t->err, KAM_ERR_LINE), c[i].line);
        assert_true(kam_error_detail(t->err, KAM_ERR_COLUMN) >= 1 && kam_error_detail(t->err, KAM_ERR_OFFSET) >= 0);
        assert_string_equal(mt_dump(t, 1, r), t->dump[0]);
        assert_code(kam_record_from_json(r, c[i].json, KAM_NUL, NULL), c[i].code);
    }
    assert_fails(t, kam_record_from_json(r, NULL, 0, t->err), KAM_E_INVAL);
    assert_fails(t, kam_record_from_json(NULL, "{}", 2, t->err), KAM_E_INVAL);
    assert_code(kam_record_from_json(r, "{}", 2, t->err), KAM_OK);
    assert_string_equal(mt_dump(t, 1, r), t->dump[0]);
    kam_record_free(r);
}

/* ---------------------------------------------------------------- out of memory */

typedef struct io { kam_record *r; kam_buf *b; const char *json; } io;

static int32_t op_to(mt *t, void *arg) {
    io *w = arg;
    int32_t rc = kam_record_to_json(w->b, w->r, t->err);
    if (rc != KAM_OK) assert_string_equal(kam_buf_data(w->b), "old");
    return rc;
}

static int32_t op_from(mt *t, void *arg) {
    io *w = arg;
    return kam_record_from_json(w->r, w->json, KAM_NUL, t->err);
}

static void out_of_memory(void **state) {
    mt *t = *state;
    io w = {mt_record(t, KAM_KIND_ACCOUNT), buffer(t),
            "{\"name\":\"new\",\"owner\":\"erp:K\",\"employees\":5,\"x_colour\":\"red\"}"};
    kam_buf *after = buffer(t);
    mt_fill(t, w.r, 7);
    assert_code(kam_buf_append(w.b, "old", 3, t->err), KAM_OK);
    assert_true(mt_sweep(t, w.r, op_to, &w) >= 1);
    assert_string_equal(json_of(t, w.r, after), kam_buf_data(w.b));
    assert_true(mt_sweep(t, w.r, op_from, &w) >= 4);
    assert_string_equal(kam_record_text(w.r, X_COLOUR, ""), "RED");
    kam_buf_free(w.b);
    kam_buf_free(after);
    kam_record_free(w.r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        mt_test(written_in_the_order_of_the_fields), mt_test(numbers_and_truth), mt_test(every_record_comes_back),
        mt_test(all_or_none), mt_test(out_of_memory)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
