/*
 * rule/scorecard_block.c - scoring blocks by the plan of a card (scorecard_plan.c), chunk by chunk.
 *
 * Columns with holes are copied chunk by chunk into a form that says "no value" by itself (a NaN, a code of -1); whole
 * columns are read where they lie. Rows an expression is not sure of, and cards without a plan, go by the row path.
 */
#include "scorecard_block.h"
#include <math.h>

/* ---------------------------------------------------------------- columns */

static int sblock_has(const kam_col *c, uint32_t row) { return !c->valid || ((uint32_t)c->valid[row / 8] >> row % 8 & 1u); }

static int32_t sblock_type(const kam__card_plan *p, uint32_t attr, const kam_col *c, kam_error *err)
{
    const kam__field *f = p->b->field[attr];
    int number = c->type == KAM_T_I32 || c->type == KAM_T_I64;
    int fits = f->type == KAM_T_TEXT ? c->type == KAM_T_TEXT || c->type == KAM_T_I32
               : f->type == KAM_T_F64 ? number || c->type == KAM_T_F64
                                      : number;
    if (fits) return KAM_OK;
    return kam__fail(err, KAM_E_TYPE, "column %u has another type than attribute \"%s\" takes: %s", attr + 1,
                     p->b->card->attr[attr].name,
                     f->type == KAM_T_TEXT ? "TEXT, or I32 codes of a dictionary" : f->type == KAM_T_F64
                         ? "F64, I64 or I32" : "I64 or I32");
}

int32_t kam__card_cell(kam__card_value *v, const kam__card_plan *p, uint32_t attr, const kam_col *c, uint32_t row,
                       kam_error *err)
{
    const kam__field *f = p->b->field[attr];
    v->t = KAM__CV_NONE;
    if (!sblock_has(c, row)) return KAM_OK;
    KAM__TRY(sblock_type(p, attr, c, err));
    if (c->type == KAM_T_TEXT) {
        v->text = (const char *)c->data + c->off[row];
        v->n = (uint32_t)(c->off[row + 1] - c->off[row]);
        v->t = v->n ? KAM__CV_TEXT : KAM__CV_NONE;
        return KAM_OK;
    }
    if (f->type == KAM_T_TEXT)
        return kam__fail(err, KAM_E_TYPE, "attribute \"%s\" is a text: a card that is scored row by row takes no codes",
                         p->b->card->attr[attr].name);
    if (c->type == KAM_T_F64) v->f = ((const double *)c->data)[row];
    else v->num = c->type == KAM_T_I32 ? ((const int32_t *)c->data)[row] : ((const int64_t *)c->data)[row];
    if (f->type == KAM_T_F64 && c->type != KAM_T_F64) v->f = (double)v->num;
    if (f->logic == KAM__L_BOOL) v->num = v->num != 0;
    v->t = f->type != KAM_T_F64 ? KAM__CV_NUM : v->f == v->f ? KAM__CV_F64 : KAM__CV_NONE;
    return KAM_OK;
}

/* ---------------------------------------------------------------- one chunk */

typedef struct sblock_run {
    const kam__card_plan *p; const kam__card_kern *kern; const kam_block *rows; kam__card_chunk *room;
    kam__card_score *row;                   /* for what goes by rows */
    uint32_t from, n, whole; int32_t *rank; kam_error *err;     /* whole: n up to a multiple of 64 */
} sblock_run;

/* A column of numbers as doubles, NaN where there is none. */
static const double *sblock_reals(const sblock_run *r, const kam_col *c)
{
    double *to = r->room->real;
    if (c->type == KAM_T_F64 && !c->valid && r->n == r->whole) return (const double *)c->data + r->from;
    for (uint32_t i = 0; i < r->whole; i++) to[i] = NAN;
    for (uint32_t i = 0; i < r->n; i++) {
        uint32_t row = r->from + i;
        if (!sblock_has(c, row)) continue;
        to[i] = c->type == KAM_T_F64   ? ((const double *)c->data)[row]
                : c->type == KAM_T_I32 ? (double)((const int32_t *)c->data)[row]
                                       : (double)((const int64_t *)c->data)[row];
    }
    return to;
}

