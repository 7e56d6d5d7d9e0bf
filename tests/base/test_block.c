/*
 * tests/base/test_block.c - reading column blocks and building them, against a plain model of what was put in.
 */
#include "base_test.h"

enum { NCOL = 5 };
static const uint32_t field[NCOL] = {1, 128, 129, 130, 70000};
static const uint8_t type[NCOL] = {KAM_T_I64, KAM_T_TEXT, KAM_T_I32, KAM_T_F64, KAM_T_TEXT};

/* What row i holds: a column is NULL by its own rhythm, column 0 never, column 4 not before row 100. */
static int is_null(uint32_t row, uint32_t col) {
    if (col == 0) return 0;
    return col == 4 ? row >= 100 && row % 9 == 1 : row % (col * 3) == 1;
}

static size_t text_of(char out[32], uint32_t row, uint32_t col) {
    size_t len = (row * 7 + col) % 20;
    for (size_t i = 0; i < len; i++) out[i] = (char)('a' + (row + i) % 26);
    return len;
}

static void put_row(kam__blockbuf *b, uint32_t row) {
    char text[32];
    for (uint32_t c = NCOL; c-- > 0;) {
        if (is_null(row, c)) {
            if (type[c] == KAM_T_TEXT && row % 2) kam__bb_text(b, c, NULL, 0);
            continue;
        }
        if (type[c] == KAM_T_TEXT) kam__bb_text(b, c, text, text_of(text, row, c));
        else if (type[c] == KAM_T_F64) kam__bb_f64(b, c, row / 2.0);
        else kam__bb_i64(b, c, type[c] == KAM_T_I32 ? -(int64_t)row : (int64_t)row * 10000000000);
    }
}

static void check_value(const kam_col *col, uint32_t row, uint32_t c) {
    char expect[32];
    size_t len = 99;
    assert_int_equal(kam__col_null(col, row), is_null(row, c));
    const char *text = kam__col_text(col, row, &len);
    if (is_null(row, c)) {
        assert_int_equal(kam__col_i64(col, row), 0);
        assert_true(kam__col_f64(col, row) == 0.0);
        assert_null(text);
        assert_int_equal(len, 0);
    } else if (type[c] == KAM_T_TEXT) {
        assert_non_null(text);
        assert_int_equal(len, text_of(expect, row, c));
        assert_memory_equal(text, expect, len);
    } else if (type[c] == KAM_T_F64) {
        assert_true(kam__col_f64(col, row) == row / 2.0);
    } else {
        int64_t v = type[c] == KAM_T_I32 ? -(int64_t)row : (int64_t)row * 10000000000;
        assert_int_equal(kam__col_i64(col, row), v);
        assert_true(kam__col_f64(col, row) == (double)v);
        assert_null(text);
    }
}

static void check_block(kam__blockbuf *b, uint32_t nrow) {
    kam_block v;
    size_t text = 0;
    kam__bb_view(b, &v);
    assert_int_equal(v.struct_size, sizeof v);
    assert_int_equal(v.nrow, nrow);
    assert_int_equal(v.ncol, NCOL);
    for (uint32_t c = 0; c < NCOL; c++) {
        const kam_col *col = kam__block_col(&v, field[c]);
        assert_ptr_equal(col, v.col + c);
        assert_int_equal(col->type, type[c]);
        assert_non_null(col->data);
        if (c == 0 || nrow < 2) assert_null(col->valid);    /* no NULL, no bitmap */
        for (uint32_t r = 0; r < nrow; r++) check_value(col, r, c);
        if (type[c] != KAM_T_TEXT) continue;
        assert_int_equal(col->off[0], 0);
        text += (size_t)col->off[nrow];
    }
    assert_int_equal(b->text, text);
    assert_null(kam__block_col(&v, 5));
}

static void test_build(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__blockbuf b;
    assert_int_equal(kam__bb_init(&b, ctx, NCOL, field, type, NULL), KAM_OK);
    check_block(&b, 0);
    for (int round = 0; round < 3; round++) {
        uint32_t rows = round == 1 ? 37 : 5000;
        for (uint32_t r = 0; r < rows; r++) {
            assert_int_equal(kam__bb_full(&b), r >= KAM__BLOCK_ROWS);
            put_row(&b, r);
            assert_int_equal(kam__bb_end_row(&b, NULL), KAM_OK);
            if (r < 20 || r == 100 || r == 101) check_block(&b, r + 1);
        }
        check_block(&b, rows);
        kam__bb_clear(&b);
        check_block(&b, 0);
    }
    kam__bb_free(&b);
    kam__bb_free(&b);
    fault_end(&f, ctx);
}

static void test_copy(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__blockbuf b, to;
    kam_block v;
    assert_int_equal(kam__bb_init(&b, ctx, NCOL, field, type, NULL), KAM_OK);
    assert_int_equal(kam__bb_init(&to, ctx, NCOL, field, type, NULL), KAM_OK);
    for (uint32_t r = 0; r < 300; r++) {
        put_row(&b, r);
        assert_int_equal(kam__bb_end_row(&b, NULL), KAM_OK);
    }
    kam__bb_view(&b, &v);
    for (uint32_t r = 0; r < 300; r++) {
        for (uint32_t c = 0; c < NCOL; c++) kam__bb_copy(&to, c, v.col + c, r);
        assert_int_equal(kam__bb_end_row(&to, NULL), KAM_OK);
    }
    check_block(&to, 300);
    kam__bb_free(&b);
    kam__bb_free(&to);
    fault_end(&f, ctx);
}

