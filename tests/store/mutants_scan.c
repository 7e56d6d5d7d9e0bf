/*
 * mutants_scan.c - the mutations of scans: values, conditions, blocks, order, after, limit. See mutants_write.c.
 */
#include "mutants.h"

#define INNER kam__mutant_inner

/* ---------------------------------------------------------------- values out */

static mutant_cell *cell(mutant_rows *r, uint32_t row, uint32_t place)
{
    return (mutant_cell *)(uintptr_t)kam__mutant_cell(r, row, place);
}

/* Calls fn on each value of a column there is. */
static int32_t each(mutant_rows *r, uint32_t place, void (*fn)(mutant_cell *v))
{
    for (uint32_t i = 0; i < r->n; i++) {
        mutant_cell *v = cell(r, i, place);
        if (v) fn(v);
    }
    return KAM_OK;
}
static void v_rev(mutant_cell *v) { if (v->has && v->i >= 6) v->i++; }
static void v_i32(mutant_cell *v) { if (v->has && v->i == INT32_MIN) v->i++; }
static void v_i64(mutant_cell *v) { if (v->has && v->i == ((int64_t)1 << 53) + 1) v->i--; }
static void v_f64(mutant_cell *v) { if (v->has && v->f > -1e30 && v->f < 1e30) v->f = (double)(float)v->f; }
static void v_zero(mutant_cell *v) { if (v->has && !(v->f < 0.0) && !(v->f > 0.0)) v->f = 0.0; }
static void v_null(mutant_cell *v) { v->has = 1; }
static void v_blank(mutant_cell *v) { while (v->has && v->len && v->t[v->len - 1] == ' ') v->len--; }
static void v_short(mutant_cell *v) { if (v->has && v->len > 32768) v->len = 32768; }
AFTER(rows_rev) { (void)c, (void)q; return each(r, M_REV, v_rev); }
AFTER(rows_i32) { (void)c, (void)q; return each(r, M_DAY, v_i32); }
AFTER(rows_i64) { (void)c, (void)q; return each(r, M_AMOUNT, v_i64); }
AFTER(rows_f64) { (void)c, (void)q; return each(r, M_RATIO, v_f64); }
AFTER(rows_zero) { (void)c, (void)q; return each(r, M_RATIO, v_zero); }
AFTER(rows_null) { (void)c, (void)q; return each(r, M_RATIO, v_null); }
AFTER(rows_blank) { (void)c, (void)q; return each(r, M_NAME, v_blank); }
AFTER(rows_short) { (void)c, (void)q; return r->n == 2 ? each(r, M_NOTE, v_short) : KAM_OK; }

/* ---------------------------------------------------------------- conditions */

static kam_pred *pred(const kam_table_scan *q, uint32_t place, uint32_t op)
{
    kam_pred *p = (kam_pred *)(uintptr_t)q->pred;
    return q->npred >= 1 && p->field == kam__mutant_field(place) && p->op == op ? p : NULL;
}
static int number_is(const kam_pred *p, int64_t v) { return p && kam__col_i64(p->arg, 0) == v; }
/* Turns a condition into another one. */
static int32_t turn(kam_pred *p, int when, uint32_t op)
{
    if (when) p->op = op;
    return KAM_OK;
}
#define TURN(name, place, from, to, when) \
    BEFORE(name) { kam_pred *p = pred(q, place, from); (void)c; return turn(p, p && (when), to); }
