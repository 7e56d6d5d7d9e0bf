/*
 * store/scan.c - a scan with everything the library asked for, whatever the store left out.
 *
 * The store is asked for the projection plus the columns that predicates and order need; columns a mapped table has not
 * come as NULL. Rows it did not filter are filtered here; if it did not sort, the rows are gathered, sorted and cut
 * here. A store that does all of it costs one function call per block.
 *
 * A host table keyed by the ERP's text gets its ids from table ext_id, and so do references to it (hostkeys.c): rows
 * without an id are not there yet. Values that a mapped column holds as text are parsed. Of such tables the store
 * filters and sorts nothing for us.
 */
#include "db.h"

#define SCAN_MAX_PRED 62u

typedef struct scan_job {
    kam__db *db;
    const kam__scan *q;
    const kam_table *table;
    kam_table_scan store;
    /* wanted fields; place[i]: its column in the store's block, or UINT32_MAX */
    uint32_t *want, nwant, *place; uint8_t *type;
    uint32_t *ask, nask;                    /* the store's projection */
    kam_pred pred[SCAN_MAX_PRED]; uint32_t npred;
    kam_col *col; kam_block view;           /* the wanted columns of the current block */
    void *zero; size_t zero_size;           /* data of columns the table has not */
    kam__hostkeys keys; int keyed;          /* ext_id -> id, of a table without ids */
    kam__blockbuf ids;                      /* the id column we give its blocks */
    /* per wanted field; any of it, or keyed: the rows are not as they are stored */
    uint8_t *convert; int foreign;
    kam__hostkeys *ref; uint32_t nref;      /* keys of the tables referred to, by kind */
    kam__blockbuf made;                     /* converted columns */
    kam__blockbuf out;                      /* rows that passed, when some did not */
    kam__rowset *all;                       /* rows to sort */
    kam_block_fn fn; void *user;
    kam_error *err;
    uint64_t given;
    /* what our callback stopped the store's scan with: its words are in err already */
    int32_t answer;
} scan_job;

static const kam__kind *scan_kind_of(const scan_job *s) { return kam__builtin_kind(s->q->kind); }

static uint8_t scan_convert_of(const scan_job *s, const kam_field *f)
{
    const kam__tables *t = &s->db->tables;
    return f ? t->convert[s->table - t->table][f - s->table->field] : (uint8_t)KAM__AS_IS;
}

static uint32_t scan_find(const uint32_t *list, uint32_t n, uint32_t field)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == field) return i;
    return UINT32_MAX;
}

static void scan_want(scan_job *s, uint32_t field)
{
    if (scan_find(s->want, s->nwant, field) == UINT32_MAX) s->want[s->nwant++] = field;
}

/* Without a projection the i-th column is the table's i-th field: no need to look it up. */
static void scan_plan_column(scan_job *s, uint32_t i)
{
    const kam_field *f =
        !s->q->nfield && i < s->table->nfield ? &s->table->field[i] : kam__table_field(s->table, s->want[i]);
    s->convert[i] = scan_convert_of(s, f);
    s->foreign |= s->convert[i] != KAM__AS_IS;
    s->place[i] = f ? s->nask : UINT32_MAX;
    if (f) s->ask[s->nask++] = s->want[i];
    const kam__field *own = f && s->convert[i] == KAM__AS_IS ? NULL : kam__kind_field(scan_kind_of(s), s->want[i]);
    s->type[i] = f && s->convert[i] == KAM__AS_IS ? f->type : own ? own->type : (uint8_t)KAM_T_TEXT;
}

