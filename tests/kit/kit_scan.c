/*
 * kit_scan.c - checks of a scan as a call: its blocks, its callback, what it sees inside a transaction, what it says
 * it handled.
 */
#include "kit.h"
#include <stdlib.h>

static const kit_row rows[] = {
    {.id = 1, .has = B_REV | B_NAME | B_DAY | B_AMOUNT, .rev = 1, .name = "aa", .day = 1, .amount = 10},
    {.id = 2, .has = B_REV | B_NAME | B_DAY | B_AMOUNT, .rev = 1, .name = "ab", .day = 2, .amount = 20},
    {.id = 3, .has = B_REV | B_NAME | B_DAY | B_AMOUNT, .rev = 1, .name = "b", .day = 3, .amount = 30},
    {.id = 4, .has = B_REV | B_NAME | B_DAY | B_AMOUNT, .rev = 1, .name = "ac", .day = 4, .amount = 40},
    {.id = 5, .has = B_REV | B_NAME | B_DAY | B_AMOUNT, .rev = 1, .name = "c", .day = 5, .amount = 50},
};
static const kit_query all = {0};

static void check_empty_table(kit *k)
{
    kit_found f;
    kam__kit_find(k, &all, &f);
    kam__kit_want(k, f.n == 0, "an empty table has rows");
    kam__kit_free(&f);
}

static void check_callback_code(kit *k)
{
    kit_found f = {.stop_at = 1};
    kam__kit_put(k, rows, 2);
    kam__kit_begin(k, KAM_BEGIN_READ);
    if (!k->failed) {
        int32_t rc = kam__kit_find_rc(k, &all, &f);
        if (rc != 7) kam__kit_fail(k, "the callback answered 7, scan answered %d", (int)rc);
    }
    kam__kit_end(k, KAM_END_COMMIT);
    kam__kit_free(&f);
}

static void check_callback_stops(kit *k)
{
    const kit_query q = {.block_rows = 2};
    kit_found f = {.stop_at = 1};
    kam__kit_put(k, rows, 5);
    kam__kit_begin(k, KAM_BEGIN_READ);
    if (!k->failed) (void)kam__kit_find_rc(k, &q, &f);
    kam__kit_end(k, KAM_END_COMMIT);
    if (!k->failed) kam__kit_want(k, f.calls == 1, "the callback was called again after it answered 7");
    kam__kit_free(&f);
}

static void check_block_rows(kit *k)
{
    const kit_query q = {.block_rows = 2};
    kit_found f;
    kam__kit_put(k, rows, 5);
    kam__kit_find(k, &q, &f);
    if (!k->failed) kam__kit_want(k, f.largest <= 2, "a block has more rows than block_rows");
    kam__kit_free(&f);
}

static void check_no_empty_block(kit *k)
{
    kit_found f;
    kam__kit_put(k, rows, 2);
    kam__kit_find(k, &all, &f);
    if (!k->failed) kam__kit_want(k, f.empty == 0, "the callback got a block without rows");
    kam__kit_free(&f);
}

static void check_many_blocks(kit *k)
{
    const uint32_t n = 10000;
    const kit_query q = {.block_rows = 1000};
    kit_row *row = calloc(n, sizeof *row);
    unsigned char *seen = calloc(1, n + 1);
    kit_found f = {0};
    uint32_t once = 0;
    if (!row || !seen) kam__kit_fail(k, "out of memory");
    for (uint32_t i = 0; row && i < n; i++) row[i] = (kit_row){.id = i + 1, .has = B_AMOUNT, .amount = i};
    if (!k->failed) kam__kit_put(k, row, n);
    kam__kit_find(k, &q, &f);
    for (uint32_t i = 0; seen && i < f.n; i++)
        if (f.row[i].id >= 1 && f.row[i].id <= n) once += !seen[f.row[i].id]++;
    if (!k->failed) kam__kit_want(k, f.n == n && once == n, "of 10,000 rows in blocks of 1,000 not each came once");
    kam__kit_free(&f);
    free(row);
    free(seen);
}

/* ---------------------------------------------------------------- projection */

typedef struct kit_shape { uint32_t ncol, field[4], type[4]; } kit_shape;

static int32_t kit_shape_fn(void *user, const kam_block *b)
{
    kit_shape *s = user;
    s->ncol = b->ncol;
    for (uint32_t i = 0; i < b->ncol && i < 4; i++) {
        s->field[i] = b->col[i].field;
        s->type[i] = b->col[i].type;
    }
    return 0;
}

/* The shape of the blocks for a projection. */
static kit_shape kit_project(kit *k, const uint32_t *col, uint32_t n)
{
    kit_shape s = {0};
    uint32_t field[4];
    kam_table_scan q = {
        .struct_size = sizeof q, .table = kam__kit_table, .field = field, .nfield = n, .block_rows = 16};
    for (uint32_t i = 0; i < n; i++) field[i] = kam__kit_table[0].field[col[i]].id;
    kam__kit_put(k, rows, 1);
    kam__kit_begin(k, KAM_BEGIN_READ);
    if (!k->failed) kam__kit_want_code(k, k->vt->scan(k->self, &q, kit_shape_fn, &s, &k->err), KAM_OK, "scan");
    kam__kit_end(k, KAM_END_COMMIT);
    return s;
}

