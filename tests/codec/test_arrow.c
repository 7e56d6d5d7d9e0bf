/*
 * tests/codec/test_arrow.c - blocks as Arrow arrays: each way to write a value, nulls, parts of a block, structs that
 * are moved and released in any order, and running out of memory at every allocation.
 */
#include "arrow_check.h"
#include "codec/arrow.h"
#include <stdio.h>

typedef struct rig { int64_t left, live; kam_ctx *ctx; kam__blockbuf bb; kam_block block; } rig;

static void *rig_alloc(void *user, size_t size)
{
    rig *r = user;
    if (r->left == 0) return NULL;
    if (r->left > 0) r->left--;
    r->live++;
    return malloc(size ? size : 1);
}

static void *rig_resize(void *user, void *p, size_t old_size, size_t new_size)
{
    rig *r = user;
    (void)old_size;
    if (r->left == 0) return NULL;
    if (r->left > 0) r->left--;
    return realloc(p, new_size ? new_size : 1);
}

static void rig_release(void *user, void *p, size_t size)
{
    (void)size;
    ((rig *)user)->live--;
    free(p);
}

static const char *name_of(const void *arg, int64_t value, char own[24])
{
    (void)arg;
    if (value == 1) return "SALE";
    snprintf(own, 24, "%d", (int)value);
    return own;
}

enum { COLS = 12 };
static const kam__arrow_meta unit[] = { { "kam.field", "7" }, { "kam.unit", "" }, { "kam.label.zh", "金额" } };
static const kam__arrow_col how[COLS] = {
    { .name = "i32", .as = KAM__ARROW_I32 },
    { .name = "i64", .as = KAM__ARROW_I64 },
    { .name = "f64", .as = KAM__ARROW_F64 },
    { .name = "text", .as = KAM__ARROW_TEXT },
    { .name = "bool", .as = KAM__ARROW_BOOL },
    { .name = "day", .as = KAM__ARROW_DAY },
    { .name = "at", .as = KAM__ARROW_INSTANT },
    { .name = "local", .as = KAM__ARROW_LOCAL },
    { .name = "degrees", .as = KAM__ARROW_DEGREES },
    { .name = "event", .as = KAM__ARROW_NAME, .name_of = name_of },
    { .name = "amount", .as = KAM__ARROW_DECIMAL, .scale = 2, .from = 2, .meta = unit, .nmeta = 3 },
    { .name = "mixed", .as = KAM__ARROW_DECIMAL, .scale = 6, .from = 2 }
};

static void fill_row(rig *r, int i)
{
    static const char *const text[] = { "one", "", "三三" };
    kam__blockbuf *b = &r->bb;
    kam__bb_i64(b, 0, -i);
    kam__bb_i64(b, 1, INT64_MAX - i);
    kam__bb_f64(b, 2, i / 4.0);
    kam__bb_text(b, 3, text[i % 3], strlen(text[i % 3]));
    kam__bb_i64(b, 4, i % 2);
    kam__bb_i64(b, 5, i == 1 ? KAM_DAY_FIRST : i == 2 ? KAM_DAY_END : 20000 + i);
    kam__bb_i64(b, 6, 1700000000000 + i);
    kam__bb_i64(b, 7, 28000000 + i);
    kam__bb_i64(b, 8, 30500000 + i);
    kam__bb_i64(b, 9, 1 + i % 2);
    kam__bb_i64(b, 10, i % 2 ? -123456 : 123456);
    kam__bb_i64(b, 11, i % 2 ? -123456 : 123456);
    assert_int_equal(kam__bb_end_row(b, NULL), KAM_OK);
}

static void rig_open(rig *r, int nrow)
{
    static const uint8_t type[COLS] = { KAM_T_I32, KAM_T_I64, KAM_T_F64, KAM_T_TEXT, KAM_T_I32, KAM_T_I32,
                                        KAM_T_I64, KAM_T_I64, KAM_T_I32, KAM_T_I32, KAM_T_I64, KAM_T_I64 };
    uint32_t field[COLS];
    kam_allocator a = { .struct_size = sizeof a, .user = r, .alloc = rig_alloc, .resize = rig_resize,
                        .release = rig_release };
    kam_ctx_options o = { .struct_size = sizeof o, .allocator = &a };
    memset(r, 0, sizeof *r);
    r->left = -1;
    assert_int_equal(kam_ctx_new(&r->ctx, &o, NULL), KAM_OK);
    for (uint32_t i = 0; i < COLS; i++) field[i] = i + 1;
    assert_int_equal(kam__bb_init(&r->bb, r->ctx, COLS, field, type, NULL), KAM_OK);
    for (int i = 0; i < nrow; i++) {
        fill_row(r, i);
        if (i % 5 == 3) assert_int_equal(kam__bb_end_row(&r->bb, NULL), KAM_OK);      /* a row of nulls */
    }
    kam__bb_view(&r->bb, &r->block);
}

static void rig_close(rig *r)
{
    if (r->bb.col) kam__bb_free(&r->bb);
    kam_ctx_free(r->ctx);
    assert_int_equal(r->live, 0);
}

