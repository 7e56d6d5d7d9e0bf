/*
 * kit_rows.c - checks of what INSERT, UPDATE and DELETE do to the columns of a row.
 *
 * Updates and deletions carry `rev` wherever it is not the question, so that a store which gets rev wrong in one case
 * fails one check.
 */
#include "kit.h"
#include <string.h>

static const kit_query all = {0};

static void kit_do(kit *k, uint32_t op, const kit_row *row, uint32_t n, uint32_t cols)
{
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, op, row, n, cols);
    kam__kit_end(k, k->failed ? KAM_END_ABORT : KAM_END_COMMIT);
}

/* Rows 1..n with rev 1 and amount 10, 20, ...; then the same with rev 2 and amount 11, 21, ... */
static void kit_series(kit_row *row, uint32_t n, int64_t rev)
{
    memset(row, 0, n * sizeof *row);
    for (uint32_t i = 0; i < n; i++) {
        row[i].id = i + 1;
        row[i].has = B_REV | B_AMOUNT;
        row[i].rev = rev;
        row[i].amount = 10 * (int64_t)(i + 1) + rev - 1;
    }
}

static void check_insert_every_row(kit *k)
{
    kit_row row[11];
    kit_series(row, 11, 1);
    kam__kit_put(k, row, 11);
    kam__kit_ids(k, &all, 1, "1 2 3 4 5 6 7 8 9 10 11", "after INSERT of 11 rows");
}

static void check_update_every_row(kit *k)
{
    kit_row row[3];
    kit_series(row, 3, 1);
    kam__kit_put(k, row, 3);
    kit_series(row, 3, 2);
    kit_do(k, KAM_WRITE_UPDATE, row, 3, B_REV | B_AMOUNT);
    kam__kit_values(k, C_AMOUNT, "11 21 31", "after UPDATE of 3 rows");
}

static void check_delete_every_row(kit *k)
{
    kit_row row[4];
    kit_series(row, 4, 1);
    kam__kit_put(k, row, 4);
    kit_series(row, 4, 2);
    kit_do(k, KAM_WRITE_DELETE, row + 1, 3, B_REV);
    kam__kit_ids(k, &all, 1, "1", "after DELETE of 3 rows of 4");
}

static void check_insert_absent(kit *k)
{
    kit_row row[1];
    kit_series(row, 1, 1);
    kam__kit_put(k, row, 1);
    kam__kit_values(k, C_NOTE, "-", "a column the INSERT did not have");
}

static void check_update_absent(kit *k)
{
    const kit_row old = {.id = 1, .has = B_REV | B_NOTE, .rev = 1, .note = "keep"},
                  now = {.id = 1, .has = B_REV, .rev = 2};
    kam__kit_put(k, &old, 1);
    kit_do(k, KAM_WRITE_UPDATE, &now, 1, B_REV);
    kam__kit_values(k, C_NOTE, "keep", "a column the UPDATE did not have");
}

static void check_update_null(kit *k)
{
    const kit_row old = {.id = 1, .has = B_REV | B_NAME, .rev = 1, .name = "drop"},
                  now = {.id = 1, .has = B_REV, .rev = 2};
    kam__kit_put(k, &old, 1);
    kit_do(k, KAM_WRITE_UPDATE, &now, 1, B_REV | B_NAME);
    kam__kit_values(k, C_NAME, "-", "a column the UPDATE had as NULL");
}

static void check_update_rev(kit *k)
{
    const kit_row old = {.id = 1, .has = B_REV, .rev = 6}, now = {.id = 1, .has = B_REV, .rev = 7};
    kam__kit_put(k, &old, 1);
    kit_do(k, KAM_WRITE_UPDATE, &now, 1, B_REV);
    kam__kit_values(k, C_REV, "7", "rev after an UPDATE with rev");
}

static void check_update_without_rev(kit *k)
{
    const kit_row old = {.id = 1, .has = B_REV | B_DAY, .rev = 1, .day = 5}, now = {.id = 1, .has = B_DAY, .day = 6};
    kam__kit_put(k, &old, 1);
    kit_do(k, KAM_WRITE_UPDATE, &now, 1, B_DAY);
    kam__kit_values(k, C_DAY, "6", "after an UPDATE without rev");
}