static const void *sblock_tail(const sblock_run *r, const kam_col *c, void *to, size_t size)
{
    const char *from = (const char *)c->data + r->from * size;
    if (r->n == r->whole) return from;
    memset(to, 0, r->whole * size);
    memcpy(to, from, r->n * size);
    return to;
}

/* 64-bit numbers some of which are missing: each by itself. */
static void sblock_holes(const sblock_run *r, const kam__card_step *s, const kam_col *c)
{
    for (uint32_t i = 0; i < r->n; i++) {
        int64_t v = s->base, x = ((const int64_t *)c->data)[r->from + i];
        for (uint32_t k = 0; k < s->n; k++) v += x >= s->at[k] ? s->delta[k] : 0;
        if (!sblock_has(c, r->from + i)) v = s->missing;
        r->room->sum[i] += v;
        if (r->rank) r->rank[i] = (int32_t)(uint32_t)((uint64_t)v & 0xffffffffu);
    }
}

static void sblock_number(const sblock_run *r, uint32_t i, const kam_col *c)
{
    const kam__card_step *s = &r->p->step[i];
    int real = r->p->b->field[r->p->b->card->factor[i].attr]->type == KAM_T_F64;
    if (real || (c->type == KAM_T_I32 && c->valid))
        r->kern->step_f(s, sblock_reals(r, c), r->whole, r->room->sum, r->rank);
    else if (c->type == KAM_T_I32)
        r->kern->step_i(s, sblock_tail(r, c, r->room->code, 4), r->whole, r->room->sum32, r->rank);
    else if (c->valid)
        sblock_holes(r, s, c);
    else
        r->kern->step_l(s, sblock_tail(r, c, r->room->whole, 8), r->whole, r->room->sum, r->rank);
}

/* Case of a text: n of them is otherwise. */
static int32_t sblock_case(const kam__card_slot *slot, uint32_t ncase, const char *text, uint32_t n)
{
    uint32_t k = 0;
    while (k < ncase && (slot[k].ntext != n || memcmp(slot[k].text, text, n) != 0)) k++;
    return (int32_t)k;
}

static const int32_t *sblock_codes(const sblock_run *r, uint32_t i, const kam_col *c)
{
    int32_t *to = r->room->code;
    uint32_t ncase = r->p->b->card->factor[i].ncase;
    if (c->type == KAM_T_I32 && !c->valid) return sblock_tail(r, c, to, 4);
    for (uint32_t k = 0; k < r->whole; k++) to[k] = -1;
    for (uint32_t k = 0; k < r->n; k++) {
        uint32_t row = r->from + k;
        if (!sblock_has(c, row)) continue;
        if (c->type == KAM_T_I32) to[k] = ((const int32_t *)c->data)[row];
        else if (c->off[row + 1] > c->off[row])
            to[k] = sblock_case(r->p->b->factor[i], ncase, (const char *)c->data + c->off[row],
                                (uint32_t)(c->off[row + 1] - c->off[row]));
    }
    return to;
}

static int32_t sblock_bad_code(const sblock_run *r, uint32_t i, const kam__card_table *t, const int32_t *code)
{
    uint32_t k = 0;
    while (k < r->n && (uint32_t)code[k] + 1 <= t->n) k++;
    if (k == r->n) return KAM_OK;           /* rows that are none, behind the last */
    kam__fail(r->err, KAM_E_POLICY, "row %u: code %d of attribute \"%s\" is none of its dictionary of %u texts",
              r->from + k + 1, (int)code[k], r->p->b->card->attr[r->p->b->card->factor[i].attr].name, t->n);
    kam__err_set(r->err, KAM_ERR_ROW, (int64_t)r->from + k);
    return KAM_E_POLICY;
}

