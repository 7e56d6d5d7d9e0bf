/*
 * kit_keys.c - checks of keys, unique values and rev: what is refused, with which code, and which row the store names.
 */
#include "kit.h"
#include <string.h>

#define PAIR (B_SOURCE | B_EXT)
#define ROW(n) {.id = (n), .has = B_REV | B_AMOUNT, .rev = 1, .amount = (n)}
#define PAIRED(n, s, e) {.id = (n), .has = PAIR, .source = (s), .ext = (e)}

static const kit_row plain[] = {ROW(1), ROW(2), ROW(3)};

/* ---------------------------------------------------------------- keys */

static void check_key_taken(kit *k)
{
    kam__kit_put(k, plain, 1);
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, plain, 1, B_AMOUNT), KAM_E_EXISTS,
                       "INSERT of a key that is there");
}

static void check_key_twice(kit *k)
{
    static const kit_row row[] = {ROW(5), ROW(5)};
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, row, 2, B_AMOUNT), KAM_E_EXISTS,
                       "INSERT of a key twice in a block");
}

static void check_key_after_delete(kit *k)
{
    static const kit_row gone = {.id = 1, .has = B_REV, .rev = 2};
    kam__kit_put(k, plain, 2);
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_DELETE, &gone, 1, B_REV), KAM_OK, "DELETE");
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, plain, 1, B_AMOUNT), KAM_OK,
                       "INSERT of the key of a deleted row");
    kam__kit_values(k, C_REV, "- 1", "rev, which the second INSERT did not have");
}

static void check_update_missing(kit *k)
{
    static const kit_row row = {.id = 5, .has = B_AMOUNT, .amount = 1};
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_UPDATE, &row, 1, B_AMOUNT), KAM_E_NOT_FOUND,
                       "UPDATE of a missing row");
}

static void check_delete_missing(kit *k)
{
    static const kit_row row = {.id = 5, .has = B_REV, .rev = 2};
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_DELETE, &row, 1, B_REV), KAM_E_NOT_FOUND,
                       "DELETE of a missing row");
}

static void check_update_conflict(kit *k)
{
    static const kit_row row = {.id = 1, .has = B_REV | B_AMOUNT, .rev = 3, .amount = 9};
    kam__kit_put(k, plain, 1);
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_UPDATE, &row, 1, B_REV | B_AMOUNT), KAM_E_CONFLICT,
                       "UPDATE with rev 3 of a row with rev 1");
}

static void check_delete_conflict(kit *k)
{
    static const kit_row row = {.id = 1, .has = B_REV, .rev = 1};
    kam__kit_put(k, plain, 1);
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_DELETE, &row, 1, B_REV), KAM_E_CONFLICT,
                       "DELETE with rev 1 of a row with rev 1");
}

/* ---------------------------------------------------------------- unique values */

static void check_unique_taken(kit *k)
{
    static const kit_row row[] = {PAIRED(1, "erp", "a"), PAIRED(2, "erp", "a")};
    kam__kit_put(k, row, 1);
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, row + 1, 1, PAIR), KAM_E_EXISTS,
                       "INSERT of unique values that are there");
}

static void check_unique_twice(kit *k)
{
    static const kit_row row[] = {PAIRED(1, "erp", "a"), PAIRED(2, "erp", "a")};
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, row, 2, PAIR), KAM_E_EXISTS,
                       "INSERT of unique values twice in a block");
}

static void check_unique_by_update(kit *k)
{
    static const kit_row row[] = {PAIRED(1, "erp", "a"), PAIRED(2, "erp", "b"), PAIRED(2, "erp", "a")};
    kam__kit_put(k, row, 2);
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_UPDATE, row + 2, 1, PAIR), KAM_E_EXISTS,
                       "UPDATE to unique values of another row");
}

static void check_unique_kept(kit *k)
{
    static const kit_row row = PAIRED(1, "erp", "a");
    kam__kit_put(k, &row, 1);
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_UPDATE, &row, 1, PAIR), KAM_OK,
                       "UPDATE that repeats the row's own unique values");
}

static void check_unique_null(kit *k)
{
    static const kit_row row[] = {{.id = 1, .has = B_SOURCE, .source = "erp"},
                                  {.id = 2, .has = B_SOURCE, .source = "erp"},
                                  {.id = 3, .has = B_EXT, .ext = "a"},
                                  {.id = 4, .has = B_EXT, .ext = "a"}};
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, row, 4, PAIR), KAM_OK,
                       "INSERT of equal values beside a NULL");
}

static void check_unique_composite(kit *k)
{
    static const kit_row row[] = {PAIRED(1, "erp", "a"), PAIRED(2, "crm", "a"), PAIRED(3, "erp", "b")};
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, row, 3, PAIR), KAM_OK,
                       "INSERT of pairs that differ in one half");
}

static void check_unique_after_delete(kit *k)
{
    static const kit_row row[] = {{.id = 1, .has = PAIR | B_REV, .rev = 1, .source = "erp", .ext = "a"},
                                  PAIRED(2, "erp", "a")};
    static const kit_row gone = {.id = 1, .has = B_REV, .rev = 2};
    kam__kit_put(k, row, 1);
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_DELETE, &gone, 1, B_REV), KAM_OK, "DELETE");
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, row + 1, 1, PAIR), KAM_OK,
                       "INSERT of unique values of a deleted row");
}