static void test_refused_rows(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__blockbuf b;
    const uint8_t wrong[NCOL] = {KAM_T_I64, KAM_T_TEXT, 5, KAM_T_F64, KAM_T_TEXT};
    assert_int_equal(kam__bb_init(&b, ctx, NCOL, field, wrong, NULL), KAM_E_INVAL);
    assert_int_equal(kam__bb_init(&b, ctx, NCOL, field, type, NULL), KAM_OK);
    put_row(&b, 0);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_OK);
    put_row(&b, 5);
    kam__bb_i64(&b, 1, 3);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_E_TYPE);
    check_block(&b, 1);
    put_row(&b, 5);
    kam__bb_f64(&b, 2, 3);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_E_TYPE);
    kam__bb_text(&b, 0, "x", 1);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_E_TYPE);
    put_row(&b, 5);
    kam__bb_i64(&b, 2, 1LL << 31);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_E_LIMIT);
    kam__bb_i64(&b, 2, -(1LL << 31) - 1);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_E_LIMIT);
    check_block(&b, 1);
    put_row(&b, 5);                                         /* given twice: the last one counts */
    put_row(&b, 1);
    for (uint32_t c = 0; c < NCOL; c++) kam__bb_text(&b, 1, "gone", 4);
    put_row(&b, 1);
    kam__bb_copy(&b, 2, &(kam_col){.type = KAM_T_I32, .valid = (const uint8_t *)""}, 0);
    kam__bb_copy(&b, 3, &(kam_col){.type = KAM_T_F64, .valid = (const uint8_t *)""}, 0);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_OK);
    check_block(&b, 2);
    kam__bb_free(&b);
    fault_end(&f, ctx);
}

static void test_limits(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    kam__blockbuf b;
    char *text = calloc(1, KAM__BLOCK_TEXT + 1);
    assert_non_null(text);
    memset(text, 't', KAM__BLOCK_TEXT);
    assert_int_equal(kam__bb_init(&b, ctx, 1, field + 1, type + 1, NULL), KAM_OK);
    kam__bb_text(&b, 0, text, KAM__BLOCK_TEXT + 1);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_E_LIMIT);
    kam__bb_text(&b, 0, text, KAM__BLOCK_TEXT / 2);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_OK);
    assert_int_equal(kam__bb_full(&b), 1);
    kam__bb_text(&b, 0, text, KAM__BLOCK_TEXT / 2 + 1);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_E_LIMIT);
    kam__bb_text(&b, 0, text, KAM__BLOCK_TEXT / 2);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_OK);
    assert_int_equal(b.text, KAM__BLOCK_TEXT);
    assert_int_equal(b.nrow, 2);
    kam__bb_clear(&b);
    kam__bb_text(&b, 0, "later", KAM_NUL);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_OK);
    for (uint32_t r = 1; r < KAM__BLOCK_MAX; r++) assert_int_equal(kam__bb_end_row(&b, NULL), KAM_OK);
    assert_int_equal(kam__bb_end_row(&b, NULL), KAM_E_LIMIT);
    assert_int_equal(b.nrow, KAM__BLOCK_MAX);
    kam__bb_free(&b);
    free(text);
    fault_end(&f, ctx);
}

static void test_foreign_block(void **state) {
    (void)state;
    const int32_t off[] = {0, 0, 0};                        /* empty texts without data, as a store may lend them */
    const uint8_t valid[] = {0xFD};
    size_t len = 5;
    kam_col text = {.type = KAM_T_TEXT, .off = off}, day = {.type = KAM_T_I32, .data = off, .valid = valid};
    assert_string_equal(kam__col_text(&text, 1, &len), "");
    assert_int_equal(len, 0);
    assert_int_equal(kam__col_null(&day, 0), 0);
    assert_int_equal(kam__col_null(&day, 1), 1);
    assert_int_equal(kam__col_null(&day, 2), 0);
}

static int32_t scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    kam__blockbuf b;
    KAM__TRY(kam__bb_init(&b, ctx, NCOL, field, type, err));
    int32_t rc = KAM_OK;
    for (uint32_t r = 0; r < 700; r++) {
        put_row(&b, r);
        int32_t one = kam__bb_end_row(&b, err);
        if (one == KAM_OK) continue;
        rc = one;
        check_block(&b, r);                                 /* the row is not there, and comes with the retry */
        f->left = -1;
        put_row(&b, r);
        assert_int_equal(kam__bb_end_row(&b, NULL), KAM_OK);
    }
    check_block(&b, 700);
    kam__bb_free(&b);
    return rc;
}

static void test_failures(void **state) {
    (void)state;
    assert_true(fault_sweep(scenario) > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build), cmocka_unit_test(test_copy), cmocka_unit_test(test_refused_rows),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_foreign_block), cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
