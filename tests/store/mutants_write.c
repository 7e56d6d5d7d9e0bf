/*
 * mutants_write.c - the mutations of everything but scans: prepare, transactions, writes, errors.
 *
 * For each check of the kit there is one mutation that fails it, and it alone, here or in mutants_scan.c. A mutation
 * is as small as can be: where the plain mistake would fail several checks, it happens only under a condition that
 * the other checks do not meet.
 */
#include "mutants.h"

#define INNER kam__mutant_inner

/* ---------------------------------------------------------------- small questions */

static const kam_col *col_of(const kam_block *b, uint32_t place) { return kam__block_col(b, kam__mutant_field(place)); }
static int paired(const kam_block *b) { return col_of(b, M_SOURCE) && col_of(b, M_EXT); }
static int64_t key_of(const kam_block *b, uint32_t row) { return kam__col_i64(kam__block_col(b, 1), row); }

static int same_text(const kam_block *b, uint32_t place, uint32_t x, uint32_t y)
{
    size_t n, m;
    const char *s = kam__col_text(col_of(b, place), x, &n), *t = kam__col_text(col_of(b, place), y, &m);
    return s && t && n == m && memcmp(s, t, n) == 0;
}

/* A pair in this state, of this key or (other) of another one, equal to the block's first row. */
static int pair_known(const mutant_conn *c, const kam_block *b, int state, int other)
{
    for (uint32_t i = 0; i < c->s->npair && paired(b); i++) {
        const mutant_pair *p = c->s->pair + i;
        if (p->state != state || (p->key != key_of(b, 0)) != other) continue;
        if (kam__mutant_text_is(col_of(b, M_SOURCE), 0, p->source) && kam__mutant_text_is(col_of(b, M_EXT), 0, p->ext))
            return 1;
    }
    return 0;
}

static int32_t refuse(kam_store_err *err, int32_t code)
{
    *err = (kam_store_err){.struct_size = sizeof *err, .code = code, .table = 120, .msg = "mutant"};
    return code;
}

/* Writes the first n rows only. */
static int32_t cut(mutant_conn *c, const kam_table *t, uint32_t op, const kam_block *b, uint32_t n,
                   kam_store_err *err)
{
    kam_block less = *b;
    less.nrow = n;
    return kam__mutant_write(c, t, op, &less, err);
}


/* ---------------------------------------------------------------- prepare, reserve, control */

