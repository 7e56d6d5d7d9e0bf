/*
 * mutants_list.c - for each check of the kit one mutation that fails it, and it alone.
 *
 * A mutation is as small as can be: where the plain mistake would fail several checks, it happens only under a
 * condition that the other checks do not meet.
 */
#include "mutants.h"

#define INNER kam__mutant_inner

/* ---------------------------------------------------------------- small questions */

static const kam_col *col_of(const kam_block *b, uint32_t place) { return kam__block_col(b, kam__mutant_field(place)); }
static int paired(const kam_block *b) { return col_of(b, M_SOURCE) && col_of(b, M_EXT); }
static int64_t key_of(const kam_block *b, uint32_t row) { return kam__col_i64(kam__block_col(b, 1), row); }

static int same_text(const kam_block *b, uint32_t place, uint32_t x, uint32_t y) {
    size_t n, m;
    const char *s = kam__col_text(col_of(b, place), x, &n), *t = kam__col_text(col_of(b, place), y, &m);
    return s && t && n == m && memcmp(s, t, n) == 0;
}

static int text_is(const kam_col *c, uint32_t row, const char *want) {
    size_t n;
    const char *t = c ? kam__col_text(c, row, &n) : NULL;
    return t && n == strlen(want) && memcmp(t, want, n) == 0;
}

/* A pair in this state, of this key or (other) of another one, equal to the block's first row. */
static int pair_known(const mutant_conn *c, const kam_block *b, int state, int other) {
    for (uint32_t i = 0; i < c->s->npair && paired(b); i++) {
        const mutant_pair *p = c->s->pair + i;
        if (p->state != state || (p->key != key_of(b, 0)) != other) continue;
        if (text_is(col_of(b, M_SOURCE), 0, p->source) && text_is(col_of(b, M_EXT), 0, p->ext)) return 1;
    }
    return 0;
}

static int32_t refuse(kam_store_err *err, int32_t code) {
    *err = (kam_store_err){.struct_size = sizeof *err, .code = code, .table = 120, .msg = "mutant"};
    return code;
}

/* Writes the first n rows only. */
static int32_t cut(mutant_conn *c, const kam_table *t, uint32_t op, const kam_block *b, uint32_t n,
                   kam_store_err *err) {
    kam_block less = *b;
    less.nrow = n;
    return kam__mutant_write(c, t, op, &less, err);
}

#define WRITE(name) \
    static int32_t name(mutant_conn *c, const kam_table *t, uint32_t op, const kam_block *b, kam_store_err *err)
#define BEFORE(name) static int32_t name(mutant_conn *c, kam_table_scan *q)
#define AFTER(name) static int32_t name(mutant_conn *c, const kam_table_scan *q, mutant_rows *r)
#define END(name) static int32_t name(mutant_conn *c, uint32_t how, kam_store_err *err)
#define BEGIN(name) static int32_t name(mutant_conn *c, uint32_t flags, kam_store_err *err)
#define PREPARE(name)                                                                                                  \
    static int32_t name(mutant_conn *c, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,    \
                        kam_store_err *err)
#define CONTROL(name) static int32_t name(mutant_conn *c, uint32_t op, void *arg, void *user, kam_store_err *err)

/* ---------------------------------------------------------------- prepare, reserve, control */

typedef struct first_only { kam_report_fn fn; void *user; uint32_t n; } first_only;
static int32_t first_finding(void *user, const kam_store_err *f) {
    first_only *o = user;
    return o->n++ == 0 && o->fn ? o->fn(o->user, f) : 0;
}
PREPARE(prep_first_only) {
    first_only o = {fn, user, 0};
    return INNER->prepare(c->inner, t, n, how, how == KAM_PREPARE_CHECK ? first_finding : fn,
                          how == KAM_PREPARE_CHECK ? &o : user, err);
}
PREPARE(prep_check_creates) {
    int32_t rc = INNER->prepare(c->inner, t, n, how, fn, user, err);
    if (how == KAM_PREPARE_CHECK) (void)INNER->prepare(c->inner, t, n, KAM_PREPARE_CREATE, NULL, NULL, NULL);
    return rc;
}
PREPARE(prep_never_sound) {
    int32_t rc = INNER->prepare(c->inner, t, n, how, fn, user, err);
    return rc == KAM_OK && how == KAM_PREPARE_CHECK ? KAM_E_SCHEMA : rc;
}
PREPARE(prep_blind_to_fields) {
    if (how == KAM_PREPARE_CHECK && t->nfield > M_ALL) return KAM_OK;
    return INNER->prepare(c->inner, t, n, how, fn, user, err);
}
PREPARE(prep_create_once) {
    if (how == KAM_PREPARE_CREATE && c->s->creates == 2) return refuse(err, KAM_E_EXISTS);
    return INNER->prepare(c->inner, t, n, how, fn, user, err);
}
PREPARE(prep_create_empties) {
    if (how == KAM_PREPARE_CREATE && c->s->creates == 2) kam__mutant_delete_all(c);
    return INNER->prepare(c->inner, t, n, how, fn, user, err);
}
PREPARE(prep_no_upgrade) {
    return how == KAM_PREPARE_UPGRADE ? KAM_OK : INNER->prepare(c->inner, t, n, how, fn, user, err);
}
PREPARE(prep_upgrade_empties) {
    if (how == KAM_PREPARE_UPGRADE) kam__mutant_delete_all(c);
    return INNER->prepare(c->inner, t, n, how, fn, user, err);
}
static int32_t reserve_zero(mutant_conn *c, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err) {
    int32_t rc = INNER->reserve(c->inner, table, n, first, err);
    --*first;
    return rc;
}
static int32_t reserve_same(mutant_conn *c, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err) {
    (void)c, (void)table, (void)n, (void)err;
    *first = 1;
    return KAM_OK;
}
CONTROL(ctl_all_fine) {
    (void)user;
    return op == 99 ? KAM_OK : INNER->control(c->inner, op, arg, NULL, NULL, err);
}
CONTROL(ctl_bad_json) {
    int32_t rc = INNER->control(c->inner, op, arg, NULL, user, err);
    if (op == KAM_CTL_STATS) (void)kam_buf_append(arg, "x", 1, NULL);
    return rc;
}
CONTROL(ctl_finds) {
    kam_store_err f = {.struct_size = sizeof f, .code = KAM_E_CORRUPT, .msg = "mutant"};
    if (op != KAM_CTL_VERIFY) return INNER->control(c->inner, op, arg, NULL, user, err);
    return (*(kam_report_fn *)arg)(user, &f);
}
CONTROL(ctl_compacts_all) {
    if (op != KAM_CTL_COMPACT) return INNER->control(c->inner, op, arg, NULL, user, err);
    kam__mutant_delete_all(c);
    return KAM_OK;
}