TURN(p_key_eq, M_ID, KAM_OP_EQ, KAM_OP_GE, 1)
TURN(p_key_gt, M_ID, KAM_OP_GT, KAM_OP_GE, 1)
TURN(p_eq_i32, M_DAY, KAM_OP_EQ, KAM_OP_GE, 1)
TURN(p_eq_i64, M_AMOUNT, KAM_OP_EQ, KAM_OP_LE, q->npred == 1 && number_is(p, 100))
TURN(p_lt, M_DAY, KAM_OP_LT, KAM_OP_LE, 1)
TURN(p_le, M_DAY, KAM_OP_LE, KAM_OP_LT, 1)
TURN(p_gt, M_DAY, KAM_OP_GT, KAM_OP_GE, 1)
TURN(p_ge, M_DAY, KAM_OP_GE, KAM_OP_GT, number_is(p, 30))
TURN(p_f64, M_RATIO, KAM_OP_GE, KAM_OP_GT, 1)
TURN(p_prefix, M_NAME, KAM_OP_PREFIX, KAM_OP_GE, kam__mutant_text_is(p->arg, 0, "abd"))

/* The last value of IN is forgotten. */
static int32_t shorter(kam_pred *p)
{
    if (p && p->narg == 3) p->narg--;
    return KAM_OK;
}
BEFORE(p_key_in) { (void)c; return shorter(pred(q, M_ID, KAM_OP_IN)); }
BEFORE(p_in_numbers) { (void)c; return shorter(pred(q, M_AMOUNT, KAM_OP_IN)); }
BEFORE(p_in_texts) { (void)c; return shorter(pred(q, M_NAME, KAM_OP_IN)); }
BEFORE(p_in_most)
{
    kam_pred *p = pred(q, M_AMOUNT, KAM_OP_IN);
    (void)c;
    return p && p->narg >= 500 ? KAM_E_LIMIT : KAM_OK;
}
AFTER(p_in_repeats)
{
    kam_pred *p = pred(q, M_AMOUNT, KAM_OP_IN);
    (void)c;
    if (!p || p->narg != 2 || r->n != 2) return KAM_OK;
    if (r->cap < 3) return KAM_E_NOMEM;
    memcpy(r->cell + (size_t)2 * r->ncol, r->cell, r->ncol * sizeof *r->cell);
    r->n = 3;
    return KAM_OK;
}
/* Another text instead of the one asked for. */
static int32_t retext(kam_pred *p, const char *from, const kam_col *to, uint32_t op)
{
    if (!p || !kam__mutant_text_is(p->arg, 0, from)) return KAM_OK;
    p->arg = to;
    p->op = op;
    p->narg = op == KAM_OP_IN ? 2 : 1;
    return KAM_OK;
}
static const int32_t off_cases[] = {0, 3, 6}, off_two[] = {0, 2};
static const kam_col both_cases = {0, KAM_T_TEXT, {0, 0, 0}, "abcABC", off_cases, NULL},
                     low_ab = {0, KAM_T_TEXT, {0, 0, 0}, "ab", off_two, NULL};
BEFORE(p_text_case) { (void)c; return retext(pred(q, M_NAME, KAM_OP_EQ), "abc", &both_cases, KAM_OP_IN); }
BEFORE(p_prefix_literal) { (void)c; return retext(pred(q, M_NAME, KAM_OP_PREFIX), "ab%", &low_ab, KAM_OP_PREFIX); }
BEFORE(p_prefix_case) { (void)c; return retext(pred(q, M_NAME, KAM_OP_PREFIX), "AB", &low_ab, KAM_OP_PREFIX); }
static int32_t nothing(mutant_rows *r, int when)
{
    if (when) r->n = 0;
    return KAM_OK;
}
AFTER(p_eq_text)
{
    kam_pred *p = pred(q, M_NAME, KAM_OP_EQ);
    (void)c;
    return nothing(r, p && kam__mutant_text_is(p->arg, 0, "ab%d"));
}
AFTER(p_text_order) { (void)c; return nothing(r, pred(q, M_NAME, KAM_OP_LT) != NULL); }
AFTER(p_text_utf8) { (void)c; return nothing(r, pred(q, M_NAME, KAM_OP_GT) != NULL); }
AFTER(p_null) { (void)c; return nothing(r, pred(q, M_AMOUNT, KAM_OP_NULL) != NULL); }
AFTER(p_eq_stale) { return nothing(r, c->s->updates && pred(q, M_AMOUNT, KAM_OP_EQ)); }
BEFORE(p_null_small)
{
    (void)c;
    if (pred(q, M_AMOUNT, KAM_OP_LT)) q->npred = 0;
    return KAM_OK;
}
static int null_or_small(const mutant_rows *r, uint32_t row, const kam_table_scan *q)
{
    const mutant_cell *v = kam__mutant_cell(r, row, M_AMOUNT);
    return !v->has || v->i < kam__col_i64(q->pred[0].arg, 0);
}
AFTER(p_null_small_rows)
{
    (void)c;
    if (pred(q, M_AMOUNT, KAM_OP_LT)) kam__mutant_keep(r, null_or_small, q);
    return KAM_OK;
}
BEFORE(p_first_only)
{
    (void)c;
    if (q->npred == 2) q->npred = 1;
    return KAM_OK;
}
AFTER(p_none_fails) { (void)c; return pred(q, M_DAY, KAM_OP_EQ) && !r->n ? KAM_E_NOT_FOUND : KAM_OK; }

