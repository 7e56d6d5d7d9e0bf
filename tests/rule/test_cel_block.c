/* Blocks give what rows give, bit for bit: random expressions over random columns, with NaN, missing values and the
 * edges of bands. */
#include "cel_test.h"
#include "rule/cel_vec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 1500, COLS = 7 };
static const char block_env[] = "{\"d\":\"double\",\"e\":\"double\",\"i\":\"int\",\"j\":\"int\",\"s\":\"string\",\"b\":\"bool\",\"m\":\"decimal(2)\"}";

typedef struct data {
    double f[2][ROWS];
    int64_t w[ROWS], m[ROWS];
    int32_t n[ROWS], b[ROWS], off[ROWS + 1];
    char text[ROWS * 16];
    uint8_t valid[COLS][ROWS / 8 + 1];
    kam_col col[COLS];
    kam_block block;
} data;

static uint64_t seed = 7;
static uint32_t pick(uint32_t n) { return (uint32_t)(kam__random(&seed) % n); }

static double a_double(void)
{
    static const double odd[] = {0.0, -0.0, 10.0, 20.0, 19.999999999999996, 1e308, -1e308, 5e-324, 9007199254740993.0,
        3.5};
    double zero = 0;
    switch (pick(8)) {
    case 0: return zero / zero;
    case 1: return pick(2) ? 1 / zero : -1 / zero;
    case 2: case 3: return odd[pick(10)];
    default: return (double)(int64_t)pick(6000) / 100 - 20;
    }
}

static int64_t an_int(void)
{
    static const int64_t odd[] = {INT64_MAX, INT64_MIN, 0, -1, 1, 4611686018427387904, 3037000500, 2147483648, 10, 20};
    return pick(4) ? (int64_t)pick(60) - 20 : odd[pick(10)];
}

static void fill(data *d, int nulls)
{
    static const char *const word[] = {"", "A", "B", "north", "1234567", "12345678", "automotive", "automotivf",
        "export"};
    static const uint8_t type[COLS] = {KAM_T_F64, KAM_T_F64, KAM_T_I64, KAM_T_I32, KAM_T_TEXT, KAM_T_I32, KAM_T_I64};
    const void *at[COLS] = {d->f[0], d->f[1], d->w, d->n, d->text, d->b, d->m};
    memset(d->valid, 255, sizeof d->valid);
    d->off[0] = 0;
    for (uint32_t r = 0; r < ROWS; r++) {
        const char *s = word[pick(9)];
        d->f[0][r] = a_double();
        d->f[1][r] = a_double();
        d->w[r] = an_int();
        d->m[r] = an_int() % 1000000;
        d->n[r] = (int32_t)pick(100) - 50;
        d->b[r] = (int32_t)pick(2);
        memcpy(d->text + d->off[r], s, strlen(s));
        d->off[r + 1] = d->off[r] + (int32_t)strlen(s);
        for (int c = 0; c < COLS && nulls; c++)
            if (pick(20) == 0) d->valid[c][r / 8] = (uint8_t)(d->valid[c][r / 8] & ~(1u << r % 8));
    }
    for (int c = 0; c < COLS; c++) {
        memset(&d->col[c], 0, sizeof d->col[c]);
        d->col[c].type = type[c];
        d->col[c].data = at[c];
        d->col[c].off = c == 4 ? d->off : NULL;
        d->col[c].valid = nulls ? d->valid[c] : NULL;
    }
    d->block = (kam_block){sizeof d->block, ROWS, COLS, 0, d->col};
}

/* ---------------------------------------------------------------- random expressions */

typedef struct text { char s[4000]; size_t n; } text;

static void put(text *t, const char *s)
{
    size_t n = strlen(s);
    if (t->n + n + 1 > sizeof t->s) return;
    memcpy(t->s + t->n, s, n + 1);
    t->n += n;
}

static void any(text *t, char type, int depth);

static void number(text *t, char type)
{
    char s[48];
    if (type == 'd') snprintf(s, sizeof s, "%s%u.%u", pick(4) ? "" : "-", pick(30), pick(4) ? 0 : pick(100));
    else snprintf(s, sizeof s, "%s%u", pick(4) ? "" : "-", pick(4) ? pick(30) : pick(2000000000));
    put(t, s);
}

static void leaf(text *t, char type)
{
    static const char *const word[] = {"'A'", "'B'", "''", "'north'", "'12345678'", "'automotive'", "'x'"};
    switch (type) {
    case 'd': if (pick(3)) put(t, pick(2) ? "d" : "e"); else number(t, 'd'); return;
    case 'i': if (pick(3)) put(t, pick(2) ? "i" : "j"); else number(t, 'i'); return;
    case 's': put(t, pick(3) ? "s" : word[pick(7)]); return;
    case 'm': put(t, pick(2) ? "m" : pick(2) ? "decimal('1.5')" : pick(2) ? "decimal(-7)" : "decimal('0.0625')"); return;
    default: put(t, pick(3) ? "b" : pick(2) ? "true" : "false");
    }
}

