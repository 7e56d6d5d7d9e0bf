/*
 * store/read.c - logical rows: what was true on a day, as far as it was known at a commit.
 *
 * Facts, events and runs are asked for by conditions on their own columns; events that a later row replaces are left
 * out. Entities exist once, as they are now: for an earlier day or knowledge the changes made since are undone
 * (undo.c). The conditions are those of DESIGN's history section; both times are applied here and nowhere else.
 */
#include "read.h"

#define READ_MAX_PRED 62u

typedef struct reading {
    kam_book *b; kam__db *db;
    kam__scan scan;                         /* what the store is asked */
    kam_pred pred[READ_MAX_PRED]; kam__pred mem[6]; uint32_t nmem;
    const kam__imap *replaced; kam__replaced own;
    uint64_t limit, given;
    kam__blockbuf out;
    kam_block_fn fn; void *user; kam_error *err;
} reading;

static const kam__field *read_field(const reading *r, uint32_t field)
{
    const kam_table *t = kam__db_table(r->db, r->scan.kind);
    return kam__table_field(t, field) ? kam__kind_field(kam__schema_kind(r->b->schema, r->scan.kind), field) : NULL;
}

static void read_where(reading *r, uint32_t field, uint32_t op, int64_t value)
{
    const kam__field *f = read_field(r, field);
    if (!f) return;
    kam__pred_i64(&r->pred[r->scan.npred++], &r->mem[r->nmem++], f, op, value);
}

static void read_known(reading *r, int64_t known)
{
    if (known != KAM__SEQ_OPEN) read_where(r, KAM_SEQ, KAM_OP_LE, known);
}

static void read_fact_conditions(reading *r, int64_t known, int32_t day, uint32_t flags)
{
    read_known(r, known);
    if (!(flags & KAM__READ_REPLACED)) {
        if (known == KAM__SEQ_OPEN) read_where(r, KAM__SEQ_TO, KAM_OP_EQ, KAM__SEQ_OPEN);
        else read_where(r, KAM__SEQ_TO, KAM_OP_GT, known);
    }
    if (flags & KAM__READ_ALL_TIMES) return;
    read_where(r, KAM_VALID_FROM, KAM_OP_LE, day);
    read_where(r, KAM_VALID_TO, KAM_OP_GT, day);
}

static uint32_t read_day_field(uint32_t kind)
{
    return kind == KAM_KIND_LEDGER ? KAM_LEDGER_DAY : kind == KAM_KIND_ACTIVITY ? KAM_ACTIVITY_DAY : 0;
}

/* ---------------------------------------------------------------- events: the ones replaced later are left out */

static int32_t flush_unreplaced(reading *r)
{
    kam_block b;
    if (!r->out.nrow) return KAM_OK;
    kam__bb_view(&r->out, &b);
    int32_t rc = r->fn(r->user, &b);
    kam__bb_clear(&r->out);
    return rc;
}

static int32_t start_unreplaced(reading *r, const kam_block *rows)
{
    uint32_t field[160];
    uint8_t type[160];
    if (r->out.col) return KAM_OK;
    uint32_t n = rows->ncol < 160 ? rows->ncol : 160;
    for (uint32_t i = 0; i < n; i++) {
        field[i] = rows->col[i].field;
        type[i] = rows->col[i].type;
    }
    return kam__bb_init(&r->out, r->b->ctx, n, field, type, r->err);
}

static int32_t drop_replaced(void *user, const kam_block *rows)
{
    reading *r = user;
    uint32_t x = 0;
    const kam_col *id = kam__block_col(rows, KAM_ID);
    KAM__TRY(start_unreplaced(r, rows));
    for (uint32_t i = 0; i < rows->nrow; i++) {
        if (kam__imap_get(r->replaced, kam__col_i64(id, i), &x)) continue;
        if (r->limit && r->given == r->limit) return 1;
        r->given++;
        for (uint32_t c = 0; c < r->out.ncol; c++) kam__bb_copy(&r->out, c, &rows->col[c], i);
        KAM__TRY(kam__bb_end_row(&r->out, r->err));
        if (kam__bb_full(&r->out)) KAM__TRY(flush_unreplaced(r));
    }
    return KAM_OK;
}

static int32_t read_events(reading *r, uint32_t flags)
{
    if (!(flags & KAM__READ_REPLACED)) KAM__TRY(kam__replaced_load(&r->replaced, &r->own, r->b, r->scan.kind, r->err));
    if (!r->replaced) return kam__db_scan(r->db, &r->scan, r->fn, r->user, r->err);
    r->limit = r->scan.limit;
    r->scan.limit = 0;
    int32_t rc = kam__db_scan(r->db, &r->scan, drop_replaced, r, r->err);
    if (rc == 1 && r->limit && r->given == r->limit) rc = KAM_OK;
    return rc == KAM_OK ? flush_unreplaced(r) : rc;
}

/* ---------------------------------------------------------------- entities */

static int32_t read_entities(reading *r, const kam__read *q, int64_t known)
{
    int64_t point = known;
    if (q->as_of != KAM_TODAY) {
        int64_t seq = 0;
        KAM__TRY(kam__read_seq_of_day(&seq, r->b, q->as_of, r->err));
        if (seq < point) point = seq;
    }
    kam__undo undo;
    KAM__TRY(kam__undo_load(&undo, r->b, r->scan.kind, point, r->err));
    int32_t rc = KAM_OK;
    if (undo.n) {
        kam__read plain = *q;
        rc = kam__undo_scan(&undo, r->b, &plain, known, r->fn, r->user, r->err);
    } else {
        const kam__field *deleted = read_field(r, KAM__DELETED_SEQ);
        if (deleted && !(q->flags & KAM__READ_DELETED)) kam__pred_null(&r->pred[r->scan.npred++], deleted);
        read_known(r, known);
        rc = kam__db_scan(r->db, &r->scan, r->fn, r->user, r->err);
    }
    kam__undo_free(&undo);
    return rc;
}