static int32_t sblock_lookup(const sblock_run *r, uint32_t i, const kam_col *c)
{
    const kam__card_table *t = c->type == KAM_T_I32 ? &r->p->dictionary[i] : &r->p->table[i];
    if (!t->points)
        return kam__fail(r->err, KAM_E_POLICY,
                         "attribute \"%s\" comes as codes, but has no dictionary: give it one first",
                         r->p->b->card->attr[r->p->b->card->factor[i].attr].name);
    const int32_t *code = sblock_codes(r, i, c);
    return r->kern->table(t, code, r->whole, r->room->sum32, r->rank) ? sblock_bad_code(r, i, t, code) : KAM_OK;
}

static void sblock_none(const sblock_run *r, uint32_t i)
{
    const kam__card_outcome *o = &r->p->b->card->factor[i].missing;
    for (uint32_t k = 0; k < r->whole; k++) r->room->sum32[k] += (int32_t)o->contribution;
    for (uint32_t k = 0; k < r->whole && r->rank; k++) r->rank[k] = (int32_t)o->rank;
}

/* ---------------------------------------------------------------- expressions */

/* The attributes of one row, for the row path. */
static int32_t sblock_row_in(const sblock_run *r, uint32_t row)
{
    for (uint32_t k = 0; k < r->p->b->card->nattr; k++) {
        r->row->in[k].t = KAM__CV_NONE;
        if (k < r->rows->ncol)
            KAM__TRY(kam__card_cell(&r->row->in[k], r->p, k, &r->rows->col[k], row, r->err));
    }
    return KAM_OK;
}

/* Row by row; factor NULL: of a warning, which is not asked for, but must not fail. */
static int32_t sblock_expr_rows(const sblock_run *r, const kam__card_expr *e, uint8_t form, const uint32_t *factor)
{
    kam__card_value v;
    kam__card_hit hit;
    for (uint32_t k = 0; k < r->n; k++) {
        if (r->room->again[k]) continue;
        int32_t rc = sblock_row_in(r, r->from + k);
        kam__arena_reset(&r->row->work->arena);
        if (rc == KAM_OK) rc = kam__card_expr_eval(&v, r->row, r->p->b, e, form, "", "", r->err);
        if (rc == KAM_E_NOMEM) return rc;
        r->room->again[k] = rc != KAM_OK;   /* which tells what is wrong */
        if (rc != KAM_OK || !factor) continue;
        kam__card_hit_of(&hit, r->p->b, *factor, &v);
        r->room->sum32[k] += (int32_t)hit.out->contribution;
        if (r->rank) r->rank[k] = (int32_t)hit.out->rank;
    }
    return KAM_OK;
}

static int32_t sblock_expr(const sblock_run *r, uint32_t i)
{
    const kam__card_factor *f = &r->p->b->card->factor[i];
    const kam__card_step *s = &r->p->step[i];
    const void *x = NULL;
    if (s->at_f)
        KAM__TRY(kam__card_expr_values(&x, &f->expr, r->row->work, r->room, r->rows, r->from, r->n, r->err));
    if (!x) return sblock_expr_rows(r, &f->expr, f->form, &i);
    if (f->expr.kind == KAM__CEL_DOUBLE) r->kern->step_f(s, x, r->whole, r->room->sum, r->rank);
    else r->kern->step_l(s, x, r->whole, r->room->sum, r->rank);
    return KAM_OK;
}

