/* Records into blocks and back: every kind, any subset of columns, columns that do not fit, out of memory. */
#include "model_test.h"

/* A block builder with the columns of the kind. */
static void builder(mt *t, kam__blockbuf *bb, const kam__kind *k) {
    uint32_t id[100];
    uint8_t type[100];
    for (uint32_t i = 0; i < k->nfield; i++) {
        id[i] = k->field[i].id;
        type[i] = k->field[i].type;
    }
    assert_code(kam__bb_init(bb, t->ctx, k->nfield, id, type, t->err), KAM_OK);
}

/* Keys would be looked up by the book before storing. */
static void look_up_keys(kam_record *r) {
    for (uint32_t i = 0; i < r->kind->nfield; i++)
        if (r->cell[i].state == KAM__CELL_KEY) kam__record_put_i64(r, i, 42);
}

static void every_kind_comes_back(void **state) {
    mt *t = *state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) {
        kam_record *r[20], *back = mt_record(t, k[i].id);
        kam__blockbuf bb;
        kam_block block;
        builder(t, &bb, back->kind);
        for (int row = 0; row < 20; row++) {
            r[row] = mt_record(t, k[i].id);
            mt_fill(t, r[row], row % 11);
            assert_code(kam__record_settle(r[row], t->err), KAM_OK);
            look_up_keys(r[row]);
            kam__record_store(r[row], &bb);
            assert_code(kam__bb_end_row(&bb, t->err), KAM_OK);
        }
        kam__bb_view(&bb, &block);
        assert_int_equal(block.nrow, 20);
        for (uint32_t row = 0; row < 20; row++) {
            assert_code(kam__record_load(back, &block, row, t->err), KAM_OK);
            assert_string_equal(mt_dump(t, 0, r[row]), mt_dump(t, 1, back));
        }
        for (int row = 0; row < 20; row++) kam_record_free(r[row]);
        kam__bb_free(&bb);
        kam_record_free(back);
    }
}

static void a_scan_stops_asking_for_memory(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_CONTACT);
    kam__blockbuf bb;
    kam_block block;
    builder(t, &bb, r->kind);
    for (int row = 0; row < 100; row++) {
        assert_code(kam_record_set_text(r, KAM_CONTACT_NAME, "a name of the usual length", KAM_NUL, t->err), KAM_OK);
        kam__record_store(r, &bb);
        assert_code(kam__bb_end_row(&bb, t->err), KAM_OK);
    }
    kam__bb_view(&bb, &block);
    for (uint32_t row = 0; row < 2; row++) assert_code(kam__record_load(r, &block, row, t->err), KAM_OK);
    int64_t calls = t->f.calls;
    for (uint32_t row = 2; row < 100; row++) assert_code(kam__record_load(r, &block, row, t->err), KAM_OK);
    assert_int_equal(t->f.calls, calls);
    kam__bb_free(&bb);
    kam_record_free(r);
}

static void columns_by_field_id(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_ACCOUNT);
    static const int64_t wide[2] = {KAM_TIER_KEY, ((int64_t)1 << 32) + 1};
    static const int32_t narrow[2] = {7, 8}, off[3] = {0, 4, 4};
    const uint8_t second = 2;
    kam_col col[] = {{KAM_ACCOUNT_TIER, KAM_T_I64, {0}, wide, NULL, NULL},
                     {KAM_LEDGER_DAY, KAM_T_TEXT, {0}, "junk", off, NULL},
                     {KAM_ACCOUNT_EMPLOYEES, KAM_T_I32, {0}, narrow, NULL, &second},
                     {KAM_ACCOUNT_CITY, KAM_T_TEXT, {0}, "Oslo", off, NULL}};
    kam_block block = {sizeof block, 2, 4, 0, col};
    assert_code(kam_record_set_text(r, KAM_ACCOUNT_NAME, "gone", KAM_NUL, t->err), KAM_OK);
    assert_code(kam__record_load(r, &block, 0, t->err), KAM_OK);
    assert_string_equal(mt_dump(t, 0, r) ? kam_record_text(r, KAM_ACCOUNT_CITY, "") : "", "Oslo");
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_TIER, ""), "KEY");
    assert_int_equal(kam_record_type(r, KAM_ACCOUNT_EMPLOYEES), 0);
    assert_int_equal(kam_record_type(r, KAM_ACCOUNT_NAME), 0);
    assert_fails(t, kam__record_load(r, &block, 1, t->err), KAM_E_LIMIT);       /* 2^32 + 1 is no tier */
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_FIELD), KAM_ACCOUNT_TIER);
    assert_fails(t, kam__record_load(r, &block, 2, t->err), KAM_E_INVAL);
    assert_string_equal(mt_dump(t, 1, r), t->dump[0]);
    col[0].field = KAM_REV;
    assert_code(kam__record_load(r, &block, 1, t->err), KAM_OK);
    assert_int_equal(kam_record_i64(r, KAM_ACCOUNT_EMPLOYEES, 0), 8);
    assert_int_equal(kam_record_i64(r, KAM_REV, 0), ((int64_t)1 << 32) + 1);
    assert_int_equal(kam_record_type(r, KAM_ACCOUNT_CITY), 0);                  /* an empty text is none */
    kam_record_free(r);
}