static void check_projection_order(kit *k)
{
    static const uint32_t col[] = {C_AMOUNT, C_ID};
    kit_shape s = kit_project(k, col, 2);
    int ok = s.ncol >= 2 && s.field[0] == kam__kit_table[0].field[C_AMOUNT].id && s.field[1] == 1;
    if (!k->failed) kam__kit_want(k, ok, "the columns are not in the projection's order");
}

static void check_projection_exact(kit *k)
{
    static const uint32_t col[] = {C_ID, C_NAME, C_DAY};
    kit_shape s = kit_project(k, col, 3);
    if (!k->failed) kam__kit_want(k, s.ncol == 3, "the block has not the number of columns asked for");
}

static void check_column_type(kit *k)
{
    static const uint32_t col[] = {C_DAY};
    kit_shape s = kit_project(k, col, 1);
    if (!k->failed) kam__kit_want(k, s.ncol >= 1 && s.type[0] == KAM_T_I32, "an I32 field came as another type");
}

/* ---------------------------------------------------------------- own writes */

static void check_own_insert(kit *k)
{
    kam__kit_put(k, rows, 1);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_INSERT, rows + 1, 1, rows->has);
    kam__kit_ids(k, &all, 1, "1 2", "after INSERT, inside the transaction");
    kam__kit_end(k, KAM_END_COMMIT);
}

static void check_own_update(kit *k)
{
    static const kit_row now = {.id = 1, .has = B_REV | B_AMOUNT, .rev = 2, .amount = 11};
    kam__kit_put(k, rows, 2);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_UPDATE, &now, 1, B_REV | B_AMOUNT);
    kam__kit_values(k, C_AMOUNT, "11 20", "after UPDATE, inside the transaction");
    kam__kit_end(k, KAM_END_COMMIT);
}

static void check_own_delete(kit *k)
{
    static const kit_row gone = {.id = 2, .has = B_REV, .rev = 2};
    kam__kit_put(k, rows, 2);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_DELETE, &gone, 1, B_REV);
    kam__kit_ids(k, &all, 1, "1", "after DELETE, inside the transaction");
    kam__kit_end(k, KAM_END_COMMIT);
}

/* ---------------------------------------------------------------- handled */

static void check_handled_early(kit *k)
{
    static const int64_t v = 2;
    const kit_query q = {.npred = 1, .pred = {{.col = C_DAY, .op = KAM_OP_GE, .n = 1, .number = &v}}};
    kit_found f;
    kam__kit_put(k, rows, 5);
    kam__kit_find(k, &q, &f);
    if (!k->failed && f.calls) kam__kit_want(k, f.handled == f.handled_first, "handled changed after the first block");
    kam__kit_free(&f);
}

static void check_handled_output(kit *k)
{
    static const int64_t v = 4;
    const kit_query q = {
        .npred = 1, .pred = {{.col = C_DAY, .op = KAM_OP_GE, .n = 1, .number = &v}}, .handled = UINT64_MAX};
    kam__kit_put(k, rows, 5);
    kam__kit_ids(k, &q, 1, "4 5", "with all bits of handled set before the call");
}

const kit_check kam__kit_scan[] = {
    {"scan.empty_table", "A table without rows is no failure.", check_empty_table, 0},
    {"scan.callback_code_returned", "What the callback answers is what scan answers.", check_callback_code, 0},
    {"scan.callback_nonzero_stops", "A callback that answers non-zero is not called again.", check_callback_stops, 0},
    {"scan.block_rows", "No block has more rows than block_rows.", check_block_rows, 0},
    {"scan.no_empty_block", "A block has at least one row.", check_no_empty_block, 0},
    {"scan.many_blocks", "Over many blocks each row comes once.", check_many_blocks, 0},
    {"scan.projection_order", "The columns come in the projection's order.", check_projection_order, 0},
    {"scan.projection_exact", "The block has the projection's columns and no others.", check_projection_exact, 0},
    {"scan.column_type", "A column has its field's type.", check_column_type, 0},
    {"scan.sees_own_inserts", "In a WRITE transaction a scan sees its own inserted rows.", check_own_insert, 0},
    {"scan.sees_own_updates", "In a WRITE transaction a scan sees its own changed values.", check_own_update, 0},
    {"scan.sees_own_deletes", "In a WRITE transaction a scan misses its own deleted rows.", check_own_delete, 0},
    {"scan.handled_early", "handled is known when the first block comes.", check_handled_early, 0},
    {"scan.handled_is_output", "handled is written, whatever was in it.", check_handled_output, 0},
    {NULL, NULL, NULL, 0}
};
