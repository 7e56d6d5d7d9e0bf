/*
 * store/txn.c - transactions: who opens and ends them, the commit row, ids, and what was touched.
 *
 * A call enters a transaction and leaves it: it joins the open one or has its own. The first thing a write transaction
 * writes is the counter row of commits: that row keeps two writers apart where the store itself does not, and gives the
 * commit its number. Ids are counted in the same transaction, so a rollback takes them back; a store with reserve() may
 * leave gaps instead.
 */
#include "store.h"

/* ---------------------------------------------------------------- counters */

static int32_t on_counter(void *user, const kam_block *rows)
{
    kam__counter *c = user;
    if (!rows->nrow) return KAM_OK;
    c->value = kam__col_i64(kam__block_col(rows, KAM__COUNTER_VALUE), 0);
    c->rev = kam__col_i64(kam__block_col(rows, KAM_REV), 0);
    c->stored = 1;
    return KAM_OK;
}

static int32_t read_counter(kam__counter *out, kam_book *home, uint32_t id, kam_error *err)
{
    const kam__kind *k = kam__builtin_kind(KAM__KIND_COUNTER);
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, &k->field[0], KAM_OP_EQ, id);
    kam__scan q = { .kind = KAM__KIND_COUNTER, .pred = &p, .npred = 1, .any_order = 1 };
    *out = (kam__counter){ .id = id, .value = 1 };
    return kam__db_scan(&home->db, &q, on_counter, out, err);
}

static int32_t on_last_id(void *user, const kam_block *rows)
{
    kam__counter *c = user;
    if (rows->nrow) c->value = kam__col_i64(kam__block_col(rows, KAM_ID), 0) + 1;
    return KAM_OK;
}

/* No row yet: ids that a store's own reserve() gave before are not given again. */
static int32_t start_counter(kam__counter *c, kam_book *home, kam_error *err)
{
    static const uint32_t id[] = { KAM_ID };
    kam__scan last = { .kind = c->id, .field = id, .nfield = 1, .flags = 1, .limit = 1 };
    if (c->stored || c->id == KAM_KIND_COMMIT || !kam__db_table(&home->db, c->id)) return KAM_OK;
    return kam__db_scan(&home->db, &last, on_last_id, c, err);
}

static int32_t counter_of(kam__counter **out, kam_book *home, uint32_t id, kam_error *err)
{
    for (uint32_t i = 0; i < home->ncounter; i++)
        if (home->counter[i].id == id) {
            *out = &home->counter[i];
            return KAM_OK;
        }
    if (home->ncounter == KAM__MAX_KINDS) return kam__fail(err, KAM_E_LIMIT, "too many counters");
    kam__counter *c = &home->counter[home->ncounter];
    KAM__TRY(read_counter(c, home, id, err));
    KAM__TRY(start_counter(c, home, err));
    home->ncounter++;
    *out = c;
    return KAM_OK;
}

static int32_t write_counter(kam_book *home, kam__counter *c, kam_error *err)
{
    const uint32_t field[] = { KAM_ID, KAM_REV, KAM__COUNTER_VALUE };
    const uint8_t type[] = { KAM_T_I64, KAM_T_I64, KAM_T_I64 };
    kam__blockbuf bb;
    kam_block b;
    KAM__TRY(kam__bb_init(&bb, home->ctx, 3, field, type, err));
    kam__bb_i64(&bb, 0, c->id);
    kam__bb_i64(&bb, 1, c->stored ? c->rev + 1 : 1);
    kam__bb_i64(&bb, 2, c->value);
    int32_t rc = kam__bb_end_row(&bb, err);
    if (rc == KAM_OK) {
        kam__bb_view(&bb, &b);
        rc = kam__db_write(&home->db, KAM__KIND_COUNTER, c->stored ? KAM_WRITE_UPDATE : KAM_WRITE_INSERT, &b, err);
    }
    kam__bb_free(&bb);
    if (rc != KAM_OK) return rc;
    c->rev = c->stored ? c->rev + 1 : 1;
    c->stored = 1;
    c->dirty = 0;
    return KAM_OK;
}