/* ---------------------------------------------------------------- transactions */

END(end_abort_more) {
    int32_t rc = INNER->end(c->inner, how, err);
    if (how == KAM_END_ABORT && c->mode == KAM_BEGIN_WRITE && !c->attempts) kam__mutant_delete_all(c);
    return rc;
}
END(end_lazy_drops) { return INNER->end(c->inner, how == KAM_END_LAZY ? KAM_END_ABORT : how, err); }
static int32_t end_replaying(mutant_conn *c, uint32_t how, kam_store_err *err, int when, uint32_t op) {
    int32_t rc = INNER->end(c->inner, how, err);
    if (when) kam__mutant_replay(c, op);
    return rc;
}
END(end_keeps_inserts) {
    return end_replaying(c, how, err, how == KAM_END_ABORT && !c->failed && c->s->commits, KAM_WRITE_INSERT);
}
END(end_keeps_updates) { return end_replaying(c, how, err, how == KAM_END_ABORT && !c->failed, KAM_WRITE_UPDATE); }
END(end_keeps_deletes) { return end_replaying(c, how, err, how == KAM_END_ABORT && !c->failed, KAM_WRITE_DELETE); }
END(end_keeps_failed) { return end_replaying(c, how, err, how == KAM_END_ABORT && c->failed, KAM_WRITE_INSERT); }
END(end_commits_failed) { return end_replaying(c, how, err, how == KAM_END_COMMIT && c->failed, KAM_WRITE_INSERT); }
END(end_hides_failure) {
    int32_t rc = INNER->end(c->inner, how, err);
    return c->failed ? KAM_OK : rc;
}
END(end_sticks) {
    c->stuck = how == KAM_END_COMMIT && c->failed;
    return INNER->end(c->inner, how, err);
}
BEGIN(begin_stuck) {
    return c->stuck && flags == KAM_BEGIN_WRITE ? refuse(err, KAM_E_INVAL) : INNER->begin(c->inner, flags, err);
}
BEGIN(begin_retry) {
    int32_t rc = INNER->begin(c->inner, flags, err);
    return rc == KAM_E_BUSY ? KAM_E_RETRY : rc;
}
BEGIN(begin_first_only) {
    return flags == KAM_BEGIN_WRITE && !c->first ? refuse(err, KAM_E_BUSY) : INNER->begin(c->inner, flags, err);
}
WRITE(write_key_burnt) {
    for (uint32_t i = 0; i < c->s->ngone && !paired(b); i++)
        if (op == KAM_WRITE_INSERT && c->s->gone[i] == key_of(b, 0)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(write_pair_burnt) {
    if (op == KAM_WRITE_INSERT && pair_known(c, b, PAIR_ABORTED, 1)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(write_failed_fine) { return c->failed ? KAM_OK : kam__mutant_write(c, t, op, b, err); }
BEFORE(scan_failed_fine) {
    (void)q;
    return c->failed ? 1 : KAM_OK;
}
BEFORE(scan_wants_begin) {
    (void)q;
    return c->mode ? KAM_OK : KAM_E_INVAL;
}
WRITE(write_begins) {
    if (c->mode) return kam__mutant_write(c, t, op, b, err);
    (void)INNER->begin(c->inner, KAM_BEGIN_WRITE, err);
    int32_t rc = INNER->write(c->inner, t, op, b, err);
    (void)INNER->end(c->inner, KAM_END_COMMIT, err);
    return rc;
}
WRITE(write_in_read_fine) { return c->mode == KAM_BEGIN_READ ? KAM_OK : kam__mutant_write(c, t, op, b, err); }

static int32_t replace_rows(mutant_conn *c, const kam_table_scan *q, mutant_rows *r, void *inner);
AFTER(rows_dirty) {
    return c->s->writer && c->s->writer != c ? replace_rows(c, q, r, c->s->writer->inner) : KAM_OK;
}
static int32_t refreshed(mutant_conn *c, uint32_t op) {
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
                         kam_store_err *err) {
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
WRITE(insert_fills) {
    return op == KAM_WRITE_INSERT ? with_note(c, t, op, b, 0, err) : kam__mutant_write(c, t, op, b, err);
}
WRITE(update_empties) {
    return op == KAM_WRITE_UPDATE ? with_note(c, t, op, b, 1, err) : kam__mutant_write(c, t, op, b, err);
}
WRITE(update_skips_null) {
    kam_col col[M_ALL + 2];
    kam_block less = *b;
    if (op != KAM_WRITE_UPDATE || b->nrow != 1) return kam__mutant_write(c, t, op, b, err);
    less.ncol = 0;
    for (uint32_t i = 0; i < b->ncol; i++)
        if (!kam__col_null(b->col + i, 0)) col[less.ncol++] = b->col[i];
    less.col = col;
    return kam__mutant_write(c, t, op, &less, err);
}
WRITE(update_wants_rev) {
    if (op == KAM_WRITE_UPDATE && col_of(b, M_DAY) && !col_of(b, M_REV)) return refuse(err, KAM_E_INVAL);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(delete_wants_more) {
    return op == KAM_WRITE_DELETE && b->ncol == 1 ? refuse(err, KAM_E_INVAL) : kam__mutant_write(c, t, op, b, err);
}
WRITE(key_first) { return b->col[0].field != 1 ? refuse(err, KAM_E_INVAL) : kam__mutant_write(c, t, op, b, err); }
WRITE(one_key_space) {
    for (uint32_t i = 0; i < c->s->nkey && t->id == 121; i++)
        if (op == KAM_WRITE_INSERT && c->s->key[i] == key_of(b, 0)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(write_late) {
    if (t->id != 121 || b->nrow != 1) return kam__mutant_write(c, t, op, b, err);
    c->late_table = t;
    c->late = b;
    return KAM_OK;
}
END(end_write_late) {
    if (c->late) (void)INNER->write(c->inner, c->late_table, KAM_WRITE_INSERT, c->late, err);
    c->late = NULL;
    return INNER->end(c->inner, how, err);
}

/* ---------------------------------------------------------------- keys, unique values, rev */

/* After the write: another code, or another word in the error, when `when` holds. */
static int32_t answer(int32_t rc, int when, int32_t code, kam_store_err *err) {
    if (!when) return rc;
    err->code = code;
    return code;
}
WRITE(key_other_code) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_EXISTS && op == KAM_WRITE_INSERT && b->nrow == 1 && b->ncol == 2, KAM_E_INVAL, err);
}
WRITE(key_twice_fine) {
    int twice = op == KAM_WRITE_INSERT && b->nrow == 2 && key_of(b, 0) == key_of(b, 1);
    return cut(c, t, op, b, twice ? 1 : b->nrow, err);
}
WRITE(key_kept_by_dead) {
    for (uint32_t i = 0; i < c->s->ndead && op == KAM_WRITE_INSERT; i++)
        if (c->s->dead[i] == key_of(b, 0)) return refuse(err, KAM_E_EXISTS);
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    if (rc == KAM_OK && op == KAM_WRITE_DELETE && c->s->ndead < 8) c->s->dead[c->s->ndead++] = key_of(b, 0);
    return rc;
}
WRITE(update_missing_fine) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_NOT_FOUND && op == KAM_WRITE_UPDATE && b->nrow == 1, KAM_OK, err);
}
WRITE(delete_missing_fine) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_NOT_FOUND && op == KAM_WRITE_DELETE && b->nrow == 1, KAM_OK, err);
}
WRITE(update_conflict_fine) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_CONFLICT && op == KAM_WRITE_UPDATE && b->nrow == 1, KAM_OK, err);
}
WRITE(delete_conflict_fine) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_CONFLICT && op == KAM_WRITE_DELETE && b->nrow == 1, KAM_OK, err);
}
WRITE(unique_other_code) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_EXISTS && op == KAM_WRITE_INSERT && b->nrow == 1 && paired(b), KAM_E_INVAL, err);
}
WRITE(unique_twice_fine) {
    int twice = op == KAM_WRITE_INSERT && b->nrow == 2 && paired(b) && same_text(b, M_EXT, 0, 1) &&
                same_text(b, M_SOURCE, 0, 1);
    return cut(c, t, op, b, twice ? 1 : b->nrow, err);
}
WRITE(unique_update_other_code) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return answer(rc, rc == KAM_E_EXISTS && op == KAM_WRITE_UPDATE, KAM_E_INVAL, err);
}
WRITE(unique_own_refused) {
    if (op == KAM_WRITE_UPDATE && pair_known(c, b, PAIR_LIVE, 0)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(unique_null_equal) {
    for (uint32_t i = 1; i < b->nrow && b->nrow < 9 && op == KAM_WRITE_INSERT && paired(b); i++)
        if (same_text(b, M_SOURCE, i - 1, i) && kam__col_null(col_of(b, M_EXT), i - 1) &&
            kam__col_null(col_of(b, M_EXT), i))
            return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(unique_each_alone) {
    for (uint32_t i = 1; i < b->nrow && b->nrow < 9 && op == KAM_WRITE_INSERT && paired(b); i++)
        if (same_text(b, M_EXT, 0, i) && !same_text(b, M_SOURCE, 0, i) && !kam__col_null(col_of(b, M_SOURCE), i))
            return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(unique_kept_by_dead) {
    if (op == KAM_WRITE_INSERT && pair_known(c, b, PAIR_DELETED, 1)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
WRITE(unique_kept_by_changed) {
    if (op == KAM_WRITE_INSERT && pair_known(c, b, PAIR_UPDATED, 1)) return refuse(err, KAM_E_EXISTS);
    return kam__mutant_write(c, t, op, b, err);
}
/* Row 0 is named instead. */
static int32_t row_zero(int32_t rc, int when, kam_store_err *err) {
    if (when) err->row = 0;
    return rc;
}
WRITE(row_key) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return row_zero(rc, rc == KAM_E_EXISTS && b->nrow == 3 && !paired(b), err);
}
WRITE(row_unique) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return row_zero(rc, rc == KAM_E_EXISTS && b->nrow == 3 && paired(b), err);
}
WRITE(row_missing) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return row_zero(rc, rc == KAM_E_NOT_FOUND && b->nrow == 3, err);
}
WRITE(row_conflict) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    return row_zero(rc, rc == KAM_E_CONFLICT && b->nrow == 3, err);
}
WRITE(error_no_table) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    if (rc) err->table = 0;
    return rc;
}
WRITE(error_no_code) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    if (rc) err->code = 0;
    return rc;
}
WRITE(error_no_message) {
    int32_t rc = kam__mutant_write(c, t, op, b, err);
    if (rc) err->msg[0] = '\0';
    return rc;
}
WRITE(key_too_big) {
    return b->nrow == 2 && key_of(b, 1) >= (int64_t)1 << 52 ? refuse(err, KAM_E_LIMIT)
                                                            : kam__mutant_write(c, t, op, b, err);
}
WRITE(block_128) { return b->nrow == 128 ? refuse(err, KAM_E_LIMIT) : kam__mutant_write(c, t, op, b, err); }
WRITE(block_65536) { return b->nrow == 65536 ? refuse(err, KAM_E_LIMIT) : kam__mutant_write(c, t, op, b, err); }