/* ---------------------------------------------------------------- scans */

AFTER(empty_fails) { (void)q; return !c->s->writes && !r->n ? KAM_E_NOT_FOUND : KAM_OK; }
AFTER(loses_one)
{
    (void)c, (void)q;
    if (r->n == 10000) r->n--;
    return KAM_OK;
}

/* In a transaction that did nothing but `op`, a scan sees what is committed. */
static int32_t committed(mutant_conn *c, const kam_table_scan *q, mutant_rows *r, uint32_t op)
{
    void *inner;
    if (c->mode != KAM_BEGIN_WRITE || c->ops != 1u << op) return KAM_OK;
    KAM__TRY(kam__memory_connect(&inner, c->s->memory, NULL));
    int32_t rc = kam__mutant_reread(c, q, r, inner);
    INNER->close(inner);
    return rc;
}
AFTER(own_insert) { return committed(c, q, r, KAM_WRITE_INSERT); }
AFTER(own_update) { return committed(c, q, r, KAM_WRITE_UPDATE); }
AFTER(own_delete) { return committed(c, q, r, KAM_WRITE_DELETE); }

/* ---------------------------------------------------------------- order, after, limit */

static int nulls(const mutant_rows *r, uint32_t place)
{
    int n = 0;
    for (uint32_t i = 0; i < r->n; i++) n += !kam__mutant_cell(r, i, place)->has;
    return n;
}
static int by(const kam_table_scan *q, uint32_t place, uint32_t desc)
{
    return q->norder == 1 && q->order[0] == kam__mutant_field(place) && (q->flags & 1) == desc && !q->after &&
           !q->limit;
}
static int plain(const kam_table_scan *q, uint32_t desc)
{
    return !q->norder && !q->npred && !q->after && !q->limit && (q->flags & 1) == desc && q->table->id == 120;
}
static int64_t num(const mutant_rows *r, uint32_t row, uint32_t place) { return kam__mutant_cell(r, row, place)->i; }
static int cmp64(int64_t a, int64_t b) { return (a > b) - (a < b); }
static int cmp_id(const mutant_rows *r, uint32_t a, uint32_t b) { return cmp64(num(r, a, M_ID), num(r, b, M_ID)); }
static int cmp_id_down(const mutant_rows *r, uint32_t a, uint32_t b) { return -cmp_id(r, a, b); }
static int cmp_amount_id_down(const mutant_rows *r, uint32_t a, uint32_t b)
{
    int d = cmp64(num(r, a, M_AMOUNT), num(r, b, M_AMOUNT));
    return d ? d : -cmp_id(r, a, b);
}
static int cmp_amount_down_id(const mutant_rows *r, uint32_t a, uint32_t b)
{
    int d = -cmp64(num(r, a, M_AMOUNT), num(r, b, M_AMOUNT));
    return d ? d : cmp_id(r, a, b);
}
static int cmp_amount_id(const mutant_rows *r, uint32_t a, uint32_t b)
{
    int d = cmp64(num(r, a, M_AMOUNT), num(r, b, M_AMOUNT));
    return d ? d : cmp_id(r, a, b);
}
static int cmp_null_first(const mutant_rows *r, uint32_t a, uint32_t b)
{
    return kam__mutant_cell(r, a, M_DAY)->has - kam__mutant_cell(r, b, M_DAY)->has;
}
static int32_t sort_if(mutant_rows *r, int when, int (*cmp)(const mutant_rows *r, uint32_t a, uint32_t b))
{
    if (when && r->n < 20) kam__mutant_sort(r, cmp);
    return KAM_OK;
}
AFTER(o_key) { (void)c; return sort_if(r, plain(q, 0), cmp_id_down); }
AFTER(o_key_down) { (void)c; return sort_if(r, plain(q, 1), cmp_id); }
AFTER(o_field) { (void)c; return sort_if(r, by(q, M_DAY, 0) && !nulls(r, M_DAY), cmp_id); }
AFTER(o_field_down) { (void)c; return sort_if(r, by(q, M_DAY, 1) && !nulls(r, M_DAY), cmp_id_down); }
AFTER(o_ties) { (void)c; return sort_if(r, by(q, M_AMOUNT, 0), cmp_amount_id_down); }
AFTER(o_ties_down) { (void)c; return sort_if(r, by(q, M_AMOUNT, 1), cmp_amount_down_id); }
AFTER(o_two) { (void)c; return sort_if(r, q->norder == 2, cmp_amount_id); }
AFTER(o_nulls) { (void)c; return sort_if(r, by(q, M_DAY, 0) && nulls(r, M_DAY), cmp_null_first); }
AFTER(o_nulls_down) { (void)c; return sort_if(r, by(q, M_DAY, 1) && nulls(r, M_DAY), cmp_null_first); }

