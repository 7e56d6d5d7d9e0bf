/*
 * store/query_sort.c - answers that the store cannot give ready: fields that are facts of an account, and orders that
 * need the host's collation or go up and down at once.
 */
#include "query.h"

/* ---------------------------------------------------------------- order */

/* One sort field; `key` only where the host gives sort keys: one per row. */
typedef struct qsort_field { uint32_t col; int down; const char **key; uint32_t *len; } qsort_field;
typedef struct qsort_job {
    qsort_field by[QUERY_MAX_ORDER];
    uint32_t n, id;
    kam__arena arena;
    kam_error *err;
} qsort_job;

static int qsort_cells(const kam_col *a, uint32_t arow, const kam_col *b, uint32_t brow)
{
    if (a->type == KAM_T_TEXT) {
        size_t al = 0, bl = 0;
        const char *at = kam__col_text(a, arow, &al), *bt = kam__col_text(b, brow, &bl);
        return kam__text_cmp(at, al, bt, bl);
    }
    if (a->type == KAM_T_F64) {
        double x = kam__col_f64(a, arow), y = kam__col_f64(b, brow);
        return (x > y) - (x < y);
    }
    int64_t x = kam__col_i64(a, arow), y = kam__col_i64(b, brow);
    return (x > y) - (x < y);
}

static int qsort_compare(const kam__rowset *s, uint64_t a, uint64_t b, void *arg)
{
    const qsort_job *j = arg;
    const kam__blockbuf *ab = NULL, *bb = NULL;
    uint32_t ar = 0, br = 0;
    kam__rowset_at(s, a, &ab, &ar);
    kam__rowset_at(s, b, &bb, &br);
    for (uint32_t i = 0; i < j->n; i++) {
        const qsort_field *f = &j->by[i];
        const kam_col *x = &ab->view[f->col], *y = &bb->view[f->col];
        int xn = kam__col_null(x, ar), yn = kam__col_null(y, br);
        if (xn != yn) return xn - yn;                           /* no value: last, whichever way */
        if (xn) continue;
        int c = f->key ? kam__text_cmp(f->key[a], f->len[a], f->key[b], f->len[b]) : qsort_cells(x, ar, y, br);
        if (c) return f->down ? -c : c;
    }
    return qsort_cells(&ab->view[j->id], ar, &bb->view[j->id], br);
}

static int32_t qsort_key(qsort_job *j, qsort_field *f, kam_buf *key, const kam__rowset *s, uint64_t i)
{
    const kam__blockbuf *b = NULL;
    uint32_t row = 0;
    size_t len = 0;
    kam__rowset_at(s, i, &b, &row);
    const char *text = kam__col_text(&b->view[f->col], row, &len);
    if (!text) return KAM_OK;
    kam__buf_clear(key);
    int32_t rc = s->ctx->opt.collate(s->ctx->opt.user, text, len, key);
    if (rc != KAM_OK)
        return kam__fail(j->err, rc < 0 ? rc : KAM_E_INVAL,
                         "the collate function of the context refused a text (answer %d): it appends a key and "
                         "answers KAM_OK", (int)rc);
    char *copy = kam__arena_alloc(&j->arena, key->size);
    if (!copy) return kam__nomem(j->err);
    memcpy(copy, kam_buf_data(key), key->size);
    f->key[i] = copy;
    f->len[i] = (uint32_t)key->size;
    return KAM_OK;
}

static int32_t qsort_keys(qsort_job *j, qsort_field *f, const kam__rowset *s)
{
    kam_buf key;
    size_t n = (size_t)s->nrow;
    if (!s->ctx->opt.collate || s->type[f->col] != KAM_T_TEXT || !n) return KAM_OK;
    f->key = kam__zalloc_n(s->ctx, n, sizeof *f->key);
    f->len = kam__zalloc_n(s->ctx, n, sizeof *f->len);
    if (!f->key || !f->len) return kam__nomem(j->err);
    kam__buf_init(&key, s->ctx);
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < s->nrow && rc == KAM_OK; i++) rc = qsort_key(j, f, &key, s, i);
    kam__buf_drop(&key);
    return rc;
}

int32_t kam__query_sort(kam__rowset **set, const kam__sort_by *by, uint32_t n, kam_error *err)
{
    kam__rowset *s = *set, *sorted = NULL;
    qsort_job j = { .n = n, .id = kam__rowset_col(s, KAM_ID), .err = err };
    int32_t rc = KAM_OK;
    kam__arena_init(&j.arena, s->ctx, 0);
    for (uint32_t i = 0; i < n && rc == KAM_OK; i++) {
        j.by[i] = (qsort_field){ .col = kam__rowset_col(s, by[i].field), .down = by[i].down };
        rc = qsort_keys(&j, &j.by[i], s);
    }
    if (rc == KAM_OK) rc = kam__rowset_sort(&sorted, s, qsort_compare, &j, err);
    for (uint32_t i = 0; i < n; i++) {
        kam__free(s->ctx, j.by[i].key);
        kam__free(s->ctx, j.by[i].len);
    }
    kam__arena_free(&j.arena);
    kam__rowset_drop(s);
    *set = sorted;
    return rc;
}