static int32_t scan_plan_columns(scan_job *s, kam__arena *a)
{
    const kam__scan *q = s->q;
    uint32_t max = (q->nfield ? q->nfield : s->table->nfield) + q->npred + q->norder + 2;
    s->want = kam__arena_alloc(a, max * sizeof *s->want);
    s->place = kam__arena_alloc(a, max * sizeof *s->place);
    s->ask = kam__arena_alloc(a, max * sizeof *s->ask);
    s->type = kam__arena_alloc(a, max);
    s->convert = kam__arena_alloc(a, max);
    s->col = kam__arena_alloc(a, max * sizeof *s->col);
    if (!s->want || !s->place || !s->ask || !s->col || !s->type || !s->convert) return kam__nomem(s->err);
    for (uint32_t i = 0; i < q->nfield; i++) s->want[s->nwant++] = q->field[i];
    for (uint32_t i = 0; i < s->table->nfield && !q->nfield; i++) s->want[s->nwant++] = s->table->field[i].id;
    for (uint32_t i = 0; i < q->npred; i++) scan_want(s, q->pred[i].field);
    for (uint32_t i = 0; i < q->norder && !q->any_order; i++) scan_want(s, q->order[i]);
    scan_want(s, KAM_ID);
    if (s->keyed) scan_want(s, KAM_EXT_ID);
    for (uint32_t i = 0; i < s->nwant; i++) scan_plan_column(s, i);
    if (!s->nask) s->ask[s->nask++] = s->table->field[0].id;
    return KAM_OK;
}

static int scan_store_takes(const scan_job *s, const kam_pred *p)
{
    if (p->op == KAM_OP_IN && p->narg > s->db->max_keys) return 0;      /* longer than the store takes: decided here */
    const kam_field *f = kam__table_field(s->table, p->field);
    return f && scan_convert_of(s, f) == KAM__AS_IS;
}

/* The store gets the predicates on columns it has; an id asked for in a table without ids is asked for by its key. */
static void scan_plan_store(scan_job *s)
{
    const kam__scan *q = s->q;
    for (uint32_t i = 0; i < q->npred; i++)
        if (scan_store_takes(s, &q->pred[i])) s->pred[s->npred++] = q->pred[i];
    if (s->keyed && s->keys.only) s->pred[s->npred++] = s->keys.pred;
    s->store = (kam_table_scan){ .struct_size = sizeof s->store, .flags = q->flags, .table = s->table, .field = s->ask,
                                 .nfield = s->nask, .pred = s->pred, .npred = s->npred, .block_rows = KAM__BLOCK_ROWS };
    if (!q->any_order && !s->foreign) {
        s->store.order = q->order;
        s->store.norder = q->norder;
    }
    s->store.after = s->foreign ? NULL : q->after;
    s->store.limit = s->npred == q->npred && !s->foreign ? q->limit : 0;
}

static int scan_preds_done(const scan_job *s)
{
    uint64_t all = s->npred ? (UINT64_MAX >> (64 - s->npred)) : 0;
    return !s->foreign && s->npred == s->q->npred && (s->store.handled & all) == all;
}

static int scan_order_done(const scan_job *s) { return !s->foreign && s->store.handled >> 63; }
/* Must all rows be gathered first? Only when somebody cares for order. */
static int scan_must_sort(const scan_job *s) { return !scan_order_done(s) && (!s->q->any_order || s->q->after); }

static int32_t scan_grow_zero(scan_job *s, uint32_t nrow)
{
    size_t need = ((size_t)nrow + 1) * 8;
    if (s->zero_size >= need) return KAM_OK;
    void *p = kam__resize(s->db->ctx, s->zero, need);
    if (!p) return kam__nomem(s->err);
    memset(p, 0, need);
    s->zero = p;
    s->zero_size = need;
    return KAM_OK;
}

static void scan_missing_column(scan_job *s, uint32_t i)
{
    memset(&s->col[i], 0, sizeof s->col[i]);
    s->col[i].field = s->want[i];
    s->col[i].type = s->type[i];
    s->col[i].data = s->zero;
    s->col[i].off = s->zero;
    s->col[i].valid = s->zero;
}

/* ---------------------------------------------------------------- values in another form */

static int32_t scan_load_refs(scan_job *s, kam__arena *a)
{
    s->ref = kam__arena_alloc(a, s->nwant * sizeof *s->ref);
    if (!s->ref) return kam__nomem(s->err);
    memset(s->ref, 0, s->nwant * sizeof *s->ref);
    s->nref = s->nwant;
    for (uint32_t i = 0; i < s->nwant; i++) {
        if (s->convert[i] != KAM__BY_KEY) continue;
        kam__scan all = { .kind = kam__kind_field(scan_kind_of(s), s->want[i])->ref };
        KAM__TRY(kam__hostkeys_load(&s->ref[i], s->db, &all, s->err));
    }
    return KAM_OK;
}