static void check_unique_after_update(kit *k)
{
    static const kit_row row[] = {PAIRED(1, "erp", "a"), PAIRED(1, "erp", "b"), PAIRED(2, "erp", "a")};
    kam__kit_put(k, row, 1);
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_UPDATE, row + 1, 1, PAIR), KAM_OK,
                       "UPDATE of unique values");
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, row + 2, 1, PAIR), KAM_OK,
                       "INSERT of unique values given up by an UPDATE");
}

/* ---------------------------------------------------------------- what the store says about it */

/* Three rows of which the second is refused: the error names row 1. */
static void kit_row_named(kit *k, uint32_t op, const kit_row *row, uint32_t cols)
{
    if (kam__kit_try(k, KIT_ITEM, op, row, 3, cols) == KAM_OK) kam__kit_fail(k, "the write was not refused");
    else if (k->err.row != 1) kam__kit_fail(k, "the error names row %u of the block, must be 1", (unsigned)k->err.row);
}

static void check_error_row_key(kit *k)
{
    static const kit_row row[] = {ROW(11), ROW(1), ROW(13)};
    kam__kit_put(k, plain, 1);
    kit_row_named(k, KAM_WRITE_INSERT, row, B_AMOUNT);
}

static void check_error_row_unique(kit *k)
{
    static const kit_row first = PAIRED(1, "erp", "a");
    static const kit_row row[] = {PAIRED(2, "erp", "b"), PAIRED(3, "erp", "a"), PAIRED(4, "erp", "c")};
    kam__kit_put(k, &first, 1);
    kit_row_named(k, KAM_WRITE_INSERT, row, PAIR);
}

static void check_error_row_missing(kit *k)
{
    static const kit_row row[] = {ROW(1), ROW(7), ROW(2)};
    kam__kit_put(k, plain, 3);
    kit_row_named(k, KAM_WRITE_UPDATE, row, B_AMOUNT);
}

static void check_error_row_conflict(kit *k)
{
    static const kit_row row[] = {
        {.id = 1, .has = B_REV, .rev = 2}, {.id = 2, .has = B_REV, .rev = 5}, {.id = 3, .has = B_REV, .rev = 2}};
    kam__kit_put(k, plain, 3);
    kit_row_named(k, KAM_WRITE_UPDATE, row, B_REV);
}

static int32_t kit_refused(kit *k)
{
    static const kit_row row[] = {ROW(8), ROW(8)};
    kam__kit_put(k, row, 1);
    int32_t rc = kam__kit_try(k, KIT_ITEM, KAM_WRITE_INSERT, row + 1, 1, B_AMOUNT);
    if (rc == KAM_OK) kam__kit_fail(k, "the write was not refused");
    return rc;
}

static void check_error_table(kit *k)
{
    if (kit_refused(k)) kam__kit_want(k, k->err.table == kam__kit_table[0].id, "the error does not name the table");
}

static void check_error_code(kit *k)
{
    int32_t rc = kit_refused(k);
    if (rc) kam__kit_want(k, k->err.code == rc, "the error's code is not the code answered");
}

static void check_error_message(kit *k)
{
    if (!kit_refused(k)) return;
    kam__kit_want(k, memchr(k->err.msg, 0, sizeof k->err.msg) != NULL, "the error's message does not end");
    kam__kit_want(k, k->err.msg[0] != '\0', "the error has no message");
}

const kit_check kam__kit_keys[] = {
    {"write.key_taken", "INSERT of a key that is there is EXISTS.", check_key_taken, 0},
    {"write.key_twice_in_block", "INSERT of a key twice in one block is EXISTS.", check_key_twice, 0},
    {"write.key_free_after_delete", "The key of a deleted row is free; nothing of that row comes back.",
     check_key_after_delete, 0},
    {"write.update_missing", "UPDATE of a missing row is NOT_FOUND.", check_update_missing, 0},
    {"write.delete_missing", "DELETE of a missing row is NOT_FOUND.", check_delete_missing, 0},
    {"write.update_rev_conflict", "UPDATE is CONFLICT unless the stored rev is rev - 1.", check_update_conflict, 0},
    {"write.delete_rev_conflict", "DELETE is CONFLICT unless the stored rev is rev - 1.", check_delete_conflict, 0},
    {"write.unique_taken", "INSERT of unique values that are there is EXISTS.", check_unique_taken, 0},
    {"write.unique_twice_in_block", "INSERT of unique values twice in one block is EXISTS.", check_unique_twice, 0},
    {"write.unique_taken_by_update", "UPDATE to unique values of another row is EXISTS.", check_unique_by_update, 0},
    {"write.unique_kept_by_update", "UPDATE may repeat the row's own unique values.", check_unique_kept, 0},
    {"write.unique_null_not_checked", "A row with NULL in a unique field is not checked.", check_unique_null, 0},
    {"write.unique_composite", "The unique fields form one key together.", check_unique_composite, 0},
    {"write.unique_free_after_delete", "Unique values of a deleted row are free.", check_unique_after_delete, 0},
    {"write.unique_free_after_update", "Unique values an UPDATE gave up are free.", check_unique_after_update, 0},
    {"error.row_key", "EXISTS names the row of the taken key.", check_error_row_key, 0},
    {"error.row_unique", "EXISTS names the row of the taken unique values.", check_error_row_unique, 0},
    {"error.row_missing", "NOT_FOUND names the row.", check_error_row_missing, 0},
    {"error.row_conflict", "CONFLICT names the row.", check_error_row_conflict, 0},
    {"error.table", "A refused row's error names the table.", check_error_table, 0},
    {"error.code", "The error carries the code that was answered.", check_error_code, 0},
    {"error.message", "The error has a message, ended by NUL.", check_error_message, 0},
    {NULL, NULL, NULL, 0}};