/* ---------------------------------------------------------------- values out */

static mutant_cell *cell(mutant_rows *r, uint32_t row, uint32_t place) {
    return (mutant_cell *)(uintptr_t)kam__mutant_cell(r, row, place);
}

/* Calls fn on each value of a column there is. */
static int32_t each(mutant_rows *r, uint32_t place, void (*fn)(mutant_cell *v)) {
    for (uint32_t i = 0; i < r->n; i++) {
        mutant_cell *v = cell(r, i, place);
        if (v) fn(v);
    }
    return KAM_OK;
}
static void v_rev(mutant_cell *v) { if (v->has && v->i >= 6) v->i++; }
static void v_i32(mutant_cell *v) { if (v->has && v->i == INT32_MIN) v->i++; }
static void v_i64(mutant_cell *v) { if (v->has && v->i == ((int64_t)1 << 53) + 1) v->i--; }
static void v_f64(mutant_cell *v) { if (v->has && v->f > -1e30 && v->f < 1e30) v->f = (double)(float)v->f; }
static void v_zero(mutant_cell *v) { if (v->has && !(v->f < 0.0) && !(v->f > 0.0)) v->f = 0.0; }
static void v_null(mutant_cell *v) { v->has = 1; }
static void v_blank(mutant_cell *v) { while (v->has && v->len && v->t[v->len - 1] == ' ') v->len--; }
static void v_short(mutant_cell *v) { if (v->has && v->len > 32768) v->len = 32768; }
AFTER(rows_rev) { (void)c, (void)q; return each(r, M_REV, v_rev); }
AFTER(rows_i32) { (void)c, (void)q; return each(r, M_DAY, v_i32); }
AFTER(rows_i64) { (void)c, (void)q; return each(r, M_AMOUNT, v_i64); }
AFTER(rows_f64) { (void)c, (void)q; return each(r, M_RATIO, v_f64); }
AFTER(rows_zero) { (void)c, (void)q; return each(r, M_RATIO, v_zero); }
AFTER(rows_null) { (void)c, (void)q; return each(r, M_RATIO, v_null); }
AFTER(rows_blank) { (void)c, (void)q; return each(r, M_NAME, v_blank); }
AFTER(rows_short) { (void)c, (void)q; return r->n == 2 ? each(r, M_NOTE, v_short) : KAM_OK; }

