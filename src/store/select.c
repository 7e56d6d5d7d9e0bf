/*
 * store/select.c - order, keyset, limit and predicates over rows in memory: what a store did not do, or could not
 * because the rows are not as they are stored (an earlier day, an earlier knowledge).
 */
#include "store.h"

typedef struct select_order { const kam__scan *q; uint32_t col[64], n; } select_order;

/* 2 and -2 are final: NULLs are last whichever way the order goes. */
static int select_cells(const kam_col *a, uint32_t arow, const kam_col *b, uint32_t brow)
{
    int an = kam__col_null(a, arow), bn = kam__col_null(b, brow);
    if (an || bn) return 2 * (an - bn);
    if (a->type == KAM_T_TEXT) {
        size_t al = 0, bl = 0;
        const char *at = kam__col_text(a, arow, &al), *bt = kam__col_text(b, brow, &bl);
        int c = kam__text_cmp(at, al, bt, bl);
        return (c > 0) - (c < 0);
    }
    if (a->type == KAM_T_F64) {
        double x = kam__col_f64(a, arow), y = kam__col_f64(b, brow);
        return (x > y) - (x < y);
    }
    int64_t x = kam__col_i64(a, arow), y = kam__col_i64(b, brow);
    return (x > y) - (x < y);
}

static int select_turn(const select_order *o, int c)
{
    if (c == 2 || c == -2) return c;
    return (o->q->flags & 1u) ? -c : c;
}

static int select_compare(const kam__rowset *set, uint64_t a, uint64_t b, void *arg)
{
    const select_order *o = arg;
    const kam__blockbuf *ab = NULL, *bb = NULL;
    uint32_t ar = 0, br = 0;
    kam__rowset_at(set, a, &ab, &ar);
    kam__rowset_at(set, b, &bb, &br);
    for (uint32_t i = 0; i < o->n; i++) {
        int c = select_cells(&ab->view[o->col[i]], ar, &bb->view[o->col[i]], br);
        if (c) return select_turn(o, c);
    }
    return 0;
}

static int select_behind(const select_order *o, const kam__rowset *s, const kam__blockbuf *b, uint32_t row)
{
    for (uint32_t i = 0; i < o->n; i++) {
        const kam_col *at = kam__block_col(o->q->after, s->field[o->col[i]]);
        int c = at ? select_cells(&b->view[o->col[i]], row, at, 0) : 0;
        if (c) return select_turn(o, c) > 0;
    }
    return 0;
}

static void select_plan(select_order *o, const kam__rowset *s, const kam__scan *q)
{
    o->q = q;
    o->n = 0;
    for (uint32_t i = 0; i < q->norder && !q->any_order && o->n < 62; i++) {
        uint32_t col = kam__rowset_col(s, q->order[i]);
        if (col != UINT32_MAX) o->col[o->n++] = col;
    }
    uint32_t id = kam__rowset_col(s, KAM_ID);
    if (id != UINT32_MAX) o->col[o->n++] = id;
}

static int select_match(const kam__rowset *s, const kam__scan *q, const kam__blockbuf *b, uint32_t row)
{
    for (uint32_t i = 0; i < q->npred; i++) {
        uint32_t col = kam__rowset_col(s, q->pred[i].field);
        if (!kam__pred_match(&q->pred[i], col == UINT32_MAX ? NULL : &b->view[col], row)) return 0;
    }
    return 1;
}

static int32_t select_flush(kam__blockbuf *out, kam_block_fn fn, void *user)
{
    kam_block b;
    if (!out->nrow) return KAM_OK;
    kam__bb_view(out, &b);
    int32_t rc = fn(user, &b);
    kam__bb_clear(out);
    return rc;
}

static int32_t select_emit(const kam__rowset *s, const select_order *o, int check, kam__blockbuf *out, kam_block_fn fn,
                           void *user, kam_error *err)
{
    uint64_t given = 0;
    for (uint64_t i = 0; i < s->nrow; i++) {
        const kam__blockbuf *b = NULL;
        uint32_t row = 0;
        kam__rowset_at(s, i, &b, &row);
        if (check && !select_match(s, o->q, b, row)) continue;
        if (o->q->after && !select_behind(o, s, b, row)) continue;
        if (o->q->limit && given++ == o->q->limit) break;
        for (uint32_t c = 0; c < s->ncol; c++) kam__bb_copy(out, c, &b->view[c], row);
        KAM__TRY(kam__bb_end_row(out, err));
        if (kam__bb_full(out)) KAM__TRY(select_flush(out, fn, user));
    }
    return select_flush(out, fn, user);
}

int32_t kam__rowset_select(const kam__rowset *s, const kam__scan *q, int check_preds, kam_block_fn fn, void *user,
                           kam_error *err)
{
    select_order o;
    kam__rowset *sorted = NULL;
    kam__blockbuf out;
    select_plan(&o, s, q);
    KAM__TRY(kam__rowset_sort(&sorted, s, select_compare, &o, err));
    int32_t rc = kam__bb_init(&out, s->ctx, s->ncol, s->field, s->type, err);
    if (rc == KAM_OK) {
        rc = select_emit(sorted, &o, check_preds, &out, fn, user, err);
        kam__bb_free(&out);
    }
    kam__rowset_drop(sorted);
    return rc;
}
