/*
 * rule/scorecard_block_expr.c - expressions of a card over a chunk of rows.
 *
 * Where an expression has a vector program (cel_vec.c) that reads these columns, it runs over them; any other is
 * evaluated row by row. Rows whose answer neither is sure of - a value is missing, a number overflows, the expression
 * fails - are marked, and the row path scores them anew; so both ways give the same by construction.
 */
#include "scorecard_block.h"
#include "cel_vec.h"

_Static_assert((uint32_t)KAM__CHUNK == CEL_CHUNK, "a chunk of a card is one of the vector program");

int32_t kam__card_expr_scale(const kam__card_expr *e)
{
    if (!e->rule->vec) return -1;
    return e->kind == KAM__CEL_DECIMAL ? e->rule->scale : 0;
}

/* An empty text and a NaN are no values for a card, but values for the vector program. */
static int sblockx_none(const kam_col *c, uint32_t row)
{
    if (c->type == KAM_T_TEXT) return c->off[row] == c->off[row + 1];
    return c->type == KAM_T_F64 && ((const double *)c->data)[row] != ((const double *)c->data)[row];
}

int32_t kam__card_expr_values(const void **out, const kam__card_expr *e, kam__card_work *w, kam__card_chunk *room,
                              const kam_block *rows, uint32_t from, uint32_t n, kam_error *err)
{
    const cel_vec *v = e->rule->vec;
    const cel_slot *got;
    const uint8_t *redo;
    int64_t *to = room->whole;
    *out = NULL;
    if (!v || !kam__cel_vec_fits(v, rows)) return KAM_OK;
    KAM__TRY(kam__grow(w->ctx, &w->vec, &w->cap_vec, kam__cel_vec_room(v), 1, err));
    if (kam__cel_vec_run(v, w->vec, rows, from, n, &got, &redo))
        for (uint32_t k = 0; k < n; k++) room->again[k] = (uint8_t)(room->again[k] | redo[k]);
    for (uint32_t i = 0; i < v->ncol; i++)
        for (uint32_t k = 0; k < n; k++)
            if (sblockx_none(&rows->col[v->col[i].var], from + k)) room->again[k] = 1;
    *out = got;
    if (e->kind != KAM__CEL_BOOL && n == KAM__CHUNK) return KAM_OK;
    memset(to, 0, sizeof room->whole);
    if (e->kind == KAM__CEL_BOOL) for (uint32_t k = 0; k < n; k++) to[k] = got[k].i != 0;
    else memcpy(to, got, n * sizeof *to);
    *out = to;
    return KAM_OK;
}