int32_t kam__txn_seq(int64_t *out, kam_book *b, kam_error *err)
{
    kam_book *home = kam__book_home(b);
    if (!home->seq) {
        kam__counter *c = NULL;
        KAM__TRY(counter_of(&c, home, KAM_KIND_COMMIT, err));
        int64_t seq = c->value++;
        int32_t rc = write_counter(home, c, err);
        if (rc != KAM_OK) {
            c->value = seq;
            return rc;
        }
        home->seq = seq;
    }
    *out = home->seq;
    return KAM_OK;
}

int32_t kam__txn_ids(int64_t *first, kam_book *b, uint32_t kind, uint32_t n, kam_error *err)
{
    kam_book *home = kam__book_home(b);
    int64_t seq = 0;
    KAM__TRY(kam__txn_seq(&seq, home, err));
    if (home->db.store->vt.reserve) return kam__db_reserve(first, &home->db, kind, n, err);
    kam__counter *c = NULL;
    KAM__TRY(counter_of(&c, home, kind, err));
    if (c->value > KAM__MAX_ID - n) return kam__fail(err, KAM_E_LIMIT, "ids of kind %u are used up", kind);
    *first = c->value;
    c->value += n;
    c->dirty = 1;
    return KAM_OK;
}

int32_t kam__book_last_seq(int64_t *out, kam_book *b, kam_error *err)
{
    kam__counter c;
    kam_book *home = kam__book_home(b);
    KAM__TRY(read_counter(&c, home, KAM_KIND_COMMIT, err));
    *out = c.value - 1 < b->known ? c.value - 1 : b->known;
    return KAM_OK;
}

/* ---------------------------------------------------------------- touched rows and change notification */

static int32_t touched_row(kam_book *home, kam__rowset **set, kam__blockbuf **out, kam_error *err)
{
    static const uint32_t field[] = { KAM_TOUCHED_SEQ, KAM_TOUCHED_KIND, KAM_TOUCHED_RECORD, KAM_TOUCHED_OP };
    static const uint8_t type[] = { KAM_T_I64, KAM_T_I64, KAM_T_I64, KAM_T_I32 };
    if (!*set) KAM__TRY(kam__rowset_raw(set, home->ctx, KAM_KIND_TOUCHED, field, type, 4, err));
    *out = kam__rowset_row(*set, err);
    return *out ? KAM_OK : KAM_E_NOMEM;
}

int32_t kam__txn_touch(kam_book *b, uint32_t kind, int64_t id, int32_t op, kam_error *err)
{
    kam_book *home = kam__book_home(b);
    kam__blockbuf *row = NULL;
    if (!home->on_commit) return KAM_OK;
    KAM__TRY(touched_row(home, &home->touched, &row, err));
    kam__bb_i64(row, 0, home->seq);
    kam__bb_i64(row, 1, kind);
    kam__bb_i64(row, 2, id);
    kam__bb_i64(row, 3, op);
    return kam__rowset_end_row(home->touched, err);
}

/* Makes room first, so that nothing can fail after the store has committed. */
static int32_t pend_touched(kam_book *home, kam_error *err)
{
    if (home->db.mode == KAM_TXN_OWN || !home->touched) return KAM_OK;
    kam__rowset_seal(home->touched);
    for (size_t i = 0; i < home->touched->nblock; i++) {
        const kam__blockbuf *from = &home->touched->block[i];
        for (uint32_t r = 0; r < from->nrow; r++) {
            kam__blockbuf *row = NULL;
            KAM__TRY(touched_row(home, &home->pending, &row, err));
            for (uint32_t c = 0; c < from->ncol; c++) kam__bb_copy(row, c, &from->view[c], r);
            KAM__TRY(kam__rowset_end_row(home->pending, err));
        }
    }
    return KAM_OK;
}

static void drop_touched(kam__rowset **set)
{
    kam__rowset_drop(*set);
    *set = NULL;
}

/* Leaves the first rows: what a transaction pended that then failed goes. Rows of numbers only need no more than
 * this. */
static void cut_touched(kam__rowset **set, uint64_t nrow)
{
    kam__rowset *s = *set;
    if (!nrow) drop_touched(set);
    if (!nrow || !s) return;
    while (s->first[s->nblock - 1] >= nrow) kam__bb_free(&s->block[--s->nblock]);
    s->block[s->nblock - 1].nrow = (uint32_t)(nrow - s->first[s->nblock - 1]);
    s->nrow = nrow;
}