static void test_schema_says_type_name_and_metadata(void **state)
{
    static const char *const format[COLS] = { "i", "l", "g", "u", "b", "tdD", "tsm:UTC", "tss:", "g", "u", "d:38,2",
                                              "d:38,6" };
    const kam__arrow_meta kind = { "kam.kind", "ledger" };
    struct ArrowSchema s;
    char text[128];
    rig r;
    (void)state;
    rig_open(&r, 0);
    assert_int_equal(kam__arrow_schema(&s, r.ctx, how, COLS, &kind, 1, NULL), KAM_OK);
    check_schema(&s);
    assert_string_equal(meta_of(&s, "kam.kind", text), "ledger");
    assert_int_equal(s.n_children, COLS);
    for (int i = 0; i < COLS; i++) {
        assert_string_equal(s.children[i]->format, format[i]);
        assert_string_equal(s.children[i]->name, how[i].name);
    }
    assert_null(s.children[0]->metadata);
    assert_string_equal(meta_of(s.children[10], "kam.label.zh", text), "金额");
    assert_null(meta_of(s.children[10], "kam.unit", text));
    s.release(&s);
    assert_null(s.release);
    rig_close(&r);
}

static void test_values(void **state)
{
    struct ArrowSchema s;
    struct ArrowArray a;
    rig r;
    (void)state;
    rig_open(&r, 3);
    assert_int_equal(kam__arrow_schema(&s, r.ctx, how, COLS, NULL, 0, NULL), KAM_OK);
    assert_int_equal(kam__arrow_batch(&a, r.ctx, how, &r.block, 0, 3, NULL), KAM_OK);
    kam__bb_free(&r.bb);                                            /* the batch has its own memory */
    check_batch(&s, &a);
    assert_int_equal(((const int32_t *)a.children[0]->buffers[1])[2], -2);
    assert_true(((const int64_t *)a.children[1]->buffers[1])[1] == INT64_MAX - 1);
    assert_true(((const double *)a.children[2]->buffers[1])[1] == 0.25);
    assert_memory_equal(a.children[3]->buffers[2], "one三三", 9);
    assert_int_equal(((const uint8_t *)a.children[4]->buffers[1])[0], 2);
    assert_int_equal(a.children[5]->null_count, 2);
    assert_int_equal(((const int32_t *)a.children[5]->buffers[1])[0], 20000);
    assert_true(((const int64_t *)a.children[6]->buffers[1])[2] == 1700000000002);
    assert_true(((const int64_t *)a.children[7]->buffers[1])[1] == (int64_t)28000001 * 60);
    assert_true(((const double *)a.children[8]->buffers[1])[1] == 30.500001);
    assert_memory_equal(a.children[9]->buffers[2], "SALE2SALE", 9);
    assert_int_equal(decimal_of(a.children[10], 0), 123456);
    assert_int_equal(decimal_of(a.children[10], 1), -123456);
    assert_int_equal(decimal_of(a.children[11], 1), -1234560000);
    s.release(&s);
    a.release(&a);
    rig_close(&r);
}

/* The 128-bit product, where 64 bits do not do. */
static void test_big_decimals(void **state)
{
    static const int64_t value[] = { INT64_MAX, INT64_MIN, 0, -1 };
    /* value * 10^6 */
    static const int64_t high[] = { 499999, -500000, 0, -1 };
    static const uint64_t low[] = { 0xFFFFFFFFFFF0BDC0u, 0, 0, 0xFFFFFFFFFFF0BDC0u };
    const kam_col col = { .field = 1, .type = KAM_T_I64, .data = value };
    const kam_block block = { .struct_size = sizeof block, .nrow = 4, .ncol = 1, .col = &col };
    const kam__arrow_col wide = { .name = "d", .as = KAM__ARROW_DECIMAL, .scale = 6 };
    struct ArrowArray a;
    const uint16_t one = 1;
    int little = *(const uint8_t *)&one;
    rig r;
    (void)state;
    rig_open(&r, 0);
    assert_int_equal(kam__arrow_batch(&a, r.ctx, &wide, &block, 0, 4, NULL), KAM_OK);
    for (int i = 0; i < 4; i++) {
        const uint64_t *half = (const uint64_t *)a.children[0]->buffers[1] + 2 * i;
        assert_true(half[little ? 0 : 1] == low[i]);
        assert_true(half[little ? 1 : 0] == (uint64_t)high[i]);
    }
    a.release(&a);
    rig_close(&r);
}