typedef struct first_only { kam_report_fn fn; void *user; uint32_t n; } first_only;
static int32_t first_finding(void *user, const kam_store_err *f)
{
    first_only *o = user;
    return o->n++ == 0 && o->fn ? o->fn(o->user, f) : 0;
}
PREPARE(prep_first_only)
{
    first_only o = {fn, user, 0};
    return INNER->prepare(c->inner, t, n, how, how == KAM_PREPARE_CHECK ? first_finding : fn,
                          how == KAM_PREPARE_CHECK ? &o : user, err);
}
PREPARE(prep_check_creates)
{
    int32_t rc = INNER->prepare(c->inner, t, n, how, fn, user, err);
    if (how == KAM_PREPARE_CHECK) (void)INNER->prepare(c->inner, t, n, KAM_PREPARE_CREATE, NULL, NULL, NULL);
    return rc;
}
PREPARE(prep_never_sound)
{
    int32_t rc = INNER->prepare(c->inner, t, n, how, fn, user, err);
    return rc == KAM_OK && how == KAM_PREPARE_CHECK ? KAM_E_SCHEMA : rc;
}
PREPARE(prep_blind_to_fields)
{
    if (how == KAM_PREPARE_CHECK && t->nfield > M_ALL) return KAM_OK;
    return INNER->prepare(c->inner, t, n, how, fn, user, err);
}
PREPARE(prep_create_once)
{
    if (how == KAM_PREPARE_CREATE && c->s->creates == 2) return refuse(err, KAM_E_EXISTS);
    return INNER->prepare(c->inner, t, n, how, fn, user, err);
}
PREPARE(prep_create_empties)
{
    if (how == KAM_PREPARE_CREATE && c->s->creates == 2) kam__mutant_delete_all(c);
    return INNER->prepare(c->inner, t, n, how, fn, user, err);
}
PREPARE(prep_no_upgrade)
{
    return how == KAM_PREPARE_UPGRADE ? KAM_OK : INNER->prepare(c->inner, t, n, how, fn, user, err);
}
PREPARE(prep_upgrade_empties)
{
    if (how == KAM_PREPARE_UPGRADE) kam__mutant_delete_all(c);
    return INNER->prepare(c->inner, t, n, how, fn, user, err);
}
static int32_t reserve_zero(mutant_conn *c, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err)
{
    int32_t rc = INNER->reserve(c->inner, table, n, first, err);
    --*first;
    return rc;
}
static int32_t reserve_same(mutant_conn *c, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err)
{
    (void)c, (void)table, (void)n, (void)err;
    *first = 1;
    return KAM_OK;
}
CONTROL(ctl_all_fine)
{
    (void)user;
    return op == 99 ? KAM_OK : INNER->control(c->inner, op, arg, NULL, NULL, err);
}
CONTROL(ctl_bad_json)
{
    int32_t rc = INNER->control(c->inner, op, arg, NULL, user, err);
    if (op == KAM_CTL_STATS) (void)kam_buf_append(arg, "x", 1, NULL);
    return rc;
}
CONTROL(ctl_finds)
{
    kam_store_err f = {.struct_size = sizeof f, .code = KAM_E_CORRUPT, .msg = "mutant"};
    if (op != KAM_CTL_VERIFY) return INNER->control(c->inner, op, arg, NULL, user, err);
    return (*(kam_report_fn *)arg)(user, &f);
}
CONTROL(ctl_compacts_all)
{
    if (op != KAM_CTL_COMPACT) return INNER->control(c->inner, op, arg, NULL, user, err);
    kam__mutant_delete_all(c);
    return KAM_OK;
}

/* ---------------------------------------------------------------- transactions */

