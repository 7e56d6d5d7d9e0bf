/*
 * segment/segment_book_items.c - what a grading changes: the new grades beside those in force.
 *
 * An item stands for each account whose grade is new, other than before, or gone, and for each grade put by hand (with
 * an approver, by no run) that the scheme would have given otherwise: that one is kept, and the computed letter stands
 * beside it. A grade put by hand without an approver is no more than the grade before.
 */
#include "../store/store.h"
#include "segment_book.h"

#define ITEM_REASON_MAX 4000u               /* bytes of a reason: values of long text fields are cut */

/* ---------------------------------------------------------------- grades in force */

typedef struct item_reading { kam__gradings *g; kam_error *err; } item_reading;

static int32_t item_old_row(const item_reading *r, uint32_t i, const kam_block *rows, uint32_t row)
{
    kam__gradings *g = r->g;
    size_t len = 0;
    const kam_col *run = kam__block_col(rows, KAM_GRADE_RUN), *by = kam__block_col(rows, KAM_GRADE_APPROVER);
    const char *text = kam__col_text(kam__block_col(rows, KAM_GRADE_GRADE), row, &len);
    for (uint32_t k = 0; k < g->scheme->doc.ngrade && text; k++)
        if (kam__text_cmp(text, len, g->scheme->doc.grade[k], strlen(g->scheme->doc.grade[k])) == 0)
            g->old[i] = g->scheme->doc.grade[k];
    if (text && !g->old[i]) g->old[i] = kam__arena_text(&g->arena, text, len);
    if (text && !g->old[i]) return kam__nomem(r->err);
    text = by ? kam__col_text(by, row, &len) : NULL;
    if (!text || (run && !kam__col_null(run, row))) return KAM_OK;
    g->approver[i] = kam__arena_text(&g->arena, text, len);
    return g->approver[i] ? KAM_OK : kam__nomem(r->err);
}

static int32_t on_item_old(void *user, const kam_block *rows)
{
    item_reading *r = user;
    const kam_col *account = kam__block_col(rows, KAM_GRADE_ACCOUNT);
    uint32_t i = 0;
    for (uint32_t k = 0; k < rows->nrow; k++)
        if (kam__gradings_find(r->g, kam__col_i64(account, k), &i)) KAM__TRY(item_old_row(r, i, rows, k));
    return KAM_OK;
}

int32_t kam__gradings_old(kam__gradings *g, kam_book *book, kam_error *err)
{
    static const uint32_t field[] = { KAM_ID, KAM_GRADE_ACCOUNT, KAM_GRADE_GRADE, KAM_GRADE_RUN, KAM_GRADE_APPROVER };
    item_reading r = { g, err };
    const char *scheme = g->scheme->doc.name;
    kam_pred p;
    kam__pred mem;
    g->old = kam__zalloc_n(g->ctx, (size_t)g->n + 1, sizeof *g->old);
    g->approver = kam__zalloc_n(g->ctx, (size_t)g->n + 1, sizeof *g->approver);
    if (!g->old || !g->approver) return kam__nomem(err);
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_GRADE), KAM_GRADE_SCHEME), KAM_OP_EQ, scheme,
                   strlen(scheme));
    kam__read q = {
        .scan =
            {.kind = KAM_KIND_GRADE, .field = field, .nfield = KAM__LEN(field), .pred = &p, .npred = 1, .any_order = 1},
        .as_of = g->as_of};
    return kam__read_rows(book, &q, on_item_old, &r, err);
}

/* ---------------------------------------------------------------- items */

typedef struct item_cols { uint32_t account, old, now, reason, rank, measure, cut, scheme, computed, tie; } item_cols;
typedef struct item_making {
    const kam__gradings *g; kam__rowset *set; item_cols col; kam_buf text; kam_error *err; uint64_t pinned;
} item_making;

static item_cols item_columns(const kam__rowset *s)
{
    return (item_cols){ kam__rowset_col(s, KAM_GRADE_ITEM_ACCOUNT), kam__rowset_col(s, KAM_GRADE_ITEM_OLD),
                        kam__rowset_col(s, KAM_GRADE_ITEM_NEW), kam__rowset_col(s, KAM_GRADE_ITEM_REASON),
                        kam__rowset_col(s, KAM_GRADE_ITEM_RANK), kam__rowset_col(s, KAM_GRADE_ITEM_MEASURE),
                        kam__rowset_col(s, KAM_GRADE_ITEM_CUT), kam__rowset_col(s, KAM_GRADE_ITEM_SCHEME),
                        kam__rowset_col(s, KAM_GRADE_ITEM_COMPUTED), kam__rowset_col(s, KAM_GRADE_ITEM_TIE) };
}

/* What was missed on the way is told by `why` only. */
static int32_t on_item_reason(void *user, const kam__reason *r, kam_error *err)
{
    kam_buf *text = user;
    (void)err;
    if (!r->en || strcmp(r->code, "NOT") == 0) return KAM_OK;
    if (text->size) kam__buf_str(text, "; ");
    kam__buf_str(text, r->en);
    return KAM_OK;
}