/* ---------------------------------------------------------------- the door */

static int32_t read_by_class(reading *r, kam__read *q, uint32_t cls)
{
    int64_t known = r->b->known;
    int32_t day = 0;
    KAM__TRY(kam__book_day(&day, r->b, q->as_of, r->err));
    switch (cls) {
    case KAM_C_ENTITY: return read_entities(r, q, known);
    case KAM_C_FACT:
        read_fact_conditions(r, known, day, q->flags);
        break;
    case KAM_C_EVENT:
        read_known(r, known);
        if (q->as_of != KAM_TODAY && !(q->flags & KAM__READ_ALL_TIMES) && read_day_field(r->scan.kind))
            read_where(r, read_day_field(r->scan.kind), KAM_OP_LE, day);
        return read_events(r, q->flags);
    default:
        read_known(r, known);
    }
    return kam__db_scan(r->db, &r->scan, r->fn, r->user, r->err);
}

int32_t kam__read_rows(kam_book *b, kam__read *q, kam_block_fn fn, void *user, kam_error *err)
{
    kam__call call;
    const kam__kind *k = kam__schema_kind(b->schema, q->scan.kind);
    if (!k || q->scan.npred > READ_MAX_PRED - 8)
        return kam__fail(err, KAM_E_INVAL, "kind %u cannot be read so", q->scan.kind);
    KAM__TRY(kam__txn_enter(&call, b, KAM_BEGIN_READ, err));
    reading r;
    memset(&r, 0, sizeof r);
    r.b = b;
    r.db = &call.home->db;
    r.scan = q->scan;
    r.fn = fn;
    r.user = user;
    r.err = err;
    for (uint32_t i = 0; i < q->scan.npred; i++) r.pred[i] = q->scan.pred[i];
    r.scan.pred = r.pred;
    int32_t rc = read_by_class(&r, q, k->cls);
    q->scan.sorted_by_store = r.scan.sorted_by_store;
    kam__replaced_free(&r.own);
    if (r.out.col) kam__bb_free(&r.out);
    return kam__txn_leave(&call, rc, err);
}

typedef struct read_collecting { kam__rowset *set; kam_error *err; } read_collecting;

static int32_t on_collect(void *user, const kam_block *rows)
{
    read_collecting *c = user;
    return kam__rowset_add_block(c->set, rows, c->err);
}

int32_t kam__read_set(kam__rowset **out, kam_book *b, kam__read *q, kam_error *err)
{
    read_collecting c = { .err = err };
    KAM__TRY(kam__rowset_new(&c.set, b->schema, q->scan.kind, q->scan.field, q->scan.nfield, err));
    int32_t rc = kam__read_rows(b, q, on_collect, &c, err);
    if (rc != KAM_OK) {
        kam__rowset_drop(c.set);
        return rc;
    }
    kam__rowset_seal(c.set);
    *out = c.set;
    return KAM_OK;
}

static int32_t on_exists(void *user, const kam_block *rows)
{
    *(int *)user = rows->nrow > 0;
    return rows->nrow > 0;
}

int32_t kam__read_exists(int *out, kam_book *b, uint32_t kind, const kam_pred *pred, uint32_t npred, uint32_t flags,
                         kam_error *err)
{
    static const uint32_t id[] = { KAM_ID };
    kam__read q = { .scan = { .kind = kind, .field = id, .nfield = 1, .pred = pred, .npred = npred, .any_order = 1 },
                    .as_of = KAM_TODAY, .flags = flags | KAM__READ_ALL_TIMES };
    *out = 0;
    int32_t rc = kam__read_rows(b, &q, on_exists, out, err);
    return rc == 1 ? KAM_OK : rc;
}

/* ---------------------------------------------------------------- commits and days */

typedef struct first_after { int64_t seq; } first_after;

static int32_t on_commit_after(void *user, const kam_block *rows)
{
    first_after *f = user;
    const kam_col *id = kam__block_col(rows, KAM_ID);
    for (uint32_t i = 0; i < rows->nrow; i++)
        if (kam__col_i64(id, i) < f->seq) f->seq = kam__col_i64(id, i);
    return KAM_OK;
}

int32_t kam__read_seq_of_day(int64_t *out, kam_book *b, int32_t day, kam_error *err)
{
    static const uint32_t id[] = { KAM_ID };
    kam_pred p;
    kam__pred mem;
    kam__call call;
    int64_t end = 0, last = 0;
    first_after f = { KAM__SEQ_OPEN };
    KAM__TRY(kam__txn_enter(&call, b, KAM_BEGIN_READ, err));
    int32_t rc = kam__book_last_seq(&last, b, err);
    if (rc == KAM_OK && day < KAM_DAY_END - 1) rc = kam__instant_of_day(&end, b->ctx, b->zone, day + 1, err);
    if (rc == KAM_OK && day < KAM_DAY_END - 1) {
        kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_COMMIT), KAM_COMMIT_AT), KAM_OP_GE, end);
        kam__scan q = { .kind = KAM_KIND_COMMIT, .field = id, .nfield = 1, .pred = &p, .npred = 1, .any_order = 1 };
        /* will be dated now */
        if (call.home->txn == KAM_BEGIN_WRITE && call.home->seq && kam__now(b->ctx) >= end) f.seq = call.home->seq;
        rc = kam__db_scan(&call.home->db, &q, on_commit_after, &f, err);
    }
    if (rc == KAM_OK) *out = f.seq - 1 < last ? f.seq - 1 : last;
    return kam__txn_leave(&call, rc, err);
}
