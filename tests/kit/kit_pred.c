/*
 * kit_pred.c - checks of conditions. A store may leave any of them out (bit i of handled); those it says it applied
 * must be exact.
 */
#include "kit.h"
#include <stdlib.h>

/* day has no NULL, amount has, names differ in case and bytes. */
static const kit_row data[] = {
    {.id = 1, .has = B_NAME | B_DAY | B_AMOUNT | B_RATIO, .name = "abc", .day = 10, .amount = 100, .ratio = 0.5},
    {.id = 2, .has = B_NAME | B_DAY | B_AMOUNT | B_RATIO, .name = "ABC", .day = 20, .amount = 200, .ratio = 1.5},
    {.id = 3, .has = B_NAME | B_DAY, .name = "ab%d", .day = 30},
    {.id = 4, .has = B_NAME | B_DAY | B_AMOUNT | B_RATIO, .name = "abd", .day = 40, .amount = -300, .ratio = -2.5},
    {.id = 5, .has = B_NAME | B_DAY | B_AMOUNT, .name = "\xc3\xa9", .day = 50, .amount = 100},
};

static void kit_ask(kit *k, const kit_pred *p, uint32_t n, const char *want, const char *what)
{
    kit_query q = {.npred = n};
    for (uint32_t i = 0; i < n; i++) q.pred[i] = p[i];
    kam__kit_put(k, data, 5);
    kam__kit_ids(k, &q, 1, want, what);
}

static void kit_number(kit *k, uint32_t col, uint32_t op, int64_t v, const char *want, const char *what)
{
    const kit_pred p = {.col = col, .op = op, .n = 1, .number = &v};
    kit_ask(k, &p, 1, want, what);
}

static void kit_text(kit *k, uint32_t op, const char *v, const char *want, const char *what)
{
    const kit_pred p = {.col = C_NAME, .op = op, .n = 1, .text = &v};
    kit_ask(k, &p, 1, want, what);
}

static void check_key_eq(kit *k) { kit_number(k, C_ID, KAM_OP_EQ, 3, "3", "key = 3"); }
static void check_key_gt(kit *k) { kit_number(k, C_ID, KAM_OP_GT, 3, "4 5", "key > 3"); }
static void check_eq_i32(kit *k) { kit_number(k, C_DAY, KAM_OP_EQ, 20, "2", "day = 20"); }
static void check_eq_i64(kit *k) { kit_number(k, C_AMOUNT, KAM_OP_EQ, 100, "1 5", "amount = 100"); }
static void check_lt(kit *k) { kit_number(k, C_DAY, KAM_OP_LT, 30, "1 2", "day < 30"); }
static void check_le(kit *k) { kit_number(k, C_DAY, KAM_OP_LE, 30, "1 2 3", "day <= 30"); }
static void check_gt(kit *k) { kit_number(k, C_DAY, KAM_OP_GT, 30, "4 5", "day > 30"); }
static void check_ge(kit *k) { kit_number(k, C_DAY, KAM_OP_GE, 30, "3 4 5", "day >= 30"); }
static void check_null_else(kit *k) { kit_number(k, C_AMOUNT, KAM_OP_LT, 150, "1 4 5", "amount < 150, NULL in row 3"); }
static void check_eq_text(kit *k) { kit_text(k, KAM_OP_EQ, "ab%d", "3", "name = \"ab%d\""); }
static void check_text_case(kit *k) { kit_text(k, KAM_OP_EQ, "abc", "1", "name = \"abc\""); }
static void check_text_order(kit *k) { kit_text(k, KAM_OP_LT, "ab", "2", "name < \"ab\" by bytes"); }
static void check_text_utf8(kit *k) { kit_text(k, KAM_OP_GT, "z", "5", "name > \"z\" by bytes"); }
static void check_prefix(kit *k) { kit_text(k, KAM_OP_PREFIX, "abd", "4", "name begins with \"abd\""); }
static void check_prefix_literal(kit *k) { kit_text(k, KAM_OP_PREFIX, "ab%", "3", "name begins with \"ab%\""); }
static void check_prefix_case(kit *k) { kit_text(k, KAM_OP_PREFIX, "AB", "2", "name begins with \"AB\""); }

static void check_key_in(kit *k)
{
    static const int64_t v[] = {4, 9, 2};
    const kit_pred p = {.col = C_ID, .op = KAM_OP_IN, .n = 3, .number = v};
    kit_ask(k, &p, 1, "2 4", "key in (4, 9, 2)");
}

static void check_in_numbers(kit *k)
{
    static const int64_t v[] = {200, 7, -300};
    const kit_pred p = {.col = C_AMOUNT, .op = KAM_OP_IN, .n = 3, .number = v};
    kit_ask(k, &p, 1, "2 4", "amount in (200, 7, -300)");
}

static void check_in_texts(kit *k)
{
    static const char *const v[] = {"ABC", "none", "\xc3\xa9"};
    const kit_pred p = {.col = C_NAME, .op = KAM_OP_IN, .n = 3, .text = v};
    kit_ask(k, &p, 1, "2 5", "name in three texts");
}