/* ---------------------------------------------------------------- conditions */

static kam_pred *pred(const kam_table_scan *q, uint32_t place, uint32_t op) {
    kam_pred *p = (kam_pred *)(uintptr_t)q->pred;
    return q->npred >= 1 && p->field == kam__mutant_field(place) && p->op == op ? p : NULL;
}
static int number_is(const kam_pred *p, int64_t v) { return p && kam__col_i64(p->arg, 0) == v; }
/* Turns a condition into another one. */
static int32_t turn(kam_pred *p, int when, uint32_t op) {
    if (when) p->op = op;
    return KAM_OK;
}
#define TURN(name, place, from, to, when) \
    BEFORE(name) { kam_pred *p = pred(q, place, from); (void)c; return turn(p, p && (when), to); }
TURN(p_key_eq, M_ID, KAM_OP_EQ, KAM_OP_GE, 1)
TURN(p_key_gt, M_ID, KAM_OP_GT, KAM_OP_GE, 1)
TURN(p_eq_i32, M_DAY, KAM_OP_EQ, KAM_OP_GE, 1)
TURN(p_eq_i64, M_AMOUNT, KAM_OP_EQ, KAM_OP_LE, q->npred == 1 && number_is(p, 100))
TURN(p_lt, M_DAY, KAM_OP_LT, KAM_OP_LE, 1)
TURN(p_le, M_DAY, KAM_OP_LE, KAM_OP_LT, 1)
TURN(p_gt, M_DAY, KAM_OP_GT, KAM_OP_GE, 1)
TURN(p_ge, M_DAY, KAM_OP_GE, KAM_OP_GT, number_is(p, 30))
TURN(p_f64, M_RATIO, KAM_OP_GE, KAM_OP_GT, 1)
TURN(p_prefix, M_NAME, KAM_OP_PREFIX, KAM_OP_GE, text_is(p->arg, 0, "abd"))