static void chain(text *t, char type)
{
    static const char *const word[] = {"'A'", "'automotive'", "'north'", "'12345678'"};
    uint32_t links = 2 + pick(4), at = pick(10);
    char x = "disjm"[pick(5)], s[48];
    for (uint32_t k = 0; k < links; k++) {
        if (x == 's') snprintf(s, sizeof s, "(s == %s ? ", word[k % 4]);
        else snprintf(s, sizeof s, x == 'd' && pick(2) ? "(%c < %u.5 ? " : "(%c < %u ? ", x, at);
        if (x == 'm') snprintf(s, sizeof s, pick(2) ? "(m < %u.25 ? " : "(m < decimal('%u.1') ? ", at);
        if (x == 'd' && !strchr(s, '.')) snprintf(s, sizeof s, "(d < %u.0 ? ", at);
        put(t, s);
        number(t, type);
        put(t, " : ");
        at += pick(9);
    }
    number(t, type);
    for (uint32_t k = 0; k < links; k++) put(t, ")");
}

static void two(text *t, const char *op, char a, char b, int depth)
{
    put(t, "(");
    any(t, a, depth - 1);
    put(t, op);
    any(t, b, depth - 1);
    put(t, ")");
}

static void truth(text *t, int depth)
{
    static const char *const order[] = {" < ", " <= ", " > ", " >= ", " == ", " != "};
    char a = "dism"[pick(4)], b = a == 'd' || a == 'i' ? "di"[pick(2)] : a == 'm' ? "mi"[pick(2)] : a;
    switch (pick(6)) {
    case 0: two(t, " && ", 'b', 'b', depth); return;
    case 1: two(t, " || ", 'b', 'b', depth); return;
    case 2: put(t, "!"); any(t, 'b', depth - 1); return;
    case 3: put(t, pick(2) ? "(s in ['A', 'automotive', 'x'])" : "(j in [1, 2, 3, -7])"); return;
    default: two(t, order[pick(6)], a, b, depth);
    }
}

static void any(text *t, char type, int depth)
{
    static const char *const sign[] = {" + ", " - ", " * ", " / "};
    if (depth <= 0 || type == 's') { leaf(t, type); return; }
    if (pick(6) == 0) {
        put(t, "(");
        any(t, 'b', depth - 1);
        put(t, " ? ");
        any(t, type, depth - 1);
        put(t, " : ");
        any(t, type, depth - 1);
        put(t, ")");
    } else if (type == 'b') truth(t, depth);
    else if (type != 'm' && pick(4) == 0) chain(t, type);
    else if (type == 'm' && pick(5) == 0) {
        char s[24];
        put(t, "(");
        any(t, type, depth - 1);
        snprintf(s, sizeof s, ").round(%u)", pick(7));
        put(t, s);
    } else if (pick(8) == 0) { put(t, "-("); any(t, type, depth - 1); put(t, ")"); }
    else two(t, sign[pick(type == 'i' ? 3 + (pick(5) == 0) : 4)], type, type == 'd' ? "ddi"[pick(3)] : type == 'm' ? "mmi"[pick(3)] : type, depth);
}

/* ---------------------------------------------------------------- rows against blocks */

static int is_null(const kam_col *c, uint32_t r) { return c->valid && !(c->valid[r / 8] >> r % 8 & 1); }

static void push(ct *t, const data *d, uint32_t r)
{
    kam_work_clear(t->work);
    for (uint32_t c = 0; c < COLS; c++) {
        int32_t rc = KAM_OK;
        if (is_null(&d->col[c], r)) continue;
        if (c < 2) rc = kam_work_set_f64(t->work, c, d->f[c][r], t->err);
        else if (c == 4) rc = kam_work_set_text(t->work, c, d->text + d->off[r], (size_t)(d->off[r + 1] - d->off[r]),
                                                t->err);
        else rc = kam_work_set_i64(t->work, c, kam__col_i64(&d->col[c], r), t->err);
        assert_int_equal(rc, KAM_OK);
    }
}

