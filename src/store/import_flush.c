/*
 * store/import_flush.c - a group into the store: new rows in one block, the others one by one, as they are saved.
 *
 * Rows keep their order as far as it can be seen: whatever points at a row of the same kind is written behind it. A row
 * whose parent comes later in the file waits for the end of the input.
 */
#include "import.h"

/* ---------------------------------------------------------------- the block of new rows */

static int32_t flush_number(kam_import *imp, int64_t *first, kam_error *err)
{
    int64_t seq = 0;
    KAM__TRY(kam__txn_seq(&seq, imp->book, err));
    KAM__TRY(kam__txn_ids(first, imp->book, imp->kind->id, imp->out.nrow, err));
    int64_t *ids = imp->out.col[0].data, *seqs = imp->out.col[2].data;
    for (uint32_t i = 0; i < imp->out.nrow; i++) {
        ids[i] = *first + i;
        seqs[i] = seq;
    }
    return KAM_OK;
}

int32_t kam__import_write(kam_import *imp, kam_error *err)
{
    int64_t first = 0;
    kam_block view;
    uint32_t n = imp->out.nrow;
    KAM__TRY(kam__import_write_fixes(imp, err));
    if (!n) return KAM_OK;
    KAM__TRY(flush_number(imp, &first, err));
    kam__bb_view(&imp->out, &view);
    KAM__TRY(kam__db_write(&imp->home->db, imp->kind->id, KAM_WRITE_INSERT, &view, err));
    for (uint32_t i = 0; i < n; i++) {
        import_row *row = &imp->row[imp->out_row[i]];
        row->id = first + i;
        row->out1 = 0;
    }
    imp->count[IMPORT_N_NEW] += n;
    if (imp->shown) KAM__TRY(kam__import_write_facts(imp, err));
    for (uint32_t i = 0; i < n && imp->home->on_commit; i++)
        if (imp->row[imp->out_row[i]].id)
            KAM__TRY(kam__txn_touch(imp->book, imp->kind->id, imp->row[imp->out_row[i]].id, KAM_TOUCH_INSERT, err));
    kam__bb_clear(&imp->out);
    return KAM_OK;
}

/* ---------------------------------------------------------------- one row */

static int32_t flush_wait(kam_import *imp, uint32_t i, kam_error *err)
{
    KAM__TRY(kam__grow(imp->ctx, &imp->later, &imp->later_cap, imp->nlater + 1, sizeof *imp->later, err));
    import_later *l = &imp->later[imp->nlater];
    *l = (import_later){ .row = imp->row[i].row, .line = imp->row[i].line };
    l->mask = kam__alloc(imp->ctx, imp->kind->nfield);
    if (!l->mask) return kam__nomem(err);
    memcpy(l->mask, imp->mask, imp->kind->nfield);
    int32_t rc = kam__record_clone(&l->record, imp->rec, err);
    if (rc != KAM_OK) kam__free(imp->ctx, l->mask);
    else imp->nlater++;
    return rc;
}

/* The record is loaded, its references are ids: what a single save would check. */
static int32_t flush_check(kam_import *imp, kam_error *err)
{
    KAM__TRY(kam__import_settle(imp, err));
    for (uint32_t i = 0; i < imp->nrequired; i++)
        if (imp->rec->cell[imp->required[i]].state == KAM__CELL_NONE) KAM__TRY(kam__record_check(imp->rec, err));
    return kam__guard(imp->book, imp->rec, NULL, err);
}

static int32_t flush_put(kam_import *imp, uint32_t i, kam_error *err)
{
    kam_record *r = imp->rec;
    kam__record_put_i64(r, 0, 1);           /* id and seq follow when the block is written */
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_REV), 1);
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_SEQ), 1);
    kam__record_store(r, &imp->out);
    KAM__TRY(kam__bb_end_row(&imp->out, err));
    imp->out_row[imp->out.nrow - 1] = i;
    imp->row[i].out1 = imp->out.nrow;
    return kam__bb_full(&imp->out) ? kam__import_write(imp, err) : KAM_OK;
}

/* Nothing may be written: a second row with a key that would be there by now counts as a change of it. */
static int32_t flush_frozen(kam_import *imp, uint32_t i)
{
    const import_row *row = &imp->row[i];
    int there = row->what == IMPORT_OTHER || row->again || imp->rec->cell[0].state != KAM__CELL_NONE;
    imp->count[!there ? IMPORT_N_NEW : imp->kind->cls == KAM_C_EVENT ? IMPORT_N_CORRECTED : IMPORT_N_CHANGED]++;
    return KAM_OK;
}

static int32_t flush_new(kam_import *imp, uint32_t i, kam_error *err)
{
    int32_t rc = flush_check(imp, imp->cause);
    if (rc != KAM_OK) return kam__import_reject_row(imp, rc, i, err);
    return imp->frozen ? flush_frozen(imp, i) : flush_put(imp, i, err);
}

