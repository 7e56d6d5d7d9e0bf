/*
 * store/changes.c - what commits touched, told from the rows they left: kam_book_changes. And the number of a day's
 * last commit.
 *
 * Nothing is logged twice for this: a new entity has its commit in seq, a change of it is a CHANGE row, a fact begins
 * with seq and stops being believed with seq_to, events and results only ever begin. These traces are gathered, sorted
 * by commit, and of several about one record in one commit the strongest is told.
 */
#include "db.h"

typedef struct changes_job {
    kam_book *b; kam__db *db; kam__rowset *set;
    int64_t since, until; uint64_t done;
    uint32_t kind, seq;                     /* being scanned: rows of `kind` by their commit number in field `seq` */
    kam_error *err;
} changes_job;
enum { CHANGES_SEQ = 0, CHANGES_KIND = 1, CHANGES_RECORD = 2, CHANGES_OP = 3 };      /* columns of `set` */

/* ---------------------------------------------------------------- gathering */

static int32_t changes_add(changes_job *j, int64_t seq, int64_t kind, int64_t id, int32_t op)
{
    kam__blockbuf *b = kam__rowset_row(j->set, j->err);
    if (!b) return KAM_E_NOMEM;
    kam__bb_i64(b, CHANGES_SEQ, seq);
    kam__bb_i64(b, CHANGES_KIND, kind);
    kam__bb_i64(b, CHANGES_RECORD, id);
    kam__bb_i64(b, CHANGES_OP, op);
    return kam__rowset_end_row(j->set, j->err);
}

static int32_t changes_on_row(void *user, const kam_block *rows)
{
    changes_job *j = user;
    const kam_col *seq = kam__block_col(rows, j->seq), *id = kam__block_col(rows, KAM_ID);
    const kam_col *replaces = kam__block_col(rows, KAM__REPLACES);
    KAM__TRY(kam__progress(j->b->ctx, j->done += rows->nrow, 0, j->err));
    for (uint32_t r = 0; r < rows->nrow; r++) {
        int update = j->seq == KAM__SEQ_TO || (replaces && !kam__col_null(replaces, r));
        KAM__TRY(changes_add(j, kam__col_i64(seq, r), j->kind, kam__col_i64(id, r),
                             update ? KAM_TOUCH_UPDATE : KAM_TOUCH_INSERT));
    }
    return KAM_OK;
}

static int32_t changes_on_change(void *user, const kam_block *rows)
{
    changes_job *j = user;
    const kam_col *seq = kam__block_col(rows, KAM_SEQ), *kind = kam__block_col(rows, KAM_CHANGE_KIND);
    const kam_col *id = kam__block_col(rows, KAM_CHANGE_RECORD), *field = kam__block_col(rows, KAM_CHANGE_FIELD);
    const kam_col *now = kam__block_col(rows, KAM_CHANGE_NEW);
    KAM__TRY(kam__progress(j->b->ctx, j->done += rows->nrow, 0, j->err));
    for (uint32_t r = 0; r < rows->nrow; r++) {
        int gone = kam__col_i64(field, r) == KAM__DELETED_SEQ && !kam__col_null(now, r);
        KAM__TRY(changes_add(j, kam__col_i64(seq, r), kam__col_i64(kind, r), kam__col_i64(id, r),
                             gone ? KAM_TOUCH_DELETE : KAM_TOUCH_UPDATE));
    }
    return KAM_OK;
}

/* Rows of a kind whose commit number `seq` lies in what is asked for. Host tables without that column have no
 * history. */
static int32_t changes_scan(changes_job *j, const kam__kind *k, uint32_t seq, const uint32_t *field, uint32_t nfield,
                            kam_block_fn fn)
{
    kam_pred p[2];
    kam__pred mem[2];
    const kam_table *t = kam__db_table(j->db, k->id);
    if (!t || !kam__table_field(t, seq)) return KAM_OK;
    const kam__field *f = kam__kind_field(k, seq);
    kam__pred_i64(&p[0], &mem[0], f, KAM_OP_GT, j->since);
    kam__pred_i64(&p[1], &mem[1], f, KAM_OP_LE, j->until);
    kam__scan q = { .kind = k->id, .field = field, .nfield = nfield, .pred = p, .npred = 2, .any_order = 1 };
    j->kind = k->id;
    j->seq = seq;
    return kam__db_scan(j->db, &q, fn, j, j->err);
}

static int32_t changes_of_kind(changes_job *j, const kam__kind *k)
{
    static const uint32_t change[] = { KAM_SEQ, KAM_CHANGE_KIND, KAM_CHANGE_RECORD, KAM_CHANGE_FIELD, KAM_CHANGE_NEW };
    static const uint32_t begun[] = { KAM_SEQ, KAM_ID, KAM__REPLACES }, ended[] = { KAM__SEQ_TO, KAM_ID };
    if (k->id == KAM_KIND_COMMIT || k->cls == KAM__C_OWN || k->cls == KAM__C_COMPUTED) return KAM_OK;
    if (k->id == KAM_KIND_CHANGE) return changes_scan(j, k, KAM_SEQ, change, KAM__LEN(change), changes_on_change);
    KAM__TRY(changes_scan(j, k, KAM_SEQ, begun, k->cls == KAM_C_EVENT ? 3 : 2, changes_on_row));
    return k->cls == KAM_C_FACT ? changes_scan(j, k, KAM__SEQ_TO, ended, KAM__LEN(ended), changes_on_row) : KAM_OK;
}

