/*
 * store/query_run.c - answering a query.
 *
 * Where the store can put the rows in the order asked for, they are read page by page: each page begins behind the last
 * row of the one before (keyset), and nothing is held but that row. Otherwise, when the order needs collation or mixes
 * up and down, when a fact of the account is asked for, or when the store turns out not to sort, the answer is
 * collected once, finished here, and shown. The last few of many ("the latest ten") stand between: the store goes down,
 * we read until the ties of the last one are complete.
 */
#include "query.h"

#define QRUN_PAGE_FULL 2                    /* stops a scan; 1 is taken: "limit reached" */

typedef struct qrun_plan {
    kam_query *q;                           /* held */
    uint32_t *col, ncol, nshow, nload;      /* columns of the answer, in the order rows.h wants */
    uint32_t *ask, nask;                    /* those of them that are stored */
    kam_pred pred[QUERY_MAX_PRED], vpred[QUERY_MAX_PRED]; uint32_t npred, nvpred;
    kam__sort_by by[QUERY_MAX_ORDER]; uint32_t nby;
    uint32_t order[QUERY_MAX_ORDER], norder, flags;     /* what the store is asked for, if it can */
    int in_store, top, is_virtual;          /* top: the store can go down, but leaves the ties to us */
    uint64_t skip, limit;
    int32_t as_of;
} qrun_plan;