/* ---------------------------------------------------------------- virtual fields */

#define QVIRT_MAX 8u

typedef struct qvirt_fact {
    uint32_t col;
    const kam__field *field;
    kam__imap of;
    int64_t *value;
    int has;
    int64_t now;
} qvirt_fact;
typedef struct qvirt_job {
    kam__rowset *from, *to; uint32_t id, *src;              /* src[c]: column in `from`, or UINT32_MAX */
    qvirt_fact fact[QVIRT_MAX]; uint32_t nfact;
    const kam_pred *pred; uint32_t npred;
    kam_error *err;
} qvirt_job;

static int32_t qvirt_load(qvirt_job *j, kam_book *b, const kam__field *f, uint32_t col, int32_t as_of)
{
    uint32_t kind = 0, subject = 0, value = 0;
    if (j->nfact == QVIRT_MAX || !kam__shown_fact(f->id, &kind, &subject, &value)) return KAM_OK;
    qvirt_fact *v = &j->fact[j->nfact];
    KAM__TRY(kam__read_fact_map(&v->of, &v->value, b, kind, as_of, j->err));
    v->col = col;
    v->field = f;
    j->nfact++;
    return KAM_OK;
}

static int qvirt_match(const qvirt_fact *v, const kam_pred *p)
{
    kam_pred unused;
    kam__pred one;
    kam__pred_i64(&unused, &one, v->field, KAM_OP_EQ, v->now);
    return kam__pred_match(p, v->has ? &one.col : NULL, 0);
}

static int qvirt_passes(const qvirt_job *j)
{
    for (uint32_t p = 0; p < j->npred; p++)
        for (uint32_t i = 0; i < j->nfact; i++)
            if (j->fact[i].field->id == j->pred[p].field && !qvirt_match(&j->fact[i], &j->pred[p])) return 0;
    return 1;
}

static int32_t qvirt_row(qvirt_job *j, const kam__blockbuf *from, uint32_t row)
{
    int64_t id = kam__col_i64(&from->view[j->id], row);
    for (uint32_t i = 0; i < j->nfact; i++) {
        qvirt_fact *v = &j->fact[i];
        uint32_t at = 0;
        v->has = kam__imap_get(&v->of, id, &at);
        v->now = v->has ? v->value[at] : 0;
    }
    if (!qvirt_passes(j)) return KAM_OK;
    kam__blockbuf *b = kam__rowset_row(j->to, j->err);
    if (!b) return KAM_E_NOMEM;
    for (uint32_t c = 0; c < j->to->ncol; c++)
        if (j->src[c] != UINT32_MAX) kam__bb_copy(b, c, &from->view[j->src[c]], row);
    for (uint32_t i = 0; i < j->nfact; i++)
        if (j->fact[i].has) kam__bb_i64(b, j->fact[i].col, j->fact[i].now);
    return kam__rowset_end_row(j->to, j->err);
}

static int32_t qvirt_fill(qvirt_job *j, kam_book *b, const kam__kind *k, int32_t as_of)
{
    for (uint32_t c = 0; c < j->to->ncol; c++) {
        const kam__field *f = kam__kind_field(k, j->to->field[c]);
        j->src[c] = kam__rowset_col(j->from, f->id);
        if (f->flags & KAM__F_VIRTUAL) KAM__TRY(qvirt_load(j, b, f, c, as_of));
    }
    j->id = kam__rowset_col(j->from, KAM_ID);
    for (uint64_t i = 0; i < j->from->nrow; i++) {
        const kam__blockbuf *from = NULL;
        uint32_t row = 0;
        kam__rowset_at(j->from, i, &from, &row);
        KAM__TRY(qvirt_row(j, from, row));
    }
    kam__rowset_seal(j->to);
    return KAM_OK;
}

int32_t kam__query_virtual(kam__rowset **set, kam_book *b, kam__schema *schema, const uint32_t *col, uint32_t ncol,
                           const kam_pred *pred, uint32_t npred, int32_t as_of, kam_error *err)
{
    qvirt_job j = { .from = *set, .pred = pred, .npred = npred, .err = err };
    *set = NULL;
    j.src = kam__alloc(b->ctx, ncol * sizeof *j.src);
    int32_t rc = j.src ? kam__rowset_new(&j.to, schema, j.from->kind, col, ncol, err) : kam__nomem(err);
    if (rc == KAM_OK) rc = qvirt_fill(&j, b, kam__schema_kind(schema, j.from->kind), as_of);
    for (uint32_t i = 0; i < j.nfact; i++) {
        kam__imap_free(&j.fact[i].of);
        kam__free(b->ctx, j.fact[i].value);
    }
    kam__free(b->ctx, j.src);
    kam__rowset_drop(j.from);
    if (rc == KAM_OK) *set = j.to;
    else kam__rowset_drop(j.to);
    return rc;
}
