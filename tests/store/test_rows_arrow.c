/*
 * tests/store/test_rows_arrow.c - lists as Arrow streams: every kind, values against those of the records, money of
 * several currencies, what lives longer than what, errors, and running out of memory at every allocation.
 */
#include "rows_test.h"
#include "../codec/arrow_check.h"
#include <errno.h>

static kam_rows *all_of(desk *d, uint32_t kind, const uint32_t *field, uint32_t n)
{
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    OK(d, kam_query_new(&q, d->book, kind, d->err));
    for (uint32_t i = 0; i < n; i++) OK(d, kam_query_select(q, field[i], d->err));
    OK(d, kam_query_run(&rows, q, KAM_TODAY, d->err));
    kam_query_free(q);
    return rows;
}

static void ok_stream(struct ArrowArrayStream *s, int rc)
{
    if (rc) print_error("%d: %s\n", rc, s->get_last_error(s));
    assert_int_equal(rc, 0);
}

static int64_t count_of(struct ArrowArrayStream *s)
{
    struct ArrowSchema schema;
    struct ArrowArray a;
    int64_t n = 0;
    ok_stream(s, s->get_schema(s, &schema));
    check_schema(&schema);
    for (;;) {
        ok_stream(s, s->get_next(s, &a));
        if (!a.release) break;
        check_batch(&schema, &a);
        assert_true(a.length > 0);
        n += a.length;
        a.release(&a);
    }
    ok_stream(s, s->get_next(s, &a));                               /* the end stays the end */
    assert_null(a.release);
    schema.release(&schema);
    return n;
}

static void sample(desk *d)
{
    put(d, KAM_KIND_ACCOUNT, "{\"name\":\"Acme\",\"source\":\"erp\",\"ext_id\":\"1\",\"city\":\"苏州\","
                             "\"latitude\":31.3,\"longitude\":120.6,\"credit_limit\":1234.5}");
    put(d, KAM_KIND_ACCOUNT, "{\"name\":\"Bolt\",\"source\":\"erp\",\"ext_id\":\"2\"}");
    put(d, KAM_KIND_LEDGER, "{\"account\":\"erp:1\",\"day\":\"2024-09-01\",\"event\":\"SALE\",\"amount\":10.25}");
    put(d, KAM_KIND_LEDGER,
        "{\"account\":\"erp:1\",\"day\":\"2024-09-02\",\"event\":\"SALE\",\"amount\":1000,\"currency\":\"JPY\"}");
    put(d, KAM_KIND_LEDGER,
        "{\"account\":\"erp:2\",\"day\":\"2024-09-03\",\"event\":\"RETURN\",\"amount\":1.234,\"currency\":\"KWD\"}");
}

static void test_values_are_those_of_the_records(void **state)
{
    struct ArrowArrayStream s;
    struct ArrowSchema schema;
    struct ArrowArray a;
    char text[128];
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    sample(&d);
    OK(&d, kam_rows_arrow(&s, all_of(&d, KAM_KIND_ACCOUNT, NULL, 0), d.err));
    ok_stream(&s, s.get_schema(&s, &schema));
    assert_string_equal(meta_of(&schema, "kam.kind", text), "account");
    ok_stream(&s, s.get_next(&s, &a));
    check_batch(&schema, &a);
    assert_int_equal(a.length, 2);
    int64_t name = column_of(&schema, "name"), latitude = column_of(&schema, "latitude");
    assert_memory_equal(a.children[name]->buffers[2], "AcmeBolt", 8);
    assert_string_equal(meta_of(schema.children[name], "kam.label.zh", text), "名称");
    assert_true(((const double *)a.children[latitude]->buffers[1])[0] == 31.3);
    assert_int_equal(a.children[latitude]->null_count, 1);
    int64_t limit = column_of(&schema, "credit_limit");
    assert_string_equal(schema.children[limit]->format, "d:38,6");
    assert_int_equal(decimal_of(a.children[limit], 0), 1234500000);
    a.release(&a);
    schema.release(&schema);
    s.release(&s);
    desk_close(&d);
}

