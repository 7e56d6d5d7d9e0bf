/*
 * kit_txn.c - checks of transactions: what stays, what goes, what others see, and what is left after a failure.
 */
#include "kit.h"

static const kit_row one[] = {
    {.id = 1, .has = B_REV | B_AMOUNT, .rev = 1, .amount = 10},
    {.id = 2, .has = B_REV | B_AMOUNT, .rev = 1, .amount = 20},
};
static const kit_row one_changed = {.id = 1, .has = B_REV | B_AMOUNT, .rev = 2, .amount = 11};
static const kit_row two_gone = {.id = 2, .has = B_REV, .rev = 2};
static const kit_query all = {0};

static void kit_insert(kit *k, const kit_row *row, uint32_t n)
{
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_INSERT, row, n, B_REV | B_AMOUNT);
}

/* ---------------------------------------------------------------- what stays */

static void check_commit_kept(kit *k)
{
    kam__kit_put(k, one, 1);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_end(k, KAM_END_ABORT);
    kam__kit_ids(k, &all, 1, "1", "after ABORT of a later transaction");
}

static void check_lazy(kit *k)
{
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kit_insert(k, one, 1);
    kam__kit_end(k, KAM_END_LAZY);
    kam__kit_ids(k, &all, 1, "1", "after LAZY");
}

static void check_rollback_insert(kit *k)
{
    kam__kit_put(k, one, 1);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kit_insert(k, one + 1, 1);
    kam__kit_end(k, KAM_END_ABORT);
    kam__kit_ids(k, &all, 1, "1", "after INSERT and ABORT");
}

static void check_rollback_update(kit *k)
{
    kam__kit_put(k, one, 2);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_UPDATE, &one_changed, 1, B_REV | B_AMOUNT);
    kam__kit_end(k, KAM_END_ABORT);
    kam__kit_values(k, C_AMOUNT, "10 20", "after UPDATE and ABORT");
}

static void check_rollback_delete(kit *k)
{
    kam__kit_put(k, one, 2);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_DELETE, &two_gone, 1, B_REV);
    kam__kit_end(k, KAM_END_ABORT);
    kam__kit_ids(k, &all, 1, "1 2", "after DELETE and ABORT");
}

static void check_rollback_frees_key(kit *k)
{
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kit_insert(k, one, 1);
    kam__kit_end(k, KAM_END_ABORT);
    kam__kit_put(k, one, 1);
}

static void check_rollback_frees_unique(kit *k)
{
    static const kit_row row[] = {{.id = 1, .has = B_SOURCE | B_EXT, .source = "erp", .ext = "a"},
                                  {.id = 2, .has = B_SOURCE | B_EXT, .source = "erp", .ext = "a"}};
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_INSERT, row, 1, B_SOURCE | B_EXT);
    kam__kit_end(k, KAM_END_ABORT);
    kam__kit_put(k, row + 1, 1);
}

/* ---------------------------------------------------------------- after a failed write */

/* In a WRITE transaction: row 1, then row 1 again, which fails. 0 = the check cannot go on. */
static int kit_spoil(kit *k)
{
    if (k->mode == KAM_TXN_HOST) kam__kit_skip(k, "the library does it in mode KAM_TXN_HOST");
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kit_insert(k, one, 1);
    if (k->failed || k->skipped) return 0;
    (void)kam__kit_write_rc(k, KIT_ITEM, KAM_WRITE_INSERT, one, 1, B_REV | B_AMOUNT);
    return 1;
}

static void check_failed_write_write(kit *k)
{
    if (!kit_spoil(k)) return;
    int32_t rc = kam__kit_write_rc(k, KIT_ITEM, KAM_WRITE_INSERT, one + 1, 1, B_REV | B_AMOUNT);
    kam__kit_want_code(k, rc, KAM_E_ABORTED, "write after a failed write");
    (void)kam__kit_end_rc(k, KAM_END_ABORT);
}

static void check_failed_write_scan(kit *k)
{
    kit_found f = {0};
    if (!kit_spoil(k)) return;
    kam__kit_want_code(k, kam__kit_find_rc(k, &all, &f), KAM_E_ABORTED, "scan after a failed write");
    kam__kit_free(&f);
    (void)kam__kit_end_rc(k, KAM_END_ABORT);
}

static void check_failed_write_abort(kit *k)
{
    static const kit_row row[] = {{.id = 2, .has = B_AMOUNT, .amount = 20}, {.id = 1, .has = B_AMOUNT, .amount = 10},
                                  {.id = 9, .has = B_AMOUNT, .amount = 90}};
    kam__kit_put(k, row + 2, 1);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kit_insert(k, one, 1);
    if (k->failed) return;
    (void)kam__kit_write_rc(k, KIT_ITEM, KAM_WRITE_INSERT, row, 2, B_AMOUNT);
    (void)kam__kit_end_rc(k, KAM_END_ABORT);
    kam__kit_ids(k, &all, 1, "9", "after a failed write and ABORT");
}

