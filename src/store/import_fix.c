/*
 * store/import_fix.c - events that are there with other values: each correction is a new row that replaces the old one.
 *
 * What kam__event_put does for one event, here without looking it up again and written in blocks: a corrected delivery
 * may bring millions.
 */
#include "import.h"

static int32_t fix_on_old(void *user, const kam_block *rows)
{
    kam_import *imp = user;
    return rows->nrow ? kam__record_load(imp->old, rows, 0, imp->cause) : KAM_OK;
}

static int32_t fix_read_old(kam_import *imp, int64_t id)
{
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, &imp->kind->field[0], KAM_OP_EQ, id);
    kam__scan q = { .kind = imp->kind->id, .pred = &p, .npred = 1, .any_order = 1 };
    kam_record_clear(imp->old);
    return kam__db_scan(&imp->home->db, &q, fix_on_old, imp, imp->cause);
}

/* What the import does not say stays as it was. */
static int32_t fix_keep(kam_import *imp, uint32_t i)
{
    const kam__cell *c = &imp->old->cell[i];
    size_t len = 0;
    if (imp->kind->field[i].type != KAM_T_TEXT || c->state == KAM__CELL_NONE) {
        imp->rec->cell[i] = *c;
        return KAM_OK;
    }
    const char *text = kam__record_cell_text(imp->old, i, &len);
    return kam__record_put_text(imp->rec, i, text, len, imp->cause);
}

static int32_t fix_merge(kam_import *imp, int64_t id)
{
    KAM__TRY(kam__import_settle(imp, imp->cause));
    KAM__TRY(fix_read_old(imp, id));
    for (uint32_t i = 0; i < imp->kind->nfield; i++) {
        const kam__field *f = &imp->kind->field[i];
        int own = !(f->flags & (KAM__F_COMMON | KAM__F_VIRTUAL)) || f->id == KAM_SOURCE || f->id == KAM_EXT_ID ||
                  f->id == KAM_REASON;
        if (own && !imp->mask[i]) KAM__TRY(fix_keep(imp, i));
    }
    KAM__TRY(kam__guard(imp->book, imp->rec, imp->old, imp->cause));
    return kam__record_check(imp->rec, imp->cause);
}

/* All stored columns: the new row takes over what the old one had. */
static int32_t fix_block(kam_import *imp, kam_error *err)
{
    const kam__kind *k = imp->kind;
    uint32_t n = 0;
    if (imp->fix.col) return KAM_OK;
    uint32_t *field = kam__zalloc_n(imp->ctx, k->nfield, sizeof *field);
    uint8_t *type = kam__zalloc(imp->ctx, k->nfield);
    int32_t rc = field && type ? KAM_OK : kam__nomem(err);
    for (uint32_t i = 0; i < k->nfield && rc == KAM_OK; i++) {
        if (k->field[i].flags & KAM__F_VIRTUAL) continue;
        field[n] = k->field[i].id;
        type[n++] = k->field[i].type;
    }
    if (rc == KAM_OK) rc = kam__bb_init(&imp->fix, imp->ctx, n, field, type, err);
    kam__free(imp->ctx, field);
    kam__free(imp->ctx, type);
    return rc;
}

int32_t kam__import_fix(kam_import *imp, uint32_t row, kam_error *err)
{
    kam_record *r = imp->rec;
    const import_row *at = &imp->row[row];
    int64_t seq = 0;
    int32_t rc = fix_merge(imp, at->id);
    if (rc != KAM_OK) return kam__import_reject_row(imp, rc, row, err);
    KAM__TRY(fix_block(imp, err));
    KAM__TRY(kam__txn_seq(&seq, imp->book, err));
    kam__record_put_i64(r, 0, 1);           /* the id follows when the block is written */
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_REV), at->rev + 1);
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM_SEQ), seq);
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM__REPLACES), at->id);
    kam__record_store(r, &imp->fix);
    KAM__TRY(kam__bb_end_row(&imp->fix, err));
    imp->count[IMPORT_N_CORRECTED]++;
    return kam__bb_full(&imp->fix) ? kam__import_write_fixes(imp, err) : KAM_OK;
}

int32_t kam__import_write_fixes(kam_import *imp, kam_error *err)
{
    kam_block view;
    int64_t first = 0;
    uint32_t n = imp->fix.nrow;
    if (!n) return KAM_OK;
    KAM__TRY(kam__txn_ids(&first, imp->book, imp->kind->id, n, err));
    int64_t *ids = imp->fix.col[0].data;
    for (uint32_t i = 0; i < n; i++) ids[i] = first + i;
    kam__bb_view(&imp->fix, &view);
    KAM__TRY(kam__db_write(&imp->home->db, imp->kind->id, KAM_WRITE_INSERT, &view, err));
    for (uint32_t i = 0; i < n && imp->home->on_commit; i++)
        KAM__TRY(kam__txn_touch(imp->book, imp->kind->id, first + i, KAM_TOUCH_UPDATE, err));
    kam__bb_clear(&imp->fix);
    return KAM_OK;
}