/* The last value of IN is forgotten. */
static int32_t shorter(kam_pred *p) {
    if (p && p->narg == 3) p->narg--;
    return KAM_OK;
}
BEFORE(p_key_in) { (void)c; return shorter(pred(q, M_ID, KAM_OP_IN)); }
BEFORE(p_in_numbers) { (void)c; return shorter(pred(q, M_AMOUNT, KAM_OP_IN)); }
BEFORE(p_in_texts) { (void)c; return shorter(pred(q, M_NAME, KAM_OP_IN)); }
BEFORE(p_in_most) {
    kam_pred *p = pred(q, M_AMOUNT, KAM_OP_IN);
    (void)c;
    return p && p->narg >= 500 ? KAM_E_LIMIT : KAM_OK;
}
AFTER(p_in_repeats) {
    kam_pred *p = pred(q, M_AMOUNT, KAM_OP_IN);
    (void)c;
    if (!p || p->narg != 2 || r->n != 2) return KAM_OK;
    if (r->cap < 3) return KAM_E_NOMEM;
    memcpy(r->cell + (size_t)2 * r->ncol, r->cell, r->ncol * sizeof *r->cell);
    r->n = 3;
    return KAM_OK;
}
/* Another text instead of the one asked for. */
static int32_t retext(kam_pred *p, const char *from, const kam_col *to, uint32_t op) {
    if (!p || !text_is(p->arg, 0, from)) return KAM_OK;
    p->arg = to;
    p->op = op;
    p->narg = op == KAM_OP_IN ? 2 : 1;
    return KAM_OK;
}
static const int32_t off_cases[] = {0, 3, 6}, off_two[] = {0, 2};
static const kam_col both_cases = {0, KAM_T_TEXT, {0, 0, 0}, "abcABC", off_cases, NULL},
                     low_ab = {0, KAM_T_TEXT, {0, 0, 0}, "ab", off_two, NULL};
BEFORE(p_text_case) { (void)c; return retext(pred(q, M_NAME, KAM_OP_EQ), "abc", &both_cases, KAM_OP_IN); }
BEFORE(p_prefix_literal) { (void)c; return retext(pred(q, M_NAME, KAM_OP_PREFIX), "ab%", &low_ab, KAM_OP_PREFIX); }
BEFORE(p_prefix_case) { (void)c; return retext(pred(q, M_NAME, KAM_OP_PREFIX), "AB", &low_ab, KAM_OP_PREFIX); }
static int32_t nothing(mutant_rows *r, int when) {
    if (when) r->n = 0;
    return KAM_OK;
}
AFTER(p_eq_text) {
    kam_pred *p = pred(q, M_NAME, KAM_OP_EQ);
    (void)c;
    return nothing(r, p && text_is(p->arg, 0, "ab%d"));
}
AFTER(p_text_order) { (void)c; return nothing(r, pred(q, M_NAME, KAM_OP_LT) != NULL); }
AFTER(p_text_utf8) { (void)c; return nothing(r, pred(q, M_NAME, KAM_OP_GT) != NULL); }
AFTER(p_null) { (void)c; return nothing(r, pred(q, M_AMOUNT, KAM_OP_NULL) != NULL); }
AFTER(p_eq_stale) { return nothing(r, c->s->updates && pred(q, M_AMOUNT, KAM_OP_EQ)); }
BEFORE(p_null_small) {
    (void)c;
    if (pred(q, M_AMOUNT, KAM_OP_LT)) q->npred = 0;
    return KAM_OK;
}
static int null_or_small(const mutant_rows *r, uint32_t row, const kam_table_scan *q) {
    const mutant_cell *v = kam__mutant_cell(r, row, M_AMOUNT);
    return !v->has || v->i < kam__col_i64(q->pred[0].arg, 0);
}
AFTER(p_null_small_rows) {
    (void)c;
    if (pred(q, M_AMOUNT, KAM_OP_LT)) kam__mutant_keep(r, null_or_small, q);
    return KAM_OK;
}
BEFORE(p_first_only) {
    (void)c;
    if (q->npred == 2) q->npred = 1;
    return KAM_OK;
}
AFTER(p_none_fails) { (void)c; return pred(q, M_DAY, KAM_OP_EQ) && !r->n ? KAM_E_NOT_FOUND : KAM_OK; }