static void check_failed_write_commit(kit *k)
{
    if (!kit_spoil(k)) return;
    kam__kit_want_code(k, kam__kit_end_rc(k, KAM_END_COMMIT), KAM_E_ABORTED, "COMMIT after a failed write");
}

static void check_failed_commit_keeps_nothing(kit *k)
{
    kam__kit_put(k, one + 1, 1);
    if (!kit_spoil(k)) return;
    (void)kam__kit_end_rc(k, KAM_END_COMMIT);
    kam__kit_ids(k, &all, 1, "2", "after COMMIT of a failed transaction");
}

static void check_failed_commit_over(kit *k)
{
    if (!kit_spoil(k)) return;
    (void)kam__kit_end_rc(k, KAM_END_COMMIT);
    kam__kit_put(k, one + 1, 1);
}

/* ---------------------------------------------------------------- outside, and the wrong kind */

static int kit_own(kit *k)
{
    if (k->mode != KAM_TXN_OWN) kam__kit_skip(k, "only in mode KAM_TXN_OWN");
    return !k->skipped && !k->failed;
}

static void check_scan_without(kit *k)
{
    kit_found f = {0};
    if (!kit_own(k)) return;
    kam__kit_put(k, one, 1);
    if (k->failed) return;
    kam__kit_want_code(k, kam__kit_find_rc(k, &all, &f), KAM_OK, "scan outside a transaction");
    kam__kit_want(k, f.n == 1, "scan outside a transaction sees what is committed");
    kam__kit_free(&f);
}

static void check_write_without(kit *k)
{
    if (!kit_own(k)) return;
    int32_t rc = kam__kit_write_rc(k, KIT_ITEM, KAM_WRITE_INSERT, one, 1, B_REV | B_AMOUNT);
    kam__kit_want_code(k, rc, KAM_E_INVAL, "write outside a transaction");
}

static void check_write_in_read(kit *k)
{
    if (!kit_own(k)) return;
    kam__kit_begin(k, KAM_BEGIN_READ);
    if (k->failed) return;
    int32_t rc = kam__kit_write_rc(k, KIT_ITEM, KAM_WRITE_INSERT, one, 1, B_REV | B_AMOUNT);
    kam__kit_want_code(k, rc, KAM_E_INVAL, "write in a READ transaction");
    (void)kam__kit_end_rc(k, KAM_END_ABORT);
}

static void check_savepoint(kit *k)
{
    const kam_kit_options *o = k->opt;
    if (k->mode != KAM_TXN_SAVEPOINT) {
        kam__kit_skip(k, "only in mode KAM_TXN_SAVEPOINT");
        return;
    }
    kam__kit_put(k, one, 1);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kit_insert(k, one + 1, 1);
    if (k->failed) return;
    kam__kit_want_code(k, k->vt->end(k->self, KAM_END_COMMIT, &k->err), KAM_OK, "end(COMMIT)");
    kam__kit_want_code(k, o->host_end(o->user, k->self, 0), KAM_OK, "host_end()");
    k->txn = 0;
    kam__kit_ids(k, &all, 1, "1", "after COMMIT of a savepoint and the host's rollback");
}

/* ---------------------------------------------------------------- two connections */

static void check_second_writer(kit *k)
{
    if (!kit_own(k) || !kam__kit_connect(k)) return;
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    if (k->failed) return;
    int32_t rc = k->vt->begin(k->other, KAM_BEGIN_WRITE, &k->err);
    if (rc == KAM_OK) (void)k->vt->end(k->other, KAM_END_ABORT, &k->err);
    kam__kit_want_code(k, rc, KAM_E_BUSY, "begin(WRITE) while another connection writes");
    kam__kit_end(k, KAM_END_COMMIT);
}

static void check_writer_after_writer(kit *k)
{
    if (!kit_own(k) || !kam__kit_connect(k)) return;
    kam__kit_put(k, one, 1);
    kam__kit_swap(k);
    kam__kit_put(k, one + 1, 1);
    kam__kit_swap(k);
}

static int kit_not_now(int32_t rc)
{
    return rc == KAM_E_BUSY || rc == KAM_E_RETRY;
}

static void check_no_dirty_read(kit *k)
{
    kit_found f = {0};
    if (!kit_own(k) || !kam__kit_connect(k)) return;
    kam__kit_put(k, one, 1);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kit_insert(k, one + 1, 1);
    if (k->failed) return;
    kam__kit_swap(k);
    int32_t rc = k->vt->begin(k->self, KAM_BEGIN_READ, &k->err), begun = rc;
    if (rc == KAM_OK) rc = kam__kit_find_rc(k, &all, &f);
    if (!kit_not_now(rc)) {
        kam__kit_want_code(k, rc, KAM_OK, "scan while another connection writes");
        for (uint32_t i = 0; i < f.n; i++)
            kam__kit_want(k, f.row[i].id != 2, "a row another connection has not committed is seen");
    }
    kam__kit_free(&f);
    if (begun == KAM_OK) (void)k->vt->end(k->self, KAM_END_COMMIT, &k->err);
    kam__kit_swap(k);
    kam__kit_end(k, KAM_END_COMMIT);
}