static void item_change_words(kam_buf *out, const kam__gradings *g, uint32_t i, const char *now)
{
    const kam__scheme *s = &g->scheme->doc;
    const char *old = g->old[i];
    int from = kam__scheme_grade_of(s, old), to = kam__scheme_grade_of(s, now);
    if (g->approver[i])
        kam__buf_printf(out, "; kept at %s as approved by %s, computed %s", old, g->approver[i], now ? now : "none");
    else if (!old) kam__buf_str(out, "; first grade");
    else if (!s->nominal && from >= 0 && to >= 0)
        kam__buf_printf(out, "; %s from %s", (to < from ? s->up : s->down).en, old);
    else kam__buf_printf(out, "; before: %s", old);
}

static void item_text(kam__blockbuf *b, uint32_t col, const char *text)
{
    if (text) kam__bb_text(b, col, text, strlen(text));
}

static int32_t item_put_reason(item_making *m, kam__blockbuf *b, uint32_t i, const char *now)
{
    const kam__gradings *g = m->g;
    kam__buf_clear(&m->text);
    KAM__TRY(kam__grade_explain(&g->bound, &g->in, &g->out, i, KAM__SAY_EN, on_item_reason, &m->text, m->err));
    item_change_words(&m->text, g, i, now);
    KAM__TRY(kam__buf_end(&m->text, m->err));
    size_t len = m->text.size <= ITEM_REASON_MAX ? m->text.size : kam__utf8_cut(m->text.data, ITEM_REASON_MAX);
    kam__bb_text(b, m->col.reason, m->text.data, len);
    return KAM_OK;
}

static int32_t item_put_figures(item_making *m, kam__blockbuf *b, uint32_t i)
{
    const kam__gradings *g = m->g;
    const kam__graded *row = &g->out.row[i];
    const kam__scheme *s = &g->scheme->doc;
    if (row->rank) kam__bb_i64(b, m->col.rank, row->rank);
    if (row->how == KAM__HOW_CUT) kam__bb_i64(b, m->col.tie, row->tie);
    if (!s->nmeasure || !row->rank) return KAM_OK;
    kam__buf_clear(&m->text);
    kam__grade_value(&m->text, &g->bound, &g->in, s->measure[0], i);
    KAM__TRY(kam__buf_end(&m->text, m->err));
    kam__bb_text(b, m->col.measure, m->text.data, m->text.size);
    kam__buf_clear(&m->text);
    int has = kam__grade_cut(&m->text, &g->bound, &g->out, i);
    KAM__TRY(kam__buf_end(&m->text, m->err));
    if (has) kam__bb_text(b, m->col.cut, m->text.data, m->text.size);
    return KAM_OK;
}

static int32_t item_put(item_making *m, uint32_t i)
{
    const kam__gradings *g = m->g;
    const kam__scheme *s = &g->scheme->doc;
    const char *now = g->out.row[i].grade < 0 ? NULL : s->grade[g->out.row[i].grade];
    if (kam__text_same(g->old[i], now)) return KAM_OK;
    kam__blockbuf *b = kam__rowset_row(m->set, m->err);
    if (!b) return KAM_E_NOMEM;
    kam__bb_i64(b, m->col.account, g->account[i]);
    item_text(b, m->col.old, g->old[i]);
    item_text(b, m->col.now, g->approver[i] ? g->old[i] : now);
    item_text(b, m->col.scheme, s->name);
    item_text(b, m->col.computed, now);
    KAM__TRY(item_put_figures(m, b, i));
    KAM__TRY(item_put_reason(m, b, i, now));
    m->pinned += g->approver[i] != NULL;
    return kam__rowset_end_row(m->set, m->err);
}

int32_t kam__gradings_items(kam__rowset **out, uint64_t *pinned, const kam__gradings *g, kam_error *err)
{
    item_making m = { .g = g, .err = err };
    KAM__TRY(kam__rowset_new(&m.set, g->schema, KAM_KIND_GRADE_ITEM, NULL, 0, err));
    m.col = item_columns(m.set);
    kam__buf_init(&m.text, g->ctx);
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < g->n && rc == KAM_OK; i++) {
        if (i % KAM__BLOCK_ROWS == 0) rc = kam__progress(g->ctx, i, g->n, err);
        if (rc == KAM_OK) rc = item_put(&m, i);
    }
    kam__buf_drop(&m.text);
    if (rc != KAM_OK) {
        kam__rowset_drop(m.set);
        return rc;
    }
    *pinned = m.pinned;
    *out = m.set;
    return KAM_OK;
}

int32_t kam__item_load(kam_record *item, const kam__rowset *items, uint64_t i, kam_error *err)
{
    const kam__blockbuf *bb = NULL;
    uint32_t row = 0;
    kam__rowset_at(items, i, &bb, &row);
    kam_block view = { .struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view };
    return kam__record_load(item, &view, row, err);
}

int kam__item_find(const kam__rowset *items, int64_t account, uint64_t *i)
{
    uint32_t col = kam__rowset_col(items, KAM_GRADE_ITEM_ACCOUNT), row = 0;
    const kam__blockbuf *bb = NULL;
    uint64_t lo = 0, hi = items->nrow;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;
        kam__rowset_at(items, mid, &bb, &row);
        if (kam__col_i64(&bb->view[col], row) < account) lo = mid + 1;
        else hi = mid;
    }
    if (lo == items->nrow) return 0;
    *i = lo;
    kam__rowset_at(items, lo, &bb, &row);
    return kam__col_i64(&bb->view[col], row) == account;
}