static int64_t after_number(const kam_table_scan *q, uint32_t place, int *has)
{
    const kam_col *k = kam__block_col(q->after, kam__mutant_field(place));
    *has = k && !kam__col_null(k, 0);
    return *has ? kam__col_i64(k, 0) : 0;
}
enum { A_KEY = 1, A_KEY_DOWN, A_DAY, A_DAY_DOWN, A_AMOUNT, A_DAY_NULL };
/* Which of the kit's questions with `after` this is; 0 = none, or with a limit. */
static int after_kind(const kam_table_scan *q)
{
    int has, desc = q->flags & 1;
    if (!q->after || q->limit) return 0;
    if (!q->norder) return desc ? A_KEY_DOWN : A_KEY;
    if (q->order[0] == kam__mutant_field(M_AMOUNT)) return A_AMOUNT;
    (void)after_number(q, M_DAY, &has);
    return !has ? A_DAY_NULL : desc ? A_DAY_DOWN : A_DAY;
}
/* The question without `after`; the rows are then picked below. */
static int32_t no_after(kam_table_scan *q, int kind)
{
    if (after_kind(q) == kind) q->after = NULL;
    return KAM_OK;
}
BEFORE(b_after) { (void)c; return no_after(q, A_KEY); }
BEFORE(b_after_down) { (void)c; return no_after(q, A_KEY_DOWN); }
BEFORE(b_after_field) { (void)c; return no_after(q, A_DAY); }
BEFORE(b_after_field_down) { (void)c; return no_after(q, A_DAY_DOWN); }
BEFORE(b_after_tie) { (void)c; return no_after(q, A_AMOUNT); }
static int from_key(const mutant_rows *r, uint32_t row, const kam_table_scan *q)
{
    int has;
    return num(r, row, M_ID) >= after_number(q, M_ID, &has);
}
static int behind_key(const mutant_rows *r, uint32_t row, const kam_table_scan *q)
{
    int has;
    return num(r, row, M_ID) > after_number(q, M_ID, &has);
}
static int to_key(const mutant_rows *r, uint32_t row, const kam_table_scan *q)
{
    int has;
    return num(r, row, M_ID) <= after_number(q, M_ID, &has);
}
static int from_day(const mutant_rows *r, uint32_t row, const kam_table_scan *q)
{
    int has;
    return num(r, row, M_DAY) >= after_number(q, M_DAY, &has);
}
static int to_day(const mutant_rows *r, uint32_t row, const kam_table_scan *q)
{
    int has;
    return num(r, row, M_DAY) <= after_number(q, M_DAY, &has);
}
static int behind_amount(const mutant_rows *r, uint32_t row, const kam_table_scan *q)
{
    int has;
    return num(r, row, M_AMOUNT) > after_number(q, M_AMOUNT, &has);
}
#define KEEP(name, kind, fn)                                                                                           \
    AFTER(name) {                                                                                                      \
        (void)c;                                                                                                       \
        if (after_kind(q) == (kind)) kam__mutant_keep(r, fn, q);                                                       \
        return KAM_OK;                                                                                                 \
    }