/* ---------------------------------------------------------------- scans */

AFTER(empty_fails) { (void)q; return !c->s->writes && !r->n ? KAM_E_NOT_FOUND : KAM_OK; }
AFTER(loses_one) {
    (void)c, (void)q;
    if (r->n == 10000) r->n--;
    return KAM_OK;
}

typedef struct again { mutant_rows *r; } again;
static int32_t again_fn(void *user, const kam_block *b) {
    mutant_rows *r = ((again *)user)->r;
    for (uint32_t i = 0; i < b->nrow && r->n < r->cap; i++, r->n++)
        for (uint32_t k = 0; k < b->ncol; k++) {
            const kam_col *col = b->col + k;
            mutant_cell *v = r->cell + (size_t)r->n * r->ncol + k;
            size_t len;
            const char *t = kam__col_text(col, i, &len);
            *v = (mutant_cell){!kam__col_null(col, i), col->type, kam__col_i64(col, i), kam__col_f64(col, i), NULL, len};
            if (t) v->t = kam__arena_text(&r->arena, t, len);
        }
    return 0;
}
/* The rows another connection sees; no more of them than there is room for, which is twice as many as there were. */
static int32_t replace_rows(mutant_conn *c, const kam_table_scan *q, mutant_rows *r, void *inner) {
    again a = {r};
    kam_table_scan ask = *q;
    (void)c;
    if (!r->cap) return KAM_OK;
    r->n = 0;
    return INNER->scan(inner, &ask, again_fn, &a, NULL);
}
/* In a transaction that did nothing but `op`, a scan sees what is committed. */
static int32_t committed(mutant_conn *c, const kam_table_scan *q, mutant_rows *r, uint32_t op) {
    void *inner;
    if (c->mode != KAM_BEGIN_WRITE || c->ops != 1u << op) return KAM_OK;
    KAM__TRY(kam__memory_connect(&inner, c->s->memory, NULL));
    int32_t rc = replace_rows(c, q, r, inner);
    INNER->close(inner);
    return rc;
}
AFTER(own_insert) { return committed(c, q, r, KAM_WRITE_INSERT); }
AFTER(own_update) { return committed(c, q, r, KAM_WRITE_UPDATE); }
AFTER(own_delete) { return committed(c, q, r, KAM_WRITE_DELETE); }

/* ---------------------------------------------------------------- order, after, limit */

static int nulls(const mutant_rows *r, uint32_t place) {
    int n = 0;
    for (uint32_t i = 0; i < r->n; i++) n += !kam__mutant_cell(r, i, place)->has;
    return n;
}
static int by(const kam_table_scan *q, uint32_t place, uint32_t desc) {
    return q->norder == 1 && q->order[0] == kam__mutant_field(place) && (q->flags & 1) == desc && !q->after &&
           !q->limit;
}
static int plain(const kam_table_scan *q, uint32_t desc) {
    return !q->norder && !q->npred && !q->after && !q->limit && (q->flags & 1) == desc && q->table->id == 120;
}
static int64_t num(const mutant_rows *r, uint32_t row, uint32_t place) { return kam__mutant_cell(r, row, place)->i; }
static int cmp64(int64_t a, int64_t b) { return (a > b) - (a < b); }
static int cmp_id(const mutant_rows *r, uint32_t a, uint32_t b) { return cmp64(num(r, a, M_ID), num(r, b, M_ID)); }
static int cmp_id_down(const mutant_rows *r, uint32_t a, uint32_t b) { return -cmp_id(r, a, b); }
static int cmp_amount_id_down(const mutant_rows *r, uint32_t a, uint32_t b) {
    int d = cmp64(num(r, a, M_AMOUNT), num(r, b, M_AMOUNT));
    return d ? d : -cmp_id(r, a, b);
}
static int cmp_amount_down_id(const mutant_rows *r, uint32_t a, uint32_t b) {
    int d = -cmp64(num(r, a, M_AMOUNT), num(r, b, M_AMOUNT));
    return d ? d : cmp_id(r, a, b);
}
static int cmp_amount_id(const mutant_rows *r, uint32_t a, uint32_t b) {
    int d = cmp64(num(r, a, M_AMOUNT), num(r, b, M_AMOUNT));
    return d ? d : cmp_id(r, a, b);
}
static int cmp_null_first(const mutant_rows *r, uint32_t a, uint32_t b) {
    return kam__mutant_cell(r, a, M_DAY)->has - kam__mutant_cell(r, b, M_DAY)->has;
}
static int32_t sort_if(mutant_rows *r, int when, int (*cmp)(const mutant_rows *r, uint32_t a, uint32_t b)) {
    if (when && r->n < 20) kam__mutant_sort(r, cmp);
    return KAM_OK;
}
AFTER(o_key) { (void)c; return sort_if(r, plain(q, 0), cmp_id_down); }
AFTER(o_key_down) { (void)c; return sort_if(r, plain(q, 1), cmp_id); }
AFTER(o_field) { (void)c; return sort_if(r, by(q, M_DAY, 0) && !nulls(r, M_DAY), cmp_id); }
AFTER(o_field_down) { (void)c; return sort_if(r, by(q, M_DAY, 1) && !nulls(r, M_DAY), cmp_id_down); }
AFTER(o_ties) { (void)c; return sort_if(r, by(q, M_AMOUNT, 0), cmp_amount_id_down); }
AFTER(o_ties_down) { (void)c; return sort_if(r, by(q, M_AMOUNT, 1), cmp_amount_down_id); }
AFTER(o_two) { (void)c; return sort_if(r, q->norder == 2, cmp_amount_id); }
AFTER(o_nulls) { (void)c; return sort_if(r, by(q, M_DAY, 0) && nulls(r, M_DAY), cmp_null_first); }
AFTER(o_nulls_down) { (void)c; return sort_if(r, by(q, M_DAY, 1) && nulls(r, M_DAY), cmp_null_first); }