static int same_value(const kam_col *out, uint32_t r, const kam_work *w)
{
    double f = kam_work_f64(w, 12345);
    if (out->type == KAM_T_I32) return ((const int32_t *)out->data)[r] == kam_work_i64(w, -9);
    if (out->type == KAM_T_I64) return ((const int64_t *)out->data)[r] == kam_work_i64(w, -9);
    if (out->type == KAM_T_TEXT) {
        size_t len;
        const char *got = kam__col_text(out, r, &len);
        kam_buf *json = NULL;
        assert_int_equal(kam_buf_new(&json, NULL, NULL), KAM_OK);
        assert_int_equal(kam_work_json(json, w, NULL), KAM_OK);
        int same = len == kam_buf_size(json) && memcmp(got, kam_buf_data(json), len) == 0;
        kam_buf_free(json);
        return same;
    }
    double one = kam__cel_one_nan(f), other = ((const double *)out->data)[r];
    return memcmp(&one, &other, sizeof one) == 0;
}

static int check(ct *t, const data *d, const char *cel)
{
    kam_rule_options o = {.struct_size = sizeof o, .flags = KAM_RULE_NULL_ON_ERROR};
    kam_rule *rule = NULL;
    kam_work *work = NULL;
    const kam_col *out = NULL;
    if (kam_rule_compile(&rule, t->ctx, block_env, &o, cel, KAM_NUL, t->err) != KAM_OK) {
        print_error("%s: %s\n", cel, kam_error_message(t->err));
        fail();
    }
    int vector = rule->vec != NULL;
    assert_int_equal(kam_work_new(&work, t->ctx, t->err), KAM_OK);
    assert_int_equal(kam_rule_eval_block(&out, rule, work, &d->block, t->err), KAM_OK);
    for (uint32_t r = 0; r < ROWS; r++) {
        push(t, d, r);
        int32_t rc = kam_rule_run(rule, t->work, t->err);
        assert_true(rc == KAM_OK || rc == KAM_E_POLICY);
        int good = rc == KAM_OK ? !is_null(out, r) && same_value(out, r, t->work) : is_null(out, r);
        if (!good) print_error("%s, row %u\n", cel, r);
        assert_true(good);
    }
    kam_work_free(work);
    kam_rule_free(rule);
    return vector;
}

static void blocks_are_rows_bit_for_bit(void **state)
{
    static data d[2];
    int vectors = 0, n = 600;
    fill(&d[0], 0);
    fill(&d[1], 1);
    for (int k = 0; k < n; k++) {
        text t = {"", 0};
        any(&t, "dibm"[k % 4], 1 + k % 5);
        if (t.n > 3900) continue;
        vectors += check(*state, &d[k / 4 % 2], t.s);
    }
    print_message("%d of %d expressions had a vector program\n", vectors, n);
    assert_in_range(vectors, n / 4, n);
}