static void columns_of_another_type_are_refused(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_RUN);
    static const double d = 0.5;
    static const int64_t i = 3;
    static const int32_t off[2] = {0, 1};
    const struct { kam_col c; int32_t code; } c[] = {{{KAM_RUN_GINI, KAM_T_F64, {0}, &d, NULL, NULL}, KAM_OK},
             {{KAM_RUN_GINI, KAM_T_I64, {0}, &i, NULL, NULL}, KAM_OK},
             {{KAM_RUN_GINI, KAM_T_TEXT, {0}, "1", off, NULL}, KAM_E_TYPE},
             {{KAM_RUN_NAME, KAM_T_I64, {0}, &i, NULL, NULL}, KAM_E_TYPE},
             {{KAM_RUN_VERSION, KAM_T_F64, {0}, &d, NULL, NULL}, KAM_E_TYPE},
             {{KAM_RUN_VERSION, KAM_T_TEXT, {0}, "1", off, NULL}, KAM_E_TYPE},
             {{KAM_RUN_NAME, KAM_T_TEXT, {0}, "1", off, NULL}, KAM_OK}};
    for (size_t n = 0; n < KAM__LEN(c); n++) {
        kam_block block = {sizeof block, 1, 1, 0, &c[n].c};
        assert_code(kam__record_load(r, &block, 0, t->err), c[n].code);
    }
    kam_record_free(r);
}

static void what_is_not_settled_is_not_stored(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_LEDGER);
    const uint32_t id[] = {KAM_LEDGER_ACCOUNT, KAM_LEDGER_AMOUNT, KAM_ACCOUNT_NAME};
    const uint8_t type[] = {KAM_T_I64, KAM_T_I64, KAM_T_TEXT};
    kam__blockbuf bb;
    kam_block block;
    assert_code(kam__bb_init(&bb, t->ctx, 3, id, type, t->err), KAM_OK);
    assert_code(kam_record_from_json(r, "{\"account\":\"erp:K\",\"amount\":1}", KAM_NUL, t->err), KAM_OK);
    kam__record_store(r, &bb);
    assert_code(kam__bb_end_row(&bb, t->err), KAM_OK);
    kam__bb_view(&bb, &block);
    for (uint32_t i = 0; i < 3; i++) assert_true(kam__col_null(block.col + i, 0));
    kam__bb_free(&bb);
    kam_record_free(r);
}

typedef struct load { kam_record *r; kam_block *block; uint32_t row; } load;

static int32_t op_load(mt *t, void *arg) {
    load *l = arg;
    return kam__record_load(l->r, l->block, l->row, t->err);
}

static void out_of_memory(void **state) {
    mt *t = *state;
    kam_record *r = mt_record(t, KAM_KIND_CONTACT);
    char text[3000] = "";
    kam__blockbuf bb;
    kam_block block;
    memset(text, 'x', sizeof text - 1);
    builder(t, &bb, r->kind);
    assert_code(kam_record_set_text(r, KAM_CONTACT_NOTE, text, KAM_NUL, t->err), KAM_OK);
    assert_code(kam_record_set_text(r, KAM_CONTACT_NAME, "Ann", KAM_NUL, t->err), KAM_OK);
    kam__record_store(r, &bb);
    assert_code(kam__bb_end_row(&bb, t->err), KAM_OK);
    kam__bb_view(&bb, &block);
    kam_record *fresh = mt_record(t, KAM_KIND_CONTACT);
    assert_code(kam_record_set_text(fresh, KAM_CONTACT_NAME, "Bob", KAM_NUL, t->err), KAM_OK);
    load l = {fresh, &block, 0};
    assert_true(mt_sweep(t, fresh, op_load, &l) >= 1);
    assert_string_equal(mt_dump(t, 0, fresh), mt_dump(t, 1, r));
    kam__bb_free(&bb);
    kam_record_free(r);
    kam_record_free(fresh);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        mt_test(every_kind_comes_back), mt_test(a_scan_stops_asking_for_memory), mt_test(columns_by_field_id),
        mt_test(columns_of_another_type_are_refused), mt_test(what_is_not_settled_is_not_stored), mt_test(out_of_memory)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