/* Also where the currency is not among the fields asked for. */
static void test_money_of_several_currencies(void **state)
{
    static const uint32_t field[] = { KAM_LEDGER_AMOUNT, KAM_LEDGER_EVENT, KAM_LEDGER_DAY };
    struct ArrowArrayStream s;
    struct ArrowSchema schema;
    struct ArrowArray a;
    char text[128];
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    sample(&d);
    OK(&d, kam_rows_arrow(&s, all_of(&d, KAM_KIND_LEDGER, field, 3), d.err));
    ok_stream(&s, s.get_schema(&s, &schema));
    assert_int_equal(schema.n_children, 3);
    assert_string_equal(meta_of(schema.children[0], "kam.currency_field", text), "currency");
    ok_stream(&s, s.get_next(&s, &a));
    check_batch(&schema, &a);
    assert_int_equal(decimal_of(a.children[0], 0), 10250000);
    assert_int_equal(decimal_of(a.children[0], 1), 1000000000);
    assert_int_equal(decimal_of(a.children[0], 2), 1234000);
    assert_memory_equal(a.children[1]->buffers[2], "SALESALERETURN", 14);
    assert_string_equal(schema.children[2]->format, "tdD");
    a.release(&a);
    schema.release(&schema);
    s.release(&s);
    desk_close(&d);
}

/* Money without a currency of its own: the base currency's decimals. */
static void test_money_in_the_base_currency(void **state)
{
    struct ArrowArrayStream s;
    struct ArrowSchema schema;
    char text[128];
    kam__rowset *set = NULL;
    kam_rows *rows = NULL;
    struct ArrowArray a;
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    OK(&d, kam__rowset_new(&set, d.book->schema, KAM_KIND_ATTRIBUTES, NULL, 0, d.err));
    kam__blockbuf *b = kam__rowset_row(set, d.err);
    kam__bb_i64(b, kam__rowset_col(set, KAM_ATTRIBUTES_REVENUE_12M), -5);
    OK(&d, kam__rowset_end_row(set, d.err));
    kam__rowset_seal(set);
    OK(&d, kam__rows_of_set(&rows, d.book, set, 0, 0, d.err));
    kam__rowset_drop(set);
    OK(&d, kam_rows_arrow(&s, rows, d.err));
    ok_stream(&s, s.get_schema(&s, &schema));
    int64_t revenue = column_of(&schema, "revenue_12m");
    assert_string_equal(schema.children[revenue]->format, "d:38,2");
    assert_string_equal(meta_of(schema.children[revenue], "kam.currency", text), "CNY");
    ok_stream(&s, s.get_next(&s, &a));
    check_batch(&schema, &a);
    assert_int_equal(decimal_of(a.children[revenue], 0), -5);
    a.release(&a);
    schema.release(&schema);
    s.release(&s);
    desk_close(&d);
}

static void test_every_kind(void **state)
{
    desk d;
    uint32_t n = 0;
    const kam__kind *kind = kam__builtin_kinds(&n);
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    sample(&d);
    for (uint32_t i = 0; i < n; i++) {
        struct ArrowArrayStream s;
        kam__rowset *set = NULL;
        kam_rows *rows = NULL;
        OK(&d, kam__rowset_new(&set, d.book->schema, kind[i].id, NULL, 0, d.err));
        for (int row = 0; row < 10; row++) {                        /* nulls everywhere, then ones */
            kam__blockbuf *b = kam__rowset_row(set, d.err);
            for (uint32_t c = 0; c < set->ncol && row > 4; c++) {
                if (set->type[c] == KAM_T_TEXT) kam__bb_text(b, c, "CNY", 3);
                else if (set->type[c] == KAM_T_F64) kam__bb_f64(b, c, 1);
                else kam__bb_i64(b, c, 1);
            }
            OK(&d, kam__rowset_end_row(set, d.err));
        }
        kam__rowset_seal(set);
        OK(&d, kam__rows_of_set(&rows, d.book, set, 3, 0, d.err));
        kam__rowset_drop(set);
        OK(&d, kam_rows_arrow(&s, rows, d.err));
        assert_int_equal(count_of(&s), 7);
        s.release(&s);
        assert_null(s.release);
    }
    desk_close(&d);
}

