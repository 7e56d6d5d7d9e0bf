/*
 * kit_order.c - checks of order, after and limit. A store may leave them out (bit 63 of handled); if it says it
 * applied them, the rows are taken as they come.
 *
 * The rows are inserted in another order than that of their keys.
 */
#include "kit.h"

/* day rises with the key, backwards; amount has ties. */
static const kit_row full[] = {
    {.id = 3, .has = B_NAME | B_DAY | B_AMOUNT, .name = "ac", .day = 20, .amount = 7},
    {.id = 1, .has = B_NAME | B_DAY | B_AMOUNT, .name = "b", .day = 40, .amount = 7},
    {.id = 4, .has = B_NAME | B_DAY | B_AMOUNT, .name = "ad", .day = 10, .amount = 5},
    {.id = 2, .has = B_NAME | B_DAY | B_AMOUNT, .name = "c", .day = 30, .amount = 7},
};
/* day is NULL in 1 and 4. */
static const kit_row holes[] = {
    {.id = 3, .has = B_DAY | B_AMOUNT, .day = 20, .amount = 1},
    {.id = 1, .has = B_AMOUNT, .amount = 1},
    {.id = 4, .has = B_AMOUNT, .amount = 1},
    {.id = 2, .has = B_DAY | B_AMOUNT, .day = 30, .amount = 1},
};

static void kit_order(kit *k, const kit_row *row, const kit_query *q, const char *want, const char *what)
{
    kam__kit_put(k, row, 4);
    kam__kit_ids(k, q, 0, want, what);
}

static void check_key(kit *k)
{
    kit_order(k, full, &(kit_query){0}, "1 2 3 4", "without order: by key");
}

static void check_key_down(kit *k)
{
    kit_order(k, full, &(kit_query){.desc = 1}, "4 3 2 1", "descending, without order");
}

static void check_field(kit *k)
{
    kit_order(k, full, &(kit_query){.norder = 1, .order = {C_DAY}}, "4 3 2 1", "by day");
}

static void check_field_down(kit *k)
{
    kit_order(k, full, &(kit_query){.norder = 1, .order = {C_DAY}, .desc = 1}, "1 2 3 4", "by day, descending");
}

static void check_ties(kit *k)
{
    kit_order(k, full, &(kit_query){.norder = 1, .order = {C_AMOUNT}}, "4 1 2 3", "by amount, then key");
}

static void check_ties_down(kit *k)
{
    kit_order(k, full, &(kit_query){.norder = 1, .order = {C_AMOUNT}, .desc = 1}, "3 2 1 4",
              "by amount, then key, both descending");
}

static void check_two_fields(kit *k)
{
    kit_order(k, full, &(kit_query){.norder = 2, .order = {C_AMOUNT, C_DAY}}, "4 3 2 1", "by amount, then day");
}

static void check_nulls(kit *k)
{
    kit_order(k, holes, &(kit_query){.norder = 1, .order = {C_DAY}}, "3 2 1 4", "by day, NULLs last");
}

static void check_nulls_down(kit *k)
{
    kit_order(k, holes, &(kit_query){.norder = 1, .order = {C_DAY}, .desc = 1}, "2 3 4 1",
              "by day descending, NULLs last");
}

/* ---------------------------------------------------------------- after */

static void check_after(kit *k)
{
    kit_order(k, full, &(kit_query){.after = full + 3}, "3 4", "after key 2");
}

static void check_after_down(kit *k)
{
    kit_order(k, full, &(kit_query){.after = full, .desc = 1}, "2 1", "after key 3, descending");
}

static void check_after_gone(kit *k)
{
    static const kit_row gone = {.id = 2};
    kam__kit_put(k, full, 3);
    kam__kit_ids(k, &(kit_query){.after = &gone}, 0, "3 4", "after key 2, which is not there");
}

static void check_after_field(kit *k)
{
    kit_order(k, full, &(kit_query){.norder = 1, .order = {C_DAY}, .after = full}, "2 1", "by day, after day 20 key 3");
}

static void check_after_field_down(kit *k)
{
    kit_order(k, full, &(kit_query){.norder = 1, .order = {C_DAY}, .desc = 1, .after = full}, "4",
              "by day descending, after day 20 key 3");
}

static void check_after_tie(kit *k)
{
    kit_order(k, full, &(kit_query){.norder = 1, .order = {C_AMOUNT}, .after = full + 1}, "2 3",
              "by amount, after amount 7 key 1");
}

static void check_after_null(kit *k)
{
    kit_order(k, holes, &(kit_query){.norder = 1, .order = {C_DAY}, .after = holes + 1}, "4",
              "by day, after no day key 1");
}

/* ---------------------------------------------------------------- limit */

static void check_limit(kit *k)
{
    kit_order(k, full, &(kit_query){.limit = 2}, "1 2", "limit 2");
}

static void check_limit_after(kit *k)
{
    kit_order(k, full, &(kit_query){.limit = 2, .after = full + 1}, "2 3", "limit 2 after key 1");
}

static void check_limit_order(kit *k)
{
    kit_order(k, full, &(kit_query){.limit = 1, .norder = 1, .order = {C_DAY}}, "4", "limit 1 by day");
}

static void check_limit_matches(kit *k)
{
    static const int64_t v = 25;
    kit_order(k, full,
              &(kit_query){.limit = 2, .npred = 1, .pred = {{.col = C_DAY, .op = KAM_OP_LT, .n = 1, .number = &v}}},
              "3 4", "limit 2 of day < 25");
}

static void check_limit_unhandled(kit *k)
{
    static const char *const v = "a";
    kit_order(k, full,
              &(kit_query){.limit = 2, .npred = 1, .pred = {{.col = C_NAME, .op = KAM_OP_PREFIX, .n = 1, .text = &v}}},
              "3 4", "limit 2 of names that begin with \"a\"");
}

const kit_check kam__kit_order[] = {
    {"order.key", "Without order rows come by key.", check_key, 0},
    {"order.key_descending", "Descending turns the key.", check_key_down, 0},
    {"order.field", "Rows come in the order of a field.", check_field, 0},
    {"order.field_descending", "Descending turns an order field.", check_field_down, 0},
    {"order.ties", "Equal order values come by key.", check_ties, 0},
    {"order.ties_descending", "Descending turns the key of equal order values.", check_ties_down, 0},
    {"order.two_fields", "The second order field counts where the first is equal.", check_two_fields, 0},
    {"order.nulls_last", "NULLs come last.", check_nulls, 0},
    {"order.nulls_last_descending", "NULLs come last when descending, too.", check_nulls_down, 0},
    {"scan.order.after", "after continues behind a key.", check_after, 0},
    {"scan.order.after_descending", "after continues behind a key, descending.", check_after_down, 0},
    {"scan.order.after_gone", "after continues behind a key that is not there any more.", check_after_gone, 0},
    {"scan.order.after_field", "after continues behind order value and key.", check_after_field, 0},
    {"scan.order.after_field_descending", "after continues behind order value and key, descending.",
     check_after_field_down, 0},
    {"scan.order.after_tie", "after continues among equal order values.", check_after_tie, 0},
    {"scan.order.after_null", "after continues among NULLs.", check_after_null, 0},
    {"limit.rows", "limit ends the rows.", check_limit, 0},
    {"limit.after", "limit counts from after on.", check_limit_after, 0},
    {"limit.order", "limit counts in the order asked for.", check_limit_order, 0},
    {"limit.matches", "limit counts rows that match.", check_limit_matches, 0},
    {"limit.unhandled", "limit does not count while a condition is left to the library.", check_limit_unhandled, 0},
    {NULL, NULL, NULL, 0}};