static int32_t changes_gather(changes_job *j)
{
    uint32_t n = 0;
    const kam__kind *kind = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) KAM__TRY(changes_of_kind(j, kam__schema_kind(j->b->schema, kind[i].id)));
    kam__rowset_seal(j->set);
    return KAM_OK;
}

/* ---------------------------------------------------------------- each once, in order */

static int64_t changes_cell(const kam__rowset *s, uint64_t i, uint32_t col)
{
    const kam__blockbuf *b = NULL;
    uint32_t row = 0;
    kam__rowset_at(s, i, &b, &row);
    return kam__col_i64(&b->view[col], row);
}

/* A deletion says more than an insertion, and that more than an update. */
static int changes_weakness(int64_t op) { return op == KAM_TOUCH_DELETE ? 0 : op == KAM_TOUCH_INSERT ? 1 : 2; }

static int changes_compare(const kam__rowset *s, uint64_t a, uint64_t b, void *arg)
{
    const int *with_op = arg;
    for (uint32_t c = CHANGES_SEQ; c <= CHANGES_RECORD; c++) {
        int64_t x = changes_cell(s, a, c), y = changes_cell(s, b, c);
        if (x != y) return x < y ? -1 : 1;
    }
    if (!*with_op) return 0;
    return changes_weakness(changes_cell(s, a, CHANGES_OP)) - changes_weakness(changes_cell(s, b, CHANGES_OP));
}

static int32_t changes_new_set(kam__rowset **out, kam_book *b, kam_error *err)
{
    static const uint32_t field[] = { KAM_TOUCHED_SEQ, KAM_TOUCHED_KIND, KAM_TOUCHED_RECORD, KAM_TOUCHED_OP };
    return kam__rowset_new(out, b->schema, KAM_KIND_TOUCHED, field, KAM__LEN(field), err);
}

/* Of the sorted rows the first of each record in each commit. */
static int32_t changes_once(kam__rowset **out, kam_book *b, const kam__rowset *sorted, kam_error *err)
{
    int with_op = 0;
    changes_job j = { .err = err };
    KAM__TRY(changes_new_set(&j.set, b, err));
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < sorted->nrow && rc == KAM_OK; i++) {
        if (i && changes_compare(sorted, i - 1, i, &with_op) == 0) continue;
        rc = changes_add(&j, changes_cell(sorted, i, CHANGES_SEQ), changes_cell(sorted, i, CHANGES_KIND),
                         changes_cell(sorted, i, CHANGES_RECORD), (int32_t)changes_cell(sorted, i, CHANGES_OP));
    }
    if (rc == KAM_OK) {
        kam__rowset_seal(j.set);
        *out = j.set;
    } else {
        kam__rowset_drop(j.set);
    }
    return rc;
}

static int32_t changes_set(kam__rowset **out, kam_book *book, int64_t since, kam_error *err)
{
    kam__call call;
    kam__rowset *sorted = NULL;
    int with_op = 1;
    changes_job j = { .b = book, .since = since, .err = err };
    /* seq_to of a believed fact is no commit */
    j.until = book->known < KAM__SEQ_OPEN ? book->known : KAM__SEQ_OPEN - 1;
    KAM__TRY(changes_new_set(&j.set, book, err));
    int32_t rc = kam__txn_enter(&call, book, KAM_BEGIN_READ, err);
    if (rc == KAM_OK) {
        j.db = &call.home->db;
        rc = kam__txn_leave(&call, changes_gather(&j), err);
    }
    if (rc == KAM_OK) rc = kam__rowset_sort(&sorted, j.set, changes_compare, &with_op, err);
    kam__rowset_drop(j.set);
    if (rc == KAM_OK) rc = changes_once(out, book, sorted, err);
    kam__rowset_drop(sorted);
    return rc;
}

int32_t kam_book_changes(kam_rows **out, kam_book *book, int64_t since, kam_error *err)
{
    kam__rowset *set = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (since < 0) return kam__fail(err, KAM_E_INVAL, "a commit number is not negative; 0 means from the start");
    KAM__TRY(changes_set(&set, book, since, err));
    int32_t rc = kam__rows_of_set(out, book, set, 0, 0, err);
    kam__rowset_drop(set);
    return rc;
}

int32_t kam_book_seq(int64_t *out, kam_book *book, int32_t day, kam_error *err)
{
    kam__call call;
    int64_t seq = 0;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__txn_enter(&call, book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&call, day == KAM_TODAY ? kam__book_last_seq(&seq, book, err)
                                                        : kam__read_seq_of_day(&seq, book, day, err), err);
    if (rc == KAM_OK) *out = seq;
    return rc;
}