static void check_delete_by_key(kit *k)
{
    kit_row row[2];
    kit_series(row, 2, 1);
    kam__kit_put(k, row, 2);
    kit_do(k, KAM_WRITE_DELETE, row + 1, 1, 0);
    kam__kit_ids(k, &all, 1, "1", "after a DELETE that has only the key");
}

static void check_any_column_order(kit *k)
{
    const int64_t amount = 10, id = 1;
    const kam_table *t = kam__kit_table;
    const kam_col col[2] = {{t->field[C_AMOUNT].id, KAM_T_I64, {0, 0, 0}, &amount, NULL, NULL},
                            {1, KAM_T_I64, {0, 0, 0}, &id, NULL, NULL}};
    const kam_block b = {sizeof b, 1, 2, 0, col};
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    if (!k->failed)
        kam__kit_want_code(k, k->vt->write(k->self, t, KAM_WRITE_INSERT, &b, &k->err), KAM_OK,
                           "INSERT with the key last");
    kam__kit_end(k, k->failed ? KAM_END_ABORT : KAM_END_COMMIT);
    kam__kit_values(k, C_AMOUNT, "10", "after INSERT with the key last");
}

static void check_tables_apart(kit *k)
{
    kit_row row[2];
    kit_series(row, 2, 1);
    kam__kit_put(k, row, 2);
    row[0].amount = 77;
    kam__kit_want_code(k, kam__kit_try(k, KIT_OTHER, KAM_WRITE_INSERT, row, 2, B_AMOUNT), KAM_OK,
                       "INSERT of a key another table has");
    kam__kit_values(k, C_AMOUNT, "10 20", "after an INSERT into another table");
}

static void check_arguments_copied(kit *k)
{
    int64_t data[2] = {1, 10};
    kam_col col[2] = {{1, KAM_T_I64, {0, 0, 0}, data, NULL, NULL},
                      {kam__kit_table[1].field[2].id, KAM_T_I64, {0, 0, 0}, data + 1, NULL, NULL}};
    kam_block b = {sizeof b, 1, 2, 0, col};
    kit_found f;
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    if (!k->failed)
        kam__kit_want_code(k, k->vt->write(k->self, kam__kit_table + 1, KAM_WRITE_INSERT, &b, &k->err), KAM_OK,
                           "INSERT");
    data[0] = 2;
    data[1] = 99;
    kam__kit_end(k, k->failed ? KAM_END_ABORT : KAM_END_COMMIT);
    kam__kit_find(k, &(kit_query){.table = KIT_OTHER}, &f);
    if (!k->failed)
        kam__kit_want(k, f.n == 1 && f.row[0].id == 1 && f.row[0].amount == 10,
                      "the store reads a block after write returned");
    kam__kit_free(&f);
}

const kit_check kam__kit_rows[] = {
    {"write.insert_every_row", "INSERT stores each row of the block.", check_insert_every_row, 0},
    {"write.update_every_row", "UPDATE changes each row of the block.", check_update_every_row, 0},
    {"write.delete_every_row", "DELETE removes each row of the block.", check_delete_every_row, 0},
    {"write.insert_absent_columns_null", "INSERT makes columns absent from the block NULL.", check_insert_absent, 0},
    {"write.update_leaves_absent_columns", "UPDATE leaves columns absent from the block as they are.",
     check_update_absent, 0},
    {"write.update_null", "UPDATE with NULL takes the value away.", check_update_null, 0},
    {"write.update_rev", "UPDATE stores the rev it carries.", check_update_rev, 0},
    {"write.update_without_rev", "UPDATE without rev is not checked against it.", check_update_without_rev, 0},
    {"write.delete_by_key", "DELETE needs only the key.", check_delete_by_key, 0},
    {"write.any_column_order", "The columns of a block come in any order.", check_any_column_order, 0},
    {"write.tables_apart", "Keys of different tables are different.", check_tables_apart, 0},
    {"write.arguments_copied", "A block is the caller's again when write returns.", check_arguments_copied, 0},
    {NULL, NULL, NULL, 0}};