static void test_decimals_of_each_row(void **state)
{
    static const int64_t value[] = { 100, 100, 100 };
    static const int8_t decimals[] = { 0, 3, -1 };
    const kam_col col = { .field = 1, .type = KAM_T_I64, .data = value };
    const kam_block block = { .struct_size = sizeof block, .nrow = 3, .ncol = 1, .col = &col };
    kam__arrow_col c = { .name = "d", .as = KAM__ARROW_DECIMAL, .scale = 6, .by_row = 1, .decimals = decimals };
    struct ArrowArray a;
    rig r;
    (void)state;
    rig_open(&r, 0);
    assert_int_equal(kam__arrow_batch(&a, r.ctx, &c, &block, 0, 3, NULL), KAM_OK);
    assert_int_equal(decimal_of(a.children[0], 0), 100000000);
    assert_int_equal(decimal_of(a.children[0], 1), 100000);
    assert_int_equal(a.children[0]->null_count, 1);
    assert_int_equal(decimal_of(a.children[0], 2), 0);
    a.release(&a);
    c.scale = 2;                                                    /* more than the column takes */
    memset(&a, 0x55, sizeof a);
    struct ArrowArray before = a;
    assert_int_equal(kam__arrow_batch(&a, r.ctx, &c, &block, 0, 3, NULL), KAM_E_LIMIT);
    assert_memory_equal(&a, &before, sizeof a);
    rig_close(&r);
}

static void test_a_local_time_beyond_seconds_is_refused(void **state)
{
    static const int64_t value[] = { INT64_MAX / 2 };
    const kam_col col = { .field = 1, .type = KAM_T_I64, .data = value };
    const kam_block block = { .struct_size = sizeof block, .nrow = 1, .ncol = 1, .col = &col };
    const kam__arrow_col c = { .name = "start", .as = KAM__ARROW_LOCAL };
    struct ArrowArray a;
    rig r;
    (void)state;
    rig_open(&r, 0);
    assert_int_equal(kam__arrow_batch(&a, r.ctx, &c, &block, 0, 1, NULL), KAM_E_LIMIT);
    rig_close(&r);
}

static void test_nulls_and_parts_of_a_block(void **state)
{
    struct ArrowSchema s;
    rig r;
    (void)state;
    rig_open(&r, 40);
    assert_int_equal(kam__arrow_schema(&s, r.ctx, how, COLS, NULL, 0, NULL), KAM_OK);
    for (uint32_t first = 0; first < r.block.nrow; first += 7)
        for (uint32_t n = 1; n <= r.block.nrow - first; n += 3) {
            struct ArrowArray a;
            assert_int_equal(kam__arrow_batch(&a, r.ctx, how, &r.block, first, n, NULL), KAM_OK);
            check_batch(&s, &a);
            for (uint32_t i = 0; i < n; i++) {
                int null = kam__col_null(&r.block.col[1], first + i);
                assert_int_equal(a.children[1]->buffers[0] && !bit(a.children[1]->buffers[0], i), null);
                if (!null)
                    assert_true(((const int64_t *)a.children[1]->buffers[1])[i]
                                == kam__col_i64(&r.block.col[1], first + i));
            }
            a.release(&a);
        }
    s.release(&s);
    rig_close(&r);
}

/* A consumer may move a child out and release its parent first. */
static void test_moved_children_live_on(void **state)
{
    struct ArrowSchema s, one;
    struct ArrowArray a, column;
    rig r;
    (void)state;
    rig_open(&r, 5);
    assert_int_equal(kam__arrow_schema(&s, r.ctx, how, COLS, NULL, 0, NULL), KAM_OK);
    assert_int_equal(kam__arrow_batch(&a, r.ctx, how, &r.block, 0, 5, NULL), KAM_OK);
    one = *s.children[3];
    s.children[3]->release = NULL;
    column = *a.children[3];
    a.children[3]->release = NULL;
    s.release(&s);
    a.release(&a);
    kam__bb_free(&r.bb);
    kam_ctx_free(r.ctx);                                            /* the rest holds the context */
    check_column(&one, &column, 5);
    assert_memory_equal(column.buffers[2], "one三三one", 12);
    column.release(&column);
    assert_null(column.release);
    one.release(&one);
    assert_int_equal(r.live, 0);
}

static void test_out_of_memory(void **state)
{
    const kam__arrow_meta kind = { "kam.kind", "ledger" };
    rig r;
    (void)state;
    rig_open(&r, 9);
    int64_t live = r.live;
    for (int64_t n = 0, done = 0; !done; n++) {
        struct ArrowSchema s = { .n_children = 77 };
        struct ArrowArray a = { .length = 77 };
        assert_in_range(n, 0, 999);
        r.left = n;
        int32_t rc = kam__arrow_schema(&s, r.ctx, how, COLS, &kind, 1, NULL);
        if (rc == KAM_OK) {
            rc = kam__arrow_batch(&a, r.ctx, how, &r.block, 0, r.block.nrow, NULL);
            if (rc != KAM_OK) assert_int_equal(a.length, 77);
            s.release(&s);
        } else assert_int_equal(s.n_children, 77);
        r.left = -1;
        if (rc == KAM_OK) {
            a.release(&a);
            done = 1;
        } else assert_int_equal(rc, KAM_E_NOMEM);
        assert_int_equal(r.live, live);
    }
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schema_says_type_name_and_metadata),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_big_decimals),
        cmocka_unit_test(test_decimals_of_each_row),
        cmocka_unit_test(test_a_local_time_beyond_seconds_is_refused),
        cmocka_unit_test(test_nulls_and_parts_of_a_block),
        cmocka_unit_test(test_moved_children_live_on),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