static int32_t flush_saved(kam_import *imp, int what, kam_error *err)
{
    static const uint8_t count[] = { 0, IMPORT_N_NEW, IMPORT_N_CHANGED, IMPORT_N_UNCHANGED, IMPORT_N_CORRECTED };
    imp->count[count[what]]++;
    if (!imp->shown || imp->rec->cell[0].state != KAM__CELL_VALUE) return KAM_OK;
    return kam__imap_put(&imp->saved, imp->rec->cell[0].v.i, 1, err);
}

static int32_t flush_save(kam_import *imp, uint32_t i, kam_error *err)
{
    int what = 0;
    int32_t rc = KAM_OK;
    uint64_t writes = imp->home->db.writes;
    if (imp->frozen) {
        /* What is not meant is not there in this record: required fields and rules over several fields are not asked
           for. */
        rc = kam__record_settle(imp->rec, imp->cause);
        return rc == KAM_OK ? flush_frozen(imp, i) : kam__import_reject_row(imp, rc, i, err);
    }
    rc = kam__save_any(&what, imp->book, imp->rec, imp->mask, imp->cause);
    if (rc == KAM_OK) return flush_saved(imp, what, err);
    if (imp->home->db.writes != writes)
        return kam__import_fatal(imp, rc, err); /* half of it is written: no row is left so */
    return kam__import_reject_row(imp, rc, i, err);
}

static int32_t flush_row(kam_import *imp, uint32_t i, kam_error *err)
{
    uint8_t what = imp->row[i].what;
    if (what == IMPORT_SAME) {
        imp->count[IMPORT_N_UNCHANGED]++;
        return KAM_OK;
    }
    if (what != IMPORT_NEW && imp->self_ref) KAM__TRY(kam__import_write(imp, err));
    int32_t rc = what == IMPORT_NEW ? kam__import_lend(imp, i, imp->cause) : kam__import_load(imp, i, imp->cause);
    if (rc == KAM_OK) rc = kam__import_refs(imp, i, imp->cause);
    if (rc == 1) return flush_wait(imp, i, err);
    if (rc != KAM_OK) return kam__import_reject_row(imp, rc, i, err);
    if (what == IMPORT_NEW) return flush_new(imp, i, err);
    return what == IMPORT_OTHER && imp->kind->cls == KAM_C_EVENT && !imp->frozen ? kam__import_fix(imp, i, err)
                                                                                 : flush_save(imp, i, err);
}

/* ---------------------------------------------------------------- the group */

int32_t kam__import_flush(kam_import *imp, kam_error *err)
{
    uint32_t n = imp->n;
    if (!n) return KAM_OK;
    KAM__TRY(kam__progress(imp->ctx, imp->taken, 0, err));
    KAM__TRY(kam__import_resolve(imp, err));
    KAM__TRY(kam__import_classify(imp, err));
    KAM__TRY(kam__import_total_start(imp, err));
    for (uint32_t i = 0; i < n; i++) {
        uint64_t rejected = imp->count[IMPORT_N_REJECTED];
        KAM__TRY(flush_row(imp, i, err));
        if (imp->count[IMPORT_N_REJECTED] == rejected) KAM__TRY(kam__import_total_row(imp, i, err));
    }
    KAM__TRY(kam__import_write(imp, err));
    kam__import_give_back(imp);
    imp->n = 0;
    imp->group++;
    imp->text.size = 0;
    kam__imap_clear(&imp->at);
    return KAM_OK;
}

/* ---------------------------------------------------------------- rows that waited */

static int32_t flush_again(kam_import *imp, import_later *l, size_t n, kam_error *err)
{
    int32_t rc = kam__import_plan_all(imp, err);
    for (size_t i = 0; i < n; i++) {
        if (rc == KAM_OK) rc = kam__import_stage_record(imp, l[i].record, l[i].mask, l[i].row, l[i].line, err);
        kam_record_free(l[i].record);
        kam__free(imp->ctx, l[i].mask);
    }
    return rc == KAM_OK ? kam__import_flush(imp, err) : rc;
}

/* In rounds, for chains; when a round brought nothing the next one rejects what is left. */
int32_t kam__import_write_later(kam_import *imp, kam_error *err)
{
    while (imp->nlater) {
        import_later *l = imp->later;
        size_t n = imp->nlater;
        imp->later = NULL;
        imp->nlater = imp->later_cap = 0;
        int32_t rc = flush_again(imp, l, n, err);
        kam__free(imp->ctx, l);
        if (rc != KAM_OK) return rc;
        imp->last_round = imp->nlater == n;
    }
    return KAM_OK;
}