KEEP(r_after, A_KEY, from_key)
KEEP(r_after_down, A_KEY_DOWN, to_key)
KEEP(r_after_field, A_DAY, from_day)
KEEP(r_after_field_down, A_DAY_DOWN, to_day)
KEEP(r_after_tie, A_AMOUNT, behind_amount)
AFTER(r_after_null) { (void)c; return nothing(r, after_kind(q) == A_DAY_NULL); }
AFTER(r_after_gone)
{
    int has, there = 0;
    (void)c;
    if (after_kind(q) != A_KEY) return KAM_OK;
    for (uint32_t i = 0; i < r->n; i++) there |= num(r, i, M_ID) == after_number(q, M_ID, &has);
    if (there) kam__mutant_keep(r, behind_key, q);
    else r->n = 0;
    return KAM_OK;
}

BEFORE(l_more)
{
    (void)c;
    if (q->limit && !q->after && !q->norder && !q->npred) q->limit++;
    return KAM_OK;
}
BEFORE(l_before_after)
{
    (void)c;
    if (q->limit) q->after = NULL;
    return KAM_OK;
}
AFTER(l_before_after_rows)
{
    (void)c;
    if (q->limit && q->after) kam__mutant_keep(r, behind_key, q);
    return KAM_OK;
}
BEFORE(l_before_order)
{
    (void)c;
    if (q->limit) q->norder = 0;
    return KAM_OK;
}
BEFORE(l_before_match)
{
    (void)c;
    if (q->limit && pred(q, M_DAY, KAM_OP_LT)) q->npred = 0;
    return KAM_OK;
}
static int day_less(const mutant_rows *r, uint32_t row, const kam_table_scan *q)
{
    return num(r, row, M_DAY) < kam__col_i64(q->pred[0].arg, 0);
}
AFTER(l_before_match_rows)
{
    (void)c;
    if (q->limit && pred(q, M_DAY, KAM_OP_LT)) kam__mutant_keep(r, day_less, q);
    return KAM_OK;
}
BEFORE(l_unhandled) {                       /* mutants.c clears the bit of the condition */
    (void)c;
    if (q->limit && pred(q, M_NAME, KAM_OP_PREFIX)) q->npred = 0;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the list */

const mutation kam__mutations_scan[] = {
    {.id = "write.update_rev", .after = rows_rev},
    {.id = "value.i32", .after = rows_i32},
    {.id = "value.i64", .after = rows_i64},
    {.id = "value.f64", .after = rows_f64},
    {.id = "value.f64_zero", .after = rows_zero},
    {.id = "value.null", .after = rows_null},
    {.id = "text.byte_exact", .after = rows_blank},
    {.id = "limits.text_64k", .after = rows_short},
    {.id = "pred.key_eq", .before = p_key_eq},
    {.id = "pred.key_in", .before = p_key_in},
    {.id = "pred.key_gt", .before = p_key_gt},
    {.id = "pred.eq_i32", .before = p_eq_i32},
    {.id = "pred.eq_i64", .before = p_eq_i64},
    {.id = "pred.eq_text", .after = p_eq_text},
    {.id = "pred.lt", .before = p_lt},
    {.id = "pred.le", .before = p_le},
    {.id = "pred.gt", .before = p_gt},
    {.id = "pred.ge", .before = p_ge},
    {.id = "pred.f64", .before = p_f64},
    {.id = "pred.in_numbers", .before = p_in_numbers},
    {.id = "pred.in_texts", .before = p_in_texts},
    {.id = "pred.in_repeated", .after = p_in_repeats},
    {.id = "limits.in_max_keys", .before = p_in_most},
    {.id = "pred.text_case", .before = p_text_case},
    {.id = "pred.text_order", .after = p_text_order},
    {.id = "pred.text_order_utf8", .after = p_text_utf8},
    {.id = "pred.prefix", .before = p_prefix},
    {.id = "pred.prefix_literal", .before = p_prefix_literal},
    {.id = "pred.prefix_case", .before = p_prefix_case},
    {.id = "pred.null", .after = p_null},
    {.id = "scan.null_only_matches_op_null", .before = p_null_small, .after = p_null_small_rows},
    {.id = "pred.all_must_hold", .before = p_first_only},
    {.id = "pred.none", .after = p_none_fails},
    {.id = "pred.eq_after_update", .after = p_eq_stale},
    {.id = "scan.empty_table", .after = empty_fails},
    {.id = "scan.callback_code_returned", .quirk = QUIRK_SWALLOW},
    {.id = "scan.callback_nonzero_stops", .quirk = QUIRK_GO_ON},
    {.id = "scan.block_rows", .quirk = QUIRK_BIG},
    {.id = "scan.no_empty_block", .quirk = QUIRK_EMPTY},
    {.id = "scan.many_blocks", .after = loses_one},
    {.id = "scan.projection_order", .quirk = QUIRK_TURN},
    {.id = "scan.projection_exact", .quirk = QUIRK_MORE},
    {.id = "scan.column_type", .quirk = QUIRK_I64},
    {.id = "scan.sees_own_inserts", .after = own_insert},
    {.id = "scan.sees_own_updates", .after = own_update},
    {.id = "scan.sees_own_deletes", .after = own_delete},
    {.id = "scan.handled_early", .quirk = QUIRK_HANDLED_LATE},
    {.id = "scan.handled_is_output", .quirk = QUIRK_HANDLED_KEPT},
    {.id = "order.key", .after = o_key},
    {.id = "order.key_descending", .after = o_key_down},
    {.id = "order.field", .after = o_field},
    {.id = "order.field_descending", .after = o_field_down},
    {.id = "order.ties", .after = o_ties},
    {.id = "order.ties_descending", .after = o_ties_down},
    {.id = "order.two_fields", .after = o_two},
    {.id = "order.nulls_last", .after = o_nulls},
    {.id = "order.nulls_last_descending", .after = o_nulls_down},
    {.id = "scan.order.after", .before = b_after, .after = r_after},
    {.id = "scan.order.after_descending", .before = b_after_down, .after = r_after_down},
    {.id = "scan.order.after_gone", .before = b_after, .after = r_after_gone},
    {.id = "scan.order.after_field", .before = b_after_field, .after = r_after_field},
    {.id = "scan.order.after_field_descending", .before = b_after_field_down, .after = r_after_field_down},
    {.id = "scan.order.after_tie", .before = b_after_tie, .after = r_after_tie},
    {.id = "scan.order.after_null", .after = r_after_null},
    {.id = "limit.rows", .before = l_more},
    {.id = "limit.after", .before = l_before_after, .after = l_before_after_rows},
    {.id = "limit.order", .before = l_before_order},
    {.id = "limit.matches", .before = l_before_match, .after = l_before_match_rows},
    {.id = "limit.unhandled", .before = l_unhandled},
    {.id = NULL}
};