/* One call a block: a commit may touch more rows than a block holds. */
static void notify(kam_book *home, kam__rowset **set)
{
    if (home->on_commit && *set) {
        kam__rowset_seal(*set);
        home->in_callback = 1;
        for (size_t i = 0; i < (*set)->nblock; i++) {
            kam__blockbuf *bb = &(*set)->block[i];
            kam_block b = { .struct_size = sizeof b, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view };
            if (bb->nrow) home->on_commit(home->on_commit_user, &b);
        }
        home->in_callback = 0;
    }
    drop_touched(set);
}

int32_t kam_book_on_commit(kam_book *book, kam_commit_fn fn, void *user, kam_error *err)
{
    KAM__TRY(kam__book_ready(book, err));
    kam_book *home = kam__book_home(book);
    home->on_commit = fn;
    home->on_commit_user = user;
    return KAM_OK;
}

/* ---------------------------------------------------------------- begin and end */

static int32_t write_commit_row(kam_book *home, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, home->schema, KAM_KIND_COMMIT, err));
    kam__record_put_i64(r, 0, home->seq);
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_SEQ), home->seq);
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_COMMIT_AT), kam__now(home->ctx));
    int32_t rc = kam__record_put_str(r, KAM_COMMIT_ACTOR, home->actor, err);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_COMMIT_BATCH, home->batch, err);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_COMMIT_NOTE, home->note, err);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_COMMIT_SCOPE, home->scope, err);
    if (rc == KAM_OK) rc = kam__insert_record(home, r, err);
    kam_record_free(r);
    return rc;
}

static int32_t before_commit(kam_book *home, kam_error *err)
{
    if (home->txn != KAM_BEGIN_WRITE || !home->seq) return KAM_OK;
    KAM__TRY(write_commit_row(home, err));
    for (uint32_t i = 0; i < home->ncounter; i++)
        if (home->counter[i].dirty) KAM__TRY(write_counter(home, &home->counter[i], err));
    return pend_touched(home, err);
}

static int32_t open_txn(kam_book *home, uint32_t how, kam_error *err)
{
    if (!(how == KAM_BEGIN_READ && (home->flags & KAM_BOOK_NO_SNAPSHOT))) KAM__TRY(kam__db_begin(&home->db, how, err));
    home->txn = how;
    home->seq = 0;
    home->ncounter = 0;
    home->batch = home->note = NULL;
    drop_touched(&home->touched);
    return KAM_OK;
}

/* The schema as it was before, or as it is; in the host's transaction a change stays open until that ends. */
static void settle_schema(kam_book *home, int32_t rc)
{
    int changed = home->before_txn.schema != NULL;
    kam__book_settle_schema(home, rc == KAM_OK);
    /* see what the store made of it */
    if (rc == KAM_E_COMMIT_UNKNOWN && changed) (void)kam__book_reload_schema(home, NULL);
}

static int32_t close_txn(kam_book *home, int32_t rc, kam_error *err)
{
    uint64_t pending = home->pending ? home->pending->nrow : 0;
    if (rc == KAM_OK && !home->db.aborted) rc = before_commit(home, err);
    uint32_t how = rc != KAM_OK ? KAM_END_ABORT : (home->flags & KAM_BOOK_LAZY) ? KAM_END_LAZY : KAM_END_COMMIT;
    if (home->db.txn) {
        int32_t ended = kam__db_end(&home->db, how, rc == KAM_OK ? err : NULL);
        if (rc == KAM_OK) rc = ended;
    }
    home->txn = 0;
    home->txn_user = 0;
    home->generation++;
    home->batch = home->note = NULL;
    settle_schema(home, rc);
    if (rc != KAM_OK) cut_touched(&home->pending, pending);
    if (rc == KAM_OK && home->db.mode == KAM_TXN_OWN) notify(home, &home->touched);
    return rc;
}