static void check_in_twice(kit *k)
{
    static const int64_t v[] = {100, 100};
    const kit_pred p = {.col = C_AMOUNT, .op = KAM_OP_IN, .n = 2, .number = v};
    kit_ask(k, &p, 1, "1 5", "amount in (100, 100)");
}

static void check_in_most(kit *k)
{
    const uint32_t n = k->opt->max_keys;
    int64_t *v = malloc(n * sizeof *v);
    if (!v) {
        kam__kit_fail(k, "out of memory");
        return;
    }
    for (uint32_t i = 0; i < n; i++) v[i] = 1000000 + i;
    v[n - 1] = 200;
    const kit_pred p = {.col = C_AMOUNT, .op = KAM_OP_IN, .n = n, .number = v};
    kit_ask(k, &p, 1, "2", "amount in a list of max_keys values");
    free(v);
}

static void check_f64(kit *k)
{
    static const double v = 0.5;
    const kit_pred p = {.col = C_RATIO, .op = KAM_OP_GE, .n = 1, .ratio = &v};
    kit_ask(k, &p, 1, "1 2", "ratio >= 0.5");
}

static void check_null(kit *k)
{
    const kit_pred p = {.col = C_AMOUNT, .op = KAM_OP_NULL};
    kit_ask(k, &p, 1, "3", "amount is NULL");
}

static void check_all(kit *k)
{
    static const int64_t v[] = {100, 20};
    const kit_pred p[] = {{.col = C_AMOUNT, .op = KAM_OP_EQ, .n = 1, .number = v},
                          {.col = C_DAY, .op = KAM_OP_GE, .n = 1, .number = v + 1}};
    kit_ask(k, p, 2, "5", "amount = 100 and day >= 20");
}

static void check_none(kit *k)
{
    kit_number(k, C_DAY, KAM_OP_EQ, 99, "", "day = 99");
}

/* Values changed since they were first asked for: an index must follow. */
static void check_after_update(kit *k)
{
    static const kit_row row = {.id = 2, .has = B_AMOUNT, .amount = 555};
    static const int64_t old = 200, now = 555;
    const kit_query was = {.npred = 1, .pred = {{.col = C_AMOUNT, .op = KAM_OP_EQ, .n = 1, .number = &old}}};
    const kit_query is = {.npred = 1, .pred = {{.col = C_AMOUNT, .op = KAM_OP_EQ, .n = 1, .number = &now}}};
    kam__kit_put(k, data, 5);
    kam__kit_ids(k, &was, 1, "2", "amount = 200");
    kam__kit_want_code(k, kam__kit_try(k, KIT_ITEM, KAM_WRITE_UPDATE, &row, 1, B_AMOUNT), KAM_OK, "UPDATE");
    kam__kit_ids(k, &was, 1, "", "amount = 200 after UPDATE to 555");
    kam__kit_ids(k, &is, 1, "2", "amount = 555 after UPDATE to 555");
}

const kit_check kam__kit_pred[] = {
    {"pred.key_eq", "EQ on the key.", check_key_eq, 0},
    {"pred.key_in", "IN on the key.", check_key_in, 0},
    {"pred.key_gt", "GT on the key.", check_key_gt, 0},
    {"pred.eq_i32", "EQ on I32.", check_eq_i32, 0},
    {"pred.eq_i64", "EQ on I64, an indexed field.", check_eq_i64, 0},
    {"pred.eq_text", "EQ on TEXT.", check_eq_text, 0},
    {"pred.lt", "LT leaves out the equal value.", check_lt, 0},
    {"pred.le", "LE takes in the equal value.", check_le, 0},
    {"pred.gt", "GT leaves out the equal value.", check_gt, 0},
    {"pred.ge", "GE takes in the equal value.", check_ge, 0},
    {"pred.f64", "Conditions on F64.", check_f64, 0},
    {"pred.in_numbers", "IN on numbers.", check_in_numbers, 0},
    {"pred.in_texts", "IN on texts.", check_in_texts, 0},
    {"pred.in_repeated", "A value twice in IN gives its rows once.", check_in_twice, 0},
    {"limits.in_max_keys", "IN takes max_keys values.", check_in_most, 0},
    {"pred.text_case", "TEXT is compared with case.", check_text_case, 0},
    {"pred.text_order", "TEXT is ordered by bytes: capitals first.", check_text_order, 0},
    {"pred.text_order_utf8", "TEXT is ordered by bytes: letters beyond ASCII last.", check_text_utf8, 0},
    {"pred.prefix", "PREFIX.", check_prefix, 0},
    {"pred.prefix_literal", "PREFIX knows no wildcards.", check_prefix_literal, 0},
    {"pred.prefix_case", "PREFIX is compared with case.", check_prefix_case, 0},
    {"pred.null", "NULL finds rows without a value.", check_null, 0},
    {"scan.null_only_matches_op_null", "A NULL value matches no other condition.", check_null_else, 0},
    {"pred.all_must_hold", "All conditions must hold.", check_all, 0},
    {"pred.none", "No row that matches is no failure.", check_none, 0},
    {"pred.eq_after_update", "EQ on an indexed field follows an UPDATE.", check_after_update, 0},
    {NULL, NULL, NULL, 0}
};