/* Warnings are no part of the result, but one that fails makes its row fail. */
static int32_t sblock_warnings(const sblock_run *r)
{
    const kam__card *c = r->p->b->card;
    for (uint32_t i = 0; i < c->nwarning; i++) {
        const kam__card_expr *e = &c->warning[i].expr;
        const void *x = NULL;
        if (c->warning[i].attr != UINT32_MAX) continue;
        KAM__TRY(kam__card_expr_values(&x, e, r->row->work, r->room, r->rows, r->from, r->n, r->err));
        if (!x) KAM__TRY(sblock_expr_rows(r, e, KAM__CARD_FLAG, NULL));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- the whole */

/* One row by the row path. */
static int32_t sblock_row(const sblock_run *r, const kam__card_out *out, uint32_t i)
{
    kam__card_score *row = r->row;
    int32_t rc = sblock_row_in(r, i);
    if (rc == KAM_OK) rc = kam__card_score_in(row, r->p->b, r->err);
    if (rc != KAM_OK) {
        if (rc != KAM_E_NOMEM) kam__err_prefix(r->err, "row %u: ", i + 1);
        kam__err_set(r->err, KAM_ERR_ROW, i);
        return rc;
    }
    out->points[i] = row->points;
    for (uint32_t k = 0; k < row->nreason; k++) out->reason[k][i] = (int32_t)row->hit[row->reason[k]].out->rank;
    return KAM_OK;
}

static int32_t sblock_factors(sblock_run *r)
{
    const kam__card *c = r->p->b->card;
    for (uint32_t i = 0; i < c->nfactor; i++) {
        uint32_t attr = c->factor[i].attr;
        const kam_col *col = attr < r->rows->ncol ? &r->rows->col[attr] : NULL;
        if (c->nreason) r->rank = r->room->rank + i * KAM__CHUNK;
        if (attr == UINT32_MAX) KAM__TRY(sblock_expr(r, i));
        else if (!col) sblock_none(r, i);
        else if (kam__card_is_text(r->p->b, attr)) KAM__TRY(sblock_lookup(r, i, col));
        else sblock_number(r, i, col);
    }
    return c->nexpr ? sblock_warnings(r) : KAM_OK;
}

static int32_t sblock_chunk(sblock_run *r, const kam__card_out *out)
{
    const kam__card *c = r->p->b->card;
    memset(r->room->sum, 0, r->whole * sizeof *r->room->sum);
    memset(r->room->sum32, 0, r->whole * sizeof *r->room->sum32);
    memset(r->room->again, 0, sizeof r->room->again);
    KAM__TRY(sblock_factors(r));
    if (c->nreason) r->kern->least(r->room->best, c->nreason, r->room->rank, c->nfactor, r->whole);
    int64_t *to = r->n == r->whole ? out->points + r->from : r->room->whole;
    r->kern->finish(to, c->baseline, r->room->sum, r->room->sum32, c->nreason > 0, r->whole);
    if (r->n != r->whole) memcpy(out->points + r->from, to, r->n * sizeof *to);
    for (uint32_t k = 0; k < c->nreason; k++)
        memcpy(out->reason[k] + r->from, r->room->best + k * KAM__CHUNK, r->n * sizeof(int32_t));
    for (uint32_t k = 0; c->nexpr && k < r->n; k++)
        if (r->room->again[k]) KAM__TRY(sblock_row(r, out, r->from + k));
    return KAM_OK;
}

/* An expression reads texts, never codes of a dictionary. */
static int sblock_by_rows(const kam__card_plan *p, const kam_block *rows)
{
    const kam__card *c = p->b->card;
    for (uint32_t i = 0; c->nexpr && i < c->nattr && i < rows->ncol; i++)
        if (kam__card_is_text(p->b, i) && rows->col[i].type == KAM_T_I32) return 1;
    return !p->ready;
}

int32_t kam__card_block(const kam__card_out *out, const kam__card_plan *p, kam__card_score *row,
                        kam__card_chunk *room, const kam__card_kern *kern, const kam_block *rows, kam_error *err)
{
    const kam__card *c = p->b->card;
    sblock_run r = {p, kern, rows, room, row, 0, 0, 0, NULL, err};
    int by_rows = sblock_by_rows(p, rows);
    for (uint32_t i = 0; by_rows && i < rows->nrow; i++) KAM__TRY(sblock_row(&r, out, i));
    for (uint32_t i = 0; !by_rows && i < c->nattr && i < rows->ncol; i++)
        KAM__TRY(sblock_type(p, i, &rows->col[i], err));
    for (; !by_rows && r.from < rows->nrow; r.from += KAM__CHUNK) {
        r.n = rows->nrow - r.from < KAM__CHUNK ? rows->nrow - r.from : (uint32_t)KAM__CHUNK;
        r.whole = (r.n + 63) / 64 * 64;
        KAM__TRY(sblock_chunk(&r, out));
    }
    for (uint32_t i = 0; i < c->nattr; i++) row->in[i].t = KAM__CV_NONE;
    return KAM_OK;
}