int32_t kam__txn_enter(kam__call *c, kam_book *b, uint32_t how, kam_error *err)
{
    KAM__TRY(kam__book_ready(b, err));
    kam_book *home = kam__book_home(b);
    if (how == KAM_BEGIN_WRITE && ((b->flags | home->flags) & KAM_BOOK_READ_ONLY))
        return kam__fail(err, KAM_E_READ_ONLY, b->parent ? "a kam_book_known book shows the past and cannot be written"
                                                         : "the book is open read-only");
    if (how == KAM_BEGIN_WRITE && home->txn == KAM_BEGIN_READ)
        return kam__fail(err, KAM_E_INVAL, "a read transaction is open: end it before writing");
    *c = (kam__call){ .home = home, .own = !home->txn };
    if (c->own) KAM__TRY(open_txn(home, how, err));
    c->writes = home->db.writes;
    return KAM_OK;
}

int32_t kam__txn_leave(kam__call *c, int32_t rc, kam_error *err)
{
    if (c->own) return close_txn(c->home, rc, err);
    if (rc < 0 && c->home->db.writes > c->writes) c->home->db.aborted = 1;
    return rc;
}

int32_t kam_book_begin(kam_book *book, uint32_t how, kam_error *err)
{
    KAM__TRY(kam__book_ready(book, err));
    kam_book *home = kam__book_home(book);
    if (how != KAM_BEGIN_READ && how != KAM_BEGIN_WRITE)
        return kam__fail(err, KAM_E_INVAL, "how is KAM_BEGIN_READ or KAM_BEGIN_WRITE, not %u", how);
    if (home->db.mode == KAM_TXN_HOST)
        return kam__fail(err, KAM_E_UNSUPPORTED, "the host owns the transactions of this store: begin it there");
    if (home->txn) return kam__fail(err, KAM_E_INVAL, "a transaction is open already: commit it or roll it back first");
    if (how == KAM_BEGIN_WRITE && ((book->flags | home->flags) & KAM_BOOK_READ_ONLY))
        return kam__fail(err, KAM_E_READ_ONLY, "the book is open read-only");
    KAM__TRY(open_txn(home, how, err));
    home->txn_user = 1;
    return KAM_OK;
}

int32_t kam_book_commit(kam_book *book, kam_error *err)
{
    if (!book) return kam__null_arg(err, "book");
    kam_book *home = kam__book_home(book);
    if (!home->txn_user) return kam__fail(err, KAM_E_INVAL, "no transaction is open: kam_book_begin opens one");
    if (home->in_callback || home->db.busy) return kam__fail(err, KAM_E_BUSY, "the book is in the middle of a call");
    return close_txn(home, KAM_OK, err);
}

int32_t kam_book_rollback(kam_book *book, kam_error *err)
{
    if (!book) return kam__null_arg(err, "book");
    kam_book *home = kam__book_home(book);
    if (home->in_callback || home->db.busy) return kam__fail(err, KAM_E_BUSY, "the book is in the middle of a call");
    if (home->txn) close_txn(home, KAM_E_ABORTED, NULL);
    return KAM_OK;
}

int32_t kam_book_host_ended(kam_book *book, int32_t committed, kam_error *err)
{
    if (!book) return kam__null_arg(err, "book");
    kam_book *home = kam__book_home(book);
    if (home->closed) return kam__fail(err, KAM_E_CLOSED, "the book is closed");
    if (home->db.mode == KAM_TXN_OWN)
        return kam__fail(err, KAM_E_INVAL, "this store's transactions are the book's own: there is no host's to end");
    if (home->in_callback || home->db.busy) return kam__fail(err, KAM_E_BUSY, "the book is in the middle of a call");
    if (home->txn)
        return kam__fail(err, KAM_E_INVAL, "a transaction of the book is still open: commit it or roll it back first");
    home->db.aborted = 0;
    kam__book_settle_host_schema(home, committed);
    home->generation++;
    if (committed) notify(home, &home->pending);
    drop_touched(&home->pending);
    return KAM_OK;
}

int32_t kam_book_flush(kam_book *book, kam_error *err)
{
    KAM__TRY(kam__book_ready(book, err));
    kam_book *home = kam__book_home(book);
    if (home->txn || home->db.mode != KAM_TXN_OWN || (home->flags & KAM_BOOK_READ_ONLY)) return KAM_OK;
    /* an empty SYNC commit carries all before it to the disk */
    KAM__TRY(kam__db_begin(&home->db, KAM_BEGIN_WRITE, err));
    return kam__db_end(&home->db, KAM_END_COMMIT, err);
}