static int64_t after_number(const kam_table_scan *q, uint32_t place, int *has) {
    const kam_col *k = kam__block_col(q->after, kam__mutant_field(place));
    *has = k && !kam__col_null(k, 0);
    return *has ? kam__col_i64(k, 0) : 0;
}
enum { A_KEY = 1, A_KEY_DOWN, A_DAY, A_DAY_DOWN, A_AMOUNT, A_DAY_NULL };
/* Which of the kit's questions with `after` this is; 0 = none, or with a limit. */
static int after_kind(const kam_table_scan *q) {
    int has, desc = q->flags & 1;
    if (!q->after || q->limit) return 0;
    if (!q->norder) return desc ? A_KEY_DOWN : A_KEY;
    if (q->order[0] == kam__mutant_field(M_AMOUNT)) return A_AMOUNT;
    (void)after_number(q, M_DAY, &has);
    return !has ? A_DAY_NULL : desc ? A_DAY_DOWN : A_DAY;
}
/* The question without `after`; the rows are then picked below. */
static int32_t no_after(kam_table_scan *q, int kind) {
    if (after_kind(q) == kind) q->after = NULL;
    return KAM_OK;
}
BEFORE(b_after) { (void)c; return no_after(q, A_KEY); }
BEFORE(b_after_down) { (void)c; return no_after(q, A_KEY_DOWN); }
BEFORE(b_after_field) { (void)c; return no_after(q, A_DAY); }
BEFORE(b_after_field_down) { (void)c; return no_after(q, A_DAY_DOWN); }
BEFORE(b_after_tie) { (void)c; return no_after(q, A_AMOUNT); }
static int from_key(const mutant_rows *r, uint32_t row, const kam_table_scan *q) {
    int has;
    return num(r, row, M_ID) >= after_number(q, M_ID, &has);
}
static int behind_key(const mutant_rows *r, uint32_t row, const kam_table_scan *q) {
    int has;
    return num(r, row, M_ID) > after_number(q, M_ID, &has);
}
static int to_key(const mutant_rows *r, uint32_t row, const kam_table_scan *q) {
    int has;
    return num(r, row, M_ID) <= after_number(q, M_ID, &has);
}
static int from_day(const mutant_rows *r, uint32_t row, const kam_table_scan *q) {
    int has;
    return num(r, row, M_DAY) >= after_number(q, M_DAY, &has);
}
static int to_day(const mutant_rows *r, uint32_t row, const kam_table_scan *q) {
    int has;
    return num(r, row, M_DAY) <= after_number(q, M_DAY, &has);
}
static int behind_amount(const mutant_rows *r, uint32_t row, const kam_table_scan *q) {
    int has;
    return num(r, row, M_AMOUNT) > after_number(q, M_AMOUNT, &has);
}
#define KEEP(name, kind, fn)                                                                                           \
    AFTER(name) {                                                                                                      \
        (void)c;                                                                                                       \
        if (after_kind(q) == (kind)) kam__mutant_keep(r, fn, q);                                                       \
        return KAM_OK;                                                                                                 \
    }
KEEP(r_after, A_KEY, from_key)
KEEP(r_after_down, A_KEY_DOWN, to_key)
KEEP(r_after_field, A_DAY, from_day)
KEEP(r_after_field_down, A_DAY_DOWN, to_day)
KEEP(r_after_tie, A_AMOUNT, behind_amount)
AFTER(r_after_null) { (void)c; return nothing(r, after_kind(q) == A_DAY_NULL); }
AFTER(r_after_gone) {
    int has, there = 0;
    (void)c;
    if (after_kind(q) != A_KEY) return KAM_OK;
    for (uint32_t i = 0; i < r->n; i++) there |= num(r, i, M_ID) == after_number(q, M_ID, &has);
    if (there) kam__mutant_keep(r, behind_key, q);
    else r->n = 0;
    return KAM_OK;
}