static int32_t scan_parse_cell(scan_job *s, uint32_t i, const char *text, size_t len)
{
    const kam__field *f = kam__kind_field(scan_kind_of(s), s->want[i]);
    int64_t num = 0;
    double dbl = 0;
    int32_t rc = kam__value_parse(&num, &dbl, f, s->db->money_decimals, text, len, s->err);
    if (rc != KAM_OK) {
        kam__err_prefix(s->err, "table %s: ", s->table->relation);
        return rc;
    }
    if (f->type == KAM_T_F64) kam__bb_f64(&s->made, i, dbl);
    else kam__bb_i64(&s->made, i, num);
    return KAM_OK;
}

static int32_t scan_convert_cell(scan_job *s, uint32_t i, const kam_col *from, uint32_t row)
{
    size_t len = 0;
    uint32_t at = 0;
    const char *text = kam__col_text(from, row, &len);
    if (!text || !len) return KAM_OK;
    if (s->convert[i] == KAM__BY_TEXT) return scan_parse_cell(s, i, text, len);
    if (kam__tmap_get(&s->ref[i].id_of, text, len, &at)) kam__bb_i64(&s->made, i, s->ref[i].id[at]);
    return KAM_OK;
}

static int32_t scan_convert(scan_job *s, const kam_block *b)
{
    if (!s->made.col) KAM__TRY(kam__bb_init(&s->made, s->db->ctx, s->nwant, s->want, s->type, s->err));
    kam__bb_clear(&s->made);
    for (uint32_t r = 0; r < b->nrow; r++) {
        for (uint32_t i = 0; i < s->nwant; i++)
            if (s->convert[i] != KAM__AS_IS) KAM__TRY(scan_convert_cell(s, i, &b->col[s->place[i]], r));
        KAM__TRY(kam__bb_end_row(&s->made, s->err));
    }
    return KAM_OK;
}

static int32_t scan_make_view(scan_job *s, const kam_block *b)
{
    KAM__TRY(scan_grow_zero(s, b->nrow));
    const kam_col *id = NULL;
    if (s->keyed) KAM__TRY(kam__hostkeys_column(&id, &s->ids, &s->keys, b, s->err));
    kam_block made = { .ncol = 0 };
    if (s->foreign) KAM__TRY(scan_convert(s, b));
    if (s->foreign) kam__bb_view(&s->made, &made);
    for (uint32_t i = 0; i < s->nwant; i++) {
        if (s->convert[i] != KAM__AS_IS) s->col[i] = made.col[i];
        else if (s->place[i] != UINT32_MAX) s->col[i] = b->col[s->place[i]];
        else if (s->want[i] == KAM_ID && id) s->col[i] = *id;
        else scan_missing_column(s, i);
    }
    s->view = (kam_block){ .struct_size = sizeof s->view, .nrow = b->nrow, .ncol = s->nwant, .col = s->col };
    return KAM_OK;
}

static int scan_row_passes(const scan_job *s, uint32_t row)
{
    if (s->keyed && kam__col_null(kam__block_col(&s->view, KAM_ID), row)) return 0;
    for (uint32_t i = 0; i < s->q->npred; i++)
        if (!kam__pred_match(&s->q->pred[i], kam__block_col(&s->view, s->q->pred[i].field), row)) return 0;
    return 1;
}

static int32_t scan_flush(scan_job *s)
{
    if (!s->out.nrow) return KAM_OK;
    kam_block b;
    kam__bb_view(&s->out, &b);
    int32_t rc = s->fn(s->user, &b);
    kam__bb_clear(&s->out);
    return rc;
}

static int32_t scan_start_buffer(scan_job *s)
{
    if (s->out.col) return KAM_OK;
    return kam__bb_init(&s->out, s->db->ctx, s->nwant, s->want, s->type, s->err);
}

static int32_t scan_start_set(scan_job *s)
{
    if (s->all) return KAM_OK;
    return kam__rowset_raw(&s->all, s->db->ctx, s->q->kind, s->want, s->type, s->nwant, s->err);
}