static void results_of_every_type(void **state)
{
    static data d;
    ct *t = *state;
    kam_rule *rule = NULL;
    const kam_col *out = NULL;
    fill(&d, 0);
    d.block.nrow = 3;
    assert_int_equal(kam_rule_compile(&rule, t->ctx, block_env, NULL, "s + '/' + string(j)", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_rule_eval_block(&out, rule, t->work, &d.block, t->err), KAM_OK);
    assert_int_equal(out->type, KAM_T_TEXT);
    assert_null(out->valid);
    char want[64];
    snprintf(want, sizeof want, "%.*s/%d", d.off[2] - d.off[1], d.text + d.off[1], d.n[1]);
    size_t len;
    const char *got = kam__col_text(out, 1, &len);
    assert_int_equal(len, strlen(want));
    assert_memory_equal(got, want, len);
    kam_rule_free(rule);
    assert_int_equal(kam_rule_compile(&rule, t->ctx, block_env, NULL, "b ? optional.of(m) : optional.none()", KAM_NUL,
                                      t->err), KAM_OK);
    d.b[0] = 0; d.b[1] = 1; d.m[1] = 150;
    assert_int_equal(kam_rule_eval_block(&out, rule, t->work, &d.block, t->err), KAM_OK);
    assert_int_equal(out->type, KAM_T_TEXT);
    assert_true(is_null(out, 0));
    got = kam__col_text(out, 1, &len);
    assert_int_equal(len, 4);
    assert_memory_equal(got, "1.50", 4);
    kam_rule_free(rule);
}

/* Money: as many decimals as the type says, in rows and in blocks; what does not fit is an error. */
static void money_has_its_decimals(void **state)
{
    static data d;
    static const struct { const char *cel, *type; int64_t want[3]; } is[] = {
        {"m + 1", "decimal(2)", {250, -1, 12445}}, {"m * 1.19", "decimal(4)", {17850, -12019, 1469055}},
        {"(m * 1.19).round(2)", "decimal(2)", {178, -120, 14691}}, {"m / 4", "decimal(6)", {375000, -252500, 30862500}},
        {"m < 100 ? m : (m * 0.9).round(2)", "decimal(2)", {150, -101, 11110}},
        {"-(m - decimal('0.005'))", "decimal(3)", {-1495, 1015, -123445}},
        {"m < 0.00 ? decimal('0.00') : m < 100.0 ? decimal('0.10') : decimal('0.25')", "decimal(2)", {10, 0, 25}}};
    ct *t = *state;
    fill(&d, 0);
    d.block.nrow = 3;
    d.m[0] = 150; d.m[1] = -101; d.m[2] = 12345;
    for (size_t k = 0; k < sizeof is / sizeof *is; k++) {
        kam_rule *rule = NULL;
        const kam_col *out = NULL;
        assert_int_equal(kam_rule_compile(&rule, t->ctx, block_env, NULL, is[k].cel, KAM_NUL, t->err), KAM_OK);
        if (strcmp(kam_rule_type(rule), is[k].type) != 0) fail_msg("%s is %s", is[k].cel, kam_rule_type(rule));
        if (!rule->vec) fail_msg("%s has no vector program", is[k].cel);
        assert_int_equal(kam_rule_eval_block(&out, rule, t->work, &d.block, t->err), KAM_OK);
        for (uint32_t r = 0; r < 3; r++)
            if (((const int64_t *)out->data)[r] != is[k].want[r])
                fail_msg("%s: row %u: %lld", is[k].cel, r, (long long)((const int64_t *)out->data)[r]);
        kam_rule_free(rule);
    }
    kam_rule *rule = NULL;
    const kam_col *out = NULL;
    d.m[1] = INT64_MAX - 7;
    assert_int_equal(kam_rule_compile(&rule, t->ctx, block_env, NULL, "m * decimal('1.000')", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_rule_eval_block(&out, rule, t->work, &d.block, t->err), KAM_E_POLICY);
    assert_non_null(strstr(kam_error_message(t->err), "row 1: line 1, column 3: a decimal does not fit 5 decimals; round(n) gives it fewer"));
    kam_rule_free(rule);
    assert_int_equal(kam_rule_compile(&rule, t->ctx, block_env, NULL, "b ? m : decimal('1.125')", KAM_NUL, t->err), KAM_OK);
    assert_string_equal(kam_rule_type(rule), "decimal");
    kam_rule_free(rule);
}

static void the_first_row_that_fails_is_told(void **state)
{
    static data d;
    ct *t = *state;
    kam_rule *rule = NULL;
    const kam_col *out = NULL;
    fill(&d, 0);
    for (int r = 0; r < ROWS; r++) d.n[r] = 1;
    d.n[1300] = 0;
    assert_int_equal(kam_rule_compile(&rule, t->ctx, block_env, NULL, "i % j", KAM_NUL, t->err), KAM_OK);
    d.w[7] = 5;
    assert_int_equal(kam_rule_eval_block(&out, rule, t->work, &d.block, t->err), KAM_E_POLICY);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_ROW), 1300);
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_OFFSET), 2);
    assert_non_null(strstr(kam_error_message(t->err), "row 1300: line 1, column 3: modulus by zero"));
    assert_null(out);
    d.block.ncol = 2;
    /* columns missing: no value */
    assert_int_equal(kam_rule_eval_block(&out, rule, t->work, &d.block, t->err), KAM_E_POLICY);
    d.block.nrow = 70000;
    assert_int_equal(kam_rule_eval_block(&out, rule, t->work, &d.block, t->err), KAM_E_LIMIT);
    d.block.nrow = 0;
    assert_int_equal(kam_rule_eval_block(&out, rule, t->work, &d.block, t->err), KAM_OK);
    kam_rule_free(rule);
}

static void a_day_is_a_timestamp(void **state)
{
    ct *t = *state;
    int32_t day[] = {0, 20513};
    kam_col c = {0, KAM_T_I32, {0}, day, NULL, NULL};
    kam_block b = {sizeof b, 2, 1, 0, &c};
    kam_rule *rule = NULL;
    const kam_col *out = NULL;
    assert_int_equal(kam_rule_compile(&rule, t->ctx, "{\"day\":\"timestamp\"}", NULL,
                                      "day.year() * 100 + day.month()", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(kam_rule_eval_block(&out, rule, t->work, &b, t->err), KAM_OK);
    assert_int_equal(((const int64_t *)out->data)[0], 197001);
    assert_int_equal(((const int64_t *)out->data)[1], 202603);
    kam_rule_free(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(blocks_are_rows_bit_for_bit),
        cmocka_unit_test(results_of_every_type), cmocka_unit_test(money_has_its_decimals),
                                       cmocka_unit_test(the_first_row_that_fails_is_told),
                                           cmocka_unit_test(a_day_is_a_timestamp)};
    return cmocka_run_group_tests(tests, ct_setup, ct_teardown);
}