BEFORE(l_more) {
    (void)c;
    if (q->limit && !q->after && !q->norder && !q->npred) q->limit++;
    return KAM_OK;
}
BEFORE(l_before_after) {
    (void)c;
    if (q->limit) q->after = NULL;
    return KAM_OK;
}
AFTER(l_before_after_rows) {
    (void)c;
    if (q->limit && q->after) kam__mutant_keep(r, behind_key, q);
    return KAM_OK;
}
BEFORE(l_before_order) {
    (void)c;
    if (q->limit) q->norder = 0;
    return KAM_OK;
}
BEFORE(l_before_match) {
    (void)c;
    if (q->limit && pred(q, M_DAY, KAM_OP_LT)) q->npred = 0;
    return KAM_OK;
}
static int day_less(const mutant_rows *r, uint32_t row, const kam_table_scan *q) {
    return num(r, row, M_DAY) < kam__col_i64(q->pred[0].arg, 0);
}
AFTER(l_before_match_rows) {
    (void)c;
    if (q->limit && pred(q, M_DAY, KAM_OP_LT)) kam__mutant_keep(r, day_less, q);
    return KAM_OK;
}
BEFORE(l_unhandled) {                       /* mutants.c clears the bit of the condition */
    (void)c;
    if (q->limit && pred(q, M_NAME, KAM_OP_PREFIX)) q->npred = 0;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the list */

const mutation kam__mutations[] = {
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
    {.id = "write.update_rev", .after = rows_rev},
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
    {.id = "value.i32", .after = rows_i32},
    {.id = "value.i64", .after = rows_i64},
    {.id = "value.key_range", .write = key_too_big},
    {.id = "value.f64", .after = rows_f64},
    {.id = "value.f64_zero", .after = rows_zero},
    {.id = "value.null", .after = rows_null},
    {.id = "text.byte_exact", .after = rows_blank},
    {.id = "limits.text_64k", .after = rows_short},
    {.id = "limits.block_text_8m", .write = block_128},
    {.id = "limits.block_65536", .write = block_65536},
    {.id = "pred.key_eq", .before = p_key_eq},
    {.id = "pred.key_in", .before = p_key_in},
    {.id = "pred.key_gt", .before = p_key_gt},
    {.id = "pred.eq_i32", .before = p_eq_i32},
    {.id = "pred.eq_i64", .before = p_eq_i64},
    {.id = "pred.eq_text", .after = p_eq_text},
    {.id = "pred.lt", .before = p_lt},
    {.id = "pred.le", .before = p_le},
    {.id = "pred.gt", .before = p_gt},
    {.id = "pred.ge", .before = p_ge},
    {.id = "pred.f64", .before = p_f64},
    {.id = "pred.in_numbers", .before = p_in_numbers},
    {.id = "pred.in_texts", .before = p_in_texts},
    {.id = "pred.in_repeated", .after = p_in_repeats},
    {.id = "limits.in_max_keys", .before = p_in_most},
    {.id = "pred.text_case", .before = p_text_case},
    {.id = "pred.text_order", .after = p_text_order},
    {.id = "pred.text_order_utf8", .after = p_text_utf8},
    {.id = "pred.prefix", .before = p_prefix},
    {.id = "pred.prefix_literal", .before = p_prefix_literal},
    {.id = "pred.prefix_case", .before = p_prefix_case},
    {.id = "pred.null", .after = p_null},
    {.id = "scan.null_only_matches_op_null", .before = p_null_small, .after = p_null_small_rows},
    {.id = "pred.all_must_hold", .before = p_first_only},
    {.id = "pred.none", .after = p_none_fails},
    {.id = "pred.eq_after_update", .after = p_eq_stale},
    {.id = "scan.empty_table", .after = empty_fails},
    {.id = "scan.callback_code_returned", .quirk = QUIRK_SWALLOW},
    {.id = "scan.callback_nonzero_stops", .quirk = QUIRK_GO_ON},
    {.id = "scan.block_rows", .quirk = QUIRK_BIG},
    {.id = "scan.no_empty_block", .quirk = QUIRK_EMPTY},
    {.id = "scan.many_blocks", .after = loses_one},
    {.id = "scan.projection_order", .quirk = QUIRK_TURN},
    {.id = "scan.projection_exact", .quirk = QUIRK_MORE},
    {.id = "scan.column_type", .quirk = QUIRK_I64},
    {.id = "scan.sees_own_inserts", .after = own_insert},
    {.id = "scan.sees_own_updates", .after = own_update},
    {.id = "scan.sees_own_deletes", .after = own_delete},
    {.id = "scan.handled_early", .quirk = QUIRK_HANDLED_LATE},
    {.id = "scan.handled_is_output", .quirk = QUIRK_HANDLED_KEPT},
    {.id = "order.key", .after = o_key},
    {.id = "order.key_descending", .after = o_key_down},
    {.id = "order.field", .after = o_field},
    {.id = "order.field_descending", .after = o_field_down},
    {.id = "order.ties", .after = o_ties},
    {.id = "order.ties_descending", .after = o_ties_down},
    {.id = "order.two_fields", .after = o_two},
    {.id = "order.nulls_last", .after = o_nulls},
    {.id = "order.nulls_last_descending", .after = o_nulls_down},
    {.id = "scan.order.after", .before = b_after, .after = r_after},
    {.id = "scan.order.after_descending", .before = b_after_down, .after = r_after_down},
    {.id = "scan.order.after_gone", .before = b_after, .after = r_after_gone},
    {.id = "scan.order.after_field", .before = b_after_field, .after = r_after_field},
    {.id = "scan.order.after_field_descending", .before = b_after_field_down, .after = r_after_field_down},
    {.id = "scan.order.after_tie", .before = b_after_tie, .after = r_after_tie},
    {.id = "scan.order.after_null", .after = r_after_null},
    {.id = "limit.rows", .before = l_more},
    {.id = "limit.after", .before = l_before_after, .after = l_before_after_rows},
    {.id = "limit.order", .before = l_before_order},
    {.id = "limit.matches", .before = l_before_match, .after = l_before_match_rows},
    {.id = "limit.unhandled", .before = l_unhandled},
    {.id = NULL}
};