static void qrun_plan_free(qrun_plan *p)
{
    if (!p) return;
    kam_ctx *ctx = kam__ctx_hold(p->q->ctx);
    kam__free(ctx, p->col);
    kam__free(ctx, p->ask);
    kam__query_drop(p->q);
    kam__free(ctx, p);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- the plan */

static const kam__field *qrun_field(const qrun_plan *p, uint32_t field) { return kam__kind_field(p->q->kind, field); }
static int qrun_is_virtual(const qrun_plan *p, uint32_t field)
{
    return (qrun_field(p, field)->flags & KAM__F_VIRTUAL) != 0;
}

static void qrun_want(qrun_plan *p, uint32_t field)
{
    for (uint32_t i = 0; i < p->ncol; i++)
        if (p->col[i] == field) return;
    p->col[p->ncol++] = field;
}

/* All fields but those that only serve the library's history, and virtual ones nobody can fill. */
static void qrun_show_all(qrun_plan *p)
{
    uint32_t kind = 0, subject = 0, value = 0;
    for (uint32_t i = 0; i < p->q->kind->nfield; i++) {
        const kam__field *f = &p->q->kind->field[i];
        if (f->id >= KAM__DELETED_SEQ && f->id <= KAM__REPLACES) continue;
        if (!(f->flags & KAM__F_VIRTUAL) || kam__shown_fact(f->id, &kind, &subject, &value)) qrun_want(p, f->id);
    }
}

static void qrun_plan_columns(qrun_plan *p)
{
    const kam_query *q = p->q;
    int money = 0;
    for (uint32_t i = 0; i < q->nselect; i++) qrun_want(p, q->select[i]);
    if (!q->nselect) qrun_show_all(p);
    p->nshow = p->ncol;
    for (uint32_t i = 0; i < p->nshow; i++) money |= qrun_field(p, p->col[i])->logic == KAM__L_MONEY;
    if (money && q->kind->currency != UINT32_MAX) qrun_want(p, q->kind->field[q->kind->currency].id);
    p->nload = p->ncol;
    for (uint32_t i = 0; i < q->norder; i++) qrun_want(p, q->order[i]);
    for (uint32_t i = 0; i < p->nvpred; i++) qrun_want(p, p->vpred[i].field);
    qrun_want(p, KAM_ID);
    for (uint32_t i = 0; i < p->ncol; i++) {
        if (qrun_is_virtual(p, p->col[i])) p->is_virtual = 1;
        else p->ask[p->nask++] = p->col[i];
    }
}

/* A store turns all sort fields and the key together; ties come by id upwards, unless the id itself was asked for last,
 * downwards. */
static void qrun_plan_order(qrun_plan *p)
{
    const kam_query *q = p->q;
    uint32_t down = 0;
    p->nby = q->norder;
    p->in_store = !p->is_virtual;
    for (uint32_t i = 0; i < q->norder; i++) {
        const kam__field *f = qrun_field(p, q->order[i]);
        p->by[i] = (kam__sort_by){ f->id, q->down[i] };
        down += q->down[i];
        if (f->id != KAM_ID) p->order[p->norder++] = f->id;
        if (f->type != KAM_T_I32 && f->type != KAM_T_I64) p->in_store = 0;
    }
    p->flags = down > 0;
    p->top = p->in_store && down == q->norder && p->norder == q->norder && p->limit && p->limit <= UINT32_MAX &&
             p->skip <= UINT32_MAX;
    if (down && (down < q->norder || p->norder == q->norder)) p->in_store = 0;
}

static int32_t qrun_plan_new(qrun_plan **out, kam_query *q, int32_t as_of, kam_error *err)
{
    qrun_plan *p = kam__zalloc(q->ctx, sizeof *p);
    if (!p) return kam__nomem(err);
    uint32_t max = q->kind->nfield + 1;                     /* each field once */
    p->q = q;
    kam__ref_hold(&q->ref);
    p->as_of = as_of;
    p->skip = q->skip;
    p->limit = q->limit;
    p->col = kam__alloc(q->ctx, max * sizeof *p->col);
    p->ask = kam__alloc(q->ctx, max * sizeof *p->ask);
    if (!p->col || !p->ask) {
        qrun_plan_free(p);
        return kam__nomem(err);
    }
    for (uint32_t i = 0; i < q->npred; i++) {
        if (qrun_is_virtual(p, q->pred[i].field)) p->vpred[p->nvpred++] = q->pred[i];
        else p->pred[p->npred++] = q->pred[i];
    }
    qrun_plan_columns(p);
    qrun_plan_order(p);
    *out = p;
    return KAM_OK;
}

static kam__read qrun_read(const qrun_plan *p)
{
    return (kam__read){.scan = {.kind = p->q->kind->id,
                                .field = p->ask,
                                .nfield = p->nask,
                                .pred = p->pred,
                                .npred = p->npred,
                                .order = p->order,
                                .norder = p->norder,
                                .flags = p->flags},
                       .as_of = p->as_of};
}

/* ---------------------------------------------------------------- page by page */

typedef struct qrun_pages {
    qrun_plan *plan;                        /* owned */
    kam__blockbuf after[2]; uint32_t now;   /* last row read: [now] of the page before, the other of this one */
    uint64_t skip, left, read;              /* rows still to skip, to read in all, and read so far */
    int unsorted;                           /* the store did not sort the first page */
    /* the page being read */
    kam__blockbuf *page; uint64_t got, skipping; int full; kam_error *err;
} qrun_pages;

static void qrun_pages_free(void *self)
{
    qrun_pages *g = self;
    kam_ctx *ctx = kam__ctx_hold(g->plan->q->ctx);
    for (int i = 0; i < 2; i++)
        if (g->after[i].col) kam__bb_free(&g->after[i]);
    qrun_plan_free(g->plan);
    kam__free(ctx, g);
    kam_ctx_free(ctx);
}

static int32_t qrun_copy_row(kam__blockbuf *to, const kam_block *rows, uint32_t row, kam_error *err)
{
    for (uint32_t c = 0; c < to->ncol; c++) {
        const kam_col *from = c < rows->ncol && rows->col[c].field == to->col[c].field
                                  ? &rows->col[c]
                                  : kam__block_col(rows, to->col[c].field);
        if (from) kam__bb_copy(to, c, from, row);
    }
    return kam__bb_end_row(to, err);
}

static int32_t qrun_on_page(void *user, const kam_block *rows)
{
    qrun_pages *g = user;
    kam__blockbuf *last = &g->after[1 - g->now];
    uint32_t r = 0;
    for (; r < rows->nrow && !g->full; r++) {
        g->got++;
        if (g->skipping) g->skipping--;
        else {
            KAM__TRY(qrun_copy_row(g->page, rows, r, g->err));
            g->full = kam__bb_full(g->page);
        }
    }
    if (r) {
        kam__bb_clear(last);
        KAM__TRY(qrun_copy_row(last, rows, r - 1, g->err));
    }
    return g->full ? QRUN_PAGE_FULL : KAM_OK;
}

/* One keyset read. *done: there are no more rows behind it. */
static int32_t qrun_read_page(int *done, qrun_pages *g, kam__blockbuf *page, kam_error *err)
{
    kam__read q = qrun_read(g->plan);
    kam_block after;
    g->page = page;
    g->got = 0;
    g->skipping = g->skip;
    g->full = 0;
    g->err = err;
    q.scan.limit = g->left < KAM__BLOCK_ROWS ? g->left : KAM__BLOCK_ROWS;
    if (g->after[g->now].nrow) {
        kam__bb_view(&g->after[g->now], &after);
        q.scan.after = &after;
    }
    int32_t rc = kam__read_rows(g->plan->q->book, &q, qrun_on_page, g, err);
    if (rc != KAM_OK && rc != QRUN_PAGE_FULL) return rc;
    *done = g->got < q.scan.limit && !g->full;
    g->unsorted = !q.scan.sorted_by_store;
    g->skip = g->skipping;
    g->left -= g->got;
    g->read += g->got;
    if (g->got) g->now = 1 - g->now;
    return KAM_OK;
}

static int32_t qrun_next_page(void *self, kam__blockbuf *page, kam_error *err)
{
    qrun_pages *g = self;
    KAM__TRY(kam__progress(g->plan->q->ctx, g->read, 0, err));
    while (g->left && !page->nrow) {
        int done = 0;
        KAM__TRY(qrun_read_page(&done, g, page, err));
        if (done) g->left = 0;
        else if (g->unsorted) return KAM_OK;                /* the caller collects instead */
    }
    return KAM_OK;
}

static int32_t qrun_pages_new(qrun_pages **out, qrun_plan *plan, kam_error *err)
{
    uint32_t field[QUERY_MAX_ORDER + 1], n = 0;
    uint8_t type[QUERY_MAX_ORDER + 1];
    qrun_pages *g = kam__zalloc(plan->q->ctx, sizeof *g);
    if (!g) {
        qrun_plan_free(plan);
        return kam__nomem(err);
    }
    g->plan = plan;
    g->skip = plan->skip;
    g->left = plan->limit && plan->limit <= UINT64_MAX - plan->skip ? plan->skip + plan->limit : UINT64_MAX;
    for (uint32_t i = 0; i < plan->norder; i++) field[n++] = plan->order[i];
    field[n++] = KAM_ID;
    for (uint32_t i = 0; i < n; i++) type[i] = qrun_field(plan, field[i])->type;
    int32_t rc = kam__bb_init(&g->after[0], plan->q->ctx, n, field, type, err);
    if (rc == KAM_OK) rc = kam__bb_init(&g->after[1], plan->q->ctx, n, field, type, err);
    if (rc == KAM_OK) *out = g;
    else qrun_pages_free(g);
    return rc;
}

/* ---------------------------------------------------------------- the last few */

static int qrun_tied(const qrun_plan *p, const kam__rowset *s, uint64_t a, uint64_t b)
{
    const kam__blockbuf *x = NULL, *y = NULL;
    uint32_t xr = 0, yr = 0;
    kam__rowset_at(s, a, &x, &xr);
    kam__rowset_at(s, b, &y, &yr);
    for (uint32_t i = 0; i < p->norder; i++) {
        uint32_t c = kam__rowset_col(s, p->order[i]);
        int xn = kam__col_null(&x->view[c], xr), yn = kam__col_null(&y->view[c], yr);
        if (xn != yn || (!xn && kam__col_i64(&x->view[c], xr) != kam__col_i64(&y->view[c], yr))) return 0;
    }
    return 1;
}

/* Pages into the set until the rows wanted are there with all that tie with the last of them, or there are no more.
 * *enough 0: the store does not sort after all. */
static int32_t qrun_read_top(int *enough, qrun_pages *g, kam__rowset *set, kam__blockbuf *page, kam_error *err)
{
    uint64_t want = g->plan->skip + g->plan->limit;
    *enough = 0;
    while (!*enough) {
        kam_block b;
        kam__bb_clear(page);
        KAM__TRY(qrun_next_page(g, page, err));
        if (g->unsorted && g->left) return KAM_OK;
        kam__bb_view(page, &b);
        KAM__TRY(kam__rowset_add_block(set, &b, err));
        kam__rowset_seal(set);
        *enough = !page->nrow || !g->left || (set->nrow > want && !qrun_tied(g->plan, set, want - 1, set->nrow - 1));
    }
    return KAM_OK;
}

/* *out stays NULL when the store did not sort. */
static int32_t qrun_collect_top(kam__rowset **out, const qrun_plan *p, kam_error *err)
{
    qrun_plan *own = NULL;
    qrun_pages *g = NULL;
    kam__rowset *set = NULL;
    kam__blockbuf page;
    int enough = 0;
    KAM__TRY(qrun_plan_new(&own, p->q, p->as_of, err));
    KAM__TRY(qrun_pages_new(&g, own, err));
    g->skip = 0;
    g->left = UINT64_MAX;
    int32_t rc = kam__rowset_new(&set, p->q->schema, p->q->kind->id, p->col, p->ncol, err);
    if (rc == KAM_OK) rc = kam__bb_init(&page, p->q->ctx, set->ncol, set->field, set->type, err);
    if (rc == KAM_OK) {
        rc = qrun_read_top(&enough, g, set, &page, err);
        kam__bb_free(&page);
    }
    qrun_pages_free(g);
    if (rc == KAM_OK && enough) *out = set;
    else kam__rowset_drop(set);
    return rc;
}

/* ---------------------------------------------------------------- collected */

static int32_t qrun_collect_set(kam__rowset **out, const qrun_plan *p, kam_error *err)
{
    kam_query *q = p->q;
    kam__read read = qrun_read(p);
    int sort = p->nby && !p->in_store;
    if (sort) read.scan.any_order = 1;
    else if (!p->nvpred && p->limit && p->limit <= UINT64_MAX - p->skip) read.scan.limit = p->skip + p->limit;
    if (p->top) KAM__TRY(qrun_collect_top(out, p, err));
    if (!*out) KAM__TRY(kam__read_set(out, q->book, &read, err));
    if (p->is_virtual)
        KAM__TRY(kam__query_virtual(out, q->book, q->schema, p->col, p->ncol, p->vpred, p->nvpred, p->as_of, err));
    return sort ? kam__query_sort(out, p->by, p->nby, err) : KAM_OK;
}

/* Records and the facts beside them are read in one snapshot. */
static int32_t qrun_collect(kam_rows **out, const qrun_plan *p, kam_error *err)
{
    kam__call call;
    kam__rowset *set = NULL;
    KAM__TRY(kam__txn_enter(&call, p->q->book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&call, qrun_collect_set(&set, p, err), err);
    if (rc == KAM_OK) rc = kam__rows_of_columns(out, p->q->book, set, p->nshow, p->nload, p->skip, p->limit, err);
    kam__rowset_drop(set);
    return rc;
}

static int32_t qrun_collect_now(kam_rows **out, kam_query *q, int32_t as_of, kam_error *err)
{
    qrun_plan *p = NULL;
    KAM__TRY(qrun_plan_new(&p, q, as_of, err));
    int32_t rc = qrun_collect(out, p, err);
    qrun_plan_free(p);
    return rc;
}

/* ---------------------------------------------------------------- running */

/* *out stays NULL when the store did not sort. */
static int32_t qrun_paged(kam_rows **out, qrun_plan *p, kam_error *err)
{
    static const kam__pager pager = { qrun_next_page, qrun_pages_free };
    const kam_query *q = p->q;
    qrun_pages *g = NULL;
    kam_rows *r = NULL;
    KAM__TRY(qrun_pages_new(&g, p, err));
    KAM__TRY(
        kam__rows_of_pager(&r, q->book, q->schema, q->kind->id, p->col, p->ncol, p->nshow, p->nload, &pager, g, err));
    if (g->unsorted && g->left) kam_rows_free(r);
    else *out = r;
    return KAM_OK;
}

int32_t kam_query_run(kam_rows **out, kam_query *query, int32_t as_of, kam_error *err)
{
    kam_rows *rows = NULL;
    qrun_plan *p = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!query) return kam__null_arg(err, "query");
    KAM__TRY(kam__book_ready(query->book, err));
    KAM__TRY(qrun_plan_new(&p, query, as_of, err));
    if (p->in_store) KAM__TRY(qrun_paged(&rows, p, err));
    else qrun_plan_free(p);
    if (!rows) KAM__TRY(qrun_collect_now(&rows, query, as_of, err));
    *out = rows;
    return KAM_OK;
}