static void test_many_batches_and_the_rest_of_a_block(void **state)
{
    struct ArrowArrayStream s;
    const kam_record *r = NULL;
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    many_accounts(&d, 10000);
    OK(&d, kam_rows_arrow(&s, all_of(&d, KAM_KIND_ACCOUNT, NULL, 0), d.err));
    assert_int_equal(count_of(&s), 10000);
    s.release(&s);
    kam_rows *rows = all_of(&d, KAM_KIND_ACCOUNT, NULL, 0);
    for (int i = 0; i < 3; i++) OK(&d, kam_rows_next(&r, rows, d.err));
    OK(&d, kam_rows_arrow(&s, rows, d.err));
    assert_int_equal(count_of(&s), 9997);
    s.release(&s);
    desk_close(&d);
}

/* The stream is moved, then ended; the batches live on without stream, book and context. */
static void test_batches_outlive_everything(void **state)
{
    struct ArrowArrayStream s, moved;
    struct ArrowSchema schema;
    struct ArrowArray a;
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    sample(&d);
    OK(&d, kam_rows_arrow(&s, all_of(&d, KAM_KIND_ACCOUNT, NULL, 0), d.err));
    moved = s;
    s.release = NULL;
    ok_stream(&moved, moved.get_schema(&moved, &schema));
    ok_stream(&moved, moved.get_next(&moved, &a));
    kam_book_close(d.book);
    moved.release(&moved);
    kam_ctx_free(d.ctx);
    check_batch(&schema, &a);
    a.release(&a);
    check_schema(&schema);
    schema.release(&schema);
    kam_error_free(d.err);
    assert_int_equal(d.live, 0);
}

static void test_errors(void **state)
{
    struct ArrowArrayStream s;
    struct ArrowArray a;
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    sample(&d);
    assert_int_equal(kam_rows_arrow(NULL, NULL, d.err), KAM_E_INVAL);
    assert_int_equal(kam_rows_arrow(&s, NULL, d.err), KAM_E_INVAL);
    OK(&d, kam_rows_arrow(&s, all_of(&d, KAM_KIND_ACCOUNT, NULL, 0), d.err));
    assert_null(s.get_last_error(&s));
    kam_book_close(d.book);
    assert_int_equal(s.get_next(&s, &a), EINVAL);
    assert_string_equal(s.get_last_error(&s), "the book of these rows is closed");
    s.release(&s);
    kam_error_free(d.err);
    kam_ctx_free(d.ctx);
    assert_int_equal(d.live, 0);
}

static void test_out_of_memory(void **state)
{
    struct ArrowArrayStream s;
    struct ArrowSchema schema;
    struct ArrowArray a;
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    sample(&d);
    kam_rows *rows = all_of(&d, KAM_KIND_LEDGER, NULL, 0);
    int64_t live = d.live;
    for (int64_t n = 0;; n++) {
        assert_in_range(n, 0, 99);
        d.left = n;
        int32_t rc = kam_rows_arrow(&s, rows, d.err);
        d.left = -1;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_int_equal(d.live, live);
    }
    live = d.live;
    for (int64_t n = 0;; n++) {
        assert_in_range(n, 0, 999);
        d.left = n;
        int rc = s.get_schema(&s, &schema);
        d.left = -1;
        if (!rc) break;
        assert_int_equal(rc, ENOMEM);
        assert_non_null(s.get_last_error(&s));
        assert_int_equal(d.live, live);
    }
    for (int64_t n = 0;; n++) {
        assert_in_range(n, 0, 999);
        d.left = n;
        int rc = s.get_next(&s, &a);
        d.left = -1;
        if (!rc) break;
        assert_int_equal(rc, ENOMEM);
    }
    check_batch(&schema, &a);
    assert_int_equal(a.length, 3);                                  /* no row was lost on the way */
    a.release(&a);
    schema.release(&schema);
    s.release(&s);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_those_of_the_records),
        cmocka_unit_test(test_money_of_several_currencies),
        cmocka_unit_test(test_money_in_the_base_currency),
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_many_batches_and_the_rest_of_a_block),
        cmocka_unit_test(test_batches_outlive_everything),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