/* A reader's transaction, around a write of another connection. */
static void kit_snapshot(kit *k, uint32_t op, const kit_row *row)
{
    kit_found f = {0};
    if (!kit_own(k) || !kam__kit_connect(k)) return;
    kam__kit_put(k, one, 2);
    kam__kit_swap(k);
    kam__kit_begin(k, KAM_BEGIN_READ);
    kam__kit_ids(k, &all, 1, "1 2", "the first scan of a READ transaction");
    kam__kit_swap(k);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    int32_t rc = k->failed ? KAM_E_BUSY : kam__kit_write_rc(k, KIT_ITEM, op, row, 1, B_REV | B_AMOUNT);
    int32_t end = k->txn ? kam__kit_end_rc(k, rc ? KAM_END_ABORT : KAM_END_COMMIT) : KAM_OK;
    if (kit_not_now(rc) || kit_not_now(end)) kam__kit_skip(k, "a reader keeps writers out");
    kam__kit_want(k, rc == KAM_OK && end == KAM_OK, "a write while another connection reads failed");
    kam__kit_swap(k);
    if (k->txn && !k->failed && !k->skipped) {
        kam__kit_want_code(k, kam__kit_find_rc(k, &all, &f), KAM_OK, "the second scan of a READ transaction");
        int same = f.n == 2;
        for (uint32_t i = 0; i < f.n && i < 2; i++) same = same && f.row[i].amount == (f.row[i].id == 1 ? 10 : 20);
        kam__kit_want(k, same, "a READ transaction sees what was committed after its begin");
        kam__kit_free(&f);
    }
    if (k->txn) (void)kam__kit_end_rc(k, KAM_END_COMMIT);
    kam__kit_swap(k);
}

static void check_snapshot_insert(kit *k)
{
    static const kit_row three = {.id = 3, .has = B_REV | B_AMOUNT, .rev = 1, .amount = 30};
    kit_snapshot(k, KAM_WRITE_INSERT, &three);
}

static void check_snapshot_update(kit *k)
{
    kit_snapshot(k, KAM_WRITE_UPDATE, &one_changed);
}

static void check_snapshot_delete(kit *k)
{
    kit_snapshot(k, KAM_WRITE_DELETE, &two_gone);
}

const kit_check kam__kit_txn[] = {
    {"txn.commit_kept", "ABORT takes back its own transaction only.", check_commit_kept, 0},
    {"txn.lazy", "After LAZY the rows are there as after COMMIT.", check_lazy, 0},
    {"txn.rollback_insert", "ABORT takes back inserted rows.", check_rollback_insert, 0},
    {"txn.rollback_update", "ABORT takes back changed values.", check_rollback_update, 0},
    {"txn.rollback_delete", "ABORT brings deleted rows back.", check_rollback_delete, 0},
    {"txn.rollback_frees_key", "A key whose INSERT was taken back is free.", check_rollback_frees_key, 0},
    {"txn.rollback_frees_unique", "Unique values whose INSERT was taken back are free.", check_rollback_frees_unique,
     0},
    {"txn.failed_write_write", "After a failed write another write is ABORTED.", check_failed_write_write, 0},
    {"txn.failed_write_scan", "After a failed write a scan is ABORTED.", check_failed_write_scan, 0},
    {"txn.failed_write_abort", "After a failed write ABORT takes back the whole transaction.", check_failed_write_abort,
     0},
    {"txn.failed_write_commit", "After a failed write COMMIT is ABORTED.", check_failed_write_commit, 0},
    {"txn.failed_commit_keeps_nothing", "A refused COMMIT keeps nothing.", check_failed_commit_keeps_nothing, 0},
    {"txn.failed_commit_over", "The transaction is over whatever end answers.", check_failed_commit_over, 0},
    {"txn.scan_without", "A scan outside a transaction is allowed.", check_scan_without, 0},
    {"txn.write_without", "A write outside a transaction is INVAL.", check_write_without, 0},
    {"txn.write_in_read", "A write in a READ transaction is INVAL.", check_write_in_read, 0},
    {"txn.savepoint", "COMMIT of a savepoint ends with the host's transaction.", check_savepoint, 0},
    {"txn.second_writer", "begin(WRITE) while another connection writes is BUSY.", check_second_writer, 0},
    {"txn.writer_after_writer", "begin(WRITE) works when the other connection's WRITE has ended.",
     check_writer_after_writer, 0},
    {"txn.no_dirty_read", "What is not committed is not seen by others.", check_no_dirty_read, 0},
    {"txn.snapshot_insert", "A READ transaction does not see rows committed after its begin.", check_snapshot_insert,
     0},
    {"txn.snapshot_update", "A READ transaction does not see values committed after its begin.", check_snapshot_update,
     0},
    {"txn.snapshot_delete", "A READ transaction sees rows deleted after its begin.", check_snapshot_delete, 0},
    {NULL, NULL, NULL, 0}};