END(end_abort_more)
{
    int32_t rc = INNER->end(c->inner, how, err);
    if (how == KAM_END_ABORT && c->mode == KAM_BEGIN_WRITE && !c->attempts) kam__mutant_delete_all(c);
    return rc;
}
END(end_lazy_drops) { return INNER->end(c->inner, how == KAM_END_LAZY ? KAM_END_ABORT : how, err); }
static int32_t end_replaying(mutant_conn *c, uint32_t how, kam_store_err *err, int when, uint32_t op)
{
    int32_t rc = INNER->end(c->inner, how, err);
    if (when) kam__mutant_replay(c, op);
    return rc;
}
END(end_keeps_inserts)
{
    return end_replaying(c, how, err, how == KAM_END_ABORT && !c->failed && c->s->commits, KAM_WRITE_INSERT);
}
END(end_keeps_updates) { return end_replaying(c, how, err, how == KAM_END_ABORT && !c->failed, KAM_WRITE_UPDATE); }
END(end_keeps_deletes) { return end_replaying(c, how, err, how == KAM_END_ABORT && !c->failed, KAM_WRITE_DELETE); }
END(end_keeps_failed) { return end_replaying(c, how, err, how == KAM_END_ABORT && c->failed, KAM_WRITE_INSERT); }
END(end_commits_failed) { return end_replaying(c, how, err, how == KAM_END_COMMIT && c->failed, KAM_WRITE_INSERT); }
END(end_hides_failure)
{
    int32_t rc = INNER->end(c->inner, how, err);
    return c->failed ? KAM_OK : rc;
}
END(end_sticks)
{
    c->stuck = how == KAM_END_COMMIT && c->failed;
    return INNER->end(c->inner, how, err);
}
BEGIN(begin_stuck)
{
    return c->stuck && flags == KAM_BEGIN_WRITE ? refuse(err, KAM_E_INVAL) : INNER->begin(c->inner, flags, err);
}
BEGIN(begin_retry)
{
    int32_t rc = INNER->begin(c->inner, flags, err);
    return rc == KAM_E_BUSY ? KAM_E_RETRY : rc;
}
BEGIN(begin_first_only)
{
    return flags == KAM_BEGIN_WRITE && !c->first ? refuse(err, KAM_E_BUSY) : INNER->begin(c->inner, flags, err);
}
WRITE(write_key_burnt)
{
    for (uint32_t i = 0; i < c->s->ngone && !paired(b); i++)
        if (op == KAM_WRITE_INSERT && c->s->gone[i] == key_of(b, 0)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(write_pair_burnt)
{
    if (op == KAM_WRITE_INSERT && pair_known(c, b, PAIR_ABORTED, 1)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(write_failed_fine) { return c->failed ? KAM_OK : kam__mutant_write(c, t, op, b, err); }
BEFORE(scan_failed_fine)
{
    (void)q;
    return c->failed ? 1 : KAM_OK;
}
BEFORE(scan_wants_begin)
{
    (void)q;
    return c->mode ? KAM_OK : KAM_E_INVAL;
}
WRITE(write_begins)
{
    if (c->mode) return kam__mutant_write(c, t, op, b, err);
    (void)INNER->begin(c->inner, KAM_BEGIN_WRITE, err);
    int32_t rc = INNER->write(c->inner, t, op, b, err);
    (void)INNER->end(c->inner, KAM_END_COMMIT, err);
    return rc;
}
WRITE(write_in_read_fine) { return c->mode == KAM_BEGIN_READ ? KAM_OK : kam__mutant_write(c, t, op, b, err); }

AFTER(rows_dirty)
{
    return c->s->writer && c->s->writer != c ? kam__mutant_reread(c, q, r, c->s->writer->inner) : KAM_OK;
}
static int32_t refreshed(mutant_conn *c, uint32_t op)
{
    if (c->mode != KAM_BEGIN_READ || c->s->commits == c->seen || c->s->last_ops != 1u << op) return KAM_OK;
    (void)INNER->end(c->inner, KAM_END_COMMIT, NULL);
    return INNER->begin(c->inner, KAM_BEGIN_READ, NULL);
}
BEFORE(scan_new_inserts) { (void)q; return refreshed(c, KAM_WRITE_INSERT); }
BEFORE(scan_new_updates) { (void)q; return refreshed(c, KAM_WRITE_UPDATE); }
BEFORE(scan_new_deletes) { (void)q; return refreshed(c, KAM_WRITE_DELETE); }

/* ---------------------------------------------------------------- rows in */

WRITE(insert_ten) { return cut(c, t, op, b, op == KAM_WRITE_INSERT && b->nrow == 11 ? 10 : b->nrow, err); }
WRITE(update_two) { return cut(c, t, op, b, op == KAM_WRITE_UPDATE && b->nrow == 3 ? 2 : b->nrow, err); }
WRITE(delete_two) { return cut(c, t, op, b, op == KAM_WRITE_DELETE && b->nrow == 3 ? 2 : b->nrow, err); }

/* Writes with one more column `note`, empty or NULL. Few rows only: the check has few. */
static int32_t with_note(mutant_conn *c, const kam_table *t, uint32_t op, const kam_block *b, int null,
                         kam_store_err *err)
{
    static const int32_t off[17] = {0};
    static const uint8_t none[2] = {0};
    kam_col col[M_ALL + 2];
    kam_block more = *b;
    if (t->id != 120 || col_of(b, M_NOTE) || b->nrow > 16 || b->ncol > M_ALL)
        return kam__mutant_write(c, t, op, b, err);
    memcpy(col, b->col, b->ncol * sizeof *col);
    col[more.ncol++] = (kam_col){kam__mutant_field(M_NOTE), KAM_T_TEXT, {0, 0, 0}, "", off, null ? none : NULL};
    more.col = col;
    return kam__mutant_write(c, t, op, &more, err);
}
WRITE(insert_fills)
{
    return op == KAM_WRITE_INSERT ? with_note(c, t, op, b, 0, err) : kam__mutant_write(c, t, op, b, err);
}
WRITE(update_empties)
{
    return op == KAM_WRITE_UPDATE ? with_note(c, t, op, b, 1, err) : kam__mutant_write(c, t, op, b, err);
}
WRITE(update_skips_null)
{
    kam_col col[M_ALL + 2];
    kam_block less = *b;
    if (op != KAM_WRITE_UPDATE || b->nrow != 1) return kam__mutant_write(c, t, op, b, err);
    less.ncol = 0;
    for (uint32_t i = 0; i < b->ncol; i++)
        if (!kam__col_null(b->col + i, 0)) col[less.ncol++] = b->col[i];
    less.col = col;
    return kam__mutant_write(c, t, op, &less, err);
}
WRITE(update_wants_rev)
{
    if (op == KAM_WRITE_UPDATE && col_of(b, M_DAY) && !col_of(b, M_REV)) return refuse(err, KAM_E_INVAL);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(delete_wants_more)
{
    return op == KAM_WRITE_DELETE && b->ncol == 1 ? refuse(err, KAM_E_INVAL) : kam__mutant_write(c, t, op, b, err);
}
WRITE(key_first) { return b->col[0].field != 1 ? refuse(err, KAM_E_INVAL) : kam__mutant_write(c, t, op, b, err); }
WRITE(one_key_space)
{
    for (uint32_t i = 0; i < c->s->nkey && t->id == 121; i++)
        if (op == KAM_WRITE_INSERT && c->s->key[i] == key_of(b, 0)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(write_late)
{
    if (t->id != 121 || b->nrow != 1) return kam__mutant_write(c, t, op, b, err);
    c->late_table = t;
    c->late = b;
    return KAM_OK;
}
END(end_write_late)
{
    if (c->late) (void)INNER->write(c->inner, c->late_table, KAM_WRITE_INSERT, c->late, err);
    c->late = NULL;
    return INNER->end(c->inner, how, err);
}

/* ---------------------------------------------------------------- keys, unique values, rev */

/* After the write: another code, or another word in the error, when `when` holds. */
static int32_t answer(int32_t rc, int when, int32_t code, kam_store_err *err)
{
    if (!when) return rc;
    err->code = code;
    return code;
}
WRITE(key_other_code)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_EXISTS && op == KAM_WRITE_INSERT && b->nrow == 1 && b->ncol == 2, KAM_E_INVAL, err);
}
WRITE(key_twice_fine)
{
    int twice = op == KAM_WRITE_INSERT && b->nrow == 2 && key_of(b, 0) == key_of(b, 1);
    return cut(c, t, op, b, twice ? 1 : b->nrow, err);
}
WRITE(key_kept_by_dead)
{
    for (uint32_t i = 0; i < c->s->ndead && op == KAM_WRITE_INSERT; i++)
        if (c->s->dead[i] == key_of(b, 0)) return refuse(err, KAM_E_EXISTS);
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    if (rc == KAM_OK && op == KAM_WRITE_DELETE && c->s->ndead < 8) c->s->dead[c->s->ndead++] = key_of(b, 0);
    return rc;
}
WRITE(update_missing_fine)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_NOT_FOUND && op == KAM_WRITE_UPDATE && b->nrow == 1, KAM_OK, err);
}
WRITE(delete_missing_fine)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_NOT_FOUND && op == KAM_WRITE_DELETE && b->nrow == 1, KAM_OK, err);
}
WRITE(update_conflict_fine)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_CONFLICT && op == KAM_WRITE_UPDATE && b->nrow == 1, KAM_OK, err);
}
WRITE(delete_conflict_fine)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_CONFLICT && op == KAM_WRITE_DELETE && b->nrow == 1, KAM_OK, err);
}
WRITE(unique_other_code)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_EXISTS && op == KAM_WRITE_INSERT && b->nrow == 1 && paired(b), KAM_E_INVAL, err);
}
WRITE(unique_twice_fine)
{
    int twice = op == KAM_WRITE_INSERT && b->nrow == 2 && paired(b) && same_text(b, M_EXT, 0, 1) &&
                same_text(b, M_SOURCE, 0, 1);
    return cut(c, t, op, b, twice ? 1 : b->nrow, err);
}
WRITE(unique_update_other_code)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_EXISTS && op == KAM_WRITE_UPDATE, KAM_E_INVAL, err);
}
WRITE(unique_own_refused)
{
    if (op == KAM_WRITE_UPDATE && pair_known(c, b, PAIR_LIVE, 0)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(unique_null_equal)
{
    for (uint32_t i = 1; i < b->nrow && b->nrow < 9 && op == KAM_WRITE_INSERT && paired(b); i++)
        if (same_text(b, M_SOURCE, i - 1, i) && kam__col_null(col_of(b, M_EXT), i - 1) &&
            kam__col_null(col_of(b, M_EXT), i))
            return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(unique_each_alone)
{
    for (uint32_t i = 1; i < b->nrow && b->nrow < 9 && op == KAM_WRITE_INSERT && paired(b); i++)
        if (same_text(b, M_EXT, 0, i) && !same_text(b, M_SOURCE, 0, i) && !kam__col_null(col_of(b, M_SOURCE), i))
            return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(unique_kept_by_dead)
{
    if (op == KAM_WRITE_INSERT && pair_known(c, b, PAIR_DELETED, 1)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(unique_kept_by_changed)
{
    if (op == KAM_WRITE_INSERT && pair_known(c, b, PAIR_UPDATED, 1)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
/* Row 0 is named instead. */
static int32_t row_zero(int32_t rc, int when, kam_store_err *err)
{
    if (when) err->row = 0;
    return rc;
}
WRITE(row_key)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return row_zero(rc, rc == KAM_E_EXISTS && b->nrow == 3 && !paired(b), err);
}
WRITE(row_unique)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return row_zero(rc, rc == KAM_E_EXISTS && b->nrow == 3 && paired(b), err);
}
WRITE(row_missing)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return row_zero(rc, rc == KAM_E_NOT_FOUND && b->nrow == 3, err);
}
WRITE(row_conflict)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return row_zero(rc, rc == KAM_E_CONFLICT && b->nrow == 3, err);
}
WRITE(error_no_table)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    if (rc) err->table = 0;
    return rc;
}
WRITE(error_no_code)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    if (rc) err->code = 0;
    return rc;
}
WRITE(error_no_message)
{
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    if (rc) err->msg[0] = '\0';
    return rc;
}
WRITE(key_too_big)
{
    return b->nrow == 2 && key_of(b, 1) >= (int64_t)1 << 52 ? refuse(err, KAM_E_LIMIT)
                                                            : kam__mutant_write(c, t, op, b, err);
}
WRITE(block_128) { return b->nrow == 128 ? refuse(err, KAM_E_LIMIT) : kam__mutant_write(c, t, op, b, err); }
WRITE(block_65536) { return b->nrow == 65536 ? refuse(err, KAM_E_LIMIT) : kam__mutant_write(c, t, op, b, err); }

/* ---------------------------------------------------------------- the list */

const mutation kam__mutations_write[] = {
    {.id = "vt.shape", .quirk = QUIRK_ABI},
    {.id = "prepare.check_missing", .prepare = prep_first_only},
    {.id = "prepare.check_alters_nothing", .prepare = prep_check_creates},
    {.id = "prepare.check_sound", .prepare = prep_never_sound},
    {.id = "prepare.check_field", .prepare = prep_blind_to_fields},
    {.id = "prepare.create_twice", .prepare = prep_create_once},
    {.id = "prepare.create_keeps_rows", .prepare = prep_create_empties},
    {.id = "prepare.upgrade_adds_field", .prepare = prep_no_upgrade},
    {.id = "prepare.upgrade_keeps_rows", .prepare = prep_upgrade_empties},
    {.id = "reserve.range", .reserve = reserve_zero},
    {.id = "reserve.disjoint", .reserve = reserve_same},
    {.id = "control.unknown", .control = ctl_all_fine},
    {.id = "control.stats", .control = ctl_bad_json},
    {.id = "control.verify", .control = ctl_finds},
    {.id = "control.compact", .control = ctl_compacts_all},
    {.id = "reopen.committed", .quirk = QUIRK_FORGET},
    {.id = "reopen.open", .quirk = QUIRK_KEEP_OPEN},
    {.id = "txn.commit_kept", .end = end_abort_more},
    {.id = "txn.lazy", .end = end_lazy_drops},
    {.id = "txn.rollback_insert", .end = end_keeps_inserts},
    {.id = "txn.rollback_update", .end = end_keeps_updates},
    {.id = "txn.rollback_delete", .end = end_keeps_deletes},
    {.id = "txn.rollback_frees_key", .write = write_key_burnt},
    {.id = "txn.rollback_frees_unique", .write = write_pair_burnt},
    {.id = "txn.failed_write_write", .write = write_failed_fine},
    {.id = "txn.failed_write_scan", .before = scan_failed_fine},
    {.id = "txn.failed_write_abort", .end = end_keeps_failed},
    {.id = "txn.failed_write_commit", .end = end_hides_failure},
    {.id = "txn.failed_commit_keeps_nothing", .end = end_commits_failed},
    {.id = "txn.failed_commit_over", .end = end_sticks, .begin = begin_stuck},
    {.id = "txn.scan_without", .before = scan_wants_begin},
    {.id = "txn.write_without", .write = write_begins},
    {.id = "txn.write_in_read", .write = write_in_read_fine},
    {.id = "txn.savepoint"},                /* mutants.c, mutant_end_savepoint */
    {.id = "txn.second_writer", .begin = begin_retry},
    {.id = "txn.writer_after_writer", .begin = begin_first_only},
    {.id = "txn.no_dirty_read", .after = rows_dirty},
    {.id = "txn.snapshot_insert", .before = scan_new_inserts},
    {.id = "txn.snapshot_update", .before = scan_new_updates},
    {.id = "txn.snapshot_delete", .before = scan_new_deletes},
    {.id = "write.insert_every_row", .write = insert_ten},
    {.id = "write.update_every_row", .write = update_two},
    {.id = "write.delete_every_row", .write = delete_two},
    {.id = "write.insert_absent_columns_null", .write = insert_fills},
    {.id = "write.update_leaves_absent_columns", .write = update_empties},
    {.id = "write.update_null", .write = update_skips_null},
    {.id = "write.update_without_rev", .write = update_wants_rev},
    {.id = "write.delete_by_key", .write = delete_wants_more},
    {.id = "write.any_column_order", .write = key_first},
    {.id = "write.tables_apart", .write = one_key_space},
    {.id = "write.arguments_copied", .write = write_late, .end = end_write_late},
    {.id = "write.key_taken", .write = key_other_code},
    {.id = "write.key_twice_in_block", .write = key_twice_fine},
    {.id = "write.key_free_after_delete", .write = key_kept_by_dead},
    {.id = "write.update_missing", .write = update_missing_fine},
    {.id = "write.delete_missing", .write = delete_missing_fine},
    {.id = "write.update_rev_conflict", .write = update_conflict_fine},
    {.id = "write.delete_rev_conflict", .write = delete_conflict_fine},
    {.id = "write.unique_taken", .write = unique_other_code},
    {.id = "write.unique_twice_in_block", .write = unique_twice_fine},
    {.id = "write.unique_taken_by_update", .write = unique_update_other_code},
    {.id = "write.unique_kept_by_update", .write = unique_own_refused},
    {.id = "write.unique_null_not_checked", .write = unique_null_equal},
    {.id = "write.unique_composite", .write = unique_each_alone},
    {.id = "write.unique_free_after_delete", .write = unique_kept_by_dead},
    {.id = "write.unique_free_after_update", .write = unique_kept_by_changed},
    {.id = "error.row_key", .write = row_key},
    {.id = "error.row_unique", .write = row_unique},
    {.id = "error.row_missing", .write = row_missing},
    {.id = "error.row_conflict", .write = row_conflict},
    {.id = "error.table", .write = error_no_table},
    {.id = "error.code", .write = error_no_code},
    {.id = "error.message", .write = error_no_message},
    {.id = "value.key_range", .write = key_too_big},
    {.id = "limits.block_text_8m", .write = block_128},
    {.id = "limits.block_65536", .write = block_65536},
    {.id = NULL}
};