static int32_t scan_keep_row(scan_job *s, kam__blockbuf *to, uint32_t row)
{
    for (uint32_t c = 0; c < s->nwant; c++) kam__bb_copy(to, c, &s->col[c], row);
    return kam__bb_end_row(to, s->err);
}

/* Filters the view row by row into `out`, or into the rowset that is sorted at the end. */
static int32_t scan_filter_rows(scan_job *s)
{
    int checked = scan_preds_done(s), sort = scan_must_sort(s);
    KAM__TRY(sort ? scan_start_set(s) : scan_start_buffer(s));
    for (uint32_t r = 0; r < s->view.nrow; r++) {
        if (!checked && !scan_row_passes(s, r)) continue;
        if (!sort && s->q->limit && s->given == s->q->limit) return 1;
        kam__blockbuf *to = sort ? kam__rowset_row(s->all, s->err) : &s->out;
        if (!to) return KAM_E_NOMEM;
        KAM__TRY(scan_keep_row(s, to, r));
        s->given++;
        if (sort) s->all->nrow++;
        if (!sort && kam__bb_full(to)) KAM__TRY(scan_flush(s));
    }
    return KAM_OK;
}

static int32_t scan_take(scan_job *s, const kam_block *b)
{
    KAM__TRY(scan_make_view(s, b));
    if (scan_must_sort(s) || !scan_preds_done(s) || (s->q->limit && !scan_order_done(s))) return scan_filter_rows(s);
    return s->fn(s->user, &s->view);
}

static int32_t scan_on_block(void *user, const kam_block *b)
{
    scan_job *s = user;
    return b->nrow ? s->answer = scan_take(s, b) : KAM_OK;
}

static int32_t scan_run(scan_job *s)
{
    kam_store_err serr;
    kam__db_clear(&serr);
    s->db->busy = 1;
    int32_t rc = s->db->store->vt.scan(s->db->self, &s->store, scan_on_block, s, &serr);
    s->db->busy = 0;
    if (rc != s->answer) return kam__db_fail(s->db, rc, &serr, "reading", s->err);
    if (rc == 1 && s->q->limit && s->given == s->q->limit) rc = KAM_OK;         /* we stopped it: enough rows */
    if (rc != KAM_OK) return rc;
    if (!s->all) return scan_flush(s);
    kam__rowset_seal(s->all);
    return kam__rowset_select(s->all, s->q, 0, s->fn, s->user, s->err);
}

int32_t kam__db_scan(kam__db *db, kam__scan *q, kam_block_fn fn, void *user, kam_error *err)
{
    scan_job s;
    memset(&s, 0, sizeof s);
    s.db = db;
    s.q = q;
    s.fn = fn;
    s.user = user;
    s.err = err;
    s.table = kam__db_table(db, q->kind);
    if (!s.table || q->npred > SCAN_MAX_PRED) return kam__fail(err, KAM_E_INVAL, "kind %u cannot be read so", q->kind);
    s.keyed = s.foreign = db->tables.text_key[q->kind];
    kam__arena arena;
    kam__arena_init(&arena, db->ctx, 0);
    int32_t rc = scan_plan_columns(&s, &arena);
    if (rc == KAM_OK && s.keyed) rc = kam__hostkeys_load(&s.keys, db, q, err);
    if (rc == KAM_OK && s.foreign) rc = scan_load_refs(&s, &arena);
    if (rc == KAM_OK) {
        scan_plan_store(&s);
        rc = scan_run(&s);
    }
    q->sorted_by_store = scan_order_done(&s);
    if (s.out.col) kam__bb_free(&s.out);
    if (s.keyed) kam__hostkeys_free(&s.keys);
    if (s.ids.col) kam__bb_free(&s.ids);
    if (s.made.col) kam__bb_free(&s.made);
    for (uint32_t i = 0; i < s.nref; i++) kam__hostkeys_free(&s.ref[i]);
    kam__rowset_drop(s.all);
    kam__free(db->ctx, s.zero);
    kam__arena_free(&arena);
    return rc;
}
